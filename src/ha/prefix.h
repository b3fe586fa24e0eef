// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The prefix list of a home agent (RFC 6275 10.6.1, RFC 4861 5.1): which prefixes
 * are home, on which link, for how long. Filled from addresses of our own on home
 * links, from router advertisements heard there, and from the virtual home links
 * of the configuration.
 */
#ifndef HA_PREFIX_H
#define HA_PREFIX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/addr.h"
#include "base/time.h"
#include "core/mip6.h"

struct ha_prefix {
	TAILQ_ENTRY(ha_prefix) entry;
	struct prefix prefix;
	uint32_t ifindex;	     /* home link; 0: a virtual one; see ha_prefix_link() */
	bool own;		     /* a usable address of ours is in it */
	bool own_preferred;	     /* ... and one of these is not deprecated */
	bool was_preferred;	     /* own_preferred before the refresh under way */
	bool heard;		     /* some router advertised it: lifetimes and flags are its */
	bool news;		     /* its home addresses are to hear of a change */
	uint64_t lost_until_us;	     /* not 0: our addresses in it may come back so long ... */
	bool unplugged;		     /* ... with the interface */
	bool on_link;		     /* L and A flags */
	bool autonomous;
	struct in6_addr router;	     /* full address of a router there (R flag), or :: */
	uint64_t valid_until_us;     /* TIME_NEVER: for ever */
	uint64_t preferred_until_us;
	uint32_t told_valid_s;	     /* heard: as last advertised */
	uint32_t told_preferred_s;
	uint64_t saved_valid_us;     /* as written to the store */
	uint64_t saved_preferred_us;
};
TAILQ_HEAD(ha_prefix_list, ha_prefix);

/* So many at most from router advertisements of one link: they can be forged. */
#define HA_PREFIXES_PER_LINK 64

/* What changed of a prefix, for mobile prefix discovery (10.6.2). */
enum ha_prefix_change {
	HA_PREFIX_ADDED,
	HA_PREFIX_CHANGED,    /* flags, or lifetimes by more than the advance of time */
	HA_PREFIX_DEPRECATED, /* a change which ends the preferred lifetime */
	HA_PREFIX_REMOVED,    /* also: no longer valid */
};

void ha_prefix_init(struct mip6 *m);
void ha_prefix_free(struct mip6 *m);

/* The longest valid prefix that `a` is in, NULL: not a home address of ours. */
struct ha_prefix *ha_prefix_find(const struct mip6 *m, const struct in6_addr *a);
/* The entry of exactly that prefix and link, valid or not. */
struct ha_prefix *ha_prefix_get(const struct mip6 *m, const struct prefix *p, uint32_t ifindex);
bool ha_prefix_is_valid(const struct ha_prefix *p, uint64_t now_us);
/* The interface that its home addresses are defended on; 0: on none. */
uint32_t ha_prefix_link(const struct ha_prefix *p);
/* When the next of those that were lost is given up; TIME_NEVER: none was. */
uint64_t ha_prefix_lost_until_us(const struct mip6 *m);

/* Takes addresses, links and virtual home links as they are now. */
void ha_prefix_refresh(struct mip6 *m);
/* A router advertisement on a home link. */
void ha_prefix_hear(struct mip6 *m, uint32_t ifindex, const struct nd_msg *ra);
/* What was heard before a restart; the list is told nothing new. */
void ha_prefix_restore(struct mip6 *m, const struct ha_prefix *was);
/* As an option of an advertisement (RFC 4861 4.6.2): lifetimes as they are left;
 * where there is no end, the defaults of RFC 4861 6.2.1. */
struct nd_prefix_info ha_prefix_info(const struct ha_prefix *p, uint64_t now_us);

#endif
