// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The secret of this machine: what makes interface identifiers stable and opaque
 * (RFC 7217 section 5).
 */
#ifndef DAEMON_SECRET_H
#define DAEMON_SECRET_H

#include <stddef.h>
#include <stdint.h>

/* Reads DIR/secret, or makes it (mode 0600, and DIR, mode 0750, when there is none). 0;
 * or -errno, with `out` untouched and the reason logged: then addresses are others
 * after each start. */
int secret_load(const char *dir, uint8_t *out, size_t len);

#endif
