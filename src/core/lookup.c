// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Looking up names: the registry that leads from a ticket of the port back to who asked,
 * as probe.c does for probes. Called for the name of a home agent.
 */
#include <stdlib.h>
#include <string.h>

#include "core/lookup.h"
#include "core/mip6.h"

struct lookup {
	TAILQ_ENTRY(lookup) entry;
	uint64_t ticket;
	lookup_fn *fn;
	void *ctx;
};

struct lookup *mip6_lookup(struct mip6 *m, const char *name, const struct in6_addr *source,
			   lookup_fn *fn, void *ctx)
{
	struct lookup *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return NULL;
	*l = (struct lookup){ .ticket = m->next_ticket++, .fn = fn, .ctx = ctx };
	err = m->kernel->ops->lookup(m->kernel, name, source, l->ticket);
	if (err) {
		log_warning(LOG_CORE, "cannot look up %s: %s", name, strerror(-err));
		free(l);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&m->lookups, l, entry);
	return l;
}

void mip6_lookup_cancel(struct mip6 *m, struct lookup *l)
{
	if (!l)
		return;
	m->kernel->ops->lookup_cancel(m->kernel, l->ticket);
	TAILQ_REMOVE(&m->lookups, l, entry);
	free(l);
}

void mip6_on_lookup(struct mip6 *m, uint64_t ticket, const struct in6_addr *addrs, size_t count)
{
	struct lookup *l;

	TAILQ_FOREACH(l, &m->lookups, entry) {
		if (l->ticket == ticket)
			break;
	}
	if (!l)
		return;
	TAILQ_REMOVE(&m->lookups, l, entry);
	l->fn(m, addrs, count, l->ctx);
	free(l);
}

void mip6_lookups_free(struct mip6 *m)
{
	struct lookup *l;

	while ((l = TAILQ_FIRST(&m->lookups)) != NULL) {
		TAILQ_REMOVE(&m->lookups, l, entry);
		free(l);
	}
}
