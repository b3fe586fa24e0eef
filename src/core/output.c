// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages that go out: encoded, signed where asked, counted, logged, handed to
 * the port. Also the two answers that this room gives by itself to what cannot
 * be processed: the Binding Error (RFC 6275 9.3.3) and the ICMPv6 Parameter
 * Problem (9.2). Both go straight to the source address of the packet that
 * caused them, without a routing header, and no faster than the rate permits.
 */
#include "core/output.h"

#include <string.h>

#include "base/bytes.h"
#include "core/auth.h"
#include "core/held.h"
#include "core/mip6.h"
#include "wire/ext.h"

#define IPV6_HEADER_LEN 40

static enum counter mh_counter(enum mh_type type)
{
	switch (type) {
	case MH_BRR:
		return COUNT_OUT_BRR;
	case MH_HOTI:
		return COUNT_OUT_HOTI;
	case MH_COTI:
		return COUNT_OUT_COTI;
	case MH_HOT:
		return COUNT_OUT_HOT;
	case MH_COT:
		return COUNT_OUT_COT;
	case MH_BU:
		return COUNT_OUT_BU;
	case MH_BA:
		return COUNT_OUT_BA;
	case MH_BE:
		return COUNT_OUT_BE;
	}
	return COUNT_OUT_MH;
}

static void note_failure(struct mip6 *m, const char *name, const char *to, int err)
{
	count(&m->counters, COUNT_OUT_FAILED);
	log_limited(&m->drop_limit, m->now_us, LOG_CORE, LOGL_INFO, "cannot send %s to %s: %s",
		    name, to, strerror(-err));
}

static int hand_over(struct mip6 *m, enum kproto proto, const struct mip6_path *path,
		     uint8_t hop_limit, const void *data, size_t len, const char *name)
{
	int err = m->kernel->ops->send(m->kernel, proto, path, hop_limit, data, len);

	if (err) {
		note_failure(m, name, ADDR_STR(&path->peer), err);
		return err;
	}
	log_trace(LOG_CORE, "out %s from=%s to=%s at=%s len=%zu", name,
		  ADDR_STR(path_local_id(path)), ADDR_STR(path_peer_id(path)),
		  ADDR_STR(&path->peer), len);
	return 0;
}

void mip6_on_unsent(struct mip6 *m, int err)
{
	note_failure(m, "a message", "its receiver", err);
}

int output_mh(struct mip6 *m, const struct mip6_path *path, enum mh_type type,
	      const uint8_t *data, size_t len)
{
	int err = hand_over(m, KPROTO_MH, path, 0, data, len, mh_type_name(type));

	if (!err) {
		count(&m->counters, COUNT_OUT_MH);
		count(&m->counters, mh_counter(type));
	}
	return err;
}

static int send_or_hold(struct mip6 *m, const struct mip6_path *path, enum mh_type type,
			const uint8_t *data, size_t len)
{
	if (held_is_due(m, type) && held_send(m, path, type, data, len) == 0)
		return 0;
	return output_mh(m, path, type, data, len);
}

static int cannot_encode(struct mip6 *m, const char *name, int err)
{
	count(&m->counters, COUNT_OUT_FAILED);
	log_error(LOG_CORE, "%s cannot be encoded: %s", name, strerror(-err));
	return err;
}

int mip6_send_mh(struct mip6 *m, const struct mip6_path *path, const struct mh_msg *msg)
{
	uint8_t buf[MH_LEN_MAX];
	int len = mh_encode(msg, path_local_id(path), path_peer_id(path), buf, sizeof(buf));

	if (len < 0)
		return cannot_encode(m, mh_type_name(msg->type), len);
	return send_or_hold(m, path, msg->type, buf, (size_t)len);
}

