// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Movement alone (RFC 6275 11.5.1 to 11.5.3): a node between routers that come and go.
 * What they say is in move_heard_test.c.
 */
#include "test/ladder/move_world.h"

/* RFC 6275 11.5.1, 11.5.2: the carrier comes; a router is asked without delay, and the
 * address is in use in the turn in which its answer comes. */
static void a_link_is_joined_at_once(void **state)
{
	struct move_world w = move_world_new(CONF, 0);

	(void)state;
	ladder_start(mn);
	ladder_run(w.L, S);
	assert_int_equal(seen.changes, 0);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_expect(w.L, "mn -> * RS", 10 * MS);
	ladder_run(w.L, 10 * MS);
	move_world_assert_prefix("2001:db8:a::/64");
	assert_int_equal(seen.changes, 1);
	assert_true(seen.changed_us - seen.at.event_us <= 5 * MS);
	assert_true(seen.at.event_us <= seen.at.rs_us && seen.at.rs_us <= seen.at.ra_us);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	assert_int_equal(box_count(mn, KOBJ_ROUTE), 2);
	move_world_end(&w);
}

/* RFC 6275 11.5.1, 11.5.4: another link; nothing of the former is left. */
static void a_former_link_leaves_nothing(void **state)
{
	struct move_world w = move_world_at_a(CONF, 0);
	struct in6_addr former = seen.at.coa;

	(void)state;
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, 50 * MS);
	move_world_assert_prefix("2001:db8:b::/64");
	assert_int_equal(seen.at.cause, ATTACH_LINK_UP);
	assert_true(seen.changed_us - seen.at.event_us <= 5 * MS);
	assert_false(box_has(mn, ADDR_STR(&former)));
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	move_world_end(&w);
}

