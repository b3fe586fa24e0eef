// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What nftables do to one protocol, judged from a dump of chains and rules. A base
 * chain is closed when its policy is to drop, or its last rule drops everything, and
 * no rule of its table (which may be in a chain that it jumps to) accepts the
 * protocol wanted. A rule is understood as far as that needs: which protocol it
 * compares with, which device name, whether it accepts or drops. Rules that look
 * the protocol up in a set count as accepting: better silent than a false alarm.
 */
#include "os/preflight.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#define CHAINS_MAX     64
#define NEXT_HEADER_AT 6 /* in the IPv6 header */

struct chain {
	uint8_t family;
	char table[32];
	char name[32];
	unsigned int hook;
	bool closed; /* by its policy, or by what was its last rule so far */
	bool policy_drop;
};

/* A judgement under way. */
struct judgement {
	const struct firewall_hook *hook;
	struct chain chains[CHAINS_MAX]; /* base chains at the hook */
	bool open[CHAINS_MAX];		 /* some rule accepts what is wanted */
	size_t count;
};

/* What a rule says, as far as it was understood. */
struct rule {
	bool conditional;   /* compares something */
	bool protocol_next; /* the register holds the protocol */
	bool device_next;   /* ... the name of a device */
	bool right;	    /* compares with the protocol or device wanted */
	bool accepts;	    /* or jumps, which may */
	bool drops;
};

/* --- chains -------------------------------------------------------------------------- */

static int on_chain(const struct nlmsghdr *h, void *ctx)
{
	const struct nlattr *tb[NFTA_CHAIN_MAX + 1];
	const struct nlattr *hook[NFTA_HOOK_MAX + 1];
	const struct nfgenmsg *fixed = nl_fixed(h, sizeof(*fixed));
	struct judgement *j = ctx;
	struct chain *c = &j->chains[j->count];

	if (!fixed || !nl_attrs(h, sizeof(*fixed), tb, NFTA_CHAIN_MAX) || !tb[NFTA_CHAIN_HOOK] ||
	    (fixed->nfgen_family != NFPROTO_INET && fixed->nfgen_family != NFPROTO_IPV6))
		return 0;
	nl_attrs_nested(tb[NFTA_CHAIN_HOOK], hook, NFTA_HOOK_MAX);
	if (ntohl(nl_u32(hook[NFTA_HOOK_HOOKNUM], UINT32_MAX)) != j->hook->hook ||
	    j->count == CHAINS_MAX)
		return 0;
	memset(c, 0, sizeof(*c));
	c->family = fixed->nfgen_family;
	nl_text(tb[NFTA_CHAIN_TABLE], c->table, sizeof(c->table));
	nl_text(tb[NFTA_CHAIN_NAME], c->name, sizeof(c->name));
	c->policy_drop = ntohl(nl_u32(tb[NFTA_CHAIN_POLICY], htonl(NF_ACCEPT))) == NF_DROP;
	c->closed = c->policy_drop;
	j->count++;
	return 0;
}

/* --- rules ---------------------------------------------------------------------------- */

static void see_meta(const struct nlattr *data, struct rule *r)
{
	const struct nlattr *tb[NFTA_META_MAX + 1];
	uint32_t key;

	nl_attrs_nested(data, tb, NFTA_META_MAX);
	key = ntohl(nl_u32(tb[NFTA_META_KEY], 0));
	r->protocol_next = key == NFT_META_L4PROTO;
	r->device_next = key == NFT_META_IIFNAME || key == NFT_META_OIFNAME;
}

static void see_payload(const struct nlattr *data, struct rule *r)
{
	const struct nlattr *tb[NFTA_PAYLOAD_MAX + 1];

	nl_attrs_nested(data, tb, NFTA_PAYLOAD_MAX);
	r->device_next = false;
	r->protocol_next =
		ntohl(nl_u32(tb[NFTA_PAYLOAD_BASE], UINT32_MAX)) == NFT_PAYLOAD_NETWORK_HEADER &&
		ntohl(nl_u32(tb[NFTA_PAYLOAD_OFFSET], 0)) == NEXT_HEADER_AT &&
		ntohl(nl_u32(tb[NFTA_PAYLOAD_LEN], 0)) == 1;
}

static void see_cmp(const struct nlattr *data, const struct firewall_hook *h, struct rule *r)
{
	const struct nlattr *tb[NFTA_CMP_MAX + 1];
	const struct nlattr *value[NFTA_DATA_MAX + 1];
	const uint8_t *bytes;

	nl_attrs_nested(data, tb, NFTA_CMP_MAX);
	nl_attrs_nested(tb[NFTA_CMP_DATA], value, NFTA_DATA_MAX);
	r->conditional = true;
	if (ntohl(nl_u32(tb[NFTA_CMP_OP], UINT32_MAX)) != NFT_CMP_EQ)
		return;
	bytes = nl_data(value[NFTA_DATA_VALUE], 1);
	if (r->protocol_next && h->proto && bytes && bytes[0] == h->proto)
		r->right = true;
	if (!r->device_next || !h->device)
		return;
	bytes = nl_data(value[NFTA_DATA_VALUE], strlen(h->device));
	if (bytes && memcmp(bytes, h->device, strlen(h->device)) == 0)
		r->right = true;
}

