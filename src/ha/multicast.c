// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Multicast for nodes that are away: who listens to what.
 *
 * All nodes are behind one tunnel device, so the kernel's multicast routing, which thinks in
 * devices, is of no use; RFC 6275 10.4.3 leaves open how it is done. Here it is a proxy in
 * the sense of RFC 4605: towards each node this is the querier of a link that has one host
 * (multicast_mld.c); on the home link it is a host that listens to all that its nodes listen
 * to. What is sent to these groups there goes on to the nodes, and what a node sends through
 * the tunnel goes to the home link (multicast_data.c).
 *
 * The node of a message is known by the tunnel (10.4.3): the source of the outer header is
 * the care-of address of a binding. Two home addresses behind one care-of address are told
 * apart by the interface identifier, where that is of use; else it does not matter, since
 * the packets go to the same node.
 *
 * Nodes of a virtual home link are served where HaMulticastInterface names a link for them.
 * A node whose payload must be protected by IPsec is not: the selectors of such a policy
 * know its home address, not groups, and its multicast would travel in the clear.
 *
 * Bounds: HaMaxGroups, HaMaxGroupsPerNode. Memberships of this machine live with its
 * sockets; after a restart nodes are asked at once, and answer.
 */
#include "ha/multicast.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/show.h"
#include "ha/ha.h"
#include "ha/registration.h"
#include "ha/work.h"

/* gcc's analyzer loses sight of what hangs from a table or a list and takes it for lost. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

/* What the kernel tells in a second of what comes out of the tunnel: a flood from there
 * then costs a bounded part of a processor. */
#define TUNNEL_PACKETS_PER_S 10000

static struct ha_multicast *mc_of(const struct mip6 *m)
{
	return ha_of(m)->multicast;
}

/* --- groups on links --------------------------------------------------------------- */

static struct mc_link *find_link(const struct ha_multicast *mc, uint32_t ifindex)
{
	struct mc_link *l;

	LIST_FOREACH (l, &mc->links, entry) {
		if (l->ifindex == ifindex)
			return l;
	}
	return NULL;
}

static bool add_link(struct ha_multicast *mc, uint32_t ifindex)
{
	struct mc_link *l = calloc(1, sizeof(*l));

	if (!l)
		return false;
	l->ifindex = ifindex;
	kept_init(&l->kept, mc->m, "multicast groups");
	LIST_INSERT_HEAD(&mc->links, l, entry);
	return true;
}

/* Tells the kernel which groups of the link are wanted. False: none is. */
static bool sync_link(struct ha_multicast *mc, struct mc_link *l)
{
	const struct kernel_ops *ops = mc->m->kernel->ops;
	size_t room = HASH_COUNT(mc->groups), n = 0;
	struct in6_addr *addrs = calloc(room ? room : 1, sizeof(*addrs));
	struct kobj o = { .type = KOBJ_GROUP, .member = { .ifindex = l->ifindex } };
	const struct mc_group *g;
	struct footprint f;
	int err;

	if (!addrs)
		return true;
	footprint_init(&f);
	for (g = mc->groups; g; g = g->hh.next) {
		if (g->key.ifindex != l->ifindex)
			continue;
		addrs[n++] = g->key.addr;
		o.member.addr = g->key.addr;
		footprint_add(&f, &o);
	}
	if (n)
		kept_set(&l->kept, &f);
	footprint_free(&f);
	err = ops->hear_groups(mc->m->kernel, l->ifindex, addrs, n);
	if (err && err != -ENODEV)
		log_warning(LOG_HA, "cannot hear multicast on link %u: %s", l->ifindex,
			    strerror(-err));
	free(addrs);
	return n != 0;
}

static void on_sync_timer(struct timer *t, uint64_t now_us)
{
	struct ha_multicast *mc = t->ctx;
	struct mc_link *l, *next;

	mip6_turn(mc->m, now_us);
	for (l = LIST_FIRST(&mc->links); l; l = next) {
		next = LIST_NEXT(l, entry);
		if (sync_link(mc, l))
			continue;
		LIST_REMOVE(l, entry);
		kept_end(&l->kept);
		free(l);
	}
}

/* Once, however many groups change in this turn. */
static void groups_changed(struct ha_multicast *mc)
{
	if (!timer_is_set(&mc->sync_timer))
		timer_set(mc->m->timers, &mc->sync_timer, mc->m->now_us, NULL);
}

/* --- members ----------------------------------------------------------------------- */

