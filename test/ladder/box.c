// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel of a box: its objects, its interfaces, and the port by which the
 * program changes them. Changes are collected until the end of the turn, then
 * carried out in order, and confirmed at once or later. Errors are injected by the
 * text of a change. The store notes what a footprint must never do.
 */
#include "test/ladder/box.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/ladder/world.h"

#define FIRST_TUNNEL_INDEX 100

struct box *box_of(struct kernel *k)
{
	return (struct box *)k;
}

void box_init(struct box *b)
{
	b->kernel.ops = &box_ops;
	b->next_ifindex = 2;
	TAILQ_INIT(&b->ifaces);
	TAILQ_INIT(&b->objects);
	TAILQ_INIT(&b->neighs);
	TAILQ_INIT(&b->probes);
	TAILQ_INIT(&b->lookups);
	TAILQ_INIT(&b->delayed);
	TAILQ_INIT(&b->batches);
	TAILQ_INIT(&b->injected);
	TAILQ_INIT(&b->watches);
	TAILQ_INIT(&b->deleted);
	TAILQ_INIT(&b->listeners);
	TAILQ_INIT(&b->heard_groups);
	TAILQ_INIT(&b->tapped);
	timers_init(&b->timers);
}

/* --- interfaces ---------------------------------------------------------------- */

struct iface *box_iface(const struct box *b, uint32_t ifindex)
{
	struct iface *i;

	TAILQ_FOREACH(i, &b->ifaces, entry) {
		if (i->ifindex == ifindex)
			return i;
	}
	return NULL;
}

struct iface *box_iface_name(const struct box *b, const char *name)
{
	struct iface *i;

	TAILQ_FOREACH(i, &b->ifaces, entry) {
		if (strncmp(i->name, name, IFNAMSIZ) == 0)
			return i;
	}
	return NULL;
}

struct iface *object_iface(const struct object *addr)
{
	const struct kdev *d = &addr->o.addr.dev;

	return d->ifindex ? box_iface(addr->box, d->ifindex) : box_iface_name(addr->box, d->name);
}

struct object *box_own_addr(const struct box *b, const struct in6_addr *a, const struct iface *i)
{
	struct object *obj;

	TAILQ_FOREACH(obj, &b->objects, entry) {
		if (obj->o.type == KOBJ_ADDR && !obj->dad_failed &&
		    addr_equal(&obj->o.addr.addr, a) && (!i || object_iface(obj) == i))
			return obj;
	}
	return NULL;
}

struct in6_addr iface_local(const struct iface *i)
{
	struct object *obj;

	TAILQ_FOREACH(obj, &i->box->objects, entry) {
		if (obj->o.type == KOBJ_ADDR && !obj->tentative &&
		    addr_is_linklocal(&obj->o.addr.addr) && object_iface(obj) == i)
			return obj->o.addr.addr;
	}
	return (struct in6_addr){ 0 };
}

/* --- telling the program ------------------------------------------------------- */

static bool is_told(const struct box *b)
{
	return b->kernel.mip6 != NULL;
}

void box_tell_link(struct box *b, const struct iface *i, bool gone)
{
	struct klink l = { .ifindex = i->ifindex,
			   .kind = KLINK_ETHER,
			   .up = true,
			   .running = i->carrier,
			   .multicast = true,
			   .gone = gone,
			   .mtu = i->mtu,
			   .lladdr_len = MAC_LEN };

	if (!is_told(b))
		return;
	memcpy(l.name, i->name, sizeof(l.name));
	memcpy(l.lladdr, i->mac, MAC_LEN);
	memcpy(l.ssid, i->ssid, sizeof(l.ssid));
	box_find_gateway(b, i, &l);
	mip6_turn(&b->mip6, b->L->now_us);
	mip6_on_link(&b->mip6, &l);
}

static void tell_tunnel(const struct object *obj, bool gone)
{
	struct klink l = { .ifindex = obj->ifindex,
			   .kind = KLINK_TUNNEL,
			   .up = true,
			   .running = true,
			   .point_to_point = true,
			   .ours = obj->owner == OWNER_DAEMON,
			   .gone = gone,
			   .mtu = 1460 };

	if (!is_told(obj->box))
		return;
	memcpy(l.name, obj->o.tunnel.name, sizeof(l.name));
	mip6_turn(&obj->box->mip6, obj->box->L->now_us);
	mip6_on_link(&obj->box->mip6, &l);
}

