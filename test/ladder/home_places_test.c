// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mobile node and home agents where places are not simple: two interfaces on one link, two
 * home addresses with a home link each, a home link that shall be none, a node that is told
 * to stay (RFC 6275 11.5.1, 11.5.2, 11.5.4, 11.5.5, 11.7.1).
 */
#include "test/ladder/full_world.h"

#include <stdio.h>

#include "mn/attach.h"

#define HOA_B  "2001:db8:b::99"
#define HA_B   "2001:db8:b::2"
#define HOME_B "MnHomeLink \"eth0\" { HomeAddress " HOA_B "/64; HomeAgentAddress " HA_B "; }"

static struct full *start_with_two(int link)
{
	struct full *w = full_new();

	ladder_reconfigure(w->mn, FULL_TWO_CONF);
	ladder_attach(w->mn, "eth1", NULL);
	full_go(w, link);
	ladder_start(w->mn);
	ladder_run(w->L, 10 * S);
	return w;
}

static void assert_home_on(struct full *w, const char *ifname)
{
	assert_true(full_agree_home(w));
	assert_int_equal(full_addr(w)->at.ifindex, box_iface_name(w->mn, ifname)->ifindex);
	assert_true(full_reaches(w));
	assert_true(ladder_ping(w->ha, NULL, &w->hoa));
}

/* RFC 6275 11.5.5: the home address goes from one interface on the home link to another and
 * back; no binding is needed for that, and the node is not its own duplicate. */
static void two_interfaces_are_on_the_home_link(void **state)
{
	struct full *w = start_with_two(0);
	size_t updates;

	(void)state;
	assert_home_on(w, "eth0");
	updates = ladder_count(w->L, "mn -> * BU");
	ladder_move(w->mn, "eth1", w->links[0], LADDER_CARRIER);
	ladder_run(w->L, 5 * S);
	assert_home_on(w, "eth1");
	ladder_move(w->mn, "eth1", NULL, LADDER_CARRIER);
	ladder_run(w->L, 1100 * MS);
	assert_home_on(w, "eth0");
	ladder_move(w->mn, "eth1", w->links[0], LADDER_CARRIER);
	ladder_run(w->L, 5 * S);
	ladder_vanish(w->mn, "eth1");
	ladder_run(w->L, 1100 * MS);
	assert_home_on(w, "eth0");
	assert_int_equal(ladder_count(w->L, "mn -> * BU"), updates);
	full_end(w);
}

/* RFC 6275 11.5.4: two interfaces on one foreign link are two care-of addresses, of which the
 * better is registered. */
static void two_interfaces_are_on_a_foreign_link(void **state)
{
	struct full *w = start_with_two(1);
	struct in6_addr first = full_addr(w)->at.coa;

	(void)state;
	assert_true(full_agree_away(w));
	ladder_move(w->mn, "eth1", w->links[1], LADDER_CARRIER);
	ladder_run(w->L, 10 * S);
	assert_true(full_agree_away(w));
	assert_false(addr_equal(&full_addr(w)->at.coa, &first));
	assert_true(full_reaches(w));
	ladder_vanish(w->mn, "eth1");
	ladder_run(w->L, S);
	assert_true(full_agree_away(w));
	assert_true(addr_equal(&full_addr(w)->at.coa, &first));
	assert_true(full_reaches(w));
	full_end(w);
}

static bool reaches(struct full *w, const char *hoa)
{
	const struct in6_addr a = ip6(hoa);

	return ladder_ping(w->mn, &a, &w->cn_addr) && ladder_ping(w->cn, &w->cn_addr, &a);
}

static enum home_state state_of(const struct full *w, const char *hoa)
{
	const struct in6_addr a = ip6(hoa);

	return home_find(box_mip6(w->mn), &a)->state;
}

/* RFC 6275 11.5.2, 11.7.1: each home address has its own home link and home agent; one is at
 * home while the other is away. */
