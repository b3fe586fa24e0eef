// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of a node: preparing the state that all roles share, starting and
 * stopping the roles, a new configuration, and the events of links, addresses,
 * neighbours, XFRM and traffic, which every role hears. Packets come in through
 * input.c, messages leave through output.c, kernel changes are in transition.c,
 * probes in probe.c.
 *
 * Called by daemon/ and os/, and by the ladder tests. This file decides nothing
 * about the protocol.
 */
#include "core/mip6.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/time.h"
#include "core/lookup.h"
#include "core/held.h"
#include "core/probe.h"

#define EVENT_TEXT_MAX 512

/* What a predecessor left is kept at most so long for the roles. */
#define SETTLE_MOST_US (30 * US_PER_S)
#define SETTLE_LOOK_US (20 * US_PER_MS)
/* From lost events to looking what became of our objects. */
#define OVERRUN_US (500 * US_PER_MS)

static void on_settle(struct timer *t, uint64_t now_us);
static void on_overrun_over(struct timer *t, uint64_t now_us);

int mip6_init(struct mip6 *m, const struct conf *conf, struct kernel *kernel,
	      struct timers *timers, uint64_t now_us)
{
	int err;

	memset(m, 0, sizeof(*m));
	err = crypto_random(&m->hash_seed, sizeof(m->hash_seed));
	if (!err)
		err = crypto_random(m->secret, sizeof(m->secret));
	if (err)
		return err;
	m->conf = conf;
	m->kernel = kernel;
	m->timers = timers;
	m->now_us = now_us;
	m->started_us = now_us;
	m->next_ticket = 1;
	m->drop_limit = (struct log_limit)LOG_LIMIT(10, 1);
	m->violation_limit = (struct log_limit)LOG_LIMIT(10, 1);
	m->save_limit = (struct log_limit)LOG_LIMIT(1, 1);
	m->kernel_limit = (struct log_limit)LOG_LIMIT(20, 5);
	link_table_init(&m->links);
	bcache_init(&m->bcache, m->hash_seed);
	TAILQ_INIT(&m->transitions);
	timer_init(&m->settle_timer, "settle", on_settle, m);
	timer_init(&m->overrun_timer, "overrun", on_overrun_over, m);
	TAILQ_INIT(&m->probes);
	TAILQ_INIT(&m->lookups);
	TAILQ_INIT(&m->held);
	TAILQ_INIT(&m->listeners);
	rate_init(&m->be_rate, MIP6_ERROR_BURST, MIP6_ERROR_PER_S, m->hash_seed, now_us);
	rate_init(&m->error_rate, MIP6_ERROR_BURST, MIP6_ERROR_PER_S, m->hash_seed, now_us);
	return 0;
}

void mip6_add_role(struct mip6 *m, const struct role *r)
{
	if (m->role_count < MIP6_ROLES_MAX)
		m->roles[m->role_count++] = r;
	else
		log_error(LOG_CORE, "no place for role %s", r->name);
}

static void stop_roles(struct mip6 *m, enum role_stop how)
{
	m->stopping = true;
	while (m->started_count > 0) {
		const struct role *r = m->roles[--m->started_count];

		log_info(LOG_CORE, "stopping role %s", r->name);
		if (r->stop)
			r->stop(m, how);
	}
	timer_cancel(m->timers, &m->settle_timer);
	timer_cancel(m->timers, &m->overrun_timer);
	if (how == ROLE_RESTART)
		found_free(&m->found);
	else
		found_end(m);
}

static bool is_settled(const struct mip6 *m)
{
	for (unsigned int i = 0; i < m->started_count; i++) {
		if (m->roles[i]->settled && !m->roles[i]->settled(m))
			return false;
	}
	return true;
}

static void on_settle(struct timer *t, uint64_t now_us)
{
	struct mip6 *m = t->ctx;

	mip6_turn(m, now_us);
	/* What waits for a change under way has not been said yet, either. */
	if ((is_settled(m) && !footprint_busy(m)) || now_us - m->started_us > SETTLE_MOST_US)
		found_end(m);
	else
		timer_set(m->timers, t, now_us + SETTLE_LOOK_US, NULL);
}

