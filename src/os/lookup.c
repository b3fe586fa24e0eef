// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names for the protocol: hands a question to base/resolve.c and its answer up. Called
 * through the port's table.
 */
#include "os/linux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/resolve.h"
#include "core/mip6.h"

struct lookup_run {
	LIST_ENTRY(lookup_run) entry;
	struct os *os;
	uint64_t ticket;
	struct resolve *resolve; /* owned until it has answered */
	char name[256];
};

static void end_lookup(struct lookup_run *r)
{
	LIST_REMOVE(r, entry);
	resolve_cancel(r->resolve);
	free(r);
}

static void on_resolved(const struct in6_addr *addrs, size_t count, const char *why, void *ctx)
{
	struct lookup_run *r = ctx;
	struct os *os = r->os;
	uint64_t ticket = r->ticket;

	if (!count)
		log_notice(LOG_KERNEL, "%s: %s", r->name, why);
	r->resolve = NULL;
	end_lookup(r);
	os_now(os);
	mip6_on_lookup(os->kernel.mip6, ticket, addrs, count);
}

int lookup_begin(struct kernel *k, const char *name, const struct in6_addr *source,
		 uint64_t ticket)
{
	struct os *os = os_of(k);
	struct lookup_run *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->os = os;
	r->ticket = ticket;
	strlcpy(r->name, name, sizeof(r->name));
	LIST_INSERT_HEAD(&os->lookups, r, entry);
	r->resolve = resolve_name(os->loop, r->name, source, on_resolved, r);
	if (!r->resolve) {
		end_lookup(r);
		return -ENOMEM;
	}
	return 0;
}

void lookup_cancel(struct kernel *k, uint64_t ticket)
{
	struct lookup_run *r;

	LIST_FOREACH (r, &os_of(k)->lookups, entry) {
		if (r->ticket == ticket) {
			end_lookup(r);
			return;
		}
	}
}

void lookups_free(struct os *os)
{
	while (!LIST_EMPTY(&os->lookups))
		end_lookup(LIST_FIRST(&os->lookups));
}
