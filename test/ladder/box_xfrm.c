// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * XFRM as far as mobility uses it, after Linux's net/xfrm and net/ipv6/mip6.c.
 *
 * Out: the policy of the lowest priority number that fits the packet names
 * headers; each needs a state with the packet's addresses, whose care-of address
 * goes into the IPv6 header. A missing state asks for one (ACQUIRE) and holds the
 * packet back, unless the template is optional.
 *
 * In: a header is processed only when a state knows its addresses (or is a
 * wildcard) and its care-of address (or is one that does not care); and then a
 * policy must have a template for it, with that state's request identifier or
 * with none. So a Home Address option is accepted exactly where a role put both.
 *
 * Policies with the same direction, kind and selector are parts of one (see
 * enum kxfrm_part).
 *
 * Policies of the main kind stand for IPsec: an ESP template marks the packet as
 * protected, and lets in only what is.
 */
#include <errno.h>
#include <string.h>

#include "test/ladder/world.h"

struct flow {
	const struct in6_addr *src;
	const struct in6_addr *dst;
	uint8_t proto;
	int type; /* of the MH or ICMPv6 message; -1: none */
};

static struct flow flow_of(const struct packet *p)
{
	struct flow f = { .src = packet_end_src(p),
			  .dst = p->has_rh2 ? &p->rh2 : &p->dst,
			  .proto = p->proto,
			  .type = -1 };

	if (p->proto == WIRE_PROTO_MH)
		f.type = mh_peek_type(p->data, p->len);
	else if (p->proto == WIRE_PROTO_ICMPV6 && p->len)
		f.type = p->data[0];
	return f;
}

static bool selector_fits(const struct kxfrm_selector *s, const struct flow *f)
{
	if (!prefix_contains(&s->src, f->src) || !prefix_contains(&s->dst, f->dst))
		return false;
	return !s->proto || (s->proto == f->proto && (s->type < 0 || s->type == f->type));
}

static struct object *find_policy(const struct box *b, enum kxfrm_dir dir, bool sub,
				  const struct flow *f)
{
	struct object *obj, *best = NULL;

	TAILQ_FOREACH(obj, &b->objects, entry) {
		const struct kobj_xfrm_policy *p = &obj->o.policy;

		if (obj->o.type == KOBJ_XFRM_POLICY && p->dir == dir && p->sub == sub &&
		    selector_fits(&p->sel, f) &&
		    (!best || p->priority < best->o.policy.priority))
			best = obj;
	}
	return best;
}

/* The next part of the policy that `first` is the first part of. */
static struct object *next_part(const struct object *first, struct object *last)
{
	struct kobj key = first->o;
	struct object *obj;

	for (obj = last ? TAILQ_NEXT(last, entry) : TAILQ_FIRST(&first->box->objects); obj;
	     obj = TAILQ_NEXT(obj, entry)) {
		if (obj->o.type != KOBJ_XFRM_POLICY)
			continue;
		key.policy.part = obj->o.policy.part;
		if (kobj_compare_key(&key, &obj->o) == 0)
			return obj;
	}
	return NULL;
}

static struct object *find_state(const struct box *b, enum kxfrm_proto proto,
				 const struct in6_addr *src, const struct in6_addr *dst)
{
	struct object *obj;

	TAILQ_FOREACH(obj, &b->objects, entry) {
		const struct kobj_xfrm_state *s = &obj->o.state;

		if (obj->o.type == KOBJ_XFRM_STATE && s->proto == proto &&
		    addr_equal(&s->src, src) && addr_equal(&s->dst, dst))
			return obj;
	}
	return NULL;
}

static void use(const struct box *b, struct object *obj)
{
	obj->used_us = b->L->now_us;
}

static void acquire(struct box *b, const struct kxfrm_tmpl *t, const struct flow *f)
{
	const struct kxfrm_event e = { .what = KXFRM_EVENT_ACQUIRE,
				       .proto = t->proto,
				       .src = *f->src,
				       .dst = *f->dst,
				       .upper_proto = f->proto };

	if (!b->up)
		return;
	mip6_turn(&b->mip6, b->L->now_us);
	mip6_on_xfrm(&b->mip6, &e);
}

/* Linux looks for the packet's addresses, then for any source. */
static struct object *find_out_state(const struct box *b, enum kxfrm_proto proto,
				     const struct flow *f)
{
	const struct in6_addr any = { 0 };
	struct object *state = find_state(b, proto, f->src, f->dst);

	return state ? state : find_state(b, proto, &any, f->dst);
}

static void insert(struct packet *p, enum kxfrm_proto proto, const struct in6_addr *coaddr)
{
	if (proto == KXFRM_HAO && !p->has_hao) {
		p->has_hao = true;
		p->hao = p->src;
		p->src = *coaddr;
	} else if (proto == KXFRM_RH2 && !p->has_rh2) {
		p->has_rh2 = true;
		p->rh2_left = 1;
		p->rh2 = p->dst;
		p->dst = *coaddr;
	}
}

static void protect(struct box *b, struct packet *p, const struct flow *f)
{
	struct object *policy = find_policy(b, KXFRM_OUT, false, f);

	if (policy && policy->o.policy.tmpl_count && policy->o.policy.tmpl[0].proto == KXFRM_ESP)
		p->protected = true;
}

