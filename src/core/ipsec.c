// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IPsecPolicySet as policies of the kernel's own table (the main one; what hao.c makes is
 * in the other, and the kernel applies both). Security associations are not made here: an
 * administrator does (`ip xfrm state`, setkey), or a key exchange daemon, which the kernel
 * asks.
 *
 * Transport policies stand between home address and home agent (RFC 3776 5.2.1). The
 * kernel sees the home address of a packet that comes with an option or a routing header,
 * and of one that goes with a routing header (RFC 6275 11.3.2), so they do not depend on
 * where the mobile node is.
 *
 * Tunnel policies stand between a home address and everybody, with the care-of address as
 * one end of the tunnel. They move with it (10.4.6): the port takes the security
 * associations along. What the home agent itself says to a mobile node does not enter the
 * tunnel (RFC 3776 4.2: only what enters it is protected), so it is let past them.
 *
 * Message types. On the way out of a node's own sockets the kernel knows the type of a
 * message. Of one that comes in, or is forwarded, it does not: for a Mobility Header it
 * looks behind the message unless exactly one extension header stands before it, for ICMPv6
 * it looks into that header (decode_session6(), Linux 4.20 to 6.7). A policy for Binding
 * Updates alone would let in what it must keep out. So policies for the Mobility Header are
 * for all of its messages, as in RFC 3776 5.2; 10.4.6 has no need for a difference either.
 * Where the file gives two kinds for one protocol, each sends by its own associations, and
 * either may come in. Prefix discovery is told apart on the way out; on the way in the
 * policy is there, for kernels that can use it.
 */
#include "core/ipsec.h"

#include <string.h>

#include "base/log.h"
#include "wire/icmp6.h"
#include "wire/mh.h"

/* In the port's counting; lower numbers win. */
enum {
	PRIORITY_TYPED = 100,	  /* one message type, transport */
	PRIORITY_PROTOCOL = 110,  /* one protocol, transport */
	PRIORITY_ANY = 120,	  /* everything between both */
	PRIORITY_PAST = 130,	  /* past those for the tunnel */
	PRIORITY_TUNNEL_TYPED = 140,
	PRIORITY_TUNNEL_MH = 150,
	PRIORITY_TUNNEL_ANY = 160,
};

static const struct prefix everything = { .len = 0 };

/* A home address of a set. */
struct member {
	const struct conf *c;
	const struct in6_addr *hoa;
	const struct in6_addr *ha;
	enum ipsec_side side;
};

/* Of all sets: one may have the policy for updates, another that for the rest. */
static struct ipsec_rule find_rule(const struct conf *c, const struct in6_addr *hoa,
				   const struct in6_addr *ha, enum conf_ipsec_type type)
{
	const struct conf_ipsec_policy *p = conf_ipsec_find(c, hoa, ha, type);

	if (!p)
		return (struct ipsec_rule){ .is_there = false };
	return (struct ipsec_rule){ .reqid_to_ha = p->reqid_to_ha,
				    .reqid_to_mn = p->reqid_to_mn,
				    .is_there = true,
				    .allow = p->allow };
}

static struct ipsec_rule rule_of(const struct member *w, enum conf_ipsec_type type)
{
	return find_rule(w->c, w->hoa, w->ha, type);
}

/* --- one policy ---------------------------------------------------------------------- */

static struct kobj make(enum kxfrm_dir dir, const struct prefix *src, const struct prefix *dst,
			uint8_t proto, int type, uint32_t priority)
{
	struct kobj o;

	memset(&o, 0, sizeof(o));
	o.type = KOBJ_XFRM_POLICY;
	o.policy.dir = dir;
	o.policy.sel.src = *src;
	o.policy.sel.dst = *dst;
	o.policy.sel.proto = proto;
	o.policy.sel.type = (int16_t)type;
	o.policy.priority = priority;
	return o;
}

static void protect(struct kobj *o, const struct ipsec_rule *p, uint32_t reqid,
		    enum kxfrm_mode mode)
{
	struct kxfrm_tmpl *t = &o->policy.tmpl[0];

	if (!p->allow) {
		o->policy.block = true;
		return;
	}
	o->policy.tmpl_count = 1;
	t->proto = KXFRM_ESP;
	t->mode = mode;
	t->reqid = reqid;
}

static uint32_t out_reqid(const struct ipsec_rule *p, bool to_ha)
{
	return to_ha ? p->reqid_to_ha : p->reqid_to_mn;
}

