// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tables of links and addresses: what the kernel told, or answered when it
 * was asked for everything. What differs from the table goes up, what does not is
 * passed over. With the table it is known what vanished while nobody listened.
 *
 * A device or an address of ours that goes without our asking is told as a loss
 * as well. The kernel does not say who removed an address, so it is noted here
 * beforehand when we do.
 */
#include "os/linux.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "core/mip6.h"

#define OPERSTATE_UNKNOWN 0 /* of RFC 2863, as in linux/if.h */
#define OPERSTATE_UP	  6

/* --- tables -------------------------------------------------------------------- */

static struct os_link *find_link(const struct os *os, uint32_t ifindex)
{
	struct os_link *l;

	TAILQ_FOREACH (l, &os->links, entry)
		if (l->l.ifindex == ifindex)
			return l;
	return NULL;
}

const struct os_link *link_of(const struct os *os, uint32_t ifindex)
{
	return find_link(os, ifindex);
}

void link_name_device(const struct os *os, struct kdev *dev)
{
	const struct os_link *l = dev->ifindex ? link_of(os, dev->ifindex) : NULL;

	if (!l || (!l->l.ours && l->l.kind != KLINK_LOOPBACK))
		return;
	memcpy(dev->name, l->l.name, sizeof(dev->name));
	dev->ifindex = 0;
}

static struct os_addr *find_addr(const struct os *os, uint32_t ifindex, const struct in6_addr *a)
{
	struct os_addr *i;

	TAILQ_FOREACH (i, &os->addrs, entry)
		if (i->a.ifindex == ifindex && addr_equal(&i->a.addr, a))
			return i;
	return NULL;
}

const struct in6_addr *link_local_of(const struct os *os, uint32_t ifindex)
{
	const struct os_addr *i;

	TAILQ_FOREACH (i, &os->addrs, entry)
		if (i->a.ifindex == ifindex && addr_is_linklocal(&i->a.addr) &&
		    !i->a.tentative && !i->a.dad_failed)
			return &i->a.addr;
	return NULL;
}

/* --- links ------------------------------------------------------------------------ */

static enum klink_kind link_kind(unsigned int type)
{
	switch (type) {
	case ARPHRD_LOOPBACK:
		return KLINK_LOOPBACK;
	case ARPHRD_ETHER:
		return KLINK_ETHER;
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
	case ARPHRD_IPGRE:
	case ARPHRD_IP6GRE:
	case ARPHRD_NONE: /* tun, wireguard */
		return KLINK_TUNNEL;
	default:
		return KLINK_OTHER;
	}
}

static bool decode_link(const struct nlmsghdr *h, struct klink *l)
{
	const struct nlattr *tb[IFLA_MAX + 1];
	const struct ifinfomsg *fixed = nl_fixed(h, sizeof(*fixed));
	char alias[sizeof(OS_DEVICE_ALIAS) + 1];
	uint8_t oper;

	if (!fixed || fixed->ifi_index <= 0 || !nl_attrs(h, sizeof(*fixed), tb, IFLA_MAX))
		return false;
	/* AF_BRIDGE and others tell of parts of a link, not of the link. */
	if (fixed->ifi_family != AF_UNSPEC)
		return false;
	memset(l, 0, sizeof(*l));
	l->ifindex = (uint32_t)fixed->ifi_index;
	nl_text(tb[IFLA_IFNAME], l->name, sizeof(l->name));
	l->kind = link_kind(fixed->ifi_type);
	l->up = (fixed->ifi_flags & IFF_UP) != 0;
	oper = nl_u8(tb[IFLA_OPERSTATE], OPERSTATE_UNKNOWN);
	l->running = l->up && (fixed->ifi_flags & IFF_RUNNING) &&
		     (oper == OPERSTATE_UP || oper == OPERSTATE_UNKNOWN);
	l->point_to_point = (fixed->ifi_flags & IFF_POINTOPOINT) != 0;
	l->multicast = (fixed->ifi_flags & IFF_MULTICAST) != 0;
	l->mtu = nl_u32(tb[IFLA_MTU], 0);
	nl_text(tb[IFLA_IFALIAS], alias, sizeof(alias));
	l->ours = tunnel_name_ok(l->name) && strcmp(alias, OS_DEVICE_ALIAS) == 0;
	l->gone = h->nlmsg_type == RTM_DELLINK;
	if (tb[IFLA_ADDRESS] && mnl_attr_get_payload_len(tb[IFLA_ADDRESS]) <= KLINK_LLADDR_MAX) {
		l->lladdr_len = (uint8_t)mnl_attr_get_payload_len(tb[IFLA_ADDRESS]);
		memcpy(l->lladdr, mnl_attr_get_payload(tb[IFLA_ADDRESS]), l->lladdr_len);
	}
	return true;
}

static void tell_link(struct os *os, const struct klink *l)
{
	traffic_link(os, l);
	samples_link(os, l);
	multicast_link(os, l);
	mip6_on_link(os->kernel.mip6, l);
}

