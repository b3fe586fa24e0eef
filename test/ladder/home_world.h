// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For tests of home registration alone: a mobile node whose movement is the test's
 * hand, and a home agent that is a script and says what the test wants. Links:
 * home (r0, ha), a (ra), b (rb), far (cn).
 */
#ifndef TEST_LADDER_HOME_WORLD_H
#define TEST_LADDER_HOME_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mn/attach.h"
#include "mn/home.h"
#include "mn/mn.h"
#include "test/ladder/ladder.h"
#include "test/ladder/world.h"

#define HOA	    "2001:db8::99"
#define COA_A	    "2001:db8:a::99"
#define COA_B	    "2001:db8:b::99"
#define HA	    "2001:db8::2"
#define HOME_BLOCK  "MnHomeLink \"eth0\" { HomeAddress " HOA "/64; HomeAgentAddress " HA "; }\n"
#define HA2	    "2001:db8::3"
#define DHAAD_BLOCK "MnHomeLink \"eth0\" { HomeAddress " HOA "/64; }\n"
#define MN_CONF	    "NodeConfig MN; UseMnHaIPsec disabled; MnMaxHaBindingLife 60;\n" HOME_BLOCK

/* How the script of the home agent answers Binding Updates. */
struct script_ha {
	bool silent;
	const struct box *deaf; /* silent alone, of both */
	uint8_t status;	       /* for registrations */
	uint8_t delete_status; /* for deletions */
	uint32_t lifetime_s;   /* at most; 0: as asked */
	uint32_t refresh_s;    /* 0: no advice */
	uint16_t ba_seq;       /* instead of the update's, where `wrong_seq` */
	bool wrong_seq;
	unsigned int agent_count; /* in answers to discovery; 0: silent */
	struct in6_addr agent[3];
	bool mpa_silent;
	unsigned int prefix_count; /* in answers to prefix solicitations */
	struct nd_prefix_info prefix[3];
	/* Keeps a binding and judges sequence numbers as RFC 6275 9.5.1 wants. */
	bool strict;
	bool bound;
	struct in6_addr coa;
	uint16_t bound_seq;
	uint64_t bound_until_us;
	unsigned int updates;  /* heard */
	uint16_t last_seq;
	uint16_t last_id; /* of a discovery or prefix solicitation */
	uint32_t last_lifetime_s;
	struct mip6_path last_path;
};

struct home_world {
	struct ladder *L;
	struct net_link *home;
	struct net_link *a;
	struct net_link *b;
	struct box *r0;
	struct box *ra;
	struct box *rb;
	struct box *ha;
	struct box *ha2; /* a second one on the home link, of the same script */
	struct box *mn;
	struct box *cn;
	struct in6_addr hoa;
	struct script_ha script;
};

enum place { NOWHERE, AT_A, AT_B, HOME };

/* Everything, the mobile node not yet started. `conf` NULL: MN_CONF. */
struct home_world *home_world_new(const char *conf);
void home_world_free(struct home_world *w);
/* Moves the interface and tells registration, as movement would. */
void home_world_go(struct home_world *w, enum place place);
/* The end of the care-of address from now on; without end until this is called. */
void home_world_here_until(uint64_t at_us);
struct home_addr *home_world_addr(const struct home_world *w);
enum home_state home_world_state(const struct home_world *w);
/* Hints that registration gave to movement so far. */
unsigned int home_world_hints(bool good);
/* Sends an acknowledgement by hand. */
void home_world_say_ba(struct home_world *w, uint8_t status, uint16_t seq, uint32_t lifetime_s);

/* A Mobile Prefix Advertisement by hand, along the path of the last solicitation. */
void home_world_say_mpa(struct home_world *w, uint16_t id);
struct nd_prefix_info home_world_prefix(const char *prefix, uint32_t valid_s,
					uint32_t preferred_s);

#endif
