// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The files of a configuration: reading them whole, finding those that an
 * include names, refusing loops, and quoting their lines in messages.
 *
 * A pattern that is no absolute path is looked for beside the file that includes,
 * then in the working directory, where UMIP alone looked.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/reader.h"

/* The line that `loc` is in, without its end, copied. */
static const char *source_line(struct conf_reader *r, const struct conf_loc *loc)
{
	const struct conf_file *f = &r->files[loc->file];
	const char *end = f->text + f->len;
	const char *p = f->text;
	const char *nl;
	char *copy;
	size_t len;

	for (uint32_t line = 1; line < loc->line; line++) {
		p = memchr(p, '\n', (size_t)(end - p));
		if (!p)
			return NULL;
		p++;
	}
	nl = memchr(p, '\n', (size_t)(end - p));
	len = (size_t)((nl ? nl : end) - p);
	if (len > 0 && p[len - 1] == '\r')
		len--;
	copy = conf_arena_copy(r->arena, p, len);
	for (size_t i = 0; copy && i < len; i++)
		if (copy[i] == '\0')
			copy[i] = '?';
	return copy;
}

/* Counts; true when there is room for one more of that severity. */
static bool may_say(struct conf_reader *r, enum conf_severity severity)
{
	if (severity != CONF_ERROR)
		return r->note_count++ < CONF_NOTES_MAX;
	if (r->error_count < CONF_ERRORS_MAX) {
		r->error_count++;
		return true;
	}
	if (!r->too_many)
		conf_errors_add(r->errs,
				&(struct conf_error){
					.severity = CONF_WARNING,
					.file_order = UINT32_MAX,
					.message = "there are more errors; mend these first",
				});
	r->too_many = true;
	return false;
}

void conf_say(struct conf_reader *r, enum conf_severity severity, const struct conf_loc *loc,
	      const char *expected, const char *hint, const char *fmt, ...)
{
	struct conf_error e = {.severity = severity, .expected = expected, .hint = hint};
	char message[1024];
	va_list ap;

	if (!may_say(r, severity))
		return;
	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	e.message = message;
	if (loc && loc->file < r->file_count) {
		e.file = r->files[loc->file].path;
		e.file_order = loc->file;
		e.line = loc->line;
		e.column = loc->column;
		e.width = loc->width;
		if (loc->line)
			e.source = source_line(r, loc);
	}
	conf_errors_add(r->errs, &e);
}

const char *conf_place(struct conf_reader *r, const struct conf_loc *loc,
		       const struct conf_loc *seen_from)
{
	const char *text;

	if (seen_from && seen_from->file == loc->file)
		text = conf_arena_printf(r->arena, "line %u", loc->line);
	else
		text = conf_arena_printf(r->arena, "%s:%u", r->files[loc->file].path, loc->line);
	return text ? text : "?";
}

int conf_source_add(struct conf_reader *r, const char *path, const char *text, size_t len)
{
	struct conf_file *f;

	if (r->file_count >= r->file_size) {
		size_t size = r->file_size ? r->file_size * 2 : 8;
		struct conf_file *files = conf_arena_array(r->arena, size, sizeof(*files));

		if (!files)
			return -ENOMEM;
		if (r->file_count)
			memcpy(files, r->files, r->file_count * sizeof(*files));
		r->files = files;
		r->file_size = size;
	}
	f = &r->files[r->file_count];
	*f = (struct conf_file){.text = text, .len = len};
	f->path = conf_arena_string(r->arena, path);
	if (!f->path)
		return -ENOMEM;
	return (int)r->file_count++;
}

