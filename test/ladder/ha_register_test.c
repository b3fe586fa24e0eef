// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Home registrations at the home agent (RFC 6275 9.5.1, 10.3, 10.4), with a mobile
 * node that is a script on a link far off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "ha/ha.h"
#include "test/ladder/ladder.h"

#define HOA  "2001:db8:1::100"
#define HA   "2001:db8:1::2"
#define ELSEWHERE "2001:db8:99::1" /* no home network of ours */
#define VIRTUAL	  "2001:db8:77::1" /* of a virtual home link */
#define COA  "2001:db8:a::9"
#define COA2 "2001:db8:b::9"

#define CONF                                                                               \
	"NodeConfig HA; UseMnHaIPsec disabled; Interface \"eth0\"; HaMaxBindingLife 600;"      \
	"HaSendRouterAdvs disabled;"

struct world {
	struct ladder *L;
	struct net_link *home;
	struct box *ha;
	struct box *mn;	 /* on its first foreign link */
	struct box *mn2; /* the same node on the second one */
	struct box *host; /* on the home link */
	struct mip6_path path;
	struct mh_msg bu;
};

/* `home_addr`: the home agent's address on the home link, NULL for none. */
static struct world *build(const char *conf, const char *home_addr)
{
	static const char *const homes[] = { HOA "/128", ELSEWHERE "/128", VIRTUAL "/128" };
	struct world *w = test_calloc(1, sizeof(*w));
	struct net_link *a, *b;
	struct box *r0, *ra, *rb;

	w->L = ladder_new();
	w->home = ladder_link(w->L, "home");
	a = ladder_link(w->L, "a");
	b = ladder_link(w->L, "b");
	r0 = ladder_router(w->L, "r0", w->home, "2001:db8:1::1/64", 0);
	ra = ladder_router(w->L, "ra", a, "2001:db8:a::1/64", 0);
	rb = ladder_router(w->L, "rb", b, "2001:db8:b::1/64", 0);
	w->ha = ladder_node(w->L, "ha", conf, &ha_role, NULL);
	ladder_attach(w->ha, "eth0", w->home);
	ladder_addr(w->ha, "eth0", home_addr);
	ladder_gateway(w->ha, r0);
	w->mn = ladder_host(w->L, "mn", a, COA "/64", ra);
	w->mn2 = ladder_host(w->L, "mn2", b, COA2 "/64", rb);
	w->host = ladder_host(w->L, "host", w->home, "2001:db8:1::77/64", r0);
	for (size_t i = 0; i < 3; i++) {
		/* what the home agent sends to it has a routing header with its home address */
		ladder_addr(w->mn, "eth0", homes[i]);
		ladder_addr(w->mn2, "eth0", homes[i]);
	}
	ladder_hear(w->mn, NULL, NULL);
	ladder_hear(w->mn2, NULL, NULL);
	w->path = (struct mip6_path){ .local = ip6(COA), .local_home = ip6(HOA), .peer = ip6(HA) };
	w->bu = (struct mh_msg){ .type = MH_BU };
	w->bu.bu.flags = MH_BU_A | MH_BU_H;
	w->bu.bu.lifetime_s = 60;
	w->bu.bu.seq = 10;
	w->bu.opts.present = MH_HAS_ALT_COA;
	w->bu.opts.alt_coa = ip6(COA);
	return w;
}

static struct world *up(void)
{
	struct world *w = build(CONF, HA "/64");

	ladder_start(w->ha);
	ladder_run(w->L, S);
	return w;
}

static void down(struct world *w)
{
	assert_int_equal(box_misuses(w->ha), 0);
	ladder_stop(w->ha, ROLE_SHUTDOWN);
	for (int t = 0; t < KOBJ_TYPE_COUNT; t++)
		assert_int_equal(box_count(w->ha, (enum kobj_type)t), 0);
	assert_int_equal(box_misuses(w->ha), 0);
	ladder_free(w->L);
	test_free(w);
}

static void send_bu(struct world *w, uint32_t lifetime_s)
{
	w->bu.bu.seq++;
	w->bu.bu.lifetime_s = lifetime_s;
	ladder_send_mh(w->mn, &w->path, &w->bu);
}

static void move_to_b(struct world *w)
{
	struct box *other = w->mn;

	w->mn = w->mn2;
	w->mn2 = other;
	w->path.local = ip6(COA2);
	w->bu.opts.alt_coa = ip6(COA2);
}

