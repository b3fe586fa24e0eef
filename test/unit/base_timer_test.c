// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The timer heap, on a virtual clock: order, what callbacks may do, owners, lack
 * of memory. Many timers at once are in base_timer_many_test.c.
 *
 * The linker sends the heap's calls of reallocarray() here, so that memory can
 * be refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "base/timer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool no_memory;
static unsigned int allocations;

void *__wrap_reallocarray(void *old, size_t count, size_t size);
void *__wrap_missing_reallocarray(void *old, size_t count, size_t size);

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	if (no_memory || count > SIZE_MAX / size)
		return NULL;
	allocations++;
	return realloc(old, count * size);
}

/* What the heap calls where the C library has none. */
void *__wrap_missing_reallocarray(void *old, size_t count, size_t size)
{
	return __wrap_reallocarray(old, count, size);
}

/* A handful of timers which note that they ran, and then do what `act` says. */
struct probe {
	struct timer timer;
	struct fixture *f;
	void (*act)(struct probe *p, uint64_t now_us);
	unsigned int ran;
};

struct fixture {
	struct timers heap;
	struct timer_owner owner, other;
	struct probe probes[10];
	char log[32]; /* the numbers of the probes that ran */
};

static void on_probe(struct timer *t, uint64_t now_us)
{
	struct probe *p = t->ctx;
	size_t len = strlen(p->f->log);

	assert_false(timer_is_set(t));
	assert_ptr_equal(t, &p->timer);
	assert_true(len + 1 < sizeof(p->f->log));
	p->f->log[len] = (char)('0' + (p - p->f->probes));
	p->ran++;
	if (p->act)
		p->act(p, now_us);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	timers_init(&f->heap);
	timer_owner_init(&f->owner);
	timer_owner_init(&f->other);
	for (size_t i = 0; i < COUNT(f->probes); i++) {
		f->probes[i].f = f;
		timer_init(&f->probes[i].timer, "probe", on_probe, &f->probes[i]);
	}
	no_memory = false;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	timers_free(&f->heap);
	free(f);
	return 0;
}

static void set(struct fixture *f, int i, uint64_t at_us)
{
	assert_int_equal(timer_set(&f->heap, &f->probes[i].timer, at_us, &f->owner), 0);
}

/* Runs at `now_us`; `ran` are the probes expected, in order. */
static void run(struct fixture *f, uint64_t now_us, const char *ran)
{
	memset(f->log, 0, sizeof(f->log));
	assert_int_equal(timers_run(&f->heap, now_us), strlen(ran));
	assert_string_equal(f->log, ran);
}

static void empty_heap_has_nothing_to_do(void **state)
{
	struct fixture *f = *state;

	assert_true(timers_next_us(&f->heap) == TIME_NEVER);
	assert_false(timer_is_set(&f->probes[0].timer));
	run(f, 0, "");
	run(f, TIME_NEVER, "");
	timers_cancel_owner(&f->heap, &f->owner);
	timer_cancel(&f->heap, &f->probes[0].timer);
	timers_free(&f->heap);
	timers_free(&f->heap);
	assert_true(timers_next_us(&f->heap) == TIME_NEVER);
}

static void timers_run_in_order_of_time(void **state)
{
	struct fixture *f = *state;

	set(f, 0, 30);
	set(f, 1, 10);
	set(f, 2, 20);
	set(f, 3, 40);
	assert_true(timer_is_set(&f->probes[2].timer));
	assert_true(f->probes[2].timer.at_us == 20);
	assert_true(timers_next_us(&f->heap) == 10);
	run(f, 9, "");
	run(f, 10, "1");
	assert_true(timers_next_us(&f->heap) == 20);
	run(f, 1000, "203");
	assert_true(timers_next_us(&f->heap) == TIME_NEVER);
	run(f, 1000, "");
}

static void equal_times_run_as_they_were_set(void **state)
{
	struct fixture *f = *state;

	for (int i = 9; i >= 0; i--)
		set(f, i, 5);
	set(f, 7, 5); /* setting again is setting anew */
	run(f, 5, "9865432107");
}

