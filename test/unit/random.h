// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Chance for unit tests: a generator whose seed is printed, and which the
 * environment variable MIP6D_TEST_SEED sets to replay a run.
 */
#ifndef TEST_UNIT_RANDOM_H
#define TEST_UNIT_RANDOM_H

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct random {
	uint64_t state;
};

/* Seeds the generator, and prints the seed as a comment of TAP. */
static inline void random_start(struct random *r)
{
	const char *seed = getenv("MIP6D_TEST_SEED");

	r->state = seed ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL);
	printf("# MIP6D_TEST_SEED=%" PRIu64 "\n", r->state);
	fflush(stdout);
}

/* splitmix64 */
static inline uint64_t random_u64(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* 0 to limit - 1 */
static inline size_t random_below(struct random *r, size_t limit)
{
	return (size_t)(random_u64(r) % limit);
}

static inline void random_fill(struct random *r, void *out, size_t len)
{
	uint8_t *p = out;

	while (len--)
		*p++ = (uint8_t)random_u64(r);
}

#endif
