// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rendering. Text: an object is lines "key: value" with the values below each other, a
 * list is a table with a head, columns as wide as the widest value of the piece.
 * JSON: the same names and nesting, spans in seconds; strings are quoted by jansson.
 * Called by the server for each piece of an answer.
 */
#include "console/render.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

#define VALUE_TEXT_MAX 1100
#define INDENT	       2

/* ECMA-48, select graphic rendition. */
#define BOLD  "\033[1m"
#define RED   "\033[1;31m"
#define PLAIN "\033[0m"

void render_init(struct render *r, bool json, bool colour)
{
	memset(r, 0, sizeof(*r));
	r->json = json;
	r->colour = colour && !json;
}

/* --- values ------------------------------------------------------------------------- */

/* 1h12m, 3m20s, 12.5s, 850ms, 40us: two figures that matter. */
static void span_text(uint64_t us, char *out, size_t size)
{
	uint64_t s = us / US_PER_S;

	if (us == TIME_NEVER)
		snprintf(out, size, "forever");
	else if (s >= 86400)
		snprintf(out, size, "%" PRIu64 "d%" PRIu64 "h", s / 86400, s % 86400 / 3600);
	else if (s >= 3600)
		snprintf(out, size, "%" PRIu64 "h%" PRIu64 "m", s / 3600, s % 3600 / 60);
	else if (s >= 60)
		snprintf(out, size, "%" PRIu64 "m%" PRIu64 "s", s / 60, s % 60);
	else if (s >= 1)
		snprintf(out, size, "%" PRIu64 ".%us", s,
			 (unsigned int)(us % US_PER_S / 100000));
	else if (us >= 1000)
		snprintf(out, size, "%" PRIu64 "ms", us / 1000);
	else
		snprintf(out, size, "%" PRIu64 "us", us);
}

static void value_text(const struct show_item *i, char *out, size_t size)
{
	switch (i->type) {
	case SHOW_TEXT:
		snprintf(out, size, "%s", *i->text ? i->text : "-");
		/* what a peer or a client sent must not drive a terminal */
		for (char *p = out; *p; p++)
			*p = iscntrl((unsigned char)*p) ? '?' : *p;
		return;
	case SHOW_NUMBER:
		snprintf(out, size, "%" PRIu64, i->number);
		return;
	case SHOW_BOOL:
		snprintf(out, size, "%s", i->number ? "yes" : "no");
		return;
	case SHOW_SPAN:
		span_text(i->number, out, size);
		return;
	case SHOW_NONE:
	case SHOW_OPEN:
	case SHOW_LIST:
	case SHOW_ROW:
	case SHOW_CLOSE:
		break;
	}
	snprintf(out, size, "-");
}

/* --- text ---------------------------------------------------------------------------- */

static void put_key(const char *key, FILE *out)
{
	for (; *key; key++)
		putc(*key == '_' ? ' ' : *key, out);
}

static bool is_value(enum show_type t)
{
	switch (t) {
	case SHOW_TEXT:
	case SHOW_NUMBER:
	case SHOW_BOOL:
	case SHOW_SPAN:
	case SHOW_NONE:
		return true;
	case SHOW_OPEN:
	case SHOW_LIST:
	case SHOW_ROW:
	case SHOW_CLOSE:
		break;
	}
	return false;
}

/* The index behind the CLOSE that ends what begins at `i`. */
static size_t behind(const struct show *s, size_t i)
{
	unsigned int depth = 0;

	for (; i < s->count; i++) {
		if (s->items[i].type == SHOW_OPEN || s->items[i].type == SHOW_LIST)
			depth++;
		if (s->items[i].type == SHOW_CLOSE && --depth == 0)
			return i + 1;
	}
	return s->count;
}

static void measure(struct render *r, const struct show *s, size_t from, size_t to)
{
	char text[VALUE_TEXT_MAX];
	size_t column = 0;

	for (size_t i = from; i < to; i++) {
		const struct show_item *item = &s->items[i];
		size_t len;

		if (item->type == SHOW_ROW)
			column = 0;
		if (!is_value(item->type) || column >= RENDER_COLUMNS_MAX)
			continue;
		value_text(item, text, sizeof(text));
		len = strlen(text) > strlen(item->key) ? strlen(text) : strlen(item->key);
		if (r->width[column] < len)
			r->width[column] = len;
		column++;
	}
}

