// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who sends through a tunnel: what makes a mobile node begin route optimization
 * (RFC 6275 11.7.2). A packet socket on the tunnel device sees the IPv6 headers of
 * what goes in and comes out. A fast transfer must not cost much: a filter in
 * the kernel lets only packets of pairs of addresses through that were not yet
 * reported within the last `pace`, in this direction. Pairs are told apart there by the
 * exclusive or of the eight words of both addresses, and of the direction; that
 * two pairs have the same is rare, and only delays a report. Where the peer is a mobile
 * node itself, its home address counts: that of a Home Address option in what comes in,
 * of a routing header in what goes out (5.2.9, 11.7.2).
 *
 * When more pairs are active than the filter has room for, everything is let
 * be for the rest of the pace.
 */
#include "os/linux.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/mip6.h"
#include "wire/ext.h"
#include "wire/numbers.h"

#define PAIRS_MAX 128 /* of them, in one direction */
#define READ_MAX  64
/* The filter is exchanged so long after a new pair, or after so many packets that it would have
 * kept away: an exchange takes its time, and the first packets after a handover wait for it. */
#define EXCHANGE_US   (100 * US_PER_MS)
#define KNOWN_MAX     256
#define RCVBUF	  65536

#define ICMP6_INFO 128 /* types below are errors (RFC 4443 2.1) */

struct pair {
	uint32_t fold;
	uint64_t until_us;
};

struct watcher {
	TAILQ_ENTRY(watcher) entry;
	struct os *os;
	char name[IFNAMSIZ];
	uint64_t pace_us;
	int fd; /* -1: no such device now */
	struct loop_fd *event;
	struct timer timer; /* when the first pair may be reported again */
	struct timer exchange; /* of the filter, which does not know all pairs */
	unsigned int known; /* packets that were read though their pairs are known */
	struct pair pairs[PAIRS_MAX];
	size_t pair_count;
};

static uint32_t fold_pair(const struct in6_addr *a, const struct in6_addr *b, uint32_t pkttype)
{
	uint32_t fold = pkttype;
	size_t i;

	for (i = 0; i < 4; i++)
		fold ^= ntohl(a->s6_addr32[i]) ^ ntohl(b->s6_addr32[i]);
	return fold;
}

/* --- the filter ------------------------------------------------------------------ */

#define NEXT_HEADER_AT 6 /* in the IPv6 header */
#define SRC_AT	       8
#define DST_AT	       24
#define SNAP_LEN       128 /* with a routing header and a Home Address option */
/* Ten before the fold, 25 for it, two for each pair, and the two returns. */
#define CODE_MAX (37 + 2 * PAIRS_MAX)

struct program {
	struct sock_filter code[CODE_MAX];
	unsigned short len;
};

static void add(struct program *p, unsigned int code, uint32_t k, unsigned int jt, unsigned int jf)
{
	p->code[p->len++] = (struct sock_filter)BPF_JUMP((uint16_t)code, k, (uint8_t)jt,
							 (uint8_t)jf);
}

static void add_drop(struct program *p)
{
	add(p, BPF_RET | BPF_K, 0, 0, 0);
}

/* Drops when the byte at `at` is `value`. */
static void add_drop_byte(struct program *p, uint32_t at, uint32_t value)
{
	add(p, BPF_LD | BPF_B | BPF_ABS, at, 0, 0);
	add(p, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
	add_drop(p);
}

static void set_filter(const struct watcher *w)
{
	struct program p = { .len = 0 };
	struct sock_fprog prog = { .filter = p.code };
	uint32_t at;
	size_t i;

	if (w->pair_count == PAIRS_MAX) {
		add_drop(&p);
	} else {
		add(&p, BPF_LD | BPF_H | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL), 0, 0);
		add(&p, BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 1, 0);
		add_drop(&p);
		/* Groups have no binding; MH messages are signalling, not traffic. */
		add_drop_byte(&p, DST_AT, 0xff);
		add_drop_byte(&p, NEXT_HEADER_AT, IPPROTO_MH);
		add(&p, BPF_LD | BPF_W | BPF_ABS, SRC_AT, 0, 0);
		for (at = SRC_AT + 4; at < DST_AT + 16; at += 4) {
			add(&p, BPF_MISC | BPF_TAX, 0, 0, 0);
			add(&p, BPF_LD | BPF_W | BPF_ABS, at, 0, 0);
			add(&p, BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0);
		}
		add(&p, BPF_MISC | BPF_TAX, 0, 0, 0);
		add(&p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE), 0, 0);
		add(&p, BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0);
		for (i = 0; i < w->pair_count; i++) {
			add(&p, BPF_JMP | BPF_JEQ | BPF_K, w->pairs[i].fold, 0, 1);
			add_drop(&p);
		}
		add(&p, BPF_RET | BPF_K, SNAP_LEN, 0, 0);
	}
	prog.len = p.len;
	if (setsockopt(w->fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0)
		log_warning(LOG_KERNEL, "traffic filter on %s: %s", w->name, strerror(errno));
}