void box_tell_addr(const struct object *obj, bool gone)
{
	const struct kobj_addr *a = &obj->o.addr;
	struct iface *i = object_iface(obj);
	struct kaddr_event e = { .ifindex = i ? i->ifindex : a->dev.ifindex,
				 .addr = a->addr,
				 .plen = a->plen,
				 .gone = gone,
				 .tentative = obj->tentative,
				 .optimistic = obj->optimistic,
				 .dad_failed = obj->dad_failed,
				 .home = (a->flags & KADDR_HOME) != 0,
				 .deprecated = a->preferred_s == 0 ||
					       (a->flags & KADDR_DEPRECATED),
				 .ours = obj->owner == OWNER_DAEMON,
				 .valid_until_us = a->valid_s == UINT32_MAX ?
							   TIME_NEVER :
							   obj->box->L->now_us + a->valid_s * S };
	struct object *t;

	if (!is_told(obj->box))
		return;
	if (!e.ifindex) {
		TAILQ_FOREACH(t, &obj->box->objects, entry) {
			if (t->o.type == KOBJ_TUNNEL &&
			    strncmp(t->o.tunnel.name, a->dev.name, IFNAMSIZ) == 0)
				e.ifindex = t->ifindex;
		}
	}
	mip6_turn(&obj->box->mip6, obj->box->L->now_us);
	mip6_on_addr(&obj->box->mip6, &e);
}

void box_tell_neigh(const struct neigh *n, enum kneigh_state state)
{
	struct kneigh_event e = { .ifindex = n->i->ifindex,
				  .addr = n->addr,
				  .state = state,
				  .router = n->router,
				  .lladdr_len = MAC_LEN };

	if (!is_told(n->box))
		return;
	memcpy(e.lladdr, n->mac, MAC_LEN);
	mip6_turn(&n->box->mip6, n->box->L->now_us);
	mip6_on_neigh(&n->box->mip6, &e);
}

/* --- objects ------------------------------------------------------------------- */

struct object *object_find(const struct box *b, const struct kobj *key)
{
	struct object *obj;

	TAILQ_FOREACH(obj, &b->objects, entry) {
		if (kobj_compare_key(&obj->o, key) == 0)
			return obj;
	}
	return NULL;
}

static void set_value(struct object *obj, const struct kobj *o)
{
	obj->o = *o;
	if (o->type == KOBJ_XFRM_STATE && o->state.esp) {
		obj->keys = *o->state.esp;
		obj->o.state.esp = &obj->keys;
	}
}

struct object *object_put(struct box *b, const struct kobj *o, enum object_owner owner)
{
	struct object *obj = object_find(b, o);
	bool is_new = !obj;

	if (is_new) {
		obj = must_alloc(sizeof(*obj));
		obj->box = b;
		obj->used_us = TIME_NEVER;
		timer_init(&obj->timer, "address", NULL, obj);
		TAILQ_INSERT_TAIL(&b->objects, obj, entry);
	}
	set_value(obj, o);
	obj->owner = owner;
	if (o->type == KOBJ_TUNNEL && is_new) {
		obj->ifindex = FIRST_TUNNEL_INDEX + b->next_ifindex++;
		tell_tunnel(obj, false);
	}
	if (o->type == KOBJ_ADDR && is_new)
		dad_start(obj);
	else if (o->type == KOBJ_ADDR)
		box_tell_addr(obj, false);
	if (o->type == KOBJ_GROUP && is_new)
		box_member_changed(b, o->member.ifindex, &o->member.addr, true);
	return obj;
}

static void free_object(struct object *obj)
{
	timer_cancel(&obj->box->L->timers, &obj->timer);
	TAILQ_REMOVE(&obj->box->objects, obj, entry);
	free(obj);
}

/* Addresses and routes on a tunnel go with it. */
static void remove_dependants(struct box *b, const char *name)
{
	struct object *obj, *next;

	for (obj = TAILQ_FIRST(&b->objects); obj; obj = next) {
		const struct kdev *d = obj->o.type == KOBJ_ADDR	 ? &obj->o.addr.dev :
				       obj->o.type == KOBJ_ROUTE ? &obj->o.route.dev :
								   NULL;

		next = TAILQ_NEXT(obj, entry);
		if (d && !d->ifindex && strncmp(d->name, name, IFNAMSIZ) == 0)
			free_object(obj);
	}
}

void object_remove(struct object *obj)
{
	char name[IFNAMSIZ];

	if (obj->o.type == KOBJ_ADDR)
		box_tell_addr(obj, true);
	if (obj->o.type == KOBJ_GROUP)
		box_member_changed(obj->box, obj->o.member.ifindex, &obj->o.member.addr, false);
	if (obj->o.type == KOBJ_TUNNEL) {
		tell_tunnel(obj, true);
		memcpy(name, obj->o.tunnel.name, IFNAMSIZ);
		remove_dependants(obj->box, name);
	}
	free_object(obj);
}

