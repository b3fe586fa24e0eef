// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What home registration keeps in the kernel, as one footprint of all home
 * addresses: two may share the tunnel to their home agent, so the whole is what can
 * be computed. home_footprint() is pure; one transition at a time leads the kernel
 * there, and while one is under way further changes wait for its end.
 *
 * For each home address there is its default route in a table of its own, by
 * source (see attach.h): into the tunnel while it is registered (RFC 6275 11.3.1,
 * bidirectional tunnelling), over the home link when at home, and unreachable
 * while neither may be used, so that nothing leaves a foreign link with the home
 * address in the clear. The address itself always sits somewhere, so that sockets
 * keep it: on the tunnel when away (no duplicate address detection there), on its
 * interface at home, on the loopback device while there is no tunnel yet. Moving
 * it puts the new one before it takes the old one away.
 *
 * Where a policy of IPsec protects updates, the kernel puts in the Home Address option
 * (core/hao.h), by what is here for each such home address.
 *
 * Packets with a type 2 routing header are let in for the care-of address at
 * hand (11.3.3).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/hao.h"
#include "core/ipsec.h"
#include "core/link.h"
#include "mn/home.h"
#include "mn/multicast.h"

#define ROUTE_METRIC	1
#define RULE_PRIORITY	1000 /* before that of movement */
#define PATH_RETRY_US	US_PER_S
/* A predecessor's objects are of no use to a node that has been nowhere for so long. */
#define HOLD_US (30 * US_PER_S)
#define TUNNEL_HOP_LIMIT 64

static void put_dev(struct kdev *d, const char *name)
{
	snprintf(d->name, sizeof(d->name), "%s", name);
}

/* --- what is wanted ------------------------------------------------------------ */

/* The address is on its home interface. */
static bool is_on_home_link(const struct home_addr *h)
{
	return h->state == HOME_AT_HOME || (h->state == HOME_RETURNING && h->on_home_link);
}

/* The tunnel is there: it has ends, and the address or the data needs it. */
static bool uses_tunnel(const struct home_addr *h)
{
	return h->tunnel && !addr_is_unspecified(&h->tunnel->coa) && h->state != HOME_AT_HOME;
}

/* RFC 6275 11.3.1: through the tunnel once the home agent has confirmed; with
 * OptimisticHandoff, and a binding that only moves, at once. So, too, where the former
 * care-of address still serves: by that until the update has gone ahead on the new way,
 * and then behind it, for the home agent takes nothing more from the former address
 * (10.4.5). */
static bool sends_by_tunnel(const struct home_addr *h)
{
	return h->state == HOME_REGISTERED ||
	       (h->state == HOME_REGISTERING && h->was_bound &&
		(h->m->conf->optimistic_handoff || h->next_tunnel));
}

static const struct home_tunnel *sending_tunnel(const struct home_addr *h)
{
	return h->next_tunnel && h->led ? h->next_tunnel : h->tunnel;
}

/* RFC 3810 5.2.13: reports of groups need a link-local source. */
static void add_link_local(const struct home_addr *h, const struct home_tunnel *t,
			   struct footprint *f)
{
	struct kobj o;

	if (!t || addr_is_unspecified(&t->coa))
		return;
	memset(&o, 0, sizeof(o));
	o.type = KOBJ_ADDR;
	put_dev(&o.addr.dev, t->name);
	o.addr.addr = addr_linklocal_of(&h->hoa);
	o.addr.plen = 128;
	o.addr.flags = KADDR_NODAD;
	o.addr.valid_s = UINT32_MAX;
	o.addr.preferred_s = UINT32_MAX;
	footprint_add(f, &o);
}

static void add_link_locals(const struct home_addr *h, struct footprint *f)
{
	if (!uses_tunnel(h) || !multicast_by_tunnel(h) || addr_is_unspecified(&h->asked_by))
		return;
	add_link_local(h, h->tunnel, f);
	add_link_local(h, h->next_tunnel, f);
	add_link_local(h, h->former_tunnel, f);
}

