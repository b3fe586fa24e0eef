// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernels of the ladder, tested: objects that a footprint puts by hand, and
 * packets that must then go this way and no other. What is asserted here about a
 * kernel is what Linux does; the lab tests prove that it does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "test/ladder/hands.h"

/* RFC 6275 10.4.2, 10.4.5, 11.3.1: both ways through the tunnel. */
static void data_goes_through_the_tunnel_both_ways(void **state)
{
	struct hands s = hands_build();
	const struct in6_addr cn = box_addr(s.cn);
	struct stream *out, *in;

	(void)state;
	hands_put_mn(&s);
	hands_put_ha(&s);
	out = ladder_stream(s.mn, &s.hoa, &cn, 20 * MS);
	in = ladder_stream(s.cn, NULL, &s.hoa, 20 * MS);
	ladder_run(s.L, S);
	ladder_stream_end(out);
	ladder_stream_end(in);
	ladder_run(s.L, 100 * MS);
	assert_int_equal(ladder_stream_result(out).answered, ladder_stream_result(out).sent);
	assert_int_equal(ladder_stream_result(in).answered, ladder_stream_result(in).sent);
	assert_true(ladder_stream_result(in).last_by_tunnel);
	assert_false(ladder_stream_result(in).last_optimized);
	assert_int_equal(ladder_count(s.L, "cn -> mn PING tunnelled"), 51);
	ladder_free(s.L);
}

/* A care-of address that changes is replaced in place: nothing is lost. */
static void a_replaced_route_loses_nothing(void **state)
{
	struct hands s = hands_build();
	const struct in6_addr second = ip6("2001:db8:1::77"), ha = box_addr(s.ha);
	struct footprint have, want;
	struct stream *in;

	(void)state;
	ladder_addr(s.mn, "eth0", "2001:db8:1::77/64");
	hands_put_mn(&s);
	hands_put_ha(&s);
	in = ladder_stream(s.cn, NULL, &s.hoa, MS);
	ladder_run(s.L, 500 * MS);

	/* the home agent first; the node's old tunnel must still let packets out */
	footprint_init(&have);
	footprint_init(&want);
	hands_add_ha_objects(&s, &have, &s.coa);
	hands_add_ha_objects(&s, &want, &second);
	{
		struct footprint more;
		struct kobj o = a_pair_tunnel("mip6new", &second, &ha);

		footprint_init(&more);
		footprint_add(&more, &o);
		o = a_route("::/0", "2001:db8:0::99/128", "mip6new");
		o.route.metric = 5;
		footprint_add(&more, &o);
		assert_int_equal(hands_apply(s.mn, NULL, &more), 0);
	}
	assert_int_equal(hands_apply(s.ha, &have, &want), 0);
	footprint_free(&have);
	ladder_run(s.L, 500 * MS);
	ladder_stream_end(in);
	ladder_run(s.L, 100 * MS);
	/* what was in the tunnel with the old source when the filter changed */
	assert_in_range(ladder_stream_result(in).sent - ladder_stream_result(in).answered, 0, 13);
	assert_int_equal(ladder_stream_result(in).arrived, ladder_stream_result(in).sent);
	assert_int_equal(box_misuses(s.ha), 0);
	ladder_free(s.L);
}

/* RFC 6275 10.4.5: the tunnel's source must be the care-of address. */
static void a_spoofed_tunnel_source_is_dropped(void **state)
{
	struct hands s = hands_build();
	const struct in6_addr ha = box_addr(s.ha), cn = box_addr(s.cn), eve = box_addr(s.eve);
	struct packet *inner;

	(void)state;
	hands_put_ha(&s);
	inner = packet_new(&s.hoa, &cn, WIRE_PROTO_UDP, "spoof", 5);
	ladder_send_packet(s.eve, packet_wrap(inner, &eve, &ha));
	ladder_refuse(s.L, "* -> cn DATA", S);
	assert_int_equal(ladder_count(s.L, "eve -> cn DATA"), 0);
	/* the right source passes (eve lies about it here) */
	inner = packet_new(&s.hoa, &cn, WIRE_PROTO_UDP, "spoof", 5);
	ladder_send_packet(s.eve, packet_wrap(inner, &s.coa, &ha));
	ladder_expect(s.L, "eve -> cn DATA", S);
	ladder_free(s.L);
}

struct answer {
	bool called;
	enum kprobe_result result;
	uint64_t at_us;
};

static void on_probe(struct mip6 *m, enum kprobe_result r, void *ctx)
{
	struct answer *a = ctx;

	assert_false(a->called);
	*a = (struct answer){ .called = true, .result = r, .at_us = m->now_us };
}

