// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The correspondent, rule by rule (RFC 6275 5.2.6, 5.2.7, 8.2, 9.2 to 9.5), with a mobile
 * node by script.
 */
#include "test/ladder/cn_world.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wire/ext.h"

#define ROUTER "2001:db8:a::1"

static uint64_t counter_of(const struct cn_world *w, enum counter c)
{
	return box_mip6(w->cn)->counters.value[c];
}

static void make_binding(struct cn_world *w)
{
	cn_test_both(w);
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=0", S);
	ladder_run(w->L, MS);
}

/* --- nonces (5.2.2, 5.2.7) ------------------------------------------------------------ */

/* A new nonce comes between the two tests: each token goes by its own index. */
static void nonces_rotate_within_an_exchange(void **state)
{
	struct cn_world *w = cn_world();

	(void)state;
	cn_test_home(w);
	ladder_run(w->L, 31 * S);
	cn_test_careof(w);
	assert_int_not_equal(w->hot.nonce_index, w->cot.nonce_index);
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=0", S);
	assert_int_equal(cn_bindings(w), 1);
	cn_world_down(w);
}

/* A token of the last second of its nonce lives MAX_TOKEN_LIFETIME at least, whichever of
 * both is the older one. */
static void tokens_live_to_their_last_second(void **state)
{
	struct cn_world *w = cn_world();
	uint16_t first;

	(void)state;
	cn_test_home(w); /* the first use of the nonce */
	first = w->hot.nonce_index;
	ladder_run(w->L, 29 * S);
	cn_test_careof(w);
	assert_int_equal(w->cot.nonce_index, first);
	ladder_run(w->L, 210 * S);
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=0", S);
	ladder_run(w->L, 2 * S);
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=138", S);
	cn_world_down(w);
}

static bool has_nonce(const struct cn_world *w)
{
	const struct rr *r = &cn_of(box_mip6(w->cn))->rr;

	for (int i = 0; i < RR_NONCES; i++) {
		if (r->nonces[i].valid)
			return true;
	}
	return false;
}

/* 5.2.2: expired values MUST be discarded, also when nobody asks any more. */
static void expired_nonces_are_discarded(void **state)
{
	struct cn_world *w = cn_world();

	(void)state;
	assert_false(has_nonce(w));
	cn_test_both(w);
	ladder_run(w->L, 60 * S);
	cn_test_both(w);
	ladder_run(w->L, 238 * S);
	assert_true(has_nonce(w));
	ladder_run(w->L, 3 * S);
	assert_false(has_nonce(w));
	cn_test_both(w);
	cn_world_down(w);
}

/* --- Home Address options (9.3.1, 9.3.3, 9.4.1, 9.4.2, 9.5.1) ------------------------- */

static void send_data(struct cn_world *w)
{
	static const uint8_t udp[8] = { 0 };

	ladder_send_raw(w->mn, &w->path, 17, udp, sizeof(udp));
}

/* 9.3.3: to the source address, with the home address of the option, at a limited rate. */
static void binding_errors_are_limited(void **state)
{
	struct cn_world *w = cn_world();
	size_t burst;

	(void)state;
	cn_test_careof(w); /* the link-layer addresses on the way are known then */
	for (int i = 0; i < 100; i++)
		send_data(w);
	ladder_expect(w->L, "cn -> mn BE status=1 home=" HOA " dst=" COA, S);
	ladder_run(w->L, 100 * MS);
	burst = ladder_count(w->L, "cn -> mn BE status=1");
	assert_in_range(burst, 5, MIP6_ERROR_BURST + 1);
	for (int i = 0; i < 100; i++) {
		ladder_run(w->L, 20 * MS);
		send_data(w);
	}
	ladder_run(w->L, 100 * MS);
	assert_in_range(ladder_count(w->L, "cn -> mn BE status=1") - burst, MIP6_ERROR_PER_S,
			3 * MIP6_ERROR_PER_S);
	assert_int_equal(cn_bindings(w), 0);
	cn_world_down(w);
}

/* Where they are in a Mobility Header. */
enum { PAYLOAD_PROTO = 0, HEADER_LEN = 1, TYPE = 2 };

