// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words of the console: those that every node has are in the table here, those of a
 * role in its own (core/role.h). A word that only reads may be cut as long as it is clear
 * which is meant; it may be two words, such as `clear binding`. Nothing waits here: a
 * list that may be long is told in pieces (core/show.h), and what takes long is asked
 * for apart, in a process of its own (apart.c). Called by server.c.
 */
#include "console/command.h"

#include <string.h>

#include "console/word.h"

enum word_flags { WORD_CHANGES = 1, WORD_APART = 2 };

struct word {
	const char *word;
	const char *usage; /* what may follow */
	const char *help;
	const char *example; /* what to type after mip6ctl */
	unsigned int flags;
	word_fn *run;
};

enum command_end word_failed(struct command_request *r, int error)
{
	r->status = error;
	return COMMAND_DONE;
}

unsigned int word_role_count(const struct mip6 *m)
{
	return m->running ? m->role_count : 0;
}

void command_parse(char *line, struct command_request *r)
{
	char *word;

	while ((word = strsep(&line, " \t\r\n")) && r->argc < COMMAND_WORDS_MAX) {
		if (!*word)
			continue;
		if (r->argc == 0 && !r->json && strcmp(word, "json") == 0)
			r->json = true;
		else if (r->argc == 0 && !r->colour && strcmp(word, "colour") == 0)
			r->colour = true;
		else
			r->argv[r->argc++] = word;
	}
}

/* --- the table ---------------------------------------------------------------------------- */

static word_fn word_help;

static const struct word words[] = {
	{ "status", "", "role, since when, how much there is", "status", 0, word_status },
	{ "bindings", "[HOME-ADDRESS | remembered]",
	  "the binding cache; or what is remembered of bindings that ended",
	  "bindings 2001:db8:1::100", 0, word_bindings },
	{ "bc", "[HOME-ADDRESS | remembered]", "the same", "bc", 0, word_bindings },
	{ "counters", "[all]", "messages and refusals; without `all` those that happened",
	  "counters all", 0, word_counters },
	{ "stats", "[all]", "the same", "stats", 0, word_counters },
	{ "metrics", "", "all that is counted, as OpenMetrics text", "metrics", 0, word_metrics },
	{ "violations", "", "what was refused, by whom, why", "violations", 0, word_violations },
	{ "interfaces", "", "interfaces and their addresses", "interfaces", 0, word_interfaces },
	{ "kernel", "[diff]",
	  "what the daemon keeps in the kernel, and whether it is there; or only what differs",
	  "kernel diff", WORD_APART, word_kernel },
	{ "tunnels", "", "tunnels, and what goes through them", "tunnels", WORD_APART,
	  word_tunnels },
	{ "policies", "", "XFRM policies and states", "policies", WORD_APART, word_policies },
	{ "top", "", "rates since this client asked last, newest and busiest nodes", "top", 0,
	  word_top },
	{ "netcheck", "",
	  "what is wrong with this machine and the network, and how to mend it", "netcheck",
	  WORD_APART, word_netcheck },
	{ "ping", "ADDRESS [TIMES]", "try every way that packets can go to somebody",
	  "ping 2001:db8:2::1", WORD_APART, word_ping },
	{ "timers", "", "what will happen when", "timers", 0, word_timers },
	{ "config", "", "the configuration in force", "config", 0, word_config },
	{ "config diff", "", "what a reload of the file would change now", "config diff", 0,
	  word_config_diff },
	{ "debug", "[SUBSYSTEM|all LEVEL [HOME-ADDRESS]]", "how much is logged, and about whom",
	  "debug ha debug", 0, word_debug },
	{ "clear binding", "HOME-ADDRESS | all", "end bindings, as if they had expired",
	  "clear binding 2001:db8:1::100", WORD_CHANGES, word_clear_binding },
	{ "clear counters", "", "counters from zero", "clear counters", WORD_CHANGES,
	  word_clear_counters },
	{ "counters clear", "", "the same", "counters clear", WORD_CHANGES, word_clear_counters },
	{ "clear undo", "", "counters as they were", "clear undo", WORD_CHANGES, word_clear_undo },
	{ "reload", "[check]",
	  "read the configuration again, and say what changes; or only say what would", "reload",
	  WORD_CHANGES, word_reload },
	{ "handover", "", "end, and leave the data path to a successor", "handover", WORD_CHANGES,
	  word_handover },
	{ "monitor", "", "events as they happen", "-j monitor", 0, word_monitor },
	{ "help", "[WORD]", "this list, or one word with an example", "help bindings", 0,
	  word_help },
};
#define WORD_COUNT (sizeof(words) / sizeof(words[0]))

