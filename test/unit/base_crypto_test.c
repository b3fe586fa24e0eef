// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cryptography against the test vectors of RFC 2202 section 3 (HMAC-SHA1) and of
 * RFC 3174 section 7.3 (SHA-1), in one part and in many; and what is returned
 * when OpenSSL refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/random.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct bytes {
	uint8_t data[128];
	size_t len;
};

/* "TEXT" times count, or a single byte times count. */
static struct bytes repeat(const char *text, size_t count)
{
	struct bytes b = { .len = 0 };

	for (; count; count--) {
		assert_true(b.len + strlen(text) <= sizeof(b.data));
		memcpy(b.data + b.len, text, strlen(text));
		b.len += strlen(text);
	}
	return b;
}

static void sha1_of_rfc3174(void **state)
{
	static const struct {
		const char *text;
		size_t count;
		const char *digest;
	} cases[] = {
		{ "", 1, "\xda\x39\xa3\xee\x5e\x6b\x4b\x0d\x32\x55"
			 "\xbf\xef\x95\x60\x18\x90\xaf\xd8\x07\x09" },
		{ "abc", 1, "\xa9\x99\x3e\x36\x47\x06\x81\x6a\xba\x3e"
			    "\x25\x71\x78\x50\xc2\x6c\x9c\xd0\xd8\x9d" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
		  "\x84\x98\x3e\x44\x1c\x3b\xd2\x6e\xba\xae"
		  "\x4a\xa1\xf9\x51\x29\xe5\xe5\x46\x70\xf1" },
		{ "a", 1000000, "\x34\xaa\x97\x3c\xd4\xc4\xda\xa4\xf6\x1e"
				"\xeb\x2b\xdb\xad\x27\x31\x65\x34\x01\x6f" },
		{ "0123456701234567012345670123456701234567012345670123456701234567", 10,
		  "\xde\xa3\x56\xa2\xcd\xdd\x90\xc7\xa7\xec"
		  "\xed\xc5\xeb\xb5\x63\x93\x4f\x46\x04\x52" },
	};
	uint8_t out[SHA1_LEN];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct crypto_part *parts = calloc(cases[i].count, sizeof(*parts));

		assert_non_null(parts);
		for (size_t n = 0; n < cases[i].count; n++)
			parts[n] = (struct crypto_part){ cases[i].text, strlen(cases[i].text) };
		memset(out, 0, sizeof(out));
		assert_int_equal(crypto_sha1(parts, cases[i].count, out), 0);
		assert_memory_equal(out, cases[i].digest, SHA1_LEN);
		free(parts);
	}
}

static void hmac_sha1_of_rfc2202(void **state)
{
	struct {
		struct bytes key, data;
		const char *digest;
	} cases[] = {
		{ repeat("\x0b", 20), repeat("Hi There", 1),
		  "\xb6\x17\x31\x86\x55\x05\x72\x64\xe2\x8b"
		  "\xc0\xb6\xfb\x37\x8c\x8e\xf1\x46\xbe\x00" },
		{ repeat("Jefe", 1), repeat("what do ya want for nothing?", 1),
		  "\xef\xfc\xdf\x6a\xe5\xeb\x2f\xa2\xd2\x74"
		  "\x16\xd5\xf1\x84\xdf\x9c\x25\x9a\x7c\x79" },
		{ repeat("\xaa", 20), repeat("\xdd", 50),
		  "\x12\x5d\x73\x42\xb9\xac\x11\xcd\x91\xa3"
		  "\x9a\xf4\x8a\xa1\x7b\x4f\x63\xf1\x75\xd3" },
		{ repeat("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d"
			 "\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19", 1),
		  repeat("\xcd", 50),
		  "\x4c\x90\x07\xf4\x02\x62\x50\xc6\xbc\x84"
		  "\x14\xf9\xbf\x50\xc8\x6c\x2d\x72\x35\xda" },
		{ repeat("\x0c", 20), repeat("Test With Truncation", 1),
		  "\x4c\x1a\x03\x42\x4b\x55\xe0\x7f\xe7\xf2"
		  "\x7b\xe1\xd5\x8b\xb9\x32\x4a\x9a\x5a\x04" },
		{ repeat("\xaa", 80),
		  repeat("Test Using Larger Than Block-Size Key - Hash Key First", 1),
		  "\xaa\x4a\xe5\xe1\x52\x72\xd0\x0e\x95\x70"
		  "\x56\x37\xce\x8a\x3b\x55\xed\x40\x21\x12" },
		{ repeat("\xaa", 80),
		  repeat("Test Using Larger Than Block-Size Key and Larger "
			 "Than One Block-Size Data", 1),
		  "\xe8\xe9\x9d\x0f\x45\x23\x7d\x78\x6d\x6b"
		  "\xba\xa7\x96\x5c\x78\x08\xbb\xff\x1a\x91" },
	};
	uint8_t out[SHA1_LEN];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct crypto_part part = { cases[i].data.data, cases[i].data.len };
		const struct bytes *key = &cases[i].key;

		memset(out, 0, sizeof(out));
		assert_int_equal(crypto_hmac_sha1(key->data, key->len, &part, 1, out), 0);
		assert_memory_equal(out, cases[i].digest, SHA1_LEN);
	}
}