/* 10.3.1: DAD, then the acknowledgement; 10.4.1: the address is announced; 10.4.2:
 * route and filter. */
static void registers_a_node(void **state)
{
	struct world *w = up();
	struct in6_addr hoa = ip6(HOA);

	(void)state;
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> *home NS target=" HOA, S);
	ladder_expect(w->L, "ha -> mn BA status=0 seq=11 life=60 rh2=" HOA " dst=" COA, 3 * S);
	ladder_run(w->L, 10 * MS);
	assert_true(box_has(w->ha, "encap"));
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 1);
	assert_int_equal(box_count(w->ha, KOBJ_TUNNEL_FILTER), 1);
	assert_int_equal(bcache_find_hoa(&box_mip6(w->ha)->bcache, &hoa, BINDING_HOME)->state,
			 BINDING_ACTIVE);
	ladder_run(w->L, 3 * S);
	assert_int_equal(ladder_count(w->L, "ha -> *home NA target=" HOA), 3);
	down(w);
}

/* 10.3.1: no second DAD; the kernel's objects are replaced in place. */
static void a_move_replaces(void **state)
{
	struct world *w = up();
	size_t routes;

	(void)state;
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	routes = box_count(w->ha, KOBJ_ROUTE);
	ladder_run(w->L, 5 * S);
	ladder_mark(w->L);
	move_to_b(w);
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn2 BA status=0 seq=12 dst=" COA2, 100 * MS);
	assert_int_equal(box_count(w->ha, KOBJ_ROUTE), routes);
	assert_true(box_has(w->ha, COA2));
	assert_false(box_has(w->ha, COA));
	assert_int_equal(ladder_count(w->L, "ha -> *home NS target=" HOA), 1);
	down(w);
}

/* 10.4.5, HaFormerCoaTime: for so long packets may come from where the node was before, and
 * from no third place. */
static void the_former_care_of_address_lingers(void **state)
{
	struct world *w = build(CONF "HaFormerCoaTime 2;", HA "/64");

	(void)state;
	ladder_start(w->ha);
	ladder_run(w->L, S);
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, 10 * MS);
	assert_true(box_has(w->ha, "enc_src_ip " COA));
	assert_false(box_has(w->ha, " or "));
	move_to_b(w);
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn2 BA status=0 dst=" COA2, 100 * MS);
	assert_true(box_has(w->ha, "enc_src_ip " COA2 " or " COA));
	ladder_run(w->L, S);
	/* there and back: the same two, and the time begins anew */
	move_to_b(w);
	w->path.local = w->bu.opts.alt_coa = ip6(COA);
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 dst=" COA, 100 * MS);
	assert_true(box_has(w->ha, " or "));
	ladder_run(w->L, 1900 * MS);
	/* a refresh is no move */
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 50 * MS);
	assert_true(box_has(w->ha, " or "));
	ladder_run(w->L, 100 * MS);
	assert_true(box_has(w->ha, "enc_src_ip " COA));
	assert_false(box_has(w->ha, " or "));
	assert_int_equal(box_count(w->ha, KOBJ_TUNNEL_FILTER), 1);
	/* a binding that ends takes it along */
	move_to_b(w);
	send_bu(w, 60);
	ladder_run(w->L, S);
	send_bu(w, 0);
	ladder_run(w->L, S);
	assert_int_equal(box_count(w->ha, KOBJ_TUNNEL_FILTER), 0);
	ladder_run(w->L, 3 * S);
	assert_int_equal(box_count(w->ha, KOBJ_TUNNEL_FILTER), 0);
	down(w);
}

/* 10.3.2 */
static void deregisters(void **state)
{
	struct world *w = up();

	(void)state;
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	send_bu(w, 0);
	ladder_expect(w->L, "ha -> mn BA status=0 seq=12 life=0", S);
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	assert_false(box_has(w->ha, "encap"));
	/* again, as when the answer was lost */
	send_bu(w, 0);
	ladder_expect(w->L, "ha -> mn BA status=0 seq=13 life=0", S);
	/* an old one brings nothing back */
	w->bu.bu.seq = 10;
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=135 seq=13", S);
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	down(w);
}

/* 9.5.4: a refusal of what was sent from the home address on the home link goes there, not
 * into the tunnel. */
