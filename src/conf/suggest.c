// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "Did you mean": the nearest word of a set, by the number of single letters to
 * insert, drop, change or swap; a letter in the wrong case counts little. Called
 * by the meaning pass for options and for words that are values.
 */
#include "conf/suggest.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define WORD_MAX    48
#define STEP	    4 /* cost of one edit; a wrong case costs 1 */
#define UNREACHABLE 1000

static unsigned int change_cost(char a, char b)
{
	if (a == b)
		return 0;
	return tolower((unsigned char)a) == tolower((unsigned char)b) ? 1 : STEP;
}

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int m = a < b ? a : b;

	return m < c ? m : c;
}

/* Optimal string alignment distance, in units of STEP. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[3][WORD_MAX + 1];
	size_t la = strlen(a);
	size_t lb = strlen(b);

	if (la > WORD_MAX || lb > WORD_MAX)
		return UNREACHABLE;
	for (size_t j = 0; j <= lb; j++)
		row[0][j] = (unsigned int)j * STEP;
	for (size_t i = 1; i <= la; i++) {
		unsigned int *now = row[i % 3];
		const unsigned int *up = row[(i + 2) % 3];

		now[0] = (unsigned int)i * STEP;
		for (size_t j = 1; j <= lb; j++) {
			now[j] = min3(up[j] + STEP, now[j - 1] + STEP,
				      up[j - 1] + change_cost(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    row[(i + 1) % 3][j - 2] + STEP < now[j])
				now[j] = row[(i + 1) % 3][j - 2] + STEP;
		}
	}
	return row[la % 3][lb];
}

void conf_suggest_begin(struct conf_suggest *s, const char *word)
{
	size_t len = strlen(word);

	s->word = word;
	s->best = NULL;
	/* a third of the letters may differ, and all may be in the wrong case */
	s->distance = (unsigned int)(len / 3 < 1 ? 1 : len / 3) * STEP + 1;
	if (len > WORD_MAX)
		s->distance = 0;
}

void conf_suggest_try(struct conf_suggest *s, const char *candidate)
{
	unsigned int d;

	if (strcasecmp(s->word, candidate) == 0)
		d = 0;
	else
		d = distance(s->word, candidate);
	if (d < s->distance) {
		s->distance = d;
		s->best = candidate;
	}
}

void conf_suggest_try_words(struct conf_suggest *s, const struct conf_word *words)
{
	for (; words->word; words++)
		conf_suggest_try(s, words->word);
}
