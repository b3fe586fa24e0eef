// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * HookScript: a program of the operator's that is run when something happens.
 */
#ifndef DAEMON_HOOK_H
#define DAEMON_HOOK_H

#include "base/loop.h"
#include "core/mip6.h"

struct hooks;

/* Listens to the events of `m` from now on; which program is run, if any, its
 * configuration says at each event. NULL: out of memory. */
struct hooks *hooks_new(struct loop *l, struct mip6 *m);
/* Programs that run are killed; NULL is fine. */
void hooks_free(struct hooks *h);

#endif
