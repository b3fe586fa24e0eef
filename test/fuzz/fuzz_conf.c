// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration, from memory, without includes. Whatever the text is: it ends
 * with a configuration or with an error that was said. What was accepted is
 * printed by --show-config, reads back without an error, and is then the same.
 * The lowest bits of the first byte choose a role that overrides the text's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/diff.h"
#include "fuzz/fuzz.h"

static char *show(const struct conf *c, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	FUZZ_CHECK(f != NULL);
	FUZZ_CHECK(conf_show(c, f) == 0);
	FUZZ_CHECK(fclose(f) == 0);
	return text;
}

static void check_round_trip(const struct conf *c)
{
	struct conf_errors errs;
	struct conf *again;
	size_t len;
	char *text = show(c, &len);

	conf_errors_init(&errs);
	if (conf_load_text("shown", text, len, NULL, &again, &errs) != 0) {
		conf_errors_print(&errs, CONF_INFO, stderr);
		FUZZ_CHECK(!"what was shown does not read back");
	}
	FUZZ_CHECK(conf_equal(c, again));
	FUZZ_CHECK(conf_diff(c, again, NULL, NULL) == 0);
	conf_free(again);
	conf_errors_free(&errs);
	free(text);
}

static void check_errors(const struct conf_errors *errs)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	FUZZ_CHECK(f != NULL);
	conf_errors_print(errs, CONF_INFO, f);
	FUZZ_CHECK(fclose(f) == 0);
	FUZZ_CHECK(errs->error_count <= CONF_ERRORS_MAX);
	for (size_t i = 0; i < errs->count; i++)
		FUZZ_CHECK(errs->list[i].message && errs->list[i].message[0]);
	/* nothing that a terminal would obey */
	for (size_t i = 0; i < len; i++)
		FUZZ_CHECK((unsigned char)text[i] >= 0x20 || text[i] == '\n' || text[i] == '\t');
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_overrides o = { .have_role = false };
	struct conf_errors errs;
	struct conf *c;
	int rc;

	if (size == 0)
		return 0;
	if (data[0] % 4 != 3) {
		o.have_role = true;
		o.role = (enum conf_role)(data[0] % 4);
	}
	conf_errors_init(&errs);
	rc = conf_load_text("fuzz", (const char *)data, size, &o, &c, &errs);
	FUZZ_CHECK((rc == 0) == (c != NULL));
	FUZZ_CHECK((rc == -EINVAL) == (errs.error_count > 0));
	FUZZ_CHECK(rc == 0 || rc == -EINVAL);
	check_errors(&errs);
	if (c)
		check_round_trip(c);
	conf_free(c);
	conf_errors_free(&errs);
	return 0;
}
