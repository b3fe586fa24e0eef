// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The log: levels, what a line looks like on each target, and what of a peer's
 * text gets through.
 *
 * The linker sends the calls of syslog() here, so nothing reaches the system's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

static const enum log_subsystem daemon_lines = LOG_DAEMON;
#include <syslog.h> /* not before: LOG_DAEMON is syslog's from here on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* -- what the log writes, as seen from outside ----------------------------------- */

static struct {
	char ident[32], text[LOG_LINE_MAX];
	int facility, priority, opened, closed;
} sys;

void __wrap_openlog(const char *ident, int option, int facility);
void __wrap_closelog(void);
void __wrap_syslog(int priority, const char *fmt, ...);
void __wrap___syslog_chk(int priority, int flag, const char *fmt, ...);

void __wrap_openlog(const char *ident, int option, int facility)
{
	(void)option;
	snprintf(sys.ident, sizeof(sys.ident), "%s", ident);
	sys.facility = facility;
	sys.opened++;
}

void __wrap_closelog(void)
{
	sys.closed++;
}

static void take_syslog(int priority, const char *fmt, va_list args)
{
	sys.priority = priority;
	assert_string_equal(fmt, "%s");
	snprintf(sys.text, sizeof(sys.text), "%s", va_arg(args, const char *));
}

void __wrap_syslog(int priority, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	take_syslog(priority, fmt, args);
	va_end(args);
}

/* The same, in a build with _FORTIFY_SOURCE. */
void __wrap___syslog_chk(int priority, int flag, const char *fmt, ...)
{
	va_list args;

	(void)flag;
	va_start(args, fmt);
	take_syslog(priority, fmt, args);
	va_end(args);
}

static struct {
	unsigned int count;
	enum log_subsystem subsystem;
	enum log_level level;
	char line[LOG_LINE_MAX];
} tap;

static void take_line(enum log_subsystem s, enum log_level level, const char *line, void *ctx)
{
	assert_ptr_equal(ctx, &tap);
	tap.count++;
	tap.subsystem = s;
	tap.level = level;
	assert_true(strlen(line) < LOG_LINE_MAX);
	strcpy(tap.line, line);
}

/* Each test has a folder of its own, the tap, and no target. */
static int set_up(void **state)
{
	char *folder = strdup("/tmp/mip6d-log-XXXXXX");

	if (!folder || !mkdtemp(folder))
		return -1;
	*state = folder;
	memset(&tap, 0, sizeof(tap));
	memset(&sys, 0, sizeof(sys));
	log_set_tap(take_line, &tap);
	log_set_level_all(LOGL_NOTICE);
	unsetenv("JOURNAL_STREAM");
	return log_open(LOGT_NONE, "mip6d", NULL);
}

static int tear_down(void **state)
{
	char *folder = *state, command[64];

	log_set_tap(NULL, NULL);
	log_close();
	snprintf(command, sizeof(command), "rm -r %s", folder);
	free(folder);
	return system(command);
}

static const char *path(void *folder, const char *name)
{
	static char buf[4][64];
	static int next;

	next = (next + 1) % 4;
	snprintf(buf[next], sizeof(buf[next]), "%s/%s", (char *)folder, name);
	return buf[next];
}

static const char *contents(const char *file)
{
	static char buf[8192];
	FILE *f = fopen(file, "r");
	size_t len;

	assert_non_null(f);
	len = fread(buf, 1, sizeof(buf) - 1, f);
	fclose(f);
	buf[len] = '\0';
	return buf;
}

/* "2024-02-29T12:34:56.123456Z LEVEL REST\n": returns where LEVEL begins. */
static const char *skip_time(const char *line)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd.ddddddZ ";

	for (size_t i = 0; shape[i]; i++) {
		if (shape[i] == 'd')
			assert_in_range(line[i], '0', '9');
		else
			assert_int_equal(line[i], shape[i]);
	}
	return line + strlen(shape);
}

