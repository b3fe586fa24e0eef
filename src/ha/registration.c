// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Home registrations: what happens after the verdict on a Binding Update.
 *
 * Each binding has a struct work beside it, and that, while it is busy, the update that
 * is being carried out and the newest one that came meanwhile. What the kernel shall hold is a pure
 * function of the binding (footprint.c); a transition leads there, and the Binding
 * Acknowledgement leaves when the kernel has confirmed, not before. A home address
 * on a link that exists is looked for there first (10.3.1) and announced
 * afterwards (10.4.1); on a virtual home link there is nobody to ask or to tell.
 *
 * A binding that ended stays as a memory of its sequence number, so that an old
 * update is not taken for a new one (9.5.1).
 *
 * Called by ha.c. Verdicts are in verdict.c.
 */
#include "ha/registration.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/ipsec.h"
#include "ha/answer.h"
#include "ha/defence.h"
#include "ha/footprint.h"
#include "ha/ha.h"
#include "ha/kept_state.h"
#include "ha/multicast.h"
#include "ha/verdict.h"
#include "ha/work.h"

/* gcc's analyzer loses sight of what hangs from a binding and takes it for lost. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

/* The sequence number outlives the binding for at least as long as an update may be
 * under way, and for as long as a replayed one could bring the binding back. */
#define MEMORY_US (420 * US_PER_S)
/* A memory gives way to a new binding when there are more of them than this. */
#define MEMORIES_MAX 200000
/* A node that was at home so lately may itself have answered, by an advertisement that
 * came late: then the question is put once more, a little later. */
#define LATELY_US    (3 * US_PER_S)
#define ASK_AGAIN_US (200 * US_PER_MS)

struct ha_mpd *ha_registration_mpd(const struct binding *b)
{
	return &work_of(b)->mpd;
}

struct mip6 *ha_registration_node(const struct binding *b)
{
	return work_of(b)->m;
}

const struct ha_side *ha_registration_side(const struct binding *b)
{
	return &work_of(b)->side;
}

/* --- what follows for some seconds --------------------------------------------- */

static void on_tell(struct timer *t, uint64_t now_us);
static void on_former_timer(struct timer *t, uint64_t now_us);

/* False: no memory. */
static bool begin_aftermath(struct work *w)
{
	if (w->aftermath)
		return true;
	w->aftermath = calloc(1, sizeof(*w->aftermath));
	if (!w->aftermath)
		return false;
	timer_init(&w->aftermath->tell, "advertise-home-address", on_tell, w);
	timer_init(&w->aftermath->former, "former-care-of-address", on_former_timer, w->b);
	return true;
}

/* If nothing of it is left. */
static void end_aftermath(struct work *w)
{
	if (timer_is_set(&w->aftermath->tell) || timer_is_set(&w->aftermath->former))
		return;
	free(w->aftermath);
	w->aftermath = NULL;
}

/* --- what we say ------------------------------------------------------------- */

static void tell_neighbours(const struct work *w)
{
	const struct binding *b = w->b;

	ha_tell_neighbours(w->m, b->installed.home_ifindex, &b->key.hoa);
	if (b->installed.flags & MH_BU_L) {
		struct in6_addr a = addr_linklocal_of(&b->key.hoa);

		ha_tell_neighbours(w->m, b->installed.home_ifindex, &a);
	}
}

/* 10.4.1: MAY be repeated up to MAX_NEIGHBOR_ADVERTISEMENT times. */
static void on_tell(struct timer *t, uint64_t now_us)
{
	struct work *w = t->ctx;
	const struct binding *b = w->b;

	mip6_turn(w->m, now_us);
	if (b->state == BINDING_ACTIVE && b->installed.home_ifindex) {
		tell_neighbours(w);
		if (++w->aftermath->told < HA_MAX_NEIGHBOR_ADVERTISEMENT)
			timer_set(w->m->timers, t, now_us + US_PER_S, NULL);
	}
	end_aftermath(w);
}

static void announce(struct work *w)
{
	tell_neighbours(w);
	if (begin_aftermath(w)) {
		w->aftermath->told = 1;
		timer_set(w->m->timers, &w->aftermath->tell, w->m->now_us + US_PER_S, NULL);
	}
}

