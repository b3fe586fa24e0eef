// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Footprints as values: ordered sets of kernel objects, and the difference of
 * two of them as an ordered list of changes. Pure: nothing here touches the
 * kernel; transition.c does.
 *
 * A set is an array in the order of adding. Where a key was added twice the
 * later value counts, in the later place. To compare, both sets are sorted by
 * key in arrays of pointers, so that also the leavings of a home agent with
 * 100000 bindings are compared in O(n log n).
 */
#include "core/footprint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 8

void footprint_init(struct footprint *f)
{
	memset(f, 0, sizeof(*f));
}

void footprint_free(struct footprint *f)
{
	free(f->items);
	footprint_init(f);
}

static bool make_room(struct footprint *f, size_t room)
{
	struct kobj *items;

	if (room <= f->room)
		return true;
	items = reallocarray(f->items, room, sizeof(*items));
	if (!items)
		return false;
	f->items = items;
	f->room = room;
	return true;
}

void footprint_add(struct footprint *f, const struct kobj *o)
{
	if (f->bad)
		return;
	if (f->count == f->room && !make_room(f, f->room ? f->room * 2 : ROOM_FIRST)) {
		f->bad = true;
		return;
	}
	f->items[f->count++] = *o;
}

const struct kobj *footprint_find(const struct footprint *f, const struct kobj *key)
{
	size_t i;

	for (i = f->count; i > 0; i--) {
		if (kobj_compare_key(&f->items[i - 1], key) == 0)
			return &f->items[i - 1];
	}
	return NULL;
}

void footprint_each(const struct footprint *f, void (*fn)(const struct kobj *o, void *ctx),
		    void *ctx)
{
	for (size_t i = 0; i < f->count; i++)
		fn(&f->items[i], ctx);
}

int footprint_copy(struct footprint *to, const struct footprint *from)
{
	footprint_init(to);
	if (from->bad || !make_room(to, from->count))
		return -ENOMEM;
	if (from->count)
		memcpy(to->items, from->items, from->count * sizeof(*from->items));
	to->count = from->count;
	return 0;
}

/* A set sorted by key, of each key only the value that counts. */
struct sorted {
	const struct kobj **at;
	size_t count;
};

/* By key, then by place: pointers into one array. */
static int compare_places(const void *a, const void *b)
{
	const struct kobj *x = *(const struct kobj *const *)a;
	const struct kobj *y = *(const struct kobj *const *)b;
	int d = kobj_compare_key(x, y);

	return d ? d : (x > y) - (x < y);
}

static int sort_set(const struct footprint *f, struct sorted *out)
{
	size_t i, kept = 0;

	out->at = NULL;
	out->count = 0;
	if (!f || f->count == 0)
		return f && f->bad ? -ENOMEM : 0;
	if (f->bad)
		return -ENOMEM;
	out->at = calloc(f->count, sizeof(const struct kobj *));
	if (!out->at)
		return -ENOMEM;
	for (i = 0; i < f->count; i++)
		out->at[i] = &f->items[i];
	qsort(out->at, f->count, sizeof(const struct kobj *), compare_places);
	for (i = 0; i < f->count; i++) {
		if (kept && kobj_compare_key(out->at[kept - 1], out->at[i]) == 0)
			kept--;
		out->at[kept++] = out->at[i];
	}
	out->count = kept;
	return 0;
}

static const struct kobj *sorted_find(const struct sorted *s, const struct kobj *key)
{
	size_t from = 0, to = s->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int d = kobj_compare_key(s->at[middle], key);

		if (d == 0)
			return s->at[middle];
		if (d < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

/* True when `o` is the value that counts, not one that a later one overrode. */
static bool counts(const struct sorted *s, const struct kobj *o)
{
	return sorted_find(s, o) == o;
}

static size_t write_changes(const struct footprint *have, const struct sorted *had,
			    const struct footprint *want, const struct sorted *wanted,
			    struct kchange *out)
{
	const struct kobj *old;
	size_t i, n = 0;

	for (i = 0; want && i < want->count; i++) {
		if (!counts(wanted, &want->items[i]))
			continue;
		old = sorted_find(had, &want->items[i]);
		if (!old)
			out[n++] = (struct kchange){ .op = KCHANGE_PUT, .obj = want->items[i] };
		else if (!kobj_equal(old, &want->items[i]))
			out[n++] = (struct kchange){ .op = KCHANGE_REPLACE,
						     .obj = want->items[i],
						     .was = *old };
	}
	for (i = have ? have->count : 0; i > 0; i--) {
		old = &have->items[i - 1];
		if (counts(had, old) && !sorted_find(wanted, old))
			out[n++] = (struct kchange){ .op = KCHANGE_DELETE, .obj = *old };
	}
	return n;
}

int footprint_diff(const struct footprint *have, const struct footprint *want,
		   struct kchange **out, size_t *n)
{
	struct sorted had, wanted = { 0 };
	size_t most;
	int err;

	*out = NULL;
	*n = 0;
	err = sort_set(have, &had);
	if (!err)
		err = sort_set(want, &wanted);
	most = had.count + wanted.count;
	if (!err && most) {
		*out = calloc(most, sizeof(**out));
		if (*out)
			*n = write_changes(have, &had, want, &wanted, *out);
		else
			err = -ENOMEM;
	}
	free(had.at);
	free(wanted.at);
	if (*n == 0) {
		free(*out);
		*out = NULL;
	}
	return err;
}
