// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Neighbour Discovery beyond golden packets: the validity checks of RFC 4861, what
 * is skipped, what is not sent, limits.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden/golden.h"
#include "wire/nd.h"

#define RA_FIXED   "86 00 0000 40 00 0708 00000000 00000000 "
#define TARGET_HEX "20010db8 00010000 00000000 00000010 "
#define MCAST_HEX  "ff020000 00000000 00000000 00000001 "
#define SLLA_HEX   "01 01 02005e100001 "
#define TLLA_HEX   "02 01 02005e100002 "

static enum wire_verdict decode_from(const char *src, const char *dst, uint8_t hop_limit,
				     const char *hex, struct nd_msg *msg, struct wire_error *err)
{
	struct nd_packet how = { .src = golden_addr(src),
				 .dst = golden_addr(dst),
				 .hop_limit = hop_limit };
	uint8_t bytes[GOLDEN_LEN_MAX];
	size_t len = golden_bytes(hex, bytes, sizeof(bytes));
	uint8_t *exact = malloc(len ? len : 1);
	enum wire_verdict verdict;

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	*err = (struct wire_error){ .reason = WIRE_BAD_NONE };
	verdict = nd_decode(exact, len, &how, msg, err);
	free(exact);
	return verdict;
}

static void expect(const char *src, const char *dst, const char *hex, enum wire_verdict want,
		   enum wire_reason reason)
{
	struct wire_error err;
	struct nd_msg msg;

	assert_int_equal(decode_from(src, dst, 255, hex, &msg, &err), want);
	assert_string_equal(wire_reason_name(err.reason), wire_reason_name(reason));
}

static struct nd_msg expect_ra(const char *hex)
{
	struct wire_error err;
	struct nd_msg msg;

	if (decode_from("fe80::1", "ff02::1", 255, hex, &msg, &err) != WIRE_OK)
		fail_msg("refused: %s at %zu", wire_reason_name(err.reason), err.offset);
	return msg;
}

/* RFC 4861 sections 6.1.1, 6.1.2, 7.1.1, 7.1.2: hop limit 255, code 0, lengths. */
static void test_common_checks(void **state)
{
	static const char *const whole[] = {
		"85 00 0000 00000000",
		RA_FIXED,
		"87 00 0000 00000000" TARGET_HEX,
		"88 00 0000 00000000" TARGET_HEX,
	};
	uint8_t bytes[GOLDEN_LEN_MAX];
	struct nd_packet how = { .src = golden_addr("fe80::1"),
				 .dst = golden_addr("fe80::2"),
				 .hop_limit = 255 };
	struct wire_error err;
	struct nd_msg msg;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		size_t len = golden_bytes(whole[i], bytes, sizeof(bytes));

		assert_int_equal(nd_decode(bytes, len, &how, &msg, &err), WIRE_OK);
		assert_int_equal(nd_decode(bytes, len - 1, &how, &msg, &err), WIRE_MALFORMED);
		assert_int_equal(err.reason, WIRE_BAD_SHORT);
		how.hop_limit = 254;
		assert_int_equal(nd_decode(bytes, len, &how, &msg, &err), WIRE_MALFORMED);
		assert_int_equal(err.reason, WIRE_BAD_HOP_LIMIT);
		how.hop_limit = 255;
		bytes[1] = 1;
		assert_int_equal(nd_decode(bytes, len, &how, &msg, &err), WIRE_MALFORMED);
		assert_int_equal(err.reason, WIRE_BAD_CODE);
		assert_int_equal(err.offset, 1);
	}
	expect("fe80::1", "ff02::1", "", WIRE_MALFORMED, WIRE_BAD_SHORT);
	/* A redirect is not ours, nor is an echo request. */
	expect("fe80::1", "ff02::1", "89 00 0000 00000000", WIRE_IGNORE, WIRE_BAD_TYPE);
	expect("fe80::1", "ff02::1", "80 00 0000 00000000", WIRE_IGNORE, WIRE_BAD_TYPE);
}

