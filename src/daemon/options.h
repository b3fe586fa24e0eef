// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command line of mip6d, in the letters that users of UMIP know, with long
 * forms beside them.
 */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "conf/conf.h"

enum options_action {
	OPTIONS_RUN,
	OPTIONS_CHECK, /* --check: judge the configuration, exit 0 or 1 */
	OPTIONS_SHOW,  /* --show-config: print what would be in effect */
	OPTIONS_PREFLIGHT, /* --preflight: judge the machine, exit 0 or 1 */
	OPTIONS_HELP,
	OPTIONS_VERSION,
};

struct options {
	enum options_action action;
	bool foreground;		 /* -f */
	const char *config_file;	 /* -c, or the default; never NULL */
	struct conf_overrides overrides; /* -d -l -C -H -M --vt-service */
};

/* Reads the command line; texts stay in argv. 0; or -EINVAL after saying on
 * stderr what is wrong. */
int options_parse(struct options *o, int argc, char **argv);

void options_print_help(FILE *out);
void options_print_version(FILE *out);

#endif
