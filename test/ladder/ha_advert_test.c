// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Router advertisements of the home agent (RFC 4861 6.2, RFC 6275 7.5): when they are
 * sent, and what is thought of those of others.
 */
#include "test/ladder/ha_world.h"

#include <string.h>

#define HEARD_MAX 4096

#define BASE "NodeConfig HA; UseMnHaIPsec disabled; Interface \"eth0\";"
/* 16 minutes and more after the first ones. */
#define RARE BASE "HaMaxRtrAdvInterval 1800; HaMinRtrAdvInterval 1000;"
/* Every 40 to 100 s; 3 s between any two. */
#define SLOW BASE "HaMaxRtrAdvInterval 100; HaMinRtrAdvInterval 40;"

/* Advertisements of the home agent, as the host heard them. */
static struct {
	uint64_t began_us;
	uint64_t at_us[HEARD_MAX];
	bool alone[HEARD_MAX]; /* sent to the host alone */
	struct nd_msg last;
	size_t count;
} heard;

static struct in6_addr local_of(struct box *b)
{
	const struct link *l = link_find_name(&box_mip6(b)->links, "eth0");

	return *link_local_addr(l);
}

static void hear(struct box *b, const struct mip6_packet *p, void *ctx)
{
	const struct nd_packet how = {
		.src = p->path.peer, .dst = p->path.local, .hop_limit = p->hop_limit
	};
	const struct ha_world *w = ctx;
	struct wire_error err;
	struct nd_msg msg;

	(void)b;
	if (p->proto != KPROTO_ICMP6 || nd_decode(p->data, p->len, &how, &msg, &err) != WIRE_OK ||
	    msg.type != ND_RA)
		return;
	assert_true(heard.count < HEARD_MAX);
	heard.at_us[heard.count] = ladder_now(w->L);
	heard.alone[heard.count++] = !p->to_multicast;
	heard.last = msg;
}

static struct ha_world *up(const char *conf)
{
	struct ha_world *w = ha_world_new(conf);

	memset(&heard, 0, sizeof(heard));
	ladder_hear(w->host, hear, w);
	heard.began_us = ladder_now(w->L);
	ladder_start(w->ha);
	return w;
}

/* A solicitation of the host, from its address or (NULL) from none. */
static void solicit(struct ha_world *w, const char *from)
{
	struct mip6_path path = { .peer = ip6("ff02::2") };
	struct nd_msg rs = { .type = ND_RS };

	if (from)
		path.local = ip6(from);
	ladder_send_nd(w->host, &path, &rs);
}

static enum ha_advert_state state(const struct ha_world *w)
{
	const struct ha *ha = ha_of(box_mip6(w->ha));

	return TAILQ_FIRST(&ha->links)->advert.state;
}

static uint64_t gap(size_t i)
{
	return heard.at_us[i] - heard.at_us[i - 1];
}

/* RFC 4861 6.2.4: the first three within 16 s of each other, then random times between
 * the least and the greatest interval. */
static void the_first_come_soon_then_at_random(void **state_)
{
	struct ha_world *w = up(SLOW);
	uint64_t least = TIME_NEVER, most = 0;

	(void)state_;
	ladder_run(w->L, 4000 * S);
	assert_true(heard.count > 40);
	assert_true(heard.at_us[0] - heard.began_us < S);
	for (size_t i = 1; i < heard.count; i++) {
		if (i <= 3) {
			assert_in_range(gap(i), 16 * S - MS, 16 * S + MS);
			continue;
		}
		assert_in_range(gap(i), 40 * S - MS, 100 * S + MS);
		least = time_earlier(least, gap(i));
		most = time_later(most, gap(i));
	}
	assert_true(most - least > 30 * S);
	ha_world_down(w);
}

/* RFC 6275 7.5: as often as every 30 ms; an interval below 200 ms is told 20 ms longer. */
static void beacons_may_be_frequent(void **state_)
{
	struct ha_world *w = up(BASE "HaMaxRtrAdvInterval 0.07;");

	(void)state_;
	ladder_run(w->L, 10 * S);
	assert_in_range(heard.count, 142, 334);
	for (size_t i = 1; i < heard.count; i++)
		assert_in_range(gap(i), 30 * MS - MS, 70 * MS + MS);
	assert_int_equal(heard.last.opts.adv_interval_ms, 90);
	assert_int_equal(heard.last.ra.lifetime_s, 1); /* 7.5: not zero */
	ha_world_down(w);
}

