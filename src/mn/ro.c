// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Route optimization, the life of a peer: from the first packet in the tunnel to the
 * end of the traffic.
 *
 *	traffic --> testing --> binding --> bound --> (traffic goes on) testing ...
 *	                                         `--> (no traffic) forgotten at its end
 *	any: moved --> testing, with the tunnel meanwhile; home --> deleting --> forgotten
 *	any: no answer, refused, no Mobile IPv6 --> quiet, for ever longer
 *
 * Data goes to the peer directly only from when its binding is known, or must be: with
 * the Binding Acknowledgement, or, where none is asked for (UseCnBuAck), some round
 * trips after the Binding Update, so that no packet with a Home Address option
 * overtakes it; and only as long as the binding lasts, though it be renewed at the
 * time, and no longer than MAX_RO_FAILURE questions remain unanswered (5.2.9). Where
 * that went wrong once an acknowledgement is asked for in any case. The sequence number
 * lives in the Binding Update List and never goes back, also when a peer has lost its
 * binding.
 *
 * What begins and moves a peer is in ro_trigger.c, what it says in ro_heard.c, what is
 * sent and heard of return routability in ro_test.c. Called by mn.c.
 */
#include "mn/ro_peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/hao.h"
#include "mn/ro_test.h"

/* A binding is renewed at three quarters of its lifetime, and before the home keygen
 * token is too old for a move (5.2.7: MAX_TOKEN_LIFETIME), while packets were sent
 * within this time. */
#define RENEW_LATEST_US (200 * US_PER_S)
#define IN_USE_US	(60 * US_PER_S)
/* The peer may have forgotten a little before we think so. */
#define END_EARLY_US (2 * US_PER_S)
/* Without an acknowledgement: what the peer may take to carry out an update. */
#define SETTLE_US (20 * US_PER_MS)
/* After a peer has not answered, or cannot. */
#define QUIET_FIRST_US (60 * US_PER_S)
#define QUIET_MAX_US   (3600 * US_PER_S)
/* After one that has had a binding cannot any more: its daemon is perhaps being started
 * anew (11.3.5: "after a period of time"). */
#define QUIET_RESTART_US (2 * US_PER_S)
#define DELETES_MAX    3
/* RFC 6275 12 */
#define MAX_RO_FAILURE 3
/* Unanswered messages where the configuration has no limit: half a minute. */
#define SENDS_MAX 5

const char *ro_state_name(enum ro_state s)
{
	switch (s) {
	case RO_TESTING:
		return "testing";
	case RO_BINDING:
		return "binding";
	case RO_BOUND:
		return "bound";
	case RO_DELETING:
		return "deleting";
	case RO_QUIET:
		return "quiet";
	}
	return "?";
}

void ro_peer_set_state(struct ro_peer *p, enum ro_state to)
{
	if (p->state == to)
		return;
	log_info(LOG_RR, "peer=%s hoa=%s %s -> %s", ADDR_STR(&p->peer), ADDR_STR(&p->hoa),
		 ro_state_name(p->state), ro_state_name(to));
	p->state = to;
}

struct ro_peer *ro_peer_find(const struct mip6 *m, const struct in6_addr *hoa,
			     const struct in6_addr *peer)
{
	struct ro_peer *p;

	TAILQ_FOREACH (p, &ro_of(m)->peers, entry) {
		if (addr_equal(&p->peer, peer) && addr_equal(&p->hoa, hoa))
			return p;
	}
	return NULL;
}

static void set_timer(struct ro_peer *p, uint64_t at_us)
{
	timer_set(p->m->timers, &p->timer, at_us, &ro_of(p->m)->timers);
}

/* --- the kernel ----------------------------------------------------------------------- */

static void ro_footprint(const struct ro_peer *p, struct footprint *f)
{
	hao_send_objects(f, &p->hoa, &p->coa, &p->peer);
}

void ro_peer_set_direct(struct ro_peer *p, bool direct)
{
	struct footprint f;

	if (p->installed == direct)
		return;
	p->installed = direct;
	p->direct_us = p->m->now_us;
	if (!direct)
		timer_cancel(p->m->timers, &p->end_timer);
	footprint_init(&f);
	if (direct)
		ro_footprint(p, &f);
	kept_set(&p->kept, &f);
	mip6_event(p->m, direct ? MIP6_EVENT_RO_BEGUN : MIP6_EVENT_RO_ENDED,
		   "hoa=%s peer=%s coa=%s", ADDR_STR(&p->hoa), ADDR_STR(&p->peer),
		   ADDR_STR(&p->coa));
}

/* What the peer has forgotten must not be used. */
static void on_end_timer(struct timer *t, uint64_t now_us)
{
	struct ro_peer *p = t->ctx;

	mip6_turn(p->m, now_us);
	ro_peer_set_direct(p, false);
}

bool ro_peer_is_in_use(const struct ro_peer *p)
{
	struct footprint f;
	bool used = false;

	footprint_init(&f);
	ro_footprint(p, &f);
	for (size_t i = 0; p->installed && i < f.count && !used; i++) {
		uint64_t idle_us;

		if (f.items[i].type == KOBJ_XFRM_STATE &&
		    p->m->kernel->ops->last_use(p->m->kernel, &f.items[i], &idle_us) == 0)
			used = idle_us < IN_USE_US;
	}
	footprint_free(&f);
	return used;
}

/* --- peers ---------------------------------------------------------------------------- */

static void on_timer(struct timer *t, uint64_t now_us);

/* Where there is no room, the quiet peer whose time is up first is forgotten: most
 * peers know no Mobile IPv6, and they must not keep out those that do. */
static void make_room(struct mip6 *m)
{
	struct ro *ro = ro_of(m);
	struct ro_peer *p, *found = NULL;

	if (ro->count < RO_PEERS_MAX)
		return;
	TAILQ_FOREACH (p, &ro->peers, entry) {
		if (p->state == RO_QUIET && (!found || p->quiet_until_us < found->quiet_until_us) &&
		    !(p->bul && bul_may_be_bound(p->bul, m->now_us)))
			found = p;
	}
	if (found)
		ro_peer_forget(found);
}

struct ro_peer *ro_peer_add(struct mip6 *m, const struct in6_addr *hoa,
			    const struct in6_addr *peer, const struct in6_addr *coa)
{
	struct ro *ro = ro_of(m);
	struct ro_peer *p;

	make_room(m);
	p = ro->count < RO_PEERS_MAX ? calloc(1, sizeof(*p)) : NULL;
	if (!p)
		return NULL;
	p->m = m;
	p->hoa = *hoa;
	p->peer = *peer;
	p->coa = *coa;
	p->since_us = m->now_us;
	kept_init(&p->kept, m, "route optimization");
	timer_init(&p->timer, "route-optimization", on_timer, p);
	timer_init(&p->end_timer, "route-optimization-end", on_end_timer, p);
	TAILQ_INSERT_TAIL(&ro->peers, p, entry);
	ro->count++;
	return p;
}

void ro_peer_forget(struct ro_peer *p)
{
	struct ro *ro = ro_of(p->m);

	TAILQ_REMOVE(&ro->peers, p, entry);
	ro->count--;
	timer_cancel(p->m->timers, &p->timer);
	ro_peer_set_direct(p, false);
	kept_end(&p->kept);
	bul_remove(&home_of(p->m)->bul, p->bul);
	crypto_wipe(p, sizeof(*p));
	free(p);
}

static void go_quiet(struct ro_peer *p, uint64_t first_us, const char *why)
{
	uint64_t for_us = first_us << (p->failures < 12 ? p->failures : 12);

	p->failures++;
	p->refusals = 0;
	p->why = why;
	p->quiet_until_us = time_add(p->m->now_us, for_us < QUIET_MAX_US ? for_us : QUIET_MAX_US);
	log_info(LOG_RR, "peer=%s hoa=%s: %s", ADDR_STR(&p->peer), ADDR_STR(&p->hoa), why);
	ro_peer_set_direct(p, false);
	ro_test_cancel(p);
	timer_cancel(p->m->timers, &p->timer);
	ro_peer_set_state(p, RO_QUIET);
}

void ro_peer_go_quiet(struct ro_peer *p, const char *why)
{
	go_quiet(p, QUIET_FIRST_US, why);
}

void ro_peer_has_no_mobility(struct ro_peer *p)
{
	go_quiet(p, p->bul && p->bul->acked_us ? QUIET_RESTART_US : QUIET_FIRST_US,
		 "the peer does not know Mobile IPv6");
}

/* The next transmission: a second, then twice as long each time (11.8). */
static void back_off(struct ro_peer *p)
{
	set_timer(p, time_add(p->m->now_us, p->wait_us));
	p->wait_us *= 2;
	if (p->wait_us > BUL_MAX_BINDACK_TIMEOUT_US)
		p->wait_us = BUL_MAX_BINDACK_TIMEOUT_US;
	p->sends++;
}

static unsigned int sends_max(const struct ro_peer *p)
{
	unsigned int n = p->m->conf->mn_max_cn_consecutive_resends;

	return n ? n + 1 : SENDS_MAX;
}

/* --- Binding Updates (11.7.2) --------------------------------------------------------- */

static struct bul_entry *entry_of(struct ro_peer *p)
{
	struct bul *bul = &home_of(p->m)->bul;
	uint16_t first = 0;

	if (p->bul)
		return p->bul;
	p->bul = bul_add(bul, BUL_CORRESPONDENT, &p->hoa, &p->peer);
	if (!p->bul)
		return NULL;
	p->bul->ro = p;
	crypto_random(&first, sizeof(first));
	bul_set_seq(p->bul, first);
	return p->bul;
}

/* 11.7.2: no longer than what is left of the home registration, which stands for the
 * care-of address as well. 0: not now; the home agent has not confirmed this care-of
 * address, or is about to be asked again. */
static uint32_t lifetime_to_ask(const struct ro_peer *p)
{
	const struct home_addr *h = home_find(p->m, &p->hoa);
	uint32_t lifetime_s = p->m->conf->mn_max_cn_binding_life_s;
	uint64_t left_us;

	if (!h || !home_is_registered(h) || !bul_is_bound_to(h->bul, &p->coa, p->m->now_us))
		return 0;
	left_us = h->bul->valid_until_us - p->m->now_us;
	if (left_us < lifetime_s * US_PER_S)
		lifetime_s = (uint32_t)(left_us / US_PER_S);
	return mh_lifetime_floor_s(lifetime_s);
}

/* `lifetime_s` 0 deletes. */
static void send_update(struct ro_peer *p, uint32_t lifetime_s, bool from_home)
{
	const struct in6_addr *coa = lifetime_s ? &p->coa : &p->hoa;
	struct mip6_path path = { .local = p->coa, .local_home = p->hoa, .peer = p->peer };
	struct mh_msg msg = { .type = MH_BU };
	struct bul_entry *e = entry_of(p);

	if (!e)
		return;
	if (from_home) { /* 11.5.5 */
		path.local = p->hoa;
		memset(&path.local_home, 0, sizeof(path.local_home));
	}
	rr_kbm(p->home.token, lifetime_s ? p->careof.token : NULL, p->kbm);
	if (p->m->conf->use_cn_bu_ack || p->refusals || !lifetime_s)
		msg.bu.flags = MH_BU_A;
	msg.bu.lifetime_s = lifetime_s;
	msg.bu.seq = bul_note_sent(e, coa, msg.bu.flags, lifetime_s, p->m->now_us);
	msg.opts.present = MH_HAS_NONCES;
	msg.opts.home_nonce = p->home.index;
	msg.opts.careof_nonce = lifetime_s ? p->careof.index : 0;
	log_info(LOG_RR, "peer=%s hoa=%s BU seq=%u coa=%s lifetime=%u", ADDR_STR(&p->peer),
		 ADDR_STR(&p->hoa), msg.bu.seq, ADDR_STR(coa), msg.bu.lifetime_s);
	mip6_send_mh_auth(p->m, &path, &msg, p->kbm, sizeof(p->kbm), coa, &p->peer);
}

/* 11.8: MUST NOT send more than MAX_UPDATE_RATE in a second; false: it waits. */
static bool may_update(struct ro_peer *p)
{
	uint64_t at_us = bul_pace(&home_of(p->m)->bul, &p->peer, MH_BU, p->m->now_us);

	if (at_us)
		set_timer(p, at_us);
	return !at_us;
}

static void bind_now(struct ro_peer *p)
{
	uint32_t lifetime_s = lifetime_to_ask(p);

	/* 11.7.2: after the home agent has acknowledged; ro_listener hears of that. */
	if (!lifetime_s || !may_update(p))
		return;
	ro_peer_set_state(p, RO_BINDING);
	send_update(p, lifetime_s, false);
	if (!p->bul || p->bul->flags & MH_BU_A)
		back_off(p);
	else /* it is there, and has been carried out, when this has passed */
		set_timer(p, time_add(p->m->now_us, 2 * p->rtt_us + SETTLE_US));
}

static void delete_now(struct ro_peer *p)
{
	if (!may_update(p))
		return;
	send_update(p, 0, true);
	back_off(p);
}

/* When the binding is renewed, and when the direct path ends without that. */
static void set_ends(struct ro_peer *p, uint64_t life_us)
{
	uint64_t early_us = life_us / 16 < END_EARLY_US ? life_us / 16 : END_EARLY_US;
	uint64_t renew_us = life_us / 4 * 3 < RENEW_LATEST_US ? life_us / 4 * 3 : RENEW_LATEST_US;

	timer_set(p->m->timers, &p->end_timer, p->bul->valid_until_us - early_us,
		  &ro_of(p->m)->timers);
	set_timer(p, time_add(p->bul->sent_us, renew_us));
}

void ro_peer_bound(struct ro_peer *p, uint8_t status, uint32_t lifetime_s)
{
	bul_note_accepted(p->bul, status, lifetime_s, p->m->now_us);
	if (p->bul->valid_until_us <= p->m->now_us) {
		ro_peer_go_quiet(p, "the peer grants no lifetime");
		return;
	}
	p->sends = 0;
	p->failures = 0;
	if (p->bul->flags & MH_BU_A)
		p->refusals = 0;
	ro_peer_set_state(p, RO_BOUND);
	ro_peer_set_direct(p, true);
	set_ends(p, p->bul->granted_s * US_PER_S);
}

/* --- tests ---------------------------------------------------------------------------- */

void ro_peer_go_on(struct ro_peer *p)
{
	bool careof = p->state != RO_DELETING;

	if (careof)
		ro_peer_set_state(p, RO_TESTING);
	if (ro_test_is_complete(p, careof)) {
		p->sends = 0;
		p->wait_us = US_PER_S;
		if (careof)
			bind_now(p);
		else
			delete_now(p);
		return;
	}
	if (p->sends >= MAX_RO_FAILURE) /* 5.2.9: MUST revert to the home agent */
		ro_peer_set_direct(p, false);
	if (p->sends >= sends_max(p)) {
		ro_peer_go_quiet(p, "return routability was not answered");
		return;
	}
	ro_test_send(p, careof);
	back_off(p);
}

void ro_peer_begin(struct ro_peer *p)
{
	p->sends = 0;
	p->wait_us = US_PER_S;
	ro_peer_go_on(p);
}

void ro_peer_begin_anew(struct ro_peer *p)
{
	p->home.have = false;
	p->careof.have = false;
	ro_peer_begin(p);
}

/* The timer of a bound peer: renews while there is traffic, else looks once more, and
 * waits for the end. */
static void renew(struct ro_peer *p)
{
	const struct bul_entry *e = p->bul;
	uint64_t again_us = e->valid_until_us - e->granted_s * US_PER_S / 8;

	p->refusals = 0; /* it has lasted */
	if (e->valid_until_us <= p->m->now_us)
		ro_peer_forget(p);
	else if (ro_peer_is_in_use(p))
		ro_peer_begin_anew(p);
	else
		set_timer(p, again_us > p->m->now_us ? again_us : e->valid_until_us);
}

static void on_binding_timer(struct ro_peer *p)
{
	if (p->bul && !(p->bul->flags & MH_BU_A)) {
		ro_peer_bound(p, MH_STATUS_ACCEPTED, p->bul->lifetime_s);
		return;
	}
	if (p->sends >= MAX_RO_FAILURE)
		ro_peer_set_direct(p, false);
	if (p->sends >= sends_max(p))
		ro_peer_go_quiet(p, "the Binding Update was not answered");
	else if (ro_test_is_complete(p, true))
		bind_now(p);
	else
		ro_peer_begin(p);
}

static void on_timer(struct timer *t, uint64_t now_us)
{
	struct ro_peer *p = t->ctx;

	mip6_turn(p->m, now_us);
	switch (p->state) {
	case RO_TESTING:
		ro_peer_go_on(p);
		return;
	case RO_BINDING:
		on_binding_timer(p);
		return;
	case RO_BOUND:
		renew(p);
		return;
	case RO_DELETING:
		if (p->sends >= DELETES_MAX)
			ro_peer_forget(p);
		else
			ro_peer_go_on(p);
		return;
	case RO_QUIET:
		return;
	}
}

/* --- life ----------------------------------------------------------------------------- */

int ro_start(struct mip6 *m)
{
	struct ro *ro = calloc(1, sizeof(*ro));

	if (!ro)
		return -ENOMEM;
	ro->m = m;
	ro->limit = (struct log_limit)LOG_LIMIT(10, 1);
	TAILQ_INIT(&ro->peers);
	timer_owner_init(&ro->timers);
	mn_of(m)->ro = ro;
	home_listen(m, &ro_listener);
	return 0;
}

void ro_restore(struct mip6 *m, const struct bul_entry *was)
{
	const struct home_addr *h = home_find(m, &was->hoa);
	uint64_t life_us = was->granted_s * US_PER_S;
	struct ro_peer *p;

	if (!h || ro_peer_unwanted(m, h, &was->peer) || was->may_last_us <= m->now_us)
		return;
	p = ro_peer_add(m, &was->hoa, &was->peer, &was->acked_coa);
	if (!p || !entry_of(p))
		return;
	bul_restore(p->bul, was);
	if (!was->lifetime_s || was->valid_until_us <= m->now_us || !m->found.count)
		return; /* RO_TESTING: when the registration is confirmed */
	ro_peer_set_state(p, RO_BOUND);
	ro_peer_set_direct(p, true);
	set_ends(p, life_us);
}

void ro_peer_say_goodbye(struct ro_peer *p)
{
	if (p->bul && bul_may_be_bound(p->bul, p->m->now_us) && p->state != RO_DELETING &&
	    ro_test_is_complete(p, false))
		send_update(p, 0, false);
}

void ro_reconfigure(struct mip6 *m)
{
	struct ro_peer *p, *next;

	for (p = TAILQ_FIRST(&ro_of(m)->peers); p; p = next) {
		const struct home_addr *h = home_find(m, &p->hoa);

		next = TAILQ_NEXT(p, entry);
		if (h && !ro_peer_unwanted(m, h, &p->peer))
			continue;
		ro_peer_say_goodbye(p);
		ro_peer_forget(p);
	}
}

void ro_on_lost(struct mip6 *m, const struct kobj *o)
{
	struct ro_peer *p;

	TAILQ_FOREACH (p, &ro_of(m)->peers, entry)
		kept_on_lost(&p->kept, o);
}

void ro_stop(struct mip6 *m, enum role_stop how)
{
	struct ro *ro = ro_of(m);
	struct ro_peer *p;

	if (!ro)
		return;
	timers_cancel_owner(m->timers, &ro->timers);
	if (how == ROLE_RESTART)
		return;
	TAILQ_FOREACH (p, &ro->peers, entry) {
		ro_peer_say_goodbye(p);
		ro_peer_set_direct(p, false);
	}
}

void ro_free(struct mip6 *m)
{
	struct ro *ro = ro_of(m);
	struct ro_peer *p;

	if (!ro)
		return;
	timers_cancel_owner(m->timers, &ro->timers);
	while ((p = TAILQ_FIRST(&ro->peers))) {
		TAILQ_REMOVE(&ro->peers, p, entry);
		kept_free(&p->kept);
		crypto_wipe(p, sizeof(*p));
		free(p);
	}
	free(ro);
	mn_of(m)->ro = NULL;
}