static void log_binding(struct mip6 *m, enum mip6_event e, const struct binding *b)
{
	const struct binding_path *p = b->want.valid ? &b->want : &b->installed;

	/* Every one where somebody wants to know much; else no more than can be read. */
	if (log_wanted(LOG_HA, LOGL_INFO) || log_limit_pass(&ha_of(m)->binding_limit, m->now_us))
		log_limited_line(&ha_of(m)->binding_limit, LOG_HA, LOGL_NOTICE,
				 "%s hoa=%s coa=%s lifetime=%u", mip6_event_name(e),
				 ADDR_STR(&b->key.hoa), ADDR_STR(&p->coa), b->lifetime_s);
	mip6_event(m, e, "role=ha hoa=%s coa=%s lifetime=%u", ADDR_STR(&b->key.hoa),
		   ADDR_STR(&p->coa), b->lifetime_s);
}

static void on_ask_timer(struct timer *t, uint64_t now_us);

bool ha_work_wake(struct work *w)
{
	if (w->tasks)
		return true;
	w->tasks = calloc(1, sizeof(*w->tasks));
	if (w->tasks)
		timer_init(&w->tasks->ask_timer, "ask-again", on_ask_timer, w->b);
	return w->tasks != NULL;
}

/* Nothing is to be done for now. */
static void rest(struct work *w)
{
	if (w->tasks)
		timer_cancel(w->m->timers, &w->tasks->ask_timer);
	free(w->tasks);
	w->tasks = NULL;
}

static bool must_answer(const struct work *w)
{
	return w->tasks && w->tasks->now.answer;
}

/* --- the end of a binding ------------------------------------------------------ */

void ha_work_forget(struct binding *b)
{
	struct work *w = work_of(b);
	struct mip6 *m = w->m;

	ha_work_cancel_timers(b);
	if (b->transition)
		transition_orphan(b->transition);
	mip6_probe_cancel(m, b->probe);
	ha_save_nothing(m, &b->key.hoa);
	free(w->tasks);
	free(w);
	bcache_remove(&m->bcache, b);
}

static void expire(struct binding *b);

static void on_timer(struct timer *t, uint64_t now_us)
{
	struct binding *b = t->ctx;
	struct mip6 *m = work_of(b)->m;

	mip6_turn(m, now_us);
	if (b->state == BINDING_MEMORY)
		ha_work_forget(b);
	else
		expire(b);
}

static uint64_t memory_until(const struct binding *b)
{
	const struct work *w = work_of(b);
	uint64_t until_us = time_add(w->m->now_us, MEMORY_US);

	return w->kept_until_us > until_us ? w->kept_until_us : until_us;
}

static void remember(struct binding *b)
{
	struct work *w = work_of(b);
	struct mip6 *m = w->m;
	uint64_t until_us = memory_until(b);

	rest(w);
	memset(&b->want, 0, sizeof(b->want));
	memset(&b->installed, 0, sizeof(b->installed));
	if (!b->seq_known || m->bcache.memory_count >= MEMORIES_MAX) {
		ha_work_forget(b);
		return;
	}
	binding_set_state(b, BINDING_MEMORY);
	ha_save_sequence(m, b, until_us);
	timer_set(m->timers, &b->timer, until_us, NULL);
}

/* --- the kernel ------------------------------------------------------------------ */

static void begin(struct binding *b);

/* The newest update that came while the former was under way; false: there is none. */
static bool go_on(struct binding *b)
{
	struct work *w = work_of(b);

	if (!w->tasks || !w->tasks->have_next)
		return false;
	w->tasks->now = w->tasks->next;
	w->tasks->have_next = false;
	begin(b);
	return true;
}

static void settle_registered(struct binding *b, bool is_new, bool moved)
{
	struct work *w = work_of(b);
	struct mip6 *m = w->m;
	bool newly_defended = b->want.home_ifindex &&
			      b->want.home_ifindex != b->installed.home_ifindex;

	b->installed = b->want;
	w->side = *ha_work_side(w);
	binding_set_state(b, BINDING_ACTIVE);
	if (is_new || moved) {
		count(&m->counters, is_new ? COUNT_BINDING_ADDED : COUNT_BINDING_CHANGED);
		log_binding(m, is_new ? MIP6_EVENT_BINDING_ADDED : MIP6_EVENT_BINDING_CHANGED, b);
	}
	if (newly_defended)
		announce(w);
	if (!w->repair)
		ha_save_binding(m, b);
	ha_mpd_updated(m, b);
	ha_multicast_registered(b, !w->repair);
}

static void settle_removed(struct binding *b)
{
	struct mip6 *m = work_of(b)->m;

	count(&m->counters, COUNT_BINDING_REMOVED);
	log_binding(m, MIP6_EVENT_BINDING_REMOVED, b);
	b->installed.valid = false;
	work_of(b)->ended_us = m->now_us;
	ha_save_sequence(m, b, memory_until(b));
}