struct mc_group *ha_multicast_group(const struct mip6 *m, uint32_t ifindex,
				    const struct in6_addr *addr)
{
	struct mc_group_key key = { .addr = *addr, .ifindex = ifindex };
	struct mc_group *g;

	HASH_FIND(hh, mc_of(m)->groups, &key, sizeof(key), g);
	return g;
}

static struct mc_group *add_group(struct ha_multicast *mc, uint32_t ifindex,
				  const struct in6_addr *addr)
{
	uint32_t max = mc->m->conf->ha_max_groups;
	struct mc_group *g;

	if ((max && HASH_COUNT(mc->groups) >= max) ||
	    (!find_link(mc, ifindex) && !add_link(mc, ifindex)))
		return NULL;
	g = calloc(1, sizeof(*g));
	if (!g)
		return NULL;
	g->key = (struct mc_group_key){ .addr = *addr, .ifindex = ifindex };
	TAILQ_INIT(&g->members);
	HASH_ADD(hh, mc->groups, key, sizeof(g->key), g);
	groups_changed(mc);
	return g;
}

static struct mc_member *find_member(const struct mc_node *n, const struct in6_addr *group)
{
	struct mc_member *p;

	TAILQ_FOREACH (p, &n->members, of_node) {
		if (addr_equal(&p->group->key.addr, group))
			return p;
	}
	return NULL;
}

static void end_member(struct mc_member *p)
{
	struct mip6 *m = p->node->m;
	struct ha_multicast *mc = mc_of(m);
	struct mc_group *g = p->group;

	ha_mcdata_forget_member(m, p);
	timer_cancel(m->timers, &p->expiry);
	TAILQ_REMOVE(&p->node->members, p, of_node);
	p->node->count--;
	TAILQ_REMOVE(&g->members, p, of_group);
	free(p);
	if (--g->count)
		return;
	HASH_DEL(mc->groups, g);
	free(g);
	groups_changed(mc);
}

static void on_expiry(struct timer *t, uint64_t now_us)
{
	struct mc_member *p = t->ctx;

	mip6_turn(p->node->m, now_us);
	log_debug(LOG_HA, "hoa=%s: group %s was not confirmed", ADDR_STR(&p->node->b->key.hoa),
		  ADDR_STR(&p->group->key.addr));
	end_member(p);
}

static struct mc_member *add_member(struct mc_node *n, const struct in6_addr *addr)
{
	struct mip6 *m = n->m;
	uint32_t max = m->conf->ha_max_groups_per_node;
	struct mc_group *g;
	struct mc_member *p;

	if (max && n->count >= max)
		return NULL;
	g = ha_multicast_group(m, n->ifindex, addr);
	p = calloc(1, sizeof(*p));
	if (p && !g)
		g = add_group(mc_of(m), n->ifindex, addr);
	if (!p || !g) {
		free(p);
		return NULL;
	}
	p->node = n;
	p->group = g;
	timer_init(&p->expiry, "multicast-listener", on_expiry, p);
	TAILQ_INSERT_TAIL(&n->members, p, of_node);
	n->count++;
	TAILQ_INSERT_TAIL(&g->members, p, of_group);
	g->count++;
	return p;
}

void ha_multicast_join(struct mc_node *n, const struct in6_addr *group)
{
	struct mip6 *m = n->m;
	struct mc_member *p = find_member(n, group);

	if (!p) {
		p = add_member(n, group);
		if (!p) {
			count(&m->counters, COUNT_MCAST_FULL);
			log_limited(&mc_of(m)->limit, m->now_us, LOG_HA, LOGL_NOTICE,
				    "hoa=%s: no room for group %s, see HaMaxGroups and "
				    "HaMaxGroupsPerNode",
				    ADDR_STR(&n->b->key.hoa), ADDR_STR(group));
			return;
		}
		log_debug(LOG_HA, "hoa=%s listens to %s", ADDR_STR(&n->b->key.hoa),
			  ADDR_STR(group));
	}
	timer_set(m->timers, &p->expiry, time_add(m->now_us, ha_mld_listener_interval_us(m)),
		  NULL);
}

void ha_multicast_leave(struct mc_node *n, const struct in6_addr *group)
{
	struct mc_member *p = find_member(n, group);

	if (!p)
		return;
	log_debug(LOG_HA, "hoa=%s has left %s", ADDR_STR(&n->b->key.hoa), ADDR_STR(group));
	end_member(p);
}

