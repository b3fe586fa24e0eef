// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The judgement of Binding Updates at the home agent, test by test: RFC 6275 9.5.1,
 * 10.3.1, 10.3.2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/addr.h"
#include "base/time.h"
#include "ha/verdict.h"

#define NOW (1000 * US_PER_S)

/* A Binding Update that is accepted, and the facts that make it so. */
struct scene {
	struct conf conf;
	struct ha_prefix prefix;
	struct binding binding; /* used once facts.binding points to it */
	struct ha_bu bu;
	struct ha_facts facts;
};

static struct in6_addr addr(const char *text)
{
	struct in6_addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

static void set_up(struct scene *s)
{
	struct in6_addr home = addr("2001:db8:1::");

	memset(s, 0, sizeof(*s));
	s->conf.ha_max_binding_life_s = 262140;
	s->prefix.prefix = prefix_of(&home, 64);
	s->prefix.on_link = true;
	s->prefix.valid_until_us = TIME_NEVER;
	s->prefix.preferred_until_us = TIME_NEVER;
	s->bu.path.local = addr("2001:db8:1::2");
	s->bu.path.peer = addr("2001:db8:a::9");
	s->bu.path.peer_home = addr("2001:db8:1::100");
	s->bu.hoa = s->bu.path.peer_home;
	s->bu.coa = s->bu.path.peer;
	s->bu.has_hao = true;
	s->bu.seq = 15;
	s->bu.flags = MH_BU_A | MH_BU_H;
	s->bu.lifetime_s = 600;
	s->facts.conf = &s->conf;
	s->facts.prefix = &s->prefix;
	s->facts.local_is_ours = true;
	s->facts.now_us = NOW;
}

static void set_bound(struct scene *s, enum binding_kind kind, enum binding_state state)
{
	s->binding.kind = kind;
	s->binding.state = state;
	s->binding.seq = 14;
	s->binding.seq_known = true;
	s->facts.binding = &s->binding;
}

static struct ha_verdict judge(const struct scene *s)
{
	return ha_judge(&s->bu, &s->facts);
}

static void expect_discarded(const struct scene *s, enum counter counter)
{
	struct ha_verdict v = judge(s);

	assert_int_equal(v.action, HA_DISCARD);
	assert_int_equal(v.counter, counter);
	assert_non_null(v.reason);
}

static void expect_refused(const struct scene *s, uint8_t status)
{
	struct ha_verdict v = judge(s);

	assert_int_equal(v.action, HA_REFUSE);
	assert_int_equal(v.status, status);
	assert_non_null(v.reason);
}

static void expect_granted(const struct scene *s, uint32_t lifetime_s, uint8_t status)
{
	struct ha_verdict v = judge(s);

	assert_int_equal(v.action, HA_REGISTER);
	assert_int_equal(v.lifetime_s, lifetime_s);
	assert_int_equal(v.status, status);
	assert_int_equal(v.seq, s->bu.seq);
}

/* 10.3.1: status 0, the sequence number copied, the lifetime as asked for. */
static void a_registration_is_accepted(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	expect_granted(&s, 600, MH_STATUS_ACCEPTED);
}

/* 9.5.1: MUST contain a unicast routable home address; else silently discarded. */
static void the_home_address_is_unicast_and_routable(void **state)
{
	static const char *const bad[] = { "::", "::1", "fe80::1", "ff02::1", "ff0e::1" };
	struct scene s;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		set_up(&s);
		s.bu.hoa = addr(bad[i]);
		expect_discarded(&s, COUNT_BU_BAD_HAO);
	}
}

/* 6.1.7: so MUST the care-of address be, whichever option it came from; 9.5.4: and
 * the source, to which the answer goes. */
static void the_care_of_address_is_unicast_and_routable(void **state)
{
	static const char *const bad[] = { "::", "::1", "fe80::1", "ff0e::1" };
	struct scene s;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		set_up(&s);
		s.bu.coa = addr(bad[i]);
		expect_discarded(&s, COUNT_BU_BAD_COA);
		set_up(&s);
		s.bu.path.peer = addr(bad[i]);
		expect_discarded(&s, COUNT_BU_BAD_COA);
	}
}

