// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A correspondent whose configuration changes, option by option (RFC 6275 section 9).
 */
#include "test/ladder/reload.h"

#include "test/ladder/cn_world.h"

#define OTHER "2001:db8:1::101"

static void register_it(struct cn_world *w)
{
	cn_test_careof(w);
	w->bu.bu.lifetime_s = 400;
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=0", S);
	ladder_run(w->L, MS);
}

static struct cn_world *bound(const char *conf)
{
	struct cn_world *w = cn_world_with(conf);

	cn_test_home(w);
	register_it(w);
	assert_int_equal(cn_bindings(w), 1);
	return w;
}

static void ask(struct cn_world *w)
{
	const struct mip6_path path = { .local = w->path.local_home, .peer = ip6(CN) };
	struct mh_msg hoti = { .type = MH_HOTI };

	ladder_send_mh(w->at_home, &path, &hoti);
}

/* What is not wanted any more ends, and its tests are not answered (9.4.1); and back. */
static void forbid_and_allow(const char *forbid, const char *allow)
{
	struct cn_world *w = bound(allow);

	reload(w->cn, forbid);
	ladder_run(w->L, MS);
	assert_int_equal(cn_bindings(w), 0);
	assert_false(box_has(w->cn, HOA));
	ask(w);
	ladder_refuse(w->L, "cn -> hoa HoT", S);
	reload(w->cn, allow);
	cn_test_home(w);
	register_it(w);
	assert_int_equal(cn_bindings(w), 1);
	cn_world_down(w);
}

static void route_optimization(void)
{
	forbid_and_allow("NodeConfig CN; DoRouteOptimizationCN disabled;", "NodeConfig CN;");
}

static void policy_set(void)
{
	forbid_and_allow("NodeConfig CN; CnBindingPolicySet { 2001:db8:1::/64 deny; }",
			 "NodeConfig CN;");
}

static void policy(void)
{
	forbid_and_allow("NodeConfig CN; CnBindingPolicySet { 2001:db8:1::/64 allow; "
			 HOA " " CN " deny; }",
			 "NodeConfig CN; CnBindingPolicySet { 2001:db8:1::/64 allow; "
			 HOA " 2001:db8:f::3 deny; }");
}

/* The older one goes. */
static void most_bindings(void)
{
	struct cn_world *w = bound("NodeConfig CN;");

	cn_use_home(w, OTHER);
	register_it(w);
	assert_int_equal(cn_bindings(w), 2);
	reload(w->cn, "NodeConfig CN; CnMaxBindings 1;");
	ladder_run(w->L, MS);
	assert_int_equal(cn_bindings(w), 1);
	assert_true(box_has(w->cn, OTHER));
	assert_false(box_has(w->cn, HOA "/"));
	cn_world_down(w);
}

/* What was granted lasts; the next update is granted less. */
static void longest_life(void)
{
	struct cn_world *w = bound("NodeConfig CN;");

	reload(w->cn, "NodeConfig CN; CnMaxBindingLife 100;");
	ladder_run(w->L, 150 * S);
	assert_int_equal(cn_bindings(w), 1);
	cn_test_both(w);
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=0 life=100", S);
	ladder_run(w->L, 101 * S);
	assert_int_equal(cn_bindings(w), 0);
	cn_world_down(w);
}

static const char no_interfaces[] = "a correspondent has no interfaces of its own";

const struct reload_case reload_cn_cases[] = {
	/* the same role is part of home agents and mobile nodes */
	{ "DoRouteOptimizationCN", FOR_ALL, .effect = route_optimization },
	{ "CnBindingPolicySet", FOR_ALL, .effect = policy_set },
	{ "CnBindingPolicySet.-", FOR_ALL, .effect = policy },
	{ "CnMaxBindings", FOR_ALL, .effect = most_bindings },
	{ "CnMaxBindingLife", FOR_ALL, .effect = longest_life },
	{ "Interface", FOR_CN, .unused = no_interfaces },
	{ "Interface.IfType", FOR_CN, .unused = no_interfaces },
	{ "Interface.Tunnel", FOR_CN, .unused = no_interfaces },
	{ NULL, 0, .effect = NULL },
};
