// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Footprints of the home agent: its own, that of a home link, that of a binding.
 *
 * One tunnel device serves all bindings: the route of each home address carries
 * the end points (RFC 6275 10.4.2), and a filter at the device's entrance lets
 * pass what comes from a home address by way of its care-of address, and nothing
 * else (10.4.5); with HaFormerCoaTime, for a while also what the node sent by way of
 * the one that it has just left. For a home link that exists, a proxy entry makes the kernel
 * answer neighbour solicitations for the home address with our link-layer address
 * and the router bit clear (10.4.1), and answer what is sent to the link-local
 * address of a mobile node with Destination Unreachable, code 3 (10.4.2).
 *
 * To packets that this machine itself exchanges with the mobile node it is a
 * correspondent with a binding (10.4.2, 9.3): they travel with a type 2 routing
 * header and with a Home Address option. The routing header takes a state for each
 * binding and a policy for each home prefix and address of this machine (see hao.h).
 *
 * Order: IPsec policies and the filter stand before the route that makes the node send.
 */
#include "ha/footprint.h"

#include <string.h>

#include "core/hao.h"
#include "core/ipsec.h"
#include "ha/ha.h"

/* RFC 2473 6.3 leaves it to us; the default of routers. */
#define TUNNEL_HOP_LIMIT 64
/* Host routes are alone in their length; the route that catches what is left of a
 * virtual home link stands behind whatever the administrator has. */
#define METRIC_BINDING 128
#define METRIC_VIRTUAL 0x7fffffff

/* Policies of the tunnel are for a home address and everybody. The kernel keeps those that
 * are not for a pair of addresses in a list that it walks for each new one; unless it is told
 * that the other's address is enough to find them. For few it is left as it is. */
#define HASHED_FROM 64

static void add_sysctl(struct footprint *f, uint32_t ifindex, const char *name,
		       enum ksysctl which, int32_t value)
{
	struct kobj o;

	memset(&o, 0, sizeof(o));
	o.type = KOBJ_SYSCTL;
	o.sysctl.dev.ifindex = ifindex;
	strncpy(o.sysctl.dev.name, name, sizeof(o.sysctl.dev.name) - 1);
	o.sysctl.name = which;
	o.sysctl.value = value;
	footprint_add(f, &o);
}

static struct kdev tunnel_device(void)
{
	struct kdev d = { .name = HA_TUNNEL };

	return d;
}

void ha_base_footprint(const struct conf *c, struct footprint *f)
{
	struct kobj o;
	size_t i;

	add_sysctl(f, 0, "all", KSYSCTL_FORWARDING, 1);
	/* Packets for proxied addresses (solicitations to see whether a node is still
	 * there, what is sent to link-local addresses) are looked after with this. */
	add_sysctl(f, 0, "all", KSYSCTL_PROXY_NDP, 1);
	if (ipsec_tunnel_count(c) >= HASHED_FROM)
		add_sysctl(f, 0, "all", KSYSCTL_POLICY_HASH_LOCAL, 0);
	memset(&o, 0, sizeof(o));
	o.type = KOBJ_TUNNEL;
	strncpy(o.tunnel.name, HA_TUNNEL, sizeof(o.tunnel.name) - 1);
	o.tunnel.external = true;
	o.tunnel.hop_limit = TUNNEL_HOP_LIMIT;
	footprint_add(f, &o);
	hao_admit_objects(f);
	ipsec_transport_objects(c, IPSEC_HOME_AGENT, NULL, NULL, f);
	/* Packets for nodes of a virtual home link that are not registered end here. */
	for (i = 0; i < c->virtual_home_link_count; i++) {
		memset(&o, 0, sizeof(o));
		o.type = KOBJ_ROUTE;
		o.route.dst = c->virtual_home_links[i].prefix;
		o.route.type = KROUTE_UNREACHABLE;
		o.route.metric = METRIC_VIRTUAL;
		footprint_add(f, &o);
	}
}

void ha_own_footprint(const struct link_table *links, const struct ha_prefix_list *prefixes,
		      struct footprint *f)
{
	const struct link *l;
	const struct link_addr *a;
	const struct ha_prefix *p;

