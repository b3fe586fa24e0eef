// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The checked reader and writer. Arrays come from malloc() in their exact size, so
 * that the address sanitizer sees a byte too many; without it, the bytes around
 * what may be written are compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "unit/random.h"

static const uint8_t count_up[32] = {
	0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa,
	0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06,
	0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10,
};

static void numbers_are_read_in_network_order(void **state)
{
	struct reader r;

	(void)state;
	reader_init(&r, count_up + 1, 15);
	assert_int_equal(reader_left(&r), 15);
	assert_int_equal(read_u8(&r), 0x11);
	assert_int_equal(read_u16(&r), 0x2233);
	assert_int_equal(read_u32(&r), 0x44556677);
	assert_int_equal(reader_offset(&r), 7);
	assert_true(read_u64(&r) == 0x8899aabbccddeeff);
	assert_int_equal(reader_left(&r), 0);
	assert_int_equal(reader_offset(&r), 15);
	assert_false(r.bad);
}

static void addresses_and_bytes_are_read(void **state)
{
	struct in6_addr a;
	struct reader r;
	uint8_t out[8];

	(void)state;
	reader_init(&r, count_up, sizeof(count_up));
	a = read_addr(&r);
	assert_memory_equal(&a, count_up, 16);
	assert_ptr_equal(read_skip(&r, 3), count_up + 16);
	read_bytes(&r, out, sizeof(out));
	assert_memory_equal(out, count_up + 19, 8);
	read_bytes(&r, NULL, 0);
	assert_int_equal(reader_left(&r), 5);
	assert_false(r.bad);
}

static void highest_bits_survive(void **state)
{
	static const uint8_t ones[15] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct reader r;

	(void)state;
	reader_init(&r, ones, sizeof(ones));
	assert_true(read_u8(&r) == UINT8_MAX);
	assert_true(read_u16(&r) == UINT16_MAX);
	assert_true(read_u32(&r) == UINT32_MAX);
	assert_true(read_u64(&r) == UINT64_MAX);
}

/* One byte less than each needs. */
static void a_read_past_the_end_yields_zero(void **state)
{
	struct reader r;
	uint8_t out[4] = { 1, 2, 3, 4 };
	struct in6_addr a;

	(void)state;
	reader_init(&r, count_up, 0);
	assert_int_equal(read_u8(&r), 0);
	assert_true(r.bad);
	reader_init(&r, count_up + 1, 1);
	assert_int_equal(read_u16(&r), 0);
	assert_true(r.bad);
	reader_init(&r, count_up + 1, 3);
	assert_int_equal(read_u32(&r), 0);
	assert_true(r.bad);
	reader_init(&r, count_up + 1, 7);
	assert_true(read_u64(&r) == 0);
	assert_true(r.bad);
	reader_init(&r, count_up + 1, 15);
	a = read_addr(&r);
	assert_memory_equal(&a, &in6addr_any, 16);
	assert_true(r.bad);
	reader_init(&r, count_up + 1, 3);
	read_bytes(&r, out, 4);
	assert_memory_equal(out, "\0\0\0\0", 4);
	assert_true(r.bad);
	reader_init(&r, count_up, 4);
	assert_null(read_skip(&r, 5));
	assert_true(r.bad);
}

static void bad_stays_and_the_place_too(void **state)
{
	struct reader r, sub;

	(void)state;
	reader_init(&r, count_up, 5);
	read_u16(&r);
	read_u32(&r);
	assert_true(r.bad);
	assert_int_equal(reader_offset(&r), 2);
	assert_int_equal(reader_left(&r), 0);
	/* there were three bytes left, but no more is read */
	assert_int_equal(read_u8(&r), 0);
	assert_null(read_skip(&r, 1));
	assert_null(read_skip(&r, 0));
	sub = read_sub(&r, 0);
	assert_true(sub.bad);
	assert_int_equal(reader_offset(&r), 2);
}

static void lengths_beyond_all_bounds_do_not_wrap(void **state)
{
	struct writer w;
	struct reader r;
	uint8_t out[4] = { 0 };

	(void)state;
	reader_init(&r, count_up, 4);
	assert_null(read_skip(&r, SIZE_MAX));
	assert_true(r.bad);
	reader_init(&r, count_up, 4);
	read_u8(&r);
	assert_null(read_skip(&r, SIZE_MAX));
	assert_true(r.bad);
	writer_init(&w, out, sizeof(out));
	write_u8(&w, 1);
	write_zeros(&w, SIZE_MAX);
	assert_true(w.bad);
	writer_init(&w, out, sizeof(out));
	write_u16(&w, 1);
	write_u16_at(&w, SIZE_MAX, 1);
	assert_true(w.bad);
}

