// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The timer heap: every lifetime, retransmission and delay of the protocol is a
 * timer in one of these. The loop owns one and runs it on the clock; tests own
 * one per simulated node and run it on a virtual clock.
 *
 * The heap is an array in which the parent of slot i is (i - 1) / 4: four
 * children instead of two make the tree half as deep, and the children of a slot
 * lie side by side in memory. Expiry and order are kept in the slots, so that
 * comparing them does not touch the timers, which are scattered over the memory
 * of a million bindings. A timer knows its slot, which makes moving and
 * cancelling it O(log n) without a search. Each timer also hangs in the list of
 * its owner; that makes cancelling all of an owner's timers independent of how
 * many others there are.
 *
 * Timers of the same expiry run in the order in which they were set: `order` is
 * a number that only grows. timers_run() also uses it to tell what was set before
 * it began from what its callbacks set: such a timer gets a time no earlier than
 * the present, hence comes behind all that were due.
 */
#include "base/timer.h"

#include <errno.h>
#include <stdlib.h>

#include "base/time.h"

#define CHILDREN   4
#define FIRST_ROOM 64

struct timer_slot {
	uint64_t at_us;
	uint64_t order;
	struct timer *timer;
};

static bool earlier(const struct timer_slot *a, const struct timer_slot *b)
{
	return a->at_us < b->at_us || (a->at_us == b->at_us && a->order < b->order);
}

static void put_slot(struct timers *h, size_t i, struct timer_slot slot)
{
	h->heap[i] = slot;
	slot.timer->slot = i + 1;
	h->moves++;
}

/* Puts `slot` at the free place `i` or further up. */
static void sift_up(struct timers *h, size_t i, struct timer_slot slot)
{
	while (i > 0) {
		size_t parent = (i - 1) / CHILDREN;

		if (!earlier(&slot, &h->heap[parent]))
			break;
		put_slot(h, i, h->heap[parent]);
		i = parent;
	}
	put_slot(h, i, slot);
}

/* The earliest of the children of `i`; h->count or more when it has none. */
static size_t first_child(const struct timers *h, size_t i)
{
	size_t child = i * CHILDREN + 1, first = child;

	for (size_t n = 1; n < CHILDREN && child + n < h->count; n++)
		if (earlier(&h->heap[child + n], &h->heap[first]))
			first = child + n;
	return first;
}

/* Puts `slot` at the free place `i` or further down. */
static void sift_down(struct timers *h, size_t i, struct timer_slot slot)
{
	for (;;) {
		size_t child = first_child(h, i);

		if (child >= h->count || !earlier(&h->heap[child], &slot))
			break;
		put_slot(h, i, h->heap[child]);
		i = child;
	}
	put_slot(h, i, slot);
}

/* Puts `slot` at the free place `i`, or wherever it belongs from there. */
static void sift(struct timers *h, size_t i, struct timer_slot slot)
{
	if (i > 0 && earlier(&slot, &h->heap[(i - 1) / CHILDREN]))
		sift_up(h, i, slot);
	else
		sift_down(h, i, slot);
}

/* Makes room for one more; 0 or -ENOMEM. */
static int grow(struct timers *h)
{
	size_t room = h->room ? 2 * h->room : FIRST_ROOM;
	struct timer_slot *heap;

	if (h->count < h->room)
		return 0;
	/* The doubling cannot overflow: so large an array was never had. */
	heap = reallocarray(h->heap, room, sizeof(*heap));
	if (!heap)
		return -ENOMEM;
	h->heap = heap;
	h->room = room;
	return 0;
}

static void leave_owner(struct timer *t)
{
	if (t->of_owner.le_prev)
		LIST_REMOVE(t, of_owner);
	t->of_owner.le_prev = NULL;
}

static void join_owner(struct timer *t, struct timer_owner *owner)
{
	leave_owner(t);
	if (owner)
		LIST_INSERT_HEAD(&owner->timers, t, of_owner);
}

void timers_init(struct timers *h)
{
	*h = (struct timers){ .heap = NULL };
}

void timers_free(struct timers *h)
{
	for (size_t i = 0; i < h->count; i++) {
		h->heap[i].timer->slot = 0;
		leave_owner(h->heap[i].timer);
	}
	free(h->heap);
	h->heap = NULL;
	h->count = 0;
	h->room = 0;
}

void timer_init(struct timer *t, const char *name, timer_fn *fn, void *ctx)
{
	*t = (struct timer){ .name = name, .fn = fn, .ctx = ctx };
}

int timer_set(struct timers *h, struct timer *t, uint64_t at_us, struct timer_owner *owner)
{
	struct timer_slot slot = { .timer = t };

	if (at_us == TIME_NEVER) {
		timer_cancel(h, t);
		return 0;
	}
	if (!t->slot && grow(h) < 0)
		return -ENOMEM;
	if (h->running && at_us < h->running_us)
		at_us = h->running_us;
	t->at_us = at_us;
	slot.at_us = at_us;
	slot.order = h->next_order++;
	if (t->slot)
		sift(h, t->slot - 1, slot);
	else
		sift_up(h, h->count++, slot);
	join_owner(t, owner);
	return 0;
}

void timer_cancel(struct timers *h, struct timer *t)
{
	size_t i = t->slot - 1;

	if (!t->slot)
		return;
	leave_owner(t);
	t->slot = 0;
	h->count--;
	if (i < h->count)
		sift(h, i, h->heap[h->count]);
}

bool timer_is_set(const struct timer *t)
{
	return t->slot != 0;
}

void timer_owner_init(struct timer_owner *o)
{
	LIST_INIT(&o->timers);
}

void timers_cancel_owner(struct timers *h, struct timer_owner *o)
{
	while (!LIST_EMPTY(&o->timers))
		timer_cancel(h, LIST_FIRST(&o->timers));
}

uint64_t timers_next_us(const struct timers *h)
{
	return h->count ? h->heap[0].at_us : TIME_NEVER;
}

size_t timers_run(struct timers *h, uint64_t now_us)
{
	uint64_t fresh = h->next_order;
	size_t ran = 0;

	if (h->running)
		return 0;
	h->running = true;
	h->running_us = now_us;
	while (h->count && h->heap[0].at_us <= now_us && h->heap[0].order < fresh) {
		struct timer *t = h->heap[0].timer;

		timer_cancel(h, t);
		t->fn(t, now_us);
		ran++;
	}
	h->running = false;
	h->running_us = 0;
	return ran;
}

size_t timers_soonest(const struct timers *h, const struct timer **out, size_t max)
{
	/* slots whose parents are taken: one of these is the next */
	size_t open[TIMERS_SOONEST_MAX * (CHILDREN - 1) + 1];
	size_t open_count = 0, n = 0;

	if (max > TIMERS_SOONEST_MAX)
		max = TIMERS_SOONEST_MAX;
	if (h->count)
		open[open_count++] = 0;
	while (n < max && open_count) {
		size_t best = 0, slot;

		for (size_t i = 1; i < open_count; i++)
			if (earlier(&h->heap[open[i]], &h->heap[open[best]]))
				best = i;
		slot = open[best];
		open[best] = open[--open_count];
		out[n++] = h->heap[slot].timer;
		for (size_t c = slot * CHILDREN + 1; c <= slot * CHILDREN + CHILDREN; c++)
			if (c < h->count)
				open[open_count++] = c;
	}
	return n;
}

void timers_each(const struct timers *h, void (*fn)(const struct timer *t, void *ctx), void *ctx)
{
	for (size_t i = 0; i < h->count; i++)
		fn(h->heap[i].timer, ctx);
}
