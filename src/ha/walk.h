// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Going through all home registrations, some in each turn of the loop, so that others are
 * served meanwhile however many there are.
 */
#ifndef HA_WALK_H
#define HA_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/timer.h"
#include "core/mip6.h"

/* One registration. True when that was work, and not only a look. It may be ended. */
typedef bool ha_visit_fn(struct mip6 *m, struct binding *b);
/* All have been visited, and no other walk follows at once. */
typedef void ha_visited_fn(struct mip6 *m);

struct ha_walk {
	struct mip6 *m;
	struct timer timer; /* set while under way */
	ha_visit_fn *visit;
	ha_visited_fn *visited; /* may be NULL */
	uint64_t at;		/* see bcache_walk() */
	bool again;		/* asked for while under way: once more afterwards */
};

/* `name` is that of the timer, static. */
void ha_walk_init(struct ha_walk *w, struct mip6 *m, const char *name, ha_visit_fn *visit,
		  ha_visited_fn *visited);
/* Sees to it that every registration is visited from now on. */
void ha_walk_begin(struct ha_walk *w);
void ha_walk_cancel(struct ha_walk *w);

#endif
