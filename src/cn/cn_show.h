// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The correspondent's words on the console.
 */
#ifndef CN_CN_SHOW_H
#define CN_CN_SHOW_H

#include "core/mip6.h"

/* The objects of the role and of its bindings. */
void cn_objects(struct mip6 *m, role_object_fn *fn, void *ctx);
bool cn_end_binding(struct mip6 *m, struct binding *b);
/* To a node with a binding: as its home address, and to its care-of address. */
void cn_ways(struct mip6 *m, const struct in6_addr *peer, role_way_fn *fn, void *ctx);
extern const struct role_show cn_shows[];

#endif
