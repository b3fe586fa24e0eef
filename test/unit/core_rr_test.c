// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keygen tokens, nonces, the binding management key (RFC 6275 5.2) and the
 * authenticator (6.2.7). The known answers were computed with hmac and hashlib of
 * Python from the formulas of the RFC, not with this program.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "core/auth.h"
#include "core/rr.h"
#include "wire/mh.h"
#include "wire/numbers.h"

/* clang-format off */
static const struct in6_addr hoa = { { { 0x20, 1, 0xd, 0xb8, 0, 1, [14] = 1, 0 } } };
static const struct in6_addr coa = { { { 0x20, 1, 0xd, 0xb8, 0, 0xf2, [15] = 9 } } };
static const struct in6_addr cn = { { { 0x20, 1, 0xd, 0xb8, 0, 0xc, [15] = 0xc } } };

static const struct rr_nonce known = {
	.valid = true,
	.index = 7,
	.key = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 },
	.nonce = { 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7 },
};
static const uint8_t home_token[] = { 0x26, 0xef, 0xe9, 0x21, 0x2e, 0xa0, 0xe7, 0x52 };
static const uint8_t careof_token[] = { 0x55, 0x0e, 0xf8, 0x16, 0x2d, 0x19, 0x19, 0xc5 };
static const uint8_t kbm_both[] = { 0x18, 0x02, 0x67, 0xc5, 0xaa, 0x6e, 0x90, 0x5e, 0x14, 0xb2,
				    0xc0, 0xc8, 0xd3, 0x4e, 0x03, 0x84, 0x5f, 0xb1, 0x00, 0x3a };
static const uint8_t kbm_home[] = { 0xe8, 0x75, 0x50, 0xaa, 0x0d, 0x58, 0xec, 0xb7, 0x1d, 0x1b,
				    0x27, 0x50, 0x4e, 0x34, 0xa2, 0xf1, 0xe2, 0x45, 0x04, 0xa9 };
/* A Binding Update with a checksum (counted as zero), nonce indices 7 and 9, and the
 * right authenticator for kbm_both at offset 20. */
static const uint8_t update[] = {
	0x3b, 0x03, 0x05, 0x00, 0xbe, 0xef, 0x12, 0x34, 0x00, 0x00, 0x00, 0x05,
	0x04, 0x04, 0x00, 0x07, 0x00, 0x09, 0x05, 0x0c,
	0x7b, 0x65, 0x83, 0x73, 0xf8, 0x2c, 0xbf, 0x50, 0xca, 0xca, 0xc8, 0xf8,
};
/* The same bytes with kbm_home and the home address, for a deregistration. */
static const uint8_t away_from_it[] = { 0xd1, 0xcd, 0x4c, 0x0a, 0xde, 0x7a,
					0xe4, 0xc0, 0x87, 0x52, 0x5d, 0x2a };
/* clang-format on */

#define AUTH_AT 20

/* RFC 6275 5.2.5 */
static void tokens_have_the_known_values(void **state)
{
	uint8_t token[RR_TOKEN_LEN];

	(void)state;
	assert_int_equal(rr_token(&known, &hoa, RR_HOME, token), 0);
	assert_memory_equal(token, home_token, sizeof(token));
	assert_int_equal(rr_token(&known, &coa, RR_CAREOF, token), 0);
	assert_memory_equal(token, careof_token, sizeof(token));
	/* one address, two purposes, two tokens */
	assert_int_equal(rr_token(&known, &hoa, RR_CAREOF, token), 0);
	assert_memory_not_equal(token, home_token, sizeof(token));
}

/* RFC 6275 5.2.5, 5.2.6 */
static void the_management_key_has_the_known_value(void **state)
{
	struct rr rr = { .nonces = { known }, .next_index = 8 };
	uint8_t kbm[RR_KBM_LEN];

	(void)state;
	assert_int_equal(rr_kbm(home_token, careof_token, kbm), 0);
	assert_memory_equal(kbm, kbm_both, sizeof(kbm));
	assert_int_equal(rr_kbm(home_token, NULL, kbm), 0);
	assert_memory_equal(kbm, kbm_home, sizeof(kbm));
	assert_int_equal(rr_kbm_of_bu(&rr, 0, &hoa, &coa, 7, 7, kbm), MH_STATUS_ACCEPTED);
	assert_memory_equal(kbm, kbm_both, sizeof(kbm));
	/* to delete, the care-of nonce index is ignored (6.2.6) */
	assert_int_equal(rr_kbm_of_bu(&rr, 0, &hoa, NULL, 7, 999, kbm), MH_STATUS_ACCEPTED);
	assert_memory_equal(kbm, kbm_home, sizeof(kbm));
}

