// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is this still the link, and does the router still hear us? What resolves such doubts, and
 * what does not (RFC 4861 7.3, RFC 6275 11.5.1). A host that says what a router said, but
 * answers nothing, stands for a router that hears nobody.
 */
#include "test/ladder/move_world.h"

#include <errno.h>
#include <stdio.h>

/* An advertisement of `router`, sent by a host that does not answer for it. */
static void say_ra(struct box *host, const struct in6_addr *from, struct box *router)
{
	const struct mip6_path path = { .local = *from, .peer = ip6("ff02::1") };

	ladder_send_nd(host, &path, ladder_ra(router));
}

static void hint(bool good)
{
	mip6_turn(box_mip6(mn), mn->L->now_us);
	attach_hint(box_mip6(mn), good);
}

/* RFC 4861 7.3.1: an advertisement MUST NOT be taken for a proof that the router hears us; 6.3.6
 * prefers routers that are reachable. */
static void a_router_that_hears_nobody_is_left(void **state)
{
	struct move_world w = move_world_at_a(CONF, 100 * MS);
	struct in6_addr from = iface_local(TAILQ_FIRST(&w.ra->ifaces));
	struct box *host = ladder_host(w.L, "host", w.a, "2001:db8:a::77/64", w.ra);

	(void)state;
	/* alone, it is kept, whatever happens: nothing is better */
	ladder_move(w.ra, "eth0", NULL, LADDER_CARRIER);
	hint(false);
	for (int n = 0; n < 30; n++) {
		say_ra(host, &from, w.ra);
		ladder_run(w.L, 100 * MS);
	}
	move_world_assert_prefix("2001:db8:a::/64");
	assert_int_equal(seen.changes, 1);
	ladder_router(w.L, "rc", w.a, "2001:db8:c::1/64", 0);
	for (int n = 0; n < 70; n++) { /* rc is asked ever more seldom */
		say_ra(host, &from, w.ra);
		ladder_run(w.L, 100 * MS);
	}
	move_world_assert_prefix("2001:db8:c::/64");
	move_world_end(&w);
}

/* The same, and the router hears again before another one comes. */
static void a_router_that_answers_again_is_kept(void **state)
{
	struct move_world w = move_world_at_a(CONF, 0);
	struct box *rc;

	(void)state;
	ladder_move(mn, "eth0", NULL, LADDER_SILENT);
	hint(false);
	ladder_run(w.L, 3 * S);
	ladder_move(mn, "eth0", w.a, LADDER_SILENT);
	ladder_advertise(w.ra);
	ladder_run(w.L, 100 * MS);
	rc = ladder_router(w.L, "rc", w.a, "2001:db8:c::1/64", 0);
	ladder_advertise(rc);
	ladder_run(w.L, 5 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	assert_int_equal(seen.changes, 1);
	move_world_end(&w);
}

/* RFC 4861 7.2.2: the link-local address was a duplicate (RFC 4862 5.4.5), or there never was
 * one; the router is asked all the same, and left when it cannot be asked. */
static void the_link_local_address_is_not_needed(void **state)
{
	static const char *const confs[] = {
		CONF, CONF_BASE "CoaDad optimistic; Interface \"eth0\"; MnRouterProbeTimeout 0.3;"
	};

	(void)state;
	for (size_t n = 0; n < 2; n++) {
		struct move_world w = move_world_new(confs[n], 0);
		struct in6_addr local = iface_local(TAILQ_FIRST(&mn->ifaces)), first;
		char text[64];
		struct box *rc;

		snprintf(text, sizeof(text), "%s/64", ADDR_STR(&local));
		ladder_start(mn);
		ladder_del_addr(mn, "eth0", text);
		ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
		ladder_run(w.L, 10 * MS);
		first = seen.at.coa;
		move_world_assert_prefix("2001:db8:a::/64");
		assert_int_equal(seen.at.coa_optimistic, n == 1);
		rc = ladder_router(w.L, "rc", w.a, "2001:db8:c::1/64", 0);
		ladder_advertise(rc);
		ladder_run(w.L, 400 * MS);
		assert_true(addr_equal(&seen.at.coa, &first));
		ladder_move(w.ra, "eth0", NULL, LADDER_CARRIER);
		hint(false);
		ladder_run(w.L, 400 * MS);
		move_world_assert_prefix("2001:db8:c::/64");
		move_world_end(&w);
	}
}

/* MnRouterProbeTimeout 0: RetransTimer, as the link says it or as it is by default. */
static void the_links_timer_is_that_of_the_question(void **state)
{
	struct move_world w = move_world_new(CONF "MnRouterProbeTimeout 0;", 0);

	(void)state;
	ladder_ra(w.ra)->ra.retrans_ms = 400;
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, S);
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	ladder_advertise(w.rb);
	ladder_run(w.L, 390 * MS);
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_run(w.L, 20 * MS);
	move_world_assert_prefix("2001:db8:b::/64");
	ladder_move(mn, "eth0", w.a, LADDER_SILENT);
	ladder_ra(w.ra)->ra.retrans_ms = 0;
	ladder_advertise(w.ra);
	ladder_run(w.L, 990 * MS);
	move_world_assert_prefix("2001:db8:b::/64");
	ladder_run(w.L, 20 * MS);
	move_world_assert_prefix("2001:db8:a::/64");
	move_world_end(&w);
}

