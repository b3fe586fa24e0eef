// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The console's server: where clients come in. What becomes of one is in client.c.
 *
 * Who may change things is decided by the credentials of the peer that the kernel
 * tells: root and the daemon's own user. Everybody whom the socket's mode lets in may
 * read. TCP clients can only read.
 *
 * Called by daemon/; commands are in command.c.
 */
#include "console/console.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "console/client.h"

#define CLIENTS_MAX   256
/* And so many more that may change things: those who only read cannot keep them out. */
#define CLIENTS_SPARE 16
#define ACCEPTS_PER_TURN 32

static void on_event(struct mip6 *m, enum mip6_event e, const char *text, void *ctx)
{
	struct console *console = ctx;
	struct client *c;

	(void)m;
	TAILQ_FOREACH (c, &console->clients, entry) {
		if (c->monitor)
			client_tell_event(c, e, text);
	}
}

/* --- clients come ---------------------------------------------------------------------- */

static bool may_change(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

static void welcome(struct listener *l, int peer)
{
	struct console *console = l->console;
	bool change = !l->tcp && may_change(peer);

	if (console->client_count < CLIENTS_MAX + (change ? CLIENTS_SPARE : 0) &&
	    client_new(console, peer, l->tcp, change))
		return;
	log_warning(LOG_CONSOLE, "too many clients, or no memory: one is sent away");
	close(peer);
}

static void on_listener(int fd, unsigned int ready, void *ctx)
{
	int peer;

	(void)ready;
	for (int n = 0; n < ACCEPTS_PER_TURN; n++) {
		/* cppcheck-suppress nullPointer ; that nobody wants the address is allowed */
		peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (peer < 0)
			return;
		welcome(ctx, peer);
	}
}

static int add_listener(struct console *c, int fd, bool tcp)
{
	struct listener *l = &c->listeners[c->listener_count];

	*l = (struct listener){ .fd = fd, .tcp = tcp, .console = c };
	if (listen(fd, CLIENTS_MAX) < 0)
		return -errno;
	l->watch = loop_add_fd(c->loop, fd, LOOP_READ, on_listener, l);
	if (!l->watch)
		return -errno;
	c->listener_count++;
	return 0;
}

/* 0660, and of the group of the configuration. */
static int set_owner(const char *path, const char *group)
{
	struct group found, *g = NULL;
	char buf[4096];

	if (chmod(path, 0660) < 0)
		return -errno;
	if (!group)
		return 0;
	if (getgrnam_r(group, &found, buf, sizeof(buf), &g) != 0 || !g) {
		log_error(LOG_CONSOLE, "there is no group '%s' for the console", group);
		return -ENOENT;
	}
	return chown(path, (uid_t)-1, g->gr_gid) < 0 ? -errno : 0;
}

static int listen_unix(struct console *c)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	const char *path = c->m->conf->console_socket;
	mode_t before;
	int fd, err = 0;

	if (strlen(path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	memcpy(sa.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* What a killed daemon left; the pid file has told that no other one runs. */
	unlink(path);
	before = umask(0177);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		err = -errno;
	umask(before);
	if (!err) {
		memcpy(c->path, sa.sun_path, sizeof(c->path));
		err = set_owner(path, c->m->conf->console_group);
	}
	if (!err)
		err = add_listener(c, fd, false);
	if (err)
		close(fd);
	return err;
}

static int listen_tcp(struct console *c, const struct sockaddr *sa, socklen_t len)
{
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int one = 1, err;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	err = bind(fd, sa, len) < 0 ? -errno : add_listener(c, fd, true);
	if (err)
		close(fd);
	return err;
}

/* VTService: a port of the local host, over IPv6 and IPv4. */
static int listen_vt(struct console *c)
{
	const char *service = c->m->conf->vt_service;
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in four = { .sin_family = AF_INET };
	uint16_t port;
	int err, err4;

	if (!service)
		return 0;
	port = htons((uint16_t)strtoul(service, NULL, 10)); /* the configuration checked it */
	six.sin6_port = port;
	four.sin_port = port;
	four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	err = listen_tcp(c, (struct sockaddr *)&six, sizeof(six));
	err4 = listen_tcp(c, (struct sockaddr *)&four, sizeof(four));
	return err && err4 ? err : 0;
}

struct console *console_new(struct loop *l, struct mip6 *m, const struct console_actions *a)
{
	struct console *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return NULL;
	c->loop = l;
	c->m = m;
	c->actions = *a;
	TAILQ_INIT(&c->clients);
	TAILQ_INIT(&c->queue);
	timer_init(&c->turn, "console", client_serve_queue, c);
	err = listen_unix(c);
	if (err)
		log_error(LOG_CONSOLE, "%s: %s", m->conf->console_socket, strerror(-err));
	if (!err) {
		err = listen_vt(c);
		if (err)
			log_error(LOG_CONSOLE, "the console's port: %s", strerror(-err));
	}
	if (err) {
		console_free(c);
		errno = -err;
		return NULL;
	}
	c->events = (struct mip6_listener){ .fn = on_event, .ctx = c };
	mip6_listen(m, &c->events);
	return c;
}

void console_free(struct console *c)
{
	struct client *client;

	if (!c)
		return;
	if (c->events.fn)
		mip6_unlisten(c->m, &c->events);
	while ((client = TAILQ_FIRST(&c->clients)))
		client_drop(client);
	timer_cancel(c->m->timers, &c->turn);
	for (unsigned int i = 0; i < c->listener_count; i++) {
		loop_del_fd(c->listeners[i].watch);
		close(c->listeners[i].fd);
	}
	if (*c->path)
		unlink(c->path);
	free(c);
}
