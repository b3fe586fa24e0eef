// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a peer of route optimization says, and what is said about it: Home Test and
 * Care-of Test (RFC 6275 11.6.2), Binding Acknowledgement (11.7.3), Binding Error
 * (11.3.6), Binding Refresh Request (11.7.4), ICMPv6 errors (11.3.5, RFC 4443).
 *
 * An acknowledgement is signed, but for 136 to 138. All else anybody can forge who
 * knows the addresses. So a message counts only where it fits what we have sent; at most
 * it sends the traffic back into the tunnel and makes us ask again, at the permitted
 * rate. Called by mn.c.
 */
#include "core/auth.h"
#include "mn/ro_peer.h"
#include "mn/ro_test.h"
#include "wire/ext.h"

/* A Binding Error or a request to refresh so soon after an update is about what was
 * before it, or the peer has not taken the update. */
#define FRESH_US (5 * US_PER_S)

/* --- tests ---------------------------------------------------------------------------- */

void ro_on_test(struct mip6 *m, const struct mip6_packet *packet, const struct mh_msg *msg)
{
	struct ro_peer *p;

	TAILQ_FOREACH (p, &ro_of(m)->peers, entry) {
		if (!addr_equal(&p->peer, &packet->path.peer) || !ro_test_take(p, packet, msg))
			continue;
		if ((p->state == RO_TESTING || p->state == RO_DELETING) &&
		    ro_test_is_complete(p, p->state != RO_DELETING))
			ro_peer_begin(p);
		return;
	}
	count(&m->counters, COUNT_RR_STRAY);
}

/* --- acknowledgements ----------------------------------------------------------------- */

/* The last update may still be answered. Where no acknowledgement was asked for, only a
 * refusal comes, and it may come late (9.5.4). */
static bool is_outstanding(const struct ro_peer *p)
{
	if (p->state == RO_BINDING || p->state == RO_DELETING)
		return true;
	return p->state == RO_BOUND && !(p->bul->flags & MH_BU_A) &&
	       p->m->now_us - p->bul->sent_us < BUL_MAX_BINDACK_TIMEOUT_US;
}

static bool is_authentic(const struct ro_peer *p, const struct mip6_packet *packet,
			 const struct mh_msg *msg)
{
	/* 9.5.4: with these there can be no authenticator; they are believed only as far
	 * as testing anew goes. */
	if (msg->ba.status >= MH_STATUS_HOME_NONCE && msg->ba.status <= MH_STATUS_NONCES)
		return true;
	return auth_check(p->kbm, sizeof(p->kbm), &p->bul->coa, &p->peer, packet->data, packet->len,
			  &msg->opts);
}

static void on_refusal(struct ro_peer *p, uint8_t status)
{
	ro_peer_set_direct(p, false);
	p->bul->status = status;
	if (++p->refusals > RO_REFUSALS_MAX) {
		ro_peer_go_quiet(p, "the peer refuses Binding Updates");
		return;
	}
	switch (status) {
	case MH_STATUS_SEQUENCE: /* 11.7.3: from the number that the peer knows, see below */
		break;
	case MH_STATUS_HOME_NONCE: /* 5.2.7: the test anew, only that whose nonce expired */
		p->home.have = false;
		break;
	case MH_STATUS_CAREOF_NONCE:
		p->careof.have = false;
		break;
	case MH_STATUS_NONCES:
		p->home.have = false;
		p->careof.have = false;
		break;
	default:
		ro_peer_go_quiet(p, mh_ba_status_name(status));
		return;
	}
	ro_peer_begin(p);
}

void ro_on_ba(struct mip6 *m, const struct mip6_packet *packet, const struct mh_msg *msg)
{
	struct ro_peer *p = ro_peer_find(m, path_local_id(&packet->path),
					 path_peer_id(&packet->path));
	const struct mh_ba *ba = &msg->ba;

	if (!p || !p->bul || !p->bul->sent_us || !is_authentic(p, packet, msg)) {
		count(&m->counters, COUNT_BA_STRAY);
		return;
	}
	/* 11.7.3: MUST match the number given, whatever was begun meanwhile. */
	if (ba->status == MH_STATUS_SEQUENCE)
		bul_set_seq(p->bul, ba->seq);
	/* 11.7.3: the number is that of an update that is unanswered, but for 135. */
	if (!is_outstanding(p) || (ba->seq != p->bul->seq && ba->status != MH_STATUS_SEQUENCE)) {
		count(&m->counters, COUNT_BA_STRAY);
		return;
	}
	if (ba->status >= MH_STATUS_REJECTED_FROM)
		on_refusal(p, ba->status);
	else if (p->state == RO_DELETING)
		ro_peer_forget(p);
	else
		ro_peer_bound(p, ba->status, ba->lifetime_s);
}

/* --- Binding Errors ------------------------------------------------------------------- */

static bool is_asking(const struct ro_peer *p)
{
	return p->home.waiting || p->careof.waiting || p->state == RO_BINDING ||
	       p->state == RO_DELETING;
}

/* 11.3.6: everything by the home agent again, and a new binding; the sequence number goes
 * on. What we were about to do anyway goes on as well. */
static void on_unknown_binding(struct ro_peer *p)
{
	bool soon = p->bul && p->m->now_us - p->bul->sent_us < FRESH_US;

	if (!p->installed)
		return;
	ro_peer_set_direct(p, false);
	bul_note_gone(p->bul);
	if (p->state != RO_BOUND)
		return;
	if (soon && ++p->refusals > RO_REFUSALS_MAX)
		ro_peer_go_quiet(p, "the peer forgets its binding at once");
	else
		ro_peer_begin_anew(p);
}

