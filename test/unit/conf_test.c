// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf/: values and defaults in the struct, the lists that are searched by
 * address, the comparison of two configurations, error records. The messages for
 * wrong files are tested by test/conf.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "conf/diff.h"
#include "conf/option.h"
#include "conf/suggest.h"
#include "conf/value.h"

static struct conf *load_with(const char *text, const struct conf_overrides *o, int wanted,
			      struct conf_errors *keep)
{
	struct conf_errors errs;
	struct conf *c;
	int rc;

	conf_errors_init(&errs);
	rc = conf_load_text("test", text, strlen(text), o, &c, &errs);
	if (rc != wanted)
		conf_errors_print(&errs, CONF_INFO, stderr);
	assert_int_equal(rc, wanted);
	if (wanted < 0)
		assert_null(c);
	else
		assert_non_null(c);
	if (keep)
		*keep = errs;
	else
		conf_errors_free(&errs);
	return c;
}

static struct conf *load(const char *text)
{
	return load_with(text, NULL, 0, NULL);
}

static struct in6_addr addr(const char *text)
{
	struct in6_addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

/* --- defaults and values --- */

/* RFC 6275 section 12: MAX_RR_BINDING_LIFETIME, InitialBindackTimeoutFirstReg,
 * INITIAL_BINDACK_TIMEOUT, MinMobPfxAdvInterval, MaxMobPfxAdvInterval,
 * INITIAL_SOLICIT_TIMER; 6.1.7: lifetimes are 16 bits of 4 seconds. */
static void test_defaults_rfc6275_12(void **state)
{
	struct conf *c = load("");

	(void)state;
	assert_int_equal(c->role, CONF_ROLE_CN);
	assert_int_equal(c->cn_max_binding_life_s, 420);
	assert_true(c->do_route_optimization_cn);
	assert_int_equal(c->ha_max_binding_life_s, 65535 * 4);
	assert_int_equal(c->min_mob_pfx_adv_interval_s, 600);
	assert_int_equal(c->max_mob_pfx_adv_interval_s, 86400);
	assert_int_equal(c->mn_max_cn_binding_life_s, 420);
	assert_int_equal(c->initial_bindack_timeout_first_reg_us, 1500000);
	assert_int_equal(c->initial_bindack_timeout_re_reg_us, 1000000);
	assert_int_equal(c->initial_solicit_timer_us, 3000000);
	assert_int_equal(c->coa_dad, CONF_COA_DAD_OPTIMISTIC);
	assert_int_equal(c->mn_router_probes, 1);
	assert_int_equal(c->mn_router_probe_timeout_us, 200000);
	assert_int_equal(c->default_binding_acl_status, 0);
	assert_string_equal(c->state_directory, "/var/lib/mip6d");
	assert_null(c->debug_log_file);
	assert_null(c->console_group);
	assert_null(c->hook_script);
	conf_free(c);
}

static void test_defaults_that_are_derived(void **state)
{
	struct conf *c = load("NodeConfig HA; RunDirectory \"/tmp/x\"; HaMaxRtrAdvInterval 3;");

	(void)state;
	assert_string_equal(c->console_socket, "/tmp/x/mip6d.sock");
	assert_int_equal(c->ha_min_rtr_adv_interval_us, 1000000);
	conf_free(c);
	/* RFC 6275 7.5: no shorter than 0.03 s */
	c = load("NodeConfig HA; HaMaxRtrAdvInterval 0.07;");
	assert_int_equal(c->ha_min_rtr_adv_interval_us, 30000);
	conf_free(c);
	c = load("NodeConfig HA; NonVolatileBindingCache disabled; ConsoleSocket \"/s\";");
	assert_false(c->nonvolatile_binding_cache);
	assert_string_equal(c->console_socket, "/s");
	conf_free(c);
}

/* Each default of the table is a value that its own option would accept. */
static void test_defaults_are_legal(void **state)
{
	char text[256];

	(void)state;
	for (size_t i = 0; i < conf_option_count(); i++) {
		const struct conf_option *o = &conf_options[i];
		bool quoted = o->type == CONF_TYPE_STRING;

		if (!o->default_text || o->block != CONF_BLOCK_TOP)
			continue;
		snprintf(text, sizeof(text), "%s %s%s%s;", o->name, quoted ? "\"" : "",
			 o->default_text, quoted ? "\"" : "");
		conf_free(load(text));
	}
}

static void test_table_is_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < conf_option_count(); i++) {
		const struct conf_option *o = &conf_options[i];

		assert_true(o->roles != 0);
		assert_non_null(o->help);
		assert_true(o->min <= o->max);
		assert_int_equal(conf_option_id(o), i);
		if (!o->name)
			continue;
		assert_ptr_equal(conf_option_find(o->block, o->name), o); /* no two alike */
		assert_true(conf_option_is_keyword(o->name));
		assert_null(conf_option_foreign(o->name));
	}
	assert_false(conf_option_is_keyword("allow"));
	assert_false(conf_option_is_keyword("HA"));
}

