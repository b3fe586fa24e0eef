// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Binding Authorization Data option's value, RFC 6275 6.2.7; see auth.h.
 * wire/mh.h knows which bytes of a message are "MH Data"; here come the addresses
 * before them and the key. Used by the correspondent and the mobile node to
 * check, and by mip6_send_mh_auth() to sign.
 */
#include "core/auth.h"

#include <errno.h>
#include <string.h>

#include "base/crypto.h"
#include "wire/mh.h"

int auth_compute(const uint8_t *kbm, size_t kbm_len, const struct in6_addr *coa,
		 const struct in6_addr *cn, const uint8_t *mh, size_t len, size_t at,
		 uint8_t out[MH_AUTHENTICATOR_LEN])
{
	struct crypto_part parts[2 + MH_AUTH_PARTS] = {
		{ coa, sizeof(*coa) },
		{ cn, sizeof(*cn) },
	};
	size_t n = mh_auth_parts(mh, len, at, parts + 2);
	uint8_t mac[SHA1_LEN];
	int err;

	memset(out, 0, MH_AUTHENTICATOR_LEN);
	if (n == 0)
		return -EINVAL;
	err = crypto_hmac_sha1(kbm, kbm_len, parts, 2 + n, mac);
	if (!err)
		memcpy(out, mac, MH_AUTHENTICATOR_LEN);
	return err;
}

bool auth_check(const uint8_t *kbm, size_t kbm_len, const struct in6_addr *coa,
		const struct in6_addr *cn, const uint8_t *mh, size_t len,
		const struct mh_options *opts)
{
	uint8_t right[MH_AUTHENTICATOR_LEN];

	if (!mh_has(opts, MH_HAS_AUTH_DATA) || opts->auth_not_last)
		return false;
	if (auth_compute(kbm, kbm_len, coa, cn, mh, len, opts->authenticator_at, right))
		return false;
	return crypto_equal(right, opts->authenticator, sizeof(right));
}
