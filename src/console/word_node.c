// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words about the node as a whole: where it stands, its bindings, interfaces, timers,
 * refusals, configuration, log. Called through the table of command.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "console/word.h"

static void show_wrong_row(const char *what, const char *look, void *ctx)
{
	struct show *out = ctx;

	show_row(out);
	show_text(out, "what", what);
	show_text(out, "see", look);
}

static void show_wrong(const struct command_request *r, struct show *out)
{
	const struct console_actions *a = r->actions;
	struct mip6 *m = r->m;

	show_list(out, "wrong");
	if (!m->running)
		show_wrong_row("the daemon has not started its roles", "its log", out);
	for (unsigned int i = 0; i < word_role_count(m); i++) {
		if (m->roles[i]->wrong)
			m->roles[i]->wrong(m, show_wrong_row, out);
	}
	if (counter_shown(&m->counters, COUNT_KERNEL_ERROR))
		show_wrong_row("the kernel has refused changes", "counters, and the log", out);
	if (a && a->waiting && a->waiting(a->ctx))
		show_wrong_row("changes of the configuration wait for a restart", "config diff",
			       out);
	show_close(out);
}

enum command_end word_status(struct command_request *r, struct show *out)
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
	for (unsigned int i = 0; i < word_role_count(m); i++) {
		if (m->roles[i]->status)
			m->roles[i]->status(m, out);
	}
	show_wrong(r, out);
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

/* A binding of which only the sequence number is left (5.2.8, 9.5.1). */
static void show_memory(struct mip6 *m, const struct binding *b, struct show *out)
{
	show_row(out);
	show_addr(out, "home_address", &b->key.hoa);
	show_text(out, "kind", b->kind == BINDING_HOME ? "home" : "correspondent");
	show_addr(out, "local", &b->key.local);
	show_number(out, "sequence", b->seq);
	show_until(out, "forgotten_in", timer_is_set(&b->timer) ? b->timer.at_us : 0, m->now_us);
}

/* One home address can have a home registration and, as a correspondent's, a binding with
 * each of our addresses; all of it is looked at, in pieces. */
enum command_end word_bindings(struct command_request *r, struct show *out)
{
	bool memory = r->argc > 1 && strcmp(r->argv[1], "remembered") == 0;
	bool one = r->argc > 1 && !memory;
	unsigned int looked_at = 0;
	struct in6_addr only;
	struct binding *b;

	if (one && addr_parse(r->argv[1], &only) < 0)
		return fail(r, out, EINVAL, "'%s' is no address", r->argv[1]);
	show_list(out, "bindings");
	do {
		b = bcache_walk(&r->m->bcache, show_cursor(out));
		if (!b)
			break;
		if ((b->state == BINDING_MEMORY) != memory ||
		    (one && !addr_equal(&b->key.hoa, &only)))
			continue;
		if (memory)
			show_memory(r->m, b, out);
		else
			show_binding(r->m, b, out);
	} while (!show_is_full(out) && ++looked_at < WORD_LOOKS_MAX);
	show_close(out);
	if (b)
		show_more(out);
	return b ? COMMAND_MORE : COMMAND_DONE;
}

enum command_end word_violations(struct command_request *r, struct show *out)
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

enum command_end word_interfaces(struct command_request *r, struct show *out)
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

enum command_end word_timers(struct command_request *r, struct show *out)
{
	const struct timer *first[SHOW_ROWS_MAX];
	size_t n = timers_soonest(r->m->timers, first, SHOW_ROWS_MAX);

	show_list(out, "timers");
	for (size_t i = 0; i < n; i++) {
		show_row(out);
		show_text(out, "name", first[i]->name);
		show_until(out, "in", first[i]->at_us, r->m->now_us);
	}
	show_close(out);
	if (r->m->timers->count > n)
		show_number(out, "not_shown", r->m->timers->count - n);
	return COMMAND_DONE;
}

enum command_end word_config(struct command_request *r, struct show *out)
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

enum command_end word_debug(struct command_request *r, struct show *out)
{
	enum log_level level;
	struct in6_addr about;

	if (r->argc == 2)
		return fail(r, out, EINVAL, "%s",
			    "say which level: debug SUBSYSTEM|all LEVEL [HOME-ADDRESS]");
	if (r->argc < 2) {
		show_list(out, "levels");
		for (int i = 0; i < LOG_SUBSYSTEM_COUNT; i++) {
			show_row(out);
			show_text(out, "subsystem", log_subsystem_name((enum log_subsystem)i));
			show_text(out, "level",
				  log_level_name(log_get_level((enum log_subsystem)i)));
			if (*log_about((enum log_subsystem)i))
				show_text(out, "about", log_about((enum log_subsystem)i));
			else
				show_none(out, "about");
		}
		show_close(out);
		return COMMAND_DONE;
	}
	if (!r->may_change)
		return fail(r, out, EPERM, "%s", "only root may change that");
	if (!log_level_parse(r->argv[2], &level))
		return fail(r, out, EINVAL, "'%s' is none of error warning notice info debug trace",
			    r->argv[2]);
	if (r->argc > 3 && addr_parse(r->argv[3], &about))
		return fail(r, out, EINVAL, "'%s' is no address", r->argv[3]);
	if (!log_set_level_by_name(r->argv[1], level))
		return fail(r, out, EINVAL, "there is no subsystem '%s'", r->argv[1]);
	if (r->argc > 3)
		log_only_about(r->argv[1], ADDR_STR(&about));
	return COMMAND_DONE;
}

enum command_end word_monitor(struct command_request *r, struct show *out)
{
	(void)r;
	(void)out;
	return COMMAND_MONITOR;
}
