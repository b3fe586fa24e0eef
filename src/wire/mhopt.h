// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mobility options (RFC 6275 section 6.2 and its extensions): one struct that
 * holds all options of a message, an iterator for who wants to see each.
 *
 * Reading: options may come in any order and with any alignment; padding and
 * unknown options are skipped (RFC 6275 section 6.2.1). An option that runs past
 * the message, or a known one whose length cannot be, spoils the message. RFC
 * 6275 does not say what a repeated option means: the first counts, and the
 * repetition is noted in `repeated`.
 *
 * Writing: the builder aligns each option as its RFC asks, pads to a multiple of
 * 8, and puts what authenticates the message last, without padding behind it
 * (RFC 6275 section 6.2.7, RFC 4285 section 5.1). The order is: refresh advice,
 * alternate care-of address, nonce indices, mobile network prefixes, binding
 * identifiers, mobile node identifier, replay protection, authentication,
 * authorization data (RFC 4283 section 3.2: the identifier comes before
 * whatever authenticates).
 */
#ifndef WIRE_MHOPT_H
#define WIRE_MHOPT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "wire/numbers.h"
#include "wire/wire.h"

#define MH_AUTHENTICATOR_LEN  12 /* RFC 6275 section 6.2.7: First(96, ...) */
#define MH_MNP_MAX	      16
#define MH_BID_MAX	      8
#define MH_MN_ID_MAX	      254
#define MH_AUTHENTICATION_MAX 2
#define MH_AUTH_BYTES_MAX     250

/* Bits of `present` and `repeated`; `overflow` uses those of the lists. */
enum mh_option_bit {
	MH_HAS_REFRESH = 1 << 0,
	MH_HAS_ALT_COA = 1 << 1,
	MH_HAS_NONCES = 1 << 2,
	MH_HAS_AUTH_DATA = 1 << 3,
	MH_HAS_MN_ID = 1 << 4,
	MH_HAS_REPLAY = 1 << 5,
	MH_HAS_MNP = 1 << 6,		/* the list mnp */
	MH_HAS_BID = 1 << 7,		/* the list bid */
	MH_HAS_AUTHENTICATION = 1 << 8, /* the list authentication */
};

/* Mobile network prefix as received: the length may be over 128 and bits beyond
 * it may be set, because the home agent has to answer such a prefix with status
 * 141 (RFC 3963 section 6.2) rather than drop the message. */
struct mh_mnp {
	struct in6_addr addr;
	uint8_t len; /* bits */
};

/* Mobile node identifier, not terminated by zero. */
struct mh_mn_id {
	uint8_t subtype; /* enum mhopt_mn_id_subtype */
	uint8_t len;	 /* bytes of id, 0..MH_MN_ID_MAX */
	uint8_t id[MH_MN_ID_MAX];
};

/* Authentication option of RFC 4285. */
struct mh_authentication {
	uint8_t subtype; /* enum mhopt_auth_subtype */
	uint8_t len;	 /* bytes of data, 0..MH_AUTH_BYTES_MAX */
	uint32_t spi;
	uint16_t data_at; /* decoded: offset of the data from the start of the MH */
	uint8_t data[MH_AUTH_BYTES_MAX];
};

enum mh_bid_coa {
	MH_BID_NO_COA,	/* length 4 */
	MH_BID_COA_V4,	/* length 8 */
	MH_BID_COA_V6,	/* length 20 */
	MH_BID_COA_BAD, /* another length: answer status 164 (RFC 5648 section 4.4) */
};

/* Binding identifier of RFC 5648. */
struct mh_bid {
	uint16_t bid;
	uint8_t status; /* meaningful in BA and CoT only */
	bool home;	/* H: registered at home and away at once */
	enum mh_bid_coa kind;
	struct in_addr coa4; /* network order, as everywhere */
	struct in6_addr coa6;
};

