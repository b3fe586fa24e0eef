// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The home agent's table of hooks (RFC 6275 section 10) and what it keeps as a
 * whole: the shared tunnel, its home links, the prefix list.
 *
 * A home link is an interface that the configuration names, when it exists. Its
 * prefixes are those of our own addresses there and those that routers of the link
 * advertise. What serving a link needs in the kernel is computed anew whenever a
 * link, an address, a prefix or the configuration changes, and kept.c brings the
 * kernel there. What is advertised on a link is in advert.c, registrations are in
 * registration.c.
 */
#include "ha/ha.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/ipsec.h"
#include "ha/footprint.h"
#include "ha/ha_show.h"
#include "ha/kept_state.h"
#include "ha/multicast.h"
#include "ha/registration.h"

/* So long until what lay in the socket has been read. */
#define GUARD_DELAY_US (200 * US_PER_MS)

struct ha_link *ha_link_find(const struct mip6 *m, uint32_t ifindex)
{
	struct ha_link *hl;

	TAILQ_FOREACH (hl, &ha_of(m)->links, entry) {
		if (hl->ifindex == ifindex)
			return hl;
	}
	return NULL;
}

/* --- objects ------------------------------------------------------------------- */

static void keep_base(struct mip6 *m)
{
	struct ha *ha = ha_of(m);
	struct footprint f;

	footprint_init(&f);
	ha_base_footprint(m->conf, &f);
	if (kept_is(&ha->base, &f)) { /* a reload that is about something else */
		footprint_free(&f);
		return;
	}
	kept_set(&ha->base, &f);
	ha->base_changed_us = m->now_us;
}

/* A message may have come into the socket before the policies that are to keep out those
 * that are not protected. */
bool ha_guards(struct mip6 *m)
{
	struct ha *ha = ha_of(m);

	if (!kept_is_there(&ha->base))
		ha->base_changed_us = m->now_us;
	return m->now_us - ha->base_changed_us >= GUARD_DELAY_US;
}

static void keep_own(struct mip6 *m)
{
	struct footprint f;

	footprint_init(&f);
	ha_own_footprint(&m->links, &ha_of(m)->prefixes, &f);
	kept_set(&ha_of(m)->own, &f);
}

static void keep_link(struct mip6 *m, struct ha_link *hl)
{
	struct footprint f;

	footprint_init(&f);
	ha_link_footprint(hl->ifindex, &ha_of(m)->prefixes, &f);
	kept_set(&hl->kept, &f);
}

/* --- home links ------------------------------------------------------------------ */

static void add_link(struct mip6 *m, const struct klink *l)
{
	struct ha_link *hl = calloc(1, sizeof(*hl));

	if (!hl) {
		log_error(LOG_HA, "home link %s: no memory", l->name);
		return;
	}
	hl->ifindex = l->ifindex;
	strlcpy(hl->name, l->name, sizeof(hl->name));
	kept_init(&hl->kept, m, "home link");
	ha_advert_init(&hl->advert, m, l->ifindex);
	TAILQ_INSERT_TAIL(&ha_of(m)->links, hl, entry);
	log_info(LOG_HA, "home link %s", hl->name);
}

static void drop_link(struct mip6 *m, struct ha_link *hl)
{
	TAILQ_REMOVE(&ha_of(m)->links, hl, entry);
	log_info(LOG_HA, "home link %s is gone", hl->name);
	ha_advert_end(&hl->advert, true);
	kept_free(&hl->kept);
	free(hl);
}

static bool is_wanted(const struct conf *c, const struct klink *l)
{
	const struct conf_interface *i = conf_interface_find(c, l->name);

	return i && i->role == CONF_ROLE_HA && !i->tunnel && !l->ours && !l->gone;
}

static void refresh_links(struct mip6 *m)
{
	struct ha_link *hl, *next;
	struct link *l;

	for (hl = TAILQ_FIRST(&ha_of(m)->links); hl; hl = next) {
		next = TAILQ_NEXT(hl, entry);
		l = link_find(&m->links, hl->ifindex);
		if (l && is_wanted(m->conf, &l->l))
			continue;
		if (l) /* it is there, but no longer served */
			kept_end(&hl->kept);
		drop_link(m, hl);
	}
	TAILQ_FOREACH (l, &m->links.links, entry) {
		if (is_wanted(m->conf, &l->l) && !ha_link_find(m, l->l.ifindex))
			add_link(m, &l->l);
	}
}

static void refresh(struct mip6 *m);

