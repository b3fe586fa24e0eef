// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The event loop with real pipes and signals: what is called, what callbacks may
 * add and delete, and what happens without descriptors or memory.
 *
 * The linker sends the loop's calls of calloc() here, so that memory can be
 * refused.
 */
#include "unit/loop_scene.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

static bool no_memory;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
	if (!no_memory)
		return __real_calloc(count, size);
	errno = ENOMEM;
	return NULL;
}

/* -- descriptors ----------------------------------------------------------------- */

static void on_ready(int fd, unsigned int ready, void *ctx)
{
	struct scene *s = ctx;

	(void)fd;
	s->ready = ready;
	note(s, 'w');
}

static void a_readable_descriptor_is_called(void **state)
{
	struct scene *s = *state;
	struct loop_fd *f = add_fd(s, s->pipe[0], LOOP_READ, on_read);

	turn(s, 0);
	assert_noted(s, "");
	fill(s->pipe[1]);
	fill(s->pipe[1]);
	turn(s, TIME_NEVER);
	assert_int_equal(s->ready, LOOP_READ);
	assert_noted(s, "r");
	/* what it leaves unread calls it again */
	turn(s, TIME_NEVER);
	assert_noted(s, "r");
	turn(s, 0);
	assert_noted(s, "");
	loop_del_fd(f);
	fill(s->pipe[1]);
	turn(s, 0);
	assert_noted(s, "");
}

static void a_writable_descriptor_is_called(void **state)
{
	struct scene *s = *state;
	char block[4096] = { 0 };

	add_fd(s, s->pipe[1], LOOP_WRITE, on_ready);
	turn(s, TIME_NEVER);
	assert_int_equal(s->ready, LOOP_WRITE);
	assert_noted(s, "w");
	while (write(s->pipe[1], block, sizeof(block)) > 0)
		;
	turn(s, 0);
	assert_noted(s, "");
	while (read(s->pipe[0], block, sizeof(block)) > 0)
		;
	turn(s, TIME_NEVER);
	assert_noted(s, "w");
}

static void what_is_waited_for_can_change(void **state)
{
	struct scene *s = *state;
	struct loop_fd *f;
	int pair[2];

	assert_int_equal(pipe2(pair, O_NONBLOCK), 0);
	f = add_fd(s, pair[1], 0, on_ready);
	turn(s, 0);
	assert_noted(s, "");
	assert_int_equal(loop_want_fd(f, LOOP_WRITE), 0);
	turn(s, 0);
	assert_noted(s, "w");
	assert_int_equal(loop_want_fd(f, LOOP_WRITE), 0);
	turn(s, 0);
	assert_noted(s, "w");
	assert_int_equal(loop_want_fd(f, LOOP_READ), 0);
	turn(s, 0);
	assert_noted(s, "");
	assert_int_equal(loop_want_fd(f, LOOP_READ | LOOP_WRITE), 0);
	turn(s, 0);
	assert_int_equal(s->ready, LOOP_WRITE);
	assert_noted(s, "w");
	assert_int_equal(loop_want_fd(f, 0), 0);
	turn(s, 0);
	assert_noted(s, "");
	loop_del_fd(f);
	close(pair[0]);
	close(pair[1]);
}

static void a_closed_peer_makes_readable(void **state)
{
	struct scene *s = *state;
	int pair[2];

	assert_int_equal(pipe2(pair, O_NONBLOCK), 0);
	s->fd = add_fd(s, pair[0], LOOP_READ, on_ready);
	close(pair[1]);
	turn(s, TIME_NEVER);
	assert_int_equal(s->ready, LOOP_READ);
	assert_noted(s, "w");
	loop_del_fd(s->fd);
	close(pair[0]);
}

static void delete_both(int fd, unsigned int ready, void *ctx)
{
	struct scene *s = ctx;

	(void)fd;
	(void)ready;
	note(s, 'd');
	loop_del_fd(s->fd);
	loop_del_fd(s->other_fd);
}

