// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ICMPv6 messages of Mobile IPv6: home agent address discovery (RFC 6275 sections
 * 6.5 and 6.6, R flag RFC 3963 sections 7.1 and 7.2), mobile prefix discovery (6.7
 * and 6.8); and the ICMPv6 errors (RFC 4443 section 3) with the packet that caused
 * them. Neighbour Discovery is in nd.h.
 */
#ifndef WIRE_ICMP6_H
#define WIRE_ICMP6_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/nd.h"
#include "wire/numbers.h"
#include "wire/wire.h"

/* How many home agents a reply holds within the minimum IPv6 MTU, as RFC 6275
 * section 10.5.1 wants: (1280 - 40 - 8) / 16. */
#define ICMP6_DHAAD_MAX	 77
#define ICMP6_PREFIX_MAX 32
/* An error and what it quotes fit the minimum MTU (RFC 4443 section 2.4 c). */
#define ICMP6_LEN_MAX 1240

struct icmp6_dhaad_request {
	uint16_t id;
	bool mobile_router; /* R: wants home agents that serve mobile routers */
};

struct icmp6_dhaad_reply {
	uint16_t id;
	bool mobile_router; /* R: the agents listed serve mobile routers */
	bool overflow;	    /* decoded only: more addresses than fit */
	unsigned int count;
	struct in6_addr agent[ICMP6_DHAAD_MAX]; /* the most preferable first */
};

/* Mobile Prefix Solicitation. No options are defined; any are skipped. */
struct icmp6_mps {
	uint16_t id;
};

/* Mobile Prefix Advertisement. */
struct icmp6_mpa {
	uint16_t id;
	bool managed;  /* M */
	bool other;    /* O */
	bool overflow; /* decoded only: more prefixes than fit */
	unsigned int count;
	struct nd_prefix_info prefix[ICMP6_PREFIX_MAX];
};

/* Destination Unreachable, Packet Too Big, Time Exceeded, Parameter Problem. */
struct icmp6_error {
	uint8_t code;
	/* MTU of a Packet Too Big, pointer of a Parameter Problem, otherwise 0. */
	uint32_t value;
	/* The start of the packet that caused it, inside the decoded bytes or, to
	 * encode, the caller's; the encoder cuts it to the minimum MTU. May be
	 * cut anywhere: look into it with ext_parse_packet(). */
	const uint8_t *packet;
	size_t packet_len;
};

struct icmp6_msg {
	enum icmp6_type type;
	union {
		struct icmp6_dhaad_request dhaad_request;
		struct icmp6_dhaad_reply dhaad_reply;
		struct icmp6_mps mps;
		struct icmp6_mpa mpa;
		struct icmp6_error error;
	};
};

/* Decodes an ICMPv6 message of `len` bytes. WIRE_IGNORE (reason TYPE) for types
 * that are not in enum icmp6_type. The checksum is not looked at: the kernel
 * verifies it on raw ICMPv6 sockets; see icmp6_checksum_ok(). `out` is filled
 * only with WIRE_OK. What is refused is discarded silently. */
enum wire_verdict icmp6_decode(const uint8_t *data, size_t len, struct icmp6_msg *out,
			       struct wire_error *err);

/* Writes the message, with its checksum, into `buf` and returns its length.
 * Addresses as for wire_checksum(): the home address where the packet travels
 * with a Home Address option or type 2 routing header. -EMSGSIZE when it does not
 * fit; -EINVAL for an unknown type, a count over its maximum, a prefix that
 * nd_prefix_is_sendable() refuses, or a Mobile Prefix Advertisement without a
 * prefix (RFC 6275 section 6.8). */
int icmp6_encode(const struct icmp6_msg *msg, const struct in6_addr *src,
		 const struct in6_addr *dst, uint8_t *buf, size_t size);

/* True when the checksum of an ICMPv6 message is right. */
bool icmp6_checksum_ok(const struct in6_addr *src, const struct in6_addr *dst, const uint8_t *data,
		       size_t len);

/* "Home Agent Address Discovery Request"; "unknown" for others. Static text. */
const char *icmp6_type_name(unsigned int type);

#endif
