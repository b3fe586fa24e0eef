// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The correspondent (RFC 6275 section 9) with a mobile node that is a script: one box
 * stands at home and speaks for its home address, one is where the node is.
 */
#include "test/ladder/cn_world.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* 5.2, 9.4, 9.5.1, 9.5.2, 9.5.4 */
static void binds(void **state)
{
	struct cn_world *w = cn_world();

	(void)state;
	cn_test_both(w);
	assert_int_equal(cn_bindings(w), 0);
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=0 seq=11 life=400 rh2=" HOA, S);
	ladder_run(w->L, MS);
	assert_true(w->last_ba_sealed);
	assert_int_equal(cn_bindings(w), 1);
	assert_true(box_has(w->cn, COA));
	cn_world_down(w);
}

/* 9.5.4: accepted without the A bit, nothing is said. */
static void no_answer_unless_asked(void **state)
{
	struct cn_world *w = cn_world();

	(void)state;
	cn_test_both(w);
	w->bu.bu.flags = 0;
	cn_send_bu(w);
	ladder_refuse(w->L, "cn -> mn BA", S);
	assert_int_equal(cn_bindings(w), 1);
	cn_world_down(w);
}

/* 9.5.1: an authenticator that is wrong is silently discarded; so is a message with a
 * home address that was not tested. */
static void forgeries_are_discarded(void **state)
{
	struct cn_world *w = cn_world();
	uint8_t good[RR_KBM_LEN];

	(void)state;
	cn_test_both(w);
	memcpy(good, w->kbm, sizeof(good));
	w->kbm[3] ^= 1;
	cn_send_bu(w);
	memcpy(w->kbm, good, sizeof(good));
	w->path.local_home = ip6("2001:db8:1::101");
	cn_send_bu(w);
	w->path.local_home = ip6(HOA);
	w->bu.opts.present = 0;
	cn_send_bu(w);
	ladder_refuse(w->L, "cn -> mn BA", S);
	assert_int_equal(cn_bindings(w), 0);
	cn_world_down(w);
}

/* 5.2.7, 9.5.1: a nonce expires MAX_NONCE_LIFETIME after its first use: 138 for both,
 * 136, 137 for one; without an authenticator (9.5.4). */
static void expired_nonces_are_told(void **state)
{
	struct cn_world *w = cn_world();
	struct mh_test old_hot, old_cot;

	(void)state;
	cn_test_both(w);
	old_hot = w->hot;
	old_cot = w->cot;
	ladder_run(w->L, 239 * S);
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=0", S);
	ladder_run(w->L, 2 * S);
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=138 life=0", S);
	ladder_run(w->L, MS);
	assert_false(w->last_ba_sealed);
	cn_test_both(w);
	w->bu.opts.home_nonce = old_hot.nonce_index;
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=136", S);
	w->bu.opts.home_nonce = w->hot.nonce_index;
	w->bu.opts.careof_nonce = old_cot.nonce_index;
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=137", S);
	cn_world_down(w);
}

/* 9.5.1: status 135 with the last accepted sequence number, also after the binding was
 * deleted (5.2.8: replay). */
static void old_sequence_numbers_are_refused(void **state)
{
	struct cn_world *w = cn_world();

	(void)state;
	cn_test_both(w);
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=0 seq=11", S);
	w->bu.bu.seq -= 1;
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=135 seq=11", S);
	cn_send_delete(w);
	ladder_expect(w->L, "cn -> mn BA status=0 seq=12 life=0", S);
	assert_int_equal(cn_bindings(w), 0);
	rr_kbm(w->hot.token, w->cot.token, w->kbm);
	w->bu.bu.lifetime_s = 400;
	w->bu.bu.seq -= 1;
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=135 seq=12", S);
	assert_int_equal(cn_bindings(w), 0);
	cn_world_down(w);
}

/* 9.5.2, 12: at most MAX_RR_BINDING_LIFETIME; then it is gone. */
static void the_lifetime_is_capped_and_ends(void **state)
{
	struct cn_world *w = cn_world();

	(void)state;
	cn_test_both(w);
	w->bu.bu.lifetime_s = 4000;
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=0 life=420", S);
	ladder_run(w->L, 418 * S);
	assert_int_equal(cn_bindings(w), 1);
	ladder_run(w->L, 3 * S);
	assert_int_equal(cn_bindings(w), 0);
	assert_false(box_has(w->cn, COA));
	ladder_run(w->L, 300 * S);
	assert_int_equal(box_mip6(w->cn)->bcache.count[BINDING_CACHED], 0);
	cn_world_down(w);
}

/* 9.6: the binding that was not updated for the longest time gives way, however many
 * come; nor are sequence numbers remembered without bound. */
