// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mobile node and home agent together, each the whole role: movement, registration,
 * tunnel, coming home, with data flowing from a correspondent far off; and random
 * runs of many moves, after which both agree and nothing is left over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "test/ladder/full_world.h"

/* RFC 6275 11.7.1, 10.3.1, 11.3.1: registration, tunnel, both ways. */
static void a_node_away_is_reached_through_its_home_agent(void **state)
{
	struct full *w = full_new();

	(void)state;
	full_go(w, 1);
	ladder_start(w->mn);
	ladder_expect(w->L, "mn -> ha BU flags=AH* hao=" HOA, 5 * S);
	ladder_expect(w->L, "ha -> mn BA status=0 rh2=" HOA, 5 * S);
	ladder_run(w->L, S);
	assert_true(full_agree_away(w));
	assert_true(full_reaches(w));
	full_end(w);
}

/* RFC 6275 11.5, 11.7: a tour, with a stream that goes on at each stop. */
static void a_tour_around_all_links(void **state)
{
	static const int tour[] = { 0, 1, 2, 0, 2, 1, 0 };
	struct full *w = full_new();
	struct stream_result r;
	struct stream *s;
	size_t i;

	(void)state;
	full_go(w, 0);
	ladder_start(w->mn);
	ladder_run(w->L, 10 * S);
	assert_true(full_agree_home(w));
	s = ladder_stream(w->cn, &w->cn_addr, &w->hoa, 10 * MS);
	for (i = 1; i < sizeof(tour) / sizeof(tour[0]); i++) {
		full_go(w, tour[i]);
		ladder_run(w->L, 5 * S);
		assert_true(tour[i] ? full_agree_away(w) : full_agree_home(w));
		assert_true(full_reaches(w));
	}
	ladder_stream_end(s);
	ladder_run(w->L, S);
	r = ladder_stream_result(s);
	/* leaving home the home agent looks for duplicates for a second (10.3.1) */
	assert_in_range(r.silence_us, 0, 2000 * MS);
	assert_true(r.answered > r.sent * 9 / 10);
	assert_int_equal(box_misuses(w->mn), 0);
	assert_int_equal(box_misuses(w->ha), 0);
	full_end(w);
}

/* RFC 6275 11.7.1: the first registration waits for duplicate address detection at the
 * home agent (10.3.1), the second does not. */
static void a_move_takes_two_round_trips(void **state)
{
	struct full *w = full_new();
	const struct handovers *ring;
	const struct handover *last;

	(void)state;
	full_start_away(w);
	full_go(w, 2);
	ladder_run(w->L, 2 * S);
	ring = mn_of(box_mip6(w->mn))->handovers;
	last = handover_get(ring, 0);
	assert_int_equal(last->result, HANDOVER_DONE);
	assert_int_equal(last->cause, ATTACH_LINK_UP);
	/* router and back on the link, home agent and back: no waiting of our own */
	assert_in_range(last->done_us - last->event_us, 10 * MS, 16 * MS);
	full_end(w);
}

/* Every handover is measured up to the first packet each way. */
static void a_record_has_the_first_packets(void **state)
{
	struct full *w = full_new();
	struct stream *out, *in;
	const struct handover *h;

	(void)state;
	full_start_away(w);
	out = ladder_stream(w->mn, &w->hoa, &w->cn_addr, 5 * MS);
	in = ladder_stream(w->cn, &w->cn_addr, &w->hoa, 5 * MS);
	for (int link = 2; link >= 1; link--) {
		full_go(w, link);
		ladder_run(w->L, 300 * MS); /* within the pace of what route optimization hears */
		h = handover_get(mn_of(box_mip6(w->mn))->handovers, 0);
		assert_int_equal(h->result, HANDOVER_DONE);
		assert_in_range(h->first_out_us, h->done_us, h->done_us + 5 * MS);
		assert_in_range(h->first_in_us, h->bu_us + MS, h->done_us + 10 * MS);
	}
	full_go(w, 0);
	ladder_run(w->L, 2 * S);
	h = handover_get(mn_of(box_mip6(w->mn))->handovers, 0);
	assert_true(h->home && !h->first_out_us && !h->first_in_us);
	ladder_stream_end(out);
	ladder_stream_end(in);
	full_end(w);
}

