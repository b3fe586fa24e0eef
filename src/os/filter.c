// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tunnel source filters: RFC 6275 section 10.4.5 has the home agent verify that
 * the source of the outer header is the care-of address bound to the inner
 * source; a mobile node likewise accepts from its home agent only (11.3.1). The
 * shared tunnel takes packets from anywhere, so its ingress has tc filters:
 *
 *	preference 1     u32, where multicast.c wants it: a multicast -> to multicast.c, and
 *			 nowhere else; it costs other packets one look at a byte
 *	preference 2     flower: inner source, outer source -> pass
 *	preference 65000 flower without a key -> drop, which also counts them; before
 *			 that, a sample may go to stray.c
 *
 * The kernel finds flower filters by hash over all keys, one hash table for each
 * set of masks, so a hundred thousand cost a packet no more than one does. It
 * names them by a handle of 32 bits that we choose. Replacing by handle
 * exchanges the filter without a moment with neither. The filters that pass have
 * no action: the kernel takes that for "pass", and it saves an action's memory.
 * An object with two outer sources is two filters.
 *
 * Here stands, for each device, a table from inner source to handles, so that
 * every operation costs the same, however many there are. It is filled from the
 * kernel when a device is first met, so that a predecessor's filters keep their
 * handles.
 */
#include "os/linux.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_sample.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/log.h"

#define PREF_MULTICAST 1
#define PREF_PASS 2
#define PREF_DROP 65000
#define SAMPLE_BYTES 64 /* of a stray: the IPv6 header */
#define IPV6_DST_AT 24
#define PARENT_INGRESS TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)

#define PASSES 2 /* outer sources for one inner source */

struct pass {
	struct in6_addr outer_src;
	uint32_t handle; /* 0: none */
};

struct filter {
	struct prefix inner_src; /* key, padding zeroed */
	struct pass passes[PASSES];
	UT_hash_handle hh;
};

struct filter_device {
	uint32_t ifindex;
	struct filter *by_inner;
	uint32_t next_handle;
	uint32_t *spare; /* handles given back */
	size_t spare_count;
	size_t spare_room;
	UT_hash_handle hh;
};

struct filters {
	struct filter_device *devices;
};

int filters_init(struct os *os)
{
	os->filters = calloc(1, sizeof(*os->filters));
	return os->filters ? 0 : -ENOMEM;
}

static void device_free(struct filters *all, struct filter_device *d)
{
	struct filter *f;
	struct filter *tmp;

	HASH_ITER(hh, d->by_inner, f, tmp)
	{
		HASH_DEL(d->by_inner, f);
		free(f);
	}
	HASH_DEL(all->devices, d);
	free(d->spare);
	free(d);
}

void filters_free(struct os *os)
{
	struct filter_device *d;
	struct filter_device *tmp;

	if (!os->filters)
		return;
	HASH_ITER(hh, os->filters->devices, d, tmp)
	device_free(os->filters, d);
	free(os->filters);
	os->filters = NULL;
}

void filter_forget(struct os *os, uint32_t ifindex)
{
	struct filter_device *d;

	HASH_FIND(hh, os->filters->devices, &ifindex, sizeof(ifindex), d);
	if (d)
		device_free(os->filters, d);
}

/* --- handles ------------------------------------------------------------------ */

static struct prefix filter_key(const struct prefix *p)
{
	struct prefix key;

	memset(&key, 0, sizeof(key));
	key.addr = p->addr;
	key.len = p->len;
	return key;
}

static struct filter *find_filter(struct filter_device *d, const struct prefix *inner)
{
	struct prefix key = filter_key(inner);
	struct filter *f;

	HASH_FIND(hh, d->by_inner, &key, sizeof(key), f);
	return f;
}

static struct filter *add_filter(struct filter_device *d, const struct prefix *inner)
{
	struct filter *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->inner_src = filter_key(inner);
	HASH_ADD(hh, d->by_inner, inner_src, sizeof(f->inner_src), f);
	return f;
}

/* 0: there are none left. */
static uint32_t new_handle(struct filter_device *d)
{
	if (d->spare_count)
		return d->spare[--d->spare_count];
	return d->next_handle <= INT32_MAX ? d->next_handle++ : 0;
}

