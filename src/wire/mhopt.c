// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mobility options in both directions (RFC 6275 section 6.2, RFC 3963 section
 * 4.3, RFC 4283, RFC 4285, RFC 5648).
 *
 * Reading goes through the table `rules`: for each known option the lengths it
 * may have and the function that takes its data; everything else is skipped.
 * Writing goes through the options in one fixed order. Both are called by mh.c
 * only; the iterator is open to all.
 */
#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "wire/mh.h"
#include "wire/mhopt.h"

#define OPT_HEADER_LEN	2 /* type and length */
#define LIFETIME_UNIT_S 4

void mhopt_iter_init(struct mhopt_iter *it, const uint8_t *mh, size_t len, size_t first)
{
	it->mh = mh;
	it->len = len;
	it->at = first;
	it->bad = first > len;
}

bool mhopt_next(struct mhopt_iter *it, struct mhopt *opt)
{
	size_t left;

	if (it->bad || it->at >= it->len)
		return false;
	left = it->len - it->at;
	*opt = (struct mhopt){ .type = it->mh[it->at], .at = it->at };
	if (opt->type == MHOPT_PAD1) {
		/* RFC 6275 section 6.2.2: neither length nor data. */
		opt->data = it->mh + it->at + 1;
		it->at++;
		return true;
	}
	if (left < OPT_HEADER_LEN || left - OPT_HEADER_LEN < it->mh[it->at + 1]) {
		it->bad = true;
		return false;
	}
	opt->len = it->mh[it->at + 1];
	opt->data = it->mh + it->at + OPT_HEADER_LEN;
	it->at += OPT_HEADER_LEN + (size_t)opt->len;
	return true;
}

/* Each takes the data of one option, whose length was checked. False when a
 * list has no room left or holds the like already; *again tells which. */
typedef bool take_fn(struct reader *r, const struct mhopt *opt, struct mh_options *out,
		     bool *again);

static bool take_refresh(struct reader *r, const struct mhopt *opt, struct mh_options *out,
			 bool *again)
{
	(void)opt;
	(void)again;
	out->refresh_s = (uint32_t)read_u16(r) * LIFETIME_UNIT_S;
	return true;
}

static bool take_alt_coa(struct reader *r, const struct mhopt *opt, struct mh_options *out,
			 bool *again)
{
	(void)opt;
	(void)again;
	out->alt_coa = read_addr(r);
	return true;
}

static bool take_nonces(struct reader *r, const struct mhopt *opt, struct mh_options *out,
			bool *again)
{
	(void)opt;
	(void)again;
	out->home_nonce = read_u16(r);
	out->careof_nonce = read_u16(r);
	return true;
}

static bool take_auth_data(struct reader *r, const struct mhopt *opt, struct mh_options *out,
			   bool *again)
{
	(void)again;
	read_bytes(r, out->authenticator, MH_AUTHENTICATOR_LEN);
	out->authenticator_at = (uint16_t)(opt->at + OPT_HEADER_LEN);
	return true;
}

static bool take_mnp(struct reader *r, const struct mhopt *opt, struct mh_options *out, bool *again)
{
	struct mh_mnp *mnp = &out->mnp[out->mnp_count];

	(void)opt;
	(void)again;
	if (out->mnp_count == MH_MNP_MAX)
		return false;
	read_skip(r, 1); /* reserved */
	mnp->len = read_u8(r);
	mnp->addr = read_addr(r);
	out->mnp_count++;
	return true;
}

static bool take_mn_id(struct reader *r, const struct mhopt *opt, struct mh_options *out,
		       bool *again)
{
	(void)again;
	out->mn_id.subtype = read_u8(r);
	out->mn_id.len = (uint8_t)(opt->len - 1);
	read_bytes(r, out->mn_id.id, out->mn_id.len);
	return true;
}

