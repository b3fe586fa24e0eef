// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a home agent keeps for its next start (core/store.h): its bindings, the sequence
 * numbers of those that ended, what routers of the home links advertised. All functions do
 * nothing where the node has no store.
 */
#ifndef HA_KEPT_STATE_H
#define HA_KEPT_STATE_H

#include "core/mip6.h"
#include "ha/agents.h"
#include "ha/prefix.h"

/* The binding as the kernel has it (RFC 6275 9.1, 10.1), with what is due of prefix
 * discovery (10.6.2). To be called before its acknowledgement is sent. */
void ha_save_binding(struct mip6 *m, const struct binding *b);
/* The binding ended; its sequence number counts until `until_us` (9.5.1, 10.3.2). */
void ha_save_sequence(struct mip6 *m, const struct binding *b, uint64_t until_us);
/* Nothing is known of that home address any more. */
void ha_save_nothing(struct mip6 *m, const struct in6_addr *hoa);
/* What was heard of a prefix of a real home link (10.6.1); not at every advertisement
 * that says the same again. */
void ha_save_prefix(struct mip6 *m, struct ha_prefix *p);
void ha_save_no_prefix(struct mip6 *m, const struct ha_prefix *p);
/* Another home agent of a home link (10.1), in the same way. */
void ha_save_agent(struct mip6 *m, struct ha_agent *g);
void ha_save_no_agent(struct mip6 *m, const struct ha_agent *g);

/* At start, when links and addresses are known: brings all of it back. The kernel gets
 * the objects of the bindings bit by bit; ha_restored() is true at the end of that. */
void ha_restore(struct mip6 *m);
bool ha_restored(const struct mip6 *m);

#endif
