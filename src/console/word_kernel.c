// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words about the kernel: what the daemon keeps there, as its roles tell it, beside what is
 * found there with the daemon's marks. Reading the kernel takes long where there are many
 * bindings, so these words run in a process of their own, which has the state of the
 * daemon as it was when it was asked. Called through the table of command.c.
 */
#include <stdlib.h>
#include <string.h>

#include "console/word.h"

enum presence {
	PRESENCE_MISSING,    /* kept, but not found */
	PRESENCE_FOUND,
	PRESENCE_DIFFERENT,  /* found with another value */
	PRESENCE_UNEXPECTED, /* found with our marks, but not kept */
};

struct entry {
	struct kobj obj;
	struct kobj there; /* PRESENCE_DIFFERENT */
	enum presence presence;
};

struct inventory {
	struct entry *entries; /* sorted by key up to `kept`; behind these what is unexpected */
	size_t count;
	size_t room;
	size_t kept;
	bool bad; /* out of memory */
};

static struct entry *add(struct inventory *v, const struct kobj *o, enum presence presence)
{
	if (v->count == v->room) {
		size_t room = v->room ? 2 * v->room : 1024;
		struct entry *entries = reallocarray(v->entries, room, sizeof(*entries));

		if (!entries) {
			v->bad = true;
			return NULL;
		}
		v->entries = entries;
		v->room = room;
	}
	v->entries[v->count] = (struct entry){ .obj = *o, .presence = presence };
	return &v->entries[v->count++];
}

/* Memberships live with the daemon's sockets, and no scan finds them. */
static void add_kept(const struct kobj *o, void *ctx)
{
	if (o->type != KOBJ_ANYCAST && o->type != KOBJ_GROUP)
		add(ctx, o, PRESENCE_MISSING);
}

static int by_key(const void *a, const void *b)
{
	return kobj_compare_key(&((const struct entry *)a)->obj, &((const struct entry *)b)->obj);
}

/* Equal but for what the kernel fills in or counts down by itself. */
static bool is_as_kept(const struct kobj *kept, const struct kobj *there)
{
	struct kobj a = *kept, b = *there;

	switch (a.type) {
	case KOBJ_ADDR:
		return a.addr.plen == b.addr.plen;
	case KOBJ_TUNNEL:
		b.tunnel.mtu = a.tunnel.mtu;
		b.tunnel.link = a.tunnel.link;
		if (a.tunnel.external) /* it has no hop limit of its own */
			b.tunnel.hop_limit = a.tunnel.hop_limit;
		break;
	case KOBJ_SYSCTL:
	case KOBJ_ROUTE:
	case KOBJ_RULE:
	case KOBJ_TUNNEL_FILTER:
	case KOBJ_PROXY_NEIGH:
	case KOBJ_ANYCAST:
	case KOBJ_GROUP:
	case KOBJ_XFRM_POLICY:
	case KOBJ_XFRM_STATE:
	case KOBJ_TYPE_COUNT:
		break;
	}
	return kobj_equal(&a, &b);
}

static int note_found(const struct kobj *o, void *ctx)
{
	struct inventory *v = ctx;
	struct entry key = { .obj = *o };
	struct entry *e = v->kept ? bsearch(&key, v->entries, v->kept, sizeof(key), by_key) : NULL;

	if (!e) {
		add(v, o, PRESENCE_UNEXPECTED);
	} else if (is_as_kept(&e->obj, o)) {
		e->presence = PRESENCE_FOUND;
	} else {
		e->presence = PRESENCE_DIFFERENT;
		e->there = *o;
	}
	return v->bad ? -ENOMEM : 0;
}

/* The same object can be in several footprints. */
static void drop_doubles(struct inventory *v)
{
	size_t to = 0;

	for (size_t i = 0; i < v->count; i++) {
		if (!to || by_key(&v->entries[to - 1], &v->entries[i]) != 0)
			v->entries[to++] = v->entries[i];
	}
	v->count = to;
}

/* 0 or -errno. */
static int take_inventory(struct mip6 *m, struct inventory *v)
{
	int err;

	for (unsigned int i = 0; i < word_role_count(m); i++) {
		if (m->roles[i]->objects)
			m->roles[i]->objects(m, add_kept, v);
	}
	if (v->bad)
		return -ENOMEM;
	if (v->count)
		qsort(v->entries, v->count, sizeof(*v->entries), by_key);
	drop_doubles(v);
	v->kept = v->count;
	err = m->kernel->ops->scan(m->kernel, note_found, v);
	return err ? err : v->bad ? -ENOMEM : 0;
}

