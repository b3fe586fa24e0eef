// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages that come in: the first judgement, which no role can change.
 *
 * A Mobility Header message passes the checks of RFC 6275 9.2 in their order
 * (checksum, type, payload protocol, header length), then its options must be
 * well formed and a Home Address option must hold a unicast routable address and,
 * but for a Binding Update, belong to a binding (9.3.1); only then the roles are
 * asked, in order, until one takes it.
 * Neighbour discovery is validated as RFC 4861 6.1 and 7.1 demand (hop limit 255
 * among it) and told to all roles, as are ICMPv6 errors and what nobody here
 * decodes. Each refusal is counted by its reason; lines in the log about them are
 * limited, because a peer can cause them.
 */
#include "core/mip6.h"

static void drop(struct mip6 *m, const struct mip6_packet *p, enum counter reason,
		 const struct wire_error *err)
{
	count(&m->counters, reason);
	log_limited(&m->drop_limit, m->now_us, LOG_CORE, LOGL_INFO,
		    "dropped from=%s to=%s len=%zu reason=%s wire=%s at=%zu",
		    ADDR_STR(&p->path.peer), ADDR_STR(&p->path.local), p->len,
		    counter_word(reason), wire_reason_name(err->reason), err->offset);
}

static enum counter mh_counter(enum mh_type type)
{
	switch (type) {
	case MH_BRR:
		return COUNT_IN_BRR;
	case MH_HOTI:
		return COUNT_IN_HOTI;
	case MH_COTI:
		return COUNT_IN_COTI;
	case MH_HOT:
		return COUNT_IN_HOT;
	case MH_COT:
		return COUNT_IN_COT;
	case MH_BU:
		return COUNT_IN_BU;
	case MH_BA:
		return COUNT_IN_BA;
	case MH_BE:
		return COUNT_IN_BE;
	}
	return COUNT_IN_MH;
}

/* RFC 6275 9.3.1: MUST be dropped if the home address is not a unicast routable
 * address; a packet dropped by that section is answered with a Binding Error. */
static bool home_is_bad(const struct mip6_packet *p)
{
	const struct in6_addr *home = &p->path.peer_home;

	return !addr_is_unspecified(home) && !addr_is_routable_unicast(home);
}

/* RFC 6275 9.3.1: a Home Address option needs a binding with the care-of address that
 * the packet came from, except on a Binding Update. The kernel checks that for data;
 * for Mobility Header messages it cannot (see hao.c). */
static bool home_is_unverified(const struct mip6 *m, const struct mip6_packet *p,
			       enum mh_type type)
{
	const struct binding *b;

	if (addr_is_unspecified(&p->path.peer_home) || type == MH_BU)
		return false;
	b = bcache_find(&m->bcache, &p->path.peer_home, path_local_id(&p->path));
	return !b || !b->want.valid || !addr_equal(&b->want.coa, &p->path.peer);
}

/* With a Binding Error, but for an error, and for the test messages, which with a
 * Home Address option MUST be ignored silently (RFC 6275 9.4.1, 9.4.2). */
static void refuse_unverified(struct mip6 *m, const struct mip6_packet *p, enum mh_type type)
{
	const struct wire_error none = { .reason = WIRE_BAD_NONE };

	drop(m, p, COUNT_HAO_UNVERIFIED, &none);
	if (type != MH_BE && type != MH_HOTI && type != MH_COTI)
		mip6_send_be(m, &p->path, MH_BE_UNKNOWN_BINDING, &p->path.peer_home);
}

