// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Route optimization (RFC 6275 5.2, 9, 11.6, 11.7.2): mobile node, home agent and
 * correspondent, each the whole role, with pings between the mobile node and the
 * correspondent all the while.
 */
#include "test/ladder/ro_world.h"

/* 5.2, 11.6.1, 11.6.2, 11.7.2: traffic in the tunnel leads to both tests in parallel, a
 * Binding Update, and the direct path, without a packet lost. */
static void traffic_is_optimized(void **state)
{
	struct world *w = world_away(MN_CONF(""), CN_CONF);
	struct stream_result r;

	(void)state;
	ladder_expect(w->L, "mn -> cn BU hao=" HOA, 3 * S);
	assert_int_equal(ladder_count(w->L, "mn -> cn HoTI"), 1);
	assert_int_equal(ladder_count(w->L, "cn -> mn CoT"), 1);
	ladder_run(w->L, S);
	assert_int_equal(peer_of(w)->state, RO_BOUND);
	assert_int_equal(bindings(w), 1);
	r = ladder_stream_result(w->pings);
	assert_true(r.last_optimized);
	ladder_stream_end(w->pings);
	ladder_run(w->L, S);
	r = ladder_stream_result(w->pings);
	assert_true(r.answered == r.sent);
	world_down(w);
}

/* UseCnBuAck: the direct path begins with the acknowledgement. */
static void an_acknowledgement_is_asked_for(void **state)
{
	struct world *w = world_away(MN_CONF("UseCnBuAck enabled;"), CN_CONF);

	(void)state;
	ladder_expect(w->L, "mn -> cn BU flags=A", 3 * S);
	ladder_expect(w->L, "cn -> mn BA status=0", S);
	ladder_run(w->L, S);
	assert_true(ladder_stream_result(w->pings).last_optimized);
	world_down(w);
}

/* 11.7.2: at a move the correspondent is told at once; the home token still serves. */
static void a_move_is_told_at_once(void **state)
{
	struct world *w = world_away(MN_CONF(""), CN_CONF);

	(void)state;
	ladder_expect(w->L, "mn -> cn BU hao=" HOA, 3 * S);
	ladder_run(w->L, S);
	ladder_mark(w->L);
	world_go(w, 2);
	ladder_expect(w->L, "mn -> cn CoTI", S);
	ladder_expect(w->L, "mn -> cn BU hao=" HOA, S);
	ladder_run(w->L, S);
	assert_true(ladder_stream_result(w->pings).last_optimized);
	assert_int_equal(ladder_count(w->L, "mn -> cn HoTI"), 1);
	assert_int_equal(bindings(w), 1);
	world_down(w);
}

/* 11.5.5: at home the binding is deleted, and the old care-of address is never named
 * again. */
static void coming_home_deletes(void **state)
{
	struct world *w = world_away(MN_CONF(""), CN_CONF);

	(void)state;
	ladder_expect(w->L, "mn -> cn BU hao=" HOA, 3 * S);
	ladder_run(w->L, S);
	world_go(w, 0);
	ladder_expect(w->L, "mn -> cn BU life=0 src=" HOA, 10 * S);
	ladder_run(w->L, S);
	assert_int_equal(bindings(w), 0);
	assert_null(peer_of(w));
	assert_false(ladder_stream_result(w->pings).last_optimized);
	ladder_refuse(w->L, "mn -> cn BU", 10 * S);
	world_down(w);
}

/* 5.2.7, 11.7.2: renewed while there is traffic (here for longer than the 420 s that a
 * binding can last), and none when there is not. */
static void renewed_while_there_is_traffic(void **state)
{
	struct world *w = world_away(MN_CONF(""), CN_CONF);
	size_t updates;

	(void)state;
	ladder_run(w->L, 1000 * S);
	assert_true(ladder_stream_result(w->pings).last_optimized);
	assert_int_equal(bindings(w), 1);
	updates = ladder_count(w->L, "mn -> cn BU");
	assert_in_range(updates, 4, 8);
	ladder_stream_end(w->pings);
	ladder_run(w->L, 600 * S);
	assert_in_range(ladder_count(w->L, "mn -> cn BU"), updates, updates + 1);
	assert_int_equal(bindings(w), 0);
	assert_null(peer_of(w));
	world_down(w);
}

/* 11.3.5: a peer without Mobile IPv6 answers with Parameter Problems; it is left
 * alone for a while, and the tunnel goes on. */
