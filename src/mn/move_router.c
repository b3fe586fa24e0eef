// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routers of a link: the tables, the choice among them, and noticing that one is gone
 * (RFC 6275 11.5.1, 11.5.2; RFC 4861 6.3). What fills the tables is in move_ra.c.
 *
 * A router is asked (neighbour unreachability detection) when another one is heard
 * that may be of another link, when its advertisements fail to come (7.3), when the
 * kernel or registration make no progress through it, and never merely because its
 * lifetime is long. If it does not answer, all that was not heard since the doubt arose
 * is forgotten. The question ends early when all evidence is against the router: its
 * own advertisement is overdue, and another router has answered meanwhile. As long as
 * nobody else is heard, a router that does not answer is kept: giving it up would gain
 * nothing.
 *
 * The tables of a link are bounded; what exceeds them is not remembered. Called by
 * the other files move*.c.
 */
#include <string.h>

#include "core/probe.h"
#include "mn/move.h"

/* RFC 4861 section 10. */
#define RETRANS_TIMER_US US_PER_S
/* 11.5.1: advertisements may be lost; this many intervals, and a little for the
 * router's own lateness. */
#define MISSED_INTERVALS 3
#define MISSED_SLACK_US	 (20 * US_PER_MS)
/* After that many doubts for nothing they do not become rarer any more. */
#define MISSED_MOST 6
/* An early verdict on the router in use comes after so many round trips to the one that
 * has answered, but no sooner than this. */
#define VERDICT_ROUND_TRIPS 3
#define VERDICT_SOONEST_US  (50 * US_PER_MS)

/* --- the tables ------------------------------------------------------------------- */

int move_find_router(const struct move_iface *i, const struct in6_addr *addr)
{
	int n;

	for (n = 0; n < MOVE_ROUTERS_MAX; n++) {
		if (i->routers[n].used && addr_equal(&i->routers[n].addr, addr))
			return n;
	}
	return -1;
}

static void drop_router(struct move_iface *i, int n)
{
	int k;

	memset(&i->routers[n], 0, sizeof(i->routers[n]));
	for (k = 0; k < MOVE_PREFIXES_MAX; k++)
		i->prefixes[k].routers &= ~(1U << n);
	if (i->router == n)
		i->router = -1;
}

int move_free_router(struct move_iface *i)
{
	int n, ended = -1;

	for (n = 0; n < MOVE_ROUTERS_MAX; n++) {
		const struct move_router *r = &i->routers[n];

		if (!r->used)
			return n;
		if (!r->until_us && (ended < 0 || r->heard_us < i->routers[ended].heard_us))
			ended = n;
	}
	if (ended >= 0)
		drop_router(i, ended);
	return ended;
}

struct move_prefix *move_find_prefix(struct move_iface *i, const struct prefix *prefix)
{
	int n;

	for (n = 0; n < MOVE_PREFIXES_MAX; n++) {
		if (i->prefixes[n].used && prefix_equal(&i->prefixes[n].prefix, prefix))
			return &i->prefixes[n];
	}
	return NULL;
}

struct move_prefix *move_new_prefix(struct move_iface *i, const struct prefix *prefix)
{
	struct move_prefix *left = NULL;
	int n;

	for (n = 0; n < MOVE_PREFIXES_MAX; n++) {
		struct move_prefix *p = &i->prefixes[n];

		if (!p->used) {
			left = p;
			break;
		}
		if (!p->routers && !left && !addr_equal(&p->addr, &i->move->now.coa))
			left = p;
	}
	if (!left)
		return NULL;
	memset(left, 0, sizeof(*left));
	left->used = true;
	left->prefix = *prefix;
	return left;
}

bool move_has_routers(const struct move_iface *i)
{
	int n;

	for (n = 0; n < MOVE_ROUTERS_MAX; n++) {
		if (i->routers[n].used)
			return true;
	}
	return false;
}

