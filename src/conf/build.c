// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The effect pass: builds the configuration from the statements that were found
 * right. Scalars go by the option table; lists are built here, blocks in
 * build_blocks.c. Lists that are searched by prefix are sorted so that the most
 * specific entry comes first, and so that equal entries meet: then the last one
 * written counts, and a warning names both.
 *
 * Called by conf.c after conf_check(). When errors were said, the result is only
 * there for conf_check_whole() to find more, and is then thrown away.
 */
#include "conf/build.h"

#include <stdlib.h>
#include <string.h>

#include "conf/value.h"

struct conf_stmt *conf_next_good(struct conf_stmt *s, const char *name)
{
	for (; s; s = s->next)
		if (!s->bad && !s->unused && s->option && s->option->name &&
		    strcmp(s->option->name, name) == 0)
			return s;
	return NULL;
}

void *conf_records_for(struct conf *c, struct conf_stmt *first, const char *name, size_t size,
		       size_t *count)
{
	size_t n = 0;
	void *records;

	for (struct conf_stmt *s = conf_next_good(first, name); s;
	     s = conf_next_good(s->next, name))
		n++;
	records = n ? conf_arena_array(c->arena, n, size) : NULL;
	*count = records ? n : 0;
	return records;
}

static const struct conf_loc *loc_of(const void *record)
{
	return record;
}

static int compare_order(const void *a, const void *b)
{
	uint32_t oa = loc_of(a)->order;
	uint32_t ob = loc_of(b)->order;

	return oa < ob ? -1 : oa > ob;
}

void conf_records_by_order(void *records, size_t count, size_t size)
{
	if (count > 1)
		qsort(records, count, size, compare_order);
}

/* Of `count` records with equal keys the last one read stays, at the first place. */
static void keep_last(struct conf_reader *r, char *group, size_t count, size_t size,
		      const char *what)
{
	conf_records_by_order(group, count, size);
	for (size_t i = 1; i < count; i++) {
		const struct conf_loc *before = loc_of(group + (i - 1) * size);
		const struct conf_loc *now = loc_of(group + i * size);

		conf_say(r, CONF_WARNING, now, NULL, NULL,
			 "%s was given at %s already; this one counts", what,
			 conf_place(r, before, now));
	}
	memmove(group, group + (count - 1) * size, size);
}

size_t conf_records_unique(struct conf_reader *r, void *records, size_t count, size_t size,
			   conf_compare_fn *key, const char *what)
{
	char *base = records;
	size_t left = 0;
	size_t end;

	if (count < 2)
		return count;
	qsort(records, count, size, key);
	for (size_t i = 0; i < count; i = end) {
		for (end = i + 1; end < count; end++)
			if (key(base + i * size, base + end * size) != 0)
				break;
		keep_last(r, base + i * size, end - i, size, what);
		memmove(base + left * size, base + i * size, size);
		left++;
	}
	return left;
}

/* The longest prefix first. */
int conf_compare_prefix(const struct prefix *a, const struct prefix *b)
{
	if (a->len != b->len)
		return a->len > b->len ? -1 : 1;
	return addr_compare(&a->addr, &b->addr);
}

static int compare_acl(const void *a, const void *b)
{
	return conf_compare_prefix(&((const struct conf_acl *)a)->who,
				   &((const struct conf_acl *)b)->who);
}

static int compare_listed_prefix(const void *a, const void *b)
{
	return conf_compare_prefix(&((const struct conf_prefix *)a)->prefix,
				   &((const struct conf_prefix *)b)->prefix);
}

static int compare_listed_addr(const void *a, const void *b)
{
	return addr_compare(&((const struct conf_addr *)a)->addr,
			    &((const struct conf_addr *)b)->addr);
}

static bool is_scalar(const struct conf_option *o)
{
	return o->type <= CONF_TYPE_ACL_ACTION && o->size > 0;
}

void conf_build_scalars(struct conf *c, struct conf_stmt *first, enum conf_block block, void *base)
{
	for (size_t i = 0; i < conf_option_count(); i++)
		if (conf_options[i].block == block && is_scalar(&conf_options[i]))
			conf_option_store_default(&conf_options[i], base);
	for (struct conf_stmt *s = first; s; s = s->next)
		if (!s->bad && !s->unused && s->option && is_scalar(s->option))
			conf_value_store(s->option, s->values, base, c->arena);
}

const struct prefix *conf_build_mnps(struct conf *c, const struct conf_value *list, size_t *count)
{
	struct prefix *mnps;
	size_t n = 0;

	*count = 0;
	if (!list || list->kind != CONF_VALUE_LIST)
		return NULL;
	for (const struct conf_value *v = list->items; v; v = v->next)
		n++;
	mnps = n ? conf_arena_array(c->arena, n, sizeof(*mnps)) : NULL;
	if (!mnps)
		return NULL;
	for (const struct conf_value *v = list->items; v; v = v->next)
		conf_value_prefix(v, false, &mnps[(*count)++]);
	return mnps;
}

static struct conf_acl *build_acl(struct conf_reader *r, struct conf *c, const char *name,
				  size_t *count)
{
	struct conf_acl *acl = conf_records_for(c, r->first, name, sizeof(*acl), count);
	struct conf_stmt *s = conf_next_good(r->first, name);

	for (size_t i = 0; s && i < *count; i++, s = conf_next_good(s->next, name)) {
		const struct conf_value *v = s->values;

		acl[i].loc = s->loc;
		conf_value_prefix(v, false, &acl[i].who);
		v = v->next;
		acl[i].mnps = conf_build_mnps(c, v, &acl[i].mnp_count);
		if (v->kind == CONF_VALUE_LIST)
			v = v->next;
		conf_value_acl_status(v, &acl[i].status);
	}
	*count = conf_records_unique(r, acl, *count, sizeof(*acl), compare_acl, name);
	return acl;
}

