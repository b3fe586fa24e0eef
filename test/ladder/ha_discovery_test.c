// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Dynamic home agent address discovery and mobile prefix discovery at the home agent
 * (RFC 6275 10.5, 10.6), with a mobile node that is a script.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ha/ha.h"
#include "test/ladder/ladder.h"

#define HOA "2001:db8:1::100"
#define HA  "2001:db8:1::2"
#define COA "2001:db8:a::9"

#define CONF                                                                               \
	"NodeConfig HA; UseMnHaIPsec disabled; Interface \"eth0\"; HaPreference 5;"            \
	"HaSendRouterAdvs disabled; MinMobPfxAdvInterval 10; MaxMobPfxAdvInterval 20;"

struct world {
	struct ladder *L;
	struct net_link *home;
	struct box *other; /* a router of the home link, perhaps a home agent */
	struct box *ha;
	struct box *mn;
	struct icmp6_msg last; /* heard by the mobile node */
	unsigned int heard;
	uint16_t seq;
};

static void hear(struct box *b, const struct mip6_packet *p, void *ctx)
{
	struct world *w = ctx;
	struct wire_error err;
	struct icmp6_msg msg;

	(void)b;
	if (p->proto != KPROTO_ICMP6 || icmp6_decode(p->data, p->len, &msg, &err) != WIRE_OK ||
	    (msg.type != ICMP6_MSG_DHAAD_REPLY && msg.type != ICMP6_MSG_MPA))
		return;
	w->last = msg;
	w->heard++;
}

static struct world *up(void)
{
	struct world *w = test_calloc(1, sizeof(*w));
	struct net_link *a;
	struct box *ra;

	w->L = ladder_new();
	w->home = ladder_link(w->L, "home");
	a = ladder_link(w->L, "a");
	w->other = ladder_router(w->L, "r0", w->home, "2001:db8:1::1/64", 1000 * MS);
	ra = ladder_router(w->L, "ra", a, "2001:db8:a::1/64", 0);
	w->ha = ladder_node(w->L, "ha", CONF, &ha_role, NULL);
	ladder_attach(w->ha, "eth0", w->home);
	ladder_addr(w->ha, "eth0", HA "/64");
	ladder_gateway(w->ha, w->other);
	w->mn = ladder_host(w->L, "mn", a, COA "/64", ra);
	ladder_addr(w->mn, "eth0", HOA "/128");
	ladder_hear(w->mn, hear, w);
	ladder_start(w->ha);
	ladder_run(w->L, 2 * S);
	return w;
}

static void down(struct world *w)
{
	assert_int_equal(box_misuses(w->ha), 0);
	ladder_stop(w->ha, ROLE_SHUTDOWN);
	for (int t = 0; t < KOBJ_TYPE_COUNT; t++)
		assert_int_equal(box_count(w->ha, (enum kobj_type)t), 0);
	ladder_free(w->L);
	test_free(w);
}

static void ask(struct world *w, uint16_t id)
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

static void enroll(struct world *w)
{
	const struct mip6_path path = away();
	struct mh_msg bu = { .type = MH_BU };

	bu.bu.flags = MH_BU_A | MH_BU_H;
	bu.bu.lifetime_s = 600;
	bu.bu.seq = ++w->seq;
	ladder_send_mh(w->mn, &path, &bu);
	ladder_expect(w->L, "ha -> mn BA status=*", 3 * S);
	ladder_run(w->L, MS);
}

/* 10.5.1: alone on the link, the list is our own address; the identifier comes back. */
static void alone_it_names_itself(void **state)
{
	struct world *w = up();
	struct in6_addr ha = ip6(HA);

	(void)state;
	ask(w, 0x1234);
	ladder_run(w->L, S);
	assert_int_equal(w->heard, 1);
	assert_int_equal(w->last.dhaad_reply.id, 0x1234);
	assert_int_equal(w->last.dhaad_reply.count, 1);
	assert_true(addr_equal(&w->last.dhaad_reply.agent[0], &ha));
	down(w);
}

/* 10.5.1: others by their advertisements, in the order of preference, until their
 * lifetime is over or the H bit is gone. */
