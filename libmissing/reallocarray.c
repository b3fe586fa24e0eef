// SPDX-License-Identifier: GPL-2.0-or-later
/* reallocarray(3), which glibc has since 2.26 and musl since 1.2.2. */
#include "missing.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

void *missing_reallocarray(void *old, size_t count, size_t size)
{
	if (size > 0 && count > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(old, count * size);
}
