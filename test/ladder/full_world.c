// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The small internetwork of full_world.h.
 */
#include "test/ladder/full_world.h"

#include <stdlib.h>
#include <string.h>

struct full *full_new(void)
{
	static const char *const names[] = { "home", "a", "b" };
	static const char *const addrs[] = { "2001:db8::1/64", "2001:db8:a::1/64",
					     "2001:db8:b::1/64" };
	static const char *const router_names[] = { "r0", "ra", "rb" };
	struct full *w = calloc(1, sizeof(*w));
	struct net_link *far;
	struct box *r2;
	int i;

	assert_non_null(w);
	w->L = ladder_new();
	for (i = 0; i < 3; i++) {
		w->links[i] = ladder_link(w->L, names[i]);
		w->routers[i] = ladder_router(w->L, router_names[i], w->links[i], addrs[i],
					      1000 * MS);
	}
	far = ladder_link(w->L, "far");
	r2 = ladder_router(w->L, "r2", far, "2001:db8:2::1/64", 0);
	w->ha = ladder_node(w->L, "ha", FULL_HA_CONF, &ha_role, &cn_role, NULL);
	ladder_attach(w->ha, "eth0", w->links[0]);
	ladder_addr(w->ha, "eth0", HA "/64");
	ladder_gateway(w->ha, w->routers[0]);
	w->mn = ladder_node(w->L, "mn", FULL_MN_CONF, &mn_role, &cn_role, NULL);
	ladder_attach(w->mn, "eth0", NULL);
	w->cn = ladder_host(w->L, "cn", far, CN "/64", r2);
	w->hoa = ip6(HOA);
	w->cn_addr = ip6(CN);
	ladder_start(w->ha);
	ladder_run(w->L, 2 * S);
	return w;
}

void full_end(struct full *w)
{
	ladder_end(w->mn);
	ladder_run(w->L, 5 * S);
	ladder_end(w->ha);
	ladder_free(w->L);
	free(w);
}

void full_go(struct full *w, int link)
{
	ladder_move(w->mn, "eth0", link < 0 ? NULL : w->links[link], LADDER_CARRIER);
}

void full_start_away(struct full *w)
{
	full_go(w, 1);
	ladder_start(w->mn);
	ladder_run(w->L, 5 * S);
	assert_true(full_agree_away(w));
}

const struct home_addr *full_addr(const struct full *w)
{
	return home_find(box_mip6(w->mn), &w->hoa);
}

const struct binding *full_binding(const struct full *w)
{
	const struct in6_addr ha = ip6(HA);
	const struct binding *b = bcache_find(&box_mip6(w->ha)->bcache, &w->hoa, &ha);

	return b && b->state == BINDING_ACTIVE ? b : NULL;
}

bool full_agree_away(const struct full *w)
{
	const struct home_addr *h = full_addr(w);
	const struct binding *b = full_binding(w);

	return h->state == HOME_REGISTERED && b && addr_equal(&b->want.coa, &h->at.coa) &&
	       b->seq == h->bul->seq;
}

bool full_agree_home(const struct full *w)
{
	return full_addr(w)->state == HOME_AT_HOME && !full_binding(w);
}

bool full_reaches(struct full *w)
{
	return ladder_ping(w->mn, &w->hoa, &w->cn_addr) &&
	       ladder_ping(w->cn, &w->cn_addr, &w->hoa);
}

void full_quality(struct full *w, const struct quality *q)
{
	int i;

	for (i = 0; i < 3; i++)
		ladder_quality(w->links[i], q);
}

