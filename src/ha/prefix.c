// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The prefix list. Three sources say that a prefix is home:
 *
 *   - an address of ours on a home link; what the administrator configured has no
 *     end, unless ...
 *   - a router advertisement with the L flag on a home link, by whichever router,
 *     another program on this machine among them: its lifetimes count, because hosts of
 *     the link go by them (RFC 6275 10.3.1: "based on its own Prefix List entry");
 *   - a virtual home link of the configuration; it has no end.
 *
 * An entry whose valid lifetime is over stays as long as an address of ours is in
 * it, so that it is known to be withdrawn rather than new. One whose addresses of ours
 * vanish, perhaps with their interface, stays for LOST_US: drivers are loaded anew, and
 * programs configure interfaces anew, and nobody's registration shall end for that.
 * Meanwhile registrations stay, and new ones must wait. When the prefix comes back on
 * another interface, its home addresses are defended there. Changes are told to
 * registration.c, which ends the bindings of prefixes that are gone (10.3.1), and
 * to mpd.c, which tells mobile nodes (10.6.2). A lifetime counts as changed when the
 * value advertised is another one and the end of it is, too: routers may
 * advertise constant lifetimes or ones that run down (RFC 4861 6.2.1).
 */
#include "ha/prefix.h"

#include <stdlib.h>

#include "ha/ha.h"
#include "ha/kept_state.h"
#include "ha/registration.h"

/* RFC 4861 6.2.1: AdvValidLifetime, AdvPreferredLifetime. */
#define ADV_VALID_S	2592000U
#define ADV_PREFERRED_S 604800U

#define LOST_US (10 * US_PER_S)

/* Two ends of a lifetime that are nearer than this are the same (RFC 4861 6.2.7:
 * advertisements may be late). */
#define SAME_END_US (10 * US_PER_S)

void ha_prefix_init(struct mip6 *m)
{
	TAILQ_INIT(&ha_of(m)->prefixes);
}

void ha_prefix_free(struct mip6 *m)
{
	struct ha_prefix_list *list = &ha_of(m)->prefixes;
	struct ha_prefix *p;

	while ((p = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, p, entry);
		free(p);
	}
}

bool ha_prefix_is_valid(const struct ha_prefix *p, uint64_t now_us)
{
	return p->valid_until_us > now_us;
}

/* Where the configuration says of the prefix of a real link that it is virtual, there are
 * neighbours all the same: the link counts, whichever came first. */
static bool is_better(const struct ha_prefix *p, const struct ha_prefix *best)
{
	return !best || p->prefix.len > best->prefix.len ||
	       (p->prefix.len == best->prefix.len && p->ifindex && !best->ifindex);
}

struct ha_prefix *ha_prefix_find(const struct mip6 *m, const struct in6_addr *a)
{
	struct ha_prefix *p, *best = NULL;

	TAILQ_FOREACH (p, &ha_of(m)->prefixes, entry) {
		if (p->on_link && prefix_contains(&p->prefix, a) &&
		    ha_prefix_is_valid(p, m->now_us) && is_better(p, best))
			best = p;
	}
	return best;
}

struct ha_prefix *ha_prefix_get(const struct mip6 *m, const struct prefix *prefix, uint32_t ifindex)
{
	struct ha_prefix *p;

	TAILQ_FOREACH (p, &ha_of(m)->prefixes, entry) {
		if (p->ifindex == ifindex && prefix_equal(&p->prefix, prefix))
			return p;
	}
	return NULL;
}

static struct ha_prefix *add_prefix(struct mip6 *m, const struct prefix *prefix, uint32_t ifindex)
{
	struct ha_prefix *p = calloc(1, sizeof(*p));

	if (!p) {
		log_error(LOG_HA, "prefix %s: no memory", PREFIX_STR(prefix));
		return NULL;
	}
	p->prefix = *prefix;
	p->ifindex = ifindex;
	p->on_link = true;
	p->autonomous = prefix->len == 64;
	p->valid_until_us = TIME_NEVER;
	p->preferred_until_us = TIME_NEVER;
	TAILQ_INSERT_TAIL(&ha_of(m)->prefixes, p, entry);
	log_info(LOG_HA, "home prefix %s ifindex=%u", PREFIX_STR(prefix), ifindex);
	return p;
}

