// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The event loop: one per program, made by the daemon, which hands its timer heap
 * to the node and its descriptors to the rooms that own sockets. No other file but
 * resolve.c includes libevent; nobody else sees its types.
 *
 * libevent waits for descriptors and signals. It does not keep the time: its own
 * timeouts count CLOCK_MONOTONIC, which stands still while the machine sleeps,
 * and its epoll back end rounds them to milliseconds. So the earliest expiry of
 * the heap is set on one timerfd of CLOCK_BOOTTIME, which is one more descriptor
 * to libevent and wakes the loop to the microsecond.
 *
 * Version 2.1 of libevent has no hook between waking up and calling back; the
 * first callback of a turn therefore reads the clock (wake_up()), for the turn.
 *
 * Callbacks may add and delete anything. libevent allows that for events; hooks
 * that are deleted while hooks run stay in the list, marked, until these are done.
 */
#include "base/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

struct loop_fd {
	struct loop *loop;
	struct event *event; /* owned */
	int fd;		     /* the caller's */
	unsigned int want;
	loop_fd_fn *fn;
	void *ctx;
	LIST_ENTRY(loop_fd) link;
};

struct loop_signal {
	struct loop *loop;
	struct event *event; /* owned */
	loop_signal_fn *fn;
	void *ctx;
	LIST_ENTRY(loop_signal) link;
};

struct loop_hook {
	struct loop *loop;
	loop_hook_fn *fn; /* NULL: deleted while hooks were running */
	void *ctx;
	TAILQ_ENTRY(loop_hook) link;
};

struct loop {
	struct event_base *base;   /* owned */
	struct event *timer_event; /* owned; of timer_fd */
	int timer_fd;		   /* owned */
	uint64_t armed_us;	   /* what timer_fd is set to; TIME_NEVER: to nothing */
	uint64_t now_us;
	bool in_turn;
	bool awake; /* now_us is of this turn */
	bool in_hooks;
	bool stop;
	struct timers timers;
	/* what the callers have not deleted dies with the loop */
	LIST_HEAD(loop_fds, loop_fd) fds;
	LIST_HEAD(loop_signals, loop_signal) signals;
	TAILQ_HEAD(loop_hooks, loop_hook) hooks;
};

static void wake_up(struct loop *l)
{
	if (l->awake)
		return;
	l->awake = true;
	l->now_us = clock_now_us();
}

/* The timerfd has expired. What that means is seen when the timers run. */
static void on_timer_fd(evutil_socket_t fd, short what, void *ctx)
{
	struct loop *l = ctx;
	uint64_t times;

	(void)what;
	wake_up(l);
	l->armed_us = TIME_NEVER;
	/* -EAGAIN where it was set anew meanwhile: then there is nothing to read. */
	if (read(fd, &times, sizeof(times)) < 0 && errno != EAGAIN)
		log_warning(LOG_DAEMON, "cannot read timerfd: %m");
}

static void on_fd(evutil_socket_t fd, short what, void *ctx)
{
	struct loop_fd *f = ctx;
	unsigned int ready = 0;

	wake_up(f->loop);
	if (what & EV_READ)
		ready |= LOOP_READ;
	if (what & EV_WRITE)
		ready |= LOOP_WRITE;
	f->fn(fd, ready, f->ctx);
}

static void on_signal(evutil_socket_t signo, short what, void *ctx)
{
	struct loop_signal *s = ctx;

	(void)what;
	wake_up(s->loop);
	s->fn(signo, s->ctx);
}

static void on_libevent_log(int severity, const char *text)
{
	switch (severity) {
	case EVENT_LOG_ERR:
		log_error(LOG_DAEMON, "libevent: %s", text);
		return;
	case EVENT_LOG_WARN:
		log_warning(LOG_DAEMON, "libevent: %s", text);
		return;
	default:
		log_trace(LOG_DAEMON, "libevent: %s", text);
	}
}

/* libevent ends the program when it finds no descriptors for its pair of sockets
 * for signals. 0 when it will find them (and one for epoll), or -errno. */
static int check_descriptors(int any_fd)
{
	int fds[3], n, r = 0;

	for (n = 0; n < 3 && r == 0; n++) {
		fds[n] = fcntl(any_fd, F_DUPFD_CLOEXEC, 0);
		r = fds[n] < 0 ? -errno : 0;
	}
	while (n-- > 0)
		if (fds[n] >= 0)
			close(fds[n]);
	return r;
}

