// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Error records: kept in a growing list, their texts in one arena; printed in
 * the form that compilers use, which editors know how to follow, with the source
 * line and a caret below it. Text from the file is printed with its control
 * characters replaced, so that a file cannot play tricks on a terminal.
 *
 * Filled by all passes of conf_load(); printed by the daemon.
 */
#include "conf/error.h"

#include <stdlib.h>
#include <string.h>

#include "conf/arena.h"

#define SOURCE_WIDTH  100 /* bytes of a source line that are shown */
#define SOURCE_BEFORE 60  /* of these at most so many before the caret */

void conf_errors_init(struct conf_errors *e)
{
	*e = (struct conf_errors){0};
}

void conf_errors_free(struct conf_errors *e)
{
	free(e->list);
	conf_arena_free(e->texts);
	conf_errors_init(e);
}

static const char *keep(struct conf_errors *e, const char *text)
{
	char *copy;

	if (!text)
		return NULL;
	copy = conf_arena_string(e->texts, text);
	if (!copy)
		e->no_memory = true;
	return copy;
}

static bool errors_make_room(struct conf_errors *e)
{
	size_t size = e->size ? e->size * 2 : 16;
	struct conf_error *list;

	if (!e->texts)
		e->texts = conf_arena_new();
	if (!e->texts)
		return false;
	if (e->count < e->size)
		return true;
	list = reallocarray(e->list, size, sizeof(*list));
	if (!list)
		return false;
	e->list = list;
	e->size = size;
	return true;
}

void conf_errors_add(struct conf_errors *e, const struct conf_error *record)
{
	struct conf_error *r;

	if (record->severity == CONF_ERROR)
		e->error_count++;
	if (!errors_make_room(e)) {
		e->no_memory = true;
		return;
	}
	r = &e->list[e->count++];
	*r = *record;
	r->order = (unsigned int)e->count;
	r->file = keep(e, record->file);
	r->source = keep(e, record->source);
	r->message = keep(e, record->message);
	r->expected = keep(e, record->expected);
	r->hint = keep(e, record->hint);
}

const char *conf_severity_name(enum conf_severity s)
{
	switch (s) {
	case CONF_INFO:
		return "info";
	case CONF_WARNING:
		return "warning";
	case CONF_ERROR:
		return "error";
	}
	return "?";
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static void print_clean(const char *text, size_t len, FILE *out)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		putc((c < 0x20 && c != '\t') || c == 0x7f ? '?' : c, out);
	}
}

/* The line below the source: tabs where the source has tabs, so that the caret
 * stands right at any tab width; one column for each UTF-8 character. */
static void print_caret(const char *shown, size_t before, size_t marked, FILE *out)
{
	for (size_t i = 0; i < before; i++)
		if (!is_continuation(shown[i]))
			putc(shown[i] == '\t' ? '\t' : ' ', out);
	putc('^', out);
	for (size_t i = 1; i < marked; i++)
		if (!is_continuation(shown[before + i]))
			putc('~', out);
	putc('\n', out);
}

static void print_source(const struct conf_error *e, FILE *out)
{
	size_t len = strlen(e->source);
	size_t at = e->column ? e->column - 1 : 0;
	size_t width = e->width ? e->width : 1;
	size_t from = 0;
	size_t shown;

	if (at > len)
		at = len;
	if (len > SOURCE_WIDTH && at > SOURCE_BEFORE)
		from = at - SOURCE_BEFORE;
	while (from > 0 && is_continuation(e->source[from]))
		from--;
	shown = len - from > SOURCE_WIDTH ? SOURCE_WIDTH : len - from;
	while (from + shown < len && is_continuation(e->source[from + shown]))
		shown++;
	fputs(from ? " .. " : "    ", out);
	print_clean(e->source + from, shown, out);
	fputs(from + shown < len ? " ..\n    " : "\n    ", out);
	at -= from;
	if (width > shown - at)
		width = shown - at;
	print_caret(e->source + from, at, width, out);
}

void conf_error_print(const struct conf_error *e, FILE *out)
{
	if (e->file) {
		print_clean(e->file, strlen(e->file), out);
		if (e->line)
			fprintf(out, ":%u:%u", e->line, e->column);
		fputs(": ", out);
	}
	fprintf(out, "%s: ", conf_severity_name(e->severity));
	if (e->message)
		print_clean(e->message, strlen(e->message), out);
	putc('\n', out);
	if (e->source)
		print_source(e, out);
	if (e->expected) {
		fputs("    expected: ", out);
		print_clean(e->expected, strlen(e->expected), out);
		putc('\n', out);
	}
	if (e->hint) {
		fputs("    hint: ", out);
		print_clean(e->hint, strlen(e->hint), out);
		putc('\n', out);
	}
}

/* By place within a file; files in the order in which they were read; what
 * concerns a file as a whole after its lines. */
static int compare_place(const void *pa, const void *pb)
{
	const struct conf_error *a = pa;
	const struct conf_error *b = pb;

	if (a->file_order != b->file_order)
		return a->file_order < b->file_order ? -1 : 1;
	if (a->line != b->line)
		return a->line - 1 < b->line - 1 ? -1 : 1; /* 0 becomes the largest */
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

void conf_errors_sort(struct conf_errors *e)
{
	if (e->count)
		qsort(e->list, e->count, sizeof(*e->list), compare_place);
}

void conf_errors_print(const struct conf_errors *e, enum conf_severity least, FILE *out)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->list[i].severity >= least)
			conf_error_print(&e->list[i], out);
	if (e->no_memory)
		fputs("error: out of memory, some messages are lost\n", out);
}
