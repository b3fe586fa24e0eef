// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mobility Header messages in both directions (RFC 6275 section 6.1), the checks
 * of section 9.2 that need nothing but the bytes, and what an authenticator
 * covers (section 6.2.7, RFC 4285 section 5.1).
 *
 * Fixed parts are read and written here, options by mhopt.c. Core calls the
 * decoder for every packet of a Mobility Header socket, and the encoder for
 * every message a role sends.
 */
#include "wire/mh.h"

#include <errno.h>
#include <string.h>

#include "base/bytes.h"

#define OFFSET_PROTO	0
#define OFFSET_LEN	1
#define OFFSET_TYPE	2
#define OFFSET_CHECKSUM 4
#define MH_LEN_MIN	8
#define LIFETIME_UNIT_S 4

/* Length of the whole header in bytes, as its Header Len field claims. */
static size_t header_len(const uint8_t *mh)
{
	return ((size_t)mh[OFFSET_LEN] + 1) * 8;
}

/* True when the header is there to the length that it claims. */
static bool is_whole(const uint8_t *data, size_t len)
{
	return len >= MH_LEN_MIN && header_len(data) <= len;
}

/* The bytes of a message before its options, 0 for types that we do not know. */
static size_t fixed_len(unsigned int type)
{
	switch ((enum mh_type)type) {
	case MH_BRR:
		return 8;
	case MH_HOTI:
	case MH_COTI:
		return 16;
	case MH_HOT:
	case MH_COT:
		return 24;
	case MH_BU:
	case MH_BA:
		return 12;
	case MH_BE:
		return 24;
	}
	return 0;
}

bool mh_checksum_ok(const struct in6_addr *src, const struct in6_addr *dst, const uint8_t *data,
		    size_t len)
{
	if (!is_whole(data, len))
		return false;
	return wire_checksum(src, dst, WIRE_PROTO_MH, data, header_len(data)) == 0;
}

static enum wire_verdict refuse(struct wire_error *err, enum wire_reason reason, size_t offset)
{
	*err = (struct wire_error){ .reason = reason, .offset = offset };
	return WIRE_MALFORMED;
}

static void read_test(struct reader *r, struct mh_test *test)
{
	test->nonce_index = read_u16(r);
	read_bytes(r, test->cookie, MH_COOKIE_LEN);
	read_bytes(r, test->token, MH_TOKEN_LEN);
}

static void read_test_init(struct reader *r, struct mh_test_init *init)
{
	read_skip(r, 2); /* reserved */
	read_bytes(r, init->cookie, MH_COOKIE_LEN);
}

static void read_bu(struct reader *r, struct mh_bu *bu)
{
	bu->seq = read_u16(r);
	bu->flags = read_u16(r) & MH_BU_FLAGS;
	bu->lifetime_s = (uint32_t)read_u16(r) * LIFETIME_UNIT_S;
}

static void read_ba(struct reader *r, struct mh_ba *ba)
{
	ba->status = read_u8(r);
	ba->flags = read_u8(r) & MH_BA_FLAGS;
	ba->seq = read_u16(r);
	ba->lifetime_s = (uint32_t)read_u16(r) * LIFETIME_UNIT_S;
}

static void read_be(struct reader *r, struct mh_be *be)
{
	be->status = read_u8(r);
	read_skip(r, 1); /* reserved */
	be->home = read_addr(r);
}

/* Reads what stands between the checksum and the options. */
static void read_fixed(struct reader *r, struct mh_msg *out)
{
	switch (out->type) {
	case MH_BRR:
		break; /* reserved only */
	case MH_HOTI:
		read_test_init(r, &out->hoti);
		break;
	case MH_COTI:
		read_test_init(r, &out->coti);
		break;
	case MH_HOT:
		read_test(r, &out->hot);
		break;
	case MH_COT:
		read_test(r, &out->cot);
		break;
	case MH_BU:
		read_bu(r, &out->bu);
		break;
	case MH_BA:
		read_ba(r, &out->ba);
		break;
	case MH_BE:
		read_be(r, &out->be);
		break;
	}
}

