// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Mobility Header decoder and encoder where golden packets do not reach: what
 * is refused and for which reason, what is ignored, limits, checksums, and
 * what authenticators cover.
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
#include "wire/mh.h"

static const struct in6_addr home = GOLDEN_HOA;
static const struct in6_addr agent = GOLDEN_HA;

/* Decodes hexadecimal text from a buffer of exactly its size. */
static enum wire_verdict decode_hex(const char *hex, struct mh_msg *msg, struct wire_error *err)
{
	uint8_t bytes[GOLDEN_LEN_MAX];
	size_t len = golden_bytes(hex, bytes, sizeof(bytes));
	uint8_t *exact = malloc(len ? len : 1);
	enum wire_verdict verdict;

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	*err = (struct wire_error){ .reason = WIRE_BAD_NONE };
	verdict = mh_decode(exact, len, msg, err);
	free(exact);
	return verdict;
}

static void expect_refused(const char *hex, enum wire_reason reason, size_t offset)
{
	struct wire_error err;
	struct mh_msg msg;

	memset(&msg, 0xee, sizeof(msg));
	assert_int_equal(decode_hex(hex, &msg, &err), WIRE_MALFORMED);
	assert_string_equal(wire_reason_name(err.reason), wire_reason_name(reason));
	assert_int_equal(err.offset, offset);
	assert_int_equal(((uint8_t *)&msg)[sizeof(msg.type)], 0xee); /* left alone */
}

static struct mh_msg expect_ok(const char *hex)
{
	struct wire_error err;
	struct mh_msg msg;

	if (decode_hex(hex, &msg, &err) != WIRE_OK)
		fail_msg("refused: %s at %zu", wire_reason_name(err.reason), err.offset);
	return msg;
}

/* RFC 6275 section 9.2: the rules, the pointers, and their order. */
static void test_header_rules(void **state)
{
	(void)state;
	expect_refused("", WIRE_BAD_SHORT, 0);
	expect_refused("3b 00 00 00 0000 00", WIRE_BAD_SHORT, 7);
	/* The header is longer than the packet. */
	expect_refused("3b 01 00 00 0000 0000", WIRE_BAD_TRUNCATED, 1);
	expect_refused("3b ff 05 00 0000 0000 8000 0069 00000000", WIRE_BAD_TRUNCATED, 1);
	/* Unknown types, whatever else is wrong. */
	expect_refused("3b 00 08 00 0000 0000", WIRE_BAD_MH_TYPE, 2);
	expect_refused("06 00 ff 00 0000 0000", WIRE_BAD_MH_TYPE, 2);
	/* Payload Proto before Header Len. */
	expect_refused("06 00 05 00 0000 0000", WIRE_BAD_PAYLOAD_PROTO, 0);
	expect_refused("3a 00 00 00 0000 0000", WIRE_BAD_PAYLOAD_PROTO, 0);
	assert_true(wire_wants_param_problem(WIRE_BAD_PAYLOAD_PROTO));
	assert_true(wire_wants_param_problem(WIRE_BAD_HEADER_LEN));
	assert_false(wire_wants_param_problem(WIRE_BAD_MH_TYPE));
	assert_false(wire_wants_param_problem(WIRE_BAD_OPTION_PAST_END));
	assert_false(wire_wants_param_problem(WIRE_BAD_CHECKSUM));
}

/* RFC 6275 section 9.2: no shorter than section 6.1 says for the type. */
static void test_shortest_of_each_type(void **state)
{
	static const struct {
		uint8_t type;
		size_t least;
	} types[] = {
		{ MH_BRR, 8 },	{ MH_HOTI, 16 }, { MH_COTI, 16 }, { MH_HOT, 24 },
		{ MH_COT, 24 }, { MH_BU, 16 },	 { MH_BA, 16 },	  { MH_BE, 24 },
	};
	uint8_t bytes[24] = { WIRE_PROTO_NONE };
	struct wire_error err;
	struct mh_msg msg;
	size_t i;
	size_t len;

	(void)state;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		bytes[2] = types[i].type;
		for (len = 8; len <= sizeof(bytes); len += 8) {
			bytes[1] = (uint8_t)(len / 8 - 1);
			if (len >= types[i].least) {
				assert_int_equal(mh_decode(bytes, len, &msg, &err), WIRE_OK);
				continue;
			}
			assert_int_equal(mh_decode(bytes, len, &msg, &err), WIRE_MALFORMED);
			assert_int_equal(err.reason, WIRE_BAD_HEADER_LEN);
			assert_int_equal(err.offset, 1);
		}
	}
}

