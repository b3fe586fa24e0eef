// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Coming home (RFC 6275 11.5.5). While the home agent defends the home address on
 * the home link, the node may not use it there: no solicitation from it, no
 * duplicate address detection for it. So:
 *
 *  - Where the home agent may have a binding, its link-layer address is looked for
 *    while the address is not on the interface yet: by a solicitation for the home
 *    address, which the home agent answers; not where it is the router that was heard.
 *    Then the address is put on the interface, with a route to the home agent alone,
 *    and the deletion of the binding is sent. When the home agent has confirmed,
 *    the routes follow, and the address is advertised to all nodes on the link.
 *  - Where no binding is known (first start, or all have expired), the address is
 *    claimed with a solicitation from the unspecified address, as 11.5.5 and RFC
 *    4862 want it. Silence: at home. An answer: a home agent still defends it, from
 *    before a restart of ours; the binding is deleted as above, or somebody else has
 *    taken the address.
 *  - Where deletions are not answered, the link is asked whether anybody defends the
 *    address. If nobody does, the home agent is not there, and the node uses its address,
 *    as it may once the deletion was sent; that is repeated as long as there may be a
 *    binding, for the home agent may come back and remember it.
 */
#include <string.h>

#include "core/link.h"
#include "mn/home.h"

#define CLAIM_WAIT_US	    US_PER_S /* RetransTimer, RFC 4861 10 */
#define NEIGHBOR_ADVERTS    3	     /* MAX_NEIGHBOR_ADVERTISEMENT, RFC 4861 10 */
#define NEIGHBOR_ADVERT_GAP US_PER_S /* RetransTimer */
/* For the home agent's answer as the defender; it waits for nothing. */
#define DEFENDER_WAIT_US (200 * US_PER_MS)
/* Solicitations for the home agent itself, and the time between them. */
#define RESOLVE_TRIES	2
#define RESOLVE_WAIT_US (300 * US_PER_MS)
/* Unanswered deletions of a binding that we do not know of. */
#define UNKNOWN_RESENDS_MAX 3
/* Unanswered deletions before the link is asked who defends the address. */
#define PATIENT_RESENDS_MAX 2

static const struct in6_addr all_nodes = { .s6_addr = { 0xff, 0x02, [15] = 0x01 } };

static void begin_claim(struct home_addr *h);

/* One solicitation for the home address from the unspecified address; `defender`: see struct
 * kprobe. False: it could not be sent. */
static bool ask_for_address(struct home_addr *h, const struct in6_addr *defender,
			    uint64_t wait_us, probe_fn *fn)
{
	const struct kprobe probe = { .kind = KPROBE_DAD,
				      .ifindex = h->at.ifindex,
				      .target = h->hoa,
				      .defender = *defender,
				      .count = 1,
				      .interval_us = wait_us };

	h->probe = mip6_probe(h->m, &probe, fn, h);
	return h->probe != NULL;
}

/* The address is used from now on. */
static void settle(struct home_addr *h)
{
	h->was_bound = false;
	h->taken = false;
	h->na_left = NEIGHBOR_ADVERTS;
	h->home_ifindex = h->at.ifindex;
	home_set_state(h, HOME_AT_HOME);
	home_path_changed(h);
	home_former_begin(h);
	mip6_event(h->m, MIP6_EVENT_AT_HOME, "hoa=%s", ADDR_STR(&h->hoa));
}

/* --- claiming ------------------------------------------------------------------ */

/* The home agent for the deletion: as known, or the router that we hear. */
static bool find_agent(struct home_addr *h)
{
	if (addr_is_unspecified(&h->ha) && !addr_is_unspecified(&h->fixed_ha))
		home_use_agent(h, &h->fixed_ha);
	if (addr_is_unspecified(&h->ha) && h->at.router_is_ha &&
	    !addr_is_unspecified(&h->at.router_global))
		home_use_agent(h, &h->at.router_global);
	return !addr_is_unspecified(&h->ha);
}

