// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses, routes, rules and proxy neighbours as rtnetlink messages, and back.
 * Pure: no sockets, no state. Private to os/.
 */
#ifndef OS_RTNL_H
#define OS_RTNL_H

#include "core/kernel.h"
#include "os/netlink.h"

/* Each writes a whole message (type and flags too). `ifindex` is that of the
 * object's device. Something that rtnetlink has no words for: m->bad. */
void rtnl_encode_addr(struct nl_msg *m, const struct kobj_addr *a, uint32_t ifindex, bool del);
void rtnl_encode_route(struct nl_msg *m, const struct kobj_route *r, uint32_t ifindex, bool del);
void rtnl_encode_rule(struct nl_msg *m, const struct kobj_rule *r, bool del);
void rtnl_encode_proxy(struct nl_msg *m, const struct kobj_proxy_neigh *p, bool del);
/* A neighbour that is a router, and reachable. */
void rtnl_encode_router(struct nl_msg *m, uint32_t ifindex, const struct in6_addr *addr,
			const void *lladdr, size_t len);

/* Each is true when the message is whole and carries our mark; then *out is the
 * object, its device by index. */
bool rtnl_decode_addr(const struct nlmsghdr *h, struct kobj *out);
bool rtnl_decode_route(const struct nlmsghdr *h, struct kobj *out);
bool rtnl_decode_rule(const struct nlmsghdr *h, struct kobj *out);
bool rtnl_decode_proxy(const struct nlmsghdr *h, struct kobj *out);

#endif