void move_drop_routers(struct move_iface *i, uint64_t heard_us)
{
	int n;

	for (n = 0; n < MOVE_ROUTERS_MAX; n++) {
		if (i->routers[n].used && i->routers[n].heard_us < heard_us)
			drop_router(i, n);
	}
}

void move_cancel_probe(struct move_iface *i)
{
	struct mip6 *m = i->move->m;

	mip6_probe_cancel(m, i->probe);
	i->probe = NULL;
	timer_cancel(m->timers, &i->verdict);
	i->no_progress = false;
}

/* Whether an answer of the router in use is waited for. */
static bool is_asking(const struct move_iface *i)
{
	return i->probe || timer_is_set(&i->verdict);
}

void move_forget(struct move_iface *i)
{
	move_cancel_probe(i);
	move_drop_routers(i, TIME_NEVER);
	memset(i->prefixes, 0, sizeof(i->prefixes));
}

static bool is_default(const struct move_router *r, uint64_t now_us)
{
	return r->used && r->until_us > now_us;
}

bool move_is_still_said(const struct move_iface *i, const struct move_prefix *p)
{
	for (int n = 0; n < MOVE_ROUTERS_MAX; n++) {
		const struct move_router *r = &i->routers[n];

		if ((p->routers & 1U << n) && p->heard_us >= r->told_us[2])
			return true;
	}
	return false;
}

bool move_is_on_link(const struct move_iface *i, const struct move_prefix *p)
{
	return p->used && p->on_link_us > i->move->m->now_us;
}

bool move_is_advertised(const struct move_iface *i, const struct move_prefix *p)
{
	for (int n = 0; n < MOVE_ROUTERS_MAX; n++) {
		if (i->routers[n].used && !i->routers[n].unsure && (p->routers & 1U << n))
			return true;
	}
	return false;
}

/* 11.5.5: what is sent from the home address goes by a router of the home link. */
static bool is_home_router(const struct move_iface *i, int router)
{
	if (i->move->m->conf->no_home_return)
		return false;
	for (int n = 0; n < MOVE_PREFIXES_MAX; n++) {
		const struct move_prefix *p = &i->prefixes[n];

		if (p->used && (p->routers & 1U << router) &&
		    home_is_home_prefix(i->move->m, &p->prefix))
			return true;
	}
	return false;
}

/* 11.5.4: the care-of address MUST have a prefix that the router in use advertises. */
static bool gives_address(const struct move_iface *i, int router)
{
	for (int n = 0; n < MOVE_PREFIXES_MAX; n++) {
		const struct move_prefix *p = &i->prefixes[n];

		if (p->used && p->state == MOVE_ADDR_USABLE && (p->routers & 1U << router))
			return true;
	}
	return false;
}

static bool is_better(const struct move_iface *i, int a, int b)
{
	bool home = is_home_router(i, a), gives = gives_address(i, a);

	if (home != is_home_router(i, b))
		return home;
	if (gives != gives_address(i, b))
		return gives;
	return i->routers[a].preference > i->routers[b].preference;
}

void move_choose_router(struct move_iface *i)
{
	uint64_t now_us = i->move->m->now_us;
	int n, best = i->router;

	if (best >= 0 && !is_default(&i->routers[best], now_us))
		best = -1;
	if (best >= 0 && is_asking(i))
		return; /* first the answer to that */
	for (n = 0; n < MOVE_ROUTERS_MAX; n++) {
		if (!is_default(&i->routers[n], now_us) || (best >= 0 && i->routers[n].unsure))
			continue;
		if (best < 0 || is_better(i, n, best))
			best = n;
	}
	if (best != i->router)
		move_cancel_probe(i);
	i->router = best;
}

/* A deprecated address is left for another one (RFC 6275 11.5.3), and used as long as
 * there is none (RFC 4862 5.5.4); so is one of a prefix that is not heard any more, and one
 * that no home agent can be reached from. Among equals the one in use stays. */
