// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Former home agents. A node that turns to another home agent, because its own did not answer
 * or did not want, or because the configuration has another one, may leave a binding behind:
 * that one goes on defending the home address, also against the new one (RFC 6275 11.7.1).
 * So the entry of the Binding Update List stays as long as the binding may last (11.1), and
 * the binding is deleted, by updates that are repeated as any other (11.8), beside the new
 * registration and without waiting for each other. A home agent that answers none of some
 * updates is left alone until the node is attached elsewhere.
 *
 * Each home address has a list of them; an entry goes from here back into use when its home
 * agent is turned to again. Called by the other files home*.c and by mn.c.
 */
#include "mn/home.h"

#include <stdlib.h>

#include "core/ipsec.h"

/* Deletions at one place, unanswered; fewer where the home address itself waits for it. */
#define DELETIONS_MAX	     10
#define DELETIONS_LEAVING_MAX 4
/* For the kernel to confirm what is wanted of it. */
#define WAY_WAIT_US (10 * US_PER_MS)

struct home_former {
	TAILQ_ENTRY(home_former) entry;
	struct home_addr *h;
	struct bul_entry *bul; /* owned by the list */
	struct timer timer;    /* the next deletion, or the end of the binding */
	bool asking;	       /* else it is left to its end */
	unsigned int sent;     /* deletions at this place */
};

bool home_former_is_asked(const struct home_addr *h)
{
	const struct home_former *f;

	TAILQ_FOREACH (f, &h->formers, entry) {
		if (f->asking)
			return true;
	}
	return false;
}

static bool is_protected(const struct home_former *f)
{
	return ipsec_protects_binding(f->h->m->conf, &f->h->hoa, &f->bul->peer);
}

/* True also for one that is asked from another place now. The kernel has something for that
 * where IPsec protects it, or where there is no tunnel (see home_path.c). */
static void set_asking(struct home_former *f, bool asking)
{
	if (!f->asking && !asking)
		return;
	f->asking = asking;
	if (!f->h->tunnel || is_protected(f))
		home_path_changed(f->h);
}

static void set_timer(struct home_former *f, uint64_t at_us)
{
	timer_set(f->h->m->timers, &f->timer, at_us, &f->h->timers);
}

/* Forgets it; the entry of the list is no longer its. */
static struct bul_entry *take_out(struct home_former *f)
{
	struct bul_entry *e = f->bul;

	set_asking(f, false);
	timer_cancel(f->h->m->timers, &f->timer);
	TAILQ_REMOVE(&f->h->formers, f, entry);
	free(f);
	return e;
}

/* Nothing more is to be done there. */
static void rest(struct home_former *f)
{
	set_asking(f, false);
	set_timer(f, f->bul->may_last_us);
	if (f->h->left)
		home_has_left(f->h);
}

static void end(struct home_former *f)
{
	struct home_addr *h = f->h;

	bul_remove(&home_of(h->m)->bul, take_out(f));
	if (h->left)
		home_has_left(h);
}

/* From the care-of address, or at home from the home address (11.5.5); not on the way from
 * one to the other. */
static bool has_place(const struct home_addr *h)
{
	return h->at.usable && (!home_is_on_home_link(h) || h->state == HOME_AT_HOME);
}

/* What is sent goes by what is in the kernel. */
static bool needs_way(const struct home_former *f)
{
	return f->h->state == HOME_AT_HOME || is_protected(f);
}

/* 11.7.1: MUST be authenticated. A node that has policies says nothing without one. */
static bool may_speak(const struct home_former *f)
{
	const struct conf *c = f->h->m->conf;

	return !c->use_mn_ha_ipsec || !c->ipsec_set_count || is_protected(f);
}

static void delete_again(struct home_former *f)
{
	struct home_addr *h = f->h;
	uint64_t turn_us;

	if (f->sent >= (h->leaving ? DELETIONS_LEAVING_MAX : DELETIONS_MAX)) {
		log_notice(LOG_MN, "hoa=%s former ha=%s does not answer: the binding is left to "
				   "its end", ADDR_STR(&h->hoa), ADDR_STR(&f->bul->peer));
		rest(f);
		return;
	}
	turn_us = bul_pace(&home_of(h->m)->bul, &f->bul->peer, MH_BU, h->m->now_us);
	if (turn_us) {
		set_timer(f, turn_us);
		return;
	}
	if (f->sent++)
		bul_back_off(f->bul);
	home_send_deletion(h, f->bul);
	set_timer(f, time_add(h->m->now_us, f->bul->timeout_us));
}

