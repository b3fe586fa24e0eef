// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * XFRM policies, states and events as netlink messages, and back. Pure: no
 * sockets, no state. Private to os/.
 */
#ifndef OS_XFRM_H
#define OS_XFRM_H

#include "core/kernel.h"
#include "os/netlink.h"

/* Each writes a whole message; m->bad for what XFRM has no words for. */
void xfrm_encode_policy(struct nl_msg *m, const struct kobj_xfrm_policy *p, bool del);
/* `type`: XFRM_MSG_NEWSA, XFRM_MSG_UPDSA or XFRM_MSG_DELSA. */
void xfrm_encode_state(struct nl_msg *m, const struct kobj_xfrm_state *s, uint16_t type);
/* Questions about one policy or state. */
void xfrm_encode_get_policy(struct nl_msg *m, const struct kobj_xfrm_policy *p);
/* Moves the end points of a tunnel from those of `from` to those of `to`: in the policy of
 * p's selector, and in a security association that goes with it. */
void xfrm_encode_migrate(struct nl_msg *m, const struct kobj_xfrm_policy *p,
			 const struct kxfrm_tmpl *from, const struct kxfrm_tmpl *to);
void xfrm_encode_get_state(struct nl_msg *m, const struct kobj_xfrm_state *s);

/* True when the message (NEWPOLICY, NEWSA as in a dump, DELPOLICY, DELSA as in a
 * notification) is whole and the object is one of ours: a policy with a priority of
 * our band, a state of type HAO or RH2 (nobody else makes those). `used_at_s` (may
 * be NULL) gets the wall-clock second of the last use, 0 for never. */
bool xfrm_decode_policy(const struct nlmsghdr *h, struct kobj *out, uint64_t *used_at_s);
bool xfrm_decode_state(const struct nlmsghdr *h, struct kobj *out, uint64_t *used_at_s);

/* ACQUIRE, REPORT, EXPIRE. False for other messages. */
bool xfrm_decode_event(const struct nlmsghdr *h, struct kxfrm_event *out);

#endif
