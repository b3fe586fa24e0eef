// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * XFRM, the kernel's engine for IPsec and for the two headers of Mobile IPv6:
 * policies, states and events in the words of netlink. Called by object.c to
 * change, by scan.c to recognise, by monitor.c for events.
 *
 * A state of protocol "destination options" puts a Home Address option into
 * packets (RFC 6275 section 6.3) or says which one may come in; a state of
 * protocol "routing header" does the same with the type 2 routing header (section
 * 6.4). Both have mode "route optimization", SPI 0, and the care-of address as
 * coaddr; the kernel finds them by source and destination, so that messages that
 * delete or ask must carry the source as an attribute. In a state for what comes
 * in, a source of :: (and a destination of ::) stands for any, and a coaddr of ::
 * for any care-of address; then the kernel wants the flag WILDRECV.
 *
 * A Mobility Header or ICMPv6 type goes where transport protocols have ports
 * (RFC 4301 4.4.1.1 puts it so): MH type and ICMPv6 type in the source port,
 * ICMPv6 code in the destination port.
 */
#include "os/xfrm.h"

#include <libmnl/libmnl.h>
#include <linux/ipsec.h>
#include <linux/xfrm.h>
#include <string.h>

#include "os/os.h"
#include "wire/numbers.h"

static const uint8_t proto_numbers[] = {
	[KXFRM_HAO] = IPPROTO_DSTOPTS, [KXFRM_RH2] = IPPROTO_ROUTING, [KXFRM_ESP] = IPPROTO_ESP,
	[KXFRM_AH] = IPPROTO_AH,       [KXFRM_COMP] = IPPROTO_COMP,
};

static const uint8_t mode_numbers[] = {
	[KXFRM_ROUTE_OPTIMIZATION] = XFRM_MODE_ROUTEOPTIMIZATION,
	[KXFRM_TRANSPORT] = XFRM_MODE_TRANSPORT,
	[KXFRM_TUNNEL] = XFRM_MODE_TUNNEL,
};

static const uint8_t dir_numbers[] = {
	[KXFRM_IN] = XFRM_POLICY_IN,
	[KXFRM_OUT] = XFRM_POLICY_OUT,
	[KXFRM_FWD] = XFRM_POLICY_FWD,
};

static bool find_number(const uint8_t *numbers, size_t n, uint8_t number, unsigned int *out)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (numbers[i] == number) {
			*out = (unsigned int)i;
			return true;
		}
	return false;
}
#define FIND(numbers, number, out) find_number((numbers), sizeof(numbers), (number), (out))

static void set_addr(xfrm_address_t *to, const struct in6_addr *from)
{
	memcpy(to, from, sizeof(*from));
}

static void get_addr(const xfrm_address_t *from, struct in6_addr *to)
{
	memcpy(to, from, sizeof(*to));
}

static bool type_in_sport(uint8_t proto)
{
	return proto == IPPROTO_MH || proto == IPPROTO_ICMPV6;
}

/* --- selectors --------------------------------------------------------------- */

static void fill_selector(struct xfrm_selector *x, const struct kxfrm_selector *s)
{
	x->family = AF_INET6;
	set_addr(&x->saddr, &s->src.addr);
	set_addr(&x->daddr, &s->dst.addr);
	x->prefixlen_s = s->src.len;
	x->prefixlen_d = s->dst.len;
	x->proto = s->proto;
	x->ifindex = (int)s->ifindex;
	if (type_in_sport(s->proto) && s->type >= 0) {
		x->sport = htons((uint16_t)s->type);
		x->sport_mask = 0xffff;
	}
}

static bool read_selector(const struct xfrm_selector *x, struct kxfrm_selector *s)
{
	struct in6_addr src;
	struct in6_addr dst;

	if (x->family != AF_INET6 || x->prefixlen_s > 128 || x->prefixlen_d > 128)
		return false;
	get_addr(&x->saddr, &src);
	get_addr(&x->daddr, &dst);
	s->src = prefix_of(&src, x->prefixlen_s);
	s->dst = prefix_of(&dst, x->prefixlen_d);
	s->proto = x->proto;
	s->ifindex = (uint32_t)x->ifindex;
	s->type = -1;
	if (type_in_sport(x->proto) && x->sport_mask == 0xffff)
		s->type = (int16_t)ntohs(x->sport);
	return true;
}

/* --- policies ----------------------------------------------------------------- */

