// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The correspondent role (RFC 6275 section 9): every node has it.
 */
#ifndef CN_CN_H
#define CN_CN_H

#include "base/timer.h"
#include "core/kept.h"
#include "core/mip6.h"
#include "core/rr.h"

extern const struct role cn_role;

/* The role's state, m->cn. */
struct cn {
	struct rr rr;
	struct timer nonce_timer; /* the next nonce expires */
	size_t memories;  /* of our bindings, those of which only the sequence number is left */
	struct kept base; /* where no other role admits Home Address options */
};

static inline struct cn *cn_of(const struct mip6 *m)
{
	return m->cn;
}

#endif
