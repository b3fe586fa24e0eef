// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Neighbour Discovery messages (RFC 4861 section 4) with the changes and new
 * options of Mobile IPv6 (RFC 6275 section 7), of RFC 4191 (router preference,
 * route information) and of RFC 3963 (R flag of the home agent information).
 *
 * The decoder carries out the validation of RFC 4861 sections 6.1.1, 6.1.2,
 * 7.1.1 and 7.1.2 except for the checksum, which the kernel verifies on raw
 * ICMPv6 sockets (wire_checksum() does it in tests). Options that a message is
 * not defined to carry, unknown ones, and known ones with an impossible length
 * or prefix are skipped; an option of length zero or past the end spoils the
 * message.
 */
#ifndef WIRE_ND_H
#define WIRE_ND_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "wire/numbers.h"
#include "wire/wire.h"

#define ND_LLADDR_MAX 30
#define ND_PREFIX_MAX 32
#define ND_ROUTE_MAX  16
#define ND_LEN_MAX    2048 /* more than any message that nd_encode() makes */

/* How a packet came, as far as validation needs it. */
struct nd_packet {
	struct in6_addr src;
	struct in6_addr dst;
	uint8_t hop_limit;
};

/* Preference of a router or route, RFC 4191 section 2.1. */
enum nd_preference { ND_PREF_LOW = -1, ND_PREF_MEDIUM = 0, ND_PREF_HIGH = 1 };

/* Router Advertisement. A value of zero means "unspecified" in cur_hop_limit,
 * reachable_ms and retrans_ms (RFC 4861 section 4.2). */
struct nd_ra {
	uint8_t cur_hop_limit;
	bool managed;		       /* M */
	bool other;		       /* O */
	bool home_agent;	       /* H, RFC 6275 section 7.1 */
	enum nd_preference preference; /* medium where lifetime_s is 0 (RFC 4191 2.2) */
	uint16_t lifetime_s;	       /* as a default router; 0: not one */
	uint32_t reachable_ms;
	uint32_t retrans_ms;
};

struct nd_ns {
	struct in6_addr target;
};

struct nd_na {
	struct in6_addr target;
	bool router;	/* R */
	bool solicited; /* S */
	bool override;	/* O */
};

/* Link-layer address: 6 bytes for Ethernet. On the wire it fills its option, so
 * other lengths come back padded with zeros up to 8n - 2. */
struct nd_lladdr {
	uint8_t len; /* 1..ND_LLADDR_MAX */
	uint8_t addr[ND_LLADDR_MAX];
};

/* Prefix Information, RFC 4861 section 4.6.2 and RFC 6275 section 7.2. */
struct nd_prefix_info {
	/* With router_address, the whole address of the router; otherwise the
	 * prefix, bits behind its length zero (RFC 4861: reserved). */
	struct in6_addr addr;
	uint8_t prefix_len;  /* 0..128 */
	bool on_link;	     /* L */
	bool autonomous;     /* A */
	bool router_address; /* R */
	uint32_t valid_s;    /* ND_LIFETIME_INFINITE: for ever */
	uint32_t preferred_s;
};

/* Route Information, RFC 4191 section 2.3. */
struct nd_route_info {
	struct in6_addr prefix; /* bits behind the length are zero */
	uint8_t prefix_len;	/* 0..128 */
	enum nd_preference preference;
	uint32_t lifetime_s; /* ND_LIFETIME_INFINITE: for ever */
};

/* Home Agent Information, RFC 6275 section 7.4, R flag RFC 3963 section 7.3. */
struct nd_ha_info {
	uint16_t preference; /* higher is better, 0 is the default */
	uint16_t lifetime_s; /* a sender MUST NOT use 0 */
	bool mobile_routers; /* R: serves mobile routers */
};

enum nd_option_bit {
	ND_HAS_SLLA = 1 << 0, /* RS, RA, NS */
	ND_HAS_TLLA = 1 << 1, /* NA */
	ND_HAS_MTU = 1 << 2,  /* RA from here on */
	ND_HAS_ADV_INTERVAL = 1 << 3,
	ND_HAS_HA_INFO = 1 << 4,
	ND_HAS_PREFIX = 1 << 5, /* the list prefix */
	ND_HAS_ROUTE = 1 << 6,	/* the list route */
};

/* All options of one message. Zeroed means none. Of an option that may come
 * once only, the first counts. */
