// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Probes: questions to a link whose answer is silence or a word.
 *
 * Duplicate address detection for addresses that are not ours: before a home
 * agent serves a home address it must know that nobody else has it (RFC 6275
 * 10.3.1). The kernel does that only for addresses of its own, so the
 * Neighbour Solicitation is made here: from ::, to the solicited-node group, of
 * which the interface becomes a member meanwhile (RFC 4862 5.4.2). A Neighbour
 * Advertisement for the address, or a solicitation from :: by somebody else,
 * means a duplicate (5.4.3, 5.4.4). A nonce option tells our own solicitation,
 * should the link echo it (RFC 7527). Memberships are ear.c's. Questions of one turn leave
 * together, and those that end within GRAIN_US end together, so that what follows from
 * them is one batch for the kernel.
 *
 * Neighbour unreachability detection on demand (RFC 4861 7.3): a solicitation to
 * the address itself; only a solicited advertisement is a proof. The kernel does
 * the same for traffic, at its own pace; a mobile node wants to know within
 * tens of milliseconds whether its old router is still there.
 */
#include "os/linux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/random.h"
#include "core/mip6.h"
#include "os/rtnl.h"
#include "wire/nd.h"

/* gcc's analyzer loses sight of what hangs in a list and takes it for lost. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

#define BUCKETS	    256
#define GRAIN_US    (10 * US_PER_MS)
#define NDOPT_NONCE 14 /* RFC 3971 5.3.2 */
#define NS_LEN	    24 /* without options */
#define NONCE_LEN   6
#define NONCE_AT    (NS_LEN + 2)

struct probe_run {
	LIST_ENTRY(probe_run) entry;
	struct os *os;
	uint64_t ticket;
	struct kprobe p;
	uint32_t sent;
	uint8_t nonce[NONCE_LEN];
	struct ear *ear; /* DAD: hears others who ask */
	struct timer timer;
};

struct probes {
	uint64_t seed;
	struct random_pool random; /* for nonces */
	LIST_HEAD(, probe_run) bucket[BUCKETS];
};

int probes_init(struct os *os)
{
	struct probes *all = calloc(1, sizeof(*all));

	if (!all)
		return -ENOMEM;
	os->probes = all;
	return crypto_random(&all->seed, sizeof(all->seed));
}

static size_t bucket_of(const struct probes *all, const struct in6_addr *target)
{
	return addr_hash(target, all->seed) % BUCKETS;
}

static void end_probe(struct probe_run *r)
{
	timer_cancel(loop_timers(r->os->loop), &r->timer);
	LIST_REMOVE(r, entry);
	if (r->ear)
		ear_put(r->ear);
	free(r);
}

static void finish_probe(struct probe_run *r, enum kprobe_result result)
{
	struct os *os = r->os;
	uint64_t ticket = r->ticket;

	end_probe(r);
	os_now(os);
	mip6_on_probe(os->kernel.mip6, ticket, result);
}

/* --- asking -------------------------------------------------------------------- */

static int send_dad(const struct probe_run *r)
{
	uint8_t ns[NS_LEN + 8] = { ND_NS };
	struct mip6_path path = { .ifindex = r->p.ifindex,
				  .peer = addr_solicited_node(&r->p.target),
				  .may_wait = true };

	memcpy(ns + 8, &r->p.target, sizeof(r->p.target));
	ns[NS_LEN] = NDOPT_NONCE;
	ns[NS_LEN + 1] = 1;
	memcpy(ns + NONCE_AT, r->nonce, sizeof(r->nonce));
	return socket_send(&r->os->kernel, KPROTO_ICMP6, &path, ND_HOP_LIMIT, ns, sizeof(ns));
}

