// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Acknowledgements that wait until what they say cannot be forgotten (core/store.h).
 */
#ifndef CORE_HELD_H
#define CORE_HELD_H

#include <stddef.h>

#include "core/kernel.h"
#include "wire/mh.h"

struct mip6;

/* True when such a message has to wait: something that was written to the store is not
 * safe yet. */
bool held_is_due(const struct mip6 *m, enum mh_type type);
/* Sends the message, which is copied, when all that was written so far is safe; or when
 * that has failed, because a binding which is lost with a crash is worth more than none.
 * 0 or -ENOMEM. */
int held_send(struct mip6 *m, const struct mip6_path *path, enum mh_type type,
	      const uint8_t *data, size_t len);
/* Forgets those that wait. */
void held_free(struct mip6 *m);

#endif
