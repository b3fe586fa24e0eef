// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ladder tests: several nodes, each the program's real core and roles, in one
 * process, over a network and on kernels that exist in memory only, in virtual
 * time. A test reads like the ladder diagram in an RFC. No privileges, no
 * sockets, no waiting: an hour of protocol takes milliseconds.
 *
 * HOW TO WRITE ONE
 *
 *	static void hello_is_answered(void **state)
 *	{
 *		struct ladder *L = ladder_new();
 *		struct net_link *home = ladder_link(L, "home");
 *		struct box *r, *ha, *mn;
 *
 *		r = ladder_router(L, "r0", home, "2001:db8:0::1/64", 1000 * MS);
 *		ha = ladder_node(L, "ha", "NodeConfig HA;", &ha_role, NULL);
 *		ladder_attach(ha, "eth0", home);
 *		ladder_addr(ha, "eth0", "2001:db8:0::2/64");
 *		ladder_gateway(ha, r);
 *		...
 *		ladder_start(ha);
 *		ladder_start(mn);
 *		ladder_expect(L, "mn -> ha BU seq=* flags=AH coa=2001:db8:1::9", 3 * S);
 *		ladder_expect(L, "ha -> mn BA status=0", 100 * MS);
 *		ladder_move(mn, "eth0", visited, LADDER_CARRIER);
 *		...
 *		ladder_free(L);
 *	}
 *
 * Build: a cmocka program in test/ladder/local.mk with $(ladder_ldflags), that
 * links the roles' libraries, then $(ladder_libs). (Roles that call one another's
 * rooms both ways name libraries twice.)
 *
 * WHAT THERE IS
 *
 * Links. A link carries frames between the interfaces attached to it, with
 * latency, jitter, loss, duplication and reordering (ladder_quality()). Packets
 * for prefixes elsewhere go from a router to the router of that prefix through
 * "the core", which has a quality of its own. Neighbour discovery is real: caches,
 * solicitations, advertisements, as bytes on the link.
 *
 * Boxes. Every machine is a box with a kernel (box.h): interfaces, addresses with
 * duplicate address detection, routes and rules, tunnels, proxies, XFRM states
 * and policies for the Home Address option and the type 2 routing header, as
 * Linux treats them. A node is a box with the program on it; a router sends
 * advertisements and forwards; a host is for scripts: it answers pings, and
 * ladder_send_mh() and its kin make it say anything, well formed or not.
 *
 * The program on a node may be stopped (ladder_stop), may crash (ladder_crash:
 * what it had put into the kernel stays) and start anew (ladder_start).
 *
 * Time passes only in ladder_run(), ladder_expect(), ladder_refuse() and
 * ladder_until(). A turn of a node's loop is everything that happens to it at one
 * instant; its kernel changes take effect at the end of the turn, and are
 * confirmed then, or later (box->done_delay_us).
 *
 * Expectations. Each message has one line in the record, made when it is sent and
 * completed when it reaches the last of its receivers or is lost:
 *
 *	   1.204 mn -> ha  BU seq=7 flags=AH life=420 coa=... [hao=...]
 *
 * A pattern is "FROM -> TO WORD..." where FROM and TO are names of boxes or "*",
 * and each WORD must be one of the words of the line; "key=*" fits any value.
 * ladder_expect() looks at lines later than the one that the last ladder_expect()
 * found, and lets time pass until one fits; when none comes, the whole ladder
 * diagram is printed and the test fails. Multicasts have "*LINK" as receiver.
 *
 * Chance. All of it, crypto_random() of the program included, comes from one
 * seed: LADDER_SEED of the environment, or else the one given to ladder_seed(), or
 * 1. A failure prints it.
 * LADDER_VERBOSE=1 prints the diagram of every test, =2 with neighbour discovery
 * and router advertisements; the program's own log goes there with LADDER_LOG=LEVEL.
 */
#ifndef TEST_LADDER_LADDER_H
#define TEST_LADDER_LADDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "core/mip6.h"
#include "core/role.h"
#include "wire/icmp6.h"
#include "wire/mh.h"
#include "wire/nd.h"
#include "test/ladder/packet.h"

