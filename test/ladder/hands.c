// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A role without a will, and a small world for it: see hands.h.
 */
#include "test/ladder/hands.h"

#include <string.h>

struct hands_heard heard;

static void on_addr(struct mip6 *m, const struct kaddr_event *a)
{
	(void)m;
	heard.addr_events++;
	heard.last_addr = *a;
}

static void on_neigh(struct mip6 *m, const struct kneigh_event *n)
{
	(void)m;
	heard.neigh_failed += n->state == KNEIGH_FAILED;
}

static void on_xfrm(struct mip6 *m, const struct kxfrm_event *x)
{
	(void)m;
	heard.xfrm_reports += x->what == KXFRM_EVENT_REPORT;
	heard.last_xfrm = *x;
}

static void on_traffic(struct mip6 *m, const struct ktraffic_event *t)
{
	(void)m;
	(void)t;
	heard.traffic_events++;
}

const struct role hands_role = { .name = "hands",
					.on_addr = on_addr,
					.on_neigh = on_neigh,
					.on_xfrm = on_xfrm,
					.on_traffic = on_traffic };

struct hands hands_build(void)
{
	struct hands s = { .L = ladder_new() };
	struct net_link *far = ladder_link(s.L, "far");
	struct box *r2;

	memset(&heard, 0, sizeof(heard));
	s.home = ladder_link(s.L, "home");
	s.away = ladder_link(s.L, "away");
	s.r0 = ladder_router(s.L, "r0", s.home, "2001:db8:0::1/64", 0);
	s.r1 = ladder_router(s.L, "r1", s.away, "2001:db8:1::1/64", 0);
	r2 = ladder_router(s.L, "r2", far, "2001:db8:2::1/64", 0);
	s.ha = ladder_node(s.L, "ha", "NodeConfig CN;", &hands_role, NULL);
	s.mn = ladder_node(s.L, "mn", "NodeConfig CN;", &hands_role, NULL);
	s.cn = ladder_node(s.L, "cn", "NodeConfig CN;", &hands_role, NULL);
	s.eve = ladder_host(s.L, "eve", far, "2001:db8:2::bad/64", r2);
	s.hoa = ip6("2001:db8:0::99");
	s.coa = ip6("2001:db8:1::99");
	ladder_attach(s.ha, "eth0", s.home);
	ladder_addr(s.ha, "eth0", "2001:db8:0::2/64");
	ladder_gateway(s.ha, s.r0);
	ladder_attach(s.mn, "eth0", s.away);
	ladder_addr(s.mn, "eth0", "2001:db8:1::99/64");
	ladder_gateway(s.mn, s.r1);
	ladder_attach(s.cn, "eth0", far);
	ladder_addr(s.cn, "eth0", "2001:db8:2::5/64");
	ladder_gateway(s.cn, r2);
	ladder_start(s.ha);
	ladder_start(s.mn);
	ladder_start(s.cn);
	return s;
}

void hands_on_applied(struct mip6 *m, int error, const struct kchange *failed, void *ctx)
{
	struct hands_outcome *o = ctx;

	(void)m;
	assert_true((error == 0) == (failed == NULL));
	o->called = true;
	o->error = error;
}

int hands_apply(struct box *b, const struct footprint *have, struct footprint *want)
{
	struct hands_outcome o = { .called = false };
	struct mip6 *m = box_mip6(b);

	mip6_turn(m, ladder_now(b->L));
	assert_non_null(footprint_apply(m, have, want, hands_on_applied, &o));
	assert_false(o.called);
	ladder_run(b->L, 0);
	assert_true(o.called);
	if (want)
		footprint_free(want);
	return o.error;
}

struct kobj an_addr(const struct in6_addr *a, uint8_t plen, const char *dev,
			   unsigned int flags)
{
	struct kobj o = { .type = KOBJ_ADDR, .addr = { .addr = *a, .plen = plen, .flags = flags,
						       .valid_s = UINT32_MAX,
						       .preferred_s = UINT32_MAX } };

	strcpy(o.addr.dev.name, dev);
	return o;
}

struct kobj a_route(const char *dst, const char *src, const char *dev)
{
	struct kobj o = { .type = KOBJ_ROUTE, .route = { .table = KTABLE_MAIN, .metric = 10 } };
	struct in6_addr ignored;

	assert_int_equal(prefix_parse(dst, &o.route.dst, &ignored), 0);
	if (src)
		assert_int_equal(prefix_parse(src, &o.route.src, &ignored), 0);
	strcpy(o.route.dev.name, dev);
	return o;
}

struct kobj a_pair_tunnel(const char *name, const struct in6_addr *local,
				 const struct in6_addr *remote)
{
	struct kobj o = { .type = KOBJ_TUNNEL, .tunnel = { .local = *local, .remote = *remote } };

	strcpy(o.tunnel.name, name);
	return o;
}

struct kobj a_sysctl(const char *dev, enum ksysctl name, int32_t value)
{
	struct kobj o = { .type = KOBJ_SYSCTL, .sysctl = { .name = name, .value = value } };

	strcpy(o.sysctl.dev.name, dev);
	return o;
}

uint32_t hands_ifindex(const struct box *b)
{
	return box_iface_name(b, "eth0")->ifindex;
}

/* The mobile node's half of a home registration: tunnel, address, route. */
void hands_put_mn(const struct hands *s)
{
	const struct in6_addr ha = box_addr(s->ha);
	struct footprint want;
	struct kobj o;

	footprint_init(&want);
	o = a_pair_tunnel("mip6tnl", &s->coa, &ha);
	footprint_add(&want, &o);
	o = an_addr(&s->hoa, 128, "mip6tnl", KADDR_HOME | KADDR_NODAD);
	footprint_add(&want, &o);
	o = a_route("::/0", "2001:db8:0::99/128", "mip6tnl");
	footprint_add(&want, &o);
	assert_int_equal(hands_apply(s->mn, NULL, &want), 0);
}

/* The home agent's half: shared tunnel, route, filter, proxy. */
void hands_add_ha_objects(const struct hands *s, struct footprint *want,
			   const struct in6_addr *coa)
{
	struct kobj o = { .type = KOBJ_TUNNEL, .tunnel = { .name = "mip6", .external = true } };

	footprint_add(want, &o);
	o = a_sysctl("all", KSYSCTL_FORWARDING, 1);
	footprint_add(want, &o);
	o = a_sysctl("eth0", KSYSCTL_PROXY_NDP, 1);
	footprint_add(want, &o);
	o = a_sysctl("eth0", KSYSCTL_NEIGH_PROXY_DELAY, 0);
	footprint_add(want, &o);
	o = (struct kobj){ .type = KOBJ_TUNNEL_FILTER,
			   .filter = { .tunnel = "mip6",
				       .inner_src = prefix_of(&s->hoa, 128),
				       .outer_src = *coa } };
	footprint_add(want, &o);
	o = a_route("2001:db8:0::99/128", NULL, "mip6");
	o.route.encap = true;
	o.route.encap_src = box_addr(s->ha);
	o.route.encap_dst = *coa;
	footprint_add(want, &o);
	o = (struct kobj){ .type = KOBJ_PROXY_NEIGH,
			   .proxy = { .ifindex = hands_ifindex(s->ha), .addr = s->hoa } };
	footprint_add(want, &o);
}

void hands_put_ha(const struct hands *s)
{
	struct footprint want;

	footprint_init(&want);
	hands_add_ha_objects(s, &want, &s->coa);
	assert_int_equal(hands_apply(s->ha, NULL, &want), 0);
}
