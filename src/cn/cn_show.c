// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the correspondent tells the console: its nonces (RFC 6275 5.2.2), never their
 * values. Its bindings are in the binding cache, which core's words show. Called
 * through the role's table.
 */
#include "cn/cn_show.h"

#include <stdio.h>

#include "base/time.h"
#include "cn/binding.h"
#include "cn/cn.h"
#include "core/show.h"

static void show_nonces(struct mip6 *m, struct show *out, int argc, const char *const *argv)
{
	const struct rr *rr = &cn_of(m)->rr;

	(void)argc;
	(void)argv;
	show_list(out, "nonces");
	for (unsigned int i = 0; i < RR_NONCES; i++) {
		/* the newest first */
		const struct rr_nonce *n = &rr->nonces[(rr->newest + RR_NONCES - i) % RR_NONCES];

		if (!n->valid || !rr_find(rr, n->index, m->now_us))
			continue;
		show_row(out);
		show_number(out, "index", n->index);
		show_since(out, "first_used", n->first_used_us, m->now_us);
		show_until(out, "left", n->first_used_us + RR_MAX_NONCE_LIFETIME_S * US_PER_S,
			   m->now_us);
	}
	show_close(out);
	show_number(out, "remembered_bindings", cn_of(m)->memories);
}

void cn_objects(struct mip6 *m, role_object_fn *fn, void *ctx)
{
	footprint_each(&cn_of(m)->base.have, fn, ctx);
	cn_binding_objects(m, fn, ctx);
}

void cn_ways(struct mip6 *m, const struct in6_addr *peer, role_way_fn *fn, void *ctx)
{
	const struct binding *b = peer ? bcache_find_hoa(&m->bcache, peer, BINDING_CACHED) : NULL;
	struct role_way w = { .name = "bound home address" };

	if (!b || !b->installed.valid)
		return;
	w.from = b->key.local;
	w.to = b->key.hoa;
	snprintf(w.how, sizeof(w.how), "directly, with a routing header to %s",
		 ADDR_STR(&b->installed.coa));
	fn(&w, ctx);
	w = (struct role_way){ .name = "care-of address", .to = b->installed.coa };
	snprintf(w.how, sizeof(w.how), "without mobility");
	fn(&w, ctx);
}

bool cn_end_binding(struct mip6 *m, struct binding *b)
{
	if (b->kind != BINDING_CACHED)
		return false;
	cn_binding_end(m, b);
	return true;
}

const struct role_show cn_shows[] = {
	{ "nonce", "", "the nonces that keygen tokens are made with, and how long each serves",
	  "nonce", show_nonces },
	{ .word = NULL },
};