/* RFC 4861 6.2.6: to all, after a random part of half a second. */
static void router_solicitations_are_answered(void **state_)
{
	struct ha_world *w = up(RARE);
	uint64_t asked_us, least = TIME_NEVER, most = 0;

	(void)state_;
	ladder_run(w->L, 100 * S);
	for (int i = 0; i < 40; i++) {
		size_t before;

		ladder_run(w->L, 4 * S);
		asked_us = ladder_now(w->L);
		before = heard.count;
		solicit(w, i % 2 ? HOST : NULL);
		ladder_run(w->L, 600 * MS);
		assert_int_equal(heard.count, before + 1);
		assert_false(heard.alone[before]);
		assert_true(heard.last.ra.home_agent && heard.last.opts.prefix_count == 1);
		least = time_earlier(least, heard.at_us[before] - asked_us);
		most = time_later(most, heard.at_us[before] - asked_us);
	}
	assert_true(most <= 501 * MS && most > 250 * MS && least < 250 * MS);
	ha_world_down(w);
}

/* RFC 4861 6.2.6: no two to all nodes within MIN_DELAY_BETWEEN_RAS, whoever solicits; who
 * has an address is answered alone. */
static void answers_to_all_are_rare(void **state_)
{
	struct ha_world *w = up(SLOW);
	uint64_t last_us = 0;
	size_t alone = 0;

	(void)state_;
	for (int i = 0; i < 600; i++) {
		ladder_run(w->L, 100 * MS);
		solicit(w, NULL);
	}
	assert_true(heard.count > 15);
	for (size_t i = 1; i < heard.count; i++)
		assert_true(gap(i) >= 3 * S - MS);
	for (int i = 0; i < 600; i++) {
		ladder_run(w->L, 100 * MS);
		solicit(w, HOST);
	}
	for (size_t i = 0; i < heard.count; i++) {
		if (heard.alone[i]) {
			alone++;
			continue;
		}
		assert_true(!last_us || heard.at_us[i] - last_us >= 3 * S - MS);
		last_us = heard.at_us[i];
	}
	assert_true(alone > 30);
	ha_world_down(w);
}

/* RFC 6275 section 13: MinDelayBetweenRAs. */
static void delay_between_advertisements_is_configured(void **state_)
{
	struct ha_world *w = up(RARE "HaMinDelayBetweenRAs 0.2;");
	uint64_t least = TIME_NEVER;

	(void)state_;
	for (int i = 0; i < 600; i++) {
		ladder_run(w->L, 100 * MS);
		solicit(w, NULL);
	}
	for (size_t i = 1; i < heard.count; i++)
		least = time_earlier(least, gap(i));
	assert_in_range(least, 200 * MS - MS, 300 * MS);
	ha_world_down(w);
}

/* RFC 4861 6.2.6: a flood of solicitations from many addresses costs a bounded number of
 * answers. */
static void a_flood_of_solicitations_is_bounded(void **state_)
{
	struct ha_world *w = up(SLOW);

	(void)state_;
	ladder_run(w->L, S);
	heard.count = 0;
	for (unsigned int i = 0; i < 3000; i++) {
		struct mip6_path path = { .peer = ip6("ff02::2"), .local = ip6("fe80::1:0") };
		struct nd_msg rs = { .type = ND_RS };

		path.local.s6_addr[14] = (uint8_t)(i >> 8);
		path.local.s6_addr[15] = (uint8_t)i;
		ladder_send_nd(w->host, &path, &rs);
		ladder_run(w->L, MS);
	}
	ladder_run(w->L, 5 * S);
	/* a full house waits for at most half a second */
	assert_true(heard.count <= 3 * 2 * HA_ADVERT_PENDING * 4);
	ha_world_down(w);
}

/* RFC 4861 6.2.5: the last one has router lifetime 0; it is no home agent any longer. */
static void the_last_one_takes_leave(void **state_)
{
	struct ha_world *w = up(SLOW);
	size_t before;

	(void)state_;
	ladder_run(w->L, S);
	assert_int_equal(heard.last.ra.lifetime_s, 300);
	before = heard.count;
	ladder_stop(w->ha, ROLE_SHUTDOWN);
	ladder_run(w->L, S);
	assert_int_equal(heard.count, before + 1);
	assert_int_equal(heard.last.ra.lifetime_s, 0);
	assert_false(heard.last.ra.home_agent);
	assert_false(nd_has(&heard.last.opts, ND_HAS_HA_INFO));
	assert_int_equal(heard.last.opts.prefix[0].valid_s, 2592000);
	ladder_run(w->L, 200 * S);
	assert_int_equal(heard.count, before + 1);
	ha_world_down(w);
}

/* A successor goes on: nobody is told that the router ends. */
static void a_restart_is_not_told(void **state_)
{
	struct ha_world *w = up(SLOW);
	size_t before;

	(void)state_;
	ladder_run(w->L, S);
	before = heard.count;
	ladder_stop(w->ha, ROLE_RESTART);
	ladder_run(w->L, 5 * S);
	assert_int_equal(heard.count, before);
	ladder_start(w->ha);
	ha_world_down(w);
}

