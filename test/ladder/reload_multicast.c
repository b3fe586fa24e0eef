// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Multicast at a home agent whose configuration changes, option by option (RFC 6275 10.4.2,
 * 10.4.3).
 */
#include "test/ladder/reload.h"

#include "test/ladder/mc_world.h"

#define OTHER "ff0e::102"
#define THIRD "ff0e::103"

static void on_and_off(void)
{
	struct mc_world *w = mc_up();

	mc_register(w, 0);
	mc_join(w, 0, GROUP);
	assert_int_equal(mc_hears(w, 0, GROUP), 1);
	reload(w->ha, MC_CONF "HaMulticast disabled;");
	ladder_run(w->L, 100 * MS);
	assert_false(mc_listens(w, GROUP));
	assert_int_equal(mc_hears(w, 0, GROUP), 0);
	ladder_mark(w->L);
	ladder_refuse(w->L, "ha -> * MLD-QUERY", 300 * S);
	reload(w->ha, MC_CONF);
	ladder_expect(w->L, "ha -> mn MLD-QUERY", 10 * S);
	ladder_run(w->L, 15 * S);
	assert_int_equal(mc_hears(w, 0, GROUP), 1);
	mc_down(w);
}

#define VIRTUAL                                                                            \
	"NodeConfig HA; UseMnHaIPsec disabled; HaMaxBindingLife 6000; HaSendRouterAdvs disabled;" \
	"HaVirtualHomeLink 2001:db8:1::/64;"

static void interface_of_virtual_links(void)
{
	struct mc_world *w = mc_up_with(VIRTUAL);

	mc_register(w, 0);
	ladder_refuse(w->L, "ha -> * MLD-QUERY", 10 * S);
	reload(w->ha, VIRTUAL "HaMulticastInterface \"eth0\";");
	ladder_expect(w->L, "ha -> mn MLD-QUERY", 10 * S);
	mc_join(w, 0, GROUP);
	assert_true(mc_listens(w, GROUP));
	reload(w->ha, VIRTUAL);
	ladder_run(w->L, S);
	assert_false(mc_listens(w, GROUP));
	mc_down(w);
}

/* From the next one on. */
static void query_interval(void)
{
	struct mc_world *w = mc_up();

	mc_register(w, 0);
	ladder_run(w->L, 60 * S);
	reload(w->ha, MC_CONF "HaMulticastQueryInterval 20;");
	ladder_mark(w->L);
	ladder_expect(w->L, "ha -> mn MLD-QUERY", 125 * S);
	ladder_expect(w->L, "ha -> mn MLD-QUERY", 21 * S);
	ladder_expect(w->L, "ha -> mn MLD-QUERY", 21 * S);
	mc_down(w);
}

/* Two are there and stay; the third finds no room. */
static void limit(const char *conf)
{
	struct mc_world *w = mc_up();

	mc_register(w, 0);
	mc_join(w, 0, GROUP);
	mc_join(w, 0, OTHER);
	reload(w->ha, conf);
	ladder_run(w->L, S);
	mc_join(w, 0, THIRD);
	assert_true(mc_listens(w, GROUP) && mc_listens(w, OTHER));
	assert_false(mc_listens(w, THIRD));
	mc_leave(w, 0, GROUP);
	mc_leave(w, 0, OTHER);
	mc_leave(w, 0, THIRD);
	mc_join(w, 0, THIRD);
	assert_true(mc_listens(w, THIRD));
	mc_down(w);
}

static void most_groups(void)
{
	limit(MC_CONF "HaMaxGroups 1;");
}

static void most_groups_of_one(void)
{
	limit(MC_CONF "HaMaxGroupsPerNode 1;");
}

const struct reload_case reload_multicast_cases[] = {
	{ "HaMulticast", FOR_HA, .effect = on_and_off },
	{ "HaMulticastInterface", FOR_HA, .effect = interface_of_virtual_links },
	{ "HaMulticastQueryInterval", FOR_HA, .effect = query_interval },
	{ "HaMaxGroups", FOR_HA, .effect = most_groups },
	{ "HaMaxGroupsPerNode", FOR_HA, .effect = most_groups_of_one },
	{ NULL, 0, .effect = NULL },
};
