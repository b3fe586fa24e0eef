// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A mobile node whose configuration changes, option by option: interfaces and movement
 * (RFC 6275 11.5).
 */
#include "test/ladder/reload.h"

#include "mn/attach.h"
#include "mn/home.h"
#include "mn/mn.h"
#include "test/ladder/box.h"
#include "test/ladder/ro_world.h"

#define HEAD                                                                               \
	"NodeConfig MN; UseMnHaIPsec disabled; InterfaceInitialInitDelay 0.0;"                 \
	"DoRouteOptimizationMN disabled; MnHomeLink \"eth0\" { HomeAddress " HOA "/64;"        \
	"HomeAgentAddress " HA "; }"
#define NO_IF HEAD "CoaDad none;"
#define ONE_IF NO_IF "Interface \"eth0\";"

static const struct attachment *at(const struct world *w)
{
	return attach_current(box_mip6(w->mn));
}

static bool is_on(const struct world *w, const char *ifname)
{
	return at(w)->usable && at(w)->ifindex == box_iface_name(w->mn, ifname)->ifindex;
}

/* Registered with a care-of address of that prefix. */
static bool is_bound_in(const struct world *w, const char *prefix)
{
	const struct home_addr *h = home_find(box_mip6(w->mn), &w->hoa);
	const struct in6_addr p = ip6(prefix);

	return h && h->state == HOME_REGISTERED && memcmp(&h->at.coa, &p, 8) == 0;
}

static struct world *away(const char *conf)
{
	struct world *w = world_build(conf, NULL);

	world_go(w, 1);
	ladder_run(w->L, 5 * S);
	return w;
}

/* Everything on the interface is as it was before; and it can be used again. */
static void goes_and_comes(const char *without)
{
	struct world *w = away(ONE_IF);
	char coa[INET6_ADDRSTRLEN + 8];

	assert_true(is_bound_in(w, "2001:db8:a::"));
	snprintf(coa, sizeof(coa), "%s/64", ADDR_STR(&at(w)->coa));
	assert_true(box_has(w->mn, coa) && box_count(w->mn, KOBJ_SYSCTL) > 0);
	reload(w->mn, without);
	ladder_run(w->L, S);
	assert_false(at(w)->usable);
	assert_false(box_has(w->mn, coa));
	assert_int_equal(box_count(w->mn, KOBJ_SYSCTL), 0);
	reload(w->mn, ONE_IF);
	ladder_run(w->L, 5 * S);
	assert_true(is_bound_in(w, "2001:db8:a::"));
	world_down(w);
}

static void interface(void)
{
	goes_and_comes(NO_IF);
}

static void if_type(void)
{
	goes_and_comes(NO_IF "Interface \"eth0\" { IfType CN; }");
}

/* Observed: nothing is put there, and an address of somebody else serves. */
static void tunnel(void)
{
	const struct in6_addr other = ip6("2001:db8:a::77");
	struct world *w = away(ONE_IF);

	ladder_addr(w->mn, "eth0", "2001:db8:a::77/64");
	ladder_run(w->L, S);
	ladder_mark(w->L);
	reload(w->mn, NO_IF "Interface \"eth0\" { Tunnel enabled; }");
	ladder_run(w->L, 100 * MS);
	assert_int_equal(box_count(w->mn, KOBJ_SYSCTL), 0);
	assert_memory_equal(&at(w)->coa, &other, sizeof(other));
	reload(w->mn, ONE_IF);
	ladder_run(w->L, 5 * S);
	assert_true(box_count(w->mn, KOBJ_SYSCTL) > 0);
	assert_true(is_bound_in(w, "2001:db8:a::"));
	world_down(w);
}

#define TWO_IFS(a, b)                                                                      \
	NO_IF "Interface \"eth0\" { MnIfPreference " a "; }"                                   \
	      "Interface \"eth1\" { MnIfPreference " b "; }"

static void preference(void)
{
	struct world *w = world_build(TWO_IFS("1", "2"), NULL);

	ladder_attach(w->mn, "eth1", w->links[2]);
	world_go(w, 1);
	ladder_run(w->L, 5 * S);
	assert_true(is_on(w, "eth0"));
	reload(w->mn, TWO_IFS("2", "1"));
	ladder_run(w->L, S);
	assert_true(is_on(w, "eth1") && is_bound_in(w, "2001:db8:b::"));
	reload(w->mn, TWO_IFS("2", "0")); /* never */
	ladder_run(w->L, S);
	assert_true(is_on(w, "eth0"));
	world_down(w);
}

static void all_interfaces(void)
{
	struct world *w = world_build(ONE_IF, NULL);

	ladder_attach(w->mn, "eth1", w->links[1]);
	ladder_run(w->L, 5 * S);
	assert_false(at(w)->usable);
	reload(w->mn, ONE_IF "MnUseAllInterfaces enabled;");
	ladder_run(w->L, 5 * S);
	assert_true(is_on(w, "eth1") && is_bound_in(w, "2001:db8:a::"));
	reload(w->mn, ONE_IF);
	ladder_run(w->L, S);
	assert_false(at(w)->usable);
	world_down(w);
}

