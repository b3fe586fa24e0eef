// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The port on Linux without a protocol above it: reads orders, one JSON object a
 * line, from standard input, carries them out with os/, and prints what the port
 * tells, one JSON object a line. The tests test_os_*.py speak to it through
 * osdrive.py.
 *
 *	{"do": "apply", "ticket": 1, "changes": [{"op": "put", "type": "route", ...}]}
 *	{"do": "apply", "ticket": 1, "changes": [{"op": "put", "make": "hao_admit"}]}
 *	{"do": "send", "proto": "mh", "path": {...}, "hop_limit": 64, "data": "3b01..."}
 *	{"do": "probe", "ticket": 2, "kind": "dad", "ifindex": 2, "target": "...", ...}
 *	{"do": "cancel", "ticket": 2}
 *	{"do": "watch", "name": "mip6", "pace_us": 1000000}
 *	{"do": "last_use", "object": {...}}
 *	{"do": "scan"} {"do": "resync"}
 *	{"do": "longest"}: how long the longest end of a turn, where the port applies
 *	changes, has taken since last asked
 *	{"do": "preflight", "conf": "NodeConfig HA; ..."}
 *
 * With a configuration as second argument it tells the findings of the preflight, and
 * ends. It takes the place of core/mip6.c: the entry points that the port calls are here.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "core/hao.h"
#include "core/mip6.h"
#include "os/os.h"
#include "osdrive.h"

#define LINE_MAX_BYTES (4 << 20)

static struct kernel *port;
static struct loop *loop;
static char *input;
static size_t input_used;
static uint64_t hooks_began_us;
static uint64_t hooks_longest_us;

/* --- what the port tells -------------------------------------------------------------- */

static void print(const char *event, json_t *j)
{
	char *text;

	json_object_set_new(j, "event", json_string(event));
	json_object_set_new(j, "t_us", json_integer((json_int_t)loop_now_us(loop)));
	text = json_dumps(j, JSON_COMPACT);
	puts(text);
	fflush(stdout);
	free(text);
	json_decref(j);
}

static json_t *hex(const uint8_t *data, size_t len)
{
	char *text = malloc(len * 2 + 1);
	json_t *j;
	size_t i;

	if (!text)
		abort();
	text[0] = '\0';
	for (i = 0; i < len; i++)
		snprintf(text + i * 2, 3, "%02x", data[i]);
	j = json_string(text);
	free(text);
	return j;
}

void mip6_on_packet(struct mip6 *m, const struct mip6_packet *p)
{
	(void)m;
	print("packet", json_pack("{ss so so si sb sb}", "proto",
				  p->proto == KPROTO_MH ? "mh" : "icmp6", "path",
				  drive_write_path(&p->path), "data", hex(p->data, p->len),
				  "hop_limit", p->hop_limit, "to_multicast", p->to_multicast,
				  "protected", p->protected));
}

void mip6_on_link(struct mip6 *m, const struct klink *l)
{
	static const char *const kinds[] = { "other", "ether", "loopback", "tunnel" };

	(void)m;
	print("link", json_pack("{si ss ss sb sb sb sb sb sb si so ss}", "ifindex",
				(int)l->ifindex, "name", l->name, "kind", kinds[l->kind], "up",
				l->up, "running", l->running, "point_to_point", l->point_to_point,
				"multicast", l->multicast, "ours", l->ours, "gone", l->gone, "mtu",
				(int)l->mtu, "lladdr", hex(l->lladdr, l->lladdr_len), "ssid",
				l->ssid));
}

void mip6_on_addr(struct mip6 *m, const struct kaddr_event *a)
{
	(void)m;
	print("addr", json_pack("{si so si sb sb sb sb sb sb sb}", "ifindex", (int)a->ifindex,
				"addr", drive_write_addr(&a->addr), "plen", a->plen, "gone",
				a->gone, "tentative", a->tentative, "optimistic", a->optimistic,
				"dad_failed", a->dad_failed, "home", a->home, "deprecated",
				a->deprecated, "ours", a->ours));
}

void mip6_on_neigh(struct mip6 *m, const struct kneigh_event *n)
{
	static const char *const states[] = { "none", "probing", "reachable", "stale", "failed" };

	(void)m;
	print("neigh", json_pack("{si so ss sb so}", "ifindex", (int)n->ifindex, "addr",
				 drive_write_addr(&n->addr), "state", states[n->state], "router",
				 n->router, "lladdr", hex(n->lladdr, n->lladdr_len)));
}

