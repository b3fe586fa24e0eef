// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The port on Linux, from inside: the state that the files of this room share.
 * Who does what:
 *
 *	os.c       birth, death, the table of the port's functions
 *	apply.c    changes of one loop turn, as batches, with one acknowledgement pass
 *	object.c   one change: which messages or system calls carry it out
 *	rtnl.c     address, route, rule, proxy neighbour <-> rtnetlink messages
 *	tunnel.c   ip6tnl devices
 *	filter.c   tc flower filters of the shared tunnel
 *	xfrm.c     policies, states, events <-> XFRM messages
 *	policy.c   policies, also those that are made of several parts
 *	sysctl.c   per-interface settings, remembered so that they can be put back
 *	member.c   multicast and anycast memberships
 *	ear.c      memberships of groups while addresses in them are asked for
 *	monitor.c  what the kernel tells, upwards
 *	links.c    tables of links and addresses
 *	scan.c     what carries our marks
 *	socket.c   Mobility Header and ICMPv6 messages
 *	outbox.c   those that leave together at the end of a turn
 *	probe.c    duplicate address and neighbour unreachability detection
 *	lookup.c   names
 *	learned.c  what interfaces got from their links without us
 *	gateway.c  the default routes that others have put
 *	traffic.c  who sends through a tunnel
 *	sample.c   copies of what comes out of the shared one: strays, multicast
 *	multicast.c   multicast packets, whole, into it and on links
 *	wifi.c     the SSID of an interface
 *	preflight*.c  whether the machine can do what it shall
 *
 * Private to os/.
 */
#ifndef OS_LINUX_H
#define OS_LINUX_H

#include <sys/queue.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/loop.h"
#include "core/kernel.h"
#include "os/netlink.h"
#include "os/os.h"

/* --- batches (apply.c) ------------------------------------------------ */

/* A batch goes out when it has so many bytes: with the last message it then fits into one
 * page, for which the kernel need not map memory; that costs more than the system calls
 * which larger batches save. */
#define BATCH_FULL 3000
#define BATCH_ITEMS 512
#define BATCH_MSG_ROOM 4096 /* more than any message of ours */
#define BATCH_BYTES (BATCH_FULL + BATCH_MSG_ROOM)

/* Changes that came with one apply(). */
struct ticket {
	TAILQ_ENTRY(ticket) entry;
	uint64_t id;
	size_t count;
	size_t next; /* the first change that is not yet in a batch */
	struct kchange changes[];
};

/* What else than success is fine for a message. */
enum tolerate {
	TOLERATE_NOTHING = 0,
	TOLERATE_MISSING = 1, /* deleting what is not there */
	TOLERATE_EXISTS = 2,  /* making what is there */
	RETRY_OTHER_TYPE = 4, /* exists or is missing: once more as `other_type` */
	NO_BLAME = 8,	      /* an error is logged, but the object counts as put */
};

/* A message of a batch and the change it belongs to. */
struct batch_item {
	struct ticket *ticket;
	size_t index;
	size_t at; /* offset in the buffer */
	unsigned int tolerate;
	uint16_t other_type;
	bool answered;
};

/* Messages not yet sent, of one netlink family. */
struct batch {
	struct nl_sock sock;
	uint8_t *buf; /* BATCH_BYTES, owned */
	size_t used;
	size_t count;
	uint32_t first_seq;
	struct batch_item items[BATCH_ITEMS];
};

/* --- tables ------------------------------------------------------------ */

struct os_link {
	TAILQ_ENTRY(os_link) entry;
	struct klink l;
	bool seen;    /* during resynchronisation */
	bool leaving; /* we asked for its end */
};

struct os_addr {
	TAILQ_ENTRY(os_addr) entry;
	struct kaddr_event a;
	bool seen;
	bool leaving;
};

struct ear;
struct members;
struct filters;
struct multicasts;
struct policies;
struct probes;
struct sysctls;
struct monitor;
struct outbox;
struct samples;
struct sockets;
struct watcher;

TAILQ_HEAD(watcher_list, watcher);

struct os {
	struct kernel kernel; /* first: the port is this structure */
	struct loop *loop;
	struct loop_hook *hook;

	TAILQ_HEAD(, ticket) tickets; /* this turn's, in order */
	struct timer again;	      /* wakes the loop when tickets are left over */
	struct batch route;
	struct batch xfrm;
	const struct kchange *doing; /* the change being translated */
	struct ticket *doing_ticket;
	size_t doing_index;
	struct kdev found; /* the device last looked for by name in this turn; 0: not there */
	struct log_limit refusal_limit;

	struct nl_sock ask_route; /* for questions that wait for their answer */
	struct nl_sock ask_xfrm;

	TAILQ_HEAD(, os_link) links;
	TAILQ_HEAD(, os_addr) addrs;

	/* each is owned by the file of its name */
	struct members *members;
	LIST_HEAD(, ear) ears;
	struct filters *filters;
	struct policies *policies;
	struct probes *probes;
	struct sysctls *sysctls;
	struct monitor *monitor;
	struct multicasts *multicasts;
	struct samples *samples;
	struct sockets *sockets;
	struct watcher_list watchers;
	LIST_HEAD(, lookup_run) lookups; /* lookup.c */
};

