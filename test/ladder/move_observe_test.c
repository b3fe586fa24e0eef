// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Interfaces that something else manages (RFC 6275 11.5.3: a care-of address by any means):
 * which address is taken, and which way its packets leave.
 */
#include "test/ladder/move_world.h"

#define OBSERVED(pref) "{ Tunnel enabled; MnIfPreference " #pref "; }"
#define CONF_OBSERVED CONF_BASE "Interface \"eth0\"" OBSERVED(1) "Interface \"eth1\"" OBSERVED(2)

#define FIRST  "2001:db8:a::9"
#define SECOND "2001:db8:b::9"
#define FAR    "2001:db8:77::1"

/* A default route by the owner of the interface, behind that of eth0. */
static void put_default(const char *via)
{
	struct kobj o = { .type = KOBJ_ROUTE, .route.metric = 2048, .route.dev.name = "eth1" };

	o.route.via = ip6(via);
	object_put(mn, &o, OWNER_ADMIN);
	box_tell_link(mn, box_iface_name(mn, "eth1"), false);
}

/* The owner of both has given them addresses and default routes. */
static struct move_world two_observed(void)
{
	struct move_world w = move_world_new(CONF_OBSERVED, 0);

	ladder_attach(mn, "eth1", w.b);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_addr(mn, "eth0", FIRST "/64");
	ladder_addr(mn, "eth1", SECOND "/64");
	ladder_gateway(mn, w.ra);
	put_default("fe80::b");
	ladder_start(mn);
	ladder_run(w.L, S);
	return w;
}

static void assert_leaves(const char *src, const char *dst, const char *ifname, const char *via)
{
	struct in6_addr from = ip6(src), to = ip6(dst), by = ip6(via);
	struct hop h = box_lookup(mn, &from, &to, WIRE_PROTO_ICMPV6, "", 0);

	assert_int_equal(h.kind, HOP_LINK);
	assert_string_equal(h.i->name, ifname);
	assert_true(addr_equal(&h.via, &by));
}

/* RFC 2827: what has the address of one interface does not leave by the other, and nothing but
 * that is done: the neighbours are those that the owner has. */
static void each_address_leaves_by_its_own_interface(void **state)
{
	struct move_world w = two_observed();
	struct in6_addr ra = iface_local(TAILQ_FIRST(&w.ra->ifaces));

	(void)state;
	move_world_assert_prefix("2001:db8:a::/64");
	assert_leaves(FIRST, FAR, "eth0", ADDR_STR(&ra));
	assert_leaves(SECOND, FAR, "eth1", "fe80::b");
	assert_leaves(SECOND, "2001:db8:b::77", "eth1", "2001:db8:b::77");
	assert_int_equal(box_count(mn, KOBJ_SYSCTL), 0);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 0);
	assert_int_equal(ladder_count(w.L, "mn -> * RS"), 0);
	/* another gateway */
	put_default("fe80::c");
	ladder_run(w.L, 10 * MS);
	assert_leaves(SECOND, FAR, "eth1", "fe80::c");
	assert_int_equal(seen.changes, 1);
	/* the address goes */
	ladder_del_addr(mn, "eth1", SECOND "/64");
	ladder_run(w.L, 10 * MS);
	assert_int_equal(box_count(mn, KOBJ_ROUTE), 2);
	ladder_move(mn, "eth0", NULL, LADDER_CARRIER);
	ladder_run(w.L, 10 * MS);
	assert_false(seen.at.usable);
	assert_int_equal(box_count(mn, KOBJ_ROUTE), 0);
	move_world_end(&w);
}

/* A default route that comes after the address; and none is invented before. */
static void a_default_route_may_come_late(void **state)
{
	struct move_world w = move_world_new(CONF_OBSERVED, 0);

	(void)state;
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_addr(mn, "eth0", FIRST "/64");
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:a::/64");
	assert_int_equal(box_count(mn, KOBJ_ROUTE), 0);
	ladder_gateway(mn, w.ra);
	ladder_run(w.L, 10 * MS);
	assert_int_equal(box_count(mn, KOBJ_ROUTE), 2);
	assert_int_equal(seen.changes, 1);
	move_world_end(&w);
}

/* RFC 6724 section 5 rule 6: of several addresses one that the home agent can be reached from;
 * the one in use stays as long as it is as good. */
static void the_best_address_is_taken(void **state)
{
	struct move_world w = move_world_new(CONF_OBSERVED, 0);

	(void)state;
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_addr(mn, "eth0", "fd00::9/64");
	ladder_run(w.L, S);
	move_world_assert_prefix("fd00::/64");
	ladder_addr(mn, "eth0", FIRST "/64");
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_addr(mn, "eth0", "2001:db8:d::9/64");
	ladder_del_addr(mn, "eth0", "fd00::9/64");
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_del_addr(mn, "eth0", FIRST "/64");
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:d::/64");
	move_world_end(&w);
}

/* The kernel, as the owner of an interface, keeps the addresses of a link that was left; after a
 * new carrier what it learns then counts. */
static void the_address_of_the_new_link_is_taken(void **state)
{
	struct move_world w = move_world_new(CONF_OBSERVED, 0);

	(void)state;
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_addr(mn, "eth0", FIRST "/64");
	ladder_run(w.L, S);
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_addr(mn, "eth0", SECOND "/64");
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:b::/64");
	move_world_end(&w);
}

/* That it turns out to be unique there as well says nothing of the address of a former link. */
static void what_is_unique_is_not_therefore_of_the_link(void **state)
{
	struct move_world w = move_world_new(CONF_OBSERVED, 0);
	struct kaddr_event former = { .addr = ip6(FIRST), .plen = 64,
				      .valid_until_us = TIME_NEVER };

	(void)state;
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_addr(mn, "eth0", FIRST "/64");
	ladder_run(w.L, S);
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, S);
	former.ifindex = box_iface_name(mn, "eth0")->ifindex;
	mip6_turn(box_mip6(mn), ladder_now(w.L));
	mip6_on_addr(box_mip6(mn), &former);
	ladder_addr(mn, "eth0", SECOND "/64");
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:b::/64");
	move_world_end(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_address_leaves_by_its_own_interface),
		cmocka_unit_test(a_default_route_may_come_late),
		cmocka_unit_test(the_best_address_is_taken),
		cmocka_unit_test(the_address_of_the_new_link_is_taken),
		cmocka_unit_test(what_is_unique_is_not_therefore_of_the_link),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
