// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Dynamic home agent address discovery (RFC 6275 11.4.1): asking the anycast
 * address of the home prefix for home agents, keeping the list of the answer, and
 * turning to the next one when a home agent does not answer or does not want.
 *
 * Where the configuration has a name for the home agent, the list is what the DNS has for
 * that name, in the order in which it comes, and asked for from the care-of address.
 *
 * Only for home addresses whose home agent's address is not in the configuration. The
 * list stays while the node moves; the home agent in use is always tried first, for
 * it may have a binding (11.4.1: MUST). When the list is used up, a new one is
 * asked for, while the last goes on being asked for a registration (11.7.1).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "mn/home.h"

/* gcc's analyzer takes a tunnel for lost that only a list and its users hold. */
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

/* Protocol constants, RFC 6275 12. */
#define DHAAD_RETRIES		 4
#define INITIAL_DHAAD_TIMEOUT_US (3 * US_PER_S)
/* Asked in vain so often, it begins anew after a pause. */
#define DHAAD_PAUSE_US (60 * US_PER_S)

static void send_request(struct home_addr *h)
{
	const struct prefix prefix = prefix_of(&h->hoa, h->hoa_len);
	const struct mip6_path path = { .local = h->at.coa, .peer = addr_ha_anycast(&prefix) };
	const struct icmp6_msg msg = { .type = ICMP6_MSG_DHAAD_REQUEST,
				       .dhaad_request = { .id = h->dhaad_id } };

	/* Each retransmission MUST be delayed by twice the interval of the previous. */
	uint64_t timeout_us = INITIAL_DHAAD_TIMEOUT_US << h->dhaad_resends;

	mip6_send_icmp6_msg(h->m, &path, &msg);
	timer_set(h->m->timers, &h->dhaad_timer, h->m->now_us + timeout_us, &h->timers);
}

static void look_up(struct home_addr *h);

static void ask(struct home_addr *h)
{
	if (h->ha_name) {
		log_info(LOG_MN, "hoa=%s looking for %s", ADDR_STR(&h->hoa), h->ha_name);
		h->dhaad_resends = 0;
		look_up(h);
		return;
	}
	log_info(LOG_MN, "hoa=%s looking for a home agent", ADDR_STR(&h->hoa));
	crypto_random(&h->dhaad_id, sizeof(h->dhaad_id));
	h->seeking = true;
	h->dhaad_resends = 0;
	send_request(h);
}

void home_discover(struct home_addr *h)
{
	home_set_state(h, HOME_SEEKING);
	ask(h);
}

static void pause_asking(struct home_addr *h)
{
	timer_set(h->m->timers, &h->dhaad_timer, h->m->now_us + DHAAD_PAUSE_US, &h->timers);
}

static void on_dhaad_timer(struct timer *t, uint64_t now_us)
{
	struct home_addr *h = t->ctx;

	mip6_turn(h->m, now_us);
	if (!h->seeking) {
		if (h->state == HOME_SEEKING && h->ha_name)
			look_up(h);
		else if (h->state == HOME_SEEKING)
			ask(h);
	} else if (h->dhaad_resends < DHAAD_RETRIES) {
		h->dhaad_resends++;
		send_request(h);
	} else {
		h->seeking = false;
		log_warning(LOG_MN, "hoa=%s no home agent answers", ADDR_STR(&h->hoa));
		attach_hint(h->m, false);
		pause_asking(h);
	}
	home_path_flush(h->m);
}

/* The list, without what cannot be an address of a home agent. */
static int store_list(struct home_addr *h, const struct in6_addr *addrs, size_t count)
{
	struct in6_addr *agents = calloc(count, sizeof(*agents));
	unsigned int n = 0;
	size_t i;

	if (!agents)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		if (addr_is_routable_unicast(&addrs[i]) && !home_is_home_address(h->m, &addrs[i]) &&
		    !addr_equal(&addrs[i], &h->at.coa))
			agents[n++] = addrs[i];
	}
	if (!n) {
		free(agents);
		return -EINVAL;
	}
	free(h->agents);
	h->agents = agents;
	h->agent_count = n;
	h->agent_tried = 0;
	return 0;
}

/* Takes the next one of the list into use, in the order of the reply (SHOULD).
 * False at the end of the list. */
static bool take_next(struct home_addr *h)
{
	while (h->agent_tried < h->agent_count &&
	       addr_equal(&h->agents[h->agent_tried], &h->ha))
		h->agent_tried++; /* in use */
	if (h->agent_tried >= h->agent_count)
		return false;
	if (home_use_agent(h, &h->agents[h->agent_tried]))
		return false;
	h->agent_tried++;
	log_info(LOG_MN, "hoa=%s home agent %s (%u of %u)", ADDR_STR(&h->hoa),
		 ADDR_STR(&h->ha), h->agent_tried, h->agent_count);
	return true;
}

