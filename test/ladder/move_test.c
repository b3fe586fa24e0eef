// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Movement alone (RFC 6275 11.5.1 to 11.5.3): a node whose registration is this file,
 * which writes down what it is told, between routers that come, go and lie.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mn/attach.h"
#include "mn/mn.h"
#include "mn/move.h"
#include "test/ladder/ladder.h"
#include "test/ladder/world.h"

#define CONF_BASE "NodeConfig MN; UseMnHaIPsec disabled; InterfaceInitialInitDelay 0.0;"
#define CONF	  CONF_BASE "CoaDad none; Interface \"eth0\";"
#define CONF_TWO                                                        \
	CONF_BASE "CoaDad none; Interface \"eth0\" { MnIfPreference 2; }" \
		  "Interface \"eth1\" { MnIfPreference 1; }"

/* --- registration ---------------------------------------------------------------- */

static struct box *mn;
static struct attachment last;
static unsigned int told;  /* changes of the attachment */
static bool old_was_there; /* the last former address, during the call */
static uint64_t told_us;
static struct in6_addr home_address;

bool home_is_home_address(const struct mip6 *m, const struct in6_addr *a)
{
	(void)m;
	return addr_equal(a, &home_address);
}

bool home_is_home_prefix(const struct mip6 *m, const struct prefix *p)
{
	(void)m;
	(void)p;
	return false;
}

void home_on_attachment(struct mip6 *m, const struct attachment *old,
			const struct attachment *now)
{
	old_was_there = old->usable && box_has(mn, ADDR_STR(&old->coa));
	last = *now;
	told++;
	told_us = m->now_us;
}

void home_on_attachment_detail(struct mip6 *m, const struct attachment *now)
{
	(void)m;
	last = *now;
}

static int start(struct mip6 *m)
{
	m->mn = calloc(1, sizeof(struct mn));
	return m->mn ? move_start(m) : -ENOMEM;
}

static void role_free(struct mip6 *m)
{
	if (!m->mn)
		return;
	move_free(m);
	free(m->mn);
	m->mn = NULL;
}

static void reconfigure(struct mip6 *m, const struct conf *old)
{
	(void)old;
	move_reconfigure(m);
}

static const struct role move_role = {
	.name = "mn",
	.start = start,
	.stop = move_stop,
	.free = role_free,
	.reconfigure = reconfigure,
	.on_nd = move_on_nd,
	.on_link = move_on_link,
	.on_addr = move_on_addr,
	.on_neigh = move_on_neigh,
	.on_lost = move_on_lost,
};

/* --- the world --------------------------------------------------------------------- */

struct world {
	struct ladder *L;
	struct net_link *a;
	struct net_link *b;
	struct box *ra;
	struct box *rb;
};

static struct world build(const char *conf, uint64_t interval_us)
{
	struct world w;

	memset(&last, 0, sizeof(last));
	memset(&home_address, 0, sizeof(home_address));
	told = 0;
	w.L = ladder_new();
	w.a = ladder_link(w.L, "a");
	w.b = ladder_link(w.L, "b");
	w.ra = ladder_router(w.L, "ra", w.a, "2001:db8:a::1/64", interval_us);
	w.rb = ladder_router(w.L, "rb", w.b, "2001:db8:b::1/64", interval_us);
	mn = ladder_node(w.L, "mn", conf, &move_role, NULL);
	ladder_attach(mn, "eth0", NULL);
	return w;
}

/* Attached to link a for a while. */
static struct world build_at_a(const char *conf, uint64_t interval_us)
{
	struct world w = build(conf, interval_us);

	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 5 * S);
	assert_true(last.usable);
	assert_int_equal(told, 1);
	return w;
}

static void assert_prefix(const char *prefix)
{
	struct prefix p;

	assert_int_equal(prefix_parse(prefix, &p, NULL), 0);
	assert_true(last.usable);
	assert_true(prefix_contains(&p, &last.coa));
}

static void end(struct world *w)
{
	int t;

	assert_int_equal(box_misuses(mn), 0);
	ladder_stop(mn, ROLE_SHUTDOWN);
	for (t = 0; t < KOBJ_TYPE_COUNT; t++)
		assert_int_equal(box_count(mn, (enum kobj_type)t), 0);
	ladder_free(w->L);
}

