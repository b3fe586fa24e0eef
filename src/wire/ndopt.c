// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Options of Neighbour Discovery messages in both directions (RFC 4861 section
 * 4.6, RFC 6275 sections 7.2 to 7.4, RFC 4191 section 2.3, RFC 3963 section 7.3).
 *
 * Which message may carry which option is one table; the rest of a message's
 * options is skipped, as the validation rules of RFC 4861 demand. Called by nd.c;
 * icmp6.c uses the iterator and the prefix option.
 */
#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "base/bytes.h"
#include "wire/nd.h"

#define UNIT 8 /* option lengths count 8 octets */

#define PREFIX_LEN 32
#define PREFIX_L   0x80
#define PREFIX_A   0x40
#define PREFIX_R   0x20	  /* RFC 6275 section 7.2 */
#define HA_INFO_R  0x8000 /* RFC 3963 section 7.3 */

void ndopt_iter_init(struct ndopt_iter *it, const uint8_t *msg, size_t len, size_t first)
{
	*it = (struct ndopt_iter){ .msg = msg, .len = len, .at = first };
	if (first > len)
		it->bad = WIRE_BAD_SHORT;
}

bool ndopt_next(struct ndopt_iter *it, struct ndopt *opt)
{
	size_t left;

	if (it->bad != WIRE_BAD_NONE || it->at >= it->len)
		return false;
	left = it->len - it->at;
	if (left < 2) {
		it->bad = WIRE_BAD_OPTION_PAST_END;
		return false;
	}
	opt->bytes = it->msg + it->at;
	opt->type = opt->bytes[0];
	opt->len = (size_t)opt->bytes[1] * UNIT;
	/* RFC 4861 section 4.6: a length of zero spoils the packet. */
	if (opt->len == 0)
		it->bad = WIRE_BAD_OPTION_LEN;
	else if (opt->len > left)
		it->bad = WIRE_BAD_OPTION_PAST_END;
	else
		it->at += opt->len;
	return it->bad == WIRE_BAD_NONE;
}

/* What a message may carry (RFC 4861 sections 4.1 to 4.4; the options of RFC 6275
 * section 7 and of RFC 4191 in Router Advertisements only). */
static unsigned int allowed_options(enum nd_type type)
{
	switch (type) {
	case ND_RS:
	case ND_NS:
		return ND_HAS_SLLA;
	case ND_RA:
		return ND_HAS_SLLA | ND_HAS_MTU | ND_HAS_ADV_INTERVAL | ND_HAS_HA_INFO |
		       ND_HAS_PREFIX | ND_HAS_ROUTE;
	case ND_NA:
		return ND_HAS_TLLA;
	}
	return 0;
}

bool nd_prefix_decode(const struct ndopt *opt, struct nd_prefix_info *out)
{
	struct reader r;
	uint8_t flags;

	if (opt->len != PREFIX_LEN)
		return false;
	reader_init(&r, opt->bytes, opt->len);
	read_skip(&r, 2);
	out->prefix_len = read_u8(&r);
	flags = read_u8(&r);
	out->on_link = (flags & PREFIX_L) != 0;
	out->autonomous = (flags & PREFIX_A) != 0;
	out->router_address = (flags & PREFIX_R) != 0;
	out->valid_s = read_u32(&r);
	out->preferred_s = read_u32(&r);
	read_skip(&r, 4); /* reserved */
	out->addr = read_addr(&r);
	if (out->prefix_len > 128)
		return false;
	if (!out->router_address)
		out->addr = prefix_of(&out->addr, out->prefix_len).addr;
	return true;
}

/* False when the route is to be ignored. */
static bool decode_route(const struct ndopt *opt, struct nd_route_info *out)
{
	uint8_t bytes[16] = { 0 };
	struct in6_addr addr;
	struct reader r;
	uint8_t flags;

	reader_init(&r, opt->bytes, opt->len);
	read_skip(&r, 2);
	out->prefix_len = read_u8(&r);
	flags = read_u8(&r);
	out->lifetime_s = read_u32(&r);
	/* RFC 4191 section 2.3: which lengths go with which prefix lengths. */
	if (out->prefix_len > 128 || opt->len > 3 * UNIT ||
	    (out->prefix_len > 64 && opt->len != 3 * UNIT) ||
	    (out->prefix_len > 0 && opt->len < 2 * UNIT))
		return false;
	read_bytes(&r, bytes, reader_left(&r));
	memcpy(&addr, bytes, sizeof(addr));
	out->prefix = prefix_of(&addr, out->prefix_len).addr;
	switch (flags >> 3 & 3) {
	case 0:
		out->preference = ND_PREF_MEDIUM;
		return true;
	case 1:
		out->preference = ND_PREF_HIGH;
		return true;
	case 3:
		out->preference = ND_PREF_LOW;
		return true;
	}
	/* RFC 4191 section 2.3: with the reserved value, MUST be ignored. */
	return false;
}

