// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Arithmetic on points in time and spans: unsigned microseconds, with one value
 * that means "never". No clock is read here; base/clock.h does that.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stdint.h>

#define US_PER_MS  1000ULL
#define US_PER_S   1000000ULL
#define TIME_NEVER UINT64_MAX

/* a + b, or TIME_NEVER where that would not fit or either is TIME_NEVER. */
static inline uint64_t time_add(uint64_t a, uint64_t b)
{
	return a > TIME_NEVER - b ? TIME_NEVER : a + b;
}

static inline uint64_t time_earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t time_later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* How long from `now` until `at`; 0 when past. TIME_NEVER stays. */
static inline uint64_t time_until(uint64_t at, uint64_t now)
{
	if (at == TIME_NEVER)
		return TIME_NEVER;
	return at > now ? at - now : 0;
}

#endif
