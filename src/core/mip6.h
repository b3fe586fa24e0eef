// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One Mobile IPv6 node. Everything hangs off `struct mip6`, so that a test can
 * run twenty nodes in one process. Below the structure stand the entry points
 * through which the world reaches it: os/ calls them on Linux, the ladder's
 * fake kernel in tests. They check what comes in (form, checksum, length),
 * count it, and hand it to the roles.
 *
 * Order of life: mip6_init(), mip6_add_role() for each, the kernel tells links
 * and addresses, mip6_start(), ..., mip6_stop(), wait for mip6_stopped(),
 * mip6_free().
 */
#ifndef CORE_MIP6_H
#define CORE_MIP6_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/log.h"
#include "base/random.h"
#include "base/timer.h"
#include "conf/conf.h"
#include "core/bcache.h"
#include "core/busy.h"
#include "core/counters.h"
#include "core/footprint.h"
#include "core/found.h"
#include "core/kernel.h"
#include "core/link.h"
#include "core/rate.h"
#include "core/role.h"
#include "core/store.h"
#include "core/violation.h"
#include "wire/icmp6.h"
#include "wire/mh.h"
#include "wire/nd.h"

#define MIP6_ROLES_MAX 8
#define MIP6_SECRET_LEN 16

/* Binding Errors (RFC 6275 9.3.3) and ICMPv6 errors (RFC 4443 section 2.4 f):
 * at once and per second, for each share of the peers (see rate.h). */
#define MIP6_ERROR_BURST 10
#define MIP6_ERROR_PER_S 10

/* Protocol events for hooks, handover records and `mip6ctl monitor`. */
enum mip6_event {
	MIP6_EVENT_BINDING_ADDED,
	MIP6_EVENT_BINDING_CHANGED,
	MIP6_EVENT_BINDING_REMOVED,
	MIP6_EVENT_HANDOVER_BEGUN,
	MIP6_EVENT_HANDOVER_DONE,
	MIP6_EVENT_AT_HOME,
	MIP6_EVENT_RO_BEGUN,
	MIP6_EVENT_RO_ENDED,
	MIP6_EVENT_VIOLATION,
};

/* Text of one event: "key=value ..." ; valid during the call. */
typedef void mip6_event_fn(struct mip6 *m, enum mip6_event e, const char *text, void *ctx);

/* One who listens, owned by him. */
struct mip6_listener {
	TAILQ_ENTRY(mip6_listener) entry;
	mip6_event_fn *fn;
	void *ctx;
};

struct mip6 {
	const struct conf *conf;     /* not owned; never NULL while running */
	struct kernel *kernel;	     /* not owned */
	struct store *store;	     /* not owned; set after mip6_init(); NULL: nothing is kept */
	struct timers *timers;	     /* not owned */
	uint64_t now_us;	     /* time of this turn, see mip6_turn() */
	uint64_t started_us;
	uint64_t hash_seed;
	struct random_pool random;   /* for delays and identifiers */
	uint8_t secret[MIP6_SECRET_LEN]; /* of this machine, see mip6_init() */
	const struct role *roles[MIP6_ROLES_MAX];
	unsigned int role_count;
	unsigned int started_count;  /* of roles, from the first */
	bool running;		     /* roles are started */
	bool stopping;

	struct link_table links;     /* interfaces and their addresses */
	struct bcache bcache;	     /* bindings of HA and CN */
	struct counters counters;
	struct violations violations;
	struct found found;	     /* what a predecessor left, until the roles have settled */
	struct timer settle_timer;
	struct timer overrun_timer; /* when the kernel is compared with what should be */
	struct busy busy;	     /* senders of Binding Updates */
	TAILQ_HEAD(, transition) transitions;
	uint64_t next_ticket;
	TAILQ_HEAD(, probe) probes;
	TAILQ_HEAD(, lookup) lookups;
	TAILQ_HEAD(, held) held;     /* acknowledgements that wait for the store */
	struct rate be_rate;	     /* Binding Errors sent */
	struct rate error_rate;	     /* ICMPv6 errors sent */
	struct log_limit drop_limit; /* lines about what was dropped */
	struct log_limit violation_limit;
	struct log_limit save_limit; /* lines about records that were not kept */
	struct log_limit kernel_limit; /* about objects that were removed or refused */

