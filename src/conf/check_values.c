// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The meaning pass, values: whether what stands behind a keyword has the shape,
 * type and range that the option table asks for. Values are taken one after the
 * other; the first that does not fit is named, with what would.
 *
 * Called for every statement by check.c.
 */
#include <string.h>

#include "base/addr.h"
#include "conf/reader.h"
#include "conf/suggest.h"
#include "conf/value.h"

struct args {
	struct conf_reader *r;
	const struct conf_stmt *s;
	const char *name; /* of the option, for messages */
	const struct conf_value *prev;
	const struct conf_value *v; /* the next value, or NULL */
};

const char *conf_value_kind_name(enum conf_value_kind k)
{
	switch (k) {
	case CONF_VALUE_BAD:
		return "that";
	case CONF_VALUE_WORD:
		return "the word";
	case CONF_VALUE_STRING:
		return "the string";
	case CONF_VALUE_NUMBER:
	case CONF_VALUE_DECIMAL:
		return "the number";
	case CONF_VALUE_ADDR:
		return "the address";
	case CONF_VALUE_PREFIX:
		return "the prefix";
	case CONF_VALUE_LIST:
		return "the list";
	}
	return "?";
}

const char *conf_value_text(const struct conf_value *v)
{
	return v->text;
}

static void next(struct args *a)
{
	a->prev = a->v;
	a->v = a->v->next;
}

static bool is_kind(const struct args *a, enum conf_value_kind kind)
{
	return a->v && a->v->kind == kind;
}

/* "NAME FORM; (RANGE)", as it is expected. */
static const char *expected(const struct args *a)
{
	const char *usage = conf_usage(a->r, a->s->option);
	char range[80];

	conf_option_range(a->s->option, range, sizeof(range));
	if (!usage || !range[0])
		return usage;
	return conf_arena_printf(a->r->arena, "%s (%s)", usage, range);
}

/* The place behind the last token of what was there. */
static struct conf_loc loc_end(const struct args *a)
{
	struct conf_loc l = a->prev ? a->prev->loc : a->s->loc;

	l.column += l.width;
	l.width = 1;
	return l;
}

static const char *hint_for(const struct args *a, const struct conf_word *words)
{
	struct conf_suggest near;

	if (!is_kind(a, CONF_VALUE_WORD))
		return NULL;
	conf_suggest_begin(&near, a->v->text);
	conf_suggest_try_words(&near, words);
	return near.best ? conf_arena_printf(a->r->arena, "did you mean %s?", near.best) : NULL;
}

/* The next value is not `what`. Always false. */
static bool say_wrong(const struct args *a, const char *what, const char *hint)
{
	struct conf_loc end = loc_end(a);

	if (!a->v)
		conf_say(a->r, CONF_ERROR, &end, expected(a), NULL, "'%s' needs %s", a->name, what);
	else if (a->v->kind == CONF_VALUE_LIST)
		conf_say(a->r, CONF_ERROR, &a->v->loc, expected(a), hint,
			 "'%s' needs %s, not a list", a->name, what);
	else
		conf_say(a->r, CONF_ERROR, &a->v->loc, expected(a), hint,
			 "'%s' needs %s, not %s '%s'", a->name, what,
			 conf_value_kind_name(a->v->kind), a->v->text);
	return false;
}

static const struct conf_word bool_words[] = {{"enabled", 1}, {"disabled", 0}, {"allow", 1},
					      {"deny", 0},    {"true", 1},     {"false", 0},
					      {"block", 0},   {NULL, 0}};

/* Other words for yes and no, as other programs have them. */
static const char *hint_for_bool(const struct args *a)
{
	static const char *const yes[] = {"yes", "on", "1", "enable", "True", "TRUE"};
	static const char *const no[] = {"no", "off", "0", "disable", "False", "FALSE"};

	if (!a->v)
		return NULL;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (strcmp(a->v->text, yes[i]) == 0)
			return "write enabled";
		if (strcmp(a->v->text, no[i]) == 0)
			return "write disabled";
	}
	if (is_kind(a, CONF_VALUE_STRING))
		return "write it without quotes";
	return hint_for(a, bool_words);
}

static bool take_bool(struct args *a)
{
	bool b;

	if (!a->v || !conf_value_bool(a->v, &b))
		return say_wrong(a, "enabled or disabled", hint_for_bool(a));
	next(a);
	return true;
}

