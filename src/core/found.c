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

static int collect(const struct kobj *o, void *ctx)
{
	struct mip6 *m = ctx;
	struct kobj copy = *o;
	char text[KOBJ_TEXT_MAX];

	if (copy.type == KOBJ_ADDR)
		name_loopback(m, &copy.addr.dev);
	log_debug(LOG_CORE, "left by a former daemon: %s", kobj_text(&copy, text, sizeof(text)));
	footprint_add(&m->found.objects, &copy);
	return m->found.objects.bad ? -ENOMEM : 0;
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

int found_read(struct mip6 *m)
{
	struct found *f = &m->found;
	int err;

	found_free(f);
	err = m->kernel->ops->scan(m->kernel, collect, m);
	if (!err && f->objects.count)
		err = sort(f);
	if (err)
		found_free(f);
	else if (f->count)
		log_notice(LOG_CORE, "a former daemon left %zu objects in the kernel", f->count);
	return err;
}

const struct kobj *found_take(struct found *f, const struct kobj *key)
{
	size_t from = 0, to = f->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int d = kobj_compare_key(f->by_key[middle], key);

		if (d == 0) {
			if (f->taken[middle])
				return NULL;
			f->taken[middle] = true;
			f->left--;
			return f->by_key[middle];
		}
		if (d < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
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

void found_free(struct found *f)
{
	free(f->by_key);
	free(f->taken);
	footprint_free(&f->objects);
	memset(f, 0, sizeof(*f));
}
