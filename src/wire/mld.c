// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Multicast Listener Discovery: reports and done messages in, queries out (RFC 3810, RFC
 * 2710). A home agent hears reports out of the tunnel, where no kernel has judged them,
 * so a whole packet is looked at (RFC 6275 10.4.3); a mobile node hears queries by a
 * socket, as messages. Sources of a record are counted and passed over.
 */
#include "wire/mld.h"

#include <string.h>

#include "wire/ext.h"

#define IPV6_HEADER_LEN 40
#define HOPOPTS_LEN	8
#define OPT_PAD1	0
#define OPT_PADN	1
#define OPT_ALERT	5 /* RFC 2711 section 2.1 */
#define ALERT_LEN	2
#define ALERT_MLD	0
#define CHECKSUM_AT	2
#define V1_LEN		24 /* RFC 2710 section 3; a query of version 1 has just that */
#define QUERY_LEN	28 /* RFC 3810 section 5.1, without sources */
#define ADDR_LEN	16
#define ALL_NODES	{ { { 0xff, 2, [15] = 1 } } }

static enum wire_verdict refuse(struct wire_error *err, enum wire_reason reason, size_t offset)
{
	*err = (struct wire_error){ .reason = reason, .offset = offset };
	return WIRE_MALFORMED;
}

static enum wire_verdict ignore(struct wire_error *err)
{
	*err = (struct wire_error){ .reason = WIRE_BAD_TYPE };
	return WIRE_IGNORE;
}

static bool type_is_known(unsigned int type)
{
	switch ((enum mld_msg_type)type) {
	case MLD_QUERY:
	case MLD_REPORT_V1:
	case MLD_DONE:
	case MLD_REPORT_V2:
		return true;
	}
	return false;
}

/* --- numbers with an exponent: RFC 3810 sections 5.1.3 and 5.1.9 ------------------ */

/* `bits` of mantissa, a leading one not written, and three of exponent. */
static uint32_t float_decode(uint32_t code, unsigned int bits)
{
	uint32_t mantissa = (code & ((1u << bits) - 1)) | 1u << bits;

	return code < 1u << (bits + 3) ? code : mantissa << ((code >> bits & 7) + 3);
}

static uint32_t float_encode(uint32_t value, unsigned int bits)
{
	unsigned int exponent;

	if (value < 1u << (bits + 3))
		return value;
	for (exponent = 0; exponent < 8; exponent++) {
		if (value >> (exponent + 3) < 2u << bits)
			return 1u << (bits + 3) | exponent << bits |
			       (value >> (exponent + 3) & ((1u << bits) - 1));
	}
	return (2u << (bits + 3)) - 1;
}

#define RESPONSE_BITS 12
#define INTERVAL_BITS 4

/* --- messages ---------------------------------------------------------------------- */

static enum wire_verdict read_query(struct reader *r, size_t len, struct mld_msg *out,
				    struct wire_error *err)
{
	out->max_response_ms = read_u16(r);
	read_u16(r);
	out->group = read_addr(r);
	if (r->bad)
		return refuse(err, WIRE_BAD_SHORT, len);
	/* RFC 3810 section 8.1: by its length, and other lengths MUST be ignored silently. */
	if (len > V1_LEN && len < QUERY_LEN)
		return refuse(err, WIRE_BAD_LENGTH, len);
	if (len > V1_LEN)
		out->max_response_ms = float_decode(out->max_response_ms, RESPONSE_BITS);
	if (!IN6_IS_ADDR_UNSPECIFIED(&out->group) && !IN6_IS_ADDR_MULTICAST(&out->group))
		return refuse(err, WIRE_BAD_ADDRESS, V1_LEN - ADDR_LEN);
	return WIRE_OK;
}

static enum wire_verdict read_one_group(struct reader *r, size_t len, struct mld_msg *out,
					struct wire_error *err)
{
	read_u32(r);
	out->group = read_addr(r);
	if (r->bad)
		return refuse(err, WIRE_BAD_SHORT, len);
	if (!IN6_IS_ADDR_MULTICAST(&out->group))
		return refuse(err, WIRE_BAD_ADDRESS, V1_LEN - ADDR_LEN);
	return WIRE_OK;
}

/* Any type; false when it is not whole. */
static bool read_record(struct reader *r, unsigned int *type, struct mld_record *out)
{
	uint8_t aux_words;

	*type = read_u8(r);
	aux_words = read_u8(r);
	out->source_count = read_u16(r);
	out->group = read_addr(r);
	read_skip(r, (size_t)out->source_count * ADDR_LEN);
	read_skip(r, (size_t)aux_words * 4);
	return !r->bad;
}

static enum wire_verdict read_report(struct reader *r, size_t len, struct mld_msg *out,
				     struct wire_error *err)
{
	struct mld_record record;
	struct reader check;
	unsigned int type;
	uint16_t i;

	read_u16(r);
	out->record_count = read_u16(r);
	if (r->bad)
		return refuse(err, WIRE_BAD_SHORT, len);
	out->records = *r;
	check = *r;
	for (i = 0; i < out->record_count; i++) {
		size_t at = reader_offset(&check);

		if (!read_record(&check, &type, &record))
			return refuse(err, WIRE_BAD_TRUNCATED, at);
		if (!IN6_IS_ADDR_MULTICAST(&record.group))
			return refuse(err, WIRE_BAD_ADDRESS, at + 4);
	}
	return WIRE_OK;
}

enum wire_verdict mld_decode(const uint8_t *data, size_t len, struct mld_msg *out,
			     struct wire_error *err)
{
	enum wire_verdict verdict = WIRE_IGNORE;
	struct mld_msg msg;
	struct reader r;

