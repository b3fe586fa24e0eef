// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The judgement of a Binding Update for the correspondent (RFC 6275 9.5.1 to 9.5.3):
 * a pure function of the message, the binding there is, the nonces, the
 * configuration and the time.
 */
#ifndef CN_VERDICT_H
#define CN_VERDICT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "core/bcache.h"
#include "core/counters.h"
#include "core/kernel.h"
#include "core/rr.h"
#include "wire/mh.h"

/* A Binding Update as the checks see it. */
struct cn_bu {
	struct mip6_path path; /* as received */
	struct in6_addr hoa;   /* Home Address option, else source (9.5.1) */
	struct in6_addr coa;   /* alternate care-of address option, else source (9.5.1) */
	uint16_t seq;
	uint16_t flags; /* enum mh_bu_flag */
	uint32_t lifetime_s;
	bool delete;	/* lifetime zero, or the care-of address is the home address */
};

/* What the judgement depends on besides the message. */
struct cn_facts {
	const struct conf *conf;
	const struct rr *rr;
	const struct binding *binding; /* of the two addresses, NULL: none */
	bool home_is_ours;	       /* the home address is one of our own */
	uint64_t now_us;
};

enum cn_action {
	CN_DISCARD, /* in silence */
	CN_REFUSE,  /* Binding Acknowledgement with `status` */
	CN_BIND,    /* 9.5.2 */
	CN_UNBIND,  /* 9.5.3 */
};

struct cn_verdict {
	enum cn_action action;
	uint8_t status;	     /* of the answer */
	uint16_t seq;	     /* of the answer */
	uint32_t lifetime_s; /* CN_BIND: granted */
	bool sealed;	     /* `kbm` is right: the answer carries an authenticator (9.5.4) */
	uint8_t kbm[RR_KBM_LEN];
	enum counter counter; /* CN_DISCARD, CN_REFUSE: the reason, counted and ... */
	const char *reason;   /* ... in words, static; NULL otherwise */
};

/* `msg` is a Binding Update without the H bit, or one that no home agent took. */
void cn_bu_read(const struct mip6_packet *p, const struct mh_msg *msg, struct cn_bu *out);
struct cn_verdict cn_judge(const struct mip6_packet *p, const struct mh_msg *msg,
			   const struct cn_bu *bu, const struct cn_facts *facts);

#endif
