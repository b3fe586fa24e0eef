// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Turns of the event loop: their order, their time, how long they wait, and how
 * they end. Of the clock nothing is asked but that nothing comes early, and that
 * the best of several tries is not late.
 */
#include "unit/loop_scene.h"

#include "base/clock.h"

#define MS US_PER_MS

/* -- timers ---------------------------------------------------------------------- */

static void on_timer(struct timer *t, uint64_t now_us)
{
	struct scene *s = t->ctx;

	assert_true(now_us == loop_now_us(s->loop));
	assert_true(now_us >= t->at_us);
	note(s, t == &s->timer ? 't' : 'T');
}

static void set_timer(struct scene *s, struct timer *t, uint64_t at_us)
{
	if (!t->fn)
		timer_init(t, "test", on_timer, s);
	assert_int_equal(timer_set(loop_timers(s->loop), t, at_us, NULL), 0);
}

static void timers_run_in_order_and_not_early(void **state)
{
	struct scene *s = *state;
	uint64_t start = clock_now_us();

	set_timer(s, &s->timer, start + 5 * MS);
	set_timer(s, &s->other_timer, start + 2 * MS);
	while (timer_is_set(&s->timer))
		turn(s, TIME_NEVER);
	assert_noted(s, "Tt");
	assert_true(s->seen_us[0] >= start + 2 * MS);
	assert_true(s->seen_us[1] >= start + 5 * MS);
}

static void a_timer_set_meanwhile_for_earlier_comes_earlier(void **state)
{
	struct scene *s = *state;
	uint64_t start = clock_now_us();

	set_timer(s, &s->timer, start + 3600 * US_PER_S);
	turn(s, 0);
	turn(s, 1 * MS);
	set_timer(s, &s->other_timer, start + 3 * MS);
	while (timer_is_set(&s->other_timer))
		turn(s, TIME_NEVER);
	assert_noted(s, "T");
}

static void a_timer_that_was_moved_away_does_not_wake(void **state)
{
	struct scene *s = *state;
	bool in_time = false;
	uint64_t since;

	/* it may come due before it is moved when others have the processor */
	for (int i = 0; i < 100 && !in_time; i++) {
		set_timer(s, &s->timer, clock_now_us() + 20 * MS);
		turn(s, 0);
		set_timer(s, &s->timer, TIME_NEVER);
		in_time = s->log[0] == '\0';
		memset(s->log, 0, sizeof(s->log));
	}
	assert_true(in_time);
	since = clock_now_us();
	turn(s, 40 * MS);
	assert_noted(s, "");
	assert_true(clock_now_us() - since >= 30 * MS);
}

static void a_timer_at_zero_or_long_past_runs_at_once(void **state)
{
	struct scene *s = *state;

	set_timer(s, &s->timer, 0);
	set_timer(s, &s->other_timer, 1);
	turn(s, TIME_NEVER);
	assert_noted(s, "tT");
}

/* The timerfd has the grain of the clock, where libevent's waiting has that of
 * milliseconds: three times 300 us after one another can never pass in under
 * that, and once in a hundred tries no one else has the processor. */
static void timers_have_the_grain_of_microseconds(void **state)
{
	struct scene *s = *state;
	uint64_t best_us = UINT64_MAX;

	for (int i = 0; i < 300 && best_us > 400; i++) {
		uint64_t at_us = clock_now_us() + 300, late_us;

		set_timer(s, &s->timer, at_us);
		while (timer_is_set(&s->timer))
			turn(s, TIME_NEVER);
		memset(s->log, 0, sizeof(s->log));
		late_us = loop_now_us(s->loop) - at_us;
		best_us = late_us < best_us ? late_us : best_us;
	}
	assert_in_range(best_us, 0, 400);
}

static void on_timer_again(struct timer *t, uint64_t now_us)
{
	struct scene *s = t->ctx;

	(void)now_us;
	note(s, 'a');
	assert_int_equal(timer_set(loop_timers(s->loop), t, 0, NULL), 0);
}

