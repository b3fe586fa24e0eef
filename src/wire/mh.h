// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Mobility Header (RFC 6275 section 6.1): every message as one struct, in
 * host order, lifetimes in seconds.
 *
 * Receiving: mh_checksum_ok(), then mh_decode(), in that order (section 9.2),
 * because a message with a wrong checksum is dropped silently, whatever else is
 * wrong with it.
 *
 * Sending: fill a struct mh_msg, mh_encode(). A message that carries an
 * authenticator is made in three steps: encode it with the option present and a
 * zero value, compute the value over mh_auth_parts(), and put it in its place
 * with mh_seal(), which also renews the checksum.
 */
#ifndef WIRE_MH_H
#define WIRE_MH_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "wire/mhopt.h"
#include "wire/numbers.h"
#include "wire/wire.h"

#define MH_FIXED_LEN	  6    /* up to and including the checksum */
#define MH_LEN_MAX	  2048 /* Header Len is 8 bits in units of 8 octets */
#define MH_COOKIE_LEN	  8
#define MH_TOKEN_LEN	  8
#define MH_LIFETIME_MAX_S 262140 /* 65535 units of 4 seconds */

/* Home Test Init and Care-of Test Init (6.1.3, 6.1.4). */
struct mh_test_init {
	uint8_t cookie[MH_COOKIE_LEN];
};

/* Home Test and Care-of Test (6.1.5, 6.1.6). */
struct mh_test {
	uint16_t nonce_index;
	uint8_t cookie[MH_COOKIE_LEN];
	uint8_t token[MH_TOKEN_LEN];
};

/* Binding Update (6.1.7). */
struct mh_bu {
	uint16_t seq;
	uint16_t flags;	     /* enum mh_bu_flag; reserved bits are zero */
	uint32_t lifetime_s; /* 0 deletes the binding */
};

/* Binding Acknowledgement (6.1.8). */
struct mh_ba {
	uint8_t status; /* enum mh_ba_status, or a value that we do not know */
	uint8_t flags;	/* enum mh_ba_flag; reserved bits are zero */
	uint16_t seq;
	uint32_t lifetime_s;
};

/* Binding Error (6.1.9). */
struct mh_be {
	uint8_t status;	      /* enum mh_be_status, or a value that we do not know */
	struct in6_addr home; /* unspecified where there was none */
};

/* Any message; `type` tells which member of the union is meant. A Binding
 * Refresh Request (6.1.2) has no fields of its own. */
struct mh_msg {
	enum mh_type type;
	union {
		struct mh_test_init hoti;
		struct mh_test_init coti;
		struct mh_test hot;
		struct mh_test cot;
		struct mh_bu bu;
		struct mh_ba ba;
		struct mh_be be;
	};
	struct mh_options opts;
};

/* True when the checksum is right. The length is taken from the header, as RFC
 * 6275 section 6.1.1 demands; a header longer than the `len` bytes that are there
 * has no checksum to speak of: false. Addresses as for wire_checksum(): `src` is
 * the home address of a Home Address option, if the packet has one, otherwise
 * the source of the packet; `dst` the home address of a type 2 routing header,
 * if there is one, otherwise the destination. (The Linux kernel hands packets
 * to sockets with both already exchanged into the IPv6 header.) */
bool mh_checksum_ok(const struct in6_addr *src, const struct in6_addr *dst, const uint8_t *data,
		    size_t len);

/* Decodes `len` bytes that begin with a Mobility Header. Bytes behind the length
 * that the header gives are ignored (RFC 8200 section 4.7). Checks in the order
 * of RFC 6275 section 9.2: MH type (WIRE_BAD_MH_TYPE: answer with a Binding
 * Error, status 2), payload protocol, header length, then the options. The
 * checksum is not looked at. `out` is filled only with WIRE_OK. Never WIRE_IGNORE. */
enum wire_verdict mh_decode(const uint8_t *data, size_t len, struct mh_msg *out,
			    struct wire_error *err);

/*
 * Writes the message, with its checksum, into `buf` and returns its length, a
 * multiple of 8. Addresses as for mh_checksum_ok(). Fields that were only
 * meant for decoding are not looked at; reserved flags must be zero.
 * -EMSGSIZE when `size` or the header's 8 bit length is too small;
 * -EINVAL for an unknown type, reserved flags, a lifetime over MH_LIFETIME_MAX_S
 * or of 1 to 3 seconds (which would round to 0 and so delete the binding), or
 * options that cannot be (see mhopt_encode). Other lifetimes are rounded down
 * to whole units of 4 seconds.
 */
int mh_encode(const struct mh_msg *msg, const struct in6_addr *src, const struct in6_addr *dst,
	      uint8_t *buf, size_t size);

/* What a lifetime becomes on the wire: rounded down to whole units of 4 seconds
 * and cut to MH_LIFETIME_MAX_S. Who grants lifetimes stores this value, so that
 * both ends believe the same. */
static inline uint32_t mh_lifetime_floor_s(uint64_t lifetime_s)
{
	return lifetime_s > MH_LIFETIME_MAX_S ? MH_LIFETIME_MAX_S : (uint32_t)lifetime_s & ~3u;
}

/* Enough parts for what mh_auth_parts() gives. */
#define MH_AUTH_PARTS 4

/*
 * The "MH Data" of RFC 6275 section 6.2.7: the Mobility Header without the
 * authenticator and as if its checksum were zero, as parts that
 * crypto_hmac_sha1() takes behind the care-of and the correspondent address.
 * `mh` is the received or encoded message of `len` bytes, `at` the offset of the
 * authenticator: opts.authenticator_at of a decoded message, len - 12 of one
 * that mh_encode() made. Returns how many parts were filled, 0 when `at` does
 * not fit. The parts point into `mh`, and to static zeros.
 */
size_t mh_auth_parts(const uint8_t *mh, size_t len, size_t at,
		     struct crypto_part parts[MH_AUTH_PARTS]);

/* The same for the authentication option of RFC 4285 (section 5.1): the header up to and
 * including the SPI, that is, up to `at`, the offset of the authentication data
 * (mh_authentication.data_at), checksum as zero. */
size_t mh_auth4285_parts(const uint8_t *mh, size_t len, size_t at,
			 struct crypto_part parts[MH_AUTH_PARTS]);

/* Overwrites `value_len` bytes of an encoded message at offset `at` (the
 * authenticator, or the data of an authentication option), and renews the
 * checksum. 0, or -EINVAL when that lies outside of the message's options. */
int mh_seal(uint8_t *mh, size_t len, size_t at, const uint8_t *value, size_t value_len,
	    const struct in6_addr *src, const struct in6_addr *dst);

/* The MH type field of a message of which mh_decode() said WIRE_BAD_MH_TYPE, or
 * of any other with at least 3 bytes; -1 when there are fewer. */
int mh_peek_type(const uint8_t *data, size_t len);

/* "Binding Update"; "unknown" for types we do not know. Static text. */
const char *mh_type_name(unsigned int type);
/* "Insufficient resources"; "unknown" for values we do not know. Static text. */
const char *mh_ba_status_name(uint8_t status);
const char *mh_be_status_name(uint8_t status);

/* Room for the letters of all flags. */
struct mh_flags_buf {
	char text[12];
};
/* "AHLK": letters of the flags that are set, "-" for none. Returns buf->text. */
const char *mh_bu_flags_text(uint16_t flags, struct mh_flags_buf *buf);
const char *mh_ba_flags_text(uint8_t flags, struct mh_flags_buf *buf);

#endif
