// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the home agent tells the console: its home links, prefixes, objects. Only
 * reads. Called through the role's table; registrations by hand are in by_hand.c.
 */
#include "ha/ha_show.h"

#include <stdio.h>

#include "core/show.h"
#include "ha/footprint.h"
#include "ha/ha.h"
#include "ha/multicast.h"
#include "ha/registration.h"

void ha_status(struct mip6 *m, struct show *out)
{
	const struct ha_link *hl;

	show_list(out, "home_links");
	TAILQ_FOREACH (hl, &ha_of(m)->links, entry) {
		show_row(out);
		show_text(out, "name", hl->name);
		show_bool(out, "ready", kept_is_there(&hl->kept));
		show_text(out, "advertising", ha_advert_state_name(hl->advert.state));
	}
	show_close(out);
}

void ha_wrong(struct mip6 *m, role_wrong_fn *fn, void *ctx)
{
	const struct ha_link *hl;
	const struct ha_prefix *p;
	bool own = false;
	char text[128];

	TAILQ_FOREACH (p, &ha_of(m)->prefixes, entry)
		own |= p->own;
	if (!own)
		fn("nobody can register: no home link has a global address of this machine",
		   "ip -6 address add PREFIX::1/64 dev INTERFACE", ctx);
	TAILQ_FOREACH (hl, &ha_of(m)->links, entry) {
		if (kept_is_there(&hl->kept))
			continue;
		snprintf(text, sizeof(text), "the home link %s is not served yet", hl->name);
		fn(text, "interfaces, kernel diff", ctx);
	}
}

static void show_prefixes(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	const struct ha_prefix *p;

	(void)argc;
	(void)argv;
	show_list(out, "prefixes");
	TAILQ_FOREACH (p, &ha_of(m)->prefixes, entry) {
		const struct ha_link *hl = ha_link_find(m, p->ifindex);

		show_row(out);
		show_text(out, "link", hl ? hl->name : "virtual");
		show_prefix(out, "prefix", &p->prefix);
		show_until(out, "valid", p->valid_until_us, m->now_us);
		show_until(out, "preferred", p->preferred_until_us, m->now_us);
		show_bool(out, "own", p->own);
		show_bool(out, "advertised", p->heard);
	}
	show_close(out);
}

static void show_agents(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	const struct ha_agent *g;

	(void)argc;
	(void)argv;
	show_list(out, "home_agents");
	TAILQ_FOREACH (g, &ha_of(m)->agents, entry) {
		const struct ha_link *hl = ha_link_find(m, g->ifindex);

		for (unsigned int i = 0; i < g->addr_count; i++) {
			show_row(out);
			show_text(out, "link", hl ? hl->name : "");
			show_addr(out, "address", &g->addrs[i]);
			show_addr(out, "link_local", &g->link_local);
			show_number(out, "preference", g->preference);
			show_until(out, "left", g->until_us, m->now_us);
		}
	}
	show_close(out);
}

static void show_groups(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	struct in6_addr group;

	if (argc < 2)
		ha_multicast_show(m, out);
	else if (addr_parse(argv[1], &group) == 0)
		ha_multicast_show_group(m, out, &group);
	else
		show_format(out, "error", "%s is no address of a group", argv[1]);
}

const struct role_show ha_shows[] = {
	{ "groups", "[GROUP]", "multicast groups of mobile nodes; or who listens to one",
	  "groups", show_groups },
	{ "hal", "", "other home agents of the home links", "hal", show_agents },
	{ "pl", "", "the prefix list", "pl", show_prefixes },
	{ .word = NULL },
};

void ha_objects(struct mip6 *m, role_object_fn *fn, void *ctx)
{
	const struct ha_link *hl;
	struct binding *b;
	uint64_t at = 0;

	footprint_each(&ha_of(m)->base.have, fn, ctx);
	footprint_each(&ha_of(m)->own.have, fn, ctx);
	TAILQ_FOREACH (hl, &ha_of(m)->links, entry)
		footprint_each(&hl->kept.have, fn, ctx);
	ha_multicast_objects(m, fn, ctx);
	while ((b = bcache_walk(&m->bcache, &at))) {
		struct footprint f;

		if (b->kind != BINDING_HOME)
			continue;
		footprint_init(&f);
		ha_footprint(&b->key.hoa, ha_registration_side(b), &b->installed, &f);
		footprint_each(&f, fn, ctx);
		footprint_free(&f);
	}
}

void ha_ways(struct mip6 *m, const struct in6_addr *peer, role_way_fn *fn, void *ctx)
{
	const struct binding *b = peer ? bcache_find_hoa(&m->bcache, peer, BINDING_HOME) : NULL;
	struct role_way w = { .name = "home address" };

	if (!b || !b->installed.valid)
		return;
	w.to = b->key.hoa;
	snprintf(w.how, sizeof(w.how), "through the tunnel to %s", ADDR_STR(&b->installed.coa));
	fn(&w, ctx);
	w = (struct role_way){ .name = "care-of address", .to = b->installed.coa };
	snprintf(w.how, sizeof(w.how), "without mobility");
	fn(&w, ctx);
}

bool ha_end_binding(struct mip6 *m, struct binding *b)
{
	if (b->kind != BINDING_HOME)
		return false;
	ha_registration_end(m, b);
	return true;
}
