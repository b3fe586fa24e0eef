// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whose address it is: asking before a home address is served (duplicate address
 * detection, RFC 6275 10.3.1), telling when serving begins (10.4.1).
 */
#ifndef HA_DEFENCE_H
#define HA_DEFENCE_H

#include <netinet/in.h>

#include "core/mip6.h"

/* RFC 4861 section 10. */
#define HA_MAX_NEIGHBOR_ADVERTISEMENT 3

/* Asks a home link whether somebody has `target`; `fn` as for mip6_probe(). */
struct probe *ha_ask(struct mip6 *m, uint32_t ifindex, const struct in6_addr *target,
		     probe_fn *fn, void *ctx);

/* Tells all nodes of a home link that `target` is now reached through us: an
 * unsolicited Neighbour Advertisement with the override bit (10.4.1). 0 or -errno. */
int ha_tell_neighbours(struct mip6 *m, uint32_t ifindex, const struct in6_addr *target);

#endif
