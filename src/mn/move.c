// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Movement: which interfaces there are, and which of them is the attachment (RFC
 * 6275 11.5). What concerns a single interface is in the other files move*.c.
 *
 * Every event ends in move_changed(): the kernel's objects of that interface are
 * brought up to date, then the best interface is chosen. When the attachment is
 * another one, registration is told (home_on_attachment()) while the objects of the
 * former still exist; afterwards those of a link left behind are removed. An
 * interface that is merely better than the one in use has to have been so for a
 * while (against flapping); one that takes over from a lost one, not.
 *
 * Called by mn.c, and by registration through attach.h.
 */
#include "mn/move.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How long a better interface must have been usable before it is taken. */
#define STABLE_US (2 * US_PER_S)

#define PREFERENCE_LAST 10

struct move_iface *move_find(const struct mip6 *m, uint32_t ifindex)
{
	struct move_iface *i;

	TAILQ_FOREACH (i, &move_of(m)->ifaces, entry) {
		if (i->ifindex == ifindex)
			return i;
	}
	return NULL;
}

/* --- objects ------------------------------------------------------------------------ */

static void keep_objects(struct move_iface *i)
{
	struct footprint f;

	footprint_init(&f);
	if (!i->observed) {
		move_settings_footprint(i, &f);
		kept_set(&i->settings, &f);
		footprint_init(&f);
		move_objects_footprint(i, &f);
	} else {
		move_observed_footprint(i, &f);
	}
	kept_set(&i->objects, &f);
}

/* Prefixes that no router says any more, and that are not in use. */
static void drop_left_prefixes(struct move *move)
{
	struct move_iface *i;

	TAILQ_FOREACH (i, &move->ifaces, entry) {
		bool dropped = false;

		for (int n = 0; n < MOVE_PREFIXES_MAX; n++) {
			struct move_prefix *p = &i->prefixes[n];

			if (!p->used || p->routers ||
			    (i == move->current && addr_equal(&p->addr, &move->now.coa)))
				continue;
			memset(p, 0, sizeof(*p));
			dropped = true;
		}
		if (dropped)
			keep_objects(i);
	}
}

/* --- the attachment of an interface ---------------------------------------------------- */

static void put_prefixes(const struct move_iface *i, struct attachment *a)
{
	for (int n = 0; n < MOVE_PREFIXES_MAX && a->on_link_count < ATTACH_PREFIX_MAX; n++) {
		const struct move_prefix *p = &i->prefixes[n];

		if (move_is_on_link(i, p) && move_is_advertised(i, p) && move_is_still_said(i, p))
			a->on_link[a->on_link_count++] = p->prefix;
	}
}

/* False: there is none. */
static bool attachment_of(struct move_iface *i, struct attachment *a)
{
	const struct move_router *r = i->router >= 0 ? &i->routers[i->router] : NULL;
	const struct kaddr_event *observed;
	const struct move_prefix *p;

	memset(a, 0, sizeof(*a));
	if (!i->running)
		return false;
	a->usable = true;
	a->ifindex = i->ifindex;
	a->cause = i->cause;
	a->event_us = i->event_us;
	a->rs_us = i->rs_us;
	a->ra_us = i->ra_us;
	a->addr_us = i->move->m->now_us;
	if (i->observed) {
		observed = move_observed_addr(i);
		if (!observed)
			return false;
		a->coa = observed->addr;
		return true;
	}
	p = i->suspect ? NULL : move_best_prefix(i);
	if (!p || !r)
		return false;
	a->coa = p->addr;
	a->coa_optimistic = p->optimistic;
	a->router = r->addr;
	a->router_lladdr_len = r->lladdr_len;
	memcpy(a->router_lladdr, r->lladdr, sizeof(a->router_lladdr));
	a->router_global = r->global;
	a->router_is_ha = r->home_agent;
	put_prefixes(i, a);
	return true;
}

/* --- choice --------------------------------------------------------------------------- */

static bool is_preferred(const struct move_iface *i)
{
	return strcmp(i->name, i->move->preferred) == 0;
}

