// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For tests of multicast at the home agent, with mobile nodes that are scripts: each has a
 * tunnel "t0" made by hand, on which applications listen, and a kernel that reports what
 * they do. Links: home (r0, ha, host), a (ra, mn), b (rb, mn2).
 */
#ifndef TEST_LADDER_MC_WORLD_H
#define TEST_LADDER_MC_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ha/ha.h"
#include "test/ladder/ladder.h"
#include "test/ladder/world.h"
#include "wire/mld.h"

#define HA    "2001:db8:1::2"
#define HOST  "2001:db8:1::77"
#define GROUP "ff0e::101"
#define MC_NODES 2

#define MC_CONF                                                                               \
	"NodeConfig HA; UseMnHaIPsec disabled; Interface \"eth0\"; HaMaxBindingLife 6000;"     \
	"HaSendRouterAdvs disabled;"

/* Of each node: home address, care-of address, another one, link-local one of the tunnel. */
extern const char *const mc_hoas[MC_NODES];
extern const char *const mc_coas[MC_NODES];
extern const char *const mc_others[MC_NODES];
extern const char *const mc_locals[MC_NODES];

struct mc_world {
	struct ladder *L;
	struct box *ha;
	struct box *host; /* on the home link */
	struct box *mn[MC_NODES];
	uint16_t seq;
};

/* With the home agent running; MC_CONF, or another one. */
struct mc_world *mc_up(void);
struct mc_world *mc_up_with(const char *conf);
/* Nothing may be left in the home agent's kernel. */
void mc_down(struct mc_world *w);

struct kobj mc_tunnel(const char *local);
/* A Binding Update of node `i` from that care-of address. */
void mc_send_bu(struct mc_world *w, size_t i, const char *coa, uint32_t lifetime_s);
/* Until it is registered, and has been asked. */
void mc_register(struct mc_world *w, size_t i);
/* A registration without a message. */
void mc_register_by_hand(struct mc_world *w, const char *hoa, const char *coa);
/* The tunnel of node `i` now begins at `coa`, and so does its binding. */
void mc_move(struct mc_world *w, size_t i, const char *coa);

/* An application of the node listens, or no more. */
void mc_join(struct mc_world *w, size_t i, const char *group);
void mc_leave(struct mc_world *w, size_t i, const char *group);
/* An MLD message of node `i` through its tunnel. */
void mc_send_mld(struct mc_world *w, size_t i, const char *src, const char *dst,
		 const void *message, size_t len);
/* A packet of node `i` to the group, from `src`, through a tunnel from `coa`. */
void mc_say(struct mc_world *w, size_t i, const char *src, const char *coa, const char *group,
	    uint8_t hop_limit);

uint64_t mc_counter(const struct mc_world *w, enum counter c);
/* The home agent is a member of the group. */
bool mc_listens(const struct mc_world *w, const char *group);
/* One packet to the group from the home link; how many more the node has heard then. */
unsigned int mc_hears(struct mc_world *w, size_t i, const char *group);

#endif
