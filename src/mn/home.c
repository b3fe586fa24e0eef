// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Home addresses: which there are, and what becomes of each when the node is
 * attached elsewhere. Movement (move*.c) says where the node is; here it is
 * decided for each home address whether that is home (RFC 6275 11.5.2), and then
 * a registration (home_register.c) or the return home (home_return.c) begins.
 *
 * A home address has one state, see enum home_state. The kernel follows it: what
 * it shall hold is computed from the states of all home addresses, in
 * home_path.c. Each begins anew at every change of attachment; what was under
 * way for the former one is given up.
 *
 *	          attachment lost: any --> idle
 *	 away:    idle --> [seeking] --> registering --> registered
 *	 home:    any --> [claiming] --> returning --> at-home
 *	 no longer configured: any --> leaving, or returning --> removed
 *
 * What a new configuration makes of them is in home_conf.c.
 *
 * Called by movement (attach.h) and by the role's table (mn.c).
 */
#include "mn/home.h"
#include "mn/kept_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/ipsec.h"
#include "core/link.h"

/* gcc's analyzer takes for lost what the role's state holds. */
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

const char *home_state_name(enum home_state s)
{
	switch (s) {
	case HOME_IDLE:
		return "idle";
	case HOME_SEEKING:
		return "seeking";
	case HOME_REGISTERING:
		return "registering";
	case HOME_REGISTERED:
		return "registered";
	case HOME_CLAIMING:
		return "claiming";
	case HOME_RETURNING:
		return "returning";
	case HOME_AT_HOME:
		return "at-home";
	case HOME_REFUSED:
		return "refused";
	case HOME_LEAVING:
		return "leaving";
	}
	return "?";
}

void home_set_state(struct home_addr *h, enum home_state to)
{
	enum home_state from = h->state;

	if (from == to)
		return;
	/* A registration can only be confirmed while it is asked for. */
	if (to == HOME_REGISTERED && from != HOME_REGISTERING) {
		log_error(LOG_MN, "hoa=%s %s -> %s is no way to go", ADDR_STR(&h->hoa),
			  home_state_name(from), home_state_name(to));
		return;
	}
	log_info(LOG_MN, "hoa=%s %s -> %s", ADDR_STR(&h->hoa), home_state_name(from),
		 home_state_name(to));
	h->state = to;
	home_path_changed(h);
}

struct home_addr *home_find(const struct mip6 *m, const struct in6_addr *hoa)
{
	struct home_addr *h;

	TAILQ_FOREACH(h, &home_of(m)->addrs, entry) {
		if (addr_equal(&h->hoa, hoa))
			return h;
	}
	return NULL;
}

bool home_is_home_address(const struct mip6 *m, const struct in6_addr *a)
{
	return home_of(m) && home_find(m, a);
}

bool home_is_home_prefix(const struct mip6 *m, const struct prefix *p)
{
	const struct home_addr *h;

	if (!home_of(m))
		return false;
	TAILQ_FOREACH(h, &home_of(m)->addrs, entry) {
		if (prefix_equal(&h->prefix, p))
			return true;
	}
	return false;
}

bool home_is_in_reach(const struct mip6 *m, const struct in6_addr *coa)
{
	const struct home_addr *h;

	if (!home_of(m))
		return true;
	TAILQ_FOREACH(h, &home_of(m)->addrs, entry) {
		const struct in6_addr *peer = addr_is_unspecified(&h->ha) ? &h->hoa : &h->ha;

		if (addr_is_unique_local(peer) == addr_is_unique_local(coa))
			return true;
	}
	return false;
}

bool home_is_registered(const struct home_addr *h)
{
	return h->state == HOME_REGISTERED;
}

void home_listen(struct mip6 *m, const struct home_listener *l)
{
	home_of(m)->listener = l;
}

/* --- attachments --------------------------------------------------------------- */

/* RFC 6275 11.5.2: the home subnet prefix is on-link. */
bool home_is_on_home_link(const struct home_addr *h)
{
	unsigned int i;

	if (!h->at.usable || h->m->conf->no_home_return)
		return false;
	for (i = 0; i < h->at.on_link_count; i++) {
		if (prefix_covers(&h->prefix, &h->at.on_link[i]))
			return true;
	}
	return false;
}