static void edges_of_time(void **state)
{
	struct fixture *f = *state;

	set(f, 0, TIME_NEVER - 1);
	set(f, 1, 0);
	assert_true(timers_next_us(&f->heap) == 0);
	run(f, 0, "1");
	run(f, TIME_NEVER - 2, "");
	run(f, TIME_NEVER - 1, "0");
}

static void never_cancels(void **state)
{
	struct fixture *f = *state;

	set(f, 0, TIME_NEVER);
	assert_false(timer_is_set(&f->probes[0].timer));
	set(f, 0, 10);
	set(f, 1, 10);
	set(f, 0, TIME_NEVER);
	assert_false(timer_is_set(&f->probes[0].timer));
	run(f, 10, "1");
}

static void moving_goes_both_ways(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 10; i++)
		set(f, i, 100 + 10 * (uint64_t)i);
	set(f, 9, 1);
	set(f, 0, 1000);
	set(f, 5, 101);
	run(f, 2000, "9512346780");
}

static void cancelled_ones_do_not_run(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 10; i++)
		set(f, i, (uint64_t)i);
	for (int i = 0; i < 10; i += 3)
		timer_cancel(&f->heap, &f->probes[i].timer);
	timer_cancel(&f->heap, &f->probes[0].timer);
	assert_false(timer_is_set(&f->probes[3].timer));
	run(f, 100, "124578");
}

static void act_cancel_2(struct probe *p, uint64_t now_us)
{
	(void)now_us;
	timer_cancel(&p->f->heap, &p->f->probes[2].timer);
}

static void a_callback_cancels_an_expired_one(void **state)
{
	struct fixture *f = *state;

	f->probes[1].act = act_cancel_2;
	for (int i = 0; i < 4; i++)
		set(f, i, (uint64_t)i);
	run(f, 10, "013");
	run(f, 20, "");
}

static void act_move_2_on(struct probe *p, uint64_t now_us)
{
	set(p->f, 2, now_us + 1);
}

static void a_callback_moves_an_expired_one_on(void **state)
{
	struct fixture *f = *state;

	f->probes[1].act = act_move_2_on;
	for (int i = 0; i < 4; i++)
		set(f, i, (uint64_t)i);
	run(f, 10, "013");
	run(f, 10, "");
	run(f, 11, "2");
}

static void act_move_2_back(struct probe *p, uint64_t now_us)
{
	(void)now_us;
	set(p->f, 2, 0);
}

/* Set for a time already past: the next call, and the others are not held up. */
static void a_callback_moves_an_expired_one_back(void **state)
{
	struct fixture *f = *state;

	f->probes[1].act = act_move_2_back;
	for (int i = 0; i < 4; i++)
		set(f, i, (uint64_t)i);
	run(f, 10, "013");
	assert_true(timers_next_us(&f->heap) <= 10);
	run(f, 10, "2");
}

static void act_again_at_once(struct probe *p, uint64_t now_us)
{
	set(p->f, (int)(p - p->f->probes), now_us ? now_us - 1 : 0);
}

static void a_turn_always_ends(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 4; i++) {
		f->probes[i].act = act_again_at_once;
		set(f, i, 0);
	}
	set(f, 4, 10);
	run(f, 10, "01234");
	run(f, 10, "0123");
	run(f, 0, "");
	run(f, 11, "0123");
}

static void act_set_unset_ones(struct probe *p, uint64_t now_us)
{
	set(p->f, 7, 0);
	set(p->f, 8, now_us);
	set(p->f, 9, now_us + 1);
}

static void what_callbacks_set_waits_for_the_next_call(void **state)
{
	struct fixture *f = *state;

	f->probes[0].act = act_set_unset_ones;
	set(f, 0, 1);
	set(f, 1, 2);
	set(f, 2, 5);
	run(f, 5, "012");
	run(f, 6, "789");
}

static void act_cancel_owner(struct probe *p, uint64_t now_us)
{
	set(p->f, (int)(p - p->f->probes), now_us);
	timers_cancel_owner(&p->f->heap, &p->f->owner);
}