static void put_padded(const char *text, size_t width, bool last, FILE *out)
{
	fputs(text, out);
	for (size_t n = strlen(text); !last && n < width + 2; n++)
		putc(' ', out);
}

static bool is_last_of_row(const struct show *s, size_t i, size_t to)
{
	for (i++; i < to; i++) {
		if (is_value(s->items[i].type))
			return false;
		if (s->items[i].type == SHOW_ROW)
			return true;
	}
	return true;
}

static void put_head(const struct render *r, const struct show *s, size_t from, size_t to,
		     unsigned int indent, FILE *out)
{
	size_t column = 0, i = from;
	char name[64];

	while (i < to && s->items[i].type != SHOW_ROW)
		i++;
	fprintf(out, "%s%*s", r->colour ? BOLD : "", (int)indent, "");
	for (i++; i < to && s->items[i].type != SHOW_ROW; i++) {
		if (!is_value(s->items[i].type) || column >= RENDER_COLUMNS_MAX)
			continue;
		snprintf(name, sizeof(name), "%s", s->items[i].key);
		for (char *p = name; *p; p++)
			*p = *p == '_' ? ' ' : (char)toupper((unsigned char)*p);
		put_padded(name, r->width[column++], is_last_of_row(s, i, to), out);
	}
	fprintf(out, "%s\n", r->colour ? PLAIN : "");
}

static void put_table(struct render *r, const struct show *s, size_t from, size_t to,
		      unsigned int indent, FILE *out)
{
	char text[VALUE_TEXT_MAX];
	size_t column = 0;
	bool any = false;

	for (size_t i = from; i < to && !any; i++)
		any = s->items[i].type == SHOW_ROW;
	if (!any) {
		if (!r->rows && !s->more)
			fprintf(out, "%*snone\n", (int)indent, "");
		return;
	}
	measure(r, s, from, to);
	if (!r->rows)
		put_head(r, s, from, to, indent, out);
	r->rows = true;
	for (size_t i = from; i < to; i++) {
		if (s->items[i].type == SHOW_ROW) {
			column = 0;
			fprintf(out, "%*s", (int)indent, "");
		}
		if (!is_value(s->items[i].type) || column >= RENDER_COLUMNS_MAX)
			continue;
		value_text(&s->items[i], text, sizeof(text));
		put_padded(text, r->width[column++], is_last_of_row(s, i, to), out);
		if (is_last_of_row(s, i, to))
			putc('\n', out);
	}
}

static size_t widest_key(const struct show *s, size_t from, size_t to)
{
	size_t widest = 0;

	for (size_t i = from; i < to; i++) {
		if (s->items[i].type == SHOW_OPEN || s->items[i].type == SHOW_LIST) {
			i = behind(s, i) - 1;
			continue;
		}
		if (is_value(s->items[i].type) && strlen(s->items[i].key) > widest)
			widest = strlen(s->items[i].key);
	}
	return widest;
}

static void put_field(const struct render *r, const struct show_item *item, size_t width,
		      unsigned int indent, FILE *out)
{
	bool is_error = strcmp(item->key, "error") == 0;
	char text[VALUE_TEXT_MAX];

	value_text(item, text, sizeof(text));
	fprintf(out, "%*s%s", (int)indent, "", !r->colour ? "" : is_error ? RED : BOLD);
	put_key(item->key, out);
	fprintf(out, ":%s%*s%s\n", r->colour ? PLAIN : "", (int)(width - strlen(item->key) + 2),
		"", text);
}

static void put_object(struct render *r, const struct show *s, size_t from, size_t to,
		       unsigned int indent, FILE *out)
{
	size_t width = widest_key(s, from, to);

	for (size_t i = from; i < to; i++) {
		const struct show_item *item = &s->items[i];

		if (item->type == SHOW_OPEN || item->type == SHOW_LIST) {
			size_t end = behind(s, i);

			if (!r->begun && to - from != end - i) {
				fprintf(out, "%*s", (int)indent, "");
				put_key(item->key, out);
				fputs(":\n", out);
			}
			if (item->type == SHOW_OPEN) {
				put_object(r, s, i + 1, end - 1, indent + INDENT, out);
			} else {
				if (!r->begun) {
					memset(r->width, 0, sizeof(r->width));
					r->rows = false;
				}
				put_table(r, s, i + 1, end - 1,
					  to - from == end - i ? indent : indent + INDENT, out);
			}
			i = end - 1;
		} else if (item->type == SHOW_TEXT && strchr(item->text, '\n')) {
			fputs(item->text, out); /* it has a form of its own */
		} else if (is_value(item->type)) {
			put_field(r, item, width, indent, out);
		}
	}
}

