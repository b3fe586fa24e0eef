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
#include <stdlib.h>
#include <string.h>

#include "core/hao.h"
#include "test/ladder/ladder.h"
#include "test/ladder/world.h"

static unsigned int addr_events, neigh_failed, xfrm_reports, traffic_events;
static struct kaddr_event last_addr;
static struct kxfrm_event last_xfrm;

static void on_addr(struct mip6 *m, const struct kaddr_event *a)
{
	(void)m;
	addr_events++;
	last_addr = *a;
}

static void on_neigh(struct mip6 *m, const struct kneigh_event *n)
{
	(void)m;
	neigh_failed += n->state == KNEIGH_FAILED;
}

static void on_xfrm(struct mip6 *m, const struct kxfrm_event *x)
{
	(void)m;
	xfrm_reports += x->what == KXFRM_EVENT_REPORT;
	last_xfrm = *x;
}

static void on_traffic(struct mip6 *m, const struct ktraffic_event *t)
{
	(void)m;
	(void)t;
	traffic_events++;
}

static const struct role hands_role = { .name = "hands",
					.on_addr = on_addr,
					.on_neigh = on_neigh,
					.on_xfrm = on_xfrm,
					.on_traffic = on_traffic };

/* home: r0, ha, neighbour; away: r1, mn; cn behind r2. */
struct scene {
	struct ladder *L;
	struct net_link *home;
	struct net_link *away;
	struct box *r0;
	struct box *r1;
	struct box *ha;
	struct box *mn;
	struct box *cn;
	struct box *eve;
	struct in6_addr hoa;
	struct in6_addr coa;
};

static struct scene build(void)
{
	struct scene s = { .L = ladder_new() };
	struct net_link *far = ladder_link(s.L, "far");
	struct box *r2;

	addr_events = neigh_failed = xfrm_reports = traffic_events = 0;
	s.home = ladder_link(s.L, "home");
	s.away = ladder_link(s.L, "away");
	s.r0 = ladder_router(s.L, "r0", s.home, "2001:db8:0::1/64", 0);
	s.r1 = ladder_router(s.L, "r1", s.away, "2001:db8:1::1/64", 0);
	r2 = ladder_router(s.L, "r2", far, "2001:db8:2::1/64", 0);
	s.ha = ladder_node(s.L, "ha", "NodeConfig CN;", &hands_role, NULL);
	s.mn = ladder_node(s.L, "mn", "NodeConfig CN;", &hands_role, NULL);
	s.cn = ladder_node(s.L, "cn", "NodeConfig CN;", &hands_role, NULL);
	s.eve = ladder_host(s.L, "eve", far, "2001:db8:2::bad/64", r2);
	s.hoa = ip6("2001:db8:0::99");
	s.coa = ip6("2001:db8:1::99");
	ladder_attach(s.ha, "eth0", s.home);
	ladder_addr(s.ha, "eth0", "2001:db8:0::2/64");
	ladder_gateway(s.ha, s.r0);
	ladder_attach(s.mn, "eth0", s.away);
	ladder_addr(s.mn, "eth0", "2001:db8:1::99/64");
	ladder_gateway(s.mn, s.r1);
	ladder_attach(s.cn, "eth0", far);
	ladder_addr(s.cn, "eth0", "2001:db8:2::5/64");
	ladder_gateway(s.cn, r2);
	ladder_start(s.ha);
	ladder_start(s.mn);
	ladder_start(s.cn);
	return s;
}

struct outcome {
	bool called;
	int error;
};

static void on_applied(struct mip6 *m, int error, const struct kchange *failed, void *ctx)
{
	struct outcome *o = ctx;

	(void)m;
	assert_true((error == 0) == (failed == NULL));
	o->called = true;
	o->error = error;
}

/* From `have` to `want` (freed), at once. Returns the error. */
static int apply(struct box *b, const struct footprint *have, struct footprint *want)
{
	struct outcome o = { .called = false };
	struct mip6 *m = box_mip6(b);

	mip6_turn(m, ladder_now(b->L));
	assert_non_null(footprint_apply(m, have, want, on_applied, &o));
	assert_false(o.called);
	ladder_run(b->L, 0);
	assert_true(o.called);
	if (want)
		footprint_free(want);
	return o.error;
}

