// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Home registration on the real port, with movement by hand: reads orders, one a
 * line, from standard input. For tests that judge what registration alone does to
 * the kernel, packet for packet, at moments that the test chooses.
 *
 *	mndrive CONFIGURATION-FILE RUN-DIRECTORY
 *	at INTERFACE CARE-OF-ADDRESS ROUTER PREFIX	attached there from now on
 *	nowhere
 *	state			prints "state NAME" for the first home address
 *	restart			stops, leaving the data path
 *
 * The end of input stops it, taking everything back. It stands in for move*.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "conf/conf.h"
#include "core/link.h"
#include "core/mip6.h"
#include "mn/attach.h"
#include "mn/home.h"
#include "mn/mn.h"
#include "os/os.h"

static struct mip6 node;
static struct loop *loop;
static struct loop_fd *input;
static struct attachment here;
static bool stopping;

/* --- movement ------------------------------------------------------------------ */

const struct attachment *attach_current(const struct mip6 *m)
{
	(void)m;
	return &here;
}

uint64_t attach_valid_until_us(const struct mip6 *m, uint32_t ifindex, const struct in6_addr *coa)
{
	(void)m;
	(void)ifindex;
	(void)coa;
	return TIME_NEVER;
}

void attach_hint(struct mip6 *m, bool good)
{
	(void)m;
	(void)good;
}

void attach_rebind(struct mip6 *m)
{
	(void)m;
}

int attach_prefer(struct mip6 *m, const char *name)
{
	(void)m;
	(void)name;
	return -ENODEV;
}

void attach_pause(struct mip6 *m, bool pause)
{
	(void)m;
	(void)pause;
}

int move_start(struct mip6 *m)
{
	(void)m;
	return 0;
}

void move_stop(struct mip6 *m, enum role_stop how)
{
	(void)m;
	(void)how;
}

void move_reconfigure(struct mip6 *m)
{
	(void)m;
}

void move_free(struct mip6 *m)
{
	(void)m;
}

void move_on_nd(struct mip6 *m, const struct mip6_packet *p, const struct nd_msg *msg)
{
	(void)m;
	(void)p;
	(void)msg;
}

void move_on_link(struct mip6 *m, const struct klink *l)
{
	(void)m;
	(void)l;
}

void move_on_addr(struct mip6 *m, const struct kaddr_event *a)
{
	(void)m;
	(void)a;
}

void move_on_neigh(struct mip6 *m, const struct kneigh_event *n)
{
	(void)m;
	(void)n;
}

void move_on_lost(struct mip6 *m, const struct kobj *o)
{
	(void)m;
	(void)o;
}

/* --- orders -------------------------------------------------------------------- */

static void fail(const char *what)
{
	fprintf(stderr, "mndrive: %s\n", what);
	exit(2);
}

static void attach(const char *ifname, const char *coa, const char *router, const char *prefix)
{
	const struct link *l = link_find_name(&node.links, ifname);
	const struct attachment old = here;

	if (!l)
		fail("no such interface");
	memset(&here, 0, sizeof(here));
	here.usable = true;
	here.ifindex = l->l.ifindex;
	here.on_link_count = 1;
	here.cause = ATTACH_ADMIN;
	here.event_us = node.now_us;
	if (addr_parse(coa, &here.coa) || addr_parse(router, &here.router) ||
	    prefix_parse(prefix, &here.on_link[0], NULL))
		fail("no address");
	home_on_attachment(&node, &old, &here);
}

static void stop(enum role_stop how)
{
	stopping = true;
	mip6_turn(&node, loop_now_us(loop));
	mip6_stop(&node, how);
}

static void take_line(char *line)
{
	char *words[5] = { 0 };
	char *rest = line;
	size_t n = 0;

	while (n < 5 && (words[n] = strsep(&rest, " ")) != NULL)
		n++;
	mip6_turn(&node, loop_now_us(loop));
	if (n == 5 && strcmp(words[0], "at") == 0) {
		attach(words[1], words[2], words[3], words[4]);
	} else if (strcmp(words[0], "nowhere") == 0) {
		const struct attachment old = here;

		memset(&here, 0, sizeof(here));
		home_on_attachment(&node, &old, &here);
	} else if (strcmp(words[0], "restart") == 0) {
		stop(ROLE_RESTART);
	} else if (strcmp(words[0], "state") != 0) {
		fail("what?");
	}
	if (!stopping)
		printf("state %s\n",
		       home_state_name(TAILQ_FIRST(&home_of(&node)->addrs)->state));
	fflush(stdout);
}

static void on_input(int fd, unsigned int ready, void *ctx)
{
	static char buf[4096];
	static size_t used;
	ssize_t n = read(fd, buf + used, sizeof(buf) - used - 1);
	char *line = buf, *end;

	(void)ready;
	(void)ctx;
	if (n <= 0) {
		if (n == 0) {
			loop_del_fd(input);
			input = NULL;
			stop(ROLE_SHUTDOWN);
		}
		return;
	}
	used += (size_t)n;
	buf[used] = '\0';
	while ((end = strchr(line, '\n')) != NULL) {
		*end = '\0';
		take_line(line);
		line = end + 1;
	}
	used -= (size_t)(line - buf);
	memmove(buf, line, used + 1);
}

static void on_turn_end(void *ctx, uint64_t now_us)
{
	(void)ctx;
	(void)now_us;
	if (stopping && mip6_stopped(&node))
		loop_stop(loop);
}

int main(int argc, char **argv)
{
	struct os_options options = { .run_dir = argc > 2 ? argv[2] : NULL };
	struct conf_errors errs;
	struct loop_hook *hook;
	struct kernel *port;
	struct conf *conf;

	if (argc < 3)
		fail("mndrive CONFIGURATION RUN-DIRECTORY");
	log_open(LOGT_STDERR, "mndrive", NULL);
	log_set_level_all(LOGL_TRACE);
	conf_errors_init(&errs);
	if (conf_load(argv[1], NULL, &conf, &errs))
		fail("the configuration is wrong");
	loop = loop_new();
	port = loop ? os_kernel_new(loop, &options) : NULL;
	if (!port || mip6_init(&node, conf, port, loop_timers(loop), loop_now_us(loop)))
		fail("no port");
	mip6_add_role(&node, &mn_role);
	if (os_kernel_start(port, &node) || found_read(&node) || mip6_start(&node))
		fail("cannot start");
	fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
	input = loop_add_fd(loop, STDIN_FILENO, LOOP_READ, on_input, NULL);
	hook = loop_add_hook(loop, on_turn_end, NULL);
	puts("ready");
	fflush(stdout);
	loop_run(loop);
	loop_del_hook(hook);
	loop_del_fd(input);
	mip6_free(&node);
	os_kernel_free(port);
	loop_free(loop);
	conf_free(conf);
	conf_errors_free(&errs);
	log_close();
	return 0;
}