/* What comes in by a policy that stands for two kinds is not told apart: any association,
 * where theirs differ. */
static uint32_t in_reqid(const struct ipsec_rule *p, const struct ipsec_rule *other, bool to_ha)
{
	uint32_t mine = out_reqid(p, to_ha);

	return other->is_there && other->allow && out_reqid(other, to_ha) != mine ? 0 : mine;
}

/* --- transport ------------------------------------------------------------------------- */

static void add_transport(const struct member *w, enum kxfrm_dir dir, uint8_t proto, int type,
			  uint32_t priority, const struct ipsec_rule *p, uint32_t reqid,
			  struct footprint *f)
{
	const struct prefix home = prefix_of(w->hoa, 128), agent = prefix_of(w->ha, 128);
	bool to_ha = (w->side == IPSEC_MOBILE_NODE) == (dir == KXFRM_OUT);
	struct kobj o = make(dir, to_ha ? &home : &agent, to_ha ? &agent : &home, proto, type,
			     priority);

	protect(&o, p, reqid, KXFRM_TRANSPORT);
	footprint_add(f, &o);
}

/* A kind of messages by itself (`one`, of type `out_type` when sent here, and `in_type`)
 * and its whole protocol; where there are such rules. */
static void add_protocol(const struct member *w, uint8_t proto, const struct ipsec_rule *one,
			 int out_type, int in_type, const struct ipsec_rule *all,
			 struct footprint *f)
{
	bool out_to_ha = w->side == IPSEC_MOBILE_NODE;

	if (one->is_there)
		add_transport(w, KXFRM_OUT, proto, out_type, PRIORITY_TYPED, one,
			      out_reqid(one, out_to_ha), f);
	if (one->is_there && (in_type >= 0 || !all->is_there))
		add_transport(w, KXFRM_IN, proto, in_type,
			      in_type >= 0 ? PRIORITY_TYPED : PRIORITY_PROTOCOL, one,
			      in_type >= 0 ? out_reqid(one, !out_to_ha) :
					     in_reqid(one, all, !out_to_ha),
			      f);
	if (!all->is_there)
		return;
	add_transport(w, KXFRM_OUT, proto, -1, PRIORITY_PROTOCOL, all, out_reqid(all, out_to_ha),
		      f);
	add_transport(w, KXFRM_IN, proto, -1, PRIORITY_PROTOCOL, all,
		      in_reqid(all, one, !out_to_ha), f);
}

static bool has_tunnel_policy(const struct member *w)
{
	return rule_of(w, CONF_IPSEC_TUNNEL_HOME_TESTING).is_there ||
	       rule_of(w, CONF_IPSEC_TUNNEL_MH).is_there ||
	       rule_of(w, CONF_IPSEC_TUNNEL_PAYLOAD).is_there;
}

static void add_past(const struct member *w, struct footprint *f)
{
	const struct prefix home = prefix_of(w->hoa, 128), agent = prefix_of(w->ha, 128);
	bool is_ha = w->side == IPSEC_HOME_AGENT;
	struct kobj o = make(KXFRM_OUT, is_ha ? &agent : &home, is_ha ? &home : &agent, 0, -1,
			     PRIORITY_PAST);

	footprint_add(f, &o);
	o = make(KXFRM_IN, is_ha ? &home : &agent, is_ha ? &agent : &home, 0, -1, PRIORITY_PAST);
	footprint_add(f, &o);
}

static void add_member(const struct member *w, struct footprint *f)
{
	const struct ipsec_rule any = rule_of(w, CONF_IPSEC_ANY);
	const struct ipsec_rule bu = rule_of(w, CONF_IPSEC_HOME_REG_BINDING);
	const struct ipsec_rule mh = rule_of(w, CONF_IPSEC_MH);
	const struct ipsec_rule discovery = rule_of(w, CONF_IPSEC_MOB_PFX_DISC);
	const struct ipsec_rule icmp = rule_of(w, CONF_IPSEC_ICMP);
	bool is_ha = w->side == IPSEC_HOME_AGENT;

	/* RFC 3776 5.2.1: the signalling of a binding is whatever MH there is between both,
	 * unless the file has something else for the rest. */
	if (bu.is_there && !mh.is_there)
		add_protocol(w, WIRE_PROTO_MH, &mh, -1, -1, &bu, f);
	else
		add_protocol(w, WIRE_PROTO_MH, &bu, is_ha ? MH_BA : MH_BU, -1, &mh, f);
	add_protocol(w, WIRE_PROTO_ICMPV6, &discovery, is_ha ? ICMP6_MSG_MPA : ICMP6_MSG_MPS,
		     is_ha ? ICMP6_MSG_MPS : ICMP6_MSG_MPA, &icmp, f);
	if (any.is_there) {
		add_transport(w, KXFRM_OUT, 0, -1, PRIORITY_ANY, &any, out_reqid(&any, !is_ha), f);
		add_transport(w, KXFRM_IN, 0, -1, PRIORITY_ANY, &any, out_reqid(&any, is_ha), f);
	} else if (has_tunnel_policy(w)) {
		add_past(w, f);
	}
}

