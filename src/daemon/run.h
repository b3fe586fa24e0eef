// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The daemon's life, from the configuration to the last object taken back.
 */
#ifndef DAEMON_RUN_H
#define DAEMON_RUN_H

#include "conf/conf.h"
#include "daemon/options.h"

/* The exit status of a daemon that could not start or stop as it should, though its
 * configuration is right: another attempt may go better. */
#define EXIT_CANNOT_SERVE 2

/* Serves until it is told to stop. Takes `c` over. The exit status: 0, or
 * EXIT_CANNOT_SERVE. */
int run(const struct options *o, struct conf *c);

/* Prints what this machine lacks for the role that `c` asks for, and how to mend
 * it. The exit status: 0, or EXIT_CANNOT_SERVE. */
int run_preflight(const struct conf *c);

#endif
