// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words of the console: those that every node has are here, those of a role are in
 * its table (core/role.h). A word may be cut as long as it is clear which is meant.
 * Nothing here waits; a list that may be long is told in pieces (core/show.h). Called
 * by server.c.
 */
#include "console/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

struct word {
	const char *word;
	const char *usage; /* what may follow */
	const char *help;
	bool changes;
	enum command_end (*run)(struct command_request *r, struct show *out);
};

static enum command_end failed(struct command_request *r, int error)
{
	r->status = error;
	return COMMAND_DONE;
}

/* fail(request, out, errno value, format, ...): says why, and ends the request. */
#define fail(r, out, error, ...) (show_format((out), "error", __VA_ARGS__), failed((r), (error)))

/* --- the node ------------------------------------------------------------------------- */

static enum command_end run_status(struct command_request *r, struct show *out)
{
	struct mip6 *m = r->m;
	const struct bcache *c = &m->bcache;

	show_text(out, "version", PACKAGE_VERSION);
	show_text(out, "role", conf_role_name(m->conf->role));
	show_span(out, "up_for", m->now_us - m->started_us);
	show_number(out, "home_registrations", c->count[BINDING_HOME]);
	show_number(out, "correspondent_bindings", c->count[BINDING_CACHED]);
	show_number(out, "remembered_sequence_numbers", c->memory_count);
	show_number(out, "violations", m->violations.total);
	for (unsigned int i = 0; i < m->role_count; i++) {
		if (m->roles[i]->status)
			m->roles[i]->status(m, out);
	}
	return COMMAND_DONE;
}

static void show_binding(struct mip6 *m, const struct binding *b, struct show *out)
{
	const struct binding_path *p = b->want.valid ? &b->want : &b->installed;
	struct mh_flags_buf flags;

	show_row(out);
	show_addr(out, "home_address", &b->key.hoa);
	show_addr(out, "care_of_address", &p->coa);
	show_text(out, "kind", b->kind == BINDING_HOME ? "home" : "correspondent");
	show_text(out, "state", binding_state_name(b->state));
	show_text(out, "flags", mh_bu_flags_text((uint16_t)p->flags, &flags));
	show_addr(out, "local", &b->key.local);
	show_number(out, "sequence", b->seq);
	show_span(out, "lifetime", b->lifetime_s * US_PER_S);
	show_until(out, "left", b->expires_us, m->now_us);
	show_since(out, "since", b->since_us, m->now_us);
}

static enum command_end run_bindings(struct command_request *r, struct show *out)
{
	struct in6_addr only;
	bool one = r->argc > 1;
	struct binding *b;

	if (one && addr_parse(r->argv[1], &only) < 0)
		return fail(r, out, EINVAL, "'%s' is no address", r->argv[1]);
	show_list(out, "bindings");
	while (!show_is_full(out) && (b = bcache_walk(&r->m->bcache, show_cursor(out)))) {
		if (b->state != BINDING_MEMORY && (!one || addr_equal(&b->key.hoa, &only)))
			show_binding(r->m, b, out);
	}
	show_close(out);
	if (show_is_full(out))
		show_more(out);
	return out->more ? COMMAND_MORE : COMMAND_DONE;
}

static enum command_end run_counters(struct command_request *r, struct show *out)
{
	bool all = r->argc > 1 && strcmp(r->argv[1], "all") == 0;

	show_list(out, "counters");
	for (int i = 0; i < COUNTER_COUNT; i++) {
		uint64_t v = counter_shown(&r->m->counters, (enum counter)i);

		if (!v && !all && !r->json)
			continue;
		show_row(out);
		show_text(out, "name", counter_word((enum counter)i));
		show_number(out, "value", v);
		show_text(out, "meaning", counter_help((enum counter)i));
	}
	show_close(out);
	return COMMAND_DONE;
}

static void put_gauge(FILE *f, const char *name, const char *help, uint64_t v)
{
	fprintf(f, "# TYPE mip6d_%s gauge\n# HELP mip6d_%s %s.\nmip6d_%s %" PRIu64 "\n", name, name,
		help, name, v);
}

/*
 * OpenMetrics text. Counters are those since the start of the daemon: what `clear` does is
 * for people, a metric must not run backwards.
 */
