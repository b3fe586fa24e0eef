// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The home agent's records in the store: writing them while it serves, reading them at
 * start. Each begins with the number of its format. Interfaces are named, because their
 * indexes are others after a boot.
 *
 * A binding that comes back is taken for installed, and its objects are put as if
 * somebody had removed them, some bindings in each turn of the loop: those that a
 * predecessor left in the kernel are adopted there (core/found.h), the others made. It
 * needs no duplicate address detection: the address was never given up. Called by ha.c,
 * registration.c, prefix.c, agents.c.
 */
#include "ha/kept_state.h"

#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "base/time.h"
#include "core/store.h"
#include "ha/ha.h"
#include "ha/registration.h"
#include "ha/work.h"

#define FORMAT 1
/* Ends that moved by less are not written again. */
#define SAME_US (60 * US_PER_S)
/* Bindings that are put into the kernel in one turn. */
#define PIECE 16

/* --- pieces of records ------------------------------------------------------------ */

static void write_interface(struct mip6 *m, struct writer *w, uint32_t ifindex)
{
	const struct link *l = ifindex ? link_find(&m->links, ifindex) : NULL;
	size_t len = l ? strnlen(l->l.name, IFNAMSIZ - 1) : 0;

	write_u8(w, (uint8_t)len);
	write_bytes(w, l ? l->l.name : "", len);
}

/* Its index now; 0 for none, or one that is not a home link any more. */
static uint32_t read_interface(struct mip6 *m, struct reader *r)
{
	char name[IFNAMSIZ] = "";
	size_t len = read_u8(r);
	const struct link *l;

	if (len >= sizeof(name)) {
		r->bad = true;
		return 0;
	}
	read_bytes(r, name, len);
	l = len ? link_find_name(&m->links, name) : NULL;
	return l && ha_link_find(m, l->l.ifindex) ? l->l.ifindex : 0;
}

static bool begins_well(struct reader *r, const void *value, size_t len)
{
	reader_init(r, value, len);
	return read_u8(r) == FORMAT && !r->bad;
}

/* --- bindings --------------------------------------------------------------------- */

static void write_mpd(struct mip6 *m, struct writer *w, const struct ha_mpd *d)
{
	write_u8(w, timer_is_set(&d->timer));
	store_write_time(m->store, w, timer_is_set(&d->timer) ? d->timer.at_us : 0);
	write_u64(w, d->wait_us);
	write_u8(w, (uint8_t)d->tries);
	write_u16(w, d->id);
}

void ha_save_binding(struct mip6 *m, const struct binding *b)
{
	const struct work *work = work_of(b);
	uint8_t value[128];
	struct writer w;

	if (!m->store)
		return;
	writer_init(&w, value, sizeof(value));
	write_u8(&w, FORMAT);
	write_addr(&w, &work->side.local);
	write_addr(&w, &b->installed.coa);
	write_u16(&w, (uint16_t)b->installed.flags);
	write_u16(&w, b->seq);
	write_u32(&w, b->lifetime_s);
	store_write_time(m->store, &w, b->since_us);
	store_write_time(m->store, &w, b->expires_us);
	write_interface(m, &w, b->installed.home_ifindex);
	write_mpd(m, &w, &work->mpd);
	mip6_save(m, LOG_HA, STORE_HA_BINDING, &b->key.hoa, sizeof(b->key.hoa), &w);
	(void)store_delete(m->store, STORE_HA_SEQUENCE, &b->key.hoa, sizeof(b->key.hoa));
}

void ha_save_sequence(struct mip6 *m, const struct binding *b, uint64_t until_us)
{
	uint8_t value[64];
	struct writer w;

	if (!m->store)
		return;
	writer_init(&w, value, sizeof(value));
	write_u8(&w, FORMAT);
	write_addr(&w, &b->key.local);
	write_u16(&w, b->seq);
	store_write_time(m->store, &w, until_us);
	mip6_save(m, LOG_HA, STORE_HA_SEQUENCE, &b->key.hoa, sizeof(b->key.hoa), &w);
	(void)store_delete(m->store, STORE_HA_BINDING, &b->key.hoa, sizeof(b->key.hoa));
}

