// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tunnel source filters: RFC 6275 section 10.4.5 has the home agent verify that
 * the source of the outer header is the care-of address bound to the inner
 * source; a mobile node likewise accepts from its home agent only (11.3.1). The
 * shared tunnel takes packets from anywhere, so its ingress has tc filters:
 *
 *	preference 1     flower: inner source, outer source -> pass
 *	preference 65000 flower without a key -> drop, which also counts them; before
 *			 that, a sample may go to stray.c
 *
 * The kernel finds flower filters by hash over all keys, one hash table for each
 * set of masks, so a hundred thousand cost a packet no more than one does. It
 * names them by a handle of 32 bits that we choose. Replacing by handle
 * exchanges the filter without a moment with neither. The filters that pass have
 * no action: the kernel takes that for "pass", and it saves an action's memory.
 *
 * Here stands, for each device, a table from inner source to handle, so that
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

#define PREF_PASS 1
#define PREF_DROP 65000
#define SAMPLE_BYTES 64 /* the IPv6 header */
#define PARENT_INGRESS TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)

struct filter {
	struct prefix inner_src; /* key, padding zeroed */
	uint32_t handle;
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

static struct filter *add_filter(struct filter_device *d, const struct prefix *inner,
				 uint32_t handle)
{
	struct filter *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->inner_src = filter_key(inner);
	f->handle = handle;
	HASH_ADD(hh, d->by_inner, inner_src, sizeof(f->inner_src), f);
	if (handle >= d->next_handle)
		d->next_handle = handle + 1;
	return f;
}

static struct filter *new_filter(struct filter_device *d, const struct prefix *inner)
{
	if (d->spare_count)
		return add_filter(d, inner, d->spare[--d->spare_count]);
	if (d->next_handle > INT32_MAX)
		return NULL;
	return add_filter(d, inner, d->next_handle);
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
	keep_handle(d, f->handle);
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

static void put_pass(struct nl_msg *m, const struct kobj_tunnel_filter *f)
{
	const struct in6_addr all_ones = { .s6_addr = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
							0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
							0xff, 0xff, 0xff, 0xff } };
	struct in6_addr mask = prefix_of(&all_ones, f->inner_src.len).addr;
	struct nlattr *opts;

	nl_put_str(m, TCA_KIND, "flower");
	opts = nl_nest(m, TCA_OPTIONS | NLA_F_NESTED);
	nl_put_be16(m, TCA_FLOWER_KEY_ETH_TYPE, ETH_P_IPV6);
	nl_put_u32(m, TCA_FLOWER_FLAGS, TCA_CLS_FLAGS_SKIP_HW);
	if (f->inner_src.len) {
		nl_put_addr(m, TCA_FLOWER_KEY_IPV6_SRC, &f->inner_src.addr);
		nl_put_addr(m, TCA_FLOWER_KEY_IPV6_SRC_MASK, &mask);
	}
	nl_put_addr(m, TCA_FLOWER_KEY_ENC_IPV6_SRC, &f->outer_src);
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

static void put_sample(struct nl_msg *m, uint16_t place)
{
	struct tc_sample sample = { .action = TC_ACT_PIPE };
	struct action a = begin_action(m, place, "sample");

	nl_put(m, TCA_SAMPLE_PARMS, &sample, sizeof(sample));
	nl_put_u32(m, TCA_SAMPLE_RATE, 1);
	nl_put_u32(m, TCA_SAMPLE_TRUNC_SIZE, SAMPLE_BYTES);
	nl_put_u32(m, TCA_SAMPLE_PSAMPLE_GROUP, OS_SAMPLE_GROUP);
	end_action(m, &a);
}

static void put_drop(struct nl_msg *m, uint32_t sample_per_s)
{
	struct tc_gact drop = { .action = TC_ACT_SHOT };
	struct nlattr *opts;
	struct nlattr *acts;
	struct action a;
	uint16_t place = 1;

	nl_put_str(m, TCA_KIND, "flower");
	opts = nl_nest(m, TCA_OPTIONS | NLA_F_NESTED);
	nl_put_u32(m, TCA_FLOWER_FLAGS, TCA_CLS_FLAGS_SKIP_HW);
	acts = nl_nest(m, TCA_FLOWER_ACT | NLA_F_NESTED);
	if (sample_per_s) {
		put_limit(m, place++, sample_per_s);
		put_sample(m, place++);
	}
	a = begin_action(m, place, "gact");
	nl_put(m, TCA_GACT_PARMS, &drop, sizeof(drop));
	end_action(m, &a);
	nl_nest_end(m, acts);
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

void filter_encode(struct nl_msg *m, const struct kobj_tunnel_filter *f, uint32_t ifindex,
		   uint32_t handle)
{
	put_filter(m, RTM_NEWTFILTER, NLM_F_CREATE, ifindex, handle, PREF_PASS, ETH_P_IPV6);
	put_pass(m, f);
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
	filter_encode_drop(&m, ifindex, stray_rate(os));
	return apply_message(os, &os->route, &m, 0, 0);
}

/* --- what the kernel has ----------------------------------------------------------- */

struct found {
	uint32_t handle;
	struct kobj_tunnel_filter f;
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
	    !nl_addr(in[TCA_FLOWER_KEY_ENC_IPV6_SRC], &out->f.outer_src) ||
	    !mask_length(in[TCA_FLOWER_KEY_IPV6_SRC_MASK], &len))
		return false;
	out->f.inner_src = prefix_of(&src, len);
	out->handle = tc->tcm_handle;
	return true;
}

struct dump {
	uint32_t ifindex;
	struct filter_device *device; /* NULL: only tell */
	const char *name;
	int (*fn)(const struct kobj *o, void *ctx);
	void *ctx;
};

static int dump_message(const struct nlmsghdr *h, void *ctx)
{
	struct dump *d = ctx;
	struct kobj o = { .type = KOBJ_TUNNEL_FILTER };
	struct found found;

	if (!decode_filter(h, d->ifindex, &found))
		return 0;
	if (d->device && !find_filter(d->device, &found.f.inner_src) &&
	    !add_filter(d->device, &found.f.inner_src, found.handle))
		return -ENOMEM;
	if (!d->fn)
		return 0;
	o.filter = found.f;
	memcpy(o.filter.tunnel, d->name, sizeof(o.filter.tunnel));
	return d->fn(&o, d->ctx);
}

static int dump_filters(struct os *os, struct dump *d)
{
	uint8_t buf[256] __attribute__((aligned(8)));
	struct nl_msg m;
	int err;

	nl_msg_init(&m, buf, sizeof(buf));
	nl_msg_type(&m, RTM_GETTFILTER, NLM_F_DUMP);
	put_tc(&m, d->ifindex, PARENT_INGRESS, 0, 0);
	err = nl_transact(&os->ask_route, &m, dump_message, d);
	return err == -EINVAL || err == -ENOENT || err == -ENODEV ? 0 : err; /* no clsact */
}

/* The table of a device, filled from the kernel when it is met first. */
static struct filter_device *get_device(struct os *os, uint32_t ifindex)
{
	struct filter_device *d;
	struct dump dump = { .ifindex = ifindex };

