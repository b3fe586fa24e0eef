// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Golden packets, both ways: the struct makes exactly these bytes, checksum
 * included, and these bytes make the struct. Every packet is then cut at every
 * length: what is left is refused, or means something that survives being
 * written and read again. Buffers are allocated to the byte, so that the address
 * sanitizer sees a read beyond them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden/golden.h"

/* The bytes of a case in a buffer of exactly their size. */
static uint8_t *exact_copy(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	return copy;
}

static void test_mh(void **state)
{
	const struct golden_mh *g = *state;
	struct in6_addr src = golden_addr(g->src);
	struct in6_addr dst = golden_addr(g->dst);
	uint8_t want[GOLDEN_LEN_MAX];
	size_t len = golden_bytes(g->hex, want, sizeof(want));
	uint8_t *buf = exact_copy(want, len);
	struct wire_error err;
	struct mh_msg msg;

	assert_true(mh_checksum_ok(&src, &dst, buf, len));
	assert_int_equal(mh_decode(buf, len, &msg, &err), WIRE_OK);
	assert_true(golden_mh_equal(&msg, &g->msg));
	assert_int_equal(msg.opts.repeated | msg.opts.overflow | msg.opts.unknown, 0);

	memset(buf, 0xee, len);
	assert_int_equal(mh_encode(&g->msg, &src, &dst, buf, len), len);
	assert_memory_equal(buf, want, len);
	assert_int_equal(mh_encode(&g->msg, &src, &dst, buf, len - 1), -EMSGSIZE);
	free(buf);
}

/* Decodes what is left of a message; what is accepted must survive a turn. */
static void check_mh_cut(const uint8_t *bytes, size_t len, const struct golden_mh *g)
{
	struct in6_addr src = golden_addr(g->src);
	struct in6_addr dst = golden_addr(g->dst);
	uint8_t *buf = exact_copy(bytes, len);
	uint8_t again[MH_LEN_MAX];
	struct wire_error err = { .reason = WIRE_BAD_NONE };
	struct mh_msg one;
	struct mh_msg two;
	int n;

	if (mh_decode(buf, len, &one, &err) == WIRE_OK) {
		n = mh_encode(&one, &src, &dst, again, sizeof(again));
		assert_true(n > 0);
		assert_int_equal(mh_decode(again, (size_t)n, &two, &err), WIRE_OK);
		assert_true(golden_mh_equal(&one, &two));
	} else {
		assert_int_not_equal(err.reason, WIRE_BAD_NONE);
		assert_true(err.offset <= len);
	}
	free(buf);
}

static void test_mh_cut(void **state)
{
	const struct golden_mh *g = *state;
	uint8_t bytes[GOLDEN_LEN_MAX];
	size_t len = golden_bytes(g->hex, bytes, sizeof(bytes));
	struct in6_addr src = golden_addr(g->src);
	struct in6_addr dst = golden_addr(g->dst);
	struct wire_error err;
	struct mh_msg msg;
	size_t cut;

	for (cut = 0; cut < len; cut++) {
		uint8_t *buf = exact_copy(bytes, cut);

		/* The header still claims its length: never accepted. */
		assert_int_equal(mh_decode(buf, cut, &msg, &err), WIRE_MALFORMED);
		assert_int_equal(err.reason, cut < 8 ? WIRE_BAD_SHORT : WIRE_BAD_TRUNCATED);
		assert_false(mh_checksum_ok(&src, &dst, buf, cut));
		free(buf);
	}
	for (cut = 8; cut < len; cut += 8) {
		bytes[1] = (uint8_t)(cut / 8 - 1);
		check_mh_cut(bytes, cut, g);
	}
}

static void test_icmp6(void **state)
{
	const struct golden_icmp6 *g = *state;
	struct in6_addr src = golden_addr(g->src);
	struct in6_addr dst = golden_addr(g->dst);
	uint8_t want[GOLDEN_LEN_MAX];
	size_t len = golden_bytes(g->hex, want, sizeof(want));
	uint8_t *buf = exact_copy(want, len);
	struct wire_error err;
	struct icmp6_msg msg;

	assert_true(icmp6_checksum_ok(&src, &dst, buf, len));
	assert_int_equal(icmp6_decode(buf, len, &msg, &err), WIRE_OK);
	assert_true(golden_icmp6_equal(&msg, &g->msg));

	memset(buf, 0xee, len);
	assert_int_equal(icmp6_encode(&g->msg, &src, &dst, buf, len), len);
	assert_memory_equal(buf, want, len);
	assert_int_equal(icmp6_encode(&g->msg, &src, &dst, buf, len - 1), -EMSGSIZE);
	free(buf);
}

