// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Building and rebuilding the world: links, interfaces, addresses and routes by
 * the administrator, moves; and a test's look at a box's kernel.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/ladder/world.h"

/* --- links --------------------------------------------------------------------- */

struct net_link *ladder_link(struct ladder *L, const char *name)
{
	struct net_link *l = must_alloc(sizeof(*l));

	l->L = L;
	snprintf(l->name, sizeof(l->name), "%s", name);
	l->q.latency_us = 100;
	TAILQ_INIT(&l->ifaces);
	TAILQ_INSERT_TAIL(&L->links, l, entry);
	return l;
}

void ladder_quality(struct net_link *l, const struct quality *q)
{
	l->q = *q;
}

void ladder_core_lose(struct ladder *L, const char *from, const char *to)
{
	L->core_loses_from = ip6(from ? from : "::");
	L->core_loses_to = ip6(to ? to : "::");
}

void ladder_core_quality(struct ladder *L, const struct quality *q)
{
	L->core = *q;
}

static struct prefix parse_prefix(const struct ladder *L, const char *text, struct in6_addr *whole)
{
	struct in6_addr ignored;
	struct prefix p;

	if (prefix_parse(text, &p, whole ? whole : &ignored))
		ladder_fail(L, __FILE__, __LINE__, "not an address with a length: %s", text);
	return p;
}

void ladder_core_route(struct box *b, const char *prefix)
{
	struct core_route *r = must_alloc(sizeof(*r));

	r->prefix = parse_prefix(b->L, prefix, NULL);
	r->box = b;
	b->core = true;
	TAILQ_INSERT_TAIL(&b->L->core_routes, r, entry);
}

/* --- boxes --------------------------------------------------------------------- */

void ladder_init_box(struct ladder *L, struct box *b, const char *name)
{
	b->L = L;
	snprintf(b->name, sizeof(b->name), "%s", name);
	box_init(b);
	b->store = store_memory_new();
	if (!b->store)
		abort();
	TAILQ_INSERT_TAIL(&L->boxes, b, entry);
}

const char *box_name(const struct box *b)
{
	return b->name;
}

struct in6_addr box_addr(const struct box *b)
{
	const struct object *obj;

	TAILQ_FOREACH(obj, &b->objects, entry) {
		if (obj->o.type == KOBJ_ADDR && obj->owner == OWNER_ADMIN &&
		    !addr_is_linklocal(&obj->o.addr.addr))
			return obj->o.addr.addr;
	}
	ladder_fail(b->L, __FILE__, __LINE__, "%s has no address", b->name);
}

/* A route of the prefix on an address of the administrator, without DAD. */
static void put_addr(struct box *b, const struct iface *i, const struct in6_addr *addr,
		     uint8_t plen)
{
	struct kobj o = { .type = KOBJ_ADDR };

	o.addr.dev.ifindex = i->ifindex;
	memcpy(o.addr.dev.name, i->name, IFNAMSIZ);
	o.addr.addr = *addr;
	o.addr.plen = plen;
	o.addr.flags = KADDR_NODAD;
	o.addr.valid_s = UINT32_MAX;
	o.addr.preferred_s = UINT32_MAX;
	object_put(b, &o, OWNER_ADMIN);
}

static void take_mac(struct iface *i)
{
	memcpy(i->mac, (uint8_t[]){ 2, 0, 0, 0, 0, ++i->box->L->next_mac }, MAC_LEN);
}

static struct iface *make_iface(struct box *b, const char *ifname)
{
	struct iface *i = must_alloc(sizeof(*i));
	struct in6_addr eui, local;

	i->box = b;
	i->ifindex = b->next_ifindex++;
	snprintf(i->name, sizeof(i->name), "%s", ifname);
	i->mtu = 1500;
	take_mac(i);
	TAILQ_INSERT_TAIL(&b->ifaces, i, entry);
	box_tell_link(b, i, false);
	eui = addr_eui64(i->mac);
	local = addr_linklocal_of(&eui);
	put_addr(b, i, &local, 64);
	return i;
}

static void plug(struct iface *i, struct net_link *link)
{
	if (i->link)
		TAILQ_REMOVE(&i->link->ifaces, i, on_link);
	i->link = link;
	if (link)
		TAILQ_INSERT_TAIL(&link->ifaces, i, on_link);
}

/* Addresses whose detection waited for a carrier, or must be done again. */
static void restart_dad(struct iface *i)
{
	struct object *obj;

	TAILQ_FOREACH(obj, &i->box->objects, entry) {
		if (obj->o.type == KOBJ_ADDR && obj->owner == OWNER_DAEMON && obj->tentative &&
		    !obj->dad_failed && object_iface(obj) == i)
			dad_start(obj);
	}
}

static void set_carrier(struct iface *i, bool carrier)
{
	if (i->carrier == carrier)
		return;
	i->carrier = carrier;
	if (!carrier)
		neigh_flush(i);
	box_tell_link(i->box, i, false);
	if (carrier)
		restart_dad(i);
}