static unsigned int rank_prefix(const struct move_iface *i, const struct move_prefix *p)
{
	unsigned int rank = 1;

	if (move_is_still_said(i, p))
		rank += 8;
	if (home_is_in_reach(i->move->m, &p->addr))
		rank += 4;
	if (p->preferred_us > i->move->m->now_us)
		rank += 2;
	if (addr_equal(&p->addr, &i->move->now.coa))
		rank += 1;
	return rank;
}

struct move_prefix *move_best_prefix(struct move_iface *i)
{
	struct move_prefix *best = NULL;
	unsigned int best_rank = 0;
	int n;

	for (n = 0; n < MOVE_PREFIXES_MAX; n++) {
		struct move_prefix *p = &i->prefixes[n];

		/* 11.5.4: MUST have a prefix that its default router advertises */
		if (!p->used || p->state != MOVE_ADDR_USABLE || i->router < 0 ||
		    !(p->routers & 1U << i->router))
			continue;
		if (rank_prefix(i, p) > best_rank) {
			best_rank = rank_prefix(i, p);
			best = p;
		}
	}
	return best;
}

/* RFC 4861 6.3.4: of several routers the last word counts. What one does not specify stays as
 * it is, and MUST NOT become what it was before the first advertisement. */
void move_adopt_parameters(struct move_iface *i, const struct move_parameters *say)
{
	struct move_parameters *now = &i->parameters;

	if (say->hop_limit)
		now->hop_limit = say->hop_limit;
	if (say->mtu)
		now->mtu = say->mtu;
	if (say->reachable_ms)
		now->reachable_ms = say->reachable_ms;
	if (say->retrans_ms)
		now->retrans_ms = say->retrans_ms;
}

/* All routers that are heard are on one link. */
static void be_sure(struct move_iface *i)
{
	for (int n = 0; n < MOVE_ROUTERS_MAX; n++) {
		struct move_router *r = &i->routers[n];

		if (r->unsure)
			move_adopt_parameters(i, &r->parameters);
		r->unsure = false;
	}
}

/* --- watching ---------------------------------------------------------------------- */

/* When the router in use should have been heard again (7.3). One that is there and does not keep
 * its word is asked ever more seldom. */
static uint64_t missed_at(const struct move_iface *i)
{
	const struct move_router *r = i->router >= 0 ? &i->routers[i->router] : NULL;

	if (!r || !r->interval_us || is_asking(i))
		return TIME_NEVER;
	return r->heard_us + ((MISSED_INTERVALS * r->interval_us) << r->missed) + MISSED_SLACK_US;
}

/* The next of its lifetimes that ends. */
static uint64_t next_end(const struct move_prefix *p, uint64_t now_us)
{
	const uint64_t ends[] = { p->until_us, p->on_link_us, p->valid_us, p->preferred_us };
	uint64_t at = TIME_NEVER;

	for (size_t n = 0; n < sizeof(ends) / sizeof(ends[0]); n++) {
		if (ends[n] > now_us)
			at = time_earlier(at, ends[n]);
	}
	return at;
}

void move_set_watch(struct move_iface *i)
{
	struct mip6 *m = i->move->m;
	uint64_t at = i->silent ? TIME_NEVER : missed_at(i);
	int n;

	for (n = 0; n < MOVE_ROUTERS_MAX; n++) {
		if (is_default(&i->routers[n], m->now_us))
			at = time_earlier(at, i->routers[n].until_us);
	}
	for (n = 0; n < MOVE_PREFIXES_MAX; n++) {
		const struct move_prefix *p = &i->prefixes[n];

		if (p->used)
			at = time_earlier(at, next_end(p, m->now_us));
	}
	timer_set(m->timers, &i->watch, at, &i->move->timers);
}

