// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Home agents that are not known, do not answer, or do not want: dynamic discovery
 * (RFC 6275 11.4.1), refusals (11.7.3), errors (11.3.5, 11.3.6), refresh requests
 * (11.7.4).
 */
#include "test/ladder/home_world.h"

#define DHAAD_CONF "NodeConfig MN; UseMnHaIPsec disabled; MnMaxHaBindingLife 60;\n" DHAAD_BLOCK

static struct home_world *start(const char *conf)
{
	struct home_world *w = home_world_new(conf);

	w->script.agent[0] = ip6(HA);
	w->script.agent[1] = ip6(HA2);
	ladder_start(w->mn);
	return w;
}

static struct home_world *start_registered(const char *conf)
{
	struct home_world *w = start(conf);

	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn BA status=0", S);
	ladder_run(w->L, 2 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	return w;
}

/* RFC 6275 11.4.1: to the anycast address, from the care-of address; the first of the
 * list is registered with. */
static void a_home_agent_is_discovered(void **state)
{
	struct home_world *w = start(DHAAD_CONF);

	(void)state;
	w->script.agent_count = 2;
	home_world_go(w, AT_A);
	assert_int_equal(home_world_state(w), HOME_SEEKING);
	ladder_expect(w->L, "mn -> ha DHAAD-REQ src=" COA_A " dst=2001:db8::fdff:ffff:ffff:fffe",
		      S);
	ladder_expect(w->L, "ha -> mn DHAAD-REP agents=2", S);
	ladder_expect(w->L, "mn -> ha BU flags=AH coa=" COA_A " hao=" HOA, S);
	ladder_run(w->L, S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	assert_int_equal(box_misuses(w->mn), 0);
	/* the list stays: a move asks nobody */
	ladder_mark(w->L);
	home_world_go(w, AT_B);
	ladder_refuse(w->L, "mn -> * DHAAD-REQ", 5 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* RFC 6275 11.4.1, 12: after 3 s, then each time twice as long, four times; the same
 * request. */
static void discovery_is_repeated_ever_slower(void **state)
{
	struct home_world *w = start(DHAAD_CONF);
	static const uint64_t gaps_s[] = { 3, 6, 12, 24 };
	uint64_t last_us;
	uint16_t id;
	size_t i;

	(void)state;
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha DHAAD-REQ", S);
	id = w->script.last_id;
	last_us = ladder_sent_us(w->L);
	for (i = 0; i < 4; i++) {
		ladder_expect(w->L, "mn -> ha DHAAD-REQ", 50 * S);
		assert_int_equal(ladder_sent_us(w->L) - last_us, gaps_s[i] * S);
		ladder_run(w->L, 100 * MS);
		assert_int_equal(w->script.last_id, id);
		last_us = ladder_sent_us(w->L);
	}
	ladder_refuse(w->L, "mn -> ha DHAAD-REQ", 60 * S);
	/* but it does not give up for ever */
	w->script.agent_count = 1;
	ladder_expect(w->L, "mn -> ha BU", 120 * S);
	home_world_free(w);
}

/* RFC 6275 11.4.1: an answer to another request is not ours. */
static void a_list_that_was_not_asked_for_is_ignored(void **state)
{
	struct home_world *w = start(DHAAD_CONF);
	struct mip6_path path = { .local = ip6(HA), .peer = ip6(COA_A) };
	struct icmp6_msg msg = { .type = ICMP6_MSG_DHAAD_REPLY };

	(void)state;
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha DHAAD-REQ", S);
	ladder_run(w->L, 100 * MS);
	msg.dhaad_reply.id = (uint16_t)(w->script.last_id + 1);
	msg.dhaad_reply.count = 1;
	msg.dhaad_reply.agent[0] = ip6(HA2);
	ladder_send_icmp6(w->ha, &path, &msg);
	msg.dhaad_reply.id = w->script.last_id;
	msg.dhaad_reply.agent[0] = ip6("ff02::1");
	ladder_send_icmp6(w->ha, &path, &msg);
	ladder_refuse(w->L, "mn -> * BU", S);
	assert_int_equal(home_world_state(w), HOME_SEEKING);
	home_world_free(w);
}

/* RFC 6275 11.7.1: where there is only one, it SHOULD go on being asked at the slowest rate;
 * meanwhile others are looked for, not too often, and what is registered stays in use as long
 * as it lasts. */
static void the_only_home_agent_goes_on_being_asked(void **state)
{
	struct home_world *w = start("NodeConfig MN; UseMnHaIPsec disabled;"
				     "MnMaxHaBindingLife 2000;" DHAAD_BLOCK);
	size_t before;

	(void)state;
	w->script.agent_count = 1;
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn BA status=0", S);
	w->script.silent = true;
	ladder_run(w->L, 1700 * S); /* the renewal was due at 1600 s */
	before = ladder_count(w->L, "mn -> ha BU");
	ladder_mark(w->L);
	ladder_run(w->L, 200 * S);
	assert_in_range(ladder_count(w->L, "mn -> ha BU") - before, 6, 7);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	assert_false(box_has(w->mn, "route unreachable default"));
	assert_in_range(ladder_count(w->L, "mn -> ha DHAAD-REQ"), 3, 8);
	ladder_run(w->L, 1000 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERING);
	/* another one has come; then the first is there again */
	w->script.agent_count = 2;
	ladder_expect(w->L, "mn -> ha2 BU life=2000", 100 * S);
	w->script.silent = false;
	ladder_run(w->L, 40 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	assert_int_equal(box_misuses(w->mn), 0);
	home_world_free(w);

	/* it is there again before that */
	w = start(DHAAD_CONF);
	w->script.agent_count = 1;
	w->script.silent = true;
	home_world_go(w, AT_A);
	ladder_run(w->L, 300 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERING);
	w->script.agent_count = 0; /* and discovery does not work at all */
	w->script.silent = false;
	ladder_run(w->L, 40 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	before = ladder_count(w->L, "mn -> ha DHAAD-REQ");
	ladder_run(w->L, 600 * S);
	assert_in_range(ladder_count(w->L, "mn -> ha DHAAD-REQ"), before, before + 4);
	home_world_free(w);
}

/* RFC 6275 11.4.1: what cannot be a home agent is passed over: this node itself among them. */
static void a_node_is_not_its_own_home_agent(void **state)
{
	struct home_world *w = start(DHAAD_CONF);

	(void)state;
	w->script.agent[0] = ip6(HOA);
	w->script.agent[1] = ip6(COA_A);
	w->script.agent[2] = ip6(HA2);
	w->script.agent_count = 3;
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha2 -> mn BA status=0", S);
	home_world_free(w);
}

/* RFC 6275 11.7.1, 11.4.1: no answer: the next one of the list, then a new list. */
static void the_next_home_agent_is_tried(void **state)
{
	struct home_world *w = start(DHAAD_CONF "MnMaxHaConsecutiveResends 2;\n");

	(void)state;
	w->script.agent_count = 2;
	w->script.silent = true;
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha BU", S);
	ladder_expect(w->L, "mn -> ha BU", 2 * S);
	ladder_expect(w->L, "mn -> ha BU", 4 * S);
	ladder_expect(w->L, "mn -> ha2 BU flags=AH coa=" COA_A, 10 * S);
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 1);
	assert_true(box_has(w->mn, "remote " HA2));
	ladder_expect(w->L, "mn -> ha DHAAD-REQ", 30 * S);
	w->script.silent = false;
	ladder_run(w->L, 20 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 1);
	assert_int_equal(box_misuses(w->mn), 0);
	home_world_free(w);
}

/* RFC 6275 11.4.1: a refusal leads to the next one too, but MUST wait
 * InitialBindackTimeoutFirstReg. */
static void a_refusal_leads_to_the_next_home_agent(void **state)
{
	struct home_world *w = start(DHAAD_CONF);
	uint64_t first_us;

	(void)state;
	w->script.agent_count = 2;
	w->script.status = MH_STATUS_RESOURCES;
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha BU", S);
	first_us = ladder_sent_us(w->L);
	ladder_expect(w->L, "ha -> mn BA status=130", S);
	w->script.status = 0;
	ladder_expect(w->L, "mn -> ha2 BU", 5 * S);
	assert_int_equal(ladder_sent_us(w->L) - first_us, 1500 * MS);
	ladder_run(w->L, S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* RFC 6275 11.7.3: what each status of 128 and more leads to. */
static void each_refusal_has_its_consequence(void **state)
{
	static const struct {
		uint8_t status;
		uint64_t retry_s; /* 0: never */
	} cases[] = {
		{ MH_STATUS_UNSPECIFIED, 32 },	      { MH_STATUS_PROHIBITED, 600 },
		{ MH_STATUS_RESOURCES, 32 },	      { MH_STATUS_NO_HOME_REGISTRATION, 600 },
		{ MH_STATUS_NOT_HOME_SUBNET, 600 },   { MH_STATUS_NOT_HOME_AGENT, 600 },
		{ MH_STATUS_DAD_FAILED, 0 },	      { MH_STATUS_TYPE_CHANGE, 32 },
		{ MH_STATUS_INVALID_PREFIX, 32 },     { MH_STATUS_FORWARDING_FAILED, 32 },
		{ MH_STATUS_INVALID_COA, 32 },	      { 255, 32 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct home_world *w = start(NULL);

		w->script.status = cases[i].status;
		home_world_go(w, AT_A);
		ladder_expect(w->L, "ha -> mn BA", S);
		ladder_run(w->L, 100 * MS);
		assert_int_equal(home_world_state(w), HOME_REFUSED);
		assert_true(box_has(w->mn, "route unreachable"));
		/* 11.7.1: after 134 the address MUST NOT be used */
		assert_int_equal(box_count(w->mn, KOBJ_ADDR),
				 cases[i].status != MH_STATUS_DAD_FAILED);
		w->script.status = 0;
		home_world_go(w, AT_B); /* changes nothing */
		if (cases[i].retry_s) {
			ladder_refuse(w->L, "mn -> ha BU", (cases[i].retry_s - 1) * S);
			ladder_expect(w->L, "mn -> ha BU", 2 * S);
		} else {
			ladder_refuse(w->L, "mn -> ha BU", 7200 * S);
			/* unless somebody has looked into it */
			ladder_reconfigure(w->mn, MN_CONF);
			ladder_expect(w->L, "ha -> mn BA status=0", S);
		}
		home_world_free(w);
	}
}

/* A renewal that is refused ends the use of the tunnel. */
static void a_refused_renewal_ends_the_registration(void **state)
{
	struct home_world *w = start_registered(NULL);

	(void)state;
	w->script.status = MH_STATUS_PROHIBITED;
	ladder_expect(w->L, "ha -> mn BA status=129", 60 * S);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(home_world_state(w), HOME_REFUSED);
	assert_true(box_has(w->mn, "route unreachable"));
	assert_int_equal(box_misuses(w->mn), 0);
	home_world_free(w);
}

/* RFC 6275 11.1: the registration ends when it is not renewed. */
static void an_unrenewed_registration_ends(void **state)
{
	struct home_world *w = start_registered(NULL);

	(void)state;
	w->script.silent = true;
	ladder_run(w->L, 55 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	ladder_run(w->L, 5 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERING);
	assert_true(box_has(w->mn, "route unreachable"));
	w->script.silent = false;
	ladder_run(w->L, 40 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* RFC 6275 11.7.1, 11.7.3: numbers repaired more than three times in a row wait for
 * the timer; an answer that knows our last number is about an older message. */
static void a_home_agent_cannot_make_us_send_without_end(void **state)
{
	struct home_world *w = start(NULL);
	unsigned int before;

	(void)state;
	w->script.status = MH_STATUS_SEQUENCE;
	w->script.wrong_seq = true;
	w->script.ba_seq = 77;
	home_world_go(w, AT_A);
	ladder_run(w->L, S);
	/* 11.8: MUST NOT be more than three within a second */
	assert_in_range(w->script.updates, 1, 3);
	ladder_run(w->L, 60 * S);
	before = w->script.updates;
	assert_in_range(before, 4, 12);
	w->script.status = 0;
	w->script.wrong_seq = false;
	ladder_run(w->L, 40 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	before = w->script.updates;
	home_world_say_ba(w, MH_STATUS_SEQUENCE, w->script.last_seq, 0);
	ladder_run(w->L, S);
	assert_int_equal(w->script.updates, before);
	home_world_free(w);
}

/* RFC 6275 11.8: MUST NOT send more than MAX_UPDATE_RATE in a second, however fast
 * the node moves; the last move is registered all the same. */
static void fast_moves_keep_to_the_rate(void **state)
{
	struct home_world *w = start_registered(NULL);
	unsigned int i, before = w->script.updates;

	(void)state;
	for (i = 0; i < 20; i++) {
		home_world_go(w, i % 2 ? AT_A : AT_B);
		ladder_run(w->L, 40 * MS);
	}
	assert_in_range(w->script.updates - before, 1, 3);
	home_world_go(w, AT_B);
	ladder_run(w->L, 2 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	assert_true(box_has(w->mn, "local " COA_B));
	assert_int_equal(box_misuses(w->mn), 0);
	home_world_free(w);
}

static void say_be(struct home_world *w, struct box *from, uint8_t status)
{
	struct mip6_path path = { .local = box_addr(from), .peer = ip6(COA_A) };
	struct mh_msg msg = { .type = MH_BE, .be = { .status = status, .home = w->hoa } };

	ladder_send_mh(from, &path, &msg);
	ladder_run(w->L, 100 * MS);
}

/* RFC 6275 11.3.6: from the home agent: SHOULD send a Binding Update; from others: MUST
 * be ignored. */
static void a_binding_error_of_the_home_agent_makes_it_register(void **state)
{
	struct home_world *w = start_registered(NULL);
	unsigned int before = w->script.updates;

	(void)state;
	say_be(w, w->ha2, MH_BE_UNKNOWN_BINDING);
	assert_int_equal(w->script.updates, before);
	say_be(w, w->ha, MH_BE_UNKNOWN_TYPE);
	assert_int_equal(w->script.updates, before);
	say_be(w, w->ha, MH_BE_UNKNOWN_BINDING);
	assert_int_equal(w->script.updates, before + 1);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	/* a flood of them is one question */
	w->script.silent = true;
	for (int i = 0; i < 9; i++)
		say_be(w, w->ha, MH_BE_UNKNOWN_BINDING);
	assert_int_equal(w->script.updates, before + 2);
	home_world_free(w);
}

/* RFC 6275 11.7.4: only from who is in the list. */
static void a_refresh_request_of_the_home_agent_is_followed(void **state)
{
	struct home_world *w = start_registered(NULL);
	struct mip6_path path = { .local = box_addr(w->ha),
				  .peer = ip6(COA_A),
				  .peer_home = w->hoa };
	struct mh_msg msg = { .type = MH_BRR };
	unsigned int before = w->script.updates;

	(void)state;
	ladder_send_mh(w->ha, &path, &msg);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(w->script.updates, before + 1);
	path.local = box_addr(w->ha2);
	ladder_send_mh(w->ha2, &path, &msg);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(w->script.updates, before + 1);
	home_world_free(w);
}

/* The home agent's machine without a home agent: what its kernel says comes by hand. */
static struct home_world *run_against_no_mobility(const char *conf)
{
	struct home_world *w = home_world_new(conf);

	w->script.silent = true;
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha BU", S);
	ladder_run(w->L, 10 * MS);
	return w;
}

/* A Parameter Problem of `from` about a Binding Update to `to` with that number. */
static void say_problem_of(struct home_world *w, uint8_t code, const char *from, const char *to,
			   uint16_t seq)
{
	const struct mip6_path path = { .local = ip6(from), .peer = ip6(COA_A) };
	struct icmp6_msg msg = { .type = ICMP6_MSG_PARAM_PROBLEM };
	uint8_t quoted[56] = { 0x60, 0, 0, 0, 0, 16, WIRE_PROTO_MH, 64 };
	struct in6_addr hoa = ip6(HOA), ha = ip6(to);

	memcpy(quoted + 8, &hoa, 16);
	memcpy(quoted + 24, &ha, 16);
	quoted[40 + 2] = MH_BU;
	quoted[40 + 6] = (uint8_t)(seq >> 8);
	quoted[40 + 7] = (uint8_t)seq;
	msg.error.code = code;
	msg.error.value = 6;
	msg.error.packet = quoted;
	msg.error.packet_len = sizeof(quoted);
	ladder_send_icmp6(w->ha, &path, &msg);
	ladder_run(w->L, 10 * MS);
}

/* The home agent's, about the last one. */
static void say_param_problem(struct home_world *w, uint8_t code)
{
	say_problem_of(w, code, HA, HA, home_world_addr(w)->bul->seq);
}

/* RFC 6275 11.3.5: SHOULD record that no more updates be sent there. */
static void a_node_without_mobility_is_left_alone(void **state)
{
	struct home_world *w = run_against_no_mobility(NULL);

	(void)state;
	say_param_problem(w, ICMP6_PARAM_NEXT_HEADER);
	assert_int_equal(home_world_state(w), HOME_REFUSED);
	ladder_refuse(w->L, "mn -> ha BU", 1900 * MS);
	home_world_free(w);

	/* MnDiscardHaParamProb: it is not believed */
	w = run_against_no_mobility(MN_CONF "MnDiscardHaParamProb enabled;\n");
	say_param_problem(w, ICMP6_PARAM_NEXT_HEADER);
	assert_int_equal(home_world_state(w), HOME_REGISTERING);
	home_world_free(w);

	/* code 2 SHOULD be logged and discarded */
	w = run_against_no_mobility(NULL);
	say_param_problem(w, ICMP6_PARAM_OPTION);
	assert_int_equal(home_world_state(w), HOME_REGISTERING);
	home_world_free(w);
}

/* RFC 6275 11.3.5: only "in response to" an update: what others say, or about others, or about
 * an update that was not sent, is nothing; so it is about a home agent that has answered before,
 * and about a deletion. */
static void errors_that_answer_nothing(void **state)
{
	struct home_world *w = run_against_no_mobility(NULL);
	uint16_t seq = home_world_addr(w)->bul->seq;

	(void)state;
	say_problem_of(w, ICMP6_PARAM_NEXT_HEADER, HA2, HA, seq);
	say_problem_of(w, ICMP6_PARAM_NEXT_HEADER, HA, HA2, seq);
	say_problem_of(w, ICMP6_PARAM_NEXT_HEADER, HA, HA, (uint16_t)(seq + 1));
	say_problem_of(w, ICMP6_PARAM_HEADER, HA, HA, seq);
	assert_int_equal(home_world_state(w), HOME_REGISTERING);
	assert_int_equal(home_of(box_mip6(w->mn))->bul.count[BUL_HOME], 1);
	w->script.silent = false;
	ladder_expect(w->L, "ha -> mn BA status=0", 2 * S);
	ladder_run(w->L, 100 * MS);
	w->script.silent = true;
	home_world_go(w, AT_B);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha BU coa=" COA_A, S);
	ladder_run(w->L, 10 * MS);
	say_param_problem(w, ICMP6_PARAM_NEXT_HEADER);
	assert_int_equal(home_world_state(w), HOME_REGISTERING);
	home_world_free(w);
}

/* RFC 6275 11.3.5: "after a period of time": soon at first, for a home agent may just be
 * starting; then ever later. */
static void a_starting_home_agent_is_asked_again_soon(void **state)
{
	struct home_world *w = run_against_no_mobility(NULL);
	uint64_t last_us, gap_s;

	(void)state;
	for (gap_s = 2; gap_s < 2000; gap_s *= 2) {
		last_us = ladder_now(w->L);
		say_param_problem(w, ICMP6_PARAM_NEXT_HEADER);
		ladder_expect(w->L, "mn -> ha BU", 610 * S);
		assert_in_range(ladder_sent_us(w->L) - last_us, (gap_s < 600 ? gap_s : 600) * S,
				(gap_s < 600 ? gap_s : 600) * S + 10 * MS);
	}
	w->script.silent = false;
	ladder_run(w->L, 5 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* HomeAgentName: the addresses of the name are tried in turn, as those of a reply to
 * discovery (RFC 6275 11.4.1); nobody is asked by discovery. */
static void a_home_agent_is_known_by_name(void **state)
{
	static const char conf[] =
		"NodeConfig MN; UseMnHaIPsec disabled; MnMaxHaBindingLife 60;"
		"MnMaxHaConsecutiveResends 1; MnHomeLink \"eth0\" { HomeAddress " HOA "/64;"
		"HomeAgentName \"ha.example.net\"; }";
	struct home_world *w = start(conf);

	(void)state;
	home_world_go(w, AT_A);
	ladder_run(w->L, S);
	assert_int_equal(home_world_state(w), HOME_SEEKING);
	/* nothing is known; it is asked for again, and again after a move */
	ladder_name(w->L, "ha.example.net", "ff02::1"); /* which no home agent has */
	home_world_go(w, NOWHERE);
	home_world_go(w, AT_B);
	ladder_run(w->L, S);
	assert_int_equal(home_world_state(w), HOME_SEEKING);
	assert_string_equal(home_world_addr(w)->ha_name, "ha.example.net");
	ladder_forget_names(w->L);
	ladder_name(w->L, "ha.example.net", "2001:db8::dead"); /* does not answer */
	ladder_name(w->L, "ha.example.net", HA);
	ladder_expect(w->L, "ha -> mn BA status=0", 30 * S);
	ladder_run(w->L, 3 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	assert_int_equal(ladder_count(w->L, "mn -> * DHAAD-REQ"), 0);
	/* another name after a reload: what it stands for is asked for */
	ladder_forget_names(w->L);
	ladder_name(w->L, "new.example.net", HA2);
	ladder_mark(w->L);
	ladder_reconfigure(w->mn, "NodeConfig MN; UseMnHaIPsec disabled; MnMaxHaBindingLife 60;"
				  "MnHomeLink \"eth0\" { HomeAddress " HOA "/64;"
				  "HomeAgentName \"new.example.net\"; }");
	ladder_expect(w->L, "ha2 -> mn BA status=0", 5 * S);
	/* an address comes before a name */
	ladder_reconfigure(w->mn, "NodeConfig MN; UseMnHaIPsec disabled; MnMaxHaBindingLife 60;"
				  "MnHomeLink \"eth0\" { HomeAddress " HOA "/64;"
				  "HomeAgentName \"new.example.net\"; HomeAgentAddress " HA "; }");
	ladder_expect(w->L, "ha -> mn BA status=0", 5 * S);
	ladder_run(w->L, 3 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	assert_null(home_world_addr(w)->ha_name);
	home_world_free(w);
}

/* HomeAgentName: moving on while the name is being looked up, and stopping meanwhile. */
static void a_name_may_be_asked_for_in_vain(void **state)
{
	static const char conf[] =
		"NodeConfig MN; UseMnHaIPsec disabled; MnHomeLink \"eth0\" { HomeAddress " HOA
		"/64; HomeAgentName \"ha.example.net\"; }";
	struct home_world *w = start(conf);
	int i;

	(void)state;
	ladder_name(w->L, "ha.example.net", HA);
	for (i = 0; i < 20; i++) {
		home_world_go(w, i % 2 ? AT_A : AT_B);
		ladder_run(w->L, 5 * MS);
	}
	assert_int_equal(home_world_state(w), HOME_SEEKING);
	ladder_stop(w->mn, ROLE_SHUTDOWN);
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_run(w->L, 5 * MS);
	ladder_crash(w->mn);
	ladder_start(w->mn);
	home_world_go(w, AT_B);
	ladder_run(w->L, 3 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* RFC 6275 11.7.3, 11.4.1: when all home agents that there are have refused, none is asked
 * again before that may help; neither is it asked who they are. */
static void refusing_home_agents_are_not_pestered(void **state)
{
	static const char by_name[] =
		"NodeConfig MN; UseMnHaIPsec disabled; MnHomeLink \"eth0\" { HomeAddress " HOA
		"/64; HomeAgentName \"ha.example.net\"; }";
	static const char *const confs[] = { DHAAD_CONF, by_name };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(confs) / sizeof(confs[0]); i++) {
		struct home_world *w = start(confs[i]);

		ladder_name(w->L, "ha.example.net", HA);
		w->script.agent_count = 1;
		w->script.status = MH_STATUS_PROHIBITED;
		home_world_go(w, AT_A);
		ladder_expect(w->L, "ha -> mn BA status=129", 3 * S);
		ladder_run(w->L, 500 * S);
		assert_int_equal(w->script.updates, 1);
		assert_in_range(ladder_count(w->L, "mn -> * DHAAD-REQ"), 0, 1);
		assert_int_equal(home_world_state(w), HOME_REFUSED);
		w->script.status = 0;
		ladder_run(w->L, 110 * S);
		assert_int_equal(home_world_state(w), HOME_REGISTERED);
		home_world_free(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_home_agent_is_discovered),
		cmocka_unit_test(a_home_agent_is_known_by_name),
		cmocka_unit_test(a_name_may_be_asked_for_in_vain),
		cmocka_unit_test(discovery_is_repeated_ever_slower),
		cmocka_unit_test(a_list_that_was_not_asked_for_is_ignored),
		cmocka_unit_test(the_next_home_agent_is_tried),
		cmocka_unit_test(the_only_home_agent_goes_on_being_asked),
		cmocka_unit_test(a_node_is_not_its_own_home_agent),
		cmocka_unit_test(a_refusal_leads_to_the_next_home_agent),
		cmocka_unit_test(refusing_home_agents_are_not_pestered),
		cmocka_unit_test(each_refusal_has_its_consequence),
		cmocka_unit_test(a_refused_renewal_ends_the_registration),
		cmocka_unit_test(an_unrenewed_registration_ends),
		cmocka_unit_test(a_home_agent_cannot_make_us_send_without_end),
		cmocka_unit_test(fast_moves_keep_to_the_rate),
		cmocka_unit_test(a_binding_error_of_the_home_agent_makes_it_register),
		cmocka_unit_test(a_refresh_request_of_the_home_agent_is_followed),
		cmocka_unit_test(a_node_without_mobility_is_left_alone),
		cmocka_unit_test(errors_that_answer_nothing),
		cmocka_unit_test(a_starting_home_agent_is_asked_again_soon),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
