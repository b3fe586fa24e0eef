// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mobile Prefix Advertisements: at once to who asks (10.6.2), at a random moment to all
 * whom a change of prefixes concerns, and now and then to everybody. An unsolicited one
 * is repeated, ever slower, until a solicitation acknowledges it. It always holds the
 * whole list of the home link (or the one prefix of a virtual one), with a routing
 * header to the home address (10.6.3). Called by ha.c, registration.c, prefix.c.
 */
#include "ha/mpd.h"

#include <string.h>

#include "base/crypto.h"
#include "base/time.h"
#include "ha/ha.h"
#include "ha/kept_state.h"
#include "ha/registration.h"

/* RFC 6275 section 12. */
#define PREFIX_ADV_TIMEOUT_US (3 * US_PER_S)
#define PREFIX_ADV_RETRIES    3

/* 10.6.3: from the address that the node registered with, sent "as any other unicast
 * packet": the binding's own policy puts in the routing header. */
static void send_mpa(struct mip6 *m, const struct binding *b, uint16_t id)
{
	const struct ha_prefix *home = ha_prefix_find(m, &b->key.hoa);
	const struct ha_link *hl = home ? ha_link_find(m, home->ifindex) : NULL;
	const struct mip6_path path = { .local = ha_registration_side(b)->local,
					.peer = b->key.hoa };
	struct icmp6_msg msg = { .type = ICMP6_MSG_MPA };
	const struct ha_prefix *p;

	if (!home)
		return;
	msg.mpa.id = id;
	msg.mpa.managed = hl && hl->managed;
	msg.mpa.other = hl && hl->other;
	TAILQ_FOREACH (p, &ha_of(m)->prefixes, entry) {
		bool same = home->ifindex ? p->ifindex == home->ifindex : p == home;

		if (same && ha_prefix_is_valid(p, m->now_us) &&
		    msg.mpa.count < ICMP6_PREFIX_MAX)
			msg.mpa.prefix[msg.mpa.count++] = ha_prefix_info(p, m->now_us);
	}
	mip6_send_icmp6_msg(m, &path, &msg);
}

/* MinMobPfxAdvInterval plus a random part, at most MaxScheduleDelay (10.6.2). */
static uint64_t delay_us(struct mip6 *m, const struct ha_prefix *p)
{
	uint64_t least = m->conf->min_mob_pfx_adv_interval_s;
	uint64_t most = m->conf->max_mob_pfx_adv_interval_s;
	uint64_t preferred = time_until(p->preferred_until_us, m->now_us) / US_PER_S;
	uint64_t span;
	uint32_t chance = 0;

	if (preferred < most)
		most = preferred;
	span = most > least ? most - least : least - most;
	(void)random_take(&m->random, &chance, sizeof(chance));
	return (least + (span ? chance % span : 0)) * US_PER_S;
}

static void on_timer(struct timer *t, uint64_t now_us)
{
	struct binding *b = t->ctx;
	struct ha_mpd *d = ha_registration_mpd(b);
	struct mip6 *m = ha_registration_node(b);

	mip6_turn(m, now_us);
	if (b->state != BINDING_ACTIVE || !m->conf->send_unsol_mob_pfx_advs)
		return;
	if (d->wait_us == 0) { /* a new one */
		d->tries = 0;
		d->wait_us = PREFIX_ADV_TIMEOUT_US;
		(void)random_take(&m->random, &d->id, sizeof(d->id));
	}
	send_mpa(m, b, d->id);
	d->unanswered = true;
	if (d->tries++ < PREFIX_ADV_RETRIES) {
		timer_set(m->timers, t, now_us + d->wait_us, NULL);
		d->wait_us *= 2;
	} else {
		d->wait_us = 0;
		ha_mpd_schedule(m, b);
	}
	ha_save_binding(m, b);
}

void ha_mpd_init(struct ha_mpd *d, struct binding *b)
{
	memset(d, 0, sizeof(*d));
	timer_init(&d->timer, "prefix-advertisement", on_timer, b);
}

void ha_mpd_cancel(struct mip6 *m, struct ha_mpd *d)
{
	timer_cancel(m->timers, &d->timer);
	d->wait_us = 0;
}

