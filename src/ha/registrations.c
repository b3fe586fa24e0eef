// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registrations as a whole: what a change of prefixes or of the configuration means for
 * them, putting back what somebody removed from the kernel, and the end of the role. The
 * life of a single one is in registration.c. As there can be very many, none of this is
 * done in one turn of the loop (walk.c). Called by ha.c and prefix.c.
 */
#include <stdlib.h>

#include "core/ipsec.h"
#include "core/policy.h"
#include "ha/footprint.h"
#include "ha/ha.h"
#include "ha/multicast.h"
#include "ha/registration.h"
#include "ha/work.h"

/* Registrations that are removed together at the end. */
#define PIECE 128

static bool is_refused_at(const struct mip6 *m, const struct binding *b,
			  const struct in6_addr *coa)
{
	return policy_home_status(m->conf, &b->key.hoa, coa) != MH_STATUS_ACCEPTED;
}

/* The RFC has no message for that: the node learns of it when it next sends (stray.c) or
 * registers. Updates that are still being carried out count as well. */
bool ha_registration_is_forbidden(const struct mip6 *m, const struct binding *b)
{
	const struct work *w = work_of(b);
	const struct tasks *t = w->tasks;
	const struct in6_addr *local = b->want.valid ? &ha_work_side(w)->local : &b->key.local;

	if (b->state == BINDING_MEMORY || b->state == BINDING_REMOVING)
		return false;
	return (m->conf->use_mn_ha_ipsec &&
		!ipsec_protects_binding(m->conf, &b->key.hoa, local)) ||
	       (b->want.valid && is_refused_at(m, b, &b->want.coa)) ||
	       (t && t->now.verdict.action == HA_REGISTER &&
		is_refused_at(m, b, &t->now.bu.coa)) ||
	       (t && t->have_next && t->next.verdict.action == HA_REGISTER &&
		is_refused_at(m, b, &t->next.bu.coa));
}

/* Nobody is asked on a link that is another one now: the address was not given up. */
bool ha_work_follow(struct binding *b)
{
	struct work *w = work_of(b);
	const struct ha_prefix *p = ha_prefix_find(w->m, &b->key.hoa);
	uint32_t home_ifindex = p ? ha_prefix_link(p) : b->installed.home_ifindex;
	struct ha_side side = ha_side_of(w->m->conf, &b->key.hoa, &w->side.local);

	if (b->state != BINDING_ACTIVE || b->transition || !b->installed.valid)
		return false;
	if (home_ifindex == b->installed.home_ifindex &&
	    ipsec_tunnel_equal(&side.ipsec, &w->side.ipsec))
		return false;
	if (!ha_work_wake(w)) /* it follows with its next update */
		return false;
	w->tasks->side = side;
	w->tasks->new_side = true;
	b->want.home_ifindex = home_ifindex;
	w->repair = false; /* the store is to know */
	binding_set_state(b, BINDING_INSTALLING);
	ha_work_change_kernel(b, &b->installed);
	return true;
}

/* Whether a registration may stay, and where its home link is now. 10.3.1: it lasts no
 * longer than its home prefix. */
static bool review(struct mip6 *m, struct binding *b)
{
	bool forbidden = ha_registration_is_forbidden(m, b);

	if (b->state == BINDING_MEMORY)
		return false;
	if (ha_prefix_find(m, &b->key.hoa) && !forbidden) {
		if (ha_of(m)->review_mpd)
			ha_mpd_anew(m, b);
		return ha_work_follow(b);
	}
	if (forbidden)
		log_notice(LOG_HA, "hoa=%s: the configuration forbids this registration",
			   ADDR_STR(&b->key.hoa));
	ha_registration_end(m, b);
	return true;
}

static void all_reviewed(struct mip6 *m)
{
	ha_of(m)->review_mpd = false;
}

void ha_work_put_again(struct binding *b)
{
	struct work *w = work_of(b);

	if (b->state != BINDING_ACTIVE && b->state != BINDING_INSTALLING)
		return;
	if (b->transition) {
		w->again = true;
		return;
	}
	w->again = false;
	w->repair = true;
	binding_set_state(b, BINDING_INSTALLING);
	ha_work_change_kernel(b, NULL);
}

static bool put_again(struct mip6 *m, struct binding *b)
{
	(void)m;
	ha_work_put_again(b);
	return true;
}

void ha_registration_init(struct mip6 *m)
{
	struct ha *ha = ha_of(m);

	ha_walk_init(&ha->review_walk, m, "review", review, all_reviewed);
	ha_walk_init(&ha->again_walk, m, "put-again", put_again, NULL);
	ha_mpd_init_walk(m);
}

static void cancel_walks(struct mip6 *m)
{
	ha_walk_cancel(&ha_of(m)->review_walk);
	ha_walk_cancel(&ha_of(m)->again_walk);
	ha_walk_cancel(&ha_of(m)->mpd_walk);
}

void ha_registration_prefix_changed(struct mip6 *m, const struct ha_prefix *p,
				    enum ha_prefix_change change)
{
	if (m->stopping)
		return;
	ha_mpd_prefix_changed(m, p);
	if (change == HA_PREFIX_REMOVED || change == HA_PREFIX_ADDED)
		ha_registration_follow(m);
}

