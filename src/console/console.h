// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The console: commands from people and programs, over a UNIX socket and, where it is
 * wanted, a TCP port of the local host that can only read.
 *
 * The protocol: the client sends a line "WORD ARGUMENT...", before which "json " asks
 * for JSON. The answer comes as frames "=LENGTH\n" and so many bytes, and ends with
 * "!STATUS\n": 0, or an errno value. A client may send the next line then. On TCP
 * there are no frames: text, and then a prompt.
 */
#ifndef CONSOLE_CONSOLE_H
#define CONSOLE_CONSOLE_H

#include "base/loop.h"
#include "core/mip6.h"

struct console;

/* Who hears what a reload found. All texts are valid during the call. */
struct console_report {
	/* `hint` may be "". */
	void (*mistake)(const char *severity, const char *where, const char *what,
			const char *hint, void *ctx);
	/* `option` with its key where there are several; before and after as the
	 * configuration writes them, "" for not there; `waits`: for a restart. */
	void (*change)(const char *option, const char *before, const char *after,
		       const char *effect, bool waits, void *ctx);
	void *ctx;
};

typedef void console_finding_fn(const char *severity, const char *what, const char *mend,
				void *ctx);

/* What the daemon does for the console. */
struct console_actions {
	/* 0 or -errno; the log tells as much as the report, or, with `only_look`, nothing:
	 * then nothing is changed either. */
	int (*reload)(void *ctx, bool only_look, const struct console_report *report);
	/* How many options wait for a restart, as far as reloads have told. */
	unsigned int (*waiting)(void *ctx);
	void (*stop)(void *ctx, enum role_stop how);
	/* These block, and are only called apart (apart.h). What is wrong with this machine:
	 * `mend` may be "". */
	void (*check)(void *ctx, console_finding_fn *fn, void *fn_ctx);
	/* Sends an echo request: 0, and how long the reply took; -ETIMEDOUT; or -errno. */
	int (*reach)(void *ctx, const struct role_way *w, uint64_t wait_us, uint64_t *rtt_us);
	void *ctx;
};

/* Listens as m->conf says. NULL on failure: errno tells and the log says why. */
struct console *console_new(struct loop *l, struct mip6 *m, const struct console_actions *a);
/* Closes all; NULL is fine. */
void console_free(struct console *c);

#endif