/* Both are ready in the same turn; whichever is called first deletes both. */
static void a_callback_deletes_itself_and_another(void **state)
{
	struct scene *s = *state;

	s->fd = add_fd(s, s->pipe[0], LOOP_READ, delete_both);
	s->other_fd = add_fd(s, s->other[0], LOOP_READ, delete_both);
	fill(s->pipe[1]);
	fill(s->other[1]);
	turn(s, TIME_NEVER);
	assert_noted(s, "d");
	turn(s, 0);
	assert_noted(s, "");
}

static void pause_both(int fd, unsigned int ready, void *ctx)
{
	struct scene *s = ctx;

	(void)fd;
	(void)ready;
	note(s, 'p');
	assert_int_equal(loop_want_fd(s->fd, 0), 0);
	assert_int_equal(loop_want_fd(s->other_fd, 0), 0);
}

static void a_callback_pauses_itself_and_another(void **state)
{
	struct scene *s = *state;

	s->fd = add_fd(s, s->pipe[0], LOOP_READ, pause_both);
	s->other_fd = add_fd(s, s->other[0], LOOP_READ, pause_both);
	fill(s->pipe[1]);
	fill(s->other[1]);
	turn(s, TIME_NEVER);
	assert_noted(s, "p");
	turn(s, 0);
	assert_noted(s, "");
	assert_int_equal(loop_want_fd(s->other_fd, LOOP_READ), 0);
	turn(s, 0);
	assert_noted(s, "p");
}

static void add_another(int fd, unsigned int ready, void *ctx)
{
	struct scene *s = ctx;

	on_read(fd, ready, ctx);
	add_fd(s, s->other[0], LOOP_READ, on_read);
}

static void a_callback_adds_another(void **state)
{
	struct scene *s = *state;

	add_fd(s, s->pipe[0], LOOP_READ, add_another);
	fill(s->pipe[1]);
	fill(s->other[1]);
	turn(s, TIME_NEVER);
	turn(s, TIME_NEVER);
	assert_noted(s, "rR");
}

static void what_cannot_be_watched_is_refused(void **state)
{
	struct scene *s = *state;
	char name[] = "/tmp/mip6d-loop-XXXXXX";
	int file = mkstemp(name), closed = dup(s->pipe[0]);

	assert_true(file >= 0);
	unlink(name);
	close(closed);
	assert_null(loop_add_fd(s->loop, -1, LOOP_READ, on_read, s));
	assert_int_equal(errno, EBADF);
	assert_null(loop_add_fd(s->loop, closed, LOOP_READ, on_read, s));
	assert_int_equal(errno, EBADF);
	assert_null(loop_add_fd(s->loop, file, LOOP_READ, on_read, s));
	assert_int_equal(errno, EPERM);
	/* paused, it is only refused when it shall be watched; and stays paused */
	s->fd = add_fd(s, file, 0, on_read);
	assert_int_equal(loop_want_fd(s->fd, LOOP_READ), -EPERM);
	assert_int_equal(loop_want_fd(s->fd, LOOP_READ), -EPERM);
	turn(s, 0);
	assert_noted(s, "");
	loop_del_fd(s->fd);
	close(file);
}

/* -- signals --------------------------------------------------------------------- */

static void on_signal(int signo, void *ctx)
{
	note(ctx, signo == SIGUSR1 ? 's' : signo == SIGUSR2 ? 'S' : '?');
}

static void signals_are_called_in_a_turn(void **state)
{
	struct scene *s = *state;
	struct loop_signal *a = loop_add_signal(s->loop, SIGUSR1, on_signal, s);
	struct loop_signal *b = loop_add_signal(s->loop, SIGUSR2, on_signal, s);

	assert_non_null(a);
	assert_non_null(b);
	raise(SIGUSR1);
	assert_noted(s, ""); /* not in the handler */
	turn(s, TIME_NEVER);
	assert_noted(s, "s");
	raise(SIGUSR2);
	raise(SIGUSR2);
	turn(s, TIME_NEVER);
	assert_true(s->log[0] == 'S');
	memset(s->log, 0, sizeof(s->log));
	turn(s, 0);
	assert_noted(s, "");
	loop_del_signal(a);
	loop_del_signal(b);
	loop_del_signal(NULL);
}

