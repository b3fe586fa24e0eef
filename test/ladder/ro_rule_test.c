// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Route optimization on the mobile node, rule by rule (RFC 6275 5.2.7, 5.2.9, 11.3.5,
 * 11.3.6, 11.6, 11.7.2 to 11.7.4, 11.8), with a correspondent by script.
 */
#include "test/ladder/ro_world.h"

#include <stdlib.h>
#include <string.h>

#include "mn/attach.h"
#include "mn/mn.h"
#include "wire/ext.h"

/* --- tests (11.6) --------------------------------------------------------------------- */

/* 11.8: each transmission of a test has a cookie of its own, and comes after twice the
 * time; the answer to the one before the last still counts, one to an older does not
 * (11.6.2). */
static void each_test_has_its_own_cookie(void **state)
{
	struct world *w = world_away(MN_CONF(""), NULL);
	struct script *s = script_of(w);

	(void)state;
	s->mute_coti = true;
	ladder_run(w->L, 3500 * MS); /* sent after 0, 1 and 3 s */
	assert_int_equal(s->cotis, 3);
	for (int i = 1; i < 3; i++)
		assert_memory_not_equal(s->cookies[i], s->cookies[i - 1], MH_COOKIE_LEN);
	assert_int_equal(s->hotis, 1);
	script_cot(s, s->cookies[0]);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(s->updates, 0);
	assert_int_equal(counter_of(w->mn, COUNT_RR_BAD_COOKIE), 1);
	script_cot(s, s->cookies[1]);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(s->updates, 1);
	assert_true(s->bu_authentic);
	world_down(w);
	free(s);
}

/* 11.6.2: either answer may come first; one that comes twice, or is forged, changes
 * nothing. */
static void answers_come_in_any_order(void **state)
{
	for (int order = 0; order < 2; order++) {
		struct world *w = world_away(MN_CONF(""), NULL);
		struct script *s = script_of(w);
		uint8_t forged[MH_COOKIE_LEN] = { 0 };

		(void)state;
		s->mute_hoti = s->mute_coti = true;
		ladder_expect(w->L, "mn -> cn CoTI", 3 * S);
		ladder_run(w->L, 50 * MS);
		script_hot(s, forged);
		script_cot(s, forged);
		for (int i = 0; i < 2; i++) {
			ladder_run(w->L, 50 * MS);
			assert_int_equal(s->updates, 0);
			if (order == i)
				script_hot(s, s->hoti.hoti.cookie);
			else
				script_cot(s, s->coti.coti.cookie);
		}
		ladder_run(w->L, 100 * MS);
		assert_int_equal(s->updates, 1);
		assert_true(s->bu_authentic);
		s->careof_token[0] ^= 1;
		script_cot(s, s->coti.coti.cookie);
		ladder_run(w->L, 100 * MS);
		assert_int_equal(s->updates, 1);
		world_down(w);
		free(s);
	}
}

/* 11.6.2: MUST have been received in a tunnel from the home agent. */
static void a_home_test_comes_through_the_tunnel(void **state)
{
	struct world *w = world_away(MN_CONF(""), NULL);
	struct script *s = script_of(w);
	struct mh_msg hot = { .type = MH_HOT, .hot = { .nonce_index = 1 } };
	uint8_t buf[MH_LEN_MAX];
	struct mip6_packet p = { .proto = KPROTO_MH, .data = buf };
	int len;

	(void)state;
	s->mute_hoti = true;
	ladder_expect(w->L, "mn -> cn HoTI", 3 * S);
	ladder_run(w->L, 50 * MS);
	memcpy(hot.hot.cookie, s->hoti.hoti.cookie, sizeof(hot.hot.cookie));
	len = mh_encode(&hot, &w->cn_addr, &w->hoa, buf, sizeof(buf));
	p.len = (size_t)len;
	p.path = (struct mip6_path){ .local = w->hoa, .peer = w->cn_addr };
	p.path.ifindex = link_find_name(&box_mip6(w->mn)->links, "eth0")->l.ifindex;
	mip6_on_packet(box_mip6(w->mn), &p);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(s->updates, 0);
	p.path.ifindex = link_find_name(&box_mip6(w->mn)->links, HOME_TUNNEL "0")->l.ifindex;
	mip6_on_packet(box_mip6(w->mn), &p);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(s->updates, 1);
	world_down(w);
	free(s);
}

