// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions about a configuration: names of enums, and lists that are searched
 * by address, the most specific entry deciding. The access lists may be long (an
 * entry for each mobile node), so they are searched by halving; they are sorted
 * by prefix length, longest first, then address. The others are short and are
 * walked. Called by the roles for each binding.
 */
#include <string.h>

#include "conf/conf.h"
#include "conf/option.h"

const char *conf_role_name(enum conf_role r)
{
	switch (r) {
	case CONF_ROLE_CN:
		return "CN";
	case CONF_ROLE_HA:
		return "HA";
	case CONF_ROLE_MN:
		return "MN";
	}
	return "?";
}

/* The first member with that home address, or where it would be. */
static size_t first_member(const struct conf *c, const struct in6_addr *hoa)
{
	size_t from = 0;
	size_t to = c->ipsec_member_count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (addr_compare(&c->ipsec_members[middle].hoa->hoa, hoa) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

bool conf_ipsec_set_is_named(const struct conf *c, const struct conf_ipsec_set *set,
			     const struct in6_addr *hoa)
{
	if (!addr_is_unspecified(&set->ha))
		return false;
	for (size_t i = 0; i < c->home_count; i++) {
		const struct conf_home *h = &c->homes[i];

		if (addr_equal(&h->hoa, hoa))
			return addr_is_unspecified(&h->ha) && h->ha_name &&
			       strcmp(h->ha_name, set->ha_name) == 0;
	}
	return false;
}

const struct conf_ipsec_policy *conf_ipsec_find(const struct conf *c, const struct in6_addr *hoa,
						const struct in6_addr *ha,
						enum conf_ipsec_type type)
{
	for (size_t i = first_member(c, hoa); i < c->ipsec_member_count; i++) {
		const struct conf_ipsec_set *set = c->ipsec_members[i].set;

		if (!addr_equal(&c->ipsec_members[i].hoa->hoa, hoa))
			break;
		if (!addr_equal(&set->ha, ha) && !conf_ipsec_set_is_named(c, set, hoa))
			continue;
		for (size_t n = 0; n < set->policy_count; n++)
			if (set->policies[n].type == type)
				return &set->policies[n];
	}
	return NULL;
}

const char *conf_ipsec_type_name(enum conf_ipsec_type t)
{
	for (const struct conf_word *w = conf_ipsec_words; w->word; w++)
		if (w->value == (int)t)
			return w->word;
	return "?";
}

const struct conf_interface *conf_interface_find(const struct conf *c, const char *name)
{
	for (size_t i = 0; i < c->interface_count; i++)
		if (strcmp(c->interfaces[i].name, name) == 0)
			return &c->interfaces[i];
	return NULL;
}

/* The first of acl[from..to) whose length is below `len`. */
static size_t acl_group_end(const struct conf_acl *acl, size_t from, size_t to, uint8_t len)
{
	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (acl[middle].who.len >= len)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* The entry of acl[from..to), all of one length, with that address. */
static const struct conf_acl *acl_group_find(const struct conf_acl *acl, size_t from, size_t to,
					     const struct in6_addr *addr)
{
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int d = addr_compare(&acl[middle].who.addr, addr);

		if (d == 0)
			return &acl[middle];
		if (d < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

static const struct conf_acl *acl_find(const struct conf_acl *acl, size_t count,
				       const struct in6_addr *addr)
{
	for (size_t from = 0; from < count;) {
		size_t to = acl_group_end(acl, from, count, acl[from].who.len);
		struct prefix p = prefix_of(addr, acl[from].who.len);
		const struct conf_acl *found = acl_group_find(acl, from, to, &p.addr);

		if (found)
			return found;
		from = to;
	}
	return NULL;
}

const struct conf_acl *conf_acl_find(const struct conf *c, const struct in6_addr *hoa)
{
	return acl_find(c->acl, c->acl_count, hoa);
}

const struct conf_acl *conf_acl_find_coa(const struct conf *c, const struct in6_addr *coa)
{
	return acl_find(c->coa_acl, c->coa_acl_count, coa);
}

bool conf_cn_accepts(const struct conf *c, const struct in6_addr *peer_hoa,
		     const struct in6_addr *local)
{
	for (size_t i = 0; i < c->cn_policy_count; i++) {
		const struct conf_cn_policy *p = &c->cn_policies[i];

		if (prefix_contains(&p->peer, peer_hoa) && prefix_contains(&p->local, local))
			return p->accept;
	}
	return c->do_route_optimization_cn;
}

bool conf_ro_wanted(const struct conf *c, const struct conf_home *h, const struct in6_addr *peer)
{
	for (size_t i = 0; i < h->ro_policy_count; i++)
		if (prefix_contains(&h->ro_policies[i].peer, peer))
			return h->ro_policies[i].optimize;
	return c->do_route_optimization_mn;
}