static void a_plain_peer_is_left_alone(void **state)
{
	struct world *w = world_away(MN_CONF(""), NULL);
	struct stream_result r;

	(void)state;
	ladder_expect(w->L, "mn -> cn CoTI", 3 * S);
	ladder_run(w->L, S);
	assert_int_equal(peer_of(w)->state, RO_QUIET);
	ladder_mark(w->L);
	ladder_refuse(w->L, "mn -> cn CoTI", 50 * S);
	ladder_expect(w->L, "mn -> cn CoTI", 30 * S);
	r = ladder_stream_result(w->pings);
	assert_true(r.answered > 0 && !r.last_optimized);
	world_down(w);
}

/* 9.3.1, 11.3.6: a correspondent that has forgotten the binding (restarted) says so, and
 * is bound anew, with a greater sequence number. */
static void a_forgotten_binding_is_made_anew(void **state)
{
	struct world *w = world_away(MN_CONF(""), CN_CONF);
	uint16_t seq;

	(void)state;
	ladder_expect(w->L, "mn -> cn BU hao=" HOA, 3 * S);
	ladder_run(w->L, S);
	seq = peer_of(w)->bul->seq;
	ladder_stop(w->cn, ROLE_SHUTDOWN);
	ladder_forget(w->cn);
	ladder_start(w->cn);
	ladder_expect(w->L, "cn -> mn BE status=1", 5 * S);
	ladder_expect(w->L, "mn -> cn BU hao=" HOA, 5 * S);
	ladder_run(w->L, S);
	assert_true(seq_newer(peer_of(w)->bul->seq, seq));
	assert_true(ladder_stream_result(w->pings).last_optimized);
	world_down(w);
}

/* A correspondent that was killed, or restarted, goes on with its bindings and its nonces:
 * what was on its way is taken, nothing is sent anew, no packet is lost. */
static void a_correspondent_restarts_unnoticed(void **state)
{
	struct world *w = world_away(MN_CONF(""), CN_CONF);
	struct stream_result before, after;
	size_t tests, updates;

	(void)state;
	ladder_expect(w->L, "mn -> cn BU hao=" HOA, 3 * S);
	ladder_run(w->L, S);
	before = ladder_stream_result(w->pings);
	tests = ladder_count(w->L, "mn -> *CoTI*");
	updates = ladder_count(w->L, "mn -> cn BU*");
	for (int i = 0; i < 4; i++) {
		if (i % 2)
			ladder_crash(w->cn);
		else
			ladder_stop(w->cn, ROLE_RESTART);
		ladder_run(w->L, 200 * MS);
		ladder_start(w->cn);
		ladder_run(w->L, S);
		assert_true(ladder_stream_result(w->pings).last_optimized);
	}
	after = ladder_stream_result(w->pings);
	assert_int_equal(after.sent - before.sent, after.answered - before.answered);
	assert_int_equal(ladder_count(w->L, "mn -> *CoTI*"), tests);
	assert_int_equal(ladder_count(w->L, "mn -> cn BU*"), updates);
	assert_int_equal(box_misuses(w->cn), 0);
	world_down(w);
}

/* 11.3.5: one that is asked while its daemon is away says by its kernel that it knows no
 * Mobile IPv6; it is asked again after seconds. */
static void a_correspondent_is_asked_while_it_restarts(void **state)
{
	struct world *w = world_away(MN_CONF(""), CN_CONF);

	(void)state;
	ladder_expect(w->L, "mn -> cn BU hao=" HOA, 3 * S);
	ladder_run(w->L, S);
	ladder_crash(w->cn);
	ladder_run(w->L, 100 * MS);
	world_go(w, 2);
	ladder_run(w->L, S);
	assert_int_equal(peer_of(w)->state, RO_QUIET);
	ladder_start(w->cn);
	ladder_run(w->L, 4 * S);
	assert_int_equal(peer_of(w)->state, RO_BOUND);
	assert_true(ladder_stream_result(w->pings).last_optimized);
	world_down(w);
}

