// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The leavings of a predecessor (core/found.h): an array in the order of the scan, and
 * pointers into it sorted by key, each with a mark. Used by transition.c; read by
 * daemon/ before the roles start, ended by mip6.c when they have settled.
 */
#include "core/found.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/mip6.h"

/* The scan tells the loopback device by its index, roles by its name. */
static void name_loopback(const struct mip6 *m, struct kdev *dev)
{
	const struct link *l = dev->ifindex ? link_find(&m->links, dev->ifindex) : NULL;

	if (!l || l->l.kind != KLINK_LOOPBACK)
		return;
	memset(dev, 0, sizeof(*dev));
	memcpy(dev->name, l->l.name, sizeof(dev->name));
}

struct collecting {
	const struct mip6 *m;
	struct found *into;
};

static int collect(const struct kobj *o, void *ctx)
{
	const struct collecting *c = ctx;
	struct kobj copy = *o;
	char text[KOBJ_TEXT_MAX];

	if (copy.type == KOBJ_ADDR)
		name_loopback(c->m, &copy.addr.dev);
	log_debug(LOG_CORE, "in the kernel: %s", kobj_text(&copy, text, sizeof(text)));
	footprint_add(&c->into->objects, &copy);
	return c->into->objects.bad ? -ENOMEM : 0;
}

static int compare(const void *a, const void *b)
{
	return kobj_compare_key(*(const struct kobj *const *)a, *(const struct kobj *const *)b);
}

static int sort(struct found *f)
{
	size_t i, n = f->objects.count;

	f->by_key = calloc(n, sizeof(const struct kobj *));
	f->taken = calloc(n, sizeof(*f->taken));
	if (!f->by_key || !f->taken)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		f->by_key[i] = &f->objects.items[i];
	qsort(f->by_key, n, sizeof(const struct kobj *), compare);
	f->count = f->left = n;
	return 0;
}

static int read_kernel(struct mip6 *m, struct found *f)
{
	struct collecting c = { .m = m, .into = f };
	int err;

	memset(f, 0, sizeof(*f));
	err = m->kernel->ops->scan(m->kernel, collect, &c);
	if (!err && f->objects.count)
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
		int d = kobj_compare_key(f->by_key[middle], key);

		if (d == 0)
			return middle;
		if (d < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return f->count;
}

const struct kobj *found_take(struct found *f, const struct kobj *key)
{
	size_t at = find(f, key);

	if (at == f->count || f->taken[at])
		return NULL;
	f->taken[at] = true;
	f->left--;
	return f->by_key[at];
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
	struct footprint stray;
	size_t i;

	if (!f->count)
		return;
	footprint_init(&stray);
	/* In the order of the scan, so that they go in the opposite one. */
	for (i = 0; i < f->objects.count && f->left; i++) {
		const struct kobj *o = found_take(f, &f->objects.items[i]);

		if (!o)
			continue;
		count(&m->counters, COUNT_KERNEL_STRAY);
		log_info(LOG_CORE, "a former daemon left, and nobody needs: %s",
			 kobj_text(o, text, sizeof(text)));
		footprint_add(&stray, o);
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
	free(f->by_key);
	free(f->taken);
	footprint_free(&f->objects);
	memset(f, 0, sizeof(*f));
}
