// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For the tests of route optimization: a mobile node, its home agent, three links to be
 * on, and a correspondent, which is the program, or a script (struct script), or a host
 * that knows no mobility; with pings between mobile node and correspondent.
 */
#ifndef TEST_LADDER_RO_WORLD_H
#define TEST_LADDER_RO_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/rr.h"
#include "mn/ro.h"
#include "test/ladder/ladder.h"

#define HOA "2001:db8::99"
#define HA  "2001:db8::2"
#define CN  "2001:db8:2::5"

#define MN_CONF(extra)                                                                     \
	"NodeConfig MN; UseMnHaIPsec disabled; CoaDad none; InterfaceInitialInitDelay 0.0;"    \
	"Interface \"eth0\"; MnHomeLink \"eth0\" { HomeAddress " HOA "/64;"                    \
	"HomeAgentAddress " HA "; }" extra
#define CN_CONF "NodeConfig CN;"

struct world {
	struct ladder *L;
	struct net_link *links[3]; /* home, a, b */
	struct box *ha;
	struct box *mn;
	struct box *cn;
	struct in6_addr hoa;
	struct in6_addr cn_addr;
	struct stream *pings;
};

/* `cn_conf` NULL: the correspondent is a host without the program. */
struct world *world_build(const char *mn_conf, const char *cn_conf);
/* The same, away on link a, with traffic. */
struct world *world_away(const char *mn_conf, const char *cn_conf);
/* 0: home, 1 and 2: the foreign links. */
void world_go(struct world *w, int link);
/* Stops all and checks that nothing is left behind. */
void world_down(struct world *w);
/* Until the mobile node believes to be bound. */
void world_until_bound(struct world *w);

const struct ro_peer *peer_of(const struct world *w);
/* The correspondent's bindings, without those of which only the number is left. */
size_t bindings(const struct world *w);
uint64_t counter_of(const struct box *b, enum counter c);

/* A correspondent by script, with tokens of its own choice. It answers tests and says
 * nothing else, unless told. */
struct script {
	struct world *w;
	bool mute_hoti; /* leaves Home Test Init unanswered */
	bool mute_coti;
	bool mute_bu;	   /* leaves even updates that want an answer unanswered */
	uint8_t ba_status; /* of the answers to updates with the A bit */
	uint32_t refresh_s; /* not 0: with this advice */
	uint8_t home_token[RR_TOKEN_LEN];
	uint8_t careof_token[RR_TOKEN_LEN];
	uint16_t home_index;
	uint16_t careof_index;
	/* what was heard */
	unsigned int hotis, cotis, updates;
	struct mh_msg hoti, coti, bu; /* the last ones */
	struct mip6_path hoti_path, coti_path, bu_path;
	uint8_t cookies[16][MH_COOKIE_LEN]; /* of Care-of Test Inits, in order */
	bool bu_authentic;
};
/* The correspondent of a world without the program becomes a script; free() it. */
struct script *script_of(struct world *w);
void script_hot(struct script *s, const uint8_t *cookie);
void script_cot(struct script *s, const uint8_t *cookie);
/* An acknowledgement of the last update, signed with its key but for 136 to 138. */
void script_ba(struct script *s, uint8_t status, uint16_t seq, uint32_t lifetime_s);
void script_be(struct script *s, enum mh_be_status status, const char *home, const char *to);

#endif