static inline struct os *os_of(struct kernel *k)
{
	return (struct os *)k;
}

/* --- apply.c ------------------------------------------------------------ */

int apply_init(struct os *os);
void apply_free(struct os *os);
int apply_changes(struct kernel *k, const struct kchange *changes, size_t n, uint64_t ticket);
/* Begins a message for the change being translated; finish with apply_message(). */
struct nl_msg apply_begin(struct os *os, struct batch *b, uint16_t type, uint16_t flags);
/* Takes the message into the batch. 0 or -EMSGSIZE. */
int apply_message(struct os *os, struct batch *b, struct nl_msg *m, unsigned int tolerate,
		  uint16_t other_type);
/* Sends what is there and reads all answers: for changes that need others done. */
void apply_flush(struct os *os, struct batch *b);
/* The error of the change being translated so far. */
int apply_error(const struct os *os);

/* --- object.c ----------------------------------------------------------- */

/* Carries out the change, or puts the messages for it into the batches. 0 or
 * -errno, also when some messages were taken already. */
int object_change(struct os *os, const struct kchange *c);
/* The index of a device; flushes first when it may not exist yet. 0: none. */
uint32_t object_device(struct os *os, const struct kdev *dev);

/* --- tunnel.c, filter.c, policy.c, sysctl.c, member.c, ear.c ------------- */

int tunnel_change(struct os *os, const struct kchange *c);
/* A message that makes the device, or changes a pair tunnel. */
void tunnel_encode_new(struct nl_msg *m, const struct kobj_tunnel *t);
/* True when the message tells of a tunnel device of ours. */
bool tunnel_decode(const struct nlmsghdr *h, struct kobj *out);
/* True for names of devices that we make. */
bool tunnel_name_ok(const char *name);

int filters_init(struct os *os);
void filters_free(struct os *os);
int filter_change(struct os *os, const struct kchange *c);
/* Messages that make everything be dropped that no filter lets pass. */
int filter_prepare(struct os *os, uint32_t ifindex);
/* Messages: the place for filters; the one that drops, after a copy of at most `per_s` a
 * second went to stray.c (0: of none); one that lets pass what comes from `inner` by way
 * of `outer`. */
void filter_encode_qdisc(struct nl_msg *m, uint32_t ifindex);
void filter_encode_drop(struct nl_msg *m, uint32_t ifindex, uint32_t per_s);
void filter_encode(struct nl_msg *m, const struct prefix *inner, const struct in6_addr *outer,
		   uint32_t ifindex, uint32_t handle);
/* The one that takes multicasts out, to multicast.c: at most `per_s` of them in a second,
 * the others are dropped. */
void filter_encode_multicast(struct nl_msg *m, uint32_t ifindex, uint32_t per_s);
/* The device is gone or new: what was known of its filters is forgotten. */
void filter_forget(struct os *os, uint32_t ifindex);
int filter_scan(struct os *os, uint32_t ifindex, const char *name,
		int (*fn)(const struct kobj *o, void *ctx), void *ctx);

int policies_init(struct os *os);
void policies_free(struct os *os);
int policy_change(struct os *os, const struct kchange *c);
/* Calls `fn` for a policy read from the kernel: for each of its parts, if it is of the
 * kind that has parts. */
int policy_tell_parts(struct os *os, const struct kobj *o,
		      int (*fn)(const struct kobj *o, void *ctx), void *ctx);

/* How many bits of its own address a policy must have to be found by hash. 0 or -errno. */
int policy_hash_read(struct os *os, int32_t *local_bits);
int policy_hash_write(struct os *os, int32_t local_bits);

int sysctls_init(struct os *os, const char *run_dir);
void sysctls_free(struct os *os);
int sysctl_change(struct os *os, const struct kchange *c);
/* Sets one of a device of ours, with which it goes. 0 or -errno. */
int sysctl_write(struct os *os, const char *dev, enum ksysctl name, int32_t value);
/* A device has another name, or is gone, and its settings with it. */
void sysctl_rename_device(struct os *os, const char *from, const char *to);
void sysctl_forget_device(struct os *os, const char *dev);
int sysctl_scan(struct os *os, int (*fn)(const struct kobj *o, void *ctx), void *ctx);

int members_init(struct os *os);
void members_free(struct os *os);
int member_change(struct os *os, const struct kchange *c);

/* Hears the group from now on, for as long as the ear is held. NULL and errno. */
struct ear *ear_take(struct os *os, uint32_t ifindex, const struct in6_addr *group);
void ear_put(struct ear *e);
void ears_free(struct os *os);

/* --- monitor.c, scan.c --------------------------------------------------- */

int monitor_init(struct os *os);
int monitor_start(struct os *os); /* tells everything, then events */
void monitor_free(struct os *os);
int monitor_resync(struct kernel *k);

/* --- links.c --------------------------------------------------------------- */

