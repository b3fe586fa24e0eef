// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Multicast packets at the home agent, both ways (RFC 6275 10.4.2, 10.4.5, 11.3.4), and the
 * bounds, options and life of it all.
 */
#include "test/ladder/mc_world.h"

#include <stdio.h>

#include "ha/multicast.h"
#include "ha/work.h"

/* --- data of nodes ----------------------------------------------------------------------- */

/* 11.3.4, 10.4.2: to the home link and to other nodes, once, and not back. */
static void a_node_speaks_to_a_group(void **state)
{
	struct mc_world *w = mc_up();

	(void)state;
	mc_register(w, 0);
	mc_register(w, 1);
	ladder_join(w->host, "eth0", GROUP);
	mc_say(w, 0, mc_hoas[0], mc_coas[0], GROUP, 9);
	assert_int_equal(ladder_heard(w->host), 1);
	mc_join(w, 0, GROUP);
	mc_join(w, 1, GROUP);
	mc_say(w, 0, mc_hoas[0], mc_coas[0], GROUP, 9);
	assert_int_equal(ladder_heard(w->host), 2);
	assert_int_equal(ladder_heard(w->mn[1]), 1);
	assert_int_equal(ladder_heard(w->mn[0]), 0);
	assert_int_equal(mc_counter(w, COUNT_MCAST_FROM_NODE), 2);
	mc_down(w);
}

/* 10.4.5, and what a router would not pass on. */
static void what_is_not_passed_on(void **state)
{
	struct mc_world *w = mc_up();

	(void)state;
	mc_register(w, 0);
	ladder_join(w->host, "eth0", GROUP);
	ladder_join(w->host, "eth0", "ff05::1:3");
	mc_say(w, 0, mc_hoas[0], mc_others[0], GROUP, 9); /* not from the care-of address */
	assert_int_equal(mc_counter(w, COUNT_MCAST_UNBOUND), 1);
	mc_say(w, 0, HOST, mc_coas[0], GROUP, 9); /* not from the home address */
	assert_int_equal(mc_counter(w, COUNT_MCAST_UNBOUND), 2);
	mc_say(w, 0, mc_hoas[0], mc_coas[0], "ff05::1:3", 9);
	assert_int_equal(mc_counter(w, COUNT_MCAST_SCOPE), 1);
	mc_say(w, 0, mc_hoas[0], mc_coas[0], GROUP, 1);
	assert_int_equal(mc_counter(w, COUNT_MCAST_HOPS), 1);
	mc_say(w, 0, mc_locals[0], mc_coas[0], GROUP, 9);
	assert_int_equal(mc_counter(w, COUNT_MCAST_SOURCE), 1);
	assert_int_equal(ladder_heard(w->host), 0);
	mc_say(w, 0, mc_hoas[0], mc_coas[0], GROUP, 2);
	assert_int_equal(ladder_heard(w->host), 1);
	ladder_refuse(w->L, "ha -> mn ERROR", 0);
	mc_down(w);
}

/* RFC 2473 7.1, RFC 4443 2.4 e: the one error that a multicast may cause. */
static void too_big_for_a_tunnel(void **state)
{
	static const uint8_t data[1440] = { 0, 1, 0, 1, 1440 / 256, 1440 % 256 };
	const struct in6_addr from = ip6(HOST), to = ip6(GROUP);
	struct mc_world *w = mc_up();

	(void)state;
	mc_register(w, 0);
	mc_join(w, 0, GROUP);
	box_output(w->host, packet_new(&from, &to, WIRE_PROTO_UDP, data, sizeof(data)),
		   TAILQ_FIRST(&w->host->ifaces)->ifindex, true);
	ladder_expect(w->L, "ha -> host ERROR type=2 value=1280 to=" GROUP, S);
	assert_int_equal(mc_counter(w, COUNT_MCAST_TOO_BIG), 1);
	assert_int_equal(ladder_heard(w->mn[0]), 0);
	mc_down(w);
}

/* --- bounds, options, life --------------------------------------------------------------- */

static void groups_are_bounded(void **state)
{
	struct mc_world *w = mc_up_with(MC_CONF "HaMaxGroups 3; HaMaxGroupsPerNode 2;");

	(void)state;
	mc_register(w, 0);
	mc_register(w, 1);
	mc_join(w, 0, "ff0e::1");
	mc_join(w, 0, "ff0e::2");
	mc_join(w, 0, "ff0e::3");
	assert_int_equal(mc_counter(w, COUNT_MCAST_FULL), 1);
	assert_int_equal(box_count(w->ha, KOBJ_GROUP), 2);
	mc_join(w, 1, "ff0e::4");
	mc_join(w, 1, "ff0e::5");
	assert_int_equal(mc_counter(w, COUNT_MCAST_FULL), 2);
	assert_int_equal(box_count(w->ha, KOBJ_GROUP), 3);
	mc_join(w, 1, "ff0e::1"); /* is there already */
	assert_int_equal(mc_hears(w, 1, "ff0e::1"), 1);
	mc_leave(w, 0, "ff0e::2");
	assert_int_equal(box_count(w->ha, KOBJ_GROUP), 2);
	mc_down(w);
}

/* 10.4.3: without the support, messages are silently ignored. */
static void it_can_be_disabled(void **state)
{
	struct mc_world *w = mc_up_with(MC_CONF "HaMulticast disabled;");

	(void)state;
	mc_register(w, 0);
	mc_join(w, 0, GROUP);
	ladder_refuse(w->L, "ha -> * MLD-QUERY", 300 * S);
	assert_false(mc_listens(w, GROUP));
	assert_int_equal(mc_hears(w, 0, GROUP), 0);
	ladder_mark(w->L);
	ladder_reconfigure(w->ha, MC_CONF);
	ladder_expect(w->L, "ha -> mn MLD-QUERY", S);
	ladder_run(w->L, S);
	assert_int_equal(mc_hears(w, 0, GROUP), 1);
	ladder_reconfigure(w->ha, MC_CONF "HaMulticast disabled;");
	ladder_run(w->L, S);
	assert_false(mc_listens(w, GROUP));
	ladder_refuse(w->L, "ha -> * MLD-QUERY", 300 * S);
	mc_down(w);
}

