// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The meaning pass, the whole: what can only be judged when all statements are
 * known. Errors for what contradicts itself, warnings for what will not do what
 * its author must have wanted.
 *
 * Called by conf.c on the built configuration before anyone else sees it. Where
 * errors were said, a record may be missing, so nothing here reports that
 * something is missing altogether unless no error was said.
 */
#include <ctype.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "conf/reader.h"
#include "conf/value.h"

/* Lifetimes travel in units of four seconds (RFC 6275 6.1.7). */
#define LIFETIME_UNIT_S 4

static const struct conf_loc *written(const struct conf *c, const char *name)
{
	return conf_option_written(c, name);
}

static bool is_bad(const struct conf_reader *r, const char *name)
{
	return r->bad_options[conf_option_id(conf_option_find(CONF_BLOCK_TOP, name))];
}

/* The place to complain about a pair: the later of the two, or NULL when none
 * was written, or one is wrong already. */
static const struct conf_loc *later(const struct conf_reader *r, const struct conf *c,
				    const char *a, const char *b)
{
	const struct conf_loc *la = written(c, a);
	const struct conf_loc *lb = written(c, b);
	const struct conf_loc *l = la->order > lb->order ? la : lb;

	return l->line && !is_bad(r, a) && !is_bad(r, b) ? l : NULL;
}

/* The place of the file as a whole. */
static const struct conf_loc whole_file = {0};

static void check_ha_intervals(struct conf_reader *r, const struct conf *c)
{
	const struct conf_loc *at = later(r, c, "MinMobPfxAdvInterval", "MaxMobPfxAdvInterval");

	if (at && c->min_mob_pfx_adv_interval_s > c->max_mob_pfx_adv_interval_s)
		conf_say(r, CONF_ERROR, at, NULL, NULL,
			 "MinMobPfxAdvInterval (%u s) is above MaxMobPfxAdvInterval (%u s)",
			 c->min_mob_pfx_adv_interval_s, c->max_mob_pfx_adv_interval_s);
	at = later(r, c, "HaMinRtrAdvInterval", "HaMaxRtrAdvInterval");
	if (at && written(c, "HaMinRtrAdvInterval")->line &&
	    c->ha_min_rtr_adv_interval_us > c->ha_max_rtr_adv_interval_us / 4 * 3)
		conf_say(r, CONF_ERROR, at, NULL, "RFC 4861 section 6.2.1",
			 "HaMinRtrAdvInterval is above three quarters of HaMaxRtrAdvInterval");
	at = later(r, c, "HaRouterLifetime", "HaMaxRtrAdvInterval");
	if (at && c->ha_router_lifetime_s &&
	    c->ha_router_lifetime_s * 1000000ull < c->ha_max_rtr_adv_interval_us)
		conf_say(r, CONF_ERROR, at, NULL, "RFC 4861 section 6.2.1",
			 "HaRouterLifetime (%u s) is below HaMaxRtrAdvInterval, so this router "
			 "would be given up between two advertisements",
			 c->ha_router_lifetime_s);
}

static void check_ha_lifetimes(struct conf_reader *r, const struct conf *c)
{
	const struct conf_loc *at = written(c, "HaMaxBindingLife");

	if (c->ha_max_binding_life_s < LIFETIME_UNIT_S && at->line)
		conf_say(r, CONF_WARNING, at, NULL,
			 "lifetimes are counted in units of 4 s (RFC 6275 section 6.1.7)",
			 "HaMaxBindingLife %u means that no node can register",
			 c->ha_max_binding_life_s);
	at = later(r, c, "HaRefreshAdvice", "HaMaxBindingLife");
	if (c->ha_refresh_advice_s && at && c->ha_refresh_advice_s >= c->ha_max_binding_life_s)
		conf_say(r, CONF_WARNING, at, NULL,
			 "an advice must be shorter than the lifetime (RFC 6275 section 6.2.4)",
			 "HaRefreshAdvice (%u s) is not below HaMaxBindingLife (%u s), so it is "
			 "never given",
			 c->ha_refresh_advice_s, c->ha_max_binding_life_s);
}