static struct event_base *new_base(void)
{
	struct event_config *c = event_config_new();
	struct event_base *base;

	if (!c)
		return NULL;
	/* One thread; the environment has no say in how a daemon waits; and libevent need not
	 * look at its clock in each turn, only for timeouts of its own (resolve.c). */
	event_config_set_flag(c, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV |
					 EVENT_BASE_FLAG_NO_CACHE_TIME);
	base = event_base_new_with_config(c);
	event_config_free(c);
	return base;
}

/* libevent does not always leave errno when it fails. */
static void set_errno(int otherwise)
{
	if (errno == 0)
		errno = otherwise;
}

/* Makes an event and waits for it; NULL with errno when that fails. */
static struct event *new_event(struct loop *l, int fd, short what, event_callback_fn fn, void *ctx)
{
	struct event *e;

	errno = 0;
	e = event_new(l->base, fd, (short)(what | EV_PERSIST), fn, ctx);
	if (!e) {
		set_errno(ENOMEM);
		return NULL;
	}
	/* without a bit nothing is waited for: the event is only kept */
	if (what && event_add(e, NULL) < 0) {
		set_errno(EINVAL);
		event_free(e);
		return NULL;
	}
	return e;
}

struct loop *loop_new(void)
{
	struct loop *l = calloc(1, sizeof(*l));
	int saved_errno;

	if (!l)
		return NULL;
	event_set_log_callback(on_libevent_log);
	timers_init(&l->timers);
	LIST_INIT(&l->fds);
	LIST_INIT(&l->signals);
	TAILQ_INIT(&l->hooks);
	l->armed_us = TIME_NEVER;
	l->now_us = clock_now_us();
	l->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->timer_fd < 0 || check_descriptors(l->timer_fd) < 0)
		goto fail;
	errno = 0;
	l->base = new_base();
	if (!l->base) {
		set_errno(ENOMEM);
		goto fail;
	}
	l->timer_event = new_event(l, l->timer_fd, EV_READ, on_timer_fd, l);
	if (l->timer_event)
		return l;
fail:
	saved_errno = errno;
	loop_free(l);
	errno = saved_errno;
	return NULL;
}

void loop_free(struct loop *l)
{
	struct loop_hook *h, *next;

	if (!l)
		return;
	timers_free(&l->timers);
	while (!LIST_EMPTY(&l->fds))
		loop_del_fd(LIST_FIRST(&l->fds));
	while (!LIST_EMPTY(&l->signals))
		loop_del_signal(LIST_FIRST(&l->signals));
	for (h = TAILQ_FIRST(&l->hooks); h; h = next) {
		next = TAILQ_NEXT(h, link);
		free(h);
	}
	if (l->timer_event)
		event_free(l->timer_event);
	if (l->base)
		event_base_free(l->base);
	if (l->timer_fd >= 0)
		close(l->timer_fd);
	free(l);
}

uint64_t loop_now_us(const struct loop *l)
{
	return l->now_us;
}

struct timers *loop_timers(struct loop *l)
{
	return &l->timers;
}

static short libevent_want(unsigned int want)
{
	return (short)((want & LOOP_READ ? EV_READ : 0) | (want & LOOP_WRITE ? EV_WRITE : 0));
}

struct loop_fd *loop_add_fd(struct loop *l, int fd, unsigned int want, loop_fd_fn *fn, void *ctx)
{
	struct loop_fd *f;

	if (fd < 0) {
		errno = EBADF;
		return NULL;
	}
	f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	*f = (struct loop_fd){ .loop = l, .fd = fd, .want = want, .fn = fn, .ctx = ctx };
	f->event = new_event(l, fd, libevent_want(want), on_fd, f);
	if (!f->event) {
		free(f);
		return NULL;
	}
	LIST_INSERT_HEAD(&l->fds, f, link);
	return f;
}

int loop_want_fd(struct loop_fd *f, unsigned int want)
{
	struct event *e;

	if (want == f->want)
		return 0;
	/* The new one first: when that fails, the old one is as it was. */
	e = new_event(f->loop, f->fd, libevent_want(want), on_fd, f);
	if (!e)
		return -errno;
	event_free(f->event);
	f->event = e;
	f->want = want;
	return 0;
}

void loop_del_fd(struct loop_fd *f)
{
	if (!f)
		return;
	LIST_REMOVE(f, link);
	event_free(f->event);
	free(f);
}