/* 9.5.1: with the H bit, nonce indices MUST NOT be present. */
static void nonce_indices_are_not_allowed(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	s.bu.has_nonces = true;
	expect_discarded(&s, COUNT_BU_IGNORED);
}

/* 10.3.1: a Home Address option MUST be present; 10.3.2: MAY be left out to
 * deregister from home. */
static void the_home_address_option_is_needed_to_register(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	s.bu.has_hao = false;
	expect_discarded(&s, COUNT_BU_BAD_HAO);
	set_bound(&s, BINDING_HOME, BINDING_ACTIVE);
	s.bu.path.peer = s.bu.coa = s.bu.hoa;
	s.bu.lifetime_s = 0;
	assert_int_equal(judge(&s).action, HA_DEREGISTER);
}

/* The answer has to come from an address that is ours (9.5.4). */
static void it_is_sent_to_us(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	s.facts.local_is_ours = false;
	expect_discarded(&s, COUNT_BU_IGNORED);
}

/* 9.5.1, with its example: after 15, 0 to 15 and 32783 to 65535 are old. */
static void sequence_numbers_are_modulo_65536(void **state)
{
	struct scene s;

	(void)state;
	for (unsigned int seq = 0; seq <= UINT16_MAX; seq++) {
		bool old = seq <= 15 || seq >= 32783;
		struct ha_verdict v;

		set_up(&s);
		set_bound(&s, BINDING_HOME, BINDING_ACTIVE);
		s.binding.seq = 15;
		s.bu.seq = (uint16_t)seq;
		v = judge(&s);
		assert_int_equal(v.action, old ? HA_REFUSE : HA_REGISTER);
		if (!old)
			continue;
		/* MUST be answered with 135 and the last number accepted */
		assert_int_equal(v.status, MH_STATUS_SEQUENCE);
		assert_int_equal(v.seq, 15);
	}
}

/* 9.5.1: without a binding any number MUST be accepted. */
static void any_number_begins_a_binding(void **state)
{
	static const uint16_t numbers[] = { 0, 1, 32767, 32768, UINT16_MAX };
	struct scene s;

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		set_up(&s);
		s.bu.seq = numbers[i];
		expect_granted(&s, 600, MH_STATUS_ACCEPTED);
	}
}

/* 10.3.2: after a deregistration the number still counts. */
static void a_late_update_does_not_undo_a_deregistration(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	set_bound(&s, BINDING_HOME, BINDING_MEMORY);
	s.bu.seq = 13;
	expect_refused(&s, MH_STATUS_SEQUENCE);
	s.bu.seq = 15;
	expect_granted(&s, 600, MH_STATUS_ACCEPTED);
}

/* A retransmission of what is being carried out waits for the same answer; once that
 * is out, it is old. */
static void a_copy_is_absorbed_while_its_answer_is_due(void **state)
{
	static const enum binding_state busy[] = { BINDING_DAD, BINDING_INSTALLING,
						   BINDING_REMOVING };
	struct scene s;

	(void)state;
	for (size_t i = 0; i < sizeof(busy) / sizeof(busy[0]); i++) {
		set_up(&s);
		set_bound(&s, BINDING_HOME, busy[i]);
		s.bu.seq = 14;
		assert_int_equal(judge(&s).action, HA_ABSORB);
	}
	s.binding.state = BINDING_ACTIVE;
	expect_refused(&s, MH_STATUS_SEQUENCE);
}

/* 9.5.1: status 139. */
static void the_kind_of_a_binding_does_not_change(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	set_bound(&s, BINDING_CACHED, BINDING_ACTIVE);
	expect_refused(&s, MH_STATUS_TYPE_CHANGE);
	s.bu.lifetime_s = 0;
	expect_refused(&s, MH_STATUS_TYPE_CHANGE);
}