/* RFC 6275 sections 6.1.1 to 6.1.9: reserved fields MUST be ignored; RFC 8200 section
 * 4.7: so are bytes behind a header that says "no next header". */
static void test_ignored_parts(void **state)
{
	struct mh_msg msg;

	(void)state;
	msg = expect_ok("3b 00 00 ff 0000 ffff");
	assert_int_equal(msg.type, MH_BRR);
	msg = expect_ok("3b 01 01 ff 0000 ffff 0102030405060708");
	assert_int_equal(msg.hoti.cookie[0], 1);
	msg = expect_ok("3b 01 05 ff 0000 0001 803f 0001 01 02 ffff");
	assert_int_equal(msg.bu.flags, MH_BU_A);
	msg = expect_ok("3b 01 06 ff 0000 00 8f 0001 0001 01 02 ffff");
	assert_int_equal(msg.ba.flags, MH_BA_K);
	msg = expect_ok("3b 02 07 ff 0000 01 ff 20010db8 00010000 00000000 00000010");
	assert_int_equal(msg.be.status, 1);
	assert_memory_equal(&msg.be.home, &home, sizeof(home));
	/* Trailing bytes, though they look like an option past the end. */
	msg = expect_ok("3b 00 00 00 0000 0000 03 ff ffff");
	assert_int_equal(msg.opts.present, 0);
}

/* RFC 6275 section 6.2: any order, any alignment, padding and unknown options skipped. */
static void test_options_skipped(void **state)
{
	struct mh_msg msg;

	(void)state;
	/* Pad1, an alternate care-of address out of alignment, unknown 200 and 7. */
	msg = expect_ok("3b 04 05 00 0000 1234 8000 0069"
			"00 03 10 20010db8 00020000 00000000 00000010"
			"c8 03 ffffff 07 00 0000");
	assert_int_equal(msg.opts.present, MH_HAS_ALT_COA);
	assert_int_equal(msg.opts.unknown, 2);
	/* Nonce indices between two unknown ones that contain what looks like options. */
	msg = expect_ok("3b 03 05 00 0000 1234 8000 0069"
			"ff 04 0310 0000 04 04 0001 0002 ff 06 0202 ffff 0000");
	assert_int_equal(msg.opts.present, MH_HAS_NONCES);
	assert_int_equal(msg.opts.home_nonce, 1);
	assert_int_equal(msg.opts.careof_nonce, 2);
	/* PadN without data, Pad1 as the very last byte. */
	msg = expect_ok("3b 01 05 00 0000 1234 8000 0069 01 00 00 00");
	assert_int_equal(msg.opts.present, 0);
	assert_int_equal(msg.opts.unknown, 0);
}

/* RFC 6275 section 6.2.1: an option cannot run past the header. */
static void test_options_past_end(void **state)
{
	(void)state;
	expect_refused("3b 01 05 00 0000 1234 8000 0069 01 03 0000", WIRE_BAD_OPTION_PAST_END, 12);
	expect_refused("3b 01 05 00 0000 1234 8000 0069 01 01 00 03", WIRE_BAD_OPTION_PAST_END, 15);
	expect_refused("3b 01 05 00 0000 1234 8000 0069 c8 ff 0000", WIRE_BAD_OPTION_PAST_END, 12);
	/* The bytes are in the packet, but not in the header. */
	expect_refused("3b 01 05 00 0000 1234 8000 0069 00 01 02 00 0000", WIRE_BAD_OPTION_PAST_END,
		       13);
}

/* Every length of every known option: accepted where the RFC that defines it allows
 * that length, otherwise refused with the place of the length. */
