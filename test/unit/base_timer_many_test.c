// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The timer heap with many timers: a long random run against a model that
 * searches a plain array, and a million of them. That operations are O(log n) is
 * shown by what they move, not by time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "base/time.h"
#include "base/timer.h"
#include "unit/random.h"

#define MILLION ((size_t)1000000)

/*
 * The model: an array of what is set, searched from end to end. Callbacks do
 * random things too. Whatever is done to the heap is done to the model.
 */
#define MODEL_SIZE   200
#define MODEL_OWNERS 5

struct model {
	struct timers heap;
	struct random *rnd;
	struct timer_owner owners[MODEL_OWNERS];
	struct {
		struct timer timer;
		bool set;
		uint64_t at_us, order;
		size_t owner; /* MODEL_OWNERS: none */
	} entries[MODEL_SIZE];
	uint64_t next_order, fresh, now_us;
	bool running;
};

static void model_set(struct model *m, size_t i, uint64_t at_us, size_t owner)
{
	assert_int_equal(timer_set(&m->heap, &m->entries[i].timer, at_us,
				   owner < MODEL_OWNERS ? &m->owners[owner] : NULL),
			 0);
	m->entries[i].set = true;
	m->entries[i].at_us = m->running && at_us < m->now_us ? m->now_us : at_us;
	m->entries[i].order = m->next_order++;
	m->entries[i].owner = owner;
}

static void model_cancel(struct model *m, size_t i)
{
	timer_cancel(&m->heap, &m->entries[i].timer);
	m->entries[i].set = false;
}

static void model_cancel_owner(struct model *m, size_t owner)
{
	timers_cancel_owner(&m->heap, &m->owners[owner]);
	for (size_t i = 0; i < MODEL_SIZE; i++)
		if (m->entries[i].owner == owner)
			m->entries[i].set = false;
}

/* The entry to run next; MODEL_SIZE when there is none. */
static size_t model_next(const struct model *m, uint64_t now_us, uint64_t fresh)
{
	size_t best = MODEL_SIZE;

	for (size_t i = 0; i < MODEL_SIZE; i++) {
		if (!m->entries[i].set || m->entries[i].at_us > now_us ||
		    m->entries[i].order >= fresh)
			continue;
		if (best == MODEL_SIZE || m->entries[i].at_us < m->entries[best].at_us ||
		    (m->entries[i].at_us == m->entries[best].at_us &&
		     m->entries[i].order < m->entries[best].order))
			best = i;
	}
	return best;
}

static void model_step(struct model *m)
{
	size_t i = random_below(m->rnd, MODEL_SIZE), kind = random_below(m->rnd, 100);

	if (kind < 70)
		model_set(m, i, m->now_us + random_below(m->rnd, 60) - (m->now_us > 30 ? 30 : 0),
			  random_below(m->rnd, MODEL_OWNERS + 1));
	else if (kind < 98)
		model_cancel(m, i);
	else
		model_cancel_owner(m, random_below(m->rnd, MODEL_OWNERS));
}

static void on_model(struct timer *t, uint64_t now_us)
{
	struct model *m = t->ctx;
	size_t i = model_next(m, m->now_us, m->fresh);

	assert_true(now_us == m->now_us);
	assert_true(i < MODEL_SIZE);
	assert_ptr_equal(t, &m->entries[i].timer);
	m->entries[i].set = false;
	for (size_t n = random_below(m->rnd, 4); n > 0; n--)
		model_step(m);
}

static void model_run(struct model *m)
{
	m->fresh = m->next_order;
	m->running = true;
	timers_run(&m->heap, m->now_us);
	m->running = false;
	assert_int_equal(model_next(m, m->now_us, m->fresh), MODEL_SIZE);
}

/* The timers in the order in which they will run. */
static void model_compare_soonest(const struct model *m)
{
	const struct timer *list[TIMERS_SOONEST_MAX];
	size_t n = timers_soonest(&m->heap, list, TIMERS_SOONEST_MAX), all = 0;

	for (size_t i = 0; i < MODEL_SIZE; i++)
		all += m->entries[i].set;
	assert_int_equal(n, all < TIMERS_SOONEST_MAX ? all : TIMERS_SOONEST_MAX);
	for (size_t i = 1; i < n; i++)
		assert_true(list[i - 1]->at_us <= list[i]->at_us && list[i - 1] != list[i]);
	if (n)
		assert_true(list[0]->at_us == timers_next_us(&m->heap));
	assert_int_equal(timers_soonest(&m->heap, list, 3), n < 3 ? n : 3);
}

static void a_long_random_run_agrees_with_the_model(void **state)
{
	struct model *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	m->rnd = *state;
	timers_init(&m->heap);
	for (size_t i = 0; i < MODEL_OWNERS; i++)
		timer_owner_init(&m->owners[i]);
	for (size_t i = 0; i < MODEL_SIZE; i++)
		timer_init(&m->entries[i].timer, "model", on_model, m);
	for (int round = 0; round < 50000; round++) {
		size_t first;

		if (random_below(m->rnd, 5) > 0) {
			model_step(m);
		} else {
			m->now_us += random_below(m->rnd, 20);
			model_run(m);
		}
		first = model_next(m, TIME_NEVER, UINT64_MAX);
		assert_true(timers_next_us(&m->heap) ==
			    (first < MODEL_SIZE ? m->entries[first].at_us : TIME_NEVER));
		for (size_t i = 0; i < MODEL_SIZE; i++)
			assert_true(timer_is_set(&m->entries[i].timer) == m->entries[i].set);
		if (round % 100 == 0)
			model_compare_soonest(m);
	}
	timers_free(&m->heap);
	free(m);
}