static void expire_prefix(struct move_prefix *p, uint64_t now_us)
{
	if (!p->used)
		return;
	if (p->valid_us && p->valid_us <= now_us) {
		p->state = MOVE_ADDR_NONE;
		p->valid_us = 0;
	}
	if (!p->valid_us && p->on_link_us <= now_us && p->until_us <= now_us)
		memset(p, 0, sizeof(*p));
}

static void expire(struct move_iface *i)
{
	uint64_t now_us = i->move->m->now_us;
	int n;

	for (n = 0; n < MOVE_ROUTERS_MAX; n++) {
		struct move_router *r = &i->routers[n];

		if (r->used && r->until_us && r->until_us <= now_us) {
			log_info(LOG_MOVE, "%s: the lifetime of router %s is over", i->name,
				 ADDR_STR(&r->addr));
			r->until_us = 0;
		}
	}
	for (n = 0; n < MOVE_PREFIXES_MAX; n++)
		expire_prefix(&i->prefixes[n], now_us);
	move_choose_router(i);
}

static void on_watch(struct timer *t, uint64_t now_us)
{
	struct move_iface *i = t->ctx;

	mip6_turn(i->move->m, now_us);
	if (!i->silent && missed_at(i) <= now_us) {
		struct move_router *r = &i->routers[i->router];

		log_info(LOG_MOVE, "%s: advertisements of router %s fail to come", i->name,
			 ADDR_STR(&r->addr));
		if (r->missed < MISSED_MOST)
			r->missed++;
		move_suspect(i, ATTACH_ROUTER_LOST);
	}
	expire(i);
	if (i->router < 0 && !timer_is_set(&i->rs_timer))
		move_solicit(i);
	move_set_watch(i);
	move_changed(i);
}

/* --- doubt -------------------------------------------------------------------------- */

static void give_up_router(struct move_iface *i)
{
	bool heard = false, is_here = false;

	for (int n = 0; n < MOVE_ROUTERS_MAX; n++) {
		const struct move_router *r = &i->routers[n];

		if (n == i->router || !is_default(r, i->move->m->now_us) ||
		    r->heard_us < i->event_us)
			continue;
		heard = true;
		is_here |= !r->unsure;
	}
	if (!heard) {
		if (!i->silent)
			log_info(LOG_MOVE, "%s: router %s does not answer, and no other is heard",
				 i->name, ADDR_STR(&i->routers[i->router].addr));
		i->silent = true;
		return;
	}
	log_info(LOG_MOVE, "%s: router %s does not answer, it is given up", i->name,
		 ADDR_STR(&i->routers[i->router].addr));
	i->silent = false;
	if (!is_here) /* another link */
		memset(&i->parameters, 0, sizeof(i->parameters));
	be_sure(i);
	drop_router(i, i->router);
	move_drop_routers(i, i->event_us);
	move_choose_router(i);
}

static void on_unanswered(struct move_iface *i)
{
	if (i->router >= 0)
		give_up_router(i);
	move_set_watch(i);
	move_changed(i);
}

static void on_probe(struct mip6 *m, enum kprobe_result result, void *ctx)
{
	struct move_iface *i = ctx;

	i->probe = NULL;
	timer_cancel(m->timers, &i->verdict);
	switch (result) {
	case KPROBE_ANSWERED:
		move_confirm(i);
		move_choose_router(i);
		move_set_watch(i);
		move_changed(i);
		return;
	case KPROBE_SILENT:
	case KPROBE_ERROR:
		on_unanswered(i);
		return;
	}
}

/* When the router in use may be given up though the time for its answer is not over: an
 * advertisement of its own is lost for certain (RFC 6275 11.5.1), and another router has
 * answered long since. Not where the configuration wants more than one question. */
static uint64_t verdict_at(const struct move_iface *i)
{
	const struct move_router *r = i->router >= 0 ? &i->routers[i->router] : NULL;
	uint64_t at_us;

	if (!r || !i->probe || !r->interval_us || !i->rival_us ||
	    i->move->m->conf->mn_router_probes > 1)
		return TIME_NEVER;
	at_us = i->event_us + time_later(VERDICT_ROUND_TRIPS * (i->rival_us - i->event_us),
					 VERDICT_SOONEST_US);
	return time_later(at_us, r->heard_us + r->interval_us + MISSED_SLACK_US);
}