/* The kernel refused: what it held before, it holds still. */
static void settle_failed(struct binding *b, int error, const struct kchange *failed)
{
	struct work *w = work_of(b);
	struct mip6 *m = w->m;
	char text[KOBJ_TEXT_MAX];

	log_limited(&m->kernel_limit, m->now_us, LOG_HA, LOGL_ERROR, "hoa=%s: %s: %s",
		    ADDR_STR(&b->key.hoa),
		    failed ? kobj_text(&failed->obj, text, sizeof(text)) : "out of memory",
		    strerror(-error));
	if (must_answer(w))
		ha_refuse(m, &w->tasks->now.bu, MH_STATUS_UNSPECIFIED, COUNT_BU_KERNEL,
		       "the kernel refused");
	b->want = b->installed;
	if (w->tasks)
		w->tasks->new_side = false;
}

static void on_change_done(struct mip6 *m, int error, const struct kchange *failed, void *ctx)
{
	struct binding *b = ctx;
	struct work *w = work_of(b);
	bool removing = b->state == BINDING_REMOVING;
	bool is_new = !b->installed.valid;
	bool moved = !addr_equal(&b->installed.coa, &b->want.coa);

	b->transition = NULL;
	if (error)
		settle_failed(b, error, failed);
	else if (removing)
		settle_removed(b);
	else
		settle_registered(b, is_new, moved);
	if (!error && must_answer(w))
		ha_answer(m, &w->tasks->now.bu, &w->tasks->now.verdict);
	if (m->stopping || go_on(b))
		return;
	rest(w);
	if (removing || !b->installed.valid) {
		remember(b);
		return;
	}
	if (error) {
		binding_set_state(b, BINDING_ACTIVE);
		timer_set(m->timers, &b->timer, b->expires_us, NULL);
	}
	/* Also after an error: what was in the way may have come back meanwhile. */
	if (w->again)
		ha_work_put_again(b);
	else if (!error)
		(void)ha_work_follow(b);
}

void ha_work_change_kernel(struct binding *b, const struct binding_path *from)
{
	struct work *w = work_of(b);
	struct footprint have, want;

	footprint_init(&have);
	footprint_init(&want);
	if (from)
		ha_footprint(&b->key.hoa, &w->side, from, &have);
	ha_footprint(&b->key.hoa, ha_work_side(w), &b->want, &want);
	b->transition = from ? footprint_apply(w->m, &have, &want, on_change_done, b) :
			       footprint_put_again(w->m, &want, on_change_done, b);
	footprint_free(&have);
	footprint_free(&want);
	if (!b->transition)
		on_change_done(w->m, -ENOMEM, NULL, b);
}

/* What is under way from the care-of address that the node leaves, and slower than its
 * update was, may still pass for HaFormerCoaTime. */
static void keep_former(struct binding *b)
{
	struct work *w = work_of(b);
	uint64_t time_us = w->m->conf->ha_former_coa_time_us;

	b->want.former_coa = b->installed.former_coa;
	if (!b->installed.valid || addr_equal(&b->want.coa, &b->installed.coa))
		return;
	b->want.former_coa = in6addr_any;
	if (time_us && begin_aftermath(w)) {
		b->want.former_coa = b->installed.coa;
		timer_set(w->m->timers, &w->aftermath->former, w->m->now_us + time_us, NULL);
	}
}

static void on_former_timer(struct timer *t, uint64_t now_us)
{
	struct binding *b = t->ctx;
	struct work *w = work_of(b);

	mip6_turn(w->m, now_us);
	if (b->transition) { /* after what is under way */
		timer_set(w->m->timers, t, now_us + US_PER_S, NULL);
		return;
	}
	end_aftermath(w);
	b->want.former_coa = in6addr_any;
	w->repair = true;
	binding_set_state(b, BINDING_INSTALLING);
	ha_work_change_kernel(b, &b->installed);
}

static void install(struct binding *b)
{
	struct work *w = work_of(b);

	b->want.coa = w->tasks->now.bu.coa;
	keep_former(b);
	b->want.flags = w->tasks->now.bu.flags;
	b->want.home_ifindex = w->tasks->now.home_ifindex;
	b->want.valid = true;
	w->tasks->side = ha_side_of(w->m->conf, &b->key.hoa, &w->tasks->now.bu.path.local);
	w->tasks->new_side = true;
	binding_set_state(b, BINDING_INSTALLING);
	ha_work_change_kernel(b, &b->installed);
}

static void remove_objects(struct binding *b)
{
	struct work *w = work_of(b);

	ha_work_cancel_timers(b);
	w->kept_until_us = b->expires_us;
	memset(&b->want, 0, sizeof(b->want));
	binding_set_state(b, BINDING_REMOVING);
	ha_work_change_kernel(b, &b->installed);
}