/* True when `a` is better than `b`, both ready. */
static bool is_better(const struct move_iface *a, const struct move_iface *b)
{
	if (a->silent != b->silent)
		return b->silent;
	if (is_preferred(a) != is_preferred(b))
		return is_preferred(a);
	return a->preference < b->preference;
}

/* The best that is ready; with a look at how long a better one has been so. `*again_us`
 * is when to look again. */
static struct move_iface *best_iface(struct move *move, uint64_t *again_us)
{
	struct move_iface *i, *best = NULL, *current = move->current;
	uint64_t now_us = move->m->now_us;

	if (current && !current->ready)
		current = NULL;
	TAILQ_FOREACH (i, &move->ifaces, entry) {
		if (i->ready && (!best || is_better(i, best) || (i == current &&
								  !is_better(best, i))))
			best = i;
	}
	if (!best || !current || best == current || current->silent)
		return best;
	if (best->ready_us + STABLE_US <= now_us)
		return best;
	*again_us = best->ready_us + STABLE_US;
	return current;
}

/* At start: one that is better than `best`, and has its carrier, may need a moment. */
static bool is_worth_waiting(const struct move *move, const struct move_iface *best)
{
	const struct move_iface *i;

	if (move->m->now_us >= move->settle_us)
		return false;
	TAILQ_FOREACH (i, &move->ifaces, entry) {
		if (i != best && i->running && !i->ready && i->preference < best->preference)
			return true;
	}
	return false;
}

static bool is_same_place(const struct attachment *a, const struct attachment *b)
{
	if (a->usable != b->usable)
		return false;
	return !a->usable || (a->ifindex == b->ifindex && addr_equal(&a->coa, &b->coa) &&
			      addr_equal(&a->router, &b->router));
}

static bool is_same_detail(const struct attachment *a, const struct attachment *b)
{
	if (!a->usable)
		return true;
	if (a->coa_optimistic != b->coa_optimistic || a->router_is_ha != b->router_is_ha ||
	    !addr_equal(&a->router_global, &b->router_global) ||
	    a->on_link_count != b->on_link_count || a->router_lladdr_len != b->router_lladdr_len ||
	    memcmp(a->router_lladdr, b->router_lladdr, a->router_lladdr_len) != 0)
		return false;
	for (unsigned int n = 0; n < a->on_link_count; n++) {
		if (!prefix_equal(&a->on_link[n], &b->on_link[n]))
			return false;
	}
	return true;
}

static void attach(struct move *move, struct move_iface *i, const struct attachment *a)
{
	struct attachment old = move->now;

	move->now = *a;
	move->current = i;
	if (i) {
		log_info(LOG_MOVE, "attached to %s coa=%s router=%s", i->name, ADDR_STR(&a->coa),
			 ADDR_STR(&a->router));
		move_greet(i, a);
	} else {
		log_notice(LOG_MOVE, "attached to nothing");
	}
	home_on_attachment(move->m, &old, a);
}

/* Why an interface takes over that has had no event of its own. */
static void set_cause(const struct move *move, const struct move_iface *i, struct attachment *a)
{
	if (!move->current || move->current == i || !move->now.usable)
		return;
	if (move->current->ready) {
		a->cause = ATTACH_PREFERENCE;
	} else {
		a->cause = move->current->running ? move->current->cause : ATTACH_LINK_DOWN;
		a->event_us = move->current->event_us;
	}
}

