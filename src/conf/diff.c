// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two configurations compared. Every option is a set of items, each a key and a
 * value as text: one item for a scalar, one for each record of a list. An option
 * inside a block is an item of its own under the block's key, so that a change
 * within an interface is told as what it is. IPsec policy sets are taken apart
 * into one item for each home address, for that is what the policies are
 * multiplied over. Items are sorted by key, and the two sets merged.
 *
 * Options that wait for a restart are scalars of the top level, all of them, so that
 * keeping the values in force is copying fields; a test sees to it that it stays so.
 *
 * Called at reload by the daemon.
 */
#include "conf/diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/arena.h"
#include "conf/show.h"

struct item {
	const char *key;
	const char *value;
};

struct items {
	struct conf_arena *arena;
	struct item *list;
	size_t count;
	size_t size;
	bool no_memory;
};

/* Text is written to a stream, then kept in the arena. */
struct text {
	FILE *out;
	char *buf;
	size_t len;
};

static bool text_open(struct text *t)
{
	t->buf = NULL;
	t->out = open_memstream(&t->buf, &t->len);
	return t->out != NULL;
}

static const char *text_close(struct text *t, struct conf_arena *arena)
{
	const char *kept = NULL;

	if (fclose(t->out) == 0)
		kept = conf_arena_copy(arena, t->buf, t->len);
	free(t->buf);
	return kept;
}

static void items_add(struct items *s, const char *key, const char *value)
{
	if (s->count == s->size) {
		size_t size = s->size ? s->size * 2 : 16;
		struct item *list = reallocarray(s->list, size, sizeof(*list));

		if (!list) {
			s->no_memory = true;
			return;
		}
		s->list = list;
		s->size = size;
	}
	if (!key || !value)
		s->no_memory = true;
	else
		s->list[s->count++] = (struct item){key, value};
}

static const char *addr_key(struct items *s, const struct in6_addr *a)
{
	struct addr_buf buf;

	return conf_arena_string(s->arena, addr_text(a, &buf));
}

static const char *prefix_key(struct items *s, const struct prefix *p)
{
	struct addr_buf buf;

	return conf_arena_string(s->arena, prefix_text(p, &buf));
}

/* The value of an option that stands once in the block `base`. */
static void add_value(struct items *s, const struct conf_option *o, const char *key,
		      const void *base)
{
	struct text t;

	if (!text_open(&t)) {
		s->no_memory = true;
		return;
	}
	conf_show_value(t.out, o, base);
	items_add(s, key, text_close(&t, s->arena));
}

static void add_acl(struct items *s, const struct conf_acl *acl, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct text t;

		if (!text_open(&t)) {
			s->no_memory = true;
			return;
		}
		conf_show_acl(t.out, &acl[i]);
		items_add(s, prefix_key(s, &acl[i].who), text_close(&t, s->arena));
	}
}

static void add_prefixes(struct items *s, const struct conf_prefix *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *key = prefix_key(s, &list[i].prefix);

		items_add(s, key, key);
	}
}

static void add_addrs(struct items *s, const struct conf_addr *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *key = addr_key(s, &list[i].addr);

		items_add(s, key, key);
	}
}

static void add_cn_policies(struct items *s, const struct conf *c)
{
	struct addr_buf peer;
	struct addr_buf local;

	for (size_t i = 0; i < c->cn_policy_count; i++) {
		const struct conf_cn_policy *p = &c->cn_policies[i];

		items_add(s,
			  conf_arena_printf(s->arena, "%s %s", prefix_text(&p->peer, &peer),
					    prefix_text(&p->local, &local)),
			  p->accept ? "enabled" : "disabled");
	}
}

/* All policies of one home address, as one value. */
static const char *set_text(struct items *s, const struct conf_ipsec_set *set)
{
	struct text t;

	if (!text_open(&t))
		return NULL;
	for (size_t i = 0; i < set->policy_count; i++) {
		if (i)
			fputs(", ", t.out);
		conf_show_ipsec_policy(t.out, &set->policies[i]);
	}
	return text_close(&t, s->arena);
}

static void add_ipsec_sets(struct items *s, const struct conf *c)
{
	struct addr_buf ha;
	struct addr_buf hoa;

	for (size_t i = 0; i < c->ipsec_set_count; i++) {
		const struct conf_ipsec_set *set = &c->ipsec_sets[i];
		const char *policies = set_text(s, set);

		for (size_t n = 0; n < set->hoa_count; n++)
			items_add(s,
				  conf_arena_printf(s->arena, "%s %s",
						    set->ha_name ? set->ha_name
								 : addr_text(&set->ha, &ha),
						    addr_text(&set->hoas[n].hoa, &hoa)),
				  policies);
	}
}

/* The blocks themselves: that they are there. */
static void add_interfaces(struct items *s, const struct conf *c)
{
	for (size_t i = 0; i < c->interface_count; i++)
		items_add(s, c->interfaces[i].name, c->interfaces[i].name);
}

static void add_homes(struct items *s, const struct conf *c)
{
	for (size_t i = 0; i < c->home_count; i++)
		items_add(s, addr_key(s, &c->homes[i].hoa), c->homes[i].ifname);
}