/* --- tests -------------------------------------------------------------------------- */

/* RFC 6275 11.5.1, 11.5.2: the carrier comes; a router is asked without delay, and the
 * address is in use in the turn in which its answer comes. */
static void a_link_is_joined_at_once(void **state)
{
	struct world w = build(CONF, 0);

	(void)state;
	ladder_start(mn);
	ladder_run(w.L, S);
	assert_int_equal(told, 0);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_expect(w.L, "mn -> * RS", 10 * MS);
	ladder_run(w.L, 10 * MS);
	assert_prefix("2001:db8:a::/64");
	assert_int_equal(told, 1);
	assert_true(told_us - last.event_us <= 5 * MS);
	assert_true(last.event_us <= last.rs_us && last.rs_us <= last.ra_us);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	assert_int_equal(box_count(mn, KOBJ_ROUTE), 2);
	end(&w);
}

/* RFC 6275 11.5.1, 11.5.4: another link; nothing of the former is left. */
static void a_former_link_leaves_nothing(void **state)
{
	struct world w = build_at_a(CONF, 0);
	struct in6_addr former = last.coa;

	(void)state;
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, 50 * MS);
	assert_prefix("2001:db8:b::/64");
	assert_int_equal(last.cause, ATTACH_LINK_UP);
	assert_true(told_us - last.event_us <= 5 * MS);
	assert_false(box_has(mn, ADDR_STR(&former)));
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	end(&w);
}

/* RFC 6275 11.5.1: two routers on one link are no movement while the first answers. */
static void a_second_router_is_no_movement(void **state)
{
	struct world w = build_at_a(CONF, 1000 * MS);

	(void)state;
	ladder_router(w.L, "rc", w.a, "2001:db8:c::1/64", 700 * MS);
	ladder_run(w.L, 60 * S);
	assert_prefix("2001:db8:a::/64");
	assert_int_equal(told, 1);
	end(&w);
}

/* RFC 6275 11.5.1: nobody says that the link is another one; noticed by the other
 * router within 200 ms, and certain when the former has not answered the probe. */
static void a_silent_move_is_noticed(void **state)
{
	struct world w = build_at_a(CONF, 50 * MS);
	uint64_t moved_us;

	(void)state;
	moved_us = ladder_now(w.L);
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	ladder_run(w.L, S);
	assert_prefix("2001:db8:b::/64");
	assert_true(last.event_us - moved_us <= 200 * MS);
	assert_true(told_us - moved_us <= 260 * MS);
	assert_int_equal(last.cause, ATTACH_NEW_ROUTER);
	end(&w);
}

/* With MnRouterProbes 0 the advertisement is enough. */
static void a_silent_move_without_probes_is_immediate(void **state)
{
	struct world w = build_at_a(CONF "MnRouterProbes 0;", 50 * MS);
	uint64_t moved_us = ladder_now(w.L);

	(void)state;
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	ladder_run(w.L, S);
	assert_prefix("2001:db8:b::/64");
	assert_true(told_us - moved_us <= 60 * MS);
	end(&w);
}

/* RFC 6275 11.5.1: a router that died is left, though its lifetime is long, when another
 * one is there. */
static void a_dead_router_is_left(void **state)
{
	struct world w = build_at_a(CONF, 100 * MS);

	(void)state;
	ladder_router(w.L, "rc", w.a, "2001:db8:c::1/64", 100 * MS);
	ladder_run(w.L, 5 * S);
	assert_prefix("2001:db8:a::/64");
	ladder_move(w.ra, "eth0", NULL, LADDER_CARRIER);
	ladder_run(w.L, 2 * S);
	assert_prefix("2001:db8:c::/64");
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	end(&w);
}

