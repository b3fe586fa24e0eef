// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses, routes, policy rules and proxy neighbours in the words of
 * rtnetlink(7). Called by object.c to change and by scan.c and monitor.c to
 * recognise. What is ours carries the protocol number OS_PROTOCOL, wherever
 * rtnetlink has a field for it: RTA (rtm_protocol), FRA_PROTOCOL, IFA_PROTO
 * (Linux 5.18), NDA_PROTOCOL.
 *
 * RFC 6275 needs of these: routes into the tunnel and home addresses that rank
 * first as sources (11.3.1; IFA_F_HOMEADDRESS is rule 4 of RFC 6724), proxy
 * neighbour entries by which the kernel defends a home address (10.4.1).
 */
#include "os/rtnl.h"

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/lwtunnel.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "os/os.h"

#define DEFAULT_METRIC 1024 /* what the kernel takes for 0 */
#define PUT_FLAGS      (NLM_F_CREATE | NLM_F_REPLACE)

/* --- addresses ---------------------------------------------------------- */

static const struct {
	unsigned int ours;
	uint32_t kernels;
} addr_flags[] = {
	{ KADDR_HOME, IFA_F_HOMEADDRESS },
	{ KADDR_NODAD, IFA_F_NODAD },
	{ KADDR_OPTIMISTIC, IFA_F_OPTIMISTIC },
	{ KADDR_NO_PREFIX_ROUTE, IFA_F_NOPREFIXROUTE },
};

void rtnl_encode_addr(struct nl_msg *m, const struct kobj_addr *a, uint32_t ifindex, bool del)
{
	struct ifa_cacheinfo life = { .ifa_valid = a->valid_s, .ifa_prefered = a->preferred_s };
	struct ifaddrmsg *fixed;
	uint32_t flags = 0;
	size_t i;

	nl_msg_type(m, del ? RTM_DELADDR : RTM_NEWADDR, del ? 0 : PUT_FLAGS);
	fixed = nl_msg_fixed(m, sizeof(*fixed));
	if (!fixed)
		return;
	fixed->ifa_family = AF_INET6;
	fixed->ifa_prefixlen = a->plen;
	fixed->ifa_index = ifindex;
	fixed->ifa_scope = addr_is_linklocal(&a->addr) ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	nl_put_addr(m, IFA_LOCAL, &a->addr);
	nl_put_addr(m, IFA_ADDRESS, &a->addr);
	if (del)
		return;
	for (i = 0; i < sizeof(addr_flags) / sizeof(addr_flags[0]); i++)
		if (a->flags & addr_flags[i].ours)
			flags |= addr_flags[i].kernels;
	if (a->flags & KADDR_DEPRECATED)
		life.ifa_prefered = 0;
	nl_put_u32(m, IFA_FLAGS, flags);
	nl_put(m, IFA_CACHEINFO, &life, sizeof(life));
	nl_put_u8(m, IFA_PROTO, OS_PROTOCOL);
}

bool rtnl_decode_addr(const struct nlmsghdr *h, struct kobj *out)
{
	const struct nlattr *tb[IFA_PROTO + 1];
	const struct ifaddrmsg *fixed = nl_fixed(h, sizeof(*fixed));
	const struct ifa_cacheinfo *life;
	uint32_t flags;
	size_t i;

	if (!fixed || fixed->ifa_family != AF_INET6 ||
	    !nl_attrs(h, sizeof(*fixed), tb, IFA_PROTO) || nl_u8(tb[IFA_PROTO], 0) != OS_PROTOCOL)
		return false;
	*out = (struct kobj){ .type = KOBJ_ADDR };
	out->addr.dev.ifindex = fixed->ifa_index;
	out->addr.plen = fixed->ifa_prefixlen;
	if (!nl_addr(tb[IFA_LOCAL], &out->addr.addr) &&
	    !nl_addr(tb[IFA_ADDRESS], &out->addr.addr))
		return false;
	flags = nl_u32(tb[IFA_FLAGS], fixed->ifa_flags);
	for (i = 0; i < sizeof(addr_flags) / sizeof(addr_flags[0]); i++)
		if (flags & addr_flags[i].kernels)
			out->addr.flags |= addr_flags[i].ours;
	if (flags & IFA_F_DEPRECATED)
		out->addr.flags |= KADDR_DEPRECATED;
	life = nl_data(tb[IFA_CACHEINFO], sizeof(*life));
	out->addr.valid_s = life ? life->ifa_valid : UINT32_MAX;
	out->addr.preferred_s = life ? life->ifa_prefered : UINT32_MAX;
	return true;
}

