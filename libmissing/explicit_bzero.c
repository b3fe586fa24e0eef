// SPDX-License-Identifier: GPL-2.0-or-later
/* explicit_bzero(3), which glibc has since 2.25 and musl since 1.1.20. */
#include "missing.h"

#include <string.h>

/* The compiler cannot know which function this points to, so it has to call it. */
static void *(*const volatile set_bytes)(void *, int, size_t) = memset;

void missing_explicit_bzero(void *mem, size_t size)
{
	set_bytes(mem, 0, size);
}
