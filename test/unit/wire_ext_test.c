// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Home Address option, type 2 routing header and the walk through a packet's
 * headers, beyond what golden packets show.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden/golden.h"
#include "wire/ext.h"

#define HOA_HEX "20010db8 00010000 00000000 00000010 "
#define COA_HEX "20010db8 00020000 00000000 00000010 "
#define CN_HEX	"20010db8 00030000 00000000 0000000c "

static const struct in6_addr home = GOLDEN_HOA;
static const struct in6_addr care_of = GOLDEN_COA;
static const struct in6_addr peer = GOLDEN_CN;

static uint8_t *exact_bytes(const char *hex, size_t *len)
{
	uint8_t bytes[GOLDEN_LEN_MAX];
	uint8_t *exact;

	*len = golden_bytes(hex, bytes, sizeof(bytes));
	exact = malloc(*len ? *len : 1);
	assert_non_null(exact);
	memcpy(exact, bytes, *len);
	return exact;
}

static void expect_hao(const char *hex, enum wire_verdict want, enum wire_reason reason,
		       size_t offset)
{
	struct wire_error err = { .reason = WIRE_BAD_NONE };
	struct in6_addr found;
	size_t len;
	uint8_t *bytes = exact_bytes(hex, &len);

	assert_int_equal(ext_decode_hao(bytes, len, &found, &err), want);
	assert_string_equal(wire_reason_name(err.reason), wire_reason_name(reason));
	if (want == WIRE_OK)
		assert_memory_equal(&found, &home, sizeof(home));
	else
		assert_int_equal(err.offset, offset);
	free(bytes);
}

/* RFC 6275 section 6.3 */
static void test_home_address_option(void **state)
{
	(void)state;
	/* Anywhere among other options, known to us or not. */
	expect_hao("3b 02 c9 10" HOA_HEX "00 01 01 00", WIRE_OK, WIRE_BAD_NONE, 0);
	expect_hao("3b 03 05 02 ffff 0000 3e 02 ffff c9 10" HOA_HEX "0000", WIRE_OK, WIRE_BAD_NONE,
		   0);
	/* None there. */
	expect_hao("3b 00 01 04 00000000", WIRE_IGNORE, WIRE_BAD_TYPE, 0);
	expect_hao("3b 00 05 02 ffff 0000", WIRE_IGNORE, WIRE_BAD_TYPE, 0);
	expect_hao("3b 00 01 02 0000 01 00", WIRE_IGNORE, WIRE_BAD_TYPE, 0); /* ends with PadN */
	/* Length MUST be 16. */
	expect_hao("3b 00 c9 04 00000000", WIRE_MALFORMED, WIRE_BAD_OPTION_LEN, 3);
	expect_hao("3b 02 c9 11" HOA_HEX "00 010100", WIRE_MALFORMED, WIRE_BAD_OPTION_LEN, 3);
	/* MUST NOT appear more than once. */
	expect_hao("3b 04 c9 10" HOA_HEX "c9 10" HOA_HEX "0000", WIRE_MALFORMED,
		   WIRE_BAD_OPTION_REPEATED, 20);
	/* Past the end of the header. */
	expect_hao("3b 00 c9 10" HOA_HEX, WIRE_MALFORMED, WIRE_BAD_OPTION_PAST_END, 2);
	expect_hao("3b 00 01 03 000000 01", WIRE_MALFORMED, WIRE_BAD_OPTION_PAST_END, 7);
	expect_hao("3b 00 01 05 00000000", WIRE_MALFORMED, WIRE_BAD_OPTION_PAST_END, 2);
	/* The header past the end of the data. */
	expect_hao("3b 01 01 04 00000000", WIRE_MALFORMED, WIRE_BAD_TRUNCATED, 1);
	expect_hao("3b 00 01 04 000000", WIRE_MALFORMED, WIRE_BAD_SHORT, 7);
	expect_hao("", WIRE_MALFORMED, WIRE_BAD_SHORT, 0);
}

static void expect_rh2(const char *hex, enum wire_verdict want, enum wire_reason reason,
		       size_t offset)
{
	struct wire_error err = { .reason = WIRE_BAD_NONE };
	struct in6_addr found;
	size_t len;
	uint8_t *bytes = exact_bytes(hex, &len);

	assert_int_equal(ext_decode_rh2(bytes, len, &found, NULL, &err), want);
	assert_string_equal(wire_reason_name(err.reason), wire_reason_name(reason));
	if (want != WIRE_OK)
		assert_int_equal(err.offset, offset);
	free(bytes);
}

