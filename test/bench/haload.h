// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the parts of haload share: the frames on the wire (haframe.c) and the mobile
 * nodes that send and await them (haload.c).
 */
#ifndef TEST_BENCH_HALOAD_H
#define TEST_BENCH_HALOAD_H

#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ethernet, IPv6, destination options with the Home Address, Binding Update. */
#define FRAME_HEADERS (14 + 40)
#define FRAME_LEN     (FRAME_HEADERS + 24 + 16)

/* Between whom: the same for all frames. */
struct wire_ends {
	int fd; /* packet socket, bound to the interface */
	uint8_t own_mac[ETH_ALEN];
	uint8_t agent_mac[ETH_ALEN];
	struct in6_addr agent;
	struct in6_addr home; /* prefix, 64 bits: node N is prefix::N */
	struct in6_addr away; /* prefix, 48 bits: its care-of address is prefix:PLACE::N */
};

struct update {
	struct in6_addr hoa;
	struct in6_addr coa;
	uint16_t seq;
	uint32_t lifetime_s;
};

/* A Binding Acknowledgement that came. */
struct answer {
	struct in6_addr hoa; /* of the type 2 routing header */
	struct in6_addr coa; /* that it was sent to */
	uint8_t status;
	uint16_t seq;
	uint32_t lifetime_s;
	uint64_t at_us; /* when the kernel took it off the wire */
};

struct in6_addr frame_home(const struct wire_ends *w, uint32_t node);
struct in6_addr frame_away(const struct wire_ends *w, uint32_t node, uint16_t place);

/* Opens the socket on `interface`; exits when that fails. */
void frame_open(struct wire_ends *w, const char *interface);
/* Writes the whole frame of a Binding Update with the bits A and H. */
void frame_make(const struct wire_ends *w, const struct update *u, uint8_t frame[FRAME_LEN]);
/* Reads a frame. False when it is no correct acknowledgement with a routing header. */
bool frame_read(const struct wire_ends *w, const uint8_t *data, size_t len, struct answer *out);

#endif
