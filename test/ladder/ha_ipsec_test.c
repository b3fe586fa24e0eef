// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IPsec policies of the home agent (RFC 6275 5.1, 10.4.6; RFC 3776): which are there when,
 * and what is refused. A protected packet of the ladder stands for one in ESP.
 */
#include "test/ladder/ha_world.h"

#include <stdio.h>
#include <string.h>

#define BASE                                                                               \
	"NodeConfig HA; Interface \"eth0\"; HaSendRouterAdvs disabled; HaMaxBindingLife 600;"
#define SET(policies)                                                                      \
	"IPsecPolicySet { HomeAgentAddress " HA "; HomeAddress " HOA "/64; "                   \
	"IPsecPolicy HomeRegBinding UseESP 11 12; " policies " }"
#define PAYLOAD "IPsecPolicy TunnelPayload UseESP 15 16;"
#define TESTING "IPsecPolicy TunnelHomeTesting UseESP 17 18;"

/* 5.1: an update without protection is not heard; one with is answered with. */
static void only_protected_updates_are_heard(void **state)
{
	struct ha_world *w = ha_world(BASE SET(""));

	(void)state;
	ha_send_bu(w, HOA, COA, 60);
	ladder_refuse(w->L, "ha -> * BA", 3 * S);
	ha_send_protected_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 life=60 protected", 3 * S);
	ha_send_bu(w, HOA, COA2, 60);
	ha_send_bu(w, HOA, COA, 0);
	ladder_refuse(w->L, "ha -> * BA", 3 * S);
	assert_true(box_has(w->ha, "encap"));
	ha_send_protected_bu(w, HOA, COA, 0);
	ladder_expect(w->L, "ha -> mn BA status=0 life=0 protected", 3 * S);
	ha_world_down(w);
}

/* 5.1: MUST be protected; so without a policy there is no registration. */
static void no_policy_no_registration(void **state)
{
	struct ha_world *w = ha_world(BASE SET(""));

	(void)state;
	ha_send_bu(w, OTHER, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=129", S);
	ha_send_protected_bu(w, OTHER, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=129", S);
	ha_send_protected_bu(w, OTHER, COA, 0);
	ladder_expect(w->L, "ha -> mn BA status=129", S);
	ha_world_down(w);
}

/* What came before the policies stood may have come without protection. */
static void not_before_the_policies_stand(void **state)
{
	struct ha_world *w = ha_world_new(BASE SET(""));

	(void)state;
	ladder_start(w->ha);
	ladder_run(w->L, 100 * MS);
	ha_send_protected_bu(w, HOA, COA, 60);
	ladder_refuse(w->L, "ha -> * BA", 3 * S);
	ha_send_protected_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 protected", 3 * S);
	ha_world_down(w);
}

/* RFC 3776 4.2: tunnel policies for as long as the node is away; 10.4.6: they follow it. */
static void tunnel_policies_follow_the_node(void **state)
{
	struct ha_world *w = ha_world(BASE SET(PAYLOAD));
	size_t before;

	(void)state;
	before = box_count(w->ha, KOBJ_XFRM_POLICY);
	assert_false(box_has(w->ha, "mode tunnel"));
	ha_send_protected_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, MS);
	assert_true(box_has(w->ha, "dir out priority 160 tmpl src " HA " dst " COA
				   " proto esp mode tunnel reqid 16"));
	assert_true(box_has(w->ha, "dir fwd priority 160 tmpl src " COA " dst " HA
				   " proto esp mode tunnel reqid 15"));
	ha_send_protected_bu(w, HOA, COA2, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, MS);
	assert_true(box_has(w->ha, "dir out priority 160 tmpl src " HA " dst " COA2
				   " proto esp mode tunnel reqid 16"));
	assert_false(box_has(w->ha, "dst " COA " proto esp"));
	ladder_run(w->L, 61 * S);
	assert_int_equal(box_count(w->ha, KOBJ_XFRM_POLICY), before);
	ha_world_down(w);
}

/* A new configuration changes policies of nodes that are away as well. */
static void policies_follow_the_configuration(void **state)
{
	struct ha_world *w = ha_world(BASE SET(PAYLOAD));

	(void)state;
	ha_send_protected_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, MS);
	ladder_reconfigure(w->ha, BASE SET(TESTING));
	ladder_run(w->L, MS);
	assert_false(box_has(w->ha, "reqid 16"));
	assert_true(box_has(w->ha, "proto esp mode tunnel reqid 18"));
	ladder_reconfigure(w->ha, BASE "UseMnHaIPsec disabled;" SET(TESTING));
	ladder_run(w->L, MS);
	assert_false(box_has(w->ha, "proto esp"));
	ladder_reconfigure(w->ha, BASE SET(PAYLOAD));
	ladder_run(w->L, MS);
	assert_true(box_has(w->ha, "proto esp mode tunnel reqid 16"));
	assert_true(box_has(w->ha, "proto esp mode transport reqid 11"));
	ha_world_down(w);
}

