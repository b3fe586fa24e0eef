// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tunnel devices of IPv6 in IPv6 (RFC 2473; RFC 6275 sections 10.4.5 and 11.3.1).
 *
 * The shared tunnel ("external") has no end points of its own; each route brings
 * its own by lightweight encapsulation. Whatever comes out of it must pass a
 * filter (filter.c); the filter that drops the rest is in place before the
 * device is up. A pair tunnel has two end points, which are replaced in place.
 *
 * Our devices bear a name that begins with OS_DEVICE_PREFIX and the alias
 * OS_DEVICE_ALIAS. They get no link-local address by themselves: nothing is to be said on
 * them that is not a packet of the mobile node.
 */
#include "os/linux.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/ip6_tunnel.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

#define HOP_LIMIT_DEFAULT 64

bool tunnel_name_ok(const char *name)
{
	return strncmp(name, OS_DEVICE_PREFIX, strlen(OS_DEVICE_PREFIX)) == 0 &&
	       strnlen(name, IFNAMSIZ) < IFNAMSIZ;
}

static void put_parameters(struct nl_msg *m, const struct kobj_tunnel *t)
{
	struct nlattr *info = nl_nest(m, IFLA_LINKINFO | NLA_F_NESTED);
	struct nlattr *data;

	nl_put(m, IFLA_INFO_KIND, "ip6tnl", 6); /* as `ip`: without the zero */
	data = nl_nest(m, IFLA_INFO_DATA | NLA_F_NESTED);
	if (t->external) {
		nl_put(m, IFLA_IPTUN_COLLECT_METADATA, NULL, 0);
	} else {
		nl_put_addr(m, IFLA_IPTUN_LOCAL, &t->local);
		nl_put_addr(m, IFLA_IPTUN_REMOTE, &t->remote);
		nl_put_u32(m, IFLA_IPTUN_LINK, t->link);
		/* No tunnel encapsulation limit option (RFC 2473 4.1.1): eight
		 * bytes in each packet, and some networks drop its header. */
		nl_put_u32(m, IFLA_IPTUN_FLAGS, IP6_TNL_F_IGN_ENCAP_LIMIT);
		nl_put_u8(m, IFLA_IPTUN_PROTO, 0);
		nl_put_u8(m, IFLA_IPTUN_TTL, t->hop_limit ? t->hop_limit : HOP_LIMIT_DEFAULT);
	}
	nl_nest_end(m, data);
	nl_nest_end(m, info);
}

static struct nl_msg begin_link(struct os *os, const char *name, uint16_t type, uint16_t flags,
				struct ifinfomsg **fixed)
{
	struct nl_msg m = apply_begin(os, &os->route, type, flags);

	*fixed = nl_msg_fixed(&m, sizeof(**fixed));
	if (*fixed)
		(*fixed)->ifi_family = AF_UNSPEC;
	nl_put_str(&m, IFLA_IFNAME, name);
	return m;
}

void tunnel_encode_new(struct nl_msg *m, const struct kobj_tunnel *t)
{
	struct ifinfomsg *fixed;

	/* Without NLM_F_EXCL a pair tunnel that exists is changed; the shared
	 * one has nothing to change, and the kernel refuses to try. */
	nl_msg_type(m, RTM_NEWLINK, NLM_F_CREATE | (t->external ? NLM_F_EXCL : 0));
	fixed = nl_msg_fixed(m, sizeof(*fixed));
	if (fixed)
		fixed->ifi_family = AF_UNSPEC;
	nl_put_str(m, IFLA_IFNAME, t->name);
	put_parameters(m, t);
}

static int make(struct os *os, const struct kobj_tunnel *t)
{
	struct nl_msg m = apply_begin(os, &os->route, 0, 0);

	tunnel_encode_new(&m, t);
	return apply_message(os, &os->route, &m, t->external ? TOLERATE_EXISTS : 0, 0);
}

/* A link-local address (RFC 3810 5.2.13) would make the kernel look for routers in the
 * tunnel. The setting goes with the device. */
static int no_solicitations(struct os *os, const char *name)
{
	apply_flush(os, &os->route);
	return apply_error(os) ? apply_error(os) :
				 sysctl_write(os, name, KSYSCTL_ROUTER_SOLICITATIONS, 0);
}