int mip6_start(struct mip6 *m)
{
	int err;

	while (m->started_count < m->role_count) {
		const struct role *r = m->roles[m->started_count];

		log_info(LOG_CORE, "starting role %s", r->name);
		err = r->start ? r->start(m) : 0;
		if (err) {
			log_error(LOG_CORE, "role %s cannot start: %s", r->name, strerror(-err));
			stop_roles(m, ROLE_SHUTDOWN);
			return err;
		}
		m->started_count++;
	}
	m->running = true;
	if (m->found.count)
		timer_set(m->timers, &m->settle_timer, m->now_us, NULL);
	return 0;
}

void mip6_stop(struct mip6 *m, enum role_stop how)
{
	if (m->stopping)
		return;
	stop_roles(m, how);
}

bool mip6_stopped(const struct mip6 *m)
{
	return m->stopping && !footprint_busy(m);
}

void mip6_free(struct mip6 *m)
{
	unsigned int i;

	m->stopping = true;
	timer_cancel(m->timers, &m->settle_timer);
	found_free(&m->found);
	mip6_probes_free(m);
	mip6_lookups_free(m);
	held_free(m);
	for (i = m->role_count; i > 0; i--) {
		if (m->roles[i - 1]->free)
			m->roles[i - 1]->free(m);
	}
	/* Behind the roles, which orphan theirs. */
	transitions_free(m);
	bcache_free(&m->bcache);
	link_table_free(&m->links);
	m->role_count = 0;
	m->running = false;
}

void mip6_reconfigure(struct mip6 *m, const struct conf *conf)
{
	const struct conf *old = m->conf;
	unsigned int i;

	m->conf = conf;
	for (i = 0; i < m->started_count; i++) {
		if (m->roles[i]->reconfigure)
			m->roles[i]->reconfigure(m, old);
	}
}

/* Roles hear of the world from the end of mip6_start() to mip6_stop(). */
static bool is_listening(const struct mip6 *m)
{
	return m->running && !m->stopping;
}

/* Calls a hook of every role that has it. */
#define TELL_ROLES(m, hook, arg)                                                           \
	do {                                                                               \
		for (unsigned int i_ = 0; is_listening(m) && i_ < (m)->role_count; i_++) { \
			if ((m)->roles[i_]->hook)                                          \
				(m)->roles[i_]->hook((m), (arg));                          \
		}                                                                          \
	} while (0)

void mip6_on_link(struct mip6 *m, const struct klink *l)
{
	log_debug(LOG_CORE, "link %s ifindex=%u%s%s%s", l->name, l->ifindex, l->up ? " up" : "",
		  l->running ? " running" : "", l->gone ? " gone" : "");
	if (link_update(&m->links, l))
		log_error(LOG_CORE, "link %s: no memory", l->name);
	TELL_ROLES(m, on_link, l);
}

void mip6_on_addr(struct mip6 *m, const struct kaddr_event *a)
{
	int err;

	log_debug(LOG_CORE, "address %s ifindex=%u%s%s%s%s", ADDR_STR(&a->addr), a->ifindex,
		  a->tentative ? " tentative" : "", a->optimistic ? " optimistic" : "",
		  a->dad_failed ? " dadfailed" : "", a->gone ? " gone" : "");
	err = link_update_addr(&m->links, a, m->now_us);
	if (err)
		log_warning(LOG_CORE, "address %s ifindex=%u: %s", ADDR_STR(&a->addr), a->ifindex,
			    strerror(-err));
	TELL_ROLES(m, on_addr, a);
}

void mip6_on_neigh(struct mip6 *m, const struct kneigh_event *n)
{
	TELL_ROLES(m, on_neigh, n);
}

void mip6_on_xfrm(struct mip6 *m, const struct kxfrm_event *x)
{
	TELL_ROLES(m, on_xfrm, x);
}

void mip6_on_traffic(struct mip6 *m, const struct ktraffic_event *t)
{
	TELL_ROLES(m, on_traffic, t);
}

void mip6_on_stray(struct mip6 *m, const struct kstray_event *s)
{
	count(&m->counters, COUNT_TUNNEL_STRAY);
	TELL_ROLES(m, on_stray, s);
}

void mip6_on_multicast(struct mip6 *m, const struct kmulticast_event *e)
{
	TELL_ROLES(m, on_multicast, e);
}

