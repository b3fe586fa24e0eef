/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The grammar of mip6d.conf: statements of a keyword and values, ended by ';' or
 * by a block. It knows nothing of the single options; that is the meaning pass
 * (check.c), which can so say what an option wants instead of what a parser
 * lacked. Pure, with places; after an error it goes on with the next statement.
 *
 * Called by conf_syntax(). The actions build the tree (syntax.c).
 */
%code top {
/* The skeleton of bison copies the value of a symbol also where it has none. */
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12
#pragma GCC diagnostic ignored "-Wanalyzer-use-of-uninitialized-value"
#endif
}

%code requires {
#include "conf/reader.h"
}

%code {
#include <string.h>

#include "conf/value.h"

int conf_yylex(CONF_YYSTYPE *lval, struct conf_loc *lloc, void *scanner);

/* Never on the heap: the lexer may leave by longjmp(). The grammar is left
 * recursive and blocks are limited in depth, so this is plenty. */
#define YYINITDEPTH 200
#define YYMAXDEPTH  YYINITDEPTH

#define YYLLOC_DEFAULT(cur, rhs, n)                                                        \
	((cur) = (n) ? YYRHSLOC(rhs, 1) : YYRHSLOC(rhs, 0))

static void yyerror(const struct conf_loc *loc, struct conf_reader *r, void *scanner,
		    const char *msg)
{
	(void)scanner;
	conf_say(r, CONF_ERROR, loc, NULL, NULL, "%s", msg);
}
}

%define api.pure full
%define api.prefix {conf_yy}
%define api.location.type {struct conf_loc}
%define parse.error custom
%locations
%parse-param { struct conf_reader *r } { void *scanner }
%lex-param { void *scanner }
%expect 0

%union {
	struct conf_value *value;
}

%token END 0 "end of file"
%token <value> KEYWORD WORD NUMBER DECIMAL ADDRESS STRING
%type <value> value plain list

%%

file:
	items
	;

items:
	%empty
	| items item
	| items error
		{
			/* the lexer has skipped to where a statement can begin */
			if (yychar == CONF_YYEMPTY)
				yyerrok;
		}
	;

item:
	head values tail
		{
			if (r->too_many)
				YYABORT;
		}
	| ';'
		{
			yyerrok;
		}
	| '{'
		{
			if (!r->skipped && !conf_syntax_in_nothing(r))
				conf_say(r, CONF_ERROR, &@1, NULL,
					 "a block follows an option without ';' between",
					 "a block without an option before it");
			conf_syntax_begin(r, NULL, &@1);
			conf_syntax_broken(r);
			if (!conf_syntax_open(r, &@1))
				YYABORT;
		}
	items '}'
		{
			conf_syntax_close(r);
			yyerrok;
		}
	;

head:
	KEYWORD
		{
			conf_syntax_begin(r, $1->text, &@1);
		}
	| value
		{
			conf_syntax_begin(r, NULL, &@1);
			conf_syntax_add(r, $1);
		}
	;

values:
	%empty
	| values value
		{
			conf_syntax_add(r, $2);
		}
	;

tail:
	';'
		{
			conf_syntax_end(r);
			yyerrok;
		}
	| '{'
		{
			if (!conf_syntax_open(r, &@1))
				YYABORT;
		}
	items '}'
		{
			conf_syntax_close(r);
			yyerrok;
		}
	| error
		{
			conf_syntax_broken(r);
			if (r->skipping) {
				/* what was unexpected begins no statement */
				yyclearin;
				yyerrok;
			} else if (yychar == KEYWORD) {
				yyerrok;
			}
			if (!conf_syntax_open_missing(r))
				conf_syntax_end(r);
		}
	;

value:
	plain
	| list
	;

plain:
	WORD
	| NUMBER
	| DECIMAL
	| STRING
	| ADDRESS
	| ADDRESS '/' NUMBER
		{
			$$ = conf_syntax_prefix(r, $1, $3);
		}
	;

