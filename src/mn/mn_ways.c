// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ways of a mobile node to others, for the console's `ping` and `netcheck`: from each
 * home address, by the tunnel, directly or over the home link, and from the care-of
 * address (RFC 6275 11.3.1). Called through the role's table.
 */
#include <stdio.h>
#include <string.h>

#include "mn/attach.h"
#include "mn/home.h"
#include "mn/mn_show.h"
#include "mn/ro.h"

static bool is_direct(const struct mip6 *m, const struct home_addr *h, const struct in6_addr *peer)
{
	const struct ro_peer *p;

	TAILQ_FOREACH (p, &mn_of(m)->ro->peers, entry) {
		if (p->installed && addr_equal(&p->hoa, &h->hoa) && addr_equal(&p->peer, peer))
			return true;
	}
	return false;
}

static void way_from_home(const struct home_addr *h, const struct in6_addr *peer,
			  role_way_fn *fn, void *ctx)
{
	struct role_way w = { .name = "home address", .from = h->hoa, .to = *peer };

	if (is_direct(h->m, h, peer))
		snprintf(w.how, sizeof(w.how), "directly, with a Home Address option");
	else if (h->state == HOME_AT_HOME)
		snprintf(w.how, sizeof(w.how), "over the home link");
	else if (h->state == HOME_REGISTERED)
		snprintf(w.how, sizeof(w.how), "through the tunnel to %s", ADDR_STR(&h->ha));
	else
		snprintf(w.how, sizeof(w.how), "not yet: %s", home_state_name(h->state));
	fn(&w, ctx);
}

static void ways_to(struct mip6 *m, const struct in6_addr *peer, role_way_fn *fn, void *ctx)
{
	const struct attachment *at = attach_current(m);
	struct role_way careof = { .name = "care-of address", .to = *peer };
	const struct home_addr *h;

	TAILQ_FOREACH (h, &home_of(m)->addrs, entry)
		way_from_home(h, peer, fn, ctx);
	if (!at->usable)
		return;
	careof.from = at->coa;
	snprintf(careof.how, sizeof(careof.how), "without mobility");
	fn(&careof, ctx);
}

/* To the home agent without mobility; and, if it has acknowledged, by the tunnel, whose
 * packets others may drop. */
static void way_to_agent(const struct home_addr *h, role_way_fn *fn, void *ctx)
{
	struct role_way w = { .name = "home agent", .from = h->at.coa, .to = h->ha };

	snprintf(w.silent, sizeof(w.silent),
		 "is the home agent's address right? ip -6 route get %s from %s",
		 ADDR_STR(&h->ha), ADDR_STR(&h->at.coa));
	if (home_is_unheard(h)) {
		snprintf(w.but, sizeof(w.but), "but none of %u Binding Updates of %s",
			 h->bul->resends + 1, ADDR_STR(&h->hoa));
		snprintf(w.mend, sizeof(w.mend), "there: mip6ctl status; does a filter on the way "
			 "drop protocol 135?%s", home_is_protected(h) ?
			 " IPsec: has each side its associations (ip xfrm state)?" : "");
	}
	fn(&w, ctx);
	if (h->state != HOME_REGISTERED)
		return;
	w = (struct role_way){ .name = "tunnel to", .from = h->hoa, .to = h->ha };
	snprintf(w.silent, sizeof(w.silent), "does a filter on the way drop protocol 41?%s",
		 home_is_protected(h) ? " IPsec: protocol 50?" : "");
	fn(&w, ctx);
}

static void ways_needed(struct mip6 *m, role_way_fn *fn, void *ctx)
{
	const struct attachment *at = attach_current(m);
	const struct link *l = at->usable ? link_find(&m->links, at->ifindex) : NULL;
	const struct home_addr *h;
	struct role_way w = { .name = "router", .ifindex = at->ifindex };

	if (!l)
		return;
	w.to = at->router;
	if (link_local_addr(l))
		w.from = *link_local_addr(l);
	snprintf(w.silent, sizeof(w.silent), "look at the link %s, and at `mip6ctl routers`",
		 l->l.name);
	if (!addr_is_unspecified(&w.to))
		fn(&w, ctx);
	TAILQ_FOREACH (h, &home_of(m)->addrs, entry) {
		if (!addr_is_unspecified(&h->ha))
			way_to_agent(h, fn, ctx);
	}
}

void mn_ways(struct mip6 *m, const struct in6_addr *peer, role_way_fn *fn, void *ctx)
{
	if (peer)
		ways_to(m, peer, fn, ctx);
	else
		ways_needed(m, fn, ctx);
}
