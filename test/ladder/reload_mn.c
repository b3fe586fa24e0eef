// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A mobile node whose configuration changes, option by option: registrations, prefix
 * discovery, route optimization (RFC 6275 11.4, 11.6, 11.7), with the program as home agent.
 */
#include "test/ladder/reload.h"

#include <stdlib.h>
#include <string.h>

#include "mn/attach.h"
#include "mn/home.h"
#include "mn/mn.h"
#include "test/ladder/box.h"
#include "test/ladder/ro_world.h"

#define HOA2 "2001:db8::98"
#define HA2  "2001:db8::3"

#define HEAD "NodeConfig MN; CoaDad none; InterfaceInitialInitDelay 0.0;"
#define OPEN HEAD "UseMnHaIPsec disabled; Interface \"eth0\";"
#define HOME(more) "MnHomeLink \"eth0\" { HomeAddress " HOA "/64;" more "}"
#define AGENT "HomeAgentAddress " HA ";"
#define SECOND_HOME "MnHomeLink \"eth0\" { HomeAddress " HOA2 "/64; HomeAgentAddress " HA "; }"
#define NO_RO "DoRouteOptimizationMN disabled;"
/* Without a home agent's address: discovered. */
#define DISCOVERED OPEN NO_RO HOME("")

static struct home_addr *home(const struct world *w, const char *hoa)
{
	const struct in6_addr a = ip6(hoa);

	return home_find(box_mip6(w->mn), &a);
}

static bool is_registered(void *ctx)
{
	const struct world *w = ctx;
	const struct home_addr *h = home_find(box_mip6(w->mn), &w->hoa);

	return h && h->state == HOME_REGISTERED;
}

/* Away on link a, registered, without traffic. */
static struct world *away(const char *conf)
{
	struct world *w = world_build(conf, NULL);

	world_go(w, 1);
	ladder_until(w->L, is_registered, w, 20 * S);
	ladder_run(w->L, S);
	ladder_mark(w->L);
	return w;
}

/* Nobody hears the home agent any more, nor does it. */
static void lose_home_agent(struct world *w)
{
	ladder_move(w->ha, "eth0", NULL, LADDER_SILENT);
}

static void find_home_agent(struct world *w)
{
	ladder_move(w->ha, "eth0", w->links[0], LADDER_SILENT);
	ladder_run(w->L, 40 * S);
}

/* --- home addresses ---------------------------------------------------------- */

/* 11.7.1: deleted first, then nothing is left of it; the other one stays. */
static void home_link(void)
{
	struct world *w = away(OPEN NO_RO HOME(AGENT));

	reload(w->mn, OPEN NO_RO HOME(AGENT) SECOND_HOME);
	ladder_expect(w->L, "mn -> ha BU life=86396 hao=" HOA2, 100 * MS);
	ladder_expect(w->L, "ha -> mn BA status=1 rh2=" HOA2, 3 * S);
	reload(w->mn, OPEN NO_RO SECOND_HOME);
	ladder_expect(w->L, "mn -> ha BU life=0 hao=" HOA, 100 * MS);
	ladder_expect(w->L, "ha -> mn BA status=0 life=0", S);
	ladder_run(w->L, 100 * MS);
	assert_null(home(w, HOA));
	assert_false(box_has(w->mn, HOA "/128"));
	assert_int_equal(home(w, HOA2)->state, HOME_REGISTERED);
	assert_false(box_has(w->ha, HOA "/128"));
	assert_true(box_has(w->ha, HOA2 "/128"));
	world_down(w);
}

static void home_address(void)
{
	struct world *w = away(OPEN NO_RO HOME(AGENT));

	reload(w->mn, OPEN NO_RO SECOND_HOME);
	ladder_expect(w->L, "mn -> ha BU life=0 hao=" HOA, 100 * MS);
	ladder_expect(w->L, "ha -> mn BA status=1 rh2=" HOA2, 3 * S);
	ladder_run(w->L, 100 * MS);
	assert_null(home(w, HOA));
	assert_false(box_has(w->mn, HOA "/128"));
	assert_true(box_has(w->mn, HOA2 "/128"));
	world_down(w);
}

