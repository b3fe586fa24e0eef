// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Duplicate address detection for home addresses and the advertisement by which a
 * home agent takes over (RFC 6275 10.3.1, 10.4.1). That afterwards solicitations are
 * answered is the kernel's work, by the proxy entries of footprint.c. Called by
 * registration.c.
 */
#include "ha/defence.h"

#include <errno.h>
#include <string.h>

#include "base/time.h"

/* RFC 4862 5.1: DupAddrDetectTransmits; RFC 4861 section 10: RETRANS_TIMER. */
#define DAD_TRANSMITS	1
#define RETRANS_TIMER_US US_PER_S

static const struct in6_addr all_nodes = { .s6_addr = { 0xff, 0x02, [15] = 0x01 } };

struct probe *ha_ask(struct mip6 *m, uint32_t ifindex, const struct in6_addr *target,
		     probe_fn *fn, void *ctx)
{
	struct kprobe p = { .kind = KPROBE_DAD,
			    .ifindex = ifindex,
			    .target = *target,
			    .count = DAD_TRANSMITS,
			    .interval_us = RETRANS_TIMER_US };

	return mip6_probe(m, &p, fn, ctx);
}

int ha_tell_neighbours(struct mip6 *m, uint32_t ifindex, const struct in6_addr *target)
{
	const struct link *l = link_find(&m->links, ifindex);
	const struct in6_addr *source = l ? link_local_addr(l) : NULL;
	struct mip6_path path = { .peer = all_nodes, .ifindex = ifindex, .may_wait = true };
	struct nd_msg msg = { .type = ND_NA };
	uint8_t buf[ND_LEN_MAX];
	int len;

	if (!l || !source || !l->l.lladdr_len || l->l.lladdr_len > ND_LLADDR_MAX)
		return -ENODEV;
	/* 10.4.1: our address on the interface as source; R and S clear, O set; the
	 * target link-layer address option with ours. */
	path.local = *source;
	msg.na.target = *target;
	msg.na.override = true;
	msg.opts.present = ND_HAS_TLLA;
	msg.opts.tlla.len = l->l.lladdr_len;
	memcpy(msg.opts.tlla.addr, l->l.lladdr, l->l.lladdr_len);
	len = nd_encode(&msg, &path.local, &path.peer, buf, sizeof(buf));
	if (len < 0)
		return len;
	return mip6_send_icmp6(m, &path, ND_HOP_LIMIT, buf, (size_t)len);
}
