// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A new configuration for a running daemon.
 */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "conf/conf.h"
#include "console/console.h"

struct reload {
	const char *path;
	const struct conf_overrides *overrides;
	const struct conf *now;		     /* in force */
	bool only_look;			     /* the log is not told */
	const struct console_report *report; /* hears what the log does; NULL: nobody */
	unsigned int changes;		     /* told so far; and of these ... */
	unsigned int waiting;		     /* ... those that wait for a restart */
};

/* Reads the file whole, compares it with what is in force, and tells each difference and
 * when it takes effect. The new configuration, in which what only a restart changes is as
 * it was; or NULL, with the reasons told, when it is wrong or asks for another role. */
struct conf *reload_read(struct reload *r);

/* Tells why a configuration that was read cannot be used after all. */
void reload_refuse(const struct reload *r, const char *where, const char *what, const char *hint);

#endif