/* Registrations that anyone may make are the way to steal traffic (RFC 6275 5.1). */
static void check_security(struct conf_reader *r, const struct conf *c)
{
	const char *danger = c->role == CONF_ROLE_HA ?
				     "anyone can register any home address" :
				     "others could register the home addresses of this node";
	const struct conf_loc *at = written(c, "UseMnHaIPsec");

	if (!c->use_mn_ha_ipsec)
		conf_say(r, CONF_WARNING, at, NULL,
			 "let it be enabled, and give IPsecPolicySet (RFC 6275 section 5.1)",
			 "UseMnHaIPsec is disabled: %s", danger);
	else if (!c->ipsec_set_count)
		conf_say(r, CONF_WARNING, &whole_file, NULL,
			 "give an IPsecPolicySet (RFC 6275 section 5.1)",
			 "no IPsecPolicySet: %s", danger);
	at = written(c, "KeyMngMobCapability");
	if (c->key_mng_mob_capability && !c->use_mn_ha_ipsec)
		conf_say(r, CONF_WARNING, at, NULL, NULL,
			 "KeyMngMobCapability has no effect while UseMnHaIPsec is disabled");
}

static void check_ha(struct conf_reader *r, const struct conf *c)
{
	check_ha_intervals(r, c);
	check_ha_lifetimes(r, c);
	if (r->error_count == 0 && !c->interface_count && !c->virtual_home_link_count)
		conf_say(r, CONF_WARNING, &whole_file,
			 "Interface \"eth0\"; or HaVirtualHomeLink 2001:db8:1::/64;", NULL,
			 "a home agent without a home link serves nobody");
	for (size_t i = 0; i < c->virtual_home_link_count; i++) {
		const struct conf_prefix *p = &c->virtual_home_links[i];

		if (p->prefix.len == 0 || addr_is_multicast(&p->prefix.addr) ||
		    addr_is_linklocal(&p->prefix.addr))
			conf_say(r, CONF_ERROR, &p->loc, "a global unicast prefix", NULL,
				 "this cannot be the prefix of a home link");
	}
	if (c->ha_multicast_interface && strlen(c->ha_multicast_interface) >= IF_NAMESIZE)
		conf_say(r, CONF_ERROR, conf_option_written(c, "HaMulticastInterface"),
			 "at most 15 characters", "'ip link' lists the interfaces",
			 "\"%s\" cannot be the name of an interface", c->ha_multicast_interface);
	if (c->served_prefix_count && !c->ha_accept_mob_rtr && !is_bad(r, "HaAcceptMobRtr"))
		conf_say(r, CONF_WARNING, &c->served_prefixes[0].loc, NULL,
			 "add: HaAcceptMobRtr enabled;",
			 "HaServedPrefix has no effect without HaAcceptMobRtr");
}

static void check_home(struct conf_reader *r, const struct conf *c, const struct conf_home *h)
{
	struct addr_buf buf;

	if (addr_equal(&h->hoa, &h->ha))
		conf_say(r, CONF_ERROR, &h->loc, NULL, NULL,
			 "HomeAddress and HomeAgentAddress are the same address, %s",
			 addr_text(&h->hoa, &buf));
	if (!prefix_contains(&h->home_prefix, &h->hoa))
		conf_say(r, CONF_WARNING, &h->loc, NULL, NULL,
			 "HomeAddress does not lie in HomePrefix %s, so this node can never be "
			 "at home",
			 prefix_text(&h->home_prefix, &buf));
	if (h->mnp_count && !h->is_mob_rtr)
		conf_say(r, CONF_WARNING, &h->loc, NULL, "add: IsMobRtr enabled;",
			 "the prefixes at HomeAddress have no effect without IsMobRtr");
	if (h->is_mob_rtr && !h->mnp_count && c->mob_rtr_use_explicit_mode)
		conf_say(r, CONF_WARNING, &h->loc, NULL,
			 "HomeAddress A/LEN (PREFIX, ...); or: MobRtrUseExplicitMode disabled;",
			 "a mobile router in explicit mode without a prefix to name");
}

static int compare_home(const void *pa, const void *pb)
{
	const struct conf_home *a = *(const struct conf_home *const *)pa;
	const struct conf_home *b = *(const struct conf_home *const *)pb;
	int d = addr_compare(&a->hoa, &b->hoa);

	return d ? d : a->loc.order < b->loc.order ? -1 : 1;
}

/* One block for each home address. */
static void check_homes_differ(struct conf_reader *r, const struct conf *c)
{
	const struct conf_home **sorted =
		conf_arena_array(r->arena, c->home_count, sizeof(*sorted));
	struct addr_buf buf;

	if (!sorted)
		return;
	for (size_t i = 0; i < c->home_count; i++)
		sorted[i] = &c->homes[i];
	qsort(sorted, c->home_count, sizeof(*sorted), compare_home);
	for (size_t i = 1; i < c->home_count; i++)
		if (addr_equal(&sorted[i - 1]->hoa, &sorted[i]->hoa))
			conf_say(r, CONF_ERROR, &sorted[i]->loc, NULL,
				 "write one MnHomeLink for each home address",
				 "home address %s has a MnHomeLink at %s already",
				 addr_text(&sorted[i]->hoa, &buf),
				 conf_place(r, &sorted[i - 1]->loc, &sorted[i]->loc));
}