static void on_delete_signal(int signo, void *ctx)
{
	struct scene *s = ctx;

	on_signal(signo, ctx);
	loop_del_signal(s->sig);
	s->sig = NULL;
}

static void a_deleted_signal_has_its_former_effect(void **state)
{
	struct scene *s = *state;
	struct sigaction now;

	s->sig = loop_add_signal(s->loop, SIGUSR1, on_delete_signal, s);
	assert_non_null(s->sig);
	assert_int_equal(sigaction(SIGUSR1, NULL, &now), 0);
	assert_true(now.sa_handler != SIG_DFL);
	raise(SIGUSR1);
	turn(s, TIME_NEVER);
	assert_noted(s, "s");
	assert_int_equal(sigaction(SIGUSR1, NULL, &now), 0);
	assert_true(now.sa_handler == SIG_DFL);
}

static void impossible_signals_are_refused(void **state)
{
	static const int bad[] = { -1, 0, 1000, SIGKILL, SIGSTOP };
	struct scene *s = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		errno = 0;
		assert_null(loop_add_signal(s->loop, bad[i], on_signal, s));
		assert_int_equal(errno, EINVAL);
	}
}

/* -- shortage -------------------------------------------------------------------- */

static void on_hook(void *ctx, uint64_t now_us)
{
	(void)now_us;
	note(ctx, 'h');
}

static void without_memory_nothing_is_added(void **state)
{
	struct scene *s = *state;

	no_memory = true;
	assert_null(loop_new());
	assert_int_equal(errno, ENOMEM);
	assert_null(loop_add_fd(s->loop, s->pipe[0], LOOP_READ, on_read, s));
	assert_int_equal(errno, ENOMEM);
	assert_null(loop_add_signal(s->loop, SIGUSR1, on_signal, s));
	assert_int_equal(errno, ENOMEM);
	assert_null(loop_add_hook(s->loop, on_hook, s));
	assert_int_equal(errno, ENOMEM);
	no_memory = false;
	turn(s, 0);
}

/* With ever more descriptors allowed, until a loop can be made. */
static void without_descriptors_there_is_no_loop(void **state)
{
	struct rlimit before, few;
	struct loop *l = NULL;
	int failed = 0, lowest = dup(STDERR_FILENO);

	(void)state;
	assert_true(lowest > 0);
	close(lowest);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	for (int n = lowest; !l && n < lowest + 10; n++) {
		few = (struct rlimit){ .rlim_cur = (rlim_t)n, .rlim_max = before.rlim_max };
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		errno = 0;
		l = loop_new();
		if (!l) {
			assert_int_equal(errno, EMFILE);
			failed++;
		}
	}
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_non_null(l);
	assert_in_range(failed, 2, 9);
	assert_int_equal(loop_turn(l, 0), 0);
	loop_free(l);
	/* nothing was left open */
	failed = dup(STDERR_FILENO);
	assert_int_equal(failed, lowest);
	close(failed);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		loop_test(a_readable_descriptor_is_called),
		loop_test(a_writable_descriptor_is_called),
		loop_test(what_is_waited_for_can_change),
		loop_test(a_closed_peer_makes_readable),
		loop_test(a_callback_deletes_itself_and_another),
		loop_test(a_callback_pauses_itself_and_another),
		loop_test(a_callback_adds_another),
		loop_test(what_cannot_be_watched_is_refused),
		loop_test(signals_are_called_in_a_turn),
		loop_test(a_deleted_signal_has_its_former_effect),
		loop_test(impossible_signals_are_refused),
		loop_test(without_memory_nothing_is_added),
		loop_test(without_descriptors_there_is_no_loop),
	};

	/* libevent warns of what it refuses */
	if (log_open(LOGT_NONE, NULL, NULL) < 0)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