/* 10.3.1: status 132; 10.3.2 asks for no such thing. */
static void the_home_address_is_on_our_link(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	s.facts.prefix = NULL;
	expect_refused(&s, MH_STATUS_NOT_HOME_SUBNET);
	set_bound(&s, BINDING_HOME, BINDING_ACTIVE);
	s.bu.lifetime_s = 0;
	assert_int_equal(judge(&s).action, HA_DEREGISTER);
}

/* 10.3.2: status 133 without a home registration; 0 with one. */
static void deregistration_needs_a_registration(void **state)
{
	struct ha_verdict v;
	struct scene s;

	(void)state;
	set_up(&s);
	s.bu.lifetime_s = 0;
	expect_refused(&s, MH_STATUS_NOT_HOME_AGENT);
	set_bound(&s, BINDING_HOME, BINDING_ACTIVE);
	v = judge(&s);
	assert_int_equal(v.action, HA_DEREGISTER);
	assert_int_equal(v.status, MH_STATUS_ACCEPTED);
	assert_int_equal(v.lifetime_s, 0);
	assert_int_equal(v.seq, 15);
	/* 11.5.5: a care-of address that is the home address says the same */
	s.bu.lifetime_s = 600;
	s.bu.coa = s.bu.hoa;
	assert_int_equal(judge(&s).action, HA_DEREGISTER);
}

/* 10.3.1, "for any other reason": each with a status that says which. */
static void other_reasons_have_their_status(void **state)
{
	struct conf_acl deny = { .status = MH_STATUS_PROHIBITED };
	struct scene s;

	(void)state;
	set_up(&s);
	s.facts.home_is_ours = true;
	expect_refused(&s, MH_STATUS_DAD_FAILED);
	set_up(&s);
	s.facts.unprotected = true;
	expect_refused(&s, MH_STATUS_PROHIBITED);
	set_up(&s);
	s.conf.default_binding_acl_status = MH_STATUS_PROHIBITED;
	expect_refused(&s, MH_STATUS_PROHIBITED);
	set_up(&s);
	deny.who = prefix_of(&s.bu.hoa, 128);
	s.conf.acl = &deny;
	s.conf.acl_count = 1;
	expect_refused(&s, MH_STATUS_PROHIBITED);
	set_up(&s);
	deny.who = prefix_of(&s.bu.coa, 64);
	s.conf.coa_acl = &deny;
	s.conf.coa_acl_count = 1;
	expect_refused(&s, MH_STATUS_PROHIBITED);
	set_up(&s);
	s.bu.flags |= MH_BU_R;
	expect_refused(&s, MH_STATUS_NO_MOBILE_ROUTER);
	set_up(&s);
	s.bu.hoa = s.prefix.prefix.addr; /* the subnet router anycast address */
	expect_refused(&s, MH_STATUS_PROHIBITED);
}

/* 10.3.1, insufficient resources: only for those who are not registered yet. */
static void a_full_cache_refuses_new_nodes(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	s.conf.ha_max_bindings = 3;
	s.facts.bindings = 3;
	expect_refused(&s, MH_STATUS_RESOURCES);
	set_bound(&s, BINDING_HOME, BINDING_ACTIVE);
	expect_granted(&s, 600, MH_STATUS_ACCEPTED);
	s.binding.state = BINDING_MEMORY;
	expect_refused(&s, MH_STATUS_RESOURCES);
	s.bu.lifetime_s = 0; /* what frees is never refused */
	assert_int_equal(judge(&s).action, HA_DEREGISTER);
}

static void too_many_updates_are_dropped(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	s.facts.too_fast = true;
	expect_discarded(&s, COUNT_BU_RATE);
}

/* 10.3.1: not more than asked for, than permitted, than the prefix is valid; in whole
 * units of four seconds. */
