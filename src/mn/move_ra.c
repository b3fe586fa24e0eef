// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What routers advertise (RFC 4861 6.3.4, RFC 4862 5.5.3, RFC 4191, RFC 6275 7), and
 * whether it comes from the link that we know (RFC 6275 11.5.1).
 *
 * An advertisement by a router that is not known is no movement yet: there may be
 * two on one link. It is the same link when it says the prefix in use; one that is merely
 * known may be on many links, as unique local ones are. It is another one when the carrier
 * was away, or the router in use does not answer anyway.
 * Else that one is asked (neighbour unreachability detection, move_router.c), while the
 * new address is already being prepared.
 *
 * Called by move.c.
 */
#include <string.h>

#include "mn/move.h"

#define TIDY_US (50 * US_PER_MS)
/* RFC 4862 5.5.3 e. */
#define TWO_HOURS_S 7200
/* RFC 4861 10: MAX_RA_DELAY_TIME and MIN_DELAY_BETWEEN_RAS, and the way. */
#define ANSWER_MOST_US (4 * US_PER_S)
/* RFC 6275 7.5: no router may advertise itself more often. */
#define INTERVAL_LEAST_US (30 * US_PER_MS)
/* RFC 4861 6.2.1: AdvReachableTime; nobody means more by the retransmission timer either. */
#define TIMER_MAX_MS 3600000

static uint64_t end_of(uint32_t lifetime_s, uint64_t now_us)
{
	return lifetime_s == ND_LIFETIME_INFINITE ? TIME_NEVER :
						    time_add(now_us, lifetime_s * US_PER_S);
}

/* RFC 4862 5.5.3 e: an unauthenticated advertisement cannot end an address soon. */
static uint64_t valid_until(const struct move_prefix *p, uint32_t valid_s, uint64_t now_us)
{
	uint64_t told_us = end_of(valid_s, now_us);
	uint64_t two_hours_us = now_us + TWO_HOURS_S * US_PER_S;

	if (valid_s > TWO_HOURS_S || told_us > p->valid_us)
		return told_us;
	return p->valid_us <= two_hours_us ? p->valid_us : two_hours_us;
}

/* A predecessor left it, and the kernel will tell nothing new about it. */
static bool is_there(const struct link *l, const struct in6_addr *addr)
{
	const struct link_addr *a;

	TAILQ_FOREACH (a, &l->addrs, entry) {
		if (addr_equal(&a->a.addr, addr))
			return link_addr_usable(a);
	}
	return false;
}

void move_make_address(struct move_iface *i, struct move_prefix *p)
{
	struct mip6 *m = i->move->m;
	const struct link *l = link_find(&m->links, i->ifindex);

	bool made = false;

	while (l && addrconf_make(m, &l->l, &p->prefix, p->dad_counter, &p->addr)) {
		made = !home_is_home_address(m, &p->addr);
		if (made)
			break;
		p->dad_counter++;
	}
	if (!made) {
		p->state = p->dad_counter ? MOVE_ADDR_DUPLICATE : MOVE_ADDR_NONE;
		return;
	}
	p->dad = m->conf->coa_dad;
	p->state = is_there(l, &p->addr) ? MOVE_ADDR_USABLE : MOVE_ADDR_WANTED;
}

/* RFC 4862 5.5.3: what the option says of addresses. */
static void take_autonomous(struct move_iface *i, struct move_prefix *p,
			    const struct nd_prefix_info *info)
{
	uint64_t now_us = i->move->m->now_us;

	/* a, c: not meant for that, or in contradiction to itself */
	if (!info->autonomous || info->preferred_s > info->valid_s)
		return;
	p->valid_us = valid_until(p, info->valid_s, now_us);
	p->preferred_us = time_earlier(end_of(info->preferred_s, now_us), p->valid_us);
	home_on_prefix(i->move->m, i->ifindex, info);
	if (info->valid_s && p->state == MOVE_ADDR_NONE)
		move_make_address(i, p);
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
	p = move_find_prefix(i, &prefix);
	if (!p && info->valid_s)
		p = move_new_prefix(i, &prefix);
	if (!p)
		return;
	p->routers |= 1U << router;
	p->heard_us = now_us;
	p->until_us = end_of(info->valid_s, now_us);
	/* RFC 4861 6.3.4: without the flag it says nothing about what is on-link. */
	if (info->on_link)
		p->on_link_us = info->valid_s ? p->until_us : 0;
	take_autonomous(i, p, info);
}

static void note_prefixes_told(struct move_router *r, uint64_t now_us)
{
	memmove(&r->told_us[1], &r->told_us[0], sizeof(r->told_us) - sizeof(r->told_us[0]));
	r->told_us[0] = now_us;
}

static void take_parameters(const struct move_iface *i, struct move_parameters *say,
			    const struct nd_msg *msg)
{
	const struct link *l = link_find(&i->move->m->links, i->ifindex);

	if (msg->ra.cur_hop_limit)
		say->hop_limit = msg->ra.cur_hop_limit;
	if (msg->ra.reachable_ms && msg->ra.reachable_ms <= TIMER_MAX_MS)
		say->reachable_ms = msg->ra.reachable_ms;
	if (msg->ra.retrans_ms && msg->ra.retrans_ms <= TIMER_MAX_MS)
		say->retrans_ms = msg->ra.retrans_ms;
	/* from the minimum of IPv6 to what the link can do */
	if (nd_has(&msg->opts, ND_HAS_MTU) && l && msg->opts.mtu >= IPV6_MTU_MIN &&
	    msg->opts.mtu <= l->l.mtu)
		say->mtu = msg->opts.mtu;
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
				 time_later(msg->opts.adv_interval_ms * US_PER_MS,
					    INTERVAL_LEAST_US) :
				 0;
	if (now_us - i->rs_us > ANSWER_MOST_US) /* nobody has asked for it */
		r->missed = 0;
	if (nd_has(&msg->opts, ND_HAS_SLLA) && msg->opts.slla.len <= sizeof(r->lladdr)) {
		r->lladdr_len = msg->opts.slla.len;
		memcpy(r->lladdr, msg->opts.slla.addr, r->lladdr_len);
	}
	if (msg->opts.prefix_count)
		note_prefixes_told(r, now_us);
	for (k = 0; k < msg->opts.prefix_count; k++)
		take_prefix(i, n, &msg->opts.prefix[k]);
	move_choose_router(i);
	take_parameters(i, &r->parameters, msg);
	if (!r->unsure)
		move_adopt_parameters(i, &r->parameters);
}