static void test_address_checks(void **state)
{
	struct wire_error err;
	struct nd_msg msg;

	(void)state;
	/* RFC 4861 section 6.1.1: no link-layer address from nobody. */
	expect("::", "ff02::2", "85 00 0000 00000000" SLLA_HEX, WIRE_MALFORMED, WIRE_BAD_ADDRESS);
	expect("::", "ff02::2", "85 00 0000 00000000", WIRE_OK, WIRE_BAD_NONE);
	/* Section 6.1.2: routers send from their link-local address. */
	expect("2001:db8::1", "ff02::1", RA_FIXED, WIRE_MALFORMED, WIRE_BAD_ADDRESS);
	expect("::", "ff02::1", RA_FIXED, WIRE_MALFORMED, WIRE_BAD_ADDRESS);
	/* Section 7.1.1. */
	expect("fe80::1", "ff02::1:ff00:10", "87 00 0000 00000000" MCAST_HEX, WIRE_MALFORMED,
	       WIRE_BAD_ADDRESS);
	expect("::", "ff02::1:ff00:10", "87 00 0000 00000000" TARGET_HEX SLLA_HEX, WIRE_MALFORMED,
	       WIRE_BAD_ADDRESS);
	expect("::", "ff02::1:ff12:3456", "87 00 0000 00000000" TARGET_HEX, WIRE_OK, WIRE_BAD_NONE);
	expect("::", "ff02::1", "87 00 0000 00000000" TARGET_HEX, WIRE_MALFORMED, WIRE_BAD_ADDRESS);
	expect("::", "2001:db8:1::10", "87 00 0000 00000000" TARGET_HEX, WIRE_MALFORMED,
	       WIRE_BAD_ADDRESS);
	/* Section 7.1.2. */
	expect("fe80::1", "ff02::1", "88 00 0000 20000000" MCAST_HEX, WIRE_MALFORMED,
	       WIRE_BAD_ADDRESS);
	expect("fe80::1", "ff02::1", "88 00 0000 40000000" TARGET_HEX, WIRE_MALFORMED,
	       WIRE_BAD_ADDRESS);
	expect("fe80::1", "fe80::2", "88 00 0000 40000000" TARGET_HEX, WIRE_OK, WIRE_BAD_NONE);
	/* Where it is wrong. */
	assert_int_equal(
		decode_from("fe80::1", "ff02::1", 255, "87 00 0000 00000000" MCAST_HEX, &msg, &err),
		WIRE_MALFORMED);
	assert_int_equal(err.offset, 8);
}

/* RFC 4861: options of length zero, or past the end, spoil the message. */
static void test_option_format(void **state)
{
	(void)state;
	expect("fe80::1", "ff02::1", RA_FIXED "63 00 000000000000", WIRE_MALFORMED,
	       WIRE_BAD_OPTION_LEN);
	expect("fe80::1", "ff02::1", RA_FIXED "63 02 000000000000", WIRE_MALFORMED,
	       WIRE_BAD_OPTION_PAST_END);
	expect("fe80::1", "ff02::1", RA_FIXED "63", WIRE_MALFORMED, WIRE_BAD_OPTION_PAST_END);
	expect("fe80::1", "ff02::1", RA_FIXED SLLA_HEX "63 01 0000", WIRE_MALFORMED,
	       WIRE_BAD_OPTION_PAST_END);
	expect("::", "ff02::2", "85 00 0000 00000000 63 00 000000000000", WIRE_MALFORMED,
	       WIRE_BAD_OPTION_LEN);
	expect("fe80::1", "fe80::2", "88 00 0000 00000000" TARGET_HEX "63 00 000000000000",
	       WIRE_MALFORMED, WIRE_BAD_OPTION_LEN);
}

/* RFC 4861 section 6.1.2, RFC 6275 sections 7.3, 7.4: options that a message is not
 * defined to carry, and unknown ones, MUST be ignored. */
static void test_options_of_others(void **state)
{
	struct wire_error err;
	struct nd_msg msg;

	(void)state;
	msg = expect_ra(RA_FIXED "63 01 000000000000" TLLA_HEX SLLA_HEX);
	assert_int_equal(msg.opts.present, ND_HAS_SLLA);
	assert_int_equal(msg.opts.skipped, 2);
	assert_int_equal(
		decode_from("fe80::1", "fe80::2", 255,
			    "88 00 0000 00000000" TARGET_HEX SLLA_HEX
			    "07 01 0000 00000001 08 01 0000 0001 0001 05 01 0000 00000500" TLLA_HEX,
			    &msg, &err),
		WIRE_OK);
	assert_int_equal(msg.opts.present, ND_HAS_TLLA);
	assert_int_equal(msg.opts.skipped, 4);
	assert_int_equal(decode_from("fe80::1", "ff02::2", 255,
				     "85 00 0000 00000000 07 01 0000 00000001" SLLA_HEX, &msg,
				     &err),
			 WIRE_OK);
	assert_int_equal(msg.opts.present, ND_HAS_SLLA);
}

