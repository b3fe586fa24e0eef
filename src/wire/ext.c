// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Home Address destination option and the type 2 routing header (RFC 6275
 * sections 6.3 and 6.4), and a walk through a packet's extension headers (RFC
 * 8200 section 4).
 *
 * Sockets in os/ send and receive the two headers as ancillary data; core looks
 * with the walk into the packets that ICMPv6 errors quote.
 */
#include "wire/ext.h"

#include <string.h>

#include "base/bytes.h"

#define HAO_DATA_LEN	16
#define HAO_AT		6 /* alignment 8n + 6: two bytes of header, four of PadN */
#define RH2_HDR_EXT_LEN 2
#define IPV6_HEADER_LEN 40
#define FRAGMENT_LEN	8

static enum wire_verdict refuse(struct wire_error *err, enum wire_reason reason, size_t offset)
{
	*err = (struct wire_error){ .reason = reason, .offset = offset };
	return WIRE_MALFORMED;
}

static enum wire_verdict ignore(struct wire_error *err, size_t offset)
{
	*err = (struct wire_error){ .reason = WIRE_BAD_TYPE, .offset = offset };
	return WIRE_IGNORE;
}

void ext_encode_hao(uint8_t next_header, const struct in6_addr *home, uint8_t buf[EXT_HAO_LEN])
{
	struct writer w;

	writer_init(&w, buf, EXT_HAO_LEN);
	write_u8(&w, next_header);
	write_u8(&w, EXT_HAO_LEN / 8 - 1);
	write_u8(&w, EXT_OPT_PADN);
	write_u8(&w, HAO_AT - 4);
	write_zeros(&w, HAO_AT - 4);
	write_u8(&w, EXT_OPT_HOME_ADDRESS);
	write_u8(&w, HAO_DATA_LEN);
	write_addr(&w, home);
}

/* Searches a destination options header of exactly `len` bytes. With WIRE_OK,
 * *at is where the option's type byte is. */
static enum wire_verdict find_hao(const uint8_t *data, size_t len, size_t *at,
				  struct wire_error *err)
{
	size_t pos = 2;
	bool found = false;

	while (pos < len) {
		if (data[pos] == EXT_OPT_PAD1) {
			pos++;
			continue;
		}
		if (len - pos < 2 || len - pos - 2 < data[pos + 1])
			return refuse(err, WIRE_BAD_OPTION_PAST_END, pos);
		if (data[pos] == EXT_OPT_HOME_ADDRESS) {
			/* RFC 6275 section 6.3: length 16, and not more than once. */
			if (data[pos + 1] != HAO_DATA_LEN)
				return refuse(err, WIRE_BAD_OPTION_LEN, pos + 1);
			if (found)
				return refuse(err, WIRE_BAD_OPTION_REPEATED, pos);
			found = true;
			*at = pos;
		}
		pos += 2 + (size_t)data[pos + 1];
	}
	return found ? WIRE_OK : ignore(err, 0);
}

/* Length of an extension header that counts itself in units of 8 octets, or 0
 * when it is not there as a whole. */
static size_t ext_header_len(const uint8_t *data, size_t len)
{
	size_t total;

	if (len < 8)
		return 0;
	total = ((size_t)data[1] + 1) * 8;
	return total <= len ? total : 0;
}

enum wire_verdict ext_decode_hao(const uint8_t *data, size_t len, struct in6_addr *home,
				 struct wire_error *err)
{
	size_t total = ext_header_len(data, len);
	enum wire_verdict verdict;
	size_t at = 0;

	if (total == 0)
		return refuse(err, len < 8 ? WIRE_BAD_SHORT : WIRE_BAD_TRUNCATED,
			      len < 8 ? len : 1);
	verdict = find_hao(data, total, &at, err);
	if (verdict == WIRE_OK)
		memcpy(home, data + at + 2, sizeof(*home));
	return verdict;
}

void ext_encode_rh2(uint8_t next_header, const struct in6_addr *home, uint8_t buf[EXT_RH2_LEN])
{
	struct writer w;

	writer_init(&w, buf, EXT_RH2_LEN);
	write_u8(&w, next_header);
	write_u8(&w, RH2_HDR_EXT_LEN);
	write_u8(&w, EXT_RH_TYPE2);
	write_u8(&w, 1);  /* segments left */
	write_u32(&w, 0); /* reserved */
	write_addr(&w, home);
}

