// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mip6d: the program. It reads the command line and the configuration; what is
 * wrong with either is said in full and ends the program with status 1. Then run.c
 * takes over.
 */
#include <stdio.h>

#include "conf/conf.h"
#include "daemon/options.h"
#include "daemon/run.h"

/* The whole configuration or none; what was found of at least the severity `least`
 * goes to stderr. */
static struct conf *load_configuration(const struct options *o, enum conf_severity least)
{
	struct conf_errors errs;
	struct conf *c;

	conf_errors_init(&errs);
	conf_load(o->config_file, &o->overrides, &c, &errs);
	conf_errors_print(&errs, least, stderr);
	if (!c)
		fprintf(stderr, "mip6d: %s cannot be used: %u error%s\n", o->config_file,
			errs.error_count, errs.error_count == 1 ? "" : "s");
	conf_errors_free(&errs);
	return c;
}

static int check(const struct options *o)
{
	struct conf *c = load_configuration(o, CONF_INFO);

	if (!c)
		return 1;
	printf("%s: right, for a node of role %s\n", o->config_file, conf_role_name(c->role));
	conf_free(c);
	return 0;
}

static int show(const struct options *o)
{
	struct conf *c = load_configuration(o, CONF_WARNING);
	int rc;

	if (!c)
		return 1;
	rc = conf_show(c, stdout);
	conf_free(c);
	return rc < 0;
}

static int preflight(const struct options *o)
{
	struct conf *c = load_configuration(o, CONF_WARNING);
	int status;

	if (!c)
		return 1;
	status = run_preflight(c);
	conf_free(c);
	return status;
}

static int serve(const struct options *o)
{
	struct conf *c = load_configuration(o, CONF_WARNING);

	return c ? run(o, c) : 1;
}

int main(int argc, char **argv)
{
	struct options o;

	if (options_parse(&o, argc, argv) < 0)
		return 1;
	switch (o.action) {
	case OPTIONS_HELP:
		options_print_help(stdout);
		return 0;
	case OPTIONS_VERSION:
		options_print_version(stdout);
		return 0;
	case OPTIONS_CHECK:
		return check(&o);
	case OPTIONS_SHOW:
		return show(&o);
	case OPTIONS_PREFLIGHT:
		return preflight(&o);
	case OPTIONS_RUN:
		return serve(&o);
	}
	return 1;
}
