// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses made of prefixes (RFC 4862 5.4, 5.5.3, RFC 7217): which, and for how long.
 */
#include "test/ladder/move_world.h"

#include <stdio.h>

/* Out of the encoder only what may be sent comes; here a byte is changed afterwards. */
static void say_changed(struct box *router, size_t at, uint8_t value)
{
	const struct in6_addr all = ip6("ff02::1");
	struct iface *i = TAILQ_FIRST(&router->ifaces);
	const struct in6_addr from = iface_local(i);
	uint8_t buf[512];
	int len = nd_encode(ladder_ra(router), &from, &all, buf, sizeof(buf));
	struct packet *p;
	uint16_t sum;

	assert_true(len > (int)at);
	buf[at] = value;
	buf[2] = buf[3] = 0;
	sum = wire_checksum(&from, &all, WIRE_PROTO_ICMPV6, buf, (size_t)len);
	buf[2] = (uint8_t)(sum >> 8);
	buf[3] = (uint8_t)sum;
	p = packet_new(&from, &all, WIRE_PROTO_ICMPV6, buf, (size_t)len);
	p->hop_limit = ND_HOP_LIMIT;
	record_sent(router, p);
	net_send(i, NULL, p);
}

/* RFC 4861 6.3.4, RFC 4862 5.5.3 a to d: what is not for us is passed over, the rest is used. */
static void options_that_cannot_be_are_passed_over(void **state)
{
	struct move_world w = move_world_new(CONF, 0);
	struct nd_options *o = &ladder_ra(w.ra)->opts;
	static const char *const strange[] = { "fe80::", "ff05::", "::", "2001:db8:d::",
					       "2001:db8:e::" };

	(void)state;
	for (unsigned int n = 0; n < 5; n++) {
		o->prefix[n + 1] = o->prefix[0];
		o->prefix[n + 1].addr = ip6(strange[n]);
	}
	o->prefix[3].prefix_len = 0;
	o->prefix[4].prefix_len = 48;
	o->prefix[5].prefix_len = 80;
	o->prefix_count = 6;
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:a::/64");
	assert_int_equal(box_count(mn, KOBJ_ADDR), 1);
	assert_int_equal(seen.at.on_link_count, 3); /* of any length */
	assert_int_equal(box_count(mn, KOBJ_ROUTE), 4);
	/* preferred for longer than it is valid: the address stays as it was told before */
	o->prefix_count = 1;
	o->prefix[0].valid_s = 20000;
	o->prefix[0].preferred_s = 10;
	seen.prefixes = 0;
	say_changed(w.ra, 16 + 8 + 8, 0x7f);
	ladder_run(w.L, 20 * S);
	assert_int_equal(seen.prefixes, 0);
	ladder_advertise(w.ra);
	ladder_run(w.L, S);
	assert_int_equal(seen.prefixes, 1);
	move_world_end(&w);
}

/* RFC 4861 6.3.4, 4.6.2: without the L flag its neighbours are reached by the router. */
static void an_address_may_have_no_neighbours(void **state)
{
	struct move_world w = move_world_new(CONF, 0);

	(void)state;
	ladder_ra(w.ra)->opts.prefix[0].on_link = false;
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, S);
	move_world_assert_prefix("2001:db8:a::/64");
	assert_int_equal(seen.at.on_link_count, 0);
	assert_int_equal(box_count(mn, KOBJ_ROUTE), 1);
	move_world_end(&w);
}

/* RFC 4862 5.5.3 e, 5.5.4: an address that nobody says any more ends with its lifetime, and one
 * that somebody would end at once, after two hours. */
static void an_address_ends(void **state)
{
	struct move_world w = move_world_new(CONF, 0);
	struct nd_msg *ra = ladder_ra(w.ra);

	(void)state;
	ra->ra.lifetime_s = 65535;
	ra->opts.prefix[0].valid_s = 10000;
	ra->opts.prefix[0].preferred_s = 5000;
	ladder_start(mn);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, 9999 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	ladder_run(w.L, 2 * S);
	assert_false(seen.at.usable);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 0);
	ra->opts.prefix[0].valid_s = 86400;
	ladder_advertise(w.ra);
	ladder_run(w.L, 10 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	ra->opts.prefix[0].valid_s = 0;
	ra->opts.prefix[0].preferred_s = 0;
	ladder_advertise(w.ra);
	ladder_run(w.L, 7199 * S);
	move_world_assert_prefix("2001:db8:a::/64");
	/* again: what is left is under two hours, and does not become more or less */
	ladder_advertise(w.ra);
	ladder_run(w.L, 2 * S);
	assert_false(seen.at.usable);
	move_world_end(&w);
}

/* RFC 7217: another identifier on each link, the same one on the same link; no neighbour can tell
 * from it where else the node has been. */
static void identifiers_are_stable_and_tell_nothing(void **state)
{
	struct move_world w = move_world_at_a(CONF, 0);
	struct in6_addr first = seen.at.coa;

	(void)state;
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, S);
	assert_memory_not_equal(&seen.at.coa.s6_addr[8], &first.s6_addr[8], 8);
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	ladder_run(w.L, S);
	assert_true(addr_equal(&seen.at.coa, &first));
	ladder_stop(mn, ROLE_SHUTDOWN);
	ladder_start(mn);
	ladder_run(w.L, S);
	assert_true(addr_equal(&seen.at.coa, &first));
	move_world_end(&w);
}

/* RFC 7217 section 6: somebody has all the addresses that we could have: after some tries it is
 * left alone; the next link is another matter. */
static void duplicates_without_end_are_given_up(void **state)
{
	struct move_world w = move_world_new(CONF_BASE "CoaDad full; Interface \"eth0\";", 0);
	const struct prefix prefix = prefix_of(&(struct in6_addr){ .s6_addr = { 0x20, 1, 0xd, 0xb8,
									      0, 0xa } }, 64);
	const struct link *l;

	(void)state;
	ladder_start(mn);
	l = link_find(&box_mip6(mn)->links, box_iface_name(mn, "eth0")->ifindex);
	for (uint8_t n = 0; n < 3; n++) {
		struct in6_addr taken;
		char name[8], text[64];

		assert_true(addrconf_make(box_mip6(mn), &l->l, &prefix, n, &taken));
		snprintf(name, sizeof(name), "h%d", n);
		snprintf(text, sizeof(text), "%s/64", ADDR_STR(&taken));
		ladder_host(w.L, name, w.a, text, w.ra);
	}
	ladder_move(mn, "eth0", w.a, LADDER_CARRIER);
	for (int n = 0; n < 30; n++) {
		ladder_advertise(w.ra);
		ladder_run(w.L, S);
	}
	assert_false(seen.at.usable);
	assert_int_equal(ladder_count(w.L, "mn -> *a NS src=::"), 3);
	assert_int_equal(box_count(mn, KOBJ_ADDR), 0);
	ladder_move(mn, "eth0", w.b, LADDER_CARRIER);
	ladder_run(w.L, 2 * S);
	move_world_assert_prefix("2001:db8:b::/64");
	move_world_end(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_that_cannot_be_are_passed_over),
		cmocka_unit_test(an_address_may_have_no_neighbours),
		cmocka_unit_test(an_address_ends),
		cmocka_unit_test(identifiers_are_stable_and_tell_nothing),
		cmocka_unit_test(duplicates_without_end_are_given_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
