// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The meaning pass, statement by statement: finds the option of each statement
 * in the table, says which are unknown or stand in the wrong place, which are
 * given twice, which belong to another role, and has the values judged
 * (check_values.c). What is right and in effect is then built (build.c); what
 * needs the whole is judged in check_whole.c.
 */
#include <errno.h>
#include <string.h>

#include "conf/reader.h"
#include "conf/suggest.h"
#include "conf/value.h"

static void check_list(struct conf_reader *r, struct conf_stmt *first, enum conf_block block,
		       bool unused);

static const char *role_title(enum conf_role role)
{
	switch (role) {
	case CONF_ROLE_CN:
		return "correspondent node";
	case CONF_ROLE_HA:
		return "home agent";
	case CONF_ROLE_MN:
		return "mobile node";
	}
	return "?";
}

/* The role decides which options are in effect, so it is looked for first. */
static enum conf_role role_of(struct conf_reader *r, const struct conf_overrides *o)
{
	const struct conf_option *node_config = conf_option_find(CONF_BLOCK_TOP, "NodeConfig");
	int role = CONF_ROLE_CN;

	r->role_known = true;
	if (o && o->have_role)
		return o->role;
	for (const struct conf_stmt *s = r->first; s; s = s->next)
		if (s->keyword && strcmp(s->keyword, "NodeConfig") == 0)
			r->role_known = s->values && s->values->kind == CONF_VALUE_WORD &&
					conf_word_find(node_config->words, s->values->text, &role);
	return (enum conf_role)role;
}

/* A word that is no option anywhere. */
static void say_unknown(struct conf_reader *r, const struct conf_stmt *s, enum conf_block block)
{
	const char *word = s->values->text;
	const char *why = conf_option_foreign(word);
	const char *hint = NULL;
	struct conf_suggest near;

	conf_suggest_begin(&near, word);
	for (size_t i = 0; i < conf_option_count(); i++)
		if (conf_options[i].name && conf_options[i].block == block)
			conf_suggest_try(&near, conf_options[i].name);
	if (why)
		hint = why;
	else if (near.best)
		hint = conf_arena_printf(r->arena, "did you mean %s?", near.best);
	else
		hint = "mip6d.conf(5) lists all options";
	if (block == CONF_BLOCK_TOP)
		conf_say(r, CONF_ERROR, &s->loc, NULL, hint, "unknown option '%s'", word);
	else
		conf_say(r, CONF_ERROR, &s->loc, NULL, hint, "unknown option '%s' in %s", word,
			 conf_block_name(block));
}

/* An option of another block, or of the top level. */
static void say_misplaced(struct conf_reader *r, const struct conf_stmt *s, enum conf_block block)
{
	const char *where = NULL;
	const char *hint;

	for (size_t i = 0; i < conf_option_count(); i++) {
		const struct conf_option *o = &conf_options[i];

		if (!o->name || strcmp(o->name, s->keyword) != 0)
			continue;
		if (o->block == CONF_BLOCK_TOP)
			where = "";
		else if (!where)
			where = conf_block_name(o->block);
		else
			where = conf_arena_printf(r->arena, "%s or %s", where,
						  conf_block_name(o->block));
		if (!where)
			return;
	}
	if (where && !where[0]) {
		hint = "is a '}' missing before it?";
		conf_say(r, CONF_ERROR, &s->loc, NULL, hint, "'%s' does not stand in %s { }",
			 s->keyword, conf_block_name(block));
	} else if (block == CONF_BLOCK_TOP) {
		conf_say(r, CONF_ERROR, &s->loc, NULL, NULL, "'%s' stands only in %s { }",
			 s->keyword, where);
	} else {
		conf_say(r, CONF_ERROR, &s->loc, NULL, NULL,
			 "'%s' stands only in %s { }, not in %s { }", s->keyword, where,
			 conf_block_name(block));
	}
}

/* Finds the option of a statement; false when there is none, which was said. */
static bool find_option(struct conf_reader *r, struct conf_stmt *s, enum conf_block block)
{
	if (s->keyword) {
		s->option = conf_option_find(block, s->keyword);
		if (!s->option)
			say_misplaced(r, s, block);
		return s->option != NULL;
	}
	if (!s->values) /* a block without anything before it, was said */
		return false;
	if (s->values->kind == CONF_VALUE_BAD)
		return false;
	if (block == CONF_BLOCK_CN_POLICY && s->values->kind != CONF_VALUE_WORD) {
		for (size_t i = 0; i < conf_option_count(); i++)
			if (!conf_options[i].name && conf_options[i].block == block)
				s->option = &conf_options[i];
		return true;
	}
	if (s->values->kind == CONF_VALUE_WORD)
		say_unknown(r, s, block);
	else
		conf_say(r, CONF_ERROR, &s->loc, NULL, NULL,
			 "a statement begins with an option, not with %s %s",
			 conf_value_kind_name(s->values->kind), conf_value_text(s->values));
	return false;
}

/* An option that this node's role does not use is read and left aside. */
static void check_role(struct conf_reader *r, struct conf_stmt *s)
{
	const struct conf_option *o = s->option;
	bool tunnel = false;

	if ((o->roles & (1u << r->role)) || !r->role_known)
		return;
	s->unused = true;
	/* Tunnel is no option of a home agent, but to ignore it there would serve
	 * an interface that is not to be touched */
	if (strcmp(o->name, "Tunnel") == 0 && s->values && conf_value_bool(s->values, &tunnel) &&
	    tunnel) {
		conf_say(r, CONF_ERROR, &s->loc, NULL,
			 "a home link cannot be a tunnel that others manage; remove the Interface",
			 "a home agent cannot serve an interface that is a Tunnel");
		s->bad = true;
		return;
	}
	conf_say(r, CONF_INFO, &s->loc, NULL, NULL, "'%s' is not used by a %s", o->name,
		 role_title(r->role));
}

