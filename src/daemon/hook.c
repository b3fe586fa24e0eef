// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * HookScript. An event becomes a job: the environment that the program is to have. Jobs
 * wait in a queue of bounded length; a few programs run at once, never two for the same
 * home address, so that it hears of each binding in order. What takes too long is killed
 * with all of its process group, what does not fit into the queue is left out and
 * counted in the log. Nothing here waits: the end of a program is an event of its pidfd.
 *
 * The program has the daemon's privileges, which are few (privileges.c), and none that
 * the daemon has not. It is not run when others than root and the daemon's user could
 * have written it.
 *
 * Called by run.c.
 */
#include "daemon/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"

#define WAITING_MAX 256
#define RUNNING_MAX 8
#define TIMEOUT_US  (10 * US_PER_S)
#define VARS_MAX    16
#define TEXT_MAX    1024

struct job {
	TAILQ_ENTRY(job) entry;
	struct hooks *hooks;
	enum mip6_event event;
	char *vars[VARS_MAX + 1]; /* owned; "NAME=value", ended by NULL */
	unsigned int var_count;
	const char *hoa; /* one of these; "" when the event is about none */
	/* while it runs: */
	pid_t pid;
	int pidfd;
	struct loop_fd *watch;
	struct timer timeout;
};
TAILQ_HEAD(jobs, job);

struct hooks {
	struct loop *loop;
	struct mip6 *m;
	struct mip6_listener listener;
	struct jobs waiting;
	struct jobs running;
	unsigned int waiting_count;
	unsigned int running_count;
	struct log_limit limit;
};

/* --- jobs ------------------------------------------------------------------------------- */

static void job_free(struct job *j)
{
	while (j->var_count)
		free(j->vars[--j->var_count]);
	free(j);
}

static bool add_var(struct job *j, const char *name, const char *value)
{
	char text[TEXT_MAX];

	if (j->var_count == VARS_MAX)
		return false;
	snprintf(text, sizeof(text), "%s=%s", name, value);
	j->vars[j->var_count] = strdup(text);
	if (!j->vars[j->var_count])
		return false;
	j->var_count++;
	return true;
}

/* "hoa" is MIP6_HOA. */
static bool add_field(struct job *j, const char *key, const char *value)
{
	char name[64] = "MIP6_";
	size_t len = strlen(name);

	for (; *key && len < sizeof(name) - 1; key++)
		name[len++] = (char)(*key >= 'a' && *key <= 'z' ? *key - 'a' + 'A' : *key);
	name[len] = '\0';
	if (!add_var(j, name, value))
		return false;
	if (strcmp(name, "MIP6_HOA") == 0)
		j->hoa = j->vars[j->var_count - 1];
	return true;
}

/* The text of an event is "key=value key=value ...". */
static bool add_fields(struct job *j, const char *event_text)
{
	char text[TEXT_MAX], *at = text, *pair;

	snprintf(text, sizeof(text), "%s", event_text);
	while ((pair = strsep(&at, " "))) {
		char *equals = strchr(pair, '=');

		if (!equals)
			continue;
		*equals = '\0';
		if (!add_field(j, pair, equals + 1))
			return false;
	}
	return true;
}

static struct job *job_new(struct hooks *h, enum mip6_event e, const char *text)
{
	struct job *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->hooks = h;
	j->event = e;
	j->hoa = "";
	if (add_var(j, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin") &&
	    add_var(j, "MIP6_EVENT", mip6_event_name(e)) &&
	    add_var(j, "MIP6_NODE", conf_role_name(h->m->conf->role)) && add_fields(j, text))
		return j;
	job_free(j);
	return NULL;
}

/* --- running ------------------------------------------------------------------------------- */

static void run_waiting(struct hooks *h);

static void end(struct job *j)
{
	struct hooks *h = j->hooks;

	timer_cancel(h->m->timers, &j->timeout);
	loop_del_fd(j->watch);
	if (j->pidfd >= 0)
		close(j->pidfd);
	TAILQ_REMOVE(&h->running, j, entry);
	h->running_count--;
	job_free(j);
}

static void on_end(int fd, unsigned int ready, void *ctx)
{
	struct job *j = ctx;
	struct hooks *h = j->hooks;
	int status;

	(void)fd;
	(void)ready;
	if (waitpid(j->pid, &status, WNOHANG) == 0)
		return;
	/* what it may have left in the background */
	kill(-j->pid, SIGKILL);
	if (WIFSIGNALED(status))
		log_warning(LOG_DAEMON, "hook for %s ended by signal %d",
			    mip6_event_name(j->event), WTERMSIG(status));
	else if (WEXITSTATUS(status))
		log_warning(LOG_DAEMON, "hook for %s ended with status %d",
			    mip6_event_name(j->event), WEXITSTATUS(status));
	end(j);
	run_waiting(h);
}

static void on_timeout(struct timer *t, uint64_t now_us)
{
	struct job *j = t->ctx;

	(void)now_us;
	log_warning(LOG_DAEMON, "hook for %s takes longer than %u s and is killed",
		    mip6_event_name(j->event), (unsigned int)(TIMEOUT_US / US_PER_S));
	kill(-j->pid, SIGKILL);
}

/* Who could have written it must have the daemon's power already. */
static bool is_safe(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		log_error(LOG_DAEMON, "HookScript %s: %s", path, strerror(errno));
		return false;
	}
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & (S_IWGRP | S_IWOTH))) {
		log_error(LOG_DAEMON, "HookScript %s: others than root can write it, it is not run",
			  path);
		return false;
	}
	return true;
}

