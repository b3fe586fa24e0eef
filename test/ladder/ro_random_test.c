// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Route optimization under chance: moves, loss, reordering, a correspondent and a home
 * agent that restart, objects that are removed; then calm. Whatever happened, in the end
 * both sides agree (RFC 6275 5.2.9, 11.7.2), and the tunnel is not used any more. A failure
 * prints its seed: LADDER_SEED=N runs it again.
 */
#include "test/ladder/ro_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "mn/mn.h"

#define RUNS  25
#define STEPS 30

static void set_quality(struct world *w, uint32_t loss_ppm, uint32_t reorder_ppm)
{
	const struct quality core = { .latency_us = 5000,
				      .jitter_us = reorder_ppm ? 3000 : 0,
				      .loss_ppm = loss_ppm,
				      .duplicate_ppm = loss_ppm / 2,
				      .reorder_ppm = reorder_ppm };

	ladder_core_quality(w->L, &core);
}

static void restart(struct world *w, struct box *b, bool crash)
{
	ladder_note(w->L, "%s %s", box_name(b), crash ? "crashes" : "restarts");
	if (crash)
		ladder_crash(b);
	else
		ladder_stop(b, ROLE_SHUTDOWN);
	ladder_run(w->L, ladder_random(w->L, 2 * S));
	ladder_start(b);
}

static void step(struct world *w)
{
	const struct ro_peer *p = peer_of(w);

	switch (ladder_random(w->L, 10)) {
	case 0:
	case 1:
	case 2:
	case 3:
		world_go(w, (int)ladder_random(w->L, 3));
		break;
	case 4:
		restart(w, w->cn, ladder_random(w->L, 2));
		break;
	case 5:
		set_quality(w, (uint32_t)ladder_random(w->L, 200000), 0);
		break;
	case 6:
		set_quality(w, 0, (uint32_t)ladder_random(w->L, 300000));
		break;
	case 7:
		if (p && p->installed && kept_is_there(&p->kept))
			box_lose(w->mn, "dst " CN "/128");
		break;
	case 8:
		if (bindings(w) && box_has(w->cn, "dst " HOA "/128"))
			box_lose(w->cn, "dst " HOA "/128");
		break;
	case 9:
		break;
	}
	ladder_run(w->L, ladder_random(w->L, ladder_random(w->L, 2) ? 300 * MS : 20 * S));
}

static bool agree(void *ctx)
{
	struct world *w = ctx;
	const struct ro_peer *p = peer_of(w);
	const struct home_addr *h = home_find(box_mip6(w->mn), &w->hoa);
	const struct binding *b = bcache_find(&box_mip6(w->cn)->bcache, &w->hoa, &w->cn_addr);

	return h && h->state == HOME_REGISTERED && p && p->state == RO_BOUND && p->installed &&
	       addr_equal(&p->coa, &h->at.coa) && b && b->state == BINDING_ACTIVE &&
	       addr_equal(&b->installed.coa, &p->coa) &&
	       ladder_stream_result(w->pings).last_optimized;
}

static void one_run(uint64_t seed, const char *mn_conf)
{
	struct world *w = world_away(mn_conf, CN_CONF);
	struct stream_result before, after;

	seed = ladder_seed(w->L, seed);
	ladder_note(w->L, "seed %llu", (unsigned long long)seed);
	for (int i = 0; i < STEPS; i++)
		step(w);
	set_quality(w, 0, 0);
	world_go(w, 1 + (int)ladder_random(w->L, 2));
	/* A peer that could not be reached is left alone for up to an hour. */
	ladder_until(w->L, agree, w, 4000 * S);
	ladder_run(w->L, S);
	before = ladder_stream_result(w->pings);
	ladder_run(w->L, 500 * S);
	assert_true(agree(w));
	after = ladder_stream_result(w->pings);
	assert_in_range(after.sent - before.sent - (after.answered - before.answered), 0, 2);
	world_down(w);
}

static void random_runs_end_in_agreement(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= RUNS; seed++)
		one_run(seed, MN_CONF(""));
}

static void so_they_do_with_acknowledgements(void **state)
{
	(void)state;
	for (uint64_t seed = 101; seed <= 100 + RUNS; seed++)
		one_run(seed, MN_CONF("UseCnBuAck enabled; MnMaxCnBindingLife 60;"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_runs_end_in_agreement),
		cmocka_unit_test(so_they_do_with_acknowledgements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
