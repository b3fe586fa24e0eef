// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stream: probes between two nodes of the lab, both ways, and what became of them.
 *
 *	stream INTERVAL_US NETNS ADDRESS PORT NETNS ADDRESS PORT
 *
 * Every INTERVAL_US each end sends one UDP probe to the other. One process is both ends, with a
 * socket in each namespace: the guest has one slow CPU, and so one clock stamps everything.
 * A probe's arrival is stamped by the kernel, not when this process gets round to it.
 * The addresses need not be there yet: a mobile node's home address comes later.
 *
 * Standard input takes commands, one a line; each is answered by one line on standard output:
 *
 *	mark			a period begins now; the answer is "{}"
 *	report LINGER_MS	the period ends now (and another begins); once LINGER_MS have
 *				passed, so that what is under way can arrive, the answer says
 *				what became of the probes sent in it, as JSON (see report())
 *	probes			all probes so far, each way: {"out": [[sent_us, got_us], ...],
 *				"back": ...}, got_us 0 where it has not arrived
 *
 * End of input ends the program.
 *
 * struct end is one end: its socket, and the record of what it has sent. A probe carries its
 * sequence number and the direction it travels in, so that one arriving at the wrong end counts
 * for nothing. Called by stream.py.
 */
#include "config.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define PROBE_MAGIC 0x6d6970366c616221ULL
/* How many probes before a period's first may still arrive in it. */
#define EARLY_MAX 10000

struct probe { /* as it travels, network order */
	uint64_t magic;
	uint32_t from;
	uint32_t seq;
};

struct record {
	uint64_t sent_us;
	uint64_t got_us; /* 0: has not arrived */
	uint32_t copies; /* arrivals beyond the first */
	bool overtaken;	 /* a later probe arrived before it */
	bool refused;	 /* the kernel would not send it */
};

struct end {
	int sock;
	struct sockaddr_in6 addr;
	struct record *sent;
	size_t count, room;
	uint32_t seq_highest; /* of those that arrived, plus one */
};

struct stream {
	struct end end[2];
	size_t first[2]; /* of each end's probes, the first of this period */
	size_t last[2];	 /* one past the last of the period under report */
	uint64_t begin_us, end_us;
	uint64_t report_us; /* when to report; 0: nothing to report */
};

static void die(const char *what)
{
	fprintf(stderr, "stream: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void end_open(struct end *end, char **arg)
{
	const int on = 1, room = 4 << 20;
	int ns;

	ns = open(arg[0], O_RDONLY | O_CLOEXEC);
	if (ns < 0 || setns(ns, CLONE_NEWNET))
		die(arg[0]);
	close(ns);
	end->addr.sin6_family = AF_INET6;
	end->addr.sin6_port = htons((uint16_t)atoi(arg[2]));
	errno = EINVAL;
	if (inet_pton(AF_INET6, arg[1], &end->addr.sin6_addr) != 1)
		die(arg[1]);
	end->sock = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (end->sock < 0)
		die("socket");
	if (setsockopt(end->sock, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    setsockopt(end->sock, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)) ||
	    setsockopt(end->sock, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof(on)))
		die("setsockopt");
	if (bind(end->sock, (struct sockaddr *)&end->addr, sizeof(end->addr)))
		die("bind");
}

/* One probe from an end to the other. */
static void end_send(struct end *end, const struct end *other, uint32_t from)
{
	const struct probe probe = {
		.magic = htobe64(PROBE_MAGIC),
		.from = htonl(from),
		.seq = htonl((uint32_t)end->count),
	};
	struct record *r;

	if (end->count == end->room) {
		end->room = end->room ? 2 * end->room : 4096;
		end->sent = realloc(end->sent, end->room * sizeof(*end->sent));
		if (!end->sent)
			die("memory");
	}
	r = &end->sent[end->count++];
	*r = (struct record){.sent_us = clock_us()};
	r->refused = sendto(end->sock, &probe, sizeof(probe), 0,
			    (const struct sockaddr *)&other->addr, sizeof(other->addr)) < 0;
}

static uint64_t arrival_us(struct msghdr *msg)
{
	struct timespec ts;
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
		}
	}
	return clock_us();
}

static void end_note_arrival(struct end *sender, uint32_t seq, uint64_t now_us)
{
	struct record *r;

	if (seq >= sender->count)
		return;
	r = &sender->sent[seq];
	if (r->got_us) {
		r->copies++;
		return;
	}
	r->got_us = now_us;
	if (seq < sender->seq_highest)
		r->overtaken = true;
	else
		sender->seq_highest = seq + 1;
}