enum wire_verdict ext_decode_rh2(const uint8_t *data, size_t len, struct in6_addr *home,
				 uint8_t *segments_left, struct wire_error *err)
{
	if (len < 4)
		return refuse(err, WIRE_BAD_SHORT, len);
	if (data[2] != EXT_RH_TYPE2)
		return ignore(err, 2);
	/* RFC 6275 section 6.4.1: Hdr Ext Len MUST be 2, Segments Left MUST be 1. */
	if (data[1] != RH2_HDR_EXT_LEN)
		return refuse(err, WIRE_BAD_LENGTH, 1);
	if (data[3] > 1)
		return refuse(err, WIRE_BAD_LENGTH, 3);
	if (len < EXT_RH2_LEN)
		return refuse(err, WIRE_BAD_TRUNCATED, 1);
	memcpy(home, data + 8, sizeof(*home));
	if (segments_left)
		*segments_left = data[3];
	return WIRE_OK;
}

/* Looks at one hop-by-hop, routing or destination options header of `total`
 * bytes that begins at `at`. */
static enum wire_verdict visit_header(const uint8_t *data, size_t at, size_t total, uint8_t proto,
				      struct ext_packet *out, struct wire_error *err)
{
	enum wire_verdict verdict = WIRE_IGNORE;
	size_t option = 0;

	if (proto == WIRE_PROTO_DSTOPTS) {
		verdict = find_hao(data + at, total, &option, err);
		if (verdict == WIRE_OK && out->has_hao) {
			err->reason = WIRE_BAD_OPTION_REPEATED;
			err->offset = option;
			verdict = WIRE_MALFORMED;
		} else if (verdict == WIRE_OK) {
			out->has_hao = true;
			out->hao_at = at + option;
			memcpy(&out->hao, data + at + option + 2, sizeof(out->hao));
		}
	} else if (proto == WIRE_PROTO_ROUTING) {
		verdict = ext_decode_rh2(data + at, total, &out->rh2, &out->rh2_segments_left, err);
		if (verdict == WIRE_OK) {
			out->has_rh2 = true;
			out->rh2_at = at;
		}
	}
	if (verdict == WIRE_MALFORMED)
		err->offset += at;
	return verdict;
}

static bool is_extension(uint8_t proto)
{
	return proto == WIRE_PROTO_HOPOPTS || proto == WIRE_PROTO_ROUTING ||
	       proto == WIRE_PROTO_FRAGMENT || proto == WIRE_PROTO_DSTOPTS;
}

/* Walks from the end of the IPv6 header. Every header has at least 8 bytes, so
 * the walk ends with the data. */
static enum wire_verdict walk_headers(const uint8_t *data, size_t len, uint8_t proto,
				      struct ext_packet *out, struct wire_error *err)
{
	size_t at = IPV6_HEADER_LEN;

	while (is_extension(proto)) {
		size_t total = FRAGMENT_LEN;

		if (proto != WIRE_PROTO_FRAGMENT)
			total = ext_header_len(data + at, len - at);
		if (total == 0 || len - at < total)
			return refuse(err, WIRE_BAD_TRUNCATED, at);
		if (visit_header(data, at, total, proto, out, err) == WIRE_MALFORMED)
			return WIRE_MALFORMED;
		/* Fragment offset: 13 bits, then 2 reserved, then M (RFC 8200 4.5). */
		if (proto == WIRE_PROTO_FRAGMENT && (data[at + 2] || data[at + 3] & 0xf8))
			out->fragment = true;
		proto = data[at];
		at += total;
		if (out->fragment)
			break;
	}
	out->upper_proto = proto;
	out->upper_at = at;
	return WIRE_OK;
}

enum wire_verdict ext_parse_packet(const uint8_t *data, size_t len, struct ext_packet *out,
				   struct wire_error *err)
{
	struct reader r;
	uint8_t proto;

	memset(out, 0, sizeof(*out));
	if (len > 0 && data[0] >> 4 != 6)
		return ignore(err, 0);
	if (len < IPV6_HEADER_LEN)
		return refuse(err, WIRE_BAD_SHORT, len);
	reader_init(&r, data, len);
	read_skip(&r, 4); /* version, traffic class, flow label */
	out->payload_len = read_u16(&r);
	proto = read_u8(&r);
	out->hop_limit = read_u8(&r);
	out->src = read_addr(&r);
	out->dst = read_addr(&r);
	return walk_headers(data, len, proto, out, err);
}

const struct in6_addr *ext_end_src(const struct ext_packet *p)
{
	return p->has_hao ? &p->hao : &p->src;
}

const struct in6_addr *ext_end_dst(const struct ext_packet *p)
{
	return p->has_rh2 && p->rh2_segments_left > 0 ? &p->rh2 : &p->dst;
}
