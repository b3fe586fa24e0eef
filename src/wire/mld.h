// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Multicast Listener Discovery, versions 1 (RFC 2710) and 2 (RFC 3810): what hosts say of
 * the groups they listen to, and the queries that make them say it.
 */
#ifndef WIRE_MLD_H
#define WIRE_MLD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "wire/numbers.h"
#include "wire/wire.h"

/* The IPv6 header, the hop-by-hop header with the Router Alert, and the message. */
#define MLD_QUERY_PACKET_LEN (40 + 8 + 28)

struct mld_msg {
	enum mld_msg_type type;
	struct in6_addr group;	  /* all but MLD_REPORT_V2; :: of a general query */
	uint32_t max_response_ms; /* MLD_QUERY */
	uint16_t record_count;	  /* MLD_REPORT_V2 */
	struct reader records;	  /* ..., inside the decoded bytes: for mld_next_record() */
};

/* RFC 3810 section 5.2.5 */
struct mld_record {
	enum mld_record_type type;
	uint16_t source_count;
	struct in6_addr group;
};

/* Decodes a message from its ICMPv6 header. WIRE_IGNORE (reason TYPE) for other types of
 * ICMPv6; the checksum is not looked at. With WIRE_OK all records of a report are whole,
 * and each group is a multicast address. */
enum wire_verdict mld_decode(const uint8_t *data, size_t len, struct mld_msg *out,
			     struct wire_error *err);

/* Decodes a packet from its IPv6 header that no kernel has judged, so everything is
 * checked: hop limit 1, a link-local source, the Router Alert (RFC 3810 sections 6.2 and
 * 7.4, RFC 2710 section 4) and the checksum. WIRE_IGNORE: it is another kind of packet. */
enum wire_verdict mld_decode_packet(const uint8_t *data, size_t len, struct mld_msg *out,
				    struct wire_error *err);

/* The next record of a report whose type is known (section 5.2.12: others MUST be ignored
 * silently). False at the end. */
bool mld_next_record(struct mld_msg *msg, struct mld_record *out);

struct mld_query {
	struct in6_addr src;   /* link-local */
	struct in6_addr group; /* ::: a general one, to all nodes; else to the group */
	uint32_t max_response_ms;
	uint32_t interval_s; /* QQI, section 5.1.9 */
	uint8_t robustness;  /* QRV, section 5.1.8 */
};

/* Writes a whole packet, a query of version 2, which nodes of version 1 understand, too
 * (section 8.2.1). Numbers that the format has no room for are rounded down. */
void mld_encode_query(const struct mld_query *q, uint8_t buf[MLD_QUERY_PACKET_LEN]);

/* RFC 4291 section 2.7: the scope, from 0 to 15, of a multicast address. */
static inline unsigned int mld_scope(const struct in6_addr *group)
{
	return group->s6_addr[1] & 0x0fu;
}

#endif
