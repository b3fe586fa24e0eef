// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The correspondent's bindings: what happens after the verdict on a Binding Update.
 *
 * Until a valid update has come nothing is kept of a peer (5.2). A binding is a set
 * of XFRM objects (core/hao.c): packets from the home address by way of the care-of
 * address are taken, packets to it carry a routing header. A transition leads there,
 * and the acknowledgement, where one was asked for, leaves when the kernel has
 * confirmed. While the kernel is busy the newest update waits and wins.
 *
 * Shortly before its end a binding that is in use is refreshed (9.5.5); one that is
 * at its end is gone, but its sequence number is remembered for as long as the
 * nonces are valid that an old update may have been made with (5.2.8, 9.5.1). Where
 * there is no more room, the binding not updated for the longest time goes (9.6).
 *
 * Called by cn.c. Verdicts are in verdict.c.
 */
#include "cn/binding.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "cn/cn.h"
#include "cn/kept_state.h"
#include "cn/verdict.h"
#include "core/hao.h"
#include "core/policy.h"
#include "wire/ext.h"

/* 5.2.8: an update can be valid for MAX_NONCE_LIFETIME after its tokens were made. */
#define MEMORY_US (RR_MAX_NONCE_LIFETIME_S * US_PER_S)
/* A Binding Refresh Request leaves so long before the end, if the binding is used. */
#define REFRESH_SHARE 8 /* of the lifetime */
#define REFRESH_LEAST_US (2 * US_PER_S)
/* Used within this time means in use. */
#define IN_USE_US (30 * US_PER_S)
/* When there was no memory to remove a binding, it is tried again so much later. */
#define REMOVE_AGAIN_US (1 * US_PER_S)
/* 9.3.4: errors are persistent when so many have come over so long a time, with no
 * longer gap between two and no update: a node that moves is away for less. */
#define ERRORS_MAX	3
#define ERRORS_LAST_US	(10 * US_PER_S)
#define ERRORS_GAP_US	(60 * US_PER_S)

/* One accepted update; `answer` is false for an end that nobody asked for. */
struct task {
	struct cn_bu bu;
	struct cn_verdict verdict;
	bool answer;
};

struct work {
	struct mip6 *m;
	struct binding *b;
	struct task now;
	struct task next;
	bool have_next;
	bool again;	/* objects were lost: put all again */
	bool refreshed; /* a request for this lifetime has left */
	unsigned int errors;
	uint64_t first_error_us;
	uint64_t last_error_us;
};

static struct work *work_of(const struct binding *b)
{
	return b->role_data;
}

/* --- what we say -------------------------------------------------------------------- */

static void answer(struct mip6 *m, const struct cn_bu *bu, const struct cn_verdict *v)
{
	struct mh_msg msg = { .type = MH_BA };

	/* 9.5.4: a refusal is always told, acceptance where it was asked for. */
	if (v->status < MH_STATUS_REJECTED_FROM && !(bu->flags & MH_BU_A))
		return;
	msg.ba.status = v->status;
	msg.ba.seq = v->seq;
	msg.ba.lifetime_s = v->status < MH_STATUS_REJECTED_FROM ? v->lifetime_s : 0;
	if (v->sealed)
		mip6_send_mh_auth(m, &bu->path, &msg, v->kbm, sizeof(v->kbm),
				  bu->delete ? &bu->hoa : &bu->coa, path_local_id(&bu->path));
	else
		mip6_send_mh(m, &bu->path, &msg);
}

static void tell(struct mip6 *m, enum mip6_event e, const struct binding *b)
{
	const struct binding_path *p = b->want.valid ? &b->want : &b->installed;

	log_info(LOG_CN, "%s hoa=%s local=%s coa=%s lifetime=%u", mip6_event_name(e),
		 ADDR_STR(&b->key.hoa), ADDR_STR(&b->key.local), ADDR_STR(&p->coa),
		 b->lifetime_s);
	mip6_event(m, e, "role=cn hoa=%s local=%s coa=%s lifetime=%u", ADDR_STR(&b->key.hoa),
		   ADDR_STR(&b->key.local), ADDR_STR(&p->coa), b->lifetime_s);
}

