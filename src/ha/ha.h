// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The home agent role (RFC 6275 section 10, with the requirements of 8.4).
 */
#ifndef HA_HA_H
#define HA_HA_H

#include "core/footprint.h"
#include "core/mip6.h"
#include "core/rate.h"
#include "core/kept.h"
#include "ha/advert.h"
#include "ha/agents.h"
#include "ha/prefix.h"
#include "ha/stray.h"
#include "ha/walk.h"

extern const struct role ha_role;

/* The shared tunnel of all bindings. */
#define HA_TUNNEL "mip6"

/* A real home link: an interface of the configuration that exists. */
struct ha_link {
	TAILQ_ENTRY(ha_link) entry;
	uint32_t ifindex;
	char name[IFNAMSIZ];
	struct kept kept; /* what serving this link keeps in the kernel */
	bool managed;	  /* M and O flags of any router's advertisement there ... */
	bool other;
	struct in6_addr managed_by; /* ... and who said so last */
	struct in6_addr other_by;
	struct ha_advert advert;
};

/* The role's state, m->ha. */
struct ha {
	uint64_t base_changed_us; /* when it was last not as it shall be */
	struct kept base; /* what serving at all keeps in the kernel */
	struct kept own;  /* ... and its own packets to mobile nodes */
	TAILQ_HEAD(, ha_link) links;
	struct ha_prefix_list prefixes;
	struct ha_agent_list agents; /* others than this one */
	struct rate dhaad_rate;
	struct log_limit binding_limit; /* lines about bindings that come, move and go */
	struct rate_bucket new_rate;   /* HaMaxRegistrations, for nodes without ... */
	struct rate_bucket known_rate; /* ... and with a binding */
	struct timer prefix_timer;     /* the next end of a prefix */
	struct timer restore_timer;    /* set while bindings of the store are put ... */
	uint64_t restore_at;	       /* ... from this place of the cache */
	struct ha_walk review_walk;    /* ends bindings that may not stay; moves others */
	bool review_mpd;	       /* ... and schedules their advertisements anew */
	struct ha_walk again_walk;     /* puts all bindings again */
	struct ha_walk mpd_walk;       /* tells of prefixes that changed */
	uint64_t stop_at;	       /* when all end: the place of the next */
	struct ha_strays strays;
	struct ha_multicast *multicast; /* owned */
};

static inline struct ha *ha_of(const struct mip6 *m)
{
	return m->ha;
}

/* True when nothing unprotected can have come in where a policy of IPsec stands. */
bool ha_guards(struct mip6 *m);

/* The objects of all registrations are gone: what serving needs can go as well. */
void ha_registrations_stopped(struct mip6 *m);

/* The real home link with that index, NULL: none of ours. */
struct ha_link *ha_link_find(const struct mip6 *m, uint32_t ifindex);

#endif
