// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernel objects as text: one line each, in the words of `ip`, `ip xfrm`, `tc`
 * and `sysctl` where these have some, so that what the log or the console shows
 * can be compared with what the system shows. Also the names of settings below
 * net.ipv6. Called by the log, the console, os/ and the tests.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/kernel.h"

/* Text that grows to the end of its array and is cut there. */
struct text {
	char *buf;
	size_t size;
	size_t used;
};

static void add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (t->used >= t->size)
		return;
	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->used, t->size - t->used, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->used += (size_t)n;
}

static void add_dev(struct text *t, const struct kdev *d)
{
	if (d->name[0])
		add(t, " dev %.*s", IFNAMSIZ, d->name);
	else if (d->ifindex)
		add(t, " dev #%" PRIu32, d->ifindex);
}

static void add_addr(struct text *t, const char *word, const struct in6_addr *a)
{
	if (!addr_is_unspecified(a))
		add(t, " %s %s", word, ADDR_STR(a));
}

static void add_prefix(struct text *t, const char *word, const struct prefix *p)
{
	if (p->len)
		add(t, " %s %s", word, PREFIX_STR(p));
}

static const char *table_name(enum ktable table)
{
	switch (table) {
	case KTABLE_MAIN:
		return "main";
	case KTABLE_OWN:
		return "mip6";
	case KTABLE_SOURCE:
		return "mip6-source";
	case KTABLE_LOCAL:
		return "local";
	}
	return "?";
}

static const char *route_type_name(enum kroute_type type)
{
	switch (type) {
	case KROUTE_UNICAST:
		return "unicast";
	case KROUTE_UNREACHABLE:
		return "unreachable";
	case KROUTE_BLACKHOLE:
		return "blackhole";
	case KROUTE_THROW:
		return "throw";
	}
	return "?";
}

static const char *xfrm_proto_name(enum kxfrm_proto proto)
{
	switch (proto) {
	case KXFRM_HAO:
		return "hao";
	case KXFRM_RH2:
		return "route2";
	case KXFRM_ESP:
		return "esp";
	case KXFRM_AH:
		return "ah";
	case KXFRM_COMP:
		return "comp";
	}
	return "?";
}

static const char *xfrm_mode_name(enum kxfrm_mode mode)
{
	switch (mode) {
	case KXFRM_ROUTE_OPTIMIZATION:
		return "ro";
	case KXFRM_TRANSPORT:
		return "transport";
	case KXFRM_TUNNEL:
		return "tunnel";
	}
	return "?";
}

static const char *xfrm_dir_name(enum kxfrm_dir dir)
{
	switch (dir) {
	case KXFRM_IN:
		return "in";
	case KXFRM_OUT:
		return "out";
	case KXFRM_FWD:
		return "fwd";
	}
	return "?";
}

static void text_sysctl(struct text *t, const struct kobj_sysctl *o)
{
	if (o->name == KSYSCTL_POLICY_HASH_LOCAL) {
		add(t, "xfrm policy hthresh6 %" PRId32 " ...", o->value);
		return;
	}
	add(t, "sysctl net.ipv6.%s.", ksysctl_is_neigh(o->name) ? "neigh" : "conf");
	if (o->dev.name[0])
		add(t, "%.*s", IFNAMSIZ, o->dev.name);
	else
		add(t, "#%" PRIu32, o->dev.ifindex);
	add(t, ".%s = %" PRId32, ksysctl_name(o->name), o->value);
}

static void text_tunnel(struct text *t, const struct kobj_tunnel *o)
{
	add(t, "tunnel %.*s", IFNAMSIZ, o->name);
	if (o->external) {
		add(t, " external");
	} else {
		add_addr(t, "local", &o->local);
		add_addr(t, "remote", &o->remote);
	}
	if (o->link)
		add(t, " dev #%" PRIu32, o->link);
	if (o->hop_limit)
		add(t, " hoplimit %u", o->hop_limit);
	if (o->mtu)
		add(t, " mtu %" PRIu32, o->mtu);
}

static void add_seconds(struct text *t, const char *word, uint32_t seconds)
{
	if (seconds != UINT32_MAX)
		add(t, " %s %" PRIu32 "sec", word, seconds);
}

static void text_addr(struct text *t, const struct kobj_addr *o)
{
	add(t, "address %s/%u", ADDR_STR(&o->addr), o->plen);
	add_dev(t, &o->dev);
	if (o->flags & KADDR_HOME)
		add(t, " home");
	if (o->flags & KADDR_NODAD)
		add(t, " nodad");
	if (o->flags & KADDR_OPTIMISTIC)
		add(t, " optimistic");
	if (o->flags & KADDR_NO_PREFIX_ROUTE)
		add(t, " noprefixroute");
	if (o->flags & KADDR_DEPRECATED)
		add(t, " deprecated");
	add_seconds(t, "valid_lft", o->valid_s);
	add_seconds(t, "preferred_lft", o->preferred_s);
}

