// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What registration.c and registrations.c share: the work that goes on beside a
 * registration.
 */
#ifndef HA_WORK_H
#define HA_WORK_H

#include "base/timer.h"
#include "core/bcache.h"
#include "core/rate.h"
#include "ha/footprint.h"
#include "ha/mpd.h"
#include "ha/verdict.h"

/* One accepted update. */
struct task {
	struct ha_bu bu;
	struct ha_verdict verdict;
	uint32_t home_ifindex; /* the link of the home address, 0: a virtual one */
	bool answer;	       /* the node waits for one; not when a binding expires */
	bool no_dad;	       /* the home link is not asked */
};

/* The updates of a registration that is not at rest. */
struct tasks {
	struct task now;  /* being carried out */
	struct task next; /* the newest that came meanwhile */
	bool have_next;
	struct ha_side side; /* ours, as the change under way shall make it ... */
	bool new_side;	     /* ... if it is one of that */
	/* duplicate address detection */
	bool asked_local; /* it has come to the link-local address */
	bool asked_twice;
	struct timer ask_timer;
};

/* What follows a change for some seconds. */
struct aftermath {
	struct timer tell; /* further advertisements of the home address */
	unsigned int told;
	struct timer former; /* the end of installed.former_coa */
};

struct work {
	struct mip6 *m;
	struct binding *b;
	struct tasks *tasks;	     /* owned; NULL at rest, which most of very many are */
	struct aftermath *aftermath; /* the same */
	bool again;	  /* objects were lost: put all again */
	bool repair;	  /* that is under way; the store knows the binding as it is */
	struct ha_side side; /* ours, as the kernel has it; see ha_work_side() */
	uint64_t kept_until_us;		 /* of the binding, when it became a memory */
	uint64_t ended_us;		 /* when it did; 0: never */
	bool restored; /* from the store, and not yet put into the kernel again */
	struct rate_bucket rate;
	struct ha_mpd mpd;
	struct mc_node *multicast; /* owned; NULL: none is offered */
};

static inline struct work *work_of(const struct binding *b)
{
	return b->role_data;
}

/* What a Binding Update is judged by; takes from the rates what it asks of them. */
void ha_facts_gather(struct mip6 *m, const struct ha_bu *bu, struct ha_facts *f);

/* Room for its tasks; false: no memory. */
bool ha_work_wake(struct work *w);
/* Our side, as it shall be. */
static inline const struct ha_side *ha_work_side(const struct work *w)
{
	return w->tasks && w->tasks->new_side ? &w->tasks->side : &w->side;
}

/* A binding in state BINDING_NEW with its work; NULL: no memory, or there is one. */
struct binding *ha_work_new(struct mip6 *m, const struct in6_addr *hoa,
			    const struct in6_addr *local);
/* Frees it at once, with all that it waits for, and what the store has of it. */
void ha_work_forget(struct binding *b);
/* From now on nothing happens to it by itself. */
void ha_work_cancel_timers(struct binding *b);
/* Leads the kernel from what it has of `from` to what the binding wants; NULL: all of that
 * is put again. */
void ha_work_change_kernel(struct binding *b, const struct binding_path *from);
/* Puts all objects of a registration again, now or when the change under way is done. */
void ha_work_put_again(struct binding *b);
/* Brings the kernel to what the configuration and the prefix list now say of a registration,
 * whose node need not do anything for it; when a change is under way, after that. True when
 * there is something to do. */
bool ha_work_follow(struct binding *b);

#endif
