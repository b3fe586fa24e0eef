// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mobile prefix discovery (RFC 6275 11.4.2, 11.4.3): asking the home agent for the
 * prefixes of the home link, and what the answer changes: the lifetimes of home
 * addresses, which are no longer used when they end, and new home addresses, where
 * the home network is being renumbered.
 *
 * It asks when a registration is confirmed for the first time, when the home agent
 * says that it is necessary (status 1), when it advertises without being asked, and
 * before a home address becomes invalid. Advertisements are processed as router
 * advertisements on the home link would be (RFC 4862 5.5.3), with its rule against
 * lifetimes cut short by whoever can send one. At home it is those of the link that count.
 */
#include "base/crypto.h"
#include "core/ipsec.h"
#include "mn/home.h"
#include "mn/kept_state.h"

/* RFC 4862 5.5.3 e: what a lifetime may be shortened to without authentication. */
#define TWO_HOURS_US (7200 * US_PER_S)
/* An address whose end is noticed so late ended while the machine slept ... */
#define ASLEEP_US (5 * US_PER_S)
/* ... and is tried again after this. */
#define REVIVE_US US_PER_S
/* Not more often than this because of lifetimes. */
#define ASK_AGAIN_MIN_US (30 * US_PER_S)
/* Learned addresses beside one of the configuration. */
#define LEARNED_MAX 15
/* For the kernel to confirm what is wanted of it. */
#define WAY_WAIT_US (10 * US_PER_MS)

/* --- asking -------------------------------------------------------------------- */

static void send_solicitation(struct home_addr *h)
{
	/* MUST use the Home Address option. */
	const struct mip6_path path = { .local = h->at.coa,
					.local_home = h->hoa,
					.peer = h->ha,
					.by_policy = home_is_protected(h) &&
						     ipsec_protects_prefixes(h->m->conf, &h->hoa,
									     &h->ha) };
	struct icmp6_msg msg = { .type = ICMP6_MSG_MPS };

	/* MUST set the Identifier to a random value. */
	crypto_random(&h->mps_id, sizeof(h->mps_id));
	msg.mps.id = h->mps_id;
	mip6_send_icmp6_msg(h->m, &path, &msg);
	timer_set(h->m->timers, &h->mps_timer, h->m->now_us + h->mps_timeout_us, &h->timers);
}

static void solicit(struct home_addr *h)
{
	if (!h->m->conf->send_mob_pfx_sols || h->soliciting || h->state != HOME_REGISTERED)
		return;
	/* The kernel, which puts in the option, must know a way from the home address. */
	if (home_is_protected(h) && h->installed_path < h->wanted_path) {
		timer_set(h->m->timers, &h->mps_timer, h->m->now_us + WAY_WAIT_US, &h->timers);
		return;
	}
	h->soliciting = true;
	h->mps_timeout_us = h->m->conf->initial_solicit_timer_us; /* 11.8 */
	send_solicitation(h);
}

/* 11.8: doubled until MAX_BINDACK_TIMEOUT; beyond, only where it is necessary. */
static void on_mps_timer(struct timer *t, uint64_t now_us)
{
	struct home_addr *h = t->ctx;

	mip6_turn(h->m, now_us);
	if (h->state != HOME_REGISTERED) {
		h->soliciting = false;
		return;
	}
	if (!h->soliciting) {
		solicit(h);
		return;
	}
	if (h->mps_timeout_us >= BUL_MAX_BINDACK_TIMEOUT_US && !h->prefix_needed) {
		h->soliciting = false;
		h->prefix_asked = true;
		log_info(LOG_MN, "hoa=%s ha=%s tells no prefixes", ADDR_STR(&h->hoa),
			 ADDR_STR(&h->ha));
		return;
	}
	h->mps_timeout_us *= 2;
	if (h->mps_timeout_us > BUL_MAX_BINDACK_TIMEOUT_US)
		h->mps_timeout_us = BUL_MAX_BINDACK_TIMEOUT_US;
	send_solicitation(h);
}

/* --- lifetimes ----------------------------------------------------------------- */

static uint64_t ends_us(const struct home_addr *h, uint32_t lifetime_s)
{
	return lifetime_s == ND_LIFETIME_INFINITE ?
		       TIME_NEVER :
		       time_add(h->m->now_us, lifetime_s * US_PER_S);
}

static void set_lifetime_timer(struct home_addr *h)
{
	uint64_t next_us = h->deprecated ? h->valid_until_us : h->preferred_until_us;

	timer_set(h->m->timers, &h->lifetime_timer, next_us, &h->timers);
}

/* When to ask again: half way to the end of the preferred lifetime, or, past that,
 * to the end of the valid one. */
static void set_next_question(struct home_addr *h)
{
	uint64_t now_us = h->m->now_us;
	uint64_t end_us = h->deprecated ? h->valid_until_us : h->preferred_until_us;
	uint64_t after_us = time_until(end_us, now_us) / 2;

	if (after_us < ASK_AGAIN_MIN_US)
		after_us = ASK_AGAIN_MIN_US;
	h->ask_us = end_us == TIME_NEVER ? TIME_NEVER : now_us + after_us;
	if (!h->soliciting)
		timer_set(h->m->timers, &h->mps_timer, h->ask_us, &h->timers);
}