static void a_callback_cancels_all_of_its_owner(void **state)
{
	struct fixture *f = *state;

	f->probes[1].act = act_cancel_owner;
	for (int i = 0; i < 4; i++)
		set(f, i, (uint64_t)i);
	assert_int_equal(timer_set(&f->heap, &f->probes[5].timer, 6, &f->other), 0);
	run(f, 10, "015");
	assert_true(timers_next_us(&f->heap) == TIME_NEVER);
}

static void act_run(struct probe *p, uint64_t now_us)
{
	assert_int_equal(timers_run(&p->f->heap, now_us), 0);
}

static void a_callback_runs_no_others(void **state)
{
	struct fixture *f = *state;

	f->probes[0].act = act_run;
	set(f, 0, 1);
	set(f, 1, 2);
	run(f, 2, "01");
}

static void act_free_heap(struct probe *p, uint64_t now_us)
{
	(void)now_us;
	timers_free(&p->f->heap);
	set(p->f, 0, 0);
}

static void a_callback_forgets_all(void **state)
{
	struct fixture *f = *state;

	f->probes[0].act = act_free_heap;
	set(f, 0, 1);
	set(f, 1, 2);
	run(f, 2, "0");
	assert_false(timer_is_set(&f->probes[1].timer));
	f->probes[0].act = NULL;
	run(f, 2, "0");
}

struct on_heap {
	struct timer timer;
	unsigned int *freed;
};

static void free_itself(struct timer *t, uint64_t now_us)
{
	struct on_heap *s = t->ctx;

	(void)now_us;
	++*s->freed;
	free(s);
}

static void a_callback_frees_its_structure(void **state)
{
	struct fixture *f = *state;
	unsigned int freed = 0;

	for (int i = 0; i < 10; i++) {
		struct on_heap *s = malloc(sizeof(*s));

		assert_non_null(s);
		s->freed = &freed;
		timer_init(&s->timer, "on heap", free_itself, s);
		assert_int_equal(timer_set(&f->heap, &s->timer, (uint64_t)i % 3, &f->owner), 0);
	}
	assert_int_equal(timers_run(&f->heap, 1), 7);
	assert_int_equal(freed, 7);
	assert_int_equal(timers_run(&f->heap, 2), 3);
	assert_int_equal(freed, 10);
	assert_true(LIST_EMPTY(&f->owner.timers));
}

static void owners_are_apart(void **state)
{
	struct fixture *f = *state;
	struct timer *five = &f->probes[5].timer;

	for (int i = 0; i < 10; i++)
		assert_int_equal(timer_set(&f->heap, &f->probes[i].timer, 5,
					   i % 3 == 0   ? &f->owner
					   : i % 3 == 1 ? &f->other
							: NULL),
				 0);
	/* from no owner to one, from one to the other, from one to none */
	assert_int_equal(timer_set(&f->heap, five, 5, &f->owner), 0);
	assert_int_equal(timer_set(&f->heap, &f->probes[6].timer, 5, &f->other), 0);
	assert_int_equal(timer_set(&f->heap, &f->probes[9].timer, 5, NULL), 0);
	timers_cancel_owner(&f->heap, &f->owner);
	assert_false(timer_is_set(&f->probes[0].timer));
	assert_false(timer_is_set(&f->probes[3].timer));
	assert_false(timer_is_set(five));
	run(f, 5, "1247869");
	assert_true(LIST_EMPTY(&f->other.timers));
	/* an owner that is gone may be set anew */
	timer_owner_init(&f->owner);
	set(f, 5, 6);
	timers_cancel_owner(&f->heap, &f->owner);
	run(f, 6, "");
}

static void forgotten_timers_can_be_set_again(void **state)
{
	struct fixture *f = *state;

	set(f, 0, 1);
	set(f, 1, 2);
	timers_free(&f->heap);
	assert_false(timer_is_set(&f->probes[0].timer));
	assert_true(LIST_EMPTY(&f->owner.timers));
	set(f, 1, 2);
	run(f, 5, "1");
}

