// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names to addresses: the hosts file, and a name server of this file's own on the loopback
 * interface, in the same loop (RFC 1035 section 4.1, RFC 3596 section 2.2).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/resolve.h"

#define TYPE_AAAA	28
#define FLAGS_ANSWER	0x8180
#define FLAGS_NO_NAME	0x8183
#define TIME_LIMIT_US	10000000ULL

struct scene {
	struct loop *loop;
	struct loop_fd *server;
	int fd;
	bool silent;
	unsigned int answers; /* addresses in each answer; 0: there is no such name */
	unsigned int asked;
	struct in6_addr asked_from;
	char resolv_conf[32];
	char hosts[32];

	/* what came back */
	unsigned int called;
	size_t count;
	struct in6_addr addrs[RESOLVE_MAX];
};

static size_t put_answer(uint8_t *at, unsigned int n)
{
	const uint8_t fixed[] = { 0xc0, 12, 0, TYPE_AAAA, 0, 1, 0, 0, 0, 60, 0, 16 };
	struct in6_addr addr;

	memcpy(at, fixed, sizeof(fixed));
	assert_int_equal(addr_parse("2001:db8::1", &addr), 0);
	addr.s6_addr[15] = (uint8_t)n;
	memcpy(at + sizeof(fixed), &addr, sizeof(addr));
	return sizeof(fixed) + sizeof(addr);
}

static void on_question(int fd, unsigned int ready, void *ctx)
{
	struct scene *s = ctx;
	struct sockaddr_in6 from;
	socklen_t len = sizeof(from);
	uint8_t buf[1500];
	ssize_t n = recvfrom(fd, buf, 512, 0, (struct sockaddr *)&from, &len);
	uint16_t flags = htons(s->answers ? FLAGS_ANSWER : FLAGS_NO_NAME);
	size_t size = (size_t)n;
	unsigned int i;

	(void)ready;
	assert_true(n > 12);
	s->asked++;
	s->asked_from = from.sin6_addr;
	if (s->silent)
		return;
	memcpy(buf + 2, &flags, 2);
	buf[7] = (uint8_t)s->answers;
	buf[9] = buf[11] = 0; /* no more sections */
	for (i = 0; i < s->answers; i++)
		size += put_answer(buf + size, i + 1);
	assert_int_equal(sendto(fd, buf, size, 0, (struct sockaddr *)&from, len), size);
}

static void write_file(char *path, const char *text)
{
	int fd;

	strcpy(path, "/tmp/mip6d-resolve.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int setup(void **state)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct scene *s = calloc(1, sizeof(*s));
	socklen_t len = sizeof(at);
	char text[64];

	assert_non_null(s);
	s->loop = loop_new();
	assert_non_null(s->loop);
	s->fd = socket(AF_INET6, SOCK_DGRAM, 0);
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&at, len)) {
		print_message("no IPv6 on the loopback interface\n");
		exit(77);
	}
	getsockname(s->fd, (struct sockaddr *)&at, &len);
	s->server = loop_add_fd(s->loop, s->fd, LOOP_READ, on_question, s);
	snprintf(text, sizeof(text), "nameserver [::1]:%u\n", ntohs(at.sin6_port));
	write_file(s->resolv_conf, text);
	write_file(s->hosts, "# comment ha.example\n127.0.0.1 ha.example\n"
			     "2001:db8::7\tother.example HA.Example # ha.example\n");
	resolve_set_files(s->resolv_conf, s->hosts);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	loop_del_fd(s->server);
	close(s->fd);
	loop_free(s->loop);
	unlink(s->resolv_conf);
	unlink(s->hosts);
	free(s);
	return 0;
}

static void on_resolved(const struct in6_addr *addrs, size_t count, const char *why, void *ctx)
{
	struct scene *s = ctx;

	assert_true(count > 0 || why[0]);
	s->called++;
	s->count = count;
	memcpy(s->addrs, addrs, count * sizeof(*addrs));
}

/* Asks, and waits for the answer. */
static void ask(struct scene *s, const char *name, const char *source)
{
	struct in6_addr from;
	uint64_t end_us;

	assert_int_equal(addr_parse(source, &from), 0);
	assert_non_null(resolve_name(s->loop, name, &from, on_resolved, s));
	assert_int_equal(s->called, 0); /* never from inside */
	loop_turn(s->loop, 0);
	end_us = loop_now_us(s->loop) + TIME_LIMIT_US;
	while (!s->called && loop_now_us(s->loop) < end_us)
		loop_turn(s->loop, 1000000);
	assert_int_equal(s->called, 1);
}

static void the_hosts_file_comes_first(void **state)
{
	struct scene *s = *state;

	ask(s, "ha.example", "::");
	assert_int_equal(s->count, 1);
	assert_string_equal(ADDR_STR(&s->addrs[0]), "2001:db8::7");
	assert_int_equal(s->asked, 0);
}

static void the_dns_is_asked_from_the_source(void **state)
{
	struct scene *s = *state;

	s->answers = 2;
	ask(s, "agents.example", "::1");
	assert_int_equal(s->count, 2);
	assert_string_equal(ADDR_STR(&s->addrs[0]), "2001:db8::1");
	assert_string_equal(ADDR_STR(&s->addrs[1]), "2001:db8::2");
	assert_string_equal(ADDR_STR(&s->asked_from), "::1");
}

static void many_addresses_are_cut(void **state)
{
	struct scene *s = *state;

	s->answers = RESOLVE_MAX + 4;
	ask(s, "agents.example", "::");
	assert_int_equal(s->count, RESOLVE_MAX);
}

static void there_may_be_no_such_name(void **state)
{
	struct scene *s = *state;

	ask(s, "nobody.example", "::");
	assert_int_equal(s->count, 0);
	assert_true(s->asked >= 1);
}

static void there_may_be_no_name_server(void **state)
{
	struct scene *s = *state;

	resolve_set_files("/nonexistent/resolv.conf", "/nonexistent/hosts");
	ask(s, "ha.example", "2001:db8::1");
	assert_int_equal(s->count, 0);
	assert_int_equal(s->asked, 0);
}

static void what_is_cancelled_is_not_answered(void **state)
{
	const struct in6_addr any = { .s6_addr = { 0 } };
	struct scene *s = *state;
	struct resolve *r;

	s->answers = 1;
	resolve_cancel(resolve_name(s->loop, "ha.example", &any, on_resolved, s));
	r = resolve_name(s->loop, "agents.example", &any, on_resolved, s);
	resolve_cancel(r);
	s->silent = true;
	r = resolve_name(s->loop, "agents.example", &any, on_resolved, s);
	while (!s->asked)
		loop_turn(s->loop, 100000);
	resolve_cancel(r);
	resolve_cancel(NULL);
	loop_turn(s->loop, 100000);
	assert_int_equal(s->called, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_hosts_file_comes_first, setup, teardown),
		cmocka_unit_test_setup_teardown(the_dns_is_asked_from_the_source, setup, teardown),
		cmocka_unit_test_setup_teardown(many_addresses_are_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(there_may_be_no_such_name, setup, teardown),
		cmocka_unit_test_setup_teardown(there_may_be_no_name_server, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_cancelled_is_not_answered, setup, teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
