// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Multicast in a box: who listens to which group, on links and tunnels; the kernel's part of
 * MLD on tunnels (reports when a group is joined or left, and in answer to a query: RFC 3810
 * 6.1, 6.2), and the part of the port that carries whole packets. On links nobody asks, and
 * nothing is reported.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "test/ladder/world.h"
#include "wire/mld.h"

#define ALERT_LEN  8 /* a hop-by-hop header with the Router Alert */
#define RECORD_LEN 20
#define REPORT_MAX 60

static const struct in6_addr all_reporters = { { { 0xff, 2, [15] = 0x16 } } };

/* --- who listens --------------------------------------------------------------------- */

static uint32_t dev_ifindex(const struct box *b, const char *dev)
{
	const struct iface *i = box_iface_name(b, dev);

	return i ? i->ifindex : box_tunnel_ifindex(b, dev);
}

static struct listener *find_listener(const struct box *b, uint32_t ifindex,
				      const struct in6_addr *group)
{
	struct listener *l;

	TAILQ_FOREACH(l, &b->listeners, entry) {
		if (l->ifindex == ifindex && addr_equal(&l->group, group))
			return l;
	}
	return NULL;
}

static bool has_object(const struct box *b, uint32_t ifindex, const struct in6_addr *group)
{
	struct kobj key = { .type = KOBJ_GROUP };

	key.member.ifindex = ifindex;
	key.member.addr = *group;
	return object_find(b, &key) != NULL;
}

bool box_is_member(const struct box *b, uint32_t ifindex, const struct in6_addr *group)
{
	return addr_equal(group, &all_nodes) || find_listener(b, ifindex, group) ||
	       has_object(b, ifindex, group);
}

/* As Linux: a socket that has joined a group hears it from everywhere. */
void box_count_heard(struct box *b, const struct packet *p)
{
	const struct listener *l;

	TAILQ_FOREACH(l, &b->listeners, entry) {
		if (addr_equal(&l->group, &p->dst)) {
			b->heard++;
			return;
		}
	}
}

unsigned int ladder_heard(const struct box *b)
{
	return b->heard;
}

/* --- what the kernel says on a tunnel -------------------------------------------------- */

/* The tunnel's link-local address, :: when it has none (RFC 3810 5.2.13). */
static struct in6_addr tunnel_source(const struct box *b, const struct kobj_tunnel *t)
{
	const struct object *obj;

	TAILQ_FOREACH(obj, &b->objects, entry) {
		if (obj->o.type == KOBJ_ADDR && addr_is_linklocal(&obj->o.addr.addr) &&
		    strncmp(obj->o.addr.dev.name, t->name, IFNAMSIZ) == 0)
			return obj->o.addr.addr;
	}
	return (struct in6_addr){ 0 };
}

struct packet *mld_packet(const struct in6_addr *src, const struct in6_addr *dst,
			  const void *message, size_t len)
{
	uint8_t data[ALERT_LEN + 8 + REPORT_MAX * RECORD_LEN] = { WIRE_PROTO_ICMPV6, 0, 5, 2, 0,
								  0, 1, 0 };
	struct packet *p;
	uint16_t sum;

	memcpy(data + ALERT_LEN, message, len);
	memset(data + ALERT_LEN + 2, 0, 2);
	sum = wire_checksum(src, dst, WIRE_PROTO_ICMPV6, data + ALERT_LEN, len);
	data[ALERT_LEN + 2] = (uint8_t)(sum >> 8);
	data[ALERT_LEN + 3] = (uint8_t)sum;
	p = packet_new(src, dst, WIRE_PROTO_HOPOPTS, data, ALERT_LEN + len);
	p->hop_limit = 1;
	return p;
}

static void report(struct box *b, const struct kobj_tunnel *t, uint32_t ifindex,
		   enum mld_record_type type, const struct in6_addr *groups, size_t count)
{
	const struct in6_addr src = tunnel_source(b, t);
	uint8_t message[8 + REPORT_MAX * RECORD_LEN] = { MLD_REPORT_V2 };
	size_t i;

	if (!count)
		return;
	message[7] = (uint8_t)count;
	for (i = 0; i < count; i++) {
		message[8 + i * RECORD_LEN] = (uint8_t)type;
		memcpy(message + 8 + i * RECORD_LEN + 4, &groups[i], sizeof(groups[i]));
	}
	box_output(b, mld_packet(&src, &all_reporters, message, 8 + count * RECORD_LEN), ifindex,
		   true);
}

static const struct object *tunnel_of(const struct box *b, uint32_t ifindex)
{
	const struct object *obj;

	TAILQ_FOREACH(obj, &b->objects, entry) {
		if (obj->o.type == KOBJ_TUNNEL && obj->ifindex == ifindex)
			return obj;
	}
	return NULL;
}