static void begin_record(struct home_addr *h, bool home)
{
	struct handovers *ring = mn_of(h->m)->handovers;
	struct handover *last = handover_find(ring, h->handover);

	if (last && last->result == HANDOVER_UNDER_WAY)
		last->result = HANDOVER_OVERTAKEN;
	h->handover = handover_begin(ring, &h->hoa, &h->at, home);
	mip6_event(h->m, MIP6_EVENT_HANDOVER_BEGUN, "hoa=%s coa=%s cause=%s home=%d",
		   ADDR_STR(&h->hoa), ADDR_STR(home ? &h->hoa : &h->at.coa),
		   attach_cause_name(h->at.cause), home);
}

/* The list says that no more updates should be sent there, for now (11.1). */
static bool is_refused(const struct home_addr *h)
{
	return h->bul->no_more && h->bul->no_more_until_us > h->m->now_us;
}

bool home_is_unheard(const struct home_addr *h)
{
	return (h->state == HOME_REGISTERING || h->deregister) && h->bul && h->bul->resends;
}

bool home_is_given_up(const struct home_addr *h)
{
	uint32_t most = h->m->conf->mn_max_ha_consecutive_resends;

	return (h->state == HOME_REGISTERING || h->state == HOME_REGISTERED) && most &&
	       h->bul->waiting && h->bul->resends > most;
}

bool home_is_protected(const struct home_addr *h)
{
	return ipsec_protects_binding(h->m->conf, &h->hoa, &h->ha);
}

void home_go_away(struct home_addr *h)
{
	if (addr_is_unspecified(&h->ha) && home_use_agent(h, &h->fixed_ha)) {
		log_error(LOG_MN, "hoa=%s: no memory", ADDR_STR(&h->hoa));
		return;
	}
	if (addr_is_unspecified(&h->ha)) {
		home_discover(h);
		return;
	}
	home_prepare_tunnel(h);
	if (is_refused(h)) {
		home_set_state(h, HOME_REFUSED);
		timer_set(h->m->timers, &h->send_timer, h->bul->no_more_until_us, &h->timers);
		return;
	}
	h->bul->no_more = false;
	if (h->resumes && h->bul->lifetime_s &&
	    bul_is_bound_to(h->bul, &h->at.coa, h->m->now_us)) {
		home_resume(h);
		return;
	}
	home_set_state(h, HOME_REGISTERING);
	/* The update leaves when the kernel has what the answer needs, and what the
	 * update itself goes by: at the end of this turn. */
	h->due = true;
}

static void finish_record(struct home_addr *h)
{
	struct handover *r = handover_find(mn_of(h->m)->handovers, h->handover);

	if (!r || r->result != HANDOVER_UNDER_WAY)
		return;
	r->result = HANDOVER_DONE;
	r->done_us = h->m->now_us;
	count(&h->m->counters, COUNT_HANDOVER);
	log_notice(LOG_MN, "hoa=%s is %s coa=%s ha=%s cause=%s took=%llums", ADDR_STR(&h->hoa),
		   r->home ? "at home" : "registered", ADDR_STR(&r->coa), ADDR_STR(&h->ha),
		   attach_cause_name(r->cause),
		   (unsigned long long)(r->event_us ? (r->done_us - r->event_us) / US_PER_MS : 0));
	mip6_event(h->m, MIP6_EVENT_HANDOVER_DONE, "hoa=%s coa=%s ha=%s cause=%s us=%llu",
		   ADDR_STR(&h->hoa), ADDR_STR(&r->coa), ADDR_STR(&h->ha),
		   attach_cause_name(r->cause),
		   (unsigned long long)(r->event_us ? r->done_us - r->event_us : 0));
}

void home_on_packet(struct home_addr *h, bool outgoing)
{
	struct handover *r = handover_find(mn_of(h->m)->handovers, h->handover);
	uint64_t *first_us;

	if (!r || r->home || !r->bu_us)
		return;
	first_us = outgoing ? &r->first_out_us : &r->first_in_us;
	if (!*first_us)
		*first_us = h->m->now_us;
}

