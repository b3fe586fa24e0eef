// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Route optimization on the mobile node (RFC 6275 11.6, 11.7.2): correspondents are
 * told where the node is, when there is traffic with them. What the files ro*.c share
 * is in ro_peer.h.
 */
#ifndef MN_RO_H
#define MN_RO_H

#include "base/timer.h"
#include "core/kept.h"
#include "core/mip6.h"
#include "core/rr.h"
#include "mn/bul.h"
#include "mn/home.h"

/* Peers that are remembered at once, those that cannot among them. */
#define RO_PEERS_MAX 1024

enum ro_state {
	RO_TESTING,  /* return routability is under way, or waits for its turn */
	RO_BINDING,  /* a Binding Update was sent, nothing is known of it yet */
	RO_BOUND,    /* the peer has a binding */
	RO_DELETING, /* at home: the binding is being deleted */
	RO_QUIET,    /* the peer cannot or will not, for a while */
};

/* A message that an answer is waited for. */
struct ro_question {
	uint8_t cookie[MH_COOKIE_LEN];
	uint64_t sent_us; /* 0: none */
};

/* One half of return routability. */
struct ro_test {
	bool waiting; /* for the answer to one of the questions */
	bool have;    /* the token below is of the last answer */
	/* 11.8: each transmission has a cookie of its own. The last, and the one before it,
	 * whose answer may still be on its way. */
	struct ro_question asked[2];
	uint8_t token[MH_TOKEN_LEN];
	uint16_t index;
	uint64_t got_us;
};

struct ro_peer {
	TAILQ_ENTRY(ro_peer) entry;
	struct mip6 *m;
	struct in6_addr hoa;
	struct in6_addr peer;
	struct in6_addr coa; /* the one that is tested and bound */
	enum ro_state state;
	struct bul_entry *bul; /* NULL before the first Binding Update */
	struct ro_test home;
	struct ro_test careof;
	uint8_t kbm[RR_KBM_LEN]; /* of the last Binding Update */
	uint64_t rtt_us;	 /* of the last care-of test */
	uint64_t wait_us;	 /* until the next transmission */
	unsigned int sends;	 /* unanswered ones in a row */
	unsigned int refusals;	 /* of updates in a row, Binding Errors soon after one too */
	unsigned int failures;	 /* for backing off */
	uint64_t quiet_until_us;
	const char *why; /* RO_QUIET: static text */
	uint64_t since_us;     /* when traffic began it */
	uint64_t direct_us;    /* since when the direct path is in use */
	uint64_t tunnelled_us; /* when a packet of this pair was last seen in the tunnel */
	bool installed;
	struct kept kept;
	struct timer timer;
	struct timer end_timer; /* the direct path must not be used any more */
};

struct ro {
	struct mip6 *m;
	TAILQ_HEAD(, ro_peer) peers;
	size_t count;
	struct timer_owner timers;
	struct log_limit limit;
	char watched[IFNAMSIZ]; /* the tunnel whose traffic was asked for last */
};

static inline struct ro *ro_of(const struct mip6 *m)
{
	return mn_of(m)->ro;
}

const char *ro_state_name(enum ro_state s);

/* --- ro.c --- */

int ro_start(struct mip6 *m);
void ro_stop(struct mip6 *m, enum role_stop how);
void ro_free(struct mip6 *m);
/* A new configuration: what it does not want any more ends. */
void ro_reconfigure(struct mip6 *m);
void ro_on_lost(struct mip6 *m, const struct kobj *o);

/* --- ro_trigger.c --- */

void ro_on_traffic(struct mip6 *m, const struct ktraffic_event *t);

/* --- ro_heard.c --- */

/* Home Test and Care-of Test. */
void ro_on_test(struct mip6 *m, const struct mip6_packet *p, const struct mh_msg *msg);
void ro_on_ba(struct mip6 *m, const struct mip6_packet *p, const struct mh_msg *msg);
/* True when it concerned a correspondent of ours. */
bool ro_on_be(struct mip6 *m, const struct mip6_packet *p, const struct mh_msg *msg);
bool ro_on_brr(struct mip6 *m, const struct mip6_packet *p);
void ro_on_icmp6_error(struct mip6 *m, const struct mip6_packet *p, const struct icmp6_msg *msg);

/* What was known of a correspondent before a restart: where its binding stands and the
 * kernel still has the direct path, that goes on, else it is made anew. */
void ro_restore(struct mip6 *m, const struct bul_entry *was);

#endif