/* The former home agent is told. */
static void home_agent(void)
{
	struct world *w = world_build(OPEN NO_RO HOME(AGENT), NULL);

	ladder_addr(w->ha, "eth0", HA2 "/64");
	world_go(w, 1);
	ladder_until(w->L, is_registered, w, 5 * S);
	ladder_run(w->L, S);
	ladder_mark(w->L);
	reload(w->mn, OPEN NO_RO HOME("HomeAgentAddress " HA2 ";"));
	ladder_expect(w->L, "mn -> ha BU life=0 dst=" HA, 100 * MS);
	ladder_expect(w->L, "mn -> ha BU life=86396 dst=" HA2, 100 * MS);
	ladder_expect(w->L, "ha -> mn BA status=1 src=" HA2, 3 * S);
	world_down(w);
}

static void home_agent_name(void)
{
	struct world *w = world_build(OPEN NO_RO HOME(AGENT), NULL);

	ladder_addr(w->ha, "eth0", HA2 "/64");
	ladder_name(w->L, "ha.example", HA2);
	world_go(w, 1);
	ladder_until(w->L, is_registered, w, 5 * S);
	ladder_run(w->L, S);
	ladder_mark(w->L);
	reload(w->mn, OPEN NO_RO HOME("HomeAgentName \"ha.example\";"));
	ladder_expect(w->L, "mn -> ha BU life=0 dst=" HA, 100 * MS);
	ladder_expect(w->L, "ha -> mn BA status=1 src=" HA2, 5 * S);
	world_down(w);
}

/* At home, unless the node is told that home is elsewhere, or never. */
static void at_home_but_for(const char *conf)
{
	struct world *w = world_build(OPEN NO_RO HOME(AGENT), NULL);

	world_go(w, 0);
	ladder_run(w->L, 5 * S);
	assert_int_equal(home(w, HOA)->state, HOME_AT_HOME);
	ladder_mark(w->L);
	reload(w->mn, conf);
	ladder_expect(w->L, "mn -> ha BU life=86396 hao=" HOA, 100 * MS);
	ladder_expect(w->L, "ha -> mn BA status=1", 4 * S);
	ladder_run(w->L, S);
	assert_int_equal(home(w, HOA)->state, HOME_REGISTERED);
	reload(w->mn, OPEN NO_RO HOME(AGENT));
	ladder_expect(w->L, "mn -> ha BU life=0 src=" HOA, S);
	ladder_run(w->L, 5 * S);
	assert_int_equal(home(w, HOA)->state, HOME_AT_HOME);
	world_down(w);
}

static void home_prefix(void)
{
	at_home_but_for(OPEN NO_RO HOME(AGENT "HomePrefix 2001:db8:ffff::/64;"));
}

static void never_home(void)
{
	at_home_but_for(OPEN NO_RO "NoHomeReturn enabled;" HOME(AGENT));
}

/* Home, then away again: whether the home agent is looked for anew. */
static size_t requests_after_home(struct world *w)
{
	size_t before = ladder_count(w->L, "mn -> * DHAAD-REQ");

	world_go(w, 0);
	ladder_run(w->L, 6 * S);
	assert_int_equal(home(w, HOA)->state, HOME_AT_HOME);
	world_go(w, 1);
	ladder_until(w->L, is_registered, w, 10 * S);
	return ladder_count(w->L, "mn -> * DHAAD-REQ") - before;
}

static void reset_dhaad(void)
{
	struct world *w = away(DISCOVERED);

	assert_int_equal(requests_after_home(w), 0);
	reload(w->mn, DISCOVERED "MnResetDhaadAtHome enabled;");
	assert_true(requests_after_home(w) > 0);
	world_down(w);
}

/* The home agent is not asked any more. */
static void flush_at_home(void)
{
	struct world *w = away(OPEN NO_RO HOME(AGENT));
	size_t before;

	lose_home_agent(w);
	world_go(w, 0);
	ladder_run(w->L, 2500 * MS);
	assert_int_equal(home(w, HOA)->state, HOME_RETURNING);
	reload(w->mn, OPEN NO_RO "MnFlushAllAtHome enabled;" HOME(AGENT));
	ladder_run(w->L, 2 * S);
	assert_int_equal(home(w, HOA)->state, HOME_AT_HOME);
	before = ladder_count(w->L, "mn -> * BU");
	ladder_run(w->L, 100 * S);
	assert_int_equal(ladder_count(w->L, "mn -> * BU"), before);
	world_down(w);
}

