// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Multicast of a node that is away (RFC 6275 11.3.4): with MnMulticast "tunnel", the groups
 * that applications listen to are joined at the home agent as well.
 *
 * Applications join on an interface, or leave the choice to the kernel, and know nothing of
 * tunnels. So, while the node is away, this file reads which groups of global scope the
 * interfaces of the configuration are in, and joins the same on the tunnel's device with a
 * socket of ours. The kernel then does the rest: it reports the group through the tunnel, it
 * answers the home agent's queries, and it hands what arrives to every socket that has
 * joined that group, wherever it did. Linux 6.1 does not tell of changes of memberships, so
 * they are read once a second.
 *
 * MUST NOT: nothing is reported before there is a binding and the home agent has sent a query
 * through the tunnel. That query is the node's sign that groups are served at all; from
 * then on it is assumed as long as the binding lasts (SHOULD), across moves, on whichever
 * device of the home address is in use. The kernel reports nothing by itself, because
 * nothing is joined on the device before.
 *
 * What is sent to groups takes the way that its source has, by routes: see home_path.c.
 * Called by mn.c and home_path.c.
 */
#include "mn/multicast.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/show.h"
#include "mn/attach.h"
#include "wire/mld.h"

#define READ_INTERVAL_US US_PER_S

static struct mn_multicast *multicast_of(const struct mip6 *m)
{
	return mn_of(m)->multicast;
}

bool multicast_by_tunnel(const struct home_addr *h)
{
	const struct conf *c = h->m->conf;

	/* A policy for payload knows home addresses, not groups: nothing in the clear. */
	return c->mn_multicast == CONF_MULTICAST_TUNNEL &&
	       !(c->use_mn_ha_ipsec &&
		 conf_ipsec_find(c, &h->hoa, &h->ha, CONF_IPSEC_TUNNEL_PAYLOAD));
}

static bool has_binding(const struct home_addr *h)
{
	return h->bul && h->bul->valid_until_us > h->m->now_us;
}

/* The home agent has asked, and the binding that it asked in lasts. */
static bool is_asked(const struct home_addr *h)
{
	return !addr_is_unspecified(&h->asked_by) && has_binding(h);
}

/* What was asked counts no more: at home, with another home agent, without a binding. (A
 * query may overtake the acknowledgement of the binding that it belongs to.) */
static bool is_over(const struct home_addr *h)
{
	if (!addr_equal(&h->asked_by, &h->ha))
		return true;
	switch (h->state) {
	case HOME_REGISTERING:
	case HOME_REGISTERED:
		return h->asked_bound && !has_binding(h);
	case HOME_SEEKING:
	case HOME_IDLE:
		return !has_binding(h);
	case HOME_CLAIMING:
	case HOME_RETURNING:
	case HOME_AT_HOME:
	case HOME_REFUSED:
	case HOME_LEAVING:
		break;
	}
	return true;
}

static bool uses(const struct home_addr *h, const struct home_tunnel *t)
{
	return h->tunnel == t || h->next_tunnel == t || h->former_tunnel == t;
}

/* --- what applications listen to ----------------------------------------------------- */

static bool is_watched(const struct mip6 *m, uint32_t ifindex)
{
	const struct link *l = link_find(&m->links, ifindex);

	return l && !l->l.ours && l->l.kind != KLINK_LOOPBACK &&
	       (m->conf->mn_use_all_interfaces || conf_interface_find(m->conf, l->l.name));
}

static int take_group(uint32_t ifindex, const struct in6_addr *group, void *ctx)
{
	struct mn_multicast *mc = ctx;

	if (mld_scope(group) < MLD_SCOPE_GLOBAL || !is_watched(mc->m, ifindex))
		return 0;
	for (size_t i = 0; i < mc->count; i++) {
		if (addr_equal(&mc->groups[i], group))
			return 0;
	}
	if (mc->count == MULTICAST_GROUPS_MAX)
		mc->cut = true;
	else
		mc->groups[mc->count++] = *group;
	return 0;
}

static void read_groups(struct mn_multicast *mc)
{
	struct mip6 *m = mc->m;
	bool was_cut = mc->cut;
	int err;

	mc->count = 0;
	mc->cut = false;
	err = m->kernel->ops->list_groups(m->kernel, take_group, mc);
	if (err)
		log_limited(&m->kernel_limit, m->now_us, LOG_MN, LOGL_WARNING,
			    "cannot read the groups of applications: %s", strerror(-err));
	if (!mc->cut || was_cut)
		return;
	count(&m->counters, COUNT_MCAST_FULL);
	log_warning(LOG_MN, "applications listen to more than %d groups: not all of them go "
		    "through the tunnel", MULTICAST_GROUPS_MAX);
}

/* --- what is joined on tunnels ------------------------------------------------------- */

static void add_tunnel_groups(const struct mn_multicast *mc, const struct home_tunnel *t,
			      struct footprint *f)
{
	const struct link *l = link_find_name(&mc->m->links, t->name);
	struct kobj o = { .type = KOBJ_GROUP };

	if (!l || !home_path_can_report(mc->m, t))
		return;
	o.member.ifindex = l->l.ifindex;
	for (size_t i = 0; i < mc->count; i++) {
		o.member.addr = mc->groups[i];
		footprint_add(f, &o);
	}
}

static bool same(const struct footprint *a, const struct footprint *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!kobj_equal(&a->items[i], &b->items[i]))
			return false;
	}
	return true;
}

