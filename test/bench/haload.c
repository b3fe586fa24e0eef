// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * haload: many mobile nodes, for the benchmark of the home agent (ha.py).
 *
 *	haload INTERFACE AGENT_MAC AGENT HOME_PREFIX AWAY_PREFIX NODES WAIT_S
 *
 * Node N has the home address HOME_PREFIX::N and, in place P, the care-of address
 * AWAY_PREFIX:P::N. Orders come on standard input, one a line; each is answered by one line of
 * JSON on standard output:
 *
 *	round FIRST COUNT WINDOW PLACE LIFETIME PER_S
 *		each of these nodes sends one Binding Update (LIFETIME 0: deregisters), WINDOW
 *		of them at a time under way: as soon as one is answered, the next begins; but no
 *		more than PER_S begin in a second, unless it is 0.
 *	flood PER_S KIND
 *		from now on, and while rounds go on, so many more Binding Updates a second from
 *		sources that are no nodes; KIND 0: home addresses of nobody, 1: home addresses of
 *		the home prefix. PER_S 0 ends it.
 *
 * Frames are made before a round, so that only sending and reading is left in it. A node
 * behaves as RFC 6275 11.8 wants: without an answer it sends again after 1.5 s the first time
 * it registers, else after 1 s, then after twice as long, and so on (a new sequence number
 * each time, 11.7.1); it gives up after TRIES. WAIT_S, unless it is 0, takes the place of those
 * 1.5 s and 1 s, for a machine that may be busy: who is sent an answer did not ask twice then.
 *
 * The guest has one CPU, on which this program must not take its turn when it merely could:
 * it runs as SCHED_BATCH, which does not preempt others on waking. So the home agent runs
 * until it has nothing to do, as it would if the nodes were other machines.
 *
 * Latency is from just before sending to the kernel's stamp of the acknowledgement.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "haload.h"

#define BATCH	       64
#define TRIES	       5
#define FIRST_WAIT_US  1500000 /* RFC 6275 section 12: InitialBindackTimeoutFirstReg */
#define WAIT_US	       1000000 /* INITIAL_BINDACK_TIMEOUT */
#define LOOK_EVERY_US  50000
#define FLOOD_SOURCES  16384
#define FLOOD_PLACE    0xf000
#define FLOOD_LIFETIME_S 600
#define ANSWER_ROOM    2048

struct node {
	uint8_t frame[FRAME_LEN];
	uint16_t seq;
	bool registered;
	bool waits;
	uint8_t tries;
	uint64_t sent_us;
	uint64_t again_us;
	uint32_t place_in_list; /* of those that wait */
};

struct flood {
	uint64_t per_s;
	uint64_t begin_us;
	uint64_t sent; /* since begin_us */
	uint64_t total;
	uint64_t answered;
	uint8_t (*frames)[FRAME_LEN]; /* FLOOD_SOURCES, owned */
};

struct round {
	uint32_t first, count, window;
	uint16_t place;
	uint32_t lifetime_s;
	uint32_t per_s;
	uint32_t next;	   /* the next to begin, counted from `first` */
	uint32_t *waiting; /* numbers of nodes, owned */
	uint32_t waiting_count;
	uint32_t *latency_us; /* of those answered, owned */
	uint32_t accepted, refused, lost;
	uint64_t retransmitted, stray;
	uint8_t last_status;
	uint64_t begin_us, end_us;
};

static struct wire_ends wire;
static struct node *nodes;
static uint32_t node_count;
static uint64_t patience_us; /* before a node asks again the first time; 0: as it should */
static struct flood flood;