static void tell(struct mip6 *m, const struct ha_prefix *p, enum ha_prefix_change change)
{
	ha_registration_prefix_changed(m, p, change);
}

static void remove_prefix(struct mip6 *m, struct ha_prefix *p)
{
	log_info(LOG_HA, "prefix %s is no longer home", PREFIX_STR(&p->prefix));
	ha_save_no_prefix(m, p);
	p->valid_until_us = 0;
	TAILQ_REMOVE(&ha_of(m)->prefixes, p, entry);
	tell(m, p, HA_PREFIX_REMOVED);
	free(p);
}

/* --- our own addresses and the configuration ------------------------------------ */

static void refresh_own(struct mip6 *m, const struct link *l)
{
	const struct link_addr *a;

	TAILQ_FOREACH (a, &l->addrs, entry) {
		struct prefix prefix = prefix_of(&a->a.addr, a->a.plen);
		struct ha_prefix *p;
		bool is_new;

		if (!link_addr_usable(a) || !addr_is_routable_unicast(&a->a.addr) ||
		    a->a.plen == 128)
			continue;
		p = ha_prefix_get(m, &prefix, l->l.ifindex);
		is_new = !p;
		if (!p)
			p = add_prefix(m, &prefix, l->l.ifindex);
		if (!p)
			continue;
		p->own = true;
		if (!a->a.deprecated)
			p->own_preferred = true;
		if (is_new)
			tell(m, p, HA_PREFIX_ADDED);
	}
}

static void refresh_virtual(struct mip6 *m)
{
	const struct conf *c = m->conf;
	size_t i;

	for (i = 0; i < c->virtual_home_link_count; i++) {
		const struct prefix *prefix = &c->virtual_home_links[i].prefix;
		struct ha_prefix *p = ha_prefix_get(m, prefix, 0);

		if (!p)
			p = add_prefix(m, prefix, 0);
		if (p)
			p->own = p->own_preferred = true;
	}
}

/* What only we say about it: no end, but deprecated when all our addresses are. */
static void settle_own(struct mip6 *m, struct ha_prefix *p, bool was_preferred)
{
	if (p->heard)
		return;
	p->preferred_until_us = p->own_preferred ? TIME_NEVER : 0;
	if (was_preferred && !p->own_preferred)
		tell(m, p, HA_PREFIX_DEPRECATED);
	else if (!was_preferred && p->own_preferred)
		tell(m, p, HA_PREFIX_CHANGED);
}

static bool is_elsewhere(const struct mip6 *m, const struct ha_prefix *p)
{
	const struct ha_prefix *other;

	TAILQ_FOREACH (other, &ha_of(m)->prefixes, entry) {
		if (other != p && other->own && prefix_equal(&other->prefix, &p->prefix))
			return true;
	}
	return false;
}

/* Not one that routers have let end, nor when the configuration no longer names the link. */
static bool may_come_back(struct mip6 *m, struct ha_prefix *p)
{
	const struct link *l = link_find(&m->links, p->ifindex);

	if (!p->ifindex || !ha_prefix_is_valid(p, m->now_us) || is_elsewhere(m, p) ||
	    (l && !l->l.gone && !ha_link_find(m, p->ifindex)))
		return false;
	if (!p->lost_until_us) {
		p->lost_until_us = time_add(m->now_us, LOST_US);
		log_notice(LOG_HA, "home prefix %s is gone: its bindings end in %u s, unless it "
				   "comes back", PREFIX_STR(&p->prefix),
			   (unsigned int)(LOST_US / US_PER_S));
	}
	if (!p->unplugged && (!l || l->l.gone)) {
		p->unplugged = true;
		ha_registration_follow(m);
	}
	return p->lost_until_us > m->now_us;
}