static void a_sub_reader_ends_where_it_should(void **state)
{
	struct reader r, sub;

	(void)state;
	reader_init(&r, count_up, 8);
	read_u16(&r);
	sub = read_sub(&r, 4);
	assert_int_equal(reader_left(&sub), 4);
	assert_int_equal(reader_offset(&sub), 0);
	assert_int_equal(read_u32(&sub), 0x22334455);
	read_u8(&sub);
	assert_true(sub.bad);
	/* what happens to the part does not touch the whole */
	assert_false(r.bad);
	assert_int_equal(read_u16(&r), 0x6677);
	sub = read_sub(&r, 1);
	assert_true(r.bad && sub.bad);
	assert_int_equal(reader_left(&sub), 0);
	assert_int_equal(read_u8(&sub), 0);
}

static void an_empty_sub_reader_is_not_bad(void **state)
{
	struct reader r, sub;

	(void)state;
	reader_init(&r, count_up, 2);
	read_u16(&r);
	sub = read_sub(&r, 0);
	assert_false(sub.bad);
	assert_int_equal(reader_left(&sub), 0);
	assert_non_null(read_skip(&r, 0));
	assert_false(r.bad);
}

static void no_array_is_an_empty_one(void **state)
{
	struct reader r;
	struct writer w;

	(void)state;
	reader_init(&r, NULL, 0);
	assert_int_equal(reader_left(&r), 0);
	assert_int_equal(read_u8(&r), 0);
	assert_true(r.bad);
	reader_init(&r, NULL, 100);
	assert_int_equal(reader_left(&r), 0);
	writer_init(&w, NULL, 100);
	assert_int_equal(writer_left(&w), 0);
	write_u8(&w, 1);
	assert_true(w.bad);
	assert_int_equal(writer_len(&w), 0);
}

static void all_kinds_are_written_in_network_order(void **state)
{
	struct in6_addr a = { .s6_addr = { 0xfd, [15] = 1 } };
	uint8_t out[36];
	struct writer w;

	(void)state;
	memset(out, 'x', sizeof(out));
	writer_init(&w, out, sizeof(out));
	write_u8(&w, 0x11);
	write_u16(&w, 0x2233);
	write_u32(&w, 0x44556677);
	write_u64(&w, 0x8899aabbccddeeff);
	assert_int_equal(writer_len(&w), 15);
	assert_memory_equal(out, count_up + 1, 15);
	write_addr(&w, &a);
	assert_memory_equal(out + 15, &a, 16);
	write_bytes(&w, "abc", 3);
	write_bytes(&w, NULL, 0);
	write_zeros(&w, 2);
	assert_memory_equal(out + 31, "abc\0\0", 5);
	assert_int_equal(writer_left(&w), 0);
	write_zeros(&w, 0);
	assert_false(w.bad);
}

static void what_does_not_fit_is_not_begun(void **state)
{
	struct writer w;
	uint8_t out[8];

	(void)state;
	memset(out, 'x', sizeof(out));
	writer_init(&w, out, 7);
	write_u64(&w, UINT64_MAX);
	assert_true(w.bad);
	assert_memory_equal(out, "xxxxxxxx", 8);
	writer_init(&w, out, 3);
	write_u32(&w, UINT32_MAX);
	assert_true(w.bad);
	writer_init(&w, out, 1);
	write_u16(&w, UINT16_MAX);
	assert_true(w.bad);
	writer_init(&w, out, 2);
	write_bytes(&w, "abc", 3);
	assert_true(w.bad);
	/* there is room for one, but bad stays */
	write_u8(&w, 1);
	write_u8_at(&w, 0, 1);
	assert_int_equal(writer_len(&w), 0);
	assert_int_equal(writer_left(&w), 0);
	assert_memory_equal(out, "xxxxxxxx", 8);
}