static void see_immediate(const struct nlattr *data, struct rule *r)
{
	const struct nlattr *tb[NFTA_IMMEDIATE_MAX + 1];
	const struct nlattr *value[NFTA_DATA_MAX + 1];
	const struct nlattr *verdict[NFTA_VERDICT_MAX + 1];

	nl_attrs_nested(data, tb, NFTA_IMMEDIATE_MAX);
	nl_attrs_nested(tb[NFTA_IMMEDIATE_DATA], value, NFTA_DATA_MAX);
	nl_attrs_nested(value[NFTA_DATA_VERDICT], verdict, NFTA_VERDICT_MAX);
	if (!verdict[NFTA_VERDICT_CODE])
		return;
	switch ((int)ntohl(nl_u32(verdict[NFTA_VERDICT_CODE], 0))) {
	case NF_ACCEPT:
	case NFT_JUMP:
	case NFT_GOTO:
		r->accepts = true;
		break;
	case NF_DROP:
		r->drops = true;
		break;
	}
}

struct sight {
	const struct firewall_hook *hook;
	struct rule rule;
};

static int see_expression(const struct nlattr *expr, void *ctx)
{
	struct sight *s = ctx;
	const struct firewall_hook *h = s->hook;
	struct rule *r = &s->rule;
	const struct nlattr *tb[NFTA_EXPR_MAX + 1];
	char name[16];

	nl_attrs_nested(expr, tb, NFTA_EXPR_MAX);
	nl_text(tb[NFTA_EXPR_NAME], name, sizeof(name));
	if (strcmp(name, "meta") == 0)
		see_meta(tb[NFTA_EXPR_DATA], r);
	else if (strcmp(name, "payload") == 0)
		see_payload(tb[NFTA_EXPR_DATA], r);
	else if (strcmp(name, "cmp") == 0)
		see_cmp(tb[NFTA_EXPR_DATA], h, r);
	else if (strcmp(name, "immediate") == 0)
		see_immediate(tb[NFTA_EXPR_DATA], r);
	else if (strcmp(name, "reject") == 0)
		r->drops = true;
	else if (strcmp(name, "lookup") == 0)
		r->right |= r->protocol_next || r->device_next;
	if (strcmp(name, "counter") != 0 && strcmp(name, "immediate") != 0 &&
	    strcmp(name, "reject") != 0 && strcmp(name, "log") != 0)
		r->conditional = true;
	return MNL_CB_OK;
}

static void weigh_rule(struct judgement *j, uint8_t family, const char *table, const char *chain,
		       const struct rule *r)
{
	size_t i;

	for (i = 0; i < j->count; i++) {
		struct chain *c = &j->chains[i];

		if (c->family != family || strcmp(c->table, table) != 0)
			continue;
		if (r->accepts && (r->right || (!r->conditional && strcmp(c->name, chain) == 0)))
			j->open[i] = true;
		if (strcmp(c->name, chain) == 0)
			c->closed = c->policy_drop || (r->drops && !r->conditional);
	}
}

static int on_rule(const struct nlmsghdr *h, void *ctx)
{
	const struct nlattr *tb[NFTA_RULE_MAX + 1];
	const struct nfgenmsg *fixed = nl_fixed(h, sizeof(*fixed));
	struct judgement *j = ctx;
	struct sight s = { .hook = j->hook };
	char table[32];
	char chain[32];

	if (!fixed || !nl_attrs(h, sizeof(*fixed), tb, NFTA_RULE_MAX))
		return 0;
	nl_text(tb[NFTA_RULE_TABLE], table, sizeof(table));
	nl_text(tb[NFTA_RULE_CHAIN], chain, sizeof(chain));
	if (tb[NFTA_RULE_EXPRESSIONS])
		mnl_attr_parse_nested(tb[NFTA_RULE_EXPRESSIONS], see_expression, &s);
	weigh_rule(j, fixed->nfgen_family, table, chain, &s.rule);
	return 0;
}

/* --- all together ------------------------------------------------------------------------ */

static int dump(struct nl_sock *s, uint16_t what, nl_fn *fn, struct judgement *j)
{
	uint8_t buf[64] __attribute__((aligned(8)));
	struct nfgenmsg *fixed;
	struct nl_msg m;

	nl_msg_init(&m, buf, sizeof(buf));
	nl_msg_type(&m, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | what), NLM_F_DUMP);
	fixed = nl_msg_fixed(&m, sizeof(*fixed));
	if (fixed) {
		fixed->nfgen_family = NFPROTO_UNSPEC;
		fixed->version = NFNETLINK_V0;
	}
	return nl_transact(s, &m, fn, j);
}

int firewall_judge_nft(struct nl_sock *s, const struct firewall_hook *h,
		       enum firewall_verdict *out, char name[FIREWALL_NAME_MAX])
{
	struct judgement j = { .hook = h };
	size_t i;
	int err = dump(s, NFT_MSG_GETCHAIN, on_chain, &j);

	if (!err)
		err = dump(s, NFT_MSG_GETRULE, on_rule, &j);
	if (err && err != -EINTR)
		return err;
	*out = FIREWALL_OPEN;
	for (i = 0; i < j.count; i++)
		if (j.chains[i].closed && !j.open[i]) {
			*out = FIREWALL_CLOSED;
			snprintf(name, FIREWALL_NAME_MAX, "%s %s %s",
				 j.chains[i].family == NFPROTO_INET ? "inet" : "ip6",
				 j.chains[i].table, j.chains[i].name);
			break;
		}
	return 0;
}