static void add_unique_local(struct box *router)
{
	struct nd_msg *ra = ladder_ra(router);

	ra->opts.prefix[1] = ra->opts.prefix[0];
	ra->opts.prefix[1].addr = ip6("fd00::");
	ra->opts.prefix_count = 2;
}

/* RFC 6275 11.5.1: two links of different owners have the same unique local prefix, as their
 * routers came from the factory, or even the same router address: still two links. */
static void links_may_share_a_prefix(void **state)
{
	struct move_world w = move_world_new(CONF, 0);
	struct in6_addr one = iface_local(TAILQ_FIRST(&w.ra->ifaces));
	struct box *host = ladder_host(w.L, "host", w.b, "2001:db8:b::77/64", w.rb);

	(void)state;
	add_unique_local(w.ra);
	add_unique_local(w.rb);
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 5 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, 50 * MS);
	move_world_assert_prefix("2001:db8:b::/64");
	ladder_run(w.L, 5 * S);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 2);
	ladder_move(mn, "eth0", w.a, LADDER_SILENT);
	ladder_advertise(w.ra);
	ladder_run(w.L, 250 * MS);
	move_world_assert_prefix("2001:db8:a::/64");
	/* the router of b has the address of that of a, and another link-layer address */
	ladder_move(w.rb, "eth0", NULL, LADDER_CARRIER);
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, MS);
	say_ra(host, &one, w.rb);
	ladder_run(w.L, 50 * MS);
	move_world_assert_prefix("2001:db8:b::/64");
	move_world_end(&w);
}

/* RFC 6275 11.5.1: the carrier was away for a moment, and another router of the same link answers
 * first: it is the same link, and the router in use is asked. */
static void a_known_link_is_known_by_any_of_its_routers(void **state)
{
	struct move_world w = move_world_at_a(CONF, 0);
	struct box *rc = ladder_router(w.L, "rc", w.a, "2001:db8:c::1/64", 0);
	struct in6_addr first = seen.at.coa;

	(void)state;
	ladder_advertise(rc);
	ladder_run(w.L, S);
	ladder_rs_delay(w.ra, 100 * MS);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 50 * MS);
	assert_true(seen.at.usable && addr_equal(&seen.at.coa, &first));
	ladder_run(w.L, S);
	assert_true(addr_equal(&seen.at.coa, &first));
	/* and it does not answer */
	ladder_move(w.ra, "eth0", NULL, LADDER_CARRIER);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 50 * MS);
	assert_true(addr_equal(&seen.at.coa, &first));
	ladder_run(w.L, 200 * MS);
	move_world_assert_prefix("2001:db8:c::/64");
	move_world_end(&w);
}

/* RFC 6275 11.5.1: somebody has filled the table of routers; a silent move is noticed all the
 * same, by the next advertisement after the router in use has not answered. */
static void a_full_table_hides_no_move(void **state)
{
	struct move_world w = move_world_at_a(CONF, 0);
	struct in6_addr from = ip6("fe80::1");
	struct box *host = ladder_host(w.L, "host", w.a, "2001:db8:a::77/64", w.ra);

	(void)state;
	for (int n = 0; n < 2 * MOVE_ROUTERS_MAX; n++) {
		from.s6_addr[15] = (uint8_t)(n + 1);
		say_ra(host, &from, w.ra);
	}
	ladder_run(w.L, S);
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	ladder_advertise(w.rb);
	ladder_run(w.L, 300 * MS);
	ladder_advertise(w.rb);
	ladder_run(w.L, 50 * MS);
	move_world_assert_prefix("2001:db8:b::/64");
	move_world_end(&w);
}

/* RFC 6275 7.3: a router stops advertising itself, or never does as often as it says; it answers
 * when it is asked, and is not asked for ever as if it were new that it fails to come. */
static void a_router_that_does_not_keep_its_word_is_rarely_asked(void **state)
{
	struct move_world w = move_world_at_a(CONF, 100 * MS);
	size_t asked = ladder_count(w.L, "mn -> ra NS");

	(void)state;
	timer_cancel(&w.L->timers, &w.ra->ra.timer);
	ladder_rs_delay(w.ra, 500 * MS);
	ladder_run(w.L, 120 * S);
	assert_in_range(ladder_count(w.L, "mn -> ra NS") - asked, 5, 15);
	assert_int_equal(seen.changes, 1);
	/* it is back: the next failure is soon noticed again */
	ladder_advertise(w.ra);
	ladder_run(w.L, 20 * S);
	asked = ladder_count(w.L, "mn -> ra NS");
	ladder_advertise(w.ra);
	ladder_run(w.L, 400 * MS);
	assert_in_range(ladder_count(w.L, "mn -> ra NS") - asked, 1, 2);
	move_world_end(&w);
	w = move_world_new(CONF, 1000 * MS);
	ladder_ra(w.ra)->opts.adv_interval_ms = 1;
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 60 * S);
	assert_in_range(ladder_count(w.L, "mn -> ra NS"), 10, 50);
	move_world_end(&w);
}