/* Standard error goes to `file` until restored. */
static int redirect_stderr(const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_APPEND, 0600), saved = dup(STDERR_FILENO);

	assert_true(fd >= 0 && saved >= 0);
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	close(fd);
	return saved;
}

static void restore_stderr(int saved)
{
	dup2(saved, STDERR_FILENO);
	close(saved);
}

/* -- levels ---------------------------------------------------------------------- */

static void a_line_begins_with_its_subsystem(void **state)
{
	(void)state;
	log_warning(LOG_HA, "binding of %s lost, status=%d", "2001:db8::1", 130);
	assert_int_equal(tap.count, 1);
	assert_string_equal(tap.line, "ha: binding of 2001:db8::1 lost, status=130");
	assert_int_equal(tap.subsystem, LOG_HA);
	assert_int_equal(tap.level, LOGL_WARNING);
}

static void each_subsystem_has_its_level(void **state)
{
	static const enum log_level all[] = { LOGL_ERROR, LOGL_WARNING, LOGL_NOTICE,
					      LOGL_INFO,  LOGL_DEBUG,	LOGL_TRACE };

	(void)state;
	for (unsigned int s = 0; s < LOG_SUBSYSTEM_COUNT; s++)
		assert_int_equal(log_get_level(s), LOGL_NOTICE);
	for (size_t at = 0; at < COUNT(all); at++) {
		log_set_level(LOG_RR, all[at]);
		assert_int_equal(log_get_level(LOG_RR), all[at]);
		assert_int_equal(log_get_level(LOG_CN), LOGL_NOTICE);
		for (size_t i = 0; i < COUNT(all); i++) {
			unsigned int before = tap.count;

			assert_true(log_wanted(LOG_RR, all[i]) == (i <= at));
			log_at(LOG_RR, all[i], "line");
			assert_int_equal(tap.count - before, i <= at);
		}
	}
}

static void each_macro_has_its_level(void **state)
{
	(void)state;
	log_set_level(LOG_MN, LOGL_TRACE);
	log_error(LOG_MN, "x");
	assert_int_equal(tap.level, LOGL_ERROR);
	log_notice(LOG_MN, "x");
	assert_int_equal(tap.level, LOGL_NOTICE);
	log_info(LOG_MN, "x");
	assert_int_equal(tap.level, LOGL_INFO);
	log_debug(LOG_MN, "x");
	assert_int_equal(tap.level, LOGL_DEBUG);
	log_trace(LOG_MN, "x");
	assert_int_equal(tap.level, LOGL_TRACE);
	assert_int_equal(tap.count, 5);
}

static int count_calls(int *calls)
{
	return ++*calls;
}

static void arguments_of_unwanted_lines_are_not_evaluated(void **state)
{
	int calls = 0;

	(void)state;
	log_debug(LOG_MN, "%d", count_calls(&calls));
	assert_int_equal(calls, 0);
	log_error(LOG_MN, "%d", count_calls(&calls));
	assert_int_equal(calls, 1);
}

/* One node among many: its lines, and none about others, or of a longer address. */
static void lines_about_one_address(void **state)
{
	(void)state;
	assert_true(log_set_level_by_name("ha", LOGL_DEBUG));
	assert_true(log_only_about("ha", "2001:db8::1"));
	log_debug(LOG_HA, "hoa=2001:db8::10 refused");
	log_info(LOG_HA, "hoa=2001:db8::2 coa=12001:db8::1");
	assert_int_equal(tap.count, 0);
	log_debug(LOG_HA, "hoa=2001:db8::10 and hoa=2001:db8::1");
	log_info(LOG_HA, "2001:db8::1: moved");
	assert_int_equal(tap.count, 2);
	log_notice(LOG_HA, "what matters to all");
	assert_int_equal(tap.count, 3);
	assert_string_equal(log_about(LOG_HA), "2001:db8::1");
	assert_string_equal(log_about(LOG_MN), "");
	/* a new level, and all is written again */
	assert_true(log_set_level_by_name("all", LOGL_DEBUG));
	log_debug(LOG_HA, "hoa=2001:db8::10 refused");
	assert_int_equal(tap.count, 4);
	assert_false(log_only_about("has", "2001:db8::1"));
	assert_false(log_only_about("ha", "1111:2222:3333:4444:5555:6666:7777:8888:9999:0000"));
}