static void tell_lost_tunnel(struct os *os, const char *name)
{
	struct kobj o = { .type = KOBJ_TUNNEL };

	memcpy(o.tunnel.name, name, sizeof(o.tunnel.name));
	mip6_on_lost(os->kernel.mip6, &o);
}

void links_lost_filters(struct os *os, uint32_t ifindex)
{
	const struct os_link *l = find_link(os, ifindex);

	filter_forget(os, ifindex);
	if (l && l->l.ours && !l->leaving)
		tell_lost_tunnel(os, l->l.name);
}

static void lose_addr(struct os *os, struct os_addr *known)
{
	struct kaddr_event a = known->a;
	struct kobj o = { .type = KOBJ_ADDR };
	bool lost = a.ours && !known->leaving;

	TAILQ_REMOVE(&os->addrs, known, entry);
	free(known);
	a.gone = true;
	mip6_on_addr(os->kernel.mip6, &a);
	if (!lost)
		return;
	o.addr.dev.ifindex = a.ifindex;
	link_name_device(os, &o.addr.dev);
	o.addr.addr = a.addr;
	o.addr.plen = a.plen;
	mip6_on_lost(os->kernel.mip6, &o);
}

static void lose_link(struct os *os, struct os_link *known)
{
	struct klink l = known->l;
	bool lost = l.ours && !known->leaving;
	struct os_addr *a;
	struct os_addr *next;

	/* Its addresses go first; the kernel does not always say so. */
	for (a = TAILQ_FIRST(&os->addrs); a; a = next) {
		next = TAILQ_NEXT(a, entry);
		if (a->a.ifindex == l.ifindex) {
			a->leaving |= known->leaving;
			lose_addr(os, a);
		}
	}
	TAILQ_REMOVE(&os->links, known, entry);
	free(known);
	sysctl_forget_device(os, l.name);
	filter_forget(os, l.ifindex);
	l.gone = true;
	l.up = l.running = false;
	tell_link(os, &l);
	if (lost)
		tell_lost_tunnel(os, l.name);
}

void link_leaves(struct os *os, const char *name)
{
	struct os_link *l;

	TAILQ_FOREACH (l, &os->links, entry)
		if (strcmp(l->l.name, name) == 0)
			l->leaving = true;
}

void addr_leaves(struct os *os, uint32_t ifindex, const struct in6_addr *addr)
{
	struct os_addr *a = find_addr(os, ifindex, addr);

	if (a)
		a->leaving = true;
}

static bool same_link(const struct klink *a, const struct klink *b)
{
	return a->up == b->up && a->running == b->running && a->mtu == b->mtu &&
	       a->ours == b->ours && a->lladdr_len == b->lladdr_len &&
	       memcmp(a->lladdr, b->lladdr, a->lladdr_len) == 0 &&
	       strcmp(a->name, b->name) == 0 && strcmp(a->ssid, b->ssid) == 0 &&
	       a->multicast == b->multicast && a->point_to_point == b->point_to_point &&
	       a->has_default == b->has_default && addr_equal(&a->gateway, &b->gateway);
}

void links_hear_link(struct os *os, const struct nlmsghdr *h)
{
	struct os_link *known;
	struct klink l;

	if (!decode_link(h, &l))
		return;
	known = find_link(os, l.ifindex);
	if (l.gone) {
		if (known)
			lose_link(os, known);
		return;
	}
	if (l.kind == KLINK_ETHER)
		wifi_ssid(l.name, l.ssid);
	if (!known) {
		known = calloc(1, sizeof(*known));
		if (!known)
			return;
		TAILQ_INSERT_TAIL(&os->links, known, entry);
	} else {
		l.has_default = known->l.has_default;
		l.gateway = known->l.gateway;
		known->seen = true;
		if (same_link(&known->l, &l))
			return;
		if (strcmp(known->l.name, l.name) != 0)
			sysctl_rename_device(os, known->l.name, l.name);
	}
	known->l = l;
	known->seen = true;
	tell_link(os, &l);
}

bool link_has_gateway(const struct os *os, uint32_t ifindex, const struct in6_addr *a)
{
	const struct os_link *l = link_of(os, ifindex);

	return l && l->l.has_default && addr_equal(&l->l.gateway, a);
}

void links_find_gateways(struct os *os)
{
	struct os_link *i;

	TAILQ_FOREACH (i, &os->links, entry) {
		struct klink l = i->l;

		if (l.ours || l.kind == KLINK_LOOPBACK)
			continue;
		l.has_default = gateway_find(os, l.ifindex, &l.gateway);
		if (same_link(&i->l, &l))
			continue;
		i->l = l;
		tell_link(os, &l);
	}
}

/* --- addresses ----------------------------------------------------------------------- */