static void join(struct mn_multicast *mc)
{
	const struct home_tunnel *t;
	const struct home_addr *h;
	struct footprint f, copy;

	footprint_init(&f);
	TAILQ_FOREACH (t, &home_of(mc->m)->tunnels, entry) {
		TAILQ_FOREACH (h, &home_of(mc->m)->addrs, entry) {
			if (uses(h, t) && is_asked(h) && multicast_by_tunnel(h))
				break;
		}
		if (h)
			add_tunnel_groups(mc, t, &f);
	}
	if (!same(&f, &mc->last) && footprint_copy(&copy, &f) == 0) {
		kept_set(&mc->kept, &f);
		footprint_free(&mc->last);
		mc->last = copy;
	}
	footprint_free(&f);
}

static bool anybody_asked(const struct mip6 *m)
{
	const struct home_addr *h;

	TAILQ_FOREACH (h, &home_of(m)->addrs, entry) {
		if (is_asked(h) && multicast_by_tunnel(h))
			return true;
	}
	return false;
}

static void on_timer(struct timer *t, uint64_t now_us)
{
	struct mn_multicast *mc = t->ctx;

	mip6_turn(mc->m, now_us);
	if (anybody_asked(mc->m)) {
		read_groups(mc);
		timer_set(mc->m->timers, t, now_us + READ_INTERVAL_US, NULL);
	} else {
		mc->count = 0;
		mc->cut = false;
	}
	join(mc);
}

void multicast_review(struct mip6 *m)
{
	struct home_addr *h;

	TAILQ_FOREACH (h, &home_of(m)->addrs, entry) {
		if (!addr_is_unspecified(&h->asked_by) && is_over(h)) {
			h->asked_by = in6addr_any;
			home_of(m)->dirty = true;
		}
		h->asked_bound = is_asked(h);
	}
}

void multicast_refresh(struct mip6 *m)
{
	struct mn_multicast *mc = multicast_of(m);

	if (!mc)
		return;
	if (timer_is_set(&mc->timer) && anybody_asked(m))
		join(mc);
	else if (timer_is_set(&mc->timer) || anybody_asked(m))
		on_timer(&mc->timer, m->now_us);
}

/* --- the home agent asks ---------------------------------------------------------------- */

static const struct home_tunnel *tunnel_of(const struct mip6 *m, uint32_t ifindex)
{
	const struct link *l = link_find(&m->links, ifindex);
	const struct home_tunnel *t;

	TAILQ_FOREACH (t, &home_of(m)->tunnels, entry) {
		if (l && l->l.ours && strncmp(t->name, l->l.name, IFNAMSIZ) == 0)
			return t;
	}
	return NULL;
}

/* That the tunnel comes from the home agent the kernel has checked. */
void multicast_on_icmp6(struct mip6 *m, const struct mip6_packet *p)
{
	const struct home_tunnel *t = tunnel_of(m, p->path.ifindex);
	struct wire_error err;
	struct mld_msg msg;
	struct home_addr *h;
	bool news = false;

	if (!t)
		return;
	/* RFC 3810 6.2: the hop limit, the source */
	if (p->hop_limit != 1 || !addr_is_linklocal(&p->path.peer) ||
	    mld_decode(p->data, p->len, &msg, &err) != WIRE_OK || msg.type != MLD_QUERY) {
		count(&m->counters, COUNT_MCAST_FORM);
		return;
	}
	count(&m->counters, COUNT_IN_MLD_QUERY);
	TAILQ_FOREACH (h, &home_of(m)->addrs, entry) {
		/* 11.3.4: (1) the binding is in place, (2) it sent a query through the tunnel. */
		if (!uses(h, t) || !addr_equal(&h->ha, &t->ha) ||
		    addr_equal(&h->asked_by, &h->ha))
			continue;
		h->asked_by = h->ha;
		news = true;
	}
	if (!news)
		return;
	home_of(m)->dirty = true; /* the tunnel gets an address to report from */
	home_path_flush(m);
}

/* --- birth and death --------------------------------------------------------------------- */

int multicast_start(struct mip6 *m)
{
	struct mn_multicast *mc = calloc(1, sizeof(*mc));

	if (!mc)
		return -ENOMEM;
	mc->m = m;
	mn_of(m)->multicast = mc;
	kept_init(&mc->kept, m, "groups at the home agent");
	footprint_init(&mc->last);
	timer_init(&mc->timer, "multicast-groups", on_timer, mc);
	return 0;
}

void multicast_stop(struct mip6 *m)
{
	struct mn_multicast *mc = multicast_of(m);

	timer_cancel(m->timers, &mc->timer);
	kept_end(&mc->kept);
	footprint_free(&mc->last);
	free(mc);
	mn_of(m)->multicast = NULL;
}

void multicast_free(struct mip6 *m)
{
	struct mn_multicast *mc = multicast_of(m);

	if (!mc)
		return;
	timer_cancel(m->timers, &mc->timer);
	kept_free(&mc->kept);
	footprint_free(&mc->last);
	free(mc);
	mn_of(m)->multicast = NULL;
}

void multicast_show(struct mip6 *m, struct show *out)
{
	const struct mn_multicast *mc = multicast_of(m);
	const struct home_addr *h;

	show_list(out, "home_addresses");
	TAILQ_FOREACH (h, &home_of(m)->addrs, entry) {
		show_row(out);
		show_addr(out, "home_address", &h->hoa);
		show_bool(out, "by_tunnel", multicast_by_tunnel(h));
		show_addr(out, "asked_by", &h->asked_by);
	}
	show_close(out);
	show_list(out, "groups");
	for (size_t i = 0; mc && i < mc->count; i++) {
		show_row(out);
		show_addr(out, "group", &mc->groups[i]);
	}
	show_close(out);
}
