// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines for the journal, with fields to search for: `journalctl MIP6_HOA=2001:db8::1`. An
 * entry is one datagram of "NAME=value" lines; what the log lets through has no newline,
 * so the simple form of a field always does. Called by log.c.
 */
#include "base/log_journal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIELDS_MAX 24
#define KEY_MAX	   32

int log_journal_open(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	memcpy(sa.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

struct entry {
	char *out;
	size_t len;
};

static void put(struct entry *e, const char *name, const char *value, size_t len)
{
	size_t name_len = strlen(name);

	/* one byte for '=', one for the newline */
	if (e->len + name_len + len + 2 > LOG_JOURNAL_MAX)
		return;
	memcpy(e->out + e->len, name, name_len);
	e->len += name_len;
	e->out[e->len++] = '=';
	memcpy(e->out + e->len, value, len);
	e->len += len;
	e->out[e->len++] = '\n';
}

static void put_text(struct entry *e, const char *name, const char *value)
{
	put(e, name, value, strlen(value));
}

static bool is_key(const char *text, size_t len)
{
	if (!len || len > KEY_MAX || *text < 'a' || *text > 'z')
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '-')
			return false;
	}
	return true;
}

/* "care-of" is MIP6_CARE_OF. */
static void put_pair(struct entry *e, const char *key, size_t key_len, const char *value,
		     size_t len)
{
	char name[KEY_MAX + 8] = "MIP6_";
	size_t n = strlen(name);

	for (size_t i = 0; i < key_len; i++) {
		char c = key[i];

		name[n++] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c == '-' ? '_' : c);
	}
	name[n] = '\0';
	put(e, name, value, len);
}

/* Up to the end of the word, without the sign that may end it: "hoa=::1: expired" is about
 * ::1. */
static size_t value_len(const char *value)
{
	size_t len = strcspn(value, " ,;)");

	if (len >= 2 && value[len - 1] == ':' && value[len - 2] != ':')
		len--;
	return len;
}

/* Words of the form key=value. */
static void put_pairs(struct entry *e, const char *at)
{
	for (unsigned int fields = 0; *at && fields < FIELDS_MAX;) {
		size_t key = strcspn(at, "= "), len;
		const char *value;

		if (at[key] != '=' || !is_key(at, key)) {
			at += strcspn(at, " ");
			at += strspn(at, " ");
			continue;
		}
		value = at + key + 1;
		len = *value == '"' ? strcspn(++value, "\"") : value_len(value);
		put_pair(e, at, key, value, len);
		fields++;
		at = value + len;
		at += strcspn(at, " ");
		at += strspn(at, " ");
	}
}

size_t log_journal_entry(char out[LOG_JOURNAL_MAX], const char *ident, int priority,
			 const char *subsystem, const char *line)
{
	struct entry e = { .out = out };
	char digits[16];

	snprintf(digits, sizeof(digits), "%d", priority);
	put_text(&e, "MESSAGE", line);
	put_text(&e, "PRIORITY", digits);
	put_text(&e, "SYSLOG_IDENTIFIER", ident);
	put_text(&e, "MIP6_SUBSYSTEM", subsystem);
	put_pairs(&e, line);
	return e.len;
}

bool log_journal_send(int fd, const char *entry, size_t len)
{
	return send(fd, entry, len, MSG_NOSIGNAL) == (ssize_t)len;
}
