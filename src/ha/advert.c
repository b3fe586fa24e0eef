// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * When router advertisements are sent on a home link, and what is thought of those that
 * are heard (RFC 4861 6.2.4 to 6.2.7, RFC 6275 7.5).
 *
 * One timer for the next advertisement to all nodes: after each, a random time between
 * HaMinRtrAdvInterval and HaMaxRtrAdvInterval, and no more than 16 s for the first three
 * and for three more whenever what is said has changed. A solicitation moves it to a
 * random moment within the next half second. Two advertisements to all nodes are never
 * nearer than HaMinDelayBetweenRAs; a node that solicits so soon after the last is
 * answered alone, after a random delay as well, so that one that comes home need not wait.
 * As many as HA_ADVERT_PENDING such answers wait; further nodes share the next one to all.
 *
 * Where another program on this machine advertises, two voices with one address would
 * contradict each other: unless the file says in so many words that we shall, we fall
 * silent on that link, without a last word, for as long as the other goes on.
 *
 * What does not fit in advertisements of others is said once for each router. Called by
 * ha.c.
 */
#include "ha/advert.h"

#include <errno.h>
#include <string.h>

#include "base/crypto.h"
#include "base/time.h"
#include "conf/option.h"
#include "ha/ha.h"

/* RFC 4861 section 10. */
#define MAX_INITIAL_RTR_ADVERT_INTERVAL_US (16 * US_PER_S)
#define MAX_INITIAL_RTR_ADVERTISEMENTS	   3
#define MAX_RA_DELAY_TIME_US		   (500 * US_PER_MS)
/* An advertiser that tells no interval and no lifetime: three times the default of RFC
 * 4861 6.2.1. */
#define ASIDE_DEFAULT_US (1800 * US_PER_S)

static const struct in6_addr all_nodes = { .s6_addr = { 0xff, 0x02, [15] = 0x01 } };

static const struct link *link_of(const struct ha_advert *a)
{
	return link_find(&a->m->links, a->ifindex);
}

static const char *name_of(const struct ha_advert *a)
{
	const struct link *l = link_of(a);

	return l ? l->l.name : "?";
}

/* Uniformly between both. */
static uint64_t random_between(uint64_t least_us, uint64_t most_us)
{
	uint64_t chance = 0;

	(void)crypto_random(&chance, sizeof(chance)); /* without: the least */
	return least_us + (most_us > least_us ? chance % (most_us - least_us + 1) : 0);
}

const char *ha_advert_state_name(enum ha_advert_state s)
{
	switch (s) {
	case HA_ADVERT_OFF:
		return "off";
	case HA_ADVERT_ON:
		return "on";
	case HA_ADVERT_ASIDE:
		return "aside";
	}
	return "?";
}

static void set_state(struct ha_advert *a, enum ha_advert_state s)
{
	if (a->state != s)
		log_debug(LOG_HA, "advertising on %s: %s -> %s", name_of(a),
			  ha_advert_state_name(a->state), ha_advert_state_name(s));
	a->state = s;
}

/* --- sending --------------------------------------------------------------------------- */

/* Encodes what is to be said to `to`. The length, or -errno. */
static int say(const struct ha_advert *a, const struct in6_addr *to, bool final, uint8_t *buf,
	       size_t size, struct mip6_path *path)
{
	const struct link *l = link_of(a);
	struct nd_msg msg;

	if (!l || !ha_advert_build(a->m->conf, l, final, &msg))
		return -ENODEV;
	*path = (struct mip6_path){ .local = *link_local_addr(l),
				    .peer = *to,
				    .ifindex = a->ifindex };
	return nd_encode(&msg, &path->local, to, buf, size);
}

static void send_to(struct ha_advert *a, const struct in6_addr *to, bool final)
{
	uint8_t buf[ND_LEN_MAX];
	struct mip6_path path;
	int len = say(a, to, final, buf, sizeof(buf), &path);

	if (len >= 0)
		mip6_send_icmp6(a->m, &path, ND_HOP_LIMIT, buf, (size_t)len);
}

