// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of interfaces and their addresses, built from what the kernel tells
 * (mip6_on_link, mip6_on_addr). Roles ask here instead of asking the kernel: which
 * address can be used as a source, which link has a prefix, which index belongs
 * to a name. A node has few links and few addresses on each, so these are lists.
 */
#include "core/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

void link_table_init(struct link_table *t)
{
	TAILQ_INIT(&t->links);
}

static void free_link(struct link_table *t, struct link *l)
{
	struct link_addr *a;

	while ((a = TAILQ_FIRST(&l->addrs)) != NULL) {
		TAILQ_REMOVE(&l->addrs, a, entry);
		free(a);
	}
	TAILQ_REMOVE(&t->links, l, entry);
	free(l);
}

void link_table_free(struct link_table *t)
{
	struct link *l;

	while ((l = TAILQ_FIRST(&t->links)) != NULL)
		free_link(t, l);
}

struct link *link_find(const struct link_table *t, uint32_t ifindex)
{
	struct link *l;

	TAILQ_FOREACH(l, &t->links, entry) {
		if (l->l.ifindex == ifindex)
			return l;
	}
	return NULL;
}

struct link *link_find_name(const struct link_table *t, const char *name)
{
	struct link *l;

	TAILQ_FOREACH(l, &t->links, entry) {
		if (strncmp(l->l.name, name, sizeof(l->l.name)) == 0)
			return l;
	}
	return NULL;
}

int link_update(struct link_table *t, const struct klink *now)
{
	struct link *l = link_find(t, now->ifindex);

	if (now->gone) {
		if (l)
			free_link(t, l);
		return 0;
	}
	if (!l) {
		l = calloc(1, sizeof(*l));
		if (!l)
			return -ENOMEM;
		TAILQ_INIT(&l->addrs);
		TAILQ_INSERT_TAIL(&t->links, l, entry);
	}
	l->l = *now;
	return 0;
}

static struct link_addr *find_on(const struct link *l, const struct in6_addr *a)
{
	struct link_addr *la;

	TAILQ_FOREACH(la, &l->addrs, entry) {
		if (addr_equal(&la->a.addr, a))
			return la;
	}
	return NULL;
}

int link_update_addr(struct link_table *t, const struct kaddr_event *now, uint64_t now_us)
{
	struct link *l = link_find(t, now->ifindex);
	struct link_addr *a = l ? find_on(l, &now->addr) : NULL;

	if (now->gone) {
		if (a) {
			TAILQ_REMOVE(&l->addrs, a, entry);
			free(a);
		}
		return 0;
	}
	if (!l)
		return -ENODEV;
	if (!a) {
		a = calloc(1, sizeof(*a));
		if (!a)
			return -ENOMEM;
		TAILQ_INSERT_TAIL(&l->addrs, a, entry);
	}
	/* The end of duplicate address detection, say, is no news of the link. */
	if (!a->told_us || a->a.valid_until_us != now->valid_until_us)
		a->told_us = now_us;
	a->a = *now;
	return 0;
}

bool link_addr_usable(const struct link_addr *a)
{
	return !a->a.tentative && !a->a.dad_failed;
}

struct link_addr *link_find_addr(const struct link_table *t, const struct in6_addr *a,
				 struct link **on)
{
	struct link *l;

	TAILQ_FOREACH(l, &t->links, entry) {
		struct link_addr *la = find_on(l, a);

		if (!la || !link_addr_usable(la))
			continue;
		if (on)
			*on = l;
		return la;
	}
	return NULL;
}

/* The best usable address of the link in `p`, one that is not deprecated before
 * one that is (RFC 6724 rule 3). */
static const struct link_addr *best_in(const struct link *l, const struct prefix *p,
				       bool (*kind)(const struct in6_addr *))
{
	const struct link_addr *la, *best = NULL;

	TAILQ_FOREACH(la, &l->addrs, entry) {
		if (!link_addr_usable(la) || !kind(&la->a.addr) ||
		    !prefix_contains(p, &la->a.addr))
			continue;
		if (!best || (best->a.deprecated && !la->a.deprecated))
			best = la;
	}
	return best;
}

const struct in6_addr *link_local_addr(const struct link *l)
{
	static const struct prefix any;
	const struct link_addr *la = best_in(l, &any, addr_is_linklocal);

	return la ? &la->a.addr : NULL;
}

const struct in6_addr *link_addr_in(const struct link_table *t, const struct link *l,
				    const struct prefix *p)
{
	const struct link_addr *la, *best = NULL;
	const struct link *at;

	TAILQ_FOREACH(at, &t->links, entry) {
		if (l && at != l)
			continue;
		la = best_in(at, p, addr_is_routable_unicast);
		if (la && (!best || (best->a.deprecated && !la->a.deprecated)))
			best = la;
	}
	return best ? &best->a.addr : NULL;
}
