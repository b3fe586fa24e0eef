// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The correspondent (RFC 6275 section 9) with a mobile node that is a script: one box
 * stands at home and speaks for its home address, one is where the node is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cn/cn.h"
#include "test/ladder/ladder.h"

#define HOA "2001:db8:1::100"
#define COA "2001:db8:a::9"
#define CN  "2001:db8:f::2"

struct world {
	struct ladder *L;
	struct box *at_home;
	struct box *mn;
	struct box *cn;
	struct mh_test hot;
	struct mh_test cot;
	uint8_t kbm[RR_KBM_LEN];
	struct mip6_path path;
	struct mh_msg bu;
	uint8_t last_ba_status;
	bool last_ba_sealed;
	unsigned int heard;
};

static void hear(struct box *b, const struct mip6_packet *p, void *ctx)
{
	struct world *w = ctx;
	struct wire_error err;
	struct mh_msg msg;

	(void)b;
	if (p->proto != KPROTO_MH || mh_decode(p->data, p->len, &msg, &err) != WIRE_OK)
		return;
	w->heard++;
	if (msg.type == MH_HOT)
		w->hot = msg.hot;
	if (msg.type == MH_COT)
		w->cot = msg.cot;
	if (msg.type == MH_BA) {
		w->last_ba_status = msg.ba.status;
		w->last_ba_sealed = mh_has(&msg.opts, MH_HAS_AUTH_DATA);
	}
}

static struct world *up_with(const char *conf)
{
	struct world *w = test_calloc(1, sizeof(*w));
	struct net_link *home, *away, *far;
	struct box *r0, *r1, *r2;

	w->L = ladder_new();
	home = ladder_link(w->L, "home");
	away = ladder_link(w->L, "away");
	far = ladder_link(w->L, "far");
	r0 = ladder_router(w->L, "r0", home, "2001:db8:1::1/64", 0);
	r1 = ladder_router(w->L, "r1", away, "2001:db8:a::1/64", 0);
	r2 = ladder_router(w->L, "r2", far, "2001:db8:f::1/64", 0);
	w->at_home = ladder_host(w->L, "hoa", home, HOA "/64", r0);
	w->mn = ladder_host(w->L, "mn", away, COA "/64", r1);
	ladder_addr(w->mn, "eth0", HOA "/128");
	ladder_hear(w->at_home, hear, w);
	ladder_hear(w->mn, hear, w);
	w->cn = ladder_node(w->L, "cn", conf, &cn_role, NULL);
	ladder_attach(w->cn, "eth0", far);
	ladder_addr(w->cn, "eth0", CN "/64");
	ladder_gateway(w->cn, r2);
	w->path = (struct mip6_path){ .local = ip6(COA), .local_home = ip6(HOA), .peer = ip6(CN) };
	w->bu = (struct mh_msg){ .type = MH_BU };
	w->bu.bu.flags = MH_BU_A;
	w->bu.bu.lifetime_s = 400;
	w->bu.bu.seq = 10;
	w->bu.opts.present = MH_HAS_NONCES;
	ladder_start(w->cn);
	ladder_run(w->L, S);
	return w;
}

static struct world *up(void)
{
	return up_with("NodeConfig CN;");
}

static void down(struct world *w)
{
	assert_int_equal(box_misuses(w->cn), 0);
	ladder_stop(w->cn, ROLE_SHUTDOWN);
	for (int t = 0; t < KOBJ_TYPE_COUNT; t++)
		assert_int_equal(box_count(w->cn, (enum kobj_type)t), 0);
	ladder_free(w->L);
	test_free(w);
}

/* 5.2.5: both tests, then the key. */
static void test_both(struct world *w)
{
	const struct mip6_path from_home = { .local = ip6(HOA), .peer = ip6(CN) };
	const struct mip6_path from_coa = { .local = ip6(COA), .peer = ip6(CN) };
	struct mh_msg hoti = { .type = MH_HOTI }, coti = { .type = MH_COTI };

	memcpy(hoti.hoti.cookie, "homecook", 8);
	memcpy(coti.coti.cookie, "carecook", 8);
	ladder_send_mh(w->at_home, &from_home, &hoti);
	ladder_expect(w->L, "cn -> hoa HoT", S);
	ladder_send_mh(w->mn, &from_coa, &coti);
	ladder_expect(w->L, "cn -> mn CoT", S);
	ladder_run(w->L, MS);
	assert_memory_equal(w->hot.cookie, "homecook", 8);
	assert_memory_equal(w->cot.cookie, "carecook", 8);
	rr_kbm(w->hot.token, w->cot.token, w->kbm);
	w->bu.opts.home_nonce = w->hot.nonce_index;
	w->bu.opts.careof_nonce = w->cot.nonce_index;
}

