// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A home agent whose configuration changes, option by option (RFC 6275 sections 7, 10),
 * with a mobile node that is a script.
 */
#include "test/ladder/ha_world.h"

#include <string.h>

#include "test/ladder/box.h"
#include "test/ladder/reload.h"

#define HA2 "2001:db8:1::3"

#define HEAD "NodeConfig HA; HaMaxBindingLife 6000;"
#define QUIET HEAD "UseMnHaIPsec disabled; HaSendRouterAdvs disabled;"
#define BASE QUIET "Interface \"eth0\";"
/* Advertises every 40 to 100 s. */
#define ADVERTS                                                                            \
	HEAD "UseMnHaIPsec disabled; Interface \"eth0\"; HaMaxRtrAdvInterval 100;"             \
	     "HaMinRtrAdvInterval 40;"
#define PROTECTED HEAD "HaSendRouterAdvs disabled; Interface \"eth0\";"
#define SET(agent, home, policies)                                                         \
	"IPsecPolicySet { " agent " HomeAddress " home "/64; " policies " }"
#define AGENT "HomeAgentAddress " HA ";"
#define UPDATES "IPsecPolicy HomeRegBinding UseESP 11 12;"

static void update(struct ha_world *w, const char *hoa, const char *coa, uint32_t lifetime_s)
{
	ladder_mark(w->L);
	ha_send_bu(w, hoa, coa, lifetime_s);
}

static void enroll(struct ha_world *w, const char *home)
{
	update(w, home, COA, 3000);
}

static struct ha_world *with_node(const char *conf)
{
	struct ha_world *w = ha_world(conf);

	enroll(w, HOA);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, 100 * MS);
	assert_non_null(ha_binding(w, HOA));
	return w;
}

/* --- home links -------------------------------------------------------------- */

/* 10.3.1: a registration lasts no longer than its home link; then there is nothing left of
 * it; and the link comes back. */
static void home_link(const char *without)
{
	struct ha_world *w = with_node(BASE);

	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 1);
	reload(w->ha, without);
	ladder_run(w->L, 100 * MS);
	assert_null(ha_binding(w, HOA));
	assert_true(TAILQ_EMPTY(&ha_of(box_mip6(w->ha))->links));
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	assert_int_equal(box_count(w->ha, KOBJ_ANYCAST), 0);
	assert_false(box_has(w->ha, "encap"));
	enroll(w, HOA);
	ladder_expect(w->L, "ha -> mn BA status=132", 3 * S);
	reload(w->ha, BASE);
	ladder_run(w->L, 100 * MS);
	enroll(w, HOA);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ha_world_down(w);
}

static void interface(void)
{
	home_link(QUIET);
}

static void if_type(void)
{
	home_link(QUIET "Interface \"eth0\" { IfType CN; }");
}

/* The other node stays. */
static void virtual_home_link(void)
{
	struct ha_world *w = with_node(BASE);

	enroll(w, VIRTUAL);
	ladder_expect(w->L, "ha -> mn BA status=132", S);
	reload(w->ha, BASE "HaVirtualHomeLink 2001:db8:77::/64;");
	ladder_run(w->L, MS);
	assert_true(box_has(w->ha, "unreachable 2001:db8:77::/64"));
	enroll(w, VIRTUAL);
	ladder_expect(w->L, "ha -> mn BA status=0 rh2=" VIRTUAL, S);
	reload(w->ha, BASE);
	ladder_run(w->L, 100 * MS);
	assert_false(box_has(w->ha, "2001:db8:77::"));
	assert_null(ha_binding(w, VIRTUAL));
	assert_non_null(ha_binding(w, HOA));
	ha_world_down(w);
}

