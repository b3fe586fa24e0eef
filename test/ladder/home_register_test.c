// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registration with the home agent (RFC 6275 11.7.1, 11.7.3, 11.8), with a home
 * agent that is a script: what is sent, when, and what answers do.
 */
#include <stdio.h>
#include <string.h>

#include "test/ladder/home_world.h"

/* RFC 6275 11.7.1: H and A, the Home Address option, the alternate care-of address;
 * 11.3.1: then everything goes through the tunnel. */
static void away_is_registered(void **state)
{
	struct home_world *w = home_world_new(NULL);

	(void)state;
	ladder_start(w->mn);
	assert_int_equal(home_world_state(w), HOME_IDLE);
	home_world_go(w, AT_A);
	assert_int_equal(home_world_state(w), HOME_REGISTERING);
	assert_true(box_has(w->mn, "route unreachable"));
	ladder_expect(w->L,
		      "mn -> ha BU flags=AH life=60 coa=" COA_A " altcoa hao=" HOA " src=" COA_A,
		      S);
	ladder_expect(w->L, "ha -> mn BA status=0 life=60 rh2=" HOA " dst=" COA_A, S);
	ladder_run(w->L, S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	assert_false(box_has(w->mn, "route unreachable"));
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 1);
	assert_int_equal(box_misuses(w->mn), 0);
	ladder_stop(w->mn, ROLE_SHUTDOWN);
	ladder_expect(w->L, "mn -> ha BU flags=AH life=0 coa=" COA_A " hao=" HOA, S);
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 0);
	assert_int_equal(box_count(w->mn, KOBJ_ADDR), 0);
	assert_int_equal(box_count(w->mn, KOBJ_ROUTE), 0);
	assert_int_equal(box_misuses(w->mn), 0);
	home_world_free(w);
}

/* RFC 6275 11.7.1: no longer than the care-of address lasts, as last heard; a renewal
 * follows what is heard meanwhile. */