static void add_address(const struct home_addr *h, struct footprint *f)
{
	bool deprecated = h->deprecated || h->leaving;
	struct kobj o;

	/* 11.7.1: after "duplicate address detection failed" it MUST NOT be used; nor
	 * after the end of its lifetime (11.4.2). */
	if (h->taken || h->invalid)
		return;
	memset(&o, 0, sizeof(o));
	o.type = KOBJ_ADDR;
	o.addr.addr = h->hoa;
	o.addr.plen = 128;
	o.addr.valid_s = UINT32_MAX;
	o.addr.preferred_s = deprecated ? 0 : UINT32_MAX;
	/* 11.5.5: MUST NOT perform duplicate address detection when returning; where
	 * it is due, it was done before (home_return.c). */
	o.addr.flags = KADDR_HOME | KADDR_NODAD | (deprecated ? KADDR_DEPRECATED : 0);
	if (is_on_home_link(h))
		o.addr.dev.ifindex = h->at.ifindex;
	else if (uses_tunnel(h))
		put_dev(&o.addr.dev, h->tunnel->name);
	else
		put_dev(&o.addr.dev, "lo");
	footprint_add(f, &o);
	/* Linux makes a new address usable a moment after it was put: until then packets
	 * for it find the one on the former tunnel. */
	if (h->former_tunnel && uses_tunnel(h)) {
		put_dev(&o.addr.dev, h->former_tunnel->name);
		footprint_add(f, &o);
	}
}

static struct kobj route_from(const struct home_addr *h, const struct prefix *dst)
{
	struct kobj o;

	memset(&o, 0, sizeof(o));
	o.type = KOBJ_ROUTE;
	o.route.table = KTABLE_OWN;
	o.route.dst = *dst;
	o.route.src = prefix_of(&h->hoa, 128);
	o.route.metric = ROUTE_METRIC;
	o.route.type = KROUTE_UNICAST;
	return o;
}

struct kobj home_default_route(const struct home_addr *h)
{
	const struct prefix all = { .len = 0 };
	struct kobj o = route_from(h, &all);

	if (sends_by_tunnel(h)) {
		put_dev(&o.route.dev, sending_tunnel(h)->name);
	} else if (h->state == HOME_AT_HOME && !addr_is_unspecified(&h->at.router)) {
		o.route.dev.ifindex = h->at.ifindex;
		o.route.via = h->at.router;
	} else {
		o.route.type = KROUTE_UNREACHABLE;
	}
	return o;
}

/* 11.3.4: what is sent to groups from the home address goes the same way: through the tunnel,
 * or nowhere. It is decided in the table that comes first, where Linux has a route for all
 * groups and all sources; two halves are more special than that. (One route for the whole,
 * by source, would hide that one from all others.) */
static void add_multicast_routes(const struct home_addr *h, struct footprint *f)
{
	static const struct prefix halves[] = { { .addr.s6_addr = { 0xff, 0 }, .len = 9 },
						{ .addr.s6_addr = { 0xff, 0x80 }, .len = 9 } };

	if (is_on_home_link(h))
		return;
	for (size_t i = 0; i < 2; i++) {
		struct kobj o = route_from(h, &halves[i]);

		o.route.table = KTABLE_LOCAL;
		if (sends_by_tunnel(h))
			put_dev(&o.route.dev, sending_tunnel(h)->name);
		else
			o.route.type = KROUTE_UNREACHABLE;
		footprint_add(f, &o);
	}
}

static void add_home_routes(const struct home_addr *h, struct footprint *f)
{
	unsigned int i;

	for (i = 0; i < h->at.on_link_count; i++) {
		struct kobj o = route_from(h, &h->at.on_link[i]);

		o.route.dev.ifindex = h->at.ifindex;
		footprint_add(f, &o);
	}
}

/* To the home agent, for the deletion of the binding and for what must be known
 * before (RFC 6275 11.5.5), whatever the source: the home agent is on this link, or
 * behind its router. When it is the router whose advertisement was heard, by that
 * one's link-local address, which the kernel knows already. */
static void add_signalling_route(const struct home_addr *h, struct footprint *f)
{
	const struct prefix ha = prefix_of(&h->ha, 128);
	struct kobj o = route_from(h, &ha);

	memset(&o.route.src, 0, sizeof(o.route.src));
	o.route.dev.ifindex = h->at.ifindex;
	if (!home_agent_is_neighbour(h))
		o.route.via = h->at.router;
	footprint_add(f, &o);
}

/* Where the kernel puts in the Home Address option, it first looks for a way from the home
 * address, and there may be none yet. Then it goes by the care-of address. */
static void add_way_of_updates(const struct home_addr *h, const struct in6_addr *agent,
			       struct footprint *f)
{
	const struct prefix ha = prefix_of(agent, 128);
	struct kobj o;

	memset(&o, 0, sizeof(o));
	o.type = KOBJ_RULE;
	o.rule.priority = RULE_PRIORITY;
	o.rule.from = prefix_of(&h->hoa, 128);
	o.rule.to = ha;
	o.rule.ip_proto = IPPROTO_MH;
	o.rule.action = KROUTE_UNICAST;
	o.rule.table = KTABLE_MAIN;
	footprint_add(f, &o);
	o = route_from(h, &ha);
	memset(&o.route.src, 0, sizeof(o.route.src));
	o.route.table = KTABLE_MAIN;
	o.route.dev.ifindex = h->at.ifindex;
	o.route.via = h->at.router;
	footprint_add(f, &o);
}

