// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The facts that a Binding Update is judged by (verdict.c) besides what it says itself,
 * gathered from the cache, the prefix list, the configuration and the rates (RFC 6275
 * 9.5.1, 10.3.1). Each costs the same however many bindings there are. Called by
 * registration.c.
 */
#include <string.h>

#include "core/ipsec.h"
#include "ha/ha.h"
#include "ha/work.h"

/* HaMaxRegistrations and HaMaxRegistrationsPerNode. */
static bool is_too_fast(struct mip6 *m, const struct binding *b)
{
	struct ha *ha = ha_of(m);
	uint32_t all = m->conf->ha_max_registrations;
	uint32_t one = m->conf->ha_max_registrations_per_node;

	if (b && b->kind == BINDING_HOME && one &&
	    !rate_bucket_take(&work_of(b)->rate, one, one, m->now_us))
		return true;
	return all && !rate_bucket_take(b ? &ha->known_rate : &ha->new_rate, all, all, m->now_us);
}

/* With the L bit, the link-local address made of it counts as well (10.3.1). */
static bool is_ours(const struct mip6 *m, const struct ha_bu *bu)
{
	struct in6_addr a = addr_linklocal_of(&bu->hoa);

	return link_find_addr(&m->links, &bu->hoa, NULL) ||
	       ((bu->flags & MH_BU_L) && link_find_addr(&m->links, &a, NULL));
}

void ha_facts_gather(struct mip6 *m, const struct ha_bu *bu, struct ha_facts *f)
{
	const struct binding *b = bcache_find_hoa(&m->bcache, &bu->hoa, BINDING_HOME);

	memset(f, 0, sizeof(*f));
	f->conf = m->conf;
	f->binding = b ? b : bcache_find(&m->bcache, &bu->hoa, &bu->path.local);
	f->prefix = ha_prefix_find(m, &bu->hoa);
	f->local_is_ours = link_find_addr(&m->links, &bu->path.local, NULL) != NULL;
	f->home_is_ours = is_ours(m, bu);
	/* 5.1: where a policy stands, the kernel lets only protected ones come so far */
	f->unprotected = m->conf->use_mn_ha_ipsec && !ipsec_protects_binding(m->conf, &bu->hoa,
									      &bu->path.local);
	f->unguarded = m->conf->use_mn_ha_ipsec && !ha_guards(m);
	f->too_fast = is_too_fast(m, b);
	f->bindings = m->bcache.count[BINDING_HOME] - m->bcache.memory_count;
	f->now_us = m->now_us;
}