/* --- objects ------------------------------------------------------------------------- */

static void cn_footprint(const struct binding_key *key, const struct binding_path *path,
			 struct footprint *f)
{
	if (!path->valid)
		return;
	hao_accept_object(f, &key->hoa, &path->coa, &key->local);
	rh2_send_objects(f, &key->hoa, &path->coa, &key->local);
}

void cn_binding_objects(struct mip6 *m, role_object_fn *fn, void *ctx)
{
	struct binding *b;
	uint64_t at = 0;

	while ((b = bcache_walk(&m->bcache, &at))) {
		struct footprint f;

		if (b->kind != BINDING_CACHED)
			continue;
		footprint_init(&f);
		cn_footprint(&b->key, &b->installed, &f);
		footprint_each(&f, fn, ctx);
		footprint_free(&f);
	}
}

/* --- state ---------------------------------------------------------------------------- */

static void set_state(struct binding *b, enum binding_state to)
{
	bool was_memory = b->state == BINDING_MEMORY;
	struct cn *cn = cn_of(work_of(b)->m);

	if (!binding_set_state(b, to))
		return;
	if (was_memory && to != BINDING_MEMORY)
		cn->memories--;
	if (!was_memory && to == BINDING_MEMORY)
		cn->memories++;
}

/* --- the end of a binding ------------------------------------------------------------ */

static void forget(struct binding *b)
{
	struct work *w = work_of(b);
	struct mip6 *m = w->m;

	timer_cancel(m->timers, &b->timer);
	if (b->state == BINDING_MEMORY)
		cn_of(m)->memories--;
	if (b->transition)
		transition_orphan(b->transition);
	cn_save_nothing(m, b);
	crypto_wipe(w, sizeof(*w));
	free(w);
	bcache_remove(&m->bcache, b);
}

static void remember(struct binding *b)
{
	struct mip6 *m = work_of(b)->m;

	memset(&b->want, 0, sizeof(b->want));
	memset(&b->installed, 0, sizeof(b->installed));
	set_state(b, BINDING_MEMORY);
	cn_save_sequence(m, b, time_add(m->now_us, MEMORY_US));
	timer_set(m->timers, &b->timer, time_add(m->now_us, MEMORY_US), NULL);
}

/* --- refreshing (9.5.5) ---------------------------------------------------------------- */

static bool is_in_use(const struct binding *b)
{
	struct mip6 *m = work_of(b)->m;
	struct footprint f;
	bool used = false;

	footprint_init(&f);
	cn_footprint(&b->key, &b->installed, &f);
	for (size_t i = 0; i < f.count && !used; i++) {
		uint64_t idle_us;

		if (f.items[i].type == KOBJ_XFRM_STATE &&
		    m->kernel->ops->last_use(m->kernel, &f.items[i], &idle_us) == 0)
			used = idle_us < IN_USE_US;
	}
	footprint_free(&f);
	return used;
}

static uint64_t refresh_at(const struct binding *b)
{
	uint64_t ahead_us = b->lifetime_s * US_PER_S / REFRESH_SHARE;

	if (ahead_us < REFRESH_LEAST_US)
		ahead_us = REFRESH_LEAST_US;
	return b->expires_us > ahead_us ? b->expires_us - ahead_us : 0;
}

static void set_timer(struct binding *b)
{
	struct work *w = work_of(b);
	uint64_t at = refresh_at(b);

	if (w->refreshed || at <= w->m->now_us)
		at = b->expires_us;
	timer_set(w->m->timers, &b->timer, at, NULL);
}

static void ask_for_refresh(struct binding *b)
{
	struct work *w = work_of(b);
	struct mip6_path path = { .local = b->key.local,
				  .peer = b->installed.coa,
				  .peer_home = b->key.hoa };
	struct mh_msg msg = { .type = MH_BRR };

	w->refreshed = true;
	if (b->installed.valid && is_in_use(b))
		mip6_send_mh(w->m, &path, &msg);
}

