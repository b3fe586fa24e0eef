// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random bytes in small pieces. The library asks the kernel about itself each time it is
 * asked, so whoever wants a few bytes for each of thousands of messages keeps a pool.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#define RANDOM_POOL 512

/* Zeroed: empty. Owned by whoever takes from it. */
struct random_pool {
	uint8_t bytes[RANDOM_POOL];
	size_t left;
};

/* As crypto_random(), for at most RANDOM_POOL bytes, which the pool forgets; for keys that
 * must stay secret ask crypto_random() itself. 0 or -EIO (`out` is zeroed then). */
int random_take(struct random_pool *p, void *out, size_t len);

#endif
