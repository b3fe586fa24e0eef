// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ICMPv6 of Mobile IPv6 beyond what golden packets show: what is refused, what is
 * ignored, limits, and errors that quote packets.
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
#include "wire/ext.h"
#include "wire/icmp6.h"

#define PREFIX_HEX "03 04 40 40 00000001 00000001 00000000 20010db8 00010000 00000000 00000000 "

static const struct in6_addr agent = GOLDEN_HA;
static const struct in6_addr care_of = GOLDEN_COA;

static enum wire_verdict decode_hex(const char *hex, struct icmp6_msg *msg, struct wire_error *err)
{
	uint8_t bytes[GOLDEN_LEN_MAX];
	size_t len = golden_bytes(hex, bytes, sizeof(bytes));
	uint8_t *exact = malloc(len ? len : 1);
	enum wire_verdict verdict;

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	*err = (struct wire_error){ .reason = WIRE_BAD_NONE };
	verdict = icmp6_decode(exact, len, msg, err);
	free(exact);
	return verdict;
}

static void expect(const char *hex, enum wire_verdict want, enum wire_reason reason, size_t offset)
{
	struct wire_error err;
	struct icmp6_msg msg;

	assert_int_equal(decode_hex(hex, &msg, &err), want);
	assert_string_equal(wire_reason_name(err.reason), wire_reason_name(reason));
	assert_int_equal(err.offset, offset);
}

static void test_refused(void **state)
{
	(void)state;
	expect("", WIRE_MALFORMED, WIRE_BAD_SHORT, 0);
	expect("90 00 0000 abcd 00", WIRE_MALFORMED, WIRE_BAD_SHORT, 7);
	/* RFC 6275 sections 6.5 to 6.8: code 0. */
	expect("90 01 0000 abcd 0000", WIRE_MALFORMED, WIRE_BAD_CODE, 1);
	expect("91 01 0000 abcd 0000", WIRE_MALFORMED, WIRE_BAD_CODE, 1);
	expect("92 01 0000 abcd 0000", WIRE_MALFORMED, WIRE_BAD_CODE, 1);
	expect("93 01 0000 abcd 0000" PREFIX_HEX, WIRE_MALFORMED, WIRE_BAD_CODE, 1);
	/* RFC 6275 section 6.6: whole addresses. */
	expect("91 00 0000 abcd 0000 20010db8 00010000 00000000 000000", WIRE_MALFORMED,
	       WIRE_BAD_LENGTH, 8);
	expect("91 00 0000 abcd 0000 20010db8 00010000 00000000 00000001 20", WIRE_MALFORMED,
	       WIRE_BAD_LENGTH, 24);
	/* RFC 4861 section 4.6: options of length zero, or past the end. */
	expect("92 00 0000 abcd 0000 01 00 000000000000", WIRE_MALFORMED, WIRE_BAD_OPTION_LEN, 8);
	expect("93 00 0000 abcd 0000" PREFIX_HEX "05 02 0000 00000000", WIRE_MALFORMED,
	       WIRE_BAD_OPTION_PAST_END, 40);
	expect("93 00 0000 abcd 0000" PREFIX_HEX "05", WIRE_MALFORMED, WIRE_BAD_OPTION_PAST_END,
	       40);
	/* Other messages. */
	expect("80 00 0000 abcd 0000", WIRE_IGNORE, WIRE_BAD_TYPE, 0);
	expect("86 00 0000 0000 0000", WIRE_IGNORE, WIRE_BAD_TYPE, 0);
}

/* RFC 6275 sections 6.5 to 6.8: reserved fields MUST be ignored; options that are not
 * recognized MUST be ignored, the rest processed. */
static void test_ignored_parts(void **state)
{
	struct wire_error err;
	struct icmp6_msg msg;

	(void)state;
	assert_int_equal(decode_hex("90 00 0000 abcd 7fff", &msg, &err), WIRE_OK);
	assert_int_equal(msg.dhaad_request.id, 0xabcd);
	assert_false(msg.dhaad_request.mobile_router);
	assert_int_equal(decode_hex("92 00 0000 abcd ffff 63 01 000000000000", &msg, &err),
			 WIRE_OK);
	assert_int_equal(msg.mps.id, 0xabcd);
	assert_int_equal(decode_hex("93 00 0000 abcd bfff"
				    "63 01 000000000000" /* unknown */
				    "03 03 40 40 00000001 00000001 00000000 2001000000000000"
				    "03 04 81 40 00000001 00000001 00000000" /* length 129 */
				    "20010db8 00010000 00000000 00000000" PREFIX_HEX,
				    &msg, &err),
			 WIRE_OK);
	assert_true(msg.mpa.managed);
	assert_false(msg.mpa.other);
	assert_int_equal(msg.mpa.count, 1);
	assert_int_equal(msg.mpa.prefix[0].prefix_len, 64);
	/* Bits behind the prefix length are reserved (RFC 4861 section 4.6.2). */
	assert_int_equal(decode_hex("93 00 0000 0001 0000"
				    "03 04 20 5f 00000001 00000001 ffffffff"
				    "20010db8 ffffffff ffffffff ffffffff",
				    &msg, &err),
			 WIRE_OK);
	assert_int_equal(msg.mpa.prefix[0].addr.s6_addr32[1], 0);
	assert_int_equal(msg.mpa.prefix[0].addr.s6_addr32[3], 0);
}