static void on_timer(struct timer *t, uint64_t now_us)
{
	struct binding *b = t->ctx;
	struct mip6 *m = work_of(b)->m;

	mip6_turn(m, now_us);
	if (b->state == BINDING_MEMORY) {
		forget(b);
	} else if (now_us < b->expires_us) {
		ask_for_refresh(b);
		set_timer(b);
	} else {
		count(&m->counters, COUNT_BINDING_EXPIRED);
		cn_binding_end(m, b);
	}
}

/* --- the kernel -------------------------------------------------------------------------- */

static void begin(struct binding *b);
static void put_again(struct binding *b);

static void settle_failed(struct binding *b, int error, const struct kchange *failed)
{
	struct work *w = work_of(b);
	struct task *t = &w->now;
	char text[KOBJ_TEXT_MAX];

	log_error(LOG_CN, "hoa=%s: %s: %s", ADDR_STR(&b->key.hoa),
		  failed ? kobj_text(&failed->obj, text, sizeof(text)) : "out of memory",
		  strerror(-error));
	count(&w->m->counters, COUNT_BU_KERNEL);
	t->verdict.status = MH_STATUS_RESOURCES;
	if (b->state == BINDING_REMOVING && !w->have_next) { /* it is at its end all the same */
		b->expires_us = w->m->now_us;
		timer_set(w->m->timers, &b->timer, time_add(w->m->now_us, REMOVE_AGAIN_US), NULL);
	}
	b->want = b->installed;
}

static void settle_bound(struct binding *b)
{
	struct mip6 *m = work_of(b)->m;
	bool is_new = !b->installed.valid;
	bool moved = !is_new && !addr_equal(&b->installed.coa, &b->want.coa);

	b->installed = b->want;
	set_state(b, BINDING_ACTIVE);
	if (is_new || moved) {
		count(&m->counters, is_new ? COUNT_BINDING_ADDED : COUNT_BINDING_CHANGED);
		tell(m, is_new ? MIP6_EVENT_BINDING_ADDED : MIP6_EVENT_BINDING_CHANGED, b);
	}
}

static void on_change_done(struct mip6 *m, int error, const struct kchange *failed, void *ctx)
{
	struct binding *b = ctx;
	struct work *w = work_of(b);

	b->transition = NULL;
	if (error) {
		settle_failed(b, error, failed);
	} else if (b->state == BINDING_REMOVING) {
		count(&m->counters, COUNT_BINDING_REMOVED);
		tell(m, MIP6_EVENT_BINDING_REMOVED, b);
		b->installed.valid = false;
		cn_save_sequence(m, b, time_add(m->now_us, MEMORY_US));
	} else {
		settle_bound(b);
		cn_save_binding(m, b);
	}
	if (w->now.answer)
		answer(m, &w->now.bu, &w->now.verdict);
	w->now.answer = false;
	if (w->have_next) {
		w->have_next = false;
		w->now = w->next;
		begin(b);
	} else if (!b->installed.valid) {
		remember(b);
	} else {
		if (error && b->state != BINDING_REMOVING)
			set_state(b, BINDING_ACTIVE);
		if (w->again)
			put_again(b);
	}
}

static void change_kernel(struct binding *b, const struct binding_path *from)
{
	struct work *w = work_of(b);
	struct footprint have, want;

	footprint_init(&have);
	footprint_init(&want);
	if (from)
		cn_footprint(&b->key, from, &have);
	cn_footprint(&b->key, &b->want, &want);
	b->transition = from ? footprint_apply(w->m, &have, &want, on_change_done, b) :
			       footprint_put_again(w->m, &want, on_change_done, b);
	footprint_free(&have);
	footprint_free(&want);
	if (!b->transition)
		on_change_done(w->m, -ENOMEM, NULL, b);
}

static void put_again(struct binding *b)
{
	struct work *w = work_of(b);

	w->again = false;
	set_state(b, BINDING_INSTALLING);
	change_kernel(b, NULL);
}