/* Lengths that cannot be: the option is skipped, the message stands. */
static void test_option_lengths(void **state)
{
	struct nd_msg msg;

	(void)state;
	msg = expect_ra(RA_FIXED "05 02 0000 00000500 0000000000000000"
				 "07 02 0000 00000001 0000000000000000"
				 "08 02 0000 0001 0001 0000000000000000"
				 "03 01 40 c0 00000000"
				 "03 05 40 c0 00000001 00000001 00000000" TARGET_HEX
				 "0000000000000000"
				 "03 04 81 c0 00000001 00000001 00000000" TARGET_HEX);
	assert_int_equal(msg.opts.present, 0);
	assert_int_equal(msg.opts.skipped, 6);
	/* The longest link-layer address, and one longer than any we know. */
	msg = expect_ra(RA_FIXED "01 04 0102030405060708090a0b0c0d0e"
				 "0f101112131415161718191a1b1c1d1e");
	assert_int_equal(msg.opts.slla.len, ND_LLADDR_MAX);
	assert_int_equal(msg.opts.slla.addr[ND_LLADDR_MAX - 1], ND_LLADDR_MAX);
	msg = expect_ra(RA_FIXED "01 05 0000000000000000000000000000"
				 "000000000000000000000000000000000000000000000000");
	assert_int_equal(msg.opts.present, 0);
}

/* Of what may come once, the first counts. */
static void test_options_repeated(void **state)
{
	struct nd_msg msg;

	(void)state;
	msg = expect_ra(RA_FIXED "05 01 0000 00000500 05 01 0000 00000600"
				 "07 01 0000 00000001 07 01 0000 00000002"
				 "08 01 0000 0001 0002 08 01 8000 0003 0004");
	assert_int_equal(msg.opts.mtu, 0x500);
	assert_int_equal(msg.opts.adv_interval_ms, 1);
	assert_int_equal(msg.opts.ha_info.preference, 1);
	assert_int_equal(msg.opts.ha_info.lifetime_s, 2);
	assert_false(msg.opts.ha_info.mobile_routers);
	assert_int_equal(msg.opts.skipped, 3);
}

/* RFC 4861 section 4.6.2, RFC 6275 section 7.2: a prefix, or with R an address. */
static void test_prefix_bits(void **state)
{
	struct nd_msg msg;

	(void)state;
	msg = expect_ra(RA_FIXED "03 04 2c df 00000001 00000001 ffffffff"
				 "20010db8 ffffffff ffffffff ffffffff"
				 "03 04 2c 3f 00000001 00000001 ffffffff"
				 "20010db8 ffffffff ffffffff ffffffff");
	assert_int_equal(msg.opts.prefix_count, 2);
	assert_true(msg.opts.prefix[0].on_link && msg.opts.prefix[0].autonomous);
	assert_false(msg.opts.prefix[0].router_address);
	assert_int_equal(msg.opts.prefix[0].addr.s6_addr[5], 0xf0);
	assert_int_equal(msg.opts.prefix[0].addr.s6_addr[6], 0);
	assert_true(msg.opts.prefix[1].router_address);
	assert_int_equal(msg.opts.prefix[1].addr.s6_addr[15], 0xff);
}

/* RFC 4191 section 2.2: reserved (10) counts as medium, and so does all without a
 * router lifetime. */
static void test_router_preference(void **state)
{
	struct nd_msg msg;

	(void)state;
	msg = expect_ra("86 00 0000 40 08 0708 00000000 00000000");
	assert_int_equal(msg.ra.preference, ND_PREF_HIGH);
	msg = expect_ra("86 00 0000 40 18 0708 00000000 00000000");
	assert_int_equal(msg.ra.preference, ND_PREF_LOW);
	msg = expect_ra("86 00 0000 40 10 0708 00000000 00000000");
	assert_int_equal(msg.ra.preference, ND_PREF_MEDIUM);
	msg = expect_ra("86 00 0000 40 08 0000 00000000 00000000");
	assert_int_equal(msg.ra.preference, ND_PREF_MEDIUM);
	/* Reserved bits. */
	msg = expect_ra("86 00 0000 40 07 0708 00000000 00000000");
	assert_false(msg.ra.managed || msg.ra.other || msg.ra.home_agent);
	assert_int_equal(msg.ra.preference, ND_PREF_MEDIUM);
}

