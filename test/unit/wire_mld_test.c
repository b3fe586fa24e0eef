// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Multicast Listener Discovery: RFC 3810 sections 5 and 6.2, RFC 2710 section 3. Messages are
 * read from arrays of just their length, so that a sanitizer sees a byte too far.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden/golden.h"
#include "wire/mld.h"

#define GROUP_HEX   "ff0e0000 00000000 00000000 00000101 "
#define SOURCE_HEX  "20010db8 00010000 00000000 00000010 "
#define UNICAST_HEX "20010db8 00010000 00000000 00000011 "
#define NO_GROUP    "00000000 00000000 00000000 00000000 "

static enum wire_verdict decode(const char *hex, struct mld_msg *msg, struct wire_error *err)
{
	static uint8_t *exact; /* records point into it */
	uint8_t bytes[GOLDEN_LEN_MAX];
	size_t len = golden_bytes(hex, bytes, sizeof(bytes));

	free(exact);
	exact = malloc(len ? len : 1);
	assert_non_null(exact);
	memcpy(exact, bytes, len);
	*err = (struct wire_error){ .reason = WIRE_BAD_NONE };
	return mld_decode(exact, len, msg, err);
}

static void refused(const char *hex, enum wire_reason reason)
{
	struct wire_error err;
	struct mld_msg msg;

	assert_int_equal(decode(hex, &msg, &err), WIRE_MALFORMED);
	assert_string_equal(wire_reason_name(err.reason), wire_reason_name(reason));
}

static struct mld_msg accepted(const char *hex)
{
	struct wire_error err;
	struct mld_msg msg;

	if (decode(hex, &msg, &err) != WIRE_OK)
		fail_msg("%s: %s at %zu", hex, wire_reason_name(err.reason), err.offset);
	return msg;
}

/* RFC 3810 8.1: told apart by their length; 5.1.3: codes with an exponent. */
static void queries(void **state)
{
	struct mld_msg m;

	(void)state;
	m = accepted("82 00 0000 2710 0000" NO_GROUP);
	assert_int_equal(m.max_response_ms, 10000);
	m = accepted("82 00 0000 ffff 0000" NO_GROUP); /* version 1: no exponent */
	assert_int_equal(m.max_response_ms, 0xffff);
	m = accepted("82 00 0000 2710 0000" GROUP_HEX "02 7d 0000");
	assert_int_equal(m.max_response_ms, 10000);
	assert_true(IN6_IS_ADDR_MULTICAST(&m.group));
	m = accepted("82 00 0000 8001 0000" NO_GROUP "02 7d 0000");
	assert_int_equal(m.max_response_ms, 0x1001 << 3);
	m = accepted("82 00 0000 ffff 0000" NO_GROUP "02 7d 0000");
	assert_int_equal(m.max_response_ms, 0x1fff << 10);
	m = accepted("82 00 0000 2710 0000" GROUP_HEX "02 7d 0001" SOURCE_HEX);
	assert_int_equal(m.type, MLD_QUERY);
	refused("82 00 0000 2710 0000" NO_GROUP "02", WIRE_BAD_LENGTH);
	refused("82 00 0000 2710 0000" NO_GROUP "02 7d 00", WIRE_BAD_LENGTH);
	refused("82 00 0000 2710 0000" UNICAST_HEX, WIRE_BAD_ADDRESS);
	refused("82 00 0000 2710 0000 ff0e", WIRE_BAD_SHORT);
	refused("", WIRE_BAD_SHORT);
}

static void version_1(void **state)
{
	(void)state;
	assert_int_equal(accepted("83 00 0000 0000 0000" GROUP_HEX).type, MLD_REPORT_V1);
	assert_int_equal(accepted("84 00 0000 0000 0000" GROUP_HEX).type, MLD_DONE);
	refused("83 00 0000 0000 0000" UNICAST_HEX, WIRE_BAD_ADDRESS);
	refused("84 00 0000 0000 0000 ff0e0000", WIRE_BAD_SHORT);
}

/* 5.2: records with sources and auxiliary data; 5.2.12: unknown types are passed over. */
static void reports(void **state)
{
	struct mld_record r;
	struct mld_msg m;

	(void)state;
	m = accepted("8f 00 0000 0000 0003 "
		     "04 01 0001" GROUP_HEX SOURCE_HEX "aabbccdd "
		     "09 00 0000" GROUP_HEX
		     "06 00 0002" GROUP_HEX SOURCE_HEX SOURCE_HEX);
	assert_int_equal(m.record_count, 3);
	assert_true(mld_next_record(&m, &r));
	assert_int_equal(r.type, MLD_TO_EXCLUDE);
	assert_int_equal(r.source_count, 1);
	assert_true(mld_next_record(&m, &r));
	assert_int_equal(r.type, MLD_BLOCK);
	assert_int_equal(r.source_count, 2);
	assert_false(mld_next_record(&m, &r));
	m = accepted("8f 00 0000 0000 0000");
	assert_false(mld_next_record(&m, &r));
	/* what is behind the last record does not matter (5.2.11) */
	m = accepted("8f 00 0000 0000 0001 01 00 0000" GROUP_HEX "0102");
	assert_true(mld_next_record(&m, &r));
	refused("8f 00 0000 0000", WIRE_BAD_SHORT);
	refused("8f 00 0000 0000 0001", WIRE_BAD_TRUNCATED);
	refused("8f 00 0000 0000 0002 04 00 0000" GROUP_HEX, WIRE_BAD_TRUNCATED);
	refused("8f 00 0000 0000 ffff 04 00 0000" GROUP_HEX, WIRE_BAD_TRUNCATED);
	refused("8f 00 0000 0000 0001 04 00 0001" GROUP_HEX "2001", WIRE_BAD_TRUNCATED);
	refused("8f 00 0000 0000 0001 04 ff 0000" GROUP_HEX, WIRE_BAD_TRUNCATED);
	refused("8f 00 0000 0000 0001 04 00 ffff" GROUP_HEX, WIRE_BAD_TRUNCATED);
	refused("8f 00 0000 0000 0001 04 00 0000" UNICAST_HEX, WIRE_BAD_ADDRESS);
}

