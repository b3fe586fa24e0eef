// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What roles tell the console: values with names, once, whatever becomes of them
 * (aligned text for people, JSON for machines). A show is a list of items in the
 * order they were told; console/ renders it. Keys are static text in the form
 * "care_of_address": JSON has them as they are, people see "care of address".
 *
 *	show_open(s, "node");
 *	show_text(s, "role", "HA");
 *	show_list(s, "bindings");
 *	while (...) {
 *		show_row(s);
 *		show_addr(s, "home_address", &b->key.hoa);
 *	}
 *	show_close(s);
 *	show_close(s);
 *
 * A long list is told in pieces, so that the loop goes on meanwhile: the hook begins
 * where show_cursor() says, ends when show_is_full(), and calls show_more().
 */
#ifndef CORE_SHOW_H
#define CORE_SHOW_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

/* Rows in one piece. */
#define SHOW_ROWS_MAX 256

enum show_type {
	SHOW_OPEN, /* an object */
	SHOW_LIST, /* of rows */
	SHOW_ROW,
	SHOW_CLOSE, /* of what SHOW_OPEN or SHOW_LIST began */
	SHOW_TEXT,
	SHOW_NUMBER,
	SHOW_BOOL,
	SHOW_SPAN, /* microseconds, TIME_NEVER: for ever */
	SHOW_NONE, /* there is no value */
};

struct show_item {
	enum show_type type;
	const char *key; /* NULL: ROW, CLOSE */
	char *text;	 /* owned; TEXT */
	uint64_t number; /* NUMBER, BOOL, SPAN */
};

struct show {
	struct show_item *items; /* owned */
	size_t count;
	size_t room;
	unsigned int rows;
	uint64_t cursor;
	bool more;
	bool bad; /* sticky: out of memory */
};

void show_init(struct show *s);
/* Frees; what is told next begins anew. The cursor stays. */
void show_clear(struct show *s);

void show_open(struct show *s, const char *key);
void show_list(struct show *s, const char *key);
void show_row(struct show *s);
void show_close(struct show *s);
void show_text(struct show *s, const char *key, const char *text);
void show_format(struct show *s, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void show_number(struct show *s, const char *key, uint64_t v);
void show_bool(struct show *s, const char *key, bool v);
/* :: is shown as no value. */
void show_addr(struct show *s, const char *key, const struct in6_addr *a);
void show_prefix(struct show *s, const char *key, const struct prefix *p);
/* A name without a value. */
void show_none(struct show *s, const char *key);
/* A duration. */
void show_span(struct show *s, const char *key, uint64_t us);
/* How long since `at_us`; no value when that is 0. */
void show_since(struct show *s, const char *key, uint64_t at_us, uint64_t now_us);
/* How long until `at_us`; no value when that is 0. */
void show_until(struct show *s, const char *key, uint64_t at_us, uint64_t now_us);

/* Where a list that is told in pieces goes on; 0 at first. */
static inline uint64_t *show_cursor(struct show *s)
{
	return &s->cursor;
}
static inline bool show_is_full(const struct show *s)
{
	return s->rows >= SHOW_ROWS_MAX;
}
/* The hook is to be called again. */
static inline void show_more(struct show *s)
{
	s->more = true;
}

#endif