/* RFC 6275 11.5.3: SHOULD leave a care-of address that becomes deprecated for another. */
static void a_deprecated_address_is_left(void **state)
{
	struct world w = build_at_a(CONF, 0);
	struct nd_msg *ra = ladder_ra(w.ra);

	(void)state;
	ra->opts.prefix[1] = ra->opts.prefix[0];
	ra->opts.prefix[1].addr = ip6("2001:db8:d::");
	ra->opts.prefix_count = 2;
	ra->opts.prefix[0].preferred_s = 10;
	ladder_advertise(w.ra);
	ladder_run(w.L, 9 * S);
	assert_prefix("2001:db8:a::/64");
	ladder_run(w.L, 2 * S);
	assert_prefix("2001:db8:d::/64");
	assert_true(old_was_there);
	end(&w);
}

/* RFC 7559 section 2: without an answer the solicitations go on, ever slower. */
static void solicitations_back_off(void **state)
{
	struct world w = build(CONF, 0);
	struct net_link *empty = ladder_link(w.L, "empty");
	size_t early;

	(void)state;
	ladder_start(mn);
	ladder_move(mn, "eth0", empty, LADDER_CARRIER);
	ladder_run(w.L, 10 * S);
	early = ladder_count(w.L, "mn -> * RS");
	assert_in_range(early, 5, 7);
	ladder_run(w.L, 1000 * S);
	assert_in_range(ladder_count(w.L, "mn -> * RS") - early, 4, 9);
	ladder_move(mn, "eth0", w.a, LADDER_SILENT);
	ladder_run(w.L, 4000 * S);
	assert_prefix("2001:db8:a::/64");
	end(&w);
}

/* RFC 6275 11.5.1: a solicitation is lost on the way; the next one comes soon. */
static void a_lost_solicitation_is_soon_repeated(void **state)
{
	const struct quality dead = { .latency_us = MS, .loss_ppm = 1000000 };
	const struct quality good = { .latency_us = MS };
	struct world w = build(CONF, 0);

	(void)state;
	ladder_start(mn);
	ladder_quality(w.a, &dead);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 50 * MS);
	ladder_quality(w.a, &good);
	ladder_run(w.L, 400 * MS);
	assert_prefix("2001:db8:a::/64");
	assert_true(told_us - last.event_us <= 350 * MS);
	end(&w);
}

/* RFC 4861 7.2.3: the router knows the care-of address before the first packet for it
 * comes; it need not ask for it. Not from an optimistic address (RFC 4429 3.2). */
static void the_router_is_greeted(void **state)
{
	struct world w = build(CONF, 0);

	(void)state;
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_expect(w.L, "mn -> ra NS", 10 * MS);
	assert_int_equal(ladder_sent_us(w.L), told_us);
	ladder_run(w.L, 10 * MS);
	assert_true(ladder_ping(w.ra, NULL, &last.coa));
	assert_int_equal(ladder_count(w.L, "ra -> *a NS"), 0);
	end(&w);
	w = build(CONF_BASE "Interface \"eth0\"; CoaDad optimistic;", 0);
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 100 * MS);
	assert_true(last.coa_optimistic);
	assert_int_equal(ladder_count(w.L, "mn -> ra NS"), 0);
	end(&w);
}

/* RFC 6275 11.5.1: its own advertisement overdue, no answer, and another router there:
 * that is enough before the whole time for the answer is over; either alone is not. */
static void all_evidence_leads_to_an_early_verdict(void **state)
{
	struct world w = build_at_a(CONF "MnRouterProbeTimeout 5.0;", 50 * MS);
	uint64_t moved_us = ladder_now(w.L);

	(void)state;
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	ladder_run(w.L, S);
	assert_prefix("2001:db8:b::/64");
	assert_in_range(told_us - moved_us, 50 * MS, 180 * MS);
	end(&w);
	/* two questions are wanted: each has its time */
	w = build_at_a(CONF "MnRouterProbes 2; MnRouterProbeTimeout 0.5;", 50 * MS);
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	ladder_run(w.L, 900 * MS);
	assert_prefix("2001:db8:a::/64");
	ladder_run(w.L, 300 * MS);
	assert_prefix("2001:db8:b::/64");
	end(&w);
	/* the router does not say how often it advertises */
	w = build_at_a(CONF "MnRouterProbeTimeout 1.0;", 0);
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	ladder_advertise(w.rb);
	ladder_run(w.L, 900 * MS);
	assert_prefix("2001:db8:a::/64");
	ladder_run(w.L, 200 * MS);
	assert_prefix("2001:db8:b::/64");
	end(&w);
}