static void found_again(struct mip6 *m, struct ha_prefix *p)
{
	log_notice(LOG_HA, "home prefix %s is back", PREFIX_STR(&p->prefix));
	p->lost_until_us = 0;
	p->unplugged = false;
	ha_registration_follow(m);
}

uint32_t ha_prefix_link(const struct ha_prefix *p)
{
	return p->unplugged ? 0 : p->ifindex;
}

uint64_t ha_prefix_lost_until_us(const struct mip6 *m)
{
	const struct ha_prefix *p;
	uint64_t at_us = TIME_NEVER;

	TAILQ_FOREACH (p, &ha_of(m)->prefixes, entry) {
		if (p->lost_until_us && p->lost_until_us < at_us)
			at_us = p->lost_until_us;
	}
	return at_us;
}

static bool is_wanted(const struct mip6 *m, const struct ha_prefix *p)
{
	return p->own || (p->heard && ha_link_find(m, p->ifindex) &&
			  ha_prefix_is_valid(p, m->now_us));
}

void ha_prefix_refresh(struct mip6 *m)
{
	struct ha *ha = ha_of(m);
	struct ha_prefix *p, *next;
	struct ha_link *hl;

	TAILQ_FOREACH (p, &ha->prefixes, entry) {
		p->own = false;
		/* Kept in a bit of its own until the end of this function. */
		p->was_preferred = p->own_preferred;
		p->own_preferred = false;
	}
	TAILQ_FOREACH (hl, &ha->links, entry) {
		const struct link *l = link_find(&m->links, hl->ifindex);

		if (l)
			refresh_own(m, l);
	}
	refresh_virtual(m);
	for (p = TAILQ_FIRST(&ha->prefixes); p; p = next) {
		next = TAILQ_NEXT(p, entry);
		if (!is_wanted(m, p)) {
			if (!may_come_back(m, p))
				remove_prefix(m, p);
			continue;
		}
		if (p->lost_until_us)
			found_again(m, p);
		if (p->own)
			settle_own(m, p, p->was_preferred);
	}
}

/* --- router advertisements -------------------------------------------------------- */

static uint64_t end_of(uint32_t lifetime_s, uint64_t now_us)
{
	return lifetime_s == ND_LIFETIME_INFINITE ? TIME_NEVER :
						    time_add(now_us, lifetime_s * US_PER_S);
}

/* Not the same value, and not the same moment. */
static bool end_differs(uint32_t told_s, uint64_t until_us, uint32_t now_told_s, uint64_t now_us)
{
	uint64_t until = end_of(now_told_s, now_us);
	uint64_t apart;

	if (told_s == now_told_s)
		return false;
	if (until == TIME_NEVER || until_us == TIME_NEVER)
		return until != until_us;
	apart = until > until_us ? until - until_us : until_us - until;
	return apart > SAME_END_US;
}

static size_t heard_on(const struct mip6 *m, uint32_t ifindex)
{
	const struct ha_prefix *p;
	size_t n = 0;

	TAILQ_FOREACH (p, &ha_of(m)->prefixes, entry)
		n += p->ifindex == ifindex && p->heard;
	return n;
}

/* What the advertisement changes of an entry that was heard before, or is ours. */
static bool differs(const struct ha_prefix *p, const struct nd_prefix_info *i, uint64_t now_us)
{
	if (p->on_link != i->on_link || p->autonomous != i->autonomous)
		return true;
	if (!p->heard)
		return i->preferred_s == 0 || i->valid_s == 0;
	return end_differs(p->told_valid_s, p->valid_until_us, i->valid_s, now_us) ||
	       end_differs(p->told_preferred_s, p->preferred_until_us, i->preferred_s, now_us);
}