/* gcc's analyzer takes what realloc gave for lost as soon as it is written to. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

/* Keeps the handle for the next filter; without memory it is used no more. */
static void keep_handle(struct filter_device *d, uint32_t handle)
{
	if (d->spare_count == d->spare_room) {
		size_t room = d->spare_room ? d->spare_room * 2 : 64;
		uint32_t *grown = reallocarray(d->spare, room, sizeof(*grown));

		if (!grown)
			return;
		d->spare = grown;
		d->spare_room = room;
	}
	d->spare[d->spare_count++] = handle;
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

static void drop_filter(struct filter_device *d, struct filter *f)
{
	HASH_DEL(d->by_inner, f);
	free(f);
}

/* --- messages ------------------------------------------------------------------- */

static struct tcmsg *put_tc(struct nl_msg *m, uint32_t ifindex, uint32_t parent, uint32_t handle,
			    uint32_t info)
{
	struct tcmsg *tc = nl_msg_fixed(m, sizeof(*tc));

	if (!tc)
		return NULL;
	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = (int)ifindex;
	tc->tcm_parent = parent;
	tc->tcm_handle = handle;
	tc->tcm_info = info;
	return tc;
}

static void put_filter(struct nl_msg *m, uint16_t type, uint16_t flags, uint32_t ifindex,
		       uint32_t handle, uint32_t pref, uint16_t protocol)
{
	nl_msg_type(m, type, flags);
	put_tc(m, ifindex, PARENT_INGRESS, handle, TC_H_MAKE(pref << 16, htons(protocol)));
}

static void put_pass(struct nl_msg *m, const struct prefix *inner, const struct in6_addr *outer)
{
	const struct in6_addr all_ones = { .s6_addr = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
							0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
							0xff, 0xff, 0xff, 0xff } };
	struct in6_addr mask = prefix_of(&all_ones, inner->len).addr;
	struct nlattr *opts;

	nl_put_str(m, TCA_KIND, "flower");
	opts = nl_nest(m, TCA_OPTIONS | NLA_F_NESTED);
	nl_put_be16(m, TCA_FLOWER_KEY_ETH_TYPE, ETH_P_IPV6);
	nl_put_u32(m, TCA_FLOWER_FLAGS, TCA_CLS_FLAGS_SKIP_HW);
	if (inner->len) {
		nl_put_addr(m, TCA_FLOWER_KEY_IPV6_SRC, &inner->addr);
		nl_put_addr(m, TCA_FLOWER_KEY_IPV6_SRC_MASK, &mask);
	}
	nl_put_addr(m, TCA_FLOWER_KEY_ENC_IPV6_SRC, outer);
	nl_put_addr(m, TCA_FLOWER_KEY_ENC_IPV6_SRC_MASK, &all_ones);
	nl_nest_end(m, opts);
}

/* One action of a list. Returns what to end, see end_action(). */
struct action {
	struct nlattr *place;
	struct nlattr *opts;
};

static struct action begin_action(struct nl_msg *m, uint16_t place, const char *kind)
{
	struct action a = { .place = nl_nest(m, place | NLA_F_NESTED) };

	nl_put_str(m, TCA_ACT_KIND, kind);
	a.opts = nl_nest(m, TCA_ACT_OPTIONS | NLA_F_NESTED);
	return a;
}

static void end_action(struct nl_msg *m, const struct action *a)
{
	nl_nest_end(m, a->opts);
	nl_nest_end(m, a->place);
}

static void put_u64(struct nl_msg *m, uint16_t type, uint64_t v)
{
	nl_put(m, type, &v, sizeof(v));
}

/* At most `per_s` packets go on to the next action, the others are dropped. */
static void put_limit(struct nl_msg *m, uint16_t place, uint32_t per_s)
{
	struct tc_police police = { .action = TC_ACT_SHOT };
	struct action a = begin_action(m, place, "police");

	nl_put(m, TCA_POLICE_TBF, &police, sizeof(police));
	nl_put_u32(m, TCA_POLICE_RESULT, TC_ACT_PIPE);
	put_u64(m, TCA_POLICE_PKTRATE64, per_s);
	/* A second's worth at once, in the kernel's ticks of 64 ns. */
	put_u64(m, TCA_POLICE_PKTBURST64, 1000000000 >> 6);
	end_action(m, &a);
}

/* `bytes` 0: of the whole packet. */
static void put_sample(struct nl_msg *m, uint16_t place, enum sample_user who, uint32_t bytes)
{
	struct tc_sample sample = { .action = TC_ACT_PIPE };
	struct action a = begin_action(m, place, "sample");

	nl_put(m, TCA_SAMPLE_PARMS, &sample, sizeof(sample));
	nl_put_u32(m, TCA_SAMPLE_RATE, 1);
	if (bytes)
		nl_put_u32(m, TCA_SAMPLE_TRUNC_SIZE, bytes);
	nl_put_u32(m, TCA_SAMPLE_PSAMPLE_GROUP, OS_SAMPLE_GROUP + who);
	end_action(m, &a);
}

