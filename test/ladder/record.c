// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The record of what was said: one line for each message from its sender to its
 * receiver, whatever routers and tunnels lie between; patterns that look for
 * lines; and the ladder diagram.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/ladder/world.h"

#define COLUMN_WIDTH 11
#define COLUMNS_MAX  12

static struct record *new_line(struct ladder *L)
{
	struct record *r;

	if (L->record_count == L->record_room) {
		size_t room = L->record_room ? L->record_room * 2 : 256;
		struct record *all = must_alloc(room * sizeof(*all));

		if (L->record_count)
			memcpy(all, L->records, L->record_count * sizeof(*all));
		free(L->records);
		L->records = all;
		L->record_room = room;
	}
	r = &L->records[L->record_count++];
	memset(r, 0, sizeof(*r));
	r->sent_us = L->now_us;
	return r;
}

struct record *record_note(struct ladder *L)
{
	struct record *r = new_line(L);

	r->note = true;
	r->end_us = L->now_us;
	return r;
}

static struct record *line_of(struct ladder *L, const struct packet *p)
{
	size_t n = packet_core(p)->record;

	return n ? &L->records[n - 1] : NULL;
}

void record_sent(struct box *from, struct packet *p)
{
	struct record *r;

	if (packet_core(p)->record)
		return;
	while (p->inner)
		p = p->inner;
	r = new_line(from->L);
	p->record = from->L->record_count;
	snprintf(r->from, sizeof(r->from), "%s", from->name);
	text_packet(p, r->text, sizeof(r->text), &r->noise);
}

void record_tunnelled(struct ladder *L, const struct packet *p)
{
	struct record *r = line_of(L, p);
	size_t used = r ? strlen(r->text) : 0;

	if (r && !strstr(r->text, " tunnelled"))
		snprintf(r->text + used, sizeof(r->text) - used, " tunnelled");
}

void record_arrived(struct ladder *L, const struct packet *p, const char *to)
{
	struct record *r = line_of(L, p);

	if (!r || r->arrived)
		return;
	r->end_us = L->now_us;
	r->arrived = true;
	r->fate[0] = '\0';
	snprintf(r->to, sizeof(r->to), "%s", to);
}

void record_lost(struct ladder *L, const struct packet *p, const char *fmt, ...)
{
	struct record *r = line_of(L, p);
	va_list ap;

	if (!r || r->arrived)
		return;
	r->end_us = L->now_us;
	va_start(ap, fmt);
	vsnprintf(r->fate, sizeof(r->fate), fmt, ap);
	va_end(ap);
}

/* Steps to the next word; NULL at the end. */
static const char *next_word(const char *at, size_t *len)
{
	at += strspn(at, " ");
	*len = strcspn(at, " ");
	return *len ? at : NULL;
}

static bool word_fits(const char *pattern, size_t pattern_len, const char *word, size_t len)
{
	if (pattern_len && pattern[pattern_len - 1] == '*')
		return len >= pattern_len - 1 && memcmp(pattern, word, pattern_len - 1) == 0;
	return len == pattern_len && memcmp(pattern, word, len) == 0;
}

static bool has_word(const char *text, const char *pattern, size_t pattern_len)
{
	const char *word;
	size_t len;

	for (word = next_word(text, &len); word; word = next_word(word + len, &len)) {
		if (word_fits(pattern, pattern_len, word, len))
			return true;
	}
	return false;
}

/* The first word must be the first: "BA" is no word of a BU's line. */
static bool text_fits(const char *text, const char *pattern)
{
	const char *want;
	size_t want_len, len = strcspn(text, " ");
	bool first = true;

	for (want = next_word(pattern, &want_len); want;
	     want = next_word(want + want_len, &want_len)) {
		if (first && !word_fits(want, want_len, text, len))
			return false;
		if (!first && !has_word(text, want, want_len))
			return false;
		first = false;
	}
	return true;
}

static bool name_fits(const char *name, const char *pattern, size_t len)
{
	return word_fits(pattern, len, name, strlen(name));
}