/* --- routes --------------------------------------------------------------- */

static const uint8_t route_types[] = {
	[KROUTE_UNICAST] = RTN_UNICAST,
	[KROUTE_UNREACHABLE] = RTN_UNREACHABLE,
	[KROUTE_BLACKHOLE] = RTN_BLACKHOLE,
	[KROUTE_THROW] = RTN_THROW,
};

static uint32_t table_number(enum ktable t)
{
	switch (t) {
	case KTABLE_MAIN:
		break;
	case KTABLE_OWN:
		return OS_TABLE;
	case KTABLE_SOURCE:
		return OS_TABLE_SOURCE;
	case KTABLE_LOCAL:
		return RT_TABLE_LOCAL;
	}
	return RT_TABLE_MAIN;
}

/* False for a table that is none of ours. */
static bool table_of_number(uint32_t number, enum ktable *out)
{
	*out = number == OS_TABLE	 ? KTABLE_OWN :
	       number == OS_TABLE_SOURCE ? KTABLE_SOURCE :
	       number == RT_TABLE_LOCAL	 ? KTABLE_LOCAL :
					   KTABLE_MAIN;
	return number == table_number(*out);
}

static void put_encap(struct nl_msg *m, const struct kobj_route *r)
{
	struct nlattr *nest;

	nl_put_u16(m, RTA_ENCAP_TYPE, LWTUNNEL_ENCAP_IP6);
	nest = nl_nest(m, RTA_ENCAP | NLA_F_NESTED);
	nl_put_addr(m, LWTUNNEL_IP6_SRC, &r->encap_src);
	nl_put_addr(m, LWTUNNEL_IP6_DST, &r->encap_dst);
	nl_nest_end(m, nest);
}

static void put_next_hop(struct nl_msg *m, const struct kobj_route *r, uint32_t ifindex)
{
	if (ifindex)
		nl_put_u32(m, RTA_OIF, ifindex);
	if (!addr_is_unspecified(&r->via))
		nl_put_addr(m, RTA_GATEWAY, &r->via);
	if (!addr_is_unspecified(&r->prefsrc))
		nl_put_addr(m, RTA_PREFSRC, &r->prefsrc);
	if (r->mtu) {
		struct nlattr *nest = nl_nest(m, RTA_METRICS | NLA_F_NESTED);

		nl_put_u32(m, RTAX_MTU, r->mtu);
		nl_nest_end(m, nest);
	}
	if (r->encap)
		put_encap(m, r);
}

void rtnl_encode_route(struct nl_msg *m, const struct kobj_route *r, uint32_t ifindex, bool del)
{
	struct rtmsg *fixed;

	nl_msg_type(m, del ? RTM_DELROUTE : RTM_NEWROUTE, del ? 0 : PUT_FLAGS);
	fixed = nl_msg_fixed(m, sizeof(*fixed));
	if (!fixed)
		return;
	fixed->rtm_family = AF_INET6;
	fixed->rtm_dst_len = r->dst.len;
	fixed->rtm_src_len = r->src.len;
	fixed->rtm_table = (uint8_t)table_number(r->table);
	fixed->rtm_protocol = OS_PROTOCOL;
	fixed->rtm_scope = RT_SCOPE_UNIVERSE;
	fixed->rtm_type = route_types[r->type];
	if (r->onlink && !del)
		fixed->rtm_flags = RTNH_F_ONLINK;
	if (r->dst.len)
		nl_put_addr(m, RTA_DST, &r->dst.addr);
	if (r->src.len)
		nl_put_addr(m, RTA_SRC, &r->src.addr);
	nl_put_u32(m, RTA_TABLE, table_number(r->table));
	nl_put_u32(m, RTA_PRIORITY, r->metric ? r->metric : DEFAULT_METRIC);
	/* To delete, the key is enough: the protocol is compared as well. */
	if (!del && r->type == KROUTE_UNICAST)
		put_next_hop(m, r, ifindex);
}

static bool get_prefix(const struct nlattr *a, uint8_t len, struct prefix *out)
{
	struct in6_addr addr;

	if (len > 128 || (len && !nl_addr(a, &addr)))
		return false;
	if (len)
		*out = prefix_of(&addr, len);
	else
		*out = (struct prefix){ .len = 0 };
	return true;
}

