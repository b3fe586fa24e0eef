// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The seam between movement detection and registration on the mobile node.
 *
 * Movement (move*.c, addrconf.c, routers.c) owns the interfaces: it solicits
 * and hears routers, forms care-of addresses, keeps their kernel objects, and
 * decides which interface is the best attachment. Registration (home*.c, bul.c)
 * owns the home addresses: it is told of the best attachment, decides for each
 * home address whether that is home, and registers.
 *
 * Routing, so that both halves fit: one rule (priority 1010) sends all lookups
 * to KTABLE_OWN first, where every route is source-specific. Movement keeps
 * there, for each care-of address, `default from CoA/128 via ROUTER` and the
 * on-link prefixes `PREFIX from CoA/128 dev IF` (on an interface that something else
 * manages, a copy of its owner's default route); registration keeps
 * `default from HoA/128`, which leads into the tunnel when away, to the home
 * router when at home, and is unreachable while neither may be used. The main
 * table gets no default and no on-link route of ours: a socket without a source
 * address then finds no route at first, the kernel chooses the source (home
 * address first, RFC 6724 rule 4; care-of address where the socket asks for it)
 * and looks again with it. So nothing can leave with a home address in the
 * clear on a foreign link, and sockets that prefer the care-of address work.
 */
#ifndef MN_ATTACH_H
#define MN_ATTACH_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/mip6.h"

#define ATTACH_PREFIX_MAX 8

/* Why the attachment changed; the handover record keeps it. */
enum attach_cause {
	ATTACH_START,	     /* first attachment since start */
	ATTACH_LINK_UP,	     /* carrier came, or SSID changed */
	ATTACH_LINK_DOWN,    /* the interface in use went away, another takes over */
	ATTACH_NEW_ROUTER,   /* new prefixes heard and the old router did not answer */
	ATTACH_ROUTER_LOST,  /* advertisements missed, neighbour unreachability detection */
	ATTACH_PREFERENCE,   /* a better interface is there */
	ATTACH_ADDRESS,	     /* the care-of address was lost or renumbered */
	ATTACH_ADMIN,	     /* console: prefer, rebind */
};

/* Where the node is. A value: compare and copy freely. */
struct attachment {
	bool usable;		 /* false: nowhere; the rest is then meaningless */
	uint32_t ifindex;
	struct in6_addr coa;	 /* a global address of the link, usable as source; never
				  * a home address */
	bool coa_optimistic;	 /* RFC 4429: still being checked for duplicates */
	struct in6_addr router;	 /* link-local address of the default router */
	uint8_t router_lladdr[KLINK_LLADDR_MAX];
	uint8_t router_lladdr_len;
	struct prefix on_link[ATTACH_PREFIX_MAX]; /* advertised by the current routers */
	uint8_t on_link_count;
	struct in6_addr router_global; /* full address from an R flag prefix option, or :: */
	bool router_is_ha;	 /* H bit of its advertisements */
	/* for the handover record, us, 0 when not applicable */
	enum attach_cause cause;
	uint64_t event_us;	 /* link event, or first suspicion */
	uint64_t rs_us;		 /* solicitation sent */
	uint64_t ra_us;		 /* advertisement heard */
	uint64_t addr_us;	 /* care-of address usable */
};

/* --- movement offers --- */

/* The best attachment now (usable false when there is none). */
const struct attachment *attach_current(const struct mip6 *m);
/* The end of the valid lifetime of that care-of address, as the routers of its link last
 * told (RFC 4862 5.5.3), or the kernel where the interface is only observed. TIME_NEVER:
 * without end, or not known. */
uint64_t attach_valid_until_us(const struct mip6 *m, uint32_t ifindex, const struct in6_addr *coa);
/* A hint from above: traffic or signalling through this attachment makes
 * (good true) or makes no (false) progress. Feeds neighbour unreachability
 * detection (RFC 4861 7.3.1, RFC 6275 11.5.1). */
void attach_hint(struct mip6 *m, bool good);
/* Looks for a better attachment at once (console `rebind`). */
void attach_rebind(struct mip6 *m);
/* The interface of that name is taken whenever it can be used, whatever the configured
 * preferences; "" ends that (console `prefer`). -ENODEV: movement uses no such one. */
int attach_prefer(struct mip6 *m, const char *name);
/* While paused the attachment stays as it is, whatever happens (console `pause`). */
void attach_pause(struct mip6 *m, bool pause);
/* Addresses that movement must never configure by itself as a care-of address,
 * because they are home addresses. Answered by registration. */
bool home_is_home_address(const struct mip6 *m, const struct in6_addr *a);
/* True when `p` is the home prefix of some home address. Answered by registration. */
bool home_is_home_prefix(const struct mip6 *m, const struct prefix *p);
/* True when a care-of address suits a home agent: both are unique local, or neither is (RFC
 * 6724 section 5, rule 6). Answered by registration. */
bool home_is_in_reach(const struct mip6 *m, const struct in6_addr *coa);

/* --- registration is told --- */

/* The best attachment changed. `old` and `now` are valid during the call; called
 * in the same loop turn in which the address became usable. During the call the
 * objects of `old` still exist in the kernel; movement removes those of a link
 * left behind after it returns (make before break). */
void home_on_attachment(struct mip6 *m, const struct attachment *old,
			const struct attachment *now);
/* Something of the same attachment changed that registration may care about:
 * prefixes, optimistic address became final, router's global address. */
void home_on_attachment_detail(struct mip6 *m, const struct attachment *now);

/* A router of that link advertises the prefix (RFC 4862 5.5.3: for addresses). */
void home_on_prefix(struct mip6 *m, uint32_t ifindex, const struct nd_prefix_info *info);

/* --- start and stop, called by the role table (mn.c) --- */
int move_start(struct mip6 *m);
void move_stop(struct mip6 *m, enum role_stop how);
void move_free(struct mip6 *m);
/* m->conf is a new one. */
void move_reconfigure(struct mip6 *m);
void move_on_nd(struct mip6 *m, const struct mip6_packet *p, const struct nd_msg *msg);
void move_on_link(struct mip6 *m, const struct klink *l);
void move_on_addr(struct mip6 *m, const struct kaddr_event *a);
void move_on_neigh(struct mip6 *m, const struct kneigh_event *n);
void move_on_lost(struct mip6 *m, const struct kobj *o);

int home_start(struct mip6 *m);
void home_stop(struct mip6 *m, enum role_stop how);
void home_free(struct mip6 *m);

#endif
