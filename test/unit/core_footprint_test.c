// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Footprints: comparing kernel objects, the difference of two sets against a
 * naive model, and transitions with a kernel that refuses at random.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "test/unit/core_port.h"
#include "test/unit/random.h"

/* --- objects ------------------------------------------------------------------- */

static struct in6_addr addr_n(uint8_t n)
{
	struct in6_addr a = { { { 0x20, 0x01, 0x0d, 0xb8 } } };

	a.s6_addr[15] = n;
	return a;
}

/* An object of one of `kinds` keys of some type, with one of 3 values. */
static struct kobj make(size_t key, size_t value)
{
	struct kobj o;
	size_t n = key / KOBJ_TYPE_COUNT;

	memset(&o, 0, sizeof(o));
	o.type = (enum kobj_type)(key % KOBJ_TYPE_COUNT);
	switch (o.type) {
	case KOBJ_SYSCTL:
		o.sysctl.name = (enum ksysctl)(n % KSYSCTL_COUNT);
		o.sysctl.dev.ifindex = (uint32_t)(1 + n / KSYSCTL_COUNT);
		o.sysctl.value = (int32_t)value;
		break;
	case KOBJ_TUNNEL:
		snprintf(o.tunnel.name, IFNAMSIZ, "t%u", (unsigned int)n);
		o.tunnel.remote = addr_n((uint8_t)value);
		break;
	case KOBJ_ADDR:
		o.addr.addr = addr_n((uint8_t)n);
		o.addr.dev.ifindex = 2;
		o.addr.plen = (uint8_t)(64 + value);
		break;
	case KOBJ_ROUTE:
		o.route.dst = (struct prefix){ addr_n((uint8_t)n), 128 };
		o.route.encap = true;
		o.route.encap_dst = addr_n((uint8_t)value);
		break;
	case KOBJ_RULE:
		o.rule.priority = (uint32_t)n;
		o.rule.table = value ? KTABLE_OWN : KTABLE_MAIN;
		break;
	case KOBJ_TUNNEL_FILTER:
		strcpy(o.filter.tunnel, "mip6");
		o.filter.inner_src = (struct prefix){ addr_n((uint8_t)n), 128 };
		o.filter.outer_src = addr_n((uint8_t)value);
		break;
	case KOBJ_PROXY_NEIGH:
		o.proxy.ifindex = 2;
		o.proxy.addr = addr_n((uint8_t)n);
		break;
	case KOBJ_ANYCAST:
	case KOBJ_GROUP:
		o.member.ifindex = 2;
		o.member.addr = addr_n((uint8_t)n);
		break;
	case KOBJ_XFRM_POLICY:
		o.policy.sel.src = (struct prefix){ addr_n((uint8_t)n), 128 };
		o.policy.priority = (uint32_t)value;
		break;
	case KOBJ_XFRM_STATE:
		o.state.src = addr_n((uint8_t)n);
		o.state.coaddr = addr_n((uint8_t)value);
		break;
	case KOBJ_TYPE_COUNT:
		abort();
	}
	return o;
}

static void objects_are_the_same_by_key_and_equal_by_value(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < 40; i++) {
		for (j = 0; j < 40; j++) {
			struct kobj a = make(i, 0), b = make(j, 0);
			int ab = kobj_compare_key(&a, &b), ba = kobj_compare_key(&b, &a);

			assert_int_equal(ab == 0, i == j);
			assert_int_equal(ab < 0, ba > 0);
			assert_int_equal(kobj_equal(&a, &b), i == j);
		}
	}
}

static void bytes_behind_names_do_not_count(void **state)
{
	struct kobj a = make(KOBJ_TUNNEL, 0), b = a;

	(void)state;
	b.tunnel.name[IFNAMSIZ - 1] = 'x';
	assert_int_equal(kobj_compare_key(&a, &b), 0);
	a = make(KOBJ_ADDR, 0);
	b = a;
	strcpy(b.addr.dev.name, "eth0");
	/* with an index, the name says nothing */
	assert_int_equal(kobj_compare_key(&a, &b), 0);
	b.addr.dev.ifindex = 0;
	assert_int_not_equal(kobj_compare_key(&a, &b), 0);
}

