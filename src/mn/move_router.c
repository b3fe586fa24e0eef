// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routers of a link: learning from advertisements, noticing that the link is
 * another one, and that a router is gone (RFC 6275 11.5.1, 11.5.2; RFC 4861 6.3).
 *
 * An advertisement by a router that is not known is no movement yet: there may be
 * two on one link. It is the same link when it says a prefix that is known. It is
 * another one when the carrier was away. Else the router in use is asked (neighbour
 * unreachability detection), while the new address is already being prepared; if it
 * does not answer, all that was not heard since the doubt arose is forgotten.
 *
 * A router is also asked when its advertisements fail to come (7.3), when the
 * kernel or registration make no progress through it, and never merely because its
 * lifetime is long. As long as nobody else is heard, a router that does not answer
 * is kept: giving it up would gain nothing.
 *
 * The tables of a link are bounded; what exceeds them is not remembered. Called by
 * move.c.
 */
#include <string.h>

#include "core/probe.h"
#include "mn/move.h"

/* RFC 4861 section 10. */
#define RTR_SOLICITATION_INTERVAL_US (4 * US_PER_S)
#define RETRANS_TIMER_US	     US_PER_S
/* RFC 7559 section 2: MRT. */
#define SOLICIT_WAIT_MAX_US (3600 * US_PER_S)
/* 11.5.1: advertisements may be lost; this many intervals, and a little for the
 * router's own lateness. */
#define MISSED_INTERVALS 3
#define MISSED_SLACK_US	 (20 * US_PER_MS)
/* RFC 4862 5.5.3 e. */
#define TWO_HOURS_S 7200

static const struct in6_addr all_routers = { .s6_addr = { 0xff, 0x02, [15] = 0x02 } };

static uint64_t end_of(uint32_t lifetime_s, uint64_t now_us)
{
	return lifetime_s == ND_LIFETIME_INFINITE ? TIME_NEVER :
						    time_add(now_us, lifetime_s * US_PER_S);
}

/* --- solicitations --------------------------------------------------------------- */

static void send_rs(struct move_iface *i)
{
	struct mip6 *m = i->move->m;
	const struct link *l = link_find(&m->links, i->ifindex);
	const struct in6_addr *local = l ? link_local_addr(l) : NULL;
	struct mip6_path path = { .peer = all_routers, .ifindex = i->ifindex };
	struct nd_msg msg = { .type = ND_RS };

	if (!l)
		return;
	i->rs_from_any = !local;
	if (local) {
		path.local = *local;
		/* RFC 4861 4.1: MUST NOT be included with the unspecified address */
		if (l->l.lladdr_len && l->l.lladdr_len <= ND_LLADDR_MAX) {
			msg.opts.present = ND_HAS_SLLA;
			msg.opts.slla.len = l->l.lladdr_len;
			memcpy(msg.opts.slla.addr, l->l.lladdr, l->l.lladdr_len);
		}
	}
	log_debug(LOG_MOVE, "%s: soliciting routers", i->name);
	mip6_send_nd(m, &path, &msg);
	if (i->rs_count++ == 0)
		i->rs_us = m->now_us;
}

static void on_rs_timer(struct timer *t, uint64_t now_us)
{
	struct move_iface *i = t->ctx;
	struct mip6 *m = i->move->m;

	mip6_turn(m, now_us);
	send_rs(i);
	/* RFC 7559 section 2: goes on for as long as there is no answer, ever slower. */
	timer_set(m->timers, t, now_us + i->rs_wait_us, &i->move->timers);
	i->rs_wait_us = i->rs_wait_us < SOLICIT_WAIT_MAX_US / 2 ? 2 * i->rs_wait_us :
								  SOLICIT_WAIT_MAX_US;
}

void move_solicit(struct move_iface *i)
{
	if (i->observed || !i->running)
		return;
	i->rs_count = 0;
	i->rs_wait_us = RTR_SOLICITATION_INTERVAL_US;
	on_rs_timer(&i->rs_timer, i->move->m->now_us);
}

/* --- the tables ------------------------------------------------------------------- */

static int find_router(const struct move_iface *i, const struct in6_addr *addr)
{
	int n;

	for (n = 0; n < MOVE_ROUTERS_MAX; n++) {
		if (i->routers[n].used && addr_equal(&i->routers[n].addr, addr))
			return n;
	}
	return -1;
}

static int free_router(const struct move_iface *i)
{
	int n;

	for (n = 0; n < MOVE_ROUTERS_MAX; n++) {
		if (!i->routers[n].used)
			return n;
	}
	return -1;
}