static void two_home_addresses_have_two_home_links(void **state)
{
	static const int tour[] = { 1, 0, 2, 0, 1, 2, 1, 0 };
	struct full *w = full_new();
	struct box *ha_b = ladder_node(w->L, "hab", FULL_HA_CONF, &ha_role, NULL);

	(void)state;
	ladder_attach(ha_b, "eth0", w->links[2]);
	ladder_addr(ha_b, "eth0", HA_B "/64");
	ladder_gateway(ha_b, w->routers[2]);
	ladder_start(ha_b);
	ladder_reconfigure(w->mn, FULL_MN_CONF HOME_B);
	ladder_start(w->mn);
	for (size_t i = 0; i < sizeof(tour) / sizeof(tour[0]); i++) {
		full_go(w, tour[i]);
		ladder_run(w->L, 5 * S);
		assert_int_equal(state_of(w, HOA), tour[i] == 0 ? HOME_AT_HOME : HOME_REGISTERED);
		assert_int_equal(state_of(w, HOA_B),
				 tour[i] == 2 ? HOME_AT_HOME : HOME_REGISTERED);
		assert_true(reaches(w, HOA));
		assert_true(reaches(w, HOA_B));
		assert_int_equal(box_misuses(w->mn), 0);
	}
	/* one home agent dies: the other home address does not notice */
	full_go(w, 1);
	ladder_run(w->L, 5 * S);
	ladder_crash(ha_b);
	ladder_move(ha_b, "eth0", NULL, LADDER_CARRIER);
	full_go(w, 0);
	ladder_run(w->L, 300 * S);
	assert_int_equal(state_of(w, HOA), HOME_AT_HOME);
	assert_int_equal(state_of(w, HOA_B), HOME_REGISTERING);
	assert_true(reaches(w, HOA));
	ladder_move(ha_b, "eth0", w->links[2], LADDER_CARRIER);
	ladder_start(ha_b);
	ladder_run(w->L, 100 * S);
	assert_true(reaches(w, HOA_B));
	ladder_stop(w->mn, ROLE_SHUTDOWN);
	ladder_run(w->L, 5 * S);
	ladder_stop(ha_b, ROLE_SHUTDOWN);
	full_end(w);
}

/* NoHomeReturn: the home link is a foreign link like any other, even where the address that
 * the node would form there is its home address. */
static void a_home_link_may_be_foreign(void **state)
{
	struct full *w = full_new();
	struct in6_addr eui = addr_eui64(box_iface_name(w->mn, "eth0")->mac);
	const struct prefix home = prefix_of(&w->hoa, 64);
	char text[512];

	(void)state;
	w->hoa = addr_combine(&home, &eui);
	snprintf(text, sizeof(text), FULL_MN_BASE "Interface \"eth0\"; NoHomeReturn enabled;"
		 "MnAddressGeneration eui64; MnHomeLink \"eth0\" { HomeAddress %s/64;"
		 "HomeAgentAddress " HA "; }", ADDR_STR(&w->hoa));
	ladder_reconfigure(w->mn, text);
	full_start_away(w);
	full_go(w, 0);
	ladder_run(w->L, 5 * S);
	assert_true(full_agree_away(w));
	assert_false(addr_equal(&full_addr(w)->at.coa, &w->hoa));
	assert_true(full_reaches(w));
	full_go(w, 2);
	ladder_run(w->L, 5 * S);
	assert_true(full_agree_away(w));
	full_end(w);
}

static void pause_mn(struct full *w, bool on)
{
	mip6_turn(box_mip6(w->mn), ladder_now(w->L));
	attach_pause(box_mip6(w->mn), on);
}

/* `mip6ctl pause`: no move is followed, whatever happens; `resume` makes up for it. */
static void a_pause_outlasts_moves(void **state)
{
	static const int places[] = { 2, 0, 1, -1, 2, -1, 0 };
	struct full *w = full_new();

	(void)state;
	ladder_reconfigure(w->mn, FULL_MN_CONF);
	ladder_start(w->mn);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct in6_addr coa;

		full_go(w, 1);
		ladder_run(w->L, 5 * S);
		assert_true(full_agree_away(w));
		coa = full_addr(w)->at.coa;
		pause_mn(w, true);
		full_go(w, 2);
		ladder_run(w->L, S);
		full_go(w, places[i]);
		if (i % 2)
			ladder_vanish(w->mn, "eth0");
		ladder_run(w->L, 20 * S);
		assert_true(addr_equal(&full_addr(w)->at.coa, &coa));
		if (i % 2)
			ladder_attach(w->mn, "eth0", NULL);
		full_go(w, places[i]);
		ladder_run(w->L, S);
		pause_mn(w, false);
		ladder_run(w->L, 5 * S);
		if (places[i] < 0)
			assert_int_equal(full_addr(w)->state, HOME_IDLE);
		else
			assert_true(places[i] ? full_agree_away(w) : full_agree_home(w));
		if (places[i] >= 0)
			assert_true(full_reaches(w));
	}
	full_end(w);
}

