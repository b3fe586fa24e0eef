// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Dynamic home agent address discovery and mobile prefix discovery at the home agent
 * (RFC 6275 10.5, 10.6), with a mobile node that is a script.
 */
#include "test/ladder/ha_world.h"

#include <string.h>

#define CONF                                                                               \
	"NodeConfig HA; UseMnHaIPsec disabled; Interface \"eth0\"; HaPreference 5;"            \
	"HaSendRouterAdvs disabled; MinMobPfxAdvInterval 10; MaxMobPfxAdvInterval 20;"

/* What the mobile node has heard. */
static struct {
	struct icmp6_msg last;
	struct mip6_path last_path;
	size_t last_len;
	uint64_t at_us[64];
	unsigned int count;
} heard;

static void hear(struct box *b, const struct mip6_packet *p, void *ctx)
{
	const struct ha_world *w = ctx;
	struct wire_error err;
	struct icmp6_msg msg;

	(void)b;
	if (p->proto != KPROTO_ICMP6 || icmp6_decode(p->data, p->len, &msg, &err) != WIRE_OK ||
	    (msg.type != ICMP6_MSG_DHAAD_REPLY && msg.type != ICMP6_MSG_MPA))
		return;
	heard.last = msg;
	heard.last_path = p->path;
	heard.last_len = p->len;
	if (heard.count < 64)
		heard.at_us[heard.count] = ladder_now(w->L);
	heard.count++;
}

/* With a router of the home link that advertises once a second. */
static struct ha_world *up(const char *conf)
{
	struct ha_world *w = ha_world_new(conf);

	memset(&heard, 0, sizeof(heard));
	ladder_hear(w->mn, hear, w);
	ladder_ra_interval(w->r0, 1000 * MS);
	ladder_start(w->ha);
	ladder_run(w->L, 2 * S);
	return w;
}

static void ask(struct ha_world *w, uint16_t id)
{
	const struct in6_addr home = ip6("2001:db8:1::");
	const struct prefix p = prefix_of(&home, 64);
	const struct mip6_path path = { .local = ip6(COA), .peer = addr_ha_anycast(&p) };
	struct icmp6_msg msg = { .type = ICMP6_MSG_DHAAD_REQUEST };

	msg.dhaad_request.id = id;
	ladder_send_icmp6(w->mn, &path, &msg);
}

/* From the care-of address, with the home address in an option. */
static struct mip6_path away(void)
{
	return (struct mip6_path){ .local = ip6(COA), .local_home = ip6(HOA), .peer = ip6(HA) };
}

static void enroll(struct ha_world *w)
{
	ha_send_bu(w, HOA, COA, 600);
	ladder_expect(w->L, "ha -> mn BA status=*", 3 * S);
	ladder_run(w->L, MS);
}

/* 10.5.1: alone on the link, the list is our own address; the identifier comes back. */
static void alone_it_names_itself(void **state)
{
	struct ha_world *w = up(CONF);
	struct in6_addr ha = ip6(HA);

	(void)state;
	ask(w, 0x1234);
	ladder_run(w->L, S);
	assert_int_equal(heard.count, 1);
	assert_int_equal(heard.last.dhaad_reply.id, 0x1234);
	assert_int_equal(heard.last.dhaad_reply.count, 1);
	assert_true(addr_equal(&heard.last.dhaad_reply.agent[0], &ha));
	ha_world_down(w);
}

/* 10.5.1: others by their advertisements, in the order of preference, until their
 * lifetime is over or the H bit is gone. */
