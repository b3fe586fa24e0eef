// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Neighbour discovery of a box's kernel: address resolution and reachability (RFC
 * 4861 7.2, 7.3), duplicate address detection (RFC 4862 5.4, optimistic RFC
 * 4429), answers for its own and for proxied addresses, and the probes that the
 * program asks for. All messages are bytes on the link.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "test/ladder/world.h"

#define RETRANS_US   S
#define REACHABLE_US (30 * S)
#define DELAY_US     (5 * S)
#define TRIES	     3

/* --- sending ------------------------------------------------------------------- */

/* Straight onto the link, past routes. `mac` NULL: to a group, or not yet known. */
static void send_nd(struct iface *i, const struct in6_addr *src, const struct in6_addr *dst,
		    const struct nd_msg *msg, const uint8_t *mac)
{
	uint8_t buf[256];
	int len = nd_encode(msg, src, dst, buf, sizeof(buf));
	struct packet *p;

	if (len < 0)
		return;
	p = packet_new(src, dst, WIRE_PROTO_ICMPV6, buf, (size_t)len);
	p->hop_limit = ND_HOP_LIMIT;
	record_sent(i->box, p);
	if (mac && i->link)
		net_send(i, mac, p);
	else
		neigh_send(i, dst, p);
}

static void add_lladdr(struct nd_msg *msg, const struct iface *i)
{
	struct nd_lladdr *a = msg->type == ND_NA ? &msg->opts.tlla : &msg->opts.slla;

	msg->opts.present = msg->type == ND_NA ? ND_HAS_TLLA : ND_HAS_SLLA;
	a->len = MAC_LEN;
	memcpy(a->addr, i->mac, MAC_LEN);
}

static void solicit_from(struct iface *i, const struct in6_addr *src,
			 const struct in6_addr *target, const uint8_t *mac)
{
	const struct in6_addr group = addr_solicited_node(target);
	struct nd_msg msg = { .type = ND_NS, .ns.target = *target };

	if (!addr_is_unspecified(src))
		add_lladdr(&msg, i);
	send_nd(i, src, mac ? target : &group, &msg, mac);
}

static void solicit(struct iface *i, const struct in6_addr *target, const uint8_t *mac)
{
	const struct in6_addr src = iface_local(i);

	solicit_from(i, &src, target, mac);
}

static void solicit_for_dad(struct iface *i, const struct in6_addr *target)
{
	const struct in6_addr none = { 0 }, group = addr_solicited_node(target);
	const struct nd_msg msg = { .type = ND_NS, .ns.target = *target };

	send_nd(i, &none, &group, &msg, NULL);
}

/* --- the cache ----------------------------------------------------------------- */

static struct neigh *find(const struct iface *i, const struct in6_addr *addr)
{
	struct neigh *n;

	TAILQ_FOREACH(n, &i->box->neighs, entry) {
		if (n->i == i && addr_equal(&n->addr, addr))
			return n;
	}
	return NULL;
}

void neigh_free(struct neigh *n)
{
	unsigned int i;

	for (i = 0; i < n->queued; i++)
		packet_free(n->queue[i]);
	timer_cancel(&n->box->L->timers, &n->timer);
	TAILQ_REMOVE(&n->box->neighs, n, entry);
	free(n);
}

void neigh_flush(struct iface *i)
{
	struct neigh *n, *next;

	for (n = TAILQ_FIRST(&i->box->neighs); n; n = next) {
		next = TAILQ_NEXT(n, entry);
		if (n->i == i)
			neigh_free(n);
	}
}

static void wait_for(struct neigh *n, uint64_t us)
{
	struct ladder *L = n->box->L;

	timer_set(&L->timers, &n->timer, L->now_us + us, NULL);
}

static void give_up(struct neigh *n)
{
	struct box *b = n->box;
	unsigned int i;

	for (i = 0; i < n->queued; i++) {
		record_lost(b->L, n->queue[i], "%s: %s does not answer", b->name,
			    ADDR_STR(&n->addr));
		box_error(b, n->queue[i], ICMP6_MSG_UNREACHABLE, 3, 0);
	}
	box_tell_neigh(n, KNEIGH_FAILED);
	neigh_free(n);
}