static bool take_word(struct args *a, const struct conf_word *words, const char *what)
{
	const char *why;
	int v;

	if (!is_kind(a, CONF_VALUE_WORD) || !conf_word_find(words, a->v->text, &v)) {
		why = a->v ? conf_option_foreign(a->v->text) : NULL;
		if (!why && is_kind(a, CONF_VALUE_STRING))
			why = "write it without quotes";
		if (!why)
			why = hint_for(a, words);
		if (!why && strcmp(a->name, "NodeConfig") == 0)
			why = "CN: correspondent node, HA: home agent, MN: mobile node";
		return say_wrong(a, what, why);
	}
	next(a);
	return true;
}

/* A number within min..max (millionths), whole unless `fraction`. */
static bool take_number(struct args *a, uint64_t min, uint64_t max, bool fraction)
{
	const struct conf_value *v = a->v;
	char low[40];
	char high[40];

	if (!is_kind(a, CONF_VALUE_NUMBER) && !is_kind(a, CONF_VALUE_DECIMAL))
		return say_wrong(a, "a number", NULL);
	if (!fraction && v->micro % CONF_MICRO != 0) {
		conf_say(a->r, CONF_ERROR, &v->loc, expected(a), NULL,
			 "'%s' needs a whole number, not %s", a->name, v->text);
		return false;
	}
	if (v->micro < min || v->micro > max) {
		conf_micro_text(min, low, sizeof(low));
		conf_micro_text(max, high, sizeof(high));
		if (!fraction) {
			low[strcspn(low, ".")] = '\0';
			high[strcspn(high, ".")] = '\0';
		}
		conf_say(a->r, CONF_ERROR, &v->loc, expected(a), NULL,
			 "'%s' must be %s to %s, not %s", a->name, low, high, v->text);
		return false;
	}
	next(a);
	return true;
}

static bool take_u32(struct args *a, uint64_t min, uint64_t max)
{
	return take_number(a, min * CONF_MICRO, max * CONF_MICRO, false);
}

static bool take_string(struct args *a)
{
	const char *hint = NULL;

	if (!is_kind(a, CONF_VALUE_STRING)) {
		if (is_kind(a, CONF_VALUE_WORD))
			hint = conf_arena_printf(a->r->arena, "write \"%s\"", a->v->text);
		return say_wrong(a, "text in double quotes", hint);
	}
	if (!a->v->text[0]) {
		conf_say(a->r, CONF_ERROR, &a->v->loc, NULL, "leave the option out for none",
			 "'%s' with an empty string", a->name);
		return false;
	}
	next(a);
	return true;
}

/* What the kernel takes as a name of an interface. */
static bool take_ifname(struct args *a)
{
	const struct conf_value *v = a->v;

	if (!take_string(a))
		return false;
	if (strlen(v->text) < IF_NAMESIZE && !strpbrk(v->text, "/: \t") &&
	    strcmp(v->text, ".") != 0 && strcmp(v->text, "..") != 0)
		return true;
	conf_say(a->r, CONF_ERROR, &v->loc,
		 "at most 15 characters, no '/', ':' or blank among them",
		 "'ip link' lists the interfaces", "\"%s\" cannot be the name of an interface",
		 v->text);
	return false;
}

static bool take_addr(struct args *a, const char *what, bool may_be_any)
{
	const struct conf_value *v = a->v;
	const char *hint = NULL;

	if (!is_kind(a, CONF_VALUE_ADDR)) {
		if (is_kind(a, CONF_VALUE_STRING))
			hint = "write it without quotes";
		else if (is_kind(a, CONF_VALUE_PREFIX))
			hint = "leave out the '/' and the number behind it";
		else if (is_kind(a, CONF_VALUE_WORD))
			hint = "names are not looked up; write the address";
		return say_wrong(a, "an IPv6 address", hint);
	}
	if (!(may_be_any && addr_is_unspecified(&v->addr)) && !addr_is_routable_unicast(&v->addr)) {
		conf_say(a->r, CONF_ERROR, &v->loc, "a global unicast address", NULL,
			 "%s cannot be %s", v->text, what);
		return false;
	}
	next(a);
	return true;
}

/* Bits behind the length are a slip of the pen where a prefix is meant. */
static void warn_host_bits(struct args *a, const struct conf_value *v)
{
	struct prefix p = prefix_of(&v->addr, v->len);
	struct addr_buf buf;

	if (!addr_equal(&p.addr, &v->addr))
		conf_say(a->r, CONF_WARNING, &v->loc, NULL, NULL,
			 "%s has bits behind its length; it is read as %s", v->text,
			 prefix_text(&p, &buf));
}