/* RFC 4191 section 2.3: which option lengths go with which prefix lengths. */
static void test_route_lengths(void **state)
{
	struct nd_msg msg;

	(void)state;
	msg = expect_ra(RA_FIXED "18 01 01 00 00000001"			 /* needs 2 */
				 "18 02 41 00 00000001 2001000000000000" /* needs 3 */
				 "18 03 81 00 00000001" TARGET_HEX	 /* 129 bits */
				 "18 04 40 00 00000001" TARGET_HEX "0000000000000000"
				 "18 02 30 10 00000001 2001000000000000"); /* reserved preference */
	assert_int_equal(msg.opts.route_count, 0);
	assert_int_equal(msg.opts.skipped, 5);
	msg = expect_ra(RA_FIXED "18 01 00 e7 00000001" /* reserved bits */
				 "18 02 00 00 00000001 ffffffffffffffff"
				 "18 03 00 00 00000001 ffffffffffffffffffffffffffffffff"
				 "18 03 04 18 00000001 ffffffffffffffffffffffffffffffff");
	assert_int_equal(msg.opts.route_count, 4);
	assert_int_equal(msg.opts.route[0].preference, ND_PREF_MEDIUM);
	assert_int_equal(msg.opts.route[1].prefix.s6_addr[0], 0);
	assert_int_equal(msg.opts.route[3].prefix.s6_addr[0], 0xf0);
	assert_int_equal(msg.opts.route[3].prefix.s6_addr[1], 0);
	assert_int_equal(msg.opts.route[3].preference, ND_PREF_LOW);
}

/* More than fits is cut, and told. */
static void test_many(void **state)
{
	static struct nd_msg msg;
	static struct nd_msg back;
	static uint8_t buf[ND_LEN_MAX + 64];
	struct nd_packet how = { .src = golden_addr("fe80::1"),
				 .dst = golden_addr("ff02::1"),
				 .hop_limit = 255 };
	struct wire_error err;
	unsigned int i;
	size_t len;

	(void)state;
	msg = (struct nd_msg){ .type = ND_RA };
	msg.opts.present = ND_HAS_PREFIX | ND_HAS_ROUTE;
	msg.opts.prefix_count = ND_PREFIX_MAX;
	for (i = 0; i < ND_PREFIX_MAX; i++)
		msg.opts.prefix[i].prefix_len = (uint8_t)i;
	msg.opts.route_count = ND_ROUTE_MAX;
	for (i = 0; i < ND_ROUTE_MAX; i++)
		msg.opts.route[i].prefix_len = (uint8_t)(65 + i);
	len = (size_t)nd_encode(&msg, &how.src, &how.dst, buf, ND_LEN_MAX);
	assert_int_equal(len, 16 + 32 * ND_PREFIX_MAX + 24 * ND_ROUTE_MAX);
	assert_int_equal(nd_decode(buf, len, &how, &back, &err), WIRE_OK);
	assert_true(golden_nd_equal(&msg, &back));
	assert_int_equal(back.opts.overflow, 0);
	memcpy(buf + len, buf + 16, 32);
	memcpy(buf + len + 32, buf + len - 24, 24);
	assert_int_equal(nd_decode(buf, len + 56, &how, &back, &err), WIRE_OK);
	assert_true(golden_nd_equal(&msg, &back));
	assert_int_equal(back.opts.overflow, ND_HAS_PREFIX | ND_HAS_ROUTE);
	assert_int_equal(nd_encode(&msg, &how.src, &how.dst, buf, len - 1), -EMSGSIZE);
	assert_int_equal(nd_encode(&msg, &how.src, &how.dst, buf, 0), -EMSGSIZE);
}

static void expect_not_sendable(const struct nd_msg *msg, const char *src, const char *dst)
{
	struct in6_addr from = golden_addr(src);
	struct in6_addr to = golden_addr(dst);
	uint8_t buf[ND_LEN_MAX];

	assert_int_equal(nd_encode(msg, &from, &to, buf, sizeof(buf)), -EINVAL);
}

