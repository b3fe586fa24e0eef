// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mobility Header: decode, encode what was decoded, decode that again, compare
 * (RFC 6275 section 6.1); and that what an authenticator covers lies in the message.
 */
#include <errno.h>

#include "fuzz/fuzz.h"
#include "golden/golden.h"
#include "wire/mh.h"

static const struct in6_addr src = GOLDEN_HOA;
static const struct in6_addr dst = GOLDEN_HA;

/* Messages that may be received but not sent. */
static bool is_sendable(const struct mh_msg *msg)
{
	unsigned int i;

	if (mh_has(&msg->opts, MH_HAS_REFRESH) && msg->opts.refresh_s == 0)
		return false;
	for (i = 0; i < msg->opts.bid_count; i++) {
		if (msg->opts.bid[i].kind == MH_BID_COA_BAD)
			return false;
	}
	return true;
}

static void check_coverage(const uint8_t *data, size_t size, const struct mh_options *opts)
{
	size_t total = ((size_t)data[1] + 1) * 8;
	struct crypto_part parts[MH_AUTH_PARTS];
	size_t sum = 0;
	size_t n;
	size_t i;

	if (!mh_has(opts, MH_HAS_AUTH_DATA))
		return;
	n = mh_auth_parts(data, size, opts->authenticator_at, parts);
	for (i = 0; i < n; i++)
		sum += parts[i].len;
	FUZZ_CHECK(sum == total - MH_AUTHENTICATOR_LEN);
	/* Last means that it ends the header, and only that. */
	FUZZ_CHECK(opts->auth_not_last ==
		   (opts->authenticator_at + (size_t)MH_AUTHENTICATOR_LEN != total));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mh_msg one;
	static struct mh_msg two;
	struct wire_error err = { .reason = WIRE_BAD_NONE };
	uint8_t buf[MH_LEN_MAX];
	int len;

	(void)mh_checksum_ok(&src, &dst, data, size);
	if (mh_decode(data, size, &one, &err) != WIRE_OK) {
		FUZZ_CHECK(err.reason != WIRE_BAD_NONE && err.offset <= size);
		return 0;
	}
	FUZZ_CHECK(mh_peek_type(data, size) == (int)one.type);
	check_coverage(data, size, &one.opts);
	len = mh_encode(&one, &src, &dst, buf, sizeof(buf));
	if (!is_sendable(&one)) {
		FUZZ_CHECK(len == -EINVAL);
		return 0;
	}
	FUZZ_CHECK(len > 0 && len % 8 == 0);
	FUZZ_CHECK(mh_checksum_ok(&src, &dst, buf, (size_t)len));
	FUZZ_CHECK(mh_decode(buf, (size_t)len, &two, &err) == WIRE_OK);
	FUZZ_CHECK(golden_mh_equal(&one, &two));
	FUZZ_CHECK(!two.opts.auth_not_last);
	return 0;
}
