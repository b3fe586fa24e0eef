// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A mobile node that moves, and a registration that only listens: see move_world.h. This
 * file stands in for home*.c.
 */
#include "test/ladder/move_world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- registration ---------------------------------------------------------------- */

struct box *mn;
struct move_seen seen;
struct in6_addr home_address;

bool home_is_home_address(const struct mip6 *m, const struct in6_addr *a)
{
	(void)m;
	return addr_equal(a, &home_address);
}

bool home_is_home_prefix(const struct mip6 *m, const struct prefix *p)
{
	(void)m;
	(void)p;
	return false;
}

bool home_is_in_reach(const struct mip6 *m, const struct in6_addr *coa)
{
	(void)m;
	return !addr_is_unique_local(coa);
}

void home_on_attachment(struct mip6 *m, const struct attachment *old,
			const struct attachment *now)
{
	seen.old_was_there = old->usable && box_has(mn, ADDR_STR(&old->coa));
	seen.at = *now;
	seen.changes++;
	seen.changed_us = m->now_us;
}

void home_on_attachment_detail(struct mip6 *m, const struct attachment *now)
{
	(void)m;
	seen.at = *now;
}

void home_on_prefix(struct mip6 *m, uint32_t ifindex, const struct nd_prefix_info *info)
{
	(void)m;
	(void)ifindex;
	(void)info;
	seen.prefixes++;
}

static int start(struct mip6 *m)
{
	m->mn = calloc(1, sizeof(struct mn));
	return m->mn ? move_start(m) : -ENOMEM;
}

static void role_free(struct mip6 *m)
{
	if (!m->mn)
		return;
	move_free(m);
	free(m->mn);
	m->mn = NULL;
}

static void reconfigure(struct mip6 *m, const struct conf *old)
{
	(void)old;
	move_reconfigure(m);
}

static const struct role move_role = {
	.name = "mn",
	.start = start,
	.stop = move_stop,
	.free = role_free,
	.reconfigure = reconfigure,
	.on_nd = move_on_nd,
	.on_link = move_on_link,
	.on_addr = move_on_addr,
	.on_neigh = move_on_neigh,
	.on_lost = move_on_lost,
};

/* --- the world --------------------------------------------------------------------- */

struct move_world move_world_new(const char *conf, uint64_t interval_us)
{
	struct move_world w;

	memset(&seen, 0, sizeof(seen));
	memset(&home_address, 0, sizeof(home_address));
	w.L = ladder_new();
	w.a = ladder_link(w.L, "a");
	w.b = ladder_link(w.L, "b");
	w.ra = ladder_router(w.L, "ra", w.a, "2001:db8:a::1/64", interval_us);
	w.rb = ladder_router(w.L, "rb", w.b, "2001:db8:b::1/64", interval_us);
	mn = ladder_node(w.L, "mn", conf, &move_role, NULL);
	ladder_attach(mn, "eth0", NULL);
	return w;
}

struct move_world move_world_at_a(const char *conf, uint64_t interval_us)
{
	struct move_world w = move_world_new(conf, interval_us);

	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 5 * S);
	assert_true(seen.at.usable);
	assert_int_equal(seen.changes, 1);
	return w;
}

void move_world_assert_prefix(const char *prefix)
{
	struct prefix p;

	assert_int_equal(prefix_parse(prefix, &p, NULL), 0);
	assert_true(seen.at.usable);
	assert_true(prefix_contains(&p, &seen.at.coa));
}

void move_world_end(struct move_world *w)
{
	assert_int_equal(box_misuses(mn), 0);
	ladder_end(mn);
	ladder_free(w->L);
}