/* The home agent forgets everything: the node's next renewal makes it known again. */
static void a_home_agent_that_forgot_learns_again(void **state)
{
	struct full *w = full_new();

	(void)state;
	full_start_away(w);
	ladder_crash(w->ha);
	ladder_forget(w->ha);
	ladder_start(w->ha);
	ladder_run(w->L, 70 * S);
	assert_true(full_agree_away(w));
	assert_true(full_reaches(w));
	ladder_stop(w->ha, ROLE_SHUTDOWN);
	ladder_forget(w->ha);
	ladder_run(w->L, 30 * S);
	ladder_start(w->ha);
	ladder_run(w->L, 100 * S);
	assert_true(full_agree_away(w));
	assert_true(full_reaches(w));
	full_end(w);
}

/* Killed, or stopped for a successor, and started anew: not a packet is missing, and the
 * node need not register again. */
static void a_home_agent_restarts_unnoticed(void **state)
{
	struct full *w = full_new();
	struct stream_result there, back;
	struct stream *to_mn, *to_cn;

	(void)state;
	full_start_away(w);
	to_mn = ladder_stream(w->cn, &w->cn_addr, &w->hoa, 2 * MS);
	to_cn = ladder_stream(w->mn, &w->hoa, &w->cn_addr, 2 * MS);
	ladder_run(w->L, S);
	for (int i = 0; i < 4; i++) {
		size_t bus = ladder_count(w->L, "mn -> ha BU*");

		if (i % 2)
			ladder_crash(w->ha);
		else
			ladder_stop(w->ha, ROLE_RESTART);
		ladder_run(w->L, S);
		ladder_start(w->ha);
		ladder_run(w->L, S);
		assert_true(full_agree_away(w));
		assert_int_equal(ladder_count(w->L, "mn -> ha BU*"), bus);
	}
	ladder_stream_end(to_mn);
	ladder_stream_end(to_cn);
	ladder_run(w->L, S);
	there = ladder_stream_result(to_mn);
	back = ladder_stream_result(to_cn);
	assert_int_equal(there.answered, there.sent);
	assert_int_equal(back.answered, back.sent);
	assert_int_equal(box_misuses(w->ha), 0);
	full_end(w);
}

/* The mobile node's daemon is killed, or stopped for a successor, away and at home: not a
 * packet is missing. Away, the registration is asked for again with the next sequence
 * number, and accepted at once; at home nobody is told anything but that it is there. */
static void a_mobile_node_restarts_unnoticed(void **state)
{
	static const int places[] = { 1, 2, 0 };

	(void)state;
	for (size_t p = 0; p < 3; p++) {
		struct full *w = full_new();
		struct stream_result r;
		struct stream *s;

		full_go(w, places[p]);
		ladder_start(w->mn);
		ladder_run(w->L, 5 * S);
		assert_true(places[p] ? full_agree_away(w) : full_agree_home(w));
		s = ladder_stream(w->cn, &w->cn_addr, &w->hoa, 2 * MS);
		ladder_run(w->L, S);
		for (int i = 0; i < 4; i++) {
			size_t updates = ladder_count(w->L, "mn -> ha BU*");

			if (i % 2)
				ladder_crash(w->mn);
			else
				ladder_stop(w->mn, ROLE_RESTART);
			ladder_run(w->L, S);
			ladder_start(w->mn);
			ladder_run(w->L, 3 * S);
			assert_true(places[p] ? full_agree_away(w) : full_agree_home(w));
			assert_int_equal(ladder_count(w->L, "mn -> ha BU*"),
					 updates + (places[p] != 0));
			assert_int_equal(ladder_count(w->L, "ha -> mn BA status=135*"), 0);
		}
		ladder_stream_end(s);
		ladder_run(w->L, S);
		r = ladder_stream_result(s);
		if (r.answered != r.sent)
			ladder_fail(w->L, __FILE__, __LINE__, "%llu of %llu pings lost, link %d",
				    (unsigned long long)(r.sent - r.answered),
				    (unsigned long long)r.sent, places[p]);
		assert_int_equal(box_misuses(w->mn), 0);
		full_end(w);
	}
}

