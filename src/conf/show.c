// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * --show-config: the effective configuration in the dialect, option by option in
 * the order of the option table, so that it reads back to an equal one. Options
 * of other roles and those without effect are left out.
 */
#include "conf/show.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "conf/value.h"

/* The status that reads as "deny". */
#define STATUS_DENY 129

static const char *bool_text(bool b)
{
	return b ? "enabled" : "disabled";
}

static void show_addr(FILE *out, const struct in6_addr *a)
{
	struct addr_buf buf;

	fputs(addr_text(a, &buf), out);
}

static void show_prefix(FILE *out, const struct prefix *p)
{
	struct addr_buf buf;

	fputs(prefix_text(p, &buf), out);
}

/* A prefix; all 128 bits of it are an address. */
static void show_who(FILE *out, const struct prefix *p)
{
	if (p->len == 128)
		show_addr(out, &p->addr);
	else
		show_prefix(out, p);
}

static void show_status(FILE *out, uint8_t status)
{
	if (status == 0)
		fputs("allow", out);
	else if (status == STATUS_DENY)
		fputs("deny", out);
	else
		fprintf(out, "%u", status);
}

static void show_mnps(FILE *out, const struct prefix *mnps, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		fputs(i ? ", " : " (", out);
		show_prefix(out, &mnps[i]);
	}
	if (count)
		putc(')', out);
}

void conf_show_acl(FILE *out, const struct conf_acl *a)
{
	show_who(out, &a->who);
	show_mnps(out, a->mnps, a->mnp_count);
	putc(' ', out);
	show_status(out, a->status);
}

void conf_show_cn_policy(FILE *out, const struct conf_cn_policy *p)
{
	show_who(out, &p->peer);
	if (p->local.len) {
		putc(' ', out);
		show_who(out, &p->local);
	}
	fprintf(out, " %s", bool_text(p->accept));
}

void conf_show_ro_policy(FILE *out, const struct conf_ro_policy *p)
{
	if (p->peer.len) {
		show_who(out, &p->peer);
		putc(' ', out);
	}
	fputs(bool_text(p->optimize), out);
}

void conf_show_ipsec_policy(FILE *out, const struct conf_ipsec_policy *p)
{
	fprintf(out, "%s UseESP", conf_ipsec_type_name(p->type));
	if (p->reqid_to_ha || p->reqid_to_mn)
		fprintf(out, " %u", p->reqid_to_ha);
	if (p->reqid_to_mn != p->reqid_to_ha)
		fprintf(out, " %u", p->reqid_to_mn);
	if (!p->allow)
		fputs(" block", out);
}

static uint32_t number_at(const void *at, size_t size)
{
	if (size == sizeof(uint8_t))
		return *(const uint8_t *)at;
	if (size == sizeof(uint16_t))
		return *(const uint16_t *)at;
	return *(const uint32_t *)at;
}

static void show_enum(FILE *out, const struct conf_word *words, const void *at)
{
	int value;

	memcpy(&value, at, sizeof(value));
	for (; words->word; words++)
		if (words->value == value)
			fputs(words->word, out);
}

static void show_home_address(FILE *out, const struct conf_home *h)
{
	struct addr_buf buf;

	fprintf(out, "%s/%u", addr_text(&h->hoa, &buf), h->hoa_len);
	show_mnps(out, h->mnps, h->mnp_count);
}

static void show_ro_policies(FILE *out, const struct conf_home *h)
{
	for (size_t i = 0; i < h->ro_policy_count; i++) {
		if (i)
			fputs(", ", out);
		conf_show_ro_policy(out, &h->ro_policies[i]);
	}
}

