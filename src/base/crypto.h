// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The little cryptography of Mobile IPv6, done by OpenSSL's EVP interface.
 */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA1_LEN 20

/* Data in several parts, so that callers need not copy it together. */
struct crypto_part {
	const void *data;
	size_t len;
};

/* SHA-1 of the parts, one after the other (FIPS 180-4). 0, or -EIO when OpenSSL
 * refuses (the output is zeroed then). */
int crypto_sha1(const struct crypto_part *parts, size_t n, uint8_t out[SHA1_LEN]);
/* HMAC-SHA1 of the parts (RFC 2104); a key of any length, also none. 0 or -EIO,
 * as above. RFC 6275 uses the first 64 or 96 bits of the result. */
int crypto_hmac_sha1(const void *key, size_t key_len, const struct crypto_part *parts, size_t n,
		     uint8_t out[SHA1_LEN]);
/* True when both are equal; takes the same time wherever they differ. */
bool crypto_equal(const void *a, const void *b, size_t len);
/* Bytes fit for keys and nonces. 0, or -EIO (`out` is zeroed then). */
int crypto_random(void *out, size_t len);
/* Overwrites secrets, so that the compiler cannot leave it out. */
void crypto_wipe(void *p, size_t len);

#endif