/* It was moved while its daemon was down: what the predecessor left is replaced. */
static void a_mobile_node_restarts_elsewhere(void **state)
{
	static const int tour[][2] = { { 1, 2 }, { 1, 0 }, { 0, 1 } };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct full *w = full_new();

		full_go(w, tour[i][0]);
		ladder_start(w->mn);
		ladder_run(w->L, 5 * S);
		ladder_crash(w->mn);
		full_go(w, tour[i][1]);
		ladder_run(w->L, S);
		ladder_start(w->mn);
		ladder_run(w->L, 10 * S);
		assert_true(tour[i][1] ? full_agree_away(w) : full_agree_home(w));
		assert_true(full_reaches(w));
		assert_int_equal(box_misuses(w->mn), 0);
		full_end(w);
	}
}

/* At any change of its kernel, any message, any commit of its store: in the end both agree,
 * and no binding that was acknowledged is asked for with an old number. False: it had
 * fewer steps. */
static bool mobile_node_crashes(unsigned int steps)
{
	struct full *w = full_new();
	bool crashed = false;
	size_t unknown = 0; /* numbers of before the first acknowledgement */

	full_go(w, 1);
	ladder_start(w->mn);
	ladder_crash_after(w->mn, steps);
	for (int i = 0; i < 600; i++) {
		if (i == 250)
			full_go(w, 2);
		if (i == 420)
			full_go(w, 0);
		ladder_run(w->L, 10 * MS);
		if (!ladder_count(w->L, "ha -> mn BA status=0*"))
			unknown = ladder_count(w->L, "ha -> mn BA status=135*");
		if (ladder_is_running(w->mn))
			continue;
		crashed = true;
		ladder_run(w->L, 40 * MS);
		ladder_start(w->mn);
	}
	ladder_crash_after(w->mn, 0);
	ladder_run(w->L, 10 * S);
	if (!full_agree_home(w))
		ladder_fail(w->L, __FILE__, __LINE__, "no agreement at home after %u steps", steps);
	assert_true(full_reaches(w));
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 0);
	full_go(w, 1);
	ladder_run(w->L, 10 * S);
	if (!full_agree_away(w))
		ladder_fail(w->L, __FILE__, __LINE__, "no agreement away after %u steps", steps);
	assert_true(full_reaches(w));
	assert_int_equal(ladder_count(w->L, "ha -> mn BA status=135*"), unknown);
	assert_int_equal(box_misuses(w->mn), 0);
	full_end(w);
	return crashed;
}

static void a_mobile_node_may_crash_anywhere(void **state)
{
	unsigned int n;

	(void)state;
	for (n = 1; mobile_node_crashes(n); n++)
		assert_true(n < 400);
	assert_true(n > 40);
}

/* RFC 6275 11.3.5: the node moves while the home agent's daemon is being started anew, and
 * that one's kernel says that it knows no mobility: it is asked again all the same. */
static void a_move_while_the_home_agent_restarts(void **state)
{
	struct full *w = full_new();

	(void)state;
	full_start_away(w);
	ladder_crash(w->ha);
	full_go(w, 2);
	ladder_expect(w->L, "ha -> mn ERROR type=4 code=1", S);
	ladder_run(w->L, 2 * S);
	ladder_start(w->ha);
	ladder_run(w->L, 5 * S);
	assert_true(full_agree_away(w));
	assert_true(full_reaches(w));
	full_end(w);
}

/* A clean stop takes the data path away, but the next start knows the binding. */
static void a_home_agent_that_was_stopped_serves_at_once(void **state)
{
	struct full *w = full_new();

	(void)state;
	full_start_away(w);
	ladder_stop(w->ha, ROLE_SHUTDOWN);
	assert_int_equal(box_count(w->ha, KOBJ_TUNNEL_FILTER), 0);
	ladder_run(w->L, S);
	ladder_start(w->ha);
	ladder_run(w->L, 10 * MS);
	assert_int_equal(box_count(w->ha, KOBJ_TUNNEL_FILTER), 1);
	assert_true(full_agree_away(w));
	assert_true(full_reaches(w));
	full_end(w);
}

/* A node that is switched off says goodbye (11.7.1), and the home agent forgets it. */
static void a_node_that_stops_is_forgotten(void **state)
{
	struct full *w = full_new();

	(void)state;
	full_start_away(w);
	ladder_stop(w->mn, ROLE_SHUTDOWN);
	ladder_run(w->L, S);
	assert_null(full_binding(w));
	ladder_start(w->mn);
	ladder_run(w->L, 10 * S);
	assert_true(full_agree_away(w));
	full_end(w);
}

