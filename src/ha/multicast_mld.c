// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Towards each node that is away the home agent is the querier of MLD (RFC 6275 10.4.3): its
 * queries go through the tunnel, and the reports of the node come back that way. The tunnel
 * is a link with one host, which makes two things simple: who leaves is gone, since nobody
 * else could still listen, and answers need not be spread over time.
 *
 * When queries are sent. A node may not report anything before it was asked (11.3.4), so it
 * is asked as soon as it is registered, and again after each of its Binding Updates, since
 * it may have started anew; once more a little later (RFC 3810 9.6, 9.7), and then every
 * HaMulticastQueryInterval, in memory of what may have been lost. Each node has its own
 * time, so queries of many are spread by themselves; where many are due at once (a home
 * agent that has started with thousands of bindings), they leave one by one.
 *
 * Sources are not looked at: who listens to some sources of a group gets all, and its
 * kernel takes what it wants. When a node wants fewer sources, it is asked whether it still
 * wants the group.
 */
#include <string.h>

#include "ha/ha.h"
#include "ha/multicast.h"
#include "ha/registration.h"
#include "wire/mld.h"

#define ROBUSTNESS	    2 /* RFC 3810 9.1 */
#define RESPONSE_MS	    1000 /* 9.3: a tunnel has one host */
#define EARLY_PART	    4 /* 9.6: a quarter of the interval */
#define LAST_LISTENER_US    (2 * US_PER_S) /* 9.9 */
#define QUERY_PACE_US	    US_PER_MS
#define SOONEST_AGAIN_US    US_PER_S

uint64_t ha_mld_listener_interval_us(const struct mip6 *m)
{
	/* RFC 3810 9.4 */
	return ROBUSTNESS * m->conf->ha_multicast_query_interval_s * US_PER_S +
	       RESPONSE_MS * US_PER_MS;
}

uint64_t ha_mld_last_listener_us(void)
{
	return LAST_LISTENER_US;
}

/* --- queries ------------------------------------------------------------------------ */

static void send_query(const struct mc_node *n, const struct in6_addr *group)
{
	struct mip6 *m = n->m;
	const struct ktunnel_ends ends = { ha_registration_side(n->b)->local, n->coa };
	const struct mld_query q = { .src = addr_linklocal_of(&ends.local),
				     .group = *group,
				     .max_response_ms = RESPONSE_MS,
				     .interval_s = m->conf->ha_multicast_query_interval_s,
				     .robustness = ROBUSTNESS };
	uint8_t packet[MLD_QUERY_PACKET_LEN];
	int err;

	mld_encode_query(&q, packet);
	if (m->kernel->ops->send_encapsulated(m->kernel, &ends, 1, packet, sizeof(packet), &err))
		count(&m->counters, COUNT_OUT_MLD_QUERY);
	else
		count(&m->counters, COUNT_OUT_FAILED);
}

static void on_query_timer(struct timer *t, uint64_t now_us)
{
	struct mc_node *n = t->ctx;
	uint64_t interval_us = n->m->conf->ha_multicast_query_interval_s * US_PER_S;

	mip6_turn(n->m, now_us);
	n->asked_us = now_us;
	send_query(n, &in6addr_any);
	if (n->starting) {
		n->starting--;
		interval_us /= EARLY_PART;
	}
	timer_set(n->m->timers, t, now_us + interval_us, NULL);
}

void ha_mld_init_node(struct mc_node *n)
{
	timer_init(&n->query, "multicast-query", on_query_timer, n);
}

void ha_mld_ask(struct mc_node *n, unsigned int early)
{
	struct ha_multicast *mc = ha_of(n->m)->multicast;
	uint64_t at_us = n->m->now_us;

	n->starting = early;
	if (n->asked_us && at_us < n->asked_us + SOONEST_AGAIN_US)
		at_us = n->asked_us + SOONEST_AGAIN_US;
	if (at_us < mc->next_query_us)
		at_us = mc->next_query_us;
	if (timer_is_set(&n->query) && n->query.at_us <= at_us)
		return;
	mc->next_query_us = at_us + QUERY_PACE_US;
	timer_set(n->m->timers, &n->query, at_us, NULL);
}

