// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Return routability arithmetic (RFC 6275 5.2): node keys, nonces, keygen tokens,
 * the binding management key. Time is passed in; nothing here knows of messages
 * or bindings. The correspondent makes and checks tokens with struct rr; the
 * mobile node needs only rr_kbm().
 */
#ifndef CORE_RR_H
#define CORE_RR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RR_KEY_LEN   20 /* Kcn, 5.2.1 */
#define RR_NONCE_LEN 8	/* the recommended length, 5.2.2 */
#define RR_TOKEN_LEN 8	/* 5.2.3 */
#define RR_KBM_LEN   20 /* 5.2.5 */

/* Protocol constants (12), in seconds. */
#define RR_MAX_TOKEN_LIFETIME_S	  210
#define RR_MAX_NONCE_LIFETIME_S	  240
#define RR_MAX_BINDING_LIFETIME_S 420

/* A nonce serves for new tokens for the difference of both (5.2.7), so at most
 * this many are acceptable at once. */
#define RR_NONCES 8

/* What is hashed behind the nonce (5.2.5). */
enum rr_kind { RR_HOME = 0, RR_CAREOF = 1 };

/* A nonce and the node key that was in force with it: one index tells both, as
 * 5.2.7 recommends. */
struct rr_nonce {
	uint64_t first_used_us;
	uint16_t index;
	bool valid;
	uint8_t key[RR_KEY_LEN];
	uint8_t nonce[RR_NONCE_LEN];
};

struct rr {
	struct rr_nonce nonces[RR_NONCES]; /* a ring */
	unsigned int newest;
	uint16_t next_index;
};

/* Indices begin at a random one, so that those of before a restart are hardly
 * ever taken for valid. 0 or -EIO. */
int rr_init(struct rr *r);
/* Wipes all keys. */
void rr_free(struct rr *r);

/* The nonce for a token made now; a new one with a new key every 30 seconds of
 * use (5.2.7). Valid until the next call. NULL when there is no randomness. */
const struct rr_nonce *rr_current(struct rr *r, uint64_t now_us);
/* The nonce of that index, or NULL when it is unknown, or was first used more
 * than MAX_NONCE_LIFETIME ago (5.2.7: MUST NOT accept). */
const struct rr_nonce *rr_find(const struct rr *r, uint16_t index, uint64_t now_us);
/* Discards what has expired (5.2.2: MUST). Also done by rr_current(). Returns when
 * the next one expires, TIME_NEVER when there is none. */
uint64_t rr_expire(struct rr *r, uint64_t now_us);
/* Discards the nonces first used at `until_us` or before, though they have not expired:
 * updates made with them are not accepted any more (5.2.8, where memory is short). */
void rr_invalidate(struct rr *r, uint64_t until_us);

/* First (64, HMAC_SHA1 (Kcn, (address | nonce | kind))), 5.2.5. 0 or -EIO. */
int rr_token(const struct rr_nonce *n, const struct in6_addr *addr, enum rr_kind kind,
	     uint8_t token[RR_TOKEN_LEN]);
/* SHA-1 (home keygen token | care-of keygen token); `careof` NULL to delete a
 * binding: SHA-1 (home keygen token), 5.2.5. 0 or -EIO. */
int rr_kbm(const uint8_t home[RR_TOKEN_LEN], const uint8_t *careof, uint8_t kbm[RR_KBM_LEN]);

/* The binding management key that a Binding Update from `hoa` with these nonce
 * indices was made with; `coa` NULL to delete (the care-of index is ignored
 * then, 6.2.6). Returns the status for the Binding Acknowledgement:
 * MH_STATUS_ACCEPTED, HOME_NONCE, CAREOF_NONCE or NONCES (9.5.1); UNSPECIFIED
 * when the arithmetic failed. */
uint8_t rr_kbm_of_bu(const struct rr *r, uint64_t now_us, const struct in6_addr *hoa,
		     const struct in6_addr *coa, uint16_t home_index, uint16_t careof_index,
		     uint8_t kbm[RR_KBM_LEN]);

#endif
