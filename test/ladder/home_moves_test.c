// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mobile node and home agent while the node moves at the worst of times: faster than a round
 * trip, in the middle of every exchange, by all ways of moving at random; and the home agent
 * dies in the middle of it. Whatever happened: once it is quiet both agree, data flows, and
 * nothing is left over on either side (RFC 6275 11.5, 11.7, 10.3).
 */
#include "test/ladder/full_world.h"

#define QUIET_US (200 * S)

static const struct quality bad = { .latency_us = 2 * MS,
				    .jitter_us = 3 * MS,
				    .loss_ppm = 50000,
				    .duplicate_ppm = 50000,
				    .reorder_ppm = 50000 };
static const struct quality good = { .latency_us = MS };

/* What both keep in their kernels when all is quiet. */
static void assert_settled(struct full *w, bool home, const char *after)
{
	if (!(home ? full_agree_home(w) : full_agree_away(w)))
		ladder_fail(w->L, __FILE__, __LINE__, "they do not agree after %s", after);
	assert_true(full_reaches(w));
	assert_int_equal(box_count(w->ha, KOBJ_TUNNEL_FILTER), !home);
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), !home);
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), !home);
}

static void settle(struct full *w, int link, const char *after)
{
	full_quality(w, &good);
	ladder_run(w->L, QUIET_US);
	assert_settled(w, link == 0, after);
}

/* RFC 6275 11.8, 11.5.3: to and fro faster than a round trip; MUST NOT send more than three
 * updates a second. */
static void to_and_fro_faster_than_a_round_trip(void **state)
{
	const struct quality slow = { .latency_us = 25 * MS };
	static const int pairs[][2] = { { 1, 2 }, { 0, 1 }, { 2, 0 } };
	size_t i, n, updates;
	struct full *w;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		w = full_new();
		full_go(w, pairs[i][0]);
		ladder_start(w->mn);
		ladder_run(w->L, 10 * S);
		full_quality(w, &slow);
		updates = ladder_count(w->L, "mn -> * BU");
		for (n = 0; n < 500; n++) {
			full_go(w, pairs[i][n % 2]);
			ladder_run(w->L, 20 * MS + ladder_random(w->L, 60) * MS);
		}
		assert_true(ladder_count(w->L, "mn -> * BU") - updates <= 500 * 80 * 3 / 1000);
		full_go(w, pairs[i][1]);
		settle(w, pairs[i][1], "to and fro");
		full_end(w);
	}
}

/* The node moves `delay_us` after the message, from one link to another. */
static void move_after(const char *conf, const char *message, int from, int to,
		       enum ladder_how how, uint64_t delay_us, bool crash_ha)
{
	struct full *w = full_new();
	char text[128];

	snprintf(text, sizeof(text), "\"%s\" from %d to %d, %u us later", message, from, to,
		 (unsigned int)delay_us);
	ladder_reconfigure(w->mn, conf);
	ladder_start(w->mn);
	full_go(w, from ? 0 : 1); /* where the exchange is one of a known node */
	ladder_run(w->L, 10 * S);
	ladder_mark(w->L);
	full_go(w, from);
	ladder_expect(w->L, message, 10 * S);
	ladder_run(w->L, delay_us);
	if (crash_ha) {
		ladder_crash(w->ha);
		ladder_start(w->ha);
	}
	ladder_move(w->mn, "eth0", w->links[to], how);
	settle(w, to, text);
	full_end(w);
}

static const char dhaad_conf[] = FULL_MN_BASE "Interface \"eth0\"; MnHomeLink \"eth0\" {"
					      "HomeAddress " HOA "/64; }";

/* RFC 6275 11.5.1, 11.7.1, 11.5.5, 10.3.1, 11.4.1, 11.4.2: after each message of each exchange,
 * at once, while it is under way, and when it has arrived. */
