// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * XFRM policies. Most are one message. Those with parts (see kernel.h) are kept in
 * a table here, because the kernel knows only the sum: when a part comes or goes,
 * the policy is replaced by one with the templates of all parts that are there, and
 * deleted with the last. What a predecessor left comes into the table by a scan. The
 * kernel puts headers into their right order by itself (RFC 6275 6.3: the Home Address
 * option comes after the routing header).
 *
 * An IPsec policy for a tunnel between one address, the home address, and everybody has an
 * end that moves. Security associations that an administrator made stand at the home
 * address at first. When the policy comes, they are moved with it to the care-of address,
 * from there to the next (RFC 6275 10.4.6), and back to the home address when it goes, to
 * be used again (RFC 3776 4.2).
 */
#include "os/linux.h"

#include <errno.h>
#include <linux/xfrm.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "os/xfrm.h"

/* Filled field by field, holes zeroed: compared as bytes. */
struct policy_key {
	struct in6_addr src;
	struct in6_addr dst;
	uint32_t ifindex;
	int32_t type;
	uint8_t src_len;
	uint8_t dst_len;
	uint8_t proto;
	uint8_t dir;
	uint8_t sub;
	uint8_t zero[3];
};

struct parted {
	struct policy_key key;
	struct kobj_xfrm_policy part[KXFRM_PART_COUNT];
	bool have[KXFRM_PART_COUNT];
	UT_hash_handle hh;
};

struct policies {
	struct parted *parted;
};

int policies_init(struct os *os)
{
	os->policies = calloc(1, sizeof(*os->policies));
	return os->policies ? 0 : -ENOMEM;
}

void policies_free(struct os *os)
{
	struct parted *p;
	struct parted *tmp;

	if (!os->policies)
		return;
	HASH_ITER(hh, os->policies->parted, p, tmp)
	{
		HASH_DEL(os->policies->parted, p);
		free(p);
	}
	free(os->policies);
	os->policies = NULL;
}

static void make_key(const struct kobj_xfrm_policy *p, struct policy_key *key)
{
	memset(key, 0, sizeof(*key));
	key->src = p->sel.src.addr;
	key->dst = p->sel.dst.addr;
	key->ifindex = p->sel.ifindex;
	key->type = p->sel.type;
	key->src_len = p->sel.src.len;
	key->dst_len = p->sel.dst.len;
	key->proto = p->sel.proto;
	key->dir = (uint8_t)p->dir;
	key->sub = p->sub;
}

static int send_policy(struct os *os, const struct kobj_xfrm_policy *p, bool del)
{
	struct nl_msg m = apply_begin(os, &os->xfrm, 0, 0);

	xfrm_encode_policy(&m, p, del);
	if (m.bad)
		return -EINVAL;
	return apply_message(os, &os->xfrm, &m, del ? TOLERATE_MISSING : TOLERATE_NOTHING, 0);
}

/* All parts that are there as one. False when none is. */
static bool sum_parts(const struct parted *all, struct kobj_xfrm_policy *sum)
{
	bool any = false;
	size_t i;
	size_t t;

	for (i = 0; i < KXFRM_PART_COUNT; i++) {
		const struct kobj_xfrm_policy *p = &all->part[i];

		if (!all->have[i])
			continue;
		if (!any) {
			*sum = *p;
			any = true;
			continue;
		}
		for (t = 0; t < p->tmpl_count && sum->tmpl_count < KXFRM_TMPL_MAX; t++)
			sum->tmpl[sum->tmpl_count++] = p->tmpl[t];
		if (p->priority < sum->priority)
			sum->priority = p->priority;
		sum->block |= p->block;
	}
	return any;
}

static struct parted *get_parted(struct os *os, const struct policy_key *key, bool make)
{
	struct parted *p;

	HASH_FIND(hh, os->policies->parted, key, sizeof(*key), p);
	if (p || !make)
		return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->key = *key;
	HASH_ADD(hh, os->policies->parted, key, sizeof(p->key), p);
	return p;
}

static int change_part(struct os *os, const struct kobj_xfrm_policy *part, bool del)
{
	struct kobj_xfrm_policy sum;
	struct policy_key key;
	struct parted *p;

	make_key(part, &key);
	p = get_parted(os, &key, !del);
	if (!p) /* to be deleted: a predecessor's, if anybody's */
		return del ? send_policy(os, part, true) : -ENOMEM;
	p->have[part->part] = !del;
	if (!del)
		p->part[part->part] = *part;
	if (sum_parts(p, &sum))
		return send_policy(os, &sum, false);
	HASH_DEL(os->policies->parted, p);
	free(p);
	return send_policy(os, part, true);
}

/* --- tunnels with an end that moves ------------------------------------------------ */

/* A tunnel of IPsec between one address and everybody: RFC 3776 5.2.2. */
static bool is_moving(const struct kobj_xfrm_policy *p)
{
	return !p->sub && p->tmpl_count == 1 && p->tmpl[0].mode == KXFRM_TUNNEL &&
	       (p->sel.src.len == 128) != (p->sel.dst.len == 128);
}

/* Where security associations are while the node is not away (RFC 3776 5.2.2: "it can be
 * initialized to the home address"). */
static struct kxfrm_tmpl at_rest(const struct kobj_xfrm_policy *p)
{
	struct kxfrm_tmpl t = p->tmpl[0];

	if (p->sel.src.len == 128)
		t.src = p->sel.src.addr;
	else
		t.dst = p->sel.dst.addr;
	return t;
}

/* What comes after it makes the policy right in any case; it is there for the security
 * associations, and for key exchange daemons, which hear of it. */