static void levels_are_set_by_name(void **state)
{
	(void)state;
	assert_true(log_set_level_by_name("move", LOGL_DEBUG));
	assert_int_equal(log_get_level(LOG_MOVE), LOGL_DEBUG);
	assert_int_equal(log_get_level(LOG_MN), LOGL_NOTICE);
	assert_true(log_set_level_by_name("all", LOGL_ERROR));
	for (unsigned int s = 0; s < LOG_SUBSYSTEM_COUNT; s++)
		assert_int_equal(log_get_level(s), LOGL_ERROR);
	assert_false(log_set_level_by_name("moves", LOGL_DEBUG));
	assert_false(log_set_level_by_name("", LOGL_DEBUG));
	assert_int_equal(log_get_level(LOG_MOVE), LOGL_ERROR);
	for (unsigned int s = 0; s < LOG_SUBSYSTEM_COUNT; s++) {
		assert_true(log_set_level_by_name(log_subsystem_name(s), LOGL_INFO));
		assert_int_equal(log_get_level(s), LOGL_INFO);
	}
}

static void names_of_levels_go_both_ways(void **state)
{
	enum log_level level = LOGL_INFO;

	(void)state;
	for (int i = LOGL_ERROR; i <= LOGL_TRACE; i++) {
		assert_true(log_level_parse(log_level_name((enum log_level)i), &level));
		assert_int_equal(level, i);
	}
	assert_false(log_level_parse("loud", &level));
	assert_false(log_level_parse("", &level));
	assert_int_equal(level, LOGL_TRACE);
	assert_string_equal(log_level_name((enum log_level)99), "?");
	assert_string_equal(log_subsystem_name(LOG_SUBSYSTEM_COUNT), "?");
	assert_false(log_wanted(LOG_SUBSYSTEM_COUNT, LOGL_ERROR));
}

/* -- what is in a line ----------------------------------------------------------- */

/* A peer's text can neither begin a line of its own nor drive a terminal. */
static void control_characters_are_escaped(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "a\nmip6d: forged", "ha: a\\x0amip6d: forged" },
		{ "\x1b[2J\r\t\x7f\x01", "ha: \\x1b[2J\\x0d\\x09\\x7f\\x01" },
		{ "caf\xc3\xa9 \xe2\x82\xac", "ha: caf\xc3\xa9 \xe2\x82\xac" },
		{ "csi \xc2\x9b" "31m", "ha: csi \\xc2\\x9b" "31m" },
		{ "\xc2\x80\xc2\x9f\xc2\xa0", "ha: \\xc2\\x80\\xc2\\x9f\xc2\xa0" },
		{ "end \xc2", "ha: end \xc2" },
		{ "100% %s %n", "ha: 100% %s %n" },
		{ "", "ha: " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		log_error(LOG_HA, "%s", cases[i].in);
		assert_string_equal(tap.line, cases[i].out);
	}
}

/* Every length, of plain, of escaped, and of long characters. */
static void long_lines_are_cut(void **state)
{
	static const char *const pieces[] = { "x", "\x01", "\xe2\x82\xac" };
	char text[2 * LOG_LINE_MAX];

	(void)state;
	for (size_t p = 0; p < COUNT(pieces); p++) {
		size_t step = strlen(pieces[p]), shown = p == 1 ? 4 : step, full = 0;

		text[0] = '\0';
		for (size_t len = 0; len + step < sizeof(text); len += step) {
			size_t whole = strlen("ha: ") + len / step * shown, got;

			log_error(LOG_HA, "%s", text);
			got = strlen(tap.line);
			if (strcmp(tap.line + got - 3, "...") == 0) {
				full += full == 0 ? whole : 0;
				/* no half escape or character before the dots */
				assert_true(got < whole + 3);
				assert_int_equal((got - 3 - 4) % shown, 0);
			} else {
				assert_int_equal(full, 0);
				assert_int_equal(got, whole);
			}
			strcpy(text + len, pieces[p]);
		}
		assert_in_range(full, LOG_LINE_MAX / 2, LOG_LINE_MAX);
	}
}