/* All options of one message. Zeroed means no options. */
struct mh_options {
	unsigned int present;  /* enum mh_option_bit */
	unsigned int repeated; /* decoded only: came again and was not used */
	unsigned int overflow; /* decoded only: a list had more than fits */
	unsigned int unknown;  /* decoded only: how many options were skipped */

	uint32_t refresh_s;	 /* MH_HAS_REFRESH: refresh interval, whole 4 seconds */
	struct in6_addr alt_coa; /* MH_HAS_ALT_COA */
	uint16_t home_nonce;	 /* MH_HAS_NONCES */
	uint16_t careof_nonce;

	/* MH_HAS_AUTH_DATA. Decoded: where the authenticator begins, from the
	 * start of the MH, and whether anything came behind the option (then a
	 * receiver MUST discard the update, RFC 6275 section 9.5.1). */
	uint8_t authenticator[MH_AUTHENTICATOR_LEN];
	uint16_t authenticator_at;
	bool auth_not_last;

	struct mh_mn_id mn_id; /* MH_HAS_MN_ID */
	uint64_t replay_ntp;   /* MH_HAS_REPLAY: NTP timestamp, seconds since 1900 << 32 */

	unsigned int mnp_count; /* MH_HAS_MNP is set exactly when > 0 */
	struct mh_mnp mnp[MH_MNP_MAX];
	unsigned int bid_count; /* MH_HAS_BID likewise */
	struct mh_bid bid[MH_BID_MAX];
	/* MH_HAS_AUTHENTICATION likewise; in the order of the message, in which
	 * MN-HA has to come before MN-AAA (RFC 4285 section 5). At most one of a
	 * subtype; a second one of the same sets MH_HAS_AUTHENTICATION in `repeated`. */
	unsigned int authentication_count;
	struct mh_authentication authentication[MH_AUTHENTICATION_MAX];
};

/* True when the message has the option (any, where several bits are given). */
static inline bool mh_has(const struct mh_options *o, unsigned int bits)
{
	return (o->present & bits) != 0;
}

/*
 * Iterator over the raw options of a Mobility Header, padding included.
 *
 *	struct mhopt_iter it;
 *	struct mhopt opt;
 *
 *	mhopt_iter_init(&it, mh, mh_len, first);
 *	while (mhopt_next(&it, &opt))
 *		...
 *	if (it.bad)
 *		an option runs past the end, at it.at
 */
struct mhopt_iter {
	const uint8_t *mh;
	size_t len;
	size_t at; /* offset of the next option from the start of the MH */
	bool bad;
};

struct mhopt {
	uint8_t type;	     /* enum mhopt_type, or one that we do not know */
	uint8_t len;	     /* bytes of data; 0 for Pad1 */
	size_t at;	     /* offset of the option type from the start of the MH */
	const uint8_t *data; /* inside the MH */
};

/* Starts at offset `first` of a Mobility Header of `len` bytes. */
void mhopt_iter_init(struct mhopt_iter *it, const uint8_t *mh, size_t len, size_t first);
/* False at the end and when the next option does not fit. */
bool mhopt_next(struct mhopt_iter *it, struct mhopt *opt);

/* Decodes all options from offset `first` to the end of the header into `out`,
 * which is zeroed first. WIRE_OK or WIRE_MALFORMED (then `err` is filled). */
enum wire_verdict mhopt_decode(const uint8_t *mh, size_t len, size_t first, struct mh_options *out,
			       struct wire_error *err);

/* Writes all options behind what `w` already holds, which begins with the
 * Mobility Header (alignment counts from there), and pads, so that the whole is a
 * multiple of 8. 0; -EMSGSIZE when it does not fit; -EINVAL for a refresh
 * interval under 4 s or over MH_LIFETIME_MAX_S, a count or length over its
 * maximum, a list whose bit in `present` disagrees with its count, or
 * MH_BID_COA_BAD. */
int mhopt_encode(const struct mh_options *opts, struct writer *w);

#endif