static void others_are_named_by_preference(void **state)
{
	struct ha_world *w = up(CONF);
	struct in6_addr other = ip6("2001:db8:1::1"), ha = ip6(HA);
	struct nd_msg *ra = ladder_ra(w->r0);

	(void)state;
	ra->ra.home_agent = true;
	ra->opts.present |= ND_HAS_HA_INFO;
	ra->opts.ha_info = (struct nd_ha_info){ .preference = 9, .lifetime_s = 30 };
	ra->opts.prefix[0].router_address = true;
	ra->opts.prefix[0].addr = other;
	ladder_run(w->L, 3 * S);
	ask(w, 1);
	ladder_run(w->L, S);
	assert_int_equal(heard.last.dhaad_reply.count, 2);
	assert_true(addr_equal(&heard.last.dhaad_reply.agent[0], &other));
	assert_true(addr_equal(&heard.last.dhaad_reply.agent[1], &ha));
	ra->opts.ha_info.preference = 1;
	ladder_run(w->L, 3 * S);
	ask(w, 2);
	ladder_run(w->L, S);
	assert_true(addr_equal(&heard.last.dhaad_reply.agent[0], &ha));
	assert_true(addr_equal(&heard.last.dhaad_reply.agent[1], &other));
	ra->ra.home_agent = false;
	ra->opts.present &= ~(unsigned int)ND_HAS_HA_INFO;
	ladder_run(w->L, 3 * S);
	ask(w, 3);
	ladder_run(w->L, S);
	assert_int_equal(heard.last.dhaad_reply.count, 1);
	ha_world_down(w);
}

/* Replies are longer than requests: a flood is not answered in full. */
static void a_flood_is_limited(void **state)
{
	struct ha_world *w = up(CONF);

	(void)state;
	for (uint16_t i = 0; i < 200; i++)
		ask(w, i);
	ladder_run(w->L, S);
	assert_in_range(heard.count, 1, 2 * MIP6_ERROR_BURST);
	ha_world_down(w);
}

/* 10.6.2: answered right away; 10.6.3: with a routing header, the whole list. */
static void a_solicitation_is_answered(void **state)
{
	struct ha_world *w = up(CONF);
	const struct mip6_path path = away();
	struct icmp6_msg msg = { .type = ICMP6_MSG_MPS };
	struct in6_addr prefix = ip6("2001:db8:1::");

	(void)state;
	msg.mps.id = 77;
	ladder_send_icmp6(w->mn, &path, &msg);
	ladder_run(w->L, S);
	assert_int_equal(heard.count, 0); /* not without a binding */
	enroll(w);
	ladder_send_icmp6(w->mn, &path, &msg);
	ladder_run(w->L, S);
	assert_int_equal(heard.count, 1);
	assert_int_equal(heard.last.mpa.id, 77);
	assert_int_equal(heard.last.mpa.count, 1);
	assert_true(addr_equal(&heard.last.mpa.prefix[0].addr, &prefix));
	assert_int_equal(heard.last.mpa.prefix[0].prefix_len, 64);
	assert_true(heard.last.mpa.prefix[0].valid_s > 86000);
	ha_world_down(w);
}

/* 10.6.2: a change of lifetimes is told between MinMobPfxAdvInterval and
 * MaxMobPfxAdvInterval later, and repeated until it is acknowledged. */
static void a_change_is_told(void **state)
{
	struct ha_world *w = up(CONF);
	const struct mip6_path path = away();
	struct icmp6_msg msg = { .type = ICMP6_MSG_MPS };

	(void)state;
	enroll(w);
	ladder_run(w->L, S);
	ladder_ra(w->r0)->opts.prefix[0].valid_s = 40000;
	ladder_run(w->L, 9 * S);
	assert_int_equal(heard.count, 0);
	ladder_run(w->L, 13 * S);
	assert_true(heard.count >= 1);
	assert_in_range(heard.last.mpa.prefix[0].valid_s, 39900, 40000);
	ladder_run(w->L, 4 * S);
	assert_true(heard.count >= 2);
	msg.mps.id = heard.last.mpa.id;
	ladder_send_icmp6(w->mn, &path, &msg);
	ladder_run(w->L, S);
	heard.count = 0;
	ladder_run(w->L, 8 * S); /* the third would have come */
	assert_int_equal(heard.count, 0);
	ha_world_down(w);
}

