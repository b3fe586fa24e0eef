// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What applications send has the home address as its source, and never leaves a foreign
 * link in the clear (RFC 6275 11.3.1; RFC 6724).
 *
 * home_path.c has the way of what has a source address already. Who sends without one gets
 * it from the kernel: that first looks for a route, without a source, then chooses an
 * address by the route's device, and goes that way without a second look. On an interface
 * that is all ours there is no such route; then the kernel chooses first and looks again,
 * with the address. But where somebody else has put a default route (an interface that is
 * only observed, or none of ours; what the kernel learned before we came), the care-of
 * address would be chosen, and the connection would end with the next move; or, with a
 * kernel that knows rule 4 of RFC 6724, the home address would leave in the clear.
 *
 * So there are rules behind that of movement (attach.h), before the main table:
 *
 *	1011	from the home address, and no way was found in our table (link-local
 *		destinations, sockets bound to a device): no way at all, while away
 *	1012	no source yet, to a neighbour of the care-of address, and the home address will
 *		be the source: by table KTABLE_SOURCE
 *	1013	main table, but for its default routes: other links that the machine has
 *	1014	no source yet, and the home address will be the source: by KTABLE_SOURCE
 *
 * In that table there is one default route, the home address' own, without a source. Two
 * home addresses that go different ways share an unreachable one: the kernel then
 * chooses, and looks again, as above. A socket that wants the care-of address (RFC 5014),
 * or is bound to it or to a device, gets past these rules.
 *
 * Called by home_path.c and home.c.
 */
#include <string.h>

#include "core/link.h"
#include "mn/home.h"

#define PRIORITY_GUARD	  1011
#define PRIORITY_ON_LINK  1012
#define PRIORITY_SPECIFIC 1013
#define PRIORITY_SOURCE	  1014

static bool is_away(const struct home_addr *h)
{
	switch (h->state) {
	case HOME_IDLE:
	case HOME_SEEKING:
	case HOME_REGISTERING:
	case HOME_REGISTERED:
	case HOME_REFUSED:
	case HOME_LEAVING:
		return true;
	case HOME_CLAIMING:
	case HOME_RETURNING:
	case HOME_AT_HOME:
		break;
	}
	return false;
}

/* Applications are to have it. */
static bool is_for_use(const struct home_addr *h)
{
	return !h->taken && !h->invalid && !h->leaving && !h->deprecated;
}

static struct kobj rule_from(const struct home_addr *h, uint32_t priority)
{
	struct kobj o;

	memset(&o, 0, sizeof(o));
	o.type = KOBJ_RULE;
	o.rule.priority = priority;
	o.rule.from = prefix_of(&h->hoa, 128);
	return o;
}

static void add_guard(const struct home_addr *h, struct footprint *f)
{
	struct kobj o = rule_from(h, PRIORITY_GUARD);

	o.rule.action = KROUTE_UNREACHABLE;
	footprint_add(f, &o);
}

static void add_choice(const struct home_addr *h, uint32_t priority, const struct prefix *to,
		       struct footprint *f)
{
	struct kobj o = rule_from(h, priority);

	if (to)
		o.rule.to = *to;
	o.rule.action = KROUTE_UNICAST;
	o.rule.table = KTABLE_SOURCE;
	o.rule.finds_source = true;
	footprint_add(f, &o);
}

static void add_specific(struct footprint *f)
{
	struct kobj o;

	memset(&o, 0, sizeof(o));
	o.type = KOBJ_RULE;
	o.rule.priority = PRIORITY_SPECIFIC;
	o.rule.action = KROUTE_UNICAST;
	o.rule.table = KTABLE_MAIN;
	o.rule.specific = true;
	footprint_add(f, &o);
}

/* A node that is nowhere may be online by other means: it shall use them, unless the kernel
 * would take the home address for that. */
static struct kobj without_source(const struct home_addr *h)
{
	struct kobj o = home_default_route(h);

	if (h->state == HOME_IDLE && !h->m->kernel->prefers_home)
		o.route.type = KROUTE_THROW;
	o.route.table = KTABLE_SOURCE;
	memset(&o.route.src, 0, sizeof(o.route.src));
	return o;
}

static struct kobj common_route(const struct home_list *addrs, const struct home_addr *first)
{
	struct kobj o = without_source(first), other;
	const struct home_addr *h;

	TAILQ_FOREACH (h, addrs, entry) {
		other = without_source(h);
		if (!is_for_use(h) || kobj_equal(&o, &other))
			continue;
		memset(&o.route.dev, 0, sizeof(o.route.dev));
		memset(&o.route.via, 0, sizeof(o.route.via));
		o.route.type = KROUTE_UNREACHABLE;
		break;
	}
	return o;
}

void home_note_neighbours(struct home_addr *h)
{
	const struct link_addr *a = link_find_addr(&h->m->links, &h->at.coa, NULL);

	memset(&h->neighbours, 0, sizeof(h->neighbours));
	if (a && a->a.plen < 128)
		h->neighbours = prefix_of(&h->at.coa, a->a.plen);
}

void home_source_footprint(const struct mip6 *m, struct footprint *f)
{
	const struct home_addr *h, *first = NULL;
	struct kobj route;

	TAILQ_FOREACH (h, &home_of(m)->addrs, entry) {
		if (is_away(h))
			add_guard(h, f);
		if (!is_for_use(h))
			continue;
		if (!first)
			first = h;
		if (is_away(h) && h->neighbours.len)
			add_choice(h, PRIORITY_ON_LINK, &h->neighbours, f);
		add_choice(h, PRIORITY_SOURCE, NULL, f);
	}
	if (!first)
		return;
	add_specific(f);
	route = common_route(&home_of(m)->addrs, first);
	footprint_add(f, &route);
}
