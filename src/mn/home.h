// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Home registration: one record for each home address (RFC 6275 11.4, 11.5.2,
 * 11.5.5, 11.7.1, 11.7.3). Shared by the files home*.c; route optimization reads
 * here whether a home address is registered, and may listen.
 */
#ifndef MN_HOME_H
#define MN_HOME_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/timer.h"
#include "core/footprint.h"
#include "core/mip6.h"
#include "mn/attach.h"
#include "mn/bul.h"
#include "mn/handover.h"
#include "mn/mn.h"

/* Tunnels to home agents: this and a number. */
#define HOME_TUNNEL "mip6mn"

/* Where a home address stands. */
enum home_state {
	HOME_IDLE,	  /* attached nowhere */
	HOME_SEEKING,	  /* away (or back), and the home agent is not known */
	HOME_REGISTERING, /* away; the home agent has not confirmed this care-of address */
	HOME_REGISTERED,  /* away and confirmed */
	HOME_CLAIMING,	  /* on the home link; does anybody defend the home address? */
	HOME_RETURNING,	  /* on the home link; the binding is being deleted */
	HOME_AT_HOME,	  /* on the home link, without a binding that anybody defends */
	HOME_REFUSED,	  /* the home agent does not want; wait, perhaps for ever */
	HOME_LEAVING,	  /* no longer configured; away, the binding is being deleted */
};

/* A device to a home agent, from a care-of address; at most one for each pair. */
struct home_tunnel {
	TAILQ_ENTRY(home_tunnel) entry;
	char name[IFNAMSIZ];
	struct in6_addr ha;
	struct in6_addr coa; /* :: before the first use */
};

struct home_former;

struct home_addr {
	TAILQ_ENTRY(home_addr) entry;
	struct mip6 *m;
	struct timer_owner timers;

	struct in6_addr hoa;
	uint8_t hoa_len;
	struct prefix prefix;	   /* by which the home link is known */
	struct in6_addr fixed_ha;  /* of the configuration; :: by name or discovery (11.4.1) */
	char *ha_name;		   /* owned; HomeAgentName, NULL: none */
	/* Home address of the configuration from which this one was learned by prefix
	 * discovery (11.4.3); :: when it stands there itself. */
	struct in6_addr parent;

	enum home_state state;
	struct attachment at;	      /* where this is registered (or to be) */
	struct prefix neighbours;     /* of the care-of address there, or that was */
	struct in6_addr ha;	      /* in use; :: not known */
	struct bul_entry *bul;	      /* with `ha`; NULL before the first update */
	TAILQ_HEAD(, home_former) formers; /* home agents that may have a binding as well */
	struct timer send_timer;      /* transmission, or what waits for its turn */
	struct timer refresh_timer;
	uint64_t refresh_us;	      /* when it is due */
	struct timer expiry_timer;    /* the confirmed binding ends */
	bool due;		      /* to be begun when the kernel's path is in place */
	bool deregister;	      /* what is sent next deletes the binding */
	bool paced;		      /* what is sent next waits for its turn only (11.8) */
	unsigned int seq_repairs;     /* status 135 in a row */
	unsigned int deaf_answers;    /* "no Mobility Header here" in a row (11.3.5) */
	bool was_bound;		      /* since the last time at home or nowhere */
	bool resumes;		      /* not attached yet since a restart */
	bool on_home_link;	      /* HOME_RETURNING: the address is on its interface */
	uint32_t home_ifindex;	      /* ... or was last */

	/* what is known of the address (11.4.2, 11.4.3, 11.7.1) */
	bool leaving;		      /* no longer configured: goes when its binding is gone */
	bool left;		      /* ... and that it is */
	bool taken;		      /* another node has it: MUST NOT be used again */
	bool invalid;		      /* its lifetime is over */
	bool lapsed;		      /* ... and nobody could be asked about that */
	bool deprecated;
	uint64_t valid_until_us;      /* TIME_NEVER where nothing is known */
	uint64_t preferred_until_us;
	struct timer lifetime_timer;

	/* dynamic home agent address discovery (11.4.1), or by name */
	struct lookup *lookup;	      /* of ha_name */
	struct in6_addr *agents;      /* owned: the list of the last reply */
	unsigned int agent_count;
	unsigned int agent_tried;     /* of them, from the first */
	bool seeking;		      /* a request is unanswered */
	uint16_t dhaad_id;
	unsigned int dhaad_resends;
	struct timer dhaad_timer;

	/* mobile prefix discovery (11.4.2) */
	bool soliciting;	      /* a solicitation is unanswered */
	bool prefix_asked;	      /* this home agent was asked, whatever it answered */
	bool prefix_needed;	      /* status 1: no registration before it is answered */
	uint16_t mps_id;
	uint64_t mps_timeout_us;
	uint64_t ask_us;	      /* when to ask again */
	struct timer mps_timer;

