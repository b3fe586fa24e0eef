// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records in memory, by kind and key: the batch of an implementation of store.h,
 * in which a later write takes the place of an earlier one.
 */
#ifndef CORE_STORE_TABLE_H
#define CORE_STORE_TABLE_H

#include "core/store.h"

struct store_record;

struct store_table {
	struct store_record *records;
};

/* What the file sees: the kind in one byte, then the key. `value` NULL: deleted. */
typedef int store_record_fn(const void *full_key, size_t full_len, const void *value,
			    size_t len, void *ctx);

/* Copies; replaces the record of that key. 0, -EMSGSIZE or -ENOMEM. */
int store_table_set(struct store_table *t, enum store_kind kind, const void *key,
		    size_t key_len, const void *value, size_t len);
bool store_table_is_empty(const struct store_table *t);
size_t store_table_count(const struct store_table *t);
/* Every record, in the order of keys; ends with what `fn` returns when not 0. */
int store_table_each(struct store_table *t, store_record_fn *fn, void *ctx);
/* Moves all of `from`, which is empty afterwards; where both have a record that of
 * `into` stays when `keep`, else it is replaced. */
void store_table_move(struct store_table *into, struct store_table *from, bool keep);
/* Forgets records that say "deleted". */
void store_table_drop_deleted(struct store_table *t);
void store_table_clear(struct store_table *t);

#endif
