// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What routers say, and whether it is believed (RFC 4861 6.3.4, RFC 4862 5.5.3, RFC 6275
 * 11.5.1): flags, lifetimes, floods, and routers that look alike.
 */
#include "test/ladder/move_world.h"

#include <stdio.h>

static bool is_deprecated(void)
{
	const struct move_prefix *p = move_best_prefix(move_of(box_mip6(mn))->current);

	assert_non_null(p);
	return p->preferred_us <= box_mip6(mn)->now_us;
}

/* RFC 4862 5.5.3 e: one advertisement cannot end an address soon; 6.3.4 of RFC 4861: a
 * router's lifetime of zero ends its use at once. */
static void lifetimes_are_believed_within_limits(void **state)
{
	struct move_world w = move_world_at_a(CONF, 0);

	(void)state;
	ladder_ra(w.ra)->opts.prefix[0].valid_s = 1;
	ladder_ra(w.ra)->opts.prefix[0].preferred_s = 1;
	ladder_advertise(w.ra);
	ladder_run(w.L, 10 * MS);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	ladder_run(w.L, 1700 * S);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	/* deprecated, but there is no other (RFC 4862 5.5.4) */
	ladder_advertise(w.ra);
	ladder_run(w.L, 2 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	assert_int_equal(seen.changes, 1);
	ladder_ra(w.ra)->ra.lifetime_s = 0;
	ladder_advertise(w.ra);
	ladder_run(w.L, 10 * MS);
	assert_false(seen.at.usable);
	move_world_end(&w);
}

/* Tables are bounded, whatever comes (RFC 4861 is silent; RFC 6104 tells of the attack). */
static void a_flood_of_prefixes_is_survived(void **state)
{
	struct move_world w = move_world_at_a(CONF, 0);
	unsigned int i;

	(void)state;
	ladder_ra(w.ra)->opts.prefix_count = 2;
	ladder_ra(w.ra)->opts.prefix[1] = ladder_ra(w.ra)->opts.prefix[0];
	for (i = 0; i < 2000; i++) {
		struct nd_prefix_info *info = &ladder_ra(w.ra)->opts.prefix[1];

		info->addr.s6_addr[6] = (uint8_t)(i >> 8);
		info->addr.s6_addr[7] = (uint8_t)i;
		ladder_advertise(w.ra);
		ladder_run(w.L, MS);
	}
	assert_true(box_count(mn, KOBJ_ADDR) <= MOVE_PREFIXES_MAX);
	move_world_assert_prefix("2001:db8:a::/64");
	assert_int_equal(seen.changes, 1);
	move_world_end(&w);
}

/* RFC 6275 11.5.3: a home address is never configured as a care-of address; another one
 * of that prefix is. */
static void a_home_address_is_not_configured(void **state)
{
	struct move_world w = move_world_at_a(CONF, 0);
	struct in6_addr coa = seen.at.coa;

	(void)state;
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, 5 * S);
	home_address = coa;
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 5 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	assert_false(addr_equal(&seen.at.coa, &coa));
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	assert_false(box_has(mn, ADDR_STR(&coa)));
	/* and one that becomes a home address is given up */
	home_address = seen.at.coa;
	ladder_reconfigure(mn, CONF);
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:a::/64");
	assert_false(addr_equal(&seen.at.coa, &home_address));
	move_world_end(&w);
}

/* RFC 4861 6.3.4: a prefix option without the L flag conveys no information about what is
 * on-link; RFC 4862 5.5.3 a: nor about addresses without the A flag. */
