// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Route optimization on the console.
 */
#ifndef MN_RO_SHOW_H
#define MN_RO_SHOW_H

#include "core/mip6.h"
#include "core/show.h"

/* `rr`: all peers. */
void ro_show_peers(struct mip6 *m, struct show *out, int argc, const char *const *argv);
/* `rotest PEER`: whether packets go directly, each way, and why not. */
void ro_show_test(struct mip6 *m, struct show *out, int argc, const char *const *argv);

#endif
