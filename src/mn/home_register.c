// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The exchange of Binding Updates and Acknowledgements with a home agent (RFC
 * 6275 11.7.1, 11.7.3, 11.8): what is sent, how often, and what each status of
 * the answer means.
 *
 * One exchange at a time for each home address: home_register() or
 * home_deregister() sends the first update; unanswered ones are followed by the
 * next, with a new sequence number and twice the waiting time, up to 32 seconds. An
 * exchange that is overtaken by a move is simply begun anew. A confirmed
 * registration is refreshed after four fifths of its lifetime, or when the home
 * agent advises.
 */
#include <string.h>

#include "base/crypto.h"
#include "core/ipsec.h"
#include "core/link.h"
#include "mn/home.h"
#include "mn/kept_state.h"

/* So many are missed without an answer before that is worth a warning. */
#define RESENDS_LOUD 3
/* The shortest lifetime that can be said (6.1.7). */
#define LIFETIME_MIN_S 4
/* How often in a row status 135 is followed by an update at once. */
#define SEQ_REPAIRS_MAX 3
/* A quarter of the sequence numbers, less the one that comes with the next update. */
#define SEQ_STRIDE 0x3fff
/* A home agent that refused for a reason that may pass is asked again after ... */
#define RETRY_SOON_US BUL_MAX_BINDACK_TIMEOUT_US
/* ... and one that will hardly change its mind after. */
#define RETRY_LATE_US (600 * US_PER_S)
/* One whose machine knows no Mobility Header is perhaps just starting its daemon (11.3.5:
 * "after a period of time", which grows each time). */
#define RETRY_DEAF_US (2 * US_PER_S)
/* Unanswered deletions of a home address that is no longer configured. */
#define LEAVE_RESENDS_MAX 3
/* So long after leaving the home link, nothing of ours is on the way there any more. */
#define OWN_TRACES_US (5 * US_PER_S)

static struct handover *record_of(struct home_addr *h)
{
	struct handover *r = handover_find(mn_of(h->m)->handovers, h->handover);

	return r && r->result == HANDOVER_UNDER_WAY ? r : NULL;
}

/* --- sending ------------------------------------------------------------------- */

/* RFC 6275 11.7.1: the link-local address has the home address' identifier. */
static bool is_linklocal_compatible(const struct home_addr *h)
{
	const struct in6_addr wanted = addr_linklocal_of(&h->hoa);
	const struct link *l = link_find(&h->m->links, h->at.ifindex);
	const struct in6_addr *has = l ? link_local_addr(l) : NULL;

	return h->hoa_len == 64 && has && addr_equal(has, &wanted);
}

static uint16_t flags_of(const struct home_addr *h)
{
	uint16_t flags = MH_BU_A | MH_BU_H; /* 11.7.1: MUST be set */

	if (is_linklocal_compatible(h))
		flags |= MH_BU_L;
	if (h->m->conf->key_mng_mob_capability)
		flags |= MH_BU_K;
	return flags;
}

/* MUST be non-zero, SHOULD not exceed what is left of the addresses (11.7.1). */
static uint32_t lifetime_of(const struct home_addr *h)
{
	uint64_t until_us =
		time_earlier(h->valid_until_us,
			     attach_valid_until_us(h->m, h->at.ifindex, &h->at.coa));
	uint64_t left_s = time_until(until_us, h->m->now_us) / US_PER_S;
	uint64_t wanted_s = h->m->conf->mn_max_ha_binding_life_s;
	uint32_t lifetime_s = mh_lifetime_floor_s(left_s < wanted_s ? left_s : wanted_s);

	return lifetime_s < LIFETIME_MIN_S ? LIFETIME_MIN_S : lifetime_s;
}

static struct mip6_path path_to(const struct home_addr *h, const struct in6_addr *ha,
				bool from_home)
{
	struct mip6_path path = { .local = h->at.coa,
				  .local_home = h->hoa,
				  .peer = *ha,
				  .by_policy = ipsec_protects_binding(h->m->conf, &h->hoa, ha) };

	/* 11.5.5: MUST use its home address as the source address. */
	if (from_home) {
		path.local = h->hoa;
		memset(&path.local_home, 0, sizeof(path.local_home));
		path.by_policy = false;
	}
	return path;
}

