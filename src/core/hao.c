// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Home Address options and type 2 routing headers as kernel objects.
 *
 * RFC 6275 9.3.1 wants a correspondent to drop every packet with a Home Address
 * option for which it has no binding, and to answer with a Binding Error, except a
 * Binding Update. Linux looks at such a packet twice.
 *
 * First, when it comes to the option, it wants an XFRM state of type HAO, for
 * (home address, destination) or else a wildcard, whose care-of address is the
 * source or is ::. Without one the packet is dropped and nobody told. So there is
 * one wildcard state; it takes everything.
 *
 * Second, when the packet has come to its protocol, the inbound policy is looked
 * up. A packet that used a state must match a template of that policy; if
 * not, it is dropped and reported to us. So there is a policy for everything whose
 * template takes the states of bindings only (told by their request identifier),
 * not the wildcard: an option without a binding fails, or one with the wrong care-of
 * address, which made the kernel go on from the binding's state to the wildcard. The
 * templates are optional, so packets without the header pass. Order matters: the kernel
 * goes through templates from the last to the first, as it went through headers,
 * and the routing header stands before the option.
 *
 * Mobility Header messages have a policy of their own which takes any state. It
 * should be for Binding Updates alone, but the kernel reads the message type from
 * a wrong place when more than one extension header stands before the message
 * (decode_session6()): a Binding Update with both headers would be lost, and
 * with padding any message could pass as one. Nor does it report such messages. So
 * all come up, and the core checks the option of those that are no Binding Update.
 *
 * Outgoing Mobility Header messages are exempt from the policies of bindings: which
 * header they carry is decided for each message (a Home Test goes by the home agent,
 * a Binding Acknowledgement by a routing header, RFC 6275 9.4.3, 9.5.4). Only what a
 * mobile node says to its home agent under IPsec is for the kernel to dress: there the
 * packet must still have the home address as its source when IPsec looks at it.
 */
#include "core/hao.h"

#include <string.h>

#include "wire/icmp6.h"
#include "wire/mh.h"

static const struct prefix everything = { .len = 0 };

static struct prefix host(const struct in6_addr *a)
{
	return prefix_of(a, 128);
}

static struct kobj policy(enum kxfrm_dir dir, const struct prefix *src, const struct prefix *dst,
			  uint8_t proto, uint32_t priority)
{
	struct kobj o;

	memset(&o, 0, sizeof(o));
	o.type = KOBJ_XFRM_POLICY;
	o.policy.dir = dir;
	o.policy.sub = true;
	o.policy.sel.src = *src;
	o.policy.sel.dst = *dst;
	o.policy.sel.proto = proto;
	o.policy.sel.type = -1;
	o.policy.priority = priority;
	return o;
}

static void add_template(struct kobj *o, enum kxfrm_proto proto, uint32_t reqid, bool optional)
{
	struct kxfrm_tmpl *t = &o->policy.tmpl[o->policy.tmpl_count++];

	t->proto = proto;
	t->mode = KXFRM_ROUTE_OPTIMIZATION;
	t->reqid = reqid;
	t->optional = optional;
}

static void add_state(struct footprint *f, enum kxfrm_proto proto, const struct in6_addr *src,
		      const struct in6_addr *dst, const struct in6_addr *coaddr, uint32_t reqid)
{
	struct kobj o;

	memset(&o, 0, sizeof(o));
	o.type = KOBJ_XFRM_STATE;
	o.state.proto = proto;
	o.state.mode = KXFRM_ROUTE_OPTIMIZATION;
	o.state.src = *src;
	o.state.dst = *dst;
	o.state.coaddr = *coaddr;
	o.state.reqid = reqid;
	footprint_add(f, &o);
}

/* Outgoing, between two addresses: the header is a must, not an option. */
static void add_out_policy(struct footprint *f, enum kxfrm_proto proto,
			   const struct in6_addr *src, const struct in6_addr *dst)
{
	struct prefix from = host(src);
	struct prefix to = host(dst);
	struct kobj o = policy(KXFRM_OUT, &from, &to, 0, HAO_PRIORITY_BINDING);

	o.policy.part = proto == KXFRM_HAO ? KXFRM_PART_HAO : KXFRM_PART_RH2;
	add_template(&o, proto, 0, false);
	o.policy.tmpl[0].src = *src;
	o.policy.tmpl[0].dst = *dst;
	footprint_add(f, &o);
}