/* Drops, after a sample of at most `per_s` in a second; 0: of none. */
static void put_sampled_drop(struct nl_msg *m, uint16_t acts_type, uint32_t per_s,
			     enum sample_user who, uint32_t bytes)
{
	struct tc_gact drop = { .action = TC_ACT_SHOT };
	struct nlattr *acts = nl_nest(m, acts_type | NLA_F_NESTED);
	struct action a;
	uint16_t place = 1;

	if (per_s) {
		put_limit(m, place++, per_s);
		put_sample(m, place++, who, bytes);
	}
	a = begin_action(m, place, "gact");
	nl_put(m, TCA_GACT_PARMS, &drop, sizeof(drop));
	end_action(m, &a);
	nl_nest_end(m, acts);
}

static void put_drop(struct nl_msg *m, uint32_t sample_per_s)
{
	struct nlattr *opts;

	nl_put_str(m, TCA_KIND, "flower");
	opts = nl_nest(m, TCA_OPTIONS | NLA_F_NESTED);
	nl_put_u32(m, TCA_FLOWER_FLAGS, TCA_CLS_FLAGS_SKIP_HW);
	put_sampled_drop(m, TCA_FLOWER_ACT, sample_per_s, SAMPLE_STRAYS, SAMPLE_BYTES);
	nl_nest_end(m, opts);
}

static void put_multicast(struct nl_msg *m, uint32_t per_s)
{
	const struct tc_u32_sel sel = { .flags = TC_U32_TERMINAL, .nkeys = 1 };
	const struct tc_u32_key first_byte = { .mask = htonl(0xff000000),
					       .val = htonl(0xff000000),
					       .off = IPV6_DST_AT };
	uint8_t both[sizeof(sel) + sizeof(first_byte)];
	struct nlattr *opts;

	memcpy(both, &sel, sizeof(sel));
	memcpy(both + sizeof(sel), &first_byte, sizeof(first_byte));
	nl_put_str(m, TCA_KIND, "u32");
	opts = nl_nest(m, TCA_OPTIONS | NLA_F_NESTED);
	nl_put(m, TCA_U32_SEL, both, sizeof(both));
	put_sampled_drop(m, TCA_U32_ACT, per_s, SAMPLE_MULTICAST, 0);
	nl_nest_end(m, opts);
}

void filter_encode_qdisc(struct nl_msg *m, uint32_t ifindex)
{
	nl_msg_type(m, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL);
	put_tc(m, ifindex, TC_H_CLSACT, TC_H_MAKE(TC_H_CLSACT, 0), 0);
	nl_put_str(m, TCA_KIND, "clsact");
}

void filter_encode_drop(struct nl_msg *m, uint32_t ifindex, uint32_t per_s)
{
	put_filter(m, RTM_NEWTFILTER, NLM_F_CREATE, ifindex, 1, PREF_DROP, ETH_P_ALL);
	put_drop(m, per_s);
}

void filter_encode(struct nl_msg *m, const struct prefix *inner, const struct in6_addr *outer,
		   uint32_t ifindex, uint32_t handle)
{
	put_filter(m, RTM_NEWTFILTER, NLM_F_CREATE, ifindex, handle, PREF_PASS, ETH_P_IPV6);
	put_pass(m, inner, outer);
}

/* The handle that the kernel gives to the first filter of u32. */
#define U32_FIRST 0x80000800

void filter_encode_multicast(struct nl_msg *m, uint32_t ifindex, uint32_t per_s)
{
	put_filter(m, RTM_NEWTFILTER, NLM_F_CREATE, ifindex, U32_FIRST, PREF_MULTICAST,
		   ETH_P_IPV6);
	put_multicast(m, per_s);
}

int filter_prepare(struct os *os, uint32_t ifindex)
{
	struct nl_msg m = apply_begin(os, &os->route, 0, 0);
	int err;

	filter_encode_qdisc(&m, ifindex);
	err = apply_message(os, &os->route, &m, TOLERATE_EXISTS, 0);
	if (err)
		return err;
	m = apply_begin(os, &os->route, 0, 0);
	filter_encode_drop(&m, ifindex, samples_rate(os, SAMPLE_STRAYS));
	err = apply_message(os, &os->route, &m, 0, 0);
	if (err || !samples_rate(os, SAMPLE_MULTICAST))
		return err;
	m = apply_begin(os, &os->route, 0, 0);
	filter_encode_multicast(&m, ifindex, samples_rate(os, SAMPLE_MULTICAST));
	return apply_message(os, &os->route, &m, 0, 0);
}

