// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IPv6 addresses and prefixes (RFC 4291): their text, the addresses derived from
 * others that Mobile IPv6 needs, and their hash. Used by every room.
 *
 * Text is written here and not by inet_ntop(), because the C library writes
 * some addresses in the mixed form with dots ("::ffff:192.0.2.1", and even
 * "::0.1.0.0" for ::1:0), which addr_parse() refuses as the configuration does.
 */
#include "base/addr.h"

#include <arpa/inet.h>
#include <errno.h>

#define HASH_ROUNDS_PER_WORD 1
#define HASH_ROUNDS_AT_END   3

int addr_parse(const char *text, struct in6_addr *out)
{
	struct in6_addr a;

	/* inet_pton() itself refuses scopes, blanks and whatever follows. */
	if (strchr(text, '.') || inet_pton(AF_INET6, text, &a) != 1)
		return -EINVAL;
	*out = a;
	return 0;
}

static uint16_t addr_group(const struct in6_addr *a, unsigned int i)
{
	return (uint16_t)(a->s6_addr[2 * i] << 8 | a->s6_addr[2 * i + 1]);
}

/* The longest run of zero groups, the first of equally long ones; a single
 * group is not shortened (RFC 5952 4.2.2, 4.2.3). Returns its length. */
static unsigned int find_zero_run(const struct in6_addr *a, unsigned int *start)
{
	unsigned int longest = 1, run = 0;

	*start = 8;
	for (unsigned int i = 0; i < 8; i++) {
		run = addr_group(a, i) == 0 ? run + 1 : 0;
		if (run > longest) {
			longest = run;
			*start = i + 1 - run;
		}
	}
	return *start < 8 ? longest : 0;
}

/* Lower case hexadecimal without leading zeros (RFC 5952 4.1, 4.3). */
static char *put_group(char *at, uint16_t group)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 12;

	while (shift > 0 && group >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*at++ = digits[group >> shift & 15];
	return at;
}

/* At most 39 characters: ends at the zero byte it writes. */
static char *put_addr(char *at, const struct in6_addr *a)
{
	unsigned int start, run = find_zero_run(a, &start), i = 0;

	while (i < 8) {
		if (i == start) {
			*at++ = ':';
			*at++ = ':';
			i += run;
			continue;
		}
		if (i > 0 && i != start + run)
			*at++ = ':';
		at = put_group(at, addr_group(a, i));
		i++;
	}
	*at = '\0';
	return at;
}

const char *addr_text(const struct in6_addr *a, struct addr_buf *buf)
{
	put_addr(buf->text, a);
	return buf->text;
}

/* Decimal digits, no sign, no leading zero, 0..128; -EINVAL else. */
static int parse_prefix_len(const char *text)
{
	int len = 0, digits = 0;

	if (text[0] == '0' && text[1] != '\0')
		return -EINVAL;
	for (; text[digits] >= '0' && text[digits] <= '9' && digits < 3; digits++)
		len = len * 10 + (text[digits] - '0');
	return digits > 0 && text[digits] == '\0' && len <= 128 ? len : -EINVAL;
}

int prefix_parse(const char *text, struct prefix *out, struct in6_addr *host_bits)
{
	const char *slash = strchr(text, '/');
	char addr[ADDR_TEXT_MAX];
	struct in6_addr a;
	int len;

	if (!slash || (size_t)(slash - text) >= sizeof(addr))
		return -EINVAL;
	memcpy(addr, text, (size_t)(slash - text));
	addr[slash - text] = '\0';
	len = parse_prefix_len(slash + 1);
	if (len < 0 || addr_parse(addr, &a) < 0)
		return -EINVAL;
	*out = prefix_of(&a, (unsigned int)len);
	if (host_bits)
		*host_bits = a;
	return 0;
}

const char *prefix_text(const struct prefix *p, struct addr_buf *buf)
{
	char *at = put_addr(buf->text, &p->addr);

	*at++ = '/';
	if (p->len >= 100)
		*at++ = (char)('0' + p->len / 100);
	if (p->len >= 10)
		*at++ = (char)('0' + p->len / 10 % 10);
	*at++ = (char)('0' + p->len % 10);
	*at = '\0';
	return buf->text;
}

/* The bits of byte `i` that lie within the first `len` bits of an address. */
static uint8_t mask_byte(unsigned int len, unsigned int i)
{
	if (len >= 8 * (i + 1))
		return 0xff;
	return len <= 8 * i ? 0 : (uint8_t)(0xff00 >> (len - 8 * i));
}

/* The first `len` bits of `high`, then the bits of `low`. */
static struct in6_addr join(const struct in6_addr *high, unsigned int len,
			    const struct in6_addr *low)
{
	struct in6_addr a;

	for (unsigned int i = 0; i < 16; i++) {
		uint8_t mask = mask_byte(len, i);

		a.s6_addr[i] = (uint8_t)((high->s6_addr[i] & mask) | (low->s6_addr[i] & ~mask));
	}
	return a;
}

