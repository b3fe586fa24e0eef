// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Home test and care-of test run in parallel and know nothing of each other. A cookie
 * stays the same while a test is repeated, so that the answer to any of its
 * transmissions counts; a new test has a new one. Called by ro.c.
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

	/* 11.8: what may not be sent now is sent with the next repetition */
	if (bul_pace(&home_of(p->m)->bul, &p->peer, type, p->m->now_us))
		return;
	if (!t->waiting && crypto_random(t->cookie, sizeof(t->cookie)) < 0)
		return;
	t->waiting = true;
	t->have = false;
	t->sent_us = p->m->now_us;
	memcpy(init->cookie, t->cookie, sizeof(init->cookie));
	mip6_send_mh(p->m, &path, &msg);
}

void ro_test_send(struct ro_peer *p, bool careof)
{
	if (!is_young(&p->home, p->m->now_us))
		send_one(p, &p->home, MH_HOTI, &p->hoa);
	if (careof && !is_young(&p->careof, p->m->now_us))
		send_one(p, &p->careof, MH_COTI, &p->coa);
}

bool ro_test_take(struct ro_peer *p, const struct mip6_packet *packet, const struct mh_msg *msg)
{
	bool home = msg->type == MH_HOT;
	const struct mh_test *test = home ? &msg->hot : &msg->cot;
	struct ro_test *t = home ? &p->home : &p->careof;

	/* 11.6.2: to the address that was tested, without headers, with our cookie */
	if (!addr_equal(&packet->path.local, home ? &p->hoa : &p->coa) ||
	    !addr_is_unspecified(&packet->path.local_home) ||
	    !addr_is_unspecified(&packet->path.peer_home))
		return false;
	if (!t->waiting)
		return false;
	if (!crypto_equal(test->cookie, t->cookie, sizeof(t->cookie))) {
		count(&p->m->counters, COUNT_RR_BAD_COOKIE);
		return false;
	}
	t->waiting = false;
	t->have = true;
	t->got_us = p->m->now_us;
	t->index = test->nonce_index;
	memcpy(t->token, test->token, sizeof(t->token));
	if (!home)
		p->rtt_us = t->got_us - t->sent_us;
	return true;
}