/* 5.2.7: a home token serves at a move until MAX_TOKEN_LIFETIME, and not longer. */
static void a_home_token_serves_until_its_end(void **state)
{
	static const struct {
		uint64_t age_s;
		unsigned int hotis;
	} cases[] = { { 195, 0 }, { 207, 1 } };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct world *w = world_away(MN_CONF(""), NULL);
		struct script *s = script_of(w);
		unsigned int hotis;

		ladder_run(w->L, S);
		ladder_stream_end(w->pings);
		ladder_run(w->L, cases[i].age_s * S - S);
		hotis = s->hotis;
		assert_int_equal(hotis, 1);
		world_go(w, 2);
		ladder_run(w->L, 2 * S);
		assert_int_equal(s->hotis - hotis, cases[i].hotis);
		assert_true(s->updates == 2 && s->bu_authentic);
		world_down(w);
		free(s);
	}
}

/* 5.2.9, 11.8: after MAX_RO_FAILURE unanswered attempts everything goes by the home agent;
 * who remains silent is left alone for a while, then longer. */
static void silence_leads_back_to_the_tunnel(void **state)
{
	struct world *w = world_away(MN_CONF(""), NULL);
	struct script *s = script_of(w);
	unsigned int cotis;

	(void)state;
	world_until_bound(w);
	cotis = s->cotis;
	s->mute_hoti = s->mute_coti = true;
	ladder_mark(w->L);
	ladder_expect(w->L, "mn -> cn CoTI", 210 * S);
	ladder_run(w->L, 6 * S);
	assert_true(peer_of(w)->installed);
	ladder_run(w->L, 2 * S); /* 1 + 2 + 4 */
	assert_false(peer_of(w)->installed);
	ladder_run(w->L, 30 * S);
	assert_int_equal(peer_of(w)->state, RO_QUIET);
	assert_int_equal(s->cotis - cotis, 5);
	ladder_refuse(w->L, "mn -> cn CoTI", 40 * S);
	ladder_mark(w->L);
	ladder_expect(w->L, "mn -> cn CoTI", 30 * S);
	ladder_run(w->L, 35 * S);
	assert_int_equal(peer_of(w)->state, RO_QUIET);
	ladder_refuse(w->L, "mn -> cn CoTI", 100 * S);
	world_down(w);
	free(s);
}

/* --- updates (11.7.2) ----------------------------------------------------------------- */

/* 11.7.2: an update leaves after the home agent has acknowledged the care-of address. */
static void the_home_agent_comes_first(void **state)
{
	struct world *w = world_away(MN_CONF(""), NULL);
	struct script *s = script_of(w);
	const struct quality none = { .loss_ppm = 1000000 }, good = { .latency_us = 100 };
	unsigned int updates;

	(void)state;
	world_until_bound(w);
	ladder_run(w->L, 5 * S);
	updates = s->updates;
	ladder_quality(w->links[0], &none);
	world_go(w, 2);
	ladder_run(w->L, 5 * S);
	assert_true(s->cotis >= 2);
	assert_int_equal(s->updates, updates);
	assert_false(peer_of(w)->installed);
	ladder_quality(w->links[0], &good);
	ladder_mark(w->L);
	ladder_expect(w->L, "ha -> mn BA status=*", 60 * S);
	ladder_expect(w->L, "mn -> cn BU", 3 * S);
	ladder_run(w->L, 100 * MS);
	assert_true(s->bu_authentic);
	world_down(w);
	free(s);
}

/* 11.7.2: no longer than what is left of the home registration. */
static void the_home_registration_bounds_the_lifetime(void **state)
{
	struct world *w = world_away(MN_CONF("MnMaxHaBindingLife 100;"), NULL);
	struct script *s = script_of(w);

	(void)state;
	ladder_expect(w->L, "mn -> cn BU life=92", 4 * S);
	world_down(w);
	free(s);
}

/* 11.8: MUST NOT send more than MAX_UPDATE_RATE updates to a node in a second. */
static void updates_keep_to_the_rate(void **state)
{
	struct world *w = world_away(MN_CONF("UseCnBuAck enabled;"), NULL);
	struct script *s = script_of(w);

	(void)state;
	s->ba_status = MH_STATUS_SEQUENCE;
	ladder_expect(w->L, "mn -> cn BU", 3 * S);
	ladder_run(w->L, 990 * MS);
	assert_in_range(s->updates, 2, 3);
	ladder_run(w->L, 3 * S);
	assert_true(s->updates > 3);
	world_down(w);
	free(s);
}