/* The home agent's link-layer address is known: the address goes on the interface, and
 * right after that, in home_on_home_link_ready(), the deletion is sent. 11.5.5: from
 * then on solicitations for the address MUST be answered; they may come at once. */
static void take_place(struct home_addr *h)
{
	h->on_home_link = true;
	h->home_ifindex = h->at.ifindex;
	home_path_changed(h);
}

static void on_resolved(struct mip6 *m, enum kprobe_result result, void *ctx)
{
	struct home_addr *h = ctx;

	/* Without an answer it is tried all the same. */
	(void)result;
	h->probe = NULL;
	take_place(h);
	home_path_flush(m);
}

/* 11.5.5: "will normally not be necessary": the advertisement of a router told its
 * link-layer address, and what is beyond goes by the router. */
bool home_agent_is_neighbour(const struct home_addr *h)
{
	unsigned int i;

	for (i = 0; i < h->at.on_link_count; i++) {
		if (prefix_contains(&h->at.on_link[i], &h->ha))
			return !addr_equal(&h->ha, &h->at.router_global);
	}
	return false;
}

/* A home agent that does not defend the address; the kernel solicits from the link-local
 * address. */
static void resolve_itself(struct home_addr *h)
{
	const struct kprobe probe = { .kind = KPROBE_NUD,
				      .ifindex = h->at.ifindex,
				      .target = h->ha,
				      .count = RESOLVE_TRIES,
				      .interval_us = RESOLVE_WAIT_US };

	h->probe = mip6_probe(h->m, &probe, on_resolved, h);
	if (!h->probe)
		take_place(h);
}

static void on_defender(struct mip6 *m, enum kprobe_result result, void *ctx)
{
	struct home_addr *h = ctx;

	if (result == KPROBE_ANSWERED) {
		on_resolved(m, result, h);
		return;
	}
	h->probe = NULL;
	resolve_itself(h);
	home_path_flush(m);
}

/* 11.5.5: the home agent's link-layer address is in its answer to a solicitation for the
 * home address, which MUST come from the unspecified address. */
static void resolve(struct home_addr *h)
{
	if (!ask_for_address(h, &h->ha, DEFENDER_WAIT_US, on_defender))
		resolve_itself(h);
}

void home_return_to(struct home_addr *h)
{
	/* What was begun on this link before goes on: the address stays. */
	h->on_home_link = h->state == HOME_RETURNING && h->on_home_link &&
			  h->home_ifindex == h->at.ifindex;
	home_set_state(h, HOME_RETURNING);
	home_path_changed(h);
	/* Else the way to it comes first, see home_on_home_link_ready(). */
	if (!h->on_home_link && !home_agent_is_neighbour(h))
		take_place(h);
}

static void give_up_address(struct home_addr *h)
{
	log_error(LOG_MN, "hoa=%s is used by another node on the home link",
		  ADDR_STR(&h->hoa));
	h->taken = true;
	home_set_state(h, HOME_REFUSED);
	timer_cancel(h->m->timers, &h->send_timer);
}

static void on_claimed(struct mip6 *m, enum kprobe_result result, void *ctx)
{
	struct home_addr *h = ctx;

	h->probe = NULL;
	h->defended = result == KPROBE_ANSWERED;
	switch (result) {
	case KPROBE_SILENT:
		home_arrive(h);
		break;
	case KPROBE_ANSWERED:
		if (h->claimed_anew) {
			give_up_address(h);
		} else if (find_agent(h)) {
			home_return_to(h);
		} else {
			home_discover(h);
		}
		break;
	case KPROBE_ERROR:
		timer_set(m->timers, &h->send_timer, m->now_us + CLAIM_WAIT_US, &h->timers);
		break;
	}
	home_path_flush(m);
}

static void begin_claim(struct home_addr *h)
{
	home_set_state(h, HOME_CLAIMING);
	if (!ask_for_address(h, &in6addr_any, CLAIM_WAIT_US, on_claimed))
		timer_set(h->m->timers, &h->send_timer, h->m->now_us + CLAIM_WAIT_US,
			  &h->timers);
}

