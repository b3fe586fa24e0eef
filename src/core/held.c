// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Held messages (core/held.h): Binding Acknowledgements only. A peer that was acknowledged
 * relies on the binding, and on its sequence number; everything else that is sent may be
 * repeated. Most often the wait ends with the turn. Called by output.c.
 */
#include "core/held.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/mip6.h"
#include "core/output.h"
#include "core/store.h"

struct held {
	TAILQ_ENTRY(held) entry;
	struct store_waiter waiter;
	struct mip6 *m;
	struct mip6_path path;
	enum mh_type type;
	size_t len;
	uint8_t data[];
};

static void drop(struct held *h)
{
	store_wait_cancel(&h->waiter);
	TAILQ_REMOVE(&h->m->held, h, entry);
	free(h);
}

static void on_safe(void *ctx, int error)
{
	struct held *h = ctx;

	(void)error; /* the store has said so */
	(void)output_mh(h->m, &h->path, h->type, h->data, h->len);
	drop(h);
}

bool held_is_due(const struct mip6 *m, enum mh_type type)
{
	return type == MH_BA && !store_is_idle(m->store);
}

int held_send(struct mip6 *m, const struct mip6_path *path, enum mh_type type,
	      const uint8_t *data, size_t len)
{
	struct held *h = calloc(1, sizeof(*h) + len);

	if (!h)
		return -ENOMEM;
	h->m = m;
	h->path = *path;
	h->type = type;
	h->len = len;
	memcpy(h->data, data, len);
	TAILQ_INSERT_TAIL(&m->held, h, entry);
	store_wait(m->store, &h->waiter, on_safe, h);
	return 0;
}

void held_free(struct mip6 *m)
{
	struct held *h;

	while ((h = TAILQ_FIRST(&m->held)))
		drop(h);
}
