// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Golden packets of the Mobility Header: each message of RFC 6275 section 6.1, each
 * option of section 6.2 and of the RFCs named, at the places where alignment
 * puts them.
 */
#include "golden/golden.h"

#define COOKIE { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08 }
#define TOKEN  { 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18 }
#define AUTHENTICATOR                                                                      \
	{ 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab }

/* 192.0.2.1 in network order */
#define GOLDEN_V4 (BYTE_ORDER == LITTLE_ENDIAN ? 0x010200c0 : 0xc0000201)

#define HEX_COOKIE	  "0102030405060708 "
#define HEX_TOKEN	  "1112131415161718 "
#define HEX_AUTHENTICATOR "a0a1a2a3a4a5a6a7a8a9aaab "
#define HEX_HOA		  "20010db8 00010000 00000000 00000010 "
#define HEX_COA		  "20010db8 00020000 00000000 00000010 "

const struct golden_mh golden_mh[] = {
	{
		.name = "brr",
		.section = "RFC 6275 6.1.2",
		.src = "2001:db8:3::c",
		.dst = "2001:db8:1::10",
		.hex = "3b 00 00 00 68de" /* no next header, 8 bytes, type 0, reserved, checksum */
		       "0000", /* reserved */
		.msg = { .type = MH_BRR },
	},
	{
		.name = "hoti",
		.section = "RFC 6275 6.1.3",
		.src = "2001:db8:1::10",
		.dst = "2001:db8:3::c",
		.hex = "3b 01 01 00 57c1"
		       "0000" /* reserved */
		       HEX_COOKIE,
		.msg = { .type = MH_HOTI, .hoti = { .cookie = COOKIE } },
	},
	{
		.name = "coti",
		.section = "RFC 6275 6.1.4",
		.src = "2001:db8:2::10",
		.dst = "2001:db8:3::c",
		.hex = "3b 01 02 00 56c0"
		       "0000" /* reserved */
		       HEX_COOKIE,
		.msg = { .type = MH_COTI, .coti = { .cookie = COOKIE } },
	},
	{
		.name = "hot",
		.section = "RFC 6275 6.1.5",
		.src = "2001:db8:3::c",
		.dst = "2001:db8:1::10",
		.hex = "3b 02 03 00 0260"
		       "0304" /* home nonce index */
		       HEX_COOKIE HEX_TOKEN,
		.msg = { .type = MH_HOT,
			 .hot = { .nonce_index = 0x0304, .cookie = COOKIE, .token = TOKEN } },
	},
	{
		.name = "cot",
		.section = "RFC 6275 6.1.6",
		.src = "2001:db8:3::c",
		.dst = "2001:db8:2::10",
		.hex = "3b 02 04 00 ff5c"
		       "0506" /* care-of nonce index */
		       HEX_COOKIE HEX_TOKEN,
		.msg = { .type = MH_COT,
			 .cot = { .nonce_index = 0x0506, .cookie = COOKIE, .token = TOKEN } },
	},
	{
		.name = "bu-bare",
		.section = "RFC 6275 6.1.7",
		.src = "2001:db8:1::10",
		.dst = "2001:db8:1::1",
		.hex = "3b 01 05 00 d042"
		       "1234" /* sequence number */
		       "8000" /* A */
		       "0069" /* 105 units of 4 seconds */
		       "01 02 0000", /* PadN: 4 octets of padding are necessary */
		.msg = { .type = MH_BU,
			 .bu = { .seq = 0x1234, .flags = MH_BU_A, .lifetime_s = 420 } },
	},
	{
		.name = "bu-home",
		.section = "RFC 6275 6.1.7, 6.2.5",
		.src = "2001:db8:1::10",
		.dst = "2001:db8:1::1",
		.hex = "3b 03 05 00 2fbf"
		       "1235"
		       "f000" /* A H L K */
		       "ffff" /* the longest lifetime */
		       "01 00" /* PadN: the next option is at 8n + 6 */
		       "03 10" HEX_COA, /* alternate care-of address */
		.msg = { .type = MH_BU,
			 .bu = { .seq = 0x1235,
				 .flags = MH_BU_A | MH_BU_H | MH_BU_L | MH_BU_K,
				 .lifetime_s = 262140 },
			 .opts = { .present = MH_HAS_ALT_COA, .alt_coa = GOLDEN_COA } },
	},
	{
		.name = "bu-delete",
		.section = "RFC 6275 6.1.7",
		.src = "2001:db8:1::10",
		.dst = "2001:db8:1::1",
		.hex = "3b 01 05 00 a2df"
		       "ffff"
		       "c000" /* A H */
		       "0000" /* delete the binding */
		       "01 02 0000",
		.msg = { .type = MH_BU,
			 .bu = { .seq = 0xffff, .flags = MH_BU_A | MH_BU_H, .lifetime_s = 0 } },
	},
	{
		.name = "bu-correspondent",
		.section = "RFC 6275 6.1.7, 6.2.6, 6.2.7",
		.src = "2001:db8:1::10",
		.dst = "2001:db8:3::c",
		.hex = "3b 03 05 00 f050"
		       "0007"
		       "8000"
		       "0069"
		       "04 04 0304 0506" /* nonce indices, home and care-of; at 12 = 2n */
		       "05 0c" HEX_AUTHENTICATOR, /* at 18 = 8n + 2, ends the message */
		.msg = { .type = MH_BU,
			 .bu = { .seq = 7, .flags = MH_BU_A, .lifetime_s = 420 },
			 .opts = { .present = MH_HAS_NONCES | MH_HAS_AUTH_DATA,
				   .home_nonce = 0x0304,
				   .careof_nonce = 0x0506,
				   .authenticator = AUTHENTICATOR } },
	},
	{
		.name = "bu-correspondent-alt-coa",
		.section = "RFC 6275 6.2.5, 6.2.6, 6.2.7",
		.src = "2001:db8:1::10",
		.dst = "2001:db8:3::c",
		.hex = "3b 06 05 00 bd57"
		       "0008"
		       "8000"
		       "0069"
		       "01 00" /* PadN */
		       "03 10" HEX_COA /* 14 = 8n + 6 */
		       "04 04 0304 0506" /* 32 = 2n */
		       "01 02 0000" /* PadN: the next is at 42 = 8n + 2 */
		       "05 0c" HEX_AUTHENTICATOR,
		.msg = { .type = MH_BU,
			 .bu = { .seq = 8, .flags = MH_BU_A, .lifetime_s = 420 },
			 .opts = { .present = MH_HAS_ALT_COA | MH_HAS_NONCES | MH_HAS_AUTH_DATA,
				   .alt_coa = GOLDEN_COA,
				   .home_nonce = 0x0304,
				   .careof_nonce = 0x0506,
				   .authenticator = AUTHENTICATOR } },
	},
	{
		.name = "bu-all-flags",
		.section = "RFC 5648 4.2",
		.src = "2001:db8:1::10",
		.dst = "2001:db8:1::1",
		.hex = "3b 01 05 00 631e"
		       "0000"
		       "ffc0" /* A H L K M R P F T O, 6 bits reserved */
		       "0001"
		       "01 02 0000",
		.msg = { .type = MH_BU, .bu = { .flags = MH_BU_FLAGS, .lifetime_s = 4 } },
	},
	{
		.name = "bu-mobile-router",
		.section = "RFC 3963 4.1, 4.3",
		.src = "2001:db8:1::10",
		.dst = "2001:db8:1::1",
		.hex = "3b 06 05 00 34dd"
		       "0001"
		       "c400" /* A H R */
		       "0069"
		       "06 12 00 40 20010db8 00aa0000 0000000000000000" /* 12 = 8n + 4; /64 */
		       "01 02 0000" /* PadN: the next is at 36 = 8n + 4 */
		       "06 12 00 30 20010db8 00bb0000 0000000000000000", /* /48 */
		.msg = { .type = MH_BU,
			 .bu = { .seq = 1,
				 .flags = MH_BU_A | MH_BU_H | MH_BU_R,
				 .lifetime_s = 420 },
			 .opts = { .present = MH_HAS_MNP,
				   .mnp_count = 2,
				   .mnp = { { .addr.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, 0, 0xaa },
					      .len = 64 },
					    { .addr.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, 0, 0xbb },
					      .len = 48 } } } },
	},
	{
		.name = "bu-mn-id",
		.section = "RFC 4283 3",
		.src = "2001:db8:1::10",
		.dst = "2001:db8:1::1",
		.hex = "3b 02 05 00 db22"
		       "0002"
		       "c000"
		       "0069"
		       "08 09 01 6d6e406e2e6e6574" /* no alignment; NAI "mn@n.net" */
		       "00", /* Pad1 */
		.msg = { .type = MH_BU,
			 .bu = { .seq = 2, .flags = MH_BU_A | MH_BU_H, .lifetime_s = 420 },
			 .opts = { .present = MH_HAS_MN_ID,
				   .mn_id = { .subtype = MHOPT_MN_ID_NAI,
					      .len = 8,
					      .id = "mn@n.net" } } },
	},
	{
		.name = "bu-authentication",
		.section = "RFC 4283 3, RFC 4285 5, 6",
		.src = "2001:db8:1::10",
		.dst = "2001:db8:1::1",
		.hex = "3b 07 05 00 23fd"
		       "0003"
		       "c000"
		       "0069"
		       "08 0f 01 6d6e406578616d706c652e6f7267" /* "mn@example.org" */
		       "01 03 000000" /* PadN: the next is at 34 = 8n + 2 */
		       "0a 08 e1e2e3e4e5e6e7e8" /* timestamp */
		       "00" /* Pad1: the next is at 45 = 4n + 1, and ends the message */
		       "09 11 01 00000100" /* MN-HA, SPI 256 */
		       HEX_AUTHENTICATOR,
		.msg = { .type = MH_BU,
			 .bu = { .seq = 3, .flags = MH_BU_A | MH_BU_H, .lifetime_s = 420 },
			 .opts = { .present = MH_HAS_MN_ID | MH_HAS_REPLAY | MH_HAS_AUTHENTICATION,
				   .mn_id = { .subtype = MHOPT_MN_ID_NAI,
					      .len = 14,
					      .id = "mn@example.org" },
				   .replay_ntp = 0xe1e2e3e4e5e6e7e8,
				   .authentication_count = 1,
				   .authentication = { { .subtype = MHOPT_AUTH_MN_HA,
							 .spi = 256,
							 .len = 12,
							 .data = AUTHENTICATOR } } } },
	},
	{
		.name = "bu-authentication-aaa",
		.section = "RFC 4285 5",
		.src = "2001:db8:1::10",
		.dst = "2001:db8:1::1",
		.hex = "3b 07 05 00 53f0"
		       "0004"
		       "c000"
		       "0069"
		       "00" /* Pad1: the next is at 13 = 4n + 1 */
		       "09 11 01 00000100" HEX_AUTHENTICATOR /* MN-HA comes first */
		       "01 03 000000" /* PadN: the next is at 37 = 4n + 1, and ends the message */
		       "09 19 02 00000003" /* MN-AAA, SPI 3 */
		       "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3",
		.msg = { .type = MH_BU,
			 .bu = { .seq = 4, .flags = MH_BU_A | MH_BU_H, .lifetime_s = 420 },
			 .opts = { .present = MH_HAS_AUTHENTICATION,
				   .authentication_count = 2,
				   .authentication =
					   { { .subtype = MHOPT_AUTH_MN_HA,
					       .spi = 256,
					       .len = 12,
					       .data = AUTHENTICATOR },
					     { .subtype = MHOPT_AUTH_MN_AAA,
					       .spi = 3,
					       .len = 20,
					       .data = { 0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6,
							 0xb7, 0xb8, 0xb9, 0xba, 0xbb, 0xbc, 0xbd,
							 0xbe, 0xbf, 0xc0, 0xc1, 0xc2,
							 0xc3 } } } } },
	},
	{
		.name = "bu-binding-ids",
		.section = "RFC 5648 4.3",
		.src = "2001:db8:1::10",
		.dst = "2001:db8:1::1",
		.hex = "3b 06 05 00 4791"
		       "0005"
		       "c040" /* A H O */
		       "0069"
		       "23 04 0001 00 80" /* BID 1, H, no address: 12 = 2n */
		       "23 14 0002 00 00" HEX_COA /* 18 = 8n + 2 */
		       "01 00" /* PadN: the next is at 42 = 8n + 2 */
		       "23 08 0003 00 00 c0000201" /* 192.0.2.1 */
		       "01 02 0000",
		.msg = { .type = MH_BU,
			 .bu = { .seq = 5,
				 .flags = MH_BU_A | MH_BU_H | MH_BU_O,
				 .lifetime_s = 420 },
			 .opts = { .present = MH_HAS_BID,
				   .bid_count = 3,
				   .bid = { { .bid = 1, .home = true, .kind = MH_BID_NO_COA },
					    { .bid = 2,
					      .kind = MH_BID_COA_V6,
					      .coa6 = GOLDEN_COA },
					    { .bid = 3,
					      .kind = MH_BID_COA_V4,
					      .coa4 = { GOLDEN_V4 } } } } },
	},
	{
		.name = "ba-refresh",
		.section = "RFC 6275 6.1.8, 6.2.4",
		.src = "2001:db8:1::1",
		.dst = "2001:db8:1::10",
		.hex = "3b 01 06 00 4d6e"
		       "00 80" /* accepted, K */
		       "1235" /* sequence number */
		       "0069" /* lifetime */
		       "02 02 0054", /* refresh interval, 84 units; 12 = 2n */
		.msg = { .type = MH_BA,
			 .ba = { .status = MH_STATUS_ACCEPTED,
				 .flags = MH_BA_K,
				 .seq = 0x1235,
				 .lifetime_s = 420 },
			 .opts = { .present = MH_HAS_REFRESH, .refresh_s = 336 } },
	},
	{
		.name = "ba-rejected",
		.section = "RFC 6275 6.1.8",
		.src = "2001:db8:1::1",
		.dst = "2001:db8:1::10",
		.hex = "3b 01 06 00 dad6"
		       "87 00" /* 135: sequence number out of window */
		       "0009"
		       "0000"
		       "01 02 0000",
		.msg = { .type = MH_BA, .ba = { .status = MH_STATUS_SEQUENCE, .seq = 9 } },
	},
	{
		.name = "ba-correspondent",
		.section = "RFC 6275 6.1.8, 6.2.7",
		.src = "2001:db8:3::c",
		.dst = "2001:db8:1::10",
		.hex = "3b 03 06 00 7a5b"
		       "00 00"
		       "0007"
		       "0069"
		       "01 04 00000000" /* PadN: the next is at 18 = 8n + 2 */
		       "05 0c" HEX_AUTHENTICATOR,
		.msg = { .type = MH_BA,
			 .ba = { .seq = 7, .lifetime_s = 420 },
			 .opts = { .present = MH_HAS_AUTH_DATA, .authenticator = AUTHENTICATOR } },
	},
	{
		.name = "ba-refresh-auth",
		.section = "RFC 6275 6.2.4, 6.2.7",
		.src = "2001:db8:3::c",
		.dst = "2001:db8:1::10",
		.hex = "3b 03 06 00 7709"
		       "01 00"
		       "0007"
		       "0069"
		       "02 02 0054"
		       "01 00" /* PadN */
		       "05 0c" HEX_AUTHENTICATOR,
		.msg = { .type = MH_BA,
			 .ba = { .status = MH_STATUS_PREFIX_DISCOVERY,
				 .seq = 7,
				 .lifetime_s = 420 },
			 .opts = { .present = MH_HAS_REFRESH | MH_HAS_AUTH_DATA,
				   .refresh_s = 336,
				   .authenticator = AUTHENTICATOR } },
	},
	{
		.name = "ba-all-flags",
		.section = "RFC 5845 6.3, RFC 5648 4.3",
		.src = "2001:db8:1::1",
		.dst = "2001:db8:1::10",
		.hex = "3b 02 06 00 916b"
		       "04 f0" /* not all addresses registered; K R P T */
		       "000a"
		       "0069"
		       "23 04 0002 a8 00" /* BID 2: status 168 */
		       "01 04 00000000",
		.msg = { .type = MH_BA,
			 .ba = { .status = MH_STATUS_MCOA_NOTCOMPLETE,
				 .flags = MH_BA_FLAGS,
				 .seq = 10,
				 .lifetime_s = 420 },
			 .opts = { .present = MH_HAS_BID,
				   .bid_count = 1,
				   .bid = { { .bid = 2,
					      .status = MH_STATUS_MCOA_BULK_PROHIBITED,
					      .kind = MH_BID_NO_COA } } } },
	},
	{
		.name = "be-unknown-binding",
		.section = "RFC 6275 6.1.9",
		.src = "2001:db8:3::c",
		.dst = "2001:db8:2::10",
		.hex = "3b 02 07 00 3301"
		       "01 00" /* status, reserved */
		       HEX_HOA,
		.msg = { .type = MH_BE,
			 .be = { .status = MH_BE_UNKNOWN_BINDING, .home = GOLDEN_HOA } },
	},
	{
		.name = "be-unknown-type",
		.section = "RFC 6275 6.1.9",
		.src = "2001:db8:3::c",
		.dst = "2001:db8:2::10",
		.hex = "3b 02 07 00 5fcb"
		       "02 00"
		       "00000000 00000000 00000000 00000000",
		.msg = { .type = MH_BE, .be = { .status = MH_BE_UNKNOWN_TYPE } },
	},
	{
		.name = "brr-binding-id",
		.section = "RFC 6275 6.1.2, RFC 5648 4.3",
		.src = "2001:db8:1::1",
		.dst = "2001:db8:1::10",
		.hex = "3b 01 00 00 44dc"
		       "0000"
		       "23 04 0002 00 00"
		       "01 00",
		.msg = { .type = MH_BRR,
			 .opts = { .present = MH_HAS_BID,
				   .bid_count = 1,
				   .bid = { { .bid = 2, .kind = MH_BID_NO_COA } } } },
	},
	{
		.name = "coti-binding-id",
		.section = "RFC 6275 6.1.4, RFC 5648 4.3",
		.src = "2001:db8:2::10",
		.dst = "2001:db8:3::c",
		.hex = "3b 02 02 00 32b1"
		       "0000" HEX_COOKIE
		       "23 04 0002 00 00"
		       "01 00",
		.msg = { .type = MH_COTI,
			 .coti = { .cookie = COOKIE },
			 .opts = { .present = MH_HAS_BID,
				   .bid_count = 1,
				   .bid = { { .bid = 2, .kind = MH_BID_NO_COA } } } },
	},
};

const size_t golden_mh_count = sizeof(golden_mh) / sizeof(golden_mh[0]);
