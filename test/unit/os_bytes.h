// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Netlink messages for tests of os/: from hexadecimal text, and compared attribute
 * by attribute, whatever their order. What iproute2 sent for the same purpose, written
 * down once, is the independent judge.
 */
#ifndef UNIT_OS_BYTES_H
#define UNIT_OS_BYTES_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define OS_BYTES_MAX 2048

struct os_bytes {
	union {
		struct nlmsghdr h;
		uint8_t data[OS_BYTES_MAX];
	};
	size_t len;
};

static inline void os_bytes_read(struct os_bytes *b, const char *hex)
{
	unsigned int v;

	b->len = 0;
	while (sscanf(hex, "%2x", &v) == 1 && b->len < OS_BYTES_MAX) {
		b->data[b->len++] = (uint8_t)v;
		hex += 2;
	}
}

static inline const struct nlattr *os_find_attr(const void *data, size_t len, uint16_t type)
{
	const struct nlattr *a;

	for (a = data; mnl_attr_ok(a, (int)((const char *)data + len - (const char *)a));
	     a = mnl_attr_next(a))
		if (mnl_attr_get_type(a) == type)
			return a;
	return NULL;
}

/* True when every attribute of the one is in the other, with the same bytes; those
 * listed as nests (ended by 0) are compared in the same way. */
static inline bool os_same_attrs(const void *a_data, size_t a_len, const void *b_data, size_t b_len,
				 const uint16_t *nests)
{
	const struct nlattr *a;

	if (a_len != b_len) {
		fprintf(stderr, "lengths differ: %zu %zu\n", a_len, b_len);
		return false;
	}
	for (a = a_data; mnl_attr_ok(a, (int)((const char *)a_data + a_len - (const char *)a));
	     a = mnl_attr_next(a)) {
		uint16_t type = mnl_attr_get_type(a);
		size_t len = mnl_attr_get_payload_len(a);
		const struct nlattr *b = os_find_attr(b_data, b_len, type);
		const uint16_t *n = nests;
		bool same;

		while (*n && *n != type)
			n++;
		if (!b || mnl_attr_get_payload_len(b) != len)
			same = false;
		else if (*n)
			same = os_same_attrs(mnl_attr_get_payload(a), len,
					     mnl_attr_get_payload(b), len, nests);
		else
			same = memcmp(mnl_attr_get_payload(a), mnl_attr_get_payload(b), len) == 0;
		if (!same) {
			fprintf(stderr, "attribute %u differs\n", type);
			return false;
		}
	}
	return true;
}

/* The same type, family header of `fixed` bytes, and attributes. */
static inline bool os_same_message(const struct nlmsghdr *a, const struct nlmsghdr *b, size_t fixed,
				   const uint16_t *nests)
{
	const uint8_t *pa = mnl_nlmsg_get_payload(a);
	const uint8_t *pb = mnl_nlmsg_get_payload(b);
	size_t i;

	if (a->nlmsg_type != b->nlmsg_type) {
		fprintf(stderr, "types differ: %u %u\n", a->nlmsg_type, b->nlmsg_type);
		return false;
	}
	for (i = 0; i < fixed; i++)
		if (pa[i] != pb[i]) {
			fprintf(stderr, "byte %zu of the family header: %02x %02x\n", i, pa[i],
				pb[i]);
			return false;
		}
	fixed = MNL_ALIGN(fixed);
	return os_same_attrs(pa + fixed, mnl_nlmsg_get_payload_len(a) - fixed, pb + fixed,
			     mnl_nlmsg_get_payload_len(b) - fixed, nests);
}

#endif
