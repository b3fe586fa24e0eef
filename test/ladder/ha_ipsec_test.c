// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IPsec policies of the home agent (RFC 6275 5.1, 10.4.6; RFC 3776): which are there when,
 * and what is refused. A protected packet of the ladder stands for one in ESP.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ha/ha.h"
#include "test/ladder/ladder.h"

#define HA    "2001:db8:1::2"
#define HOA   "2001:db8:1::100"
#define OTHER "2001:db8:1::101"
#define COA   "2001:db8:a::9"
#define COA2  "2001:db8:a::a"

#define BASE                                                                               \
	"NodeConfig HA; Interface \"eth0\"; HaSendRouterAdvs disabled; HaMaxBindingLife 600;"
#define SET(policies)                                                                      \
	"IPsecPolicySet { HomeAgentAddress " HA "; HomeAddress " HOA "/64; "                   \
	"IPsecPolicy HomeRegBinding UseESP 11 12; " policies " }"
#define PAYLOAD "IPsecPolicy TunnelPayload UseESP 15 16;"
#define TESTING "IPsecPolicy TunnelHomeTesting UseESP 17 18;"

struct world {
	struct ladder *L;
	struct net_link *home;
	struct box *ha;
	struct box *mn;
	struct mh_msg bu;
};

static struct world *up(const char *conf)
{
	struct world *w = test_calloc(1, sizeof(*w));
	struct net_link *a;
	struct box *r0, *ra;

	w->L = ladder_new();
	w->home = ladder_link(w->L, "home");
	a = ladder_link(w->L, "a");
	r0 = ladder_router(w->L, "r0", w->home, "2001:db8:1::1/64", 0);
	ra = ladder_router(w->L, "ra", a, "2001:db8:a::1/64", 0);
	w->ha = ladder_node(w->L, "ha", conf, &ha_role, NULL);
	ladder_attach(w->ha, "eth0", w->home);
	ladder_addr(w->ha, "eth0", HA "/64");
	ladder_gateway(w->ha, r0);
	w->mn = ladder_host(w->L, "mn", a, COA "/64", ra);
	ladder_addr(w->mn, "eth0", COA2 "/64");
	ladder_addr(w->mn, "eth0", HOA "/128");
	ladder_addr(w->mn, "eth0", OTHER "/128");
	ladder_hear(w->mn, NULL, NULL);
	w->bu = (struct mh_msg){ .type = MH_BU };
	w->bu.bu.flags = MH_BU_A | MH_BU_H;
	w->bu.bu.seq = 10;
	w->bu.opts.present = MH_HAS_ALT_COA;
	ladder_start(w->ha);
	return w;
}

static void down(struct world *w)
{
	assert_int_equal(box_misuses(w->ha), 0);
	ladder_stop(w->ha, ROLE_SHUTDOWN);
	for (int t = 0; t < KOBJ_TYPE_COUNT; t++)
		assert_int_equal(box_count(w->ha, (enum kobj_type)t), 0);
	assert_int_equal(box_misuses(w->ha), 0);
	ladder_free(w->L);
	test_free(w);
}

/* A Binding Update with a Home Address option. */
static void update(struct world *w, bool protected, const char *coa_text, const char *hoa_text,
		   uint32_t lifetime_s)
{
	struct in6_addr coa = ip6(coa_text), hoa = ip6(hoa_text), ha = ip6(HA);
	uint8_t buf[MH_LEN_MAX];
	struct packet *p;
	int len;

	w->bu.bu.seq++;
	w->bu.bu.lifetime_s = lifetime_s;
	w->bu.opts.alt_coa = coa;
	len = mh_encode(&w->bu, &hoa, &ha, buf, sizeof(buf));
	assert_true(len > 0);
	p = packet_new(&coa, &ha, WIRE_PROTO_MH, buf, (size_t)len);
	p->has_hao = true;
	p->hao = hoa;
	p->protected = protected;
	ladder_send_packet(w->mn, p);
}

