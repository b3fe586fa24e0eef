// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What carries our marks in the kernel, whoever put it there: this process, or a
 * predecessor that was killed. The core compares it with what should be. Also
 * the question when a policy or state was last used. Both read at once and are
 * not for the middle of a busy turn.
 *
 * Devices that we made are named in what is told here, others are told by index,
 * as the roles do it.
 */
#include "os/linux.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "os/rtnl.h"
#include "os/xfrm.h"

struct scan {
	struct os *os;
	int (*fn)(const struct kobj *o, void *ctx);
	void *ctx;
	bool (*decode)(const struct nlmsghdr *h, struct kobj *out);
};

static int on_object(const struct nlmsghdr *h, void *ctx)
{
	struct scan *s = ctx;
	struct kobj o;

	if (!s->decode(h, &o))
		return 0;
	if (o.type == KOBJ_ADDR)
		link_name_device(s->os, &o.addr.dev);
	else if (o.type == KOBJ_ROUTE)
		link_name_device(s->os, &o.route.dev);
	if (o.type == KOBJ_XFRM_POLICY)
		return policy_tell_parts(s->os, &o, s->fn, s->ctx);
	return s->fn(&o, s->ctx);
}

/* Asks for all of one kind; `fixed` is the request's family header. An answer that
 * changed underneath is taken as it is: a scan tells everything again. */
static int scan_kind(struct scan *s, struct nl_sock *sock, uint16_t type, const void *fixed,
		     size_t fixed_len, bool (*decode)(const struct nlmsghdr *h, struct kobj *out))
{
	uint8_t buf[256] __attribute__((aligned(8)));
	struct nl_msg m;
	void *to;
	int err;

	nl_msg_init(&m, buf, sizeof(buf));
	nl_msg_type(&m, type, NLM_F_DUMP);
	if (fixed_len) {
		to = nl_msg_fixed(&m, fixed_len);
		if (to)
			memcpy(to, fixed, fixed_len);
	}
	s->decode = decode;
	err = nl_transact(sock, &m, on_object, s);
	return err == -EINTR ? 0 : err;
}

static bool decode_policy(const struct nlmsghdr *h, struct kobj *out)
{
	return xfrm_decode_policy(h, out, NULL);
}

static bool decode_state(const struct nlmsghdr *h, struct kobj *out)
{
	return xfrm_decode_state(h, out, NULL);
}

static int scan_route_family(struct scan *s)
{
	const struct ifinfomsg link = { .ifi_family = AF_UNSPEC };
	const struct ifaddrmsg addr = { .ifa_family = AF_INET6 };
	const struct rtmsg route = { .rtm_family = AF_INET6, .rtm_protocol = OS_PROTOCOL };
	const struct fib_rule_hdr rule = { .family = AF_INET6 };
	const struct ndmsg proxy = { .ndm_family = AF_INET6, .ndm_flags = NTF_PROXY };
	struct nl_sock *sock = &s->os->ask_route;
	const struct os_link *l;
	int err;

	err = scan_kind(s, sock, RTM_GETLINK, &link, sizeof(link), tunnel_decode);
	if (!err)
		err = scan_kind(s, sock, RTM_GETADDR, &addr, sizeof(addr), rtnl_decode_addr);
	if (!err)
		err = scan_kind(s, sock, RTM_GETROUTE, &route, sizeof(route), rtnl_decode_route);
	if (!err)
		err = scan_kind(s, sock, RTM_GETRULE, &rule, sizeof(rule), rtnl_decode_rule);
	TAILQ_FOREACH (l, &s->os->links, entry)
		if (!err && l->l.ours)
			err = filter_scan(s->os, l->l.ifindex, l->l.name, s->fn, s->ctx);
	if (!err)
		err = scan_kind(s, sock, RTM_GETNEIGH, &proxy, sizeof(proxy), rtnl_decode_proxy);
	return err;
}

static int scan_all(struct os *os, int (*fn)(const struct kobj *o, void *ctx), void *ctx)
{
	struct scan s = { .os = os, .fn = fn, .ctx = ctx };
	int err = sysctl_scan(os, fn, ctx);

	if (!err)
		err = scan_route_family(&s);
	if (!err)
		err = scan_kind(&s, &os->ask_xfrm, XFRM_MSG_GETPOLICY, NULL, 0, decode_policy);
	if (!err)
		err = scan_kind(&s, &os->ask_xfrm, XFRM_MSG_GETSA, NULL, 0, decode_state);
	return err;
}

/* With sockets of its own, since a forked process may ask what its parent asks too. */
int scan_objects(struct kernel *k, int (*fn)(const struct kobj *o, void *ctx), void *ctx)
{
	struct os *os = os_of(k);
	struct nl_sock route = os->ask_route, xfrm = os->ask_xfrm;
	struct nl_sock own_route = NL_SOCK_CLOSED, own_xfrm = NL_SOCK_CLOSED;
	int err = nl_open(&own_route, NETLINK_ROUTE);

	if (!err)
		err = nl_open(&own_xfrm, NETLINK_XFRM);
	if (!err) {
		os->ask_route = own_route;
		os->ask_xfrm = own_xfrm;
		err = scan_all(os, fn, ctx);
		os->ask_route = route;
		os->ask_xfrm = xfrm;
	}
	nl_close(&own_route);
	nl_close(&own_xfrm);
	return err;
}

/* --- last use -------------------------------------------------------------------- */

struct use {
	bool found;
	uint64_t at_s;
};

static int on_used(const struct nlmsghdr *h, void *ctx)
{
	struct use *u = ctx;
	struct kobj o;

	if (h->nlmsg_type == XFRM_MSG_NEWPOLICY)
		u->found = xfrm_decode_policy(h, &o, &u->at_s);
	else if (h->nlmsg_type == XFRM_MSG_NEWSA)
		u->found = xfrm_decode_state(h, &o, &u->at_s);
	return 0;
}

int scan_last_use(struct kernel *k, const struct kobj *o, uint64_t *idle_us)
{
	struct os *os = os_of(k);
	uint8_t buf[512] __attribute__((aligned(8)));
	struct use use = { .found = false };
	struct nl_msg m;
	uint64_t now_s;
	int err;

	nl_msg_init(&m, buf, sizeof(buf));
	if (o->type == KOBJ_XFRM_POLICY)
		xfrm_encode_get_policy(&m, &o->policy);
	else if (o->type == KOBJ_XFRM_STATE)
		xfrm_encode_get_state(&m, &o->state);
	else
		return -EINVAL;
	err = nl_transact(&os->ask_xfrm, &m, on_used, &use);
	if (err)
		return err;
	if (!use.found)
		return -ENOENT;
	/* The kernel keeps it as wall-clock time, in seconds. */
	now_s = clock_wall_us() / US_PER_S;
	if (use.at_s == 0)
		*idle_us = TIME_NEVER;
	else
		*idle_us = now_s > use.at_s ? (now_s - use.at_s) * US_PER_S : 0;
	return 0;
}
