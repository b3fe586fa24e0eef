// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Movement by hand and a home agent by script: see home_world.h. This file stands
 * in for move*.c.
 */
#include "test/ladder/home_world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- movement ------------------------------------------------------------------ */

static struct attachment here;
static uint64_t here_until_us;
static unsigned int hints[2];

const struct attachment *attach_current(const struct mip6 *m)
{
	(void)m;
	return &here;
}

uint64_t attach_valid_until_us(const struct mip6 *m, uint32_t ifindex, const struct in6_addr *coa)
{
	(void)m;
	assert_int_equal(ifindex, here.ifindex);
	assert_true(addr_equal(coa, &here.coa));
	return here_until_us;
}

void attach_hint(struct mip6 *m, bool good)
{
	(void)m;
	hints[good]++;
}

void attach_rebind(struct mip6 *m)
{
	(void)m;
}

int attach_prefer(struct mip6 *m, const char *name)
{
	(void)m;
	(void)name;
	return -ENODEV;
}

void attach_pause(struct mip6 *m, bool pause)
{
	(void)m;
	(void)pause;
}

int move_start(struct mip6 *m)
{
	(void)m;
	return 0;
}

void move_stop(struct mip6 *m, enum role_stop how)
{
	(void)m;
	(void)how;
}

void move_free(struct mip6 *m)
{
	(void)m;
}

void move_reconfigure(struct mip6 *m)
{
	(void)m;
}

void move_on_nd(struct mip6 *m, const struct mip6_packet *p, const struct nd_msg *msg)
{
	(void)m;
	(void)p;
	(void)msg;
}

void move_on_link(struct mip6 *m, const struct klink *l)
{
	(void)m;
	(void)l;
}

void move_on_addr(struct mip6 *m, const struct kaddr_event *a)
{
	(void)m;
	(void)a;
}

void move_on_neigh(struct mip6 *m, const struct kneigh_event *n)
{
	(void)m;
	(void)n;
}

void move_on_lost(struct mip6 *m, const struct kobj *o)
{
	(void)m;
	(void)o;
}

void home_world_here_until(uint64_t at_us)
{
	here_until_us = at_us;
}

unsigned int home_world_hints(bool good)
{
	return hints[good];
}

/* --- the home agent ------------------------------------------------------------ */

/* A cache of one binding; fills in what the acknowledgement says. */
static void judge(struct home_world *w, const struct mh_msg *bu, struct mh_msg *ba)
{
	struct script_ha *s = &w->script;
	bool bound = s->bound && s->bound_until_us > ladder_now(w->L);

	if (bound && !seq_newer(bu->bu.seq, s->bound_seq)) {
		ba->ba.status = MH_STATUS_SEQUENCE;
		ba->ba.seq = s->bound_seq;
		ba->ba.lifetime_s = 0;
		return;
	}
	if (!bound && !bu->bu.lifetime_s) {
		ba->ba.status = MH_STATUS_NOT_HOME_AGENT;
		return;
	}
	s->bound = bu->bu.lifetime_s != 0;
	s->bound_seq = bu->bu.seq;
	s->coa = bu->opts.alt_coa;
	s->bound_until_us = ladder_now(w->L) + bu->bu.lifetime_s * S;
}

static void answer(struct home_world *w, struct box *b, const struct mip6_packet *p,
		   const struct mh_msg *bu)
{
	const struct script_ha *s = &w->script;
	struct mip6_path back = p->path;
	struct mh_msg ba = { .type = MH_BA };

	back.ifindex = 0;
	ba.ba.status = bu->bu.lifetime_s ? s->status : s->delete_status;
	ba.ba.seq = s->wrong_seq ? s->ba_seq : bu->bu.seq;
	ba.ba.lifetime_s = bu->bu.lifetime_s;
	if (s->strict)
		judge(w, bu, &ba);
	if (s->lifetime_s && s->lifetime_s < ba.ba.lifetime_s)
		ba.ba.lifetime_s = s->lifetime_s;
	if (s->refresh_s && ba.ba.status < 128) {
		ba.opts.present = MH_HAS_REFRESH;
		ba.opts.refresh_s = s->refresh_s;
	}
	ladder_send_mh(b, &back, &ba);
}

