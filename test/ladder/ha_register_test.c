// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Home registrations at the home agent (RFC 6275 9.5.1, 10.3, 10.4), with a mobile
 * node that is a script on a link far off.
 */
#include "test/ladder/ha_world.h"

#include <errno.h>

#define CONF                                                                               \
	"NodeConfig HA; UseMnHaIPsec disabled; Interface \"eth0\"; HaMaxBindingLife 600;"      \
	"HaSendRouterAdvs disabled;"

/* 10.3.1: DAD, then the acknowledgement; 10.4.1: the address is announced; 10.4.2:
 * route and filter. */
static void registers_a_node(void **state)
{
	struct ha_world *w = ha_world(CONF);
	struct in6_addr hoa = ip6(HOA);

	(void)state;
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> *home NS target=" HOA, S);
	ladder_expect(w->L, "ha -> mn BA status=0 seq=11 life=60 rh2=" HOA " dst=" COA, 3 * S);
	ladder_run(w->L, 10 * MS);
	assert_true(box_has(w->ha, "encap"));
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 1);
	assert_int_equal(box_count(w->ha, KOBJ_TUNNEL_FILTER), 1);
	assert_int_equal(bcache_find_hoa(&box_mip6(w->ha)->bcache, &hoa, BINDING_HOME)->state,
			 BINDING_ACTIVE);
	ladder_run(w->L, 3 * S);
	assert_int_equal(ladder_count(w->L, "ha -> *home NA target=" HOA), 3);
	ha_world_down(w);
}

/* 10.3.1: no second DAD; the kernel's objects are replaced in place. */
static void a_move_replaces(void **state)
{
	struct ha_world *w = ha_world(CONF);
	size_t routes;

	(void)state;
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	routes = box_count(w->ha, KOBJ_ROUTE);
	ladder_run(w->L, 5 * S);
	ladder_mark(w->L);
	ha_send_bu(w, HOA, COA_B, 60);
	ladder_expect(w->L, "ha -> mn2 BA status=0 seq=12 dst=" COA_B, 100 * MS);
	assert_int_equal(box_count(w->ha, KOBJ_ROUTE), routes);
	assert_true(box_has(w->ha, COA_B));
	assert_false(box_has(w->ha, COA));
	assert_int_equal(ladder_count(w->L, "ha -> *home NS target=" HOA), 1);
	ha_world_down(w);
}

/* 10.4.5, HaFormerCoaTime: for so long packets may come from where the node was before, and
 * from no third place. */
static void the_former_care_of_address_lingers(void **state)
{
	struct ha_world *w = ha_world(CONF "HaFormerCoaTime 2;");

	(void)state;
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, 10 * MS);
	assert_true(box_has(w->ha, "enc_src_ip " COA));
	assert_false(box_has(w->ha, " or "));
	ha_send_bu(w, HOA, COA_B, 60);
	ladder_expect(w->L, "ha -> mn2 BA status=0 dst=" COA_B, 100 * MS);
	assert_true(box_has(w->ha, "enc_src_ip " COA_B " or " COA));
	ladder_run(w->L, S);
	/* there and back: the same two, and the time begins anew */
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 dst=" COA, 100 * MS);
	assert_true(box_has(w->ha, " or "));
	ladder_run(w->L, 1900 * MS);
	/* a refresh is no move */
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 50 * MS);
	assert_true(box_has(w->ha, " or "));
	ladder_run(w->L, 100 * MS);
	assert_true(box_has(w->ha, "enc_src_ip " COA));
	assert_false(box_has(w->ha, " or "));
	assert_int_equal(box_count(w->ha, KOBJ_TUNNEL_FILTER), 1);
	/* a binding that ends takes it along */
	ha_send_bu(w, HOA, COA_B, 60);
	ladder_run(w->L, S);
	ha_send_bu(w, HOA, COA_B, 0);
	ladder_run(w->L, S);
	assert_int_equal(box_count(w->ha, KOBJ_TUNNEL_FILTER), 0);
	ladder_run(w->L, 3 * S);
	assert_int_equal(box_count(w->ha, KOBJ_TUNNEL_FILTER), 0);
	ha_world_down(w);
}

/* 10.3.2 */
static void deregisters(void **state)
{
	struct ha_world *w = ha_world(CONF);

	(void)state;
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ha_send_bu(w, HOA, COA, 0);
	ladder_expect(w->L, "ha -> mn BA status=0 seq=12 life=0", S);
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	assert_false(box_has(w->ha, "encap"));
	/* again, as when the answer was lost */
	ha_send_bu(w, HOA, COA, 0);
	ladder_expect(w->L, "ha -> mn BA status=0 seq=13 life=0", S);
	/* an old one brings nothing back */
	w->bu.bu.seq = 10;
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=135 seq=13", S);
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	ha_world_down(w);
}