/* However the data is cut into two, also with an empty part at NULL. */
static void parts_are_one_after_the_other(void **state)
{
	static const char text[] = "what do ya want for nothing?";
	uint8_t whole[SHA1_LEN], whole_mac[SHA1_LEN], out[SHA1_LEN];
	struct crypto_part all = { text, strlen(text) };

	(void)state;
	assert_int_equal(crypto_sha1(&all, 1, whole), 0);
	assert_int_equal(crypto_hmac_sha1("Jefe", 4, &all, 1, whole_mac), 0);
	for (size_t cut = 0; cut <= strlen(text); cut++) {
		struct crypto_part parts[] = {
			{ text, cut },
			{ NULL, 0 },
			{ text + cut, strlen(text) - cut },
		};

		assert_int_equal(crypto_sha1(parts, 3, out), 0);
		assert_memory_equal(out, whole, SHA1_LEN);
		assert_int_equal(crypto_hmac_sha1("Jefe", 4, parts, 3, out), 0);
		assert_memory_equal(out, whole_mac, SHA1_LEN);
	}
}

/* HMAC of the empty string with the empty key, as any implementation has it. */
static void nothing_has_a_digest_too(void **state)
{
	static const char mac[] = "\xfb\xdb\x1d\x1b\x18\xaa\x6c\x08\x32\x4b"
				  "\x7d\x64\xb7\x1f\xb7\x63\x70\x69\x0e\x1d";
	struct crypto_part none = { NULL, 0 };
	uint8_t out[SHA1_LEN], again[SHA1_LEN];

	(void)state;
	assert_int_equal(crypto_hmac_sha1(NULL, 0, NULL, 0, out), 0);
	assert_memory_equal(out, mac, SHA1_LEN);
	assert_int_equal(crypto_hmac_sha1("x", 0, &none, 1, out), 0);
	assert_memory_equal(out, mac, SHA1_LEN);
	assert_int_equal(crypto_sha1(NULL, 0, out), 0);
	assert_int_equal(crypto_sha1(&none, 1, again), 0);
	assert_memory_equal(out, again, SHA1_LEN);
}

/* A key of one calculation is not left for the next. */
static void keys_do_not_stay(void **state)
{
	uint8_t first[SHA1_LEN], other[SHA1_LEN], again[SHA1_LEN];
	struct crypto_part part = { "data", 4 };

	(void)state;
	assert_int_equal(crypto_hmac_sha1("key 1", 5, &part, 1, first), 0);
	assert_int_equal(crypto_hmac_sha1("key 2", 5, &part, 1, other), 0);
	assert_int_equal(crypto_hmac_sha1("key 1", 5, &part, 1, again), 0);
	assert_memory_equal(first, again, SHA1_LEN);
	assert_memory_not_equal(first, other, SHA1_LEN);
}