struct loop_signal *loop_add_signal(struct loop *l, int signo, loop_signal_fn *fn, void *ctx)
{
	struct loop_signal *s;

	if (signo < 1 || signo >= NSIG) {
		errno = EINVAL;
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	*s = (struct loop_signal){ .loop = l, .fn = fn, .ctx = ctx };
	s->event = new_event(l, signo, EV_SIGNAL, on_signal, s);
	if (!s->event) {
		free(s);
		return NULL;
	}
	LIST_INSERT_HEAD(&l->signals, s, link);
	return s;
}

void loop_del_signal(struct loop_signal *s)
{
	if (!s)
		return;
	LIST_REMOVE(s, link);
	event_free(s->event);
	free(s);
}

struct loop_hook *loop_add_hook(struct loop *l, loop_hook_fn *fn, void *ctx)
{
	struct loop_hook *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	*h = (struct loop_hook){ .loop = l, .fn = fn, .ctx = ctx };
	TAILQ_INSERT_TAIL(&l->hooks, h, link);
	return h;
}

void loop_del_hook(struct loop_hook *h)
{
	if (!h)
		return;
	if (h->loop->in_hooks) {
		h->fn = NULL;
		return;
	}
	TAILQ_REMOVE(&h->loop->hooks, h, link);
	free(h);
}

/* Calls the hooks there are now; those they add wait for the next turn. */
static void run_hooks(struct loop *l)
{
	struct loop_hook *last = TAILQ_LAST(&l->hooks, loop_hooks), *h, *next;

	l->in_hooks = true;
	for (h = TAILQ_FIRST(&l->hooks); h; h = h == last ? NULL : TAILQ_NEXT(h, link))
		if (h->fn)
			h->fn(h->ctx, l->now_us);
	l->in_hooks = false;
	for (h = TAILQ_FIRST(&l->hooks); h; h = next) {
		next = TAILQ_NEXT(h, link);
		if (!h->fn)
			loop_del_hook(h);
	}
}

/* Sets the timerfd to `at_us`, or to nothing for TIME_NEVER. 0 or -errno. */
static int arm(struct loop *l, uint64_t at_us)
{
	struct itimerspec spec = { .it_value = { 0 } };

	if (at_us == l->armed_us)
		return 0;
	if (at_us != TIME_NEVER) {
		spec.it_value.tv_sec = (time_t)(at_us / US_PER_S);
		/* zero would mean nothing: time 0 is one nanosecond later */
		spec.it_value.tv_nsec = at_us ? (long)(at_us % US_PER_S) * 1000 : 1;
	}
	if (timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL) < 0)
		return -errno;
	l->armed_us = at_us;
	return 0;
}

/* Waits, and calls what is ready. 0 or -errno. */
static int wait_and_call(struct loop *l, uint64_t max_wait_us)
{
	uint64_t until_us = timers_next_us(&l->timers);
	bool wait = max_wait_us > 0 && until_us > l->now_us;
	int r;

	if (wait && max_wait_us != TIME_NEVER) {
		uint64_t end_us = time_add(clock_now_us(), max_wait_us);

		until_us = end_us < until_us ? end_us : until_us;
	}
	r = wait ? arm(l, until_us) : 0;
	if (r < 0)
		return r;
	errno = 0;
	/* Once in any case: without it a descriptor that is always ready would keep
	 * timers and hooks waiting for ever. */
	if (event_base_loop(l->base, wait ? EVLOOP_ONCE : EVLOOP_ONCE | EVLOOP_NONBLOCK) < 0)
		return errno ? -errno : -EIO;
	return 0;
}

int loop_turn(struct loop *l, uint64_t max_wait_us)
{
	int r;

	if (l->in_turn)
		return -EBUSY;
	l->in_turn = true;
	l->awake = false;
	r = wait_and_call(l, max_wait_us);
	if (r == 0) {
		wake_up(l);
		timers_run(&l->timers, l->now_us);
		run_hooks(l);
	}
	l->in_turn = false;
	return r;
}

int loop_run(struct loop *l)
{
	int r = 0;

	while (r == 0 && !l->stop)
		r = loop_turn(l, TIME_NEVER);
	l->stop = false;
	return r;
}

void loop_stop(struct loop *l)
{
	l->stop = true;
}

struct event_base *loop_event_base(struct loop *l)
{
	return l->base;
}
