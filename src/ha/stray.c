// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Nodes that use the tunnel without a binding. When a home agent has lost its bindings
 * (a disk, a whole machine), its mobile nodes do not know, and send their packets through
 * the tunnel until their registrations end, which may be days. RFC 6275 10.4.5 has the
 * home agent verify the tunnel's source against the binding, and the filters of the tunnel
 * drop what fails. Here is what becomes of a sample of that: the node is told by a Binding
 * Error with status 1, to which a mobile node answers by registering at once (11.3.6).
 *
 * What the RFC says, and what not. It knows the Binding Error for a Home Address option
 * without a binding (9.3.1) and for unknown messages (9.2); 10.4.5 says nothing of it, nor
 * forbids it. The rules for sending it (9.3.3) are kept: to the source of the IPv6 header
 * on the wire, only if that is a unicast address, at a limited rate. Its Home Address field
 * "MUST be copied" from a Home Address option, or be unspecified when there was none;
 * here there is none, yet the inner source is put there, because the field is for
 * the node to see which of its home addresses has no binding (6.1.9), and the inner source
 * is what an option would have held. HaTellUnknownNodes turns it off.
 *
 * Who could misuse it? A spoofed packet makes us send a smaller one to the address that was
 * spoofed, no more often than ICMPv6 errors; and a node that is told so in error registers
 * once more. A node with a binding that sends from another care-of address may have
 * moved, with its Binding Update under way: only when that goes on for some seconds it is
 * told. Called by ha.c.
 */
#include "ha/stray.h"

#include <string.h>

#include "ha/ha.h"

/* How many packets the kernel tells in a second: more than the rate of errors lets us
 * answer, so that one who sends much does not hide another. */
#define STRAYS_PER_S 500
/* Longer than a registration takes that has to be repeated once (11.8). */
#define MOVED_US (3 * US_PER_S)
#define PAUSE_US (2 * US_PER_S)

void ha_stray_watch(struct mip6 *m)
{
	uint32_t per_s = m->conf->ha_tell_unknown_nodes ? STRAYS_PER_S : 0;

	ha_of(m)->strays.limit = (struct log_limit)LOG_LIMIT(10, 1);
	if (m->kernel->ops->watch_strays(m->kernel, HA_TUNNEL, per_s) < 0)
		log_info(LOG_HA, "nodes without a binding are not told");
}

static struct ha_stray_wait *slot_of(struct ha_strays *all, const struct in6_addr *hoa)
{
	uint32_t fold = hoa->s6_addr32[0] ^ hoa->s6_addr32[1] ^ hoa->s6_addr32[2] ^
			hoa->s6_addr32[3];

	fold ^= fold >> 16;
	fold ^= fold >> 8;
	return &all->waits[fold % HA_STRAY_WAITS];
}

/* Whether a node with a binding elsewhere has been sending from there for long. */
static bool goes_on(struct mip6 *m, const struct kstray_event *s)
{
	struct ha_stray_wait *w = slot_of(&ha_of(m)->strays, &s->inner_src);

	if (!addr_equal(&w->hoa, &s->inner_src) || !addr_equal(&w->coa, &s->outer_src) ||
	    m->now_us - w->last_us > PAUSE_US) {
		w->hoa = s->inner_src;
		w->coa = s->outer_src;
		w->since_us = m->now_us;
	}
	w->last_us = m->now_us;
	return m->now_us - w->since_us >= MOVED_US;
}

static bool is_to_be_told(struct mip6 *m, const struct kstray_event *s)
{
	const struct binding *b = bcache_find_hoa(&m->bcache, &s->inner_src, BINDING_HOME);

	if (!link_find_addr(&m->links, &s->outer_dst, NULL) ||
	    !addr_is_routable_unicast(&s->outer_src) || !ha_prefix_find(m, &s->inner_src))
		return false;
	if (!b || b->state == BINDING_MEMORY)
		return true;
	/* What is under way answers for itself. */
	if (b->state != BINDING_ACTIVE || addr_equal(&b->installed.coa, &s->outer_src))
		return false;
	return goes_on(m, s);
}

void ha_stray_hear(struct mip6 *m, const struct kstray_event *s)
{
	const struct mip6_path path = { .local = s->outer_dst, .peer = s->outer_src };

	if (!m->conf->ha_tell_unknown_nodes || !is_to_be_told(m, s))
		return;
	log_limited(&ha_of(m)->strays.limit, m->now_us, LOG_HA, LOGL_NOTICE,
		    "hoa=%s coa=%s sends through the tunnel without a binding: it is told",
		    ADDR_STR(&s->inner_src), ADDR_STR(&s->outer_src));
	mip6_send_be(m, &path, MH_BE_UNKNOWN_BINDING, &s->inner_src);
}
