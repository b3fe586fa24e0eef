// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * conf_load(): runs the passes one after the other. Syntax and meaning go on
 * after an error, so that all of them are found in one run; the configuration
 * leaves this file only when none was found.
 */
#include "conf/conf.h"

#include <errno.h>

#include "conf/reader.h"

static int run_passes(struct conf_reader *r, const struct conf_overrides *o, struct conf **out)
{
	struct conf *c;
	int rc;

	rc = conf_syntax(r);
	if (rc == 0)
		rc = conf_check(r, o);
	if (rc < 0)
		return rc;
	c = conf_build(r, o);
	if (!c)
		return -ENOMEM;
	conf_check_whole(r, c);
	if (conf_arena_failed(r->arena) || r->errs->no_memory)
		rc = -ENOMEM;
	else if (r->error_count > 0)
		rc = -EINVAL;
	if (rc == 0)
		*out = c;
	else
		conf_free(c);
	return rc;
}

static int finish(struct conf_reader *r, int rc)
{
	if (rc == -ENOMEM)
		conf_errors_add(r->errs, &(struct conf_error){.severity = CONF_ERROR,
							      .file_order = UINT32_MAX,
							      .message = "out of memory"});
	conf_errors_sort(r->errs);
	conf_arena_free(r->arena);
	return rc < 0 ? rc : 0;
}

int conf_load(const char *path, const struct conf_overrides *o, struct conf **out,
	      struct conf_errors *errs)
{
	struct conf_reader r = {.errs = errs, .may_include = true};
	int rc;

	*out = NULL;
	r.arena = conf_arena_new();
	if (!r.arena)
		return finish(&r, -ENOMEM);
	rc = conf_source_open(&r, path, NULL);
	if (rc >= 0)
		rc = run_passes(&r, o, out);
	return finish(&r, rc);
}

int conf_load_text(const char *name, const char *text, size_t len, const struct conf_overrides *o,
		   struct conf **out, struct conf_errors *errs)
{
	struct conf_reader r = {.errs = errs};
	int rc;

	*out = NULL;
	r.arena = conf_arena_new();
	if (!r.arena)
		return finish(&r, -ENOMEM);
	rc = len > CONF_FILE_SIZE_MAX ? -EFBIG : conf_source_add(&r, name, text, len);
	if (rc >= 0)
		rc = run_passes(&r, o, out);
	return finish(&r, rc);
}

void conf_free(struct conf *c)
{
	if (c)
		conf_arena_free(c->arena);
}
