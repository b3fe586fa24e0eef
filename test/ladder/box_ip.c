// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The way of packets through a box: in from links, out of tunnels, on to the next
 * hop, and packets of its own. What is for the box itself goes on in
 * box_deliver.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "test/ladder/world.h"

#define TUNNEL_DEPTH_MAX 4

const struct in6_addr all_nodes = { { { 0xff, 2, [15] = 1 } } };
const struct in6_addr all_routers = { { { 0xff, 2, [15] = 2 } } };

static unsigned int depth_of(const struct packet *p)
{
	unsigned int depth = 0;

	while ((p = p->inner) != NULL)
		depth++;
	return depth;
}

/* --- errors -------------------------------------------------------------------- */

static bool may_answer(const struct packet *about)
{
	if (addr_is_unspecified(&about->src) || addr_is_multicast(&about->src) ||
	    addr_is_multicast(&about->dst))
		return false;
	/* RFC 4443 section 2.4 e: never about an error. */
	return about->proto != WIRE_PROTO_ICMPV6 || about->len == 0 || about->data[0] >= 128;
}

void box_error(struct box *b, const struct packet *about, uint8_t type, uint8_t code,
	       uint32_t value)
{
	struct icmp6_msg msg = { .type = type, .error = { .code = code, .value = value } };
	uint8_t quote[ICMP6_LEN_MAX], buf[ICMP6_LEN_MAX];
	struct in6_addr src;
	struct hop h;
	size_t whole;
	int len;

	if (!may_answer(about))
		return;
	whole = packet_bytes(about, quote, sizeof(quote));
	msg.error.packet = quote;
	msg.error.packet_len = whole < sizeof(quote) ? whole : sizeof(quote);
	h = box_lookup(b, &(struct in6_addr){ 0 }, &about->src, WIRE_PROTO_ICMPV6, "", 0);
	if (box_own_addr(b, &about->dst, NULL))
		src = about->dst;
	else if (!box_choose_src(b, &about->src, &h, &src))
		return;
	len = icmp6_encode(&msg, &src, &about->src, buf, sizeof(buf));
	if (len > 0)
		box_output(b, packet_new(&src, &about->src, WIRE_PROTO_ICMPV6, buf, (size_t)len),
			   0, false);
}

/* --- on to the next hop -------------------------------------------------------- */

static int transmit(struct box *b, struct packet *p, const struct hop *h);

static int into_tunnel(struct box *b, struct packet *p, const struct kobj_tunnel *t,
		       const struct in6_addr *src, const struct in6_addr *dst)
{
	struct packet *outer;
	struct hop h;

	box_watch_traffic(b, t->name, true, p);
	record_tunnelled(b->L, p);
	if (depth_of(p) >= TUNNEL_DEPTH_MAX) {
		record_lost(b->L, p, "%s: a tunnel in itself", b->name);
		packet_free(p);
		return -ELOOP;
	}
	outer = packet_wrap(p, src, dst);
	h = box_lookup(b, src, dst, WIRE_PROTO_IPV6, "", t->link);
	return transmit(b, outer, &h);
}

static int no_way(struct box *b, struct packet *p, const struct hop *h)
{
	record_lost(b->L, p, "%s has no route to %s", b->name, ADDR_STR(&p->dst));
	if (h->kind != HOP_BLACKHOLE)
		box_error(b, p, ICMP6_MSG_UNREACHABLE, 0, 0);
	packet_free(p);
	return h->kind == HOP_UNREACHABLE ? -EHOSTUNREACH : -ENETUNREACH;
}

static int transmit(struct box *b, struct packet *p, const struct hop *h)
{
	switch (h->kind) {
	case HOP_LOCAL:
		box_deliver(b, p, "lo", NULL);
		return 0;
	case HOP_LINK:
		neigh_send(h->i, &h->via, p);
		return 0;
	case HOP_TUNNEL:
		return into_tunnel(b, p, h->tunnel, &h->tunnel->local, &h->tunnel->remote);
	case HOP_ENCAP:
		return into_tunnel(b, p, h->tunnel, &h->encap_src, &h->encap_dst);
	case HOP_CORE:
		net_send_core(b, p);
		return 0;
	case HOP_NONE:
	case HOP_UNREACHABLE:
	case HOP_BLACKHOLE:
		break;
	}
	return no_way(b, p, h);
}