static void note_record(struct home_addr *h)
{
	const struct home_listener *l = home_of(h->m)->listener;
	struct handover *r = record_of(h);

	if (!r)
		return;
	r->ha = h->ha;
	if (!r->updates++) {
		r->bu_us = h->m->now_us;
		if (l && l->moved && !h->deregister)
			l->moved(h->m, h);
	}
}

/* One Binding Update, with the next sequence number. */
static int send_one(struct home_addr *h, struct bul_entry *e, bool delete, bool from_home)
{
	const struct in6_addr *coa = from_home ? &h->hoa : &h->at.coa;
	const struct mip6_path path = path_to(h, &e->peer, from_home);
	struct mh_msg msg = { .type = MH_BU };

	if (!e->seq_known) {
		uint16_t first = 0;

		/* Any value will do (11.7.1); a random one after a restart is hardly
		 * just below the last. */
		crypto_random(&first, sizeof(first));
		bul_set_seq(e, first);
	}
	msg.bu.flags = flags_of(h);
	msg.bu.lifetime_s = delete ? 0 : lifetime_of(h);
	msg.bu.seq = bul_note_sent(e, coa, msg.bu.flags, msg.bu.lifetime_s, h->m->now_us);
	/* 11.7.1: MUST be included in all home registrations. */
	msg.opts.present = MH_HAS_ALT_COA;
	msg.opts.alt_coa = *coa;
	log_info(LOG_MN, "hoa=%s ha=%s BU seq=%u coa=%s lifetime=%u", ADDR_STR(&h->hoa),
		 ADDR_STR(&e->peer), msg.bu.seq, ADDR_STR(coa), msg.bu.lifetime_s);
	return mip6_send_mh(h->m, &path, &msg);
}

static void send_update(struct home_addr *h)
{
	struct home *home = home_of(h->m);
	uint64_t turn_us = bul_pace(&home->bul, &h->ha, MH_BU, h->m->now_us);
	bool from_home = h->deregister &&
			 (h->state == HOME_RETURNING || h->state == HOME_AT_HOME);

	if (turn_us) {
		h->paced = true;
		timer_set(h->m->timers, &h->send_timer, turn_us, &h->timers);
		return;
	}
	/* What cannot be sent now is sent again, as if the network had lost it. */
	send_one(h, h->bul, h->deregister, from_home);
	note_record(h);
	if (from_home)
		home_announce_return(h);
	/* With MnFormerCoaServes data stays behind, unless the acknowledgement is late. */
	if (h->next_tunnel && !h->led &&
	    (!h->m->conf->mn_former_coa_serves || h->bul->resends)) {
		h->led = true;
		home_path_changed(h);
	}
	timer_set(h->m->timers, &h->send_timer, time_add(h->m->now_us, h->bul->timeout_us),
		  &h->timers);
}

/* 11.8: the longer timeout where the home agent has yet to look for duplicates. */
static uint64_t first_timeout_us(const struct home_addr *h)
{
	const struct conf *c = h->m->conf;

	return h->bul->valid_until_us > h->m->now_us || h->deregister ?
		       c->initial_bindack_timeout_re_reg_us :
		       c->initial_bindack_timeout_first_reg_us;
}

static void begin_exchange(struct home_addr *h, bool deregister)
{
	h->deregister = deregister;
	h->paced = false;
	h->seq_repairs = 0;
	timer_cancel(h->m->timers, &h->refresh_timer);
	bul_begin_exchange(h->bul, first_timeout_us(h));
	send_update(h);
}

void home_register(struct home_addr *h)
{
	begin_exchange(h, false);
}

void home_resume(struct home_addr *h)
{
	h->was_bound = true;
	h->linklocal_defended = h->bul->flags & MH_BU_L;
	home_set_state(h, HOME_REGISTERING);
	home_set_state(h, HOME_REGISTERED);
	timer_set(h->m->timers, &h->expiry_timer, h->bul->valid_until_us, &h->timers);
	timer_set(h->m->timers, &h->refresh_timer, h->m->now_us, &h->timers);
}

void home_register_at(struct home_addr *h, uint64_t at_us)
{
	if (at_us <= h->m->now_us) {
		h->due = true;
		return;
	}
	h->deregister = false;
	h->seq_repairs = 0;
	bul_begin_exchange(h->bul, first_timeout_us(h));
	h->paced = true;
	timer_set(h->m->timers, &h->send_timer, at_us, &h->timers);
}