static struct answer probe(struct box *b, enum kprobe_kind kind, const struct in6_addr *target,
			   uint64_t wait_us)
{
	const struct kprobe p = { .kind = kind, .ifindex = hands_ifindex(b), .target = *target,
				  .count = 2, .interval_us = 500 * MS };
	struct answer a = { .called = false };

	mip6_turn(box_mip6(b), ladder_now(b->L));
	assert_non_null(mip6_probe(box_mip6(b), &p, on_probe, &a));
	ladder_run(b->L, wait_us);
	return a;
}

/* RFC 6275 10.4.1, 10.3.1: the proxy answers for the home address. */
static void duplicate_address_detection_finds_owner_and_proxy(void **state)
{
	struct hands s = hands_build();
	struct box *neighbour = ladder_node(s.L, "neigh", "NodeConfig CN;", &hands_role, NULL);
	const struct in6_addr free_addr = ip6("2001:db8:0::77"), ha = box_addr(s.ha);
	uint64_t start_us;
	struct answer a;

	(void)state;
	ladder_attach(neighbour, "eth0", s.home);
	ladder_addr(neighbour, "eth0", "2001:db8:0::3/64");
	ladder_start(neighbour);
	start_us = ladder_now(s.L);
	a = probe(neighbour, KPROBE_DAD, &free_addr, 1100 * MS);
	assert_true(a.called);
	assert_int_equal(a.result, KPROBE_SILENT);
	assert_int_equal(a.at_us - start_us, 1000 * MS);
	a = probe(neighbour, KPROBE_DAD, &ha, 10 * MS);
	assert_int_equal(a.result, KPROBE_ANSWERED);

	a = probe(neighbour, KPROBE_DAD, &s.hoa, 1100 * MS);
	assert_int_equal(a.result, KPROBE_SILENT);
	hands_put_ha(&s);
	a = probe(neighbour, KPROBE_DAD, &s.hoa, 10 * MS);
	assert_true(a.called);
	assert_int_equal(a.result, KPROBE_ANSWERED);
	ladder_free(s.L);
}

static void a_probe_that_was_cancelled_is_silent(void **state)
{
	struct hands s = hands_build();
	const struct kprobe p = { .kind = KPROBE_DAD, .ifindex = hands_ifindex(s.mn),
				  .target = s.hoa, .count = 1, .interval_us = S };
	struct answer a = { .called = false };

	(void)state;
	mip6_turn(box_mip6(s.mn), ladder_now(s.L));
	mip6_probe_cancel(box_mip6(s.mn),
			  mip6_probe(box_mip6(s.mn), &p, on_probe, &a));
	ladder_run(s.L, 3 * S);
	assert_false(a.called);
	ladder_free(s.L);
}

/* RFC 4861 7.3: of a router that is there, and of one that stayed behind. */
static void reachability_is_probed(void **state)
{
	struct hands s = hands_build();
	const struct in6_addr r1 = iface_local(TAILQ_FIRST(&s.r1->ifaces));
	struct answer a;

	(void)state;
	a = probe(s.mn, KPROBE_NUD, &r1, 10 * MS);
	assert_true(a.called);
	assert_int_equal(a.result, KPROBE_ANSWERED);
	ladder_move(s.mn, "eth0", s.home, LADDER_SILENT);
	a = probe(s.mn, KPROBE_NUD, &r1, 1100 * MS);
	assert_true(a.called);
	assert_int_equal(a.result, KPROBE_SILENT);
	ladder_free(s.L);
}

/* RFC 4862 5.4, RFC 4429. */
static void addresses_are_tentative_first(void **state)
{
	struct hands s = hands_build();
	const struct in6_addr a = ip6("2001:db8:1::a"), b = ip6("2001:db8:1::b");
	const struct in6_addr r1 = box_addr(s.r1);
	struct mip6_path path = { .local = a, .peer = box_addr(s.cn) };
	struct mh_msg brr = { .type = MH_BRR };
	struct footprint want;
	struct kobj o;

	(void)state;
	footprint_init(&want);
	o = an_addr(&a, 64, "eth0", 0);
	footprint_add(&want, &o);
	assert_int_equal(hands_apply(s.mn, NULL, &want), 0);
	assert_true(heard.last_addr.tentative);
	assert_int_equal(mip6_send_mh(box_mip6(s.mn), &path, &brr), -EINVAL);
	ladder_run(s.L, 1001 * MS);
	assert_false(heard.last_addr.tentative);
	assert_int_equal(mip6_send_mh(box_mip6(s.mn), &path, &brr), 0);

	footprint_init(&want);
	o = an_addr(&b, 64, "eth0", KADDR_OPTIMISTIC);
	footprint_add(&want, &o);
	assert_int_equal(hands_apply(s.mn, NULL, &want), 0);
	assert_false(heard.last_addr.tentative);
	assert_true(heard.last_addr.optimistic);
	path.local = b;
	assert_int_equal(mip6_send_mh(box_mip6(s.mn), &path, &brr), 0);
	ladder_run(s.L, 1001 * MS);
	assert_false(heard.last_addr.optimistic);

	/* the router has this one */
	footprint_init(&want);
	o = an_addr(&r1, 64, "eth0", 0);
	footprint_add(&want, &o);
	assert_int_equal(hands_apply(s.mn, NULL, &want), 0);
	ladder_run(s.L, 2 * S);
	assert_true(heard.last_addr.dad_failed);
	ladder_free(s.L);
}