/* The records of a list of the top level, told apart by where they are kept. */
static void add_records(struct items *s, const struct conf_option *o, const struct conf *c)
{
	switch (o->offset) {
	case offsetof(struct conf, interfaces):
		add_interfaces(s, c);
		break;
	case offsetof(struct conf, homes):
		add_homes(s, c);
		break;
	case offsetof(struct conf, ipsec_sets):
		add_ipsec_sets(s, c);
		break;
	case offsetof(struct conf, cn_policies):
		add_cn_policies(s, c);
		break;
	case offsetof(struct conf, acl):
		add_acl(s, c->acl, c->acl_count);
		break;
	case offsetof(struct conf, coa_acl):
		add_acl(s, c->coa_acl, c->coa_acl_count);
		break;
	case offsetof(struct conf, served_prefixes):
		add_prefixes(s, c->served_prefixes, c->served_prefix_count);
		break;
	case offsetof(struct conf, virtual_home_links):
		add_prefixes(s, c->virtual_home_links, c->virtual_home_link_count);
		break;
	case offsetof(struct conf, ha_addresses):
		add_addrs(s, c->ha_addresses, c->ha_address_count);
		break;
	}
}

static void collect(struct items *s, const struct conf_option *o, const struct conf *c)
{
	switch (o->block) {
	case CONF_BLOCK_TOP:
		if (o->repeatable)
			add_records(s, o, c);
		else
			add_value(s, o, "", c);
		break;
	case CONF_BLOCK_INTERFACE:
		for (size_t i = 0; i < c->interface_count; i++)
			add_value(s, o, c->interfaces[i].name, &c->interfaces[i]);
		break;
	case CONF_BLOCK_HOME_LINK:
		for (size_t i = 0; i < c->home_count; i++)
			add_value(s, o, addr_key(s, &c->homes[i].hoa), &c->homes[i]);
		break;
	case CONF_BLOCK_IPSEC_SET: /* part of the set's own value */
	case CONF_BLOCK_CN_POLICY:
		break;
	}
}

static int compare_item(const void *pa, const void *pb)
{
	const struct item *a = pa;
	const struct item *b = pb;

	return strcmp(a->key, b->key);
}

struct merge {
	const struct conf_option *option;
	conf_change_fn *fn;
	void *ctx;
	int changes;
};

static void tell(struct merge *m, const struct item *before, const struct item *after)
{
	const struct item *any = before ? before : after;
	struct conf_change change = {
		.option = m->option,
		.kind = !before	 ? CONF_CHANGE_ADDED
			: !after ? CONF_CHANGE_REMOVED
				 : CONF_CHANGE_VALUE,
		.key = any ? any->key : "",
		.before = before ? before->value : "",
		.after = after ? after->value : "",
	};

	/* what comes and goes inside a block comes and goes with the block */
	if (m->option->block != CONF_BLOCK_TOP && change.kind != CONF_CHANGE_VALUE)
		return;
	m->changes++;
	if (m->fn)
		m->fn(&change, m->ctx);
}

static void merge_items(struct merge *m, struct items *before, struct items *after)
{
	size_t i = 0;
	size_t n = 0;

	if (before->count)
		qsort(before->list, before->count, sizeof(*before->list), compare_item);
	if (after->count)
		qsort(after->list, after->count, sizeof(*after->list), compare_item);
	while (i < before->count || n < after->count) {
		const struct item *b = i < before->count ? &before->list[i] : NULL;
		const struct item *a = n < after->count ? &after->list[n] : NULL;
		int d = !b ? 1 : !a ? -1 : compare_item(b, a);

		if (d != 0 || strcmp(b->value, a->value) != 0)
			tell(m, d <= 0 ? b : NULL, d >= 0 ? a : NULL);
		i += d <= 0;
		n += d >= 0;
	}
}

static int diff_option(struct merge *m, const struct conf *before, const struct conf *after)
{
	struct items b = {.arena = conf_arena_new()};
	struct items a = {.arena = b.arena};
	int rc = -ENOMEM;

	if (b.arena) {
		collect(&b, m->option, before);
		collect(&a, m->option, after);
		if (!b.no_memory && !a.no_memory && !conf_arena_failed(b.arena)) {
			merge_items(m, &b, &a);
			rc = 0;
		}
	}
	free(b.list);
	free(a.list);
	conf_arena_free(b.arena);
	return rc;
}

int conf_diff(const struct conf *before, const struct conf *after, conf_change_fn *fn, void *ctx)
{
	struct merge m = {.fn = fn, .ctx = ctx};

	for (size_t i = 0; i < conf_option_count(); i++) {
		m.option = &conf_options[i];
		if (m.option->size == 0 || m.option->no_effect)
			continue;
		if (diff_option(&m, before, after) < 0)
			return -ENOMEM;
	}
	return m.changes;
}

int conf_keep_for_restart(struct conf *next, const struct conf *running)
{
	for (size_t i = 0; i < conf_option_count(); i++) {
		const struct conf_option *o = &conf_options[i];
		const void *from = (const char *)running + o->offset;
		void *to = (char *)next + o->offset;

		if (o->reload != CONF_RELOAD_RESTART || o->size == 0)
			continue;
		memcpy(to, from, o->size);
		if (o->type == CONF_TYPE_STRING && *(const char *const *)from)
			*(const char **)to =
				conf_arena_string(next->arena, *(const char *const *)from);
	}
	return conf_arena_failed(next->arena) ? -ENOMEM : 0;
}
