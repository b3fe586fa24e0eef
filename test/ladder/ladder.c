// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The world of a ladder test: its clock, its boxes and links, and the
 * expectations. Time goes from one instant at which something is due to the
 * next; at each, first the network and the kernels act, then the timers of every
 * node's program, then every node's turn ends; until nothing more is due.
 */
#include "test/ladder/ladder.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/diff.h"
#include "test/ladder/world.h"

#define TURNS_MAX 10000 /* at one instant: more means that it never ends */

/* --- beginning and end --------------------------------------------------------- */

static void log_to_stderr(enum log_subsystem s, enum log_level level, const char *line, void *ctx)
{
	const struct ladder *L = ctx;

	(void)level;
	fprintf(stderr, "# %10.6f  [%s] %s\n", (double)L->now_us / 1e6, log_subsystem_name(s),
		line);
}

static void set_log(struct ladder *L)
{
	const char *wanted = getenv("LADDER_LOG");
	enum log_level level = LOGL_TRACE;

	log_open(LOGT_NONE, "ladder", NULL);
	if (wanted && log_level_parse(wanted, &level)) {
		log_set_level_all(level);
		log_set_tap(log_to_stderr, L);
	}
}

struct ladder *ladder_new(void)
{
	struct ladder *L = must_alloc(sizeof(*L));

	L->now_us = 1000 * S; /* as on a machine that has been up for a while */
	L->core = (struct quality){ .latency_us = 5 * MS };
	timers_init(&L->timers);
	TAILQ_INIT(&L->links);
	TAILQ_INIT(&L->boxes);
	TAILQ_INIT(&L->core_routes);
	TAILQ_INIT(&L->flights);
	TAILQ_INIT(&L->streams);
	TAILQ_INIT(&L->names);
	ladder_seed(L, 1);
	net_set_current(L);
	set_log(L);
	return L;
}

uint64_t ladder_seed(struct ladder *L, uint64_t seed)
{
	const char *wanted = getenv("LADDER_SEED");

	L->seed = wanted ? strtoull(wanted, NULL, 0) : seed;
	L->rng = L->seed;
	return L->seed;
}

uint64_t ladder_now(const struct ladder *L)
{
	return L->now_us;
}

static void kill_program(struct box *b, bool crash)
{
	if (!b->kernel.mip6)
		return;
	b->kernel.mip6 = NULL;
	b->up = false;
	b->frozen = false;
	b->steps_left = 0;
	if (crash)
		store_memory_crash(b->store);
	mip6_free(&b->mip6);
	store_memory_turn(b->store, 0); /* closing it writes what is left */
	timers_free(&b->timers);
	timers_init(&b->timers);
	box_process_died(b);
}

static int verbosity(void)
{
	const char *wanted = getenv("LADDER_VERBOSE");

	return wanted ? atoi(wanted) : 0;
}

void ladder_free(struct ladder *L)
{
	struct core_route *r;
	struct net_link *l;
	struct box *b;

	if (verbosity())
		record_print(L, verbosity() > 1);
	net_free(L);
	streams_free(L);
	ladder_forget_names(L);
	while ((b = TAILQ_FIRST(&L->boxes)) != NULL) {
		kill_program(b, true);
		box_free(b);
		store_memory_free(b->store);
		conf_free(b->conf);
		TAILQ_REMOVE(&L->boxes, b, entry);
		free(b);
	}
	while ((r = TAILQ_FIRST(&L->core_routes)) != NULL) {
		TAILQ_REMOVE(&L->core_routes, r, entry);
		free(r);
	}
	while ((l = TAILQ_FIRST(&L->links)) != NULL) {
		TAILQ_REMOVE(&L->links, l, entry);
		free(l);
	}
	timers_free(&L->timers);
	log_set_tap(NULL, NULL);
	net_set_current(NULL);
	free(L->records);
	free(L);
}

/* --- time ---------------------------------------------------------------------- */

static bool run_timers(struct ladder *L)
{
	struct box *b;
	bool any = timers_run(&L->timers, L->now_us) > 0;

	TAILQ_FOREACH(b, &L->boxes, entry) {
		if (!b->kernel.mip6 || b->asleep)
			continue;
		mip6_turn(&b->mip6, L->now_us);
		any = timers_run(&b->timers, L->now_us) > 0 || any;
	}
	return any;
}

