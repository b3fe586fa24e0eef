// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Token buckets, for answers that a peer can provoke (RFC 4443 section 2.4 f,
 * RFC 6275 9.3.3) and for what a peer may ask of us. A limiter has several
 * buckets, and a peer's address says which is its own: so one peer, or one that
 * invents addresses, cannot use up everybody's tokens, and memory is bounded.
 */
#ifndef CORE_RATE_H
#define CORE_RATE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#define RATE_BUCKETS 64

struct rate_bucket {
	uint64_t last_us;
	uint64_t tokens_micro; /* millionths of a token */
};

void rate_bucket_init(struct rate_bucket *b, uint32_t burst, uint64_t now_us);
/* Takes a token if there is one. `per_s` new ones come each second, up to
 * `burst`. Time that runs backwards counts as standing still. */
bool rate_bucket_take(struct rate_bucket *b, uint32_t burst, uint32_t per_s, uint64_t now_us);

struct rate {
	uint32_t burst; /* per bucket */
	uint32_t per_s; /* per bucket */
	uint64_t seed;
	struct rate_bucket bucket[RATE_BUCKETS];
};

void rate_init(struct rate *r, uint32_t burst, uint32_t per_s, uint64_t seed, uint64_t now_us);
/* True when something may be sent to `peer` now. */
bool rate_pass(struct rate *r, const struct in6_addr *peer, uint64_t now_us);

#endif
