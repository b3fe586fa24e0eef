// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a packet goes: the kernel's own addresses, then rules by priority, then
 * in each table the longest destination, the longest source, the lowest metric
 * (Linux with CONFIG_IPV6_SUBTREES). Addresses bring the route of their prefix
 * along. What a box that is in the core has no route for goes there.
 */
#include <string.h>

#include "test/ladder/world.h"

#define PRIORITY_MAIN	   32766
#define METRIC_CONNECTED   256

struct search {
	const struct box *b;
	const struct in6_addr *src;
	const struct in6_addr *dst;
	uint8_t proto;
	const char *iif;
	uint32_t oif;
};

static uint32_t dev_index(const struct box *b, const struct kdev *d)
{
	struct iface *i;
	struct object *obj;

	if (d->ifindex)
		return d->ifindex;
	i = box_iface_name(b, d->name);
	if (i)
		return i->ifindex;
	TAILQ_FOREACH(obj, &b->objects, entry) {
		if (obj->o.type == KOBJ_TUNNEL &&
		    strncmp(obj->o.tunnel.name, d->name, IFNAMSIZ) == 0)
			return obj->ifindex;
	}
	return 0;
}

static bool src_fits(const struct prefix *p, const struct in6_addr *src)
{
	return p->len == 0 || (!addr_is_unspecified(src) && prefix_contains(p, src));
}

/* Lower is better, compared in the order of Linux. */
static bool is_better(const struct kobj_route *a, const struct kobj_route *b)
{
	if (!b || a->dst.len != b->dst.len)
		return !b || a->dst.len > b->dst.len;
	if (a->src.len != b->src.len)
		return a->src.len > b->src.len;
	return a->metric < b->metric;
}

static bool route_fits(const struct search *s, const struct kobj_route *r)
{
	if (!prefix_contains(&r->dst, s->dst) || !src_fits(&r->src, s->src))
		return false;
	return !s->oif || r->type != KROUTE_UNICAST || dev_index(s->b, &r->dev) == s->oif;
}

/* The route that an address brings along. */
static struct kobj_route connected(const struct object *obj)
{
	const struct kobj_addr *a = &obj->o.addr;

	return (struct kobj_route){ .table = KTABLE_MAIN,
				    .dst = prefix_of(&a->addr, a->plen),
				    .metric = METRIC_CONNECTED,
				    .dev = a->dev };
}

static bool find_route(const struct search *s, enum ktable table, bool specific,
		       struct kobj_route *out)
{
	struct kobj_route best, candidate;
	const struct object *obj;
	bool found = false;

	TAILQ_FOREACH(obj, &s->b->objects, entry) {
		if (obj->o.type == KOBJ_ROUTE && obj->o.route.table == table)
			candidate = obj->o.route;
		else if (obj->o.type == KOBJ_ADDR && table == KTABLE_MAIN &&
			 !(obj->o.addr.flags & KADDR_NO_PREFIX_ROUTE) && object_iface(obj))
			candidate = connected(obj);
		else
			continue;
		if (!route_fits(s, &candidate) || (specific && candidate.dst.len == 0) ||
		    !is_better(&candidate, found ? &best : NULL))
			continue;
		best = candidate;
		found = true;
	}
	if (found)
		*out = best;
	return found;
}

static const struct kobj_tunnel *find_tunnel(const struct box *b, uint32_t ifindex)
{
	struct object *obj;

	TAILQ_FOREACH(obj, &b->objects, entry) {
		if (obj->o.type == KOBJ_TUNNEL && obj->ifindex == ifindex)
			return &obj->o.tunnel;
	}
	return NULL;
}

static struct hop hop_of(const struct search *s, const struct kobj_route *r)
{
	struct hop h = { .kind = HOP_NONE, .prefsrc = r->prefsrc };
	uint32_t ifindex = dev_index(s->b, &r->dev);