/* 9.5.4: a refusal of what was sent from the home address on the home link goes there, not
 * into the tunnel. */
static void a_refusal_at_home_stays_at_home(void **state)
{
	struct ha_world *w = ha_world(CONF);
	const struct mip6_path from_home = { .local = ip6(HOA), .peer = ip6(HA) };

	(void)state;
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_addr(w->host, "eth0", HOA "/64");
	ladder_hear(w->host, NULL, NULL);
	w->bu.bu.lifetime_s = 0;
	w->bu.opts.present = 0;
	ladder_send_mh(w->host, &from_home, &w->bu);
	ladder_expect(w->L, "ha -> host BA status=135", S);
	ha_world_down(w);
}

/* 10.3.2: status 133 without a binding. */
static void nothing_to_deregister(void **state)
{
	struct ha_world *w = ha_world(CONF);

	(void)state;
	ha_send_bu(w, HOA, COA, 0);
	ladder_expect(w->L, "ha -> mn BA status=133", S);
	ha_world_down(w);
}

/* 10.3.1: the binding MUST NOT last longer than granted. */
static void expires(void **state)
{
	struct ha_world *w = ha_world(CONF);

	(void)state;
	ha_send_bu(w, HOA, COA, 20);
	ladder_expect(w->L, "ha -> mn BA status=0 life=20", 3 * S);
	ladder_run(w->L, 15 * S);
	assert_true(box_has(w->ha, "encap"));
	ladder_run(w->L, 6 * S);
	assert_false(box_has(w->ha, "encap"));
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	ladder_run(w->L, 500 * S);
	assert_int_equal(box_mip6(w->ha)->bcache.count[BINDING_HOME], 0);
	ha_world_down(w);
}

/* 10.3.1: at most HaMaxBindingLife, in units of four seconds. */
static void lifetime_is_capped(void **state)
{
	struct ha_world *w = ha_world(CONF);

	(void)state;
	ha_send_bu(w, HOA, COA, 4000);
	ladder_expect(w->L, "ha -> mn BA status=0 life=600", 3 * S);
	ha_world_down(w);
}

/* 10.3.1: status 134 when somebody on the home link has the address. */
static void an_address_in_use_is_refused(void **state)
{
	struct ha_world *w = ha_world(CONF);

	(void)state;
	ladder_addr(w->host, "eth0", HOA "/64");
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=134", 3 * S);
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	ha_world_down(w);
}

/* 10.3.1: with the L bit, also when somebody has the link-local address. */
static void a_link_local_address_in_use_is_refused(void **state)
{
	struct ha_world *w = ha_world(CONF);

	(void)state;
	ladder_addr(w->host, "eth0", "fe80::100/64");
	w->bu.bu.flags |= MH_BU_L;
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> *home NS target=fe80::100", 3 * S);
	ladder_expect(w->L, "ha -> mn BA status=134", 3 * S);
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	/* without the bit nobody asks for it (10.3.1, L=0) */
	w->bu.bu.flags &= (uint16_t)~MH_BU_L;
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	assert_int_equal(ladder_count(w->L, "ha -> *home NS target=fe80::100"), 1);
	ha_world_down(w);
}

/* 10.3.1, 10.4.1: with the L bit both addresses are tested, announced, defended. */
static void a_link_local_address_is_defended(void **state)
{
	struct ha_world *w = ha_world(CONF);

	(void)state;
	w->bu.bu.flags |= MH_BU_L;
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 4 * S);
	ladder_run(w->L, 3 * S);
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 2);
	assert_int_equal(ladder_count(w->L, "ha -> *home NA target=" HOA), 3);
	assert_int_equal(ladder_count(w->L, "ha -> *home NA target=fe80::100"), 3);
	ha_world_down(w);
}

/* 10.3.1, 10.3.2: MUST be answered whatever the A bit says. */
static void answers_without_the_a_bit(void **state)
{
	struct ha_world *w = ha_world(CONF);

	(void)state;
	w->bu.bu.flags = MH_BU_H;
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 seq=11 life=60", 3 * S);
	ha_send_bu(w, HOA, COA, 0);
	ladder_expect(w->L, "ha -> mn BA status=0 seq=12 life=0", S);
	ha_world_down(w);
}

/* 9.5.1, 9.5.4: an old number is answered with the last one that was accepted, and
 * changes nothing. */
static void an_old_update_changes_nothing(void **state)
{
	struct ha_world *w = ha_world(CONF);

	(void)state;
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, S);
	w->bu.bu.seq -= 5;
	ha_send_bu(w, HOA, COA_B, 60);
	ladder_expect(w->L, "ha -> mn2 BA status=135 seq=11 rh2=" HOA, S);
	assert_true(box_has(w->ha, COA));
	assert_false(box_has(w->ha, COA_B));
	ha_world_down(w);
}

