// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The violation log: who was refused, when, why, how often. Of fixed size;
 * repeats of the same peer and reason are counted in place, and a reason that
 * comes in great number overwrites only itself, so a flood can neither wash the
 * others out nor cost memory.
 */
#ifndef CORE_VIOLATION_H
#define CORE_VIOLATION_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VIOLATIONS_MAX	 256
#define VIOLATIONS_SHARE 64 /* entries that one reason may hold of a full log */

struct violation {
	struct in6_addr home;	/* :: when none was named */
	struct in6_addr peer;	/* source address of the packet */
	const char *reason;	/* static text */
	uint8_t status;		/* answered; 0 when dropped in silence */
	uint64_t first_us;
	uint64_t last_us;
	uint64_t count;
};

/* Zeroed: empty. */
struct violations {
	struct violation entries[VIOLATIONS_MAX];
	uint8_t order[VIOLATIONS_MAX]; /* slots, the last hit first */
	size_t count;
	uint64_t total; /* of all times */
};

/* `reason` must be static text. True when nothing like it was in the log. Roles
 * call mip6_violation() instead, which also tells the log and listeners. */
bool violation_add(struct violations *v, uint64_t now_us, const struct in6_addr *home,
		   const struct in6_addr *peer, uint8_t status, const char *reason);
/* The i-th newest by its last time, or NULL past the end. */
const struct violation *violation_get(const struct violations *v, size_t i);

#endif
