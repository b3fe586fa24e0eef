// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The binding cache against a naive table, its walk while bindings come and go,
 * how evenly it works while it grows, and the states of bindings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "core/bcache.h"
#include "test/unit/random.h"

#define NAIVE_MAX 3000

static struct in6_addr addr_n(uint32_t n)
{
	struct in6_addr a = { { { 0x20, 0x01, 0x0d, 0xb8 } } };

	a.s6_addr[12] = (uint8_t)(n >> 24);
	a.s6_addr[13] = (uint8_t)(n >> 16);
	a.s6_addr[14] = (uint8_t)(n >> 8);
	a.s6_addr[15] = (uint8_t)n;
	return a;
}

struct naive {
	struct binding *b;
	struct in6_addr hoa;
	struct in6_addr local;
	enum binding_kind kind;
};

static struct naive table[NAIVE_MAX];
static size_t table_count;

static struct naive *naive_find(const struct in6_addr *hoa, const struct in6_addr *local)
{
	size_t i;

	for (i = 0; i < table_count; i++) {
		if (addr_equal(&table[i].hoa, hoa) && addr_equal(&table[i].local, local))
			return &table[i];
	}
	return NULL;
}

static bool naive_has_hoa(const struct in6_addr *hoa, enum binding_kind kind)
{
	size_t i;

	for (i = 0; i < table_count; i++) {
		if (table[i].kind == kind && addr_equal(&table[i].hoa, hoa))
			return true;
	}
	return false;
}

static void add_both(struct bcache *c, struct random *r)
{
	enum binding_kind kind = random_below(r, 2) ? BINDING_CACHED : BINDING_HOME;
	struct in6_addr hoa = addr_n((uint32_t)random_below(r, 1500));
	struct in6_addr local = addr_n((uint32_t)random_below(r, 3) + 70000);
	struct naive *n = naive_find(&hoa, &local);
	struct binding *b;

	if (!n && table_count == NAIVE_MAX)
		return;
	b = bcache_add(c, kind, &hoa, &local);
	assert_int_equal(b == NULL, n != NULL);
	if (!b)
		return;
	assert_int_equal(b->state, BINDING_NEW);
	assert_int_equal(b->kind, kind);
	table[table_count++] = (struct naive){ b, hoa, local, kind };
}

static void remove_both(struct bcache *c, struct random *r)
{
	size_t i;

	if (table_count == 0)
		return;
	i = random_below(r, table_count);
	bcache_remove(c, table[i].b);
	table[i] = table[--table_count];
}

static void look_up_both(const struct bcache *c, struct random *r)
{
	struct in6_addr hoa = addr_n((uint32_t)random_below(r, 1500));
	struct in6_addr local = addr_n((uint32_t)random_below(r, 3) + 70000);
	struct naive *n = naive_find(&hoa, &local);
	struct binding *b = bcache_find(c, &hoa, &local);
	enum binding_kind kind = random_below(r, 2) ? BINDING_CACHED : BINDING_HOME;

	assert_ptr_equal(b, n ? n->b : NULL);
	b = bcache_find_hoa(c, &hoa, kind);
	assert_int_equal(b != NULL, naive_has_hoa(&hoa, kind));
	if (b) {
		assert_int_equal(b->kind, kind);
		assert_memory_equal(&b->key.hoa, &hoa, sizeof(hoa));
	}
}

/* A walk finds all, once. */
static void walk_both(const struct bcache *c)
{
	uint64_t cursor = 0;
	size_t n = 0;
	struct binding *b;

	while ((b = bcache_walk(c, &cursor)) != NULL) {
		assert_ptr_equal(naive_find(&b->key.hoa, &b->key.local)->b, b);
		n++;
	}
	assert_null(bcache_walk(c, &cursor));
	assert_int_equal(n, table_count);
	assert_int_equal(c->count[BINDING_HOME] + c->count[BINDING_CACHED], table_count);
}

static void the_cache_agrees_with_a_naive_table(void **state)
{
	struct bcache c;
	struct random r;
	int i;

	(void)state;
	random_start(&r);
	table_count = 0;
	bcache_init(&c, random_u64(&r));
	assert_null(bcache_find(&c, &table[0].hoa, &table[0].local));
	for (i = 0; i < 60000; i++) {
		size_t what = random_below(&r, 10);
		/* grows at first, shrinks later */
		size_t add_below = i < 40000 ? 5 : 2;

		if (what < add_below)
			add_both(&c, &r);
		else if (what < 7)
			remove_both(&c, &r);
		else
			look_up_both(&c, &r);
		if (i % 3000 == 0)
			walk_both(&c);
	}
	walk_both(&c);
	bcache_free(&c);
	assert_int_equal(c.count[BINDING_HOME], 0);
}

