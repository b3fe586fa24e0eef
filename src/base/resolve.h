// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names to IPv6 addresses, by the hosts file and the DNS, without blocking.
 */
#ifndef BASE_RESOLVE_H
#define BASE_RESOLVE_H

#include <netinet/in.h>
#include <stddef.h>

#include "base/loop.h"

#define RESOLVE_MAX 16

struct resolve;

/* The answer, valid during the call; count 0: `why` says why there is none. */
typedef void resolve_fn(const struct in6_addr *addrs, size_t count, const char *why, void *ctx);

/* Looks the name up, asking the name servers of resolv.conf from the address `source`
 * (:: from any; it must be one of this node). `fn` is called once, from the loop, never
 * from inside this call; not after resolve_cancel(). At most RESOLVE_MAX addresses. NULL
 * when out of memory. */
struct resolve *resolve_name(struct loop *l, const char *name, const struct in6_addr *source,
			     resolve_fn *fn, void *ctx);
/* NULL is fine. Not after the answer: then it is gone. */
void resolve_cancel(struct resolve *r);
/* For tests: other files than /etc/resolv.conf and /etc/hosts. */
void resolve_set_files(const char *resolv_conf, const char *hosts);

#endif