enum same_link { LINK_SAME, LINK_OTHER, LINK_UNSURE };

/* Whether it says a prefix that this link has: `only`, or any when that is NULL. */
static bool says_a_prefix(struct move_iface *i, const struct nd_msg *msg,
			  const struct move_prefix *only)
{
	unsigned int k;

	for (k = 0; k < msg->opts.prefix_count; k++) {
		const struct nd_prefix_info *info = &msg->opts.prefix[k];
		struct prefix prefix = prefix_of(&info->addr, info->prefix_len);
		const struct move_prefix *p = move_find_prefix(i, &prefix);

		if (p && move_is_advertised(i, p) && (!only || p == only))
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

/* RFC 6275 11.5.1: the R flag tells routers apart that have the same link-local address. */
static bool has_other_global(const struct move_router *r, const struct nd_msg *msg)
{
	bool other = false;

	for (unsigned int k = 0; k < msg->opts.prefix_count; k++) {
		const struct nd_prefix_info *info = &msg->opts.prefix[k];

		if (info->router_address && addr_equal(&info->addr, &r->global))
			return false;
		other |= info->router_address;
	}
	return other && !addr_is_unspecified(&r->global);
}

/* Whether the router that says this is on the link that we know (see the top). */
static enum same_link judge(struct move_iface *i, int n, const struct nd_msg *msg)
{
	bool known = says_a_prefix(i, msg, NULL);

	if (!move_has_routers(i) || (known && says_a_prefix(i, msg, move_best_prefix(i))))
		return LINK_SAME;
	if (known && n >= 0 && !(i->suspect && has_other_lladdr(&i->routers[n], msg)))
		return LINK_SAME;
	/* The same address on another machine, or on another link of the same: asking would
	 * ask the new one. */
	if (n >= 0 && (has_other_lladdr(&i->routers[n], msg) ||
		       has_other_global(&i->routers[n], msg) ||
		       (i->suspect && msg->opts.prefix_count)))
		return LINK_OTHER;
	if (n >= 0 && !i->routers[n].unsure)
		return LINK_SAME;
	if (msg->opts.prefix_count == 0)
		return LINK_SAME;
	if (i->suspect || i->router < 0)
		return LINK_OTHER;
	if (i->silent || i->move->m->conf->mn_router_probes == 0)
		return known ? LINK_SAME : LINK_OTHER;
	return LINK_UNSURE;
}

static void leave_link(struct move_iface *i)
{
	uint64_t now_us = i->move->m->now_us;

	log_info(LOG_MOVE, "%s: this is another link", i->name);
	if (!i->suspect && !i->probe && !i->silent) {
		i->cause = ATTACH_NEW_ROUTER;
		i->event_us = now_us;
		i->rs_us = 0;
		i->ra_us = 0;
	}
	i->silent = false;
	memset(&i->parameters, 0, sizeof(i->parameters));
	move_cancel_probe(i);
	move_drop_routers(i, TIME_NEVER);
	/* What the kernel itself has from there goes when there is time for it. */
	timer_set(i->move->m->timers, &i->tidy, now_us + TIDY_US, &i->move->timers);
}

/* The kernel takes no route by an address of its own; who says so wants to harm. */
static bool is_our_own(const struct move_iface *i, const struct in6_addr *from)
{
	const struct link *l = link_find(&i->move->m->links, i->ifindex);
	const struct link_addr *a;

	if (!l)
		return false;
	TAILQ_FOREACH (a, &l->addrs, entry) {
		if (addr_equal(&a->a.addr, from))
			return true;
	}
	return false;
}

void move_on_ra(struct move_iface *i, const struct mip6_packet *p, const struct nd_msg *msg)
{
	const struct in6_addr *from = &p->path.peer;
	int n = move_find_router(i, from);
	enum same_link same;

	if (i->observed || is_our_own(i, from))
		return;
	same = judge(i, n, msg);
	if (same == LINK_OTHER) {
		leave_link(i);
		n = -1;
	}
	if (same == LINK_UNSURE)
		move_suspect(i, ATTACH_NEW_ROUTER);
	if (n < 0)
		n = move_free_router(i);
	if (n < 0) {
		log_debug(LOG_MOVE, "%s: too many routers, %s is not remembered", i->name,
			  ADDR_STR(from));
		return;
	}
	if (i->ra_us < i->event_us)
		i->ra_us = i->move->m->now_us;
	i->routers[n].unsure |= same == LINK_UNSURE;
	take(i, n, from, msg);
	if (i->router != n)
		move_on_rival(i);
	if (same != LINK_UNSURE) {
		bool was_suspect = i->suspect;

		i->suspect = false;
		if (i->router == n)
			move_on_heard(i);
		else if (was_suspect)
			move_ask_router(i); /* it may be gone, though this is its link */
	}
	move_set_watch(i);
	move_changed(i);
}

