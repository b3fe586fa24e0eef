// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One Mobile IPv6 node. Everything hangs off `struct mip6`, so that a test can
 * run twenty nodes in one process. Below the structure stand the entry points
 * through which the world reaches it: os/ calls them on Linux, the ladder's
 * fake kernel in tests. They check what comes in (form, checksum, length),
 * count it, and hand it to the roles.
 */
#ifndef CORE_MIP6_H
#define CORE_MIP6_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/timer.h"
#include "conf/conf.h"
#include "core/bcache.h"
#include "core/counters.h"
#include "core/footprint.h"
#include "core/kernel.h"
#include "core/link.h"
#include "core/role.h"
#include "core/violation.h"

#define MIP6_ROLES_MAX 8

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

struct mip6 {
	const struct conf *conf;     /* not owned; never NULL while running */
	struct kernel *kernel;	     /* not owned */
	struct timers *timers;	     /* not owned */
	uint64_t now_us;	     /* time of this turn; set by every entry point's caller */
	uint64_t started_us;
	uint64_t hash_seed;
	const struct role *roles[MIP6_ROLES_MAX];
	unsigned int role_count;
	bool running;  /* roles are started */
	bool stopping;

	struct link_table links;     /* interfaces and their addresses */
	struct bcache bcache;	     /* bindings of HA and CN */
	struct counters counters;
	struct violations violations;
	TAILQ_HEAD(, transition) transitions;
	uint64_t next_ticket;
	TAILQ_HEAD(, probe) probes;

	mip6_event_fn *on_event;     /* NULL: nobody listens */
	void *on_event_ctx;

	void *ha; /* each role's own state, owned by the role */
	void *mn;
	void *cn;
};

/* Prepares *m. `conf`, `kernel`, `timers` must outlive it. 0 or -errno. */
int mip6_init(struct mip6 *m, const struct conf *conf, struct kernel *kernel,
	      struct timers *timers, uint64_t now_us);
/* Adds a role before mip6_start(); the order is that in which they are asked. */
void mip6_add_role(struct mip6 *m, const struct role *r);
/* Starts all roles. On failure those started are stopped. 0 or -errno. */
int mip6_start(struct mip6 *m);
/* Begins stopping all roles, in reverse order. mip6_stopped() tells the end. */
void mip6_stop(struct mip6 *m, enum role_stop how);
bool mip6_stopped(const struct mip6 *m);
void mip6_free(struct mip6 *m);
/* A new configuration, checked already; the old one may be freed afterwards. */
void mip6_reconfigure(struct mip6 *m, const struct conf *conf);

/* --- what happens outside; now_us must have been set for this turn --- */

void mip6_on_packet(struct mip6 *m, const struct mip6_packet *p);
void mip6_on_link(struct mip6 *m, const struct klink *l);
void mip6_on_addr(struct mip6 *m, const struct kaddr_event *a);
void mip6_on_neigh(struct mip6 *m, const struct kneigh_event *n);
void mip6_on_xfrm(struct mip6 *m, const struct kxfrm_event *x);
void mip6_on_traffic(struct mip6 *m, const struct ktraffic_event *t);
void mip6_on_lost(struct mip6 *m, const struct kobj *o);
void mip6_on_done(struct mip6 *m, uint64_t ticket, const struct kchange *changes, size_t n);
void mip6_on_probe(struct mip6 *m, uint64_t ticket, enum kprobe_result result);

/* --- what roles use --- */

/* Encodes and sends an MH message along `path` (checksum over the home
 * addresses, RFC 6275 6.1.1), counts it, logs it. 0 or -errno. */
int mip6_send_mh(struct mip6 *m, const struct mip6_path *path, const struct mh_msg *msg);
/* As above, with the authorization data option (RFC 6275 6.2.7) put last and
 * computed with `kbm` over (care-of address, correspondent, message). */
int mip6_send_mh_auth(struct mip6 *m, const struct mip6_path *path, const struct mh_msg *msg,
		      const uint8_t *kbm, size_t kbm_len, const struct in6_addr *coa,
		      const struct in6_addr *cn);
/* Sends an ICMPv6 message whose bytes are ready but for the checksum. */
int mip6_send_icmp6(struct mip6 *m, const struct mip6_path *path, uint8_t hop_limit,
		    const void *data, size_t len);
/* Binding Error, at most at the configured rate (RFC 6275 9.3.3). */
void mip6_send_be(struct mip6 *m, const struct mip6_path *path, uint8_t status,
		  const struct in6_addr *home);

/* A probe with a callback; `owner_fn` is called once unless cancelled.
 * NULL on failure. */
struct probe;
typedef void probe_fn(struct mip6 *m, enum kprobe_result r, void *ctx);
struct probe *mip6_probe(struct mip6 *m, const struct kprobe *p, probe_fn *fn, void *ctx);
void mip6_probe_cancel(struct mip6 *m, struct probe *p); /* NULL is fine */

/* Tells whoever listens. */
void mip6_event(struct mip6 *m, enum mip6_event e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
const char *mip6_event_name(enum mip6_event e);

#endif