static void a_refusal_at_home_stays_at_home(void **state)
{
	struct world *w = up();
	const struct mip6_path from_home = { .local = ip6(HOA), .peer = ip6(HA) };

	(void)state;
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_addr(w->host, "eth0", HOA "/64");
	ladder_hear(w->host, NULL, NULL);
	w->bu.bu.lifetime_s = 0;
	w->bu.opts.present = 0;
	ladder_send_mh(w->host, &from_home, &w->bu);
	ladder_expect(w->L, "ha -> host BA status=135", S);
	down(w);
}

/* 10.3.2: status 133 without a binding. */
static void nothing_to_deregister(void **state)
{
	struct world *w = up();

	(void)state;
	send_bu(w, 0);
	ladder_expect(w->L, "ha -> mn BA status=133", S);
	down(w);
}

/* 10.3.1: the binding MUST NOT last longer than granted. */
static void expires(void **state)
{
	struct world *w = up();

	(void)state;
	send_bu(w, 20);
	ladder_expect(w->L, "ha -> mn BA status=0 life=20", 3 * S);
	ladder_run(w->L, 15 * S);
	assert_true(box_has(w->ha, "encap"));
	ladder_run(w->L, 6 * S);
	assert_false(box_has(w->ha, "encap"));
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	ladder_run(w->L, 500 * S);
	assert_int_equal(box_mip6(w->ha)->bcache.count[BINDING_HOME], 0);
	down(w);
}

/* 10.3.1: at most HaMaxBindingLife, in units of four seconds. */
static void lifetime_is_capped(void **state)
{
	struct world *w = up();

	(void)state;
	send_bu(w, 4000);
	ladder_expect(w->L, "ha -> mn BA status=0 life=600", 3 * S);
	down(w);
}

/* 10.3.1: status 134 when somebody on the home link has the address. */
static void an_address_in_use_is_refused(void **state)
{
	struct world *w = up();

	(void)state;
	ladder_addr(w->host, "eth0", HOA "/64");
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=134", 3 * S);
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	down(w);
}

/* 10.3.1: with the L bit, also when somebody has the link-local address. */
static void a_link_local_address_in_use_is_refused(void **state)
{
	struct world *w = up();

	(void)state;
	ladder_addr(w->host, "eth0", "fe80::100/64");
	w->bu.bu.flags |= MH_BU_L;
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> *home NS target=fe80::100", 3 * S);
	ladder_expect(w->L, "ha -> mn BA status=134", 3 * S);
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	/* without the bit nobody asks for it (10.3.1, L=0) */
	w->bu.bu.flags &= (uint16_t)~MH_BU_L;
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	assert_int_equal(ladder_count(w->L, "ha -> *home NS target=fe80::100"), 1);
	down(w);
}

/* 10.3.1, 10.4.1: with the L bit both addresses are tested, announced, defended. */
static void a_link_local_address_is_defended(void **state)
{
	struct world *w = up();

	(void)state;
	w->bu.bu.flags |= MH_BU_L;
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 4 * S);
	ladder_run(w->L, 3 * S);
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 2);
	assert_int_equal(ladder_count(w->L, "ha -> *home NA target=" HOA), 3);
	assert_int_equal(ladder_count(w->L, "ha -> *home NA target=fe80::100"), 3);
	down(w);
}

/* 10.3.1, 10.3.2: MUST be answered whatever the A bit says. */
static void answers_without_the_a_bit(void **state)
{
	struct world *w = up();

	(void)state;
	w->bu.bu.flags = MH_BU_H;
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 seq=11 life=60", 3 * S);
	send_bu(w, 0);
	ladder_expect(w->L, "ha -> mn BA status=0 seq=12 life=0", S);
	down(w);
}

/* 9.5.1, 9.5.4: an old number is answered with the last one that was accepted, and
 * changes nothing. */
static void an_old_update_changes_nothing(void **state)
{
	struct world *w = up();

	(void)state;
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, S);
	move_to_b(w);
	w->bu.bu.seq -= 5;
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn2 BA status=135 seq=11 rh2=" HOA, S);
	assert_true(box_has(w->ha, COA));
	assert_false(box_has(w->ha, COA2));
	down(w);
}

/* 10.3.1: insufficient resources: more bindings than the configuration permits. */
static void too_many_bindings_are_refused(void **state)
{
	struct world *w = build(CONF "HaMaxBindings 1; HaVirtualHomeLink 2001:db8:77::/64;",
				HA "/64");

	(void)state;
	ladder_start(w->ha);
	ladder_run(w->L, S);
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	w->path.local_home = ip6(VIRTUAL);
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=130 rh2=" VIRTUAL, S);
	assert_int_equal(counter_shown(&box_mip6(w->ha)->counters, COUNT_BU_FULL), 1);
	down(w);
}

