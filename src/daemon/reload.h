// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A new configuration for a running daemon.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "conf/conf.h"
#include "console/console.h"

/* Reads `path` whole, compares it with `now`, logs each difference and when it
 * takes effect. The new configuration; or NULL, with the reasons logged, when it is
 * wrong or asks for what only a restart can do: then `now` stays. `report` hears the
 * same; NULL: only the log does. */
struct conf *reload_read(const char *path, const struct conf_overrides *o,
			 const struct conf *now, const struct console_report *report);

#endif
