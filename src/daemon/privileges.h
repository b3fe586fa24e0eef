// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Privileges: all that the daemon may still do once it serves.
 */
#ifndef DAEMON_PRIVILEGES_H
#define DAEMON_PRIVILEGES_H

/* Keeps CAP_NET_ADMIN and CAP_NET_RAW, gives up all others for good, here and in
 * programs started from here. 0, or -errno with the reason logged. */
int privileges_drop(void);

#endif
