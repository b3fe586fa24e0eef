// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The event loop: file descriptors, signals, and one timer heap driven by a
 * timerfd on CLOCK_BOOTTIME. Only this and resolve.c know libevent.
 *
 * A turn of the loop: wake up, read the clock once, call what is ready, run
 * expired timers, then call the end-of-turn hooks (which send the turn's
 * netlink batch and write the turn's changes to the store). Nothing here or in
 * a callback may block.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/timer.h"

struct loop;
struct loop_fd;
struct loop_signal;
struct loop_hook;

enum loop_want { LOOP_READ = 1, LOOP_WRITE = 2 };

/* `ready` tells which of LOOP_READ, LOOP_WRITE that were wanted; a descriptor in
 * error or hung up counts as ready for both. */
typedef void loop_fd_fn(int fd, unsigned int ready, void *ctx);
typedef void loop_signal_fn(int signo, void *ctx);
typedef void loop_hook_fn(void *ctx, uint64_t now_us);

/* NULL when out of memory or descriptors; errno tells. Made after any fork(): a
 * child cannot go on with its parent's loop. */
struct loop *loop_new(void);
/* Cancels the timers, and deletes what was not deleted before: none of the
 * handles below can be used afterwards. Not from a callback. NULL is fine. */
void loop_free(struct loop *l);

/* The time of this turn, microseconds as clock_now_us(); between turns, of the
 * last one. */
uint64_t loop_now_us(const struct loop *l);
/* The loop's timer heap; set timers there with timer_set(). */
struct timers *loop_timers(struct loop *l);

/* Watches a descriptor, which stays the caller's and must be deleted here before
 * it is closed. NULL on failure; errno tells (EPERM: a regular file, which is
 * always ready). */
struct loop_fd *loop_add_fd(struct loop *l, int fd, unsigned int want, loop_fd_fn *fn, void *ctx);
/* Changes what is waited for; 0 pauses. 0 or -errno: then nothing has changed. */
int loop_want_fd(struct loop_fd *f, unsigned int want);
/* Its callback is not called any more, also if it was ready in this turn. NULL is
 * fine, here and below. */
void loop_del_fd(struct loop_fd *f);

/* Handles a signal in a turn of the loop, where anything is allowed. One loop of a
 * process can have signals. NULL on failure; errno tells. */
struct loop_signal *loop_add_signal(struct loop *l, int signo, loop_signal_fn *fn, void *ctx);
/* The signal has its default effect again. */
void loop_del_signal(struct loop_signal *s);

/* Called at the end of every turn, in the order of adding; what a hook adds, from
 * the next turn on. NULL on failure; errno tells. */
struct loop_hook *loop_add_hook(struct loop *l, loop_hook_fn *fn, void *ctx);
/* Its callback is not called any more; a hook may delete any hook. */
void loop_del_hook(struct loop_hook *h);

/* Runs until loop_stop(). 0 or -errno. */
int loop_run(struct loop *l);
/* One turn: waits at most max_wait_us (TIME_NEVER: until something happens),
 * handles what is ready. For tests and for embedding. 0 or -errno; -EBUSY from a
 * callback. */
int loop_turn(struct loop *l, uint64_t max_wait_us);
/* Lets loop_run() end after this turn, with its timers and hooks; called between
 * turns, before the next one. */
void loop_stop(struct loop *l);

/* For resolve.c, the other file that knows libevent. */
struct event_base;
struct event_base *loop_event_base(struct loop *l);

#endif
