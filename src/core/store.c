// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What all stores share (core/store.h): checks, who waits, times; and the store in
 * memory, which behaves like the one on disk, a crash before the commit included.
 */
#include "core/store.h"

#include <errno.h>
#include <stdlib.h>

#include "base/time.h"
#include "core/store_table.h"

static int set(struct store *s, enum store_kind kind, const void *key, size_t key_len,
	       const void *value, size_t len)
{
	if (key_len > STORE_KEY_MAX || len > STORE_VALUE_MAX)
		return -EMSGSIZE;
	return s ? s->ops->set(s, kind, key, key_len, value, len) : 0;
}

int store_put(struct store *s, enum store_kind kind, const void *key, size_t key_len,
	      const void *value, size_t len)
{
	return set(s, kind, key, key_len, value ? value : "", value ? len : 0);
}

int store_delete(struct store *s, enum store_kind kind, const void *key, size_t key_len)
{
	return set(s, kind, key, key_len, NULL, 0);
}

int store_each(struct store *s, enum store_kind kind, store_each_fn *fn, void *ctx)
{
	return s ? s->ops->each(s, kind, fn, ctx) : 0;
}

/* --- waiting -------------------------------------------------------------- */

bool store_is_idle(const struct store *s)
{
	return !s || s->ops->idle(s);
}

void store_wait(struct store *s, struct store_waiter *w, store_safe_fn *fn, void *ctx)
{
	store_wait_cancel(w);
	if (store_is_idle(s)) {
		fn(ctx, 0);
		return;
	}
	w->store = s;
	w->fn = fn;
	w->ctx = ctx;
	TAILQ_INSERT_TAIL(&s->waiters, w, entry);
}

void store_wait_cancel(struct store_waiter *w)
{
	if (!w->store)
		return;
	TAILQ_REMOVE(&w->store->waiters, w, entry);
	w->store = NULL;
}

void store_tell(struct store *s, struct store_waiter *last, int error)
{
	struct store_waiter *w;
	/* A list and a head of its own: what is called may wait again, or cancel
	 * others; a mark in the list would not survive that. */
	struct store mine = { .waiters = TAILQ_HEAD_INITIALIZER(mine.waiters) };

	while (last && (w = TAILQ_FIRST(&s->waiters))) {
		TAILQ_REMOVE(&s->waiters, w, entry);
		TAILQ_INSERT_TAIL(&mine.waiters, w, entry);
		w->store = &mine;
		if (w == last)
			break;
	}
	while ((w = TAILQ_FIRST(&mine.waiters))) {
		store_wait_cancel(w);
		w->fn(w->ctx, error);
	}
}

/* --- times ---------------------------------------------------------------- */

void store_write_time(const struct store *s, struct writer *w, uint64_t at_us)
{
	write_u64(w, time_add(at_us, s ? s->offset_us : 0));
}

uint64_t store_read_time(const struct store *s, struct reader *r, uint64_t now_us,
			 uint64_t most_us)
{
	uint64_t at = read_u64(r);
	uint64_t latest = time_add(now_us, most_us);

	if (s && at != TIME_NEVER)
		at = at > s->offset_us ? at - s->offset_us : 0;
	return at < latest ? at : latest;
}

uint64_t store_next_offset(uint64_t last_store_us, uint64_t last_wall_us, uint64_t now_us,
			   uint64_t wall_us)
{
	uint64_t down_us = wall_us > last_wall_us ? wall_us - last_wall_us : 0;
	uint64_t store_us = time_add(last_store_us, down_us);

	return store_us > now_us ? store_us - now_us : 0;
}

/* --- in memory -------------------------------------------------------------- */

struct memory {
	struct store store;
	struct store_table committed;
	struct store_table batch;
};

static struct memory *memory_of(struct store *s)
{
	return (struct memory *)s;
}

static int memory_set(struct store *s, enum store_kind kind, const void *key, size_t key_len,
		      const void *value, size_t len)
{
	return store_table_set(&memory_of(s)->batch, kind, key, key_len, value, len);
}

struct walk {
	enum store_kind kind;
	store_each_fn *fn;
	void *ctx;
};

static int walk_one(const void *full_key, size_t full_len, const void *value, size_t len,
		    void *ctx)
{
	const struct walk *w = ctx;
	const uint8_t *key = full_key;

	if (key[0] != (uint8_t)w->kind)
		return 0;
	return w->fn(key + 1, full_len - 1, value, len, w->ctx);
}

static int memory_each(struct store *s, enum store_kind kind, store_each_fn *fn, void *ctx)
{
	struct walk w = { kind, fn, ctx };

	return store_table_each(&memory_of(s)->committed, walk_one, &w);
}

static bool memory_idle(const struct store *s)
{
	return store_table_is_empty(&((const struct memory *)s)->batch);
}

static const struct store_ops memory_ops = {
	.set = memory_set,
	.each = memory_each,
	.idle = memory_idle,
};

struct store *store_memory_new(void)
{
	struct store *s = calloc(1, sizeof(struct memory));

	if (!s)
		return NULL;
	s->ops = &memory_ops;
	TAILQ_INIT(&s->waiters);
	return s;
}

void store_memory_free(struct store *s)
{
	if (!s)
		return;
	store_memory_crash(s);
	store_table_clear(&memory_of(s)->committed);
	free(s);
}

void store_memory_turn(struct store *s, int error)
{
	struct memory *m = memory_of(s);
	struct store_waiter *last = TAILQ_LAST(&s->waiters, store_waiters);

	if (error) {
		s->failures++;
	} else if (!store_table_is_empty(&m->batch)) {
		s->commits++;
		s->records += store_table_count(&m->batch);
		store_table_move(&m->committed, &m->batch, false);
		store_table_drop_deleted(&m->committed);
	}
	store_tell(s, last, error);
}

void store_memory_crash(struct store *s)
{
	struct store_waiter *w;

	store_table_clear(&memory_of(s)->batch);
	while ((w = TAILQ_FIRST(&s->waiters)))
		store_wait_cancel(w);
}