static void on_prefix_timer(struct timer *t, uint64_t now_us)
{
	struct mip6 *m = t->ctx;

	mip6_turn(m, now_us);
	refresh(m);
}

/* When the next lifetime ends, of a prefix that was advertised or of a home agent. */
static uint64_t next_end(struct mip6 *m)
{
	const struct ha_prefix *p;
	uint64_t at = ha_agents_expire(m), lost_us = ha_prefix_lost_until_us(m);

	TAILQ_FOREACH (p, &ha_of(m)->prefixes, entry) {
		if (p->valid_until_us > m->now_us && p->valid_until_us < at)
			at = p->valid_until_us;
	}
	return lost_us < at ? lost_us : at;
}

static void refresh(struct mip6 *m)
{
	struct ha *ha = ha_of(m);
	struct ha_link *hl;

	refresh_links(m);
	ha_prefix_refresh(m);
	TAILQ_FOREACH (hl, &ha->links, entry) {
		keep_link(m, hl);
		ha_advert_refresh(&hl->advert);
	}
	keep_own(m);
	ha_multicast_refresh(m, NULL);
	timer_set(m->timers, &ha->prefix_timer, next_end(m), NULL);
}

/* --- hooks ------------------------------------------------------------------------ */

static int start(struct mip6 *m)
{
	struct ha *ha = calloc(1, sizeof(*ha));

	ipsec_look_at_conf(m->conf);
	if (!ha)
		return -ENOMEM;
	m->ha = ha;
	TAILQ_INIT(&ha->links);
	ha_prefix_init(m);
	ha_registration_init(m);
	TAILQ_INIT(&ha->agents);
	rate_init(&ha->dhaad_rate, MIP6_ERROR_BURST, MIP6_ERROR_PER_S, m->hash_seed, m->now_us);
	kept_init(&ha->base, m, "home agent");
	kept_init(&ha->own, m, "packets of our own");
	ha->binding_limit = (struct log_limit)LOG_LIMIT(20, 5);
	timer_init(&ha->prefix_timer, "prefix-list", on_prefix_timer, m);
	rate_bucket_init(&ha->new_rate, m->conf->ha_max_registrations, m->now_us);
	rate_bucket_init(&ha->known_rate, m->conf->ha_max_registrations, m->now_us);
	keep_base(m);
	refresh(m);
	if (ha_multicast_init(m) < 0)
		return -ENOMEM;
	ha_restore(m);
	ha_stray_watch(m);
	timer_set(m->timers, &ha->prefix_timer, next_end(m), NULL);
	if (TAILQ_EMPTY(&ha->prefixes))
		log_warning(LOG_HA, "no home prefix yet: no home link has an address, and there is "
			    "no HaVirtualHomeLink");
	return 0;
}

void ha_registrations_stopped(struct mip6 *m)
{
	struct ha *ha = ha_of(m);
	struct footprint nothing;
	struct ha_link *hl;

	footprint_init(&nothing);
	TAILQ_FOREACH (hl, &ha->links, entry)
		kept_set(&hl->kept, &nothing);
	kept_set(&ha->own, &nothing);
	kept_set(&ha->base, &nothing);
}

static void stop(struct mip6 *m, enum role_stop how)
{
	struct ha *ha = ha_of(m);
	struct ha_link *hl;

	timer_cancel(m->timers, &ha->prefix_timer);
	timer_cancel(m->timers, &ha->restore_timer);
	TAILQ_FOREACH (hl, &ha->links, entry)
		ha_advert_end(&hl->advert, how == ROLE_SHUTDOWN);
	ha_multicast_stop(m);
	ha_registration_stop(m, how);
}

static void ha_free(struct mip6 *m)
{
	struct ha *ha = ha_of(m);
	struct ha_link *hl;

	if (!ha)
		return;
	timer_cancel(m->timers, &ha->prefix_timer);
	timer_cancel(m->timers, &ha->restore_timer);
	ha_multicast_free(m);
	ha_registration_free(m);
	while ((hl = TAILQ_FIRST(&ha->links))) {
		TAILQ_REMOVE(&ha->links, hl, entry);
		ha_advert_end(&hl->advert, false);
		kept_free(&hl->kept);
		free(hl);
	}
	ha_prefix_free(m);
	ha_agents_free(m);
	kept_free(&ha->own);
	kept_free(&ha->base);
	free(ha);
	m->ha = NULL;
}

static void reconfigure(struct mip6 *m, const struct conf *old)
{
	ipsec_look_at_conf(m->conf);
	keep_base(m);
	ha_stray_watch(m);
	ha_registration_reconfigure(m, old);
	refresh(m);
	ha_multicast_refresh(m, old);
}