static bool end_turns(struct ladder *L)
{
	struct box *b;
	bool any = false;

	TAILQ_FOREACH(b, &L->boxes, entry) {
		if (!b->kernel.mip6)
			continue;
		if (box_end_turn(b))
			any = true;
		if (!store_is_idle(b->store) && box_step(b)) {
			store_memory_turn(b->store, 0);
			any = true;
		}
		if (b->frozen) {
			ladder_crash(b);
			any = true;
		}
	}
	return any;
}

/* All that is due now, and what follows from it at once. */
static void settle(struct ladder *L)
{
	unsigned int turns = 0;
	bool any;

	do {
		any = run_timers(L);
		any = end_turns(L) || any;
		if (++turns > TURNS_MAX)
			ladder_fail(L, __FILE__, __LINE__, "time stands still");
	} while (any);
}

static uint64_t next_due(const struct ladder *L)
{
	uint64_t next = timers_next_us(&L->timers), at;
	const struct box *b;

	TAILQ_FOREACH(b, &L->boxes, entry) {
		at = b->kernel.mip6 && !b->asleep ? timers_next_us(&b->timers) : TIME_NEVER;
		if (at < next)
			next = at;
	}
	return next;
}

/* Goes to the next instant, not beyond `end_us`. False at the end. */
static bool step(struct ladder *L, uint64_t end_us)
{
	uint64_t next;

	settle(L);
	next = next_due(L);
	if (next > end_us) {
		L->now_us = end_us;
		return false;
	}
	if (next > L->now_us)
		L->now_us = next;
	settle(L);
	return true;
}

void ladder_sleep(struct box *b, bool asleep)
{
	ladder_note(b->L, "%s %s", b->name, asleep ? "falls asleep" : "wakes up");
	b->asleep = asleep;
}

void ladder_run(struct ladder *L, uint64_t duration_us)
{
	uint64_t end_us = L->now_us + duration_us;

	while (step(L, end_us))
		;
}

void ladder_until_at(struct ladder *L, bool (*fn)(void *ctx), void *ctx, uint64_t within_us,
		     const char *what, const char *file, int line)
{
	uint64_t end_us = L->now_us + within_us;

	settle(L);
	while (!fn(ctx)) {
		if (!step(L, end_us))
			ladder_fail(L, file, line, "not within %.3f s: %s", (double)within_us / 1e6,
				    what);
	}
}

/* --- expectations -------------------------------------------------------------- */