static void take_info(struct ha_prefix *p, const struct nd_prefix_info *i, uint64_t now_us)
{
	p->heard = true;
	p->on_link = i->on_link;
	p->autonomous = i->autonomous;
	p->valid_until_us = end_of(i->valid_s, now_us);
	p->preferred_until_us = end_of(i->preferred_s, now_us);
	p->told_valid_s = i->valid_s;
	p->told_preferred_s = i->preferred_s;
	if (i->router_address)
		p->router = i->addr;
}

static void hear_prefix(struct mip6 *m, uint32_t ifindex, const struct nd_prefix_info *i)
{
	struct prefix prefix = prefix_of(&i->addr, i->prefix_len);
	struct ha_prefix *p = ha_prefix_get(m, &prefix, ifindex);
	bool is_new = !p, changed, was_valid;

	if (addr_is_linklocal(&prefix.addr) || addr_is_multicast(&prefix.addr) ||
	    i->prefix_len == 0)
		return;
	if (!p) {
		/* RFC 4861 6.3.4: a prefix that is unknown and has no lifetime is ignored. */
		if (!i->on_link || i->valid_s == 0 || heard_on(m, ifindex) >= HA_PREFIXES_PER_LINK)
			return;
		p = add_prefix(m, &prefix, ifindex);
	}
	if (!p)
		return;
	changed = differs(p, i, m->now_us);
	was_valid = ha_prefix_is_valid(p, m->now_us);
	take_info(p, i, m->now_us);
	ha_save_prefix(m, p);
	if (is_new || (!was_valid && ha_prefix_is_valid(p, m->now_us)))
		tell(m, p, HA_PREFIX_ADDED);
	else if (!ha_prefix_is_valid(p, m->now_us) && !p->own)
		remove_prefix(m, p);
	else if (!ha_prefix_is_valid(p, m->now_us) && was_valid)
		tell(m, p, HA_PREFIX_REMOVED);
	else if (changed)
		tell(m, p, i->preferred_s ? HA_PREFIX_CHANGED : HA_PREFIX_DEPRECATED);
}

void ha_prefix_restore(struct mip6 *m, const struct ha_prefix *was)
{
	struct ha_prefix *p = ha_prefix_get(m, &was->prefix, was->ifindex);

	if (!p)
		p = add_prefix(m, &was->prefix, was->ifindex);
	if (!p)
		return;
	p->heard = true;
	p->on_link = was->on_link;
	p->autonomous = was->autonomous;
	p->router = was->router;
	p->valid_until_us = p->saved_valid_us = was->valid_until_us;
	p->preferred_until_us = p->saved_preferred_us = was->preferred_until_us;
	p->told_valid_s = was->told_valid_s;
	p->told_preferred_s = was->told_preferred_s;
}

void ha_prefix_hear(struct mip6 *m, uint32_t ifindex, const struct nd_msg *ra)
{
	unsigned int i;

	for (i = 0; i < ra->opts.prefix_count; i++)
		hear_prefix(m, ifindex, &ra->opts.prefix[i]);
}

static uint32_t left_s(uint64_t until_us, uint64_t now_us, uint32_t without_end_s)
{
	uint64_t left_us = time_until(until_us, now_us);

	if (left_us == TIME_NEVER)
		return without_end_s;
	left_us /= US_PER_S;
	return left_us < ND_LIFETIME_INFINITE ? (uint32_t)left_us : ND_LIFETIME_INFINITE - 1;
}

struct nd_prefix_info ha_prefix_info(const struct ha_prefix *p, uint64_t now_us)
{
	uint32_t forever_s = p->heard ? ND_LIFETIME_INFINITE : 0;
	struct nd_prefix_info i = {
		.addr = p->prefix.addr,
		.prefix_len = p->prefix.len,
		.on_link = p->on_link,
		.autonomous = p->autonomous,
		.valid_s = left_s(p->valid_until_us, now_us, forever_s ? forever_s : ADV_VALID_S),
		.preferred_s = left_s(p->preferred_until_us, now_us,
				      forever_s ? forever_s : ADV_PREFERRED_S),
	};

	if (i.preferred_s > i.valid_s)
		i.preferred_s = i.valid_s;
	return i;
}