/* --- JSON ----------------------------------------------------------------------------- */

/* Nothing in it needs to be quoted: nearly all values are so. */
static bool is_plain(const char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~' || *text == '"' || *text == '\\')
			return false;
	}
	return true;
}

static void put_string(const char *text, FILE *out)
{
	json_t *j;
	char *quoted;

	if (is_plain(text)) {
		fprintf(out, "\"%s\"", text);
		return;
	}
	j = json_string(text);
	quoted = j ? json_dumps(j, JSON_ENCODE_ANY) : NULL;

	/* what is no UTF-8 has no place in JSON */
	fputs(quoted ? quoted : "null", out);
	free(quoted);
	json_decref(j);
}

static void put_json_value(const struct show_item *i, FILE *out)
{
	switch (i->type) {
	case SHOW_TEXT:
		put_string(i->text, out);
		return;
	case SHOW_NUMBER:
		fprintf(out, "%" PRIu64, i->number);
		return;
	case SHOW_BOOL:
		fputs(i->number ? "true" : "false", out);
		return;
	case SHOW_SPAN:
		if (i->number == TIME_NEVER)
			fputs("null", out);
		else
			fprintf(out, "%.6f", (double)i->number / (double)US_PER_S);
		return;
	case SHOW_NONE:
	case SHOW_OPEN:
	case SHOW_LIST:
	case SHOW_ROW:
	case SHOW_CLOSE:
		break;
	}
	fputs("null", out);
}

static void put_json_key(const char *key, bool *first, FILE *out)
{
	if (!*first)
		putc(',', out);
	*first = false;
	put_string(key, out);
	putc(':', out);
}

static size_t put_json(struct render *r, const struct show *s, size_t i, bool first, FILE *out);

/* The rows of a list, from the index behind SHOW_LIST; returns that of SHOW_CLOSE. */
static size_t put_json_rows(struct render *r, const struct show *s, size_t i, FILE *out)
{
	bool rows = r->begun && r->rows;

	while (i < s->count && s->items[i].type == SHOW_ROW) {
		fputs(rows ? ",{" : "{", out);
		rows = true;
		i = put_json(r, s, i + 1, true, out);
		putc('}', out);
	}
	if (s->more)
		r->rows = rows;
	else
		putc(']', out);
	return i;
}

/* An object's members, or a list's rows, until what they end with; returns the index
 * of that. */
static size_t put_json(struct render *r, const struct show *s, size_t i, bool first, FILE *out)
{
	for (; i < s->count; i++) {
		const struct show_item *item = &s->items[i];

		switch (item->type) {
		case SHOW_CLOSE:
		case SHOW_ROW:
			return i;
		case SHOW_OPEN:
			put_json_key(item->key, &first, out);
			putc('{', out);
			i = put_json(r, s, i + 1, true, out);
			putc('}', out);
			break;
		case SHOW_LIST:
			/* the list of a further piece is open already */
			if (!r->begun) {
				put_json_key(item->key, &first, out);
				putc('[', out);
			}
			i = put_json_rows(r, s, i + 1, out);
			first = false;
			break;
		case SHOW_TEXT:
		case SHOW_NUMBER:
		case SHOW_BOOL:
		case SHOW_SPAN:
		case SHOW_NONE:
			put_json_key(item->key, &first, out);
			put_json_value(item, out);
			break;
		}
	}
	return i;
}

int render_piece(struct render *r, const struct show *s, FILE *out)
{
	if (r->json) {
		if (!r->begun)
			putc('{', out);
		put_json(r, s, 0, true, out);
		if (!s->more)
			fputs("}\n", out);
	} else {
		put_object(r, s, 0, s->count, 0, out);
	}
	r->begun = true;
	return ferror(out) ? -EIO : 0;
}
