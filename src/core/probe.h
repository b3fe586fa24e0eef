// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The registry of probes under way, for mip6_free(); roles use mip6_probe() of
 * mip6.h.
 */
#ifndef CORE_PROBE_H
#define CORE_PROBE_H

struct mip6;

/* Forgets all probes without telling anyone, not even the port. */
void mip6_probes_free(struct mip6 *m);

#endif