/* RFC 6275 5.2.7, 9.5.1: which index has expired decides the status; no key then. */
static void unknown_indices_are_told_apart(void **state)
{
	static const uint8_t none[RR_KBM_LEN];
	static const struct {
		uint16_t home, careof;
		uint8_t status;
	} cases[] = {
		{ 8, 7, MH_STATUS_HOME_NONCE },
		{ 7, 8, MH_STATUS_CAREOF_NONCE },
		{ 8, 8, MH_STATUS_NONCES },
	};
	struct rr rr = { .nonces = { known } };
	uint8_t kbm[RR_KBM_LEN];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(kbm, 0xee, sizeof(kbm));
		assert_int_equal(rr_kbm_of_bu(&rr, 0, &hoa, &coa, cases[i].home, cases[i].careof,
					      kbm),
				 cases[i].status);
		assert_memory_equal(kbm, none, sizeof(kbm));
	}
	assert_int_equal(rr_kbm_of_bu(&rr, 0, &hoa, NULL, 8, 7, kbm), MH_STATUS_HOME_NONCE);
	/* a slot that was never used is no nonce of index 0 */
	assert_null(rr_find(&rr, 0, 0));
}

/* RFC 6275 5.2.7: a nonce serves for 30 s, is accepted for 240 s (MUST NOT longer). */
static void nonces_change_and_expire(void **state)
{
	const uint64_t t_us = 5000 * US_PER_S;
	uint8_t first_key[RR_KEY_LEN];
	const struct rr_nonce *n;
	uint16_t first;
	struct rr rr;

	(void)state;
	assert_int_equal(rr_init(&rr), 0);
	n = rr_current(&rr, t_us);
	assert_non_null(n);
	first = n->index;
	memcpy(first_key, n->key, sizeof(first_key));
	assert_int_equal(rr_current(&rr, t_us + 30 * US_PER_S - 1)->index, first);
	n = rr_current(&rr, t_us + 30 * US_PER_S);
	assert_int_equal(n->index, (uint16_t)(first + 1));
	assert_memory_not_equal(n->key, first_key, sizeof(first_key));
	assert_non_null(rr_find(&rr, first, t_us + 240 * US_PER_S));
	assert_null(rr_find(&rr, first, t_us + 240 * US_PER_S + 1));
	assert_non_null(rr_find(&rr, (uint16_t)(first + 1), t_us + 240 * US_PER_S + 1));
	rr_free(&rr);
}

/* RFC 6275 5.2.7: under steady use, a token is good for all of
 * MAX_TOKEN_LIFETIME, whenever it was made; the ring is large enough, and indices
 * run over. */
static void a_token_is_good_for_its_whole_lifetime(void **state)
{
	uint16_t index[4000];
	struct rr rr;

	(void)state;
	assert_int_equal(rr_init(&rr), 0);
	rr.next_index = UINT16_MAX - 10;
	for (size_t s = 0; s < 4000; s++) {
		index[s] = rr_current(&rr, s * US_PER_S)->index;
		if (s >= RR_MAX_TOKEN_LIFETIME_S)
			assert_non_null(rr_find(&rr, index[s - RR_MAX_TOKEN_LIFETIME_S],
						s * US_PER_S));
		if (s > RR_MAX_NONCE_LIFETIME_S)
			assert_null(rr_find(&rr, index[s - RR_MAX_NONCE_LIFETIME_S - 1],
					    s * US_PER_S));
	}
	assert_true(index[3999] < 200);
	rr_free(&rr);
}

/* RFC 6275 5.2.2: expired values MUST be discarded. */
static void expired_keys_are_wiped(void **state)
{
	static const struct rr_nonce none;
	struct rr rr = { .nonces = { known } };

	(void)state;
	assert_true(rr_expire(&rr, 0) == 240 * US_PER_S);
	assert_true(rr_expire(&rr, 240 * US_PER_S) == 240 * US_PER_S);
	assert_memory_equal(&rr.nonces[0], &known, sizeof(known));
	assert_true(rr_expire(&rr, 240 * US_PER_S + 1) == TIME_NEVER);
	assert_memory_equal(rr.nonces[0].key, none.key, sizeof(none.key));
	assert_memory_equal(rr.nonces[0].nonce, none.nonce, sizeof(none.nonce));
}