	TAILQ_HEAD(, mip6_listener) listeners; /* to events */

	void *ha; /* each role's own state, owned by the role */
	void *mn;
	void *cn;
};

/* Prepares *m. `conf`, `kernel`, `timers` must outlive it. The secret is a random one;
 * who keeps one from start to start (RFC 7217 section 5) puts it in afterwards. 0 or
 * -errno. */
int mip6_init(struct mip6 *m, const struct conf *conf, struct kernel *kernel,
	      struct timers *timers, uint64_t now_us);
/* Adds a role before mip6_start(); the order is that in which they are asked. */
void mip6_add_role(struct mip6 *m, const struct role *r);
/* Starts all roles; links and addresses must be known. On failure those started
 * are stopped (wait for mip6_stopped() before mip6_free()). 0 or -errno. */
int mip6_start(struct mip6 *m);
/* Begins stopping all roles, in reverse order. mip6_stopped() tells the end.
 * From now on roles hear of nothing but transitions, probes and their timers. */
void mip6_stop(struct mip6 *m, enum role_stop how);
bool mip6_stopped(const struct mip6 *m);
/* Frees all; also without a stop, as after a crash: then the kernel is left as
 * it is. Nothing is called back. */
void mip6_free(struct mip6 *m);
/* A new configuration, checked already; the old one may be freed afterwards. */
void mip6_reconfigure(struct mip6 *m, const struct conf *conf);

/* Sets the time of this turn. Whoever calls an entry point does it before, and
 * a timer's callback does it first of all. */
static inline void mip6_turn(struct mip6 *m, uint64_t now_us)
{
	m->now_us = now_us;
}

/* --- what happens outside --- */

void mip6_on_packet(struct mip6 *m, const struct mip6_packet *p);
void mip6_on_link(struct mip6 *m, const struct klink *l);
void mip6_on_addr(struct mip6 *m, const struct kaddr_event *a);
void mip6_on_neigh(struct mip6 *m, const struct kneigh_event *n);
void mip6_on_xfrm(struct mip6 *m, const struct kxfrm_event *x);
void mip6_on_traffic(struct mip6 *m, const struct ktraffic_event *t);
void mip6_on_stray(struct mip6 *m, const struct kstray_event *s);
void mip6_on_multicast(struct mip6 *m, const struct kmulticast_event *e);
/* Somebody else removed an object of ours; its key counts. A tunnel: or only its
 * filters; put it again, then them and the routes. An XFRM object whose key is all
 * zero: somebody flushed all of that type. */
void mip6_on_lost(struct mip6 *m, const struct kobj *o);
/* Events were lost, of what happened to our objects, too (those of links and addresses
 * the port tells anew by itself). */
void mip6_on_overrun(struct mip6 *m);
/* A message that was allowed to wait could not be sent: -errno. */
void mip6_on_unsent(struct mip6 *m, int err);
/* The port has tried the changes of kernel_ops.apply(); the array is the port's. */
void mip6_on_done(struct mip6 *m, uint64_t ticket, const struct kchange *changes, size_t n);
void mip6_on_probe(struct mip6 *m, uint64_t ticket, enum kprobe_result result);
/* What a name stands for; count 0: nothing is known. */
void mip6_on_lookup(struct mip6 *m, uint64_t ticket, const struct in6_addr *addrs, size_t count);

/* --- what roles use --- */

/* Encodes and sends an MH message along `path` (checksum over the home
 * addresses, RFC 6275 6.1.1), counts it, logs it. A Binding Acknowledgement leaves when
 * all that was written to the store before is safe. 0 or -errno: of mh_encode(), or of
 * the port. */
int mip6_send_mh(struct mip6 *m, const struct mip6_path *path, const struct mh_msg *msg);
/* As above, with the authorization data option (RFC 6275 6.2.7) put last and
 * computed with `kbm` over (care-of address, correspondent, message). */
