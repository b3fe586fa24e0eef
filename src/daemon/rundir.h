// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The run directory and the pid file in it: one daemon at a time.
 */
#ifndef DAEMON_RUNDIR_H
#define DAEMON_RUNDIR_H

#include <sys/types.h>

/* Makes the directory (0755), or checks that the one there is safe: a directory of
 * our own into which nobody else can write. 0, or -errno with the reason logged. */
int rundir_make(const char *path);

/* Takes the lock of DIR/mip6d.pid and writes our process id. The lock ends with
 * the process, so a file that a killed daemon left does no harm. The descriptor, or
 * -errno with the reason logged; -EBUSY: another daemon runs, *other is its process
 * id (0: unknown). */
int pidfile_take(const char *dir, pid_t *other);
/* Removes the file and closes the descriptor; a negative one is fine. */
void pidfile_drop(const char *dir, int fd);

#endif