void ha_mpd_schedule(struct mip6 *m, struct binding *b)
{
	const struct ha_prefix *p = ha_prefix_find(m, &b->key.hoa);
	struct ha_mpd *d = ha_registration_mpd(b);

	if (!p || !m->conf->send_unsol_mob_pfx_advs || timer_is_set(&d->timer))
		return;
	timer_set(m->timers, &d->timer, time_add(m->now_us, delay_us(m, p)), NULL);
}

void ha_mpd_anew(struct mip6 *m, struct binding *b)
{
	struct ha_mpd *d = ha_registration_mpd(b);

	if (b->state != BINDING_ACTIVE || (m->conf->send_unsol_mob_pfx_advs && d->wait_us))
		return;
	ha_mpd_cancel(m, d);
	ha_mpd_schedule(m, b);
	ha_save_binding(m, b);
}

void ha_mpd_updated(struct mip6 *m, struct binding *b)
{
	struct ha_mpd *d = ha_registration_mpd(b);

	if (d->unanswered && m->conf->send_unsol_mob_pfx_advs) {
		ha_mpd_cancel(m, d);
		timer_set(m->timers, &d->timer, m->now_us, NULL);
	} else {
		ha_mpd_schedule(m, b); /* none was sent for long */
	}
}

void ha_mpd_on_solicitation(struct mip6 *m, const struct mip6_packet *p,
			    const struct icmp6_msg *msg)
{
	struct binding *b = bcache_find_hoa(&m->bcache, path_peer_id(&p->path), BINDING_HOME);
	struct ha_mpd *d;

	/* 11.4.2: from the care-of address, with the home address in an option */
	if (!m->conf->send_mob_pfx_advs || !b || !b->installed.valid ||
	    addr_is_unspecified(&p->path.peer_home) ||
	    !addr_equal(&b->installed.coa, &p->path.peer))
		return;
	send_mpa(m, b, msg->mps.id);
	/* It has the prefixes now, whatever was on its way. */
	d = ha_registration_mpd(b);
	d->unanswered = false;
	if (d->wait_us || !timer_is_set(&d->timer)) {
		ha_mpd_cancel(m, ha_registration_mpd(b));
		ha_mpd_schedule(m, b);
	}
}

/* An advertisement that waits keeps its time and will hold what is new (10.6.2); but one
 * of those that come now and then may be too far off. */
static void bring_forward(struct mip6 *m, struct binding *b, const struct ha_prefix *p)
{
	struct ha_mpd *d = ha_registration_mpd(b);
	uint64_t at_us = time_add(m->now_us, delay_us(m, p));

	if (!m->conf->send_unsol_mob_pfx_advs ||
	    (timer_is_set(&d->timer) && d->timer.at_us <= at_us && d->wait_us == 0))
		return;
	ha_mpd_cancel(m, d);
	timer_set(m->timers, &d->timer, at_us, NULL);
	ha_save_binding(m, b);
}

static bool visit(struct mip6 *m, struct binding *b)
{
	const struct ha_prefix *p;

	if (b->state != BINDING_ACTIVE)
		return false;
	p = ha_prefix_find(m, &b->key.hoa);
	if (p && p->news)
		bring_forward(m, b, p);
	return false; /* no message yet: that is the timer's */
}

static void all_visited(struct mip6 *m)
{
	struct ha_prefix *p;

	TAILQ_FOREACH (p, &ha_of(m)->prefixes, entry)
		p->news = false;
}

void ha_mpd_init_walk(struct mip6 *m)
{
	ha_walk_init(&ha_of(m)->mpd_walk, m, "prefix-news", visit, all_visited);
}

void ha_mpd_prefix_changed(struct mip6 *m, const struct ha_prefix *changed)
{
	struct ha_prefix *p;

	TAILQ_FOREACH (p, &ha_of(m)->prefixes, entry) {
		if (p->ifindex ? p->ifindex == changed->ifindex : p == changed)
			p->news = true;
	}
	ha_walk_begin(&ha_of(m)->mpd_walk);
}

void ha_mpd_flags_changed(struct mip6 *m, uint32_t ifindex)
{
	const struct ha_prefix *p;

	TAILQ_FOREACH (p, &ha_of(m)->prefixes, entry) {
		if (p->ifindex == ifindex)
			ha_mpd_prefix_changed(m, p);
	}
}
