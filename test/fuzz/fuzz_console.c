// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests to the console: lines as a client sends them, to a home agent or a mobile node
 * (the first byte says which, and whether the client may change things) on a kernel that
 * accepts everything. Whatever the lines are, each comes to an end within a bounded number
 * of pieces of a bounded number of rows; JSON is JSON, text has nothing in it that a
 * terminal would obey.
 */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "base/time.h"
#include "cn/cn.h"
#include "console/command.h"
#include "console/render.h"
#include "core/mip6.h"
#include "fuzz/fuzz.h"
#include "ha/ha.h"
#include "mn/mn.h"

#define LINES_MAX   32
#define LINE_LEN    1024
#define PIECES_MAX  64
#define TICKETS_MAX 1024

static const char ha_conf[] = "NodeConfig HA; UseMnHaIPsec disabled; HaSendRouterAdvs disabled;"
			      "HaAddress 2001:db8:1::1; HaVirtualHomeLink 2001:db8:1::/64;";
static const char mn_conf[] = "NodeConfig MN; UseMnHaIPsec disabled; Interface \"eth0\";"
			      "MnHomeLink \"eth0\" { HomeAddress 2001:db8:1::100/64;"
			      "HomeAgentAddress 2001:db8:1::1; }";

struct ticket {
	uint64_t number;
	struct kchange *changes;
	size_t count;
};

struct node {
	struct kernel kernel; /* first */
	struct ticket tickets[TICKETS_MAX];
	size_t ticket_count;
	uint64_t probe;
	struct timers timers;
	struct conf *conf;
	struct mip6 m;
	struct command_past past;
	bool may_change;
};

/* --- a kernel that accepts everything ------------------------------------------------------- */

static int apply(struct kernel *k, const struct kchange *changes, size_t n, uint64_t number)
{
	struct node *node = (struct node *)k;
	struct ticket *t = &node->tickets[node->ticket_count];

	if (node->ticket_count == TICKETS_MAX)
		return -ENOMEM;
	*t = (struct ticket){ .number = number, .count = n };
	t->changes = calloc(n + 1, sizeof(*changes));
	FUZZ_CHECK(t->changes);
	if (n)
		memcpy(t->changes, changes, n * sizeof(*changes));
	node->ticket_count++;
	return 0;
}

static int send_nothing(struct kernel *k, enum kproto proto, const struct mip6_path *path,
			uint8_t hop_limit, const void *data, size_t len)
{
	(void)k;
	(void)proto;
	(void)path;
	(void)hop_limit;
	(void)data;
	(void)len;
	return 0;
}

static int probe(struct kernel *k, const struct kprobe *p, uint64_t ticket)
{
	(void)k;
	(void)p;
	(void)ticket;
	return 0;
}

static void probe_cancel(struct kernel *k, uint64_t ticket)
{
	(void)k;
	(void)ticket;
}

static int watch_traffic(struct kernel *k, const char *name, uint64_t pace_us)
{
	(void)k;
	(void)name;
	(void)pace_us;
	return 0;
}

static int watch_strays(struct kernel *k, const char *name, uint32_t per_s)
{
	(void)k;
	(void)name;
	(void)per_s;
	return 0;
}

static int lookup(struct kernel *k, const char *name, const struct in6_addr *source,
		  uint64_t ticket)
{
	(void)k;
	(void)name;
	(void)source;
	(void)ticket;
	return 0;
}

static void lookup_cancel(struct kernel *k, uint64_t ticket)
{
	(void)k;
	(void)ticket;
}

static int last_use(struct kernel *k, const struct kobj *o, uint64_t *idle_us)
{
	(void)k;
	(void)o;
	*idle_us = 0;
	return 0;
}

static void forget_learned(struct kernel *k, uint32_t ifindex)
{
	(void)k;
	(void)ifindex;
}

static int scan(struct kernel *k, int (*fn)(const struct kobj *o, void *ctx), void *ctx)
{
	struct kobj stray = { .type = KOBJ_RULE };

	(void)k;
	return fn(&stray, ctx);
}

static const struct kernel_ops ops = { .apply = apply,
				       .send = send_nothing,
				       .probe = probe,
				       .probe_cancel = probe_cancel,
				       .lookup = lookup,
				       .lookup_cancel = lookup_cancel,
				       .watch_traffic = watch_traffic,
				       .watch_strays = watch_strays,
				       .last_use = last_use,
				       .forget_learned = forget_learned,
				       .scan = scan };

static void settle(struct node *n)
{
	while (n->ticket_count) {
		struct ticket t = n->tickets[0];

		n->ticket_count--;
		memmove(n->tickets, n->tickets + 1, n->ticket_count * sizeof(t));
		mip6_on_done(&n->m, t.number, t.changes, t.count);
		free(t.changes);
	}
}

/* --- what the daemon does for the console ---------------------------------------------------- */