static void exchange_filter(struct watcher *w)
{
	timer_cancel(loop_timers(w->os->loop), &w->exchange);
	w->known = 0;
	if (w->fd >= 0)
		set_filter(w);
}

static void on_exchange(struct timer *t, uint64_t now_us)
{
	(void)now_us;
	exchange_filter(t->ctx);
}

/* --- pairs ------------------------------------------------------------------------- */

static void set_timer(struct watcher *w)
{
	uint64_t first = TIME_NEVER;
	size_t i;

	for (i = 0; i < w->pair_count; i++)
		if (w->pairs[i].until_us < first)
			first = w->pairs[i].until_us;
	(void)timer_set(loop_timers(w->os->loop), &w->timer, first, NULL);
}

static void forget_old_pairs(struct timer *t, uint64_t now_us)
{
	struct watcher *w = t->ctx;
	size_t kept = 0;
	size_t i;

	/* All that run out within a quarter of the pace go together: the filter
	 * is then exchanged a few times per pace, however many pairs there are. */
	for (i = 0; i < w->pair_count; i++)
		if (w->pairs[i].until_us > time_add(now_us, w->pace_us / 4))
			w->pairs[kept++] = w->pairs[i];
	w->pair_count = kept;
	exchange_filter(w);
	set_timer(w);
}

static bool known_pair(const struct watcher *w, uint32_t fold)
{
	size_t i;

	for (i = 0; i < w->pair_count; i++)
		if (w->pairs[i].fold == fold)
			return true;
	return false;
}

static bool watched(const struct os *os, const struct watcher *w)
{
	const struct watcher *i;

	TAILQ_FOREACH (i, &os->watchers, entry)
		if (i == w)
			return true;
	return false;
}

/* One packet; true when it was of a new pair. */
static bool see_packet(struct watcher *w, const uint8_t *data, size_t len, uint32_t pkttype,
		       uint64_t now_us)
{
	bool outgoing = pkttype == PACKET_OUTGOING;
	struct ktraffic_event e;
	struct wire_error err;
	struct ext_packet p;
	uint32_t fold;

	/* Cut behind the headers is fine, an IPv6 header must be there. */
	if (ext_parse_packet(data, len, &p, &err) == WIRE_IGNORE || addr_is_unspecified(&p.dst))
		return false;
	/* An ICMPv6 error is nobody's conversation: its sender is any router. */
	if (p.upper_proto == WIRE_PROTO_ICMPV6 && p.upper_at < len && data[p.upper_at] < ICMP6_INFO)
		return false;
	e.local = outgoing ? *ext_end_src(&p) : *ext_end_dst(&p);
	e.peer = outgoing ? *ext_end_dst(&p) : *ext_end_src(&p);
	e.outgoing = outgoing;
	fold = fold_pair(&p.src, &p.dst, pkttype); /* as the filter sees it */
	if (w->pair_count == PAIRS_MAX || known_pair(w, fold))
		return false;
	w->pairs[w->pair_count++] = (struct pair){ fold, time_add(now_us, w->pace_us) };
	log_trace(LOG_KERNEL, "traffic through %s: %s and %s", w->name, ADDR_STR(&e.local),
		  ADDR_STR(&e.peer));
	mip6_on_traffic(w->os->kernel.mip6, &e);
	return true;
}

