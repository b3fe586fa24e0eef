// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reload (SIGHUP): the file is read and checked as at start; with one error the
 * running configuration stays as it is. What differs is logged option by option,
 * in the words of the dialect. Called by run.c.
 */
#include "daemon/reload.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "conf/diff.h"

static void tell_mistake(const struct console_report *report, const struct conf_error *e)
{
	char where[512];

	log_at(LOG_CONF, e->severity == CONF_ERROR ? LOGL_ERROR : LOGL_WARNING,
	       "%s:%u:%u: %s%s%s", e->file, e->line, e->column, e->message, e->hint ? "; " : "",
	       e->hint ? e->hint : "");
	if (!report)
		return;
	snprintf(where, sizeof(where), "%s:%u:%u", e->file, e->line, e->column);
	report->mistake(e->severity == CONF_ERROR ? "error" : "warning", where, e->message,
			e->hint ? e->hint : "", report->ctx);
}

static void tell_mistakes(const struct console_report *report, const struct conf_errors *errs)
{
	for (size_t i = 0; i < errs->count; i++)
		tell_mistake(report, &errs->list[i]);
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

static void tell_change(const struct conf_change *c, void *ctx)
{
	const char *name = c->option->name ? c->option->name : conf_block_name(c->option->block);
	const char *space = *c->key ? " " : "";
	const struct console_report *report = *(const struct console_report **)ctx;
	char option[256];

	snprintf(option, sizeof(option), "%s%s%s", name, space, c->key);
	if (report)
		report->change(option, c->before, c->after, effect(c), report->ctx);
	switch (c->kind) {
	case CONF_CHANGE_VALUE:
		log_notice(LOG_CONF, "%s: %s, before %s (%s)", option, c->after, c->before,
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

/* False: the new configuration asks for what only a restart can do. */
static bool can_change_to(const struct conf *now, const struct conf *c,
			  const struct console_report *report)
{
	char what[128];

	if (c->role == now->role)
		return true;
	snprintf(what, sizeof(what), "the role cannot change from %s to %s without a restart",
		 conf_role_name(now->role), conf_role_name(c->role));
	log_error(LOG_CONF, "%s, the former configuration stays", what);
	if (report)
		report->mistake("error", "NodeConfig", what, "restart mip6d", report->ctx);
	return false;
}

struct conf *reload_read(const char *path, const struct conf_overrides *o,
			 const struct conf *now, const struct console_report *report)
{
	struct conf_errors errs;
	struct conf *c = NULL;
	int n;

	conf_errors_init(&errs);
	conf_load(path, o, &c, &errs);
	tell_mistakes(report, &errs);
	conf_errors_free(&errs);
	if (!c) {
		log_error(LOG_CONF, "%s cannot be used, the former configuration stays", path);
		return NULL;
	}
	if (!can_change_to(now, c, report)) {
		conf_free(c);
		return NULL;
	}
	n = conf_diff(now, c, tell_change, &report);
	if (n < 0) {
		log_error(LOG_CONF, "cannot compare configurations: %s", strerror(-n));
		conf_free(c);
		return NULL;
	}
	log_notice(LOG_CONF, "%s read again, %d change%s", path, n, n == 1 ? "" : "s");
	return c;
}
