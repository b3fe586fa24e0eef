// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A machine of the ladder with its kernel, which implements the port of
 * core/kernel.h. What the kernel does with packets follows Linux in what Mobile
 * IPv6 needs: source-specific routes and rules, tunnels with the end points of a
 * device or of a route, proxied neighbours, tentative and optimistic addresses,
 * Home Address options and type 2 routing headers by XFRM states and policies.
 * It knows no fragments, no MTU, no ESP (a packet is or is not "protected").
 */
#ifndef TEST_LADDER_BOX_H
#define TEST_LADDER_BOX_H

#include <sys/queue.h>

#include "base/timer.h"
#include "conf/conf.h"
#include "core/mip6.h"
#include "core/store.h"
#include "test/ladder/ladder.h"

#define MAC_LEN	       6
#define BOX_NEIGH_QUEUE 3

struct iface {
	TAILQ_ENTRY(iface) entry;
	TAILQ_ENTRY(iface) on_link;
	struct box *box;
	uint32_t ifindex;
	char name[IFNAMSIZ];
	uint8_t mac[MAC_LEN];
	uint32_t mtu;
	struct net_link *link; /* NULL: unplugged */
	bool carrier;	       /* as the kernel knows */
	char ssid[33];	       /* of Wi-Fi, "" otherwise */
};

enum object_owner {
	OWNER_ADMIN,  /* of the test: not ours, never listed */
	OWNER_DAEMON, /* carries the program's marks */
};

/* Something in the kernel. */
struct object {
	TAILQ_ENTRY(object) entry;
	struct box *box;
	struct kobj o;
	struct kxfrm_esp_keys keys; /* where o.state.esp points */
	enum object_owner owner;
	uint32_t ifindex;	    /* KOBJ_TUNNEL: of the device */
	bool tentative;		    /* KOBJ_ADDR */
	bool optimistic;
	bool dad_failed;
	struct timer timer;	    /* KOBJ_ADDR: duplicate address detection */
	uint64_t used_us;	    /* XFRM: last use, TIME_NEVER: never */
	uint64_t deleted_us;
};

enum neigh_state { NEIGH_INCOMPLETE, NEIGH_REACHABLE, NEIGH_DELAY, NEIGH_PROBE };
struct neigh {
	TAILQ_ENTRY(neigh) entry;
	struct box *box;
	struct iface *i;
	struct in6_addr addr;
	enum neigh_state state;
	uint64_t confirmed_us;
	uint8_t mac[MAC_LEN];
	bool router;
	unsigned int tries;
	struct timer timer;
	struct packet *queue[BOX_NEIGH_QUEUE];
	unsigned int queued;
};

struct fake_probe {
	TAILQ_ENTRY(fake_probe) entry;
	struct box *box;
	struct kprobe p;
	uint64_t ticket;
	unsigned int sent;
	struct timer timer;
};

/* A name that the program asks for. */
struct fake_lookup {
	TAILQ_ENTRY(fake_lookup) entry;
	struct box *box;
	uint64_t ticket;
	char name[256];
	struct timer timer;
};

/* A solicitation for a proxied address that is answered later. */
struct delayed {
	TAILQ_ENTRY(delayed) entry;
	struct iface *i;
	struct packet *p; /* owned */
	struct in6_addr target;
	struct timer timer;
};

/* Changes of kernel_ops.apply() that wait for the end of the turn. */
struct batch {
	TAILQ_ENTRY(batch) entry;
	struct box *box;
	uint64_t ticket;
	struct kchange *changes;
	size_t count;
	bool done; /* carried out, not yet confirmed */
	struct timer timer;
};

struct injected {
	TAILQ_ENTRY(injected) entry;
	char text[96];
	int error;
	unsigned int skip;
	unsigned int times;
};

struct watch {
	TAILQ_ENTRY(watch) entry;
	char name[IFNAMSIZ];
	uint64_t pace_us;
	struct in6_addr local;
	struct in6_addr peer;
	bool outgoing;
	uint64_t told_us;
	bool pair; /* a pair that was told, not the watch itself */
};

/* A socket that has joined a group. */
struct listener {
	TAILQ_ENTRY(listener) entry;
	uint32_t ifindex;
	struct in6_addr group;
};

/* What the program wants to hear of a link, and what it has not yet been told. */
struct heard_group {
	TAILQ_ENTRY(heard_group) entry;
	uint32_t ifindex;
	struct in6_addr group;
};
struct tapped {
	TAILQ_ENTRY(tapped) entry;
	struct box *box;
	uint32_t ifindex;
	struct packet *p; /* owned */
	struct timer timer;
};

/* A key that was deleted in this turn. */
struct deleted {
	TAILQ_ENTRY(deleted) entry;
	struct kobj key;
};

struct advertiser {
	bool on;
	struct nd_msg msg;
	struct iface *i;
	uint64_t interval_us;
	uint64_t rs_delay_us;
	struct timer timer;
	struct timer answer;
};

