// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Links and the core: frames on their way, with chance. A frame to one address
 * goes to the interface that has it on that link when the frame arrives; a
 * multicast one to each that was there when it was sent, each with a chance of
 * its own. Who has gone meanwhile gets nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/ladder/world.h"

/* A packet on its way to one interface, or (NULL) through the core to a box. */
struct flight {
	TAILQ_ENTRY(flight) entry;
	struct ladder *L;
	struct timer timer;
	struct packet *p;
	struct net_link *link;
	struct box *box;
	uint8_t to[MAC_LEN];
	struct iface *receiver; /* of a multicast; looked up when it arrives */
	bool multicast;
};

/* splitmix64 */
static uint64_t next_random(struct ladder *L)
{
	uint64_t z = (L->rng += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

uint64_t ladder_random(struct ladder *L, uint64_t limit)
{
	return limit ? next_random(L) % limit : 0;
}

/* The world that is there now, for what the program asks of chance. */
static struct ladder *current;

void net_set_current(struct ladder *L)
{
	current = L;
}

/* In place of crypto_random(), by the linker: a run is repeated by its seed. */
int __wrap_crypto_random(void *out, size_t len);
int __wrap_crypto_random(void *out, size_t len)
{
	uint8_t *bytes = out;
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = current ? (uint8_t)next_random(current) : (uint8_t)(i * 151 + 7);
	return 0;
}

bool net_chance(struct ladder *L, uint32_t ppm)
{
	return ppm && ladder_random(L, 1000000) < ppm;
}

static struct iface *find_mac(const struct net_link *l, const uint8_t *mac)
{
	struct iface *i;

	TAILQ_FOREACH(i, &l->ifaces, on_link) {
		if (memcmp(i->mac, mac, MAC_LEN) == 0)
			return i;
	}
	return NULL;
}

static bool is_attached(const struct net_link *l, const struct iface *wanted)
{
	struct iface *i;

	TAILQ_FOREACH(i, &l->ifaces, on_link) {
		if (i == wanted)
			return true;
	}
	return false;
}

static void land(struct flight *f)
{
	struct packet *p = f->p;
	struct iface *to = NULL;

	if (f->link && f->multicast)
		to = is_attached(f->link, f->receiver) ? f->receiver : NULL;
	else if (f->link)
		to = find_mac(f->link, f->to);
	if (to) {
		box_receive(to, p, f->multicast);
	} else if (f->box) {
		box_input(f->box, p, "core", NULL);
	} else {
		if (!f->multicast)
			record_lost(f->L, p, "nobody with that address on link %s",
				    f->link->name);
		packet_free(p);
	}
}

static void free_flight(struct flight *f)
{
	TAILQ_REMOVE(&f->L->flights, f, entry);
	timer_cancel(&f->L->timers, &f->timer);
	free(f);
}

static void on_arrival(struct timer *t, uint64_t now_us)
{
	struct flight *f = t->ctx, copy = *f;

	(void)now_us;
	free_flight(f);
	land(&copy);
}

void net_free(struct ladder *L)
{
	struct flight *f;

	while ((f = TAILQ_FIRST(&L->flights)) != NULL) {
		packet_free(f->p);
		free_flight(f);
	}
}

static void take_off(const struct flight *template, const struct quality *q)
{
	struct ladder *L = template->L;
	struct flight *f = must_alloc(sizeof(*f));
	uint64_t delay = q->latency_us;

	*f = *template;
	f->p = packet_copy(template->p);
	if (q->jitter_us)
		delay += ladder_random(L, q->jitter_us + 1);
	if (net_chance(L, q->reorder_ppm))
		delay += 10 * (q->latency_us ? q->latency_us : 100);
	timer_init(&f->timer, "flight", on_arrival, f);
	TAILQ_INSERT_TAIL(&L->flights, f, entry);
	timer_set(&L->timers, &f->timer, L->now_us + delay, NULL);
}

/* One flight, none, or two, as the quality and chance have it. */
static void try_flight(const struct flight *template, const struct quality *q, const char *where)
{
	struct ladder *L = template->L;

	if (net_chance(L, q->loss_ppm)) {
		if (!template->multicast)
			record_lost(L, template->p, "lost %s", where);
		return;
	}
	take_off(template, q);
	if (net_chance(L, q->duplicate_ppm))
		take_off(template, q);
}

void net_send(struct iface *from, const uint8_t *to, struct packet *p)
{
	struct net_link *l = from->link;
	struct flight f = { .L = from->box->L, .p = p, .link = l, .multicast = !to };
	char where[40], all[40];

	if (!l) {
		record_lost(f.L, p, "%s is unplugged", from->name);
		packet_free(p);
		return;
	}
	snprintf(where, sizeof(where), "on link %s", l->name);
	if (to) {
		memcpy(f.to, to, MAC_LEN);
		try_flight(&f, &l->q, where);
	} else {
		snprintf(all, sizeof(all), "*%s", l->name);
		record_arrived(f.L, p, all);
		TAILQ_FOREACH(f.receiver, &l->ifaces, on_link) {
			if (f.receiver != from)
				try_flight(&f, &l->q, where);
		}
	}
	packet_free(p);
}

static struct core_route *find_core_route(const struct ladder *L, const struct box *from,
					  const struct in6_addr *dst)
{
	struct core_route *r, *best = NULL;

	TAILQ_FOREACH(r, &L->core_routes, entry) {
		if (r->box != from && prefix_contains(&r->prefix, dst) &&
		    (!best || r->prefix.len > best->prefix.len))
			best = r;
	}
	return best;
}

bool net_core_has(const struct ladder *L, const struct box *from, const struct in6_addr *dst)
{
	return find_core_route(L, from, dst) != NULL;
}

void net_send_core(struct box *from, struct packet *p)
{
	const struct core_route *r = find_core_route(from->L, from, &p->dst);
	struct flight f = { .L = from->L, .p = p };

	if (addr_equal(&p->src, &from->L->core_loses_from) ||
	    addr_equal(&p->dst, &from->L->core_loses_to)) {
		record_lost(from->L, p, "lost in the core");
	} else if (r) {
		f.box = r->box;
		try_flight(&f, &from->L->core, "in the core");
	} else {
		record_lost(from->L, p, "the core has no route to %s", ADDR_STR(&p->dst));
	}
	packet_free(p);
}
