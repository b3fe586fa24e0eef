// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The leavings of a predecessor (core/found.h): the objects in the order of the scan, and
 * pointers to them sorted by key. There may be four for each of a hundred thousand
 * bindings, and they are wanted for a moment only, so each takes no more room than one of
 * its type needs, in blocks that go back to the system at once. Used by transition.c; read
 * by daemon/ before the roles start, ended by mip6.c when they have settled.
 */
#include "core/found.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/mip6.h"

#define BLOCK_BYTES (256U << 10)

/* Of `obj` only as much is there as item_size() says. */
struct found_item {
	bool taken;
	struct kobj obj;
};

struct found_block {
	struct found_block *next;
	size_t used;
	uint8_t bytes[BLOCK_BYTES] __attribute__((aligned(__alignof__(struct found_item))));
};

#define SIZE_WITH(member) (offsetof(struct kobj, member) + sizeof(((struct kobj *)0)->member))

static size_t object_size(enum kobj_type type)
{
	switch (type) {
	case KOBJ_SYSCTL:
		return SIZE_WITH(sysctl);
	case KOBJ_TUNNEL:
		return SIZE_WITH(tunnel);
	case KOBJ_ADDR:
		return SIZE_WITH(addr);
	case KOBJ_ROUTE:
		return SIZE_WITH(route);
	case KOBJ_RULE:
		return SIZE_WITH(rule);
	case KOBJ_TUNNEL_FILTER:
		return SIZE_WITH(filter);
	case KOBJ_PROXY_NEIGH:
		return SIZE_WITH(proxy);
	case KOBJ_ANYCAST:
	case KOBJ_GROUP:
		return SIZE_WITH(member);
	case KOBJ_XFRM_POLICY:
		return SIZE_WITH(policy);
	case KOBJ_XFRM_STATE:
		return SIZE_WITH(state);
	case KOBJ_TYPE_COUNT:
		break;
	}
	return sizeof(struct kobj);
}

static size_t item_size(enum kobj_type type)
{
	const size_t step = __alignof__(struct found_item);

	return (offsetof(struct found_item, obj) + object_size(type) + step - 1) / step * step;
}

static int add_item(struct found *f, const struct kobj *o)
{
	size_t size = item_size(o->type);
	struct found_block *b = f->last;
	struct found_item *item;

	if (!b || b->used + size > sizeof(b->bytes)) {
		b = malloc(sizeof(*b));
		if (!b)
			return -ENOMEM;
		b->next = NULL;
		b->used = 0;
		if (f->last)
			f->last->next = b;
		else
			f->first = b;
		f->last = b;
	}
	item = (void *)(b->bytes + b->used);
	item->taken = false;
	memcpy(&item->obj, o, object_size(o->type));
	b->used += size;
	f->count++;
	return 0;
}

static void get_object(const struct found_item *item, struct kobj *out)
{
	memset(out, 0, sizeof(*out));
	memcpy(out, &item->obj, object_size(item->obj.type));
}

/* Walks through all items, in order: the next place behind `at` of the block. */
static struct found_item *next_item(struct found_block **b, size_t *at)
{
	struct found_item *item;

	while (*b && *at >= (*b)->used) {
		*b = (*b)->next;
		*at = 0;
	}
	if (!*b)
		return NULL;
	item = (void *)((*b)->bytes + *at);
	*at += item_size(item->obj.type);
	return item;
}

static int collect(const struct kobj *o, void *ctx)
{
	char text[KOBJ_TEXT_MAX];

	log_debug(LOG_CORE, "in the kernel: %s", kobj_text(o, text, sizeof(text)));
	return add_item(ctx, o);
}

static int compare(const void *a, const void *b)
{
	return kobj_compare_key(&(*(struct found_item *const *)a)->obj,
				&(*(struct found_item *const *)b)->obj);
}

static int sort(struct found *f)
{
	struct found_block *b = f->first;
	struct found_item *item;
	size_t at = 0, n = 0;

	f->by_key = calloc(f->count, sizeof(*f->by_key));
	if (!f->by_key)
		return -ENOMEM;
	while (n < f->count && (item = next_item(&b, &at)))
		f->by_key[n++] = item;
	qsort(f->by_key, n, sizeof(*f->by_key), compare);
	f->left = n;
	return 0;
}

static int read_kernel(struct mip6 *m, struct found *f)
{
	int err;

	memset(f, 0, sizeof(*f));
	err = m->kernel->ops->scan(m->kernel, collect, f);
	if (!err && f->count)
		err = sort(f);
	if (err)
		found_free(f);
	return err;
}