static struct conf_prefix *build_prefixes(struct conf_reader *r, struct conf *c, const char *name,
					  size_t *count)
{
	struct conf_prefix *list = conf_records_for(c, r->first, name, sizeof(*list), count);
	struct conf_stmt *s = conf_next_good(r->first, name);

	for (size_t i = 0; s && i < *count; i++, s = conf_next_good(s->next, name)) {
		list[i].loc = s->loc;
		conf_value_prefix(s->values, false, &list[i].prefix);
	}
	*count = conf_records_unique(r, list, *count, sizeof(*list), compare_listed_prefix, name);
	return list;
}

static void build_addresses(struct conf_reader *r, struct conf *c)
{
	const char *name = "HaAddress";
	struct conf_addr *list =
		conf_records_for(c, r->first, name, sizeof(*list), &c->ha_address_count);
	struct conf_stmt *s = conf_next_good(r->first, name);

	for (size_t i = 0; s && i < c->ha_address_count; i++, s = conf_next_good(s->next, name)) {
		list[i].loc = s->loc;
		list[i].addr = s->values->addr;
	}
	c->ha_address_count = conf_records_unique(r, list, c->ha_address_count, sizeof(*list),
						  compare_listed_addr, name);
	conf_records_by_order(list, c->ha_address_count, sizeof(*list));
	c->ha_addresses = list;
}

/* Defaults that are no constants. */
static void build_derived(struct conf *c)
{
	const uint64_t least = conf_option_find(CONF_BLOCK_TOP, "HaMinRtrAdvInterval")->min;
	const uint64_t delay_us = 3000000; /* RFC 4861 section 10: MIN_DELAY_BETWEEN_RAS */

	if (!conf_option_written(c, "ConsoleSocket")->line)
		c->console_socket = conf_arena_printf(c->arena, "%s/mip6d.sock", c->run_directory);
	if (!conf_option_written(c, "HaMinRtrAdvInterval")->line) {
		c->ha_min_rtr_adv_interval_us = c->ha_max_rtr_adv_interval_us / 3;
		if (c->ha_min_rtr_adv_interval_us < least)
			c->ha_min_rtr_adv_interval_us = least;
	}
	/* RFC 6275 section 13: that of RFC 4861, or MinRtrAdvInterval if that is less. */
	if (!conf_option_written(c, "HaMinDelayBetweenRAs")->line)
		c->ha_min_delay_between_ras_us = c->ha_min_rtr_adv_interval_us < delay_us ?
							 c->ha_min_rtr_adv_interval_us :
							 delay_us;
	/* RFC 4861 6.2.1; RFC 6275 7.5: at least one second. */
	if (!conf_option_written(c, "HaRouterLifetime")->line)
		c->ha_router_lifetime_s =
			(uint32_t)((3 * c->ha_max_rtr_adv_interval_us + 999999) / 1000000);
}

static void build_overrides(struct conf *c, const struct conf_overrides *o)
{
	if (o && o->have_debug_level)
		c->debug_level = o->debug_level;
	if (o && o->debug_log_file)
		c->debug_log_file = conf_arena_string(c->arena, o->debug_log_file);
	if (o && o->vt_service)
		c->vt_service = conf_arena_string(c->arena, o->vt_service);
}

static void build_files(struct conf_reader *r, struct conf *c)
{
	const char **files = conf_arena_array(c->arena, r->file_count, sizeof(*files));

	c->files = files;
	for (size_t i = 0; files && i < r->file_count; i++)
		files[i] = conf_arena_string(c->arena, r->files[i].path);
	c->file_count = files ? r->file_count : 0;
}

struct conf *conf_build(struct conf_reader *r, const struct conf_overrides *o)
{
	struct conf_arena *arena = conf_arena_new();
	struct conf *c = arena ? conf_arena_alloc(arena, sizeof(*c)) : NULL;
	struct conf_loc *written =
		c ? conf_arena_array(arena, conf_option_count(), sizeof(*written)) : NULL;

	if (!written) {
		conf_arena_free(arena);
		return NULL;
	}
	c->arena = arena;
	c->written = written;
	for (struct conf_stmt *s = r->first; s; s = s->next)
		if (s->option && !s->unused)
			written[conf_option_id(s->option)] = s->loc;
	conf_build_scalars(c, r->first, CONF_BLOCK_TOP, c);
	c->role = r->role;
	build_derived(c);
	build_overrides(c, o);
	build_files(r, c);
	c->acl = build_acl(r, c, "BindingAclPolicy", &c->acl_count);
	c->coa_acl = build_acl(r, c, "BindingAclCoaPolicy", &c->coa_acl_count);
	c->served_prefixes = build_prefixes(r, c, "HaServedPrefix", &c->served_prefix_count);
	c->virtual_home_links =
		build_prefixes(r, c, "HaVirtualHomeLink", &c->virtual_home_link_count);
	build_addresses(r, c);
	conf_build_interfaces(r, c);
	conf_build_homes(r, c);
	conf_build_ipsec(r, c);
	conf_build_cn_policies(r, c);
	if (conf_arena_failed(arena)) {
		conf_arena_free(arena);
		return NULL;
	}
	return c;
}
