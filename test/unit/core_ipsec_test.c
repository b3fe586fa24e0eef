// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which policies of IPsec a configuration makes, on both sides: RFC 3776 5.2, RFC 6275 5.1
 * and 10.4.6.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "conf/error.h"
#include "core/ipsec.h"

#define HA  "2001:db8:1::1"
#define HOA "2001:db8:1::5"
#define COA "2001:db8:a::9"

static char got[8192];

static struct in6_addr addr(const char *text)
{
	struct in6_addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

static struct conf *load(const char *policies)
{
	char text[1024];
	struct conf_errors errs;
	struct conf *c;

	snprintf(text, sizeof(text),
		 "NodeConfig HA; Interface \"eth0\"; IPsecPolicySet { HomeAgentAddress " HA ";"
		 "HomeAddress " HOA "/64; %s }",
		 policies);
	conf_errors_init(&errs);
	assert_int_equal(conf_load_text("test", text, strlen(text), NULL, &c, &errs), 0);
	conf_errors_free(&errs);
	return c;
}

/* All objects, a line each. */
static const char *lines(struct footprint *f)
{
	char text[KOBJ_TEXT_MAX];

	got[0] = '\0';
	for (size_t i = 0; i < f->count; i++) {
		strcat(got, kobj_text(&f->items[i], text, sizeof(text)));
		strcat(got, "\n");
	}
	footprint_free(f);
	return got;
}

static const char *transport(const char *policies, enum ipsec_side side)
{
	struct conf *c = load(policies);
	struct footprint f;

	footprint_init(&f);
	ipsec_transport_objects(c, side, NULL, NULL, &f);
	conf_free(c);
	return lines(&f);
}

static const char *tunnel(const char *policies, enum ipsec_side side)
{
	struct in6_addr hoa = addr(HOA), ha = addr(HA), coa = addr(COA);
	struct conf *c = load(policies);
	const struct ipsec_tunnel rules = ipsec_tunnel_of(c, &hoa, &ha);
	struct footprint f;

	conf_free(c);
	footprint_init(&f);
	ipsec_tunnel_objects(&rules, side, &hoa, &ha, &coa, &f);
	return lines(&f);
}

#define TO_HA "src " HOA "/128 dst " HA "/128"
#define TO_MN "src " HA "/128 dst " HOA "/128"
#define ESP   " tmpl src :: dst :: proto esp mode transport reqid "

/* RFC 3776 5.2.1: proto = MH, in both directions, each with the association that is named. */
static void updates_and_acknowledgements(void **state)
{
	(void)state;
	assert_string_equal(transport("IPsecPolicy HomeRegBinding UseESP 11 12;", IPSEC_HOME_AGENT),
			    "policy " TO_MN " proto 135 dir out priority 110" ESP "12\n"
			    "policy " TO_HA " proto 135 dir in priority 110" ESP "11\n");
	assert_string_equal(transport("IPsecPolicy HomeRegBinding UseESP 11 12;",
				      IPSEC_MOBILE_NODE),
			    "policy " TO_HA " proto 135 dir out priority 110" ESP "11\n"
			    "policy " TO_MN " proto 135 dir in priority 110" ESP "12\n");
}

/* With a policy for the rest, each is sent by its own; either may come in. */
static void updates_apart_from_other_messages(void **state)
{
	(void)state;
	assert_string_equal(
		transport("IPsecPolicy HomeRegBinding UseESP 11 12; IPsecPolicy Mh UseESP 13 14;",
			  IPSEC_HOME_AGENT),
		"policy " TO_MN " proto 135 type 6 dir out priority 100" ESP "12\n"
		"policy " TO_MN " proto 135 dir out priority 110" ESP "14\n"
		"policy " TO_HA " proto 135 dir in priority 110 tmpl src :: dst :: proto esp "
		"mode transport\n");
}

/* RFC 3776 5.2.3: prefix discovery, by the types of its messages. */
static void prefix_discovery(void **state)
{
	(void)state;
	assert_string_equal(transport("IPsecPolicy MobPfxDisc UseESP 3;", IPSEC_HOME_AGENT),
			    "policy " TO_MN " proto 58 type 147 dir out priority 100" ESP "3\n"
			    "policy " TO_HA " proto 58 type 146 dir in priority 100" ESP "3\n");
	assert_string_equal(transport("IPsecPolicy MobPfxDisc UseESP 3;", IPSEC_MOBILE_NODE),
			    "policy " TO_HA " proto 58 type 146 dir out priority 100" ESP "3\n"
			    "policy " TO_MN " proto 58 type 147 dir in priority 100" ESP "3\n");
}

/* RFC 3776 4.2: what does not enter the tunnel passes the policies for it. */
static void the_home_agents_own_packets_pass(void **state)
{
	(void)state;
	assert_string_equal(transport("IPsecPolicy TunnelPayload UseESP 5;", IPSEC_HOME_AGENT),
			    "policy " TO_MN " dir out priority 130\n"
			    "policy " TO_HA " dir in priority 130\n");
	assert_string_equal(
		transport("IPsecPolicy TunnelPayload UseESP 5; IPsecPolicy any UseESP block;",
			  IPSEC_HOME_AGENT),
		"policy " TO_MN " dir out priority 120 action block\n"
		"policy " TO_HA " dir in priority 120 action block\n");
}

/* RFC 3776 5.2.2, 5.2.4; RFC 6275 10.4.6: between care-of address and home agent; on the
 * home agent also for what it forwards. */
static void tunnels(void **state)
{
	(void)state;
	assert_string_equal(
		tunnel("IPsecPolicy TunnelHomeTesting UseESP 15 16;", IPSEC_HOME_AGENT),
		"policy src " HOA "/128 dst ::/0 proto 135 dir in priority 150 tmpl src " COA
		" dst " HA " proto esp mode tunnel reqid 15\n"
		"policy src " HOA "/128 dst ::/0 proto 135 dir fwd priority 150 tmpl src " COA
		" dst " HA " proto esp mode tunnel reqid 15\n"
		"policy src ::/0 dst " HOA "/128 proto 135 dir out priority 150 tmpl src " HA
		" dst " COA " proto esp mode tunnel reqid 16\n");
	assert_string_equal(tunnel("IPsecPolicy TunnelPayload UseESP 17;", IPSEC_MOBILE_NODE),
			    "policy src ::/0 dst " HOA "/128 dir in priority 160 tmpl src " HA
			    " dst " COA " proto esp mode tunnel reqid 17\n"
			    "policy src " HOA "/128 dst ::/0 dir out priority 160 tmpl src " COA
			    " dst " HA " proto esp mode tunnel reqid 17\n");
}

static void nothing_where_it_is_off(void **state)
{
	struct in6_addr hoa = addr(HOA), ha = addr(HA), coa = addr(COA);
	struct conf *c = load("IPsecPolicy Mh UseESP; IPsecPolicy TunnelMh UseESP;");
	struct ipsec_tunnel rules = ipsec_tunnel_of(c, &hoa, &ha), none;
	struct footprint f;

	(void)state;
	assert_true(ipsec_protects_binding(c, &hoa, &ha));
	assert_false(ipsec_protects_prefixes(c, &hoa, &ha));
	assert_false(ipsec_protects_binding(c, &ha, &hoa));
	assert_false(ipsec_protects_binding(c, &hoa, &coa));
	c->use_mn_ha_ipsec = false;
	footprint_init(&f);
	ipsec_transport_objects(c, IPSEC_HOME_AGENT, NULL, NULL, &f);
	none = ipsec_tunnel_of(c, &hoa, &ha);
	assert_false(ipsec_tunnel_equal(&rules, &none));
	ipsec_tunnel_objects(&none, IPSEC_HOME_AGENT, &hoa, &ha, &coa, &f);
	assert_int_equal(f.count, 0);
	assert_false(ipsec_protects_binding(c, &hoa, &ha));
	footprint_free(&f);
	conf_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(updates_and_acknowledgements),
		cmocka_unit_test(updates_apart_from_other_messages),
		cmocka_unit_test(prefix_discovery),
		cmocka_unit_test(the_home_agents_own_packets_pass),
		cmocka_unit_test(tunnels),
		cmocka_unit_test(nothing_where_it_is_off),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
