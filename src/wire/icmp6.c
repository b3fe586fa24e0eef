// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ICMPv6 messages of Mobile IPv6 in both directions (RFC 6275 sections 6.5 to 6.8,
 * RFC 3963 sections 7.1 and 7.2), and ICMPv6 errors (RFC 4443 section 3).
 *
 * The roles answer the first; from errors core learns that a peer does not
 * understand a Home Address option, or cannot be reached. What an error quotes is
 * handed on as it stands: ext_parse_packet() looks into it.
 */
#include "wire/icmp6.h"

#include <errno.h>
#include <string.h>

#include "base/bytes.h"

#define OFFSET_CODE	1
#define OFFSET_CHECKSUM 2
#define FIXED_LEN	8 /* of each of these messages */
#define ADDR_LEN	16

#define FLAG_R 0x8000 /* RFC 3963 sections 7.1 and 7.2 */
#define FLAG_M 0x8000
#define FLAG_O 0x4000

static enum wire_verdict refuse(struct wire_error *err, enum wire_reason reason, size_t offset)
{
	*err = (struct wire_error){ .reason = reason, .offset = offset };
	return WIRE_MALFORMED;
}

static bool type_is_known(unsigned int type)
{
	switch ((enum icmp6_type)type) {
	case ICMP6_MSG_UNREACHABLE:
	case ICMP6_MSG_TOO_BIG:
	case ICMP6_MSG_TIME_EXCEEDED:
	case ICMP6_MSG_PARAM_PROBLEM:
	case ICMP6_MSG_DHAAD_REQUEST:
	case ICMP6_MSG_DHAAD_REPLY:
	case ICMP6_MSG_MPS:
	case ICMP6_MSG_MPA:
		return true;
	}
	return false;
}

static enum wire_verdict read_reply(struct reader *r, struct icmp6_dhaad_reply *reply,
				    struct wire_error *err)
{
	reply->id = read_u16(r);
	reply->mobile_router = (read_u16(r) & FLAG_R) != 0;
	/* RFC 6275 section 6.6: the rest of the packet is addresses. */
	if (reader_left(r) % ADDR_LEN)
		return refuse(err, WIRE_BAD_LENGTH,
			      reader_offset(r) + reader_left(r) / ADDR_LEN * ADDR_LEN);
	while (reader_left(r) > 0 && reply->count < ICMP6_DHAAD_MAX)
		reply->agent[reply->count++] = read_addr(r);
	reply->overflow = reader_left(r) > 0;
	return WIRE_OK;
}

/* Goes through the options of a solicitation or advertisement of mobile
 * prefixes; `mpa` is NULL for a solicitation. */
static enum wire_verdict read_options(const uint8_t *data, size_t len, struct icmp6_mpa *mpa,
				      struct wire_error *err)
{
	struct nd_prefix_info info;
	struct ndopt_iter it;
	struct ndopt opt;

	ndopt_iter_init(&it, data, len, FIXED_LEN);
	while (ndopt_next(&it, &opt)) {
		/* RFC 6275 sections 6.7 and 6.8: others MUST be ignored silently. */
		if (!mpa || opt.type != NDOPT_PREFIX || !nd_prefix_decode(&opt, &info))
			continue;
		if (mpa->count < ICMP6_PREFIX_MAX)
			mpa->prefix[mpa->count++] = info;
		else
			mpa->overflow = true;
	}
	if (it.bad != WIRE_BAD_NONE)
		return refuse(err, it.bad, it.at);
	return WIRE_OK;
}

static void read_error(struct reader *r, unsigned int type, uint8_t code, struct icmp6_error *error)
{
	error->code = code;
	error->value = read_u32(r);
	/* RFC 4443 sections 3.1 and 3.3: unused there. */
	if (type == ICMP6_MSG_UNREACHABLE || type == ICMP6_MSG_TIME_EXCEEDED)
		error->value = 0;
	error->packet_len = reader_left(r);
	error->packet = read_skip(r, error->packet_len);
}

static enum wire_verdict read_body(const uint8_t *data, size_t len, struct icmp6_msg *out,
				   struct wire_error *err)
{
	struct reader r;
	uint16_t flags;

	reader_init(&r, data, len);
	read_skip(&r, 4);
	switch (out->type) {
	case ICMP6_MSG_UNREACHABLE:
	case ICMP6_MSG_TOO_BIG:
	case ICMP6_MSG_TIME_EXCEEDED:
	case ICMP6_MSG_PARAM_PROBLEM:
		read_error(&r, out->type, data[OFFSET_CODE], &out->error);
		return WIRE_OK;
	case ICMP6_MSG_DHAAD_REQUEST:
		out->dhaad_request.id = read_u16(&r);
		out->dhaad_request.mobile_router = (read_u16(&r) & FLAG_R) != 0;
		return WIRE_OK;
	case ICMP6_MSG_DHAAD_REPLY:
		return read_reply(&r, &out->dhaad_reply, err);
	case ICMP6_MSG_MPS:
		out->mps.id = read_u16(&r);
		return read_options(data, len, NULL, err);
	case ICMP6_MSG_MPA:
		out->mpa.id = read_u16(&r);
		flags = read_u16(&r);
		out->mpa.managed = (flags & FLAG_M) != 0;
		out->mpa.other = (flags & FLAG_O) != 0;
		return read_options(data, len, &out->mpa, err);
	}
	return WIRE_IGNORE;
}

