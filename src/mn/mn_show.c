// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the mobile node tells the console: where it is, its Binding Update List, its
 * handovers, its interfaces and routers. Only reads. Called through the role's table.
 */
#include "mn/mn_show.h"

#include <stdio.h>

#include "core/show.h"
#include "mn/home.h"
#include "mn/move.h"
#include "mn/multicast.h"
#include "mn/ro.h"
#include "mn/ro_show.h"

void mn_status(struct mip6 *m, struct show *out)
{
	const struct attachment *at = attach_current(m);
	const struct link *l = at->usable ? link_find(&m->links, at->ifindex) : NULL;
	const struct home_addr *h;

	show_text(out, "attached_to", l ? l->l.name : "nothing");
	if (*move_of(m)->preferred)
		show_text(out, "preferred_interface", move_of(m)->preferred);
	if (move_of(m)->paused)
		show_bool(out, "paused", true);
	if (at->usable) {
		show_addr(out, "care_of_address", &at->coa);
		show_addr(out, "router", &at->router);
	}
	show_list(out, "home_addresses");
	TAILQ_FOREACH (h, &home_of(m)->addrs, entry) {
		show_row(out);
		show_addr(out, "home_address", &h->hoa);
		show_text(out, "state", home_state_name(h->state));
		show_addr(out, "home_agent", &h->ha);
		show_until(out, "binding_left", h->bul ? h->bul->valid_until_us : 0, m->now_us);
	}
	show_close(out);
}

static void wrong_with_home(const struct home_addr *h, role_wrong_fn *fn, void *ctx)
{
	uint8_t status = h->bul ? h->bul->status : 0;
	char text[256];

	if (h->taken) {
		snprintf(text, sizeof(text), "another node has %s", ADDR_STR(&h->hoa));
		fn(text, "the log", ctx);
	} else if (h->state == HOME_SEEKING && h->ha_name) {
		snprintf(text, sizeof(text), "%s has no address yet", h->ha_name);
		fn(text, "the log; /etc/resolv.conf, /etc/hosts", ctx);
	} else if (h->state == HOME_SEEKING && h->dhaad_resends) {
		snprintf(text, sizeof(text), "no home agent of %s answers discovery",
			 ADDR_STR(&h->hoa));
		fn(text, "is there one on the home link? else give HomeAgentAddress", ctx);
	} else if (home_is_unheard(h)) {
		snprintf(text, sizeof(text), "%s has answered none of %u Binding Updates of %s",
			 ADDR_STR(&h->ha), h->bul->resends + 1, ADDR_STR(&h->hoa));
		fn(text, "netcheck", ctx);
	} else if (h->state == HOME_REFUSED) {
		snprintf(text, sizeof(text), "%s refuses %s: status %u, %s", ADDR_STR(&h->ha),
			 ADDR_STR(&h->hoa), status, mh_ba_status_name(status));
		fn(text, "bul; violations of the home agent", ctx);
	}
}

void mn_wrong(struct mip6 *m, role_wrong_fn *fn, void *ctx)
{
	const struct home_addr *h;

	if (TAILQ_EMPTY(&move_of(m)->ifaces))
		fn("none of the interfaces of the configuration is there", "interfaces", ctx);
	else if (!attach_current(m)->usable)
		fn("attached to nothing: no interface has a router and an address",
		   "interfaces, routers", ctx);
	if (move_of(m)->paused)
		fn("paused: moves are not followed", "resume", ctx);
	TAILQ_FOREACH (h, &home_of(m)->addrs, entry)
		wrong_with_home(h, fn, ctx);
}

static void show_bul(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	const struct bul_entry *e;
	struct mh_flags_buf flags;

	(void)argc;
	(void)argv;
	show_list(out, "binding_update_list");
	TAILQ_FOREACH (e, &home_of(m)->bul.entries, entry) {
		show_row(out);
		show_addr(out, "home_address", &e->hoa);
		show_addr(out, "peer", &e->peer);
		show_text(out, "kind", e->kind == BUL_HOME ? "home" : "correspondent");
		show_addr(out, "care_of_address", &e->coa);
		show_text(out, "flags", mh_bu_flags_text(e->flags, &flags));
		show_number(out, "sequence", e->seq);
		show_bool(out, "waiting", e->waiting);
		show_number(out, "resends", e->resends);
		show_number(out, "status", e->status);
		show_span(out, "granted", e->granted_s * US_PER_S);
		show_until(out, "left", e->valid_until_us, m->now_us);
	}
	show_close(out);
}