/* --- details of the list ---------------------------------------------------------------- */

/* The advertisement of another home agent, fe80::N, with `count` addresses. */
static struct nd_msg agent(uint16_t n, unsigned int count)
{
	struct nd_msg ra = { .type = ND_RA };

	ra.ra.home_agent = true;
	ra.ra.lifetime_s = 1000;
	ra.opts.present = ND_HAS_PREFIX;
	for (unsigned int i = 0; i < count; i++) {
		struct nd_prefix_info *p = &ra.opts.prefix[ra.opts.prefix_count++];

		*p = (struct nd_prefix_info){ .addr = ip6("2001:db8:1::"),
					      .prefix_len = 64,
					      .on_link = true,
					      .router_address = true,
					      .valid_s = 86400,
					      .preferred_s = 14400 };
		p->addr.s6_addr[13] = (uint8_t)(i + 1);
		p->addr.s6_addr[15] = (uint8_t)n;
	}
	return ra;
}

static void say(struct ha_world *w, uint16_t n, const struct nd_msg *ra)
{
	struct mip6_path path = { .local = ip6("fe80::"), .peer = ip6("ff02::1") };

	path.local.s6_addr[15] = (uint8_t)n;
	ladder_send_nd(w->host, &path, ra);
	ladder_run(w->L, MS);
}

static void set_info(struct nd_msg *ra, uint16_t preference)
{
	ra->opts.present |= ND_HAS_HA_INFO;
	ra->opts.ha_info = (struct nd_ha_info){ .preference = preference, .lifetime_s = 5000 };
}

/* The number of the agent in that place of the reply; 2 is this home agent. */
static unsigned int who(unsigned int place)
{
	return heard.last.dhaad_reply.agent[place].s6_addr[15];
}

static void ask_and_hear(struct ha_world *w)
{
	ask(w, 1);
	ladder_run(w->L, S);
}

/* 10.5.1: preference 0 and the router's lifetime where it says nothing else; and gone when
 * that is over. */
static void the_list_has_defaults(void **state)
{
	struct ha_world *w = up(CONF);
	struct nd_msg plain = agent(30, 1), better = agent(31, 1);

	(void)state;
	plain.ra.lifetime_s = 20;
	set_info(&better, 1);
	say(w, 30, &plain);
	say(w, 31, &better);
	ladder_run(w->L, 17 * S);
	ask_and_hear(w);
	assert_int_equal(heard.last.dhaad_reply.count, 3);
	assert_int_equal(who(0), 2); /* 5 */
	assert_int_equal(who(1), 31); /* 1 */
	assert_int_equal(who(2), 30); /* 0 */
	ladder_run(w->L, 3 * S);
	ask_and_hear(w);
	assert_int_equal(heard.last.dhaad_reply.count, 2);
	ha_world_down(w);
}

/* 10.5.1: from a global unicast address of the home agent, also when its anycast address
 * was asked. */
static void the_reply_comes_from_a_unicast_address(void **state)
{
	struct ha_world *w = up(CONF);
	struct in6_addr ha = ip6(HA);

	(void)state;
	ask_and_hear(w);
	assert_true(addr_equal(&heard.last_path.peer, &ha));
	ha_world_down(w);
}

/* 10.5.1: equals in random order, the addresses of one of them as well. */
static void equals_are_shuffled(void **state)
{
	struct ha_world *w = up(CONF);
	struct nd_msg one = agent(30, 4), other = agent(31, 1);
	unsigned int first[32] = { 0 }, inner[5] = { 0 };

	(void)state;
	set_info(&one, 5); /* as ours */
	set_info(&other, 5);
	say(w, 30, &one);
	say(w, 31, &other);
	for (int i = 0; i < 120; i++) {
		unsigned int at = 0;

		ask_and_hear(w);
		assert_int_equal(heard.last.dhaad_reply.count, 6);
		first[who(0)]++;
		while (who(at) != 30)
			at++;
		inner[heard.last.dhaad_reply.agent[at].s6_addr[13]]++;
		for (unsigned int n = at; n < at + 4; n++)
			assert_int_equal(who(n), 30); /* they stay together */
	}
	assert_true(first[2] > 10 && first[30] > 10 && first[31] > 10);
	for (unsigned int n = 1; n <= 4; n++)
		assert_true(inner[n] > 10);
	ha_world_down(w);
}