/* 10.3.1: advice to refresh, shorter than the lifetime, which holds all the same;
 * 10.3.2: none with a deregistration. */
static void refreshing_is_advised(void **state)
{
	struct world *w = build(CONF "HaRefreshAdvice 20;", HA "/64");

	(void)state;
	ladder_start(w->ha);
	ladder_run(w->L, S);
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 life=60 refresh=20", 3 * S);
	ladder_run(w->L, 50 * S);
	assert_true(box_has(w->ha, "encap"));
	send_bu(w, 20);
	ladder_expect(w->L, "ha -> mn BA status=0 life=20", S);
	send_bu(w, 0);
	ladder_expect(w->L, "ha -> mn BA status=0 life=0", S);
	assert_int_equal(ladder_count(w->L, "ha -> mn BA refresh=*"), 1);
	down(w);
}

/* 10.4.1: R and S clear, O set. */
static void the_advertisement_overrides(void **state)
{
	struct world *w = up();

	(void)state;
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> *home NA target=" HOA " flags=O-", 3 * S);
	down(w);
}

/* 10.3.1: status 132. */
static void another_subnet_is_refused(void **state)
{
	struct world *w = up();

	(void)state;
	w->path.local_home = ip6(ELSEWHERE);
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=132 rh2=" ELSEWHERE, S);
	assert_false(box_has(w->ha, "encap"));
	down(w);
}

/* A virtual home link: no question, no proxy, the answer at once. */
static void a_virtual_home_link_needs_no_dad(void **state)
{
	struct world *w = build(CONF "HaVirtualHomeLink 2001:db8:77::/64;", HA "/64");

	(void)state;
	ladder_start(w->ha);
	ladder_run(w->L, S);
	w->path.local_home = ip6(VIRTUAL);
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 rh2=" VIRTUAL, 100 * MS);
	assert_true(box_has(w->ha, "encap"));
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	down(w);
}

/* No false acknowledgement: what the kernel refuses is refused with status 128, and
 * nothing stays behind. */
static void the_kernels_refusal_is_told(void **state)
{
	struct world *w = up();

	(void)state;
	box_fail(w->ha, "put route", -ENOMEM, 0, 1);
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=128", 3 * S);
	ladder_run(w->L, S);
	assert_int_equal(box_count(w->ha, KOBJ_TUNNEL_FILTER), 0);
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	/* a move that the kernel refuses leaves the binding where it was */
	box_fail(w->ha, "replace route", -ENOMEM, 0, 1);
	move_to_b(w);
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn2 BA status=128", 3 * S);
	assert_true(box_has(w->ha, COA));
	assert_false(box_has(w->ha, COA2));
	down(w);
}

/* An update that comes while the kernel is busy: the newest wins, and it is the one
 * that is answered last. A copy of the one under way is absorbed. */
static void the_newest_of_several_wins(void **state)
{
	struct world *w = up();

	(void)state;
	send_bu(w, 60);
	ladder_run(w->L, 100 * MS);
	w->bu.bu.seq--;
	send_bu(w, 60); /* the same again, while DAD is under way */
	ladder_run(w->L, 100 * MS);
	move_to_b(w);
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn2 BA status=0 seq=12 dst=" COA2, 3 * S);
	ladder_run(w->L, S);
	assert_int_equal(ladder_count(w->L, "ha -> * BA"), 1);
	assert_true(box_has(w->ha, COA2));
	assert_false(box_has(w->ha, COA));
	down(w);
}

/* Somebody removes what is ours: it comes back. */
static void lost_objects_come_back(void **state)
{
	struct world *w = up();

	(void)state;
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	box_lose(w->ha, "encap");
	assert_false(box_has(w->ha, "encap"));
	ladder_run(w->L, S);
	assert_true(box_has(w->ha, "encap"));
	down(w);
}

