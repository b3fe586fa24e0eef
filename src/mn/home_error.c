// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What comes back wrong from a home agent: ICMPv6 errors about our signalling (RFC
 * 6275 11.3.5), Binding Errors (11.3.6), and Binding Refresh Requests (11.7.4).
 * None of them is authenticated, so each can at most make the node ask its home
 * agent, at the permitted rate, or, where the home agent seems to know no mobility at
 * all, look elsewhere; and that only when it quotes what we have sent.
 */
#include "mn/home.h"
#include "wire/ext.h"

/* The home address whose signalling the error quotes, NULL: none. */
static struct home_addr *find_quoted(const struct mip6 *m, const struct icmp6_error *error,
				     struct ext_packet *quoted)
{
	struct wire_error err;
	struct home_addr *h;

	if (ext_parse_packet(error->packet, error->packet_len, quoted, &err) == WIRE_IGNORE)
		return NULL;
	h = home_find(m, ext_end_src(quoted));
	return h && h->bul && addr_equal(&quoted->dst, &h->ha) ? h : NULL;
}

/* "In response to" (11.3.5) the last Binding Update: its number is in there (6.1.7), which who
 * has not seen it cannot know. */
static bool quotes_last_update(const struct home_addr *h, const struct icmp6_error *error,
			       const struct ext_packet *quoted)
{
	enum { TYPE_AT = 2, SEQ_AT = 6 }; /* in the Mobility Header */
	const uint8_t *mh = error->packet + quoted->upper_at;

	return quoted->upper_proto == WIRE_PROTO_MH &&
	       quoted->upper_at + SEQ_AT + 2 <= error->packet_len && mh[TYPE_AT] == MH_BU &&
	       (mh[SEQ_AT] << 8 | mh[SEQ_AT + 1]) == h->bul->seq;
}

static void on_param_problem(struct home_addr *h, const struct mip6_packet *p,
			     const struct icmp6_error *error, const struct ext_packet *quoted)
{
	log_limited(&home_of(h->m)->limit, h->m->now_us, LOG_MN, LOGL_WARNING,
		    "hoa=%s ha=%s parameter problem from %s code=%u at=%u", ADDR_STR(&h->hoa),
		    ADDR_STR(&h->ha), ADDR_STR(&p->path.peer), error->code, error->value);
	/* MnDiscardHaParamProb: anyone could have sent it. And what protects itself does not
	 * give in to what is not protected. */
	if ((h->m->conf->mn_discard_ha_param_prob || home_is_protected(h)) && !p->protected)
		return;
	/* Code 1: no Mobility Header there. Code 2 is logged and discarded (SHOULD);
	 * code 0 is a fault of one message. A home agent that has acknowledged before knows
	 * mobility: its daemon is just being started anew, and is asked again. So it is about
	 * a deletion, which ends by itself. */
	if (error->code == ICMP6_PARAM_NEXT_HEADER && h->bul->waiting && !h->bul->acked_us &&
	    !h->deregister && addr_equal(&p->path.peer, &h->ha) &&
	    quotes_last_update(h, error, quoted)) {
		h->deaf_answers++;
		home_refused(h, MH_STATUS_NO_HOME_REGISTRATION);
	}
}

void home_on_icmp6_error(struct mip6 *m, const struct mip6_packet *p, const struct icmp6_msg *msg)
{
	struct ext_packet quoted;
	struct home_addr *h = find_quoted(m, &msg->error, &quoted);

	if (!h)
		return;
	switch (msg->type) {
	case ICMP6_MSG_PARAM_PROBLEM:
		on_param_problem(h, p, &msg->error, &quoted);
		break;
	case ICMP6_MSG_UNREACHABLE:
	case ICMP6_MSG_TIME_EXCEEDED:
		/* Retransmission goes on: routes may be on their way. */
		log_limited(&home_of(m)->limit, m->now_us, LOG_MN, LOGL_INFO,
			    "hoa=%s ha=%s cannot be reached, says %s (type=%u code=%u)",
			    ADDR_STR(&h->hoa), ADDR_STR(&h->ha), ADDR_STR(&p->path.peer),
			    msg->type, msg->error.code);
		break;
	case ICMP6_MSG_TOO_BIG:
	case ICMP6_MSG_DHAAD_REQUEST:
	case ICMP6_MSG_DHAAD_REPLY:
	case ICMP6_MSG_MPS:
	case ICMP6_MSG_MPA:
		break;
	}
	home_path_flush(m);
}

/* Asks the home agent for a confirmation now, unless an answer is waited for. */
static void register_again(struct home_addr *h, const char *why)
{
	if (h->state != HOME_REGISTERED || h->bul->waiting)
		return;
	log_info(LOG_MN, "hoa=%s ha=%s %s: registering again", ADDR_STR(&h->hoa),
		 ADDR_STR(&h->ha), why);
	home_register(h);
}

/* The home address that a message from a home agent is about. */
static struct home_addr *find_for(const struct mip6 *m, const struct mip6_packet *p,
				  const struct in6_addr *hoa)
{
	struct home_addr *h = home_find(m, hoa);

	return h && h->bul && addr_equal(path_peer_id(&p->path), &h->ha) ? h : NULL;
}

bool home_on_be(struct mip6 *m, const struct mip6_packet *p, const struct mh_msg *msg)
{
	struct home_addr *h = find_for(m, p, &msg->be.home);

	if (!h)
		return false;
	if (msg->be.status == MH_BE_UNKNOWN_BINDING)
		register_again(h, "the home agent knows no binding");
	else
		log_limited(&home_of(m)->limit, m->now_us, LOG_MN, LOGL_WARNING,
			    "hoa=%s ha=%s Binding Error %u %s", ADDR_STR(&h->hoa),
			    ADDR_STR(&h->ha), msg->be.status,
			    mh_be_status_name(msg->be.status));
	home_path_flush(m);
	return true;
}

bool home_on_brr(struct mip6 *m, const struct mip6_packet *p)
{
	struct home_addr *h = find_for(m, p, path_local_id(&p->path));

	if (!h)
		return false;
	register_again(h, "the home agent asks for it");
	home_path_flush(m);
	return true;
}
