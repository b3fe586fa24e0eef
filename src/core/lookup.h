// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The registry of names being looked up, for mip6_free(); roles use mip6_lookup() of
 * mip6.h.
 */
#ifndef CORE_LOOKUP_H
#define CORE_LOOKUP_H

struct mip6;

/* Forgets all without telling anyone, not even the port. */
void mip6_lookups_free(struct mip6 *m);

#endif