/* RFC 4861 7.2.5, RFC 6275 10.4.1: an override advertisement changes caches. */
static void an_override_advertisement_moves_traffic(void **state)
{
	struct hands s = hands_build();
	const struct in6_addr cn = box_addr(s.cn);
	struct nd_msg na = { .type = ND_NA, .na = { .target = ip6("2001:db8:0::50"),
						    .override = true } };
	struct box *old = ladder_host(s.L, "old", s.home, "2001:db8:0::50/64", s.r0);
	struct mip6_path path = { .local = box_addr(s.ha), .peer = ip6("ff02::1"),
				  .ifindex = hands_ifindex(s.ha) };
	const struct in6_addr target = box_addr(old);

	(void)state;
	assert_true(ladder_ping(s.cn, &cn, &target));
	/* the same address appears at the home agent, the old owner is mute */
	ladder_addr(s.ha, "eth0", "2001:db8:0::50/64");
	na.opts.present = ND_HAS_TLLA;
	na.opts.tlla.len = MAC_LEN;
	memcpy(na.opts.tlla.addr, TAILQ_FIRST(&s.ha->ifaces)->mac, MAC_LEN);
	mip6_turn(box_mip6(s.ha), ladder_now(s.L));
	assert_int_equal(mip6_send_nd(box_mip6(s.ha), &path, &na), 0);
	ladder_run(s.L, MS);
	ladder_mark(s.L);
	assert_true(ladder_ping(s.cn, &cn, &target));
	ladder_expect(s.L, "cn -> ha PING", S);
	ladder_free(s.L);
}

static void an_absent_neighbour_is_given_up(void **state)
{
	struct hands s = hands_build();
	const struct in6_addr nobody = ip6("2001:db8:1::dead"), cn = box_addr(s.cn);

	(void)state;
	assert_false(ladder_ping(s.mn, NULL, &nobody));
	ladder_run(s.L, 3 * S);
	assert_int_equal(heard.neigh_failed, 1);
	/* the router tells a sender far away */
	assert_false(ladder_ping(s.cn, &cn, &nobody));
	ladder_expect(s.L, "r1 -> cn ERROR type=1 code=3", 5 * S);
	ladder_free(s.L);
}

static void traffic_through_a_tunnel_is_told_at_its_pace(void **state)
{
	struct hands s = hands_build();
	struct stream *stream;

	(void)state;
	hands_put_mn(&s);
	hands_put_ha(&s);
	assert_int_equal(s.mn->kernel.ops->watch_traffic(&s.mn->kernel, "mip6tnl", S), 0);
	stream = ladder_stream(s.cn, NULL, &s.hoa, 10 * MS);
	ladder_run(s.L, 3500 * MS);
	assert_int_equal(heard.traffic_events, 2 * 4); /* each way */
	assert_int_equal(s.mn->kernel.ops->watch_traffic(&s.mn->kernel, "mip6tnl", 0), 0);
	ladder_run(s.L, 3 * S);
	assert_int_equal(heard.traffic_events, 2 * 4); /* each way */
	ladder_stream_end(stream);
	ladder_free(s.L);
}

/* --- failures, crashes ---------------------------------------------------------- */

static void a_refused_change_is_undone(void **state)
{
	struct hands s = hands_build();
	struct footprint want;

	(void)state;
	box_fail(s.ha, "put proxy neighbour", -ENOMEM, 0, 1);
	footprint_init(&want);
	hands_add_ha_objects(&s, &want, &s.coa);
	assert_int_equal(hands_apply(s.ha, NULL, &want), -ENOMEM);
	assert_int_equal(box_count(s.ha, KOBJ_ROUTE), 0);
	assert_int_equal(box_count(s.ha, KOBJ_TUNNEL), 0);
	assert_int_equal(box_count(s.ha, KOBJ_SYSCTL), 0);
	assert_int_equal(box_mip6(s.ha)->counters.value[COUNT_KERNEL_ROLLBACK], 1);
	hands_put_ha(&s);
	assert_true(box_has(s.ha, "encap ip6 src 2001:db8::2 dst 2001:db8:1::99"));
	ladder_free(s.L);
}