/* RFC 6275 5.1, 11.3.2: the policies of the configuration; those for the tunnel while
 * there is one (RFC 3776 4.2). */
static void add_protection(const struct home_addr *h, struct footprint *f)
{
	const struct conf *c = h->m->conf;
	const struct home_tunnel *t = sending_tunnel(h);
	const struct ipsec_tunnel rules = ipsec_tunnel_of(c, &h->hoa, &h->ha);

	ipsec_transport_objects(c, IPSEC_MOBILE_NODE, &h->hoa, &h->ha, f);
	if (uses_tunnel(h))
		ipsec_tunnel_objects(&rules, IPSEC_MOBILE_NODE, &h->hoa, &h->ha, &t->coa, f);
	if (!home_is_protected(h) || !h->at.usable ||
	    (h->state != HOME_REGISTERING && h->state != HOME_REGISTERED &&
	     h->state != HOME_LEAVING))
		return;
	hao_signalling_objects(f, &h->hoa, &h->at.coa, &h->ha,
			       ipsec_protects_prefixes(c, &h->hoa, &h->ha));
	add_way_of_updates(h, &h->ha, f);
}

/* The deletion of a binding that a former home agent may have: protected as any other. */
static void add_former(const struct home_addr *h, const struct in6_addr *ha, void *ctx)
{
	const struct conf *c = h->m->conf;
	struct footprint *f = ctx;

	if (h->state == HOME_AT_HOME || !h->at.usable)
		return;
	if (!uses_tunnel(h))
		rh2_accept_object(f, &h->hoa, &h->at.coa);
	if (!ipsec_protects_binding(c, &h->hoa, ha))
		return;
	ipsec_transport_objects(c, IPSEC_MOBILE_NODE, &h->hoa, ha, f);
	hao_signalling_objects(f, &h->hoa, &h->at.coa, ha, false);
	add_way_of_updates(h, ha, f);
}

static void add_home(const struct home_addr *h, struct footprint *f)
{
	const struct kobj route = home_default_route(h);

	add_protection(h, f);
	home_former_each(h, add_former, f);
	add_address(h, f);
	add_link_locals(h, f);
	footprint_add(f, &route);
	add_multicast_routes(h, f);
	if (h->state == HOME_AT_HOME)
		add_home_routes(h, f);
	if (h->state == HOME_RETURNING && !addr_is_unspecified(&h->ha))
		add_signalling_route(h, f);
	if (uses_tunnel(h))
		rh2_accept_object(f, &h->hoa,
				  h->next_tunnel ? &h->next_tunnel->coa : &h->tunnel->coa);
}

static void add_tunnel(const struct home_tunnel *t, struct footprint *f)
{
	struct kobj o;

	memset(&o, 0, sizeof(o));
	o.type = KOBJ_TUNNEL;
	memcpy(o.tunnel.name, t->name, sizeof(o.tunnel.name));
	o.tunnel.local = t->coa;
	o.tunnel.remote = t->ha;
	o.tunnel.hop_limit = TUNNEL_HOP_LIMIT;
	footprint_add(f, &o);
}

void home_footprint(const struct mip6 *m, struct footprint *f)
{
	const struct home *home = home_of(m);
	const struct home_tunnel *t;
	const struct home_addr *h;

	if (TAILQ_EMPTY(&home->addrs))
		return;
	hao_admit_objects(f);
	TAILQ_FOREACH(t, &home->tunnels, entry) {
		TAILQ_FOREACH(h, &home->addrs, entry) {
			if ((h->tunnel == t || h->next_tunnel == t || h->former_tunnel == t) &&
			    uses_tunnel(h))
				break;
		}
		if (h)
			add_tunnel(t, f);
	}
	TAILQ_FOREACH(h, &home->addrs, entry)
		add_home(h, f);
	home_source_footprint(m, f);
}

/* --- the way there ------------------------------------------------------------- */

static void tell_installed(struct mip6 *m, uint64_t number)
{
	struct home_addr *h, *next;

	for (h = TAILQ_FIRST(&home_of(m)->addrs); h; h = next) {
		next = TAILQ_NEXT(h, entry);
		if (h->installed_path < h->wanted_path && number >= h->wanted_path) {
			h->installed_path = number;
			home_on_installed(h);
		}
	}
}