/* Another router of the same link; a deletion that was not answered goes on. */
static void stay(struct home_addr *h)
{
	if (h->bul && bul_may_be_bound(h->bul, h->m->now_us)) {
		settle(h);
		home_deregister(h);
	} else {
		home_arrive(h);
	}
}

/* The home agent that may have a binding; a former one, if the one in use has none. */
static bool find_bound(struct home_addr *h)
{
	const struct bul_entry *former = home_former_last(h);

	if (h->bul && bul_may_be_bound(h->bul, h->m->now_us))
		return true;
	return former && !home_use_agent(h, &former->peer);
}

void home_return(struct home_addr *h)
{
	h->defended = false;
	h->claimed_anew = false;
	/* A deletion may be unanswered still: it is begun anew, or not needed. */
	timer_cancel(h->m->timers, &h->send_timer);
	if (h->bul)
		h->bul->waiting = false;
	if (h->state == HOME_AT_HOME && h->home_ifindex == h->at.ifindex)
		stay(h);
	else if (find_bound(h))
		home_return_to(h);
	else if (h->resumes && home_path_is_on(h, h->at.ifindex))
		home_arrive(h); /* a predecessor was at home, and the kernel kept the address */
	else
		begin_claim(h);
}

/* --- the deletion -------------------------------------------------------------- */

void home_deleted(struct home_addr *h, uint8_t status)
{
	h->bul->waiting = false;
	h->bul->status = status;
	timer_cancel(h->m->timers, &h->send_timer);
	if (status < MH_STATUS_REJECTED_FROM ||
	    (h->leaving && status != MH_STATUS_UNSPECIFIED && status != MH_STATUS_RESOURCES)) {
		home_arrive(h);
		return;
	}
	log_notice(LOG_MN, "hoa=%s ha=%s does not delete the binding: %u %s", ADDR_STR(&h->hoa),
		   ADDR_STR(&h->ha), status, mh_ba_status_name(status));
	if (status == MH_STATUS_UNSPECIFIED || status == MH_STATUS_RESOURCES) {
		timer_set(h->m->timers, &h->send_timer, h->m->now_us + h->bul->timeout_us,
			  &h->timers);
		return;
	}
	/* It has none. Then who answered the claim is somebody else, unless the home
	 * agent has only now let go. */
	bul_note_gone(h->bul);
	if (h->defended) {
		h->claimed_anew = true;
		begin_claim(h);
	} else {
		home_arrive(h);
	}
}

/* The home agent does not answer, but somebody defends the address: one of before it? */
static void try_former_agent(struct home_addr *h)
{
	const struct bul_entry *former = home_former_last(h);

	if (!former || home_use_agent(h, &former->peer))
		return;
	timer_cancel(h->m->timers, &h->send_timer);
	home_return_to(h);
	home_path_flush(h->m);
}

static void on_link_asked(struct mip6 *m, enum kprobe_result result, void *ctx)
{
	struct home_addr *h = ctx;

	h->probe = NULL;
	if (result == KPROBE_ANSWERED)
		try_former_agent(h);
	if (result != KPROBE_SILENT)
		return;
	log_notice(LOG_MN, "hoa=%s ha=%s does not answer, nor does it defend the address: at home "
			   "without it", ADDR_STR(&h->hoa), ADDR_STR(&h->ha));
	settle(h);
	home_path_flush(m);
}

/* Does anybody still defend the address? Asked from ::, so it is no use of it, and no
 * duplicate address detection either, for the address stays where it is. */
static void ask_link(struct home_addr *h)
{
	if (!h->probe)
		(void)ask_for_address(h, &in6addr_any, CLAIM_WAIT_US, on_link_asked);
}

