// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words of the console on a node without a network: which word is meant, what may be
 * cut, who may change things; lists of 100 000 bindings come in pieces of a bounded number
 * of rows; what the daemon keeps in the kernel is compared with what is found there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "console/command.h"
#include "core_port.h"

#define MANY 100000

struct node {
	struct port port;
	struct kernel_ops ops;
	struct footprint kept;
	struct footprint there;
	unsigned int ended;
	struct show show;
	char line[256];
	struct command_request r;
};

/* The node that the port is part of: both begin at the same place. */
static struct node *node_of(const struct mip6 *m)
{
	return (struct node *)m->kernel;
}

/* --- a role ------------------------------------------------------------------------------ */

static void show_word(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	(void)m;
	show_text(out, "shown", argc > 1 ? argv[1] : "nothing");
}

static int run_word(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	(void)m;
	show_number(out, "arguments", (uint64_t)argc);
	return strcmp(argv[argc - 1], "wrong") == 0 ? -EINVAL : 0;
}

static bool end_binding(struct mip6 *m, struct binding *b)
{
	node_of(m)->ended++;
	return b->kind == BINDING_HOME;
}

static void objects(struct mip6 *m, role_object_fn *fn, void *ctx)
{
	footprint_each(&node_of(m)->kept, fn, ctx);
}

static const struct role_show shows[] = {
	{ "handovers", "", "handovers", "handovers", show_word },
	{ "rr", "[PEER]", "peers", "rr", show_word },
	{ .word = NULL },
};
static const struct role_command commands[] = {
	{ "bc add", "hoa ADDRESS", "adds", "bc add hoa 2001:db8::1", run_word },
	{ "prefer", "IF", "prefers", "prefer wlan0", run_word },
	{ .word = NULL },
};
static const struct role role = {
	.name = "test",
	.end_binding = end_binding,
	.objects = objects,
	.shows = shows,
	.commands = commands,
};

/* --- asking ------------------------------------------------------------------------------- */

static int scan(struct kernel *k, int (*fn)(const struct kobj *o, void *ctx), void *ctx)
{
	struct node *n = (struct node *)k;

	for (size_t i = 0; i < n->there.count; i++)
		assert_int_equal(fn(&n->there.items[i], ctx), 0);
	return 0;
}

static int set_up(void **state)
{
	struct node *n = calloc(1, sizeof(*n));

	assert_non_null(n);
	port_init(&n->port);
	n->ops = *n->port.kernel.ops;
	n->ops.scan = scan;
	n->port.kernel.ops = &n->ops;
	mip6_add_role(&n->port.mip6, &role);
	assert_int_equal(mip6_start(&n->port.mip6), 0);
	show_init(&n->show);
	*state = n;
	return 0;
}

static int tear_down(void **state)
{
	struct node *n = *state;

	show_clear(&n->show);
	footprint_free(&n->kept);
	footprint_free(&n->there);
	port_free(&n->port);
	free(n);
	return 0;
}

static void begin(struct node *n, const char *line)
{
	snprintf(n->line, sizeof(n->line), "%s", line);
	memset(&n->r, 0, sizeof(n->r));
	n->r.m = &n->port.mip6;
	n->r.may_change = true;
	n->r.apart = true;
	command_parse(n->line, &n->r);
	show_clear(&n->show);
	n->show.cursor = 0;
}

static enum command_end ask(struct node *n, const char *line)
{
	begin(n, line);
	return command_run(&n->r, &n->show);
}

/* The text of that name in the last answer. */
static const char *text_of(const struct node *n, const char *key)
{
	for (size_t i = 0; i < n->show.count; i++) {
		const struct show_item *item = &n->show.items[i];

		if (item->type == SHOW_TEXT && strcmp(item->key, key) == 0)
			return item->text;
	}
	return "";
}

/* --- which is meant ------------------------------------------------------------------------ */

static void a_word_may_be_cut_while_it_is_clear(void **state)
{
	struct node *n = *state;

	ask(n, "statu");
	assert_int_equal(n->r.status, 0);
	assert_string_equal(text_of(n, "version"), PACKAGE_VERSION);
	ask(n, "handovers");
	assert_string_equal(text_of(n, "shown"), "nothing");
	ask(n, "rr 2001:db8::1");
	assert_string_equal(text_of(n, "shown"), "2001:db8::1");
	ask(n, "c");
	assert_int_equal(n->r.status, EINVAL);
	assert_non_null(strstr(text_of(n, "error"), "counters"));
	assert_non_null(strstr(text_of(n, "error"), "clear binding"));
	ask(n, "nonsense");
	assert_int_equal(n->r.status, EINVAL);
	ask(n, "");
	assert_int_equal(n->r.status, 0);
	ask(n, "clear");
	assert_int_equal(n->r.status, EINVAL);
	assert_non_null(strstr(text_of(n, "error"), "clear undo"));
}

