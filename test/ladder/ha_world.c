// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See ha_world.h.
 */
#include "test/ladder/ha_world.h"

#include <stdio.h>
#include <string.h>

/* What the home agent sends to the node has a routing header with its home address. */
static struct box *add_node(struct ladder *L, const char *name, const char *coa,
			    struct net_link *link, const struct box *router)
{
	static const char *const homes[] = { HOA "/128", OTHER "/128", ELSEWHERE "/128" };
	struct box *b = ladder_host(L, name, link, coa, router);
	char text[64];

	for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++)
		ladder_addr(b, "eth0", homes[i]);
	for (int i = 1; i <= 9; i++) {
		snprintf(text, sizeof(text), VIRTUALS "%d/128", i);
		ladder_addr(b, "eth0", text);
	}
	ladder_hear(b, NULL, NULL);
	return b;
}

struct ha_world *ha_world_new(const char *conf)
{
	struct ha_world *w = test_calloc(1, sizeof(*w));
	struct net_link *a, *b;
	struct box *ra, *rb;

	w->L = ladder_new();
	w->home = ladder_link(w->L, "home");
	a = ladder_link(w->L, "a");
	b = ladder_link(w->L, "b");
	w->r0 = ladder_router(w->L, "r0", w->home, "2001:db8:1::1/64", 0);
	ladder_rs_delay(w->r0, 1000000 * S);
	ra = ladder_router(w->L, "ra", a, "2001:db8:a::1/64", 0);
	rb = ladder_router(w->L, "rb", b, "2001:db8:b::1/64", 0);
	w->ha = ladder_node(w->L, "ha", conf, &ha_role, NULL);
	ladder_attach(w->ha, "eth0", w->home);
	ladder_addr(w->ha, "eth0", HA "/64");
	ladder_gateway(w->ha, w->r0);
	w->host = ladder_host(w->L, "host", w->home, HOST "/64", w->r0);
	ladder_hear(w->host, NULL, NULL);
	w->mn = add_node(w->L, "mn", COA "/64", a, ra);
	ladder_addr(w->mn, "eth0", COA2 "/64");
	w->mn2 = add_node(w->L, "mn2", COA_B "/64", b, rb);
	w->bu = (struct mh_msg){ .type = MH_BU };
	w->bu.bu.flags = MH_BU_A | MH_BU_H;
	w->bu.bu.seq = 10;
	w->bu.opts.present = MH_HAS_ALT_COA;
	return w;
}

struct ha_world *ha_world(const char *conf)
{
	struct ha_world *w = ha_world_new(conf);

	ladder_start(w->ha);
	ladder_run(w->L, S);
	return w;
}

void ha_world_down(struct ha_world *w)
{
	assert_int_equal(box_misuses(w->ha), 0);
	ladder_end(w->ha);
	ladder_free(w->L);
	test_free(w);
}

static void send_bu(struct ha_world *w, const char *hoa_text, const char *coa_text,
		    uint32_t lifetime_s, bool protected)
{
	const struct in6_addr coa = ip6(coa_text), hoa = ip6(hoa_text), ha = ip6(HA);
	uint8_t buf[MH_LEN_MAX];
	struct packet *p;
	int len;

	w->bu.bu.seq++;
	w->bu.bu.lifetime_s = lifetime_s;
	w->bu.opts.alt_coa = coa;
	len = mh_encode(&w->bu, &hoa, &ha, buf, sizeof(buf));
	assert_true(len > 0);
	p = packet_new(&coa, &ha, WIRE_PROTO_MH, buf, (size_t)len);
	p->has_hao = true;
	p->hao = hoa;
	p->protected = protected;
	ladder_send_packet(strcmp(coa_text, COA_B) == 0 ? w->mn2 : w->mn, p);
}

void ha_send_bu(struct ha_world *w, const char *hoa, const char *coa, uint32_t lifetime_s)
{
	send_bu(w, hoa, coa, lifetime_s, false);
}

void ha_send_protected_bu(struct ha_world *w, const char *hoa, const char *coa,
			  uint32_t lifetime_s)
{
	send_bu(w, hoa, coa, lifetime_s, true);
}

const struct binding *ha_binding(const struct ha_world *w, const char *hoa)
{
	const struct in6_addr a = ip6(hoa);
	const struct binding *b = bcache_find_hoa(&box_mip6(w->ha)->bcache, &a, BINDING_HOME);

	return b && b->state == BINDING_ACTIVE ? b : NULL;
}
