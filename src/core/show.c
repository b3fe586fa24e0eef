// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The recorder behind show.h. Nothing is formatted here but addresses; memory is one
 * growing array and one string for each text. Called by the shows and commands of
 * roles; console/render.c reads the items.
 */
#include "core/show.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

void show_init(struct show *s)
{
	memset(s, 0, sizeof(*s));
}

void show_clear(struct show *s)
{
	uint64_t cursor = s->cursor;

	for (size_t i = 0; i < s->count; i++)
		free(s->items[i].text);
	free(s->items);
	show_init(s);
	s->cursor = cursor;
}

static struct show_item *add(struct show *s, enum show_type type, const char *key)
{
	struct show_item *item;

	if (s->count == s->room) {
		size_t room = s->room ? 2 * s->room : 64;

		item = reallocarray(s->items, room, sizeof(*item));
		if (!item) {
			s->bad = true;
			return NULL;
		}
		s->items = item;
		s->room = room;
	}
	item = &s->items[s->count++];
	*item = (struct show_item){ .type = type, .key = key };
	return item;
}

void show_open(struct show *s, const char *key)
{
	add(s, SHOW_OPEN, key);
}

void show_list(struct show *s, const char *key)
{
	add(s, SHOW_LIST, key);
}

void show_row(struct show *s)
{
	s->rows++;
	add(s, SHOW_ROW, NULL);
}

void show_close(struct show *s)
{
	add(s, SHOW_CLOSE, NULL);
}

/* gcc's analyzer loses what an array of reallocarray() holds. */
#ifndef __clang__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
void show_text(struct show *s, const char *key, const char *text)
{
	struct show_item *item = add(s, SHOW_TEXT, key);

	if (!item)
		return;
	item->text = strdup(text);
	if (!item->text) {
		s->count--;
		s->bad = true;
	}
}
#ifndef __clang__
#pragma GCC diagnostic pop
#endif

void show_format(struct show *s, const char *key, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	show_text(s, key, text);
}

static void add_number(struct show *s, enum show_type type, const char *key, uint64_t v)
{
	struct show_item *item = add(s, type, key);

	if (item)
		item->number = v;
}

void show_number(struct show *s, const char *key, uint64_t v)
{
	add_number(s, SHOW_NUMBER, key, v);
}

void show_bool(struct show *s, const char *key, bool v)
{
	add_number(s, SHOW_BOOL, key, v);
}

void show_addr(struct show *s, const char *key, const struct in6_addr *a)
{
	if (addr_is_unspecified(a))
		add(s, SHOW_NONE, key);
	else
		show_text(s, key, ADDR_STR(a));
}

void show_prefix(struct show *s, const char *key, const struct prefix *p)
{
	show_text(s, key, PREFIX_STR(p));
}

void show_none(struct show *s, const char *key)
{
	add(s, SHOW_NONE, key);
}

void show_span(struct show *s, const char *key, uint64_t us)
{
	add_number(s, SHOW_SPAN, key, us);
}

void show_since(struct show *s, const char *key, uint64_t at_us, uint64_t now_us)
{
	if (at_us)
		show_span(s, key, now_us > at_us ? now_us - at_us : 0);
	else
		add(s, SHOW_NONE, key);
}

void show_until(struct show *s, const char *key, uint64_t at_us, uint64_t now_us)
{
	if (at_us)
		show_span(s, key, time_until(at_us, now_us));
	else
		add(s, SHOW_NONE, key);
}