static bool take_authentication(struct reader *r, const struct mhopt *opt, struct mh_options *out,
				bool *again)
{
	struct mh_authentication *auth = &out->authentication[out->authentication_count];
	uint8_t subtype = read_u8(r);
	unsigned int i;

	/* RFC 4285 section 5: only one instance of a particular subtype. */
	for (i = 0; i < out->authentication_count; i++) {
		if (out->authentication[i].subtype == subtype) {
			*again = true;
			return false;
		}
	}
	if (out->authentication_count == MH_AUTHENTICATION_MAX)
		return false;
	auth->subtype = subtype;
	auth->spi = read_u32(r);
	auth->data_at = (uint16_t)(opt->at + OPT_HEADER_LEN + reader_offset(r));
	auth->len = (uint8_t)reader_left(r);
	read_bytes(r, auth->data, auth->len);
	out->authentication_count++;
	return true;
}

static bool take_replay(struct reader *r, const struct mhopt *opt, struct mh_options *out,
			bool *again)
{
	(void)opt;
	(void)again;
	out->replay_ntp = read_u64(r);
	return true;
}

static bool take_bid(struct reader *r, const struct mhopt *opt, struct mh_options *out, bool *again)
{
	struct mh_bid *bid = &out->bid[out->bid_count];

	(void)again;
	if (out->bid_count == MH_BID_MAX)
		return false;
	/* Of an option that is too short, the reader yields zeros. */
	bid->bid = read_u16(r);
	bid->status = read_u8(r);
	bid->home = (read_u8(r) & 0x80) != 0;
	/* RFC 5648 section 4.3: 4, 8 or 20; another is answered, not dropped. */
	switch (opt->len) {
	case 4:
		bid->kind = MH_BID_NO_COA;
		break;
	case 8:
		bid->kind = MH_BID_COA_V4;
		read_bytes(r, &bid->coa4, sizeof(bid->coa4));
		break;
	case 20:
		bid->kind = MH_BID_COA_V6;
		bid->coa6 = read_addr(r);
		break;
	default:
		bid->kind = MH_BID_COA_BAD;
		break;
	}
	out->bid_count++;
	return true;
}

static const struct rule {
	enum mhopt_type type;
	enum mh_option_bit bit;
	bool list;
	uint8_t min_len;
	uint8_t max_len;
	take_fn *take;
} rules[] = {
	{ MHOPT_REFRESH_ADVICE, MH_HAS_REFRESH, false, 2, 2, take_refresh },
	{ MHOPT_ALT_COA, MH_HAS_ALT_COA, false, 16, 16, take_alt_coa },
	{ MHOPT_NONCE_INDICES, MH_HAS_NONCES, false, 4, 4, take_nonces },
	{ MHOPT_AUTH_DATA, MH_HAS_AUTH_DATA, false, MH_AUTHENTICATOR_LEN, MH_AUTHENTICATOR_LEN,
	  take_auth_data },
	{ MHOPT_MNP, MH_HAS_MNP, true, 18, 18, take_mnp },
	{ MHOPT_MN_ID, MH_HAS_MN_ID, false, 1, 255, take_mn_id },
	{ MHOPT_AUTHENTICATION, MH_HAS_AUTHENTICATION, true, 5, 255, take_authentication },
	{ MHOPT_REPLAY, MH_HAS_REPLAY, false, 8, 8, take_replay },
	{ MHOPT_BID, MH_HAS_BID, true, 0, 255, take_bid },
};

static const struct rule *find_rule(uint8_t type)
{
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].type == type)
			return &rules[i];
	}
	return NULL;
}

static enum wire_verdict refuse(struct wire_error *err, enum wire_reason reason, size_t offset)
{
	*err = (struct wire_error){ .reason = reason, .offset = offset };
	return WIRE_MALFORMED;
}