static void a_full_cache_replaces(void **state)
{
	struct cn_world *w = cn_world_with("NodeConfig CN; CnMaxBindings 2;");
	const struct bcache *c = &box_mip6(w->cn)->bcache;
	char hoa[64];

	(void)state;
	cn_test_both(w);
	for (int i = 0; i < 20; i++) {
		snprintf(hoa, sizeof(hoa), "2001:db8:1::2%02d", i);
		cn_test_both(w);
		cn_use_home(w, hoa);
		cn_send_bu(w);
		ladder_expect(w->L, "cn -> mn BA status=0", S);
		ladder_run(w->L, 10 * MS);
		assert_int_equal(cn_bindings(w), i ? 2 : 1);
		assert_true(c->count[BINDING_CACHED] <= 5);
		assert_true(box_has(w->cn, hoa));
	}
	assert_true(box_has(w->cn, "2001:db8:1::218"));
	assert_false(box_has(w->cn, "2001:db8:1::217"));
	cn_world_down(w);
}

/* 5.2.8: where a sequence number had to be forgotten, the nonces are given up, so that
 * an old update is no good. */
static void a_forgotten_binding_cannot_be_replayed(void **state)
{
	struct cn_world *w = cn_world_with("NodeConfig CN; CnMaxBindings 1;");
	struct mip6_path path;
	struct mh_msg bu;
	uint8_t kbm[RR_KBM_LEN];

	(void)state;
	cn_test_both(w);
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=0", S);
	bu = w->bu;
	path = w->path;
	memcpy(kbm, w->kbm, sizeof(kbm));
	for (int i = 0; i < 2; i++) {
		ladder_run(w->L, 31 * S); /* other nonces */
		cn_test_both(w);
		cn_use_home(w, i ? "2001:db8:1::201" : "2001:db8:1::202");
		cn_send_bu(w);
		ladder_expect(w->L, "cn -> mn BA status=0", S);
	}
	bu.bu.seq--;
	w->path = path;
	w->bu = bu;
	memcpy(w->kbm, kbm, sizeof(kbm));
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=138", S);
	assert_int_equal(cn_bindings(w), 1);
	cn_world_down(w);
}

/* CnBindingPolicySet and DoRouteOptimizationCN: no test is answered, and no binding
 * made: status 129. */
static void policy_is_kept(void **state)
{
	struct cn_world *w = cn_world();

	(void)state;
	cn_test_both(w);
	ladder_reconfigure(w->cn, "NodeConfig CN; DoRouteOptimizationCN disabled;");
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=129", S);
	{
		const struct mip6_path from_home = { .local = ip6(HOA), .peer = ip6(CN) };
		struct mh_msg hoti = { .type = MH_HOTI };

		ladder_send_mh(w->at_home, &from_home, &hoti);
		ladder_refuse(w->L, "cn -> hoa HoT", S);
	}
	cn_world_down(w);
}

/* 10.3.1 for who is no home agent: status 131. */
static void home_registrations_are_not_for_us(void **state)
{
	struct cn_world *w = cn_world();

	(void)state;
	cn_test_both(w);
	w->bu.bu.flags = MH_BU_A | MH_BU_H;
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=131", S);
	cn_world_down(w);
}

/* No false acknowledgement. */
static void the_kernels_refusal_is_told(void **state)
{
	struct cn_world *w = cn_world();

	(void)state;
	cn_test_both(w);
	box_fail(w->cn, "put", -ENOMEM, 1, 1);
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=130", S);
	assert_int_equal(cn_bindings(w), 0);
	assert_false(box_has(w->cn, COA));
	cn_world_down(w);
}

/* 5.2: floods of test messages leave nothing behind. */
static void tests_leave_no_state(void **state)
{
	struct cn_world *w = cn_world();
	const struct mip6_path from_coa = { .local = ip6(COA), .peer = ip6(CN) };
	struct mh_msg coti = { .type = MH_COTI };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		ladder_send_mh(w->mn, &from_coa, &coti);
		ladder_run(w->L, MS);
	}
	ladder_run(w->L, S);
	assert_int_equal(w->heard, 1000);
	assert_int_equal(box_mip6(w->cn)->bcache.count[BINDING_CACHED], 0);
	cn_world_down(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(binds),
		cmocka_unit_test(no_answer_unless_asked),
		cmocka_unit_test(forgeries_are_discarded),
		cmocka_unit_test(expired_nonces_are_told),
		cmocka_unit_test(old_sequence_numbers_are_refused),
		cmocka_unit_test(the_lifetime_is_capped_and_ends),
		cmocka_unit_test(a_full_cache_replaces),
		cmocka_unit_test(a_forgotten_binding_cannot_be_replayed),
		cmocka_unit_test(policy_is_kept),
		cmocka_unit_test(home_registrations_are_not_for_us),
		cmocka_unit_test(the_kernels_refusal_is_told),
		cmocka_unit_test(tests_leave_no_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
