// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The daemon's life, from the configuration to the last object taken back.
 */
#ifndef DAEMON_RUN_H
#define DAEMON_RUN_H

#include "conf/conf.h"
#include "daemon/options.h"

/* Serves until it is told to stop. Takes `c` over. The exit status: 0, or 1 when
 * it could not start or stop as it should. */
int run(const struct options *o, struct conf *c);

/* Prints what this machine lacks for the role that `c` asks for, and how to mend
 * it. The exit status: 0, or 2 when something is fatal. */
int run_preflight(const struct conf *c);

#endif
