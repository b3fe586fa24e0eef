// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For the tests of the home agent (RFC 6275 section 10): the program as home agent, and a
 * mobile node that is a script, one box for each link that it may be on. Links: home (r0,
 * which advertises nothing; ha; host), a (mn), b (mn2).
 */
#ifndef TEST_LADDER_HA_WORLD_H
#define TEST_LADDER_HA_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ha/ha.h"
#include "test/ladder/ladder.h"

#define HA	  "2001:db8:1::2"
#define HOST	  "2001:db8:1::77"
#define HOA	  "2001:db8:1::100"
#define OTHER	  "2001:db8:1::101"
#define ELSEWHERE "2001:db8:99::1" /* of no home network of ours */
#define VIRTUALS  "2001:db8:77::"  /* of a virtual home link: these from 1 to 9 */
#define VIRTUAL	  VIRTUALS "1"
#define COA	  "2001:db8:a::9" /* on link a */
#define COA2	  "2001:db8:a::a"
#define COA_B	  "2001:db8:b::9" /* on link b */

struct ha_world {
	struct ladder *L;
	struct net_link *home;
	struct box *r0;
	struct box *ha;
	struct box *host;
	struct box *mn;
	struct box *mn2;
	struct mh_msg bu; /* the last Binding Update, and the next one but for what is given */
};

/* The second form has been running for a second. */
struct ha_world *ha_world_new(const char *conf);
struct ha_world *ha_world(const char *conf);
/* Stops all and checks that nothing is left behind. */
void ha_world_down(struct ha_world *w);
/* w->bu with the next sequence number, from the link of the care-of address; the second form
 * by a packet that stands for one in ESP. */
void ha_send_bu(struct ha_world *w, const char *hoa, const char *coa, uint32_t lifetime_s);
void ha_send_protected_bu(struct ha_world *w, const char *hoa, const char *coa,
			  uint32_t lifetime_s);
/* In force, NULL: there is none. */
const struct binding *ha_binding(const struct ha_world *w, const char *hoa);

#endif
