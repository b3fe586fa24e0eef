// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mip6ctl: sends a command to the daemon's socket and prints the answer as it comes, once or
 * again and again; or, without a command, reads commands, with line editing at a
 * terminal (ctl_edit.c). The protocol is in console.h (ctl_link.c). All words and their
 * texts are the daemon's: this program knows only that `top` is for looking at.
 */
#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "console/ctl.h"

#define LINES_ROOM 16 /* for what stands before a command */
#define CLEAR_SCREEN "\033[H\033[2J\033[3J"

struct arguments {
	const char *socket;
	bool json;
	double every_s; /* 0: once */
	unsigned long times; /* 0: without end */
	char line[CTL_LINE_MAX - LINES_ROOM];
};

static void usage(FILE *out)
{
	fputs("Usage: mip6ctl [-j] [-s SOCKET] [-w SECONDS [-n TIMES]] [COMMAND [ARGUMENT]...]\n"
	      "Ask the Mobile IPv6 daemon, or tell it what to do.\n"
	      "\n"
	      "  -j, --json           answer in JSON\n"
	      "  -s, --socket=SOCKET  the daemon's socket (default " CONSOLE_SOCKET ")\n"
	      "  -w, --watch=SECONDS  ask again and again\n"
	      "  -n, --times=TIMES    so many times\n"
	      "  -h, --help           this text\n"
	      "  -V, --version        version\n"
	      "\n"
	      "Without a command, commands are read from standard input.\n"
	      "`mip6ctl help` lists them; what only reads can be cut short as long as it is\n"
	      "clear. See mip6ctl(8).\n",
	      out);
}

/* The words of the command line, as one line. False when they are too many. */
static bool join(char *line, size_t size, int argc, char **argv)
{
	size_t len = 0;

	*line = '\0';
	for (int i = 0; i < argc; i++) {
		int n = snprintf(line + len, size - len, "%s%s", i ? " " : "", argv[i]);

		if (n < 0 || (size_t)n >= size - len || strchr(argv[i], '\n'))
			return false;
		len += (size_t)n;
	}
	return true;
}

/* A number from `least` on; false when it is none. */
static bool parse_number(const char *text, double least, double *out)
{
	char *end;

	*out = strtod(text, &end);
	return *text && !*end && *out >= least && *out <= 1e6;
}

/* Colour is for a terminal, unless somebody does not want any (no-color.org). */
static bool wants_colour(void)
{
	const char *none = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(none && *none) && term && strcmp(term, "dumb") != 0;
}

static void sleep_s(double s)
{
	struct timespec t = { .tv_sec = (time_t)s };

	t.tv_nsec = (long)((s - (double)t.tv_sec) * 1e9);
	nanosleep(&t, NULL);
}

/* Each answer in one go, so that a screen does not flicker. */
static int ask_once(struct ctl *c, const char *line, bool clear)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int status;

	if (!out)
		return EXIT_NO_DAEMON;
	status = ctl_ask(c, line, out);
	fclose(out);
	if (clear)
		fputs(CLEAR_SCREEN, stdout);
	fwrite(text, 1, len, stdout);
	free(text);
	return fflush(stdout) == 0 ? status : EXIT_NO_DAEMON;
}

static int watch(struct ctl *c, const struct arguments *a)
{
	bool clear = isatty(STDOUT_FILENO) && !a->json;
	int status = EXIT_OK;

	for (unsigned long n = 0; !a->times || n < a->times; n++) {
		if (n) {
			sleep_s(a->every_s);
			if (!clear && !a->json)
				putchar('\n');
		}
		status = ask_once(c, a->line, clear);
		if (status != EXIT_OK)
			break;
	}
	return status;
}

static int read_commands(struct ctl *c)
{
	char line[CTL_LINE_MAX - LINES_ROOM];
	int status = EXIT_OK;

	while (status != EXIT_NO_DAEMON && fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (ctl_is_end(line))
			break;
		if (*line)
			status = ctl_ask(c, line, stdout);
	}
	return status;
}

/* False when the command line is wrong. `*status`: what to exit with at once, -1: go on. */
static bool parse(int argc, char **argv, struct arguments *a, int *status)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "socket", required_argument, NULL, 's' },
		{ "watch", required_argument, NULL, 'w' },
		{ "times", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	double times;
	int c;

	*status = -1;
	while ((c = getopt_long(argc, argv, "+js:w:n:hV", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			a->json = true;
			break;
		case 's':
			a->socket = optarg;
			break;
		case 'w':
			if (!parse_number(optarg, 0.1, &a->every_s))
				return false;
			break;
		case 'n':
			if (!parse_number(optarg, 1, &times))
				return false;
			a->times = (unsigned long)times;
			break;
		case 'h':
			usage(stdout);
			*status = EXIT_OK;
			return true;
		case 'V':
			printf("mip6ctl %s\n", PACKAGE_VERSION);
			*status = EXIT_OK;
			return true;
		default:
			return false;
		}
	}
	if (!join(a->line, sizeof(a->line), argc - optind, argv + optind)) {
		fputs("mip6ctl: that is too long for a command\n", stderr);
		return false;
	}
	/* `top` is for looking at */
	if (strcmp(a->line, "top") == 0 && a->every_s <= 0 && isatty(STDOUT_FILENO))
		a->every_s = 1;
	return *a->line || a->every_s <= 0;
}

static void explain_no_daemon(const char *path, int err)
{
	struct group found, *g = NULL;
	char room[4096];
	struct stat st;

	fprintf(stderr, "mip6ctl: %s: %s\n", path, strerror(err));
	if (err == ENOENT || err == ECONNREFUSED)
		fputs("mip6ctl: is mip6d running?\n", stderr);
	if (err != EACCES || stat(path, &st) < 0)
		return;
	(void)getgrgid_r(st.st_gid, &found, room, sizeof(room), &g);
	fprintf(stderr, "mip6ctl: root may use it, and who is in the group %s\n",
		g ? g->gr_name : "of the socket");
}

int main(int argc, char **argv)
{
	struct arguments a = { .socket = CONSOLE_SOCKET };
	struct ctl c = { .daemon = NULL };
	int status;

	if (!parse(argc, argv, &a, &status)) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (status >= 0)
		return status;
	c.form = a.json ? CTL_JSON : wants_colour() ? CTL_COLOUR : CTL_TEXT;
	c.daemon = ctl_dial(a.socket);
	if (!c.daemon) {
		explain_no_daemon(a.socket, errno);
		return EXIT_NO_DAEMON;
	}
	if (a.every_s > 0)
		status = watch(&c, &a);
	else if (*a.line)
		status = ctl_ask(&c, a.line, stdout);
	else if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		status = ctl_edit(&c);
	else
		status = read_commands(&c);
	fclose(c.daemon);
	return status;
}
