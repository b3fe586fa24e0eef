// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Golden packets of ICMPv6: home agent address discovery and mobile prefix discovery
 * (RFC 6275 sections 6.5 to 6.8), and errors (RFC 4443 section 3).
 */
#include "golden/golden.h"

/* The start of a packet from the care-of address with a Home Address option. */
static const uint8_t quoted[] = {
	0x60, 0x00, 0x00, 0x00, /* version 6 */
	0x00, 0x20, 0x3c, 0x40, /* 32 bytes, destination options, hop limit 64 */
	0x20, 0x01, 0x0d, 0xb8, 0x00, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, /* from */
	0x20, 0x01, 0x0d, 0xb8, 0x00, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0c, /* to */
	0x3a, 0x02, 0x01, 0x02, 0x00, 0x00, /* ICMPv6 next, 24 bytes, PadN */
	0xc9, 0x10, /* Home Address option, at byte 46 */
	0x20, 0x01, 0x0d, 0xb8, 0x00, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
	0x80, 0x00, 0x12, 0x34, 0x00, 0x01, 0x00, 0x02, /* Echo Request */
};

#define HEX_QUOTED                                                                         \
	"60000000 0020 3c 40 20010db8 00020000 00000000 00000010"                          \
	"20010db8 00030000 00000000 0000000c"                                              \
	"3a 02 01020000 c910 20010db8 00010000 00000000 00000010"                          \
	"80 00 1234 0001 0002"