static void set_timer(struct ha_advert *a, uint64_t at_us)
{
	timer_set(a->m->timers, &a->timer, at_us, NULL);
}

static void send_to_all(struct ha_advert *a)
{
	const struct conf *c = a->m->conf;
	uint64_t wait_us =
		random_between(c->ha_min_rtr_adv_interval_us, c->ha_max_rtr_adv_interval_us);
	struct mip6_path path;
	int len = say(a, &all_nodes, false, a->said, sizeof(a->said), &path);

	a->said_len = len > 0 ? (size_t)len : 0;
	if (len > 0)
		mip6_send_icmp6(a->m, &path, ND_HOP_LIMIT, a->said, a->said_len);
	a->last_us = a->m->now_us;
	if (a->initial) {
		a->initial--;
		if (wait_us > MAX_INITIAL_RTR_ADVERT_INTERVAL_US)
			wait_us = MAX_INITIAL_RTR_ADVERT_INTERVAL_US;
	}
	if (wait_us < c->ha_min_delay_between_ras_us)
		wait_us = c->ha_min_delay_between_ras_us;
	set_timer(a, a->m->now_us + wait_us);
}

static void on_timer(struct timer *t, uint64_t now_us)
{
	struct ha_advert *a = t->ctx;

	mip6_turn(a->m, now_us);
	if (a->state == HA_ADVERT_ON)
		send_to_all(a);
}

/* --- answers ----------------------------------------------------------------------------- */

static void set_answer_timer(struct ha_advert *a)
{
	uint64_t at_us = TIME_NEVER;

	for (unsigned int i = 0; i < a->pending_count; i++) {
		if (a->pending[i].at_us < at_us)
			at_us = a->pending[i].at_us;
	}
	timer_set(a->m->timers, &a->answer_timer, at_us, NULL);
}

static void on_answer_timer(struct timer *t, uint64_t now_us)
{
	struct ha_advert *a = t->ctx;
	unsigned int kept = 0;

	mip6_turn(a->m, now_us);
	for (unsigned int i = 0; i < a->pending_count; i++) {
		if (a->pending[i].at_us <= now_us)
			send_to(a, &a->pending[i].addr, false);
		else
			a->pending[kept++] = a->pending[i];
	}
	a->pending_count = kept;
	set_answer_timer(a);
}

/* RFC 4861 6.2.6: the delay is relative to the first solicitation. False: no room. */
static bool answer_alone(struct ha_advert *a, const struct in6_addr *to, uint64_t at_us)
{
	for (unsigned int i = 0; i < a->pending_count; i++) {
		if (addr_equal(&a->pending[i].addr, to))
			return true;
	}
	if (a->pending_count == HA_ADVERT_PENDING)
		return false;
	a->pending[a->pending_count].addr = *to;
	a->pending[a->pending_count++].at_us = at_us;
	set_answer_timer(a);
	return true;
}

void ha_advert_on_rs(struct ha_advert *a, const struct mip6_packet *p)
{
	uint64_t delay_us = random_between(0, MAX_RA_DELAY_TIME_US);
	uint64_t at_us = a->m->now_us + delay_us;
	uint64_t free_us = time_add(a->last_us, a->m->conf->ha_min_delay_between_ras_us);

	if (a->state != HA_ADVERT_ON)
		return;
	if (timer_is_set(&a->timer) && a->timer.at_us <= at_us)
		return; /* it is on its way */
	if (a->last_us && a->m->now_us < free_us) {
		if (!addr_is_unspecified(&p->path.peer) &&
		    answer_alone(a, &p->path.peer, at_us))
			return;
		at_us = free_us + delay_us;
		if (timer_is_set(&a->timer) && a->timer.at_us <= at_us)
			return;
	}
	set_timer(a, at_us);
}

/* --- beginning and ending ------------------------------------------------------------------ */