static void choose(struct move *move)
{
	struct mip6 *m = move->m;
	uint64_t again_us = TIME_NEVER;
	struct move_iface *i, *best;
	struct attachment a;

	if (move->deferred)
		return;
	TAILQ_FOREACH (i, &move->ifaces, entry) {
		bool ready = attachment_of(i, &a);

		if (ready && !i->ready)
			i->ready_us = m->now_us;
		i->ready = ready;
	}
	best = best_iface(move, &again_us);
	if (best && !move->now.usable && is_worth_waiting(move, best)) {
		again_us = move->settle_us;
		best = NULL;
	}
	timer_set(m->timers, &move->choose, again_us, &move->timers);
	if (best) {
		attachment_of(best, &a);
		set_cause(move, best, &a);
	} else {
		memset(&a, 0, sizeof(a));
		a.cause = move->current ? move->current->cause : ATTACH_LINK_DOWN;
	}
	if (!is_same_place(&a, &move->now)) {
		if (move->paused)
			return;
		attach(move, best, &a);
	} else if (!is_same_detail(&a, &move->now)) {
		/* the times belong to the change of place */
		a.cause = move->now.cause;
		a.event_us = move->now.event_us;
		a.rs_us = move->now.rs_us;
		a.ra_us = move->now.ra_us;
		a.addr_us = move->now.addr_us;
		move->now = a;
		home_on_attachment_detail(m, &move->now);
	}
	/* While nothing else is there, what is left of the former place may be needed. */
	if (best)
		drop_left_prefixes(move);
}

static void on_choose(struct timer *t, uint64_t now_us)
{
	struct move *move = t->ctx;

	mip6_turn(move->m, now_us);
	choose(move);
}

void move_changed(struct move_iface *i)
{
	if (i->move->stopping)
		return;
	keep_objects(i);
	choose(i->move);
}

/* --- interfaces ------------------------------------------------------------------------ */

/* Preference of an interface, 0: not to be used. */
static uint8_t preference_of(const struct conf *c, const struct klink *l, bool *observed)
{
	const struct conf_interface *i = conf_interface_find(c, l->name);

	*observed = i && i->tunnel;
	if (l->ours || l->gone || l->kind == KLINK_LOOPBACK)
		return 0;
	if (i)
		return i->role == CONF_ROLE_MN ? i->preference : 0;
	return c->mn_use_all_interfaces && l->kind == KLINK_ETHER ? PREFERENCE_LAST : 0;
}

static void add_iface(struct move *move, const struct klink *l, uint8_t preference, bool observed)
{
	struct move_iface *i = calloc(1, sizeof(*i));

	if (!i) {
		log_error(LOG_MOVE, "%s: no memory", l->name);
		return;
	}
	i->ifindex = l->ifindex;
	strlcpy(i->name, l->name, sizeof(i->name));
	i->told = *l;
	i->preference = preference;
	i->observed = observed;
	move_iface_init(i, move);
	TAILQ_INSERT_TAIL(&move->ifaces, i, entry);
	log_info(LOG_MOVE, "%s %s", observed ? "observing" : "using", i->name);
	keep_objects(i);
	move_carrier(i, l->running);
	move_network(i, l->ssid);
}

/* It cannot be chosen any longer; its objects are still there. */
static void retire_iface(struct move_iface *i, bool gone)
{
	log_info(LOG_MOVE, "%s is %s", i->name, gone ? "gone" : "no longer used");
	i->retired = true;
	i->running = false;
	i->cause = ATTACH_LINK_DOWN;
	i->event_us = i->move->m->now_us;
}

/* After another one has been chosen. */
static void drop_iface(struct move_iface *i, bool gone)
{
	struct move *move = i->move;

	move_forget(i);
	if (!gone) {
		kept_end(&i->objects);
		kept_end(&i->settings);
	}
	TAILQ_REMOVE(&move->ifaces, i, entry);
	if (move->current == i)
		move->current = NULL;
	move_iface_free(i);
	free(i);
}

/* An interface that is known: follows link and configuration. */
static void update_iface(struct move_iface *i, const struct klink *l)
{
	bool observed;
	uint8_t preference = preference_of(i->move->m->conf, l, &observed);

	if (strcmp(i->name, l->name) != 0) {
		log_info(LOG_MOVE, "%s is called %s now", i->name, l->name);
		strlcpy(i->name, l->name, sizeof(i->name));
	}
	if (!preference || observed != i->observed || l->gone) {
		retire_iface(i, l->gone);
		return;
	}
	if (i->preference != preference) {
		i->preference = preference;
		move_changed(i);
	}
	move_link_differs(i, l);
	move_carrier(i, l->running);
	move_network(i, l->ssid);
}