static bool take_prefix(struct args *a)
{
	const char *hint = NULL;

	if (!is_kind(a, CONF_VALUE_PREFIX)) {
		if (is_kind(a, CONF_VALUE_ADDR))
			hint = conf_arena_printf(a->r->arena, "add the length, such as %s/64",
						 a->v->text);
		return say_wrong(a, "a prefix", hint);
	}
	warn_host_bits(a, a->v);
	next(a);
	return true;
}

/* An address, or a prefix of addresses. */
static bool take_who(struct args *a)
{
	if (is_kind(a, CONF_VALUE_PREFIX))
		return take_prefix(a);
	if (!is_kind(a, CONF_VALUE_ADDR))
		return say_wrong(a, "an IPv6 address or prefix", NULL);
	if (addr_is_multicast(&a->v->addr)) {
		conf_say(a->r, CONF_ERROR, &a->v->loc, "a unicast address", NULL,
			 "%s is a multicast address", a->v->text);
		return false;
	}
	next(a);
	return true;
}

/* A home address with the length of its prefix. */
static bool take_home_address(struct args *a)
{
	const struct conf_value *v = a->v;
	const char *hint = NULL;

	if (!is_kind(a, CONF_VALUE_PREFIX)) {
		if (is_kind(a, CONF_VALUE_ADDR))
			hint = conf_arena_printf(a->r->arena, "add the length, such as %s/64",
						 v->text);
		return say_wrong(a, "an address with the length of its prefix", hint);
	}
	if (!addr_is_routable_unicast(&v->addr)) {
		conf_say(a->r, CONF_ERROR, &v->loc, "a global unicast address and its length", NULL,
			 "%s cannot be a home address", v->text);
		return false;
	}
	next(a);
	return true;
}

/* [(prefix, ...)]: mobile network prefixes (RFC 3963). */
static bool take_mnps(struct args *a)
{
	const struct conf_value *list = a->v;
	struct args inner = *a;

	if (!is_kind(a, CONF_VALUE_LIST))
		return true;
	for (inner.v = list->items; inner.v;) {
		const struct conf_value *p = inner.v;

		if (!take_prefix(&inner))
			return false;
		if (p->len == 0 || addr_is_multicast(&p->addr)) {
			conf_say(a->r, CONF_ERROR, &p->loc, NULL, NULL,
				 "%s cannot be the prefix of a mobile network", p->text);
			return false;
		}
	}
	next(a);
	return true;
}

static bool take_acl_action(struct args *a)
{
	const struct conf_value *v = a->v;
	uint8_t status;
	bool b;

	if (!is_kind(a, CONF_VALUE_NUMBER) && !is_kind(a, CONF_VALUE_DECIMAL)) {
		if (v && conf_value_bool(v, &b)) {
			next(a);
			return true;
		}
		return say_wrong(a, "allow, deny or a status", hint_for(a, bool_words));
	}
	if (!take_u32(a, 0, UINT8_MAX))
		return false;
	conf_value_acl_status(v, &status);
	if (status == 0 && v->micro > 0)
		conf_say(a->r, CONF_WARNING, &v->loc, NULL,
			 "statuses that refuse are 128 to 255 (RFC 6275 section 6.1.8)",
			 "status %s does not refuse; it is read as allow", v->text);
	return true;
}

static bool take_ipsec_protocols(struct args *a)
{
	static const struct conf_word protocols[] = {
		{"UseESP", 0}, {"UseAH", 1}, {"UseIPComp", 1}, {NULL, 0}};
	int other;

	do {
		const struct conf_value *v = a->v;

		if (!take_word(a, protocols, "UseESP"))
			return false;
		if (conf_word_find(protocols, v->text, &other) && other) {
			conf_say(a->r, CONF_ERROR, &v->loc, conf_usage(a->r, a->s->option),
				 "Mobile IPv6 asks for ESP (RFC 6275 section 5.1); write UseESP",
				 "%s is not supported", v->text);
			return false;
		}
	} while (is_kind(a, CONF_VALUE_WORD) && strncmp(a->v->text, "Use", 3) == 0);
	return true;
}

