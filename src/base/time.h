// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Units of time and sums of times, for all who are told the time. Who may read
 * the clock includes base/clock.h.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stdint.h>

#define US_PER_MS 1000ULL
#define US_PER_S  1000000ULL
#define TIME_NEVER UINT64_MAX

/* a + b, or TIME_NEVER where that would not fit or either is TIME_NEVER. */
uint64_t time_add(uint64_t a, uint64_t b);

/* How long from `now` until `at`; 0 when past. TIME_NEVER stays. */
uint64_t time_until(uint64_t at, uint64_t now);

#endif
