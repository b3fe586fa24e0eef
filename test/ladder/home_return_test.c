// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Coming home (RFC 6275 11.5.5) in all its cases, and what is left in the kernel: starting,
 * stopping, crashing, a new configuration.
 */
#include <errno.h>

#include "test/ladder/home_world.h"

static struct home_world *start_at(const char *conf, enum place place)
{
	struct home_world *w = home_world_new(conf);

	ladder_start(w->mn);
	home_world_go(w, place);
	return w;
}

static struct home_world *start_registered(const char *conf)
{
	struct home_world *w = start_at(conf, AT_A);

	ladder_expect(w->L, "ha -> mn BA status=0", S);
	ladder_run(w->L, S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	return w;
}

/* RFC 6275 11.5.5, RFC 4862 5.4: without a binding the address is checked once, then
 * used; nothing is registered. */
static void starting_at_home_claims_the_address(void **state)
{
	struct home_world *w = start_at(NULL, HOME);

	(void)state;
	assert_int_equal(home_world_state(w), HOME_CLAIMING);
	ladder_expect(w->L, "mn -> *home NS target=" HOA " dad src=::", 100 * MS);
	ladder_refuse(w->L, "mn -> * BU", 990 * MS);
	assert_int_equal(home_world_state(w), HOME_CLAIMING);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	ladder_refuse(w->L, "mn -> * BU", 10 * S);
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 0);
	home_world_free(w);
}

/* RFC 6275 11.5.5: a home agent that defends the address from before our restart is told;
 * status 135 tells it where to go on. */
static void a_forgotten_binding_is_deleted(void **state)
{
	struct home_world *w = home_world_new(NULL);

	(void)state;
	ladder_addr(w->ha, "eth0", HOA "/64"); /* stands for the defence */
	ladder_start(w->mn);
	home_world_go(w, HOME);
	ladder_expect(w->L, "ha -> * NA target=" HOA, S);
	ladder_expect(w->L, "mn -> ha BU flags=AH life=0 src=" HOA, S);
	ladder_del_addr(w->ha, "eth0", HOA "/64");
	ladder_run(w->L, 3 * S);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	home_world_free(w);
}

/* RFC 6275 9.5.1, 11.8: whatever number the home agent knows from before our restart, and
 * though its answers do not come: one of four updates is taken. */
static void a_forgotten_number_is_found(void **state)
{
	unsigned int known;

	(void)state;
	for (known = 0; known < 65536; known += 4099) {
		struct home_world *w = home_world_new(NULL);
		unsigned int i;

		ladder_addr(w->ha, "eth0", HOA "/64");
		w->script.silent = true;
		ladder_start(w->mn);
		home_world_go(w, HOME);
		for (i = 0; i < 4; i++) {
			ladder_expect(w->L, "mn -> ha BU life=0", 20 * S);
			ladder_run(w->L, 10 * MS);
			if (seq_newer(w->script.last_seq, (uint16_t)known))
				break;
		}
		assert_true(i < 4);
		home_world_free(w);
	}
}

/* RFC 6275 11.7.1 (134): an address that another node has is not used. */
static void an_address_that_is_taken_is_not_used(void **state)
{
	struct home_world *w = home_world_new(NULL);
	struct box *thief;

	(void)state;
	thief = ladder_host(w->L, "thief", w->home, HOA "/64", w->r0);
	w->script.delete_status = MH_STATUS_NOT_HOME_AGENT;
	ladder_start(w->mn);
	home_world_go(w, HOME);
	/* the answer goes to the thief; ours comes as if the home agent had been quick */
	ladder_expect(w->L, "mn -> ha BU life=0", S);
	ladder_run(w->L, 100 * MS);
	if (home_world_state(w) == HOME_RETURNING) {
		struct mip6_path path = { .local = ip6(HA), .peer = ip6(HOA) };
		struct mip6_packet p = { .proto = KPROTO_MH, .path = path };
		struct mh_msg ba = { .type = MH_BA,
				     .ba = { .status = MH_STATUS_NOT_HOME_AGENT,
					     .seq = w->script.last_seq } };

		mip6_turn(box_mip6(w->mn), ladder_now(w->L));
		home_on_ba(home_world_addr(w), &p, &ba);
	}
	ladder_run(w->L, 2 * S);
	assert_int_equal(home_world_state(w), HOME_REFUSED);
	assert_int_equal(box_count(w->mn, KOBJ_ADDR), 0);
	home_world_go(w, AT_A);
	ladder_refuse(w->L, "mn -> * BU", 10 * S);
	/* at home again, where nobody has it any more */
	ladder_move(thief, "eth0", NULL, LADDER_CARRIER);
	home_world_go(w, HOME);
	ladder_run(w->L, 2 * S);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	/* and then it is used again everywhere */
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn BA status=0", S);
	home_world_free(w);
}

