// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words of the console.
 */
#ifndef CONSOLE_COMMAND_H
#define CONSOLE_COMMAND_H

#include "console/console.h"
#include "core/show.h"

#define COMMAND_WORDS_MAX 16

enum command_end {
	COMMAND_DONE,
	COMMAND_MORE,	 /* call again when the client has taken this piece */
	COMMAND_MONITOR, /* events follow until the client goes */
};

struct command_request {
	struct mip6 *m;
	const struct console_actions *actions;
	bool may_change; /* the peer may change things */
	bool json;
	int argc;
	const char *argv[COMMAND_WORDS_MAX + 1];
	int status; /* set: 0 or an errno value */
};

/* Carries out one request, or its next piece, and tells the result to `out`. */
enum command_end command_run(struct command_request *r, struct show *out);

#endif
