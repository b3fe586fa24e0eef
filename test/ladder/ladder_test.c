// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ladder tests itself, with a role so small that whatever goes wrong is the
 * harness: links, chance, time, the record, starting and stopping. See ladder.h
 * for how to write such tests, ladder_kernel_test.c for the kernel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "test/ladder/ladder.h"
#include "test/ladder/world.h"

/* Answers a Care-of Test Init with a Care-of Test. */
static enum role_verdict echo_on_mh(struct mip6 *m, const struct mip6_packet *p,
				    const struct mh_msg *msg)
{
	struct mh_msg answer = { .type = MH_COT, .cot = { .nonce_index = 7 } };

	if (msg->type != MH_COTI)
		return ROLE_PASS;
	memcpy(answer.cot.cookie, msg->coti.cookie, MH_COOKIE_LEN);
	assert_int_equal(mip6_send_mh(m, &p->path, &answer), 0);
	return ROLE_TAKEN;
}

static const struct role echo_role = { .name = "echo", .on_mh = echo_on_mh };

/* cn --- here --- r1 === core === r2 --- there --- eve */
struct scene {
	struct ladder *L;
	struct net_link *here;
	struct net_link *there;
	struct box *r1;
	struct box *r2;
	struct box *cn;
	struct box *eve;
};

static struct scene build(void)
{
	struct scene s = { .L = ladder_new() };

	s.here = ladder_link(s.L, "here");
	s.there = ladder_link(s.L, "there");
	s.r1 = ladder_router(s.L, "r1", s.here, "2001:db8:1::1/64", S);
	s.r2 = ladder_router(s.L, "r2", s.there, "2001:db8:2::1/64", S);
	s.cn = ladder_node(s.L, "cn", "NodeConfig CN;", &echo_role, NULL);
	s.eve = ladder_host(s.L, "eve", s.there, "2001:db8:2::9/64", s.r2);
	ladder_hear(s.eve, NULL, NULL);
	ladder_attach(s.cn, "eth0", s.here);
	ladder_addr(s.cn, "eth0", "2001:db8:1::5/64");
	ladder_gateway(s.cn, s.r1);
	ladder_start(s.cn);
	return s;
}

static void say_coti(const struct scene *s)
{
	const struct mip6_path path = { .local = box_addr(s->eve), .peer = box_addr(s->cn) };
	const struct mh_msg coti = { .type = MH_COTI };

	ladder_send_mh(s->eve, &path, &coti);
}

static void a_message_is_answered_across_the_core(void **state)
{
	struct scene s = build();

	(void)state;
	say_coti(&s);
	ladder_expect(s.L, "eve -> cn CoTI src=2001:db8:2::9", 20 * MS);
	ladder_expect(s.L, "cn -> eve CoT index=7", 20 * MS);
	assert_int_equal(box_mip6(s.cn)->counters.value[COUNT_IN_COTI], 1);
	assert_int_equal(box_mip6(s.cn)->counters.value[COUNT_OUT_COT], 1);
	ladder_stop(s.cn, ROLE_SHUTDOWN);
	assert_null(box_mip6(s.cn));
	ladder_free(s.L);
}

static void frames_take_the_time_of_their_links(void **state)
{
	struct scene s = build();
	uint64_t rtt_us;

	(void)state;
	/* the first exchange resolves neighbours */
	say_coti(&s);
	ladder_expect(s.L, "cn -> eve CoT", S);
	ladder_quality(s.here, &(struct quality){ .latency_us = 7 * MS });
	ladder_quality(s.there, &(struct quality){ .latency_us = 20 * MS });
	ladder_core_quality(s.L, &(struct quality){ .latency_us = 100 * MS });
	say_coti(&s);
	ladder_expect(s.L, "eve -> cn CoTI", S);
	rtt_us = ladder_sent_us(s.L);
	assert_int_equal(ladder_arrived_us(s.L) - rtt_us, 127 * MS);
	ladder_expect(s.L, "cn -> eve CoT", S);
	assert_int_equal(ladder_arrived_us(s.L) - rtt_us, 254 * MS);
	ladder_free(s.L);
}

