// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Extension headers (RFC 6275 sections 6.3 and 6.4) and the walk through a packet. The
 * first byte of the input chooses which.
 */
#include <string.h>

#include "fuzz/fuzz.h"
#include "wire/ext.h"

static void fuzz_hao(const uint8_t *data, size_t size)
{
	struct wire_error err = { .reason = WIRE_BAD_NONE };
	uint8_t buf[EXT_HAO_LEN];
	struct in6_addr one;
	struct in6_addr two;

	if (ext_decode_hao(data, size, &one, &err) != WIRE_OK) {
		FUZZ_CHECK(err.reason != WIRE_BAD_NONE && err.offset <= size);
		return;
	}
	ext_encode_hao(data[0], &one, buf);
	FUZZ_CHECK(ext_decode_hao(buf, sizeof(buf), &two, &err) == WIRE_OK);
	FUZZ_CHECK(memcmp(&one, &two, sizeof(one)) == 0);
}

static void fuzz_rh2(const uint8_t *data, size_t size)
{
	struct wire_error err = { .reason = WIRE_BAD_NONE };
	uint8_t buf[EXT_RH2_LEN];
	struct in6_addr one;
	struct in6_addr two;
	uint8_t left;

	if (ext_decode_rh2(data, size, &one, &left, &err) != WIRE_OK) {
		FUZZ_CHECK(err.reason != WIRE_BAD_NONE && err.offset <= size);
		return;
	}
	FUZZ_CHECK(left <= 1);
	ext_encode_rh2(data[0], &one, buf);
	FUZZ_CHECK(ext_decode_rh2(buf, sizeof(buf), &two, &left, &err) == WIRE_OK);
	FUZZ_CHECK(memcmp(&one, &two, sizeof(one)) == 0 && left == 1);
}

static void fuzz_packet(const uint8_t *data, size_t size)
{
	struct wire_error err = { .reason = WIRE_BAD_NONE };
	struct ext_packet p;

	if (ext_parse_packet(data, size, &p, &err) == WIRE_OK)
		FUZZ_CHECK(p.upper_at >= 40 && p.upper_at <= size);
	else
		FUZZ_CHECK(err.reason != WIRE_BAD_NONE && err.offset <= size);
	/* Found where it says it was. */
	if (p.has_hao)
		FUZZ_CHECK(memcmp(data + p.hao_at + 2, ext_end_src(&p), 16) == 0 &&
			   data[p.hao_at] == EXT_OPT_HOME_ADDRESS);
	if (p.has_rh2)
		FUZZ_CHECK(memcmp(data + p.rh2_at + 8, &p.rh2, 16) == 0);
	(void)ext_end_dst(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	switch (data[0] % 3) {
	case 0:
		fuzz_hao(data + 1, size - 1);
		break;
	case 1:
		fuzz_rh2(data + 1, size - 1);
		break;
	case 2:
		fuzz_packet(data + 1, size - 1);
		break;
	}
	return 0;
}