	HASH_FIND(hh, os->filters->devices, &ifindex, sizeof(ifindex), d);
	if (d)
		return d;
	d = calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	d->ifindex = ifindex;
	d->next_handle = 1;
	HASH_ADD(hh, os->filters->devices, ifindex, sizeof(d->ifindex), d);
	dump.device = d;
	if (dump_filters(os, &dump)) {
		device_free(os->filters, d);
		return NULL;
	}
	return d;
}

int filter_scan(struct os *os, uint32_t ifindex, const char *name,
		int (*fn)(const struct kobj *o, void *ctx), void *ctx)
{
	char text[IFNAMSIZ] = "";
	struct dump dump = { .ifindex = ifindex, .name = text, .fn = fn, .ctx = ctx };

	memcpy(text, name, strnlen(name, sizeof(text) - 1));
	return dump_filters(os, &dump);
}

/* --- changes ------------------------------------------------------------------------- */

static int delete_filter(struct os *os, struct filter_device *d, const struct prefix *inner)
{
	struct filter *f = find_filter(d, inner);
	struct nl_msg m;

	if (!f)
		return 0;
	m = apply_begin(os, &os->route, 0, 0);
	put_filter(&m, RTM_DELTFILTER, 0, d->ifindex, f->handle, PREF_PASS, ETH_P_IPV6);
	nl_put_str(&m, TCA_KIND, "flower");
	drop_filter(d, f);
	return apply_message(os, &os->route, &m, TOLERATE_MISSING, 0);
}

int filter_change(struct os *os, const struct kchange *c)
{
	const struct kobj_tunnel_filter *want = &c->obj.filter;
	struct kdev dev = { .ifindex = 0 };
	struct filter_device *d;
	struct filter *f;
	uint32_t ifindex;
	struct nl_msg m;

	memcpy(dev.name, want->tunnel, sizeof(dev.name));
	ifindex = object_device(os, &dev);
	if (!ifindex) /* filters go with their device */
		return c->op == KCHANGE_DELETE ? 0 : -ENODEV;
	d = get_device(os, ifindex);
	if (!d)
		return -ENOMEM;
	if (c->op == KCHANGE_DELETE)
		return delete_filter(os, d, &want->inner_src);
	f = find_filter(d, &want->inner_src);
	if (!f)
		f = new_filter(d, &want->inner_src);
	if (!f)
		return -ENOMEM;
	m = apply_begin(os, &os->route, 0, 0);
	filter_encode(&m, want, ifindex, f->handle);
	return apply_message(os, &os->route, &m, 0, 0);
}