/* Carries out work.now; no transition is under way. */
static void begin(struct binding *b)
{
	struct work *w = work_of(b);
	const struct task *t = &w->now;

	if (t->verdict.action == CN_BIND) {
		b->want.coa = t->bu.coa;
		b->want.flags = t->bu.flags;
		b->want.valid = true;
		set_state(b, BINDING_INSTALLING);
		change_kernel(b, &b->installed);
		return;
	}
	timer_cancel(w->m->timers, &b->timer);
	b->want.valid = false;
	if (b->installed.valid) {
		set_state(b, BINDING_REMOVING);
		change_kernel(b, &b->installed);
		return;
	}
	cn_save_sequence(w->m, b, time_add(w->m->now_us, MEMORY_US));
	if (t->answer)
		answer(w->m, &t->bu, &t->verdict);
	w->now.answer = false;
	remember(b);
}

static void take(struct binding *b, const struct task *t)
{
	struct work *w = work_of(b);
	struct mip6 *m = w->m;

	if (t->answer) {
		if (!b->seq_known || b->state == BINDING_MEMORY)
			b->since_us = m->now_us;
		b->seq = t->bu.seq;
		b->seq_known = true;
		b->lifetime_s = t->verdict.lifetime_s;
		w->errors = 0;
		w->refreshed = false;
		bcache_touch(&m->bcache, b, m->now_us);
	}
	if (t->verdict.action == CN_BIND) {
		b->expires_us = time_add(m->now_us, b->lifetime_s * US_PER_S);
		set_timer(b);
	}
	if (b->transition) {
		w->next = *t;
		w->have_next = true;
		return;
	}
	w->now = *t;
	begin(b);
}

/* --- room for it (9.6) ------------------------------------------------------------------- */

static struct binding *oldest(struct mip6 *m, bool memory, const struct binding *keep)
{
	struct binding *b;

	TAILQ_FOREACH(b, &m->bcache.by_age[BINDING_CACHED], by_age) {
		if (b != keep && b->state != BINDING_REMOVING &&
		    (b->state == BINDING_MEMORY) == memory)
			return b;
	}
	return NULL;
}

/* 5.2.8: a sequence number is forgotten while nonces are valid that an older update
 * was made with only if these nonces are given up as well. */
static void forget_early(struct mip6 *m, struct binding *b)
{
	if (m->now_us - b->updated_us <= MEMORY_US)
		rr_invalidate(&cn_of(m)->rr, b->updated_us);
	cn_save_nonces(m);
	forget(b);
}

/* For one more binding; `keep` is the one that is to have it, if it is remembered.
 * So many bindings, and as many sequence numbers of ended ones. */
static void make_room(struct mip6 *m, const struct binding *keep)
{
	const struct cn *cn = cn_of(m);
	const size_t *count_all = &m->bcache.count[BINDING_CACHED];
	size_t max = m->conf->cn_max_bindings;
	struct binding *b;

	if (!max)
		return;
	while (cn->memories >= max && (b = oldest(m, true, keep)))
		forget_early(m, b);
	if (*count_all - cn->memories < max)
		return;
	b = oldest(m, false, keep);
	if (!b)
		return;
	count(&m->counters, COUNT_BINDING_REPLACED);
	cn_binding_end(m, b);
}

static struct binding *make(struct mip6 *m, const struct in6_addr *hoa,
			    const struct in6_addr *local)
{
	struct work *w = calloc(1, sizeof(*w));
	struct binding *b = w ? bcache_add(&m->bcache, BINDING_CACHED, hoa, local) : NULL;

	if (!b) {
		free(w);
		return NULL;
	}
	w->m = m;
	w->b = b;
	b->role_data = w;
	timer_init(&b->timer, "correspondent-binding", on_timer, b);
	return b;
}

