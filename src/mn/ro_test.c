// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Home test and care-of test run in parallel and know nothing of each other. Each
 * transmission has a cookie of its own (11.8); the answer to the last counts, and that
 * to the one before, which a long way may have delayed. A Home Test must have come
 * through the tunnel, unless the node is at home (11.6.2): who is not on the way between
 * home agent and correspondent cannot have seen the cookie, and what came otherwise was
 * not sent to the home address. Called by ro.c and its companions.
 */
#include "mn/ro_test.h"

#include <string.h>

#include "base/crypto.h"

/* 5.2.7: MAX_TOKEN_LIFETIME, less than a round trip before. */
#define TOKEN_USE_US ((RR_MAX_TOKEN_LIFETIME_S - 5) * US_PER_S)

static bool is_young(const struct ro_test *t, uint64_t now_us)
{
	return t->have && now_us - t->got_us < TOKEN_USE_US;
}

bool ro_test_is_complete(const struct ro_peer *p, bool careof)
{
	return is_young(&p->home, p->m->now_us) &&
	       (!careof || is_young(&p->careof, p->m->now_us));
}

void ro_test_cancel(struct ro_peer *p)
{
	p->home.waiting = false;
	p->careof.waiting = false;
}

static void send_one(struct ro_peer *p, struct ro_test *t, enum mh_type type,
		     const struct in6_addr *from)
{
	const struct mip6_path path = { .local = *from, .peer = p->peer };
	struct mh_msg msg = { .type = type };
	struct mh_test_init *init = type == MH_HOTI ? &msg.hoti : &msg.coti;
	struct ro_question q = { .sent_us = p->m->now_us };

	/* 11.8: what may not be sent now is sent with the next repetition */
	if (bul_pace(&home_of(p->m)->bul, &p->peer, type, p->m->now_us))
		return;
	if (crypto_random(q.cookie, sizeof(q.cookie)) < 0)
		return;
	if (!t->waiting)
		memset(t->asked, 0, sizeof(t->asked));
	t->asked[1] = t->asked[0];
	t->asked[0] = q;
	t->waiting = true;
	t->have = false;
	memcpy(init->cookie, q.cookie, sizeof(init->cookie));
	mip6_send_mh(p->m, &path, &msg);
}

void ro_test_send(struct ro_peer *p, bool careof)
{
	if (!is_young(&p->home, p->m->now_us))
		send_one(p, &p->home, MH_HOTI, &p->hoa);
	if (careof && !is_young(&p->careof, p->m->now_us))
		send_one(p, &p->careof, MH_COTI, &p->coa);
}

void ro_test_repeat_home(struct ro_peer *p)
{
	if (p->home.waiting && p->home.asked[0].sent_us < p->m->now_us)
		send_one(p, &p->home, MH_HOTI, &p->hoa);
}

/* IPsec in tunnel mode leaves no device behind: then it is the policies of the kernel
 * that let nothing else in. */
static bool ipsec_guards_tunnel(const struct conf *c)
{
	for (size_t i = 0; c->use_mn_ha_ipsec && i < c->ipsec_set_count; i++) {
		const struct conf_ipsec_set *set = &c->ipsec_sets[i];

		for (size_t n = 0; n < set->policy_count; n++) {
			if (conf_ipsec_type_is_tunnel(set->policies[n].type))
				return true;
		}
	}
	return false;
}

static bool came_from_home(const struct ro_peer *p, const struct mip6_packet *packet)
{
	const struct home_addr *h = home_find(p->m, &p->hoa);
	const struct link *l = link_find(&p->m->links, packet->path.ifindex);

	if (!h || home_is_on_home_link(h) || ipsec_guards_tunnel(p->m->conf))
		return true;
	return l && l->l.kind == KLINK_TUNNEL && l->l.ours;
}

/* The question that this answers, NULL: none of ours. */
static const struct ro_question *question_of(const struct ro_test *t, const uint8_t *cookie)
{
	for (int i = 0; i < 2; i++) {
		if (t->asked[i].sent_us &&
		    crypto_equal(cookie, t->asked[i].cookie, sizeof(t->asked[i].cookie)))
			return &t->asked[i];
	}
	return NULL;
}

bool ro_test_take(struct ro_peer *p, const struct mip6_packet *packet, const struct mh_msg *msg)
{
	bool home = msg->type == MH_HOT;
	const struct mh_test *test = home ? &msg->hot : &msg->cot;
	struct ro_test *t = home ? &p->home : &p->careof;
	const struct ro_question *q;

	/* 11.6.2: to the address that was tested, without headers, with our cookie */
	if (!addr_equal(&packet->path.local, home ? &p->hoa : &p->coa) ||
	    !addr_is_unspecified(&packet->path.local_home) ||
	    !addr_is_unspecified(&packet->path.peer_home))
		return false;
	if (!t->waiting || (home && !came_from_home(p, packet)))
		return false;
	q = question_of(t, test->cookie);
	if (!q) {
		count(&p->m->counters, COUNT_RR_BAD_COOKIE);
		return false;
	}
	t->waiting = false;
	t->have = true;
	t->got_us = p->m->now_us;
	t->index = test->nonce_index;
	memcpy(t->token, test->token, sizeof(t->token));
	if (!home)
		p->rtt_us = t->got_us - q->sent_us;
	return true;
}