/* RFC 6275 6.2.7: without the checksum and the authenticator itself. */
static void authenticators_have_the_known_values(void **state)
{
	uint8_t out[MH_AUTHENTICATOR_LEN], other[sizeof(update)];

	(void)state;
	assert_int_equal(auth_compute(kbm_both, RR_KBM_LEN, &coa, &cn, update, sizeof(update),
				      AUTH_AT, out),
			 0);
	assert_memory_equal(out, update + AUTH_AT, sizeof(out));
	memcpy(other, update, sizeof(other));
	other[4] = 0;
	other[AUTH_AT] ^= 1;
	assert_int_equal(auth_compute(kbm_both, RR_KBM_LEN, &coa, &cn, other, sizeof(other),
				      AUTH_AT, out),
			 0);
	assert_memory_equal(out, update + AUTH_AT, sizeof(out));
	assert_int_equal(auth_compute(kbm_home, RR_KBM_LEN, &hoa, &cn, update, sizeof(update),
				      AUTH_AT, out),
			 0);
	assert_memory_equal(out, away_from_it, sizeof(out));
	assert_int_equal(auth_compute(kbm_both, RR_KBM_LEN, &coa, &cn, update, sizeof(update),
				      AUTH_AT + 1, out),
			 -EINVAL);
}

static bool is_authentic(const uint8_t *bytes, size_t len, const struct in6_addr *care_of)
{
	struct wire_error err;
	struct mh_msg msg;

	if (mh_decode(bytes, len, &msg, &err) != WIRE_OK)
		return false;
	return auth_check(kbm_both, RR_KBM_LEN, care_of, &cn, bytes, len, &msg.opts);
}

/* RFC 6275 9.5.1: every changed bit but those of the checksum is seen. */
static void a_changed_update_is_not_authentic(void **state)
{
	uint8_t changed[sizeof(update)];

	(void)state;
	assert_true(is_authentic(update, sizeof(update), &coa));
	assert_false(is_authentic(update, sizeof(update), &hoa));
	for (size_t bit = 0; bit < 8 * sizeof(update); bit++) {
		memcpy(changed, update, sizeof(changed));
		changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (bit / 8 == 4 || bit / 8 == 5)
			assert_true(is_authentic(changed, sizeof(changed), &coa));
		else
			assert_false(is_authentic(changed, sizeof(changed), &coa));
	}
}

/* RFC 6275 9.5.1: the option MUST be there, and MUST be the last one. */
static void an_update_without_a_last_authenticator_is_not_authentic(void **state)
{
	uint8_t longer[sizeof(update) + 8] = { 0 }, bare[sizeof(update)];

	(void)state;
	memcpy(longer, update, sizeof(update));
	longer[1]++;
	longer[sizeof(update)] = 1; /* PadN behind it */
	longer[sizeof(update) + 1] = 6;
	/* right for the longer message, were it allowed */
	assert_int_equal(auth_compute(kbm_both, RR_KBM_LEN, &coa, &cn, longer, sizeof(longer),
				      AUTH_AT, longer + AUTH_AT),
			 0);
	assert_false(is_authentic(longer, sizeof(longer), &coa));
	memcpy(bare, update, sizeof(bare));
	bare[18] = 1; /* PadN instead */
	assert_false(is_authentic(bare, sizeof(bare), &coa));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_have_the_known_values),
		cmocka_unit_test(the_management_key_has_the_known_value),
		cmocka_unit_test(unknown_indices_are_told_apart),
		cmocka_unit_test(nonces_change_and_expire),
		cmocka_unit_test(a_token_is_good_for_its_whole_lifetime),
		cmocka_unit_test(expired_keys_are_wiped),
		cmocka_unit_test(authenticators_have_the_known_values),
		cmocka_unit_test(a_changed_update_is_not_authentic),
		cmocka_unit_test(an_update_without_a_last_authenticator_is_not_authentic),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("core/rr, core/auth", tests, NULL, NULL);
}