void home_deregister(struct home_addr *h)
{
	begin_exchange(h, true);
}

void home_say_goodbye(struct home_addr *h)
{
	if (!h->bul || !h->at.usable || !bul_may_be_bound(h->bul, h->m->now_us))
		return;
	if (h->state != HOME_REGISTERED && h->state != HOME_REGISTERING)
		return;
	if (bul_pace(&home_of(h->m)->bul, &h->ha, MH_BU, h->m->now_us) == 0)
		send_one(h, h->bul, true, false);
}

void home_send_deletion(struct home_addr *h, struct bul_entry *e)
{
	send_one(h, e, true, h->state == HOME_AT_HOME);
}

void home_cancel(struct home_addr *h)
{
	timer_cancel(h->m->timers, &h->send_timer);
	timer_cancel(h->m->timers, &h->refresh_timer);
	timer_cancel(h->m->timers, &h->na_timer);
	timer_cancel(h->m->timers, &h->dhaad_timer);
	timer_cancel(h->m->timers, &h->mps_timer);
	h->seeking = false;
	h->soliciting = false;
	mip6_probe_cancel(h->m, h->probe);
	h->probe = NULL;
	mip6_lookup_cancel(h->m, h->lookup);
	h->lookup = NULL;
	h->na_left = 0;
	h->paced = false;
	h->due = false;
	h->deregister = false;
	if (h->bul)
		h->bul->waiting = false;
}

/* --- timers -------------------------------------------------------------------- */

/* Nothing came back in time. */
static void on_unanswered(struct home_addr *h)
{
	bul_back_off(h->bul);
	if (h->bul->resends == RESENDS_LOUD && h->state == HOME_REGISTERING)
		log_warning(LOG_MN, "hoa=%s ha=%s has answered none of %u Binding Updates",
			    ADDR_STR(&h->hoa), ADDR_STR(&h->ha), h->bul->resends);
	if (h->leaving && h->bul->resends > LEAVE_RESENDS_MAX) {
		log_notice(LOG_MN, "hoa=%s ha=%s does not answer: the binding is left to its end",
			   ADDR_STR(&h->hoa), ADDR_STR(&h->ha));
		home_has_left(h);
		return;
	}
	/* A binding from before a restart: the home agent's answer (status 135) may go to
	 * the care-of address that it knows. Greater numbers (11.8) from all over the range
	 * come to one that it takes (9.5.1). */
	if (h->state == HOME_RETURNING && !h->bul->acked_us)
		bul_set_seq(h->bul, (uint16_t)(h->bul->seq + SEQ_STRIDE));
	if ((h->state == HOME_RETURNING || h->state == HOME_AT_HOME) && !home_keep_returning(h))
		return;
	if (home_is_given_up(h)) {
		if (home_try_next_agent(h))
			return;
		home_look_for_others(h);
	}
	attach_hint(h->m, false);
	/* The hint may have led to another attachment, and so to a new exchange. */
	if (h->bul && h->bul->resends)
		send_update(h);
}

static void on_send_timer(struct timer *t, uint64_t now_us)
{
	struct home_addr *h = t->ctx;
	struct mip6 *m = h->m;

	mip6_turn(m, now_us);
	if (h->left && home_former_is_asked(h)) {
		/* home_former.c goes on with it */
	} else if (h->left) {
		log_info(LOG_MN, "hoa=%s is no home address any longer", ADDR_STR(&h->hoa));
		mn_save_no_home(m, h);
		home_remove(m, h);
	} else if (h->leaving && !h->at.usable) {
		home_has_left(h);
	} else if (h->state == HOME_REFUSED) {
		/* All of the list have refused: there may be others by now. */
		if (h->bul && h->bul->no_more && addr_is_unspecified(&h->fixed_ha))
			home_forget_agents(h);
		home_begin(h);
	} else if (h->state == HOME_CLAIMING) {
		home_return(h);
	} else if (h->paced) {
		h->paced = false;
		send_update(h);
	} else {
		on_unanswered(h);
	}
	home_path_flush(m);
}

static void on_refresh_timer(struct timer *t, uint64_t now_us)
{
	struct home_addr *h = t->ctx;

	mip6_turn(h->m, now_us);
	if (h->state == HOME_REGISTERED)
		home_register(h);
	home_path_flush(h->m);
}

