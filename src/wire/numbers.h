// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The numbers that the RFCs and IANA assigned, each with the section that
 * defines it. Nothing else in the program writes them as digits.
 */
#ifndef WIRE_NUMBERS_H
#define WIRE_NUMBERS_H

#include <stdint.h>

/* Next Header values (RFC 8200 section 4, RFC 6275 section 6.1.1). */
enum wire_proto {
	WIRE_PROTO_HOPOPTS = 0,
	WIRE_PROTO_TCP = 6,
	WIRE_PROTO_UDP = 17,
	WIRE_PROTO_IPV6 = 41,
	WIRE_PROTO_ROUTING = 43,
	WIRE_PROTO_FRAGMENT = 44,
	WIRE_PROTO_ESP = 50,
	WIRE_PROTO_AH = 51,
	WIRE_PROTO_ICMPV6 = 58,
	WIRE_PROTO_NONE = 59,
	WIRE_PROTO_DSTOPTS = 60,
	WIRE_PROTO_MH = 135,
};

/* MH Type (RFC 6275 sections 6.1.2 to 6.1.9): X(name, value, text). */
#define MH_TYPES(X)                                                                                \
	X(BRR, 0, "Binding Refresh Request")                                                       \
	X(HOTI, 1, "Home Test Init")                                                               \
	X(COTI, 2, "Care-of Test Init")                                                            \
	X(HOT, 3, "Home Test")                                                                     \
	X(COT, 4, "Care-of Test")                                                                  \
	X(BU, 5, "Binding Update")                                                                 \
	X(BA, 6, "Binding Acknowledgement")                                                        \
	X(BE, 7, "Binding Error")

enum mh_type {
#define X(name, value, text) MH_##name = (value),
	MH_TYPES(X)
#undef X
};

/* How many MH types there are, for tables indexed by them. */
#define MH_TYPE_COUNT 8

/* Flags of a Binding Update, in the order of the wire (the high bit first). */
enum mh_bu_flag {
	MH_BU_A = 0x8000, /* acknowledge, RFC 6275 section 6.1.7 */
	MH_BU_H = 0x4000, /* home registration, RFC 6275 section 6.1.7 */
	MH_BU_L = 0x2000, /* link-local address compatibility, RFC 6275 section 6.1.7 */
	MH_BU_K = 0x1000, /* key management mobility capability, RFC 6275 section 6.1.7 */
	MH_BU_M = 0x0800, /* mobility anchor point, RFC 5380 section 4 */
	MH_BU_R = 0x0400, /* mobile router, RFC 3963 section 4.1 */
	MH_BU_P = 0x0200, /* proxy registration, RFC 5213 section 8.1 */
	MH_BU_F = 0x0100, /* forcing UDP encapsulation, RFC 5555 section 3.2.1 */
	MH_BU_T = 0x0080, /* TLV header format, RFC 5845 section 6.2 */
	MH_BU_O = 0x0040, /* overwrite all bindings, RFC 5648 section 4.2 */
};
#define MH_BU_FLAGS 0xffc0 /* all of the above; the rest is reserved */

/* Flags of a Binding Acknowledgement. */
enum mh_ba_flag {
	MH_BA_K = 0x80, /* RFC 6275 section 6.1.8 */
	MH_BA_R = 0x40, /* RFC 3963 section 4.2 */
	MH_BA_P = 0x20, /* RFC 5213 section 8.2 */
	MH_BA_T = 0x10, /* RFC 5845 section 6.3 */
};
#define MH_BA_FLAGS 0xf0

/* Status of a Binding Acknowledgement; from 128 on the update was rejected.
 * RFC 6275 section 6.1.8 unless noted. X(name, value, text) */
