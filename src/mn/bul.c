// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Binding Update List: see bul.h. RFC 6275 11.1 says what an entry holds,
 * 11.7.3 how an acknowledgement changes its lifetime, 11.8 how often one may send
 * and how waiting grows.
 *
 * Called by home registration (home*.c) and by route optimization (ro*.c).
 */
#include "mn/bul.h"

#include <stdlib.h>

#include "base/addr.h"

static void tell(const struct bul_entry *e, bool gone)
{
	const struct bul *b = e->list;

	if (b && b->changed)
		b->changed(b->ctx, e, gone);
}

void bul_init(struct bul *b)
{
	TAILQ_INIT(&b->entries);
	TAILQ_INIT(&b->paces);
	b->changed = NULL;
	b->count[BUL_HOME] = 0;
	b->count[BUL_CORRESPONDENT] = 0;
}

void bul_free(struct bul *b)
{
	struct bul_entry *e;
	struct bul_pace *p;

	b->changed = NULL;
	while ((e = TAILQ_FIRST(&b->entries)) != NULL)
		bul_remove(b, e);
	while ((p = TAILQ_FIRST(&b->paces)) != NULL) {
		TAILQ_REMOVE(&b->paces, p, entry);
		free(p);
	}
}

struct bul_entry *bul_add(struct bul *b, enum bul_kind kind, const struct in6_addr *hoa,
			  const struct in6_addr *peer)
{
	struct bul_entry *e;

	if (bul_find(b, hoa, peer))
		return NULL;
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->kind = kind;
	e->hoa = *hoa;
	e->peer = *peer;
	e->list = b;
	TAILQ_INSERT_TAIL(&b->entries, e, entry);
	b->count[kind]++;
	return e;
}

void bul_remove(struct bul *b, struct bul_entry *e)
{
	if (!e)
		return;
	TAILQ_REMOVE(&b->entries, e, entry);
	b->count[e->kind]--;
	tell(e, true);
	free(e);
}

struct bul_entry *bul_find(const struct bul *b, const struct in6_addr *hoa,
			   const struct in6_addr *peer)
{
	struct bul_entry *e;

	TAILQ_FOREACH(e, &b->entries, entry) {
		if (addr_equal(&e->hoa, hoa) && addr_equal(&e->peer, peer))
			return e;
	}
	return NULL;
}

uint16_t bul_note_sent(struct bul_entry *e, const struct in6_addr *coa, uint16_t flags,
		       uint32_t lifetime_s, uint64_t now_us)
{
	uint64_t ends_us = now_us + lifetime_s * US_PER_S;

	e->seq++;
	e->seq_known = true;
	e->coa = *coa;
	e->flags = flags;
	e->lifetime_s = lifetime_s;
	e->sent_us = now_us;
	e->waiting = true;
	e->might_last_us = e->may_last_us;
	if (ends_us > e->may_last_us && lifetime_s)
		e->may_last_us = ends_us;
	tell(e, false);
	return e->seq;
}

void bul_begin_exchange(struct bul_entry *e, uint64_t first_timeout_us)
{
	e->timeout_us = first_timeout_us;
	e->resends = 0;
}

void bul_back_off(struct bul_entry *e)
{
	e->resends++;
	e->timeout_us *= 2;
	if (e->timeout_us > BUL_MAX_BINDACK_TIMEOUT_US)
		e->timeout_us = BUL_MAX_BINDACK_TIMEOUT_US;
}

void bul_note_accepted(struct bul_entry *e, uint8_t status, uint32_t lifetime_s, uint64_t now_us)
{
	/* 11.7.3: max (L_remain - (L_update - L_ack), 0), which is: from when it was
	 * sent. What is granted beyond what was asked does not count. */
	uint32_t granted_s = lifetime_s < e->lifetime_s ? lifetime_s : e->lifetime_s;

	e->status = status;
	e->waiting = false;
	e->resends = 0;
	e->acked_coa = e->coa;
	e->acked_us = now_us;
	e->granted_s = granted_s;
	e->valid_until_us = e->sent_us + granted_s * US_PER_S;
	e->may_last_us = e->valid_until_us;
	tell(e, false);
}

void bul_note_refused(struct bul_entry *e, uint8_t status)
{
	e->status = status;
	e->may_last_us = e->might_last_us;
	tell(e, false);
}

void bul_note_gone(struct bul_entry *e)
{
	e->granted_s = 0;
	e->valid_until_us = 0;
	e->may_last_us = 0;
	e->might_last_us = 0;
	tell(e, false);
}

void bul_set_seq(struct bul_entry *e, uint16_t seq)
{
	e->seq = seq;
	e->seq_known = true;
	tell(e, false);
}

void bul_restore(struct bul_entry *e, const struct bul_entry *was)
{
	e->seq = was->seq;
	e->seq_known = was->seq_known;
	e->flags = was->flags;
	e->coa = was->coa;
	e->lifetime_s = was->lifetime_s;
	e->sent_us = was->sent_us;
	e->acked_coa = was->acked_coa;
	e->granted_s = was->granted_s;
	e->acked_us = was->acked_us;
	e->valid_until_us = was->valid_until_us;
	e->may_last_us = was->may_last_us;
	e->status = was->status;
}

bool bul_may_be_bound(const struct bul_entry *e, uint64_t now_us)
{
	return e->may_last_us > now_us;
}

bool bul_is_bound_to(const struct bul_entry *e, const struct in6_addr *coa, uint64_t now_us)
{
	return e->granted_s && e->valid_until_us > now_us && addr_equal(&e->acked_coa, coa);
}

static bool is_past(const struct bul_pace *p, uint64_t now_us)
{
	unsigned int newest = (p->next + BUL_MAX_UPDATE_RATE - 1) % BUL_MAX_UPDATE_RATE;

	return p->sent_us[newest] + US_PER_S <= now_us;
}

/* The record of that pair; those without a message in the last second go. */
static struct bul_pace *find_pace(struct bul *b, const struct in6_addr *peer, enum mh_type type,
				  uint64_t now_us)
{
	struct bul_pace *p, *next, *found = NULL;

	for (p = TAILQ_FIRST(&b->paces); p; p = next) {
		next = TAILQ_NEXT(p, entry);
		if (is_past(p, now_us)) {
			TAILQ_REMOVE(&b->paces, p, entry);
			free(p);
		} else if (p->type == type && addr_equal(&p->peer, peer)) {
			found = p;
		}
	}
	return found;
}

uint64_t bul_pace(struct bul *b, const struct in6_addr *peer, enum mh_type type, uint64_t now_us)
{
	struct bul_pace *p = find_pace(b, peer, type, now_us);
	uint64_t oldest_us;

	if (!p) {
		p = calloc(1, sizeof(*p));
		if (!p)
			return 0;
		p->peer = *peer;
		p->type = type;
		TAILQ_INSERT_TAIL(&b->paces, p, entry);
	}
	/* RFC 6275 11.8: MUST NOT send more than MAX_UPDATE_RATE within a second. */
	oldest_us = p->sent_us[p->next];
	if (oldest_us && oldest_us + US_PER_S > now_us)
		return oldest_us + US_PER_S;
	p->sent_us[p->next] = now_us;
	p->next = (p->next + 1) % BUL_MAX_UPDATE_RATE;
	return 0;
}
