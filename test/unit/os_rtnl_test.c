// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses, routes, rules, proxy neighbours, tunnels and filters as rtnetlink
 * messages: byte for byte what `ip` and `tc` send for the same purpose (above each
 * message stands the command that made it), and read back from every cut of a
 * message without a byte too far (the sanitizers watch).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/kernel.h"
#include "os/linux.h"
#include "os/rtnl.h"
#include "os_bytes.h"

#include <linux/genetlink.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/pkt_cls.h>
#include <linux/psample.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

static const uint16_t no_nests[] = { 0 };

static struct in6_addr addr(const char *text)
{
	struct in6_addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

static struct prefix prefix(const char *text)
{
	struct prefix p;

	assert_int_equal(prefix_parse(text, &p, NULL), 0);
	return p;
}

struct made {
	uint8_t buf[1024] __attribute__((aligned(8)));
	struct nl_msg m;
};

static struct nl_msg *make(struct made *made)
{
	nl_msg_init(&made->m, made->buf, sizeof(made->buf));
	return &made->m;
}

/* Every cut of the message is refused, or understood; none is read past its end. */
static void read_all_cuts(const struct nlmsghdr *h,
			  bool (*decode)(const struct nlmsghdr *h, struct kobj *out))
{
	size_t len;

	for (len = MNL_NLMSG_HDRLEN; len < h->nlmsg_len; len++) {
		struct nlmsghdr *cut = malloc(len);
		struct kobj o;

		assert_non_null(cut);
		memcpy(cut, h, len);
		cut->nlmsg_len = (uint32_t)len;
		(void)decode(cut, &o);
		free(cut);
	}
}

/* ip -6 address replace 2001:db8:9::1/64 dev lo home nodad noprefixroute valid_lft 1000
 * preferred_lft 500 */
static const char ip_address[] =
	"5c000000140005059e1c016b000000000a400000010000001400020020010db8000900000000000000000001"
	"08000800120200001400010020010db800090000000000000000000114000600f4010000e803000000000000"
	"00000000";

static void address(void **state)
{
	const struct kobj_addr a = { .addr = addr("2001:db8:9::1"),
				     .plen = 64,
				     .flags = KADDR_HOME | KADDR_NODAD | KADDR_NO_PREFIX_ROUTE,
				     .valid_s = 1000,
				     .preferred_s = 500 };
	struct made made;
	struct os_bytes want;
	struct nlattr *mark;
	struct kobj back;

	(void)state;
	rtnl_encode_addr(make(&made), &a, 1, false);
	assert_false(made.m.bad);
	/* Ours carries a mark besides, which comes last. */
	os_bytes_read(&want, ip_address);
	mark = (void *)(want.data + want.len);
	*mark = (struct nlattr){ .nla_len = 5, .nla_type = IFA_PROTO };
	memset(mark + 1, 0, 4);
	*(uint8_t *)(mark + 1) = OS_PROTOCOL;
	want.h.nlmsg_len += 8;
	assert_true(os_same_message(made.m.h, &want.h, sizeof(struct ifaddrmsg), no_nests));
	assert_int_equal(made.m.h->nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE);

	assert_true(rtnl_decode_addr(made.m.h, &back));
	assert_int_equal(back.type, KOBJ_ADDR);
	assert_int_equal(back.addr.dev.ifindex, 1);
	assert_true(addr_equal(&back.addr.addr, &a.addr));
	assert_int_equal(back.addr.flags, a.flags);
	assert_int_equal(back.addr.valid_s, 1000);
	assert_int_equal(back.addr.preferred_s, 500);
	read_all_cuts(made.m.h, rtnl_decode_addr);
	/* Without the mark it is not ours. */
	os_bytes_read(&want, ip_address);
	assert_false(rtnl_decode_addr(&want.h, &back));
}

/* ip -6 route replace 2001:db8:1::/48 encap ip6 src 2001:db8::1 dst 2001:db8::2 dev lo
 * metric 100 table 252 protocol 212 */
static const char ip_route_encap[] =
	"7400000018000505b21c016b000000000a300000fcd40001000000001400010020010db80001000000000000"
	"000000002c0016801400030020010db80000000000000000000000011400020020010db80000000000000000"
	"00000002060015000400000008000600640000000800040001000000";
/* ip -6 route replace default from 2001:db8:1::1/128 via fe80::1 dev eth (10) onlink metric 10
 * mtu 1400 protocol 212 */
static const char ip_route_source[] =
	"74000000180005059e1c016b000000000a008000fed400010400000014000100000000000000000000000000"
	"000000001400020020010db800010000000000000000000114000500fe800000000000000000000000000001"
	"080006000a00000008000400010000000c0008000800020078050000";
/* ip -6 route delete 2001:db8:1::/48 table 252 metric 100 protocol 212 */
static const char ip_route_delete[] =
	"3800000019000500b21c016b000000000a300000fcd40000000000001400010020010db80001000000000000"
	"000000000800060064000000";

/* `ip` leaves out the table where it fits the header, and writes ::/0 out. */
static void same_route(const struct kobj_route *r, bool del, const char *hex, bool default_dst)
{
	static const uint16_t nests[] = { RTA_ENCAP, RTA_METRICS, 0 };
	struct made made;
	struct os_bytes want;
	struct nl_msg extended;

	os_bytes_read(&want, hex);
	nl_msg_init(&extended, want.data, sizeof(want.data));
	os_bytes_read(&want, hex);
	nl_put_u32(&extended, RTA_TABLE, r->table == KTABLE_OWN ? OS_TABLE : RT_TABLE_MAIN);
	rtnl_encode_route(make(&made), r, 1, del);
	if (default_dst)
		nl_put_addr(&made.m, RTA_DST, &r->dst.addr);
	if (del) { /* `ip` names a type and scope that the kernel does not look at */
		((struct rtmsg *)mnl_nlmsg_get_payload(&want.h))->rtm_type = RTN_UNICAST;
		((struct rtmsg *)mnl_nlmsg_get_payload(&want.h))->rtm_scope = RT_SCOPE_UNIVERSE;
	}
	assert_false(made.m.bad);
	assert_true(os_same_message(made.m.h, &want.h, sizeof(struct rtmsg), nests));
}

static void route(void **state)
{
	const struct kobj_route encap = { .table = KTABLE_OWN,
					  .dst = prefix("2001:db8:1::/48"),
					  .metric = 100,
					  .encap = true,
					  .encap_src = addr("2001:db8::1"),
					  .encap_dst = addr("2001:db8::2") };
	const struct kobj_route source = { .src = prefix("2001:db8:1::1/128"),
					   .metric = 10,
					   .via = addr("fe80::1"),
					   .onlink = true,
					   .mtu = 1400 };
	struct made made;
	struct kobj back;

	(void)state;
	same_route(&encap, false, ip_route_encap, false);
	same_route(&source, false, ip_route_source, true);
	same_route(&encap, true, ip_route_delete, false);

	rtnl_encode_route(make(&made), &encap, 1, false);
	assert_true(rtnl_decode_route(made.m.h, &back));
	assert_int_equal(back.route.table, KTABLE_OWN);
	assert_true(prefix_equal(&back.route.dst, &encap.dst));
	assert_int_equal(back.route.metric, 100);
	assert_int_equal(back.route.dev.ifindex, 1);
	assert_true(back.route.encap);
	assert_true(addr_equal(&back.route.encap_dst, &encap.encap_dst));
	assert_true(addr_equal(&back.route.encap_src, &encap.encap_src));
	read_all_cuts(made.m.h, rtnl_decode_route);

	rtnl_encode_route(make(&made), &source, 1, false);
	assert_true(rtnl_decode_route(made.m.h, &back));
	assert_true(prefix_equal(&back.route.src, &source.src));
	assert_true(back.route.onlink);
	assert_int_equal(back.route.mtu, 1400);
	assert_true(addr_equal(&back.route.via, &source.via));
}

static void route_without_metric_has_the_kernels(void **state)
{
	struct kobj_route r = { .dst = prefix("2001:db8:1::/48"), .type = KROUTE_UNREACHABLE };
	struct made made;
	struct kobj back;

	(void)state;
	/* 0 in a deletion would mean "whatever metric". */
	rtnl_encode_route(make(&made), &r, 0, true);
	assert_true(rtnl_decode_route(made.m.h, &back));
	assert_int_equal(back.route.metric, 1024);
	assert_int_equal(back.route.type, KROUTE_UNREACHABLE);
}

static void foreign_routes_are_not_ours(void **state)
{
	const struct kobj_route r = { .dst = prefix("2001:db8:1::/48"),
				      .via = addr("2001:db8::2") };
	struct made made;
	struct rtmsg *fixed;
	struct kobj back;

	(void)state;
	rtnl_encode_route(make(&made), &r, 1, false);
	fixed = mnl_nlmsg_get_payload(made.m.h);
	assert_true(rtnl_decode_route(made.m.h, &back));
	fixed->rtm_protocol = RTPROT_RA;
	assert_false(rtnl_decode_route(made.m.h, &back));
	fixed->rtm_protocol = OS_PROTOCOL;
	fixed->rtm_dst_len = 129;
	assert_false(rtnl_decode_route(made.m.h, &back));
	fixed->rtm_dst_len = 48;
	fixed->rtm_flags = RTM_F_CLONED;
	assert_false(rtnl_decode_route(made.m.h, &back));
	fixed->rtm_flags = 0;
	fixed->rtm_family = AF_INET;
	assert_false(rtnl_decode_route(made.m.h, &back));
}

/* ip -6 rule add from 2001:db8:9::/64 to 2001:db8:8::/48 iif lo ipproto 135 priority 1000
 * lookup 252 protocol 212 */
static const char ip_rule[] =
	"64000000200005069e1c016b000000000a304000fc000001000000001400020020010db80009000000000000"
	"000000001400010020010db8000800000000000000000000070003006c6f0000050016008700000008000600"
	"e803000005001500d4000000";

static void rule(void **state)
{
	struct kobj_rule r = { .priority = 1000,
			       .from = prefix("2001:db8:9::/64"),
			       .to = prefix("2001:db8:8::/48"),
			       .iif = "lo",
			       .ip_proto = 135,
			       .table = KTABLE_OWN };
	struct made made;
	struct os_bytes want;
	struct nl_msg extended;
	struct kobj back;

	(void)state;
	nl_msg_init(&extended, want.data, sizeof(want.data));
	os_bytes_read(&want, ip_rule);
	nl_put_u32(&extended, FRA_TABLE, OS_TABLE);
	rtnl_encode_rule(make(&made), &r, false);
	assert_false(made.m.bad);
	assert_true(os_same_message(made.m.h, &want.h, sizeof(struct fib_rule_hdr), no_nests));
	assert_true(rtnl_decode_rule(made.m.h, &back));
	assert_int_equal(back.rule.priority, 1000);
	assert_string_equal(back.rule.iif, "lo");
	assert_int_equal(back.rule.ip_proto, 135);
	assert_int_equal(back.rule.table, KTABLE_OWN);
	assert_true(prefix_equal(&back.rule.to, &r.to));
	assert_false(back.rule.finds_source || back.rule.specific);
	read_all_cuts(made.m.h, rtnl_decode_rule);
	/* Two that are for packets without a source address (home_source.c). */
	r = (struct kobj_rule){ .priority = 1014,
				.from = prefix("2001:db8::99/128"),
				.table = KTABLE_SOURCE,
				.finds_source = true,
				.specific = true };
	rtnl_encode_rule(make(&made), &r, false);
	assert_true(rtnl_decode_rule(made.m.h, &back));
	assert_true(back.rule.finds_source && back.rule.specific);
	assert_int_equal(back.rule.table, KTABLE_SOURCE);
	/* Rules know no "throw". */
	r.action = KROUTE_THROW;
	rtnl_encode_rule(make(&made), &r, false);
	assert_true(made.m.bad);
}

/* ip -6 neigh add proxy 2001:db8::9 dev lo protocol 212 */
static const char ip_neigh[] =
	"380000001c0005069f1c016b000000000a000000010000008000080005000c00d40000001400010020010db8"
	"000000000000000000000009";

static void proxy_neighbour(void **state)
{
	const struct kobj_proxy_neigh p = { .ifindex = 1, .addr = addr("2001:db8::9") };
	struct made made;
	struct os_bytes want;
	struct kobj back;

	(void)state;
	os_bytes_read(&want, ip_neigh);
	rtnl_encode_proxy(make(&made), &p, false);
	assert_true(os_same_message(made.m.h, &want.h, sizeof(struct ndmsg), no_nests));
	assert_true(rtnl_decode_proxy(made.m.h, &back));
	assert_int_equal(back.proxy.ifindex, 1);
	assert_true(addr_equal(&back.proxy.addr, &p.addr));
	read_all_cuts(made.m.h, rtnl_decode_proxy);
}

/* ip link add mip6x type ip6tnl external */
static const char ip_external[] =
	"4c000000100005069e1c016b00000000000000000000000000000000000000000a0003006d69703678000000"
	"200012000a000100697036746e6c000010000200050009000000000004001300";

static void tunnels(void **state)
{
	static const uint16_t nests[] = { IFLA_LINKINFO, IFLA_INFO_DATA, 0 };
	struct kobj_tunnel t = { .name = "mip6x", .external = true };
	struct made made;
	struct os_bytes want;
	const struct nlattr *info;
	const struct nlattr *data;
	struct nlattr *proto;

	(void)state;
	tunnel_encode_new(make(&made), &t);
	os_bytes_read(&want, ip_external);
	/* `ip` says besides that any protocol may be inside, which is the default:
	 * drop the attribute (8 bytes) from the innermost nest. */
	info = os_find_attr(want.data + 32, want.len - 32, IFLA_LINKINFO);
	data = os_find_attr(mnl_attr_get_payload(info), mnl_attr_get_payload_len(info),
			    IFLA_INFO_DATA);
	proto = mnl_attr_get_payload(data);
	memmove(proto, (uint8_t *)proto + 8, 4);
	((struct nlattr *)(uintptr_t)data)->nla_len -= 8;
	((struct nlattr *)(uintptr_t)info)->nla_len -= 8;
	want.h.nlmsg_len -= 8;
	assert_true(os_same_message(made.m.h, &want.h, sizeof(struct ifinfomsg), nests));
	/* One that exists must not be changed: the kernel refuses. */
	assert_true(made.m.h->nlmsg_flags & NLM_F_EXCL);
	t = (struct kobj_tunnel){ .name = "mip6y",
				  .local = addr("2001:db8::1"),
				  .remote = addr("2001:db8::2") };
	tunnel_encode_new(make(&made), &t);
	assert_false(made.m.bad);
	assert_false(made.m.h->nlmsg_flags & NLM_F_EXCL);
}

/* tc filter replace dev lo ingress protocol ipv6 pref 2 handle 7 flower
 * src_ip 2001:db8:1::/64 enc_src_ip 2001:db8::2 skip_hw */
static const char tc_pass[] =
	"940000002c000504c31c016b00000000000000000100000007000000f2ffffff86dd02000b000100666c6f77"
	"657200006400020014000e0020010db800010000000000000000000014000f00ffffffffffffffff00000000"
	"0000000014001f0020010db800000000000000000000000214002000ffffffffffffffffffffffffffffffff"
	"08001600010000000600080086dd0000";
/* tc filter replace dev lo ingress protocol all pref 65000 handle 1 flower skip_hw action drop */
static const char tc_drop[] =
	"6c0000002c000504c31c016b00000000000000000100000001000000f2ffffff0003e8fd0b000100666c6f77"
	"657200003c000200300003002c0001000900010067616374000000001c000280180002000000000000000000"
	"0200000000000000000000000800160001000000";
/* tc qdisc add dev lo clsact */
static const char tc_clsact[] = "3000000024000506c31c016b0000000000000000010000000000fffff1ffffff"
				"000000000b000100636c736163740000";

static void filters(void **state)
{
	static const uint16_t nests[] = { TCA_OPTIONS, 0 };
	const struct prefix inner = prefix("2001:db8:1::/64");
	const struct in6_addr outer = addr("2001:db8::2");
	struct made made;
	struct os_bytes want;

	(void)state;
	filter_encode(make(&made), &inner, &outer, 1, 7);
	os_bytes_read(&want, tc_pass);
	assert_true(os_same_message(made.m.h, &want.h, sizeof(struct tcmsg), nests));
	/* `tc` sets the numbers of nested actions' types without the nest bit. */
	filter_encode_drop(make(&made), 1, 0);
	os_bytes_read(&want, tc_drop);
	assert_int_equal(made.m.h->nlmsg_len, want.h.nlmsg_len);
	assert_int_equal(made.m.h->nlmsg_type, want.h.nlmsg_type);
	filter_encode_qdisc(make(&made), 1);
	os_bytes_read(&want, tc_clsact);
	assert_true(os_same_message(made.m.h, &want.h, sizeof(struct tcmsg), no_nests));
	assert_int_equal(made.m.h->nlmsg_flags, want.h.nlmsg_flags & ~NLM_F_ACK);
}

/* A sample of psample, with the tunnel's ends and `len` bytes of the packet. */
static struct nlmsghdr *make_sample(struct made *made, uint32_t group, const uint8_t *data,
				    size_t len)
{
	struct nl_msg *m = make(made);
	const struct in6_addr src = addr("2001:db8:a::9"), dst = addr("2001:db8::2");
	struct nlattr *tunnel;

	nl_msg_type(m, 0x20, 0);
	(void)nl_msg_fixed(m, sizeof(struct genlmsghdr));
	nl_put_u32(m, PSAMPLE_ATTR_SAMPLE_GROUP, group);
	tunnel = nl_nest(m, PSAMPLE_ATTR_TUNNEL | NLA_F_NESTED);
	nl_put_addr(m, PSAMPLE_TUNNEL_KEY_ATTR_IPV6_SRC, &src);
	nl_put_addr(m, PSAMPLE_TUNNEL_KEY_ATTR_IPV6_DST, &dst);
	nl_nest_end(m, tunnel);
	nl_put(m, PSAMPLE_ATTR_DATA, data, len);
	return m->h;
}

static void samples(void **state)
{
	uint8_t ip[40] = { 0x60 };
	const struct in6_addr hoa = addr("2001:db8::99"), peer = addr("2001:db8:2::5");
	struct sample e;
	struct made made;

	(void)state;
	memcpy(ip + 8, &hoa, sizeof(hoa));
	memcpy(ip + 24, &peer, sizeof(peer));
	assert_true(sample_decode(make_sample(&made, OS_SAMPLE_GROUP, ip, 40), &e));
	assert_int_equal(e.user, SAMPLE_STRAYS);
	assert_int_equal(e.len, 40);
	assert_memory_equal(e.data, ip, 40);
	assert_true(addr_equal(&e.outer_src, &(struct in6_addr){ .s6_addr = { 0x20, 1, 0xd, 0xb8, 0,
				       0xa, [15] = 9 } }));
	assert_true(sample_decode(make_sample(&made, OS_SAMPLE_GROUP + 1, ip, 40), &e));
	assert_int_equal(e.user, SAMPLE_MULTICAST);
	assert_false(sample_decode(make_sample(&made, OS_SAMPLE_GROUP + 2, ip, 40), &e));
	assert_false(sample_decode(make_sample(&made, 7, ip, 40), &e));
	assert_false(sample_decode(make_sample(&made, OS_SAMPLE_GROUP, ip, 39), &e));
	ip[0] = 0x40;
	assert_false(sample_decode(make_sample(&made, OS_SAMPLE_GROUP, ip, 40), &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(address),
		cmocka_unit_test(route),
		cmocka_unit_test(route_without_metric_has_the_kernels),
		cmocka_unit_test(foreign_routes_are_not_ours),
		cmocka_unit_test(rule),
		cmocka_unit_test(proxy_neighbour),
		cmocka_unit_test(tunnels),
		cmocka_unit_test(filters),
		cmocka_unit_test(samples),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
