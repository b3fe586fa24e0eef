// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Movement: what its files share (move*.c, addrconf.c). See attach.h for what the
 * other half of the mobile node sees of it.
 */
#ifndef MN_MOVE_H
#define MN_MOVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/time.h"
#include "base/timer.h"
#include "core/kept.h"
#include "core/mip6.h"
#include "mn/attach.h"
#include "mn/mn.h"

#define IPV6_MTU_MIN 1280 /* RFC 8200 section 5 */

/* Bounds for what neighbours can make us remember, for each link. */
#define MOVE_ROUTERS_MAX  8
#define MOVE_PREFIXES_MAX 16

/* What a router says about its link (RFC 4861 6.3.4); 0: nothing. */
struct move_parameters {
	uint8_t hop_limit;
	uint32_t mtu;
	uint32_t reachable_ms;
	uint32_t retrans_ms;
};

/* A router of the link, as it advertised itself (RFC 4861 6.3.4). */
struct move_router {
	bool used; /* this place of the table */
	struct in6_addr addr; /* link-local */
	uint8_t lladdr[KLINK_LLADDR_MAX];
	uint8_t lladdr_len;
	struct in6_addr global; /* RFC 6275 7.2, or :: */
	enum nd_preference preference;
	bool home_agent;	 /* H bit */
	bool unsure;		 /* whether it is on the link of the router in use */
	uint64_t until_us;	 /* default router until then; 0: it is none */
	uint64_t heard_us;
	uint64_t told_us[3]; /* its last advertisements with prefixes, the newest first */
	uint64_t interval_us; /* RFC 6275 7.3, 0: unknown */
	unsigned int missed;  /* doubts since it last advertised itself of its own accord */
	struct move_parameters parameters;
};

enum move_addr_state {
	MOVE_ADDR_NONE,	     /* the prefix is not for autoconfiguration */
	MOVE_ADDR_WANTED,    /* told to the kernel, not confirmed */
	MOVE_ADDR_USABLE,
	MOVE_ADDR_DUPLICATE, /* and no other could be found */
};

/* A prefix of the link. */
struct move_prefix {
	bool used;
	struct prefix prefix;
	uint32_t routers;      /* bit set: places of the routers that advertise it */
	uint64_t heard_us;     /* when one last did */
	uint64_t until_us;     /* the end of what was said then */
	uint64_t on_link_us;   /* its addresses are on the link until then, 0: unknown */
	uint64_t valid_us;     /* ends of the lifetimes of addresses, 0: there are none */
	uint64_t preferred_us;
	struct in6_addr addr;  /* the care-of address made of it, never a home address */
	enum move_addr_state state;
	enum conf_coa_dad dad; /* as configured when the address was made */
	bool optimistic;
	uint8_t dad_counter; /* RFC 7217 */
};

struct move;

/* An interface that may be used. */
struct move_iface {
	TAILQ_ENTRY(move_iface) entry;
	struct move *move;
	uint32_t ifindex;
	char name[IFNAMSIZ];
	char ssid[33]; /* of the wireless network, the last that was known */
	struct klink told;
	uint8_t preference; /* 1 best */
	bool observed;	    /* managed by something else: never touched */
	bool running;
	bool retired;	    /* no longer to be used, about to be dropped */
	bool suspect;	    /* the carrier was away: is this still the same link? */
	bool silent;	    /* the router does not answer, but there is no other */
	bool no_progress;   /* and packets by it get nowhere: only its answer ends the doubt */
	bool ready;	    /* there is an attachment to be had */
	struct move_parameters parameters; /* in force */
	struct move_router routers[MOVE_ROUTERS_MAX];
	struct move_prefix prefixes[MOVE_PREFIXES_MAX];
	int router; /* the one in use, -1: none */
	struct kept settings;
	struct kept objects; /* addresses and routes */
	struct probe *probe; /* of the router in use */
	enum attach_cause cause; /* of what is going on */
	uint64_t event_us;
	uint64_t rs_us;
	uint64_t ra_us;
	uint64_t rival_us; /* first advertisement of another router since the event, 0: none */
	unsigned int rs_count;
	uint64_t rs_wait_us;
	bool rs_from_any; /* the last one left from the unspecified address */
	uint64_t ready_us; /* since when it could be used */
	struct timer rs_timer;
	struct timer watch; /* the next advertisement that must not be missed, or expiry */
	struct timer verdict; /* on the router that does not answer */
	struct timer tidy; /* what others left on the interface from a former link goes */
};

struct move {
	struct mip6 *m;
	TAILQ_HEAD(, move_iface) ifaces;
	struct kept rule;
	struct attachment now;
	struct move_iface *current;
	bool stopping;
	bool deferred; /* the choice waits: several interfaces change */
	char preferred[IFNAMSIZ]; /* by the console, over all preferences; "" for none */
	bool paused; /* by the console: no change of place */
	uint64_t settle_us; /* until then a better interface is waited for */
	struct timer choose;
	struct timer_owner timers;
};

static inline struct move *move_of(const struct mip6 *m)
{
	return mn_of(m)->move;
}

/* --- move.c: which interface --- */

/* Something of an interface changed: brings the kernel's objects up to date, and
 * chooses the attachment anew. */
void move_changed(struct move_iface *i);
/* The interface of that index which movement knows, or NULL. */
struct move_iface *move_find(const struct mip6 *m, uint32_t ifindex);

/* --- move_iface.c: carrier, network, addresses --- */

