// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mobile prefix discovery (RFC 6275 11.4.2, 11.4.3, 11.8) as the mobile node does it.
 */
#include "test/ladder/home_world.h"

#define DAY 86400

static struct home_world *start(const char *conf)
{
	struct home_world *w = home_world_new(conf);

	w->script.prefix_count = 1;
	w->script.prefix[0] = home_world_prefix("2001:db8::/64", DAY, 3600);
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn BA status=*", S);
	return w;
}

/* RFC 6275 11.4.2: with the Home Address option and a random identifier. */
static void the_first_registration_asks_for_prefixes(void **state)
{
	struct home_world *w = start(NULL);

	(void)state;
	ladder_expect(w->L, "mn -> ha MPS hao=" HOA " src=" COA_A, S);
	ladder_expect(w->L, "ha -> mn MPA prefixes=1 rh2=" HOA, S);
	ladder_refuse(w->L, "mn -> ha MPS", 1700 * S);
	/* each prefix has an end, so it asks again before */
	ladder_expect(w->L, "mn -> ha MPS", 200 * S);
	home_world_free(w);
}

/* RFC 6275 11.8: INITIAL_SOLICIT_TIMER, doubled, until 32 s. */
static void an_unanswered_solicitation_is_repeated(void **state)
{
	struct home_world *w = home_world_new(MN_CONF "InitialSolicitTimer 2.0;\n");
	static const uint64_t gaps_s[] = { 2, 4, 8, 16 };
	uint64_t last_us;
	uint16_t id;
	size_t i;

	(void)state;
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha MPS", S);
	last_us = ladder_sent_us(w->L);
	for (i = 0; i < 4; i++) {
		ladder_run(w->L, 100 * MS);
		id = w->script.last_id;
		ladder_expect(w->L, "mn -> ha MPS", 40 * S);
		assert_int_equal(ladder_sent_us(w->L) - last_us, gaps_s[i] * S);
		last_us = ladder_sent_us(w->L);
		ladder_run(w->L, 100 * MS);
		assert_int_not_equal(w->script.last_id, id);
	}
	ladder_refuse(w->L, "mn -> ha MPS", 600 * S);
	home_world_free(w);
}

/* SendMobPfxSols */
static void it_may_be_forbidden_to_ask(void **state)
{
	struct home_world *w = start(MN_CONF "SendMobPfxSols disabled;\n");
	unsigned int before;

	(void)state;
	ladder_refuse(w->L, "mn -> ha MPS", 600 * S);
	/* then status 1 cannot keep it from registering again in time */
	w->script.status = MH_STATUS_PREFIX_DISCOVERY;
	ladder_run(w->L, 100 * S);
	before = w->script.updates;
	ladder_run(w->L, 480 * S); /* each is renewed after 48 s, not when its 60 are over */
	assert_int_equal(w->script.updates, before + 10);
	home_world_free(w);
}

