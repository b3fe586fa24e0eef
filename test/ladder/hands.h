// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For tests of the harness itself: a home network, a network away and one far
 * off, with nodes whose role does nothing but note what it hears. What a home
 * agent, a mobile node or a correspondent would put into its kernel is put by
 * hand.
 */
#ifndef TEST_LADDER_HANDS_H
#define TEST_LADDER_HANDS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test/ladder/ladder.h"
#include "test/ladder/world.h"

/* What the roles of all nodes heard since hands_build(). */
struct hands_heard {
	unsigned int addr_events;
	unsigned int neigh_failed;
	unsigned int xfrm_reports;
	unsigned int traffic_events;
	struct kaddr_event last_addr;
	struct kxfrm_event last_xfrm;
};
extern struct hands_heard heard;

extern const struct role hands_role;

/* home: r0 and ha; away: r1 and mn; far: r2, cn and eve, a host for scripts. */
struct hands {
	struct ladder *L;
	struct net_link *home;
	struct net_link *away;
	struct box *r0;
	struct box *r1;
	struct box *ha;
	struct box *mn;
	struct box *cn;
	struct box *eve;
	struct in6_addr hoa;
	struct in6_addr coa;
};
struct hands hands_build(void);

struct hands_outcome {
	bool called;
	int error;
};
/* A transition_fn; ctx: struct hands_outcome. */
void hands_on_applied(struct mip6 *m, int error, const struct kchange *failed, void *ctx);
/* From `have` to `want` (freed), at once. Returns the error. */
int hands_apply(struct box *b, const struct footprint *have, struct footprint *want);

struct kobj an_addr(const struct in6_addr *a, uint8_t plen, const char *dev, unsigned int flags);
struct kobj a_route(const char *dst, const char *src, const char *dev);
struct kobj a_pair_tunnel(const char *name, const struct in6_addr *local,
			  const struct in6_addr *remote);
struct kobj a_sysctl(const char *dev, enum ksysctl name, int32_t value);
uint32_t hands_ifindex(const struct box *b); /* of eth0 */

/* The mobile node's half of a home registration: tunnel, address, route. */
void hands_put_mn(const struct hands *s);
/* The home agent's half: shared tunnel, settings, filter, route, proxy. */
void hands_add_ha_objects(const struct hands *s, struct footprint *want,
			  const struct in6_addr *coa);
void hands_put_ha(const struct hands *s);

#endif