/* A Care-of Test Init of which one byte is changed, with the right checksum or not. */
static void send_changed_from(struct cn_world *w, const char *from, size_t at, uint8_t value,
			      bool right)
{
	const struct mip6_path path = { .local = ip6(from), .peer = ip6(CN) };
	struct mh_msg coti = { .type = MH_COTI };
	uint8_t buf[MH_LEN_MAX];
	int len = mh_encode(&coti, &path.local, &path.peer, buf, sizeof(buf));
	uint16_t sum;

	buf[at] = value;
	if (at == HEADER_LEN)
		len = (value + 1) * 8;
	buf[4] = buf[5] = 0;
	sum = wire_checksum(&path.local, &path.peer, WIRE_PROTO_MH, buf, (size_t)len);
	buf[4] = (uint8_t)(sum >> 8);
	buf[5] = (uint8_t)sum ^ (right ? 0 : 1);
	ladder_send_raw(w->mn, &path, WIRE_PROTO_MH, buf, (size_t)len);
}

static void send_changed(struct cn_world *w, size_t at, uint8_t value, bool right)
{
	send_changed_from(w, COA, at, value, right);
}

/* 9.2: checksum first, in silence; a type that is not known: Binding Error status 2, without
 * a home address where no option came (9.3.3); payload protocol and header length: Parameter
 * Problem code 0 that points at them, to the source address. */
static void mobility_headers_are_judged(void **state)
{
	struct cn_world *w = cn_world();

	(void)state;
	send_changed(w, TYPE, 200, true);
	ladder_expect(w->L, "cn -> mn BE status=2 home=:: dst=" COA, S);
	send_changed(w, PAYLOAD_PROTO, 58, true);
	ladder_expect(w->L, "cn -> mn ERROR type=4 code=0 value=40 dst=" COA, S);
	send_changed(w, HEADER_LEN, 0, true);
	ladder_expect(w->L, "cn -> mn ERROR type=4 code=0 value=41 dst=" COA, S);
	ladder_mark(w->L);
	send_changed(w, TYPE, 200, false);
	send_changed(w, PAYLOAD_PROTO, 58, false);
	send_changed(w, HEADER_LEN, 0, false);
	ladder_refuse(w->L, "cn -> mn BE", 500 * MS);
	ladder_refuse(w->L, "cn -> mn ERROR", 1);
	assert_int_equal(ladder_count(w->L, "cn -> mn ERROR"), 2);
	assert_int_equal(counter_of(w, COUNT_DROP_MH_CHECKSUM), 3);
	cn_world_down(w);
}

/* 9.3.3, 9.5.4: a source that is no unicast address gets neither a Binding Error nor an
 * acknowledgement; RFC 4443 2.4 e: nor an ICMPv6 error. */
static void no_answer_to_a_group(void **state)
{
	static const char group[] = "ff0e::77";
	struct cn_world *w = cn_world();

	(void)state;
	cn_test_both(w);
	send_changed_from(w, group, TYPE, 200, true);
	send_changed_from(w, group, PAYLOAD_PROTO, 58, true);
	w->path.local = ip6(group);
	cn_send_bu(w);
	w->bu.opts.home_nonce += 100;
	cn_send_bu(w);
	ladder_run(w->L, S);
	assert_int_equal(counter_of(w, COUNT_DROP_MH_TYPE), 1);
	assert_int_equal(counter_of(w, COUNT_IN_BU), 2);
	assert_int_equal(counter_of(w, COUNT_OUT_BE) + counter_of(w, COUNT_OUT_BA), 0);
	assert_int_equal(counter_of(w, COUNT_OUT_ICMP_ERROR), 0);
	assert_int_equal(cn_bindings(w), 0);
	cn_world_down(w);
}

/* 9.4.1, 9.4.2: MUST NOT include the option, MUST be silently ignored; also when there is a
 * binding, and the option would be right. */
static void tests_with_the_option_are_ignored(void **state)
{
	struct cn_world *w = cn_world();
	struct mh_msg hoti = { .type = MH_HOTI }, coti = { .type = MH_COTI };

	(void)state;
	for (int i = 0; i < 2; i++) {
		unsigned int heard = w->heard;

		ladder_send_mh(w->mn, &w->path, &hoti);
		ladder_send_mh(w->mn, &w->path, &coti);
		ladder_run(w->L, 500 * MS);
		assert_int_equal(w->heard, heard);
		if (i == 0)
			make_binding(w);
	}
	assert_int_equal(ladder_count(w->L, "cn -> * BE"), 0);
	assert_int_equal(counter_of(w, COUNT_HAO_UNVERIFIED), 2);
	cn_world_down(w);
}