void box_member_changed(struct box *b, uint32_t ifindex, const struct in6_addr *group, bool joined)
{
	const struct object *t = tunnel_of(b, ifindex);

	if (t && !t->o.tunnel.external)
		report(b, &t->o.tunnel, ifindex, joined ? MLD_TO_EXCLUDE : MLD_TO_INCLUDE, group,
		       1);
}

static size_t groups_on(const struct box *b, uint32_t ifindex, struct in6_addr *groups)
{
	const struct listener *l;
	const struct object *obj;
	size_t n = 0;

	TAILQ_FOREACH(l, &b->listeners, entry) {
		if (l->ifindex == ifindex && n < REPORT_MAX)
			groups[n++] = l->group;
	}
	TAILQ_FOREACH(obj, &b->objects, entry) {
		if (obj->o.type == KOBJ_GROUP && obj->o.member.ifindex == ifindex &&
		    !find_listener(b, ifindex, &obj->o.member.addr) && n < REPORT_MAX)
			groups[n++] = obj->o.member.addr;
	}
	return n;
}

/* RFC 3810 6.2: valid ones only. */
void box_answer_query(struct box *b, const char *dev, const struct packet *p)
{
	uint32_t ifindex = box_tunnel_ifindex(b, dev);
	const struct object *t = tunnel_of(b, ifindex);
	struct in6_addr groups[REPORT_MAX];
	struct wire_error err;
	struct mld_msg msg;
	size_t n;

	if (!t || t->o.tunnel.external || p->hop_limit != 1 || !addr_is_linklocal(&p->src) ||
	    mld_decode(p->data + ALERT_LEN, p->len - ALERT_LEN, &msg, &err) != WIRE_OK ||
	    msg.type != MLD_QUERY)
		return;
	n = groups_on(b, ifindex, groups);
	if (!addr_is_unspecified(&msg.group)) {
		n = box_is_member(b, ifindex, &msg.group);
		groups[0] = msg.group;
	}
	report(b, &t->o.tunnel, ifindex, MLD_IS_EXCLUDE, groups, n);
}

/* --- tests say ------------------------------------------------------------------------- */

void ladder_join(struct box *b, const char *dev, const char *group)
{
	struct listener *l = must_alloc(sizeof(*l));

	l->ifindex = dev_ifindex(b, dev);
	l->group = ip6(group);
	TAILQ_INSERT_TAIL(&b->listeners, l, entry);
	box_member_changed(b, l->ifindex, &l->group, true);
}

void ladder_leave(struct box *b, const char *dev, const char *group)
{
	const struct in6_addr a = ip6(group);
	struct listener *l = find_listener(b, dev_ifindex(b, dev), &a);

	if (!l)
		return;
	TAILQ_REMOVE(&b->listeners, l, entry);
	box_member_changed(b, l->ifindex, &l->group, false);
	free(l);
}

int ladder_say(struct box *b, const char *dev, const char *src, const char *group)
{
	const struct in6_addr from = ip6(src), to = ip6(group);
	static const uint8_t data[16] = { 0x10, 0, 0x10, 0, 0, 16 };

	return box_output(b, packet_new(&from, &to, WIRE_PROTO_UDP, data, sizeof(data)),
			  dev ? dev_ifindex(b, dev) : 0, true);
}

/* --- whole packets: to the program, and from it ------------------------------------------ */

static void tell(struct box *b, uint32_t ifindex, const struct packet *outer,
		 const struct packet *p)
{
	struct kmulticast_event e = { .ifindex = ifindex };
	uint8_t bytes[2048];

	if (!b->up)
		return;
	if (outer) {
		e.outer_src = outer->src;
		e.outer_dst = outer->dst;
	}
	e.data = bytes;
	e.len = packet_bytes(p, bytes, sizeof(bytes));
	if (e.len > sizeof(bytes))
		return;
	mip6_turn(&b->mip6, b->L->now_us);
	mip6_on_multicast(&b->mip6, &e);
}

bool box_takes_multicast(struct box *b, const struct packet *outer)
{
	if (!b->multicast_per_s || !addr_is_multicast(&outer->inner->dst))
		return false;
	tell(b, 0, outer, outer->inner);
	return true;
}

static void on_tap(struct timer *t, uint64_t now_us)
{
	struct tapped *p = t->ctx;

	(void)now_us;
	TAILQ_REMOVE(&p->box->tapped, p, entry);
	tell(p->box, p->ifindex, NULL, p->p);
	packet_free(p->p);
	free(p);
}

