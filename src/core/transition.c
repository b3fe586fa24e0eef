// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Transitions: a footprint's way from what is to what shall be, in the kernel.
 *
 * The changes go to the port under a ticket; the port tries all of them and
 * comes back through mip6_on_done(). When each has worked, or a deletion found
 * its object gone already, the owner hears of success. When one could not be
 * put or replaced, those that worked are undone, in reverse order, under a new
 * ticket, and only then the owner hears of the error: so it never answers a
 * peer for what the kernel did not do, and never leaves half a data path.
 * A deletion that fails is no reason to undo: the owner wants to be rid of the
 * object, and putting back the others would only keep more of what is not
 * wanted. It is logged and counted; the next start finds it by its marks. Nor is
 * anything undone that only puts again what was there: undoing would take away the
 * objects that were not lost.
 *
 * Nothing is allocated after the beginning: undoing uses the same array. Roles
 * call footprint_apply(), the port mip6_on_done(). Several transitions may be
 * under way; those that touch the same objects must come one after another,
 * which is the owners' matter.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/footprint.h"
#include "core/mip6.h"

enum transition_stage {
	STAGE_NOTHING, /* no change was needed: only the callback is due */
	STAGE_FORWARD,
	STAGE_BACK,
};

struct transition {
	TAILQ_ENTRY(transition) entry;
	struct mip6 *m;
	uint64_t ticket;
	enum transition_stage stage;
	struct kchange *changes; /* owned */
	size_t count;
	bool again;		 /* of what is there already, in part */
	struct kchange failed;	 /* STAGE_BACK: what went wrong */
	struct timer timer;	 /* STAGE_NOTHING */
	transition_fn *fn;	 /* NULL: orphaned */
	void *ctx;
};

static void drop_transition(struct transition *t)
{
	TAILQ_REMOVE(&t->m->transitions, t, entry);
	timer_cancel(t->m->timers, &t->timer);
	free(t->changes);
	free(t);
}

/* Tells the owner and ends. The owner may begin anew in its callback. */
static void finish(struct transition *t, const struct kchange *failed)
{
	transition_fn *fn = t->fn;
	struct mip6 *m = t->m;
	struct kchange copy;
	void *ctx = t->ctx;

	if (failed)
		copy = *failed;
	drop_transition(t);
	if (fn)
		fn(m, failed ? copy.error : 0, failed ? &copy : NULL, ctx);
}

static void on_nothing(struct timer *timer, uint64_t now_us)
{
	(void)now_us;
	finish(timer->ctx, NULL);
}

static int begin(struct transition *t)
{
	struct mip6 *m = t->m;

	if (t->count == 0) {
		t->stage = STAGE_NOTHING;
		return timer_set(m->timers, &t->timer, m->now_us, NULL);
	}
	t->stage = STAGE_FORWARD;
	t->ticket = m->next_ticket++;
	return m->kernel->ops->apply(m->kernel, t->changes, t->count, t->ticket);
}

static void log_replaced(const struct kobj *there, const struct kobj *want)
{
	char was[KOBJ_TEXT_MAX], is[KOBJ_TEXT_MAX];

	log_info(LOG_CORE, "a former daemon left %s: replaced by %s",
		 kobj_text(there, was, sizeof(was)), kobj_text(want, is, sizeof(is)));
}

/* What nobody asks for in particular is as the kernel chose it. */
static bool fits(const struct kobj *there, const struct kobj *want)
{
	struct kobj as_asked = *there;

	if (there->type == KOBJ_TUNNEL && want->type == KOBJ_TUNNEL) {
		if (!want->tunnel.mtu)
			as_asked.tunnel.mtu = 0;
		if (there->tunnel.external) /* each route has its own */
			as_asked.tunnel.hop_limit = want->tunnel.hop_limit;
	}
	return kobj_equal(&as_asked, want);
}

/* What a predecessor left is not put again: it becomes ours as it is, or is replaced. */
static void use_found(struct mip6 *m, struct kchange *changes, size_t n)
{
	for (size_t i = 0; i < n && m->found.left; i++) {
		struct kchange *c = &changes[i];
		struct kobj there;

		if (!found_take(&m->found, &c->obj, &there) || c->op != KCHANGE_PUT)
			continue;
		if (fits(&there, &c->obj)) {
			c->op = KCHANGE_ADOPT;
			count(&m->counters, COUNT_KERNEL_ADOPTED);
		} else {
			c->op = KCHANGE_REPLACE;
			c->was = there;
			count(&m->counters, COUNT_KERNEL_REPLACED);
			log_replaced(&there, &c->obj);
		}
	}
}