/* Takes one option into `out`. False when its length cannot be. */
static bool take_option(const struct mhopt *opt, struct mh_options *out)
{
	const struct rule *rule = find_rule(opt->type);
	struct reader r;
	bool again = false;

	if (!rule) {
		/* RFC 6275 section 6.2.1: quietly ignore and skip over it. */
		if (opt->type != MHOPT_PAD1 && opt->type != MHOPT_PADN)
			out->unknown++;
		return true;
	}
	if (opt->len < rule->min_len || opt->len > rule->max_len)
		return false;
	if (!rule->list && mh_has(out, rule->bit)) {
		out->repeated |= rule->bit;
		return true;
	}
	reader_init(&r, opt->data, opt->len);
	if (rule->take(&r, opt, out, &again))
		out->present |= rule->bit;
	else if (again)
		out->repeated |= rule->bit;
	else
		out->overflow |= rule->bit;
	return true;
}

enum wire_verdict mhopt_decode(const uint8_t *mh, size_t len, size_t first, struct mh_options *out,
			       struct wire_error *err)
{
	struct mhopt_iter it;
	struct mhopt opt;

	memset(out, 0, sizeof(*out));
	mhopt_iter_init(&it, mh, len, first);
	while (mhopt_next(&it, &opt)) {
		/* RFC 6275 section 6.2.7: last, and no padding behind it. */
		if (mh_has(out, MH_HAS_AUTH_DATA))
			out->auth_not_last = true;
		if (!take_option(&opt, out))
			return refuse(err, WIRE_BAD_OPTION_LEN, opt.at + 1);
	}
	if (it.bad)
		return refuse(err, WIRE_BAD_OPTION_PAST_END, it.at);
	return WIRE_OK;
}

/* Pads until the length is `rest` modulo `unit`: nothing, Pad1, or one PadN. */
static void write_padding(struct writer *w, unsigned int unit, unsigned int rest)
{
	size_t n = (unit + rest - writer_len(w) % unit) % unit;

	if (n == 0)
		return;
	if (n == 1) {
		write_u8(w, MHOPT_PAD1);
		return;
	}
	write_u8(w, MHOPT_PADN);
	write_u8(w, (uint8_t)(n - OPT_HEADER_LEN));
	write_zeros(w, n - OPT_HEADER_LEN);
}

/* The first two bytes of an option, aligned at unit * n + rest. */
static void write_header(struct writer *w, unsigned int unit, unsigned int rest, uint8_t type,
			 uint8_t len)
{
	write_padding(w, unit, rest);
	write_u8(w, type);
	write_u8(w, len);
}

static void write_mnps(struct writer *w, const struct mh_options *o)
{
	unsigned int i;

	for (i = 0; i < o->mnp_count; i++) {
		write_header(w, 8, 4, MHOPT_MNP, 18);
		write_u8(w, 0);
		write_u8(w, o->mnp[i].len);
		write_addr(w, &o->mnp[i].addr);
	}
}

static void write_bids(struct writer *w, const struct mh_options *o)
{
	unsigned int i;

	for (i = 0; i < o->bid_count; i++) {
		const struct mh_bid *bid = &o->bid[i];
		uint8_t coa_len = 0;

		if (bid->kind == MH_BID_COA_V4)
			coa_len = sizeof(bid->coa4);
		else if (bid->kind == MH_BID_COA_V6)
			coa_len = sizeof(bid->coa6);
		/* RFC 5648 section 4.3: 2n without, 8n + 2 with an address. */
		write_header(w, coa_len ? 8 : 2, coa_len ? 2 : 0, MHOPT_BID,
			     (uint8_t)(4 + coa_len));
		write_u16(w, bid->bid);
		write_u8(w, bid->status);
		write_u8(w, bid->home ? 0x80 : 0);
		if (bid->kind == MH_BID_COA_V4)
			write_bytes(w, &bid->coa4, coa_len);
		else if (bid->kind == MH_BID_COA_V6)
			write_addr(w, &bid->coa6);
	}
}

