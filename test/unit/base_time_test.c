// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sums of times at the edges of their range, and the two clocks against the
 * system's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <time.h>

#include "base/clock.h"
#include "base/time.h"

static void sums_stop_at_never(void **state)
{
	(void)state;
	assert_true(time_add(0, 0) == 0);
	assert_true(time_add(3, 4) == 7);
	assert_true(time_add(TIME_NEVER, 0) == TIME_NEVER);
	assert_true(time_add(0, TIME_NEVER) == TIME_NEVER);
	assert_true(time_add(TIME_NEVER, TIME_NEVER) == TIME_NEVER);
	assert_true(time_add(TIME_NEVER, 1) == TIME_NEVER);
	assert_true(time_add(1, TIME_NEVER) == TIME_NEVER);
	assert_true(time_add(TIME_NEVER - 1, 1) == TIME_NEVER);
	assert_true(time_add(TIME_NEVER - 1, 2) == TIME_NEVER);
	assert_true(time_add(TIME_NEVER - 2, 1) == TIME_NEVER - 1);
	assert_true(time_add(UINT64_MAX / 2 + 1, UINT64_MAX / 2 + 1) == TIME_NEVER);
}

static void what_is_past_is_no_time_away(void **state)
{
	(void)state;
	assert_true(time_until(10, 3) == 7);
	assert_true(time_until(10, 10) == 0);
	assert_true(time_until(10, 11) == 0);
	assert_true(time_until(0, TIME_NEVER) == 0);
	assert_true(time_until(TIME_NEVER, 5) == TIME_NEVER);
	assert_true(time_until(TIME_NEVER, TIME_NEVER) == TIME_NEVER);
	assert_true(time_until(TIME_NEVER - 1, 0) == TIME_NEVER - 1);
}

static void units_are_units(void **state)
{
	(void)state;
	assert_true(US_PER_S == 1000 * US_PER_MS);
	assert_true(time_add(TIME_NEVER - 1, US_PER_S) == TIME_NEVER);
}

static uint64_t system_clock_us(clockid_t id)
{
	struct timespec t;

	assert_int_equal(clock_gettime(id, &t), 0);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Between two readings of the same clock, to the microsecond. */
static void now_is_the_time_since_boot(void **state)
{
	uint64_t before = system_clock_us(CLOCK_BOOTTIME), now = clock_now_us();

	(void)state;
	assert_in_range(now, before, system_clock_us(CLOCK_BOOTTIME));
}

static void wall_time_is_the_systems(void **state)
{
	uint64_t before = system_clock_us(CLOCK_REALTIME), now = clock_wall_us();

	(void)state;
	assert_in_range(now, before, system_clock_us(CLOCK_REALTIME));
}

static void now_never_goes_back(void **state)
{
	uint64_t last = clock_now_us();

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint64_t now = clock_now_us();

		assert_true(now >= last);
		last = now;
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_stop_at_never),
		cmocka_unit_test(what_is_past_is_no_time_away),
		cmocka_unit_test(units_are_units),
		cmocka_unit_test(now_is_the_time_since_boot),
		cmocka_unit_test(wall_time_is_the_systems),
		cmocka_unit_test(now_never_goes_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
