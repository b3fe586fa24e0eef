// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words about options, made from the option table: how one is written, what the
 * manual says of its type, default, roles and reload. Called by messages and by
 * the test that compares the manual with the table.
 */
#include <inttypes.h>
#include <string.h>

#include "conf/option.h"
#include "conf/reader.h"
#include "conf/value.h"

const char *conf_block_name(enum conf_block b)
{
	switch (b) {
	case CONF_BLOCK_TOP:
		return "top level";
	case CONF_BLOCK_INTERFACE:
		return "Interface";
	case CONF_BLOCK_HOME_LINK:
		return "MnHomeLink";
	case CONF_BLOCK_IPSEC_SET:
		return "IPsecPolicySet";
	case CONF_BLOCK_CN_POLICY:
		return "CnBindingPolicySet";
	}
	return "?";
}

enum conf_block conf_block_of(const char *keyword)
{
	for (enum conf_block b = CONF_BLOCK_INTERFACE; b <= CONF_BLOCK_CN_POLICY; b++)
		if (strcmp(conf_block_name(b), keyword) == 0)
			return b;
	return CONF_BLOCK_TOP;
}

const char *conf_reload_name(enum conf_reload r)
{
	switch (r) {
	case CONF_RELOAD_LIVE:
		return "live";
	case CONF_RELOAD_NEW:
		return "new";
	case CONF_RELOAD_RESTART:
		return "restart";
	}
	return "?";
}

static const char *words_form(const struct conf_word *w, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (; w->word; w++) {
		int n = snprintf(buf + used, size - used, "%s%s", used ? " | " : "", w->word);

		if (n < 0 || (size_t)n >= size - used)
			break;
		used += (size_t)n;
	}
	return buf;
}

const char *conf_option_form(const struct conf_option *o, char *buf, size_t size)
{
	switch (o->type) {
	case CONF_TYPE_BOOL:
		return "BOOL";
	case CONF_TYPE_NUMBER:
		return "NUMBER";
	case CONF_TYPE_SECONDS:
		return "SECONDS";
	case CONF_TYPE_DECIMAL:
		return "DECIMAL";
	case CONF_TYPE_STRING:
		return "STRING";
	case CONF_TYPE_ENUM:
		return words_form(o->words, buf, size);
	case CONF_TYPE_ADDR:
	case CONF_TYPE_ADDR_LIST:
		return "ADDR";
	case CONF_TYPE_PREFIX:
	case CONF_TYPE_PREFIX_LIST:
	case CONF_TYPE_IPSEC_HOA:
		return "ADDR/LEN";
	case CONF_TYPE_ACL_ACTION:
		return "allow | deny | NUMBER";
	case CONF_TYPE_ACL:
		return "ADDR[/LEN] [(ADDR/LEN, ...)] allow | deny | NUMBER";
	case CONF_TYPE_COA_ACL:
		return "ADDR[/LEN] allow | deny | NUMBER";
	case CONF_TYPE_HOME_ADDRESS:
		return "ADDR/LEN [(ADDR/LEN, ...)]";
	case CONF_TYPE_RO_POLICY:
		return "[ADDR[/LEN]] BOOL";
	case CONF_TYPE_CN_POLICY:
		return "ADDR[/LEN] [ADDR[/LEN]] BOOL";
	case CONF_TYPE_IPSEC_POLICY:
		return "TYPE UseESP [NUMBER [NUMBER]] [BOOL]";
	case CONF_TYPE_MODULE:
		return "internal | STRING";
	case CONF_TYPE_INTERFACE:
	case CONF_TYPE_NAMED_BLOCK:
	case CONF_TYPE_INCLUDE:
		return "STRING";
	case CONF_TYPE_BLOCK:
		return "";
	}
	return "?";
}

