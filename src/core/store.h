// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What survives a restart: a port like kernel.h. The protocol keeps small records,
 * each under a kind and a key; what is in them belongs to the role that writes
 * them (base/bytes.h; begin each value with a byte for its own format). os/ keeps
 * them in a file, the ladder tests in memory; without a store nothing is kept, and
 * all functions here still can be called, with NULL.
 *
 * Writes only go into a batch. At the end of the turn of the loop the batch is
 * committed as a whole: after a crash all of it is there or nothing. What a peer is
 * told must not be forgotten, so an acknowledgement waits with store_wait() until
 * all that was written before is safe. A store that fails (a full disk) stops
 * nothing: who waits is told, and the records are tried again with the next commit.
 *
 * Times. CLOCK_BOOTTIME begins anew at each boot, and the wall clock can be set by
 * anybody; records keep neither. They keep store time: microseconds that go on, at
 * the pace of CLOCK_BOOTTIME, over restarts and boots. While the machine runs it is
 * CLOCK_BOOTTIME plus a constant, so a step of the wall clock changes nothing, also
 * across a restart of the daemon. Only how long the machine was down is taken from
 * the wall clock, which is compared with that of the last commit; one that went
 * backwards counts as no time, so that nothing ends too early.
 */
#ifndef CORE_STORE_H
#define CORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/bytes.h"

/* The numbers are in files: never another meaning for one. */
enum store_kind {
	STORE_INTERNAL = 0,	/* of the implementation */
	STORE_SECRET = 1,	/* of the node */
	STORE_HA_BINDING = 16,	/* home address -> binding, RFC 6275 9.1, 10.1 */
	STORE_HA_SEQUENCE = 17, /* home address -> sequence number, also of what ended, 9.5.1 */
	STORE_HA_PREFIX = 18,	/* prefixes and what was advertised of them, 10.6 */
	STORE_HA_LIST = 19,	/* home agents list, 10.1 */
	STORE_CN_BINDING = 32,	/* home address -> binding, 9.1 */
	STORE_CN_NONCE = 33,	/* index -> nonce, 5.2.2 */
	STORE_MN_HOME = 48,	/* home address -> home agent and what is registered, 11.1 */
	STORE_MN_SEQUENCE = 49, /* home address, peer -> sequence number, 11.7.1 */
	STORE_MN_BUL = 50,	/* home address, peer -> binding update list entry, 11.1 */
};

#define STORE_KEY_MAX	128
#define STORE_VALUE_MAX 1024

struct store;
/* Value and key are valid during the call. Anything but 0 ends the walk. */
typedef int store_each_fn(const void *key, size_t key_len, const void *value, size_t len,
			  void *ctx);
/* `error` is 0: all is safe; or -errno: it was not written (-ENOSPC, -EROFS, ...). */
typedef void store_safe_fn(void *ctx, int error);

/* Part of who waits, so that waiting cannot fail; zero it before the first use. */
struct store_waiter {
	TAILQ_ENTRY(store_waiter) entry;
	struct store *store; /* NULL: does not wait */
	store_safe_fn *fn;
	void *ctx;
};
TAILQ_HEAD(store_waiters, store_waiter);

struct store_ops {
	/* value NULL: the record is to be deleted. */
	int (*set)(struct store *s, enum store_kind kind, const void *key, size_t key_len,
		   const void *value, size_t len);
	int (*each)(struct store *s, enum store_kind kind, store_each_fn *fn, void *ctx);
	/* True when nothing waits to be written, nor is being written. */
	bool (*idle)(const struct store *s);
};

/* The head of every implementation. */
struct store {
	const struct store_ops *ops;
	struct store_waiters waiters;
	uint64_t offset_us; /* store time less CLOCK_BOOTTIME */
	uint64_t commits;   /* counters, for the console */
	uint64_t failures;  /* commits that failed */
	uint64_t records;   /* written or deleted */
};

/* Writes or replaces a record with this turn's batch; both are copied. Keys up to
 * STORE_KEY_MAX bytes, values up to STORE_VALUE_MAX. 0, -EMSGSIZE or -ENOMEM. */
int store_put(struct store *s, enum store_kind kind, const void *key, size_t key_len,
	      const void *value, size_t len);
/* Deletes a record with this turn's batch; one that is not there is fine. 0,
 * -EMSGSIZE or -ENOMEM. */
int store_delete(struct store *s, enum store_kind kind, const void *key, size_t key_len);
/* All records of a kind, by key, as committed last. Reads at once; for the start.
 * The function must not write. 0, -errno, or what `fn` returned when not 0. */
int store_each(struct store *s, enum store_kind kind, store_each_fn *fn, void *ctx);

/* True when all that was put or deleted is safe; also for NULL. */
bool store_is_idle(const struct store *s);
/* Calls fn(ctx, error) once, when all that was put or deleted so far is safe; before
 * this returns, when it already is. A waiter waits for one thing at a time. */
void store_wait(struct store *s, struct store_waiter *w, store_safe_fn *fn, void *ctx);
/* Its function is not called any more; fine when it does not wait. */
void store_wait_cancel(struct store_waiter *w);

/* Writes a point in CLOCK_BOOTTIME (8 bytes); TIME_NEVER stays. */
void store_write_time(const struct store *s, struct writer *w, uint64_t at_us);
/* Reads it: 0 for what lies before this boot. At most `most_us` from now: so long,
 * whatever clocks did, the thing could last when it was written. */
uint64_t store_read_time(const struct store *s, struct reader *r, uint64_t now_us,
			 uint64_t most_us);

/* --- for implementations --- */

/* The offset of a new boot: the clocks when the last commit was made, and now. */
uint64_t store_next_offset(uint64_t last_store_us, uint64_t last_wall_us, uint64_t now_us,
			   uint64_t wall_us);
/* Tells all who waited until `last` (inclusive; NULL: none). */
void store_tell(struct store *s, struct store_waiter *last, int error);

/* --- in memory, for tests --- */

/* Empty; NULL when out of memory. */
struct store *store_memory_new(void);
void store_memory_free(struct store *s);
/* The end of a turn: commits, or with `error` fails to, and tells. */
void store_memory_turn(struct store *s, int error);
/* The process dies before the commit: what is not committed is lost; nobody is told. */
void store_memory_crash(struct store *s);

#endif
