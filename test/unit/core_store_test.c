// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The store in memory, and what all stores share: batches, who waits, times
 * (core/store.h). No section of an RFC; what roles keep is tested with them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/time.h"
#include "core/store.h"

#define S US_PER_S

struct seen {
	char text[256];
};

static int see(const void *key, size_t key_len, const void *value, size_t len, void *ctx)
{
	struct seen *s = ctx;

	strncat(s->text, key, key_len);
	strcat(s->text, "=");
	strncat(s->text, value, len);
	strcat(s->text, " ");
	return 0;
}

static const char *all(struct store *s, enum store_kind kind)
{
	static struct seen seen;

	seen.text[0] = '\0';
	assert_int_equal(store_each(s, kind, see, &seen), 0);
	return seen.text;
}

static void put(struct store *s, const char *key, const char *value)
{
	assert_int_equal(store_put(s, STORE_HA_BINDING, key, strlen(key), value, strlen(value)), 0);
}

struct told {
	int times;
	int error;
};

static void tell(void *ctx, int error)
{
	struct told *t = ctx;

	t->times++;
	t->error = error;
}

static void test_records(void **state)
{
	struct store *s = store_memory_new();
	uint8_t big[STORE_VALUE_MAX + 1] = { 0 };

	(void)state;
	put(s, "b", "1");
	put(s, "a", "2");
	put(s, "ab", "3");
	assert_int_equal(store_put(s, STORE_HA_SEQUENCE, "b", 1, "9", 1), 0);
	assert_string_equal(all(s, STORE_HA_BINDING), "");
	store_memory_turn(s, 0);
	assert_string_equal(all(s, STORE_HA_BINDING), "a=2 ab=3 b=1 ");
	put(s, "b", "");
	put(s, "a", "x");
	put(s, "a", "4");
	assert_int_equal(store_delete(s, STORE_HA_BINDING, "ab", 2), 0);
	assert_int_equal(store_delete(s, STORE_HA_BINDING, "none", 4), 0);
	store_memory_turn(s, 0);
	assert_string_equal(all(s, STORE_HA_BINDING), "a=4 b= ");
	assert_string_equal(all(s, STORE_HA_SEQUENCE), "b=9 ");
	assert_int_equal(store_put(s, STORE_SECRET, "k", 1, big, sizeof(big)), -EMSGSIZE);
	assert_int_equal(store_put(s, STORE_SECRET, big, STORE_KEY_MAX + 1, "v", 1), -EMSGSIZE);
	assert_int_equal(s->commits, 2);
	store_memory_free(s);
}

static void test_crash_loses_the_batch_only(void **state)
{
	struct store *s = store_memory_new();
	struct store_waiter w = { 0 };
	struct told t = { 0 };

	(void)state;
	put(s, "a", "1");
	store_memory_turn(s, 0);
	put(s, "a", "2");
	assert_int_equal(store_delete(s, STORE_HA_BINDING, "a", 1), 0);
	store_wait(s, &w, tell, &t);
	store_memory_crash(s);
	store_memory_turn(s, 0);
	assert_string_equal(all(s, STORE_HA_BINDING), "a=1 ");
	assert_int_equal(t.times, 0);
	store_memory_free(s);
}

static void test_waiting(void **state)
{
	struct store *s = store_memory_new();
	struct store_waiter w[3];
	struct told t[3];

	(void)state;
	memset(w, 0, sizeof(w));
	memset(t, 0, sizeof(t));
	store_wait(s, &w[0], tell, &t[0]);
	assert_int_equal(t[0].times, 1); /* nothing to wait for */
	put(s, "a", "1");
	store_wait(s, &w[0], tell, &t[0]);
	store_wait(s, &w[1], tell, &t[1]);
	store_wait(s, &w[2], tell, &t[2]);
	store_wait_cancel(&w[1]);
	assert_int_equal(t[0].times, 1);
	store_memory_turn(s, -ENOSPC);
	assert_int_equal(t[0].times, 2);
	assert_int_equal(t[0].error, -ENOSPC);
	assert_int_equal(t[1].times, 0);
	assert_int_equal(t[2].error, -ENOSPC);
	assert_string_equal(all(s, STORE_HA_BINDING), "");
	store_wait(s, &w[1], tell, &t[1]);
	store_memory_turn(s, 0); /* what failed is tried again */
	assert_int_equal(t[1].times, 1);
	assert_int_equal(t[1].error, 0);
	assert_string_equal(all(s, STORE_HA_BINDING), "a=1 ");
	store_memory_free(s);
}

