// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Properties over many random messages: what is encoded is decoded to the same,
 * is aligned as the RFCs ask, and carries a right checksum; and bytes changed at random
 * never make a decoder read outside of them, or accept what the encoder and a
 * second decoding do not confirm.
 *
 * The seed is printed; MIP6D_TEST_SEED replays a run, MIP6D_TEST_ROUNDS lengthens it.
 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "golden/golden.h"

static uint64_t random_state;
static unsigned long rounds = 20000;

/* splitmix64 */
static uint64_t random_u64(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static unsigned int below(unsigned int limit)
{
	return (unsigned int)(random_u64() % limit);
}

static bool one_in(unsigned int n)
{
	return below(n) == 0;
}

static void random_bytes(void *out, size_t len)
{
	uint8_t *p = out;

	while (len--)
		*p++ = (uint8_t)random_u64();
}

static uint32_t random_lifetime_s(void)
{
	return 4 * below(65536);
}

static void random_lists(struct mh_options *o)
{
	unsigned int i;

	if (one_in(3)) {
		o->present |= MH_HAS_MNP;
		o->mnp_count = 1 + below(MH_MNP_MAX);
		random_bytes(o->mnp, o->mnp_count * sizeof(o->mnp[0]));
	}
	if (one_in(3)) {
		o->present |= MH_HAS_BID;
		o->bid_count = 1 + below(MH_BID_MAX);
		for (i = 0; i < o->bid_count; i++) {
			o->bid[i].bid = (uint16_t)random_u64();
			o->bid[i].status = (uint8_t)random_u64();
			o->bid[i].home = one_in(2);
			o->bid[i].kind = (enum mh_bid_coa)below(MH_BID_COA_BAD);
			random_bytes(&o->bid[i].coa4, sizeof(o->bid[i].coa4));
			random_bytes(&o->bid[i].coa6, sizeof(o->bid[i].coa6));
		}
	}
	if (one_in(3)) {
		o->present |= MH_HAS_AUTHENTICATION;
		o->authentication_count = 1 + below(MH_AUTHENTICATION_MAX);
		for (i = 0; i < o->authentication_count; i++) {
			struct mh_authentication *a = &o->authentication[i];

			a->subtype = (uint8_t)(i + 1);
			a->spi = (uint32_t)random_u64();
			a->len = (uint8_t)below(MH_AUTH_BYTES_MAX + 1);
			random_bytes(a->data, a->len);
		}
	}
}

static void random_options(struct mh_options *o)
{
	memset(o, 0, sizeof(*o));
	if (one_in(3)) {
		o->present |= MH_HAS_REFRESH;
		o->refresh_s = 4 * (1 + below(65535));
	}
	if (one_in(3)) {
		o->present |= MH_HAS_ALT_COA;
		random_bytes(&o->alt_coa, sizeof(o->alt_coa));
	}
	if (one_in(3)) {
		o->present |= MH_HAS_NONCES;
		o->home_nonce = (uint16_t)random_u64();
		o->careof_nonce = (uint16_t)random_u64();
	}
	if (one_in(3)) {
		o->present |= MH_HAS_MN_ID;
		o->mn_id.subtype = (uint8_t)random_u64();
		o->mn_id.len = (uint8_t)below(MH_MN_ID_MAX + 1);
		random_bytes(o->mn_id.id, o->mn_id.len);
	}
	if (one_in(3)) {
		o->present |= MH_HAS_REPLAY;
		o->replay_ntp = random_u64();
	}
	if (one_in(3)) {
		o->present |= MH_HAS_AUTH_DATA;
		random_bytes(o->authenticator, sizeof(o->authenticator));
	}
	random_lists(o);
}

static void random_mh(struct mh_msg *msg)
{
	memset(msg, 0, sizeof(*msg));
	msg->type = (enum mh_type)below(MH_TYPE_COUNT);
	switch (msg->type) {
	case MH_BRR:
		break;
	case MH_HOTI:
		random_bytes(&msg->hoti, sizeof(msg->hoti));
		break;
	case MH_COTI:
		random_bytes(&msg->coti, sizeof(msg->coti));
		break;
	case MH_HOT:
		random_bytes(&msg->hot, sizeof(msg->hot));
		break;
	case MH_COT:
		random_bytes(&msg->cot, sizeof(msg->cot));
		break;
	case MH_BU:
		msg->bu.seq = (uint16_t)random_u64();
		msg->bu.flags = (uint16_t)random_u64() & MH_BU_FLAGS;
		msg->bu.lifetime_s = random_lifetime_s();
		break;
	case MH_BA:
		msg->ba.status = (uint8_t)random_u64();
		msg->ba.flags = (uint8_t)random_u64() & MH_BA_FLAGS;
		msg->ba.seq = (uint16_t)random_u64();
		msg->ba.lifetime_s = random_lifetime_s();
		break;
	case MH_BE:
		msg->be.status = (uint8_t)random_u64();
		random_bytes(&msg->be.home, sizeof(msg->be.home));
		break;
	}
	random_options(&msg->opts);
}

/* The alignment that the RFC of each option asks for. */
static void check_alignment(const uint8_t *mh, size_t len, size_t first, const struct mh_msg *msg)
{
	struct mhopt_iter it;
	struct mhopt opt = { .type = MHOPT_PAD1 };
	bool padded = false;

	mhopt_iter_init(&it, mh, len, first);
	while (mhopt_next(&it, &opt)) {
		bool is_padding = opt.type == MHOPT_PAD1 || opt.type == MHOPT_PADN;

		/* RFC 6275 section 6.2.2: one PadN rather than several Pad1. */
		assert_false(is_padding && padded);
		padded = is_padding;
		switch (opt.type) {
		case MHOPT_REFRESH_ADVICE:
		case MHOPT_NONCE_INDICES:
			assert_int_equal(opt.at % 2, 0);
			break;
		case MHOPT_ALT_COA:
			assert_int_equal(opt.at % 8, 6);
			break;
		case MHOPT_AUTH_DATA:
		case MHOPT_REPLAY:
			assert_int_equal(opt.at % 8, 2);
			break;
		case MHOPT_MNP:
			assert_int_equal(opt.at % 8, 4);
			break;
		case MHOPT_AUTHENTICATION:
			assert_int_equal(opt.at % 4, 1);
			break;
		case MHOPT_BID:
			assert_int_equal(opt.at % (opt.len == 4 ? 2 : 8), opt.len == 4 ? 0 : 2);
			break;
		default:
			break;
		}
	}
	assert_false(it.bad);
	/* RFC 6275 section 6.2.7, RFC 4285 section 5.1: what authenticates comes last. */
	if (mh_has(&msg->opts, MH_HAS_AUTH_DATA))
		assert_int_equal(opt.type, MHOPT_AUTH_DATA);
	else if (mh_has(&msg->opts, MH_HAS_AUTHENTICATION) && !padded)
		assert_int_equal(opt.type, MHOPT_AUTHENTICATION);
}

static size_t mh_fixed_len(enum mh_type type)
{
	static const size_t len[MH_TYPE_COUNT] = { 8, 16, 16, 24, 24, 12, 12, 24 };

	return len[type];
}

/* RFC 6275 section 6.1 */
static void test_mh_turn(void **state)
{
	static struct mh_msg one;
	static struct mh_msg two;
	struct in6_addr src;
	struct in6_addr dst;
	struct wire_error err;
	unsigned long i;

	(void)state;
	for (i = 0; i < rounds; i++) {
		uint8_t buf[MH_LEN_MAX];
		int len;

		random_bytes(&src, sizeof(src));
		random_bytes(&dst, sizeof(dst));
		random_mh(&one);
		len = mh_encode(&one, &src, &dst, buf, sizeof(buf));
		assert_true(len > 0 && len % 8 == 0);
		assert_true(mh_checksum_ok(&src, &dst, buf, (size_t)len));
		assert_int_equal(mh_decode(buf, (size_t)len, &two, &err), WIRE_OK);
		assert_true(golden_mh_equal(&one, &two));
		assert_int_equal(two.opts.repeated | two.opts.overflow | two.opts.unknown, 0);
		assert_false(two.opts.auth_not_last);
		check_alignment(buf, (size_t)len, mh_fixed_len(one.type), &one);
		if (mh_has(&one.opts, MH_HAS_AUTH_DATA))
			assert_int_equal(two.opts.authenticator_at, len - MH_AUTHENTICATOR_LEN);
	}
}

static void random_prefix(struct nd_prefix_info *info)
{
	uint64_t lives = random_u64();

	memset(info, 0, sizeof(*info));
	info->prefix_len = (uint8_t)below(129);
	info->on_link = one_in(2);
	info->autonomous = one_in(2);
	info->valid_s = (uint32_t)lives;
	info->preferred_s = info->valid_s ? (uint32_t)(lives >> 32) % info->valid_s : 0;
	info->router_address = one_in(2);
	random_bytes(&info->addr, sizeof(info->addr));
	if (!info->router_address) /* a prefix has no bits behind its length */
		memset(info->addr.s6_addr + info->prefix_len / 8, 0, 16u - info->prefix_len / 8);
}

/* RFC 6275 sections 6.5 to 6.8 */
static void test_icmp6_turn(void **state)
{
	static const enum icmp6_type types[] = { ICMP6_MSG_UNREACHABLE,	  ICMP6_MSG_TOO_BIG,
						 ICMP6_MSG_TIME_EXCEEDED, ICMP6_MSG_PARAM_PROBLEM,
						 ICMP6_MSG_DHAAD_REQUEST, ICMP6_MSG_DHAAD_REPLY,
						 ICMP6_MSG_MPS,		  ICMP6_MSG_MPA };
	static struct icmp6_msg one;
	static struct icmp6_msg two;
	static uint8_t quoted[600];
	struct in6_addr src;
	struct in6_addr dst;
	struct wire_error err;
	unsigned long i;
	unsigned int k;

	(void)state;
	for (i = 0; i < rounds; i++) {
		uint8_t buf[ICMP6_LEN_MAX];
		int len;

		random_bytes(&src, sizeof(src));
		random_bytes(&dst, sizeof(dst));
		memset(&one, 0, sizeof(one));
		one.type = types[below(sizeof(types) / sizeof(types[0]))];
		if (one.type == ICMP6_MSG_DHAAD_REQUEST) {
			one.dhaad_request.id = (uint16_t)random_u64();
			one.dhaad_request.mobile_router = one_in(2);
		} else if (one.type == ICMP6_MSG_DHAAD_REPLY) {
			one.dhaad_reply.id = (uint16_t)random_u64();
			one.dhaad_reply.mobile_router = one_in(2);
			one.dhaad_reply.count = below(ICMP6_DHAAD_MAX + 1);
			random_bytes(one.dhaad_reply.agent, one.dhaad_reply.count * 16);
		} else if (one.type == ICMP6_MSG_MPS) {
			one.mps.id = (uint16_t)random_u64();
		} else if (one.type == ICMP6_MSG_MPA) {
			one.mpa.id = (uint16_t)random_u64();
			one.mpa.managed = one_in(2);
			one.mpa.other = one_in(2);
			one.mpa.count = 1 + below(ICMP6_PREFIX_MAX);
			for (k = 0; k < one.mpa.count; k++)
				random_prefix(&one.mpa.prefix[k]);
		} else {
			one.error.code = (uint8_t)random_u64();
			if (one.type == ICMP6_MSG_TOO_BIG || one.type == ICMP6_MSG_PARAM_PROBLEM)
				one.error.value = (uint32_t)random_u64();
			one.error.packet_len = below(sizeof(quoted));
			random_bytes(quoted, one.error.packet_len);
			one.error.packet = quoted;
		}
		len = icmp6_encode(&one, &src, &dst, buf, sizeof(buf));
		assert_true(len >= 8);
		assert_true(icmp6_checksum_ok(&src, &dst, buf, (size_t)len));
		assert_int_equal(icmp6_decode(buf, (size_t)len, &two, &err), WIRE_OK);
		assert_true(golden_icmp6_equal(&one, &two));
	}
}

static void random_lladdr(struct nd_lladdr *a)
{
	a->len = one_in(4) ? 14 : 6;
	random_bytes(a->addr, a->len);
}

static void random_ra(struct nd_msg *msg)
{
	struct nd_options *o = &msg->opts;
	unsigned int i;

	msg->ra.cur_hop_limit = (uint8_t)random_u64();
	msg->ra.managed = one_in(2);
	msg->ra.other = one_in(2);
	msg->ra.home_agent = one_in(2);
	msg->ra.lifetime_s = one_in(4) ? 0 : (uint16_t)(1 + below(65535));
	msg->ra.preference =
		msg->ra.lifetime_s ? (enum nd_preference)((int)below(3) - 1) : ND_PREF_MEDIUM;
	msg->ra.reachable_ms = (uint32_t)random_u64();
	msg->ra.retrans_ms = (uint32_t)random_u64();
	o->present = below(ND_HAS_ROUTE << 1) & ~(unsigned int)ND_HAS_TLLA;
	if (!msg->ra.home_agent)
		o->present &= ~(unsigned int)ND_HAS_HA_INFO;
	random_lladdr(&o->slla);
	o->mtu = (uint32_t)random_u64();
	o->adv_interval_ms = (uint32_t)random_u64();
	o->ha_info.preference = (uint16_t)random_u64();
	o->ha_info.lifetime_s = (uint16_t)(1 + below(65535));
	o->ha_info.mobile_routers = one_in(2);
	if (nd_has(o, ND_HAS_PREFIX))
		o->prefix_count = 1 + below(ND_PREFIX_MAX);
	for (i = 0; i < o->prefix_count; i++)
		random_prefix(&o->prefix[i]);
	if (nd_has(o, ND_HAS_ROUTE))
		o->route_count = 1 + below(ND_ROUTE_MAX);
	for (i = 0; i < o->route_count; i++) {
		struct nd_route_info *route = &o->route[i];

		route->prefix_len = (uint8_t)(8 * below(17));
		random_bytes(&route->prefix, route->prefix_len / 8);
		route->preference = (enum nd_preference)((int)below(3) - 1);
		route->lifetime_s = (uint32_t)random_u64();
	}
}

static void random_nd(struct nd_msg *msg)
{
	memset(msg, 0, sizeof(*msg));
	msg->type = (enum nd_type)(ND_RS + below(4));
	switch (msg->type) {
	case ND_RS:
		break;
	case ND_RA:
		random_ra(msg);
		return;
	case ND_NS:
		random_bytes(&msg->ns.target, sizeof(msg->ns.target));
		msg->ns.target.s6_addr[0] &= 0x7f; /* no group */
		break;
	case ND_NA:
		random_bytes(&msg->na.target, sizeof(msg->na.target));
		msg->na.target.s6_addr[0] &= 0x7f;
		msg->na.router = one_in(2);
		msg->na.solicited = one_in(2);
		msg->na.override = one_in(2);
		break;
	}
	if (one_in(2) && msg->type == ND_NA) {
		msg->opts.present = ND_HAS_TLLA;
		random_lladdr(&msg->opts.tlla);
	} else if (one_in(2) && msg->type != ND_NA) {
		msg->opts.present = ND_HAS_SLLA;
		random_lladdr(&msg->opts.slla);
	}
}

/* RFC 4861 sections 4.1 to 4.4, RFC 6275 section 7 */
static void test_nd_turn(void **state)
{
	static struct nd_msg one;
	static struct nd_msg two;
	struct nd_packet how = { .src = golden_addr("fe80::1"),
				 .dst = golden_addr("fe80::2"),
				 .hop_limit = 255 };
	struct wire_error err;
	unsigned long i;

	(void)state;
	for (i = 0; i < rounds; i++) {
		uint8_t buf[ND_LEN_MAX];
		int len;

		random_nd(&one);
		len = nd_encode(&one, &how.src, &how.dst, buf, sizeof(buf));
		assert_true(len >= 8 && len % 8 == 0);
		assert_true(icmp6_checksum_ok(&how.src, &how.dst, buf, (size_t)len));
		assert_int_equal(nd_decode(buf, (size_t)len, &how, &two, &err), WIRE_OK);
		assert_true(golden_nd_equal(&one, &two));
		assert_int_equal(two.opts.skipped, 0);
	}
}

/* Changes a few bytes, and now and then the length, of a copy that is exactly as
 * long as it says. */
static uint8_t *spoil(const char *hex, size_t *len)
{
	uint8_t bytes[GOLDEN_LEN_MAX];
	uint8_t *exact;
	unsigned int i;

	*len = golden_bytes(hex, bytes, sizeof(bytes));
	for (i = 1 + below(4); i > 0; i--)
		bytes[below((unsigned int)*len)] = (uint8_t)random_u64();
	if (one_in(4))
		*len = below((unsigned int)*len + 1);
	exact = malloc(*len ? *len : 1);
	assert_non_null(exact);
	memcpy(exact, bytes, *len);
	return exact;
}

/* RFC 6275 section 9.2, RFC 4861 sections 6.1 and 7.1: whatever comes. */
static void test_spoiled(void **state)
{
	static struct mh_msg mh;
	static struct icmp6_msg icmp6;
	static struct nd_msg nd;
	struct in6_addr home;
	struct ext_packet p;
	struct wire_error err;
	unsigned long accepted = 0;
	unsigned long i;

	(void)state;
	for (i = 0; i < rounds; i++) {
		const struct golden_mh *g = &golden_mh[below((unsigned int)golden_mh_count)];
		const struct golden_icmp6 *gi =
			&golden_icmp6[below((unsigned int)golden_icmp6_count)];
		const struct golden_nd *gn = &golden_nd[below((unsigned int)golden_nd_count)];
		struct nd_packet how = golden_nd_packet(gn);
		uint8_t *bytes;
		size_t len;

		bytes = spoil(g->hex, &len);
		if (mh_decode(bytes, len, &mh, &err) == WIRE_OK)
			accepted++;
		else
			assert_true(err.reason != WIRE_BAD_NONE && err.offset <= len);
		free(bytes);
		bytes = spoil(gi->hex, &len);
		if (icmp6_decode(bytes, len, &icmp6, &err) != WIRE_OK)
			assert_true(err.reason != WIRE_BAD_NONE && err.offset <= len);
		(void)ext_parse_packet(bytes, len, &p, &err);
		(void)ext_decode_hao(bytes, len, &home, &err);
		(void)ext_decode_rh2(bytes, len, &home, NULL, &err);
		free(bytes);
		bytes = spoil(gn->hex, &len);
		if (nd_decode(bytes, len, &how, &nd, &err) != WIRE_OK)
			assert_true(err.reason != WIRE_BAD_NONE && err.offset <= len);
		free(bytes);
	}
	/* Some changes hit values only, others the structure. */
	assert_in_range(accepted, 1, rounds - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mh_turn),
		cmocka_unit_test(test_icmp6_turn),
		cmocka_unit_test(test_nd_turn),
		cmocka_unit_test(test_spoiled),
	};
	const char *seed = getenv("MIP6D_TEST_SEED");
	const char *more = getenv("MIP6D_TEST_ROUNDS");

	random_state = seed ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL);
	if (more)
		rounds = strtoul(more, NULL, 0);
	printf("# MIP6D_TEST_SEED=%" PRIu64 "\n", random_state);
	fflush(stdout);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
