// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Return routability arithmetic, RFC 6275 5.2.1 to 5.2.7; see rr.h.
 *
 * A ring of eight nonces, each with a node key of its own. A nonce is made when
 * a token is asked for and the newest is 30 seconds old or there is none, so its
 * making is its first use; it is acceptable for 240 seconds from then. So every
 * token is good for at least 210 seconds, and when a ninth nonce overwrites the
 * first, that one has expired.
 */
#include "core/rr.h"

#include <string.h>

#include "base/time.h"
#include "base/crypto.h"
#include "wire/numbers.h"

#define NONCE_LIFETIME_US (RR_MAX_NONCE_LIFETIME_S * US_PER_S)
/* 5.2.7: the difference between both lifetimes. */
#define NEW_NONCE_US ((RR_MAX_NONCE_LIFETIME_S - RR_MAX_TOKEN_LIFETIME_S) * US_PER_S)

int rr_init(struct rr *r)
{
	memset(r, 0, sizeof(*r));
	return crypto_random(&r->next_index, sizeof(r->next_index));
}

void rr_free(struct rr *r)
{
	crypto_wipe(r, sizeof(*r));
}

static bool is_acceptable(const struct rr_nonce *n, uint64_t now_us)
{
	return n->valid && now_us - n->first_used_us <= NONCE_LIFETIME_US;
}

uint64_t rr_expire(struct rr *r, uint64_t now_us)
{
	uint64_t next = TIME_NEVER;
	unsigned int i;

	for (i = 0; i < RR_NONCES; i++) {
		struct rr_nonce *n = &r->nonces[i];

		if (n->valid && !is_acceptable(n, now_us))
			crypto_wipe(n, sizeof(*n));
		if (n->valid && n->first_used_us + NONCE_LIFETIME_US < next)
			next = n->first_used_us + NONCE_LIFETIME_US;
	}
	return next;
}

void rr_invalidate(struct rr *r, uint64_t until_us)
{
	for (unsigned int i = 0; i < RR_NONCES; i++) {
		if (r->nonces[i].valid && r->nonces[i].first_used_us <= until_us)
			crypto_wipe(&r->nonces[i], sizeof(r->nonces[i]));
	}
}

const struct rr_nonce *rr_current(struct rr *r, uint64_t now_us)
{
	struct rr_nonce *n = &r->nonces[r->newest];
	struct rr_nonce fresh = { .first_used_us = now_us, .valid = true };

	rr_expire(r, now_us);
	if (n->valid && now_us - n->first_used_us < NEW_NONCE_US)
		return n;
	if (crypto_random(fresh.key, sizeof(fresh.key)) ||
	    crypto_random(fresh.nonce, sizeof(fresh.nonce)))
		return NULL;
	fresh.index = r->next_index++;
	r->newest = (r->newest + 1) % RR_NONCES;
	r->nonces[r->newest] = fresh;
	crypto_wipe(&fresh, sizeof(fresh));
	return &r->nonces[r->newest];
}

const struct rr_nonce *rr_find(const struct rr *r, uint16_t index, uint64_t now_us)
{
	unsigned int i;

	for (i = 0; i < RR_NONCES; i++) {
		if (r->nonces[i].index == index && is_acceptable(&r->nonces[i], now_us))
			return &r->nonces[i];
	}
	return NULL;
}

int rr_token(const struct rr_nonce *n, const struct in6_addr *addr, enum rr_kind kind,
	     uint8_t token[RR_TOKEN_LEN])
{
	uint8_t last = (uint8_t)kind, mac[SHA1_LEN];
	const struct crypto_part parts[] = {
		{ addr, sizeof(*addr) },
		{ n->nonce, sizeof(n->nonce) },
		{ &last, sizeof(last) },
	};
	int err = crypto_hmac_sha1(n->key, sizeof(n->key), parts, 3, mac);

	memcpy(token, mac, RR_TOKEN_LEN);
	crypto_wipe(mac, sizeof(mac));
	return err;
}

int rr_kbm(const uint8_t home[RR_TOKEN_LEN], const uint8_t *careof, uint8_t kbm[RR_KBM_LEN])
{
	const struct crypto_part parts[] = {
		{ home, RR_TOKEN_LEN },
		{ careof, RR_TOKEN_LEN },
	};

	return crypto_sha1(parts, careof ? 2 : 1, kbm);
}

uint8_t rr_kbm_of_bu(const struct rr *r, uint64_t now_us, const struct in6_addr *hoa,
		     const struct in6_addr *coa, uint16_t home_index, uint16_t careof_index,
		     uint8_t kbm[RR_KBM_LEN])
{
	const struct rr_nonce *home = rr_find(r, home_index, now_us);
	const struct rr_nonce *careof = coa ? rr_find(r, careof_index, now_us) : NULL;
	uint8_t home_token[RR_TOKEN_LEN], careof_token[RR_TOKEN_LEN];
	int err;

	memset(kbm, 0, RR_KBM_LEN);
	if (!home && coa && !careof)
		return MH_STATUS_NONCES;
	if (!home)
		return MH_STATUS_HOME_NONCE;
	if (coa && !careof)
		return MH_STATUS_CAREOF_NONCE;
	err = rr_token(home, hoa, RR_HOME, home_token);
	if (!err && coa)
		err = rr_token(careof, coa, RR_CAREOF, careof_token);
	if (!err)
		err = rr_kbm(home_token, coa ? careof_token : NULL, kbm);
	crypto_wipe(home_token, sizeof(home_token));
	crypto_wipe(careof_token, sizeof(careof_token));
	return err ? MH_STATUS_UNSPECIFIED : MH_STATUS_ACCEPTED;
}