static void errno_is_printed_and_kept(void **state)
{
	(void)state;
	errno = ENOENT;
	log_error(LOG_STORE, "cannot open: %m");
	assert_int_equal(errno, ENOENT);
	assert_string_equal(tap.line, "store: cannot open: No such file or directory");
	errno = ENOENT;
	assert_int_equal(log_open(LOGT_FILE, "mip6d", path(*state, "log")), 0);
	errno = EPERM;
	log_error(LOG_STORE, "x");
	assert_int_equal(errno, EPERM);
}

static void log_from_tap(enum log_subsystem s, enum log_level level, const char *line, void *ctx)
{
	(void)level;
	(void)line;
	++*(int *)ctx;
	log_error(s, "again");
}

static void a_tap_may_log(void **state)
{
	const char *file = path(*state, "log");
	int calls = 0;

	assert_int_equal(log_open(LOGT_FILE, "mip6d", file), 0);
	log_set_tap(log_from_tap, &calls);
	log_error(LOG_CONSOLE, "once");
	assert_int_equal(calls, 1);
	assert_non_null(strstr(contents(file), "console: once\n"));
	assert_non_null(strstr(contents(file), "console: again\n"));
	log_set_tap(NULL, NULL);
	log_error(LOG_CONSOLE, "untapped");
	assert_int_equal(calls, 1);
}

/* -- targets --------------------------------------------------------------------- */

static void a_file_gets_time_and_level(void **state)
{
	const char *file = path(*state, "log"), *line;
	struct stat st;

	umask(022);
	assert_int_equal(log_open(LOGT_FILE, "mip6d", file), 0);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	log_notice(daemon_lines, "first");
	log_error(LOG_XFRM, "second");
	log_info(LOG_XFRM, "not wanted");
	line = skip_time(contents(file));
	assert_memory_equal(line, "notice daemon: first\n", 21);
	assert_string_equal(skip_time(line + 21), "error xfrm: second\n");
}

static void a_file_is_appended_to(void **state)
{
	const char *file = path(*state, "log");

	for (int i = 0; i < 2; i++) {
		assert_int_equal(log_open(LOGT_FILE, "mip6d", file), 0);
		log_error(LOG_SOCK, "line");
		log_close();
		assert_int_equal(log_open(LOGT_NONE, NULL, NULL), 0);
	}
	assert_int_equal(strlen(contents(file)), 2 * strlen("2024-02-29T12:34:56.123456Z "
							    "error sock: line\n"));
}

static void a_rotated_file_is_begun_anew(void **state)
{
	const char *file = path(*state, "log"), *old = path(*state, "log.1");

	assert_int_equal(log_open(LOGT_FILE, "mip6d", file), 0);
	log_error(LOG_SOCK, "before");
	assert_int_equal(rename(file, old), 0);
	log_error(LOG_SOCK, "between");
	assert_int_equal(log_reopen(), 0);
	log_error(LOG_SOCK, "after");
	assert_non_null(strstr(contents(old), "before"));
	assert_non_null(strstr(contents(old), "between"));
	assert_null(strstr(contents(old), "after"));
	assert_non_null(strstr(contents(file), "after"));
}