static int no_link_local(struct os *os, const char *name)
{
	struct ifinfomsg *fixed;
	struct nl_msg m = begin_link(os, name, RTM_NEWLINK, 0, &fixed);
	struct nlattr *spec = nl_nest(&m, IFLA_AF_SPEC | NLA_F_NESTED);
	struct nlattr *inet6 = nl_nest(&m, AF_INET6 | NLA_F_NESTED);

	nl_put_u8(&m, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	nl_nest_end(&m, inet6);
	nl_nest_end(&m, spec);
	return apply_message(os, &os->route, &m, 0, 0);
}

static int set_up(struct os *os, const struct kobj_tunnel *t)
{
	struct ifinfomsg *fixed;
	struct nl_msg m = begin_link(os, t->name, RTM_NEWLINK, 0, &fixed);

	if (fixed) {
		fixed->ifi_flags = IFF_UP;
		fixed->ifi_change = IFF_UP;
	}
	nl_put_str(&m, IFLA_IFALIAS, OS_DEVICE_ALIAS);
	if (t->mtu)
		nl_put_u32(&m, IFLA_MTU, t->mtu);
	return apply_message(os, &os->route, &m, 0, 0);
}

static int put(struct os *os, const struct kobj_tunnel *t, bool is_new)
{
	int err = make(os, t);
	uint32_t ifindex;

	if (!err && t->external) {
		apply_flush(os, &os->route);
		if (apply_error(os))
			return apply_error(os);
		ifindex = if_nametoindex(t->name);
		/* It "exists", but under another name: there can be only one. */
		err = ifindex ? filter_prepare(os, ifindex) : -EEXIST;
	}
	if (!err && !t->external && is_new)
		err = no_solicitations(os, t->name);
	if (!err)
		err = no_link_local(os, t->name);
	return err ? err : set_up(os, t);
}

static int delete(struct os *os, const char *name)
{
	struct ifinfomsg *fixed;
	uint32_t ifindex = if_nametoindex(name);
	struct nl_msg m;

	if (ifindex)
		filter_forget(os, ifindex);
	link_leaves(os, name);
	m = begin_link(os, name, RTM_DELLINK, 0, &fixed);
	return apply_message(os, &os->route, &m, TOLERATE_MISSING, 0);
}

bool tunnel_decode(const struct nlmsghdr *h, struct kobj *out)
{
	const struct nlattr *tb[IFLA_MAX + 1];
	const struct nlattr *info[IFLA_INFO_MAX + 1];
	const struct nlattr *data[IFLA_IPTUN_MAX + 1];
	const struct ifinfomsg *fixed = nl_fixed(h, sizeof(*fixed));
	struct kobj_tunnel *t = &out->tunnel;
	char text[16];

	if (h->nlmsg_type != RTM_NEWLINK || !fixed || !nl_attrs(h, sizeof(*fixed), tb, IFLA_MAX))
		return false;
	*out = (struct kobj){ .type = KOBJ_TUNNEL };
	nl_text(tb[IFLA_IFNAME], t->name, sizeof(t->name));
	nl_text(tb[IFLA_IFALIAS], text, sizeof(text));
	if (!tunnel_name_ok(t->name) || strcmp(text, OS_DEVICE_ALIAS) != 0)
		return false;
	nl_attrs_nested(tb[IFLA_LINKINFO], info, IFLA_INFO_MAX);
	nl_text(info[IFLA_INFO_KIND], text, sizeof(text));
	nl_attrs_nested(info[IFLA_INFO_DATA], data, IFLA_IPTUN_MAX);
	t->external = data[IFLA_IPTUN_COLLECT_METADATA] != NULL;
	if (!t->external) {
		(void)nl_addr(data[IFLA_IPTUN_LOCAL], &t->local);
		(void)nl_addr(data[IFLA_IPTUN_REMOTE], &t->remote);
		t->link = nl_u32(data[IFLA_IPTUN_LINK], 0);
		t->hop_limit = nl_u8(data[IFLA_IPTUN_TTL], 0);
	}
	t->mtu = nl_u32(tb[IFLA_MTU], 0);
	return strncmp(text, "ip6tnl", sizeof(text)) == 0;
}

int tunnel_change(struct os *os, const struct kchange *c)
{
	const struct kobj_tunnel *t = &c->obj.tunnel;

	if (!tunnel_name_ok(t->name))
		return -EINVAL;
	memset(&os->found, 0, sizeof(os->found));
	if (c->op == KCHANGE_DELETE)
		return delete(os, t->name);
	if (c->op == KCHANGE_REPLACE && c->was.type == KOBJ_TUNNEL &&
	    c->was.tunnel.external != t->external) {
		int err = delete(os, t->name);

		if (err)
			return err;
	}
	return put(os, t, c->op == KCHANGE_PUT);
}
