// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The inside of the ladder: what its files share. Tests include ladder.h, and
 * box.h where they look into a kernel.
 */
#ifndef TEST_LADDER_WORLD_H
#define TEST_LADDER_WORLD_H

#include <sys/queue.h>

#include "base/timer.h"
#include "test/ladder/box.h"
#include "test/ladder/ladder.h"

struct net_link {
	TAILQ_ENTRY(net_link) entry;
	struct ladder *L;
	char name[24];
	struct quality q;
	TAILQ_HEAD(, iface) ifaces;
};

/* One message on its way, and afterwards: a line of the diagram. */
struct record {
	uint64_t sent_us;
	uint64_t end_us;     /* arrived or lost; 0: under way */
	char from[24];
	char to[24];	     /* "" while under way */
	char text[220];
	char fate[80];	     /* why it did not arrive, or "" */
	bool arrived;
	bool noise;	     /* neighbour discovery and router advertisements */
	bool note;	     /* of the test */
};

struct core_route {
	TAILQ_ENTRY(core_route) entry;
	struct prefix prefix;
	struct box *box;
};

struct known_name {
	TAILQ_ENTRY(known_name) entry;
	char name[256];
	struct in6_addr addr;
};

struct ladder {
	uint64_t now_us;
	uint64_t seed;
	uint64_t rng;
	uint8_t next_mac;
	struct timers timers; /* of the network and the kernels */
	TAILQ_HEAD(, net_link) links;
	TAILQ_HEAD(box_list, box) boxes;
	TAILQ_HEAD(, core_route) core_routes;
	TAILQ_HEAD(, flight) flights;
	TAILQ_HEAD(, stream) streams;
	TAILQ_HEAD(, known_name) names;
	struct quality core;
	struct in6_addr core_loses_from; /* ::: nothing */
	struct in6_addr core_loses_to;
	struct record *records;
	size_t record_count;
	size_t record_room;
	size_t mark;  /* ladder_expect() looks from here */
	size_t found; /* + 1: the line that it found last */
	uint16_t next_stream;
};

/* --- net.c --- */

/* Sends a frame; takes the packet over. `to` NULL: to all on the link. */
void net_send(struct iface *from, const uint8_t *to, struct packet *p);
/* From a router into the core, to the box whose prefix it is. */
void net_send_core(struct box *from, struct packet *p);
bool net_core_has(const struct ladder *L, const struct box *from, const struct in6_addr *dst);
/* Throws away what is under way. */
void net_free(struct ladder *L);
/* Whose chance crypto_random() draws from; NULL: nobody's. */
void net_set_current(struct ladder *L);
bool net_chance(struct ladder *L, uint32_t ppm);

/* --- record.c --- */

/* A new line that is a note of the test; its text is to be filled in. */
struct record *record_note(struct ladder *L);
/* A new line for a packet that box `from` sends, unless it has one. */
void record_sent(struct box *from, struct packet *p);
/* It went into a tunnel on its way. */
void record_tunnelled(struct ladder *L, const struct packet *p);
void record_arrived(struct ladder *L, const struct packet *p, const char *to);
void record_lost(struct ladder *L, const struct packet *p, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool record_fits(const struct record *r, const char *pattern);
void record_print(const struct ladder *L, bool noise);
/* Text of a packet's upper layer: "BU seq=..."; `noise`: not worth printing. */
void text_packet(const struct packet *p, char *buf, size_t size, bool *noise);

/* --- stream.c --- */

void stream_echo(struct box *b, const struct packet *p, bool tunnelled, bool optimized);
void streams_free(struct ladder *L);

/* --- ladder.c --- */

void ladder_init_box(struct ladder *L, struct box *b, const char *name);

#endif