static bool take_lladdr(const struct ndopt *opt, struct nd_lladdr *out)
{
	if (opt->len - 2 > ND_LLADDR_MAX)
		return false;
	out->len = (uint8_t)(opt->len - 2);
	memcpy(out->addr, opt->bytes + 2, out->len);
	return true;
}

static bool take_mtu(const struct ndopt *opt, struct nd_options *out)
{
	struct reader r;

	if (opt->len != UNIT)
		return false;
	reader_init(&r, opt->bytes, opt->len);
	read_skip(&r, 4);
	out->mtu = read_u32(&r);
	return true;
}

static bool take_adv_interval(const struct ndopt *opt, struct nd_options *out)
{
	struct reader r;

	/* RFC 6275 section 7.3: the length MUST be 1. */
	if (opt->len != UNIT)
		return false;
	reader_init(&r, opt->bytes, opt->len);
	read_skip(&r, 4);
	out->adv_interval_ms = read_u32(&r);
	return true;
}

static bool take_ha_info(const struct ndopt *opt, struct nd_options *out)
{
	struct reader r;

	/* RFC 6275 section 7.4: the length MUST be 1. */
	if (opt->len != UNIT)
		return false;
	reader_init(&r, opt->bytes, opt->len);
	read_skip(&r, 2);
	out->ha_info.mobile_routers = (read_u16(&r) & HA_INFO_R) != 0;
	out->ha_info.preference = read_u16(&r);
	out->ha_info.lifetime_s = read_u16(&r);
	return true;
}

static bool take_prefix(const struct ndopt *opt, struct nd_options *out)
{
	struct nd_prefix_info info;

	if (!nd_prefix_decode(opt, &info))
		return false;
	if (out->prefix_count == ND_PREFIX_MAX) {
		out->overflow |= ND_HAS_PREFIX;
		return false;
	}
	out->prefix[out->prefix_count++] = info;
	return true;
}

static bool take_route(const struct ndopt *opt, struct nd_options *out)
{
	struct nd_route_info info;

	if (!decode_route(opt, &info))
		return false;
	if (out->route_count == ND_ROUTE_MAX) {
		out->overflow |= ND_HAS_ROUTE;
		return false;
	}
	out->route[out->route_count++] = info;
	return true;
}

static unsigned int option_bit(uint8_t type)
{
	switch (type) {
	case NDOPT_SLLA:
		return ND_HAS_SLLA;
	case NDOPT_TLLA:
		return ND_HAS_TLLA;
	case NDOPT_PREFIX:
		return ND_HAS_PREFIX;
	case NDOPT_MTU:
		return ND_HAS_MTU;
	case NDOPT_ADV_INTERVAL:
		return ND_HAS_ADV_INTERVAL;
	case NDOPT_HA_INFO:
		return ND_HAS_HA_INFO;
	case NDOPT_ROUTE:
		return ND_HAS_ROUTE;
	}
	return 0;
}

/* True when the option was used. */
static bool take_option(const struct ndopt *opt, unsigned int allowed, struct nd_options *out)
{
	unsigned int bit = option_bit(opt->type) & allowed;
	bool taken = false;

	if (!(bit & (ND_HAS_PREFIX | ND_HAS_ROUTE)) && nd_has(out, bit))
		return false;
	switch (bit) {
	case ND_HAS_SLLA:
		taken = take_lladdr(opt, &out->slla);
		break;
	case ND_HAS_TLLA:
		taken = take_lladdr(opt, &out->tlla);
		break;
	case ND_HAS_MTU:
		taken = take_mtu(opt, out);
		break;
	case ND_HAS_ADV_INTERVAL:
		taken = take_adv_interval(opt, out);
		break;
	case ND_HAS_HA_INFO:
		taken = take_ha_info(opt, out);
		break;
	case ND_HAS_PREFIX:
		taken = take_prefix(opt, out);
		break;
	case ND_HAS_ROUTE:
		taken = take_route(opt, out);
		break;
	}
	if (taken)
		out->present |= bit;
	return taken;
}

enum wire_verdict ndopt_decode(const uint8_t *msg, size_t len, size_t first, enum nd_type type,
			       struct nd_options *out, struct wire_error *err)
{
	unsigned int allowed = allowed_options(type);
	struct ndopt_iter it;
	struct ndopt opt;

	memset(out, 0, sizeof(*out));
	ndopt_iter_init(&it, msg, len, first);
	while (ndopt_next(&it, &opt)) {
		if (!take_option(&opt, allowed, out))
			out->skipped++;
	}
	if (it.bad != WIRE_BAD_NONE) {
		*err = (struct wire_error){ .reason = it.bad, .offset = it.at };
		return WIRE_MALFORMED;
	}
	return WIRE_OK;
}

bool nd_prefix_is_sendable(const struct nd_prefix_info *info)
{
	return info->prefix_len <= 128 && info->preferred_s <= info->valid_s;
}