static void find_iface(struct mip6 *m, const struct klink *l)
{
	bool observed;
	uint8_t preference = preference_of(m->conf, l, &observed);

	if (preference && !move_find(m, l->ifindex))
		add_iface(move_of(m), l, preference, observed);
}

static void refresh_iface(struct mip6 *m, const struct klink *l)
{
	struct move_iface *i = move_find(m, l->ifindex);

	if (i) {
		update_iface(i, l);
		if (i->retired) {
			choose(move_of(m));
			drop_iface(i, l->gone);
		}
	}
	find_iface(m, l);
}

static void find_all(struct mip6 *m)
{
	const struct link *l;

	TAILQ_FOREACH (l, &m->links.links, entry)
		find_iface(m, &l->l);
}

/* --- events ---------------------------------------------------------------------------- */

void move_on_link(struct mip6 *m, const struct klink *l)
{
	refresh_iface(m, l);
}

void move_on_addr(struct mip6 *m, const struct kaddr_event *a)
{
	struct move_iface *i = move_find(m, a->ifindex);

	if (i)
		move_on_address(i, a);
}

void move_on_nd(struct mip6 *m, const struct mip6_packet *p, const struct nd_msg *msg)
{
	struct move_iface *i = move_find(m, p->path.ifindex);

	if (i && msg->type == ND_RA)
		move_on_ra(i, p, msg);
}

static bool is_router_in_use(const struct move_iface *i, const struct in6_addr *a)
{
	return i && i->router >= 0 && addr_equal(&i->routers[i->router].addr, a);
}

void move_on_neigh(struct mip6 *m, const struct kneigh_event *n)
{
	struct move_iface *i = move_find(m, n->ifindex);

	if (!is_router_in_use(i, &n->addr))
		return;
	switch (n->state) {
	case KNEIGH_FAILED:
		move_on_no_progress(i);
		return;
	case KNEIGH_REACHABLE:
		/* Of the router that was, perhaps: while there is doubt only its answer to
		 * our own question counts. */
		if (!i->probe)
			move_confirm(i);
		return;
	case KNEIGH_NONE:
	case KNEIGH_PROBING:
	case KNEIGH_STALE:
		return;
	}
}

void move_on_lost(struct mip6 *m, const struct kobj *o)
{
	struct move *move = move_of(m);
	struct move_iface *i;

	if (kept_on_lost(&move->rule, o))
		return;
	TAILQ_FOREACH (i, &move->ifaces, entry) {
		if (kept_on_lost(&i->settings, o) || kept_on_lost(&i->objects, o))
			return;
	}
}

/* --- for registration (attach.h) ------------------------------------------------------- */

const struct attachment *attach_current(const struct mip6 *m)
{
	return &move_of(m)->now;
}

uint64_t attach_valid_until_us(const struct mip6 *m, uint32_t ifindex, const struct in6_addr *coa)
{
	const struct move_iface *i = move_find(m, ifindex);
	const struct link_addr *observed;

	if (!i)
		return TIME_NEVER;
	if (i->observed) {
		observed = link_find_addr(&m->links, coa, NULL);
		return observed ? observed->a.valid_until_us : TIME_NEVER;
	}
	for (int n = 0; n < MOVE_PREFIXES_MAX; n++) {
		if (i->prefixes[n].used && addr_equal(&i->prefixes[n].addr, coa))
			return i->prefixes[n].valid_us;
	}
	return TIME_NEVER;
}

void attach_hint(struct mip6 *m, bool good)
{
	struct move_iface *i = move_of(m)->current;

	if (!i || !move_of(m)->now.usable)
		return;
	if (good)
		move_confirm(i);
	else
		move_on_no_progress(i);
}

void attach_rebind(struct mip6 *m)
{
	struct move_iface *i;

	TAILQ_FOREACH (i, &move_of(m)->ifaces, entry) {
		i->ready_us = 0; /* no waiting for a better one to prove itself */
		move_solicit(i);
	}
	choose(move_of(m));
}

