// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mobile node and home agent with IPsec between them (RFC 6275 5.1, 11.3.2): what leaves
 * protected, with which headers, and what is refused. A protected packet of the ladder
 * stands for one in ESP.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "ha/ha.h"
#include "mn/mn.h"
#include "test/ladder/ladder.h"

#define HOA "2001:db8::99"
#define HA  "2001:db8::2"
#define CN  "2001:db8:2::5"

#define SET                                                                                \
	"IPsecPolicySet { HomeAgentAddress " HA "; HomeAddress " HOA "/64;"                    \
	"IPsecPolicy HomeRegBinding UseESP 11 12; IPsecPolicy MobPfxDisc UseESP 13 14; }"
#define HA_CONF                                                                            \
	"NodeConfig HA; Interface \"eth0\"; HaSendRouterAdvs disabled; HaMaxBindingLife 120;"  \
	SET
#define MN_CONF                                                                            \
	"NodeConfig MN; MnMaxHaBindingLife 60; CoaDad none; InterfaceInitialInitDelay 0.0;"    \
	"Interface \"eth0\"; MnHomeLink \"eth0\" { HomeAddress " HOA "/64;"                    \
	"HomeAgentAddress " HA "; }"

struct world {
	struct ladder *L;
	struct net_link *links[3]; /* home, a, b */
	struct box *ha;
	struct box *mn;
	struct box *cn;
	struct in6_addr hoa;
	struct in6_addr cn_addr;
};

static struct world *build(const char *mn_conf)
{
	static const char *const names[] = { "home", "a", "b" };
	static const char *const addrs[] = { "2001:db8::1/64", "2001:db8:a::1/64",
					     "2001:db8:b::1/64" };
	struct world *w = test_calloc(1, sizeof(*w));
	struct box *r[3], *r2;
	struct net_link *far;

	w->L = ladder_new();
	for (int i = 0; i < 3; i++) {
		static const char *const routers[] = { "r0", "ra", "rb" };

		w->links[i] = ladder_link(w->L, names[i]);
		r[i] = ladder_router(w->L, routers[i], w->links[i], addrs[i], 1000 * MS);
	}
	far = ladder_link(w->L, "far");
	r2 = ladder_router(w->L, "r2", far, "2001:db8:2::1/64", 0);
	w->ha = ladder_node(w->L, "ha", HA_CONF, &ha_role, NULL);
	ladder_attach(w->ha, "eth0", w->links[0]);
	ladder_addr(w->ha, "eth0", HA "/64");
	ladder_gateway(w->ha, r[0]);
	w->mn = ladder_node(w->L, "mn", mn_conf, &mn_role, NULL);
	ladder_attach(w->mn, "eth0", w->links[1]);
	w->cn = ladder_host(w->L, "cn", far, CN "/64", r2);
	w->hoa = ip6(HOA);
	w->cn_addr = ip6(CN);
	ladder_start(w->ha);
	ladder_run(w->L, 2 * S);
	ladder_start(w->mn);
	return w;
}

static void down(struct world *w)
{
	ladder_end(w->mn);
	ladder_run(w->L, 5 * S);
	ladder_end(w->ha);
	ladder_free(w->L);
	test_free(w);
}

/* 11.3.2, RFC 3776 3.1: the option stands before ESP, the home address is what policies see;
 * at the new place by the new care-of address; from home without an option (3776 3.1). */