/* The last of several statements of a scalar option counts. */
static void check_duplicate(struct conf_reader *r, struct conf_stmt *s, struct conf_stmt **seen)
{
	struct conf_stmt **first = &seen[conf_option_id(s->option)];

	if (s->option->repeatable || s->unused)
		return;
	if (*first) {
		conf_say(r, CONF_WARNING, &s->loc, NULL, NULL,
			 "'%s' was given at %s already; this one counts", s->option->name,
			 conf_place(r, &(*first)->loc, &s->loc));
		(*first)->unused = true;
	}
	*first = s;
}

static bool type_may_have_block(enum conf_type t)
{
	return t == CONF_TYPE_INTERFACE || t == CONF_TYPE_NAMED_BLOCK || t == CONF_TYPE_BLOCK;
}

/* Whether there is a block where one must be, and none where none may be. */
static void check_block(struct conf_reader *r, struct conf_stmt *s)
{
	const struct conf_option *o = s->option;

	if (s->has_block && !type_may_have_block(o->type)) {
		s->bad = true;
		conf_say(r, CONF_ERROR, &s->brace, conf_usage(r, o), NULL, "'%s' has no block",
			 o->name ? o->name : "this line");
	} else if (!s->has_block &&
		   (o->type == CONF_TYPE_NAMED_BLOCK || o->type == CONF_TYPE_BLOCK)) {
		s->bad = true;
		conf_say(r, CONF_ERROR, &s->loc, conf_usage(r, o), NULL,
			 "'%s' needs a block in braces", o->name);
	}
}

static bool block_has(const struct conf_stmt *s, const char *name)
{
	for (const struct conf_stmt *i = s->inner; i; i = i->next)
		if (i->keyword && strcmp(i->keyword, name) == 0)
			return true;
	return false;
}

/* A word that could not be read may have been the one that is missed. */
static bool block_is_readable(const struct conf_stmt *s)
{
	for (const struct conf_stmt *i = s->inner; i; i = i->next)
		if (!i->option)
			return false;
	return true;
}

static void need_option(struct conf_reader *r, struct conf_stmt *s, bool has, const char *what,
			const char *expected)
{
	if (has)
		return;
	s->bad = true;
	conf_say(r, CONF_ERROR, &s->loc, expected, NULL, "%s without %s", s->keyword, what);
}

/* What a block must contain. */
static void check_required(struct conf_reader *r, struct conf_stmt *s)
{
	enum conf_block block = conf_block_of(s->keyword);

	if (!block_is_readable(s))
		return;
	if (block == CONF_BLOCK_HOME_LINK)
		need_option(r, s, block_has(s, "HomeAddress"), "HomeAddress",
			    "HomeAddress ADDR/LEN; in the block");
	if (block != CONF_BLOCK_IPSEC_SET)
		return;
	need_option(r, s, block_has(s, "HomeAgentAddress") || block_has(s, "HomeAgentName"),
		    "HomeAgentAddress", "HomeAgentAddress ADDR; in the block");
	need_option(r, s, block_has(s, "HomeAddress"), "HomeAddress",
		    "HomeAddress ADDR/LEN; in the block");
	need_option(r, s, block_has(s, "IPsecPolicy"), "IPsecPolicy",
		    "IPsecPolicy TYPE UseESP; in the block");
}

/* A block with anything wrong in it is wrong as a whole. */
static void check_inner(struct conf_reader *r, struct conf_stmt *s)
{
	check_list(r, s->inner, conf_block_of(s->keyword), s->unused);
	check_required(r, s);
	for (const struct conf_stmt *i = s->inner; i; i = i->next)
		if (i->bad || !i->option)
			s->bad = true;
}

static void check_statement(struct conf_reader *r, struct conf_stmt *s, enum conf_block block,
			    bool unused, struct conf_stmt **seen)
{
	if (!find_option(r, s, block)) {
		s->bad = true;
		return;
	}
	if (unused)
		s->unused = true;
	else
		check_role(r, s);
	check_duplicate(r, s, seen);
	if (s->broken) {
		s->bad = true;
	} else {
		check_block(r, s);
		if (!conf_check_values(r, s))
			s->bad = true;
	}
	if (s->option->no_effect && !s->unused && !s->bad)
		conf_say(r, CONF_INFO, &s->loc, NULL, NULL, "'%s' is accepted, but has no effect",
			 s->option->name);
	if (s->has_block && type_may_have_block(s->option->type))
		check_inner(r, s);
}

static void check_list(struct conf_reader *r, struct conf_stmt *first, enum conf_block block,
		       bool unused)
{
	struct conf_stmt **seen = conf_arena_array(r->arena, conf_option_count(), sizeof(*seen));

	if (!seen)
		return;
	for (struct conf_stmt *s = first; s && !r->too_many; s = s->next) {
		check_statement(r, s, block, unused, seen);
		if (s->bad && s->option && block == CONF_BLOCK_TOP)
			r->bad_options[conf_option_id(s->option)] = true;
	}
}

int conf_check(struct conf_reader *r, const struct conf_overrides *o)
{
	r->role = role_of(r, o);
	r->bad_options = conf_arena_array(r->arena, conf_option_count(), sizeof(bool));
	if (!r->bad_options)
		return -ENOMEM;
	check_list(r, r->first, CONF_BLOCK_TOP, false);
	return conf_arena_failed(r->arena) ? -ENOMEM : 0;
}
