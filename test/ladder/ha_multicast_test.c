// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who listens to what, as the home agent learns it (RFC 6275 10.4.2, 10.4.3; MLD: RFC 3810,
 * RFC 2710).
 */
#include "test/ladder/mc_world.h"

/* 10.4.3: queries go periodically through the tunnel; the first as soon as there is a binding,
 * for before that a node may not report (11.3.4). */
static void a_node_is_asked(void **state)
{
	struct mc_world *w = mc_up();

	(void)state;
	ladder_refuse(w->L, "ha -> * MLD-QUERY", 5 * S);
	mc_send_bu(w, 0, mc_coas[0], 4000);
	ladder_expect(w->L, "ha -> mn BA status=0", 3 * S);
	ladder_expect(w->L, "ha -> mn MLD-QUERY group=:: src=fe80::2 dst=ff02::1", 100 * MS);
	/* RFC 3810 9.6, 9.7: a second one soon; 9.2: and every 125 s. */
	ladder_expect(w->L, "ha -> mn MLD-QUERY group=::", 32 * S);
	ladder_refuse(w->L, "ha -> * MLD-QUERY", 124 * S);
	ladder_expect(w->L, "ha -> mn MLD-QUERY group=::", 2 * S);
	ladder_expect(w->L, "ha -> mn MLD-QUERY group=::", 126 * S);
	assert_int_equal(mc_counter(w, COUNT_OUT_MLD_QUERY), 4);
	mc_send_bu(w, 0, mc_coas[0], 0);
	ladder_run(w->L, 3 * S);
	ladder_refuse(w->L, "ha -> * MLD-QUERY", 300 * S);
	mc_down(w);
}

/* It may have started anew, and then waits for a query (11.3.4). */
static void a_node_is_asked_when_it_registers_again(void **state)
{
	struct mc_world *w = mc_up();

	(void)state;
	mc_register(w, 0);
	ladder_run(w->L, 60 * S);
	ladder_mark(w->L);
	mc_send_bu(w, 0, mc_coas[0], 4000);
	ladder_expect(w->L, "ha -> mn MLD-QUERY group=::", S);
	mc_down(w);
}

/* 10.4.3: reports out of the tunnel are received; 10.4.2: what is sent to the group is
 * tunnelled, to the care-of address. */
static void a_group_of_global_scope_is_tunnelled(void **state)
{
	struct mc_world *w = mc_up();

	(void)state;
	mc_register(w, 0);
	assert_int_equal(mc_hears(w, 0, GROUP), 0);
	mc_join(w, 0, GROUP);
	assert_true(mc_listens(w, GROUP));
	assert_int_equal(mc_counter(w, COUNT_IN_MLD_REPORT), 1);
	assert_int_equal(mc_hears(w, 0, GROUP), 1);
	assert_int_equal(mc_hears(w, 0, GROUP), 1);
	assert_int_equal(mc_hears(w, 0, "ff0e::102"), 0);
	assert_int_equal(mc_counter(w, COUNT_MCAST_TO_NODE), 2);
	mc_down(w);
}

/* 10.4.2: MUST NOT be tunnelled with the link's scope; SHOULD NOT with one smaller than
 * global. Nor are they joined, or is anybody told. */
static void smaller_scopes_are_not_tunnelled(void **state)
{
	static const char *const small[] = { "ff01::1:3", "ff02::1:3", "ff03::1:3", "ff04::1:3",
					     "ff05::1:3", "ff08::1:3", "ff1d::1:3" };
	struct mc_world *w = mc_up();

	(void)state;
	mc_register(w, 0);
	for (size_t i = 0; i < sizeof(small) / sizeof(small[0]); i++) {
		mc_join(w, 0, small[i]);
		assert_false(mc_listens(w, small[i]));
		assert_int_equal(mc_hears(w, 0, small[i]), 0);
	}
	mc_join(w, 0, "ff1e::1:3");
	assert_int_equal(mc_hears(w, 0, "ff1e::1:3"), 1);
	mc_join(w, 0, "ff0f::1:3"); /* RFC 4291 2.7: as global */
	assert_int_equal(mc_hears(w, 0, "ff0f::1:3"), 1);
	assert_int_equal(mc_counter(w, COUNT_MCAST_SCOPE), 5);
	mc_down(w);
}