int mip6_send_mh_auth(struct mip6 *m, const struct mip6_path *path, const struct mh_msg *msg,
		      const uint8_t *kbm, size_t kbm_len, const struct in6_addr *coa,
		      const struct in6_addr *cn);
/* Encodes and sends an ICMPv6 message of the mobility family or an error (RFC
 * 6275 6.5 to 6.8, RFC 4443). 0 or -errno. */
int mip6_send_icmp6_msg(struct mip6 *m, const struct mip6_path *path,
			const struct icmp6_msg *msg);
/* Encodes and sends a neighbour discovery message, hop limit 255 (RFC 4861). */
int mip6_send_nd(struct mip6 *m, const struct mip6_path *path, const struct nd_msg *msg);
/* Sends an ICMPv6 message whose bytes are ready but for the checksum.
 * hop_limit 0: the system's default. */
int mip6_send_icmp6(struct mip6 *m, const struct mip6_path *path, uint8_t hop_limit,
		    const void *data, size_t len);
/* Binding Error (RFC 6275 9.3.3), straight to the source address in the IPv6
 * header of the packet that came along `path`, whatever home addresses `path`
 * has; not at all where that is no unicast address, or at more than the
 * permitted rate. `home`: from the packet's Home Address option, NULL for none. */
void mip6_send_be(struct mip6 *m, const struct mip6_path *path, enum mh_be_status status,
		  const struct in6_addr *home);
/* ICMPv6 Parameter Problem, code 0 (RFC 6275 9.2, RFC 4443 section 3.4) about the
 * byte at `offset` of the Mobility Header of `p`, straight to the source of the
 * packet, at the permitted rate. */
void mip6_send_param_problem(struct mip6 *m, const struct mip6_packet *p, size_t offset);

/* Keeps a record for the next start (core/store.h); one that cannot be kept is told in the
 * log, at a limited rate, as the subsystem's. Fine without a store. */
void mip6_save(struct mip6 *m, enum log_subsystem s, enum store_kind kind, const void *key,
	       size_t key_len, const struct writer *value);
/* Reads all records of a kind; a failure is told in the log. 0 or -errno, also of `fn`. */
int mip6_restore(struct mip6 *m, enum log_subsystem s, enum store_kind kind, store_each_fn *fn,
		 void *ctx);
/* Tells that the store holds a record not as we write them; it is passed over: returns 0,
 * for a store_each_fn. `what` is its kind, for people. */
int mip6_strange_record(enum log_subsystem s, const char *what);

/* Puts a refusal into the violation log, with a line in the log (limited) and an
 * event. Arguments as for violation_add(); `home` may be NULL. */
void mip6_violation(struct mip6 *m, const struct in6_addr *home, const struct in6_addr *peer,
		    uint8_t status, const char *reason);

/* A probe with a callback; `fn` is called once unless cancelled, never from
 * inside this call. The probe is gone when it is called. NULL on failure. */
struct probe;
typedef void probe_fn(struct mip6 *m, enum kprobe_result r, void *ctx);
struct probe *mip6_probe(struct mip6 *m, const struct kprobe *p, probe_fn *fn, void *ctx);
void mip6_probe_cancel(struct mip6 *m, struct probe *p); /* NULL is fine */

/* Looks a name up in the DNS, with questions from `source` (:: from any); `fn` is called
 * once unless cancelled, never from inside this call, with the addresses (count 0: none).
 * The lookup is gone when it is called. NULL on failure. */
struct lookup;
typedef void lookup_fn(struct mip6 *m, const struct in6_addr *addrs, size_t count, void *ctx);
struct lookup *mip6_lookup(struct mip6 *m, const char *name, const struct in6_addr *source,
			   lookup_fn *fn, void *ctx);
void mip6_lookup_cancel(struct mip6 *m, struct lookup *l); /* NULL is fine */

/* Who listens must stop before he is freed, and neither may be done from a call of a
 * listener. */
void mip6_listen(struct mip6 *m, struct mip6_listener *l);
void mip6_unlisten(struct mip6 *m, struct mip6_listener *l);
/* Tells all who listen. */
void mip6_event(struct mip6 *m, enum mip6_event e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
const char *mip6_event_name(enum mip6_event e);

#endif
