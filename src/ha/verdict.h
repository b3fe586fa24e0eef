// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The judgement of a Binding Update for the home agent (RFC 6275 9.5.1, 10.3.1,
 * 10.3.2): a pure function of the message, the binding there is, the
 * configuration, the prefix list and the time.
 */
#ifndef HA_VERDICT_H
#define HA_VERDICT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "core/bcache.h"
#include "core/counters.h"
#include "core/kernel.h"
#include "ha/prefix.h"
#include "wire/mh.h"

/* A Binding Update as the checks see it. */
struct ha_bu {
	struct mip6_path path; /* as received */
	struct in6_addr hoa;   /* Home Address option, else source (9.5.1) */
	struct in6_addr coa;   /* alternate care-of address option, else source (9.5.1) */
	uint16_t seq;
	uint16_t flags; /* enum mh_bu_flag */
	uint32_t lifetime_s;
	bool has_hao;
	bool has_nonces;
};

/* `msg` is a Binding Update. */
void ha_bu_read(const struct mip6_packet *p, const struct mh_msg *msg, struct ha_bu *out);

/* What the judgement depends on besides the message. */
struct ha_facts {
	const struct conf *conf;
	/* The home registration of that home address, whatever our address, else a
	 * correspondent's binding with the same two addresses; NULL: none. */
	const struct binding *binding;
	const struct ha_prefix *prefix; /* that the home address is in; NULL: none */
	bool local_is_ours;   /* sent to a unicast address of ours */
	bool home_is_ours;    /* the home address is one of our own */
	bool unprotected;     /* IPsec is wanted, but no policy covers the home address */
	bool unguarded;	      /* ... or it may have come before the policy was there */
	bool too_fast;	      /* above the permitted rate, of the node or in all */
	size_t bindings;      /* home registrations there are, remembered ones left out */
	uint64_t now_us;
};

enum ha_action {
	HA_DISCARD,    /* in silence */
	HA_ABSORB,     /* in silence: the answer to the same message is on its way */
	HA_REFUSE,     /* Binding Acknowledgement with `status` */
	HA_REGISTER,   /* 10.3.1 */
	HA_DEREGISTER, /* 10.3.2 */
};

struct ha_verdict {
	enum ha_action action;
	uint8_t status;	     /* of the answer */
	uint16_t seq;	     /* of the answer */
	uint32_t lifetime_s; /* HA_REGISTER: granted, in whole units of 4 s, never 0 */
	enum counter counter; /* HA_DISCARD, HA_REFUSE: the reason, counted and ... */
	const char *reason;   /* ... in words, static; NULL otherwise */
};

struct ha_verdict ha_judge(const struct ha_bu *bu, const struct ha_facts *facts);

#endif