void ha_save_nothing(struct mip6 *m, const struct in6_addr *hoa)
{
	(void)store_delete(m->store, STORE_HA_BINDING, hoa, sizeof(*hoa));
	(void)store_delete(m->store, STORE_HA_SEQUENCE, hoa, sizeof(*hoa));
}

static bool read_home(const void *key, size_t key_len, struct in6_addr *hoa)
{
	if (key_len != sizeof(*hoa))
		return false;
	memcpy(hoa, key, sizeof(*hoa));
	return addr_is_routable_unicast(hoa);
}

static void read_mpd(struct mip6 *m, struct reader *r, struct ha_mpd *d)
{
	bool is_set = read_u8(r);
	uint64_t most_us = m->conf->max_mob_pfx_adv_interval_s * US_PER_S;
	uint64_t at_us = store_read_time(m->store, r, m->now_us, most_us);

	d->wait_us = read_u64(r);
	d->tries = read_u8(r);
	d->id = read_u16(r);
	if (is_set && !r->bad)
		timer_set(m->timers, &d->timer, at_us, NULL);
}

struct back {
	struct mip6 *m;
	size_t bindings;
	size_t sequences;
};

static int restore_binding(const void *key, size_t key_len, const void *value, size_t len,
			   void *ctx)
{
	struct back *back = ctx;
	struct mip6 *m = back->m;
	struct in6_addr hoa, local, coa;
	struct binding *b;
	struct reader r;

	if (!begins_well(&r, value, len) || !read_home(key, key_len, &hoa))
		return mip6_strange_record(LOG_HA, "binding");
	local = read_addr(&r);
	coa = read_addr(&r);
	if (r.bad || !addr_is_routable_unicast(&local) || !addr_is_routable_unicast(&coa))
		return mip6_strange_record(LOG_HA, "binding");
	b = ha_work_new(m, &hoa, &local);
	if (!b)
		return -ENOMEM;
	b->installed.coa = coa;
	b->installed.flags = read_u16(&r);
	b->seq = read_u16(&r);
	b->seq_known = true;
	b->lifetime_s = read_u32(&r);
	b->since_us = b->updated_us = store_read_time(m->store, &r, m->now_us, 0);
	b->expires_us = store_read_time(m->store, &r, m->now_us, MH_LIFETIME_MAX_S * US_PER_S);
	b->installed.home_ifindex = read_interface(m, &r);
	b->installed.valid = true;
	b->want = b->installed;
	work_of(b)->side = ha_side_of(m->conf, &hoa, &local);
	work_of(b)->restored = true;
	read_mpd(m, &r, &work_of(b)->mpd);
	if (r.bad) {
		ha_work_forget(b);
		return mip6_strange_record(LOG_HA, "binding");
	}
	binding_set_state(b, BINDING_ACTIVE);
	timer_set(m->timers, &b->timer, b->expires_us, NULL);
	back->bindings++;
	return 0;
}

static int restore_sequence(const void *key, size_t key_len, const void *value, size_t len,
			    void *ctx)
{
	struct back *back = ctx;
	struct mip6 *m = back->m;
	struct in6_addr hoa, local;
	struct binding *b;
	struct reader r;
	uint64_t until_us;
	uint16_t seq;

	if (!begins_well(&r, value, len) || !read_home(key, key_len, &hoa))
		return mip6_strange_record(LOG_HA, "sequence number");
	local = read_addr(&r);
	seq = read_u16(&r);
	until_us = store_read_time(m->store, &r, m->now_us, MH_LIFETIME_MAX_S * US_PER_S);
	if (r.bad)
		return mip6_strange_record(LOG_HA, "sequence number");
	b = ha_work_new(m, &hoa, &local);
	if (!b)
		return -ENOMEM;
	b->seq = seq;
	b->seq_known = true;
	binding_set_state(b, BINDING_MEMORY);
	timer_set(m->timers, &b->timer, until_us, NULL);
	back->sequences++;
	return 0;
}