/* The daemon goes to the root directory between both. */
static void a_relative_name_stays_where_it_was(void **state)
{
	const char *file = path(*state, "log"), *old = path(*state, "log.1");
	char *before = getcwd(NULL, 0);

	assert_non_null(before);
	assert_int_equal(chdir(path(*state, "")), 0);
	assert_int_equal(log_open(LOGT_FILE, "mip6d", "log"), 0);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rename(file, old), 0);
	assert_int_equal(log_reopen(), 0);
	log_error(LOG_SOCK, "after");
	assert_non_null(strstr(contents(file), "after"));
	assert_int_equal(chdir(before), 0);
	free(before);
}

static void the_old_target_stays_when_opening_fails(void **state)
{
	const char *file = path(*state, "log"), *bad = path(*state, "none/log");

	assert_int_equal(log_open(LOGT_FILE, "mip6d", file), 0);
	assert_int_equal(log_open(LOGT_FILE, "mip6d", bad), -ENOENT);
	assert_int_equal(log_open(LOGT_FILE, "mip6d", NULL), -EINVAL);
	assert_int_equal(log_open(LOGT_FILE, "mip6d", *state), -EISDIR);
	log_error(LOG_SOCK, "still here");
	assert_non_null(strstr(contents(file), "still here"));
	/* a file whose folder is gone cannot be reopened; the old one goes on */
	assert_int_equal(rename(file, path(*state, "moved")), 0);
	assert_int_equal(mkdir(file, 0700), 0);
	assert_int_equal(log_reopen(), -EISDIR);
	log_error(LOG_SOCK, "goes on");
	assert_non_null(strstr(contents(path(*state, "moved")), "goes on"));
}

static void a_file_is_not_inherited(void **state)
{
	const char *file = path(*state, "log");
	char link[64], target[64];
	int found = 0;

	assert_int_equal(log_open(LOGT_FILE, "mip6d", file), 0);
	for (int fd = 3; fd < 64; fd++) {
		ssize_t len;

		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		len = readlink(link, target, sizeof(target) - 1);
		if (len < 0)
			continue;
		target[len] = '\0';
		if (strcmp(target, file) == 0) {
			assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
			found++;
		}
	}
	assert_int_equal(found, 1);
}

static void standard_error_gets_time_and_level(void **state)
{
	const char *file = path(*state, "stderr");
	int saved = redirect_stderr(file);

	assert_int_equal(log_open(LOGT_STDERR, "mip6d", NULL), 0);
	log_warning(LOG_PROBE, "line");
	assert_int_equal(log_reopen(), 0);
	restore_stderr(saved);
	assert_string_equal(skip_time(contents(file)), "warning probe: line\n");
}

static void standard_error_is_the_target_at_first(void **state)
{
	const char *file = path(*state, "stderr");
	int saved;

	log_close();
	saved = redirect_stderr(file);
	log_warning(LOG_PROBE, "line");
	restore_stderr(saved);
	assert_string_equal(skip_time(contents(file)), "warning probe: line\n");
}