/* How often four goes into `n` and its quotients: the depth of the heap. */
static uint64_t depth(size_t n)
{
	uint64_t d = 0;

	for (; n > 0; n /= 4)
		d++;
	return d;
}

struct crowd {
	struct timers heap;
	struct timer *timers;
	struct timer_owner *owners;
	uint64_t last_us;
	uint64_t worst; /* the most that one operation moved */
};

static void note(struct crowd *c, uint64_t before)
{
	uint64_t moved = c->heap.moves - before;

	c->worst = moved > c->worst ? moved : c->worst;
}

static void on_crowd(struct timer *t, uint64_t now_us)
{
	struct crowd *c = t->ctx;

	(void)now_us;
	assert_true(t->at_us >= c->last_us);
	c->last_us = t->at_us;
}

static struct crowd *crowd_new(size_t n, size_t owners)
{
	struct crowd *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	timers_init(&c->heap);
	c->timers = calloc(n, sizeof(*c->timers));
	c->owners = calloc(owners, sizeof(*c->owners));
	assert_non_null(c->timers);
	assert_non_null(c->owners);
	for (size_t i = 0; i < n; i++)
		timer_init(&c->timers[i], "crowd", on_crowd, c);
	for (size_t i = 0; i < owners; i++)
		timer_owner_init(&c->owners[i]);
	return c;
}

static void crowd_free(struct crowd *c)
{
	timers_free(&c->heap);
	free(c->timers);
	free(c->owners);
	free(c);
}

/* The worst order for an insertion: each is earlier than all before it. */
static void a_million_are_set_at_a_logarithmic_cost(void **state)
{
	struct crowd *c = crowd_new(MILLION, 1);

	(void)state;
	for (size_t i = 0; i < MILLION; i++) {
		uint64_t before = c->heap.moves;

		assert_int_equal(timer_set(&c->heap, &c->timers[i], MILLION - i, NULL), 0);
		note(c, before);
	}
	assert_in_range(c->worst, 2, depth(MILLION) + 1);
	crowd_free(c);
}

/* Random times; moved, cancelled, and the rest run in order. */
static void a_million_move_and_run_at_a_logarithmic_cost(void **state)
{
	struct random *rnd = *state;
	struct crowd *c = crowd_new(MILLION, 1);
	size_t left = MILLION, ran = 0;
	uint64_t before;

	for (size_t i = 0; i < MILLION; i++)
		timer_set(&c->heap, &c->timers[i], random_below(rnd, 10 * MILLION), NULL);
	for (size_t i = 0; i < MILLION; i += 2) {
		before = c->heap.moves;
		timer_set(&c->heap, &c->timers[i], random_below(rnd, 10 * MILLION), NULL);
		note(c, before);
	}
	for (size_t i = 0; i < MILLION; i += 3, left--) {
		before = c->heap.moves;
		timer_cancel(&c->heap, &c->timers[i]);
		note(c, before);
	}
	while (timers_next_us(&c->heap) != TIME_NEVER) {
		size_t now_run;

		before = c->heap.moves;
		now_run = timers_run(&c->heap, timers_next_us(&c->heap));
		assert_true(now_run > 0);
		assert_true(c->heap.moves - before <= now_run * (depth(MILLION) + 1));
		ran += now_run;
	}
	assert_int_equal(ran, left);
	assert_in_range(c->worst, 2, depth(MILLION) + 1);
	crowd_free(c);
}

/* What it costs to cancel an owner's timers depends on these alone. */
static void an_owner_among_a_million_is_cancelled_cheaply(void **state)
{
	enum { OWNERS = 100000 };
	struct random *rnd = *state;
	struct crowd *c = crowd_new(MILLION, OWNERS);

	for (size_t i = 0; i < MILLION; i++)
		timer_set(&c->heap, &c->timers[i], random_below(rnd, MILLION),
			  &c->owners[i % OWNERS]);
	for (size_t o = 0; o < OWNERS; o++) {
		uint64_t before = c->heap.moves;

		timers_cancel_owner(&c->heap, &c->owners[o]);
		note(c, before);
		assert_int_equal(c->heap.count, MILLION - (o + 1) * (MILLION / OWNERS));
		assert_false(timer_is_set(&c->timers[o]));
	}
	assert_in_range(c->worst, 10, MILLION / OWNERS * (depth(MILLION) + 1));
	crowd_free(c);
}

int main(void)
{
	static struct random rnd;
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(a_long_random_run_agrees_with_the_model, &rnd),
		cmocka_unit_test(a_million_are_set_at_a_logarithmic_cost),
		cmocka_unit_test_prestate(a_million_move_and_run_at_a_logarithmic_cost, &rnd),
		cmocka_unit_test_prestate(an_owner_among_a_million_is_cancelled_cheaply, &rnd),
	};

	random_start(&rnd);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("many timers", tests, NULL, NULL);
}