/* RFC 6275 11.5.1: a router whose silence is known is not asked once more when another
 * one comes. */
static void a_router_known_to_be_silent_is_left_at_once(void **state)
{
	struct world w = build_at_a(CONF, 50 * MS);
	struct net_link *empty = ladder_link(w.L, "empty");
	uint64_t at_us;

	(void)state;
	ladder_move(mn, "eth0", empty, LADDER_SILENT);
	ladder_run(w.L, 2 * S);
	assert_prefix("2001:db8:a::/64");
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	at_us = ladder_now(w.L);
	ladder_run(w.L, 200 * MS);
	assert_prefix("2001:db8:b::/64");
	assert_true(told_us - at_us <= 60 * MS);
	assert_int_equal(last.cause, ATTACH_ROUTER_LOST);
	end(&w);
}

/* RFC 6275 11.5.1: of two routers on one link the one in use dies while the other happens to
 * be quiet; when that is heard again, it is used. */
static void a_dead_router_is_left_when_another_is_heard(void **state)
{
	struct world w = build_at_a(CONF, 100 * MS);
	struct box *rc = ladder_router(w.L, "rc", w.a, "2001:db8:c::1/64", 0);

	(void)state;
	ladder_advertise(rc);
	ladder_run(w.L, 5 * S);
	assert_prefix("2001:db8:a::/64");
	ladder_rs_delay(rc, 3 * S);
	ladder_move(w.ra, "eth0", NULL, LADDER_CARRIER);
	ladder_run(w.L, 2 * S);
	assert_prefix("2001:db8:a::/64");
	ladder_run(w.L, 2 * S);
	assert_prefix("2001:db8:c::/64");
	end(&w);
}

/* RFC 6275 11.5.1: a silent move has raised a doubt, and before it is resolved the carrier goes
 * and comes: what was heard in doubt is not of the former link. */
static void a_doubt_does_not_outlive_the_carrier(void **state)
{
	struct world w = build_at_a(CONF "MnRouterProbeTimeout 1.0;", 0);

	(void)state;
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	ladder_advertise(w.rb);
	ladder_run(w.L, 20 * MS);
	assert_prefix("2001:db8:a::/64");
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, 20 * MS);
	assert_prefix("2001:db8:b::/64");
	ladder_run(w.L, 5 * S);
	assert_prefix("2001:db8:b::/64");
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	end(&w);
}

/* Another wireless network, and the carrier was there all the time. */
static void another_network_is_another_link(void **state)
{
	struct world w = build(CONF, 0);
	uint64_t at_us;

	(void)state;
	ladder_ssid(mn, "eth0", "one");
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 5 * S);
	assert_prefix("2001:db8:a::/64");
	ladder_ssid(mn, "eth0", ""); /* no news */
	ladder_ssid(mn, "eth0", "one");
	ladder_run(w.L, 5 * S);
	assert_int_equal(told, 1);
	ladder_move(mn, "eth0", w.b, LADDER_SILENT);
	at_us = ladder_now(w.L);
	ladder_ssid(mn, "eth0", "two");
	ladder_run(w.L, 20 * MS);
	assert_prefix("2001:db8:b::/64");
	assert_int_equal(last.cause, ATTACH_LINK_UP);
	assert_int_equal(last.event_us, at_us);
	/* one link may have two names */
	ladder_ssid(mn, "eth0", "three");
	ladder_run(w.L, 20 * MS);
	assert_prefix("2001:db8:b::/64");
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	end(&w);
}

/* What SIGHUP does to CoaDad and MnAddressGeneration: new addresses follow, those that are
 * there stay as they are. */
