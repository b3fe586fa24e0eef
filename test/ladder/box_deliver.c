// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets for the box itself: routing header, Home Address option, policies,
 * tunnels, and then whoever listens: the program, a script, the kernel's own
 * answers to pings and solicitations, and its refusals.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "test/ladder/world.h"

#define ECHO_REQUEST	 128
#define ECHO_REPLY	 129
#define NEXT_HEADER_AT	 6  /* in an IPv6 header */
#define FIRST_HEADER_LEN 40
#define HAO_TYPE_AT	 6  /* in a destination options header, see ext.h */

/* A box with the program on it has a kernel that knows mobility, running or not. */
static bool knows_mobility(const struct box *b)
{
	return b->mobility || b->role_count > 0;
}

static void refuse(struct box *b, struct packet *p, const char *why)
{
	record_lost(b->L, p, "%s: %s", b->name, why);
	packet_free(p);
}

/* --- headers ------------------------------------------------------------------- */

/* RFC 6275 6.4.3: the address must be a home address of the node. */
static bool take_rh2(struct box *b, struct packet *p)
{
	const struct object *own = box_own_addr(b, &p->rh2, NULL);
	bool home = own && ((own->o.addr.flags & KADDR_HOME) || own->owner == OWNER_ADMIN);

	if (!p->has_rh2 || p->rh2_left == 0)
		return true;
	if (!knows_mobility(b)) {
		box_error(b, p, ICMP6_MSG_PARAM_PROBLEM, ICMP6_PARAM_HEADER,
			  FIRST_HEADER_LEN + 2);
		refuse(b, p, "unknown routing header");
		return false;
	}
	if (!home || (b->role_count && !box_xfrm_rh2_ok(b, p))) {
		refuse(b, p, home ? "no state for the routing header" :
				    "routing header not to a home address");
		return false;
	}
	p->rh2_left = 0;
	return true;
}

/* The address that the packet has at its end, whether or not RH2 was processed. */
static const struct in6_addr *final_dst(const struct packet *p)
{
	return p->has_rh2 ? &p->rh2 : &p->dst;
}

static bool take_hao(struct box *b, struct packet *p)
{
	if (!p->has_hao)
		return true;
	if (!knows_mobility(b)) {
		box_error(b, p, ICMP6_MSG_PARAM_PROBLEM, ICMP6_PARAM_OPTION,
			  FIRST_HEADER_LEN + HAO_TYPE_AT);
		refuse(b, p, "unknown option");
		return false;
	}
	if (b->role_count && !box_xfrm_hao_ok(b, p)) {
		box_report(b, p);
		refuse(b, p, "no state for the Home Address option");
		return false;
	}
	return true;
}

static bool pass_policies(struct box *b, struct packet *p)
{
	if (!b->role_count || box_xfrm_in_ok(b, p))
		return true;
	if (p->has_hao)
		box_report(b, p);
	refuse(b, p, "no policy lets it in");
	return false;
}

/* --- to the program ------------------------------------------------------------ */

uint32_t box_tunnel_ifindex(const struct box *b, const char *dev)
{
	const struct object *obj;

	TAILQ_FOREACH(obj, &b->objects, entry) {
		if (obj->o.type == KOBJ_TUNNEL &&
		    strncmp(obj->o.tunnel.name, dev, sizeof(obj->o.tunnel.name)) == 0)
			return obj->ifindex;
	}
	return 0;
}

static void hand_to_program(struct box *b, const struct packet *p, enum kproto proto,
			    const char *dev, const struct iface *i)
{
	struct mip6_packet m = { .proto = proto,
				 .path = { .local = p->dst,
					   .peer = p->src,
					   .ifindex = i ? i->ifindex : box_tunnel_ifindex(b, dev) },
				 .data = p->data,
				 .len = p->len,
				 .hop_limit = p->hop_limit,
				 .to_multicast = addr_is_multicast(&p->dst),
				 .protected = p->protected };

	if (p->has_rh2)
		m.path.local_home = p->rh2;
	if (p->has_hao)
		m.path.peer_home = p->hao;
	if (b->hear)
		b->hear(b, &m, b->hear_ctx);
	if (!b->up)
		return;
	mip6_turn(&b->mip6, b->L->now_us);
	mip6_on_packet(&b->mip6, &m);
}