static void the_care_of_address_bounds_the_lifetime(void **state)
{
	struct home_world *w = home_world_new(NULL);

	(void)state;
	ladder_start(w->mn);
	home_world_here_until(ladder_now(w->L) + 31 * S);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha BU life=28", S);
	home_world_here_until(ladder_now(w->L) + 60 * S);
	ladder_expect(w->L, "mn -> ha BU life=36", 24 * S);
	home_world_here_until(ladder_now(w->L) + 2 * S); /* less than can be said */
	ladder_expect(w->L, "mn -> ha BU life=4", 30 * S);
	home_world_here_until(TIME_NEVER);
	ladder_expect(w->L, "mn -> ha BU life=60", 4 * S);
	ladder_run(w->L, S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* RFC 6275 11.8: the first timeout, doubled with each, up to 32 s; each with a
 * greater sequence number. */
static void unanswered_updates_are_sent_again_ever_slower(void **state)
{
	struct home_world *w = home_world_new(NULL);
	static const uint64_t gaps_ms[] = { 1500, 3000, 6000, 12000, 24000, 32000, 32000 };
	uint64_t last_us;
	uint16_t seq;
	size_t i;

	(void)state;
	w->script.silent = true;
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha BU", S);
	last_us = ladder_sent_us(w->L);
	seq = w->script.last_seq;
	for (i = 0; i < sizeof(gaps_ms) / sizeof(gaps_ms[0]); i++) {
		ladder_expect(w->L, "mn -> ha BU life=60", 40 * S);
		assert_int_equal(ladder_sent_us(w->L) - last_us, gaps_ms[i] * MS);
		last_us = ladder_sent_us(w->L);
		ladder_run(w->L, S);
		assert_int_equal(w->script.last_seq, (uint16_t)(seq + 1));
		seq = w->script.last_seq;
	}
	assert_int_equal(home_world_hints(false), 7);
	assert_int_equal(home_world_state(w), HOME_REGISTERING);
	w->script.silent = false;
	ladder_expect(w->L, "ha -> mn BA status=0", 40 * S);
	ladder_run(w->L, S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* RFC 6275 11.7.1: "well before the expiration"; 11.7.3: the lifetime granted counts,
 * from when the update was sent, and refresh advice. */
static void a_registration_is_renewed_in_time(void **state)
{
	struct home_world *w = home_world_new(NULL);
	uint64_t first_us;

	(void)state;
	w->script.lifetime_s = 40;
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha BU", S);
	first_us = ladder_sent_us(w->L);
	ladder_expect(w->L, "ha -> mn BA life=40", S);
	ladder_expect(w->L, "mn -> ha BU life=60", 40 * S);
	assert_int_equal(ladder_sent_us(w->L) - first_us, 32 * S);
	w->script.refresh_s = 12;
	ladder_expect(w->L, "mn -> ha BU life=60", 40 * S);
	first_us = ladder_sent_us(w->L);
	ladder_expect(w->L, "ha -> mn BA refresh=12", S);
	ladder_expect(w->L, "mn -> ha BU life=60", 40 * S);
	assert_int_equal(ladder_sent_us(w->L) - first_us, 12 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* RFC 6275 11.7.1, 11.7.3: the shortest lifetime is renewed before its end as well, and with
 * advice to hurry. */
static void the_shortest_lifetime_is_renewed_in_time(void **state)
{
	struct home_world *w = home_world_new(NULL);
	unsigned int before;

	(void)state;
	w->script.lifetime_s = 4;
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_run(w->L, S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	before = w->script.updates;
	for (int i = 0; i < 400; i++) {
		ladder_run(w->L, 100 * MS);
		assert_int_equal(home_world_state(w), HOME_REGISTERED);
	}
	assert_in_range(w->script.updates - before, 10, 20);
	w->script.refresh_s = 4;
	ladder_run(w->L, 40 * S);
	assert_in_range(w->script.updates - before, 20, 40);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* RFC 6275 11.7.3: what is granted beyond what was asked does not count; advice to renew after
 * the end, or at once, neither. */
static void what_a_home_agent_grants_is_bounded(void **state)
{
	struct home_world *w = home_world_new(NULL);
	struct mip6_packet p = { .proto = KPROTO_MH };
	struct mh_msg ba = { .type = MH_BA, .ba = { .lifetime_s = 60 } };
	uint64_t first_us;

	(void)state;
	ba.opts.present = MH_HAS_REFRESH;
	w->script.silent = true;
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha BU life=60", S);
	first_us = ladder_sent_us(w->L);
	ladder_run(w->L, 100 * MS);
	home_world_say_ba(w, 0, w->script.last_seq, 4000);
	w->script.silent = false;
	w->script.lifetime_s = 40;
	w->script.refresh_s = 400;
	ladder_expect(w->L, "mn -> ha BU life=60", 60 * S);
	assert_int_equal(ladder_sent_us(w->L) - first_us, 48 * S);
	first_us = ladder_sent_us(w->L);
	ladder_expect(w->L, "ha -> mn BA refresh=400 life=40", S);
	w->script.silent = true;
	ladder_expect(w->L, "mn -> ha BU life=60", 60 * S);
	assert_int_equal(ladder_sent_us(w->L) - first_us, 32 * S);
	first_us = ladder_sent_us(w->L);
	ba.ba.seq = home_world_addr(w)->bul->seq;
	mip6_turn(box_mip6(w->mn), ladder_now(w->L));
	home_on_ba(home_world_addr(w), &p, &ba); /* no builder makes this one */
	ladder_expect(w->L, "mn -> ha BU life=60", 60 * S);
	assert_int_equal(ladder_sent_us(w->L) - first_us, 4 * S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* RFC 6275 11.7.3: "accepted" for no time at all is no registration. */
static void nothing_granted_is_a_refusal(void **state)
{
	struct home_world *w = home_world_new(NULL);

	(void)state;
	w->script.silent = true;
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha BU", S);
	ladder_run(w->L, 100 * MS);
	home_world_say_ba(w, 0, w->script.last_seq, 0);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(home_world_state(w), HOME_REFUSED);
	assert_true(box_has(w->mn, "route unreachable default"));
	ladder_refuse(w->L, "mn -> ha BU", 31 * S);
	w->script.silent = false;
	ladder_expect(w->L, "ha -> mn BA status=0 life=60", 2 * S);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* RFC 6275 11.7.1, 11.7.3: status 135 carries the number to go on from. */
static void the_home_agents_sequence_number_is_taken(void **state)
{
	struct home_world *w = home_world_new(NULL);

	(void)state;
	ladder_start(w->mn);
	w->script.status = MH_STATUS_SEQUENCE;
	w->script.wrong_seq = true;
	w->script.ba_seq = 65535;
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn BA status=135 seq=65535", S);
	w->script.wrong_seq = false;
	w->script.status = 0;
	ladder_expect(w->L, "mn -> ha BU seq=0", 10 * MS);
	ladder_expect(w->L, "ha -> mn BA status=0 seq=0", S);
	ladder_run(w->L, S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* RFC 6275 11.7.2: two updates MUST NOT have the same number, though the network doubles the
 * answer from which it was taken. */
static void a_doubled_answer_is_taken_once(void **state)
{
	struct home_world *w = home_world_new(NULL);

	(void)state;
	w->script.silent = true;
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha BU", S);
	ladder_run(w->L, 100 * MS);
	home_world_say_ba(w, MH_STATUS_SEQUENCE, 4711, 0);
	home_world_say_ba(w, MH_STATUS_SEQUENCE, 4711, 0);
	ladder_expect(w->L, "mn -> ha BU seq=4712", S);
	ladder_run(w->L, S);
	assert_int_equal(ladder_count(w->L, "mn -> ha BU seq=4712"), 1);
	/* one that tells our last number is about an update before it */
	home_world_say_ba(w, MH_STATUS_SEQUENCE, 4712, 0);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(ladder_count(w->L, "mn -> ha BU seq=4713"), 0);
	home_world_say_ba(w, 0, 4712, 60);
	ladder_run(w->L, S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* RFC 6275 11.7.3: a number that is not outstanding MUST be silently ignored. */
static void an_answer_to_nothing_is_ignored(void **state)
{
	struct home_world *w = home_world_new(NULL);

	(void)state;
	w->script.silent = true;
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha BU", S);
	ladder_run(w->L, 100 * MS);
	home_world_say_ba(w, 0, (uint16_t)(w->script.last_seq - 1), 60);
	home_world_say_ba(w, 128, (uint16_t)(w->script.last_seq + 1), 60);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(home_world_state(w), HOME_REGISTERING);
	assert_int_equal(box_mip6(w->mn)->counters.value[COUNT_BA_STRAY], 2);
	home_world_say_ba(w, 0, w->script.last_seq, 60);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_say_ba(w, 128, w->script.last_seq, 0);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	home_world_free(w);
}

/* RFC 6275 11.7.1: a new care-of address is registered; the kernel's objects are
 * replaced in place, and nothing flows before the answer. */
static void a_move_is_registered_anew(void **state)
{
	struct home_world *w = home_world_new(NULL);

	(void)state;
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn BA", S);
	ladder_run(w->L, S);
	home_world_go(w, AT_B);
	assert_true(box_has(w->mn, "route unreachable"));
	ladder_expect(w->L, "mn -> ha BU flags=AH life=60 coa=" COA_B " hao=" HOA, S);
	ladder_expect(w->L, "ha -> mn BA rh2=" HOA " dst=" COA_B, S);
	ladder_run(w->L, S);
	assert_int_equal(home_world_state(w), HOME_REGISTERED);
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 1);
	assert_true(box_has(w->mn, "local " COA_B));
	assert_int_equal(box_misuses(w->mn), 0);
	home_world_free(w);
}

/* RFC 6275 11.5.5: from the home address, A and H, lifetime 0, before the address is
 * used; then the address is advertised to all nodes. */
static void coming_home_deletes_the_binding(void **state)
{
	struct home_world *w = home_world_new(NULL);
	struct in6_addr cn;

	(void)state;
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "ha -> mn BA", S);
	ladder_run(w->L, S);
	ladder_mark(w->L);
	home_world_go(w, HOME);
	assert_int_equal(home_world_state(w), HOME_RETURNING);
	ladder_expect(w->L, "mn -> ha BU flags=AH life=0 coa=" HOA " src=" HOA, 300 * MS);
	/* who defends the address was asked; it is put without asking whether it is free */
	assert_int_equal(ladder_count(w->L, "mn -> *home NS target=" HOA), 1);
	ladder_expect(w->L, "ha -> mn BA status=0 dst=" HOA, 100 * MS);
	ladder_expect(w->L, "mn -> *home NA target=" HOA " flags=O-", 100 * MS);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	assert_int_equal(ladder_count(w->L, "mn -> *home NS src=" HOA), 0);
	assert_int_equal(ladder_count(w->L, "mn -> *home NS target=" HOA), 1);
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), 0);
	assert_int_equal(box_misuses(w->mn), 0);
	cn = box_addr(w->cn);
	assert_true(ladder_ping(w->mn, &w->hoa, &cn));
	home_world_free(w);
}

/* RFC 6275 11.7.1: SHOULD set L where the link-local address goes with the home address,
 * MUST clear it otherwise; coming home the link-local address is advertised too
 * (11.5.5). */
static void the_l_bit_goes_with_the_link_local_address(void **state)
{
	struct home_world *w = home_world_new(NULL);
	struct in6_addr linklocal = iface_local(box_iface_name(w->mn, "eth0"));
	struct in6_addr hoa = linklocal;
	const struct in6_addr prefix = ip6("2001:db8::");
	char conf[512], pattern[128];

	(void)state;
	memcpy(&hoa, &prefix, 8);
	snprintf(conf, sizeof(conf),
		 "NodeConfig MN; UseMnHaIPsec disabled; MnHomeLink \"eth0\" {"
		 "HomeAddress %s/64; HomeAgentAddress " HA "; }",
		 ADDR_STR(&hoa));
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha BU flags=AH hao=" HOA, S);
	ladder_reconfigure(w->mn, conf);
	ladder_expect(w->L, "mn -> ha BU flags=AHL", 2 * S);
	ladder_run(w->L, S);
	home_world_go(w, HOME);
	snprintf(pattern, sizeof(pattern), "mn -> *home NA target=%s flags=O-",
		 ADDR_STR(&linklocal));
	ladder_expect(w->L, pattern, S);
	/* an interface identifier of another length is another one */
	home_world_go(w, AT_B);
	ladder_expect(w->L, "mn -> ha BU flags=AHL", 2 * S);
	snprintf(conf, sizeof(conf),
		 "NodeConfig MN; UseMnHaIPsec disabled; MnHomeLink \"eth0\" {"
		 "HomeAddress %s/56; HomeAgentAddress " HA "; }",
		 ADDR_STR(&hoa));
	ladder_reconfigure(w->mn, conf);
	ladder_expect(w->L, "mn -> ha BU flags=AH", 2 * S);
	home_world_free(w);
}

/* RFC 6275 11.7.1: K where key management can follow, cleared otherwise. */
static void the_k_bit_is_configured(void **state)
{
	struct home_world *w = home_world_new(MN_CONF "KeyMngMobCapability enabled;\n");

	(void)state;
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_expect(w->L, "mn -> ha BU flags=AHK", S);
	home_world_free(w);
}

/* RFC 6275 11.7.1: SHOULD go on with the other home addresses; 11.8: each backs off by
 * itself. */
static void one_refused_address_does_not_hinder_the_other(void **state)
{
	struct home_world *w = home_world_new(
		MN_CONF "MnHomeLink \"eth0\" { HomeAddress 2001:db8::77/64;"
			"HomeAgentAddress " HA2 "; }\n");
	const struct in6_addr other = ip6("2001:db8::77");

	(void)state;
	ladder_hear(w->ha2, NULL, NULL); /* silent */
	w->script.status = MH_STATUS_DAD_FAILED;
	ladder_start(w->mn);
	home_world_go(w, AT_A);
	ladder_run(w->L, S);
	assert_int_equal(home_world_state(w), HOME_REFUSED);
	assert_int_equal(home_find(box_mip6(w->mn), &other)->state, HOME_REGISTERING);
	assert_int_equal(box_count(w->mn, KOBJ_ADDR), 1);
	ladder_run(w->L, 3 * S);
	assert_int_equal(ladder_count(w->L, "mn -> ha2 BU hao=2001:db8::77"), 2);
	assert_int_equal(ladder_count(w->L, "mn -> ha BU"), 1);
	home_world_free(w);
}

/* --- what applications send (home_source.c) ---------------------------------------- */

static void put_route(struct home_world *w, const char *to, uint8_t len)
{
	const struct in6_addr dst = ip6(to);
	struct kobj o = { .type = KOBJ_ROUTE,
			  .route = { .dst = prefix_of(&dst, len),
				     .metric = 1024,
				     .via = ip6("2001:db8:a::1") } };

	o.route.dev.ifindex = TAILQ_FIRST(&w->mn->ifaces)->ifindex;
	object_put(w->mn, &o, OWNER_ADMIN);
}

static struct hop way_to(const struct home_world *w, const struct in6_addr *from, const char *to,
			 bool by_device)
{
	const struct in6_addr dst = ip6(to);

	return box_lookup(w->mn, from, &dst, IPPROTO_UDP, "",
			  by_device ? TAILQ_FIRST(&w->mn->ifaces)->ifindex : 0);
}

/* 11.3.1, RFC 6724: though somebody else has put a default route there, and one to neighbours;
 * what is reached by other routes is. */
static void those_without_a_source_get_the_home_address(void **state)
{
	struct home_world *w = home_world_new(NULL);
	const struct in6_addr any = { .s6_addr = { 0 } };
	struct hop h;

	(void)state;
	put_route(w, "::", 0);
	put_route(w, "2001:db8:a::", 64);
	put_route(w, "2001:db8:9::", 48);
	ladder_start(w->mn);
	ladder_run(w->L, S);
	/* nowhere, but online by other means, which a kernel can use that does not prefer the
	 * home address */
	assert_int_equal(way_to(w, &any, "2001:db8:2::5", false).kind, HOP_LINK);
	w->script.silent = true;
	home_world_go(w, AT_A);
	ladder_run(w->L, S);
	assert_int_equal(way_to(w, &any, "2001:db8:2::5", false).kind, HOP_UNREACHABLE);
	w->script.silent = false;
	ladder_run(w->L, 2 * S);
	for (int i = 0; i < 2; i++) {
		h = way_to(w, &any, i ? "2001:db8:a::77" : "2001:db8:2::5", false);
		assert_int_equal(h.kind, HOP_TUNNEL);
		assert_true(addr_equal(&h.prefsrc, &w->hoa));
	}
	assert_int_equal(way_to(w, &any, "2001:db8:9::1", false).kind, HOP_LINK);
	/* by a device: without mobility, or not at all */
	assert_int_equal(way_to(w, &any, "2001:db8:2::5", true).kind, HOP_LINK);
	assert_int_equal(way_to(w, &w->hoa, "2001:db8:2::5", true).kind, HOP_UNREACHABLE);
	home_world_free(w);
}

/* A kernel with rule 4 of RFC 6724 would send from the home address by any route. */
static void a_kernel_that_prefers_it_is_held_back(void **state)
{
	struct home_world *w = home_world_new(NULL);
	const struct in6_addr any = { .s6_addr = { 0 } };

	(void)state;
	w->mn->kernel.prefers_home = true;
	put_route(w, "::", 0);
	ladder_start(w->mn);
	ladder_run(w->L, S);
	assert_int_equal(way_to(w, &any, "2001:db8:2::5", false).kind, HOP_UNREACHABLE);
	home_world_go(w, AT_A);
	ladder_run(w->L, S);
	assert_int_equal(way_to(w, &any, "2001:db8:2::5", false).kind, HOP_TUNNEL);
	home_world_go(w, HOME);
	ladder_run(w->L, 3 * S);
	assert_int_equal(home_world_state(w), HOME_AT_HOME);
	assert_int_equal(way_to(w, &any, "2001:db8:2::5", false).kind, HOP_LINK);
	assert_int_equal(box_count(w->mn, KOBJ_RULE), 2); /* no guard */
	home_world_free(w);
}

/* Two that go different ways: the kernel chooses, and looks again. */
static void two_ways_share_none(void **state)
{
	struct home_world *w = home_world_new(
		MN_CONF "MnHomeLink \"eth0\" { HomeAddress 2001:db8::77/64;"
			"HomeAgentAddress " HA2 "; }\n");
	const struct in6_addr any = { .s6_addr = { 0 } }, other = ip6("2001:db8::77");

	(void)state;
	put_route(w, "::", 0);
	ladder_start(w->mn);
	ladder_run(w->L, S);
	home_world_go(w, AT_A);
	ladder_run(w->L, S);
	assert_int_equal(way_to(w, &any, "2001:db8:2::5", false).kind, HOP_UNREACHABLE);
	assert_int_equal(way_to(w, &w->hoa, "2001:db8:2::5", false).kind, HOP_TUNNEL);
	assert_int_equal(way_to(w, &other, "2001:db8:2::5", false).kind, HOP_TUNNEL);
	home_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(away_is_registered),
		cmocka_unit_test(the_care_of_address_bounds_the_lifetime),
		cmocka_unit_test(unanswered_updates_are_sent_again_ever_slower),
		cmocka_unit_test(a_registration_is_renewed_in_time),
		cmocka_unit_test(the_shortest_lifetime_is_renewed_in_time),
		cmocka_unit_test(what_a_home_agent_grants_is_bounded),
		cmocka_unit_test(nothing_granted_is_a_refusal),
		cmocka_unit_test(the_home_agents_sequence_number_is_taken),
		cmocka_unit_test(a_doubled_answer_is_taken_once),
		cmocka_unit_test(an_answer_to_nothing_is_ignored),
		cmocka_unit_test(a_move_is_registered_anew),
		cmocka_unit_test(coming_home_deletes_the_binding),
		cmocka_unit_test(the_l_bit_goes_with_the_link_local_address),
		cmocka_unit_test(the_k_bit_is_configured),
		cmocka_unit_test(one_refused_address_does_not_hinder_the_other),
		cmocka_unit_test(those_without_a_source_get_the_home_address),
		cmocka_unit_test(a_kernel_that_prefers_it_is_held_back),
		cmocka_unit_test(two_ways_share_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