static struct stream_result run_lossy(uint64_t seed)
{
	const struct quality q = { .latency_us = MS, .jitter_us = MS, .loss_ppm = 100000,
				   .duplicate_ppm = 50000, .reorder_ppm = 50000 };
	struct scene s = build();
	struct in6_addr to = box_addr(s.cn);
	struct stream_result r;
	struct stream *stream;

	ladder_seed(s.L, seed);
	ladder_ping(s.eve, NULL, &to);
	ladder_quality(s.here, &q);
	stream = ladder_stream(s.eve, NULL, &to, 5 * MS);
	ladder_run(s.L, 10 * S);
	ladder_stream_end(stream);
	ladder_run(s.L, S);
	r = ladder_stream_result(stream);
	ladder_free(s.L);
	return r;
}

static void chance_loses_duplicates_and_reorders_as_told(void **state)
{
	struct stream_result r = run_lossy(42);

	(void)state;
	assert_int_equal(r.sent, 2001);
	/* 10 % each way, and 5 % doubled: bounds far from any chance */
	assert_in_range(r.answered, 1500, 1800);
	assert_true(r.arrived > r.answered);
	assert_in_range(r.duplicates, 50, 400);
	assert_in_range(r.reordered, 20, 600);
	assert_in_range(r.silence_us, 6 * MS, 200 * MS);
}

static void the_same_seed_gives_the_same_run(void **state)
{
	const struct stream_result a = run_lossy(7), b = run_lossy(7), c = run_lossy(8);

	(void)state;
	assert_int_equal(a.arrived, b.arrived);
	assert_int_equal(a.answered, b.answered);
	assert_int_equal(a.duplicates, b.duplicates);
	assert_int_equal(a.reordered, b.reordered);
	assert_int_equal(a.silence_us, b.silence_us);
	assert_int_equal(a.rtt_us, b.rtt_us);
	if (!getenv("LADDER_SEED"))
		assert_true(a.answered != c.answered || a.rtt_us != c.rtt_us);
}

static void a_lost_message_is_no_arrival(void **state)
{
	struct scene s = build();

	(void)state;
	say_coti(&s);
	ladder_expect(s.L, "cn -> eve CoT", S);
	ladder_core_quality(s.L, &(struct quality){ .loss_ppm = 1000000 });
	say_coti(&s);
	ladder_refuse(s.L, "cn -> * CoT", S);
	assert_int_equal(ladder_count(s.L, "eve -> cn CoTI"), 1);
	assert_int_equal(ladder_count(s.L, "eve -> * CoTI"), 2);
	ladder_free(s.L);
}

static void expectations_go_forward_only(void **state)
{
	struct scene s = build();

	(void)state;
	say_coti(&s);
	ladder_expect(s.L, "cn -> eve CoT", S);
	say_coti(&s);
	/* the answer to the first one has been seen */
	ladder_expect(s.L, "cn -> eve CoT", S);
	assert_int_equal(ladder_count(s.L, "cn -> eve CoT"), 2);
	say_coti(&s);
	ladder_run(s.L, S);
	ladder_mark(s.L);
	say_coti(&s);
	ladder_expect(s.L, "eve -> cn CoTI", S);
	assert_true(ladder_sent_us(s.L) > 1001 * S);
	ladder_free(s.L);
}