static void send_bu(struct world *w)
{
	const struct in6_addr coa = ip6(COA), cn = ip6(CN);

	w->bu.bu.seq++;
	ladder_send_mh_auth(w->mn, &w->path, &w->bu, w->kbm, sizeof(w->kbm), &coa, &cn);
}

static void send_delete(struct world *w)
{
	const struct in6_addr hoa = ip6(HOA), cn = ip6(CN);

	w->bu.bu.seq++;
	w->bu.bu.lifetime_s = 0;
	rr_kbm(w->hot.token, NULL, w->kbm);
	ladder_send_mh_auth(w->mn, &w->path, &w->bu, w->kbm, sizeof(w->kbm), &hoa, &cn);
}

static size_t bindings(const struct world *w)
{
	const struct bcache *c = &box_mip6(w->cn)->bcache;

	return c->count[BINDING_CACHED] - c->memory_count;
}

/* 5.2, 9.4, 9.5.1, 9.5.2, 9.5.4 */
static void binds(void **state)
{
	struct world *w = up();

	(void)state;
	test_both(w);
	assert_int_equal(bindings(w), 0);
	send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=0 seq=11 life=400 rh2=" HOA, S);
	ladder_run(w->L, MS);
	assert_true(w->last_ba_sealed);
	assert_int_equal(bindings(w), 1);
	assert_true(box_has(w->cn, COA));
	down(w);
}

/* 9.5.4: accepted without the A bit, nothing is said. */
static void no_answer_unless_asked(void **state)
{
	struct world *w = up();

	(void)state;
	test_both(w);
	w->bu.bu.flags = 0;
	send_bu(w);
	ladder_refuse(w->L, "cn -> mn BA", S);
	assert_int_equal(bindings(w), 1);
	down(w);
}

/* 9.5.1: an authenticator that is wrong is silently discarded; so is a message with a
 * home address that was not tested. */
static void forgeries_are_discarded(void **state)
{
	struct world *w = up();
	uint8_t good[RR_KBM_LEN];

	(void)state;
	test_both(w);
	memcpy(good, w->kbm, sizeof(good));
	w->kbm[3] ^= 1;
	send_bu(w);
	memcpy(w->kbm, good, sizeof(good));
	w->path.local_home = ip6("2001:db8:1::101");
	send_bu(w);
	w->path.local_home = ip6(HOA);
	w->bu.opts.present = 0;
	send_bu(w);
	ladder_refuse(w->L, "cn -> mn BA", S);
	assert_int_equal(bindings(w), 0);
	down(w);
}

/* 5.2.7, 9.5.1: a nonce expires MAX_NONCE_LIFETIME after its first use: 138 for both,
 * 136, 137 for one; without an authenticator (9.5.4). */
static void expired_nonces_are_told(void **state)
{
	struct world *w = up();
	struct mh_test old_hot, old_cot;

	(void)state;
	test_both(w);
	old_hot = w->hot;
	old_cot = w->cot;
	ladder_run(w->L, 239 * S);
	send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=0", S);
	ladder_run(w->L, 2 * S);
	send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=138 life=0", S);
	ladder_run(w->L, MS);
	assert_false(w->last_ba_sealed);
	test_both(w);
	w->bu.opts.home_nonce = old_hot.nonce_index;
	send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=136", S);
	w->bu.opts.home_nonce = w->hot.nonce_index;
	w->bu.opts.careof_nonce = old_cot.nonce_index;
	send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=137", S);
	down(w);
}

/* 9.5.1: status 135 with the last accepted sequence number, also after the binding was
 * deleted (5.2.8: replay). */
static void old_sequence_numbers_are_refused(void **state)
{
	struct world *w = up();

	(void)state;
	test_both(w);
	send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=0 seq=11", S);
	w->bu.bu.seq -= 1;
	send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=135 seq=11", S);
	send_delete(w);
	ladder_expect(w->L, "cn -> mn BA status=0 seq=12 life=0", S);
	assert_int_equal(bindings(w), 0);
	rr_kbm(w->hot.token, w->cot.token, w->kbm);
	w->bu.bu.lifetime_s = 400;
	w->bu.bu.seq -= 1;
	send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=135 seq=12", S);
	assert_int_equal(bindings(w), 0);
	down(w);
}

/* 9.5.2, 12: at most MAX_RR_BINDING_LIFETIME; then it is gone. */
static void the_lifetime_is_capped_and_ends(void **state)
{
	struct world *w = up();

	(void)state;
	test_both(w);
	w->bu.bu.lifetime_s = 4000;
	send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=0 life=420", S);
	ladder_run(w->L, 418 * S);
	assert_int_equal(bindings(w), 1);
	ladder_run(w->L, 3 * S);
	assert_int_equal(bindings(w), 0);
	assert_false(box_has(w->cn, COA));
	ladder_run(w->L, 300 * S);
	assert_int_equal(box_mip6(w->cn)->bcache.count[BINDING_CACHED], 0);
	down(w);
}