/* A process group of its own, no signal blocked or ignored, nothing to read. */
static int spawn(struct job *j, const char *path)
{
	char *argv[] = { (char *)(uintptr_t)path, j->vars[1] + strlen("MIP6_EVENT="), NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t all, none;
	int err;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
	err = posix_spawn(&j->pid, path, &files, &attr, argv, j->vars);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return -err;
}

/* 0, or -errno: then the job is still the caller's. */
static int run(struct job *j)
{
	struct hooks *h = j->hooks;
	const char *path = h->m->conf->hook_script;
	int err;

	if (!path || !is_safe(path))
		return -EACCES;
	err = spawn(j, path);
	if (err) {
		log_error(LOG_DAEMON, "HookScript %s: %s", path, strerror(-err));
		return err;
	}
	j->pidfd = (int)syscall(SYS_pidfd_open, j->pid, 0);
	j->watch = j->pidfd < 0 ? NULL : loop_add_fd(h->loop, j->pidfd, LOOP_READ, on_end, j);
	if (!j->watch) {
		err = -errno;
		log_error(LOG_DAEMON, "hook: nobody can watch it: %s", strerror(-err));
		kill(-j->pid, SIGKILL);
		waitpid(j->pid, NULL, 0);
		if (j->pidfd >= 0)
			close(j->pidfd);
		return err;
	}
	timer_init(&j->timeout, "hook", on_timeout, j);
	timer_set(h->m->timers, &j->timeout, loop_now_us(h->loop) + TIMEOUT_US, NULL);
	TAILQ_INSERT_TAIL(&h->running, j, entry);
	h->running_count++;
	return 0;
}

static bool is_running_for(const struct hooks *h, const char *hoa)
{
	const struct job *j;

	TAILQ_FOREACH (j, &h->running, entry) {
		if (strcmp(j->hoa, hoa) == 0)
			return true;
	}
	return false;
}

/* The first that waits and may run, in order for each home address: one that stands behind
 * another of its own is kept back by that one's running first. */
static struct job *next_job(struct hooks *h)
{
	struct job *j;

	TAILQ_FOREACH (j, &h->waiting, entry) {
		if (!is_running_for(h, j->hoa))
			return j;
	}
	return NULL;
}

static void run_waiting(struct hooks *h)
{
	struct job *j;

	while (h->running_count < RUNNING_MAX && (j = next_job(h))) {
		TAILQ_REMOVE(&h->waiting, j, entry);
		h->waiting_count--;
		if (run(j) < 0)
			job_free(j);
	}
}

/* --- events -------------------------------------------------------------------------------- */

static bool is_for_hooks(enum mip6_event e)
{
	switch (e) {
	case MIP6_EVENT_BINDING_ADDED:
	case MIP6_EVENT_BINDING_CHANGED:
	case MIP6_EVENT_BINDING_REMOVED:
	case MIP6_EVENT_HANDOVER_BEGUN:
	case MIP6_EVENT_HANDOVER_DONE:
	case MIP6_EVENT_AT_HOME:
		return true;
	case MIP6_EVENT_RO_BEGUN:
	case MIP6_EVENT_RO_ENDED:
	case MIP6_EVENT_VIOLATION:
		break;
	}
	return false;
}

static void on_event(struct mip6 *m, enum mip6_event e, const char *text, void *ctx)
{
	struct hooks *h = ctx;
	struct job *j;

	if (!m->conf->hook_script || !is_for_hooks(e))
		return;
	j = h->waiting_count < WAITING_MAX ? job_new(h, e, text) : NULL;
	if (!j) {
		log_limited(&h->limit, m->now_us, LOG_DAEMON, LOGL_WARNING,
			    "too many events: the hook is not run for %s %s", mip6_event_name(e),
			    text);
		return;
	}
	TAILQ_INSERT_TAIL(&h->waiting, j, entry);
	h->waiting_count++;
	run_waiting(h);
}

struct hooks *hooks_new(struct loop *l, struct mip6 *m)
{
	struct hooks *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->loop = l;
	h->m = m;
	h->limit = (struct log_limit)LOG_LIMIT(5, 1);
	TAILQ_INIT(&h->waiting);
	TAILQ_INIT(&h->running);
	h->listener = (struct mip6_listener){ .fn = on_event, .ctx = h };
	mip6_listen(m, &h->listener);
	return h;
}

void hooks_free(struct hooks *h)
{
	struct job *j;

	if (!h)
		return;
	mip6_unlisten(h->m, &h->listener);
	while ((j = TAILQ_FIRST(&h->waiting))) {
		TAILQ_REMOVE(&h->waiting, j, entry);
		job_free(j);
	}
	/* nobody would bound them any more */
	while ((j = TAILQ_FIRST(&h->running))) {
		kill(-j->pid, SIGKILL);
		waitpid(j->pid, NULL, 0);
		end(j);
	}
	free(h);
}
