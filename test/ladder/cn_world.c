// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See cn_world.h.
 */
#include "test/ladder/cn_world.h"

#include <stdio.h>
#include <string.h>

static void hear(struct box *b, const struct mip6_packet *p, void *ctx)
{
	struct cn_world *w = ctx;
	struct wire_error err;
	struct mh_msg msg;

	(void)b;
	if (p->proto != KPROTO_MH || mh_decode(p->data, p->len, &msg, &err) != WIRE_OK)
		return;
	w->heard++;
	if (msg.type == MH_HOT)
		w->hot = msg.hot;
	if (msg.type == MH_COT)
		w->cot = msg.cot;
	if (msg.type == MH_BA) {
		w->last_ba_status = msg.ba.status;
		w->last_ba_sealed = mh_has(&msg.opts, MH_HAS_AUTH_DATA);
	}
}

struct cn_world *cn_world_with(const char *conf)
{
	struct cn_world *w = test_calloc(1, sizeof(*w));
	struct net_link *home, *away, *far;
	struct box *r0, *r1, *r2;

	w->L = ladder_new();
	home = ladder_link(w->L, "home");
	away = ladder_link(w->L, "away");
	far = ladder_link(w->L, "far");
	r0 = ladder_router(w->L, "r0", home, "2001:db8:1::1/64", 0);
	r1 = ladder_router(w->L, "r1", away, "2001:db8:a::1/64", 0);
	r2 = ladder_router(w->L, "r2", far, "2001:db8:f::1/64", 0);
	w->at_home = ladder_host(w->L, "hoa", home, HOA "/64", r0);
	w->mn = ladder_host(w->L, "mn", away, COA "/64", r1);
	ladder_addr(w->mn, "eth0", HOA "/128");
	ladder_hear(w->at_home, hear, w);
	ladder_hear(w->mn, hear, w);
	w->cn = ladder_node(w->L, "cn", conf, &cn_role, NULL);
	ladder_attach(w->cn, "eth0", far);
	ladder_addr(w->cn, "eth0", CN "/64");
	ladder_gateway(w->cn, r2);
	w->path = (struct mip6_path){ .local = ip6(COA), .local_home = ip6(HOA), .peer = ip6(CN) };
	w->bu = (struct mh_msg){ .type = MH_BU };
	w->bu.bu.flags = MH_BU_A;
	w->bu.bu.lifetime_s = 400;
	w->bu.bu.seq = 10;
	w->bu.opts.present = MH_HAS_NONCES;
	ladder_start(w->cn);
	ladder_run(w->L, S);
	return w;
}

struct cn_world *cn_world(void)
{
	return cn_world_with("NodeConfig CN;");
}

void cn_world_down(struct cn_world *w)
{
	assert_int_equal(box_misuses(w->cn), 0);
	ladder_end(w->cn);
	ladder_free(w->L);
	test_free(w);
}

static void take_key(struct cn_world *w)
{
	rr_kbm(w->hot.token, w->cot.token, w->kbm);
	w->bu.opts.home_nonce = w->hot.nonce_index;
	w->bu.opts.careof_nonce = w->cot.nonce_index;
}

void cn_test_home(struct cn_world *w)
{
	const struct mip6_path path = { .local = w->path.local_home, .peer = ip6(CN) };
	struct mh_msg hoti = { .type = MH_HOTI };

	memcpy(hoti.hoti.cookie, "homecook", 8);
	ladder_send_mh(w->at_home, &path, &hoti);
	ladder_expect(w->L, "cn -> hoa HoT", S);
	ladder_run(w->L, MS);
	assert_memory_equal(w->hot.cookie, "homecook", 8);
	take_key(w);
}

void cn_test_careof(struct cn_world *w)
{
	const struct mip6_path path = { .local = w->path.local, .peer = ip6(CN) };
	struct mh_msg coti = { .type = MH_COTI };

	memcpy(coti.coti.cookie, "carecook", 8);
	ladder_send_mh(w->mn, &path, &coti);
	ladder_expect(w->L, "cn -> mn CoT", S);
	ladder_run(w->L, MS);
	assert_memory_equal(w->cot.cookie, "carecook", 8);
	take_key(w);
}

void cn_test_both(struct cn_world *w)
{
	cn_test_home(w);
	cn_test_careof(w);
}

void cn_use_home(struct cn_world *w, const char *hoa)
{
	char with_len[64];

	snprintf(with_len, sizeof(with_len), "%s/64", hoa);
	ladder_addr(w->at_home, "eth0", with_len);
	snprintf(with_len, sizeof(with_len), "%s/128", hoa);
	ladder_addr(w->mn, "eth0", with_len);
	w->path.local_home = ip6(hoa);
	cn_test_home(w);
}

void cn_send_bu(struct cn_world *w)
{
	const struct in6_addr coa = ip6(COA), cn = ip6(CN);

	w->bu.bu.seq++;
	ladder_send_mh_auth(w->mn, &w->path, &w->bu, w->kbm, sizeof(w->kbm), &coa, &cn);
}

void cn_send_delete(struct cn_world *w)
{
	const struct in6_addr hoa = ip6(HOA), cn = ip6(CN);

	w->bu.bu.seq++;
	w->bu.bu.lifetime_s = 0;
	rr_kbm(w->hot.token, NULL, w->kbm);
	ladder_send_mh_auth(w->mn, &w->path, &w->bu, w->kbm, sizeof(w->kbm), &hoa, &cn);
}

size_t cn_bindings(const struct cn_world *w)
{
	const struct bcache *c = &box_mip6(w->cn)->bcache;

	return c->count[BINDING_CACHED] - c->memory_count;
}
