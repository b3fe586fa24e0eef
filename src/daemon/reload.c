// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reload (SIGHUP): the file is read and checked as at start; with one error the
 * running configuration stays as it is. What differs is logged option by option,
 * in the words of the dialect. What only a restart can change keeps its value, so the
 * configuration in force is always one that is true, and the same difference is told
 * again by the next reload. The console may also only look. Called by run.c.
 */
#include "daemon/reload.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "conf/diff.h"

/* Of an access list a great part may change. */
#define LOGGED_MAX 200

static void tell_mistake(const struct reload *r, const struct conf_error *e)
{
	char where[512] = "";

	if (e->file && e->line)
		snprintf(where, sizeof(where), "%s:%u:%u", e->file, e->line, e->column);
	else
		snprintf(where, sizeof(where), "%s", e->file ? e->file : r->path);
	if (!r->only_look)
		log_at(LOG_CONF, e->severity == CONF_ERROR ? LOGL_ERROR : LOGL_WARNING,
		       "%s: %s%s%s", where, e->message, e->hint ? "; " : "",
		       e->hint ? e->hint : "");
	if (r->report)
		r->report->mistake(e->severity == CONF_ERROR ? "error" : "warning", where,
				   e->message, e->hint ? e->hint : "", r->report->ctx);
}

void reload_refuse(const struct reload *r, const char *where, const char *what, const char *hint)
{
	if (!r->only_look)
		log_error(LOG_CONF, "%s: %s, the former configuration stays", where, what);
	if (r->report)
		r->report->mistake("error", where, what, hint, r->report->ctx);
}

static const char *effect(const struct conf_change *c)
{
	switch (c->option->reload) {
	case CONF_RELOAD_LIVE:
		return "at once";
	case CONF_RELOAD_NEW:
		return "for what begins from now on";
	case CONF_RELOAD_RESTART:
		return "not before a restart";
	}
	return "?";
}

static void log_change(const struct conf_change *c, const char *option)
{
	switch (c->kind) {
	case CONF_CHANGE_VALUE:
		log_notice(LOG_CONF, "%s: %s, before %s (%s)", option,
			   *c->after ? c->after : "none", *c->before ? c->before : "none",
			   effect(c));
		return;
	case CONF_CHANGE_ADDED:
		log_notice(LOG_CONF, "%s: added %s (%s)", option, c->after, effect(c));
		return;
	case CONF_CHANGE_REMOVED:
		log_notice(LOG_CONF, "%s: removed, was %s (%s)", option, c->before, effect(c));
		return;
	}
}

static void tell_change(const struct conf_change *c, void *ctx)
{
	const char *name = c->option->name ? c->option->name : conf_block_name(c->option->block);
	bool waits = c->option->reload == CONF_RELOAD_RESTART;
	struct reload *r = ctx;
	char option[256];

	r->waiting += waits;
	snprintf(option, sizeof(option), "%s%s%s", name, *c->key ? " " : "", c->key);
	if (r->changes++ < LOGGED_MAX && !r->only_look)
		log_change(c, option);
	if (r->report)
		r->report->change(option, c->before, c->after, effect(c), waits, r->report->ctx);
}

/* False: the new configuration asks for what only another process can be. */
static bool can_change_to(const struct reload *r, const struct conf *c)
{
	char what[128];

	if (c->role == r->now->role)
		return true;
	snprintf(what, sizeof(what), "the role cannot change from %s to %s without a restart",
		 conf_role_name(r->now->role), conf_role_name(c->role));
	reload_refuse(r, "NodeConfig", what, "restart mip6d");
	return false;
}

struct conf *reload_read(struct reload *r)
{
	struct conf_errors errs;
	struct conf *c = NULL;

	conf_errors_init(&errs);
	conf_load(r->path, r->overrides, &c, &errs);
	for (size_t i = 0; i < errs.count; i++)
		tell_mistake(r, &errs.list[i]);
	conf_errors_free(&errs);
	if (!c) {
		if (!r->only_look)
			log_error(LOG_CONF, "%s cannot be used, the former configuration stays",
				  r->path);
		return NULL;
	}
	if (!can_change_to(r, c)) {
		conf_free(c);
		return NULL;
	}
	if (conf_diff(r->now, c, tell_change, r) < 0 || conf_keep_for_restart(c, r->now) < 0) {
		reload_refuse(r, r->path, "out of memory", "");
		conf_free(c);
		return NULL;
	}
	if (!r->only_look)
		log_notice(LOG_CONF, "%s read again, %u change%s%s", r->path, r->changes,
			   r->changes == 1 ? "" : "s",
			   r->changes > LOGGED_MAX ? ", not all of them listed" : "");
	return c;
}