/* --- IPsec ------------------------------------------------------------------- */

#define WITH_SET(set) HEAD "Interface \"eth0\";" HOME(AGENT) set
#define SET(agent, hoa, policies)                                                          \
	"IPsecPolicySet { " agent " HomeAddress " hoa "/64; " policies " }"
#define UPDATES "IPsecPolicy HomeRegBinding UseESP 11 12;"
#define GOOD_SET SET(AGENT, HOA, UPDATES)

static void set_becomes(const char *before, const char *after, const char *there, const char *gone)
{
	struct world *w = world_build(before, NULL);

	world_go(w, 1);
	ladder_run(w->L, 2 * S);
	assert_true(!gone || box_has(w->mn, gone));
	assert_true(!there || !box_has(w->mn, there));
	reload(w->mn, after);
	ladder_run(w->L, 100 * MS);
	assert_true(!there || box_has(w->mn, there));
	assert_true(!gone || !box_has(w->mn, gone));
	world_down(w);
}

static void use_ipsec(void)
{
	set_becomes(WITH_SET(GOOD_SET), WITH_SET(GOOD_SET) "UseMnHaIPsec disabled;", NULL,
		    "proto esp");
	set_becomes(WITH_SET(GOOD_SET) "UseMnHaIPsec disabled;", WITH_SET(GOOD_SET), "proto esp",
		    NULL);
}

static void policy_set(void)
{
	set_becomes(WITH_SET(""), WITH_SET(GOOD_SET), "proto esp", NULL);
	set_becomes(WITH_SET(GOOD_SET), WITH_SET(""), NULL, "proto esp");
}

static void policy_agent(void)
{
	set_becomes(WITH_SET(GOOD_SET), WITH_SET(SET("HomeAgentAddress " HA2 ";", HOA, UPDATES)),
		    "dst " HA2 "/128", NULL);
}

static void policy_agent_name(void)
{
	set_becomes(WITH_SET(GOOD_SET), WITH_SET(SET("HomeAgentName \"ha\";", HOA, UPDATES)), NULL,
		    "proto esp");
}

static void policy_home(void)
{
	set_becomes(WITH_SET(GOOD_SET SECOND_HOME),
		    WITH_SET(SET(AGENT, HOA2, UPDATES) SECOND_HOME),
		    "src " HOA2 "/128 dst " HA "/128", "src " HOA "/128 dst " HA "/128");
}

static void policy(void)
{
	set_becomes(WITH_SET(GOOD_SET),
		    WITH_SET(SET(AGENT, HOA, "IPsecPolicy HomeRegBinding UseESP 21 22;")),
		    "reqid 21", "reqid 11");
}

static void key_management(void)
{
	struct world *w = away(OPEN NO_RO HOME(AGENT));

	assert_false(home(w, HOA)->bul->flags & MH_BU_K);
	reload(w->mn, OPEN NO_RO "KeyMngMobCapability enabled;" HOME(AGENT));
	world_go(w, 2);
	ladder_expect(w->L, "ha -> mn BA status=1", 5 * S);
	assert_true(home(w, HOA)->bul->flags & MH_BU_K);
	world_down(w);
}

/* --- registrations ----------------------------------------------------------- */

static void life_asked(void)
{
	struct world *w = away(OPEN NO_RO HOME(AGENT));

	reload(w->mn, OPEN NO_RO "MnMaxHaBindingLife 100;" HOME(AGENT));
	world_go(w, 2);
	ladder_expect(w->L, "mn -> ha BU life=100", 5 * S);
	world_down(w);
}

/* Updates after a move, with nobody who answers. */
static size_t updates_in(struct world *w, uint64_t for_us)
{
	size_t before = ladder_count(w->L, "mn -> * BU");

	world_go(w, 2);
	ladder_run(w->L, for_us);
	return ladder_count(w->L, "mn -> * BU") - before;
}

