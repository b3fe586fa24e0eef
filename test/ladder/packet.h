// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A packet of the ladder's network. The IPv6 header and the two extension
 * headers of Mobile IPv6 are fields, what is above them is bytes, as the
 * encoders of wire/ made them. A tunnelled packet holds the inner one.
 */
#ifndef TEST_LADDER_PACKET_H
#define TEST_LADDER_PACKET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packet {
	struct in6_addr src; /* in the IPv6 header, as on the wire */
	struct in6_addr dst;
	uint8_t hop_limit;
	bool has_hao;
	struct in6_addr hao;
	bool has_rh2;
	uint8_t rh2_left; /* segments left */
	struct in6_addr rh2;
	uint8_t proto;	      /* of `data`; WIRE_PROTO_IPV6: `inner` */
	bool protected;	      /* stands for ESP around the payload */
	uint32_t hao_reqid;   /* of the states that let the headers in, see box_xfrm.c */
	uint32_t rh2_reqid;
	uint8_t *data;	      /* owned */
	size_t len;
	struct packet *inner; /* owned */
	size_t record;	      /* its line in the record (record.h) + 1; 0: none */
};

/* Never NULL: a test without memory ends. `data` is copied. */
struct packet *packet_new(const struct in6_addr *src, const struct in6_addr *dst, uint8_t proto,
			  const void *data, size_t len);
struct packet *packet_copy(const struct packet *p);
void packet_free(struct packet *p); /* NULL is fine */
/* A packet from `src` to `dst` with `inner` (taken over) inside, RFC 2473. */
struct packet *packet_wrap(struct packet *inner, const struct in6_addr *src,
			   const struct in6_addr *dst);
/* Takes the inner packet out and frees the outer one. */
struct packet *packet_unwrap(struct packet *outer);
/* The innermost packet: whose line of the record it is. */
const struct packet *packet_core(const struct packet *p);

/* The addresses that upper layers see: home addresses where there are some. */
const struct in6_addr *packet_end_src(const struct packet *p);
const struct in6_addr *packet_end_dst(const struct packet *p);

/* Writes the whole packet as it would be on the wire, cut to `size`. Returns
 * its whole length. */
size_t packet_bytes(const struct packet *p, uint8_t *buf, size_t size);

/* Memory that a test cannot do without. */
void *must_alloc(size_t size);

#endif