/* --- the home links ---------------------------------------------------------------- */

static bool moved(uint64_t a_us, uint64_t b_us)
{
	return (a_us > b_us ? a_us - b_us : b_us - a_us) > SAME_US;
}

static void prefix_key(struct mip6 *m, struct writer *w, const struct ha_prefix *p)
{
	write_addr(w, &p->prefix.addr);
	write_u8(w, p->prefix.len);
	write_interface(m, w, p->ifindex);
}

void ha_save_prefix(struct mip6 *m, struct ha_prefix *p)
{
	uint8_t key[40], value[64];
	struct writer k, w;

	if (!m->store || !(moved(p->valid_until_us, p->saved_valid_us) ||
			   moved(p->preferred_until_us, p->saved_preferred_us)))
		return;
	writer_init(&k, key, sizeof(key));
	prefix_key(m, &k, p);
	writer_init(&w, value, sizeof(value));
	write_u8(&w, FORMAT);
	write_u8(&w, (uint8_t)(p->on_link | p->autonomous << 1));
	write_addr(&w, &p->router);
	store_write_time(m->store, &w, p->valid_until_us);
	store_write_time(m->store, &w, p->preferred_until_us);
	write_u32(&w, p->told_valid_s);
	write_u32(&w, p->told_preferred_s);
	mip6_save(m, LOG_HA, STORE_HA_PREFIX, key, writer_len(&k), &w);
	p->saved_valid_us = p->valid_until_us;
	p->saved_preferred_us = p->preferred_until_us;
}

void ha_save_no_prefix(struct mip6 *m, const struct ha_prefix *p)
{
	uint8_t key[40];
	struct writer k;

	writer_init(&k, key, sizeof(key));
	prefix_key(m, &k, p);
	(void)store_delete(m->store, STORE_HA_PREFIX, key, writer_len(&k));
}

static int restore_prefix(const void *key, size_t key_len, const void *value, size_t len,
			  void *ctx)
{
	struct back *back = ctx;
	struct mip6 *m = back->m;
	struct ha_prefix p = { .heard = true };
	struct reader k, r;
	uint8_t flags;

	reader_init(&k, key, key_len);
	p.prefix.addr = read_addr(&k);
	p.prefix.len = read_u8(&k);
	p.ifindex = read_interface(m, &k);
	if (k.bad || p.prefix.len > 128 || !begins_well(&r, value, len))
		return mip6_strange_record(LOG_HA, "prefix");
	flags = read_u8(&r);
	p.on_link = flags & 1;
	p.autonomous = flags & 2;
	p.router = read_addr(&r);
	p.valid_until_us = store_read_time(m->store, &r, m->now_us, TIME_NEVER);
	p.preferred_until_us = store_read_time(m->store, &r, m->now_us, TIME_NEVER);
	p.told_valid_s = read_u32(&r);
	p.told_preferred_s = read_u32(&r);
	if (r.bad)
		return mip6_strange_record(LOG_HA, "prefix");
	if (p.ifindex && ha_prefix_is_valid(&p, m->now_us))
		ha_prefix_restore(m, &p);
	return 0;
}

static void agent_key(struct mip6 *m, struct writer *w, const struct ha_agent *g)
{
	write_addr(w, &g->link_local);
	write_interface(m, w, g->ifindex);
}