	TAILQ_FOREACH (l, &links->links, entry) {
		TAILQ_FOREACH (a, &l->addrs, entry) {
			if (!link_addr_usable(a) || !addr_is_routable_unicast(&a->a.addr))
				continue;
			TAILQ_FOREACH (p, prefixes, entry)
				rh2_send_policy(f, &p->prefix, &a->a.addr);
		}
	}
}

static void add_member(struct footprint *f, enum kobj_type type, uint32_t ifindex,
		       const struct in6_addr *a)
{
	struct kobj o;

	memset(&o, 0, sizeof(o));
	o.type = type;
	o.member.ifindex = ifindex;
	o.member.addr = *a;
	footprint_add(f, &o);
}

void ha_link_footprint(uint32_t ifindex, const struct ha_prefix_list *prefixes,
		       struct footprint *f)
{
	const struct ha_prefix *p;

	add_sysctl(f, ifindex, "", KSYSCTL_PROXY_NDP, 1);
	/* Neighbours must not wait for what we defend (RFC 4861 7.2.8 asks for a delay
	 * only where several could answer). */
	add_sysctl(f, ifindex, "", KSYSCTL_NEIGH_PROXY_DELAY, 0);
	TAILQ_FOREACH (p, prefixes, entry) {
		struct in6_addr a = addr_ha_anycast(&p->prefix);

		/* 8.4, 10.5: packets to the home agents anycast address are ours. */
		if (p->ifindex == ifindex && p->own)
			add_member(f, KOBJ_ANYCAST, ifindex, &a);
	}
}

static void add_proxy(struct footprint *f, uint32_t ifindex, const struct in6_addr *a)
{
	struct kobj o;

	memset(&o, 0, sizeof(o));
	o.type = KOBJ_PROXY_NEIGH;
	o.proxy.ifindex = ifindex;
	o.proxy.addr = *a;
	footprint_add(f, &o);
}

static void add_tunnelling(struct footprint *f, const struct in6_addr *hoa,
			   const struct in6_addr *local, const struct binding_path *path)
{
	struct kobj o;

	memset(&o, 0, sizeof(o));
	o.type = KOBJ_TUNNEL_FILTER;
	strncpy(o.filter.tunnel, HA_TUNNEL, sizeof(o.filter.tunnel) - 1);
	o.filter.inner_src = prefix_of(hoa, 128);
	o.filter.outer_src = path->coa;
	o.filter.also_src = path->former_coa;
	footprint_add(f, &o);

	memset(&o, 0, sizeof(o));
	o.type = KOBJ_ROUTE;
	o.route.table = KTABLE_MAIN;
	o.route.dst = prefix_of(hoa, 128);
	o.route.metric = METRIC_BINDING;
	o.route.type = KROUTE_UNICAST;
	o.route.dev = tunnel_device();
	o.route.encap = true;
	o.route.encap_src = *local;
	o.route.encap_dst = path->coa;
	footprint_add(f, &o);
}

struct ha_side ha_side_of(const struct conf *c, const struct in6_addr *hoa,
			  const struct in6_addr *local)
{
	return (struct ha_side){ .local = *local, .ipsec = ipsec_tunnel_of(c, hoa, local) };
}

void ha_footprint(const struct in6_addr *hoa, const struct ha_side *side,
		  const struct binding_path *path, struct footprint *f)
{
	const struct in6_addr *local = &side->local;

	if (!path->valid)
		return;
	ipsec_tunnel_objects(&side->ipsec, IPSEC_HOME_AGENT, hoa, local, &path->coa, f);
	add_tunnelling(f, hoa, local, path);
	hao_accept_object(f, hoa, &path->coa, local);
	rh2_send_state(f, hoa, &path->coa, local);
	if (!path->home_ifindex)
		return;
	add_proxy(f, path->home_ifindex, hoa);
	if (path->flags & MH_BU_L) {
		struct in6_addr a = addr_linklocal_of(hoa);

		add_proxy(f, path->home_ifindex, &a);
	}
}