static void first_timeout(void)
{
	struct world *w = world_build(OPEN NO_RO HOME(AGENT), NULL);

	lose_home_agent(w);
	reload(w->mn, OPEN NO_RO "InitialBindackTimeoutFirstReg 0.4;" HOME(AGENT));
	assert_int_equal(updates_in(w, 1000 * MS), 2); /* at 0 and 0.4 s; not at 1.5 */
	find_home_agent(w);
	world_down(w);
}

static void next_timeout(void)
{
	struct world *w = away(OPEN NO_RO HOME(AGENT));

	lose_home_agent(w);
	reload(w->mn, OPEN NO_RO "InitialBindackTimeoutReReg 0.3;" HOME(AGENT));
	assert_int_equal(updates_in(w, 950 * MS), 3); /* at 0, 0.3 and 0.9 s */
	find_home_agent(w);
	world_down(w);
}

/* 11.4.1: the list is used up sooner, and a new one is asked for. */
static void resends_to_agents(void)
{
	struct world *w = away(DISCOVERED);
	size_t before = ladder_count(w->L, "mn -> * DHAAD-REQ");

	lose_home_agent(w);
	world_go(w, 2);
	ladder_run(w->L, S);
	reload(w->mn, DISCOVERED "MnMaxHaConsecutiveResends 1;");
	ladder_run(w->L, 4 * S);
	assert_int_equal(ladder_count(w->L, "mn -> * DHAAD-REQ"), before + 1);
	find_home_agent(w);
	world_down(w);
}

/* 11.3.1: the route from the home address before the acknowledgement. */
static bool sends_early(struct world *w, int link)
{
	world_go(w, link);
	ladder_mark(w->L);
	ladder_expect(w->L, "mn -> * BU", 5 * S);
	ladder_run(w->L, 50 * MS);
	assert_int_equal(home(w, HOA)->state, HOME_REGISTERING);
	return !box_has(w->mn, "route unreachable");
}

static void optimistic_handoff(void)
{
	const struct quality slow = { .latency_us = 300 * MS };
	struct world *w = away(OPEN NO_RO HOME(AGENT));

	ladder_core_quality(w->L, &slow);
	assert_false(sends_early(w, 2));
	ladder_run(w->L, 5 * S);
	reload(w->mn, OPEN NO_RO "OptimisticHandoff enabled;" HOME(AGENT));
	assert_true(sends_early(w, 1));
	ladder_run(w->L, 5 * S);
	world_down(w);
}

/* RFC 4443 3.4, about the Binding Update, as if the home agent had said so. */
static void say_param_problem(struct world *w)
{
	const struct in6_addr *coa = &attach_current(box_mip6(w->mn))->coa;
	struct mip6_path path = { .local = ip6(HA), .peer = *coa };
	struct icmp6_msg m = { .type = ICMP6_MSG_PARAM_PROBLEM };
	const struct in6_addr ha = ip6(HA);
	struct mh_msg bu = { .type = MH_BU, .bu.seq = home(w, HOA)->bul->seq };
	uint8_t mh[MH_LEN_MAX], data[128];
	int len = mh_encode(&bu, &w->hoa, &ha, mh, sizeof(mh));
	struct packet *q = packet_new(coa, &ha, WIRE_PROTO_MH, mh, (size_t)len);

	q->has_hao = true;
	q->hao = w->hoa;
	m.error.code = ICMP6_PARAM_NEXT_HEADER;
	m.error.value = 6;
	m.error.packet = data;
	m.error.packet_len = packet_bytes(q, data, sizeof(data));
	packet_free(q);
	ladder_send_icmp6(w->cn, &path, &m);
	ladder_run(w->L, 100 * MS);
}

static void discard_param_problem(void)
{
	struct world *w = world_build(OPEN NO_RO HOME(AGENT), NULL);

	lose_home_agent(w);
	world_go(w, 1);
	ladder_run(w->L, 3 * S);
	reload(w->mn, OPEN NO_RO "MnDiscardHaParamProb enabled;" HOME(AGENT));
	say_param_problem(w);
	assert_int_equal(home(w, HOA)->state, HOME_REGISTERING);
	reload(w->mn, OPEN NO_RO HOME(AGENT));
	say_param_problem(w);
	assert_int_equal(home(w, HOA)->state, HOME_REFUSED);
	world_down(w);
}

