// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Token buckets: see rate.h. Used for Binding Errors and ICMPv6 errors by
 * input.c and output.c; single buckets by roles that limit what is asked of
 * them. Tokens are counted in millionths, so that one microsecond at one token a
 * second is exactly one of them, and nothing is lost by rounding.
 */
#include "core/rate.h"

#include <stddef.h>

#include "base/addr.h"

#define TOKEN_MICRO 1000000ULL

void rate_bucket_init(struct rate_bucket *b, uint32_t burst, uint64_t now_us)
{
	b->last_us = now_us;
	b->tokens_micro = burst * TOKEN_MICRO;
}

static void refill(struct rate_bucket *b, uint32_t burst, uint32_t per_s, uint64_t now_us)
{
	uint64_t full = burst * TOKEN_MICRO, gap;

	if (now_us <= b->last_us || per_s == 0)
		return;
	gap = now_us - b->last_us;
	b->last_us = now_us;
	/* A gap that fills the bucket anyway may be too long to multiply. */
	if (gap > full / per_s || b->tokens_micro + gap * per_s > full)
		b->tokens_micro = full;
	else
		b->tokens_micro += gap * per_s;
}

bool rate_bucket_take(struct rate_bucket *b, uint32_t burst, uint32_t per_s, uint64_t now_us)
{
	refill(b, burst, per_s, now_us);
	if (b->tokens_micro < TOKEN_MICRO)
		return false;
	b->tokens_micro -= TOKEN_MICRO;
	return true;
}

void rate_init(struct rate *r, uint32_t burst, uint32_t per_s, uint64_t seed, uint64_t now_us)
{
	unsigned int i;

	r->burst = burst;
	r->per_s = per_s;
	r->seed = seed;
	for (i = 0; i < RATE_BUCKETS; i++)
		rate_bucket_init(&r->bucket[i], burst, now_us);
}

bool rate_pass(struct rate *r, const struct in6_addr *peer, uint64_t now_us)
{
	size_t i = addr_hash(peer, r->seed) % RATE_BUCKETS;

	return rate_bucket_take(&r->bucket[i], r->burst, r->per_s, now_us);
}
