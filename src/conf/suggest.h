// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "Did you mean": begin with the word that was found, try all that could have
 * been meant, and `best` is the nearest, or NULL when none is near.
 */
#ifndef CONF_SUGGEST_H
#define CONF_SUGGEST_H

#include "conf/option.h"

struct conf_suggest {
	const char *word;
	const char *best; /* not owned */
	unsigned int distance;
};

void conf_suggest_begin(struct conf_suggest *s, const char *word);
void conf_suggest_try(struct conf_suggest *s, const char *candidate);
void conf_suggest_try_words(struct conf_suggest *s, const struct conf_word *words);

#endif
