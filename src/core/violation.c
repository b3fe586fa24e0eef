// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The violation log: a fixed number of entries, each one peer, home address,
 * reason and status, with how often and when. Used by the roles through
 * mip6_violation(), shown by the console.
 *
 * A flood must not wash out what others did: an entry that comes again is
 * counted in place, and once the log is full, a reason that fills more than
 * VIOLATIONS_SHARE entries gives up its own oldest one instead of another's. So
 * a peer that invents addresses, all with the same offence, only overwrites
 * itself. `order` tells which entry was hit last, last but one, and so on.
 */
#include "core/violation.h"

#include <string.h>

#include "base/addr.h"

static int same_reason(const char *a, const char *b)
{
	return a == b || strcmp(a, b) == 0;
}

/* Moves the entry at `rank` to the front. */
static void to_front(struct violations *v, size_t rank)
{
	uint8_t slot = v->order[rank];

	memmove(v->order + 1, v->order, rank);
	v->order[0] = slot;
}

/* Rank of an entry for a new violation: a free one, or the one to give up. */
static size_t choose_rank(struct violations *v, const char *reason)
{
	size_t rank, same = 0, oldest_same = 0;

	if (v->count < VIOLATIONS_MAX) {
		v->order[v->count] = (uint8_t)v->count;
		return v->count++;
	}
	for (rank = 0; rank < v->count; rank++) {
		if (same_reason(v->entries[v->order[rank]].reason, reason)) {
			same++;
			oldest_same = rank;
		}
	}
	return same > VIOLATIONS_SHARE ? oldest_same : v->count - 1;
}

bool violation_add(struct violations *v, uint64_t now_us, const struct in6_addr *home,
		   const struct in6_addr *peer, uint8_t status, const char *reason)
{
	struct violation *e;
	size_t rank;

	v->total++;
	for (rank = 0; rank < v->count; rank++) {
		e = &v->entries[v->order[rank]];
		if (e->status == status && addr_equal(&e->peer, peer) &&
		    addr_equal(&e->home, home) && same_reason(e->reason, reason)) {
			e->last_us = now_us;
			e->count++;
			to_front(v, rank);
			return false;
		}
	}
	to_front(v, choose_rank(v, reason));
	v->entries[v->order[0]] = (struct violation){ .home = *home,
						      .peer = *peer,
						      .reason = reason,
						      .status = status,
						      .first_us = now_us,
						      .last_us = now_us,
						      .count = 1 };
	return true;
}

const struct violation *violation_get(const struct violations *v, size_t i)
{
	return i < v->count ? &v->entries[v->order[i]] : NULL;
}