static void on_verdict(struct timer *t, uint64_t now_us)
{
	struct move_iface *i = t->ctx;

	mip6_turn(i->move->m, now_us);
	if (i->probe && verdict_at(i) > now_us)
		return;
	mip6_probe_cancel(i->move->m, i->probe);
	i->probe = NULL;
	on_unanswered(i);
}

void move_on_rival(struct move_iface *i)
{
	struct mip6 *m = i->move->m;

	/* Until now there was no other. */
	if (i->silent && i->router >= 0)
		give_up_router(i);
	if (!i->probe || i->rival_us || m->now_us <= i->event_us)
		return;
	i->rival_us = m->now_us;
	timer_set(m->timers, &i->verdict, verdict_at(i), &i->move->timers);
}

void move_init_router(struct move_iface *i)
{
	i->router = -1;
	timer_init(&i->watch, "router-watch", on_watch, i);
	timer_init(&i->verdict, "router-verdict", on_verdict, i);
}

/* RFC 4861 7.2.2: the solicitation may come from any address of ours; from the link-local one,
 * unless that is not to be had. */
static struct in6_addr probe_source(struct move_iface *i)
{
	const struct link *l = link_find(&i->move->m->links, i->ifindex);
	const struct move_prefix *p = move_best_prefix(i);
	const struct in6_addr any = { 0 };

	return l && !link_local_addr(l) && p && !p->optimistic ? p->addr : any;
}

/* MnRouterProbeTimeout, or RetransTimer of the link. */
static uint64_t probe_interval_us(const struct move_iface *i)
{
	if (i->move->m->conf->mn_router_probe_timeout_us)
		return i->move->m->conf->mn_router_probe_timeout_us;
	return i->parameters.retrans_ms ? i->parameters.retrans_ms * US_PER_MS : RETRANS_TIMER_US;
}

void move_ask_router(struct move_iface *i)
{
	struct mip6 *m = i->move->m;
	struct kprobe p = { .kind = KPROBE_NUD, .ifindex = i->ifindex };

	if (i->router < 0 || is_asking(i))
		return;
	p.source = probe_source(i);
	p.target = i->routers[i->router].addr;
	p.count = m->conf->mn_router_probes ? m->conf->mn_router_probes : 1;
	p.interval_us = probe_interval_us(i);
	i->probe = mip6_probe(m, &p, on_probe, i);
	if (!i->probe) /* then it cannot answer in its time either */
		timer_set(m->timers, &i->verdict, m->now_us + p.count * p.interval_us,
			  &i->move->timers);
}

void move_suspect(struct move_iface *i, enum attach_cause cause)
{
	struct mip6 *m = i->move->m;

	if (i->observed || !i->running || is_asking(i))
		return;
	i->cause = cause;
	i->event_us = m->now_us;
	i->ra_us = 0;
	i->rival_us = 0;
	move_solicit(i);
	move_ask_router(i);
}

void move_on_no_progress(struct move_iface *i)
{
	if (i->silent)
		return;
	move_suspect(i, ATTACH_ROUTER_LOST);
	i->no_progress = is_asking(i);
}

void move_on_heard(struct move_iface *i)
{
	if (i->no_progress)
		move_ask_router(i);
	else
		move_confirm(i);
}

void move_confirm(struct move_iface *i)
{
	uint64_t now_us = i->move->m->now_us;

	move_cancel_probe(i);
	i->silent = false;
	be_sure(i);
	if (i->router < 0)
		return;
	/* as good as an advertisement: the next doubt comes an interval later */
	i->routers[i->router].heard_us = now_us;
	if (!i->suspect)
		timer_cancel(i->move->m->timers, &i->rs_timer);
}

