// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The console's server. A client has one request at a time; its answer is made in
 * pieces, and the next piece only when most of the last has been taken, so that a
 * client that is slow costs a bounded buffer and one that is silent nothing at all.
 * What a client sends meanwhile stays in its socket. A monitor that does not keep up
 * loses events and is told how many.
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
#include "console/command.h"
#include "console/render.h"

#define CLIENTS_MAX   256
#define LINE_MAX_LEN  1024
#define ACCEPTS_PER_TURN 32
#define LISTENERS_MAX 3
/* The next piece is made when less than this is left of the former ones. */
#define OUT_LOW	   32768
/* Then the loop has its turn, however fast the client takes them. */
#define PIECES_PER_TURN 4
#define OUT_MAX	   (4 << 20) /* a monitor's */
#define TCP_PROMPT "mip6d> "

struct client {
	TAILQ_ENTRY(client) entry;
	struct console *console;
	int fd;
	struct loop_fd *watch;
	bool tcp;
	bool may_change;
	bool busy;    /* an answer is under way */
	bool monitor; /* events are wanted */
	bool ending;  /* nothing more is read; closed when all is written */
	uint64_t lost; /* events */
	char in[LINE_MAX_LEN];
	size_t in_len;
	char line[LINE_MAX_LEN]; /* of the request: its words point here */
	struct command_request request;
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
	struct listener listeners[LISTENERS_MAX];
	unsigned int listener_count;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	TAILQ_HEAD(, client) clients;
	unsigned int client_count;
};

/* --- what goes out --------------------------------------------------------------------- */

static size_t left(const struct client *c)
{
	return c->out_len - c->out_at;
}

static void drop_client(struct client *c)
{
	struct console *console = c->console;

	TAILQ_REMOVE(&console->clients, c, entry);
	console->client_count--;
	loop_del_fd(c->watch);
	close(c->fd);
	show_clear(&c->show);
	free(c->out);
	free(c);
}

/* False: out of memory; then the client ends. */
static bool put(struct client *c, const void *data, size_t len)
{
	if (c->out_at) {
		memmove(c->out, c->out + c->out_at, left(c));
		c->out_len -= c->out_at;
		c->out_at = 0;
	}
	if (c->out_len + len > c->out_room) {
		size_t room = (c->out_len + len) * 2;
		char *out = realloc(c->out, room);

		if (!out) {
			c->ending = true;
			return false;
		}
		c->out = out;
		c->out_room = room;
	}
	if (len)
		memcpy(c->out + c->out_len, data, len);
	c->out_len += len;
	return true;
}

static void put_frame(struct client *c, const char *text, size_t len)
{
	char head[32];

	if (!len)
		return;
	if (!c->tcp) {
		snprintf(head, sizeof(head), "=%zu\n", len);
		if (!put(c, head, strlen(head)))
			return;
	}
	put(c, text, len);
}

static void put_end(struct client *c, int status)
{
	char end[32];

	if (c->tcp) {
		put(c, TCP_PROMPT, sizeof(TCP_PROMPT)); /* with the zero that clients wait for */
		return;
	}
	snprintf(end, sizeof(end), "!%d\n", status);
	put(c, end, strlen(end));
}

/* Renders what is in the show as one piece. */
static void put_show(struct client *c, struct render *r, const struct show *s)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = s->bad ? NULL : open_memstream(&text, &len);

	if (!f || render_piece(r, s, f) < 0 || ferror(f)) {
		c->ending = true;
	}
	if (f)
		fclose(f);
	if (!c->ending)
		put_frame(c, text, len);
	free(text);
}

static void next_line(struct client *c);