/* 10.3.1: insufficient resources: more bindings than the configuration permits. */
static void too_many_bindings_are_refused(void **state)
{
	struct ha_world *w = ha_world(CONF "HaMaxBindings 1; HaVirtualHomeLink 2001:db8:77::/64;");

	(void)state;
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ha_send_bu(w, VIRTUAL, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=130 rh2=" VIRTUAL, S);
	assert_int_equal(counter_shown(&box_mip6(w->ha)->counters, COUNT_BU_FULL), 1);
	ha_world_down(w);
}

/* 10.3.1: advice to refresh, shorter than the lifetime, which holds all the same;
 * 10.3.2: none with a deregistration. */
static void refreshing_is_advised(void **state)
{
	struct ha_world *w = ha_world(CONF "HaRefreshAdvice 20;");

	(void)state;
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 life=60 refresh=20", 3 * S);
	ladder_run(w->L, 50 * S);
	assert_true(box_has(w->ha, "encap"));
	ha_send_bu(w, HOA, COA, 20);
	ladder_expect(w->L, "ha -> mn BA status=0 life=20", S);
	ha_send_bu(w, HOA, COA, 0);
	ladder_expect(w->L, "ha -> mn BA status=0 life=0", S);
	assert_int_equal(ladder_count(w->L, "ha -> mn BA refresh=*"), 1);
	ha_world_down(w);
}

/* 10.4.1: R and S clear, O set. */
static void the_advertisement_overrides(void **state)
{
	struct ha_world *w = ha_world(CONF);

	(void)state;
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> *home NA target=" HOA " flags=O-", 3 * S);
	ha_world_down(w);
}

/* 10.3.1: status 132. */
static void another_subnet_is_refused(void **state)
{
	struct ha_world *w = ha_world(CONF);

	(void)state;
	ha_send_bu(w, ELSEWHERE, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=132 rh2=" ELSEWHERE, S);
	assert_false(box_has(w->ha, "encap"));
	ha_world_down(w);
}

/* A virtual home link: no question, no proxy, the answer at once. */
static void a_virtual_home_link_needs_no_dad(void **state)
{
	struct ha_world *w = ha_world(CONF "HaVirtualHomeLink 2001:db8:77::/64;");

	(void)state;
	ha_send_bu(w, VIRTUAL, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 rh2=" VIRTUAL, 100 * MS);
	assert_true(box_has(w->ha, "encap"));
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	ha_world_down(w);
}

/* No false acknowledgement: what the kernel refuses is refused with status 128, and
 * nothing stays behind. */
static void the_kernels_refusal_is_told(void **state)
{
	struct ha_world *w = ha_world(CONF);

	(void)state;
	box_fail(w->ha, "put route", -ENOMEM, 0, 1);
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=128", 3 * S);
	ladder_run(w->L, S);
	assert_int_equal(box_count(w->ha, KOBJ_TUNNEL_FILTER), 0);
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	/* a move that the kernel refuses leaves the binding where it was */
	box_fail(w->ha, "replace route", -ENOMEM, 0, 1);
	ha_send_bu(w, HOA, COA_B, 60);
	ladder_expect(w->L, "ha -> mn2 BA status=128", 3 * S);
	assert_true(box_has(w->ha, COA));
	assert_false(box_has(w->ha, COA_B));
	ha_world_down(w);
}

/* An update that comes while the kernel is busy: the newest wins, and it is the one
 * that is answered last. A copy of the one under way is absorbed. */
static void the_newest_of_several_wins(void **state)
{
	struct ha_world *w = ha_world(CONF);

	(void)state;
	ha_send_bu(w, HOA, COA, 60);
	ladder_run(w->L, 100 * MS);
	w->bu.bu.seq--;
	ha_send_bu(w, HOA, COA, 60); /* the same again, while DAD is under way */
	ladder_run(w->L, 100 * MS);
	ha_send_bu(w, HOA, COA_B, 60);
	ladder_expect(w->L, "ha -> mn2 BA status=0 seq=12 dst=" COA_B, 3 * S);
	ladder_run(w->L, S);
	assert_int_equal(ladder_count(w->L, "ha -> * BA"), 1);
	assert_true(box_has(w->ha, COA_B));
	assert_false(box_has(w->ha, COA));
	ha_world_down(w);
}

/* Somebody removes what is ours: it comes back. */
static void lost_objects_come_back(void **state)
{
	struct ha_world *w = ha_world(CONF);

	(void)state;
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	box_lose(w->ha, "encap");
	assert_false(box_has(w->ha, "encap"));
	ladder_run(w->L, S);
	assert_true(box_has(w->ha, "encap"));
	ha_world_down(w);
}

/* What cannot be put again does not take away what was not lost. */
static void what_was_not_lost_stays(void **state)
{
	struct ha_world *w = ha_world(CONF);
	size_t proxies, routes;

	(void)state;
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, S);
	proxies = box_count(w->ha, KOBJ_PROXY_NEIGH);
	routes = box_count(w->ha, KOBJ_ROUTE);
	assert_true(proxies > 0);
	box_fail(w->ha, "put route", -ENOBUFS, 0, 1);
	box_lose(w->ha, "encap");
	ladder_run(w->L, S);
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), proxies);
	assert_int_equal(box_count(w->ha, KOBJ_ROUTE), routes - 1);
	ha_world_down(w);
}