static void the_lifetime_is_the_least_of_all(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	s.conf.ha_max_binding_life_s = 103;
	expect_granted(&s, 100, MH_STATUS_ACCEPTED);
	set_up(&s);
	s.prefix.valid_until_us = NOW + 203 * US_PER_S;
	s.prefix.preferred_until_us = NOW + 203 * US_PER_S;
	expect_granted(&s, 200, MH_STATUS_PREFIX_DISCOVERY);
	s.prefix.valid_until_us = NOW + 3 * US_PER_S;
	expect_refused(&s, MH_STATUS_NOT_HOME_SUBNET);
	set_up(&s);
	s.conf.ha_max_binding_life_s = 0;
	expect_refused(&s, MH_STATUS_PROHIBITED);
}

/* 10.3.1: status 1 when the prefix is deprecated, becomes so during the lifetime, or
 * invalid at its end, compared in units of four seconds; 0 otherwise. The preferred
 * lifetime SHOULD NOT shorten the binding. */
static void status_1_tells_of_prefixes_that_end(void **state)
{
	struct scene s;

	(void)state;
	set_up(&s);
	s.prefix.preferred_until_us = 0;
	expect_granted(&s, 600, MH_STATUS_PREFIX_DISCOVERY);
	s.prefix.preferred_until_us = NOW + 599 * US_PER_S;
	expect_granted(&s, 600, MH_STATUS_PREFIX_DISCOVERY);
	s.prefix.preferred_until_us = NOW + 603 * US_PER_S; /* 600 in these units */
	expect_granted(&s, 600, MH_STATUS_ACCEPTED);
	s.prefix.valid_until_us = NOW + 603 * US_PER_S;
	expect_granted(&s, 600, MH_STATUS_PREFIX_DISCOVERY);
	s.prefix.valid_until_us = NOW + 604 * US_PER_S;
	expect_granted(&s, 600, MH_STATUS_ACCEPTED);
}

/* 9.5.1: the care-of address is that of the option, else the source; the home address
 * that of the option, else the source. */
static void addresses_are_taken_from_their_places(void **state)
{
	struct mip6_packet p = { .path = { .peer = addr("2001:db8:a::9") } };
	struct mh_msg msg = { .type = MH_BU };
	struct ha_bu bu;

	(void)state;
	ha_bu_read(&p, &msg, &bu);
	assert_true(addr_equal(&bu.coa, &p.path.peer));
	assert_true(addr_equal(&bu.hoa, &p.path.peer));
	assert_false(bu.has_hao);
	p.path.peer_home = addr("2001:db8:1::100");
	msg.opts.present = MH_HAS_ALT_COA;
	msg.opts.alt_coa = addr("2001:db8:b::9");
	ha_bu_read(&p, &msg, &bu);
	assert_true(addr_equal(&bu.coa, &msg.opts.alt_coa));
	assert_true(addr_equal(&bu.hoa, &p.path.peer_home));
	assert_true(bu.has_hao);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_registration_is_accepted),
		cmocka_unit_test(the_home_address_is_unicast_and_routable),
		cmocka_unit_test(the_care_of_address_is_unicast_and_routable),
		cmocka_unit_test(nonce_indices_are_not_allowed),
		cmocka_unit_test(the_home_address_option_is_needed_to_register),
		cmocka_unit_test(it_is_sent_to_us),
		cmocka_unit_test(sequence_numbers_are_modulo_65536),
		cmocka_unit_test(any_number_begins_a_binding),
		cmocka_unit_test(a_late_update_does_not_undo_a_deregistration),
		cmocka_unit_test(a_copy_is_absorbed_while_its_answer_is_due),
		cmocka_unit_test(the_kind_of_a_binding_does_not_change),
		cmocka_unit_test(the_home_address_is_on_our_link),
		cmocka_unit_test(deregistration_needs_a_registration),
		cmocka_unit_test(other_reasons_have_their_status),
		cmocka_unit_test(a_full_cache_refuses_new_nodes),
		cmocka_unit_test(too_many_updates_are_dropped),
		cmocka_unit_test(the_lifetime_is_the_least_of_all),
		cmocka_unit_test(status_1_tells_of_prefixes_that_end),
		cmocka_unit_test(addresses_are_taken_from_their_places),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
