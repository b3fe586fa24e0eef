// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The violation log: who was refused, when, why, how often. A ring of fixed
 * size; repeats of the same peer and reason are counted in place, so a flood
 * cannot wash the others out quickly nor cost memory.
 */
#ifndef CORE_VIOLATION_H
#define CORE_VIOLATION_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#define VIOLATIONS_MAX 256

struct violation {
	struct in6_addr home;	/* :: when none was named */
	struct in6_addr peer;	/* source address of the packet */
	const char *reason;	/* static text */
	uint8_t status;		/* answered; 0 when dropped in silence */
	uint64_t first_us;
	uint64_t last_us;
	uint64_t count;
};

struct violations {
	struct violation ring[VIOLATIONS_MAX];
	size_t next;
	size_t count;
	uint64_t total;
};

void violation_add(struct violations *v, uint64_t now_us, const struct in6_addr *home,
		   const struct in6_addr *peer, uint8_t status, const char *reason);
/* The i-th newest, or NULL past the end. */
const struct violation *violation_get(const struct violations *v, size_t i);

#endif
