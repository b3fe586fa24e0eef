// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets of the ladder's network: making, copying, wrapping in tunnels, and
 * their bytes (for what an ICMPv6 error quotes, and for capture files).
 */
#include "test/ladder/packet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/bytes.h"
#include "wire/ext.h"
#include "wire/numbers.h"

#define IPV6_HEADER_LEN 40
#define HOP_LIMIT	64

void *must_alloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p) {
		fputs("ladder: no memory\n", stderr);
		abort();
	}
	return p;
}

struct packet *packet_new(const struct in6_addr *src, const struct in6_addr *dst, uint8_t proto,
			  const void *data, size_t len)
{
	struct packet *p = must_alloc(sizeof(*p));

	p->src = *src;
	p->dst = *dst;
	p->hop_limit = HOP_LIMIT;
	p->proto = proto;
	p->data = must_alloc(len);
	p->len = len;
	if (len)
		memcpy(p->data, data, len);
	return p;
}

struct packet *packet_copy(const struct packet *p)
{
	struct packet *copy = must_alloc(sizeof(*copy));

	*copy = *p;
	if (p->data) {
		copy->data = must_alloc(p->len);
		if (p->len)
			memcpy(copy->data, p->data, p->len);
	}
	if (p->inner)
		copy->inner = packet_copy(p->inner);
	return copy;
}

void packet_free(struct packet *p)
{
	while (p) {
		struct packet *inner = p->inner;

		free(p->data);
		free(p);
		p = inner;
	}
}

struct packet *packet_wrap(struct packet *inner, const struct in6_addr *src,
			   const struct in6_addr *dst)
{
	struct packet *p = must_alloc(sizeof(*p));

	p->src = *src;
	p->dst = *dst;
	p->hop_limit = HOP_LIMIT;
	p->proto = WIRE_PROTO_IPV6;
	p->inner = inner;
	return p;
}

struct packet *packet_unwrap(struct packet *outer)
{
	struct packet *inner = outer->inner;

	outer->inner = NULL;
	packet_free(outer);
	return inner;
}

const struct packet *packet_core(const struct packet *p)
{
	while (p->inner)
		p = p->inner;
	return p;
}

const struct in6_addr *packet_end_src(const struct packet *p)
{
	return p->has_hao ? &p->hao : &p->src;
}

const struct in6_addr *packet_end_dst(const struct packet *p)
{
	return p->has_rh2 && p->rh2_left ? &p->rh2 : &p->dst;
}

static size_t payload_len(const struct packet *p)
{
	size_t len = (p->has_rh2 ? EXT_RH2_LEN : 0) + (p->has_hao ? EXT_HAO_LEN : 0);

	return len + (p->inner ? IPV6_HEADER_LEN + payload_len(p->inner) : p->len);
}

static void put(uint8_t *buf, size_t size, size_t *at, const void *data, size_t len)
{
	if (*at < size && len)
		memcpy(buf + *at, data, len < size - *at ? len : size - *at);
	*at += len;
}

size_t packet_bytes(const struct packet *p, uint8_t *buf, size_t size)
{
	uint8_t header[IPV6_HEADER_LEN];
	uint8_t behind_rh2 = p->has_hao ? WIRE_PROTO_DSTOPTS : p->proto;
	struct writer w;
	size_t at = 0;

	writer_init(&w, header, sizeof(header));
	write_u32(&w, 6U << 28);
	write_u16(&w, (uint16_t)payload_len(p));
	write_u8(&w, p->has_rh2 ? WIRE_PROTO_ROUTING : behind_rh2);
	write_u8(&w, p->hop_limit);
	write_addr(&w, &p->src);
	write_addr(&w, &p->dst);
	put(buf, size, &at, header, IPV6_HEADER_LEN);
	if (p->has_rh2) {
		ext_encode_rh2(behind_rh2, &p->rh2, header);
		header[3] = p->rh2_left;
		put(buf, size, &at, header, EXT_RH2_LEN);
	}
	if (p->has_hao) {
		ext_encode_hao(p->proto, &p->hao, header);
		put(buf, size, &at, header, EXT_HAO_LEN);
	}
	if (p->inner)
		return at + packet_bytes(p->inner, at < size ? buf + at : buf,
					 at < size ? size - at : 0);
	put(buf, size, &at, p->data, p->len);
	return at;
}