static void on_packet(int fd, unsigned int ready, void *ctx)
{
	struct watcher *w = ctx;
	struct os *os = w->os;
	uint64_t now_us = os_now(os);
	bool news = false;
	unsigned int i;

	(void)ready;
	/* A report may make the core stop watching: then `w` is gone. */
	for (i = 0; i < READ_MAX; i++) {
		struct sockaddr_ll from = { 0 };
		socklen_t from_len = sizeof(from);
		uint8_t data[SNAP_LEN];
		ssize_t n = recvfrom(fd, data, sizeof(data), MSG_DONTWAIT,
				     (struct sockaddr *)&from, &from_len);

		if (n < 0)
			break;
		news |= see_packet(w, data, (size_t)n, from.sll_pkttype, now_us);
		if (!watched(os, w))
			return;
	}
	if (news) {
		set_timer(w);
		if (!timer_is_set(&w->exchange))
			(void)timer_set(loop_timers(os->loop), &w->exchange, now_us + EXCHANGE_US,
					NULL);
	}
	w->known += i;
	if (w->known > KNOWN_MAX || w->pair_count == PAIRS_MAX)
		exchange_filter(w);
}

/* --- watching ------------------------------------------------------------------------ */

static struct watcher *find_watcher(struct os *os, const char *name)
{
	struct watcher *w;

	TAILQ_FOREACH (w, &os->watchers, entry)
		if (strcmp(w->name, name) == 0)
			return w;
	return NULL;
}

static void close_watcher(struct watcher *w)
{
	loop_del_fd(w->event);
	w->event = NULL;
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

static int open_watcher(struct watcher *w, uint32_t ifindex)
{
	struct sockaddr_ll sa = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL), /* outgoing ones too */
				  .sll_ifindex = (int)ifindex };
	int err;

	/* Protocol 0: nothing is received before the filter is there. */
	w->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (w->fd < 0)
		return -errno;
	set_filter(w);
	nl_set_rcvbuf(w->fd, RCVBUF);
	if (bind(w->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
		err = -errno;
		close_watcher(w);
		return err;
	}
	w->event = loop_add_fd(w->os->loop, w->fd, LOOP_READ, on_packet, w);
	if (!w->event) {
		close_watcher(w);
		return -ENOMEM;
	}
	return 0;
}

static void free_watcher(struct watcher *w)
{
	timer_cancel(loop_timers(w->os->loop), &w->timer);
	timer_cancel(loop_timers(w->os->loop), &w->exchange);
	close_watcher(w);
	TAILQ_REMOVE(&w->os->watchers, w, entry);
	free(w);
}

int traffic_watch(struct kernel *k, const char *name, uint64_t pace_us)
{
	struct os *os = os_of(k);
	struct watcher *w = find_watcher(os, name);
	uint32_t ifindex;

	if (!pace_us) {
		if (w)
			free_watcher(w);
		return 0;
	}
	if (w) {
		w->pace_us = pace_us;
		w->pair_count = 0;
		exchange_filter(w);
		set_timer(w);
		return 0;
	}
	if (!name[0] || strlen(name) >= sizeof(w->name))
		return -EINVAL;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->os = os;
	w->fd = -1;
	w->pace_us = pace_us;
	strcpy(w->name, name);
	timer_init(&w->timer, "traffic", forget_old_pairs, w);
	timer_init(&w->exchange, "traffic-filter", on_exchange, w);
	TAILQ_INSERT_TAIL(&os->watchers, w, entry);
	/* The device may not exist yet; traffic_link() hears when it does. */
	ifindex = if_nametoindex(name);
	return ifindex ? open_watcher(w, ifindex) : 0;
}

void traffic_link(struct os *os, const struct klink *l)
{
	struct watcher *w = find_watcher(os, l->name);
	int err;

	if (!w)
		return;
	if (l->gone) {
		close_watcher(w);
		return;
	}
	err = w->fd < 0 ? open_watcher(w, l->ifindex) : 0;
	if (err)
		log_warning(LOG_KERNEL, "cannot watch %s: %s", w->name, strerror(-err));
}

void traffic_free(struct os *os)
{
	while (!TAILQ_EMPTY(&os->watchers))
		free_watcher(TAILQ_FIRST(&os->watchers));
}