static void updates_leave_protected(void **state)
{
	struct world *w = build(MN_CONF SET);

	(void)state;
	ladder_expect(w->L, "mn -> ha BU flags=* hao=" HOA " protected", 5 * S);
	ladder_expect(w->L, "ha -> mn BA status=0 rh2=" HOA " protected", 3 * S);
	ladder_run(w->L, 100 * MS);
	assert_true(ladder_ping(w->mn, &w->hoa, &w->cn_addr));
	ladder_move(w->mn, "eth0", w->links[2], LADDER_CARRIER);
	ladder_expect(w->L, "mn -> ha BU hao=" HOA " protected", 5 * S);
	ladder_expect(w->L, "ha -> mn BA status=0 protected", 3 * S);
	ladder_run(w->L, 50 * S); /* refreshed */
	assert_true(ladder_ping(w->cn, NULL, &w->hoa));
	ladder_move(w->mn, "eth0", w->links[0], LADDER_CARRIER);
	ladder_expect(w->L, "mn -> ha BU life=0 src=" HOA " protected", 5 * S);
	ladder_expect(w->L, "ha -> mn BA status=0 life=0 protected", 3 * S);
	ladder_run(w->L, S);
	assert_true(ladder_ping(w->mn, &w->hoa, &w->cn_addr));
	assert_int_equal(ladder_count(w->L, "mn -> ha BU"),
			 ladder_count(w->L, "mn -> ha BU protected"));
	assert_int_equal(box_misuses(w->mn), 0);
	down(w);
}

/* HomeAgentName in the set as in MnHomeLink: not one message leaves unprotected, whatever the
 * name stands for and when it is known. */
static void a_home_agent_by_name_is_protected(void **state)
{
	struct world *w = build("NodeConfig MN; MnMaxHaBindingLife 60; CoaDad none;"
				"InterfaceInitialInitDelay 0.0; Interface \"eth0\";"
				"MnMaxHaConsecutiveResends 1;"
				"MnHomeLink \"eth0\" { HomeAddress " HOA "/64;"
				"HomeAgentName \"ha.example.net\"; }"
				"IPsecPolicySet { HomeAgentName \"ha.example.net\";"
				"HomeAddress " HOA "/64; IPsecPolicy HomeRegBinding UseESP 11 12;"
				"IPsecPolicy MobPfxDisc UseESP 13 14; }");

	(void)state;
	ladder_run(w->L, S);
	assert_false(box_has(w->mn, "proto esp"));
	ladder_name(w->L, "ha.example.net", "2001:db8::dead"); /* does not answer */
	ladder_name(w->L, "ha.example.net", HA);
	ladder_expect(w->L, "ha -> mn BA status=0 rh2=" HOA " protected", 30 * S);
	ladder_expect(w->L, "mn -> ha MPS hao=" HOA " protected", 10 * S);
	ladder_move(w->mn, "eth0", w->links[2], LADDER_CARRIER);
	ladder_expect(w->L, "ha -> mn BA status=0 protected", 3 * S);
	ladder_run(w->L, S);
	assert_true(ladder_ping(w->mn, &w->hoa, &w->cn_addr));
	assert_int_equal(ladder_count(w->L, "mn -> * BU"),
			 ladder_count(w->L, "mn -> * BU protected"));
	ladder_run(w->L, 70 * S); /* it might have had a binding so long */
	assert_false(box_has(w->mn, "2001:db8::dead"));
	down(w);
}

/* RFC 3776 3.3: solicitations and advertisements of prefixes as well. */
static void prefix_discovery_is_protected(void **state)
{
	struct world *w = build(MN_CONF SET);

	(void)state;
	ladder_expect(w->L, "mn -> ha MPS hao=" HOA " protected", 10 * S);
	ladder_expect(w->L, "ha -> mn MPA rh2=" HOA " protected", 3 * S);
	down(w);
}

/* 5.1: a node that does not protect its updates is not served by one that wants it. */
static void one_side_alone_is_refused(void **state)
{
	struct world *w = build(MN_CONF "UseMnHaIPsec disabled;");

	(void)state;
	ladder_run(w->L, 15 * S);
	assert_int_equal(ladder_count(w->L, "ha -> mn BA"), 0);
	assert_false(box_has(w->ha, "encap"));
	down(w);
}