static void keys_of_states_are_compared_by_content(void **state)
{
	struct kxfrm_esp_keys k1 = { .enc_name = "cbc(aes)", .enc_key_len = 2 }, k2;
	struct kobj a = make(KOBJ_XFRM_STATE, 0), b;

	(void)state;
	k2 = k1;
	b = a;
	a.state.esp = &k1;
	assert_false(kobj_equal(&a, &b));
	b.state.esp = &k2;
	assert_true(kobj_equal(&a, &b));
	k2.enc_key[1] = 1;
	assert_false(kobj_equal(&a, &b));
	k2.enc_key[1] = 0;
	k2.enc_key[2] = 1; /* behind the key */
	assert_true(kobj_equal(&a, &b));
}

static void every_object_has_a_text_that_fits(void **state)
{
	char text[KOBJ_TEXT_MAX], small[8];
	size_t i;

	(void)state;
	for (i = 0; i < KOBJ_TYPE_COUNT; i++) {
		struct kobj o = make(i, 1);

		assert_true(strlen(kobj_text(&o, text, sizeof(text))) > 8);
		assert_true(strlen(text) < sizeof(text) - 1);
		assert_memory_equal(kobj_text(&o, small, sizeof(small)), text, 7);
		assert_int_equal(small[7], 0);
		assert_string_not_equal(kobj_type_name((enum kobj_type)i), "unknown");
	}
	for (i = 0; i < KSYSCTL_COUNT; i++)
		assert_non_null(ksysctl_name((enum ksysctl)i));
}

static void texts_are_in_the_words_of_ip(void **state)
{
	char text[KOBJ_TEXT_MAX];
	struct kobj o;

	(void)state;
	o = (struct kobj){ .type = KOBJ_ROUTE,
			   .route = { .table = KTABLE_OWN,
				      .dst = { addr_n(9), 128 },
				      .dev = { .name = "mip6" },
				      .encap = true,
				      .encap_src = addr_n(1),
				      .encap_dst = addr_n(2),
				      .metric = 128 } };
	assert_string_equal(kobj_text(&o, text, sizeof(text)),
			    "route 2001:db8::9/128 encap ip6 src 2001:db8::1 dst 2001:db8::2"
			    " dev mip6 table mip6 metric 128");
	o = (struct kobj){ .type = KOBJ_RULE,
			   .rule = { .priority = 1000, .from = { addr_n(0), 64 },
				     .table = KTABLE_OWN } };
	assert_string_equal(kobj_text(&o, text, sizeof(text)),
			    "rule priority 1000 from 2001:db8::/64 lookup mip6");
	o = (struct kobj){ .type = KOBJ_SYSCTL,
			   .sysctl = { .dev = { .name = "eth0" }, .name = KSYSCTL_ACCEPT_RA } };
	assert_string_equal(kobj_text(&o, text, sizeof(text)),
			    "sysctl net.ipv6.conf.eth0.accept_ra = 0");
	o = (struct kobj){ .type = KOBJ_XFRM_STATE,
			   .state = { .proto = KXFRM_HAO, .src = addr_n(9), .dst = addr_n(1),
				      .coaddr = addr_n(2), .reqid = 1 } };
	assert_string_equal(kobj_text(&o, text, sizeof(text)),
			    "state src 2001:db8::9 dst 2001:db8::1 proto hao reqid 1 mode ro"
			    " coa 2001:db8::2");
}

/* --- the difference, against a naive model ------------------------------------- */

#define KEYS 44

/* -1: not there, else the value. */
struct model {
	int value[KEYS];
};

static void model_clear(struct model *m)
{
	size_t i;

	for (i = 0; i < KEYS; i++)
		m->value[i] = -1;
}

static bool has_value(size_t key)
{
	enum kobj_type type = (enum kobj_type)(key % KOBJ_TYPE_COUNT);

	return type != KOBJ_PROXY_NEIGH && type != KOBJ_ANYCAST && type != KOBJ_GROUP;
}

/* A random set, some keys twice; the model holds what counts. */
static void random_set(struct random *r, struct footprint *f, struct model *m)
{
	size_t n = random_below(r, 30), i;

	footprint_init(f);
	model_clear(m);
	for (i = 0; i < n; i++) {
		size_t key = random_below(r, KEYS);
		size_t value = has_value(key) ? random_below(r, 2) : 0;
		struct kobj o = make(key, value);

		footprint_add(f, &o);
		m->value[key] = (int)value;
	}
	assert_false(f->bad);
}