/* A timer that is always past neither holds up its turn nor shuts out the rest. */
static void a_greedy_timer_leaves_the_others_their_turn(void **state)
{
	struct scene *s = *state;

	timer_init(&s->timer, "again", on_timer_again, s);
	set_timer(s, &s->timer, 0);
	add_fd(s, s->pipe[0], LOOP_READ, on_read);
	fill(s->pipe[1]);
	turn(s, TIME_NEVER);
	turn(s, TIME_NEVER);
	timer_cancel(loop_timers(s->loop), &s->timer);
	assert_noted(s, "raa");
}

/* -- hooks and the order of a turn ----------------------------------------------- */

static void on_hook(void *ctx, uint64_t now_us)
{
	struct scene *s = ctx;

	assert_true(now_us == loop_now_us(s->loop));
	note(s, 'h');
}

static void on_other_hook(void *ctx, uint64_t now_us)
{
	(void)now_us;
	note(ctx, 'H');
}

static struct loop_hook *add_hook(struct scene *s, loop_hook_fn *fn)
{
	struct loop_hook *h = loop_add_hook(s->loop, fn, s);

	assert_non_null(h);
	return h;
}

/* Takes its time, so that a clock read again would show. */
static void on_slow_read(int fd, unsigned int ready, void *ctx)
{
	struct scene *s = ctx;
	uint64_t start = clock_now_us();

	on_read(fd, ready, ctx);
	while (clock_now_us() < start + 100)
		;
	set_timer(s, &s->timer, loop_now_us(s->loop));
}

/* Descriptors, then timers, then hooks; all are told the same time. */
static void a_turn_has_an_order_and_one_time(void **state)
{
	struct scene *s = *state;
	uint64_t before;

	add_hook(s, on_hook);
	add_hook(s, on_other_hook);
	add_fd(s, s->pipe[0], LOOP_READ, on_slow_read);
	turn(s, 0);
	assert_noted(s, "hH");
	before = clock_now_us();
	set_timer(s, &s->other_timer, before);
	fill(s->pipe[1]);
	turn(s, TIME_NEVER);
	for (int i = 1; i < 5; i++)
		assert_true(s->seen_us[i] == s->seen_us[0]);
	assert_true(s->seen_us[0] >= before);
	assert_noted(s, "rTthH");
}

static void on_hook_delete(void *ctx, uint64_t now_us)
{
	struct scene *s = ctx;

	(void)now_us;
	note(s, 'd');
	loop_del_hook(s->hook);
	loop_del_hook(s->other_hook);
}

static void a_hook_deletes_itself_and_the_next(void **state)
{
	struct scene *s = *state;

	loop_del_hook(add_hook(s, on_hook));
	loop_del_hook(NULL);
	s->hook = add_hook(s, on_hook_delete);
	s->other_hook = add_hook(s, on_other_hook);
	add_hook(s, on_hook);
	turn(s, 0);
	assert_noted(s, "dh");
	turn(s, 0);
	assert_noted(s, "h");
}

static void a_hook_deletes_the_one_before_and_the_last(void **state)
{
	struct scene *s = *state;

	s->hook = add_hook(s, on_hook);
	add_hook(s, on_hook_delete);
	s->other_hook = add_hook(s, on_other_hook);
	turn(s, 0);
	assert_noted(s, "hd");
	s->hook = s->other_hook = NULL;
	turn(s, 0);
	assert_noted(s, "d");
}

static void on_hook_add(void *ctx, uint64_t now_us)
{
	struct scene *s = ctx;

	(void)now_us;
	note(s, 'a');
	add_hook(s, on_hook);
}

static void a_hook_that_is_added_waits_for_the_next_turn(void **state)
{
	struct scene *s = *state;

	add_hook(s, on_hook_add);
	turn(s, 0);
	assert_noted(s, "a");
	turn(s, 0);
	assert_noted(s, "ah");
}

/* -- waiting, stopping ----------------------------------------------------------- */