/* 9.5.1: the home address MUST be unicast and routable, in the option or as the source. */
static void home_addresses_are_judged(void **state)
{
	static const char *const bad[] = { "ff02::1", "ff0e::5", "fe80::7", "::1" };
	struct cn_world *w = cn_world();

	(void)state;
	cn_test_both(w);
	for (int i = 0; i < 4; i++) {
		w->path.local_home = ip6(bad[i]);
		cn_send_bu(w);
		ladder_refuse(w->L, "cn -> mn BA", 300 * MS);
	}
	assert_int_equal(cn_bindings(w), 0);
	assert_int_equal(counter_of(w, COUNT_DROP_MH_HAO) + counter_of(w, COUNT_BU_IGNORED), 4);
	w->path.local_home = ip6(HOA);
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=0", S);
	cn_world_down(w);
}

/* --- Binding Updates (9.5.1 to 9.5.4) ------------------------------------------------- */

/* 5.2.6, 9.5.1: an alternate care-of address is what counts: its token, in the key; its
 * bytes, in the authenticator. */
static void an_alternate_care_of_address_is_authenticated(void **state)
{
	struct cn_world *w = cn_world();
	const struct in6_addr coa = ip6(COA), other = ip6("2001:db8:a::77"), cn = ip6(CN);

	(void)state;
	ladder_addr(w->mn, "eth0", "2001:db8:a::77/64");
	cn_test_both(w);
	w->bu.opts.present |= MH_HAS_ALT_COA;
	w->bu.opts.alt_coa = other;
	/* tested the source, not what is asked for */
	w->bu.bu.seq++;
	ladder_send_mh_auth(w->mn, &w->path, &w->bu, w->kbm, sizeof(w->kbm), &other, &cn);
	ladder_refuse(w->L, "cn -> mn BA", 300 * MS);
	w->path.local = other;
	cn_test_careof(w);
	w->path.local = coa;
	/* the right key, over the source */
	w->bu.bu.seq++;
	ladder_send_mh_auth(w->mn, &w->path, &w->bu, w->kbm, sizeof(w->kbm), &coa, &cn);
	ladder_refuse(w->L, "cn -> mn BA", 300 * MS);
	w->bu.bu.seq++;
	ladder_send_mh_auth(w->mn, &w->path, &w->bu, w->kbm, sizeof(w->kbm), &other, &cn);
	ladder_expect(w->L, "cn -> mn BA status=0 dst=" COA, S);
	ladder_run(w->L, MS);
	assert_true(box_has(w->cn, "2001:db8:a::77"));
	assert_int_equal(cn_bindings(w), 1);
	cn_world_down(w);
}

/* 9.5.1: 139, and the binding stays what it was. */
static void the_kind_of_registration_stays(void **state)
{
	struct cn_world *w = cn_world();
	const struct in6_addr hoa = ip6(HOA), cn = ip6(CN);
	struct binding *b;

	(void)state;
	cn_test_both(w);
	b = bcache_add(&box_mip6(w->cn)->bcache, BINDING_HOME, &hoa, &cn);
	assert_non_null(b);
	binding_set_state(b, BINDING_INSTALLING);
	cn_send_bu(w);
	ladder_expect(w->L, "cn -> mn BA status=139 life=0", S);
	ladder_run(w->L, MS);
	assert_true(w->last_ba_sealed);
	assert_int_equal(b->kind, BINDING_HOME);
	assert_int_equal(cn_bindings(w), 0);
	bcache_remove(&box_mip6(w->cn)->bcache, b);
	cn_world_down(w);
}

/* 9.5.3, 9.5.4: a deletion from home, without the option, is answered without a routing
 * header; one from afar with it. */
