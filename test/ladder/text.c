// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages as words: "BU seq=7 flags=AH life=420 coa=... hao=...". The first word
 * says what it is; the others are what patterns of ladder_expect() look for. What
 * cannot be decoded says so and why.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wire/ext.h"
#include "test/ladder/world.h"
#include "wire/mld.h"

struct text {
	char *buf;
	size_t size;
	size_t used;
};

static void add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (t->used >= t->size)
		return;
	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->used, t->size - t->used, fmt, ap);
	va_end(ap);
	if (n > 0)
		t->used += (size_t)n;
}

static void add_mh_options(struct text *t, const struct mh_options *o)
{
	if (mh_has(o, MH_HAS_REFRESH))
		add(t, " refresh=%" PRIu32, o->refresh_s);
	if (mh_has(o, MH_HAS_NONCES))
		add(t, " nonces=%u,%u", o->home_nonce, o->careof_nonce);
	if (mh_has(o, MH_HAS_MNP))
		add(t, " mnps=%u", o->mnp_count);
	if (mh_has(o, MH_HAS_BID))
		add(t, " bids=%u", o->bid_count);
	if (mh_has(o, MH_HAS_MN_ID))
		add(t, " id=%.*s", o->mn_id.len, (const char *)o->mn_id.id);
	if (mh_has(o, MH_HAS_AUTH_DATA))
		add(t, " auth");
}

static void add_bu(struct text *t, const struct packet *p, const struct mh_msg *m)
{
	const struct in6_addr *coa = mh_has(&m->opts, MH_HAS_ALT_COA) ? &m->opts.alt_coa : &p->src;

	add(t, "BU seq=%u flags=%s life=%" PRIu32 " coa=%s", m->bu.seq,
	    mh_bu_flags_text(m->bu.flags, &(struct mh_flags_buf){ "" }), m->bu.lifetime_s,
	    ADDR_STR(coa));
	if (mh_has(&m->opts, MH_HAS_ALT_COA))
		add(t, " altcoa");
}

static void text_mh(struct text *t, const struct packet *p)
{
	struct wire_error err;
	struct mh_msg m;

	if (mh_decode(p->data, p->len, &m, &err) != WIRE_OK) {
		add(t, "MH type=%d bad=%s", mh_peek_type(p->data, p->len),
		    wire_reason_name(err.reason));
		return;
	}
	switch (m.type) {
	case MH_BRR:
		add(t, "BRR");
		break;
	case MH_HOTI:
		add(t, "HoTI");
		break;
	case MH_COTI:
		add(t, "CoTI");
		break;
	case MH_HOT:
		add(t, "HoT index=%u", m.hot.nonce_index);
		break;
	case MH_COT:
		add(t, "CoT index=%u", m.cot.nonce_index);
		break;
	case MH_BU:
		add_bu(t, p, &m);
		break;
	case MH_BA:
		add(t, "BA status=%u seq=%u life=%" PRIu32 " flags=%s", m.ba.status, m.ba.seq,
		    m.ba.lifetime_s, mh_ba_flags_text(m.ba.flags, &(struct mh_flags_buf){ "" }));
		break;
	case MH_BE:
		add(t, "BE status=%u home=%s", m.be.status, ADDR_STR(&m.be.home));
		break;
	}
	add_mh_options(t, &m.opts);
	if (!mh_checksum_ok(packet_end_src(p), packet_end_dst(p), p->data, p->len))
		add(t, " bad=checksum");
}

static void add_ra(struct text *t, const struct nd_msg *m)
{
	unsigned int i;

	add(t, "RA life=%u%s", m->ra.lifetime_s, m->ra.home_agent ? " H" : "");
	for (i = 0; i < m->opts.prefix_count; i++)
		add(t, " prefix=%s/%u", ADDR_STR(&m->opts.prefix[i].addr),
		    m->opts.prefix[i].prefix_len);
	if (nd_has(&m->opts, ND_HAS_HA_INFO))
		add(t, " hapref=%u halife=%u", m->opts.ha_info.preference,
		    m->opts.ha_info.lifetime_s);
	if (nd_has(&m->opts, ND_HAS_ADV_INTERVAL))
		add(t, " interval=%" PRIu32, m->opts.adv_interval_ms);
}

static void text_nd(struct text *t, const struct packet *p, const struct nd_msg *m)
{
	switch (m->type) {
	case ND_RS:
		add(t, "RS");
		break;
	case ND_RA:
		add_ra(t, m);
		break;
	case ND_NS:
		add(t, "NS target=%s%s", ADDR_STR(&m->ns.target),
		    addr_is_unspecified(&p->src) ? " dad" : "");
		break;
	case ND_NA:
		add(t, "NA target=%s flags=%s%s%s-", ADDR_STR(&m->na.target),
		    m->na.router ? "R" : "", m->na.solicited ? "S" : "",
		    m->na.override ? "O" : "");
		break;
	}
}

