// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The mobile node's words on the console.
 */
#ifndef MN_MN_SHOW_H
#define MN_MN_SHOW_H

#include "core/mip6.h"

/* Its part of `status`. */
void mn_status(struct mip6 *m, struct show *out);
void mn_wrong(struct mip6 *m, role_wrong_fn *fn, void *ctx);
/* The objects of the role, of all its parts. */
void mn_objects(struct mip6 *m, role_object_fn *fn, void *ctx);
/* The ways to `peer`; NULL: to the router and the home agents. */
void mn_ways(struct mip6 *m, const struct in6_addr *peer, role_way_fn *fn, void *ctx);
extern const struct role_show mn_shows[];
extern const struct role_command mn_commands[];

#endif
