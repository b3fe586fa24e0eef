// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From text to values. Numbers are kept in millionths from the lexer on, exactly,
 * so that "1", "1.0" and "1.000000" are the same, and 0.1 is 100000 microseconds
 * and not nearly so. See value.h for who calls.
 */
#include "conf/value.h"

#include <string.h>

#include "conf/arena.h"

/* Larger numbers count as this one; it is whole. */
#define MICRO_MAX (UINT64_MAX / 2 / CONF_MICRO * CONF_MICRO)

/* The status that "deny" stands for (RFC 6275 6.1.8: administratively prohibited). */
#define STATUS_DENY 129
/* Statuses from here on refuse (RFC 6275 6.1.8). */
#define STATUS_REFUSED 128

uint64_t conf_number_micro(const char *text, size_t len)
{
	uint64_t v = 0;
	size_t i = 0;

	for (; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
		v = v * 10 + (uint64_t)(text[i] - '0');
		if (v >= MICRO_MAX / CONF_MICRO)
			return MICRO_MAX;
	}
	v *= CONF_MICRO;
	i++; /* the dot */
	for (uint64_t unit = CONF_MICRO / 10; unit > 0 && i < len; unit /= 10, i++)
		v += (uint64_t)(text[i] - '0') * unit;
	return v;
}

bool conf_word_find(const struct conf_word *words, const char *word, int *out)
{
	for (; words->word; words++)
		if (strcmp(words->word, word) == 0) {
			*out = words->value;
			return true;
		}
	return false;
}

bool conf_word_bool(const char *word, bool *out)
{
	static const struct conf_word words[] = {
		{"enabled", 1}, {"allow", 1}, {"true", 1},  {"disabled", 0},
		{"deny", 0},	{"block", 0}, {"false", 0}, {NULL, 0},
	};
	int v;

	if (!conf_word_find(words, word, &v))
		return false;
	*out = v != 0;
	return true;
}

bool conf_value_u32(const struct conf_value *v, uint32_t *out)
{
	if (v->kind != CONF_VALUE_NUMBER && v->kind != CONF_VALUE_DECIMAL)
		return false;
	if (v->micro % CONF_MICRO != 0 || v->micro / CONF_MICRO > UINT32_MAX)
		return false;
	*out = (uint32_t)(v->micro / CONF_MICRO);
	return true;
}

bool conf_value_bool(const struct conf_value *v, bool *out)
{
	return v->kind == CONF_VALUE_WORD && conf_word_bool(v->text, out);
}

bool conf_value_acl_status(const struct conf_value *v, uint8_t *out)
{
	uint32_t number;
	bool allow;

	if (conf_value_bool(v, &allow)) {
		*out = allow ? 0 : STATUS_DENY;
		return true;
	}
	if (!conf_value_u32(v, &number) || number > UINT8_MAX)
		return false;
	*out = number < STATUS_REFUSED ? 0 : (uint8_t)number;
	return true;
}

bool conf_value_prefix(const struct conf_value *v, bool any, struct prefix *out)
{
	if (v->kind == CONF_VALUE_PREFIX)
		*out = prefix_of(&v->addr, v->len);
	else if (v->kind == CONF_VALUE_ADDR)
		*out = prefix_of(&v->addr, any && addr_is_unspecified(&v->addr) ? 0 : 128);
	else
		return false;
	return true;
}

static void store_number(void *at, size_t size, uint32_t v)
{
	if (size == sizeof(uint8_t))
		*(uint8_t *)at = (uint8_t)v;
	else if (size == sizeof(uint16_t))
		*(uint16_t *)at = (uint16_t)v;
	else
		*(uint32_t *)at = v;
}

void conf_value_store(const struct conf_option *o, const struct conf_value *v, void *base,
		      struct conf_arena *arena)
{
	void *at = (char *)base + o->offset;
	uint32_t number = 0;
	int word = 0;

	switch (o->type) {
	case CONF_TYPE_BOOL:
		conf_value_bool(v, at);
		break;
	case CONF_TYPE_NUMBER:
	case CONF_TYPE_SECONDS:
		conf_value_u32(v, &number);
		store_number(at, o->size, number);
		break;
	case CONF_TYPE_DECIMAL:
		*(uint64_t *)at = v->micro;
		break;
	case CONF_TYPE_STRING:
		*(const char **)at = arena ? conf_arena_string(arena, v->text) : v->text;
		break;
	case CONF_TYPE_ENUM:
		conf_word_find(o->words, v->text, &word);
		memcpy(at, &word, sizeof(word));
		break;
	case CONF_TYPE_ADDR:
		*(struct in6_addr *)at = v->addr;
		break;
	case CONF_TYPE_PREFIX:
		conf_value_prefix(v, false, at);
		break;
	case CONF_TYPE_ACL_ACTION:
		conf_value_acl_status(v, at);
		break;
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
	case CONF_TYPE_INTERFACE:
	case CONF_TYPE_NAMED_BLOCK:
	case CONF_TYPE_BLOCK:
	case CONF_TYPE_INCLUDE:
		break; /* not scalar */
	}
}

bool conf_option_store_default(const struct conf_option *o, void *base)
{
	struct conf_value v = {.text = o->default_text};

	if (!v.text || o->size == 0)
		return false;
	if (v.text[0] >= '0' && v.text[0] <= '9') {
		v.kind = CONF_VALUE_NUMBER;
		v.micro = conf_number_micro(v.text, strlen(v.text));
	} else if (o->type == CONF_TYPE_ADDR) {
		v.kind = CONF_VALUE_ADDR;
		addr_parse(v.text, &v.addr);
	} else {
		v.kind = CONF_VALUE_WORD;
	}
	conf_value_store(o, &v, base, NULL);
	return true;
}
