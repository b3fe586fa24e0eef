// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a home agent's router advertisement says, field by field: RFC 4861 6.2.3, RFC 6275
 * 7.1 to 7.5.
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
#include "ha/advert.h"

struct scene {
	struct link_table links;
	struct conf *conf;
	struct nd_msg msg;
};

static struct in6_addr addr(const char *text)
{
	struct in6_addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

static void put_addr(struct scene *s, const char *text, uint8_t plen, bool tentative,
		     bool deprecated)
{
	struct kaddr_event a = { .ifindex = 5,
				 .addr = addr(text),
				 .plen = plen,
				 .tentative = tentative,
				 .deprecated = deprecated };

	assert_int_equal(link_update_addr(&s->links, &a, 0), 0);
}

static void set_up(struct scene *s, const char *more)
{
	struct klink l = { .ifindex = 5,
			   .name = "eth0",
			   .up = true,
			   .running = true,
			   .multicast = true,
			   .mtu = 1500,
			   .lladdr = { 2, 0, 0, 0, 1, 1 },
			   .lladdr_len = 6 };
	char text[512];
	struct conf_errors errs;

	memset(s, 0, sizeof(*s));
	link_table_init(&s->links);
	assert_int_equal(link_update(&s->links, &l), 0);
	put_addr(s, "fe80::1", 64, false, false);
	put_addr(s, "2001:db8:1::2", 64, false, false);
	snprintf(text, sizeof(text), "NodeConfig HA; UseMnHaIPsec disabled; Interface \"eth0\";%s",
		 more);
	conf_errors_init(&errs);
	assert_int_equal(conf_load_text("test", text, strlen(text), NULL, &s->conf, &errs), 0);
	conf_errors_free(&errs);
}

static void tear_down(struct scene *s)
{
	link_table_free(&s->links);
	conf_free(s->conf);
}

static bool build(struct scene *s, bool final)
{
	return ha_advert_build(s->conf, link_find(&s->links, 5), final, &s->msg);
}

/* RFC 6275 7.1, 7.2, 7.3, 7.5; RFC 4861 6.2.1: the defaults. */
static void says_that_it_is_a_home_agent(void **state)
{
	const struct nd_prefix_info *p;
	struct in6_addr whole = addr("2001:db8:1::2");
	struct scene s;

	(void)state;
	set_up(&s, "");
	assert_true(build(&s, false));
	assert_int_equal(s.msg.type, ND_RA);
	assert_true(s.msg.ra.home_agent);
	assert_int_equal(s.msg.ra.lifetime_s, 30);
	assert_int_equal(s.msg.ra.cur_hop_limit, 64);
	assert_int_equal(s.msg.ra.reachable_ms, 0);
	assert_int_equal(s.msg.ra.retrans_ms, 0);
	assert_false(s.msg.ra.managed || s.msg.ra.other);
	assert_true(nd_has(&s.msg.opts, ND_HAS_SLLA));
	assert_int_equal(s.msg.opts.slla.len, 6);
	assert_memory_equal(s.msg.opts.slla.addr, "\2\0\0\0\1\1", 6);
	assert_true(nd_has(&s.msg.opts, ND_HAS_ADV_INTERVAL));
	assert_int_equal(s.msg.opts.adv_interval_ms, 10000);
	assert_int_equal(s.msg.opts.prefix_count, 1);
	p = &s.msg.opts.prefix[0];
	assert_true(p->router_address && p->on_link && p->autonomous);
	assert_true(addr_equal(&p->addr, &whole));
	assert_int_equal(p->prefix_len, 64);
	assert_int_equal(p->valid_s, 2592000);
	assert_int_equal(p->preferred_s, 604800);
	assert_false(nd_has(&s.msg.opts, ND_HAS_MTU));
	tear_down(&s);
}

/* RFC 6275 7.4: left out when all is default; lifetime 0 MUST NOT be used. */
static void home_agent_information_when_needed(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s, "");
	assert_true(build(&s, false));
	assert_false(nd_has(&s.msg.opts, ND_HAS_HA_INFO));
	tear_down(&s);

	set_up(&s, "HaPreference 7;");
	assert_true(build(&s, false));
	assert_int_equal(s.msg.opts.ha_info.preference, 7);
	assert_int_equal(s.msg.opts.ha_info.lifetime_s, 30);
	tear_down(&s);

	set_up(&s, "HaLifetime 500;");
	assert_true(build(&s, false));
	assert_true(nd_has(&s.msg.opts, ND_HAS_HA_INFO));
	assert_int_equal(s.msg.opts.ha_info.preference, 0);
	assert_int_equal(s.msg.opts.ha_info.lifetime_s, 500);
	tear_down(&s);

	set_up(&s, "HaRouterLifetime 0;");
	assert_true(build(&s, false));
	assert_int_equal(s.msg.ra.lifetime_s, 0);
	assert_int_equal(s.msg.opts.ha_info.lifetime_s, 30);
	tear_down(&s);
}

/* RFC 6275 7.5: an interval below 200 ms is told 20 ms longer; the router lifetime is at
 * least one second. */
static void short_intervals(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s, "HaMaxRtrAdvInterval 0.199;");
	assert_true(build(&s, false));
	assert_int_equal(s.msg.opts.adv_interval_ms, 219);
	assert_int_equal(s.msg.ra.lifetime_s, 1);
	tear_down(&s);
	set_up(&s, "HaMaxRtrAdvInterval 0.2;");
	assert_true(build(&s, false));
	assert_int_equal(s.msg.opts.adv_interval_ms, 200);
	tear_down(&s);
}