/* The network changes without a sign: how long until it is left. */
static uint64_t leaves_after(struct world *w, int link, const char *prefix)
{
	uint64_t began_us;

	ladder_run(w->L, 5 * S);
	ladder_move(w->mn, "eth0", w->links[link], LADDER_SILENT);
	ladder_mark(w->L);
	ladder_expect(w->L, link == 1 ? "ra -> *a RA" : "rb -> *b RA", 2 * S);
	began_us = ladder_now(w->L);
	while (!is_bound_in(w, prefix) && ladder_now(w->L) - began_us < 20 * S)
		ladder_run(w->L, 10 * MS);
	return ladder_now(w->L) - began_us;
}

static void router_probes(void)
{
	struct world *w = away(ONE_IF "MnRouterProbes 4; MnRouterProbeTimeout 1.0;");

	assert_in_range(leaves_after(w, 2, "2001:db8:b::"), 3500 * MS, 5000 * MS);
	reload(w->mn, ONE_IF "MnRouterProbes 0; MnRouterProbeTimeout 1.0;");
	assert_in_range(leaves_after(w, 1, "2001:db8:a::"), 0, 300 * MS);
	world_down(w);
}

static void probe_timeout(void)
{
	struct world *w = away(ONE_IF "MnRouterProbes 2; MnRouterProbeTimeout 2.0;");

	assert_in_range(leaves_after(w, 2, "2001:db8:b::"), 3500 * MS, 5000 * MS);
	reload(w->mn, ONE_IF "MnRouterProbes 2; MnRouterProbeTimeout 0.3;");
	assert_in_range(leaves_after(w, 1, "2001:db8:a::"), 500 * MS, 1000 * MS);
	world_down(w);
}

/* Of the next address. */
static void address_detection(void)
{
	struct world *w = away(ONE_IF);

	reload(w->mn, HEAD "Interface \"eth0\"; CoaDad full;");
	ladder_run(w->L, 3 * S);
	assert_true(is_bound_in(w, "2001:db8:a::"));
	ladder_mark(w->L);
	world_go(w, 2);
	ladder_run(w->L, 900 * MS);
	assert_false(is_bound_in(w, "2001:db8:b::"));
	ladder_run(w->L, 3 * S);
	assert_true(is_bound_in(w, "2001:db8:b::"));
	reload(w->mn, ONE_IF);
	world_go(w, 1);
	ladder_run(w->L, 500 * MS);
	assert_true(is_bound_in(w, "2001:db8:a::"));
	world_down(w);
}

static void address_generation(void)
{
	struct world *w = away(ONE_IF);
	const struct iface *i = box_iface_name(w->mn, "eth0");
	const struct in6_addr eui = addr_eui64(i->mac);

	assert_memory_not_equal(&at(w)->coa.s6_addr[8], &eui.s6_addr[8], 8);
	reload(w->mn, ONE_IF "MnAddressGeneration eui64;");
	ladder_run(w->L, S);
	assert_memory_not_equal(&at(w)->coa.s6_addr[8], &eui.s6_addr[8], 8);
	world_go(w, 2);
	ladder_run(w->L, 3 * S);
	assert_true(is_bound_in(w, "2001:db8:b::"));
	assert_memory_equal(&at(w)->coa.s6_addr[8], &eui.s6_addr[8], 8);
	world_down(w);
}

/* A better interface comes; right behind the update: whether data goes by it already. */
static bool data_leads(struct world *w)
{
	const struct home_addr *h = home_find(box_mip6(w->mn), &w->hoa);

	ladder_move(w->mn, "eth1", w->links[2], LADDER_CARRIER);
	for (int i = 0; i < 500 && !h->next_tunnel; i++)
		ladder_run(w->L, 10 * MS);
	assert_non_null(h->next_tunnel);
	ladder_run(w->L, 50 * MS);
	return h->led;
}

static void former_serves(void)
{
	const struct quality slow = { .latency_us = 200 * MS };
	struct world *w = world_build(TWO_IFS("2", "1"), NULL);

	ladder_core_quality(w->L, &slow);
	ladder_attach(w->mn, "eth1", NULL);
	world_go(w, 1);
	ladder_run(w->L, 5 * S);
	assert_true(data_leads(w));
	ladder_run(w->L, 10 * S);
	ladder_move(w->mn, "eth1", NULL, LADDER_CARRIER);
	ladder_run(w->L, 10 * S);
	reload(w->mn, TWO_IFS("2", "1") "MnFormerCoaServes enabled;");
	assert_false(data_leads(w));
	ladder_run(w->L, 10 * S);
	world_down(w);
}

const struct reload_case reload_move_cases[] = {
	{ "Interface", FOR_MN, .effect = interface },
	{ "Interface.IfType", FOR_MN, .effect = if_type },
	{ "Interface.Tunnel", FOR_MN, .effect = tunnel },
	{ "Interface.MnIfPreference", FOR_MN, .effect = preference },
	{ "MnFormerCoaServes", FOR_MN, .effect = former_serves },
	{ "MnUseAllInterfaces", FOR_MN, .effect = all_interfaces },
	{ "MnRouterProbes", FOR_MN, .effect = router_probes },
	{ "MnRouterProbeTimeout", FOR_MN, .effect = probe_timeout },
	{ "CoaDad", FOR_MN, .effect = address_detection },
	{ "MnAddressGeneration", FOR_MN, .effect = address_generation },
	{ NULL, 0, .effect = NULL },
};
