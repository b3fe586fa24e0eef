// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the syntax pass makes of a file: statements with values, and where each
 * stood. Nothing in it has been checked against the option table yet, but that
 * keywords are known words. All of it lives in the reader's arena.
 */
#ifndef CONF_TREE_H
#define CONF_TREE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "conf/option.h"

enum conf_value_kind {
	CONF_VALUE_BAD, /* said already; judged as fitting everywhere */
	CONF_VALUE_WORD,
	CONF_VALUE_STRING,
	CONF_VALUE_NUMBER,
	CONF_VALUE_DECIMAL,
	CONF_VALUE_ADDR,
	CONF_VALUE_PREFIX,
	CONF_VALUE_LIST,
};

struct conf_value {
	enum conf_value_kind kind;
	struct conf_loc loc;
	const char *text;	  /* as written; a string without its quotes */
	uint64_t micro;		  /* NUMBER, DECIMAL: its value times a million, cut at 2^63 */
	struct in6_addr addr;	  /* ADDR, PREFIX: as written */
	uint8_t len;		  /* PREFIX */
	struct conf_value *items; /* LIST: its first */
	struct conf_value *next;  /* in the statement or list */
};

struct conf_stmt {
	struct conf_loc loc; /* of its first token */
	const char *keyword; /* NULL: begins with a value */
	struct conf_value *values;
	struct conf_value **values_end;
	unsigned int value_count;
	bool broken; /* a syntax error in it was said already */
	bool has_block;
	struct conf_loc brace;	 /* of the '{' */
	struct conf_stmt *inner; /* statements of the block */
	struct conf_stmt **inner_end;
	struct conf_stmt *outer; /* the statement in whose block it stands, or NULL */
	struct conf_stmt *next;

	/* set by the meaning pass */
	const struct conf_option *option; /* NULL: unknown */
	bool bad;			  /* an error was said about it */
	bool unused;			  /* overridden, or of another role: has no effect */
};

/* Value as text for messages: a list is "(...)". */
const char *conf_value_text(const struct conf_value *v);

/* "word", "string", "number" ... for messages. */
const char *conf_value_kind_name(enum conf_value_kind k);

#endif
