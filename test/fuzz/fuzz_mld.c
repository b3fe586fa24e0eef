// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Multicast Listener Discovery: messages and whole packets; all records of a report that was
 * accepted are there. The first byte of the input chooses which.
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "wire/mld.h"

static void walk_records(struct mld_msg *msg)
{
	struct mld_record r;
	unsigned int records = 0;

	if (msg->type != MLD_REPORT_V2)
		return;
	while (mld_next_record(msg, &r)) {
		FUZZ_CHECK(IN6_IS_ADDR_MULTICAST(&r.group));
		FUZZ_CHECK(r.type >= MLD_IS_INCLUDE && r.type <= MLD_BLOCK);
		records++;
	}
	FUZZ_CHECK(records <= UINT16_MAX && msg->record_count == 0 && !msg->records.bad);
}

/* A query that was read, written anew, says the same. */
static void write_query(const struct mld_msg *msg)
{
	const struct mld_query q = { .src = { .s6_addr = { 0xfe, 0x80, [15] = 1 } },
				     .group = msg->group,
				     .max_response_ms = msg->max_response_ms,
				     .interval_s = msg->max_response_ms,
				     .robustness = 2 };
	uint8_t packet[MLD_QUERY_PACKET_LEN];
	struct wire_error err;
	struct mld_msg back;

	mld_encode_query(&q, packet);
	FUZZ_CHECK(mld_decode_packet(packet, sizeof(packet), &back, &err) == WIRE_OK);
	FUZZ_CHECK(back.type == MLD_QUERY && back.max_response_ms == msg->max_response_ms);
	FUZZ_CHECK(memcmp(&back.group, &msg->group, sizeof(back.group)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_error err = { .reason = WIRE_BAD_NONE };
	enum wire_verdict verdict;
	struct mld_msg msg;

	if (size == 0)
		return 0;
	verdict = data[0] & 1 ? mld_decode_packet(data + 1, size - 1, &msg, &err) :
				mld_decode(data + 1, size - 1, &msg, &err);
	if (verdict != WIRE_OK) {
		FUZZ_CHECK(err.reason != WIRE_BAD_NONE && err.offset <= size);
		return 0;
	}
	walk_records(&msg);
	if (msg.type == MLD_QUERY && size - 1 >= 28 && !(data[0] & 1))
		write_query(&msg);
	return 0;
}
