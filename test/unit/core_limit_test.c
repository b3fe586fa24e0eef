// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What bounds the harm a peer can do: token buckets (RFC 4443 2.4 (f), RFC 6275
 * 9.3.3) and the violation log.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "core/rate.h"
#include "core/violation.h"

static struct in6_addr peer_number(uint32_t n)
{
	return (struct in6_addr){ { { 0x20, 1, 0xd, 0xb8, [12] = (uint8_t)(n >> 24),
				      (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n } } };
}

/* -- rates ----------------------------------------------------------------------- */

static unsigned int take(struct rate_bucket *b, uint32_t burst, uint32_t per_s, uint64_t now_us,
			 unsigned int tries)
{
	unsigned int taken = 0;

	for (; tries > 0; tries--)
		taken += rate_bucket_take(b, burst, per_s, now_us);
	return taken;
}

static void a_bucket_gives_its_burst_then_its_rate(void **state)
{
	const uint64_t t_us = 77 * US_PER_S;
	struct rate_bucket b;

	(void)state;
	rate_bucket_init(&b, 5, t_us);
	assert_int_equal(take(&b, 5, 2, t_us, 100), 5);
	assert_int_equal(take(&b, 5, 2, t_us + US_PER_S / 2 - 1, 100), 0);
	assert_int_equal(take(&b, 5, 2, t_us + US_PER_S / 2, 100), 1);
	assert_int_equal(take(&b, 5, 2, t_us + 2 * US_PER_S, 100), 3);
	/* never more than the burst, however long nothing was taken */
	assert_int_equal(take(&b, 5, 2, t_us + 3600 * US_PER_S, 100), 5);
	assert_int_equal(take(&b, 5, 2, UINT64_MAX, 100), 5);
}

static void time_that_runs_backwards_gives_nothing(void **state)
{
	struct rate_bucket b;

	(void)state;
	rate_bucket_init(&b, 3, 9 * US_PER_S);
	assert_int_equal(take(&b, 3, 1, 9 * US_PER_S, 9), 3);
	assert_int_equal(take(&b, 3, 1, 0, 9), 0);
	assert_int_equal(take(&b, 3, 1, 9 * US_PER_S, 9), 0);
	assert_int_equal(take(&b, 3, 1, 10 * US_PER_S, 9), 1);
}

static void extreme_rates_do_not_overflow(void **state)
{
	struct rate_bucket b;

	(void)state;
	rate_bucket_init(&b, UINT32_MAX, 0);
	assert_int_equal(take(&b, UINT32_MAX, UINT32_MAX, UINT64_MAX, 100), 100);
	rate_bucket_init(&b, 2, 0);
	assert_int_equal(take(&b, 2, 0, 0, 9), 2);
	assert_int_equal(take(&b, 2, 0, UINT64_MAX, 9), 0); /* no rate, no more */
	rate_bucket_init(&b, 0, 0);
	assert_int_equal(take(&b, 0, 1000, UINT64_MAX, 9), 0); /* no burst, nothing */
}

/* RFC 6275 9.3.3: Binding Errors are limited. A flood from one peer takes
 * its own tokens; one of all addresses takes no more than all buckets hold. */
static void a_flood_is_bounded_and_takes_only_its_own(void **state)
{
	unsigned int passed = 0, others = 0;
	struct in6_addr a = peer_number(1);
	struct rate r;

	(void)state;
	rate_init(&r, 4, 1, 0x5eed, 0);
	for (int i = 0; i < 10000; i++)
		passed += rate_pass(&r, &a, 0);
	assert_int_equal(passed, 4);
	for (uint32_t n = 2; n < 200; n++) {
		struct in6_addr other = peer_number(n);

		others += rate_pass(&r, &other, 0);
	}
	/* hardly anyone shares the bucket */
	assert_in_range(others, 150, 198);
	for (uint32_t n = 0; n < 100000; n++) {
		struct in6_addr any = peer_number(n * 2654435761u);

		others += rate_pass(&r, &any, 0);
	}
	assert_int_equal(others + passed, RATE_BUCKETS * 4);
}

/* -- violations -------------------------------------------------------------------- */

static const struct in6_addr none;

static void repeats_are_counted_in_place(void **state)
{
	struct in6_addr a = peer_number(1), b = peer_number(2);
	static struct violations v;

	(void)state;
	memset(&v, 0, sizeof(v));
	assert_null(violation_get(&v, 0));
	assert_true(violation_add(&v, 10, &a, &b, 132, "sequence"));
	assert_false(violation_add(&v, 20, &a, &b, 132, "sequence"));
	/* another home address, peer, status or reason is another violation */
	assert_true(violation_add(&v, 30, &none, &b, 132, "sequence"));
	assert_true(violation_add(&v, 31, &a, &a, 132, "sequence"));
	assert_true(violation_add(&v, 32, &a, &b, 133, "sequence"));
	assert_true(violation_add(&v, 33, &a, &b, 132, "lifetime"));
	assert_false(violation_add(&v, 40, &a, &b, 132, "sequence"));
	assert_int_equal(v.count, 5);
	assert_int_equal(v.total, 7);
	assert_int_equal(violation_get(&v, 0)->count, 3);
	assert_int_equal(violation_get(&v, 0)->first_us, 10);
	assert_int_equal(violation_get(&v, 0)->last_us, 40);
	assert_string_equal(violation_get(&v, 1)->reason, "lifetime");
	assert_int_equal(violation_get(&v, 4)->last_us, 30);
	assert_null(violation_get(&v, 5));
}

/* The newest comes first, whatever was hit in which order. */
static void assert_in_order(const struct violations *v)
{
	bool seen[VIOLATIONS_MAX] = { false };

	assert_in_range(v->count, 0, VIOLATIONS_MAX);
	for (size_t i = 0; i < v->count; i++) {
		assert_false(seen[v->order[i]]);
		seen[v->order[i]] = true;
		if (i > 0)
			assert_true(violation_get(v, i)->last_us <=
				    violation_get(v, i - 1)->last_us);
	}
}

static size_t count_reason(const struct violations *v, const char *reason)
{
	size_t n = 0;

	for (size_t i = 0; i < v->count; i++)
		n += strcmp(violation_get(v, i)->reason, reason) == 0;
	return n;
}

static void a_flood_of_one_reason_leaves_the_others(void **state)
{
	static struct violations v;
	uint64_t now_us = 0;

	(void)state;
	memset(&v, 0, sizeof(v));
	for (uint32_t n = 0; n < 40; n++) {
		struct in6_addr a = peer_number(n);

		violation_add(&v, ++now_us, &none, &a, 0, "rare");
	}
	for (uint32_t n = 0; n < 20000; n++) {
		struct in6_addr a = peer_number(n);

		violation_add(&v, ++now_us, &none, &a, 0, "flood");
	}
	assert_int_equal(v.count, VIOLATIONS_MAX);
	assert_int_equal(v.total, 20040);
	assert_int_equal(count_reason(&v, "rare"), 40);
	assert_in_order(&v);
	/* the newest of the flood are those that stay */
	assert_int_equal(violation_get(&v, 0)->last_us, now_us);
	assert_int_equal(violation_get(&v, VIOLATIONS_MAX - 41)->last_us,
			 now_us - (VIOLATIONS_MAX - 41));
}

static void a_full_log_gives_up_the_oldest(void **state)
{
	static const char *const reasons[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
	static struct violations v;
	struct in6_addr late;

	(void)state;
	memset(&v, 0, sizeof(v));
	for (uint32_t n = 0; n < VIOLATIONS_MAX; n++) {
		struct in6_addr a = peer_number(n);

		violation_add(&v, n, &none, &a, 0, reasons[n % 8]);
	}
	late = peer_number(1000);
	assert_true(violation_add(&v, 1000, &none, &late, 0, "new"));
	assert_int_equal(v.count, VIOLATIONS_MAX);
	assert_in_order(&v);
	assert_string_equal(violation_get(&v, 0)->reason, "new");
	assert_int_equal(violation_get(&v, VIOLATIONS_MAX - 1)->last_us, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bucket_gives_its_burst_then_its_rate),
		cmocka_unit_test(time_that_runs_backwards_gives_nothing),
		cmocka_unit_test(extreme_rates_do_not_overflow),
		cmocka_unit_test(a_flood_is_bounded_and_takes_only_its_own),
		cmocka_unit_test(repeats_are_counted_in_place),
		cmocka_unit_test(a_flood_of_one_reason_leaves_the_others),
		cmocka_unit_test(a_full_log_gives_up_the_oldest),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("core/rate, core/violation", tests, NULL, NULL);
}