int found_read(struct mip6 *m)
{
	struct found *f = &m->found;
	int err;

	found_free(f);
	err = read_kernel(m, f);
	if (!err && f->count)
		log_notice(LOG_CORE, "a former daemon left %zu objects in the kernel", f->count);
	return err;
}

/* The place in by_key; `count` of them: there is none. */
static size_t find(const struct found *f, const struct kobj *key)
{
	size_t from = 0, to = f->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int d = kobj_compare_key(&f->by_key[middle]->obj, key);

		if (d == 0)
			return middle;
		if (d < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return f->count;
}

bool found_take(struct found *f, const struct kobj *key, struct kobj *out)
{
	size_t at = find(f, key);

	if (at == f->count || f->by_key[at]->taken)
		return false;
	f->by_key[at]->taken = true;
	f->left--;
	if (out)
		get_object(f->by_key[at], out);
	return true;
}

int found_each(const struct found *f, int (*fn)(const struct kobj *o, void *ctx), void *ctx)
{
	struct found_block *b = f->first;
	struct found_item *item;
	struct kobj o;
	size_t at = 0;
	int err = 0;

	while (!err && (item = next_item(&b, &at))) {
		get_object(item, &o);
		err = fn(&o, ctx);
	}
	return err;
}

static void on_removed(struct mip6 *m, int error, const struct kchange *failed, void *ctx)
{
	char text[KOBJ_TEXT_MAX];

	(void)m;
	(void)ctx;
	if (error)
		log_warning(LOG_CORE, "left over by a former daemon: %s: %s",
			    failed ? kobj_text(&failed->obj, text, sizeof(text)) : "",
			    strerror(-error));
}

void found_end(struct mip6 *m)
{
	struct found *f = &m->found;
	char text[KOBJ_TEXT_MAX];
	struct found_block *b = f->first;
	struct found_item *item;
	struct footprint stray;
	struct kobj o;
	size_t at = 0;

	if (!f->count)
		return;
	footprint_init(&stray);
	/* In the order of the scan, so that they go in the opposite one. */
	while (f->left && (item = next_item(&b, &at))) {
		get_object(item, &o);
		if (!found_take(f, &o, NULL))
			continue;
		count(&m->counters, COUNT_KERNEL_STRAY);
		log_info(LOG_CORE, "a former daemon left, and nobody needs: %s",
			 kobj_text(&o, text, sizeof(text)));
		footprint_add(&stray, &o);
	}
	log_notice(LOG_CORE,
		   "of the objects of a former daemon %zu are taken over, %zu are removed",
		   f->count - stray.count, stray.count);
	found_free(f);
	if (stray.bad || (stray.count && !footprint_apply(m, &stray, NULL, on_removed, NULL)))
		log_error(LOG_CORE, "out of memory: objects of a former daemon stay");
	footprint_free(&stray);
}

/* --- comparing ------------------------------------------------------------------ */

struct comparing {
	struct found there;
	struct footprint missing;
};

/* Memberships are of this process, and no scan tells of them; of settings anybody may
 * have another opinion. */
static bool is_comparable(const struct kobj *o)
{
	return o->type != KOBJ_ANYCAST && o->type != KOBJ_GROUP && o->type != KOBJ_SYSCTL;
}

static void compare_one(const struct kobj *o, void *ctx)
{
	struct comparing *c = ctx;

	if (is_comparable(o) && find(&c->there, o) == c->there.count)
		footprint_add(&c->missing, o);
}

int found_compare(struct mip6 *m)
{
	struct comparing c;
	int err = read_kernel(m, &c.there);

	if (err)
		return err;
	footprint_init(&c.missing);
	for (unsigned int i = 0; i < m->role_count; i++) {
		if (m->roles[i]->objects)
			m->roles[i]->objects(m, compare_one, &c);
	}
	err = c.missing.bad ? -ENOMEM : 0;
	log_notice(LOG_CORE, "of our objects %zu are missing in the kernel", c.missing.count);
	for (size_t i = 0; i < c.missing.count; i++)
		mip6_on_lost(m, &c.missing.items[i]);
	footprint_free(&c.missing);
	found_free(&c.there);
	return err;
}

void found_free(struct found *f)
{
	struct found_block *b;

	while ((b = f->first)) {
		f->first = b->next;
		free(b);
	}
	free(f->by_key);
	memset(f, 0, sizeof(*f));
}
