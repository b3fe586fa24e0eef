// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A pool of random bytes, filled by crypto_random() as a whole: delays and identifiers of
 * mobile prefix discovery (RFC 6275 10.6), nonces of solicitations (RFC 7527). The pool is
 * used up from its end; what was given out is no longer in it.
 */
#include "base/random.h"

#include <errno.h>
#include <string.h>

#include "base/crypto.h"

int random_take(struct random_pool *p, void *out, size_t len)
{
	int err = 0;

	if (len > sizeof(p->bytes)) {
		memset(out, 0, len);
		return -EIO;
	}
	if (p->left < len) {
		err = crypto_random(p->bytes, sizeof(p->bytes));
		p->left = err ? 0 : sizeof(p->bytes);
	}
	if (err) {
		memset(out, 0, len);
		return err;
	}
	p->left -= len;
	memcpy(out, p->bytes + p->left, len);
	crypto_wipe(p->bytes + p->left, len);
	return 0;
}
