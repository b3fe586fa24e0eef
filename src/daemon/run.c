// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The daemon's life. In order: log; background; run directory and pid file; event
 * loop and signals; the kernel port; a look whether this machine can do it; the store; a
 * look at what a predecessor left in the kernel; the roles start and take over what they
 * need of it, the rest is removed; privileges go; readiness is told. Then the loop runs
 * until a signal ends it, the roles take their objects back (SIGTERM) or leave the data
 * path to a successor (SIGUSR1), and the last turn is the one in which the kernel has
 * confirmed that.
 *
 * SIGTERM, SIGINT: stop. SIGUSR1: stop, but leave the data path. SIGHUP: read the
 * configuration again. SIGUSR2: open the log file again. Called by main().
 */
#include "daemon/run.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/time.h"
#include "console/console.h"
#include "core/footprint.h"
#include "core/mip6.h"
#include "daemon/background.h"
#include "daemon/check.h"
#include "daemon/hook.h"
#include "daemon/notify.h"
#include "daemon/privileges.h"
#include "daemon/reload.h"
#include "daemon/roles.h"
#include "daemon/rundir.h"
#include "daemon/secret.h"
#include "os/os.h"
#include "os/store.h"

/* How long the roles may take to have their objects removed. */
#define STOP_GRACE_US (10 * US_PER_S)

#define SIGNALS_MAX 5

struct daemon {
	const struct options *options;
	char config_file[PATH_MAX]; /* absolute: the working directory changes */
	struct conf *conf;
	unsigned int waiting; /* differences to the file that only a restart ends */
	bool background;
	int ready_fd; /* the parent that waits, -1: none */
	int pid_fd;
	struct loop *loop;
	struct loop_signal *signals[SIGNALS_MAX];
	struct loop_hook *hook;
	struct kernel *kernel;
	struct store *store; /* NULL: none */
	struct mip6 mip6;
	struct console *console;
	struct hooks *hooks;
	bool have_mip6;
	bool started;	 /* the roles */
	struct timer begin;
	struct timer grace;
	uint64_t grace_ticket; /* the next of the node when the timer was set */
	struct timer watchdog;
	uint64_t watchdog_us;
	int status;
};

/* --- log ----------------------------------------------------------------- */

static void set_level(const struct conf *c)
{
	static const enum log_level levels[] = { LOGL_NOTICE, LOGL_INFO, LOGL_DEBUG, LOGL_TRACE };
	size_t n = sizeof(levels) / sizeof(levels[0]);

	log_set_level_all(levels[c->debug_level < n ? c->debug_level : n - 1]);
}

/* The file of the configuration, else the system's log when in the background,
 * else stderr; before the daemon serves, errors go to stderr in any case. */
static int open_log(const struct conf *c, bool background)
{
	int err;

	if (c->debug_log_file) {
		err = log_open(LOGT_FILE, "mip6d", c->debug_log_file);
		if (err)
			log_error(LOG_DAEMON, "cannot write the log to %s: %s",
				  c->debug_log_file, strerror(-err));
		return err;
	}
	if (!background && log_stderr_is_journal() && log_open(LOGT_JOURNAL, "mip6d", NULL) == 0)
		return 0;
	return log_open(background ? LOGT_SYSLOG : LOGT_STDERR, "mip6d", NULL);
}

/* As ever: debugging without a file is for a person at a terminal. */
static bool wants_background(const struct options *o, const struct conf *c)
{
	if (o->foreground || notify_is_wanted() || getppid() == 1)
		return false;
	return c->debug_level == 0 || c->debug_log_file;
}

/* --- stopping ------------------------------------------------------------ */

static void end_badly(struct daemon *d)
{
	d->status = EXIT_CANNOT_SERVE;
	loop_stop(d->loop);
}

static void give_grace(struct daemon *d)
{
	d->grace_ticket = d->mip6.next_ticket;
	timer_set(loop_timers(d->loop), &d->grace, loop_now_us(d->loop) + STOP_GRACE_US, NULL);
}

static void on_grace_over(struct timer *t, uint64_t now_us)
{
	struct daemon *d = t->ctx;

	(void)now_us;
	/* Very many bindings are removed piece by piece: as long as one follows the other. */
	if (d->mip6.next_ticket != d->grace_ticket) {
		give_grace(d);
		return;
	}
	log_warning(LOG_DAEMON, "the kernel did not confirm all changes in time: ending without");
	end_badly(d);
}