static void on_neigh_timer(struct timer *t, uint64_t now_us)
{
	struct neigh *n = t->ctx;

	(void)now_us;
	if (n->state == NEIGH_DELAY) {
		n->state = NEIGH_PROBE;
		n->tries = 0;
		box_tell_neigh(n, KNEIGH_PROBING);
	}
	if (n->tries >= TRIES) {
		give_up(n);
		return;
	}
	n->tries++;
	solicit(n->i, &n->addr, n->state == NEIGH_PROBE ? n->mac : NULL);
	wait_for(n, RETRANS_US);
}

static struct neigh *new_neigh(struct iface *i, const struct in6_addr *addr)
{
	struct neigh *n = must_alloc(sizeof(*n));

	n->box = i->box;
	n->i = i;
	n->addr = *addr;
	timer_init(&n->timer, "neighbour", on_neigh_timer, n);
	TAILQ_INSERT_TAIL(&i->box->neighs, n, entry);
	return n;
}

static void queue(struct neigh *n, struct packet *p)
{
	if (n->queued == BOX_NEIGH_QUEUE) {
		record_lost(n->box->L, n->queue[0], "%s: too many wait for %s", n->box->name,
			    ADDR_STR(&n->addr));
		packet_free(n->queue[0]);
		memmove(n->queue, n->queue + 1, (BOX_NEIGH_QUEUE - 1) * sizeof(n->queue[0]));
		n->queued--;
	}
	n->queue[n->queued++] = p;
}

void neigh_send(struct iface *i, const struct in6_addr *via, struct packet *p)
{
	struct ladder *L = i->box->L;
	struct neigh *n;

	if (!i->link || !i->carrier) {
		record_lost(L, p, "%s: %s has no carrier", i->box->name, i->name);
		packet_free(p);
		return;
	}
	if (addr_is_multicast(via)) {
		record_sent(i->box, p);
		box_tap(i, p);
		net_send(i, NULL, p);
		return;
	}
	n = find(i, via);
	if (!n) {
		n = new_neigh(i, via);
		n->tries = 1;
		solicit(i, via, NULL);
		wait_for(n, RETRANS_US);
	}
	if (n->state == NEIGH_INCOMPLETE) {
		queue(n, p);
		return;
	}
	if (n->state == NEIGH_REACHABLE && L->now_us - n->confirmed_us > REACHABLE_US) {
		n->state = NEIGH_DELAY;
		wait_for(n, DELAY_US);
	}
	net_send(i, n->mac, p);
}

static void confirm(struct neigh *n)
{
	bool was_reachable = n->state == NEIGH_REACHABLE;

	n->state = NEIGH_REACHABLE;
	n->confirmed_us = n->box->L->now_us;
	timer_cancel(&n->box->L->timers, &n->timer);
	if (!was_reachable)
		box_tell_neigh(n, KNEIGH_REACHABLE);
}

/* Stale: used at once, and probed when it is. */
static void doubt(struct neigh *n)
{
	n->state = NEIGH_REACHABLE;
	n->confirmed_us = 0;
	timer_cancel(&n->box->L->timers, &n->timer);
}

static void send_queue(struct neigh *n)
{
	struct packet *waiting[BOX_NEIGH_QUEUE];
	unsigned int i, count = n->queued;

	memcpy(waiting, n->queue, sizeof(waiting));
	n->queued = 0;
	for (i = 0; i < count; i++)
		net_send(n->i, n->mac, waiting[i]);
}

/* As the program knows it (RFC 6275 11.5.5). */
static void know(struct iface *i, const struct in6_addr *addr, const uint8_t *mac)
{
	struct neigh *n = find(i, addr);

	if (!n)
		n = new_neigh(i, addr);
	memcpy(n->mac, mac, MAC_LEN);
	n->router = true;
	confirm(n);
	send_queue(n);
}