	if (len == 0)
		return refuse(err, WIRE_BAD_SHORT, 0);
	if (!type_is_known(data[0]))
		return ignore(err);
	memset(&msg, 0, sizeof(msg));
	msg.type = (enum mld_msg_type)data[0];
	reader_init(&r, data, len);
	read_u32(&r); /* type, code (ignored, RFC 3810 section 5.1.1), checksum */
	switch (msg.type) {
	case MLD_QUERY:
		verdict = read_query(&r, len, &msg, err);
		break;
	case MLD_REPORT_V1:
	case MLD_DONE:
		verdict = read_one_group(&r, len, &msg, err);
		break;
	case MLD_REPORT_V2:
		verdict = read_report(&r, len, &msg, err);
		break;
	}
	if (verdict == WIRE_OK)
		*out = msg;
	return verdict;
}

bool mld_next_record(struct mld_msg *msg, struct mld_record *out)
{
	unsigned int type;

	while (msg->record_count) {
		msg->record_count--;
		if (!read_record(&msg->records, &type, out))
			return false;
		if (type >= MLD_IS_INCLUDE && type <= MLD_BLOCK) {
			out->type = (enum mld_record_type)type;
			return true;
		}
	}
	return false;
}

/* --- packets ----------------------------------------------------------------------- */

/* Whether a hop-by-hop header right behind the IPv6 header has the Router Alert of MLD. */
static bool has_alert(const uint8_t *packet, size_t upper_at)
{
	struct reader headers, options;

	if (packet[6] != WIRE_PROTO_HOPOPTS)
		return false;
	reader_init(&headers, packet + IPV6_HEADER_LEN, upper_at - IPV6_HEADER_LEN);
	read_u8(&headers);
	options = read_sub(&headers, (size_t)packet[IPV6_HEADER_LEN + 1] * 8 + HOPOPTS_LEN - 1);
	read_u8(&options); /* the length */
	while (reader_left(&options)) {
		uint8_t type = read_u8(&options);
		uint8_t len = type == OPT_PAD1 ? 0 : read_u8(&options);

		if (type == OPT_ALERT && len == ALERT_LEN)
			return read_u16(&options) == ALERT_MLD && !options.bad;
		read_skip(&options, len);
	}
	return false;
}

enum wire_verdict mld_decode_packet(const uint8_t *data, size_t len, struct mld_msg *out,
				    struct wire_error *err)
{
	struct ext_packet p;
	size_t end;

	if (ext_parse_packet(data, len, &p, err) != WIRE_OK || p.fragment ||
	    p.upper_proto != WIRE_PROTO_ICMPV6)
		return ignore(err);
	end = IPV6_HEADER_LEN + (size_t)p.payload_len;
	if (p.upper_at >= len || !type_is_known(data[p.upper_at]))
		return ignore(err);
	if (end > len || end <= p.upper_at)
		return refuse(err, WIRE_BAD_TRUNCATED, len);
	if (p.hop_limit != 1)
		return refuse(err, WIRE_BAD_HOP_LIMIT, 7);
	if (!IN6_IS_ADDR_LINKLOCAL(&p.src))
		return refuse(err, WIRE_BAD_ADDRESS, 8);
	if (!has_alert(data, p.upper_at))
		return refuse(err, WIRE_BAD_ROUTER_ALERT, IPV6_HEADER_LEN);
	if (wire_checksum(&p.src, &p.dst, WIRE_PROTO_ICMPV6, data + p.upper_at, end - p.upper_at))
		return refuse(err, WIRE_BAD_CHECKSUM, p.upper_at + CHECKSUM_AT);
	return mld_decode(data + p.upper_at, end - p.upper_at, out, err);
}

void mld_encode_query(const struct mld_query *q, uint8_t buf[MLD_QUERY_PACKET_LEN])
{
	static const struct in6_addr all_nodes = ALL_NODES;
	const struct in6_addr *dst = IN6_IS_ADDR_UNSPECIFIED(&q->group) ? &all_nodes : &q->group;
	const size_t at = IPV6_HEADER_LEN + HOPOPTS_LEN;
	struct writer w;

	writer_init(&w, buf, MLD_QUERY_PACKET_LEN);
	write_u32(&w, 6u << 28);
	write_u16(&w, HOPOPTS_LEN + QUERY_LEN);
	write_u8(&w, WIRE_PROTO_HOPOPTS);
	write_u8(&w, 1); /* hop limit */
	write_addr(&w, &q->src);
	write_addr(&w, dst);
	write_u8(&w, WIRE_PROTO_ICMPV6);
	write_u8(&w, 0);
	write_u8(&w, OPT_ALERT);
	write_u8(&w, ALERT_LEN);
	write_u16(&w, ALERT_MLD);
	write_u8(&w, OPT_PADN);
	write_u8(&w, 0);
	write_u8(&w, MLD_QUERY);
	write_u8(&w, 0);
	write_u16(&w, 0); /* checksum, below */
	write_u16(&w, (uint16_t)float_encode(q->max_response_ms, RESPONSE_BITS));
	write_u16(&w, 0);
	write_addr(&w, &q->group);
	write_u8(&w, q->robustness > 7 ? 0 : q->robustness); /* section 5.1.8 */
	write_u8(&w, (uint8_t)float_encode(q->interval_s, INTERVAL_BITS));
	write_u16(&w, 0); /* no sources */
	write_u16_at(&w, at + CHECKSUM_AT,
		     wire_checksum(&q->src, dst, WIRE_PROTO_ICMPV6, buf + at, QUERY_LEN));
}
