// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Interfaces that something else manages (NetworkManager, a VPN, the kernel itself): their
 * addresses and default routes are taken as they are, and nothing is asked, configured or
 * set there (RFC 6275 11.5.3: a care-of address by any means).
 *
 * The main table, where their owners put routes, does not look at the source of a packet:
 * with two such interfaces, what has the care-of address of one would leave by the other,
 * whose router may drop it (RFC 2827), and a handover would not move it. So the care-of
 * address gets a route of its own here as well (see attach.h), by the gateway that the
 * owner's default route has. Which neighbours the interface has is the owner's word: for
 * its prefix the main table is asked.
 *
 * Called by move.c.
 */
#include <string.h>

#include "mn/move.h"

/* The kernel itself keeps addresses of a link that was left: after the carrier was away, what
 * has been said since is of the link that is there now. */
static bool is_of_this_link(const struct move_iface *i, const struct link_addr *a)
{
	return i->cause == ATTACH_LINK_UP && a->told_us >= i->event_us;
}

/* The same order as among our own (move_router.c). */
static unsigned int rank_addr(const struct move_iface *i, const struct link_addr *a)
{
	unsigned int rank = 1;

	if (is_of_this_link(i, a))
		rank += 8;
	if (home_is_in_reach(i->move->m, &a->a.addr))
		rank += 4;
	if (!a->a.deprecated)
		rank += 2;
	return rank + addr_equal(&a->a.addr, &i->move->now.coa);
}

const struct kaddr_event *move_observed_addr(const struct move_iface *i)
{
	const struct link *l = link_find(&i->move->m->links, i->ifindex);
	const struct kaddr_event *best = NULL;
	const struct link_addr *a;
	unsigned int best_rank = 0;

	if (!l)
		return NULL;
	TAILQ_FOREACH (a, &l->addrs, entry) {
		if (!link_addr_usable(a) || !addr_is_routable_unicast(&a->a.addr) || a->a.ours ||
		    home_is_home_address(i->move->m, &a->a.addr))
			continue;
		if (rank_addr(i, a) > best_rank) {
			best_rank = rank_addr(i, a);
			best = &a->a;
		}
	}
	return best;
}

void move_observed_footprint(const struct move_iface *i, struct footprint *f)
{
	const struct kaddr_event *a = move_observed_addr(i);
	struct kobj o;

	if (!a || !i->running || !i->told.has_default)
		return;
	o = move_route_from(i, &a->addr);
	o.route.via = i->told.gateway;
	footprint_add(f, &o);
	if (a->plen == 0 || a->plen == 128)
		return;
	memset(&o.route.via, 0, sizeof(o.route.via));
	memset(&o.route.dev, 0, sizeof(o.route.dev));
	o.route.type = KROUTE_THROW;
	o.route.dst = prefix_of(&a->addr, a->plen);
	footprint_add(f, &o);
}
