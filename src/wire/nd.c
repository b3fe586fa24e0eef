// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Neighbour Discovery messages in both directions: the fixed parts and the
 * validity checks of RFC 4861 sections 6.1.1, 6.1.2, 7.1.1 and 7.1.2; with the H
 * bit of RFC 6275 section 7.1 and the router preference of RFC 4191 section 2.2.
 * Options are in ndopt.c. The mobile node's movement detection, the home agent's
 * list of home agents and its defence of addresses live on these messages.
 */
#include "wire/nd.h"

#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "base/bytes.h"

#define OFFSET_CODE	1
#define OFFSET_CHECKSUM 2
#define OFFSET_TARGET	8
#define OFFSET_RA_FLAGS 5

#define RA_M		    0x80
#define RA_O		    0x40
#define RA_H		    0x20
#define RA_PREFERENCE_SHIFT 3

#define NA_R 0x80000000u
#define NA_S 0x40000000u
#define NA_O 0x20000000u

/* The bytes of a message before its options, 0 for other types. */
static size_t fixed_len(unsigned int type)
{
	switch ((enum nd_type)type) {
	case ND_RS:
		return 8;
	case ND_RA:
		return 16;
	case ND_NS:
	case ND_NA:
		return 24;
	}
	return 0;
}

static enum wire_verdict refuse(struct wire_error *err, enum wire_reason reason, size_t offset)
{
	*err = (struct wire_error){ .reason = reason, .offset = offset };
	return WIRE_MALFORMED;
}

/* RFC 4191 section 2.2: the reserved value counts as medium, and without a
 * router lifetime the field MUST be ignored. */
static enum nd_preference ra_preference(uint8_t flags, uint16_t lifetime_s)
{
	if (lifetime_s == 0)
		return ND_PREF_MEDIUM;
	switch (flags >> RA_PREFERENCE_SHIFT & 3) {
	case 1:
		return ND_PREF_HIGH;
	case 3:
		return ND_PREF_LOW;
	}
	return ND_PREF_MEDIUM;
}

static void read_ra(struct reader *r, struct nd_ra *ra)
{
	uint8_t flags;

	ra->cur_hop_limit = read_u8(r);
	flags = read_u8(r);
	ra->managed = (flags & RA_M) != 0;
	ra->other = (flags & RA_O) != 0;
	ra->home_agent = (flags & RA_H) != 0;
	ra->lifetime_s = read_u16(r);
	ra->preference = ra_preference(flags, ra->lifetime_s);
	ra->reachable_ms = read_u32(r);
	ra->retrans_ms = read_u32(r);
}

static void read_ns(struct reader *r, struct nd_ns *ns)
{
	read_skip(r, 4); /* reserved */
	ns->target = read_addr(r);
}

static void read_na(struct reader *r, struct nd_na *na)
{
	uint32_t flags = read_u32(r);

	na->router = (flags & NA_R) != 0;
	na->solicited = (flags & NA_S) != 0;
	na->override = (flags & NA_O) != 0;
	na->target = read_addr(r);
}

static void read_fixed(struct reader *r, struct nd_msg *out)
{
	switch (out->type) {
	case ND_RS:
		break; /* reserved only */
	case ND_RA:
		read_ra(r, &out->ra);
		break;
	case ND_NS:
		read_ns(r, &out->ns);
		break;
	case ND_NA:
		read_na(r, &out->na);
		break;
	}
}

static bool is_solicited_node(const struct in6_addr *a)
{
	struct in6_addr low = *a;

	/* ff02::1:ff00:0/104 (RFC 4291 section 2.7.1) */
	low = addr_solicited_node(&low);
	return addr_equal(&low, a);
}

/* RFC 4861 sections 6.1.1 and 7.1.1, for solicitations. */
static enum wire_verdict check_solicitation(const struct nd_msg *msg, const struct nd_packet *how,
					    struct wire_error *err)
{
	if (!addr_is_unspecified(&how->src))
		return WIRE_OK;
	if (nd_has(&msg->opts, ND_HAS_SLLA))
		return refuse(err, WIRE_BAD_ADDRESS, 0);
	if (msg->type == ND_NS && !is_solicited_node(&how->dst))
		return refuse(err, WIRE_BAD_ADDRESS, 0);
	return WIRE_OK;
}

/* The validity checks that concern the addresses of the packet and the target. */
static enum wire_verdict check_addresses(const struct nd_msg *msg, const struct nd_packet *how,
					 struct wire_error *err)
{
	switch (msg->type) {
	case ND_RS:
		return check_solicitation(msg, how, err);
	case ND_RA:
		/* RFC 4861 section 6.1.2 */
		if (!addr_is_linklocal(&how->src))
			return refuse(err, WIRE_BAD_ADDRESS, 0);
		return WIRE_OK;
	case ND_NS:
		if (addr_is_multicast(&msg->ns.target))
			return refuse(err, WIRE_BAD_ADDRESS, OFFSET_TARGET);
		return check_solicitation(msg, how, err);
	case ND_NA:
		/* RFC 4861 section 7.1.2 */
		if (addr_is_multicast(&msg->na.target))
			return refuse(err, WIRE_BAD_ADDRESS, OFFSET_TARGET);
		if (addr_is_multicast(&how->dst) && msg->na.solicited)
			return refuse(err, WIRE_BAD_ADDRESS, 4);
		return WIRE_OK;
	}
	return WIRE_OK;
}