/* RFC 6275 11.5.5: MUST be prepared to reply to solicitations once the update is sent, and
 * not before; routes come with the answer. */
static void the_address_is_defended_from_when_the_update_is_sent(void **state)
{
	struct home_world *w = start_registered(NULL);
	struct in6_addr cn = box_addr(w->cn);

	(void)state;
	w->script.silent = true;
	home_world_go(w, HOME);
	/* this home agent does not answer for the address: it is asked itself */
	ladder_expect(w->L, "mn -> ha BU life=0 src=" HOA, 300 * MS);
	ladder_run(w->L, 100 * MS);
	assert_true(box_has(w->mn, HOA "/128 dev eth0") || box_has(w->mn, HOA));
	assert_int_equal(home_world_state(w), HOME_RETURNING);
	assert_true(box_has(w->mn, "route unreachable"));
	assert_false(ladder_ping(w->mn, &w->hoa, &cn));
	home_world_say_ba(w, 0, w->script.last_seq, 0);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	assert_true(ladder_ping(w->mn, &w->hoa, &cn));
	home_world_free(w);
}

/* RFC 6275 11.5.5, 11.8: the deletion is repeated; when the binding has ended by itself the
 * address is claimed. */
static void a_late_answer_and_none(void **state)
{
	struct home_world *w = start_registered(NULL);

	(void)state;
	w->script.silent = true;
	home_world_go(w, HOME);
	ladder_expect(w->L, "mn -> ha BU life=0", S);
	ladder_expect(w->L, "mn -> ha BU life=0", 1100 * MS);
	ladder_expect(w->L, "mn -> ha BU life=0", 2100 * MS);
	ladder_addr(w->ha, "eth0", HOA "/64"); /* stands for the defence */
	ladder_expect(w->L, "mn -> ha BU life=0", 4100 * MS);
	ladder_run(w->L, 20 * S);
	assert_int_equal(home_world_state(w), HOME_RETURNING);
	ladder_run(w->L, 60 * S);
	ladder_expect(w->L, "mn -> *home NS target=" HOA " dad", S);
	ladder_del_addr(w->ha, "eth0", HOA "/64");
	ladder_run(w->L, 20 * S);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	assert_int_equal(box_misuses(w->mn), 0);
	home_world_free(w);
}

/* RFC 6275 11.5.5: the address MUST NOT be used before the deletion is sent; after that it
 * is where the home agent has died: nobody answers, nobody defends. The deletion goes on, and
 * is heard by a home agent that comes back and remembers. */