bool record_fits(const struct record *r, const char *pattern)
{
	const char *from, *arrow, *to;
	size_t from_len, arrow_len = 0, to_len = 0;

	from = next_word(pattern, &from_len);
	arrow = from ? next_word(from + from_len, &arrow_len) : NULL;
	to = arrow ? next_word(arrow + arrow_len, &to_len) : NULL;
	if (!to || arrow_len != 2 || memcmp(arrow, "->", 2) != 0) {
		fprintf(stderr, "ladder: not a pattern: \"%s\"\n", pattern);
		abort();
	}
	if (r->note || !name_fits(r->from, from, from_len))
		return false;
	if (!(to_len == 1 && *to == '*') && !name_fits(r->to, to, to_len))
		return false;
	return text_fits(r->text, to + to_len);
}

/* --- the diagram --------------------------------------------------------------- */

struct diagram {
	const struct ladder *L;
	const char *names[COLUMNS_MAX];
	size_t count;
};

static void find_columns(const struct ladder *L, struct diagram *d)
{
	const struct box *b;

	d->L = L;
	d->count = 0;
	TAILQ_FOREACH(b, &L->boxes, entry) {
		if (d->count < COLUMNS_MAX)
			d->names[d->count++] = b->name;
	}
}

static int column_of(const struct diagram *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->count; i++) {
		if (strcmp(d->names[i], name) == 0)
			return (int)i;
	}
	return -1;
}

static void print_head(const struct diagram *d)
{
	size_t i;

	fprintf(stderr, "#      time  ");
	for (i = 0; i < d->count; i++)
		fprintf(stderr, "%-*.*s", COLUMN_WIDTH, COLUMN_WIDTH - 1, d->names[i]);
	fputc('\n', stderr);
}

/* The bars of the boxes, and the arrow from one to the other. */
static void draw(const struct diagram *d, const struct record *r, char *row, size_t size)
{
	int from = column_of(d, r->from), to = column_of(d, r->to), at, end, step;
	size_t i;

	memset(row, ' ', size - 1);
	row[size - 1] = '\0';
	for (i = 0; i < d->count; i++)
		row[i * COLUMN_WIDTH] = '|';
	if (from < 0 || r->note)
		return;
	if (to < 0 || to == from)
		to = from + 1 < (int)d->count ? from + 1 : from - 1;
	if (to < 0)
		return;
	step = to > from ? 1 : -1;
	end = to * COLUMN_WIDTH - step;
	if (!r->arrived || r->to[0] == '*')
		end = from * COLUMN_WIDTH + step * COLUMN_WIDTH / 2;
	for (at = from * COLUMN_WIDTH + step; at != end; at += step)
		row[at] = '-';
	row[end] = step > 0 ? '>' : '<';
	if (!r->arrived)
		row[end] = r->end_us ? 'x' : '.';
	else if (r->to[0] == '*')
		row[end] = '*';
}

static void print_line(const struct diagram *d, const struct record *r)
{
	char row[COLUMNS_MAX * COLUMN_WIDTH + 2];
	size_t width = d->count * COLUMN_WIDTH + 1;

	if (r->note) {
		fprintf(stderr, "# %10.6f  == %s\n", (double)r->sent_us / 1e6, r->text);
		return;
	}
	draw(d, r, row, width);
	fprintf(stderr, "# %10.6f  %s %s", (double)r->sent_us / 1e6, row, r->text);
	if (r->fate[0])
		fprintf(stderr, "  (%s)", r->fate);
	else if (r->arrived && r->end_us != r->sent_us)
		fprintf(stderr, "  +%.3fms", (double)(r->end_us - r->sent_us) / 1e3);
	fputc('\n', stderr);
}

void record_print(const struct ladder *L, bool noise)
{
	struct diagram d;
	size_t i;

	find_columns(L, &d);
	print_head(&d);
	for (i = 0; i < L->record_count; i++) {
		if (noise || !L->records[i].noise)
			print_line(&d, &L->records[i]);
	}
	fprintf(stderr, "# %10.6f  now; LADDER_SEED=%llu\n", (double)L->now_us / 1e6,
		(unsigned long long)L->seed);
}