/* 11.7.3: what is granted counts; before its end a renewal that nobody answers does not
 * keep the direct path. */
static void the_direct_path_ends_with_the_binding(void **state)
{
	struct world *w = world_away(MN_CONF("UseCnBuAck enabled; MnMaxCnBindingLife 20;"), NULL);
	struct script *s = script_of(w);
	uint64_t end_us;

	(void)state;
	world_until_bound(w);
	end_us = peer_of(w)->bul->valid_until_us;
	s->mute_hoti = s->mute_coti = true;
	ladder_run(w->L, end_us - ladder_now(w->L) - 1500 * MS);
	assert_true(s->cotis >= 2);
	assert_true(peer_of(w)->installed);
	ladder_run(w->L, 1500 * MS - 1);
	assert_false(peer_of(w)->installed);
	world_down(w);
	free(s);
}

/* 11.7.3: a Binding Refresh Advice of a correspondent MUST be ignored. */
static void refresh_advice_of_a_correspondent_is_ignored(void **state)
{
	struct world *w = world_away(MN_CONF("UseCnBuAck enabled;"), NULL);
	struct script *s = script_of(w);
	unsigned int updates;

	(void)state;
	s->refresh_s = 8;
	world_until_bound(w);
	updates = s->updates;
	ladder_run(w->L, 100 * S);
	assert_int_equal(s->updates, updates);
	assert_true(peer_of(w)->installed);
	world_down(w);
	free(s);
}

/* --- Binding Errors (11.3.6), Binding Refresh Requests (11.7.4) ----------------------- */

static void binding_errors_count_where_they_fit(void **state)
{
	struct world *w = world_away(MN_CONF(""), NULL);
	struct script *s = script_of(w);
	const struct ro_peer *p;
	struct addr_buf coa_text;
	const char *coa;
	unsigned int cotis;

	(void)state;
	world_until_bound(w);
	p = peer_of(w);
	coa = addr_text(&p->coa, &coa_text);
	ladder_run(w->L, 10 * S);
	cotis = s->cotis;
	/* Status 2 where no answer is expected: SHOULD be ignored. Another home address:
	 * none of ours. */
	script_be(s, MH_BE_UNKNOWN_TYPE, HOA, coa);
	script_be(s, MH_BE_UNKNOWN_BINDING, "2001:db8::77", coa);
	ladder_run(w->L, S);
	assert_true(p->installed && p->state == RO_BOUND);
	assert_int_equal(s->cotis, cotis);
	/* Status 1: MUST go by the home agent. */
	s->mute_coti = true;
	script_be(s, MH_BE_UNKNOWN_BINDING, HOA, coa);
	ladder_run(w->L, 100 * MS);
	assert_false(p->installed);
	assert_int_equal(s->cotis, cotis + 1);
	/* Status 2 about a test, which has no Home Address option. */
	script_be(s, MH_BE_UNKNOWN_TYPE, "::", coa);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(p->state, RO_QUIET);
	world_down(w);
	free(s);
}

static void refresh_requests_are_followed(void **state)
{
	struct world *w = world_away(MN_CONF(""), NULL);
	struct script *s = script_of(w);
	struct mh_msg brr = { .type = MH_BRR };
	struct mip6_path path = { .local = w->cn_addr, .peer_home = w->hoa };
	struct mip6_path stranger = { .local = ip6("2001:db8:2::77"), .peer_home = w->hoa };
	unsigned int cotis, updates;

	(void)state;
	world_until_bound(w);
	path.peer = stranger.peer = peer_of(w)->coa;
	cotis = s->cotis;
	updates = s->updates;
	ladder_send_mh(w->cn, &path, &brr); /* right after an update: nothing to refresh */
	ladder_run(w->L, 10 * S);
	/* Not in the list: not answered. */
	ladder_send_mh(w->cn, &stranger, &brr);
	ladder_run(w->L, S);
	assert_int_equal(s->cotis, cotis);
	ladder_send_mh(w->cn, &path, &brr);
	ladder_run(w->L, S);
	assert_int_equal(s->cotis, cotis + 1);
	assert_int_equal(s->updates, updates + 1);
	assert_true(s->bu_authentic && peer_of(w)->installed);
	world_down(w);
	free(s);
}