struct nd_options {
	unsigned int present;  /* enum nd_option_bit */
	unsigned int overflow; /* decoded only: a list had more than fits */
	unsigned int skipped;  /* decoded only: options not used, for the log */
	struct nd_lladdr slla;
	struct nd_lladdr tlla;
	uint32_t mtu;
	uint32_t adv_interval_ms; /* RFC 6275 section 7.3: the maximum */
	struct nd_ha_info ha_info;
	unsigned int prefix_count; /* ND_HAS_PREFIX is set exactly when > 0 */
	struct nd_prefix_info prefix[ND_PREFIX_MAX];
	unsigned int route_count; /* ND_HAS_ROUTE likewise */
	struct nd_route_info route[ND_ROUTE_MAX];
};

/* Any message. A Router Solicitation has no fields of its own. */
struct nd_msg {
	enum nd_type type;
	union {
		struct nd_ra ra;
		struct nd_ns ns;
		struct nd_na na;
	};
	struct nd_options opts;
};

/* True when the message has the option (any, where several bits are given). */
static inline bool nd_has(const struct nd_options *o, unsigned int bits)
{
	return (o->present & bits) != 0;
}

/* Decodes an ICMPv6 message of `len` bytes that came as `how` tells. WIRE_IGNORE
 * (reason TYPE) for other ICMPv6 types. WIRE_MALFORMED means "silently
 * discard" throughout: RFC 4861 never answers. `out` is filled only with WIRE_OK. */
enum wire_verdict nd_decode(const uint8_t *data, size_t len, const struct nd_packet *how,
			    struct nd_msg *out, struct wire_error *err);

/* Writes the message, with its checksum for `src` and `dst`, into `buf` and
 * returns its length. -EMSGSIZE when it does not fit; -EINVAL for what a sender
 * MUST NOT send: an option that the type does not have, a source link-layer
 * address from the unspecified address, home agent information without the H
 * bit or with lifetime 0, a preference outside of its enum, a prefix that
 * nd_prefix_is_sendable() refuses, a target or link-layer address that cannot be,
 * a count over its maximum or in disagreement with `present`. A preference is written as medium
 * where the router lifetime is 0 (RFC 4191 section 2.2). */
int nd_encode(const struct nd_msg *msg, const struct in6_addr *src, const struct in6_addr *dst,
	      uint8_t *buf, size_t size);

/*
 * Options in the format of RFC 4861 section 4.6, one after the other, up to the
 * end of the message:
 *
 *	ndopt_iter_init(&it, data, len, first);
 *	while (ndopt_next(&it, &opt))
 *		...
 *	if (it.bad != WIRE_BAD_NONE)
 *		the option at it.at has length zero or runs past the end
 */
struct ndopt_iter {
	const uint8_t *msg;
	size_t len;
	size_t at; /* offset of the next option from the start of the message */
	enum wire_reason bad;
};

struct ndopt {
	uint8_t type;	      /* enum ndopt_type, or one that we do not know */
	size_t len;	      /* bytes, type and length included: a multiple of 8, never 0 */
	const uint8_t *bytes; /* the option from its type on, inside the message */
};

void ndopt_iter_init(struct ndopt_iter *it, const uint8_t *msg, size_t len, size_t first);
bool ndopt_next(struct ndopt_iter *it, struct ndopt *opt);

/* Decodes all options of an nd_type from offset `first` on into `out`, which is
 * zeroed first. For nd_decode(). */
enum wire_verdict ndopt_decode(const uint8_t *msg, size_t len, size_t first, enum nd_type type,
			       struct nd_options *out, struct wire_error *err);
/* Writes all options; a write that does not fit shows in `w`. 0, or -EINVAL as nd_encode(). */
int ndopt_encode(const struct nd_options *opts, enum nd_type type, struct writer *w);

/* One Prefix Information option; the Mobile Prefix Advertisement has it as
 * well. Decoding is false when the option's length or the prefix length cannot
 * be. */
bool nd_prefix_decode(const struct ndopt *opt, struct nd_prefix_info *out);
void nd_prefix_encode(const struct nd_prefix_info *info, struct writer *w);
/* False for a prefix length over 128, and for a preferred lifetime beyond the
 * valid one (RFC 4861 section 4.6.2: MUST NOT exceed). */
bool nd_prefix_is_sendable(const struct nd_prefix_info *info);

/* "Router Advertisement"; "unknown" for other types. Static text. */
const char *nd_type_name(unsigned int type);

#endif
