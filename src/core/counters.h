// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counters: of every message by type and direction, and of every reason for
 * which something was dropped or refused. One table (X-macro) is the source of
 * the enum, the console's words and the metrics' names. RFC 4295 names are
 * given where it has them.
 */
#ifndef CORE_COUNTERS_H
#define CORE_COUNTERS_H

#include <stdint.h>

/* X(NAME, "word", "help") */
#define COUNTERS(X)                                                                        \
	X(IN_MH, "in_mh", "Mobility Header messages received")                             \
	X(IN_BRR, "in_brr", "Binding Refresh Requests received")                           \
	X(IN_HOTI, "in_hoti", "Home Test Init received")                                   \
	X(IN_COTI, "in_coti", "Care-of Test Init received")                                \
	X(IN_HOT, "in_hot", "Home Test received")                                          \
	X(IN_COT, "in_cot", "Care-of Test received")                                       \
	X(IN_BU, "in_bu", "Binding Updates received")                                      \
	X(IN_BA, "in_ba", "Binding Acknowledgements received")                             \
	X(IN_BE, "in_be", "Binding Errors received")                                       \
	X(IN_DHAAD_REQ, "in_dhaad_req", "home agent address discovery requests received")  \
	X(IN_DHAAD_REP, "in_dhaad_rep", "home agent address discovery replies received")   \
	X(IN_MPS, "in_mps", "Mobile Prefix Solicitations received")                        \
	X(IN_MPA, "in_mpa", "Mobile Prefix Advertisements received")                       \
	X(IN_RS, "in_rs", "Router Solicitations received")                                 \
	X(IN_RA, "in_ra", "Router Advertisements received")                                \
	X(IN_NS, "in_ns", "Neighbour Solicitations received")                              \
	X(IN_NA, "in_na", "Neighbour Advertisements received")                             \
	X(IN_ICMP_ERROR, "in_icmp_error", "ICMPv6 errors received")                        \
	X(OUT_MH, "out_mh", "Mobility Header messages sent")                               \
	X(OUT_BRR, "out_brr", "Binding Refresh Requests sent")                             \
	X(OUT_HOTI, "out_hoti", "Home Test Init sent")                                     \
	X(OUT_COTI, "out_coti", "Care-of Test Init sent")                                  \
	X(OUT_HOT, "out_hot", "Home Test sent")                                            \
	X(OUT_COT, "out_cot", "Care-of Test sent")                                         \
	X(OUT_BU, "out_bu", "Binding Updates sent")                                        \
	X(OUT_BA, "out_ba", "Binding Acknowledgements sent")                               \
	X(OUT_BE, "out_be", "Binding Errors sent")                                         \
	X(OUT_DHAAD_REQ, "out_dhaad_req", "home agent address discovery requests sent")    \
	X(OUT_DHAAD_REP, "out_dhaad_rep", "home agent address discovery replies sent")     \
	X(OUT_MPS, "out_mps", "Mobile Prefix Solicitations sent")                          \
	X(OUT_MPA, "out_mpa", "Mobile Prefix Advertisements sent")                         \
	X(OUT_RS, "out_rs", "Router Solicitations sent")                                   \
	X(OUT_RA, "out_ra", "Router Advertisements sent")                                  \
	X(OUT_NS, "out_ns", "Neighbour Solicitations sent")                                \
	X(OUT_NA, "out_na", "Neighbour Advertisements sent")                               \
	X(OUT_ICMP_ERROR, "out_icmp_error", "ICMPv6 errors sent")                          \
	X(IN_MLD_QUERY, "in_mld_query", "MLD queries of the home agent received")           \
	X(IN_MLD_REPORT, "in_mld_report", "MLD reports and done messages of nodes received") \
	X(OUT_MLD_QUERY, "out_mld_query", "MLD queries sent to nodes")                      \
	X(OUT_FAILED, "out_failed", "messages that could not be sent")                     \
	X(DROP_MH_CHECKSUM, "drop_mh_checksum", "MH with a wrong checksum")                \
	X(DROP_MH_LENGTH, "drop_mh_length", "MH whose header length does not fit")         \
	X(DROP_MH_PAYLOAD_PROTO, "drop_mh_payload_proto", "MH with payload proto not 59")  \
	X(DROP_MH_TYPE, "drop_mh_type", "MH of unknown type")                              \
	X(DROP_MH_OPTION, "drop_mh_option", "MH with an invalid option")                   \
	X(DROP_MH_UNWANTED, "drop_mh_unwanted", "MH for a role this node does not have")   \
	X(DROP_MH_HAO, "drop_mh_hao", "MH whose home address is not unicast and routable") \
	X(DROP_ICMP6_UNWANTED, "drop_icmp6_unwanted", "mobility ICMPv6 nobody here wants") \
	X(DROP_ICMP6_FORM, "drop_icmp6_form", "malformed ICMPv6 message")                  \
	X(DROP_ND_FORM, "drop_nd_form", "malformed neighbour discovery message")           \
	X(BU_ACCEPTED, "bu_accepted", "Binding Updates accepted")                          \
	X(BU_REFUSED, "bu_refused", "Binding Updates refused with a status")               \
	X(BU_IGNORED, "bu_ignored", "Binding Updates ignored in silence")                  \
	X(BU_BAD_HAO, "bu_bad_hao", "Binding Updates without a needed Home Address option") \
	X(BU_BAD_COA, "bu_bad_coa", "Binding Updates with an unusable care-of address")    \
	X(BU_BAD_SEQ, "bu_bad_seq", "Binding Updates with an old sequence number")         \
	X(BU_BAD_AUTH, "bu_bad_auth", "Binding Updates whose authenticator is wrong")      \
	X(BU_BAD_NONCE, "bu_bad_nonce", "Binding Updates with an expired nonce index")     \
	X(BU_ACL, "bu_acl", "Binding Updates refused by the access list")                  \
	X(BU_RATE, "bu_rate", "Binding Updates above the configured rate")                 \
	X(BU_FULL, "bu_full", "Binding Updates refused because the cache is full")         \
	X(BU_DAD, "bu_dad", "Binding Updates whose home address is in use")                \
	X(BU_KERNEL, "bu_kernel", "Binding Updates refused because the kernel refused")    \
	X(BA_STRAY, "ba_stray", "Binding Acknowledgements that answer nothing")            \
	X(RR_BAD_COOKIE, "rr_bad_cookie", "HoT or CoT with a wrong cookie")                \
	X(RR_STRAY, "rr_stray", "HoT or CoT that answer nothing")                          \
	X(HAO_UNVERIFIED, "hao_unverified", "Home Address options without a binding")      \
	X(TUNNEL_STRAY, "tunnel_stray", "packets out of the tunnel without a binding (sample)") \
	X(MCAST_FROM_NODE, "mcast_from_node", "multicasts of nodes passed to the home link") \
	X(MCAST_TO_NODE, "mcast_to_node", "copies of multicasts sent to nodes")             \
	X(MCAST_FORM, "mcast_form", "malformed MLD messages, or not as MLD wants them")     \
	X(MCAST_UNBOUND, "mcast_unbound", "multicasts out of the tunnel without a binding")  \
	X(MCAST_SCOPE, "mcast_scope", "multicasts whose scope is smaller than global")      \
	X(MCAST_HOPS, "mcast_hops", "multicasts whose hop limit was used up")               \
	X(MCAST_SOURCE, "mcast_source", "multicasts with a source that cannot be forwarded") \
	X(MCAST_NO_LINK, "mcast_no_link", "multicasts of nodes without a link to send them to") \
	X(MCAST_TOO_BIG, "mcast_too_big", "multicasts too big for a tunnel")                \
	X(MCAST_QUEUE, "mcast_queue", "multicasts dropped because too many wait")           \
	X(MCAST_FULL, "mcast_full", "groups refused because there are too many")            \
	X(BE_LIMITED, "be_limited", "Binding Errors held back by the rate limit")          \
	X(ERROR_LIMITED, "error_limited", "ICMPv6 errors held back by the rate limit")     \
	X(BINDING_ADDED, "binding_added", "bindings made")                                 \
	X(BINDING_CHANGED, "binding_changed", "bindings whose care-of address changed")    \
	X(BINDING_EXPIRED, "binding_expired", "bindings expired")                          \
	X(BINDING_REMOVED, "binding_removed", "bindings removed")                          \
	X(BINDING_REPLACED, "binding_replaced", "bindings given up for newer ones")        \
	X(KERNEL_ERROR, "kernel_error", "changes the kernel refused")                      \
	X(KERNEL_ROLLBACK, "kernel_rollback", "changes undone after a failure")            \
	X(KERNEL_LOST, "kernel_lost", "objects somebody else removed")                     \
	X(KERNEL_OVERRUN, "kernel_overrun", "times the kernel's events were lost")          \
	X(KERNEL_ADOPTED, "kernel_adopted", "objects of a predecessor taken over")           \
	X(KERNEL_REPLACED, "kernel_replaced", "objects of a predecessor replaced")          \
	X(KERNEL_STRAY, "kernel_stray", "objects of a predecessor removed")                 \
	X(STORE_FAILED, "store_failed", "times the state could not be written")            \
	X(HANDOVER, "handover", "handovers completed")

enum counter {
#define X(name, word, help) COUNT_##name,
	COUNTERS(X)
#undef X
	COUNTER_COUNT
};

struct counters {
	uint64_t value[COUNTER_COUNT];
	uint64_t cleared[COUNTER_COUNT]; /* what `clear` takes off, so that it can be undone */
};

static inline void count(struct counters *c, enum counter which)
{
	c->value[which]++;
}

const char *counter_word(enum counter c); /* "in_bu" */
const char *counter_help(enum counter c); /* "Binding Updates received" */
/* What the console shows: the value since the last clearing. */
uint64_t counter_shown(const struct counters *c, enum counter which);
void counters_clear(struct counters *c);

#endif