/* --- ICMPv6 errors (11.3.5, RFC 4443) ------------------------------------------------- */

struct error_case {
	enum icmp6_type type;
	uint8_t code;
	bool mh;	 /* quotes a Care-of Test Init, else data with the option */
	uint32_t value;
	const char *from;
	enum ro_state leads_to;
};

static void send_error(struct world *w, const struct error_case *c)
{
	const struct in6_addr *coa = &attach_current(box_mip6(w->mn))->coa;
	struct mh_msg coti = { .type = MH_COTI };
	uint8_t mh[MH_LEN_MAX], data[128];
	struct icmp6_msg m = { .type = c->type };
	struct mip6_path path = { .local = ip6(c->from), .peer = *coa };
	int len = mh_encode(&coti, coa, &w->cn_addr, mh, sizeof(mh));
	uint8_t proto = c->mh ? WIRE_PROTO_MH : 17;
	struct packet *q = packet_new(coa, &w->cn_addr, proto, mh, (size_t)len);

	q->has_hao = !c->mh;
	q->hao = w->hoa;
	m.error.code = c->code;
	m.error.value = c->value;
	m.error.packet = data;
	m.error.packet_len = packet_bytes(q, data, sizeof(data));
	packet_free(q);
	ladder_send_icmp6(w->cn, &path, &m);
}

/* A bound peer, and one that is tested: what each error does to them. */
static void icmp6_errors_are_judged(void **state)
{
	static const struct error_case cases[] = {
		/* the port is closed: the packet has arrived */
		{ ICMP6_MSG_UNREACHABLE, ICMP6_UNREACH_PORT, false, 0, CN, RO_BOUND },
		{ ICMP6_MSG_UNREACHABLE, 77, false, 0, CN, RO_BOUND },
		{ ICMP6_MSG_UNREACHABLE, ICMP6_UNREACH_ROUTE, false, 0, "2001:db8:2::1", RO_QUIET },
		{ ICMP6_MSG_UNREACHABLE, ICMP6_UNREACH_PROHIBITED, false, 0, "2001:db8:2::1",
		  RO_QUIET },
		{ ICMP6_MSG_UNREACHABLE, ICMP6_UNREACH_REJECTED, false, 0, "2001:db8:2::1",
		  RO_QUIET },
		/* the option is not known: logged and discarded */
		{ ICMP6_MSG_PARAM_PROBLEM, ICMP6_PARAM_OPTION, false, 46, CN, RO_BOUND },
		{ ICMP6_MSG_TIME_EXCEEDED, 0, false, 0, "2001:db8:2::1", RO_BOUND },
		/* no Mobility Header: but nothing was asked */
		{ ICMP6_MSG_PARAM_PROBLEM, ICMP6_PARAM_NEXT_HEADER, true, 6, CN, RO_BOUND },
		/* ... and here something was; from the peer, with the right pointer only */
		{ ICMP6_MSG_PARAM_PROBLEM, ICMP6_PARAM_NEXT_HEADER, true, 7, CN, RO_TESTING },
		{ ICMP6_MSG_PARAM_PROBLEM, ICMP6_PARAM_NEXT_HEADER, true, 4000, CN, RO_TESTING },
		{ ICMP6_MSG_PARAM_PROBLEM, ICMP6_PARAM_HEADER, true, 6, CN, RO_TESTING },
		{ ICMP6_MSG_PARAM_PROBLEM, ICMP6_PARAM_NEXT_HEADER, true, 6, "2001:db8:2::77",
		  RO_TESTING },
		{ ICMP6_MSG_UNREACHABLE, ICMP6_UNREACH_ROUTE, true, 0, "2001:db8:2::1",
		  RO_TESTING },
		{ ICMP6_MSG_PARAM_PROBLEM, ICMP6_PARAM_NEXT_HEADER, true, 6, CN, RO_QUIET },
	};
	const size_t testing_from = 8;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world *w = world_away(MN_CONF(""), NULL);
		struct script *s = script_of(w);

		s->mute_coti = i >= testing_from;
		ladder_run(w->L, 500 * MS);
		assert_int_equal(peer_of(w)->state, i >= testing_from ? RO_TESTING : RO_BOUND);
		send_error(w, &cases[i]);
		ladder_run(w->L, 20 * MS);
		if (peer_of(w)->state != cases[i].leads_to)
			ladder_fail(w->L, __FILE__, __LINE__, "error %zu leads to %s", i,
				    ro_state_name(peer_of(w)->state));
		assert_int_equal(peer_of(w)->installed, cases[i].leads_to == RO_BOUND);
		world_down(w);
		free(s);
	}
}