static bool is_home(const struct conf *c, const struct in6_addr *hoa)
{
	for (size_t i = 0; i < c->home_count; i++)
		if (addr_equal(&c->homes[i].hoa, hoa))
			return true;
	return false;
}

/* A policy set for a home address that this node does not have is a slip. */
static void check_mn_sets(struct conf_reader *r, const struct conf *c)
{
	struct addr_buf buf;

	for (size_t i = 0; i < c->ipsec_set_count; i++)
		for (size_t n = 0; n < c->ipsec_sets[i].hoa_count; n++) {
			const struct conf_ipsec_hoa *h = &c->ipsec_sets[i].hoas[n];

			if (r->note_count >= CONF_NOTES_MAX)
				return;
			if (!is_home(c, &h->hoa))
				conf_say(r, CONF_WARNING, &h->loc, NULL, NULL,
					 "no MnHomeLink has the home address %s",
					 addr_text(&h->hoa, &buf));
		}
}

static void check_mn(struct conf_reader *r, const struct conf *c)
{
	const struct conf_loc *at = written(c, "MnMaxHaBindingLife");

	if (r->error_count == 0 && !c->home_count)
		conf_say(r, CONF_WARNING, &whole_file,
			 "MnHomeLink \"eth0\" { HomeAddress ADDR/LEN; HomeAgentAddress ADDR; }",
			 NULL, "a mobile node without a MnHomeLink has no home address");
	if (c->mn_max_ha_binding_life_s < LIFETIME_UNIT_S && at->line)
		conf_say(r, CONF_WARNING, at, NULL,
			 "lifetimes are counted in units of 4 s (RFC 6275 section 6.1.7)",
			 "MnMaxHaBindingLife %u means that this node never registers",
			 c->mn_max_ha_binding_life_s);
	for (size_t i = 0; i < c->home_count; i++)
		check_home(r, c, &c->homes[i]);
	if (c->home_count > 1)
		check_homes_differ(r, c);
	if (r->error_count == 0)
		check_mn_sets(r, c);
}

/* One policy of one home address. */
struct selector {
	const struct conf_ipsec_set *set;
	const struct in6_addr *hoa;
	const struct conf_ipsec_policy *policy;
};

static int compare_selector(const void *pa, const void *pb)
{
	const struct selector *a = pa;
	const struct selector *b = pb;
	int d = addr_compare(a->hoa, b->hoa);

	if (!d)
		d = addr_compare(&a->set->ha, &b->set->ha);
	if (!d && a->policy->type != b->policy->type)
		d = a->policy->type < b->policy->type ? -1 : 1;
	if (!d && a->set->ha_name && b->set->ha_name)
		d = strcmp(a->set->ha_name, b->set->ha_name);
	return d;
}

static int compare_selector_place(const void *pa, const void *pb)
{
	const struct selector *a = pa;
	const struct selector *b = pb;
	int d = compare_selector(a, b);

	return d ? d : a->policy->loc.order < b->policy->loc.order ? -1 : 1;
}

static void say_overlap(struct conf_reader *r, const struct selector *a, const struct selector *b)
{
	struct addr_buf buf;

	conf_say(r, CONF_ERROR, &b->policy->loc, NULL, "remove one of them",
		 "home address %s has an IPsecPolicy %s at %s already", addr_text(b->hoa, &buf),
		 conf_ipsec_type_name(b->policy->type),
		 conf_place(r, &a->policy->loc, &b->policy->loc));
}

/* Within a set no type may come twice; that also bounds the selectors below. */
static bool check_set_types(struct conf_reader *r, const struct conf_ipsec_set *set)
{
	const struct conf_ipsec_policy *by_type[CONF_IPSEC_TUNNEL_PAYLOAD + 1] = {NULL};
	bool ok = true;

	for (size_t i = 0; i < set->policy_count && !r->too_many; i++) {
		const struct conf_ipsec_policy *p = &set->policies[i];

		if (by_type[p->type]) {
			say_overlap(r, &(struct selector){set, &set->hoas[0].hoa, by_type[p->type]},
				    &(struct selector){set, &set->hoas[0].hoa, p});
			ok = false;
		}
		by_type[p->type] = p;
	}
	return ok;
}