void home_prefix_resume(struct home_addr *h)
{
	if (!h->prefix_asked || h->prefix_needed)
		solicit(h);
	else if (!h->soliciting)
		timer_set(h->m->timers, &h->mps_timer, h->ask_us, &h->timers);
}

void home_prefix_follow(struct home_addr *h)
{
	if (h->m->conf->send_mob_pfx_sols) {
		if (h->state == HOME_REGISTERED)
			home_prefix_resume(h);
		return;
	}
	h->soliciting = false;
	timer_cancel(h->m->timers, &h->mps_timer);
	if (h->prefix_needed && h->refresh_us)
		timer_set(h->m->timers, &h->refresh_timer, h->refresh_us, &h->timers);
	h->prefix_needed = false;
}

/* The address is no more: RFC 6275 11.4.2 prohibits its use. */
static void invalidate(struct home_addr *h)
{
	const struct home_listener *l = home_of(h->m)->listener;

	if (h->leaving) {
		home_has_left(h);
		return;
	}
	log_warning(LOG_MN, "hoa=%s is not valid any more", ADDR_STR(&h->hoa));
	/* Nobody could be asked: no home agent was in reach, or this machine slept. */
	h->lapsed = addr_is_unspecified(&h->parent) &&
		    (h->state != HOME_REGISTERED ||
		     h->m->now_us - h->valid_until_us > ASLEEP_US);
	home_say_goodbye(h);
	home_cancel(h);
	h->invalid = true;
	home_set_state(h, HOME_REFUSED);
	home_path_changed(h);
	if (l && l->lost)
		l->lost(h->m, h);
	mn_save_no_home(h->m, h);
	if (!addr_is_unspecified(&h->parent))
		home_remove(h->m, h);
	else if (h->lapsed)
		timer_set(h->m->timers, &h->send_timer, h->m->now_us + REVIVE_US, &h->timers);
}

void home_prefix_revive(struct home_addr *h)
{
	if (!h->invalid || !h->lapsed)
		return;
	h->invalid = false;
	h->deprecated = false;
	h->valid_until_us = TIME_NEVER;
	h->preferred_until_us = TIME_NEVER;
	h->prefix_asked = false;
	home_path_changed(h);
}

void home_prefix_restore(struct mip6 *m, const struct in6_addr *hoa, uint8_t hoa_len,
			 const struct prefix *prefix, const struct in6_addr *parent,
			 uint64_t valid_us, uint64_t preferred_us)
{
	const struct home_addr *from = home_find(m, parent);
	struct home_addr *h = home_find(m, hoa);

	if (!h && from)
		h = home_add(m, hoa, hoa_len, prefix, &from->fixed_ha, parent);
	if (!h)
		return;
	h->valid_until_us = valid_us;
	h->preferred_until_us = preferred_us;
	h->deprecated = preferred_us <= m->now_us;
	set_lifetime_timer(h);
}

static void on_lifetime_timer(struct timer *t, uint64_t now_us)
{
	struct home_addr *h = t->ctx;
	struct mip6 *m = h->m;

	mip6_turn(m, now_us);
	if (h->valid_until_us <= now_us) {
		invalidate(h);
	} else if (!h->deprecated && h->preferred_until_us <= now_us) {
		log_notice(LOG_MN, "hoa=%s is deprecated", ADDR_STR(&h->hoa));
		h->deprecated = true;
		home_path_changed(h);
		set_lifetime_timer(h);
		set_next_question(h);
	}
	home_path_flush(m);
}

/* 11.4.2: limits on lifetimes "prohibit use of a home address after it becomes invalid": one
 * that ends earlier than was thought is registered anew, for what is left. */
static void shorten_binding(struct home_addr *h)
{
	if (h->state == HOME_REGISTERED && h->bul->valid_until_us > h->valid_until_us &&
	    !h->bul->waiting)
		timer_set(h->m->timers, &h->refresh_timer, h->m->now_us, &h->timers);
}

/* RFC 4862 5.5.3 e. */
static void renew(struct home_addr *h, const struct nd_prefix_info *info)
{
	uint64_t now_us = h->m->now_us;
	uint64_t valid_us = ends_us(h, info->valid_s);
	uint64_t least_us = time_add(now_us, TWO_HOURS_US);

	if (valid_us > least_us || valid_us > h->valid_until_us)
		h->valid_until_us = valid_us;
	else if (h->valid_until_us > least_us)
		h->valid_until_us = least_us;
	h->preferred_until_us = ends_us(h, info->preferred_s);
	if (h->preferred_until_us > h->valid_until_us)
		h->preferred_until_us = h->valid_until_us;
	if (h->deprecated != (h->preferred_until_us <= now_us)) {
		h->deprecated = !h->deprecated;
		home_path_changed(h);
	}
	set_lifetime_timer(h);
	mn_save_home(h->m, h);
	shorten_binding(h);
}

