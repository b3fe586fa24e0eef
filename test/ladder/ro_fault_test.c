// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What went wrong in route optimization of older implementations (RFC 6275 5.2, 9.3.1,
 * 11.3.6, 11.6, 11.7), each as a test.
 */
#include "test/ladder/ro_world.h"

#include <stdlib.h>
#include <string.h>

#include "cn/cn.h"
#include "mn/mn.h"

#define HOA2 "2001:db8::98"

/* --- two mobile nodes ----------------------------------------------------------------- */

static const char mn2_conf[] =
	"NodeConfig MN; UseMnHaIPsec disabled; CoaDad none; InterfaceInitialInitDelay 0.0;"
	"Interface \"eth0\"; MnHomeLink \"eth0\" { HomeAddress " HOA2 "/64;"
	"HomeAgentAddress " HA "; }";

static bool both_directions(const struct box *mn, const char *peer)
{
	const struct in6_addr other = ip6(peer);
	const struct ro_peer *p = TAILQ_FIRST(&mn_of(box_mip6(mn))->ro->peers);
	const struct bcache *c = &box_mip6(mn)->bcache;

	return p && p->state == RO_BOUND && p->installed && addr_equal(&p->peer, &other) &&
	       c->count[BINDING_CACHED] - c->memory_count == 1;
}

struct two {
	struct world *w;
	struct box *mn2;
};

static bool two_are_optimized(void *ctx)
{
	const struct two *t = ctx;

	return both_directions(t->w->mn, HOA2) && both_directions(t->mn2, HOA);
}

/* 5.2, 9, 11.6: each is the other's correspondent; both directions are optimized, each
 * node keeps both parts of the policy, and a move of either is followed. */
static void two_mobile_nodes_optimize_both_directions(void **state)
{
	struct two t = { .w = world_build(MN_CONF(""), NULL) };
	struct in6_addr hoa2 = ip6(HOA2);
	struct world *w = t.w;

	(void)state;
	t.mn2 = ladder_node(w->L, "mn2", mn2_conf, &mn_role, &cn_role, NULL);
	ladder_attach(t.mn2, "eth0", NULL);
	ladder_start(t.mn2);
	world_go(w, 1);
	ladder_move(t.mn2, "eth0", w->links[2], LADDER_CARRIER);
	ladder_run(w->L, 4 * S);
	w->pings = ladder_stream(w->mn, &w->hoa, &hoa2, 20 * MS);
	ladder_until(w->L, two_are_optimized, &t, 10 * S);
	ladder_run(w->L, S);
	assert_true(ladder_stream_result(w->pings).last_optimized);
	assert_true(box_has(w->mn, "hao") && box_has(t.mn2, "hao"));
	ladder_expect(w->L, "mn -> mn2 PING hao=" HOA " rh2=" HOA2, S);
	ladder_expect(w->L, "mn2 -> mn PONG hao=" HOA2 " rh2=" HOA, S);
	for (int i = 0; i < 2; i++) {
		if (i == 0)
			world_go(w, 2);
		else
			ladder_move(t.mn2, "eth0", w->links[1], LADDER_CARRIER);
		ladder_run(w->L, 3 * S);
		ladder_mark(w->L);
		assert_true(two_are_optimized(&t));
		ladder_expect(w->L, "mn -> mn2 PING hao=" HOA " rh2=" HOA2, S);
		ladder_expect(w->L, "mn2 -> mn PONG hao=" HOA2 " rh2=" HOA, S);
	}
	ladder_stream_end(w->pings);
	ladder_stop(t.mn2, ROLE_SHUTDOWN);
	world_down(w);
}

/* Both are mobile and both move at the same moment (5.2.9). */
static void two_mobile_nodes_move_at_once(void **state)
{
	struct two t = { .w = world_build(MN_CONF(""), NULL) };
	struct in6_addr hoa2 = ip6(HOA2);
	struct world *w = t.w;

	(void)state;
	t.mn2 = ladder_node(w->L, "mn2", mn2_conf, &mn_role, &cn_role, NULL);
	ladder_attach(t.mn2, "eth0", NULL);
	ladder_start(t.mn2);
	world_go(w, 1);
	ladder_move(t.mn2, "eth0", w->links[2], LADDER_CARRIER);
	ladder_run(w->L, 4 * S);
	w->pings = ladder_stream(w->mn, &w->hoa, &hoa2, 20 * MS);
	ladder_until(w->L, two_are_optimized, &t, 10 * S);
	world_go(w, 2);
	ladder_move(t.mn2, "eth0", w->links[1], LADDER_CARRIER);
	ladder_run(w->L, 100 * MS);
	ladder_until(w->L, two_are_optimized, &t, 10 * S);
	ladder_run(w->L, S);
	assert_true(ladder_stream_result(w->pings).last_optimized);
	ladder_stream_end(w->pings);
	ladder_stop(t.mn2, ROLE_SHUTDOWN);
	world_down(w);
}