void hao_admit_objects(struct footprint *f)
{
	const struct in6_addr any = { .s6_addr = { 0 } };
	struct kobj o;

	/* The policy comes before the state that lets options in. */
	o = policy(KXFRM_IN, &everything, &everything, 0, HAO_PRIORITY_ALL);
	add_template(&o, KXFRM_HAO, HAO_REQID_BOUND, true);
	add_template(&o, KXFRM_RH2, 0, true);
	footprint_add(f, &o);

	o = policy(KXFRM_IN, &everything, &everything, IPPROTO_MH, HAO_PRIORITY_SIGNALLING);
	add_template(&o, KXFRM_HAO, 0, true);
	add_template(&o, KXFRM_RH2, 0, true);
	footprint_add(f, &o);

	o = policy(KXFRM_OUT, &everything, &everything, IPPROTO_MH, HAO_PRIORITY_SIGNALLING);
	footprint_add(f, &o);

	add_state(f, KXFRM_HAO, &any, &any, &any, HAO_REQID_ANY);
}

void hao_accept_object(struct footprint *f, const struct in6_addr *hoa,
		       const struct in6_addr *coa, const struct in6_addr *local)
{
	add_state(f, KXFRM_HAO, hoa, local, coa, HAO_REQID_BOUND);
}

void rh2_send_state(struct footprint *f, const struct in6_addr *hoa, const struct in6_addr *coa,
		    const struct in6_addr *local)
{
	add_state(f, KXFRM_RH2, local, hoa, coa, 0);
}

void rh2_send_policy(struct footprint *f, const struct prefix *home, const struct in6_addr *local)
{
	struct prefix from = host(local);
	struct kobj o = policy(KXFRM_OUT, &from, home, 0, HAO_PRIORITY_PREFIX);

	add_template(&o, KXFRM_RH2, 0, true);
	footprint_add(f, &o);
}

void rh2_send_objects(struct footprint *f, const struct in6_addr *hoa, const struct in6_addr *coa,
		      const struct in6_addr *local)
{
	rh2_send_state(f, hoa, coa, local);
	add_out_policy(f, KXFRM_RH2, local, hoa);
}

void rh2_accept_object(struct footprint *f, const struct in6_addr *hoa,
		       const struct in6_addr *coa)
{
	const struct in6_addr any = { .s6_addr = { 0 } };

	add_state(f, KXFRM_RH2, &any, hoa, coa, 0);
}

void hao_send_objects(struct footprint *f, const struct in6_addr *hoa, const struct in6_addr *coa,
		      const struct in6_addr *peer)
{
	add_state(f, KXFRM_HAO, hoa, peer, coa, 0);
	add_out_policy(f, KXFRM_HAO, hoa, peer);
}

static void add_own_policy(struct footprint *f, const struct in6_addr *hoa,
			   const struct in6_addr *ha, uint8_t proto, int type)
{
	struct prefix from = host(hoa);
	struct prefix to = host(ha);
	struct kobj o = policy(KXFRM_OUT, &from, &to, proto, HAO_PRIORITY_OWN);

	o.policy.sel.type = (int16_t)type;
	o.policy.part = KXFRM_PART_HAO;
	add_template(&o, KXFRM_HAO, 0, false);
	o.policy.tmpl[0].src = *hoa;
	o.policy.tmpl[0].dst = *ha;
	footprint_add(f, &o);
}

void hao_signalling_objects(struct footprint *f, const struct in6_addr *hoa,
			    const struct in6_addr *coa, const struct in6_addr *ha, bool prefixes)
{
	add_state(f, KXFRM_HAO, hoa, ha, coa, 0);
	add_own_policy(f, hoa, ha, IPPROTO_MH, MH_BU);
	if (prefixes)
		add_own_policy(f, hoa, ha, IPPROTO_ICMPV6, ICMP6_MSG_MPS);
}