static void moves_in_the_middle_of_every_exchange(void **state)
{
	static const uint64_t delays_us[] = { 0, 60, 1500 };
	static const struct {
		const char *conf;
		const char *message;
		int from;
	} stages[] = {
		{ FULL_MN_CONF, "mn -> * RS", 1 },
		{ FULL_MN_CONF, "ra -> *a RA", 1 },
		{ FULL_MN_CONF, "mn -> ra NS", 1 },
		{ FULL_MN_CONF, "mn -> ha BU", 1 },
		{ FULL_MN_CONF, "ha -> *home NS src=::", 1 }, /* its duplicate detection */
		{ FULL_MN_CONF, "ha -> mn BA", 1 },
		{ FULL_MN_CONF, "mn -> ha MPS", 1 },
		{ FULL_MN_CONF, "ha -> mn MPA", 1 },
		{ FULL_MN_CONF, "mn -> ha BU life=0", 0 },
		{ FULL_MN_CONF, "ha -> mn BA", 0 },
		{ FULL_MN_CONF, "mn -> *home NA", 0 },
		{ dhaad_conf, "mn -> * DHAAD-REQ", 1 },
		{ dhaad_conf, "ha -> mn DHAAD-REP", 1 },
	};
	size_t i, d;
	int to;

	(void)state;
	for (i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		for (d = 0; d < 3; d++) {
			for (to = 0; to < 3; to++) {
				if (to == stages[i].from)
					continue;
				move_after(stages[i].conf, stages[i].message, stages[i].from, to,
					   d ? LADDER_CARRIER : LADDER_SILENT, delays_us[d],
					   false);
			}
		}
	}
}

/* RFC 6275 8.4, 9.5.1: the home agent dies after each message, and has forgotten everything. */
static void the_home_agent_dies_in_the_middle(void **state)
{
	static const char *const away[] = { "mn -> ha BU", "ha -> *home NS src=::",
					    "ha -> mn BA" };
	static const char *const home[] = { "mn -> ha BU life=0", "ha -> mn BA",
					    "mn -> *home NA" };
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		move_after(FULL_MN_CONF, away[i], 1, 2, LADDER_CARRIER, 60, true);
		move_after(FULL_MN_CONF, away[i], 1, 0, LADDER_CARRIER, 60, true);
		move_after(FULL_MN_CONF, home[i], 0, 2, LADDER_CARRIER, 60, true);
	}
}

/* One move of a random kind, with one of two interfaces. */
static void move_somehow(struct full *w)
{
	const char *ifname = ladder_random(w->L, 3) ? "eth0" : "eth1";
	int to = (int)ladder_random(w->L, 4) - 1;
	enum ladder_how how = ladder_random(w->L, 3) ? LADDER_CARRIER : LADDER_SILENT;

	if (ladder_random(w->L, 60) == 0) {
		ladder_vanish(w->mn, ifname);
		ladder_attach(w->mn, ifname, to < 0 ? NULL : w->links[to]);
		return;
	}
	ladder_move(w->mn, ifname, to < 0 ? NULL : w->links[to], how);
}

static void run(uint64_t seed)
{
	static const int ends[] = { 1, 0, 2, 0 };
	struct full *w = full_new();
	size_t i, n;

	ladder_seed(w->L, seed);
	ladder_reconfigure(w->mn, FULL_TWO_CONF);
	ladder_attach(w->mn, "eth1", NULL);
	ladder_start(w->mn);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		full_quality(w, &bad);
		for (n = 0; n < 250; n++) {
			move_somehow(w);
			ladder_run(w->L, ladder_random(w->L, 3) ? ladder_random(w->L, 40) * MS :
								   ladder_random(w->L, 3000) * MS);
		}
		ladder_move(w->mn, "eth1", NULL, LADDER_CARRIER);
		full_go(w, ends[i]);
		ladder_run(w->L, 5 * S); /* the last exchange may be lost as well */
		settle(w, ends[i], "moves of all kinds");
	}
	full_end(w);
}

/* A thousand moves: carrier, silent, a second interface, one that vanishes and comes again. */
static void random_moves_of_all_kinds_end_in_agreement(void **state)
{
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 10; seed++)
		run(seed);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_and_fro_faster_than_a_round_trip),
		cmocka_unit_test(moves_in_the_middle_of_every_exchange),
		cmocka_unit_test(the_home_agent_dies_in_the_middle),
		cmocka_unit_test(random_moves_of_all_kinds_end_in_agreement),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
