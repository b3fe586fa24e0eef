// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the files of mip6ctl share. The protocol is in console.h.
 */
#ifndef CONSOLE_CTL_H
#define CONSOLE_CTL_H

#include <stdbool.h>
#include <stdio.h>

#define CTL_LINE_MAX 1024

/* Exit status. */
enum { EXIT_OK, EXIT_REFUSED, EXIT_USAGE, EXIT_NO_DAEMON };

enum ctl_form { CTL_TEXT, CTL_COLOUR, CTL_JSON };

struct ctl {
	FILE *daemon; /* the connection */
	enum ctl_form form;
};

/* ctl_link.c: connects to the daemon's socket. NULL: errno tells. */
FILE *ctl_dial(const char *path);
/* Sends a command and copies the answer to `out` as it comes. The exit status. */
int ctl_ask(struct ctl *c, const char *line, FILE *out);

/* ctl_edit.c: reads commands at a terminal, with line editing and completion of the words
 * that this daemon has, until the end. The exit status of the last one. */
int ctl_edit(struct ctl *c);
/* True for what ends reading commands. */
bool ctl_is_end(const char *line);

#endif
