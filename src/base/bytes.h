// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A checked reader and a checked writer over byte arrays, network order.
 * Neither ever touches a byte outside its array: a read or write that does not
 * fit sets `bad` and yields zero or does nothing, so that a decoder can read a
 * whole structure and check once at the end. Nothing more is read or written
 * after that; the place stays where the first one did not fit.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader {
	const uint8_t *start;
	const uint8_t *at;
	const uint8_t *end;
	bool bad; /* sticky: something was read that is not there */
};

struct writer {
	uint8_t *start;
	uint8_t *at;
	uint8_t *end;
	bool bad; /* sticky: something was written that does not fit */
};

/* Reads `data` of `len` bytes, which stays the caller's; NULL is an empty array. */
void reader_init(struct reader *r, const void *data, size_t len);
/* How many bytes can still be read; 0 when bad. */
size_t reader_left(const struct reader *r);
/* How many bytes were read. */
size_t reader_offset(const struct reader *r);
/* The next number or address; zero when not there. */
uint8_t read_u8(struct reader *r);
uint16_t read_u16(struct reader *r);
uint32_t read_u32(struct reader *r);
uint64_t read_u64(struct reader *r);
struct in6_addr read_addr(struct reader *r);
/* Copies `len` bytes; zeroes `out` when they are not there. */
void read_bytes(struct reader *r, void *out, size_t len);
/* Steps over `len` bytes and returns where they begin; NULL when not there. */
const uint8_t *read_skip(struct reader *r, size_t len);
/* A reader of the next `len` bytes, stepping over them here; when they are not
 * there both are bad, and the result is empty. */
struct reader read_sub(struct reader *r, size_t len);

/* Writes into `data` of `size` bytes, which stays the caller's; NULL has no room. */
void writer_init(struct writer *w, void *data, size_t size);
/* How many bytes were written. */
size_t writer_len(const struct writer *w);
/* How many bytes can still be written; 0 when bad. */
size_t writer_left(const struct writer *w);
/* Each writes all of its value, or nothing where that does not fit. */
void write_u8(struct writer *w, uint8_t v);
void write_u16(struct writer *w, uint16_t v);
void write_u32(struct writer *w, uint32_t v);
void write_u64(struct writer *w, uint64_t v);
void write_addr(struct writer *w, const struct in6_addr *a);
void write_bytes(struct writer *w, const void *data, size_t len);
void write_zeros(struct writer *w, size_t len);
/* Overwrites what was written before, at `offset` from the start; sets bad, and
 * changes nothing, when that was not yet written. */
void write_u8_at(struct writer *w, size_t offset, uint8_t v);
void write_u16_at(struct writer *w, size_t offset, uint16_t v);

#endif