static void test_option_lengths(void **state)
{
	static const struct {
		uint8_t type;
		unsigned int least;
		unsigned int most;
	} options[] = {
		{ MHOPT_REFRESH_ADVICE, 2, 2 },	  /* RFC 6275 section 6.2.4 */
		{ MHOPT_ALT_COA, 16, 16 },	  /* 6.2.5 */
		{ MHOPT_NONCE_INDICES, 4, 4 },	  /* 6.2.6 */
		{ MHOPT_AUTH_DATA, 12, 12 },	  /* 6.2.7: First(96, ...) */
		{ MHOPT_MNP, 18, 18 },		  /* RFC 3963 section 4.3 */
		{ MHOPT_MN_ID, 1, 255 },	  /* RFC 4283 section 3: the subtype */
		{ MHOPT_AUTHENTICATION, 5, 255 }, /* RFC 4285 section 5: subtype, SPI */
		{ MHOPT_REPLAY, 8, 8 },		  /* RFC 4285 section 6 */
	};
	uint8_t bytes[8 + 264] = { WIRE_PROTO_NONE, (8 + 264) / 8 - 1, MH_BRR };
	struct wire_error err;
	struct mh_msg msg;
	unsigned int len;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		bytes[8] = options[i].type;
		for (len = 0; len <= 255; len++) {
			bytes[9] = (uint8_t)len;
			if (len >= options[i].least && len <= options[i].most) {
				assert_int_equal(mh_decode(bytes, sizeof(bytes), &msg, &err),
						 WIRE_OK);
				continue;
			}
			assert_int_equal(mh_decode(bytes, sizeof(bytes), &msg, &err),
					 WIRE_MALFORMED);
			assert_int_equal(err.reason, WIRE_BAD_OPTION_LEN);
			assert_int_equal(err.offset, 9);
		}
	}
	/* A second one is looked at as well. */
	expect_refused("3b 02 06 00 0000 0000 0000 0000 02 02 0001 02 01 00 01 03 000000",
		       WIRE_BAD_OPTION_LEN, 17);
}

/* What comes again is noted, and the first counts. */
static void test_options_repeated(void **state)
{
	struct mh_msg msg;

	(void)state;
	msg = expect_ok("3b 02 06 00 0000 0000 0000 0000 02 02 0001 02 02 0002 02 02 0003");
	assert_int_equal(msg.opts.refresh_s, 4);
	assert_int_equal(msg.opts.repeated, MH_HAS_REFRESH);
	/* RFC 4285 section 5: one of each subtype. */
	msg = expect_ok("3b 04 05 00 0000 0000 0000 0000"
			"09 05 01 00000001 09 05 01 00000002 09 05 02 00000003 0105 0000000000");
	assert_int_equal(msg.opts.authentication_count, 2);
	assert_int_equal(msg.opts.authentication[0].spi, 1);
	assert_int_equal(msg.opts.authentication[1].spi, 3);
	assert_int_equal(msg.opts.repeated, MH_HAS_AUTHENTICATION);
	assert_int_equal(msg.opts.overflow, 0);
	assert_int_equal(msg.opts.authentication[0].data_at, 19);
	assert_int_equal(msg.opts.authentication[0].len, 0);
}

/* RFC 6275 sections 6.2.7 and 9.5.1: last, and no padding behind it. */
static void test_authorization_last(void **state)
{
	struct mh_msg msg;

	(void)state;
	msg = expect_ok("3b 03 05 00 0000 1234 8000 0069 0104 00000000"
			"05 0c a0a1a2a3a4a5a6a7a8a9aaab");
	assert_false(msg.opts.auth_not_last);
	assert_int_equal(msg.opts.authenticator_at, 20);
	/* PadN, Pad1, another option, or the same again behind it. */
	msg = expect_ok("3b 03 05 00 0000 1234 8000 0069"
			"05 0c a0a1a2a3a4a5a6a7a8a9aaab 0104 00000000");
	assert_true(msg.opts.auth_not_last);
	assert_int_equal(msg.opts.authenticator_at, 14);
	msg = expect_ok("3b 03 05 00 0000 1234 8000 0069 0103 000000"
			"05 0c a0a1a2a3a4a5a6a7a8a9aaab 00");
	assert_true(msg.opts.auth_not_last);
	msg = expect_ok("3b 03 05 00 0000 1234 8000 0069"
			"05 0c a0a1a2a3a4a5a6a7a8a9aaab 04 04 0001 0002");
	assert_true(msg.opts.auth_not_last);
	assert_true(mh_has(&msg.opts, MH_HAS_NONCES));
	msg = expect_ok("3b 04 05 00 0000 1234 8000 0069"
			"05 0c a0a1a2a3a4a5a6a7a8a9aaab 05 0c 000000000000000000000000");
	assert_true(msg.opts.auth_not_last);
	assert_int_equal(msg.opts.repeated, MH_HAS_AUTH_DATA);
	assert_int_equal(msg.opts.authenticator[0], 0xa0);
}

