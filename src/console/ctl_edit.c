// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mip6ctl at a terminal: line editing, history, and completion. The words are the daemon's:
 * it is asked for them once, with `help`, so they are those of its role and version. A
 * word may be two ("clear binding"); then each half is completed by itself. Called by
 * ctl.c.
 */
#include <editline/readline.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "console/ctl.h"

#define WORDS_MAX 128

/* Completion calls back without a context: this is mip6ctl's only state. */
static struct {
	char *words[WORDS_MAX]; /* owned */
	size_t count;
	size_t next; /* to be looked at, while matches are asked for */
	char before[CTL_LINE_MAX]; /* the words before the one being typed, a space behind each */
} the_words;

bool ctl_is_end(const char *line)
{
	return strcmp(line, "quit") == 0 || strcmp(line, "exit") == 0;
}

/* --- which words there are -------------------------------------------------------------- */

static void learn(const char *text)
{
	json_t *answer = json_loads(text, 0, NULL);
	json_t *row;
	size_t i;

	json_array_foreach (json_object_get(answer, "commands"), i, row) {
		const char *word = json_string_value(json_object_get(row, "command"));

		if (word && the_words.count < WORDS_MAX - 1)
			the_words.words[the_words.count++] = strdup(word);
	}
	json_decref(answer);
	the_words.words[the_words.count++] = strdup("quit");
}

static void ask_for_words(const struct ctl *c)
{
	struct ctl quiet = { .daemon = c->daemon, .form = CTL_JSON };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	bool have;

	if (!out)
		return;
	have = ctl_ask(&quiet, "help", out) == EXIT_OK;
	if (fclose(out) == 0 && have)
		learn(text);
	free(text);
}

/* --- completion ---------------------------------------------------------------------------- */

/* The word after what was typed before, if `word` begins so and goes on with `text`. */
static char *continuation(const char *word, const char *text)
{
	size_t before = strlen(the_words.before);

	if (!word || strncmp(word, the_words.before, before) != 0)
		return NULL;
	word += before;
	if (strncmp(word, text, strlen(text)) != 0)
		return NULL;
	return strndup(word, strcspn(word, " "));
}

/* The first half of several words is offered once. */
static bool is_offered(size_t before, const char *found)
{
	for (size_t i = 0; i < before; i++) {
		char *other = continuation(the_words.words[i], found);
		bool same = other && strcmp(other, found) == 0;

		free(other);
		if (same)
			return true;
	}
	return false;
}

static char *next_match(const char *text, int state)
{
	if (state == 0)
		the_words.next = 0;
	while (the_words.next < the_words.count) {
		size_t i = the_words.next++;
		char *found = continuation(the_words.words[i], text);

		if (found && !is_offered(i, found))
			return found;
		free(found);
	}
	return NULL;
}

/* What stands before the word at `start`, with single spaces, and without a first "help",
 * behind which all words can stand. */
static void note_before(const char *line, int start)
{
	char copy[CTL_LINE_MAX], *at = copy, *word;
	size_t len = 0;

	snprintf(copy, sizeof(copy), "%.*s", start, line);
	*the_words.before = '\0';
	while ((word = strsep(&at, " "))) {
		if (!*word || (len == 0 && strcmp(word, "help") == 0))
			continue;
		len += (size_t)snprintf(the_words.before + len, sizeof(the_words.before) - len,
					"%s ", word);
		if (len >= sizeof(the_words.before))
			return;
	}
}

static char **complete(const char *text, int start, int end)
{
	(void)end;
	note_before(rl_line_buffer, start);
	rl_attempted_completion_over = 1; /* no names of files */
	return rl_completion_matches(text, next_match);
}

/* --- reading -------------------------------------------------------------------------------- */

int ctl_edit(struct ctl *c)
{
	int status = EXIT_OK;
	char *line;

	ask_for_words(c);
	rl_attempted_completion_function = complete;
	while (status != EXIT_NO_DAEMON && (line = readline("mip6d> "))) {
		bool end = ctl_is_end(line);

		if (*line && !end) {
			add_history(line);
			status = ctl_ask(c, line, stdout);
		}
		free(line);
		if (end)
			break;
	}
	while (the_words.count)
		free(the_words.words[--the_words.count]);
	return status;
}