static void fall_silent(struct ha_advert *a)
{
	timer_cancel(a->m->timers, &a->timer);
	timer_cancel(a->m->timers, &a->answer_timer);
	a->pending_count = 0;
}

/* Now, but no sooner after the last one than unsolicited ones may be. */
static void say_soon(struct ha_advert *a)
{
	const struct conf *c = a->m->conf;
	uint64_t least_us = c->ha_min_rtr_adv_interval_us > c->ha_min_delay_between_ras_us ?
				    c->ha_min_rtr_adv_interval_us :
				    c->ha_min_delay_between_ras_us;
	uint64_t at_us = a->m->now_us;

	if (a->last_us && time_add(a->last_us, least_us) > at_us)
		at_us = time_add(a->last_us, least_us);
	a->initial = MAX_INITIAL_RTR_ADVERTISEMENTS;
	if (!timer_is_set(&a->timer) || a->timer.at_us > at_us)
		set_timer(a, at_us);
}

static bool is_stated(const struct mip6 *m)
{
	return conf_option_written(m->conf, "HaSendRouterAdvs")->line != 0;
}

/* What there shall be, by the configuration, the link, and who else is there. */
static enum ha_advert_state wanted(const struct ha_advert *a)
{
	const struct link *l = link_of(a);
	struct nd_msg msg;

	/* RFC 4861 6.2.2: functioning, enabled, with an address */
	if (!a->m->conf->ha_send_router_advs || !l || !l->l.up || !l->l.running ||
	    !l->l.multicast || !ha_advert_build(a->m->conf, l, false, &msg))
		return HA_ADVERT_OFF;
	if (a->aside_until_us > a->m->now_us && !is_stated(a->m))
		return HA_ADVERT_ASIDE;
	return HA_ADVERT_ON;
}

static bool has_changed(const struct ha_advert *a)
{
	uint8_t buf[ND_LEN_MAX];
	struct mip6_path path;
	int len = say(a, &all_nodes, false, buf, sizeof(buf), &path);

	return a->said_len && len > 0 &&
	       ((size_t)len != a->said_len || memcmp(buf, a->said, a->said_len) != 0);
}

void ha_advert_refresh(struct ha_advert *a)
{
	enum ha_advert_state next = wanted(a), was = a->state;

	if (was == HA_ADVERT_ON && next != HA_ADVERT_ON) {
		/* 6.2.5, where the link can carry it; a colleague needs no farewell */
		if (next == HA_ADVERT_OFF)
			send_to(a, &all_nodes, true);
		fall_silent(a);
	}
	set_state(a, next);
	if (next != HA_ADVERT_ON)
		return;
	if (was != HA_ADVERT_ON) {
		log_info(LOG_HA, "advertises as router and home agent on %s", name_of(a));
		say_soon(a);
	} else if (has_changed(a)) {
		say_soon(a);
	}
}

void ha_advert_end(struct ha_advert *a, bool final)
{
	if (a->state == HA_ADVERT_ON && final)
		send_to(a, &all_nodes, true);
	fall_silent(a);
	timer_cancel(a->m->timers, &a->aside_timer);
	set_state(a, HA_ADVERT_OFF);
}

static void on_aside_timer(struct timer *t, uint64_t now_us)
{
	struct ha_advert *a = t->ctx;

	mip6_turn(a->m, now_us);
	log_notice(LOG_HA, "no other program on this machine advertises on %s any longer",
		   name_of(a));
	ha_advert_refresh(a);
}

void ha_advert_init(struct ha_advert *a, struct mip6 *m, uint32_t ifindex)
{
	memset(a, 0, sizeof(*a));
	a->m = m;
	a->ifindex = ifindex;
	timer_init(&a->timer, "advertisement", on_timer, a);
	timer_init(&a->answer_timer, "advertisement-answer", on_answer_timer, a);
	timer_init(&a->aside_timer, "advertisement-aside", on_aside_timer, a);
}

