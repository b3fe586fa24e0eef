// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a predecessor left in the kernel, and what becomes of it. The objects that carry
 * our marks are read before the roles start. A role then puts its objects as if the
 * kernel were empty; footprint_apply() sees which of them are there already, and leaves
 * or replaces them, so that traffic flows all the while. What nobody asked for is removed
 * when every role has said all it has to say.
 */
#ifndef CORE_FOUND_H
#define CORE_FOUND_H

#include <stdbool.h>
#include <stddef.h>

#include "core/footprint.h"

struct mip6;

struct found_block;
struct found_item;

struct found {
	struct found_block *first; /* items, in the order in which the kernel told them */
	struct found_block *last;
	struct found_item **by_key;
	size_t count; /* of items; 0 when all is over */
	size_t left;  /* not taken */
};

/* Reads what is in the kernel, once, before mip6_start(). 0 or -errno. */
int found_read(struct mip6 *m);
/* Copies the object with that key to *out (may be NULL), and from now on it is the
 * caller's. False: it was not there, or is taken. */
bool found_take(struct found *f, const struct kobj *key, struct kobj *out);
/* Tells all objects, in the order of the kernel, taken or not; `fn` may take them. 0, or
 * what `fn` returned when not 0. */
int found_each(const struct found *f, int (*fn)(const struct kobj *o, void *ctx), void *ctx);
/* Removes from the kernel what nobody took, and forgets all. Fine to call twice. */
void found_end(struct mip6 *m);
/* Reads the kernel anew, and tells the roles of each object that they believe to be there and
 * that is not, as mip6_on_lost(). For when events were lost. 0 or -errno. */
int found_compare(struct mip6 *m);
/* Forgets; the kernel is left as it is. */
void found_free(struct found *f);

#endif