	if (r->type == KROUTE_UNREACHABLE)
		h.kind = HOP_UNREACHABLE;
	else if (r->type == KROUTE_BLACKHOLE)
		h.kind = HOP_BLACKHOLE;
	if (r->type != KROUTE_UNICAST)
		return h;
	h.tunnel = find_tunnel(s->b, ifindex);
	if (h.tunnel && r->encap) {
		h.kind = HOP_ENCAP;
		h.encap_src = r->encap_src;
		h.encap_dst = r->encap_dst;
	} else if (h.tunnel) {
		h.kind = h.tunnel->external ? HOP_NONE : HOP_TUNNEL;
	} else {
		h.i = box_iface(s->b, ifindex);
		h.kind = h.i ? HOP_LINK : HOP_NONE;
		h.via = addr_is_unspecified(&r->via) ? *s->dst : r->via;
	}
	return h;
}

static uint32_t name_index(const struct box *b, const char *name)
{
	struct kdev d = { .ifindex = 0 };

	memcpy(d.name, name, IFNAMSIZ);
	return dev_index(b, &d);
}

static bool must_find_source(const struct search *s, const struct kobj_rule *r)
{
	return r->finds_source && addr_is_unspecified(s->src);
}

static bool rule_fits(const struct search *s, const struct kobj_rule *r)
{
	if ((!must_find_source(s, r) && !src_fits(&r->from, s->src)) ||
	    !prefix_contains(&r->to, s->dst))
		return false;
	if (r->iif[0] && strncmp(r->iif, s->iif[0] ? s->iif : "lo", IFNAMSIZ) != 0)
		return false;
	if (r->oif[0] && s->oif != name_index(s->b, r->oif))
		return false;
	return !r->ip_proto || r->ip_proto == s->proto;
}

/* The rule behind `last` in order of priority, NULL at the end. Rules of equal
 * priority stand in the order of adding. */
static const struct object *next_rule(const struct box *b, const struct object *last)
{
	const struct object *obj, *best = NULL;
	bool behind = !last;

	TAILQ_FOREACH(obj, &b->objects, entry) {
		uint32_t priority;

		if (obj == last)
			behind = true;
		if (obj->o.type != KOBJ_RULE || obj == last)
			continue;
		priority = obj->o.rule.priority;
		if (last && (priority < last->o.rule.priority ||
			     (priority == last->o.rule.priority && !behind)))
			continue;
		if (!best || priority < best->o.rule.priority)
			best = obj;
	}
	return best;
}

/* True when the table decides: a throw route does not. */
static bool try_table(const struct search *s, enum ktable table, bool specific, struct hop *h)
{
	struct kobj_route r;

	if (!find_route(s, table, specific, &r) || r.type == KROUTE_THROW)
		return false;
	*h = hop_of(s, &r);
	return true;
}

/* Linux: what the kernel would choose as the source for this route must be what the rule
 * is for; then that is the source. */
static bool source_is_right(const struct search *s, const struct kobj_rule *r, struct hop *h)
{
	struct in6_addr src;

	if (!must_find_source(s, r))
		return true;
	if (!box_choose_src(s->b, s->dst, h, &src) || !prefix_contains(&r->from, &src)) {
		*h = (struct hop){ .kind = HOP_NONE };
		return false;
	}
	h->prefsrc = src;
	return true;
}

static bool try_rules(const struct search *s, struct hop *h)
{
	const struct object *rule = NULL;

	while ((rule = next_rule(s->b, rule)) != NULL) {
		const struct kobj_rule *r = &rule->o.rule;

		if (!rule_fits(s, r) || r->action == KROUTE_THROW)
			continue;
		if (r->priority > PRIORITY_MAIN)
			break;
		if (r->action != KROUTE_UNICAST) {
			h->kind = r->action == KROUTE_BLACKHOLE ? HOP_BLACKHOLE : HOP_UNREACHABLE;
			return true;
		}
		if (try_table(s, r->table, r->specific, h) && source_is_right(s, r, h))
			return true;
	}
	return try_table(s, KTABLE_MAIN, false, h);
}

/* Link-local addresses and groups: on the interface named, else the first. */
static struct hop on_link_only(const struct search *s)
{
	struct hop h = { .kind = HOP_NONE, .via = *s->dst };