void cn_binding_restore(struct mip6 *m, const struct cn_kept *kept)
{
	struct binding *b = make(m, &kept->key.hoa, &kept->key.local);

	if (!b) {
		log_error(LOG_CN, "hoa=%s: no memory", ADDR_STR(&kept->key.hoa));
		return;
	}
	b->seq = kept->seq;
	b->seq_known = true;
	b->lifetime_s = kept->lifetime_s;
	b->since_us = kept->since_us;
	b->updated_us = m->now_us; /* the nonces of its last update may be as young as that */
	if (!kept->bound) {
		set_state(b, BINDING_MEMORY);
		timer_set(m->timers, &b->timer, kept->until_us, NULL);
		return;
	}
	b->expires_us = kept->until_us;
	b->installed = b->want = kept->path;
	set_state(b, BINDING_ACTIVE);
	set_timer(b);
	put_again(b);
}

/* --- entries -------------------------------------------------------------------------------- */

static void refuse(struct mip6 *m, const struct cn_bu *bu, const struct cn_verdict *v)
{
	count(&m->counters, v->counter);
	mip6_violation(m, &bu->hoa, &bu->path.peer, v->action == CN_REFUSE ? v->status : 0,
		       v->reason);
	if (v->action == CN_REFUSE)
		answer(m, bu, v);
}

void cn_binding_on_bu(struct mip6 *m, const struct mip6_packet *p, const struct mh_msg *msg)
{
	const struct in6_addr *local = path_local_id(&p->path);
	struct task t = { .answer = true };
	struct cn_facts f = { .conf = m->conf, .rr = &cn_of(m)->rr, .now_us = m->now_us };
	struct binding *b;

	cn_bu_read(p, msg, &t.bu);
	b = bcache_find(&m->bcache, &t.bu.hoa, local);
	f.binding = b;
	f.home_is_ours = link_find_addr(&m->links, &t.bu.hoa, NULL) != NULL;
	t.verdict = cn_judge(p, msg, &t.bu, &f);
	if (t.verdict.action == CN_DISCARD || t.verdict.action == CN_REFUSE) {
		refuse(m, &t.bu, &t.verdict);
		return;
	}
	count(&m->counters, COUNT_BU_ACCEPTED);
	if (!b && t.verdict.action == CN_UNBIND) { /* 9.5.3: there is nothing to delete */
		answer(m, &t.bu, &t.verdict);
		return;
	}
	if (t.verdict.action == CN_BIND && (!b || b->state == BINDING_MEMORY))
		make_room(m, b);
	if (!b)
		b = make(m, &t.bu.hoa, local);
	if (!b || b->kind != BINDING_CACHED) {
		t.verdict.status = MH_STATUS_RESOURCES;
		answer(m, &t.bu, &t.verdict);
		return;
	}
	take(b, &t);
}

void cn_binding_end(struct mip6 *m, struct binding *b)
{
	struct task t = { .verdict = { .action = CN_UNBIND } };

	(void)m;
	if (b->kind == BINDING_CACHED && b->state != BINDING_MEMORY)
		take(b, &t);
}

/* RFC 4443 3.1: an unreachable port tells that the packet did arrive. */
static bool is_persistent(struct work *w, uint8_t code)
{
	uint64_t now_us = w->m->now_us;

	if (code == ICMP6_UNREACH_PORT || code > ICMP6_UNREACH_REJECTED)
		return false;
	if (!w->errors || now_us - w->last_error_us > ERRORS_GAP_US) {
		w->errors = 0;
		w->first_error_us = now_us;
	}
	w->last_error_us = now_us;
	return ++w->errors >= ERRORS_MAX && now_us - w->first_error_us >= ERRORS_LAST_US;
}