/* RFC 6275 11.7.1, 11.7.3: status 1: asks, and does not register again before. */
static void prefixes_may_be_needed_first(void **state)
{
	struct home_world *w = home_world_new(MN_CONF "InitialSolicitTimer 26.0;\n");

	(void)state;
	w->script.status = MH_STATUS_PREFIX_DISCOVERY;
	w->script.prefix_count = 1;
	w->script.prefix[0] = home_world_prefix("2001:db8::/64", 30 * DAY, 7 * DAY);
	w->script.mpa_silent = true;
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha BU", S);
	ladder_expect(w->L, "mn -> ha MPS", S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	ladder_refuse(w->L, "mn -> ha BU", 57 * S);
	w->script.mpa_silent = false;
	ladder_expect(w->L, "ha -> mn MPA", 2 * S);
	ladder_expect(w->L, "mn -> ha BU", 100 * MS);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* RFC 6275 11.4.3: unsolicited ones MUST be discarded, and answered with a question. */
static void an_unsolicited_advertisement_leads_to_a_question(void **state)
{
	struct home_world *w = start(NULL);

	(void)state;
	ladder_expect(w->L, "ha -> mn MPA", S);
	ladder_run(w->L, 100 * MS);
	w->script.prefix[0] = home_world_prefix("2001:db8:9::/64", 30 * DAY, 7 * DAY);
	w->script.mpa_silent = true;
	home_world_say_mpa(w, 0x1234);
	ladder_expect(w->L, "mn -> ha MPS", S);
	assert_int_equal(box_count(w->mn, KOBJ_ADDR), 1);
	/* an old identifier is no answer either: "no other has yet been received" */
	home_world_say_mpa(w, (uint16_t)(w->script.last_id - 1));
	ladder_run(w->L, S);
	assert_int_equal(box_count(w->mn, KOBJ_ADDR), 1);
	home_world_free(w);
}

/* RFC 6275 11.4.3: from the home agent of the registration only, with a type 2 routing
 * header. */
static void advertisements_of_others_are_discarded(void **state)
{
	struct home_world *w = start(NULL);
	struct icmp6_msg msg = { .type = ICMP6_MSG_MPA };
	struct mip6_path path = { .local = ip6(HA2),
				  .peer = ip6(COA_A),
				  .peer_home = ip6(HOA) };

	(void)state;
	ladder_expect(w->L, "ha -> mn MPA", S);
	msg.mpa.count = 1;
	msg.mpa.prefix[0] = home_world_prefix("2001:db8:9::/64", 30 * DAY, 7 * DAY);
	ladder_send_icmp6(w->ha2, &path, &msg);
	path.local = ip6(HA);
	path.peer_home = (struct in6_addr){ 0 };
	ladder_send_icmp6(w->ha, &path, &msg);
	ladder_refuse(w->L, "mn -> * MPS", S);
	assert_int_equal(box_count(w->mn, KOBJ_ADDR), 1);
	home_world_free(w);
}

/* RFC 6275 11.4.3: a prefix that is new leads to a new home address, which is
 * registered too; 11.4.2: the old one ends with its prefix. */
static void the_home_network_is_renumbered(void **state)
{
	struct home_world *w = home_world_new(NULL);
	const struct in6_addr hoa2 = ip6("2001:db8:9::99");

	(void)state;
	w->script.prefix_count = 2;
	w->script.prefix[0] = home_world_prefix("2001:db8::/64", 4 * 3600, 3600);
	w->script.prefix[1] = home_world_prefix("2001:db8:9::/64", 30 * DAY, 7 * DAY);
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn MPA prefixes=2", S);
	ladder_expect(w->L, "mn -> ha BU flags=AH hao=2001:db8:9::99 coa=" COA_A, S);
	ladder_run(w->L, S);
	assert_int_equal(home_find(box_mip6(w->mn), &hoa2)->state, HOME_REGISTERED);
	assert_int_equal(box_count(w->mn, KOBJ_ADDR), 2);
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 1);
	/* The old prefix is not renewed any more. */
	w->script.prefix_count = 1;
	w->script.prefix[0] = w->script.prefix[1];
	ladder_run(w->L, 2 * 3600 * S);
	assert_true(home_world_addr(w)->deprecated);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	ladder_run(w->L, 3 * 3600 * S);
	assert_int_equal(home_world_state(w), HOME_REFUSED);
	assert_true(home_world_addr(w)->invalid);
	assert_int_equal(box_count(w->mn, KOBJ_ADDR), 1);
	assert_int_equal(home_find(box_mip6(w->mn), &hoa2)->state, HOME_REGISTERED);
	/* 11.4.2: no longer used, nor from another place */
	ladder_mark(w->L);
	home_world_go(w, AT_B);
	ladder_expect(w->L, "ha -> mn BA status=0 rh2=2001:db8:9::99", S);
	ladder_refuse(w->L, "mn -> ha BU hao=" HOA, 600 * S);
	assert_int_equal(ladder_count(w->L, "mn -> ha BU hao=" HOA " coa=" COA_B), 0);
	assert_int_equal(box_misuses(w->mn), 0);
	home_world_free(w);
}

/* What was learned is known after a restart: home addresses, and how long they last; and one
 * that had ended does not come back. */
static void what_was_learned_survives_a_restart(void **state)
{
	struct home_world *w = home_world_new(NULL);
	const struct in6_addr hoa2 = ip6("2001:db8:9::99");
	struct home_addr *h;

	(void)state;
	w->script.prefix_count = 2;
	w->script.prefix[0] = home_world_prefix("2001:db8::/64", 30 * DAY, 7 * DAY);
	w->script.prefix[1] = home_world_prefix("2001:db8:9::/64", 9000, 8000);
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn BA status=0 rh2=2001:db8:9::99", S);
	ladder_run(w->L, S);
	w->script.mpa_silent = true;
	ladder_crash(w->mn);
	ladder_start(w->mn);
	home_world_go(w, AT_B);
	ladder_run(w->L, 2 * S);
	h = home_find(box_mip6(w->mn), &hoa2);
	assert_non_null(h);
	assert_int_equal(h->state, HOME_REGISTERED);
	assert_in_range(h->valid_until_us - ladder_now(w->L), 8990 * S, 9000 * S);
	assert_int_equal(home_world_addr(w)->valid_until_us / S, (1000 + 30 * DAY));
	ladder_run(w->L, 9000 * S);
	assert_null(home_find(box_mip6(w->mn), &hoa2));
	ladder_crash(w->mn);
	ladder_start(w->mn);
	assert_null(home_find(box_mip6(w->mn), &hoa2));
	home_world_free(w);
}

/* RFC 4862 5.5.3 a to d: prefixes that make no home address, and that tell nothing of one. */
static void prefixes_that_make_no_address(void **state)
{
	struct home_world *w = home_world_new(NULL);
	static const char *const prefixes[] = { "fe80::/64", "2001:db8:9::/48", "ff05::/64",
						"2001:db8:7::/64", "2001:db8:8::/64" };
	struct icmp6_msg mpa = { .type = ICMP6_MSG_MPA };
	const struct mip6_packet p = { .proto = KPROTO_ICMP6,
				       .path = { .local_home = ip6(HOA), .peer = ip6(HA) } };

	(void)state;
	w->script.prefix_count = 1;
	ladder_start(w->mn);
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		w->script.prefix[0] = home_world_prefix(prefixes[i], DAY, i == 3 ? 0 : 3600);
		w->script.prefix[0].autonomous = i != 4;
		home_world_go(w, i % 2 ? AT_A : AT_B);
		ladder_expect(w->L, "ha -> mn BA status=0", S);
		ladder_run(w->L, 100 * MS);
		home_world_say_mpa(w, 1);
		ladder_expect(w->L, "ha -> mn MPA", S);
		ladder_run(w->L, 4000 * S);
		assert_int_equal(box_count(w->mn, KOBJ_ADDR), 1);
	}
	/* a preferred lifetime beyond the valid one, which no builder makes */
	mpa.mpa.count = 1;
	mpa.mpa.prefix[0] = home_world_prefix("2001:db8::/64", 9000, 9001);
	mpa.mpa.id = home_world_addr(w)->mps_id;
	home_world_addr(w)->soliciting = true;
	mip6_turn(box_mip6(w->mn), ladder_now(w->L));
	assert_int_equal(home_on_mpa(box_mip6(w->mn), &p, &mpa), ROLE_TAKEN);
	assert_false(home_world_addr(w)->soliciting);
	assert_int_equal(home_world_addr(w)->valid_until_us, TIME_NEVER);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* RFC 6275 11.4.2: a home address that ends earlier than was thought is registered for what is
 * left. */
static void a_binding_ends_with_its_address(void **state)
{
	struct home_world *w = home_world_new("NodeConfig MN; UseMnHaIPsec disabled;" HOME_BLOCK);
	uint64_t ends_us;

	(void)state;
	w->script.prefix_count = 1;
	w->script.prefix[0] = home_world_prefix("2001:db8::/64", 4 * DAY, 2 * DAY);
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha BU life=262140", S);
	ladder_expect(w->L, "ha -> mn MPA", S);
	ladder_refuse(w->L, "mn -> ha BU", 60 * S);
	w->script.prefix[0] = home_world_prefix("2001:db8::/64", 600, 0);
	home_world_say_mpa(w, 1); /* it asks why */
	ladder_expect(w->L, "ha -> mn MPA", S);
	ladder_expect(w->L, "mn -> ha BU life=7200", S);
	ladder_expect(w->L, "ha -> mn BA status=0", S);
	ends_us = home_world_addr(w)->valid_until_us;
	ladder_run(w->L, 100 * S);
	assert_true(home_world_addr(w)->bul->may_last_us <= ends_us);
	assert_in_range(ladder_count(w->L, "mn -> ha BU"), 2, 3);
	home_world_free(w);
}

/* RFC 4862 5.5.3 e: a lifetime is not cut below two hours. RFC 6275 11.7.1: a binding
 * does not outlive the address. */
static void lifetimes_are_cut_with_care(void **state)
{
	struct home_world *w = home_world_new(NULL);
	uint64_t left_us;

	(void)state;
	w->script.prefix_count = 1;
	w->script.prefix[0] = home_world_prefix("2001:db8::/64", 60, 0);
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn MPA", S);
	ladder_run(w->L, S);
	left_us = home_world_addr(w)->valid_until_us - ladder_now(w->L);
	assert_in_range(left_us, 7190 * S, 7200 * S);
	assert_true(home_world_addr(w)->deprecated);
	w->script.mpa_silent = true;
	ladder_run(w->L, 7170 * S);
	assert_true(w->script.last_lifetime_s < 60);
	ladder_run(w->L, 40 * S);
	assert_int_equal(home_world_state(w), HOME_REFUSED);
	home_world_free(w);
}

/* RFC 4862 5.5.3: at home it is the routers of the link that say how long an address lasts;
 * nobody needs to be asked, and nothing is interrupted. */
static void at_home_the_link_tells(void **state)
{
	struct home_world *w = home_world_new(NULL);
	struct nd_prefix_info info = home_world_prefix("2001:db8::/64", 9000, 8000);
	struct box *mn = w->mn;
	uint32_t eth0;

	(void)state;
	w->script.prefix_count = 1;
	w->script.prefix[0] = info;
	ladder_start(mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn MPA", S);
	ladder_run(w->L, S);
	home_world_go(w, HOME);
	ladder_run(w->L, 5 * S);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	eth0 = box_iface_name(mn, "eth0")->ifindex;
	for (int i = 0; i < 20; i++) {
		ladder_run(w->L, 1000 * S);
		mip6_turn(box_mip6(mn), ladder_now(w->L));
		home_on_prefix(box_mip6(mn), eth0 + 1, &info); /* another link */
		home_on_prefix(box_mip6(mn), eth0, &info);
		assert_int_equal(home_world_state(w), HOME_AT_HOME);
		assert_false(home_world_addr(w)->deprecated);
	}
	/* the home network is being renumbered */
	info.preferred_s = 0;
	home_on_prefix(box_mip6(mn), eth0, &info);
	assert_true(home_world_addr(w)->deprecated);
	home_world_free(w);

	/* an address of which nothing was ever said does not end */
	w = home_world_new(NULL);
	ladder_start(w->mn);
	home_world_go(w, HOME);
	ladder_run(w->L, 5 * S);
	home_on_prefix(box_mip6(w->mn), box_iface_name(w->mn, "eth0")->ifindex, &info);
	assert_int_equal(home_world_addr(w)->valid_until_us, TIME_NEVER);
	home_world_free(w);
}

/* Whatever a home agent advertises, the home addresses that come of it are few. */
static void a_flood_of_prefixes_makes_few_addresses(void **state)
{
	struct home_world *w = home_world_new(NULL);
	const struct home_addr *h;
	size_t count = 0;

	(void)state;
	w->script.prefix_count = 2;
	w->script.prefix[0] = home_world_prefix("2001:db8::/64", 9000, 100);
	w->script.prefix[1] = home_world_prefix("2001:db8:900::/64", 9000, 100);
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	for (uint8_t i = 0; i < 100; i++) {
		w->script.prefix[1].addr.s6_addr[5] = i;
		ladder_run(w->L, 60 * S);
	}
	TAILQ_FOREACH(h, &home_of(box_mip6(w->mn))->addrs, entry)
		count++;
	assert_in_range(count, 2, 17);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_registration_asks_for_prefixes),
		cmocka_unit_test(an_unanswered_solicitation_is_repeated),
		cmocka_unit_test(it_may_be_forbidden_to_ask),
		cmocka_unit_test(prefixes_may_be_needed_first),
		cmocka_unit_test(an_unsolicited_advertisement_leads_to_a_question),
		cmocka_unit_test(advertisements_of_others_are_discarded),
		cmocka_unit_test(the_home_network_is_renumbered),
		cmocka_unit_test(what_was_learned_survives_a_restart),
		cmocka_unit_test(prefixes_that_make_no_address),
		cmocka_unit_test(a_binding_ends_with_its_address),
		cmocka_unit_test(lifetimes_are_cut_with_care),
		cmocka_unit_test(at_home_the_link_tells),
		cmocka_unit_test(a_flood_of_prefixes_makes_few_addresses),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
