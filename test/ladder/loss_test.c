// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A home agent that has lost its bindings, with nodes that do not know and send through the
 * tunnel (RFC 6275 9.3.3, 10.4.5, 11.3.6): they are told, and come back at once. And who is
 * not told.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ha/ha.h"
#include "test/ladder/box.h"
#include "test/ladder/ro_world.h"

#define RO_OFF "DoRouteOptimizationMN disabled;"
#define HA_CONF "NodeConfig HA; UseMnHaIPsec disabled; Interface \"eth0\";"                   \
		"HaSendRouterAdvs disabled;"

/* A packet from `inner` to the correspondent, in a tunnel from the correspondent's own
 * address, which is not that of a binding. */
static void send_through(struct world *w, const char *inner)
{
	const struct in6_addr src = ip6(inner), ha = ip6(HA);
	const uint8_t echo[8] = { 128 };
	struct packet *p = packet_new(&src, &w->cn_addr, WIRE_PROTO_ICMPV6, echo, sizeof(echo));

	ladder_send_packet(w->cn, packet_wrap(p, &w->cn_addr, &ha));
}

static void a_node_whose_binding_is_lost_comes_back_at_once(void **state)
{
	struct world *w = world_away(MN_CONF(RO_OFF), NULL);

	(void)state;
	ladder_run(w->L, S);
	assert_true(ladder_stream_result(w->pings).answered > 20);
	ladder_crash(w->ha);
	ladder_forget(w->ha);
	ladder_start(w->ha);
	ladder_mark(w->L);
	ladder_expect(w->L, "ha -> mn BE status=1 home=" HOA, 500 * MS);
	ladder_expect(w->L, "mn -> ha BU", 100 * MS);
	ladder_expect(w->L, "ha -> mn BA status=1 life=*", 2 * S);
	assert_true(counter_of(w->ha, COUNT_TUNNEL_STRAY) > 0);
	ladder_run(w->L, S);
	assert_true(ladder_ping(w->mn, &w->hoa, &w->cn_addr));
	world_down(w);
}

static void strangers_are_not_told(void **state)
{
	struct world *w = world_away(MN_CONF(RO_OFF), NULL);

	(void)state;
	ladder_hear(w->cn, NULL, NULL);
	/* no home address of ours */
	for (int i = 0; i < 5; i++) {
		send_through(w, "2001:db8:77::1");
		ladder_refuse(w->L, "ha -> cn BE", 100 * MS);
	}
	/* a home address without a binding: told, but no more often than permitted */
	for (int i = 0; i < 100; i++) {
		send_through(w, "2001:db8::5555");
		ladder_run(w->L, 10 * MS);
	}
	assert_in_range(ladder_count(w->L, "ha -> cn BE status=1 home=2001:db8::5555"), 5, 21);
	assert_true(counter_of(w->ha, COUNT_BE_LIMITED) > 50);
	world_down(w);
}

/* 11.8: an update may be under way, and may have to be repeated. */
static void a_node_that_sends_from_elsewhere_is_told_when_that_goes_on(void **state)
{
	struct world *w = world_away(MN_CONF(RO_OFF), NULL);

	(void)state;
	ladder_hear(w->cn, NULL, NULL);
	for (int i = 0; i < 28; i++) {
		send_through(w, HOA);
		ladder_refuse(w->L, "ha -> cn BE", 100 * MS);
	}
	ladder_run(w->L, 3 * S); /* a pause: it begins anew */
	for (int i = 0; i < 28; i++) {
		send_through(w, HOA);
		ladder_refuse(w->L, "ha -> cn BE", 100 * MS);
	}
	for (int i = 0; i < 5; i++) {
		send_through(w, HOA);
		ladder_run(w->L, 100 * MS);
	}
	assert_true(ladder_count(w->L, "ha -> cn BE status=1 home=" HOA) > 0);
	world_down(w);
}

static void nobody_is_told_where_the_configuration_says_so(void **state)
{
	struct world *w = world_away(MN_CONF(RO_OFF), NULL);

	(void)state;
	ladder_hear(w->cn, NULL, NULL);
	ladder_reconfigure(w->ha, HA_CONF "HaTellUnknownNodes disabled;");
	send_through(w, "2001:db8::5555");
	ladder_refuse(w->L, "ha -> cn BE", S);
	ladder_reconfigure(w->ha, HA_CONF);
	send_through(w, "2001:db8::5555");
	ladder_expect(w->L, "ha -> cn BE status=1", S);
	world_down(w);
}

/* As if the program had not heard of it. */
static void remove_silently(struct box *b, const char *text)
{
	struct object *obj, *next;
	char line[KOBJ_TEXT_MAX];

	for (obj = TAILQ_FIRST(&b->objects); obj; obj = next) {
		next = TAILQ_NEXT(obj, entry);
		if (strstr(kobj_text(&obj->o, line, sizeof(line)), text))
			object_remove(obj);
	}
	assert_false(box_has(b, text));
}