/* RFC 3810 7.4.2, on a link with one host: who leaves is gone. */
static void leaving_is_at_once(void **state)
{
	struct mc_world *w = mc_up();

	(void)state;
	mc_register(w, 0);
	mc_register(w, 1);
	mc_join(w, 0, GROUP);
	mc_join(w, 1, GROUP);
	mc_leave(w, 0, GROUP);
	assert_true(mc_listens(w, GROUP)); /* the other one's */
	assert_int_equal(mc_hears(w, 0, GROUP), 0);
	assert_int_equal(mc_hears(w, 1, GROUP), 1);
	mc_leave(w, 1, GROUP);
	assert_false(mc_listens(w, GROUP));
	mc_down(w);
}

static void send_v1(struct mc_world *w, enum mld_msg_type type, const char *group)
{
	const struct in6_addr a = ip6(group);
	uint8_t message[24] = { (uint8_t)type };

	memcpy(message + 8, &a, sizeof(a));
	mc_send_mld(w, 0, mc_locals[0], type == MLD_DONE ? "ff02::2" : group, message,
		    sizeof(message));
}

/* A report of version 2 with one record, and perhaps a source. */
static void send_record(struct mc_world *w, enum mld_record_type type, const char *group,
			uint8_t sources)
{
	const struct in6_addr a = ip6(group);
	uint8_t message[8 + 20 + 16] = { MLD_REPORT_V2, [7] = 1, [8] = (uint8_t)type,
					 [11] = sources };

	memcpy(message + 12, &a, sizeof(a));
	mc_send_mld(w, 0, mc_locals[0], "ff02::16", message, 28u + sources * 16u);
}

/* RFC 2710: nodes that know only version 1. */
static void version_1(void **state)
{
	struct mc_world *w = mc_up();

	(void)state;
	mc_register(w, 0);
	send_v1(w, MLD_REPORT_V1, GROUP);
	assert_true(mc_listens(w, GROUP));
	send_v1(w, MLD_REPORT_V1, "ff02::101");
	assert_false(mc_listens(w, "ff02::101"));
	send_v1(w, MLD_DONE, "ff0e::102");
	assert_true(mc_listens(w, GROUP));
	send_v1(w, MLD_DONE, GROUP);
	assert_false(mc_listens(w, GROUP));
	mc_down(w);
}

/* RFC 3810 5.2.12: each kind of record; unknown ones MUST be ignored. */
static void records(void **state)
{
	struct mc_world *w = mc_up();

	(void)state;
	mc_register(w, 0);
	send_record(w, MLD_IS_INCLUDE, GROUP, 0);
	assert_false(mc_listens(w, GROUP));
	send_record(w, MLD_IS_INCLUDE, GROUP, 1);
	assert_true(mc_listens(w, GROUP));
	send_record(w, MLD_TO_INCLUDE, GROUP, 1);
	assert_true(mc_listens(w, GROUP));
	send_record(w, MLD_TO_INCLUDE, GROUP, 0);
	assert_false(mc_listens(w, GROUP));
	send_record(w, MLD_ALLOW, GROUP, 1);
	assert_true(mc_listens(w, GROUP));
	send_record(w, MLD_TO_INCLUDE, GROUP, 0);
	send_record(w, MLD_TO_EXCLUDE, GROUP, 1);
	assert_true(mc_listens(w, GROUP));
	send_record(w, (enum mld_record_type)7, GROUP, 0);
	assert_true(mc_listens(w, GROUP));
	mc_down(w);
}

