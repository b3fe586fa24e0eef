// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A footprint that is kept up to date: whoever owns it says what there shall be,
 * at any time; changes follow each other in order, also while one is under way.
 */
#ifndef CORE_KEPT_H
#define CORE_KEPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/timer.h"
#include "core/footprint.h"

struct kept {
	const char *name;	 /* for the log, static */
	struct footprint have;	 /* as the kernel confirmed */
	struct footprint going;	 /* where the transition leads */
	struct footprint want;	 /* as last said */
	struct transition *change;
	bool again;		 /* `want` is newer than `going` */
	bool failed;		 /* the last change was undone, and when: */
	uint64_t failed_us;
	struct timer retry;
	bool lost;		 /* somebody removed objects: put all again */
	struct mip6 *m;
};

void kept_init(struct kept *k, struct mip6 *m, const char *name);
/* Takes over what `want` holds; it is empty afterwards. */
void kept_set(struct kept *k, struct footprint *want);
/* True when `o` is one of these objects (or all XFRM objects were flushed, and there
 * are some among these): then all that there shall be is put again. */
bool kept_on_lost(struct kept *k, const struct kobj *o);
/* Puts all again: what is there may have changed, which nobody tells of. */
void kept_renew(struct kept *k);
/* Removes from the kernel all that is there or on its way, and frees. */
void kept_end(struct kept *k);
/* Frees; the kernel is left as it is, a change under way goes on. */
void kept_free(struct kept *k);
/* What there shall be is there. */
bool kept_is_there(const struct kept *k);
/* ... and it is just that. */
bool kept_is(const struct kept *k, const struct footprint *f);

#endif