/* RFC 3963 section 6.2: a prefix that cannot be is left for an answer, status 141. */
static void test_network_prefixes(void **state)
{
	uint8_t bytes[12 + 20 * (MH_MNP_MAX + 1)] = { WIRE_PROTO_NONE, 0, MH_BU };
	struct wire_error err;
	struct mh_msg msg;
	unsigned int i;

	(void)state;
	msg = expect_ok("3b 03 05 00 0000 1234 c400 0069"
			"06 12 ff 81 20010db8 00aa0000 00000000 00000001");
	assert_int_equal(msg.opts.mnp[0].len, 129);
	assert_int_equal(msg.opts.mnp[0].addr.s6_addr[15], 1);

	bytes[1] = sizeof(bytes) / 8 - 1;
	for (i = 0; i <= MH_MNP_MAX; i++) {
		bytes[12 + 20 * i] = MHOPT_MNP;
		bytes[13 + 20 * i] = 18;
		bytes[15 + 20 * i] = (uint8_t)i;
	}
	assert_int_equal(sizeof(bytes) % 8, 0);
	assert_int_equal(mh_decode(bytes, sizeof(bytes), &msg, &err), WIRE_OK);
	assert_int_equal(msg.opts.mnp_count, MH_MNP_MAX);
	assert_int_equal(msg.opts.mnp[MH_MNP_MAX - 1].len, MH_MNP_MAX - 1);
	assert_int_equal(msg.opts.overflow, MH_HAS_MNP);
}

/* RFC 5648 sections 4.3 and 4.4: lengths 4, 8, 20; another is answered with 164. */
static void test_binding_ids(void **state)
{
	struct mh_msg msg;

	(void)state;
	msg = expect_ok("3b 03 05 00 0000 1234 c000 0069"
			"23 05 0001 00 00 00 23 00 23 03 0002 00 23 01 ff 000000");
	assert_int_equal(msg.opts.bid_count, 4);
	assert_int_equal(msg.opts.bid[0].kind, MH_BID_COA_BAD);
	assert_int_equal(msg.opts.bid[0].bid, 1);
	assert_int_equal(msg.opts.bid[1].kind, MH_BID_COA_BAD);
	assert_int_equal(msg.opts.bid[2].bid, 2);
	assert_int_equal(msg.opts.bid[3].bid, 0);
	msg = expect_ok("3b 07 00 00 0000 0000"
			"23 04 0001 0000 23 04 0002 0000 23 04 0003 0000 23 04 0004 0000"
			"23 04 0005 0000 23 04 0006 0000 23 04 0007 0000 23 04 0008 0000"
			"23 04 0009 0000 0000");
	assert_int_equal(msg.opts.bid_count, MH_BID_MAX);
	assert_int_equal(msg.opts.overflow, MH_HAS_BID);
}