void home_on_installed(struct home_addr *h)
{
	const struct home_listener *l = home_of(h->m)->listener;

	switch (h->state) {
	case HOME_REGISTERED:
		finish_record(h);
		if (l && l->registered)
			l->registered(h->m, h);
		return;
	case HOME_AT_HOME:
		finish_record(h);
		home_on_home_link_ready(h);
		return;
	case HOME_RETURNING:
		home_on_home_link_ready(h);
		return;
	case HOME_REGISTERING:
		if (h->due) {
			h->due = false;
			home_register(h);
		}
		return;
	case HOME_LEAVING:
		if (h->due) {
			h->due = false;
			home_deregister(h);
		}
		return;
	case HOME_IDLE:
	case HOME_SEEKING:
	case HOME_CLAIMING:
	case HOME_REFUSED:
		return;
	}
}

void home_begin(struct home_addr *h)
{
	if (h->state == HOME_CLAIMING || h->state == HOME_RETURNING || h->state == HOME_AT_HOME)
		h->home_until_us = h->m->now_us;
	home_cancel(h);
	home_leave_former_tunnel(h, false);
	if (h->leaving) {
		home_go_on_leaving(h);
		return;
	}
	if (!h->at.usable) {
		home_set_state(h, HOME_IDLE);
		return;
	}
	home_note_neighbours(h);
	home_prefix_revive(h);
	/* 11.7.1: an address that was found taken is not used again; but on the home link
	 * it can be seen whether it still is. */
	if (h->invalid || (h->taken && !home_is_on_home_link(h))) {
		home_set_state(h, HOME_REFUSED);
		return;
	}
	if (home_is_on_home_link(h)) {
		begin_record(h, true);
		home_return(h);
	} else {
		begin_record(h, false);
		home_go_away(h);
	}
	h->resumes = false;
}

void home_on_attachment(struct mip6 *m, const struct attachment *old,
			const struct attachment *now)
{
	struct home_addr *h;

	home_of(m)->holding = false;
	TAILQ_FOREACH(h, &home_of(m)->addrs, entry) {
		/* A better interface came; the former one is still there. */
		h->smooth = h->state == HOME_REGISTERED && old->usable && now->usable &&
			    old->ifindex != now->ifindex && now->cause == ATTACH_PREFERENCE;
		h->at = *now;
		home_begin(h);
		home_former_begin(h);
		h->smooth = false;
	}
	home_path_flush(m);
}

void home_on_attachment_detail(struct mip6 *m, const struct attachment *now)
{
	struct home_addr *h;
	bool was_home;

	TAILQ_FOREACH(h, &home_of(m)->addrs, entry) {
		was_home = home_is_on_home_link(h);
		h->at = *now;
		if (home_is_on_home_link(h) != was_home) {
			home_begin(h);
			home_former_begin(h);
		} else {
			home_path_changed(h);
		}
	}
	home_path_flush(m);
}

/* --- start and stop ------------------------------------------------------------ */

struct home_addr *home_add(struct mip6 *m, const struct in6_addr *hoa, uint8_t hoa_len,
			   const struct prefix *prefix, const struct in6_addr *ha,
			   const struct in6_addr *parent)
{
	struct home_addr *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->m = m;
	h->hoa = *hoa;
	h->hoa_len = hoa_len;
	h->prefix = *prefix;
	h->fixed_ha = *ha;
	h->resumes = true;
	if (parent)
		h->parent = *parent;
	timer_owner_init(&h->timers);
	TAILQ_INIT(&h->formers);
	home_init_timers(h);
	home_init_tunnel(h);
	home_init_return(h);
	home_init_agent(h);
	home_init_prefix(h);
	TAILQ_INSERT_TAIL(&home_of(m)->addrs, h, entry);
	home_path_changed(h);
	return h;
}

