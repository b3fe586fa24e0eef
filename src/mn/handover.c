// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ring of handover records: see handover.h. Registration (home*.c) fills it
 * in, step by step; the console and the tests read.
 */
#include "mn/handover.h"

#include <string.h>

uint64_t handover_begin(struct handovers *h, const struct in6_addr *hoa,
			const struct attachment *at, bool home)
{
	struct handover *r = &h->ring[h->count % HANDOVERS_MAX];

	memset(r, 0, sizeof(*r));
	r->number = ++h->count;
	r->hoa = *hoa;
	r->coa = home ? *hoa : at->coa;
	r->ifindex = at->ifindex;
	r->cause = at->cause;
	r->home = home;
	r->event_us = at->event_us;
	r->rs_us = at->rs_us;
	r->ra_us = at->ra_us;
	r->addr_us = at->addr_us;
	return r->number;
}

struct handover *handover_find(struct handovers *h, uint64_t number)
{
	struct handover *r;

	if (!number)
		return NULL;
	r = &h->ring[(number - 1) % HANDOVERS_MAX];
	return r->number == number ? r : NULL;
}

const struct handover *handover_get(const struct handovers *h, size_t i)
{
	if (i >= h->count || i >= HANDOVERS_MAX)
		return NULL;
	return &h->ring[(h->count - 1 - i) % HANDOVERS_MAX];
}

const char *attach_cause_name(enum attach_cause c)
{
	switch (c) {
	case ATTACH_START:
		return "start";
	case ATTACH_LINK_UP:
		return "link-up";
	case ATTACH_LINK_DOWN:
		return "link-down";
	case ATTACH_NEW_ROUTER:
		return "new-router";
	case ATTACH_ROUTER_LOST:
		return "router-lost";
	case ATTACH_PREFERENCE:
		return "preference";
	case ATTACH_ADDRESS:
		return "address";
	case ATTACH_ADMIN:
		return "admin";
	}
	return "?";
}

const char *handover_result_name(enum handover_result r)
{
	switch (r) {
	case HANDOVER_UNDER_WAY:
		return "under-way";
	case HANDOVER_DONE:
		return "done";
	case HANDOVER_OVERTAKEN:
		return "overtaken";
	case HANDOVER_REFUSED:
		return "refused";
	}
	return "?";
}
