// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Talking to the service manager: the protocol of sd_notify(3) is one datagram of
 * text to a UNIX socket, and its description invites programs to speak it
 * themselves. Called by run.c, reload.c.
 */
#include "daemon/notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"

#define NOTIFY_TEXT_MAX 512

bool notify_is_wanted(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	return path && *path;
}

/* False where the name is none that the protocol has: a path, or "@abstract". */
static bool socket_name(const char *path, struct sockaddr_un *sa, socklen_t *len)
{
	size_t n = strlen(path);

	if ((path[0] != '/' && path[0] != '@') || n < 2 || n >= sizeof(sa->sun_path))
		return false;
	memset(sa, 0, sizeof(*sa));
	sa->sun_family = AF_UNIX;
	memcpy(sa->sun_path, path, n);
	if (path[0] == '@')
		sa->sun_path[0] = '\0';
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	return true;
}

void notify_send(const char *fmt, ...)
{
	char text[NOTIFY_TEXT_MAX];
	struct sockaddr_un sa;
	socklen_t len;
	va_list ap;
	int fd;

	if (!notify_is_wanted() || !socket_name(getenv("NOTIFY_SOCKET"), &sa, &len))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&sa, len);
	close(fd);
}

void notify_reloading(void)
{
	struct timespec now;

	/* the manager compares with this very clock */
	clock_gettime(CLOCK_MONOTONIC, &now);
	notify_send("RELOADING=1\nMONOTONIC_USEC=%llu",
		    (unsigned long long)now.tv_sec * US_PER_S +
			    (unsigned long long)now.tv_nsec / 1000);
}

uint64_t notify_watchdog_us(void)
{
	const char *span = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	uint64_t us;

	if (!notify_is_wanted() || !span)
		return 0;
	if (pid && strtol(pid, NULL, 10) != (long)getpid())
		return 0;
	us = strtoull(span, NULL, 10);
	return us >= 2 * US_PER_MS ? us / 2 : 0;
}