/* Makes pieces of the answer for as long as the client takes them. */
static void go_on(struct client *c)
{
	enum command_end end = COMMAND_MORE;

	for (int n = 0; n < PIECES_PER_TURN; n++) {
		if (!c->busy || c->ending || end != COMMAND_MORE || left(c) >= OUT_LOW)
			return;
		end = command_run(&c->request, &c->show);
		if (end == COMMAND_MONITOR) {
			c->monitor = true;
			return;
		}
		put_show(c, &c->render, &c->show);
		show_clear(&c->show);
		if (end == COMMAND_DONE) {
			put_end(c, c->request.status);
			c->busy = false;
		}
	}
}

/* --- what comes in --------------------------------------------------------------------- */

static void begin(struct client *c)
{
	struct command_request *r = &c->request;
	char *at = c->line, *word;

	memset(r, 0, sizeof(*r));
	r->m = c->console->m;
	r->actions = &c->console->actions;
	r->may_change = c->may_change;
	while ((word = strsep(&at, " \t\r\n")) && r->argc < COMMAND_WORDS_MAX) {
		if (!*word)
			continue;
		if (r->argc == 0 && !r->json && strcmp(word, "json") == 0)
			r->json = true;
		else
			r->argv[r->argc++] = word;
	}
	if (c->tcp && r->argc && (!strcmp(r->argv[0], "quit") || !strcmp(r->argv[0], "exit"))) {
		c->ending = true;
		return;
	}
	show_clear(&c->show);
	c->show.cursor = 0;
	render_init(&c->render, r->json);
	c->busy = true;
	mip6_turn(c->console->m, loop_now_us(c->console->loop));
	go_on(c);
}

/* Takes lines from what was read, one at a time. */
static void next_line(struct client *c)
{
	while (!c->busy && !c->ending && left(c) < OUT_LOW) {
		char *end = memchr(c->in, '\n', c->in_len);
		size_t len;

		if (!end) {
			/* a line that is longer than any command */
			if (c->in_len == sizeof(c->in))
				c->ending = true;
			return;
		}
		len = (size_t)(end - c->in);
		memcpy(c->line, c->in, len);
		c->line[len] = '\0';
		memmove(c->in, end + 1, c->in_len - len - 1);
		c->in_len -= len + 1;
		begin(c);
	}
}

/* True when the client is to stay. */
static bool read_some(struct client *c)
{
	ssize_t n;

	if (c->in_len == sizeof(c->in))
		return true;
	n = recv(c->fd, c->in + c->in_len, sizeof(c->in) - c->in_len, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0) {
		/* it may have asked, and closed its half */
		c->ending = true;
		return !c->monitor;
	}
	c->in_len += (size_t)n;
	if (c->monitor)
		c->in_len = 0; /* a monitor has nothing to say */
	return true;
}