static void stop(struct daemon *d, enum role_stop how)
{
	if (d->mip6.stopping)
		return;
	notify_send("STOPPING=1");
	timer_cancel(loop_timers(d->loop), &d->begin); /* it may be told so before it serves */
	mip6_turn(&d->mip6, loop_now_us(d->loop));
	mip6_stop(&d->mip6, how);
	give_grace(d);
}

static void on_turn_end(void *ctx, uint64_t now_us)
{
	struct daemon *d = ctx;

	(void)now_us;
	if (mip6_stopped(&d->mip6))
		loop_stop(d->loop);
}

/* --- signals ------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* What of a new configuration is the daemon's own. The log goes first, for it may fail; a
 * level that somebody set by the console stays where the file says nothing new. */
static int follow_conf(struct daemon *d, const struct reload *r, const struct conf *c)
{
	int err;

	if (!same_text(c->debug_log_file, d->conf->debug_log_file)) {
		err = open_log(c, d->background);
		if (err) {
			reload_refuse(r, "DebugLogFile", strerror(-err), "");
			return err;
		}
	}
	if (c->debug_level != d->conf->debug_level)
		set_level(c);
	return 0;
}

static int reload(void *ctx, bool only_look, const struct console_report *report)
{
	struct daemon *d = ctx;
	struct reload r = { .path = d->config_file,
			    .overrides = &d->options->overrides,
			    .now = d->conf,
			    .only_look = only_look,
			    .report = report };
	struct conf *c, *old = d->conf;

	if (!d->started || d->mip6.stopping)
		return -EBUSY;
	if (only_look) {
		c = reload_read(&r);
		conf_free(c);
		return c ? 0 : -EINVAL;
	}
	notify_reloading();
	c = reload_read(&r);
	if (c && follow_conf(d, &r, c) < 0) {
		conf_free(c);
		c = NULL;
	}
	if (c) {
		d->conf = c;
		d->waiting = r.waiting;
		mip6_turn(&d->mip6, loop_now_us(d->loop));
		mip6_reconfigure(&d->mip6, c);
		conf_free(old);
	}
	notify_send("READY=1");
	return c ? 0 : -EINVAL;
}

static unsigned int waiting_for_console(void *ctx)
{
	const struct daemon *d = ctx;

	return d->waiting;
}

static void check_for_console(void *ctx, console_finding_fn *fn, void *fn_ctx)
{
	const struct daemon *d = ctx;

	check_machine(d->conf, fn, fn_ctx);
}

static void stop_for_console(void *ctx, enum role_stop how)
{
	log_notice(LOG_DAEMON, "stopping (by the console)");
	stop(ctx, how);
}

static void on_signal(int signo, void *ctx)
{
	struct daemon *d = ctx;
	int err;

	switch (signo) {
	case SIGTERM:
	case SIGINT:
		log_notice(LOG_DAEMON, "stopping (%s)", signo == SIGTERM ? "SIGTERM" : "SIGINT");
		stop(d, ROLE_SHUTDOWN);
		return;
	case SIGUSR1:
		log_notice(LOG_DAEMON, "stopping for a successor, the data path stays (SIGUSR1)");
		stop(d, ROLE_RESTART);
		return;
	case SIGUSR2:
		err = log_reopen();
		if (err)
			log_error(LOG_DAEMON, "cannot open the log file again: %s",
				  strerror(-err));
		return;
	case SIGHUP:
		(void)reload(d, false, NULL);
		return;
	default:
		return;
	}
}

static int add_signals(struct daemon *d)
{
	static const int wanted[SIGNALS_MAX] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 };

	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < SIGNALS_MAX; i++) {
		d->signals[i] = loop_add_signal(d->loop, wanted[i], on_signal, d);
		if (!d->signals[i])
			return -errno;
	}
	return 0;
}

/* --- starting ------------------------------------------------------------ */

static void on_watchdog(struct timer *t, uint64_t now_us)
{
	struct daemon *d = t->ctx;

	notify_send("WATCHDOG=1");
	timer_set(loop_timers(d->loop), t, now_us + d->watchdog_us, NULL);
}