/* True when the first `len` bits are the same. */
static bool same_bits(const struct in6_addr *a, const struct in6_addr *b, unsigned int len)
{
	unsigned int bytes = len < 128 ? len / 8 : 16;

	if (memcmp(a, b, bytes) != 0)
		return false;
	return bytes == 16 ||
	       ((a->s6_addr[bytes] ^ b->s6_addr[bytes]) & mask_byte(len, bytes)) == 0;
}

struct prefix prefix_of(const struct in6_addr *a, unsigned int len)
{
	struct prefix p;

	p.len = len < 128 ? (uint8_t)len : 128;
	p.addr = join(a, p.len, &in6addr_any);
	return p;
}

bool prefix_contains(const struct prefix *p, const struct in6_addr *a)
{
	return same_bits(&p->addr, a, p->len);
}

bool prefix_covers(const struct prefix *outer, const struct prefix *inner)
{
	return inner->len >= outer->len && same_bits(&outer->addr, &inner->addr, outer->len);
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return a->len == b->len && same_bits(&a->addr, &b->addr, a->len);
}

bool addr_is_routable_unicast(const struct in6_addr *a)
{
	return !addr_is_unspecified(a) && !addr_is_loopback(a) && !addr_is_multicast(a) &&
	       !addr_is_linklocal(a) && !IN6_IS_ADDR_V4MAPPED(a);
}

struct in6_addr addr_solicited_node(const struct in6_addr *a)
{
	static const struct in6_addr base = { .s6_addr = { 0xff, 0x02, [11] = 1, [12] = 0xff } };

	return join(&base, 104, a);
}

struct in6_addr addr_combine(const struct prefix *p, const struct in6_addr *iid)
{
	return join(&p->addr, p->len, iid);
}

struct in6_addr addr_eui64(const uint8_t mac[6])
{
	struct in6_addr a = { .s6_addr = { 0 } };

	memcpy(&a.s6_addr[8], mac, 3);
	a.s6_addr[8] ^= 0x02;
	a.s6_addr[11] = 0xff;
	a.s6_addr[12] = 0xfe;
	memcpy(&a.s6_addr[13], mac + 3, 3);
	return a;
}

struct in6_addr addr_linklocal_of(const struct in6_addr *a)
{
	static const struct in6_addr base = { .s6_addr = { 0xfe, 0x80 } };

	return join(&base, 64, a);
}

struct in6_addr addr_ha_anycast(const struct prefix *p)
{
	struct in6_addr id;

	memset(&id, 0xff, sizeof(id));
	/* The universal/local bit of an EUI-64 identifier says "local". */
	if (p->len == 64)
		id.s6_addr[8] = 0xfd;
	/* 126 in the last seven bits */
	id.s6_addr[15] = 0xfe;
	return join(&p->addr, p->len, &id);
}

static uint64_t rotate_left(uint64_t v, unsigned int bits)
{
	return v << bits | v >> (64 - bits);
}

/* Bytes as a little-endian number, the order that SipHash is defined in. */
static uint64_t little_endian(const uint8_t *p)
{
	uint64_t v = 0;

	for (unsigned int i = 8; i > 0; i--)
		v = v << 8 | p[i - 1];
	return v;
}

static void hash_rounds(uint64_t v[4], unsigned int rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate_left(v[1], 13) ^ v[0];
		v[3] = rotate_left(v[3], 16) ^ v[2];
		v[0] = rotate_left(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate_left(v[1], 17) ^ v[2];
		v[3] = rotate_left(v[3], 21) ^ v[0];
		v[2] = rotate_left(v[2], 32);
	}
}

static void hash_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	hash_rounds(v, HASH_ROUNDS_PER_WORD);
	v[0] ^= word;
}

/*
 * SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", with
 * the numbers of rounds that hash tables use) of the 16 bytes. It is keyed, and
 * without the key nobody can foretell which addresses fall together; a mere
 * mixing of seed and address has collisions that hold for every seed. The key
 * is the seed in the first half and zero in the second: that is a key of 64
 * bits, ample for an output that peers never see.
 */
uint64_t addr_hash(const struct in6_addr *a, uint64_t seed)
{
	uint64_t v[4] = {
		seed ^ 0x736f6d6570736575,
		0x646f72616e646f6d,
		seed ^ 0x6c7967656e657261,
		0x7465646279746573,
	};

	hash_word(v, little_endian(a->s6_addr));
	hash_word(v, little_endian(a->s6_addr + 8));
	/* the last word: the length in its highest byte, no bytes left over */
	hash_word(v, (uint64_t)sizeof(*a) << 56);
	v[2] ^= 0xff;
	hash_rounds(v, HASH_ROUNDS_AT_END);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