/* SIGHUP: protected from now on, unprotected before; and a crash in between. */
static void policies_come_with_the_configuration(void **state)
{
	struct world *w = build(MN_CONF "UseMnHaIPsec disabled;");

	(void)state;
	ladder_run(w->L, 5 * S);
	ladder_reconfigure(w->mn, MN_CONF SET);
	ladder_expect(w->L, "mn -> ha BU protected", 40 * S);
	ladder_expect(w->L, "ha -> mn BA status=0 protected", 3 * S);
	ladder_run(w->L, S);
	ladder_crash(w->mn);
	ladder_run(w->L, S);
	ladder_start(w->mn);
	ladder_expect(w->L, "ha -> mn BA status=0 protected", 10 * S);
	ladder_run(w->L, S);
	assert_true(ladder_ping(w->mn, &w->hoa, &w->cn_addr));
	down(w);
}

/* 11.3.5: "no Mobility Header here", in the clear, does not end what is protected: a home
 * agent that starts anew is back at the next update. */
static void errors_in_the_clear_end_nothing(void **state)
{
	struct world *w = build(MN_CONF SET);
	uint64_t first_us;

	(void)state;
	ladder_expect(w->L, "ha -> mn BA status=0 protected", 8 * S);
	ladder_crash(w->ha);
	ladder_move(w->mn, "eth0", w->links[2], LADDER_CARRIER);
	ladder_run(w->L, 4 * S);
	ladder_start(w->ha);
	ladder_expect(w->L, "ha -> mn BA status=* protected", 12 * S);
	down(w);

	/* nor what never was protected yet */
	w = build(MN_CONF SET);
	ladder_crash(w->ha);
	ladder_expect(w->L, "mn -> ha BU", 2 * S);
	first_us = ladder_sent_us(w->L);
	ladder_expect(w->L, "ha -> mn ERROR", S);
	ladder_expect(w->L, "mn -> ha BU", 3 * S);
	assert_int_equal(ladder_sent_us(w->L) - first_us, 1500 * MS);
	ladder_start(w->ha);
	ladder_expect(w->L, "ha -> mn BA status=* protected", 12 * S);
	down(w);
}

/* 5.1, 11.7.1: a former home agent is told under the protection that the file has for it; where
 * it has none any more nothing leaves in the clear. */
static void former_home_agents_are_told_under_protection(void **state)
{
	static const char other[] = "NodeConfig MN; MnMaxHaBindingLife 60; CoaDad none;"
				    "InterfaceInitialInitDelay 0.0; Interface \"eth0\";"
				    "MnHomeLink \"eth0\" { HomeAddress " HOA "/64;"
				    "HomeAgentAddress 2001:db8::3; }"
				    "IPsecPolicySet { HomeAgentAddress 2001:db8::3; HomeAddress "
				    HOA "/64; IPsecPolicy HomeRegBinding UseESP 21 22; }";
	char both[1024];

	(void)state;
	snprintf(both, sizeof(both), "%s%s", other, SET);
	for (int i = 0; i < 2; i++) {
		struct world *w = build(MN_CONF SET);

		ladder_expect(w->L, "ha -> mn BA status=0 protected", 8 * S);
		ladder_run(w->L, S);
		ladder_mark(w->L);
		ladder_reconfigure(w->mn, i ? other : both);
		if (i) {
			ladder_refuse(w->L, "mn -> ha BU", 10 * S);
		} else {
			ladder_expect(w->L, "mn -> ha BU life=0 hao=" HOA " protected", S);
			ladder_expect(w->L, "ha -> mn BA status=0 life=0 protected", S);
			ladder_refuse(w->L, "mn -> ha BU", 10 * S);
		}
		assert_int_equal(ladder_count(w->L, "mn -> * BU"),
				 ladder_count(w->L, "mn -> * BU protected"));
		ladder_run(w->L, 60 * S);
		assert_int_equal(box_misuses(w->mn), 0);
		down(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(updates_leave_protected),
		cmocka_unit_test(prefix_discovery_is_protected),
		cmocka_unit_test(a_home_agent_by_name_is_protected),
		cmocka_unit_test(one_side_alone_is_refused),
		cmocka_unit_test(policies_come_with_the_configuration),
		cmocka_unit_test(errors_in_the_clear_end_nothing),
		cmocka_unit_test(former_home_agents_are_told_under_protection),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
