// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The log, the program's only global. Every line begins with a subsystem token;
 * each subsystem has its own level, which can change while running. Lines that
 * a peer can cause go through log_limited(), which lets a few pass, then counts.
 *
 * A line is one message: control characters in it are written as \xNN, so that
 * what a peer sent cannot forge a line or drive a terminal.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* X-macro: LOG_<NAME> and the token printed */
#define LOG_SUBSYSTEMS(X)                                                                  \
	X(DAEMON, "daemon") X(CONF, "conf") X(WIRE, "wire") X(CORE, "core") X(HA, "ha")    \
	X(MN, "mn") X(MOVE, "move") X(CN, "cn") X(RR, "rr") X(KERNEL, "kernel")            \
	X(XFRM, "xfrm") X(SOCK, "sock") X(PROBE, "probe") X(STORE, "store") X(CONSOLE, "console")

enum log_subsystem {
#define X(name, token) LOG_##name,
	LOG_SUBSYSTEMS(X)
#undef X
	LOG_SUBSYSTEM_COUNT
};

/* error: a function of the program is lost. warning: works, but someone should
 * look. notice: what matters to a person, the default. info: each exchange.
 * debug: each step. trace: each packet and kernel message. */
enum log_level { LOGL_ERROR, LOGL_WARNING, LOGL_NOTICE, LOGL_INFO, LOGL_DEBUG, LOGL_TRACE };

/* LOGT_JOURNAL: the journal of systemd, with fields; to stderr what it does not take. */
enum log_target { LOGT_STDERR, LOGT_SYSLOG, LOGT_FILE, LOGT_JOURNAL, LOGT_NONE };

/* Longer lines are cut, and end in "...". */
#define LOG_LINE_MAX 1024

/* Where lines go; stderr before the first call. `ident` is the program's name
 * for syslog and the journal, `path` for LOGT_FILE (append, 0640, close-on-exec) and for
 * LOGT_JOURNAL (its socket; NULL: the system's); both are copied. On stderr and in files a
 * line is "TIME LEVEL TOKEN: TEXT", with the time in UTC; in syslog "TOKEN: TEXT"; on a
 * stderr that leads to the journal "<PRIORITY>TOKEN: TEXT" (sd-daemon(3)). 0 or -errno;
 * on failure the old target stays. */
int log_open(enum log_target target, const char *ident, const char *path);
/* True when systemd connects stderr to the journal (JOURNAL_STREAM, systemd.exec(5)). */
bool log_stderr_is_journal(void);
/* Back to stderr, and frees what log_open() took; levels and tap stay. */
void log_close(void);
/* Reopens LOGT_FILE (after rotation); nothing for the others. 0 or -errno. */
int log_reopen(void);

/* Lines above the level are not written. LOGL_NOTICE at first. */
void log_set_level(enum log_subsystem s, enum log_level level);
void log_set_level_all(enum log_level level);
enum log_level log_get_level(enum log_subsystem s);
/* By token ("ha"), or "all"; false when unknown. For the console. */
bool log_set_level_by_name(const char *subsystem, enum log_level level);
/* From then on lines of that subsystem (or "all") above LOGL_NOTICE are written only when
 * they name `about`, an address as text; copied. NULL: all lines again, as after every
 * log_set_level_by_name(). False when there is no such subsystem, or the text is too long. */
bool log_only_about(const char *subsystem, const char *about);
/* What was set so, "" for nothing. */
const char *log_about(enum log_subsystem s);
/* "ha" and so on; "?" for what is none. */
const char *log_subsystem_name(enum log_subsystem s);
/* "error" to "trace"; "?" for what is none. */
const char *log_level_name(enum log_level level);
/* The level of that name; false, and nothing touched, when there is none. */
bool log_level_parse(const char *text, enum log_level *out);

/* True when a line of that level would be written. */
bool log_wanted(enum log_subsystem s, enum log_level level);

/* Writes a line, whatever the level of the subsystem; use the macros below. Keeps
 * errno. What cannot be written is lost. */
void log_line(enum log_subsystem s, enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* `fn` gets every line that is written ("TOKEN: TEXT"), besides the target; for
 * tests and for the console's monitor. What it logs itself goes to the target
 * only. NULL takes it away. */
void log_set_tap(void (*fn)(enum log_subsystem s, enum log_level level, const char *line,
			    void *ctx),
		 void *ctx);

#define log_at(s, level, ...)                                                              \
	do {                                                                               \
		if (log_wanted((s), (level)))                                              \
			log_line((s), (level), __VA_ARGS__);                               \
	} while (0)
#define log_error(s, ...)   log_at((s), LOGL_ERROR, __VA_ARGS__)
#define log_warning(s, ...) log_at((s), LOGL_WARNING, __VA_ARGS__)
#define log_notice(s, ...)  log_at((s), LOGL_NOTICE, __VA_ARGS__)
#define log_info(s, ...)    log_at((s), LOGL_INFO, __VA_ARGS__)
#define log_debug(s, ...)   log_at((s), LOGL_DEBUG, __VA_ARGS__)
#define log_trace(s, ...)   log_at((s), LOGL_TRACE, __VA_ARGS__)

/* A token bucket for lines that a peer can cause: `burst` lines at once, then
 * `per_s` a second; what is held back is counted and told with the next line. */
struct log_limit {
	uint64_t last_us;
	uint64_t tokens_micro; /* millionths: at 1 a second one comes each microsecond */
	uint32_t held_back;
	uint32_t burst;
	uint32_t per_s;
	bool started;
};
#define LOG_LIMIT(burst_, per_s_) { .burst = (burst_), .per_s = (per_s_) }

/* True when a line may pass at `now_us`; else it is counted as held back. */
bool log_limit_pass(struct log_limit *l, uint64_t now_us);

#define log_limited(limit, now_us, s, level, ...)                                          \
	do {                                                                               \
		if (log_wanted((s), (level)) && log_limit_pass((limit), (now_us)))         \
			log_limited_line((limit), (s), (level), __VA_ARGS__);              \
	} while (0)
/* As log_line, with " (N similar lines held back)" when some were. */
void log_limited_line(struct log_limit *l, enum log_subsystem s, enum log_level level,
		      const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
