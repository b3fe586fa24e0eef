// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What all formats share: names of the reasons for which messages are refused,
 * and the Internet checksum with the IPv6 pseudo-header (RFC 8200 section 8.1).
 * Used by every file of this room, and by whoever counts or logs refusals.
 */
#include "wire/wire.h"

static const char *const reason_names[WIRE_REASON_COUNT] = {
#define X(name, token) [WIRE_BAD_##name] = (token),
	WIRE_REASONS(X)
#undef X
};

const char *wire_reason_name(enum wire_reason reason)
{
	if ((unsigned int)reason >= WIRE_REASON_COUNT)
		return "unknown";
	return reason_names[reason];
}

bool wire_wants_param_problem(enum wire_reason reason)
{
	/* RFC 6275 section 9.2, third and fourth rule. */
	return reason == WIRE_BAD_PAYLOAD_PROTO || reason == WIRE_BAD_HEADER_LEN;
}

/* Adds 16 bit words; an odd byte at the end counts as the high one of a word.
 * 64 bits hold the sum of more words than a packet has. */
static uint64_t sum_words(uint64_t sum, const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += (uint64_t)p[i] << 8 | p[i + 1];
	if (len % 2)
		sum += (uint64_t)p[len - 1] << 8;
	return sum;
}

uint16_t wire_checksum(const struct in6_addr *src, const struct in6_addr *dst, uint8_t proto,
		       const void *data, size_t len)
{
	uint64_t sum = 0;

	sum = sum_words(sum, src->s6_addr, sizeof(src->s6_addr));
	sum = sum_words(sum, dst->s6_addr, sizeof(dst->s6_addr));
	sum += (len >> 16 & 0xffff) + (len & 0xffff) + proto;
	sum = sum_words(sum, data, len);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}
