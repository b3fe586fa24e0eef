// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses and prefixes: text both ways (RFC 4291 2.2, RFC 5952), derived
 * addresses against the examples of their RFCs, and the hash against OpenSSL's
 * SipHash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "unit/random.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct in6_addr addr(const char *text)
{
	struct in6_addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

static struct prefix prefix(const char *text)
{
	struct prefix p;

	assert_int_equal(prefix_parse(text, &p, NULL), 0);
	return p;
}

/* RFC 4291 section 2.2, forms 1 and 2 */
static void addresses_are_read(void **state)
{
	static const char *const good[] = {
		"::", "::1", "1::", "2001:DB8:0:0:8:800:200C:417A", "ff01::101",
		"ABCD:EF01:2345:6789:abcd:ef01:2345:6789", "2001:db8::0001", "0:0:0:0:0:0:0:0",
		"1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "fe80::1",
	};
	struct in6_addr a, expected;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_int_equal(addr_parse(good[i], &a), 0);
		assert_int_equal(inet_pton(AF_INET6, good[i], &expected), 1);
		assert_memory_equal(&a, &expected, sizeof(a));
	}
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = {
		"", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::",
		"g::", "::1 ", " ::1", "::1\n", "::1/64", "::1,", "fe80::1%eth0", "fe80::1%",
		"::1%1", "[::1]",
		"192.0.2.1", "::192.0.2.1", "::ffff:192.0.2.1", "64:ff9b::192.0.2.33",
		"1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "::-1", "::0x1", "+::1", "1:2:3:4:5:6:7:8::x",
	};
	struct in6_addr a, before;

	(void)state;
	memset(&a, 0xaa, sizeof(a));
	before = a;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(addr_parse(bad[i], &a), -EINVAL);
		assert_memory_equal(&a, &before, sizeof(a));
	}
}

/* RFC 5952 section 4, with its examples */
static void text_is_canonical(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "0:0:0:0:0:0:0:0", "::" },
		{ "0:0:0:0:0:0:0:1", "::1" },
		{ "1:0:0:0:0:0:0:0", "1::" },
		/* 4.1 leading zeros */
		{ "2001:0db8::0001", "2001:db8::1" },
		{ "0001:0020:0300:4000:0001:0020:0300:4000", "1:20:300:4000:1:20:300:4000" },
		/* 4.2.1 as much as possible */
		{ "2001:db8:0:0:0:0:2:1", "2001:db8::2:1" },
		{ "2001:db8::0:1", "2001:db8::1" },
		/* 4.2.2 not for one group */
		{ "2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7" },
		{ "1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0" },
		{ "0:1:0:1:0:1:0:1", "0:1:0:1:0:1:0:1" },
		/* 4.2.3 the longest; of equals the first */
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "0:0:1:0:0:0:1:0", "0:0:1::1:0" },
		{ "0:0:1:1:1:1:0:0", "::1:1:1:1:0:0" },
		{ "1:1:1:1:1:1:0:0", "1:1:1:1:1:1::" },
		{ "0:0:1:1:1:1:1:1", "::1:1:1:1:1:1" },
		/* 4.3 lower case */
		{ "2001:DB8::ABCD:EF01", "2001:db8::abcd:ef01" },
		/* never the mixed form of section 5 */
		{ "::ffff:c000:201", "::ffff:c000:201" },
		{ "::c000:201", "::c000:201" },
		{ "::1:0", "::1:0" },
		{ "64:ff9b::c000:221", "64:ff9b::c000:221" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};
	struct addr_buf buf;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct in6_addr a = addr(cases[i].in);

		memset(&buf, 'x', sizeof(buf));
		assert_ptr_equal(addr_text(&a, &buf), buf.text);
		assert_string_equal(buf.text, cases[i].out);
	}
}

/* An address in which groups of zero are frequent. */
static struct in6_addr random_addr(struct random *rnd)
{
	struct in6_addr a = in6addr_any;

