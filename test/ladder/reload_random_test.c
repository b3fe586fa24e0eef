// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random reloads: from any configuration to any other the program comes to where a fresh
 * start with the latter would have brought it, bindings kept: the same objects in the
 * kernel, the same bindings. That start is the judge: the program is restarted as for an
 * upgrade, and then nothing may have changed. A failure prints the seed (ladder.h).
 */
#include "test/ladder/ro_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cn/cn.h"
#include "ha/ha.h"
#include "mn/attach.h"
#include "mn/home.h"
#include "mn/mn.h"
#include "test/ladder/box.h"

#define HA_RUNS	 300
#define MN_RUNS	 150
#define RELOADS	 4
#define CONF_MAX 4096

/* --- what there is ----------------------------------------------------------- */

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The numbers of tunnels do not matter. */
static void forget_number(char *line)
{
	char *p = strstr(line, "mip6mn");

	if (p && p[6] >= '0' && p[6] <= '9')
		memmove(p + 6, p + 6 + strspn(p + 6, "0123456789"),
			strlen(p + 6 + strspn(p + 6, "0123456789")) + 1);
}

static char **add_line(char **lines, size_t n, const char *line)
{
	lines = realloc(lines, (n + 1) * sizeof(*lines));
	assert_non_null(lines);
	lines[n] = strdup(line);
	return lines;
}

/* All that the program has in the kernel, and its bindings, in order; to be freed. */
static char *picture(struct box *b)
{
	const struct bcache *c = &box_mip6(b)->bcache;
	char **lines = NULL, *text = NULL, line[KOBJ_TEXT_MAX];
	struct object *obj;
	struct binding *bound;
	size_t n = 0, size;
	uint64_t at = 0;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	TAILQ_FOREACH (obj, &b->objects, entry) {
		if (obj->owner != OWNER_DAEMON)
			continue;
		kobj_text(&obj->o, line, sizeof(line));
		forget_number(line);
		lines = add_line(lines, n++, line);
	}
	while ((bound = bcache_walk(c, &at))) {
		if (bound->state == BINDING_MEMORY)
			continue;
		snprintf(line, sizeof(line), "binding hoa=%s coa=%s state=%d seq=%u link=%u",
			 ADDR_STR(&bound->key.hoa), ADDR_STR(&bound->installed.coa),
			 (int)bound->state, bound->seq, bound->installed.home_ifindex);
		lines = add_line(lines, n++, line);
	}
	if (n)
		qsort(lines, n, sizeof(*lines), compare_text);
	for (size_t i = 0; i < n; i++) {
		fprintf(f, "%s\n", lines[i]);
		free(lines[i]);
	}
	free(lines);
	fclose(f);
	return text;
}

static void print_missing(const char *in, const char *from, const char *what)
{
	char line[KOBJ_TEXT_MAX + 1];

	for (const char *p = in; *p;) {
		size_t len = strcspn(p, "\n");

		snprintf(line, sizeof(line), "%.*s\n", (int)len, p);
		if (!strstr(from, line))
			fprintf(stderr, "# %s: %s", what, line);
		p += len + (p[len] == '\n');
	}
}

/* A start of the program with the configuration that it has finds nothing to change. */
static void is_as_after_a_start(struct ladder *L, struct box *b, const char *conf, uint64_t seed)
{
	char *before = picture(b), *after;

	ladder_stop(b, ROLE_RESTART);
	ladder_start(b);
	ladder_run(L, 40 * S);
	after = picture(b);
	if (strcmp(before, after) != 0) {
		fprintf(stderr, "# seed %llu of this test, with %s\n", (unsigned long long)seed,
			conf);
		print_missing(before, after, "only after the reload");
		print_missing(after, before, "only after the start");
		ladder_fail(L, __FILE__, __LINE__, "reload and start differ");
	}
	free(before);
	free(after);
}

/* --- random configurations --------------------------------------------------- */

struct text {
	struct ladder *L;
	char buf[CONF_MAX];
	size_t used;
};

