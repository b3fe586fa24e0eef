// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The world of mc_world.h.
 */
#include "test/ladder/mc_world.h"

#include <stdio.h>

#include "ha/registration.h"

const char *const mc_hoas[MC_NODES] = { "2001:db8:1::100", "2001:db8:1::200" };
const char *const mc_coas[MC_NODES] = { "2001:db8:a::9", "2001:db8:b::9" };
const char *const mc_others[MC_NODES] = { "2001:db8:a::8", "2001:db8:b::8" };
const char *const mc_locals[MC_NODES] = { "fe80::100", "fe80::200" };

struct kobj mc_tunnel(const char *local)
{
	struct kobj o = { .type = KOBJ_TUNNEL };

	strcpy(o.tunnel.name, "t0");
	o.tunnel.local = ip6(local);
	o.tunnel.remote = ip6(HA);
	return o;
}

static void add_node(struct mc_world *w, size_t i, const char *link, const char *router)
{
	static const char *const names[MC_NODES] = { "mn", "mn2" };
	static const char *const routers[MC_NODES] = { "ra", "rb" };
	struct net_link *l = ladder_link(w->L, link);
	struct box *r = ladder_router(w->L, routers[i], l, router, 0);
	struct kobj o = mc_tunnel(mc_coas[i]), a = { .type = KOBJ_ADDR };
	char text[64];

	snprintf(text, sizeof(text), "%s/64", mc_coas[i]);
	w->mn[i] = ladder_host(w->L, names[i], l, text, r);
	snprintf(text, sizeof(text), "%s/64", mc_others[i]);
	ladder_addr(w->mn[i], "eth0", text);
	snprintf(text, sizeof(text), "%s/128", mc_hoas[i]);
	ladder_addr(w->mn[i], "eth0", text);
	object_put(w->mn[i], &o, OWNER_ADMIN);
	strcpy(a.addr.dev.name, "t0");
	a.addr.addr = ip6(mc_locals[i]);
	a.addr.plen = 128;
	a.addr.flags = KADDR_NODAD;
	object_put(w->mn[i], &a, OWNER_ADMIN);
	ladder_hear(w->mn[i], NULL, NULL);
}

struct mc_world *mc_up_with(const char *conf)
{
	struct mc_world *w = test_calloc(1, sizeof(*w));
	struct net_link *home;
	struct box *r0;

	w->L = ladder_new();
	home = ladder_link(w->L, "home");
	r0 = ladder_router(w->L, "r0", home, "2001:db8:1::1/64", 0);
	w->ha = ladder_node(w->L, "ha", conf, &ha_role, NULL);
	ladder_attach(w->ha, "eth0", home);
	ladder_addr(w->ha, "eth0", HA "/64");
	ladder_gateway(w->ha, r0);
	w->host = ladder_host(w->L, "host", home, HOST "/64", r0);
	add_node(w, 0, "a", "2001:db8:a::1/64");
	add_node(w, 1, "b", "2001:db8:b::1/64");
	ladder_start(w->ha);
	ladder_run(w->L, S);
	return w;
}

struct mc_world *mc_up(void)
{
	return mc_up_with(MC_CONF);
}

void mc_down(struct mc_world *w)
{
	assert_int_equal(box_misuses(w->ha), 0);
	ladder_end(w->ha);
	ladder_free(w->L);
	test_free(w);
}

/* A Binding Update of node `i` from that care-of address. */
void mc_send_bu(struct mc_world *w, size_t i, const char *coa, uint32_t lifetime_s)
{
	const struct mip6_path path = { .local = ip6(coa),
					.local_home = ip6(mc_hoas[i]),
					.peer = ip6(HA) };
	struct mh_msg bu = { .type = MH_BU };

	bu.bu.flags = MH_BU_A | MH_BU_H;
	bu.bu.lifetime_s = lifetime_s;
	bu.bu.seq = ++w->seq;
	bu.opts.present = MH_HAS_ALT_COA;
	bu.opts.alt_coa = ip6(coa);
	ladder_send_mh(w->mn[i], &path, &bu);
}

void mc_register(struct mc_world *w, size_t i)
{
	mc_send_bu(w, i, mc_coas[i], 4000);
	ladder_expect(w->L, i ? "ha -> mn2 BA status=0" : "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, S);
}

/* The tunnel of node `i` now begins at `coa`, and so does its binding. */
void mc_move(struct mc_world *w, size_t i, const char *coa)
{
	struct kobj o = mc_tunnel(coa);

	object_put(w->mn[i], &o, OWNER_ADMIN);
	mc_send_bu(w, i, coa, 4000);
	ladder_run(w->L, S);
}

uint64_t mc_counter(const struct mc_world *w, enum counter c)
{
	return box_mip6(w->ha)->counters.value[c];
}

bool mc_listens(const struct mc_world *w, const char *group)
{
	return box_has(w->ha, group);
}

/* One packet to the group from the home link; how many more the node has heard then. */
unsigned int mc_hears(struct mc_world *w, size_t i, const char *group)
{
	unsigned int before = ladder_heard(w->mn[i]);

	assert_int_equal(ladder_say(w->host, "eth0", HOST, group), 0);
	ladder_run(w->L, 100 * MS);
	return ladder_heard(w->mn[i]) - before;
}

void mc_join(struct mc_world *w, size_t i, const char *group)
{
	ladder_join(w->mn[i], "t0", group);
	ladder_run(w->L, 100 * MS);
}

void mc_leave(struct mc_world *w, size_t i, const char *group)
{
	ladder_leave(w->mn[i], "t0", group);
	ladder_run(w->L, 100 * MS);
}

/* An MLD message of node `i` through its tunnel. */
void mc_send_mld(struct mc_world *w, size_t i, const char *src, const char *dst,
		     const void *message, size_t len)
{
	const struct in6_addr from = ip6(src), to = ip6(dst), coa = ip6(mc_coas[i]), ha = ip6(HA);

	ladder_send_packet(w->mn[i], packet_wrap(mld_packet(&from, &to, message, len), &coa,
						 &ha));
	ladder_run(w->L, 100 * MS);
}

void mc_register_by_hand(struct mc_world *w, const char *hoa, const char *coa)
{
	const struct ha_bu bu = { .hoa = ip6(hoa),
				  .coa = ip6(coa),
				  .path = { .local = ip6(HA), .peer = ip6(coa),
					    .peer_home = ip6(hoa) },
				  .has_hao = true,
				  .flags = MH_BU_H,
				  .lifetime_s = 4000,
				  .seq = 1 };
	struct mip6 *m = box_mip6(w->ha);

	mip6_turn(m, ladder_now(w->L));
	assert_int_equal(ha_registration_put(m, &bu, true).action, HA_REGISTER);
}

/* A packet of node `i` to the group, from that source, through the tunnel. */
void mc_say(struct mc_world *w, size_t i, const char *src, const char *coa,
			  const char *group, uint8_t hop_limit)
{
	const struct in6_addr from = ip6(src), to = ip6(group), outer = ip6(coa), ha = ip6(HA);
	struct packet *p = packet_new(&from, &to, WIRE_PROTO_UDP, "\0\1\0\1\0\10\0\0", 8);

	p->hop_limit = hop_limit;
	ladder_send_packet(w->mn[i], packet_wrap(p, &outer, &ha));
	ladder_run(w->L, 100 * MS);
}
