// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A peer of route optimization, as the files ro*.c share it: ro.c leads it through its
 * life; ro_trigger.c tells what begins and moves it; ro_heard.c what the peer says.
 */
#ifndef MN_RO_PEER_H
#define MN_RO_PEER_H

#include "mn/ro.h"

/* After so many refusals in a row the peer is left alone. */
#define RO_REFUSALS_MAX 4

struct ro_peer *ro_peer_find(const struct mip6 *m, const struct in6_addr *hoa,
			     const struct in6_addr *peer);
/* A new peer in state RO_TESTING, nothing sent yet. NULL: no memory, or no room. */
struct ro_peer *ro_peer_add(struct mip6 *m, const struct in6_addr *hoa,
			    const struct in6_addr *peer, const struct in6_addr *coa);
/* Deletes its binding without waiting for an answer, where a token is at hand (11.7.2): it
 * need not find out by itself. */
void ro_peer_say_goodbye(struct ro_peer *p);
/* Frees it; the direct path ends. */
void ro_peer_forget(struct ro_peer *p);
/* The only way to change the state; logs "old -> new". */
void ro_peer_set_state(struct ro_peer *p, enum ro_state to);
/* Whether packets to the peer go from the care-of address with a Home Address option. */
void ro_peer_set_direct(struct ro_peer *p, bool direct);
/* True when that path was used lately. */
bool ro_peer_is_in_use(const struct ro_peer *p);
/* Begins an exchange: the tests whose tokens are missing or old, then the update. */
void ro_peer_begin(struct ro_peer *p);
/* The same with new tokens, whatever is there. */
void ro_peer_begin_anew(struct ro_peer *p);
/* What is to be done next of the exchange under way. */
void ro_peer_go_on(struct ro_peer *p);
/* The peer has, or must have, a binding for `lifetime_s`, counted from the update. */
void ro_peer_bound(struct ro_peer *p, uint8_t status, uint32_t lifetime_s);
/* It is left alone for a while, longer each time; `why` is static. */
void ro_peer_go_quiet(struct ro_peer *p, const char *why);
/* The same where it says that it knows no Mobile IPv6; for shorter where it did before. */
void ro_peer_has_no_mobility(struct ro_peer *p);
/* Policy and addresses allow it (MnRoPolicy, DoRouteOptimizationMN); else why not, in
 * static text. */
const char *ro_peer_unwanted(const struct mip6 *m, const struct home_addr *h,
			     const struct in6_addr *peer);

/* Who hears of registrations and moves (ro_trigger.c). */
extern const struct home_listener ro_listener;

#endif
