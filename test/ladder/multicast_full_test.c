// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Multicast of a mobile node (RFC 6275 11.3.4) with its home agent (10.4.2, 10.4.3), each the
 * whole role: applications that listen and speak, at home, away, and in between.
 */
#include "test/ladder/full_world.h"

#include <stdio.h>

#include "wire/mld.h"

#define GROUP "ff0e::101"
#define OTHER "ff3e::102"
#define HH    "2001:db8::77"
#define FOREIGN_CONF FULL_MN_CONF "MnMulticast foreign;"

struct world {
	struct full *f;
	struct box *hh; /* a host on the home link */
};

static struct world begin(const char *conf)
{
	struct world w = { .f = full_new() };

	w.hh = ladder_host(w.f->L, "hh", w.f->links[0], HH "/64", w.f->routers[0]);
	if (conf)
		ladder_reconfigure(w.f->mn, conf);
	ladder_start(w.f->mn);
	return w;
}

static void go(struct world *w, int link)
{
	full_go(w->f, link);
	ladder_run(w->f->L, 8 * S);
	assert_true(link ? full_agree_away(w->f) : full_agree_home(w->f));
}

/* Packets to the group from the home link; how many of them the node has heard. */
static unsigned int hears(struct world *w, const char *group)
{
	unsigned int before = ladder_heard(w->f->mn);

	for (int i = 0; i < 3; i++) {
		assert_int_equal(ladder_say(w->hh, "eth0", HH, group), 0);
		ladder_run(w->f->L, 100 * MS);
	}
	return ladder_heard(w->f->mn) - before;
}

#define expect_heard(w, group, n) expect_heard_at((w), (group), (n), __LINE__)
static void expect_heard_at(struct world *w, const char *group, unsigned int n, int line)
{
	unsigned int heard = hears(w, group);

	if (heard != n)
		ladder_fail(w->f->L, __FILE__, line, "heard %u of 3, not %u", heard, n);
}

static size_t groups(const struct world *w)
{
	return box_count(w->f->mn, KOBJ_GROUP);
}

/* 8.5, 11.3.4: what was joined at home is heard at home, away, elsewhere, and at home again;
 * each packet once. */
static void a_group_is_heard_wherever_the_node_is(void **state)
{
	static const int tour[] = { 1, 2, 1, 0, 2, 0 };
	struct world w = begin(NULL);

	(void)state;
	go(&w, 0);
	ladder_join(w.f->mn, "eth0", GROUP);
	expect_heard(&w, GROUP, 3);
	for (size_t i = 0; i < sizeof(tour) / sizeof(tour[0]); i++) {
		go(&w, tour[i]);
		expect_heard(&w, GROUP, 3);
		assert_int_equal(groups(&w), tour[i] != 0);
		assert_int_equal(box_misuses(w.f->mn), 0);
	}
	full_end(w.f);
}

/* 11.3.4: MUST NOT report through the tunnel before the home agent has asked through it. */
static void nothing_is_reported_before_a_query(void **state)
{
	struct world w = begin(NULL);
	struct ladder *L = w.f->L;

	(void)state;
	ladder_reconfigure(w.f->ha, FULL_HA_CONF "HaMulticast disabled;");
	go(&w, 0);
	ladder_join(w.f->mn, "eth0", GROUP);
	go(&w, 1);
	ladder_run(L, 200 * S);
	go(&w, 2);
	assert_int_equal(ladder_count(L, "mn -> * MLD-REPORT"), 0);
	assert_int_equal(groups(&w), 0);
	ladder_mark(L);
	ladder_reconfigure(w.f->ha, FULL_HA_CONF);
	ladder_expect(L, "ha -> mn MLD-QUERY group=::", S);
	ladder_expect(L, "mn -> ha MLD-REPORT records=1 record=4," GROUP " src=fe80::99", S);
	expect_heard(&w, GROUP, 3);
	full_end(w.f);
}

/* A query that is not one (RFC 3810 6.2), or that did not come through the tunnel. */
static void what_is_not_a_query_of_the_home_agent(void **state)
{
	static const uint8_t general[28] = { MLD_QUERY, [4] = 3, [24] = 2, [25] = 125 };
	const struct in6_addr all = ip6("ff02::1"), local = ip6("fe80::5"), global = ip6(CN);
	struct world w = begin(NULL);
	struct packet *p;

	(void)state;
	ladder_reconfigure(w.f->ha, FULL_HA_CONF "HaMulticast disabled;");
	go(&w, 1);
	ladder_join(w.f->mn, "eth0", GROUP);
	/* on the foreign link: its router asks, and the kernel answers there */
	p = mld_packet(&local, &all, general, sizeof(general));
	box_output(w.f->routers[1], p, TAILQ_FIRST(&w.f->routers[1]->ifaces)->ifindex, true);
	/* through the tunnel, but not as it must be */
	for (int i = 0; i < 2; i++) {
		const struct in6_addr coa = full_addr(w.f)->at.coa, ha = ip6(HA);

		p = mld_packet(i ? &global : &local, &all, general, sizeof(general));
		p->hop_limit = i ? 1 : 2;
		ladder_send_packet(w.f->ha, packet_wrap(p, &ha, &coa));
	}
	ladder_run(w.f->L, 5 * S);
	assert_int_equal(groups(&w), 0);
	assert_int_equal(box_mip6(w.f->mn)->counters.value[COUNT_MCAST_FORM], 2);
	assert_int_equal(box_mip6(w.f->mn)->counters.value[COUNT_IN_MLD_QUERY], 0);
	full_end(w.f);
}