static void two_words_are_more_than_one(void **state)
{
	struct node *n = *state;

	ask(n, "bc");
	assert_int_equal(n->r.status, 0);
	assert_int_equal(n->show.items[0].type, SHOW_LIST);
	ask(n, "bc add hoa 2001:db8::1");
	assert_int_equal(n->r.status, 0);
	assert_int_equal(n->show.items[0].number, 4);
	ask(n, "bc add wrong");
	assert_int_equal(n->r.status, EINVAL);
	n->port.mip6.counters.value[COUNT_IN_BU] = 7;
	ask(n, "counters clear");
	assert_int_equal(n->r.status, 0);
	assert_int_equal(counter_shown(&n->port.mip6.counters, COUNT_IN_BU), 0);
	ask(n, "clear undo");
	assert_int_equal(counter_shown(&n->port.mip6.counters, COUNT_IN_BU), 7);
}

static void what_changes_is_written_in_full_by_who_may(void **state)
{
	struct node *n = *state;
	static const char *const changing[] = { "clear counters", "clear undo", "prefer x",
						"clear binding all", "bc add x" };

	ask(n, "pref wlan0");
	assert_int_equal(n->r.status, EINVAL);
	ask(n, "clear count");
	assert_int_equal(n->r.status, EINVAL);
	assert_non_null(strstr(text_of(n, "error"), "clear counters"));
	for (size_t i = 0; i < sizeof(changing) / sizeof(changing[0]); i++) {
		begin(n, changing[i]);
		n->r.may_change = false;
		command_run(&n->r, &n->show);
		assert_int_equal(n->r.status, EPERM);
		n->port.mip6.stopping = true;
		ask(n, changing[i]);
		n->port.mip6.stopping = false;
		assert_int_equal(n->r.status, EBUSY);
	}
	/* `debug` reads without arguments, and changes with them */
	begin(n, "debug ha debug");
	n->r.may_change = false;
	command_run(&n->r, &n->show);
	assert_int_equal(n->r.status, EPERM);
	ask(n, "debug ha");
	assert_int_equal(n->r.status, EINVAL);
}

static void every_word_has_help_and_an_example_of_it(void **state)
{
	struct node *n = *state;
	char names[100][32];
	size_t count = 0;

	ask(n, "help");
	for (size_t i = 0; i < n->show.count; i++) {
		if (n->show.items[i].key && strcmp(n->show.items[i].key, "command") == 0)
			snprintf(names[count++], sizeof(names[0]), "%s", n->show.items[i].text);
	}
	assert_true(count > 20);
	for (size_t i = 0; i < count; i++) {
		char line[64];

		snprintf(line, sizeof(line), "help %s", names[i]);
		ask(n, line);
		assert_int_equal(n->r.status, 0);
		assert_string_equal(text_of(n, "command"), names[i]);
		assert_true(strlen(text_of(n, "meaning")) > 3);
		assert_true(strncmp(text_of(n, "example"), "mip6ctl ", 8) == 0);
		assert_non_null(strstr(text_of(n, "example"), names[i]));
	}
	ask(n, "help nonsense");
	assert_int_equal(n->r.status, EINVAL);
	ask(n, "help clear");
	assert_int_equal(n->r.status, EINVAL);
}

/* A daemon that has not started, or could not, answers for itself alone. */
static void roles_are_asked_when_they_have_started(void **state)
{
	struct node *n = *state;

	n->port.mip6.running = false;
	ask(n, "rr");
	assert_int_equal(n->r.status, EINVAL);
	ask(n, "status");
	assert_int_equal(n->r.status, 0);
	n->port.mip6.running = true;
}

static void words_past_the_last_are_left_out(void **state)
{
	struct node *n = *state;

	ask(n, "rr 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20");
	assert_int_equal(n->r.argc, COMMAND_WORDS_MAX);
	assert_int_equal(n->r.status, 0);
	begin(n, "json colour status");
	assert_true(n->r.json && n->r.colour);
	assert_string_equal(n->r.argv[0], "status");
}

/* --- many bindings ---------------------------------------------------------------------------- */

static struct in6_addr home(unsigned int i)
{
	struct in6_addr a = { .s6_addr = { 0x20, 0x01, 0x0d, 0xb8 } };

	a.s6_addr[12] = (uint8_t)(i >> 24);
	a.s6_addr[13] = (uint8_t)(i >> 16);
	a.s6_addr[14] = (uint8_t)(i >> 8);
	a.s6_addr[15] = (uint8_t)i;
	return a;
}

