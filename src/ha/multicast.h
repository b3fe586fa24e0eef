// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Multicast of mobile nodes that are away (RFC 6275 10.4.2, 10.4.3): which groups each
 * listens to, and what is sent to these groups, both ways. See multicast.c.
 */
#ifndef HA_MULTICAST_H
#define HA_MULTICAST_H

#include <sys/queue.h>
#include <uthash.h>

#include "base/log.h"
#include "base/timer.h"
#include "core/kept.h"
#include "core/mip6.h"
#include "ha/walk.h"

#define MC_BUCKETS 4096

struct mc_group_key {
	struct in6_addr addr;
	uint32_t ifindex; /* the link that it is joined on */
};

/* A group that some node listens to. */
struct mc_group {
	struct mc_group_key key;
	TAILQ_HEAD(, mc_member) members; /* never empty */
	size_t count;
	unsigned int jobs; /* packets that wait for it */
	uint64_t packets;
	UT_hash_handle hh;
};

/* That a node listens to a group. */
struct mc_member {
	TAILQ_ENTRY(mc_member) of_group;
	TAILQ_ENTRY(mc_member) of_node;
	struct mc_group *group;
	struct mc_node *node;
	struct timer expiry;
};

/* A node that is offered multicast: beside its binding, see struct work. */
struct mc_node {
	LIST_ENTRY(mc_node) of_bucket;
	struct mip6 *m;
	struct binding *b;
	struct in6_addr coa; /* of the binding: by which it is found */
	uint32_t ifindex;    /* the link that its groups are joined on */
	TAILQ_HEAD(, mc_member) members;
	unsigned int count;
	uint64_t asked_us;     /* the last query */
	unsigned int starting; /* queries that come soon (RFC 3810 9.6, 9.7) */
	struct timer query;
};

/* A link with groups. */
struct mc_link {
	LIST_ENTRY(mc_link) entry;
	uint32_t ifindex;
	struct kept kept; /* memberships of this machine */
};

/* A packet that has not yet been sent to all. */
struct mc_job {
	TAILQ_ENTRY(mc_job) entry;
	struct mc_group *group;
	struct mc_member *next; /* NULL: to nobody more */
	size_t len;
	uint8_t data[];
};

struct ha_multicast {
	struct mip6 *m;
	bool on;
	uint32_t virtual_ifindex; /* HaMulticastInterface, 0: none */
	LIST_HEAD(, mc_node) nodes[MC_BUCKETS]; /* by care-of address */
	size_t node_count;
	struct mc_group *groups;
	LIST_HEAD(, mc_link) links;
	struct timer sync_timer;    /* groups have changed: tell the kernel */
	uint64_t next_query_us;	    /* queries that were not planned leave one by one */
	TAILQ_HEAD(, mc_job) jobs;
	unsigned int job_count;
	struct timer job_timer;
	struct ha_walk walk;	    /* offers it to all, or takes it from them */
	struct log_limit limit;
};

/* --- multicast.c --- */

/* 0 or -ENOMEM. After the role has read the configuration. */
int ha_multicast_init(struct mip6 *m);
/* Leaves all groups; nodes are not told. */
void ha_multicast_stop(struct mip6 *m);
/* Frees; the port is not asked for anything. */
void ha_multicast_free(struct mip6 *m);
/* The configuration has changed, or links have. */
void ha_multicast_refresh(struct mip6 *m, const struct conf *old);
/* A registration is in force, also anew; `heard`: because of a message of the node. */
void ha_multicast_registered(struct binding *b, bool heard);
/* It ends. */
void ha_multicast_ended(struct binding *b);
void ha_multicast_on_packet(struct mip6 *m, const struct kmulticast_event *e);

/* For the console. */
void ha_multicast_show(struct mip6 *m, struct show *out);
void ha_multicast_show_group(struct mip6 *m, struct show *out, const struct in6_addr *addr);
/* The objects of the links with groups. */
void ha_multicast_objects(struct mip6 *m, role_object_fn *fn, void *ctx);

/* The link where the groups of a binding's node are joined, 0: none, and so no multicast. */
uint32_t ha_multicast_link(const struct mip6 *m, const struct binding *b);
struct mc_group *ha_multicast_group(const struct mip6 *m, uint32_t ifindex,
				    const struct in6_addr *addr);
/* Joins, or keeps the membership alive; leaves. */
void ha_multicast_join(struct mc_node *n, const struct in6_addr *group);
void ha_multicast_leave(struct mc_node *n, const struct in6_addr *group);
/* The node may have left: unless it says otherwise soon. */
void ha_multicast_doubt(struct mc_node *n, const struct in6_addr *group);

/* --- multicast_mld.c --- */

void ha_mld_init_node(struct mc_node *n);
/* The node is asked soon; `early`: so often in short intervals. */
void ha_mld_ask(struct mc_node *n, unsigned int early);
/* Asks for one group at once. */
void ha_mld_ask_for(const struct mc_node *n, const struct in6_addr *group);
/* How long a membership lasts that is not confirmed, and one that is in doubt. */
uint64_t ha_mld_listener_interval_us(const struct mip6 *m);
uint64_t ha_mld_last_listener_us(void);
/* A report of a node, out of the tunnel. False: it is another kind of packet. */
bool ha_mld_on_packet(struct mip6 *m, const struct kmulticast_event *e);

/* --- multicast_data.c --- */

void ha_mcdata_init(struct mip6 *m);
/* A packet of a node, out of the tunnel; one that was seen on a link. */
void ha_mcdata_from_node(struct mip6 *m, const struct kmulticast_event *e);
void ha_mcdata_from_link(struct mip6 *m, const struct kmulticast_event *e);
/* The member is about to go. */
void ha_mcdata_forget_member(struct mip6 *m, const struct mc_member *member);
void ha_mcdata_forget_all(struct mip6 *m);

#endif