static struct move_prefix *find_prefix(struct move_iface *i, const struct prefix *prefix)
{
	int n;

	for (n = 0; n < MOVE_PREFIXES_MAX; n++) {
		if (i->prefixes[n].used && prefix_equal(&i->prefixes[n].prefix, prefix))
			return &i->prefixes[n];
	}
	return NULL;
}

/* A free place, else that of a prefix which no router says any more. */
static struct move_prefix *new_prefix(struct move_iface *i, const struct prefix *prefix)
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

static void drop_router(struct move_iface *i, int n)
{
	int k;

	memset(&i->routers[n], 0, sizeof(i->routers[n]));
	for (k = 0; k < MOVE_PREFIXES_MAX; k++)
		i->prefixes[k].routers &= ~(1U << n);
	if (i->router == n)
		i->router = -1;
}

/* Routers of the link left behind go; their prefixes stay, without a router, until the
 * attachment has changed (move.c). */
static void drop_routers_before(struct move_iface *i, uint64_t heard_us)
{
	int n;

	for (n = 0; n < MOVE_ROUTERS_MAX; n++) {
		if (i->routers[n].used && i->routers[n].heard_us < heard_us)
			drop_router(i, n);
	}
}

static void cancel_probe(struct move_iface *i)
{
	mip6_probe_cancel(i->move->m, i->probe);
	i->probe = NULL;
}

void move_forget(struct move_iface *i)
{
	cancel_probe(i);
	drop_routers_before(i, TIME_NEVER);
	memset(i->prefixes, 0, sizeof(i->prefixes));
}

static bool is_default(const struct move_router *r, uint64_t now_us)
{
	return r->used && r->until_us > now_us;
}

/* RFC 4191 section 3.2, RFC 4861 6.3.6: the preferred one; the one in use when there is
 * a choice. */
static void choose_router(struct move_iface *i)
{
	uint64_t now_us = i->move->m->now_us;
	int n, best = i->router;

	if (best >= 0 && !is_default(&i->routers[best], now_us))
		best = -1;
	if (best >= 0 && i->probe)
		return; /* first the answer to that */
	for (n = 0; n < MOVE_ROUTERS_MAX; n++) {
		if (!is_default(&i->routers[n], now_us))
			continue;
		if (best < 0 || i->routers[n].preference > i->routers[best].preference)
			best = n;
	}
	if (best != i->router)
		cancel_probe(i);
	i->router = best;
}

/* A deprecated address is left for another one (RFC 6275 11.5.3), and used as long as
 * there is none (RFC 4862 5.5.4). Among equals the one in use stays. */
