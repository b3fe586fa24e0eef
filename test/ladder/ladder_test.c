// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ladder tests itself: a role so small that whatever goes wrong is the
 * harness. See ladder.h for how to write such tests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "test/ladder/ladder.h"

/* Answers a Care-of Test Init with a Care-of Test. */
static enum role_verdict echo_on_mh(struct mip6 *m, const struct mip6_packet *p,
				    const struct mh_msg *msg)
{
	struct mh_msg answer = { .type = MH_COT, .cot = { .nonce_index = 7 } };

	if (msg->type != MH_COTI)
		return ROLE_PASS;
	memcpy(answer.cot.cookie, msg->coti.cookie, MH_COOKIE_LEN);
	assert_int_equal(mip6_send_mh(m, &p->path, &answer), 0);
	return ROLE_TAKEN;
}

static const struct role echo_role = { .name = "echo", .on_mh = echo_on_mh };

static void a_message_is_answered_across_the_core(void **state)
{
	struct ladder *L = ladder_new();
	struct net_link *here = ladder_link(L, "here"), *there = ladder_link(L, "there");
	struct box *r1 = ladder_router(L, "r1", here, "2001:db8:1::1/64", S);
	struct box *r2 = ladder_router(L, "r2", there, "2001:db8:2::1/64", S);
	struct box *cn = ladder_node(L, "cn", "NodeConfig CN;", &echo_role, NULL);
	struct box *eve = ladder_host(L, "eve", there, "2001:db8:2::9/64", r2);
	struct mip6_path path = { .local = box_addr(eve), .peer = ip6("2001:db8:1::5") };
	struct mh_msg coti = { .type = MH_COTI };

	(void)state;
	ladder_attach(cn, "eth0", here);
	ladder_addr(cn, "eth0", "2001:db8:1::5/64");
	ladder_gateway(cn, r1);
	ladder_start(cn);
	ladder_send_mh(eve, &path, &coti);
	ladder_expect(L, "eve -> cn CoTI src=2001:db8:2::9", 20 * MS);
	ladder_expect(L, "cn -> eve CoT index=7", 20 * MS);
	assert_int_equal(box_mip6(cn)->counters.value[COUNT_IN_COTI], 1);
	assert_int_equal(box_mip6(cn)->counters.value[COUNT_OUT_COT], 1);
	ladder_stop(cn, ROLE_SHUTDOWN);
	ladder_free(L);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_answered_across_the_core),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