void ha_multicast_doubt(struct mc_node *n, const struct in6_addr *group)
{
	struct mc_member *p = find_member(n, group);
	uint64_t until_us = time_add(n->m->now_us, ha_mld_last_listener_us());

	if (!p || p->expiry.at_us <= until_us)
		return;
	timer_set(n->m->timers, &p->expiry, until_us, NULL);
	ha_mld_ask_for(n, group);
}

/* --- nodes -------------------------------------------------------------------------- */

uint32_t ha_multicast_link(const struct mip6 *m, const struct binding *b)
{
	const struct in6_addr *local = &ha_registration_side(b)->local;

	if (!mc_of(m) || !mc_of(m)->on ||
	    (m->conf->use_mn_ha_ipsec &&
	     conf_ipsec_find(m->conf, &b->key.hoa, local, CONF_IPSEC_TUNNEL_PAYLOAD)))
		return 0;
	return b->installed.home_ifindex ? b->installed.home_ifindex : mc_of(m)->virtual_ifindex;
}

static void place_node(struct ha_multicast *mc, struct mc_node *n)
{
	uint64_t hash = addr_hash(&n->b->installed.coa, mc->m->hash_seed);

	n->coa = n->b->installed.coa;
	LIST_INSERT_HEAD(&mc->nodes[hash % MC_BUCKETS], n, of_bucket);
}

static struct mc_node *add_node(struct ha_multicast *mc, struct binding *b)
{
	struct mc_node *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->m = mc->m;
	n->b = b;
	TAILQ_INIT(&n->members);
	ha_mld_init_node(n);
	place_node(mc, n);
	mc->node_count++;
	work_of(b)->multicast = n;
	return n;
}

static void end_members(struct mc_node *n)
{
	while (!TAILQ_EMPTY(&n->members))
		end_member(TAILQ_FIRST(&n->members));
}

void ha_multicast_ended(struct binding *b)
{
	struct mc_node *n = work_of(b)->multicast;

	if (!n)
		return;
	end_members(n);
	timer_cancel(n->m->timers, &n->query);
	LIST_REMOVE(n, of_bucket);
	mc_of(n->m)->node_count--;
	work_of(b)->multicast = NULL;
	free(n);
}

void ha_multicast_registered(struct binding *b, bool heard)
{
	struct mip6 *m = work_of(b)->m;
	uint32_t ifindex = ha_multicast_link(m, b);
	struct mc_node *n = work_of(b)->multicast;
	bool is_new = !n;

	if (!ifindex) {
		ha_multicast_ended(b);
		return;
	}
	if (is_new)
		n = add_node(mc_of(m), b);
	if (!n)
		return;
	if (n->ifindex != ifindex)
		end_members(n);
	n->ifindex = ifindex;
	if (!addr_equal(&n->coa, &b->installed.coa)) {
		LIST_REMOVE(n, of_bucket);
		place_node(mc_of(m), n);
	}
	/* A node that has started anew may not report before it was asked (11.3.4). */
	if (is_new || heard)
		ha_mld_ask(n, is_new ? 1 : n->starting);
}

static bool visit(struct mip6 *m, struct binding *b)
{
	(void)m;
	if (b->state != BINDING_ACTIVE)
		return false;
	ha_multicast_registered(b, false);
	return true;
}

/* --- the whole ---------------------------------------------------------------------- */

static void watch(struct ha_multicast *mc, bool on)
{
	struct kernel *k = mc->m->kernel;

	mc->on = on;
	if (k->ops->watch_multicast(k, HA_TUNNEL, on ? TUNNEL_PACKETS_PER_S : 0) < 0)
		mc->on = false; /* the port has told why */
}

static uint32_t virtual_ifindex(const struct mip6 *m)
{
	const char *name = m->conf->ha_multicast_interface;
	const struct link *l = name ? link_find_name(&m->links, name) : NULL;

	return l ? l->l.ifindex : 0;
}

/* Where no link can have a group there is nothing to watch, and nobody to ask. */
static bool is_wanted(const struct conf *c)
{
	return c->ha_multicast && (c->interface_count || c->ha_multicast_interface);
}

int ha_multicast_init(struct mip6 *m)
{
	struct ha_multicast *mc = calloc(1, sizeof(*mc));

	if (!mc)
		return -ENOMEM;
	ha_of(m)->multicast = mc;
	mc->m = m;
	LIST_INIT(&mc->links);
	timer_init(&mc->sync_timer, "multicast-groups", on_sync_timer, mc);
	mc->limit = (struct log_limit)LOG_LIMIT(5, 1);
	ha_walk_init(&mc->walk, m, "multicast-walk", visit, NULL);
	ha_mcdata_init(m);
	mc->virtual_ifindex = virtual_ifindex(m);
	if (is_wanted(m->conf))
		watch(mc, true);
	return 0;
}

