// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Router advertisements of a home agent as values: what ours says (RFC 4861 6.2.3, RFC
 * 6275 7.1 to 7.5), and in what one that was heard does not fit (RFC 4861 6.2.7). Pure.
 * Called by advert.c.
 *
 * Everything fits into the minimum MTU: ND_PREFIX_MAX prefixes of 32 bytes and some 60
 * more, so no advertisement is ever split.
 */
#include "ha/advert.h"

#include <string.h>

#include "base/time.h"

#define CUR_HOP_LIMIT	64	 /* RFC 4861 6.2.1: of the assigned numbers */
#define ADV_VALID_S	2592000U /* AdvValidLifetime, AdvPreferredLifetime: fixed */
#define ADV_PREFERRED_S 604800U
#define ETHERNET_MTU	1500U /* RFC 2464 section 2: a greater one is not advertised */
#define IPV6_MIN_MTU	1280U
/* RFC 6275 7.5: intervals below 200 ms are told 20 ms longer. */
#define SHORT_INTERVAL_MS 200U
#define SHORT_EXTRA_MS	  20U
/* Lifetimes that run down may be told a little apart (RFC 4861 6.2.7). */
#define SAME_LIFETIME_S 60U

/* --- ours -------------------------------------------------------------------------- */

static bool is_named(const struct conf *c, const struct in6_addr *a)
{
	for (size_t i = 0; i < c->ha_address_count; i++) {
		if (addr_equal(&c->ha_addresses[i].addr, a))
			return true;
	}
	return false;
}

static bool is_advertised(const struct link_addr *a)
{
	return link_addr_usable(a) && addr_is_routable_unicast(&a->a.addr) && a->a.plen > 0 &&
	       a->a.plen < 128;
}

/* Of two of our addresses in a prefix: HaAddress, then one that is not deprecated, then
 * the lower one, so that it stays the same (RFC 6275 7.2). */
static bool is_better(const struct conf *c, const struct link_addr *a, const struct link_addr *b)
{
	bool named_a = is_named(c, &a->a.addr), named_b = is_named(c, &b->a.addr);

	if (named_a != named_b)
		return named_a;
	if (a->a.deprecated != b->a.deprecated)
		return !a->a.deprecated;
	return addr_compare(&a->a.addr, &b->a.addr) < 0;
}

/* The address that stands for its prefix, NULL when `a` is another one. */
static bool stands_for_prefix(const struct conf *c, const struct link *l,
			      const struct link_addr *a)
{
	struct prefix p = prefix_of(&a->a.addr, a->a.plen);
	const struct link_addr *b;

	TAILQ_FOREACH (b, &l->addrs, entry) {
		if (b != a && is_advertised(b) && b->a.plen == a->a.plen &&
		    prefix_contains(&p, &b->a.addr) && is_better(c, b, a))
			return false;
	}
	return true;
}

static void add_prefixes(const struct conf *c, const struct link *l, struct nd_options *o)
{
	const struct link_addr *a;

	TAILQ_FOREACH (a, &l->addrs, entry) {
		if (o->prefix_count >= ND_PREFIX_MAX || !is_advertised(a) ||
		    !stands_for_prefix(c, l, a))
			continue;
		o->prefix[o->prefix_count++] = (struct nd_prefix_info){
			.addr = a->a.addr,
			.prefix_len = a->a.plen,
			.on_link = true,
			/* RFC 4862 5.5.3 d: identifiers have 64 bits */
			.autonomous = a->a.plen == 64,
			.router_address = true,
			.valid_s = ADV_VALID_S,
			.preferred_s = a->a.deprecated ? 0 : ADV_PREFERRED_S,
		};
		o->present |= ND_HAS_PREFIX;
	}
}

static uint16_t as_s(uint64_t us)
{
	uint64_t s = (us + US_PER_S - 1) / US_PER_S;

	return s > UINT16_MAX ? UINT16_MAX : (uint16_t)s;
}

/* RFC 6275 7.4: left out when both values are what is assumed without it; a lifetime of 0
 * MUST NOT be used. */
static void add_ha_info(const struct conf *c, struct nd_msg *msg)
{
	uint16_t lifetime_s = (uint16_t)c->ha_lifetime_s;

	if (!lifetime_s)
		lifetime_s = msg->ra.lifetime_s;
	if (!lifetime_s)
		lifetime_s = as_s(3 * c->ha_max_rtr_adv_interval_us);
	if (lifetime_s == msg->ra.lifetime_s && !c->ha_preference)
		return;
	msg->opts.present |= ND_HAS_HA_INFO;
	msg->opts.ha_info.preference = c->ha_preference;
	msg->opts.ha_info.lifetime_s = lifetime_s;
}

static void add_interval(const struct conf *c, struct nd_options *o)
{
	uint64_t ms = c->ha_max_rtr_adv_interval_us / US_PER_MS;

	if (ms < SHORT_INTERVAL_MS)
		ms += SHORT_EXTRA_MS;
	o->present |= ND_HAS_ADV_INTERVAL;
	o->adv_interval_ms = (uint32_t)ms;
}