void mip6_on_xfrm(struct mip6 *m, const struct kxfrm_event *x)
{
	static const char *const whats[] = { "acquire", "report", "expire" };
	static const char *const protos[] = { "hao", "rh2", "esp", "ah", "comp" };

	(void)m;
	print("xfrm", json_pack("{ss ss so so so si si si}", "what", whats[x->what], "proto",
				protos[x->proto], "src", drive_write_addr(&x->src), "dst",
				drive_write_addr(&x->dst), "coaddr", drive_write_addr(&x->coaddr),
				"upper_proto", x->upper_proto, "sport", x->sport, "dport",
				x->dport));
}

void mip6_on_traffic(struct mip6 *m, const struct ktraffic_event *t)
{
	(void)m;
	print("traffic", json_pack("{so so sb}", "local", drive_write_addr(&t->local), "peer",
				   drive_write_addr(&t->peer), "outgoing", (int)t->outgoing));
}

void mip6_on_stray(struct mip6 *m, const struct kstray_event *s)
{
	json_t *o = json_object();

	(void)m;
	json_object_set_new(o, "outer_src", drive_write_addr(&s->outer_src));
	json_object_set_new(o, "inner_src", drive_write_addr(&s->inner_src));
	print("stray", o);
}

void mip6_on_multicast(struct mip6 *m, const struct kmulticast_event *e)
{
	json_t *o = json_object();

	(void)m;
	json_object_set_new(o, "ifindex", json_integer(e->ifindex));
	json_object_set_new(o, "outer_src", drive_write_addr(&e->outer_src));
	json_object_set_new(o, "outer_dst", drive_write_addr(&e->outer_dst));
	json_object_set_new(o, "data", hex(e->data, e->len));
	print("multicast", o);
}

void mip6_on_overrun(struct mip6 *m)
{
	(void)m;
	print("overrun", json_object());
}

void mip6_on_lost(struct mip6 *m, const struct kobj *o)
{
	(void)m;
	print("lost", json_pack("{so}", "object", drive_write_object(o)));
}

void mip6_on_done(struct mip6 *m, uint64_t ticket, const struct kchange *changes, size_t n)
{
	json_t *errors = json_array();
	size_t i;

	(void)m;
	for (i = 0; i < n; i++)
		json_array_append_new(errors, json_integer(changes[i].error));
	print("done", json_pack("{sI so}", "ticket", (json_int_t)ticket, "errors", errors));
}

void mip6_on_probe(struct mip6 *m, uint64_t ticket, enum kprobe_result result)
{
	static const char *const results[] = { "silent", "answered", "error" };

	(void)m;
	print("probe", json_pack("{sI ss}", "ticket", (json_int_t)ticket, "result",
				 results[result]));
}

/* --- orders ------------------------------------------------------------------------------- */

static json_int_t get_int(const json_t *j, const char *field, json_int_t dflt)
{
	const json_t *v = json_object_get(j, field);

	return v ? json_integer_value(v) : dflt;
}

static const char *get_text(const json_t *j, const char *field)
{
	const char *text = json_string_value(json_object_get(j, field));

	return text ? text : "";
}

static enum kchange_op get_op(const json_t *j)
{
	const char *op = get_text(j, "op");

	if (strcmp(op, "delete") == 0)
		return KCHANGE_DELETE;
	return strcmp(op, "replace") == 0 ? KCHANGE_REPLACE : KCHANGE_PUT;
}

/* The objects that a function of core/hao.h makes. */
static void make_objects(const char *what, const json_t *j, struct footprint *f)
{
	struct in6_addr hoa = drive_read_addr(j, "hoa");
	struct in6_addr coa = drive_read_addr(j, "coa");
	struct in6_addr local = drive_read_addr(j, "local");
	struct in6_addr peer = drive_read_addr(j, "peer");

	if (strcmp(what, "hao_admit") == 0)
		hao_admit_objects(f);
	else if (strcmp(what, "hao_accept") == 0)
		hao_accept_object(f, &hoa, &coa, &local);
	else if (strcmp(what, "rh2_send") == 0)
		rh2_send_objects(f, &hoa, &coa, &local);
	else if (strcmp(what, "rh2_accept") == 0)
		rh2_accept_object(f, &hoa, &coa);
	else if (strcmp(what, "hao_send") == 0)
		hao_send_objects(f, &hoa, &coa, &peer);
	else
		drive_fail("cannot make %s", what);
}

