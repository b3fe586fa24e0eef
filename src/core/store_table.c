// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of records behind a store (core/store_table.h): a hash of copies. Both
 * implementations of core/store.h collect their batch here; the one in memory also
 * keeps what it committed.
 */
#include "core/store_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(record) ((record)->refused = true)
#include <uthash.h>

struct store_record {
	UT_hash_handle hh;
	bool deleted;
	bool refused; /* no memory for the table's own part */
	size_t key_len;
	size_t len;
	uint8_t bytes[]; /* kind, key, value */
};

static void drop(struct store_table *t, struct store_record *r)
{
	HASH_DEL(t->records, r);
	free(r);
}

static struct store_record *find(struct store_table *t, const struct store_record *like)
{
	struct store_record *r;

	HASH_FIND(hh, t->records, like->bytes, like->key_len, r);
	return r;
}

/* 0, or -ENOMEM: then it is freed. */
static int add(struct store_table *t, struct store_record *r)
{
	r->refused = false;
	HASH_ADD_KEYPTR(hh, t->records, r->bytes, r->key_len, r);
	if (!r->refused)
		return 0;
	free(r);
	return -ENOMEM;
}

int store_table_set(struct store_table *t, enum store_kind kind, const void *key,
		    size_t key_len, const void *value, size_t len)
{
	struct store_record *r;
	struct store_record *old;

	if (key_len > STORE_KEY_MAX || len > STORE_VALUE_MAX)
		return -EMSGSIZE;
	r = calloc(1, sizeof(*r) + 1 + key_len + len);
	if (!r)
		return -ENOMEM;
	r->key_len = 1 + key_len;
	r->len = value ? len : 0;
	r->deleted = !value;
	r->bytes[0] = (uint8_t)kind;
	if (key_len)
		memcpy(r->bytes + 1, key, key_len);
	if (r->len)
		memcpy(r->bytes + r->key_len, value, r->len);
	old = find(t, r);
	if (old)
		drop(t, old);
	return add(t, r);
}

bool store_table_is_empty(const struct store_table *t)
{
	return !t->records;
}

size_t store_table_count(const struct store_table *t)
{
	return HASH_COUNT(t->records);
}

/* As LMDB orders keys: by bytes, a shorter one first. */
static int compare(const struct store_record *a, const struct store_record *b)
{
	size_t len = a->key_len < b->key_len ? a->key_len : b->key_len;
	int d = memcmp(a->bytes, b->bytes, len);

	return d ? d : (a->key_len > b->key_len) - (a->key_len < b->key_len);
}

int store_table_each(struct store_table *t, store_record_fn *fn, void *ctx)
{
	struct store_record *r;
	struct store_record *next;
	int err = 0;

	HASH_SORT(t->records, compare);
	for (r = t->records; r && !err; r = next) {
		next = r->hh.next;
		err = fn(r->bytes, r->key_len, r->deleted ? NULL : r->bytes + r->key_len, r->len,
			 ctx);
	}
	return err;
}

void store_table_move(struct store_table *into, struct store_table *from, bool keep)
{
	struct store_record *r;
	struct store_record *tmp;

	HASH_ITER(hh, from->records, r, tmp)
	{
		struct store_record *there = find(into, r);

		HASH_DEL(from->records, r);
		if (there && keep) {
			free(r);
			continue;
		}
		if (there)
			drop(into, there);
		(void)add(into, r);
	}
}

void store_table_drop_deleted(struct store_table *t)
{
	struct store_record *r;
	struct store_record *tmp;

	HASH_ITER(hh, t->records, r, tmp)
		if (r->deleted)
			drop(t, r);
}

void store_table_clear(struct store_table *t)
{
	struct store_record *r;
	struct store_record *tmp;

	HASH_ITER(hh, t->records, r, tmp)
		drop(t, r);
}