/* RFC 6275 section 6.4.1 */
static void test_routing_header(void **state)
{
	(void)state;
	expect_rh2("3b 02 02 01 ffffffff" HOA_HEX, WIRE_OK, WIRE_BAD_NONE, 0); /* reserved */
	expect_rh2("3b 02 02 00 00000000" HOA_HEX, WIRE_OK, WIRE_BAD_NONE, 0); /* processed */
	expect_rh2("3b 02 00 01 00000000" HOA_HEX, WIRE_IGNORE, WIRE_BAD_TYPE, 2);
	expect_rh2("3b 02 04 00 00000000" HOA_HEX, WIRE_IGNORE, WIRE_BAD_TYPE, 2);
	expect_rh2("3b 04 02 01 00000000" HOA_HEX HOA_HEX, WIRE_MALFORMED, WIRE_BAD_LENGTH, 1);
	expect_rh2("3b 00 02 01 00000000", WIRE_MALFORMED, WIRE_BAD_LENGTH, 1);
	expect_rh2("3b 02 02 02 00000000" HOA_HEX, WIRE_MALFORMED, WIRE_BAD_LENGTH, 3);
	expect_rh2("3b 02 02 01 00000000", WIRE_MALFORMED, WIRE_BAD_TRUNCATED, 1);
	expect_rh2("3b 02 02", WIRE_MALFORMED, WIRE_BAD_SHORT, 3);
}

static enum wire_verdict parse_hex(const char *hex, struct ext_packet *p, struct wire_error *err)
{
	enum wire_verdict verdict;
	size_t len;
	uint8_t *bytes = exact_bytes(hex, &len);

	*err = (struct wire_error){ .reason = WIRE_BAD_NONE };
	verdict = ext_parse_packet(bytes, len, p, err);
	free(bytes);
	return verdict;
}

/* RFC 6275 section 11.3.1: from the mobile node; both ends are what upper layers see. */
static void test_packet_from_mobile_node(void **state)
{
	struct wire_error err;
	struct ext_packet p;

	(void)state;
	assert_int_equal(parse_hex("60000000 0028 00 40" COA_HEX CN_HEX
				   "3c 00 0502 0000 0100" /* hop-by-hop: router alert */
				   "87 02 0102 0000 c910" HOA_HEX "3b 00 00 00 0000 0000",
				   &p, &err),
			 WIRE_OK);
	assert_true(p.has_hao);
	assert_false(p.has_rh2);
	assert_int_equal(p.hao_at, 54);
	assert_int_equal(p.upper_proto, WIRE_PROTO_MH);
	assert_int_equal(p.upper_at, 72);
	assert_int_equal(p.hop_limit, 64);
	assert_int_equal(p.payload_len, 40);
	assert_memory_equal(&p.src, &care_of, 16);
	assert_memory_equal(ext_end_src(&p), &home, 16);
	assert_memory_equal(ext_end_dst(&p), &peer, 16);
}

/* RFC 6275 section 9.3.2: to the mobile node. */
static void test_packet_to_mobile_node(void **state)
{
	struct wire_error err;
	struct ext_packet p;

	(void)state;
	assert_int_equal(parse_hex("60000000 0020 2b 40" CN_HEX COA_HEX
				   "3a 02 02 01 00000000" HOA_HEX "80 00 0000 0000 0000",
				   &p, &err),
			 WIRE_OK);
	assert_true(p.has_rh2);
	assert_int_equal(p.rh2_at, 40);
	assert_int_equal(p.rh2_segments_left, 1);
	assert_int_equal(p.upper_at, 64);
	assert_memory_equal(ext_end_src(&p), &peer, 16);
	assert_memory_equal(ext_end_dst(&p), &home, 16);
	/* Arrived: the destination is the home address already. */
	assert_int_equal(parse_hex("60000000 0018 2b 40" CN_HEX HOA_HEX
				   "3b 02 02 00 00000000" COA_HEX,
				   &p, &err),
			 WIRE_OK);
	assert_memory_equal(ext_end_dst(&p), &home, 16);
	assert_int_equal(p.upper_proto, WIRE_PROTO_NONE);
	assert_int_equal(p.upper_at, 64);
}

