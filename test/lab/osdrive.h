// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernel objects and paths of the port as JSON, for the program osdrive. Fields
 * are called as in core/kernel.h.
 */
#ifndef LAB_OSDRIVE_H
#define LAB_OSDRIVE_H

#include <jansson.h>

#include "core/kernel.h"

/* Reads an object: {"type": "route", "dst": "2001:db8::/64", "dev": "eth0", ...}.
 * What is not given is zero. Ends the program when a word is not understood: the test
 * that wrote it is wrong. */
void drive_read_object(const json_t *j, struct kobj *o);
void drive_read_path(const json_t *j, struct mip6_path *p);
struct in6_addr drive_read_addr(const json_t *j, const char *field);
/* A new object with what tells this kernel object from others, and its values. */
json_t *drive_write_object(const struct kobj *o);
json_t *drive_write_path(const struct mip6_path *p);
json_t *drive_write_addr(const struct in6_addr *a);

/* Prints a reason and ends the program. */
_Noreturn void drive_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