/* The rules of RFC 6275 section 9.2 but for the checksum, in their order. */
static enum wire_verdict check_header(const uint8_t *data, size_t len, struct wire_error *err)
{
	size_t fixed;

	if (len < MH_LEN_MIN)
		return refuse(err, WIRE_BAD_SHORT, len);
	if (!is_whole(data, len))
		return refuse(err, WIRE_BAD_TRUNCATED, OFFSET_LEN);
	fixed = fixed_len(data[OFFSET_TYPE]);
	if (fixed == 0)
		return refuse(err, WIRE_BAD_MH_TYPE, OFFSET_TYPE);
	if (data[OFFSET_PROTO] != WIRE_PROTO_NONE)
		return refuse(err, WIRE_BAD_PAYLOAD_PROTO, OFFSET_PROTO);
	if (header_len(data) < fixed)
		return refuse(err, WIRE_BAD_HEADER_LEN, OFFSET_LEN);
	return WIRE_OK;
}

enum wire_verdict mh_decode(const uint8_t *data, size_t len, struct mh_msg *out,
			    struct wire_error *err)
{
	enum wire_verdict verdict;
	struct mh_options opts;
	struct reader r;
	size_t total;

	verdict = check_header(data, len, err);
	if (verdict != WIRE_OK)
		return verdict;
	total = header_len(data);
	verdict = mhopt_decode(data, total, fixed_len(data[OFFSET_TYPE]), &opts, err);
	if (verdict != WIRE_OK)
		return verdict;

	memset(out, 0, sizeof(*out));
	out->type = data[OFFSET_TYPE];
	out->opts = opts;
	reader_init(&r, data, total);
	read_skip(&r, MH_FIXED_LEN);
	read_fixed(&r, out);
	return WIRE_OK;
}

/* A lifetime that can be said: not too long, and not one that rounds to zero,
 * which would mean "delete the binding" (RFC 6275 section 6.1.7). */
static bool lifetime_is_sendable(uint32_t lifetime_s)
{
	return lifetime_s == 0 ||
	       (lifetime_s >= LIFETIME_UNIT_S && lifetime_s <= MH_LIFETIME_MAX_S);
}

static bool msg_is_sendable(const struct mh_msg *msg)
{
	if (fixed_len(msg->type) == 0)
		return false;
	if (msg->type == MH_BU)
		return !(msg->bu.flags & ~MH_BU_FLAGS) && lifetime_is_sendable(msg->bu.lifetime_s);
	if (msg->type == MH_BA)
		return !(msg->ba.flags & ~MH_BA_FLAGS) && lifetime_is_sendable(msg->ba.lifetime_s);
	return true;
}

static void write_test(struct writer *w, const struct mh_test *test)
{
	write_u16(w, test->nonce_index);
	write_bytes(w, test->cookie, MH_COOKIE_LEN);
	write_bytes(w, test->token, MH_TOKEN_LEN);
}

static void write_test_init(struct writer *w, const struct mh_test_init *init)
{
	write_u16(w, 0); /* reserved */
	write_bytes(w, init->cookie, MH_COOKIE_LEN);
}

static void write_bu(struct writer *w, const struct mh_bu *bu)
{
	write_u16(w, bu->seq);
	write_u16(w, bu->flags);
	write_u16(w, (uint16_t)(bu->lifetime_s / LIFETIME_UNIT_S));
}

static void write_ba(struct writer *w, const struct mh_ba *ba)
{
	write_u8(w, ba->status);
	write_u8(w, ba->flags);
	write_u16(w, ba->seq);
	write_u16(w, (uint16_t)(ba->lifetime_s / LIFETIME_UNIT_S));
}

static void write_be(struct writer *w, const struct mh_be *be)
{
	write_u8(w, be->status);
	write_u8(w, 0); /* reserved */
	write_addr(w, &be->home);
}