/* RFC 6275 11.4.3, 11.7.1: whatever a reload changes while an update is unanswered, what is
 * in force at the end is what the last configuration says. */
static void a_reload_in_the_middle_of_a_handover(void **state)
{
	static const char *const confs[] = {
		FULL_MN_CONF,
		FULL_MN_CONF "NoHomeReturn enabled;",
		FULL_MN_CONF HOME_B,
		FULL_MN_BASE "Interface \"eth0\"; MnHomeLink \"eth0\" { HomeAddress " HOA "/64; }",
		FULL_MN_BASE "Interface \"eth0\" { MnIfPreference 5; }" FULL_HOME,
		FULL_MN_BASE "MnUseAllInterfaces enabled;" FULL_HOME,
	};
	const size_t count = sizeof(confs) / sizeof(confs[0]);
	struct full *w = full_new();

	(void)state;
	ladder_reconfigure(w->mn, confs[0]);
	full_start_away(w);
	for (size_t i = 0; i < 300; i++) {
		full_go(w, (int)ladder_random(w->L, 3));
		ladder_run(w->L, ladder_random(w->L, 3000));
		ladder_reconfigure(w->mn, confs[ladder_random(w->L, count)]);
		ladder_run(w->L, ladder_random(w->L, 3) ? ladder_random(w->L, 20 * MS) :
							   ladder_random(w->L, 3 * S));
	}
	ladder_reconfigure(w->mn, confs[0]);
	full_go(w, 2);
	ladder_run(w->L, 200 * S);
	assert_true(full_agree_away(w));
	assert_true(full_reaches(w));
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 1);
	full_go(w, 0);
	ladder_run(w->L, 200 * S);
	assert_true(full_agree_home(w));
	assert_true(full_reaches(w));
	full_end(w);
}

/* RFC 6275 11.7.1, RFC 4862 5.5.3: what the routers say of the care-of address bounds the
 * registration; as long as they go on saying it, the node stays bound. */
static void the_links_lifetimes_bound_the_registration(void **state)
{
	struct full *w = full_new();
	struct nd_prefix_info *said = &w->routers[1]->ra.msg.opts.prefix[0];

	(void)state;
	said->valid_s = 40;
	said->preferred_s = 20;
	full_go(w, 1);
	ladder_start(w->mn);
	ladder_expect(w->L, "mn -> ha BU life=40", 5 * S);
	for (int i = 0; i < 20; i++) {
		ladder_run(w->L, 10 * S);
		assert_true(full_agree_away(w));
		assert_in_range(full_addr(w)->bul->granted_s, 24, 40);
	}
	assert_true(full_reaches(w));
	said->valid_s = 86400;
	ladder_run(w->L, 60 * S);
	assert_int_equal(full_addr(w)->bul->granted_s, 60);
	full_end(w);
}

/* RFC 6275 11.5.3, RFC 6724 section 5 rule 6: many routers say a unique local prefix beside the
 * one of the Internet, and before it; from there the home agent cannot be reached. */
static void a_link_has_unique_local_addresses_as_well(void **state)
{
	struct full *w = full_new();
	struct nd_msg *ra = ladder_ra(w->routers[1]);

	(void)state;
	ra->opts.prefix[1] = ra->opts.prefix[0];
	ra->opts.prefix[0].addr = ip6("fd00::");
	ra->opts.prefix_count = 2;
	full_start_away(w);
	assert_false(addr_is_unique_local(&full_addr(w)->at.coa));
	assert_true(full_reaches(w));
	full_end(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_interfaces_are_on_the_home_link),
		cmocka_unit_test(two_interfaces_are_on_a_foreign_link),
		cmocka_unit_test(two_home_addresses_have_two_home_links),
		cmocka_unit_test(a_home_link_may_be_foreign),
		cmocka_unit_test(a_link_has_unique_local_addresses_as_well),
		cmocka_unit_test(a_pause_outlasts_moves),
		cmocka_unit_test(a_reload_in_the_middle_of_a_handover),
		cmocka_unit_test(the_links_lifetimes_bound_the_registration),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
