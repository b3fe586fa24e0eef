// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The busiest addresses are found among any number, in a table of fixed size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/time.h"
#include "core/busy.h"

static struct in6_addr addr(unsigned int i)
{
	struct in6_addr a = { .s6_addr = { 0x20, 0x01, 0x0d, 0xb8 } };

	a.s6_addr[13] = (uint8_t)(i >> 16);
	a.s6_addr[14] = (uint8_t)(i >> 8);
	a.s6_addr[15] = (uint8_t)i;
	return a;
}

static void note(struct busy *b, unsigned int i, uint64_t now_us)
{
	struct in6_addr a = addr(i);

	busy_note(b, &a, now_us);
}

static void few_are_counted_exactly(void **state)
{
	struct busy b = { .used = 0 };
	struct busy_entry list[BUSY_MAX];

	(void)state;
	for (unsigned int i = 0; i < 10; i++) {
		for (unsigned int n = 0; n <= i; n++)
			note(&b, i, US_PER_S);
	}
	assert_int_equal(busy_list(&b, list), 10);
	for (unsigned int i = 0; i < 10; i++) {
		struct in6_addr a = addr(9 - i);

		assert_memory_equal(&list[i].addr, &a, sizeof(a));
		assert_int_equal(list[i].count, 10 - i);
		assert_int_equal(list[i].unsure, 0);
	}
}

/* Two noisy ones among 100 000 that come in between, each once. */
static void the_busiest_are_found_in_a_crowd(void **state)
{
	struct in6_addr first = addr(200001), second = addr(200002);
	struct busy b = { .used = 0 };
	struct busy_entry list[BUSY_MAX];

	(void)state;
	for (unsigned int i = 0; i < 100000; i++) {
		note(&b, i, US_PER_S);
		if (i % 5 == 0)
			note(&b, 200001, US_PER_S);
		if (i % 10 == 0)
			note(&b, 200002, US_PER_S);
	}
	assert_int_equal(busy_list(&b, list), BUSY_MAX);
	assert_memory_equal(&list[0].addr, &first, sizeof(first));
	assert_memory_equal(&list[1].addr, &second, sizeof(second));
	assert_true(list[0].count >= 20000 && list[0].count - list[0].unsure <= 20000);
	assert_true(list[1].count >= 10000 && list[1].count - list[1].unsure <= 10000);
}

static void what_was_long_ago_fades(void **state)
{
	struct busy b = { .used = 0 };
	struct busy_entry list[BUSY_MAX];

	(void)state;
	for (unsigned int n = 0; n < 100; n++)
		note(&b, 1, US_PER_S);
	note(&b, 2, 62 * US_PER_S);
	assert_int_equal(busy_list(&b, list), 2);
	assert_int_equal(list[0].count, 50);
	/* a day later nothing is left of it */
	note(&b, 3, 86400 * US_PER_S);
	assert_int_equal(busy_list(&b, list), 1);
	assert_int_equal(list[0].count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_are_counted_exactly),
		cmocka_unit_test(the_busiest_are_found_in_a_crowd),
		cmocka_unit_test(what_was_long_ago_fades),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