static void the_answer_goes_the_way_of_the_update(void **state)
{
	struct cn_world *w = cn_world();
	const struct mip6_path from_home = { .local = ip6(HOA), .peer = ip6(CN) };
	const struct in6_addr hoa = ip6(HOA), cn = ip6(CN);

	(void)state;
	make_binding(w);
	ladder_del_addr(w->mn, "eth0", HOA "/128");
	w->bu.bu.seq++;
	w->bu.bu.lifetime_s = 0;
	w->bu.opts.careof_nonce = 0;
	rr_kbm(w->hot.token, NULL, w->kbm);
	ladder_send_mh_auth(w->at_home, &from_home, &w->bu, w->kbm, sizeof(w->kbm), &hoa, &cn);
	ladder_expect(w->L, "cn -> hoa BA status=0 life=0 dst=" HOA, S);
	ladder_run(w->L, MS);
	assert_int_equal(ladder_count(w->L, "cn -> hoa BA rh2=*"), 0);
	assert_true(w->last_ba_sealed);
	assert_int_equal(cn_bindings(w), 0);
	cn_world_down(w);
}

/* --- Binding Refresh Requests (9.5.5) ------------------------------------------------- */

static void only_what_is_used_is_refreshed(void **state)
{
	struct cn_world *w = cn_world();
	const struct in6_addr cn = ip6(CN), hoa = ip6(HOA);

	(void)state;
	make_binding(w);
	ladder_run(w->L, 405 * S);
	assert_int_equal(ladder_count(w->L, "cn -> mn BRR"), 0);
	assert_int_equal(cn_bindings(w), 0);
	make_binding(w);
	ladder_run(w->L, 340 * S);
	assert_true(ladder_ping(w->cn, &cn, &hoa));
	ladder_expect(w->L, "cn -> mn BRR rh2=" HOA " dst=" COA, 20 * S);
	/* MUST stop with an update; one request for each lifetime in any case. */
	cn_test_both(w);
	cn_send_bu(w);
	ladder_refuse(w->L, "cn -> mn BRR", 300 * S);
	assert_int_equal(cn_bindings(w), 1);
	cn_world_down(w);
}

/* --- ICMPv6 errors (9.3.4) ------------------------------------------------------------ */

static void send_unreachable(struct cn_world *w, uint8_t code, const char *coa)
{
	const struct in6_addr from = ip6(CN), to = ip6(coa);
	struct packet *q = packet_new(&from, &to, 17, "12345678", 8);
	const struct mip6_path path = { .local = ip6(COA), .peer = from };
	struct icmp6_msg m = { .type = ICMP6_MSG_UNREACHABLE };
	uint8_t data[128];

	q->has_rh2 = true;
	q->rh2_left = 1;
	q->rh2 = ip6(HOA);
	m.error.code = code;
	m.error.packet = data;
	m.error.packet_len = packet_bytes(q, data, sizeof(data));
	packet_free(q);
	ladder_send_icmp6(w->mn, &path, &m);
	ladder_run(w->L, 100 * MS);
}

/* Only errors that last delete a binding: not a closed port, not those about another
 * care-of address, not a handful within the time that a move takes. */
static void lasting_errors_delete_a_binding(void **state)
{
	struct cn_world *w = cn_world();

	(void)state;
	make_binding(w);
	for (int i = 0; i < 20; i++) {
		send_unreachable(w, ICMP6_UNREACH_PORT, COA);
		send_unreachable(w, ICMP6_UNREACH_ADDRESS, "2001:db8:a::10");
		ladder_run(w->L, S);
	}
	for (int i = 0; i < 20; i++)
		send_unreachable(w, ICMP6_UNREACH_ADDRESS, COA);
	assert_int_equal(cn_bindings(w), 1);
	ladder_run(w->L, 70 * S);
	send_unreachable(w, ICMP6_UNREACH_ADDRESS, COA); /* long after: begins anew */
	send_unreachable(w, ICMP6_UNREACH_ADDRESS, COA);
	send_unreachable(w, ICMP6_UNREACH_ADDRESS, COA);
	assert_int_equal(cn_bindings(w), 1);
	cn_send_bu(w); /* an update: begins anew */
	ladder_expect(w->L, "cn -> mn BA status=0", S);
	ladder_run(w->L, 9 * S);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(cn_bindings(w), 1);
		send_unreachable(w, ICMP6_UNREACH_ADDRESS, COA);
		ladder_run(w->L, 5 * S);
	}
	assert_int_equal(cn_bindings(w), 0);
	assert_false(box_has(w->cn, COA));
	cn_world_down(w);
}