/* However many are away: that is done in pieces, and others are served meanwhile. */
static void policies_of_many_follow_in_pieces(void **state)
{
	enum { MANY = 200, TUNNEL_POLICIES = 3, PAST_THEM = 2 };
	char set[256 + 64 * MANY], with[sizeof(set) + 128], without[sizeof(set) + 128];
	struct ha_world *w;
	size_t before, at;

	(void)state;
	at = (size_t)snprintf(set, sizeof(set), "%s", BASE "HaVirtualHomeLink 2001:db8:77::/64;"
			      "IPsecPolicySet { HomeAgentAddress " HA ";");
	for (unsigned int n = 1; n <= MANY; n++)
		at += (size_t)snprintf(set + at, sizeof(set) - at,
				       "HomeAddress 2001:db8:77::%x/64;", n);
	snprintf(with, sizeof(with), "%s IPsecPolicy HomeRegBinding UseESP; " PAYLOAD "}", set);
	snprintf(without, sizeof(without), "%s IPsecPolicy HomeRegBinding UseESP; }", set);
	w = ha_world(with);
	before = box_count(w->ha, KOBJ_XFRM_POLICY);
	for (unsigned int n = 1; n <= MANY; n++) {
		char hoa[64];

		snprintf(hoa, sizeof(hoa), "2001:db8:77::%x", n);
		ha_send_protected_bu(w, hoa, COA, 60);
		ladder_run(w->L, 20 * MS); /* the router looks for the home agent first */
	}
	assert_int_equal(box_count(w->ha, KOBJ_XFRM_POLICY), before + MANY * TUNNEL_POLICIES);
	ladder_reconfigure(w->ha, without);
	assert_true(box_count(w->ha, KOBJ_XFRM_POLICY) > before + TUNNEL_POLICIES);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(box_count(w->ha, KOBJ_XFRM_POLICY), before - MANY * PAST_THEM);
	ladder_reconfigure(w->ha, with);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(box_count(w->ha, KOBJ_XFRM_POLICY), before + MANY * TUNNEL_POLICIES);
	ha_world_down(w);
}

/* 10.3.1: the K bit when it was asked for and the key management can move along. */
static void the_k_bit_is_answered(void **state)
{
	struct ha_world *w = ha_world(BASE SET("") "KeyMngMobCapability enabled;");

	(void)state;
	w->bu.bu.flags |= MH_BU_K;
	ha_send_protected_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 flags=K", 3 * S);
	w->bu.bu.flags &= (uint16_t)~MH_BU_K;
	ha_send_protected_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 flags=-", 3 * S);
	ladder_reconfigure(w->ha, BASE SET(""));
	ladder_run(w->L, S);
	w->bu.bu.flags |= MH_BU_K;
	ha_send_protected_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 flags=-", 3 * S);
	ha_world_down(w);
}

/* What somebody removes is put again. */
static void lost_policies_come_back(void **state)
{
	struct ha_world *w = ha_world(BASE SET(PAYLOAD));

	(void)state;
	ha_send_protected_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, MS);
	box_lose(w->ha, "dir in priority 110");
	box_lose(w->ha, "dir fwd priority 160");
	ladder_run(w->L, S);
	assert_true(box_has(w->ha, "dir in priority 110"));
	assert_true(box_has(w->ha, "dir fwd priority 160"));
	ha_send_bu(w, HOA, COA2, 60);
	ladder_refuse(w->L, "ha -> * BA", 3 * S);
	ha_world_down(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_protected_updates_are_heard),
		cmocka_unit_test(no_policy_no_registration),
		cmocka_unit_test(not_before_the_policies_stand),
		cmocka_unit_test(tunnel_policies_follow_the_node),
		cmocka_unit_test(policies_follow_the_configuration),
		cmocka_unit_test(policies_of_many_follow_in_pieces),
		cmocka_unit_test(the_k_bit_is_answered),
		cmocka_unit_test(lost_policies_come_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