static void serve(struct daemon *d)
{
	d->started = true;
	log_notice(LOG_DAEMON, "%s %s serves as %s", PACKAGE_NAME, PACKAGE_VERSION,
		   conf_role_name(d->conf->role));
	if (d->ready_fd >= 0) {
		if (open_log(d->conf, true))
			log_warning(LOG_DAEMON, "there will be no log");
		background_ready(d->ready_fd);
		d->ready_fd = -1;
	}
	notify_send("READY=1\nMAINPID=%ld\nSTATUS=%s", (long)getpid(),
		    conf_role_name(d->conf->role));
	d->watchdog_us = notify_watchdog_us();
	if (d->watchdog_us)
		timer_set(loop_timers(d->loop), &d->watchdog,
			  loop_now_us(d->loop) + d->watchdog_us, NULL);
}

static void start_roles(struct daemon *d)
{
	if (mip6_start(&d->mip6) < 0 || privileges_drop() < 0) {
		d->status = EXIT_CANNOT_SERVE;
		/* roles that had started take back what they did */
		stop(d, ROLE_SHUTDOWN);
		return;
	}
	serve(d);
}

/* The first turn of the loop. */
static void on_begin(struct timer *t, uint64_t now_us)
{
	struct daemon *d = t->ctx;

	mip6_turn(&d->mip6, now_us);
	start_roles(d);
}

/* What carries our marks although nobody of us runs is what a predecessor left: the roles
 * take over what they need of it. */
static int begin(struct daemon *d)
{
	int err = found_read(&d->mip6);

	if (err)
		log_error(LOG_DAEMON, "cannot read what is in the kernel: %s", strerror(-err));
	else
		err = timer_set(loop_timers(d->loop), &d->begin, loop_now_us(d->loop), NULL);
	return err;
}

/* Without the store all works, but the next start begins from nothing. One of a newer
 * program is no reason to go on: it would be written over. */
static int open_store(struct daemon *d)
{
	static const enum os_store_durability durability[] = {
		[CONF_DURABILITY_DAEMON] = OS_STORE_DAEMON,
		[CONF_DURABILITY_MACHINE] = OS_STORE_MACHINE,
	};
	const struct conf *c = d->conf;
	char path[PATH_MAX];
	struct os_store_options options = { .path = path,
					    .durability = durability[c->state_durability],
					    .counters = &d->mip6.counters };
	int n = snprintf(path, sizeof(path), "%s/state.mdb", c->state_directory);

	if (!c->nonvolatile_binding_cache)
		return 0;
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	if (mkdir(c->state_directory, 0750) == 0 || errno == EEXIST)
		d->store = os_store_open(d->loop, &options);
	else
		log_error(LOG_DAEMON, "%s: %s", c->state_directory, strerror(errno));
	if (!d->store && errno == EPROTONOSUPPORT)
		return -EPROTONOSUPPORT;
	if (!d->store)
		log_warning(LOG_DAEMON, "nothing is kept for the next start");
	d->mip6.store = d->store;
	return 0;
}

static void log_finding(const struct os_finding *f, void *ctx)
{
	static const enum log_level levels[] = {
		[OS_FINDING_NOTE] = LOGL_INFO,
		[OS_FINDING_WARNING] = LOGL_WARNING,
		[OS_FINDING_FATAL] = LOGL_ERROR,
	};

	(void)ctx;
	log_at(LOG_DAEMON, levels[f->severity], "%s%s%s", f->what, f->mend ? "; to mend it: " : "",
	       f->mend ? f->mend : "");
}