static void put_metrics(const struct mip6 *m, FILE *f)
{
	fprintf(f, "# TYPE mip6d_build info\nmip6d_build_info{version=\"%s\",role=\"%s\"} 1\n",
		PACKAGE_VERSION, conf_role_name(m->conf->role));
	fprintf(f, "# TYPE mip6d_up_seconds gauge\n# UNIT mip6d_up_seconds seconds\n"
		   "mip6d_up_seconds %" PRIu64 "\n",
		(uint64_t)((m->now_us - m->started_us) / US_PER_S));
	put_gauge(f, "home_registrations", "Registrations that the home agent serves",
		  m->bcache.count[BINDING_HOME]);
	put_gauge(f, "correspondent_bindings", "Bindings of route optimization",
		  m->bcache.count[BINDING_CACHED]);
	put_gauge(f, "timers", "Timers that are set", m->timers->count);
	for (int i = 0; i < COUNTER_COUNT; i++) {
		const char *word = counter_word((enum counter)i);

		fprintf(f, "# TYPE mip6d_%s counter\n# HELP mip6d_%s %s.\n"
			   "mip6d_%s_total %" PRIu64 "\n",
			word, word, counter_help((enum counter)i), word, m->counters.value[i]);
	}
	fputs("# EOF\n", f);
}

static enum command_end run_metrics(struct command_request *r, struct show *out)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	bool bad = !f;

	if (f) {
		put_metrics(r->m, f);
		bad = ferror(f) != 0;
		bad |= fclose(f) != 0;
	}
	if (bad) {
		free(text);
		return fail(r, out, ENOMEM, "%s", "out of memory");
	}
	show_text(out, "metrics", text);
	free(text);
	return COMMAND_DONE;
}

static enum command_end run_violations(struct command_request *r, struct show *out)
{
	const struct violation *v;

	show_list(out, "violations");
	for (size_t i = 0; (v = violation_get(&r->m->violations, i)); i++) {
		show_row(out);
		show_since(out, "ago", v->last_us, r->m->now_us);
		show_number(out, "count", v->count);
		show_addr(out, "peer", &v->peer);
		show_addr(out, "home_address", &v->home);
		show_number(out, "status", v->status);
		show_text(out, "reason", v->reason);
	}
	show_close(out);
	return COMMAND_DONE;
}

static enum command_end run_interfaces(struct command_request *r, struct show *out)
{
	const struct link *l;
	const struct link_addr *a;

	show_list(out, "interfaces");
	TAILQ_FOREACH (l, &r->m->links.links, entry) {
		bool any = false;

		TAILQ_FOREACH (a, &l->addrs, entry) {
			show_row(out);
			show_text(out, "name", l->l.name);
			show_text(out, "carrier", l->l.running ? "yes" : "no");
			show_addr(out, "address", &a->a.addr);
			show_text(out, "state", !link_addr_usable(a) ? "tentative" :
						a->a.deprecated	     ? "deprecated" :
								       "usable");
			show_bool(out, "ours", a->a.ours);
			any = true;
		}
		if (any)
			continue;
		show_row(out);
		show_text(out, "name", l->l.name);
		show_text(out, "carrier", l->l.running ? "yes" : "no");
		show_text(out, "address", "");
		show_text(out, "state", "");
		show_bool(out, "ours", l->l.ours);
	}
	show_close(out);
	return COMMAND_DONE;
}

static int show_object(const struct kobj *o, void *ctx)
{
	struct show *out = ctx;
	char text[KOBJ_TEXT_MAX];

	show_row(out);
	show_text(out, "type", kobj_type_name(o->type));
	show_text(out, "object", kobj_text(o, text, sizeof(text)));
	return 0;
}

static enum command_end run_kernel(struct command_request *r, struct show *out)
{
	int err;

	show_list(out, "objects");
	err = r->m->kernel->ops->scan(r->m->kernel, show_object, out);
	show_close(out);
	if (err)
		return fail(r, out, -err, "the kernel cannot be read: %s", strerror(-err));
	return COMMAND_DONE;
}

struct timer_list_ctx {
	const struct timer **list;
	size_t count;
	size_t room;
};

static void collect_timer(const struct timer *t, void *ctx)
{
	struct timer_list_ctx *l = ctx;

	if (l->count < l->room)
		l->list[l->count++] = t;
}

