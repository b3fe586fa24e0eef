// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The binding cache: a hash table in the order of the hash.
 *
 * Each binding has a place, a 64 bit number that no other has: the high 48 bits
 * are a hash of the home address, the low 16 one of the rest of the key. Which
 * bucket it is in is told by the high bits of the place, and each bucket's chain
 * is sorted by place; so going through the buckets is going through the places
 * in order, whatever the number of buckets. Two things follow. A walk is
 * continued from a number, and misses nobody that stays, though the table grows
 * and bindings come and go meanwhile. And growing takes no pause: bucket i of
 * the old array becomes buckets 2i and 2i+1 of the new one, a few at each
 * insertion, and a binding is always in exactly one of the two arrays.
 *
 * Bindings are also in a list by age of the last update, one for each kind, for
 * replacement (RFC 6275 9.6). The state of a binding is changed by
 * binding_set_state() only. Used by the home agent and the correspondent.
 */
#include "core/bcache.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define BUCKETS_FIRST 64
/* Old buckets moved at each insertion. As many insertions as there are old
 * buckets come before the next growth, so one would do; more ends it sooner. */
#define MOVE_STEP  4
#define LOW_PLACES 0xffffULL

void bcache_init(struct bcache *c, uint64_t seed)
{
	memset(c, 0, sizeof(*c));
	c->seed = seed;
	TAILQ_INIT(&c->by_age[BINDING_HOME]);
	TAILQ_INIT(&c->by_age[BINDING_CACHED]);
}

void bcache_free(struct bcache *c)
{
	struct binding *b;
	int kind;

	for (kind = BINDING_HOME; kind <= BINDING_CACHED; kind++) {
		while ((b = TAILQ_FIRST(&c->by_age[kind])) != NULL) {
			TAILQ_REMOVE(&c->by_age[kind], b, by_age);
			free(b);
		}
	}
	free(c->buckets);
	free(c->old_buckets);
	bcache_init(c, c->seed);
}

/* Places of one home address: from this one, LOW_PLACES more. */
static uint64_t first_place(const struct bcache *c, const struct in6_addr *hoa)
{
	return addr_hash(hoa, c->seed) & ~LOW_PLACES;
}

static uint64_t low_place(const struct bcache *c, const struct binding_key *key)
{
	return (addr_hash(&key->local, c->seed) ^ key->bid) & LOW_PLACES;
}

/* Which of `count` (a power of two) buckets a place is in. */
static size_t bucket_of(uint64_t place, size_t count)
{
	return (size_t)(place >> (64 - __builtin_ctzll(count)));
}

/* The head of the chain that a place is in; the table is not empty. */
static struct binding **chain_of(const struct bcache *c, uint64_t place)
{
	if (c->old_buckets) {
		size_t old = bucket_of(place, c->old_count);

		if (old >= c->moved)
			return &c->old_buckets[old];
	}
	return &c->buckets[bucket_of(place, c->bucket_count)];
}

static bool same_key(const struct binding_key *a, const struct binding_key *b)
{
	return addr_equal(&a->hoa, &b->hoa) && addr_equal(&a->local, &b->local) &&
	       a->bid == b->bid;
}

/* The first binding at or behind a place in the chain that the place is in. */
static struct binding **seek(const struct bcache *c, uint64_t place)
{
	struct binding **at = chain_of(c, place);

	while (*at && (*at)->place < place)
		at = &(*at)->next_in_bucket;
	return at;
}

/* All bindings of a home address are neighbours: its places are in one chain,
 * because no table has more than 2^48 buckets. */
static struct binding *find_key(const struct bcache *c, const struct binding_key *key)
{
	uint64_t first;
	struct binding *b;

	if (!c->buckets)
		return NULL;
	first = first_place(c, &key->hoa);
	for (b = *seek(c, first); b && b->place <= (first | LOW_PLACES); b = b->next_in_bucket) {
		if (same_key(&b->key, key))
			return b;
	}
	return NULL;
}

struct binding *bcache_find(const struct bcache *c, const struct in6_addr *hoa,
			    const struct in6_addr *local)
{
	struct binding_key key = { .hoa = *hoa, .local = *local };

	return find_key(c, &key);
}

struct binding *bcache_find_hoa(const struct bcache *c, const struct in6_addr *hoa,
				enum binding_kind kind)
{
	uint64_t first;
	struct binding *b;

	if (!c->buckets)
		return NULL;
	first = first_place(c, hoa);
	for (b = *seek(c, first); b && b->place <= (first | LOW_PLACES); b = b->next_in_bucket) {
		if (b->kind == kind && addr_equal(&b->key.hoa, hoa))
			return b;
	}
	return NULL;
}

/* Splits one old bucket in two; order in each stays. */
static void move_bucket(struct bcache *c)
{
	struct binding **low = &c->buckets[c->moved * 2];
	struct binding **high = &c->buckets[c->moved * 2 + 1];
	struct binding *b = c->old_buckets[c->moved], *next;

	for (; b; b = next) {
		next = b->next_in_bucket;
		b->next_in_bucket = NULL;
		if (bucket_of(b->place, c->bucket_count) & 1) {
			*high = b;
			high = &b->next_in_bucket;
		} else {
			*low = b;
			low = &b->next_in_bucket;
		}
	}
	c->moved++;
}

static void move_some(struct bcache *c)
{
	int i;

	for (i = 0; i < MOVE_STEP && c->old_buckets; i++) {
		move_bucket(c);
		if (c->moved == c->old_count) {
			free(c->old_buckets);
			c->old_buckets = NULL;
		}
	}
}

/* Makes room for one more. False only when there is no table at all: a table
 * that cannot grow gets longer chains. */
