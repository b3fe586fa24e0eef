// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Route optimization, the life of a peer: from the first packet in the tunnel to the
 * end of the traffic. What is sent and heard of return routability is in ro_test.c.
 *
 *	traffic --> testing --> binding --> bound --> (traffic goes on) testing ...
 *	                                         `--> (no traffic) forgotten at its end
 *	any: moved --> testing, with the tunnel meanwhile; home --> deleting --> forgotten
 *	any: no answer, refused, no Mobile IPv6 --> quiet, for ever longer
 *
 * Data goes to the peer directly only from when its binding is known, or must be: with
 * the Binding Acknowledgement, or, where none is asked for (UseCnBuAck), a round trip
 * after the Binding Update. So no packet with a Home Address option overtakes it. The
 * sequence number lives in the Binding Update List and never goes back, also when a
 * peer has lost its binding. Called by mn.c, and by registration (home_listen()).
 */
#include "mn/ro.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/auth.h"
#include "core/hao.h"
#include "mn/ro_test.h"
#include "wire/ext.h"

/* How often the tunnel's traffic is told, for each peer. */
#define TRAFFIC_PACE_US US_PER_S
/* A binding is renewed at three quarters of its lifetime, and before the home keygen
 * token is too old for a move (5.2.7: MAX_TOKEN_LIFETIME), while packets were sent
 * within this time. */
#define RENEW_LATEST_US (200 * US_PER_S)
#define IN_USE_US	(60 * US_PER_S)
/* After a peer has not answered, or cannot. */
#define QUIET_FIRST_US (60 * US_PER_S)
#define QUIET_MAX_US   (3600 * US_PER_S)
#define DELETES_MAX    3

const char *ro_state_name(enum ro_state s)
{
	switch (s) {
	case RO_TESTING:
		return "testing";
	case RO_BINDING:
		return "binding";
	case RO_BOUND:
		return "bound";
	case RO_DELETING:
		return "deleting";
	case RO_QUIET:
		return "quiet";
	}
	return "?";
}

static struct ro *ro_of(const struct mip6 *m)
{
	return mn_of(m)->ro;
}

static void set_state(struct ro_peer *p, enum ro_state to)
{
	if (p->state == to)
		return;
	log_info(LOG_RR, "peer=%s hoa=%s %s -> %s", ADDR_STR(&p->peer), ADDR_STR(&p->hoa),
		 ro_state_name(p->state), ro_state_name(to));
	p->state = to;
}

static struct ro_peer *find(const struct mip6 *m, const struct in6_addr *hoa,
			    const struct in6_addr *peer)
{
	struct ro_peer *p;

	TAILQ_FOREACH (p, &ro_of(m)->peers, entry) {
		if (addr_equal(&p->peer, peer) && addr_equal(&p->hoa, hoa))
			return p;
	}
	return NULL;
}

/* --- the kernel ------------------------------------------------------------------------ */

static void ro_footprint(const struct ro_peer *p, struct footprint *f)
{
	hao_send_objects(f, &p->hoa, &p->coa, &p->peer);
}

static void set_direct(struct ro_peer *p, bool direct)
{
	struct footprint f;

	if (p->installed == direct)
		return;
	p->installed = direct;
	footprint_init(&f);
	if (direct)
		ro_footprint(p, &f);
	kept_set(&p->kept, &f);
	mip6_event(p->m, direct ? MIP6_EVENT_RO_BEGUN : MIP6_EVENT_RO_ENDED,
		   "hoa=%s peer=%s coa=%s", ADDR_STR(&p->hoa), ADDR_STR(&p->peer),
		   ADDR_STR(&p->coa));
}

static bool is_in_use(const struct ro_peer *p)
{
	struct footprint f;
	bool used = false;

	footprint_init(&f);
	ro_footprint(p, &f);
	for (size_t i = 0; p->installed && i < f.count && !used; i++) {
		uint64_t idle_us;

		if (f.items[i].type == KOBJ_XFRM_STATE &&
		    p->m->kernel->ops->last_use(p->m->kernel, &f.items[i], &idle_us) == 0)
			used = idle_us < IN_USE_US;
	}
	footprint_free(&f);
	return used;
}

/* --- peers ----------------------------------------------------------------------------- */

static void forget(struct ro_peer *p)
{
	struct ro *ro = ro_of(p->m);

	TAILQ_REMOVE(&ro->peers, p, entry);
	ro->count--;
	timer_cancel(p->m->timers, &p->timer);
	set_direct(p, false);
	kept_end(&p->kept);
	bul_remove(&home_of(p->m)->bul, p->bul);
	crypto_wipe(p, sizeof(*p));
	free(p);
}

static void go_quiet(struct ro_peer *p, const char *why)
{
	uint64_t for_us = QUIET_FIRST_US << (p->failures < 6 ? p->failures : 6);

	p->failures++;
	p->why = why;
	p->quiet_until_us = time_add(p->m->now_us, for_us < QUIET_MAX_US ? for_us : QUIET_MAX_US);
	log_info(LOG_RR, "peer=%s hoa=%s: %s", ADDR_STR(&p->peer), ADDR_STR(&p->hoa), why);
	set_direct(p, false);
	ro_test_cancel(p);
	timer_cancel(p->m->timers, &p->timer);
	set_state(p, RO_QUIET);
}

static void set_timer(struct ro_peer *p, uint64_t at_us)
{
	timer_set(p->m->timers, &p->timer, at_us, &ro_of(p->m)->timers);
}

/* The next transmission: a second, then twice as long each time (11.8). */
static void back_off(struct ro_peer *p)
{
	set_timer(p, time_add(p->m->now_us, p->wait_us));
	p->wait_us *= 2;
	if (p->wait_us > BUL_MAX_BINDACK_TIMEOUT_US)
		p->wait_us = BUL_MAX_BINDACK_TIMEOUT_US;
	p->sends++;
}

static unsigned int sends_max(const struct ro_peer *p)
{
	unsigned int n = p->m->conf->mn_max_cn_consecutive_resends;

	return n ? n + 1 : UINT32_MAX;
}

/* --- Binding Updates (11.7.2) ---------------------------------------------------------- */

static struct bul_entry *entry_of(struct ro_peer *p)
{
	struct bul *bul = &home_of(p->m)->bul;
	uint16_t first = 0;

	if (p->bul)
		return p->bul;
	p->bul = bul_add(bul, BUL_CORRESPONDENT, &p->hoa, &p->peer);
	if (!p->bul)
		return NULL;
	p->bul->ro = p;
	crypto_random(&first, sizeof(first));
	bul_set_seq(p->bul, first);
	return p->bul;
}

static void send_update(struct ro_peer *p, bool delete, bool from_home)
{
	const struct in6_addr *coa = delete ? &p->hoa : &p->coa;
	struct mip6_path path = { .local = p->coa, .local_home = p->hoa, .peer = p->peer };
	struct mh_msg msg = { .type = MH_BU };
	struct bul_entry *e = entry_of(p);

	if (!e)
		return;
	if (from_home) { /* 11.5.5 */
		path.local = p->hoa;
		memset(&path.local_home, 0, sizeof(path.local_home));
	}
	rr_kbm(p->home.token, delete ? NULL : p->careof.token, p->kbm);
	msg.bu.flags = p->m->conf->use_cn_bu_ack || delete ? MH_BU_A : 0;
	if (!delete)
		msg.bu.lifetime_s = mh_lifetime_floor_s(p->m->conf->mn_max_cn_binding_life_s);
	msg.bu.seq = bul_note_sent(e, coa, msg.bu.flags, msg.bu.lifetime_s, p->m->now_us);
	msg.opts.present = MH_HAS_NONCES;
	msg.opts.home_nonce = p->home.index;
	msg.opts.careof_nonce = delete ? 0 : p->careof.index;
	log_info(LOG_RR, "peer=%s hoa=%s BU seq=%u coa=%s lifetime=%u", ADDR_STR(&p->peer),
		 ADDR_STR(&p->hoa), msg.bu.seq, ADDR_STR(coa), msg.bu.lifetime_s);
	mip6_send_mh_auth(p->m, &path, &msg, p->kbm, sizeof(p->kbm), coa, &p->peer);
}

static void bind_now(struct ro_peer *p)
{
	set_state(p, RO_BINDING);
	send_update(p, false, false);
	if (p->m->conf->use_cn_bu_ack)
		back_off(p);
	else /* it is there, and has been carried out, when this has passed */
		set_timer(p, time_add(p->m->now_us, p->rtt_us));
}

/* The peer has (or must have) a binding for `lifetime_s`. */
static void bound(struct ro_peer *p, uint8_t status, uint32_t lifetime_s)
{
	uint64_t renew_us = lifetime_s * US_PER_S / 4 * 3;

	bul_note_accepted(p->bul, status, lifetime_s, p->m->now_us);
	p->sends = 0;
	p->failures = 0;
	set_state(p, RO_BOUND);
	set_direct(p, true);
	set_timer(p, time_add(p->m->now_us, renew_us < RENEW_LATEST_US ? renew_us :
									  RENEW_LATEST_US));
}

/* --- tests ----------------------------------------------------------------------------- */

/* Both tests, or what is missing of them; then the update. */
static void test_now(struct ro_peer *p)
{
	if (p->state != RO_DELETING)
		set_state(p, RO_TESTING);
	if (ro_test_is_complete(p, p->state != RO_DELETING)) {
		p->sends = 0;
		p->wait_us = US_PER_S;
		if (p->state != RO_DELETING) {
			bind_now(p);
			return;
		}
		send_update(p, true, true);
		back_off(p);
		return;
	}
	if (p->sends >= sends_max(p)) {
		go_quiet(p, "return routability was not answered");
		return;
	}
	ro_test_send(p, p->state != RO_DELETING);
	back_off(p);
}

static void begin(struct ro_peer *p)
{
	p->sends = 0;
	p->wait_us = US_PER_S;
	test_now(p);
}

/* The timer of a bound peer: renews while there is traffic, else waits for the end. */
static void renew(struct ro_peer *p)
{
	if (p->bul->valid_until_us <= p->m->now_us) {
		forget(p);
	} else if (is_in_use(p)) {
		p->home.have = false;
		p->careof.have = false;
		begin(p);
	} else {
		/* What the peer has forgotten must not be used: a little before its end. */
		set_direct(p, p->bul->valid_until_us > p->m->now_us + 10 * US_PER_S);
		set_timer(p, p->installed ? p->bul->valid_until_us - 5 * US_PER_S :
					    p->bul->valid_until_us);
	}
}

static void on_timer(struct timer *t, uint64_t now_us)
{
	struct ro_peer *p = t->ctx;

	mip6_turn(p->m, now_us);
	switch (p->state) {
	case RO_TESTING:
		test_now(p);
		return;
	case RO_BINDING:
		if (!p->m->conf->use_cn_bu_ack)
			bound(p, MH_STATUS_ACCEPTED, p->bul->lifetime_s);
		else if (p->sends >= sends_max(p))
			go_quiet(p, "the Binding Update was not answered");
		else if (ro_test_is_complete(p, true))
			bind_now(p);
		else
			begin(p);
		return;
	case RO_BOUND:
		renew(p);
		return;
	case RO_DELETING:
		if (p->sends >= DELETES_MAX)
			forget(p);
		else
			test_now(p);
		return;
	case RO_QUIET:
		return;
	}
}

/* --- traffic --------------------------------------------------------------------------- */

static bool is_wanted(const struct mip6 *m, const struct home_addr *h, const struct in6_addr *peer)
{
	size_t i;

	if (!addr_is_routable_unicast(peer) || addr_equal(peer, &h->ha) ||
	    m->conf->mn_max_cn_binding_life_s < 4 || home_is_home_address(m, peer))
		return false;
	for (i = 0; i < m->conf->home_count; i++) {
		const struct conf_home *c = &m->conf->homes[i];

		if (addr_equal(&c->hoa, &h->hoa) || addr_equal(&c->hoa, &h->parent))
			return conf_ro_wanted(m->conf, c, peer);
	}
	return false;
}

/* Where there is no room, the quiet peer whose time is up first is forgotten: most
 * peers know no Mobile IPv6, and they must not keep out those that do. */
static void make_room(struct mip6 *m)
{
	struct ro *ro = ro_of(m);
	struct ro_peer *p, *found = NULL;

	if (ro->count < RO_PEERS_MAX)
		return;
	TAILQ_FOREACH (p, &ro->peers, entry) {
		if (p->state == RO_QUIET && (!found || p->quiet_until_us < found->quiet_until_us) &&
		    !(p->bul && bul_may_be_bound(p->bul, m->now_us)))
			found = p;
	}
	if (found)
		forget(found);
}

void ro_on_traffic(struct mip6 *m, const struct ktraffic_event *t)
{
	struct home_addr *h = home_find(m, &t->local);
	struct ro *ro = ro_of(m);
	struct ro_peer *p;

	if (!h || !home_is_registered(h) || !is_wanted(m, h, &t->peer))
		return;
	p = find(m, &t->local, &t->peer);
	if (p) {
		if (p->state == RO_QUIET && p->quiet_until_us <= m->now_us)
			begin(p);
		return;
	}
	make_room(m);
	p = ro->count < RO_PEERS_MAX ? calloc(1, sizeof(*p)) : NULL;
	if (!p)
		return;
	p->m = m;
	p->hoa = t->local;
	p->peer = t->peer;
	p->coa = h->at.coa;
	kept_init(&p->kept, m, "route optimization");
	timer_init(&p->timer, "route-optimization", on_timer, p);
	TAILQ_INSERT_TAIL(&ro->peers, p, entry);
	ro->count++;
	log_info(LOG_RR, "peer=%s hoa=%s: traffic in the tunnel", ADDR_STR(&p->peer),
		 ADDR_STR(&p->hoa));
	begin(p);
}

/* --- messages -------------------------------------------------------------------------- */

void ro_on_test(struct mip6 *m, const struct mip6_packet *packet, const struct mh_msg *msg)
{
	struct ro_peer *p;

	TAILQ_FOREACH (p, &ro_of(m)->peers, entry) {
		if (!addr_equal(&p->peer, &packet->path.peer) || !ro_test_take(p, packet, msg))
			continue;
		if ((p->state == RO_TESTING || p->state == RO_DELETING) &&
		    ro_test_is_complete(p, p->state != RO_DELETING))
			begin(p);
		return;
	}
	count(&m->counters, COUNT_RR_STRAY);
}

static void on_refusal(struct ro_peer *p, const struct mh_ba *ba)
{
	switch (ba->status) {
	case MH_STATUS_SEQUENCE: /* 11.7.3: from the number that the peer knows */
		bul_set_seq(p->bul, ba->seq);
		if (p->sends >= sends_max(p))
			go_quiet(p, "sequence numbers do not agree");
		else
			test_now(p);
		return;
	case MH_STATUS_HOME_NONCE: /* 11.6.3: the tests anew */
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
		go_quiet(p, mh_ba_status_name(ba->status));
		return;
	}
	test_now(p);
}

static bool is_authentic(const struct ro_peer *p, const struct mip6_packet *packet,
			 const struct mh_msg *msg)
{
	/* 11.7.3: with these there can be no authenticator; they are believed only as far
	 * as testing anew goes. */
	if (msg->ba.status >= MH_STATUS_HOME_NONCE && msg->ba.status <= MH_STATUS_NONCES)
		return true;
	return auth_check(p->kbm, sizeof(p->kbm), &p->bul->coa, &p->peer, packet->data, packet->len,
			  &msg->opts);
}

void ro_on_ba(struct mip6 *m, const struct mip6_packet *packet, const struct mh_msg *msg)
{
	struct ro_peer *p = find(m, path_local_id(&packet->path), path_peer_id(&packet->path));
	const struct mh_ba *ba = &msg->ba;

	/* 11.7.3: the sequence number is that of an update that is unanswered, but for 135 */
	if (!p || !p->bul || (p->state != RO_BINDING && p->state != RO_DELETING) ||
	    (ba->seq != p->bul->seq && ba->status != MH_STATUS_SEQUENCE) ||
	    !is_authentic(p, packet, msg)) {
		count(&m->counters, COUNT_BA_STRAY);
		return;
	}
	if (ba->status >= MH_STATUS_REJECTED_FROM)
		on_refusal(p, ba);
	else if (p->state == RO_DELETING)
		forget(p);
	else
		bound(p, ba->status, ba->lifetime_s < p->bul->lifetime_s ? ba->lifetime_s :
									   p->bul->lifetime_s);
}

bool ro_on_be(struct mip6 *m, const struct mip6_packet *packet, const struct mh_msg *msg)
{
	struct ro_peer *p = find(m, &msg->be.home, &packet->path.peer);

	if (!p)
		p = find(m, path_local_id(&packet->path), &packet->path.peer);
	if (!p)
		return false;
	if (msg->be.status == MH_BE_UNKNOWN_TYPE) { /* 11.3.6 */
		go_quiet(p, "the peer does not know Mobile IPv6");
		return true;
	}
	/* 11.3.6: only what we believed to be bound; the sequence number goes on. */
	if (p->state == RO_BOUND) {
		set_direct(p, false);
		bul_note_gone(p->bul);
		p->home.have = false;
		p->careof.have = false;
		begin(p);
	}
	return true;
}

bool ro_on_brr(struct mip6 *m, const struct mip6_packet *packet)
{
	struct ro_peer *p = find(m, path_local_id(&packet->path), path_peer_id(&packet->path));

	if (!p)
		return false;
	if (p->state == RO_BOUND && is_in_use(p)) { /* 11.7.4 */
		p->home.have = false;
		p->careof.have = false;
		begin(p);
	}
	return true;
}

void ro_on_icmp6_error(struct mip6 *m, const struct icmp6_msg *msg)
{
	struct ext_packet q;
	struct wire_error err;
	struct ro_peer *p;

	if (msg->type != ICMP6_MSG_PARAM_PROBLEM && msg->type != ICMP6_MSG_UNREACHABLE)
		return;
	ext_parse_packet(msg->error.packet, msg->error.packet_len, &q, &err);
	TAILQ_FOREACH (p, &ro_of(m)->peers, entry) {
		if (!addr_equal(&p->peer, ext_end_dst(&q)) || p->state == RO_QUIET ||
		    (!addr_equal(&p->hoa, ext_end_src(&q)) && !addr_equal(&p->coa, &q.src)))
			continue;
		/* 11.3.5: code 1 or 2 about our header or option: no Mobile IPv6 there */
		if (msg->type == ICMP6_MSG_PARAM_PROBLEM &&
		    (q.upper_proto == IPPROTO_MH || q.has_hao))
			go_quiet(p, "the peer does not know Mobile IPv6");
		else if (msg->type == ICMP6_MSG_UNREACHABLE && q.has_hao)
			go_quiet(p, "the direct path does not reach the peer");
		return;
	}
}

/* --- what registration tells (home_listen()) ------------------------------------------- */

static void watch(struct mip6 *m, const struct home_addr *h)
{
	struct ro *ro = ro_of(m);
	int err;

	if (!h->tunnel || strcmp(ro->watched, h->tunnel->name) == 0)
		return;
	err = m->kernel->ops->watch_traffic(m->kernel, h->tunnel->name, TRAFFIC_PACE_US);
	if (err)
		log_warning(LOG_RR, "no route optimization: traffic of %s cannot be watched: %s",
			    h->tunnel->name, strerror(-err));
	else
		strlcpy(ro->watched, h->tunnel->name, sizeof(ro->watched));
}

static void on_registered(struct mip6 *m, const struct home_addr *h)
{
	struct ro_peer *p;

	watch(m, h);
	/* Home tests can go through the tunnel now. */
	TAILQ_FOREACH (p, &ro_of(m)->peers, entry) {
		if (addr_equal(&p->hoa, &h->hoa) && p->state == RO_TESTING && p->home.waiting &&
		    p->home.sent_us < m->now_us)
			begin(p);
	}
}

/* Whatever was begun for the former care-of address is of no use any more. */
static void on_moved(struct mip6 *m, const struct home_addr *h)
{
	bool home = h->state == HOME_AT_HOME || h->state == HOME_RETURNING;
	struct ro_peer *p, *next;

	for (p = TAILQ_FIRST(&ro_of(m)->peers); p; p = next) {
		next = TAILQ_NEXT(p, entry);
		if (!addr_equal(&p->hoa, &h->hoa))
			continue;
		if (!home && addr_equal(&p->coa, &h->at.coa))
			continue;
		set_direct(p, false);
		p->careof.have = false;
		p->careof.waiting = false;
		p->coa = h->at.coa;
		/* Quiet or not: who may have a binding must not go on sending to where we
		 * were. */
		if (p->state == RO_QUIET && !(p->bul && bul_may_be_bound(p->bul, m->now_us)))
			continue;
		if (!home) {
			begin(p);
		} else if (p->bul && bul_may_be_bound(p->bul, m->now_us)) {
			set_state(p, RO_DELETING); /* 11.5.5 */
			begin(p);
		} else {
			forget(p);
		}
	}
}

static void on_lost_registration(struct mip6 *m, const struct home_addr *h)
{
	struct ro_peer *p, *next;

	for (p = TAILQ_FIRST(&ro_of(m)->peers); p; p = next) {
		next = TAILQ_NEXT(p, entry);
		if (addr_equal(&p->hoa, &h->hoa) && p->state != RO_QUIET)
			forget(p);
	}
}

/* --- life ------------------------------------------------------------------------------ */

int ro_start(struct mip6 *m)
{
	static const struct home_listener listener = {
		.registered = on_registered,
		.moved = on_moved,
		.lost = on_lost_registration,
	};
	struct ro *ro = calloc(1, sizeof(*ro));

	if (!ro)
		return -ENOMEM;
	ro->m = m;
	TAILQ_INIT(&ro->peers);
	timer_owner_init(&ro->timers);
	mn_of(m)->ro = ro;
	home_listen(m, &listener);
	return 0;
}

void ro_reconfigure(struct mip6 *m)
{
	struct ro_peer *p, *next;

	for (p = TAILQ_FIRST(&ro_of(m)->peers); p; p = next) {
		const struct home_addr *h = home_find(m, &p->hoa);

		next = TAILQ_NEXT(p, entry);
		if (!h || !is_wanted(m, h, &p->peer))
			forget(p);
	}
}

void ro_on_lost(struct mip6 *m, const struct kobj *o)
{
	struct ro_peer *p;

	TAILQ_FOREACH (p, &ro_of(m)->peers, entry)
		kept_on_lost(&p->kept, o);
}

void ro_stop(struct mip6 *m, enum role_stop how)
{
	struct ro *ro = ro_of(m);
	struct ro_peer *p;

	if (!ro)
		return;
	timers_cancel_owner(m->timers, &ro->timers);
	if (how == ROLE_RESTART)
		return;
	TAILQ_FOREACH (p, &ro->peers, entry) {
		/* The peer need not find out by itself, where a token is at hand. */
		if (p->state == RO_BOUND && ro_test_is_complete(p, false))
			send_update(p, true, false);
		set_direct(p, false);
	}
}

void ro_free(struct mip6 *m)
{
	struct ro *ro = ro_of(m);
	struct ro_peer *p;

	if (!ro)
		return;
	timers_cancel_owner(m->timers, &ro->timers);
	while ((p = TAILQ_FIRST(&ro->peers))) {
		TAILQ_REMOVE(&ro->peers, p, entry);
		kept_free(&p->kept);
		crypto_wipe(p, sizeof(*p));
		free(p);
	}
	free(ro);
	mn_of(m)->ro = NULL;
}
