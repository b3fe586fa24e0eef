// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the operator of a home agent permits (RFC 6275 10.3.1, "for any other reason"):
 * access lists, rates of registrations, a number of bindings. Each refusal is counted by
 * its reason and stands in the violation log with who, when, why and how often; and what a
 * flood costs is bounded.
 */
#include "test/ladder/ha_world.h"

#include <stdio.h>
#include <string.h>

#define CONF                                                                               \
	"NodeConfig HA; UseMnHaIPsec disabled; HaVirtualHomeLink 2001:db8:77::/64;"            \
	"HaAddress " HA ";"

/* An update of home address VIRTUALS "node"; it has arrived when this returns. */
static void update(struct ha_world *w, unsigned int node, const char *coa, uint32_t lifetime_s)
{
	char home[64];

	snprintf(home, sizeof(home), VIRTUALS "%x", node);
	ha_send_bu(w, home, coa, lifetime_s);
	ladder_run(w->L, 20 * MS);
}

static uint64_t shown(const struct ha_world *w, enum counter c)
{
	return counter_shown(&box_mip6(w->ha)->counters, c);
}

/* The entry that was hit last is of that node, with that reason and status, so often. */
static const struct violation *expect_violation(const struct ha_world *w, unsigned int node,
						const char *coa, uint8_t status,
						const char *reason, uint64_t times)
{
	const struct violation *v = violation_get(&box_mip6(w->ha)->violations, 0);
	struct in6_addr peer = ip6(coa), hoa;
	char home[64];

	snprintf(home, sizeof(home), VIRTUALS "%x", node);
	hoa = ip6(home);
	assert_non_null(v);
	assert_true(addr_equal(&v->home, &hoa));
	assert_true(addr_equal(&v->peer, &peer));
	assert_int_equal(v->status, status);
	assert_string_equal(v->reason, reason);
	assert_int_equal(v->count, times);
	assert_true(v->first_us <= v->last_us && v->last_us <= box_mip6(w->ha)->now_us);
	return v;
}

/* HaMaxRegistrationsPerNode: the node that asks too often is not answered; others are, and
 * so is it a second later. */
