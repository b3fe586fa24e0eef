// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See ro_world.h.
 */
#include "test/ladder/ro_world.h"

#include <stdlib.h>
#include <string.h>

#include "cn/cn.h"
#include "core/auth.h"
#include "ha/ha.h"
#include "mn/mn.h"

static const char ha_conf[] = "NodeConfig HA; UseMnHaIPsec disabled; Interface \"eth0\";"
			      "HaSendRouterAdvs disabled;";

struct world *world_build(const char *mn_conf, const char *cn_conf)
{
	static const char *const names[] = { "home", "a", "b" };
	static const char *const addrs[] = { "2001:db8::1/64", "2001:db8:a::1/64",
					     "2001:db8:b::1/64" };
	static const char *const router_names[] = { "r0", "ra", "rb" };
	struct world *w = calloc(1, sizeof(*w));
	struct box *r0 = NULL, *r, *r2;
	struct net_link *far;

	assert_non_null(w);
	w->L = ladder_new();
	for (int i = 0; i < 3; i++) {
		w->links[i] = ladder_link(w->L, names[i]);
		r = ladder_router(w->L, router_names[i], w->links[i], addrs[i], 1000 * MS);
		r0 = r0 ? r0 : r;
	}
	far = ladder_link(w->L, "far");
	r2 = ladder_router(w->L, "r2", far, "2001:db8:2::1/64", 0);
	w->ha = ladder_node(w->L, "ha", ha_conf, &ha_role, &cn_role, NULL);
	ladder_attach(w->ha, "eth0", w->links[0]);
	ladder_addr(w->ha, "eth0", HA "/64");
	ladder_gateway(w->ha, r0);
	w->mn = ladder_node(w->L, "mn", mn_conf, &mn_role, &cn_role, NULL);
	ladder_attach(w->mn, "eth0", NULL);
	if (cn_conf) {
		w->cn = ladder_node(w->L, "cn", cn_conf, &cn_role, NULL);
		ladder_attach(w->cn, "eth0", far);
		ladder_addr(w->cn, "eth0", CN "/64");
		ladder_gateway(w->cn, r2);
		ladder_start(w->cn);
	} else {
		w->cn = ladder_host(w->L, "cn", far, CN "/64", r2);
	}
	w->hoa = ip6(HOA);
	w->cn_addr = ip6(CN);
	ladder_start(w->ha);
	ladder_start(w->mn);
	ladder_run(w->L, 2 * S);
	return w;
}

void world_go(struct world *w, int link)
{
	ladder_move(w->mn, "eth0", w->links[link], LADDER_CARRIER);
}

struct world *world_away(const char *mn_conf, const char *cn_conf)
{
	struct world *w = world_build(mn_conf, cn_conf);

	world_go(w, 1);
	ladder_run(w->L, 4 * S);
	w->pings = ladder_stream(w->mn, &w->hoa, &w->cn_addr, 20 * MS);
	return w;
}

void world_down(struct world *w)
{
	struct box *nodes[] = { w->mn, w->ha, w->cn };

	if (w->pings)
		ladder_stream_end(w->pings);
	ladder_run(w->L, S);
	assert_int_equal(box_misuses(w->mn), 0);
	for (int i = 0; i < 3; i++) {
		ladder_end(nodes[i]);
		ladder_run(w->L, 3 * S);
	}
	ladder_free(w->L);
	free(w);
}

const struct ro_peer *peer_of(const struct world *w)
{
	return TAILQ_FIRST(&mn_of(box_mip6(w->mn))->ro->peers);
}

static bool is_bound(void *ctx)
{
	const struct ro_peer *p = peer_of(ctx);

	return p && p->state == RO_BOUND;
}

void world_until_bound(struct world *w)
{
	ladder_until(w->L, is_bound, w, 5 * S);
}

size_t bindings(const struct world *w)
{
	const struct bcache *c = &box_mip6(w->cn)->bcache;

	return c->count[BINDING_CACHED] - c->memory_count;
}

uint64_t counter_of(const struct box *b, enum counter c)
{
	return box_mip6(b)->counters.value[c];
}

/* --- the script ------------------------------------------------------------------------- */