/* The confirmed binding ended before it could be renewed. */
static void on_expiry_timer(struct timer *t, uint64_t now_us)
{
	struct home_addr *h = t->ctx;
	const struct home_listener *l = home_of(h->m)->listener;

	mip6_turn(h->m, now_us);
	h->was_bound = false;
	if (h->state == HOME_REGISTERED) {
		log_warning(LOG_MN, "hoa=%s ha=%s the registration has ended unrenewed",
			    ADDR_STR(&h->hoa), ADDR_STR(&h->ha));
		home_set_state(h, HOME_REGISTERING);
		if (!timer_is_set(&h->send_timer))
			home_register(h);
		if (l && l->lost)
			l->lost(h->m, h);
	}
	home_path_flush(h->m);
}

void home_init_timers(struct home_addr *h)
{
	timer_init(&h->send_timer, "home-send", on_send_timer, h);
	timer_init(&h->refresh_timer, "home-refresh", on_refresh_timer, h);
	timer_init(&h->expiry_timer, "home-expiry", on_expiry_timer, h);
}

/* --- answers ------------------------------------------------------------------- */

/* 11.7.1: well before the end; 11.7.3: earlier where the home agent advises. */
static void set_refresh(struct home_addr *h, const struct mh_msg *msg)
{
	const struct bul_entry *e = h->bul;
	uint64_t after_us = e->granted_s * US_PER_S / 5 * 4;

	if (mh_has(&msg->opts, MH_HAS_REFRESH))
		after_us = time_earlier(after_us,
					time_later(msg->opts.refresh_s, LIFETIME_MIN_S) * US_PER_S);
	h->refresh_us = e->sent_us + after_us;
	/* 11.7.1: after status 1 not before the prefixes are known. */
	if (!h->prefix_needed)
		timer_set(h->m->timers, &h->refresh_timer, h->refresh_us, &h->timers);
	timer_set(h->m->timers, &h->expiry_timer, e->valid_until_us, &h->timers);
}

static void on_accepted(struct home_addr *h, const struct mh_msg *msg)
{
	const struct home_listener *l = home_of(h->m)->listener;
	bool again = h->state == HOME_REGISTERED;

	bul_note_accepted(h->bul, msg->ba.status, msg->ba.lifetime_s, h->m->now_us);
	timer_cancel(h->m->timers, &h->send_timer);
	h->was_bound = true;
	h->seq_repairs = 0;
	h->linklocal_defended = h->bul->flags & MH_BU_L;
	h->prefix_needed = msg->ba.status == MH_STATUS_PREFIX_DISCOVERY &&
			   h->m->conf->send_mob_pfx_sols;
	set_refresh(h, msg);
	home_set_state(h, HOME_REGISTERED);
	home_leave_former_tunnel(h, true);
	if (!again)
		home_path_changed(h);
	else if (l && l->registered)
		l->registered(h->m, h);
	attach_hint(h->m, true);
	home_prefix_resume(h);
}

/* The duplicate that the home agent found was this node itself: it has left the home
 * link so lately that its own solicitations and advertisements were still on the way
 * (RFC 4862 5.4.3 cannot tell them from another node's). */
static bool found_itself(const struct home_addr *h)
{
	return h->home_until_us && h->m->now_us - h->home_until_us < OWN_TRACES_US;
}

/* Nor does another node have the address where a former home agent of this one defends it. */
static bool is_taken(const struct home_addr *h)
{
	return !found_itself(h) && !home_former_last(h);
}

/* Whether waiting may help (11.7.3: "steps to correct the cause"). */
static uint64_t retry_after_us(const struct home_addr *h, uint8_t status)
{
	if (h->deaf_answers && h->deaf_answers < 10)
		return time_earlier(RETRY_DEAF_US << (h->deaf_answers - 1), RETRY_LATE_US);
	switch (status) {
	case MH_STATUS_DAD_FAILED:
		/* 11.7.1: MUST NOT attempt to re-use the same home address. */
		return is_taken(h) ? TIME_NEVER : OWN_TRACES_US;
	case MH_STATUS_PROHIBITED:
	case MH_STATUS_NO_HOME_REGISTRATION:
	case MH_STATUS_NOT_HOME_SUBNET:
	case MH_STATUS_NOT_HOME_AGENT:
		return RETRY_LATE_US;
	}
	return RETRY_SOON_US;
}

