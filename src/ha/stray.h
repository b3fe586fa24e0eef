// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Nodes that use the tunnel without a binding (RFC 6275 10.4.5).
 */
#ifndef HA_STRAY_H
#define HA_STRAY_H

#include "core/mip6.h"

#define HA_STRAY_WAITS 64

/* A node with a binding that sends from elsewhere: since when. */
struct ha_stray_wait {
	struct in6_addr hoa;
	struct in6_addr coa;
	uint64_t since_us;
	uint64_t last_us;
};

struct ha_strays {
	struct ha_stray_wait waits[HA_STRAY_WAITS];
	struct log_limit limit;
};

/* As the configuration wants: asks the port for such packets, or not. */
void ha_stray_watch(struct mip6 *m);
/* A packet that the tunnel's filters have dropped. */
void ha_stray_hear(struct mip6 *m, const struct kstray_event *s);

#endif
