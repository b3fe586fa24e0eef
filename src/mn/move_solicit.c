// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What movement says to a link: solicitations for routers (RFC 6275 11.5.1, RFC 4861
 * 6.3.7), and a word to the router that is going to be used.
 *
 * Routers are solicited as soon as something tells of a move: the random delay of RFC
 * 4861 6.3.7 is for many nodes that start together, and this is one node that has
 * moved. For the same reason an unanswered solicitation is repeated after a fraction of
 * a second, not after four; from there on ever slower, and for as long as it takes
 * (RFC 7559 section 2).
 *
 * Called by the other files move*.c.
 */
#include <string.h>

#include "base/crypto.h"
#include "mn/move.h"

/* In place of RTR_SOLICITATION_INTERVAL (4 s, RFC 4861 10). */
#define SOLICIT_WAIT_FIRST_US (300 * US_PER_MS)
/* RFC 7559 section 2: MRT. */
#define SOLICIT_WAIT_MAX_US (3600 * US_PER_S)

static const struct in6_addr all_routers = { .s6_addr = { 0xff, 0x02, [15] = 0x02 } };

static bool put_own_lladdr(const struct klink *l, struct nd_msg *msg)
{
	if (!l->lladdr_len || l->lladdr_len > ND_LLADDR_MAX)
		return false;
	msg->opts.present = ND_HAS_SLLA;
	msg->opts.slla.len = l->lladdr_len;
	memcpy(msg->opts.slla.addr, l->lladdr, l->lladdr_len);
	return true;
}

static void send_rs(struct move_iface *i)
{
	struct mip6 *m = i->move->m;
	const struct link *l = link_find(&m->links, i->ifindex);
	const struct in6_addr *local = l ? link_local_addr(l) : NULL;
	struct mip6_path path = { .peer = all_routers, .ifindex = i->ifindex };
	struct nd_msg msg = { .type = ND_RS };

	if (!l)
		return;
	i->rs_from_any = !local;
	if (local) {
		path.local = *local;
		/* RFC 4861 4.1: MUST NOT be included with the unspecified address */
		put_own_lladdr(&l->l, &msg);
	}
	log_debug(LOG_MOVE, "%s: soliciting routers", i->name);
	mip6_send_nd(m, &path, &msg);
	if (i->rs_count++ == 0)
		i->rs_us = m->now_us;
}

/* RFC 7559 section 2: a tenth more or less. */
static uint64_t spread_us(uint64_t wait_us)
{
	uint16_t r = UINT16_MAX / 2;

	crypto_random(&r, sizeof(r));
	return wait_us - wait_us / 10 + wait_us / 5 * r / UINT16_MAX;
}

static void on_rs_timer(struct timer *t, uint64_t now_us)
{
	struct move_iface *i = t->ctx;
	struct mip6 *m = i->move->m;

	mip6_turn(m, now_us);
	send_rs(i);
	timer_set(m->timers, t, now_us + spread_us(i->rs_wait_us), &i->move->timers);
	i->rs_wait_us = i->rs_wait_us < SOLICIT_WAIT_MAX_US / 2 ? 2 * i->rs_wait_us :
								  SOLICIT_WAIT_MAX_US;
}

void move_solicit(struct move_iface *i)
{
	if (i->observed || !i->running)
		return;
	i->rs_count = 0;
	i->rs_wait_us = SOLICIT_WAIT_FIRST_US;
	on_rs_timer(&i->rs_timer, i->move->m->now_us);
}

void move_solicit_for_kernel(struct move_iface *i)
{
	if (!i->observed && i->running)
		send_rs(i);
}

void move_greet(const struct move_iface *i, const struct attachment *a)
{
	struct mip6 *m = i->move->m;
	const struct link *l = link_find(&m->links, i->ifindex);
	const struct mip6_path path = { .local = a->coa, .peer = a->router,
					.ifindex = i->ifindex };
	struct nd_msg msg = { .type = ND_NS, .ns.target = a->router };

	/* RFC 4429 3.2: not from an optimistic address. */
	if (!l || i->observed || a->coa_optimistic)
		return;
	if (put_own_lladdr(&l->l, &msg))
		mip6_send_nd(m, &path, &msg);
}

void move_init_solicit(struct move_iface *i)
{
	timer_init(&i->rs_timer, "router-solicitation", on_rs_timer, i);
}