static void add_error(struct text *t, const struct icmp6_msg *m)
{
	struct ext_packet about;
	struct wire_error err;

	add(t, "ERROR type=%u code=%u value=%" PRIu32, m->type, m->error.code, m->error.value);
	if (ext_parse_packet(m->error.packet, m->error.packet_len, &about, &err) == WIRE_OK)
		add(t, " about=%u to=%s", about.upper_proto, ADDR_STR(&about.dst));
}

static void text_icmp6_msg(struct text *t, const struct icmp6_msg *m)
{
	switch (m->type) {
	case ICMP6_MSG_UNREACHABLE:
	case ICMP6_MSG_TOO_BIG:
	case ICMP6_MSG_TIME_EXCEEDED:
	case ICMP6_MSG_PARAM_PROBLEM:
		add_error(t, m);
		break;
	case ICMP6_MSG_DHAAD_REQUEST:
		add(t, "DHAAD-REQ id=%u", m->dhaad_request.id);
		break;
	case ICMP6_MSG_DHAAD_REPLY:
		add(t, "DHAAD-REP id=%u agents=%u", m->dhaad_reply.id, m->dhaad_reply.count);
		if (m->dhaad_reply.count)
			add(t, " first=%s", ADDR_STR(&m->dhaad_reply.agent[0]));
		break;
	case ICMP6_MSG_MPS:
		add(t, "MPS id=%u", m->mps.id);
		break;
	case ICMP6_MSG_MPA:
		add(t, "MPA id=%u prefixes=%u", m->mpa.id, m->mpa.count);
		if (m->mpa.count)
			add(t, " prefix=%s/%u valid=%" PRIu32, ADDR_STR(&m->mpa.prefix[0].addr),
			    m->mpa.prefix[0].prefix_len, m->mpa.prefix[0].valid_s);
		break;
	}
}

#define ECHO_REQUEST 128
#define ECHO_REPLY   129

static bool text_echo(struct text *t, const struct packet *p)
{
	if (p->len < 8 || (p->data[0] != ECHO_REQUEST && p->data[0] != ECHO_REPLY))
		return false;
	add(t, "%s id=%d seq=%d", p->data[0] == ECHO_REQUEST ? "PING" : "PONG",
	    p->data[4] << 8 | p->data[5], p->data[6] << 8 | p->data[7]);
	return true;
}

static void text_icmp6(struct text *t, const struct packet *p, bool *noise)
{
	const struct nd_packet how = { p->src, p->dst, p->hop_limit };
	struct wire_error err = { .reason = WIRE_BAD_NONE };
	struct icmp6_msg m;
	struct nd_msg nd;
	enum wire_verdict verdict = nd_decode(p->data, p->len, &how, &nd, &err);

	*noise = verdict == WIRE_OK;
	if (verdict == WIRE_OK) {
		text_nd(t, p, &nd);
		return;
	}
	if (verdict == WIRE_IGNORE && text_echo(t, p))
		return;
	if (verdict == WIRE_IGNORE)
		verdict = icmp6_decode(p->data, p->len, &m, &err);
	if (verdict == WIRE_OK)
		text_icmp6_msg(t, &m);
	else
		add(t, "ICMP6 type=%d bad=%s", p->len ? p->data[0] : -1,
		    wire_reason_name(err.reason));
}

static void text_mld(struct text *t, const struct packet *p)
{
	static const char *const names[] = { "MLD-QUERY", "MLD-REPORT1", "MLD-DONE" };
	struct wire_error err = { .reason = WIRE_BAD_NONE };
	struct mld_record r;
	struct mld_msg m;

	if (p->len <= 8 || mld_decode(p->data + 8, p->len - 8, &m, &err) != WIRE_OK) {
		add(t, "HOPOPTS bad=%s", wire_reason_name(err.reason));
		return;
	}
	if (m.type != MLD_REPORT_V2) {
		add(t, "%s group=%s", names[m.type - MLD_QUERY], ADDR_STR(&m.group));
		return;
	}
	add(t, "MLD-REPORT records=%u", m.record_count);
	while (mld_next_record(&m, &r))
		add(t, " record=%u,%s", r.type, ADDR_STR(&r.group));
}

void text_packet(const struct packet *p, char *buf, size_t size, bool *noise)
{
	struct text t = { .buf = buf, .size = size };

	*noise = false;
	if (size)
		buf[0] = '\0';
	if (p->proto == WIRE_PROTO_MH)
		text_mh(&t, p);
	else if (p->proto == WIRE_PROTO_ICMPV6)
		text_icmp6(&t, p, noise);
	else if (p->proto == WIRE_PROTO_HOPOPTS)
		text_mld(&t, p);
	else
		add(&t, "DATA proto=%u len=%zu", p->proto, p->len);
	if (p->has_hao)
		add(&t, " hao=%s", ADDR_STR(&p->hao));
	if (p->has_rh2)
		add(&t, " rh2=%s", ADDR_STR(&p->rh2));
	add(&t, " src=%s dst=%s", ADDR_STR(&p->src), ADDR_STR(&p->dst));
	if (p->protected)
		add(&t, " protected");
}