static enum role_verdict on_mh(struct mip6 *m, const struct mip6_packet *p,
			       const struct mh_msg *msg)
{
	if (msg->type != MH_BU || !(msg->bu.flags & MH_BU_H))
		return ROLE_PASS;
	ha_registration_on_bu(m, p, msg);
	return ROLE_TAKEN;
}

static enum role_verdict on_icmp6(struct mip6 *m, const struct mip6_packet *p,
				  const struct icmp6_msg *msg)
{
	switch (msg->type) {
	case ICMP6_MSG_DHAAD_REQUEST:
		ha_agents_on_request(m, p, msg);
		return ROLE_TAKEN;
	case ICMP6_MSG_MPS:
		ha_mpd_on_solicitation(m, p, msg);
		return ROLE_TAKEN;
	case ICMP6_MSG_DHAAD_REPLY:
	case ICMP6_MSG_MPA:
	case ICMP6_MSG_UNREACHABLE:
	case ICMP6_MSG_TOO_BIG:
	case ICMP6_MSG_TIME_EXCEEDED:
	case ICMP6_MSG_PARAM_PROBLEM:
		break;
	}
	return ROLE_PASS;
}

/* RFC 6275 10.6.3: a flag counts when it is set in any of the advertisements; until the one
 * that set it last takes it back. True when it changed. */
static bool hear_flag(bool *flag, struct in6_addr *by, bool says, const struct in6_addr *from)
{
	bool before = *flag;

	if (says) {
		*flag = true;
		*by = *from;
	} else if (addr_equal(by, from)) {
		*flag = false;
	}
	return *flag != before;
}

static void hear_flags(struct mip6 *m, struct ha_link *hl, const struct mip6_packet *p,
		       const struct nd_msg *msg)
{
	const struct in6_addr *from = &p->path.peer;
	bool changed = hear_flag(&hl->managed, &hl->managed_by, msg->ra.managed, from);

	changed |= hear_flag(&hl->other, &hl->other_by, msg->ra.other, from);
	if (changed)
		ha_mpd_flags_changed(m, hl->ifindex);
}

static void on_nd(struct mip6 *m, const struct mip6_packet *p, const struct nd_msg *msg)
{
	struct ha_link *hl = ha_link_find(m, p->path.ifindex);

	if (hl && msg->type == ND_RS)
		ha_advert_on_rs(&hl->advert, p);
	if (msg->type != ND_RA || !hl)
		return;
	ha_advert_on_ra(&hl->advert, p, msg);
	hear_flags(m, hl, p, msg);
	ha_prefix_hear(m, p->path.ifindex, msg);
	keep_own(m);
	ha_agents_hear(m, p, msg);
	timer_set(m->timers, &ha_of(m)->prefix_timer, next_end(m), NULL);
}

static void on_link(struct mip6 *m, const struct klink *l)
{
	(void)l;
	refresh(m);
}

static void on_addr(struct mip6 *m, const struct kaddr_event *a)
{
	if (ha_link_find(m, a->ifindex))
		refresh(m);
	else
		keep_own(m);
}

static void on_lost(struct mip6 *m, const struct kobj *o)
{
	struct ha *ha = ha_of(m);
	struct ha_link *hl;
	bool base = kept_on_lost(&ha->base, o);

	if (kept_on_lost(&ha->own, o) && !kobj_is_flush(o))
		return;
	/* these are the bindings' as well */
	if (base && o->type != KOBJ_TUNNEL && !kobj_is_flush(o))
		return;
	TAILQ_FOREACH (hl, &ha->links, entry) {
		if (kept_on_lost(&hl->kept, o))
			return;
	}
	ha_registration_on_lost(m, o);
}

const struct role ha_role = {
	.name = "ha",
	.start = start,
	.settled = ha_restored,
	.stop = stop,
	.free = ha_free,
	.reconfigure = reconfigure,
	.on_mh = on_mh,
	.on_icmp6 = on_icmp6,
	.on_nd = on_nd,
	.on_link = on_link,
	.on_addr = on_addr,
	.on_stray = ha_stray_hear,
	.on_multicast = ha_multicast_on_packet,
	.on_lost = on_lost,
	.end_binding = ha_end_binding,
	.objects = ha_objects,
	.ways = ha_ways,
	.wrong = ha_wrong,
	.status = ha_status,
	.shows = ha_shows,
	.commands = ha_commands,
};
