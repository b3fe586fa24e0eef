// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Golden packets: every message and option as bytes, written by hand from the
 * RFCs, beside the struct that they mean. The golden test goes from each to the
 * other; other tests cut the packets short, print them, or let other programs
 * judge them.
 *
 * In the hexadecimal text, blanks are ignored. Addresses are those of the two ends,
 * as they go into the checksum.
 */
#ifndef TEST_GOLDEN_GOLDEN_H
#define TEST_GOLDEN_GOLDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/ext.h"
#include "wire/icmp6.h"
#include "wire/mh.h"
#include "wire/nd.h"

#define GOLDEN_LEN_MAX 2048

/* What the texts below mean: 2001:db8:1::1 and so on. */
#define GOLDEN_HA                                                                                  \
	{                                                                                          \
		.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 0x01 }                           \
	}
#define GOLDEN_HA2                                                                                 \
	{                                                                                          \
		.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 0x02 }                           \
	}
#define GOLDEN_HOA                                                                                 \
	{                                                                                          \
		.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, 0, 1, [15] = 0x10 }                           \
	}
#define GOLDEN_COA                                                                                 \
	{                                                                                          \
		.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, 0, 2, [15] = 0x10 }                           \
	}
#define GOLDEN_CN                                                                                  \
	{                                                                                          \
		.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, 0, 3, [15] = 0x0c }                           \
	}

struct golden_mh {
	const char *name;
	const char *section; /* of the RFC that it was written from */
	const char *src;
	const char *dst;
	const char *hex;
	struct mh_msg msg;
};

struct golden_icmp6 {
	const char *name;
	const char *section;
	const char *src;
	const char *dst;
	const char *hex;
	struct icmp6_msg msg;
};

struct golden_nd {
	const char *name;
	const char *section;
	const char *src;
	const char *dst;
	const char *hex;
	struct nd_msg msg;
};

extern const struct golden_mh golden_mh[];
extern const size_t golden_mh_count;
extern const struct golden_icmp6 golden_icmp6[];
extern const size_t golden_icmp6_count;
extern const struct golden_nd golden_nd[];
extern const size_t golden_nd_count;

/* Reads hexadecimal digits, blanks between them. Returns how many bytes; aborts
 * the program on anything else, and when they do not fit. */
size_t golden_bytes(const char *hex, uint8_t *out, size_t size);
/* Reads address text; aborts when it is none. */
struct in6_addr golden_addr(const char *text);
/* How a Neighbour Discovery packet came, from the texts of a case. */
struct nd_packet golden_nd_packet(const struct golden_nd *g);

/* True when both mean the same message. Fields that only decoding fills are not
 * compared: offsets, repetition, overflow, counts of what was skipped. */
bool golden_mh_equal(const struct mh_msg *a, const struct mh_msg *b);
bool golden_icmp6_equal(const struct icmp6_msg *a, const struct icmp6_msg *b);
bool golden_nd_equal(const struct nd_msg *a, const struct nd_msg *b);

#endif
