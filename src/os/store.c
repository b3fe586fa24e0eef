// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The store of core/store.h on Linux: batches, commits, who is told, clocks. The file
 * itself is the matter of store_file.c.
 *
 * Writes of a turn collect in `batch`. At the end of the turn it becomes `going`, with
 * those who wait for it, and is committed: at once when the kernel's memory is safe
 * enough (no disk is waited for then), else by a thread, because the disk may take its
 * time. While the thread works the loop goes on, and the next batch collects. The two
 * threads share nothing at the same time: `going`, `going_clock`, `error` and the file
 * belong to the worker from the order (an eventfd) to the answer (another), to the loop
 * otherwise.
 *
 * A commit that failed comes back into the batch and is tried again after a second; until
 * then all who wait are told at once that their records are not safe.
 */
#include "os/store.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/counters.h"
#include "os/store_file.h"

#define RETRY_US      US_PER_S
#define CLOCK_STEP_US US_PER_S
#define MOST_BYTES    (1U << 30)

struct os_store {
	struct store store;
	struct loop *loop;
	struct counters *counters;
	struct loop_hook *hook;
	struct timer retry;
	char *path;
	struct store_file file;
	char boot_id[37];
	struct store_table batch;
	bool clock_stale; /* a commit is due for the clocks alone */
	int64_t clock_apart_us; /* wall clock less CLOCK_BOOTTIME at the last commit */
	int failing;	  /* -errno of the last commit */
	uint64_t retry_at_us;

	struct store_table going;
	struct store_clock going_clock;
	struct store going_waiters; /* only its list is used */
	bool busy;	  /* the worker has it */
	int error;	  /* of the worker's commit */

	bool sync;
	bool has_worker;
	bool quit;
	pthread_t worker;
	int order_fd;
	int answer_fd;
	struct loop_fd *answer;
};

static struct os_store *os_store_of(struct store *s)
{
	return (struct os_store *)s;
}

/* --- the worker ------------------------------------------------------------------ */

static void ring(int fd)
{
	const uint64_t one = 1;
	ssize_t n;

	do
		n = write(fd, &one, sizeof(one));
	while (n < 0 && errno == EINTR);
}

static bool hear(int fd)
{
	uint64_t rings;
	ssize_t n;

	do
		n = read(fd, &rings, sizeof(rings));
	while (n < 0 && errno == EINTR);
	return n == sizeof(rings);
}

static void *work(void *ctx)
{
	struct os_store *os = ctx;

	while (hear(os->order_fd) && !os->quit) {
		os->error = store_file_commit(&os->file, &os->going, &os->going_clock);
		ring(os->answer_fd);
	}
	return NULL;
}

/* Made at the first commit: by then the process has given away its privileges, which
 * every thread has of its own. */
static int worker_start(struct os_store *os)
{
	sigset_t all;
	sigset_t before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&os->worker, NULL, work, os);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	os->has_worker = err == 0;
	return -err;
}

static void worker_stop(struct os_store *os)
{
	if (!os->has_worker)
		return;
	os->quit = true;
	ring(os->order_fd);
	pthread_join(os->worker, NULL);
	os->has_worker = false;
}

/* --- commits ----------------------------------------------------------------------- */

static void settle(struct os_store *os, int error)
{
	struct store *waiting = &os->going_waiters;

	os->busy = false;
	if (error) {
		os->store.failures++;
		if (os->counters)
			count(os->counters, COUNT_STORE_FAILED);
		if (os->failing != error)
			log_error(LOG_STORE, "cannot write %s: %s; going on, and trying again",
				  os->path, strerror(-error));
		store_table_move(&os->batch, &os->going, true);
		os->retry_at_us = time_add(loop_now_us(os->loop), RETRY_US);
		(void)timer_set(loop_timers(os->loop), &os->retry, os->retry_at_us, NULL);
	} else {
		if (os->failing)
			log_notice(LOG_STORE, "%s can be written again", os->path);
		os->store.commits++;
		os->store.records += store_table_count(&os->going);
		os->clock_apart_us = (int64_t)(os->going_clock.wall_us + os->store.offset_us -
					       os->going_clock.store_us);
		store_table_clear(&os->going);
	}
	os->failing = error;
	store_tell(waiting, TAILQ_LAST(&waiting->waiters, store_waiters), error);
}

/* Without this what is written would go into a file that nobody finds again. Its making
 * may hold up the loop for some milliseconds. */