void ha_multicast_refresh(struct mip6 *m, const struct conf *old)
{
	struct ha_multicast *mc = mc_of(m);
	uint32_t ifindex = virtual_ifindex(m);
	bool changed;

	if (!mc)
		return;
	changed = ifindex != mc->virtual_ifindex;
	mc->virtual_ifindex = ifindex;
	if (old && is_wanted(m->conf) != mc->on) {
		watch(mc, is_wanted(m->conf));
		changed = true;
	}
	if (changed || (old && m->conf->use_mn_ha_ipsec))
		ha_walk_begin(&mc->walk);
}

static void end_all_nodes(struct ha_multicast *mc)
{
	for (size_t i = 0; i < MC_BUCKETS; i++) {
		while (!LIST_EMPTY(&mc->nodes[i]))
			ha_multicast_ended(LIST_FIRST(&mc->nodes[i])->b);
	}
}

void ha_multicast_stop(struct mip6 *m)
{
	struct ha_multicast *mc = mc_of(m);

	mc->on = false;
	ha_walk_cancel(&mc->walk);
	ha_mcdata_forget_all(m);
	end_all_nodes(mc);
	if (timer_is_set(&mc->sync_timer))
		on_sync_timer(&mc->sync_timer, m->now_us);
	timer_cancel(m->timers, &mc->sync_timer);
}

void ha_multicast_free(struct mip6 *m)
{
	struct ha_multicast *mc = mc_of(m);
	struct mc_link *l;

	if (!mc)
		return;
	ha_walk_cancel(&mc->walk);
	ha_mcdata_forget_all(m);
	end_all_nodes(mc);
	timer_cancel(m->timers, &mc->sync_timer);
	while ((l = LIST_FIRST(&mc->links))) {
		LIST_REMOVE(l, entry);
		kept_free(&l->kept);
		free(l);
	}
	free(mc);
	ha_of(m)->multicast = NULL;
}

void ha_multicast_on_packet(struct mip6 *m, const struct kmulticast_event *e)
{
	if (!mc_of(m) || !mc_of(m)->on)
		return;
	if (e->ifindex)
		ha_mcdata_from_link(m, e);
	else if (!ha_mld_on_packet(m, e))
		ha_mcdata_from_node(m, e);
}

/* --- what is told of it --------------------------------------------------------------- */

static const char *link_name(const struct mip6 *m, uint32_t ifindex)
{
	const struct link *l = link_find(&m->links, ifindex);

	return l ? l->l.name : "gone";
}

void ha_multicast_show(struct mip6 *m, struct show *out)
{
	const struct mc_group *g;

	show_bool(out, "on", mc_of(m)->on);
	show_number(out, "nodes", mc_of(m)->node_count);
	show_list(out, "groups");
	for (g = mc_of(m)->groups; g; g = g->hh.next) {
		show_row(out);
		show_text(out, "link", link_name(m, g->key.ifindex));
		show_addr(out, "group", &g->key.addr);
		show_number(out, "listeners", g->count);
		show_number(out, "packets", g->packets);
	}
	show_close(out);
}

/* Where it is joined on several links, one after the other; in pieces. */
void ha_multicast_show_group(struct mip6 *m, struct show *out, const struct in6_addr *addr)
{
	uint64_t at = 0;
	const struct mc_group *g;
	const struct mc_member *p;

	show_list(out, "listeners");
	for (g = mc_of(m)->groups; g; g = g->hh.next) {
		if (!addr_equal(&g->key.addr, addr))
			continue;
		TAILQ_FOREACH (p, &g->members, of_group) {
			if (at++ < *show_cursor(out))
				continue;
			if (show_is_full(out)) {
				*show_cursor(out) = at - 1;
				show_more(out);
				break;
			}
			show_row(out);
			show_text(out, "link", link_name(m, g->key.ifindex));
			show_addr(out, "home_address", &p->node->b->key.hoa);
			show_addr(out, "care_of_address", &p->node->coa);
			show_until(out, "left", p->expiry.at_us, m->now_us);
		}
	}
	show_close(out);
}

void ha_multicast_objects(struct mip6 *m, role_object_fn *fn, void *ctx)
{
	const struct mc_link *l;

	LIST_FOREACH (l, &mc_of(m)->links, entry)
		footprint_each(&l->kept.have, fn, ctx);
}
