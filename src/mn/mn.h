// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The mobile node role (RFC 6275 section 11): see attach.h for its two halves.
 */
#ifndef MN_MN_H
#define MN_MN_H

#include "core/mip6.h"

extern const struct role mn_role;

/* The role's state, m->mn: each half owns its part. */
struct mn {
	struct move *move;
	struct home *home;
	struct ro *ro; /* route optimization */
	struct handovers *handovers;
	struct mn_multicast *multicast;
};

static inline struct mn *mn_of(const struct mip6 *m)
{
	return m->mn;
}

#endif
