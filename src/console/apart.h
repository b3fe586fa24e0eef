// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A request that takes long, carried out by a process of its own while the loop goes on.
 */
#ifndef CONSOLE_APART_H
#define CONSOLE_APART_H

#include "base/loop.h"
#include "console/command.h"

/* How many there are, zeroed at first; owned by the console. */
struct aparts {
	unsigned int count;
};

struct apart;

/* Rendered text, as it comes; and the end, with the status of the request: then the
 * apart is gone. Neither is called from inside apart_begin(). */
typedef void apart_text_fn(void *ctx, const char *text, size_t len);
typedef void apart_end_fn(void *ctx, int status);

/* Begins; `r` and the texts it points to may change at once. NULL: errno tells (EAGAIN:
 * too many go on already). */
struct apart *apart_begin(struct aparts *all, struct loop *l, const struct command_request *r,
			  apart_text_fn *text, apart_end_fn *end, void *ctx);
/* Nothing is read from it while paused; it then waits. */
void apart_pause(struct apart *a, bool pause);
/* Ends it; nothing is called. NULL is fine. */
void apart_cancel(struct apart *a);

#endif
