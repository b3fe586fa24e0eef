// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mip6ctl: sends a command to the daemon's socket and prints the answer as it comes; or,
 * without a command and at a terminal, reads commands with line editing. The protocol is
 * in console.h. All words and their texts are the daemon's: this program knows none.
 */
#include <editline/readline.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_MAX_LEN 1024

/* Exit status. */
enum { EXIT_OK, EXIT_REFUSED, EXIT_USAGE, EXIT_NO_DAEMON };

static void usage(FILE *out)
{
	fputs("Usage: mip6ctl [-j] [-s SOCKET] [COMMAND [ARGUMENT]...]\n"
	      "Ask the Mobile IPv6 daemon, or tell it what to do.\n"
	      "\n"
	      "  -j, --json           answer in JSON\n"
	      "  -s, --socket=SOCKET  the daemon's socket (default " CONSOLE_SOCKET ")\n"
	      "  -h, --help           this text\n"
	      "  -V, --version        version\n"
	      "\n"
	      "Without a command, commands are read from standard input.\n"
	      "`mip6ctl help` lists them; any can be cut short as long as it is clear.\n"
	      "See mip6ctl(8).\n",
	      out);
}

static FILE *dial(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(sa.sun_path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	memcpy(sa.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return NULL;
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
		close(fd);
		return NULL;
	}
	return fdopen(fd, "r+");
}

/* Copies a frame; false when the daemon went away or the reader of our output did. */
static bool copy(FILE *from, size_t len)
{
	char buf[4096];

	while (len) {
		size_t n = fread(buf, 1, len < sizeof(buf) ? len : sizeof(buf), from);

		if (!n || fwrite(buf, 1, n, stdout) != n)
			return false;
		len -= n;
	}
	return fflush(stdout) == 0;
}

/* One command and its answer. The exit status. */
static int ask(FILE *daemon, bool json, const char *line)
{
	char head[64];

	fprintf(daemon, "%s%s\n", json ? "json " : "", line);
	if (fflush(daemon) != 0)
		return EXIT_NO_DAEMON;
	while (fgets(head, sizeof(head), daemon)) {
		char *end;
		unsigned long v = strtoul(head + 1, &end, 10);

		if (*end != '\n' || (*head != '=' && *head != '!'))
			break;
		if (*head == '!')
			return v ? EXIT_REFUSED : EXIT_OK;
		if (!copy(daemon, v))
			return ferror(stdout) ? EXIT_OK : EXIT_NO_DAEMON;
	}
	fputs("mip6ctl: the daemon has gone\n", stderr);
	return EXIT_NO_DAEMON;
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

static bool is_end(const char *line)
{
	return strcmp(line, "quit") == 0 || strcmp(line, "exit") == 0;
}

static int read_commands(FILE *daemon, bool json)
{
	bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	char buf[LINE_MAX_LEN];
	int status = EXIT_OK;

	for (;;) {
		char *typed = terminal ? readline("mip6d> ") : NULL;
		const char *line = terminal ? typed : fgets(buf, sizeof(buf), stdin);

		if (!line)
			break;
		if (!terminal)
			buf[strcspn(buf, "\n")] = '\0';
		if (is_end(line)) {
			free(typed);
			break;
		}
		if (*line) {
			if (terminal)
				add_history(typed);
			status = ask(daemon, json, line);
		}
		free(typed);
		if (status == EXIT_NO_DAEMON)
			break;
	}
	return status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "socket", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	const char *path = CONSOLE_SOCKET;
	char line[LINE_MAX_LEN - 8];
	bool json = false;
	FILE *daemon;
	int c, status;

	while ((c = getopt_long(argc, argv, "+js:hV", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			json = true;
			break;
		case 's':
			path = optarg;
			break;
		case 'h':
			usage(stdout);
			return EXIT_OK;
		case 'V':
			printf("mip6ctl %s\n", PACKAGE_VERSION);
			return EXIT_OK;
		default:
			usage(stderr);
			return EXIT_USAGE;
		}
	}
	if (!join(line, sizeof(line), argc - optind, argv + optind)) {
		fputs("mip6ctl: that is too long for a command\n", stderr);
		return EXIT_USAGE;
	}
	daemon = dial(path);
	if (!daemon) {
		fprintf(stderr, "mip6ctl: %s: %s\n", path, strerror(errno));
		if (errno == ENOENT || errno == ECONNREFUSED)
			fputs("mip6ctl: is mip6d running?\n", stderr);
		return EXIT_NO_DAEMON;
	}
	status = *line ? ask(daemon, json, line) : read_commands(daemon, json);
	fclose(daemon);
	return status;
}