/* RFC 3810 7.6.3: who wants fewer sources is asked whether the group is still wanted. */
static void fewer_sources(void **state)
{
	struct mc_world *w = mc_up();

	(void)state;
	mc_register(w, 0);
	mc_join(w, 0, GROUP);
	send_record(w, MLD_BLOCK, GROUP, 1);
	ladder_expect(w->L, "ha -> mn MLD-QUERY group=" GROUP " dst=" GROUP, 100 * MS);
	ladder_expect(w->L, "mn -> ha MLD-REPORT record=2," GROUP, S);
	ladder_run(w->L, 10 * S);
	assert_true(mc_listens(w, GROUP));
	/* A group that nobody of the node listens to any more. */
	send_record(w, MLD_ALLOW, "ff0e::102", 1);
	assert_true(mc_listens(w, "ff0e::102"));
	send_record(w, MLD_BLOCK, "ff0e::102", 1);
	ladder_run(w->L, 3 * S);
	assert_false(mc_listens(w, "ff0e::102"));
	mc_down(w);
}

/* RFC 3810 9.4: what is not confirmed ends; 10.4.3: despite losses. */
static void a_silent_listener_is_forgotten(void **state)
{
	struct mc_world *w = mc_up();
	struct kobj t0 = mc_tunnel(mc_coas[0]);

	(void)state;
	mc_register(w, 0);
	mc_join(w, 0, GROUP);
	ladder_run(w->L, 600 * S); /* confirmed by answers */
	assert_true(mc_listens(w, GROUP));
	object_remove(object_find(w->mn[0], &t0));
	ladder_run(w->L, 120 * S);
	assert_true(mc_listens(w, GROUP));
	ladder_run(w->L, 140 * S);
	assert_false(mc_listens(w, GROUP));
	mc_down(w);
}

/* A report that is lost is made good by the next query. */
static void a_lost_report_is_made_good(void **state)
{
	const struct quality nothing = { .latency_us = 100, .loss_ppm = 1000000 };
	const struct quality fine = { .latency_us = 100 };
	struct mc_world *w = mc_up();

	(void)state;
	mc_register(w, 0);
	ladder_run(w->L, 60 * S);
	ladder_core_quality(w->L, &nothing);
	mc_join(w, 0, GROUP);
	assert_false(mc_listens(w, GROUP));
	ladder_core_quality(w->L, &fine);
	ladder_run(w->L, 126 * S);
	assert_true(mc_listens(w, GROUP));
	mc_down(w);
}

/* Groups go along with the binding, and end with it. */
static void groups_move_and_end_with_the_binding(void **state)
{
	struct mc_world *w = mc_up();

	(void)state;
	mc_register(w, 0);
	mc_join(w, 0, GROUP);
	mc_move(w, 0, mc_others[0]);
	assert_int_equal(mc_hears(w, 0, GROUP), 1);
	ladder_run(w->L, 300 * S);
	assert_int_equal(mc_hears(w, 0, GROUP), 1);
	mc_send_bu(w, 0, mc_others[0], 0);
	ladder_run(w->L, 3 * S);
	assert_false(mc_listens(w, GROUP));
	assert_int_equal(mc_hears(w, 0, GROUP), 0);
	mc_down(w);
}

/* 10.4.3, 10.4.5: the node is known by the tunnel. */
static void strangers_are_not_heard(void **state)
{
	struct mc_world *w = mc_up();

	(void)state;
	mc_register(w, 0);
	mc_join(w, 1, GROUP); /* has no binding */
	assert_false(mc_listens(w, GROUP));
	assert_int_equal(mc_counter(w, COUNT_MCAST_UNBOUND), 1);
	mc_move(w, 1, mc_others[1]); /* registered now */
	mc_send_mld(w, 1, mc_locals[1], "ff02::16", "\x8f\0\0\0\0\0\0", 8);
	assert_int_equal(mc_counter(w, COUNT_MCAST_UNBOUND), 2); /* from where it is not */
	mc_down(w);
}

/* Link-local sources need not be unique (10.4.3). */
static void the_same_link_local_address(void **state)
{
	const struct in6_addr a = ip6(GROUP);
	uint8_t message[28] = { MLD_REPORT_V2, [7] = 1, [8] = MLD_TO_EXCLUDE };
	struct mc_world *w = mc_up();

	(void)state;
	mc_register(w, 0);
	mc_register(w, 1);
	memcpy(message + 12, &a, sizeof(a));
	mc_send_mld(w, 1, mc_locals[0], "ff02::16", message, sizeof(message));
	ladder_join(w->mn[1], "t0", GROUP);
	assert_int_equal(mc_hears(w, 0, GROUP), 0);
	assert_int_equal(mc_hears(w, 1, GROUP), 1);
	mc_down(w);
}