/* 10.5.1: the reply names the addresses that the configuration names. */
static void address(void)
{
	const struct in6_addr home = ip6("2001:db8:1::");
	const struct prefix p = prefix_of(&home, 64);
	const struct mip6_path path = { .local = ip6(COA), .peer = addr_ha_anycast(&p) };
	const struct icmp6_msg msg = { .type = ICMP6_MSG_DHAAD_REQUEST };
	struct ha_world *w = ha_world(BASE "HaAddress " HA ";");

	ladder_addr(w->ha, "eth0", HA2 "/64");
	ladder_send_icmp6(w->mn, &path, &msg);
	ladder_expect(w->L, "ha -> mn DHAAD-REP agents=1 first=" HA, S);
	reload(w->ha, BASE "HaAddress " HA2 ";");
	ladder_send_icmp6(w->mn, &path, &msg);
	ladder_expect(w->L, "ha -> mn DHAAD-REP agents=1 first=" HA2, S);
	ha_world_down(w);
}

/* --- IPsec ------------------------------------------------------------------- */

static void use_ipsec(void)
{
	struct ha_world *w = ha_world(PROTECTED SET(AGENT, HOA, UPDATES));

	assert_true(box_has(w->ha, "proto esp mode transport"));
	update(w, HOA, COA, 60);
	ladder_refuse(w->L, "ha -> * BA", 3 * S);
	reload(w->ha, PROTECTED "UseMnHaIPsec disabled;" SET(AGENT, HOA, UPDATES));
	ladder_run(w->L, MS);
	assert_false(box_has(w->ha, "proto esp"));
	update(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	reload(w->ha, PROTECTED SET(AGENT, HOA, UPDATES));
	ladder_run(w->L, S);
	assert_non_null(ha_binding(w, HOA));
	update(w, HOA, COA2, 60);
	ladder_refuse(w->L, "ha -> * BA", 3 * S);
	ha_world_down(w);
}

/* 10.3.1: the K bit. */
static void key_management(void)
{
	struct ha_world *w = ha_world(PROTECTED SET(AGENT, HOA, UPDATES));

	w->bu.bu.flags |= MH_BU_K;
	ha_send_protected_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 flags=-", 3 * S);
	reload(w->ha, PROTECTED "KeyMngMobCapability enabled;" SET(AGENT, HOA, UPDATES));
	ha_send_protected_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 flags=K", 3 * S);
	ha_world_down(w);
}

/* A set that goes takes the registration with it: it must not go on unprotected. */
static void policy_set(void)
{
	static const char both[] = PROTECTED SET(AGENT, HOA, UPDATES) SET(AGENT, OTHER, UPDATES);
	struct ha_world *w = ha_world(both);

	ha_send_protected_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 rh2=" HOA, 3 * S);
	ha_send_protected_bu(w, OTHER, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 rh2=" OTHER, 3 * S);
	reload(w->ha, PROTECTED SET(AGENT, OTHER, UPDATES));
	ladder_run(w->L, 100 * MS);
	assert_null(ha_binding(w, HOA));
	assert_non_null(ha_binding(w, OTHER));
	assert_false(box_has(w->ha, HOA "/128"));
	reload(w->ha, both);
	ladder_run(w->L, S);
	ha_send_protected_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 rh2=" HOA " protected", 3 * S);
	ha_world_down(w);
}

static void policy_set_becomes(const char *conf, const char *there, const char *gone)
{
	struct ha_world *w = ha_world(PROTECTED SET(AGENT, HOA, UPDATES));

	assert_true(box_has(w->ha, gone));
	reload(w->ha, conf);
	ladder_run(w->L, MS);
	if (there)
		assert_true(box_has(w->ha, there));
	assert_false(box_has(w->ha, gone));
	ha_world_down(w);
}

static void policy_agent(void)
{
	policy_set_becomes(PROTECTED SET("HomeAgentAddress " HA2 ";", HOA, UPDATES),
			   "dst " HA2 "/128", "dst " HA "/128");
}

static void policy_agent_name(void)
{
	policy_set_becomes(PROTECTED SET("HomeAgentName \"ha.example\";", HOA, UPDATES), NULL,
			   "proto esp");
}

static void policy_home(void)
{
	policy_set_becomes(PROTECTED SET(AGENT, OTHER, UPDATES), OTHER "/128", HOA "/128");
}

static void policy(void)
{
	policy_set_becomes(PROTECTED SET(AGENT, HOA, "IPsecPolicy HomeRegBinding UseESP 21 22;"),
			   "reqid 21", "reqid 11");
}

/* --- registrations ----------------------------------------------------------- */

/* What was granted lasts. */
static void longest_life(void)
{
	struct ha_world *w = with_node(BASE);

	reload(w->ha, BASE "HaMaxBindingLife 100;");
	ladder_run(w->L, 200 * S);
	assert_non_null(ha_binding(w, HOA));
	enroll(w, HOA);
	ladder_expect(w->L, "ha -> mn BA status=0 life=100", S);
	ladder_run(w->L, 101 * S);
	assert_null(ha_binding(w, HOA));
	ha_world_down(w);
}

/* Those that are there stay, beyond the limit as well. */
static void most_bindings(void)
{
	struct ha_world *w = with_node(BASE);

	enroll(w, OTHER);
	ladder_expect(w->L, "ha -> mn BA status=0 rh2=" OTHER, 3 * S);
	reload(w->ha, BASE "HaMaxBindings 1; HaVirtualHomeLink 2001:db8:77::/64;");
	ladder_run(w->L, S);
	assert_true(ha_binding(w, HOA) && ha_binding(w, OTHER));
	enroll(w, VIRTUAL);
	ladder_expect(w->L, "ha -> mn BA status=130", S);
	enroll(w, HOA);
	ladder_expect(w->L, "ha -> mn BA status=0", S);
	ha_world_down(w);
}

/* Two at the same instant: how many are answered. */
static size_t answers_to_two(struct ha_world *w, const char *one, const char *other)
{
	size_t before;

	ladder_run(w->L, 3 * S); /* the allowance is full */
	before = ladder_count(w->L, "ha -> mn BA");
	enroll(w, one);
	enroll(w, other);
	ladder_run(w->L, 2 * S);
	return ladder_count(w->L, "ha -> mn BA") - before;
}

static void rate(void)
{
	struct ha_world *w = with_node(BASE);

	enroll(w, OTHER);
	ladder_run(w->L, 2 * S);
	assert_int_equal(answers_to_two(w, HOA, OTHER), 2);
	reload(w->ha, BASE "HaMaxRegistrations 1;");
	assert_int_equal(answers_to_two(w, HOA, OTHER), 1);
	reload(w->ha, BASE);
	assert_int_equal(answers_to_two(w, HOA, OTHER), 2);
	ha_world_down(w);
}

static void rate_per_node(void)
{
	struct ha_world *w = with_node(BASE);

	assert_int_equal(answers_to_two(w, HOA, HOA), 2);
	reload(w->ha, BASE "HaMaxRegistrationsPerNode 1;");
	assert_int_equal(answers_to_two(w, HOA, HOA), 1);
	ha_world_down(w);
}

static void refresh_advice(void)
{
	struct ha_world *w = with_node(BASE);

	reload(w->ha, BASE "HaRefreshAdvice 20;");
	enroll(w, HOA);
	ladder_expect(w->L, "ha -> mn BA status=0 refresh=20", S);
	ha_world_down(w);
}

/* The registration ends, that of the other stays; the next one is refused so. */
static void forbid(const char *rule, const char *status)
{
	struct ha_world *w = with_node(BASE);
	char conf[512], refusal[64];

	update(w, OTHER, COA2, 3000);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	snprintf(conf, sizeof(conf), "%s%s", BASE, rule);
	reload(w->ha, conf);
	ladder_run(w->L, 100 * MS);
	assert_null(ha_binding(w, HOA));
	assert_false(box_has(w->ha, HOA));
	assert_non_null(ha_binding(w, OTHER));
	enroll(w, HOA);
	snprintf(refusal, sizeof(refusal), "ha -> mn BA status=%s", status);
	ladder_expect(w->L, refusal, S);
	reload(w->ha, BASE);
	enroll(w, HOA);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ha_world_down(w);
}

static void access_list(void)
{
	forbid("BindingAclPolicy " HOA " deny;", "129");
}

static void access_list_of_places(void)
{
	forbid("BindingAclCoaPolicy " COA " 140;", "140");
}

static void default_access(void)
{
	forbid("DefaultBindingAclPolicy 128; BindingAclPolicy " OTHER " allow;", "128");
}

/* A packet that comes through the tunnel from a node without a binding. */
static void send_through(struct ha_world *w, const char *inner)
{
	const struct in6_addr src = ip6(inner), coa = ip6(COA), ha = ip6(HA);
	const struct in6_addr dst = ip6(HOST);
	const uint8_t echo[8] = { 128 };
	struct packet *p = packet_new(&src, &dst, WIRE_PROTO_ICMPV6, echo, sizeof(echo));

	ladder_send_packet(w->mn, packet_wrap(p, &coa, &ha));
}

static void tell_unknown(void)
{
	struct ha_world *w = ha_world(BASE);

	reload(w->ha, BASE "HaTellUnknownNodes disabled;");
	send_through(w, HOA);
	ladder_refuse(w->L, "ha -> mn BE", S);
	reload(w->ha, BASE);
	send_through(w, HOA);
	ladder_expect(w->L, "ha -> mn BE status=1 home=" HOA, S);
	ha_world_down(w);
}

static void former_care_of(void)
{
	struct ha_world *w = with_node(BASE);

	reload(w->ha, BASE "HaFormerCoaTime 5;");
	update(w, HOA, COA2, 3000);
	ladder_expect(w->L, "ha -> mn BA status=0", S);
	ladder_run(w->L, 3 * S);
	assert_true(box_has(w->ha, COA2 " or " COA));
	ladder_run(w->L, 3 * S);
	assert_false(box_has(w->ha, COA2 " or "));
	ha_world_down(w);
}

/* --- router advertisements --------------------------------------------------- */

static void advertise(void)
{
	struct ha_world *w = ha_world(BASE);

	reload(w->ha, ADVERTS);
	ladder_expect(w->L, "ha -> *home RA H", S);
	reload(w->ha, BASE);
	ladder_expect(w->L, "ha -> *home RA life=0", MS);
	ladder_refuse(w->L, "ha -> *home RA", 300 * S);
	ha_world_down(w);
}

/* Soon, for what is said has changed (RFC 4861 6.2.4). */
static void advertises(const char *conf, const char *pattern)
{
	struct ha_world *w = ha_world(ADVERTS);

	ladder_run(w->L, 200 * S);
	assert_int_equal(ladder_count(w->L, pattern), 0);
	ladder_mark(w->L);
	reload(w->ha, conf);
	ladder_expect(w->L, pattern, 41 * S);
	ha_world_down(w);
}

static void longest_interval(void)
{
	advertises(ADVERTS "HaMaxRtrAdvInterval 90;", "ha -> *home RA interval=90000");
}

static void router_lifetime(void)
{
	advertises(ADVERTS "HaRouterLifetime 500;", "ha -> *home RA life=500");
}

static void preference(void)
{
	advertises(ADVERTS "HaPreference 7;", "ha -> *home RA hapref=7");
}

static void lifetime(void)
{
	advertises(ADVERTS "HaLifetime 123;", "ha -> *home RA halife=123");
}

/* The least and the greatest time between advertisements to all. */
static void gaps(struct ha_world *w, unsigned int count, uint64_t *least_us, uint64_t *most_us)
{
	uint64_t last_us = 0;

	*least_us = TIME_NEVER;
	*most_us = 0;
	ladder_mark(w->L);
	for (unsigned int i = 0; i < count; i++) {
		ladder_expect(w->L, "ha -> *home RA", 200 * S);
		if (last_us) {
			*least_us = time_earlier(*least_us, ladder_sent_us(w->L) - last_us);
			*most_us = time_later(*most_us, ladder_sent_us(w->L) - last_us);
		}
		last_us = ladder_sent_us(w->L);
	}
}

static void shortest_interval(void)
{
	struct ha_world *w = ha_world(ADVERTS);
	uint64_t least_us, most_us;

	ladder_run(w->L, 100 * S);
	gaps(w, 30, &least_us, &most_us);
	assert_in_range(least_us, 40 * S, 60 * S);
	reload(w->ha, ADVERTS "HaMinRtrAdvInterval 75;");
	ladder_run(w->L, 100 * S); /* the one that was set already */
	gaps(w, 30, &least_us, &most_us);
	assert_in_range(least_us, 75 * S, 85 * S);
	ha_world_down(w);
}

/* With somebody who solicits all the time. */
static void least_delay(struct ha_world *w, uint64_t least_us, uint64_t most_us)
{
	const struct mip6_path path = { .peer = ip6("ff02::2") };
	const struct nd_msg rs = { .type = ND_RS };
	uint64_t last_us = 0, shortest_us = TIME_NEVER;

	for (int i = 0; i < 300; i++) {
		size_t before = ladder_count(w->L, "ha -> *home RA");

		ladder_send_nd(w->host, &path, &rs);
		ladder_run(w->L, 50 * MS);
		if (ladder_count(w->L, "ha -> *home RA") == before)
			continue;
		if (last_us)
			shortest_us = time_earlier(shortest_us, ladder_now(w->L) - last_us);
		last_us = ladder_now(w->L);
	}
	assert_in_range(shortest_us, least_us, most_us);
}

static void delay_between(void)
{
	struct ha_world *w = ha_world(ADVERTS);

	ladder_run(w->L, 100 * S);
	least_delay(w, 2900 * MS, 4000 * MS);
	reload(w->ha, ADVERTS "HaMinDelayBetweenRAs 0.5;");
	ladder_run(w->L, 10 * S);
	least_delay(w, 450 * MS, 1000 * MS);
	ha_world_down(w);
}

/* --- prefix discovery -------------------------------------------------------- */

static void solicit(struct ha_world *w)
{
	const struct mip6_path path = { .local = ip6(COA), .local_home = ip6(HOA),
					.peer = ip6(HA) };
	const struct icmp6_msg msg = { .type = ICMP6_MSG_MPS, .mps = { .id = 5 } };

	ladder_mark(w->L);
	ladder_send_icmp6(w->mn, &path, &msg);
}

static void answer_prefixes(void)
{
	struct ha_world *w = with_node(BASE "SendUnsolMobPfxAdvs disabled;");

	solicit(w);
	ladder_expect(w->L, "ha -> mn MPA id=5", S);
	reload(w->ha, BASE "SendUnsolMobPfxAdvs disabled; SendMobPfxAdvs disabled;");
	solicit(w);
	ladder_refuse(w->L, "ha -> mn MPA", 5 * S);
	ha_world_down(w);
}

#define OFTEN "MinMobPfxAdvInterval 100; MaxMobPfxAdvInterval 200;"

/* Also to whom none was scheduled. */
static void advertise_prefixes(void)
{
	struct ha_world *w = with_node(BASE OFTEN "SendUnsolMobPfxAdvs disabled;");

	ladder_refuse(w->L, "ha -> mn MPA", 300 * S);
	reload(w->ha, BASE OFTEN);
	ladder_refuse(w->L, "ha -> mn MPA", 99 * S);
	ladder_expect(w->L, "ha -> mn MPA", 102 * S);
	/* in the middle of its repetitions */
	reload(w->ha, BASE OFTEN "SendUnsolMobPfxAdvs disabled;");
	ladder_refuse(w->L, "ha -> mn MPA", 500 * S);
	ha_world_down(w);
}

/* The next one was far off. */
static void prefixes_sooner(void)
{
	struct ha_world *w = with_node(BASE "MinMobPfxAdvInterval 10; MaxMobPfxAdvInterval 86400;");

	ladder_refuse(w->L, "ha -> mn MPA", 20 * S);
	reload(w->ha, BASE "MinMobPfxAdvInterval 10; MaxMobPfxAdvInterval 60;");
	ladder_expect(w->L, "ha -> mn MPA", 61 * S);
	ha_world_down(w);
}

/* The next one was near. */
static void prefixes_later(void)
{
	struct ha_world *w = with_node(BASE "MinMobPfxAdvInterval 10; MaxMobPfxAdvInterval 1200;");

	reload(w->ha, BASE "MinMobPfxAdvInterval 1000; MaxMobPfxAdvInterval 1200;");
	ladder_refuse(w->L, "ha -> mn MPA", 999 * S);
	ladder_expect(w->L, "ha -> mn MPA", 202 * S);
	ha_world_down(w);
}

static const char no_mobile_routers[] = "mobile routers are not served (RFC 3963)";

const struct reload_case reload_ha_cases[] = {
	{ "Interface", FOR_HA, .effect = interface },
	{ "Interface.IfType", FOR_HA, .effect = if_type },
	{ "UseMnHaIPsec", FOR_HA, .effect = use_ipsec },
	{ "KeyMngMobCapability", FOR_HA, .effect = key_management },
	{ "IPsecPolicySet", FOR_HA, .effect = policy_set },
	{ "IPsecPolicySet.HomeAgentAddress", FOR_HA, .effect = policy_agent },
	{ "IPsecPolicySet.HomeAgentName", FOR_HA, .effect = policy_agent_name },
	{ "IPsecPolicySet.HomeAddress", FOR_HA, .effect = policy_home },
	{ "IPsecPolicySet.IPsecPolicy", FOR_HA, .effect = policy },
	{ "HaMaxBindingLife", FOR_HA, .effect = longest_life },
	{ "HaMaxBindings", FOR_HA, .effect = most_bindings },
	{ "HaMaxRegistrations", FOR_HA, .effect = rate },
	{ "HaMaxRegistrationsPerNode", FOR_HA, .effect = rate_per_node },
	{ "HaRefreshAdvice", FOR_HA, .effect = refresh_advice },
	{ "HaVirtualHomeLink", FOR_HA, .effect = virtual_home_link },
	{ "HaAddress", FOR_HA, .effect = address },
	{ "HaTellUnknownNodes", FOR_HA, .effect = tell_unknown },
	{ "HaFormerCoaTime", FOR_HA, .effect = former_care_of },
	{ "HaSendRouterAdvs", FOR_HA, .effect = advertise },
	{ "HaMinRtrAdvInterval", FOR_HA, .effect = shortest_interval },
	{ "HaMaxRtrAdvInterval", FOR_HA, .effect = longest_interval },
	{ "HaMinDelayBetweenRAs", FOR_HA, .effect = delay_between },
	{ "HaRouterLifetime", FOR_HA, .effect = router_lifetime },
	{ "HaPreference", FOR_HA, .effect = preference },
	{ "HaLifetime", FOR_HA, .effect = lifetime },
	{ "SendMobPfxAdvs", FOR_HA, .effect = answer_prefixes },
	{ "SendUnsolMobPfxAdvs", FOR_HA, .effect = advertise_prefixes },
	{ "MinMobPfxAdvInterval", FOR_HA, .effect = prefixes_later },
	{ "MaxMobPfxAdvInterval", FOR_HA, .effect = prefixes_sooner },
	{ "HaAcceptMobRtr", FOR_HA, .unused = no_mobile_routers },
	{ "HaServedPrefix", FOR_HA, .unused = no_mobile_routers },
	{ "BindingAclPolicy", FOR_HA, .effect = access_list },
	{ "BindingAclCoaPolicy", FOR_HA, .effect = access_list_of_places },
	{ "DefaultBindingAclPolicy", FOR_HA, .effect = default_access },
	{ NULL, 0, .effect = NULL },
};
