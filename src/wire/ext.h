// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IPv6 extension headers that Mobile IPv6 needs: the Home Address destination
 * option (RFC 6275 section 6.3) and the type 2 routing header (section 6.4), each as
 * a whole header, the way sockets take and give them as ancillary data
 * (IPV6_DSTOPTS, IPV6_RTHDR, RFC 3542); and a walk through the headers of a
 * packet, for what an ICMPv6 error quotes.
 */
#ifndef WIRE_EXT_H
#define WIRE_EXT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/numbers.h"
#include "wire/wire.h"

#define EXT_HAO_LEN 24 /* destination options header with nothing but the option */
#define EXT_RH2_LEN 24

/* Writes a destination options header that holds the Home Address option, at its
 * alignment of 8n + 6. The kernel fills in next_header when it is sent as
 * ancillary data: give 0 then. */
void ext_encode_hao(uint8_t next_header, const struct in6_addr *home, uint8_t buf[EXT_HAO_LEN]);

/* Looks for the Home Address option in a destination options header.
 * WIRE_IGNORE when it has none. Options that are not known here are skipped:
 * what their two high bits demand (RFC 8200 section 4.2) the kernel has done.
 * WIRE_MALFORMED for an option past the end, a length other than 16, or a second
 * Home Address option (RFC 6275 section 6.3: MUST NOT appear more than once).
 * That the address is unicast and routable is for the caller to check
 * (section 9.3.1). Note that Linux exchanges this address with the source of the
 * packet before it hands the header to a socket, so that what is found in
 * IPV6_DSTOPTS ancillary data is the care-of address. */
enum wire_verdict ext_decode_hao(const uint8_t *data, size_t len, struct in6_addr *home,
				 struct wire_error *err);

/* Writes a type 2 routing header with one segment left; next_header as above. */
void ext_encode_rh2(uint8_t next_header, const struct in6_addr *home, uint8_t buf[EXT_RH2_LEN]);

/* Reads a type 2 routing header; WIRE_IGNORE for other routing headers.
 * WIRE_MALFORMED when its length is not 2 (RFC 6275 section 6.4.1), or
 * segments left is neither 1 nor 0; 0 is what a socket gets after the kernel has processed the
 * header, and then the address in it is that which the packet was sent to.
 * `segments_left` may be NULL. */
enum wire_verdict ext_decode_rh2(const uint8_t *data, size_t len, struct in6_addr *home,
				 uint8_t *segments_left, struct wire_error *err);

/* What the headers of a packet say. */
struct ext_packet {
	struct in6_addr src; /* of the IPv6 header, not exchanged */
	struct in6_addr dst;
	uint8_t hop_limit;
	uint16_t payload_len; /* as the IPv6 header claims */

	bool has_hao; /* Home Address option: its address and where its type byte is */
	struct in6_addr hao;
	size_t hao_at;
	bool has_rh2; /* type 2 routing header: its address and where it begins */
	struct in6_addr rh2;
	uint8_t rh2_segments_left;
	size_t rh2_at;

	/* The first header that is no hop-by-hop, routing, fragment or destination
	 * options header. `upper_at` may be the end of the data when the packet was
	 * cut there. Behind a fragment header with an offset nothing can be read:
	 * then `fragment` is set and upper_proto tells what would be reassembled. */
	uint8_t upper_proto; /* enum wire_proto or another */
	size_t upper_at;
	bool fragment;
};

/* Walks through a packet of which the first `len` bytes are there. WIRE_OK when
 * the upper header was reached; WIRE_MALFORMED when the data ends or goes wrong
 * before that: then `out` holds what was found until there (zeroed otherwise);
 * WIRE_IGNORE when it is no IPv6 packet. */
enum wire_verdict ext_parse_packet(const uint8_t *data, size_t len, struct ext_packet *out,
				   struct wire_error *err);

/* The addresses at the two ends of a packet that was seen on its way: the home
 * address where a Home Address option is there, the type 2 routing header's where it
 * has a segment left. They are what goes into checksums and what upper layers see. */
const struct in6_addr *ext_end_src(const struct ext_packet *p);
const struct in6_addr *ext_end_dst(const struct ext_packet *p);

#endif
