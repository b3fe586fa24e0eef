// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The interfaces of this node and their addresses, as the kernel told them.
 * Roles read here; only the entry points of mip6.h write.
 */
#ifndef CORE_LINK_H
#define CORE_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "core/kernel.h"

struct link_addr {
	TAILQ_ENTRY(link_addr) entry;
	struct kaddr_event a;
};

struct link {
	TAILQ_ENTRY(link) entry;
	struct klink l;
	TAILQ_HEAD(, link_addr) addrs;
};

struct link_table {
	TAILQ_HEAD(, link) links;
};

struct link *link_find(struct link_table *t, uint32_t ifindex);
struct link *link_find_name(struct link_table *t, const char *name);
/* The usable address (not tentative, not failed) equal to `a` on any link. */
struct link_addr *link_find_addr(struct link_table *t, const struct in6_addr *a,
				 struct link **on);
/* A usable link-local address of the link, or NULL. */
const struct in6_addr *link_local_addr(const struct link *l);
/* A usable routable address in `p` on the link (any link when l is NULL), or NULL. */
const struct in6_addr *link_addr_in(struct link_table *t, const struct link *l,
				    const struct prefix *p);

#endif
