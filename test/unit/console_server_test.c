// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The console's server on a real loop and a real socket, with 100 000 bindings: however many
 * clients list them, a turn of the loop makes a bounded number of rows, all clients get
 * theirs in turn, and what else is due is done meanwhile. A client that asks for
 * everything and reads nothing costs a bounded buffer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "console/client.h"
#include "core_port.h"

#define MANY	100000
#define CLIENTS 5

struct scene {
	struct port port; /* its timers are not used: the loop has some */
	struct loop *loop;
	struct mip6 mip6;
	struct conf conf;
	char folder[32];
	char path[64];
	struct console *console;
	struct timer tick;
	unsigned int ticks;
	uint64_t worst_us; /* turn */
};

static void on_tick(struct timer *t, uint64_t now_us)
{
	struct scene *s = t->ctx;

	s->ticks++;
	timer_set(loop_timers(s->loop), t, now_us, NULL);
}

static void add_bindings(struct scene *s)
{
	struct in6_addr local = { .s6_addr = { 0x20, 0x01, [15] = 1 } };

	for (unsigned int i = 0; i < MANY; i++) {
		struct in6_addr hoa = { .s6_addr = { 0x20, 0x02 } };
		struct binding *b;

		memcpy(&hoa.s6_addr[12], &i, sizeof(i));
		b = bcache_add(&s->mip6.bcache, BINDING_HOME, &hoa, &local);
		assert_non_null(b);
		binding_set_state(b, BINDING_INSTALLING);
	}
}

static int set_up(void **state)
{
	static const struct console_actions none = { .ctx = NULL };
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	port_init(&s->port);
	s->loop = loop_new();
	assert_non_null(s->loop);
	strcpy(s->folder, "/tmp/consoleXXXXXX");
	assert_non_null(mkdtemp(s->folder));
	snprintf(s->path, sizeof(s->path), "%s/socket", s->folder);
	s->conf.console_socket = s->path;
	assert_int_equal(mip6_init(&s->mip6, &s->conf, &s->port.kernel, loop_timers(s->loop),
				   loop_now_us(s->loop)), 0);
	assert_int_equal(mip6_start(&s->mip6), 0);
	add_bindings(s);
	s->console = console_new(s->loop, &s->mip6, &none);
	assert_non_null(s->console);
	timer_init(&s->tick, "tick", on_tick, s);
	timer_set(loop_timers(s->loop), &s->tick, loop_now_us(s->loop), NULL);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *s = *state;

	console_free(s->console);
	mip6_free(&s->mip6);
	loop_free(s->loop);
	port_free(&s->port);
	rmdir(s->folder);
	free(s);
	return 0;
}