#define VIRTUAL_CONF                                                                           \
	"NodeConfig HA; UseMnHaIPsec disabled; HaVirtualHomeLink 2001:db8:1::/64;"             \
	"HaMaxBindingLife 6000; HaSendRouterAdvs disabled;"

/* A virtual home link has groups where an interface is named for them. */
static void virtual_home_links(void **state)
{
	struct mc_world *w = mc_up_with(VIRTUAL_CONF);

	(void)state;
	mc_register(w, 0);
	ladder_refuse(w->L, "ha -> * MLD-QUERY", 200 * S);
	ladder_mark(w->L);
	ladder_reconfigure(w->ha, VIRTUAL_CONF "HaMulticastInterface \"eth0\";");
	ladder_expect(w->L, "ha -> mn MLD-QUERY", S);
	mc_join(w, 0, GROUP);
	assert_int_equal(mc_hears(w, 0, GROUP), 1);
	ladder_join(w->host, "eth0", GROUP);
	mc_say(w, 0, mc_hoas[0], mc_coas[0], GROUP, 9);
	assert_int_equal(ladder_heard(w->host), 1);
	mc_down(w);
}

/* 10.4.2, 5.5: what must be protected is not sent in the clear, and a policy for payload
 * knows no groups. */
static void not_beside_protected_payload(void **state)
{
	static const char conf[] =
		"NodeConfig HA; Interface \"eth0\"; HaMaxBindingLife 6000;"
		"HaSendRouterAdvs disabled;"
		"IPsecPolicySet { HomeAgentAddress " HA "; HomeAddress 2001:db8:1::100/64;"
		" IPsecPolicy TunnelPayload UseESP; }";
	struct mc_world *w = mc_up_with(conf);

	(void)state;
	for (size_t i = 0; i < MC_NODES; i++)
		mc_register_by_hand(w, mc_hoas[i], mc_coas[i]);
	ladder_expect(w->L, "ha -> mn2 MLD-QUERY", S);
	mc_join(w, 0, GROUP);
	assert_false(mc_listens(w, GROUP));
	assert_int_equal(ladder_count(w->L, "ha -> mn MLD-QUERY"), 0);
	mc_down(w);
}

/* Memberships go with the process; nodes are asked at once, and answer. */
static void after_a_crash(void **state)
{
	struct mc_world *w = mc_up();

	(void)state;
	mc_register(w, 0);
	mc_join(w, 0, GROUP);
	ladder_crash(w->ha);
	assert_false(mc_listens(w, GROUP));
	ladder_mark(w->L);
	ladder_start(w->ha);
	ladder_expect(w->L, "ha -> mn MLD-QUERY group=::", 2 * S);
	ladder_run(w->L, S);
	assert_int_equal(mc_hears(w, 0, GROUP), 1);
	mc_down(w);
}

/* The group that a member waits in may go while packets do; many members get it in turns. */
static void many_members(void **state)
{
	enum { COUNT = 600 };
	struct mc_world *w = mc_up();
	struct mip6 *m = box_mip6(w->ha);
	const struct in6_addr group = ip6(GROUP);
	char hoa[40], coa[40];
	uint64_t before;

	(void)state;
	for (unsigned int i = 0; i < COUNT; i++) {
		snprintf(hoa, sizeof(hoa), "2001:db8:1::1:%x", i);
		snprintf(coa, sizeof(coa), "2001:db8:a::1:%x", i);
		mc_register_by_hand(w, hoa, coa);
	}
	ladder_run(w->L, S);
	for (unsigned int i = 0; i < COUNT; i++) {
		const struct binding *b;
		struct in6_addr a;

		snprintf(hoa, sizeof(hoa), "2001:db8:1::1:%x", i);
		a = ip6(hoa);
		b = bcache_find_hoa(&m->bcache, &a, BINDING_HOME);
		ha_multicast_join(work_of(b)->multicast, &group);
	}
	ladder_run(w->L, S);
	before = mc_counter(w, COUNT_MCAST_TO_NODE);
	for (int i = 0; i < 3; i++)
		ladder_say(w->host, "eth0", HOST, GROUP);
	ladder_run(w->L, S);
	assert_int_equal(mc_counter(w, COUNT_MCAST_TO_NODE) - before, 3 * COUNT);
	/* More at one instant than may wait. */
	before = mc_counter(w, COUNT_MCAST_TO_NODE);
	for (int i = 0; i < 200; i++)
		ladder_say(w->host, "eth0", HOST, GROUP);
	ladder_run(w->L, S);
	assert_int_equal(mc_counter(w, COUNT_MCAST_QUEUE), 200 - 64);
	assert_int_equal(mc_counter(w, COUNT_MCAST_TO_NODE) - before, 64 * COUNT);
	mc_down(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_speaks_to_a_group),
		cmocka_unit_test(what_is_not_passed_on),
		cmocka_unit_test(too_big_for_a_tunnel),
		cmocka_unit_test(groups_are_bounded),
		cmocka_unit_test(it_can_be_disabled),
		cmocka_unit_test(virtual_home_links),
		cmocka_unit_test(not_beside_protected_payload),
		cmocka_unit_test(after_a_crash),
		cmocka_unit_test(many_members),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