/* RFC 6275 11.5.1: the router says nothing of how often it advertises itself, and nothing is asked
 * of the home agent: the kernel notices, for there is traffic (RFC 4861 7.3.3). */
static void the_kernel_notices_a_dead_router(void **state)
{
	struct move_world w = move_world_at_a(CONF, 0);
	struct box *rc = ladder_router(w.L, "rc", w.a, "2001:db8:c::1/64", 0);
	struct in6_addr far = ip6("2001:db8:b::1");
	struct stream *s = ladder_stream(mn, &seen.at.coa, &far, 500 * MS);

	(void)state;
	ladder_advertise(rc);
	ladder_run(w.L, 5 * S);
	ladder_move(w.ra, "eth0", NULL, LADDER_CARRIER);
	ladder_run(w.L, 60 * S);
	ladder_stream_end(s);
	move_world_assert_prefix("2001:db8:c::/64");
	assert_int_equal(seen.at.cause, ATTACH_ROUTER_LOST);
	move_world_end(&w);
}

/* RFC 4861 6.3.7: the first solicitation came from nowhere; when there is a link-local address,
 * the next one does not wait for its time. */
static void a_link_local_address_asks_at_once(void **state)
{
	struct move_world w = move_world_new(CONF, 0);
	struct net_link *empty = ladder_link(w.L, "empty");
	struct in6_addr local = iface_local(TAILQ_FIRST(&mn->ifaces));
	size_t asked;
	char text[64];

	(void)state;
	snprintf(text, sizeof(text), "%s/64", ADDR_STR(&local));
	ladder_start(mn);
	ladder_del_addr(mn, "eth0", text);
	ladder_move(mn, "eth0", empty, LADDER_CARRIER);
	ladder_run(w.L, 20 * S);
	asked = ladder_count(w.L, "mn -> * RS");
	assert_int_equal(ladder_count(w.L, "mn -> * RS src=::"), asked);
	ladder_addr(mn, "eth0", text);
	ladder_run(w.L, MS);
	assert_int_equal(ladder_count(w.L, "mn -> * RS"), asked + 1);
	assert_int_equal(ladder_count(w.L, "mn -> * RS src=::"), asked);
	move_world_end(&w);
}

/* Somebody advertises himself under our own link-local address: the kernel takes no route by
 * that, and we no notice. */
static void our_own_address_is_no_router(void **state)
{
	struct move_world w = move_world_at_a(CONF, 0);
	struct in6_addr own = iface_local(TAILQ_FIRST(&mn->ifaces));
	struct box *host = ladder_host(w.L, "host", w.a, "2001:db8:a::77/64", w.ra);

	(void)state;
	ladder_ra(w.rb)->ra.preference = ND_PREF_HIGH;
	say_ra(host, &own, w.rb);
	ladder_run(w.L, S);
	assert_int_equal(seen.changes, 1);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	move_world_end(&w);
}

/* What the kernel refuses is undone, which it tells as well; it is asked again, but not in a
 * circle, and at once when there is something else to ask for. */
static void what_is_refused_is_asked_for_again_later(void **state)
{
	struct move_world w = move_world_at_a(CONF, 0);
	struct injected *refusals;

	(void)state;
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	box_fail(mn, "put route default", -EINVAL, 0, 1000);
	refusals = TAILQ_FIRST(&mn->injected);
	ladder_run(w.L, 9500 * MS);
	assert_in_range(1000 - refusals->times, 5, 15);
	refusals->times = 0;
	ladder_router(w.L, "rc", w.b, "2001:db8:c::1/64", 100 * MS);
	ladder_run(w.L, 10 * MS);
	move_world_assert_prefix("2001:db8:b::/64");
	mn->misuses = 0; /* undoing puts again what was deleted in the same turn */
	move_world_end(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_router_that_hears_nobody_is_left),
		cmocka_unit_test(a_router_that_answers_again_is_kept),
		cmocka_unit_test(the_link_local_address_is_not_needed),
		cmocka_unit_test(the_links_timer_is_that_of_the_question),
		cmocka_unit_test(links_may_share_a_prefix),
		cmocka_unit_test(a_known_link_is_known_by_any_of_its_routers),
		cmocka_unit_test(a_full_table_hides_no_move),
		cmocka_unit_test(the_kernel_notices_a_dead_router),
		cmocka_unit_test(a_link_local_address_asks_at_once),
		cmocka_unit_test(our_own_address_is_no_router),
		cmocka_unit_test(what_is_refused_is_asked_for_again_later),
		cmocka_unit_test(a_router_that_does_not_keep_its_word_is_rarely_asked),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
