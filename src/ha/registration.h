// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Home registrations: the life of the home agent's bindings (RFC 6275 10.3, 10.4.1).
 */
#ifndef HA_REGISTRATION_H
#define HA_REGISTRATION_H

#include "core/mip6.h"
#include "ha/footprint.h"
#include "ha/mpd.h"
#include "ha/prefix.h"
#include "ha/verdict.h"

/* A Binding Update with the H bit. Answers it, now or when the kernel has done
 * what it asks for. */
void ha_registration_on_bu(struct mip6 *m, const struct mip6_packet *p, const struct mh_msg *msg);

/* The same without a message, for the console: protection and rate are not judged, and
 * nobody is answered. `no_dad`: the home link is not asked. What was judged; `status` and
 * `action` tell. */
struct ha_verdict ha_registration_put(struct mip6 *m, const struct ha_bu *bu, bool no_dad);

/* A prefix of the list changed: registrations in one that is gone end (10.3.1), or follow
 * it to another link, in the turns that follow. */
void ha_registration_prefix_changed(struct mip6 *m, const struct ha_prefix *p,
				    enum ha_prefix_change change);

/* Somebody removed an object from the kernel: the binding it belongs to puts all
 * of its objects again. */
void ha_registration_on_lost(struct mip6 *m, const struct kobj *o);

/* A home link is another now, or away: what registrations have in the kernel follows, in the
 * turns to come. */
void ha_registration_follow(struct mip6 *m);

/* Ends a registration as if it had expired; for the console and for prefixes. */
void ha_registration_end(struct mip6 *m, struct binding *b);

/* Before anything else here. */
void ha_registration_init(struct mip6 *m);
/* Takes all objects of all registrations out of the kernel, some at a time, and then calls
 * ha_registrations_stopped() (SHUTDOWN), or leaves them (RESTART). */
void ha_registration_stop(struct mip6 *m, enum role_stop how);
/* What prefix discovery keeps of a registration, its node, and our side as the kernel has
 * it. */
struct ha_mpd *ha_registration_mpd(const struct binding *b);
struct mip6 *ha_registration_node(const struct binding *b);
const struct ha_side *ha_registration_side(const struct binding *b);
/* Frees what registrations hold besides the cache. */
void ha_registration_free(struct mip6 *m);

/* True when the access lists, or the lack of a policy of IPsec, forbid this registration:
 * were it asked for now, it would be refused. */
bool ha_registration_is_forbidden(const struct mip6 *m, const struct binding *b);
/* The configuration has changed: in the turns to come registrations that it forbids end, and
 * for others policies of IPsec, and the link where they are defended, follow. */
void ha_registration_reconfigure(struct mip6 *m, const struct conf *old);

#endif
