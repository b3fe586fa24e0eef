// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SHA-1, HMAC-SHA1, random bytes, comparison and wiping of secrets, by OpenSSL;
 * no other file includes it. Called for return routability (RFC 6275 5.2.3 to
 * 5.2.6: tokens, binding management key), the Binding Authorization Data option
 * (6.2.7) and the authentication option (RFC 4285).
 *
 * The algorithms are fetched anew for each calculation. Keeping them would save
 * a fifth of a microsecond of about one, and cost a hidden global.
 */
#include "base/crypto.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <string.h>

int crypto_sha1(const struct crypto_part *parts, size_t n, uint8_t out[SHA1_LEN])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	unsigned int len = 0;
	bool ok = c && EVP_DigestInit_ex(c, EVP_sha1(), NULL) == 1;

	for (size_t i = 0; ok && i < n; i++)
		ok = parts[i].len == 0 ||
		     EVP_DigestUpdate(c, parts[i].data, parts[i].len) == 1;
	ok = ok && EVP_DigestFinal_ex(c, out, &len) == 1 && len == SHA1_LEN;
	EVP_MD_CTX_free(c);
	if (!ok)
		memset(out, 0, SHA1_LEN);
	return ok ? 0 : -EIO;
}

int crypto_hmac_sha1(const void *key, size_t key_len, const struct crypto_part *parts, size_t n,
		     uint8_t out[SHA1_LEN])
{
	char digest[] = "SHA1";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *c = mac ? EVP_MAC_CTX_new(mac) : NULL;
	size_t len = 0;
	bool ok;

	/* To OpenSSL a key at NULL means "as before"; an empty key is somewhere. */
	if (key_len == 0)
		key = "";
	ok = c && EVP_MAC_init(c, key, key_len, params) == 1;
	for (size_t i = 0; ok && i < n; i++)
		ok = parts[i].len == 0 || EVP_MAC_update(c, parts[i].data, parts[i].len) == 1;
	ok = ok && EVP_MAC_final(c, out, &len, SHA1_LEN) == 1 && len == SHA1_LEN;
	EVP_MAC_CTX_free(c);
	EVP_MAC_free(mac);
	if (!ok)
		memset(out, 0, SHA1_LEN);
	return ok ? 0 : -EIO;
}

bool crypto_equal(const void *a, const void *b, size_t len)
{
	return len == 0 || CRYPTO_memcmp(a, b, len) == 0;
}

int crypto_random(void *out, size_t len)
{
	if (len == 0 || RAND_priv_bytes_ex(NULL, out, len, 0) == 1)
		return 0;
	memset(out, 0, len);
	return -EIO;
}

void crypto_wipe(void *p, size_t len)
{
	OPENSSL_cleanse(p, len);
}