static void answer_dhaad(struct home_world *w, struct box *b, const struct mip6_packet *p)
{
	const struct mip6_path back = { .local = box_addr(b), .peer = p->path.peer };
	struct icmp6_msg msg = { .type = ICMP6_MSG_DHAAD_REPLY };

	msg.dhaad_reply.id = w->script.last_id;
	msg.dhaad_reply.count = w->script.agent_count;
	memcpy(msg.dhaad_reply.agent, w->script.agent, sizeof(w->script.agent));
	if (w->script.agent_count)
		ladder_send_icmp6(b, &back, &msg);
}

void home_world_say_mpa(struct home_world *w, uint16_t id)
{
	struct icmp6_msg msg = { .type = ICMP6_MSG_MPA };
	struct mip6_path path = w->script.last_path;

	path.ifindex = 0;
	msg.mpa.id = id;
	msg.mpa.count = w->script.prefix_count;
	memcpy(msg.mpa.prefix, w->script.prefix, sizeof(w->script.prefix));
	ladder_send_icmp6(w->ha, &path, &msg);
}

struct nd_prefix_info home_world_prefix(const char *prefix, uint32_t valid_s,
					uint32_t preferred_s)
{
	struct nd_prefix_info info = { .on_link = true,
				       .autonomous = true,
				       .valid_s = valid_s,
				       .preferred_s = preferred_s };
	struct prefix p;

	assert_int_equal(prefix_parse(prefix, &p, NULL), 0);
	info.addr = p.addr;
	info.prefix_len = p.len;
	return info;
}

static void hear_icmp6(struct home_world *w, struct box *b, const struct mip6_packet *p)
{
	struct wire_error err;
	struct icmp6_msg msg;

	if (icmp6_decode(p->data, p->len, &msg, &err) != WIRE_OK)
		return;
	if (msg.type == ICMP6_MSG_DHAAD_REQUEST) {
		w->script.last_id = msg.dhaad_request.id;
		answer_dhaad(w, b, p);
	} else if (msg.type == ICMP6_MSG_MPS) {
		w->script.last_id = msg.mps.id;
		w->script.last_path = p->path;
		if (!w->script.mpa_silent && w->script.prefix_count)
			home_world_say_mpa(w, msg.mps.id);
	}
}

static void hear(struct box *b, const struct mip6_packet *p, void *ctx)
{
	struct home_world *w = ctx;
	struct wire_error err;
	struct mh_msg msg;

	if (p->proto == KPROTO_ICMP6)
		hear_icmp6(w, b, p);
	if (p->proto != KPROTO_MH || mh_decode(p->data, p->len, &msg, &err) != WIRE_OK ||
	    msg.type != MH_BU)
		return;
	w->script.updates++;
	w->script.last_seq = msg.bu.seq;
	w->script.last_lifetime_s = msg.bu.lifetime_s;
	w->script.last_path = p->path;
	if (!w->script.silent && b != w->script.deaf)
		answer(w, b, p, &msg);
}

void home_world_say_ba(struct home_world *w, uint8_t status, uint16_t seq, uint32_t lifetime_s)
{
	struct mh_msg ba = { .type = MH_BA,
			     .ba = { .status = status, .seq = seq, .lifetime_s = lifetime_s } };
	struct mip6_path path = w->script.last_path;

	path.ifindex = 0;
	ladder_send_mh(w->ha, &path, &ba);
}

/* --- the world ----------------------------------------------------------------- */

struct home_world *home_world_new(const char *conf)
{
	struct home_world *w = calloc(1, sizeof(*w));
	struct net_link *far;
	struct box *r2;