/* Everything that waits at this end; `from` is the number of the other. */
static void end_receive(const struct end *end, struct end *other, uint32_t from)
{
	char control[CMSG_SPACE(sizeof(struct timespec)) + 64];
	struct probe probe;
	struct iovec iov = {.iov_base = &probe, .iov_len = sizeof(probe)};
	struct msghdr msg;
	ssize_t n;

	for (;;) {
		msg = (struct msghdr){.msg_iov = &iov,
				      .msg_iovlen = 1,
				      .msg_control = control,
				      .msg_controllen = sizeof(control)};
		n = recvmsg(end->sock, &msg, 0);
		if (n < 0) {
			/* An ICMPv6 error of an earlier probe shows here once. */
			if (errno == EAGAIN)
				return;
			continue;
		}
		if (n != sizeof(probe) || be64toh(probe.magic) != PROBE_MAGIC ||
		    ntohl(probe.from) != from)
			continue;
		end_note_arrival(other, ntohl(probe.seq), arrival_us(&msg));
	}
}

static int by_time(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Arrivals of probes that were under way when the period began: they are no silence. Writes
 * them to `times`, which may be NULL, and returns their number. */
static size_t early_arrivals(const struct stream *s, int from, uint64_t *times)
{
	size_t i, n = 0;

	for (i = s->first[from]; i-- > 0 && s->first[from] - i <= EARLY_MAX;) {
		const struct record *r = &s->end[from].sent[i];

		if (r->got_us < s->begin_us)
			continue;
		if (times)
			times[n] = r->got_us;
		n++;
	}
	return n;
}

/* The longest time without an arrival between begin and end; times are sorted on the way. */
static uint64_t longest_silence_us(uint64_t *times, size_t n, uint64_t begin_us, uint64_t end_us)
{
	uint64_t longest = 0, before = begin_us;
	size_t i;

	qsort(times, n, sizeof(*times), by_time);
	for (i = 0; i < n; i++) {
		if (times[i] < before)
			continue;
		if (times[i] - before > longest)
			longest = times[i] - before;
		before = times[i];
	}
	return end_us > before && end_us - before > longest ? end_us - before : longest;
}

/*
 * One direction as a JSON object: numbers of probes sent, refused (by the sender's own kernel;
 * they count as lost too), lost, duplicated, reordered; outage_ms, the longest silence at the
 * receiver; sender_gap_ms, the longest silence at the sender, which is the machine's fault and
 * bounds how far outage_ms can be trusted; delays.
 */
static void report_direction(const struct stream *s, int from, const char *name)
{
	const struct record *r, *before = NULL;
	uint64_t refused = 0, lost = 0, duplicated = 0, reordered = 0, gap = 0, delay;
	uint64_t delay_min = UINT64_MAX, delay_max = 0, delay_sum = 0, silence;
	size_t i, n = s->last[from] - s->first[from], got = early_arrivals(s, from, NULL);
	uint64_t *times = calloc(n + got + 1, sizeof(*times));

	if (!times)
		die("memory");
	early_arrivals(s, from, times);
	for (i = s->first[from]; i < s->last[from]; before = r, i++) {
		r = &s->end[from].sent[i];
		refused += r->refused;
		duplicated += r->copies;
		reordered += r->overtaken;
		if (before && r->sent_us - before->sent_us > gap)
			gap = r->sent_us - before->sent_us;
		if (!r->got_us) {
			lost++;
			continue;
		}
		times[got++] = r->got_us;
		delay = r->got_us > r->sent_us ? r->got_us - r->sent_us : 0;
		delay_sum += delay;
		delay_min = delay < delay_min ? delay : delay_min;
		delay_max = delay > delay_max ? delay : delay_max;
	}
	silence = longest_silence_us(times, got, s->begin_us, s->end_us);
	free(times);
	printf("\"%s\": {\"sent\": %zu, \"refused\": %" PRIu64 ", \"lost\": %" PRIu64
	       ", \"duplicated\": %" PRIu64 ", \"reordered\": %" PRIu64
	       ", \"outage_ms\": %.3f, \"sender_gap_ms\": %.3f",
	       name, n, refused, lost, duplicated, reordered, (double)silence / 1e3,
	       (double)gap / 1e3);
	got = n - lost;
	if (got)
		printf(", \"delay_ms\": {\"min\": %.3f, \"mean\": %.3f, \"max\": %.3f}",
		       (double)delay_min / 1e3, (double)delay_sum / 1e3 / (double)got,
		       (double)delay_max / 1e3);
	printf("}");
}

static void period_begin(struct stream *s, uint64_t now_us)
{
	s->begin_us = now_us;
	s->first[0] = s->end[0].count;
	s->first[1] = s->end[1].count;
}

static void report(struct stream *s)
{
	const size_t next[2] = {s->last[0], s->last[1]};

	printf("{\"begin_us\": %" PRIu64 ", \"end_us\": %" PRIu64 ", ", s->begin_us, s->end_us);
	report_direction(s, 0, "out");
	printf(", ");
	report_direction(s, 1, "back");
	printf("}\n");
	s->begin_us = s->end_us;
	s->first[0] = next[0];
	s->first[1] = next[1];
	s->report_us = 0;
}

static void tell_probes(const struct stream *s, int from, const char *name)
{
	const struct end *e = &s->end[from];
	size_t i;

	printf("\"%s\": [", name);
	for (i = 0; i < e->count; i++)
		printf("%s[%" PRIu64 ", %" PRIu64 "]", i ? ", " : "", e->sent[i].sent_us,
		       e->sent[i].got_us);
	printf("]");
}

/* A command from standard input. Returns false at the end of input. */
static bool take_command(struct stream *s)
{
	static char line[128];
	static size_t have;
	char c;

	if (read(STDIN_FILENO, &c, 1) != 1)
		return false;
	if (c != '\n') {
		if (have < sizeof(line) - 1)
			line[have++] = c;
		return true;
	}
	line[have] = '\0';
	have = 0;
	if (strcmp(line, "mark") == 0) {
		period_begin(s, clock_us());
		printf("{}\n");
	} else if (strncmp(line, "report ", 7) == 0 && !s->report_us) {
		s->end_us = clock_us();
		s->last[0] = s->end[0].count;
		s->last[1] = s->end[1].count;
		s->report_us = s->end_us + (uint64_t)atoi(line + 7) * 1000;
	} else if (strcmp(line, "probes") == 0) {
		printf("{");
		tell_probes(s, 0, "out");
		printf(", ");
		tell_probes(s, 1, "back");
		printf("}\n");
	} else {
		printf("{\"error\": \"unknown command\"}\n");
	}
	return true;
}

static int open_timer(unsigned interval_us)
{
	const struct timespec every = {
		.tv_sec = interval_us / 1000000,
		.tv_nsec = (long)(interval_us % 1000000) * 1000,
	};
	const struct itimerspec spec = {.it_interval = every, .it_value = every};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (fd < 0 || timerfd_settime(fd, 0, &spec, NULL))
		die("timer");
	return fd;
}

static void run(struct stream *s, int timer)
{
	struct pollfd fds[4] = {
		{.fd = s->end[0].sock, .events = POLLIN},
		{.fd = s->end[1].sock, .events = POLLIN},
		{.fd = timer, .events = POLLIN},
		{.fd = STDIN_FILENO, .events = POLLIN},
	};
	uint64_t ticks;

	for (;;) {
		if (poll(fds, 4, -1) < 0)
			die("poll");
		end_receive(&s->end[0], &s->end[1], 1);
		end_receive(&s->end[1], &s->end[0], 0);
		/* Probes that are late are left out, not sent in a burst. */
		if (fds[2].revents &&
		    read(timer, &ticks, sizeof(ticks)) == (ssize_t)sizeof(ticks)) {
			end_send(&s->end[0], &s->end[1], 0);
			end_send(&s->end[1], &s->end[0], 1);
		}
		if (fds[3].revents && !take_command(s))
			return;
		if (s->report_us && clock_us() >= s->report_us)
			report(s);
	}
}

int main(int argc, char **argv)
{
	struct stream s = {0};
	int interval_us;

	if (argc != 8 || (interval_us = atoi(argv[1])) <= 0) {
		fprintf(stderr,
			"usage: stream INTERVAL_US NETNS ADDRESS PORT NETNS ADDRESS PORT\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	end_open(&s.end[0], argv + 2);
	end_open(&s.end[1], argv + 5);
	period_begin(&s, clock_us());
	run(&s, open_timer((unsigned)interval_us));
	return 0;
}