/* One entry of the list: an object, or what a function makes of "make". */
static size_t read_changes(const json_t *c, struct kchange *out, size_t room)
{
	const char *make = get_text(c, "make");
	struct footprint f;
	size_t n;

	if (!make[0]) {
		out[0].op = get_op(c);
		drive_read_object(c, &out[0].obj);
		out[0].was = out[0].obj;
		if (json_object_get(c, "was"))
			drive_read_object(json_object_get(c, "was"), &out[0].was);
		return 1;
	}
	footprint_init(&f);
	make_objects(make, c, &f);
	for (n = 0; n < f.count && n < room; n++) {
		out[n].op = get_op(c);
		out[n].obj = out[n].was = f.items[n];
	}
	footprint_free(&f);
	return n;
}

static int do_apply(const json_t *j)
{
	const json_t *list = json_object_get(j, "changes");
	size_t room = json_array_size(list) + 16;
	struct kchange *changes = calloc(room, sizeof(*changes));
	size_t n = 0;
	size_t i;
	int err;

	if (!changes)
		abort();
	for (i = 0; i < json_array_size(list); i++)
		n += read_changes(json_array_get(list, i), changes + n, room - n);
	err = port->ops->apply(port, changes, n, (uint64_t)get_int(j, "ticket", 0));
	free(changes);
	return err;
}

static int do_send(const json_t *j)
{
	const char *text = get_text(j, "data");
	uint8_t data[4096];
	struct mip6_path path;
	size_t len = strlen(text) / 2;
	size_t i;

	for (i = 0; i < len && i < sizeof(data); i++) {
		char byte[3] = { text[i * 2], text[i * 2 + 1], '\0' };

		data[i] = (uint8_t)strtoul(byte, NULL, 16);
	}
	drive_read_path(json_object_get(j, "path"), &path);
	return port->ops->send(port, strcmp(get_text(j, "proto"), "mh") == 0 ? KPROTO_MH :
									      KPROTO_ICMP6,
			       &path, (uint8_t)get_int(j, "hop_limit", 64), data, i);
}

static int do_probe(const json_t *j)
{
	struct kprobe p = { .kind = strcmp(get_text(j, "kind"), "dad") == 0 ? KPROBE_DAD :
									      KPROBE_NUD };

	p.ifindex = (uint32_t)get_int(j, "ifindex", 0);
	p.target = drive_read_addr(j, "target");
	p.source = drive_read_addr(j, "source");
	p.defender = drive_read_addr(j, "defender");
	p.count = (uint32_t)get_int(j, "count", 1);
	p.interval_us = (uint64_t)get_int(j, "interval_us", 1000000);
	return port->ops->probe(port, &p, (uint64_t)get_int(j, "ticket", 0));
}

static int print_object(const struct kobj *o, void *ctx)
{
	(void)ctx;
	print("object", drive_write_object(o));
	return 0;
}

static int do_last_use(const json_t *j)
{
	struct kobj o;
	uint64_t idle_us = 0;
	int err;

	drive_read_object(json_object_get(j, "object"), &o);
	err = port->ops->last_use(port, &o, &idle_us);
	if (!err)
		print("last_use", json_pack("{sI}", "idle_us",
					    idle_us == UINT64_MAX ? (json_int_t)-1 :
								    (json_int_t)idle_us));
	return err;
}

static void print_finding(const struct os_finding *f, void *ctx)
{
	(void)ctx;
	print("finding", json_pack("{ss ss ss}", "severity", os_severity_name(f->severity), "what",
				   f->what, "mend", f->mend ? f->mend : ""));
}

static int preflight(const char *text)
{
	struct conf_errors errs;
	struct conf *c;
	int fatal;

	conf_errors_init(&errs);
	conf_load_text("test", text, strlen(text), NULL, &c, &errs);
	if (!c)
		conf_errors_print(&errs, CONF_ERROR, stderr);
	conf_errors_free(&errs);
	if (!c)
		drive_fail("the configuration is wrong");
	fatal = os_preflight(c, print_finding, NULL);
	conf_free(c);
	return fatal;
}

static int do_preflight(const json_t *j)
{
	return preflight(get_text(j, "conf"));
}

