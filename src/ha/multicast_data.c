// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Multicast packets on their way (RFC 6275 10.4.2, 11.3.4).
 *
 * From a node, out of the tunnel: onto the link of its groups, as a router would pass it
 * on, if the source is its home address and the tunnel comes from its care-of address
 * (10.4.5). From a link: encapsulated to each node that listens, but to the one that sent
 * it. Packets of one node for another take both ways, one after the other: what goes onto
 * the link is heard there again, and so each packet reaches each node once, whoever sent it.
 *
 * Only what has global scope is passed on, in either direction; the hop limit is
 * decremented, and nothing is said of packets that are dropped, but that they are too big
 * for a tunnel (RFC 4443 2.4 e allows that for multicast).
 *
 * A group may have very many members. What is not sent in one go waits, a bounded number of
 * packets, and goes on in the next turns of the loop, in order.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ha/ha.h"
#include "ha/multicast.h"
#include "ha/registration.h"
#include "wire/ext.h"
#include "wire/mld.h"

/* gcc's analyzer loses sight of what hangs from a list and takes it for lost. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

#define PACKET_MAX	9216
#define HOP_LIMIT_AT	7
#define IPV6_HEADER_LEN 40
#define COPIES_PER_CALL 64
#define COPIES_PER_TURN 256
#define JOBS_MAX	64

static struct ha_multicast *mc_of(const struct mip6 *m)
{
	return ha_of(m)->multicast;
}

/* --- what may be passed on ------------------------------------------------------------ */

static bool drop(struct mip6 *m, enum counter why)
{
	count(&m->counters, why);
	return false;
}

/* The addresses of the packet; false: it goes nowhere, and that has been counted. */
static bool may_pass(struct mip6 *m, const struct kmulticast_event *e, struct ext_packet *p)
{
	struct wire_error err;

	if (ext_parse_packet(e->data, e->len, p, &err) == WIRE_IGNORE ||
	    e->len < IPV6_HEADER_LEN + (size_t)p->payload_len || !addr_is_multicast(&p->dst))
		return drop(m, COUNT_MCAST_FORM);
	if (mld_scope(&p->dst) < MLD_SCOPE_GLOBAL)
		return drop(m, COUNT_MCAST_SCOPE);
	if (!addr_is_routable_unicast(&p->src))
		return drop(m, COUNT_MCAST_SOURCE);
	if (p->hop_limit <= 1)
		return drop(m, COUNT_MCAST_HOPS);
	return true;
}

/* --- from a node ------------------------------------------------------------------------ */

/* 10.4.5: the tunnel's source is the care-of address, or was until a moment ago. */
static const struct binding *sender_of(const struct mip6 *m, const struct ext_packet *p,
				       const struct in6_addr *coa)
{
	const struct binding *b = bcache_find_hoa(&m->bcache, &p->src, BINDING_HOME);

	if (!b || !b->installed.valid)
		return NULL;
	return addr_equal(&b->installed.coa, coa) || addr_equal(&b->installed.former_coa, coa) ?
		       b :
		       NULL;
}

static void refuse_stranger(struct mip6 *m, const struct kmulticast_event *e,
			    const struct ext_packet *p)
{
	const struct kstray_event s = { e->outer_src, e->outer_dst, p->src, p->dst };

	count(&m->counters, COUNT_MCAST_UNBOUND);
	ha_stray_hear(m, &s);
}

void ha_mcdata_from_node(struct mip6 *m, const struct kmulticast_event *e)
{
	uint8_t packet[PACKET_MAX];
	const struct binding *b;
	struct ext_packet p;
	uint32_t ifindex;
	size_t len;

	if (!may_pass(m, e, &p))
		return;
	b = sender_of(m, &p, &e->outer_src);
	if (!b) {
		refuse_stranger(m, e, &p);
		return;
	}
	ifindex = ha_multicast_link(m, b);
	len = IPV6_HEADER_LEN + (size_t)p.payload_len;
	if (!ifindex || len > sizeof(packet)) {
		count(&m->counters, ifindex ? COUNT_MCAST_TOO_BIG : COUNT_MCAST_NO_LINK);
		return;
	}
	memcpy(packet, e->data, len);
	packet[HOP_LIMIT_AT]--;
	if (m->kernel->ops->send_multicast(m->kernel, ifindex, packet, len) < 0)
		count(&m->counters, COUNT_OUT_FAILED);
	else
		count(&m->counters, COUNT_MCAST_FROM_NODE);
}

/* --- to nodes ----------------------------------------------------------------------------- */

/* RFC 2473 7.1, RFC 4443 3.2: to the source, even of a multicast. */
static void tell_too_big(struct mip6 *m, const struct in6_addr *local, const uint8_t *data,
			 size_t len)
{
	struct icmp6_msg msg = { .type = ICMP6_MSG_TOO_BIG };
	struct mip6_path path = { .local = *local };

	count(&m->counters, COUNT_MCAST_TOO_BIG);
	memcpy(&path.peer, data + 8, sizeof(path.peer));
	if (!rate_pass(&m->error_rate, &path.peer, m->now_us)) {
		count(&m->counters, COUNT_ERROR_LIMITED);
		return;
	}
	msg.error.value = 1280; /* what fits every tunnel */
	msg.error.packet = data;
	msg.error.packet_len = len;
	mip6_send_icmp6_msg(m, &path, &msg);
}