static int reload(void *ctx, bool only_look, const struct console_report *r)
{
	(void)ctx;
	r->mistake("warning", "mip6d.conf:1:1", "a \033[2J mistake", "", r->ctx);
	r->change("Interface eth0", "", "\"eth0\"", "at once", only_look, r->ctx);
	return 0;
}

static void check(void *ctx, console_finding_fn *fn, void *fn_ctx)
{
	(void)ctx;
	fn("warning", "something", "", fn_ctx);
}

static int reach(void *ctx, const struct role_way *w, uint64_t wait_us, uint64_t *rtt_us)
{
	(void)ctx;
	(void)wait_us;
	*rtt_us = 1234;
	return w->to.s6_addr[15] & 1 ? -ETIMEDOUT : 0;
}

static const struct console_actions actions = {
	.reload = reload, .check = check, .reach = reach
};

/* --- one request -------------------------------------------------------------------- */

static void check_output(const struct command_request *r, const char *text, size_t len)
{
	json_t *j;

	if (r->json) {
		j = json_loadb(text, len, 0, NULL);
		FUZZ_CHECK(j);
		json_decref(j);
		return;
	}
	/* `config` indents with tabs */
	for (size_t i = 0; i < len && !r->colour; i++)
		FUZZ_CHECK((unsigned char)text[i] >= 0x20 || text[i] == '\n' || text[i] == '\t');
}

static void ask(struct node *n, const char *data, size_t len)
{
	char line[LINE_LEN], *text = NULL;
	size_t text_len = 0, pieces = 0;
	struct command_request r = { .m = &n->m, .actions = &actions, .past = &n->past };
	enum command_end end;
	struct render render;
	struct show show;
	FILE *out = open_memstream(&text, &text_len);

	FUZZ_CHECK(out);
	memcpy(line, data, len);
	line[len] = '\0';
	r.may_change = n->may_change;
	r.apart = true;
	command_parse(line, &r);
	show_init(&show);
	render_init(&render, r.json, r.colour);
	do {
		end = command_run(&r, &show);
		FUZZ_CHECK(++pieces < PIECES_MAX);
		FUZZ_CHECK(show.rows <= SHOW_ROWS_MAX + 64);
		if (end != COMMAND_MONITOR)
			FUZZ_CHECK(render_piece(&render, &show, out) == 0);
		show_clear(&show);
	} while (end == COMMAND_MORE);
	FUZZ_CHECK(end == COMMAND_DONE || end == COMMAND_MONITOR);
	FUZZ_CHECK(r.status >= 0 && r.status < 200);
	FUZZ_CHECK(fclose(out) == 0);
	if (end == COMMAND_DONE)
		check_output(&r, text, text_len);
	free(text);
	settle(n);
}

static struct node *node_new(bool is_ha)
{
	const char *text = is_ha ? ha_conf : mn_conf;
	const struct klink link = { .ifindex = 2,
				    .name = "eth0",
				    .kind = KLINK_ETHER,
				    .up = true,
				    .running = true,
				    .multicast = true };
	struct kaddr_event addr = { .ifindex = 2, .plen = 64 };
	struct conf_errors errs;
	struct node *n = calloc(1, sizeof(*n));

	FUZZ_CHECK(n);
	conf_errors_init(&errs);
	FUZZ_CHECK(conf_load_text("conf", text, strlen(text), NULL, &n->conf, &errs) == 0);
	conf_errors_free(&errs);
	n->kernel.ops = &ops;
	n->kernel.mip6 = &n->m;
	timers_init(&n->timers);
	FUZZ_CHECK(mip6_init(&n->m, n->conf, &n->kernel, &n->timers, 1000 * US_PER_S) == 0);
	mip6_add_role(&n->m, is_ha ? &ha_role : &mn_role);
	mip6_add_role(&n->m, &cn_role);
	mip6_on_link(&n->m, &link);
	FUZZ_CHECK(addr_parse("2001:db8:1::1", &addr.addr) == 0);
	mip6_on_addr(&n->m, &addr);
	FUZZ_CHECK(mip6_start(&n->m) == 0);
	settle(n);
	return n;
}

static void node_free(struct node *n)
{
	mip6_free(&n->m);
	for (size_t i = 0; i < n->ticket_count; i++)
		free(n->tickets[i].changes);
	timers_free(&n->timers);
	conf_free(n->conf);
	free(n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data + 1, *end = (const char *)data + size;
	struct node *n;

	if (!size)
		return 0;
	log_set_level_all(LOGL_ERROR);
	(void)log_open(LOGT_NONE, "fuzz", NULL);
	n = node_new(data[0] & 1);
	n->may_change = data[0] & 2;
	for (int lines = 0; at < end && lines < LINES_MAX; lines++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop ? stop : end) - at);

		ask(n, at, len < LINE_LEN ? len : LINE_LEN - 1);
		mip6_turn(&n->m, n->m.now_us + US_PER_S);
		timers_run(&n->timers, n->m.now_us);
		settle(n);
		at = stop ? stop + 1 : end;
	}
	node_free(n);
	return 0;
}