/* 11.3.5: MUST NOT make entries because of errors. */
static void an_error_makes_no_entry(void **state)
{
	struct world *w = world_build(MN_CONF("DoRouteOptimizationMN disabled;"), NULL);
	const struct error_case c = { ICMP6_MSG_PARAM_PROBLEM, ICMP6_PARAM_NEXT_HEADER, true, 6, CN,
				      RO_QUIET };

	(void)state;
	world_go(w, 1);
	ladder_run(w->L, 4 * S);
	send_error(w, &c);
	ladder_run(w->L, S);
	assert_null(peer_of(w));
	world_down(w);
}

/* --- the kernel, policy --------------------------------------------------------------- */

/* Somebody removes an object of the direct path: it is put again. */
static void what_is_removed_is_put_again(void **state)
{
	struct world *w = world_away(MN_CONF(""), CN_CONF);
	size_t policies, states;

	(void)state;
	world_until_bound(w);
	ladder_run(w->L, S);
	policies = box_count(w->mn, KOBJ_XFRM_POLICY);
	states = box_count(w->mn, KOBJ_XFRM_STATE);
	box_lose(w->mn, "dst " CN "/128");
	assert_int_equal(box_count(w->mn, KOBJ_XFRM_POLICY), policies - 1);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(box_count(w->mn, KOBJ_XFRM_POLICY), policies);
	assert_int_equal(box_count(w->mn, KOBJ_XFRM_STATE), states);
	assert_true(ladder_stream_result(w->pings).last_optimized);
	world_down(w);
}

/* MnRoPolicy by prefix; what a new configuration does not want any more ends, and the
 * peer is told (11.7.2). */
static void policy_goes_by_prefix(void **state)
{
	static const char block[] =
		"NodeConfig MN; UseMnHaIPsec disabled; CoaDad none; InterfaceInitialInitDelay 0.0;"
		"Interface \"eth0\"; DoRouteOptimizationMN disabled; MnHomeLink \"eth0\" {"
		"HomeAddress " HOA "/64; HomeAgentAddress " HA ";"
		"MnRoPolicy 2001:db8:2::/48 enabled; MnRoPolicy " CN " %s; }";
	char allow[512], forbid[512];
	struct world *w;

	(void)state;
	snprintf(allow, sizeof(allow), block, "enabled");
	snprintf(forbid, sizeof(forbid), block, "disabled");
	w = world_away(allow, CN_CONF);
	world_until_bound(w);
	ladder_run(w->L, S);
	ladder_mark(w->L);
	ladder_reconfigure(w->mn, forbid);
	ladder_expect(w->L, "mn -> cn BU life=0", S);
	ladder_run(w->L, S);
	assert_null(peer_of(w));
	assert_int_equal(bindings(w), 0);
	ladder_refuse(w->L, "mn -> cn CoTI", 5 * S);
	assert_false(ladder_stream_result(w->pings).last_optimized);
	world_down(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_test_has_its_own_cookie),
		cmocka_unit_test(answers_come_in_any_order),
		cmocka_unit_test(a_home_test_comes_through_the_tunnel),
		cmocka_unit_test(a_home_token_serves_until_its_end),
		cmocka_unit_test(silence_leads_back_to_the_tunnel),
		cmocka_unit_test(the_home_agent_comes_first),
		cmocka_unit_test(the_home_registration_bounds_the_lifetime),
		cmocka_unit_test(updates_keep_to_the_rate),
		cmocka_unit_test(the_direct_path_ends_with_the_binding),
		cmocka_unit_test(refresh_advice_of_a_correspondent_is_ignored),
		cmocka_unit_test(binding_errors_count_where_they_fit),
		cmocka_unit_test(refresh_requests_are_followed),
		cmocka_unit_test(icmp6_errors_are_judged),
		cmocka_unit_test(an_error_makes_no_entry),
		cmocka_unit_test(what_is_removed_is_put_again),
		cmocka_unit_test(policy_goes_by_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
