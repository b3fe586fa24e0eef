// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Home Agents List (RFC 6275 10.1, 10.5.1), and the answer to dynamic home agent
 * address discovery.
 */
#ifndef HA_AGENTS_H
#define HA_AGENTS_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/queue.h>

#include "core/mip6.h"

/* Bounds for what advertisements, which can be forged, make us remember. */
#define HA_AGENTS_PER_LINK   16
#define HA_ADDRESSES_PER_ONE 4

/* Another home agent of a home link. */
struct ha_agent {
	TAILQ_ENTRY(ha_agent) entry;
	uint32_t ifindex;
	struct in6_addr link_local;
	uint16_t preference; /* higher is better */
	uint64_t until_us;
	struct in6_addr addrs[HA_ADDRESSES_PER_ONE]; /* global ones */
	unsigned int addr_count;
	uint64_t saved_us; /* until_us as written to the store */
};
TAILQ_HEAD(ha_agent_list, ha_agent);

/* A router advertisement on a home link. */
void ha_agents_hear(struct mip6 *m, const struct mip6_packet *p, const struct nd_msg *ra);
/* A Home Agent Address Discovery Request. */
void ha_agents_on_request(struct mip6 *m, const struct mip6_packet *p,
			  const struct icmp6_msg *msg);
/* Those whose lifetime is over go; returns when the next one's ends. */
uint64_t ha_agents_expire(struct mip6 *m);
/* One that was on the list before a restart. */
void ha_agents_restore(struct mip6 *m, const struct ha_agent *was);
void ha_agents_free(struct mip6 *m);

#endif
