// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Home agents that are no longer used, but may have a binding: it stays in the Binding Update
 * List and is deleted (RFC 6275 11.1, 11.7.1, 11.8), beside what goes on with the new one. Both
 * home agents are one script.
 */
#include "test/ladder/home_world.h"

#define BARE	   "NodeConfig MN; UseMnHaIPsec disabled; MnMaxHaBindingLife 600;\n"
#define FOUND_CONF BARE "MnMaxHaConsecutiveResends 2;\n" DHAAD_BLOCK
#define AT(ha)	   BARE "MnHomeLink \"eth0\" { HomeAddress " HOA "/64; HomeAgentAddress " ha "; }\n"

static const struct bul_entry *entry(const struct home_world *w, const char *ha)
{
	const struct in6_addr peer = ip6(ha);

	return bul_find(&home_of(box_mip6(w->mn))->bul, &w->hoa, &peer);
}

/* Away on link a, registered with the first of two home agents. */
static struct home_world *away(const char *conf)
{
	struct home_world *w = home_world_new(conf);

	w->script.agent[0] = ip6(HA);
	w->script.agent[1] = ip6(HA2);
	w->script.agent_count = 2;
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn BA status=0", S);
	ladder_run(w->L, 2 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	return w;
}

/* It moves, and its home agent hears nothing any more: the other one has it now. */
static void turn(struct home_world *w)
{
	w->script.deaf = w->ha;
	home_world_go(w, AT_B);
	ladder_expect(w->L, "ha2 -> mn BA status=0 life=600", 30 * S);
	ladder_run(w->L, 10 * MS);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
}

/* 11.8: the deletion is repeated as any other update; 11.1: the entry stays until it is
 * answered, and the new registration does not notice. */
static void what_is_left_behind_is_deleted(void **state)
{
	struct home_world *w = away(FOUND_CONF);
	uint64_t last_us;

	(void)state;
	turn(w);
	assert_int_equal(ladder_count(w->L, "mn -> ha BU life=0 coa=" COA_B " altcoa hao=" HOA), 1);
	ladder_expect(w->L, "mn -> ha BU life=0", S);
	last_us = ladder_sent_us(w->L);
	for (uint64_t gap_s = 2; gap_s <= 32; gap_s *= 2) {
		assert_non_null(entry(w, HA));
		ladder_expect(w->L, "mn -> ha BU life=0", 40 * S);
		assert_int_equal(ladder_sent_us(w->L) - last_us, gap_s * S);
		last_us = ladder_sent_us(w->L);
	}
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	w->script.deaf = NULL;
	ladder_expect(w->L, "ha -> mn BA status=0 life=0", 40 * S);
	ladder_run(w->L, 10 * MS);
	assert_null(entry(w, HA));
	ladder_refuse(w->L, "mn -> ha BU", 100 * S);
	assert_int_equal(ladder_count(w->L, "mn -> ha2 BU"), 1);
	assert_int_equal(box_misuses(w->mn), 0);
	home_world_free(w);
}

/* 11.3.1, OptimisticHandoff: what a home agent has not confirmed is no binding that only moves:
 * nothing goes through the tunnel to another one before that. */
static void nothing_is_sent_to_the_next_one_at_once(void **state)
{
	struct home_world *w = away(FOUND_CONF "OptimisticHandoff enabled;\n");

	(void)state;
	w->script.silent = true;
	home_world_go(w, AT_B);
	assert_false(box_has(w->mn, "route unreachable default"));
	ladder_expect(w->L, "mn -> ha2 BU life=600", 30 * S);
	ladder_run(w->L, 10 * MS);
	assert_true(box_has(w->mn, "route unreachable default"));
	home_world_free(w);
}

/* Within bounds; again from another place; and 11.1: when the lifetime is over the entry MUST
 * go. */
static void a_dead_one_is_left_alone(void **state)
{
	struct home_world *w = away(FOUND_CONF);
	size_t sent;

	(void)state;
	turn(w);
	ladder_run(w->L, 250 * S);
	sent = ladder_count(w->L, "mn -> ha BU life=0");
	assert_in_range(sent, 8, 12);
	ladder_refuse(w->L, "mn -> ha BU", 100 * S);
	assert_non_null(entry(w, HA));
	home_world_go(w, NOWHERE);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha BU life=0 coa=" COA_A, S);
	ladder_run(w->L, 300 * S);
	assert_null(entry(w, HA));
	assert_non_null(entry(w, HA2));
	ladder_refuse(w->L, "mn -> ha BU", 600 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* 11.7.1: a refused renewal leaves a binding behind; it is deleted before the next home agent
 * is asked, which would find that the address is defended. A refused first registration
 * leaves none. */
static void a_refused_renewal_leaves_a_binding(void **state)
{
	struct home_world *w = away(FOUND_CONF);

	(void)state;
	w->script.status = MH_STATUS_RESOURCES;
	home_world_go(w, AT_B);
	ladder_expect(w->L, "ha -> mn BA status=130", S);
	w->script.status = 0;
	ladder_expect(w->L, "mn -> ha BU life=0", 10 * MS);
	ladder_expect(w->L, "mn -> ha2 BU life=600", 2 * S);
	ladder_run(w->L, S);
	assert_null(entry(w, HA));
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);

	w = home_world_new(FOUND_CONF);
	w->script.agent[0] = ip6(HA);
	w->script.agent[1] = ip6(HA2);
	w->script.agent_count = 2;
	w->script.status = MH_STATUS_RESOURCES;
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn BA status=130", S);
	w->script.status = 0;
	ladder_expect(w->L, "ha2 -> mn BA status=0", 3 * S);
	assert_int_equal(ladder_count(w->L, "mn -> ha BU life=0"), 0);
	assert_null(entry(w, HA));
	home_world_free(w);
}

/* 11.3.3: its acknowledgement comes in though there is no tunnel to any home agent. */
static void while_another_one_is_looked_for(void **state)
{
	struct home_world *w = away(FOUND_CONF);

	(void)state;
	w->script.status = MH_STATUS_RESOURCES;
	w->script.delete_status = MH_STATUS_RESOURCES;
	w->script.agent_count = 0;
	home_world_go(w, AT_B);
	ladder_expect(w->L, "ha2 -> mn BA status=130", 5 * S);
	ladder_run(w->L, 35 * S);
	assert_int_equal(home_world_state(w), HOME_SEEKING);
	assert_null(home_world_addr(w)->tunnel);
	w->script.delete_status = 0;
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn BA status=0 life=0", S);
	ladder_run(w->L, 10 * MS);
	assert_int_equal(home_world_state(w), HOME_SEEKING);
	assert_null(entry(w, HA));
	home_world_free(w);
}

/* 11.7.1, 11.7.3: status 135 is repaired, 130 is asked again, 133 means that it has none; what
 * answers nothing is ignored. */
static void answers_of_a_former_home_agent(void **state)
{
	struct home_world *w = away(FOUND_CONF);

	(void)state;
	turn(w);
	w->script.wrong_seq = true;
	w->script.ba_seq = 4711;
	w->script.delete_status = MH_STATUS_SEQUENCE;
	w->script.deaf = NULL;
	ladder_expect(w->L, "ha -> mn BA status=135 seq=4711", 10 * S);
	w->script.wrong_seq = false;
	w->script.delete_status = MH_STATUS_RESOURCES;
	ladder_expect(w->L, "mn -> ha BU life=0 seq=4712", 10 * MS);
	ladder_expect(w->L, "ha -> mn BA status=130 seq=4712", S);
	ladder_run(w->L, 10 * MS);
	assert_non_null(entry(w, HA));
	w->script.delete_status = 0;
	w->script.wrong_seq = true;
	ladder_expect(w->L, "ha -> mn BA status=0 seq=4711", 40 * S);
	ladder_run(w->L, 10 * MS);
	assert_non_null(entry(w, HA));
	assert_int_equal(box_mip6(w->mn)->counters.value[COUNT_BA_STRAY], 1);
	/* one that lies is not asked without end */
	w->script.delete_status = MH_STATUS_SEQUENCE;
	w->script.ba_seq = 1;
	ladder_run(w->L, 300 * S);
	assert_in_range(ladder_count(w->L, "mn -> ha BU life=0"), 5, 30);
	assert_int_equal(ladder_count(w->L, "mn -> ha2 BU life=600"), 1);
	w->script.wrong_seq = false;
	w->script.delete_status = MH_STATUS_NOT_HOME_AGENT;
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn BA status=133", S);
	ladder_run(w->L, 10 * MS);
	assert_null(entry(w, HA));
	home_world_free(w);
}

/* 11.5.5: at home from the home address, once it may be used. */
static void it_is_told_from_home(void **state)
{
	struct home_world *w = away(FOUND_CONF);

	(void)state;
	turn(w);
	ladder_run(w->L, S);
	ladder_mark(w->L);
	home_world_go(w, HOME);
	ladder_expect(w->L, "ha2 -> mn BA status=0 life=0 dst=" HOA, 2 * S);
	ladder_expect(w->L, "mn -> ha BU life=0 coa=" HOA " src=" HOA, 100 * MS);
	w->script.deaf = NULL;
	ladder_expect(w->L, "ha -> mn BA status=0 dst=" HOA, 3 * S);
	ladder_run(w->L, 10 * MS);
	assert_null(entry(w, HA));
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	home_world_free(w);
}

/* 11.5.5: where the one in use has no binding, a former one may be who defends the address:
 * it is told, and no duplicate address detection done before. */
static void a_former_one_defends_the_address(void **state)
{
	static const char *const confs[] = { FOUND_CONF, AT(HA) };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct home_world *w = away(confs[i]);

		if (i) {
			w->script.deaf = w->ha;
			w->script.status = MH_STATUS_PROHIBITED;
			ladder_reconfigure(w->mn, AT(HA2));
			ladder_expect(w->L, "ha2 -> mn BA status=129", S);
		} else {
			w->script.deaf = w->ha;
			w->script.status = MH_STATUS_PROHIBITED;
			home_world_go(w, AT_B);
			ladder_expect(w->L, "ha2 -> mn BA status=129", 30 * S);
		}
		ladder_run(w->L, S);
		assert_int_equal(home_world_state(w), HOME_REFUSED);
		w->script.status = 0;
		w->script.deaf = NULL;
		ladder_mark(w->L);
		home_world_go(w, HOME);
		ladder_expect(w->L, "mn -> ha BU life=0 src=" HOA, S);
		ladder_run(w->L, S);
		assert_int_equal(home_world_state(w), HOME_AT_HOME);
		assert_true(i ? !entry(w, HA) : !entry(w, HA)->may_last_us);
		ladder_mark(w->L);
		home_world_go(w, AT_A);
		ladder_expect(w->L, i ? "ha2 -> mn BA status=0" : "ha -> mn BA status=0", 3 * S);
		home_world_free(w);
	}
}

/* 11.5.5: neither does one that is dead keep the node out where a former one defends the
 * address: that is told, and then both in turn, as long as there may be bindings. */
static void a_dead_one_and_a_former_one(void **state)
{
	struct home_world *w = away(FOUND_CONF);

	(void)state;
	turn(w);
	ladder_run(w->L, S);
	ladder_addr(w->ha, "eth0", HOA "/64"); /* stands for the defence */
	w->script.deaf = w->ha2;
	ladder_mark(w->L);
	home_world_go(w, HOME);
	ladder_expect(w->L, "mn -> ha2 BU life=0 src=" HOA, S);
	ladder_run(w->L, S);
	assert_int_equal(home_world_state(w), HOME_RETURNING);
	ladder_expect(w->L, "mn -> ha BU life=0 src=" HOA, 20 * S);
	ladder_del_addr(w->ha, "eth0", HOA "/64");
	ladder_expect(w->L, "ha -> mn BA status=0 life=0 dst=" HOA, 3 * S);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	ladder_expect(w->L, "mn -> ha2 BU life=0 src=" HOA, 3 * S);
	w->script.deaf = NULL;
	ladder_expect(w->L, "ha2 -> mn BA status=0 life=0 dst=" HOA, 40 * S);
	ladder_run(w->L, 100 * MS);
	assert_null(entry(w, HA2));
	assert_int_equal(box_misuses(w->mn), 0);
	home_world_free(w);
}

/* A new HomeAgentAddress: the former one is told, and told again (11.8), also over a restart;
 * and when it is asked for anew it is used as any. */
static void another_one_is_configured(void **state)
{
	struct home_world *w = away(AT(HA));

	(void)state;
	w->script.deaf = w->ha;
	ladder_mark(w->L);
	ladder_reconfigure(w->mn, AT(HA2));
	ladder_expect(w->L, "mn -> ha BU life=0 hao=" HOA, 10 * MS);
	ladder_expect(w->L, "ha2 -> mn BA status=0 life=600", S);
	ladder_expect(w->L, "mn -> ha BU life=0 hao=" HOA, 1100 * MS);
	ladder_expect(w->L, "mn -> ha BU life=0 hao=" HOA, 2100 * MS);
	ladder_crash(w->mn);
	ladder_start(w->mn);
	assert_non_null(entry(w, HA));
	home_world_go(w, AT_B);
	ladder_expect(w->L, "mn -> ha BU life=0 coa=" COA_B, S);
	ladder_expect(w->L, "ha2 -> mn BA status=0", 2 * S);
	ladder_run(w->L, 100 * MS);
	w->script.deaf = NULL;
	ladder_reconfigure(w->mn, AT(HA));
	ladder_expect(w->L, "ha2 -> mn BA status=0 life=0", S);
	ladder_expect(w->L, "ha -> mn BA status=0 life=600", 2 * S);
	ladder_run(w->L, 100 * MS);
	assert_null(entry(w, HA2));
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	ladder_refuse(w->L, "mn -> ha2 BU", 100 * S);
	assert_int_equal(box_misuses(w->mn), 0);
	home_world_free(w);
}

/* While it is stopped the configuration may have got another home agent. */
static void another_one_since_the_last_start(void **state)
{
	struct home_world *w = away(AT(HA));

	(void)state;
	ladder_crash(w->mn);
	ladder_reconfigure(w->mn, AT(HA2));
	ladder_start(w->mn);
	ladder_mark(w->L);
	home_world_go(w, AT_B);
	ladder_expect(w->L, "mn -> ha BU life=0 coa=" COA_B, S);
	ladder_expect(w->L, "ha2 -> mn BA status=0 life=600", 2 * S);
	ladder_run(w->L, 100 * MS);
	assert_null(entry(w, HA));
	home_world_free(w);
}

/* Who was found and has never answered is no one to come back to after a restart; it may have
 * a binding all the same. */
static void one_that_never_answered(void **state)
{
	struct home_world *w = home_world_new(FOUND_CONF);

	(void)state;
	w->script.agent[0] = ip6(HA);
	w->script.agent_count = 1;
	w->script.silent = true;
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha BU life=600", S);
	ladder_crash(w->mn);
	box_lose(w->mn, "tunnel"); /* the machine as well */
	w->script.silent = false;
	w->script.agent[0] = ip6(HA2);
	ladder_start(w->mn);
	home_world_go(w, AT_B);
	ladder_expect(w->L, "mn -> ha DHAAD-REQ", S);
	ladder_expect(w->L, "mn -> ha2 BU life=600", S);
	ladder_run(w->L, S);
	assert_int_equal(ladder_count(w->L, "mn -> ha BU life=0"), 1);
	assert_null(entry(w, HA));
	home_world_free(w);
}

/* A home address that is no longer configured goes when all that may have a binding were
 * told; at shutdown each is told once. */
static void all_are_told_in_the_end(void **state)
{
	struct home_world *w = away(FOUND_CONF);

	(void)state;
	turn(w);
	ladder_mark(w->L);
	ladder_reconfigure(w->mn, BARE);
	ladder_expect(w->L, "ha2 -> mn BA status=0 life=0", S);
	ladder_run(w->L, S);
	assert_int_equal(home_world_state(w), HOME_LEAVING);
	w->script.deaf = NULL;
	ladder_expect(w->L, "ha -> mn BA status=0 life=0", 20 * S);
	ladder_run(w->L, 10 * MS);
	assert_null(home_world_addr(w));
	home_world_free(w);

	w = away(FOUND_CONF);
	turn(w);
	ladder_reconfigure(w->mn, BARE);
	ladder_run(w->L, 100 * S);
	assert_null(home_world_addr(w)); /* though one never answers */
	home_world_free(w);

	w = away(FOUND_CONF);
	turn(w);
	ladder_mark(w->L);
	ladder_stop(w->mn, ROLE_SHUTDOWN);
	ladder_expect(w->L, "mn -> ha2 BU life=0", 10 * MS);
	ladder_mark(w->L);
	ladder_run(w->L, S);
	assert_int_equal(ladder_count(w->L, "mn -> ha BU life=0"), 2);
	home_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left_behind_is_deleted),
		cmocka_unit_test(nothing_is_sent_to_the_next_one_at_once),
		cmocka_unit_test(a_dead_one_is_left_alone),
		cmocka_unit_test(a_refused_renewal_leaves_a_binding),
		cmocka_unit_test(while_another_one_is_looked_for),
		cmocka_unit_test(answers_of_a_former_home_agent),
		cmocka_unit_test(it_is_told_from_home),
		cmocka_unit_test(a_former_one_defends_the_address),
		cmocka_unit_test(a_dead_one_and_a_former_one),
		cmocka_unit_test(another_one_is_configured),
		cmocka_unit_test(another_one_since_the_last_start),
		cmocka_unit_test(one_that_never_answered),
		cmocka_unit_test(all_are_told_in_the_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