int attach_prefer(struct mip6 *m, const char *name)
{
	struct move *move = move_of(m);
	struct move_iface *i;

	TAILQ_FOREACH (i, &move->ifaces, entry) {
		if (strcmp(i->name, name) == 0)
			break;
	}
	if (*name && !i)
		return -ENODEV;
	strlcpy(move->preferred, name, sizeof(move->preferred));
	if (i)
		i->ready_us = 0; /* who says so need not be waited for */
	choose(move);
	return 0;
}

void attach_pause(struct mip6 *m, bool pause)
{
	struct move *move = move_of(m);

	log_notice(LOG_MOVE, "%s", pause ? "paused: no handovers" : "handovers go on");
	move->paused = pause;
	choose(move);
}

/* --- life ------------------------------------------------------------------------------ */

int move_start(struct mip6 *m)
{
	struct move *move = calloc(1, sizeof(*move));
	struct footprint f;

	if (!move)
		return -ENOMEM;
	mn_of(m)->move = move;
	move->m = m;
	TAILQ_INIT(&move->ifaces);
	timer_owner_init(&move->timers);
	timer_init(&move->choose, "choose-interface", on_choose, move);
	move->settle_us = time_add(m->now_us, m->conf->interface_initial_init_delay_us);
	kept_init(&move->rule, m, "routing rule");
	footprint_init(&f);
	move_rule_footprint(&f);
	kept_set(&move->rule, &f);
	find_all(m);
	if (TAILQ_EMPTY(&move->ifaces))
		log_warning(LOG_MOVE, "none of the interfaces of the configuration exists yet");
	return 0;
}

void move_stop(struct mip6 *m, enum role_stop how)
{
	struct move *move = move_of(m);
	struct footprint nothing;
	struct move_iface *i;

	if (!move)
		return;
	move->stopping = true;
	timers_cancel_owner(m->timers, &move->timers);
	TAILQ_FOREACH (i, &move->ifaces, entry) {
		mip6_probe_cancel(m, i->probe);
		i->probe = NULL;
	}
	if (how == ROLE_RESTART)
		return;
	footprint_init(&nothing);
	TAILQ_FOREACH (i, &move->ifaces, entry) {
		kept_set(&i->objects, &nothing);
		kept_set(&i->settings, &nothing);
		move_solicit_for_kernel(i);
	}
	kept_set(&move->rule, &nothing);
}

void move_free(struct mip6 *m)
{
	struct move *move = move_of(m);
	struct move_iface *i;

	if (!move)
		return;
	while ((i = TAILQ_FIRST(&move->ifaces))) {
		TAILQ_REMOVE(&move->ifaces, i, entry);
		i->probe = NULL; /* the core has freed all probes */
		move_iface_free(i);
		free(i);
	}
	timers_cancel_owner(m->timers, &move->timers);
	kept_free(&move->rule);
	free(move);
	mn_of(m)->move = NULL;
}

/* An address that has become a home address; and where home is has changed, so another
 * router may be the better one. */
static void follow_homes(struct move_iface *i)
{
	for (int n = 0; n < MOVE_PREFIXES_MAX; n++) {
		struct move_prefix *p = &i->prefixes[n];

		if (p->used && p->state != MOVE_ADDR_NONE &&
		    home_is_home_address(i->move->m, &p->addr))
			move_make_address(i, p);
	}
	move_choose_router(i);
	keep_objects(i);
}

/* The choice is made once, when all interfaces have what is new: else the node might go
 * somewhere for a moment. */
void move_reconfigure(struct mip6 *m)
{
	struct move *move = move_of(m);
	struct move_iface *i, *next;

	move->deferred = true;
	TAILQ_FOREACH (i, &move->ifaces, entry) {
		const struct link *l = link_find(&m->links, i->ifindex);

		if (l)
			update_iface(i, &l->l);
		if (!i->retired)
			follow_homes(i);
	}
	move->deferred = false;
	choose(move);
	for (i = TAILQ_FIRST(&move->ifaces); i; i = next) {
		next = TAILQ_NEXT(i, entry);
		if (i->retired)
			drop_iface(i, false);
	}
	find_all(m);
}
