// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tunnels to home agents (RFC 6275 11.3.1, 11.3.3): which home address uses which, and when.
 * There is one device for each pair of home agent and care-of address, shared by all home
 * addresses; usually it is one, and a move changes its end in place. Where the former
 * care-of address still serves (11.5.4), the new one has a second device beside it until
 * the home agent has confirmed, and the former one stays for a moment after that.
 *
 * What of this is in the kernel is computed in home_path.c. Called by the other files
 * home*.c.
 */
#include "mn/home.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* gcc's analyzer takes a tunnel for lost that only a list and its users hold. */
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

/* 11.5.4: packets to the former care-of address are accepted so long; by then none is under
 * way any more. */
#define FORMER_US (3 * US_PER_S)

static struct home_tunnel *find_tunnel(struct home *home, const struct in6_addr *ha)
{
	struct home_tunnel *t;

	TAILQ_FOREACH(t, &home->tunnels, entry) {
		if (addr_equal(&t->ha, ha))
			return t;
	}
	return NULL;
}

struct home_tunnel *home_tunnel_add(struct home *home, const char *name,
				    const struct in6_addr *ha)
{
	struct home_tunnel *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	if (name)
		snprintf(t->name, sizeof(t->name), "%s", name);
	else
		snprintf(t->name, sizeof(t->name), HOME_TUNNEL "%u", home->next_tunnel++);
	t->ha = *ha;
	TAILQ_INSERT_TAIL(&home->tunnels, t, entry);
	return t;
}

static struct home_tunnel *find_pair(struct home *home, const struct in6_addr *ha,
				     const struct in6_addr *coa)
{
	struct home_tunnel *t;

	TAILQ_FOREACH(t, &home->tunnels, entry) {
		if (addr_equal(&t->ha, ha) && addr_equal(&t->coa, coa))
			return t;
	}
	return NULL;
}

void home_drop_unused_tunnels(struct home *home)
{
	struct home_tunnel *t, *next;
	struct home_addr *h;

	for (t = TAILQ_FIRST(&home->tunnels); t; t = next) {
		next = TAILQ_NEXT(t, entry);
		TAILQ_FOREACH(h, &home->addrs, entry) {
			if (h->tunnel == t || h->next_tunnel == t || h->former_tunnel == t)
				break;
		}
		if (!h) {
			TAILQ_REMOVE(&home->tunnels, t, entry);
			free(t);
		}
	}
}

static void forget_former_tunnel(struct home_addr *h)
{
	h->former_tunnel = NULL;
	timer_cancel(h->m->timers, &h->former_timer);
}

int home_use_agent(struct home_addr *h, const struct in6_addr *ha)
{
	struct home *home = home_of(h->m);
	struct home_tunnel *t = NULL;
	struct bul_entry *e = NULL, *left = NULL;

	if (addr_equal(&h->ha, ha) && (h->bul || addr_is_unspecified(ha)))
		return 0;
	if (!addr_is_unspecified(ha)) {
		t = find_tunnel(home, ha);
		if (!t)
			t = home_tunnel_add(home, NULL, ha);
		if (home->listener && home->listener->chosen)
			home->listener->chosen(h->m, h, ha);
		e = bul_find(&home->bul, &h->hoa, ha);
		if (t && !e)
			e = bul_add(&home->bul, BUL_HOME, &h->hoa, ha);
		if (!t || !e) {
			home_drop_unused_tunnels(home);
			return -ENOMEM;
		}
	}
	home_former_take_back(h, ha);
	if (h->bul && h->bul != e)
		left = h->bul;
	h->soliciting = false;
	h->prefix_needed = false;
	h->prefix_asked = false;
	h->bul = e;
	h->ha = *ha;
	h->tunnel = t;
	h->next_tunnel = NULL;
	forget_former_tunnel(h);
	home_drop_unused_tunnels(home);
	home_path_changed(h);
	if (left)
		home_former_add(h, left);
	return 0;
}

void home_prepare_tunnel(struct home_addr *h)
{
	struct home *home = home_of(h->m);
	struct home_tunnel *t = find_pair(home, &h->ha, &h->at.coa);

	if (h->smooth && !t) {
		t = home_tunnel_add(home, NULL, &h->ha);
		if (t)
			t->coa = h->at.coa;
	}
	if (h->smooth && t && t != h->tunnel)
		h->next_tunnel = t;
	else if (t)
		h->tunnel = t;
	else
		h->tunnel->coa = h->at.coa;
	h->led = false;
	forget_former_tunnel(h);
	home_drop_unused_tunnels(home);
	home_path_changed(h);
}

void home_leave_former_tunnel(struct home_addr *h, bool linger)
{
	if (!h->next_tunnel)
		return;
	forget_former_tunnel(h);
	if (linger) {
		h->former_tunnel = h->tunnel;
		timer_set(h->m->timers, &h->former_timer, h->m->now_us + FORMER_US, &h->timers);
	}
	h->tunnel = h->next_tunnel;
	h->next_tunnel = NULL;
	home_drop_unused_tunnels(home_of(h->m));
	home_path_changed(h);
}

static void on_former_timer(struct timer *t, uint64_t now_us)
{
	struct home_addr *h = t->ctx;

	mip6_turn(h->m, now_us);
	h->former_tunnel = NULL;
	home_drop_unused_tunnels(home_of(h->m));
	home_path_changed(h);
	home_path_flush(h->m);
}

void home_init_tunnel(struct home_addr *h)
{
	timer_init(&h->former_timer, "former-tunnel", on_former_timer, h);
}
