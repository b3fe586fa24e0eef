// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernel objects as values: which one it is (the key), whether two are the same
 * in every respect, and the text of one for people.
 *
 * Footprints order and compare objects with these functions, the port's
 * implementations find theirs with them, the console and the log print with
 * kobj_text(). Fields are compared one by one, never as bytes: structures have
 * holes, and names have bytes behind their end.
 */
#include "core/kernel.h"

#include <errno.h>
#include <string.h>

static int compare_number(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* By index where there is one; the name then says nothing. */
static int compare_dev(const struct kdev *a, const struct kdev *b)
{
	if (a->ifindex || b->ifindex)
		return compare_number(a->ifindex, b->ifindex);
	return strncmp(a->name, b->name, IFNAMSIZ);
}

static int compare_prefix(const struct prefix *a, const struct prefix *b)
{
	int d = addr_compare(&a->addr, &b->addr);

	return d ? d : compare_number(a->len, b->len);
}

static int compare_sysctl(const struct kobj_sysctl *a, const struct kobj_sysctl *b)
{
	int d = compare_dev(&a->dev, &b->dev);

	return d ? d : compare_number(a->name, b->name);
}

static int compare_addr(const struct kobj_addr *a, const struct kobj_addr *b)
{
	int d = compare_dev(&a->dev, &b->dev);

	return d ? d : addr_compare(&a->addr, &b->addr);
}

static int compare_route(const struct kobj_route *a, const struct kobj_route *b)
{
	int d = compare_number(a->table, b->table);

	if (!d)
		d = compare_prefix(&a->dst, &b->dst);
	if (!d)
		d = compare_prefix(&a->src, &b->src);
	return d ? d : compare_number(a->metric, b->metric);
}

static int compare_rule(const struct kobj_rule *a, const struct kobj_rule *b)
{
	int d = compare_number(a->priority, b->priority);

	if (!d)
		d = compare_prefix(&a->from, &b->from);
	if (!d)
		d = compare_prefix(&a->to, &b->to);
	if (!d)
		d = strncmp(a->iif, b->iif, IFNAMSIZ);
	if (!d)
		d = strncmp(a->oif, b->oif, IFNAMSIZ);
	return d ? d : compare_number(a->ip_proto, b->ip_proto);
}

static int compare_filter(const struct kobj_tunnel_filter *a, const struct kobj_tunnel_filter *b)
{
	int d = strncmp(a->tunnel, b->tunnel, IFNAMSIZ);

	return d ? d : compare_prefix(&a->inner_src, &b->inner_src);
}

static int compare_at_link(uint32_t a_ifindex, const struct in6_addr *a, uint32_t b_ifindex,
			   const struct in6_addr *b)
{
	int d = compare_number(a_ifindex, b_ifindex);

	return d ? d : addr_compare(a, b);
}

static int compare_selector(const struct kxfrm_selector *a, const struct kxfrm_selector *b)
{
	int d = compare_prefix(&a->src, &b->src);

	if (!d)
		d = compare_prefix(&a->dst, &b->dst);
	if (!d)
		d = compare_number(a->proto, b->proto);
	if (!d)
		d = (a->type > b->type) - (a->type < b->type);
	return d ? d : compare_number(a->ifindex, b->ifindex);
}

static int compare_policy(const struct kobj_xfrm_policy *a, const struct kobj_xfrm_policy *b)
{
	int d = compare_number(a->dir, b->dir);

	if (!d)
		d = compare_number(a->sub, b->sub);
	if (!d)
		d = compare_selector(&a->sel, &b->sel);
	return d ? d : compare_number(a->part, b->part);
}

static int compare_state(const struct kobj_xfrm_state *a, const struct kobj_xfrm_state *b)
{
	int d = compare_number(a->proto, b->proto);

	if (!d)
		d = addr_compare(&a->src, &b->src);
	if (!d)
		d = addr_compare(&a->dst, &b->dst);
	return d ? d : compare_number(a->spi, b->spi);
}

int kobj_compare_key(const struct kobj *a, const struct kobj *b)
{
	if (a->type != b->type)
		return compare_number(a->type, b->type);
	switch (a->type) {
	case KOBJ_SYSCTL:
		return compare_sysctl(&a->sysctl, &b->sysctl);
	case KOBJ_TUNNEL:
		return strncmp(a->tunnel.name, b->tunnel.name, IFNAMSIZ);
	case KOBJ_ADDR:
		return compare_addr(&a->addr, &b->addr);
	case KOBJ_ROUTE:
		return compare_route(&a->route, &b->route);
	case KOBJ_RULE:
		return compare_rule(&a->rule, &b->rule);
	case KOBJ_TUNNEL_FILTER:
		return compare_filter(&a->filter, &b->filter);
	case KOBJ_PROXY_NEIGH:
		return compare_at_link(a->proxy.ifindex, &a->proxy.addr, b->proxy.ifindex,
				       &b->proxy.addr);
	case KOBJ_ANYCAST:
	case KOBJ_GROUP:
		return compare_at_link(a->member.ifindex, &a->member.addr, b->member.ifindex,
				       &b->member.addr);
	case KOBJ_XFRM_POLICY:
		return compare_policy(&a->policy, &b->policy);
	case KOBJ_XFRM_STATE:
		return compare_state(&a->state, &b->state);
	case KOBJ_TYPE_COUNT:
		break;
	}
	return 0;
}

static bool tunnel_equal(const struct kobj_tunnel *a, const struct kobj_tunnel *b)
{
	if (a->external != b->external || a->link != b->link || a->hop_limit != b->hop_limit ||
	    a->mtu != b->mtu)
		return false;
	return a->external ||
	       (addr_equal(&a->local, &b->local) && addr_equal(&a->remote, &b->remote));
}

static bool filter_equal(const struct kobj_tunnel_filter *a, const struct kobj_tunnel_filter *b)
{
	const struct in6_addr *a1 = &a->outer_src, *a2 = &a->also_src;
	const struct in6_addr *b1 = &b->outer_src, *b2 = &b->also_src;

	return (addr_equal(a1, b1) && addr_equal(a2, b2)) ||
	       (addr_equal(a1, b2) && addr_equal(a2, b1));
}

static bool addr_value_equal(const struct kobj_addr *a, const struct kobj_addr *b)
{
	return a->plen == b->plen && a->flags == b->flags && a->valid_s == b->valid_s &&
	       a->preferred_s == b->preferred_s;
}

static bool route_equal(const struct kobj_route *a, const struct kobj_route *b)
{
	if (a->type != b->type || compare_dev(&a->dev, &b->dev) || a->mtu != b->mtu ||
	    a->onlink != b->onlink || a->encap != b->encap)
		return false;
	if (!addr_equal(&a->via, &b->via) || !addr_equal(&a->prefsrc, &b->prefsrc))
		return false;
	return !a->encap || (addr_equal(&a->encap_src, &b->encap_src) &&
			     addr_equal(&a->encap_dst, &b->encap_dst));
}

static bool tmpl_equal(const struct kxfrm_tmpl *a, const struct kxfrm_tmpl *b)
{
	return a->proto == b->proto && a->mode == b->mode && addr_equal(&a->src, &b->src) &&
	       addr_equal(&a->dst, &b->dst) && a->reqid == b->reqid &&
	       a->optional == b->optional;
}

static bool policy_equal(const struct kobj_xfrm_policy *a, const struct kobj_xfrm_policy *b)
{
	unsigned int i;

	if (a->priority != b->priority || a->block != b->block || a->tmpl_count != b->tmpl_count)
		return false;
	for (i = 0; i < a->tmpl_count && i < KXFRM_TMPL_MAX; i++) {
		if (!tmpl_equal(&a->tmpl[i], &b->tmpl[i]))
			return false;
	}
	return true;
}

static bool keys_equal(const struct kxfrm_esp_keys *a, const struct kxfrm_esp_keys *b)
{
	if (a == b)
		return true;
	if (!a || !b || a->enc_key_len != b->enc_key_len || a->auth_key_len != b->auth_key_len)
		return false;
	return strncmp(a->enc_name, b->enc_name, KXFRM_ALG_NAME_MAX) == 0 &&
	       strncmp(a->auth_name, b->auth_name, KXFRM_ALG_NAME_MAX) == 0 &&
	       memcmp(a->enc_key, b->enc_key, a->enc_key_len) == 0 &&
	       memcmp(a->auth_key, b->auth_key, a->auth_key_len) == 0;
}

static bool state_equal(const struct kobj_xfrm_state *a, const struct kobj_xfrm_state *b)
{
	return a->mode == b->mode && a->reqid == b->reqid && addr_equal(&a->coaddr, &b->coaddr) &&
	       keys_equal(a->esp, b->esp);
}

bool kobj_equal(const struct kobj *a, const struct kobj *b)
{
	if (kobj_compare_key(a, b) != 0)
		return false;
	switch (a->type) {
	case KOBJ_SYSCTL:
		return a->sysctl.value == b->sysctl.value;
	case KOBJ_TUNNEL:
		return tunnel_equal(&a->tunnel, &b->tunnel);
	case KOBJ_ADDR:
		return addr_value_equal(&a->addr, &b->addr);
	case KOBJ_ROUTE:
		return route_equal(&a->route, &b->route);
	case KOBJ_RULE:
		return a->rule.action == b->rule.action && a->rule.table == b->rule.table &&
		       a->rule.finds_source == b->rule.finds_source &&
		       a->rule.specific == b->rule.specific;
	case KOBJ_TUNNEL_FILTER:
		return filter_equal(&a->filter, &b->filter);
	case KOBJ_PROXY_NEIGH:
	case KOBJ_ANYCAST:
	case KOBJ_GROUP:
		return true;
	case KOBJ_XFRM_POLICY:
		return policy_equal(&a->policy, &b->policy);
	case KOBJ_XFRM_STATE:
		return state_equal(&a->state, &b->state);
	case KOBJ_TYPE_COUNT:
		break;
	}
	return false;
}

bool kobj_gone_error(int error)
{
	return error == -ENOENT || error == -ESRCH || error == -ENODEV || error == -ENXIO ||
	       error == -EADDRNOTAVAIL;
}

bool kobj_is_flush(const struct kobj *o)
{
	struct kobj zero;

	if (o->type != KOBJ_XFRM_POLICY && o->type != KOBJ_XFRM_STATE)
		return false;
	memset(&zero, 0, sizeof(zero));
	zero.type = o->type;
	return kobj_compare_key(o, &zero) == 0;
}
