// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines for the journal of systemd: the entry as its native protocol wants it, the fields
 * found in a line, what happens when the journal does not take it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/log_journal.h"

static const char *entry_of(const char *line)
{
	static char out[LOG_JOURNAL_MAX + 1];

	out[log_journal_entry(out, "mip6d", 5, "ha", line)] = '\0';
	return out;
}

static void an_entry_has_the_fields_of_the_line(void **state)
{
	(void)state;
	assert_string_equal(
		entry_of("ha: binding-added hoa=2001:db8::1 coa=2001:db8:2::5 lifetime=60"),
		"MESSAGE=ha: binding-added hoa=2001:db8::1 coa=2001:db8:2::5 lifetime=60\n"
		"PRIORITY=5\nSYSLOG_IDENTIFIER=mip6d\nMIP6_SUBSYSTEM=ha\n"
		"MIP6_HOA=2001:db8::1\nMIP6_COA=2001:db8:2::5\nMIP6_LIFETIME=60\n");
	assert_non_null(strstr(entry_of("ha: hoa=2001:db8::1: expired"),
			       "\nMIP6_HOA=2001:db8::1\n"));
	assert_non_null(strstr(entry_of("mn: coa=2001:db8::, next"), "\nMIP6_COA=2001:db8::\n"));
	assert_non_null(strstr(entry_of("core: violation status=129 reason=\"too fast\""),
			       "\nMIP6_STATUS=129\nMIP6_REASON=too fast\n"));
	assert_non_null(strstr(entry_of("x: care-of=1"), "\nMIP6_CARE_OF=1\n"));
	assert_non_null(strstr(entry_of("x: empty= end=2"), "\nMIP6_EMPTY=\nMIP6_END=2\n"));
}

static void what_is_no_field_makes_none(void **state)
{
	(void)state;
	assert_null(strstr(entry_of("conf: A=1 _b=2 3c=4 =5 d\xc3\xa4=6 e f"), "MIP6_A"));
	assert_null(strstr(entry_of("conf: A=1 _b=2 3c=4 =5"), "=2\n"));
	/* nobody can set a field that the journal trusts: all begin with MIP6_ */
	assert_null(strstr(entry_of("x: priority=0 message=forged"), "\nPRIORITY=0"));
	assert_non_null(strstr(entry_of("x: reason=\"open"), "\nMIP6_REASON=open\n"));
}

static void what_is_too_long_is_left_out(void **state)
{
	char line[LOG_JOURNAL_MAX * 2];

	(void)state;
	memset(line, 'a', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	assert_null(strstr(entry_of(line), "MESSAGE"));
	memcpy(line, "x: k=", 5);
	line[4000] = '\0';
	assert_non_null(strstr(entry_of(line), "MESSAGE=x: k="));
	assert_null(strstr(entry_of(line), "MIP6_K"));
}

static void lines_go_to_the_socket(void **state)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	char got[LOG_JOURNAL_MAX + 1], folder[] = "/tmp/journalXXXXXX";
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ssize_t n;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/socket", folder);
	assert_int_not_equal(log_open(LOGT_JOURNAL, "test", sa.sun_path), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(log_open(LOGT_JOURNAL, "test", sa.sun_path), 0);
	log_warning(LOG_HA, "a\nb peer=%s", "2001:db8::9");
	n = recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT);
	assert_true(n > 0);
	got[n] = '\0';
	assert_string_equal(got, "MESSAGE=ha: a\\x0ab peer=2001:db8::9\nPRIORITY=4\n"
				 "SYSLOG_IDENTIFIER=test\nMIP6_SUBSYSTEM=ha\n"
				 "MIP6_PEER=2001:db8::9\n");
	/* the journal is gone: the line is not lost (it is on stderr), nothing fails */
	close(fd);
	log_warning(LOG_HA, "to stderr");
	log_close();
	unlink(sa.sun_path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_has_the_fields_of_the_line),
		cmocka_unit_test(what_is_no_field_makes_none),
		cmocka_unit_test(what_is_too_long_is_left_out),
		cmocka_unit_test(lines_go_to_the_socket),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