static void without_memory_a_timer_is_not_set(void **state)
{
	struct fixture *f = *state;
	struct timer *many = calloc(1000, sizeof(*many));
	size_t n = 0;

	assert_non_null(many);
	for (size_t i = 0; i < 1000; i++)
		timer_init(&many[i], "many", on_probe, NULL);
	no_memory = true;
	assert_int_equal(timer_set(&f->heap, &many[0], 1, &f->owner), -ENOMEM);
	assert_false(timer_is_set(&many[0]));
	assert_true(LIST_EMPTY(&f->owner.timers));
	/* what is allocated for one is enough for some more */
	no_memory = false;
	set(f, 0, 5);
	no_memory = true;
	while (timer_set(&f->heap, &many[n], 10 + n, &f->other) == 0)
		assert_in_range(++n, 1, 999);
	assert_false(timer_is_set(&many[n]));
	assert_false(many[n].of_owner.le_prev);
	/* moving needs no memory, nor does setting one after cancelling another */
	for (size_t i = 0; i < n; i++)
		assert_int_equal(timer_set(&f->heap, &many[i], 1000 - i, &f->owner), 0);
	timer_cancel(&f->heap, &many[0]);
	assert_int_equal(timer_set(&f->heap, &many[n], 1, NULL), 0);
	/* and when there is memory again, all is well */
	no_memory = false;
	assert_int_equal(timer_set(&f->heap, &many[0], 1, NULL), 0);
	timers_cancel_owner(&f->heap, &f->other);
	assert_int_equal(f->heap.count, n + 2);
	timers_cancel_owner(&f->heap, &f->owner);
	assert_int_equal(f->heap.count, 2);
	timers_free(&f->heap);
	free(many);
}

static void room_is_kept(void **state)
{
	struct fixture *f = *state;
	struct timer *many = calloc(1000, sizeof(*many));
	unsigned int before = allocations;

	assert_non_null(many);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < 1000; i++) {
			if (round == 0)
				timer_init(&many[i], "many", on_probe, NULL);
			assert_int_equal(timer_set(&f->heap, &many[i], i, NULL), 0);
		}
		for (size_t i = 0; i < 1000; i++)
			timer_cancel(&f->heap, &many[i]);
		no_memory = true;
	}
	/* it grew by doubling, not one by one */
	assert_in_range(allocations - before, 1, 10);
	no_memory = false;
	free(many);
}

static void note_visit(const struct timer *t, void *ctx)
{
	unsigned int *visits = ctx;
	const struct probe *p = t->ctx;

	assert_string_equal(t->name, "probe");
	visits[p - p->f->probes]++;
}

static void each_visits_all_that_are_set(void **state)
{
	struct fixture *f = *state;
	unsigned int visits[COUNT(f->probes)] = { 0 };

	timers_each(&f->heap, note_visit, visits);
	for (int i = 0; i < 10; i++)
		set(f, i, (uint64_t)i);
	timer_cancel(&f->heap, &f->probes[4].timer);
	timers_each(&f->heap, note_visit, visits);
	for (int i = 0; i < 10; i++)
		assert_int_equal(visits[i], i == 4 ? 0 : 1);
}

#define probe_test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		probe_test(empty_heap_has_nothing_to_do),
		probe_test(timers_run_in_order_of_time),
		probe_test(equal_times_run_as_they_were_set),
		probe_test(edges_of_time),
		probe_test(never_cancels),
		probe_test(moving_goes_both_ways),
		probe_test(cancelled_ones_do_not_run),
		probe_test(a_callback_cancels_an_expired_one),
		probe_test(a_callback_moves_an_expired_one_on),
		probe_test(a_callback_moves_an_expired_one_back),
		probe_test(a_turn_always_ends),
		probe_test(what_callbacks_set_waits_for_the_next_call),
		probe_test(a_callback_cancels_all_of_its_owner),
		probe_test(a_callback_runs_no_others),
		probe_test(a_callback_forgets_all),
		probe_test(a_callback_frees_its_structure),
		probe_test(owners_are_apart),
		probe_test(forgotten_timers_can_be_set_again),
		probe_test(without_memory_a_timer_is_not_set),
		probe_test(room_is_kept),
		probe_test(each_visits_all_that_are_set),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("timer", tests, NULL, NULL);
}