/* 10.5.1: what does not fit into the minimum MTU stays out, from the end. */
static void the_most_preferable_fit(void **state)
{
	struct ha_world *w = up(CONF);

	(void)state;
	for (uint16_t n = 30; n < 70; n++) {
		struct nd_msg ra = agent(n, 4);

		set_info(&ra, n);
		say(w, n, &ra);
	}
	ask_and_hear(w);
	assert_true(heard.last_len + 40 <= 1280);
	assert_true(heard.last.dhaad_reply.count > 60);
	for (unsigned int i = 0; i < 64; i++)
		assert_int_equal(who(i), 69 - i / 4);
	ha_world_down(w);
}

/* --- details of prefix discovery ---------------------------------------------------------- */

#define SLOW                                                                               \
	"NodeConfig HA; UseMnHaIPsec disabled; Interface \"eth0\"; HaSendRouterAdvs disabled;" \
	"MinMobPfxAdvInterval 100; MaxMobPfxAdvInterval 200;"

static uint64_t gap(unsigned int i)
{
	return heard.at_us[i] - heard.at_us[i - 1];
}

/* 10.6.2: PREFIX_ADV_TIMEOUT, doubled, PREFIX_ADV_RETRIES times; an update begins anew. */
static void advertisements_are_repeated(void **state)
{
	struct ha_world *w = up(SLOW);
	uint64_t changed_us;

	(void)state;
	enroll(w);
	ladder_run(w->L, S);
	changed_us = ladder_now(w->L);
	ladder_ra(w->r0)->opts.prefix[0].valid_s = 40000;
	while (!heard.count && ladder_now(w->L) < changed_us + 202 * S)
		ladder_run(w->L, S);
	ladder_run(w->L, 22 * S);
	assert_int_equal(heard.count, 4);
	assert_in_range(heard.at_us[0] - changed_us, 100 * S, 202 * S);
	assert_in_range(gap(1), 3 * S - MS, 3 * S + MS);
	assert_in_range(gap(2), 6 * S - MS, 6 * S + MS);
	assert_in_range(gap(3), 12 * S - MS, 12 * S + MS);
	ladder_run(w->L, 50 * S);
	assert_int_equal(heard.count, 4);
	enroll(w);
	ladder_run(w->L, 4 * S);
	assert_int_equal(heard.count, 6);
	assert_in_range(gap(5), 3 * S - MS, 3 * S + MS);
	ha_world_down(w);
}

/* The whole news of the home link, in one message. */
static void hear_news(struct ha_world *w, unsigned int count)
{
	unsigned int before = heard.count;

	ladder_run(w->L, 23 * S);
	assert_true(heard.count > before);
	assert_int_equal(heard.last.mpa.count, count);
}

static void acknowledge(struct ha_world *w)
{
	const struct mip6_path path = away();
	struct icmp6_msg msg = { .type = ICMP6_MSG_MPS };

	msg.mps.id = heard.last.mpa.id;
	ladder_send_icmp6(w->mn, &path, &msg);
	ladder_run(w->L, S);
}

/* 10.6.2, 10.3.1: new prefixes, flags and lifetimes of prefixes, M and O flags; always the
 * whole list. */