/* Overlapping policies of different sets. */
static void check_sets_differ(struct conf_reader *r, const struct conf *c)
{
	struct selector *all;
	size_t count = 0;
	size_t n = 0;

	for (size_t i = 0; i < c->ipsec_set_count; i++) {
		if (!check_set_types(r, &c->ipsec_sets[i]))
			return;
		count += c->ipsec_sets[i].hoa_count * c->ipsec_sets[i].policy_count;
	}
	all = conf_arena_array(r->arena, count, sizeof(*all));
	if (!all || !count)
		return;
	for (size_t i = 0; i < c->ipsec_set_count; i++) {
		const struct conf_ipsec_set *set = &c->ipsec_sets[i];

		for (size_t h = 0; h < set->hoa_count; h++)
			for (size_t p = 0; p < set->policy_count; p++)
				all[n++] = (struct selector){set, &set->hoas[h].hoa,
							     &set->policies[p]};
	}
	qsort(all, count, sizeof(*all), compare_selector_place);
	for (size_t i = 1; i < count && !r->too_many; i++)
		if (compare_selector(&all[i - 1], &all[i]) == 0)
			say_overlap(r, &all[i - 1], &all[i]);
}

/* RFC 6275 5.1: it must be known by which node's association an update was protected. */
struct protector {
	const struct conf_ipsec_policy *policy;
	const struct in6_addr *hoa;
};

static bool protects_updates(const struct conf_ipsec_policy *p)
{
	return p->allow && (p->type == CONF_IPSEC_HOME_REG_BINDING || p->type == CONF_IPSEC_MH ||
			    p->type == CONF_IPSEC_ANY);
}

static int compare_protector(const void *pa, const void *pb)
{
	const struct protector *a = pa;
	const struct protector *b = pb;

	if (a->policy->reqid_to_ha != b->policy->reqid_to_ha)
		return a->policy->reqid_to_ha < b->policy->reqid_to_ha ? -1 : 1;
	return addr_compare(a->hoa, b->hoa);
}

static void say_shared(struct conf_reader *r, const struct protector *a, const struct protector *b)
{
	struct addr_buf one, other;

	conf_say(r, CONF_WARNING, &b->policy->loc, NULL,
		 "a set with a reqid of its own for each home address, or associations that have "
		 "selectors (RFC 6275 section 5.1)",
		 "home addresses %s and %s share reqid %u: either node could register the other's",
		 addr_text(a->hoa, &one), addr_text(b->hoa, &other), b->policy->reqid_to_ha);
}

/* Once for the whole file: who reads it once knows what to do with the rest. */
static void check_reqids(struct conf_reader *r, const struct conf *c)
{
	struct protector *all;
	size_t count = 0;
	size_t n = 0;

	for (size_t i = 0; i < c->ipsec_member_count; i++)
		count += c->ipsec_members[i].set->policy_count;
	all = count ? conf_arena_array(r->arena, count, sizeof(*all)) : NULL;
	if (!all || !c->use_mn_ha_ipsec)
		return;
	for (size_t i = 0; i < c->ipsec_member_count; i++) {
		const struct conf_ipsec_set *set = c->ipsec_members[i].set;

		for (size_t p = 0; p < set->policy_count; p++)
			if (protects_updates(&set->policies[p]))
				all[n++] = (struct protector){&set->policies[p],
							      &c->ipsec_members[i].hoa->hoa};
	}
	qsort(all, n, sizeof(*all), compare_protector);
	for (size_t i = 1; i < n; i++) {
		if (all[i - 1].policy->reqid_to_ha != all[i].policy->reqid_to_ha ||
		    addr_equal(all[i - 1].hoa, all[i].hoa))
			continue;
		say_shared(r, &all[i - 1], &all[i]);
		return;
	}
}

/* Of the file, or of --vt-service. */
static void check_port(struct conf_reader *r, const struct conf *c)
{
	const struct conf_loc *at = written(c, "VTService");
	unsigned long port;
	char *end;

	if (!c->vt_service)
		return;
	port = strtoul(c->vt_service, &end, 10);
	if (!isdigit((unsigned char)c->vt_service[0]) || *end || port == 0 || port > UINT16_MAX)
		conf_say(r, CONF_ERROR, at->line ? at : &whole_file, NULL, "for example 7777",
			 "VTService must be the number of a port, not \"%s\"", c->vt_service);
}

void conf_check_whole(struct conf_reader *r, const struct conf *c)
{
	if (r->too_many)
		return;
	check_port(r, c);
	switch (c->role) {
	case CONF_ROLE_CN:
		return;
	case CONF_ROLE_HA:
		check_ha(r, c);
		break;
	case CONF_ROLE_MN:
		check_mn(r, c);
		break;
	}
	if (r->error_count == 0)
		check_security(r, c);
	check_sets_differ(r, c);
	if (c->role == CONF_ROLE_HA && r->error_count == 0)
		check_reqids(r, c);
}