static int look_for_file(struct os_store *os)
{
	int err;

	if (!store_file_is_gone(&os->file, os->path))
		return 0;
	err = store_file_make_again(&os->file, os->path, os->sync);
	if (err && os->failing == err)
		return err;
	log_error(LOG_STORE, "%s is gone: somebody removed it; %s", os->path,
		  err ? strerror(-err) : "it is made anew, with all that was in it");
	return err;
}

static void read_clocks(const struct os_store *os, struct store_clock *c)
{
	memcpy(c->boot_id, os->boot_id, sizeof(c->boot_id));
	c->offset_us = os->store.offset_us;
	c->store_us = clock_now_us() + os->store.offset_us;
	c->wall_us = clock_wall_us();
}

static void commit(struct os_store *os)
{
	struct store_waiter *w;
	int gone = look_for_file(os);

	os->clock_stale = false;
	store_table_move(&os->going, &os->batch, false);
	while ((w = TAILQ_FIRST(&os->store.waiters))) {
		TAILQ_REMOVE(&os->store.waiters, w, entry);
		TAILQ_INSERT_TAIL(&os->going_waiters.waiters, w, entry);
		w->store = &os->going_waiters;
	}
	read_clocks(os, &os->going_clock);
	if (gone) {
		settle(os, gone);
		return;
	}
	if (!os->sync || os->file.read_only || (!os->has_worker && worker_start(os))) {
		settle(os, store_file_commit(&os->file, &os->going, &os->going_clock));
		return;
	}
	os->busy = true;
	ring(os->order_fd);
}

static void on_answer(int fd, unsigned int ready, void *ctx)
{
	struct os_store *os = ctx;

	(void)ready;
	if (hear(fd) && os->busy)
		settle(os, os->error);
}

/* Waits for the worker, at the end and for who reads. */
static void finish(struct os_store *os)
{
	while (os->busy) {
		struct pollfd p = { .fd = os->answer_fd, .events = POLLIN };

		if (poll(&p, 1, -1) > 0)
			on_answer(os->answer_fd, LOOP_READ, os);
	}
}

/* A wall clock that was set makes what the last commit says of it wrong. */
static void look_at_clocks(struct os_store *os)
{
	int64_t apart = (int64_t)(clock_wall_us() - clock_now_us());
	int64_t step = apart - os->clock_apart_us;

	if (step > (int64_t)CLOCK_STEP_US || step < -(int64_t)CLOCK_STEP_US)
		os->clock_stale = true;
}

static void on_turn_end(void *ctx, uint64_t now_us)
{
	struct os_store *os = ctx;

	if (os->busy)
		return;
	look_at_clocks(os);
	if (os->failing && now_us < os->retry_at_us) {
		store_tell(&os->store, TAILQ_LAST(&os->store.waiters, store_waiters), os->failing);
		return;
	}
	if (!store_table_is_empty(&os->batch) || os->clock_stale)
		commit(os);
}

static void on_retry(struct timer *t, uint64_t now_us)
{
	/* A turn is all that is wanted: its end commits. */
	(void)t;
	(void)now_us;
}

/* --- the port ------------------------------------------------------------------------- */

static int set_record(struct store *s, enum store_kind kind, const void *key, size_t key_len,
		      const void *value, size_t len)
{
	return store_table_set(&os_store_of(s)->batch, kind, key, key_len, value, len);
}

static int each_record(struct store *s, enum store_kind kind, store_each_fn *fn, void *ctx)
{
	struct os_store *os = os_store_of(s);

	finish(os);
	return store_file_each(&os->file, kind, fn, ctx);
}

static bool is_idle(const struct store *s)
{
	const struct os_store *os = (const struct os_store *)s;

	return !os->busy && store_table_is_empty(&os->batch);
}

static const struct store_ops os_store_ops = {
	.set = set_record,
	.each = each_record,
	.idle = is_idle,
};

/* --- opening ----------------------------------------------------------------------------- */

static void read_boot_id(char id[37])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	memset(id, '0', 36);
	id[36] = '\0';
	if (fd < 0)
		return;
	if (read(fd, id, 36) != 36)
		memset(id, '0', 36);
	close(fd);
}