static void write_authentications(struct writer *w, const struct mh_options *o)
{
	unsigned int i;

	for (i = 0; i < o->authentication_count; i++) {
		const struct mh_authentication *auth = &o->authentication[i];
		unsigned int len = 5u + auth->len;
		unsigned int rest = (8 - (OPT_HEADER_LEN + len) % 8) % 8;
		bool last = i + 1 == o->authentication_count && !mh_has(o, MH_HAS_AUTH_DATA);

		/* RFC 4285 section 5: alignment 4n + 1, and the last option. Where both can
		 * be had, the padding goes before the last one, so that it ends the message. */
		if (last && rest % 4 == 1)
			write_header(w, 8, rest, MHOPT_AUTHENTICATION, (uint8_t)len);
		else
			write_header(w, 4, 1, MHOPT_AUTHENTICATION, (uint8_t)len);
		write_u8(w, auth->subtype);
		write_u32(w, auth->spi);
		write_bytes(w, auth->data, auth->len);
	}
}

static void write_options(struct writer *w, const struct mh_options *o)
{
	if (mh_has(o, MH_HAS_REFRESH)) {
		write_header(w, 2, 0, MHOPT_REFRESH_ADVICE, 2);
		write_u16(w, (uint16_t)(o->refresh_s / LIFETIME_UNIT_S));
	}
	if (mh_has(o, MH_HAS_ALT_COA)) {
		write_header(w, 8, 6, MHOPT_ALT_COA, 16);
		write_addr(w, &o->alt_coa);
	}
	if (mh_has(o, MH_HAS_NONCES)) {
		write_header(w, 2, 0, MHOPT_NONCE_INDICES, 4);
		write_u16(w, o->home_nonce);
		write_u16(w, o->careof_nonce);
	}
	write_mnps(w, o);
	write_bids(w, o);
	if (mh_has(o, MH_HAS_MN_ID)) {
		write_header(w, 1, 0, MHOPT_MN_ID, (uint8_t)(1 + o->mn_id.len));
		write_u8(w, o->mn_id.subtype);
		write_bytes(w, o->mn_id.id, o->mn_id.len);
	}
	if (mh_has(o, MH_HAS_REPLAY)) {
		write_header(w, 8, 2, MHOPT_REPLAY, 8);
		write_u64(w, o->replay_ntp);
	}
	write_authentications(w, o);
	if (mh_has(o, MH_HAS_AUTH_DATA)) {
		/* RFC 6275 section 6.2.7: implicit alignment of 8n + 2. */
		write_header(w, 8, 2, MHOPT_AUTH_DATA, MH_AUTHENTICATOR_LEN);
		write_bytes(w, o->authenticator, MH_AUTHENTICATOR_LEN);
	}
	write_padding(w, 8, 0);
}

static bool options_are_sendable(const struct mh_options *o)
{
	unsigned int i;

	if (o->mnp_count > MH_MNP_MAX || mh_has(o, MH_HAS_MNP) != (o->mnp_count > 0))
		return false;
	if (o->bid_count > MH_BID_MAX || mh_has(o, MH_HAS_BID) != (o->bid_count > 0))
		return false;
	if (o->authentication_count > MH_AUTHENTICATION_MAX ||
	    mh_has(o, MH_HAS_AUTHENTICATION) != (o->authentication_count > 0))
		return false;
	for (i = 0; i < o->bid_count; i++) {
		if (o->bid[i].kind == MH_BID_COA_BAD)
			return false;
	}
	for (i = 0; i < o->authentication_count; i++) {
		if (o->authentication[i].len > MH_AUTH_BYTES_MAX)
			return false;
	}
	if (mh_has(o, MH_HAS_MN_ID) && o->mn_id.len > MH_MN_ID_MAX)
		return false;
	/* Under one unit it would say 0, which means nothing as an interval. */
	return !mh_has(o, MH_HAS_REFRESH) ||
	       (o->refresh_s >= LIFETIME_UNIT_S && o->refresh_s <= MH_LIFETIME_MAX_S);
}

int mhopt_encode(const struct mh_options *opts, struct writer *w)
{
	if (!options_are_sendable(opts))
		return -EINVAL;
	write_options(w, opts);
	return w->bad ? -EMSGSIZE : 0;
}
