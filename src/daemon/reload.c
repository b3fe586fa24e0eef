// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reload (SIGHUP): the file is read and checked as at start; with one error the
 * running configuration stays as it is. What differs is logged option by option,
 * in the words of the dialect. Called by run.c.
 */
#include "daemon/reload.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "conf/diff.h"

static void log_errors(const struct conf_errors *errs)
{
	for (size_t i = 0; i < errs->count; i++) {
		const struct conf_error *e = &errs->list[i];

		log_at(LOG_CONF, e->severity == CONF_ERROR ? LOGL_ERROR : LOGL_WARNING,
		       "%s:%u:%u: %s%s%s", e->file, e->line, e->column, e->message,
		       e->hint ? "; " : "", e->hint ? e->hint : "");
	}
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

static void log_change(const struct conf_change *c, void *ctx)
{
	const char *name = c->option->name ? c->option->name : conf_block_name(c->option->block);
	const char *space = *c->key ? " " : "";

	(void)ctx;
	switch (c->kind) {
	case CONF_CHANGE_VALUE:
		log_notice(LOG_CONF, "%s%s%s: %s, before %s (%s)", name, space, c->key, c->after,
			   c->before, effect(c));
		return;
	case CONF_CHANGE_ADDED:
		log_notice(LOG_CONF, "%s%s%s: added %s (%s)", name, space, c->key, c->after,
			   effect(c));
		return;
	case CONF_CHANGE_REMOVED:
		log_notice(LOG_CONF, "%s%s%s: removed, was %s (%s)", name, space, c->key,
			   c->before, effect(c));
		return;
	}
}

struct conf *reload_read(const char *path, const struct conf_overrides *o,
			 const struct conf *now)
{
	struct conf_errors errs;
	struct conf *c = NULL;
	int n;

	conf_errors_init(&errs);
	conf_load(path, o, &c, &errs);
	log_errors(&errs);
	conf_errors_free(&errs);
	if (!c) {
		log_error(LOG_CONF, "%s cannot be used, the former configuration stays", path);
		return NULL;
	}
	if (c->role != now->role) {
		log_error(LOG_CONF, "the role cannot change from %s to %s without a restart, the "
			  "former configuration stays", conf_role_name(now->role),
			  conf_role_name(c->role));
		conf_free(c);
		return NULL;
	}
	n = conf_diff(now, c, log_change, NULL);
	if (n < 0) {
		log_error(LOG_CONF, "cannot compare configurations: %s", strerror(-n));
		conf_free(c);
		return NULL;
	}
	log_notice(LOG_CONF, "%s read again, %d change%s", path, n, n == 1 ? "" : "s");
	return c;
}