static int by_time(const void *a, const void *b)
{
	const struct timer *const *x = a, *const *y = b;

	return (*x)->at_us < (*y)->at_us ? -1 : (*x)->at_us > (*y)->at_us;
}

static enum command_end run_timers(struct command_request *r, struct show *out)
{
	struct timer_list_ctx l = { .room = r->m->timers->count };

	l.list = calloc(l.room + 1, sizeof(*l.list));
	if (!l.list)
		return fail(r, out, ENOMEM, "%s", "out of memory");
	timers_each(r->m->timers, collect_timer, &l);
	qsort(l.list, l.count, sizeof(*l.list), by_time);
	show_list(out, "timers");
	for (size_t i = 0; i < l.count && !show_is_full(out); i++) {
		show_row(out);
		show_text(out, "name", l.list[i]->name);
		show_until(out, "in", l.list[i]->at_us, r->m->now_us);
	}
	show_close(out);
	if (l.count > SHOW_ROWS_MAX)
		show_number(out, "not_shown", l.count - SHOW_ROWS_MAX);
	free(l.list);
	return COMMAND_DONE;
}

static enum command_end run_config(struct command_request *r, struct show *out)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int err = f ? conf_show(r->m->conf, f) : -ENOMEM;

	if (f)
		fclose(f);
	if (err) {
		free(text);
		return fail(r, out, -err, "%s", strerror(-err));
	}
	show_text(out, "config", text);
	free(text);
	return COMMAND_DONE;
}

/* --- changes ---------------------------------------------------------------------------- */

static enum command_end run_clear(struct command_request *r, struct show *out)
{
	struct counters *c = &r->m->counters;

	if (r->argc > 1 && strcmp(r->argv[1], "undo") == 0)
		memset(c->cleared, 0, sizeof(c->cleared));
	else if (r->argc > 1 && strcmp(r->argv[1], "counters") == 0)
		counters_clear(c);
	else
		return fail(r, out, EINVAL, "%s", "what: counters, or undo");
	return COMMAND_DONE;
}

static enum command_end run_debug(struct command_request *r, struct show *out)
{
	enum log_level level;

	if (r->argc < 3) {
		show_list(out, "levels");
		for (int i = 0; i < LOG_SUBSYSTEM_COUNT; i++) {
			show_row(out);
			show_text(out, "subsystem", log_subsystem_name((enum log_subsystem)i));
			show_text(out, "level",
				  log_level_name(log_get_level((enum log_subsystem)i)));
		}
		show_close(out);
		return COMMAND_DONE;
	}
	if (!r->may_change)
		return fail(r, out, EPERM, "%s", "only root may change that");
	if (!log_level_parse(r->argv[2], &level))
		return fail(r, out, EINVAL, "'%s' is none of error warning notice info debug trace",
			    r->argv[2]);
	if (!log_set_level_by_name(r->argv[1], level))
		return fail(r, out, EINVAL, "there is no subsystem '%s'", r->argv[1]);
	return COMMAND_DONE;
}

static enum command_end run_reload(struct command_request *r, struct show *out)
{
	int err = r->actions->reload ? r->actions->reload(r->actions->ctx) : -ENOTSUP;

	if (err)
		return fail(r, out, -err, "%s", "the former configuration stays, see the log");
	return COMMAND_DONE;
}

static enum command_end run_handover(struct command_request *r, struct show *out)
{
	if (!r->actions->stop)
		return fail(r, out, ENOTSUP, "%s", "not here");
	r->actions->stop(r->actions->ctx, ROLE_RESTART);
	return COMMAND_DONE;
}

static enum command_end run_monitor(struct command_request *r, struct show *out)
{
	(void)r;
	(void)out;
	return COMMAND_MONITOR;
}

/* --- the table ---------------------------------------------------------------------------- */

static enum command_end run_help(struct command_request *r, struct show *out);

