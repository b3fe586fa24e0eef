// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Home addresses that are taken out of the configuration: their bindings are deleted (RFC
 * 6275 11.7.1, 11.5.5) before they go, whatever happens meanwhile. The home agent is a
 * script, and movement the test's hand.
 */
#include "test/ladder/home_world.h"

#define OTHER_BLOCK                                                                        \
	"MnHomeLink \"eth0\" { HomeAddress 2001:db8::98/64; HomeAgentAddress " HA "; }\n"
#define BARE  "NodeConfig MN; UseMnHaIPsec disabled; MnMaxHaBindingLife 60;\n"
#define OTHER BARE OTHER_BLOCK

/* Away on link a, registered. */
static struct home_world *away(void)
{
	struct home_world *w = home_world_new(NULL);

	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn BA status=0", S);
	ladder_run(w->L, S);
	ladder_mark(w->L);
	return w;
}

static void has_gone(const struct home_world *w)
{
	assert_null(home_world_addr(w));
	assert_false(box_has(w->mn, HOA));
	assert_null(bul_find(&home_of(box_mip6(w->mn))->bul, &w->hoa, &(struct in6_addr){ 0 }));
	assert_int_equal(box_misuses(w->mn), 0);
}

/* 11.7.1; and while the answer is waited for nobody begins to use the address. */
static void it_is_deleted_first(void **state)
{
	struct home_world *w = away();

	(void)state;
	ladder_reconfigure(w->mn, OTHER);
	ladder_run(w->L, 0);
	assert_int_equal(home_world_state(w), HOME_LEAVING);
	assert_true(box_has(w->mn, HOA "/128 dev mip6mn0 home nodad deprecated"));
	ladder_expect(w->L, "mn -> ha BU life=0 coa=" COA_A " hao=" HOA, S);
	ladder_expect(w->L, "ha -> mn BA status=0 life=0", S);
	ladder_run(w->L, MS);
	has_gone(w);
	home_world_free(w);
}

/* 11.8: as other updates are; and in the end it goes all the same. */
static void a_lost_deletion_is_repeated(void **state)
{
	struct home_world *w = away();

	(void)state;
	w->script.silent = true;
	ladder_reconfigure(w->mn, OTHER);
	for (int i = 0; i < 4; i++)
		ladder_expect(w->L, "mn -> ha BU life=0 hao=" HOA, 10 * S);
	ladder_run(w->L, 10 * S);
	has_gone(w);
	/* with an answer to the second one */
	ladder_reconfigure(w->mn, OTHER);
	w->script.silent = false;
	ladder_reconfigure(w->mn, MN_CONF);
	ladder_expect(w->L, "ha -> mn BA status=0 life=60", 5 * S);
	ladder_run(w->L, 2 * S);
	ladder_mark(w->L);
	w->script.silent = true;
	ladder_reconfigure(w->mn, OTHER);
	ladder_expect(w->L, "mn -> ha BU life=0", S);
	w->script.silent = false;
	ladder_expect(w->L, "ha -> mn BA life=0", 2 * S);
	ladder_run(w->L, MS);
	has_gone(w);
	home_world_free(w);
}

/* Status 135 is repaired; other refusals, and errors, mean that there is nothing to delete. */
static void refusals_end_it(void **state)
{
	struct home_world *w = away();

	(void)state;
	w->script.delete_status = MH_STATUS_NOT_HOME_AGENT;
	ladder_reconfigure(w->mn, OTHER);
	ladder_expect(w->L, "ha -> mn BA status=133", S);
	ladder_run(w->L, MS);
	has_gone(w);
	home_world_free(w);
}

/* From the new care-of address (11.7.1), from home (11.5.5), and not from nowhere. */
static void a_move_meanwhile(void **state)
{
	static const enum place places[] = { AT_B, HOME, NOWHERE };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct home_world *w = away();

		w->script.silent = true;
		ladder_reconfigure(w->mn, OTHER);
		ladder_run(w->L, 500 * MS);
		ladder_mark(w->L);
		w->script.silent = false;
		home_world_go(w, places[i]);
		if (places[i] == AT_B)
			ladder_expect(w->L, "mn -> ha BU life=0 coa=" COA_B " hao=" HOA, S);
		if (places[i] == HOME)
			ladder_expect(w->L, "mn -> ha BU life=0 coa=" HOA " src=" HOA, 2 * S);
		if (places[i] == NOWHERE) {
			ladder_run(w->L, 20 * S);
			assert_non_null(home_world_addr(w));
			home_world_go(w, AT_A);
			ladder_expect(w->L, "mn -> ha BU life=0 coa=" COA_A, S);
		}
		ladder_run(w->L, 2 * S);
		assert_null(home_world_addr(w));
		assert_false(box_has(w->mn, HOA));
		home_world_free(w);
	}
}