static bool get_route_type(uint8_t type, enum kroute_type *out)
{
	size_t i;

	for (i = 0; i < sizeof(route_types) / sizeof(route_types[0]); i++)
		if (route_types[i] == type) {
			*out = (enum kroute_type)i;
			return true;
		}
	return false;
}

static void get_encap(const struct nlattr *const *tb, struct kobj_route *r)
{
	const struct nlattr *in[LWTUNNEL_IP6_MAX + 1];

	if (nl_u16(tb[RTA_ENCAP_TYPE], 0) != LWTUNNEL_ENCAP_IP6)
		return;
	nl_attrs_nested(tb[RTA_ENCAP], in, LWTUNNEL_IP6_MAX);
	r->encap = nl_addr(in[LWTUNNEL_IP6_DST], &r->encap_dst);
	(void)nl_addr(in[LWTUNNEL_IP6_SRC], &r->encap_src);
}

bool rtnl_decode_route(const struct nlmsghdr *h, struct kobj *out)
{
	const struct nlattr *tb[RTA_MAX + 1];
	const struct nlattr *metrics[RTAX_MAX + 1];
	const struct rtmsg *fixed = nl_fixed(h, sizeof(*fixed));
	struct kobj_route *r = &out->route;

	if (!fixed || fixed->rtm_family != AF_INET6 || fixed->rtm_protocol != OS_PROTOCOL ||
	    (fixed->rtm_flags & RTM_F_CLONED) || !nl_attrs(h, sizeof(*fixed), tb, RTA_MAX))
		return false;
	*out = (struct kobj){ .type = KOBJ_ROUTE };
	if (!table_of_number(nl_u32(tb[RTA_TABLE], fixed->rtm_table), &r->table) ||
	    !get_prefix(tb[RTA_DST], fixed->rtm_dst_len, &r->dst) ||
	    !get_prefix(tb[RTA_SRC], fixed->rtm_src_len, &r->src) ||
	    !get_route_type(fixed->rtm_type, &r->type))
		return false;
	r->metric = nl_u32(tb[RTA_PRIORITY], DEFAULT_METRIC);
	if (r->type == KROUTE_UNICAST)
		r->dev.ifindex = nl_u32(tb[RTA_OIF], 0);
	(void)nl_addr(tb[RTA_GATEWAY], &r->via);
	(void)nl_addr(tb[RTA_PREFSRC], &r->prefsrc);
	r->onlink = (fixed->rtm_flags & RTNH_F_ONLINK) != 0;
	nl_attrs_nested(tb[RTA_METRICS], metrics, RTAX_MAX);
	r->mtu = nl_u32(metrics[RTAX_MTU], 0);
	get_encap(tb, r);
	return true;
}

/* --- rules ------------------------------------------------------------------ */

static bool rule_action(const struct kobj_rule *r, uint8_t *action)
{
	switch (r->action) {
	case KROUTE_UNICAST:
		*action = FR_ACT_TO_TBL;
		return true;
	case KROUTE_UNREACHABLE:
		*action = FR_ACT_UNREACHABLE;
		return true;
	case KROUTE_BLACKHOLE:
		*action = FR_ACT_BLACKHOLE;
		return true;
	case KROUTE_THROW:
		return false;
	}
	return false;
}

void rtnl_encode_rule(struct nl_msg *m, const struct kobj_rule *r, bool del)
{
	struct fib_rule_hdr *fixed;

	nl_msg_type(m, del ? RTM_DELRULE : RTM_NEWRULE, del ? 0 : NLM_F_CREATE | NLM_F_EXCL);
	fixed = nl_msg_fixed(m, sizeof(*fixed));
	if (!fixed)
		return;
	fixed->family = AF_INET6;
	fixed->dst_len = r->to.len;
	fixed->src_len = r->from.len;
	if (!rule_action(r, &fixed->action)) {
		m->bad = true;
		return;
	}
	if (r->to.len)
		nl_put_addr(m, FRA_DST, &r->to.addr);
	if (r->from.len)
		nl_put_addr(m, FRA_SRC, &r->from.addr);
	if (r->finds_source)
		fixed->flags = FIB_RULE_FIND_SADDR;
	nl_put_u32(m, FRA_PRIORITY, r->priority);
	if (r->specific)
		nl_put_u32(m, FRA_SUPPRESS_PREFIXLEN, 0);
	if (r->iif[0])
		nl_put_str(m, FRA_IIFNAME, r->iif);
	if (r->oif[0])
		nl_put_str(m, FRA_OIFNAME, r->oif);
	if (r->ip_proto)
		nl_put_u8(m, FRA_IP_PROTO, r->ip_proto);
	nl_put_u8(m, FRA_PROTOCOL, OS_PROTOCOL);
	if (r->action == KROUTE_UNICAST) {
		fixed->table = (uint8_t)table_number(r->table);
		nl_put_u32(m, FRA_TABLE, table_number(r->table));
	}
}

