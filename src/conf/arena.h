// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An arena: memory that is taken piece by piece and given back as a whole. The
 * syntax tree of a file and the configuration built from it each live in one,
 * so that no error path has anything to free.
 */
#ifndef CONF_ARENA_H
#define CONF_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct conf_arena;

/* NULL: no memory. */
struct conf_arena *conf_arena_new(void);
/* Frees all that was taken from it. NULL is fine. */
void conf_arena_free(struct conf_arena *a);

/* Zeroed memory, aligned for any type; NULL when there is none. */
void *conf_arena_alloc(struct conf_arena *a, size_t size);
/* `count` zeroed elements of `size`; NULL also when the product overflows. */
void *conf_arena_array(struct conf_arena *a, size_t count, size_t size);
/* A copy of `len` bytes with a NUL behind. */
char *conf_arena_copy(struct conf_arena *a, const char *text, size_t len);
char *conf_arena_string(struct conf_arena *a, const char *text);
char *conf_arena_printf(struct conf_arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* True when any of the above ever found no memory. */
bool conf_arena_failed(const struct conf_arena *a);

#endif