static void patterns_fit_words(void **state)
{
	const struct record r = { .from = "mn", .to = "ha", .arrived = true,
				  .text = "BU seq=7 flags=AH life=420 coa=2001:db8::1" };

	(void)state;
	assert_true(record_fits(&r, "mn -> ha BU"));
	assert_true(record_fits(&r, "* -> * BU"));
	assert_true(record_fits(&r, "mn -> ha BU flags=AH seq=7"));
	assert_true(record_fits(&r, "mn -> ha BU seq=* coa=2001:db8::1"));
	assert_true(record_fits(&r, "m* -> h* BU"));
	assert_true(record_fits(&r, "mn -> ha"));
	assert_false(record_fits(&r, "ha -> mn BU"));
	assert_false(record_fits(&r, "mn -> ha BA"));
	assert_false(record_fits(&r, "mn -> ha BU seq=70"));
	assert_false(record_fits(&r, "mn -> ha BU flags=A"));
	assert_false(record_fits(&r, "mn -> ha seq=7"));
	assert_false(record_fits(&r, "mn -> ha BU hao=*"));
}

/* Notes the prefixes that a node hears advertised, and from how many routers. */
static unsigned int heard_ras;
static struct in6_addr heard_prefix;

static void note_on_nd(struct mip6 *m, const struct mip6_packet *p, const struct nd_msg *msg)
{
	(void)m;
	(void)p;
	if (msg->type != ND_RA)
		return;
	heard_ras++;
	heard_prefix = msg->opts.prefix[0].addr;
}

static unsigned int carrier_lost, carrier_found;

static void note_on_link(struct mip6 *m, const struct klink *l)
{
	(void)m;
	if (l->running)
		carrier_found++;
	else
		carrier_lost++;
}

static const struct role note_role = {
	.name = "note", .on_nd = note_on_nd, .on_link = note_on_link
};

static void a_moved_node_hears_the_routers_of_its_link(void **state)
{
	struct scene s = build();
	struct box *mn = ladder_node(s.L, "mn", "NodeConfig CN;", &note_role, NULL);
	const struct in6_addr here = ip6("2001:db8:1::"), there = ip6("2001:db8:2::");

	(void)state;
	heard_ras = carrier_lost = carrier_found = 0;
	ladder_attach(mn, "wlan0", s.here);
	ladder_start(mn);
	ladder_run(s.L, 3500 * MS);
	assert_int_equal(heard_ras, 4);
	assert_memory_equal(&heard_prefix, &here, sizeof(here));

	ladder_move(mn, "wlan0", s.there, LADDER_CARRIER);
	assert_int_equal(carrier_lost, 1);
	assert_int_equal(carrier_found, 1);
	ladder_run(s.L, S);
	assert_memory_equal(&heard_prefix, &there, sizeof(there));

	ladder_move(mn, "wlan0", s.here, LADDER_SILENT);
	assert_int_equal(carrier_lost, 1);
	ladder_run(s.L, S);
	assert_memory_equal(&heard_prefix, &here, sizeof(here));

	heard_ras = 0;
	ladder_move(mn, "wlan0", NULL, LADDER_CARRIER);
	ladder_run(s.L, 3 * S);
	assert_int_equal(heard_ras, 0);
	ladder_free(s.L);
}

static void a_solicited_router_advertises_at_once(void **state)
{
	struct scene s = build();
	const struct nd_msg rs = { .type = ND_RS };
	struct mip6_path path = { .peer = ip6("ff02::2") };

	(void)state;
	ladder_run(s.L, 100 * MS);
	ladder_mark(s.L);
	ladder_ra(s.r2)->ra.home_agent = true;
	ladder_rs_delay(s.r2, 30 * MS);
	ladder_send_nd(s.eve, &path, &rs);
	ladder_expect(s.L, "r2 -> *there RA H prefix=2001:db8:2::/64", 31 * MS);
	ladder_free(s.L);
}

/* --- the life of the program --------------------------------------------------- */

static int refusing_start(struct mip6 *m)
{
	(void)m;
	return -EADDRINUSE;
}

static unsigned int freed;
static void counting_free(struct mip6 *m)
{
	(void)m;
	freed++;
}

static const struct role refusing_role = {
	.name = "refusing", .start = refusing_start, .free = counting_free
};