static void put_templates(struct nl_msg *m, const struct kobj_xfrm_policy *p)
{
	struct xfrm_user_tmpl out[KXFRM_TMPL_MAX];
	size_t i;

	memset(out, 0, sizeof(out));
	for (i = 0; i < p->tmpl_count; i++) {
		const struct kxfrm_tmpl *t = &p->tmpl[i];

		out[i].family = AF_INET6;
		out[i].id.proto = proto_numbers[t->proto];
		set_addr(&out[i].id.daddr, &t->dst);
		set_addr(&out[i].saddr, &t->src);
		out[i].reqid = t->reqid;
		out[i].mode = mode_numbers[t->mode];
		out[i].optional = t->optional;
		out[i].aalgos = out[i].ealgos = out[i].calgos = ~0U;
	}
	nl_put(m, XFRMA_TMPL, out, p->tmpl_count * sizeof(out[0]));
}

static void put_policy_type(struct nl_msg *m, bool sub)
{
	struct xfrm_userpolicy_type type = { .type = sub ? XFRM_POLICY_TYPE_SUB :
							   XFRM_POLICY_TYPE_MAIN };

	nl_put(m, XFRMA_POLICY_TYPE, &type, sizeof(type));
}

static void encode_policy_id(struct nl_msg *m, const struct kobj_xfrm_policy *p, uint16_t type)
{
	struct xfrm_userpolicy_id *id;

	nl_msg_type(m, type, 0);
	id = nl_msg_fixed(m, sizeof(*id));
	if (!id)
		return;
	fill_selector(&id->sel, &p->sel);
	id->dir = dir_numbers[p->dir];
	put_policy_type(m, p->sub);
}

static void no_limits(struct xfrm_lifetime_cfg *l)
{
	l->soft_byte_limit = XFRM_INF;
	l->hard_byte_limit = XFRM_INF;
	l->soft_packet_limit = XFRM_INF;
	l->hard_packet_limit = XFRM_INF;
}

void xfrm_encode_policy(struct nl_msg *m, const struct kobj_xfrm_policy *p, bool del)
{
	struct xfrm_userpolicy_info *info;

	if (p->tmpl_count > KXFRM_TMPL_MAX) {
		m->bad = true;
		return;
	}
	if (del) {
		encode_policy_id(m, p, XFRM_MSG_DELPOLICY);
		return;
	}
	nl_msg_type(m, XFRM_MSG_UPDPOLICY, 0);
	info = nl_msg_fixed(m, sizeof(*info));
	if (!info)
		return;
	fill_selector(&info->sel, &p->sel);
	no_limits(&info->lft);
	info->priority = OS_POLICY_FIRST + p->priority;
	info->dir = dir_numbers[p->dir];
	info->action = p->block ? XFRM_POLICY_BLOCK : XFRM_POLICY_ALLOW;
	info->share = XFRM_SHARE_ANY;
	if (p->tmpl_count)
		put_templates(m, p);
	put_policy_type(m, p->sub);
}

void xfrm_encode_get_policy(struct nl_msg *m, const struct kobj_xfrm_policy *p)
{
	encode_policy_id(m, p, XFRM_MSG_GETPOLICY);
}

void xfrm_encode_migrate(struct nl_msg *m, const struct kobj_xfrm_policy *p,
			 const struct kxfrm_tmpl *from, const struct kxfrm_tmpl *to)
{
	struct xfrm_user_migrate move = { .proto = proto_numbers[from->proto],
					  .mode = mode_numbers[from->mode],
					  .reqid = from->reqid,
					  .old_family = AF_INET6,
					  .new_family = AF_INET6 };

	encode_policy_id(m, p, XFRM_MSG_MIGRATE);
	set_addr(&move.old_saddr, &from->src);
	set_addr(&move.old_daddr, &from->dst);
	set_addr(&move.new_saddr, &to->src);
	set_addr(&move.new_daddr, &to->dst);
	nl_put(m, XFRMA_MIGRATE, &move, sizeof(move));
}

static bool read_templates(const struct nlattr *a, struct kobj_xfrm_policy *p)
{
	size_t n = a ? mnl_attr_get_payload_len(a) / sizeof(struct xfrm_user_tmpl) : 0;
	const struct xfrm_user_tmpl *in = a ? mnl_attr_get_payload(a) : NULL;
	size_t i;

	if (n > KXFRM_TMPL_MAX)
		return false;
	for (i = 0; i < n; i++) {
		struct kxfrm_tmpl *t = &p->tmpl[i];
		unsigned int proto;
		unsigned int mode;

		if (!FIND(proto_numbers, in[i].id.proto, &proto) ||
		    !FIND(mode_numbers, in[i].mode, &mode))
			return false;
		t->proto = (enum kxfrm_proto)proto;
		t->mode = (enum kxfrm_mode)mode;
		get_addr(&in[i].id.daddr, &t->dst);
		get_addr(&in[i].saddr, &t->src);
		t->reqid = in[i].reqid;
		t->optional = in[i].optional != 0;
	}
	p->tmpl_count = (uint8_t)n;
	return true;
}