/* --- prefix discovery -------------------------------------------------------- */

#define NO_MPS OPEN NO_RO HOME(AGENT) "SendMobPfxSols disabled;"

static void ask_prefixes(void)
{
	struct world *w = away(NO_MPS);

	ladder_reconfigure(w->ha, "NodeConfig HA; UseMnHaIPsec disabled; Interface \"eth0\";"
				  "HaSendRouterAdvs disabled; SendMobPfxAdvs disabled;");
	ladder_refuse(w->L, "mn -> ha MPS", 10 * S);
	reload(w->mn, OPEN NO_RO HOME(AGENT));
	ladder_expect(w->L, "mn -> ha MPS", 100 * MS);
	ladder_expect(w->L, "mn -> ha MPS", 4 * S);
	reload(w->mn, NO_MPS);
	ladder_refuse(w->L, "mn -> ha MPS", 60 * S);
	world_down(w);
}

static void prefix_timer(void)
{
	struct world *w = away(NO_MPS);

	ladder_reconfigure(w->ha, "NodeConfig HA; UseMnHaIPsec disabled; Interface \"eth0\";"
				  "HaSendRouterAdvs disabled; SendMobPfxAdvs disabled;");
	reload(w->mn, OPEN NO_RO HOME(AGENT) "InitialSolicitTimer 0.5;");
	ladder_run(w->L, 1400 * MS);
	assert_int_equal(ladder_count(w->L, "mn -> ha MPS"), 2); /* at 0 and 0.5 s */
	world_down(w);
}

/* --- route optimization ------------------------------------------------------ */

/* The correspondent is told, and packets go through the tunnel; and back. */
static void without_and_with(const char *off, const char *on)
{
	struct world *w = world_away(on, CN_CONF);

	world_until_bound(w);
	ladder_run(w->L, S);
	ladder_mark(w->L);
	reload(w->mn, off);
	ladder_expect(w->L, "mn -> cn BU life=0", S);
	ladder_run(w->L, S);
	assert_null(peer_of(w));
	assert_int_equal(bindings(w), 0);
	assert_false(ladder_stream_result(w->pings).last_optimized);
	reload(w->mn, on);
	world_until_bound(w);
	ladder_run(w->L, S);
	assert_true(ladder_stream_result(w->pings).last_optimized);
	world_down(w);
}

static void optimize(void)
{
	without_and_with(OPEN HOME(AGENT) NO_RO, OPEN HOME(AGENT));
}

static void policy_of_peers(void)
{
	without_and_with(OPEN HOME(AGENT "MnRoPolicy 2001:db8:2::/64 disabled;"),
			 OPEN HOME(AGENT));
}

static void life_of_peers(void)
{
	struct world *w = world_away(OPEN HOME(AGENT), CN_CONF);

	world_until_bound(w);
	ladder_mark(w->L);
	reload(w->mn, OPEN HOME(AGENT) "MnMaxCnBindingLife 20;");
	world_go(w, 2);
	ladder_expect(w->L, "mn -> cn BU life=20", 5 * S);
	/* less than can be said: not at all */
	reload(w->mn, OPEN HOME(AGENT) "MnMaxCnBindingLife 3;");
	ladder_run(w->L, S);
	assert_null(peer_of(w));
	world_down(w);
}

static void acks_of_peers(void)
{
	struct world *w = world_away(OPEN HOME(AGENT), CN_CONF);

	world_until_bound(w);
	assert_int_equal(ladder_count(w->L, "cn -> mn BA"), 0);
	ladder_mark(w->L);
	reload(w->mn, OPEN HOME(AGENT) "UseCnBuAck enabled;");
	world_go(w, 2);
	ladder_expect(w->L, "mn -> cn BU flags=A", 5 * S);
	ladder_expect(w->L, "cn -> mn BA status=0", S);
	world_down(w);
}

/* 11.8: while it is being tried. */
static void resends_to_peers(void)
{
	struct world *w = world_away(OPEN HOME(AGENT), NULL);
	struct script *s = script_of(w);

	s->mute_coti = true;
	ladder_run(w->L, 500 * MS);
	assert_int_equal(peer_of(w)->state, RO_TESTING);
	reload(w->mn, OPEN HOME(AGENT) "MnMaxCnConsecutiveResends 1;");
	ladder_run(w->L, 4 * S);
	assert_int_equal(peer_of(w)->state, RO_QUIET);
	assert_int_equal(s->cotis, 2);
	world_down(w);
	free(s);
}

