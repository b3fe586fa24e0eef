// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Route optimization (RFC 6275 5.2, 9, 11.6, 11.7.2): mobile node, home agent and
 * correspondent, each the whole role, with pings between the mobile node and the
 * correspondent all the while.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "cn/cn.h"
#include "ha/ha.h"
#include "mn/mn.h"
#include "mn/ro.h"
#include "test/ladder/ladder.h"

#define HOA "2001:db8::99"
#define HA  "2001:db8::2"
#define CN  "2001:db8:2::5"

static const char ha_conf[] = "NodeConfig HA; UseMnHaIPsec disabled; Interface \"eth0\";"
			      "HaSendRouterAdvs disabled;";
#define MN_CONF(extra)                                                                     \
	"NodeConfig MN; UseMnHaIPsec disabled; CoaDad none; InterfaceInitialInitDelay 0.0;"    \
	"Interface \"eth0\"; MnHomeLink \"eth0\" { HomeAddress " HOA "/64;"                    \
	"HomeAgentAddress " HA "; }" extra

struct world {
	struct ladder *L;
	struct net_link *links[3]; /* home, a, b */
	struct box *ha;
	struct box *mn;
	struct box *cn;
	struct in6_addr hoa;
	struct in6_addr cn_addr;
	struct stream *pings;
};

static struct world *build(const char *mn_conf, const char *cn_conf)
{
	static const char *const names[] = { "home", "a", "b" };
	static const char *const addrs[] = { "2001:db8::1/64", "2001:db8:a::1/64",
					     "2001:db8:b::1/64" };
	static const char *const router_names[] = { "r0", "ra", "rb" };
	struct world *w = calloc(1, sizeof(*w));
	struct box *r0 = NULL, *r, *r2;
	struct net_link *far;

	assert_non_null(w);
	w->L = ladder_new();
	for (int i = 0; i < 3; i++) {
		w->links[i] = ladder_link(w->L, names[i]);
		r = ladder_router(w->L, router_names[i], w->links[i], addrs[i], 1000 * MS);
		r0 = r0 ? r0 : r;
	}
	far = ladder_link(w->L, "far");
	r2 = ladder_router(w->L, "r2", far, "2001:db8:2::1/64", 0);
	w->ha = ladder_node(w->L, "ha", ha_conf, &ha_role, &cn_role, NULL);
	ladder_attach(w->ha, "eth0", w->links[0]);
	ladder_addr(w->ha, "eth0", HA "/64");
	ladder_gateway(w->ha, r0);
	w->mn = ladder_node(w->L, "mn", mn_conf, &mn_role, &cn_role, NULL);
	ladder_attach(w->mn, "eth0", NULL);
	if (cn_conf) {
		w->cn = ladder_node(w->L, "cn", cn_conf, &cn_role, NULL);
		ladder_attach(w->cn, "eth0", far);
		ladder_addr(w->cn, "eth0", CN "/64");
		ladder_gateway(w->cn, r2);
		ladder_start(w->cn);
	} else {
		w->cn = ladder_host(w->L, "cn", far, CN "/64", r2);
	}
	w->hoa = ip6(HOA);
	w->cn_addr = ip6(CN);
	ladder_start(w->ha);
	ladder_start(w->mn);
	ladder_run(w->L, 2 * S);
	return w;
}

static void go(struct world *w, int link)
{
	ladder_move(w->mn, "eth0", w->links[link], LADDER_CARRIER);
}

/* Away on link a, with traffic. */
static struct world *away(const char *mn_conf, const char *cn_conf)
{
	struct world *w = build(mn_conf, cn_conf);

	go(w, 1);
	ladder_run(w->L, 4 * S);
	w->pings = ladder_stream(w->mn, &w->hoa, &w->cn_addr, 20 * MS);
	return w;
}

static void down(struct world *w)
{
	struct box *nodes[] = { w->mn, w->ha, w->cn };

	ladder_stream_end(w->pings);
	ladder_run(w->L, S);
	assert_int_equal(box_misuses(w->mn), 0);
	for (int i = 0; i < 3; i++) {
		if (!box_mip6(nodes[i]))
			continue;
		ladder_stop(nodes[i], ROLE_SHUTDOWN);
		ladder_run(w->L, 3 * S);
		for (int t = 0; t < KOBJ_TYPE_COUNT; t++)
			assert_int_equal(box_count(nodes[i], (enum kobj_type)t), 0);
	}
	ladder_free(w->L);
	free(w);
}

static const struct ro_peer *peer_of(const struct world *w)
{
	return TAILQ_FIRST(&mn_of(box_mip6(w->mn))->ro->peers);
}

static size_t bindings(const struct world *w)
{
	const struct bcache *c = &box_mip6(w->cn)->bcache;

	return c->count[BINDING_CACHED] - c->memory_count;
}

/* 5.2, 11.6.1, 11.6.2, 11.7.2: traffic in the tunnel leads to both tests in parallel, a
 * Binding Update, and the direct path, without a packet lost. */
static void traffic_is_optimized(void **state)
{
	struct world *w = away(MN_CONF(""), "NodeConfig CN;");
	struct stream_result r;

	(void)state;
	ladder_expect(w->L, "mn -> cn BU hao=" HOA, 3 * S);
	assert_int_equal(ladder_count(w->L, "mn -> cn HoTI"), 1);
	assert_int_equal(ladder_count(w->L, "cn -> mn CoT"), 1);
	ladder_run(w->L, S);
	assert_int_equal(peer_of(w)->state, RO_BOUND);
	assert_int_equal(bindings(w), 1);
	r = ladder_stream_result(w->pings);
	assert_true(r.last_optimized);
	ladder_stream_end(w->pings);
	ladder_run(w->L, S);
	r = ladder_stream_result(w->pings);
	assert_true(r.answered == r.sent);
	down(w);
}