/* The home address that an object of a binding is about; NULL: of none. */
static const struct in6_addr *home_of_object(const struct kobj *o)
{
	switch (o->type) {
	case KOBJ_ROUTE:
		return o->route.dst.len == 128 ? &o->route.dst.addr : NULL;
	case KOBJ_TUNNEL_FILTER:
		return &o->filter.inner_src.addr;
	case KOBJ_PROXY_NEIGH:
		return &o->proxy.addr;
	case KOBJ_XFRM_POLICY: /* one for the tunnel has it on either side */
		return o->policy.sel.dst.len == 128 ? &o->policy.sel.dst.addr :
						      &o->policy.sel.src.addr;
	case KOBJ_XFRM_STATE:
		return o->state.proto == KXFRM_HAO ? &o->state.src : &o->state.dst;
	case KOBJ_SYSCTL:
	case KOBJ_TUNNEL:
	case KOBJ_ADDR:
	case KOBJ_RULE:
	case KOBJ_ANYCAST:
	case KOBJ_GROUP:
	case KOBJ_TYPE_COUNT:
		break;
	}
	return NULL;
}

void ha_registration_on_lost(struct mip6 *m, const struct kobj *o)
{
	const struct in6_addr *hoa = home_of_object(o);
	struct binding *b = NULL;

	if (hoa && !kobj_is_flush(o))
		b = bcache_find_hoa(&m->bcache, hoa, BINDING_HOME);
	if (b) {
		ha_work_put_again(b);
		return;
	}
	/* The shared tunnel took all routes and filters with it; or everything of an
	 * XFRM type was flushed. */
	if (o->type == KOBJ_TUNNEL || kobj_is_flush(o))
		ha_walk_begin(&ha_of(m)->again_walk);
}

void ha_work_cancel_timers(struct binding *b)
{
	struct work *w = work_of(b);
	struct timers *timers = w->m->timers;

	timer_cancel(timers, &b->timer);
	if (w->aftermath) {
		timer_cancel(timers, &w->aftermath->tell);
		timer_cancel(timers, &w->aftermath->former);
		free(w->aftermath);
		w->aftermath = NULL;
	}
	if (w->tasks)
		timer_cancel(timers, &w->tasks->ask_timer);
	ha_mpd_cancel(w->m, &w->mpd);
	ha_multicast_ended(b);
}

static void come_to_rest(struct mip6 *m, struct binding *b)
{
	ha_work_cancel_timers(b);
	mip6_probe_cancel(m, b->probe);
	b->probe = NULL;
	if (b->transition)
		transition_orphan(b->transition);
	b->transition = NULL;
}

/* The objects of the next registrations: what is there, and what may be on its way. */
static void gather_piece(struct mip6 *m, struct footprint *have)
{
	struct binding *b;
	size_t n = 0;

	while (n < PIECE && (b = bcache_walk(&m->bcache, &ha_of(m)->stop_at))) {
		const struct work *w;

		if (b->kind != BINDING_HOME)
			continue;
		w = work_of(b);
		ha_footprint(&b->key.hoa, &w->side, &b->installed, have);
		ha_footprint(&b->key.hoa, ha_work_side(w), &b->want, have);
		n += b->installed.valid || b->want.valid;
	}
}

void ha_registration_follow(struct mip6 *m)
{
	ha_walk_begin(&ha_of(m)->review_walk);
}

void ha_registration_reconfigure(struct mip6 *m, const struct conf *old)
{
	const struct conf *c = m->conf;

	if (c->send_unsol_mob_pfx_advs != old->send_unsol_mob_pfx_advs ||
	    c->min_mob_pfx_adv_interval_s != old->min_mob_pfx_adv_interval_s ||
	    c->max_mob_pfx_adv_interval_s != old->max_mob_pfx_adv_interval_s)
		ha_of(m)->review_mpd = true;
	ha_registration_follow(m);
}

static void on_piece_removed(struct mip6 *m, int error, const struct kchange *failed, void *ctx);

/* As long as a piece is under way, footprint_busy() keeps the node from having stopped. */
static void remove_piece(struct mip6 *m)
{
	struct footprint have;
	struct transition *t = NULL;

	footprint_init(&have);
	gather_piece(m, &have);
	if (have.count)
		t = footprint_apply(m, &have, NULL, on_piece_removed, NULL);
	if (have.count && !t)
		log_error(LOG_HA, "out of memory: objects of bindings stay in the kernel");
	footprint_free(&have);
	if (!t)
		ha_registrations_stopped(m);
}

static void on_piece_removed(struct mip6 *m, int error, const struct kchange *failed, void *ctx)
{
	(void)error; /* a deletion that failed is told by the transition */
	(void)failed;
	(void)ctx;
	remove_piece(m);
}

void ha_registration_stop(struct mip6 *m, enum role_stop how)
{
	struct binding *b;
	uint64_t at = 0;

	cancel_walks(m);
	while ((b = bcache_walk(&m->bcache, &at))) {
		if (b->kind == BINDING_HOME)
			come_to_rest(m, b);
	}
	if (how == ROLE_RESTART)
		return;
	ha_of(m)->stop_at = 0;
	remove_piece(m);
}

void ha_registration_free(struct mip6 *m)
{
	struct binding *b;
	uint64_t at = 0;

	cancel_walks(m);
	while ((b = bcache_walk(&m->bcache, &at))) {
		if (b->kind != BINDING_HOME)
			continue;
		ha_work_cancel_timers(b);
		free(work_of(b)->tasks);
		free(work_of(b));
		b->role_data = NULL;
	}
}