void home_refused(struct home_addr *h, uint8_t status)
{
	const struct home_listener *l = home_of(h->m)->listener;
	struct handover *r = record_of(h);
	bool was_registered = h->state == HOME_REGISTERED;

	if (h->leaving) {
		home_has_left(h);
		return;
	}
	log_warning(LOG_MN, "hoa=%s ha=%s refuses: %u %s", ADDR_STR(&h->hoa), ADDR_STR(&h->ha),
		    status, mh_ba_status_name(status));
	bul_note_refused(h->bul, status);
	h->bul->waiting = false;
	h->bul->no_more = true;
	h->bul->no_more_until_us = time_add(h->m->now_us, retry_after_us(h, status));
	h->was_bound = false;
	home_leave_former_tunnel(h, false);
	if (was_registered && l && l->lost)
		l->lost(h->m, h);
	if (status == MH_STATUS_DAD_FAILED && is_taken(h)) {
		h->taken = true;
		bul_note_gone(h->bul);
	} else if (status == MH_STATUS_DAD_FAILED ? home_turn_back(h) :
						    home_try_next_agent(h)) { /* 11.4.1: SHOULD */
		return;
	}
	if (r)
		r->result = HANDOVER_REFUSED;
	home_set_state(h, HOME_REFUSED);
	home_path_changed(h);
	timer_cancel(h->m->timers, &h->refresh_timer);
	timer_set(h->m->timers, &h->send_timer, h->bul->no_more_until_us, &h->timers);
}

/* Status 135: 11.7.1, the next number after the one that the home agent knows. */
static void on_bad_sequence(struct home_addr *h, uint16_t seq)
{
	/* It knows the last one that we sent: that was accepted, and this answers an
	 * older one or a copy of it. The answer proper is under way, or the timer
	 * will ask again. */
	if (seq == h->bul->seq)
		return;
	/* A copy of the answer that made us take this number. */
	if (h->seq_repairs && (uint16_t)(seq + 1) == h->bul->seq)
		return;
	log_info(LOG_MN, "hoa=%s ha=%s knows sequence number %u, not %u", ADDR_STR(&h->hoa),
		 ADDR_STR(&h->ha), seq, h->bul->seq);
	bul_note_refused(h->bul, MH_STATUS_SEQUENCE);
	bul_set_seq(h->bul, seq);
	if (++h->seq_repairs <= SEQ_REPAIRS_MAX)
		send_update(h);
}

static void judge_answer(struct home_addr *h, const struct mh_msg *msg)
{
	struct handover *r = record_of(h);

	h->deaf_answers = 0;
	if (r) {
		r->ba_us = h->m->now_us;
		r->status = msg->ba.status;
	}
	log_info(LOG_MN, "hoa=%s ha=%s BA seq=%u status=%u lifetime=%u", ADDR_STR(&h->hoa),
		 ADDR_STR(&h->ha), msg->ba.seq, msg->ba.status, msg->ba.lifetime_s);
	if (h->deregister)
		home_deleted(h, msg->ba.status);
	else if (msg->ba.status >= MH_STATUS_REJECTED_FROM)
		home_refused(h, msg->ba.status);
	else if (msg->ba.lifetime_s == 0)
		home_refused(h, MH_STATUS_UNSPECIFIED); /* accepted, but nothing granted */
	else
		on_accepted(h, msg);
}

void home_on_ba(struct home_addr *h, const struct mip6_packet *p, const struct mh_msg *msg)
{
	(void)p;
	/* 11.7.3: the number MUST be that of an outstanding update; else ignored. */
	if (!h->bul || !h->bul->waiting ||
	    (msg->ba.status != MH_STATUS_SEQUENCE && msg->ba.seq != h->bul->seq)) {
		count(&h->m->counters, COUNT_BA_STRAY);
		log_debug(LOG_MN, "hoa=%s BA seq=%u status=%u answers nothing",
			  ADDR_STR(&h->hoa), msg->ba.seq, msg->ba.status);
		return;
	}
	if (msg->ba.status == MH_STATUS_SEQUENCE)
		on_bad_sequence(h, msg->ba.seq);
	else
		judge_answer(h, msg);
	home_path_flush(h->m);
}