#define MH_BA_STATUSES(X)                                                                          \
	X(ACCEPTED, 0, "Binding Update accepted")                                                  \
	X(PREFIX_DISCOVERY, 1, "Accepted but prefix discovery necessary")                          \
	/* RFC 5648 section 4.4 */                                                                 \
	X(MCOA_NOTCOMPLETE, 4, "Not all care-of addresses registered")                             \
	X(MCOA_RETURNHOME_WO_NDP, 5, "Returned home without neighbour discovery")                  \
	X(UNSPECIFIED, 128, "Reason unspecified")                                                  \
	X(PROHIBITED, 129, "Administratively prohibited")                                          \
	X(RESOURCES, 130, "Insufficient resources")                                                \
	X(NO_HOME_REGISTRATION, 131, "Home registration not supported")                            \
	X(NOT_HOME_SUBNET, 132, "Not home subnet")                                                 \
	X(NOT_HOME_AGENT, 133, "Not home agent for this mobile node")                              \
	X(DAD_FAILED, 134, "Duplicate Address Detection failed")                                   \
	X(SEQUENCE, 135, "Sequence number out of window")                                          \
	X(HOME_NONCE, 136, "Expired home nonce index")                                             \
	X(CAREOF_NONCE, 137, "Expired care-of nonce index")                                        \
	X(NONCES, 138, "Expired nonces")                                                           \
	X(TYPE_CHANGE, 139, "Registration type change disallowed")                                 \
	/* RFC 3963 section 4.2 */                                                                 \
	X(NO_MOBILE_ROUTER, 140, "Mobile Router Operation not permitted")                          \
	X(INVALID_PREFIX, 141, "Invalid Prefix")                                                   \
	X(PREFIX_NOT_AUTHORIZED, 142, "Not Authorized for Prefix")                                 \
	X(FORWARDING_FAILED, 143, "Forwarding Setup failed")                                       \
	/* RFC 4285 section 8 */                                                                   \
	X(ID_MISMATCH, 144, "Timestamp mismatch")                                                  \
	X(MESG_ID_REQUIRED, 145, "Timestamp required")                                             \
	X(AUTH_FAIL, 146, "Authentication failed")                                                 \
	/* RFC 5648 section 4.4 */                                                                 \
	X(MCOA_MALFORMED, 164, "Binding Identifier option malformed")                              \
	X(MCOA_NON_MCOA_EXISTS, 165, "Binding without identifier exists")                          \
	X(MCOA_PROHIBITED, 166, "Multiple care-of addresses prohibited")                           \
	X(MCOA_UNKNOWN_COA, 167, "No care-of address known for binding identifier")                \
	X(MCOA_BULK_PROHIBITED, 168, "Bulk registration prohibited")                               \
	X(MCOA_SIMULTANEOUS_PROHIBITED, 169, "Simultaneous home and foreign prohibited")           \
	X(INVALID_COA, 174, "Invalid Care-of Address")

enum mh_ba_status {
#define X(name, value, text) MH_STATUS_##name = (value),
	MH_BA_STATUSES(X)
#undef X
};
#define MH_STATUS_REJECTED_FROM 128

/* Status of a Binding Error (RFC 6275 section 6.1.9). */
enum mh_be_status {
	MH_BE_UNKNOWN_BINDING = 1, /* Home Address option without a binding */
	MH_BE_UNKNOWN_TYPE = 2,	   /* unrecognized MH Type value */
};

/* Mobility options that this program understands. */
enum mhopt_type {
	MHOPT_PAD1 = 0,		  /* RFC 6275 section 6.2.2 */
	MHOPT_PADN = 1,		  /* RFC 6275 section 6.2.3 */
	MHOPT_REFRESH_ADVICE = 2, /* RFC 6275 section 6.2.4 */
	MHOPT_ALT_COA = 3,	  /* RFC 6275 section 6.2.5 */
	MHOPT_NONCE_INDICES = 4,  /* RFC 6275 section 6.2.6 */
	MHOPT_AUTH_DATA = 5,	  /* RFC 6275 section 6.2.7 */
	MHOPT_MNP = 6,		  /* mobile network prefix, RFC 3963 section 4.3 */
	MHOPT_MN_ID = 8,	  /* RFC 4283 section 3 */
	MHOPT_AUTHENTICATION = 9, /* RFC 4285 section 5 */
	MHOPT_REPLAY = 10,	  /* RFC 4285 section 6 */
	MHOPT_BID = 35,		  /* RFC 5648 section 4.3 */
};

/* Subtype of a mobile node identifier (RFC 4283 section 3.1). */
enum mhopt_mn_id_subtype { MHOPT_MN_ID_NAI = 1 };

