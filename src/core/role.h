// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A role is a table of hooks. core/ does not know which roles exist; daemon/
 * puts the tables a node needs into its struct mip6, and several are additive
 * (a home agent is also a correspondent node). Any hook may be NULL.
 */
#ifndef CORE_ROLE_H
#define CORE_ROLE_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "core/kernel.h"
#include "wire/icmp6.h"
#include "wire/mh.h"
#include "wire/nd.h"

struct mip6;
struct show;	/* core/show.h */
struct binding; /* core/bcache.h */

typedef void role_object_fn(const struct kobj *o, void *ctx);

/* A way to somebody, for the console's `ping` and `netcheck`. */
struct role_way {
	const char *name;     /* static: "from the home address" */
	struct in6_addr from; /* :: for any */
	struct in6_addr to;
	uint32_t ifindex;     /* for link-local addresses */
	char how[128];	      /* packets go; "" where there is nothing to say */
	char silent[160];     /* what to look at when nothing comes back */
	char but[128];	      /* what is wrong although it answers; "" for nothing */
	char mend[192];	      /* ... and what to look at then */
};
/* Something that is wrong now: one sentence, and where to look further; valid during the
 * call. */
typedef void role_wrong_fn(const char *what, const char *look, void *ctx);
typedef void role_way_fn(const struct role_way *w, void *ctx);

/* Whether a message was this role's. The first role that takes it ends the round. */
enum role_verdict { ROLE_PASS, ROLE_TAKEN };

/* Why a role stops: SHUTDOWN leaves the kernel as it was found, RESTART leaves
 * the data path running for a successor. */
enum role_stop { ROLE_SHUTDOWN, ROLE_RESTART };

/* All texts are static. */
struct role_show {
	const char *word;    /* the console's word: "bul" */
	const char *usage;   /* what may follow: "[HOME-ADDRESS]" */
	const char *help;    /* one line */
	const char *example; /* what to type after `mip6ctl` */
	void (*show)(struct mip6 *m, struct show *out, int argc, const char *const *argv);
};

struct role_command {
	const char *word; /* may be two: "bc add" */
	const char *usage;
	const char *help;
	const char *example;
	/* 0, or -errno with an explanation written to `out`. */
	int (*run)(struct mip6 *m, struct show *out, int argc, const char *const *argv);
};

struct role {
	const char *name;
	/* Called when links and addresses are known. 0 or -errno (the log says why). */
	int (*start)(struct mip6 *m);
	/* False while the role may still ask for objects that it had before a restart:
	 * so long, what a predecessor left in the kernel stays there. */
	bool (*settled)(const struct mip6 *m);
	/* Begins stopping; done when footprint_busy() is false again. */
	void (*stop)(struct mip6 *m, enum role_stop how);
	/* Frees the role's state and cancels its timers, also those in bindings.
	 * Called once at the end, also when start failed or never came, and
	 * without a stop as after a crash; the port may not be asked for anything. */
	void (*free)(struct mip6 *m);
	/* m->conf is the new configuration, `old` the one before. */
	void (*reconfigure)(struct mip6 *m, const struct conf *old);

	/* A decoded Mobility Header message whose checksum and form are right. */
	enum role_verdict (*on_mh)(struct mip6 *m, const struct mip6_packet *p,
				   const struct mh_msg *msg);
	/* A decoded ICMPv6 message of the mobility family (DHAAD, prefix discovery). */
	enum role_verdict (*on_icmp6)(struct mip6 *m, const struct mip6_packet *p,
				      const struct icmp6_msg *msg);
	/* A validated neighbour discovery message (RS, RA, NS, NA). All roles hear it. */
	void (*on_nd)(struct mip6 *m, const struct mip6_packet *p, const struct nd_msg *msg);
	/* An ICMPv6 error: msg->type tells which, msg->error the rest. All roles hear it. */
	void (*on_icmp6_error)(struct mip6 *m, const struct mip6_packet *p,
			       const struct icmp6_msg *msg);
	/* A raw ICMPv6 message no one above decodes (MLD), hop limit and checksum
	 * unjudged. All roles hear it. */
	void (*on_icmp6_other)(struct mip6 *m, const struct mip6_packet *p);

	/* These come after m->links has been brought up to date. All roles hear
	 * them, from start to stop. */
	void (*on_link)(struct mip6 *m, const struct klink *l);
	void (*on_addr)(struct mip6 *m, const struct kaddr_event *a);
	void (*on_neigh)(struct mip6 *m, const struct kneigh_event *n);
	void (*on_xfrm)(struct mip6 *m, const struct kxfrm_event *x);
	void (*on_traffic)(struct mip6 *m, const struct ktraffic_event *t);
	void (*on_stray)(struct mip6 *m, const struct kstray_event *s);
	void (*on_multicast)(struct mip6 *m, const struct kmulticast_event *e);
	/* Somebody else removed an object that carries our marks. */
	void (*on_lost)(struct mip6 *m, const struct kobj *o);

	/* Ends a binding of the cache as if it had expired; false: it is not this role's. */
	bool (*end_binding)(struct mip6 *m, struct binding *b);
	/* Tells the objects that the role has in the kernel now, as the kernel confirmed
	 * them; any order, the same one may come twice. */
	void (*objects)(struct mip6 *m, role_object_fn *fn, void *ctx);
	/* Tells the ways to `peer`, where there are others than the common one; with `peer`
	 * NULL, to whom this node needs: its router, its home agents. */
	void (*ways)(struct mip6 *m, const struct in6_addr *peer, role_way_fn *fn, void *ctx);
	/* Tells what is wrong, for `status`; bounded, and without asking anybody. */
	void (*wrong)(struct mip6 *m, role_wrong_fn *fn, void *ctx);
	/* The role's part of the console's `status`: fields, at the top level. */
	void (*status)(struct mip6 *m, struct show *out);
	const struct role_show *shows;	     /* ended by .word NULL */
	const struct role_command *commands; /* ended by .word NULL */
};

#endif
