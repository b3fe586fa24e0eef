// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One change of one kernel object: which netlink messages or system calls carry
 * it out. Called by apply.c, in order, for every change of a turn.
 *
 * A put creates or replaces; a delete of what is not there has what it wants.
 * Most objects are one message. Where the kernel cannot replace (rules, the
 * prefix length of an address), the new one is made before the old one goes, if
 * both can exist, so that there is no moment with neither.
 */
#include "os/linux.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>

#include "core/kernel.h"
#include "os/rtnl.h"
#include "os/xfrm.h"

/* As if_nametoindex(), which opens a socket each time. 0: there is none. */
static uint32_t index_of(const struct os *os, const struct kdev *dev)
{
	struct ifreq r = { .ifr_ifindex = 0 };

	memcpy(r.ifr_name, dev->name, sizeof(dev->name));
	return ioctl(os->route.sock.fd, SIOCGIFINDEX, &r) < 0 ? 0 : (uint32_t)r.ifr_ifindex;
}

uint32_t object_device(struct os *os, const struct kdev *dev)
{
	uint32_t index;

	if (dev->ifindex)
		return dev->ifindex;
	if (!dev->name[0])
		return 0;
	/* Hundreds of bindings of a turn need not repeat that; and for a device that is not
	 * there the kernel starts a program that looks for its module. */
	if (strncmp(os->found.name, dev->name, sizeof(dev->name)) == 0)
		return os->found.ifindex;
	index = index_of(os, dev);
	if (!index && os->route.count) {
		apply_flush(os, &os->route);
		index = index_of(os, dev);
	}
	os->found = *dev;
	os->found.ifindex = index;
	return index;
}

static unsigned int tolerate_of(const struct kchange *c)
{
	return c->op == KCHANGE_DELETE ? TOLERATE_MISSING : TOLERATE_NOTHING;
}

static int addr_message(struct os *os, const struct kobj_addr *a, bool del)
{
	uint32_t ifindex = object_device(os, &a->dev);
	struct nl_msg m;

	if (!ifindex)
		return del ? 0 : -ENODEV; /* addresses go with their device */
	if (del)
		addr_leaves(os, ifindex, &a->addr);
	m = apply_begin(os, &os->route, 0, 0);
	rtnl_encode_addr(&m, a, ifindex, del);
	return apply_message(os, &os->route, &m, del ? TOLERATE_MISSING : TOLERATE_NOTHING, 0);
}

static int change_addr(struct os *os, const struct kchange *c)
{
	const struct kobj_addr *a = &c->obj.addr;
	int err;

	/* The kernel keeps the old length, so this address must go first. */
	if (c->op == KCHANGE_REPLACE && c->was.type == KOBJ_ADDR && c->was.addr.plen != a->plen) {
		err = addr_message(os, &c->was.addr, true);
		if (err)
			return err;
	}
	return addr_message(os, a, c->op == KCHANGE_DELETE);
}

static int change_route(struct os *os, const struct kchange *c)
{
	const struct kobj_route *r = &c->obj.route;
	bool del = c->op == KCHANGE_DELETE;
	uint32_t ifindex = 0;
	struct nl_msg m;

	if (!del && r->type == KROUTE_UNICAST) {
		ifindex = object_device(os, &r->dev);
		if (!ifindex && (r->dev.name[0] || addr_is_unspecified(&r->via)))
			return -ENODEV;
	}
	m = apply_begin(os, &os->route, 0, 0);
	rtnl_encode_route(&m, r, ifindex, del);
	return apply_message(os, &os->route, &m, tolerate_of(c), 0);
}

static int rule_message(struct os *os, const struct kobj_rule *r, bool del)
{
	struct nl_msg m = apply_begin(os, &os->route, 0, 0);

	rtnl_encode_rule(&m, r, del);
	if (m.bad)
		return -EINVAL;
	return apply_message(os, &os->route, &m, del ? TOLERATE_MISSING : TOLERATE_EXISTS, 0);
}

static int change_rule(struct os *os, const struct kchange *c)
{
	const struct kobj_rule *r = &c->obj.rule;
	int err;

	if (r->priority < OS_RULE_FIRST || r->priority > OS_RULE_LAST)
		return -EINVAL;
	err = rule_message(os, r, c->op == KCHANGE_DELETE);
	if (err || c->op != KCHANGE_REPLACE || c->was.type != KOBJ_RULE)
		return err;
	if (c->was.rule.action == r->action && c->was.rule.table == r->table)
		return 0;
	return rule_message(os, &c->was.rule, true);
}

static int change_proxy(struct os *os, const struct kchange *c)
{
	struct nl_msg m = apply_begin(os, &os->route, 0, 0);

	rtnl_encode_proxy(&m, &c->obj.proxy, c->op == KCHANGE_DELETE);
	return apply_message(os, &os->route, &m, tolerate_of(c), 0);
}

static int change_state(struct os *os, const struct kchange *c)
{
	struct nl_msg m = apply_begin(os, &os->xfrm, 0, 0);
	uint16_t type = c->op == KCHANGE_REPLACE ? XFRM_MSG_UPDSA : XFRM_MSG_NEWSA;
	uint16_t other = type == XFRM_MSG_UPDSA ? XFRM_MSG_NEWSA : XFRM_MSG_UPDSA;

	xfrm_encode_state(&m, &c->obj.state, c->op == KCHANGE_DELETE ? XFRM_MSG_DELSA : type);
	if (m.bad)
		return -EINVAL;
	if (c->op == KCHANGE_DELETE)
		return apply_message(os, &os->xfrm, &m, TOLERATE_MISSING, 0);
	return apply_message(os, &os->xfrm, &m, RETRY_OTHER_TYPE, other);
}

int object_change(struct os *os, const struct kchange *c)
{
	/* It is there; only a device may have been left half made. */
	if (c->op == KCHANGE_ADOPT && c->obj.type != KOBJ_TUNNEL)
		return 0;
	switch (c->obj.type) {
	case KOBJ_SYSCTL:
		return sysctl_change(os, c);
	case KOBJ_TUNNEL:
		return tunnel_change(os, c);
	case KOBJ_ADDR:
		return change_addr(os, c);
	case KOBJ_ROUTE:
		return change_route(os, c);
	case KOBJ_RULE:
		return change_rule(os, c);
	case KOBJ_TUNNEL_FILTER:
		return filter_change(os, c);
	case KOBJ_PROXY_NEIGH:
		return change_proxy(os, c);
	case KOBJ_ANYCAST:
	case KOBJ_GROUP:
		return member_change(os, c);
	case KOBJ_XFRM_POLICY:
		return policy_change(os, c);
	case KOBJ_XFRM_STATE:
		return change_state(os, c);
	case KOBJ_TYPE_COUNT:
		break;
	}
	return -EINVAL;
}