/* --- coming home ---------------------------------------------------------------------- */

/* 11.5.5, 11.7.2: the care-of address in an update MUST be in use: one that was left is
 * never told, neither by a test that was under way nor later. */
static void at_home_the_old_care_of_address_is_not_told(void **state)
{
	struct world *w = world_away(MN_CONF(""), NULL);
	struct script *s = script_of(w);

	(void)state;
	s->mute_coti = true;
	ladder_expect(w->L, "mn -> cn CoTI", 3 * S);
	ladder_run(w->L, 100 * MS);
	world_go(w, 0);
	ladder_run(w->L, 5 * S);
	script_cot(s, s->coti.coti.cookie);
	ladder_refuse(w->L, "mn -> cn BU", 20 * S);
	assert_null(peer_of(w));

	/* Bound, then home: one deletion, from the home address, and nothing else. */
	s->mute_coti = false;
	world_go(w, 1);
	ladder_run(w->L, 5 * S);
	assert_true(s->updates > 0 && s->bu_authentic);
	ladder_mark(w->L);
	world_go(w, 0);
	ladder_expect(w->L, "mn -> cn BU life=0 coa=" HOA " src=" HOA, 10 * S);
	ladder_run(w->L, S);
	assert_true(s->bu_authentic);
	ladder_refuse(w->L, "mn -> cn BU", 20 * S);
	world_down(w);
	free(s);
}

/* --- refreshing ----------------------------------------------------------------------- */

/* 5.2.7, 11.7.3: traffic for three times as long as a binding can last: it is there all
 * the while, and nothing is lost. */
static void bindings_are_renewed_beyond_420_seconds(void **state)
{
	struct world *w = world_away(MN_CONF("UseCnBuAck enabled;"), CN_CONF);
	struct stream_result r;

	(void)state;
	world_until_bound(w);
	for (int i = 0; i < 126; i++) {
		ladder_run(w->L, 10 * S);
		assert_int_equal(bindings(w), 1);
		assert_true(peer_of(w)->installed);
	}
	ladder_stream_end(w->pings);
	ladder_run(w->L, S);
	r = ladder_stream_result(w->pings);
	assert_true(r.answered == r.sent);
	world_down(w);
}

/* --- nonces --------------------------------------------------------------------------- */

/* 9.5.1, 5.2.7: status 137: the care-of test anew, not the home test; 136 the other way
 * round; 138 both; and the new index is what the next update has. */
static void an_old_nonce_index_is_not_used_again(void **state)
{
	struct world *w = world_away(MN_CONF("UseCnBuAck enabled;"), NULL);
	struct script *s = script_of(w);
	static const struct {
		uint8_t status;
		unsigned int hotis, cotis;
	} cases[] = { { MH_STATUS_CAREOF_NONCE, 0, 1 },
		      { MH_STATUS_HOME_NONCE, 1, 0 },
		      { MH_STATUS_NONCES, 1, 1 } };

	(void)state;
	s->mute_bu = true;
	ladder_expect(w->L, "mn -> cn BU nonces=7,11", 3 * S);
	ladder_run(w->L, 50 * MS);
	for (size_t i = 0; i < 3; i++) {
		unsigned int hotis = s->hotis, cotis = s->cotis, updates = s->updates;

		s->home_index += (uint16_t)cases[i].hotis;
		s->careof_index += (uint16_t)cases[i].cotis;
		memset(s->careof_token, 'a' + (int)i, cases[i].cotis * RR_TOKEN_LEN);
		memset(s->home_token, 'A' + (int)i, cases[i].hotis * RR_TOKEN_LEN);
		script_ba(s, cases[i].status, s->bu.bu.seq, 0);
		ladder_run(w->L, 700 * MS);
		assert_int_equal(s->hotis, hotis + cases[i].hotis);
		assert_int_equal(s->cotis, cotis + cases[i].cotis);
		assert_int_equal(s->updates, updates + 1);
		assert_int_equal(s->bu.opts.home_nonce, s->home_index);
		assert_int_equal(s->bu.opts.careof_nonce, s->careof_index);
		assert_true(s->bu_authentic);
	}
	script_ba(s, MH_STATUS_ACCEPTED, s->bu.bu.seq, 420);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(peer_of(w)->state, RO_BOUND);
	world_down(w);
	free(s);
}

/* --- Binding Errors and sequence numbers ---------------------------------------------- */