static void add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	t->used += (size_t)vsnprintf(t->buf + t->used, sizeof(t->buf) - t->used, fmt, ap);
	va_end(ap);
	assert_true(t->used < sizeof(t->buf));
}

static bool chance(struct text *t, uint64_t in)
{
	return ladder_random(t->L, in) == 0;
}

/* --- the home agent ---------------------------------------------------------- */

#define NODES 6

static const char *const homes[NODES] = { "2001:db8:1::100", "2001:db8:1::101",
					  "2001:db8:2::100", "2001:db8:2::101",
					  "2001:db8:77::1", "2001:db8:78::1" };

struct ha_world {
	struct ladder *L;
	struct box *ha;
	struct box *mn;
	uint16_t seq;
};

static struct ha_world ha_build(void)
{
	struct ha_world w = { .L = ladder_new(), .seq = 1 };
	struct net_link *home = ladder_link(w.L, "home"), *home2 = ladder_link(w.L, "home2");
	struct net_link *a = ladder_link(w.L, "a");
	struct box *r0 = ladder_router(w.L, "r0", home, "2001:db8:1::1/64", 0);
	struct box *ra = ladder_router(w.L, "ra", a, "2001:db8:a::1/64", 0);
	char text[64];

	ladder_rs_delay(r0, 1000000 * S);
	w.ha = ladder_node(w.L, "ha", "NodeConfig HA; UseMnHaIPsec disabled;", &ha_role, &cn_role,
			   NULL);
	ladder_attach(w.ha, "eth0", home);
	ladder_attach(w.ha, "eth1", home2);
	ladder_addr(w.ha, "eth0", "2001:db8:1::2/64");
	ladder_addr(w.ha, "eth1", "2001:db8:2::2/64");
	ladder_gateway(w.ha, r0);
	w.mn = ladder_host(w.L, "mn", a, "2001:db8:a::9/64", ra);
	ladder_addr(w.mn, "eth0", "2001:db8:a::a/64");
	for (int i = 0; i < NODES; i++) {
		snprintf(text, sizeof(text), "%s/128", homes[i]);
		ladder_addr(w.mn, "eth0", text);
	}
	ladder_hear(w.mn, NULL, NULL);
	ladder_start(w.ha);
	ladder_run(w.L, S);
	return w;
}

/* Updates of some nodes, protected or not. */
static void ha_register(struct ha_world *w)
{
	for (int i = 0; i < NODES; i++) {
		struct in6_addr hoa = ip6(homes[i]), ha = ip6("2001:db8:1::2");
		struct in6_addr coa = ip6(ladder_random(w->L, 2) ? "2001:db8:a::9" :
								   "2001:db8:a::a");
		struct mh_msg bu = { .type = MH_BU };
		uint8_t buf[MH_LEN_MAX];
		struct packet *p;
		int len;

		if (ladder_random(w->L, 3) == 0)
			continue;
		bu.bu.flags = MH_BU_A | MH_BU_H | (ladder_random(w->L, 2) ? MH_BU_L : 0);
		bu.bu.seq = ++w->seq;
		bu.bu.lifetime_s = ladder_random(w->L, 6) ? 60000 : 0;
		bu.opts.present = MH_HAS_ALT_COA;
		bu.opts.alt_coa = coa;
		len = mh_encode(&bu, &hoa, &ha, buf, sizeof(buf));
		p = packet_new(&coa, &ha, WIRE_PROTO_MH, buf, (size_t)len);
		p->has_hao = true;
		p->hao = hoa;
		p->protected = ladder_random(w->L, 2);
		ladder_send_packet(w->mn, p);
		ladder_run(w->L, ladder_random(w->L, 300) * MS);
	}
}

static void add_sets(struct text *t)
{
	static const char *const policies[] = { "TunnelPayload", "TunnelHomeTesting", "TunnelMh",
						"MobPfxDisc", "ICMP" };

	for (int i = 0; i < NODES; i++) {
		if (chance(t, 4))
			continue;
		add(t, "IPsecPolicySet { HomeAgentAddress 2001:db8:1::2; HomeAddress %s/64;"
		       "IPsecPolicy HomeRegBinding UseESP %u;", homes[i],
		    (unsigned int)ladder_random(t->L, 3) + 10);
		for (size_t n = 0; n < sizeof(policies) / sizeof(policies[0]); n++) {
			if (chance(t, 3))
				add(t, "IPsecPolicy %s UseESP %u;", policies[n],
				    (unsigned int)ladder_random(t->L, 2) + 20);
		}
		add(t, "}");
	}
}