/* 11.3.4: SHOULD assume that this does not change as long as the binding lasts. */
static void it_stays_so_while_the_binding_lasts(void **state)
{
	struct world w = begin(NULL);

	(void)state;
	go(&w, 0);
	go(&w, 1);
	ladder_reconfigure(w.f->ha, FULL_HA_CONF "HaMulticast disabled;"); /* asks no more */
	ladder_join(w.f->mn, "eth0", GROUP);
	go(&w, 2);
	assert_int_equal(groups(&w), 1);
	assert_true(ladder_count(w.f->L, "mn -> * MLD-REPORT record=4," GROUP) > 0);
	ladder_run(w.f->L, 300 * S); /* renewed several times */
	assert_int_equal(groups(&w), 1);
	/* It ends: the home agent is gone. */
	ladder_crash(w.f->ha);
	ladder_run(w.f->L, 130 * S);
	assert_int_equal(groups(&w), 0);
	ladder_forget(w.f->ha);
	ladder_start(w.f->ha);
	ladder_run(w.f->L, 60 * S);
	assert_true(full_agree_away(w.f));
	assert_int_equal(groups(&w), 0); /* and does not ask */
	full_end(w.f);
}

/* Applications come and go while the node is away; many groups, and small scopes. */
static void what_applications_do(void **state)
{
	struct world w = begin(NULL);
	char text[32];

	(void)state;
	go(&w, 0);
	go(&w, 1);
	assert_int_equal(groups(&w), 0);
	ladder_join(w.f->mn, "eth0", GROUP);
	ladder_join(w.f->mn, "eth0", OTHER);
	ladder_join(w.f->mn, "eth0", "ff02::5");
	ladder_join(w.f->mn, "eth0", "ff05::5");
	ladder_join(w.f->mn, "eth0", "ff08::5");
	ladder_run(w.f->L, 1100 * MS);
	assert_int_equal(groups(&w), 2);
	expect_heard(&w, OTHER, 3);
	ladder_leave(w.f->mn, "eth0", GROUP);
	ladder_run(w.f->L, 1100 * MS);
	assert_int_equal(groups(&w), 1);
	expect_heard(&w, GROUP, 0);
	assert_int_equal(box_count(w.f->ha, KOBJ_GROUP), 1);
	for (unsigned int i = 0; i < 70; i++) {
		snprintf(text, sizeof(text), "ff0e::1:%x", i);
		ladder_join(w.f->mn, "eth0", text);
	}
	ladder_run(w.f->L, 5 * S);
	assert_int_equal(groups(&w), 64);
	assert_int_equal(box_mip6(w.f->mn)->counters.value[COUNT_MCAST_FULL], 1);
	full_end(w.f);
}

/* 11.3.4: MAY join on the foreign link instead, as any host. */
static void on_the_foreign_link(void **state)
{
	struct world w = begin(FOREIGN_CONF);

	(void)state;
	go(&w, 0);
	ladder_join(w.f->mn, "eth0", GROUP);
	go(&w, 1);
	ladder_run(w.f->L, 100 * S);
	assert_int_equal(groups(&w), 0);
	assert_int_equal(ladder_count(w.f->L, "mn -> ha MLD-REPORT"), 0);
	expect_heard(&w, GROUP, 0);
	ladder_say(w.f->routers[1], "eth0", "2001:db8:a::1", GROUP);
	ladder_run(w.f->L, 100 * MS);
	assert_int_equal(ladder_heard(w.f->mn), 1);
	/* and the other way while it runs */
	ladder_reconfigure(w.f->mn, FULL_MN_CONF);
	ladder_run(w.f->L, 130 * S);
	expect_heard(&w, GROUP, 3);
	ladder_reconfigure(w.f->mn, FOREIGN_CONF);
	ladder_run(w.f->L, 2 * S);
	assert_int_equal(groups(&w), 0);
	full_end(w.f);
}

/* 11.3.4: what is sent with the home address goes through the tunnel with it as the inner
 * source; with the care-of address directly, without a Home Address option. */
