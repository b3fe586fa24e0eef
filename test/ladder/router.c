// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routers: a box that forwards, is in the core with its prefix, and sends Router
 * Advertisements, by the clock and when solicited. What it advertises is a
 * struct nd_msg that a test may change as it likes.
 */
#include <stdlib.h>
#include <string.h>

#include "test/ladder/world.h"

#define ROUTER_LIFETIME_S 1800
#define VALID_S		  86400
#define PREFERRED_S	  14400

static void send_ra(struct box *b)
{
	struct iface *i = b->ra.i;
	const struct in6_addr src = iface_local(i);
	uint8_t buf[1280];
	struct packet *p;
	int len;

	if (!i->link || !i->carrier)
		return;
	len = nd_encode(&b->ra.msg, &src, &all_nodes, buf, sizeof(buf));
	if (len < 0)
		ladder_fail(b->L, __FILE__, __LINE__, "%s: what it advertises cannot be encoded",
			    b->name);
	p = packet_new(&src, &all_nodes, WIRE_PROTO_ICMPV6, buf, (size_t)len);
	p->hop_limit = ND_HOP_LIMIT;
	record_sent(b, p);
	net_send(i, NULL, p);
}

static void on_interval(struct timer *t, uint64_t now_us)
{
	struct box *b = t->ctx;

	send_ra(b);
	timer_set(&b->L->timers, t, now_us + b->ra.interval_us, NULL);
}

static void on_answer(struct timer *t, uint64_t now_us)
{
	(void)now_us;
	send_ra(t->ctx);
}

void router_hear_rs(struct iface *i)
{
	struct advertiser *ra = &i->box->ra;

	if (ra->on && ra->i == i && !timer_is_set(&ra->answer))
		timer_set(&i->box->L->timers, &ra->answer, i->box->L->now_us + ra->rs_delay_us,
			  NULL);
}

void router_free(struct box *b)
{
	if (!b->ra.on)
		return;
	timer_cancel(&b->L->timers, &b->ra.timer);
	timer_cancel(&b->L->timers, &b->ra.answer);
	b->ra.on = false;
}

static void fill_ra(struct advertiser *ra, const struct in6_addr *addr, uint8_t len)
{
	struct nd_msg *m = &ra->msg;

	m->type = ND_RA;
	m->ra.cur_hop_limit = 64;
	m->ra.lifetime_s = ROUTER_LIFETIME_S;
	m->opts.present = ND_HAS_SLLA | ND_HAS_PREFIX;
	m->opts.slla.len = MAC_LEN;
	memcpy(m->opts.slla.addr, ra->i->mac, MAC_LEN);
	m->opts.prefix_count = 1;
	m->opts.prefix[0] = (struct nd_prefix_info){ .addr = prefix_of(addr, len).addr,
						     .prefix_len = len,
						     .on_link = true,
						     .autonomous = true,
						     .valid_s = VALID_S,
						     .preferred_s = PREFERRED_S };
}

struct box *ladder_router(struct ladder *L, const char *name, struct net_link *link,
			  const char *addr, uint64_t ra_interval_us)
{
	struct box *b = must_alloc(sizeof(*b));
	struct in6_addr whole;
	struct prefix prefix;

	ladder_init_box(L, b, name);
	b->forwarding = true;
	b->core = true;
	ladder_attach(b, "eth0", link);
	ladder_addr(b, "eth0", addr);
	if (prefix_parse(addr, &prefix, &whole))
		ladder_fail(L, __FILE__, __LINE__, "not an address: %s", addr);
	ladder_core_route(b, addr);
	b->ra.on = true;
	b->ra.i = box_iface_name(b, "eth0");
	fill_ra(&b->ra, &whole, prefix.len);
	timer_init(&b->ra.timer, "ra", on_interval, b);
	timer_init(&b->ra.answer, "ra answer", on_answer, b);
	if (ra_interval_us)
		ladder_ra_interval(b, ra_interval_us);
	return b;
}

void ladder_ra_interval(struct box *router, uint64_t interval_us)
{
	struct advertiser *ra = &router->ra;

	ra->interval_us = interval_us;
	ra->msg.opts.present |= ND_HAS_ADV_INTERVAL;
	ra->msg.opts.adv_interval_ms = (uint32_t)(interval_us / MS);
	timer_set(&router->L->timers, &ra->timer, router->L->now_us, NULL);
}

struct nd_msg *ladder_ra(struct box *router)
{
	return &router->ra.msg;
}

void ladder_advertise(struct box *router)
{
	send_ra(router);
}

void ladder_rs_delay(struct box *router, uint64_t delay_us)
{
	router->ra.rs_delay_us = delay_us;
}