/* There is a list: the first of it is asked, unless the one in use has answered meanwhile. */
static void begin_with_list(struct home_addr *h)
{
	if (h->state != HOME_SEEKING) {
		if (!home_is_given_up(h) || !home_try_next_agent(h))
			pause_asking(h);
		return;
	}
	if (!take_next(h))
		return;
	if (home_is_on_home_link(h))
		home_return_to(h);
	else
		home_go_away(h);
}

static void look_up_later(struct home_addr *h)
{
	uint64_t wait_us = INITIAL_DHAAD_TIMEOUT_US << h->dhaad_resends;

	if (h->dhaad_resends < DHAAD_RETRIES)
		h->dhaad_resends++;
	timer_set(h->m->timers, &h->dhaad_timer, h->m->now_us + wait_us, &h->timers);
}

static void on_looked_up(struct mip6 *m, const struct in6_addr *addrs, size_t count, void *ctx)
{
	struct home_addr *h = ctx;

	h->lookup = NULL;
	if (count && !store_list(h, addrs, count)) {
		begin_with_list(h);
	} else {
		log_warning(LOG_MN, "hoa=%s nothing is known of %s", ADDR_STR(&h->hoa),
			    h->ha_name);
		attach_hint(m, false);
		/* The hint may have led to another attachment, and to another question. */
		if (h->state == HOME_SEEKING && !h->lookup)
			look_up_later(h);
	}
	home_path_flush(m);
}

/* From the care-of address: the home address cannot be used yet. */
static void look_up(struct home_addr *h)
{
	h->lookup = mip6_lookup(h->m, h->ha_name, &h->at.coa, on_looked_up, h);
	if (!h->lookup)
		look_up_later(h);
}

void home_on_dhaad_reply(struct mip6 *m, const struct icmp6_msg *msg)
{
	struct home_addr *h;

	TAILQ_FOREACH(h, &home_of(m)->addrs, entry) {
		if (h->seeking && h->dhaad_id == msg->dhaad_reply.id)
			break;
	}
	if (!h || !msg->dhaad_reply.count ||
	    store_list(h, msg->dhaad_reply.agent, msg->dhaad_reply.count)) {
		log_debug(LOG_MN, "a home agent list that nobody asked for, or an empty one");
		return;
	}
	h->seeking = false;
	timer_cancel(m->timers, &h->dhaad_timer);
	begin_with_list(h);
	home_path_flush(m);
}

static void leave_agent(struct home_addr *h)
{
	timer_cancel(h->m->timers, &h->send_timer);
	timer_cancel(h->m->timers, &h->refresh_timer);
	timer_cancel(h->m->timers, &h->expiry_timer);
	h->was_bound = false;
}

/* Another home agent is in use now. 11.4.1: MUST wait at least InitialBindackTimeoutFirstReg
 * after the last update to the former one. */
static void turn(struct home_addr *h, uint64_t at_us)
{
	leave_agent(h);
	home_prepare_tunnel(h);
	home_set_state(h, HOME_REGISTERING);
	home_register_at(h, at_us);
}

bool home_try_next_agent(struct home_addr *h)
{
	uint64_t last_us = h->bul ? h->bul->sent_us : 0;
	uint64_t at_us = last_us + h->m->conf->initial_bindack_timeout_first_reg_us;

	if (!addr_is_unspecified(&h->fixed_ha) || home_is_on_home_link(h) || !take_next(h))
		return false;
	turn(h, at_us);
	return true;
}

void home_look_for_others(struct home_addr *h)
{
	if (addr_is_unspecified(&h->fixed_ha) && !home_is_on_home_link(h) && !h->seeking &&
	    !h->lookup && !timer_is_set(&h->dhaad_timer))
		ask(h);
}

bool home_turn_back(struct home_addr *h)
{
	uint64_t at_us = h->bul->sent_us + h->m->conf->initial_bindack_timeout_first_reg_us;
	const struct bul_entry *e = home_former_last(h);

	if (!e || !addr_is_unspecified(&h->fixed_ha) || home_use_agent(h, &e->peer))
		return false;
	log_info(LOG_MN, "hoa=%s back to home agent %s, which may have a binding still",
		 ADDR_STR(&h->hoa), ADDR_STR(&h->ha));
	turn(h, at_us);
	return true;
}

void home_forget_agents(struct home_addr *h)
{
	const struct in6_addr none = { .s6_addr = { 0 } };

	free(h->agents);
	h->agents = NULL;
	h->agent_count = 0;
	h->agent_tried = 0;
	if (addr_is_unspecified(&h->fixed_ha))
		home_use_agent(h, &none);
}

void home_init_agent(struct home_addr *h)
{
	timer_init(&h->dhaad_timer, "home-agent-discovery", on_dhaad_timer, h);
}