/* sd-daemon(3), systemd.exec(5): JOURNAL_STREAM names the journal's stream. */
static void the_journal_gets_priorities(void **state)
{
	const char *file = path(*state, "stderr");
	int saved = redirect_stderr(file);
	struct stat st;
	char text[64];

	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(text, sizeof(text), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", text, 1);
	assert_int_equal(log_open(LOGT_STDERR, "mip6d", NULL), 0);
	log_set_level(LOG_PROBE, LOGL_TRACE);
	log_error(LOG_PROBE, "a");
	log_warning(LOG_PROBE, "b");
	log_notice(LOG_PROBE, "c");
	log_info(LOG_PROBE, "d");
	log_debug(LOG_PROBE, "e");
	log_trace(LOG_PROBE, "f");
	restore_stderr(saved);
	assert_string_equal(contents(file), "<3>probe: a\n<4>probe: b\n<5>probe: c\n"
					    "<6>probe: d\n<7>probe: e\n<7>probe: f\n");
}

/* The variable is there, but standard error was led elsewhere. */
static void another_stream_is_not_the_journal(void **state)
{
	static const char *const values[] = { "1:2", "", "x", "1:", ":", "1:2:3", "1 2" };
	const char *file = path(*state, "stderr");

	for (size_t i = 0; i < COUNT(values); i++) {
		int saved = redirect_stderr(file);

		setenv("JOURNAL_STREAM", values[i], 1);
		assert_int_equal(log_open(LOGT_STDERR, "mip6d", NULL), 0);
		log_error(LOG_PROBE, "line");
		restore_stderr(saved);
		assert_string_equal(skip_time(contents(file)), "error probe: line\n");
		assert_int_equal(unlink(file), 0);
	}
}

static void syslog_gets_priorities(void **state)
{
	static const int priorities[] = { LOG_ERR,  LOG_WARNING, LOG_NOTICE,
					  LOG_INFO, LOG_DEBUG,	 LOG_DEBUG };
	char ident[] = "mip6d-x";

	(void)state;
	assert_int_equal(log_open(LOGT_SYSLOG, ident, NULL), 0);
	ident[0] = '!'; /* was copied */
	assert_string_equal(sys.ident, "mip6d-x");
	assert_int_equal(sys.facility, LOG_DAEMON);
	log_set_level(LOG_KERNEL, LOGL_TRACE);
	for (int i = LOGL_ERROR; i <= LOGL_TRACE; i++) {
		log_at(LOG_KERNEL, (enum log_level)i, "100%% of %d", i);
		assert_int_equal(sys.priority, priorities[i]);
		assert_int_equal(tap.count, i + 1);
	}
	assert_string_equal(sys.text, "kernel: 100% of 5");
	assert_int_equal(log_reopen(), 0);
	log_close();
	assert_int_equal(sys.opened, 1);
	assert_int_equal(sys.closed, 1);
}

static void no_target_is_silent(void **state)
{
	const char *file = path(*state, "stderr");
	int saved = redirect_stderr(file);

	log_error(LOG_KERNEL, "line");
	restore_stderr(saved);
	assert_string_equal(contents(file), "");
	assert_int_equal(tap.count, 1);
}

/* A pipe that nobody empties takes what fits, and the program goes on. */
static void a_full_pipe_does_not_block(void **state)
{
	const char *fifo = path(*state, "fifo");
	int fd;

	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(log_open(LOGT_FILE, "mip6d", fifo), -ENXIO);
	fd = open(fifo, O_RDONLY | O_NONBLOCK);
	assert_true(fd >= 0);
	assert_int_equal(log_open(LOGT_FILE, "mip6d", fifo), 0);
	for (int i = 0; i < 5000; i++)
		log_error(LOG_KERNEL, "a line of some length, to fill the pipe with few of them");
	assert_int_equal(tap.count, 5000);
	log_close();
	close(fd);
}

#define log_test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		log_test(a_line_begins_with_its_subsystem),
		log_test(each_subsystem_has_its_level),
		log_test(each_macro_has_its_level),
		log_test(arguments_of_unwanted_lines_are_not_evaluated),
		log_test(lines_about_one_address),
		log_test(levels_are_set_by_name),
		log_test(names_of_levels_go_both_ways),
		log_test(control_characters_are_escaped),
		log_test(long_lines_are_cut),
		log_test(errno_is_printed_and_kept),
		log_test(a_tap_may_log),
		log_test(a_file_gets_time_and_level),
		log_test(a_file_is_appended_to),
		log_test(a_rotated_file_is_begun_anew),
		log_test(a_relative_name_stays_where_it_was),
		log_test(the_old_target_stays_when_opening_fails),
		log_test(a_file_is_not_inherited),
		log_test(standard_error_gets_time_and_level),
		log_test(standard_error_is_the_target_at_first),
		log_test(the_journal_gets_priorities),
		log_test(another_stream_is_not_the_journal),
		log_test(syslog_gets_priorities),
		log_test(no_target_is_silent),
		log_test(a_full_pipe_does_not_block),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