/* A better interface comes while the former one is there: nothing is lost. */
static void a_second_interface_loses_nothing(void **state)
{
	struct full *w = full_new();
	struct stream_result r;
	struct stream *s;
	int i;

	(void)state;
	ladder_reconfigure(w->mn, FULL_TWO_CONF);
	ladder_attach(w->mn, "eth1", NULL);
	full_start_away(w);
	s = ladder_stream(w->cn, &w->cn_addr, &w->hoa, 2 * MS);
	for (i = 0; i < 3; i++) {
		ladder_run(w->L, S);
		ladder_move(w->mn, "eth1", w->links[2], LADDER_CARRIER);
		ladder_run(w->L, 4 * S);
		assert_int_equal(full_addr(w)->at.ifindex, box_iface_name(w->mn, "eth1")->ifindex);
		assert_true(full_agree_away(w));
		r = ladder_stream_result(s);
		assert_in_range(r.silence_us, 0, i ? 60 * MS : 30 * MS);
		ladder_move(w->mn, "eth1", NULL, LADDER_CARRIER);
		ladder_run(w->L, S);
		assert_true(full_agree_away(w));
	}
	ladder_stream_end(s);
	ladder_run(w->L, S);
	assert_int_equal(box_misuses(w->mn), 0);
	full_end(w);
}

/* RFC 6275 11.5.5: leaving home by one interface and coming back by the other: the home
 * agent still has the first one in its neighbour cache, and yet answers the second. */
static void coming_home_by_another_interface(void **state)
{
	struct full *w = full_new();

	(void)state;
	ladder_reconfigure(w->mn, FULL_TWO_CONF);
	ladder_attach(w->mn, "eth1", NULL);
	full_go(w, 0);
	ladder_start(w->mn);
	ladder_run(w->L, 5 * S);
	assert_true(full_agree_home(w));
	assert_true(full_reaches(w));
	assert_true(ladder_ping(w->ha, NULL, &w->hoa));
	full_go(w, 1);
	ladder_run(w->L, 5 * S);
	assert_true(full_agree_away(w));
	ladder_mark(w->L);
	full_go(w, -1);
	ladder_move(w->mn, "eth1", w->links[0], LADDER_CARRIER);
	ladder_expect(w->L, "ha -> mn BA status=0", 100 * MS);
	ladder_run(w->L, 100 * MS);
	assert_true(full_agree_home(w));
	assert_true(full_reaches(w));
	full_end(w);
}

/* RFC 6275 11.5.1, 11.5.5: coming home without a word from the link. As long as it is not
 * certain that this is the home link, nothing is sent from the home address in the clear,
 * and the home agent keeps its binding. */
static void coming_home_silently(void **state)
{
	struct full *w = full_new();
	struct in6_addr wrong;

	(void)state;
	ladder_reconfigure(w->mn, FULL_MN_CONF);
	full_start_away(w);
	wrong = full_addr(w)->at.router;
	ladder_mark(w->L);
	ladder_move(w->mn, "eth0", w->links[0], LADDER_SILENT);
	ladder_expect(w->L, "r0 -> *home RA", 2 * S);
	ladder_refuse(w->L, "mn -> ha BU life=0", 40 * MS);
	assert_true(full_agree_away(w));
	ladder_expect(w->L, "mn -> ha BU life=0", S);
	assert_false(addr_equal(&full_addr(w)->at.router, &wrong));
	ladder_run(w->L, S);
	assert_true(full_agree_home(w));
	assert_true(full_reaches(w));
	full_end(w);
}

/* RFC 6275 11.5.5: a home agent that is not the router is asked for its link-layer address by
 * a solicitation for the home address from the unspecified address; nothing else is. */