/* The home agent that the set is about; NULL: it has a name, and that is not known. */
static const struct in6_addr *agent_of(const struct conf *c, const struct conf_ipsec_set *set,
				       const struct in6_addr *hoa, const struct in6_addr *ha)
{
	if (!addr_is_unspecified(&set->ha))
		return &set->ha;
	return ha && !addr_is_unspecified(ha) && conf_ipsec_set_is_named(c, set, hoa) ? ha : NULL;
}

void ipsec_transport_objects(const struct conf *c, enum ipsec_side side,
			     const struct in6_addr *hoa, const struct in6_addr *ha,
			     struct footprint *f)
{
	if (!c->use_mn_ha_ipsec)
		return;
	for (size_t i = 0; i < c->ipsec_set_count; i++) {
		const struct conf_ipsec_set *set = &c->ipsec_sets[i];
		struct member w = { .c = c, .side = side };

		for (size_t n = 0; n < set->hoa_count; n++) {
			w.hoa = &set->hoas[n].hoa;
			if (hoa && !addr_equal(hoa, w.hoa))
				continue;
			w.ha = agent_of(c, set, w.hoa, ha);
			if (w.ha)
				add_member(&w, f);
		}
	}
}

/* --- tunnels ------------------------------------------------------------------------------ */

struct ends {
	enum ipsec_side side;
	const struct in6_addr *hoa;
	const struct in6_addr *ha;
	const struct in6_addr *coa;
};

static void add_tunnel(const struct ends *t, enum kxfrm_dir dir, uint8_t proto, int type,
		       uint32_t priority, const struct ipsec_rule *p, uint32_t reqid,
		       struct footprint *f)
{
	const struct prefix home = prefix_of(t->hoa, 128);
	bool to_ha = (t->side == IPSEC_MOBILE_NODE) == (dir == KXFRM_OUT);
	struct kobj o = make(dir, to_ha ? &home : &everything, to_ha ? &everything : &home, proto,
			     type, priority);

	protect(&o, p, reqid, KXFRM_TUNNEL);
	if (o.policy.tmpl_count) {
		o.policy.tmpl[0].src = to_ha ? *t->coa : *t->ha;
		o.policy.tmpl[0].dst = to_ha ? *t->ha : *t->coa;
	}
	footprint_add(f, &o);
}

/* In and, on the home agent, through it. */
static void add_tunnel_both(const struct ends *t, uint8_t proto, uint32_t priority,
			    const struct ipsec_rule *p, const struct ipsec_rule *other,
			    struct footprint *f)
{
	bool out_to_ha = t->side == IPSEC_MOBILE_NODE;
	uint32_t reqid = in_reqid(p, other, !out_to_ha);

	add_tunnel(t, KXFRM_IN, proto, -1, priority, p, reqid, f);
	if (t->side == IPSEC_HOME_AGENT)
		add_tunnel(t, KXFRM_FWD, proto, -1, priority, p, reqid, f);
	add_tunnel(t, KXFRM_OUT, proto, -1, priority, p, out_reqid(p, out_to_ha), f);
}

struct ipsec_tunnel ipsec_tunnel_of(const struct conf *c, const struct in6_addr *hoa,
				    const struct in6_addr *ha)
{
	struct ipsec_tunnel t = { .test.is_there = false };

	if (!c->use_mn_ha_ipsec || !c->ipsec_set_count)
		return t;
	t.test = find_rule(c, hoa, ha, CONF_IPSEC_TUNNEL_HOME_TESTING);
	t.mh = find_rule(c, hoa, ha, CONF_IPSEC_TUNNEL_MH);
	t.payload = find_rule(c, hoa, ha, CONF_IPSEC_TUNNEL_PAYLOAD);
	return t;
}

