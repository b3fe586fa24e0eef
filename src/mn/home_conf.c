// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Home addresses as the configuration has them: those that come, those that change, and
 * those that go.
 *
 * One that goes while the node is away is deleted at its home agent first (RFC 6275
 * 11.7.1), with repetitions as for any update, so that it does not stay bound to a node
 * that does not answer to it any more; on its home link as for every return (11.5.5).
 * Meanwhile it is leaving: it is still on its interface, because IPsec may need it there,
 * but for nobody's use. Where there is nothing to delete or no answer comes, it is removed.
 * Addresses that were learned beside it by prefix discovery follow it.
 *
 * Called by mn.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mn/home.h"

/* One that leaves while the node is nowhere waits so long for a place to say so from. */
#define ATTACH_WAIT_US (30 * US_PER_S)

/* The name of its home agent, which counts where there is no address. */
static int set_name(struct home_addr *h, const struct conf_home *c)
{
	const char *name = addr_is_unspecified(&c->ha) ? c->ha_name : NULL;

	free(h->ha_name);
	h->ha_name = name ? strdup(name) : NULL;
	return name && !h->ha_name ? -ENOMEM : 0;
}

static bool has_same_agent(const struct home_addr *h, const struct conf_home *c)
{
	const char *name = addr_is_unspecified(&c->ha) ? c->ha_name : NULL;

	return addr_equal(&h->fixed_ha, &c->ha) &&
	       strcmp(name ? name : "", h->ha_name ? h->ha_name : "") == 0;
}

struct home_addr *home_add_conf(struct mip6 *m, const struct conf_home *c)
{
	struct home_addr *h = home_add(m, &c->hoa, c->hoa_len, &c->home_prefix, &c->ha, NULL);

	if (h && set_name(h, c)) {
		home_remove(m, h);
		h = NULL;
	}
	return h;
}

/* --- leaving ------------------------------------------------------------------- */

void home_has_left(struct home_addr *h)
{
	home_cancel(h);
	if (h->bul)
		bul_note_gone(h->bul);
	h->left = true;
	home_set_state(h, HOME_LEAVING);
	timer_set(h->m->timers, &h->send_timer, h->m->now_us, &h->timers);
}

void home_go_on_leaving(struct home_addr *h)
{
	bool way_is_there = h->state == HOME_REGISTERED;

	if (!h->bul || !bul_may_be_bound(h->bul, h->m->now_us)) {
		home_has_left(h);
	} else if (!h->at.usable) {
		home_set_state(h, HOME_LEAVING);
		timer_set(h->m->timers, &h->send_timer, h->m->now_us + ATTACH_WAIT_US, &h->timers);
	} else if (home_is_on_home_link(h)) {
		home_return_to(h);
	} else if (way_is_there) { /* perhaps not for long, if an interface goes as well */
		home_set_state(h, HOME_LEAVING);
		home_deregister(h);
	} else {
		home_prepare_tunnel(h);
		home_set_state(h, HOME_LEAVING);
		h->due = true;
	}
}

static void leave(struct home_addr *h)
{
	timer_cancel(h->m->timers, &h->expiry_timer);
	h->leaving = true;
	h->was_bound = false;
	home_begin(h);
}

/* --- a new configuration ------------------------------------------------------- */

static const struct conf_home *find_conf(const struct conf *c, const struct in6_addr *hoa)
{
	size_t i;

	for (i = 0; i < c->home_count; i++) {
		if (addr_equal(&c->homes[i].hoa, hoa))
			return &c->homes[i];
	}
	return NULL;
}

/* The home agent of the configuration is another one; what the former one has is deleted
 * (home_former.c). */
static void change_agent(struct home_addr *h, const struct conf_home *c)
{
	h->fixed_ha = c->ha;
	if (set_name(h, c))
		log_error(LOG_MN, "hoa=%s: no memory", ADDR_STR(&h->hoa));
	home_forget_agents(h);
	home_use_agent(h, &c->ha);
}

/* What it does is not what it should do under the configuration at hand. */
static bool is_in_wrong_place(const struct home_addr *h)
{
	bool home = h->state == HOME_CLAIMING || h->state == HOME_RETURNING ||
		    h->state == HOME_AT_HOME;

	return h->at.usable && home != home_is_on_home_link(h);
}

/* What a home address has become; `learned`: `c` is that of its parent. */
static void follow_conf(struct home_addr *h, const struct conf_home *c, bool learned)
{
	bool again = h->leaving || h->state == HOME_REFUSED || !has_same_agent(h, c);

	h->leaving = false;
	h->left = false;
	if (!learned) {
		again |= h->hoa_len != c->hoa_len || !prefix_equal(&h->prefix, &c->home_prefix);
		h->hoa_len = c->hoa_len;
		h->prefix = c->home_prefix;
		memset(&h->parent, 0, sizeof(h->parent)); /* it stands there itself */
	}
	if (!has_same_agent(h, c))
		change_agent(h, c);
	/* Who was refused may ask again: the operator has looked into it. */
	h->taken = false;
	if (h->bul)
		h->bul->no_more = false;
	if (again || is_in_wrong_place(h))
		home_begin(h);
	else
		home_prefix_follow(h);
}

static void follow_all(struct mip6 *m)
{
	struct home_addr *h;

	TAILQ_FOREACH (h, &home_of(m)->addrs, entry) {
		const struct conf_home *c = find_conf(m->conf, &h->hoa);
		const struct conf_home *parent = find_conf(m->conf, &h->parent);

		if (c || parent)
			follow_conf(h, c ? c : parent, !c);
		else if (!h->leaving)
			leave(h);
	}
}

void home_reconfigure(struct mip6 *m)
{
	follow_all(m);
	for (size_t i = 0; i < m->conf->home_count; i++) {
		const struct conf_home *c = &m->conf->homes[i];
		struct home_addr *h;

		if (home_find(m, &c->hoa))
			continue;
		h = home_add_conf(m, c);
		if (!h) {
			log_error(LOG_MN, "hoa=%s: no memory", ADDR_STR(&c->hoa));
			continue;
		}
		h->at = *attach_current(m);
		home_begin(h);
	}
	home_of(m)->dirty = true; /* policies of IPsec */
}