/* A phase of a handover, from its event. */
static void show_phase(struct show *out, const char *key, const struct handover *h, uint64_t at_us)
{
	show_since(out, key, at_us ? h->event_us : 0, at_us);
}

static void show_handovers(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	const struct handover *h;

	(void)argc;
	(void)argv;
	show_list(out, "handovers");
	for (size_t i = 0; (h = handover_get(mn_of(m)->handovers, i)); i++) {
		show_row(out);
		show_number(out, "number", h->number);
		show_since(out, "ago", h->event_us, m->now_us);
		show_text(out, "cause", attach_cause_name(h->cause));
		show_addr(out, "home_address", &h->hoa);
		show_addr(out, "care_of_address", &h->coa);
		show_text(out, "result", handover_result_name(h->result));
		show_phase(out, "advertisement", h, h->ra_us);
		show_phase(out, "address", h, h->addr_us);
		show_phase(out, "update", h, h->bu_us);
		show_phase(out, "acknowledged", h, h->ba_us);
		show_phase(out, "done", h, h->done_us);
		show_phase(out, "first_out", h, h->first_out_us);
		show_phase(out, "first_in", h, h->first_in_us);
		show_number(out, "updates", h->updates);
	}
	show_close(out);
}

static void show_routers(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	const struct move_iface *i;

	(void)argc;
	(void)argv;
	show_list(out, "routers");
	TAILQ_FOREACH (i, &move_of(m)->ifaces, entry) {
		for (int n = 0; n < MOVE_ROUTERS_MAX; n++) {
			const struct move_router *r = &i->routers[n];

			if (!r->used)
				continue;
			show_row(out);
			show_text(out, "interface", i->name);
			show_addr(out, "router", &r->addr);
			show_addr(out, "global", &r->global);
			show_text(out, "used", n == i->router ? (i->silent ? "silent" : "yes") :
								"no");
			show_bool(out, "home_agent", r->home_agent);
			show_since(out, "heard", r->heard_us, m->now_us);
			show_until(out, "left", r->until_us, m->now_us);
			show_span(out, "interval", r->interval_us);
		}
	}
	show_close(out);
}

void mn_objects(struct mip6 *m, role_object_fn *fn, void *ctx)
{
	const struct move *move = move_of(m);
	const struct move_iface *i;
	const struct ro_peer *p;

	footprint_each(&move->rule.have, fn, ctx);
	TAILQ_FOREACH (i, &move->ifaces, entry) {
		footprint_each(&i->settings.have, fn, ctx);
		footprint_each(&i->objects.have, fn, ctx);
	}
	footprint_each(&home_of(m)->have, fn, ctx);
	if (mn_of(m)->multicast)
		footprint_each(&mn_of(m)->multicast->kept.have, fn, ctx);
	TAILQ_FOREACH (p, &mn_of(m)->ro->peers, entry)
		footprint_each(&p->kept.have, fn, ctx);
}

static void show_groups(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	(void)argc;
	(void)argv;
	multicast_show(m, out);
}

const struct role_show mn_shows[] = {
	{ "groups", "", "multicast groups that are joined at home agents", "groups", show_groups },
	{ "bul", "", "the Binding Update List", "bul", show_bul },
	{ "handovers", "", "the last handovers, and how long each phase took", "handovers",
	  show_handovers },
	{ "routers", "", "routers that are heard", "routers", show_routers },
	{ "rr", "", "route optimization, peer by peer, and why not", "rr", ro_show_peers },
	{ "rotest", "PEER", "whether packets go directly both ways, and why not",
	  "rotest 2001:db8:2::5", ro_show_test },
	{ .word = NULL },
};