/* --- what others say ------------------------------------------------------------------------ */

/* The faults last seen of that router. */
static unsigned int *faults_of(struct ha_advert *a, const struct in6_addr *from)
{
	unsigned int i;

	for (i = 0; i < a->peer_count; i++) {
		if (addr_equal(&a->peer[i].addr, from))
			return &a->peer[i].faults;
	}
	if (a->peer_count < HA_ADVERT_PEERS)
		i = a->peer_count++;
	else
		i = a->peer_next++ % HA_ADVERT_PEERS;
	a->peer[i].addr = *from;
	a->peer[i].faults = 0;
	return &a->peer[i].faults;
}

static void tell_faults(struct ha_advert *a, const struct in6_addr *from, unsigned int faults)
{
	unsigned int *known = faults_of(a, from);
	unsigned int news = faults & ~*known;

	*known = faults;
	for (unsigned int i = 0; i < HA_ADVERT_FAULTS; i++) {
		if (news & 1U << i)
			log_limited(&a->m->drop_limit, a->m->now_us, LOG_HA, LOGL_WARNING,
				    "router advertisement from=%s on=%s: %s", ADDR_STR(from),
				    name_of(a), ha_advert_fault_text(1U << i));
	}
}

/* How long after this advertisement its sender is taken to go on. */
static uint64_t goes_on_us(const struct nd_msg *msg)
{
	if (nd_has(&msg->opts, ND_HAS_ADV_INTERVAL))
		return 3 * msg->opts.adv_interval_ms * US_PER_MS + US_PER_S;
	return msg->ra.lifetime_s ? msg->ra.lifetime_s * US_PER_S : ASIDE_DEFAULT_US;
}

/* Another program on this machine. */
static void hear_own(struct ha_advert *a, const struct in6_addr *from, const struct nd_msg *msg)
{
	const struct link *l = link_of(a);
	bool was_there = a->aside_until_us > a->m->now_us;
	/* 6.2.5: its last word */
	bool ends = msg->ra.lifetime_s == 0 && a->aside_was_router;

	a->aside_was_router = msg->ra.lifetime_s != 0;
	a->aside_until_us = ends ? a->m->now_us : time_add(a->m->now_us, goes_on_us(msg));
	timer_set(a->m->timers, &a->aside_timer, a->aside_until_us, NULL);
	if (ends || !l)
		return;
	if (!was_there && a->m->conf->ha_send_router_advs && !is_stated(a->m))
		log_notice(LOG_HA, "another program on this machine advertises on %s: left to it",
			   name_of(a));
	else if (!was_there && a->m->conf->ha_send_router_advs)
		log_warning(LOG_HA, "another program on this machine advertises on %s as well: "
				    "disable it, or HaSendRouterAdvs",
			    name_of(a));
	tell_faults(a, from, ha_advert_faults_own(a->m->conf, l, msg));
	ha_advert_refresh(a);
}

void ha_advert_on_ra(struct ha_advert *a, const struct mip6_packet *p, const struct nd_msg *msg)
{
	const struct link *l = link_of(a);
	struct nd_msg ours;

	/* an echo of what we said ourselves, by a bridge or a tap */
	if (!l || (p->len == a->said_len && memcmp(p->data, a->said, p->len) == 0))
		return;
	if (link_find_addr(&a->m->links, &p->path.peer, NULL)) {
		hear_own(a, &p->path.peer, msg);
		return;
	}
	/* 6.2.7 is about what hosts believe; a router that leaves tells them nothing */
	if (msg->ra.lifetime_s == 0 && !msg->opts.prefix_count)
		return;
	if (a->state == HA_ADVERT_ON && ha_advert_build(a->m->conf, l, false, &ours))
		tell_faults(a, &p->path.peer, ha_advert_faults_other(&ours, msg));
	else
		tell_faults(a, &p->path.peer, ha_advert_faults_other(NULL, msg));
}
