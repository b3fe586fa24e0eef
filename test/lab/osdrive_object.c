// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernel objects of the port from JSON and to JSON; see osdrive.h.
 */
#include "osdrive.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void drive_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "osdrive: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	exit(2);
}

/* --- words ---------------------------------------------------------------------- */

static const char *const types[KOBJ_TYPE_COUNT] = {
	[KOBJ_SYSCTL] = "sysctl",	[KOBJ_TUNNEL] = "tunnel",
	[KOBJ_ADDR] = "addr",		[KOBJ_ROUTE] = "route",
	[KOBJ_RULE] = "rule",		[KOBJ_TUNNEL_FILTER] = "filter",
	[KOBJ_PROXY_NEIGH] = "proxy",	[KOBJ_ANYCAST] = "anycast",
	[KOBJ_GROUP] = "group",		[KOBJ_XFRM_POLICY] = "policy",
	[KOBJ_XFRM_STATE] = "state",
};
static const char *const route_types[] = { "unicast", "unreachable", "blackhole", "throw", NULL };
static const char *const tables[] = { "main", "own", "local", NULL };
static const char *const dirs[] = { "in", "out", "fwd", NULL };
static const char *const protos[] = { "hao", "rh2", "esp", "ah", "comp", NULL };
static const char *const modes[] = { "ro", "transport", "tunnel", NULL };
static const char *const parts[] = { "whole", "hao", "rh2", NULL };
static const char *const addr_flags[] = { "home", "nodad", "optimistic", "noprefixroute",
					  "deprecated", NULL };

static unsigned int word_number(const char *const *words, size_t n, const char *word)
{
	size_t i;

	for (i = 0; i < n && words[i]; i++)
		if (strcmp(words[i], word) == 0)
			return (unsigned int)i;
	drive_fail("what is %s?", word);
}

static unsigned int get_word(const json_t *j, const char *field, const char *const *words)
{
	const char *text = json_string_value(json_object_get(j, field));

	return text ? word_number(words, 16, text) : 0;
}

static int64_t get_int(const json_t *j, const char *field, int64_t dflt)
{
	const json_t *v = json_object_get(j, field);

	return v ? json_integer_value(v) : dflt;
}

static uint32_t get_u32(const json_t *j, const char *field)
{
	return (uint32_t)get_int(j, field, 0);
}

static bool get_bool(const json_t *j, const char *field)
{
	return json_is_true(json_object_get(j, field));
}

static void get_name(const json_t *j, const char *field, char name[IFNAMSIZ])
{
	const char *text = json_string_value(json_object_get(j, field));

	if (text)
		memcpy(name, text, strnlen(text, IFNAMSIZ - 1));
}

struct in6_addr drive_read_addr(const json_t *j, const char *field)
{
	const char *text = json_string_value(json_object_get(j, field));
	struct in6_addr a = { .s6_addr = { 0 } };

	if (text && addr_parse(text, &a))
		drive_fail("%s: no address: %s", field, text);
	return a;
}

static struct prefix get_prefix(const json_t *j, const char *field)
{
	const char *text = json_string_value(json_object_get(j, field));
	struct prefix p = { .len = 0 };

	if (text && prefix_parse(text, &p, NULL))
		drive_fail("%s: no prefix: %s", field, text);
	return p;
}

static struct kdev get_dev(const json_t *j)
{
	const json_t *v = json_object_get(j, "dev");
	struct kdev d = { .ifindex = 0 };

	if (json_is_integer(v))
		d.ifindex = (uint32_t)json_integer_value(v);
	else
		get_name(j, "dev", d.name);
	return d;
}

/* --- reading ---------------------------------------------------------------------- */

static void read_sysctl(const json_t *j, struct kobj_sysctl *s)
{
	const char *name = json_string_value(json_object_get(j, "name"));
	int i;

	s->dev = get_dev(j);
	s->value = (int32_t)get_int(j, "value", 0);
	for (i = 0; i < KSYSCTL_COUNT; i++)
		if (name && strcmp(ksysctl_name((enum ksysctl)i), name) == 0) {
			s->name = (enum ksysctl)i;
			return;
		}
	drive_fail("no such sysctl: %s", name ? name : "");
}

