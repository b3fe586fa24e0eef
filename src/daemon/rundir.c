// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The run directory and the pid file. The lock is what counts, not that the file
 * exists: so there is nothing to clean up after a crash, and no process id of
 * somebody else is taken for ours. Called by run.c at start and end.
 */
#include "daemon/rundir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

int rundir_make(const char *path)
{
	struct stat st;

	if (mkdir(path, 0755) == 0) {
		if (chmod(path, 0755) == 0)
			return 0;
	} else if (errno != EEXIST) {
		int err = -errno;

		log_error(LOG_DAEMON, "cannot make the directory %s: %s", path, strerror(-err));
		return err;
	}
	if (lstat(path, &st) < 0) {
		int err = -errno;

		log_error(LOG_DAEMON, "cannot use the directory %s: %s", path, strerror(-err));
		return err;
	}
	if (!S_ISDIR(st.st_mode)) {
		log_error(LOG_DAEMON, "%s is no directory", path);
		return -ENOTDIR;
	}
	if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH))) {
		log_error(LOG_DAEMON, "%s is not safe: it must belong to the user of the daemon, "
			  "and nobody else may write there", path);
		return -EPERM;
	}
	return 0;
}

static int pid_path(const char *dir, char *out, size_t size)
{
	int n = snprintf(out, size, "%s/mip6d.pid", dir);

	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

static pid_t read_pid(int fd)
{
	char text[32];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	long v;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	v = strtol(text, NULL, 10);
	return v > 0 && v <= INT_MAX ? (pid_t)v : 0;
}

static int write_pid(int fd)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) != n || fchmod(fd, 0644) < 0)
		return errno ? -errno : -EIO;
	return 0;
}

int pidfile_take(const char *dir, pid_t *other)
{
	char path[PATH_MAX];
	int err = pid_path(dir, path, sizeof(path));
	int fd;

	*other = 0;
	if (err)
		return err;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0) {
		err = -errno;
		log_error(LOG_DAEMON, "cannot open %s: %s", path, strerror(-err));
		return err;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		*other = read_pid(fd);
		close(fd);
		log_error(LOG_DAEMON, "another mip6d runs already, process %ld (%s is locked)",
			  (long)*other, path);
		return -EBUSY;
	}
	err = write_pid(fd);
	if (err) {
		log_error(LOG_DAEMON, "cannot write %s: %s", path, strerror(-err));
		close(fd);
		return err;
	}
	return fd;
}

void pidfile_drop(const char *dir, int fd)
{
	char path[PATH_MAX];

	if (fd < 0)
		return;
	if (pid_path(dir, path, sizeof(path)) == 0)
		unlink(path);
	close(fd);
}
