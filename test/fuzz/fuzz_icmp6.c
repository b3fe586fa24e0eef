// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ICMPv6 of Mobile IPv6: decode, encode, decode again, compare (RFC 6275 sections
 * 6.5 to 6.8, RFC 4443 section 3).
 */
#include <errno.h>

#include "fuzz/fuzz.h"
#include "golden/golden.h"
#include "wire/icmp6.h"

static const struct in6_addr src = GOLDEN_HA;
static const struct in6_addr dst = GOLDEN_COA;

/* Messages that may be received but not sent. */
static bool is_sendable(const struct icmp6_msg *msg)
{
	unsigned int i;

	if (msg->type != ICMP6_MSG_MPA)
		return true;
	for (i = 0; i < msg->mpa.count; i++) {
		if (!nd_prefix_is_sendable(&msg->mpa.prefix[i]))
			return false;
	}
	return msg->mpa.count > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct icmp6_msg one;
	static struct icmp6_msg two;
	struct wire_error err = { .reason = WIRE_BAD_NONE };
	uint8_t buf[ICMP6_LEN_MAX];
	int len;

	(void)icmp6_checksum_ok(&src, &dst, data, size);
	if (icmp6_decode(data, size, &one, &err) != WIRE_OK) {
		FUZZ_CHECK(err.reason != WIRE_BAD_NONE && err.offset <= size);
		return 0;
	}
	len = icmp6_encode(&one, &src, &dst, buf, sizeof(buf));
	if (!is_sendable(&one)) {
		FUZZ_CHECK(len == -EINVAL);
		return 0;
	}
	FUZZ_CHECK(len >= 8);
	FUZZ_CHECK(icmp6_checksum_ok(&src, &dst, buf, (size_t)len));
	FUZZ_CHECK(icmp6_decode(buf, (size_t)len, &two, &err) == WIRE_OK);
	/* What an error quotes was cut to the minimum MTU. */
	if (one.type < ICMP6_MSG_DHAAD_REQUEST && one.error.packet_len > ICMP6_LEN_MAX - 8)
		one.error.packet_len = ICMP6_LEN_MAX - 8;
	FUZZ_CHECK(golden_icmp6_equal(&one, &two));
	return 0;
}