static void one_node_has_its_rate(void **state)
{
	struct ha_world *w = ha_world(CONF "HaMaxRegistrationsPerNode 2;");
	const struct violation *v;

	(void)state;
	update(w, 1, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 rh2=" VIRTUALS "1", S);
	update(w, 1, COA, 60);
	update(w, 1, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 seq=13", S);
	update(w, 1, COA2, 60);
	update(w, 1, COA2, 60);
	ladder_refuse(w->L, "ha -> mn BA seq=14", 10 * MS);
	assert_int_equal(shown(w, COUNT_BU_RATE), 2);
	v = expect_violation(w, 1, COA2, 0, "above the permitted rate", 2);
	assert_true(v->last_us - v->first_us >= 20 * MS);
	assert_false(box_has(w->ha, COA2));
	update(w, 2, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 rh2=" VIRTUALS "2", S);
	ladder_run(w->L, S);
	update(w, 1, COA2, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 seq=17 rh2=" VIRTUALS "1", S);
	ha_world_down(w);
}

/* HaMaxRegistrations: those who come anew cannot use up what those who are known have. */
static void all_together_have_their_rate(void **state)
{
	struct ha_world *w = ha_world(CONF "HaMaxRegistrations 3; HaMaxRegistrationsPerNode 0;");

	(void)state;
	for (unsigned int n = 1; n <= 5; n++)
		update(w, n, COA, 60);
	assert_int_equal(ladder_count(w->L, "ha -> mn BA status=0"), 3);
	assert_int_equal(shown(w, COUNT_BU_RATE), 2);
	expect_violation(w, 5, COA, 0, "above the permitted rate", 1);
	for (unsigned int n = 1; n <= 3; n++)
		update(w, n, COA2, 60);
	assert_int_equal(ladder_count(w->L, "ha -> mn BA status=0"), 6);
	update(w, 1, COA2, 60);
	assert_int_equal(ladder_count(w->L, "ha -> mn BA status=0"), 6);
	assert_int_equal(shown(w, COUNT_BU_RATE), 3);
	ladder_run(w->L, S);
	update(w, 5, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 rh2=" VIRTUALS "5", S);
	ha_world_down(w);
}

/* HaMaxBindings: status 130; who has a binding keeps it and may move; one that ends makes
 * room. */
static void bindings_have_their_number(void **state)
{
	struct ha_world *w = ha_world(CONF "HaMaxBindings 2;");

	(void)state;
	update(w, 1, COA, 60);
	update(w, 2, COA, 60);
	update(w, 3, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=130 rh2=" VIRTUALS "3", S);
	update(w, 3, COA, 60);
	assert_int_equal(shown(w, COUNT_BU_FULL), 2);
	expect_violation(w, 3, COA, 130, "too many bindings", 2);
	update(w, 1, COA2, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 seq=15 rh2=" VIRTUALS "1", S);
	update(w, 2, COA, 0);
	update(w, 3, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 seq=17 rh2=" VIRTUALS "3", S);
	ha_world_down(w);
}

/* BindingAclPolicy, BindingAclCoaPolicy, DefaultBindingAclPolicy: the longest prefix of the
 * home address decides, then that of the care-of address may forbid. */
static void access_lists_decide(void **state)
{
	struct ha_world *w = ha_world(CONF "DefaultBindingAclPolicy deny;"
				  "BindingAclPolicy " VIRTUALS "1 allow;"
				  "BindingAclPolicy " VIRTUALS "8/125 allow;"
				  "BindingAclPolicy " VIRTUALS "9 200;"
				  "BindingAclCoaPolicy " COA2 "/128 131;");

	(void)state;
	update(w, 1, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 rh2=" VIRTUALS "1", S);
	update(w, 2, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=129 rh2=" VIRTUALS "2", S);
	expect_violation(w, 2, COA, 129, "access list", 1);
	update(w, 8, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=0 rh2=" VIRTUALS "8", S);
	update(w, 9, COA, 60);
	ladder_expect(w->L, "ha -> mn BA status=200 rh2=" VIRTUALS "9", S);
	expect_violation(w, 9, COA, 200, "access list", 1);
	update(w, 1, COA2, 60);
	ladder_expect(w->L, "ha -> mn BA status=131 rh2=" VIRTUALS "1", S);
	expect_violation(w, 1, COA2, 131, "access list", 1);
	assert_int_equal(shown(w, COUNT_BU_ACL), 3);
	assert_false(box_has(w->ha, COA2));
	ha_world_down(w);
}

/* Strangers without end, each another one: no memory but the bindings that are permitted and
 * a log of fixed size, from which they wash out only each other; and who is known is served. */
static void a_flood_costs_bounded_memory(void **state)
{
	enum { ROOM = 50, STRANGERS = 2000 };
	struct ha_world *w = ha_world(CONF "HaMaxBindings 50; HaMaxRegistrationsPerNode 1;");
	const struct mip6 *m = box_mip6(w->ha);
	bool found = false;

	(void)state;
	for (int i = 0; i < 3; i++) /* the last one too soon: the entry that is to stay */
		update(w, 1, COA, 600);
	for (unsigned int n = 0; n < STRANGERS; n++)
		update(w, 0x1000 + n, COA2, 60);
	assert_int_equal(m->bcache.count[BINDING_HOME], ROOM);
	assert_int_equal(shown(w, COUNT_BU_FULL), STRANGERS - ROOM + 1);
	assert_int_equal(m->violations.total, STRANGERS - ROOM + 2);
	assert_true(m->violations.count <= VIOLATIONS_MAX);
	for (size_t i = 0; i < m->violations.count; i++) {
		const struct violation *v = violation_get(&m->violations, i);

		found |= strcmp(v->reason, "above the permitted rate") == 0;
	}
	assert_true(found);
	update(w, 1, COA2, 600);
	ladder_expect(w->L, "ha -> mn BA status=0 life=600 rh2=" VIRTUALS "1", S);
	ha_world_down(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_node_has_its_rate),
		cmocka_unit_test(all_together_have_their_rate),
		cmocka_unit_test(bindings_have_their_number),
		cmocka_unit_test(access_lists_decide),
		cmocka_unit_test(a_flood_costs_bounded_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