/* A message that tells of a deletion has the object in an attribute. */
static const void *policy_info(const struct nlmsghdr *h, const struct nlattr **tb)
{
	size_t fixed = h->nlmsg_type == XFRM_MSG_DELPOLICY ? sizeof(struct xfrm_userpolicy_id) :
							     sizeof(struct xfrm_userpolicy_info);

	if (!nl_attrs(h, fixed, tb, XFRMA_MAX))
		return NULL;
	if (h->nlmsg_type == XFRM_MSG_DELPOLICY)
		return nl_data(tb[XFRMA_POLICY], sizeof(struct xfrm_userpolicy_info));
	return nl_fixed(h, fixed);
}

bool xfrm_decode_policy(const struct nlmsghdr *h, struct kobj *out, uint64_t *used_at_s)
{
	const struct nlattr *tb[XFRMA_MAX + 1];
	const struct xfrm_userpolicy_info *info = policy_info(h, tb);
	const struct xfrm_userpolicy_type *type;
	struct kobj_xfrm_policy *p = &out->policy;
	unsigned int dir;
	bool in_band;

	if (!info || !FIND(dir_numbers, info->dir, &dir))
		return false;
	*out = (struct kobj){ .type = KOBJ_XFRM_POLICY };
	type = nl_data(tb[XFRMA_POLICY_TYPE], sizeof(*type));
	p->sub = type && type->type == XFRM_POLICY_TYPE_SUB;
	in_band = info->priority >= OS_POLICY_FIRST && info->priority <= OS_POLICY_LAST;
	if (!in_band || !read_selector(&info->sel, &p->sel) || !read_templates(tb[XFRMA_TMPL], p))
		return false;
	p->dir = (enum kxfrm_dir)dir;
	p->priority = info->priority - OS_POLICY_FIRST;
	p->block = info->action == XFRM_POLICY_BLOCK;
	if (used_at_s)
		*used_at_s = info->curlft.use_time;
	return true;
}

/* --- states -------------------------------------------------------------------- */

static void put_algorithm(struct nl_msg *m, uint16_t attr, const char *name, const uint8_t *key,
			  size_t key_len)
{
	struct xfrm_algo head = { .alg_key_len = (unsigned int)key_len * 8 };
	uint8_t a[sizeof(head) + KXFRM_KEY_MAX];

	if (key_len > KXFRM_KEY_MAX) {
		m->bad = true;
		return;
	}
	memcpy(head.alg_name, name, strnlen(name, sizeof(head.alg_name) - 1));
	memcpy(a, &head, sizeof(head));
	memcpy(a + sizeof(head), key, key_len);
	nl_put(m, attr, a, sizeof(head) + key_len);
}

static void encode_state_id(struct nl_msg *m, const struct kobj_xfrm_state *s, uint16_t type)
{
	struct xfrm_usersa_id *id;

	nl_msg_type(m, type, 0);
	id = nl_msg_fixed(m, sizeof(*id));
	if (!id)
		return;
	set_addr(&id->daddr, &s->dst);
	id->spi = htonl(s->spi);
	id->family = AF_INET6;
	id->proto = proto_numbers[s->proto];
	nl_put_addr(m, XFRMA_SRCADDR, &s->src);
}

static bool is_mobility(const struct kobj_xfrm_state *s)
{
	return s->proto == KXFRM_HAO || s->proto == KXFRM_RH2;
}

void xfrm_encode_state(struct nl_msg *m, const struct kobj_xfrm_state *s, uint16_t type)
{
	struct xfrm_usersa_info *info;

	if (type == XFRM_MSG_DELSA) {
		encode_state_id(m, s, type);
		return;
	}
	if (!is_mobility(s) && !s->esp) {
		m->bad = true;
		return;
	}
	nl_msg_type(m, type, 0);
	info = nl_msg_fixed(m, sizeof(*info));
	if (!info)
		return;
	info->family = AF_INET6;
	info->sel.family = AF_INET6;
	set_addr(&info->id.daddr, &s->dst);
	set_addr(&info->saddr, &s->src);
	info->id.spi = htonl(s->spi);
	info->id.proto = proto_numbers[s->proto];
	info->reqid = s->reqid;
	info->mode = mode_numbers[s->mode];
	no_limits(&info->lft);
	if (is_mobility(s)) {
		if (addr_is_unspecified(&s->src))
			info->flags |= XFRM_STATE_WILDRECV;
		nl_put_addr(m, XFRMA_COADDR, &s->coaddr);
		return;
	}
	info->replay_window = 32;
	if (s->esp->enc_name[0])
		put_algorithm(m, XFRMA_ALG_CRYPT, s->esp->enc_name, s->esp->enc_key,
			      s->esp->enc_key_len);
	if (s->esp->auth_name[0])
		put_algorithm(m, XFRMA_ALG_AUTH, s->esp->auth_name, s->esp->auth_key,
			      s->esp->auth_key_len);
}