void ha_save_agent(struct mip6 *m, struct ha_agent *g)
{
	uint8_t key[40], value[96];
	struct writer k, w;

	if (!m->store || !moved(g->until_us, g->saved_us))
		return;
	writer_init(&k, key, sizeof(key));
	agent_key(m, &k, g);
	writer_init(&w, value, sizeof(value));
	write_u8(&w, FORMAT);
	write_u16(&w, g->preference);
	store_write_time(m->store, &w, g->until_us);
	write_u8(&w, (uint8_t)g->addr_count);
	for (unsigned int i = 0; i < g->addr_count; i++)
		write_addr(&w, &g->addrs[i]);
	mip6_save(m, LOG_HA, STORE_HA_LIST, key, writer_len(&k), &w);
	g->saved_us = g->until_us;
}

void ha_save_no_agent(struct mip6 *m, const struct ha_agent *g)
{
	uint8_t key[40];
	struct writer k;

	writer_init(&k, key, sizeof(key));
	agent_key(m, &k, g);
	(void)store_delete(m->store, STORE_HA_LIST, key, writer_len(&k));
}

static int restore_agent(const void *key, size_t key_len, const void *value, size_t len, void *ctx)
{
	struct back *back = ctx;
	struct mip6 *m = back->m;
	struct ha_agent g = { .ifindex = 0 };
	struct reader k, r;

	reader_init(&k, key, key_len);
	g.link_local = read_addr(&k);
	g.ifindex = read_interface(m, &k);
	if (k.bad || !begins_well(&r, value, len))
		return mip6_strange_record(LOG_HA, "home agent");
	g.preference = read_u16(&r);
	g.until_us = store_read_time(m->store, &r, m->now_us, UINT16_MAX * US_PER_S);
	g.addr_count = read_u8(&r);
	if (g.addr_count > HA_ADDRESSES_PER_ONE)
		return mip6_strange_record(LOG_HA, "home agent");
	for (unsigned int i = 0; i < g.addr_count; i++)
		g.addrs[i] = read_addr(&r);
	if (r.bad)
		return mip6_strange_record(LOG_HA, "home agent");
	if (g.ifindex && g.until_us > m->now_us)
		ha_agents_restore(m, &g);
	return 0;
}

/* --- the start ----------------------------------------------------------------------- */

static void on_restore(struct timer *t, uint64_t now_us)
{
	struct mip6 *m = t->ctx;
	struct ha *ha = ha_of(m);
	struct binding *b;
	size_t n = 0;

	mip6_turn(m, now_us);
	while (n < PIECE) {
		b = bcache_walk(&m->bcache, &ha->restore_at);
		if (!b) {
			log_debug(LOG_HA, "all bindings of the store are in the kernel");
			return;
		}
		if (b->kind != BINDING_HOME || !work_of(b)->restored)
			continue;
		work_of(b)->restored = false;
		if (ha_registration_is_forbidden(m, b))
			ha_registration_end(m, b);
		else
			ha_work_put_again(b);
		n++;
	}
	timer_set(m->timers, t, now_us + 1, NULL); /* in the next turn */
}

static void read_all(struct back *back)
{
	static const struct {
		enum store_kind kind;
		store_each_fn *fn;
	} kinds[] = {
		{ STORE_HA_PREFIX, restore_prefix },
		{ STORE_HA_LIST, restore_agent },
		{ STORE_HA_BINDING, restore_binding },
		{ STORE_HA_SEQUENCE, restore_sequence },
	};
	int err = 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !err; i++)
		err = mip6_restore(back->m, LOG_HA, kinds[i].kind, kinds[i].fn, back);
}

void ha_restore(struct mip6 *m)
{
	struct back back = { .m = m };

	timer_init(&ha_of(m)->restore_timer, "restore", on_restore, m);
	read_all(&back);
	if (back.bindings || back.sequences)
		log_notice(LOG_HA, "%zu bindings are back, and %zu sequence numbers of former ones",
			   back.bindings, back.sequences);
	if (back.bindings)
		timer_set(m->timers, &ha_of(m)->restore_timer, m->now_us, NULL);
}

bool ha_restored(const struct mip6 *m)
{
	return !timer_is_set(&ha_of(m)->restore_timer);
}