/* With a property that no provider has, OpenSSL finds no algorithm. */
static void refusal_leaves_zeros(void **state)
{
	static const uint8_t zeros[SHA1_LEN];
	struct crypto_part part = { "data", 4 };
	uint8_t out[SHA1_LEN];

	(void)state;
	assert_int_equal(EVP_set_default_properties(NULL, "mip6d.no.such=yes"), 1);
	memset(out, 'x', sizeof(out));
	assert_int_equal(crypto_sha1(&part, 1, out), -EIO);
	assert_memory_equal(out, zeros, SHA1_LEN);
	memset(out, 'x', sizeof(out));
	assert_int_equal(crypto_hmac_sha1("key", 3, &part, 1, out), -EIO);
	assert_memory_equal(out, zeros, SHA1_LEN);
	assert_int_equal(EVP_set_default_properties(NULL, ""), 1);
	assert_int_equal(crypto_sha1(&part, 1, out), 0);
	assert_int_equal(crypto_hmac_sha1("key", 3, &part, 1, out), 0);
}

static void equal_sees_every_byte(void **state)
{
	uint8_t a[12], b[12];

	(void)state;
	memset(a, 7, sizeof(a));
	memcpy(b, a, sizeof(a));
	assert_true(crypto_equal(a, b, sizeof(a)));
	assert_true(crypto_equal(a, NULL, 0));
	for (size_t i = 0; i < sizeof(a); i++) {
		b[i] ^= 0x80;
		assert_false(crypto_equal(a, b, sizeof(a)));
		assert_true(crypto_equal(a, b, i));
		b[i] ^= 0x80;
	}
}

/* Neither constant nor repeated; each bit of the bytes is met both ways. */
static void random_differs(void **state)
{
	uint8_t a[64] = { 0 }, b[64] = { 0 }, ones = 0, zeros = 0;

	(void)state;
	assert_int_equal(crypto_random(a, sizeof(a)), 0);
	assert_int_equal(crypto_random(b, sizeof(b)), 0);
	assert_memory_not_equal(a, b, sizeof(a));
	for (size_t i = 0; i < sizeof(a); i++) {
		ones |= a[i];
		zeros |= (uint8_t)~a[i];
	}
	assert_int_equal(ones, 0xff);
	assert_int_equal(zeros, 0xff);
}

static void random_writes_just_what_was_asked_for(void **state)
{
	uint8_t a[10];
	bool changed = false;

	(void)state;
	memset(a, 'x', sizeof(a));
	assert_int_equal(crypto_random(NULL, 0), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(crypto_random(a + 1, 8), 0);
		changed |= memcmp(a + 1, "xxxxxxxx", 8) != 0;
	}
	assert_true(changed);
	assert_int_equal(a[0], 'x');
	assert_int_equal(a[9], 'x');
}

static void wipe_clears(void **state)
{
	uint8_t key[6] = "abcde";

	(void)state;
	crypto_wipe(key + 1, 4);
	assert_memory_equal(key, "a\0\0\0\0\0", 6);
	key[5] = 'f';
	crypto_wipe(key, 0);
	assert_int_equal(key[0], 'a');
	assert_int_equal(key[5], 'f');
}

/* What was given out is no longer in the pool; a piece is whole or zero. */
static void a_pool_gives_each_byte_once(void **state)
{
	struct random_pool p = { .left = 0 };
	uint8_t piece[16], seen[64][16], too_much[RANDOM_POOL + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(seen); i++) {
		assert_int_equal(random_take(&p, seen[i], sizeof(piece)), 0);
		for (size_t n = 0; n < i; n++)
			assert_memory_not_equal(seen[i], seen[n], sizeof(piece));
		for (size_t at = p.left; at < sizeof(p.bytes); at++)
			assert_int_equal(p.bytes[at], 0);
	}
	assert_int_equal(random_take(&p, too_much, sizeof(too_much)), -EIO);
	for (size_t i = 0; i < sizeof(too_much); i++)
		assert_int_equal(too_much[i], 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha1_of_rfc3174),
		cmocka_unit_test(hmac_sha1_of_rfc2202),
		cmocka_unit_test(parts_are_one_after_the_other),
		cmocka_unit_test(nothing_has_a_digest_too),
		cmocka_unit_test(keys_do_not_stay),
		cmocka_unit_test(refusal_leaves_zeros),
		cmocka_unit_test(equal_sees_every_byte),
		cmocka_unit_test(random_differs),
		cmocka_unit_test(random_writes_just_what_was_asked_for),
		cmocka_unit_test(wipe_clears),
		cmocka_unit_test(a_pool_gives_each_byte_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