static void try_again_later(struct mip6 *m)
{
	struct home *home = home_of(m);

	footprint_free(&home->pending);
	home->dirty = true;
	timer_set(m->timers, &home->path_timer, m->now_us + PATH_RETRY_US, NULL);
}

static void on_applied(struct mip6 *m, int error, const struct kchange *failed, void *ctx)
{
	struct home *home = home_of(m);

	(void)failed;
	(void)ctx;
	home->transition = NULL;
	if (error) {
		/* What was done has been undone; the reason is in the log already. */
		try_again_later(m);
		return;
	}
	footprint_free(&home->have);
	home->have = home->pending;
	footprint_init(&home->pending);
	tell_installed(m, home->pending_number);
	home_path_flush(m);
}

void home_path_changed(struct home_addr *h)
{
	struct home *home = home_of(h->m);

	h->wanted_path = ++home->path_number;
	home->dirty = true;
}

static void begin_way(struct mip6 *m)
{
	struct home *home = home_of(m);

	if (!home->dirty || home->transition || home->stopping || home->holding)
		return;
	home->dirty = false;
	timer_cancel(m->timers, &home->path_timer);
	footprint_init(&home->pending);
	home_footprint(m, &home->pending);
	home->pending_number = home->path_number;
	if (!home->pending.bad)
		home->transition = footprint_apply(m, &home->have, &home->pending, on_applied,
						   NULL);
	if (!home->transition) {
		log_error(LOG_MN, "no memory to change the kernel");
		try_again_later(m);
	}
}

void home_path_flush(struct mip6 *m)
{
	multicast_review(m);
	begin_way(m);
	multicast_refresh(m); /* behind it, since groups are joined on the tunnels */
}

static void on_path_timer(struct timer *t, uint64_t now_us)
{
	struct mip6 *m = t->ctx;

	mip6_turn(m, now_us);
	home_of(m)->holding = false;
	home_path_flush(m);
}

void home_path_init(struct mip6 *m)
{
	struct home *home = home_of(m);

	footprint_init(&home->have);
	footprint_init(&home->pending);
	timer_init(&home->path_timer, "home-path", on_path_timer, m);
}

/* --- somebody else changes the kernel ------------------------------------------ */

static bool is_on_tunnel(const struct kobj *o, const char *name)
{
	const struct kdev *d = o->type == KOBJ_ADDR  ? &o->addr.dev :
			       o->type == KOBJ_ROUTE ? &o->route.dev :
						       NULL;

	return d && !d->ifindex && strncmp(d->name, name, IFNAMSIZ) == 0;
}

/* With a tunnel go the addresses and routes on it, with a flush all of that type. */
static bool went_with(const struct kobj *o, const struct kobj *lost)
{
	if (kobj_compare_key(o, lost) == 0 || (kobj_is_flush(lost) && o->type == lost->type))
		return true;
	return lost->type == KOBJ_TUNNEL && is_on_tunnel(o, lost->tunnel.name);
}

static bool drop_lost(struct footprint *f, const struct kobj *lost)
{
	size_t i, kept = 0, before = f->count;

	for (i = 0; i < before; i++) {
		if (!went_with(&f->items[i], lost))
			f->items[kept++] = f->items[i];
	}
	f->count = kept;
	return kept != before;
}

void home_path_lost(struct mip6 *m, const struct kobj *o)
{
	struct home *home = home_of(m);
	bool in_pending = drop_lost(&home->pending, o);

	if (drop_lost(&home->have, o) || in_pending) {
		home->dirty = true;
		home_path_flush(m);
	}
}

/* --- start and stop ------------------------------------------------------------ */

struct adoption {
	struct mip6 *m;
	struct footprint admit;
};

static bool is_tunnel_name(const char *name)
{
	return strncmp(name, HOME_TUNNEL, strlen(HOME_TUNNEL)) == 0;
}

/* A device of a predecessor: it is used again where the home agent is the same,
 * else removed; in any case its number is taken. */
static int adopt_tunnel(struct mip6 *m, const struct kobj_tunnel *o)
{
	struct home *home = home_of(m);
	unsigned long number = strtoul(o->name + strlen(HOME_TUNNEL), NULL, 10);
	struct home_tunnel *t = home_tunnel_add(home, o->name, &o->remote);

	if (!t)
		return -ENOMEM;
	t->coa = o->local;
	if (number >= home->next_tunnel && number < UINT32_MAX)
		home->next_tunnel = (unsigned int)number + 1;
	return 0;
}