/* The node gets another home address, with a test of its own. */
static void use_home(struct world *w, const char *hoa)
{
	struct mip6_path from_home = { .local = ip6(hoa), .peer = ip6(CN) };
	struct mh_msg hoti = { .type = MH_HOTI };
	char with_len[64];

	snprintf(with_len, sizeof(with_len), "%s/64", hoa);
	ladder_addr(w->at_home, "eth0", with_len);
	snprintf(with_len, sizeof(with_len), "%s/128", hoa);
	ladder_addr(w->mn, "eth0", with_len);
	w->path.local_home = from_home.local;
	ladder_send_mh(w->at_home, &from_home, &hoti);
	ladder_expect(w->L, "cn -> hoa HoT", S);
	ladder_run(w->L, MS);
	rr_kbm(w->hot.token, w->cot.token, w->kbm);
	w->bu.opts.home_nonce = w->hot.nonce_index;
}

/* 9.6: the binding that was not updated for the longest time gives way, however many
 * come; nor are sequence numbers remembered without bound. */
static void a_full_cache_replaces(void **state)
{
	struct world *w = up_with("NodeConfig CN; CnMaxBindings 2;");
	const struct bcache *c = &box_mip6(w->cn)->bcache;
	char hoa[64];

	(void)state;
	test_both(w);
	for (int i = 0; i < 20; i++) {
		snprintf(hoa, sizeof(hoa), "2001:db8:1::2%02d", i);
		test_both(w);
		use_home(w, hoa);
		send_bu(w);
		ladder_expect(w->L, "cn -> mn BA status=0", S);
		ladder_run(w->L, 10 * MS);
		assert_int_equal(bindings(w), i ? 2 : 1);
		assert_true(c->count[BINDING_CACHED] <= 5);
		assert_true(box_has(w->cn, hoa));
	}
	assert_true(box_has(w->cn, "2001:db8:1::218"));
	assert_false(box_has(w->cn, "2001:db8:1::217"));
	down(w);
}

/* 5.2.8: where a sequence number had to be forgotten, the nonces are given up, so that
 * an old update is no good. */
static void a_forgotten_binding_cannot_be_replayed(void **state)
{
	struct world *w = up_with("NodeConfig CN; CnMaxBindings 1;");
	struct mip6_path path;
	struct mh_msg bu;
	uint8_t kbm[RR_KBM_LEN];

	(void)state;
	test_both(w);
	send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=0", S);
	bu = w->bu;
	path = w->path;
	memcpy(kbm, w->kbm, sizeof(kbm));
	for (int i = 0; i < 2; i++) {
		ladder_run(w->L, 31 * S); /* other nonces */
		test_both(w);
		use_home(w, i ? "2001:db8:1::201" : "2001:db8:1::202");
		send_bu(w);
		ladder_expect(w->L, "cn -> mn BA status=0", S);
	}
	bu.bu.seq--;
	w->path = path;
	w->bu = bu;
	memcpy(w->kbm, kbm, sizeof(kbm));
	send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=138", S);
	assert_int_equal(bindings(w), 1);
	down(w);
}

/* CnBindingPolicySet and DoRouteOptimizationCN: no test is answered, and no binding
 * made: status 129. */
static void policy_is_kept(void **state)
{
	struct world *w = up();

	(void)state;
	test_both(w);
	ladder_reconfigure(w->cn, "NodeConfig CN; DoRouteOptimizationCN disabled;");
	send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=129", S);
	{
		const struct mip6_path from_home = { .local = ip6(HOA), .peer = ip6(CN) };
		struct mh_msg hoti = { .type = MH_HOTI };

		ladder_send_mh(w->at_home, &from_home, &hoti);
		ladder_refuse(w->L, "cn -> hoa HoT", S);
	}
	down(w);
}

/* 10.3.1 for who is no home agent: status 131. */
static void home_registrations_are_not_for_us(void **state)
{
	struct world *w = up();

	(void)state;
	test_both(w);
	w->bu.bu.flags = MH_BU_A | MH_BU_H;
	send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=131", S);
	down(w);
}

/* No false acknowledgement. */
static void the_kernels_refusal_is_told(void **state)
{
	struct world *w = up();

	(void)state;
	test_both(w);
	box_fail(w->cn, "put", -ENOMEM, 1, 1);
	send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=130", S);
	assert_int_equal(bindings(w), 0);
	assert_false(box_has(w->cn, COA));
	down(w);
}

/* 5.2: floods of test messages leave nothing behind. */
static void tests_leave_no_state(void **state)
{
	struct world *w = up();
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
	down(w);
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