	assert_non_null(w);
	memset(&here, 0, sizeof(here));
	memset(hints, 0, sizeof(hints));
	here_until_us = TIME_NEVER;
	w->L = ladder_new();
	w->home = ladder_link(w->L, "home");
	w->a = ladder_link(w->L, "a");
	w->b = ladder_link(w->L, "b");
	far = ladder_link(w->L, "far");
	w->r0 = ladder_router(w->L, "r0", w->home, "2001:db8::1/64", 0);
	w->ra = ladder_router(w->L, "ra", w->a, "2001:db8:a::1/64", 0);
	w->rb = ladder_router(w->L, "rb", w->b, "2001:db8:b::1/64", 0);
	r2 = ladder_router(w->L, "r2", far, "2001:db8:2::1/64", 0);
	w->ha = ladder_host(w->L, "ha", w->home, HA "/64", w->r0);
	w->cn = ladder_host(w->L, "cn", far, "2001:db8:2::5/64", r2);
	w->ha2 = ladder_host(w->L, "ha2", w->home, HA2 "/64", w->r0);
	ladder_hear(w->ha, hear, w);
	ladder_hear(w->ha2, hear, w);
	ladder_addr(w->ha, "eth0", "2001:db8::fdff:ffff:ffff:fffe/64");
	w->mn = ladder_node(w->L, "mn", conf ? conf : MN_CONF, &mn_role, NULL);
	ladder_attach(w->mn, "eth0", NULL);
	object_put(w->mn,
		   &(struct kobj){ .type = KOBJ_RULE,
				   .rule = { .priority = 1000, .table = KTABLE_OWN } },
		   OWNER_ADMIN);
	w->hoa = ip6(HOA);
	return w;
}

void home_world_free(struct home_world *w)
{
	ladder_free(w->L);
	free(w);
}

static const struct {
	const char *coa;
	const char *prefix;
} places[] = {
	[AT_A] = { COA_A, "2001:db8:a::/64" },
	[AT_B] = { COA_B, "2001:db8:b::/64" },
	[HOME] = { "2001:db8::98", "2001:db8::/64" },
};

static void describe(const struct home_world *w, enum place place, struct attachment *at)
{
	struct box *routers[] = { [AT_A] = w->ra, [AT_B] = w->rb, [HOME] = w->r0 };
	const struct iface *i = TAILQ_FIRST(&routers[place]->ifaces);

	at->usable = true;
	at->ifindex = box_iface_name(w->mn, "eth0")->ifindex;
	at->coa = ip6(places[place].coa);
	at->router = iface_local(i);
	memcpy(at->router_lladdr, i->mac, MAC_LEN);
	at->router_lladdr_len = MAC_LEN;
	at->on_link_count = 1;
	assert_int_equal(prefix_parse(places[place].prefix, &at->on_link[0], NULL), 0);
	at->cause = ATTACH_LINK_UP;
	at->event_us = ladder_now(w->L);
	at->addr_us = ladder_now(w->L);
}

void home_world_go(struct home_world *w, enum place place)
{
	struct net_link *links[] = { NULL, w->a, w->b, w->home };
	const struct box *routers[] = { NULL, w->ra, w->rb, w->r0 };
	const struct attachment old = here;
	char text[64];

	ladder_move(w->mn, "eth0", links[place], LADDER_CARRIER);
	memset(&here, 0, sizeof(here));
	if (old.usable)
		ladder_del_addr(w->mn, "eth0",
				(snprintf(text, sizeof(text), "%s/64", ADDR_STR(&old.coa)),
				 text));
	if (place != NOWHERE) {
		snprintf(text, sizeof(text), "%s/64", places[place].coa);
		ladder_addr(w->mn, "eth0", text);
		ladder_gateway(w->mn, routers[place]);
		describe(w, place, &here);
	}
	mip6_turn(box_mip6(w->mn), ladder_now(w->L));
	home_on_attachment(box_mip6(w->mn), &old, &here);
	ladder_run(w->L, 0);
}

struct home_addr *home_world_addr(const struct home_world *w)
{
	return home_find(box_mip6(w->mn), &w->hoa);
}

enum home_state home_world_state(const struct home_world *w)
{
	return home_world_addr(w)->state;
}
