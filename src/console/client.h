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
/* So many pieces of SHOW_ROWS_MAX rows; then the loop has its turn, however fast the
 * client takes them. */
#define PIECES_PER_TURN 4

struct client {
	TAILQ_ENTRY(client) entry;
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
	struct aparts aparts;
	uint64_t pieces; /* ever made, for tests */
};

/* A client, owned by the console; it may be gone again at once. NULL: out of memory, the
 * descriptor stays the caller's. */
struct client *client_new(struct console *console, int fd, bool tcp, bool may_change);
/* Closes and frees. */
void client_drop(struct client *c);
/* For a monitor. */
void client_tell_event(struct client *c, enum mip6_event e, const char *text);

#endif