void xfrm_encode_get_state(struct nl_msg *m, const struct kobj_xfrm_state *s)
{
	encode_state_id(m, s, XFRM_MSG_GETSA);
}

static const struct xfrm_usersa_info *state_info(const struct nlmsghdr *h,
						 const struct nlattr **tb)
{
	size_t fixed = h->nlmsg_type == XFRM_MSG_DELSA ? sizeof(struct xfrm_usersa_id) :
							 sizeof(struct xfrm_usersa_info);

	if (!nl_attrs(h, fixed, tb, XFRMA_MAX))
		return NULL;
	if (h->nlmsg_type == XFRM_MSG_DELSA)
		return nl_data(tb[XFRMA_SA], sizeof(struct xfrm_usersa_info));
	return nl_fixed(h, fixed);
}

bool xfrm_decode_state(const struct nlmsghdr *h, struct kobj *out, uint64_t *used_at_s)
{
	const struct nlattr *tb[XFRMA_MAX + 1];
	const struct xfrm_usersa_info *info = state_info(h, tb);
	struct kobj_xfrm_state *s = &out->state;
	const uint64_t *last;
	unsigned int proto;
	unsigned int mode;

	if (!info || info->family != AF_INET6 || !FIND(proto_numbers, info->id.proto, &proto) ||
	    !FIND(mode_numbers, info->mode, &mode))
		return false;
	*out = (struct kobj){ .type = KOBJ_XFRM_STATE };
	s->proto = (enum kxfrm_proto)proto;
	if (!is_mobility(s))
		return false;
	s->mode = (enum kxfrm_mode)mode;
	get_addr(&info->saddr, &s->src);
	get_addr(&info->id.daddr, &s->dst);
	s->spi = ntohl(info->id.spi);
	s->reqid = info->reqid;
	(void)nl_addr(tb[XFRMA_COADDR], &s->coaddr);
	last = nl_data(tb[XFRMA_LASTUSED], sizeof(*last));
	if (used_at_s) {
		*used_at_s = info->curlft.use_time;
		if (last)
			memcpy(used_at_s, last, sizeof(*used_at_s));
	}
	return true;
}

/* --- events ---------------------------------------------------------------------- */

static bool event_selector(const struct xfrm_selector *sel, struct kxfrm_event *out)
{
	if (sel->family != AF_INET6)
		return false;
	get_addr(&sel->saddr, &out->src);
	get_addr(&sel->daddr, &out->dst);
	out->upper_proto = sel->proto;
	out->sport = ntohs(sel->sport);
	out->dport = ntohs(sel->dport);
	return true;
}

static bool event_proto(uint8_t number, struct kxfrm_event *out)
{
	unsigned int proto;

	if (!FIND(proto_numbers, number, &proto))
		return false;
	out->proto = (enum kxfrm_proto)proto;
	return true;
}

static bool decode_acquire(const struct nlmsghdr *h, struct kxfrm_event *out)
{
	const struct xfrm_user_acquire *a = nl_fixed(h, sizeof(*a));

	out->what = KXFRM_EVENT_ACQUIRE;
	return a && event_proto(a->id.proto, out) && event_selector(&a->sel, out);
}

static bool decode_report(const struct nlmsghdr *h, struct kxfrm_event *out)
{
	const struct nlattr *tb[XFRMA_MAX + 1];
	const struct xfrm_user_report *r = nl_fixed(h, sizeof(*r));

	out->what = KXFRM_EVENT_REPORT;
	if (!r || !event_proto(r->proto, out) || !event_selector(&r->sel, out) ||
	    !nl_attrs(h, sizeof(*r), tb, XFRMA_MAX))
		return false;
	(void)nl_addr(tb[XFRMA_COADDR], &out->coaddr);
	return true;
}

static bool decode_expire(const struct nlmsghdr *h, struct kxfrm_event *out)
{
	const struct xfrm_user_expire *e = nl_fixed(h, sizeof(*e));

	out->what = KXFRM_EVENT_EXPIRE;
	if (!e || e->state.family != AF_INET6 || !event_proto(e->state.id.proto, out))
		return false;
	get_addr(&e->state.saddr, &out->src);
	get_addr(&e->state.id.daddr, &out->dst);
	return true;
}

bool xfrm_decode_event(const struct nlmsghdr *h, struct kxfrm_event *out)
{
	memset(out, 0, sizeof(*out));
	switch (h->nlmsg_type) {
	case XFRM_MSG_ACQUIRE:
		return decode_acquire(h, out);
	case XFRM_MSG_REPORT:
		return decode_report(h, out);
	case XFRM_MSG_EXPIRE:
		return decode_expire(h, out);
	default:
		return false;
	}
}