void ladder_attach(struct box *b, const char *ifname, struct net_link *link)
{
	struct iface *i = box_iface_name(b, ifname);

	if (!i)
		i = make_iface(b, ifname);
	plug(i, link);
	set_carrier(i, link != NULL);
}

void ladder_move(struct box *b, const char *ifname, struct net_link *link, enum ladder_how how)
{
	struct iface *i = box_iface_name(b, ifname);

	if (!i)
		ladder_fail(b->L, __FILE__, __LINE__, "%s has no %s", b->name, ifname);
	ladder_note(b->L, "%s moves to %s%s", b->name, link ? link->name : "nowhere",
		    how == LADDER_SILENT ? ", silently" : "");
	switch (how) {
	case LADDER_CARRIER:
		set_carrier(i, false);
		plug(i, link);
		set_carrier(i, link != NULL);
		break;
	case LADDER_SILENT:
		plug(i, link);
		break;
	}
}

void ladder_ssid(struct box *b, const char *ifname, const char *ssid)
{
	struct iface *i = box_iface_name(b, ifname);

	if (!i)
		ladder_fail(b->L, __FILE__, __LINE__, "%s has no %s", b->name, ifname);
	ladder_note(b->L, "%s is on network \"%s\"", b->name, ssid);
	snprintf(i->ssid, sizeof(i->ssid), "%s", ssid);
	box_tell_link(b, i, false);
}

void ladder_rename(struct box *b, const char *ifname, const char *to)
{
	struct iface *i = box_iface_name(b, ifname);

	if (!i)
		ladder_fail(b->L, __FILE__, __LINE__, "%s has no %s", b->name, ifname);
	ladder_note(b->L, "%s of %s becomes %s", ifname, b->name, to);
	snprintf(i->name, sizeof(i->name), "%s", to);
	box_tell_link(b, i, false);
}

void ladder_new_mac(struct box *b, const char *ifname)
{
	struct iface *i = box_iface_name(b, ifname);

	if (!i)
		ladder_fail(b->L, __FILE__, __LINE__, "%s has no %s", b->name, ifname);
	take_mac(i);
	box_tell_link(b, i, false);
}

void ladder_mtu(struct box *b, const char *ifname, uint32_t mtu)
{
	struct iface *i = box_iface_name(b, ifname);
	struct object *obj, *next;

	if (!i)
		ladder_fail(b->L, __FILE__, __LINE__, "%s has no %s", b->name, ifname);
	for (obj = TAILQ_FIRST(&b->objects); obj; obj = next) {
		next = TAILQ_NEXT(obj, entry);
		if (obj->o.type == KOBJ_SYSCTL && obj->o.sysctl.dev.ifindex == i->ifindex &&
		    (obj->o.sysctl.name == KSYSCTL_MTU || i->mtu < 1280 || mtu < 1280))
			object_remove(obj);
	}
	i->mtu = mtu;
	box_tell_link(b, i, false);
}

static void tell_lost(struct box *b, const struct kobj *o)
{
	if (!b->up)
		return;
	mip6_turn(&b->mip6, b->L->now_us);
	mip6_on_lost(&b->mip6, o);
}

/* Something in the kernel that goes with the interface. */
static struct object *find_on(const struct box *b, const struct iface *i)
{
	struct object *obj;

	TAILQ_FOREACH(obj, &b->objects, entry) {
		const struct kdev *d = obj->o.type == KOBJ_ADDR	  ? &obj->o.addr.dev :
				       obj->o.type == KOBJ_ROUTE  ? &obj->o.route.dev :
				       obj->o.type == KOBJ_SYSCTL ? &obj->o.sysctl.dev :
								    NULL;

		if (d && (d->ifindex ? d->ifindex == i->ifindex :
				       strncmp(d->name, i->name, IFNAMSIZ) == 0))
			return obj;
	}
	return NULL;
}

void ladder_vanish(struct box *b, const char *ifname)
{
	struct iface *i = box_iface_name(b, ifname);
	struct object *obj;
	struct kobj o;

	if (!i)
		ladder_fail(b->L, __FILE__, __LINE__, "%s has no %s", b->name, ifname);
	ladder_note(b->L, "%s of %s vanishes", ifname, b->name);
	set_carrier(i, false);
	plug(i, NULL);
	while ((obj = find_on(b, i)) != NULL) {
		/* the kernel says nothing of settings and proxy entries that go like this */
		bool ours = obj->owner == OWNER_DAEMON && obj->o.type != KOBJ_SYSCTL &&
			    obj->o.type != KOBJ_PROXY_NEIGH;

		o = obj->o;
		object_remove(obj);
		if (ours)
			tell_lost(b, &o);
	}
	box_tell_link(b, i, true);
	TAILQ_REMOVE(&b->ifaces, i, entry);
	free(i);
}