/* What can be typed, wherever its table is; one of run, show and command is set. */
struct meaning {
	const char *name;
	const char *usage;
	const char *help;
	const char *example;
	unsigned int flags;
	word_fn *run;
	const struct role_show *show;
	const struct role_command *command;
};

static struct meaning of_word(const struct word *w)
{
	return (struct meaning){ .name = w->word,
				 .usage = w->usage,
				 .help = w->help,
				 .example = w->example,
				 .flags = w->flags,
				 .run = w->run };
}

static struct meaning of_show(const struct role_show *s)
{
	return (struct meaning){ .name = s->word,
				 .usage = s->usage,
				 .help = s->help,
				 .example = s->example,
				 .show = s };
}

static struct meaning of_command(const struct role_command *c)
{
	return (struct meaning){ .name = c->word,
				 .usage = c->usage,
				 .help = c->help,
				 .example = c->example,
				 .flags = WORD_CHANGES,
				 .command = c };
}

/* The i-th of all words; false past the end. */
static bool get_meaning(const struct mip6 *m, size_t i, struct meaning *out)
{
	if (i < WORD_COUNT) {
		*out = of_word(&words[i]);
		return true;
	}
	i -= WORD_COUNT;
	for (unsigned int n = 0; n < word_role_count(m); n++) {
		const struct role_show *s = m->roles[n]->shows;
		const struct role_command *c = m->roles[n]->commands;

		for (; s && s->word; s++) {
			if (i-- == 0) {
				*out = of_show(s);
				return true;
			}
		}
		for (; c && c->word; c++) {
			if (i-- == 0) {
				*out = of_command(c);
				return true;
			}
		}
	}
	return false;
}

/* --- which is meant --------------------------------------------------------------------- */

enum fit {
	FIT_NOT,
	FIT_BEGUN, /* a second word is missing */
	FIT_SHORT, /* a word was cut */
	FIT_EXACT,
};

/* Whether what was typed, from argv[0] on, is `name`, which may be two words. */
static enum fit fit(const char *name, int argc, const char *const *argv, int *count)
{
	enum fit fit = FIT_EXACT;

	for (*count = 0; *name; (*count)++) {
		size_t len = strcspn(name, " "), typed;

		if (*count >= argc)
			return FIT_BEGUN;
		typed = strlen(argv[*count]);
		if (typed > len || strncmp(name, argv[*count], typed) != 0)
			return FIT_NOT;
		if (typed < len)
			fit = FIT_SHORT;
		name += len + (name[len] == ' ');
	}
	return fit;
}

struct search {
	struct meaning is;
	enum fit fit;
	int count;	     /* of words typed that name it */
	unsigned int others; /* that could be meant as well */
	bool begun;	     /* something has that as its first word */
};

/* Of several that fit the one with more words is meant, then the one that is exact. */
static void find(const struct mip6 *m, int argc, const char *const *argv, struct search *s)
{
	struct meaning is;

	memset(s, 0, sizeof(*s));
	for (size_t i = 0; get_meaning(m, i, &is); i++) {
		int used;
		enum fit f = fit(is.name, argc, argv, &used);

		if (f == FIT_BEGUN)
			s->begun = true;
		if (f == FIT_NOT || f == FIT_BEGUN)
			continue;
		if (s->fit && (used < s->count || (used == s->count && f < s->fit)))
			continue;
		if (s->fit == f && used == s->count) {
			s->others++;
			continue;
		}
		*s = (struct search){ .is = is, .fit = f, .count = used, .begun = s->begun };
	}
}