static void coming_home_asks_who_defends_the_address(void **state)
{
	struct full *w = full_new();

	(void)state;
	full_start_away(w);
	ladder_mark(w->L);
	full_go(w, 0);
	ladder_expect(w->L, "mn -> *home NS target=" HOA " dad src=::", S);
	ladder_expect(w->L, "ha -> *home NA target=" HOA, 10 * MS);
	ladder_expect(w->L, "mn -> ha BU life=0 src=" HOA, 10 * MS);
	assert_int_equal(ladder_count(w->L, "mn -> *home NS target=" HA), 0);
	assert_int_equal(ladder_count(w->L, "mn -> *home NS target=" HOA), 1);
	ladder_run(w->L, 2 * S);
	assert_true(full_agree_home(w));
	assert_true(full_reaches(w));
	full_end(w);
}

/* RFC 6275 11.5.2, 11.5.5: a router of the home link and another one on the same link: home,
 * by the home link's router. */
static void home_is_where_the_home_prefix_is(void **state)
{
	struct full *w = full_new();

	(void)state;
	full_start_away(w);
	/* the home link's router comes to link a */
	ladder_move(w->routers[0], "eth0", w->links[1], LADDER_CARRIER);
	ladder_move(w->ha, "eth0", w->links[1], LADDER_CARRIER);
	ladder_run(w->L, 10 * S);
	assert_true(full_agree_home(w));
	assert_true(full_reaches(w));
	full_end(w);
}

/* How many pings and answers are lost when a better interface comes. `lenient`: the home
 * agent takes what comes from the former care-of address, and the node relies on it. */
static void lose_by_better(bool lenient, uint64_t former_latency_us, uint64_t *there,
			   uint64_t *back)
{
	const struct quality q = { .latency_us = former_latency_us };
	struct full *w = full_new();
	struct stream_result r;
	struct stream *s;

	if (lenient)
		ladder_reconfigure(w->ha, FULL_HA_CONF "HaFormerCoaTime 0.5;");
	ladder_reconfigure(w->mn, lenient ? FULL_TWO_CONF "MnFormerCoaServes enabled;" :
					    FULL_TWO_CONF);
	ladder_attach(w->mn, "eth1", NULL);
	ladder_quality(w->links[1], &q);
	full_start_away(w);
	s = ladder_stream(w->cn, &w->cn_addr, &w->hoa, MS);
	ladder_run(w->L, S);
	ladder_move(w->mn, "eth1", w->links[2], LADDER_CARRIER);
	ladder_run(w->L, 3 * S);
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 2);
	ladder_run(w->L, 5 * S);
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 1);
	assert_true(full_agree_away(w));
	ladder_stream_end(s);
	ladder_run(w->L, S);
	r = ladder_stream_result(s);
	*there = r.sent - r.arrived;
	*back = r.arrived - r.answered;
	full_end(w);
}

/* RFC 6275 11.5.4, 10.4.5: not one packet is lost in either direction when a better
 * interface comes: what is under way to the former care-of address is still accepted, and
 * data goes by the new one only behind the update. */
static void a_better_interface_loses_not_one_packet(void **state)
{
	uint64_t there, back;

	(void)state;
	lose_by_better(false, 100, &there, &back); /* as long as the new way */
	assert_int_equal(there, 0);
	assert_int_equal(back, 0);
	lose_by_better(false, 20 * MS, &there, &back);
	assert_int_equal(there, 0);
	/* what the update overtakes: the home agent MUST NOT take it any more, ... */
	assert_in_range(back, 1, 20);
	/* ... but where it was told to */
	lose_by_better(true, 20 * MS, &there, &back);
	assert_int_equal(there, 0);
	assert_int_equal(back, 0);
	lose_by_better(true, 100, &there, &back);
	assert_int_equal(there, 0);
	assert_int_equal(back, 0);
}

/* With MnFormerCoaServes packets go by the former interface until the acknowledgement; when
 * that is lost, the new one is not kept waiting. */
static void data_waits_for_the_acknowledgement(void **state)
{
	const struct quality deaf = { .latency_us = 100, .loss_ppm = 1000000 };
	const struct quality good = { .latency_us = 100 };
	struct full *w = full_new();

	(void)state;
	ladder_reconfigure(w->mn, FULL_TWO_CONF "MnFormerCoaServes enabled;");
	ladder_attach(w->mn, "eth1", NULL);
	full_start_away(w);
	ladder_quality(w->links[0], &deaf);
	ladder_move(w->mn, "eth1", w->links[2], LADDER_CARRIER);
	for (int i = 0; i < 300 && !full_addr(w)->next_tunnel; i++)
		ladder_run(w->L, 10 * MS);
	ladder_run(w->L, 900 * MS); /* the first timeout is a second */
	assert_non_null(full_addr(w)->next_tunnel);
	assert_false(full_addr(w)->led);
	ladder_run(w->L, 200 * MS);
	assert_non_null(full_addr(w)->next_tunnel);
	assert_true(full_addr(w)->led);
	ladder_quality(w->links[0], &good);
	ladder_run(w->L, 10 * S);
	assert_true(full_agree_away(w));
	full_end(w);
}

