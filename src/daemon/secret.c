// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The secret, in a file of the state directory. A new one is written beside its place
 * and then renamed, so that a crash leaves a whole one or none; one of the wrong length
 * is not believed. Called by run.c at start.
 */
#include "daemon/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/log.h"

#define SECRET_MAX 64

static int read_secret(const char *path, uint8_t *out, size_t len)
{
	uint8_t buf[SECRET_MAX + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, buf, len + 1);
	close(fd);
	if (n != (ssize_t)len)
		return n < 0 ? -EIO : -EBADMSG;
	memcpy(out, buf, len);
	crypto_wipe(buf, sizeof(buf));
	return 0;
}

static int write_secret(const char *path, const uint8_t *data, size_t len)
{
	char fresh[PATH_MAX];
	int n = snprintf(fresh, sizeof(fresh), "%s.new", path);
	int fd, err = 0;

	if (n < 0 || (size_t)n >= sizeof(fresh))
		return -ENAMETOOLONG;
	unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (write(fd, data, len) != (ssize_t)len || fsync(fd) < 0)
		err = errno ? -errno : -EIO;
	close(fd);
	if (!err && rename(fresh, path) < 0)
		err = -errno;
	if (err)
		unlink(fresh);
	return err;
}

int secret_load(const char *dir, uint8_t *out, size_t len)
{
	uint8_t made[SECRET_MAX];
	char path[PATH_MAX - 8];
	int n = snprintf(path, sizeof(path), "%s/secret", dir);
	int err;

	if (n < 0 || (size_t)n >= sizeof(path) || len > sizeof(made))
		return -ENAMETOOLONG;
	err = read_secret(path, out, len);
	if (err == -ENOENT || err == -EBADMSG) {
		if (mkdir(dir, 0750) < 0 && errno != EEXIST)
			err = -errno;
		else
			err = crypto_random(made, len);
		if (!err)
			err = write_secret(path, made, len);
		if (!err)
			memcpy(out, made, len);
		crypto_wipe(made, sizeof(made));
	}
	if (err)
		log_warning(LOG_DAEMON, "%s: %s: addresses will be others after the next start",
			    path, strerror(-err));
	return err;
}
