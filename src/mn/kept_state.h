// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a mobile node keeps for its next start (core/store.h): the Binding Update List with
 * its sequence numbers, and what prefix discovery told of its home addresses. Without a
 * store all do nothing.
 */
#ifndef MN_KEPT_STATE_H
#define MN_KEPT_STATE_H

#include "core/mip6.h"
#include "mn/bul.h"

struct home_addr;

/* An entry of the list as it is now (RFC 6275 11.1), or, `gone`, that it is no more. */
void mn_save_entry(struct mip6 *m, const struct bul_entry *e, bool gone);
/* The lifetimes of a home address, or, where it was learned, the address itself (11.4.2,
 * 11.4.3). */
void mn_save_home(struct mip6 *m, const struct home_addr *h);
void mn_save_no_home(struct mip6 *m, const struct home_addr *h);

/* At start, when the home addresses of the configuration are there: what was known of
 * them, and those that were learned. */
void mn_restore_homes(struct mip6 *m);
/* Then the Binding Update List: of home agents, and of correspondents. */
void mn_restore_entries(struct mip6 *m, enum bul_kind kind);

#endif
