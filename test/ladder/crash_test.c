// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A crash at every step of every exchange. The home agent serves a node which registers,
 * moves, registers again, and deregisters, and repeats what is not answered (RFC 6275
 * 11.8). At the n-th change of the kernel, message, or commit of the store the daemon dies,
 * and a moment later another one starts; this for every n, until none is left. Whatever n:
 * a binding that was acknowledged is there as soon as the daemon is, with the care-of
 * address that the node was told or a newer one; no object is left that does not belong to
 * a binding; what was acknowledged cannot be replayed (9.5.1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "cn/cn.h"
#include "ha/ha.h"
#include "test/ladder/ladder.h"

#define HOA  "2001:db8:1::100"
#define HA   "2001:db8:1::2"
#define COA  "2001:db8:a::9"
#define COA2 "2001:db8:b::9"

#define REAL	"NodeConfig HA; UseMnHaIPsec disabled; Interface \"eth0\";"                    \
		"HaSendRouterAdvs disabled; HaMaxBindingLife 600;"
#define VIRTUAL "NodeConfig HA; UseMnHaIPsec disabled; HaMaxBindingLife 600;"                  \
		"HaSendRouterAdvs disabled; HaVirtualHomeLink 2001:db8:1::/64;"

/* More than the whole scenario has. */
#define STEPS_MAX 400
#define RESTART_US (50 * MS)

struct world {
	struct ladder *L;
	struct box *ha;
	struct box *mn[2];
	int at; /* which of these the node is now */
	struct mip6_path path;
	struct mh_msg bu;
	/* as the node knows */
	uint16_t acked_seq;
	bool acked;	   /* anything */
	bool registered;   /* by the last acknowledgement */
	int acked_at;	   /* where it was */
	bool answered;
	bool crashed;
	unsigned int again; /* the step at which its successor dies, 0: it does not */
};

static void hear(struct box *b, const struct mip6_packet *p, void *ctx)
{
	struct world *w = ctx;
	struct mh_msg ba;
	struct wire_error err;

	if (b != w->mn[w->at] || p->proto != KPROTO_MH ||
	    mh_decode(p->data, p->len, &ba, &err) != WIRE_OK || ba.type != MH_BA)
		return;
	if (ba.ba.status == MH_STATUS_SEQUENCE) { /* 11.7.3: the next is greater than that */
		w->bu.bu.seq = ba.ba.seq;
		return;
	}
	assert_int_equal(ba.ba.status, 0);
	if (ba.ba.seq != w->bu.bu.seq)
		return;
	w->answered = true;
	w->acked = true;
	w->acked_seq = ba.ba.seq;
	w->registered = ba.ba.lifetime_s > 0;
	w->acked_at = w->at;
}

static const struct in6_addr *coa_of(const struct world *w, int at)
{
	static struct in6_addr coas[2];

	(void)w;
	coas[0] = ip6(COA);
	coas[1] = ip6(COA2);
	return &coas[at];
}

static void be_at(struct world *w, int at)
{
	w->at = at;
	w->path.local = *coa_of(w, at);
	w->bu.opts.alt_coa = *coa_of(w, at);
}

static struct world *build(const char *conf)
{
	struct world *w = test_calloc(1, sizeof(*w));
	struct net_link *home, *a, *b;
	struct box *r0, *ra, *rb;

	w->L = ladder_new();
	home = ladder_link(w->L, "home");
	a = ladder_link(w->L, "a");
	b = ladder_link(w->L, "b");
	r0 = ladder_router(w->L, "r0", home, "2001:db8:1::1/64", 0);
	ra = ladder_router(w->L, "ra", a, "2001:db8:a::1/64", 0);
	rb = ladder_router(w->L, "rb", b, "2001:db8:b::1/64", 0);
	w->ha = ladder_node(w->L, "ha", conf, &ha_role, &cn_role, NULL);
	ladder_attach(w->ha, "eth0", home);
	ladder_addr(w->ha, "eth0", HA "/64");
	ladder_gateway(w->ha, r0);
	w->mn[0] = ladder_host(w->L, "mn", a, COA "/64", ra);
	w->mn[1] = ladder_host(w->L, "mn2", b, COA2 "/64", rb);
	for (size_t i = 0; i < 2; i++) {
		ladder_addr(w->mn[i], "eth0", HOA "/128");
		ladder_hear(w->mn[i], hear, w);
	}
	w->path = (struct mip6_path){ .local_home = ip6(HOA), .peer = ip6(HA) };
	w->bu = (struct mh_msg){ .type = MH_BU };
	w->bu.bu.flags = MH_BU_A | MH_BU_H;
	w->bu.bu.seq = 10;
	w->bu.opts.present = MH_HAS_ALT_COA;
	be_at(w, 0);
	ladder_start(w->ha);
	ladder_run(w->L, S);
	return w;
}

static const struct binding *active(const struct world *w)
{
	const struct in6_addr hoa = ip6(HOA);
	const struct binding *b =
		bcache_find_hoa(&box_mip6(w->ha)->bcache, &hoa, BINDING_HOME);

	return b && b->installed.valid ? b : NULL;
}

/* 9.5.1: what was acknowledged before is nothing new. */
static void replay(struct world *w)
{
	struct mh_msg old = w->bu;
	struct mip6_path path = w->path;
	const struct binding *b = active(w);
	const struct binding was = b ? *b : (struct binding){ .seq = 0 };

	old.bu.seq = w->acked_seq;
	old.bu.lifetime_s = 60;
	old.opts.alt_coa = path.local = *coa_of(w, w->acked_at);
	ladder_send_mh(w->mn[w->acked_at], &path, &old);
	ladder_run(w->L, 20 * MS);
	assert_int_equal(active(w) != NULL, b != NULL);
	if (b) {
		assert_int_equal(active(w)->seq, was.seq);
		assert_true(addr_equal(&active(w)->installed.coa, &was.installed.coa));
		assert_int_equal(active(w)->expires_us, was.expires_us);
	}
}

static void look(struct world *w, bool leaving)
{
	const struct binding *b = active(w);

	/* no acknowledged binding is lost, and none comes back */
	if (w->acked && w->registered && !leaving && !b)
		ladder_fail(w->L, __FILE__, __LINE__, "an acknowledged binding is lost");
	if (w->acked && !w->registered && b && b->seq == w->acked_seq)
		ladder_fail(w->L, __FILE__, __LINE__, "a deleted binding is back");
	if (b) {
		assert_true(!seq_newer(w->acked_seq, b->seq));
		assert_true(addr_equal(&b->installed.coa, coa_of(w, w->at)) ||
			    addr_equal(&b->installed.coa, coa_of(w, w->acked_at)));
	}
	/* nothing is stray */
	assert_int_equal(box_count(w->ha, KOBJ_TUNNEL), 1);
	assert_int_equal(box_count(w->ha, KOBJ_TUNNEL_FILTER), b != NULL);
	if (w->acked)
		replay(w);
}

/* ... which may die, too, before it has come far. */
static void restart(struct world *w)
{
	unsigned int again = w->again;

	w->again = 0;
	do {
		ladder_run(w->L, RESTART_US);
		ladder_start(w->ha);
		ladder_crash_after(w->ha, again);
		again = 0;
		ladder_run(w->L, 50 * MS);
	} while (!ladder_is_running(w->ha));
	ladder_crash_after(w->ha, 0);
}

/* Time passes; a daemon that died is started again. */
static void pass(struct world *w, uint64_t us, bool leaving)
{
	for (; us >= 10 * MS && !w->answered; us -= 10 * MS) {
		ladder_run(w->L, 10 * MS);
		if (ladder_is_running(w->ha))
			continue;
		w->crashed = true;
		restart(w);
		look(w, leaving);
	}
}

static void exchange(struct world *w, int at, uint32_t lifetime_s)
{
	be_at(w, at);
	w->answered = false;
	for (int i = 0; i < 6 && !w->answered; i++) {
		w->bu.bu.seq++;
		w->bu.bu.lifetime_s = lifetime_s;
		if (ladder_is_running(w->ha))
			ladder_send_mh(w->mn[at], &w->path, &w->bu);
		pass(w, 1500 * MS, lifetime_s == 0);
	}
	assert_true(w->answered);
}

/* False when the daemon did not crash: there are fewer steps than that. */
static bool run(const char *conf, unsigned int steps, unsigned int again)
{
	struct world *w = build(conf);
	bool crashed;

	w->again = again;
	ladder_crash_after(w->ha, steps);
	exchange(w, 0, 60);
	exchange(w, 1, 60);
	exchange(w, 1, 120);
	exchange(w, 1, 0);
	exchange(w, 0, 60);
	crashed = w->crashed;
	assert_int_equal(box_misuses(w->ha), 0);
	ladder_crash_after(w->ha, 0);
	ladder_end(w->ha);
	ladder_free(w->L);
	test_free(w);
	return crashed;
}

static void run_all(const char *conf)
{
	unsigned int n, again;

	for (again = 0; again < 12; again++) {
		for (n = 1; run(conf, n, again); n++)
			assert_true(n < STEPS_MAX);
		/* that it came to an end because all steps were seen */
		assert_true(n > 20);
	}
}

static void a_home_agent_that_crashes_anywhere_loses_nothing(void **state)
{
	(void)state;
	run_all(REAL);
}

static void nor_does_one_of_a_virtual_home_link(void **state)
{
	(void)state;
	run_all(VIRTUAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_home_agent_that_crashes_anywhere_loses_nothing),
		cmocka_unit_test(nor_does_one_of_a_virtual_home_link),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