/* 10.4.1: a home link that is away for a moment, as when a driver is loaded anew, costs no
 * registration; what is defended is announced there again. */
static void a_home_link_may_come_back(void **state)
{
	struct ha_world *w = ha_world(CONF);

	(void)state;
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, 5 * S);
	ladder_vanish(w->ha, "eth0");
	ladder_run(w->L, 5 * S);
	assert_true(box_has(w->ha, "encap"));
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	ladder_mark(w->L);
	ladder_attach(w->ha, "eth0", w->home);
	ladder_addr(w->ha, "eth0", HA "/64");
	ladder_expect(w->L, "ha -> *home NA target=" HOA " flags=O-", 4 * S);
	ladder_run(w->L, 20 * S);
	assert_true(box_has(w->ha, "encap"));
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 1);
	ha_world_down(w);
}

/* The same for addresses that are configured anew. */
static void home_addresses_may_come_back(void **state)
{
	struct ha_world *w = ha_world(CONF);

	(void)state;
	ha_send_bu(w, HOA, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, 5 * S);
	ladder_del_addr(w->ha, "eth0", HA "/64");
	ladder_run(w->L, 9 * S);
	ladder_addr(w->ha, "eth0", HA "/64");
	ladder_run(w->L, 20 * S);
	assert_true(box_has(w->ha, "encap"));
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 1);
	ha_world_down(w);
}

/* 10.3.1: a registration lasts no longer than its prefix; nobody new is served meanwhile. */
static void a_home_link_that_stays_away_ends_its_registrations(void **state)
{
	struct ha_world *w = ha_world(CONF);

	(void)state;
	ha_send_bu(w, HOA, COA, 600);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_attach(w->ha, "eth1", w->home);
	ladder_addr(w->ha, "eth1", HA "/128");
	ladder_vanish(w->ha, "eth0");
	ladder_run(w->L, 9 * S);
	assert_true(box_has(w->ha, "encap"));
	ladder_run(w->L, 2 * S);
	assert_false(box_has(w->ha, "encap"));
	ha_world_down(w);
}

/* What the configuration no longer names ends at once. */
static void a_home_link_that_is_no_longer_named_ends_its_registrations(void **state)
{
	struct ha_world *w = ha_world(CONF);

	(void)state;
	ha_send_bu(w, HOA, COA, 600);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_reconfigure(w->ha, "NodeConfig HA; UseMnHaIPsec disabled; Interface \"eth7\";");
	ladder_run(w->L, S);
	assert_false(box_has(w->ha, "encap"));
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	ha_world_down(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_a_node),
		cmocka_unit_test(a_move_replaces),
		cmocka_unit_test(the_former_care_of_address_lingers),
		cmocka_unit_test(deregisters),
		cmocka_unit_test(a_refusal_at_home_stays_at_home),
		cmocka_unit_test(nothing_to_deregister),
		cmocka_unit_test(expires),
		cmocka_unit_test(lifetime_is_capped),
		cmocka_unit_test(an_address_in_use_is_refused),
		cmocka_unit_test(a_link_local_address_in_use_is_refused),
		cmocka_unit_test(a_link_local_address_is_defended),
		cmocka_unit_test(answers_without_the_a_bit),
		cmocka_unit_test(an_old_update_changes_nothing),
		cmocka_unit_test(too_many_bindings_are_refused),
		cmocka_unit_test(refreshing_is_advised),
		cmocka_unit_test(the_advertisement_overrides),
		cmocka_unit_test(another_subnet_is_refused),
		cmocka_unit_test(a_virtual_home_link_needs_no_dad),
		cmocka_unit_test(the_kernels_refusal_is_told),
		cmocka_unit_test(the_newest_of_several_wins),
		cmocka_unit_test(lost_objects_come_back),
		cmocka_unit_test(what_was_not_lost_stays),
		cmocka_unit_test(a_home_link_may_come_back),
		cmocka_unit_test(home_addresses_may_come_back),
		cmocka_unit_test(a_home_link_that_stays_away_ends_its_registrations),
		cmocka_unit_test(a_home_link_that_is_no_longer_named_ends_its_registrations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