static void begin(struct home_former *f)
{
	struct home_addr *h = f->h;

	f->sent = 0;
	if (!has_place(h) || !may_speak(f)) {
		rest(f);
		return;
	}
	bul_begin_exchange(f->bul, h->m->conf->initial_bindack_timeout_re_reg_us);
	set_asking(f, true);
	if (needs_way(f))
		set_timer(f, h->m->now_us);
	else
		delete_again(f);
}

static void on_timer(struct timer *t, uint64_t now_us)
{
	struct home_former *f = t->ctx;
	struct mip6 *m = f->h->m;

	mip6_turn(m, now_us);
	if (!bul_may_be_bound(f->bul, now_us))
		end(f); /* 11.1: MUST be deleted from the list */
	else if (!f->asking || !has_place(f->h))
		rest(f);
	else if (needs_way(f) && f->h->installed_path < f->h->wanted_path)
		set_timer(f, now_us + WAY_WAIT_US);
	else
		delete_again(f);
	home_path_flush(m);
}

static struct home_former *find(const struct home_addr *h, const struct in6_addr *ha)
{
	struct home_former *f;

	TAILQ_FOREACH (f, &h->formers, entry) {
		if (addr_equal(&f->bul->peer, ha))
			return f;
	}
	return NULL;
}

void home_former_add(struct home_addr *h, struct bul_entry *e)
{
	struct home_former *f = NULL;

	if (bul_may_be_bound(e, h->m->now_us))
		f = calloc(1, sizeof(*f));
	if (!f) {
		bul_remove(&home_of(h->m)->bul, e);
		return;
	}
	f->h = h;
	f->bul = e;
	e->waiting = false;
	timer_init(&f->timer, "former-home-agent", on_timer, f);
	TAILQ_INSERT_TAIL(&h->formers, f, entry);
	begin(f);
}

void home_former_take_back(struct home_addr *h, const struct in6_addr *ha)
{
	struct home_former *f = find(h, ha);

	if (f)
		take_out(f)->waiting = false;
}

const struct bul_entry *home_former_last(const struct home_addr *h)
{
	const struct home_former *f;
	const struct bul_entry *last = NULL;

	TAILQ_FOREACH (f, &h->formers, entry) {
		if (bul_may_be_bound(f->bul, h->m->now_us) &&
		    (!last || f->bul->acked_us > last->acked_us))
			last = f->bul;
	}
	return last;
}

void home_former_begin(struct home_addr *h)
{
	struct home_former *f;

	TAILQ_FOREACH (f, &h->formers, entry)
		begin(f);
}

void home_former_stop(struct home_addr *h, bool goodbye)
{
	struct home_former *f;

	TAILQ_FOREACH (f, &h->formers, entry) {
		if (goodbye && f->asking && has_place(h) &&
		    !bul_pace(&home_of(h->m)->bul, &f->bul->peer, MH_BU, h->m->now_us))
			home_send_deletion(h, f->bul);
		timer_cancel(h->m->timers, &f->timer);
	}
}

void home_former_forget(struct home_addr *h)
{
	struct home_former *f;

	while ((f = TAILQ_FIRST(&h->formers)) != NULL)
		bul_remove(&home_of(h->m)->bul, take_out(f));
}

void home_former_each(const struct home_addr *h, home_former_fn *fn, void *ctx)
{
	const struct home_former *f;

	TAILQ_FOREACH (f, &h->formers, entry) {
		if (f->asking)
			fn(h, &f->bul->peer, ctx);
	}
}

bool home_former_on_ba(struct home_addr *h, const struct in6_addr *from, const struct mh_msg *msg)
{
	struct home_former *f = find(h, from);
	const struct mh_ba *ba = &msg->ba;

	if (!f)
		return false;
	/* 11.7.3 */
	if (!f->bul->waiting || (ba->status != MH_STATUS_SEQUENCE && ba->seq != f->bul->seq)) {
		count(&h->m->counters, COUNT_BA_STRAY);
		return true;
	}
	log_info(LOG_MN, "hoa=%s former ha=%s BA seq=%u status=%u", ADDR_STR(&h->hoa),
		 ADDR_STR(from), ba->seq, ba->status);
	f->bul->status = ba->status;
	if (ba->status == MH_STATUS_SEQUENCE) {
		if (ba->seq == f->bul->seq)
			return true;
		bul_set_seq(f->bul, ba->seq);
		if (f->asking)
			set_timer(f, h->m->now_us);
	} else if (ba->status != MH_STATUS_UNSPECIFIED && ba->status != MH_STATUS_RESOURCES) {
		end(f); /* deleted, or it has none */
	}
	home_path_flush(h->m);
	return true;
}
