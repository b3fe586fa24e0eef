// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernels of the ladder, tested: which Home Address options and type 2 routing
 * headers come in and go out, with the states and policies of core/hao.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "core/hao.h"
#include "test/ladder/hands.h"

/* RFC 6275 9.3.1: nothing but signalling comes in with an unverified option. */
static void home_address_options_need_a_binding(void **state)
{
	struct hands s = hands_build();
	struct mip6_path path = { .local = box_addr(s.eve), .local_home = s.hoa,
				  .peer = box_addr(s.cn) };
	struct mh_msg bu = { .type = MH_BU, .bu = { .seq = 1, .lifetime_s = 400 } };
	struct footprint want, have;

	(void)state;
	/* without any state nothing comes in */
	ladder_send_mh(s.eve, &path, &bu);
	ladder_refuse(s.L, "eve -> cn BU arrived", 100 * MS);
	assert_int_equal(ladder_count(s.L, "eve -> cn BU"), 0);

	footprint_init(&want);
	hao_admit_objects(&want);
	assert_int_equal(footprint_copy(&have, &want), 0);
	assert_int_equal(hands_apply(s.cn, NULL, &want), 0);
	ladder_send_mh(s.eve, &path, &bu);
	ladder_expect(s.L, "eve -> cn BU hao=2001:db8::99", 100 * MS);
	assert_int_equal(heard.xfrm_reports, 0);
	ladder_send_raw(s.eve, &path, WIRE_PROTO_UDP, "data", 4);
	ladder_refuse(s.L, "eve -> cn DATA", 100 * MS);
	ladder_run(s.L, 100 * MS);
	assert_int_equal(ladder_count(s.L, "eve -> cn DATA"), 0);
	assert_int_equal(heard.xfrm_reports, 1);
	assert_memory_equal(&heard.last_xfrm.src, &s.hoa, sizeof(s.hoa));
	assert_memory_equal(&heard.last_xfrm.coaddr, &path.local, sizeof(path.local));

	/* with a binding: from its care-of address only */
	assert_int_equal(footprint_copy(&want, &have), 0);
	hao_accept_object(&want, &s.hoa, &path.local, &path.peer);
	assert_int_equal(hands_apply(s.cn, &have, &want), 0);
	ladder_send_raw(s.eve, &path, WIRE_PROTO_UDP, "data", 4);
	ladder_expect(s.L, "eve -> cn DATA", 100 * MS);
	path.local = ip6("2001:db8:2::bae");
	ladder_send_raw(s.eve, &path, WIRE_PROTO_UDP, "data", 4);
	ladder_run(s.L, 100 * MS);
	assert_int_equal(ladder_count(s.L, "eve -> cn DATA"), 1);
	assert_int_equal(heard.xfrm_reports, 2);
	footprint_free(&have);
	ladder_free(s.L);
}

/* RFC 6275 9.3.2, 11.3.1 to 11.3.3: both directions without the home agent. */
static void optimized_data_carries_both_headers(void **state)
{
	struct hands s = hands_build();
	const struct in6_addr cn = box_addr(s.cn);
	struct footprint want;
	struct stream *stream;
	uint64_t idle_us;
	struct kobj o;

	(void)state;
	hands_put_mn(&s);
	hands_put_ha(&s);
	footprint_init(&want);
	hao_admit_objects(&want);
	hao_accept_object(&want, &s.hoa, &s.coa, &cn);
	rh2_send_objects(&want, &s.hoa, &s.coa, &cn);
	o = want.items[want.count - 1];
	assert_int_equal(hands_apply(s.cn, NULL, &want), 0);
	footprint_init(&want);
	hao_admit_objects(&want);
	rh2_accept_object(&want, &s.hoa, &s.coa);
	hao_send_objects(&want, &s.hoa, &s.coa, &cn);
	assert_int_equal(hands_apply(s.mn, NULL, &want), 0);

	mip6_turn(box_mip6(s.cn), ladder_now(s.L));
	assert_int_equal(s.cn->kernel.ops->last_use(&s.cn->kernel, &o, &idle_us), 0);
	assert_true(idle_us == TIME_NEVER);
	stream = ladder_stream(s.mn, &s.hoa, &cn, 10 * MS);
	ladder_run(s.L, 105 * MS);
	ladder_stream_end(stream);
	ladder_run(s.L, S);
	assert_int_equal(ladder_stream_result(stream).answered, 11);
	assert_true(ladder_stream_result(stream).last_optimized);
	assert_int_equal(ladder_count(s.L, "mn -> cn PING hao=2001:db8::99 src=2001:db8:1::99"),
			 11);
	assert_int_equal(ladder_count(s.L, "cn -> mn PONG rh2=2001:db8::99 dst=2001:db8:1::99"),
			 11);
	assert_int_equal(ladder_count(s.L, "* -> * PING tunnelled"), 0);
	assert_int_equal(s.cn->kernel.ops->last_use(&s.cn->kernel, &o, &idle_us), 0);
	assert_in_range(idle_us, 900 * MS, 1000 * MS);
	ladder_free(s.L);
}

/* RFC 6275 6.4.3: only to a home address of the node. */
static void routing_headers_lead_to_home_addresses_only(void **state)
{
	struct hands s = hands_build();
	struct mip6_path path = { .local = box_addr(s.eve), .peer = s.coa, .peer_home = s.hoa };
	struct footprint want;

	(void)state;
	hands_put_mn(&s);
	footprint_init(&want);
	hao_admit_objects(&want);
	rh2_accept_object(&want, &s.hoa, &s.coa);
	assert_int_equal(hands_apply(s.mn, NULL, &want), 0);
	ladder_send_raw(s.eve, &path, WIRE_PROTO_UDP, "data", 4);
	ladder_expect(s.L, "eve -> mn DATA", 100 * MS);
	path.peer_home = ip6("2001:db8:7::1");
	ladder_send_raw(s.eve, &path, WIRE_PROTO_UDP, "data", 4);
	ladder_run(s.L, 100 * MS);
	assert_int_equal(ladder_count(s.L, "eve -> mn DATA"), 1);
	ladder_free(s.L);
}

/* RFC 6275 11.3.5: a correspondent without mobility says so. */
static void a_host_without_mobility_refuses_the_option(void **state)
{
	struct hands s = hands_build();
	const struct mip6_path path = { .local = s.coa, .local_home = s.hoa,
					.peer = box_addr(s.eve) };

	(void)state;
	ladder_send_raw(s.mn, &path, WIRE_PROTO_UDP, "data", 4);
	ladder_expect(s.L, "eve -> mn ERROR type=4 code=2 value=46 about=17", S);
	ladder_free(s.L);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(home_address_options_need_a_binding),
		cmocka_unit_test(optimized_data_carries_both_headers),
		cmocka_unit_test(routing_headers_lead_to_home_addresses_only),
		cmocka_unit_test(a_host_without_mobility_refuses_the_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