static bool grow(struct bcache *c)
{
	struct binding **buckets;
	size_t count;

	if (c->buckets &&
	    (c->old_buckets || c->count[BINDING_HOME] + c->count[BINDING_CACHED] < c->bucket_count))
		return true;
	count = c->buckets ? c->bucket_count * 2 : BUCKETS_FIRST;
	buckets = calloc(count, sizeof(struct binding *));
	if (!buckets)
		return c->buckets != NULL;
	c->old_buckets = c->buckets;
	c->old_count = c->bucket_count;
	c->moved = 0;
	c->buckets = buckets;
	c->bucket_count = count;
	return true;
}

/* A place for the key that is not taken, among those of its home address; the
 * highest of all is left out, so that a walk can go beyond any place. */
static bool choose_place(const struct bcache *c, const struct binding_key *key, uint64_t *place)
{
	uint64_t first = first_place(c, &key->hoa), low = low_place(c, key), i;

	for (i = 0; i <= LOW_PLACES; i++) {
		uint64_t p = first | ((low + i) & LOW_PLACES);
		const struct binding *b = *seek(c, p);

		if (p != UINT64_MAX && (!b || b->place != p)) {
			*place = p;
			return true;
		}
	}
	return false;
}

struct binding *bcache_add(struct bcache *c, enum binding_kind kind, const struct in6_addr *hoa,
			   const struct in6_addr *local)
{
	struct binding **at, *b;

	if (bcache_find(c, hoa, local) || !grow(c))
		return NULL;
	b = calloc(1, sizeof(*b));
	if (!b)
		return NULL;
	b->key.hoa = *hoa;
	b->key.local = *local;
	b->kind = kind;
	b->state = BINDING_NEW;
	b->cache = c;
	if (!choose_place(c, &b->key, &b->place)) {
		free(b);
		return NULL;
	}
	at = seek(c, b->place);
	b->next_in_bucket = *at;
	*at = b;
	TAILQ_INSERT_TAIL(&c->by_age[kind], b, by_age);
	c->count[kind]++;
	move_some(c);
	return b;
}

void bcache_remove(struct bcache *c, struct binding *b)
{
	struct binding **at = seek(c, b->place);

	*at = b->next_in_bucket;
	TAILQ_REMOVE(&c->by_age[b->kind], b, by_age);
	c->count[b->kind]--;
	if (b->state == BINDING_MEMORY)
		c->memory_count--;
	free(b);
}

void bcache_touch(struct bcache *c, struct binding *b, uint64_t now_us)
{
	b->updated_us = now_us;
	TAILQ_REMOVE(&c->by_age[b->kind], b, by_age);
	TAILQ_INSERT_TAIL(&c->by_age[b->kind], b, by_age);
}

/* The first place of the chain behind that of `place`; 0: it was the last. */
static uint64_t next_chain(const struct bcache *c, uint64_t place)
{
	size_t count = c->bucket_count;

	if (c->old_buckets && bucket_of(place, c->old_count) >= c->moved)
		count = c->old_count;
	if (bucket_of(place, count) + 1 == count)
		return 0;
	return (uint64_t)(bucket_of(place, count) + 1) << (64 - __builtin_ctzll(count));
}

struct binding *bcache_walk(const struct bcache *c, uint64_t *cursor)
{
	uint64_t place = *cursor;

	if (!c->buckets)
		return NULL;
	do {
		struct binding *b = *seek(c, place);

		if (b) {
			*cursor = b->place + 1;
			return b;
		}
		place = next_chain(c, place);
	} while (place);
	*cursor = UINT64_MAX;
	return NULL;
}

const char *binding_state_name(enum binding_state s)
{
	switch (s) {
	case BINDING_NEW:
		return "new";
	case BINDING_DAD:
		return "dad";
	case BINDING_INSTALLING:
		return "installing";
	case BINDING_ACTIVE:
		return "active";
	case BINDING_REMOVING:
		return "removing";
	case BINDING_MEMORY:
		return "memory";
	}
	return "?";
}

/* Where a binding may go from each state. */
static bool is_legal(enum binding_state from, enum binding_state to)
{
	static const unsigned int moves[] = {
		[BINDING_NEW] = 1 << BINDING_DAD | 1 << BINDING_INSTALLING |
				1 << BINDING_ACTIVE | 1 << BINDING_MEMORY,
		[BINDING_DAD] = 1 << BINDING_INSTALLING | 1 << BINDING_REMOVING |
				1 << BINDING_MEMORY,
		[BINDING_INSTALLING] = 1 << BINDING_ACTIVE | 1 << BINDING_REMOVING |
				       1 << BINDING_MEMORY,
		[BINDING_ACTIVE] = 1 << BINDING_INSTALLING | 1 << BINDING_REMOVING,
		[BINDING_REMOVING] = 1 << BINDING_DAD | 1 << BINDING_INSTALLING |
				     1 << BINDING_MEMORY,
		[BINDING_MEMORY] = 1 << BINDING_DAD | 1 << BINDING_INSTALLING,
	};

	return from == to || (moves[from] & 1U << to) != 0;
}

bool binding_set_state(struct binding *b, enum binding_state to)
{
	const char *old = binding_state_name(b->state);

	if (!is_legal(b->state, to)) {
		log_error(LOG_CORE, "binding hoa=%s: the state cannot go from %s to %s",
			  ADDR_STR(&b->key.hoa), old, binding_state_name(to));
		return false;
	}
	if (b->state == to)
		return true;
	if (b->state == BINDING_MEMORY)
		b->cache->memory_count--;
	if (to == BINDING_MEMORY)
		b->cache->memory_count++;
	b->state = to;
	log_debug(LOG_CORE, "binding hoa=%s: %s -> %s", ADDR_STR(&b->key.hoa), old,
		  binding_state_name(to));
	return true;
}
