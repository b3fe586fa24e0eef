// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One client of the console. It has one request at a time; the answer is made in pieces,
 * and the next piece only when most of the last has been taken, so that a client that is
 * slow costs a bounded buffer and one that is silent nothing at all. What a client sends
 * meanwhile stays in its socket. A monitor that does not keep up loses events and is told
 * how many.
 *
 * Called by server.c.
 */
#include "console/client.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The next piece is made when less than this is left of the former ones. */
#define OUT_LOW	   32768
#define OUT_MAX	   (4 << 20) /* a monitor's */
#define TCP_PROMPT "mip6d> "

/* --- what goes out --------------------------------------------------------------------- */

static size_t left(const struct client *c)
{
	return c->out_len - c->out_at;
}

static void leave_queue(struct client *c);

void client_drop(struct client *c)
{
	struct console *console = c->console;

	TAILQ_REMOVE(&console->clients, c, entry);
	console->client_count--;
	leave_queue(c);
	apart_cancel(c->apart);
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

static void serve(struct client *c);

static void on_apart_text(void *ctx, const char *text, size_t len)
{
	struct client *c = ctx;

	put_frame(c, text, len);
	serve(c);
}

static void on_apart_end(void *ctx, int status)
{
	struct client *c = ctx;

	c->apart = NULL;
	put_end(c, status);
	c->busy = false;
	serve(c);
}

static void begin_apart(struct client *c)
{
	c->apart = apart_begin(&c->console->aparts, c->console->loop, &c->request, on_apart_text,
			       on_apart_end, c);
	if (c->apart)
		return;
	show_format(&c->show, "error", "%s", errno == EAGAIN ? "too many such requests at once" :
							       strerror(errno));
	put_show(c, &c->render, &c->show);
	show_clear(&c->show);
	put_end(c, EAGAIN);
	c->busy = false;
}

/* The next piece of the answer. */
static void make_piece(struct client *c)
{
	enum command_end end;

	if (!c->busy || c->apart || c->monitor || c->ending)
		return;
	end = command_run(&c->request, &c->show);
	c->console->pieces++;
	if (end == COMMAND_MONITOR) {
		c->monitor = true;
		return;
	}
	if (end == COMMAND_APART) {
		begin_apart(c);
		return;
	}
	put_show(c, &c->render, &c->show);
	show_clear(&c->show);
	if (end == COMMAND_DONE) {
		put_end(c, c->request.status);
		c->busy = false;
	}
}

static void queue_up(struct client *c)
{
	struct console *console = c->console;

	if (c->queued)
		return;
	c->queued = true;
	TAILQ_INSERT_TAIL(&console->queue, c, in_queue);
	timer_set(console->m->timers, &console->turn, loop_now_us(console->loop), NULL);
}

static void leave_queue(struct client *c)
{
	if (c->queued)
		TAILQ_REMOVE(&c->console->queue, c, in_queue);
	c->queued = false;
}

void client_serve_queue(struct timer *t, uint64_t now_us)
{
	struct console *console = t->ctx;
	struct client *c;

	mip6_turn(console->m, now_us);
	for (int n = 0; n < PIECES_PER_TURN && (c = TAILQ_FIRST(&console->queue)); n++) {
		leave_queue(c);
		make_piece(c);
		serve(c);
	}
	if (!TAILQ_EMPTY(&console->queue))
		timer_set(console->m->timers, t, now_us, NULL);
}

/* --- what comes in --------------------------------------------------------------------- */

static void begin(struct client *c)
{
	struct command_request *r = &c->request;

	memset(r, 0, sizeof(*r));
	r->m = c->console->m;
	r->actions = &c->console->actions;
	r->may_change = c->may_change;
	r->past = &c->past;
	command_parse(c->line, r);
	if (c->tcp && r->argc && (!strcmp(r->argv[0], "quit") || !strcmp(r->argv[0], "exit"))) {
		c->ending = true;
		return;
	}
	show_clear(&c->show);
	c->show.cursor = 0;
	render_init(&c->render, r->json, r->colour);
	c->busy = true;
	queue_up(c);
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
		client_drop(c);
		return;
	}
	if (c->busy && !c->monitor && !c->apart && left(c) < OUT_LOW)
		queue_up(c);
	next_line(c);
	if (!write_some(c)) {
		client_drop(c);
		return;
	}
	if (c->ending && !left(c) && (!c->busy || c->monitor)) {
		client_drop(c);
		return;
	}
	/* What is asked while answers wait to be taken stays where it is: memory is bounded. */
	pending = (c->busy && !c->monitor) || memchr(c->in, '\n', c->in_len);
	if (left(c) || (pending && !c->apart && !c->queued))
		want |= LOOP_WRITE;
	if (!c->ending && (c->monitor || (!pending && left(c) < OUT_LOW)))
		want |= LOOP_READ;
	if (c->ending && c->busy && !c->monitor)
		c->ending = false; /* its half is closed; the answer still goes out */
	if (c->apart)
		apart_pause(c->apart, left(c) >= OUT_LOW);
	loop_want_fd(c->watch, want);
}