/* RFC 4861 6.2.5: no router, no home agent, but the prefixes stay. */
static void the_final_one(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s, "HaPreference 7;");
	assert_true(build(&s, true));
	assert_int_equal(s.msg.ra.lifetime_s, 0);
	assert_false(s.msg.ra.home_agent);
	assert_false(nd_has(&s.msg.opts, ND_HAS_HA_INFO));
	assert_true(nd_has(&s.msg.opts, ND_HAS_SLLA));
	assert_int_equal(s.msg.opts.prefix_count, 1);
	tear_down(&s);
}

/* Each prefix once, by an address that stays the same (7.2): HaAddress, one that is not
 * deprecated, the lowest; not of what is tentative or no prefix. */
static void one_address_for_each_prefix(void **state)
{
	struct in6_addr named = addr("2001:db8:1::9"), lower = addr("2001:db8:1::1");
	struct in6_addr other = addr("2001:db8:2::4");
	struct scene s;

	(void)state;
	set_up(&s, "");
	put_addr(&s, "2001:db8:1::9", 64, false, false);
	put_addr(&s, "2001:db8:1::1", 64, false, false);
	put_addr(&s, "2001:db8:3::1", 64, true, false);
	put_addr(&s, "2001:db8:4::1", 128, false, false);
	put_addr(&s, "2001:db8:2::3", 80, false, true);
	put_addr(&s, "2001:db8:2::4", 80, false, false);
	put_addr(&s, "2001:db8:5::1", 64, false, true);
	assert_true(build(&s, false));
	assert_int_equal(s.msg.opts.prefix_count, 3);
	assert_true(addr_equal(&s.msg.opts.prefix[0].addr, &lower));
	assert_true(addr_equal(&s.msg.opts.prefix[1].addr, &other));
	assert_false(s.msg.opts.prefix[1].autonomous); /* no 64 bits */
	assert_int_equal(s.msg.opts.prefix[1].preferred_s, 604800);
	assert_int_equal(s.msg.opts.prefix[2].preferred_s, 0); /* deprecated */
	assert_int_equal(s.msg.opts.prefix[2].valid_s, 2592000);
	tear_down(&s);

	set_up(&s, "HaAddress 2001:db8:1::9;");
	put_addr(&s, "2001:db8:1::9", 64, false, false);
	put_addr(&s, "2001:db8:1::1", 64, false, false);
	assert_true(build(&s, false));
	assert_int_equal(s.msg.opts.prefix_count, 1);
	assert_true(addr_equal(&s.msg.opts.prefix[0].addr, &named));
	tear_down(&s);
}

/* RFC 2464 section 2, RFC 4861 4.6.4: a smaller MTU than that of Ethernet is told. */
static void the_mtu_when_it_is_small(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s, "");
	link_find(&s.links, 5)->l.mtu = 1400;
	assert_true(build(&s, false));
	assert_int_equal(s.msg.opts.mtu, 1400);
	link_find(&s.links, 5)->l.mtu = 9000;
	assert_true(build(&s, false));
	assert_false(nd_has(&s.msg.opts, ND_HAS_MTU));
	tear_down(&s);
}

/* RFC 4861 6.2.2, 4.2: not without a link-local address; RFC 6275 7.2: a home agent MUST
 * tell an address. */
static void nothing_without_addresses(void **state)
{
	struct kaddr_event gone = { .ifindex = 5, .addr = addr("fe80::1"), .gone = true };
	struct scene s;

	(void)state;
	set_up(&s, "");
	assert_int_equal(link_update_addr(&s.links, &gone, 0), 0);
	assert_false(build(&s, false));
	put_addr(&s, "fe80::1", 64, false, false);
	gone.addr = addr("2001:db8:1::2");
	assert_int_equal(link_update_addr(&s.links, &gone, 0), 0);
	assert_false(build(&s, false));
	tear_down(&s);
}

/* The largest possible one fits into the minimum MTU of 1280 with its IPv6 header. */
static void the_largest_fits(void **state)
{
	struct in6_addr from = addr("fe80::1"), to = addr("ff02::1");
	uint8_t buf[ND_LEN_MAX];
	struct scene s;
	int len;

	(void)state;
	set_up(&s, "HaPreference 7;");
	link_find(&s.links, 5)->l.mtu = 1400;
	for (int i = 0; i < 40; i++) {
		char text[64];

		snprintf(text, sizeof(text), "2001:db8:100:%x::1", (unsigned int)i);
		put_addr(&s, text, 64, false, false);
	}
	assert_true(build(&s, false));
	assert_int_equal(s.msg.opts.prefix_count, ND_PREFIX_MAX);
	len = nd_encode(&s.msg, &from, &to, buf, sizeof(buf));
	assert_in_range(len, 1024, 1240);
	tear_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_that_it_is_a_home_agent),
		cmocka_unit_test(home_agent_information_when_needed),
		cmocka_unit_test(short_intervals),
		cmocka_unit_test(the_final_one),
		cmocka_unit_test(one_address_for_each_prefix),
		cmocka_unit_test(the_mtu_when_it_is_small),
		cmocka_unit_test(nothing_without_addresses),
		cmocka_unit_test(the_largest_fits),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