/* What RFC 6275 9.2 wants to be done about a message that cannot be decoded. */
static void refuse_mh(struct mip6 *m, const struct mip6_packet *p, const struct wire_error *err)
{
	switch (err->reason) {
	case WIRE_BAD_MH_TYPE:
		drop(m, p, COUNT_DROP_MH_TYPE, err);
		mip6_send_be(m, &p->path, MH_BE_UNKNOWN_TYPE, &p->path.peer_home);
		return;
	case WIRE_BAD_PAYLOAD_PROTO:
		drop(m, p, COUNT_DROP_MH_PAYLOAD_PROTO, err);
		mip6_send_param_problem(m, p, err->offset);
		return;
	case WIRE_BAD_HEADER_LEN:
		drop(m, p, COUNT_DROP_MH_LENGTH, err);
		mip6_send_param_problem(m, p, err->offset);
		return;
	case WIRE_BAD_SHORT:
	case WIRE_BAD_TRUNCATED:
	case WIRE_BAD_LENGTH:
		drop(m, p, COUNT_DROP_MH_LENGTH, err);
		return;
	case WIRE_BAD_OPTION_PAST_END:
	case WIRE_BAD_OPTION_LEN:
	case WIRE_BAD_OPTION_REPEATED:
	case WIRE_BAD_ADDRESS:
		drop(m, p, COUNT_DROP_MH_OPTION, err);
		return;
	case WIRE_BAD_CHECKSUM:
		drop(m, p, COUNT_DROP_MH_CHECKSUM, err);
		return;
	case WIRE_BAD_NONE:
	case WIRE_BAD_CODE:
	case WIRE_BAD_HOP_LIMIT:
	case WIRE_BAD_ROUTER_ALERT:
	case WIRE_BAD_TYPE:
	case WIRE_REASON_COUNT:
		break;
	}
	drop(m, p, COUNT_DROP_MH_OPTION, err);
}

static void offer_mh(struct mip6 *m, const struct mip6_packet *p, const struct mh_msg *msg)
{
	struct wire_error none = { .reason = WIRE_BAD_NONE };
	unsigned int i;

	for (i = 0; i < m->role_count; i++) {
		const struct role *r = m->roles[i];

		if (r->on_mh && r->on_mh(m, p, msg) == ROLE_TAKEN)
			return;
	}
	drop(m, p, COUNT_DROP_MH_UNWANTED, &none);
}

/* Every role may refuse it; who keeps us busy is told all the same. */
static void note_sender(struct mip6 *m, const struct mip6_packet *p, const struct mh_msg *msg)
{
	if (msg->type == MH_BU)
		busy_note(&m->busy, path_peer_id(&p->path), m->now_us);
}

static void on_mh(struct mip6 *m, const struct mip6_packet *p)
{
	struct wire_error err = { .reason = WIRE_BAD_CHECKSUM };
	struct mh_msg msg;

	count(&m->counters, COUNT_IN_MH);
	log_trace(LOG_CORE, "in MH %s from=%s to=%s len=%zu",
		  mh_type_name((unsigned int)mh_peek_type(p->data, p->len)),
		  ADDR_STR(path_peer_id(&p->path)), ADDR_STR(path_local_id(&p->path)), p->len);
	if (!mh_checksum_ok(path_peer_id(&p->path), path_local_id(&p->path), p->data, p->len)) {
		/* What is too short to have a checksum is told apart. */
		if (mh_decode(p->data, p->len, &msg, &err) == WIRE_OK ||
		    (err.reason != WIRE_BAD_SHORT && err.reason != WIRE_BAD_TRUNCATED))
			err = (struct wire_error){ .reason = WIRE_BAD_CHECKSUM, .offset = 4 };
		refuse_mh(m, p, &err);
		return;
	}
	if (mh_decode(p->data, p->len, &msg, &err) != WIRE_OK) {
		refuse_mh(m, p, &err);
		return;
	}
	count(&m->counters, mh_counter(msg.type));
	note_sender(m, p, &msg);
	if (home_is_bad(p)) {
		err = (struct wire_error){ .reason = WIRE_BAD_ADDRESS };
		drop(m, p, COUNT_DROP_MH_HAO, &err);
		mip6_violation(m, &p->path.peer_home, &p->path.peer, 0,
			       "home address is not unicast and routable");
		mip6_send_be(m, &p->path, MH_BE_UNKNOWN_BINDING, &p->path.peer_home);
		return;
	}
	if (home_is_unverified(m, p, msg.type))
		refuse_unverified(m, p, msg.type);
	else
		offer_mh(m, p, &msg);
}

static enum counter nd_counter(enum nd_type type)
{
	switch (type) {
	case ND_RS:
		return COUNT_IN_RS;
	case ND_RA:
		return COUNT_IN_RA;
	case ND_NS:
		return COUNT_IN_NS;
	case ND_NA:
		break;
	}
	return COUNT_IN_NA;
}

