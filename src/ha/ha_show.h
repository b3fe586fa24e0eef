// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The home agent's words on the console.
 */
#ifndef HA_HA_SHOW_H
#define HA_HA_SHOW_H

#include "core/mip6.h"

/* Its part of `status`. */
void ha_status(struct mip6 *m, struct show *out);
void ha_wrong(struct mip6 *m, role_wrong_fn *fn, void *ctx);
/* The objects of the role and of all registrations. */
void ha_objects(struct mip6 *m, role_object_fn *fn, void *ctx);
bool ha_end_binding(struct mip6 *m, struct binding *b);
/* To a registered node: through its tunnel, and to its care-of address. */
void ha_ways(struct mip6 *m, const struct in6_addr *peer, role_way_fn *fn, void *ctx);
extern const struct role_show ha_shows[];
extern const struct role_command ha_commands[];

#endif