/* --- duplicate address detection ------------------------------------------------- */

static void on_dad(struct mip6 *m, enum kprobe_result result, void *ctx);

/* 10.3.1: with the L bit the link-local address is tested and defended as well. */
static bool ask_link_local(struct binding *b)
{
	struct work *w = work_of(b);
	struct in6_addr a = addr_linklocal_of(&b->key.hoa);

	if (w->tasks->asked_local || !(w->tasks->now.bu.flags & MH_BU_L))
		return false;
	w->tasks->asked_local = true;
	b->probe = ha_ask(w->m, w->tasks->now.home_ifindex, &a, on_dad, b);
	return b->probe != NULL;
}

static void on_dad(struct mip6 *m, enum kprobe_result result, void *ctx)
{
	struct binding *b = ctx;
	struct work *w = work_of(b);

	b->probe = NULL;
	switch (result) {
	case KPROBE_ANSWERED: /* 10.3.1: status 134 */
		if (!w->tasks->asked_twice && w->ended_us && m->now_us - w->ended_us < LATELY_US) {
			w->tasks->asked_twice = true;
			timer_set(m->timers, &w->tasks->ask_timer, m->now_us + ASK_AGAIN_US, NULL);
			return;
		}
		ha_refuse(m, &w->tasks->now.bu, MH_STATUS_DAD_FAILED, COUNT_BU_DAD,
		       "duplicate address detection failed");
		remember(b);
		return;
	case KPROBE_ERROR:
		/* With the link down there is nobody on it who could have the address. */
		log_info(LOG_HA, "hoa=%s: the home link is down, nobody to ask",
			 ADDR_STR(&b->key.hoa));
		break;
	case KPROBE_SILENT:
		if (ask_link_local(b))
			return;
		break;
	}
	install(b);
}

static void ask(struct binding *b)
{
	struct work *w = work_of(b);

	binding_set_state(b, BINDING_DAD);
	w->tasks->asked_local = false;
	b->probe = ha_ask(w->m, w->tasks->now.home_ifindex, &b->key.hoa, on_dad, b);
	if (!b->probe)
		on_dad(w->m, KPROBE_ERROR, b);
}

static void on_ask_timer(struct timer *t, uint64_t now_us)
{
	struct binding *b = t->ctx;

	mip6_turn(work_of(b)->m, now_us);
	ask(b);
}

/* --- one update -------------------------------------------------------------------- */

static void note_accepted(struct binding *b, const struct task *t)
{
	struct mip6 *m = work_of(b)->m;

	if (!b->seq_known || b->state == BINDING_MEMORY)
		b->since_us = m->now_us;
	b->seq = t->bu.seq;
	b->seq_known = true;
	b->lifetime_s = t->verdict.lifetime_s;
	bcache_touch(&m->bcache, b, m->now_us);
	if (t->verdict.action == HA_REGISTER) {
		b->expires_us = time_add(m->now_us, t->verdict.lifetime_s * US_PER_S);
		timer_set(m->timers, &b->timer, b->expires_us, NULL);
	}
}

/* Carries out work.now; no transition and no probe is under way. */
static void begin(struct binding *b)
{
	struct work *w = work_of(b);
	const struct task *t = &w->tasks->now;

	w->repair = false;
	if (t->verdict.action == HA_DEREGISTER) {
		if (b->installed.valid) {
			remove_objects(b);
			return;
		}
		/* Nothing is there: a repeated or late deregistration. */
		ha_save_sequence(w->m, b, memory_until(b));
		if (t->answer)
			ha_answer(w->m, &t->bu, &t->verdict);
		remember(b);
		return;
	}
	/* 10.3.1: on receipt of an update for a home address that is not served yet. */
	w->tasks->asked_twice = false;
	if (t->home_ifindex && !b->installed.valid && !t->no_dad)
		ask(b);
	else
		install(b);
}

/* Nothing is installed yet, so the former update need not be finished first. */
static void give_up_dad(struct binding *b)
{
	struct work *w = work_of(b);

	timer_cancel(w->m->timers, &w->tasks->ask_timer);
	mip6_probe_cancel(w->m, b->probe);
	b->probe = NULL;
}

static void take(struct binding *b, const struct task *t)
{
	struct work *w = work_of(b);

	note_accepted(b, t);
	if (b->transition) {
		w->tasks->next = *t;
		w->tasks->have_next = true;
		return;
	}
	w->tasks->now = *t;
	if (b->state == BINDING_DAD && t->verdict.action == HA_REGISTER)
		return; /* the question is the same, the answer goes to the newest */
	if (b->state == BINDING_DAD)
		give_up_dad(b);
	begin(b);
}