static int send_nud(const struct probe_run *r)
{
	const struct os_link *l = link_of(r->os, r->p.ifindex);
	const struct in6_addr *own = link_local_of(r->os, r->p.ifindex);
	struct mip6_path path = { .ifindex = r->p.ifindex, .peer = r->p.target };
	struct nd_msg msg = { .type = ND_NS, .ns.target = r->p.target };
	uint8_t buf[64];
	int len;

	if (!addr_is_unspecified(&r->p.source))
		path.local = r->p.source;
	else if (own)
		path.local = *own;
	else
		return -EADDRNOTAVAIL;
	if (l && l->l.lladdr_len && l->l.lladdr_len <= ND_LLADDR_MAX) {
		msg.opts.present = ND_HAS_SLLA;
		msg.opts.slla.len = l->l.lladdr_len;
		memcpy(msg.opts.slla.addr, l->l.lladdr, l->l.lladdr_len);
	}
	len = nd_encode(&msg, &path.local, &path.peer, buf, sizeof(buf));
	if (len < 0)
		return len;
	return socket_send(&r->os->kernel, KPROTO_ICMP6, &path, ND_HOP_LIMIT, buf, (size_t)len);
}

/* Never sooner than was asked for. */
static uint64_t end_of_wait(const struct probe_run *r)
{
	uint64_t at_us = time_add(loop_now_us(r->os->loop), r->p.interval_us);

	return r->p.kind == KPROBE_DAD ? time_add(at_us, 2 * GRAIN_US - at_us % GRAIN_US) : at_us;
}

static int send_next(struct probe_run *r)
{
	int err = r->p.kind == KPROBE_DAD ? send_dad(r) : send_nud(r);

	if (err)
		return err;
	r->sent++;
	log_trace(LOG_PROBE, "solicitation %u of %u for %s", r->sent, r->p.count,
		  ADDR_STR(&r->p.target));
	return timer_set(loop_timers(r->os->loop), &r->timer, end_of_wait(r), NULL);
}

static void on_timer(struct timer *t, uint64_t now_us)
{
	struct probe_run *r = t->ctx;
	int err;

	(void)now_us;
	if (r->sent >= r->p.count) {
		finish_probe(r, KPROBE_SILENT);
		return;
	}
	err = send_next(r);
	if (err) {
		log_debug(LOG_PROBE, "probe of %s: %s", ADDR_STR(&r->p.target), strerror(-err));
		finish_probe(r, KPROBE_ERROR);
	}
}

static bool is_up(const struct os *os, uint32_t ifindex)
{
	const struct os_link *l = link_of(os, ifindex);

	return l && l->l.up;
}

static int prepare_dad(struct probe_run *r)
{
	struct in6_addr group = addr_solicited_node(&r->p.target);

	if (r->p.kind != KPROBE_DAD)
		return 0;
	r->ear = ear_take(r->os, r->p.ifindex, &group);
	if (!r->ear)
		return errno ? -errno : -ENOMEM;
	return random_take(&r->os->probes->random, r->nonce, sizeof(r->nonce));
}

int probe_begin(struct kernel *k, const struct kprobe *p, uint64_t ticket)
{
	struct os *os = os_of(k);
	struct probe_run *r;
	int err;

	if (!p->ifindex || !p->count || addr_is_multicast(&p->target) ||
	    addr_is_unspecified(&p->target))
		return -EINVAL;
	if (p->kind == KPROBE_DAD && !is_up(os, p->ifindex))
		return -ENETDOWN;
	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->os = os;
	r->ticket = ticket;
	r->p = *p;
	timer_init(&r->timer, "probe", on_timer, r);
	err = prepare_dad(r);
	if (err) {
		free(r);
		return err;
	}
	LIST_INSERT_HEAD(&os->probes->bucket[bucket_of(os->probes, &p->target)], r, entry);
	err = send_next(r);
	if (err)
		end_probe(r);
	return err;
}

void probe_cancel(struct kernel *k, uint64_t ticket)
{
	struct probes *all = os_of(k)->probes;
	size_t i;

	for (i = 0; i < BUCKETS; i++) {
		struct probe_run *r;

		LIST_FOREACH (r, &all->bucket[i], entry)
			if (r->ticket == ticket) {
				end_probe(r);
				return;
			}
	}
}