int mip6_send_mh_auth(struct mip6 *m, const struct mip6_path *path, const struct mh_msg *msg,
		      const uint8_t *kbm, size_t kbm_len, const struct in6_addr *coa,
		      const struct in6_addr *cn)
{
	const struct in6_addr *src = path_local_id(path), *dst = path_peer_id(path);
	uint8_t buf[MH_LEN_MAX], value[MH_AUTHENTICATOR_LEN];
	struct mh_msg with = *msg;
	size_t at;
	int len, err;

	/* The option with a zero value, put last by the encoder, then its value. */
	with.opts.present |= MH_HAS_AUTH_DATA;
	memset(with.opts.authenticator, 0, sizeof(with.opts.authenticator));
	len = mh_encode(&with, src, dst, buf, sizeof(buf));
	if (len < 0)
		return cannot_encode(m, mh_type_name(msg->type), len);
	at = (size_t)len - MH_AUTHENTICATOR_LEN;
	err = auth_compute(kbm, kbm_len, coa, cn, buf, (size_t)len, at, value);
	if (!err)
		err = mh_seal(buf, (size_t)len, at, value, sizeof(value), src, dst);
	if (err)
		return cannot_encode(m, mh_type_name(msg->type), err);
	return send_or_hold(m, path, msg->type, buf, (size_t)len);
}

/* How a type is called and counted; false for one that is not ours to count. */
static bool icmp6_counter(uint8_t type, enum counter *counter)
{
	static const struct {
		uint8_t type;
		enum counter counter;
	} table[] = {
		{ ICMP6_MSG_UNREACHABLE, COUNT_OUT_ICMP_ERROR },
		{ ICMP6_MSG_TOO_BIG, COUNT_OUT_ICMP_ERROR },
		{ ICMP6_MSG_TIME_EXCEEDED, COUNT_OUT_ICMP_ERROR },
		{ ICMP6_MSG_PARAM_PROBLEM, COUNT_OUT_ICMP_ERROR },
		{ ICMP6_MSG_DHAAD_REQUEST, COUNT_OUT_DHAAD_REQ },
		{ ICMP6_MSG_DHAAD_REPLY, COUNT_OUT_DHAAD_REP },
		{ ICMP6_MSG_MPS, COUNT_OUT_MPS },
		{ ICMP6_MSG_MPA, COUNT_OUT_MPA },
		{ ND_RS, COUNT_OUT_RS },
		{ ND_RA, COUNT_OUT_RA },
		{ ND_NS, COUNT_OUT_NS },
		{ ND_NA, COUNT_OUT_NA },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].type == type) {
			*counter = table[i].counter;
			return true;
		}
	}
	return false;
}

int mip6_send_icmp6(struct mip6 *m, const struct mip6_path *path, uint8_t hop_limit,
		    const void *data, size_t len)
{
	uint8_t type = len ? *(const uint8_t *)data : 0;
	const char *name = type >= ND_RS && type <= ND_NA ? nd_type_name(type) :
							    icmp6_type_name(type);
	enum counter counter;
	int err = hand_over(m, KPROTO_ICMP6, path, hop_limit, data, len, name);

	if (!err && icmp6_counter(type, &counter))
		count(&m->counters, counter);
	return err;
}

int mip6_send_icmp6_msg(struct mip6 *m, const struct mip6_path *path,
			const struct icmp6_msg *msg)
{
	uint8_t buf[ICMP6_LEN_MAX];
	int len = icmp6_encode(msg, path_local_id(path), path_peer_id(path), buf, sizeof(buf));

	if (len < 0)
		return cannot_encode(m, icmp6_type_name(msg->type), len);
	return mip6_send_icmp6(m, path, 0, buf, (size_t)len);
}

int mip6_send_nd(struct mip6 *m, const struct mip6_path *path, const struct nd_msg *msg)
{
	uint8_t buf[ND_LEN_MAX];
	int len = nd_encode(msg, &path->local, &path->peer, buf, sizeof(buf));

	if (len < 0)
		return cannot_encode(m, nd_type_name(msg->type), len);
	return mip6_send_icmp6(m, path, ND_HOP_LIMIT, buf, (size_t)len);
}