/* RFC 6275 section 10.5.1: a reply within the minimum MTU; more is cut, and told. */
static void test_many_agents(void **state)
{
	static struct icmp6_msg msg;
	static struct icmp6_msg back;
	static uint8_t buf[8 + 16 * (ICMP6_DHAAD_MAX + 1)];
	struct wire_error err;
	unsigned int i;

	(void)state;
	msg = (struct icmp6_msg){ .type = ICMP6_MSG_DHAAD_REPLY };
	msg.dhaad_reply.count = ICMP6_DHAAD_MAX;
	for (i = 0; i < ICMP6_DHAAD_MAX; i++) {
		msg.dhaad_reply.agent[i] = agent;
		msg.dhaad_reply.agent[i].s6_addr[15] = (uint8_t)i;
	}
	assert_int_equal(icmp6_encode(&msg, &agent, &care_of, buf, sizeof(buf)), ICMP6_LEN_MAX);
	assert_true(40 + ICMP6_LEN_MAX <= 1280);
	assert_true(icmp6_checksum_ok(&agent, &care_of, buf, ICMP6_LEN_MAX));
	assert_int_equal(icmp6_decode(buf, ICMP6_LEN_MAX, &back, &err), WIRE_OK);
	assert_true(golden_icmp6_equal(&msg, &back));
	assert_false(back.dhaad_reply.overflow);
	assert_int_equal(icmp6_decode(buf, sizeof(buf), &back, &err), WIRE_OK);
	assert_int_equal(back.dhaad_reply.count, ICMP6_DHAAD_MAX);
	assert_true(back.dhaad_reply.overflow);
	msg.dhaad_reply.count++;
	assert_int_equal(icmp6_encode(&msg, &agent, &care_of, buf, sizeof(buf)), -EINVAL);
}

/* RFC 6275 section 6.8: one or more prefixes. */
static void test_prefixes(void **state)
{
	static struct icmp6_msg msg;
	static struct icmp6_msg back;
	static uint8_t buf[8 + 32 * (ICMP6_PREFIX_MAX + 1)];
	struct wire_error err;
	unsigned int i;
	int len;

	(void)state;
	msg = (struct icmp6_msg){ .type = ICMP6_MSG_MPA };
	assert_int_equal(icmp6_encode(&msg, &agent, &care_of, buf, sizeof(buf)), -EINVAL);
	msg.mpa.count = ICMP6_PREFIX_MAX;
	for (i = 0; i < ICMP6_PREFIX_MAX; i++)
		msg.mpa.prefix[i] =
			(struct nd_prefix_info){ .prefix_len = (uint8_t)i, .valid_s = i };
	len = icmp6_encode(&msg, &agent, &care_of, buf, sizeof(buf));
	assert_int_equal(len, 8 + 32 * ICMP6_PREFIX_MAX);
	assert_int_equal(icmp6_decode(buf, (size_t)len, &back, &err), WIRE_OK);
	assert_true(golden_icmp6_equal(&msg, &back));
	memcpy(buf + len, buf + 8, 32);
	assert_int_equal(icmp6_decode(buf, (size_t)len + 32, &back, &err), WIRE_OK);
	assert_true(back.mpa.overflow);
	assert_int_equal(back.mpa.count, ICMP6_PREFIX_MAX);

	msg.mpa.prefix[3].prefix_len = 129;
	assert_int_equal(icmp6_encode(&msg, &agent, &care_of, buf, sizeof(buf)), -EINVAL);
	/* RFC 4861 section 4.6.2: preferred MUST NOT exceed valid. */
	msg.mpa.prefix[3] = (struct nd_prefix_info){ .preferred_s = 2, .valid_s = 1 };
	assert_int_equal(icmp6_encode(&msg, &agent, &care_of, buf, sizeof(buf)), -EINVAL);
	msg.mpa.prefix[3].valid_s = 2;
	msg.mpa.count = ICMP6_PREFIX_MAX + 1;
	assert_int_equal(icmp6_encode(&msg, &agent, &care_of, buf, sizeof(buf)), -EINVAL);
	msg.type = (enum icmp6_type)128;
	assert_int_equal(icmp6_encode(&msg, &agent, &care_of, buf, sizeof(buf)), -EINVAL);
}