/* RFC 6275 section 6.1.1: over the whole header, and over nothing else. */
static void test_checksum(void **state)
{
	struct mh_msg msg = { .type = MH_HOT, .hot = { .nonce_index = 9, .token = { 1, 2, 3 } } };
	struct in6_addr other = agent;
	uint8_t buf[32];
	size_t i;
	int len;

	(void)state;
	len = mh_encode(&msg, &agent, &home, buf, sizeof(buf));
	assert_int_equal(len, 24);
	memset(buf + 24, 0xaa, 8); /* behind the header: does not count */
	assert_true(mh_checksum_ok(&agent, &home, buf, 24));
	assert_true(mh_checksum_ok(&agent, &home, buf, 32));
	assert_false(mh_checksum_ok(&agent, &home, buf, 23));
	assert_false(mh_checksum_ok(&agent, &home, buf, 0));
	for (i = 0; i < 24 * 8; i++) {
		buf[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_false(mh_checksum_ok(&agent, &home, buf, 24));
		buf[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	other.s6_addr[7] ^= 1;
	assert_false(mh_checksum_ok(&other, &home, buf, 24));
	assert_false(mh_checksum_ok(&agent, &other, buf, 24));
}

/* RFC 1071 section 3's example, over a pseudo-header of zeros; odd lengths. */
static void test_checksum_example(void **state)
{
	static const uint8_t bytes[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };
	const struct in6_addr zero = IN6ADDR_ANY_INIT;

	(void)state;
	/* ddf2 is the sum given there; the length adds 8. */
	assert_int_equal(wire_checksum(&zero, &zero, 0, bytes, 8), 0xffff & ~(0xddf2 + 8));
	/* One byte more counts as the high half of a word. */
	assert_int_equal(wire_checksum(&zero, &zero, 0, bytes + 2, 1), 0xffff & ~(0xf200 + 1));
	assert_int_equal(wire_checksum(&zero, &zero, 135, bytes, 0), 0xffff & ~135);
}

/* RFC 6275 section 6.1.7: units of 4 seconds; 0 deletes, so nothing else becomes 0. */
static void test_lifetimes(void **state)
{
	static const struct {
		uint32_t asked_s;
		uint32_t sent_s;
	} good[] = { { 0, 0 }, { 4, 4 }, { 7, 4 }, { 420, 420 }, { 423, 420 }, { 262140, 262140 } };
	static const uint32_t bad[] = { 1, 2, 3, 262141, 262144, UINT32_MAX };
	struct mh_msg bu = { .type = MH_BU };
	struct mh_msg ba = { .type = MH_BA };
	struct wire_error err;
	struct mh_msg back;
	uint8_t buf[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		bu.bu.lifetime_s = good[i].asked_s;
		assert_int_equal(mh_encode(&bu, &home, &agent, buf, sizeof(buf)), 16);
		assert_int_equal(mh_decode(buf, 16, &back, &err), WIRE_OK);
		assert_int_equal(back.bu.lifetime_s, good[i].sent_s);
		assert_int_equal(mh_lifetime_floor_s(good[i].asked_s), good[i].sent_s);
		ba.ba.lifetime_s = good[i].asked_s;
		assert_int_equal(mh_encode(&ba, &agent, &home, buf, sizeof(buf)), 16);
		assert_int_equal(mh_decode(buf, 16, &back, &err), WIRE_OK);
		assert_int_equal(back.ba.lifetime_s, good[i].sent_s);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		bu.bu.lifetime_s = bad[i];
		assert_int_equal(mh_encode(&bu, &home, &agent, buf, sizeof(buf)), -EINVAL);
		ba.ba.lifetime_s = bad[i];
		assert_int_equal(mh_encode(&ba, &agent, &home, buf, sizeof(buf)), -EINVAL);
	}
	ba.ba.lifetime_s = 0;
	ba.opts = (struct mh_options){ .present = MH_HAS_REFRESH, .refresh_s = MH_LIFETIME_MAX_S };
	assert_int_equal(mh_encode(&ba, &agent, &home, buf, sizeof(buf)), 16);
	assert_int_equal(mh_decode(buf, 16, &back, &err), WIRE_OK);
	assert_int_equal(back.opts.refresh_s, MH_LIFETIME_MAX_S);
	assert_int_equal(mh_lifetime_floor_s(3), 0);
	assert_int_equal(mh_lifetime_floor_s(UINT64_MAX), MH_LIFETIME_MAX_S);
}

static void expect_not_sendable(const struct mh_msg *msg)
{
	uint8_t buf[MH_LEN_MAX];

	assert_int_equal(mh_encode(msg, &home, &agent, buf, sizeof(buf)), -EINVAL);
}

/* What must not leave us. */
static void test_not_sendable(void **state)
{
	struct mh_msg msg = { .type = MH_TYPE_COUNT };

	(void)state;
	expect_not_sendable(&msg);
	/* RFC 6275 section 6.1.7: reserved bits MUST be zero. */
	msg = (struct mh_msg){ .type = MH_BU, .bu.flags = MH_BU_A | 1 };
	expect_not_sendable(&msg);
	msg = (struct mh_msg){ .type = MH_BA, .ba.flags = MH_BA_K | 1 };
	expect_not_sendable(&msg);
	msg = (struct mh_msg){ .type = MH_BA,
			       .opts = { .present = MH_HAS_REFRESH, .refresh_s = 3 } };
	expect_not_sendable(&msg);
	msg.opts.refresh_s = MH_LIFETIME_MAX_S + 1;
	expect_not_sendable(&msg);
	msg = (struct mh_msg){ .type = MH_BU, .opts.mnp_count = 1 };
	expect_not_sendable(&msg);
	msg = (struct mh_msg){ .type = MH_BU, .opts.present = MH_HAS_MNP };
	expect_not_sendable(&msg);
	msg.opts.mnp_count = MH_MNP_MAX + 1;
	expect_not_sendable(&msg);
	msg = (struct mh_msg){ .type = MH_BU,
			       .opts = { .present = MH_HAS_BID, .bid_count = MH_BID_MAX + 1 } };
	expect_not_sendable(&msg);
	msg.opts.bid_count = 1;
	msg.opts.bid[0].kind = MH_BID_COA_BAD;
	expect_not_sendable(&msg);
	msg = (struct mh_msg){ .type = MH_BU, .opts.present = MH_HAS_AUTHENTICATION };
	expect_not_sendable(&msg);
	msg.opts.authentication_count = 1;
	msg.opts.authentication[0].len = MH_AUTH_BYTES_MAX + 1;
	expect_not_sendable(&msg);
	msg = (struct mh_msg){ .type = MH_BU,
			       .opts = { .present = MH_HAS_MN_ID, .mn_id.len = MH_MN_ID_MAX + 1 } };
	expect_not_sendable(&msg);
}

/* The largest message that a struct can hold fits, and is read back. */
static void test_largest(void **state)
{
	static struct mh_msg msg;
	static struct mh_msg back;
	struct wire_error err;
	uint8_t buf[MH_LEN_MAX];
	unsigned int i;
	int len;

	(void)state;
	msg = (struct mh_msg){ .type = MH_BU, .bu = { .seq = 1, .lifetime_s = 4 } };
	msg.opts.present = MH_HAS_REFRESH | MH_HAS_ALT_COA | MH_HAS_NONCES | MH_HAS_AUTH_DATA |
			   MH_HAS_MN_ID | MH_HAS_REPLAY | MH_HAS_MNP | MH_HAS_BID |
			   MH_HAS_AUTHENTICATION;
	msg.opts.refresh_s = 4;
	msg.opts.mn_id.len = MH_MN_ID_MAX;
	msg.opts.mnp_count = MH_MNP_MAX;
	msg.opts.bid_count = MH_BID_MAX;
	for (i = 0; i < MH_BID_MAX; i++)
		msg.opts.bid[i] = (struct mh_bid){ .bid = 1, .kind = MH_BID_COA_V6 };
	msg.opts.authentication_count = MH_AUTHENTICATION_MAX;
	for (i = 0; i < MH_AUTHENTICATION_MAX; i++)
		msg.opts.authentication[i] = (struct mh_authentication){ .subtype = (uint8_t)i,
									 .len = MH_AUTH_BYTES_MAX };
	len = mh_encode(&msg, &home, &agent, buf, sizeof(buf));
	assert_true(len > 1400);
	assert_int_equal(len % 8, 0);
	assert_int_equal(mh_decode(buf, (size_t)len, &back, &err), WIRE_OK);
	assert_true(golden_mh_equal(&msg, &back));
	assert_false(back.opts.auth_not_last);
	/* And into no buffer that is smaller. */
	for (i = 0; i < (unsigned int)len; i++)
		assert_int_equal(mh_encode(&msg, &home, &agent, buf, i), -EMSGSIZE);
}

/* Copies what parts say into one piece. */
static size_t join_parts(const struct crypto_part *parts, size_t n, uint8_t *out)
{
	size_t len = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		memcpy(out + len, parts[i].data, parts[i].len);
		len += parts[i].len;
	}
	return len;
}

/* RFC 6275 section 6.2.7: MH Data is the header without the authenticator, its
 * checksum zero; the checksum of the packet covers the authenticator. */
static void test_authenticator_coverage(void **state)
{
	static const char want_hex[] = "3b 03 05 00 0000 0007 8000 0069 04 04 0304 0506 05 0c";
	static const uint8_t value[MH_AUTHENTICATOR_LEN] = { 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2 };
	struct mh_msg msg = {
		.type = MH_BU,
		.bu = { .seq = 7, .flags = MH_BU_A, .lifetime_s = 420 },
		.opts = { .present = MH_HAS_NONCES | MH_HAS_AUTH_DATA,
			  .home_nonce = 0x0304,
			  .careof_nonce = 0x0506 },
	};
	struct crypto_part parts[MH_AUTH_PARTS];
	uint8_t want[64];
	uint8_t got[64];
	uint8_t buf[64];
	struct wire_error err;
	size_t len;
	size_t n;

	(void)state;
	len = (size_t)mh_encode(&msg, &home, &agent, buf, sizeof(buf));
	assert_int_equal(len, 32);
	n = mh_auth_parts(buf, len, len - MH_AUTHENTICATOR_LEN, parts);
	assert_in_range(n, 1, MH_AUTH_PARTS);
	assert_int_equal(join_parts(parts, n, got), golden_bytes(want_hex, want, sizeof(want)));
	assert_memory_equal(got, want, 20);

	assert_int_equal(mh_seal(buf, len, len - 12, value, sizeof(value), &home, &agent), 0);
	assert_true(mh_checksum_ok(&home, &agent, buf, len));
	assert_int_equal(mh_decode(buf, len, &msg, &err), WIRE_OK);
	assert_memory_equal(msg.opts.authenticator, value, sizeof(value));
	assert_int_equal(msg.opts.authenticator_at, len - 12);

	/* The receiver gets the same bytes, whatever the value and the checksum. */
	n = mh_auth_parts(buf, len, msg.opts.authenticator_at, parts);
	assert_int_equal(join_parts(parts, n, got), 20);
	assert_memory_equal(got, want, 20);

	/* Something behind it is covered as well. */
	n = mh_auth_parts(buf, len, 14, parts);
	assert_int_equal(n, 4);
	assert_int_equal(join_parts(parts, n, got), 20);
	assert_memory_equal(got + 14, buf + 26, 6);
}

/* RFC 4285 section 5.1: up to and including the SPI. */
static void test_authentication_coverage(void **state)
{
	static const char want_hex[] = "3b 03 05 00 0000 0007 8000 0069 00 09 11 01 00000064";
	static const uint8_t value[12] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
	struct mh_msg msg = {
		.type = MH_BU,
		.bu = { .seq = 7, .flags = MH_BU_A, .lifetime_s = 420 },
		.opts = { .present = MH_HAS_AUTHENTICATION,
			  .authentication_count = 1,
			  .authentication = { { .subtype = 1, .spi = 100, .len = 12 } } },
	};
	struct crypto_part parts[MH_AUTH_PARTS];
	struct wire_error err;
	struct mh_msg back;
	uint8_t want[64];
	uint8_t got[64];
	uint8_t buf[64];
	size_t at;
	size_t n;

	(void)state;
	assert_int_equal(mh_encode(&msg, &home, &agent, buf, sizeof(buf)), 32);
	assert_int_equal(mh_decode(buf, 32, &back, &err), WIRE_OK);
	at = back.opts.authentication[0].data_at;
	assert_int_equal(at, 20);
	n = mh_auth4285_parts(buf, 32, at, parts);
	assert_int_equal(join_parts(parts, n, got), golden_bytes(want_hex, want, sizeof(want)));
	assert_memory_equal(got, want, 20);
	assert_int_equal(mh_seal(buf, 32, at, value, sizeof(value), &home, &agent), 0);
	assert_true(mh_checksum_ok(&home, &agent, buf, 32));
	assert_int_equal(mh_decode(buf, 32, &back, &err), WIRE_OK);
	assert_memory_equal(back.opts.authentication[0].data, value, 12);
}

/* Places outside of a message are refused. */
static void test_coverage_limits(void **state)
{
	struct mh_msg msg = { .type = MH_BU, .opts.present = MH_HAS_AUTH_DATA };
	struct crypto_part parts[MH_AUTH_PARTS];
	uint8_t value[12] = { 0 };
	uint8_t buf[64] = { 0 };

	(void)state;
	assert_int_equal(mh_encode(&msg, &home, &agent, buf, sizeof(buf)), 32);
	assert_int_equal(mh_auth_parts(buf, 32, 21, parts), 0);
	assert_int_equal(mh_auth_parts(buf, 32, 5, parts), 0);
	assert_int_equal(mh_auth_parts(buf, 32, SIZE_MAX, parts), 0);
	assert_int_equal(mh_auth_parts(buf, 31, 20, parts), 0);
	assert_int_equal(mh_auth4285_parts(buf, 32, 33, parts), 0);
	assert_int_equal(mh_auth4285_parts(buf, 32, 5, parts), 0);
	assert_int_equal(mh_auth4285_parts(buf, 7, 6, parts), 0);
	assert_int_equal(mh_seal(buf, 32, 21, value, 12, &home, &agent), -EINVAL);
	assert_int_equal(mh_seal(buf, 32, 11, value, 12, &home, &agent), -EINVAL);
	assert_int_equal(mh_seal(buf, 32, SIZE_MAX, value, 12, &home, &agent), -EINVAL);
	assert_int_equal(mh_seal(buf, 31, 20, value, 12, &home, &agent), -EINVAL);
	buf[2] = 99;
	assert_int_equal(mh_seal(buf, 32, 20, value, 12, &home, &agent), -EINVAL);
	assert_int_equal(mh_peek_type(buf, 32), 99);
	assert_int_equal(mh_peek_type(buf, 3), 99);
	assert_int_equal(mh_peek_type(buf, 2), -1);
}

static void test_names(void **state)
{
	struct mh_flags_buf buf;

	(void)state;
	assert_string_equal(mh_type_name(MH_BU), "Binding Update");
	assert_string_equal(mh_type_name(8), "unknown");
	assert_string_equal(mh_ba_status_name(135), "Sequence number out of window");
	assert_string_equal(mh_ba_status_name(2), "unknown");
	assert_string_equal(mh_be_status_name(2), "Unrecognized MH Type value");
	assert_string_equal(mh_be_status_name(0), "unknown");
	assert_string_equal(mh_bu_flags_text(0, &buf), "-");
	assert_string_equal(mh_bu_flags_text(MH_BU_FLAGS, &buf), "AHLKMRPFTO");
	assert_string_equal(mh_bu_flags_text(MH_BU_H | MH_BU_R, &buf), "HR");
	assert_string_equal(mh_ba_flags_text(0xff, &buf), "KRPT");
	assert_string_equal(wire_reason_name(WIRE_BAD_HEADER_LEN), "header-len");
	assert_string_equal(wire_reason_name(WIRE_REASON_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header_rules),
		cmocka_unit_test(test_shortest_of_each_type),
		cmocka_unit_test(test_ignored_parts),
		cmocka_unit_test(test_options_skipped),
		cmocka_unit_test(test_options_past_end),
		cmocka_unit_test(test_option_lengths),
		cmocka_unit_test(test_options_repeated),
		cmocka_unit_test(test_authorization_last),
		cmocka_unit_test(test_network_prefixes),
		cmocka_unit_test(test_binding_ids),
		cmocka_unit_test(test_checksum),
		cmocka_unit_test(test_checksum_example),
		cmocka_unit_test(test_lifetimes),
		cmocka_unit_test(test_not_sendable),
		cmocka_unit_test(test_largest),
		cmocka_unit_test(test_authenticator_coverage),
		cmocka_unit_test(test_authentication_coverage),
		cmocka_unit_test(test_coverage_limits),
		cmocka_unit_test(test_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
