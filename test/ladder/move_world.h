// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For tests of movement alone: a mobile node whose registration is move_world.c, which
 * writes down what it is told. Links a and b, with the routers ra and rb.
 */
#ifndef TEST_LADDER_MOVE_WORLD_H
#define TEST_LADDER_MOVE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mn/attach.h"
#include "mn/mn.h"
#include "mn/move.h"
#include "test/ladder/ladder.h"
#include "test/ladder/world.h"

#define CONF_BASE "NodeConfig MN; UseMnHaIPsec disabled; InterfaceInitialInitDelay 0.0;"
#define CONF	  CONF_BASE "CoaDad none; Interface \"eth0\";"
#define CONF_TWO                                                        \
	CONF_BASE "CoaDad none; Interface \"eth0\" { MnIfPreference 2; }" \
		  "Interface \"eth1\" { MnIfPreference 1; }"

/* What registration was told. */
struct move_seen {
	struct attachment at;
	unsigned int changes;
	uint64_t changed_us;
	unsigned int prefixes; /* for addresses */
	bool old_was_there; /* the last former address, during the call */
};

struct move_world {
	struct ladder *L;
	struct net_link *a;
	struct net_link *b;
	struct box *ra;
	struct box *rb;
};

extern struct box *mn;
extern struct move_seen seen;
extern struct in6_addr home_address; /* one that is registration's */

/* Everything, the mobile node not yet started and nowhere. */
struct move_world move_world_new(const char *conf, uint64_t interval_us);
/* Attached to link a for a while. */
struct move_world move_world_at_a(const char *conf, uint64_t interval_us);
void move_world_assert_prefix(const char *prefix);
/* Stops the node, which must leave nothing behind. */
void move_world_end(struct move_world *w);

#endif