struct pair {
	struct store *s;
	struct store_waiter w[2];
	int told;
};

static void cancel_other(void *ctx, int error)
{
	struct pair *p = ctx;

	assert_int_equal(error, 0);
	p->told++;
	store_wait_cancel(&p->w[1]);
	put(p->s, "b", "2");
	store_wait(p->s, &p->w[0], cancel_other, p);
}

static void test_who_is_told_may_cancel_and_wait_again(void **state)
{
	struct pair p = { .s = store_memory_new() };

	(void)state;
	put(p.s, "a", "1");
	store_wait(p.s, &p.w[0], cancel_other, &p);
	store_wait(p.s, &p.w[1], cancel_other, &p);
	store_memory_turn(p.s, 0);
	assert_int_equal(p.told, 1);
	store_memory_turn(p.s, 0);
	assert_int_equal(p.told, 2);
	store_memory_free(p.s);
}

static uint64_t time_back(struct store *written, uint64_t at, struct store *read, uint64_t now,
			  uint64_t most)
{
	uint8_t bytes[8];
	struct writer w;
	struct reader r;

	writer_init(&w, bytes, sizeof(bytes));
	store_write_time(written, &w, at);
	assert_false(w.bad);
	reader_init(&r, bytes, sizeof(bytes));
	return store_read_time(read, &r, now, most);
}

static void test_times_go_on_over_a_reboot(void **state)
{
	struct store *a = store_memory_new();
	struct store *b = store_memory_new();

	(void)state;
	/* Up 1000 s at wall clock 50000; the last commit then. Ends at 1060. */
	a->offset_us = 49000 * S;
	/* 20 s later the machine is up again, for 5 s. */
	b->offset_us = store_next_offset(50000 * S, 50000 * S, 5 * S, 50020 * S);
	assert_int_equal(time_back(a, 1060 * S, b, 5 * S, 100 * S), 45 * S);
	assert_int_equal(time_back(a, 1010 * S, b, 5 * S, 100 * S), 0); /* over */
	assert_int_equal(time_back(a, TIME_NEVER, b, 5 * S, TIME_NEVER), TIME_NEVER);
	/* The granted lifetime is the limit. */
	assert_int_equal(time_back(a, TIME_NEVER, b, 5 * S, 100 * S), 105 * S);
	assert_int_equal(time_back(a, 9000 * S, b, 5 * S, 100 * S), 105 * S);
	/* A clock that went backwards (no battery): as if no time had passed. */
	b->offset_us = store_next_offset(50000 * S, 50000 * S, 5 * S, 7 * S);
	assert_int_equal(time_back(a, 1060 * S, b, 5 * S, 100 * S), 65 * S);
	/* The wall clock was set while running: it does not matter what it said. */
	b->offset_us = store_next_offset(50000 * S, 99000 * S, 5 * S, 99020 * S);
	assert_int_equal(time_back(a, 1060 * S, b, 5 * S, 100 * S), 45 * S);
	store_memory_free(a);
	store_memory_free(b);
}

static void test_without_a_store(void **state)
{
	struct store_waiter w = { 0 };
	struct told t = { 0 };

	(void)state;
	assert_int_equal(store_put(NULL, STORE_SECRET, "a", 1, "b", 1), 0);
	assert_int_equal(store_delete(NULL, STORE_SECRET, "a", 1), 0);
	assert_int_equal(store_each(NULL, STORE_SECRET, see, NULL), 0);
	store_wait(NULL, &w, tell, &t);
	assert_int_equal(t.times, 1);
	assert_int_equal(time_back(NULL, 7, NULL, 1, 100), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_crash_loses_the_batch_only),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_who_is_told_may_cancel_and_wait_again),
		cmocka_unit_test(test_times_go_on_over_a_reboot),
		cmocka_unit_test(test_without_a_store),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