bool ha_advert_build(const struct conf *c, const struct link *l, bool final, struct nd_msg *out)
{
	struct nd_options *o = &out->opts;

	memset(out, 0, sizeof(*out));
	add_prefixes(c, l, o);
	if (!o->prefix_count || !link_local_addr(l))
		return false;
	out->type = ND_RA;
	out->ra.cur_hop_limit = CUR_HOP_LIMIT;
	/* 7.5: home agents MUST include it. A link without addresses has none to tell. */
	if (l->l.lladdr_len && l->l.lladdr_len <= ND_LLADDR_MAX) {
		o->present |= ND_HAS_SLLA;
		o->slla.len = l->l.lladdr_len;
		memcpy(o->slla.addr, l->l.lladdr, l->l.lladdr_len);
	}
	if (l->l.mtu >= IPV6_MIN_MTU && l->l.mtu < ETHERNET_MTU) {
		o->present |= ND_HAS_MTU;
		o->mtu = l->l.mtu;
	}
	if (final)
		return true;
	out->ra.lifetime_s = (uint16_t)c->ha_router_lifetime_s;
	out->ra.home_agent = true;
	add_interval(c, o);
	add_ha_info(c, out);
	return true;
}

/* --- those of others ----------------------------------------------------------------- */

/* An option with the R flag and a usable address of ours on the link. */
static bool names_us(const struct link *l, const struct nd_options *o)
{
	for (unsigned int i = 0; i < o->prefix_count; i++) {
		const struct link_addr *a;

		if (!o->prefix[i].router_address)
			continue;
		TAILQ_FOREACH (a, &l->addrs, entry) {
			if (is_advertised(a) && addr_equal(&a->a.addr, &o->prefix[i].addr))
				return true;
		}
	}
	return false;
}

static bool names_anyone(const struct nd_options *o)
{
	for (unsigned int i = 0; i < o->prefix_count; i++) {
		if (o->prefix[i].router_address && addr_is_routable_unicast(&o->prefix[i].addr))
			return true;
	}
	return false;
}

unsigned int ha_advert_faults_own(const struct conf *c, const struct link *l,
				  const struct nd_msg *heard)
{
	const struct nd_options *o = &heard->opts;
	bool has_info = nd_has(o, ND_HAS_HA_INFO);
	uint16_t preference = has_info ? o->ha_info.preference : 0;
	uint16_t lifetime_s = has_info ? o->ha_info.lifetime_s : heard->ra.lifetime_s;
	unsigned int faults = 0;

	if (!heard->ra.home_agent)
		return HA_ADVERT_NO_H;
	if (l->l.lladdr_len && !nd_has(o, ND_HAS_SLLA))
		faults |= HA_ADVERT_NO_SLLA;
	if (!names_us(l, o))
		faults |= HA_ADVERT_NO_ADDRESS;
	if (preference != c->ha_preference)
		faults |= HA_ADVERT_PREFERENCE;
	if (lifetime_s == 0 || (c->ha_lifetime_s && lifetime_s != c->ha_lifetime_s))
		faults |= HA_ADVERT_LIFETIME;
	return faults;
}

static bool lifetimes_differ(uint32_t a, uint32_t b)
{
	return (a > b ? a - b : b - a) > SAME_LIFETIME_S;
}

static bool prefixes_differ(const struct nd_options *a, const struct nd_options *b)
{
	for (unsigned int i = 0; i < a->prefix_count; i++) {
		const struct nd_prefix_info *x = &a->prefix[i];
		struct prefix p = prefix_of(&x->addr, x->prefix_len);

		for (unsigned int j = 0; j < b->prefix_count; j++) {
			const struct nd_prefix_info *y = &b->prefix[j];

			if (y->prefix_len == x->prefix_len && prefix_contains(&p, &y->addr) &&
			    (lifetimes_differ(x->valid_s, y->valid_s) ||
			     lifetimes_differ(x->preferred_s, y->preferred_s)))
				return true;
		}
	}
	return false;
}

unsigned int ha_advert_faults_other(const struct nd_msg *ours, const struct nd_msg *heard)
{
	unsigned int faults = 0;

	if (heard->ra.home_agent && !names_anyone(&heard->opts))
		faults |= HA_ADVERT_NAMELESS;
	if (!ours)
		return faults;
	if (heard->ra.cur_hop_limit && heard->ra.cur_hop_limit != ours->ra.cur_hop_limit)
		faults |= HA_ADVERT_HOP_LIMIT;
	if (heard->ra.managed != ours->ra.managed || heard->ra.other != ours->ra.other)
		faults |= HA_ADVERT_MANAGED;
	if (nd_has(&ours->opts, ND_HAS_MTU) && nd_has(&heard->opts, ND_HAS_MTU) &&
	    ours->opts.mtu != heard->opts.mtu)
		faults |= HA_ADVERT_MTU;
	if (prefixes_differ(&ours->opts, &heard->opts))
		faults |= HA_ADVERT_PREFIX;
	return faults;
}

const char *ha_advert_fault_text(enum ha_advert_fault fault)
{
	switch (fault) {
	case HA_ADVERT_NO_H:
		return "the H bit is not set (radvd: AdvHomeAgentFlag on), so nobody learns of "
		       "this home agent";
	case HA_ADVERT_NO_SLLA:
		return "no source link-layer address option (radvd: AdvSourceLLAddress on)";
	case HA_ADVERT_NO_ADDRESS:
		return "no prefix with an address of this node in full (radvd: AdvRouterAddr on)";
	case HA_ADVERT_PREFERENCE:
		return "the preference is not HaPreference (radvd: HomeAgentPreference)";
	case HA_ADVERT_LIFETIME:
		return "the lifetime as home agent is not HaLifetime (radvd: HomeAgentLifetime)";
	case HA_ADVERT_NAMELESS:
		return "a home agent that tells no address of its own: it cannot be found";
	case HA_ADVERT_HOP_LIMIT:
		return "hosts are told another hop limit";
	case HA_ADVERT_MANAGED:
		return "hosts are told other M and O flags";
	case HA_ADVERT_MTU:
		return "hosts are told another MTU";
	case HA_ADVERT_PREFIX:
		return "hosts are told other lifetimes of a prefix that this node advertises too";
	}
	return "?";
}