static void text_route(struct text *t, const struct kobj_route *o)
{
	add(t, "route");
	if (o->type != KROUTE_UNICAST)
		add(t, " %s", route_type_name(o->type));
	if (o->dst.len)
		add(t, " %s", PREFIX_STR(&o->dst));
	else
		add(t, " default");
	add_prefix(t, "from", &o->src);
	if (o->encap)
		add(t, " encap ip6 src %s dst %s", ADDR_STR(&o->encap_src),
		    ADDR_STR(&o->encap_dst));
	add_addr(t, "via", &o->via);
	add_dev(t, &o->dev);
	add_addr(t, "src", &o->prefsrc);
	if (o->table != KTABLE_MAIN)
		add(t, " table %s", table_name(o->table));
	if (o->metric)
		add(t, " metric %" PRIu32, o->metric);
	if (o->mtu)
		add(t, " mtu %" PRIu32, o->mtu);
	if (o->onlink)
		add(t, " onlink");
}

static void text_rule(struct text *t, const struct kobj_rule *o)
{
	add(t, "rule priority %" PRIu32, o->priority);
	if (o->from.len)
		add(t, " from %s", PREFIX_STR(&o->from));
	else
		add(t, " from all");
	add_prefix(t, "to", &o->to);
	if (o->iif[0])
		add(t, " iif %.*s", IFNAMSIZ, o->iif);
	if (o->oif[0])
		add(t, " oif %.*s", IFNAMSIZ, o->oif);
	if (o->ip_proto)
		add(t, " ipproto %u", o->ip_proto);
	if (o->action == KROUTE_UNICAST)
		add(t, " lookup %s", table_name(o->table));
	else
		add(t, " %s", route_type_name(o->action));
	if (o->finds_source)
		add(t, " find-source");
	if (o->specific)
		add(t, " suppress_prefixlength 0");
}

static void text_filter(struct text *t, const struct kobj_tunnel_filter *o)
{
	add(t, "filter dev %.*s ingress src_ip %s enc_src_ip %s", IFNAMSIZ, o->tunnel,
	    PREFIX_STR(&o->inner_src), ADDR_STR(&o->outer_src));
	if (!addr_is_unspecified(&o->also_src))
		add(t, " or %s", ADDR_STR(&o->also_src));
}

static void text_at_link(struct text *t, const char *word, uint32_t ifindex,
			 const struct in6_addr *a)
{
	add(t, "%s %s dev #%" PRIu32, word, ADDR_STR(a), ifindex);
}

static void add_selector(struct text *t, const struct kxfrm_selector *s)
{
	add(t, " src %s dst %s", PREFIX_STR(&s->src), PREFIX_STR(&s->dst));
	if (s->proto)
		add(t, " proto %u", s->proto);
	if (s->proto && s->type >= 0)
		add(t, " type %d", s->type);
	if (s->ifindex)
		add(t, " dev #%" PRIu32, s->ifindex);
}

static void text_policy(struct text *t, const struct kobj_xfrm_policy *o)
{
	unsigned int i;

	add(t, "policy");
	add_selector(t, &o->sel);
	add(t, " dir %s priority %" PRIu32, xfrm_dir_name(o->dir), o->priority);
	if (o->sub)
		add(t, " ptype sub");
	if (o->block)
		add(t, " action block");
	for (i = 0; i < o->tmpl_count && i < KXFRM_TMPL_MAX; i++) {
		const struct kxfrm_tmpl *m = &o->tmpl[i];

		add(t, " tmpl src %s dst %s proto %s mode %s", ADDR_STR(&m->src),
		    ADDR_STR(&m->dst), xfrm_proto_name(m->proto), xfrm_mode_name(m->mode));
		if (m->reqid)
			add(t, " reqid %" PRIu32, m->reqid);
		if (m->optional)
			add(t, " level use");
	}
}

/* Names of algorithms, never keys. */
static void text_state(struct text *t, const struct kobj_xfrm_state *o)
{
	add(t, "state src %s dst %s proto %s", ADDR_STR(&o->src), ADDR_STR(&o->dst),
	    xfrm_proto_name(o->proto));
	if (o->spi)
		add(t, " spi 0x%08" PRIx32, o->spi);
	if (o->reqid)
		add(t, " reqid %" PRIu32, o->reqid);
	add(t, " mode %s", xfrm_mode_name(o->mode));
	add_addr(t, "coa", &o->coaddr);
	if (o->esp && o->esp->enc_name[0])
		add(t, " enc %.*s", KXFRM_ALG_NAME_MAX, o->esp->enc_name);
	if (o->esp && o->esp->auth_name[0])
		add(t, " auth-trunc %.*s", KXFRM_ALG_NAME_MAX, o->esp->auth_name);
}