/* Between two mobile nodes; headers stop at ESP, which hides what follows. */
static void test_packet_both_and_esp(void **state)
{
	struct wire_error err;
	struct ext_packet p;

	(void)state;
	assert_int_equal(parse_hex("60000000 0030 2b 40" COA_HEX CN_HEX
				   "3c 02 02 01 00000000" CN_HEX "32 02 0102 0000 c910" HOA_HEX,
				   &p, &err),
			 WIRE_OK);
	assert_true(p.has_rh2 && p.has_hao);
	assert_int_equal(p.upper_proto, WIRE_PROTO_ESP);
	assert_int_equal(p.upper_at, 88);
}

/* RFC 8200 section 4.5: behind the first fragment nothing can be read. */
static void test_packet_fragments(void **state)
{
	struct wire_error err;
	struct ext_packet p;

	(void)state;
	assert_int_equal(parse_hex("60000000 0010 2c 40" COA_HEX CN_HEX
				   "87 00 0001 12345678" /* first, more to come */
				   "3b 00 00 00 0000 0000",
				   &p, &err),
			 WIRE_OK);
	assert_false(p.fragment);
	assert_int_equal(p.upper_proto, WIRE_PROTO_MH);
	assert_int_equal(p.upper_at, 48);
	assert_int_equal(parse_hex("60000000 0010 2c 40" COA_HEX CN_HEX
				   "3c 00 0008 12345678" /* at 8 */
				   "3b 00 00 00 0000 0000",
				   &p, &err),
			 WIRE_OK);
	assert_true(p.fragment);
	assert_int_equal(p.upper_proto, WIRE_PROTO_DSTOPTS);
}

/* Cut anywhere: refused before the upper header, with what was found until there. */
static void test_packet_cut(void **state)
{
	static const char hex[] = "60000000 0028 2b 40" CN_HEX COA_HEX
				  "3c 02 02 01 00000000" HOA_HEX "3b 02 0102 0000 c910" HOA_HEX;
	struct wire_error err;
	struct ext_packet p;
	size_t len;
	uint8_t *whole = exact_bytes(hex, &len);
	size_t cut;

	(void)state;
	assert_int_equal(len, 88);
	for (cut = 0; cut <= len; cut++) {
		uint8_t *bytes = malloc(cut ? cut : 1);

		assert_non_null(bytes);
		memcpy(bytes, whole, cut);
		assert_int_equal(ext_parse_packet(bytes, cut, &p, &err),
				 cut < len ? WIRE_MALFORMED : WIRE_OK);
		assert_int_equal(p.has_rh2, cut >= 64);
		assert_int_equal(p.has_hao, cut >= 88);
		if (cut < len)
			assert_int_equal(err.offset, cut < 40 ? cut : cut < 64 ? 40 : 64);
		free(bytes);
	}
	free(whole);
}

static void test_packet_malformed(void **state)
{
	struct wire_error err;
	struct ext_packet p;

	(void)state;
	assert_int_equal(parse_hex("45000028 00000000", &p, &err), WIRE_IGNORE);
	assert_int_equal(parse_hex("", &p, &err), WIRE_MALFORMED);
	/* Two Home Address options in two headers are one too many. */
	assert_int_equal(parse_hex("60000000 0030 3c 40" COA_HEX CN_HEX
				   "3c 02 0102 0000 c910" HOA_HEX "3b 02 0102 0000 c910" HOA_HEX,
				   &p, &err),
			 WIRE_MALFORMED);
	assert_int_equal(err.reason, WIRE_BAD_OPTION_REPEATED);
	assert_int_equal(err.offset, 70);
	/* A broken routing header: the offset counts from the IPv6 header. */
	assert_int_equal(parse_hex("60000000 0018 2b 40" CN_HEX COA_HEX
				   "3b 02 02 03 00000000" HOA_HEX,
				   &p, &err),
			 WIRE_MALFORMED);
	assert_int_equal(err.reason, WIRE_BAD_LENGTH);
	assert_int_equal(err.offset, 43);
	/* Other routing headers are walked over. */
	assert_int_equal(parse_hex("60000000 0018 2b 40" CN_HEX COA_HEX
				   "3b 02 04 03 00000000" HOA_HEX,
				   &p, &err),
			 WIRE_OK);
	assert_false(p.has_rh2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_home_address_option),
		cmocka_unit_test(test_routing_header),
		cmocka_unit_test(test_packet_from_mobile_node),
		cmocka_unit_test(test_packet_to_mobile_node),
		cmocka_unit_test(test_packet_both_and_esp),
		cmocka_unit_test(test_packet_fragments),
		cmocka_unit_test(test_packet_cut),
		cmocka_unit_test(test_packet_malformed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
