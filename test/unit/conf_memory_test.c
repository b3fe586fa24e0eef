// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf/ without memory: the linker puts the functions below before malloc() and
 * its kin (--wrap), and the test lets the first, the second, the third ...
 * allocation fail, until all succeed. Each time reading must end with -ENOMEM, or
 * do without, and leak nothing; the address sanitizer watches.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "conf/diff.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);

static long fail_at = -1; /* the allocation to fail, counted down; -1: none */
static bool failed;

static bool fails(void)
{
	if (fail_at < 0)
		return false;
	if (fail_at-- > 0)
		return false;
	failed = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return fails() ? NULL : __real_reallocarray(old, count, size);
}

/* Long enough that arenas need several blocks. */
static char *make_text(size_t *len, bool wrong)
{
	char *text;
	FILE *f = open_memstream(&text, len);

	fputs("NodeConfig MN; DebugLevel 2; DebugLevel 1; UseMnHaIPsec disabled;\n", f);
	for (int i = 0; i < 40; i++)
		fprintf(f,
			"Interface \"eth%d\" { MnIfPreference 1; }\n"
			"MnHomeLink \"eth%d\" { HomeAddress 2001:db8::%d/64 (2001:db8:5::/64);\n"
			"  MnRoPolicy 2001:db8:7::7 deny; IsMobRtr enabled; }\n"
			"IPsecPolicySet { HomeAgentAddress 2001:db8::1:1;\n"
			"  HomeAddress 2001:db8::%d/64; IPsecPolicy Mh UseESP 1; }\n",
			i, i, i + 1, i + 1);
	if (wrong)
		for (int i = 0; i < 25; i++)
			fputs("DebugLevl 1; UseCnBuAck 5; MnRoPolicy ( ;\n", f);
	fclose(f);
	return text;
}

static void run(bool wrong)
{
	size_t len;
	char *text = make_text(&len, wrong);
	long n = 0;

	for (;; n++) {
		struct conf_errors e;
		struct conf *c = NULL;
		int rc;

		conf_errors_init(&e);
		failed = false;
		fail_at = n;
		rc = conf_load_text("test", text, len, NULL, &c, &e);
		fail_at = -1;
		assert_int_equal(rc == 0, c != NULL);
		if (failed)
			assert_true(rc == -ENOMEM || rc == -EINVAL);
		else
			assert_int_equal(rc, wrong ? -EINVAL : 0);
		conf_free(c);
		conf_errors_free(&e);
		if (!failed)
			break;
	}
	assert_true(n > 10);
	free(text);
}

static void test_right_file(void **state)
{
	(void)state;
	run(false);
}

static void test_wrong_file(void **state)
{
	(void)state;
	run(true);
}

static void test_diff(void **state)
{
	struct conf_errors e;
	struct conf *a;
	struct conf *b;
	size_t len;
	char *text = make_text(&len, false);
	int rc;

	(void)state;
	conf_errors_init(&e);
	assert_int_equal(conf_load_text("a", text, len, NULL, &a, &e), 0);
	assert_int_equal(conf_load_text("b", "NodeConfig MN;", 14, NULL, &b, &e), 0);
	for (long n = 0;; n++) {
		failed = false;
		fail_at = n;
		rc = conf_diff(a, b, NULL, NULL);
		fail_at = -1;
		if (!failed)
			break;
		assert_int_equal(rc, -ENOMEM);
	}
	assert_true(rc > 100);
	conf_free(a);
	conf_free(b);
	conf_errors_free(&e);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right_file),
		cmocka_unit_test(test_wrong_file),
		cmocka_unit_test(test_diff),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