#define MS US_PER_MS
#define S  US_PER_S

struct ladder;
struct net_link;
struct box;
struct stream;

/* --- the world ----------------------------------------------------------------- */

struct ladder *ladder_new(void);
void ladder_free(struct ladder *L);
/* For random runs; LADDER_SEED wins. Call it first. Returns the seed in force. */
uint64_t ladder_seed(struct ladder *L, uint64_t seed);
/* A number below `limit` from the run's chance. */
uint64_t ladder_random(struct ladder *L, uint64_t limit);
uint64_t ladder_now(const struct ladder *L);
/* Lets time pass. */
void ladder_run(struct ladder *L, uint64_t duration_us);
/* Lets time pass until `fn` is true; fails the test when it is not within
 * `within_us`. `what` names it in the message. */
#define ladder_until(L, fn, ctx, within_us)                                                \
	ladder_until_at((L), (fn), (ctx), (within_us), #fn, __FILE__, __LINE__)
void ladder_until_at(struct ladder *L, bool (*fn)(void *ctx), void *ctx, uint64_t within_us,
		     const char *what, const char *file, int line);

/* --- the network --------------------------------------------------------------- */

struct quality {
	uint64_t latency_us;
	uint64_t jitter_us;	/* more latency, up to this, for each frame */
	uint32_t loss_ppm;
	uint32_t duplicate_ppm;
	uint32_t reorder_ppm;	/* held back by ten times the latency */
};

/* 0.1 ms, nothing lost. The name goes into diagrams. */
struct net_link *ladder_link(struct ladder *L, const char *name);
void ladder_quality(struct net_link *l, const struct quality *q);
/* Between routers: 5 ms at first. */
void ladder_core_quality(struct ladder *L, const struct quality *q);
/* The core loses what comes from that address, and what goes to that one (NULL: nothing). */
void ladder_core_lose(struct ladder *L, const char *from, const char *to);
/* The core leads packets for the prefix to this box (which must forward). Routers
 * have it for theirs; for a virtual home link, or a home agent without a router. */
void ladder_core_route(struct box *b, const char *prefix);

/* The DNS has this address for the name, after those it had before. */
void ladder_name(struct ladder *L, const char *name, const char *addr);
void ladder_forget_names(struct ladder *L);

/* --- boxes --------------------------------------------------------------------- */

/* A box with the program: `conf` is the text of mip6d.conf, the roles follow,
 * ended by NULL. It does nothing before ladder_start(). */
struct box *ladder_node(struct ladder *L, const char *name, const char *conf, ...)
	__attribute__((sentinel));
/* A router with the address (and so the prefix) `addr` on `link`, advertising it
 * every `ra_interval_us` (0: never), reached from everywhere through the core. */
struct box *ladder_router(struct ladder *L, const char *name, struct net_link *link,
			  const char *addr, uint64_t ra_interval_us);
/* What the router advertises: change it at will. Its prefix option has the L and A
 * flags; lifetimes 1800 s for the router, 86400 s and 14400 s for the prefix. */
struct nd_msg *ladder_ra(struct box *router);
/* Advertises now; also the answer to a Router Solicitation. */
void ladder_advertise(struct box *router);
/* It advertises now, and every so often from now on. */
void ladder_ra_interval(struct box *router, uint64_t interval_us);
/* How long a router waits before it answers a solicitation; at first 0. */
void ladder_rs_delay(struct box *router, uint64_t delay_us);
/* A host without the program, with default route to the router of its link. Its
 * kernel knows no mobility: it answers MH messages and Home Address options with
 * Parameter Problems, until somebody listens (ladder_hear()). */
struct box *ladder_host(struct ladder *L, const char *name, struct net_link *link,
			const char *addr, const struct box *router);

const char *box_name(const struct box *b);
struct mip6 *box_mip6(const struct box *b); /* NULL while the program does not run */
/* The first global address given to the box by the test. */
struct in6_addr box_addr(const struct box *b);

/* An interface; made when there is none of that name. NULL link: unplugged. */
void ladder_attach(struct box *b, const char *ifname, struct net_link *link);
enum ladder_how {
	LADDER_CARRIER, /* the kernel sees the carrier go and come, as with Wi-Fi */
	LADDER_SILENT,	/* bridged elsewhere: nobody is told */
};
/* Moves an interface; NULL: away from everything. With LADDER_CARRIER the carrier
 * comes back at once. */
void ladder_move(struct box *b, const char *ifname, struct net_link *link, enum ladder_how how);
/* The interface is on the wireless network of that name; carrier and link stay as they are. */
void ladder_ssid(struct box *b, const char *ifname, const char *ssid);
void ladder_rename(struct box *b, const char *ifname, const char *to);
/* It gets another link-layer address. */
void ladder_new_mac(struct box *b, const char *ifname);
/* Its MTU changes. As Linux does, the kernel sets that of IPv6 anew, and all settings where IPv6
 * was away, for which an MTU below 1280 is too small. */
void ladder_mtu(struct box *b, const char *ifname, uint32_t mtu);
/* The interface vanishes, as when it is pulled out; ladder_attach() makes it anew. */
void ladder_vanish(struct box *b, const char *ifname);
/* An address ("ADDR/LEN") or a route by the administrator, without DAD. */
void ladder_addr(struct box *b, const char *ifname, const char *addr);
void ladder_del_addr(struct box *b, const char *ifname, const char *addr);
void ladder_route(struct box *b, const char *prefix, const char *via, const char *ifname);
/* Default route to the router, through the interface that they share. */
void ladder_gateway(struct box *b, const struct box *router);
void ladder_forwarding(struct box *b, bool on);

/* Starts the program, the first time or again. Fails the test when a role does
 * not start; the second form returns the error instead. */
#define ladder_start(b) ladder_start_at((b), __FILE__, __LINE__)
void ladder_start_at(struct box *b, const char *file, int line);
int ladder_try_start(struct box *b);
/* Stops it and waits until it has stopped. */
void ladder_stop(struct box *b, enum role_stop how);
/* Stops it for good, when it runs; the test fails when anything that it put into its kernel is
 * left. */
void ladder_end(struct box *b);
/* It is gone, as by SIGKILL: nothing is cleaned up but what lives with a process. */
void ladder_crash(struct box *b);
/* It crashes at its `steps`-th step from now (1: the next), before that has an effect. A step
 * is a change of the kernel, a message sent, or a commit of the store. 0: it does not. */
void ladder_crash_after(struct box *b, unsigned int steps);
bool ladder_is_running(const struct box *b);
/* The machine sleeps (suspend to memory): it does nothing and hears nothing, and its clock
 * goes on (CLOCK_BOOTTIME); or it wakes up. */
void ladder_sleep(struct box *b, bool asleep);
/* Of a node that does not run: what it kept for its next start is gone, as when the machine
 * was exchanged. */
void ladder_forget(struct box *b);
/* A new configuration for the running program (and for the next start). */
void ladder_reconfigure(struct box *b, const char *conf);

/* --- expectations -------------------------------------------------------------- */

#define ladder_expect(L, pattern, within_us)                                               \
	ladder_expect_at((L), (pattern), (within_us), __FILE__, __LINE__)
void ladder_expect_at(struct ladder *L, const char *pattern, uint64_t within_us,
		      const char *file, int line);
/* Lets `for_us` pass; the test fails when a line fits that was made in it. */
#define ladder_refuse(L, pattern, for_us)                                                  \
	ladder_refuse_at((L), (pattern), (for_us), __FILE__, __LINE__)
void ladder_refuse_at(struct ladder *L, const char *pattern, uint64_t for_us, const char *file,
		      int line);
/* Lines of the whole record, delivered or not, that fit. */
size_t ladder_count(const struct ladder *L, const char *pattern);
/* The next ladder_expect() looks only at lines from now on. */
void ladder_mark(struct ladder *L);
/* When the line was sent (arrived) that the last ladder_expect() found. */
uint64_t ladder_sent_us(const struct ladder *L);
uint64_t ladder_arrived_us(const struct ladder *L);
/* Prints the diagram to standard error. */
void ladder_print(const struct ladder *L);
/* A line of the test's own in the diagram. */
void ladder_note(struct ladder *L, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Prints the diagram and fails the test. */
void ladder_fail(const struct ladder *L, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5), noreturn));

