// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The correspondent's bindings (RFC 6275 9.5, 9.6).
 */
#ifndef CN_BINDING_H
#define CN_BINDING_H

#include "core/mip6.h"

/* A binding, or the sequence number of a former one, as it was before a restart. */
struct cn_kept {
	struct binding_key key;
	bool bound;
	struct binding_path path;
	uint16_t seq;
	uint32_t lifetime_s;
	uint64_t since_us;
	uint64_t until_us; /* the binding ends, the number is forgotten */
};
/* Takes it up again; a binding's objects are put into the kernel. */
void cn_binding_restore(struct mip6 *m, const struct cn_kept *kept);

/* A Binding Update that no home agent took. Answers it, now or when the kernel has
 * done what it asks for. */
void cn_binding_on_bu(struct mip6 *m, const struct mip6_packet *p, const struct mh_msg *msg);
/* Deletes a binding; for the console, and where a care-of address is of no use. */
void cn_binding_end(struct mip6 *m, struct binding *b);
/* Tells the objects of all bindings. */
void cn_binding_objects(struct mip6 *m, role_object_fn *fn, void *ctx);
/* An ICMPv6 error about a packet that we sent to a care-of address (9.3.4). */
void cn_binding_on_error(struct mip6 *m, const struct icmp6_msg *msg);
/* Somebody removed an object from the kernel: its binding puts all of its own again. */
void cn_binding_on_lost(struct mip6 *m, const struct kobj *o);
/* A new configuration: bindings that it does not allow any more end. */
void cn_binding_recheck(struct mip6 *m);
/* Takes all objects out of the kernel (SHUTDOWN), or leaves them (RESTART). */
void cn_binding_stop(struct mip6 *m, enum role_stop how);
/* Frees what bindings hold besides the cache. */
void cn_binding_free(struct mip6 *m);

#endif
