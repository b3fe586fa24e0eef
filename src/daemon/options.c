// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command line. Called once by main(). What it says about the configuration
 * goes into the overrides that conf_load() puts above the file, at every reload,
 * too.
 */
#include "daemon/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_VT_SERVICE = 256, OPT_SHOW_CONFIG, OPT_CHECK, OPT_PREFLIGHT };

static const struct option long_options[] = {
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{"config-file", required_argument, NULL, 'c'},
	{"debug-level", required_argument, NULL, 'd'},
	{"debug-log", required_argument, NULL, 'l'},
	{"correspondent-node", no_argument, NULL, 'C'},
	{"home-agent", no_argument, NULL, 'H'},
	{"mobile-node", no_argument, NULL, 'M'},
	{"vt-service", required_argument, NULL, OPT_VT_SERVICE},
	{"show-config", no_argument, NULL, OPT_SHOW_CONFIG},
	{"check", no_argument, NULL, OPT_CHECK},
	{"preflight", no_argument, NULL, OPT_PREFLIGHT},
	{"foreground", no_argument, NULL, 'f'},
	{NULL, 0, NULL, 0},
};

void options_print_help(FILE *out)
{
	fprintf(out,
		"Usage: mip6d [OPTION]...\n"
		"Mobile IPv6 daemon (RFC 6275): home agent, mobile node, correspondent node.\n"
		"\n"
		"  -c, --config-file=FILE    configuration (default %s)\n"
		"      --check               only check the configuration: exit 0, or 1 with "
		"errors\n"
		"      --show-config         print the configuration in effect, defaults included\n"
		"      --preflight           say what this machine lacks for it: exit 0, or 2\n"
		"  -f, --foreground          do not go into the background\n"
		"\n"
		"These come before what the configuration says:\n"
		"  -C, --correspondent-node  role CN\n"
		"  -H, --home-agent          role HA\n"
		"  -M, --mobile-node         role MN\n"
		"  -d, --debug-level=N       0 notice, 1 info, 2 debug, 3 trace; from 1 on in the\n"
		"                            foreground, unless there is a file to log to\n"
		"  -l, --debug-log=FILE      log to FILE\n"
		"      --vt-service=PORT     console on this TCP port of the local host\n"
		"\n"
		"  -h, -?, --help            this text\n"
		"  -V, --version             version\n"
		"\n"
		"See mip6d(8) and mip6d.conf(5).\n",
		CONFIG_FILE);
}

void options_print_version(FILE *out)
{
	fprintf(out, "%s %s\n", PACKAGE_NAME, PACKAGE_VERSION);
}

static int say_bad(const char *what, const char *value)
{
	fprintf(stderr, "mip6d: %s '%s'; see mip6d --help\n", what, value);
	return -EINVAL;
}

static int set_role(struct options *o, enum conf_role role)
{
	if (o->overrides.have_role && o->overrides.role != role) {
		fputs("mip6d: only one of -C, -H, -M can be given; see mip6d --help\n", stderr);
		return -EINVAL;
	}
	o->overrides.have_role = true;
	o->overrides.role = role;
	return 0;
}

static int set_debug_level(struct options *o, const char *text)
{
	unsigned long v;

	if (!*text || strlen(text) > 9 || text[strspn(text, "0123456789")] != '\0')
		return say_bad("-d needs a number, not", text);
	v = strtoul(text, NULL, 10);
	o->overrides.have_debug_level = true;
	o->overrides.debug_level = (uint32_t)v;
	return 0;
}

/* Text that --show-config could not write as a string of the configuration. */
static int set_text(const char **out, const char *what, const char *text)
{
	for (const char *p = text; *p; p++)
		if (*p == '"' || (unsigned char)*p < 0x20 || *p == 0x7f)
			return say_bad(what, text);
	if (!*text)
		return say_bad(what, text);
	*out = text;
	return 0;
}

static int option_take(struct options *o, int c, char **argv)
{
	char letter[3] = {'-', (char)optopt, '\0'};
	const char *word = optopt && optopt < 256 ? letter : argv[optind - 1];

	switch (c) {
	case 'h':
		o->action = OPTIONS_HELP;
		return 0;
	case 'V':
		o->action = OPTIONS_VERSION;
		return 0;
	case 'c':
		o->config_file = optarg;
		return 0;
	case 'd':
		return set_debug_level(o, optarg);
	case 'l':
		return set_text(&o->overrides.debug_log_file, "-l cannot use the name", optarg);
	case 'C':
		return set_role(o, CONF_ROLE_CN);
	case 'H':
		return set_role(o, CONF_ROLE_HA);
	case 'M':
		return set_role(o, CONF_ROLE_MN);
	case OPT_VT_SERVICE:
		return set_text(&o->overrides.vt_service, "--vt-service cannot use", optarg);
	case OPT_SHOW_CONFIG:
		o->action = OPTIONS_SHOW;
		return 0;
	case OPT_PREFLIGHT:
		o->action = OPTIONS_PREFLIGHT;
		return 0;
	case 'f':
		o->foreground = true;
		return 0;
	case OPT_CHECK:
		o->action = OPTIONS_CHECK;
		return 0;
	case ':':
		return say_bad("a value is missing behind", word);
	case '?':
		if (optopt == '?') { /* -? itself */
			o->action = OPTIONS_HELP;
			return 0;
		}
		return say_bad("unknown option", word);
	default:
		return -EINVAL;
	}
}

int options_parse(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){.config_file = CONFIG_FILE};
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":c:d:fl:CHMVh", long_options, NULL)) != -1) {
		int rc = option_take(o, c, argv);

		if (rc < 0)
			return rc;
		if (o->action == OPTIONS_HELP || o->action == OPTIONS_VERSION)
			return 0;
	}
	if (optind < argc)
		return say_bad("nothing can stand behind the options, but there is", argv[optind]);
	return 0;
}