void move_iface_init(struct move_iface *i, struct move *move);
/* Cancels its timers and probes; the kernel is left as it is. */
void move_iface_free(struct move_iface *i);
/* The carrier came or went. */
void move_carrier(struct move_iface *i, bool running);
/* What is told of it now, before carrier and network are looked at: other things may change
 * while the link stays the same. */
void move_link_differs(struct move_iface *i, const struct klink *now);
/* The wireless network is this one; "" is no news. Another one than before is as good as
 * a carrier that went and came. */
void move_network(struct move_iface *i, const char *ssid);
/* An address of the interface changed: one of its own, or (observed) any. */
void move_on_address(struct move_iface *i, const struct kaddr_event *a);

/* --- move_solicit.c: what is said to the link --- */

void move_init_solicit(struct move_iface *i);
/* Looks for routers from now on, beginning at once (RFC 6275 11.5.1). */
void move_solicit(struct move_iface *i);
/* Once, at the end: the kernel, whose own router discovery is on again, has neither address nor
 * route of this link before it hears an advertisement. */
void move_solicit_for_kernel(struct move_iface *i);
/* Lets the router of `a` know the link-layer address of the care-of address before the
 * first packet for it comes, by a solicitation from there (RFC 4861 7.2.3). */
void move_greet(const struct move_iface *i, const struct attachment *a);

/* --- move_ra.c: what routers advertise --- */

void move_on_ra(struct move_iface *i, const struct mip6_packet *p, const struct nd_msg *msg);
/* An address for the prefix, which is then MOVE_ADDR_WANTED, or not to be had. Home
 * addresses are registration's, and passed over. */
void move_make_address(struct move_iface *i, struct move_prefix *p);

/* --- move_router.c: the tables, and whether a router is still there --- */

void move_init_router(struct move_iface *i);
/* The place of the router in the table, -1: it is not there. */
int move_find_router(const struct move_iface *i, const struct in6_addr *addr);
/* They are in force from now on. */
void move_adopt_parameters(struct move_iface *i, const struct move_parameters *say);
/* A free place, or that of a router that has ended; -1: there is none. */
int move_free_router(struct move_iface *i);
bool move_has_routers(const struct move_iface *i);
/* Forgets routers that were last heard before that time: those of a link left behind.
 * Their prefixes stay, without a router, until the attachment has changed (move.c). */
void move_drop_routers(struct move_iface *i, uint64_t heard_us);
/* Chooses the router to be used: on the home link one of that, then RFC 4191 section 3.2, RFC
 * 4861 6.3.6: the preferred one; the one in use when there is a choice. */
void move_choose_router(struct move_iface *i);
struct move_prefix *move_find_prefix(struct move_iface *i, const struct prefix *prefix);
/* A free place, else that of a prefix which no router says any more; NULL: neither. */
struct move_prefix *move_new_prefix(struct move_iface *i, const struct prefix *prefix);
/* True when a router advertises it that is known to be on this link. */
bool move_is_advertised(const struct move_iface *i, const struct move_prefix *p);
/* True unless all routers that did advertise it have begun to leave it out: they are on
 * another link than when they said it, though they have the same address there. */
bool move_is_still_said(const struct move_iface *i, const struct move_prefix *p);
/* RFC 4861 6.3.4: its addresses are neighbours. */
bool move_is_on_link(const struct move_iface *i, const struct move_prefix *p);
/* The prefix whose address is to be used with the router in use; NULL: none yet. */
struct move_prefix *move_best_prefix(struct move_iface *i);
/* Sets the timer for what must not be missed, or ends, next. */
void move_set_watch(struct move_iface *i);
/* The router in use may be gone: asks it, and looks for others (11.5.1). */
void move_suspect(struct move_iface *i, enum attach_cause cause);
/* Another router than the one in use was heard: while that one is asked, this counts, and
 * where it does not answer, it is left. */
void move_on_rival(struct move_iface *i);
/* Asks the router in use whether it is there, unless that is going on. */
void move_ask_router(struct move_iface *i);
/* Packets by the router in use make no progress (RFC 4861 7.3.1), in the kernel's or in
 * registration's eyes. */
void move_on_no_progress(struct move_iface *i);
/* The router in use has advertised itself. That ends the doubt whether this is its link; it
 * MUST NOT end the doubt whether it hears us (RFC 4861 7.3.1). */
void move_on_heard(struct move_iface *i);
/* The router in use has answered, or packets by it make progress (RFC 4861 7.3.1). */
void move_confirm(struct move_iface *i);
void move_cancel_probe(struct move_iface *i);
/* Forgets routers and prefixes. */
void move_forget(struct move_iface *i);

/* --- move_objects.c: the kernel's side, pure --- */

void move_rule_footprint(struct footprint *f);
void move_settings_footprint(const struct move_iface *i, struct footprint *f);
void move_objects_footprint(const struct move_iface *i, struct footprint *f);
/* The beginning of a route for packets from that address by the interface. */
struct kobj move_route_from(const struct move_iface *i, const struct in6_addr *coa);

/* --- move_observe.c: interfaces that something else manages --- */

/* The address there that is the best care-of address, NULL: there is none. */
const struct kaddr_event *move_observed_addr(const struct move_iface *i);
/* What makes packets from it leave by that interface. */
void move_observed_footprint(const struct move_iface *i, struct footprint *f);

/* --- addrconf.c --- */

/* The address for a prefix of the interface: by RFC 7217 (with the node's secret and
 * the number of addresses that were duplicates before) or from the link-layer
 * address. False when there can be none. */
bool addrconf_make(const struct mip6 *m, const struct klink *l, const struct prefix *p,
		   uint8_t dad_counter, struct in6_addr *out);

#endif
