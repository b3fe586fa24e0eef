// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The correspondent's table of hooks (RFC 6275 section 9), and the return
 * routability procedure as it answers it (5.2, 9.4): a Home Test Init or Care-of Test
 * Init is answered from what stands in it and a nonce, and nothing is kept. The
 * answer is one packet, longer than the question by the token only, and goes to its
 * source, so little is gained by sending one in somebody else's name.
 */
#include "cn/cn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "cn/binding.h"
#include "cn/cn_show.h"
#include "cn/kept_state.h"
#include "core/hao.h"

/* 5.2.2: expired nonces MUST be discarded, also when nobody asks for a new one. */
static void on_nonce_timer(struct timer *t, uint64_t now_us)
{
	struct mip6 *m = t->ctx;

	mip6_turn(m, now_us);
	timer_set(m->timers, t, time_add(rr_expire(&cn_of(m)->rr, now_us), 1), NULL);
}

static int start(struct mip6 *m)
{
	struct cn *cn = calloc(1, sizeof(*cn));
	struct footprint f;
	int err;

	if (!cn)
		return -ENOMEM;
	m->cn = cn;
	kept_init(&cn->base, m, "correspondent");
	timer_init(&cn->nonce_timer, "nonce", on_nonce_timer, m);
	err = rr_init(&cn->rr);
	if (err)
		return err;
	if (!m->ha && !m->mn) { /* these do it for themselves, and for us */
		footprint_init(&f);
		hao_admit_objects(&f);
		kept_set(&cn->base, &f);
	}
	cn_restore(m);
	cn_binding_recheck(m);
	return 0;
}

static void stop(struct mip6 *m, enum role_stop how)
{
	struct footprint nothing;

	timer_cancel(m->timers, &cn_of(m)->nonce_timer);
	cn_binding_stop(m, how);
	if (how == ROLE_RESTART)
		return;
	footprint_init(&nothing);
	kept_set(&cn_of(m)->base, &nothing);
}

static void cn_free(struct mip6 *m)
{
	struct cn *cn = cn_of(m);

	if (!cn)
		return;
	timer_cancel(m->timers, &cn->nonce_timer);
	cn_binding_free(m);
	kept_free(&cn->base);
	rr_free(&cn->rr);
	free(cn);
	m->cn = NULL;
}

static void reconfigure(struct mip6 *m, const struct conf *old)
{
	(void)old;
	cn_binding_recheck(m);
}

/* 9.4.1 to 9.4.4. A Home Address option is not allowed in either; the core has seen to
 * that. */
static void answer_test(struct mip6 *m, const struct mip6_packet *p, const struct mh_msg *msg)
{
	bool home = msg->type == MH_HOTI;
	struct mip6_path path = p->path;
	struct mh_msg reply = { .type = home ? MH_HOT : MH_COT };
	struct mh_test *test = home ? &reply.hot : &reply.cot;
	const struct rr_nonce *nonce;
	unsigned int newest;

	path.ifindex = 0;
	if (p->to_multicast || !addr_is_unspecified(&p->path.peer_home) ||
	    !addr_is_routable_unicast(&p->path.peer))
		return;
	/* No route optimization with this node: its tests are not answered. Of a care-of
	 * address it is not known whose it is. */
	if (home && !conf_cn_accepts(m->conf, &p->path.peer, path_local_id(&p->path)))
		return;
	newest = cn_of(m)->rr.newest;
	nonce = rr_current(&cn_of(m)->rr, m->now_us);
	if (!nonce || rr_token(nonce, &p->path.peer, home ? RR_HOME : RR_CAREOF, test->token) < 0) {
		log_error(LOG_RR, "no keygen token could be made");
		return;
	}
	if (cn_of(m)->rr.newest != newest)
		cn_save_nonces(m);
	if (!timer_is_set(&cn_of(m)->nonce_timer))
		timer_set(m->timers, &cn_of(m)->nonce_timer,
			  time_add(rr_expire(&cn_of(m)->rr, m->now_us), 1), NULL);
	test->nonce_index = nonce->index;
	memcpy(test->cookie, home ? msg->hoti.cookie : msg->coti.cookie, sizeof(test->cookie));
	mip6_send_mh(m, &path, &reply);
	crypto_wipe(&reply, sizeof(reply));
}

static enum role_verdict on_mh(struct mip6 *m, const struct mip6_packet *p,
			       const struct mh_msg *msg)
{
	switch (msg->type) {
	case MH_HOTI:
	case MH_COTI:
		answer_test(m, p, msg);
		return ROLE_TAKEN;
	case MH_BU:
		cn_binding_on_bu(m, p, msg);
		return ROLE_TAKEN;
	case MH_BRR:
	case MH_HOT:
	case MH_COT:
	case MH_BA:
	case MH_BE:
		break;
	}
	return ROLE_PASS;
}

/* A Home Address option without a binding (9.3.1): a Binding Error, status 1 (9.3.3). */
static void on_xfrm(struct mip6 *m, const struct kxfrm_event *x)
{
	const struct mip6_path path = { .local = x->dst, .peer = x->coaddr };

	if (x->what != KXFRM_EVENT_REPORT || x->proto != KXFRM_HAO)
		return;
	count(&m->counters, COUNT_HAO_UNVERIFIED);
	mip6_violation(m, &x->src, &x->coaddr, 0, "Home Address option without a binding");
	mip6_send_be(m, &path, MH_BE_UNKNOWN_BINDING, &x->src);
}

static void on_icmp6_error(struct mip6 *m, const struct mip6_packet *p,
			   const struct icmp6_msg *msg)
{
	(void)p;
	cn_binding_on_error(m, msg);
}

static void on_lost(struct mip6 *m, const struct kobj *o)
{
	/* of ours; bindings may have the same, when all were flushed */
	kept_on_lost(&cn_of(m)->base, o);
	cn_binding_on_lost(m, o);
}

const struct role cn_role = {
	.name = "cn",
	.start = start,
	.stop = stop,
	.free = cn_free,
	.reconfigure = reconfigure,
	.on_mh = on_mh,
	.on_icmp6_error = on_icmp6_error,
	.on_xfrm = on_xfrm,
	.on_lost = on_lost,
	.end_binding = cn_end_binding,
	.objects = cn_objects,
	.ways = cn_ways,
	.shows = cn_shows,
};
