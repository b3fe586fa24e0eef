// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The reader: what the passes over one configuration share. It holds the text of
 * the files, the tree, and the way to say what is wrong. Private to conf/.
 */
#ifndef CONF_READER_H
#define CONF_READER_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "conf/arena.h"
#include "conf/error.h"
#include "conf/tree.h"

#define CONF_INCLUDE_DEPTH 5 /* levels below the first file */
#define CONF_FILES_MAX	   1000
#define CONF_FILE_SIZE_MAX (16u << 20)
#define CONF_BLOCK_DEPTH   8
#define CONF_NOTES_MAX	   200 /* warnings and infos that are kept */

struct conf_file {
	const char *path;
	const char *text; /* NUL behind; may hold NULs */
	size_t len;
	dev_t dev; /* to see include loops */
	ino_t ino;
};

/* A file being read, with what its include statement has still to bring. */
struct conf_frame {
	void *buffer;	    /* the lexer's, NULL until another file was entered */
	struct conf_loc at; /* where the lexer was when it went into the next file */
	uint16_t file;
	char **todo; /* further files of the include that opened this one */
	size_t todo_count;
	struct conf_loc include; /* the include statement */
};

struct conf_reader {
	struct conf_arena *arena; /* tree and texts; not of the configuration */
	struct conf_errors *errs;
	unsigned int error_count; /* of this reading */
	unsigned int note_count;
	bool too_many; /* 20 errors were said: stop */
	struct conf_file *files;
	size_t file_count;
	size_t file_size;
	bool may_include;

	/* lexer */
	void *scanner;
	jmp_buf no_memory; /* the lexer's way out */
	struct conf_frame frames[CONF_INCLUDE_DEPTH + 1];
	unsigned int depth;	/* of frames, 0: only the first file */
	struct conf_loc at;	/* where the lexer stands: begin of the next token */
	struct conf_loc last;	/* the newest token */
	struct conf_loc before; /* the token before it */
	uint32_t order;		/* of the newest token */
	bool skipping;		/* after a syntax error: until ; { } or a keyword */
	bool skipped;		/* the newest token ended that */

	/* parser */
	struct conf_stmt *first;
	struct conf_stmt **end;
	struct conf_stmt *open;	     /* statement being read, or whose block is */
	bool in_statement;	     /* between its first token and its end */
	bool brace_missing;	     /* the syntax error just said is a missing '{' */
	unsigned int braces_missing; /* blocks open although their '{' is missing */
	bool in_list;
	struct conf_value *list_first;
	struct conf_value **list_end;
	unsigned int block_depth;

	/* meaning */
	enum conf_role role;
	bool role_known;   /* NodeConfig was readable, so that roles can be judged */
	bool *bad_options; /* by option id: at the top level, and wrong */
};

/* Says something about a place. `expected` and `hint` may be NULL. */
void conf_say(struct conf_reader *r, enum conf_severity severity, const struct conf_loc *loc,
	      const char *expected, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

/* "file:line" for mention in a message; only "line N" when it is in the same
 * file as `seen_from`. In the arena; never NULL. */
const char *conf_place(struct conf_reader *r, const struct conf_loc *loc,
		       const struct conf_loc *seen_from);

/* How an option is written: "HaMaxBindingLife NUMBER;". In the arena; may be NULL. */
const char *conf_usage(struct conf_reader *r, const struct conf_option *o);

/* --- source.c: files --- */

/* Takes `text` (not copied, must outlive the reader) as a further file. Its
 * index, or -errno. */
int conf_source_add(struct conf_reader *r, const char *path, const char *text, size_t len);
/* Reads a file; `from` is the include statement or NULL. Says what is wrong
 * with it. Its index, or -errno. */
int conf_source_open(struct conf_reader *r, const char *path, const struct conf_loc *from);
/* The files an include names, sorted, in the arena. Their number (0 after a
 * warning), or -errno after an error. */
int conf_source_glob(struct conf_reader *r, const char *pattern, const struct conf_loc *loc,
		     char ***paths);

/* --- scan.l --- */

/* Makes the lexer read `file` next. 0 or -ENOMEM. */
int conf_scan_enter(struct conf_reader *r, uint16_t file);

/* --- syntax.c: the syntax pass, and what gram.y calls --- */

/* Parses from file index 0. 0, or -ENOMEM; errors are said. */
int conf_syntax(struct conf_reader *r);
struct conf_value *conf_syntax_value(struct conf_reader *r, enum conf_value_kind kind,
				     const struct conf_loc *loc, const char *text, size_t len);
/* The following never fail: without memory they leave by r->no_memory. */
void conf_syntax_begin(struct conf_reader *r, const char *keyword, const struct conf_loc *loc);
void conf_syntax_add(struct conf_reader *r, struct conf_value *v);
void conf_syntax_list_add(struct conf_reader *r, struct conf_value *v);
void conf_syntax_end(struct conf_reader *r);
/* False: too deep. */
bool conf_syntax_open(struct conf_reader *r, const struct conf_loc *loc);
void conf_syntax_close(struct conf_reader *r);
/* Where a '{' is missing, opens the block all the same, so that what is in it is
 * judged as such; false: it is not missing. Closes such a block; false: none. */
bool conf_syntax_open_missing(struct conf_reader *r);
bool conf_syntax_close_missing(struct conf_reader *r);
/* True inside of a block that has no option before it. */
bool conf_syntax_in_nothing(const struct conf_reader *r);
/* The statement being read, if any, has an error that was said. */
void conf_syntax_broken(struct conf_reader *r);
/* How the statement being read should look, or NULL; whether it needs a block. */
const char *conf_syntax_usage(struct conf_reader *r);
bool conf_syntax_wants_block(const struct conf_reader *r);
struct conf_value *conf_syntax_prefix(struct conf_reader *r, struct conf_value *addr,
				      const struct conf_value *len);

/* --- the further passes --- */

/* Judges the values of one statement, whose option is known. */
bool conf_check_values(struct conf_reader *r, const struct conf_stmt *s);
/* Judges every statement against the option table; -ENOMEM or 0. */
int conf_check(struct conf_reader *r, const struct conf_overrides *o);
/* Builds the configuration from what was found right, in an arena of its own;
 * says which records override others. NULL: no memory. */
struct conf *conf_build(struct conf_reader *r, const struct conf_overrides *o);
/* Judges what needs more than one statement. `c` is whole unless errors were said. */
void conf_check_whole(struct conf_reader *r, const struct conf *c);

#endif