static const char *presence_text(enum presence p)
{
	switch (p) {
	case PRESENCE_MISSING:
		return "missing";
	case PRESENCE_FOUND:
		return "there";
	case PRESENCE_DIFFERENT:
		return "different";
	case PRESENCE_UNEXPECTED:
		return "unexpected";
	}
	return "?";
}

int word_count_wrong_objects(struct mip6 *m, size_t *out)
{
	struct inventory v = { .count = 0 };
	int err = take_inventory(m, &v);

	*out = 0;
	for (size_t i = 0; i < v.count; i++)
		*out += v.entries[i].presence != PRESENCE_FOUND;
	free(v.entries);
	return err;
}

typedef bool entry_filter_fn(const struct entry *e);
typedef void entry_show_fn(const struct entry *e, struct show *out);

/* The inventory is taken with the first piece, and lasts as long as this process. */
static enum command_end list_entries(struct command_request *r, struct show *out, const char *name,
				     entry_filter_fn *wanted, entry_show_fn *tell)
{
	struct inventory *v = r->own;
	uint64_t *at = show_cursor(out);
	int err = 0;

	if (!v) {
		v = r->own = calloc(1, sizeof(*v));
		err = v ? take_inventory(r->m, v) : -ENOMEM;
	}
	if (err)
		return fail(r, out, -err, "the kernel cannot be read: %s", strerror(-err));
	show_list(out, name);
	for (; *at < v->count && !show_is_full(out); (*at)++) {
		const struct entry *e = &v->entries[*at];

		if (!wanted(e))
			continue;
		show_row(out);
		tell(e, out);
	}
	show_close(out);
	if (*at == v->count) {
		free(v->entries);
		free(v);
		r->own = NULL;
		return COMMAND_DONE;
	}
	show_more(out);
	return COMMAND_MORE;
}

/* --- kernel ------------------------------------------------------------------------------ */

static bool is_any(const struct entry *e)
{
	(void)e;
	return true;
}

static bool is_wrong(const struct entry *e)
{
	return e->presence != PRESENCE_FOUND;
}

static void tell_object(const struct entry *e, struct show *out)
{
	char text[KOBJ_TEXT_MAX], there[KOBJ_TEXT_MAX];

	show_text(out, "presence", presence_text(e->presence));
	show_text(out, "type", kobj_type_name(e->obj.type));
	kobj_text(&e->obj, text, sizeof(text));
	if (e->presence == PRESENCE_DIFFERENT)
		show_format(out, "object", "%s; there: %s", text,
			    kobj_text(&e->there, there, sizeof(there)));
	else
		show_text(out, "object", text);
}

enum command_end word_kernel(struct command_request *r, struct show *out)
{
	bool diff = r->argc > 1 && strcmp(r->argv[1], "diff") == 0;

	if (r->argc > 1 && !diff)
		return fail(r, out, EINVAL, "'%s' is not diff", r->argv[1]);
	return list_entries(r, out, "objects", diff ? is_wrong : is_any, tell_object);
}

/* --- tunnels ------------------------------------------------------------------------------ */

static bool is_of_tunnel(const struct entry *e)
{
	return e->obj.type == KOBJ_TUNNEL || (e->obj.type == KOBJ_ROUTE && e->obj.route.encap);
}

static void tell_tunnel(const struct entry *e, struct show *out)
{
	const struct kobj_tunnel *t = &e->obj.tunnel;
	const struct kobj_route *route = &e->obj.route;
	bool is_device = e->obj.type == KOBJ_TUNNEL;

	show_text(out, "device", is_device ? t->name : route->dev.name);
	if (is_device)
		show_text(out, "inside", t->external ? "by route" : "any");
	else
		show_prefix(out, "inside", &route->dst);
	show_addr(out, "local", is_device ? &t->local : &route->encap_src);
	show_addr(out, "remote", is_device ? &t->remote : &route->encap_dst);
	show_text(out, "presence", presence_text(e->presence));
}

enum command_end word_tunnels(struct command_request *r, struct show *out)
{
	return list_entries(r, out, "tunnels", is_of_tunnel, tell_tunnel);
}

/* --- policies ----------------------------------------------------------------------------- */

static bool is_xfrm(const struct entry *e)
{
	return e->obj.type == KOBJ_XFRM_POLICY || e->obj.type == KOBJ_XFRM_STATE;
}

enum command_end word_policies(struct command_request *r, struct show *out)
{
	return list_entries(r, out, "policies", is_xfrm, tell_object);
}
