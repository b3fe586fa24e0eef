// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Multicast groups of a node that is away (RFC 6275 11.3.4). See multicast.c.
 */
#ifndef MN_MULTICAST_H
#define MN_MULTICAST_H

#include "core/kept.h"
#include "core/mip6.h"
#include "mn/home.h"

/* More than that are not joined at home agents. */
#define MULTICAST_GROUPS_MAX 64

struct mn_multicast {
	struct mip6 *m;
	struct kept kept;     /* memberships on tunnels */
	struct timer timer;   /* set while some home agent wants to know */
	struct in6_addr groups[MULTICAST_GROUPS_MAX]; /* that are joined there */
	size_t count;
	bool cut;	      /* there are more */
	struct footprint last; /* what `kept` was told last */
};

/* 0 or -ENOMEM. */
int multicast_start(struct mip6 *m);
/* Leaves the groups; not for a restart, where they go with the process. */
void multicast_stop(struct mip6 *m);
void multicast_free(struct mip6 *m);
/* True when groups go through the tunnel of that home address, once its home agent has
 * asked. */
bool multicast_by_tunnel(const struct home_addr *h);
/* Before and after the kernel follows a home address that has changed its state, its tunnel
 * or its home agent: forgets queries that count no more, joins what is to be joined. */
void multicast_review(struct mip6 *m);
void multicast_refresh(struct mip6 *m);
/* A message of ICMPv6 that may be a query. */
void multicast_on_icmp6(struct mip6 *m, const struct mip6_packet *p);
void multicast_show(struct mip6 *m, struct show *out);

#endif