/* RFC 4443 sections 3.1 and 3.3: the unused field is sent as zero and ignored. */
static void test_error_unused_field(void **state)
{
	struct icmp6_msg msg = { .type = ICMP6_MSG_UNREACHABLE, .error.value = 5 };
	struct wire_error err;
	struct icmp6_msg back;
	uint8_t buf[8];

	(void)state;
	assert_int_equal(decode_hex("01 00 0000 00000005", &back, &err), WIRE_OK);
	assert_int_equal(back.error.value, 0);
	assert_int_equal(decode_hex("03 00 0000 00000005", &back, &err), WIRE_OK);
	assert_int_equal(back.error.value, 0);
	assert_int_equal(decode_hex("02 00 0000 00000005", &back, &err), WIRE_OK);
	assert_int_equal(back.error.value, 5);
	assert_int_equal(icmp6_encode(&msg, &agent, &care_of, buf, sizeof(buf)), 8);
	assert_int_equal(buf[7], 0);
	msg.type = ICMP6_MSG_TIME_EXCEEDED;
	assert_int_equal(icmp6_encode(&msg, &agent, &care_of, buf, sizeof(buf)), 8);
	assert_int_equal(buf[7], 0);
}

/* RFC 4443 section 2.4 (c): as much of the packet as fits the minimum MTU. */
static void test_error_quotes(void **state)
{
	static uint8_t packet[2000];
	uint8_t buf[2000];
	struct icmp6_msg msg = {
		.type = ICMP6_MSG_PARAM_PROBLEM,
		.error = { .code = ICMP6_PARAM_HEADER,
			   .value = 41,
			   .packet = packet,
			   .packet_len = sizeof(packet) },
	};
	struct icmp6_msg back;
	struct wire_error err;

	(void)state;
	assert_int_equal(icmp6_encode(&msg, &agent, &care_of, buf, sizeof(buf)), ICMP6_LEN_MAX);
	assert_int_equal(icmp6_decode(buf, ICMP6_LEN_MAX, &back, &err), WIRE_OK);
	assert_int_equal(back.error.packet_len, ICMP6_LEN_MAX - 8);
	assert_ptr_equal(back.error.packet, buf + 8);
	assert_int_equal(back.error.value, 41);
	assert_int_equal(icmp6_encode(&msg, &agent, &care_of, buf, ICMP6_LEN_MAX - 1), -EMSGSIZE);
}

/* RFC 6275 section 11.3.5: the pointer of a Parameter Problem, code 2, tells that the
 * correspondent does not know the Home Address option. */
static void test_error_points_at_option(void **state)
{
	struct wire_error err;
	struct ext_packet p;
	uint8_t bytes[GOLDEN_LEN_MAX];
	struct icmp6_msg msg;
	size_t i;

	(void)state;
	for (i = 0; i < golden_icmp6_count; i++) {
		const struct golden_icmp6 *g = &golden_icmp6[i];
		size_t len = golden_bytes(g->hex, bytes, sizeof(bytes));

		if (strcmp(g->name, "param-problem-option") != 0)
			continue;
		assert_int_equal(icmp6_decode(bytes, len, &msg, &err), WIRE_OK);
		assert_int_equal(ext_parse_packet(msg.error.packet, msg.error.packet_len, &p, &err),
				 WIRE_OK);
		assert_true(p.has_hao);
		assert_int_equal(p.hao_at, msg.error.value);
		return;
	}
	fail_msg("no such golden packet");
}

static void test_checksum(void **state)
{
	struct icmp6_msg msg = { .type = ICMP6_MSG_MPS, .mps = { .id = 1 } };
	uint8_t buf[8];
	size_t i;

	(void)state;
	assert_int_equal(icmp6_encode(&msg, &care_of, &agent, buf, sizeof(buf)), 8);
	assert_true(icmp6_checksum_ok(&care_of, &agent, buf, 8));
	for (i = 0; i < 64; i++) {
		buf[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_false(icmp6_checksum_ok(&care_of, &agent, buf, 8));
		buf[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_false(icmp6_checksum_ok(&care_of, &agent, buf, 3));
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(icmp6_type_name(144), "Home Agent Address Discovery Request");
	assert_string_equal(icmp6_type_name(4), "Parameter Problem");
	assert_string_equal(icmp6_type_name(128), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),	     cmocka_unit_test(test_ignored_parts),
		cmocka_unit_test(test_many_agents),  cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_error_unused_field),
		cmocka_unit_test(test_error_quotes), cmocka_unit_test(test_error_points_at_option),
		cmocka_unit_test(test_checksum),     cmocka_unit_test(test_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