/* 6.2.4: what changed is told soon, three times, and no sooner than unsolicited ones may
 * follow one another; with the option off, farewell and silence. */
static void changes_are_told(void **state_)
{
	struct ha_world *w = up(BASE "HaMaxRtrAdvInterval 100; HaMinRtrAdvInterval 10;");
	size_t before;

	(void)state_;
	ladder_run(w->L, 500 * S);
	before = heard.count;
	ladder_addr(w->ha, "eth0", "2001:db8:2::2/64");
	ladder_run(w->L, 11 * S);
	assert_true(heard.count > before);
	assert_int_equal(heard.last.opts.prefix_count, 2);
	ladder_run(w->L, 33 * S);
	assert_true(heard.count >= before + 3);
	for (size_t i = before + 1; i < heard.count; i++)
		assert_true(gap(i) >= 10 * S - MS);
	ladder_reconfigure(w->ha, BASE "HaSendRouterAdvs disabled;");
	ladder_run(w->L, S);
	assert_int_equal(heard.last.ra.lifetime_s, 0);
	assert_int_equal(state(w), HA_ADVERT_OFF);
	before = heard.count;
	solicit(w, HOST);
	ladder_run(w->L, 200 * S);
	assert_int_equal(heard.count, before);
	ha_world_down(w);
}

/* RFC 4861 6.2.2: not without an address, nor on a link that is down. */
static void only_where_it_can(void **state_)
{
	struct ha_world *w = up(SLOW);
	size_t before;

	(void)state_;
	ladder_run(w->L, S);
	before = heard.count;
	ladder_move(w->ha, "eth0", NULL, LADDER_CARRIER);
	ladder_run(w->L, 100 * S);
	assert_int_equal(heard.count, before);
	assert_int_equal(state(w), HA_ADVERT_OFF);
	ladder_move(w->ha, "eth0", w->home, LADDER_CARRIER);
	ladder_run(w->L, S);
	assert_int_equal(heard.count, before + 1);
	ladder_del_addr(w->ha, "eth0", HA "/64");
	ladder_run(w->L, S);
	before = heard.count;
	ladder_run(w->L, 200 * S);
	assert_int_equal(heard.count, before);
	ha_world_down(w);
}

/* --- others ---------------------------------------------------------------------------- */

static char logged[16384];

static void tap(enum log_subsystem s, enum log_level level, const char *line, void *ctx)
{
	(void)s;
	(void)ctx;
	if (level > LOGL_NOTICE)
		return;
	strncat(logged, line, sizeof(logged) - strlen(logged) - 2);
	strcat(logged, "\n");
}

static void listen_to_log(void)
{
	logged[0] = '\0';
	log_set_tap(tap, NULL);
}

/* What radvd on the home agent would say. */
static struct nd_msg good(struct ha_world *w)
{
	const struct link *l = link_find_name(&box_mip6(w->ha)->links, "eth0");
	struct nd_msg msg;

	assert_true(ha_advert_build(box_mip6(w->ha)->conf, l, false, &msg));
	return msg;
}

static void say(struct ha_world *w, const struct in6_addr *from, const struct nd_msg *msg)
{
	struct mip6_path path = { .local = *from, .peer = ip6("ff02::1") };

	ladder_send_nd(w->host, &path, msg);
	ladder_run(w->L, 10 * MS);
}

/* Two programs with one address would contradict each other: the other one is left alone
 * while it goes on; when it ends, or goes silent, we are there. */
static void another_program_is_left_alone(void **state_)
{
	struct ha_world *w = up(SLOW);
	struct in6_addr ha;
	struct nd_msg msg;
	size_t before;

	(void)state_;
	listen_to_log();
	ladder_run(w->L, S);
	ha = local_of(w->ha);
	msg = good(w);
	msg.ra.retrans_ms = 1; /* not what we say */
	say(w, &ha, &msg);
	assert_int_equal(state(w), HA_ADVERT_ASIDE);
	assert_non_null(strstr(logged, "left to it"));
	before = heard.count;
	solicit(w, HOST);
	for (int i = 0; i < 20; i++) {
		ladder_run(w->L, 100 * S);
		say(w, &ha, &msg);
	}
	assert_int_equal(heard.count, before); /* no farewell either */
	msg.ra.lifetime_s = 0;
	say(w, &ha, &msg);
	ladder_run(w->L, S);
	assert_int_equal(state(w), HA_ADVERT_ON);
	assert_true(heard.count > before);
	msg.ra.lifetime_s = 300;
	say(w, &ha, &msg);
	assert_int_equal(state(w), HA_ADVERT_ASIDE);
	ladder_run(w->L, 303 * S); /* three times its interval */
	assert_int_equal(state(w), HA_ADVERT_ON);
	log_set_tap(NULL, NULL);
	ha_world_down(w);
}