void cn_binding_on_error(struct mip6 *m, const struct icmp6_msg *msg)
{
	struct ext_packet p;
	struct wire_error err;
	struct binding *b;

	if (msg->type != ICMP6_MSG_UNREACHABLE ||
	    ext_parse_packet(msg->error.packet, msg->error.packet_len, &p, &err) != WIRE_OK ||
	    !p.has_rh2)
		return;
	/* Only about what we send now: a packet from the address that the binding is with,
	 * to the care-of address that it has. */
	b = bcache_find(&m->bcache, &p.rh2, ext_end_src(&p));
	if (!b || b->kind != BINDING_CACHED || !b->installed.valid ||
	    !addr_equal(&b->installed.coa, &p.dst))
		return;
	if (!is_persistent(work_of(b), msg->error.code))
		return;
	log_info(LOG_CN, "hoa=%s: coa=%s cannot be reached", ADDR_STR(&b->key.hoa),
		 ADDR_STR(&b->installed.coa));
	cn_binding_end(m, b);
}

static bool holds(const struct binding *b, const struct kobj *o)
{
	struct footprint f;
	bool found;

	footprint_init(&f);
	cn_footprint(&b->key, &b->installed, &f);
	found = footprint_find(&f, o) || (f.count && kobj_is_flush(o));
	footprint_free(&f);
	return found;
}

void cn_binding_on_lost(struct mip6 *m, const struct kobj *o)
{
	struct binding *b;
	uint64_t at = 0;

	if (o->type != KOBJ_XFRM_POLICY && o->type != KOBJ_XFRM_STATE)
		return;
	while ((b = bcache_walk(&m->bcache, &at))) {
		if (b->kind != BINDING_CACHED || !holds(b, o))
			continue;
		if (b->transition)
			work_of(b)->again = true;
		else if (b->state == BINDING_ACTIVE)
			put_again(b);
	}
}

/* Without those that end already. */
static size_t count_live(const struct mip6 *m)
{
	const struct binding *b;
	size_t n = 0;

	TAILQ_FOREACH(b, &m->bcache.by_age[BINDING_CACHED], by_age)
		n += b->state != BINDING_MEMORY && b->state != BINDING_REMOVING;
	return n;
}

/* The oldest ones, where the configuration allows fewer than there are. */
static void end_surplus(struct mip6 *m, size_t max)
{
	size_t live = count_live(m);
	struct binding *b, *next;

	for (b = TAILQ_FIRST(&m->bcache.by_age[BINDING_CACHED]); b && live > max; b = next) {
		next = TAILQ_NEXT(b, by_age);
		if (b->state == BINDING_MEMORY || b->state == BINDING_REMOVING)
			continue;
		cn_binding_end(m, b);
		live--;
	}
}

void cn_binding_recheck(struct mip6 *m)
{
	struct binding *b;
	uint64_t at = 0;

	while ((b = bcache_walk(&m->bcache, &at))) {
		if (b->kind == BINDING_CACHED && b->want.valid &&
		    policy_cn_status(m->conf, &b->key.hoa, &b->key.local, &b->want.coa))
			cn_binding_end(m, b);
	}
	if (m->conf->cn_max_bindings)
		end_surplus(m, m->conf->cn_max_bindings);
}

void cn_binding_stop(struct mip6 *m, enum role_stop how)
{
	struct binding *b;
	uint64_t at = 0;

	while ((b = bcache_walk(&m->bcache, &at))) {
		struct footprint have;
		struct transition *t;

		if (b->kind != BINDING_CACHED)
			continue;
		timer_cancel(m->timers, &b->timer);
		if (b->transition)
			transition_orphan(b->transition);
		b->transition = NULL;
		if (how == ROLE_RESTART)
			continue;
		/* What is there, and what may be on its way. */
		footprint_init(&have);
		cn_footprint(&b->key, &b->installed, &have);
		cn_footprint(&b->key, &b->want, &have);
		t = have.count ? footprint_apply(m, &have, NULL, NULL, NULL) : NULL;
		if (t)
			transition_orphan(t);
		footprint_free(&have);
	}
}

void cn_binding_free(struct mip6 *m)
{
	struct binding *b;
	uint64_t at = 0;

	while ((b = bcache_walk(&m->bcache, &at))) {
		if (b->kind != BINDING_CACHED)
			continue;
		timer_cancel(m->timers, &b->timer);
		crypto_wipe(b->role_data, sizeof(struct work));
		free(b->role_data);
		b->role_data = NULL;
	}
}
