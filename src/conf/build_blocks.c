// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The effect pass, blocks: interfaces, home links, IPsec policy sets and the
 * correspondent's policies, as records. See build.c.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/build.h"
#include "conf/value.h"

static int compare_interface(const void *a, const void *b)
{
	return strcmp(((const struct conf_interface *)a)->name,
		      ((const struct conf_interface *)b)->name);
}

void conf_build_interfaces(struct conf_reader *r, struct conf *c)
{
	const char *name = "Interface";
	struct conf_interface *list =
		conf_records_for(c, r->first, name, sizeof(*list), &c->interface_count);
	struct conf_stmt *s = conf_next_good(r->first, name);

	for (size_t i = 0; s && i < c->interface_count; i++, s = conf_next_good(s->next, name)) {
		struct conf_interface *f = &list[i];

		f->loc = s->loc;
		f->role = c->role;
		snprintf(f->name, sizeof(f->name), "%s", s->values->text);
		conf_build_scalars(c, s->inner, CONF_BLOCK_INTERFACE, f);
	}
	c->interface_count = conf_records_unique(r, list, c->interface_count, sizeof(*list),
						 compare_interface, name);
	conf_records_by_order(list, c->interface_count, sizeof(*list));
	c->interfaces = list;
}

static int compare_ro_policy(const void *a, const void *b)
{
	return conf_compare_prefix(&((const struct conf_ro_policy *)a)->peer,
				   &((const struct conf_ro_policy *)b)->peer);
}

static void build_ro_policies(struct conf_reader *r, struct conf *c, struct conf_home *h,
			      struct conf_stmt *inner)
{
	const char *name = "MnRoPolicy";
	struct conf_ro_policy *list =
		conf_records_for(c, inner, name, sizeof(*list), &h->ro_policy_count);
	struct conf_stmt *s = conf_next_good(inner, name);

	for (size_t i = 0; s && i < h->ro_policy_count; i++, s = conf_next_good(s->next, name)) {
		const struct conf_value *v = s->values;

		list[i].loc = s->loc;
		if (v->next) {
			conf_value_prefix(v, true, &list[i].peer);
			v = v->next;
		}
		conf_value_bool(v, &list[i].optimize);
	}
	h->ro_policy_count = conf_records_unique(r, list, h->ro_policy_count, sizeof(*list),
						 compare_ro_policy, name);
	h->ro_policies = list;
}

void conf_build_homes(struct conf_reader *r, struct conf *c)
{
	const char *name = "MnHomeLink";
	struct conf_home *list = conf_records_for(c, r->first, name, sizeof(*list), &c->home_count);
	struct conf_stmt *s = conf_next_good(r->first, name);

	for (size_t i = 0; s && i < c->home_count; i++, s = conf_next_good(s->next, name)) {
		struct conf_stmt *address = conf_next_good(s->inner, "HomeAddress");
		struct conf_home *h = &list[i];

		h->loc = s->loc;
		snprintf(h->ifname, sizeof(h->ifname), "%s", s->values->text);
		h->hoa = address->values->addr;
		h->hoa_len = address->values->len;
		h->home_prefix = prefix_of(&h->hoa, h->hoa_len);
		conf_build_scalars(c, s->inner, CONF_BLOCK_HOME_LINK, h);
		h->mnps = conf_build_mnps(c, address->values->next, &h->mnp_count);
		build_ro_policies(r, c, h, s->inner);
	}
	c->homes = list;
}

static int compare_ipsec_hoa(const void *a, const void *b)
{
	return addr_compare(&((const struct conf_ipsec_hoa *)a)->hoa,
			    &((const struct conf_ipsec_hoa *)b)->hoa);
}

static void build_ipsec_hoas(struct conf_reader *r, struct conf *c, struct conf_ipsec_set *set,
			     struct conf_stmt *inner)
{
	const char *name = "HomeAddress";
	struct conf_ipsec_hoa *list =
		conf_records_for(c, inner, name, sizeof(*list), &set->hoa_count);
	struct conf_stmt *s = conf_next_good(inner, name);

	for (size_t i = 0; s && i < set->hoa_count; i++, s = conf_next_good(s->next, name)) {
		list[i].loc = s->loc;
		list[i].hoa = s->values->addr;
		list[i].hoa_len = s->values->len;
	}
	set->hoa_count = conf_records_unique(r, list, set->hoa_count, sizeof(*list),
					     compare_ipsec_hoa, name);
	conf_records_by_order(list, set->hoa_count, sizeof(*list));
	set->hoas = list;
}