static void deliver_mh(struct box *b, struct packet *p, const char *dev, const struct iface *i)
{
	/* Nobody has a socket for the Mobility Header (RFC 8200 section 4). */
	if (!b->up && !b->mobility) {
		record_arrived(b->L, p, b->name);
		box_error(b, p, ICMP6_MSG_PARAM_PROBLEM, ICMP6_PARAM_NEXT_HEADER,
			  p->has_hao ? FIRST_HEADER_LEN : NEXT_HEADER_AT);
	} else {
		record_arrived(b->L, p, b->name);
		hand_to_program(b, p, KPROTO_MH, dev, i);
	}
	packet_free(p);
}

static bool checksum_is_right(const struct packet *p)
{
	return wire_checksum(packet_end_src(p), final_dst(p), WIRE_PROTO_ICMPV6, p->data,
			     p->len) == 0;
}

static void answer_ping(struct box *b, const struct packet *p)
{
	const struct in6_addr *src = final_dst(p), *dst = packet_end_src(p);
	struct packet *answer = packet_new(src, dst, WIRE_PROTO_ICMPV6, p->data, p->len);
	uint16_t sum;

	answer->data[0] = ECHO_REPLY;
	memset(answer->data + 2, 0, 2);
	sum = wire_checksum(src, dst, WIRE_PROTO_ICMPV6, answer->data, answer->len);
	answer->data[2] = (uint8_t)(sum >> 8);
	answer->data[3] = (uint8_t)sum;
	box_output(b, answer, 0, false);
}

static bool is_echo(const struct packet *p)
{
	return p->len >= 8 && (p->data[0] == ECHO_REQUEST || p->data[0] == ECHO_REPLY);
}

static void deliver_icmp6(struct box *b, struct packet *p, const char *dev, struct iface *i)
{
	bool tunnelled = !i && strcmp(dev, "core") != 0 && strcmp(dev, "lo") != 0;

	if (p->len < 4 || !checksum_is_right(p)) {
		refuse(b, p, "ICMPv6 checksum");
		return;
	}
	record_arrived(b->L, p, b->name);
	if (is_echo(p)) {
		stream_echo(b, p, tunnelled, p->has_hao || p->has_rh2);
		if (p->data[0] == ECHO_REQUEST && !addr_is_multicast(&p->dst))
			answer_ping(b, p);
	} else {
		if (i && p->hop_limit == ND_HOP_LIMIT)
			nd_input(i, p);
		hand_to_program(b, p, KPROTO_ICMP6, dev, i);
	}
	packet_free(p);
}

/* The kernel, then the program's ICMPv6 socket, which gets no hop-by-hop header. */
static void deliver_mld(struct box *b, struct packet *p, const char *dev, const struct iface *i)
{
	record_arrived(b->L, p, b->name);
	if (p->len > 8 && p->data[0] == WIRE_PROTO_ICMPV6) {
		box_answer_query(b, dev, p);
		memmove(p->data, p->data + 8, p->len - 8);
		p->len -= 8;
		hand_to_program(b, p, KPROTO_ICMP6, dev, i);
	}
	packet_free(p);
}

/* --- tunnels ------------------------------------------------------------------- */

/* RFC 6275 10.4.5: the source of the tunnel must be that of the binding. */
static bool filter_passes(const struct box *b, const struct kobj_tunnel *t, const struct packet *p)
{
	const struct object *obj;

	TAILQ_FOREACH(obj, &b->objects, entry) {
		const struct kobj_tunnel_filter *f = &obj->o.filter;

		if (obj->o.type == KOBJ_TUNNEL_FILTER &&
		    strncmp(f->tunnel, t->name, IFNAMSIZ) == 0 &&
		    prefix_contains(&f->inner_src, &p->inner->src) &&
		    (addr_equal(&f->outer_src, &p->src) || addr_equal(&f->also_src, &p->src)))
			return true;
	}
	return false;
}

/* The device that the outer header leads to: end points first, then the shared. */
static const struct kobj_tunnel *find_device(const struct box *b, const struct packet *p)
{
	const struct kobj_tunnel *shared = NULL;
	const struct object *obj;

	TAILQ_FOREACH(obj, &b->objects, entry) {
		const struct kobj_tunnel *t = &obj->o.tunnel;

		if (obj->o.type != KOBJ_TUNNEL)
			continue;
		if (t->external)
			shared = t;
		else if (addr_equal(&t->local, &p->dst) && addr_equal(&t->remote, &p->src))
			return t;
	}
	return shared;
}

