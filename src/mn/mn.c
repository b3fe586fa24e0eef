// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The mobile node's table of hooks (RFC 6275 section 11). It only leads each event
 * to the half that it concerns, see attach.h: movement (move*.c) or registration
 * (home*.c). Messages of the Mobility Header are told apart by the Binding Update
 * List: those of home agents are registration's.
 */
#include "mn/mn.h"

#include <errno.h>
#include <stdlib.h>

#include "core/ipsec.h"
#include "mn/attach.h"
#include "mn/home.h"
#include "mn/kept_state.h"
#include "mn/mn_show.h"
#include "mn/multicast.h"
#include "mn/ro.h"

static void save_entry(void *ctx, const struct bul_entry *e, bool gone)
{
	mn_save_entry(ctx, e, gone);
}

static int start(struct mip6 *m)
{
	int err;

	m->mn = calloc(1, sizeof(struct mn));
	if (!m->mn)
		return -ENOMEM;
	/* Registration first: movement may attach at once and tells it. */
	err = home_start(m);
	if (!err)
		err = multicast_start(m);
	if (!err)
		err = ro_start(m);
	if (!err) {
		mn_restore_entries(m, BUL_CORRESPONDENT);
		/* Nothing may be written while it is read. */
		home_of(m)->bul.changed = save_entry;
		home_of(m)->bul.ctx = m;
	}
	return err ? err : move_start(m);
}

/* What a predecessor left is needed until it is clear where the node is. */
static bool settled(const struct mip6 *m)
{
	const struct home_addr *h;

	if (!attach_current(m)->usable)
		return false;
	TAILQ_FOREACH (h, &home_of(m)->addrs, entry) {
		if (h->state != HOME_REGISTERED && h->state != HOME_AT_HOME &&
		    h->state != HOME_REFUSED && !h->leaving)
			return false;
	}
	return true;
}

static void stop(struct mip6 *m, enum role_stop how)
{
	if (how == ROLE_SHUTDOWN)
		multicast_stop(m);
	ro_stop(m, how);
	home_stop(m, how);
	move_stop(m, how);
}

static void mn_free(struct mip6 *m)
{
	if (!m->mn)
		return;
	multicast_free(m);
	ro_free(m);
	move_free(m);
	home_free(m);
	free(m->mn);
	m->mn = NULL;
}

/* A Binding Acknowledgement is the home agent's or a correspondent's, as the list
 * knows; one from anybody else answers nothing (11.7.3). */
static enum role_verdict on_ba(struct mip6 *m, const struct mip6_packet *p,
			       const struct mh_msg *msg)
{
	struct home_addr *h = home_find(m, path_local_id(&p->path));

	if (h && addr_equal(&h->ha, path_peer_id(&p->path)))
		home_on_ba(h, p, msg);
	else if (!h || !home_former_on_ba(h, path_peer_id(&p->path), msg))
		ro_on_ba(m, p, msg);
	return ROLE_TAKEN;
}

static enum role_verdict on_mh(struct mip6 *m, const struct mip6_packet *p,
			       const struct mh_msg *msg)
{
	switch (msg->type) {
	case MH_BA:
		return on_ba(m, p, msg);
	case MH_BE:
		return home_on_be(m, p, msg) || ro_on_be(m, p, msg) ? ROLE_TAKEN : ROLE_PASS;
	case MH_BRR:
		return home_on_brr(m, p) || ro_on_brr(m, p) ? ROLE_TAKEN : ROLE_PASS;
	case MH_HOT:
	case MH_COT:
		ro_on_test(m, p, msg);
		return ROLE_TAKEN;
	case MH_HOTI:
	case MH_COTI:
	case MH_BU:
		break;
	}
	return ROLE_PASS;
}

static enum role_verdict on_icmp6(struct mip6 *m, const struct mip6_packet *p,
				  const struct icmp6_msg *msg)
{
	switch (msg->type) {
	case ICMP6_MSG_DHAAD_REPLY:
		home_on_dhaad_reply(m, msg);
		return ROLE_TAKEN;
	case ICMP6_MSG_MPA:
		return home_on_mpa(m, p, msg);
	case ICMP6_MSG_UNREACHABLE:
	case ICMP6_MSG_TOO_BIG:
	case ICMP6_MSG_TIME_EXCEEDED:
	case ICMP6_MSG_PARAM_PROBLEM:
	case ICMP6_MSG_DHAAD_REQUEST:
	case ICMP6_MSG_MPS:
		break;
	}
	return ROLE_PASS;
}

static void on_lost(struct mip6 *m, const struct kobj *o)
{
	home_path_lost(m, o);
	move_on_lost(m, o);
	ro_on_lost(m, o);
}

static void on_link(struct mip6 *m, const struct klink *l)
{
	move_on_link(m, l);
	if (l->ours)
		multicast_refresh(m);
}

static void on_icmp6_error(struct mip6 *m, const struct mip6_packet *p,
			   const struct icmp6_msg *msg)
{
	home_on_icmp6_error(m, p, msg);
	ro_on_icmp6_error(m, p, msg);
}

static void reconfigure(struct mip6 *m, const struct conf *old)
{
	(void)old;
	ipsec_look_at_conf(m->conf);
	home_reconfigure(m);
	/* What it gives up, for it is a home address now, goes before that is put. */
	move_reconfigure(m);
	ro_reconfigure(m);
	home_path_flush(m);
}

static void on_traffic(struct mip6 *m, const struct ktraffic_event *t)
{
	struct home_addr *h = home_find(m, &t->local);

	if (h)
		home_on_packet(h, t->outgoing);
	ro_on_traffic(m, t);
}

const struct role mn_role = {
	.name = "mn",
	.start = start,
	.settled = settled,
	.stop = stop,
	.free = mn_free,
	.reconfigure = reconfigure,
	.on_mh = on_mh,
	.on_icmp6 = on_icmp6,
	.on_icmp6_error = on_icmp6_error,
	.on_traffic = on_traffic,
	.on_nd = move_on_nd,
	.on_icmp6_other = multicast_on_icmp6,
	.on_link = on_link,
	.on_addr = move_on_addr,
	.on_neigh = move_on_neigh,
	.on_lost = on_lost,
	.objects = mn_objects,
	.ways = mn_ways,
	.wrong = mn_wrong,
	.status = mn_status,
	.shows = mn_shows,
	.commands = mn_commands,
};
