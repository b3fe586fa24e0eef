// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two home agents on one home link, both the whole role, and a mobile node that knows them by
 * one name. One stops answering, or is no longer configured, while it has a binding: it
 * defends the home address also against the other one (RFC 6275 11.7.1, 10.4.1).
 */
#include "test/ladder/full_world.h"

#define HA2 "2001:db8::3"
#define HEAD "NodeConfig MN; UseMnHaIPsec disabled; MnMaxHaBindingLife 120; CoaDad none;" \
	"InterfaceInitialInitDelay 0.0; MnMaxHaConsecutiveResends 1; Interface \"eth0\";"
#define NAMED HEAD "MnHomeLink \"eth0\" { HomeAddress " HOA "/64; HomeAgentName \"ha.test\"; }"
#define FIXED(ha) HEAD "MnHomeLink \"eth0\" { HomeAddress " HOA "/64; HomeAgentAddress " ha "; }"

static struct box *ha2;

static bool is_registered(void *ctx)
{
	return full_addr(ctx)->state == HOME_REGISTERED;
}

static bool is_bound_at(const struct full *w, const struct box *b, const char *addr)
{
	const struct in6_addr ha = ip6(addr);
	const struct binding *found = bcache_find(&box_mip6(b)->bcache, &w->hoa, &ha);

	return found && found->state == BINDING_ACTIVE;
}

/* Away on link a, registered with the first. */
static struct full *away(const char *conf)
{
	struct full *w = full_new();

	ha2 = ladder_node(w->L, "ha2", FULL_HA_CONF, &ha_role, &cn_role, NULL);
	ladder_attach(ha2, "eth0", w->links[0]);
	ladder_addr(ha2, "eth0", HA2 "/64");
	ladder_gateway(ha2, w->routers[0]);
	ladder_start(ha2);
	ladder_name(w->L, "ha.test", HA);
	ladder_name(w->L, "ha.test", HA2);
	ladder_reconfigure(w->mn, conf);
	full_go(w, 1);
	ladder_start(w->mn);
	ladder_until(w->L, is_registered, w, 10 * S);
	ladder_run(w->L, S);
	assert_true(is_bound_at(w, w->ha, HA));
	ladder_mark(w->L);
	return w;
}

static void down(struct full *w)
{
	ladder_stop(ha2, ROLE_SHUTDOWN);
	full_end(w);
}

/* 11.7.1, 11.4.1: what the other home agent finds defended is no other node's; the one that
 * has the binding is asked again, though nothing of what it was told arrived. */
static void one_that_defends_is_turned_back_to(void **state)
{
	struct full *w = away(NAMED);
	uint64_t asked_us;

	(void)state;
	/* its machine goes on, its daemon hears nothing: a path that is broken one way */
	ladder_core_lose(w->L, NULL, HA);
	full_go(w, 2);
	ladder_expect(w->L, "mn -> ha2 BU", 20 * S);
	asked_us = ladder_sent_us(w->L);
	ladder_expect(w->L, "ha2 -> mn BA status=134", S);
	ladder_run(w->L, 100 * MS);
	assert_false(full_addr(w)->taken);
	ladder_core_lose(w->L, NULL, NULL);
	/* MUST wait InitialBindackTimeoutFirstReg */
	ladder_expect(w->L, "mn -> ha BU flags=AH life=120", 5 * S);
	assert_int_equal(ladder_sent_us(w->L) - asked_us, 1500 * MS);
	ladder_expect(w->L, "ha -> mn BA status=0", 10 * S);
	ladder_run(w->L, S);
	assert_true(full_agree_away(w));
	assert_true(full_reaches(w));
	down(w);
}

/* The deletion arrives in spite of all: the other home agent has the address. */
static void one_that_lets_go_is_followed(void **state)
{
	struct full *w = away(NAMED);
	const struct in6_addr former = ip6(HA);

	(void)state;
	ladder_core_lose(w->L, HA, NULL); /* it hears, and is not heard */
	full_go(w, 2);
	ladder_expect(w->L, "ha2 -> mn BA status=0", 20 * S);
	ladder_run(w->L, 100 * MS);
	/* while it is still to be told it is no correspondent */
	(void)ladder_ping(w->mn, &w->hoa, &former);
	ladder_run(w->L, S);
	assert_int_equal(ladder_count(w->L, "mn -> ha CoTI"), 0);
	ladder_core_lose(w->L, NULL, NULL);
	ladder_run(w->L, 20 * S);
	assert_true(is_bound_at(w, ha2, HA2));
	assert_false(is_bound_at(w, w->ha, HA));
	assert_true(full_reaches(w));
	down(w);
}

