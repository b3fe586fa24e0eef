// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Going into the background: the parent waits until the child serves, and ends
 * with status 0 only then, so that a boot script knows.
 */
#ifndef DAEMON_BACKGROUND_H
#define DAEMON_BACKGROUND_H

/* Forks. In the child returns a descriptor for background_ready(), or -errno when
 * there is no child. In the parent it does not return: the process ends with
 * status 0 when the child has told that it is ready, with 1 when it ended before. */
int background_begin(void);

/* The child serves: the parent ends, standard input and output lead nowhere from
 * now on, and standard error too. `fd` is closed. */
void background_ready(int fd);

#endif