static const struct word words[] = {
	{ "status", "", "role, since when, how much there is", false, run_status },
	{ "bindings", "[HOME-ADDRESS]", "the binding cache", false, run_bindings },
	{ "bc", "[HOME-ADDRESS]", "the same", false, run_bindings },
	{ "counters", "[all]", "messages and refusals; without `all` those that happened", false,
	  run_counters },
	{ "stats", "[all]", "the same", false, run_counters },
	{ "metrics", "", "all that is counted, as OpenMetrics text", false, run_metrics },
	{ "violations", "", "what was refused, by whom, why", false, run_violations },
	{ "interfaces", "", "interfaces and their addresses", false, run_interfaces },
	{ "kernel", "", "what the daemon keeps in the kernel", false, run_kernel },
	{ "timers", "", "what will happen when", false, run_timers },
	{ "config", "", "the configuration in effect", false, run_config },
	{ "debug", "[SUBSYSTEM|all LEVEL]", "how much is logged", false, run_debug },
	{ "clear", "counters | undo", "counters from zero, or as they were", true, run_clear },
	{ "reload", "", "read the configuration again", true, run_reload },
	{ "handover", "", "end, and leave the data path to a successor", true, run_handover },
	{ "monitor", "", "events as they happen", false, run_monitor },
	{ "help", "", "this list", false, run_help },
};
#define WORD_COUNT (sizeof(words) / sizeof(words[0]))

static void help_row(struct show *out, const char *word, const char *usage, const char *help)
{
	show_row(out);
	show_text(out, "command", word);
	show_text(out, "arguments", usage);
	show_text(out, "meaning", help);
}

static enum command_end run_help(struct command_request *r, struct show *out)
{
	show_list(out, "commands");
	for (size_t i = 0; i < WORD_COUNT; i++)
		help_row(out, words[i].word, words[i].usage, words[i].help);
	for (unsigned int i = 0; i < r->m->role_count; i++) {
		const struct role_show *s = r->m->roles[i]->shows;
		const struct role_command *c = r->m->roles[i]->commands;

		for (; s && s->word; s++)
			help_row(out, s->word, "", s->help);
		for (; c && c->word; c++)
			help_row(out, c->word, "", c->help);
	}
	show_close(out);
	return COMMAND_DONE;
}

/* What a word means: one of these is set. */
struct meaning {
	const struct word *word;
	const struct role_show *show;
	const struct role_command *command;
	unsigned int found; /* how many begin with it */
	bool exact;
};

/* True when the word is to be taken over the one before. */
static bool fits(struct meaning *is, const char *word, const char *typed)
{
	if (is->exact || strncmp(word, typed, strlen(typed)) != 0)
		return false;
	is->found++;
	is->exact = strcmp(word, typed) == 0;
	return true;
}

static void find(struct mip6 *m, const char *typed, struct meaning *is)
{
	memset(is, 0, sizeof(*is));
	for (size_t i = 0; i < WORD_COUNT; i++) {
		if (fits(is, words[i].word, typed))
			is->word = &words[i];
	}
	for (unsigned int i = 0; i < m->role_count; i++) {
		const struct role_show *s = m->roles[i]->shows;
		const struct role_command *c = m->roles[i]->commands;

		for (; s && s->word; s++) {
			if (fits(is, s->word, typed)) {
				is->show = s;
				is->word = NULL;
				is->command = NULL;
			}
		}
		for (; c && c->word; c++) {
			if (fits(is, c->word, typed)) {
				is->command = c;
				is->show = NULL;
				is->word = NULL;
			}
		}
	}
}

enum command_end command_run(struct command_request *r, struct show *out)
{
	struct meaning is;
	int err;

	r->status = 0;
	if (r->argc == 0)
		return COMMAND_DONE;
	find(r->m, r->argv[0], &is);
	if (!is.found)
		return fail(r, out, EINVAL, "there is no command '%s', see help", r->argv[0]);
	if (!is.exact && is.found > 1)
		return fail(r, out, EINVAL, "'%s' begins several commands, see help", r->argv[0]);
	if (is.command || (is.word && is.word->changes)) {
		/* nobody means `handover` who types `hand` to see the handovers */
		if (!is.exact)
			return fail(r, out, EINVAL, "%s",
				    "what changes something is to be written in full");
		if (!r->may_change)
			return fail(r, out, EPERM, "%s", "only root may change that");
	}
	if (is.word)
		return is.word->run(r, out);
	if (is.show) {
		is.show->show(r->m, out, r->argc, r->argv);
		return out->more ? COMMAND_MORE : COMMAND_DONE;
	}
	err = is.command->run(r->m, out, r->argc, r->argv);
	r->status = err < 0 ? -err : 0;
	return COMMAND_DONE;
}