static void every_kind_of_change_is_told(void **state)
{
	struct ha_world *w = up(CONF);
	struct nd_msg *ra = ladder_ra(w->r0);

	(void)state;
	enroll(w);
	acknowledge(w);
	ladder_addr(w->ha, "eth0", "2001:db8:3::2/64");
	hear_news(w, 2);
	acknowledge(w);
	ra->opts.prefix[0].autonomous = false;
	hear_news(w, 2);
	assert_false(heard.last.mpa.prefix[0].autonomous);
	acknowledge(w);
	ra->ra.managed = true;
	hear_news(w, 2);
	assert_true(heard.last.mpa.managed);
	assert_false(heard.last.mpa.other);
	acknowledge(w);
	ra->ra.managed = false;
	ra->ra.other = true;
	hear_news(w, 2);
	assert_false(heard.last.mpa.managed);
	assert_true(heard.last.mpa.other);
	acknowledge(w);
	ra->opts.prefix[0].preferred_s = 0;
	hear_news(w, 2);
	assert_int_equal(heard.last.mpa.prefix[0].preferred_s, 0);
	ha_world_down(w);
}

/* 10.6.3: from the address that the node registered with; to where it asked from, by a
 * routing header. */
static void advertisements_have_their_addresses(void **state)
{
	struct in6_addr second = ip6("2001:db8:1::22"), coa = ip6(COA), hoa = ip6(HOA);
	struct ha_world *w = up(CONF);
	struct mip6_path path = away();
	struct mh_msg bu = { .type = MH_BU };
	struct icmp6_msg msg = { .type = ICMP6_MSG_MPS };

	(void)state;
	ladder_addr(w->ha, "eth0", "2001:db8:1::22/64");
	path.peer = second;
	bu.bu.flags = MH_BU_A | MH_BU_H;
	bu.bu.lifetime_s = 600;
	bu.bu.seq = 1;
	ladder_send_mh(w->mn, &path, &bu);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, MS);
	ladder_send_icmp6(w->mn, &path, &msg);
	ladder_run(w->L, S);
	assert_int_equal(heard.count, 1);
	assert_true(addr_equal(&heard.last_path.peer, &second));
	assert_true(addr_equal(&heard.last_path.local, &coa));
	assert_true(addr_equal(&heard.last_path.local_home, &hoa));
	ha_world_down(w);
}

/* 10.3.1: MUST be removed when its prefix is no longer valid. */
static void a_binding_ends_with_its_prefix(void **state)
{
	struct ha_world *w = up(CONF);
	struct in6_addr hoa = ip6(HOA);
	const struct binding *b;

	(void)state;
	enroll(w);
	ladder_run(w->L, S);
	assert_true(box_has(w->ha, "encap"));
	ladder_ra(w->r0)->opts.prefix[0].valid_s = 0;
	ladder_ra(w->r0)->opts.prefix[0].preferred_s = 0;
	ladder_run(w->L, 2 * S);
	assert_false(box_has(w->ha, "encap"));
	b = bcache_find_hoa(&box_mip6(w->ha)->bcache, &hoa, BINDING_HOME);
	assert_true(!b || b->state == BINDING_MEMORY);
	enroll(w); /* 132: not home subnet */
	assert_int_equal(ladder_count(w->L, "ha -> mn BA status=132"), 1);
	ha_world_down(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alone_it_names_itself),
		cmocka_unit_test(others_are_named_by_preference),
		cmocka_unit_test(a_flood_is_limited),
		cmocka_unit_test(a_solicitation_is_answered),
		cmocka_unit_test(a_change_is_told),
		cmocka_unit_test(the_list_has_defaults),
		cmocka_unit_test(the_reply_comes_from_a_unicast_address),
		cmocka_unit_test(equals_are_shuffled),
		cmocka_unit_test(the_most_preferable_fit),
		cmocka_unit_test(advertisements_are_repeated),
		cmocka_unit_test(every_kind_of_change_is_told),
		cmocka_unit_test(advertisements_have_their_addresses),
		cmocka_unit_test(a_binding_ends_with_its_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