static int prepare(struct daemon *d)
{
	const struct console_actions actions = { .reload = reload,
						 .waiting = waiting_for_console,
						 .stop = stop_for_console,
						 .check = check_for_console,
						 .reach = check_reach,
						 .ctx = d };
	struct os_options options = { .run_dir = d->conf->run_directory };
	pid_t other;
	int err = rundir_make(d->conf->run_directory);

	if (err)
		return err;
	d->pid_fd = pidfile_take(d->conf->run_directory, &other);
	if (d->pid_fd < 0)
		return d->pid_fd;
	if (os_preflight(d->conf, log_finding, NULL) > 0) {
		log_error(LOG_DAEMON, "this machine cannot serve as %s, see above",
			  conf_role_name(d->conf->role));
		return -ENOTSUP;
	}
	d->loop = loop_new();
	if (!d->loop)
		return -errno;
	err = add_signals(d);
	if (err)
		return err;
	d->kernel = os_kernel_new(d->loop, &options);
	if (!d->kernel)
		return -errno;
	err = mip6_init(&d->mip6, d->conf, d->kernel, loop_timers(d->loop), loop_now_us(d->loop));
	if (err)
		return err;
	d->have_mip6 = true;
	d->hooks = hooks_new(d->loop, &d->mip6);
	if (!d->hooks)
		return -ENOMEM;
	err = open_store(d);
	if (err)
		return err;
	/* Behind the port's, which finishes transitions at the end of a turn, and behind
	 * the store's, which writes what follows from that. */
	d->hook = loop_add_hook(d->loop, on_turn_end, d);
	if (!d->hook)
		return -errno;
	/* Without it all works, but for the addresses' being the same after a restart. */
	if (d->conf->role == CONF_ROLE_MN)
		(void)secret_load(d->conf->state_directory, d->mip6.secret,
				  sizeof(d->mip6.secret));
	roles_add(&d->mip6, d->conf->role);
	err = os_kernel_start(d->kernel, &d->mip6);
	if (err)
		return err;
	d->console = console_new(d->loop, &d->mip6, &actions);
	return d->console ? 0 : -errno;
}

static void clean_up(struct daemon *d)
{
	if (d->loop) {
		timer_cancel(loop_timers(d->loop), &d->begin);
		timer_cancel(loop_timers(d->loop), &d->grace);
		timer_cancel(loop_timers(d->loop), &d->watchdog);
	}
	console_free(d->console);
	hooks_free(d->hooks);
	if (d->have_mip6)
		mip6_free(&d->mip6);
	os_store_close(d->store);
	os_kernel_free(d->kernel);
	loop_free(d->loop);
	pidfile_drop(d->conf->run_directory, d->pid_fd);
	conf_free(d->conf);
	if (d->ready_fd >= 0)
		close(d->ready_fd);
	log_close();
}

int run(const struct options *o, struct conf *c)
{
	struct daemon d = { .options = o,
			    .conf = c,
			    .background = wants_background(o, c),
			    .ready_fd = -1,
			    .pid_fd = -1 };
	int err;

	umask(0027);
	set_level(c);
	timer_init(&d.begin, "begin", on_begin, &d);
	timer_init(&d.grace, "stop-grace", on_grace_over, &d);
	timer_init(&d.watchdog, "watchdog", on_watchdog, &d);
	if (!realpath(o->config_file, d.config_file)) {
		log_error(LOG_DAEMON, "%s: %s", o->config_file, strerror(errno));
		err = -errno;
	} else {
		err = d.background ? 0 : open_log(c, false);
	}
	if (!err && d.background) {
		d.ready_fd = background_begin();
		err = d.ready_fd < 0 ? d.ready_fd : 0;
	}
	if (!err)
		err = prepare(&d);
	if (!err && chdir("/") < 0)
		err = -errno;
	if (!err)
		err = begin(&d);
	if (!err)
		err = loop_run(d.loop);
	if (err)
		log_error(LOG_DAEMON, "cannot go on: %s", strerror(-err));
	else if (d.status == 0)
		log_notice(LOG_DAEMON, "stopped");
	clean_up(&d);
	return err ? EXIT_CANNOT_SERVE : d.status;
}

/* --- preflight ----------------------------------------------------------- */

static void print_finding(const struct os_finding *f, void *ctx)
{
	(void)ctx;
	printf("%s: %s\n", os_severity_name(f->severity), f->what);
	if (f->mend)
		printf("    %s\n", f->mend);
}

int run_preflight(const struct conf *c)
{
	int fatal = os_preflight(c, print_finding, NULL);

	if (fatal == 0)
		printf("This machine can serve as %s.\n", conf_role_name(c->role));
	else
		printf("This machine cannot serve as %s: %d of the above must be mended.\n",
		       conf_role_name(c->role), fatal);
	return fatal > 0 ? EXIT_CANNOT_SERVE : 0;
}