static void new_addresses_follow_a_new_configuration(void **state)
{
	struct world w = build_at_a(CONF, 1000 * MS);
	struct in6_addr coa = last.coa, local;
	const uint8_t *mac;

	(void)state;
	ladder_reconfigure(mn, CONF_BASE "CoaDad full; MnAddressGeneration eui64;"
					 "Interface \"eth0\";");
	ladder_run(w.L, 3 * S);
	assert_true(addr_equal(&last.coa, &coa));
	assert_int_equal(told, 1);
	assert_int_equal(ladder_count(w.L, "mn -> *a NS src=::"), 0);
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, 500 * MS);
	assert_false(last.usable); /* duplicate address detection takes its second */
	ladder_run(w.L, 2 * S);
	assert_prefix("2001:db8:b::/64");
	mac = box_iface_name(mn, "eth0")->mac;
	local = addr_eui64(mac);
	assert_memory_equal(&local.s6_addr[8], &last.coa.s6_addr[8], 8);
	end(&w);
}

/* An interface is pulled out, and comes again; the other one serves meanwhile. */
static void interfaces_come_and_go(void **state)
{
	struct world w = build_at_a(CONF_TWO, 1000 * MS);
	int n;

	(void)state;
	for (n = 0; n < 5; n++) {
		ladder_attach(mn, "eth1", w.b);
		ladder_run(w.L, 5 * S);
		assert_prefix("2001:db8:b::/64");
		ladder_vanish(mn, "eth1");
		ladder_run(w.L, 20 * MS);
		assert_prefix("2001:db8:a::/64");
		assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	}
	ladder_vanish(mn, "eth0");
	ladder_run(w.L, S);
	assert_false(last.usable);
	ladder_attach(mn, "eth0", w.b);
	ladder_run(w.L, S);
	assert_prefix("2001:db8:b::/64");
	end(&w);
}

/* RFC 4862 5.5.3 e: one advertisement cannot end an address soon; 6.3.4 of RFC 4861: a
 * router's lifetime of zero ends its use at once. */
static void lifetimes_are_believed_within_limits(void **state)
{
	struct world w = build_at_a(CONF, 0);

	(void)state;
	ladder_ra(w.ra)->opts.prefix[0].valid_s = 1;
	ladder_ra(w.ra)->opts.prefix[0].preferred_s = 1;
	ladder_advertise(w.ra);
	ladder_run(w.L, 10 * MS);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	ladder_run(w.L, 1700 * S);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	/* deprecated, but there is no other (RFC 4862 5.5.4) */
	ladder_advertise(w.ra);
	ladder_run(w.L, 2 * S);
	assert_prefix("2001:db8:a::/64");
	assert_int_equal(told, 1);
	ladder_ra(w.ra)->ra.lifetime_s = 0;
	ladder_advertise(w.ra);
	ladder_run(w.L, 10 * MS);
	assert_false(last.usable);
	end(&w);
}

/* RFC 6275 11.5.3, RFC 4862 5.4.5: an address that is taken is not used; the next is. */
static void a_duplicate_is_followed_by_another(void **state)
{
	struct world w = build_at_a(CONF_BASE "CoaDad full; Interface \"eth0\";", 0);
	struct in6_addr first = last.coa;
	char text[64];

	(void)state;
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, 5 * S);
	snprintf(text, sizeof(text), "%s/64", ADDR_STR(&first));
	ladder_host(w.L, "thief", w.a, text, w.ra);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 10 * S);
	assert_prefix("2001:db8:a::/64");
	assert_false(addr_equal(&last.coa, &first));
	end(&w);
}

/* Tables are bounded, whatever comes (RFC 4861 is silent; RFC 6104 tells of the attack). */
static void a_flood_of_prefixes_is_survived(void **state)
{
	struct world w = build_at_a(CONF, 0);
	unsigned int i;

	(void)state;
	for (i = 0; i < 2000; i++) {
		struct nd_prefix_info *info = &ladder_ra(w.ra)->opts.prefix[0];

		info->addr.s6_addr[6] = (uint8_t)(i >> 8);
		info->addr.s6_addr[7] = (uint8_t)i;
		ladder_advertise(w.ra);
		ladder_run(w.L, MS);
	}
	assert_true(box_count(mn, KOBJ_ADDR) <= MOVE_PREFIXES_MAX);
	assert_prefix("2001:db8:a::/64");
	assert_int_equal(told, 1);
	end(&w);
}

