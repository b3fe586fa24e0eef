// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The correspondent's records in the store. Each begins with the number of its format. All
 * nonces are one record, because they are few and change together: the store holds
 * secrets, and its file is readable to the daemon alone. Called by cn.c, binding.c.
 */
#include "cn/kept_state.h"

#include <string.h>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/time.h"
#include "cn/binding.h"
#include "cn/cn.h"
#include "core/store.h"

#define FORMAT 1
#define KEY_LEN (2 * sizeof(struct in6_addr))

static const char nonces_key[] = "nonces";

enum record { RECORD_BINDING = 1, RECORD_SEQUENCE = 2 };

static void write_key(const struct binding *b, uint8_t key[KEY_LEN])
{
	memcpy(key, &b->key.hoa, sizeof(b->key.hoa));
	memcpy(key + sizeof(b->key.hoa), &b->key.local, sizeof(b->key.local));
}

/* --- bindings --------------------------------------------------------------------- */

static void save(struct mip6 *m, const struct binding *b, enum record what, uint64_t until_us)
{
	uint8_t key[KEY_LEN], value[64];
	struct writer w;

	if (!m->store)
		return;
	write_key(b, key);
	writer_init(&w, value, sizeof(value));
	write_u8(&w, FORMAT);
	write_u8(&w, (uint8_t)what);
	write_u16(&w, b->seq);
	store_write_time(m->store, &w, until_us);
	write_addr(&w, &b->installed.coa);
	write_u16(&w, (uint16_t)b->installed.flags);
	write_u32(&w, b->lifetime_s);
	store_write_time(m->store, &w, b->since_us);
	mip6_save(m, LOG_CN, STORE_CN_BINDING, key, sizeof(key), &w);
}

void cn_save_binding(struct mip6 *m, const struct binding *b)
{
	save(m, b, RECORD_BINDING, b->expires_us);
}

void cn_save_sequence(struct mip6 *m, const struct binding *b, uint64_t until_us)
{
	save(m, b, RECORD_SEQUENCE, until_us);
}

void cn_save_nothing(struct mip6 *m, const struct binding *b)
{
	uint8_t key[KEY_LEN];

	write_key(b, key);
	(void)store_delete(m->store, STORE_CN_BINDING, key, sizeof(key));
}

static int restore_binding(const void *key, size_t key_len, const void *value, size_t len,
			   void *ctx)
{
	struct mip6 *m = ctx;
	struct cn_kept kept = { .key.bid = 0 };
	struct reader k, r;

	reader_init(&k, key, key_len);
	kept.key.hoa = read_addr(&k);
	kept.key.local = read_addr(&k);
	reader_init(&r, value, len);
	if (read_u8(&r) != FORMAT)
		return mip6_strange_record(LOG_CN, "binding");
	kept.bound = read_u8(&r) == RECORD_BINDING;
	kept.seq = read_u16(&r);
	kept.until_us = store_read_time(m->store, &r, m->now_us,
					RR_MAX_BINDING_LIFETIME_S * US_PER_S);
	kept.path.coa = read_addr(&r);
	kept.path.flags = read_u16(&r);
	kept.path.valid = kept.bound;
	kept.lifetime_s = read_u32(&r);
	kept.since_us = store_read_time(m->store, &r, m->now_us, 0);
	if (k.bad || r.bad || !addr_is_routable_unicast(&kept.key.hoa) ||
	    (kept.bound && !addr_is_routable_unicast(&kept.path.coa)))
		return mip6_strange_record(LOG_CN, "binding");
	cn_binding_restore(m, &kept);
	return 0;
}

/* --- nonces ------------------------------------------------------------------------- */

void cn_save_nonces(struct mip6 *m)
{
	const struct rr *rr = &cn_of(m)->rr;
	uint8_t value[RR_NONCES * (2 + 8 + RR_KEY_LEN + RR_NONCE_LEN) + 8];
	struct writer w;

	if (!m->store)
		return;
	writer_init(&w, value, sizeof(value));
	write_u8(&w, FORMAT);
	write_u16(&w, rr->next_index);
	for (unsigned int i = 1; i <= RR_NONCES; i++) { /* from the oldest to the newest */
		const struct rr_nonce *n = &rr->nonces[(rr->newest + i) % RR_NONCES];

		if (!n->valid)
			continue;
		write_u16(&w, n->index);
		store_write_time(m->store, &w, n->first_used_us);
		write_bytes(&w, n->key, sizeof(n->key));
		write_bytes(&w, n->nonce, sizeof(n->nonce));
	}
	mip6_save(m, LOG_CN, STORE_CN_NONCE, nonces_key, sizeof(nonces_key), &w);
	crypto_wipe(value, sizeof(value));
}

static int restore_nonces(const void *key, size_t key_len, const void *value, size_t len,
			  void *ctx)
{
	struct mip6 *m = ctx;
	struct rr *rr = &cn_of(m)->rr;
	struct reader r;

	(void)key;
	reader_init(&r, value, len);
	if (key_len != sizeof(nonces_key) || read_u8(&r) != FORMAT)
		return mip6_strange_record(LOG_CN, "nonce");
	rr->next_index = read_u16(&r);
	while (reader_left(&r)) {
		struct rr_nonce n = { .valid = true };

		n.index = read_u16(&r);
		n.first_used_us = store_read_time(m->store, &r, m->now_us, 0);
		read_bytes(&r, n.key, sizeof(n.key));
		read_bytes(&r, n.nonce, sizeof(n.nonce));
		if (r.bad)
			return mip6_strange_record(LOG_CN, "nonce");
		/* 5.2.7: MUST NOT be accepted for longer; from before this boot its age is
		 * not known well enough. */
		if (!n.first_used_us)
			continue;
		rr->newest = (rr->newest + 1) % RR_NONCES;
		rr->nonces[rr->newest] = n;
		crypto_wipe(&n, sizeof(n));
	}
	rr_expire(rr, m->now_us);
	return 0;
}

void cn_restore(struct mip6 *m)
{
	if (!mip6_restore(m, LOG_CN, STORE_CN_NONCE, restore_nonces, m))
		(void)mip6_restore(m, LOG_CN, STORE_CN_BINDING, restore_binding, m);
	if (m->bcache.count[BINDING_CACHED])
		log_notice(LOG_CN, "%zu bindings of correspondents are back, and %zu sequence "
			   "numbers of former ones",
			   m->bcache.count[BINDING_CACHED] - cn_of(m)->memories,
			   cn_of(m)->memories);
	cn_binding_recheck(m); /* another configuration, perhaps */
}
