// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of one interface: its carrier and its network come and go, its addresses
 * turn out to be unique or not (RFC 4862 5.4, RFC 6275 11.5.3). Called by move.c.
 */
#include <string.h>

#include "mn/move.h"

/* Something else may be there: what was heard before is worth nothing until a router
 * says so again. */
static void begin_anew(struct move_iface *i, enum attach_cause cause)
{
	i->cause = cause;
	i->event_us = i->move->m->now_us;
	i->ra_us = 0;
	i->rs_us = 0;
	i->silent = false;
	move_cancel_probe(i);
}

static void look_around(struct move_iface *i)
{
	begin_anew(i, ATTACH_LINK_UP);
	i->suspect = move_has_routers(i);
	move_solicit(i);
	move_changed(i);
}

static bool has_other_lladdr(const struct klink *a, const struct klink *b)
{
	return a->lladdr_len != b->lladdr_len || memcmp(a->lladdr, b->lladdr, a->lladdr_len) != 0;
}

void move_link_differs(struct move_iface *i, const struct klink *now)
{
	const struct klink was = i->told;
	const struct attachment *at = &i->move->now;
	bool set_anew = was.up != now->up || was.mtu != now->mtu;

	i->told = *now;
	/* RFC 4861 7.2.6: what the router knows is wrong. */
	if (i == i->move->current && at->usable && has_other_lladdr(&was, now))
		move_greet(i, at);
	/* With the device the kernel sets the MTU of IPv6 anew; and all the rest, when IPv6
	 * itself comes back, which there is none of below its smallest MTU. */
	if (set_anew && !i->observed && now->up && now->mtu >= IPV6_MTU_MIN)
		kept_renew(&i->settings);
	if (set_anew || was.has_default != now->has_default ||
	    !addr_equal(&was.gateway, &now->gateway))
		move_changed(i);
}

void move_carrier(struct move_iface *i, bool running)
{
	struct mip6 *m = i->move->m;

	if (i->running == running)
		return;
	log_info(LOG_MOVE, "%s: carrier %s", i->name, running ? "is there" : "is lost");
	i->running = running;
	if (running) {
		look_around(i);
		return;
	}
	begin_anew(i, ATTACH_LINK_DOWN);
	timer_cancel(m->timers, &i->rs_timer);
	timer_cancel(m->timers, &i->watch);
	move_changed(i);
	/* 11.5.4: and what others have put there for it leads nowhere either. */
	if (!i->observed)
		m->kernel->ops->forget_learned(m->kernel, i->ifindex);
}

void move_network(struct move_iface *i, const char *ssid)
{
	bool other = i->ssid[0] && strcmp(i->ssid, ssid) != 0;

	if (!ssid[0])
		return;
	strlcpy(i->ssid, ssid, sizeof(i->ssid));
	if (!other || !i->running || i->observed)
		return;
	log_info(LOG_MOVE, "%s: another wireless network", i->name);
	look_around(i);
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
	if (p) {
		if (a->dad_failed) {
			log_warning(LOG_MOVE, "%s: %s is used by somebody else", i->name,
				    ADDR_STR(&a->addr));
			p->dad_counter++;
			p->state = MOVE_ADDR_NONE;
			move_make_address(i, p);
		} else if (a->gone) {
			p->state = MOVE_ADDR_WANTED;
		} else {
			p->optimistic = a->optimistic;
			p->state = a->tentative && !a->optimistic ? MOVE_ADDR_WANTED :
								    MOVE_ADDR_USABLE;
		}
		move_choose_router(i);
	}
	if (p || i->observed)
		move_changed(i);
}

static void on_tidy(struct timer *t, uint64_t now_us)
{
	struct move_iface *i = t->ctx;
	struct mip6 *m = i->move->m;

	mip6_turn(m, now_us);
	m->kernel->ops->forget_learned(m->kernel, i->ifindex);
}

void move_iface_init(struct move_iface *i, struct move *move)
{
	i->move = move;
	i->cause = ATTACH_START;
	i->event_us = move->m->now_us;
	kept_init(&i->settings, move->m, "settings of an interface");
	kept_init(&i->objects, move->m, "care-of addresses");
	timer_init(&i->tidy, "former-link", on_tidy, i);
	move_init_solicit(i);
	move_init_router(i);
}

void move_iface_free(struct move_iface *i)
{
	move_cancel_probe(i);
	timer_cancel(i->move->m->timers, &i->rs_timer);
	timer_cancel(i->move->m->timers, &i->watch);
	timer_cancel(i->move->m->timers, &i->verdict);
	timer_cancel(i->move->m->timers, &i->tidy);
	kept_free(&i->settings);
	kept_free(&i->objects);
}
