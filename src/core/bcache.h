// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The binding cache (RFC 6275 9.1, 10.1): which care-of address a home address
 * has now. One table for home registrations and for correspondents' bindings,
 * keyed by home address and by the address of ours that the binding is with.
 * Bindings are owned by the table; roles hold pointers only within a turn or
 * while they are told of removal.
 */
#ifndef CORE_BCACHE_H
#define CORE_BCACHE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/timer.h"
#include "core/footprint.h"
#include "wire/mh.h"

enum binding_kind {
	BINDING_HOME,	/* a home registration: we are the home agent */
	BINDING_CACHED, /* a correspondent's binding */
};

enum binding_state {
	BINDING_NEW,	    /* just made, nothing done */
	BINDING_DAD,	    /* duplicate address detection is under way (10.3.1) */
	BINDING_INSTALLING, /* the kernel is being changed; answer when it confirms */
	BINDING_ACTIVE,
	BINDING_REMOVING,   /* the kernel is being cleaned */
	BINDING_MEMORY,	    /* gone, but the sequence number is remembered (5.2.8, 10.3.2) */
};

struct binding_key {
	struct in6_addr hoa;
	struct in6_addr local;
	uint16_t bid; /* RFC 5648; 0: none */
	uint16_t zero; /* keys are compared as bytes */
};

/* What the kernel was last told: input of the footprint functions. */
struct binding_path {
	struct in6_addr coa;
	unsigned int flags; /* enum mh_bu_flags */
	uint32_t home_ifindex;
	struct in6_addr former_coa; /* tunnelled packets may still come from it, or :: */
	bool valid;
};

/* What later rooms hang on a binding: prefixes (RFC 3963), node identifier
 * (RFC 4283), IPv4 addresses (RFC 5555). NULL while none is there. */
struct binding_ext;

struct bcache;

struct binding {
	struct binding_key key;
	enum binding_kind kind;
	enum binding_state state;
	struct binding_path want;      /* as last accepted */
	struct binding_path installed; /* as the kernel confirmed */
	uint16_t seq;
	bool seq_known;		       /* false until a BU was accepted */
	uint8_t refused;	       /* last status answered when >= 128 */
	uint32_t lifetime_s;	       /* granted */
	uint64_t since_us;	       /* first accepted */
	uint64_t updated_us;	       /* last accepted */
	uint64_t expires_us;
	uint64_t used_us;	       /* last seen used (CN), for replacement and refresh */
	struct timer timer;
	struct transition *transition;
	struct probe *probe;
	void *role_data;	       /* the role's own, e.g. the answer that waits */
	struct binding_ext *ext;
	TAILQ_ENTRY(binding) by_age;   /* oldest update first, for replacement (9.6) */
	struct bcache *cache;	       /* that owns it */
	uint64_t place;		       /* in the order of the table, see bcache.c */
	struct binding *next_in_bucket;
};

struct bcache {
	struct binding **buckets; /* owned, power of two; NULL before the first binding */
	size_t bucket_count;
	struct binding **old_buckets; /* being moved over, bit by bit: no long pause */
	size_t old_count;
	size_t moved;		  /* old buckets that are empty now */
	size_t count[2];	  /* by kind */
	size_t memory_count;	  /* of these in state BINDING_MEMORY */
	uint64_t seed;
	TAILQ_HEAD(binding_list, binding) by_age[2];
};

void bcache_init(struct bcache *c, uint64_t seed);
/* Frees all bindings; their timers must have been cancelled. */
void bcache_free(struct bcache *c);
struct binding *bcache_find(const struct bcache *c, const struct in6_addr *hoa,
			    const struct in6_addr *local);
/* Any binding of that home address and kind, whatever our address. */
struct binding *bcache_find_hoa(const struct bcache *c, const struct in6_addr *hoa,
				enum binding_kind kind);
/* A new binding in state BINDING_NEW, timer prepared by the caller. NULL: no
 * memory, or the key is taken. */
struct binding *bcache_add(struct bcache *c, enum binding_kind kind, const struct in6_addr *hoa,
			   const struct in6_addr *local);
/* Takes out and frees. Its timer, transition and probe must be gone. */
void bcache_remove(struct bcache *c, struct binding *b);
/* Moves to the young end of its list; sets updated_us. */
void bcache_touch(struct bcache *c, struct binding *b, uint64_t now_us);
/* Walks the table in pieces: *cursor 0 at first; NULL at the end. Bindings may
 * be added and removed between calls; none that stays is missed or comes twice. */
struct binding *bcache_walk(const struct bcache *c, uint64_t *cursor);

/* The only way to change the state: checks that the move is legal (logs an
 * error and refuses otherwise: false), logs "old -> new". The moves are
 *	new -> dad, installing, memory, active (restored after a restart)
 *	dad -> installing, removing, memory
 *	installing -> active, removing, memory
 *	active -> installing (registered anew), removing
 *	removing -> memory, dad, installing (registered anew)
 *	memory -> dad, installing
 * and from each state to itself, which does nothing. */
bool binding_set_state(struct binding *b, enum binding_state to);
const char *binding_state_name(enum binding_state s);

/* RFC 6275 9.5.1: true when `got` is newer than `last` modulo 2^16. */
static inline bool seq_newer(uint16_t got, uint16_t last)
{
	return (uint16_t)(got - last) != 0 && (uint16_t)(got - last) < 32768;
}

#endif
