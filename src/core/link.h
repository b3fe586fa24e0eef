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
	uint64_t told_us; /* when it came, or its lifetime was last set anew */
};

struct link {
	TAILQ_ENTRY(link) entry;
	struct klink l;
	TAILQ_HEAD(, link_addr) addrs;
};

struct link_table {
	TAILQ_HEAD(, link) links;
};

/* --- for roles; what they return is valid until the next event --- */

/* NULL when there is none. */
struct link *link_find(const struct link_table *t, uint32_t ifindex);
struct link *link_find_name(const struct link_table *t, const char *name);
/* Not tentative (or optimistic, RFC 4429) and not found to be a duplicate. */
bool link_addr_usable(const struct link_addr *a);
/* The usable address equal to `a` on any link, or NULL. `on`, unless NULL,
 * receives the link. */
struct link_addr *link_find_addr(const struct link_table *t, const struct in6_addr *a,
				 struct link **on);
/* A usable link-local address of the link, or NULL. */
const struct in6_addr *link_local_addr(const struct link *l);
/* A usable routable address in `p` on the link (any link when l is NULL), or
 * NULL; a deprecated one only when there is no other. */
const struct in6_addr *link_addr_in(const struct link_table *t, const struct link *l,
				    const struct prefix *p);

/* --- for the entry points --- */

void link_table_init(struct link_table *t);
void link_table_free(struct link_table *t);
/* Takes over what the kernel told; a link that is gone goes with its addresses.
 * 0 or -ENOMEM. */
int link_update(struct link_table *t, const struct klink *now);
/* 0, -ENOMEM, or -ENODEV for an address of a link that is not known. */
int link_update_addr(struct link_table *t, const struct kaddr_event *now, uint64_t now_us);

#endif