struct box {
	struct kernel kernel; /* first: kernel_ops get a pointer to it */
	TAILQ_ENTRY(box) entry;
	struct ladder *L;
	char name[24];
	uint32_t next_ifindex;
	TAILQ_HEAD(, iface) ifaces;
	TAILQ_HEAD(, object) objects;
	TAILQ_HEAD(, neigh) neighs;
	TAILQ_HEAD(, fake_probe) probes;
	TAILQ_HEAD(, fake_lookup) lookups;
	TAILQ_HEAD(, delayed) delayed;
	TAILQ_HEAD(, batch) batches;
	TAILQ_HEAD(, injected) injected;
	TAILQ_HEAD(, watch) watches;
	TAILQ_HEAD(, deleted) deleted;
	TAILQ_HEAD(, listener) listeners;
	unsigned int heard;	 /* multicasts that reached some of them */
	uint32_t multicast_per_s; /* the program takes those out of the shared tunnel */
	TAILQ_HEAD(, heard_group) heard_groups;
	TAILQ_HEAD(, tapped) tapped;
	uint32_t stray_per_s;	 /* the program wants to hear of strays */
	uint64_t stray_told_us;
	bool asleep;
	bool forwarding; /* by the administrator */
	bool core;	 /* sends to the core what it has no route for */
	bool mobility;	 /* the kernel knows the Mobility Header */
	ladder_hear_fn *hear;
	void *hear_ctx;
	struct advertiser ra;
	unsigned int misuses;
	uint64_t done_delay_us; /* from carrying out changes to confirming them */
	uint64_t apply_delay_us; /* from the end of the turn to carrying them out */

	/* the program */
	const struct role *roles[MIP6_ROLES_MAX];
	unsigned int role_count;
	struct conf *conf; /* owned */
	struct store *store; /* owned; outlives the program, as does: */
	uint8_t secret[MIP6_SECRET_LEN];
	bool have_secret;
	struct mip6 mip6;
	struct timers timers; /* its loop's */
	bool up;
	unsigned int steps_left; /* until it crashes, 0: it does not */
	bool frozen;		 /* it has: nothing that it still does has an effect */
};

/* --- box.c: the kernel's objects and the port --- */

extern const struct kernel_ops box_ops;
void box_init(struct box *b);
struct box *box_of(struct kernel *k);
void box_free(struct box *b);
struct object *object_find(const struct box *b, const struct kobj *key);
/* Puts or replaces by hand. Never fails. */
struct object *object_put(struct box *b, const struct kobj *o, enum object_owner owner);
void object_remove(struct object *obj);
/* Carries out the changes of this turn. True when there were some. */
bool box_end_turn(struct box *b);
bool box_has_batches(const struct box *b);
/* One step of the program that has an effect outside of it. False: it crashed before. */
bool box_step(struct box *b);
/* What goes when the process goes. */
void box_process_died(struct box *b);
/* A setting, by the program or as it is without one. */
int32_t box_sysctl(const struct box *b, const char *dev, enum ksysctl name);
bool box_forwards(const struct box *b);
/* Tells the program, if it runs. */
void box_tell_link(struct box *b, const struct iface *i, bool gone);
void box_tell_addr(const struct object *obj, bool gone);
void box_tell_neigh(const struct neigh *n, enum kneigh_state state);
struct iface *box_iface(const struct box *b, uint32_t ifindex);
struct iface *box_iface_name(const struct box *b, const char *name);
/* The kernel's own address that is `a`, tentative or not; `i` NULL: on any interface. */
struct object *box_own_addr(const struct box *b, const struct in6_addr *a, const struct iface *i);
/* The interface that an address object is on, NULL for a tunnel or loopback. */
struct iface *object_iface(const struct object *addr);
/* Link-local address of an interface. */
struct in6_addr iface_local(const struct iface *i);

/* --- box_route.c --- */

enum hop_kind { HOP_NONE, HOP_UNREACHABLE, HOP_BLACKHOLE, HOP_LOCAL, HOP_LINK, HOP_TUNNEL,
		HOP_ENCAP, HOP_CORE };
struct hop {
	enum hop_kind kind;
	struct iface *i;		  /* HOP_LINK */
	struct in6_addr via;		  /* HOP_LINK: the next hop */
	const struct kobj_tunnel *tunnel; /* HOP_TUNNEL, HOP_ENCAP (the device) */
	struct in6_addr encap_src;	  /* HOP_ENCAP */
	struct in6_addr encap_dst;
	struct in6_addr prefsrc;
};
/* Where a packet goes. `iif` "": a packet of our own ("lo"), else the device that
 * it came through. `oif` 0: any. */
struct hop box_lookup(const struct box *b, const struct in6_addr *src, const struct in6_addr *dst,
		      uint8_t proto, const char *iif, uint32_t oif);
/* The default route by the interface that others have put. */
void box_find_gateway(const struct box *b, const struct iface *i, struct klink *l);
/* Source address for a packet of our own (RFC 6724, as far as it matters here). */
bool box_choose_src(const struct box *b, const struct in6_addr *dst, const struct hop *h,
		    struct in6_addr *src);