/* At home its routers say how long an address lasts, which is known to end. */
void home_on_prefix(struct mip6 *m, uint32_t ifindex, const struct nd_prefix_info *info)
{
	const struct prefix p = prefix_of(&info->addr, info->prefix_len);
	struct home_addr *h;

	TAILQ_FOREACH(h, &home_of(m)->addrs, entry) {
		if (h->state == HOME_AT_HOME && h->at.ifindex == ifindex &&
		    h->valid_until_us != TIME_NEVER && h->hoa_len == p.len &&
		    prefix_contains(&p, &h->hoa))
			renew(h, info);
	}
	home_path_flush(m);
}

/* --- the answer ---------------------------------------------------------------- */

static struct home_addr *find_in(const struct mip6 *m, const struct prefix *p)
{
	struct home_addr *h;

	TAILQ_FOREACH(h, &home_of(m)->addrs, entry) {
		if (h->hoa_len == p->len && prefix_contains(p, &h->hoa))
			return h;
	}
	return NULL;
}

static unsigned int count_learned(const struct mip6 *m, const struct in6_addr *parent)
{
	const struct home_addr *h;
	unsigned int n = 0;

	TAILQ_FOREACH(h, &home_of(m)->addrs, entry)
		n += addr_equal(&h->parent, parent);
	return n;
}

/* A prefix under which there is no home address yet: renumbering. The new one has
 * the interface identifier of the one that heard of it. */
static void add_address(struct home_addr *h, const struct prefix *p,
			const struct nd_prefix_info *info)
{
	const struct in6_addr *parent = addr_is_unspecified(&h->parent) ? &h->hoa : &h->parent;
	struct in6_addr hoa = addr_combine(p, &h->hoa);
	struct home_addr *added;

	if (p->len != 64 || !info->autonomous || !info->preferred_s ||
	    !addr_is_routable_unicast(&hoa) || count_learned(h->m, parent) >= LEARNED_MAX)
		return;
	added = home_add(h->m, &hoa, p->len, p, &h->fixed_ha, parent);
	if (!added) {
		log_error(LOG_MN, "hoa=%s: no memory", ADDR_STR(&hoa));
		return;
	}
	log_notice(LOG_MN, "hoa=%s is a new home address, beside %s", ADDR_STR(&hoa),
		   ADDR_STR(&h->hoa));
	renew(added, info);
	added->at = h->at;
	added->ha_name = h->ha_name ? strdup(h->ha_name) : NULL;
	home_use_agent(added, &h->ha);
	home_begin(added);
}

static void process(struct home_addr *h, const struct icmp6_mpa *mpa)
{
	unsigned int i;

	for (i = 0; i < mpa->count; i++) {
		const struct nd_prefix_info *info = &mpa->prefix[i];
		const struct prefix p = prefix_of(&info->addr, info->prefix_len);
		struct home_addr *known;

		/* RFC 4862 5.5.3 b, c; with the link-local prefix and lifetimes that
		 * contradict each other. */
		if (addr_is_linklocal(&p.addr) || info->preferred_s > info->valid_s)
			continue;
		known = find_in(h->m, &p);
		if (known)
			renew(known, info);
		else
			add_address(h, &p, info);
	}
}

/* 11.4.3: from the home agent of the registration, with a type 2 routing header. */
static struct home_addr *find_asker(const struct mip6 *m, const struct mip6_packet *p)
{
	struct home_addr *h = home_find(m, &p->path.local_home);

	if (!h || addr_is_unspecified(&h->ha) || !addr_equal(path_peer_id(&p->path), &h->ha))
		return NULL;
	return h;
}

enum role_verdict home_on_mpa(struct mip6 *m, const struct mip6_packet *p,
			      const struct icmp6_msg *msg)
{
	struct home_addr *h = find_asker(m, p);
	bool needed;

	if (!h || h->state != HOME_REGISTERED)
		return ROLE_TAKEN;
	if (!h->soliciting || msg->mpa.id != h->mps_id) {
		/* MUST be discarded; SHOULD send a solicitation. */
		solicit(h);
		return ROLE_TAKEN;
	}
	h->soliciting = false;
	h->prefix_asked = true;
	needed = h->prefix_needed;
	h->prefix_needed = false;
	timer_cancel(m->timers, &h->mps_timer);
	process(h, &msg->mpa);
	set_next_question(h);
	/* Now it may be registered again (11.7.1). */
	if (needed && h->refresh_us)
		timer_set(m->timers, &h->refresh_timer, h->refresh_us, &h->timers);
	home_path_flush(m);
	return ROLE_TAKEN;
}

void home_init_prefix(struct home_addr *h)
{
	h->valid_until_us = TIME_NEVER;
	h->preferred_until_us = TIME_NEVER;
	h->ask_us = TIME_NEVER;
	timer_init(&h->mps_timer, "home-prefix", on_mps_timer, h);
	timer_init(&h->lifetime_timer, "home-lifetime", on_lifetime_timer, h);
}