static void read_tunnel(const json_t *j, struct kobj_tunnel *t)
{
	get_name(j, "name", t->name);
	t->external = get_bool(j, "external");
	t->local = drive_read_addr(j, "local");
	t->remote = drive_read_addr(j, "remote");
	t->link = get_u32(j, "link");
	t->hop_limit = (uint8_t)get_int(j, "hop_limit", 0);
	t->mtu = get_u32(j, "mtu");
}

static void read_addr(const json_t *j, struct kobj_addr *a)
{
	size_t i;
	json_t *flag;

	a->dev = get_dev(j);
	a->addr = drive_read_addr(j, "addr");
	a->plen = (uint8_t)get_int(j, "plen", 128);
	a->valid_s = (uint32_t)get_int(j, "valid_s", UINT32_MAX);
	a->preferred_s = (uint32_t)get_int(j, "preferred_s", UINT32_MAX);
	json_array_foreach(json_object_get(j, "flags"), i, flag)
		a->flags |= 1U << word_number(addr_flags, 16, json_string_value(flag));
}

static void read_route(const json_t *j, struct kobj_route *r)
{
	r->table = (enum ktable)get_word(j, "table", tables);
	r->dst = get_prefix(j, "dst");
	r->src = get_prefix(j, "src");
	r->metric = (uint32_t)get_int(j, "metric", 1024);
	r->type = (enum kroute_type)get_word(j, "action", route_types);
	r->dev = get_dev(j);
	r->via = drive_read_addr(j, "via");
	r->prefsrc = drive_read_addr(j, "prefsrc");
	r->onlink = get_bool(j, "onlink");
	r->encap = json_object_get(j, "encap_dst") != NULL;
	r->encap_src = drive_read_addr(j, "encap_src");
	r->encap_dst = drive_read_addr(j, "encap_dst");
	r->mtu = get_u32(j, "mtu");
}

static void read_rule(const json_t *j, struct kobj_rule *r)
{
	r->priority = get_u32(j, "priority");
	r->from = get_prefix(j, "from");
	r->to = get_prefix(j, "to");
	get_name(j, "iif", r->iif);
	get_name(j, "oif", r->oif);
	r->ip_proto = (uint8_t)get_int(j, "ip_proto", 0);
	r->action = (enum kroute_type)get_word(j, "action", route_types);
	r->table = (enum ktable)get_word(j, "table", tables);
}

static void read_selector(const json_t *j, struct kxfrm_selector *s)
{
	s->src = get_prefix(j, "src");
	s->dst = get_prefix(j, "dst");
	s->proto = (uint8_t)get_int(j, "proto", 0);
	s->type = (int16_t)get_int(j, "msg_type", -1);
	s->ifindex = get_u32(j, "ifindex");
}

static void read_template(const json_t *j, struct kxfrm_tmpl *t)
{
	t->proto = (enum kxfrm_proto)get_word(j, "proto", protos);
	t->mode = (enum kxfrm_mode)get_word(j, "mode", modes);
	t->src = drive_read_addr(j, "src");
	t->dst = drive_read_addr(j, "dst");
	t->reqid = get_u32(j, "reqid");
	t->optional = get_bool(j, "optional");
}

static void read_policy(const json_t *j, struct kobj_xfrm_policy *p)
{
	const json_t *tmpl = json_object_get(j, "tmpl");
	size_t i;

	p->dir = (enum kxfrm_dir)get_word(j, "dir", dirs);
	p->sub = get_bool(j, "sub");
	p->part = (enum kxfrm_part)get_word(j, "part", parts);
	p->priority = get_u32(j, "priority");
	p->block = get_bool(j, "block");
	read_selector(j, &p->sel);
	p->tmpl_count = (uint8_t)json_array_size(tmpl);
	for (i = 0; i < p->tmpl_count && i < KXFRM_TMPL_MAX; i++)
		read_template(json_array_get(tmpl, i), &p->tmpl[i]);
}

static void read_state(const json_t *j, struct kobj_xfrm_state *s)
{
	s->proto = (enum kxfrm_proto)get_word(j, "proto", protos);
	s->mode = (enum kxfrm_mode)get_word(j, "mode", modes);
	s->src = drive_read_addr(j, "src");
	s->dst = drive_read_addr(j, "dst");
	s->spi = get_u32(j, "spi");
	s->reqid = get_u32(j, "reqid");
	s->coaddr = drive_read_addr(j, "coaddr");
}

