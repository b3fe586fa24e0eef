// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The clocks. All protocol time is microseconds of CLOCK_BOOTTIME: it never
 * jumps, and it goes on while the machine sleeps, so that a binding that ran out
 * during suspend is known to have run out. Wall-clock time exists only for the
 * store and for people. What calculates with times, but reads no clock, includes
 * base/time.h alone.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#include "base/time.h"

/* Microseconds since boot, suspend included. */
uint64_t clock_now_us(void);

/* Microseconds since 1970, UTC. May jump. */
uint64_t clock_wall_us(void);

#endif