static void other_messages(void **state)
{
	struct wire_error err;
	struct mld_msg msg;

	(void)state;
	assert_int_equal(decode("85 00 0000 0000 0000", &msg, &err), WIRE_IGNORE);
	assert_int_equal(err.reason, WIRE_BAD_TYPE);
}

static enum wire_verdict judge(const uint8_t *packet, size_t len, enum wire_reason *reason)
{
	uint8_t *exact = malloc(len ? len : 1);
	struct wire_error err = { .reason = WIRE_BAD_NONE };
	enum wire_verdict verdict;
	struct mld_msg msg;

	assert_non_null(exact);
	memcpy(exact, packet, len);
	verdict = mld_decode_packet(exact, len, &msg, &err);
	free(exact);
	*reason = err.reason;
	return verdict;
}

/* One byte of a good packet is another. */
static void damaged(const uint8_t *good, size_t at, uint8_t value, enum wire_reason wanted)
{
	uint8_t packet[MLD_QUERY_PACKET_LEN];
	enum wire_reason reason;

	memcpy(packet, good, sizeof(packet));
	packet[at] = value;
	assert_int_equal(judge(packet, sizeof(packet), &reason), WIRE_MALFORMED);
	assert_string_equal(wire_reason_name(reason), wire_reason_name(wanted));
}

/* RFC 3810 6.2, 7.4: what a packet must be beyond its message. */
static void packets(void **state)
{
	const struct mld_query q = { .src = golden_addr("fe80::1"),
				     .max_response_ms = 1000,
				     .interval_s = 125,
				     .robustness = 2 };
	uint8_t packet[MLD_QUERY_PACKET_LEN];
	enum wire_reason reason;

	(void)state;
	mld_encode_query(&q, packet);
	assert_int_equal(judge(packet, sizeof(packet), &reason), WIRE_OK);
	damaged(packet, 7, 2, WIRE_BAD_HOP_LIMIT);
	damaged(packet, 8, 0x20, WIRE_BAD_ADDRESS);
	damaged(packet, 42, 1, WIRE_BAD_ROUTER_ALERT);	    /* another option */
	damaged(packet, 45, 1, WIRE_BAD_ROUTER_ALERT);	    /* of another protocol */
	damaged(packet, 75, 1, WIRE_BAD_CHECKSUM);
	for (size_t len = 49; len < sizeof(packet); len++)
		assert_int_equal(judge(packet, len, &reason), WIRE_MALFORMED);
	for (size_t len = 0; len < 49; len++)
		assert_int_equal(judge(packet, len, &reason), WIRE_IGNORE);
	packet[40] = WIRE_PROTO_UDP;
	assert_int_equal(judge(packet, sizeof(packet), &reason), WIRE_IGNORE);
}

/* 5.1: what is sent, byte for byte; numbers beyond the format are rounded down. */
static void what_is_sent(void **state)
{
	struct mld_query q = { .src = golden_addr("fe80::1"),
			       .group = golden_addr("ff0e::101"),
			       .max_response_ms = 0x1001 << 3,
			       .interval_s = 31744,
			       .robustness = 9 };
	uint8_t packet[MLD_QUERY_PACKET_LEN];

	(void)state;
	mld_encode_query(&q, packet);
	assert_memory_equal(packet + 24, &q.group, 16); /* 5.1.15: to the group */
	assert_int_equal(packet[48], MLD_QUERY);
	assert_int_equal(packet[52] << 8 | packet[53], 0x8001);
	assert_int_equal(packet[72], 0); /* 5.1.8: more than 7 is told as 0 */
	assert_int_equal(packet[73], 0xff);
	q.interval_s = 125;
	q.max_response_ms = UINT32_MAX;
	q.group = (struct in6_addr){ 0 };
	mld_encode_query(&q, packet);
	assert_int_equal(packet[52] << 8 | packet[53], 0xffff);
	assert_int_equal(packet[73], 125);
	q.src = golden_addr("ff02::1");
	assert_memory_equal(packet + 24, &q.src, 16);
	q.interval_s = 128;
	mld_encode_query(&q, packet);
	assert_int_equal(packet[73], 0x80);
	q.interval_s = 145; /* (1 << 4 | 2) << 3 is 144 */
	mld_encode_query(&q, packet);
	assert_int_equal(packet[73], 0x82);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queries),	  cmocka_unit_test(version_1),
		cmocka_unit_test(reports),	  cmocka_unit_test(other_messages),
		cmocka_unit_test(packets),	  cmocka_unit_test(what_is_sent),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