const struct golden_icmp6 golden_icmp6[] = {
	{
		.name = "dhaad-request",
		.section = "RFC 6275 6.5",
		.src = "2001:db8:2::10",
		.dst = "2001:db8:1:0:fdff:ffff:ffff:fffe",
		.hex = "90 00 6a6b" /* type 144, code, checksum */
		       "abcd 0000", /* identifier, reserved */
		.msg = { .type = ICMP6_MSG_DHAAD_REQUEST, .dhaad_request = { .id = 0xabcd } },
	},
	{
		.name = "dhaad-request-router",
		.section = "RFC 3963 7.1",
		.src = "2001:db8:2::10",
		.dst = "2001:db8:1:0:fdff:ffff:ffff:fffe",
		.hex = "90 00 ea6a"
		       "abcd 8000", /* R */
		.msg = { .type = ICMP6_MSG_DHAAD_REQUEST,
			 .dhaad_request = { .id = 0xabcd, .mobile_router = true } },
	},
	{
		.name = "dhaad-reply",
		.section = "RFC 6275 6.6",
		.src = "2001:db8:1::1",
		.dst = "2001:db8:2::10",
		.hex = "91 00 0bd2" /* type 145 */
		       "abcd 0000"
		       "20010db8 00010000 00000000 00000002"
		       "20010db8 00010000 00000000 00000001",
		.msg = { .type = ICMP6_MSG_DHAAD_REPLY,
			 .dhaad_reply = { .id = 0xabcd,
					  .count = 2,
					  .agent = { GOLDEN_HA2, GOLDEN_HA } } },
	},
	{
		.name = "dhaad-reply-router",
		.section = "RFC 3963 7.2",
		.src = "2001:db8:1::1",
		.dst = "2001:db8:2::10",
		.hex = "91 00 656a"
		       "0001 8000" /* R */
		       "20010db8 00010000 00000000 00000001",
		.msg = { .type = ICMP6_MSG_DHAAD_REPLY,
			 .dhaad_reply = { .id = 1,
					  .mobile_router = true,
					  .count = 1,
					  .agent = { GOLDEN_HA } } },
	},
	{
		.name = "dhaad-reply-empty",
		.section = "RFC 6275 6.6",
		.src = "2001:db8:1::1",
		.dst = "2001:db8:2::10",
		.hex = "91 00 1337"
		       "ffff 0000",
		.msg = { .type = ICMP6_MSG_DHAAD_REPLY, .dhaad_reply = { .id = 0xffff } },
	},
	{
		.name = "mps",
		.section = "RFC 6275 6.7",
		.src = "2001:db8:1::10",
		.dst = "2001:db8:1::1",
		.hex = "92 00 0116" /* type 146 */
		       "1122 0000",
		.msg = { .type = ICMP6_MSG_MPS, .mps = { .id = 0x1122 } },
	},
	{
		.name = "mpa",
		.section = "RFC 6275 6.8, 7.2",
		.src = "2001:db8:1::1",
		.dst = "2001:db8:1::10",
		.hex = "93 00 d277" /* type 147 */
		       "1122 c000" /* identifier; M, O */
		       "03 04 40 e0" /* prefix information, 32 bytes, /64, L A R */
		       "00015180 00003840" /* valid a day, preferred 4 hours */
		       "00000000 20010db8 00010000 00000000 00000001" /* with R: an address */
		       "03 04 40 40" /* A only */
		       "ffffffff ffffffff" /* for ever */
		       "00000000 20010db8 00ff0000 00000000 00000000",
		.msg = { .type = ICMP6_MSG_MPA,
			 .mpa = { .id = 0x1122,
				  .managed = true,
				  .other = true,
				  .count = 2,
				  .prefix = { { .addr = GOLDEN_HA,
						.prefix_len = 64,
						.on_link = true,
						.autonomous = true,
						.router_address = true,
						.valid_s = 86400,
						.preferred_s = 14400 },
					      { .addr.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, 0, 0xff },
						.prefix_len = 64,
						.autonomous = true,
						.valid_s = ND_LIFETIME_INFINITE,
						.preferred_s = ND_LIFETIME_INFINITE } } } },
	},
	{
		.name = "mpa-other",
		.section = "RFC 6275 6.8",
		.src = "2001:db8:1::1",
		.dst = "2001:db8:1::10",
		.hex = "93 00 60c8"
		       "0003 4000" /* O */
		       "03 04 30 80" /* /48, L */
		       "00000e10 00000000" /* deprecated */
		       "00000000 20010db8 00ff0000 00000000 00000000",
		.msg = { .type = ICMP6_MSG_MPA,
			 .mpa = { .id = 3,
				  .other = true,
				  .count = 1,
				  .prefix = { { .addr.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, 0, 0xff },
						.prefix_len = 48,
						.on_link = true,
						.valid_s = 3600 } } } },
	},
	{
		.name = "param-problem-option",
		.section = "RFC 4443 3.4",
		.src = "2001:db8:3::c",
		.dst = "2001:db8:2::10",
		.hex = "04 02 e3a7" /* type 4, code 2: unrecognized option */
		       "0000002e" /* pointer 46: the Home Address option's type */
		       HEX_QUOTED,
		.msg = { .type = ICMP6_MSG_PARAM_PROBLEM,
			 .error = { .code = ICMP6_PARAM_OPTION,
				    .value = 46,
				    .packet = quoted,
				    .packet_len = sizeof(quoted) } },
	},
	{
		.name = "param-problem-bare",
		.section = "RFC 4443 3.4",
		.src = "2001:db8:3::c",
		.dst = "2001:db8:2::10",
		.hex = "04 00 a001 00000029",
		.msg = { .type = ICMP6_MSG_PARAM_PROBLEM,
			 .error = { .code = ICMP6_PARAM_HEADER, .value = 41 } },
	},
	{
		.name = "unreachable",
		.section = "RFC 4443 3.1",
		.src = "2001:db8:3::1",
		.dst = "2001:db8:2::10",
		.hex = "01 03 e6df 00000000" /* code 3: address unreachable; unused */
		HEX_QUOTED,
		.msg = { .type = ICMP6_MSG_UNREACHABLE,
			 .error = { .code = 3, .packet = quoted, .packet_len = sizeof(quoted) } },
	},
	{
		.name = "too-big",
		.section = "RFC 4443 3.2",
		.src = "2001:db8:3::1",
		.dst = "2001:db8:2::10",
		.hex = "02 00 e0e2 00000500" /* MTU 1280 */
		HEX_QUOTED,
		.msg = { .type = ICMP6_MSG_TOO_BIG,
			 .error = { .value = 1280,
				    .packet = quoted,
				    .packet_len = sizeof(quoted) } },
	},
	{
		.name = "time-exceeded",
		.section = "RFC 4443 3.3",
		.src = "2001:db8:3::1",
		.dst = "2001:db8:2::10",
		.hex = "03 00 e4e2 00000000" HEX_QUOTED,
		.msg = { .type = ICMP6_MSG_TIME_EXCEEDED,
			 .error = { .packet = quoted, .packet_len = sizeof(quoted) } },
	},
};

const size_t golden_icmp6_count = sizeof(golden_icmp6) / sizeof(golden_icmp6[0]);