static void die(const char *what)
{
	fprintf(stderr, "haload: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *must(void *p)
{
	if (!p)
		die("memory");
	return p;
}

/* The clock of the stamps on packets. */
static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* --- sending --------------------------------------------------------------------- */

static void send_frames(uint8_t *const *frames, size_t count)
{
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	size_t i, done = 0;

	memset(msgs, 0, sizeof(msgs));
	for (i = 0; i < count; i++) {
		iov[i] = (struct iovec){ frames[i], FRAME_LEN };
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	while (done < count) {
		int n = sendmmsg(wire.fd, msgs + done, (unsigned int)(count - done), 0);

		if (n < 0 && errno != ENOBUFS && errno != EINTR)
			die("sendmmsg");
		done += n > 0 ? (size_t)n : 0;
	}
}

static void make_frame(struct node *n, const struct round *r)
{
	uint32_t number = (uint32_t)(n - nodes);
	struct update u = { .hoa = frame_home(&wire, number),
			    .coa = frame_away(&wire, number, r->place),
			    .seq = ++n->seq,
			    .lifetime_s = r->lifetime_s };

	frame_make(&wire, &u, n->frame);
}

static uint64_t first_wait_us(const struct node *n)
{
	if (patience_us)
		return patience_us;
	return n->registered ? WAIT_US : FIRST_WAIT_US;
}

/* How many of the round may have begun by now. */
static uint32_t most(const struct round *r, uint64_t now)
{
	uint64_t paced = r->per_s * (now - r->begin_us) / 1000000 + 1;

	return r->per_s && paced < r->count ? (uint32_t)paced : r->count;
}

static void begin_some(struct round *r)
{
	uint32_t end = most(r, now_us());

	while (r->waiting_count < r->window && r->next < end) {
		uint8_t *frames[BATCH];
		uint64_t now = now_us();
		size_t n = 0;

		while (n < BATCH && r->waiting_count < r->window && r->next < end) {
			struct node *node = &nodes[r->first + r->next++];

			node->waits = true;
			node->tries = 1;
			node->sent_us = now;
			node->again_us = now + first_wait_us(node);
			node->place_in_list = r->waiting_count;
			r->waiting[r->waiting_count++] = (uint32_t)(node - nodes);
			frames[n++] = node->frame;
		}
		send_frames(frames, n);
	}
}

static void end_waiting(struct round *r, struct node *n)
{
	uint32_t last = r->waiting[--r->waiting_count];

	r->waiting[n->place_in_list] = last;
	nodes[last].place_in_list = n->place_in_list;
	n->waits = false;
}

static void send_again(struct round *r, uint64_t now)
{
	uint32_t i = 0;

	while (i < r->waiting_count) {
		struct node *n = &nodes[r->waiting[i]];
		uint8_t *frame = n->frame;

		if (n->again_us > now) {
			i++;
		} else if (n->tries == TRIES) {
			r->lost++;
			end_waiting(r, n); /* another takes its place in the list */
		} else {
			make_frame(n, r);
			n->again_us = now + (first_wait_us(n) << n->tries++);
			r->retransmitted++;
			send_frames(&frame, 1);
			i++;
		}
	}
}

/* --- the flood ------------------------------------------------------------------------ */

static void make_flood(unsigned int kind)
{
	uint32_t i;

	if (!flood.frames)
		flood.frames = must(calloc(FLOOD_SOURCES, sizeof(*flood.frames)));
	for (i = 0; i < FLOOD_SOURCES; i++) {
		uint32_t number = node_count + i;
		struct update u = { .hoa = frame_home(&wire, number),
				    .coa = frame_away(&wire, number, FLOOD_PLACE),
				    .seq = 1,
				    .lifetime_s = FLOOD_LIFETIME_S };

		if (kind == 0)
			u.hoa.s6_addr[4] ^= 0xff; /* of another network */
		frame_make(&wire, &u, flood.frames[i]);
	}
}

static void flood_some(uint64_t now)
{
	uint64_t due = flood.per_s * (now - flood.begin_us) / 1000000;
	uint8_t *frames[BATCH];
	size_t n = 0;

	if (due - flood.sent > 4 * flood.per_s / 10) {
		/* Not let run for so long: what was missed is not made up for at once. */
		flood.sent = due;
		return;
	}
	while (n < BATCH && flood.sent < due) {
		frames[n++] = flood.frames[flood.total++ % FLOOD_SOURCES];
		flood.sent++;
	}
	if (n)
		send_frames(frames, n);
}

/* --- reading --------------------------------------------------------------------------- */

static uint64_t stamp_us(struct msghdr *h)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		struct timespec t;

		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&t, CMSG_DATA(c), sizeof(t));
			return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
		}
	}
	return now_us();
}

static void take_answer(struct round *r, const struct answer *a)
{
	uint32_t number = ntohl(a->hoa.s6_addr32[3]) - 1;
	struct in6_addr hoa, coa;
	struct node *n;

	if (number >= node_count) {
		flood.answered++;
		return;
	}
	n = &nodes[number];
	hoa = frame_home(&wire, number);
	coa = frame_away(&wire, number, r->place);
	if (!n->waits || a->seq != n->seq || memcmp(&hoa, &a->hoa, sizeof(hoa)) != 0 ||
	    memcmp(&coa, &a->coa, sizeof(coa)) != 0) {
		r->stray++;
		return;
	}
	end_waiting(r, n);
	if (a->status >= 128 || (r->lifetime_s && !a->lifetime_s)) {
		r->refused++;
		r->last_status = a->status;
		return;
	}
	n->registered = r->lifetime_s != 0;
	r->latency_us[r->accepted++] = (uint32_t)(a->at_us - n->sent_us);
}

/* Returns how many messages came. */
static int read_some(struct round *r)
{
	static uint8_t data[BATCH][ANSWER_ROOM];
	static uint8_t control[BATCH][64] __attribute__((aligned(8)));
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	int i, n;

	memset(msgs, 0, sizeof(msgs));
	for (i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ data[i], sizeof(data[i]) };
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
		msgs[i].msg_hdr.msg_control = control[i];
		msgs[i].msg_hdr.msg_controllen = sizeof(control[i]);
	}
	n = recvmmsg(wire.fd, msgs, BATCH, MSG_DONTWAIT, NULL);
	for (i = 0; i < n; i++) {
		struct answer a = { .at_us = stamp_us(&msgs[i].msg_hdr) };

		if (frame_read(&wire, data[i], msgs[i].msg_len, &a))
			take_answer(r, &a);
		else
			r->stray++;
	}
	return n;
}