static void ha_conf(struct text *t)
{
	t->used = 0;
	add(t, "NodeConfig HA; UseMnHaIPsec %s; HaSendRouterAdvs %s;",
	    chance(t, 3) ? "enabled" : "disabled", chance(t, 3) ? "enabled" : "disabled");
	for (int i = 0; i < 2; i++) {
		if (!chance(t, 4))
			add(t, "Interface \"eth%d\"%s", i, chance(t, 6) ? " { IfType CN; }" : ";");
	}
	for (int i = 7; i < 9; i++) {
		if (!chance(t, 3))
			add(t, "HaVirtualHomeLink 2001:db8:7%d::/64;", i);
	}
	if (chance(t, 6)) /* what is a link otherwise */
		add(t, "HaVirtualHomeLink 2001:db8:2::/64;");
	if (chance(t, 2))
		add_sets(t);
	for (int i = 0; i < NODES; i++) {
		if (chance(t, 5))
			add(t, "BindingAclPolicy %s %s;", homes[i],
			    chance(t, 2) ? "deny" : "allow");
	}
	if (chance(t, 6))
		add(t, "BindingAclCoaPolicy 2001:db8:a::9 deny;");
	if (chance(t, 12))
		add(t, "DefaultBindingAclPolicy deny;");
	if (chance(t, 4))
		add(t, "HaMaxBindings 3; HaTellUnknownNodes disabled;");
	if (chance(t, 4))
		add(t, "MinMobPfxAdvInterval 50; MaxMobPfxAdvInterval 300;");
	if (chance(t, 4))
		add(t, "DoRouteOptimizationCN disabled; CnMaxBindings 1;");
}

static void ha_run(uint64_t seed)
{
	struct ha_world w = ha_build();
	struct text t = { .L = w.L };

	ladder_seed(w.L, seed);
	for (int i = 0; i < RELOADS; i++) {
		ha_conf(&t);
		ladder_reconfigure(w.ha, t.buf);
		/* a reload may come while registrations are under way, or before the former
		 * one has been carried out */
		ladder_run(w.L, ladder_random(w.L, 3) ? ladder_random(w.L, 3000) * MS + MS : MS);
		ha_register(&w);
		ha_conf(&t);
		ladder_reconfigure(w.ha, t.buf);
		ladder_run(w.L, 15 * S);
		is_as_after_a_start(w.L, w.ha, t.buf, seed);
		if (box_misuses(w.ha)) {
			fprintf(stderr, "# seed %llu of this test, with %s\n",
				(unsigned long long)seed, t.buf);
			ladder_fail(w.L, __FILE__, __LINE__, "objects are misused");
		}
	}
	ladder_end(w.ha);
	ladder_free(w.L);
}

static void a_home_agent_comes_to_where_a_start_would_bring_it(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= HA_RUNS; seed++)
		ha_run(seed);
}

/* --- the mobile node --------------------------------------------------------- */

static const char *const hoas[] = { HOA, "2001:db8::98", "2001:db8::97" };

static void mn_conf(struct text *t)
{
	bool any = false;

	t->used = 0;
	add(t, "NodeConfig MN; InterfaceInitialInitDelay 0.0; DoRouteOptimizationMN disabled;"
	       "UseMnHaIPsec %s; CoaDad none;", chance(t, 4) ? "enabled" : "disabled");
	for (int i = 0; i < 2; i++) {
		if (!chance(t, 5))
			add(t, "Interface \"eth%d\" { MnIfPreference %d; %s }", i,
			    (int)ladder_random(t->L, 3) * 2 + i, chance(t, 8) ? "IfType CN;" : "");
	}
	for (int i = 0; i < 3; i++) {
		if (chance(t, 2) && !(i == 2 && !any))
			continue;
		any = true;
		add(t, "MnHomeLink \"eth0\" { HomeAddress %s/64; %s %s }", hoas[i],
		    chance(t, 5) ? "" : "HomeAgentAddress " HA ";",
		    chance(t, 8) ? "HomePrefix 2001:db8:ffff::/64;" : "");
	}
	if (chance(t, 6))
		add(t, "NoHomeReturn enabled;");
	if (chance(t, 4))
		add(t, "OptimisticHandoff enabled; SendMobPfxSols disabled;");
}