	/* kernel */
	struct home_tunnel *tunnel;   /* to `ha`, NULL: none yet */
	/* Make before break: that of the new care-of address, while the home agent still
	 * sends through the former one. NULL: there is no other than `tunnel`. */
	struct home_tunnel *next_tunnel;
	/* Confirmed by the new one; what is under way to the former address still comes
	 * (11.5.4). NULL: none. */
	struct home_tunnel *former_tunnel;
	struct timer former_timer;
	bool smooth;		      /* the former care-of address still serves */
	bool led;		      /* ... and the update went ahead of the data */
	uint64_t wanted_path;	      /* number of the last change of what it wants */
	uint64_t installed_path;      /* ... that the kernel has confirmed */

	/* returning home */
	struct probe *probe;	      /* does anybody defend the address? */
	bool defended;		      /* somebody does */
	bool claimed_anew;	      /* asked again, after the home agent knew nothing */
	struct timer na_timer;
	unsigned int na_left;	      /* advertisements of the address still to be sent */
	uint64_t home_until_us;	      /* when the home link was left, 0: never seen */
	bool linklocal_defended;      /* the binding had the L bit */

	struct in6_addr asked_by; /* the home agent that asks for groups (11.3.4), :: none */
	bool asked_bound;	  /* ... and confirmed the binding since */

	uint64_t handover; /* number of the record, 0: none under way */
};

/* Who wants to know; the hooks may be NULL. Set once by home_listen(). */
struct home_listener {
	/* A home registration with this care-of address was confirmed (also anew),
	 * and the kernel's path is in place. */
	void (*registered)(struct mip6 *m, const struct home_addr *h);
	/* The home address moved: a Binding Update with a new care-of address has been
	 * sent (RFC 6275 11.7.2: correspondents may be told from now on), or the node
	 * has come home (state HOME_AT_HOME). */
	void (*moved)(struct mip6 *m, const struct home_addr *h);
	/* The registration is no more, and not because of coming home. */
	void (*lost)(struct mip6 *m, const struct home_addr *h);
	/* That node is about to become its home agent: as a correspondent it is done with. */
	void (*chosen)(struct mip6 *m, const struct home_addr *h, const struct in6_addr *ha);
};

struct home {
	TAILQ_HEAD(home_list, home_addr) addrs;
	TAILQ_HEAD(, home_tunnel) tunnels;
	struct bul bul; /* shared with route optimization */
	unsigned int next_tunnel;
	const struct home_listener *listener;

	/* home_path.c: what all this keeps in the kernel */
	struct footprint have;
	struct footprint pending; /* what the transition under way leads to */
	struct transition *transition;
	uint64_t path_number;	  /* counts changes of what is wanted */
	uint64_t pending_number;
	bool dirty;
	bool stopping;
	bool holding; /* a predecessor's objects stay until we know where we are */
	struct timer path_timer;  /* tries again after a failure; or the end of `holding` */
	struct log_limit limit;
};

static inline struct home *home_of(const struct mip6 *m)
{
	return mn_of(m)->home;
}

/* --- home.c --- */

const char *home_state_name(enum home_state s);
/* The only way to change the state; logs "old -> new", and lets the kernel follow. */
void home_set_state(struct home_addr *h, enum home_state to);
struct home_addr *home_find(const struct mip6 *m, const struct in6_addr *hoa);
/* Begins anew with what is known of the attachment: at home, away, or nowhere. */
void home_begin(struct home_addr *h);
/* Away: registers, once the home agent is known and may be asked. */
void home_go_away(struct home_addr *h);
void home_listen(struct mip6 *m, const struct home_listener *l);
/* True when the home link is where the node is (11.5.2). */
bool home_is_on_home_link(const struct home_addr *h);
/* A new home address, at work from now on when the node is attached. `parent` NULL:
 * of the configuration. NULL: no memory. */
struct home_addr *home_add(struct mip6 *m, const struct in6_addr *hoa, uint8_t hoa_len,
			   const struct prefix *prefix, const struct in6_addr *ha,
			   const struct in6_addr *parent);
/* Ends all that it does and frees it; the kernel follows. */
void home_remove(struct mip6 *m, struct home_addr *h);
/* True while the home address is away and its home agent has confirmed. */
bool home_is_registered(const struct home_addr *h);
/* True while its home agent owes an answer that was asked for more than once. */
bool home_is_unheard(const struct home_addr *h);
/* ... so often that another home agent is to be tried (MnMaxHaConsecutiveResends). */
bool home_is_given_up(const struct home_addr *h);
/* IPsec protects its updates (RFC 6275 5.1). */
bool home_is_protected(const struct home_addr *h);
/* A packet from or to the home address has passed through the tunnel. */
void home_on_packet(struct home_addr *h, bool outgoing);
/* The kernel has confirmed what the home address wanted last. */
void home_on_installed(struct home_addr *h);