static void an_option_speaks_only_of_what_its_flags_say(void **state)
{
	struct move_world w = move_world_at_a(CONF, 1000 * MS);
	struct box *rc = ladder_router(w.L, "rc", w.a, "2001:db8:a::2/64", 700 * MS);
	struct nd_prefix_info *info = &ladder_ra(rc)->opts.prefix[0];

	(void)state;
	assert_int_equal(seen.at.on_link_count, 1);
	info->on_link = false;
	info->autonomous = false;
	info->preferred_s = 0;
	ladder_ra(w.ra)->opts.prefix[0].autonomous = false;
	ladder_run(w.L, S);
	seen.prefixes = 0;
	ladder_run(w.L, 5 * S);
	assert_int_equal(seen.prefixes, 0);
	ladder_ra(w.ra)->opts.prefix[0].autonomous = true;
	ladder_run(w.L, 5 * S);
	assert_in_range(seen.prefixes, 4, 6);
	assert_int_equal(seen.at.on_link_count, 1);
	assert_int_equal(box_count(mn, KOBJ_ROUTE), 2);
	assert_false(is_deprecated());
	/* with the flag, a lifetime of zero ends it at once, but the address stays a while */
	info->on_link = true;
	info->valid_s = 0;
	info->preferred_s = 0;
	ladder_ra(w.ra)->opts.prefix[0].on_link = false;
	ladder_run(w.L, 5 * S);
	assert_int_equal(seen.at.on_link_count, 0);
	assert_int_equal(box_count(mn, KOBJ_ROUTE), 1);
	assert_false(is_deprecated());
	move_world_assert_prefix("2001:db8:a::/64");
	assert_int_equal(seen.changes, 1);
	move_world_end(&w);
}

/* RFC 4861 6.3.4: what is on-link ends with its own lifetime. */
static void what_is_on_link_ends_with_its_lifetime(void **state)
{
	struct move_world w = move_world_at_a(CONF, 0);

	(void)state;
	ladder_ra(w.ra)->opts.prefix[0].valid_s = 30;
	ladder_ra(w.ra)->opts.prefix[0].autonomous = false;
	ladder_ra(w.ra)->opts.prefix[0].preferred_s = 30;
	ladder_advertise(w.ra);
	ladder_run(w.L, 29 * S);
	assert_int_equal(seen.at.on_link_count, 1);
	ladder_run(w.L, 2 * S);
	assert_int_equal(seen.at.on_link_count, 0);
	move_world_assert_prefix("2001:db8:a::/64");
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	move_world_end(&w);
}

/* The table of routers is bounded; those that have ended make room. */
static void routers_that_ended_make_room(void **state)
{
	struct move_world w = move_world_at_a(CONF, 1000 * MS);
	char name[16], addr[32];
	struct in6_addr local;
	struct box *r;

	(void)state;
	for (int n = 0; n < 2 * MOVE_ROUTERS_MAX; n++) {
		snprintf(name, sizeof(name), "x%d", n);
		snprintf(addr, sizeof(addr), "2001:db8:a::%d/64", 100 + n);
		r = ladder_router(w.L, name, w.a, addr, 0);
		ladder_ra(r)->ra.lifetime_s = n % 2 ? 1 : 0;
		ladder_advertise(r);
		ladder_run(w.L, 2 * S);
		ladder_move(r, "eth0", NULL, LADDER_CARRIER);
	}
	r = ladder_router(w.L, "rc", w.a, "2001:db8:a::2/64", 1000 * MS);
	ladder_run(w.L, 2 * S);
	ladder_move(w.ra, "eth0", NULL, LADDER_CARRIER);
	ladder_run(w.L, 10 * S);
	local = iface_local(TAILQ_FIRST(&r->ifaces));
	assert_true(addr_equal(&seen.at.router, &local));
	move_world_end(&w);
}

/* RFC 6275 11.5.1: the link-local addresses of routers are not unique; one that is the
 * same on two links is told by its global address (R flag), even if its link-layer address
 * is the same too: then it answers on both. */
