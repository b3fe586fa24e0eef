// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registrations by hand, on the console: what a Binding Update of the node would do
 * (RFC 6275 10.3.1, 10.3.2), judged as such a one, but for its protection and its rate:
 * who may type this may do that. The node is not answered, since it did not ask.
 * Called through the role's table.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "core/show.h"
#include "ha/ha.h"
#include "ha/ha_show.h"
#include "ha/registration.h"

/* What was typed after `bc add` or `bc del`: names and values. */
struct typed {
	struct ha_bu bu;
	bool have_hoa;
	bool have_coa;
	bool have_local;
	bool have_seq;
	bool no_dad;
};

static bool parse_addr(const char *text, struct in6_addr *to, bool *have)
{
	*have = addr_parse(text, to) == 0;
	return *have;
}

static bool parse_number(const char *text, unsigned long max, unsigned long *out)
{
	char *end;

	*out = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && *out <= max;
}

/* "AHLK", in any order. */
static bool parse_flags(const char *text, uint16_t *out)
{
	static const struct {
		char letter;
		uint16_t flag;
	} flags[] = { { 'A', MH_BU_A }, { 'H', MH_BU_H }, { 'L', MH_BU_L }, { 'K', MH_BU_K } };

	for (; *text; text++) {
		size_t i = 0;

		while (i < sizeof(flags) / sizeof(flags[0]) && flags[i].letter != *text)
			i++;
		if (i == sizeof(flags) / sizeof(flags[0]))
			return false;
		*out |= flags[i].flag;
	}
	return true;
}

static bool parse_pair(const char *name, const char *value, struct typed *t)
{
	unsigned long n;

	if (strcmp(name, "hoa") == 0)
		return parse_addr(value, &t->bu.hoa, &t->have_hoa);
	if (strcmp(name, "coa") == 0)
		return parse_addr(value, &t->bu.coa, &t->have_coa);
	if (strcmp(name, "local") == 0)
		return parse_addr(value, &t->bu.path.local, &t->have_local);
	if (strcmp(name, "flags") == 0)
		return parse_flags(value, &t->bu.flags);
	if (strcmp(name, "lifetime") == 0) {
		if (!parse_number(value, 4UL * UINT16_MAX, &n))
			return false;
		t->bu.lifetime_s = (uint32_t)n;
		return true;
	}
	if (strcmp(name, "seq") == 0) {
		if (strcmp(value, "auto") == 0)
			return true;
		t->have_seq = parse_number(value, UINT16_MAX, &n);
		t->bu.seq = (uint16_t)n;
		return t->have_seq;
	}
	if (strcmp(name, "dad") == 0) {
		t->no_dad = strcmp(value, "never") == 0;
		return t->no_dad || strcmp(value, "want") == 0;
	}
	return false;
}

static bool parse_typed(struct show *out, int argc, const char *const *argv, struct typed *t)
{
	for (int i = 2; i < argc; i += 2) {
		if (i + 1 < argc && parse_pair(argv[i], argv[i + 1], t))
			continue;
		show_format(out, "error", "'%s %s' is not understood, see help %s %s", argv[i],
			    i + 1 < argc ? argv[i + 1] : "", argv[0], argv[1]);
		return false;
	}
	return true;
}

/* The registration that a mobile node would have asked for. */
static int put(struct mip6 *m, struct show *out, struct typed *t)
{
	const struct binding *b = bcache_find_hoa(&m->bcache, &t->bu.hoa, BINDING_HOME);
	struct ha_verdict v;

	t->bu.flags |= MH_BU_H;
	t->bu.has_hao = true;
	t->bu.path.peer = t->bu.coa;
	t->bu.path.peer_home = t->bu.hoa;
	if (!t->have_seq)
		t->bu.seq = b && b->seq_known ? (uint16_t)(b->seq + 1) : 0;
	v = ha_registration_put(m, &t->bu, t->no_dad);
	show_number(out, "status", v.status);
	show_number(out, "sequence", t->bu.seq);
	show_span(out, "lifetime", v.lifetime_s * US_PER_S);
	if (v.action == HA_REGISTER || v.action == HA_DEREGISTER)
		return 0;
	show_format(out, "error", "refused: %s", v.reason ? v.reason : "the same was just asked");
	return -EPERM;
}

static int bc_add(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	struct typed t;

	memset(&t, 0, sizeof(t));
	if (!parse_typed(out, argc, argv, &t))
		return -EINVAL;
	if (!t.have_hoa || !t.have_coa || !t.have_local || !t.bu.lifetime_s) {
		show_text(out, "error", "hoa, coa, local and lifetime are needed");
		return -EINVAL;
	}
	return put(m, out, &t);
}

static int bc_del(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	const struct binding *b;
	struct typed t;

	memset(&t, 0, sizeof(t));
	if (!parse_typed(out, argc, argv, &t))
		return -EINVAL;
	if (!t.have_hoa || t.bu.lifetime_s) {
		show_text(out, "error", t.have_hoa ? "a deletion has no lifetime" :
						     "hoa is needed");
		return -EINVAL;
	}
	b = bcache_find_hoa(&m->bcache, &t.bu.hoa, BINDING_HOME);
	if (!b || b->state == BINDING_MEMORY) {
		show_format(out, "error", "%s is not registered", ADDR_STR(&t.bu.hoa));
		return -ENOENT;
	}
	if (!t.have_local)
		t.bu.path.local = ha_registration_side(b)->local;
	if (!t.have_coa)
		t.bu.coa = t.bu.hoa;
	return put(m, out, &t);
}

const struct role_command ha_commands[] = {
	{ "bc add",
	  "hoa ADDRESS coa ADDRESS local ADDRESS lifetime SECONDS [flags AHLK] [seq auto|NUMBER] "
	  "[dad want|never]",
	  "register a node by hand, as its Binding Update would",
	  "bc add hoa 2001:db8:1::100 coa 2001:db8:2::5 local 2001:db8:1::1 flags AH lifetime 600",
	  bc_add },
	{ "bc del", "hoa ADDRESS [coa ADDRESS] [local ADDRESS] [flags AHLK] [seq auto|NUMBER]",
	  "end a registration by hand, as a Binding Update with lifetime 0 would",
	  "bc del hoa 2001:db8:1::100", bc_del },
	{ .word = NULL },
};