/* Another HomeAgentAddress: the same, with one that the file names. */
static void a_new_one_of_the_file(void **state)
{
	struct full *w = away(FIXED(HA));

	(void)state;
	ladder_reconfigure(w->mn, FIXED(HA2));
	ladder_expect(w->L, "ha -> mn BA status=0 life=0", S);
	ladder_expect(w->L, "ha2 -> mn BA status=0", 3 * S);
	ladder_run(w->L, S);
	assert_false(is_bound_at(w, w->ha, HA));
	assert_true(full_reaches(w));
	/* and back, while the one that is left does not hear that */
	ladder_core_lose(w->L, NULL, HA2);
	ladder_reconfigure(w->mn, FIXED(HA));
	ladder_expect(w->L, "ha -> mn BA status=134", 3 * S);
	ladder_run(w->L, S);
	assert_false(full_addr(w)->taken);
	ladder_core_lose(w->L, NULL, NULL);
	ladder_expect(w->L, "ha2 -> mn BA status=0 life=0", 40 * S);
	ladder_expect(w->L, "ha -> mn BA status=0", 40 * S);
	ladder_run(w->L, S);
	assert_true(full_agree_away(w));
	assert_true(full_reaches(w));
	down(w);
}

/* 11.1: one list entry for each node: who was a correspondent is not both. */
static void a_correspondent_becomes_the_home_agent(void **state)
{
	struct full *w = away(NAMED "UseCnBuAck enabled;");
	const struct in6_addr peer = ip6(HA2);
	const struct bul_entry *e;

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(ladder_ping(w->mn, &w->hoa, &peer));
	ladder_expect(w->L, "ha2 -> mn BA status=0", S);
	ladder_core_lose(w->L, HA, NULL);
	full_go(w, 2);
	ladder_expect(w->L, "mn -> ha2 BU life=0 coa=*", 20 * S); /* as a correspondent */
	ladder_expect(w->L, "mn -> ha2 BU flags=AH life=120", S);
	e = bul_find(&home_of(box_mip6(w->mn))->bul, &w->hoa, &peer);
	assert_ptr_equal(e, full_addr(w)->bul);
	assert_int_equal(e->kind, BUL_HOME);
	ladder_core_lose(w->L, NULL, NULL);
	ladder_run(w->L, 600 * S);
	assert_true(full_reaches(w));
	assert_int_equal(box_misuses(w->mn), 0);
	down(w);
}

/* One has the binding, and the node knows which; the other has none. */
static void assert_one_has_it(struct full *w, bool home)
{
	const struct home_addr *h = full_addr(w);
	bool first = is_bound_at(w, w->ha, HA), second = is_bound_at(w, ha2, HA2);
	const struct in6_addr ha = ip6(HA);

	if (home ? first || second || h->state != HOME_AT_HOME :
		   h->state != HOME_REGISTERED || first == second ||
			   first != addr_equal(&h->ha, &ha))
		ladder_fail(w->L, __FILE__, __LINE__, "%s: first %d, second %d, uses %s",
			    home_state_name(h->state), first, second, ADDR_STR(&h->ha));
	assert_true(TAILQ_EMPTY(&h->formers));
	assert_true(full_reaches(w));
	assert_int_equal(box_count(w->ha, KOBJ_PROXY_NEIGH) + box_count(ha2, KOBJ_PROXY_NEIGH),
			 !home);
	assert_int_equal(box_count(w->mn, KOBJ_TUNNEL), !home);
}

/* Moves of all kinds, while now the one and now the other is out of reach, one way or both, the
 * file changes between name and address, and the node's daemon crashes: once it is quiet, and
 * before any binding ends by itself, one home agent has the address and nobody else. */
static void random_turns_end_in_agreement(void **state)
{
	static const char *const addrs[] = { HA, HA2, NULL, NULL };
	static const char *const confs[] = { NAMED, NAMED, FIXED(HA), FIXED(HA2) };

	(void)state;
	for (uint64_t seed = 1; seed <= 25; seed++) {
		struct full *w = away(NAMED);

		ladder_seed(w->L, seed);
		for (int end = 0; end < 4; end++) {
			for (int i = 0; i < 40; i++) {
				if (ladder_random(w->L, 3) == 0)
					ladder_core_lose(w->L, addrs[ladder_random(w->L, 4)],
							 addrs[ladder_random(w->L, 4)]);
				if (ladder_random(w->L, 12) == 0)
					ladder_reconfigure(w->mn, confs[ladder_random(w->L, 4)]);
				if (ladder_random(w->L, 20) == 0) {
					ladder_crash(w->mn);
					ladder_start(w->mn);
				}
				full_go(w, (int)ladder_random(w->L, 4) - 1);
				ladder_run(w->L, ladder_random(w->L, 2) ?
							 ladder_random(w->L, 300) * MS :
							 ladder_random(w->L, 12000) * MS);
			}
			ladder_core_lose(w->L, NULL, NULL);
			full_go(w, end % 2 ? 0 : 1 + end / 2);
			ladder_run(w->L, 100 * S);
			assert_one_has_it(w, end % 2);
		}
		down(w);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_defends_is_turned_back_to),
		cmocka_unit_test(one_that_lets_go_is_followed),
		cmocka_unit_test(a_new_one_of_the_file),
		cmocka_unit_test(a_correspondent_becomes_the_home_agent),
		cmocka_unit_test(random_turns_end_in_agreement),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