/* 9.3.1, 11.3.6, 11.7.2, 11.7.3: data has overtaken the update; the error that follows
 * begins the exchange anew, with a greater sequence number; a peer that knows a greater
 * one still says so with 135, and the next is greater than that. */
static void an_overtaken_update_is_mended(void **state)
{
	struct world *w = world_away(MN_CONF(""), NULL);
	struct script *s = script_of(w);
	uint16_t seq;

	(void)state;
	ladder_expect(w->L, "mn -> cn PING hao=" HOA, 3 * S);
	seq = s->bu.bu.seq;
	script_be(s, MH_BE_UNKNOWN_BINDING, HOA, ADDR_STR(&s->bu_path.peer));
	ladder_mark(w->L);
	ladder_expect(w->L, "mn -> cn BU", S);
	ladder_run(w->L, 20 * MS);
	assert_true(seq_newer(s->bu.bu.seq, seq));
	assert_true(s->bu.bu.flags & MH_BU_A); /* to be sure this time */
	assert_true(s->bu_authentic);
	world_until_bound(w);

	ladder_run(w->L, 150 * S);
	s->mute_bu = true; /* renewed: answered by hand */
	ladder_mark(w->L);
	ladder_expect(w->L, "mn -> cn BU", 60 * S);
	ladder_run(w->L, 8 * MS);
	seq = (uint16_t)(s->bu.bu.seq + 5000);
	script_ba(s, MH_STATUS_SEQUENCE, seq, 0);
	ladder_mark(w->L);
	ladder_expect(w->L, "mn -> cn BU", S);
	ladder_run(w->L, 20 * MS);
	assert_int_equal(s->bu.bu.seq, (uint16_t)(seq + 1));
	assert_true(s->bu_authentic);
	world_down(w);
	free(s);
}

/* 9.5.4, 11.7.3: without the A bit only a refusal is told; it counts also when it comes
 * after the time in which it was to be expected. */
static void a_late_refusal_counts(void **state)
{
	struct world *w = world_away(MN_CONF(""), NULL);
	struct script *s = script_of(w);
	uint16_t seq;

	(void)state;
	world_until_bound(w);
	ladder_run(w->L, 2 * S);
	assert_false(s->bu.bu.flags & MH_BU_A);
	seq = (uint16_t)(s->bu.bu.seq + 77);
	script_ba(s, MH_STATUS_SEQUENCE, seq, 0);
	ladder_mark(w->L);
	ladder_expect(w->L, "mn -> cn BU flags=A", S);
	ladder_run(w->L, 20 * MS);
	assert_int_equal(s->bu.bu.seq, (uint16_t)(seq + 1));
	world_until_bound(w);
	assert_true(peer_of(w)->installed);
	world_down(w);
	free(s);
}

/* 11.7.3: 135 that is not signed, or for another key, changes nothing. */
static void a_forged_refusal_does_not(void **state)
{
	struct world *w = world_away(MN_CONF(""), NULL);
	struct script *s = script_of(w);
	uint16_t seq;

	(void)state;
	world_until_bound(w);
	ladder_run(w->L, 100 * MS);
	seq = peer_of(w)->bul->seq;
	s->home_token[0] ^= 1;
	script_ba(s, MH_STATUS_SEQUENCE, (uint16_t)(seq + 500), 0);
	ladder_refuse(w->L, "mn -> cn BU", S);
	assert_int_equal(peer_of(w)->bul->seq, seq);
	assert_true(peer_of(w)->installed);
	world_down(w);
	free(s);
}

/* A peer that says one thing and does another is left alone in the end. */
static void endless_refusals_end(void **state)
{
	struct world *w = world_away(MN_CONF("UseCnBuAck enabled;"), NULL);
	struct script *s = script_of(w);

	(void)state;
	s->ba_status = MH_STATUS_SEQUENCE;
	ladder_run(w->L, 20 * S);
	assert_int_equal(peer_of(w)->state, RO_QUIET);
	assert_in_range(s->updates, 3, 6);
	assert_false(ladder_stream_result(w->pings).last_optimized);
	world_down(w);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_mobile_nodes_optimize_both_directions),
		cmocka_unit_test(two_mobile_nodes_move_at_once),
		cmocka_unit_test(at_home_the_old_care_of_address_is_not_told),
		cmocka_unit_test(bindings_are_renewed_beyond_420_seconds),
		cmocka_unit_test(an_old_nonce_index_is_not_used_again),
		cmocka_unit_test(an_overtaken_update_is_mended),
		cmocka_unit_test(a_late_refusal_counts),
		cmocka_unit_test(a_forged_refusal_does_not),
		cmocka_unit_test(endless_refusals_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