static void nowhere_for_long(void **state)
{
	struct home_world *w = away();

	(void)state;
	home_world_go(w, NOWHERE);
	ladder_reconfigure(w->mn, OTHER);
	ladder_run(w->L, 31 * S);
	has_gone(w);
	home_world_free(w);
}

/* At home there is nothing to delete; while coming home the deletion is under way. */
static void at_home(void **state)
{
	struct home_world *w = away();

	(void)state;
	home_world_go(w, HOME);
	ladder_reconfigure(w->mn, OTHER);
	ladder_expect(w->L, "mn -> ha BU life=0 src=" HOA, S);
	ladder_run(w->L, S);
	has_gone(w);
	ladder_reconfigure(w->mn, MN_CONF);
	ladder_run(w->L, 5 * S);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	ladder_mark(w->L);
	ladder_reconfigure(w->mn, OTHER);
	ladder_run(w->L, MS);
	has_gone(w);
	ladder_refuse(w->L, "mn -> ha BU hao=" HOA, S);
	home_world_free(w);
}

/* Somebody changes his mind. */
static void it_may_come_back(void **state)
{
	struct home_world *w = away();

	(void)state;
	w->script.silent = true;
	ladder_reconfigure(w->mn, OTHER);
	ladder_run(w->L, 1500 * MS);
	assert_int_equal(home_world_state(w), HOME_LEAVING);
	w->script.silent = false;
	ladder_mark(w->L);
	ladder_reconfigure(w->mn, MN_CONF);
	ladder_expect(w->L, "mn -> ha BU life=60 hao=" HOA, S);
	ladder_expect(w->L, "ha -> mn BA status=0 life=60", S);
	ladder_run(w->L, 200 * S); /* and stays */
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	assert_false(box_has(w->mn, HOA "/128 dev mip6mn0 home nodad deprecated"));
	home_world_free(w);
}

/* 11.8: MAX_UPDATE_RATE holds for this, too; the deletion waits for its turn. */
static void the_rate_is_kept(void **state)
{
	struct home_world *w = away();
	size_t before;

	(void)state;
	before = ladder_count(w->L, "mn -> ha BU");
	for (int i = 0; i < 40; i++) {
		ladder_reconfigure(w->mn, i % 2 ? MN_CONF : OTHER);
		ladder_run(w->L, i % 3 ? 0 : 2 * MS);
	}
	ladder_run(w->L, 900 * MS);
	assert_in_range(ladder_count(w->L, "mn -> ha BU") - before, 1, 3);
	ladder_reconfigure(w->mn, OTHER);
	ladder_run(w->L, 5 * S);
	assert_null(home_world_addr(w));
	assert_true(ladder_count(w->L, "mn -> ha BU life=0") > 0);
	home_world_free(w);
}

/* 11.4.3: what was learned beside a home address goes with it, and to another home agent. */
static void learned_ones_follow(void **state)
{
	const struct in6_addr learned = ip6("2001:db8:5::99");
	struct home_world *w = home_world_new(NULL);
	const struct home_addr *h;

	(void)state;
	w->script.prefix_count = 2;
	w->script.prefix[0] = home_world_prefix("2001:db8::/64", 9000, 8000);
	w->script.prefix[1] = home_world_prefix("2001:db8:5::/64", 9000, 8000);
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_run(w->L, 10 * S);
	h = home_find(box_mip6(w->mn), &learned);
	assert_non_null(h);
	assert_int_equal(h->state, HOME_REGISTERED);
	ladder_mark(w->L);
	ladder_reconfigure(w->mn, BARE "MnHomeLink \"eth0\" { HomeAddress " HOA "/64;"
				  "HomeAgentAddress " HA2 "; }");
	ladder_expect(w->L, "ha2 -> mn BA status=0 rh2=2001:db8:5::99", 5 * S);
	ladder_run(w->L, 2 * S);
	ladder_mark(w->L);
	ladder_reconfigure(w->mn, OTHER);
	ladder_expect(w->L, "mn -> ha2 BU life=0 hao=2001:db8:5::99", S);
	ladder_run(w->L, 2 * S);
	assert_null(home_find(box_mip6(w->mn), &learned));
	assert_null(home_world_addr(w));
	assert_false(box_has(w->mn, "2001:db8:5::99"));
	home_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_deleted_first),
		cmocka_unit_test(a_lost_deletion_is_repeated),
		cmocka_unit_test(refusals_end_it),
		cmocka_unit_test(a_move_meanwhile),
		cmocka_unit_test(nowhere_for_long),
		cmocka_unit_test(at_home),
		cmocka_unit_test(it_may_come_back),
		cmocka_unit_test(the_rate_is_kept),
		cmocka_unit_test(learned_ones_follow),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
