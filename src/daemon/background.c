// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Going into the background. One fork and a session of its own; the service
 * manager or the boot script that waits for the parent sees its exit status. The
 * way from child to parent is a pipe: a byte means "I serve", the end of file
 * means that the child has died. Called by run.c, before the event loop exists.
 */
#include "daemon/background.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/run.h"

static _Noreturn void wait_for_child(int fd)
{
	char byte;
	ssize_t n;

	do {
		n = read(fd, &byte, 1);
	} while (n < 0 && errno == EINTR);
	_exit(n == 1 ? 0 : EXIT_CANNOT_SERVE);
}

int background_begin(void)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid < 0) {
		int err = -errno;

		close(fds[0]);
		close(fds[1]);
		return err;
	}
	if (pid > 0) {
		close(fds[1]);
		wait_for_child(fds[0]);
	}
	close(fds[0]);
	setsid();
	return fds[1];
}

void background_ready(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	ssize_t n;

	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		if (null > STDERR_FILENO)
			close(null);
	}
	do {
		n = write(fd, "", 1);
	} while (n < 0 && errno == EINTR);
	close(fd);
}
