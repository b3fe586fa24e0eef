// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Binding Update List (RFC 6275 11.1): what this mobile node has told whom
 * about where it is. One list for the home agents and the correspondents; who
 * makes an entry owns its decisions, the list owns its memory. Pure but for the
 * log: no message is sent from here and no timer set.
 */
#ifndef MN_BUL_H
#define MN_BUL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/time.h"
#include "wire/mh.h"

/* Protocol constants, RFC 6275 12. */
#define BUL_MAX_UPDATE_RATE	   3 /* messages of a type to a node in a second */
#define BUL_MAX_BINDACK_TIMEOUT_US (32 * US_PER_S)

enum bul_kind {
	BUL_HOME,	   /* a home registration */
	BUL_CORRESPONDENT, /* route optimization */
};

struct bul_entry {
	TAILQ_ENTRY(bul_entry) entry;
	enum bul_kind kind;
	struct in6_addr hoa;
	struct in6_addr peer;	/* to whom Binding Updates go */
	struct in6_addr coa;	/* in the last one sent; the home address deletes */
	uint16_t flags;		/* in the last one sent, enum mh_bu_flag */
	uint32_t lifetime_s;	/* in the last one sent */
	uint16_t seq;		/* the greatest one sent, 9.5.1 */
	bool seq_known;		/* false: begin with any */
	uint64_t sent_us;	/* when it was sent; 0: never */
	bool waiting;		/* no acknowledgement for it yet */
	uint64_t timeout_us;	/* until the next transmission, doubled with each (11.8) */
	unsigned int resends;	/* unanswered ones since the last answer or change */

	/* What the peer has confirmed. */
	struct in6_addr acked_coa;
	uint32_t granted_s;	 /* 0: nothing is confirmed */
	uint64_t acked_us;
	uint64_t valid_until_us; /* the confirmed binding ends, 0: there is none */
	/* Until then the peer may have a binding, confirmed or not: the "remaining
	 * lifetime" of 11.1. */
	uint64_t may_last_us;
	uint64_t might_last_us;	 /* the same before the last update was sent */
	uint8_t status;		 /* of the last acknowledgement */

	/* "whether or not future Binding Updates should be sent" (11.1). */
	bool no_more;
	uint64_t no_more_until_us;

	void *ro; /* route optimization's own, NULL for home registrations */
	struct bul *list; /* that owns it */
};

/* How often a message of a type went to a node within the last second. */
struct bul_pace {
	TAILQ_ENTRY(bul_pace) entry;
	struct in6_addr peer;
	enum mh_type type;
	uint64_t sent_us[BUL_MAX_UPDATE_RATE]; /* a ring */
	unsigned int next;
};

struct bul {
	TAILQ_HEAD(bul_list, bul_entry) entries;
	size_t count[2]; /* by kind */
	TAILQ_HEAD(, bul_pace) paces;
	/* Hears of every change of an entry, and of its end; NULL: nobody does. */
	void (*changed)(void *ctx, const struct bul_entry *e, bool gone);
	void *ctx;
};

void bul_init(struct bul *b);
/* Frees all entries; nobody is told. */
void bul_free(struct bul *b);
/* A new entry, zeroed but for its key. NULL: no memory, or there is one already. */
struct bul_entry *bul_add(struct bul *b, enum bul_kind kind, const struct in6_addr *hoa,
			  const struct in6_addr *peer);
/* Takes out and frees; NULL is fine. */
void bul_remove(struct bul *b, struct bul_entry *e);
struct bul_entry *bul_find(const struct bul *b, const struct in6_addr *hoa,
			   const struct in6_addr *peer);

/* Notes that a Binding Update with these contents is being sent now: takes the
 * next sequence number (11.8: a retransmission too has a greater one), renews the
 * remaining lifetime (11.1). Returns the number to send. A deletion (lifetime_s 0)
 * leaves the lifetime as it was: the binding may still be there. */
uint16_t bul_note_sent(struct bul_entry *e, const struct in6_addr *coa, uint16_t flags,
		       uint32_t lifetime_s, uint64_t now_us);
/* The first timeout of a new exchange; then each transmission doubles it up to
 * MAX_BINDACK_TIMEOUT (11.8). */
void bul_begin_exchange(struct bul_entry *e, uint64_t first_timeout_us);
void bul_back_off(struct bul_entry *e);
/* An acknowledgement that accepts: updates what is confirmed, with the lifetime
 * counted from when the update was sent (11.7.3). `lifetime_s` as granted. */
void bul_note_accepted(struct bul_entry *e, uint8_t status, uint32_t lifetime_s, uint64_t now_us);
/* An acknowledgement that refuses a registration: that has made no binding; one from
 * before it stays. */
void bul_note_refused(struct bul_entry *e, uint8_t status);
/* The peer surely has no binding any more. */
void bul_note_gone(struct bul_entry *e);
/* The greatest sequence number that the peer knows (status 135, 11.7.1). */
void bul_set_seq(struct bul_entry *e, uint16_t seq);

/* Takes over all that `was` tells of the entry with the same key: it was the same before a
 * restart. */
void bul_restore(struct bul_entry *e, const struct bul_entry *was);

/* True while the peer may have a binding. */
bool bul_may_be_bound(const struct bul_entry *e, uint64_t now_us);
/* True while the peer has confirmed a binding with that care-of address. */
bool bul_is_bound_to(const struct bul_entry *e, const struct in6_addr *coa, uint64_t now_us);

/* The rate limit of 11.8, over all home addresses: 0 when a message of that type
 * may go to `peer` now (and counts it as sent), else the time when it may. Without
 * memory it lets pass. */
uint64_t bul_pace(struct bul *b, const struct in6_addr *peer, enum mh_type type, uint64_t now_us);

#endif