/* --- box_ip.c --- */

extern const struct in6_addr all_nodes;
extern const struct in6_addr all_routers;

/* A frame came in. Takes the packet over. */
void box_receive(struct iface *i, struct packet *p, bool multicast);
/* A packet from the core or out of a tunnel `dev`; forwards or delivers it. */
void box_input(struct box *b, struct packet *p, const char *dev, struct iface *i);
/* Sends a packet of our own. `ifindex` 0: as routed; `plain`: XFRM is left out. 0
 * or -errno; takes the packet over in any case. */
int box_output(struct box *b, struct packet *p, uint32_t ifindex, bool plain);
/* An ICMPv6 error about `about` (RFC 4443), to its source. */
void box_error(struct box *b, const struct packet *about, uint8_t type, uint8_t code,
	       uint32_t value);

/* --- box_deliver.c --- */

/* A packet for this box, headers not yet processed. Takes it over. */
void box_deliver(struct box *b, struct packet *p, const char *dev, struct iface *i);
/* The packet's copy reached a socket: a line of the diagram. */
int fake_watch_traffic(struct kernel *k, const char *name, uint64_t pace_us);
int fake_watch_strays(struct kernel *k, const char *name, uint32_t per_s);
void box_watch_traffic(struct box *b, const char *dev, bool outgoing, const struct packet *p);

/* The index of the tunnel `dev`, 0: it is none. */
uint32_t box_tunnel_ifindex(const struct box *b, const char *dev);

/* --- box_mld.c --- */

bool box_is_member(const struct box *b, uint32_t ifindex, const struct in6_addr *group);
/* A multicast has come up as far as to sockets. */
void box_count_heard(struct box *b, const struct packet *p);
/* On a tunnel that is reported. */
void box_member_changed(struct box *b, uint32_t ifindex, const struct in6_addr *group,
			bool joined);
void box_answer_query(struct box *b, const char *dev, const struct packet *p);
/* An MLD message as a packet: Router Alert, checksum, hop limit 1. */
struct packet *mld_packet(const struct in6_addr *src, const struct in6_addr *dst,
			  const void *message, size_t len);
/* True when the program takes what is in the tunnel packet; it has been told. */
bool box_takes_multicast(struct box *b, const struct packet *outer);
/* A multicast came or went by the interface. */
void box_tap(struct iface *i, const struct packet *p);
int fake_watch_multicast(struct kernel *k, const char *name, uint32_t per_s);
int fake_hear_groups(struct kernel *k, uint32_t ifindex, const struct in6_addr *groups,
		     size_t count);
int fake_send_multicast(struct kernel *k, uint32_t ifindex, const void *data, size_t len);
size_t fake_send_encapsulated(struct kernel *k, const struct ktunnel_ends *ends, size_t count,
			      const void *data, size_t len, int *error);
int fake_list_groups(struct kernel *k,
		     int (*fn)(uint32_t ifindex, const struct in6_addr *group, void *ctx),
		     void *ctx);
void box_multicast_died(struct box *b);
void box_multicast_free(struct box *b);

/* --- box_xfrm.c --- */

/* Inserts what policies and states want. 0, or -EAGAIN when a state is missing. */
int box_xfrm_out(struct box *b, struct packet *p);
/* IPsec alone, for a message with headers that a socket asked for: the kernel looks at the
 * last hop of a routing header, and at the source as it is. */
int box_ipsec_out(struct box *b, struct packet *p);
/* Whether headers that came may be processed, by states; then by policies. */
bool box_xfrm_hao_ok(struct box *b, struct packet *p);
bool box_xfrm_rh2_ok(struct box *b, struct packet *p);
bool box_xfrm_in_ok(struct box *b, const struct packet *p);
void box_report(struct box *b, const struct packet *p);

/* --- box_nd.c --- */

/* Sends to a neighbour, resolving its address first. Takes the packet over. */
void neigh_send(struct iface *i, const struct in6_addr *via, struct packet *p);
/* Neighbour discovery that came; before the program hears it. */
void nd_input(struct iface *i, const struct packet *p);
/* A carrier went: caches of the interface go. */
void neigh_flush(struct iface *i);
/* Duplicate address detection for an address object, as its flags ask. */
void dad_start(struct object *addr);
void neigh_free(struct neigh *n);
void delayed_free(struct delayed *d);
int fake_probe_begin(struct kernel *k, const struct kprobe *p, uint64_t ticket);
void fake_probe_cancel(struct kernel *k, uint64_t ticket);
void fake_probe_free(struct fake_probe *p);

/* --- name.c --- */

int fake_lookup_begin(struct kernel *k, const char *name, const struct in6_addr *source,
		      uint64_t ticket);
void fake_lookup_cancel(struct kernel *k, uint64_t ticket);
void fake_lookup_free(struct fake_lookup *l);
void fake_forget_learned(struct kernel *k, uint32_t ifindex);

/* --- router.c --- */

void router_hear_rs(struct iface *i);
void router_free(struct box *b);

#endif