/* RFC 6275 11.5.1: two routers on one link are no movement while the first answers. */
static void a_second_router_is_no_movement(void **state)
{
	struct move_world w = move_world_at_a(CONF, 1000 * MS);

	(void)state;
	ladder_router(w.L, "rc", w.a, "2001:db8:c::1/64", 700 * MS);
	ladder_run(w.L, 60 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	assert_int_equal(seen.changes, 1);
	move_world_end(&w);
}

/* RFC 6275 11.5.1: nobody says that the link is another one; noticed by the other
 * router within 200 ms, and certain when the former has not answered the probe. */
static void a_silent_move_is_noticed(void **state)
{
	struct move_world w = move_world_at_a(CONF, 50 * MS);
	uint64_t moved_us;

	(void)state;
	moved_us = ladder_now(w.L);
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:b::/64");
	assert_true(seen.at.event_us - moved_us <= 200 * MS);
	assert_true(seen.changed_us - moved_us <= 260 * MS);
	assert_int_equal(seen.at.cause, ATTACH_NEW_ROUTER);
	move_world_end(&w);
}

/* With MnRouterProbes 0 the advertisement is enough. */
static void a_silent_move_without_probes_is_immediate(void **state)
{
	struct move_world w = move_world_at_a(CONF "MnRouterProbes 0;", 50 * MS);
	uint64_t moved_us = ladder_now(w.L);

	(void)state;
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:b::/64");
	assert_true(seen.changed_us - moved_us <= 60 * MS);
	move_world_end(&w);
}

/* RFC 6275 11.5.1: a router that died is left, though its lifetime is long, when another
 * one is there. */
static void a_dead_router_is_left(void **state)
{
	struct move_world w = move_world_at_a(CONF, 100 * MS);

	(void)state;
	ladder_router(w.L, "rc", w.a, "2001:db8:c::1/64", 100 * MS);
	ladder_run(w.L, 5 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_move(w.ra, "eth0", NULL, LADDER_CARRIER);
	ladder_run(w.L, 2 * S);
	move_world_assert_prefix("2001:db8:c::/64");
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	move_world_end(&w);
}

/* RFC 6275 11.5.3: SHOULD leave a care-of address that becomes deprecated for another. */
static void a_deprecated_address_is_left(void **state)
{
	struct move_world w = move_world_at_a(CONF, 0);
	struct nd_msg *ra = ladder_ra(w.ra);

	(void)state;
	ra->opts.prefix[1] = ra->opts.prefix[0];
	ra->opts.prefix[1].addr = ip6("2001:db8:d::");
	ra->opts.prefix_count = 2;
	ra->opts.prefix[0].preferred_s = 10;
	ladder_advertise(w.ra);
	ladder_run(w.L, 9 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_run(w.L, 2 * S);
	move_world_assert_prefix("2001:db8:d::/64");
	assert_true(seen.old_was_there);
	move_world_end(&w);
}

/* RFC 7559 section 2: without an answer the solicitations go on, ever slower. */
static void solicitations_back_off(void **state)
{
	struct move_world w = move_world_new(CONF, 0);
	struct net_link *empty = ladder_link(w.L, "empty");
	size_t early;

	(void)state;
	ladder_start(mn);
	ladder_move(mn, "eth0", empty, LADDER_CARRIER);
	ladder_run(w.L, 10 * S);
	early = ladder_count(w.L, "mn -> * RS");
	assert_in_range(early, 5, 7);
	ladder_run(w.L, 1000 * S);
	assert_in_range(ladder_count(w.L, "mn -> * RS") - early, 4, 9);
	ladder_move(mn, "eth0", w.a, LADDER_SILENT);
	ladder_run(w.L, 4000 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	move_world_end(&w);
}

/* RFC 6275 11.5.1: a solicitation is lost on the way; the next one comes soon. */
static void a_lost_solicitation_is_soon_repeated(void **state)
{
	const struct quality dead = { .latency_us = MS, .loss_ppm = 1000000 };
	const struct quality good = { .latency_us = MS };
	struct move_world w = move_world_new(CONF, 0);

	(void)state;
	ladder_start(mn);
	ladder_quality(w.a, &dead);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 50 * MS);
	ladder_quality(w.a, &good);
	ladder_run(w.L, 400 * MS);
	move_world_assert_prefix("2001:db8:a::/64");
	assert_true(seen.changed_us - seen.at.event_us <= 350 * MS);
	move_world_end(&w);
}

/* RFC 4861 7.2.3: the router knows the care-of address before the first packet for it
 * comes; it need not ask for it. Not from an optimistic address (RFC 4429 3.2). */
static void the_router_is_greeted(void **state)
{
	struct move_world w = move_world_new(CONF, 0);

	(void)state;
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_expect(w.L, "mn -> ra NS", 10 * MS);
	assert_int_equal(ladder_sent_us(w.L), seen.changed_us);
	ladder_run(w.L, 10 * MS);
	assert_true(ladder_ping(w.ra, NULL, &seen.at.coa));
	assert_int_equal(ladder_count(w.L, "ra -> *a NS"), 0);
	move_world_end(&w);
	w = move_world_new(CONF_BASE "Interface \"eth0\"; CoaDad optimistic;", 0);
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 100 * MS);
	assert_true(seen.at.coa_optimistic);
	assert_int_equal(ladder_count(w.L, "mn -> ra NS"), 0);
	move_world_end(&w);
}

/* RFC 6275 11.5.1: its own advertisement overdue, no answer, and another router there:
 * that is enough before the whole time for the answer is over; either alone is not. */
static void all_evidence_leads_to_an_early_verdict(void **state)
{
	struct move_world w = move_world_at_a(CONF "MnRouterProbeTimeout 5.0;", 50 * MS);
	uint64_t moved_us = ladder_now(w.L);

	(void)state;
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:b::/64");
	assert_in_range(seen.changed_us - moved_us, 50 * MS, 180 * MS);
	move_world_end(&w);
	/* two questions are wanted: each has its time */
	w = move_world_at_a(CONF "MnRouterProbes 2; MnRouterProbeTimeout 0.5;", 50 * MS);
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	ladder_run(w.L, 900 * MS);
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_run(w.L, 300 * MS);
	move_world_assert_prefix("2001:db8:b::/64");
	move_world_end(&w);
	/* the router does not say how often it advertises */
	w = move_world_at_a(CONF "MnRouterProbeTimeout 1.0;", 0);
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	ladder_advertise(w.rb);
	ladder_run(w.L, 900 * MS);
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_run(w.L, 200 * MS);
	move_world_assert_prefix("2001:db8:b::/64");
	move_world_end(&w);
}

/* RFC 6275 11.5.1: a router whose silence is known is not asked once more when another
 * one comes. */
static void a_router_known_to_be_silent_is_left_at_once(void **state)
{
	struct move_world w = move_world_at_a(CONF, 50 * MS);
	struct net_link *empty = ladder_link(w.L, "empty");
	uint64_t at_us;

	(void)state;
	ladder_move(mn, "eth0", empty, LADDER_SILENT);
	ladder_run(w.L, 2 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	at_us = ladder_now(w.L);
	ladder_run(w.L, 200 * MS);
	move_world_assert_prefix("2001:db8:b::/64");
	assert_true(seen.changed_us - at_us <= 60 * MS);
	assert_int_equal(seen.at.cause, ATTACH_ROUTER_LOST);
	move_world_end(&w);
}

/* RFC 6275 11.5.1: of two routers on one link the one in use dies while the other happens to
 * be quiet; when that is heard again, it is used. */
static void a_dead_router_is_left_when_another_is_heard(void **state)
{
	struct move_world w = move_world_at_a(CONF, 100 * MS);
	struct box *rc = ladder_router(w.L, "rc", w.a, "2001:db8:c::1/64", 0);

	(void)state;
	ladder_advertise(rc);
	ladder_run(w.L, 5 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_rs_delay(rc, 3 * S);
	ladder_move(w.ra, "eth0", NULL, LADDER_CARRIER);
	ladder_run(w.L, 2 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_run(w.L, 2 * S);
	move_world_assert_prefix("2001:db8:c::/64");
	move_world_end(&w);
}

/* RFC 6275 11.5.1: a silent move has raised a doubt, and before it is resolved the carrier goes
 * and comes: what was heard in doubt is not of the former link. */
static void a_doubt_does_not_outlive_the_carrier(void **state)
{
	struct move_world w = move_world_at_a(CONF "MnRouterProbeTimeout 1.0;", 0);

	(void)state;
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	ladder_advertise(w.rb);
	ladder_run(w.L, 20 * MS);
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, 20 * MS);
	move_world_assert_prefix("2001:db8:b::/64");
	ladder_run(w.L, 5 * S);
	move_world_assert_prefix("2001:db8:b::/64");
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	move_world_end(&w);
}

/* Another wireless network, and the carrier was there all the time. */
static void another_network_is_another_link(void **state)
{
	struct move_world w = move_world_new(CONF, 0);
	uint64_t at_us;

	(void)state;
	ladder_ssid(mn, "eth0", "one");
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 5 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_ssid(mn, "eth0", ""); /* no news */
	ladder_ssid(mn, "eth0", "one");
	ladder_run(w.L, 5 * S);
	assert_int_equal(seen.changes, 1);
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	at_us = ladder_now(w.L);
	ladder_ssid(mn, "eth0", "two");
	ladder_run(w.L, 20 * MS);
	move_world_assert_prefix("2001:db8:b::/64");
	assert_int_equal(seen.at.cause, ATTACH_LINK_UP);
	assert_int_equal(seen.at.event_us, at_us);
	/* one link may have two names */
	ladder_ssid(mn, "eth0", "three");
	ladder_run(w.L, 20 * MS);
	move_world_assert_prefix("2001:db8:b::/64");
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	move_world_end(&w);
}

/* What SIGHUP does to CoaDad and MnAddressGeneration: new addresses follow, those that are
 * there stay as they are. */
static void new_addresses_follow_a_new_configuration(void **state)
{
	struct move_world w = move_world_at_a(CONF, 1000 * MS);
	struct in6_addr coa = seen.at.coa, local;
	const uint8_t *mac;

	(void)state;
	ladder_reconfigure(mn, CONF_BASE "CoaDad full; MnAddressGeneration eui64;"
					 "Interface \"eth0\";");
	ladder_run(w.L, 3 * S);
	assert_true(addr_equal(&seen.at.coa, &coa));
	assert_int_equal(seen.changes, 1);
	assert_int_equal(ladder_count(w.L, "mn -> *a NS src=::"), 0);
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, 500 * MS);
	assert_false(seen.at.usable); /* duplicate address detection takes its second */
	ladder_run(w.L, 2 * S);
	move_world_assert_prefix("2001:db8:b::/64");
	mac = box_iface_name(mn, "eth0")->mac;
	local = addr_eui64(mac);
	assert_memory_equal(&local.s6_addr[8], &seen.at.coa.s6_addr[8], 8);
	move_world_end(&w);
}

/* An interface is pulled out, and comes again; the other one serves meanwhile. */
static void interfaces_come_and_go(void **state)
{
	struct move_world w = move_world_at_a(CONF_TWO, 1000 * MS);
	int n;

	(void)state;
	for (n = 0; n < 5; n++) {
		ladder_attach(mn, "eth1", w.b);
		ladder_run(w.L, 5 * S);
		move_world_assert_prefix("2001:db8:b::/64");
		ladder_vanish(mn, "eth1");
		ladder_run(w.L, 20 * MS);
		move_world_assert_prefix("2001:db8:a::/64");
		assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	}
	ladder_vanish(mn, "eth0");
	ladder_run(w.L, S);
	assert_false(seen.at.usable);
	ladder_attach(mn, "eth0", w.b);
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:b::/64");
	move_world_end(&w);
}

/* RFC 6275 11.5.3, RFC 4862 5.4.5: an address that is taken is not used; the next is. */
static void a_duplicate_is_followed_by_another(void **state)
{
	struct move_world w = move_world_at_a(CONF_BASE "CoaDad full; Interface \"eth0\";", 0);
	struct in6_addr first = seen.at.coa;
	char text[64];

	(void)state;
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, 5 * S);
	snprintf(text, sizeof(text), "%s/64", ADDR_STR(&first));
	ladder_host(w.L, "thief", w.a, text, w.ra);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 10 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	assert_false(addr_equal(&seen.at.coa, &first));
	move_world_end(&w);
}

/* Somebody removes the care-of address or a route of it: it is put back. */
static void what_is_removed_is_put_back(void **state)
{
	struct move_world w = move_world_at_a(CONF, 1000 * MS);
	struct in6_addr coa = seen.at.coa;

	(void)state;
	box_lose(mn, ADDR_STR(&coa));
	ladder_run(w.L, S);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	assert_int_equal(box_count(mn, KOBJ_ROUTE), 2);
	assert_true(seen.at.usable);
	move_world_end(&w);
}

/* A better interface takes over when it has proved itself; one that takes over from a
 * lost one, at once. */
static void preference_and_loss_choose_the_interface(void **state)
{
	struct move_world w = move_world_at_a(CONF_TWO, 1000 * MS);
	uint64_t at_us = ladder_now(w.L);

	(void)state;
	ladder_attach(mn, "eth1", w.b);
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_run(w.L, 3 * S);
	move_world_assert_prefix("2001:db8:b::/64");
	assert_int_equal(seen.at.cause, ATTACH_PREFERENCE);
	assert_true(seen.old_was_there);
	assert_true(seen.changed_us - at_us >= 2 * S);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 2); /* 11.5.4: SHOULD retain the former */
	at_us = ladder_now(w.L);
	ladder_move(mn, "eth1", NULL, LADDER_CARRIER);
	ladder_run(w.L, 10 * MS);
	move_world_assert_prefix("2001:db8:a::/64");
	assert_int_equal(seen.changed_us, at_us);
	assert_int_equal(seen.at.cause, ATTACH_LINK_DOWN);
	move_world_end(&w);
}

/* RFC 6275 11.5.1, 11.5.4: the better interface has its carrier, but its router answers no more,
 * and there is no other: the next interface is used, and the better one when its router is back
 * and has proved itself. */
static void an_interface_without_a_router_is_left(void **state)
{
	struct move_world w = move_world_at_a(CONF_TWO, 100 * MS);
	struct net_link *empty = ladder_link(w.L, "empty");

	(void)state;
	ladder_attach(mn, "eth1", w.b);
	ladder_run(w.L, 5 * S);
	move_world_assert_prefix("2001:db8:b::/64");
	ladder_move(mn, "eth1", empty, LADDER_SILENT);
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_move(mn, "eth1", w.b, LADDER_SILENT);
	ladder_run(w.L, 5 * S);
	move_world_assert_prefix("2001:db8:b::/64");
	move_world_end(&w);
}

/* InterfaceInitialInitDelay: at the start a better interface gets a moment; no longer than that
 * when it does not come. */
static void the_first_choice_waits_for_the_better_interface(void **state)
{
	struct move_world w = move_world_new(CONF_TWO "InterfaceInitialInitDelay 1.0;", 0);

	(void)state;
	for (int n = 0; n < 2; n++) {
		seen.changes = 0;
		ladder_rs_delay(w.rb, n ? 2 * S : 500 * MS);
		ladder_attach(mn, "eth1", w.b);
		ladder_attach(mn, "eth0", w.a);
		ladder_start(mn);
		ladder_run(w.L, 990 * MS);
		assert_int_equal(seen.changes, n ? 0 : 1);
		ladder_run(w.L, 20 * MS);
		assert_int_equal(seen.changes, 1);
		move_world_assert_prefix(n ? "2001:db8:a::/64" : "2001:db8:b::/64");
		ladder_stop(mn, ROLE_SHUTDOWN);
		ladder_run(w.L, 5 * S);
	}
	ladder_start(mn);
	move_world_end(&w);
}

/* Stopping for a successor leaves the data path. */
static void a_restart_leaves_the_path(void **state)
{
	struct move_world w = move_world_at_a(CONF, 1000 * MS);

	(void)state;
	ladder_stop(mn, ROLE_RESTART);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	assert_int_equal(box_count(mn, KOBJ_ROUTE), 2);
	assert_int_equal(ladder_count(w.L, "mn -> * RS"), 1);
	ladder_free(w.L);
}

/* Stopping for good gives the link back to the kernel, which need not wait for the next
 * advertisement (RFC 4861 6.3.7). */
static void the_kernel_takes_over_at_the_end(void **state)
{
	struct move_world w = move_world_at_a(CONF, 0);

	(void)state;
	assert_int_equal(ladder_count(w.L, "mn -> * RS"), 1);
	ladder_stop(mn, ROLE_SHUTDOWN);
	assert_int_equal(ladder_count(w.L, "mn -> * RS"), 2);
	assert_int_equal(box_count(mn, KOBJ_SYSCTL), 0);
	ladder_free(w.L);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_is_joined_at_once),
		cmocka_unit_test(a_former_link_leaves_nothing),
		cmocka_unit_test(a_second_router_is_no_movement),
		cmocka_unit_test(a_silent_move_is_noticed),
		cmocka_unit_test(a_silent_move_without_probes_is_immediate),
		cmocka_unit_test(a_dead_router_is_left),
		cmocka_unit_test(a_deprecated_address_is_left),
		cmocka_unit_test(solicitations_back_off),
		cmocka_unit_test(a_lost_solicitation_is_soon_repeated),
		cmocka_unit_test(the_router_is_greeted),
		cmocka_unit_test(all_evidence_leads_to_an_early_verdict),
		cmocka_unit_test(a_router_known_to_be_silent_is_left_at_once),
		cmocka_unit_test(a_dead_router_is_left_when_another_is_heard),
		cmocka_unit_test(a_doubt_does_not_outlive_the_carrier),
		cmocka_unit_test(another_network_is_another_link),
		cmocka_unit_test(new_addresses_follow_a_new_configuration),
		cmocka_unit_test(interfaces_come_and_go),
		cmocka_unit_test(a_duplicate_is_followed_by_another),
		cmocka_unit_test(what_is_removed_is_put_back),
		cmocka_unit_test(preference_and_loss_choose_the_interface),
		cmocka_unit_test(an_interface_without_a_router_is_left),
		cmocka_unit_test(the_first_choice_waits_for_the_better_interface),
		cmocka_unit_test(a_restart_leaves_the_path),
		cmocka_unit_test(the_kernel_takes_over_at_the_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