/* It comes to the program by a socket: not while that sends. */
void box_tap(struct iface *i, const struct packet *p)
{
	struct box *b = i->box;
	struct heard_group *h;
	struct tapped *t;

	TAILQ_FOREACH(h, &b->heard_groups, entry) {
		if (h->ifindex != i->ifindex || !addr_equal(&h->group, &p->dst))
			continue;
		t = must_alloc(sizeof(*t));
		t->box = b;
		t->ifindex = i->ifindex;
		t->p = packet_copy(p);
		timer_init(&t->timer, "tap", on_tap, t);
		TAILQ_INSERT_TAIL(&b->tapped, t, entry);
		timer_set(&b->L->timers, &t->timer, b->L->now_us, NULL);
		return;
	}
}

int fake_watch_multicast(struct kernel *k, const char *name, uint32_t per_s)
{
	(void)name;
	box_of(k)->multicast_per_s = per_s;
	return 0;
}

static void forget_heard(struct box *b, uint32_t ifindex)
{
	struct heard_group *h, *next;

	for (h = TAILQ_FIRST(&b->heard_groups); h; h = next) {
		next = TAILQ_NEXT(h, entry);
		if (ifindex && h->ifindex != ifindex)
			continue;
		TAILQ_REMOVE(&b->heard_groups, h, entry);
		free(h);
	}
}

int fake_hear_groups(struct kernel *k, uint32_t ifindex, const struct in6_addr *groups,
		     size_t count)
{
	struct box *b = box_of(k);
	struct heard_group *h;
	size_t i;

	if (!box_iface(b, ifindex))
		return -ENODEV;
	forget_heard(b, ifindex);
	for (i = 0; i < count; i++) {
		h = must_alloc(sizeof(*h));
		h->ifindex = ifindex;
		h->group = groups[i];
		TAILQ_INSERT_TAIL(&b->heard_groups, h, entry);
	}
	return 0;
}

/* Headers above the IPv6 header stay bytes. */
static struct packet *packet_of(const void *data, size_t len)
{
	const uint8_t *bytes = data;
	struct packet *p;
	struct in6_addr src, dst;

	memcpy(&src, bytes + 8, sizeof(src));
	memcpy(&dst, bytes + 24, sizeof(dst));
	p = packet_new(&src, &dst, bytes[6], bytes + 40, len - 40);
	p->hop_limit = bytes[7];
	return p;
}

int fake_send_multicast(struct kernel *k, uint32_t ifindex, const void *data, size_t len)
{
	struct box *b = box_of(k);
	struct iface *i = box_iface(b, ifindex);

	if (!i)
		return -ENODEV;
	if (box_step(b)) {
		struct packet *p = packet_of(data, len);
		const struct in6_addr group = p->dst;

		neigh_send(i, &group, p);
	}
	return 0;
}

#define TUNNEL_MTU 1460
#define MIN_MTU	   1280

size_t fake_send_encapsulated(struct kernel *k, const struct ktunnel_ends *ends, size_t count,
			      const void *data, size_t len, int *error)
{
	struct box *b = box_of(k);
	size_t sent = 0, i;

	*error = 0;
	for (i = 0; i < count && box_step(b); i++) {
		struct packet *inner = packet_of(data, len);
		int err = len > TUNNEL_MTU && len > MIN_MTU ? -EMSGSIZE : 0;

		record_sent(b, inner);
		record_tunnelled(b->L, inner);
		if (err)
			packet_free(inner);
		else
			err = box_output(b, packet_wrap(inner, &ends[i].local, &ends[i].remote), 0,
					 true);
		if (err)
			*error = err;
		else
			sent++;
	}
	return sent;
}

int fake_list_groups(struct kernel *k,
		     int (*fn)(uint32_t ifindex, const struct in6_addr *group, void *ctx),
		     void *ctx)
{
	const struct box *b = box_of(k);
	const struct listener *l;
	const struct object *obj;
	int err = 0;

	TAILQ_FOREACH(l, &b->listeners, entry) {
		if (!err)
			err = fn(l->ifindex, &l->group, ctx);
	}
	TAILQ_FOREACH(obj, &b->objects, entry) {
		if (!err && obj->o.type == KOBJ_GROUP)
			err = fn(obj->o.member.ifindex, &obj->o.member.addr, ctx);
	}
	return err;
}

/* --- ends --------------------------------------------------------------------------------- */

void box_multicast_died(struct box *b)
{
	struct tapped *t;

	b->multicast_per_s = 0;
	forget_heard(b, 0);
	while ((t = TAILQ_FIRST(&b->tapped)) != NULL) {
		TAILQ_REMOVE(&b->tapped, t, entry);
		timer_cancel(&b->L->timers, &t->timer);
		packet_free(t->p);
		free(t);
	}
}

void box_multicast_free(struct box *b)
{
	struct listener *l;

	while ((l = TAILQ_FIRST(&b->listeners)) != NULL) {
		TAILQ_REMOVE(&b->listeners, l, entry);
		free(l);
	}
}