static void test_icmp6_cut(void **state)
{
	const struct golden_icmp6 *g = *state;
	struct in6_addr src = golden_addr(g->src);
	struct in6_addr dst = golden_addr(g->dst);
	uint8_t bytes[GOLDEN_LEN_MAX];
	uint8_t again[ICMP6_LEN_MAX];
	size_t len = golden_bytes(g->hex, bytes, sizeof(bytes));
	size_t cut;

	for (cut = 0; cut < len; cut++) {
		uint8_t *buf = exact_copy(bytes, cut);
		struct wire_error err = { .reason = WIRE_BAD_NONE };
		struct icmp6_msg one;
		struct icmp6_msg two;
		int n;

		if (icmp6_decode(buf, cut, &one, &err) == WIRE_OK) {
			n = icmp6_encode(&one, &src, &dst, again, sizeof(again));
			if (one.type == ICMP6_MSG_MPA && one.mpa.count == 0) {
				/* RFC 6275 section 6.8: not to be sent. */
				assert_int_equal(n, -EINVAL);
			} else {
				assert_int_equal(n, cut);
				assert_int_equal(icmp6_decode(again, cut, &two, &err), WIRE_OK);
				assert_true(golden_icmp6_equal(&one, &two));
			}
		} else {
			assert_int_not_equal(err.reason, WIRE_BAD_NONE);
			assert_true(err.offset <= cut);
		}
		free(buf);
	}
}

static void test_nd(void **state)
{
	const struct golden_nd *g = *state;
	struct nd_packet how = golden_nd_packet(g);
	uint8_t want[GOLDEN_LEN_MAX];
	size_t len = golden_bytes(g->hex, want, sizeof(want));
	uint8_t *buf = exact_copy(want, len);
	struct wire_error err;
	struct nd_msg msg;

	assert_true(icmp6_checksum_ok(&how.src, &how.dst, buf, len));
	assert_int_equal(nd_decode(buf, len, &how, &msg, &err), WIRE_OK);
	assert_true(golden_nd_equal(&msg, &g->msg));
	assert_int_equal(msg.opts.skipped, 0);

	memset(buf, 0xee, len);
	assert_int_equal(nd_encode(&g->msg, &how.src, &how.dst, buf, len), len);
	assert_memory_equal(buf, want, len);
	assert_int_equal(nd_encode(&g->msg, &how.src, &how.dst, buf, len - 1), -EMSGSIZE);
	free(buf);
}

static void test_nd_cut(void **state)
{
	const struct golden_nd *g = *state;
	struct nd_packet how = golden_nd_packet(g);
	uint8_t bytes[GOLDEN_LEN_MAX];
	uint8_t again[ND_LEN_MAX];
	size_t len = golden_bytes(g->hex, bytes, sizeof(bytes));
	size_t cut;

	for (cut = 0; cut < len; cut++) {
		uint8_t *buf = exact_copy(bytes, cut);
		struct wire_error err = { .reason = WIRE_BAD_NONE };
		struct nd_msg one;
		struct nd_msg two;

		if (nd_decode(buf, cut, &how, &one, &err) == WIRE_OK) {
			/* Cut between two options. */
			assert_int_equal(nd_encode(&one, &how.src, &how.dst, again, sizeof(again)),
					 cut);
			assert_int_equal(nd_decode(again, cut, &how, &two, &err), WIRE_OK);
			assert_true(golden_nd_equal(&one, &two));
		} else {
			assert_int_not_equal(err.reason, WIRE_BAD_NONE);
			assert_true(err.offset <= cut);
		}
		free(buf);
	}
}