void probes_free(struct os *os)
{
	size_t i;

	if (!os->probes)
		return;
	for (i = 0; i < BUCKETS; i++)
		while (!LIST_EMPTY(&os->probes->bucket[i]))
			end_probe(LIST_FIRST(&os->probes->bucket[i]));
	free(os->probes);
	os->probes = NULL;
}

/* --- hearing ---------------------------------------------------------------------- */

/* The nonce option of a solicitation, NULL when there is none of our length. */
static const uint8_t *find_nonce(const uint8_t *data, size_t len)
{
	size_t at = NS_LEN;

	while (at + 8 <= len && data[at + 1]) {
		if (data[at] == NDOPT_NONCE && data[at + 1] == 1)
			return data + at + 2;
		at += (size_t)data[at + 1] * 8;
	}
	return NULL;
}

static bool answers(const struct probe_run *r, const struct mip6_packet *p,
		    const struct nd_msg *msg)
{
	const uint8_t *nonce;

	if (r->p.ifindex != p->path.ifindex)
		return false;
	if (msg->type == ND_NA)
		return addr_equal(&r->p.target, &msg->na.target) &&
		       (r->p.kind == KPROBE_DAD || msg->na.solicited);
	if (r->p.kind != KPROBE_DAD || !addr_equal(&r->p.target, &msg->ns.target) ||
	    !addr_is_unspecified(&p->path.peer))
		return false;
	nonce = find_nonce(p->data, p->len);
	return !nonce || memcmp(nonce, r->nonce, NONCE_LEN) != 0;
}

/* RFC 6275 11.5.5: the home agent, which defends the home address, SHOULD be reachable by
 * what its advertisement tells. One that comes from the address itself is of somebody who
 * has it. */
static void know_defender(struct os *os, const struct probe_run *r, const struct in6_addr *from,
			  const struct nd_msg *msg)
{
	uint8_t buf[256] __attribute__((aligned(8)));
	struct nl_msg m;
	int err;

	if (msg->type != ND_NA || addr_is_unspecified(&r->p.defender) ||
	    !nd_has(&msg->opts, ND_HAS_TLLA) || addr_equal(from, &msg->na.target))
		return;
	memset(buf, 0, sizeof(buf));
	nl_msg_init(&m, buf, sizeof(buf));
	rtnl_encode_router(&m, r->p.ifindex, &r->p.defender, msg->opts.tlla.addr,
			   msg->opts.tlla.len);
	err = nl_transact(&os->ask_route, &m, NULL, NULL);
	if (err) /* the kernel will ask for it itself */
		log_info(LOG_PROBE, "neighbour %s: %s", ADDR_STR(&r->p.defender), strerror(-err));
}

void probe_hear(struct os *os, const struct mip6_packet *p)
{
	struct nd_packet how = { .src = p->path.peer, .dst = p->path.local,
				 .hop_limit = p->hop_limit };
	const struct in6_addr *target = (const void *)(p->data + 8);
	struct probe_run *r;
	struct probe_run *next;
	struct wire_error err;
	struct nd_msg msg;

	if (p->len < NS_LEN || (p->data[0] != ND_NS && p->data[0] != ND_NA))
		return;
	r = LIST_FIRST(&os->probes->bucket[bucket_of(os->probes, target)]);
	if (!r || nd_decode(p->data, p->len, &how, &msg, &err) != WIRE_OK)
		return;
	for (; r; r = next) {
		next = LIST_NEXT(r, entry);
		if (!answers(r, p, &msg))
			continue;
		know_defender(os, r, &p->path.peer, &msg);
		finish_probe(r, KPROBE_ANSWERED);
		/* The core may have begun or cancelled others meanwhile. */
		next = LIST_FIRST(&os->probes->bucket[bucket_of(os->probes, target)]);
	}
}
