// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What route optimization tells the console: how far each peer is, and, for one peer,
 * whether packets go directly in both directions, and why not. Only reads.
 *
 * To the peer packets go directly when the kernel has the path. From it they do when it
 * has our binding; that is known, where it was acknowledged, and else assumed. That the
 * assumption was wrong is seen when packets of the pair still come through the tunnel:
 * ours cannot be among them. Called through the role's table (mn_show.c).
 */
#include "mn/ro_show.h"

#include "core/hao.h"
#include "mn/ro_peer.h"

/* Packets that were on their way in the tunnel when the direct path began. */
#define STRAGGLERS_US (2 * US_PER_S)
/* Traffic is told once a second. */
#define SEEN_LATELY_US (5 * US_PER_S)

void ro_show_peers(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	const struct ro_peer *p;

	(void)argc;
	(void)argv;
	show_list(out, "route_optimization");
	TAILQ_FOREACH (p, &ro_of(m)->peers, entry) {
		show_row(out);
		show_addr(out, "home_address", &p->hoa);
		show_addr(out, "peer", &p->peer);
		show_text(out, "state", ro_state_name(p->state));
		show_bool(out, "direct", p->installed);
		show_addr(out, "care_of_address", &p->coa);
		show_since(out, "home_token", p->home.have ? p->home.got_us : 0, m->now_us);
		show_since(out, "care_of_token", p->careof.have ? p->careof.got_us : 0, m->now_us);
		show_until(out, "left", p->bul ? p->bul->valid_until_us : 0, m->now_us);
		show_until(out, "quiet", p->state == RO_QUIET ? p->quiet_until_us : 0, m->now_us);
		show_text(out, "why", p->state == RO_QUIET ? p->why : "");
	}
	show_close(out);
}

static const char *why_not_tested(const struct ro_peer *p)
{
	if (p->home.waiting && p->careof.waiting)
		return "neither the Home Test Init nor the Care-of Test Init is answered yet";
	if (p->home.waiting)
		return "the Home Test Init, by the home agent, is not answered yet";
	if (p->careof.waiting)
		return "the Care-of Test Init, directly, is not answered yet";
	return "the home agent has not confirmed this care-of address yet";
}

/* Why packets to the peer go by the home agent; NULL: they do not. */
static const char *why_not_to(const struct home_addr *h, const struct in6_addr *peer,
			      const struct ro_peer *p)
{
	const char *why = ro_peer_unwanted(h->m, h, peer);

	if (p && p->installed && kept_is_there(&p->kept))
		return NULL;
	if (home_is_on_home_link(h))
		return "the mobile node is at home";
	if (why)
		return why;
	if (!home_is_registered(h))
		return "there is no registration with the home agent";
	if (!p)
		return "no packets of this pair were seen in the tunnel yet";
	if (p->installed)
		return "the kernel has not taken the direct path";
	switch (p->state) {
	case RO_TESTING:
		return why_not_tested(p);
	case RO_BINDING:
		return "the Binding Update is on its way";
	case RO_BOUND:
		return "the binding is about to end, for want of traffic";
	case RO_DELETING:
		return "the binding is being deleted";
	case RO_QUIET:
		return p->why;
	}
	return "";
}

/* The same for packets from the peer; `to` is why they do not go directly to it. */
static const char *why_not_from(const struct ro_peer *p, const char *to)
{
	uint64_t now_us;

	if (!p || !p->bul || p->bul->valid_until_us <= p->m->now_us)
		return to;
	now_us = p->m->now_us;
	if (!addr_equal(&p->bul->acked_coa, &p->coa))
		return "the peer knows the former care-of address only";
	if (p->installed && p->tunnelled_us > p->direct_us + STRAGGLERS_US &&
	    now_us - p->tunnelled_us < SEEN_LATELY_US)
		return "the peer has a binding, but its packets come through the tunnel";
	return NULL;
}

static void show_last_use(struct show *out, const struct ro_peer *p)
{
	uint64_t idle_us, least_us = TIME_NEVER;
	struct footprint f;

	footprint_init(&f);
	hao_send_objects(&f, &p->hoa, &p->coa, &p->peer);
	for (size_t i = 0; p->installed && i < f.count; i++) {
		if (f.items[i].type == KOBJ_XFRM_STATE &&
		    p->m->kernel->ops->last_use(p->m->kernel, &f.items[i], &idle_us) == 0 &&
		    idle_us < least_us)
			least_us = idle_us;
	}
	footprint_free(&f);
	show_since(out, "last_sent_directly",
		   least_us < p->m->now_us ? p->m->now_us - least_us : 0, p->m->now_us);
}

static void show_pair(struct show *out, const struct home_addr *h, const struct in6_addr *peer)
{
	const struct ro_peer *p = ro_peer_find(h->m, &h->hoa, peer);
	const char *to = why_not_to(h, peer, p);
	const char *from = why_not_from(p, to);
	const struct binding *b = bcache_find(&h->m->bcache, peer, &h->hoa);
	bool at_home = home_is_on_home_link(h);
	uint64_t now_us = h->m->now_us;

	show_row(out);
	show_addr(out, "home_address", &h->hoa);
	show_addr(out, "peer", peer);
	show_bool(out, "optimized", !to && !from);
	show_text(out, "to_peer", !to ? "directly" : at_home ? "from home" : "by the home agent");
	show_text(out, "from_peer",
		  !from ? "directly" : at_home ? "to home" : "by the home agent");
	show_text(out, "why", to ? to : from ? from : "");
	if (b && b->kind == BINDING_CACHED && b->installed.valid)
		show_addr(out, "peer_care_of_address", &b->installed.coa);
	if (!p)
		return;
	show_text(out, "state", ro_state_name(p->state));
	show_bool(out, "acknowledged", p->bul && p->bul->flags & MH_BU_A && !p->bul->waiting);
	show_span(out, "round_trip", p->rtt_us);
	show_since(out, "direct_for", p->installed ? p->direct_us : 0, now_us);
	show_last_use(out, p);
	show_since(out, "last_in_tunnel", p->tunnelled_us, now_us);
	show_until(out, "left", p->bul ? p->bul->valid_until_us : 0, now_us);
	show_until(out, "again", p->state == RO_QUIET ? p->quiet_until_us : 0, now_us);
}

void ro_show_test(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	const struct home_addr *h;
	struct in6_addr peer;

	if (argc != 2 || addr_parse(argv[1], &peer) < 0) {
		show_text(out, "error", "rotest wants the address of a peer");
		return;
	}
	show_list(out, "rotest");
	TAILQ_FOREACH (h, &home_of(m)->addrs, entry)
		show_pair(out, h, &peer);
	show_close(out);
}
