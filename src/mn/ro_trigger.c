// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What begins route optimization with a peer, and what moves it: packets in the tunnel
 * (RFC 6275 11.7.2, told by the port), and what registration tells: the home agent has
 * confirmed, the node has moved, or come home (11.5.5), the registration is lost.
 * Called by mn.c, and by registration through ro_listener.
 */
#include <string.h>

#include "mn/ro_peer.h"
#include "mn/ro_test.h"

/* How often the tunnel's traffic is told, for each peer. */
#define TRAFFIC_PACE_US US_PER_S

/* --- traffic -------------------------------------------------------------------------- */

const char *ro_peer_unwanted(const struct mip6 *m, const struct home_addr *h,
			     const struct in6_addr *peer)
{
	const struct bul_entry *e = bul_find(&home_of(m)->bul, &h->hoa, peer);

	if (!addr_is_routable_unicast(peer))
		return "the peer's address is not unicast and routable";
	if (addr_equal(peer, &h->ha) || (e && e->kind == BUL_HOME))
		return "the peer is the home agent";
	if (home_is_home_address(m, peer))
		return "the peer is this node";
	if (m->conf->use_mn_ha_ipsec &&
	    conf_ipsec_find(m->conf, &h->hoa, &h->ha, CONF_IPSEC_TUNNEL_PAYLOAD))
		return "TunnelPayload keeps it in the protected tunnel";
	if (m->conf->mn_max_cn_binding_life_s < 4)
		return "MnMaxCnBindingLife does not allow it";
	for (size_t i = 0; i < m->conf->home_count; i++) {
		const struct conf_home *c = &m->conf->homes[i];

		if (addr_equal(&c->hoa, &h->hoa) || addr_equal(&c->hoa, &h->parent))
			return conf_ro_wanted(m->conf, c, peer) ?
				       NULL :
				       "MnRoPolicy or DoRouteOptimizationMN does not allow it";
	}
	return "the home address is not configured";
}

void ro_on_traffic(struct mip6 *m, const struct ktraffic_event *t)
{
	struct home_addr *h = home_find(m, &t->local);
	struct ro_peer *p = h ? ro_peer_find(m, &t->local, &t->peer) : NULL;

	if (p)
		p->tunnelled_us = m->now_us;
	if (!h || !home_is_registered(h) || ro_peer_unwanted(m, h, &t->peer))
		return;
	if (p) {
		if (p->state == RO_QUIET && p->quiet_until_us <= m->now_us)
			ro_peer_begin(p);
		return;
	}
	p = ro_peer_add(m, &t->local, &t->peer, &h->at.coa);
	if (!p)
		return;
	p->tunnelled_us = m->now_us;
	log_info(LOG_RR, "peer=%s hoa=%s: traffic in the tunnel", ADDR_STR(&p->peer),
		 ADDR_STR(&p->hoa));
	ro_peer_begin(p);
}

/* --- what registration tells ---------------------------------------------------------- */

/* Also packets of pairs that were told of lately are then told of again. */
static void watch(struct mip6 *m, const struct home_tunnel *t)
{
	struct ro *ro = ro_of(m);
	int err;

	if (!t)
		return;
	err = m->kernel->ops->watch_traffic(m->kernel, t->name, TRAFFIC_PACE_US);
	if (err)
		log_limited(&ro->limit, m->now_us, LOG_RR, LOGL_WARNING,
			    "no route optimization: traffic of %s cannot be watched: %s", t->name,
			    strerror(-err));
	else
		strlcpy(ro->watched, t->name, sizeof(ro->watched));
}

static void on_registered(struct mip6 *m, const struct home_addr *h)
{
	struct ro_peer *p;

	if (h->tunnel && strcmp(ro_of(m)->watched, h->tunnel->name) != 0)
		watch(m, h->tunnel);
	TAILQ_FOREACH (p, &ro_of(m)->peers, entry) {
		if (!addr_equal(&p->hoa, &h->hoa) || p->state != RO_TESTING)
			continue;
		/* 11.7.2: now correspondents may be told. */
		if (ro_test_is_complete(p, true) || !timer_is_set(&p->timer))
			ro_peer_begin(p);
		else /* Home tests can go through the tunnel now. */
			ro_test_repeat_home(p);
	}
}

/* Whatever was begun for the former care-of address is of no use any more. */
static void move_peer(struct ro_peer *p, const struct home_addr *h)
{
	bool home = h->state == HOME_AT_HOME || h->state == HOME_RETURNING;

	if (!home && addr_equal(&p->coa, &h->at.coa))
		return;
	ro_peer_set_direct(p, false);
	p->careof.have = false;
	p->careof.waiting = false;
	p->coa = h->at.coa;
	/* Quiet or not: who may have a binding must not go on sending to where we were. */
	if (p->state == RO_QUIET && !(p->bul && bul_may_be_bound(p->bul, p->m->now_us)))
		return;
	if (!home) {
		ro_peer_set_state(p, RO_TESTING);
		ro_peer_begin(p);
	} else if (p->bul && bul_may_be_bound(p->bul, p->m->now_us)) {
		ro_peer_set_state(p, RO_DELETING); /* 11.5.5 */
		ro_peer_begin(p);
	} else {
		ro_peer_forget(p);
	}
}

static void on_moved(struct mip6 *m, const struct home_addr *h)
{
	struct ro_peer *p, *next;

	/* The first packets belong to the handover. Where data goes on by the next tunnel at once,
	 * nothing may hold them up, and that one has not told of any lately. */
	if (h->state == HOME_REGISTERING && !h->next_tunnel)
		watch(m, h->tunnel);
	for (p = TAILQ_FIRST(&ro_of(m)->peers); p; p = next) {
		next = TAILQ_NEXT(p, entry);
		if (addr_equal(&p->hoa, &h->hoa))
			move_peer(p, h);
	}
}

static void on_lost(struct mip6 *m, const struct home_addr *h)
{
	struct ro_peer *p, *next;

	for (p = TAILQ_FIRST(&ro_of(m)->peers); p; p = next) {
		next = TAILQ_NEXT(p, entry);
		if (addr_equal(&p->hoa, &h->hoa) && p->state != RO_QUIET)
			ro_peer_forget(p);
	}
}

/* Its home agent cannot be its correspondent: one list entry for each node (11.1). */
static void on_chosen(struct mip6 *m, const struct home_addr *h, const struct in6_addr *ha)
{
	struct ro_peer *p = ro_peer_find(m, &h->hoa, ha);

	if (!p)
		return;
	ro_peer_say_goodbye(p);
	ro_peer_forget(p);
}

const struct home_listener ro_listener = {
	.registered = on_registered,
	.moved = on_moved,
	.lost = on_lost,
	.chosen = on_chosen,
};
