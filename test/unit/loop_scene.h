// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the tests of the event loop share: a loop, two pipes, and a log of what was
 * called in which order.
 */
#ifndef TEST_UNIT_LOOP_SCENE_H
#define TEST_UNIT_LOOP_SCENE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"

/* What happened, in order: one letter each. */
struct scene {
	struct loop *loop;
	int pipe[2], other[2];
	char log[64];
	uint64_t seen_us[64]; /* loop_now_us() at each letter */
	/* what callbacks act upon */
	struct loop_fd *fd, *other_fd;
	struct loop_signal *sig;
	struct loop_hook *hook, *other_hook;
	struct timer timer, other_timer;
	unsigned int ready;
};

static inline void note(struct scene *s, char letter)
{
	size_t len = strlen(s->log);

	assert_true(len + 1 < sizeof(s->log));
	s->seen_us[len] = loop_now_us(s->loop);
	s->log[len] = letter;
}

/* What was noted since the last call is `expected`. */
static inline void assert_noted(struct scene *s, const char *expected)
{
	assert_string_equal(s->log, expected);
	memset(s->log, 0, sizeof(s->log));
}

static inline int set_up(void **state)
{
	struct scene *s = test_calloc(1, sizeof(*s));

	s->loop = loop_new();
	if (!s->loop || pipe2(s->pipe, O_NONBLOCK | O_CLOEXEC) < 0 ||
	    pipe2(s->other, O_NONBLOCK | O_CLOEXEC) < 0)
		return -1;
	*state = s;
	return 0;
}

static inline int tear_down(void **state)
{
	struct scene *s = *state;

	loop_free(s->loop);
	for (int i = 0; i < 2; i++) {
		close(s->pipe[i]);
		close(s->other[i]);
	}
	test_free(s);
	return 0;
}

static inline void turn(struct scene *s, uint64_t max_wait_us)
{
	assert_int_equal(loop_turn(s->loop, max_wait_us), 0);
}

static inline void fill(int fd)
{
	assert_int_equal(write(fd, "x", 1), 1);
}

static inline void drain(int fd)
{
	char c;

	assert_int_equal(read(fd, &c, 1), 1);
}

static inline void on_read(int fd, unsigned int ready, void *ctx)
{
	struct scene *s = ctx;

	drain(fd);
	s->ready = ready;
	note(s, fd == s->pipe[0] ? 'r' : 'R');
}

static inline struct loop_fd *add_fd(struct scene *s, int fd, unsigned int want, loop_fd_fn *fn)
{
	struct loop_fd *f = loop_add_fd(s->loop, fd, want, fn, s);

	assert_non_null(f);
	return f;
}

#define loop_test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif
