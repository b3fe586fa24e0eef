// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The default routes of others: for each device, whether there is one through it, and by
 * which router. Those who manage a device put it (the kernel itself, from Router
 * Advertisements, NetworkManager, a VPN); a mobile node that only observes the device has
 * to know it, for a packet must leave by the link that its source address is of, and the
 * main table does not look at the source. See mn/move_observe.c.
 *
 * The kernel is asked how it would route to anywhere by that device, and asked again when
 * monitor.c has heard of a default route that came or went, or that a gateway does not
 * answer: of several routers it then takes another.
 */
#include "os/linux.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <string.h>

struct answer {
	uint32_t ifindex;
	bool found;
	struct in6_addr gateway;
};

bool gateway_concerns(const struct nlmsghdr *h)
{
	const struct rtmsg *fixed = nl_fixed(h, sizeof(*fixed));

	return fixed && fixed->rtm_family == AF_INET6 && fixed->rtm_dst_len == 0 &&
	       fixed->rtm_protocol != OS_PROTOCOL;
}

static int on_route(const struct nlmsghdr *h, void *ctx)
{
	const struct nlattr *tb[RTA_MAX + 1];
	const struct rtmsg *fixed = nl_fixed(h, sizeof(*fixed));
	struct answer *a = ctx;

	if (h->nlmsg_type != RTM_NEWROUTE || !fixed || fixed->rtm_type != RTN_UNICAST ||
	    !nl_attrs(h, sizeof(*fixed), tb, RTA_MAX) || nl_u32(tb[RTA_OIF], 0) != a->ifindex)
		return 0;
	a->found = true;
	(void)nl_addr(tb[RTA_GATEWAY], &a->gateway);
	return 0;
}

bool gateway_find(struct os *os, uint32_t ifindex, struct in6_addr *gateway)
{
	static const struct in6_addr anywhere = { .s6_addr = { 0x20 } }; /* RFC 4291 2.4 */
	uint8_t buf[256] __attribute__((aligned(8)));
	struct answer a = { .ifindex = ifindex };
	struct rtmsg *fixed;
	struct nl_msg m;
	int err;

	nl_msg_init(&m, buf, sizeof(buf));
	nl_msg_type(&m, RTM_GETROUTE, 0);
	fixed = nl_msg_fixed(&m, sizeof(*fixed));
	if (!fixed)
		return false;
	fixed->rtm_family = AF_INET6;
	fixed->rtm_dst_len = 128;
	nl_put_addr(&m, RTA_DST, &anywhere);
	nl_put_u32(&m, RTA_OIF, ifindex);
	/* It refuses where there is no such route. */
	err = nl_transact(&os->ask_route, &m, on_route, &a);
	*gateway = a.gateway;
	return !err && a.found;
}
