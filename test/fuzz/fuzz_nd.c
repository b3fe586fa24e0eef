// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Neighbour Discovery: decode, encode, decode again, compare (RFC 4861 section 4,
 * RFC 6275 section 7). The first byte of the input chooses how the packet came.
 */
#include <errno.h>

#include "fuzz/fuzz.h"
#include "golden/golden.h"
#include "wire/nd.h"

static struct nd_packet choose_packet(uint8_t choice)
{
	static const char *const sources[] = { "fe80::1", "::", "2001:db8:1::1", "fe80::2" };
	static const char *const destinations[] = { "fe80::2", "ff02::1", "ff02::1:ff00:10",
						    "2001:db8:1::10" };

	return (struct nd_packet){
		.src = golden_addr(sources[choice & 3]),
		.dst = golden_addr(destinations[choice >> 2 & 3]),
		.hop_limit = choice & 0x80 ? 64 : ND_HOP_LIMIT,
	};
}

/* Messages that may be received but not sent. */
static bool is_sendable(const struct nd_msg *msg)
{
	unsigned int i;

	if (nd_has(&msg->opts, ND_HAS_HA_INFO) &&
	    (!msg->ra.home_agent || msg->opts.ha_info.lifetime_s == 0))
		return false;
	for (i = 0; i < msg->opts.prefix_count; i++) {
		if (!nd_prefix_is_sendable(&msg->opts.prefix[i]))
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct nd_msg one;
	static struct nd_msg two;
	struct wire_error err = { .reason = WIRE_BAD_NONE };
	struct nd_packet how;
	uint8_t buf[ND_LEN_MAX];
	int len;

	if (size == 0)
		return 0;
	how = choose_packet(data[0]);
	data++;
	size--;
	if (nd_decode(data, size, &how, &one, &err) != WIRE_OK) {
		FUZZ_CHECK(err.reason != WIRE_BAD_NONE && err.offset <= size);
		return 0;
	}
	FUZZ_CHECK(how.hop_limit == ND_HOP_LIMIT);
	len = nd_encode(&one, &how.src, &how.dst, buf, sizeof(buf));
	if (!is_sendable(&one)) {
		FUZZ_CHECK(len == -EINVAL);
		return 0;
	}
	FUZZ_CHECK(len >= 8 && len % 8 == 0);
	FUZZ_CHECK(icmp6_checksum_ok(&how.src, &how.dst, buf, (size_t)len));
	FUZZ_CHECK(nd_decode(buf, (size_t)len, &how, &two, &err) == WIRE_OK);
	FUZZ_CHECK(golden_nd_equal(&one, &two));
	FUZZ_CHECK(two.opts.skipped == 0);
	return 0;
}
