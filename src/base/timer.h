// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Timers: a heap ordered by expiry, then by the order in which they were set.
 * Pure: it knows no clock, the time is passed in, so tests run it on a virtual
 * one. Setting, resetting, cancelling and popping are O(log n). A timer sits
 * inside the structure it belongs to and must be cancelled before that structure
 * is freed.
 */
#ifndef BASE_TIMER_H
#define BASE_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct timer;

/* Called once when the timer has expired; it is no longer set then, and may be
 * set again or its structure freed. `now_us` is the time of this loop turn. */
typedef void timer_fn(struct timer *t, uint64_t now_us);

/* All timers of one owner, so that they can be cancelled together. Zeroed by
 * timer_owner_init(); must outlive the timers set with it. */
struct timer_owner {
	LIST_HEAD(timer_list, timer) timers;
};

struct timer {
	uint64_t at_us; /* when it expires, while set */
	size_t slot; /* 1-based place in the heap; 0: not set */
	timer_fn *fn;
	void *ctx; /* for the callback; not touched here */
	const char *name; /* static text, for the console's list of timers */
	LIST_ENTRY(timer) of_owner; /* le_prev NULL: without an owner */
};

struct timer_slot;

struct timers {
	struct timer_slot *heap; /* owned */
	size_t count;
	size_t room;
	uint64_t next_order;
	uint64_t moves; /* slots ever written: what the heap has cost, for tests and statistics */
	uint64_t running_us; /* the time that timers_run() was given, while it runs; else 0 */
	bool running;
};

/* A heap without timers; it allocates with the first one. */
void timers_init(struct timers *h);
/* Forgets all timers (they become "not set") and frees the heap, which can be
 * used again. */
void timers_free(struct timers *h);

/* Prepares a timer once, before its first use. `name` must be static text. */
void timer_init(struct timer *t, const char *name, timer_fn *fn, void *ctx);
/* Sets or moves the timer to expire at `at_us` (absolute). TIME_NEVER cancels.
 * `owner` may be NULL; a timer that moves leaves its former owner. 0, or -ENOMEM
 * (the timer then is not set). Memory for as many timers as were ever set at once
 * is kept, so that moving never fails. */
int timer_set(struct timers *h, struct timer *t, uint64_t at_us, struct timer_owner *owner);
/* Not set afterwards; harmless when it was not. */
void timer_cancel(struct timers *h, struct timer *t);
bool timer_is_set(const struct timer *t);

/* An owner without timers. */
void timer_owner_init(struct timer_owner *o);
/* Cancels all timers of the owner, at a cost for each of these only. */
void timers_cancel_owner(struct timers *h, struct timer_owner *o);

/* When the earliest timer expires; TIME_NEVER when there is none. */
uint64_t timers_next_us(const struct timers *h);
/* Runs, in order, every timer with at_us <= now_us that was set before this
 * call; what callbacks set anew for a time already past counts as set for
 * now_us and waits for the next call, so a turn always ends. A callback may set,
 * move and cancel any timer: one that it cancels does not run, also if it had
 * expired. Returns how many ran; 0 when called from a callback. */
size_t timers_run(struct timers *h, uint64_t now_us);
/* The `max` timers that expire first, in that order, into `out`; how many there are. At
 * most TIMERS_SOONEST_MAX; the cost depends on `max`, not on how many are set. */
#define TIMERS_SOONEST_MAX 256
size_t timers_soonest(const struct timers *h, const struct timer **out, size_t max);
/* Calls `fn` for every set timer, in no particular order. `fn` must not set or
 * cancel timers. */
void timers_each(const struct timers *h, void (*fn)(const struct timer *t, void *ctx), void *ctx);

#endif
