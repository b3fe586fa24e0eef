// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The log: where every room says what it does. A line is put together once, in
 * compose(), and then goes to the tap (tests, the console's monitor) and to the
 * target: standard error, syslog or a file. Errors of writing are ignored, since
 * there is nowhere to report them.
 *
 * `journal` and the output's place are looked at when the target is opened, so
 * that a line costs one write() and no other system call.
 *
 * Rate limits are token buckets held by the callers, one per kind of line, which
 * get the time from them; so they work on a virtual clock too. What the journal of
 * systemd gets is made in log_journal.c.
 */
#include "base/log.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h> /* after base/log.h: from here on LOG_DAEMON is syslog's */
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log_journal.h"

#define STAMP_MAX 64
#define TAIL_MAX  64
#define MICRO     1000000ULL

/* A line being put together: "TOKEN: TEXT". */
struct line {
	char text[LOG_LINE_MAX]; /* the last TAIL_MAX bytes are for the tail */
	size_t len;
	bool cut; /* something did not fit */
};

/* The program's only global. */
static struct {
	enum log_target target;
	bool looked;  /* `journal` is known */
	bool journal; /* standard error leads to the journal */
	bool in_tap;
	int fd;      /* LOGT_FILE, LOGT_JOURNAL; else -1 */
	char *path;  /* owned; LOGT_FILE */
	char *ident; /* owned; syslog() keeps using it */
	enum log_level level[LOG_SUBSYSTEM_COUNT];
	char about[LOG_SUBSYSTEM_COUNT][48]; /* "": all lines */
	void (*tap)(enum log_subsystem s, enum log_level level, const char *line, void *ctx);
	void *tap_ctx;
} the_log = {
	.target = LOGT_STDERR,
	.fd = -1,
#define X(name, token) LOGL_NOTICE,
	.level = { LOG_SUBSYSTEMS(X) },
#undef X
};

static const char *const subsystem_names[] = {
#define X(name, token) token,
	LOG_SUBSYSTEMS(X)
#undef X
};

static const struct {
	const char *name;
	int priority; /* syslog(3) */
} levels[] = {
	[LOGL_ERROR] = { "error", LOG_ERR },
	[LOGL_WARNING] = { "warning", LOG_WARNING },
	[LOGL_NOTICE] = { "notice", LOG_NOTICE },
	[LOGL_INFO] = { "info", LOG_INFO },
	[LOGL_DEBUG] = { "debug", LOG_DEBUG },
	[LOGL_TRACE] = { "trace", LOG_DEBUG },
};
#define LEVEL_COUNT (sizeof(levels) / sizeof(levels[0]))

bool log_stderr_is_journal(void)
{
	const char *text = getenv("JOURNAL_STREAM");
	uintmax_t dev, inode;
	struct stat st;
	char rest;

	return text && sscanf(text, "%" SCNuMAX ":%" SCNuMAX "%c", &dev, &inode, &rest) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev && st.st_ino == inode;
}

static int open_file(const char *path)
{
	/* O_NONBLOCK: should it be a pipe that nobody reads, lines are lost. */
	const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd = open(path, flags, 0640);

	if (fd < 0)
		return -errno;
	return fd;
}

/* The working directory may be another one when the file is opened again. NULL: no memory. */
static char *absolute_path(const char *path)
{
	char *dir = *path == '/' ? NULL : getcwd(NULL, 0);
	size_t size = (dir ? strlen(dir) + 1 : 0) + strlen(path) + 1;
	char *whole = malloc(size);

	if (whole)
		snprintf(whole, size, "%s%s%s", dir ? dir : "", dir ? "/" : "", path);
	free(dir);
	return whole;
}

/* Gives up what the target holds; it is standard error then. */
static void close_target(void)
{
	if (the_log.target == LOGT_SYSLOG)
		closelog();
	if (the_log.fd >= 0)
		close(the_log.fd);
	free(the_log.path);
	free(the_log.ident);
	the_log.target = LOGT_STDERR;
	the_log.fd = -1;
	the_log.path = NULL;
	the_log.ident = NULL;
}

int log_open(enum log_target target, const char *ident, const char *path)
{
	char *new_ident = NULL, *new_path = NULL;
	int fd = -1, r = -ENOMEM;

	if (target == LOGT_FILE && !path)
		return -EINVAL;
	if (ident && !(new_ident = strdup(ident)))
		goto fail;
	if (target == LOGT_FILE) {
		new_path = absolute_path(path);
		if (!new_path)
			goto fail;
		fd = r = open_file(path);
		if (r < 0)
			goto fail;
	}
	if (target == LOGT_JOURNAL) {
		fd = r = log_journal_open(path ? path : LOG_JOURNAL_SOCKET);
		if (r < 0)
			goto fail;
	}
	close_target();
	the_log.target = target;
	the_log.fd = fd;
	the_log.path = new_path;
	the_log.ident = new_ident;
	the_log.journal = log_stderr_is_journal();
	the_log.looked = true;
	if (target == LOGT_SYSLOG)
		openlog(new_ident, LOG_PID | LOG_NDELAY, LOG_DAEMON);
	return 0;

fail:
	free(new_ident);
	free(new_path);
	return r;
}

void log_close(void)
{
	close_target();
	the_log.looked = false;
}

int log_reopen(void)
{
	int fd;

	if (the_log.target != LOGT_FILE)
		return 0;
	fd = open_file(the_log.path);
	if (fd < 0)
		return fd;
	close(the_log.fd);
	the_log.fd = fd;
	return 0;
}

void log_set_level(enum log_subsystem s, enum log_level level)
{
	if (s < LOG_SUBSYSTEM_COUNT)
		the_log.level[s] = level;
}

void log_set_level_all(enum log_level level)
{
	for (unsigned int s = 0; s < LOG_SUBSYSTEM_COUNT; s++)
		the_log.level[s] = level;
}

enum log_level log_get_level(enum log_subsystem s)
{
	return s < LOG_SUBSYSTEM_COUNT ? the_log.level[s] : LOGL_ERROR;
}

static bool is_meant(const char *subsystem, unsigned int s)
{
	return strcmp(subsystem, "all") == 0 || strcmp(subsystem, subsystem_names[s]) == 0;
}

bool log_set_level_by_name(const char *subsystem, enum log_level level)
{
	bool found = false;

	for (unsigned int s = 0; s < LOG_SUBSYSTEM_COUNT; s++) {
		if (!is_meant(subsystem, s))
			continue;
		the_log.level[s] = level;
		the_log.about[s][0] = '\0';
		found = true;
	}
	return found;
}

bool log_only_about(const char *subsystem, const char *about)
{
	bool found = false;

	if (about && strlen(about) >= sizeof(the_log.about[0]))
		return false;
	for (unsigned int s = 0; s < LOG_SUBSYSTEM_COUNT; s++) {
		if (!is_meant(subsystem, s))
			continue;
		strcpy(the_log.about[s], about ? about : "");
		found = true;
	}
	return found;
}

const char *log_about(enum log_subsystem s)
{
	return s < LOG_SUBSYSTEM_COUNT ? the_log.about[s] : "";
}

/* So that 2001:db8::1 is not found in 2001:db8::10, but before ": because". */
static bool goes_on(const char *p)
{
	return isxdigit((unsigned char)*p) ||
	       (*p == ':' && (isxdigit((unsigned char)p[1]) || p[1] == ':'));
}

static bool is_of_address(char c)
{
	return isxdigit((unsigned char)c) || c == ':';
}

static bool names(const char *text, const char *about)
{
	size_t len = strlen(about);
	const char *at = text;

	while ((at = strstr(at, about))) {
		if ((at == text || !is_of_address(at[-1])) && !goes_on(at + len))
			return true;
		at++;
	}
	return false;
}

const char *log_subsystem_name(enum log_subsystem s)
{
	return s < LOG_SUBSYSTEM_COUNT ? subsystem_names[s] : "?";
}

const char *log_level_name(enum log_level level)
{
	return level < LEVEL_COUNT ? levels[level].name : "?";
}

bool log_level_parse(const char *text, enum log_level *out)
{
	for (unsigned int i = 0; i < LEVEL_COUNT; i++) {
		if (strcmp(text, levels[i].name) == 0) {
			*out = (enum log_level)i;
			return true;
		}
	}
	return false;
}

bool log_wanted(enum log_subsystem s, enum log_level level)
{
	return s < LOG_SUBSYSTEM_COUNT && level <= the_log.level[s];
}

void log_set_tap(void (*fn)(enum log_subsystem s, enum log_level level, const char *line,
			    void *ctx),
		 void *ctx)
{
	the_log.tap = fn;
	the_log.tap_ctx = ctx;
}

/* How many bytes at `p` make a control character: those of ASCII, and U+0080 to
 * U+009F in UTF-8; 0 for others. */
static size_t control_len(const unsigned char *p)
{
	if (p[0] < 0x20 || p[0] == 0x7f)
		return 1;
	return p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f ? 2 : 0;
}

static void put_piece(struct line *l, const char *piece, size_t len)
{
	if (len > sizeof(l->text) - TAIL_MAX - l->len)
		l->cut = true;
	if (l->cut)
		return;
	memcpy(l->text + l->len, piece, len);
	l->len += len;
}

/* Appends `text`, with what is not fit for a line escaped. */
static void put_text(struct line *l, const char *text)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = (const unsigned char *)text;

	while (*p && !l->cut) {
		size_t control = control_len(p);

		if (!control)
			put_piece(l, (const char *)p++, 1);
		for (; control > 0; control--, p++)
			put_piece(l, (char[4]){ '\\', 'x', digits[*p >> 4], digits[*p & 15] },
				  4);
	}
}

