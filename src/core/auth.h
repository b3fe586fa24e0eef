// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The authenticator of Binding Updates and Acknowledgements to and from
 * correspondents (RFC 6275 6.2.7, checks of 9.5.1).
 */
#ifndef CORE_AUTH_H
#define CORE_AUTH_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/mhopt.h"

/* First (96, HMAC_SHA1 (Kbm, (care-of address | correspondent | MH Data))) of a
 * whole message `mh` of `len` bytes with the authenticator at offset `at`.
 * `coa`: the care-of address to be registered, the home address to
 * deregister. `cn`: the correspondent's address, its home address when it is
 * mobile itself. 0; -EINVAL when `at` cannot be; -EIO. */
int auth_compute(const uint8_t *kbm, size_t kbm_len, const struct in6_addr *coa,
		 const struct in6_addr *cn, const uint8_t *mh, size_t len, size_t at,
		 uint8_t out[MH_AUTHENTICATOR_LEN]);

/* True when the received message, decoded into `opts`, has the option, as the
 * last one without padding behind it (9.5.1: MUST), and its value is right.
 * Compares in constant time. */
bool auth_check(const uint8_t *kbm, size_t kbm_len, const struct in6_addr *coa,
		const struct in6_addr *cn, const uint8_t *mh, size_t len,
		const struct mh_options *opts);

#endif