static void start_clocks(struct os_store *os)
{
	struct store_clock last;
	uint64_t wall_us = clock_wall_us();
	uint64_t now_us = clock_now_us();

	read_boot_id(os->boot_id);
	os->clock_apart_us = (int64_t)(wall_us - now_us);
	if (store_file_clock(&os->file, &last))
		os->store.offset_us = wall_us > now_us ? wall_us - now_us : 0;
	else if (strcmp(last.boot_id, os->boot_id) == 0)
		os->store.offset_us = last.offset_us;
	else
		os->store.offset_us =
			store_next_offset(last.store_us, last.wall_us, now_us, wall_us);
}

static int set_aside(const char *path)
{
	size_t size = strlen(path) + 40;
	char *aside = malloc(size);
	int err = 0;

	if (!aside)
		return -ENOMEM;
	snprintf(aside, size, "%s.damaged-%llu", path,
		 (unsigned long long)(clock_wall_us() / US_PER_S));
	if (rename(path, aside) < 0)
		err = -errno;
	if (err)
		log_error(LOG_STORE, "%s is damaged, and cannot be set aside: %s", path,
			  strerror(-err));
	else
		log_error(LOG_STORE, "%s is damaged: it is now %s, and we begin with nothing", path,
			  aside);
	free(aside);
	return err;
}

static int open_file(struct os_store *os)
{
	enum store_state state = STORE_GOOD;
	int err = store_file_lock(&os->file, os->path, &state);

	if (!err && state == STORE_DAMAGED) {
		err = set_aside(os->path);
		store_file_close(&os->file);
		if (!err)
			err = store_file_lock(&os->file, os->path, &state);
	}
	if (!err && state == STORE_NEWER) {
		log_error(LOG_STORE,
			  "%s was written by a newer version of this program, in a format "
			  "that this one cannot read: run the newer one, or move the file away",
			  os->path);
		return -EPROTONOSUPPORT;
	}
	if (!err)
		err = store_file_open(&os->file, os->path, os->sync);
	if (err)
		log_error(LOG_STORE, "cannot open %s: %s", os->path,
			  err == -EBUSY ? "another process uses it" : strerror(-err));
	else if (os->file.read_only)
		log_warning(LOG_STORE, "%s can be read, but not written", os->path);
	return err;
}

static int join_loop(struct os_store *os)
{
	if (os->sync) {
		os->order_fd = eventfd(0, EFD_CLOEXEC);
		os->answer_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (os->order_fd < 0 || os->answer_fd < 0)
			return -errno;
		os->answer = loop_add_fd(os->loop, os->answer_fd, LOOP_READ, on_answer, os);
		if (!os->answer)
			return -errno;
	}
	os->hook = loop_add_hook(os->loop, on_turn_end, os);
	return os->hook ? 0 : -errno;
}

struct store *os_store_open(struct loop *l, const struct os_store_options *o)
{
	struct os_store *os = calloc(1, sizeof(*os));
	int err = -ENOMEM;

	if (!os)
		return NULL;
	os->store.ops = &os_store_ops;
	TAILQ_INIT(&os->store.waiters);
	TAILQ_INIT(&os->going_waiters.waiters);
	os->loop = l;
	os->counters = o->counters;
	os->file.lock_fd = os->order_fd = os->answer_fd = -1;
	os->file.most_bytes = o->most_bytes ? (size_t)o->most_bytes : MOST_BYTES;
	os->sync = o->durability == OS_STORE_MACHINE;
	timer_init(&os->retry, "store-retry", on_retry, os);
	os->path = strdup(o->path);
	if (os->path)
		err = open_file(os);
	if (!err)
		err = join_loop(os);
	if (err) {
		os_store_close(&os->store);
		errno = -err;
		return NULL;
	}
	start_clocks(os);
	return &os->store;
}

void os_store_close(struct store *s)
{
	struct os_store *os = os_store_of(s);
	struct store_waiter *w;

	if (!s)
		return;
	finish(os);
	if (os->file.env && !store_table_is_empty(&os->batch)) {
		commit(os);
		finish(os);
	}
	worker_stop(os);
	while ((w = TAILQ_FIRST(&s->waiters)))
		store_wait_cancel(w);
	timer_cancel(loop_timers(os->loop), &os->retry);
	loop_del_hook(os->hook);
	loop_del_fd(os->answer);
	if (os->order_fd >= 0)
		close(os->order_fd);
	if (os->answer_fd >= 0)
		close(os->answer_fd);
	store_file_close(&os->file);
	store_table_clear(&os->batch);
	store_table_clear(&os->going);
	free(os->path);
	free(os);
}