static bool write_some(struct client *c)
{
	while (left(c)) {
		ssize_t n = send(c->fd, c->out + c->out_at, left(c), MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		c->out_at += (size_t)n;
	}
	return true;
}

/* Brings the client as far as it goes now, and waits for the rest. */
static void serve(struct client *c)
{
	unsigned int want = 0;
	bool pending;

	if (!write_some(c)) {
		drop_client(c);
		return;
	}
	if (c->busy && !c->monitor && left(c) < OUT_LOW) {
		mip6_turn(c->console->m, loop_now_us(c->console->loop));
		go_on(c);
	}
	next_line(c);
	if (!write_some(c)) {
		drop_client(c);
		return;
	}
	if (c->ending && !left(c) && (!c->busy || c->monitor)) {
		drop_client(c);
		return;
	}
	/* What is asked while answers wait to be taken stays where it is: memory is bounded. */
	pending = (c->busy && !c->monitor) || memchr(c->in, '\n', c->in_len);
	if (left(c) || pending)
		want |= LOOP_WRITE;
	if (!c->ending && (c->monitor || (!pending && left(c) < OUT_LOW)))
		want |= LOOP_READ;
	if (c->ending && c->busy && !c->monitor)
		c->ending = false; /* its half is closed; the answer still goes out */
	loop_want_fd(c->watch, want);
}

static void on_client(int fd, unsigned int ready, void *ctx)
{
	struct client *c = ctx;

	(void)fd;
	if ((ready & LOOP_READ) && (!c->busy || c->monitor) && !read_some(c)) {
		drop_client(c);
		return;
	}
	serve(c);
}

/* --- events ---------------------------------------------------------------------------- */

/* "key=value key="several words" ..." as fields. */
static void show_fields(struct show *s, const char *text)
{
	static char keys[16][32]; /* keys of a show are not copied; one event at a time */
	char copy[1024], *at = copy;
	unsigned int n = 0;

	snprintf(copy, sizeof(copy), "%s", text);
	while (*at && n < 16) {
		char *equals = strchr(at, '='), *value, *end;

		if (!equals)
			return;
		*equals = '\0';
		value = equals + 1;
		if (*value == '"') {
			value++;
			end = strchr(value, '"');
		} else {
			end = strchr(value, ' ');
		}
		if (end)
			*end = '\0';
		strlcpy(keys[n], at, sizeof(keys[n]));
		show_text(s, keys[n++], value);
		at = end ? end + 1 : value + strlen(value);
		at += strspn(at, " ");
	}
}

static void tell_event(struct client *c, enum mip6_event e, const char *text)
{
	char line[1200];
	struct render r;
	struct show s;

	if (left(c) > OUT_MAX) {
		c->lost++;
		return;
	}
	if (!c->request.json) {
		snprintf(line, sizeof(line), "%s %s\n", mip6_event_name(e), text);
		put_frame(c, line, strlen(line));
		return;
	}
	show_init(&s);
	show_text(&s, "event", mip6_event_name(e));
	if (c->lost)
		show_number(&s, "lost", c->lost);
	c->lost = 0;
	show_fields(&s, text);
	render_init(&r, true);
	put_show(c, &r, &s);
	show_clear(&s);
}

static void on_event(struct mip6 *m, enum mip6_event e, const char *text, void *ctx)
{
	struct console *console = ctx;
	struct client *c;

	(void)m;
	TAILQ_FOREACH (c, &console->clients, entry) {
		if (!c->monitor)
			continue;
		tell_event(c, e, text);
		/* never from here: the event may have come out of this client's command */
		loop_want_fd(c->watch, LOOP_READ | LOOP_WRITE);
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
	struct client *c;

	c = console->client_count < CLIENTS_MAX ? calloc(1, sizeof(*c)) : NULL;
	if (c)
		c->watch = loop_add_fd(console->loop, peer, LOOP_READ, on_client, c);
	if (!c || !c->watch) {
		log_warning(LOG_CONSOLE, "too many clients, or no memory: one is sent away");
		free(c);
		close(peer);
		return;
	}
	c->console = console;
	c->fd = peer;
	c->tcp = l->tcp;
	c->may_change = !l->tcp && may_change(peer);
	show_init(&c->show);
	TAILQ_INSERT_TAIL(&console->clients, c, entry);
	console->client_count++;
	if (c->tcp) {
		put_end(c, 0);
		serve(c);
	}
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
	unsigned long port;
	char *end;
	int err, err4;

	if (!service)
		return 0;
	port = strtoul(service, &end, 10);
	if (*end || port == 0 || port > 65535) {
		log_error(LOG_CONSOLE, "VTService must be the number of a port, not '%s'", service);
		return -EINVAL;
	}
	six.sin6_port = htons((uint16_t)port);
	four.sin_port = htons((uint16_t)port);
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
	m->on_event = on_event;
	m->on_event_ctx = c;
	return c;
}

void console_free(struct console *c)
{
	struct client *client;

	if (!c)
		return;
	if (c->m->on_event_ctx == c)
		c->m->on_event = NULL;
	while ((client = TAILQ_FIRST(&c->clients)))
		drop_client(client);
	for (unsigned int i = 0; i < c->listener_count; i++) {
		loop_del_fd(c->listeners[i].watch);
		close(c->listeners[i].fd);
	}
	if (*c->path)
		unlink(c->path);
	free(c);
}
