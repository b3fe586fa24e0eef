// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a C library may lack. Every file of the program gets this header first
 * (the makefile includes it), so the functions are used under their usual names;
 * where the library has one, nothing here touches it.
 *
 * Ours are named missing_NAME, so that they can be built and tested beside the
 * library's. The library's header is read before the name is taken over.
 */
#ifndef LIBMISSING_MISSING_H
#define LIBMISSING_MISSING_H

#include <stddef.h>

/* Copies `src` to `dst` of `size` bytes, cutting it short where it does not fit;
 * the result always ends in a zero byte unless `size` is 0. Returns the length of
 * `src`: the copy was cut when that is not less than `size`. As in OpenBSD. */
size_t missing_strlcpy(char *dst, const char *src, size_t size);

/* realloc(3) to `count` elements of `size` bytes; NULL with errno ENOMEM when the
 * product overflows, the old block then stays. The caller frees. As in OpenBSD. */
void *missing_reallocarray(void *old, size_t count, size_t size);

/* Sets `size` bytes to zero, and does so even when they are never read again:
 * for keys. As in OpenBSD. */
void missing_explicit_bzero(void *mem, size_t size);

#ifndef HAVE_STRLCPY
#include <string.h>
#define strlcpy missing_strlcpy
#endif

#ifndef HAVE_REALLOCARRAY
#include <stdlib.h>
#define reallocarray missing_reallocarray
#endif

#ifndef HAVE_EXPLICIT_BZERO
#include <string.h>
#include <strings.h>
#define explicit_bzero missing_explicit_bzero
#endif

#endif
