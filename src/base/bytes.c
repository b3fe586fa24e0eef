// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The checked reader and writer that every packet goes through. All decisions
 * about bounds are in take() and put(); everything else is built on these two,
 * and they compare lengths, never pointers beyond the array.
 *
 * Once something did not fit, nothing more is read or written: a decoder that
 * checks `bad` only at its end cannot meanwhile have taken bytes from a wrong
 * place, and a loop over reader_left() ends.
 */
#include "base/bytes.h"

#include <string.h>

/* The next `len` bytes, stepped over; NULL when they are not there. */
static const uint8_t *take(struct reader *r, size_t len)
{
	const uint8_t *at = r->at;

	if (len > reader_left(r)) {
		r->bad = true;
		return NULL;
	}
	if (r->bad)
		return NULL;
	r->at += len;
	return at;
}

void reader_init(struct reader *r, const void *data, size_t len)
{
	static const uint8_t nothing[1];

	r->start = data ? data : nothing;
	r->at = r->start;
	r->end = r->start + (data ? len : 0);
	r->bad = false;
}

size_t reader_left(const struct reader *r)
{
	return r->bad ? 0 : (size_t)(r->end - r->at);
}

size_t reader_offset(const struct reader *r)
{
	return (size_t)(r->at - r->start);
}

uint8_t read_u8(struct reader *r)
{
	const uint8_t *p = take(r, 1);

	return p ? p[0] : 0;
}

uint16_t read_u16(struct reader *r)
{
	const uint8_t *p = take(r, 2);

	return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

uint32_t read_u32(struct reader *r)
{
	const uint8_t *p = take(r, 4);

	if (!p)
		return 0;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

uint64_t read_u64(struct reader *r)
{
	const uint8_t *p = take(r, 8);
	uint64_t v = 0;

	for (size_t i = 0; p && i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

struct in6_addr read_addr(struct reader *r)
{
	struct in6_addr a;

	read_bytes(r, &a, sizeof(a));
	return a;
}

void read_bytes(struct reader *r, void *out, size_t len)
{
	const uint8_t *p = take(r, len);

	if (len == 0)
		return;
	if (p)
		memcpy(out, p, len);
	else
		memset(out, 0, len);
}

const uint8_t *read_skip(struct reader *r, size_t len)
{
	return take(r, len);
}

struct reader read_sub(struct reader *r, size_t len)
{
	const uint8_t *p = take(r, len);
	struct reader sub;

	reader_init(&sub, p, p ? len : 0);
	sub.bad = !p;
	return sub;
}

/* Where the next `len` bytes go, stepped over; NULL when there is no room. */
static uint8_t *put(struct writer *w, size_t len)
{
	uint8_t *at = w->at;

	if (len > writer_left(w)) {
		w->bad = true;
		return NULL;
	}
	if (w->bad)
		return NULL;
	w->at += len;
	return at;
}

void writer_init(struct writer *w, void *data, size_t size)
{
	/* Never written to: it has no room. */
	static uint8_t nowhere[1];

	w->start = data ? data : nowhere;
	w->at = w->start;
	w->end = w->start + (data ? size : 0);
	w->bad = false;
}

size_t writer_len(const struct writer *w)
{
	return (size_t)(w->at - w->start);
}

size_t writer_left(const struct writer *w)
{
	return w->bad ? 0 : (size_t)(w->end - w->at);
}

void write_u8(struct writer *w, uint8_t v)
{
	uint8_t *p = put(w, 1);

	if (p)
		p[0] = v;
}

void write_u16(struct writer *w, uint16_t v)
{
	uint8_t *p = put(w, 2);

	if (!p)
		return;
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void write_u32(struct writer *w, uint32_t v)
{
	uint8_t *p = put(w, 4);

	for (unsigned int i = 0; p && i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

void write_u64(struct writer *w, uint64_t v)
{
	uint8_t *p = put(w, 8);

	for (unsigned int i = 0; p && i < 8; i++)
		p[i] = (uint8_t)(v >> (56 - 8 * i));
}

void write_addr(struct writer *w, const struct in6_addr *a)
{
	write_bytes(w, a, sizeof(*a));
}

void write_bytes(struct writer *w, const void *data, size_t len)
{
	uint8_t *p = put(w, len);

	if (p && len > 0)
		memcpy(p, data, len);
}

void write_zeros(struct writer *w, size_t len)
{
	uint8_t *p = put(w, len);

	if (p)
		memset(p, 0, len);
}

/* `len` bytes at `offset` that were written before; NULL when they were not. */
static uint8_t *written(struct writer *w, size_t offset, size_t len)
{
	size_t have = writer_len(w);

	if (offset > have || len > have - offset)
		w->bad = true;
	return w->bad ? NULL : w->start + offset;
}

void write_u8_at(struct writer *w, size_t offset, uint8_t v)
{
	uint8_t *p = written(w, offset, 1);

	if (p)
		p[0] = v;
}

void write_u16_at(struct writer *w, size_t offset, uint16_t v)
{
	uint8_t *p = written(w, offset, 2);

	if (!p)
		return;
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}