/* What cannot be put again does not take away what was not lost. */
static void what_was_not_lost_stays(void **state)
{
	struct world *w = up();
	size_t proxies, routes;

	(void)state;
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, S);
	proxies = box_count(w->ha, KOBJ_PROXY_NEIGH);
	routes = box_count(w->ha, KOBJ_ROUTE);
	assert_true(proxies > 0);
	box_fail(w->ha, "put route", -ENOBUFS, 0, 1);
	box_lose(w->ha, "encap");
	ladder_run(w->L, S);
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), proxies);
	assert_int_equal(box_count(w->ha, KOBJ_ROUTE), routes - 1);
	ladder_stop(w->ha, ROLE_SHUTDOWN);
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	ladder_free(w->L);
	test_free(w);
}

/* 10.4.1: a home link that is away for a moment, as when a driver is loaded anew, costs no
 * registration; what is defended is announced there again. */
static void a_home_link_may_come_back(void **state)
{
	struct world *w = up();

	(void)state;
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, 5 * S);
	ladder_vanish(w->ha, "eth0");
	ladder_run(w->L, 5 * S);
	assert_true(box_has(w->ha, "encap"));
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	ladder_mark(w->L);
	ladder_attach(w->ha, "eth0", w->home);
	ladder_addr(w->ha, "eth0", HA "/64");
	ladder_expect(w->L, "ha -> *home NA target=" HOA " flags=O-", 4 * S);
	ladder_run(w->L, 20 * S);
	assert_true(box_has(w->ha, "encap"));
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 1);
	down(w);
}

/* The same for addresses that are configured anew. */
static void home_addresses_may_come_back(void **state)
{
	struct world *w = up();

	(void)state;
	send_bu(w, 60);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_run(w->L, 5 * S);
	ladder_del_addr(w->ha, "eth0", HA "/64");
	ladder_run(w->L, 9 * S);
	ladder_addr(w->ha, "eth0", HA "/64");
	ladder_run(w->L, 20 * S);
	assert_true(box_has(w->ha, "encap"));
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 1);
	down(w);
}

/* 10.3.1: a registration lasts no longer than its prefix; nobody new is served meanwhile. */
static void a_home_link_that_stays_away_ends_its_registrations(void **state)
{
	struct world *w = up();

	(void)state;
	send_bu(w, 600);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_attach(w->ha, "eth1", w->home);
	ladder_addr(w->ha, "eth1", HA "/128");
	ladder_vanish(w->ha, "eth0");
	ladder_run(w->L, 9 * S);
	assert_true(box_has(w->ha, "encap"));
	ladder_run(w->L, 2 * S);
	assert_false(box_has(w->ha, "encap"));
	down(w);
}

/* What the configuration no longer names ends at once. */
static void a_home_link_that_is_no_longer_named_ends_its_registrations(void **state)
{
	struct world *w = up();

	(void)state;
	send_bu(w, 600);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_reconfigure(w->ha, "NodeConfig HA; UseMnHaIPsec disabled; Interface \"eth7\";");
	ladder_run(w->L, S);
	assert_false(box_has(w->ha, "encap"));
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	down(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_a_node),
		cmocka_unit_test(a_move_replaces),
		cmocka_unit_test(the_former_care_of_address_lingers),
		cmocka_unit_test(deregisters),
		cmocka_unit_test(a_refusal_at_home_stays_at_home),
		cmocka_unit_test(nothing_to_deregister),
		cmocka_unit_test(expires),
		cmocka_unit_test(lifetime_is_capped),
		cmocka_unit_test(an_address_in_use_is_refused),
		cmocka_unit_test(a_link_local_address_in_use_is_refused),
		cmocka_unit_test(a_link_local_address_is_defended),
		cmocka_unit_test(answers_without_the_a_bit),
		cmocka_unit_test(an_old_update_changes_nothing),
		cmocka_unit_test(too_many_bindings_are_refused),
		cmocka_unit_test(refreshing_is_advised),
		cmocka_unit_test(the_advertisement_overrides),
		cmocka_unit_test(another_subnet_is_refused),
		cmocka_unit_test(a_virtual_home_link_needs_no_dad),
		cmocka_unit_test(the_kernels_refusal_is_told),
		cmocka_unit_test(the_newest_of_several_wins),
		cmocka_unit_test(lost_objects_come_back),
		cmocka_unit_test(what_was_not_lost_stays),
		cmocka_unit_test(a_home_link_may_come_back),
		cmocka_unit_test(home_addresses_may_come_back),
		cmocka_unit_test(a_home_link_that_stays_away_ends_its_registrations),
		cmocka_unit_test(a_home_link_that_is_no_longer_named_ends_its_registrations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
