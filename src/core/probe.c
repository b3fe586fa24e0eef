// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Probes: asking the network whether an address is in use (duplicate address
 * detection on behalf of a mobile node, RFC 6275 10.3.1) or a neighbour still
 * reachable (RFC 4861 7.3). The port sends and listens; here is the registry that
 * leads from its ticket back to who asked. Most probes are answered in the order
 * of asking, so the list is searched from its old end.
 */
#include "core/probe.h"

#include <stdlib.h>
#include <string.h>

#include "core/mip6.h"

struct probe {
	TAILQ_ENTRY(probe) entry;
	uint64_t ticket;
	probe_fn *fn;
	void *ctx;
};

struct probe *mip6_probe(struct mip6 *m, const struct kprobe *p, probe_fn *fn, void *ctx)
{
	struct probe *probe = calloc(1, sizeof(*probe));
	int err;

	if (!probe)
		return NULL;
	*probe = (struct probe){ .ticket = m->next_ticket++, .fn = fn, .ctx = ctx };
	err = m->kernel->ops->probe(m->kernel, p, probe->ticket);
	if (err) {
		log_warning(LOG_PROBE, "cannot probe %s ifindex=%u: %s", ADDR_STR(&p->target),
			    p->ifindex, strerror(-err));
		free(probe);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&m->probes, probe, entry);
	return probe;
}

void mip6_probe_cancel(struct mip6 *m, struct probe *p)
{
	if (!p)
		return;
	m->kernel->ops->probe_cancel(m->kernel, p->ticket);
	TAILQ_REMOVE(&m->probes, p, entry);
	free(p);
}

void mip6_on_probe(struct mip6 *m, uint64_t ticket, enum kprobe_result result)
{
	struct probe *p;

	TAILQ_FOREACH(p, &m->probes, entry) {
		if (p->ticket == ticket)
			break;
	}
	if (!p)
		return;
	TAILQ_REMOVE(&m->probes, p, entry);
	if (p->fn)
		p->fn(m, result, p->ctx);
	free(p);
}

void mip6_probes_free(struct mip6 *m)
{
	struct probe *p;

	while ((p = TAILQ_FIRST(&m->probes)) != NULL) {
		TAILQ_REMOVE(&m->probes, p, entry);
		free(p);
	}
}