static int dial(const struct scene *s, const char *line)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(sa.sun_path, s->path);
	assert_int_equal(connect(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(send(fd, line, strlen(line), 0), (ssize_t)strlen(line));
	return fd;
}

static void turn(struct scene *s)
{
	uint64_t pieces = s->console->pieces, begin_us = clock_now_us(), took_us;

	assert_int_equal(loop_turn(s->loop, 1000), 0);
	took_us = clock_now_us() - begin_us;
	if (took_us > s->worst_us)
		s->worst_us = took_us;
	/* the bound: rows of one turn */
	assert_true(s->console->pieces - pieces <= PIECES_PER_TURN);
}

static size_t left_of(const struct client *c)
{
	return c->out_len - c->out_at;
}

struct taker {
	int fd;
	size_t bytes;
	size_t rows;
	bool done;
};

static void take(struct taker *r)
{
	static char buf[1 << 16];
	ssize_t n;

	while (!r->done && (n = recv(r->fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		r->bytes += (size_t)n;
		for (ssize_t i = 0; i < n; i++)
			r->rows += buf[i] == '{';
		r->done = n >= 3 && memcmp(buf + n - 3, "!0\n", 3) == 0;
	}
}

static void many_list_all_and_nothing_stalls(void **state)
{
	struct taker readers[CLIENTS] = { { .fd = -1 } };
	struct scene *s = *state;
	size_t done = 0, turns = 0, least = 0, most = 0;

	for (size_t i = 0; i < CLIENTS; i++)
		readers[i] = (struct taker){ .fd = dial(s, "json bindings\n") };
	while (done < CLIENTS) {
		turn(s);
		turns++;
		done = 0;
		for (size_t i = 0; i < CLIENTS; i++) {
			take(&readers[i]);
			done += readers[i].done;
		}
		if (turns == 300) { /* all have got about as much */
			least = most = readers[0].rows;
			for (size_t i = 0; i < CLIENTS; i++) {
				least = readers[i].rows < least ? readers[i].rows : least;
				most = readers[i].rows > most ? readers[i].rows : most;
			}
		}
	}
	assert_true(least > 0 && most < 2 * least);
	for (size_t i = 0; i < CLIENTS; i++) {
		assert_int_equal(readers[i].rows, MANY + 1);
		close(readers[i].fd);
	}
	/* what else is due was done in each turn */
	assert_true(s->ticks >= turns);
	print_message("# %zu turns, the longest took %llu us\n", turns,
		      (unsigned long long)s->worst_us);
}

static void who_reads_nothing_costs_a_bounded_buffer(void **state)
{
	struct scene *s = *state;
	int slow = dial(s, "bindings\nbindings\nbindings\n");
	struct taker quick;
	struct client *c;

	for (int n = 0; n < 200; n++)
		turn(s);
	c = TAILQ_FIRST(&s->console->clients);
	assert_true(left_of(c) < 200000);
	assert_true(c->out_room < 500000);
	/* others are answered */
	quick = (struct taker){ .fd = dial(s, "json status\n") };
	for (int n = 0; n < 20 && !quick.done; n++) {
		turn(s);
		take(&quick);
	}
	assert_true(quick.done);
	/* and it may go at any time */
	close(slow);
	close(quick.fd);
	for (int n = 0; n < 20; n++)
		turn(s);
	assert_int_equal(s->console->client_count, 0);
}

static void two_hundred_are_served(void **state)
{
	struct scene *s = *state;
	struct taker readers[200];

	for (size_t i = 0; i < 200; i++)
		readers[i] = (struct taker){ .fd = dial(s, "") };
	for (int n = 0; n < 20; n++)
		turn(s);
	assert_int_equal(s->console->client_count, 200);
	for (size_t i = 0; i < 200; i++)
		assert_int_equal(send(readers[i].fd, "json help\n", 10, 0), 10);
	for (int n = 0; n < 200 / PIECES_PER_TURN + 10; n++) {
		turn(s);
		for (size_t i = 0; i < 200; i++)
			take(&readers[i]);
	}
	for (size_t i = 0; i < 200; i++) {
		assert_true(readers[i].done && readers[i].rows > 10);
		close(readers[i].fd);
	}
}

static void too_many_are_sent_away(void **state)
{
	struct scene *s = *state;
	int fds[300];
	char c;

	for (size_t i = 0; i < 300; i++) {
		fds[i] = dial(s, "");
		turn(s);
	}
	/* 256, and 16 more of those who may change things, as these may */
	assert_int_equal(s->console->client_count, 256 + 16);
	assert_int_equal(recv(fds[299], &c, 1, MSG_DONTWAIT), 0);
	for (size_t i = 0; i < 300; i++)
		close(fds[i]);
	for (int n = 0; n < 20; n++)
		turn(s);
	assert_int_equal(s->console->client_count, 0);
}

/* A monitor that does not keep up loses events, and hears how many; the daemon loses no
 * memory to it. */
static void a_slow_monitor_hears_what_it_lost(void **state)
{
	static char text[2000];
	struct scene *s = *state;
	struct client *c;
	size_t sent = 0, heard = 0, lost = 0;
	char buf[1 << 16];
	int fd = dial(s, "monitor\n");
	ssize_t n;

	memset(text, 'x', 900);
	turn(s);
	turn(s);
	c = TAILQ_FIRST(&s->console->clients);
	for (; c->lost < 100; sent++)
		mip6_event(&s->mip6, MIP6_EVENT_AT_HOME, "%s", text);
	assert_true(c->out_room < (32 << 20));
	for (int i = 0; i < 20000 && left_of(c); i++) {
		turn(s);
		while ((n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
			heard += (size_t)n;
	}
	assert_true(heard > (4 << 20));
	mip6_event(&s->mip6, MIP6_EVENT_AT_HOME, "the end");
	turn(s);
	turn(s);
	n = recv(fd, buf, sizeof(buf) - 1, MSG_DONTWAIT);
	assert_true(n > 0);
	buf[n] = '\0';
	assert_int_equal(sscanf(strstr(buf, "lost"), "lost events=%zu", &lost), 1);
	assert_int_equal(lost, 100);
	assert_non_null(strstr(buf, "the end"));
	close(fd);
}

/* Lines longer than any command, without an end, and zeros in them end the client alone;
 * one that closes its half still gets its answer. */
static void babble_ends_the_client_alone(void **state)
{
	struct scene *s = *state;
	struct taker half = { .fd = dial(s, "json status\n") };
	char junk[4096];
	int fd = dial(s, ""), zeros = dial(s, "");
	ssize_t n;

	memset(junk, 'x', sizeof(junk));
	assert_int_equal(send(fd, junk, sizeof(junk), 0), (ssize_t)sizeof(junk));
	memset(junk, 0, sizeof(junk));
	assert_int_equal(send(zeros, junk, sizeof(junk), 0), (ssize_t)sizeof(junk));
	assert_int_equal(shutdown(half.fd, SHUT_WR), 0);
	for (int i = 0; i < 20; i++) {
		turn(s);
		take(&half);
	}
	assert_true(half.done);
	do {
		n = recv(fd, junk, sizeof(junk), MSG_DONTWAIT);
	} while (n > 0);
	assert_true(n == 0 || errno == ECONNRESET);
	assert_int_equal(s->console->client_count, 0);
	close(half.fd);
	close(zeros);
	close(fd);
}

#define server_test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		server_test(many_list_all_and_nothing_stalls),
		server_test(who_reads_nothing_costs_a_bounded_buffer),
		server_test(two_hundred_are_served),
		server_test(too_many_are_sent_away),
		server_test(a_slow_monitor_hears_what_it_lost),
		server_test(babble_ends_the_client_alone),
	};

	log_set_level_all(LOGL_ERROR);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