#define PROXY_DELAY 80 /* what Linux begins with */

int32_t box_sysctl(const struct box *b, const char *dev, enum ksysctl name)
{
	struct object *obj;

	TAILQ_FOREACH(obj, &b->objects, entry) {
		const struct kobj_sysctl *s = &obj->o.sysctl;
		const struct iface *i;

		if (obj->o.type != KOBJ_SYSCTL || s->name != name)
			continue;
		i = s->dev.ifindex ? box_iface(b, s->dev.ifindex) : NULL;
		if (strncmp(i ? i->name : s->dev.name, dev, IFNAMSIZ) == 0)
			return s->value;
	}
	return name == KSYSCTL_NEIGH_PROXY_DELAY ? PROXY_DELAY : 0;
}

bool box_forwards(const struct box *b)
{
	return b->forwarding || box_sysctl(b, "all", KSYSCTL_FORWARDING) != 0;
}

/* --- applying ------------------------------------------------------------------ */

static int fake_apply(struct kernel *k, const struct kchange *changes, size_t n, uint64_t ticket)
{
	struct box *b = box_of(k);
	struct batch *batch = must_alloc(sizeof(*batch));

	batch->box = b;
	batch->ticket = ticket;
	batch->count = n;
	batch->changes = must_alloc(n * sizeof(*changes));
	if (n)
		memcpy(batch->changes, changes, n * sizeof(*changes));
	timer_init(&batch->timer, "batch", NULL, batch);
	TAILQ_INSERT_TAIL(&b->batches, batch, entry);
	return 0;
}

static int injected_error(struct box *b, const struct kchange *c)
{
	struct injected *i;
	char text[KOBJ_TEXT_MAX + 16], object[KOBJ_TEXT_MAX];

	snprintf(text, sizeof(text), "%s %s", kchange_op_name(c->op),
		 kobj_text(&c->obj, object, sizeof(object)));
	TAILQ_FOREACH(i, &b->injected, entry) {
		if (!strstr(text, i->text) || !i->times)
			continue;
		if (i->skip) {
			i->skip--;
			continue;
		}
		i->times--;
		return i->error;
	}
	return 0;
}

static bool was_deleted(const struct box *b, const struct kobj *key)
{
	const struct deleted *d;

	TAILQ_FOREACH(d, &b->deleted, entry) {
		if (kobj_compare_key(&d->key, key) == 0)
			return true;
	}
	return false;
}

static void misuse(struct box *b, const struct kobj *o, const char *what)
{
	char text[KOBJ_TEXT_MAX];

	b->misuses++;
	ladder_note(b->L, "%s: %s: %s", b->name, what, kobj_text(o, text, sizeof(text)));
}

/* Whether there is a device that the object names. */
static bool has_device(const struct box *b, const struct kdev *d)
{
	struct kobj key = { .type = KOBJ_TUNNEL };

	if (d->ifindex)
		return box_iface(b, d->ifindex) || d->ifindex >= FIRST_TUNNEL_INDEX;
	memcpy(key.tunnel.name, d->name, IFNAMSIZ);
	return strcmp(d->name, "lo") == 0 || box_iface_name(b, d->name) || object_find(b, &key);
}

static int check_put(const struct box *b, const struct kobj *o)
{
	if (o->type == KOBJ_ADDR && !has_device(b, &o->addr.dev))
		return -ENODEV;
	if (o->type == KOBJ_SYSCTL && o->sysctl.dev.ifindex && !has_device(b, &o->sysctl.dev))
		return -ENODEV;
	if (o->type == KOBJ_ROUTE && o->route.type == KROUTE_UNICAST &&
	    !has_device(b, &o->route.dev))
		return -ENODEV;
	return 0;
}

static void note_deleted(struct box *b, const struct kobj *key)
{
	struct deleted *d = must_alloc(sizeof(*d));

	d->key = *key;
	TAILQ_INSERT_TAIL(&b->deleted, d, entry);
}

bool box_step(struct box *b)
{
	if (!b->frozen && b->steps_left && --b->steps_left == 0)
		b->frozen = true;
	return !b->frozen;
}

