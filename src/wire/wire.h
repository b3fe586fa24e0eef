// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What all decoders and encoders of this room share: the verdict of a decoder,
 * the reason of a refusal, the Internet checksum.
 *
 * The room turns bytes into structs in host order and human units and back. It
 * allocates nothing, knows no time, no sockets and no log. Decoders read only
 * inside the array they are given, whatever it holds; encoders write only
 * inside theirs.
 *
 * A decoder judges what can be seen in the bytes of one message. Whether the
 * message is wanted, from this sender, in this state, is for core and the roles.
 */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wire_verdict {
	WIRE_OK,	/* decoded; the output is complete */
	WIRE_MALFORMED, /* refused; count it by reason, answer where the RFC says so */
	WIRE_IGNORE,	/* not a message that this decoder is for: discard silently */
};

/* Why a message was refused: X(name, token for counters and logs). */
#define WIRE_REASONS(X)                                                                            \
	X(NONE, "none")                                                                            \
	X(SHORT, "short")		      /* ends before its fixed part does */                \
	X(TRUNCATED, "truncated")	      /* a header claims more bytes than there are */      \
	X(CHECKSUM, "checksum")		      /* for callers to count; decoders do not check it */ \
	X(MH_TYPE, "mh-type")		      /* unknown MH type: Binding Error status 2 is due */ \
	X(PAYLOAD_PROTO, "payload-proto")     /* not 59: Parameter Problem is due */               \
	X(HEADER_LEN, "header-len")	      /* too short for the type: Parameter Problem */      \
	X(OPTION_PAST_END, "option-past-end") /* an option runs past the message */                \
	X(OPTION_LEN, "option-len")	      /* a known option with an impossible length */       \
	X(OPTION_REPEATED, "option-repeated") /* twice where the RFC allows one */                 \
	X(CODE, "code")			      /* ICMPv6 code is not one that the type has */       \
	X(HOP_LIMIT, "hop-limit")	      /* neighbour discovery, MLD from beyond the link */  \
	X(ROUTER_ALERT, "router-alert")	      /* MLD without it */                                 \
	X(ADDRESS, "address") /* an address of a kind that the field cannot have */                \
	X(LENGTH, "length")   /* a length that no message of the kind has */                       \
	X(TYPE, "type")	      /* with WIRE_IGNORE: another type of message or header */

enum wire_reason {
#define X(name, token) WIRE_BAD_##name,
	WIRE_REASONS(X)
#undef X
	WIRE_REASON_COUNT
};

/* Filled by every decoder whose verdict is not WIRE_OK. `offset` counts from
 * the start of the decoded header or message to the field that is wrong; with
 * the header's own place in the packet it makes the Pointer of an ICMPv6
 * Parameter Problem. */
struct wire_error {
	enum wire_reason reason;
	size_t offset;
};

/* Static text such as "header-len"; "unknown" beyond the enum. */
const char *wire_reason_name(enum wire_reason reason);

/* True when RFC 6275 section 9.2 wants an ICMPv6 Parameter Problem, code 0, sent
 * to the source of the packet: payload protocol not 59, header too short for its
 * type. The Pointer is the offset of the Mobility Header plus wire_error.offset. */
bool wire_wants_param_problem(enum wire_reason reason);

/*
 * The Internet checksum of `len` bytes with the IPv6 pseudo-header (RFC 8200
 * section 8.1), in host order, ready to be written big-endian into the checksum
 * field. When the field in `data` is zero, this is the value to write; over a
 * message that carries its right checksum the result is 0.
 *
 * `src` and `dst` are the addresses at the two ends: the home address where the
 * packet has a Home Address option (RFC 6275 sections 6.1.1 and 11.3.1) or a type
 * 2 routing header (the final destination, RFC 8200 section 8.1), not the care-of
 * address that the IPv6 header shows in between.
 */
uint16_t wire_checksum(const struct in6_addr *src, const struct in6_addr *dst, uint8_t proto,
		       const void *data, size_t len);

#endif