static void one_router_of_two_links(void **state)
{
	struct move_world w = move_world_new(CONF, 1000 * MS);
	struct nd_prefix_info *info = &ladder_ra(w.ra)->opts.prefix[0];
	uint64_t moved_us;

	(void)state;
	info->addr = ip6("2001:db8:a::1");
	info->router_address = true;
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 5 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	/* another prefix of the same router is no movement */
	info->addr = ip6("2001:db8:e::1");
	ladder_ra(w.ra)->opts.prefix[1] = *info;
	ladder_ra(w.ra)->opts.prefix[1].addr = ip6("2001:db8:a::1");
	ladder_ra(w.ra)->opts.prefix_count = 2;
	ladder_run(w.L, 5 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	assert_int_equal(seen.changes, 1);
	ladder_ra(w.ra)->opts.prefix_count = 1;
	moved_us = ladder_now(w.L);
	info->addr = ip6("2001:db8:c::1");
	ladder_run(w.L, 5 * S);
	move_world_assert_prefix("2001:db8:c::/64");
	assert_true(seen.changed_us - moved_us <= 1100 * MS);
	assert_int_equal(seen.at.cause, ATTACH_NEW_ROUTER);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	move_world_end(&w);
}

/* RFC 6275 11.5.1: the same without R flags. That a prefix is missing once tells nothing,
 * for a router may say its prefixes in turn (RFC 4861 6.2.3); that it is missing for good,
 * that this is another link. After a new carrier that is believed at once. */
static void a_prefix_that_is_not_said_any_more_is_left(void **state)
{
	struct move_world w = move_world_at_a(CONF, 1000 * MS);
	struct nd_prefix_info *info = &ladder_ra(w.ra)->opts.prefix[0];

	(void)state;
	for (int n = 0; n < 20; n++) {
		info->addr = n % 2 ? ip6("2001:db8:a::") : ip6("2001:db8:e::");
		ladder_run(w.L, S);
	}
	move_world_assert_prefix("2001:db8:a::/64");
	assert_int_equal(seen.at.on_link_count, 2);
	assert_int_equal(seen.changes, 1);
	info->addr = ip6("2001:db8:c::");
	ladder_run(w.L, 3500 * MS);
	move_world_assert_prefix("2001:db8:c::/64");
	assert_int_equal(seen.at.on_link_count, 1);
	info->addr = ip6("2001:db8:d::");
	ladder_move(mn, "eth0", NULL, LADDER_CARRIER);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 50 * MS);
	move_world_assert_prefix("2001:db8:d::/64");
	assert_int_equal(seen.at.cause, ATTACH_LINK_UP);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	move_world_end(&w);
}

/* RFC 6724 section 5 rule 6: from a unique local address no home agent in the Internet can be
 * reached; but where there is nothing else, it is tried. */
static void a_unique_local_address_is_the_last_choice(void **state)
{
	struct move_world w = move_world_at_a(CONF, 0);
	struct nd_msg *ra = ladder_ra(w.rb);

	(void)state;
	ra->opts.prefix[1] = ra->opts.prefix[0];
	ra->opts.prefix[0].addr = ip6("fd00::");
	ra->opts.prefix_count = 2;
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:b::/64");
	/* deprecated, it is still the better one */
	ra->opts.prefix[1].preferred_s = 0;
	ladder_advertise(w.rb);
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:b::/64");
	ra->opts.prefix_count = 1;
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, S);
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, S);
	move_world_assert_prefix("fd00::/64");
	move_world_end(&w);
}

/* RFC 4862 5.5.3 d, 5.5.4: an address is formed of a prefix that is deprecated already, and
 * used as long as there is none better. */
static void a_deprecated_prefix_is_better_than_none(void **state)
{
	struct move_world w = move_world_at_a(CONF, 0);
	struct nd_msg *ra = ladder_ra(w.rb);

	(void)state;
	ra->opts.prefix[0].preferred_s = 0;
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:b::/64");
	ra->opts.prefix[1] = ra->opts.prefix[0];
	ra->opts.prefix[1].addr = ip6("2001:db8:d::");
	ra->opts.prefix[1].preferred_s = 100;
	ra->opts.prefix_count = 2;
	ladder_advertise(w.rb);
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:d::/64");
	move_world_end(&w);
}