static void a_turn_waits_no_longer_than_told(void **state)
{
	struct scene *s = *state;
	uint64_t start = clock_now_us();

	turn(s, 3 * MS);
	assert_true(clock_now_us() >= start + 3 * MS);
	/* were it the hour of the timer, the test would be ended for it */
	set_timer(s, &s->timer, clock_now_us() + 3600 * US_PER_S);
	turn(s, 0);
	turn(s, 1 * MS);
	assert_noted(s, "");
	/* an end beyond the end of time is none */
	fill(s->pipe[1]);
	add_fd(s, s->pipe[0], LOOP_READ, on_read);
	turn(s, TIME_NEVER - 1);
	assert_noted(s, "r");
}

static void on_stop_timer(struct timer *t, uint64_t now_us)
{
	struct scene *s = t->ctx;

	(void)now_us;
	note(s, 't');
	loop_stop(s->loop);
}

static void run_ends_after_the_turn_that_stops_it(void **state)
{
	struct scene *s = *state;

	timer_init(&s->timer, "stop", on_stop_timer, s);
	set_timer(s, &s->timer, clock_now_us() + 1 * MS);
	turn(s, 0);
	add_hook(s, on_hook);
	assert_int_equal(loop_run(s->loop), 0);
	assert_non_null(strstr(s->log, "th"));
	memset(s->log, 0, sizeof(s->log));
	/* and can run again */
	set_timer(s, &s->timer, clock_now_us() + 1 * MS);
	assert_int_equal(loop_run(s->loop), 0);
	assert_non_null(strstr(s->log, "th"));
	memset(s->log, 0, sizeof(s->log));
	/* stopped before it begins, it does nothing */
	loop_stop(s->loop);
	assert_int_equal(loop_run(s->loop), 0);
	assert_noted(s, "");
}

static void on_nested(int fd, unsigned int ready, void *ctx)
{
	struct scene *s = ctx;

	on_read(fd, ready, ctx);
	assert_int_equal(loop_turn(s->loop, 0), -EBUSY);
	assert_int_equal(loop_run(s->loop), -EBUSY);
}

static void a_callback_cannot_turn_the_loop(void **state)
{
	struct scene *s = *state;

	add_fd(s, s->pipe[0], LOOP_READ, on_nested);
	fill(s->pipe[1]);
	turn(s, TIME_NEVER);
	assert_noted(s, "r");
}

static void the_time_is_there_before_the_first_turn(void **state)
{
	struct scene *s = *state;

	assert_in_range(loop_now_us(s->loop), 1, clock_now_us());
}

static void on_signal(int signo, void *ctx)
{
	(void)signo;
	note(ctx, 's');
}

/* The leak checker of the address sanitizer looks on. */
static void what_was_not_deleted_dies_with_the_loop(void **state)
{
	struct scene *s = *state;

	add_fd(s, s->pipe[0], LOOP_READ, on_read);
	add_fd(s, s->pipe[1], 0, on_read);
	assert_non_null(loop_add_signal(s->loop, SIGUSR1, on_signal, s));
	add_hook(s, on_hook);
	add_hook(s, on_other_hook);
	set_timer(s, &s->timer, 1);
	loop_free(s->loop);
	assert_false(timer_is_set(&s->timer));
	s->loop = NULL;
	loop_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		loop_test(timers_run_in_order_and_not_early),
		loop_test(a_timer_set_meanwhile_for_earlier_comes_earlier),
		loop_test(a_timer_that_was_moved_away_does_not_wake),
		loop_test(a_timer_at_zero_or_long_past_runs_at_once),
		loop_test(timers_have_the_grain_of_microseconds),
		loop_test(a_greedy_timer_leaves_the_others_their_turn),
		loop_test(a_turn_has_an_order_and_one_time),
		loop_test(a_hook_deletes_itself_and_the_next),
		loop_test(a_hook_deletes_the_one_before_and_the_last),
		loop_test(a_hook_that_is_added_waits_for_the_next_turn),
		loop_test(a_turn_waits_no_longer_than_told),
		loop_test(run_ends_after_the_turn_that_stops_it),
		loop_test(a_callback_cannot_turn_the_loop),
		loop_test(the_time_is_there_before_the_first_turn),
		loop_test(what_was_not_deleted_dies_with_the_loop),
	};

	/* libevent warns of what it refuses */
	if (log_open(LOGT_NONE, NULL, NULL) < 0)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("turns of the loop", tests, NULL, NULL);
}