static void a_dead_home_agent_does_not_keep_the_node_out(void **state)
{
	struct home_world *w = start_registered("NodeConfig MN; UseMnHaIPsec disabled;"
						"MnMaxHaBindingLife 3600;\n" HOME_BLOCK);

	(void)state;
	w->script.silent = true;
	home_world_go(w, HOME);
	ladder_run(w->L, 6 * S);
	assert_int_equal(home_world_state(w), HOME_RETURNING);
	assert_true(box_has(w->mn, "route unreachable"));
	ladder_run(w->L, 3 * S);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	assert_false(box_has(w->mn, "route unreachable"));
	assert_true(ladder_count(w->L, "mn -> *home NA target=" HOA) > 0);
	ladder_expect(w->L, "mn -> ha BU flags=AH life=0 src=" HOA, 40 * S);
	ladder_expect(w->L, "mn -> ha BU flags=AH life=0 src=" HOA, 40 * S);
	/* by another router of the same link: it is asked again at once */
	home_world_go(w, HOME);
	ladder_expect(w->L, "mn -> ha BU flags=AH life=0 src=" HOA, S);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	w->script.silent = false;
	ladder_expect(w->L, "ha -> mn BA status=0", 40 * S);
	ladder_refuse(w->L, "mn -> ha BU", 100 * S);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	/* away again in the middle of it */
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn BA status=0", 5 * S);
	w->script.silent = true;
	home_world_go(w, HOME);
	ladder_run(w->L, 12 * S);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	w->script.silent = false;
	home_world_go(w, AT_B);
	ladder_run(w->L, 2 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	assert_int_equal(box_misuses(w->mn), 0);
	/* and without any answer, till the end */
	w->script.silent = true;
	home_world_go(w, HOME);
	ladder_run(w->L, 3700 * S);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	ladder_refuse(w->L, "mn -> ha BU", 100 * S);
	home_world_free(w);
}

/* RFC 4862 5.4.3, RFC 6275 11.7.1: a home agent may find the node's own traces on the home
 * link; that is no other node's address. */
static void its_own_traces_are_no_duplicate(void **state)
{
	struct home_world *w = start_at(NULL, HOME);

	(void)state;
	ladder_run(w->L, 5 * S);
	w->script.status = MH_STATUS_DAD_FAILED;
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn BA status=134", S);
	w->script.status = 0;
	ladder_refuse(w->L, "mn -> ha BU", 4900 * MS);
	ladder_expect(w->L, "mn -> ha BU", 200 * MS);
	ladder_run(w->L, S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);

	/* but not for ever */
	w = start_at(NULL, HOME);
	ladder_run(w->L, 5 * S);
	w->script.status = MH_STATUS_DAD_FAILED;
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn BA status=134", S);
	ladder_expect(w->L, "ha -> mn BA status=134", 6 * S);
	ladder_refuse(w->L, "mn -> ha BU", 3600 * S);
	assert_int_equal(box_count(w->mn, KOBJ_ADDR), 0);
	home_world_free(w);
}

/* MnFlushAllAtHome: goes on without an answer. */
static void it_may_go_on_without_an_answer(void **state)
{
	struct home_world *w = start_registered(MN_CONF "MnFlushAllAtHome enabled;\n");

	(void)state;
	w->script.silent = true;
	home_world_go(w, HOME);
	ladder_expect(w->L, "mn -> ha BU life=0", S);
	ladder_run(w->L, 1200 * MS);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	home_world_free(w);
}

/* RFC 6275 11.7.3: the home agent has no binding, or is short of something. */
static void refused_deletions(void **state)
{
	struct home_world *w = start_registered(NULL);

	(void)state;
	w->script.delete_status = MH_STATUS_NOT_HOME_AGENT;
	home_world_go(w, HOME);
	ladder_expect(w->L, "ha -> mn BA status=133", S);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	home_world_free(w);

	w = start_registered(NULL);
	w->script.delete_status = MH_STATUS_RESOURCES;
	home_world_go(w, HOME);
	ladder_expect(w->L, "ha -> mn BA status=130", S);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(home_world_state(w), HOME_RETURNING);
	w->script.delete_status = 0;
	ladder_expect(w->L, "ha -> mn BA status=0", 4 * S);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	home_world_free(w);
}

/* RFC 6275 11.5.5: advertised to all nodes, MAX_NEIGHBOR_ADVERTISEMENT times at most. */
static void the_address_is_advertised_three_times(void **state)
{
	struct home_world *w = start_registered(NULL);

	(void)state;
	ladder_mark(w->L);
	home_world_go(w, HOME);
	ladder_run(w->L, 10 * S);
	assert_int_equal(ladder_count(w->L, "mn -> *home NA target=" HOA " flags=O-"), 3);
	home_world_free(w);
}

/* NoHomeReturn: the home link is like any other. */
static void never_at_home(void **state)
{
	struct home_world *w = start_at(MN_CONF "NoHomeReturn enabled;\n", HOME);

	(void)state;
	ladder_expect(w->L, "mn -> ha BU flags=AH life=60 coa=2001:db8::98 hao=" HOA, S);
	ladder_run(w->L, S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* MnResetDhaadAtHome: discovered home agents are forgotten at home. */
static void discovered_agents_may_be_forgotten_at_home(void **state)
{
	static const char conf[] = "NodeConfig MN; UseMnHaIPsec disabled;" DHAAD_BLOCK;
	static const char forget[] = "MnResetDhaadAtHome enabled; NodeConfig MN;"
				     "UseMnHaIPsec disabled;" DHAAD_BLOCK;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct home_world *w = home_world_new(i ? forget : conf);

		w->script.agent_count = 1;
		w->script.agent[0] = ip6(HA);
		ladder_start(w->mn);
		home_world_go(w, AT_A);
		ladder_expect(w->L, "ha -> mn BA", S);
		ladder_run(w->L, S);
		home_world_go(w, HOME);
		ladder_run(w->L, 5 * S);
		assert_int_equal(home_world_state(w), HOME_AT_HOME);
		home_world_go(w, AT_B);
		ladder_run(w->L, 5 * S);
		assert_int_equal(home_world_state(w), HOME_REGISTERED);
		assert_int_equal(ladder_count(w->L, "mn -> ha DHAAD-REQ"), i ? 2 : 1);
		home_world_free(w);
	}
}

/* OptimisticHandoff: a binding that moves is used before the answer; the first one is not. */
static void a_move_may_be_used_at_once(void **state)
{
	struct home_world *w = start_at(MN_CONF "OptimisticHandoff enabled;\n", AT_A);

	(void)state;
	assert_true(box_has(w->mn, "route unreachable"));
	ladder_run(w->L, S);
	w->script.silent = true;
	home_world_go(w, AT_B);
	assert_int_equal(home_world_state(w), HOME_REGISTERING);
	assert_false(box_has(w->mn, "route unreachable"));
	home_world_free(w);
}

/* Several home addresses: each is registered (11.7.1), with one tunnel to one agent. */
static void several_home_addresses_share_a_tunnel(void **state)
{
	struct home_world *w = home_world_new(
		MN_CONF "MnHomeLink \"eth0\" { HomeAddress 2001:db8::77/64;"
			"HomeAgentAddress " HA "; }\n");
	const struct in6_addr other = ip6("2001:db8::77");

	(void)state;
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_run(w->L, 5 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	assert_int_equal(home_find(box_mip6(w->mn), &other)->state, HOME_REGISTERED);
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 1);
	assert_int_equal(box_count(w->mn, KOBJ_ADDR), 2);
	home_world_go(w, HOME);
	ladder_run(w->L, 5 * S);
	assert_int_equal(ladder_count(w->L, "mn -> *home NA target=2001:db8::77 flags=O-"), 3);
	assert_int_equal(ladder_count(w->L, "mn -> *home NA target=" HOA " flags=O-"), 3);
	assert_int_equal(home_find(box_mip6(w->mn), &other)->state, HOME_AT_HOME);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 0);
	assert_int_equal(box_misuses(w->mn), 0);
	home_world_free(w);
}

/* Nothing is left when it stops; everything stays for a successor, which goes on with it. */
static void stopping_and_restarting(void **state)
{
	struct home_world *w = start_registered(NULL);
	size_t addrs = box_count(w->mn, KOBJ_ADDR), routes = box_count(w->mn, KOBJ_ROUTE);
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		if (i)
			ladder_crash(w->mn);
		else
			ladder_stop(w->mn, ROLE_RESTART);
		assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 1);
		assert_int_equal(box_count(w->mn, KOBJ_ADDR), addrs);
		assert_int_equal(box_count(w->mn, KOBJ_ROUTE), routes);
		ladder_start(w->mn);
		home_world_go(w, AT_B);
		ladder_run(w->L, 5 * S);
		assert_int_equal(home_world_state(w), HOME_REGISTERED);
		assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 1);
		assert_int_equal(box_count(w->mn, KOBJ_ADDR), addrs);
		assert_int_equal(box_count(w->mn, KOBJ_ROUTE), routes);
		assert_int_equal(box_misuses(w->mn), 0);
	}
	ladder_end(w->mn);
	assert_int_equal(box_misuses(w->mn), 0);
	home_world_free(w);
}