/* What stands behind the form: the end, or the block. */
static const char *option_tail(const struct conf_option *o)
{
	switch (o->type) {
	case CONF_TYPE_INTERFACE:
		return "; or { ... }";
	case CONF_TYPE_NAMED_BLOCK:
		return " { ... }";
	case CONF_TYPE_BLOCK:
		return "{ ... }";
	case CONF_TYPE_INCLUDE:
		return "";
	case CONF_TYPE_BOOL:
	case CONF_TYPE_NUMBER:
	case CONF_TYPE_SECONDS:
	case CONF_TYPE_DECIMAL:
	case CONF_TYPE_STRING:
	case CONF_TYPE_ENUM:
	case CONF_TYPE_ADDR:
	case CONF_TYPE_PREFIX:
	case CONF_TYPE_ACL_ACTION:
	case CONF_TYPE_ADDR_LIST:
	case CONF_TYPE_PREFIX_LIST:
	case CONF_TYPE_ACL:
	case CONF_TYPE_COA_ACL:
	case CONF_TYPE_HOME_ADDRESS:
	case CONF_TYPE_IPSEC_HOA:
	case CONF_TYPE_RO_POLICY:
	case CONF_TYPE_CN_POLICY:
	case CONF_TYPE_IPSEC_POLICY:
	case CONF_TYPE_MODULE:
		return ";";
	}
	return "";
}

const char *conf_usage(struct conf_reader *r, const struct conf_option *o)
{
	char form[128];

	return conf_arena_printf(r->arena, "%s%s%s%s", o->name ? o->name : "", o->name ? " " : "",
				 conf_option_form(o, form, sizeof(form)), option_tail(o));
}

static bool is_limited(const struct conf_option *o)
{
	if (o->type == CONF_TYPE_NUMBER || o->type == CONF_TYPE_SECONDS)
		return o->max < UINT32_MAX;
	return o->type == CONF_TYPE_DECIMAL;
}

/* Millionths as a decimal without needless zeros. */
const char *conf_micro_text(uint64_t micro, char *buf, size_t size)
{
	int n = snprintf(buf, size, "%" PRIu64 ".%06" PRIu64, micro / CONF_MICRO,
			 micro % CONF_MICRO);

	while (n > 2 && buf[n - 1] == '0' && buf[n - 2] != '.')
		buf[--n] = '\0';
	return buf;
}

const char *conf_option_range(const struct conf_option *o, char *buf, size_t size)
{
	char min[40];
	char max[40];

	buf[0] = '\0';
	if (!is_limited(o))
		return buf;
	if (o->type == CONF_TYPE_DECIMAL)
		snprintf(buf, size, "%s to %s", conf_micro_text(o->min, min, sizeof(min)),
			 conf_micro_text(o->max, max, sizeof(max)));
	else
		snprintf(buf, size, "%" PRIu64 " to %" PRIu64, o->min, o->max);
	return buf;
}

static const char *default_text(const struct conf_option *o, char *buf, size_t size)
{
	if (o->default_words)
		return o->default_words;
	if (!o->default_text)
		return "none";
	if (o->type != CONF_TYPE_STRING)
		return o->default_text;
	snprintf(buf, size, "\"%s\"", o->default_text);
	return buf;
}

static const char *roles_text(unsigned int roles, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (enum conf_role r = CONF_ROLE_CN; r <= CONF_ROLE_MN; r++) {
		int n;

		if (!(roles & (1u << r)))
			continue;
		n = snprintf(buf + used, size - used, "%s%s", used ? ", " : "", conf_role_name(r));
		if (n < 0 || (size_t)n >= size - used)
			break;
		used += (size_t)n;
	}
	return buf;
}

const char *conf_option_facts(const struct conf_option *o, char *buf, size_t size)
{
	char form[128];
	char range[80];
	char def[128];
	char roles[32];
	const char *type = conf_option_form(o, form, sizeof(form));

	conf_option_range(o, range, sizeof(range));
	snprintf(buf, size, "Type: %s%s%s. Default: %s. Roles: %s. Reload: %s.",
		 type[0] ? type : "block", range[0] ? ", " : "", range,
		 default_text(o, def, sizeof(def)), roles_text(o->roles, roles, sizeof(roles)),
		 conf_reload_name(o->reload));
	return buf;
}
