// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kept footprints: a role's objects that are not a binding's (a shared tunnel,
 * settings of a link, memberships). They change when links, addresses, prefixes or
 * the configuration do, and that may be while the last change is still on its way;
 * then the newest wish waits. What the kernel refuses is wished again only after a while:
 * undoing it makes events, which make their owner say his wish again. Owned by roles.
 */
#include "core/kept.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/time.h"
#include "core/mip6.h"

#define RETRY_US US_PER_S

static void begin(struct kept *k);

static void on_retry(struct timer *t, uint64_t now_us)
{
	struct kept *k = t->ctx;

	mip6_turn(k->m, now_us);
	if (!k->change && !k->m->stopping)
		begin(k);
}

void kept_init(struct kept *k, struct mip6 *m, const char *name)
{
	memset(k, 0, sizeof(*k));
	k->m = m;
	k->name = name;
	timer_init(&k->retry, "kept-retry", on_retry, k);
}

static void move(struct footprint *to, struct footprint *from)
{
	footprint_free(to);
	*to = *from;
	footprint_init(from);
}

/* Somebody removed or changed objects: which, does not matter, all are put again. */
static void forget_what_is_there(struct kept *k)
{
	k->lost = false;
	if (!k->again && footprint_copy(&k->want, &k->have) < 0) {
		log_error(LOG_CORE, "%s: out of memory", k->name);
		return;
	}
	footprint_free(&k->have);
	k->again = true;
}

static bool is_same(const struct footprint *a, const struct footprint *b)
{
	struct kchange *changes = NULL;
	size_t n = 1;

	if (footprint_diff(a, b, &changes, &n) < 0)
		return false;
	free(changes);
	return n == 0;
}

static void begin_or_wait(struct kept *k)
{
	uint64_t retry_us = time_add(k->failed_us, RETRY_US);

	if (!k->failed || k->m->now_us >= retry_us || !is_same(&k->going, &k->want)) {
		begin(k);
		return;
	}
	k->again = true;
	timer_set(k->m->timers, &k->retry, retry_us, NULL);
}

static void on_done(struct mip6 *m, int error, const struct kchange *failed, void *ctx)
{
	struct kept *k = ctx;
	char text[KOBJ_TEXT_MAX];

	k->change = NULL;
	k->failed = error != 0;
	k->failed_us = m->now_us;
	if (error) /* an interface that was pulled out takes all with it, which is no fault */
		log_at(LOG_CORE, error == -ENODEV ? LOGL_INFO : LOGL_ERROR, "%s: %s: %s", k->name,
		       kobj_text(&failed->obj, text, sizeof(text)), strerror(-error));
	else
		move(&k->have, &k->going);
	if (k->lost)
		forget_what_is_there(k);
	if (k->again)
		begin_or_wait(k);
}

static void begin(struct kept *k)
{
	timer_cancel(k->m->timers, &k->retry);
	move(&k->going, &k->want);
	k->again = false;
	k->change = footprint_apply(k->m, &k->have, &k->going, on_done, k);
	if (!k->change) {
		k->failed = true;
		log_error(LOG_CORE, "%s: out of memory", k->name);
	}
}

void kept_set(struct kept *k, struct footprint *want)
{
	move(&k->want, want);
	if (k->change)
		k->again = true;
	else
		begin_or_wait(k);
}

void kept_renew(struct kept *k)
{
	k->lost = true;
	if (k->change)
		return;
	forget_what_is_there(k);
	if (k->again)
		begin(k);
}

static bool has_type(const struct footprint *f, enum kobj_type type)
{
	for (size_t i = 0; i < f->count; i++) {
		if (f->items[i].type == type)
			return true;
	}
	return false;
}

bool kept_on_lost(struct kept *k, const struct kobj *o)
{
	bool mine = footprint_find(&k->have, o) || footprint_find(&k->going, o);

	if (!mine && kobj_is_flush(o))
		mine = has_type(&k->have, o->type) || has_type(&k->going, o->type);
	if (mine)
		kept_renew(k);
	return mine;
}

bool kept_is_there(const struct kept *k)
{
	return !k->change && !k->failed;
}

bool kept_is(const struct kept *k, const struct footprint *f)
{
	return kept_is_there(k) && is_same(&k->have, f);
}

void kept_free(struct kept *k)
{
	if (k->change)
		transition_orphan(k->change);
	if (k->m)
		timer_cancel(k->m->timers, &k->retry);
	footprint_free(&k->have);
	footprint_free(&k->going);
	footprint_free(&k->want);
	memset(k, 0, sizeof(*k));
}

void kept_end(struct kept *k)
{
	struct footprint all;
	struct transition *t = NULL;

	if (footprint_copy(&all, &k->have) == 0) {
		for (size_t i = 0; k->change && i < k->going.count; i++)
			footprint_add(&all, &k->going.items[i]);
		/* The port keeps the order: this comes behind what is on its way. */
		if (all.count)
			t = footprint_apply(k->m, &all, NULL, NULL, NULL);
		footprint_free(&all);
	}
	if (t)
		transition_orphan(t);
	else if (k->have.count)
		log_error(LOG_CORE, "%s: out of memory, objects are left over", k->name);
	kept_free(k);
}