bool rtnl_decode_rule(const struct nlmsghdr *h, struct kobj *out)
{
	const struct nlattr *tb[FRA_MAX + 1];
	const struct fib_rule_hdr *fixed = nl_fixed(h, sizeof(*fixed));
	struct kobj_rule *r = &out->rule;

	if (!fixed || fixed->family != AF_INET6 || !nl_attrs(h, sizeof(*fixed), tb, FRA_MAX) ||
	    nl_u8(tb[FRA_PROTOCOL], 0) != OS_PROTOCOL)
		return false;
	*out = (struct kobj){ .type = KOBJ_RULE };
	r->priority = nl_u32(tb[FRA_PRIORITY], 0);
	if (!get_prefix(tb[FRA_DST], fixed->dst_len, &r->to) ||
	    !get_prefix(tb[FRA_SRC], fixed->src_len, &r->from))
		return false;
	nl_text(tb[FRA_IIFNAME], r->iif, sizeof(r->iif));
	nl_text(tb[FRA_OIFNAME], r->oif, sizeof(r->oif));
	r->ip_proto = nl_u8(tb[FRA_IP_PROTO], 0);
	r->finds_source = (fixed->flags & FIB_RULE_FIND_SADDR) != 0;
	r->specific = nl_u32(tb[FRA_SUPPRESS_PREFIXLEN], UINT32_MAX) == 0;
	if (fixed->action == FR_ACT_TO_TBL)
		r->action = KROUTE_UNICAST;
	else if (fixed->action == FR_ACT_BLACKHOLE)
		r->action = KROUTE_BLACKHOLE;
	else
		r->action = KROUTE_UNREACHABLE;
	(void)table_of_number(nl_u32(tb[FRA_TABLE], fixed->table), &r->table);
	return true;
}

/* --- proxy neighbours ---------------------------------------------------------- */

void rtnl_encode_proxy(struct nl_msg *m, const struct kobj_proxy_neigh *p, bool del)
{
	struct ndmsg *fixed;

	nl_msg_type(m, del ? RTM_DELNEIGH : RTM_NEWNEIGH, del ? 0 : PUT_FLAGS);
	fixed = nl_msg_fixed(m, sizeof(*fixed));
	if (!fixed)
		return;
	fixed->ndm_family = AF_INET6;
	fixed->ndm_ifindex = (int)p->ifindex;
	fixed->ndm_flags = NTF_PROXY;
	if (!del)
		fixed->ndm_state = NUD_PERMANENT;
	nl_put_addr(m, NDA_DST, &p->addr);
	if (!del)
		nl_put_u8(m, NDA_PROTOCOL, OS_PROTOCOL);
}

void rtnl_encode_router(struct nl_msg *m, uint32_t ifindex, const struct in6_addr *addr,
			const void *lladdr, size_t len)
{
	struct ndmsg *fixed;

	nl_msg_type(m, RTM_NEWNEIGH, PUT_FLAGS);
	fixed = nl_msg_fixed(m, sizeof(*fixed));
	if (!fixed)
		return;
	fixed->ndm_family = AF_INET6;
	fixed->ndm_ifindex = (int)ifindex;
	fixed->ndm_flags = NTF_ROUTER;
	fixed->ndm_state = NUD_REACHABLE;
	nl_put_addr(m, NDA_DST, addr);
	nl_put(m, NDA_LLADDR, lladdr, len);
}

bool rtnl_decode_proxy(const struct nlmsghdr *h, struct kobj *out)
{
	const struct nlattr *tb[NDA_MAX + 1];
	const struct ndmsg *fixed = nl_fixed(h, sizeof(*fixed));

	if (!fixed || fixed->ndm_family != AF_INET6 || !(fixed->ndm_flags & NTF_PROXY) ||
	    !nl_attrs(h, sizeof(*fixed), tb, NDA_MAX) || nl_u8(tb[NDA_PROTOCOL], 0) != OS_PROTOCOL)
		return false;
	*out = (struct kobj){ .type = KOBJ_PROXY_NEIGH };
	out->proxy.ifindex = (uint32_t)fixed->ndm_ifindex;
	return nl_addr(tb[NDA_DST], &out->proxy.addr);
}