static void send_copies(struct mip6 *m, const struct ktunnel_ends *ends, size_t n,
			const uint8_t *data, size_t len)
{
	size_t sent;
	int err;

	if (!n)
		return;
	sent = m->kernel->ops->send_encapsulated(m->kernel, ends, n, data, len, &err);
	m->counters.value[COUNT_MCAST_TO_NODE] += sent;
	if (err == -EMSGSIZE)
		tell_too_big(m, &ends[0].local, data, len);
	else
		m->counters.value[COUNT_OUT_FAILED] += n - sent;
}

/* Sends to at most `max` members from `p` on, but not back to the sender. Where to go on. */
static struct mc_member *send_some(struct mip6 *m, struct mc_member *p, const uint8_t *data,
				   size_t len, size_t max)
{
	struct ktunnel_ends ends[COPIES_PER_CALL];
	size_t n = 0;

	for (; p && max; p = TAILQ_NEXT(p, of_group), max--) {
		if (memcmp(&p->node->b->key.hoa, data + 8, sizeof(struct in6_addr)) == 0)
			continue;
		ends[n++] = (struct ktunnel_ends){ ha_registration_side(p->node->b)->local,
						   p->node->coa };
		if (n == COPIES_PER_CALL) {
			send_copies(m, ends, n, data, len);
			n = 0;
		}
	}
	send_copies(m, ends, n, data, len);
	return p;
}

static void end_job(struct ha_multicast *mc, struct mc_job *j)
{
	TAILQ_REMOVE(&mc->jobs, j, entry);
	mc->job_count--;
	j->group->jobs--;
	free(j);
}

static void on_job_timer(struct timer *t, uint64_t now_us)
{
	struct ha_multicast *mc = t->ctx;
	struct mc_job *j = TAILQ_FIRST(&mc->jobs);

	mip6_turn(mc->m, now_us);
	if (!j)
		return;
	j->next = send_some(mc->m, j->next, j->data, j->len, COPIES_PER_TURN);
	if (!j->next)
		end_job(mc, j);
	if (!TAILQ_EMPTY(&mc->jobs))
		timer_set(mc->m->timers, t, now_us, NULL);
}

static void wait_for_turn(struct ha_multicast *mc, struct mc_group *g, struct mc_member *next,
			  const uint8_t *data, size_t len)
{
	struct mc_job *j = mc->job_count < JOBS_MAX ? malloc(sizeof(*j) + len) : NULL;

	if (!j) {
		count(&mc->m->counters, COUNT_MCAST_QUEUE);
		return;
	}
	j->group = g;
	j->next = next;
	j->len = len;
	memcpy(j->data, data, len);
	TAILQ_INSERT_TAIL(&mc->jobs, j, entry);
	mc->job_count++;
	g->jobs++;
	if (!timer_is_set(&mc->job_timer))
		timer_set(mc->m->timers, &mc->job_timer, mc->m->now_us, NULL);
}

void ha_mcdata_from_link(struct mip6 *m, const struct kmulticast_event *e)
{
	struct ha_multicast *mc = mc_of(m);
	uint8_t packet[PACKET_MAX];
	struct mc_member *next;
	struct ext_packet p;
	struct mc_group *g;
	size_t len;

	if (e->len < IPV6_HEADER_LEN)
		return;
	memcpy(&p.dst, e->data + 24, sizeof(p.dst));
	g = ha_multicast_group(m, e->ifindex, &p.dst);
	if (!g || !may_pass(m, e, &p))
		return;
	len = IPV6_HEADER_LEN + (size_t)p.payload_len;
	if (len > sizeof(packet)) {
		count(&m->counters, COUNT_MCAST_TOO_BIG);
		return;
	}
	memcpy(packet, e->data, len);
	packet[HOP_LIMIT_AT]--;
	g->packets++;
	next = TAILQ_FIRST(&g->members);
	/* In order: not before what waits. */
	if (!g->jobs)
		next = send_some(m, next, packet, len, COPIES_PER_TURN);
	if (next)
		wait_for_turn(mc, g, next, packet, len);
}

/* --- endings ------------------------------------------------------------------------------ */

void ha_mcdata_init(struct mip6 *m)
{
	struct ha_multicast *mc = mc_of(m);

	TAILQ_INIT(&mc->jobs);
	timer_init(&mc->job_timer, "multicast-copies", on_job_timer, mc);
}

void ha_mcdata_forget_member(struct mip6 *m, const struct mc_member *member)
{
	struct ha_multicast *mc = mc_of(m);
	struct mc_job *j, *next;

	if (!member->group->jobs)
		return;
	for (j = TAILQ_FIRST(&mc->jobs); j; j = next) {
		next = TAILQ_NEXT(j, entry);
		if (j->next == member)
			j->next = TAILQ_NEXT(member, of_group);
		if (!j->next)
			end_job(mc, j);
	}
}

void ha_mcdata_forget_all(struct mip6 *m)
{
	struct ha_multicast *mc = mc_of(m);

	timer_cancel(m->timers, &mc->job_timer);
	while (!TAILQ_EMPTY(&mc->jobs))
		end_job(mc, TAILQ_FIRST(&mc->jobs));
}
