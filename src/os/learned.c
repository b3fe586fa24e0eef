// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an interface has got from its link without us: addresses that the kernel formed
 * from router advertisements, or that a DHCP client put, and the routes that came with
 * them. On an interface that the mobile node has taken over they stay from before; when
 * the link is left behind they lead nowhere, and they stand before what is right: the
 * prefix of the home link, say, still on-link here (RFC 6275 11.5.4). What an
 * administrator put has no end of its lifetime, and stays.
 *
 * Called through the port's table.
 */
#include "os/linux.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/log.h"

#define LEARNED_MAX 64

struct learned_route {
	struct prefix dst;
	struct in6_addr via; /* :: for none */
	uint32_t metric;
	uint8_t protocol;
};

struct learned {
	uint32_t ifindex;
	size_t addr_count;
	struct {
		struct in6_addr addr;
		uint8_t plen;
	} addrs[LEARNED_MAX];
	size_t route_count;
	struct learned_route routes[LEARNED_MAX];
};

static int on_addr(const struct nlmsghdr *h, void *ctx)
{
	const struct nlattr *tb[IFA_PROTO + 1];
	const struct ifaddrmsg *fixed = nl_fixed(h, sizeof(*fixed));
	struct learned *l = ctx;
	struct in6_addr addr;
	uint32_t flags;

	if (!fixed || fixed->ifa_family != AF_INET6 || fixed->ifa_index != l->ifindex ||
	    fixed->ifa_scope != RT_SCOPE_UNIVERSE || l->addr_count == LEARNED_MAX ||
	    !nl_attrs(h, sizeof(*fixed), tb, IFA_PROTO))
		return 0;
	flags = nl_u32(tb[IFA_FLAGS], fixed->ifa_flags);
	if ((flags & IFA_F_PERMANENT) || nl_u8(tb[IFA_PROTO], 0) == OS_PROTOCOL ||
	    !nl_addr(tb[IFA_ADDRESS], &addr))
		return 0;
	l->addrs[l->addr_count].addr = addr;
	l->addrs[l->addr_count++].plen = fixed->ifa_prefixlen;
	return 0;
}

static bool has_end(const struct nlattr *cacheinfo)
{
	const struct rta_cacheinfo *c = nl_data(cacheinfo, sizeof(*c));

	return c && c->rta_expires != 0;
}

static int on_route(const struct nlmsghdr *h, void *ctx)
{
	const struct nlattr *tb[RTA_MAX + 1];
	const struct rtmsg *fixed = nl_fixed(h, sizeof(*fixed));
	struct learned *l = ctx;
	struct learned_route *r;
	struct in6_addr dst;

	if (!fixed || fixed->rtm_family != AF_INET6 || l->route_count == LEARNED_MAX ||
	    (fixed->rtm_flags & RTM_F_CLONED) || !nl_attrs(h, sizeof(*fixed), tb, RTA_MAX) ||
	    nl_u32(tb[RTA_TABLE], fixed->rtm_table) != RT_TABLE_MAIN ||
	    nl_u32(tb[RTA_OIF], 0) != l->ifindex)
		return 0;
	if (fixed->rtm_protocol != RTPROT_RA &&
	    (fixed->rtm_protocol != RTPROT_KERNEL || !has_end(tb[RTA_CACHEINFO])))
		return 0;
	if (fixed->rtm_dst_len > 128 || (!nl_addr(tb[RTA_DST], &dst) && fixed->rtm_dst_len))
		return 0;
	r = &l->routes[l->route_count++];
	memset(r, 0, sizeof(*r));
	if (fixed->rtm_dst_len)
		r->dst = prefix_of(&dst, fixed->rtm_dst_len);
	(void)nl_addr(tb[RTA_GATEWAY], &r->via);
	r->metric = nl_u32(tb[RTA_PRIORITY], 0);
	r->protocol = fixed->rtm_protocol;
	return 0;
}

static void delete_addr(struct os *os, const struct learned *l, size_t n)
{
	uint8_t buf[256] __attribute__((aligned(8)));
	struct ifaddrmsg *fixed;
	struct nl_msg m;

	nl_msg_init(&m, buf, sizeof(buf));
	nl_msg_type(&m, RTM_DELADDR, 0);
	fixed = nl_msg_fixed(&m, sizeof(*fixed));
	if (!fixed)
		return;
	fixed->ifa_family = AF_INET6;
	fixed->ifa_index = l->ifindex;
	fixed->ifa_prefixlen = l->addrs[n].plen;
	nl_put_addr(&m, IFA_LOCAL, &l->addrs[n].addr);
	/* It may have ended by itself meanwhile. */
	(void)nl_transact(&os->ask_route, &m, NULL, NULL);
}

static void delete_route(struct os *os, const struct learned *l, const struct learned_route *r)
{
	uint8_t buf[256] __attribute__((aligned(8)));
	struct rtmsg *fixed;
	struct nl_msg m;

	nl_msg_init(&m, buf, sizeof(buf));
	nl_msg_type(&m, RTM_DELROUTE, 0);
	fixed = nl_msg_fixed(&m, sizeof(*fixed));
	if (!fixed)
		return;
	fixed->rtm_family = AF_INET6;
	fixed->rtm_dst_len = r->dst.len;
	fixed->rtm_table = RT_TABLE_MAIN;
	fixed->rtm_protocol = r->protocol;
	if (r->dst.len)
		nl_put_addr(&m, RTA_DST, &r->dst.addr);
	if (!addr_is_unspecified(&r->via))
		nl_put_addr(&m, RTA_GATEWAY, &r->via);
	nl_put_u32(&m, RTA_OIF, l->ifindex);
	if (r->metric)
		nl_put_u32(&m, RTA_PRIORITY, r->metric);
	(void)nl_transact(&os->ask_route, &m, NULL, NULL);
}

static int dump(struct os *os, uint16_t type, size_t fixed_len, nl_fn *fn, struct learned *l)
{
	uint8_t buf[256] __attribute__((aligned(8)));
	struct nl_msg m;
	uint8_t *family;

	nl_msg_init(&m, buf, sizeof(buf));
	nl_msg_type(&m, type, NLM_F_DUMP);
	family = nl_msg_fixed(&m, fixed_len);
	if (!family)
		return -EMSGSIZE;
	*family = AF_INET6; /* the first byte of both headers */
	return nl_transact(&os->ask_route, &m, fn, l);
}

void learned_forget(struct kernel *k, uint32_t ifindex)
{
	struct os *os = os_of(k);
	struct learned l = { .ifindex = ifindex };
	size_t n;
	int err;

	err = dump(os, RTM_GETROUTE, sizeof(struct rtmsg), on_route, &l);
	if (!err || err == -EINTR)
		err = dump(os, RTM_GETADDR, sizeof(struct ifaddrmsg), on_addr, &l);
	if (err && err != -EINTR)
		log_warning(LOG_KERNEL, "cannot read what is left of a link: %s", strerror(-err));
	for (n = 0; n < l.route_count; n++)
		delete_route(os, &l, &l.routes[n]);
	for (n = 0; n < l.addr_count; n++)
		delete_addr(os, &l, n);
	if (l.route_count || l.addr_count)
		log_debug(LOG_KERNEL, "ifindex=%u: %zu addresses and %zu routes of a former link "
			  "are removed", ifindex, l.addr_count, l.route_count);
}
