// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Home Agents List of each home link, learned from router advertisements with the
 * H bit, and the replies made of it: all home agents of the link, this one among them,
 * by preference, those of equal preference in a random order each time, as many as fit
 * into the minimum MTU. Replies are limited, because they are longer than requests.
 * Called by ha.c.
 */
#include "ha/agents.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/time.h"
#include "ha/ha.h"
#include "ha/kept_state.h"

static struct ha_agent *find(const struct mip6 *m, uint32_t ifindex, const struct in6_addr *a)
{
	struct ha_agent *g;

	TAILQ_FOREACH (g, &ha_of(m)->agents, entry) {
		if (g->ifindex == ifindex && addr_equal(&g->link_local, a))
			return g;
	}
	return NULL;
}

static unsigned int count_on(const struct mip6 *m, uint32_t ifindex)
{
	const struct ha_agent *g;
	unsigned int n = 0;

	TAILQ_FOREACH (g, &ha_of(m)->agents, entry)
		n += g->ifindex == ifindex;
	return n;
}

static void drop(struct mip6 *m, struct ha_agent *g)
{
	log_info(LOG_HA, "home agent %s is no longer on the list", ADDR_STR(&g->link_local));
	ha_save_no_agent(m, g);
	TAILQ_REMOVE(&ha_of(m)->agents, g, entry);
	free(g);
}

/* Where the list is full, the least preferable one gives way to a better one, as it would
 * in a reply that is full (10.5.1). False: there is no room. */
static bool make_room(struct mip6 *m, uint32_t ifindex, uint16_t preference)
{
	struct ha_agent *g, *least = NULL;

	if (count_on(m, ifindex) < HA_AGENTS_PER_LINK)
		return true;
	TAILQ_FOREACH (g, &ha_of(m)->agents, entry) {
		if (g->ifindex == ifindex && (!least || g->preference < least->preference))
			least = g;
	}
	if (!least || least->preference >= preference)
		return false;
	drop(m, least);
	return true;
}

static struct ha_agent *add(struct mip6 *m, uint32_t ifindex, const struct in6_addr *a,
			    uint16_t preference)
{
	struct ha_agent *g;

	if (!make_room(m, ifindex, preference))
		return NULL;
	g = calloc(1, sizeof(*g));
	if (!g)
		return NULL;
	g->ifindex = ifindex;
	g->link_local = *a;
	TAILQ_INSERT_TAIL(&ha_of(m)->agents, g, entry);
	log_info(LOG_HA, "home agent %s is on the list", ADDR_STR(a));
	return g;
}

/* "Add all such global addresses" (10.5.1): of the options with the R bit. */
static void take_addresses(struct ha_agent *g, const struct nd_options *o)
{
	for (unsigned int i = 0; i < o->prefix_count; i++) {
		const struct nd_prefix_info *p = &o->prefix[i];
		unsigned int n;

		if (!p->router_address || !addr_is_routable_unicast(&p->addr))
			continue;
		for (n = 0; n < g->addr_count && !addr_equal(&g->addrs[n], &p->addr); n++)
			;
		if (n == g->addr_count && n < HA_ADDRESSES_PER_ONE)
			g->addrs[g->addr_count++] = p->addr;
	}
}

void ha_agents_hear(struct mip6 *m, const struct mip6_packet *p, const struct nd_msg *ra)
{
	struct ha_agent *g = find(m, p->path.ifindex, &p->path.peer);
	bool has_info = nd_has(&ra->opts, ND_HAS_HA_INFO);
	uint16_t lifetime_s = has_info ? ra->opts.ha_info.lifetime_s : ra->ra.lifetime_s;
	uint16_t preference = has_info ? ra->opts.ha_info.preference : 0;

	/* what another program on this machine advertises is about ourselves */
	if (link_find_addr(&m->links, &p->path.peer, NULL))
		return;
	if (!ra->ra.home_agent || lifetime_s == 0) {
		if (g)
			drop(m, g);
		return;
	}
	if (!g)
		g = add(m, p->path.ifindex, &p->path.peer, preference);
	if (!g)
		return;
	g->preference = preference;
	g->until_us = m->now_us + lifetime_s * US_PER_S;
	take_addresses(g, &ra->opts);
	ha_save_agent(m, g);
}

uint64_t ha_agents_expire(struct mip6 *m)
{
	struct ha_agent *g, *next;
	uint64_t at = TIME_NEVER;

	for (g = TAILQ_FIRST(&ha_of(m)->agents); g; g = next) {
		next = TAILQ_NEXT(g, entry);
		if (g->until_us <= m->now_us || !ha_link_find(m, g->ifindex))
			drop(m, g);
		else if (g->until_us < at)
			at = g->until_us;
	}
	return at;
}

void ha_agents_restore(struct mip6 *m, const struct ha_agent *was)
{
	struct ha_agent *g = add(m, was->ifindex, &was->link_local, was->preference);

	if (!g)
		return;
	g->preference = was->preference;
	g->until_us = g->saved_us = was->until_us;
	g->addr_count = was->addr_count;
	memcpy(g->addrs, was->addrs, sizeof(g->addrs));
}