/* Somebody removes the care-of address or a route of it: it is put back. */
static void what_is_removed_is_put_back(void **state)
{
	struct world w = build_at_a(CONF, 1000 * MS);
	struct in6_addr coa = last.coa;

	(void)state;
	box_lose(mn, ADDR_STR(&coa));
	ladder_run(w.L, S);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	assert_int_equal(box_count(mn, KOBJ_ROUTE), 2);
	assert_true(last.usable);
	end(&w);
}

/* A better interface takes over when it has proved itself; one that takes over from a
 * lost one, at once. */
static void preference_and_loss_choose_the_interface(void **state)
{
	struct world w = build_at_a(CONF_TWO, 1000 * MS);
	uint64_t at_us = ladder_now(w.L);

	(void)state;
	ladder_attach(mn, "eth1", w.b);
	ladder_run(w.L, S);
	assert_prefix("2001:db8:a::/64");
	ladder_run(w.L, 3 * S);
	assert_prefix("2001:db8:b::/64");
	assert_int_equal(last.cause, ATTACH_PREFERENCE);
	assert_true(old_was_there);
	assert_true(told_us - at_us >= 2 * S);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 2); /* 11.5.4: SHOULD retain the former */
	at_us = ladder_now(w.L);
	ladder_move(mn, "eth1", NULL, LADDER_CARRIER);
	ladder_run(w.L, 10 * MS);
	assert_prefix("2001:db8:a::/64");
	assert_int_equal(told_us, at_us);
	assert_int_equal(last.cause, ATTACH_LINK_DOWN);
	end(&w);
}

/* RFC 6275 11.5.3: a home address is told, but never configured as a care-of address. */
static void a_home_address_is_not_configured(void **state)
{
	struct world w = build_at_a(CONF, 0);
	struct in6_addr coa = last.coa;

	(void)state;
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, 5 * S);
	home_address = coa;
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 5 * S);
	assert_true(addr_equal(&last.coa, &coa));
	assert_int_equal(box_count(mn, KOBJ_ADDR), 0);
	end(&w);
}

/* Stopping for a successor leaves the data path. */
static void a_restart_leaves_the_path(void **state)
{
	struct world w = build_at_a(CONF, 1000 * MS);

	(void)state;
	ladder_stop(mn, ROLE_RESTART);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	assert_int_equal(box_count(mn, KOBJ_ROUTE), 2);
	ladder_free(w.L);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_is_joined_at_once),
		cmocka_unit_test(a_former_link_leaves_nothing),
		cmocka_unit_test(a_second_router_is_no_movement),
		cmocka_unit_test(a_silent_move_is_noticed),
		cmocka_unit_test(a_silent_move_without_probes_is_immediate),
		cmocka_unit_test(a_dead_router_is_left),
		cmocka_unit_test(a_deprecated_address_is_left),
		cmocka_unit_test(solicitations_back_off),
		cmocka_unit_test(a_lost_solicitation_is_soon_repeated),
		cmocka_unit_test(the_router_is_greeted),
		cmocka_unit_test(all_evidence_leads_to_an_early_verdict),
		cmocka_unit_test(a_router_known_to_be_silent_is_left_at_once),
		cmocka_unit_test(a_dead_router_is_left_when_another_is_heard),
		cmocka_unit_test(a_doubt_does_not_outlive_the_carrier),
		cmocka_unit_test(another_network_is_another_link),
		cmocka_unit_test(new_addresses_follow_a_new_configuration),
		cmocka_unit_test(interfaces_come_and_go),
		cmocka_unit_test(lifetimes_are_believed_within_limits),
		cmocka_unit_test(a_duplicate_is_followed_by_another),
		cmocka_unit_test(a_flood_of_prefixes_is_survived),
		cmocka_unit_test(what_is_removed_is_put_back),
		cmocka_unit_test(preference_and_loss_choose_the_interface),
		cmocka_unit_test(a_home_address_is_not_configured),
		cmocka_unit_test(a_restart_leaves_the_path),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