static unsigned int rank_prefix(const struct move_iface *i, const struct move_prefix *p)
{
	unsigned int rank = 1;

	if (p->preferred_us > i->move->m->now_us)
		rank += 4;
	if (!p->is_home_addr)
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

/* --- watching ---------------------------------------------------------------------- */

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When the router in use should have been heard again (7.3). */
static uint64_t missed_at(const struct move_iface *i)
{
	const struct move_router *r = i->router >= 0 ? &i->routers[i->router] : NULL;

	if (!r || !r->interval_us || i->probe)
		return TIME_NEVER;
	return r->heard_us + MISSED_INTERVALS * r->interval_us + MISSED_SLACK_US;
}

static void set_watch(struct move_iface *i)
{
	struct mip6 *m = i->move->m;
	uint64_t at = i->silent ? TIME_NEVER : missed_at(i);
	int n;

	for (n = 0; n < MOVE_ROUTERS_MAX; n++) {
		if (is_default(&i->routers[n], m->now_us))
			at = earlier(at, i->routers[n].until_us);
	}
	for (n = 0; n < MOVE_PREFIXES_MAX; n++) {
		const struct move_prefix *p = &i->prefixes[n];

		if (p->used && p->preferred_us > m->now_us)
			at = earlier(at, p->preferred_us);
		else if (p->used && p->valid_us > m->now_us)
			at = earlier(at, p->valid_us);
	}
	timer_set(m->timers, &i->watch, at, &i->move->timers);
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
	for (n = 0; n < MOVE_PREFIXES_MAX; n++) {
		struct move_prefix *p = &i->prefixes[n];

		if (p->used && p->valid_us <= now_us)
			memset(p, 0, sizeof(*p));
	}
	choose_router(i);
}

static void on_watch(struct timer *t, uint64_t now_us)
{
	struct move_iface *i = t->ctx;

	mip6_turn(i->move->m, now_us);
	if (!i->silent && missed_at(i) <= now_us) {
		log_info(LOG_MOVE, "%s: advertisements of router %s fail to come", i->name,
			 ADDR_STR(&i->routers[i->router].addr));
		move_suspect(i, ATTACH_ROUTER_LOST);
	}
	expire(i);
	if (i->router < 0 && !timer_is_set(&i->rs_timer))
		move_solicit(i);
	set_watch(i);
	move_changed(i);
}

/* --- doubt -------------------------------------------------------------------------- */

static void give_up_router(struct move_iface *i)
{
	struct mip6 *m = i->move->m;
	int n, heard = 0;

	for (n = 0; n < MOVE_ROUTERS_MAX; n++)
		heard += is_default(&i->routers[n], m->now_us) && n != i->router &&
			 i->routers[n].heard_us >= i->event_us;
	if (!heard) {
		log_info(LOG_MOVE, "%s: router %s does not answer, and no other is heard", i->name,
			 ADDR_STR(&i->routers[i->router].addr));
		i->silent = true;
		return;
	}
	log_info(LOG_MOVE, "%s: router %s does not answer, it is given up", i->name,
		 ADDR_STR(&i->routers[i->router].addr));
	drop_router(i, i->router);
	drop_routers_before(i, i->event_us);
	choose_router(i);
}

static void on_probe(struct mip6 *m, enum kprobe_result result, void *ctx)
{
	struct move_iface *i = ctx;

	(void)m;
	i->probe = NULL;
	switch (result) {
	case KPROBE_ANSWERED:
		move_confirm(i);
		set_watch(i);
		return;
	case KPROBE_SILENT:
	case KPROBE_ERROR:
		if (i->router >= 0)
			give_up_router(i);
		break;
	}
	set_watch(i);
	move_changed(i);
}

void move_suspect(struct move_iface *i, enum attach_cause cause)
{
	struct mip6 *m = i->move->m;
	uint64_t interval_us = m->conf->mn_router_probe_timeout_us;
	struct kprobe p = { .kind = KPROBE_NUD, .ifindex = i->ifindex };

	if (i->observed || !i->running || i->probe)
		return;
	i->cause = cause;
	i->event_us = m->now_us;
	i->ra_us = 0;
	move_solicit(i);
	if (i->router < 0)
		return;
	p.target = i->routers[i->router].addr;
	p.count = m->conf->mn_router_probes ? m->conf->mn_router_probes : 1;
	p.interval_us = interval_us ? interval_us : RETRANS_TIMER_US;
	i->probe = mip6_probe(m, &p, on_probe, i);
}

void move_confirm(struct move_iface *i)
{
	uint64_t now_us = i->move->m->now_us;

	cancel_probe(i);
	i->silent = false;
	if (i->router < 0)
		return;
	/* as good as an advertisement: the next doubt comes an interval later */
	i->routers[i->router].heard_us = now_us;
	if (!i->suspect)
		timer_cancel(i->move->m->timers, &i->rs_timer);
}

/* --- advertisements ------------------------------------------------------------------ */

/* RFC 4862 5.5.3 e: an unauthenticated advertisement cannot end an address soon. */
static uint64_t valid_until(const struct move_prefix *p, uint32_t valid_s, uint64_t now_us)
{
	uint64_t told_us = end_of(valid_s, now_us);
	uint64_t two_hours_us = now_us + TWO_HOURS_S * US_PER_S;

	if (valid_s > TWO_HOURS_S || told_us > p->valid_us)
		return told_us;
	return p->valid_us <= two_hours_us ? p->valid_us : two_hours_us;
}

static void make_address(struct move_iface *i, struct move_prefix *p)
{
	struct mip6 *m = i->move->m;
	const struct link *l = link_find(&m->links, i->ifindex);

	if (!l || !addrconf_make(m, &l->l, &p->prefix, p->dad_counter, &p->addr)) {
		if (p->dad_counter)
			p->state = MOVE_ADDR_DUPLICATE;
		return;
	}
	p->is_home_addr = home_is_home_address(m, &p->addr);
	p->state = p->is_home_addr ? MOVE_ADDR_USABLE : MOVE_ADDR_WANTED;
}

static void take_prefix(struct move_iface *i, int router, const struct nd_prefix_info *info)
{
	uint64_t now_us = i->move->m->now_us;
	struct prefix prefix = prefix_of(&info->addr, info->prefix_len);
	struct move_prefix *p;

	if (info->prefix_len == 0 || addr_is_linklocal(&prefix.addr) ||
	    addr_is_multicast(&prefix.addr))
		return;
	if (info->router_address && addr_is_routable_unicast(&info->addr))
		i->routers[router].global = info->addr;
	p = find_prefix(i, &prefix);
	if (!p && info->valid_s)
		p = new_prefix(i, &prefix);
	if (!p)
		return;
	p->routers |= 1U << router;
	p->on_link = info->on_link && info->valid_s;
	p->autonomous = info->autonomous;
	/* 5.5.3 c: preferred longer than valid is ignored for autoconfiguration */
	if (info->preferred_s > info->valid_s)
		p->autonomous = false;
	p->valid_us = valid_until(p, info->valid_s, now_us);
	p->preferred_us = earlier(end_of(info->preferred_s, now_us), p->valid_us);
	if (p->autonomous && info->preferred_s && p->state == MOVE_ADDR_NONE)
		make_address(i, p);
}

static void take_parameters(struct move_iface *i, const struct nd_msg *msg)
{
	const struct link *l = link_find(&i->move->m->links, i->ifindex);

	i->hop_limit = msg->ra.cur_hop_limit;
	i->reachable_ms = msg->ra.reachable_ms <= 3600000 ? msg->ra.reachable_ms : 0;
	i->retrans_ms = msg->ra.retrans_ms;
	/* RFC 4861 6.3.4: from the minimum of IPv6 to what the link can do */
	i->mtu = nd_has(&msg->opts, ND_HAS_MTU) && l && msg->opts.mtu >= 1280 &&
				 msg->opts.mtu <= l->l.mtu ?
			 msg->opts.mtu :
			 0;
}

static void take(struct move_iface *i, int n, const struct in6_addr *from,
		 const struct nd_msg *msg)
{
	uint64_t now_us = i->move->m->now_us;
	struct move_router *r = &i->routers[n];
	unsigned int k;

	r->used = true;
	r->addr = *from;
	r->heard_us = now_us;
	r->preference = msg->ra.preference;
	r->home_agent = msg->ra.home_agent;
	r->until_us = msg->ra.lifetime_s ? now_us + msg->ra.lifetime_s * US_PER_S : 0;
	r->interval_us = nd_has(&msg->opts, ND_HAS_ADV_INTERVAL) ?
				 msg->opts.adv_interval_ms * US_PER_MS :
				 0;
	if (nd_has(&msg->opts, ND_HAS_SLLA) && msg->opts.slla.len <= sizeof(r->lladdr)) {
		r->lladdr_len = msg->opts.slla.len;
		memcpy(r->lladdr, msg->opts.slla.addr, r->lladdr_len);
	}
	for (k = 0; k < msg->opts.prefix_count; k++)
		take_prefix(i, n, &msg->opts.prefix[k]);
	choose_router(i);
	if (i->router == n)
		take_parameters(i, msg);
}

enum same_link { LINK_SAME, LINK_OTHER, LINK_UNSURE };

static bool knows_a_prefix(struct move_iface *i, const struct nd_msg *msg)
{
	unsigned int k;

	for (k = 0; k < msg->opts.prefix_count; k++) {
		const struct nd_prefix_info *info = &msg->opts.prefix[k];
		struct prefix prefix = prefix_of(&info->addr, info->prefix_len);
		const struct move_prefix *p = find_prefix(i, &prefix);

		if (p && p->routers)
			return true;
	}
	return false;
}

static bool has_other_lladdr(const struct move_router *r, const struct nd_msg *msg)
{
	return nd_has(&msg->opts, ND_HAS_SLLA) && r->lladdr_len &&
	       (r->lladdr_len != msg->opts.slla.len ||
		memcmp(r->lladdr, msg->opts.slla.addr, r->lladdr_len) != 0);
}

static bool has_routers(const struct move_iface *i)
{
	int n;

	for (n = 0; n < MOVE_ROUTERS_MAX; n++) {
		if (i->routers[n].used)
			return true;
	}
	return false;
}

/* Whether the router that says this is on the link that we know (see the top). */
static enum same_link judge(struct move_iface *i, int n, const struct nd_msg *msg)
{
	if (!has_routers(i) || knows_a_prefix(i, msg))
		return LINK_SAME;
	/* The same address on another machine: asking would ask the new one. */
	if (n >= 0)
		return has_other_lladdr(&i->routers[n], msg) ? LINK_OTHER : LINK_SAME;
	if (msg->opts.prefix_count == 0)
		return LINK_SAME;
	if (i->suspect || i->router < 0 || i->move->m->conf->mn_router_probes == 0)
		return LINK_OTHER;
	return LINK_UNSURE;
}

static void leave_link(struct move_iface *i)
{
	uint64_t now_us = i->move->m->now_us;

	log_info(LOG_MOVE, "%s: this is another link", i->name);
	if (!i->suspect && !i->probe) {
		i->cause = ATTACH_NEW_ROUTER;
		i->event_us = now_us;
		i->rs_us = 0;
		i->ra_us = 0;
	}
	cancel_probe(i);
	drop_routers_before(i, TIME_NEVER);
}

void move_on_ra(struct move_iface *i, const struct mip6_packet *p, const struct nd_msg *msg)
{
	const struct in6_addr *from = &p->path.peer;
	int n = find_router(i, from);
	enum same_link same;

	if (i->observed)
		return;
	same = judge(i, n, msg);
	if (same == LINK_OTHER) {
		leave_link(i);
		n = -1;
	}
	if (n < 0)
		n = free_router(i);
	if (n < 0) {
		log_debug(LOG_MOVE, "%s: too many routers, %s is not remembered", i->name,
			  ADDR_STR(from));
		return;
	}
	if (i->ra_us < i->event_us)
		i->ra_us = i->move->m->now_us;
	if (same == LINK_UNSURE)
		move_suspect(i, ATTACH_NEW_ROUTER);
	take(i, n, from, msg);
	if (same != LINK_UNSURE) {
		i->suspect = false;
		if (i->router == n)
			move_confirm(i);
	}
	set_watch(i);
	move_changed(i);
}

/* --- carrier and life ------------------------------------------------------------------ */

void move_carrier(struct move_iface *i, bool running)
{
	struct mip6 *m = i->move->m;

	if (i->running == running)
		return;
	log_info(LOG_MOVE, "%s: carrier %s", i->name, running ? "is there" : "is lost");
	i->running = running;
	i->event_us = m->now_us;
	i->ra_us = 0;
	i->rs_us = 0;
	cancel_probe(i);
	i->silent = false;
	if (running) {
		i->cause = ATTACH_LINK_UP;
		i->suspect = has_routers(i);
		move_solicit(i);
	} else {
		i->cause = ATTACH_LINK_DOWN;
		timer_cancel(m->timers, &i->rs_timer);
		timer_cancel(m->timers, &i->watch);
	}
	move_changed(i);
}

void move_on_address(struct move_iface *i, const struct kaddr_event *a)
{
	struct move_prefix *p = NULL;
	int n;

	if (addr_is_linklocal(&a->addr)) {
		/* from now on the answer can come straight to us */
		if (!a->gone && !a->tentative && i->rs_from_any && (i->router < 0 || i->suspect))
			move_solicit(i);
		return;
	}
	for (n = 0; n < MOVE_PREFIXES_MAX && !p; n++) {
		if (i->prefixes[n].used && addr_equal(&i->prefixes[n].addr, &a->addr))
			p = &i->prefixes[n];
	}
	if (p && !p->is_home_addr) {
		if (a->dad_failed) {
			log_warning(LOG_MOVE, "%s: %s is used by somebody else", i->name,
				    ADDR_STR(&a->addr));
			p->dad_counter++;
			p->state = MOVE_ADDR_NONE;
			make_address(i, p);
		} else if (a->gone) {
			p->state = MOVE_ADDR_WANTED;
		} else {
			p->optimistic = a->optimistic;
			p->state = a->tentative && !a->optimistic ? MOVE_ADDR_WANTED :
								    MOVE_ADDR_USABLE;
		}
	}
	if (p || i->observed)
		move_changed(i);
}

void move_iface_init(struct move_iface *i, struct move *move)
{
	i->move = move;
	i->router = -1;
	i->cause = ATTACH_START;
	i->event_us = move->m->now_us;
	kept_init(&i->settings, move->m, "settings of an interface");
	kept_init(&i->objects, move->m, "care-of addresses");
	timer_init(&i->rs_timer, "router-solicitation", on_rs_timer, i);
	timer_init(&i->watch, "router-watch", on_watch, i);
}

void move_iface_free(struct move_iface *i)
{
	cancel_probe(i);
	timer_cancel(i->move->m->timers, &i->rs_timer);
	timer_cancel(i->move->m->timers, &i->watch);
	kept_free(&i->settings);
	kept_free(&i->objects);
}