void conf_show_value(FILE *out, const struct conf_option *o, const void *base)
{
	const void *at = (const char *)base + o->offset;
	const char *text;
	char buf[40];

	switch (o->type) {
	case CONF_TYPE_BOOL:
		fputs(bool_text(*(const bool *)at), out);
		break;
	case CONF_TYPE_NUMBER:
	case CONF_TYPE_SECONDS:
		fprintf(out, "%" PRIu32, number_at(at, o->size));
		break;
	case CONF_TYPE_DECIMAL:
		fputs(conf_micro_text(*(const uint64_t *)at, buf, sizeof(buf)), out);
		break;
	case CONF_TYPE_STRING:
		text = *(const char *const *)at;
		if (text)
			fprintf(out, "\"%s\"", text);
		break;
	case CONF_TYPE_ENUM:
		show_enum(out, o->words, at);
		break;
	case CONF_TYPE_ADDR:
		if (o->block != CONF_BLOCK_IPSEC_SET || !addr_is_unspecified(at))
			show_addr(out, at);
		break;
	case CONF_TYPE_PREFIX:
		show_prefix(out, at);
		break;
	case CONF_TYPE_ACL_ACTION:
		show_status(out, *(const uint8_t *)at);
		break;
	case CONF_TYPE_HOME_ADDRESS:
		show_home_address(out, base);
		break;
	case CONF_TYPE_RO_POLICY:
		show_ro_policies(out, base);
		break;
	case CONF_TYPE_ADDR_LIST:
	case CONF_TYPE_PREFIX_LIST:
	case CONF_TYPE_ACL:
	case CONF_TYPE_COA_ACL:
	case CONF_TYPE_IPSEC_HOA:
	case CONF_TYPE_CN_POLICY:
	case CONF_TYPE_IPSEC_POLICY:
	case CONF_TYPE_MODULE:
	case CONF_TYPE_INTERFACE:
	case CONF_TYPE_NAMED_BLOCK:
	case CONF_TYPE_BLOCK:
	case CONF_TYPE_INCLUDE:
		break; /* records of lists */
	}
}

/* "NAME VALUE;" unless it has no value. */
static void show_option(FILE *out, const struct conf_option *o, const void *base,
			const char *indent)
{
	char *text = NULL;
	size_t len = 0;
	FILE *mem = open_memstream(&text, &len);

	if (!mem)
		return;
	conf_show_value(mem, o, base);
	if (fclose(mem) == 0 && len > 0)
		fprintf(out, "%s%s %s;\n", indent, o->name, text);
	free(text);
}

static bool is_shown(const struct conf *c, const struct conf_option *o)
{
	return o->name && !o->no_effect && (o->roles & (1u << c->role));
}

static void show_block_options(FILE *out, const struct conf *c, enum conf_block block,
			       const void *base)
{
	for (size_t i = 0; i < conf_option_count(); i++) {
		const struct conf_option *o = &conf_options[i];

		if (o->block == block && is_shown(c, o) && !o->repeatable)
			show_option(out, o, base, "\t");
	}
}

static void show_interfaces(FILE *out, const struct conf *c)
{
	for (size_t i = 0; i < c->interface_count; i++) {
		fprintf(out, "Interface \"%s\" {\n", c->interfaces[i].name);
		show_block_options(out, c, CONF_BLOCK_INTERFACE, &c->interfaces[i]);
		fputs("}\n", out);
	}
}

static void show_homes(FILE *out, const struct conf *c)
{
	for (size_t i = 0; i < c->home_count; i++) {
		const struct conf_home *h = &c->homes[i];

		fprintf(out, "MnHomeLink \"%s\" {\n", h->ifname);
		show_block_options(out, c, CONF_BLOCK_HOME_LINK, h);
		for (size_t n = 0; n < h->ro_policy_count; n++) {
			fputs("\tMnRoPolicy ", out);
			conf_show_ro_policy(out, &h->ro_policies[n]);
			fputs(";\n", out);
		}
		fputs("}\n", out);
	}
}

