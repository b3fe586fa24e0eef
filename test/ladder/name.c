// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names: what the test lets the DNS know, and questions of the program, answered after a
 * while. They go past the network. And what a kernel does without being told: nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "test/ladder/world.h"

#define ANSWER_US (10 * MS)

void ladder_name(struct ladder *L, const char *name, const char *addr)
{
	struct known_name *n = must_alloc(sizeof(*n));

	snprintf(n->name, sizeof(n->name), "%s", name);
	n->addr = ip6(addr);
	TAILQ_INSERT_TAIL(&L->names, n, entry);
}

void ladder_forget_names(struct ladder *L)
{
	struct known_name *n;

	while ((n = TAILQ_FIRST(&L->names)) != NULL) {
		TAILQ_REMOVE(&L->names, n, entry);
		free(n);
	}
}

void fake_lookup_free(struct fake_lookup *l)
{
	timer_cancel(&l->box->L->timers, &l->timer);
	TAILQ_REMOVE(&l->box->lookups, l, entry);
	free(l);
}

static void on_answer(struct timer *t, uint64_t now_us)
{
	struct fake_lookup *l = t->ctx;
	struct box *b = l->box;
	uint64_t ticket = l->ticket;
	struct in6_addr addrs[8];
	struct known_name *n;
	size_t count = 0;

	TAILQ_FOREACH(n, &b->L->names, entry) {
		if (strcmp(n->name, l->name) == 0 && count < 8)
			addrs[count++] = n->addr;
	}
	fake_lookup_free(l);
	mip6_turn(&b->mip6, now_us);
	mip6_on_lookup(&b->mip6, ticket, addrs, count);
}

int fake_lookup_begin(struct kernel *k, const char *name, const struct in6_addr *source,
		      uint64_t ticket)
{
	struct box *b = (struct box *)k;
	struct fake_lookup *l = must_alloc(sizeof(*l));

	ladder_note(b->L, "%s asks for %s from %s", b->name, name, ADDR_STR(source));
	l->box = b;
	l->ticket = ticket;
	snprintf(l->name, sizeof(l->name), "%s", name);
	timer_init(&l->timer, "lookup", on_answer, l);
	TAILQ_INSERT_TAIL(&b->lookups, l, entry);
	timer_set(&b->L->timers, &l->timer, b->L->now_us + ANSWER_US, NULL);
	return 0;
}

void fake_lookup_cancel(struct kernel *k, uint64_t ticket)
{
	struct fake_lookup *l;

	TAILQ_FOREACH(l, &((struct box *)k)->lookups, entry) {
		if (l->ticket == ticket) {
			fake_lookup_free(l);
			return;
		}
	}
}

/* This kernel learns nothing by itself. */
void fake_forget_learned(struct kernel *k, uint32_t ifindex)
{
	(void)k;
	(void)ifindex;
}
