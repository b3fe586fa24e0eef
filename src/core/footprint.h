// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Footprints: what a binding (or a whole role) keeps in the kernel, as a value.
 * A role computes with a pure function which objects there shall be; one
 * function here compares that with which there are, and changes the kernel:
 * what is new is added in order, what has the same key is replaced in place,
 * what is no longer wanted is removed in reverse order; if one step fails, the
 * steps done are undone. RFC 6275 does not ask for it; "a handover replaces,
 * never deletes and adds" and "no false acknowledgement" do.
 */
#ifndef CORE_FOOTPRINT_H
#define CORE_FOOTPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/kernel.h"

/* An ordered set of kernel objects. `items` is owned by the footprint. */
struct footprint {
	struct kobj *items;
	size_t count;
	size_t room;
	bool bad; /* sticky: out of memory while adding */
};

void footprint_init(struct footprint *f);
void footprint_free(struct footprint *f); /* empty and usable again afterwards */
/* Appends a copy. Of two objects with the same key the later value counts, in
 * the later place. */
void footprint_add(struct footprint *f, const struct kobj *o);
/* The object with that key, or NULL. */
const struct kobj *footprint_find(const struct footprint *f, const struct kobj *key);
/* Calls fn for each object, in order. */
void footprint_each(const struct footprint *f, void (*fn)(const struct kobj *o, void *ctx),
		    void *ctx);
/* Copies into *to, which is taken as uninitialised; 0 or -ENOMEM (then empty). */
int footprint_copy(struct footprint *to, const struct footprint *from);

/* The changes that lead from `have` to `want` (either may be NULL: empty).
 * *out is an array for free(), NULL when there is nothing to do. 0 or -ENOMEM. */
int footprint_diff(const struct footprint *have, const struct footprint *want,
		   struct kchange **out, size_t *n);

struct mip6;
struct transition;

/* Called once when the kernel has confirmed (error 0), or when an object could
 * not be put or replaced and what was done has been undone (-errno; `failed` is
 * the change, valid during the call). A deletion that the kernel refuses is
 * logged and counted, but is no failure here. The transition is gone when this is
 * called; a new one may be begun. */
typedef void transition_fn(struct mip6 *m, int error, const struct kchange *failed, void *ctx);

/* Begins the change from `have` to `want` (either may be NULL: empty); both may
 * be freed at once. The callback comes later in this turn or in another, never
 * from inside this call. NULL when out of memory, already when one of the two was made (then
 * nothing was begun); when
 * there is nothing to change the callback still comes. */
struct transition *footprint_apply(struct mip6 *m, const struct footprint *have,
				   const struct footprint *want, transition_fn *fn, void *ctx);
/* The same for objects of which somebody has removed some, it does not matter which: all
 * are put; when one cannot be, the others stay. */
struct transition *footprint_put_again(struct mip6 *m, const struct footprint *f,
				       transition_fn *fn, void *ctx);
/* The owner goes away: the changes are completed as far as the kernel lets
 * them, nothing is undone, the callback is not called. Who wants the objects
 * gone as well begins the opposite change, from what may be there to nothing:
 * the port keeps the order. */
void transition_orphan(struct transition *t);
/* True while some transition is under way. */
bool footprint_busy(const struct mip6 *m);
/* Forgets all transitions, calling nobody. For mip6_free(). */
void transitions_free(struct mip6 *m);

#endif
