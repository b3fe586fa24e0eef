// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reloads at moments that were not chosen for them: while a node registers, moves, comes
 * home; many in a row; and such as are about something else. What is not touched by the
 * difference must not notice (RFC 6275 10.3, 11.7).
 */
#include "test/ladder/full_world.h"

#include <stdlib.h>
#include <string.h>

#define HA_MORE(more) FULL_HA_CONF more
#define MN_MORE(more) FULL_MN_CONF more

static struct full *away(void)
{
	struct full *w = full_new();

	full_start_away(w);
	return w;
}

/* Nothing is sent, nothing changes in the kernels, no packet is lost. */
static void what_is_not_touched_does_not_notice(void **state)
{
	struct full *w = away();
	struct stream *s = ladder_stream(w->mn, &w->hoa, &w->cn_addr, 10 * MS);
	const struct binding *b = full_binding(w);
	uint64_t expires_us = b->expires_us;
	struct stream_result r;

	(void)state;
	ladder_run(w->L, S);
	for (int i = 0; i < 50; i++) {
		ladder_reconfigure(w->ha, i % 2 ? FULL_HA_CONF :
						  HA_MORE("DebugLevel 1; HaMaxBindings 77;"
							  "BindingAclPolicy 2001:db8::66 deny;"
							  "HaVirtualHomeLink 2001:db8:77::/64;"));
		ladder_reconfigure(w->mn, i % 2 ? FULL_MN_CONF :
						  MN_MORE("DebugLevel 1; MnRouterProbes 3;"
							  "Interface \"eth7\";"));
		ladder_run(w->L, 20 * MS);
	}
	ladder_stream_end(s);
	ladder_run(w->L, S);
	r = ladder_stream_result(s);
	assert_int_equal(r.answered, r.sent);
	assert_int_equal(ladder_count(w->L, "mn -> ha BU"), 1);
	assert_int_equal(ladder_count(w->L, "ha -> *home NS target=" HOA), 1);
	assert_ptr_equal(full_binding(w), b);
	assert_int_equal(b->expires_us, expires_us);
	assert_int_equal(box_misuses(w->ha) + box_misuses(w->mn), 0);
	full_end(w);
}

/* 10.3.1: duplicate address detection is under way. What is forbidden meanwhile is not
 * installed; else the answer comes as it would have. */
static void while_a_node_registers(void **state)
{
	(void)state;
	for (int forbid = 0; forbid < 2; forbid++) {
		struct full *w = full_new();

		full_go(w, 1);
		ladder_start(w->mn);
		ladder_expect(w->L, "mn -> ha BU", 5 * S);
		ladder_run(w->L, 300 * MS);
		ladder_reconfigure(w->ha, forbid ? HA_MORE("BindingAclPolicy " HOA " deny;") :
						   HA_MORE("HaPreference 7;"));
		ladder_run(w->L, 10 * S);
		assert_int_equal(full_binding(w) != NULL, !forbid);
		assert_int_equal(full_addr(w)->state, forbid ? HOME_REFUSED : HOME_REGISTERED);
		assert_int_equal(box_has(w->ha, "encap"), !forbid);
		full_end(w);
	}
}

/* At every millisecond of a handover, of a node that comes home, of one that leaves. */
static void while_a_node_moves(void **state)
{
	static const int places[] = { 2, 0, 1 };
	const struct quality slow = { .latency_us = 3 * MS };

	(void)state;
	for (unsigned int at = 0; at < 40; at++) {
		struct full *w = away();

		full_quality(w, &slow);
		for (int i = 0; i < 3; i++) {
			full_go(w, places[i]);
			ladder_run(w->L, at * MS);
			ladder_reconfigure(w->mn, at % 2 ? FULL_MN_CONF :
							   MN_MORE("DebugLevel 2;"));
			ladder_reconfigure(w->ha, at % 2 ? FULL_HA_CONF :
							   HA_MORE("HaLifetime 77;"));
			ladder_run(w->L, 8 * S);
			assert_true(places[i] ? full_agree_away(w) : full_agree_home(w));
			assert_true(full_reaches(w));
		}
		full_end(w);
	}
}

/* Before the first has had any effect. */
static void many_at_once(void **state)
{
	static const char *const confs[] = {
		FULL_HA_CONF,
		"NodeConfig HA; UseMnHaIPsec disabled;",
		HA_MORE("BindingAclPolicy " HOA " deny;"),
		"NodeConfig HA; UseMnHaIPsec disabled; HaVirtualHomeLink 2001:db8::/64;",
	};
	struct full *w = away();

	(void)state;
	/* back where it was: nothing has happened, for nothing is done in such a hurry */
	for (int i = 0; i < 101; i++)
		ladder_reconfigure(w->ha, confs[i % 4]);
	ladder_reconfigure(w->ha, FULL_HA_CONF);
	ladder_run(w->L, 5 * S);
	assert_true(full_agree_away(w));
	assert_true(full_reaches(w));
	full_end(w);
}

/* 10.4.1: the prefix of a link becomes a virtual one, and a link's again: the binding stays,
 * and is defended where there is somebody. */
static void a_home_link_becomes_virtual(void **state)
{
	struct full *w = away();

	(void)state;
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 1);
	ladder_reconfigure(w->ha, "NodeConfig HA; UseMnHaIPsec disabled; HaMaxBindingLife 120;"
				  "HaVirtualHomeLink 2001:db8::/64;");
	ladder_run(w->L, S);
	assert_true(full_agree_away(w));
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 0);
	ladder_mark(w->L);
	ladder_reconfigure(w->ha, FULL_HA_CONF);
	ladder_expect(w->L, "ha -> *home NA target=" HOA, S);
	ladder_run(w->L, S);
	assert_true(full_agree_away(w));
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH), 1);
	assert_true(full_reaches(w));
	full_end(w);
}

/* The kernel refuses what the new configuration wants: the rest goes on, and the next reload
 * brings it. */
static void a_kernel_that_refuses(void **state)
{
	struct full *w = away();

	(void)state;
	box_fail(w->ha, "put route unreachable", -12, 0, 1);
	ladder_reconfigure(w->ha, HA_MORE("HaVirtualHomeLink 2001:db8:77::/64;"));
	ladder_run(w->L, S);
	assert_false(box_has(w->ha, "unreachable 2001:db8:77::/64"));
	assert_true(full_reaches(w));
	ladder_reconfigure(w->ha, HA_MORE("HaVirtualHomeLink 2001:db8:77::/64; DebugLevel 1;"));
	ladder_run(w->L, S);
	assert_true(box_has(w->ha, "unreachable 2001:db8:77::/64"));
	full_end(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_touched_does_not_notice),
		cmocka_unit_test(while_a_node_registers),
		cmocka_unit_test(while_a_node_moves),
		cmocka_unit_test(many_at_once),
		cmocka_unit_test(a_home_link_becomes_virtual),
		cmocka_unit_test(a_kernel_that_refuses),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