void mip6_on_lost(struct mip6 *m, const struct kobj *o)
{
	char text[KOBJ_TEXT_MAX];

	count(&m->counters, COUNT_KERNEL_LOST);
	log_limited(&m->kernel_limit, m->now_us, LOG_CORE, LOGL_WARNING, "somebody removed %s",
		    kobj_text(o, text, sizeof(text)));
	TELL_ROLES(m, on_lost, o);
}

static void on_overrun_over(struct timer *t, uint64_t now_us)
{
	struct mip6 *m = t->ctx;
	int err;

	mip6_turn(m, now_us);
	if (!is_listening(m))
		return;
	err = found_compare(m);
	if (err)
		log_warning(LOG_CORE, "cannot compare the kernel with what should be there: %s",
			    strerror(-err));
}

void mip6_on_overrun(struct mip6 *m)
{
	count(&m->counters, COUNT_KERNEL_OVERRUN);
	/* Once for many: what made so many events may go on for a while. */
	if (is_listening(m) && !timer_is_set(&m->overrun_timer))
		timer_set(m->timers, &m->overrun_timer, m->now_us + OVERRUN_US, NULL);
}

void mip6_save(struct mip6 *m, enum log_subsystem s, enum store_kind kind, const void *key,
	       size_t key_len, const struct writer *value)
{
	int err = value->bad ? -EMSGSIZE :
			       store_put(m->store, kind, key, key_len, value->start,
					 writer_len(value));

	if (err)
		log_limited(&m->save_limit, m->now_us, s, LOGL_ERROR,
			    "a record for the next start is lost: %s", strerror(-err));
}

int mip6_restore(struct mip6 *m, enum log_subsystem s, enum store_kind kind, store_each_fn *fn,
		 void *ctx)
{
	int err = store_each(m->store, kind, fn, ctx);

	if (err)
		log_error(s, "the store could not be read to its end: %s", strerror(-err));
	return err;
}

int mip6_strange_record(enum log_subsystem s, const char *what)
{
	log_warning(s, "the store holds a strange %s; it is not used", what);
	return 0;
}

void mip6_violation(struct mip6 *m, const struct in6_addr *home, const struct in6_addr *peer,
		    uint8_t status, const char *reason)
{
	const struct in6_addr none = { 0 };
	bool is_new;

	if (!home)
		home = &none;
	is_new = violation_add(&m->violations, m->now_us, home, peer, status, reason);
	log_limited(&m->violation_limit, m->now_us, LOG_CORE, LOGL_NOTICE,
		    "violation peer=%s home=%s status=%u reason=\"%s\"", ADDR_STR(peer),
		    ADDR_STR(home), status, reason);
	if (is_new)
		mip6_event(m, MIP6_EVENT_VIOLATION, "peer=%s home=%s status=%u reason=\"%s\"",
			   ADDR_STR(peer), ADDR_STR(home), status, reason);
}

const char *mip6_event_name(enum mip6_event e)
{
	switch (e) {
	case MIP6_EVENT_BINDING_ADDED:
		return "binding-added";
	case MIP6_EVENT_BINDING_CHANGED:
		return "binding-changed";
	case MIP6_EVENT_BINDING_REMOVED:
		return "binding-removed";
	case MIP6_EVENT_HANDOVER_BEGUN:
		return "handover-begun";
	case MIP6_EVENT_HANDOVER_DONE:
		return "handover-done";
	case MIP6_EVENT_AT_HOME:
		return "at-home";
	case MIP6_EVENT_RO_BEGUN:
		return "ro-begun";
	case MIP6_EVENT_RO_ENDED:
		return "ro-ended";
	case MIP6_EVENT_VIOLATION:
		return "violation";
	}
	return "?";
}

void mip6_listen(struct mip6 *m, struct mip6_listener *l)
{
	TAILQ_INSERT_TAIL(&m->listeners, l, entry);
}

void mip6_unlisten(struct mip6 *m, struct mip6_listener *l)
{
	TAILQ_REMOVE(&m->listeners, l, entry);
}

void mip6_event(struct mip6 *m, enum mip6_event e, const char *fmt, ...)
{
	char text[EVENT_TEXT_MAX];
	struct mip6_listener *l;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_debug(LOG_CORE, "event %s %s", mip6_event_name(e), text);
	TAILQ_FOREACH (l, &m->listeners, entry)
		l->fn(m, e, text, l->ctx);
}
