// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The arena: a list of blocks, the newest first, each cut up from its front. A
 * request that does not fit opens a new block, of its own size when it is large.
 * That it ran out of memory is remembered, so that a caller who builds a large
 * structure may check each step for its own safety and report once at the end.
 */
#include "conf/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 8192

struct block {
	struct block *next;
	size_t size;
	size_t used;
	_Alignas(max_align_t) unsigned char data[];
};

struct conf_arena {
	struct block *blocks;
	bool failed;
};

struct conf_arena *conf_arena_new(void)
{
	return calloc(1, sizeof(struct conf_arena));
}

void conf_arena_free(struct conf_arena *a)
{
	if (!a)
		return;
	while (a->blocks) {
		struct block *b = a->blocks;

		a->blocks = b->next;
		free(b);
	}
	free(a);
}

static struct block *arena_grow(struct conf_arena *a, size_t size)
{
	size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
	struct block *b = NULL;

	if (room <= SIZE_MAX - sizeof(*b))
		b = calloc(1, sizeof(*b) + room);
	if (!b) {
		a->failed = true;
		return NULL;
	}
	b->size = room;
	b->next = a->blocks;
	a->blocks = b;
	return b;
}

void *conf_arena_alloc(struct conf_arena *a, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct block *b = a->blocks;
	void *p;

	if (size > SIZE_MAX - align) {
		a->failed = true;
		return NULL;
	}
	size = (size + align - 1) / align * align;
	if (!b || b->size - b->used < size) {
		b = arena_grow(a, size);
		if (!b)
			return NULL;
	}
	p = b->data + b->used;
	b->used += size;
	return p;
}

void *conf_arena_array(struct conf_arena *a, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size) {
		a->failed = true;
		return NULL;
	}
	return conf_arena_alloc(a, count * size);
}

char *conf_arena_copy(struct conf_arena *a, const char *text, size_t len)
{
	char *p = len < SIZE_MAX ? conf_arena_alloc(a, len + 1) : NULL;

	if (p && len)
		memcpy(p, text, len);
	return p;
}

char *conf_arena_string(struct conf_arena *a, const char *text)
{
	return conf_arena_copy(a, text, strlen(text));
}

char *conf_arena_printf(struct conf_arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	p = conf_arena_alloc(a, (size_t)n + 1);
	if (!p)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

bool conf_arena_failed(const struct conf_arena *a)
{
	return a->failed;
}