static void add_many(struct node *n, bool memory)
{
	struct in6_addr local = home(MANY + 1);

	for (unsigned int i = 0; i < MANY; i++) {
		struct in6_addr hoa = home(i);
		struct binding *b = bcache_add(&n->port.mip6.bcache, BINDING_HOME, &hoa, &local);

		assert_non_null(b);
		binding_set_state(b, memory ? BINDING_MEMORY : BINDING_INSTALLING);
	}
}

/* Pieces of the answer, none with more rows than are allowed in one turn. */
static size_t count_rows(struct node *n, const char *line, size_t *pieces)
{
	enum command_end end;
	size_t rows = 0;

	begin(n, line);
	*pieces = 0;
	do {
		end = command_run(&n->r, &n->show);
		assert_true(n->show.rows <= SHOW_ROWS_MAX);
		rows += n->show.rows;
		(*pieces)++;
		show_clear(&n->show);
	} while (end == COMMAND_MORE);
	assert_int_equal(end, COMMAND_DONE);
	assert_int_equal(n->r.status, 0);
	return rows;
}

static void no_piece_has_more_rows_than_are_allowed(void **state)
{
	struct node *n = *state;
	size_t pieces;

	add_many(n, false);
	assert_int_equal(count_rows(n, "bindings", &pieces), MANY);
	assert_true(pieces > MANY / SHOW_ROWS_MAX);
	/* who looks for one does not go through all of them in a turn either */
	assert_int_equal(count_rows(n, "bindings 2001:db8::7", &pieces), 1);
	assert_true(pieces > 20);
	assert_int_equal(count_rows(n, "bindings remembered", &pieces), 0);
	assert_true(pieces > 20);
	assert_int_equal(count_rows(n, "clear binding all", &pieces), 0);
	assert_int_equal(n->ended, MANY);
	assert_true(pieces > MANY / 64);
	ask(n, "clear binding 2001:db9::1");
	while (n->show.more) {
		show_clear(&n->show);
		command_run(&n->r, &n->show);
	}
	assert_int_equal(n->r.status, ENOENT);
}

static void memories_are_shown_apart(void **state)
{
	struct node *n = *state;
	size_t pieces;

	add_many(n, true);
	assert_int_equal(count_rows(n, "bindings", &pieces), 0);
	assert_int_equal(count_rows(n, "bindings remembered", &pieces), MANY);
}

static void nothing(struct timer *t, uint64_t now_us)
{
	(void)t;
	(void)now_us;
}

static void only_the_next_timers_are_shown(void **state)
{
	struct node *n = *state;
	struct timer *timers = calloc(MANY, sizeof(*timers));
	uint64_t last = 0;
	size_t pieces;

	assert_non_null(timers);
	for (unsigned int i = 0; i < MANY; i++) {
		timer_init(&timers[i], "test", nothing, NULL);
		assert_int_equal(timer_set(&n->port.timers, &timers[i],
					   n->port.mip6.now_us + (i * 7919ULL) % MANY, NULL), 0);
	}
	assert_int_equal(count_rows(n, "timers", &pieces), SHOW_ROWS_MAX);
	ask(n, "timers");
	for (size_t i = 0; i < n->show.count; i++) {
		if (n->show.items[i].type != SHOW_SPAN)
			continue;
		assert_true(n->show.items[i].number >= last);
		last = n->show.items[i].number;
	}
	assert_true(last < SHOW_ROWS_MAX);
	timers_free(&n->port.timers);
	free(timers);
}

/* --- the kernel ---------------------------------------------------------------------- */

static struct kobj route(unsigned int i, unsigned int coa)
{
	struct kobj o = { .type = KOBJ_ROUTE };

	o.route.dst = (struct prefix){ .addr = home(i), .len = 128 };
	o.route.encap = true;
	o.route.encap_src = home(MANY);
	o.route.encap_dst = home(coa);
	return o;
}

static void keep(struct node *n, const struct kobj *o)
{
	footprint_add(&n->kept, o);
}

static void find(struct node *n, const struct kobj *o)
{
	footprint_add(&n->there, o);
}

static void what_differs_in_the_kernel_is_shown(void **state)
{
	struct node *n = *state;
	struct kobj same = route(1, 100), moved = route(2, 101), gone = route(3, 102);
	struct kobj elsewhere = route(2, 999), stray = route(4, 103);
	struct kobj group = { .type = KOBJ_GROUP };
	size_t pieces;

	keep(n, &same);
	keep(n, &moved);
	keep(n, &gone);
	keep(n, &group); /* no scan finds these */
	find(n, &same);
	find(n, &elsewhere);
	find(n, &stray);
	assert_int_equal(count_rows(n, "kernel", &pieces), 4);
	assert_int_equal(count_rows(n, "kernel diff", &pieces), 3);
	assert_int_equal(count_rows(n, "tunnels", &pieces), 4);
	assert_int_equal(count_rows(n, "policies", &pieces), 0);
	ask(n, "kernel diff");
	assert_string_equal(n->show.items[2].text, "different");
	assert_non_null(strstr(n->show.items[4].text, "there: "));
	assert_string_equal(n->show.items[6].text, "missing");
	assert_string_equal(n->show.items[10].text, "unexpected");
	ask(n, "kernel wrong");
	assert_int_equal(n->r.status, EINVAL);
	/* in the daemon itself it is not done */
	begin(n, "kernel");
	n->r.apart = false;
	assert_int_equal(command_run(&n->r, &n->show), COMMAND_APART);
}