/* type proto [proto..] [reqid [reqid]] [BOOL] */
static void build_ipsec_policy(struct conf_ipsec_policy *p, const struct conf_stmt *s)
{
	const struct conf_value *v = s->values;
	int type = 0;

	p->loc = s->loc;
	p->allow = true;
	conf_word_find(conf_ipsec_words, v->text, &type);
	p->type = (enum conf_ipsec_type)type;
	for (v = v->next; v && v->kind == CONF_VALUE_WORD && !conf_value_bool(v, &p->allow);)
		v = v->next;
	if (v && conf_value_u32(v, &p->reqid_to_ha)) {
		p->reqid_to_mn = p->reqid_to_ha;
		v = v->next;
		if (v && conf_value_u32(v, &p->reqid_to_mn))
			v = v->next;
	}
	if (v)
		conf_value_bool(v, &p->allow);
}

static int compare_ipsec_member(const void *pa, const void *pb)
{
	const struct conf_ipsec_member *a = pa;
	const struct conf_ipsec_member *b = pb;
	int d = addr_compare(&a->hoa->hoa, &b->hoa->hoa);

	return d ? d : a->hoa->loc.order < b->hoa->loc.order ? -1 : 1;
}

static void build_ipsec_members(struct conf *c)
{
	struct conf_ipsec_member *list;
	size_t count = 0;
	size_t n = 0;

	for (size_t i = 0; i < c->ipsec_set_count; i++)
		count += c->ipsec_sets[i].hoa_count;
	list = count ? conf_arena_array(c->arena, count, sizeof(*list)) : NULL;
	if (!list)
		return;
	for (size_t i = 0; i < c->ipsec_set_count; i++)
		for (size_t h = 0; h < c->ipsec_sets[i].hoa_count; h++)
			list[n++] = (struct conf_ipsec_member){&c->ipsec_sets[i].hoas[h],
							       &c->ipsec_sets[i]};
	qsort(list, n, sizeof(*list), compare_ipsec_member);
	c->ipsec_members = list;
	c->ipsec_member_count = n;
}

void conf_build_ipsec(struct conf_reader *r, struct conf *c)
{
	const char *name = "IPsecPolicySet";
	struct conf_ipsec_set *list =
		conf_records_for(c, r->first, name, sizeof(*list), &c->ipsec_set_count);
	struct conf_stmt *s = conf_next_good(r->first, name);

	for (size_t i = 0; s && i < c->ipsec_set_count; i++, s = conf_next_good(s->next, name)) {
		struct conf_ipsec_set *set = &list[i];
		struct conf_ipsec_policy *policies;
		struct conf_stmt *p = conf_next_good(s->inner, "IPsecPolicy");

		set->loc = s->loc;
		conf_build_scalars(c, s->inner, CONF_BLOCK_IPSEC_SET, set);
		build_ipsec_hoas(r, c, set, s->inner);
		policies = conf_records_for(c, s->inner, "IPsecPolicy", sizeof(*policies),
					    &set->policy_count);
		for (size_t n = 0; p && n < set->policy_count; n++) {
			build_ipsec_policy(&policies[n], p);
			p = conf_next_good(p->next, "IPsecPolicy");
		}
		set->policies = policies;
	}
	c->ipsec_sets = list;
	build_ipsec_members(c);
}

static int compare_cn_policy(const void *pa, const void *pb)
{
	const struct conf_cn_policy *a = pa;
	const struct conf_cn_policy *b = pb;
	int d;

	if (a->peer.len != b->peer.len)
		return a->peer.len > b->peer.len ? -1 : 1;
	if (a->local.len != b->local.len)
		return a->local.len > b->local.len ? -1 : 1;
	d = addr_compare(&a->peer.addr, &b->peer.addr);
	return d ? d : addr_compare(&a->local.addr, &b->local.addr);
}

/* The lines of the good sets; those of a set have no keyword. */
static size_t cn_lines(struct conf_reader *r, struct conf_cn_policy *list)
{
	const char *name = "CnBindingPolicySet";
	size_t n = 0;

	for (struct conf_stmt *set = conf_next_good(r->first, name); set;
	     set = conf_next_good(set->next, name))
		for (struct conf_stmt *s = set->inner; s; s = s->next) {
			const struct conf_value *v = s->values;
			struct conf_cn_policy *p = list ? &list[n] : NULL;

			if (s->bad || s->unused || !s->option)
				continue;
			n++;
			if (!p)
				continue;
			p->loc = s->loc;
			conf_value_prefix(v, true, &p->peer);
			v = v->next;
			if (v->next) {
				conf_value_prefix(v, true, &p->local);
				v = v->next;
			}
			conf_value_bool(v, &p->accept);
		}
	return n;
}

void conf_build_cn_policies(struct conf_reader *r, struct conf *c)
{
	size_t count = cn_lines(r, NULL);
	struct conf_cn_policy *list =
		count ? conf_arena_array(c->arena, count, sizeof(*list)) : NULL;

	if (!list)
		return;
	cn_lines(r, list);
	c->cn_policies = list;
	c->cn_policy_count = conf_records_unique(r, list, count, sizeof(*list), compare_cn_policy,
						 "this policy");
}