/* RFC 6275 sections 6.3 and 6.4. */
static void test_extension_headers(void **state)
{
	static const char hao_hex[] = "3a 02"	   /* ICMPv6 next, 24 bytes */
				      "01 02 0000" /* PadN: the option is at 8n + 6 */
				      "c9 10"	   /* Home Address option, 16 bytes */
				      "20010db8 00010000 00000000 00000010";
	static const char rh2_hex[] = "87 02"	 /* Mobility Header next, 24 bytes */
				      "02 01"	 /* type 2, one segment left */
				      "00000000" /* reserved */
				      "20010db8 00010000 00000000 00000010";
	struct in6_addr home = golden_addr("2001:db8:1::10");
	uint8_t want[EXT_HAO_LEN];
	uint8_t got[EXT_HAO_LEN];
	struct in6_addr found;
	struct wire_error err;
	uint8_t left = 0;
	size_t cut;

	(void)state;
	assert_int_equal(golden_bytes(hao_hex, want, sizeof(want)), EXT_HAO_LEN);
	ext_encode_hao(WIRE_PROTO_ICMPV6, &home, got);
	assert_memory_equal(got, want, sizeof(want));
	assert_int_equal(ext_decode_hao(got, sizeof(got), &found, &err), WIRE_OK);
	assert_memory_equal(&found, &home, sizeof(home));
	for (cut = 0; cut < sizeof(got); cut++)
		assert_int_equal(ext_decode_hao(got, cut, &found, &err), WIRE_MALFORMED);

	assert_int_equal(golden_bytes(rh2_hex, want, sizeof(want)), EXT_RH2_LEN);
	ext_encode_rh2(WIRE_PROTO_MH, &home, got);
	assert_memory_equal(got, want, sizeof(want));
	assert_int_equal(ext_decode_rh2(got, sizeof(got), &found, &left, &err), WIRE_OK);
	assert_memory_equal(&found, &home, sizeof(home));
	assert_int_equal(left, 1);
	for (cut = 0; cut < sizeof(got); cut++)
		assert_int_equal(ext_decode_rh2(got, cut, &found, NULL, &err), WIRE_MALFORMED);
}

/* One list of tests, because TAP has one plan. */
struct test_list {
	struct CMUnitTest *tests;
	size_t count;
	size_t room;
};

static void add_test(struct test_list *l, CMUnitTestFunction fn, const void *golden,
		     const char *what, const char *name, const char *section)
{
	char *text = NULL;

	if (l->count == l->room || asprintf(&text, "%s: %s (%s)", name, what, section) < 0)
		abort();
	l->tests[l->count++] = (struct CMUnitTest){
		.name = text,
		.test_func = fn,
		.initial_state = (void *)(uintptr_t)golden,
	};
}

static void add_all(struct test_list *l)
{
	size_t i;

	for (i = 0; i < golden_mh_count; i++) {
		const struct golden_mh *g = &golden_mh[i];

		add_test(l, test_mh, g, "both ways", g->name, g->section);
		add_test(l, test_mh_cut, g, "cut short", g->name, g->section);
	}
	for (i = 0; i < golden_icmp6_count; i++) {
		const struct golden_icmp6 *g = &golden_icmp6[i];

		add_test(l, test_icmp6, g, "both ways", g->name, g->section);
		add_test(l, test_icmp6_cut, g, "cut short", g->name, g->section);
	}
	for (i = 0; i < golden_nd_count; i++) {
		const struct golden_nd *g = &golden_nd[i];

		add_test(l, test_nd, g, "both ways", g->name, g->section);
		add_test(l, test_nd_cut, g, "cut short", g->name, g->section);
	}
	add_test(l, test_extension_headers, NULL, "both ways",
		 "home address option, routing header", "RFC 6275 6.3, 6.4");
}

int main(void)
{
	struct test_list l = {
		.room = 2 * (golden_mh_count + golden_icmp6_count + golden_nd_count) + 1,
	};
	size_t i;
	int failed;

	l.tests = calloc(l.room, sizeof(*l.tests));
	if (!l.tests)
		return 1;
	add_all(&l);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = _cmocka_run_group_tests("golden packets", l.tests, l.count, NULL, NULL);
	for (i = 0; i < l.count; i++)
		free((void *)(uintptr_t)l.tests[i].name);
	free(l.tests);
	return failed;
}