void nd_prefix_encode(const struct nd_prefix_info *info, struct writer *w)
{
	struct in6_addr addr = info->addr;

	if (!info->router_address)
		addr = prefix_of(&addr, info->prefix_len).addr;
	write_u8(w, NDOPT_PREFIX);
	write_u8(w, PREFIX_LEN / UNIT);
	write_u8(w, info->prefix_len);
	write_u8(w, (uint8_t)((info->on_link ? PREFIX_L : 0) | (info->autonomous ? PREFIX_A : 0) |
			      (info->router_address ? PREFIX_R : 0)));
	write_u32(w, info->valid_s);
	write_u32(w, info->preferred_s);
	write_u32(w, 0); /* reserved */
	write_addr(w, &addr);
}

static void encode_lladdr(const struct nd_lladdr *a, uint8_t type, struct writer *w)
{
	size_t units = (2u + a->len + UNIT - 1) / UNIT;

	write_u8(w, type);
	write_u8(w, (uint8_t)units);
	write_bytes(w, a->addr, a->len);
	write_zeros(w, units * UNIT - 2 - a->len);
}

static void encode_route(const struct nd_route_info *route, struct writer *w)
{
	struct in6_addr prefix = prefix_of(&route->prefix, route->prefix_len).addr;
	size_t prefix_bytes = 0;

	if (route->prefix_len > 64)
		prefix_bytes = 16;
	else if (route->prefix_len > 0)
		prefix_bytes = 8;
	write_u8(w, NDOPT_ROUTE);
	write_u8(w, (uint8_t)(1 + prefix_bytes / UNIT));
	write_u8(w, route->prefix_len);
	write_u8(w, (uint8_t)(((unsigned int)route->preference & 3) << 3));
	write_u32(w, route->lifetime_s);
	write_bytes(w, &prefix, prefix_bytes);
}

static bool lladdr_is_sendable(const struct nd_lladdr *a)
{
	return a->len > 0 && a->len <= ND_LLADDR_MAX;
}

static bool options_are_sendable(const struct nd_options *o, unsigned int allowed)
{
	unsigned int i;

	if (o->present & ~allowed)
		return false;
	if (o->prefix_count > ND_PREFIX_MAX || nd_has(o, ND_HAS_PREFIX) != (o->prefix_count > 0))
		return false;
	if (o->route_count > ND_ROUTE_MAX || nd_has(o, ND_HAS_ROUTE) != (o->route_count > 0))
		return false;
	if ((nd_has(o, ND_HAS_SLLA) && !lladdr_is_sendable(&o->slla)) ||
	    (nd_has(o, ND_HAS_TLLA) && !lladdr_is_sendable(&o->tlla)))
		return false;
	/* RFC 6275 section 7.4: a lifetime of 0 MUST NOT be used. */
	if (nd_has(o, ND_HAS_HA_INFO) && o->ha_info.lifetime_s == 0)
		return false;
	for (i = 0; i < o->prefix_count; i++) {
		if (!nd_prefix_is_sendable(&o->prefix[i]))
			return false;
	}
	for (i = 0; i < o->route_count; i++) {
		if (o->route[i].prefix_len > 128 || o->route[i].preference < ND_PREF_LOW ||
		    o->route[i].preference > ND_PREF_HIGH)
			return false;
	}
	return true;
}

int ndopt_encode(const struct nd_options *o, enum nd_type type, struct writer *w)
{
	unsigned int i;

	if (!options_are_sendable(o, allowed_options(type)))
		return -EINVAL;
	if (nd_has(o, ND_HAS_SLLA))
		encode_lladdr(&o->slla, NDOPT_SLLA, w);
	if (nd_has(o, ND_HAS_TLLA))
		encode_lladdr(&o->tlla, NDOPT_TLLA, w);
	if (nd_has(o, ND_HAS_MTU)) {
		write_u8(w, NDOPT_MTU);
		write_u8(w, 1);
		write_u16(w, 0); /* reserved */
		write_u32(w, o->mtu);
	}
	if (nd_has(o, ND_HAS_ADV_INTERVAL)) {
		write_u8(w, NDOPT_ADV_INTERVAL);
		write_u8(w, 1);
		write_u16(w, 0); /* reserved */
		write_u32(w, o->adv_interval_ms);
	}
	if (nd_has(o, ND_HAS_HA_INFO)) {
		write_u8(w, NDOPT_HA_INFO);
		write_u8(w, 1);
		write_u16(w, o->ha_info.mobile_routers ? HA_INFO_R : 0);
		write_u16(w, o->ha_info.preference);
		write_u16(w, o->ha_info.lifetime_s);
	}
	for (i = 0; i < o->prefix_count; i++)
		nd_prefix_encode(&o->prefix[i], w);
	for (i = 0; i < o->route_count; i++)
		encode_route(&o->route[i], w);
	return 0;
}