static void test_not_sendable(void **state)
{
	const struct in6_addr group = golden_addr("ff02::1");
	struct nd_msg msg = { .type = (enum nd_type)137 };

	(void)state;
	expect_not_sendable(&msg, "fe80::1", "ff02::1");
	/* RFC 6275 section 7.4: only with the H bit, never with lifetime 0. */
	msg = (struct nd_msg){ .type = ND_RA,
			       .opts = { .present = ND_HAS_HA_INFO, .ha_info.lifetime_s = 1 } };
	expect_not_sendable(&msg, "fe80::1", "ff02::1");
	msg.ra.home_agent = true;
	msg.opts.ha_info.lifetime_s = 0;
	expect_not_sendable(&msg, "fe80::1", "ff02::1");
	/* RFC 4191 section 2.1. */
	msg = (struct nd_msg){ .type = ND_RA, .ra.preference = (enum nd_preference)2 };
	expect_not_sendable(&msg, "fe80::1", "ff02::1");
	msg = (struct nd_msg){ .type = ND_RA,
			       .opts = {
				       .present = ND_HAS_ROUTE,
				       .route_count = 1,
				       .route = { { .preference = (enum nd_preference) - 2 } } } };
	expect_not_sendable(&msg, "fe80::1", "ff02::1");
	msg.opts.route[0] = (struct nd_route_info){ .prefix_len = 129 };
	expect_not_sendable(&msg, "fe80::1", "ff02::1");
	/* RFC 4861 sections 4.1 and 4.3: not from the unspecified address. */
	msg = (struct nd_msg){ .type = ND_RS,
			       .opts = { .present = ND_HAS_SLLA, .slla = { .len = 6 } } };
	expect_not_sendable(&msg, "::", "ff02::2");
	msg.type = ND_NS;
	expect_not_sendable(&msg, "::", "ff02::1:ff00:1");
	msg.opts.slla.len = 0;
	expect_not_sendable(&msg, "fe80::1", "ff02::1:ff00:1");
	msg.opts.slla.len = ND_LLADDR_MAX + 1;
	expect_not_sendable(&msg, "fe80::1", "ff02::1:ff00:1");
	msg = (struct nd_msg){ .type = ND_NA, .opts = { .present = ND_HAS_TLLA } };
	expect_not_sendable(&msg, "fe80::1", "fe80::2");
	/* Options of other messages. */
	msg = (struct nd_msg){ .type = ND_NA,
			       .opts = { .present = ND_HAS_SLLA, .slla = { .len = 6 } } };
	expect_not_sendable(&msg, "fe80::1", "fe80::2");
	msg = (struct nd_msg){ .type = ND_RS, .opts.present = ND_HAS_MTU };
	expect_not_sendable(&msg, "fe80::1", "ff02::2");
	/* RFC 4861 sections 4.3, 4.4: targets are no groups; answers to all are unsolicited. */
	msg = (struct nd_msg){ .type = ND_NS, .ns.target = group };
	expect_not_sendable(&msg, "fe80::1", "ff02::1");
	msg = (struct nd_msg){ .type = ND_NA, .na.target = group };
	expect_not_sendable(&msg, "fe80::1", "fe80::2");
	msg = (struct nd_msg){ .type = ND_NA, .na.solicited = true };
	expect_not_sendable(&msg, "fe80::1", "ff02::1");
	/* Counts. */
	msg = (struct nd_msg){ .type = ND_RA, .opts.prefix_count = 1 };
	expect_not_sendable(&msg, "fe80::1", "ff02::1");
	msg = (struct nd_msg){ .type = ND_RA, .opts.present = ND_HAS_ROUTE };
	expect_not_sendable(&msg, "fe80::1", "ff02::1");
	msg = (struct nd_msg){ .type = ND_RA,
			       .opts = { .present = ND_HAS_PREFIX,
					 .prefix_count = ND_PREFIX_MAX + 1 } };
	expect_not_sendable(&msg, "fe80::1", "ff02::1");
}

/* RFC 4861 section 4.6.1: an address fills its option with zeros. */
static void test_lladdr_padding(void **state)
{
	struct nd_msg msg = { .type = ND_RS,
			      .opts = {
				      .present = ND_HAS_SLLA,
				      .slla = { .len = 8, .addr = { 1, 2, 3, 4, 5, 6, 7, 8 } } } };
	struct nd_packet how = { .src = golden_addr("fe80::1"),
				 .dst = golden_addr("ff02::2"),
				 .hop_limit = 255 };
	struct wire_error err;
	struct nd_msg back;
	uint8_t buf[64];

	(void)state;
	memset(buf, 0xff, sizeof(buf));
	assert_int_equal(nd_encode(&msg, &how.src, &how.dst, buf, sizeof(buf)), 24);
	assert_int_equal(nd_decode(buf, 24, &how, &back, &err), WIRE_OK);
	assert_int_equal(back.opts.slla.len, 14);
	assert_memory_equal(back.opts.slla.addr, "\1\2\3\4\5\6\7\10\0\0\0\0\0\0", 14);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(nd_type_name(ND_RA), "Router Advertisement");
	assert_string_equal(nd_type_name(137), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_common_checks),  cmocka_unit_test(test_address_checks),
		cmocka_unit_test(test_option_format),  cmocka_unit_test(test_options_of_others),
		cmocka_unit_test(test_option_lengths), cmocka_unit_test(test_options_repeated),
		cmocka_unit_test(test_prefix_bits),    cmocka_unit_test(test_router_preference),
		cmocka_unit_test(test_route_lengths),  cmocka_unit_test(test_many),
		cmocka_unit_test(test_not_sendable),   cmocka_unit_test(test_lladdr_padding),
		cmocka_unit_test(test_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