/* --- rounds ---------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static uint32_t percentile(const struct round *r, uint32_t percent)
{
	if (!r->accepted)
		return 0;
	return r->latency_us[(uint64_t)(r->accepted - 1) * percent / 100];
}

static void report(struct round *r)
{
	qsort(r->latency_us, r->accepted, sizeof(*r->latency_us), compare_numbers);
	printf("{\"accepted\": %u, \"refused\": %u, \"lost\": %u, \"retransmitted\": %" PRIu64
	       ", \"stray\": %" PRIu64 ", \"last_status\": %u, \"seconds\": %.6f"
	       ", \"p50_us\": %u, \"p99_us\": %u, \"max_us\": %u"
	       ", \"flood_sent\": %" PRIu64 ", \"flood_answered\": %" PRIu64 "}\n",
	       r->accepted, r->refused, r->lost, r->retransmitted, r->stray, r->last_status,
	       (double)(r->end_us - r->begin_us) / 1e6, percentile(r, 50), percentile(r, 99),
	       percentile(r, 100), flood.total, flood.answered);
	fflush(stdout);
}

static void wait_for_answers(const struct round *r)
{
	struct pollfd p = { .fd = wire.fd, .events = POLLIN };

	poll(&p, 1, flood.per_s || r->per_s ? 1 : LOOK_EVERY_US / 1000);
}

static void run_round(struct round *r)
{
	uint64_t look_us;
	uint32_t i;

	if (!r->window || r->first > node_count || r->count > node_count - r->first) {
		fprintf(stderr, "haload: there are no such nodes\n");
		exit(1);
	}
	r->waiting = must(calloc(r->window, sizeof(*r->waiting)));
	r->latency_us = must(calloc(r->count + 1, sizeof(*r->latency_us)));
	for (i = 0; i < r->count; i++)
		make_frame(&nodes[r->first + i], r);
	r->begin_us = now_us();
	flood.begin_us = r->begin_us;
	flood.sent = 0;
	look_us = r->begin_us + LOOK_EVERY_US;
	begin_some(r);
	while (r->waiting_count || r->next < r->count) {
		uint64_t now;

		wait_for_answers(r);
		while (read_some(r) == BATCH)
			;
		now = now_us();
		if (now >= look_us) {
			send_again(r, now);
			look_us = now + LOOK_EVERY_US;
		}
		begin_some(r);
		if (flood.per_s)
			flood_some(now);
	}
	r->end_us = now_us();
	report(r);
	free(r->waiting);
	free(r->latency_us);
}

/* --- orders ------------------------------------------------------------------------------ */

static void obey(const char *line)
{
	struct round r = { .first = 0 };
	unsigned int kind;
	uint64_t per_s;

	if (sscanf(line, "round %u %u %u %hu %u %u", &r.first, &r.count, &r.window, &r.place,
		   &r.lifetime_s, &r.per_s) == 6) {
		run_round(&r);
	} else if (sscanf(line, "flood %" SCNu64 " %u", &per_s, &kind) == 2) {
		if (per_s)
			make_flood(kind);
		flood.per_s = per_s;
		flood.total = 0;
		flood.answered = 0;
		puts("{}");
		fflush(stdout);
	} else {
		fprintf(stderr, "haload: cannot read: %s", line);
		exit(1);
	}
}

static void read_arguments(char **argv)
{
	unsigned int m[ETH_ALEN];
	size_t i;

	if (sscanf(argv[2], "%x:%x:%x:%x:%x:%x", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]) != 6 ||
	    inet_pton(AF_INET6, argv[3], &wire.agent) != 1 ||
	    inet_pton(AF_INET6, argv[4], &wire.home) != 1 ||
	    inet_pton(AF_INET6, argv[5], &wire.away) != 1) {
		fprintf(stderr, "haload: bad address\n");
		exit(2);
	}
	for (i = 0; i < ETH_ALEN; i++)
		wire.agent_mac[i] = (uint8_t)m[i];
	node_count = (uint32_t)strtoul(argv[6], NULL, 10);
	patience_us = 1000000 * strtoull(argv[7], NULL, 10);
}

int main(int argc, char **argv)
{
	struct sched_param none = { .sched_priority = 0 };
	char line[256];

	if (argc != 8) {
		fprintf(stderr, "usage: haload INTERFACE AGENT_MAC AGENT HOME_PREFIX AWAY_PREFIX "
				"NODES WAIT_S\n");
		return 2;
	}
	read_arguments(argv);
	nodes = must(calloc(node_count ? node_count : 1, sizeof(*nodes)));
	frame_open(&wire, argv[1]);
	if (sched_setscheduler(0, SCHED_BATCH, &none) < 0)
		die("SCHED_BATCH");
	puts("{}");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		obey(line);
	free(nodes);
	free(flood.frames);
	return 0;
}