/* The error is about what we sent from one of both addresses (9.3.3). */
static bool concerns(const struct ro_peer *p, const struct mip6_packet *packet,
		     const struct in6_addr *home)
{
	const struct in6_addr *to = path_local_id(&packet->path);

	if (!addr_equal(&p->peer, &packet->path.peer))
		return false;
	if (!addr_is_unspecified(home))
		return addr_equal(&p->hoa, home);
	return addr_equal(&p->hoa, to) || addr_equal(&p->coa, to);
}

bool ro_on_be(struct mip6 *m, const struct mip6_packet *packet, const struct mh_msg *msg)
{
	struct ro_peer *p;
	bool ours = false;

	TAILQ_FOREACH (p, &ro_of(m)->peers, entry) {
		if (!concerns(p, packet, &msg->be.home))
			continue;
		ours = true;
		if (msg->be.status == MH_BE_UNKNOWN_BINDING)
			on_unknown_binding(p);
		else if (msg->be.status == MH_BE_UNKNOWN_TYPE && is_asking(p))
			ro_peer_has_no_mobility(p);
	}
	return ours;
}

/* --- Binding Refresh Requests --------------------------------------------------------- */

bool ro_on_brr(struct mip6 *m, const struct mip6_packet *packet)
{
	struct ro_peer *p = ro_peer_find(m, path_local_id(&packet->path),
					 path_peer_id(&packet->path));

	if (!p)
		return false;
	/* 11.7.4. That it is in use is what the peer says with it; it may all go one way. */
	if (p->state == RO_BOUND && m->now_us - p->bul->sent_us >= FRESH_US)
		ro_peer_begin_anew(p);
	return true;
}

/* --- ICMPv6 errors -------------------------------------------------------------------- */

/* RFC 4443 3.4: the pointer is at a Next Header field that says Mobility Header, and the
 * message is one of those that are sent to correspondents. */
static bool is_about_our_mh(const struct icmp6_error *e, const struct ext_packet *q)
{
	enum { TYPE_AT = 2 }; /* in the Mobility Header */
	uint8_t type;

	if (e->value >= e->packet_len || e->packet[e->value] != WIRE_PROTO_MH ||
	    q->upper_proto != WIRE_PROTO_MH || q->has_rh2 || q->upper_at + TYPE_AT >= e->packet_len)
		return false;
	type = e->packet[q->upper_at + TYPE_AT];
	return type == MH_HOTI || type == MH_COTI || type == MH_BU;
}

static void on_param_problem(struct ro_peer *p, const struct in6_addr *from,
			     const struct icmp6_error *e, const struct ext_packet *q)
{
	if (!addr_equal(from, &p->peer))
		return;
	/* 11.3.5, 11.6.2: no Mobility Header there. */
	if (e->code == ICMP6_PARAM_NEXT_HEADER && is_about_our_mh(e, q) && is_asking(p))
		ro_peer_has_no_mobility(p);
	/* 11.3.5: SHOULD log the error and discard the message. */
	else if (e->code == ICMP6_PARAM_OPTION && q->has_hao && e->value == q->hao_at)
		log_limited(&ro_of(p->m)->limit, p->m->now_us, LOG_RR, LOGL_WARNING,
			    "peer=%s hoa=%s: does not know the Home Address option, so it says",
			    ADDR_STR(&p->peer), ADDR_STR(&p->hoa));
}

/* RFC 4443 3.1: true when packets do not get there; an unreachable port tells that they
 * do. */
static bool is_no_path(uint8_t code)
{
	switch (code) {
	case ICMP6_UNREACH_ROUTE:
	case ICMP6_UNREACH_PROHIBITED:
	case ICMP6_UNREACH_SCOPE:
	case ICMP6_UNREACH_ADDRESS:
	case ICMP6_UNREACH_SOURCE_POLICY:
	case ICMP6_UNREACH_REJECTED:
		return true;
	}
	return false;
}

void ro_on_icmp6_error(struct mip6 *m, const struct mip6_packet *packet,
		       const struct icmp6_msg *msg)
{
	const struct icmp6_error *e = &msg->error;
	struct wire_error err;
	struct ext_packet q;
	struct ro_peer *p;

	if (msg->type != ICMP6_MSG_PARAM_PROBLEM && msg->type != ICMP6_MSG_UNREACHABLE)
		return;
	if (ext_parse_packet(e->packet, e->packet_len, &q, &err) == WIRE_IGNORE)
		return;
	TAILQ_FOREACH (p, &ro_of(m)->peers, entry) {
		/* What it quotes is from us to the peer, from the home address or from where
		 * we are now. */
		if (!addr_equal(&p->peer, ext_end_dst(&q)) || p->state == RO_QUIET)
			continue;
		if (q.has_hao ? !addr_equal(&p->hoa, &q.hao) || !addr_equal(&p->coa, &q.src) :
				!addr_equal(&p->hoa, &q.src) && !addr_equal(&p->coa, &q.src))
			continue;
		if (msg->type == ICMP6_MSG_PARAM_PROBLEM)
			on_param_problem(p, path_peer_id(&packet->path), e, &q);
		else if (q.has_hao && is_no_path(e->code) &&
			 (p->installed || p->state == RO_BINDING))
			ro_peer_go_quiet(p, "the direct path does not reach the peer");
	}
}