void ladder_fail(const struct ladder *L, const char *file, int line, const char *fmt, ...)
{
	char why[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (L)
		record_print(L, verbosity() > 1);
	fprintf(stderr, "# %s:%d: %s\n", file, line, why);
	_fail(file, line);
	abort();
}

/* The first line at or behind `from` that arrived and fits; the count of lines
 * when there is none. */
static size_t find_line(const struct ladder *L, size_t from, const char *pattern)
{
	size_t i;

	for (i = from; i < L->record_count; i++) {
		if (L->records[i].arrived && record_fits(&L->records[i], pattern))
			break;
	}
	return i;
}

/* Nothing will become of it any more; what is lost may have a copy under way. */
static bool is_over(const struct ladder *L, const struct record *r)
{
	return r->arrived || r->note || (r->end_us && L->now_us - r->end_us > 10 * S);
}

void ladder_expect_at(struct ladder *L, const char *pattern, uint64_t within_us,
		      const char *file, int line)
{
	uint64_t end_us = L->now_us + within_us;
	size_t i, from = L->mark;

	settle(L);
	while ((i = find_line(L, from, pattern)) == L->record_count) {
		while (from < L->record_count && is_over(L, &L->records[from]))
			from++; /* looked at for the last time */
		if (!step(L, end_us))
			ladder_fail(L, file, line, "not within %.3f s: \"%s\"",
				    (double)within_us / 1e6, pattern);
	}
	L->mark = i + 1;
	L->found = i + 1;
}

void ladder_refuse_at(struct ladder *L, const char *pattern, uint64_t for_us, const char *file,
		      int line)
{
	size_t from = L->record_count, i;

	ladder_run(L, for_us);
	for (i = from; i < L->record_count; i++) {
		if (record_fits(&L->records[i], pattern))
			ladder_fail(L, file, line, "came, but must not: \"%s\"", pattern);
	}
}

size_t ladder_count(const struct ladder *L, const char *pattern)
{
	size_t i, n = 0;

	for (i = 0; i < L->record_count; i++) {
		if (record_fits(&L->records[i], pattern))
			n++;
	}
	return n;
}

void ladder_mark(struct ladder *L)
{
	L->mark = L->record_count;
}

uint64_t ladder_sent_us(const struct ladder *L)
{
	return L->found ? L->records[L->found - 1].sent_us : 0;
}

uint64_t ladder_arrived_us(const struct ladder *L)
{
	return L->found ? L->records[L->found - 1].end_us : 0;
}

void ladder_print(const struct ladder *L)
{
	record_print(L, true);
}

/* --- the program on a node ----------------------------------------------------- */

int ladder_try_start(struct box *b)
{
	int err;

	if (b->kernel.mip6)
		ladder_fail(b->L, __FILE__, __LINE__, "%s runs already", b->name);
	err = mip6_init(&b->mip6, b->conf, &b->kernel, &b->timers, b->L->now_us);
	if (err)
		return err;
	if (b->have_secret)
		memcpy(b->mip6.secret, b->secret, sizeof(b->secret));
	memcpy(b->secret, b->mip6.secret, sizeof(b->secret));
	b->have_secret = true;
	for (unsigned int i = 0; i < b->role_count; i++)
		mip6_add_role(&b->mip6, b->roles[i]);
	b->mip6.store = b->conf->nonvolatile_binding_cache ? b->store : NULL;
	b->kernel.mip6 = &b->mip6;
	b->up = true;
	b->kernel.ops->resync(&b->kernel);
	ladder_note(b->L, "%s starts", b->name);
	err = found_read(&b->mip6);
	if (!err)
		err = mip6_start(&b->mip6);
	if (err)
		kill_program(b, false);
	return err;
}

void ladder_start_at(struct box *b, const char *file, int line)
{
	int err = ladder_try_start(b);

	if (err)
		ladder_fail(b->L, file, line, "%s does not start: %s", b->name, strerror(-err));
}

static bool has_stopped(void *ctx)
{
	return mip6_stopped(&((struct box *)ctx)->mip6);
}

void ladder_stop(struct box *b, enum role_stop how)
{
	ladder_note(b->L, "%s stops", b->name);
	mip6_turn(&b->mip6, b->L->now_us);
	mip6_stop(&b->mip6, how);
	ladder_until(b->L, has_stopped, b, 60 * S);
	kill_program(b, false);
}

void ladder_end(struct box *b)
{
	if (b->up)
		ladder_stop(b, ROLE_SHUTDOWN);
	for (int t = 0; t < KOBJ_TYPE_COUNT; t++) {
		if (!box_count(b, (enum kobj_type)t))
			continue;
		box_print(b);
		ladder_fail(b->L, __FILE__, __LINE__, "%s: %zu of type %s are left", b->name,
			    box_count(b, (enum kobj_type)t), kobj_type_name((enum kobj_type)t));
	}
}

void ladder_forget(struct box *b)
{
	ladder_note(b->L, "%s loses its state", b->name);
	store_memory_free(b->store);
	b->store = store_memory_new();
	b->have_secret = false;
	if (!b->store)
		abort();
}

void ladder_crash(struct box *b)
{
	ladder_note(b->L, "%s crashes", b->name);
	kill_program(b, true);
}

void ladder_crash_after(struct box *b, unsigned int steps)
{
	b->steps_left = steps;
}

bool ladder_is_running(const struct box *b)
{
	return b->up;
}

static struct conf *load_conf(struct box *b, const char *text)
{
	struct conf_errors errs;
	struct conf *c = NULL;

	conf_errors_init(&errs);
	if (conf_load_text(b->name, text, strlen(text), NULL, &c, &errs)) {
		conf_errors_print(&errs, CONF_ERROR, stderr);
		ladder_fail(b->L, __FILE__, __LINE__, "%s: wrong configuration", b->name);
	}
	conf_errors_free(&errs);
	return c;
}

void ladder_reconfigure(struct box *b, const char *conf)
{
	struct conf *old = b->conf;

	b->conf = load_conf(b, conf);
	if (b->kernel.mip6) {
		assert_int_equal(conf_keep_for_restart(b->conf, old), 0);
		mip6_turn(&b->mip6, b->L->now_us);
		mip6_reconfigure(&b->mip6, b->conf);
	}
	conf_free(old);
}

struct box *ladder_node(struct ladder *L, const char *name, const char *conf, ...)
{
	struct box *b = must_alloc(sizeof(*b));
	const struct role *r;
	va_list ap;

	ladder_init_box(L, b, name);
	va_start(ap, conf);
	while ((r = va_arg(ap, const struct role *)) != NULL) {
		if (b->role_count < MIP6_ROLES_MAX)
			b->roles[b->role_count++] = r;
	}
	va_end(ap);
	b->conf = load_conf(b, conf);
	return b;
}

struct mip6 *box_mip6(const struct box *b)
{
	return b->kernel.mip6;
}