struct binding *ha_work_new(struct mip6 *m, const struct in6_addr *hoa,
			    const struct in6_addr *local)
{
	struct binding *b;
	struct work *w;

	w = calloc(1, sizeof(*w));
	b = w ? bcache_add(&m->bcache, BINDING_HOME, hoa, local) : NULL;
	if (!b) {
		free(w);
		return NULL;
	}
	w->m = m;
	w->b = b;
	rate_bucket_init(&w->rate, m->conf->ha_max_registrations_per_node, m->now_us);
	timer_init(&b->timer, "binding", on_timer, b);
	ha_mpd_init(&w->mpd, b);
	b->role_data = w;
	return b;
}

/* Refusals are told by the caller. */
static void carry_out(struct mip6 *m, const struct ha_facts *f, struct task *t)
{
	struct binding *b;

	t->verdict = ha_judge(&t->bu, f);
	t->home_ifindex = f->prefix ? ha_prefix_link(f->prefix) : 0;
	if (t->verdict.action != HA_REGISTER && t->verdict.action != HA_DEREGISTER)
		return;
	b = bcache_find_hoa(&m->bcache, &t->bu.hoa, BINDING_HOME);
	if (!b)
		b = ha_work_new(m, &t->bu.hoa, &t->bu.path.local);
	if (b && ha_work_wake(work_of(b))) {
		count(&m->counters, COUNT_BU_ACCEPTED);
		take(b, t);
		return;
	}
	if (b && b->state == BINDING_NEW)
		ha_work_forget(b);
	t->verdict = (struct ha_verdict){ .action = HA_REFUSE,
					  .status = MH_STATUS_RESOURCES,
					  .seq = t->bu.seq,
					  .counter = COUNT_BU_FULL,
					  .reason = "out of memory" };
}

void ha_registration_on_bu(struct mip6 *m, const struct mip6_packet *p, const struct mh_msg *msg)
{
	struct ha_facts f;
	struct task t;

	memset(&t, 0, sizeof(t));
	ha_bu_read(p, msg, &t.bu);
	ha_facts_gather(m, &t.bu, &f);
	t.answer = true;
	carry_out(m, &f, &t);
	switch (t.verdict.action) {
	case HA_DISCARD:
		count(&m->counters, t.verdict.counter);
		mip6_violation(m, &t.bu.hoa, &t.bu.path.peer, 0, t.verdict.reason);
		return;
	case HA_ABSORB:
		count(&m->counters, COUNT_BU_IGNORED);
		return;
	case HA_REFUSE:
		count(&m->counters, t.verdict.counter);
		mip6_violation(m, &t.bu.hoa, &t.bu.path.peer, t.verdict.status,
			       t.verdict.reason);
		ha_answer(m, &t.bu, &t.verdict);
		return;
	case HA_REGISTER:
	case HA_DEREGISTER:
		return;
	}
}

struct ha_verdict ha_registration_put(struct mip6 *m, const struct ha_bu *bu, bool no_dad)
{
	struct ha_facts f;
	struct task t;

	memset(&t, 0, sizeof(t));
	t.bu = *bu;
	t.no_dad = no_dad;
	ha_facts_gather(m, &t.bu, &f);
	f.unprotected = false;
	f.too_fast = false;
	carry_out(m, &f, &t);
	return t.verdict;
}

/* --- endings ---------------------------------------------------------------------- */

void ha_registration_end(struct mip6 *m, struct binding *b)
{
	struct work *w = work_of(b);
	struct task t = { .verdict = { .action = HA_DEREGISTER } };

	if (b->state == BINDING_MEMORY)
		return;
	if (!ha_work_wake(w)) { /* once more, when there may be memory again */
		timer_set(m->timers, &b->timer, m->now_us + US_PER_S, NULL);
		return;
	}
	if (b->transition) {
		/* in one piece, after what is under way; nobody waits for an answer */
		w->tasks->next = t;
		w->tasks->have_next = true;
		return;
	}
	if (b->state == BINDING_DAD)
		give_up_dad(b);
	w->tasks->now = t;
	begin(b);
}

static void expire(struct binding *b)
{
	struct mip6 *m = work_of(b)->m;

	count(&m->counters, COUNT_BINDING_EXPIRED);
	log_info(LOG_HA, "hoa=%s: expired", ADDR_STR(&b->key.hoa));
	ha_registration_end(m, b);
}