enum wire_verdict icmp6_decode(const uint8_t *data, size_t len, struct icmp6_msg *out,
			       struct wire_error *err)
{
	enum wire_verdict verdict;
	struct icmp6_msg msg;

	if (len == 0)
		return refuse(err, WIRE_BAD_SHORT, 0);
	if (!type_is_known(data[0])) {
		*err = (struct wire_error){ .reason = WIRE_BAD_TYPE, .offset = 0 };
		return WIRE_IGNORE;
	}
	if (len < FIXED_LEN)
		return refuse(err, WIRE_BAD_SHORT, len);
	/* RFC 6275 sections 6.5 to 6.8: code 0. Errors have many. */
	if (data[0] >= ICMP6_MSG_DHAAD_REQUEST && data[OFFSET_CODE] != 0)
		return refuse(err, WIRE_BAD_CODE, OFFSET_CODE);
	memset(&msg, 0, sizeof(msg));
	msg.type = data[0];
	verdict = read_body(data, len, &msg, err);
	if (verdict == WIRE_OK)
		*out = msg;
	return verdict;
}

static bool mpa_is_sendable(const struct icmp6_mpa *mpa)
{
	unsigned int i;

	/* RFC 6275 section 6.8: one or more prefixes. */
	if (mpa->count == 0 || mpa->count > ICMP6_PREFIX_MAX)
		return false;
	for (i = 0; i < mpa->count; i++) {
		if (!nd_prefix_is_sendable(&mpa->prefix[i]))
			return false;
	}
	return true;
}

static void write_reply(struct writer *w, const struct icmp6_dhaad_reply *reply)
{
	unsigned int i;

	write_u16(w, reply->id);
	write_u16(w, reply->mobile_router ? FLAG_R : 0);
	for (i = 0; i < reply->count; i++)
		write_addr(w, &reply->agent[i]);
}

static void write_mpa(struct writer *w, const struct icmp6_mpa *mpa)
{
	unsigned int i;

	write_u16(w, mpa->id);
	write_u16(w, (uint16_t)((mpa->managed ? FLAG_M : 0) | (mpa->other ? FLAG_O : 0)));
	for (i = 0; i < mpa->count; i++)
		nd_prefix_encode(&mpa->prefix[i], w);
}

static void write_error(struct writer *w, unsigned int type, const struct icmp6_error *error)
{
	size_t quoted = error->packet_len;

	/* RFC 4443 section 2.4 (c): as much as fits the minimum MTU. */
	if (quoted > ICMP6_LEN_MAX - FIXED_LEN)
		quoted = ICMP6_LEN_MAX - FIXED_LEN;
	if (type == ICMP6_MSG_UNREACHABLE || type == ICMP6_MSG_TIME_EXCEEDED)
		write_u32(w, 0); /* unused */
	else
		write_u32(w, error->value);
	if (quoted > 0)
		write_bytes(w, error->packet, quoted);
}

/* Writes what follows the checksum. 0 or -EINVAL. */
static int write_body(struct writer *w, const struct icmp6_msg *msg)
{
	switch (msg->type) {
	case ICMP6_MSG_UNREACHABLE:
	case ICMP6_MSG_TOO_BIG:
	case ICMP6_MSG_TIME_EXCEEDED:
	case ICMP6_MSG_PARAM_PROBLEM:
		write_error(w, msg->type, &msg->error);
		return 0;
	case ICMP6_MSG_DHAAD_REQUEST:
		write_u16(w, msg->dhaad_request.id);
		write_u16(w, msg->dhaad_request.mobile_router ? FLAG_R : 0);
		return 0;
	case ICMP6_MSG_DHAAD_REPLY:
		if (msg->dhaad_reply.count > ICMP6_DHAAD_MAX)
			return -EINVAL;
		write_reply(w, &msg->dhaad_reply);
		return 0;
	case ICMP6_MSG_MPS:
		write_u16(w, msg->mps.id);
		write_u16(w, 0); /* reserved */
		return 0;
	case ICMP6_MSG_MPA:
		if (!mpa_is_sendable(&msg->mpa))
			return -EINVAL;
		write_mpa(w, &msg->mpa);
		return 0;
	}
	return -EINVAL;
}

int icmp6_encode(const struct icmp6_msg *msg, const struct in6_addr *src,
		 const struct in6_addr *dst, uint8_t *buf, size_t size)
{
	bool is_error = msg->type < ICMP6_MSG_DHAAD_REQUEST;
	struct writer w;

	writer_init(&w, buf, size < ICMP6_LEN_MAX ? size : ICMP6_LEN_MAX);
	write_u8(&w, (uint8_t)msg->type);
	write_u8(&w, is_error ? msg->error.code : 0);
	write_u16(&w, 0); /* checksum, below */
	if (write_body(&w, msg))
		return -EINVAL;
	if (w.bad)
		return -EMSGSIZE;
	write_u16_at(&w, OFFSET_CHECKSUM,
		     wire_checksum(src, dst, WIRE_PROTO_ICMPV6, buf, writer_len(&w)));
	return (int)writer_len(&w);
}

bool icmp6_checksum_ok(const struct in6_addr *src, const struct in6_addr *dst, const uint8_t *data,
		       size_t len)
{
	return len >= 4 && wire_checksum(src, dst, WIRE_PROTO_ICMPV6, data, len) == 0;
}