list:
	'('
		{
			r->in_list = true;
			r->list_first = NULL;
			r->list_end = &r->list_first;
		}
	elements ')'
		{
			r->in_list = false;
			$$ = conf_syntax_value(r, CONF_VALUE_LIST, &@1, "(...)", 5);
			$$->items = r->list_first;
		}
	;

elements:
	%empty
	| some
	;

some:
	plain
		{
			conf_syntax_list_add(r, $1);
		}
	| some ',' plain
		{
			conf_syntax_list_add(r, $3);
		}
	;

%%

/* A token as it stands in the text, for messages. */
static const char *token_text(struct conf_reader *r, int symbol)
{
	const struct conf_file *f = &r->files[r->last.file];
	const char *p = f->text;
	const char *end = f->text + f->len;

	if (symbol == YYSYMBOL_YYEOF || symbol == YYSYMBOL_YYEMPTY)
		return "end of file";
	for (uint32_t line = 1; line < r->last.line && p; line++) {
		p = memchr(p, '\n', (size_t)(end - p));
		p = p ? p + 1 : NULL;
	}
	if (!p || (size_t)(end - p) < r->last.column - 1 + r->last.width)
		return "?";
	p = conf_arena_copy(r->arena, p + r->last.column - 1,
			    r->last.width > 60 ? 60 : r->last.width);
	return p ? p : "?";
}

/* Behind the last token: where something is missing. */
static struct conf_loc loc_behind(const struct conf_loc *loc)
{
	struct conf_loc l = *loc;

	l.column += l.width;
	l.width = 1;
	return l;
}

static void say_missing(struct conf_reader *r, char what, const char *text)
{
	struct conf_loc loc = loc_behind(&r->before);
	const char *usage = conf_syntax_usage(r);

	if (r->last.width == 0)
		conf_say(r, CONF_ERROR, &loc, usage, NULL, "missing '%c' at the end", what);
	else
		conf_say(r, CONF_ERROR, &loc, usage, NULL, "missing '%c' before '%s'", what, text);
}

static void say_unexpected(struct conf_reader *r, const struct conf_loc *loc, const char *text)
{
	const char *hint = NULL;

	if (*text == ',' && !r->in_list)
		hint = "commas stand only in lists; a fraction is written with a dot";
	else if (*text == '/')
		hint = "the names of files stand in double quotes; prefixes are ADDR/LEN";
	conf_say(r, CONF_ERROR, loc, conf_syntax_usage(r), hint, "unexpected '%s'", text);
}

/* Called by the parser instead of yyerror(). Tells what is missing where that is
 * clear, else what is too many, and has the lexer skip to the next statement
 * unless that begins right here. */
static int yyreport_syntax_error(const yypcontext_t *ctx, struct conf_reader *r, void *scanner)
{
	yysymbol_kind_t symbol = yypcontext_token(ctx);
	const char *text = token_text(r, symbol);
	const struct conf_loc *loc = yypcontext_location(ctx);
	bool ends = symbol == YYSYMBOL_YYEOF || symbol == YYSYMBOL_YYEMPTY;
	bool resumes = ends || symbol == YYSYMBOL_KEYWORD || strchr(";{}", *text);

	(void)scanner;
	(void)yypcontext_expected_tokens; /* bison writes it; the option table knows better */
	r->skipping = !resumes;
	if (r->in_statement && r->open->broken) {
		/* said already */
	} else if (r->in_list && resumes) {
		say_missing(r, ')', text);
	} else if (r->in_statement && resumes && *text != ';') {
		r->brace_missing = conf_syntax_wants_block(r) && symbol == YYSYMBOL_KEYWORD;
		say_missing(r, r->brace_missing ? '{' : ';', text);
	} else if (ends && r->open) {
		conf_say(r, CONF_ERROR, &r->open->loc, NULL,
			 "add a '}' where it ends; every '{' needs one",
			 "the block that begins here is not closed");
	} else if (*text == '}' && !r->in_statement) {
		if (!conf_syntax_close_missing(r))
			conf_say(r, CONF_ERROR, loc, NULL, NULL,
				 "'}' without a block that it ends");
	} else {
		say_unexpected(r, loc, text);
	}
	r->in_list = false;
	return 0;
}