/* Says which there are, where what was typed is not enough. */
static enum command_end ask_which(struct command_request *r, struct show *out, const char *typed)
{
	char text[256] = "";
	struct meaning is;

	for (size_t i = 0; get_meaning(r->m, i, &is); i++) {
		size_t len = strlen(text);

		if (strncmp(is.name, typed, strlen(typed)) == 0)
			snprintf(text + len, sizeof(text) - len, "%s%s", len ? ", " : "",
				 is.name);
	}
	return fail(r, out, EINVAL, "'%s' begins several commands: %s", typed, text);
}

/* --- help ---------------------------------------------------------------------------------- */

static void help_row(struct show *out, const struct meaning *is)
{
	show_text(out, "command", is->name);
	show_text(out, "arguments", is->usage);
	show_text(out, "meaning", is->help);
}

static enum command_end help_one(struct command_request *r, struct show *out)
{
	struct search s;

	find(r->m, r->argc - 1, r->argv + 1, &s);
	if (s.fit == FIT_SHORT && s.others)
		return ask_which(r, out, r->argv[1]);
	if (s.fit == FIT_NOT && s.begun)
		return ask_which(r, out, r->argv[1]);
	if (s.fit == FIT_NOT)
		return fail(r, out, EINVAL, "there is no command '%s', see help", r->argv[1]);
	help_row(out, &s.is);
	show_text(out, "who_may", s.is.flags & WORD_CHANGES ? "root" : "everybody");
	show_format(out, "example", "mip6ctl %s", s.is.example);
	return COMMAND_DONE;
}

static enum command_end word_help(struct command_request *r, struct show *out)
{
	struct meaning is;

	if (r->argc > 1)
		return help_one(r, out);
	show_list(out, "commands");
	for (size_t i = 0; get_meaning(r->m, i, &is); i++) {
		show_row(out);
		help_row(out, &is);
	}
	show_close(out);
	return COMMAND_DONE;
}

/* --- requests -------------------------------------------------------------------------------- */

/* A show of a role says with a text of that name alone that it was asked wrongly. */
static bool tells_error(const struct show *s)
{
	return s->count == 1 && s->items[0].type == SHOW_TEXT &&
	       strcmp(s->items[0].key, "error") == 0;
}

static enum command_end run_meaning(struct command_request *r, const struct meaning *is,
				    struct show *out)
{
	int err;

	if ((is->flags & WORD_APART) && !r->apart)
		return COMMAND_APART;
	if (is->run)
		return is->run(r, out);
	if (is->show) {
		is->show->show(r->m, out, r->argc, r->argv);
		if (tells_error(out))
			r->status = EINVAL;
		return out->more ? COMMAND_MORE : COMMAND_DONE;
	}
	err = is->command->run(r->m, out, r->argc, r->argv);
	r->status = err < 0 ? -err : 0;
	return COMMAND_DONE;
}

enum command_end command_run(struct command_request *r, struct show *out)
{
	struct search s;

	r->status = 0;
	if (r->argc == 0)
		return COMMAND_DONE;
	find(r->m, r->argc, r->argv, &s);
	if (s.fit == FIT_NOT && !s.begun)
		return fail(r, out, EINVAL, "there is no command '%s', see help", r->argv[0]);
	if (s.fit == FIT_NOT || (s.fit == FIT_SHORT && s.others))
		return ask_which(r, out, r->argv[0]);
	if (s.is.flags & WORD_CHANGES) {
		/* nobody means `handover` who types `hand` to see the handovers */
		if (s.fit != FIT_EXACT)
			return fail(r, out, EINVAL, "what changes something is to be written in "
				    "full: %s", s.is.name);
		if (!r->may_change)
			return fail(r, out, EPERM, "%s", "only root may change that");
		if (!r->m->running || r->m->stopping)
			return fail(r, out, EBUSY, "%s", "the daemon is starting or stopping");
	}
	return run_meaning(r, &s.is, out);
}