void ladder_addr(struct box *b, const char *ifname, const char *addr)
{
	struct iface *i = box_iface_name(b, ifname);
	struct in6_addr whole;
	struct prefix p = parse_prefix(b->L, addr, &whole);

	if (!i)
		i = make_iface(b, ifname);
	put_addr(b, i, &whole, p.len);
}

void ladder_del_addr(struct box *b, const char *ifname, const char *addr)
{
	struct iface *i = box_iface_name(b, ifname);
	struct in6_addr whole;
	struct object *obj;

	parse_prefix(b->L, addr, &whole);
	obj = box_own_addr(b, &whole, i);
	if (!obj)
		ladder_fail(b->L, __FILE__, __LINE__, "%s has no %s", b->name, addr);
	object_remove(obj);
}

void ladder_route(struct box *b, const char *prefix, const char *via, const char *ifname)
{
	struct kobj o = { .type = KOBJ_ROUTE };

	o.route.dst = parse_prefix(b->L, prefix, NULL);
	o.route.metric = 1024;
	if (via)
		o.route.via = ip6(via);
	snprintf(o.route.dev.name, IFNAMSIZ, "%s", ifname);
	object_put(b, &o, OWNER_ADMIN);
	if (box_iface_name(b, ifname))
		box_tell_link(b, box_iface_name(b, ifname), false);
}

/* The interfaces of two boxes that are on one link. */
static bool find_common(const struct box *a, const struct box *b, struct iface **on_a,
			struct iface **on_b)
{
	struct iface *i, *j;

	TAILQ_FOREACH(i, &a->ifaces, entry) {
		TAILQ_FOREACH(j, &b->ifaces, entry) {
			if (i->link && i->link == j->link) {
				*on_a = i;
				*on_b = j;
				return true;
			}
		}
	}
	return false;
}

void ladder_gateway(struct box *b, const struct box *router)
{
	struct iface *mine, *its;
	struct in6_addr via;

	if (!find_common(b, router, &mine, &its))
		ladder_fail(b->L, __FILE__, __LINE__, "%s is not on a link with %s", b->name,
			    router->name);
	via = iface_local(its);
	ladder_route(b, "::/0", ADDR_STR(&via), mine->name);
}

void ladder_forwarding(struct box *b, bool on)
{
	b->forwarding = on;
}

struct box *ladder_host(struct ladder *L, const char *name, struct net_link *link,
			const char *addr, const struct box *router)
{
	struct box *b = must_alloc(sizeof(*b));

	ladder_init_box(L, b, name);
	ladder_attach(b, "eth0", link);
	ladder_addr(b, "eth0", addr);
	if (router)
		ladder_gateway(b, router);
	return b;
}

void ladder_note(struct ladder *L, const char *fmt, ...)
{
	struct record *r = record_note(L);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
}

/* --- looking into kernels ------------------------------------------------------ */

size_t box_count(const struct box *b, enum kobj_type type)
{
	const struct object *obj;
	size_t n = 0;

	TAILQ_FOREACH(obj, &b->objects, entry) {
		if (obj->owner == OWNER_DAEMON && obj->o.type == type)
			n++;
	}
	return n;
}

static struct object *find_text(const struct box *b, const char *text)
{
	char line[KOBJ_TEXT_MAX];
	struct object *obj;

	TAILQ_FOREACH(obj, &b->objects, entry) {
		if (obj->owner == OWNER_DAEMON &&
		    strstr(kobj_text(&obj->o, line, sizeof(line)), text))
			return obj;
	}
	return NULL;
}

bool box_has(const struct box *b, const char *text)
{
	return find_text(b, text) != NULL;
}

void box_print(const struct box *b)
{
	const struct object *obj;
	char line[KOBJ_TEXT_MAX];

	fprintf(stderr, "# in the kernel of %s:\n", b->name);
	TAILQ_FOREACH(obj, &b->objects, entry) {
		if (obj->owner == OWNER_DAEMON)
			fprintf(stderr, "#   %s\n", kobj_text(&obj->o, line, sizeof(line)));
	}
}

void box_fail(struct box *b, const char *text, int error, unsigned int skip, unsigned int times)
{
	struct injected *i = must_alloc(sizeof(*i));

	snprintf(i->text, sizeof(i->text), "%s", text);
	i->error = error;
	i->skip = skip;
	i->times = times;
	TAILQ_INSERT_TAIL(&b->injected, i, entry);
}

unsigned int box_misuses(const struct box *b)
{
	return b->misuses;
}

void box_lose(struct box *b, const char *text)
{
	struct object *obj = find_text(b, text);
	struct kobj o;

	if (!obj)
		ladder_fail(b->L, __FILE__, __LINE__, "%s has no \"%s\"", b->name, text);
	o = obj->o;
	object_remove(obj);
	tell_lost(b, &o);
}