/* What somebody removes is put again. */
static void lost_objects_come_back(void **state)
{
	struct home_world *w = start_registered(NULL);
	struct in6_addr cn = box_addr(w->cn);

	(void)state;
	box_lose(w->mn, "dev mip6mn0");
	ladder_run(w->L, S);
	assert_int_equal(box_count(w->mn, KOBJ_ROUTE), 4);
	box_lose(w->mn, "tunnel");
	ladder_run(w->L, S);
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 1);
	assert_int_equal(box_count(w->mn, KOBJ_ADDR), 1);
	assert_int_equal(box_count(w->mn, KOBJ_ROUTE), 4);
	(void)cn;
	home_world_free(w);
}

/* A kernel that refuses is asked again; nothing half done stays. */
static void a_refusing_kernel_is_asked_again(void **state)
{
	struct home_world *w = home_world_new(NULL);

	(void)state;
	ladder_start(w->mn);
	box_fail(w->mn, "put tunnel", -ENOMEM, 0, 2);
	home_world_go(w, AT_A);
	ladder_run(w->L, 500 * MS);
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 0);
	ladder_run(w->L, 5 * S);
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 1);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* A new configuration: home addresses come and go, a home agent changes. */
static void a_new_configuration_is_followed(void **state)
{
	struct home_world *w = start_registered(NULL);
	const struct in6_addr other = ip6("2001:db8::77");

	(void)state;
	ladder_reconfigure(w->mn, MN_CONF "MnHomeLink \"eth0\" { HomeAddress 2001:db8::77/64;"
					  "HomeAgentAddress " HA "; }\n");
	ladder_expect(w->L, "mn -> ha BU life=60 hao=2001:db8::77", S);
	ladder_run(w->L, S);
	assert_int_equal(home_find(box_mip6(w->mn), &other)->state, HOME_REGISTERED);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	ladder_reconfigure(w->mn, "NodeConfig MN; UseMnHaIPsec disabled; MnHomeLink \"eth0\" {"
				  "HomeAddress 2001:db8::77/64; HomeAgentAddress " HA2 "; }\n");
	ladder_expect(w->L, "mn -> ha BU life=0 hao=" HOA, S);
	ladder_run(w->L, 5 * S);
	assert_null(home_world_addr(w));
	assert_int_equal(ladder_count(w->L, "mn -> ha2 BU hao=2001:db8::77"), 1);
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 1);
	assert_true(box_has(w->mn, "remote " HA2));
	assert_int_equal(box_count(w->mn, KOBJ_ADDR), 1);
	assert_int_equal(box_misuses(w->mn), 0);
	home_world_free(w);
}