static int carry_out(struct box *b, const struct kchange *c)
{
	struct object *obj = object_find(b, &c->obj);
	int err = injected_error(b, c);

	if (!err && c->op != KCHANGE_DELETE)
		err = check_put(b, &c->obj);
	if (err)
		return err;
	switch (c->op) {
	case KCHANGE_PUT:
		if (obj && !kobj_equal(&obj->o, &c->obj) && obj->owner == OWNER_DAEMON)
			misuse(b, &c->obj, "put over another value");
		if (was_deleted(b, &c->obj))
			misuse(b, &c->obj, "deleted and put again in one turn");
		object_put(b, &c->obj, OWNER_DAEMON);
		return 0;
	case KCHANGE_REPLACE:
		if (!obj)
			misuse(b, &c->obj, "replaced what is not there");
		object_put(b, &c->obj, OWNER_DAEMON);
		return 0;
	case KCHANGE_ADOPT:
		if (!obj || !kobj_equal(&obj->o, &c->obj))
			misuse(b, &c->obj, "adopted what is not there");
		return 0;
	case KCHANGE_DELETE:
		break;
	}
	if (!obj)
		return -ENOENT;
	object_remove(obj);
	note_deleted(b, &c->obj);
	return 0;
}

static void free_batch(struct batch *batch)
{
	TAILQ_REMOVE(&batch->box->batches, batch, entry);
	timer_cancel(&batch->box->L->timers, &batch->timer);
	free(batch->changes);
	free(batch);
}

static void confirm(struct batch *batch)
{
	struct box *b = batch->box;
	struct kchange *changes = batch->changes;
	size_t count = batch->count;
	uint64_t ticket = batch->ticket;

	batch->changes = NULL;
	free_batch(batch);
	if (is_told(b)) {
		mip6_turn(&b->mip6, b->L->now_us);
		mip6_on_done(&b->mip6, ticket, changes, count);
	}
	free(changes);
}

static void on_confirm(struct timer *t, uint64_t now_us)
{
	(void)now_us;
	confirm(t->ctx);
}

static void carry_out_batch(struct batch *batch)
{
	struct box *b = batch->box;
	size_t i;

	for (i = 0; i < batch->count; i++)
		batch->changes[i].error = box_step(b) ? carry_out(b, &batch->changes[i]) : 0;
	batch->done = true;
	if (b->done_delay_us == 0) {
		confirm(batch);
		return;
	}
	batch->timer.fn = on_confirm;
	timer_set(&b->L->timers, &batch->timer, b->L->now_us + b->done_delay_us, NULL);
}

static void on_carry_out(struct timer *t, uint64_t now_us)
{
	(void)now_us;
	carry_out_batch(t->ctx);
}

/* The first batch that nobody has begun. */
static struct batch *next_batch(const struct box *b)
{
	struct batch *batch;

	TAILQ_FOREACH(batch, &b->batches, entry) {
		if (!batch->done && !timer_is_set(&batch->timer))
			return batch;
	}
	return NULL;
}

bool box_has_batches(const struct box *b)
{
	return next_batch(b) != NULL;
}

bool box_end_turn(struct box *b)
{
	struct batch *batch;
	struct deleted *d;
	bool any = false;

	while ((batch = next_batch(b)) != NULL) {
		any = true;
		if (b->apply_delay_us) {
			batch->timer.fn = on_carry_out;
			timer_set(&b->L->timers, &batch->timer, b->L->now_us + b->apply_delay_us,
				  NULL);
		} else {
			carry_out_batch(batch);
		}
	}
	while ((d = TAILQ_FIRST(&b->deleted)) != NULL) {
		TAILQ_REMOVE(&b->deleted, d, entry);
		free(d);
	}
	return any;
}

/* --- the rest of the port ------------------------------------------------------ */

static int fake_send(struct kernel *k, enum kproto proto, const struct mip6_path *path,
		     uint8_t hop_limit, const void *data, size_t len)
{
	struct box *b = box_of(k);
	const struct object *own = box_own_addr(b, &path->local, NULL);
	struct packet *p;
	bool plain;

	/* As Linux: a source must be an address of ours that may be used. */
	if (addr_is_unspecified(&path->local) ? !addr_is_multicast(&path->peer) :
						!own || own->tentative)
		return -EINVAL;
	if (!box_step(b))
		return 0;
	p = packet_new(&path->local, &path->peer,
		       proto == KPROTO_MH ? WIRE_PROTO_MH : WIRE_PROTO_ICMPV6, data, len);
	if (hop_limit)
		p->hop_limit = hop_limit;
	if (path->by_policy) {
		p->src = path->local_home;
	} else if (!addr_is_unspecified(&path->local_home)) {
		p->has_hao = true;
		p->hao = path->local_home;
	}
	if (!addr_is_unspecified(&path->peer_home)) {
		p->has_rh2 = true;
		p->rh2 = path->peer_home;
		p->rh2_left = 1;
	}
	if (proto == KPROTO_ICMP6 && len >= 4) {
		uint16_t sum;

		memset(p->data + 2, 0, 2);
		sum = wire_checksum(path_local_id(path), path_peer_id(path), WIRE_PROTO_ICMPV6,
				    p->data, len);
		p->data[2] = (uint8_t)(sum >> 8);
		p->data[3] = (uint8_t)sum;
	}
	plain = p->has_hao || p->has_rh2;
	return box_output(b, p, path->ifindex, plain);
}