void script_hot(struct script *s, const uint8_t *cookie)
{
	struct mh_msg m = { .type = MH_HOT, .hot = { .nonce_index = s->home_index } };
	const struct mip6_path path = { .local = s->hoti_path.local, .peer = s->hoti_path.peer };

	memcpy(m.hot.cookie, cookie, sizeof(m.hot.cookie));
	memcpy(m.hot.token, s->home_token, sizeof(m.hot.token));
	ladder_send_mh(s->w->cn, &path, &m);
}

void script_cot(struct script *s, const uint8_t *cookie)
{
	struct mh_msg m = { .type = MH_COT, .cot = { .nonce_index = s->careof_index } };
	const struct mip6_path path = { .local = s->coti_path.local, .peer = s->coti_path.peer };

	memcpy(m.cot.cookie, cookie, sizeof(m.cot.cookie));
	memcpy(m.cot.token, s->careof_token, sizeof(m.cot.token));
	ladder_send_mh(s->w->cn, &path, &m);
}

static void key_of(const struct script *s, uint8_t kbm[RR_KBM_LEN])
{
	rr_kbm(s->home_token, s->bu.bu.lifetime_s ? s->careof_token : NULL, kbm);
}

void script_ba(struct script *s, uint8_t status, uint16_t seq, uint32_t lifetime_s)
{
	struct mh_msg m = { .type = MH_BA,
			    .ba = { .status = status, .seq = seq, .lifetime_s = lifetime_s } };
	struct mip6_path path = s->bu_path;
	uint8_t kbm[RR_KBM_LEN];

	path.ifindex = 0;
	if (s->refresh_s) {
		m.opts.present |= MH_HAS_REFRESH;
		m.opts.refresh_s = s->refresh_s;
	}
	key_of(s, kbm);
	if (status >= MH_STATUS_HOME_NONCE && status <= MH_STATUS_NONCES)
		ladder_send_mh(s->w->cn, &path, &m);
	else
		ladder_send_mh_auth(s->w->cn, &path, &m, kbm, sizeof(kbm),
				    s->bu.bu.lifetime_s ? &path.peer : path_peer_id(&path),
				    &path.local);
}

void script_be(struct script *s, enum mh_be_status status, const char *home, const char *to)
{
	struct mh_msg m = { .type = MH_BE,
			    .be = { .status = (uint8_t)status, .home = ip6(home) } };
	const struct mip6_path path = { .local = s->w->cn_addr, .peer = ip6(to) };

	ladder_send_mh(s->w->cn, &path, &m);
}

static void hear_update(struct script *s, const struct mip6_packet *p, const struct mh_msg *msg)
{
	uint8_t kbm[RR_KBM_LEN];

	s->updates++;
	s->bu = *msg;
	s->bu_path = p->path;
	key_of(s, kbm);
	s->bu_authentic = auth_check(kbm, sizeof(kbm),
				     msg->bu.lifetime_s ? &p->path.peer : path_peer_id(&p->path),
				     &p->path.local, p->data, p->len, &msg->opts);
	if ((msg->bu.flags & MH_BU_A) && !s->mute_bu)
		script_ba(s, s->ba_status, msg->bu.seq, msg->bu.lifetime_s);
}

static void hear(struct box *b, const struct mip6_packet *p, void *ctx)
{
	struct script *s = ctx;
	struct wire_error err;
	struct mh_msg msg;

	(void)b;
	if (p->proto != KPROTO_MH || mh_decode(p->data, p->len, &msg, &err) != WIRE_OK)
		return;
	if (msg.type == MH_HOTI) {
		s->hotis++;
		s->hoti = msg;
		s->hoti_path = p->path;
		if (!s->mute_hoti)
			script_hot(s, msg.hoti.cookie);
	} else if (msg.type == MH_COTI) {
		memcpy(s->cookies[s->cotis++ % 16], msg.coti.cookie, MH_COOKIE_LEN);
		s->coti = msg;
		s->coti_path = p->path;
		if (!s->mute_coti)
			script_cot(s, msg.coti.cookie);
	} else if (msg.type == MH_BU) {
		hear_update(s, p, &msg);
	}
}

struct script *script_of(struct world *w)
{
	struct script *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->w = w;
	memcpy(s->home_token, "homegoes", RR_TOKEN_LEN);
	memcpy(s->careof_token, "caregoes", RR_TOKEN_LEN);
	s->home_index = 7;
	s->careof_index = 11;
	ladder_hear(w->cn, hear, s);
	return s;
}
