// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The replacements of libmissing, under their own names, whether or not the C
 * library has these functions; and the sizes that RFC 4584 promises.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libmissing/ip6mh.h"
#include "libmissing/missing.h"

static void strlcpy_copies_what_fits(void **state)
{
	char dst[8];

	(void)state;
	memset(dst, 'x', sizeof(dst));
	assert_int_equal(missing_strlcpy(dst, "abc", sizeof(dst)), 3);
	assert_memory_equal(dst, "abc\0xxxx", 8);
	assert_int_equal(missing_strlcpy(dst, "", sizeof(dst)), 0);
	assert_memory_equal(dst, "\0bc\0xxxx", 8);
	assert_int_equal(missing_strlcpy(dst, "1234567", sizeof(dst)), 7);
	assert_string_equal(dst, "1234567");
}

static void strlcpy_cuts_and_says_so(void **state)
{
	char dst[4];

	(void)state;
	memset(dst, 'x', sizeof(dst));
	assert_int_equal(missing_strlcpy(dst, "abcdef", 3), 6);
	assert_memory_equal(dst, "ab\0x", 4);
	assert_int_equal(missing_strlcpy(dst, "abcd", sizeof(dst)), 4);
	assert_string_equal(dst, "abc");
}

static void strlcpy_touches_nothing_of_size_zero(void **state)
{
	char dst[2] = "z";

	(void)state;
	assert_int_equal(missing_strlcpy(dst, "abc", 0), 3);
	assert_string_equal(dst, "z");
	assert_int_equal(missing_strlcpy(dst, "abc", 1), 3);
	assert_string_equal(dst, "");
}

static void reallocarray_grows_and_keeps(void **state)
{
	uint32_t *a = missing_reallocarray(NULL, 2, sizeof(*a));

	(void)state;
	assert_non_null(a);
	a[0] = 17;
	a[1] = 18;
	a = missing_reallocarray(a, 1000, sizeof(*a));
	assert_non_null(a);
	a[999] = 19;
	assert_int_equal(a[0], 17);
	assert_int_equal(a[1], 18);
	free(a);
}

static void reallocarray_refuses_overflow(void **state)
{
	/* the product of these, cut to size_t, is small */
	static volatile size_t many = SIZE_MAX / 2 + 2, half = SIZE_MAX / 16 + 2;
	char *a = malloc(4);

	(void)state;
	assert_non_null(a);
	memcpy(a, "abc", 4);
	errno = 0;
	assert_null(missing_reallocarray(a, many, 2));
	assert_int_equal(errno, ENOMEM);
	errno = 0;
	assert_null(missing_reallocarray(a, 16, half));
	assert_int_equal(errno, ENOMEM);
	assert_string_equal(a, "abc");
	free(a);
}

static void explicit_bzero_clears_just_that(void **state)
{
	char key[8];

	(void)state;
	memset(key, 'k', sizeof(key));
	missing_explicit_bzero(key + 1, 6);
	assert_memory_equal(key, "k\0\0\0\0\0\0k", 8);
	missing_explicit_bzero(key, 0);
	assert_int_equal(key[0], 'k');
}

/* The program itself goes through the names of the C library. */
static void usual_names_are_there(void **state)
{
	char dst[4];
	char *a = reallocarray(NULL, 4, 1);

	(void)state;
	assert_non_null(a);
	free(a);
	assert_int_equal(strlcpy(dst, "abcd", sizeof(dst)), 4);
	assert_string_equal(dst, "abc");
	explicit_bzero(dst, sizeof(dst));
	assert_memory_equal(dst, "\0\0\0\0", 4);
}

/* RFC 4584 sections 4.2 to 4.4 */
static void rfc4584_has_its_numbers_and_layouts(void **state)
{
	(void)state;
	assert_int_equal(IPPROTO_MH, 135);
	assert_int_equal(IP6OPT_HOME_ADDRESS, 0xc9);
	assert_int_equal(IPV6_RTHDR_TYPE_2, 2);
	assert_int_equal(sizeof(struct ip6_opt_home_address), 18);
	assert_int_equal(offsetof(struct ip6_opt_home_address, ip6oha_addr), 2);
	assert_int_equal(sizeof(struct ip6_rthdr2), 24);
	assert_int_equal(offsetof(struct ip6_rthdr2, ip6r2_segleft), 3);
	assert_int_equal(offsetof(struct ip6_rthdr2, ip6r2_homeaddr), 8);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(strlcpy_copies_what_fits),
		cmocka_unit_test(strlcpy_cuts_and_says_so),
		cmocka_unit_test(strlcpy_touches_nothing_of_size_zero),
		cmocka_unit_test(reallocarray_grows_and_keeps),
		cmocka_unit_test(reallocarray_refuses_overflow),
		cmocka_unit_test(explicit_bzero_clears_just_that),
		cmocka_unit_test(usual_names_are_there),
		cmocka_unit_test(rfc4584_has_its_numbers_and_layouts),
	};

	return cmocka_run_group_tests_name("libmissing", tests, NULL, NULL);
}
