// SPDX-License-Identifier: GPL-2.0-or-later
/* strlcpy(3), which glibc has since 2.38. */
#include "missing.h"

#include <string.h>

size_t missing_strlcpy(char *dst, const char *src, size_t size)
{
	size_t length = strlen(src);

	if (size > 0) {
		size_t copied = length < size ? length : size - 1;

		memcpy(dst, src, copied);
		dst[copied] = '\0';
	}
	return length;
}