/* --- what the kernel has ----------------------------------------------------------- */

struct found {
	struct prefix inner_src;
	struct pass pass;
};

static bool mask_length(const struct nlattr *a, uint8_t *len)
{
	struct in6_addr mask;
	unsigned int n = 0;

	if (!a) {
		*len = 0;
		return true;
	}
	if (!nl_addr(a, &mask))
		return false;
	while (n < 128 && (mask.s6_addr[n / 8] & (0x80 >> (n % 8))))
		n++;
	*len = (uint8_t)n;
	return true;
}

static bool decode_filter(const struct nlmsghdr *h, uint32_t ifindex, struct found *out)
{
	const struct tcmsg *tc = nl_fixed(h, sizeof(*tc));
	const struct nlattr *tb[TCA_MAX + 1];
	const struct nlattr *in[TCA_FLOWER_MAX + 1];
	struct in6_addr src;
	char kind[16];
	uint8_t len;

	if (h->nlmsg_type != RTM_NEWTFILTER || !tc || tc->tcm_ifindex != (int)ifindex ||
	    tc->tcm_handle == 0 || tc->tcm_info >> 16 != PREF_PASS ||
	    !nl_attrs(h, sizeof(*tc), tb, TCA_MAX))
		return false;
	nl_text(tb[TCA_KIND], kind, sizeof(kind));
	nl_attrs_nested(tb[TCA_OPTIONS], in, TCA_FLOWER_MAX);
	memset(out, 0, sizeof(*out));
	(void)nl_addr(in[TCA_FLOWER_KEY_IPV6_SRC], &src);
	if (strcmp(kind, "flower") != 0 ||
	    !nl_addr(in[TCA_FLOWER_KEY_ENC_IPV6_SRC], &out->pass.outer_src) ||
	    !mask_length(in[TCA_FLOWER_KEY_IPV6_SRC_MASK], &len))
		return false;
	out->inner_src = prefix_of(&src, len);
	out->pass.handle = tc->tcm_handle;
	return true;
}

/* A third outer source of one inner source is none of ours. */
static int note_found(struct filter_device *d, const struct found *found)
{
	struct filter *f = find_filter(d, &found->inner_src);

	if (!f)
		f = add_filter(d, &found->inner_src);
	if (!f)
		return -ENOMEM;
	for (size_t i = 0; i < PASSES; i++) {
		if (!f->passes[i].handle) {
			f->passes[i] = found->pass;
			break;
		}
	}
	if (found->pass.handle >= d->next_handle)
		d->next_handle = found->pass.handle + 1;
	return 0;
}

static int on_found(const struct nlmsghdr *h, void *ctx)
{
	struct filter_device *d = ctx;
	struct found found;

	return decode_filter(h, d->ifindex, &found) ? note_found(d, &found) : 0;
}

/* Fills the table of a device from the kernel. */
static int read_filters(struct os *os, struct filter_device *d)
{
	uint8_t buf[256] __attribute__((aligned(8)));
	struct nl_msg m;
	int err;

	nl_msg_init(&m, buf, sizeof(buf));
	nl_msg_type(&m, RTM_GETTFILTER, NLM_F_DUMP);
	put_tc(&m, d->ifindex, PARENT_INGRESS, 0, 0);
	err = nl_transact(&os->ask_route, &m, on_found, d);
	return err == -EINVAL || err == -ENOENT || err == -ENODEV ? 0 : err; /* no clsact */
}

/* The table of a device, filled from the kernel when it is met first. */
static struct filter_device *get_device(struct os *os, uint32_t ifindex)
{
	struct filter_device *d;

	HASH_FIND(hh, os->filters->devices, &ifindex, sizeof(ifindex), d);
	if (d)
		return d;
	d = calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	d->ifindex = ifindex;
	d->next_handle = 1;
	HASH_ADD(hh, os->filters->devices, ifindex, sizeof(d->ifindex), d);
	if (read_filters(os, d)) {
		device_free(os->filters, d);
		return NULL;
	}
	return d;
}

static int tell_filters(const struct filter_device *d, const char *name,
			int (*fn)(const struct kobj *o, void *ctx), void *ctx)
{
	struct filter *f;
	struct filter *tmp;
	int err;

	HASH_ITER(hh, d->by_inner, f, tmp)
	{
		struct kobj o = { .type = KOBJ_TUNNEL_FILTER };

		memcpy(o.filter.tunnel, name, strnlen(name, sizeof(o.filter.tunnel) - 1));
		o.filter.inner_src = f->inner_src;
		o.filter.outer_src = f->passes[0].outer_src;
		o.filter.also_src = f->passes[1].outer_src;
		err = fn(&o, ctx);
		if (err)
			return err;
	}
	return 0;
}

