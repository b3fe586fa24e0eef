// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the home agent tells the console: its home links and prefixes; and the word that
 * ends registrations. Called through the role's table.
 */
#include "ha/ha_show.h"

#include <errno.h>
#include <string.h>

#include "core/show.h"
#include "ha/ha.h"
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

const struct role_show ha_shows[] = {
	{ "hal", "other home agents of the home links", show_agents },
	{ "pl", "the prefix list", show_prefixes },
	{ NULL, NULL, NULL },
};

static int end_one(struct mip6 *m, struct show *out, const char *text)
{
	struct in6_addr hoa;
	struct binding *b;

	if (addr_parse(text, &hoa) < 0) {
		show_format(out, "error", "'%s' is no address", text);
		return -EINVAL;
	}
	b = bcache_find_hoa(&m->bcache, &hoa, BINDING_HOME);
	if (!b || b->state == BINDING_MEMORY) {
		show_format(out, "error", "%s is not registered", text);
		return -ENOENT;
	}
	ha_registration_end(m, b);
	return 0;
}

/* unbind HOME-ADDRESS | all */
static int unbind(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	struct binding *b;
	uint64_t at = 0;

	if (argc < 2) {
		show_text(out, "error", "which: a home address, or all");
		return -EINVAL;
	}
	if (strcmp(argv[1], "all") != 0)
		return end_one(m, out, argv[1]);
	while ((b = bcache_walk(&m->bcache, &at))) {
		if (b->kind == BINDING_HOME)
			ha_registration_end(m, b);
	}
	return 0;
}

const struct role_command ha_commands[] = {
	{ "unbind", "end a registration: HOME-ADDRESS, or all", unbind },
	{ NULL, NULL, NULL },
};