/* False when it is none of neighbour discovery. */
static bool on_nd(struct mip6 *m, const struct mip6_packet *p)
{
	const struct nd_packet how = {
		.src = p->path.peer, .dst = p->path.local, .hop_limit = p->hop_limit
	};
	struct wire_error err = { .reason = WIRE_BAD_NONE };
	struct nd_msg msg;
	unsigned int i;

	switch (nd_decode(p->data, p->len, &how, &msg, &err)) {
	case WIRE_IGNORE:
		return false;
	case WIRE_MALFORMED:
		drop(m, p, COUNT_DROP_ND_FORM, &err);
		return true;
	case WIRE_OK:
		break;
	}
	count(&m->counters, nd_counter(msg.type));
	for (i = 0; i < m->role_count; i++) {
		if (m->roles[i]->on_nd)
			m->roles[i]->on_nd(m, p, &msg);
	}
	return true;
}

static void tell_error(struct mip6 *m, const struct mip6_packet *p, const struct icmp6_msg *msg)
{
	unsigned int i;

	count(&m->counters, COUNT_IN_ICMP_ERROR);
	for (i = 0; i < m->role_count; i++) {
		if (m->roles[i]->on_icmp6_error)
			m->roles[i]->on_icmp6_error(m, p, msg);
	}
}

static void offer_icmp6(struct mip6 *m, const struct mip6_packet *p, const struct icmp6_msg *msg,
			enum counter counter)
{
	struct wire_error none = { .reason = WIRE_BAD_NONE };
	unsigned int i;

	count(&m->counters, counter);
	for (i = 0; i < m->role_count; i++) {
		const struct role *r = m->roles[i];

		if (r->on_icmp6 && r->on_icmp6(m, p, msg) == ROLE_TAKEN)
			return;
	}
	drop(m, p, COUNT_DROP_ICMP6_UNWANTED, &none);
}

static void sort_icmp6(struct mip6 *m, const struct mip6_packet *p, const struct icmp6_msg *msg)
{
	switch (msg->type) {
	case ICMP6_MSG_UNREACHABLE:
	case ICMP6_MSG_TOO_BIG:
	case ICMP6_MSG_TIME_EXCEEDED:
	case ICMP6_MSG_PARAM_PROBLEM:
		tell_error(m, p, msg);
		return;
	case ICMP6_MSG_DHAAD_REQUEST:
		offer_icmp6(m, p, msg, COUNT_IN_DHAAD_REQ);
		return;
	case ICMP6_MSG_DHAAD_REPLY:
		offer_icmp6(m, p, msg, COUNT_IN_DHAAD_REP);
		return;
	case ICMP6_MSG_MPS:
		offer_icmp6(m, p, msg, COUNT_IN_MPS);
		return;
	case ICMP6_MSG_MPA:
		offer_icmp6(m, p, msg, COUNT_IN_MPA);
		return;
	}
}

static void tell_other(struct mip6 *m, const struct mip6_packet *p)
{
	unsigned int i;

	for (i = 0; i < m->role_count; i++) {
		if (m->roles[i]->on_icmp6_other)
			m->roles[i]->on_icmp6_other(m, p);
	}
}

static void on_icmp6(struct mip6 *m, const struct mip6_packet *p)
{
	struct wire_error err = { .reason = WIRE_BAD_NONE };
	struct icmp6_msg msg;

	log_trace(LOG_CORE, "in ICMPv6 type=%d from=%s to=%s len=%zu", p->len ? p->data[0] : -1,
		  ADDR_STR(path_peer_id(&p->path)), ADDR_STR(path_local_id(&p->path)), p->len);
	if (on_nd(m, p))
		return;
	switch (icmp6_decode(p->data, p->len, &msg, &err)) {
	case WIRE_OK:
		sort_icmp6(m, p, &msg);
		return;
	case WIRE_MALFORMED:
		drop(m, p, COUNT_DROP_ICMP6_FORM, &err);
		return;
	case WIRE_IGNORE:
		tell_other(m, p);
		return;
	}
}

void mip6_on_packet(struct mip6 *m, const struct mip6_packet *p)
{
	if (!m->running || m->stopping)
		return;
	switch (p->proto) {
	case KPROTO_MH:
		on_mh(m, p);
		return;
	case KPROTO_ICMP6:
		on_icmp6(m, p);
		return;
	}
}
