// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What movement keeps in the kernel, as pure functions: see attach.h for how the
 * routes of both halves fit together.
 *
 * An address carries no prefix route of its own; routes are source-specific, so
 * that each care-of address leaves by its own link, and nothing else does. Called by
 * move.c.
 */
#include <string.h>

#include "mn/move.h"

#define RULE_PRIORITY 1010
#define ROUTE_METRIC  1024

void move_rule_footprint(struct footprint *f)
{
	struct kobj o;

	memset(&o, 0, sizeof(o));
	o.type = KOBJ_RULE;
	o.rule.priority = RULE_PRIORITY;
	o.rule.action = KROUTE_UNICAST;
	o.rule.table = KTABLE_OWN;
	footprint_add(f, &o);
}

static void add_setting(const struct move_iface *i, enum ksysctl name, uint32_t value,
			struct footprint *f)
{
	struct kobj o;

	if (value > INT32_MAX)
		return;
	memset(&o, 0, sizeof(o));
	o.type = KOBJ_SYSCTL;
	o.sysctl.dev.ifindex = i->ifindex;
	o.sysctl.name = name;
	o.sysctl.value = (int32_t)value;
	footprint_add(f, &o);
}

void move_settings_footprint(const struct move_iface *i, struct footprint *f)
{
	const struct move_parameters *say = &i->parameters;

	/* Router discovery and autoconfiguration are ours (design: order and timing of
	 * prefix, address, route and registration decide how long a handover takes). */
	add_setting(i, KSYSCTL_ACCEPT_RA, 0, f);
	add_setting(i, KSYSCTL_AUTOCONF, 0, f);
	add_setting(i, KSYSCTL_ROUTER_SOLICITATIONS, 0, f);
	/* RFC 6275 11.5.3: duplicate address detection SHOULD NOT be delayed. Moves of
	 * several nodes are spread by what tells each of them of its own. */
	add_setting(i, KSYSCTL_ROUTER_SOLICITATION_DELAY, 0, f);
	/* RFC 4861 6.3.4: what the routers say about the link */
	if (say->hop_limit)
		add_setting(i, KSYSCTL_HOP_LIMIT, say->hop_limit, f);
	if (say->mtu && say->mtu <= i->told.mtu)
		add_setting(i, KSYSCTL_MTU, say->mtu, f);
	if (say->reachable_ms)
		add_setting(i, KSYSCTL_NEIGH_BASE_REACHABLE_MS, say->reachable_ms, f);
	if (say->retrans_ms)
		add_setting(i, KSYSCTL_NEIGH_RETRANS_MS, say->retrans_ms, f);
}

static void add_address(const struct move_iface *i, const struct move_prefix *p,
			struct footprint *f)
{
	struct kobj o;

	memset(&o, 0, sizeof(o));
	o.type = KOBJ_ADDR;
	o.addr.dev.ifindex = i->ifindex;
	o.addr.addr = p->addr;
	o.addr.plen = p->prefix.len;
	o.addr.flags = KADDR_NO_PREFIX_ROUTE;
	switch (p->dad) {
	case CONF_COA_DAD_OPTIMISTIC:
		o.addr.flags |= KADDR_OPTIMISTIC;
		break;
	case CONF_COA_DAD_FULL:
		break;
	case CONF_COA_DAD_NONE:
		o.addr.flags |= KADDR_NODAD;
		break;
	}
	/* Their end is watched here: no change of the kernel for each advertisement. */
	o.addr.valid_s = UINT32_MAX;
	/* Applications get the home address while there is one. Where the kernel does not know
	 * rule 4 of RFC 6724, by rule 3; there sockets that prefer the care-of address (RFC
	 * 5014) do not get it. */
	o.addr.preferred_s = i->move->m->kernel->prefers_home ? UINT32_MAX : 0;
	if (!o.addr.preferred_s)
		o.addr.flags |= KADDR_DEPRECATED;
	footprint_add(f, &o);
}

struct kobj move_route_from(const struct move_iface *i, const struct in6_addr *coa)
{
	struct kobj o;

	memset(&o, 0, sizeof(o));
	o.type = KOBJ_ROUTE;
	o.route.table = KTABLE_OWN;
	o.route.src = prefix_of(coa, 128);
	o.route.metric = ROUTE_METRIC;
	o.route.type = KROUTE_UNICAST;
	o.route.dev.ifindex = i->ifindex;
	return o;
}

/* The router of this address: the one in use when it advertises the prefix, else any
 * that does. */
static const struct move_router *router_of(const struct move_iface *i, const struct move_prefix *p)
{
	int n;

	if (i->router >= 0 && (p->routers & 1U << i->router))
		return &i->routers[i->router];
	for (n = 0; n < MOVE_ROUTERS_MAX; n++) {
		if (i->routers[n].used && i->routers[n].until_us && (p->routers & 1U << n))
			return &i->routers[n];
	}
	return NULL;
}

static void add_routes(const struct move_iface *i, const struct move_prefix *p,
		       struct footprint *f)
{
	const struct move_router *r = router_of(i, p);
	struct kobj o = move_route_from(i, &p->addr);
	int n;

	for (n = 0; n < MOVE_PREFIXES_MAX; n++) {
		const struct move_prefix *q = &i->prefixes[n];

		/* Not what is left of the former link. */
		if (!move_is_on_link(i, q) || (q != p && !(q->routers & p->routers)))
			continue;
		o.route.dst = q->prefix;
		footprint_add(f, &o);
	}
	if (!r)
		return;
	memset(&o.route.dst, 0, sizeof(o.route.dst));
	o.route.via = r->addr;
	footprint_add(f, &o);
}

void move_objects_footprint(const struct move_iface *i, struct footprint *f)
{
	int n;

	/* The kernel removes it, and takes nothing, while the interface is down or IPv6 away. */
	if (!i->told.up || i->told.mtu < IPV6_MTU_MIN)
		return;
	for (n = 0; n < MOVE_PREFIXES_MAX; n++) {
		const struct move_prefix *p = &i->prefixes[n];

		if (!p->used || (p->state != MOVE_ADDR_WANTED && p->state != MOVE_ADDR_USABLE))
			continue;
		add_address(i, p, f);
		add_routes(i, p, f);
	}
}