void home_remove(struct mip6 *m, struct home_addr *h)
{
	struct home *home = home_of(m);

	mip6_probe_cancel(m, h->probe);
	mip6_lookup_cancel(m, h->lookup);
	timers_cancel_owner(m->timers, &h->timers);
	home_former_forget(h);
	bul_remove(&home->bul, h->bul);
	TAILQ_REMOVE(&home->addrs, h, entry);
	free(h->agents);
	free(h->ha_name);
	free(h);
	home_drop_unused_tunnels(home);
	home->dirty = true;
}

/* Whether it goes on with the home agent of that entry. */
static bool is_to_be_used(const struct home_addr *h, const struct bul_entry *was)
{
	if (!addr_is_unspecified(&h->fixed_ha))
		return addr_equal(&h->fixed_ha, &was->peer);
	if (addr_equal(&h->ha, &was->peer))
		return true; /* its tunnel is there */
	/* One that was found or named, and has never answered, is no one to come back to;
	 * where there are more, the one that was registered with last. */
	return was->acked_us && (addr_is_unspecified(&h->ha) ||
				 (h->bul && h->bul->acked_us < was->acked_us));
}

/* One that is not to be used may have a binding all the same. */
static void restore_former(struct home_addr *h, const struct bul_entry *was)
{
	struct bul_entry *e = bul_add(&home_of(h->m)->bul, BUL_HOME, &h->hoa, &was->peer);

	if (!e)
		return;
	bul_restore(e, was);
	home_former_add(h, e);
}

void home_restore(struct mip6 *m, const struct bul_entry *was)
{
	struct home_addr *h = home_find(m, &was->hoa);

	if (!h)
		return;
	if (!is_to_be_used(h, was)) {
		restore_former(h, was);
		return;
	}
	if (home_use_agent(h, &was->peer)) {
		log_error(LOG_MN, "hoa=%s: no memory", ADDR_STR(&h->hoa));
		return;
	}
	bul_restore(h->bul, was);
}

int home_start(struct mip6 *m)
{
	struct home *home = calloc(1, sizeof(*home));
	size_t i;
	int err = 0;

	if (!home)
		return -ENOMEM;
	ipsec_look_at_conf(m->conf);
	TAILQ_INIT(&home->addrs);
	TAILQ_INIT(&home->tunnels);
	bul_init(&home->bul);
	home->limit = (struct log_limit)LOG_LIMIT(10, 1);
	mn_of(m)->home = home;
	home_path_init(m);
	mn_of(m)->handovers = calloc(1, sizeof(*mn_of(m)->handovers));
	if (!mn_of(m)->handovers)
		return -ENOMEM;
	for (i = 0; i < m->conf->home_count && !err; i++)
		err = home_add_conf(m, &m->conf->homes[i]) ? 0 : -ENOMEM;
	if (!err) {
		mn_restore_homes(m);
		err = home_path_adopt(m);
	}
	if (!err) {
		mn_restore_entries(m, BUL_HOME);
		home->dirty = true;
		home_path_flush(m);
	}
	return err;
}

void home_stop(struct mip6 *m, enum role_stop how)
{
	struct home_addr *h;

	if (!home_of(m))
		return;
	TAILQ_FOREACH(h, &home_of(m)->addrs, entry) {
		if (how == ROLE_SHUTDOWN)
			home_say_goodbye(h);
		home_former_stop(h, how == ROLE_SHUTDOWN);
		home_cancel(h);
		timers_cancel_owner(m->timers, &h->timers);
	}
	home_path_stop(m, how);
}

void home_free(struct mip6 *m)
{
	struct home *home = home_of(m);
	struct home_addr *h;

	if (!home)
		return;
	home->bul.changed = NULL; /* what is known stays known */
	while ((h = TAILQ_FIRST(&home->addrs)) != NULL) {
		h->probe = NULL; /* forgotten already */
		h->lookup = NULL;
		home_remove(m, h);
	}
	timer_cancel(m->timers, &home->path_timer);
	footprint_free(&home->have);
	footprint_free(&home->pending);
	bul_free(&home->bul);
	free(mn_of(m)->handovers);
	free(home);
	mn_of(m)->handovers = NULL;
	mn_of(m)->home = NULL;
}