static size_t key_of(const struct kobj *o)
{
	size_t key;

	for (key = 0; key < KEYS; key++) {
		struct kobj candidate = make(key, 0);

		if (kobj_compare_key(&candidate, o) == 0)
			return key;
	}
	abort();
}

static int value_of(const struct kobj *o)
{
	size_t key = key_of(o);
	int value;

	for (value = 0; value < 2; value++) {
		struct kobj candidate = make(key, (size_t)value);

		if (kobj_equal(&candidate, o))
			return value;
	}
	abort();
}

/* Carries one change out on the model; what does not fit the state fails. */
static void model_apply(struct model *m, const struct kchange *c)
{
	size_t key = key_of(&c->obj);

	switch (c->op) {
	case KCHANGE_PUT:
		assert_int_equal(m->value[key], -1);
		m->value[key] = value_of(&c->obj);
		break;
	case KCHANGE_REPLACE:
		assert_int_equal(m->value[key], value_of(&c->was));
		assert_int_equal(kobj_compare_key(&c->obj, &c->was), 0);
		assert_int_not_equal(m->value[key], value_of(&c->obj));
		m->value[key] = value_of(&c->obj);
		break;
	case KCHANGE_ADOPT: /* nobody left anything */
		fail();
		break;
	case KCHANGE_DELETE:
		assert_int_equal(m->value[key], value_of(&c->obj));
		m->value[key] = -1;
		break;
	}
}

/* Where the value of that key that counts stands. */
static size_t place_of(const struct footprint *f, const struct kobj *o)
{
	const struct kobj *at = footprint_find(f, o);

	assert_non_null(at);
	return (size_t)(at - f->items);
}

/* Puts and replacements in the order of want, then deletions in the reverse order
 * of have; no key twice. */
static void check_order(const struct footprint *have, const struct footprint *want,
			const struct kchange *c, size_t n)
{
	bool seen[KEYS] = { false }, deleting = false;
	size_t i, last_want = 0, last_have = SIZE_MAX;

	for (i = 0; i < n; i++) {
		size_t key = key_of(&c[i].obj);

		assert_false(seen[key]);
		seen[key] = true;
		if (c[i].op == KCHANGE_DELETE) {
			deleting = true;
			assert_true(place_of(have, &c[i].obj) < last_have);
			last_have = place_of(have, &c[i].obj);
		} else {
			assert_false(deleting);
			assert_true(place_of(want, &c[i].obj) >= last_want);
			last_want = place_of(want, &c[i].obj);
		}
	}
}

static void a_difference_leads_from_have_to_want(void **state)
{
	struct footprint have, want;
	struct model is, shall;
	struct kchange *c;
	struct random r;
	size_t n, i;
	int round;

	(void)state;
	random_start(&r);
	for (round = 0; round < 3000; round++) {
		random_set(&r, &have, &is);
		random_set(&r, &want, &shall);
		assert_int_equal(footprint_diff(&have, &want, &c, &n), 0);
		assert_int_equal(c == NULL, n == 0);
		check_order(&have, &want, c, n);
		for (i = 0; i < n; i++)
			model_apply(&is, &c[i]);
		assert_memory_equal(&is, &shall, sizeof(is));
		free(c);
		footprint_free(&have);
		footprint_free(&want);
	}
}