	h.i = s->oif ? box_iface(s->b, s->oif) : TAILQ_FIRST(&s->b->ifaces);
	h.tunnel = s->oif ? find_tunnel(s->b, s->oif) : NULL;
	if (h.i)
		h.kind = HOP_LINK;
	else if (h.tunnel && !h.tunnel->external)
		h.kind = HOP_TUNNEL;
	return h;
}

struct hop box_lookup(const struct box *b, const struct in6_addr *src, const struct in6_addr *dst,
		      uint8_t proto, const char *iif, uint32_t oif)
{
	const struct search s = { b, src, dst, proto, iif, oif };
	const struct object *own = box_own_addr(b, dst, NULL);
	struct hop h = { .kind = HOP_NONE };

	if (own && !own->tentative)
		return (struct hop){ .kind = HOP_LOCAL };
	if (addr_is_multicast(dst) && !oif && try_table(&s, KTABLE_LOCAL, false, &h))
		return h;
	if (addr_is_multicast(dst) || addr_is_linklocal(dst))
		return on_link_only(&s);
	if (try_rules(&s, &h))
		return h;
	if (b->core && !oif && net_core_has(b->L, b, dst))
		h.kind = HOP_CORE;
	return h;
}

/* --- source addresses ---------------------------------------------------------- */

static int common_bits(const struct in6_addr *a, const struct in6_addr *b)
{
	int i;

	for (i = 0; i < 128; i++) {
		if ((a->s6_addr[i / 8] ^ b->s6_addr[i / 8]) & 0x80 >> i % 8)
			break;
	}
	return i;
}

/* RFC 6724 section 5: rules 2 (scope), 3 (deprecated), 4 (home), 5 (interface),
 * 8 (longest prefix). */
static bool is_better_src(const struct object *a, const struct object *b,
			  const struct in6_addr *dst, const struct iface *out)
{
	const struct kobj_addr *x = &a->o.addr, *y = &b->o.addr;
	bool local = addr_is_linklocal(dst);

	if (addr_is_linklocal(&x->addr) != addr_is_linklocal(&y->addr))
		return addr_is_linklocal(&x->addr) == local;
	if ((x->preferred_s == 0) != (y->preferred_s == 0))
		return y->preferred_s == 0;
	if ((x->flags & KADDR_HOME) != (y->flags & KADDR_HOME))
		return (x->flags & KADDR_HOME) != 0;
	if (a->optimistic != b->optimistic)
		return b->optimistic;
	if ((object_iface(a) == out) != (object_iface(b) == out))
		return object_iface(a) == out;
	return common_bits(&x->addr, dst) > common_bits(&y->addr, dst);
}

bool box_choose_src(const struct box *b, const struct in6_addr *dst, const struct hop *h,
		    struct in6_addr *src)
{
	const struct object *obj, *best = NULL;

	if (!addr_is_unspecified(&h->prefsrc)) {
		*src = h->prefsrc;
		return true;
	}
	TAILQ_FOREACH(obj, &b->objects, entry) {
		if (obj->o.type != KOBJ_ADDR || obj->tentative || obj->dad_failed)
			continue;
		if (addr_is_linklocal(&obj->o.addr.addr) && h->i && object_iface(obj) != h->i)
			continue;
		if (!best || is_better_src(obj, best, dst, h->i))
			best = obj;
	}
	if (best)
		*src = best->o.addr.addr;
	return best != NULL;
}

void box_find_gateway(const struct box *b, const struct iface *i, struct klink *l)
{
	const struct object *obj;

	TAILQ_FOREACH(obj, &b->objects, entry) {
		const struct kobj_route *r = &obj->o.route;

		if (obj->o.type != KOBJ_ROUTE || obj->owner != OWNER_ADMIN || r->dst.len ||
		    strncmp(r->dev.name, i->name, IFNAMSIZ) != 0)
			continue;
		l->has_default = true;
		l->gateway = r->via;
	}
}