int fake_watch_traffic(struct kernel *k, const char *name, uint64_t pace_us)
{
	struct box *b = box_of(k);
	struct watch *w, *next;

	for (w = TAILQ_FIRST(&b->watches); w; w = next) {
		next = TAILQ_NEXT(w, entry);
		if (strncmp(w->name, name, IFNAMSIZ) == 0) {
			TAILQ_REMOVE(&b->watches, w, entry);
			free(w);
		}
	}
	if (pace_us) {
		w = must_alloc(sizeof(*w));
		strncpy(w->name, name, IFNAMSIZ - 1);
		w->pace_us = pace_us;
		TAILQ_INSERT_TAIL(&b->watches, w, entry);
	}
	return 0;
}

int fake_watch_strays(struct kernel *k, const char *name, uint32_t per_s)
{
	(void)name;
	box_of(k)->stray_per_s = per_s;
	return 0;
}

/* No more than one is told at one instant: that bounds them well enough here. */
static void tell_stray(struct box *b, const struct packet *p)
{
	const struct kstray_event e = { .outer_src = p->src,
					.outer_dst = p->dst,
					.inner_src = p->inner->src,
					.inner_dst = p->inner->dst };

	if (!b->up || !b->stray_per_s || b->stray_told_us == b->L->now_us)
		return;
	b->stray_told_us = b->L->now_us;
	mip6_turn(&b->mip6, b->L->now_us);
	mip6_on_stray(&b->mip6, &e);
}

void box_watch_traffic(struct box *b, const char *dev, bool outgoing, const struct packet *p)
{
	const struct in6_addr *local = outgoing ? packet_end_src(p) : packet_end_dst(p);
	const struct in6_addr *peer = outgoing ? packet_end_dst(p) : packet_end_src(p);
	const struct ktraffic_event e = { .local = *local, .peer = *peer, .outgoing = outgoing };
	struct watch *w, *seen = NULL;
	uint64_t pace_us = 0;

	if (!b->up || p->inner || p->proto == WIRE_PROTO_MH || addr_is_multicast(peer))
		return;
	if (p->proto == WIRE_PROTO_ICMPV6 && p->len && p->data[0] < ECHO_REQUEST)
		return; /* an error: nobody's conversation */
	TAILQ_FOREACH(w, &b->watches, entry) {
		if (strncmp(w->name, dev, IFNAMSIZ) != 0)
			continue;
		if (!w->pair)
			pace_us = w->pace_us;
		else if (addr_equal(&w->local, local) && addr_equal(&w->peer, peer) &&
			 w->outgoing == outgoing)
			seen = w;
	}
	if (!pace_us || (seen && b->L->now_us - seen->told_us < pace_us))
		return;
	if (!seen) {
		seen = must_alloc(sizeof(*seen));
		strncpy(seen->name, dev, IFNAMSIZ - 1);
		seen->pair = true;
		seen->local = *local;
		seen->peer = *peer;
		seen->outgoing = outgoing;
		TAILQ_INSERT_TAIL(&b->watches, seen, entry);
	}
	seen->told_us = b->L->now_us;
	mip6_turn(&b->mip6, b->L->now_us);
	mip6_on_traffic(&b->mip6, &e);
}

static void out_of_tunnel(struct box *b, struct packet *p)
{
	const struct kobj_tunnel *t = find_device(b, p);
	char name[IFNAMSIZ];

	if (!t) {
		refuse(b, p, "no tunnel of these ends");
		return;
	}
	if (t->external && box_takes_multicast(b, p)) {
		record_arrived(b->L, p, b->name);
		packet_free(p);
		return;
	}
	if (t->external && !filter_passes(b, t, p)) {
		tell_stray(b, p);
		refuse(b, p, "tunnel filter");
		return;
	}
	memcpy(name, t->name, sizeof(name));
	p = packet_unwrap(p);
	box_watch_traffic(b, name, false, p);
	box_input(b, p, name, NULL);
}

/* --- the whole way ------------------------------------------------------------- */

void box_deliver(struct box *b, struct packet *p, const char *dev, struct iface *i)
{
	if (!take_rh2(b, p) || !take_hao(b, p) || !pass_policies(b, p))
		return;
	if (p->inner) {
		out_of_tunnel(b, p);
	} else if (p->proto == WIRE_PROTO_MH) {
		deliver_mh(b, p, dev, i);
	} else if (p->proto == WIRE_PROTO_ICMPV6) {
		deliver_icmp6(b, p, dev, i);
	} else if (p->proto == WIRE_PROTO_HOPOPTS) {
		deliver_mld(b, p, dev, i);
	} else {
		record_arrived(b->L, p, b->name);
		if (addr_is_multicast(&p->dst))
			box_count_heard(b, p);
		packet_free(p);
	}
}