static int send_migrate(struct os *os, const struct kobj_xfrm_policy *p,
			const struct kxfrm_tmpl *from, const struct kxfrm_tmpl *to)
{
	struct nl_msg m;

	if (addr_equal(&from->src, &to->src) && addr_equal(&from->dst, &to->dst))
		return 0;
	m = apply_begin(os, &os->xfrm, 0, 0);
	xfrm_encode_migrate(&m, p, from, to);
	return apply_message(os, &os->xfrm, &m, TOLERATE_MISSING | NO_BLAME, 0);
}

static int change_moving(struct os *os, const struct kchange *c)
{
	const struct kobj_xfrm_policy *p = &c->obj.policy;
	struct kobj_xfrm_policy first = *p;
	int err = 0;

	first.tmpl[0] = at_rest(p);
	if (c->op == KCHANGE_DELETE) {
		err = send_migrate(os, p, &p->tmpl[0], &first.tmpl[0]);
		return err ? err : send_policy(os, p, true);
	}
	if (c->op == KCHANGE_REPLACE && is_moving(&c->was.policy))
		first.tmpl[0] = c->was.policy.tmpl[0];
	else
		err = send_policy(os, &first, false);
	if (!err)
		err = send_migrate(os, p, &first.tmpl[0], &p->tmpl[0]);
	return err ? err : send_policy(os, p, false);
}

int policy_change(struct os *os, const struct kchange *c)
{
	const struct kobj_xfrm_policy *p = &c->obj.policy;
	bool del = c->op == KCHANGE_DELETE;

	if (p->priority > OS_POLICY_LAST - OS_POLICY_FIRST || p->tmpl_count > KXFRM_TMPL_MAX ||
	    (unsigned int)p->part >= KXFRM_PART_COUNT)
		return -EINVAL;
	if (p->part != KXFRM_WHOLE)
		return change_part(os, p, del);
	return is_moving(p) ? change_moving(os, c) : send_policy(os, p, del);
}

/* A predecessor's part, or one of ours that is known already. */
static int note_part(struct os *os, const struct kobj_xfrm_policy *part)
{
	struct policy_key key;
	struct parted *p;

	make_key(part, &key);
	p = get_parted(os, &key, true);
	if (!p)
		return -ENOMEM;
	if (!p->have[part->part])
		p->part[part->part] = *part;
	p->have[part->part] = true;
	return 0;
}

int policy_tell_parts(struct os *os, const struct kobj *o,
		      int (*fn)(const struct kobj *o, void *ctx), void *ctx)
{
	struct kobj part = *o;
	size_t i;
	int err = 0;

	/* Parts are made between two addresses only. */
	if (o->policy.dir != KXFRM_OUT || !o->policy.sub || !o->policy.tmpl_count ||
	    o->policy.sel.src.len < 128 || o->policy.sel.dst.len < 128)
		return fn(o, ctx);
	for (i = 0; !err && i < o->policy.tmpl_count; i++) {
		const struct kxfrm_tmpl *t = &o->policy.tmpl[i];

		part.policy.part = t->proto == KXFRM_RH2 ? KXFRM_PART_RH2 : KXFRM_PART_HAO;
		part.policy.tmpl_count = 1;
		memset(part.policy.tmpl, 0, sizeof(part.policy.tmpl));
		part.policy.tmpl[0] = *t;
		err = note_part(os, &part.policy);
		if (!err)
			err = fn(&part, ctx);
	}
	return err;
}

/* --- how policies are found --------------------------------------------------------- */

static struct nl_msg begin_spd(uint8_t *buf, size_t size, uint16_t type)
{
	struct nl_msg m;
	uint32_t *flags;

	nl_msg_init(&m, buf, size);
	nl_msg_type(&m, type, 0);
	flags = nl_msg_fixed(&m, sizeof(*flags));
	if (flags)
		*flags = UINT32_MAX; /* all there is to know */
	return m;
}

static int on_spd(const struct nlmsghdr *h, void *ctx)
{
	const struct nlattr *tb[XFRMA_SPD_MAX + 1];
	const struct xfrmu_spdhthresh *t;

	if (h->nlmsg_type != XFRM_MSG_NEWSPDINFO ||
	    !nl_attrs(h, sizeof(uint32_t), tb, XFRMA_SPD_MAX))
		return 0;
	t = nl_data(tb[XFRMA_SPD_IPV6_HTHRESH], sizeof(*t));
	if (t)
		*(struct xfrmu_spdhthresh *)ctx = *t;
	return 0;
}

static int read_thresholds(struct os *os, struct xfrmu_spdhthresh *out)
{
	uint8_t buf[64] __attribute__((aligned(8)));
	struct nl_msg m = begin_spd(buf, sizeof(buf), XFRM_MSG_GETSPDINFO);
	int err;

	*out = (struct xfrmu_spdhthresh){ .lbits = UINT8_MAX };
	err = nl_transact(&os->ask_xfrm, &m, on_spd, out);
	if (err)
		return err;
	return out->lbits == UINT8_MAX ? -ENOTSUP : 0;
}

int policy_hash_read(struct os *os, int32_t *local_bits)
{
	struct xfrmu_spdhthresh t;
	int err = read_thresholds(os, &t);

	*local_bits = t.lbits;
	return err;
}

int policy_hash_write(struct os *os, int32_t local_bits)
{
	uint8_t buf[64] __attribute__((aligned(8)));
	struct xfrmu_spdhthresh t;
	struct nl_msg m;
	int err = read_thresholds(os, &t);

	if (err)
		return err;
	t.lbits = (uint8_t)local_bits;
	m = begin_spd(buf, sizeof(buf), XFRM_MSG_NEWSPDINFO);
	nl_put(&m, XFRMA_SPD_IPV6_HTHRESH, &t, sizeof(t));
	return nl_transact(&os->ask_xfrm, &m, NULL, NULL);
}
