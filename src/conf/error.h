// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is wrong in a configuration, as records that a person can act on: where,
 * what was found, what was expected, and what was perhaps meant.
 */
#ifndef CONF_ERROR_H
#define CONF_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* After so many errors reading stops. */
#define CONF_ERRORS_MAX 20

enum conf_severity { CONF_INFO, CONF_WARNING, CONF_ERROR };

struct conf_error {
	enum conf_severity severity;
	const char *file;
	unsigned int line;	 /* 0: the file as a whole */
	unsigned int column;	 /* from 1, in bytes */
	unsigned int width;	 /* bytes to mark, at least 1 */
	const char *source;	 /* the source line without its end, or NULL */
	const char *message;	 /* without full stop */
	const char *expected;	 /* what could stand there, or NULL */
	const char *hint;	 /* what to do, or NULL */
	unsigned int file_order; /* for sorting: which of the files read */
	unsigned int order;	 /* set by conf_errors_add() */
};

struct conf_arena;

/* Owned by the caller; all text in it lives until conf_errors_free(). */
struct conf_errors {
	struct conf_error *list;
	size_t count;
	size_t size;
	struct conf_arena *texts;
	unsigned int error_count; /* of severity CONF_ERROR */
	bool no_memory;		  /* a record was lost */
};

void conf_errors_init(struct conf_errors *e);
void conf_errors_free(struct conf_errors *e);

/* Adds a record; texts are copied. */
void conf_errors_add(struct conf_errors *e, const struct conf_error *record);

/* Prints one record: "file:line:column: severity: message", the source line, a
 * line with the caret, then what was expected and the hint. */
void conf_error_print(const struct conf_error *e, FILE *out);

/* Puts the records in the order of their places; conf_load() has done so. */
void conf_errors_sort(struct conf_errors *e);

/* Prints all records of at least the severity `least`. */
void conf_errors_print(const struct conf_errors *e, enum conf_severity least, FILE *out);

const char *conf_severity_name(enum conf_severity s); /* "info" "warning" "error" */

#endif