enum wire_verdict nd_decode(const uint8_t *data, size_t len, const struct nd_packet *how,
			    struct nd_msg *out, struct wire_error *err)
{
	enum wire_verdict verdict;
	struct nd_msg msg = { .type = ND_RS };
	struct reader r;
	size_t fixed;

	if (len == 0)
		return refuse(err, WIRE_BAD_SHORT, 0);
	fixed = fixed_len(data[0]);
	if (fixed == 0) {
		*err = (struct wire_error){ .reason = WIRE_BAD_TYPE, .offset = 0 };
		return WIRE_IGNORE;
	}
	if (how->hop_limit != ND_HOP_LIMIT)
		return refuse(err, WIRE_BAD_HOP_LIMIT, 0);
	if (len < fixed)
		return refuse(err, WIRE_BAD_SHORT, len);
	if (data[OFFSET_CODE] != 0)
		return refuse(err, WIRE_BAD_CODE, OFFSET_CODE);
	msg.type = data[0];
	verdict = ndopt_decode(data, len, fixed, msg.type, &msg.opts, err);
	if (verdict != WIRE_OK)
		return verdict;
	reader_init(&r, data, len);
	read_skip(&r, 4);
	read_fixed(&r, &msg);
	verdict = check_addresses(&msg, how, err);
	if (verdict == WIRE_OK)
		*out = msg;
	return verdict;
}

static void write_ra(struct writer *w, const struct nd_ra *ra)
{
	unsigned int preference = (unsigned int)ra->preference & 3;
	unsigned int flags =
		(ra->managed ? RA_M : 0) | (ra->other ? RA_O : 0) | (ra->home_agent ? RA_H : 0);

	/* RFC 4191 section 2.2: MUST be medium without a router lifetime. */
	if (ra->lifetime_s != 0)
		flags |= preference << RA_PREFERENCE_SHIFT;
	write_u8(w, ra->cur_hop_limit);
	write_u8(w, (uint8_t)flags);
	write_u16(w, ra->lifetime_s);
	write_u32(w, ra->reachable_ms);
	write_u32(w, ra->retrans_ms);
}

static void write_fixed(struct writer *w, const struct nd_msg *msg)
{
	switch (msg->type) {
	case ND_RS:
		write_u32(w, 0); /* reserved */
		break;
	case ND_RA:
		write_ra(w, &msg->ra);
		break;
	case ND_NS:
		write_u32(w, 0); /* reserved */
		write_addr(w, &msg->ns.target);
		break;
	case ND_NA:
		write_u32(w, (msg->na.router ? NA_R : 0) | (msg->na.solicited ? NA_S : 0) |
				     (msg->na.override ? NA_O : 0));
		write_addr(w, &msg->na.target);
		break;
	}
}

/* What a sender MUST NOT send, options apart. */
static bool msg_is_sendable(const struct nd_msg *msg, const struct in6_addr *src,
			    const struct in6_addr *dst)
{
	if (fixed_len(msg->type) == 0)
		return false;
	/* RFC 4861 sections 4.1 and 4.3. */
	if (addr_is_unspecified(src) && nd_has(&msg->opts, ND_HAS_SLLA))
		return false;
	if (msg->type == ND_NS)
		return !addr_is_multicast(&msg->ns.target);
	/* RFC 4861 section 4.4. */
	if (msg->type == ND_NA)
		return !addr_is_multicast(&msg->na.target) &&
		       !(addr_is_multicast(dst) && msg->na.solicited);
	if (msg->type == ND_RA) {
		/* RFC 6275 section 7.4: only with the H bit. */
		if (nd_has(&msg->opts, ND_HAS_HA_INFO) && !msg->ra.home_agent)
			return false;
		return msg->ra.preference >= ND_PREF_LOW && msg->ra.preference <= ND_PREF_HIGH;
	}
	return true;
}

int nd_encode(const struct nd_msg *msg, const struct in6_addr *src, const struct in6_addr *dst,
	      uint8_t *buf, size_t size)
{
	struct writer w;

	if (!msg_is_sendable(msg, src, dst))
		return -EINVAL;
	writer_init(&w, buf, size < ND_LEN_MAX ? size : ND_LEN_MAX);
	write_u8(&w, (uint8_t)msg->type);
	write_u8(&w, 0);  /* code */
	write_u16(&w, 0); /* checksum, below */
	write_fixed(&w, msg);
	if (ndopt_encode(&msg->opts, msg->type, &w))
		return -EINVAL;
	if (w.bad)
		return -EMSGSIZE;
	write_u16_at(&w, OFFSET_CHECKSUM,
		     wire_checksum(src, dst, WIRE_PROTO_ICMPV6, buf, writer_len(&w)));
	return (int)writer_len(&w);
}
