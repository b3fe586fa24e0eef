// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The syntax pass: runs the parser over the files and builds the tree. The tree
 * is built statement by statement into the reader, and not through the parser's
 * values, so that what was read before an error that ends parsing is there for
 * the meaning pass to judge, too.
 *
 * Called by conf.c; the actions of gram.y and the lexer call the rest.
 */
#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "conf/reader.h"
#include "conf/value.h"

/* From the generated gram.h and scan.c. */
int conf_yyparse(struct conf_reader *r, void *scanner);
int conf_yylex_init_extra(struct conf_reader *r, void **scanner);

static void *need(struct conf_reader *r, void *p)
{
	if (!p)
		longjmp(r->no_memory, 1);
	return p;
}

int conf_syntax(struct conf_reader *r)
{
	int rc;

	r->end = &r->first;
	r->last = (struct conf_loc){.line = 1, .column = 1};
	if (setjmp(r->no_memory))
		return -ENOMEM;
	if (conf_yylex_init_extra(r, &r->scanner) != 0)
		return -ENOMEM;
	rc = conf_scan_enter(r, 0);
	if (rc < 0)
		return rc;
	conf_yyparse(r, r->scanner); /* what is wrong was said, so it was counted */
	return 0;
}

/* Why an address-like word is no address, in words that help. */
static void say_bad_address(struct conf_reader *r, const struct conf_value *v)
{
	const char *hint = NULL;

	if (strchr(v->text, '%'))
		hint = "leave out the interface behind '%'";
	else if (strchr(v->text, '.'))
		hint = "the dotted form of IPv4-mapped addresses is not supported";
	else if (v->text[strspn(v->text, "0123456789abcdefABCDEF:")] != '\0' &&
		 v->text[strlen(v->text) - 1] == ':')
		hint = "no ':' stands behind an option or a name";
	conf_say(r, CONF_ERROR, &v->loc, "an IPv6 address such as 2001:db8::1", hint,
		 "'%s' is not an IPv6 address", v->text);
}

struct conf_value *conf_syntax_value(struct conf_reader *r, enum conf_value_kind kind,
				     const struct conf_loc *loc, const char *text, size_t len)
{
	struct conf_value *v = need(r, conf_arena_alloc(r->arena, sizeof(*v)));

	v->kind = kind;
	v->loc = *loc;
	v->text = need(r, conf_arena_copy(r->arena, text, len));
	switch (kind) {
	case CONF_VALUE_NUMBER:
	case CONF_VALUE_DECIMAL:
		v->micro = conf_number_micro(text, len);
		break;
	case CONF_VALUE_ADDR:
		if (addr_parse(v->text, &v->addr) < 0) {
			v->kind = CONF_VALUE_BAD;
			say_bad_address(r, v);
		}
		break;
	case CONF_VALUE_STRING:
		for (size_t i = 0; i < len; i++) {
			if ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f)
				continue;
			v->kind = CONF_VALUE_BAD;
			conf_say(r, CONF_ERROR, loc, NULL, NULL, "control character in a string");
			break;
		}
		break;
	case CONF_VALUE_BAD:
	case CONF_VALUE_WORD:
	case CONF_VALUE_PREFIX:
	case CONF_VALUE_LIST:
		break;
	}
	return v;
}

struct conf_value *conf_syntax_prefix(struct conf_reader *r, struct conf_value *addr,
				      const struct conf_value *len)
{
	char *text = need(r, conf_arena_printf(r->arena, "%s/%s", addr->text, len->text));

	addr->text = text;
	if (len->kind != CONF_VALUE_BAD && len->micro > 128ull * CONF_MICRO) {
		conf_say(r, CONF_ERROR, &len->loc, "a prefix length of 0 to 128", NULL,
			 "prefix length %s is too large", len->text);
		addr->kind = CONF_VALUE_BAD;
	} else if (len->kind == CONF_VALUE_BAD) {
		addr->kind = CONF_VALUE_BAD;
	} else if (addr->kind == CONF_VALUE_ADDR) {
		addr->kind = CONF_VALUE_PREFIX;
		addr->len = (uint8_t)(len->micro / CONF_MICRO);
	}
	if (len->loc.file == addr->loc.file && len->loc.line == addr->loc.line)
		addr->loc.width = (uint16_t)(len->loc.column + len->loc.width - addr->loc.column);
	return addr;
}

void conf_syntax_begin(struct conf_reader *r, const char *keyword, const struct conf_loc *loc)
{
	struct conf_stmt *s = need(r, conf_arena_alloc(r->arena, sizeof(*s)));
	struct conf_stmt ***end = r->open ? &r->open->inner_end : &r->end;

	s->loc = *loc;
	s->keyword = keyword;
	s->values_end = &s->values;
	s->inner_end = &s->inner;
	s->outer = r->open;
	**end = s;
	*end = &s->next;
	r->open = s;
	r->in_statement = true;
	r->in_list = false;
}

void conf_syntax_add(struct conf_reader *r, struct conf_value *v)
{
	*r->open->values_end = v;
	r->open->values_end = &v->next;
	r->open->value_count++;
}

void conf_syntax_list_add(struct conf_reader *r, struct conf_value *v)
{
	*r->list_end = v;
	r->list_end = &v->next;
}

void conf_syntax_end(struct conf_reader *r)
{
	r->open = r->open->outer;
	r->in_statement = false;
}

bool conf_syntax_open(struct conf_reader *r, const struct conf_loc *loc)
{
	if (++r->block_depth > CONF_BLOCK_DEPTH) {
		conf_say(r, CONF_ERROR, loc, NULL, "no block stands inside of another",
			 "blocks are nested too deeply, reading ends here");
		return false;
	}
	r->open->has_block = true;
	r->open->brace = *loc;
	r->in_statement = false;
	return true;
}

void conf_syntax_close(struct conf_reader *r)
{
	r->block_depth--;
	conf_syntax_end(r);
}

bool conf_syntax_open_missing(struct conf_reader *r)
{
	if (!r->brace_missing || !r->in_statement)
		return false;
	r->brace_missing = false;
	r->braces_missing++;
	return conf_syntax_open(r, &r->open->loc);
}

bool conf_syntax_close_missing(struct conf_reader *r)
{
	if (!r->braces_missing)
		return false;
	r->braces_missing--;
	conf_syntax_close(r);
	return true;
}

bool conf_syntax_in_nothing(const struct conf_reader *r)
{
	return r->open && !r->open->keyword && !r->open->values;
}

void conf_syntax_broken(struct conf_reader *r)
{
	if (r->in_statement)
		r->open->broken = true;
}

/* The block in which the statement that is being read stands. */
static const struct conf_option *option_of(const struct conf_stmt *s)
{
	enum conf_block block = CONF_BLOCK_TOP;

	if (!s || !s->keyword)
		return NULL;
	if (s->outer && s->outer->keyword)
		block = conf_block_of(s->outer->keyword);
	return conf_option_find(block, s->keyword);
}

const char *conf_syntax_usage(struct conf_reader *r)
{
	const struct conf_option *o = r->in_statement ? option_of(r->open) : NULL;

	return o ? conf_usage(r, o) : NULL;
}

bool conf_syntax_wants_block(const struct conf_reader *r)
{
	const struct conf_option *o = r->in_statement ? option_of(r->open) : NULL;

	return o && (o->type == CONF_TYPE_BLOCK || o->type == CONF_TYPE_NAMED_BLOCK);
}