static void a_role_that_cannot_start_stops_the_others(void **state)
{
	struct ladder *L = ladder_new();
	struct box *b = ladder_node(L, "b", "NodeConfig CN;", &echo_role, &refusing_role, NULL);

	(void)state;
	freed = 0;
	assert_int_equal(ladder_try_start(b), -EADDRINUSE);
	assert_null(box_mip6(b));
	assert_int_equal(freed, 1);
	ladder_free(L);
}

static void a_dead_program_answers_with_its_kernels_voice(void **state)
{
	struct scene s = build();

	(void)state;
	ladder_crash(s.cn);
	say_coti(&s);
	/* nobody has a socket for protocol 135: unrecognized next header */
	ladder_expect(s.L, "cn -> eve ERROR type=4 code=1 value=6 about=135", S);
	ladder_start(s.cn);
	say_coti(&s);
	ladder_expect(s.L, "cn -> eve CoT", S);
	ladder_free(s.L);
}

static uint32_t seen_max;
static void seeing_reconfigure(struct mip6 *m, const struct conf *old)
{
	(void)old;
	seen_max = m->conf->cn_max_bindings;
}

static const struct role seeing_role = { .name = "seeing", .reconfigure = seeing_reconfigure };

static void a_new_configuration_reaches_the_roles(void **state)
{
	struct ladder *L = ladder_new();
	struct box *b = ladder_node(L, "b", "NodeConfig CN;", &seeing_role, NULL);

	(void)state;
	ladder_start(b);
	ladder_reconfigure(b, "NodeConfig CN; CnMaxBindings 17;");
	assert_int_equal(seen_max, 17);
	ladder_free(L);
}

static unsigned int ticks;
static struct timer ticker;
static void on_tick(struct timer *t, uint64_t now_us)
{
	struct mip6 *m = t->ctx;

	mip6_turn(m, now_us);
	ticks++;
	timer_set(m->timers, t, now_us + 250 * MS, NULL);
}

static int ticking_start(struct mip6 *m)
{
	timer_init(&ticker, "tick", on_tick, m);
	return timer_set(m->timers, &ticker, m->now_us + 250 * MS, NULL);
}

static const struct role ticking_role = { .name = "ticking", .start = ticking_start };

static bool ticked_ten_times(void *ctx)
{
	(void)ctx;
	return ticks >= 10;
}

static void time_drives_the_timers_of_the_roles(void **state)
{
	struct ladder *L = ladder_new();
	struct box *b = ladder_node(L, "b", "NodeConfig CN;", &ticking_role, NULL);
	uint64_t start_us = ladder_now(L);

	(void)state;
	ticks = 0;
	ladder_start(b);
	ladder_run(L, S);
	assert_int_equal(ticks, 4);
	ladder_until(L, ticked_ten_times, NULL, 2 * S);
	assert_int_equal(ladder_now(L) - start_us, 2500 * MS);
	/* a crash takes the timers of the program with it */
	ladder_crash(b);
	ladder_run(L, 10 * S);
	assert_int_equal(ticks, 10);
	ladder_free(L);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_answered_across_the_core),
		cmocka_unit_test(frames_take_the_time_of_their_links),
		cmocka_unit_test(chance_loses_duplicates_and_reorders_as_told),
		cmocka_unit_test(the_same_seed_gives_the_same_run),
		cmocka_unit_test(a_lost_message_is_no_arrival),
		cmocka_unit_test(expectations_go_forward_only),
		cmocka_unit_test(patterns_fit_words),
		cmocka_unit_test(a_moved_node_hears_the_routers_of_its_link),
		cmocka_unit_test(a_solicited_router_advertises_at_once),
		cmocka_unit_test(a_role_that_cannot_start_stops_the_others),
		cmocka_unit_test(a_dead_program_answers_with_its_kernels_voice),
		cmocka_unit_test(a_new_configuration_reaches_the_roles),
		cmocka_unit_test(time_drives_the_timers_of_the_roles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