static void the_kernels_list_comes_in_pieces(void **state)
{
	struct node *n = *state;
	size_t pieces;

	n->there.items = calloc(MANY, sizeof(*n->there.items));
	assert_non_null(n->there.items);
	n->there.room = n->there.count = MANY;
	for (unsigned int i = 0; i < MANY; i++)
		n->there.items[i] = route(i, i);
	assert_int_equal(count_rows(n, "kernel", &pieces), MANY);
	assert_true(pieces > MANY / SHOW_ROWS_MAX);
}

#define command_test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

/* --- reload -------------------------------------------------------------------------------- */

/* What the daemon finds: so many changes, of which some wait; or an error. */
struct reloads {
	int error;
	unsigned int changes;
	unsigned int waiting;
	unsigned int looks; /* how often it was only to look */
	unsigned int loads;
};

static int reload(void *ctx, bool only_look, const struct console_report *report)
{
	struct reloads *f = ctx;

	f->looks += only_look;
	f->loads += !only_look;
	if (f->error == -EINVAL)
		report->mistake("error", "x.conf:3:1", "unknown", "", report->ctx);
	for (unsigned int i = 0; i < f->changes && !f->error; i++)
		report->change("HaPreference", "0", "9", "at once", i < f->waiting, report->ctx);
	return f->error;
}

static unsigned int waiting(void *ctx)
{
	return ((const struct reloads *)ctx)->waiting;
}

static const char *result_of(struct node *n, struct reloads *f, const char *line)
{
	const struct console_actions actions = { .reload = reload, .waiting = waiting, .ctx = f };

	begin(n, line);
	n->r.actions = &actions;
	assert_int_equal(command_run(&n->r, &n->show), COMMAND_DONE);
	assert_true(n->show.rows <= SHOW_ROWS_MAX + 1);
	return n->r.status ? text_of(n, "error") : text_of(n, "result");
}

static void a_reload_says_what_it_does(void **state)
{
	struct node *n = *state;
	struct reloads f = { .error = 0 };

	assert_string_equal(result_of(n, &f, "reload"), "nothing has changed");
	assert_string_equal(result_of(n, &f, "config diff"), "the file says what is in force");
	assert_string_equal(result_of(n, &f, "reload check"), "the file says what is in force");
	assert_int_equal(f.looks, 2);
	assert_int_equal(f.loads, 1);
	f.changes = 1;
	assert_string_equal(result_of(n, &f, "reload"), "1 change");
	assert_string_equal(text_of(n, "after"), "9");
	f.changes = 1000;
	f.waiting = 3;
	assert_string_equal(result_of(n, &f, "reload"),
			    "1000 changes, of which 3 will wait for a restart");
	assert_string_equal(result_of(n, &f, "reload check"),
			    "1000 changes, not made yet, 3 only by a restart");
	result_of(n, &f, "status");
	assert_non_null(strstr(text_of(n, "what"), "wait for a restart"));
	f.loads = 0;
	f.error = -EINVAL;
	assert_string_equal(result_of(n, &f, "reload"), "the former configuration stays");
	assert_int_equal(n->r.status, EINVAL);
	assert_string_equal(text_of(n, "where"), "x.conf:3:1");
	assert_string_equal(result_of(n, &f, "reload check"), "this file would be refused");
	f.error = -EBUSY;
	assert_string_equal(result_of(n, &f, "reload"), "not now: the daemon begins or ends");
	assert_int_equal(f.loads, 2);
	result_of(n, &f, "reload nonsense");
	assert_int_equal(n->r.status, EINVAL);
	assert_int_equal(f.loads, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		command_test(a_reload_says_what_it_does),
		command_test(a_word_may_be_cut_while_it_is_clear),
		command_test(two_words_are_more_than_one),
		command_test(what_changes_is_written_in_full_by_who_may),
		command_test(every_word_has_help_and_an_example_of_it),
		command_test(roles_are_asked_when_they_have_started),
		command_test(words_past_the_last_are_left_out),
		command_test(no_piece_has_more_rows_than_are_allowed),
		command_test(memories_are_shown_apart),
		command_test(only_the_next_timers_are_shown),
		command_test(what_differs_in_the_kernel_is_shown),
		command_test(the_kernels_list_comes_in_pieces),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
