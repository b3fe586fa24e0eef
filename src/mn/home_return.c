// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Coming home (RFC 6275 11.5.5). While the home agent defends the home address on
 * the home link, the node may not use it there: no solicitation from it, no
 * duplicate address detection for it. So:
 *
 *  - Where the home agent may have a binding, a route to the home agent alone is
 *    put, and the deletion of the binding sent, with the home address as source,
 *    while the address is not on the interface yet: the kernel then solicits the
 *    home agent's link-layer address, if it must, from the link-local address.
 *    Right after that the address is put on the interface, so that solicitations for
 *    it are answered. When the home agent has confirmed, the routes follow, and the
 *    address is advertised to all nodes on the link.
 *  - Where no binding is known (first start, or all have expired), the address is
 *    claimed with a solicitation from the unspecified address, as 11.5.5 and RFC
 *    4862 want it. Silence: at home. An answer: a home agent still defends it, from
 *    before a restart of ours; the binding is deleted as above, or somebody else has
 *    taken the address.
 */
#include <string.h>

#include "core/link.h"
#include "mn/home.h"

#define CLAIM_WAIT_US	    US_PER_S /* RetransTimer, RFC 4861 10 */
#define NEIGHBOR_ADVERTS    3	     /* MAX_NEIGHBOR_ADVERTISEMENT, RFC 4861 10 */
#define NEIGHBOR_ADVERT_GAP US_PER_S /* RetransTimer */
/* Unanswered deletions of a binding that we do not know of. */
#define UNKNOWN_RESENDS_MAX 3

static void begin_claim(struct home_addr *h);

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

void home_return_to(struct home_addr *h)
{
	/* What was begun on this link before goes on: the address stays. */
	h->on_home_link = h->state == HOME_RETURNING && h->on_home_link &&
			  h->home_ifindex == h->at.ifindex;
	home_set_state(h, HOME_RETURNING);
	/* It is sent when the route is there: home_on_home_link_ready(). */
	home_path_changed(h);
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
	const struct kprobe probe = { .kind = KPROBE_DAD,
				      .ifindex = h->at.ifindex,
				      .target = h->hoa,
				      .count = 1,
				      .interval_us = CLAIM_WAIT_US };

	home_set_state(h, HOME_CLAIMING);
	h->probe = mip6_probe(h->m, &probe, on_claimed, h);
	if (!h->probe)
		timer_set(h->m->timers, &h->send_timer, h->m->now_us + CLAIM_WAIT_US,
			  &h->timers);
}

void home_return(struct home_addr *h)
{
	h->defended = false;
	h->claimed_anew = false;
	if (h->state == HOME_AT_HOME && h->home_ifindex == h->at.ifindex)
		home_arrive(h);
	else if (h->bul && bul_may_be_bound(h->bul, h->m->now_us))
		home_return_to(h);
	else
		begin_claim(h);
}

/* --- the deletion -------------------------------------------------------------- */

void home_deleted(struct home_addr *h, uint8_t status)
{
	h->bul->waiting = false;
	h->bul->status = status;
	timer_cancel(h->m->timers, &h->send_timer);
	if (status < MH_STATUS_REJECTED_FROM) {
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

bool home_keep_returning(struct home_addr *h)
{
	bool known = bul_may_be_bound(h->bul, h->m->now_us);

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
	return true;
}

/* --- at home ------------------------------------------------------------------- */

static void advertise(struct home_addr *h, const struct in6_addr *target)
{
	const struct link *l = link_find(&h->m->links, h->at.ifindex);
	struct mip6_path path = { .local = *target, .ifindex = h->at.ifindex };
	struct nd_msg msg = { .type = ND_NA, .na = { .target = *target, .override = true } };

	if (!l || !l->l.lladdr_len || l->l.lladdr_len > ND_LLADDR_MAX)
		return;
	addr_parse("ff02::1", &path.peer);
	msg.opts.present = ND_HAS_TLLA;
	msg.opts.tlla.len = l->l.lladdr_len;
	memcpy(msg.opts.tlla.addr, l->l.lladdr, l->l.lladdr_len);
	mip6_send_nd(h->m, &path, &msg);
}

/* 11.5.5: MUST multicast an advertisement for each home address, with the link-layer
 * address, not solicited, overriding; also for the link-local one that the home
 * agent defended with it. */
static void advertise_all(struct home_addr *h)
{
	const struct in6_addr linklocal = addr_linklocal_of(&h->hoa);

	advertise(h, &h->hoa);
	if (h->linklocal_defended)
		advertise(h, &linklocal);
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
	if (h->state == HOME_AT_HOME) {
		if (h->na_left == NEIGHBOR_ADVERTS)
			advertise_all(h);
		return;
	}
	if (h->bul->waiting || timer_is_set(&h->send_timer))
		return;
	home_deregister(h);
	if (h->on_home_link)
		return;
	/* 11.5.5: after it is sent, solicitations for the address MUST be answered. */
	h->on_home_link = true;
	h->home_ifindex = h->at.ifindex;
	home_path_changed(h);
}

void home_arrive(struct home_addr *h)
{
	const struct home_listener *l = home_of(h->m)->listener;

	home_cancel(h);
	timer_cancel(h->m->timers, &h->expiry_timer);
	if (h->bul)
		bul_note_gone(h->bul);
	h->was_bound = false;
	h->na_left = NEIGHBOR_ADVERTS;
	h->home_ifindex = h->at.ifindex;
	if (h->m->conf->mn_reset_dhaad_at_home)
		home_forget_agents(h);
	home_set_state(h, HOME_AT_HOME);
	home_path_changed(h);
	mip6_event(h->m, MIP6_EVENT_AT_HOME, "hoa=%s", ADDR_STR(&h->hoa));
	if (l && l->moved)
		l->moved(h->m, h);
}

void home_init_return(struct home_addr *h)
{
	timer_init(&h->na_timer, "home-advertise", on_na_timer, h);
}