/* From a solicitation or advertisement of a router (RFC 4861 7.2.3, 6.3.4). */
static void learn(struct iface *i, const struct in6_addr *addr, const struct nd_msg *msg,
		  bool router)
{
	struct neigh *n;

	if (!nd_has(&msg->opts, ND_HAS_SLLA) || msg->opts.slla.len != MAC_LEN ||
	    addr_is_unspecified(addr))
		return;
	n = find(i, addr);
	if (!n)
		n = new_neigh(i, addr);
	n->router = n->router || router;
	if (n->state != NEIGH_INCOMPLETE && memcmp(n->mac, msg->opts.slla.addr, MAC_LEN) == 0)
		return;
	memcpy(n->mac, msg->opts.slla.addr, MAC_LEN);
	doubt(n);
	send_queue(n);
}

/* RFC 4861 7.2.5. */
static void update(struct neigh *n, const struct nd_msg *msg)
{
	const struct nd_lladdr *a = &msg->opts.tlla;
	bool has = nd_has(&msg->opts, ND_HAS_TLLA) && a->len == MAC_LEN;
	bool other = has && memcmp(n->mac, a->addr, MAC_LEN) != 0;

	if (n->state == NEIGH_INCOMPLETE && !has)
		return;
	if (n->state != NEIGH_INCOMPLETE && other && !msg->na.override) {
		if (n->state == NEIGH_REACHABLE)
			doubt(n);
		return;
	}
	n->router = msg->na.router;
	if (has)
		memcpy(n->mac, a->addr, MAC_LEN);
	if (msg->na.solicited)
		confirm(n);
	else if (other || n->state == NEIGH_INCOMPLETE)
		doubt(n);
	send_queue(n);
}

/* --- addresses of our own ------------------------------------------------------ */

static void dad_fail(struct object *obj)
{
	timer_cancel(&obj->box->L->timers, &obj->timer);
	obj->tentative = true;
	obj->optimistic = false;
	obj->dad_failed = true;
	box_tell_addr(obj, false);
}

static void on_dad_end(struct timer *t, uint64_t now_us)
{
	struct object *obj = t->ctx;

	(void)now_us;
	obj->tentative = false;
	obj->optimistic = false;
	box_tell_addr(obj, false);
}

void dad_start(struct object *obj)
{
	const struct kobj_addr *a = &obj->o.addr;
	struct iface *i = object_iface(obj);
	struct ladder *L = obj->box->L;

	obj->dad_failed = false;
	obj->optimistic = false;
	obj->tentative = i && obj->owner == OWNER_DAEMON && !(a->flags & KADDR_NODAD);
	if (obj->tentative && i->carrier && i->link) {
		obj->optimistic = (a->flags & KADDR_OPTIMISTIC) != 0;
		obj->tentative = !obj->optimistic;
		obj->timer.fn = on_dad_end;
		timer_set(&L->timers, &obj->timer, L->now_us + RETRANS_US, NULL);
		solicit_for_dad(i, &a->addr);
	}
	box_tell_addr(obj, false);
}

static bool is_proxied(const struct iface *i, const struct in6_addr *addr)
{
	struct kobj key = { .type = KOBJ_PROXY_NEIGH,
			    .proxy = { .ifindex = i->ifindex, .addr = *addr } };

	return box_forwards(i->box) && object_find(i->box, &key) &&
	       (box_sysctl(i->box, i->name, KSYSCTL_PROXY_NDP) ||
		box_sysctl(i->box, "all", KSYSCTL_PROXY_NDP));
}

static bool is_anycast(const struct iface *i, const struct in6_addr *addr)
{
	struct kobj key = { .type = KOBJ_ANYCAST,
			    .member = { .ifindex = i->ifindex, .addr = *addr } };

	return object_find(i->box, &key) != NULL;
}