size_t ipsec_tunnel_count(const struct conf *c)
{
	size_t count = 0;

	for (size_t i = 0; c->use_mn_ha_ipsec && i < c->ipsec_set_count; i++) {
		const struct conf_ipsec_set *set = &c->ipsec_sets[i];
		size_t n = 0;

		while (n < set->policy_count && !conf_ipsec_type_is_tunnel(set->policies[n].type))
			n++;
		count += n < set->policy_count ? set->hoa_count : 0;
	}
	return count;
}

static bool rule_equal(const struct ipsec_rule *a, const struct ipsec_rule *b)
{
	return a->is_there == b->is_there && a->allow == b->allow &&
	       a->reqid_to_ha == b->reqid_to_ha && a->reqid_to_mn == b->reqid_to_mn;
}

bool ipsec_tunnel_equal(const struct ipsec_tunnel *a, const struct ipsec_tunnel *b)
{
	return rule_equal(&a->test, &b->test) && rule_equal(&a->mh, &b->mh) &&
	       rule_equal(&a->payload, &b->payload);
}

void ipsec_tunnel_objects(const struct ipsec_tunnel *t, enum ipsec_side side,
			  const struct in6_addr *hoa, const struct in6_addr *ha,
			  const struct in6_addr *coa, struct footprint *f)
{
	const struct ends e = { .side = side, .hoa = hoa, .ha = ha, .coa = coa };
	const struct ipsec_rule *mh = &t->mh;

	/* 10.4.6: no need to tell return routability from other messages. The mobile node
	 * sends its Home Test Init itself and can. */
	if (t->test.is_there && mh->is_there && side == IPSEC_MOBILE_NODE)
		add_tunnel(&e, KXFRM_OUT, WIRE_PROTO_MH, MH_HOTI, PRIORITY_TUNNEL_TYPED, &t->test,
			   t->test.reqid_to_ha, f);
	if (mh->is_there)
		add_tunnel_both(&e, WIRE_PROTO_MH, PRIORITY_TUNNEL_MH, mh, &t->test, f);
	else if (t->test.is_there)
		add_tunnel_both(&e, WIRE_PROTO_MH, PRIORITY_TUNNEL_MH, &t->test, mh, f);
	if (t->payload.is_there)
		add_tunnel_both(&e, 0, PRIORITY_TUNNEL_ANY, &t->payload, &t->payload, f);
}

/* --- questions ----------------------------------------------------------------------------- */

static bool protects(const struct conf *c, const struct in6_addr *hoa, const struct in6_addr *ha,
		     enum conf_ipsec_type type)
{
	const struct conf_ipsec_policy *p = conf_ipsec_find(c, hoa, ha, type);

	return p && p->allow;
}

bool ipsec_protects_binding(const struct conf *c, const struct in6_addr *hoa,
			    const struct in6_addr *ha)
{
	return c->use_mn_ha_ipsec && (protects(c, hoa, ha, CONF_IPSEC_HOME_REG_BINDING) ||
				      protects(c, hoa, ha, CONF_IPSEC_MH) ||
				      protects(c, hoa, ha, CONF_IPSEC_ANY));
}

bool ipsec_protects_prefixes(const struct conf *c, const struct in6_addr *hoa,
			     const struct in6_addr *ha)
{
	return c->use_mn_ha_ipsec && (protects(c, hoa, ha, CONF_IPSEC_MOB_PFX_DISC) ||
				      protects(c, hoa, ha, CONF_IPSEC_ICMP) ||
				      protects(c, hoa, ha, CONF_IPSEC_ANY));
}

void ipsec_look_at_conf(const struct conf *c)
{
	for (size_t i = 0; c->use_mn_ha_ipsec && i < c->ipsec_set_count; i++) {
		const struct conf_ipsec_set *set = &c->ipsec_sets[i];

		for (size_t n = 0; addr_is_unspecified(&set->ha) && n < set->hoa_count; n++) {
			if (!conf_ipsec_set_is_named(c, set, &set->hoas[n].hoa))
				log_warning(LOG_XFRM, "IPsecPolicySet of HomeAgentName %s has no "
					    "effect on %s: no MnHomeLink has it by that name",
					    set->ha_name, ADDR_STR(&set->hoas[n].hoa));
		}
	}
}