/* RFC 6275 11.5.4, RFC 4191 section 3.2: a router with a higher preference that gives no
 * address is not for us; one that does is used when its address is ready, and not before. */
static void a_preferred_router_has_to_give_an_address(void **state)
{
	struct move_world w = move_world_at_a(CONF_BASE "CoaDad full; Interface \"eth0\";", 0);
	struct box *rc = ladder_router(w.L, "rc", w.a, "2001:db8:c::1/64", 0);
	struct nd_msg *ra = ladder_ra(rc);

	(void)state;
	ra->ra.preference = ND_PREF_HIGH;
	ra->opts.prefix_count = 0;
	ra->opts.present &= ~(unsigned int)ND_HAS_PREFIX;
	ladder_advertise(rc);
	ladder_run(w.L, 5 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	ra->opts.prefix_count = 1;
	ra->opts.present |= ND_HAS_PREFIX;
	ladder_advertise(rc);
	ladder_run(w.L, 500 * MS);
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:c::/64");
	assert_int_equal(seen.changes, 2);
	/* its lifetime as a default router ends (RFC 4861 6.3.4) */
	ra->ra.lifetime_s = 0;
	ladder_advertise(rc);
	ladder_run(w.L, 10 * MS);
	move_world_assert_prefix("2001:db8:a::/64");
	assert_int_equal(seen.changes, 3);
	move_world_end(&w);
}

static int32_t setting(enum ksysctl name)
{
	return box_sysctl(mn, "eth0", name);
}

/* RFC 4861 6.3.4: the parameters of the link; what a later advertisement leaves unspecified stays
 * (MUST NOT go back to the default), what cannot be is not taken, and another link has its
 * own. */
static void parameters_of_the_link_are_followed(void **state)
{
	struct move_world w = move_world_new(CONF, 0);
	int32_t hops = setting(KSYSCTL_HOP_LIMIT), reachable, retrans, mtu = setting(KSYSCTL_MTU);
	struct nd_msg *ra = ladder_ra(w.ra);

	(void)state;
	reachable = setting(KSYSCTL_NEIGH_BASE_REACHABLE_MS);
	retrans = setting(KSYSCTL_NEIGH_RETRANS_MS);
	ra->ra.cur_hop_limit = 33;
	ra->ra.reachable_ms = 20000;
	ra->ra.retrans_ms = 700;
	ra->opts.present |= ND_HAS_MTU;
	ra->opts.mtu = 1400;
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, S);
	for (int n = 0; n < 3; n++) {
		assert_int_equal(setting(KSYSCTL_HOP_LIMIT), 33);
		assert_int_equal(setting(KSYSCTL_NEIGH_BASE_REACHABLE_MS), 20000);
		assert_int_equal(setting(KSYSCTL_NEIGH_RETRANS_MS), 700);
		assert_int_equal(setting(KSYSCTL_MTU), 1400);
		ra->ra.cur_hop_limit = 0;
		ra->ra.reachable_ms = n ? 3600001 : 0;
		ra->ra.retrans_ms = n ? 4000000000U : 0;
		ra->opts.mtu = n ? 1501 : 1279;
		ladder_advertise(w.ra);
		ladder_run(w.L, S);
	}
	/* a silent move: in force when it is certain, without another advertisement */
	ladder_ra(w.rb)->ra.cur_hop_limit = 44;
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	ladder_advertise(w.rb);
	ladder_run(w.L, 50 * MS);
	assert_int_equal(setting(KSYSCTL_HOP_LIMIT), 33);
	ladder_rs_delay(w.rb, 10 * S);
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:b::/64");
	assert_int_equal(setting(KSYSCTL_HOP_LIMIT), 44);
	assert_int_equal(setting(KSYSCTL_NEIGH_BASE_REACHABLE_MS), reachable);
	assert_int_equal(setting(KSYSCTL_NEIGH_RETRANS_MS), retrans);
	assert_int_equal(setting(KSYSCTL_MTU), mtu);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:a::/64");
	assert_int_equal(setting(KSYSCTL_HOP_LIMIT), hops);
	move_world_end(&w);
}