static void nothing_differs_from_itself(void **state)
{
	struct footprint f, copy;
	struct model m;
	struct kchange *c;
	struct random r;
	size_t n;

	(void)state;
	random_start(&r);
	random_set(&r, &f, &m);
	assert_int_equal(footprint_copy(&copy, &f), 0);
	assert_int_equal(footprint_diff(&f, &copy, &c, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(footprint_diff(NULL, NULL, &c, &n), 0);
	assert_int_equal(n, 0);
	footprint_free(&f);
	assert_int_equal(f.count, 0);
	assert_int_equal(footprint_diff(&f, NULL, &c, &n), 0);
	assert_int_equal(n, 0);
	footprint_free(&copy);
}

static void a_bad_footprint_changes_nothing(void **state)
{
	struct footprint f;
	struct kobj o = make(0, 0);
	struct kchange *c;
	size_t n;

	(void)state;
	footprint_init(&f);
	footprint_add(&f, &o);
	f.bad = true; /* as after a failed allocation */
	assert_int_equal(footprint_diff(NULL, &f, &c, &n), -ENOMEM);
	assert_null(c);
	assert_int_equal(footprint_diff(&f, NULL, &c, &n), -ENOMEM);
	assert_null(c);
	footprint_free(&f);
	assert_false(f.bad);
}

/* --- transitions --------------------------------------------------------------- */

struct outcome {
	int calls;
	int error;
	struct kchange failed;
};

static void note(struct mip6 *m, int error, const struct kchange *failed, void *ctx)
{
	struct outcome *o = ctx;

	(void)m;
	o->calls++;
	o->error = error;
	assert_int_equal(failed == NULL, error == 0);
	if (failed)
		o->failed = *failed;
}

/* Carries a ticket out on the model; with `refuse`, each change fails by chance.
 * Deletions fail only as "gone already" does, or for good. */
static void carry_out(struct port_ticket *t, struct model *m, struct random *r, bool refuse)
{
	size_t i;

	for (i = 0; i < t->count; i++) {
		if (refuse && random_below(r, 8) == 0)
			t->changes[i].error = t->changes[i].op == KCHANGE_DELETE ? -EBUSY :
										    -ENOMEM;
		else
			model_apply(m, &t->changes[i]);
	}
}

/* What a set is when deletions that failed are forgiven: keys of `want` as
 * wanted, others gone or as they were. */
static void check_forgiven(const struct model *is, const struct model *was,
			   const struct model *shall)
{
	size_t i;

	for (i = 0; i < KEYS; i++) {
		if (shall->value[i] >= 0)
			assert_int_equal(is->value[i], shall->value[i]);
		else
			assert_true(is->value[i] == -1 || is->value[i] == was->value[i]);
	}
}

/* As it was before; an object whose deletion failed never went. */
static void a_refusal_restores_what_was(void **state)
{
	struct footprint have, want;
	struct model was, is, shall;
	struct port_ticket t;
	struct outcome o;
	unsigned int refused = 0, done = 0;
	struct random r;
	static struct port p;
	int round;

	(void)state;
	port_init(&p);
	random_start(&r);
	for (round = 0; round < 2000; round++) {
		random_set(&r, &have, &was);
		random_set(&r, &want, &shall);
		is = was;
		o = (struct outcome){ .calls = 0 };
		assert_non_null(footprint_apply(&p.mip6, &have, &want, note, &o));
		footprint_free(&have);
		footprint_free(&want);
		assert_int_equal(o.calls, 0);
		if (p.ticket_count) {
			t = port_take(&p);
			carry_out(&t, &is, &r, true);
			port_confirm(&p, &t);
		}
		if (p.ticket_count) {
			assert_int_equal(o.calls, 0);
			assert_true(footprint_busy(&p.mip6));
			t = port_take(&p);
			carry_out(&t, &is, &r, false);
			port_confirm(&p, &t);
		}
		timers_run(&p.timers, p.mip6.now_us);
		assert_int_equal(o.calls, 1);
		assert_false(footprint_busy(&p.mip6));
		if (o.error) {
			assert_int_equal(o.error, -ENOMEM);
			assert_int_not_equal(o.failed.op, KCHANGE_DELETE);
			assert_memory_equal(&is, &was, sizeof(is));
			refused++;
		} else {
			check_forgiven(&is, &was, &shall);
			done++;
		}
	}
	assert_true(refused > 100 && done > 100);
	port_free(&p);
}

static void an_object_gone_already_is_deleted(void **state)
{
	const int gone[] = { -ENOENT, -ESRCH, -ENODEV, -ENXIO, -EADDRNOTAVAIL };
	struct footprint have;
	struct kobj o = make(0, 0);
	static struct port p;
	size_t i;

	(void)state;
	port_init(&p);
	footprint_init(&have);
	footprint_add(&have, &o);
	for (i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		struct outcome out = { .calls = 0 };
		struct port_ticket t;

		assert_non_null(footprint_apply(&p.mip6, &have, NULL, note, &out));
		t = port_take(&p);
		t.changes[0].error = gone[i];
		port_confirm(&p, &t);
		assert_int_equal(out.calls, 1);
		assert_int_equal(out.error, 0);
	}
	assert_int_equal(p.mip6.counters.value[COUNT_KERNEL_ERROR], 0);
	footprint_free(&have);
	port_free(&p);
}

static void an_empty_transition_still_calls_back_later(void **state)
{
	struct outcome o = { .calls = 0 };
	static struct port p;

	(void)state;
	port_init(&p);
	assert_non_null(footprint_apply(&p.mip6, NULL, NULL, note, &o));
	assert_int_equal(o.calls, 0);
	assert_true(footprint_busy(&p.mip6));
	assert_int_equal(p.ticket_count, 0);
	timers_run(&p.timers, p.mip6.now_us);
	assert_int_equal(o.calls, 1);
	assert_int_equal(o.error, 0);
	port_free(&p);
}

static void an_orphan_is_completed_in_silence(void **state)
{
	struct outcome o = { .calls = 0 };
	struct footprint want;
	struct transition *t;
	struct port_ticket ticket;
	struct kobj a = make(0, 0), b = make(1, 0);
	static struct port p;

	(void)state;
	port_init(&p);
	footprint_init(&want);
	footprint_add(&want, &a);
	footprint_add(&want, &b);
	t = footprint_apply(&p.mip6, NULL, &want, note, &o);
	assert_non_null(t);
	transition_orphan(t);
	/* its owner now wants all of it gone */
	assert_non_null(footprint_apply(&p.mip6, &want, NULL, note, &o));
	ticket = port_take(&p);
	ticket.changes[1].error = -ENOMEM;
	port_confirm(&p, &ticket);
	assert_int_equal(o.calls, 0);
	/* nothing is undone behind the owner's back */
	assert_int_equal(p.ticket_count, 1);
	ticket = port_take(&p);
	assert_int_equal(ticket.count, 2);
	ticket.changes[0].error = -ENOENT;
	port_confirm(&p, &ticket);
	assert_int_equal(o.calls, 1);
	assert_int_equal(o.error, 0);
	footprint_free(&want);
	port_free(&p);
}

static void without_memory_nothing_is_begun(void **state)
{
	struct outcome o = { .calls = 0 };
	struct footprint want;
	struct kobj a = make(0, 0);
	static struct port p;

	(void)state;
	port_init(&p);
	footprint_init(&want);
	footprint_add(&want, &a);
	p.apply_error = -ENOMEM;
	assert_null(footprint_apply(&p.mip6, NULL, &want, note, &o));
	assert_false(footprint_busy(&p.mip6));
	p.apply_error = 0;
	want.bad = true;
	assert_null(footprint_apply(&p.mip6, NULL, &want, note, &o));
	assert_false(footprint_busy(&p.mip6));
	assert_int_equal(o.calls, 0);
	footprint_free(&want);
	port_free(&p);
}

static void an_unknown_or_old_ticket_is_ignored(void **state)
{
	struct outcome o = { .calls = 0 };
	struct footprint want;
	struct kobj a = make(0, 0);
	struct port_ticket t;
	static struct port p;

	(void)state;
	port_init(&p);
	mip6_on_done(&p.mip6, 77, NULL, 0);
	footprint_init(&want);
	footprint_add(&want, &a);
	assert_non_null(footprint_apply(&p.mip6, NULL, &want, note, &o));
	footprint_free(&want);
	t = port_take(&p);
	mip6_on_done(&p.mip6, t.ticket, t.changes, t.count);
	port_confirm(&p, &t);
	assert_int_equal(o.calls, 1);
	/* fewer results than changes: what has none has failed */
	footprint_add(&want, &a);
	assert_non_null(footprint_apply(&p.mip6, NULL, &want, note, &o));
	footprint_free(&want);
	t = port_take(&p);
	t.count = 0;
	port_confirm(&p, &t);
	assert_int_equal(o.error, -EIO);
	port_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_the_same_by_key_and_equal_by_value),
		cmocka_unit_test(bytes_behind_names_do_not_count),
		cmocka_unit_test(keys_of_states_are_compared_by_content),
		cmocka_unit_test(every_object_has_a_text_that_fits),
		cmocka_unit_test(texts_are_in_the_words_of_ip),
		cmocka_unit_test(a_difference_leads_from_have_to_want),
		cmocka_unit_test(nothing_differs_from_itself),
		cmocka_unit_test(a_bad_footprint_changes_nothing),
		cmocka_unit_test(a_refusal_restores_what_was),
		cmocka_unit_test(an_object_gone_already_is_deleted),
		cmocka_unit_test(an_empty_transition_still_calls_back_later),
		cmocka_unit_test(an_orphan_is_completed_in_silence),
		cmocka_unit_test(without_memory_nothing_is_begun),
		cmocka_unit_test(an_unknown_or_old_ticket_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