/* Bindings that are there from before to after a walk come exactly once. */
static void a_walk_misses_nobody_that_stays(void **state)
{
	enum { STAY = 500 };
	struct binding *others[4000];
	unsigned int seen[STAY] = { 0 };
	size_t other_count = 0, i;
	uint64_t cursor = 0;
	struct in6_addr local = addr_n(1);
	struct bcache c;
	struct random r;
	struct binding *b;
	uint32_t next = 100000;

	(void)state;
	random_start(&r);
	bcache_init(&c, random_u64(&r));
	for (i = 0; i < STAY; i++) {
		struct in6_addr hoa = addr_n((uint32_t)i);

		assert_non_null(bcache_add(&c, BINDING_HOME, &hoa, &local));
	}
	while ((b = bcache_walk(&c, &cursor)) != NULL) {
		uint32_t n = (uint32_t)b->key.hoa.s6_addr[13] << 16 |
			     (uint32_t)b->key.hoa.s6_addr[14] << 8 | b->key.hoa.s6_addr[15];

		if (n < STAY)
			seen[n]++;
		/* the table grows several times during the walk */
		for (i = 0; i < 6 && other_count < 4000; i++) {
			struct in6_addr hoa = addr_n(next++);

			others[other_count] = bcache_add(&c, BINDING_CACHED, &hoa, &local);
			assert_non_null(others[other_count++]);
		}
		for (i = 0; i < 2 && other_count; i++) {
			size_t victim = random_below(&r, other_count);

			if (others[victim] == b)
				continue;
			bcache_remove(&c, others[victim]);
			others[victim] = others[--other_count];
		}
	}
	for (i = 0; i < STAY; i++)
		assert_int_equal(seen[i], 1);
	bcache_free(&c);
}

/* No insertion moves more than a few buckets. */
static void growing_takes_no_pause(void **state)
{
	struct in6_addr local = addr_n(1);
	size_t growths = 0, moved_before, i;
	struct bcache c;

	(void)state;
	bcache_init(&c, 7);
	for (i = 0; i < 100000; i++) {
		struct in6_addr hoa = addr_n((uint32_t)i);
		struct binding **old = c.old_buckets;

		moved_before = old ? c.moved : 0;
		assert_non_null(bcache_add(&c, BINDING_HOME, &hoa, &local));
		if (c.old_buckets != old)
			growths++;
		else if (old)
			assert_true(c.moved - moved_before <= 8);
		/* the table never has more than two bindings for a bucket */
		assert_true(c.count[BINDING_HOME] <= 2 * c.bucket_count);
	}
	assert_true(growths >= 10);
	assert_true(sizeof(struct binding) + 2 * sizeof(void *) < 500);
	bcache_free(&c);
}

static void the_oldest_update_comes_first(void **state)
{
	struct in6_addr local = addr_n(1), hoa[3];
	struct binding *b[3];
	struct bcache c;
	uint32_t i;

	(void)state;
	bcache_init(&c, 7);
	for (i = 0; i < 3; i++) {
		hoa[i] = addr_n(i + 10);
		b[i] = bcache_add(&c, BINDING_CACHED, &hoa[i], &local);
	}
	bcache_touch(&c, b[0], 500);
	assert_int_equal(b[0]->updated_us, 500);
	assert_ptr_equal(TAILQ_FIRST(&c.by_age[BINDING_CACHED]), b[1]);
	bcache_touch(&c, b[1], 600);
	assert_ptr_equal(TAILQ_FIRST(&c.by_age[BINDING_CACHED]), b[2]);
	assert_null(TAILQ_FIRST(&c.by_age[BINDING_HOME]));
	bcache_free(&c);
}

/* Every pair of states, as bcache.h has it. */
static void only_legal_moves_change_the_state(void **state)
{
	const bool may[6][6] = {
		/* to:		  new	dad    instal active remove memory */
		[BINDING_NEW] = { true, true, true, true, false, true },
		[BINDING_DAD] = { false, true, true, false, true, true },
		[BINDING_INSTALLING] = { false, false, true, true, true, true },
		[BINDING_ACTIVE] = { false, false, true, true, true, false },
		[BINDING_REMOVING] = { false, true, true, false, true, true },
		[BINDING_MEMORY] = { false, true, true, false, false, true },
	};
	struct in6_addr a = addr_n(1);
	struct bcache c;
	struct binding *b;
	int from, to;

	(void)state;
	bcache_init(&c, 7);
	b = bcache_add(&c, BINDING_HOME, &a, &a);
	for (from = BINDING_NEW; from <= BINDING_MEMORY; from++) {
		for (to = BINDING_NEW; to <= BINDING_MEMORY; to++) {
			b->state = (enum binding_state)from;
			c.memory_count = from == BINDING_MEMORY;
			assert_int_equal(binding_set_state(b, (enum binding_state)to),
					 may[from][to]);
			assert_int_equal(b->state, may[from][to] ? to : from);
			assert_int_equal(c.memory_count, b->state == BINDING_MEMORY);
		}
	}
	bcache_remove(&c, b);
	assert_int_equal(c.memory_count, 0);
	bcache_free(&c);
}

/* RFC 6275 9.5.1: modulo 2^16, comparisons by halves. */
static void sequence_numbers_wrap(void **state)
{
	(void)state;
	assert_true(seq_newer(1, 0));
	assert_false(seq_newer(0, 0));
	assert_false(seq_newer(0, 1));
	assert_true(seq_newer(0, 65535));
	assert_true(seq_newer(32767, 0));
	assert_false(seq_newer(32768, 0));
	assert_false(seq_newer(65535, 0));
	/* the example of the RFC: 15 was accepted; 0 to 15 and 32783 to 65535 are old */
	assert_true(seq_newer(16, 15));
	assert_true(seq_newer(32782, 15));
	assert_false(seq_newer(32783, 15));
	assert_false(seq_newer(65535, 15));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cache_agrees_with_a_naive_table),
		cmocka_unit_test(a_walk_misses_nobody_that_stays),
		cmocka_unit_test(growing_takes_no_pause),
		cmocka_unit_test(the_oldest_update_comes_first),
		cmocka_unit_test(only_legal_moves_change_the_state),
		cmocka_unit_test(sequence_numbers_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
