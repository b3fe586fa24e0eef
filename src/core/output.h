// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is ready to go out, for this room; others use the functions of mip6.h.
 */
#ifndef CORE_OUTPUT_H
#define CORE_OUTPUT_H

#include <stddef.h>

#include "core/kernel.h"
#include "wire/mh.h"

struct mip6;

/* Hands an encoded Mobility Header message to the port, counts and logs it. 0 or -errno. */
int output_mh(struct mip6 *m, const struct mip6_path *path, enum mh_type type,
	      const uint8_t *data, size_t len);

#endif