static const char no_mobile_routers[] = "mobile routers are not there yet (RFC 3963)";

/* 11.3.4: at the home agent, or on the foreign link alone. */
static void where_groups_are_joined(void)
{
	struct world *w = away(OPEN NO_RO HOME(AGENT));

	ladder_join(w->mn, "eth0", "ff0e::5");
	ladder_run(w->L, 2 * S);
	assert_int_equal(box_count(w->mn, KOBJ_GROUP), 1);
	reload(w->mn, OPEN NO_RO HOME(AGENT) "MnMulticast foreign;");
	ladder_run(w->L, S);
	assert_int_equal(box_count(w->mn, KOBJ_GROUP), 0);
	reload(w->mn, OPEN NO_RO HOME(AGENT));
	ladder_run(w->L, 2 * S);
	assert_int_equal(box_count(w->mn, KOBJ_GROUP), 1);
	world_down(w);
}

const struct reload_case reload_mn_cases[] = {
	{ "MnHomeLink", FOR_MN, .effect = home_link },
	{ "MnHomeLink.HomeAddress", FOR_MN, .effect = home_address },
	{ "MnHomeLink.HomeAgentAddress", FOR_MN, .effect = home_agent },
	{ "MnHomeLink.HomeAgentName", FOR_MN, .effect = home_agent_name },
	{ "MnHomeLink.HomePrefix", FOR_MN, .effect = home_prefix },
	{ "MnHomeLink.IsMobRtr", FOR_MN, .unused = no_mobile_routers },
	{ "MobRtrUseExplicitMode", FOR_MN, .unused = no_mobile_routers },
	{ "MnHomeLink.MnRoPolicy", FOR_MN, .effect = policy_of_peers },
	{ "NoHomeReturn", FOR_MN, .effect = never_home },
	{ "MnResetDhaadAtHome", FOR_MN, .effect = reset_dhaad },
	{ "MnFlushAllAtHome", FOR_MN, .effect = flush_at_home },
	{ "UseMnHaIPsec", FOR_MN, .effect = use_ipsec },
	{ "KeyMngMobCapability", FOR_MN, .effect = key_management },
	{ "TunnelPayloadForceSANego", FOR_MN,
	  .unused = "the kernel asks for the association with the first packet" },
	{ "IPsecPolicySet", FOR_MN, .effect = policy_set },
	{ "IPsecPolicySet.HomeAgentAddress", FOR_MN, .effect = policy_agent },
	{ "IPsecPolicySet.HomeAgentName", FOR_MN, .effect = policy_agent_name },
	{ "IPsecPolicySet.HomeAddress", FOR_MN, .effect = policy_home },
	{ "IPsecPolicySet.IPsecPolicy", FOR_MN, .effect = policy },
	{ "MnMaxHaBindingLife", FOR_MN, .effect = life_asked },
	{ "InitialBindackTimeoutFirstReg", FOR_MN, .effect = first_timeout },
	{ "InitialBindackTimeoutReReg", FOR_MN, .effect = next_timeout },
	{ "MnMaxHaConsecutiveResends", FOR_MN, .effect = resends_to_agents },
	{ "OptimisticHandoff", FOR_MN, .effect = optimistic_handoff },
	{ "MnDiscardHaParamProb", FOR_MN, .effect = discard_param_problem },
	{ "SendMobPfxSols", FOR_MN, .effect = ask_prefixes },
	{ "InitialSolicitTimer", FOR_MN, .effect = prefix_timer },
	{ "DoRouteOptimizationMN", FOR_MN, .effect = optimize },
	{ "MnMaxCnBindingLife", FOR_MN, .effect = life_of_peers },
	{ "UseCnBuAck", FOR_MN, .effect = acks_of_peers },
	{ "MnMaxCnConsecutiveResends", FOR_MN, .effect = resends_to_peers },
	{ "MnMulticast", FOR_MN, .effect = where_groups_are_joined },
	{ NULL, 0, .effect = NULL },
};
