// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Walks: what concerns all home registrations (a prefix that changed, a tunnel that
 * somebody removed) is done in pieces, by a timer that is due at once and so comes in
 * every turn until all is done. The cache can change meanwhile: bcache_walk() goes on
 * from a place, not from a binding. Used by registrations.c and mpd.c.
 */
#include "ha/walk.h"

/* As many as the port carries out in a turn, roughly; and so many looks cost no more. */
#define WORK_PER_TURN  32
#define LOOKS_PER_TURN 4096

static void on_timer(struct timer *t, uint64_t now_us)
{
	struct ha_walk *w = t->ctx;
	unsigned int looks, work = 0;
	struct binding *b;

	mip6_turn(w->m, now_us);
	for (looks = 0; looks < LOOKS_PER_TURN && work < WORK_PER_TURN; looks++) {
		b = bcache_walk(&w->m->bcache, &w->at);
		if (!b && !w->again) {
			if (w->visited)
				w->visited(w->m);
			return;
		}
		if (!b) {
			w->again = false;
			w->at = 0;
			break;
		}
		if (b->kind == BINDING_HOME && w->visit(w->m, b))
			work++;
	}
	timer_set(w->m->timers, t, now_us, NULL);
}

void ha_walk_init(struct ha_walk *w, struct mip6 *m, const char *name, ha_visit_fn *visit,
		  ha_visited_fn *visited)
{
	*w = (struct ha_walk){ .m = m, .visit = visit, .visited = visited };
	timer_init(&w->timer, name, on_timer, w);
}

void ha_walk_begin(struct ha_walk *w)
{
	if (timer_is_set(&w->timer)) {
		w->again = true;
		return;
	}
	w->at = 0;
	w->again = false;
	timer_set(w->m->timers, &w->timer, w->m->now_us, NULL);
}

void ha_walk_cancel(struct ha_walk *w)
{
	timer_cancel(w->m->timers, &w->timer);
}
