// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For tests of mobile node and home agent together, each the whole role. Links: home (r0,
 * ha), a (ra), b (rb), and a correspondent far off.
 */
#ifndef TEST_LADDER_FULL_WORLD_H
#define TEST_LADDER_FULL_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cn/cn.h"
#include "ha/ha.h"
#include "mn/home.h"
#include "mn/mn.h"
#include "test/ladder/ladder.h"
#include "test/ladder/world.h"

#define HOA "2001:db8::99"
#define HA  "2001:db8::2"
#define CN  "2001:db8:2::5"

#define FULL_HA_CONF                                                      \
	"NodeConfig HA; UseMnHaIPsec disabled; Interface \"eth0\";"       \
	"HaSendRouterAdvs disabled; HaMaxBindingLife 120;"
#define FULL_MN_BASE                                                      \
	"NodeConfig MN; UseMnHaIPsec disabled; MnMaxHaBindingLife 60;"    \
	"CoaDad none; InterfaceInitialInitDelay 0.0;"
#define FULL_HOME "MnHomeLink \"eth0\" { HomeAddress " HOA "/64; HomeAgentAddress " HA "; }"
#define FULL_MN_CONF FULL_MN_BASE "Interface \"eth0\";" FULL_HOME
#define FULL_TWO_IFS                                                      \
	"Interface \"eth0\" { MnIfPreference 2; }"                        \
	"Interface \"eth1\" { MnIfPreference 1; }"
#define FULL_TWO_CONF FULL_MN_BASE FULL_TWO_IFS FULL_HOME

struct full {
	struct ladder *L;
	struct net_link *links[3]; /* home, a, b */
	struct box *routers[3];
	struct box *ha;
	struct box *mn;
	struct box *cn;
	struct in6_addr hoa;
	struct in6_addr cn_addr;
};

/* All but the mobile node is started; that has FULL_MN_CONF, and is plugged in nowhere. */
struct full *full_new(void);
/* Stops both; nothing may be left in either kernel. */
void full_end(struct full *w);
/* Its eth0 goes to that link, with its carrier; -1: nowhere. */
void full_go(struct full *w, int link);
/* Starts the mobile node on link a; it is registered then. */
void full_start_away(struct full *w);
const struct home_addr *full_addr(const struct full *w);
/* Of the home agent, NULL: none in force. */
const struct binding *full_binding(const struct full *w);
/* Both have the same care-of address and sequence number. */
bool full_agree_away(const struct full *w);
bool full_agree_home(const struct full *w);
/* From the home address to the correspondent, and back. */
bool full_reaches(struct full *w);
/* Of all three links. */
void full_quality(struct full *w, const struct quality *q);

#endif