/* --- the kernel, policy (9.1, 9.3.2) -------------------------------------------------- */

/* An administrator removes a policy or a state of a binding: it is put again. */
static void what_is_removed_is_put_again(void **state)
{
	struct cn_world *w = cn_world();
	size_t policies, states;

	(void)state;
	make_binding(w);
	policies = box_count(w->cn, KOBJ_XFRM_POLICY);
	states = box_count(w->cn, KOBJ_XFRM_STATE);
	box_lose(w->cn, "dst " HOA "/128");
	box_lose(w->cn, COA);
	assert_int_equal(box_count(w->cn, KOBJ_XFRM_POLICY), policies - 1);
	ladder_run(w->L, 100 * MS);
	assert_int_equal(box_count(w->cn, KOBJ_XFRM_POLICY), policies);
	assert_int_equal(box_count(w->cn, KOBJ_XFRM_STATE), states);
	assert_int_equal(cn_bindings(w), 1);
	cn_world_down(w);
}

/* What cannot be put again does not take away what was not lost. */
static void what_was_not_removed_stays(void **state)
{
	struct cn_world *w = cn_world();
	size_t policies, states;

	(void)state;
	make_binding(w);
	policies = box_count(w->cn, KOBJ_XFRM_POLICY);
	states = box_count(w->cn, KOBJ_XFRM_STATE);
	box_fail(w->cn, "put policy", -ENOBUFS, 0, 1);
	box_lose(w->cn, "dst " HOA "/128");
	ladder_run(w->L, 100 * MS);
	assert_int_equal(box_count(w->cn, KOBJ_XFRM_POLICY), policies - 1);
	assert_int_equal(box_count(w->cn, KOBJ_XFRM_STATE), states);
	cn_world_down(w);
}

/* CnBindingPolicySet by prefix, the longest wins; a binding that is not allowed any more
 * ends. */
static void policy_goes_by_prefix(void **state)
{
	struct cn_world *w = cn_world_with(
		"NodeConfig CN; DoRouteOptimizationCN disabled; CnBindingPolicySet {"
		"2001:db8:1::/64 ::/0 enabled; 2001:db8:1::300/120 ::/0 disabled; }");

	(void)state;
	make_binding(w);
	{
		const struct mip6_path path = { .local = ip6("2001:db8:1::301"), .peer = ip6(CN) };
		struct mh_msg hoti = { .type = MH_HOTI };

		ladder_addr(w->at_home, "eth0", "2001:db8:1::301/64");
		ladder_send_mh(w->at_home, &path, &hoti);
		ladder_refuse(w->L, "cn -> hoa HoT", S);
	}
	assert_int_equal(cn_bindings(w), 1);
	ladder_reconfigure(w->cn, "NodeConfig CN; CnBindingPolicySet {"
				  "2001:db8:1::/64 ::/0 disabled; }");
	ladder_run(w->L, 100 * MS);
	assert_int_equal(cn_bindings(w), 0);
	assert_false(box_has(w->cn, COA));
	cn_world_down(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nonces_rotate_within_an_exchange),
		cmocka_unit_test(tokens_live_to_their_last_second),
		cmocka_unit_test(expired_nonces_are_discarded),
		cmocka_unit_test(binding_errors_are_limited),
		cmocka_unit_test(mobility_headers_are_judged),
		cmocka_unit_test(no_answer_to_a_group),
		cmocka_unit_test(tests_with_the_option_are_ignored),
		cmocka_unit_test(home_addresses_are_judged),
		cmocka_unit_test(an_alternate_care_of_address_is_authenticated),
		cmocka_unit_test(the_kind_of_registration_stays),
		cmocka_unit_test(the_answer_goes_the_way_of_the_update),
		cmocka_unit_test(only_what_is_used_is_refreshed),
		cmocka_unit_test(lasting_errors_delete_a_binding),
		cmocka_unit_test(what_is_removed_is_put_again),
		cmocka_unit_test(what_was_not_removed_stays),
		cmocka_unit_test(policy_goes_by_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
