// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The console knows nothing of os/: what `netcheck` and `ping` want of it comes from here.
 * Called by run.c.
 */
#include "daemon/check.h"

#include "os/os.h"

struct hearer {
	console_finding_fn *fn;
	void *ctx;
};

static void tell(const struct os_finding *f, void *ctx)
{
	const struct hearer *h = ctx;

	h->fn(os_severity_name(f->severity), f->what, f->mend ? f->mend : "", h->ctx);
}

void check_machine(const struct conf *c, console_finding_fn *fn, void *ctx)
{
	struct hearer h = { .fn = fn, .ctx = ctx };

	(void)os_preflight_running(c, tell, &h);
}

int check_reach(void *ctx, const struct role_way *w, uint64_t wait_us, uint64_t *rtt_us)
{
	(void)ctx;
	return os_reach(&w->from, &w->to, w->ifindex, wait_us, rtt_us);
}