static void advertise(struct iface *i, const struct packet *to, const struct in6_addr *target,
		      bool override)
{
	bool for_dad = addr_is_unspecified(&to->src);
	struct nd_msg msg = { .type = ND_NA,
			      .na = { .target = *target,
				      .router = box_forwards(i->box),
				      .solicited = !for_dad,
				      .override = override } };
	const struct in6_addr local = iface_local(i);
	const struct object *own = box_own_addr(i->box, target, i);
	const struct neigh *n = for_dad ? NULL : find(i, &to->src);

	add_lladdr(&msg, i);
	send_nd(i, own && !own->tentative ? target : &local, for_dad ? &all_nodes : &to->src,
		&msg, n && n->state != NEIGH_INCOMPLETE ? n->mac : NULL);
}

void delayed_free(struct delayed *d)
{
	struct box *b = d->i->box;

	timer_cancel(&b->L->timers, &d->timer);
	TAILQ_REMOVE(&b->delayed, d, entry);
	packet_free(d->p);
	free(d);
}

static void on_delay_end(struct timer *t, uint64_t now_us)
{
	struct delayed *d = t->ctx;

	(void)now_us;
	if (is_proxied(d->i, &d->target))
		advertise(d->i, d->p, &d->target, false);
	delayed_free(d);
}

/* Linux lets answers for others to a multicast wait up to proxy_delay, so that
 * the owner may come first (RFC 4861 7.2.8). */
static void answer_for_proxied(struct iface *i, const struct packet *p,
			       const struct in6_addr *target)
{
	struct ladder *L = i->box->L;
	int32_t delay = box_sysctl(i->box, i->name, KSYSCTL_NEIGH_PROXY_DELAY);
	struct delayed *d;

	if (delay <= 0 || !addr_is_multicast(&p->dst)) {
		advertise(i, p, target, false);
		return;
	}
	d = must_alloc(sizeof(*d));
	d->i = i;
	d->p = packet_copy(p);
	d->target = *target;
	timer_init(&d->timer, "proxy", on_delay_end, d);
	TAILQ_INSERT_TAIL(&i->box->delayed, d, entry);
	timer_set(&L->timers, &d->timer,
		  L->now_us + ladder_random(L, (uint64_t)delay * 10 * MS), NULL);
}

/* --- probes of the program ----------------------------------------------------- */

static struct fake_probe *find_probe(const struct iface *i, enum kprobe_kind kind,
				     const struct in6_addr *target)
{
	struct fake_probe *p;

	TAILQ_FOREACH(p, &i->box->probes, entry) {
		if (p->p.kind == kind && p->p.ifindex == i->ifindex &&
		    addr_equal(&p->p.target, target))
			return p;
	}
	return NULL;
}

void fake_probe_free(struct fake_probe *p)
{
	timer_cancel(&p->box->L->timers, &p->timer);
	TAILQ_REMOVE(&p->box->probes, p, entry);
	free(p);
}

static void end_probe(struct fake_probe *p, enum kprobe_result result)
{
	struct box *b = p->box;
	uint64_t ticket = p->ticket;

	fake_probe_free(p);
	mip6_turn(&b->mip6, b->L->now_us);
	mip6_on_probe(&b->mip6, ticket, result);
}

/* All probes of that kind and target. */
static void answer_probes(const struct iface *i, enum kprobe_kind kind,
			  const struct in6_addr *target)
{
	struct fake_probe *p;

	while ((p = find_probe(i, kind, target)) != NULL)
		end_probe(p, KPROBE_ANSWERED);
}

static int send_probe(struct fake_probe *p)
{
	struct iface *i = box_iface(p->box, p->p.ifindex);
	struct ladder *L = p->box->L;
	struct in6_addr src = p->p.source;
	const struct neigh *n;

	if (!i)
		return -ENODEV;
	if (!i->carrier)
		return -ENETDOWN;
	if (addr_is_unspecified(&src))
		src = iface_local(i);
	if (p->p.kind == KPROBE_NUD && addr_is_unspecified(&src))
		return -EADDRNOTAVAIL;
	n = find(i, &p->p.target);
	if (p->p.kind == KPROBE_DAD)
		solicit_for_dad(i, &p->p.target);
	else
		solicit_from(i, &src, &p->p.target,
			     n && n->state != NEIGH_INCOMPLETE ? n->mac : NULL);
	p->sent++;
	return timer_set(&L->timers, &p->timer, L->now_us + p->p.interval_us, NULL);
}

