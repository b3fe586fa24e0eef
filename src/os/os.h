// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The port of core/kernel.h on Linux, as the daemon sees it.
 *
 * Order of life: os_kernel_new(), mip6_init() with what it returned,
 * os_kernel_start() (tells all links and addresses, then goes on telling),
 * mip6_start() ... mip6_stop(), the loop until mip6_stopped(), os_kernel_free().
 */
#ifndef OS_OS_H
#define OS_OS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/loop.h"
#include "conf/conf.h"
#include "core/kernel.h"

/* Our marks: what is found with them in the kernel is ours, or was a
 * predecessor's. The names for `ip` are in the manual page. */
enum {
	OS_PROTOCOL = 212,	/* of routes, rules, addresses, proxy neighbours */
	OS_TABLE = 252,		/* KTABLE_OWN */
	OS_TABLE_SOURCE = 251,	/* KTABLE_SOURCE */
	OS_RULE_FIRST = 1000,	/* priorities of rules */
	OS_RULE_LAST = 1099,
	OS_POLICY_FIRST = 2000, /* priorities of XFRM policies: 2000 + that of the port */
	OS_POLICY_LAST = 2999,
};
#define OS_DEVICE_PREFIX "mip6"
#define OS_DEVICE_ALIAS	 "mip6d"

struct os_options {
	const char *run_dir; /* where the former values of sysctls are kept; copied */
};

/* Opens all sockets; needs CAP_NET_ADMIN and CAP_NET_RAW, from now on. The loop
 * must outlive it. NULL on failure: errno tells and the log says why. */
struct kernel *os_kernel_new(struct loop *l, const struct os_options *o);

/* From now on events go to `m`. Before it returns, m has heard of all links and
 * addresses there are. 0 or -errno. */
int os_kernel_start(struct kernel *k, struct mip6 *m);

/* Nothing is changed in the kernel but multicast and anycast memberships, which
 * end with their sockets. Changes not yet sent are dropped. NULL is fine. */
void os_kernel_free(struct kernel *k);

/* ------------------------------------------------------------------ */
/* Preflight                                                           */

enum os_severity {
	OS_FINDING_NOTE,    /* good to know */
	OS_FINDING_WARNING, /* works, but worse than it could */
	OS_FINDING_FATAL,   /* prevents the role */
};

struct os_finding {
	enum os_severity severity;
	const char *what; /* one sentence */
	const char *mend; /* a command or a setting, NULL: none known */
};

typedef void os_finding_fn(const struct os_finding *f, void *ctx);

/* Looks whether this machine can carry out the role that `c` asks for, and tells
 * each finding. Changes nothing for good: what it tries it takes back. Blocks for
 * some milliseconds. Returns how many findings were fatal. */
int os_preflight(const struct conf *c, os_finding_fn *fn, void *ctx);

/* The same for a daemon that runs already: what can only be tried in place is left out. */
int os_preflight_running(const struct conf *c, os_finding_fn *fn, void *ctx);

/* Sends an echo request from `from` (:: for any) to `to`, and waits for the reply; the
 * interface counts for link-local addresses. It blocks. 0 and the round trip in
 * *rtt_us; -ETIMEDOUT; or -errno. */
int os_reach(const struct in6_addr *from, const struct in6_addr *to, uint32_t ifindex,
	     uint64_t wait_us, uint64_t *rtt_us);

const char *os_severity_name(enum os_severity s);

#endif