/* What the file says in so many words is done, and the contradiction told. */
static void what_is_written_is_done(void **state_)
{
	struct ha_world *w = up(SLOW "HaSendRouterAdvs enabled;");
	struct in6_addr ha;
	struct nd_msg msg;

	(void)state_;
	listen_to_log();
	ladder_run(w->L, S);
	ha = local_of(w->ha);
	msg = good(w);
	msg.ra.retrans_ms = 1;
	say(w, &ha, &msg);
	assert_int_equal(state(w), HA_ADVERT_ON);
	assert_non_null(strstr(logged, "as well: disable it"));
	log_set_tap(NULL, NULL);
	ha_world_down(w);
}

/* RFC 6275 7.1, 7.2, 7.4, 7.5, 10.5: what another program says of this home agent must be
 * so; said once, and again when it comes back. */
static void what_radvd_says_of_us_must_fit(void **state_)
{
	struct ha_world *w = up(BASE "HaSendRouterAdvs disabled; HaPreference 7; HaLifetime 90;");
	struct in6_addr ha;
	struct nd_msg msg;

	(void)state_;
	listen_to_log();
	ladder_run(w->L, S);
	ha = local_of(w->ha);
	msg = good(w);
	say(w, &ha, &msg);
	assert_string_equal(logged, "");
	msg.ra.home_agent = false;
	msg.opts.present &= ~(unsigned int)ND_HAS_HA_INFO;
	say(w, &ha, &msg);
	assert_non_null(strstr(logged, "H bit"));
	logged[0] = '\0';
	say(w, &ha, &msg);
	assert_string_equal(logged, "");
	msg = good(w);
	msg.opts.present &= ~(unsigned int)ND_HAS_SLLA;
	msg.opts.ha_info.preference = 8;
	msg.opts.ha_info.lifetime_s = 91;
	msg.opts.prefix[0].addr = ip6("2001:db8:1::99");
	say(w, &ha, &msg);
	assert_non_null(strstr(logged, "HaPreference"));
	assert_non_null(strstr(logged, "HaLifetime"));
	assert_non_null(strstr(logged, "link-layer"));
	assert_non_null(strstr(logged, "in full"));
	log_set_tap(NULL, NULL);
	ha_world_down(w);
}

/* RFC 4861 6.2.7: routers of the link must not contradict each other. */
static void what_other_routers_say_must_fit(void **state_)
{
	struct in6_addr other = ip6("fe80::77");
	struct ha_world *w = up(SLOW);
	struct nd_msg msg;

	(void)state_;
	listen_to_log();
	ladder_run(w->L, S);
	msg = good(w);
	say(w, &other, &msg);
	msg.ra.home_agent = false;
	msg.opts.present &= ~(unsigned int)ND_HAS_HA_INFO;
	msg.opts.prefix[0].valid_s -= 30; /* running down */
	say(w, &other, &msg);
	assert_string_equal(logged, "");
	msg.ra.cur_hop_limit = 63;
	msg.ra.managed = true;
	msg.opts.prefix[0].valid_s -= 3600;
	say(w, &other, &msg);
	assert_non_null(strstr(logged, "hop limit"));
	assert_non_null(strstr(logged, "M and O"));
	assert_non_null(strstr(logged, "lifetimes of a prefix"));
	logged[0] = '\0';
	msg.ra.home_agent = true;
	msg.opts.prefix[0].router_address = false;
	msg.opts.prefix[0].addr = ip6("2001:db8:1::");
	say(w, &other, &msg);
	assert_non_null(strstr(logged, "cannot be found"));
	assert_null(strstr(logged, "hop limit"));
	assert_int_equal(state(w), HA_ADVERT_ON);
	log_set_tap(NULL, NULL);
	ha_world_down(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_come_soon_then_at_random),
		cmocka_unit_test(beacons_may_be_frequent),
		cmocka_unit_test(router_solicitations_are_answered),
		cmocka_unit_test(answers_to_all_are_rare),
		cmocka_unit_test(delay_between_advertisements_is_configured),
		cmocka_unit_test(a_flood_of_solicitations_is_bounded),
		cmocka_unit_test(the_last_one_takes_leave),
		cmocka_unit_test(a_restart_is_not_told),
		cmocka_unit_test(changes_are_told),
		cmocka_unit_test(only_where_it_can),
		cmocka_unit_test(another_program_is_left_alone),
		cmocka_unit_test(what_is_written_is_done),
		cmocka_unit_test(what_radvd_says_of_us_must_fit),
		cmocka_unit_test(what_other_routers_say_must_fit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