int box_ipsec_out(struct box *b, struct packet *p)
{
	const struct flow f = { .src = &p->src,
				.dst = p->has_rh2 ? &p->rh2 : &p->dst,
				.proto = p->proto,
				.type = flow_of(p).type };

	protect(b, p, &f);
	return 0;
}

/* The headers that one part wants. */
static int apply_part(struct box *b, struct packet *p, const struct flow *f,
		      const struct kobj_xfrm_policy *policy)
{
	unsigned int i;

	for (i = 0; i < policy->tmpl_count; i++) {
		const struct kxfrm_tmpl *t = &policy->tmpl[i];
		struct object *state = find_out_state(b, t->proto, f);

		if (state && state->o.state.reqid == t->reqid) {
			use(b, state);
			insert(p, t->proto, &state->o.state.coaddr);
		} else if (!t->optional) {
			acquire(b, t, f);
			return -EAGAIN;
		}
	}
	return 0;
}

int box_xfrm_out(struct box *b, struct packet *p)
{
	const struct in6_addr src = p->src, dst = p->dst;
	const struct flow f = { &src, &dst, p->proto, flow_of(p).type };
	struct object *found, *part = NULL;
	int err = 0;

	protect(b, p, &f);
	found = find_policy(b, KXFRM_OUT, true, &f);
	if (!found)
		return 0;
	if (found->o.policy.block)
		return -EPERM;
	while (!err && (part = next_part(found, part)) != NULL) {
		use(b, part);
		err = apply_part(b, p, &f, &part->o.policy);
	}
	return err;
}

/* A state that knows the addresses, or any source, or any of both, and whose
 * care-of address is that of the packet, or any (xfrm6_input_addr()). */
static bool find_in_state(struct box *b, enum kxfrm_proto proto, const struct in6_addr *src,
			  const struct in6_addr *dst, const struct in6_addr *coaddr,
			  uint32_t *reqid)
{
	const struct in6_addr any = { 0 };
	const struct in6_addr *const tries[3][2] = { { src, dst }, { &any, dst }, { &any, &any } };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct object *state = find_state(b, proto, tries[i][0], tries[i][1]);
		const struct in6_addr *known = state ? &state->o.state.coaddr : NULL;

		if (!known || (!addr_equal(known, coaddr) && !addr_is_unspecified(known)))
			continue;
		use(b, state);
		*reqid = state->o.state.reqid;
		return true;
	}
	return false;
}

bool box_xfrm_hao_ok(struct box *b, struct packet *p)
{
	return find_in_state(b, KXFRM_HAO, &p->hao, p->has_rh2 ? &p->rh2 : &p->dst, &p->src,
			     &p->hao_reqid);
}

bool box_xfrm_rh2_ok(struct box *b, struct packet *p)
{
	return find_in_state(b, KXFRM_RH2, &p->src, &p->rh2, &p->dst, &p->rh2_reqid);
}

/* Whether a part of the policy has a template for the header; with `has`, one
 * that takes the state that let it in; without, one that makes it a must. */
static bool has_tmpl(const struct object *found, enum kxfrm_proto proto, bool has, uint32_t reqid)
{
	struct object *part = NULL;
	unsigned int i;

	while ((part = next_part(found, part)) != NULL) {
		for (i = 0; i < part->o.policy.tmpl_count; i++) {
			const struct kxfrm_tmpl *t = &part->o.policy.tmpl[i];

			if (t->proto == proto &&
			    (has ? !t->reqid || t->reqid == reqid : !t->optional))
				return true;
		}
	}
	return false;
}

static bool main_lets_in(const struct box *b, const struct packet *p, const struct flow *f)
{
	const struct object *found = find_policy(b, KXFRM_IN, false, f);

	if (!found)
		return true;
	if (found->o.policy.block)
		return false;
	return p->protected || !has_tmpl(found, KXFRM_ESP, false, 0);
}

/* A header that came needs a template, one that did not must not be a must. */
static bool header_fits(const struct object *found, enum kxfrm_proto proto, bool has,
			uint32_t reqid)
{
	return has_tmpl(found, proto, has, reqid) == has;
}

bool box_xfrm_in_ok(struct box *b, const struct packet *p)
{
	const struct flow f = flow_of(p);
	struct object *found = find_policy(b, KXFRM_IN, true, &f);

	if (!main_lets_in(b, p, &f))
		return false;
	if (!found)
		return !p->has_hao && !p->has_rh2;
	use(b, found);
	return !found->o.policy.block &&
	       header_fits(found, KXFRM_HAO, p->has_hao, p->hao_reqid) &&
	       header_fits(found, KXFRM_RH2, p->has_rh2, p->rh2_reqid);
}

/* mip6_destopt_reject(): of a Home Address option, but not on an MH message. */
void box_report(struct box *b, const struct packet *p)
{
	const struct kxfrm_event e = { .what = KXFRM_EVENT_REPORT,
				       .proto = KXFRM_HAO,
				       .src = p->hao,
				       .dst = p->has_rh2 ? p->rh2 : p->dst,
				       .coaddr = p->src,
				       .upper_proto = p->proto };

	if (!b->up || p->proto == WIRE_PROTO_MH)
		return;
	mip6_turn(&b->mip6, b->L->now_us);
	mip6_on_xfrm(&b->mip6, &e);
}