static void on_ready(int fd, unsigned int ready, void *ctx)
{
	struct client *c = ctx;

	(void)fd;
	if ((ready & LOOP_READ) && (!c->busy || c->monitor) && !read_some(c)) {
		client_drop(c);
		return;
	}
	serve(c);
}

/* --- events ---------------------------------------------------------------------------- */

#define FIELDS_MAX 16

/* Fields of one event; a show does not copy its keys. */
struct fields {
	char keys[FIELDS_MAX][32];
};

/* "key=value key="several words" ..." as fields; `keep` must live as long as the show. */
static void show_fields(struct show *s, const char *text, struct fields *keep)
{
	char copy[1024], *at = copy;

	snprintf(copy, sizeof(copy), "%s", text);
	for (unsigned int n = 0; *at && n < FIELDS_MAX; n++) {
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
		strlcpy(keep->keys[n], at, sizeof(keep->keys[n]));
		show_text(s, keep->keys[n], value);
		at = end ? end + 1 : value + strlen(value);
		at += strspn(at, " ");
	}
}

void client_tell_event(struct client *c, enum mip6_event e, const char *text)
{
	struct fields keep;
	char line[1200];
	struct render r;
	struct show s;

	if (left(c) > OUT_MAX) {
		c->lost++;
		return;
	}
	if (!c->request.json) {
		if (c->lost) {
			snprintf(line, sizeof(line), "lost events=%" PRIu64 "\n", c->lost);
			put_frame(c, line, strlen(line));
		}
		snprintf(line, sizeof(line), "%s %s\n", mip6_event_name(e), text);
		put_frame(c, line, strlen(line));
	} else {
		show_init(&s);
		show_text(&s, "event", mip6_event_name(e));
		if (c->lost)
			show_number(&s, "lost", c->lost);
		show_fields(&s, text, &keep);
		render_init(&r, true, false);
		put_show(c, &r, &s);
		show_clear(&s);
	}
	c->lost = 0;
	/* never from here: the event may have come out of this client's command */
	loop_want_fd(c->watch, LOOP_READ | LOOP_WRITE);
}

/* --- a new one --------------------------------------------------------------------------- */

struct client *client_new(struct console *console, int fd, bool tcp, bool may_change)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->watch = loop_add_fd(console->loop, fd, LOOP_READ, on_ready, c);
	if (!c->watch) {
		free(c);
		return NULL;
	}
	c->console = console;
	c->fd = fd;
	c->tcp = tcp;
	c->may_change = may_change;
	show_init(&c->show);
	TAILQ_INSERT_TAIL(&console->clients, c, entry);
	console->client_count++;
	if (tcp) {
		put_end(c, 0);
		serve(c);
	}
	return c;
}
