// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Time. All protocol time is microseconds of CLOCK_BOOTTIME: it never jumps,
 * and it goes on while the machine sleeps, so that a binding that ran out
 * during suspend is known to have run out. Wall-clock time exists only for the
 * store and for people.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define US_PER_MS 1000ULL
#define US_PER_S  1000000ULL
#define TIME_NEVER UINT64_MAX

/* Microseconds since boot, suspend included. */
uint64_t clock_now_us(void);

/* Microseconds since 1970, UTC. May jump. */
uint64_t clock_wall_us(void);

/* a + b, or TIME_NEVER where that would not fit or either is TIME_NEVER. */
uint64_t time_add(uint64_t a, uint64_t b);

/* How long from `now` until `at`; 0 when past. TIME_NEVER stays. */
uint64_t time_until(uint64_t at, uint64_t now);

#endif