bool home_keep_returning(struct home_addr *h)
{
	bool known = bul_may_be_bound(h->bul, h->m->now_us);

	if (h->state == HOME_AT_HOME) {
		if (!known)
			home_arrive(h);
		return known;
	}
	if (h->m->conf->mn_flush_all_at_home) {
		log_notice(LOG_MN, "hoa=%s ha=%s does not answer: at home without it",
			   ADDR_STR(&h->hoa), ADDR_STR(&h->ha));
		home_arrive(h);
		return false;
	}
	/* The binding has ended by itself, or was only supposed: ask the link. */
	if (!known && (!h->defended || h->bul->resends > UNKNOWN_RESENDS_MAX)) {
		home_return(h);
		return false;
	}
	if (known && !h->leaving && h->bul->resends > PATIENT_RESENDS_MAX)
		ask_link(h);
	return true;
}

/* --- at home ------------------------------------------------------------------- */

static void advertise(struct home_addr *h, const struct in6_addr *target,
		      const struct in6_addr *to)
{
	const struct link *l = link_find(&h->m->links, h->at.ifindex);
	struct mip6_path path = { .local = *target, .peer = *to, .ifindex = h->at.ifindex };
	struct nd_msg msg = { .type = ND_NA, .na = { .target = *target, .override = true } };

	if (!l || !l->l.lladdr_len || l->l.lladdr_len > ND_LLADDR_MAX)
		return;
	msg.opts.present = ND_HAS_TLLA;
	msg.opts.tlla.len = l->l.lladdr_len;
	memcpy(msg.opts.tlla.addr, l->l.lladdr, l->l.lladdr_len);
	mip6_send_nd(h->m, &path, &msg);
}

void home_announce_return(struct home_addr *h)
{
	unsigned int i;

	for (i = 0; i < h->at.on_link_count; i++) {
		if (prefix_contains(&h->at.on_link[i], &h->ha)) {
			advertise(h, &h->hoa, &h->ha);
			return;
		}
	}
}

/* 11.5.5: MUST multicast an advertisement for each home address, with the link-layer
 * address, not solicited, overriding; also for the link-local one that the home
 * agent defended with it. */
static void advertise_all(struct home_addr *h)
{
	const struct in6_addr linklocal = addr_linklocal_of(&h->hoa);

	advertise(h, &h->hoa, &all_nodes);
	if (h->linklocal_defended)
		advertise(h, &linklocal, &all_nodes);
	if (--h->na_left)
		timer_set(h->m->timers, &h->na_timer, h->m->now_us + NEIGHBOR_ADVERT_GAP,
			  &h->timers);
}

static void on_na_timer(struct timer *t, uint64_t now_us)
{
	struct home_addr *h = t->ctx;

	mip6_turn(h->m, now_us);
	advertise_all(h);
}

void home_on_home_link_ready(struct home_addr *h)
{
	const struct home_listener *l = home_of(h->m)->listener;

	if (h->state == HOME_AT_HOME) {
		if (h->na_left != NEIGHBOR_ADVERTS)
			return;
		advertise_all(h);
		/* From now on others can be told from the home address. */
		if (l && l->moved)
			l->moved(h->m, h);
		return;
	}
	if (!h->on_home_link && !h->probe)
		resolve(h);
	else if (h->on_home_link && !h->bul->waiting && !timer_is_set(&h->send_timer))
		home_deregister(h);
}

void home_arrive(struct home_addr *h)
{
	if (h->leaving) {
		home_has_left(h);
		return;
	}
	home_cancel(h);
	timer_cancel(h->m->timers, &h->expiry_timer);
	if (h->bul)
		bul_note_gone(h->bul);
	if (h->m->conf->mn_reset_dhaad_at_home)
		home_forget_agents(h);
	if (!addr_is_unspecified(&h->fixed_ha))
		home_use_agent(h, &h->fixed_ha); /* a former one had to be told */
	settle(h);
}

void home_init_return(struct home_addr *h)
{
	timer_init(&h->na_timer, "home-advertise", on_na_timer, h);
}
