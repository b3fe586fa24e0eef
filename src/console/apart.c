// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests apart. A child process has the daemon's whole state as it was when the request
 * came, and may wait for the kernel or for an answer from the network; what it tells
 * comes back through a pipe, already rendered, and its exit status is that of the request.
 * It gives up the daemon's descriptors first of all, never touches its loop, and ends
 * by itself after a while. There are only a few at a time.
 *
 * Called by client.c.
 */
#include "console/apart.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "console/render.h"

#define APARTS_MAX 8
#define APART_MAX_S 60
#define READ_MAX   8192

struct apart {
	struct aparts *all;
	struct loop_fd *watch;
	int fd;
	pid_t pid;
	apart_text_fn *text;
	apart_end_fn *end;
	void *ctx;
};

/* --- the child --------------------------------------------------------------------------- */

/* The loop's handlers write to the loop's own socket: none may run here. */
static void take_leave(int keep)
{
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(APART_MAX_S);
	log_set_tap(NULL, NULL);
	if (dup2(keep, STDERR_FILENO + 1) < 0)
		_exit(EIO);
	syscall(SYS_close_range, STDERR_FILENO + 2, ~0U, 0);
}

static _Noreturn void child(int to_parent, const struct command_request *asked)
{
	struct command_request r = *asked;
	enum command_end end = COMMAND_MORE;
	struct render render;
	struct show show;
	FILE *out;

	take_leave(to_parent);
	out = fdopen(STDERR_FILENO + 1, "w");
	if (!out)
		_exit(ENOMEM);
	r.apart = true;
	show_init(&show);
	render_init(&render, r.json, r.colour);
	while (end == COMMAND_MORE) {
		end = command_run(&r, &show);
		if (show.bad || render_piece(&render, &show, out) < 0 || fflush(out) != 0)
			_exit(EIO);
		show_clear(&show);
	}
	_exit(r.status & 0xff);
}

/* --- the parent -------------------------------------------------------------------------- */

static void forget(struct apart *a)
{
	loop_del_fd(a->watch);
	close(a->fd);
	a->all->count--;
	free(a);
}

/* The pipe is closed: the child is at its end, or was killed. */
static int status_of(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return EIO;
	}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? ETIME : EIO;
}

static void on_readable(int fd, unsigned int ready, void *ctx)
{
	struct apart *a = ctx;
	apart_end_fn *end = a->end;
	void *end_ctx = a->ctx;
	char text[READ_MAX];
	ssize_t n = read(fd, text, sizeof(text));
	int status;

	(void)ready;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		a->text(a->ctx, text, (size_t)n);
		return;
	}
	status = status_of(a->pid);
	forget(a);
	end(end_ctx, status);
}

static pid_t start(int to_parent, const struct command_request *r)
{
	sigset_t all, before;
	pid_t pid;
	int err;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	err = errno;
	if (pid == 0)
		child(to_parent, r);
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return pid;
}

struct apart *apart_begin(struct aparts *all, struct loop *l, const struct command_request *r,
			  apart_text_fn *text, apart_end_fn *end, void *ctx)
{
	struct apart *a;
	int ends[2];

	if (all->count >= APARTS_MAX) {
		errno = EAGAIN;
		return NULL;
	}
	a = calloc(1, sizeof(*a));
	if (!a || pipe2(ends, O_CLOEXEC) < 0) {
		free(a);
		return NULL;
	}
	*a = (struct apart){
		.all = all, .fd = ends[0], .text = text, .end = end, .ctx = ctx
	};
	fcntl(a->fd, F_SETFL, O_NONBLOCK);
	a->watch = loop_add_fd(l, a->fd, LOOP_READ, on_readable, a);
	a->pid = a->watch ? start(ends[1], r) : -1;
	close(ends[1]);
	all->count++;
	if (a->pid < 0) {
		int err = errno;

		forget(a);
		errno = err;
		return NULL;
	}
	return a;
}

void apart_pause(struct apart *a, bool pause)
{
	loop_want_fd(a->watch, pause ? 0 : LOOP_READ);
}

void apart_cancel(struct apart *a)
{
	if (!a)
		return;
	(void)status_of(a->pid);
	forget(a);
}
