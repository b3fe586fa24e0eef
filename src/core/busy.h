// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who keeps this node busy: the addresses that Binding Updates came from most often, in
 * bounded memory and at a bounded cost, however many nodes there are.
 */
#ifndef CORE_BUSY_H
#define CORE_BUSY_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#define BUSY_MAX 32

struct busy_entry {
	struct in6_addr addr;
	uint64_t count; /* at least `count - unsure`, at most `count` */
	uint64_t unsure;
};

/* Zeroed: empty. */
struct busy {
	struct busy_entry entries[BUSY_MAX];
	size_t used;
	uint64_t halved_us; /* when all counts were halved last */
};

/* Notes one message of that address. */
void busy_note(struct busy *b, const struct in6_addr *addr, uint64_t now_us);
/* The entries, the busiest first, into `out`; how many. */
size_t busy_list(const struct busy *b, struct busy_entry out[BUSY_MAX]);

#endif