/* --- scripts: what a host says and hears --------------------------------------- */

typedef void ladder_hear_fn(struct box *b, const struct mip6_packet *p, void *ctx);
/* The box knows mobility from now on; `fn` (may be NULL) gets each MH and ICMPv6
 * message for it. Not for a node that runs the program. */
void ladder_hear(struct box *b, ladder_hear_fn *fn, void *ctx);
/* A message along a path, encoded with the right checksum. path->local need not
 * be an address of the box: spoof at will. */
void ladder_send_mh(struct box *b, const struct mip6_path *path, const struct mh_msg *msg);
void ladder_send_mh_auth(struct box *b, const struct mip6_path *path, const struct mh_msg *msg,
			 const uint8_t *kbm, size_t kbm_len, const struct in6_addr *coa,
			 const struct in6_addr *cn);
void ladder_send_icmp6(struct box *b, const struct mip6_path *path, const struct icmp6_msg *msg);
/* On the box's first interface, hop limit 255. */
void ladder_send_nd(struct box *b, const struct mip6_path *path, const struct nd_msg *msg);
/* Any bytes; proto: enum wire_proto. */
void ladder_send_raw(struct box *b, const struct mip6_path *path, uint8_t proto,
		     const void *data, size_t len);
/* Any packet, taken over, routed by the box: tunnels made by hand and the like. */
void ladder_send_packet(struct box *b, struct packet *p);
/* The address of text; the test fails when it is none. */
struct in6_addr ip6(const char *text);