/* 5.1: an update without protection is not heard; one with is answered with. */
static void only_protected_updates_are_heard(void **state)
{
	struct world *w = up(BASE SET(""));

	(void)state;
	ladder_run(w->L, S);
	update(w, false, COA, HOA, 60);
	ladder_refuse(w->L, "ha -> * BA", 3 * S);
	update(w, true, COA, HOA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 life=60 protected", 3 * S);
	update(w, false, COA2, HOA, 60);
	update(w, false, COA, HOA, 0);
	ladder_refuse(w->L, "ha -> * BA", 3 * S);
	assert_true(box_has(w->ha, "encap"));
	update(w, true, COA, HOA, 0);
	ladder_expect(w->L, "ha -> mn BA status=0 life=0 protected", 3 * S);
	down(w);
}

/* 5.1: MUST be protected; so without a policy there is no registration. */
static void no_policy_no_registration(void **state)
{
	struct world *w = up(BASE SET(""));

	(void)state;
	ladder_run(w->L, S);
	update(w, false, COA, OTHER, 60);
	ladder_expect(w->L, "ha -> mn BA status=129", S);
	update(w, true, COA, OTHER, 60);
	ladder_expect(w->L, "ha -> mn BA status=129", S);
	update(w, true, COA, OTHER, 0);
	ladder_expect(w->L, "ha -> mn BA status=129", S);
	down(w);
}

/* What came before the policies stood may have come without protection. */
static void not_before_the_policies_stand(void **state)
{
	struct world *w = up(BASE SET(""));

	(void)state;
	ladder_run(w->L, 100 * MS);
	update(w, true, COA, HOA, 60);
	ladder_refuse(w->L, "ha -> * BA", 3 * S);
	update(w, true, COA, HOA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 protected", 3 * S);
	down(w);
}

/* RFC 3776 4.2: tunnel policies for as long as the node is away; 10.4.6: they follow it. */
static void tunnel_policies_follow_the_node(void **state)
{
	struct world *w = up(BASE SET(PAYLOAD));
	size_t before;

	(void)state;
	ladder_run(w->L, S);
	before = box_count(w->ha, KOBJ_XFRM_POLICY);
	assert_false(box_has(w->ha, "mode tunnel"));
	update(w, true, COA, HOA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, MS);
	assert_true(box_has(w->ha, "dir out priority 160 tmpl src " HA " dst " COA
				   " proto esp mode tunnel reqid 16"));
	assert_true(box_has(w->ha, "dir fwd priority 160 tmpl src " COA " dst " HA
				   " proto esp mode tunnel reqid 15"));
	update(w, true, COA2, HOA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, MS);
	assert_true(box_has(w->ha, "dir out priority 160 tmpl src " HA " dst " COA2
				   " proto esp mode tunnel reqid 16"));
	assert_false(box_has(w->ha, "dst " COA " proto esp"));
	ladder_run(w->L, 61 * S);
	assert_int_equal(box_count(w->ha, KOBJ_XFRM_POLICY), before);
	down(w);
}

/* A new configuration changes policies of nodes that are away as well. */
static void policies_follow_the_configuration(void **state)
{
	struct world *w = up(BASE SET(PAYLOAD));

	(void)state;
	ladder_run(w->L, S);
	update(w, true, COA, HOA, 60);
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
	down(w);
}

/* However many are away: that is done in pieces, and others are served meanwhile. */
static void policies_of_many_follow_in_pieces(void **state)
{
	enum { MANY = 200, TUNNEL_POLICIES = 3, PAST_THEM = 2 };
	char set[256 + 64 * MANY], with[sizeof(set) + 128], without[sizeof(set) + 128];
	struct world *w;
	size_t before, at;

	(void)state;
	at = (size_t)snprintf(set, sizeof(set), "%s", BASE "HaVirtualHomeLink 2001:db8:77::/64;"
			      "IPsecPolicySet { HomeAgentAddress " HA ";");
	for (unsigned int n = 1; n <= MANY; n++)
		at += (size_t)snprintf(set + at, sizeof(set) - at,
				       "HomeAddress 2001:db8:77::%x/64;", n);
	snprintf(with, sizeof(with), "%s IPsecPolicy HomeRegBinding UseESP; " PAYLOAD "}", set);
	snprintf(without, sizeof(without), "%s IPsecPolicy HomeRegBinding UseESP; }", set);
	w = up(with);
	ladder_run(w->L, S);
	before = box_count(w->ha, KOBJ_XFRM_POLICY);
	for (unsigned int n = 1; n <= MANY; n++) {
		char hoa[64];

		snprintf(hoa, sizeof(hoa), "2001:db8:77::%x", n);
		update(w, true, COA, hoa, 60);
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
	down(w);
}

/* 10.3.1: the K bit when it was asked for and the key management can move along. */
static void the_k_bit_is_answered(void **state)
{
	struct world *w = up(BASE SET("") "KeyMngMobCapability enabled;");

	(void)state;
	ladder_run(w->L, S);
	w->bu.bu.flags |= MH_BU_K;
	update(w, true, COA, HOA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 flags=K", 3 * S);
	w->bu.bu.flags &= (uint16_t)~MH_BU_K;
	update(w, true, COA, HOA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 flags=-", 3 * S);
	ladder_reconfigure(w->ha, BASE SET(""));
	ladder_run(w->L, S);
	w->bu.bu.flags |= MH_BU_K;
	update(w, true, COA, HOA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 flags=-", 3 * S);
	down(w);
}

/* What somebody removes is put again. */
static void lost_policies_come_back(void **state)
{
	struct world *w = up(BASE SET(PAYLOAD));

	(void)state;
	ladder_run(w->L, S);
	update(w, true, COA, HOA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, MS);
	box_lose(w->ha, "dir in priority 110");
	box_lose(w->ha, "dir fwd priority 160");
	ladder_run(w->L, S);
	assert_true(box_has(w->ha, "dir in priority 110"));
	assert_true(box_has(w->ha, "dir fwd priority 160"));
	update(w, false, COA2, HOA, 60);
	ladder_refuse(w->L, "ha -> * BA", 3 * S);
	ladder_stop(w->ha, ROLE_SHUTDOWN);
	ladder_free(w->L);
	test_free(w);
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
