// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Words that find out what is wrong: `netcheck` looks at this machine as the preflight
 * does, at what the daemon keeps in the kernel, and whether those answer whom the node
 * needs; `ping` tries every way to somebody. Both wait, so both run in a process of their
 * own. Called through the table of command.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "console/word.h"

#define WAIT_US	  (1 * US_PER_S)
#define TRIES	  3
#define PINGS	  3
#define PINGS_MAX 20
#define WAYS_MAX  8

struct ways {
	struct role_way list[WAYS_MAX];
	size_t count;
	size_t lost; /* echoes */
	size_t sent;
};

static void add_way(const struct role_way *w, void *ctx)
{
	struct ways *ways = ctx;

	if (ways->count < WAYS_MAX)
		ways->list[ways->count++] = *w;
}

static void ask_roles(struct mip6 *m, const struct in6_addr *peer, struct ways *ways)
{
	for (unsigned int i = 0; i < word_role_count(m); i++) {
		if (m->roles[i]->ways)
			m->roles[i]->ways(m, peer, add_way, ways);
	}
}

/* --- netcheck ----------------------------------------------------------------------------- */

struct findings {
	struct show *out;
	size_t errors;
};

static void show_finding(const char *severity, const char *what, const char *mend, void *ctx)
{
	struct findings *f = ctx;

	f->errors += strcmp(severity, "error") == 0;
	show_row(f->out);
	show_text(f->out, "severity", severity);
	show_text(f->out, "what", what);
	show_text(f->out, "to_mend_it", mend);
}

/* False when nobody answers. */
static bool check_way(struct command_request *r, const struct role_way *w, struct findings *f)
{
	uint64_t rtt_us = 0;
	char text[256];
	int err = -ETIMEDOUT;

	for (int n = 0; n < TRIES && err; n++)
		err = r->actions->reach(r->actions->ctx, w, WAIT_US, &rtt_us);
	if (!err && *w->but) {
		snprintf(text, sizeof(text), "the %s %s answers echo requests, %s", w->name,
			 ADDR_STR(&w->to), w->but);
		show_finding("error", text, w->mend, f);
		return true;
	}
	if (err)
		snprintf(text, sizeof(text), "the %s %s does not answer: %s", w->name,
			 ADDR_STR(&w->to), err == -ETIMEDOUT ? "nothing came" : strerror(-err));
	else
		snprintf(text, sizeof(text), "the %s %s answers within %llu.%llu ms", w->name,
			 ADDR_STR(&w->to), (unsigned long long)(rtt_us / 1000),
			 (unsigned long long)(rtt_us % 1000 / 100));
	show_finding(err ? "error" : "ok", text, err ? w->silent : "", f);
	return !err;
}

static void check_kernel(struct mip6 *m, struct findings *f)
{
	char text[128];
	size_t wrong;
	int err = word_count_wrong_objects(m, &wrong);

	if (err)
		snprintf(text, sizeof(text), "the kernel cannot be read: %s", strerror(-err));
	else
		snprintf(text, sizeof(text), "%zu objects in the kernel are not as they should be",
			 wrong);
	if (err || wrong)
		show_finding("warning", text, "mip6ctl kernel diff", f);
}

/* What a role knows itself, but for what is found out here. */
static void show_wrong(const char *what, const char *look, void *ctx)
{
	if (strcmp(look, "netcheck") != 0)
		show_finding("error", what, look, ctx);
}

enum command_end word_netcheck(struct command_request *r, struct show *out)
{
	struct findings f = { .out = out };
	const struct in6_addr *silent = NULL;
	struct ways ways = { .count = 0 };

	if (!r->actions->check || !r->actions->reach)
		return fail(r, out, ENOTSUP, "%s", "not here");
	show_list(out, "findings");
	r->actions->check(r->actions->ctx, show_finding, &f);
	check_kernel(r->m, &f);
	for (unsigned int i = 0; i < word_role_count(r->m); i++) {
		if (r->m->roles[i]->wrong)
			r->m->roles[i]->wrong(r->m, show_wrong, &f);
	}
	ask_roles(r->m, NULL, &ways);
	/* Who is silent is silent by every way. */
	for (size_t i = 0; i < ways.count; i++) {
		if (silent && addr_equal(silent, &ways.list[i].to))
			continue;
		if (!check_way(r, &ways.list[i], &f))
			silent = &ways.list[i].to;
	}
	if (!out->rows)
		show_finding("ok", "nothing is wrong here", "", &f);
	show_close(out);
	if (f.errors)
		r->status = EIO;
	return COMMAND_DONE;
}

/* --- ping ----------------------------------------------------------------------------------- */

static void ping_once(struct command_request *r, struct show *out, struct ways *ways,
		      const struct role_way *w)
{
	uint64_t rtt_us = 0;
	int err = r->actions->reach(r->actions->ctx, w, WAIT_US, &rtt_us);

	ways->sent++;
	ways->lost += err != 0;
	show_row(out);
	show_text(out, "way", w->name);
	show_addr(out, "from", &w->from);
	show_addr(out, "to", &w->to);
	if (err)
		show_none(out, "took");
	else
		show_span(out, "took", rtt_us);
	show_text(out, "answer", !err ? "yes" : err == -ETIMEDOUT ? "no" : strerror(-err));
	show_text(out, "how", w->how);
}

/* 0, or an errno value with an explanation. */
static int begin_ping(struct command_request *r, struct show *out)
{
	struct role_way plain = { .name = "plain" };
	struct in6_addr peer;
	struct ways *ways;

	if (r->argc < 2 || addr_parse(r->argv[1], &peer) < 0 || addr_is_multicast(&peer)) {
		show_text(out, "error", "say whom: an address");
		return EINVAL;
	}
	ways = r->own = calloc(1, sizeof(*ways));
	if (!ways)
		return ENOMEM;
	ask_roles(r->m, &peer, ways);
	plain.to = peer;
	if (!ways->count)
		add_way(&plain, ways);
	return 0;
}

/* A round through all ways with each piece. */
enum command_end word_ping(struct command_request *r, struct show *out)
{
	unsigned long times = r->argc > 2 ? strtoul(r->argv[2], NULL, 10) : PINGS;
	struct ways *ways;

	if (!r->actions->reach)
		return fail(r, out, ENOTSUP, "%s", "not here");
	if (times < 1 || times > PINGS_MAX)
		return fail(r, out, EINVAL, "how often: 1 to %d", PINGS_MAX);
	if (!r->own) {
		int err = begin_ping(r, out);

		if (err)
			return word_failed(r, err);
	}
	ways = r->own;
	show_list(out, "echoes");
	for (size_t i = 0; i < ways->count; i++)
		ping_once(r, out, ways, &ways->list[i]);
	show_close(out);
	if (++*show_cursor(out) < times) {
		show_more(out);
		return COMMAND_MORE;
	}
	show_number(out, "sent", ways->sent);
	show_number(out, "lost", ways->lost);
	r->status = ways->lost == ways->sent ? ETIMEDOUT : 0;
	free(ways);
	r->own = NULL;
	return COMMAND_DONE;
}
