// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words of the console.
 */
#ifndef CONSOLE_COMMAND_H
#define CONSOLE_COMMAND_H

#include "console/console.h"
#include "core/show.h"

#define COMMAND_WORDS_MAX 16

/* What a client saw when it asked for rates last. */
struct command_past {
	uint64_t at_us; /* 0: never */
	uint64_t counters[COUNTER_COUNT];
};

enum command_end {
	COMMAND_DONE,
	COMMAND_MORE,	 /* call again when the client has taken this piece */
	COMMAND_MONITOR, /* events follow until the client goes */
	COMMAND_APART,	 /* takes long: call again, with .apart, in a process of its own */
};

struct command_request {
	struct mip6 *m;
	const struct console_actions *actions;
	bool may_change; /* the peer may change things */
	bool json;
	bool colour;	 /* text, and a terminal shows it */
	struct command_past *past; /* the client's */
	bool apart;	 /* this process has nothing else to do, and may wait */
	unsigned int done; /* by the pieces before; for the word */
	void *own;	 /* with .apart: the word's, gone with the process */
	int argc;
	const char *argv[COMMAND_WORDS_MAX + 1];
	int status; /* set: 0 or an errno value */
};

/* Takes a line apart, in place, into the words of a request, whose other members stay:
 * the words "json" and "colour" may stand before the command. */
void command_parse(char *line, struct command_request *r);

/* Carries out one request, or its next piece, and tells the result to `out`. */
enum command_end command_run(struct command_request *r, struct show *out);

#endif