static void what_went_with_lost_events_is_put_again(void **state)
{
	struct world *w = world_away(MN_CONF(RO_OFF), NULL);
	uint64_t lost;

	(void)state;
	remove_silently(w->ha, "encap");
	remove_silently(w->ha, "proxy neighbour");
	lost = counter_of(w->ha, COUNT_KERNEL_LOST);
	mip6_turn(box_mip6(w->ha), ladder_now(w->L));
	mip6_on_overrun(box_mip6(w->ha));
	mip6_on_overrun(box_mip6(w->ha));
	ladder_run(w->L, S);
	assert_true(box_has(w->ha, "encap"));
	assert_true(box_has(w->ha, "proxy neighbour"));
	assert_int_equal(counter_of(w->ha, COUNT_KERNEL_OVERRUN), 2);
	assert_int_equal(counter_of(w->ha, COUNT_KERNEL_LOST), lost + 2);
	/* Where nothing is missing nothing is done. */
	mip6_turn(box_mip6(w->ha), ladder_now(w->L));
	mip6_on_overrun(box_mip6(w->ha));
	mip6_on_overrun(box_mip6(w->mn));
	ladder_run(w->L, S);
	assert_int_equal(counter_of(w->ha, COUNT_KERNEL_LOST), lost + 2);
	assert_int_equal(counter_of(w->mn, COUNT_KERNEL_LOST), 0);
	world_down(w);
}

/* --- suspend and resume -------------------------------------------------------------- */

#define SHORT RO_OFF "MnMaxHaBindingLife 60;"

/* For longer than its lifetimes, or for less. */
static void a_node_that_slept_is_back(struct world *w, uint64_t asleep_us)
{
	ladder_sleep(w->mn, true);
	ladder_run(w->L, asleep_us);
	ladder_sleep(w->mn, false);
	ladder_run(w->L, 4 * S);
	if (!ladder_ping(w->mn, &w->hoa, &w->cn_addr) || !ladder_ping(w->cn, NULL, &w->hoa))
		ladder_fail(w->L, __FILE__, __LINE__, "it is not back");
}

static void a_mobile_node_sleeps(void **state)
{
	struct world *w = world_away(MN_CONF(SHORT), NULL);

	(void)state;
	ladder_stream_end(w->pings);
	w->pings = NULL;
	a_node_that_slept_is_back(w, 20 * S);
	a_node_that_slept_is_back(w, 3600 * S);
	a_node_that_slept_is_back(w, 6 * 3600 * S);
	/* beyond the valid lifetime of its home prefix, too */
	a_node_that_slept_is_back(w, 60 * 3600 * S);
	world_down(w);
}

/* What ended while it slept is over, at once, and no packet goes where it went before. */
static void a_home_agent_sleeps(void **state)
{
	struct world *w = world_away(MN_CONF(SHORT), NULL);

	(void)state;
	ladder_stream_end(w->pings);
	w->pings = NULL;
	assert_true(box_has(w->ha, "encap"));
	ladder_sleep(w->mn, true);
	ladder_sleep(w->ha, true);
	ladder_run(w->L, 3600 * S);
	ladder_sleep(w->ha, false);
	ladder_run(w->L, 10 * MS);
	assert_false(box_has(w->ha, "encap"));
	assert_int_equal(counter_of(w->ha, COUNT_BINDING_EXPIRED), 1);
	a_node_that_slept_is_back(w, S);
	ladder_sleep(w->ha, true);
	ladder_run(w->L, 3600 * S);
	ladder_sleep(w->ha, false);
	ladder_run(w->L, 300 * S); /* it asks less and less often */
	assert_true(ladder_ping(w->mn, &w->hoa, &w->cn_addr));
	world_down(w);
}

/* --- out of memory ------------------------------------------------------------------- */

static int refuse_all(struct kernel *k, const struct kchange *changes, size_t n, uint64_t ticket)
{
	(void)k;
	(void)changes;
	(void)n;
	(void)ticket;
	return -ENOMEM;
}

/* No false acknowledgement, and what was there stays; with memory again all is well. */
static void without_memory_nothing_is_promised(void **state)
{
	struct world *w = world_away(MN_CONF(SHORT), NULL);
	const struct kernel_ops *good = w->ha->kernel.ops;
	struct kernel_ops bad = *good;
	size_t accepted = ladder_count(w->L, "ha -> mn BA status=0");

	(void)state;
	ladder_stream_end(w->pings);
	w->pings = NULL;
	assert_true(box_has(w->ha, "dst 2001:db8:a"));
	bad.apply = refuse_all;
	w->ha->kernel.ops = &bad;
	ladder_mark(w->L);
	world_go(w, 2);
	ladder_expect(w->L, "ha -> mn BA status=128", 5 * S);
	assert_int_equal(ladder_count(w->L, "ha -> mn BA status=0"), accepted);
	assert_true(box_has(w->ha, "dst 2001:db8:a"));
	w->ha->kernel.ops = good;
	ladder_run(w->L, 40 * S);
	assert_true(box_has(w->ha, "dst 2001:db8:b"));
	assert_true(ladder_ping(w->mn, &w->hoa, &w->cn_addr));
	world_down(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_whose_binding_is_lost_comes_back_at_once),
		cmocka_unit_test(strangers_are_not_told),
		cmocka_unit_test(a_node_that_sends_from_elsewhere_is_told_when_that_goes_on),
		cmocka_unit_test(what_went_with_lost_events_is_put_again),
		cmocka_unit_test(a_mobile_node_sleeps),
		cmocka_unit_test(a_home_agent_sleeps),
		cmocka_unit_test(without_memory_nothing_is_promised),
		cmocka_unit_test(nobody_is_told_where_the_configuration_says_so),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
