// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a correspondent keeps for its next start (core/store.h): its bindings, the sequence
 * numbers of those that ended, and the nonces with their keys, so that tokens that are on
 * their way stay good, and old updates stay old. Without a store all do nothing.
 */
#ifndef CN_KEPT_STATE_H
#define CN_KEPT_STATE_H

#include "core/mip6.h"

/* The binding as the kernel has it (RFC 6275 9.1). To be called before its
 * acknowledgement is sent. */
void cn_save_binding(struct mip6 *m, const struct binding *b);
/* It ended; its sequence number counts until `until_us` (5.2.8, 9.5.1). */
void cn_save_sequence(struct mip6 *m, const struct binding *b, uint64_t until_us);
/* Nothing is known of it any more. */
void cn_save_nothing(struct mip6 *m, const struct binding *b);
/* The nonces and keys that there are now (5.2.1, 5.2.2). */
void cn_save_nonces(struct mip6 *m);

/* At start: brings all of it back, and puts the objects of the bindings. */
void cn_restore(struct mip6 *m);

#endif