/* Malformed, or not as MLD wants it (RFC 3810 7.4): counted, and nothing else. */
static void what_is_not_mld(void **state)
{
	const struct in6_addr from = ip6(mc_locals[0]), to = ip6("ff02::16"), coa = ip6(mc_coas[0]),
			      ha = ip6(HA), global = ip6(mc_hoas[0]);
	uint8_t whole[28] = { MLD_REPORT_V2, [7] = 1, [8] = MLD_TO_EXCLUDE, [12] = 0xff,
			      [13] = 0x0e, [27] = 1 };
	struct mc_world *w = mc_up();
	struct packet *p;
	uint64_t n = 0;

	(void)state;
	mc_register(w, 0);
	for (size_t len = 4; len < sizeof(whole); len++) {
		mc_send_mld(w, 0, mc_locals[0], "ff02::16", whole, len);
		assert_int_equal(mc_counter(w, COUNT_MCAST_FORM), ++n);
	}
	whole[6] = 0xff; /* very many records */
	mc_send_mld(w, 0, mc_locals[0], "ff02::16", whole, sizeof(whole));
	assert_int_equal(mc_counter(w, COUNT_MCAST_FORM), ++n);
	whole[6] = 0;
	whole[10] = 0xff; /* very many sources */
	mc_send_mld(w, 0, mc_locals[0], "ff02::16", whole, sizeof(whole));
	assert_int_equal(mc_counter(w, COUNT_MCAST_FORM), ++n);
	whole[10] = 0;
	mc_send_mld(w, 0, mc_hoas[0], "ff02::16", whole, sizeof(whole)); /* no link-local source */
	assert_int_equal(mc_counter(w, COUNT_MCAST_FORM), ++n);
	p = mld_packet(&from, &to, whole, sizeof(whole));
	p->hop_limit = 2;
	ladder_send_packet(w->mn[0], packet_wrap(p, &coa, &ha));
	p = mld_packet(&from, &to, whole, sizeof(whole));
	p->data[2] = 1; /* padding in place of the Router Alert */
	ladder_send_packet(w->mn[0], packet_wrap(p, &coa, &ha));
	p = mld_packet(&from, &to, whole, sizeof(whole));
	p->data[8 + 2] ^= 1; /* checksum */
	ladder_send_packet(w->mn[0], packet_wrap(p, &coa, &ha));
	p = mld_packet(&global, &to, whole, sizeof(whole));
	ladder_send_packet(w->mn[0], packet_wrap(p, &coa, &ha));
	ladder_run(w->L, 100 * MS);
	assert_int_equal(mc_counter(w, COUNT_MCAST_FORM), n + 4);
	assert_false(mc_listens(w, "ff0e::1"));
	mc_send_mld(w, 0, mc_locals[0], "ff02::16", whole, sizeof(whole));
	assert_true(mc_listens(w, "ff0e::1"));
	mc_down(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_is_asked),
		cmocka_unit_test(a_node_is_asked_when_it_registers_again),
		cmocka_unit_test(a_group_of_global_scope_is_tunnelled),
		cmocka_unit_test(smaller_scopes_are_not_tunnelled),
		cmocka_unit_test(leaving_is_at_once),
		cmocka_unit_test(version_1),
		cmocka_unit_test(records),
		cmocka_unit_test(fewer_sources),
		cmocka_unit_test(a_silent_listener_is_forgotten),
		cmocka_unit_test(a_lost_report_is_made_good),
		cmocka_unit_test(groups_move_and_end_with_the_binding),
		cmocka_unit_test(strangers_are_not_heard),
		cmocka_unit_test(the_same_link_local_address),
		cmocka_unit_test(what_is_not_mld),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
