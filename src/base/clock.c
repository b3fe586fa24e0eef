// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads the two clocks of the program. The loop calls clock_now_us() once per
 * turn and passes the value down; hardly anyone else needs to.
 */
#include "base/clock.h"

#include <time.h>

/* Cannot fail: both clocks exist on every Linux that the program runs on, and
 * the pointer is good. A clock set to before 1970 reads as 0. */
static uint64_t read_clock_us(clockid_t id)
{
	struct timespec t = { 0 };

	if (clock_gettime(id, &t) < 0 || t.tv_sec < 0)
		return 0;
	return (uint64_t)t.tv_sec * US_PER_S + (uint64_t)t.tv_nsec / 1000;
}

uint64_t clock_now_us(void)
{
	return read_clock_us(CLOCK_BOOTTIME);
}

uint64_t clock_wall_us(void)
{
	return read_clock_us(CLOCK_REALTIME);
}
