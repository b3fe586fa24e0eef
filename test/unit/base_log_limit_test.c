// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rate limits of the log, on a virtual clock: how many lines pass, and what is
 * told of those that did not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/log.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SECOND	     1000000ULL

static struct {
	unsigned int count;
	char line[LOG_LINE_MAX];
} tap;

static void take_line(enum log_subsystem s, enum log_level level, const char *line, void *ctx)
{
	(void)s;
	(void)level;
	(void)ctx;
	tap.count++;
	strcpy(tap.line, line);
}

static unsigned int pass(struct log_limit *l, uint64_t now_us, unsigned int tries)
{
	unsigned int passed = 0;

	for (; tries > 0; tries--)
		passed += log_limit_pass(l, now_us);
	return passed;
}

static void a_burst_passes_then_so_many_a_second(void **state)
{
	struct log_limit l = LOG_LIMIT(5, 2);

	(void)state;
	assert_int_equal(pass(&l, 7 * SECOND, 100), 5);
	assert_int_equal(l.held_back, 95);
	assert_int_equal(pass(&l, 7 * SECOND + 499999, 100), 0);
	assert_int_equal(pass(&l, 7 * SECOND + 500000, 100), 1);
	assert_int_equal(pass(&l, 8 * SECOND, 100), 1);
	assert_int_equal(pass(&l, 10 * SECOND, 100), 4);
	/* after a long time no more than the burst */
	assert_int_equal(pass(&l, 1000000 * SECOND, 100), 5);
}

/* Asking often neither gains nor loses: fractions of tokens are kept. */
static void the_rate_is_kept_however_often_it_is_asked(void **state)
{
	static const uint32_t rates[] = { 1, 3, 7, 10, 999, 3000, 100000 };
	static const uint64_t steps_us[] = { 1, 9, 333, 1001, 70000 };

	(void)state;
	for (size_t r = 0; r < COUNT(rates); r++) {
		for (size_t s = 0; s < COUNT(steps_us); s++) {
			struct log_limit l = { .burst = 10000, .per_s = rates[r] };
			uint64_t now_us = 0, passed = 0;

			assert_int_equal(pass(&l, 0, 20000), 10000);
			while (now_us < 2 * SECOND && passed < 10000) {
				now_us += steps_us[s];
				while (log_limit_pass(&l, now_us))
					passed++;
			}
			assert_true(passed == now_us * rates[r] / SECOND);
			assert_true(rates[r] < 3 || passed > 5);
		}
	}
}

static void extreme_limits(void **state)
{
	struct log_limit none = LOG_LIMIT(0, 100), once = LOG_LIMIT(1, 0);
	struct log_limit vast = LOG_LIMIT(UINT32_MAX, UINT32_MAX);

	(void)state;
	assert_int_equal(pass(&none, 0, 10), 0);
	assert_int_equal(pass(&none, UINT64_MAX, 10), 0);
	assert_int_equal(none.held_back, 20);
	assert_int_equal(pass(&once, 5, 10), 1);
	assert_int_equal(pass(&once, UINT64_MAX, 10), 0);
	assert_int_equal(pass(&vast, 0, 1000), 1000);
	assert_int_equal(pass(&vast, UINT64_MAX, 1000), 1000);
	none.held_back = UINT32_MAX;
	assert_int_equal(pass(&none, 0, 1), 0);
	assert_true(none.held_back == UINT32_MAX);
}

static void time_that_goes_back_gives_nothing(void **state)
{
	struct log_limit l = LOG_LIMIT(1, 1);

	(void)state;
	assert_int_equal(pass(&l, 100 * SECOND, 2), 1);
	assert_int_equal(pass(&l, 50 * SECOND, 2), 0);
	assert_int_equal(pass(&l, 100 * SECOND + SECOND - 1, 2), 0);
	assert_int_equal(pass(&l, 101 * SECOND, 2), 1);
}

static void what_was_held_back_is_told(void **state)
{
	struct log_limit l = LOG_LIMIT(2, 1);

	(void)state;
	for (int i = 0; i < 10; i++)
		log_limited(&l, 0, LOG_CN, LOGL_WARNING, "bad cookie from %d", i);
	assert_int_equal(tap.count, 2);
	assert_string_equal(tap.line, "cn: bad cookie from 1");
	log_limited(&l, SECOND, LOG_CN, LOGL_WARNING, "bad cookie from %d", 10);
	assert_string_equal(tap.line, "cn: bad cookie from 10 (8 similar lines held back)");
	log_limited(&l, 2 * SECOND, LOG_CN, LOGL_WARNING, "bad cookie from %d", 11);
	assert_string_equal(tap.line, "cn: bad cookie from 11");
	/* what is not wanted at all is neither counted nor takes a token */
	for (int i = 0; i < 10; i++)
		log_limited(&l, 3 * SECOND, LOG_CN, LOGL_DEBUG, "x");
	log_limited(&l, 3 * SECOND, LOG_CN, LOGL_WARNING, "wanted");
	assert_string_equal(tap.line, "cn: wanted");
}

static void a_cut_line_still_tells_what_was_held_back(void **state)
{
	struct log_limit l = LOG_LIMIT(1, 1);
	static char text[3000];
	static const char tail[] = "... (4294967295 similar lines held back)";

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	l.held_back = UINT32_MAX;
	log_limited(&l, 0, LOG_CN, LOGL_WARNING, "%s", text);
	assert_true(strlen(tap.line) > sizeof(tail));
	assert_string_equal(tap.line + strlen(tap.line) - strlen(tail), tail);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_passes_then_so_many_a_second),
		cmocka_unit_test(the_rate_is_kept_however_often_it_is_asked),
		cmocka_unit_test(extreme_limits),
		cmocka_unit_test(time_that_goes_back_gives_nothing),
		cmocka_unit_test(what_was_held_back_is_told),
		cmocka_unit_test(a_cut_line_still_tells_what_was_held_back),
	};

	if (log_open(LOGT_NONE, NULL, NULL) < 0)
		return 1;
	log_set_tap(take_line, NULL);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("log limits", tests, NULL, NULL);
}