/* All of it, into the arena. *text is NULL when it cannot be. */
static int read_all(struct conf_reader *r, int fd, const struct stat *st, char **text, size_t *len)
{
	size_t size = S_ISREG(st->st_mode) && st->st_size > 0 ? (size_t)st->st_size + 1 : 4096;
	char *buf;
	ssize_t n;

	*text = NULL;
	*len = 0;
	if (size > CONF_FILE_SIZE_MAX)
		return -EFBIG;
	buf = malloc(size);
	if (!buf)
		return -ENOMEM;
	while ((n = read(fd, buf + *len, size - *len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		*len += (size_t)n;
		if (*len == size) {
			char *bigger =
				size * 2 <= CONF_FILE_SIZE_MAX ? realloc(buf, size * 2) : NULL;

			if (!bigger) {
				free(buf);
				return size * 2 <= CONF_FILE_SIZE_MAX ? -ENOMEM : -EFBIG;
			}
			buf = bigger;
			size *= 2;
		}
	}
	if (n == 0)
		*text = conf_arena_copy(r->arena, buf, *len);
	n = n < 0 ? -errno : *text ? 0 : -ENOMEM;
	free(buf);
	return (int)n;
}

/* "a.conf includes b.conf includes a.conf", when a file of that identity is open. */
static const char *include_loop(struct conf_reader *r, const struct stat *st, const char *path)
{
	char *chain = NULL;

	for (unsigned int i = 0; i < r->depth; i++) {
		const struct conf_file *f = &r->files[r->frames[i].file];

		if (!chain && (f->dev != st->st_dev || f->ino != st->st_ino))
			continue;
		chain = chain ? conf_arena_printf(r->arena, "%s %s includes", chain, f->path)
			      : conf_arena_printf(r->arena, "%s includes", f->path);
		if (!chain)
			return "include loop";
	}
	return chain ? conf_arena_printf(r->arena, "include loop: %s %s", chain, path) : NULL;
}

static void say_unreadable(struct conf_reader *r, const char *path, const struct conf_loc *from,
			   int error)
{
	const char *hint = NULL;

	if (error == ENOENT && !from)
		hint = "write it, see mip6d.conf(5), or name another one with -c FILE";
	else if (error == EACCES)
		hint = "is the user of the daemon allowed to read it?";
	else if (error == EFBIG)
		hint = "a configuration file has at most 16 MiB";
	if (from)
		conf_say(r, CONF_ERROR, from, NULL, hint, "cannot read %s: %s", path,
			 strerror(error));
	else if (may_say(r, CONF_ERROR))
		conf_errors_add(r->errs, &(struct conf_error){
						 .severity = CONF_ERROR,
						 .file = path,
						 .hint = hint,
						 .message = strerror(error),
					 });
}

static int source_check(struct conf_reader *r, const char *path, const struct conf_loc *from,
			const struct stat *st)
{
	const char *loop;

	if (S_ISDIR(st->st_mode)) {
		say_unreadable(r, path, from, EISDIR);
		return -EISDIR;
	}
	if (!from)
		return 0;
	if (!S_ISREG(st->st_mode)) {
		conf_say(r, CONF_ERROR, from, NULL, NULL, "%s is not a regular file", path);
		return -EINVAL;
	}
	loop = include_loop(r, st, path);
	if (loop) {
		conf_say(r, CONF_ERROR, from, NULL, NULL, "%s", loop);
		return -ELOOP;
	}
	if (r->file_count >= CONF_FILES_MAX) {
		conf_say(r, CONF_ERROR, from, NULL, NULL, "more than %d files are included",
			 CONF_FILES_MAX);
		return -EMFILE;
	}
	return 0;
}

int conf_source_open(struct conf_reader *r, const char *path, const struct conf_loc *from)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | (from ? O_NONBLOCK : 0);
	struct stat st;
	char *text;
	size_t len;
	int fd;
	int rc;

	fd = open(path, flags);
	if (fd < 0 || fstat(fd, &st) < 0) {
		rc = -errno;
		say_unreadable(r, path, from, -rc);
		if (fd >= 0)
			close(fd);
		return rc;
	}
	rc = source_check(r, path, from, &st);
	if (rc == 0) {
		rc = read_all(r, fd, &st, &text, &len);
		if (rc < 0)
			say_unreadable(r, path, from, -rc);
	}
	close(fd);
	if (rc < 0)
		return rc;
	rc = conf_source_add(r, path, text, len);
	if (rc >= 0) {
		r->files[rc].dev = st.st_dev;
		r->files[rc].ino = st.st_ino;
	}
	return rc;
}

/* `pattern` beside the file at `loc`, or as it is. */
static const char *beside(struct conf_reader *r, const char *pattern, const struct conf_loc *loc)
{
	const char *path = r->files[loc->file].path;
	const char *slash = strrchr(path, '/');

	if (pattern[0] == '/' || !slash)
		return pattern;
	return conf_arena_printf(r->arena, "%.*s/%s", (int)(slash - path), path, pattern);
}

/* A directory that is not there is like one without a match; others end the search. */
static int glob_error(const char *path, int error)
{
	(void)path;
	return error != ENOENT && error != ENOTDIR;
}

static int say_glob_failed(struct conf_reader *r, const char *pattern, const struct conf_loc *loc,
			   int rc)
{
	if (rc == GLOB_NOMATCH) {
		conf_say(r, CONF_WARNING, loc, NULL, NULL, "include: no file matches \"%s\"",
			 pattern);
		return 0;
	}
	conf_say(r, CONF_ERROR, loc, NULL, NULL, "include: cannot search for \"%s\": %s", pattern,
		 rc == GLOB_NOSPACE ? "out of memory" : "a directory cannot be read");
	return -EIO;
}

int conf_source_glob(struct conf_reader *r, const char *pattern, const struct conf_loc *loc,
		     char ***paths)
{
	const char *near;
	glob_t g;
	int count;
	int rc;

	if (!r->may_include) {
		conf_say(r, CONF_ERROR, loc, NULL, NULL, "include is not possible here");
		return -EPERM;
	}
	near = beside(r, pattern, loc);
	rc = near ? glob(near, 0, glob_error, &g) : GLOB_NOSPACE;
	if (rc == GLOB_NOMATCH && near != pattern) {
		globfree(&g);
		rc = glob(pattern, 0, glob_error, &g);
	}
	if (rc != 0) {
		if (near)
			globfree(&g);
		return say_glob_failed(r, pattern, loc, rc);
	}
	count = g.gl_pathc > CONF_FILES_MAX ? CONF_FILES_MAX + 1 : (int)g.gl_pathc;
	*paths = conf_arena_array(r->arena, (size_t)count, sizeof(**paths));
	for (int i = 0; *paths && i < count; i++) {
		(*paths)[i] = conf_arena_string(r->arena, g.gl_pathv[i]);
		if (!(*paths)[i])
			*paths = NULL;
	}
	globfree(&g);
	return *paths ? count : -ENOMEM;
}