/* UseCnBuAck: the direct path begins with the acknowledgement. */
static void an_acknowledgement_is_asked_for(void **state)
{
	struct world *w = away(MN_CONF("UseCnBuAck enabled;"), "NodeConfig CN;");

	(void)state;
	ladder_expect(w->L, "mn -> cn BU flags=A", 3 * S);
	ladder_expect(w->L, "cn -> mn BA status=0", S);
	ladder_run(w->L, S);
	assert_true(ladder_stream_result(w->pings).last_optimized);
	down(w);
}

/* 11.7.2: at a move the correspondent is told at once; the home token still serves. */
static void a_move_is_told_at_once(void **state)
{
	struct world *w = away(MN_CONF(""), "NodeConfig CN;");

	(void)state;
	ladder_expect(w->L, "mn -> cn BU hao=" HOA, 3 * S);
	ladder_run(w->L, S);
	ladder_mark(w->L);
	go(w, 2);
	ladder_expect(w->L, "mn -> cn CoTI", S);
	ladder_expect(w->L, "mn -> cn BU hao=" HOA, S);
	ladder_run(w->L, S);
	assert_true(ladder_stream_result(w->pings).last_optimized);
	assert_int_equal(ladder_count(w->L, "mn -> cn HoTI"), 1);
	assert_int_equal(bindings(w), 1);
	down(w);
}

/* 11.5.5: at home the binding is deleted, and the old care-of address is never named
 * again. */
static void coming_home_deletes(void **state)
{
	struct world *w = away(MN_CONF(""), "NodeConfig CN;");

	(void)state;
	ladder_expect(w->L, "mn -> cn BU hao=" HOA, 3 * S);
	ladder_run(w->L, S);
	go(w, 0);
	ladder_expect(w->L, "mn -> cn BU life=0 src=" HOA, 10 * S);
	ladder_run(w->L, S);
	assert_int_equal(bindings(w), 0);
	assert_null(peer_of(w));
	assert_false(ladder_stream_result(w->pings).last_optimized);
	ladder_refuse(w->L, "mn -> cn BU", 10 * S);
	down(w);
}

/* 5.2.7, 11.7.2: renewed while there is traffic (here for longer than the 420 s that a
 * binding can last), and none when there is not. */
static void renewed_while_there_is_traffic(void **state)
{
	struct world *w = away(MN_CONF(""), "NodeConfig CN;");
	size_t updates;

	(void)state;
	ladder_run(w->L, 1000 * S);
	assert_true(ladder_stream_result(w->pings).last_optimized);
	assert_int_equal(bindings(w), 1);
	updates = ladder_count(w->L, "mn -> cn BU");
	assert_in_range(updates, 4, 8);
	ladder_stream_end(w->pings);
	ladder_run(w->L, 600 * S);
	assert_in_range(ladder_count(w->L, "mn -> cn BU"), updates, updates + 1);
	assert_int_equal(bindings(w), 0);
	assert_null(peer_of(w));
	down(w);
}

/* 11.3.5: a peer without Mobile IPv6 answers with Parameter Problems; it is left
 * alone for a while, and the tunnel goes on. */
static void a_plain_peer_is_left_alone(void **state)
{
	struct world *w = away(MN_CONF(""), NULL);
	struct stream_result r;

	(void)state;
	ladder_expect(w->L, "mn -> cn CoTI", 3 * S);
	ladder_run(w->L, S);
	assert_int_equal(peer_of(w)->state, RO_QUIET);
	ladder_mark(w->L);
	ladder_refuse(w->L, "mn -> cn CoTI", 50 * S);
	ladder_expect(w->L, "mn -> cn CoTI", 30 * S);
	r = ladder_stream_result(w->pings);
	assert_true(r.answered > 0 && !r.last_optimized);
	down(w);
}

/* 9.3.1, 11.3.6: a correspondent that has forgotten the binding (restarted) says so, and
 * is bound anew, with a greater sequence number. */
static void a_forgotten_binding_is_made_anew(void **state)
{
	struct world *w = away(MN_CONF(""), "NodeConfig CN;");
	uint16_t seq;

	(void)state;
	ladder_expect(w->L, "mn -> cn BU hao=" HOA, 3 * S);
	ladder_run(w->L, S);
	seq = peer_of(w)->bul->seq;
	ladder_stop(w->cn, ROLE_SHUTDOWN);
	ladder_start(w->cn);
	ladder_expect(w->L, "cn -> mn BE status=1", 5 * S);
	ladder_expect(w->L, "mn -> cn BU hao=" HOA, 5 * S);
	ladder_run(w->L, S);
	assert_true(seq_newer(peer_of(w)->bul->seq, seq));
	assert_true(ladder_stream_result(w->pings).last_optimized);
	down(w);
}

/* DoRouteOptimizationMN, MnRoPolicy. */
static void policy_is_kept(void **state)
{
	struct world *w = away(MN_CONF("DoRouteOptimizationMN disabled;"), "NodeConfig CN;");

	(void)state;
	ladder_refuse(w->L, "mn -> cn HoTI", 10 * S);
	assert_false(ladder_stream_result(w->pings).last_optimized);
	down(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(traffic_is_optimized),
		cmocka_unit_test(an_acknowledgement_is_asked_for),
		cmocka_unit_test(a_move_is_told_at_once),
		cmocka_unit_test(coming_home_deletes),
		cmocka_unit_test(renewed_while_there_is_traffic),
		cmocka_unit_test(a_plain_peer_is_left_alone),
		cmocka_unit_test(a_forgotten_binding_is_made_anew),
		cmocka_unit_test(policy_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