/* So does a mobile node: the direct path goes on while its daemon is away and after. */
static void a_mobile_node_restarts_unnoticed(void **state)
{
	struct world *w = world_away(MN_CONF(""), CN_CONF);
	struct stream_result before, after;

	(void)state;
	ladder_expect(w->L, "mn -> cn BU hao=" HOA, 3 * S);
	ladder_run(w->L, S);
	before = ladder_stream_result(w->pings);
	for (int i = 0; i < 4; i++) {
		if (i % 2)
			ladder_crash(w->mn);
		else
			ladder_stop(w->mn, ROLE_RESTART);
		ladder_run(w->L, 200 * MS);
		ladder_start(w->mn);
		ladder_run(w->L, 3 * S);
		assert_true(ladder_stream_result(w->pings).last_optimized);
		assert_int_equal(peer_of(w)->state, RO_BOUND);
	}
	after = ladder_stream_result(w->pings);
	assert_int_equal(after.sent - before.sent, after.answered - before.answered);
	assert_int_equal(ladder_count(w->L, "cn -> mn BE*"), 0);
	/* a move finds what it needs */
	world_go(w, 2);
	ladder_expect(w->L, "mn -> cn BU hao=" HOA, 3 * S);
	ladder_run(w->L, S);
	assert_true(ladder_stream_result(w->pings).last_optimized);
	assert_int_equal(ladder_count(w->L, "cn -> mn BA status=135*"), 0);
	if (box_misuses(w->mn)) ladder_fail(w->L, __FILE__, __LINE__, "misuse");
	world_down(w);
}

/* A test that was answered before the restart is good after it (5.2.2, 9.5.1). */
static void nonces_outlive_a_restart(void **state)
{
	struct world *w = world_away(MN_CONF(""), CN_CONF);

	(void)state;
	ladder_expect(w->L, "cn -> mn CoT", 3 * S);
	ladder_crash(w->cn);
	ladder_start(w->cn);
	ladder_expect(w->L, "mn -> cn BU hao=" HOA, 3 * S);
	ladder_run(w->L, S);
	assert_true(ladder_stream_result(w->pings).last_optimized);
	ladder_refuse(w->L, "cn -> mn BA status=13*", S);
	world_down(w);
}

/* False: it had fewer steps than that. */
static bool correspondent_crashes(unsigned int steps)
{
	struct world *w = world_away(MN_CONF("UseCnBuAck enabled;"), CN_CONF);
	bool crashed = false;

	ladder_crash_after(w->cn, steps);
	for (int i = 0; i < 600; i++) {
		if (i == 200)
			world_go(w, 2);
		ladder_run(w->L, 10 * MS);
		if (ladder_is_running(w->cn))
			continue;
		crashed = true;
		ladder_run(w->L, 40 * MS);
		ladder_start(w->cn);
	}
	ladder_crash_after(w->cn, 0);
	/* While it was down its kernel may have said that it knows no Mobility Header (11.3.5):
	 * it is left alone for a minute. */
	for (int i = 0; i < 15 && !ladder_stream_result(w->pings).last_optimized; i++)
		ladder_run(w->L, 10 * S);
	ladder_run(w->L, 10 * S);
	if (!ladder_stream_result(w->pings).last_optimized)
		ladder_fail(w->L, __FILE__, __LINE__, "not optimized after %u steps", steps);
	assert_int_equal(bindings(w), 1);
	/* RH2 and HAO of the binding, HAO of updates: nothing else */
	assert_int_equal(box_count(w->cn, KOBJ_XFRM_STATE), 3);
	assert_int_equal(ladder_count(w->L, "cn -> mn BA status=13*"), 0);
	assert_int_equal(box_misuses(w->cn), 0);
	world_down(w);
	return crashed;
}

/* At any change of the kernel, any message, any commit of its store: the mobile node and
 * a correspondent that died there agree in the end, and no sequence number or nonce was
 * lost that an answer would have to name. */
static void a_correspondent_may_crash_anywhere(void **state)
{
	unsigned int n;

	(void)state;
	for (n = 1; correspondent_crashes(n); n++)
		assert_true(n < 200);
	assert_true(n > 10);
}

/* DoRouteOptimizationMN, MnRoPolicy. */
static void policy_is_kept(void **state)
{
	struct world *w = world_away(MN_CONF("DoRouteOptimizationMN disabled;"), CN_CONF);

	(void)state;
	ladder_refuse(w->L, "mn -> cn HoTI", 10 * S);
	assert_false(ladder_stream_result(w->pings).last_optimized);
	world_down(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(traffic_is_optimized),
		cmocka_unit_test(an_acknowledgement_is_asked_for),
		cmocka_unit_test(a_move_is_told_at_once),
		cmocka_unit_test(coming_home_deletes),
		cmocka_unit_test(renewed_while_there_is_traffic),
		cmocka_unit_test(a_plain_peer_is_left_alone),
		cmocka_unit_test(a_forgotten_binding_is_made_anew),
		cmocka_unit_test(a_correspondent_restarts_unnoticed),
		cmocka_unit_test(a_correspondent_is_asked_while_it_restarts),
		cmocka_unit_test(a_mobile_node_restarts_unnoticed),
		cmocka_unit_test(nonces_outlive_a_restart),
		cmocka_unit_test(a_correspondent_may_crash_anywhere),
		cmocka_unit_test(policy_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