static void show_ipsec_sets(FILE *out, const struct conf *c)
{
	for (size_t i = 0; i < c->ipsec_set_count; i++) {
		const struct conf_ipsec_set *s = &c->ipsec_sets[i];
		struct addr_buf buf;

		fputs("IPsecPolicySet {\n", out);
		show_block_options(out, c, CONF_BLOCK_IPSEC_SET, s);
		for (size_t n = 0; n < s->hoa_count; n++)
			fprintf(out, "\tHomeAddress %s/%u;\n", addr_text(&s->hoas[n].hoa, &buf),
				s->hoas[n].hoa_len);
		for (size_t n = 0; n < s->policy_count; n++) {
			fputs("\tIPsecPolicy ", out);
			conf_show_ipsec_policy(out, &s->policies[n]);
			fputs(";\n", out);
		}
		fputs("}\n", out);
	}
}

static void show_cn_policies(FILE *out, const struct conf *c)
{
	if (!c->cn_policy_count)
		return;
	fputs("CnBindingPolicySet {\n", out);
	for (size_t i = 0; i < c->cn_policy_count; i++) {
		putc('\t', out);
		conf_show_cn_policy(out, &c->cn_policies[i]);
		fputs(";\n", out);
	}
	fputs("}\n", out);
}

static void show_acl(FILE *out, const char *name, const struct conf_acl *acl, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "%s ", name);
		conf_show_acl(out, &acl[i]);
		fputs(";\n", out);
	}
}

static void show_prefixes(FILE *out, const char *name, const struct conf_prefix *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "%s ", name);
		show_prefix(out, &list[i].prefix);
		fputs(";\n", out);
	}
}

static void show_addrs(FILE *out, const char *name, const struct conf_addr *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "%s ", name);
		show_addr(out, &list[i].addr);
		fputs(";\n", out);
	}
}

/* Lists of the top level, told apart by where they are kept. */
static void show_list(FILE *out, const struct conf *c, const struct conf_option *o)
{
	switch (o->offset) {
	case offsetof(struct conf, interfaces):
		show_interfaces(out, c);
		break;
	case offsetof(struct conf, homes):
		show_homes(out, c);
		break;
	case offsetof(struct conf, ipsec_sets):
		show_ipsec_sets(out, c);
		break;
	case offsetof(struct conf, cn_policies):
		show_cn_policies(out, c);
		break;
	case offsetof(struct conf, acl):
		show_acl(out, o->name, c->acl, c->acl_count);
		break;
	case offsetof(struct conf, coa_acl):
		show_acl(out, o->name, c->coa_acl, c->coa_acl_count);
		break;
	case offsetof(struct conf, served_prefixes):
		show_prefixes(out, o->name, c->served_prefixes, c->served_prefix_count);
		break;
	case offsetof(struct conf, virtual_home_links):
		show_prefixes(out, o->name, c->virtual_home_links, c->virtual_home_link_count);
		break;
	case offsetof(struct conf, ha_addresses):
		show_addrs(out, o->name, c->ha_addresses, c->ha_address_count);
		break;
	}
}

int conf_show(const struct conf *c, FILE *out)
{
	for (size_t i = 0; i < conf_option_count(); i++) {
		const struct conf_option *o = &conf_options[i];

		if (o->block != CONF_BLOCK_TOP || !is_shown(c, o) || o->size == 0)
			continue;
		if (o->repeatable)
			show_list(out, c, o);
		else
			show_option(out, o, c, "");
	}
	return fflush(out) != 0 || ferror(out) ? -EIO : 0;
}

static char *show_text(const struct conf *c)
{
	char *text = NULL;
	size_t len = 0;
	FILE *mem = open_memstream(&text, &len);

	if (!mem)
		return NULL;
	conf_show(c, mem);
	if (fclose(mem) == 0)
		return text;
	free(text);
	return NULL;
}

bool conf_equal(const struct conf *a, const struct conf *b)
{
	char *ta = show_text(a);
	char *tb = show_text(b);
	bool same = ta && tb && strcmp(ta, tb) == 0;

	free(ta);
	free(tb);
	return same;
}
