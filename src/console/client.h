// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the files of the console's server share. Private to console/.
 */
#ifndef CONSOLE_CLIENT_H
#define CONSOLE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/un.h>

#include "console/apart.h"
#include "console/command.h"
#include "console/console.h"
#include "console/render.h"

#define LINE_MAX_LEN  1024
#define LISTENERS_MAX 3
/* So many pieces of SHOW_ROWS_MAX rows, for all clients together; then the loop has its
 * turn, however fast they are taken. */
#define PIECES_PER_TURN 2

struct client {
	TAILQ_ENTRY(client) entry;
	TAILQ_ENTRY(client) in_queue;
	bool queued; /* waits for its next piece to be made */
	struct console *console;
	int fd;
	struct loop_fd *watch;
	bool tcp;
	bool may_change;
	bool busy;     /* an answer is under way */
	bool monitor;  /* events are wanted */
	bool ending;   /* nothing more is read; closed when all is written */
	uint64_t lost; /* events */
	char in[LINE_MAX_LEN];
	size_t in_len;
	char line[LINE_MAX_LEN]; /* of the request: its words point here */
	struct command_request request;
	struct command_past past;
	struct apart *apart; /* that carries the request out, or NULL */
	struct show show;
	struct render render;
	char *out; /* owned */
	size_t out_len;
	size_t out_at; /* written so far */
	size_t out_room;
};

struct listener {
	int fd;
	struct loop_fd *watch;
	bool tcp;
	struct console *console;
};

struct console {
	struct loop *loop;
	struct mip6 *m;
	struct console_actions actions;
	struct mip6_listener events;
	struct listener listeners[LISTENERS_MAX];
	unsigned int listener_count;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	TAILQ_HEAD(, client) clients;
	unsigned int client_count;
	TAILQ_HEAD(, client) queue;
	struct timer turn; /* the queue is served */
	struct aparts aparts;
	uint64_t pieces; /* ever made, for tests */
};

/* A client, owned by the console; it may be gone again at once. NULL: out of memory, the
 * descriptor stays the caller's. */
struct client *client_new(struct console *console, int fd, bool tcp, bool may_change);
/* Makes pieces for the clients that wait, in order; the timer's callback. */
void client_serve_queue(struct timer *t, uint64_t now_us);
/* Closes and frees. */
void client_drop(struct client *c);
/* For a monitor. */
void client_tell_event(struct client *c, enum mip6_event e, const char *text);

#endif