static struct kobj an_addr(const struct in6_addr *a, uint8_t plen, const char *dev,
			   unsigned int flags)
{
	struct kobj o = { .type = KOBJ_ADDR, .addr = { .addr = *a, .plen = plen, .flags = flags,
						       .valid_s = UINT32_MAX,
						       .preferred_s = UINT32_MAX } };

	strcpy(o.addr.dev.name, dev);
	return o;
}

static struct kobj a_route(const char *dst, const char *src, const char *dev)
{
	struct kobj o = { .type = KOBJ_ROUTE, .route = { .table = KTABLE_MAIN, .metric = 10 } };
	struct in6_addr ignored;

	assert_int_equal(prefix_parse(dst, &o.route.dst, &ignored), 0);
	if (src)
		assert_int_equal(prefix_parse(src, &o.route.src, &ignored), 0);
	strcpy(o.route.dev.name, dev);
	return o;
}

static struct kobj a_pair_tunnel(const char *name, const struct in6_addr *local,
				 const struct in6_addr *remote)
{
	struct kobj o = { .type = KOBJ_TUNNEL, .tunnel = { .local = *local, .remote = *remote } };

	strcpy(o.tunnel.name, name);
	return o;
}

static struct kobj a_sysctl(const char *dev, enum ksysctl name, int32_t value)
{
	struct kobj o = { .type = KOBJ_SYSCTL, .sysctl = { .name = name, .value = value } };

	strcpy(o.sysctl.dev.name, dev);
	return o;
}

static uint32_t ifindex_of(const struct box *b)
{
	return box_iface_name(b, "eth0")->ifindex;
}

/* The mobile node's half of a home registration: tunnel, address, route. */
static void put_mn(const struct scene *s)
{
	const struct in6_addr ha = box_addr(s->ha);
	struct footprint want;
	struct kobj o;

	footprint_init(&want);
	o = a_pair_tunnel("mip6tnl", &s->coa, &ha);
	footprint_add(&want, &o);
	o = an_addr(&s->hoa, 128, "mip6tnl", KADDR_HOME | KADDR_NODAD);
	footprint_add(&want, &o);
	o = a_route("::/0", "2001:db8:0::99/128", "mip6tnl");
	footprint_add(&want, &o);
	assert_int_equal(apply(s->mn, NULL, &want), 0);
}

/* The home agent's half: shared tunnel, route, filter, proxy. */
static void add_ha_objects(const struct scene *s, struct footprint *want,
			   const struct in6_addr *coa)
{
	struct kobj o = { .type = KOBJ_TUNNEL, .tunnel = { .name = "mip6", .external = true } };

	footprint_add(want, &o);
	o = a_sysctl("all", KSYSCTL_FORWARDING, 1);
	footprint_add(want, &o);
	o = a_sysctl("eth0", KSYSCTL_PROXY_NDP, 1);
	footprint_add(want, &o);
	o = a_sysctl("eth0", KSYSCTL_NEIGH_PROXY_DELAY, 0);
	footprint_add(want, &o);
	o = (struct kobj){ .type = KOBJ_TUNNEL_FILTER,
			   .filter = { .tunnel = "mip6",
				       .inner_src = prefix_of(&s->hoa, 128),
				       .outer_src = *coa } };
	footprint_add(want, &o);
	o = a_route("2001:db8:0::99/128", NULL, "mip6");
	o.route.encap = true;
	o.route.encap_src = box_addr(s->ha);
	o.route.encap_dst = *coa;
	footprint_add(want, &o);
	o = (struct kobj){ .type = KOBJ_PROXY_NEIGH,
			   .proxy = { .ifindex = ifindex_of(s->ha), .addr = s->hoa } };
	footprint_add(want, &o);
}

static void put_ha(const struct scene *s)
{
	struct footprint want;

	footprint_init(&want);
	add_ha_objects(s, &want, &s->coa);
	assert_int_equal(apply(s->ha, NULL, &want), 0);
}