const struct os_link *link_of(const struct os *os, uint32_t ifindex);
/* An index becomes a name where roles know the device by that: ours, and loopback. */
void link_name_device(const struct os *os, struct kdev *dev);
/* A usable link-local address of the interface, NULL when there is none. */
const struct in6_addr *link_local_of(const struct os *os, uint32_t ifindex);
void links_hear_link(struct os *os, const struct nlmsghdr *h);
void links_hear_addr(struct os *os, const struct nlmsghdr *h);
bool link_has_gateway(const struct os *os, uint32_t ifindex, const struct in6_addr *a);
/* Default routes of others may have changed. Not while an answer is being read. */
void links_find_gateways(struct os *os);
/* Somebody removed filters of a device. */
void links_lost_filters(struct os *os, uint32_t ifindex);
/* We are removing it: its end will be no loss. */
void link_leaves(struct os *os, const char *name);
void addr_leaves(struct os *os, uint32_t ifindex, const struct in6_addr *addr);
/* Around a dump: what was not told meanwhile is gone. */
void links_unsee(struct os *os);
void links_lose_unseen(struct os *os);
void links_tell_all(struct os *os);
void links_free(struct os *os);

/* --- gateway.c --- */

/* True for a message about a default route that is not ours. */
bool gateway_concerns(const struct nlmsghdr *h);
/* Whether the device leads anywhere, and by which router (:: for none). */
bool gateway_find(struct os *os, uint32_t ifindex, struct in6_addr *gateway);

int scan_objects(struct kernel *k, int (*fn)(const struct kobj *o, void *ctx), void *ctx);
int scan_last_use(struct kernel *k, const struct kobj *o, uint64_t *idle_us);

/* --- socket.c, outbox.c, probe.c, lookup.c, learned.c, traffic.c and those below --- */

int sockets_init(struct os *os);
int sockets_start(struct os *os);
void sockets_free(struct os *os);
/* A raw socket for sending only; `whole`: packets with their IPv6 header. 0 or -errno; the
 * caller closes *out, unless it is -1. */
int socket_open_sender(bool whole, int *out);
int socket_send(struct kernel *k, enum kproto proto, const struct mip6_path *path,
		uint8_t hop_limit, const void *data, size_t len);

/* For messages of the socket; what is in it leaves with outbox_empty(). NULL: no memory. */
struct outbox *outbox_new(struct os *os, int fd);
void outbox_free(struct outbox *b);
/* 0, or -errno of a message that is too long to wait. */
int outbox_put(struct outbox *b, const struct msghdr *m);
void outbox_empty(struct outbox *b);

int probes_init(struct os *os);
void probes_free(struct os *os);
int probe_begin(struct kernel *k, const struct kprobe *p, uint64_t ticket);
void probe_cancel(struct kernel *k, uint64_t ticket);
int lookup_begin(struct kernel *k, const char *name, const struct in6_addr *source,
		 uint64_t ticket);
void lookup_cancel(struct kernel *k, uint64_t ticket);
void lookups_free(struct os *os);

void learned_forget(struct kernel *k, uint32_t ifindex);

/* Every ICMPv6 message that came in passes here before it goes up. */
void probe_hear(struct os *os, const struct mip6_packet *p);

int traffic_watch(struct kernel *k, const char *name, uint64_t pace_us);
void traffic_free(struct os *os);
/* A device came or went. */
void traffic_link(struct os *os, const struct klink *l);

/* The number by which our samples are told from others', and each other: and the user. */
#define OS_SAMPLE_GROUP 0x6d697036
enum sample_user { SAMPLE_STRAYS, SAMPLE_MULTICAST, SAMPLE_USERS };

struct sample {
	enum sample_user user;
	struct in6_addr outer_src;
	struct in6_addr outer_dst;
	const uint8_t *data; /* from the inner IPv6 header, which is whole */
	size_t len;
};

int samples_init(struct os *os);
void samples_free(struct os *os);
/* The port's; they begin when the device is there. */
int sample_watch_strays(struct kernel *k, const char *name, uint32_t per_s);
int sample_watch_multicast(struct kernel *k, const char *name, uint32_t per_s);
/* A device came or went. */
void samples_link(struct os *os, const struct klink *l);
/* How many come in a second; 0: none. */
uint32_t samples_rate(const struct os *os, enum sample_user who);
/* False when the message is no sample of ours, whole enough. */
bool sample_decode(const struct nlmsghdr *h, struct sample *out);

int multicasts_init(struct os *os);
void multicasts_free(struct os *os);
void multicast_link(struct os *os, const struct klink *l);
int multicast_hear_groups(struct kernel *k, uint32_t ifindex, const struct in6_addr *groups,
			  size_t count);
int multicast_send(struct kernel *k, uint32_t ifindex, const void *data, size_t len);
size_t multicast_send_encapsulated(struct kernel *k, const struct ktunnel_ends *ends, size_t count,
				   const void *data, size_t len, int *error);
int multicast_list(struct kernel *k,
		   int (*fn)(uint32_t ifindex, const struct in6_addr *group, void *ctx),
		   void *ctx);

/* Writes the SSID that the interface is connected to, "" when none or unknown. */
void wifi_ssid(const char *name, char ssid[33]);

/* The turn's time, also put where the core expects it. */
uint64_t os_now(struct os *os);

#endif
