// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words that change something on every node: bindings that are ended, a new
 * configuration, a successor. Called through the table of command.c, which has looked
 * whether the peer may.
 */
#include <string.h>

#include "console/word.h"

/* Bindings that are ended in one turn: each is a change of the kernel. */
#define ENDS_PER_PIECE 64

static bool end_binding(struct mip6 *m, struct binding *b)
{
	if (b->state == BINDING_MEMORY)
		return false;
	for (unsigned int i = 0; i < word_role_count(m); i++) {
		if (m->roles[i]->end_binding && m->roles[i]->end_binding(m, b))
			return true;
	}
	return false;
}

enum command_end word_clear_binding(struct command_request *r, struct show *out)
{
	bool all = r->argc > 2 && strcmp(r->argv[2], "all") == 0;
	unsigned int ended = 0, looked_at = 0;
	struct in6_addr hoa;
	struct binding *b;

	if (r->argc < 3)
		return fail(r, out, EINVAL, "%s", "say which: a home address, or all");
	if (!all && addr_parse(r->argv[2], &hoa) < 0)
		return fail(r, out, EINVAL, "'%s' is neither an address nor all", r->argv[2]);
	do {
		b = bcache_walk(&r->m->bcache, show_cursor(out));
		if (b && (all || addr_equal(&b->key.hoa, &hoa)) && end_binding(r->m, b))
			ended++;
	} while (b && ended < ENDS_PER_PIECE && ++looked_at < WORD_LOOKS_MAX);
	r->done += ended;
	if (b) {
		show_more(out);
		return COMMAND_MORE;
	}
	if (!r->done && !all)
		return fail(r, out, ENOENT, "there is no binding of %s", r->argv[2]);
	show_number(out, "ended", r->done);
	return COMMAND_DONE;
}

/* What a reload tells: mistakes first, then changes, each a list. */
struct telling {
	struct show *out;
	const char *list; /* that is open */
	unsigned int changes;
	unsigned int waiting; /* of them, for a restart */
};

static void begin_list(struct telling *t, const char *list)
{
	if (t->list != list) {
		if (t->list)
			show_close(t->out);
		if (list)
			show_list(t->out, list);
		t->list = list;
	}
	if (list)
		show_row(t->out);
}

static const char changes[] = "changes", mistakes[] = "mistakes";

static void show_mistake(const char *severity, const char *where, const char *what,
			 const char *hint, void *ctx)
{
	struct telling *t = ctx;

	begin_list(t, mistakes);
	show_text(t->out, "severity", severity);
	show_text(t->out, "where", where);
	show_text(t->out, "what", what);
	show_text(t->out, "hint", hint);
}

static void show_change(const char *option, const char *before, const char *after,
			const char *effect, bool waits, void *ctx)
{
	struct telling *t = ctx;

	t->waiting += waits;
	if (t->changes++ >= SHOW_ROWS_MAX)
		return;
	begin_list(t, changes);
	show_text(t->out, "option", option);
	show_text(t->out, "before", before);
	show_text(t->out, "after", after);
	show_text(t->out, "takes_effect", effect);
}

static void show_result(const struct telling *t, bool only_look)
{
	const char *s = t->changes == 1 ? "" : "s";

	if (t->changes > SHOW_ROWS_MAX)
		show_number(t->out, "not_shown", t->changes - SHOW_ROWS_MAX);
	if (!t->changes)
		show_text(t->out, "result",
			  only_look ? "the file says what is in force" : "nothing has changed");
	else if (!t->waiting)
		show_format(t->out, "result", only_look ? "%u change%s, not made yet" :
							  "%u change%s",
			    t->changes, s);
	else
		show_format(t->out, "result",
			    only_look ? "%u change%s, not made yet, %u only by a restart" :
					"%u change%s, of which %u will wait for a restart",
			    t->changes, s, t->waiting);
}

static enum command_end read_again(struct command_request *r, struct show *out, bool only_look)
{
	struct telling t = { .out = out };
	const struct console_report report = {
		.mistake = show_mistake,
		.change = show_change,
		.ctx = &t,
	};
	int err;

	if (!r->actions->reload)
		return fail(r, out, ENOTSUP, "%s", "not here");
	err = r->actions->reload(r->actions->ctx, only_look, &report);
	begin_list(&t, NULL);
	if (err == -EBUSY)
		return fail(r, out, EBUSY, "%s", "not now: the daemon begins or ends");
	if (err)
		return fail(r, out, -err, "%s",
			    only_look ? "this file would be refused" :
					"the former configuration stays");
	show_result(&t, only_look);
	return COMMAND_DONE;
}

enum command_end word_config_diff(struct command_request *r, struct show *out)
{
	return read_again(r, out, true);
}

enum command_end word_reload(struct command_request *r, struct show *out)
{
	bool only_look = r->argc > 1 && strcmp(r->argv[1], "check") == 0;

	if (r->argc > 1 && !only_look)
		return fail(r, out, EINVAL, "%s", "only `check` can stand behind it");
	return read_again(r, out, only_look);
}

enum command_end word_handover(struct command_request *r, struct show *out)
{
	if (!r->actions->stop)
		return fail(r, out, ENOTSUP, "%s", "not here");
	r->actions->stop(r->actions->ctx, ROLE_RESTART);
	return COMMAND_DONE;
}