/* What was known of a registration before a restart. */
void home_restore(struct mip6 *m, const struct bul_entry *was);

/* --- home_tunnel.c --- */

/* Uses this home agent from now on (:: none), with its tunnel and list entry. */
int home_use_agent(struct home_addr *h, const struct in6_addr *ha);
/* A new tunnel of that name (NULL: the next free one) to that home agent. NULL: no
 * memory. */
struct home_tunnel *home_tunnel_add(struct home *home, const char *name,
				    const struct in6_addr *ha);
/* Makes the way for the care-of address at hand: the device is replaced in place, or,
 * where the former care-of address still serves, a second one is put beside it, through
 * which packets may come in already (RFC 6275 11.3.3). */
void home_prepare_tunnel(struct home_addr *h);
/* From now on everything goes by the new care-of address; with `linger`, what comes by the
 * former one is accepted for a while. */
void home_leave_former_tunnel(struct home_addr *h, bool linger);
/* Forgets tunnels that no home address uses. */
void home_drop_unused_tunnels(struct home *home);
void home_init_tunnel(struct home_addr *h);

/* --- home_conf.c --- */

/* A home address of the configuration. NULL: no memory. */
struct home_addr *home_add_conf(struct mip6 *m, const struct conf_home *c);
/* m->conf is a new one. What the kernel shall have follows with the next flush. */
void home_reconfigure(struct mip6 *m);
/* One that is leaving begins anew, where the node is now. */
void home_go_on_leaving(struct home_addr *h);
/* Nothing keeps one any longer that is leaving: it is removed, not from inside this call. */
void home_has_left(struct home_addr *h);

/* --- home_register.c --- */

/* A registration from before a restart, with this care-of address: asks again at once,
 * and meanwhile it counts. */
void home_resume(struct home_addr *h);

/* Begins an exchange: a registration of the current care-of address, or the
 * deletion of the binding. The first Binding Update leaves at once. */
void home_register(struct home_addr *h);
void home_deregister(struct home_addr *h);
/* A registration whose first update waits until `at_us`, or at least until the kernel has
 * what it goes by. */
void home_register_at(struct home_addr *h, uint64_t at_us);
/* The home agent cannot or will not: tries another one, or waits. `status` of the
 * acknowledgement, or what comes nearest. */
void home_refused(struct home_addr *h, uint8_t status);
/* Sends one deletion from where the node is, and does not wait for its answer. */
void home_say_goodbye(struct home_addr *h);
/* The same for the home agent of that list entry, whatever is known of the binding; the rate
 * is the caller's care. */
void home_send_deletion(struct home_addr *h, struct bul_entry *e);
/* Ends all exchange; the entry of the list stays. */
void home_cancel(struct home_addr *h);
void home_on_ba(struct home_addr *h, const struct mip6_packet *p, const struct mh_msg *msg);
void home_init_timers(struct home_addr *h);

/* --- home_agent.c: discovery, RFC 6275 11.4.1 --- */

/* Asks for the home agents of the home link, or what their name stands for, as long as it
 * takes. */
void home_discover(struct home_addr *h);
void home_on_dhaad_reply(struct mip6 *m, const struct icmp6_msg *msg);
/* Turns to the next home agent of the list. False where there is none. */
bool home_try_next_agent(struct home_addr *h);
/* Turns back to the one that answered before this one, where it may have a binding: it is what
 * the home agent at hand has found when it looked for duplicates (RFC 6275 11.7.1). False
 * where there is none. */
bool home_turn_back(struct home_addr *h);
/* Asks for a new list, unless the home agent is written in the configuration; the one in use
 * goes on being asked for a registration (11.7.1: SHOULD). */
void home_look_for_others(struct home_addr *h);
/* Forgets what was discovered. */
void home_forget_agents(struct home_addr *h);
void home_init_agent(struct home_addr *h);

/* --- home_former.c: home agents that are no longer used --- */

/* Whose entry that is is no longer used: the entry is kept, and the binding deleted, where
 * there may be one; else the entry is removed. */
