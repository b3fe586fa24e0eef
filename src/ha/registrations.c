// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registrations as a whole: what a change of prefixes means for them, putting back what
 * somebody removed from the kernel, and the end of the role. The life of a single one is
 * in registration.c. Called by ha.c and prefix.c.
 */
#include <stdlib.h>

#include "core/ipsec.h"
#include "ha/footprint.h"
#include "ha/ha.h"
#include "ha/registration.h"
#include "ha/work.h"

void ha_registration_prefix_changed(struct mip6 *m, const struct ha_prefix *p,
				    enum ha_prefix_change change)
{
	struct binding *b;
	uint64_t at = 0;

	if (m->stopping)
		return;
	ha_mpd_prefix_changed(m, p);
	if (change != HA_PREFIX_REMOVED)
		return;
	while ((b = bcache_walk(&m->bcache, &at))) {
		if (b->kind == BINDING_HOME && prefix_contains(&p->prefix, &b->key.hoa) &&
		    !ha_prefix_find(m, &b->key.hoa))
			ha_registration_end(m, b);
	}
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
	uint64_t at = 0;

	if (hoa && !kobj_is_flush(o))
		b = bcache_find_hoa(&m->bcache, hoa, BINDING_HOME);
	if (b) {
		ha_work_put_again(b);
		return;
	}
	/* The shared tunnel took all routes and filters with it; or everything of an
	 * XFRM type was flushed. */
	if (o->type != KOBJ_TUNNEL && !kobj_is_flush(o))
		return;
	while ((b = bcache_walk(&m->bcache, &at))) {
		if (b->kind == BINDING_HOME)
			ha_work_put_again(b);
	}
}

/* A change under way brings what it was begun with; the port keeps the order. */
static void follow_policies(struct mip6 *m, const struct conf *old, const struct binding *b)
{
	const struct in6_addr *local = &work_of(b)->local;
	struct footprint have, want;
	struct transition *t;

	footprint_init(&have);
	footprint_init(&want);
	ipsec_tunnel_objects(old, IPSEC_HOME_AGENT, &b->key.hoa, local, &b->want.coa, &have);
	ipsec_tunnel_objects(m->conf, IPSEC_HOME_AGENT, &b->key.hoa, local, &b->want.coa, &want);
	if (have.count || want.count) {
		t = footprint_apply(m, &have, &want, NULL, NULL);
		if (t)
			transition_orphan(t);
	}
	footprint_free(&have);
	footprint_free(&want);
}

void ha_registration_reconfigure(struct mip6 *m, const struct conf *old)
{
	struct binding *b;
	uint64_t at = 0;

	if (!old->ipsec_set_count && !m->conf->ipsec_set_count)
		return;
	while ((b = bcache_walk(&m->bcache, &at))) {
		if (b->kind == BINDING_HOME && b->want.valid)
			follow_policies(m, old, b);
	}
}

void ha_registration_stop(struct mip6 *m, enum role_stop how)
{
	struct binding *b;
	uint64_t at = 0;

	while ((b = bcache_walk(&m->bcache, &at))) {
		struct footprint have;
		struct work *w;

		if (b->kind != BINDING_HOME)
			continue;
		w = work_of(b);
		timer_cancel(m->timers, &b->timer);
		timer_cancel(m->timers, &w->tell);
		ha_mpd_cancel(m, &w->mpd);
		timer_cancel(m->timers, &w->ask_timer);
		mip6_probe_cancel(m, b->probe);
		b->probe = NULL;
		if (b->transition)
			transition_orphan(b->transition);
		b->transition = NULL;
		if (how == ROLE_RESTART)
			continue;
		/* What is there, and what may be on its way. */
		footprint_init(&have);
		ha_footprint(m->conf, &b->key.hoa, &w->local_installed, &b->installed, &have);
		ha_footprint(m->conf, &b->key.hoa, &w->local, &b->want, &have);
		if (have.count && !have.bad) {
			struct transition *t = footprint_apply(m, &have, NULL, NULL, NULL);

			if (t)
				transition_orphan(t);
		}
		footprint_free(&have);
	}
}

void ha_registration_free(struct mip6 *m)
{
	struct binding *b;
	uint64_t at = 0;

	while ((b = bcache_walk(&m->bcache, &at))) {
		if (b->kind != BINDING_HOME)
			continue;
		timer_cancel(m->timers, &b->timer);
		timer_cancel(m->timers, &work_of(b)->tell);
		ha_mpd_cancel(m, &work_of(b)->mpd);
		timer_cancel(m->timers, &work_of(b)->ask_timer);
		free(work_of(b));
		b->role_data = NULL;
	}
}