void drive_read_object(const json_t *j, struct kobj *o)
{
	const char *type = json_string_value(json_object_get(j, "type"));

	memset(o, 0, sizeof(*o));
	o->type = (enum kobj_type)word_number(types, KOBJ_TYPE_COUNT, type ? type : "");
	switch (o->type) {
	case KOBJ_SYSCTL:
		read_sysctl(j, &o->sysctl);
		break;
	case KOBJ_TUNNEL:
		read_tunnel(j, &o->tunnel);
		break;
	case KOBJ_ADDR:
		read_addr(j, &o->addr);
		break;
	case KOBJ_ROUTE:
		read_route(j, &o->route);
		break;
	case KOBJ_RULE:
		read_rule(j, &o->rule);
		break;
	case KOBJ_TUNNEL_FILTER:
		get_name(j, "tunnel", o->filter.tunnel);
		o->filter.inner_src = get_prefix(j, "inner_src");
		o->filter.outer_src = drive_read_addr(j, "outer_src");
		o->filter.also_src = drive_read_addr(j, "also_src");
		break;
	case KOBJ_PROXY_NEIGH:
		o->proxy.ifindex = get_u32(j, "ifindex");
		o->proxy.addr = drive_read_addr(j, "addr");
		break;
	case KOBJ_ANYCAST:
	case KOBJ_GROUP:
		o->member.ifindex = get_u32(j, "ifindex");
		o->member.addr = drive_read_addr(j, "addr");
		break;
	case KOBJ_XFRM_POLICY:
		read_policy(j, &o->policy);
		break;
	case KOBJ_XFRM_STATE:
		read_state(j, &o->state);
		break;
	case KOBJ_TYPE_COUNT:
		break;
	}
}

void drive_read_path(const json_t *j, struct mip6_path *p)
{
	memset(p, 0, sizeof(*p));
	p->local = drive_read_addr(j, "local");
	p->local_home = drive_read_addr(j, "local_home");
	p->peer = drive_read_addr(j, "peer");
	p->peer_home = drive_read_addr(j, "peer_home");
	p->ifindex = get_u32(j, "ifindex");
}

/* --- writing ------------------------------------------------------------------------ */

json_t *drive_write_addr(const struct in6_addr *a)
{
	return json_string(ADDR_STR(a));
}

static json_t *write_prefix(const struct prefix *p)
{
	return json_string(PREFIX_STR(p));
}

json_t *drive_write_path(const struct mip6_path *p)
{
	return json_pack("{so so so so si}", "local", drive_write_addr(&p->local), "local_home",
			 drive_write_addr(&p->local_home), "peer", drive_write_addr(&p->peer),
			 "peer_home", drive_write_addr(&p->peer_home), "ifindex", (int)p->ifindex);
}

static json_t *write_dev(const struct kdev *d)
{
	return d->ifindex ? json_integer(d->ifindex) : json_string(d->name);
}

static json_t *write_route(const struct kobj_route *r)
{
	json_t *j = json_pack("{ss so so si ss so so sb si}", "table", tables[r->table], "dst",
			      write_prefix(&r->dst), "src", write_prefix(&r->src), "metric",
			      (int)r->metric, "action", route_types[r->type], "dev",
			      write_dev(&r->dev), "via", drive_write_addr(&r->via), "onlink",
			      r->onlink, "mtu", (int)r->mtu);

	json_object_set_new(j, "prefsrc", drive_write_addr(&r->prefsrc));
	if (r->encap) {
		json_object_set_new(j, "encap_src", drive_write_addr(&r->encap_src));
		json_object_set_new(j, "encap_dst", drive_write_addr(&r->encap_dst));
	}
	return j;
}

static json_t *write_addr(const struct kobj_addr *a)
{
	json_t *flags = json_array();
	size_t i;

	for (i = 0; addr_flags[i]; i++)
		if (a->flags & 1U << i)
			json_array_append_new(flags, json_string(addr_flags[i]));
	return json_pack("{so so si so sI sI}", "dev", write_dev(&a->dev), "addr",
			 drive_write_addr(&a->addr), "plen", a->plen, "flags", flags, "valid_s",
			 (json_int_t)a->valid_s, "preferred_s", (json_int_t)a->preferred_s);
}