void home_former_add(struct home_addr *h, struct bul_entry *e);
/* It is used again; its entry stays in the list. */
void home_former_take_back(struct home_addr *h, const struct in6_addr *ha);
/* The entry of the one that may have a binding and has answered last; NULL: none. */
const struct bul_entry *home_former_last(const struct home_addr *h);
/* The node is elsewhere: bindings are deleted from there. */
void home_former_begin(struct home_addr *h);
/* Ends all that is under way; with `goodbye` one last update is sent to each. */
void home_former_stop(struct home_addr *h, bool goodbye);
/* Forgets all, with their entries. */
void home_former_forget(struct home_addr *h);
/* True while an answer is waited for. */
bool home_former_is_asked(const struct home_addr *h);
typedef void home_former_fn(const struct home_addr *h, const struct in6_addr *ha, void *ctx);
/* Each one that is being asked. */
void home_former_each(const struct home_addr *h, home_former_fn *fn, void *ctx);
/* False where the acknowledgement does not come from one of them. */
bool home_former_on_ba(struct home_addr *h, const struct in6_addr *from, const struct mh_msg *msg);

/* --- home_prefix.c: mobile prefix discovery, RFC 6275 11.4.2, 11.4.3 --- */

/* A registration was confirmed: solicits where that is due, now or later. */
void home_prefix_resume(struct home_addr *h);
enum role_verdict home_on_mpa(struct mip6 *m, const struct mip6_packet *p,
			      const struct icmp6_msg *msg);
void home_init_prefix(struct home_addr *h);
/* A home address of the configuration whose lifetime ended while nobody could be asked is
 * tried again: the home agent knows (RFC 6275 10.3.1). */
void home_prefix_revive(struct home_addr *h);
/* SendMobPfxSols may have changed. */
void home_prefix_follow(struct home_addr *h);
/* What was known before a restart: a home address of the configuration gets its lifetimes,
 * one that was learned beside `parent` is added. */
void home_prefix_restore(struct mip6 *m, const struct in6_addr *hoa, uint8_t hoa_len,
			 const struct prefix *prefix, const struct in6_addr *parent,
			 uint64_t valid_us, uint64_t preferred_us);

/* --- home_error.c: RFC 6275 11.3.5, 11.3.6, 11.7.4 --- */

void home_on_icmp6_error(struct mip6 *m, const struct mip6_packet *p,
			 const struct icmp6_msg *msg);
/* True when the message concerned a home registration. */
bool home_on_be(struct mip6 *m, const struct mip6_packet *p, const struct mh_msg *msg);
bool home_on_brr(struct mip6 *m, const struct mip6_packet *p);

/* --- home_return.c --- */

/* On the home link: claims the address, deletes the binding first if need be. */
void home_return(struct home_addr *h);
/* On the home link, and the home agent is known now: deletes what it defends. */
void home_return_to(struct home_addr *h);
/* The home agent has deleted the binding (or never had one, or it has ended). */
void home_arrive(struct home_addr *h);
/* The answer to a deletion, other than status 135. */
void home_deleted(struct home_addr *h, uint8_t status);
/* The deletion was not answered in time. True when it is to be repeated. */
bool home_keep_returning(struct home_addr *h);
/* The home agent is a node of the link at hand, and not the router that was heard: then
 * its link-layer address is still to be found out. */
bool home_agent_is_neighbour(const struct home_addr *h);
/* The signalling path (HOME_RETURNING) or the address (HOME_AT_HOME) is in place. */
void home_on_home_link_ready(struct home_addr *h);
/* Right behind a deletion: tells the home agent alone where the home address is now. It may
 * have another interface of this node in its neighbour cache, from before, and send the
 * acknowledgement there. */
void home_announce_return(struct home_addr *h);
void home_init_return(struct home_addr *h);

/* --- home_path.c --- */

/* What the registration half wants in the kernel now. Pure. */
void home_footprint(const struct mip6 *m, struct footprint *f);
/* The way of what has this home address as its source. Pure. */
struct kobj home_default_route(const struct home_addr *h);
/* What this home address wants of the kernel has changed: the next flush leads
 * there, and home_on_installed() tells when the kernel has confirmed. */
void home_path_changed(struct home_addr *h);
/* Called at the end of whatever may have changed something: begins the way to what
 * is wanted, unless one is under way, which goes on by itself. */
void home_path_flush(struct mip6 *m);
/* Takes over what a predecessor left of what is ours. 0 or -errno. */
int home_path_adopt(struct mip6 *m);
/* True when the kernel has the address on that interface. */
bool home_path_is_on(const struct home_addr *h, uint32_t ifindex);
/* True when the kernel has a link-local address on the tunnel, from which to report groups. */
bool home_path_can_report(const struct mip6 *m, const struct home_tunnel *t);
void home_path_stop(struct mip6 *m, enum role_stop how);
void home_path_lost(struct mip6 *m, const struct kobj *o);
void home_path_init(struct mip6 *m);

/* --- home_source.c --- */

/* Where the node is there are neighbours of its care-of address. */
void home_note_neighbours(struct home_addr *h);
/* That applications get home addresses, and those leave by no other way. Pure. */
void home_source_footprint(const struct mip6 *m, struct footprint *f);

#endif