/* Subtype of an authentication option (RFC 4285 sections 5.1 and 5.2). */
enum mhopt_auth_subtype { MHOPT_AUTH_MN_HA = 1, MHOPT_AUTH_MN_AAA = 2 };

/* ICMPv6 types (RFC 4443, RFC 4861 section 4, RFC 6275 sections 6.5 to 6.8). */
enum icmp6_type {
	ICMP6_MSG_UNREACHABLE = 1,
	ICMP6_MSG_TOO_BIG = 2,
	ICMP6_MSG_TIME_EXCEEDED = 3,
	ICMP6_MSG_PARAM_PROBLEM = 4,
	ICMP6_MSG_DHAAD_REQUEST = 144,
	ICMP6_MSG_DHAAD_REPLY = 145,
	ICMP6_MSG_MPS = 146, /* Mobile Prefix Solicitation */
	ICMP6_MSG_MPA = 147, /* Mobile Prefix Advertisement */
};

/* Multicast Listener Discovery (RFC 2710 section 3, RFC 3810 section 5). */
enum mld_msg_type { MLD_QUERY = 130, MLD_REPORT_V1 = 131, MLD_DONE = 132, MLD_REPORT_V2 = 143 };

/* What a record of a report says about a group (RFC 3810 section 5.2.12). */
enum mld_record_type {
	MLD_IS_INCLUDE = 1, /* listens to the sources named, to nobody when there are none */
	MLD_IS_EXCLUDE = 2, /* listens to all but these */
	MLD_TO_INCLUDE = 3, /* the same two, as a change */
	MLD_TO_EXCLUDE = 4,
	MLD_ALLOW = 5, /* more sources */
	MLD_BLOCK = 6, /* fewer */
};

/* Scopes of multicast addresses (RFC 4291 section 2.7). */
enum mld_scope { MLD_SCOPE_LINK = 2, MLD_SCOPE_GLOBAL = 14 };

enum nd_type { ND_RS = 133, ND_RA = 134, ND_NS = 135, ND_NA = 136 };

/* Codes of Destination Unreachable (RFC 4443 section 3.1). */
enum icmp6_unreach_code {
	ICMP6_UNREACH_ROUTE = 0,
	ICMP6_UNREACH_PROHIBITED = 1,
	ICMP6_UNREACH_SCOPE = 2,
	ICMP6_UNREACH_ADDRESS = 3,
	ICMP6_UNREACH_PORT = 4,
	ICMP6_UNREACH_SOURCE_POLICY = 5,
	ICMP6_UNREACH_REJECTED = 6,
};

/* Codes of Parameter Problem (RFC 4443 section 3.4). */
enum icmp6_param_code {
	ICMP6_PARAM_HEADER = 0, /* erroneous header field */
	ICMP6_PARAM_NEXT_HEADER = 1,
	ICMP6_PARAM_OPTION = 2, /* unrecognized IPv6 option */
};

/* Neighbour Discovery options. */
enum ndopt_type {
	NDOPT_SLLA = 1, /* RFC 4861 section 4.6.1 */
	NDOPT_TLLA = 2,
	NDOPT_PREFIX = 3,	/* RFC 4861 section 4.6.2, RFC 6275 section 7.2 */
	NDOPT_MTU = 5,		/* RFC 4861 section 4.6.4 */
	NDOPT_ADV_INTERVAL = 7, /* RFC 6275 section 7.3 */
	NDOPT_HA_INFO = 8,	/* RFC 6275 section 7.4, RFC 3963 section 7.3 */
	NDOPT_ROUTE = 24,	/* RFC 4191 section 2.3 */
};

/* Destination options (RFC 8200 section 4.2, RFC 6275 section 6.3). */
enum ext_option_type { EXT_OPT_PAD1 = 0, EXT_OPT_PADN = 1, EXT_OPT_HOME_ADDRESS = 0xc9 };

#define EXT_RH_TYPE2 2 /* routing header type 2, RFC 6275 section 6.4 */

/* A lifetime of all ones in ND and prefix options never ends (RFC 4861 4.6.2). */
#define ND_LIFETIME_INFINITE UINT32_MAX

/* The hop limit that neighbour discovery demands (RFC 4861 section 6.1). */
#define ND_HOP_LIMIT 255

#endif
