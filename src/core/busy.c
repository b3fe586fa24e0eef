// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The busiest addresses, by the algorithm "space saving" (Metwally, Agrawal and El Abbadi,
 * 2005): a full table gives the place of its least entry to an address that is not in it,
 * with that entry's count as what may be wrong about the new one. So every address with
 * more than 1/BUSY_MAX of all messages is in the table, and it is known how sure its count
 * is. All counts are halved each minute, so that they tell of the present. Called by
 * input.c; shown by the console.
 */
#include "core/busy.h"

#include <stdlib.h>

#include "base/addr.h"
#include "base/time.h"

#define HALF_LIFE_US (60 * US_PER_S)

static void halve(struct busy *b, uint64_t now_us)
{
	if (!b->halved_us)
		b->halved_us = now_us;
	while (b->used && now_us - b->halved_us >= HALF_LIFE_US) {
		size_t to = 0;

		b->halved_us += HALF_LIFE_US;
		for (size_t i = 0; i < b->used; i++) {
			b->entries[i].count /= 2;
			b->entries[i].unsure /= 2;
			if (b->entries[i].count)
				b->entries[to++] = b->entries[i];
		}
		b->used = to;
	}
	if (!b->used)
		b->halved_us = now_us;
}

void busy_note(struct busy *b, const struct in6_addr *addr, uint64_t now_us)
{
	size_t least = 0;

	halve(b, now_us);
	for (size_t i = 0; i < b->used; i++) {
		if (addr_equal(&b->entries[i].addr, addr)) {
			b->entries[i].count++;
			return;
		}
		if (b->entries[i].count < b->entries[least].count)
			least = i;
	}
	if (b->used < BUSY_MAX) {
		b->entries[b->used++] = (struct busy_entry){ .addr = *addr, .count = 1 };
		return;
	}
	b->entries[least].addr = *addr;
	b->entries[least].unsure = b->entries[least].count++;
}

static int by_count(const void *a, const void *b)
{
	const struct busy_entry *x = a, *y = b;

	return x->count > y->count ? -1 : x->count < y->count;
}

size_t busy_list(const struct busy *b, struct busy_entry out[BUSY_MAX])
{
	for (size_t i = 0; i < b->used; i++)
		out[i] = b->entries[i];
	qsort(out, b->used, sizeof(*out), by_count);
	return b->used;
}
