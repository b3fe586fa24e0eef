// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The mobile node's records in the store. Each begins with the number of its format. They
 * are written as things change and no message waits for them: a sequence number that was
 * sent but not written is stepped over at the next start. Called by home.c,
 * home_prefix.c, mn.c, and by the list itself.
 */
#include "mn/kept_state.h"

#include <string.h>

#include "base/bytes.h"
#include "base/time.h"
#include "core/store.h"
#include "mn/home.h"
#include "mn/ro.h"

#define FORMAT 1
#define KEY_LEN (2 * sizeof(struct in6_addr))

/* --- the Binding Update List -------------------------------------------------------- */

void mn_save_entry(struct mip6 *m, const struct bul_entry *e, bool gone)
{
	uint8_t key[KEY_LEN], value[128];
	struct writer w;

	if (!m->store)
		return;
	memcpy(key, &e->hoa, sizeof(e->hoa));
	memcpy(key + sizeof(e->hoa), &e->peer, sizeof(e->peer));
	if (gone) {
		(void)store_delete(m->store, STORE_MN_BUL, key, sizeof(key));
		return;
	}
	writer_init(&w, value, sizeof(value));
	write_u8(&w, FORMAT);
	write_u8(&w, (uint8_t)e->kind);
	write_u16(&w, e->seq);
	write_u16(&w, e->flags);
	write_addr(&w, &e->coa);
	write_u32(&w, e->lifetime_s);
	store_write_time(m->store, &w, e->sent_us);
	write_addr(&w, &e->acked_coa);
	write_u32(&w, e->granted_s);
	store_write_time(m->store, &w, e->acked_us);
	store_write_time(m->store, &w, e->valid_until_us);
	store_write_time(m->store, &w, e->may_last_us);
	write_u8(&w, e->status);
	mip6_save(m, LOG_MN, STORE_MN_BUL, key, sizeof(key), &w);
}

static bool read_entry(struct mip6 *m, struct reader *r, struct bul_entry *e)
{
	const uint64_t most_us = MH_LIFETIME_MAX_S * US_PER_S;

	if (read_u8(r) != FORMAT)
		return false;
	e->kind = read_u8(r) == BUL_HOME ? BUL_HOME : BUL_CORRESPONDENT;
	/* One more may have been sent. */
	e->seq = (uint16_t)(read_u16(r) + 1);
	e->seq_known = true;
	e->flags = read_u16(r);
	e->coa = read_addr(r);
	e->lifetime_s = read_u32(r);
	e->sent_us = store_read_time(m->store, r, m->now_us, 0);
	e->acked_coa = read_addr(r);
	e->granted_s = read_u32(r);
	e->acked_us = store_read_time(m->store, r, m->now_us, 0);
	e->valid_until_us = store_read_time(m->store, r, m->now_us, most_us);
	e->may_last_us = store_read_time(m->store, r, m->now_us, most_us);
	e->status = read_u8(r);
	return !r->bad;
}

struct wanted {
	struct mip6 *m;
	enum bul_kind kind;
};

static int restore_entry(const void *key, size_t key_len, const void *value, size_t len, void *ctx)
{
	const struct wanted *wanted = ctx;
	struct mip6 *m = wanted->m;
	struct bul_entry e = { .hoa = { .s6_addr = { 0 } } };
	struct reader k, r;

	reader_init(&k, key, key_len);
	e.hoa = read_addr(&k);
	e.peer = read_addr(&k);
	reader_init(&r, value, len);
	if (k.bad || !read_entry(m, &r, &e))
		return mip6_strange_record(LOG_MN, "entry of the Binding Update List");
	if (e.kind != wanted->kind)
		return 0;
	if (e.kind == BUL_HOME)
		home_restore(m, &e);
	else
		ro_restore(m, &e);
	return 0;
}

void mn_restore_entries(struct mip6 *m, enum bul_kind kind)
{
	struct wanted wanted = { .m = m, .kind = kind };

	(void)mip6_restore(m, LOG_MN, STORE_MN_BUL, restore_entry, &wanted);
}

/* --- home addresses ------------------------------------------------------------------- */

void mn_save_home(struct mip6 *m, const struct home_addr *h)
{
	uint8_t value[64];
	struct writer w;

	if (!m->store)
		return;
	writer_init(&w, value, sizeof(value));
	write_u8(&w, FORMAT);
	write_u8(&w, h->hoa_len);
	write_addr(&w, &h->prefix.addr);
	write_u8(&w, h->prefix.len);
	write_addr(&w, &h->parent);
	store_write_time(m->store, &w, h->valid_until_us);
	store_write_time(m->store, &w, h->preferred_until_us);
	mip6_save(m, LOG_MN, STORE_MN_HOME, &h->hoa, sizeof(h->hoa), &w);
}

void mn_save_no_home(struct mip6 *m, const struct home_addr *h)
{
	(void)store_delete(m->store, STORE_MN_HOME, &h->hoa, sizeof(h->hoa));
}

static int restore_home(const void *key, size_t key_len, const void *value, size_t len, void *ctx)
{
	struct mip6 *m = ctx;
	struct in6_addr hoa, prefix_addr, parent;
	uint64_t valid_us, preferred_us;
	uint8_t hoa_len, prefix_len;
	struct reader k, r;

	reader_init(&k, key, key_len);
	hoa = read_addr(&k);
	reader_init(&r, value, len);
	if (read_u8(&r) != FORMAT)
		return mip6_strange_record(LOG_MN, "home address");
	hoa_len = read_u8(&r);
	prefix_addr = read_addr(&r);
	prefix_len = read_u8(&r);
	parent = read_addr(&r);
	valid_us = store_read_time(m->store, &r, m->now_us, TIME_NEVER);
	preferred_us = store_read_time(m->store, &r, m->now_us, TIME_NEVER);
	if (k.bad || r.bad || hoa_len > 128 || prefix_len > 128)
		return mip6_strange_record(LOG_MN, "home address");
	if (valid_us > m->now_us) {
		const struct prefix prefix = prefix_of(&prefix_addr, prefix_len);

		home_prefix_restore(m, &hoa, hoa_len, &prefix, &parent, valid_us, preferred_us);
	}
	return 0;
}

void mn_restore_homes(struct mip6 *m)
{
	(void)mip6_restore(m, LOG_MN, STORE_MN_HOME, restore_home, m);
}