int box_output(struct box *b, struct packet *p, uint32_t ifindex, bool plain)
{
	int err = plain ? box_ipsec_out(b, p) : box_xfrm_out(b, p);
	struct hop h;

	record_sent(b, p);
	if (err) {
		record_lost(b->L, p, "%s: XFRM: %s", b->name, strerror(-err));
		packet_free(p);
		return err;
	}
	h = box_lookup(b, &p->src, &p->dst, p->proto, "", ifindex);
	if (h.kind == HOP_NONE || h.kind == HOP_UNREACHABLE || h.kind == HOP_BLACKHOLE) {
		record_lost(b->L, p, "%s has no route to %s", b->name, ADDR_STR(&p->dst));
		packet_free(p);
		return h.kind == HOP_UNREACHABLE ? -EHOSTUNREACH : -ENETUNREACH;
	}
	return transmit(b, p, &h);
}

/* --- in ------------------------------------------------------------------------ */

static void forward(struct box *b, struct packet *p, const char *dev)
{
	struct hop h;

	if (!box_forwards(b) || addr_is_linklocal(&p->src) || addr_is_linklocal(&p->dst) ||
	    addr_is_unspecified(&p->src) || addr_is_multicast(&p->dst)) {
		record_lost(b->L, p, "%s does not forward it", b->name);
		packet_free(p);
		return;
	}
	if (p->hop_limit <= 1) {
		record_lost(b->L, p, "%s: hop limit", b->name);
		box_error(b, p, ICMP6_MSG_TIME_EXCEEDED, 0, 0);
		packet_free(p);
		return;
	}
	p->hop_limit--;
	h = box_lookup(b, &p->src, &p->dst, p->proto, dev, 0);
	transmit(b, p, &h);
}

/* KOBJ_ANYCAST: an address that several boxes answer to. */
static bool is_anycast(const struct box *b, const struct in6_addr *a)
{
	const struct object *obj;

	TAILQ_FOREACH(obj, &b->objects, entry) {
		if (obj->o.type == KOBJ_ANYCAST && addr_equal(&obj->o.member.addr, a))
			return true;
	}
	return false;
}

void box_input(struct box *b, struct packet *p, const char *dev, struct iface *i)
{
	const struct object *own = box_own_addr(b, &p->dst, addr_is_linklocal(&p->dst) ? i : NULL);

	if (b->asleep) {
		record_lost(b->L, p, "%s sleeps", b->name);
		packet_free(p);
		return;
	}
	if ((own && !own->tentative) || is_anycast(b, &p->dst) ||
	    (addr_is_multicast(&p->dst) && !i &&
	     box_is_member(b, box_tunnel_ifindex(b, dev), &p->dst)))
		box_deliver(b, p, dev, i);
	else
		forward(b, p, dev);
}

/* Groups that the kernel is in by itself: all nodes, all routers, the
 * solicited-node groups of its addresses and proxied ones. */
static bool hears_group(const struct iface *i, const struct in6_addr *group)
{
	const struct object *obj;
	struct in6_addr solicited;

	if (box_is_member(i->box, i->ifindex, group))
		return true;
	if (addr_equal(group, &all_routers))
		return box_forwards(i->box);
	TAILQ_FOREACH(obj, &i->box->objects, entry) {
		if (obj->o.type == KOBJ_ADDR && object_iface(obj) == i)
			solicited = addr_solicited_node(&obj->o.addr.addr);
		else if (obj->o.type == KOBJ_PROXY_NEIGH && obj->o.proxy.ifindex == i->ifindex)
			solicited = addr_solicited_node(&obj->o.proxy.addr);
		else if (obj->o.type == KOBJ_ANYCAST && obj->o.member.ifindex == i->ifindex)
			solicited = addr_solicited_node(&obj->o.member.addr);
		else
			continue;
		if (addr_equal(group, &solicited))
			return true;
	}
	return false;
}

static bool hears_probe_group(const struct iface *i, const struct in6_addr *group)
{
	const struct fake_probe *p;
	struct in6_addr solicited;

	TAILQ_FOREACH(p, &i->box->probes, entry) {
		solicited = addr_solicited_node(&p->p.target);
		if (p->p.kind == KPROBE_DAD && p->p.ifindex == i->ifindex &&
		    addr_equal(group, &solicited))
			return true;
	}
	return false;
}

void box_receive(struct iface *i, struct packet *p, bool multicast)
{
	if (multicast && i->carrier && !i->box->asleep)
		box_tap(i, p);
	if (!i->carrier || i->box->asleep) {
		record_lost(i->box->L, p, "%s %s", i->box->name,
			    i->carrier ? "sleeps" : "has no carrier");
		packet_free(p);
	} else if (!multicast) {
		box_input(i->box, p, i->name, i);
	} else if (hears_group(i, &p->dst) || hears_probe_group(i, &p->dst)) {
		box_deliver(i->box, p, i->name, i);
	} else {
		packet_free(p);
	}
}
