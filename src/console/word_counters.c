// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words about what is counted: for people (counters, which they can clear), for machines
 * (metrics, which never run backwards). Called through the table of command.c.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "console/word.h"

enum command_end word_counters(struct command_request *r, struct show *out)
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

enum command_end word_metrics(struct command_request *r, struct show *out)
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

enum command_end word_clear_counters(struct command_request *r, struct show *out)
{
	(void)out;
	counters_clear(&r->m->counters);
	return COMMAND_DONE;
}

enum command_end word_clear_undo(struct command_request *r, struct show *out)
{
	(void)out;
	memset(r->m->counters.cleared, 0, sizeof(r->m->counters.cleared));
	return COMMAND_DONE;
}
