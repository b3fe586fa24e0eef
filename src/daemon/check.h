// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What os/ can find out for the console. All of it blocks.
 */
#ifndef DAEMON_CHECK_H
#define DAEMON_CHECK_H

#include "conf/conf.h"
#include "console/console.h"

/* The preflight, of a daemon that runs. */
void check_machine(const struct conf *c, console_finding_fn *fn, void *ctx);
/* See console_actions.reach; `ctx` is not used. */
int check_reach(void *ctx, const struct role_way *w, uint64_t wait_us, uint64_t *rtt_us);

#endif