static void only_what_was_written_is_overwritten(void **state)
{
	uint8_t out[6] = { 0 };
	struct writer w;

	(void)state;
	writer_init(&w, out, sizeof(out));
	write_u32(&w, 0);
	write_u8_at(&w, 0, 0xaa);
	write_u16_at(&w, 2, 0xbbcc);
	assert_false(w.bad);
	assert_memory_equal(out, "\xaa\0\xbb\xcc\0\0", 6);
	assert_int_equal(writer_len(&w), 4);
	write_u16_at(&w, 3, 0x1111);
	assert_true(w.bad);
	assert_memory_equal(out, "\xaa\0\xbb\xcc\0\0", 6);
	writer_init(&w, out, sizeof(out));
	write_u8_at(&w, 0, 1);
	assert_true(w.bad);
	assert_int_equal(out[0], 0xaa);
}

static uint64_t big_endian(const uint8_t *p, size_t len)
{
	uint64_t v = 0;

	while (len--)
		v = v << 8 | *p++;
	return v;
}

static uint64_t read_number(struct reader *r, size_t size)
{
	switch (size) {
	case 1:
		return read_u8(r);
	case 2:
		return read_u16(r);
	case 4:
		return read_u32(r);
	default:
		return read_u64(r);
	}
}

static void write_number(struct writer *w, size_t size, uint64_t v)
{
	switch (size) {
	case 1:
		write_u8(w, (uint8_t)v);
		return;
	case 2:
		write_u16(w, (uint16_t)v);
		return;
	case 4:
		write_u32(w, (uint32_t)v);
		return;
	default:
		write_u64(w, v);
	}
}

/* Reads numbers of random sizes from arrays of random lengths, until bad. */
static void random_reads_stay_inside(void **state)
{
	struct random *rnd = *state;

	for (int round = 0; round < 20000; round++) {
		size_t len = random_below(rnd, 40), at = 0;
		uint8_t *data = malloc(len ? len : 1);
		struct reader r;

		assert_non_null(data);
		random_fill(rnd, data, len);
		reader_init(&r, data, len);
		while (!r.bad) {
			size_t size = (size_t)1 << random_below(rnd, 4);
			uint64_t v = read_number(&r, size);

			assert_true(r.bad == (size > len - at));
			assert_true(v == (r.bad ? 0 : big_endian(data + at, size)));
			at += r.bad ? 0 : size;
			assert_int_equal(reader_offset(&r), at);
			assert_int_equal(reader_left(&r), r.bad ? 0 : len - at);
		}
		free(data);
	}
}

/* Writes numbers of random sizes until bad, and reads them back. */
static void random_writes_stay_inside(void **state)
{
	struct random *rnd = *state;

	for (int round = 0; round < 20000; round++) {
		size_t len = random_below(rnd, 40), at = 0;
		uint8_t *data = malloc(len ? len : 1);
		struct writer w;

		assert_non_null(data);
		memset(data, 0, len ? len : 1);
		writer_init(&w, data, len);
		while (!w.bad) {
			size_t size = (size_t)1 << random_below(rnd, 4);
			uint64_t v = random_u64(rnd), mask = UINT64_MAX >> (64 - 8 * size);

			write_number(&w, size, v);
			assert_true(w.bad == (size > len - at));
			if (!w.bad)
				assert_true(big_endian(data + at, size) == (v & mask));
			at += w.bad ? 0 : size;
			assert_int_equal(writer_len(&w), at);
		}
		for (; at < len; at++)
			assert_int_equal(data[at], 0);
		free(data);
	}
}

int main(void)
{
	static struct random rnd;
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read_in_network_order),
		cmocka_unit_test(addresses_and_bytes_are_read),
		cmocka_unit_test(highest_bits_survive),
		cmocka_unit_test(a_read_past_the_end_yields_zero),
		cmocka_unit_test(bad_stays_and_the_place_too),
		cmocka_unit_test(lengths_beyond_all_bounds_do_not_wrap),
		cmocka_unit_test(a_sub_reader_ends_where_it_should),
		cmocka_unit_test(an_empty_sub_reader_is_not_bad),
		cmocka_unit_test(no_array_is_an_empty_one),
		cmocka_unit_test(all_kinds_are_written_in_network_order),
		cmocka_unit_test(what_does_not_fit_is_not_begun),
		cmocka_unit_test(only_what_was_written_is_overwritten),
		cmocka_unit_test_prestate(random_reads_stay_inside, &rnd),
		cmocka_unit_test_prestate(random_writes_stay_inside, &rnd),
	};

	random_start(&rnd);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