	for (int i = 0; i < 8; i++)
		if (random_below(rnd, 2))
			random_fill(rnd, &a.s6_addr[2 * i + (int)random_below(rnd, 2)], 1);
	return a;
}

/* The C library's text is the judge, where it does not use dots. */
static void random_text_goes_both_ways(void **state)
{
	struct random *rnd = *state;
	unsigned int judged = 0;

	for (int i = 0; i < 50000; i++) {
		struct in6_addr a = random_addr(rnd), again;
		char text[INET6_ADDRSTRLEN];
		struct addr_buf buf;

		assert_int_equal(addr_parse(addr_text(&a, &buf), &again), 0);
		assert_memory_equal(&a, &again, sizeof(a));
		assert_non_null(inet_ntop(AF_INET6, &a, text, sizeof(text)));
		if (strchr(text, '.'))
			continue;
		assert_string_equal(buf.text, text);
		judged++;
	}
	assert_in_range(judged, 40000, 50000);
}

static void texts_can_be_made_in_place(void **state)
{
	struct in6_addr a = addr("2001:db8::1"), b = addr("2001:db8::2");
	struct prefix p = prefix("2001:db8::/32");
	char line[100];

	(void)state;
	snprintf(line, sizeof(line), "%s %s %s", ADDR_STR(&a), ADDR_STR(&b), PREFIX_STR(&p));
	assert_string_equal(line, "2001:db8::1 2001:db8::2 2001:db8::/32");
}

static void prefixes_are_read(void **state)
{
	struct in6_addr host;
	struct prefix p;

	(void)state;
	assert_int_equal(prefix_parse("2001:db8:1:2:3:4:5:6/64", &p, &host), 0);
	assert_int_equal(p.len, 64);
	assert_string_equal(ADDR_STR(&p.addr), "2001:db8:1:2::");
	assert_string_equal(ADDR_STR(&host), "2001:db8:1:2:3:4:5:6");
	assert_int_equal(prefix_parse("::/0", &p, NULL), 0);
	assert_int_equal(p.len, 0);
	assert_int_equal(prefix_parse("2001:db8::ffff/128", &p, NULL), 0);
	assert_string_equal(PREFIX_STR(&p), "2001:db8::ffff/128");
	assert_int_equal(prefix_parse("ffff::/9", &p, NULL), 0);
	assert_string_equal(PREFIX_STR(&p), "ff80::/9");
	assert_int_equal(
		prefix_parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/100", &p, NULL), 0);
	assert_string_equal(PREFIX_STR(&p), "ffff:ffff:ffff:ffff:ffff:ffff:f000:0/100");
}

static void what_is_no_prefix_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "/", "::", "::/", "/64", "::/129", "::/1000", "::/256", "::/-1", "::/+1",
		"::/ 64", "::/64 ", "::/064", "::/00", "::/6x", "::/0x10", "::/64/64", " ::/64",
		"::/4294967296", "::/9999999999999", "::1.2.3.4/64", "fe80::1%1/64",
		"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128",
		"00000000000000000000000000000000000000000000000000000000000000/64",
	};
	struct prefix p, before;
	struct in6_addr host, host_before;

	(void)state;
	memset(&p, 0xaa, sizeof(p));
	memset(&host, 0xaa, sizeof(host));
	before = p;
	host_before = host;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(prefix_parse(bad[i], &p, &host), -EINVAL);
		assert_memory_equal(&p, &before, sizeof(p));
		assert_memory_equal(&host, &host_before, sizeof(host));
	}
}

static void every_prefix_length_goes_both_ways(void **state)
{
	struct in6_addr ones;

	(void)state;
	memset(&ones, 0xff, sizeof(ones));
	for (unsigned int len = 0; len <= 128; len++) {
		struct prefix p = prefix_of(&ones, len), again;
		unsigned int bits = 0;

		assert_int_equal(p.len, len);
		for (int i = 0; i < 16; i++)
			bits += (unsigned int)__builtin_popcount(p.addr.s6_addr[i]);
		assert_int_equal(bits, len);
		assert_int_equal(prefix_parse(PREFIX_STR(&p), &again, NULL), 0);
		assert_true(prefix_equal(&p, &again));
	}
	assert_int_equal(prefix_of(&ones, 129).len, 128);
	assert_int_equal(prefix_of(&ones, UINT32_MAX).len, 128);
}