const char *kobj_text(const struct kobj *o, char *buf, size_t size)
{
	struct text t = { .buf = buf, .size = size };

	if (size)
		buf[0] = '\0';
	switch (o->type) {
	case KOBJ_SYSCTL:
		text_sysctl(&t, &o->sysctl);
		break;
	case KOBJ_TUNNEL:
		text_tunnel(&t, &o->tunnel);
		break;
	case KOBJ_ADDR:
		text_addr(&t, &o->addr);
		break;
	case KOBJ_ROUTE:
		text_route(&t, &o->route);
		break;
	case KOBJ_RULE:
		text_rule(&t, &o->rule);
		break;
	case KOBJ_TUNNEL_FILTER:
		text_filter(&t, &o->filter);
		break;
	case KOBJ_PROXY_NEIGH:
		text_at_link(&t, "proxy neighbour", o->proxy.ifindex, &o->proxy.addr);
		break;
	case KOBJ_ANYCAST:
		text_at_link(&t, "anycast", o->member.ifindex, &o->member.addr);
		break;
	case KOBJ_GROUP:
		text_at_link(&t, "group", o->member.ifindex, &o->member.addr);
		break;
	case KOBJ_XFRM_POLICY:
		text_policy(&t, &o->policy);
		break;
	case KOBJ_XFRM_STATE:
		text_state(&t, &o->state);
		break;
	case KOBJ_TYPE_COUNT:
		break;
	}
	return buf;
}

const char *kobj_type_name(enum kobj_type type)
{
	static const char *const names[KOBJ_TYPE_COUNT] = {
		[KOBJ_SYSCTL] = "sysctl",
		[KOBJ_TUNNEL] = "tunnel",
		[KOBJ_ADDR] = "address",
		[KOBJ_ROUTE] = "route",
		[KOBJ_RULE] = "rule",
		[KOBJ_TUNNEL_FILTER] = "filter",
		[KOBJ_PROXY_NEIGH] = "proxy",
		[KOBJ_ANYCAST] = "anycast",
		[KOBJ_GROUP] = "group",
		[KOBJ_XFRM_POLICY] = "policy",
		[KOBJ_XFRM_STATE] = "state",
	};

	return (unsigned int)type < KOBJ_TYPE_COUNT ? names[type] : "unknown";
}

const char *kchange_op_name(enum kchange_op op)
{
	switch (op) {
	case KCHANGE_PUT:
		return "put";
	case KCHANGE_REPLACE:
		return "replace";
	case KCHANGE_DELETE:
		return "delete";
	case KCHANGE_ADOPT:
		return "adopt";
	}
	return "?";
}

const char *ksysctl_name(enum ksysctl s)
{
	static const char *const names[KSYSCTL_COUNT] = {
		[KSYSCTL_FORWARDING] = "forwarding",
		[KSYSCTL_ACCEPT_RA] = "accept_ra",
		[KSYSCTL_ACCEPT_RA_DEFRTR] = "accept_ra_defrtr",
		[KSYSCTL_AUTOCONF] = "autoconf",
		[KSYSCTL_ROUTER_SOLICITATIONS] = "router_solicitations",
		[KSYSCTL_ROUTER_SOLICITATION_DELAY] = "router_solicitation_delay",
		[KSYSCTL_PROXY_NDP] = "proxy_ndp",
		[KSYSCTL_HOP_LIMIT] = "hop_limit",
		[KSYSCTL_MTU] = "mtu",
		[KSYSCTL_DAD_TRANSMITS] = "dad_transmits",
		[KSYSCTL_OPTIMISTIC_DAD] = "optimistic_dad",
		[KSYSCTL_USE_OPTIMISTIC] = "use_optimistic",
		[KSYSCTL_NDISC_NOTIFY] = "ndisc_notify",
		[KSYSCTL_KEEP_ADDR_ON_DOWN] = "keep_addr_on_down",
		[KSYSCTL_NEIGH_BASE_REACHABLE_MS] = "base_reachable_time_ms",
		[KSYSCTL_NEIGH_RETRANS_MS] = "retrans_time_ms",
		[KSYSCTL_NEIGH_PROXY_DELAY] = "proxy_delay",
		[KSYSCTL_POLICY_HASH_LOCAL] = "policy_hash_local",
	};

	return (unsigned int)s < KSYSCTL_COUNT ? names[s] : "unknown";
}

bool ksysctl_is_neigh(enum ksysctl s)
{
	return s == KSYSCTL_NEIGH_BASE_REACHABLE_MS || s == KSYSCTL_NEIGH_RETRANS_MS ||
	       s == KSYSCTL_NEIGH_PROXY_DELAY;
}