static void on_probe_timer(struct timer *t, uint64_t now_us)
{
	struct fake_probe *p = t->ctx;

	(void)now_us;
	if (p->sent >= p->p.count)
		end_probe(p, KPROBE_SILENT);
	else if (send_probe(p))
		end_probe(p, KPROBE_ERROR);
}

int fake_probe_begin(struct kernel *k, const struct kprobe *p, uint64_t ticket)
{
	struct box *b = (struct box *)k;
	struct fake_probe *probe;
	int err;

	if (!p->ifindex || !p->count || addr_is_multicast(&p->target) ||
	    addr_is_unspecified(&p->target))
		return -EINVAL;
	probe = must_alloc(sizeof(*probe));
	probe->box = b;
	probe->p = *p;
	probe->ticket = ticket;
	timer_init(&probe->timer, "probe", on_probe_timer, probe);
	TAILQ_INSERT_TAIL(&b->probes, probe, entry);
	err = send_probe(probe);
	if (err)
		fake_probe_free(probe);
	return err;
}

void fake_probe_cancel(struct kernel *k, uint64_t ticket)
{
	struct fake_probe *p;

	TAILQ_FOREACH(p, &((struct box *)k)->probes, entry) {
		if (p->ticket == ticket) {
			fake_probe_free(p);
			return;
		}
	}
}

/* --- receiving ----------------------------------------------------------------- */

static void hear_ns(struct iface *i, const struct packet *p, const struct nd_msg *msg)
{
	struct object *own = box_own_addr(i->box, &msg->ns.target, i);

	learn(i, &p->src, msg, false);
	if (addr_is_unspecified(&p->src)) {
		answer_probes(i, KPROBE_DAD, &msg->ns.target);
		if (own && (own->tentative || own->optimistic)) {
			dad_fail(own);
			return;
		}
	}
	if (own && !own->tentative)
		advertise(i, p, &msg->ns.target, !own->optimistic);
	else if (is_anycast(i, &msg->ns.target))
		advertise(i, p, &msg->ns.target, false);
	else if (is_proxied(i, &msg->ns.target))
		answer_for_proxied(i, p, &msg->ns.target);
}

static void hear_na(struct iface *i, const struct packet *p, const struct nd_msg *msg)
{
	struct object *own = box_own_addr(i->box, &msg->na.target, i);
	struct neigh *n = find(i, &msg->na.target);
	const struct fake_probe *asked;

	if (own && (own->tentative || own->optimistic)) {
		dad_fail(own);
		return;
	}
	asked = find_probe(i, KPROBE_DAD, &msg->na.target);
	if (asked && !addr_is_unspecified(&asked->p.defender) &&
	    !addr_equal(&p->src, &msg->na.target) &&
	    nd_has(&msg->opts, ND_HAS_TLLA) && msg->opts.tlla.len == MAC_LEN)
		know(i, &asked->p.defender, msg->opts.tlla.addr);
	answer_probes(i, KPROBE_DAD, &msg->na.target);
	if (msg->na.solicited)
		answer_probes(i, KPROBE_NUD, &msg->na.target);
	if (n)
		update(n, msg);
}

void nd_input(struct iface *i, const struct packet *p)
{
	const struct nd_packet how = { p->src, p->dst, p->hop_limit };
	struct wire_error err;
	struct nd_msg msg;

	if (nd_decode(p->data, p->len, &how, &msg, &err) != WIRE_OK)
		return;
	switch (msg.type) {
	case ND_RS:
		learn(i, &p->src, &msg, false);
		router_hear_rs(i);
		break;
	case ND_RA:
		learn(i, &p->src, &msg, true);
		break;
	case ND_NS:
		hear_ns(i, p, &msg);
		break;
	case ND_NA:
		hear_na(i, p, &msg);
		break;
	}
}
