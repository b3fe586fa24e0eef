// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IPv6 addresses and prefixes: text in and out, comparison, the few kinds of
 * address that Mobile IPv6 distinguishes. Addresses are `struct in6_addr`
 * everywhere in the program; a prefix is an address and a length whose bits
 * beyond the length are zero.
 */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct prefix {
	struct in6_addr addr;
	uint8_t len; /* bits, 0..128 */
};

#define ADDR_TEXT_MAX	INET6_ADDRSTRLEN
#define PREFIX_TEXT_MAX (INET6_ADDRSTRLEN + 4)

/* Room for the text of an address; made so that it can be written in place:
 * log_info(LOG_HA, "hoa=%s", addr_text(&a, (struct addr_buf){})); a temporary
 * lives until the end of the enclosing block. */
struct addr_buf {
	char text[PREFIX_TEXT_MAX];
};
#define ADDR_STR(a)   addr_text((a), &(struct addr_buf){ .text = "" })
#define PREFIX_STR(p) prefix_text((p), &(struct addr_buf){ .text = "" })

/* Reads IPv6 text without scope identifier and without the dotted form of
 * v4-mapped addresses (the dialect of mip6d.conf). 0, or -EINVAL (`out` is not
 * touched then). */
int addr_parse(const char *text, struct in6_addr *out);

/* Writes the canonical text (RFC 5952 section 4) into buf and returns it. Never
 * the mixed form with dots, which its section 5 allows: addr_parse() reads back
 * every text. */
const char *addr_text(const struct in6_addr *a, struct addr_buf *buf);

/* Reads "ADDR/LEN" into *out, without the bits beyond the length; *host_bits,
 * unless NULL, receives the whole address as written. 0, or -EINVAL: then neither
 * is touched. */
int prefix_parse(const char *text, struct prefix *out, struct in6_addr *host_bits);

/* Writes "ADDR/LEN" into buf and returns it. */
const char *prefix_text(const struct prefix *p, struct addr_buf *buf);

/* The prefix of `len` bits (0..128; more counts as 128) that holds `a`. */
struct prefix prefix_of(const struct in6_addr *a, unsigned int len);

/* True when `a` lies in `p`. */
bool prefix_contains(const struct prefix *p, const struct in6_addr *a);

/* True when every address of `inner` lies in `outer`. */
bool prefix_covers(const struct prefix *outer, const struct prefix *inner);

/* True when both are the same prefix. */
bool prefix_equal(const struct prefix *a, const struct prefix *b);

static inline bool addr_equal(const struct in6_addr *a, const struct in6_addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Order by bytes as memcmp does: <0, 0, >0. */
static inline int addr_compare(const struct in6_addr *a, const struct in6_addr *b)
{
	return memcmp(a, b, sizeof(*a));
}

static inline bool addr_is_unspecified(const struct in6_addr *a)
{
	return IN6_IS_ADDR_UNSPECIFIED(a);
}

static inline bool addr_is_multicast(const struct in6_addr *a)
{
	return IN6_IS_ADDR_MULTICAST(a);
}

static inline bool addr_is_loopback(const struct in6_addr *a)
{
	return IN6_IS_ADDR_LOOPBACK(a);
}

static inline bool addr_is_linklocal(const struct in6_addr *a)
{
	return IN6_IS_ADDR_LINKLOCAL(a);
}

/* RFC 4193: fc00::/7, which the Internet does not carry. */
static inline bool addr_is_unique_local(const struct in6_addr *a)
{
	return (a->s6_addr[0] & 0xfe) == 0xfc;
}

/* Unicast with a scope wider than the link and routable as such: not
 * unspecified, loopback, multicast, link-local, or v4-mapped. What RFC 6275
 * calls "a unicast routable address" (9.5.1, 10.3.1, 11.7.1). */
bool addr_is_routable_unicast(const struct in6_addr *a);

/* The solicited-node multicast address of `a` (RFC 4291 section 2.7.1). */
struct in6_addr addr_solicited_node(const struct in6_addr *a);

/* `p` with the low bits of `iid` put behind its length (RFC 4862 5.5.3 d). */
struct in6_addr addr_combine(const struct prefix *p, const struct in6_addr *iid);

/* The interface identifier of a 48 bit hardware address (RFC 4291 appendix A,
 * modified EUI-64), in the low 64 bits of the result; the rest is zero. */
struct in6_addr addr_eui64(const uint8_t mac[6]);

/* fe80::/64 with the interface identifier of `a`. */
struct in6_addr addr_linklocal_of(const struct in6_addr *a);

/* The Mobile IPv6 Home-Agents anycast address of a prefix (RFC 2526 section 2
 * with anycast identifier 126): for 64 bit prefixes the interface identifier is
 * fdff:ffff:ffff:fffe, for others ones and then the seven bits of 126. */
struct in6_addr addr_ha_anycast(const struct prefix *p);

/* 64 bit hash for tables (SipHash-1-3). `seed` is chosen at random at start and
 * kept secret, so that a peer cannot choose addresses that collide. */
uint64_t addr_hash(const struct in6_addr *a, uint64_t seed);

#endif