/* RFC 6275 10.4.2, 10.4.5, 11.3.1: both ways through the tunnel. */
static void data_goes_through_the_tunnel_both_ways(void **state)
{
	struct scene s = build();
	const struct in6_addr cn = box_addr(s.cn);
	struct stream *out, *in;

	(void)state;
	put_mn(&s);
	put_ha(&s);
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
	struct scene s = build();
	const struct in6_addr second = ip6("2001:db8:1::77"), ha = box_addr(s.ha);
	struct footprint have, want;
	struct stream *in;

	(void)state;
	ladder_addr(s.mn, "eth0", "2001:db8:1::77/64");
	put_mn(&s);
	put_ha(&s);
	in = ladder_stream(s.cn, NULL, &s.hoa, MS);
	ladder_run(s.L, 500 * MS);

	/* the home agent first; the node's old tunnel must still let packets out */
	footprint_init(&have);
	footprint_init(&want);
	add_ha_objects(&s, &have, &s.coa);
	add_ha_objects(&s, &want, &second);
	{
		struct footprint more;
		struct kobj o = a_pair_tunnel("mip6new", &second, &ha);

		footprint_init(&more);
		footprint_add(&more, &o);
		o = a_route("::/0", "2001:db8:0::99/128", "mip6new");
		o.route.metric = 5;
		footprint_add(&more, &o);
		assert_int_equal(apply(s.mn, NULL, &more), 0);
	}
	assert_int_equal(apply(s.ha, &have, &want), 0);
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
	struct scene s = build();
	const struct in6_addr ha = box_addr(s.ha), cn = box_addr(s.cn), eve = box_addr(s.eve);
	struct packet *inner;

	(void)state;
	put_ha(&s);
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
	const struct kprobe p = { .kind = kind, .ifindex = ifindex_of(b), .target = *target,
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
	struct scene s = build();
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
	put_ha(&s);
	a = probe(neighbour, KPROBE_DAD, &s.hoa, 10 * MS);
	assert_true(a.called);
	assert_int_equal(a.result, KPROBE_ANSWERED);
	ladder_free(s.L);
}

static void a_probe_that_was_cancelled_is_silent(void **state)
{
	struct scene s = build();
	const struct kprobe p = { .kind = KPROBE_DAD, .ifindex = ifindex_of(s.mn),
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
	struct scene s = build();
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
	struct scene s = build();
	const struct in6_addr a = ip6("2001:db8:1::a"), b = ip6("2001:db8:1::b"), r1 = box_addr(s.r1);
	struct mip6_path path = { .local = a, .peer = box_addr(s.cn) };
	struct mh_msg brr = { .type = MH_BRR };
	struct footprint want;
	struct kobj o;

	(void)state;
	footprint_init(&want);
	o = an_addr(&a, 64, "eth0", 0);
	footprint_add(&want, &o);
	assert_int_equal(apply(s.mn, NULL, &want), 0);
	assert_true(last_addr.tentative);
	assert_int_equal(mip6_send_mh(box_mip6(s.mn), &path, &brr), -EINVAL);
	ladder_run(s.L, 1001 * MS);
	assert_false(last_addr.tentative);
	assert_int_equal(mip6_send_mh(box_mip6(s.mn), &path, &brr), 0);

	footprint_init(&want);
	o = an_addr(&b, 64, "eth0", KADDR_OPTIMISTIC);
	footprint_add(&want, &o);
	assert_int_equal(apply(s.mn, NULL, &want), 0);
	assert_false(last_addr.tentative);
	assert_true(last_addr.optimistic);
	path.local = b;
	assert_int_equal(mip6_send_mh(box_mip6(s.mn), &path, &brr), 0);
	ladder_run(s.L, 1001 * MS);
	assert_false(last_addr.optimistic);

	/* the router has this one */
	footprint_init(&want);
	o = an_addr(&r1, 64, "eth0", 0);
	footprint_add(&want, &o);
	assert_int_equal(apply(s.mn, NULL, &want), 0);
	ladder_run(s.L, 2 * S);
	assert_true(last_addr.dad_failed);
	ladder_free(s.L);
}

/* RFC 4861 7.2.5, RFC 6275 10.4.1: an override advertisement changes caches. */
static void an_override_advertisement_moves_traffic(void **state)
{
	struct scene s = build();
	const struct in6_addr cn = box_addr(s.cn);
	struct nd_msg na = { .type = ND_NA, .na = { .target = ip6("2001:db8:0::50"),
						    .override = true } };
	struct box *old = ladder_host(s.L, "old", s.home, "2001:db8:0::50/64", s.r0);
	struct mip6_path path = { .local = box_addr(s.ha), .peer = ip6("ff02::1"),
				  .ifindex = ifindex_of(s.ha) };
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
	struct scene s = build();
	const struct in6_addr nobody = ip6("2001:db8:1::dead"), cn = box_addr(s.cn);

	(void)state;
	assert_false(ladder_ping(s.mn, NULL, &nobody));
	ladder_run(s.L, 3 * S);
	assert_int_equal(neigh_failed, 1);
	/* the router tells a sender far away */
	assert_false(ladder_ping(s.cn, &cn, &nobody));
	ladder_expect(s.L, "r1 -> cn ERROR type=1 code=3", 5 * S);
	ladder_free(s.L);
}

/* RFC 6275 9.3.1: nothing but signalling comes in with an unverified option. */
static void home_address_options_need_a_binding(void **state)
{
	struct scene s = build();
	struct mip6_path path = { .local = box_addr(s.eve), .local_home = s.hoa,
				  .peer = box_addr(s.cn) };
	struct mh_msg bu = { .type = MH_BU, .bu = { .seq = 1, .lifetime_s = 400 } };
	struct footprint want, have;

	(void)state;
	/* without any state nothing comes in */
	ladder_send_mh(s.eve, &path, &bu);
	ladder_refuse(s.L, "eve -> cn BU arrived", 100 * MS);
	assert_int_equal(ladder_count(s.L, "eve -> cn BU"), 0);

	footprint_init(&want);
	hao_admit_objects(&want);
	assert_int_equal(footprint_copy(&have, &want), 0);
	assert_int_equal(apply(s.cn, NULL, &want), 0);
	ladder_send_mh(s.eve, &path, &bu);
	ladder_expect(s.L, "eve -> cn BU hao=2001:db8::99", 100 * MS);
	assert_int_equal(xfrm_reports, 0);
	ladder_send_raw(s.eve, &path, WIRE_PROTO_UDP, "data", 4);
	ladder_refuse(s.L, "eve -> cn DATA", 100 * MS);
	ladder_run(s.L, 100 * MS);
	assert_int_equal(ladder_count(s.L, "eve -> cn DATA"), 0);
	assert_int_equal(xfrm_reports, 1);
	assert_memory_equal(&last_xfrm.src, &s.hoa, sizeof(s.hoa));
	assert_memory_equal(&last_xfrm.coaddr, &path.local, sizeof(path.local));

	/* with a binding: from its care-of address only */
	assert_int_equal(footprint_copy(&want, &have), 0);
	hao_accept_object(&want, &s.hoa, &path.local, &path.peer);
	assert_int_equal(apply(s.cn, &have, &want), 0);
	ladder_send_raw(s.eve, &path, WIRE_PROTO_UDP, "data", 4);
	ladder_expect(s.L, "eve -> cn DATA", 100 * MS);
	path.local = ip6("2001:db8:2::bae");
	ladder_send_raw(s.eve, &path, WIRE_PROTO_UDP, "data", 4);
	ladder_run(s.L, 100 * MS);
	assert_int_equal(ladder_count(s.L, "eve -> cn DATA"), 1);
	assert_int_equal(xfrm_reports, 2);
	footprint_free(&have);
	ladder_free(s.L);
}

/* RFC 6275 9.3.2, 11.3.1 to 11.3.3: both directions without the home agent. */
static void optimized_data_carries_both_headers(void **state)
{
	struct scene s = build();
	const struct in6_addr cn = box_addr(s.cn);
	struct footprint want;
	struct stream *stream;
	uint64_t idle_us;
	struct kobj o;

	(void)state;
	put_mn(&s);
	put_ha(&s);
	footprint_init(&want);
	hao_admit_objects(&want);
	hao_accept_object(&want, &s.hoa, &s.coa, &cn);
	rh2_send_objects(&want, &s.hoa, &s.coa, &cn);
	o = want.items[want.count - 1];
	assert_int_equal(apply(s.cn, NULL, &want), 0);
	footprint_init(&want);
	hao_admit_objects(&want);
	rh2_accept_object(&want, &s.hoa, &s.coa);
	hao_send_objects(&want, &s.hoa, &s.coa, &cn);
	assert_int_equal(apply(s.mn, NULL, &want), 0);

	mip6_turn(box_mip6(s.cn), ladder_now(s.L));
	assert_int_equal(s.cn->kernel.ops->last_use(&s.cn->kernel, &o, &idle_us), 0);
	assert_true(idle_us == TIME_NEVER);
	stream = ladder_stream(s.mn, &s.hoa, &cn, 10 * MS);
	ladder_run(s.L, 105 * MS);
	ladder_stream_end(stream);
	ladder_run(s.L, S);
	assert_int_equal(ladder_stream_result(stream).answered, 11);
	assert_true(ladder_stream_result(stream).last_optimized);
	assert_int_equal(ladder_count(s.L, "mn -> cn PING hao=2001:db8::99 src=2001:db8:1::99"), 11);
	assert_int_equal(ladder_count(s.L, "cn -> mn PONG rh2=2001:db8::99 dst=2001:db8:1::99"), 11);
	assert_int_equal(ladder_count(s.L, "* -> * PING tunnelled"), 0);
	assert_int_equal(s.cn->kernel.ops->last_use(&s.cn->kernel, &o, &idle_us), 0);
	assert_in_range(idle_us, 900 * MS, 1000 * MS);
	ladder_free(s.L);
}

/* RFC 6275 6.4.3: only to a home address of the node. */
static void routing_headers_lead_to_home_addresses_only(void **state)
{
	struct scene s = build();
	struct mip6_path path = { .local = box_addr(s.eve), .peer = s.coa, .peer_home = s.hoa };
	struct footprint want;

	(void)state;
	put_mn(&s);
	footprint_init(&want);
	hao_admit_objects(&want);
	rh2_accept_object(&want, &s.hoa, &s.coa);
	assert_int_equal(apply(s.mn, NULL, &want), 0);
	ladder_send_raw(s.eve, &path, WIRE_PROTO_UDP, "data", 4);
	ladder_expect(s.L, "eve -> mn DATA", 100 * MS);
	path.peer_home = ip6("2001:db8:7::1");
	ladder_send_raw(s.eve, &path, WIRE_PROTO_UDP, "data", 4);
	ladder_run(s.L, 100 * MS);
	assert_int_equal(ladder_count(s.L, "eve -> mn DATA"), 1);
	ladder_free(s.L);
}

/* RFC 6275 11.3.5: a correspondent without mobility says so. */
static void a_host_without_mobility_refuses_the_option(void **state)
{
	struct scene s = build();
	const struct mip6_path path = { .local = s.coa, .local_home = s.hoa,
					.peer = box_addr(s.eve) };

	(void)state;
	ladder_send_raw(s.mn, &path, WIRE_PROTO_UDP, "data", 4);
	ladder_expect(s.L, "eve -> mn ERROR type=4 code=2 value=46 about=17", S);
	ladder_free(s.L);
}

static void traffic_through_a_tunnel_is_told_at_its_pace(void **state)
{
	struct scene s = build();
	struct stream *stream;

	(void)state;
	put_mn(&s);
	put_ha(&s);
	assert_int_equal(s.mn->kernel.ops->watch_traffic(&s.mn->kernel, "mip6tnl", S), 0);
	stream = ladder_stream(s.cn, NULL, &s.hoa, 10 * MS);
	ladder_run(s.L, 3500 * MS);
	assert_int_equal(traffic_events, 4);
	assert_int_equal(s.mn->kernel.ops->watch_traffic(&s.mn->kernel, "mip6tnl", 0), 0);
	ladder_run(s.L, 3 * S);
	assert_int_equal(traffic_events, 4);
	ladder_stream_end(stream);
	ladder_free(s.L);
}

/* --- failures, crashes ---------------------------------------------------------- */

static void a_refused_change_is_undone(void **state)
{
	struct scene s = build();
	struct footprint want;

	(void)state;
	box_fail(s.ha, "put proxy neighbour", -ENOMEM, 0, 1);
	footprint_init(&want);
	add_ha_objects(&s, &want, &s.coa);
	assert_int_equal(apply(s.ha, NULL, &want), -ENOMEM);
	assert_int_equal(box_count(s.ha, KOBJ_ROUTE), 0);
	assert_int_equal(box_count(s.ha, KOBJ_TUNNEL), 0);
	assert_int_equal(box_count(s.ha, KOBJ_SYSCTL), 0);
	assert_int_equal(box_mip6(s.ha)->counters.value[COUNT_KERNEL_ROLLBACK], 1);
	put_ha(&s);
	assert_true(box_has(s.ha, "encap ip6 src 2001:db8::2 dst 2001:db8:1::99"));
	ladder_free(s.L);
}

static void a_late_confirmation_comes_late(void **state)
{
	struct scene s = build();
	struct outcome o = { .called = false };
	struct footprint want;

	(void)state;
	s.ha->apply_delay_us = 20 * MS;
	s.ha->done_delay_us = 30 * MS;
	footprint_init(&want);
	add_ha_objects(&s, &want, &s.coa);
	mip6_turn(box_mip6(s.ha), ladder_now(s.L));
	assert_non_null(footprint_apply(box_mip6(s.ha), NULL, &want, on_applied, &o));
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

static int gather(const struct kobj *o, void *ctx)
{
	footprint_add(ctx, o);
	return 0;
}

static void what_a_crash_leaves_is_found(void **state)
{
	struct scene s = build();
	struct footprint found, want;
	struct kobj group = { .type = KOBJ_GROUP, .member = { .addr = ip6("ff02::6") } };

	(void)state;
	put_ha(&s);
	footprint_init(&want);
	group.member.ifindex = ifindex_of(s.ha);
	footprint_add(&want, &group);
	assert_int_equal(apply(s.ha, NULL, &want), 0);
	ladder_crash(s.ha);
	assert_int_equal(box_count(s.ha, KOBJ_ROUTE), 1);
	/* a membership lives with its socket */
	assert_int_equal(box_count(s.ha, KOBJ_GROUP), 0);
	ladder_start(s.ha);
	footprint_init(&found);
	assert_int_equal(s.ha->kernel.ops->scan(&s.ha->kernel, gather, &found), 0);
	assert_int_equal(found.count, 7);
	footprint_init(&want);
	add_ha_objects(&s, &want, &s.coa);
	/* adopted: nothing changes */
	assert_int_equal(apply(s.ha, &found, &want), 0);
	assert_int_equal(box_count(s.ha, KOBJ_TUNNEL), 1);
	footprint_init(&want);
	assert_int_equal(apply(s.ha, &found, &want), 0);
	assert_int_equal(box_count(s.ha, KOBJ_TUNNEL), 0);
	footprint_free(&found);
	ladder_free(s.L);
}

static void deleting_and_putting_again_is_noticed(void **state)
{
	struct scene s = build();
	struct kobj o = a_sysctl("all", KSYSCTL_FORWARDING, 1);
	struct footprint want;

	(void)state;
	footprint_init(&want);
	footprint_add(&want, &o);
	assert_int_equal(apply(s.ha, NULL, &want), 0);
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
		cmocka_unit_test(home_address_options_need_a_binding),
		cmocka_unit_test(optimized_data_carries_both_headers),
		cmocka_unit_test(routing_headers_lead_to_home_addresses_only),
		cmocka_unit_test(a_host_without_mobility_refuses_the_option),
		cmocka_unit_test(traffic_through_a_tunnel_is_told_at_its_pace),
		cmocka_unit_test(a_refused_change_is_undone),
		cmocka_unit_test(a_late_confirmation_comes_late),
		cmocka_unit_test(what_a_crash_leaves_is_found),
		cmocka_unit_test(deleting_and_putting_again_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