static bool take_ipsec_policy(struct args *a)
{
	static const char *const types =
		"HomeRegBinding, Mh, MobPfxDisc, ICMP, any, TunnelHomeTesting, TunnelMh or "
		"TunnelPayload";

	if (!take_word(a, conf_ipsec_words, types) || !take_ipsec_protocols(a))
		return false;
	for (int i = 0; i < 2 && (is_kind(a, CONF_VALUE_NUMBER) || is_kind(a, CONF_VALUE_DECIMAL));
	     i++)
		if (!take_u32(a, 0, UINT32_MAX))
			return false;
	if (is_kind(a, CONF_VALUE_NUMBER))
		return say_wrong(a, "at most two reqids (to the home agent, to the mobile node)",
				 NULL);
	return !a->v || take_bool(a);
}

/* [who [who]] BOOL, with `least` to `most` of the former. */
static bool take_who_bool(struct args *a, int least, int most)
{
	for (int i = 0; i < most; i++) {
		if (i >= least && is_kind(a, CONF_VALUE_WORD))
			break;
		if (i >= least && !a->v)
			break;
		if (!take_who(a))
			return false;
	}
	return take_bool(a);
}

static bool take_module(struct args *a)
{
	static const struct conf_word internal[] = {{"internal", 0}, {NULL, 0}};

	if (!is_kind(a, CONF_VALUE_STRING))
		return take_word(a, internal, "internal or a string");
	conf_say(a->r, CONF_WARNING, &a->v->loc, NULL, NULL,
		 "modules are not loaded; what is built in is used");
	next(a);
	return true;
}

static bool is_in_ipsec_set(const struct args *a)
{
	return a->s->option->block == CONF_BLOCK_IPSEC_SET;
}

static bool take_values(struct args *a)
{
	const struct conf_option *o = a->s->option;

	switch (o->type) {
	case CONF_TYPE_BOOL:
		return take_bool(a);
	case CONF_TYPE_NUMBER:
	case CONF_TYPE_SECONDS:
		return take_u32(a, o->min, o->max);
	case CONF_TYPE_DECIMAL:
		return take_number(a, o->min, o->max, true);
	case CONF_TYPE_STRING:
	case CONF_TYPE_INCLUDE:
		return take_string(a);
	case CONF_TYPE_ENUM: {
		char form[128];

		return take_word(a, o->words, conf_option_form(o, form, sizeof(form)));
	}
	case CONF_TYPE_ADDR:
		return take_addr(a, "the address of a home agent", !is_in_ipsec_set(a));
	case CONF_TYPE_ADDR_LIST:
		return take_addr(a, "the address of a home agent", false);
	case CONF_TYPE_PREFIX:
	case CONF_TYPE_PREFIX_LIST:
		return take_prefix(a);
	case CONF_TYPE_ACL_ACTION:
		return take_acl_action(a);
	case CONF_TYPE_ACL:
		return take_who(a) && take_mnps(a) && take_acl_action(a);
	case CONF_TYPE_COA_ACL:
		return take_who(a) && take_acl_action(a);
	case CONF_TYPE_HOME_ADDRESS:
		return take_home_address(a) && take_mnps(a);
	case CONF_TYPE_IPSEC_HOA:
		return take_home_address(a);
	case CONF_TYPE_RO_POLICY:
		return take_who_bool(a, 0, 1);
	case CONF_TYPE_CN_POLICY:
		return take_who_bool(a, 1, 2);
	case CONF_TYPE_IPSEC_POLICY:
		return take_ipsec_policy(a);
	case CONF_TYPE_MODULE:
		return take_module(a);
	case CONF_TYPE_INTERFACE:
	case CONF_TYPE_NAMED_BLOCK:
		return take_ifname(a);
	case CONF_TYPE_BLOCK:
		return true;
	}
	return false;
}

static bool has_bad_value(const struct conf_value *v)
{
	for (; v; v = v->next)
		if (v->kind == CONF_VALUE_BAD || has_bad_value(v->items))
			return true;
	return false;
}

bool conf_check_values(struct conf_reader *r, const struct conf_stmt *s)
{
	struct args a = {.r = r, .s = s, .v = s->values};
	uint32_t line;

	if (has_bad_value(s->values))
		return false; /* said already */
	a.name = s->option->name ? s->option->name : conf_block_name(s->option->block);
	if (!take_values(&a))
		return false;
	if (a.v) {
		line = a.prev ? a.prev->loc.line : s->loc.line;
		conf_say(r, CONF_ERROR, &a.v->loc, expected(&a),
			 a.v->loc.line > line
				 ? conf_arena_printf(r->arena,
						     "is a ';' missing at the end of line %u?",
						     line)
				 : NULL,
			 "'%s' has a value too many: '%s'", a.name, a.v->text);
		return false;
	}
	return true;
}