/* Whether an error about a packet that came along `path` may be sent (RFC 6275
 * 9.3.3, RFC 4443 section 2.4 e): its source is one node, and it came to one. */
static bool may_answer(const struct mip6_path *path)
{
	return !addr_is_unspecified(&path->peer) && !addr_is_multicast(&path->peer) &&
	       !addr_is_loopback(&path->peer) && !addr_is_multicast(&path->local);
}

/* The way straight back, home addresses left aside. */
static struct mip6_path straight_back(const struct mip6_path *path)
{
	return (struct mip6_path){ .local = path->local,
				   .peer = path->peer,
				   .ifindex = addr_is_linklocal(&path->peer) ? path->ifindex : 0 };
}

void mip6_send_be(struct mip6 *m, const struct mip6_path *path, enum mh_be_status status,
		  const struct in6_addr *home)
{
	const struct mip6_path back = straight_back(path);
	struct mh_msg msg = { .type = MH_BE, .be = { .status = (uint8_t)status } };

	if (!may_answer(path))
		return;
	if (!rate_pass(&m->be_rate, &path->peer, m->now_us)) {
		count(&m->counters, COUNT_BE_LIMITED);
		return;
	}
	if (home)
		msg.be.home = *home;
	mip6_send_mh(m, &back, &msg);
}

/* Writes the packet as it was on the wire, as far as the port told it: the
 * addresses that the headers had before they were processed. Returns its length
 * and where the Mobility Header begins. */
static size_t rebuild_packet(const struct mip6_packet *p, uint8_t *buf, size_t size, size_t *mh_at)
{
	bool routed = !addr_is_unspecified(&p->path.local_home);
	bool optioned = !addr_is_unspecified(&p->path.peer_home);
	uint8_t header[EXT_HAO_LEN];
	struct writer w;
	size_t len = p->len < MH_LEN_MAX ? p->len : MH_LEN_MAX;
	size_t payload = len + (routed ? EXT_RH2_LEN : 0) + (optioned ? EXT_HAO_LEN : 0);
	uint8_t behind_rh2 = optioned ? WIRE_PROTO_DSTOPTS : WIRE_PROTO_MH;

	writer_init(&w, buf, size);
	write_u32(&w, 6U << 28);
	write_u16(&w, (uint16_t)payload);
	write_u8(&w, routed ? WIRE_PROTO_ROUTING : behind_rh2);
	write_u8(&w, p->hop_limit);
	write_addr(&w, &p->path.peer);
	write_addr(&w, &p->path.local);
	if (routed) {
		ext_encode_rh2(behind_rh2, &p->path.local_home, header);
		write_bytes(&w, header, EXT_RH2_LEN);
	}
	if (optioned) {
		ext_encode_hao(WIRE_PROTO_MH, &p->path.peer_home, header);
		write_bytes(&w, header, EXT_HAO_LEN);
	}
	*mh_at = writer_len(&w);
	write_bytes(&w, p->data, len);
	return writer_len(&w);
}

void mip6_send_param_problem(struct mip6 *m, const struct mip6_packet *p, size_t offset)
{
	const struct mip6_path back = straight_back(&p->path);
	struct icmp6_msg msg = { .type = ICMP6_MSG_PARAM_PROBLEM };
	uint8_t packet[IPV6_HEADER_LEN + EXT_RH2_LEN + EXT_HAO_LEN + MH_LEN_MAX];
	size_t mh_at;

	if (!may_answer(&p->path) || p->to_multicast)
		return;
	if (!rate_pass(&m->error_rate, &p->path.peer, m->now_us)) {
		count(&m->counters, COUNT_ERROR_LIMITED);
		return;
	}
	msg.error.code = ICMP6_PARAM_HEADER;
	msg.error.packet = packet;
	msg.error.packet_len = rebuild_packet(p, packet, sizeof(packet), &mh_at);
	msg.error.value = (uint32_t)(mh_at + offset);
	mip6_send_icmp6_msg(m, &back, &msg);
}