static void write_fixed(struct writer *w, const struct mh_msg *msg)
{
	switch (msg->type) {
	case MH_BRR:
		write_u16(w, 0); /* reserved */
		break;
	case MH_HOTI:
		write_test_init(w, &msg->hoti);
		break;
	case MH_COTI:
		write_test_init(w, &msg->coti);
		break;
	case MH_HOT:
		write_test(w, &msg->hot);
		break;
	case MH_COT:
		write_test(w, &msg->cot);
		break;
	case MH_BU:
		write_bu(w, &msg->bu);
		break;
	case MH_BA:
		write_ba(w, &msg->ba);
		break;
	case MH_BE:
		write_be(w, &msg->be);
		break;
	}
}

/* Computes the checksum anew and writes it into a whole header. */
static void set_checksum(uint8_t *mh, const struct in6_addr *src, const struct in6_addr *dst)
{
	uint16_t sum;

	mh[OFFSET_CHECKSUM] = 0;
	mh[OFFSET_CHECKSUM + 1] = 0;
	sum = wire_checksum(src, dst, WIRE_PROTO_MH, mh, header_len(mh));
	mh[OFFSET_CHECKSUM] = (uint8_t)(sum >> 8);
	mh[OFFSET_CHECKSUM + 1] = (uint8_t)sum;
}

int mh_encode(const struct mh_msg *msg, const struct in6_addr *src, const struct in6_addr *dst,
	      uint8_t *buf, size_t size)
{
	struct writer w;
	int err;

	if (!msg_is_sendable(msg))
		return -EINVAL;
	writer_init(&w, buf, size < MH_LEN_MAX ? size : MH_LEN_MAX);
	write_u8(&w, WIRE_PROTO_NONE); /* RFC 6275 section 6.1.1 */
	write_u8(&w, 0);	       /* length, below */
	write_u8(&w, (uint8_t)msg->type);
	write_u8(&w, 0);  /* reserved */
	write_u16(&w, 0); /* checksum, below */
	write_fixed(&w, msg);
	err = mhopt_encode(&msg->opts, &w);
	if (err)
		return err;
	write_u8_at(&w, OFFSET_LEN, (uint8_t)(writer_len(&w) / 8 - 1));
	set_checksum(buf, src, dst);
	return (int)writer_len(&w);
}

/* The header from its start to `end`, its checksum taken as zero. */
static size_t parts_until(const uint8_t *mh, size_t end, struct crypto_part *parts)
{
	static const uint8_t zero_checksum[2];

	parts[0] = (struct crypto_part){ mh, OFFSET_CHECKSUM };
	parts[1] = (struct crypto_part){ zero_checksum, sizeof(zero_checksum) };
	parts[2] = (struct crypto_part){ mh + MH_FIXED_LEN, end - MH_FIXED_LEN };
	return 3;
}

size_t mh_auth_parts(const uint8_t *mh, size_t len, size_t at,
		     struct crypto_part parts[MH_AUTH_PARTS])
{
	size_t behind = at + MH_AUTHENTICATOR_LEN;
	size_t n;

	if (!is_whole(mh, len) || at < MH_FIXED_LEN || at > header_len(mh) ||
	    behind > header_len(mh))
		return 0;
	n = parts_until(mh, at, parts);
	if (behind < header_len(mh))
		parts[n++] = (struct crypto_part){ mh + behind, header_len(mh) - behind };
	return n;
}

size_t mh_auth4285_parts(const uint8_t *mh, size_t len, size_t at,
			 struct crypto_part parts[MH_AUTH_PARTS])
{
	if (!is_whole(mh, len) || at < MH_FIXED_LEN || at > header_len(mh))
		return 0;
	return parts_until(mh, at, parts);
}

int mh_seal(uint8_t *mh, size_t len, size_t at, const uint8_t *value, size_t value_len,
	    const struct in6_addr *src, const struct in6_addr *dst)
{
	size_t fixed;

	if (!is_whole(mh, len))
		return -EINVAL;
	fixed = fixed_len(mh[OFFSET_TYPE]);
	if (fixed == 0 || at < fixed || at > header_len(mh) || value_len > header_len(mh) - at)
		return -EINVAL;
	memcpy(mh + at, value, value_len);
	set_checksum(mh, src, dst);
	return 0;
}

int mh_peek_type(const uint8_t *data, size_t len)
{
	return len > OFFSET_TYPE ? data[OFFSET_TYPE] : -1;
}
