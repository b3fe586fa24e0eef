// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random runs: many moves of a mobile node over a network that loses, doubles and
 * reorders, with a home agent that sometimes is silent, or forgets, a program that
 * sometimes crashes and starts again, and a kernel that is sometimes slow. Once all is quiet,
 * both must agree, and the kernel must hold what that state needs, and nothing else. A
 * failure prints the seed (see ladder.h).
 */
#include "test/ladder/home_world.h"

#define MOVES 1000

static const struct quality bad = { .latency_us = 2 * MS,
				    .jitter_us = 5 * MS,
				    .loss_ppm = 100000,
				    .duplicate_ppm = 50000,
				    .reorder_ppm = 100000 };
static const struct quality good = { .latency_us = MS };

static void check_away(const struct home_world *w)
{
	const struct home_addr *h = home_world_addr(w);

	assert_int_equal(h->state, HOME_REGISTERED);
	assert_true(w->script.bound);
	assert_memory_equal(&w->script.coa, &h->at.coa, sizeof(h->at.coa));
	assert_int_equal(w->script.bound_seq, h->bul->seq);
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 1);
	assert_int_equal(box_count(w->mn, KOBJ_ADDR), 1);
	/* default, that for those without a source, and two halves of multicast */
	assert_int_equal(box_count(w->mn, KOBJ_ROUTE), 4);
	assert_false(box_has(w->mn, "route unreachable"));
}

static void check_home(const struct home_world *w)
{
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	assert_false(w->script.bound && w->script.bound_until_us > ladder_now(w->L));
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 0);
	assert_int_equal(box_count(w->mn, KOBJ_ADDR), 1);
	/* default, that for those without a source, and the prefix on the link */
	assert_int_equal(box_count(w->mn, KOBJ_ROUTE), 3);
}

static void set_quality(struct home_world *w, const struct quality *q)
{
	ladder_quality(w->a, q);
	ladder_quality(w->b, q);
	ladder_quality(w->home, q);
}

/* One step: usually a move, after a while that is often shorter than a round trip. */
static enum place step(struct home_world *w, bool rough)
{
	static const enum place places[] = { AT_A, AT_B, HOME, AT_A, AT_B, HOME, NOWHERE };
	enum place place = places[ladder_random(w->L, sizeof(places) / sizeof(places[0]))];

	w->script.silent = ladder_random(w->L, 10) == 0;
	if (ladder_random(w->L, 30) == 0)
		w->script.bound = false; /* it has forgotten */
	if (rough && ladder_random(w->L, 50) == 0) {
		ladder_crash(w->mn);
		ladder_start(w->mn);
	}
	if (rough)
		w->mn->done_delay_us = ladder_random(w->L, 3) ? 0 : ladder_random(w->L, 20) * MS;
	home_world_go(w, place);
	ladder_run(w->L, ladder_random(w->L, 4) ? ladder_random(w->L, 30) * MS :
						   ladder_random(w->L, 4000) * MS);
	return place;
}

static void run(uint64_t seed, bool rough)
{
	struct home_world *w = home_world_new(NULL);
	static const enum place ends[] = { AT_A, HOME, AT_B, HOME };
	size_t i;

	ladder_seed(w->L, seed);
	w->script.strict = true;
	ladder_start(w->mn);
	set_quality(w, &bad);
	for (i = 0; i < MOVES; i++)
		step(w, rough);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		step(w, rough);
		home_world_go(w, ends[i]);
		w->script.silent = false;
		ladder_run(w->L, 5 * S);
		set_quality(w, &good);
		ladder_run(w->L, 200 * S);
		if (ends[i] == HOME)
			check_home(w);
		else
			check_away(w);
		/* A slow kernel may see two moves in one turn. */
		if (box_misuses(w->mn) && !rough)
			ladder_fail(w->L, __FILE__, __LINE__, "kernel objects misused");
		set_quality(w, &bad);
	}
	ladder_end(w->mn);
	home_world_free(w);
}

/* RFC 6275 11.7, 11.5.5, 11.8, over a bad network. */
static void a_thousand_moves_end_in_agreement(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 5; seed++)
		run(seed, false);
}

static void so_they_do_with_crashes_and_a_slow_kernel(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 5; seed++)
		run(seed, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thousand_moves_end_in_agreement),
		cmocka_unit_test(so_they_do_with_crashes_and_a_slow_kernel),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