static int fake_last_use(struct kernel *k, const struct kobj *o, uint64_t *idle_us)
{
	struct box *b = box_of(k);
	const struct object *obj = object_find(b, o);

	if (!obj)
		return -ENOENT;
	*idle_us = obj->used_us == TIME_NEVER ? TIME_NEVER : b->L->now_us - obj->used_us;
	return 0;
}

static int fake_scan(struct kernel *k, int (*fn)(const struct kobj *o, void *ctx), void *ctx)
{
	struct object *obj;
	int err = 0;

	TAILQ_FOREACH(obj, &box_of(k)->objects, entry) {
		if (obj->owner == OWNER_DAEMON && !err)
			err = fn(&obj->o, ctx);
	}
	return err;
}

static int fake_resync(struct kernel *k)
{
	struct box *b = box_of(k);
	struct object *obj;
	struct iface *i;

	TAILQ_FOREACH(i, &b->ifaces, entry)
		box_tell_link(b, i, false);
	TAILQ_FOREACH(obj, &b->objects, entry) {
		if (obj->o.type == KOBJ_TUNNEL)
			tell_tunnel(obj, false);
	}
	TAILQ_FOREACH(obj, &b->objects, entry) {
		if (obj->o.type == KOBJ_ADDR)
			box_tell_addr(obj, false);
	}
	return 0;
}

const struct kernel_ops box_ops = {
	.apply = fake_apply,
	.send = fake_send,
	.probe = fake_probe_begin,
	.probe_cancel = fake_probe_cancel,
	.lookup = fake_lookup_begin,
	.lookup_cancel = fake_lookup_cancel,
	.forget_learned = fake_forget_learned,
	.watch_traffic = fake_watch_traffic,
	.watch_strays = fake_watch_strays,
	.watch_multicast = fake_watch_multicast,
	.hear_groups = fake_hear_groups,
	.send_multicast = fake_send_multicast,
	.send_encapsulated = fake_send_encapsulated,
	.list_groups = fake_list_groups,
	.last_use = fake_last_use,
	.scan = fake_scan,
	.resync = fake_resync,
};

/* --- ends ---------------------------------------------------------------------- */

void box_process_died(struct box *b)
{
	struct object *obj, *next;
	struct fake_lookup *l;
	struct fake_probe *p;
	struct batch *batch;
	struct watch *w;

	while ((batch = TAILQ_FIRST(&b->batches)) != NULL)
		free_batch(batch);
	while ((p = TAILQ_FIRST(&b->probes)) != NULL)
		fake_probe_free(p);
	while ((l = TAILQ_FIRST(&b->lookups)) != NULL)
		fake_lookup_free(l);
	while ((w = TAILQ_FIRST(&b->watches)) != NULL) {
		TAILQ_REMOVE(&b->watches, w, entry);
		free(w);
	}
	b->stray_per_s = 0;
	box_multicast_died(b);
	for (obj = TAILQ_FIRST(&b->objects); obj; obj = next) {
		next = TAILQ_NEXT(obj, entry);
		if (obj->owner == OWNER_DAEMON &&
		    (obj->o.type == KOBJ_ANYCAST || obj->o.type == KOBJ_GROUP))
			free_object(obj);
	}
}

void box_free(struct box *b)
{
	struct injected *inj;
	struct delayed *d;
	struct object *obj;
	struct iface *i;
	struct neigh *n;

	box_process_died(b);
	box_multicast_free(b);
	box_end_turn(b);
	router_free(b);
	while ((n = TAILQ_FIRST(&b->neighs)) != NULL)
		neigh_free(n);
	while ((d = TAILQ_FIRST(&b->delayed)) != NULL)
		delayed_free(d);
	while ((obj = TAILQ_FIRST(&b->objects)) != NULL)
		free_object(obj);
	while ((inj = TAILQ_FIRST(&b->injected)) != NULL) {
		TAILQ_REMOVE(&b->injected, inj, entry);
		free(inj);
	}
	while ((i = TAILQ_FIRST(&b->ifaces)) != NULL) {
		TAILQ_REMOVE(&b->ifaces, i, entry);
		if (i->link)
			TAILQ_REMOVE(&i->link->ifaces, i, on_link);
		free(i);
	}
	timers_free(&b->timers);
}