static int do_longest(void)
{
	print("longest", json_pack("{sI}", "us", (json_int_t)hooks_longest_us));
	hooks_longest_us = 0;
	return 0;
}

static int carry_out(const char *what, const json_t *j)
{
	if (strcmp(what, "apply") == 0)
		return do_apply(j);
	if (strcmp(what, "send") == 0)
		return do_send(j);
	if (strcmp(what, "probe") == 0)
		return do_probe(j);
	if (strcmp(what, "preflight") == 0)
		return do_preflight(j);
	if (strcmp(what, "last_use") == 0)
		return do_last_use(j);
	if (strcmp(what, "longest") == 0)
		return do_longest();
	if (strcmp(what, "scan") == 0)
		return port->ops->scan(port, print_object, NULL);
	if (strcmp(what, "resync") == 0)
		return port->ops->resync(port);
	if (strcmp(what, "watch") == 0)
		return port->ops->watch_traffic(port, get_text(j, "name"),
						(uint64_t)get_int(j, "pace_us", 0));
	if (strcmp(what, "cancel") != 0)
		drive_fail("what is %s?", what);
	port->ops->probe_cancel(port, (uint64_t)get_int(j, "ticket", 0));
	return 0;
}

static void take_line(const char *line)
{
	json_error_t error;
	json_t *j = json_loads(line, 0, &error);
	const char *what;
	int err;

	if (!j)
		drive_fail("%s in %s", error.text, line);
	what = get_text(j, "do");
	err = carry_out(what, j);
	print("result", json_pack("{ss si}", "of", what, "error", err));
	json_decref(j);
}

static void on_input(int fd, unsigned int ready, void *ctx)
{
	ssize_t n = read(fd, input + input_used, LINE_MAX_BYTES - input_used - 1);
	char *line = input;
	char *end;

	(void)ready;
	(void)ctx;
	if (n <= 0) {
		if (n == 0)
			loop_stop(loop);
		return;
	}
	input_used += (size_t)n;
	input[input_used] = '\0';
	while ((end = strchr(line, '\n'))) {
		*end = '\0';
		take_line(line);
		line = end + 1;
	}
	input_used -= (size_t)(line - input);
	memmove(input, line, input_used + 1);
}

/* --- the program ---------------------------------------------------------------------------- */

static void on_signal(int signo, void *ctx)
{
	(void)signo;
	(void)ctx;
	loop_stop(loop);
}

static void before_hooks(void *ctx, uint64_t now_us)
{
	(void)ctx;
	(void)now_us;
	hooks_began_us = clock_now_us();
}

static void after_hooks(void *ctx, uint64_t now_us)
{
	uint64_t took_us = clock_now_us() - hooks_began_us;

	(void)ctx;
	(void)now_us;
	if (took_us > hooks_longest_us)
		hooks_longest_us = took_us;
}

int main(int argc, char **argv)
{
	struct os_options o = { .run_dir = argc > 1 ? argv[1] : NULL };
	struct mip6 *m = calloc(1, sizeof(*m));
	struct loop_signal *term;
	struct loop_fd *event;
	int err;

	log_open(LOGT_STDERR, "osdrive", NULL);
	log_set_level_all(getenv("OSDRIVE_QUIET") ? LOGL_NOTICE : LOGL_TRACE);
	loop = loop_new();
	input = malloc(LINE_MAX_BYTES);
	if (!m || !loop || !input)
		drive_fail("out of memory");
	if (argc > 2)
		return preflight(argv[2]);
	fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
	if (!loop_add_hook(loop, before_hooks, NULL))
		drive_fail("out of memory");
	port = os_kernel_new(loop, &o);
	if (!port || !loop_add_hook(loop, after_hooks, NULL))
		drive_fail("no port");
	m->running = true; /* or what comes in would wait for the roles */
	if (os_kernel_start(port, m))
		drive_fail("cannot start");
	event = loop_add_fd(loop, STDIN_FILENO, LOOP_READ, on_input, NULL);
	term = loop_add_signal(loop, SIGTERM, on_signal, NULL);
	print("ready", json_object());
	err = loop_run(loop);
	loop_del_signal(term);
	loop_del_fd(event);
	os_kernel_free(port);
	loop_free(loop);
	log_close();
	free(input);
	free(m);
	return err ? 1 : 0;
}
