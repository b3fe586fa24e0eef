// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mobile prefix discovery at the home agent (RFC 6275 10.6).
 */
#ifndef HA_MPD_H
#define HA_MPD_H

#include "base/timer.h"
#include "core/mip6.h"
#include "ha/prefix.h"

/* What a registration keeps of it; in registration.c. */
struct ha_mpd {
	struct timer timer; /* the next unsolicited advertisement */
	uint64_t wait_us;   /* until its repetition; 0: none was sent yet */
	unsigned int tries;
	bool unanswered; /* one was sent, and no solicitation has come since */
	uint16_t id;
};

void ha_mpd_init(struct ha_mpd *d, struct binding *b);
void ha_mpd_cancel(struct mip6 *m, struct ha_mpd *d);
/* Sees to it that an advertisement is sent some time (10.6.2); none is moved that is
 * due already. */
void ha_mpd_schedule(struct mip6 *m, struct binding *b);
/* The times of the configuration have changed: as if the registration were new, but for
 * an advertisement that is under way. */
void ha_mpd_anew(struct mip6 *m, struct binding *b);
/* The node has sent an update and is away: what it has not acknowledged is sent again, for
 * it may have been on the way to where it was (10.6.2). */
void ha_mpd_updated(struct mip6 *m, struct binding *b);
/* M or O flag of what is advertised on the link have changed. */
void ha_mpd_flags_changed(struct mip6 *m, uint32_t ifindex);
/* A Mobile Prefix Solicitation. */
void ha_mpd_on_solicitation(struct mip6 *m, const struct mip6_packet *p,
			    const struct icmp6_msg *msg);
void ha_mpd_init_walk(struct mip6 *m);
/* A prefix changed: schedules for those that it concerns, in the turns that follow. */
void ha_mpd_prefix_changed(struct mip6 *m, const struct ha_prefix *p);

#endif