static void speaking(void **state)
{
	struct world w = begin(NULL);
	struct ladder *L = w.f->L;
	char coa[64];

	(void)state;
	go(&w, 0);
	ladder_join(w.hh, "eth0", GROUP);
	assert_int_equal(ladder_say(w.f->mn, NULL, HOA, GROUP), 0);
	ladder_run(L, 100 * MS);
	assert_int_equal(ladder_heard(w.hh), 1);
	go(&w, 1);
	ladder_mark(L);
	assert_int_equal(ladder_say(w.f->mn, NULL, HOA, GROUP), 0);
	ladder_expect(L, "mn -> * DATA src=" HOA " dst=" GROUP, S);
	ladder_run(L, 100 * MS);
	assert_int_equal(ladder_heard(w.hh), 2);
	assert_int_equal(ladder_count(L, "mn -> *a DATA src=" HOA), 0);
	snprintf(coa, sizeof(coa), "%s", ADDR_STR(&full_addr(w.f)->at.coa));
	assert_int_equal(ladder_say(w.f->mn, NULL, coa, GROUP), 0);
	ladder_run(L, 100 * MS);
	assert_int_equal(ladder_count(L, "mn -> *a DATA dst=" GROUP), 1);
	assert_int_equal(ladder_count(L, "mn -> * DATA hao=" HOA), 0);
	assert_int_equal(ladder_heard(w.hh), 2);
	/* It neither hears itself, nor anything twice. */
	ladder_join(w.f->mn, "eth0", GROUP);
	ladder_run(L, 2 * S);
	assert_int_equal(ladder_say(w.f->mn, NULL, HOA, GROUP), 0);
	ladder_run(L, 100 * MS);
	assert_int_equal(ladder_heard(w.f->mn), 0);
	go(&w, 0);
	assert_int_equal(ladder_say(w.f->mn, NULL, HOA, GROUP), 0);
	ladder_run(L, 100 * MS);
	assert_int_equal(ladder_heard(w.hh), 4);
	full_end(w.f);
}

/* 11.3.1: without a registration the home address is nobody's source on a foreign link. */
static void nothing_leaks_while_unregistered(void **state)
{
	const struct quality nothing = { .loss_ppm = 1000000 }, fine = { .latency_us = 5 * MS };
	struct world w = begin(NULL);

	(void)state;
	go(&w, 0);
	ladder_core_quality(w.f->L, &nothing);
	full_go(w.f, 1);
	ladder_run(w.f->L, 5 * S);
	assert_int_not_equal(ladder_say(w.f->mn, NULL, HOA, GROUP), 0);
	assert_int_not_equal(ladder_say(w.f->mn, NULL, HOA, "ff05::5"), 0);
	assert_int_not_equal(ladder_say(w.f->mn, NULL, HOA, "ff8e::5"), 0);
	assert_int_equal(ladder_count(w.f->L, "mn -> *a DATA src=" HOA), 0);
	ladder_core_quality(w.f->L, &fine);
	ladder_run(w.f->L, 40 * S);
	assert_true(full_agree_away(w.f));
	assert_int_equal(ladder_say(w.f->mn, NULL, HOA, GROUP), 0);
	full_end(w.f);
}

/* Make before break: the tunnel that packets come by is the former, then the new one. */
static void with_two_interfaces(void **state)
{
	struct world w = begin(FULL_TWO_CONF);
	struct ladder *L = w.f->L;
	unsigned int heard;

	(void)state;
	ladder_attach(w.f->mn, "eth1", NULL);
	go(&w, 1);
	ladder_join(w.f->mn, "eth0", GROUP);
	ladder_run(L, 2 * S);
	expect_heard(&w, GROUP, 3);
	heard = ladder_heard(w.f->mn);
	ladder_move(w.f->mn, "eth1", w.f->links[2], LADDER_CARRIER);
	for (int i = 0; i < 500; i++) {
		ladder_say(w.hh, "eth0", HH, GROUP);
		ladder_run(L, 10 * MS);
	}
	assert_true(full_agree_away(w.f));
	assert_int_equal(ladder_heard(w.f->mn) - heard, 500);
	full_end(w.f);
}

/* A node that starts anew is asked at once, for it registers. */
static void a_restart(void **state)
{
	struct world w = begin(NULL);

	(void)state;
	go(&w, 0);
	ladder_join(w.f->mn, "eth0", GROUP);
	go(&w, 1);
	ladder_crash(w.f->mn);
	assert_int_equal(groups(&w), 0);
	ladder_run(w.f->L, 5 * S);
	ladder_start(w.f->mn);
	ladder_run(w.f->L, 5 * S);
	expect_heard(&w, GROUP, 3);
	ladder_stop(w.f->mn, ROLE_RESTART);
	ladder_run(w.f->L, S);
	ladder_start(w.f->mn);
	ladder_run(w.f->L, 5 * S);
	expect_heard(&w, GROUP, 3);
	assert_int_equal(box_misuses(w.f->mn), 0);
	full_end(w.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_group_is_heard_wherever_the_node_is),
		cmocka_unit_test(nothing_is_reported_before_a_query),
		cmocka_unit_test(what_is_not_a_query_of_the_home_agent),
		cmocka_unit_test(it_stays_so_while_the_binding_lasts),
		cmocka_unit_test(what_applications_do),
		cmocka_unit_test(on_the_foreign_link),
		cmocka_unit_test(speaking),
		cmocka_unit_test(nothing_leaks_while_unregistered),
		cmocka_unit_test(with_two_interfaces),
		cmocka_unit_test(a_restart),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