/* The kernel counts down in whole seconds. */
static uint64_t valid_until(const struct nlattr *cacheinfo, uint64_t now_us)
{
	const struct ifa_cacheinfo *life = nl_data(cacheinfo, sizeof(*life));

	if (!life || life->ifa_valid == UINT32_MAX)
		return TIME_NEVER;
	return now_us + life->ifa_valid * US_PER_S;
}

static bool decode_addr(const struct nlmsghdr *h, uint64_t now_us, struct kaddr_event *a)
{
	const struct nlattr *tb[IFA_PROTO + 1];
	const struct ifaddrmsg *fixed = nl_fixed(h, sizeof(*fixed));
	uint32_t flags;

	if (!fixed || fixed->ifa_family != AF_INET6 ||
	    !nl_attrs(h, sizeof(*fixed), tb, IFA_PROTO))
		return false;
	memset(a, 0, sizeof(*a));
	a->ifindex = fixed->ifa_index;
	a->plen = fixed->ifa_prefixlen;
	if (!nl_addr(tb[IFA_LOCAL], &a->addr) && !nl_addr(tb[IFA_ADDRESS], &a->addr))
		return false;
	flags = nl_u32(tb[IFA_FLAGS], fixed->ifa_flags);
	a->gone = h->nlmsg_type == RTM_DELADDR;
	a->optimistic = (flags & IFA_F_OPTIMISTIC) != 0;
	a->tentative = (flags & IFA_F_TENTATIVE) && !a->optimistic;
	a->dad_failed = (flags & IFA_F_DADFAILED) != 0;
	a->home = (flags & IFA_F_HOMEADDRESS) != 0;
	a->deprecated = (flags & IFA_F_DEPRECATED) != 0;
	a->ours = nl_u8(tb[IFA_PROTO], 0) == OS_PROTOCOL;
	a->valid_until_us = valid_until(tb[IFA_CACHEINFO], now_us);
	return true;
}

/* Told twice, the same end differs by the rounding. */
static bool same_end(uint64_t a_us, uint64_t b_us)
{
	return time_later(a_us, b_us) - time_earlier(a_us, b_us) < 2 * US_PER_S;
}

static bool same_addr(const struct kaddr_event *a, const struct kaddr_event *b)
{
	return a->valid_until_us == b->valid_until_us && a->plen == b->plen &&
	       a->tentative == b->tentative && a->optimistic == b->optimistic &&
	       a->dad_failed == b->dad_failed && a->home == b->home &&
	       a->deprecated == b->deprecated && a->ours == b->ours;
}

void links_hear_addr(struct os *os, const struct nlmsghdr *h)
{
	struct os_addr *known;
	struct kaddr_event a;

	if (!decode_addr(h, os_now(os), &a))
		return;
	known = find_addr(os, a.ifindex, &a.addr);
	if (a.gone) {
		if (known)
			lose_addr(os, known);
		return;
	}
	if (!known) {
		known = calloc(1, sizeof(*known));
		if (!known)
			return;
		TAILQ_INSERT_TAIL(&os->addrs, known, entry);
	} else {
		known->seen = true;
		if (same_end(known->a.valid_until_us, a.valid_until_us))
			a.valid_until_us = known->a.valid_until_us;
		if (same_addr(&known->a, &a))
			return;
	}
	known->a = a;
	known->seen = true;
	known->leaving = false;
	mip6_on_addr(os->kernel.mip6, &a);
}

/* --- everything -------------------------------------------------------------------- */

void links_unsee(struct os *os)
{
	struct os_link *l;
	struct os_addr *a;

	TAILQ_FOREACH (l, &os->links, entry)
		l->seen = false;
	TAILQ_FOREACH (a, &os->addrs, entry)
		a->seen = false;
}

void links_lose_unseen(struct os *os)
{
	struct os_link *l;
	struct os_link *next_l;
	struct os_addr *a;
	struct os_addr *next_a;

	for (a = TAILQ_FIRST(&os->addrs); a; a = next_a) {
		next_a = TAILQ_NEXT(a, entry);
		if (!a->seen)
			lose_addr(os, a);
	}
	for (l = TAILQ_FIRST(&os->links); l; l = next_l) {
		next_l = TAILQ_NEXT(l, entry);
		if (!l->seen)
			lose_link(os, l);
	}
}

void links_tell_all(struct os *os)
{
	const struct os_link *l;
	const struct os_addr *a;

	TAILQ_FOREACH (l, &os->links, entry)
		mip6_on_link(os->kernel.mip6, &l->l);
	TAILQ_FOREACH (a, &os->addrs, entry)
		mip6_on_addr(os->kernel.mip6, &a->a);
}

void links_free(struct os *os)
{
	struct os_link *l;
	struct os_addr *a;

	while ((l = TAILQ_FIRST(&os->links))) {
		TAILQ_REMOVE(&os->links, l, entry);
		free(l);
	}
	while ((a = TAILQ_FIRST(&os->addrs))) {
		TAILQ_REMOVE(&os->addrs, a, entry);
		free(a);
	}
}
