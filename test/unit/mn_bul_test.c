// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Binding Update List (RFC 6275 11.1), and the arithmetic of lifetimes (11.7.3),
 * back-off and rate (11.8).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/addr.h"
#include "mn/bul.h"
#include "mn/handover.h"

#define NOW (1000 * US_PER_S)

static struct in6_addr ip6(const char *text)
{
	struct in6_addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

/* RFC 6275 11.1: by home address and by the node that it is with. */
static void bul_entries_are_found_by_both_addresses(void **state)
{
	const struct in6_addr hoa = ip6("2001:db8::1"), hoa2 = ip6("2001:db8::2");
	const struct in6_addr ha = ip6("2001:db8::a"), cn = ip6("2001:db8::c");
	struct bul_entry *e, *f;
	struct bul b;

	(void)state;
	bul_init(&b);
	assert_null(bul_find(&b, &hoa, &ha));
	e = bul_add(&b, BUL_HOME, &hoa, &ha);
	f = bul_add(&b, BUL_CORRESPONDENT, &hoa, &cn);
	assert_non_null(e);
	assert_non_null(f);
	assert_null(bul_add(&b, BUL_HOME, &hoa, &ha));
	assert_ptr_equal(bul_find(&b, &hoa, &ha), e);
	assert_ptr_equal(bul_find(&b, &hoa, &cn), f);
	assert_null(bul_find(&b, &hoa2, &ha));
	assert_int_equal(b.count[BUL_HOME], 1);
	assert_int_equal(b.count[BUL_CORRESPONDENT], 1);
	bul_remove(&b, e);
	bul_remove(&b, NULL);
	assert_null(bul_find(&b, &hoa, &ha));
	assert_int_equal(b.count[BUL_HOME], 0);
	bul_free(&b);
}

/* RFC 6275 11.1, 11.7.3: max (L_remain - (L_update - L_ack), 0), from the sending. */
static void bul_lifetime_counts_from_the_update(void **state)
{
	const struct in6_addr coa = ip6("2001:db8:a::1"), other = ip6("2001:db8:b::1");
	struct bul_entry e = { .kind = BUL_HOME };

	(void)state;
	assert_false(bul_may_be_bound(&e, NOW));
	bul_note_sent(&e, &coa, MH_BU_A, 60, NOW);
	assert_true(e.waiting);
	assert_true(bul_may_be_bound(&e, NOW + 59 * US_PER_S));
	assert_false(bul_may_be_bound(&e, NOW + 60 * US_PER_S));
	assert_false(bul_is_bound_to(&e, &coa, NOW));
	bul_note_accepted(&e, 0, 40, NOW + 5 * US_PER_S);
	assert_false(e.waiting);
	assert_int_equal(e.valid_until_us, NOW + 40 * US_PER_S);
	assert_int_equal(e.may_last_us, NOW + 40 * US_PER_S);
	assert_true(bul_is_bound_to(&e, &coa, NOW + 39 * US_PER_S));
	assert_false(bul_is_bound_to(&e, &other, NOW + 39 * US_PER_S));
	assert_false(bul_is_bound_to(&e, &coa, NOW + 40 * US_PER_S));
	/* more than was asked does not count */
	bul_note_sent(&e, &coa, MH_BU_A, 60, NOW);
	bul_note_accepted(&e, 0, 600, NOW);
	assert_int_equal(e.granted_s, 60);
	/* a deletion that may be lost leaves the binding where it may be */
	bul_note_sent(&e, &other, MH_BU_A, 0, NOW + US_PER_S);
	assert_int_equal(e.may_last_us, NOW + 60 * US_PER_S);
	bul_note_gone(&e);
	assert_false(bul_may_be_bound(&e, NOW));
}

/* RFC 6275 9.5.1, 11.1: modulo 2**16. */
static void bul_sequence_numbers_wrap(void **state)
{
	const struct in6_addr coa = ip6("2001:db8:a::1");
	struct bul_entry e = { .kind = BUL_HOME };

	(void)state;
	bul_set_seq(&e, 65534);
	assert_int_equal(bul_note_sent(&e, &coa, 0, 60, NOW), 65535);
	assert_int_equal(bul_note_sent(&e, &coa, 0, 60, NOW), 0);
	assert_int_equal(bul_note_sent(&e, &coa, 0, 60, NOW), 1);
}

/* RFC 6275 11.8: doubled up to MAX_BINDACK_TIMEOUT. */
static void bul_waits_twice_as_long_each_time(void **state)
{
	static const unsigned int seconds[] = { 3, 6, 12, 24, 32, 32 };
	struct bul_entry e = { .kind = BUL_HOME };
	unsigned int i;

	(void)state;
	bul_begin_exchange(&e, 1500 * US_PER_MS);
	for (i = 0; i < 6; i++) {
		bul_back_off(&e);
		assert_int_equal(e.timeout_us, seconds[i] * US_PER_S);
		assert_int_equal(e.resends, i + 1);
	}
	bul_begin_exchange(&e, US_PER_S);
	assert_int_equal(e.timeout_us, US_PER_S);
	assert_int_equal(e.resends, 0);
}

/* RFC 6275 11.8: for each node and type of message. */
static void bul_pace_lets_three_pass_in_a_second(void **state)
{
	const struct in6_addr ha = ip6("2001:db8::a"), cn = ip6("2001:db8::c");
	uint64_t now_us = NOW;
	struct bul b;
	int i;

	(void)state;
	bul_init(&b);
	for (i = 0; i < 3; i++, now_us += 100 * US_PER_MS)
		assert_int_equal(bul_pace(&b, &ha, MH_BU, now_us), 0);
	assert_int_equal(bul_pace(&b, &ha, MH_BU, now_us), NOW + US_PER_S);
	assert_int_equal(bul_pace(&b, &ha, MH_HOTI, now_us), 0);
	assert_int_equal(bul_pace(&b, &cn, MH_BU, now_us), 0);
	assert_int_equal(bul_pace(&b, &ha, MH_BU, NOW + US_PER_S - 1), NOW + US_PER_S);
	assert_int_equal(bul_pace(&b, &ha, MH_BU, NOW + US_PER_S), 0);
	assert_int_equal(bul_pace(&b, &ha, MH_BU, NOW + US_PER_S),
			 NOW + US_PER_S + 100 * US_PER_MS);
	/* records of long ago are dropped */
	assert_int_equal(bul_pace(&b, &cn, MH_COTI, NOW + 10 * US_PER_S), 0);
	assert_null(TAILQ_NEXT(TAILQ_FIRST(&b.paces), entry));
	bul_free(&b);
}

/* The ring keeps the newest, and knows what it has forgotten. */
static void handovers_are_kept_in_a_ring(void **state)
{
	static struct handovers ring;
	const struct in6_addr hoa = ip6("2001:db8::1");
	const struct attachment at = { .usable = true, .coa = ip6("2001:db8:a::1"),
				       .cause = ATTACH_ROUTER_LOST, .event_us = NOW };
	uint64_t i;

	(void)state;
	assert_null(handover_get(&ring, 0));
	assert_null(handover_find(&ring, 0));
	for (i = 1; i <= HANDOVERS_MAX + 5; i++)
		assert_int_equal(handover_begin(&ring, &hoa, &at, i % 2), i);
	assert_int_equal(handover_get(&ring, 0)->number, HANDOVERS_MAX + 5);
	assert_int_equal(handover_get(&ring, HANDOVERS_MAX - 1)->number, 6);
	assert_null(handover_get(&ring, HANDOVERS_MAX));
	assert_null(handover_find(&ring, 5));
	assert_int_equal(handover_find(&ring, 6)->cause, ATTACH_ROUTER_LOST);
	assert_true(addr_equal(&handover_find(&ring, 6)->coa, &at.coa));
	assert_true(addr_equal(&handover_find(&ring, 7)->coa, &hoa));
	assert_string_equal(attach_cause_name(ATTACH_PREFERENCE), "preference");
	assert_string_equal(handover_result_name(HANDOVER_OVERTAKEN), "overtaken");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bul_entries_are_found_by_both_addresses),
		cmocka_unit_test(bul_lifetime_counts_from_the_update),
		cmocka_unit_test(bul_sequence_numbers_wrap),
		cmocka_unit_test(bul_waits_twice_as_long_each_time),
		cmocka_unit_test(bul_pace_lets_three_pass_in_a_second),
		cmocka_unit_test(handovers_are_kept_in_a_ring),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