struct transition *footprint_apply(struct mip6 *m, const struct footprint *have,
				   const struct footprint *want, transition_fn *fn, void *ctx)
{
	struct transition *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->m = m;
	t->fn = fn;
	t->ctx = ctx;
	timer_init(&t->timer, "transition", on_nothing, t);
	if (footprint_diff(have, want, &t->changes, &t->count)) {
		free(t);
		return NULL;
	}
	use_found(m, t->changes, t->count);
	if (begin(t)) {
		free(t->changes);
		free(t);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&m->transitions, t, entry);
	return t;
}

struct transition *footprint_put_again(struct mip6 *m, const struct footprint *f,
				       transition_fn *fn, void *ctx)
{
	struct transition *t = footprint_apply(m, NULL, f, fn, ctx);

	if (t)
		t->again = true;
	return t;
}

void transition_orphan(struct transition *t)
{
	t->fn = NULL;
	t->ctx = NULL;
}

bool footprint_busy(const struct mip6 *m)
{
	return !TAILQ_EMPTY(&m->transitions);
}

static void log_failure(struct mip6 *m, const struct kchange *c, const char *what)
{
	char text[KOBJ_TEXT_MAX];

	log_limited(&m->kernel_limit, m->now_us, LOG_CORE, LOGL_WARNING, "%s: %s %s: %s", what,
		    kchange_op_name(c->op), kobj_text(&c->obj, text, sizeof(text)),
		    strerror(-c->error));
}

/* The first change whose failure makes the whole one; NULL when there is none. */
static const struct kchange *judge(struct mip6 *m, const struct kchange *changes, size_t n)
{
	const struct kchange *first = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct kchange *c = &changes[i];

		if (!c->error || (c->op == KCHANGE_DELETE && kobj_gone_error(c->error)))
			continue;
		count(&m->counters, COUNT_KERNEL_ERROR);
		log_failure(m, c, "the kernel refused");
		if (c->op != KCHANGE_DELETE && !first)
			first = c;
	}
	return first;
}

static struct kchange inverse(const struct kchange *c)
{
	switch (c->op) {
	case KCHANGE_PUT:
	case KCHANGE_ADOPT:
		return (struct kchange){ .op = KCHANGE_DELETE, .obj = c->obj };
	case KCHANGE_REPLACE:
		return (struct kchange){ .op = KCHANGE_REPLACE, .obj = c->was, .was = c->obj };
	case KCHANGE_DELETE:
		break;
	}
	return (struct kchange){ .op = KCHANGE_PUT, .obj = c->obj };
}

/* Makes the changes those that undo what worked, in reverse order. The array
 * may become empty. */
static void turn_round(struct transition *t)
{
	size_t i, kept = 0;

	for (i = 0; i < t->count; i++) {
		if (t->changes[i].error == 0)
			t->changes[kept++] = inverse(&t->changes[i]);
	}
	for (i = 0; i < kept / 2; i++) {
		struct kchange c = t->changes[i];

		t->changes[i] = t->changes[kept - 1 - i];
		t->changes[kept - 1 - i] = c;
	}
	t->count = kept;
}

static void undo(struct transition *t, const struct kchange *failed)
{
	struct mip6 *m = t->m;
	int err;

	t->failed = *failed;
	turn_round(t);
	if (t->count == 0) {
		finish(t, &t->failed);
		return;
	}
	count(&m->counters, COUNT_KERNEL_ROLLBACK);
	t->stage = STAGE_BACK;
	t->ticket = m->next_ticket++;
	err = m->kernel->ops->apply(m->kernel, t->changes, t->count, t->ticket);
	if (err) {
		log_error(LOG_CORE, "%zu changes cannot be undone: %s", t->count, strerror(-err));
		finish(t, &t->failed);
	}
}

/* Takes over the errors that the port found; its array is a copy of ours. */
static void take_errors(struct transition *t, const struct kchange *changes, size_t n)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		t->changes[i].error = i < n ? changes[i].error : -EIO;
}

static struct transition *find_ticket(struct mip6 *m, uint64_t ticket)
{
	struct transition *t;

	TAILQ_FOREACH(t, &m->transitions, entry) {
		if (t->ticket == ticket && t->stage != STAGE_NOTHING)
			return t;
	}
	return NULL;
}

void mip6_on_done(struct mip6 *m, uint64_t ticket, const struct kchange *changes, size_t n)
{
	struct transition *t = find_ticket(m, ticket);
	const struct kchange *failed;

	if (!t)
		return;
	take_errors(t, changes, n);
	failed = judge(m, t->changes, t->count);
	if (t->stage == STAGE_BACK)
		finish(t, &t->failed);
	else if (failed && t->again)
		finish(t, failed);
	else if (failed && t->fn)
		undo(t, failed);
	else
		/* Nobody waits, or all is well: what became of the orphan's
		 * objects is judged by who orphaned it. */
		finish(t, NULL);
}

void transitions_free(struct mip6 *m)
{
	struct transition *t;

	while ((t = TAILQ_FIRST(&m->transitions)) != NULL)
		drop_transition(t);
}