void ha_mld_ask_for(const struct mc_node *n, const struct in6_addr *group)
{
	send_query(n, group);
}

/* --- reports ------------------------------------------------------------------------ */

/* 10.4.3: the node is identified by the tunnel, for link-local addresses need not be
 * unique; between home addresses of one node they tell. */
static struct mc_node *find_node(const struct mip6 *m, const struct in6_addr *coa,
				 const struct in6_addr *inner_src)
{
	const struct ha_multicast *mc = ha_of(m)->multicast;
	struct mc_node *n, *found = NULL;

	LIST_FOREACH (n, &mc->nodes[addr_hash(coa, m->hash_seed) % MC_BUCKETS], of_bucket) {
		struct in6_addr local = addr_linklocal_of(&n->b->key.hoa);

		if (!addr_equal(&n->coa, coa))
			continue;
		found = n;
		if (addr_equal(&local, inner_src))
			break;
	}
	return found;
}

/* 10.4.2: MUST NOT be tunnelled with a scope of the link, SHOULD NOT with one smaller than
 * global; so these are not joined, in silence. (RFC 4291 2.7: 15 is treated as global.) */
static bool is_global(struct mip6 *m, const struct in6_addr *group)
{
	if (mld_scope(group) >= MLD_SCOPE_GLOBAL)
		return true;
	/* Groups of the link are in every report. */
	if (mld_scope(group) > MLD_SCOPE_LINK)
		count(&m->counters, COUNT_MCAST_SCOPE);
	return false;
}

/* RFC 3810 7.4.1, 7.4.2, for a link with one host, and without sources. */
static void take_record(struct mc_node *n, const struct mld_record *r)
{
	switch (r->type) {
	case MLD_IS_EXCLUDE:
	case MLD_TO_EXCLUDE:
		ha_multicast_join(n, &r->group);
		return;
	case MLD_IS_INCLUDE:
	case MLD_ALLOW:
		if (r->source_count)
			ha_multicast_join(n, &r->group);
		return;
	case MLD_TO_INCLUDE:
		if (r->source_count)
			ha_multicast_join(n, &r->group);
		else
			ha_multicast_leave(n, &r->group);
		return;
	case MLD_BLOCK:
		ha_multicast_doubt(n, &r->group);
		return;
	}
}

static void take_message(struct mc_node *n, struct mld_msg *msg)
{
	struct mld_record r;

	switch (msg->type) {
	case MLD_QUERY:
		return; /* there is no other router in a tunnel */
	case MLD_REPORT_V1:
		if (is_global(n->m, &msg->group))
			ha_multicast_join(n, &msg->group);
		return;
	case MLD_DONE:
		ha_multicast_leave(n, &msg->group);
		return;
	case MLD_REPORT_V2:
		while (mld_next_record(msg, &r)) {
			if (is_global(n->m, &r.group))
				take_record(n, &r);
		}
		return;
	}
}

bool ha_mld_on_packet(struct mip6 *m, const struct kmulticast_event *e)
{
	struct wire_error err;
	struct mld_msg msg;
	struct mc_node *n;
	struct in6_addr src;

	switch (mld_decode_packet(e->data, e->len, &msg, &err)) {
	case WIRE_IGNORE:
		return false;
	case WIRE_MALFORMED:
		count(&m->counters, COUNT_MCAST_FORM);
		log_limited(&m->drop_limit, m->now_us, LOG_HA, LOGL_INFO,
			    "dropped MLD of coa=%s len=%zu wire=%s at=%zu",
			    ADDR_STR(&e->outer_src), e->len, wire_reason_name(err.reason),
			    err.offset);
		return true;
	case WIRE_OK:
		break;
	}
	memcpy(&src, e->data + 8, sizeof(src));
	/* 10.4.5: the source of the tunnel must be the care-of address of a binding. */
	n = find_node(m, &e->outer_src, &src);
	if (!n) {
		count(&m->counters, COUNT_MCAST_UNBOUND);
		return true;
	}
	count(&m->counters, COUNT_IN_MLD_REPORT);
	take_message(n, &msg);
	return true;
}
