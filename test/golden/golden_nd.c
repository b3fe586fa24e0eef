// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Golden packets of Neighbour Discovery: the messages of RFC 4861 section 4 with the
 * changes and options of RFC 6275 section 7, RFC 4191 and RFC 3963.
 */
#include "golden/golden.h"

#define MAC	    { .len = 6, .addr = { 0x02, 0x00, 0x5e, 0x10, 0x00, 0x01 } }
#define HEX_MAC	    "02005e100001 "
#define HEX_HOA	    "20010db8 00010000 00000000 00000010 "
#define ROUTER_LINK "fe80::5eff:fe10:1"

const struct golden_nd golden_nd[] = {
	{
		.name = "rs",
		.section = "RFC 4861 4.1",
		.src = "fe80::2",
		.dst = "ff02::2",
		.hex = "85 00 1c1b" /* type 133, code, checksum */
		       "00000000" /* reserved */
		       "01 01" HEX_MAC, /* source link-layer address, 8 bytes */
		.msg = { .type = ND_RS, .opts = { .present = ND_HAS_SLLA, .slla = MAC } },
	},
	{
		.name = "rs-unspecified",
		.section = "RFC 4861 4.1",
		.src = "::",
		.dst = "ff02::2",
		.hex = "85 00 7bb8 00000000",
		.msg = { .type = ND_RS },
	},
	{
		.name = "ra-bare",
		.section = "RFC 4861 4.2",
		.src = ROUTER_LINK,
		.dst = "ff02::1",
		.hex = "86 00 df1e" /* type 134 */
		       "40 00" /* hop limit 64, no flags */
		       "0000" /* no default router */
		       "00000000 00000000", /* reachable time, retrans timer: unspecified */
		.msg = { .type = ND_RA, .ra = { .cur_hop_limit = 64 } },
	},
	{
		.name = "ra-home-agent",
		.section = "RFC 6275 7.1 to 7.4, RFC 3963 7.3",
		.src = ROUTER_LINK,
		.dst = "ff02::1",
		.hex = "86 00 538d"
		       "40 e8" /* M O H, preference 01: high */
		       "0708" /* 1800 seconds */
		       "00007530 000003e8" /* reachable 30000 ms, retrans 1000 ms */
		       "01 01" HEX_MAC
		       "05 01 0000 000005dc" /* MTU 1500 */
		       "07 01 0000 000005dc" /* advertisement interval 1500 ms */
		       "08 01 8000 000a 0e10" /* home agent: R, preference 10, 3600 s */
		       "03 04 40 e0" /* prefix information /64, L A R */
		       "00015180 00003840 00000000"
		       "20010db8 00010000 00000000 00000001", /* the router's address */
		.msg = { .type = ND_RA,
			 .ra = { .cur_hop_limit = 64,
				 .managed = true,
				 .other = true,
				 .home_agent = true,
				 .preference = ND_PREF_HIGH,
				 .lifetime_s = 1800,
				 .reachable_ms = 30000,
				 .retrans_ms = 1000 },
			 .opts = { .present = ND_HAS_SLLA | ND_HAS_MTU | ND_HAS_ADV_INTERVAL |
					      ND_HAS_HA_INFO | ND_HAS_PREFIX,
				   .slla = MAC,
				   .mtu = 1500,
				   .adv_interval_ms = 1500,
				   .ha_info = { .preference = 10,
						.lifetime_s = 3600,
						.mobile_routers = true },
				   .prefix_count = 1,
				   .prefix = { { .addr = GOLDEN_HA,
						 .prefix_len = 64,
						 .on_link = true,
						 .autonomous = true,
						 .router_address = true,
						 .valid_s = 86400,
						 .preferred_s = 14400 } } } },
	},
	{
		.name = "ra-routes",
		.section = "RFC 4191 2.2, 2.3",
		.src = ROUTER_LINK,
		.dst = "fe80::2",
		.hex = "86 00 4a0f"
		       "00 18" /* preference 11: low */
		       "0001"
		       "00000000 00000000"
		       "03 04 40 c0 ffffffff ffffffff 00000000" /* /64, L A, for ever */
		       "20010db8 00020000 00000000 00000000"
		       "18 01 00 08 00000e10" /* route ::/0, high, 3600 s: 8 bytes */
		       "18 02 30 18 ffffffff 20010db8 00ff0000" /* /48, low: 16 bytes */
		       "18 03 80 00 00000000 20010db8 00ff0000 00000000 00000001", /* /128 */
		.msg = { .type = ND_RA,
			 .ra = { .preference = ND_PREF_LOW, .lifetime_s = 1 },
			 .opts = { .present = ND_HAS_PREFIX | ND_HAS_ROUTE,
				   .prefix_count = 1,
				   .prefix = { { .addr.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, 0, 2 },
						 .prefix_len = 64,
						 .on_link = true,
						 .autonomous = true,
						 .valid_s = ND_LIFETIME_INFINITE,
						 .preferred_s = ND_LIFETIME_INFINITE } },
				   .route_count = 3,
				   .route = { { .prefix_len = 0,
						.preference = ND_PREF_HIGH,
						.lifetime_s = 3600 },
					      { .prefix.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, 0,
								    0xff },
						.prefix_len = 48,
						.preference = ND_PREF_LOW,
						.lifetime_s = ND_LIFETIME_INFINITE },
					      { .prefix.s6_addr = { 0x20, 0x01, 0x0d, 0xb8, 0, 0xff,
								    [15] = 1 },
						.prefix_len = 128,
						.preference = ND_PREF_MEDIUM,
						.lifetime_s = 0 } } } },
	},
	{
		.name = "ns",
		.section = "RFC 4861 4.3",
		.src = "fe80::2",
		.dst = "ff02::1:ff00:10",
		.hex = "87 00 ed30" /* type 135 */
		       "00000000" HEX_HOA /* reserved, target */
		       "01 01" HEX_MAC,
		.msg = { .type = ND_NS,
			 .ns = { .target = GOLDEN_HOA },
			 .opts = { .present = ND_HAS_SLLA, .slla = MAC } },
	},
	{
		.name = "ns-dad",
		.section = "RFC 4861 4.3",
		.src = "::",
		.dst = "ff02::1:ff00:10",
		.hex = "87 00 4cce 00000000" HEX_HOA,
		.msg = { .type = ND_NS, .ns = { .target = GOLDEN_HOA } },
	},
	{
		.name = "na-proxy",
		.section = "RFC 4861 4.4, RFC 6275 10.4.1",
		.src = ROUTER_LINK,
		.dst = "ff02::1",
		.hex = "88 00 6d32" /* type 136 */
		       "20000000" HEX_HOA /* O */
		       "02 01" HEX_MAC, /* target link-layer address */
		.msg = { .type = ND_NA,
			 .na = { .target = GOLDEN_HOA, .override = true },
			 .opts = { .present = ND_HAS_TLLA, .tlla = MAC } },
	},
	{
		.name = "na-all-flags",
		.section = "RFC 4861 4.4",
		.src = ROUTER_LINK,
		.dst = "fe80::2",
		.hex = "88 00 0fcd e0000000" HEX_HOA, /* R S O */
		.msg = { .type = ND_NA,
			 .na = { .target = GOLDEN_HOA,
				 .router = true,
				 .solicited = true,
				 .override = true } },
	},
	{
		.name = "na-long-address",
		.section = "RFC 4861 4.6.1",
		.src = ROUTER_LINK,
		.dst = "fe80::2",
		.hex = "88 00 7c83 40000000" HEX_HOA
		       "02 02 0102030405060708090a0b0c0d0e", /* 16 bytes */
		.msg = { .type = ND_NA,
			 .na = { .target = GOLDEN_HOA, .solicited = true },
			 .opts = { .present = ND_HAS_TLLA,
				   .tlla = { .len = 14,
					     .addr = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
						       14 } } } },
	},
};

const size_t golden_nd_count = sizeof(golden_nd) / sizeof(golden_nd[0]);
