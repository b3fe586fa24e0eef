// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records of handovers: why and when each step was done, in a ring of fixed size,
 * for the console and for measurements. Times are microseconds of the node's
 * clock, 0 where a step did not happen (yet).
 */
#ifndef MN_HANDOVER_H
#define MN_HANDOVER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mn/attach.h"

#define HANDOVERS_MAX 64

enum handover_result {
	HANDOVER_UNDER_WAY,
	HANDOVER_DONE,
	HANDOVER_OVERTAKEN, /* by the next one */
	HANDOVER_REFUSED,   /* by the home agent */
};

struct handover {
	uint64_t number; /* counts from 1; 0: an empty place */
	struct in6_addr hoa;
	struct in6_addr coa; /* the home address when coming home */
	struct in6_addr ha;
	uint32_t ifindex;
	enum attach_cause cause;
	enum handover_result result;
	bool home;
	uint8_t status;	   /* of the Binding Acknowledgement */
	uint64_t event_us; /* link event, or first suspicion */
	uint64_t rs_us;	   /* router solicited */
	uint64_t ra_us;	   /* router advertisement heard */
	uint64_t addr_us;  /* care-of address usable */
	uint64_t bu_us;	   /* first Binding Update sent */
	uint64_t ba_us;	   /* Binding Acknowledgement heard */
	uint64_t done_us;  /* the kernel's path is in place */
	uint64_t first_out_us; /* first packet into the tunnel after the update, and out of it */
	uint64_t first_in_us;
	unsigned int updates; /* Binding Updates sent */
};

struct handovers {
	struct handover ring[HANDOVERS_MAX];
	uint64_t count; /* of all times */
};

/* A new record, for `hoa` at `at`; the oldest one goes. Returns its number. */
uint64_t handover_begin(struct handovers *h, const struct in6_addr *hoa,
			const struct attachment *at, bool home);
/* The record of that number, NULL: none, or overwritten. */
struct handover *handover_find(struct handovers *h, uint64_t number);
/* The i-th newest, NULL past the end. */
const struct handover *handover_get(const struct handovers *h, size_t i);
const char *attach_cause_name(enum attach_cause c);
const char *handover_result_name(enum handover_result r);

#endif