/* RFC 4861 6.3.4: the interface gets another MTU, and what the router has said of it is in force
 * all the same, as far as it can be; and nothing is left to the kernel after a while with an MTU
 * that is too small for IPv6 (RFC 8200 section 5). */
static void an_interface_gets_another_mtu(void **state)
{
	struct move_world w = move_world_new(CONF, 0);
	struct nd_msg *ra = ladder_ra(w.ra);
	size_t settings;

	(void)state;
	ra->opts.present |= ND_HAS_MTU;
	ra->opts.mtu = 1400;
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, S);
	settings = box_count(mn, KOBJ_SYSCTL);
	ladder_mtu(mn, "eth0", 9000);
	ladder_run(w.L, MS);
	assert_int_equal(setting(KSYSCTL_MTU), 1400);
	ladder_mtu(mn, "eth0", 1300);
	ladder_run(w.L, MS);
	assert_int_equal(box_count(mn, KOBJ_SYSCTL), settings - 1);
	ladder_mtu(mn, "eth0", 1000);
	ladder_run(w.L, MS);
	ladder_mtu(mn, "eth0", 1500);
	ladder_run(w.L, MS);
	assert_int_equal(setting(KSYSCTL_MTU), 1400);
	assert_int_equal(box_count(mn, KOBJ_SYSCTL), settings);
	assert_true(seen.at.usable);
	move_world_end(&w);
}

/* RFC 4861 7.2.6: an interface gets another link-layer address while it is in use; the router is
 * told, for it would send to the former one until it has doubts. */
static void an_interface_gets_another_address(void **state)
{
	struct move_world w = move_world_at_a(CONF, 0);

	(void)state;
	assert_true(ladder_ping(w.ra, NULL, &seen.at.coa));
	ladder_new_mac(mn, "eth0");
	ladder_run(w.L, MS);
	assert_true(ladder_ping(w.ra, NULL, &seen.at.coa));
	assert_int_equal(seen.changes, 1);
	move_world_end(&w);
}

/* An interface may get another name; its preference follows. */
static void an_interface_is_renamed(void **state)
{
	struct move_world w = move_world_at_a(CONF_TWO, 1000 * MS);

	(void)state;
	ladder_rename(mn, "eth0", "eth1");
	ladder_run(w.L, S);
	assert_string_equal(TAILQ_FIRST(&move_of(box_mip6(mn))->ifaces)->name, "eth1");
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_rename(mn, "eth1", "eth7");
	ladder_run(w.L, S);
	assert_false(seen.at.usable);
	ladder_rename(mn, "eth7", "eth0");
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:a::/64");
	move_world_end(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lifetimes_are_believed_within_limits),
		cmocka_unit_test(a_flood_of_prefixes_is_survived),
		cmocka_unit_test(a_home_address_is_not_configured),
		cmocka_unit_test(an_option_speaks_only_of_what_its_flags_say),
		cmocka_unit_test(what_is_on_link_ends_with_its_lifetime),
		cmocka_unit_test(routers_that_ended_make_room),
		cmocka_unit_test(one_router_of_two_links),
		cmocka_unit_test(a_prefix_that_is_not_said_any_more_is_left),
		cmocka_unit_test(a_unique_local_address_is_the_last_choice),
		cmocka_unit_test(a_deprecated_prefix_is_better_than_none),
		cmocka_unit_test(a_preferred_router_has_to_give_an_address),
		cmocka_unit_test(parameters_of_the_link_are_followed),
		cmocka_unit_test(an_interface_gets_another_mtu),
		cmocka_unit_test(an_interface_gets_another_address),
		cmocka_unit_test(an_interface_is_renamed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