static void wander(struct full *w, unsigned int moves, bool crashes)
{
	static const int places[] = { 0, 1, 2, 1, 2, 0, -1 };
	unsigned int i;

	for (i = 0; i < moves; i++) {
		struct box *victim = ladder_random(w->L, 2) ? w->ha : w->mn;

		if (crashes && ladder_random(w->L, 50) == 0) {
			ladder_crash(victim);
			if (ladder_random(w->L, 4) == 0)
				ladder_forget(victim);
			ladder_start(victim);
		}
		full_go(w, places[ladder_random(w->L, sizeof(places) / sizeof(places[0]))]);
		ladder_run(w->L, ladder_random(w->L, 3) ? ladder_random(w->L, 40) * MS :
							   ladder_random(w->L, 3000) * MS);
	}
}

static void run(uint64_t seed, unsigned int moves, bool crashes)
{
	static const struct quality bad = { .latency_us = 2 * MS,
					    .jitter_us = 3 * MS,
					    .loss_ppm = 50000,
					    .duplicate_ppm = 50000,
					    .reorder_ppm = 50000 };
	static const struct quality good = { .latency_us = MS };
	static const int ends[] = { 1, 0, 2, 0 };
	struct full *w = full_new();
	size_t i;

	ladder_seed(w->L, seed);
	ladder_start(w->mn);
	full_quality(w, &bad);
	wander(w, moves, crashes);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		wander(w, 20, crashes);
		full_go(w, ends[i]);
		full_quality(w, &good);
		ladder_run(w->L, 200 * S);
		if (!(ends[i] ? full_agree_away(w) : full_agree_home(w)))
			ladder_fail(w->L, __FILE__, __LINE__, "they do not agree");
		assert_true(full_reaches(w));
		assert_int_equal(box_count(w->ha, KOBJ_TUNNEL_FILTER), ends[i] != 0);
		assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), ends[i] != 0);
		full_quality(w, &bad);
	}
	full_quality(w, &good);
	ladder_run(w->L, 2 * S);
	full_end(w);
}

/* RFC 6275 10.3, 11.5, 11.7, over a bad network. */
static void random_runs_end_in_agreement(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 5; seed++)
		run(seed, 1000, false);
}

/* ... with either of the two crashing and starting again now and then. */
static void so_they_do_with_crashes(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 5; seed++)
		run(seed, 500, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_away_is_reached_through_its_home_agent),
		cmocka_unit_test(a_tour_around_all_links),
		cmocka_unit_test(a_move_takes_two_round_trips),
		cmocka_unit_test(a_record_has_the_first_packets),
		cmocka_unit_test(a_home_agent_that_forgot_learns_again),
		cmocka_unit_test(a_home_agent_restarts_unnoticed),
		cmocka_unit_test(a_home_agent_that_was_stopped_serves_at_once),
		cmocka_unit_test(a_move_while_the_home_agent_restarts),
		cmocka_unit_test(a_mobile_node_restarts_unnoticed),
		cmocka_unit_test(a_mobile_node_restarts_elsewhere),
		cmocka_unit_test(a_mobile_node_may_crash_anywhere),
		cmocka_unit_test(a_node_that_stops_is_forgotten),
		cmocka_unit_test(a_second_interface_loses_nothing),
		cmocka_unit_test(coming_home_by_another_interface),
		cmocka_unit_test(coming_home_silently),
		cmocka_unit_test(coming_home_asks_who_defends_the_address),
		cmocka_unit_test(home_is_where_the_home_prefix_is),
		cmocka_unit_test(a_better_interface_loses_not_one_packet),
		cmocka_unit_test(data_waits_for_the_acknowledgement),
		cmocka_unit_test(random_runs_end_in_agreement),
		cmocka_unit_test(so_they_do_with_crashes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
