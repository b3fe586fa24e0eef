// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Binding Acknowledgements: to where the node is, the way it came. Called by
 * registration.c.
 */
#include "ha/answer.h"

#include <string.h>

#include "core/ipsec.h"
#include "ha/ha.h"

static void send_ba(struct mip6 *m, const struct ha_bu *bu, uint8_t status, uint16_t seq,
		    uint32_t lifetime_s)
{
	struct mip6_path path = bu->path; /* 9.5.4: a routing header where there was an option */
	struct mh_msg msg = { .type = MH_BA };
	uint32_t advice_s = m->conf->ha_refresh_advice_s & ~3U;

	/* A node on its home link is answered there, also while the route of its binding
	 * still leads into the tunnel. */
	path.strict = addr_is_unspecified(&path.peer_home) && ha_link_find(m, path.ifindex);
	if (!addr_is_unspecified(&path.peer_home))
		path.ifindex = 0;
	memset(&path.local_home, 0, sizeof(path.local_home));
	path.may_wait = true;
	msg.ba.status = status;
	msg.ba.seq = seq;
	msg.ba.lifetime_s = lifetime_s;
	/* 10.3.1: K when the node asks and the key management daemon, which hears of
	 * every move from the kernel, can follow; the administrator knows. */
	if (status < 128 && (bu->flags & MH_BU_K) && m->conf->key_mng_mob_capability &&
	    ipsec_protects_binding(m->conf, &bu->hoa, &path.local))
		msg.ba.flags = MH_BA_K;
	/* 6.2.4: only with a lifetime, and less than it. */
	if (lifetime_s && advice_s && advice_s < lifetime_s) {
		msg.opts.present = MH_HAS_REFRESH;
		msg.opts.refresh_s = advice_s;
	}
	mip6_send_mh(m, &path, &msg);
}

void ha_answer(struct mip6 *m, const struct ha_bu *bu, const struct ha_verdict *v)
{
	send_ba(m, bu, v->status, v->seq, v->lifetime_s);
}

void ha_refuse(struct mip6 *m, const struct ha_bu *bu, uint8_t status, enum counter counter,
	       const char *reason)
{
	count(&m->counters, counter);
	mip6_violation(m, &bu->hoa, &bu->path.peer, status, reason);
	send_ba(m, bu, status, bu->seq, 0);
}