/* Home agent and mobile node know of the same bindings; `orphans`: the node was nowhere for
 * long, and could not tell what it let go of. */
static void both_agree(const struct world *w, const char *conf, uint64_t seed, bool orphans)
{
	const struct mip6 *ha = box_mip6(w->ha);
	size_t registered = 0, bound = 0;
	const struct home_addr *h;
	struct binding *b;
	uint64_t at = 0;

	TAILQ_FOREACH (h, &home_of(box_mip6(w->mn))->addrs, entry)
		registered += h->state == HOME_REGISTERED;
	while ((b = bcache_walk(&ha->bcache, &at)))
		bound += b->kind == BINDING_HOME && b->state == BINDING_ACTIVE;
	if (registered == bound || (orphans && registered < bound))
		return;
	fprintf(stderr, "# seed %llu of this test, with %s\n", (unsigned long long)seed, conf);
	TAILQ_FOREACH (h, &home_of(box_mip6(w->mn))->addrs, entry)
		fprintf(stderr, "# hoa=%s %s\n", ADDR_STR(&h->hoa), home_state_name(h->state));
	ladder_fail(w->L, __FILE__, __LINE__, "%zu registered, %zu bound", registered, bound);
}

static void nothing_is_left_of_others(const struct world *w)
{
	for (int i = 0; i < 3; i++) {
		const struct in6_addr hoa = ip6(hoas[i]);

		if (!home_find(box_mip6(w->mn), &hoa))
			assert_false(box_has(w->mn, hoas[i]));
	}
}

static void mn_run(uint64_t seed)
{
	struct world *w = world_build("NodeConfig MN; UseMnHaIPsec disabled;", NULL);
	struct text t = { .L = w->L };
	bool orphans = false;

	ladder_seed(w->L, seed);
	ladder_attach(w->mn, "eth1", w->links[2]);
	for (int i = 0; i < RELOADS; i++) {
		bool usable;

		mn_conf(&t);
		ladder_reconfigure(w->mn, t.buf);
		/* in the midst of it all, or when it has settled */
		ladder_run(w->L, ladder_random(w->L, 2) ? ladder_random(w->L, 3000) * MS : 10 * S);
		world_go(w, (int)ladder_random(w->L, 3));
		ladder_run(w->L, ladder_random(w->L, 2) ? ladder_random(w->L, 1500) * MS : 10 * S);
		mn_conf(&t);
		ladder_reconfigure(w->mn, t.buf);
		ladder_run(w->L, 60 * S);
		usable = attach_current(box_mip6(w->mn))->usable;
		if (usable && !box_mip6(w->mn)->conf->use_mn_ha_ipsec)
			both_agree(w, t.buf, seed, orphans);
		orphans |= !usable;
		nothing_is_left_of_others(w);
		if (box_misuses(w->mn)) {
			fprintf(stderr, "# seed %llu of this test, with %s\n",
				(unsigned long long)seed, t.buf);
			ladder_fail(w->L, __FILE__, __LINE__, "objects are misused");
		}
		/* nowhere an address may be on this or that device that leads nowhere */
		if (usable)
			is_as_after_a_start(w->L, w->mn, t.buf, seed);
	}
	world_down(w);
}

static void a_mobile_node_comes_to_where_a_start_would_bring_it(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= MN_RUNS; seed++)
		mn_run(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_home_agent_comes_to_where_a_start_would_bring_it),
		cmocka_unit_test(a_mobile_node_comes_to_where_a_start_would_bring_it),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