int filter_scan(struct os *os, uint32_t ifindex, const char *name,
		int (*fn)(const struct kobj *o, void *ctx), void *ctx)
{
	struct filters seen = { .devices = NULL };
	struct filter_device *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		return -ENOMEM;
	d->ifindex = ifindex;
	HASH_ADD(hh, seen.devices, ifindex, sizeof(d->ifindex), d);
	err = read_filters(os, d);
	if (!err)
		err = tell_filters(d, name, fn, ctx);
	device_free(&seen, d);
	return err;
}

/* --- changes ------------------------------------------------------------------------- */

static int put_pass_filter(struct os *os, struct filter_device *d, const struct filter *f,
			   const struct pass *p)
{
	struct nl_msg m = apply_begin(os, &os->route, 0, 0);

	filter_encode(&m, &f->inner_src, &p->outer_src, d->ifindex, p->handle);
	return apply_message(os, &os->route, &m, 0, 0);
}

static int delete_pass(struct os *os, struct filter_device *d, struct pass *p)
{
	struct nl_msg m = apply_begin(os, &os->route, 0, 0);

	put_filter(&m, RTM_DELTFILTER, 0, d->ifindex, p->handle, PREF_PASS, ETH_P_IPV6);
	nl_put_str(&m, TCA_KIND, "flower");
	keep_handle(d, p->handle);
	memset(p, 0, sizeof(*p));
	return apply_message(os, &os->route, &m, TOLERATE_MISSING, 0);
}

static int delete_filter(struct os *os, struct filter_device *d, struct filter *f)
{
	int err = 0;

	for (size_t i = 0; i < PASSES && !err; i++) {
		if (f->passes[i].handle)
			err = delete_pass(os, d, &f->passes[i]);
	}
	drop_filter(d, f);
	return err;
}

/* The one that has this source, else one that may be replaced, else a free one. */
static struct pass *choose_pass(struct filter *f, const struct in6_addr *outer,
				const bool taken[PASSES])
{
	struct pass *best = NULL;

	for (size_t i = 0; i < PASSES; i++) {
		struct pass *p = &f->passes[i];

		if (taken[i])
			continue;
		if (p->handle && addr_equal(&p->outer_src, outer))
			return p;
		if (!best || (p->handle && !best->handle))
			best = p;
	}
	return best;
}

/* All are put, also those that the table has: somebody may have removed them. */
static int put_filter_passes(struct os *os, struct filter_device *d, struct filter *f,
			     const struct kobj_tunnel_filter *want)
{
	const struct in6_addr *sources[PASSES] = { &want->also_src, &want->outer_src };
	bool taken[PASSES] = { false };
	int err = 0;

	for (size_t i = 0; i < PASSES && !err; i++) {
		struct pass *p;

		if (addr_is_unspecified(sources[i]))
			continue;
		p = choose_pass(f, sources[i], taken);
		if (!p->handle)
			p->handle = new_handle(d);
		if (!p->handle)
			return -ENOSPC;
		p->outer_src = *sources[i];
		taken[p - f->passes] = true;
		err = put_pass_filter(os, d, f, p);
	}
	for (size_t i = 0; i < PASSES && !err; i++) {
		if (!taken[i] && f->passes[i].handle)
			err = delete_pass(os, d, &f->passes[i]);
	}
	return err;
}

int filter_change(struct os *os, const struct kchange *c)
{
	const struct kobj_tunnel_filter *want = &c->obj.filter;
	struct kdev dev = { .ifindex = 0 };
	struct filter_device *d;
	struct filter *f;
	uint32_t ifindex;

	memcpy(dev.name, want->tunnel, sizeof(dev.name));
	ifindex = object_device(os, &dev);
	if (!ifindex) /* filters go with their device */
		return c->op == KCHANGE_DELETE ? 0 : -ENODEV;
	d = get_device(os, ifindex);
	if (!d)
		return -ENOMEM;
	f = find_filter(d, &want->inner_src);
	if (c->op == KCHANGE_DELETE)
		return f ? delete_filter(os, d, f) : 0;
	if (!f)
		f = add_filter(d, &want->inner_src);
	return f ? put_filter_passes(os, d, f, want) : -ENOMEM;
}