static void others_are_named_by_preference(void **state)
{
	struct world *w = up();
	struct in6_addr other = ip6("2001:db8:1::1"), ha = ip6(HA);
	struct nd_msg *ra = ladder_ra(w->other);

	(void)state;
	ra->ra.home_agent = true;
	ra->opts.present |= ND_HAS_HA_INFO;
	ra->opts.ha_info = (struct nd_ha_info){ .preference = 9, .lifetime_s = 30 };
	ra->opts.prefix[0].router_address = true;
	ra->opts.prefix[0].addr = other;
	ladder_run(w->L, 3 * S);
	ask(w, 1);
	ladder_run(w->L, S);
	assert_int_equal(w->last.dhaad_reply.count, 2);
	assert_true(addr_equal(&w->last.dhaad_reply.agent[0], &other));
	assert_true(addr_equal(&w->last.dhaad_reply.agent[1], &ha));
	ra->opts.ha_info.preference = 1;
	ladder_run(w->L, 3 * S);
	ask(w, 2);
	ladder_run(w->L, S);
	assert_true(addr_equal(&w->last.dhaad_reply.agent[0], &ha));
	assert_true(addr_equal(&w->last.dhaad_reply.agent[1], &other));
	ra->ra.home_agent = false;
	ra->opts.present &= ~(unsigned int)ND_HAS_HA_INFO;
	ladder_run(w->L, 3 * S);
	ask(w, 3);
	ladder_run(w->L, S);
	assert_int_equal(w->last.dhaad_reply.count, 1);
	down(w);
}

/* Replies are longer than requests: a flood is not answered in full. */
static void a_flood_is_limited(void **state)
{
	struct world *w = up();

	(void)state;
	for (uint16_t i = 0; i < 200; i++)
		ask(w, i);
	ladder_run(w->L, S);
	assert_in_range(w->heard, 1, 2 * MIP6_ERROR_BURST);
	down(w);
}

/* 10.6.2: answered right away; 10.6.3: with a routing header, the whole list. */
static void a_solicitation_is_answered(void **state)
{
	struct world *w = up();
	const struct mip6_path path = away();
	struct icmp6_msg msg = { .type = ICMP6_MSG_MPS };
	struct in6_addr prefix = ip6("2001:db8:1::");

	(void)state;
	msg.mps.id = 77;
	ladder_send_icmp6(w->mn, &path, &msg);
	ladder_run(w->L, S);
	assert_int_equal(w->heard, 0); /* not without a binding */
	enroll(w);
	ladder_send_icmp6(w->mn, &path, &msg);
	ladder_run(w->L, S);
	assert_int_equal(w->heard, 1);
	assert_int_equal(w->last.mpa.id, 77);
	assert_int_equal(w->last.mpa.count, 1);
	assert_true(addr_equal(&w->last.mpa.prefix[0].addr, &prefix));
	assert_int_equal(w->last.mpa.prefix[0].prefix_len, 64);
	assert_true(w->last.mpa.prefix[0].valid_s > 86000);
	down(w);
}

/* 10.6.2: a change of lifetimes is told between MinMobPfxAdvInterval and
 * MaxMobPfxAdvInterval later, and repeated until it is acknowledged. */
static void a_change_is_told(void **state)
{
	struct world *w = up();
	const struct mip6_path path = away();
	struct icmp6_msg msg = { .type = ICMP6_MSG_MPS };

	(void)state;
	enroll(w);
	ladder_run(w->L, S);
	ladder_ra(w->other)->opts.prefix[0].valid_s = 40000;
	ladder_run(w->L, 9 * S);
	assert_int_equal(w->heard, 0);
	ladder_run(w->L, 13 * S);
	assert_true(w->heard >= 1);
	assert_in_range(w->last.mpa.prefix[0].valid_s, 39900, 40000);
	ladder_run(w->L, 4 * S);
	assert_true(w->heard >= 2);
	msg.mps.id = w->last.mpa.id;
	ladder_send_icmp6(w->mn, &path, &msg);
	ladder_run(w->L, S);
	w->heard = 0;
	ladder_run(w->L, 8 * S); /* the third would have come */
	assert_int_equal(w->heard, 0);
	down(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alone_it_names_itself),
		cmocka_unit_test(others_are_named_by_preference),
		cmocka_unit_test(a_flood_is_limited),
		cmocka_unit_test(a_solicitation_is_answered),
		cmocka_unit_test(a_change_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
