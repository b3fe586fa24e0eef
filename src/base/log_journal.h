// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The journal's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): a line of the log
 * with its fields. Private to the log.
 */
#ifndef BASE_LOG_JOURNAL_H
#define BASE_LOG_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#define LOG_JOURNAL_SOCKET "/run/systemd/journal/socket"
#define LOG_JOURNAL_MAX	   4096

/* A datagram socket for it. The descriptor or -errno. */
int log_journal_open(const char *path);
/* The entry for a line: MESSAGE, PRIORITY, SYSLOG_IDENTIFIER, MIP6_SUBSYSTEM, and a field
 * MIP6_KEY for each "key=value" or "key="several words"" in the line, which has no
 * control characters. What does not fit is left out. Returns its length. */
size_t log_journal_entry(char out[LOG_JOURNAL_MAX], const char *ident, int priority,
			 const char *subsystem, const char *line);
/* False when it was not taken. */
bool log_journal_send(int fd, const char *entry, size_t len);

#endif
