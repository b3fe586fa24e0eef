// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The router advertisements of a home link (RFC 4861 6.2, RFC 6275 7 and 10.5): what
 * they say, when they are sent, and whether those of others fit.
 */
#ifndef HA_ADVERT_H
#define HA_ADVERT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/timer.h"
#include "core/mip6.h"

struct ha_link;

/* --- messages: pure, in advert_message.c ------------------------------------------- */

/* What this node advertises on the link: each prefix of its usable addresses there, with
 * one of these in full (HaAddress first). `final`: no router and no home agent any
 * longer. False when there is nothing that may be sent (RFC 4861 6.2.2, RFC 6275 7.2): no
 * link-local address, or no routable one. */
bool ha_advert_build(const struct conf *c, const struct link *l, bool final, struct nd_msg *out);

/* What may be wrong with an advertisement that was heard; bits. */
enum ha_advert_fault {
	/* one from this machine */
	HA_ADVERT_NO_H = 1 << 0,	  /* H bit clear (RFC 6275 7.1) */
	HA_ADVERT_NO_SLLA = 1 << 1,	  /* (7.5) */
	HA_ADVERT_NO_ADDRESS = 1 << 2,	  /* no R flag with an address of ours (7.2) */
	HA_ADVERT_PREFERENCE = 1 << 3,	  /* not HaPreference (7.4) */
	HA_ADVERT_LIFETIME = 1 << 4,	  /* not HaLifetime (7.4) */
	/* one from another router */
	HA_ADVERT_NAMELESS = 1 << 5,	  /* a home agent without an address (7.2) */
	HA_ADVERT_HOP_LIMIT = 1 << 6,	  /* hosts are told differently (RFC 4861 6.2.7) */
	HA_ADVERT_MANAGED = 1 << 7,	  /* M or O flag */
	HA_ADVERT_MTU = 1 << 8,
	HA_ADVERT_PREFIX = 1 << 9,	  /* lifetimes of a prefix */
};
#define HA_ADVERT_FAULTS 10

/* One of this machine, by another program, against the configuration; `l` is the link. */
unsigned int ha_advert_faults_own(const struct conf *c, const struct link *l,
				  const struct nd_msg *heard);
/* One of another router against ours, NULL where we send none. Reachable Time and Retrans
 * Timer of ours are unspecified and differ from nothing. */
unsigned int ha_advert_faults_other(const struct nd_msg *ours, const struct nd_msg *heard);
/* What is wrong, for people. `fault` is one bit. */
const char *ha_advert_fault_text(enum ha_advert_fault fault);

/* --- the schedule of a link, in advert.c --------------------------------------------- */

#define HA_ADVERT_PENDING 16 /* answers to single nodes that wait */
#define HA_ADVERT_PEERS	  8  /* routers whose faults are remembered */

enum ha_advert_state {
	HA_ADVERT_OFF,	 /* not wanted, or not possible now */
	HA_ADVERT_ON,	 /* we advertise */
	HA_ADVERT_ASIDE, /* another program on this machine does */
};

struct ha_advert {
	struct mip6 *m;
	uint32_t ifindex;
	enum ha_advert_state state;
	struct timer timer;	/* the next one to all nodes */
	uint64_t last_us;	/* the last one to all nodes; 0: none yet */
	unsigned int initial;	/* so many more in quick succession (RFC 4861 6.2.4) */
	uint8_t said[ND_LEN_MAX]; /* the last one to all nodes */
	size_t said_len;

	struct timer answer_timer; /* the next answer to a single node */
	struct {
		struct in6_addr addr;
		uint64_t at_us;
	} pending[HA_ADVERT_PENDING];
	unsigned int pending_count;

	uint64_t aside_until_us; /* by what the other program last said */
	bool aside_was_router;
	struct timer aside_timer;
	struct {
		struct in6_addr addr;
		unsigned int faults;
	} peer[HA_ADVERT_PEERS];
	unsigned int peer_count;
	unsigned int peer_next; /* which one gives way */
};

void ha_advert_init(struct ha_advert *a, struct mip6 *m, uint32_t ifindex);
/* Links, addresses or the configuration may have changed. */
void ha_advert_refresh(struct ha_advert *a);
/* Ends: no timer is set afterwards. `final` says so on the link (RFC 4861 6.2.5). */
void ha_advert_end(struct ha_advert *a, bool final);
/* A valid Router Solicitation on the link (RFC 4861 6.2.6). */
void ha_advert_on_rs(struct ha_advert *a, const struct mip6_packet *p);
/* A valid Router Advertisement on the link, of this machine or of another. */
void ha_advert_on_ra(struct ha_advert *a, const struct mip6_packet *p, const struct nd_msg *msg);
const char *ha_advert_state_name(enum ha_advert_state s); /* "off" "on" "aside" */

#endif
