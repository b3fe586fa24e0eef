// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mip6ctl's connection to the daemon: the protocol of console.h, from the client's side.
 * Called by ctl.c, ctl_edit.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "console/ctl.h"

FILE *ctl_dial(const char *path)
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
static bool copy(FILE *from, size_t len, FILE *out)
{
	char buf[4096];

	while (len) {
		size_t n = fread(buf, 1, len < sizeof(buf) ? len : sizeof(buf), from);

		if (!n || fwrite(buf, 1, n, out) != n)
			return false;
		len -= n;
	}
	return fflush(out) == 0;
}

int ctl_ask(struct ctl *c, const char *line, FILE *out)
{
	static const char *const forms[] = {
		[CTL_TEXT] = "", [CTL_COLOUR] = "colour ", [CTL_JSON] = "json "
	};
	char head[64];

	fprintf(c->daemon, "%s%s\n", forms[c->form], line);
	if (fflush(c->daemon) != 0)
		return EXIT_NO_DAEMON;
	while (fgets(head, sizeof(head), c->daemon)) {
		char *end;
		unsigned long v = strtoul(head + 1, &end, 10);

		if (*end != '\n' || (*head != '=' && *head != '!'))
			break;
		if (*head == '!')
			return v ? EXIT_REFUSED : EXIT_OK;
		if (!copy(c->daemon, v, out))
			return ferror(out) ? EXIT_OK : EXIT_NO_DAEMON;
	}
	fputs("mip6ctl: the daemon has gone\n", stderr);
	return EXIT_NO_DAEMON;
}