void ha_agents_free(struct mip6 *m)
{
	struct ha_agent *g;

	while ((g = TAILQ_FIRST(&ha_of(m)->agents))) {
		TAILQ_REMOVE(&ha_of(m)->agents, g, entry);
		free(g);
	}
}

/* --- replies ------------------------------------------------------------------------ */

/* An address for the reply: by preference, then by chance of the home agent, then by
 * chance of the address. */
struct candidate {
	uint16_t preference;
	uint32_t agent_chance;
	uint32_t chance;
	struct in6_addr addr;
};

#define CANDIDATES_MAX ((HA_AGENTS_PER_LINK + 1) * HA_ADDRESSES_PER_ONE)

struct candidates {
	struct candidate list[CANDIDATES_MAX];
	size_t count;
};

static uint32_t chance(void)
{
	uint32_t v = 0;

	(void)crypto_random(&v, sizeof(v)); /* without: the order of the list */
	return v;
}

static void put(struct candidates *c, uint16_t preference, uint32_t agent_chance,
		const struct in6_addr *a)
{
	if (c->count < CANDIDATES_MAX)
		c->list[c->count++] = (struct candidate){ .preference = preference,
							  .agent_chance = agent_chance,
							  .chance = chance(),
							  .addr = *a };
}

static int compare(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->preference != y->preference)
		return x->preference > y->preference ? -1 : 1;
	if (x->agent_chance != y->agent_chance)
		return x->agent_chance < y->agent_chance ? -1 : 1;
	return x->chance < y->chance ? -1 : x->chance > y->chance;
}

/* HaAddress, else our global addresses of the link. */
static void put_ours(const struct mip6 *m, uint32_t ifindex, struct candidates *c)
{
	const struct link *l = link_find(&m->links, ifindex);
	const struct link_addr *a;
	uint32_t mine = chance();
	unsigned int n = 0;

	for (size_t i = 0; i < m->conf->ha_address_count && n < HA_ADDRESSES_PER_ONE; i++, n++)
		put(c, m->conf->ha_preference, mine, &m->conf->ha_addresses[i].addr);
	if (n || !l)
		return;
	TAILQ_FOREACH (a, &l->addrs, entry) {
		if (n < HA_ADDRESSES_PER_ONE && link_addr_usable(a) && a->a.plen < 128 &&
		    addr_is_routable_unicast(&a->a.addr)) {
			put(c, m->conf->ha_preference, mine, &a->a.addr);
			n++;
		}
	}
}

/* The prefix whose home agents are asked for: by its anycast address, or by an address
 * of ours in it. */
static const struct ha_prefix *asked_prefix(const struct mip6 *m, const struct in6_addr *to)
{
	const struct ha_prefix *p;

	TAILQ_FOREACH (p, &ha_of(m)->prefixes, entry) {
		struct in6_addr anycast = addr_ha_anycast(&p->prefix);

		if (p->ifindex && p->own &&
		    (addr_equal(&anycast, to) || prefix_contains(&p->prefix, to)))
			return p;
	}
	return NULL;
}

void ha_agents_on_request(struct mip6 *m, const struct mip6_packet *p,
			  const struct icmp6_msg *msg)
{
	const struct ha_prefix *prefix = asked_prefix(m, &p->path.local);
	const struct in6_addr *source =
		prefix ? link_addr_in(&m->links, link_find(&m->links, prefix->ifindex),
				      &prefix->prefix) :
			 NULL;
	struct mip6_path path = { .peer = p->path.peer };
	struct icmp6_msg reply = { .type = ICMP6_MSG_DHAAD_REPLY };
	struct candidates c = { .count = 0 };
	const struct ha_agent *g;

	if (!source || !addr_is_routable_unicast(&p->path.peer) ||
	    !rate_pass(&ha_of(m)->dhaad_rate, &p->path.peer, m->now_us))
		return;
	put_ours(m, prefix->ifindex, &c);
	TAILQ_FOREACH (g, &ha_of(m)->agents, entry) {
		uint32_t its = chance();

		for (unsigned int i = 0; g->ifindex == prefix->ifindex && i < g->addr_count; i++)
			put(&c, g->preference, its, &g->addrs[i]);
	}
	qsort(c.list, c.count, sizeof(c.list[0]), compare);
	path.local = *source;
	reply.dhaad_reply.id = msg->dhaad_request.id;
	/* the table is smaller than what fits into the minimum MTU (10.5.1) */
	_Static_assert(CANDIDATES_MAX <= ICMP6_DHAAD_MAX, "all candidates fit");
	for (size_t i = 0; i < c.count; i++)
		reply.dhaad_reply.agent[i] = c.list[i].addr;
	reply.dhaad_reply.count = (unsigned int)c.count;
	mip6_send_icmp6_msg(m, &path, &reply);
}