static json_t *write_tunnel(const struct kobj_tunnel *t)
{
	return json_pack("{ss sb so so si si si}", "name", t->name, "external", t->external,
			 "local", drive_write_addr(&t->local), "remote",
			 drive_write_addr(&t->remote), "link", (int)t->link, "hop_limit",
			 t->hop_limit, "mtu", (int)t->mtu);
}

static json_t *write_rule(const struct kobj_rule *r)
{
	return json_pack("{si so so ss ss si ss ss}", "priority", (int)r->priority, "from",
			 write_prefix(&r->from), "to", write_prefix(&r->to), "iif", r->iif, "oif",
			 r->oif, "ip_proto", r->ip_proto, "action", route_types[r->action],
			 "table", tables[r->table]);
}

static json_t *write_policy(const struct kobj_xfrm_policy *p)
{
	json_t *tmpl = json_array();
	size_t i;

	for (i = 0; i < p->tmpl_count; i++)
		json_array_append_new(
			tmpl, json_pack("{ss ss so so si sb}", "proto", protos[p->tmpl[i].proto],
					"mode", modes[p->tmpl[i].mode], "src",
					drive_write_addr(&p->tmpl[i].src), "dst",
					drive_write_addr(&p->tmpl[i].dst), "reqid",
					(int)p->tmpl[i].reqid, "optional", p->tmpl[i].optional));
	return json_pack("{ss ss sb so so si si si sb so}", "dir", dirs[p->dir], "part",
			 parts[p->part], "sub", p->sub, "src",
			 write_prefix(&p->sel.src), "dst", write_prefix(&p->sel.dst), "proto",
			 p->sel.proto, "msg_type", p->sel.type, "priority", (int)p->priority,
			 "block", p->block, "tmpl", tmpl);
}

static json_t *write_state(const struct kobj_xfrm_state *s)
{
	return json_pack("{ss ss so so si si so}", "proto", protos[s->proto], "mode",
			 modes[s->mode], "src", drive_write_addr(&s->src), "dst",
			 drive_write_addr(&s->dst), "spi", (int)s->spi, "reqid", (int)s->reqid,
			 "coaddr", drive_write_addr(&s->coaddr));
}

static json_t *write_value(const struct kobj *o)
{
	switch (o->type) {
	case KOBJ_SYSCTL:
		return json_pack("{so ss si}", "dev", write_dev(&o->sysctl.dev), "name",
				 ksysctl_name(o->sysctl.name), "value", o->sysctl.value);
	case KOBJ_TUNNEL:
		return write_tunnel(&o->tunnel);
	case KOBJ_ADDR:
		return write_addr(&o->addr);
	case KOBJ_ROUTE:
		return write_route(&o->route);
	case KOBJ_RULE:
		return write_rule(&o->rule);
	case KOBJ_TUNNEL_FILTER:
		return json_pack("{ss so so so}", "tunnel", o->filter.tunnel, "inner_src",
				 write_prefix(&o->filter.inner_src), "outer_src",
				 drive_write_addr(&o->filter.outer_src), "also_src",
				 drive_write_addr(&o->filter.also_src));
	case KOBJ_PROXY_NEIGH:
		return json_pack("{si so}", "ifindex", (int)o->proxy.ifindex, "addr",
				 drive_write_addr(&o->proxy.addr));
	case KOBJ_ANYCAST:
	case KOBJ_GROUP:
		return json_pack("{si so}", "ifindex", (int)o->member.ifindex, "addr",
				 drive_write_addr(&o->member.addr));
	case KOBJ_XFRM_POLICY:
		return write_policy(&o->policy);
	case KOBJ_XFRM_STATE:
		return write_state(&o->state);
	case KOBJ_TYPE_COUNT:
		break;
	}
	return json_object();
}

json_t *drive_write_object(const struct kobj *o)
{
	json_t *j = write_value(o);

	json_object_set_new(j, "type", json_string(types[o->type]));
	return j;
}