/* One bit at a time, for every length: inside when it lies behind the prefix. */
static void a_prefix_contains_what_begins_with_it(void **state)
{
	struct in6_addr a = addr("2001:db8:a5a5:5a5a:1234:5678:9abc:def0");

	(void)state;
	for (unsigned int len = 0; len <= 128; len++) {
		struct prefix p = prefix_of(&a, len);

		assert_true(prefix_contains(&p, &a));
		for (unsigned int bit = 0; bit < 128; bit++) {
			struct in6_addr other = a;

			other.s6_addr[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
			assert_true(prefix_contains(&p, &other) == (bit >= len));
		}
	}
}

static void a_prefix_covers_longer_ones(void **state)
{
	struct prefix p32 = prefix("2001:db8::/32"), p48 = prefix("2001:db8:1::/48");
	struct prefix other = prefix("2001:db9::/48"), all = prefix("::/0");

	(void)state;
	assert_true(prefix_covers(&p32, &p48));
	assert_true(prefix_covers(&p32, &p32));
	assert_false(prefix_covers(&p48, &p32));
	assert_false(prefix_covers(&p32, &other));
	assert_true(prefix_covers(&all, &p32));
	assert_true(prefix_covers(&all, &all));
	assert_false(prefix_covers(&p32, &all));
}

static void equal_prefixes_have_the_same_length(void **state)
{
	struct prefix a = prefix("2001:db8::/32"), b = prefix("2001:db8::/33");
	struct prefix c = prefix("2001:db8:8000::/33");

	(void)state;
	assert_true(prefix_equal(&a, &a));
	assert_false(prefix_equal(&a, &b));
	assert_false(prefix_equal(&b, &c));
}

static void addresses_compare_as_bytes(void **state)
{
	struct in6_addr a = addr("2001:db8::1"), b = addr("2001:db8::2");

	(void)state;
	assert_true(addr_equal(&a, &a));
	assert_false(addr_equal(&a, &b));
	assert_true(addr_compare(&a, &b) < 0);
	assert_true(addr_compare(&b, &a) > 0);
	assert_int_equal(addr_compare(&a, &a), 0);
}

/* RFC 4291 2.4 and 2.5; RFC 6275 9.5.1 "unicast routable address" */
static void kinds_of_addresses(void **state)
{
	enum { ANY = 1, LOOP = 2, MULTI = 4, LINK = 8, ROUTE = 16 };
	static const struct {
		const char *text;
		unsigned int kind;
	} cases[] = {
		{ "::", ANY }, { "::1", LOOP }, { "::2", ROUTE }, { "ff02::1", MULTI },
		{ "ff00::", MULTI }, { "feff::1", ROUTE }, { "fe80::1", LINK }, { "febf::1", LINK },
		{ "fe7f::1", ROUTE }, { "fec0::1", ROUTE }, { "fd00::1", ROUTE },
		{ "2001:db8::1", ROUTE }, { "::ffff:c000:201", 0 }, { "::fffe:c000:201", ROUTE },
		{ "::1:ffff:c000:201", ROUTE }, { "64:ff9b::c000:201", ROUTE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct in6_addr a = addr(cases[i].text);
		unsigned int kind = 0;

		kind |= addr_is_unspecified(&a) ? ANY : 0;
		kind |= addr_is_loopback(&a) ? LOOP : 0;
		kind |= addr_is_multicast(&a) ? MULTI : 0;
		kind |= addr_is_linklocal(&a) ? LINK : 0;
		kind |= addr_is_routable_unicast(&a) ? ROUTE : 0;
		assert_int_equal(kind, cases[i].kind);
	}
}

/* The example of RFC 4291 section 2.7.1 */
static void solicited_node_of_rfc4291(void **state)
{
	struct in6_addr a = addr("4037::01:800:200e:8c6c"), s = addr_solicited_node(&a);

	(void)state;
	assert_string_equal(ADDR_STR(&s), "ff02::1:ff0e:8c6c");
}

/* RFC 4862 section 5.5.3 d, for lengths at and between bytes */
static void combine_puts_the_identifier_behind_the_prefix(void **state)
{
	static const struct {
		const char *prefix, *iid, *result;
	} cases[] = {
		{ "2001:db8:1:2::/64", "::1:2:3:4", "2001:db8:1:2:1:2:3:4" },
		{ "2001:db8:1:2::/64", "ffff:ffff:ffff:ffff:1:2:3:4", "2001:db8:1:2:1:2:3:4" },
		{ "ff80::/9", "00ff:1::1", "ffff:1::1" },
		{ "ff00::/9", "00ff:1::1", "ff7f:1::1" },
		{ "::/0", "2001:db8::1", "2001:db8::1" },
		{ "2001:db8::1/128", "1:2:3:4:5:6:7:8", "2001:db8::1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct prefix p = prefix(cases[i].prefix);
		struct in6_addr iid = addr(cases[i].iid), a = addr_combine(&p, &iid);

		assert_string_equal(ADDR_STR(&a), cases[i].result);
	}
}

/* RFC 4291 appendix A: the universal bit is inverted, ff:fe is in the middle. */
static void eui64_of_rfc4291(void **state)
{
	static const uint8_t mac[6] = { 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde };
	static const uint8_t local[6] = { 0x02, 0, 0, 0, 0, 1 };
	struct in6_addr a = addr_eui64(mac);

	(void)state;
	assert_string_equal(ADDR_STR(&a), "::3656:78ff:fe9a:bcde");
	a = addr_eui64(local);
	assert_string_equal(ADDR_STR(&a), "::ff:fe00:1");
}

static void linklocal_keeps_the_identifier(void **state)
{
	struct in6_addr a = addr("2001:db8:1:2:3:4:5:6"), l = addr_linklocal_of(&a);

	(void)state;
	assert_string_equal(ADDR_STR(&l), "fe80::3:4:5:6");
	assert_true(addr_is_linklocal(&l));
}

/* RFC 2526 section 2, anycast identifier 126 */
static void home_agents_anycast_of_rfc2526(void **state)
{
	static const struct {
		const char *prefix, *anycast;
	} cases[] = {
		{ "2001:db8:1:2::/64", "2001:db8:1:2:fdff:ffff:ffff:fffe" },
		{ "2001:db8::/48", "2001:db8:0:ffff:ffff:ffff:ffff:fffe" },
		{ "2001:db8::/63", "2001:db8:0:1:ffff:ffff:ffff:fffe" },
		{ "2001:db8::/65", "2001:db8::7fff:ffff:ffff:fffe" },
		{ "2001:db8::/120", "2001:db8::fe" },
		{ "2001:db8::/121", "2001:db8::7e" },
		{ "2001:db8::80/121", "2001:db8::fe" },
		{ "2001:db8::5/128", "2001:db8::5" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct prefix p = prefix(cases[i].prefix);
		struct in6_addr a = addr_ha_anycast(&p);

		assert_string_equal(ADDR_STR(&a), cases[i].anycast);
	}
}

/* SipHash-1-3 with a key of the seed, little-endian, and eight zeros. */
static uint64_t openssl_siphash(const struct in6_addr *a, uint64_t seed)
{
	unsigned int c_rounds = 1, d_rounds = 3;
	size_t size = 8, len = 0;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_C_ROUNDS, &c_rounds),
		OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_D_ROUNDS, &d_rounds),
		OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	EVP_MAC_CTX *c = EVP_MAC_CTX_new(mac);
	uint8_t key[16] = { 0 }, out[8];
	uint64_t v = 0;

	assert_non_null(c);
	for (int i = 0; i < 8; i++)
		key[i] = (uint8_t)(seed >> 8 * i);
	assert_int_equal(EVP_MAC_init(c, key, sizeof(key), params), 1);
	assert_int_equal(EVP_MAC_update(c, a->s6_addr, sizeof(*a)), 1);
	assert_int_equal(EVP_MAC_final(c, out, &len, sizeof(out)), 1);
	assert_int_equal(len, sizeof(out));
	for (int i = 7; i >= 0; i--)
		v = v << 8 | out[i];
	EVP_MAC_CTX_free(c);
	EVP_MAC_free(mac);
	return v;
}

static void hash_is_siphash(void **state)
{
	struct random *rnd = *state;
	struct in6_addr a = in6addr_any;

	assert_true(addr_hash(&a, 0) == openssl_siphash(&a, 0));
	for (int i = 0; i < 2000; i++) {
		uint64_t seed = random_u64(rnd);

		random_fill(rnd, &a, sizeof(a));
		assert_true(addr_hash(&a, seed) == openssl_siphash(&a, seed));
	}
}

/* Addresses that differ in few bits, as those of one home network do, spread over
 * a table as chance would have it; and differently with another seed. */
static void hash_spreads_neighbours(void **state)
{
	enum { SLOTS = 1024, PER_SLOT = 64 };
	struct random *rnd = *state;
	uint64_t seed = random_u64(rnd);
	struct in6_addr a = addr("2001:db8:1:2::");
	unsigned int slots[SLOTS] = { 0 }, low = UINT32_MAX, high = 0, same = 0;

	for (uint32_t i = 0; i < SLOTS * PER_SLOT; i++) {
		uint64_t hash;

		a.s6_addr[13] = (uint8_t)(i >> 16);
		a.s6_addr[14] = (uint8_t)(i >> 8);
		a.s6_addr[15] = (uint8_t)i;
		hash = addr_hash(&a, seed);
		slots[hash % SLOTS]++;
		same += hash % SLOTS == addr_hash(&a, seed + 1) % SLOTS;
	}
	for (int i = 0; i < SLOTS; i++) {
		low = slots[i] < low ? slots[i] : low;
		high = slots[i] > high ? slots[i] : high;
	}
	/* seven standard deviations of 8 around the 64 that are expected */
	assert_in_range(low, PER_SLOT - 56, PER_SLOT);
	assert_in_range(high, PER_SLOT, PER_SLOT + 56);
	assert_in_range(same, 0, 2 * PER_SLOT);
}

int main(void)
{
	static struct random rnd;
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(text_is_canonical),
		cmocka_unit_test_prestate(random_text_goes_both_ways, &rnd),
		cmocka_unit_test(texts_can_be_made_in_place),
		cmocka_unit_test(prefixes_are_read),
		cmocka_unit_test(what_is_no_prefix_is_refused),
		cmocka_unit_test(every_prefix_length_goes_both_ways),
		cmocka_unit_test(a_prefix_contains_what_begins_with_it),
		cmocka_unit_test(a_prefix_covers_longer_ones),
		cmocka_unit_test(equal_prefixes_have_the_same_length),
		cmocka_unit_test(addresses_compare_as_bytes),
		cmocka_unit_test(kinds_of_addresses),
		cmocka_unit_test(solicited_node_of_rfc4291),
		cmocka_unit_test(combine_puts_the_identifier_behind_the_prefix),
		cmocka_unit_test(eui64_of_rfc4291),
		cmocka_unit_test(linklocal_keeps_the_identifier),
		cmocka_unit_test(home_agents_anycast_of_rfc2526),
		cmocka_unit_test_prestate(hash_is_siphash, &rnd),
		cmocka_unit_test_prestate(hash_spreads_neighbours, &rnd),
	};

	random_start(&rnd);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}
