// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Privileges. Changing routes, tunnels, policies and the IPv6 settings below
 * /proc/sys/net needs CAP_NET_ADMIN, raw sockets need CAP_NET_RAW; nothing else
 * is needed after start. Called by run.c when all files and sockets are open.
 */
#include "daemon/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/log.h"

int privileges_drop(void)
{
	int select = CAPNG_SELECT_CAPS;

	/* Who may not lower the bounding set has hardly anything in it to lose. */
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		select = CAPNG_SELECT_BOTH;
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_updatev(CAPNG_ADD, (capng_type_t)(CAPNG_EFFECTIVE | CAPNG_PERMITTED),
			  CAP_NET_ADMIN, CAP_NET_RAW, -1) < 0 ||
	    capng_apply((capng_select_t)select) < 0) {
		log_error(LOG_DAEMON, "cannot give up privileges: CAP_NET_ADMIN and CAP_NET_RAW "
			  "are needed, start as root");
		return -EPERM;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		int err = -errno;

		log_error(LOG_DAEMON, "cannot give up privileges: %s", strerror(-err));
		return err;
	}
	return 0;
}