/* Says what was cut and held back; there is always room for that. */
static void put_tail(struct line *l, uint32_t held_back)
{
	char *tail;

	/* half a character of UTF-8 is none */
	while (l->cut && l->len > 0 && (unsigned char)l->text[l->len - 1] >= 0x80)
		l->len--;
	tail = l->text + l->len;
	strcpy(tail, l->cut ? "..." : "");
	if (held_back)
		snprintf(tail + strlen(tail), TAIL_MAX - 4,
			 " (%" PRIu32 " similar lines held back)", held_back);
}

/* Writes everything in one go, so that lines of several programs do not mix. */
static void write_line(int fd, const char *head, const char *line)
{
	char out[STAMP_MAX + LOG_LINE_MAX + 2];
	int len = snprintf(out, sizeof(out), "%s%s\n", head, line);
	size_t done = 0;

	while (len > 0 && done < (size_t)len) {
		ssize_t n = write(fd, out + done, (size_t)len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		done += (size_t)n;
	}
}

/* "2024-02-29T12:34:56.123456Z notice " */
static void stamp(char head[STAMP_MAX], enum log_level level)
{
	uint64_t wall_us = clock_wall_us();
	time_t wall_s = (time_t)(wall_us / US_PER_S);
	char date[32] = "";
	struct tm tm;

	if (gmtime_r(&wall_s, &tm))
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(head, STAMP_MAX, "%s.%06uZ %s ", date, (unsigned int)(wall_us % US_PER_S),
		 log_level_name(level));
}

static void write_to_stderr(enum log_level level, int priority, const char *line)
{
	char head[STAMP_MAX];

	if (!the_log.looked) {
		the_log.journal = log_stderr_is_journal();
		the_log.looked = true;
	}
	if (the_log.journal)
		snprintf(head, sizeof(head), "<%d>", priority);
	else
		stamp(head, level);
	write_line(STDERR_FILENO, head, line);
}

static void write_to_journal(enum log_subsystem s, enum log_level level, int priority,
			     const char *line)
{
	char entry[LOG_JOURNAL_MAX];
	size_t len = log_journal_entry(entry, the_log.ident ? the_log.ident : "", priority,
				       log_subsystem_name(s), line);

	if (!log_journal_send(the_log.fd, entry, len))
		write_to_stderr(level, priority, line);
}

static void write_to_target(enum log_subsystem s, enum log_level level, const char *line)
{
	int priority = level < LEVEL_COUNT ? levels[level].priority : LOG_DEBUG;
	char head[STAMP_MAX];

	switch (the_log.target) {
	case LOGT_STDERR:
		write_to_stderr(level, priority, line);
		return;
	case LOGT_SYSLOG:
		syslog(priority, "%s", line);
		return;
	case LOGT_FILE:
		stamp(head, level);
		write_line(the_log.fd, head, line);
		return;
	case LOGT_JOURNAL:
		write_to_journal(s, level, priority, line);
		return;
	case LOGT_NONE:
		return;
	}
}

static void emit(enum log_subsystem s, enum log_level level, uint32_t held_back, const char *fmt,
		 va_list args) __attribute__((format(printf, 4, 0)));

/* Puts the line together and hands it to the target and to the tap. */
static void emit(enum log_subsystem s, enum log_level level, uint32_t held_back, const char *fmt,
		 va_list args)
{
	struct line line = { .len = 0 };
	char text[LOG_LINE_MAX] = "";
	int saved_errno = errno;

	vsnprintf(text, sizeof(text), fmt, args);
	if (level > LOGL_NOTICE && *log_about(s) && !names(text, log_about(s))) {
		errno = saved_errno;
		return;
	}
	put_text(&line, log_subsystem_name(s));
	put_text(&line, ": ");
	put_text(&line, text);
	put_tail(&line, held_back);
	write_to_target(s, level, line.text);
	if (the_log.tap && !the_log.in_tap) {
		the_log.in_tap = true;
		the_log.tap(s, level, line.text, the_log.tap_ctx);
		the_log.in_tap = false;
	}
	errno = saved_errno;
}

void log_line(enum log_subsystem s, enum log_level level, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	emit(s, level, 0, fmt, args);
	va_end(args);
}

void log_limited_line(struct log_limit *l, enum log_subsystem s, enum log_level level,
		      const char *fmt, ...)
{
	uint32_t held_back = l->held_back;
	va_list args;

	l->held_back = 0;
	va_start(args, fmt);
	emit(s, level, held_back, fmt, args);
	va_end(args);
}

/* Puts in the tokens that have come since the last time, to the millionth, so that
 * nothing is lost however often this is called. */
static void refill(struct log_limit *l, uint64_t now_us)
{
	uint64_t full = l->burst * MICRO, elapsed_us;

	if (!l->started) {
		l->started = true;
		l->tokens_micro = full;
		l->last_us = now_us;
	}
	if (now_us <= l->last_us)
		return;
	elapsed_us = now_us - l->last_us;
	l->last_us = now_us;
	/* no overflow: the product is used only where it is below `full` */
	if (l->per_s && elapsed_us > (full - l->tokens_micro) / l->per_s)
		l->tokens_micro = full;
	else
		l->tokens_micro += elapsed_us * l->per_s;
}

bool log_limit_pass(struct log_limit *l, uint64_t now_us)
{
	refill(l, now_us);
	if (l->tokens_micro < MICRO) {
		if (l->held_back < UINT32_MAX)
			l->held_back++;
		return false;
	}
	l->tokens_micro -= MICRO;
	return true;
}