/* Each handover is recorded with its times. */
static void handovers_are_recorded(void **state)
{
	struct home_world *w = start_registered(NULL);
	const struct handovers *ring = mn_of(box_mip6(w->mn))->handovers;
	const struct handover *r;

	(void)state;
	home_world_go(w, AT_B);
	ladder_run(w->L, MS);
	home_world_go(w, AT_A);
	ladder_run(w->L, S);
	home_world_go(w, HOME);
	ladder_run(w->L, S);
	assert_int_equal(ring->count, 4);
	r = handover_get(ring, 0);
	assert_true(r->home);
	assert_int_equal(r->result, HANDOVER_DONE);
	r = handover_get(ring, 1);
	assert_int_equal(r->result, HANDOVER_DONE);
	assert_int_equal(r->cause, ATTACH_LINK_UP);
	assert_true(r->event_us <= r->bu_us && r->bu_us < r->ba_us && r->ba_us <= r->done_us);
	/* one round trip to the home agent, and nothing of our own */
	assert_in_range(r->done_us - r->event_us, 10 * MS, 12 * MS);
	assert_int_equal(handover_get(ring, 2)->result, HANDOVER_OVERTAKEN);
	assert_null(handover_get(ring, 4));
	assert_int_equal(box_mip6(w->mn)->counters.value[COUNT_HANDOVER], 3);
	home_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starting_at_home_claims_the_address),
		cmocka_unit_test(a_forgotten_binding_is_deleted),
		cmocka_unit_test(a_forgotten_number_is_found),
		cmocka_unit_test(an_address_that_is_taken_is_not_used),
		cmocka_unit_test(the_address_is_defended_from_when_the_update_is_sent),
		cmocka_unit_test(a_late_answer_and_none),
		cmocka_unit_test(a_dead_home_agent_does_not_keep_the_node_out),
		cmocka_unit_test(its_own_traces_are_no_duplicate),
		cmocka_unit_test(it_may_go_on_without_an_answer),
		cmocka_unit_test(refused_deletions),
		cmocka_unit_test(the_address_is_advertised_three_times),
		cmocka_unit_test(never_at_home),
		cmocka_unit_test(discovered_agents_may_be_forgotten_at_home),
		cmocka_unit_test(a_move_may_be_used_at_once),
		cmocka_unit_test(several_home_addresses_share_a_tunnel),
		cmocka_unit_test(stopping_and_restarting),
		cmocka_unit_test(lost_objects_come_back),
		cmocka_unit_test(a_refusing_kernel_is_asked_again),
		cmocka_unit_test(a_new_configuration_is_followed),
		cmocka_unit_test(handovers_are_recorded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