static void test_numbers_are_exact(void **state)
{
	static const struct {
		const char *text;
		uint64_t micro;
	} cases[] = {
		{"0", 0},	    {"1", 1000000},	     {"1.0", 1000000},
		{"0.1", 100000},    {".25", 250000},	     {"3.", 3000000},
		{"0.000001", 1},    {"0.0000019", 1},	     {"420.000000", 420000000},
		{"007", 7000000},   {"4294967295", 4294967295000000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(conf_number_micro(cases[i].text, strlen(cases[i].text)),
				 cases[i].micro);
	/* too large for 64 bits: large all the same, and whole */
	assert_true(conf_number_micro("99999999999999999999999", 23) > UINT64_MAX / 4);
	assert_int_equal(conf_number_micro("99999999999999999999999", 23) % 1000000, 0);
}

static void test_decimal_and_integer_are_alike(void **state)
{
	struct conf *a = load("NodeConfig MN; InitialBindackTimeoutReReg 2; MnRouterProbes 2.0;"
			      "MnRouterProbeTimeout .05;");

	(void)state;
	assert_int_equal(a->initial_bindack_timeout_re_reg_us, 2000000);
	assert_int_equal(a->mn_router_probes, 2);
	assert_int_equal(a->mn_router_probe_timeout_us, 50000);
	conf_free(a);
}

static void test_last_of_duplicates_counts(void **state)
{
	struct conf *c = load("DebugLevel 1; CnMaxBindings 5; DebugLevel 3;");

	(void)state;
	assert_int_equal(c->debug_level, 3);
	assert_int_equal(conf_option_written(c, "DebugLevel")->column, 32);
	assert_int_equal(conf_option_written(c, "CnMaxBindings")->line, 1);
	assert_int_equal(conf_option_written(c, "CnMaxBindingLife")->line, 0);
	conf_free(c);
}

static void test_other_roles_options_stay_default(void **state)
{
	struct conf *c = load("NodeConfig HA; MnMaxCnBindingLife 60;"
			      "MnHomeLink \"eth0\" { HomeAddress 2001:db8::5/64; }");

	(void)state;
	assert_int_equal(c->mn_max_cn_binding_life_s, 420);
	assert_int_equal(c->home_count, 0);
	conf_free(c);
}

static void test_overrides_come_first(void **state)
{
	const struct conf_overrides o = { .have_role = true,
					  .role = CONF_ROLE_MN,
					  .have_debug_level = true,
					  .debug_level = 2,
					  .debug_log_file = "x.log",
					  .vt_service = "7777" };
	struct conf *c = load_with("NodeConfig HA; DebugLevel 1; DebugLogFile \"y\";"
				   "MnMaxCnBindingLife 60;",
				   &o, 0, NULL);

	(void)state;
	assert_int_equal(c->role, CONF_ROLE_MN);
	assert_int_equal(c->debug_level, 2);
	assert_string_equal(c->debug_log_file, "x.log");
	assert_string_equal(c->vt_service, "7777");
	assert_int_equal(c->mn_max_cn_binding_life_s, 60);
	conf_free(c);
}

/* --- records --- */

static const char home_text[] =
	"NodeConfig MN; DoRouteOptimizationMN disabled;\n"
	"Interface \"eth0\" { MnIfPreference 3; }\n"
	"Interface \"tun0\" { Tunnel enabled; IfType CN; }\n"
	"MnHomeLink \"eth0\" {\n"
	"  HomeAddress 2001:db8:1::5/64 (2001:db8:5::/64, 2001:db8:6::/64);\n"
	"  HomeAgentAddress 2001:db8:1::1; IsMobRtr enabled;\n"
	"  MnRoPolicy 2001:db8:7::/48 enabled;\n"
	"  MnRoPolicy 2001:db8:7::7 disabled;\n"
	"}\n"
	"MnHomeLink \"eth0\" { HomeAddress 2001:db8:2::5/64; HomePrefix 2001:db8:2::/48;\n"
	"  MnRoPolicy enabled; }\n";

static void test_home_links(void **state)
{
	struct conf *c = load(home_text);
	const struct conf_home *h = &c->homes[0];
	struct in6_addr a = addr("2001:db8:1::5");
	struct addr_buf buf;

	(void)state;
	assert_int_equal(c->home_count, 2);
	assert_string_equal(h->ifname, "eth0");
	assert_true(addr_equal(&h->hoa, &a));
	assert_int_equal(h->hoa_len, 64);
	assert_string_equal(prefix_text(&h->home_prefix, &buf), "2001:db8:1::/64");
	assert_true(h->is_mob_rtr);
	assert_int_equal(h->mnp_count, 2);
	assert_string_equal(prefix_text(&h->mnps[1], &buf), "2001:db8:6::/64");
	assert_true(addr_is_unspecified(&c->homes[1].ha)); /* discovery, 11.4.1 */
	assert_string_equal(prefix_text(&c->homes[1].home_prefix, &buf), "2001:db8:2::/48");
	conf_free(c);
}

static void test_route_optimization_policy(void **state)
{
	struct conf *c = load(home_text);
	struct in6_addr in = addr("2001:db8:7::8");
	struct in6_addr exact = addr("2001:db8:7::7");
	struct in6_addr out = addr("2001:db8:8::8");

	(void)state;
	assert_true(conf_ro_wanted(c, &c->homes[0], &in));
	assert_false(conf_ro_wanted(c, &c->homes[0], &exact));
	assert_false(conf_ro_wanted(c, &c->homes[0], &out)); /* DoRouteOptimizationMN */
	assert_true(conf_ro_wanted(c, &c->homes[1], &out));  /* wildcard */
	conf_free(c);
}

static void test_interfaces(void **state)
{
	struct conf *c = load(home_text);
	const struct conf_interface *f = conf_interface_find(c, "tun0");

	(void)state;
	assert_int_equal(c->interface_count, 2);
	assert_string_equal(c->interfaces[0].name, "eth0");
	assert_int_equal(c->interfaces[0].preference, 3);
	assert_int_equal(c->interfaces[0].role, CONF_ROLE_MN);
	assert_non_null(f);
	assert_true(f->tunnel);
	assert_int_equal(f->role, CONF_ROLE_CN);
	assert_int_equal(f->preference, 10);
	assert_null(conf_interface_find(c, "eth1"));
	conf_free(c);
}

static void test_correspondent_policy(void **state)
{
	struct conf *c = load("DoRouteOptimizationCN disabled; CnBindingPolicySet {\n"
			      "2001:db8:1::/48 allow;\n"
			      "2001:db8:1::/64 2001:db8::1 deny;\n"
			      "2001:db8:1::5 allow;\n"
			      "2001:db8:1::5 2001:db8::2 deny;\n"
			      "}\n");
	struct in6_addr local1 = addr("2001:db8::1");
	struct in6_addr local2 = addr("2001:db8::2");
	struct in6_addr peer5 = addr("2001:db8:1::5");
	struct in6_addr peer6 = addr("2001:db8:1::6");
	struct in6_addr other = addr("2001:db8:1:1::6");
	struct in6_addr stranger = addr("2001:db8:9::6");

	(void)state;
	assert_true(conf_cn_accepts(c, &peer5, &local1));
	assert_false(conf_cn_accepts(c, &peer5, &local2));
	assert_false(conf_cn_accepts(c, &peer6, &local1));
	assert_true(conf_cn_accepts(c, &peer6, &local2));
	assert_true(conf_cn_accepts(c, &other, &local1));
	assert_false(conf_cn_accepts(c, &stranger, &local1));
	conf_free(c);
}

/* RFC 6275 6.1.8: 129 is "administratively prohibited". */
static void test_access_list(void **state)
{
	struct conf *c = load("NodeConfig HA; DefaultBindingAclPolicy deny;\n"
			      "BindingAclPolicy 2001:db8:1::/64 allow;\n"
			      "BindingAclPolicy 2001:db8:1::5 (2001:db8:5::/64) 132;\n"
			      "BindingAclPolicy 2001:db8:1::/80 deny;\n"
			      "BindingAclCoaPolicy 2001:db8:9::/48 deny;\n"
			      "BindingAclCoaPolicy 2001:db8:9::9 0;\n");
	struct in6_addr a = addr("2001:db8:1::5");
	struct in6_addr b = addr("2001:db8:1::6");
	struct in6_addr d = addr("2001:db8:1:0:1::6");
	struct in6_addr none = addr("2001:db8:2::6");
	struct in6_addr coa = addr("2001:db8:9:8::6");
	struct in6_addr good = addr("2001:db8:9::9");

	(void)state;
	assert_int_equal(c->default_binding_acl_status, 129);
	assert_int_equal(conf_acl_find(c, &a)->status, 132);
	assert_int_equal(conf_acl_find(c, &a)->mnp_count, 1);
	assert_int_equal(conf_acl_find(c, &b)->status, 129);
	assert_int_equal(conf_acl_find(c, &d)->status, 0);
	assert_null(conf_acl_find(c, &none));
	assert_int_equal(conf_acl_find_coa(c, &coa)->status, 129);
	assert_int_equal(conf_acl_find_coa(c, &good)->status, 0);
	assert_null(conf_acl_find_coa(c, &none));
	conf_free(c);
}

/* An entry for each of many nodes: each is found, and nothing else. */
static void test_access_list_is_searched(void **state)
{
	const unsigned int count = 20000;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	struct in6_addr a = addr("2001:db8:1::");
	struct conf *c;

	(void)state;
	fputs("NodeConfig HA;\n", f);
	for (unsigned int i = 0; i < count; i++)
		fprintf(f, "BindingAclPolicy 2001:db8:1::%x:%x %u;\n", i * 2 >> 16,
			i * 2 & 0xffff, 128 + i % 100);
	fclose(f);
	c = load(text);
	assert_int_equal(c->acl_count, count);
	for (unsigned int i = 0; i < count * 2; i++) {
		const struct conf_acl *e;

		a.s6_addr[13] = (uint8_t)(i >> 16);
		a.s6_addr[14] = (uint8_t)(i >> 8);
		a.s6_addr[15] = (uint8_t)i;
		e = conf_acl_find(c, &a);
		if (i % 2)
			assert_null(e);
		else
			assert_int_equal(e->status, 128 + i / 2 % 100);
	}
	conf_free(c);
	free(text);
}

static void test_ipsec_sets(void **state)
{
	struct conf *c = load("NodeConfig HA; IPsecPolicySet { HomeAgentAddress 2001:db8:1::1;\n"
			      "HomeAddress 2001:db8:1::6/64; HomeAddress 2001:db8:1::5/64;\n"
			      "IPsecPolicy HomeRegBinding UseESP 11;\n"
			      "IPsecPolicy TunnelPayload UseESP 12 13 block;\n"
			      "IPsecPolicy any UseESP allow; IPsecPolicy Mh UseESP; }\n");
	const struct conf_ipsec_set *s = &c->ipsec_sets[0];

	(void)state;
	assert_int_equal(c->ipsec_set_count, 1);
	assert_int_equal(s->hoa_count, 2);
	assert_int_equal(s->hoas[0].hoa.s6_addr[15], 6); /* in the order of the file */
	assert_int_equal(s->policy_count, 4);
	assert_int_equal(s->policies[0].type, CONF_IPSEC_HOME_REG_BINDING);
	assert_int_equal(s->policies[0].reqid_to_ha, 11);
	assert_int_equal(s->policies[0].reqid_to_mn, 11);
	assert_true(s->policies[0].allow);
	assert_true(conf_ipsec_type_is_tunnel(s->policies[1].type));
	assert_int_equal(s->policies[1].reqid_to_ha, 12);
	assert_int_equal(s->policies[1].reqid_to_mn, 13);
	assert_false(s->policies[1].allow);
	assert_true(s->policies[2].allow);
	assert_false(conf_ipsec_type_is_tunnel(s->policies[2].type));
	assert_int_equal(s->policies[3].reqid_to_mn, 0);
	conf_free(c);
}

/* --- differences --- */

struct told {
	char text[2000];
};

static void tell(const struct conf_change *ch, void *ctx)
{
	struct told *t = ctx;
	size_t used = strlen(t->text);

	snprintf(t->text + used, sizeof(t->text) - used, "%s[%s] %s -> %s (%s)\n",
		 ch->option->name ? ch->option->name : "-", ch->key,
		 ch->kind == CONF_CHANGE_ADDED ? "-" : ch->before,
		 ch->kind == CONF_CHANGE_REMOVED ? "-" : ch->after,
		 conf_reload_name(ch->option->reload));
}

static void expect_diff(const char *before, const char *after, int count, const char *text)
{
	struct conf *a = load(before);
	struct conf *b = load(after);
	struct told t = { "" };

	assert_int_equal(conf_diff(a, b, tell, &t), count);
	assert_string_equal(t.text, text);
	assert_int_equal(conf_diff(b, a, NULL, NULL), count);
	assert_int_equal(conf_equal(a, b), count == 0);
	conf_free(a);
	conf_free(b);
}

static void test_diff_scalars(void **state)
{
	(void)state;
	expect_diff("DebugLevel 1;", "# moved\n\nDebugLevel 1.0;", 0, "");
	expect_diff("DebugLevel 1;", "DebugLevel 2; DebugLogFile \"x\";", 2,
		    "DebugLevel[] 1 -> 2 (live)\nDebugLogFile[]  -> \"x\" (live)\n");
	expect_diff("NodeConfig MN; CoaDad full;", "NodeConfig MN; NoHomeReturn allow;", 2,
		    "CoaDad[] full -> optimistic (new)\n"
		    "NoHomeReturn[] disabled -> enabled (live)\n");
	expect_diff("", "RunDirectory \"/x\";", 2,
		    "RunDirectory[] \"/run/mip6d\" -> \"/x\" (restart)\n"
		    "ConsoleSocket[] \"/run/mip6d/mip6d.sock\" -> \"/x/mip6d.sock\" (restart)\n");
}

/* What only a restart changes stays; every such option is one that can be kept so. */
static void test_kept_for_restart(void **state)
{
	struct conf *running = load("NodeConfig MN; RunDirectory \"/x\"; ConsoleGroup \"g\";"
				    "StateDurability machine; MnRouterProbes 3;");
	struct conf *next = load("NodeConfig MN; VTService \"7777\"; MnRouterProbes 4;"
				 "NonVolatileBindingCache disabled; InterfaceInitialInitDelay 7;");
	struct told t = { "" };

	(void)state;
	for (size_t i = 0; i < conf_option_count(); i++) {
		const struct conf_option *o = &conf_options[i];

		if (o->reload == CONF_RELOAD_RESTART && o->size)
			assert_true(o->block == CONF_BLOCK_TOP && !o->repeatable);
	}
	assert_int_equal(conf_diff(running, next, NULL, NULL), 8);
	assert_int_equal(conf_keep_for_restart(next, running), 0);
	assert_int_equal(conf_diff(running, next, tell, &t), 1);
	assert_string_equal(t.text, "MnRouterProbes[] 3 -> 4 (live)\n");
	conf_free(running);
	assert_string_equal(next->run_directory, "/x");
	assert_string_equal(next->console_socket, "/x/mip6d.sock");
	assert_string_equal(next->console_group, "g");
	assert_null(next->vt_service);
	conf_free(next);
}

static void test_diff_lists(void **state)
{
	(void)state;
	expect_diff("NodeConfig HA; BindingAclPolicy 2001:db8::1 allow;"
		    "BindingAclPolicy 2001:db8::2 allow;",
		    "NodeConfig HA; BindingAclPolicy 2001:db8::3 allow;"
		    "BindingAclPolicy 2001:db8::2 (2001:db8:2::/64) deny;",
		    3,
		    "BindingAclPolicy[2001:db8::1/128] 2001:db8::1 allow -> - (live)\n"
		    "BindingAclPolicy[2001:db8::2/128] 2001:db8::2 allow -> "
		    "2001:db8::2 (2001:db8:2::/64) deny (live)\n"
		    "BindingAclPolicy[2001:db8::3/128] - -> 2001:db8::3 allow (live)\n");
	expect_diff("NodeConfig HA; HaServedPrefix 2001:db8::/48; HaAddress 2001:db8::1;",
		    "NodeConfig HA; HaVirtualHomeLink 2001:db8::/48;", 3,
		    "HaVirtualHomeLink[2001:db8::/48] - -> 2001:db8::/48 (live)\n"
		    "HaAddress[2001:db8::1] 2001:db8::1 -> - (live)\n"
		    "HaServedPrefix[2001:db8::/48] 2001:db8::/48 -> - (live)\n");
	expect_diff("CnBindingPolicySet { 2001:db8::1 allow; }",
		    "CnBindingPolicySet { 2001:db8::1 deny; }", 1,
		    "CnBindingPolicySet[2001:db8::1/128 ::/0] enabled -> disabled (live)\n");
}

static void test_diff_blocks(void **state)
{
	(void)state;
	expect_diff("NodeConfig MN; Interface \"a\"; Interface \"b\" { MnIfPreference 1; }",
		    "NodeConfig MN; Interface \"b\" { MnIfPreference 2; } Interface \"c\";", 3,
		    "Interface[a] a -> - (live)\nInterface[c] - -> c (live)\n"
		    "MnIfPreference[b] 1 -> 2 (live)\n");
	expect_diff("NodeConfig MN; MnHomeLink \"a\" { HomeAddress 2001:db8::5/64; }",
		    "NodeConfig MN; MnHomeLink \"b\" { HomeAddress 2001:db8::5/64;"
		    "MnRoPolicy 2001:db8:7::7 block; }",
		    2,
		    "MnHomeLink[2001:db8::5] a -> b (live)\n"
		    "MnRoPolicy[2001:db8::5]  -> 2001:db8:7::7 disabled (live)\n");
	expect_diff("NodeConfig HA; IPsecPolicySet { HomeAgentAddress 2001:db8::1;"
		    "HomeAddress 2001:db8::5/64; HomeAddress 2001:db8::6/64;"
		    "IPsecPolicy Mh UseESP 1; }",
		    "NodeConfig HA; IPsecPolicySet { HomeAgentAddress 2001:db8::1;"
		    "HomeAddress 2001:db8::6/64; IPsecPolicy Mh UseESP 1;"
		    "IPsecPolicy ICMP UseESP 2; }",
		    2,
		    "IPsecPolicySet[2001:db8::1 2001:db8::5] Mh UseESP 1 -> - (live)\n"
		    "IPsecPolicySet[2001:db8::1 2001:db8::6] Mh UseESP 1 -> "
		    "Mh UseESP 1, ICMP UseESP 2 (live)\n");
}

/* --- errors --- */

static void test_error_records(void **state)
{
	struct conf_errors e;

	(void)state;
	load_with("DebugLevel 1;\n  DebugLevl 2;\nCnMaxBindingLife 500;\n", NULL, -EINVAL, &e);
	assert_int_equal(e.error_count, 2);
	assert_int_equal(e.count, 2);
	assert_string_equal(e.list[0].file, "test");
	assert_int_equal(e.list[0].line, 2);
	assert_int_equal(e.list[0].column, 3);
	assert_int_equal(e.list[0].width, 9);
	assert_string_equal(e.list[0].source, "  DebugLevl 2;");
	assert_string_equal(e.list[0].hint, "did you mean DebugLevel?");
	assert_int_equal(e.list[1].severity, CONF_ERROR);
	assert_int_equal(e.list[1].line, 3);
	assert_string_equal(e.list[1].expected, "CnMaxBindingLife SECONDS; (0 to 420)");
	conf_errors_free(&e);
}

static void test_errors_are_limited(void **state)
{
	struct conf_errors e;
	char text[2000] = "";

	(void)state;
	for (int i = 0; i < 60; i++)
		strcat(text, "Nonsense 1;\n");
	load_with(text, NULL, -EINVAL, &e);
	assert_int_equal(e.error_count, CONF_ERRORS_MAX);
	conf_errors_free(&e);
}

static void test_text_cannot_include(void **state)
{
	struct conf_errors e;

	(void)state;
	load_with("include \"/etc/hostname\"\n", NULL, -EINVAL, &e);
	assert_string_equal(e.list[0].message, "include is not possible here");
	conf_errors_free(&e);
}

static void test_bytes_behind_the_text_are_not_read(void **state)
{
	char *text = malloc(3);
	struct conf_errors e;
	struct conf *c;

	(void)state;
	memcpy(text, "Deb", 3); /* no NUL behind: the address sanitizer watches */
	conf_errors_init(&e);
	assert_int_equal(conf_load_text("test", text, 3, NULL, &c, &e), -EINVAL);
	conf_errors_free(&e);
	free(text);
}

static void test_suggestions(void **state)
{
	struct conf_suggest s;

	(void)state;
	conf_suggest_begin(&s, "HaMaxBindingLive");
	conf_suggest_try(&s, "HaMaxBindings");
	conf_suggest_try(&s, "HaMaxBindingLife");
	conf_suggest_try(&s, "MnMaxHaBindingLife");
	assert_string_equal(s.best, "HaMaxBindingLife");
	conf_suggest_begin(&s, "NODECONFIG");
	conf_suggest_try(&s, "NodeConfig");
	assert_string_equal(s.best, "NodeConfig");
	conf_suggest_begin(&s, "DebugLeevl"); /* two letters swapped */
	conf_suggest_try(&s, "DebugLevel");
	assert_string_equal(s.best, "DebugLevel");
	conf_suggest_begin(&s, "Banana");
	conf_suggest_try(&s, "Tunnel");
	assert_null(s.best);
	conf_suggest_begin(&s, "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX");
	conf_suggest_try(&s, "Tunnel");
	assert_null(s.best);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults_rfc6275_12),
		cmocka_unit_test(test_defaults_that_are_derived),
		cmocka_unit_test(test_defaults_are_legal),
		cmocka_unit_test(test_table_is_sound),
		cmocka_unit_test(test_numbers_are_exact),
		cmocka_unit_test(test_decimal_and_integer_are_alike),
		cmocka_unit_test(test_last_of_duplicates_counts),
		cmocka_unit_test(test_other_roles_options_stay_default),
		cmocka_unit_test(test_overrides_come_first),
		cmocka_unit_test(test_home_links),
		cmocka_unit_test(test_route_optimization_policy),
		cmocka_unit_test(test_interfaces),
		cmocka_unit_test(test_correspondent_policy),
		cmocka_unit_test(test_access_list),
		cmocka_unit_test(test_access_list_is_searched),
		cmocka_unit_test(test_ipsec_sets),
		cmocka_unit_test(test_diff_scalars),
		cmocka_unit_test(test_kept_for_restart),
		cmocka_unit_test(test_diff_lists),
		cmocka_unit_test(test_diff_blocks),
		cmocka_unit_test(test_error_records),
		cmocka_unit_test(test_errors_are_limited),
		cmocka_unit_test(test_text_cannot_include),
		cmocka_unit_test(test_bytes_behind_the_text_are_not_read),
		cmocka_unit_test(test_suggestions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