/* --- multicast ----------------------------------------------------------------- */

/* An application listens to a group on an interface or tunnel, or no more. */
void ladder_join(struct box *b, const char *dev, const char *group);
void ladder_leave(struct box *b, const char *dev, const char *group);
/* How many multicasts have reached applications. */
unsigned int ladder_heard(const struct box *b);
/* Sends some data to a group; `dev` NULL: as routed. 0 or -errno. */
int ladder_say(struct box *b, const char *dev, const char *src, const char *group);

/* --- data ---------------------------------------------------------------------- */

/* Pings from `src` (an address of `from`, NULL: the kernel chooses) to `dst`, one
 * every `interval_us`, until ladder_stream_end(). The stream is freed with L. */
struct stream *ladder_stream(struct box *from, const struct in6_addr *src,
			     const struct in6_addr *dst, uint64_t interval_us);
void ladder_stream_end(struct stream *s); /* no more are sent; answers still count */
struct stream_result {
	uint64_t sent;
	uint64_t arrived;	 /* there */
	uint64_t answered;	 /* and back */
	uint64_t duplicates;	 /* answers */
	uint64_t reordered;	 /* answers older than one before */
	uint64_t silence_us;	 /* the longest time between answers, the ends included */
	uint64_t rtt_us;	 /* of the last answer */
	bool last_by_tunnel;	 /* the last one that arrived came through a tunnel */
	bool last_optimized;	 /* ... with a Home Address option or a routing header */
};
struct stream_result ladder_stream_result(const struct stream *s);
/* One ping; true when the answer comes within a second. */
bool ladder_ping(struct box *from, const struct in6_addr *src, const struct in6_addr *dst);

/* --- kernels (more in box.h) --------------------------------------------------- */

/* How many objects of that type the program put into the box's kernel. */
size_t box_count(const struct box *b, enum kobj_type type);
/* True when an object whose text (kobj_text()) contains `text` is there. */
bool box_has(const struct box *b, const char *text);
/* All objects that the program put there, one a line, for printing. */
void box_print(const struct box *b);
/* The next `times` changes whose text ("put route ...") contains `text` fail,
 * after `skip` that do not. `error`: -errno. */
void box_fail(struct box *b, const char *text, int error, unsigned int skip, unsigned int times);
/* How often an object was put while it was there, deleted while it was not, or
 * deleted and put again within one turn: a footprint never does. */
unsigned int box_misuses(const struct box *b);
/* Removes an object as an administrator would, and tells the program. */
void box_lose(struct box *b, const char *text);

#endif
