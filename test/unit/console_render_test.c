// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is told once is rendered as text and as JSON: the same data, in one piece and in
 * several; what a peer sent can neither drive a terminal nor break JSON.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "console/render.h"

static void tell(struct show *s)
{
	struct in6_addr a = { .s6_addr = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } }, none = { 0 };

	show_init(s);
	show_text(s, "role", "HA");
	show_number(s, "home_registrations", 2);
	show_list(s, "bindings");
	show_row(s);
	show_addr(s, "home_address", &a);
	show_span(s, "left", 3725 * US_PER_S);
	show_bool(s, "active", true);
	show_row(s);
	show_addr(s, "home_address", &none);
	show_span(s, "left", TIME_NEVER);
	show_bool(s, "active", false);
	show_close(s);
	show_open(s, "node");
	show_since(s, "up", 0, 5);
	show_close(s);
}

static char *render(struct render *r, const struct show *s)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	assert_int_equal(render_piece(r, s, f), 0);
	fclose(f);
	return text;
}

static void text_is_aligned(void **state)
{
	struct render r;
	struct show s;
	char *text;

	(void)state;
	tell(&s);
	render_init(&r, false, false);
	text = render(&r, &s);
	assert_string_equal(text, "role:                HA\n"
				  "home registrations:  2\n"
				  "bindings:\n"
				  "  HOME ADDRESS  LEFT     ACTIVE\n"
				  "  2001:db8::1   1h2m     yes\n"
				  "  -             forever  no\n"
				  "node:\n"
				  "  up:  -\n");
	free(text);
	show_clear(&s);
}

static void json_has_the_same(void **state)
{
	json_t *j, *row;
	struct render r;
	struct show s;
	char *text;

	(void)state;
	tell(&s);
	render_init(&r, true, false);
	text = render(&r, &s);
	j = json_loads(text, 0, NULL);
	assert_non_null(j);
	assert_string_equal(json_string_value(json_object_get(j, "role")), "HA");
	assert_int_equal(json_integer_value(json_object_get(j, "home_registrations")), 2);
	row = json_array_get(json_object_get(j, "bindings"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "home_address")),
			    "2001:db8::1");
	assert_true(json_real_value(json_object_get(row, "left")) == 3725.0);
	assert_true(json_is_true(json_object_get(row, "active")));
	row = json_array_get(json_object_get(j, "bindings"), 1);
	assert_true(json_is_null(json_object_get(row, "home_address")));
	assert_true(json_is_null(json_object_get(row, "left")));
	json_decref(j);
	free(text);
	show_clear(&s);
}

static void pieces_make_one_list(void **state)
{
	char *all = NULL;
	size_t len;
	struct render r;
	struct show s;
	json_t *j;
	FILE *f = open_memstream(&all, &len);

	(void)state;
	assert_non_null(f);
	render_init(&r, true, false);
	for (unsigned int piece = 0; piece < 3; piece++) {
		show_init(&s);
		show_list(&s, "list");
		for (unsigned int n = 0; n < 10; n++) {
			show_row(&s);
			show_number(&s, "n", piece * 10 + n);
		}
		show_close(&s);
		if (piece < 2)
			show_more(&s);
		assert_int_equal(render_piece(&r, &s, f), 0);
		show_clear(&s);
	}
	fclose(f);
	j = json_loads(all, 0, NULL);
	assert_non_null(j);
	assert_int_equal(json_array_size(json_object_get(j, "list")), 30);
	json_decref(j);
	free(all);
}

static void hostile_text_is_harmless(void **state)
{
	struct render r;
	struct show s;
	char *text;
	json_t *j;

	(void)state;
	show_init(&s);
	show_text(&s, "name", "a\"b\\\x1b[2J\x7f");
	render_init(&r, false, false);
	text = render(&r, &s);
	assert_string_equal(text, "name:  a\"b\\?[2J?\n");
	free(text);
	render_init(&r, true, false);
	text = render(&r, &s);
	j = json_loads(text, 0, NULL);
	assert_non_null(j);
	assert_string_equal(json_string_value(json_object_get(j, "name")), "a\"b\\\x1b[2J\x7f");
	json_decref(j);
	free(text);
	show_clear(&s);
	/* no UTF-8: no string in JSON */
	show_text(&s, "name", "\xff\xfe");
	render_init(&r, true, false);
	text = render(&r, &s);
	assert_string_equal(text, "{\"name\":null}\n");
	free(text);
	show_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_aligned),
		cmocka_unit_test(json_has_the_same),
		cmocka_unit_test(pieces_make_one_list),
		cmocka_unit_test(hostile_text_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