static void a_late_confirmation_comes_late(void **state)
{
	struct hands s = hands_build();
	struct hands_outcome o = { .called = false };
	struct footprint want;

	(void)state;
	s.ha->apply_delay_us = 20 * MS;
	s.ha->done_delay_us = 30 * MS;
	footprint_init(&want);
	hands_add_ha_objects(&s, &want, &s.coa);
	mip6_turn(box_mip6(s.ha), ladder_now(s.L));
	assert_non_null(footprint_apply(box_mip6(s.ha), NULL, &want, hands_on_applied, &o));
	footprint_free(&want);
	ladder_run(s.L, 19 * MS);
	assert_int_equal(box_count(s.ha, KOBJ_ROUTE), 0);
	ladder_run(s.L, 2 * MS);
	assert_int_equal(box_count(s.ha, KOBJ_ROUTE), 1);
	assert_false(o.called);
	assert_true(footprint_busy(box_mip6(s.ha)));
	ladder_run(s.L, 30 * MS);
	assert_true(o.called);
	assert_false(footprint_busy(box_mip6(s.ha)));
	ladder_free(s.L);
}

static void what_a_crash_leaves_is_adopted_or_removed(void **state)
{
	struct hands s = hands_build();
	struct footprint want;
	struct kobj group = { .type = KOBJ_GROUP, .member = { .addr = ip6("ff02::6") } };
	const struct in6_addr elsewhere = ip6("2001:db8:99::1");

	(void)state;
	hands_put_ha(&s);
	footprint_init(&want);
	group.member.ifindex = hands_ifindex(s.ha);
	footprint_add(&want, &group);
	assert_int_equal(hands_apply(s.ha, NULL, &want), 0);
	ladder_crash(s.ha);
	assert_int_equal(box_count(s.ha, KOBJ_ROUTE), 1);
	/* a membership lives with its socket */
	assert_int_equal(box_count(s.ha, KOBJ_GROUP), 0);
	ladder_start(s.ha);
	assert_int_equal(box_mip6(s.ha)->found.left, 7);
	/* the same, but for another care-of address: the filter and the route differ */
	footprint_init(&want);
	hands_add_ha_objects(&s, &want, &elsewhere);
	assert_int_equal(hands_apply(s.ha, NULL, &want), 0);
	assert_int_equal(box_mip6(s.ha)->found.left, 0);
	assert_int_equal(box_count(s.ha, KOBJ_TUNNEL), 1);
	assert_int_equal(box_count(s.ha, KOBJ_ROUTE), 1);
	assert_int_equal(box_misuses(s.ha), 0);
	/* nobody asks for anything: all goes */
	ladder_crash(s.ha);
	assert_int_equal(box_count(s.ha, KOBJ_TUNNEL_FILTER), 1);
	ladder_start(s.ha);
	ladder_run(s.L, S);
	for (int type = 0; type < KOBJ_TYPE_COUNT; type++)
		assert_int_equal(box_count(s.ha, (enum kobj_type)type), 0);
	assert_int_equal(box_misuses(s.ha), 0);
	ladder_free(s.L);
}

static void deleting_and_putting_again_is_noticed(void **state)
{
	struct hands s = hands_build();
	struct kobj o = a_sysctl("all", KSYSCTL_FORWARDING, 1);
	struct footprint want;

	(void)state;
	footprint_init(&want);
	footprint_add(&want, &o);
	assert_int_equal(hands_apply(s.ha, NULL, &want), 0);
	footprint_init(&want);
	footprint_add(&want, &o);
	mip6_turn(box_mip6(s.ha), ladder_now(s.L));
	assert_non_null(footprint_apply(box_mip6(s.ha), &want, NULL, NULL, NULL));
	assert_non_null(footprint_apply(box_mip6(s.ha), NULL, &want, NULL, NULL));
	footprint_free(&want);
	ladder_run(s.L, 0);
	assert_int_equal(box_misuses(s.ha), 1);
	ladder_free(s.L);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_goes_through_the_tunnel_both_ways),
		cmocka_unit_test(a_replaced_route_loses_nothing),
		cmocka_unit_test(a_spoofed_tunnel_source_is_dropped),
		cmocka_unit_test(duplicate_address_detection_finds_owner_and_proxy),
		cmocka_unit_test(a_probe_that_was_cancelled_is_silent),
		cmocka_unit_test(reachability_is_probed),
		cmocka_unit_test(addresses_are_tentative_first),
		cmocka_unit_test(an_override_advertisement_moves_traffic),
		cmocka_unit_test(an_absent_neighbour_is_given_up),
		cmocka_unit_test(traffic_through_a_tunnel_is_told_at_its_pace),
		cmocka_unit_test(a_refused_change_is_undone),
		cmocka_unit_test(a_late_confirmation_comes_late),
		cmocka_unit_test(what_a_crash_leaves_is_adopted_or_removed),
		cmocka_unit_test(deleting_and_putting_again_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