static bool is_ours(const struct adoption *a, const struct kobj *o)
{
	switch (o->type) {
	case KOBJ_TUNNEL:
		return is_tunnel_name(o->tunnel.name) && !o->tunnel.external;
	case KOBJ_ADDR:
		return is_tunnel_name(o->addr.dev.name) || home_find(a->m, &o->addr.addr);
	case KOBJ_ROUTE:
		/* movement's are all from care-of addresses */
		return o->route.table != KTABLE_MAIN &&
		       (o->route.src.len == 0 || home_find(a->m, &o->route.src.addr));
	case KOBJ_XFRM_STATE:
		return footprint_find(&a->admit, o) ||
		       (o->state.proto == KXFRM_RH2 && home_find(a->m, &o->state.dst));
	case KOBJ_XFRM_POLICY:
		return footprint_find(&a->admit, o) != NULL;
	case KOBJ_RULE:
		return o->rule.specific || home_find(a->m, &o->rule.from.addr);
	case KOBJ_SYSCTL:
	case KOBJ_TUNNEL_FILTER:
	case KOBJ_PROXY_NEIGH:
	case KOBJ_ANYCAST:
	case KOBJ_GROUP:
	case KOBJ_TYPE_COUNT:
		break;
	}
	return false;
}

static int adopt_object(const struct kobj *o, void *ctx)
{
	struct adoption *a = ctx;
	int err;

	if (!is_ours(a, o) || !found_take(&a->m->found, o, NULL))
		return 0;
	if (o->type == KOBJ_TUNNEL) {
		err = adopt_tunnel(a->m, &o->tunnel);
		if (err)
			return err;
	}
	footprint_add(&home_of(a->m)->have, o);
	return home_of(a->m)->have.bad ? -ENOMEM : 0;
}

/* A home agent that was discovered is tried first again (11.4.1: MUST). */
static void adopt_agents(struct mip6 *m)
{
	struct home *home = home_of(m);
	const struct kobj *items = home->have.items;
	struct home_tunnel *t;
	struct home_addr *h;
	size_t i;

	for (i = 0; i < home->have.count; i++) {
		h = items[i].type == KOBJ_ADDR ? home_find(m, &items[i].addr.addr) : NULL;
		if (!h || !addr_is_unspecified(&h->fixed_ha))
			continue;
		TAILQ_FOREACH(t, &home->tunnels, entry) {
			if (strncmp(t->name, items[i].addr.dev.name, IFNAMSIZ) == 0)
				break;
		}
		if (t) {
			const struct in6_addr ha = t->ha;

			home_use_agent(h, &ha);
		}
	}
}

bool home_path_is_on(const struct home_addr *h, uint32_t ifindex)
{
	struct kobj key;

	memset(&key, 0, sizeof(key));
	key.type = KOBJ_ADDR;
	key.addr.dev.ifindex = ifindex;
	key.addr.addr = h->hoa;
	return footprint_find(&home_of(h->m)->have, &key) != NULL;
}

bool home_path_can_report(const struct mip6 *m, const struct home_tunnel *t)
{
	const struct footprint *have = &home_of(m)->have;

	for (size_t i = 0; i < have->count; i++) {
		const struct kobj *o = &have->items[i];

		if (o->type == KOBJ_ADDR && addr_is_linklocal(&o->addr.addr) &&
		    is_on_tunnel(o, t->name))
			return true;
	}
	return false;
}

int home_path_adopt(struct mip6 *m)
{
	struct adoption a = { .m = m };
	int err;

	footprint_init(&a.admit);
	hao_admit_objects(&a.admit);
	err = a.admit.bad ? -ENOMEM : 0;
	if (!err)
		err = found_each(&m->found, adopt_object, &a);
	footprint_free(&a.admit);
	if (!err)
		adopt_agents(m);
	home_of(m)->holding = home_of(m)->have.count != 0;
	if (home_of(m)->holding)
		timer_set(m->timers, &home_of(m)->path_timer, time_add(m->now_us, HOLD_US), NULL);
	return err;
}

void home_path_stop(struct mip6 *m, enum role_stop how)
{
	struct home *home = home_of(m);
	size_t i;

	home->stopping = true;
	timer_cancel(m->timers, &home->path_timer);
	if (home->transition) {
		/* What is there now is at most both. */
		transition_orphan(home->transition);
		home->transition = NULL;
		for (i = 0; i < home->pending.count; i++)
			footprint_add(&home->have, &home->pending.items[i]);
	}
	if (how == ROLE_SHUTDOWN && !footprint_apply(m, &home->have, NULL, NULL, NULL))
		log_error(LOG_MN, "no memory to clean the kernel");
}
