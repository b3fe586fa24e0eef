// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Birth and death of the port on Linux, and the table of its functions. All that
 * it does stands in the files listed in linux.h.
 */
#include "os/os.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/mip6.h"
#include "os/linux.h"

static const struct kernel_ops os_ops = {
	.apply = apply_changes,
	.send = socket_send,
	.probe = probe_begin,
	.probe_cancel = probe_cancel,
	.lookup = lookup_begin,
	.lookup_cancel = lookup_cancel,
	.forget_learned = learned_forget,
	.watch_traffic = traffic_watch,
	.watch_strays = sample_watch_strays,
	.watch_multicast = sample_watch_multicast,
	.hear_groups = multicast_hear_groups,
	.send_multicast = multicast_send,
	.send_encapsulated = multicast_send_encapsulated,
	.list_groups = multicast_list,
	.last_use = scan_last_use,
	.scan = scan_objects,
	.resync = monitor_resync,
};

/* Linux has rule 4 of RFC 6724 (addrconf.c, IPV6_SADDR_RULE_HOA) where CONFIG_IPV6_MIP6 is "y";
 * with "m" it has not. The preflight has made the kernel load the module. */
static bool mip6_is_built_in(void)
{
	FILE *f = fopen("/proc/modules", "re");
	bool is_module = false;
	char line[256];

	if (!f)
		return errno == ENOENT; /* a kernel without modules */
	while (!is_module && fgets(line, sizeof(line), f))
		is_module = strncmp(line, "mip6 ", 5) == 0;
	fclose(f);
	return !is_module;
}

uint64_t os_now(struct os *os)
{
	uint64_t now_us = loop_now_us(os->loop);

	if (os->kernel.mip6)
		os->kernel.mip6->now_us = now_us;
	return now_us;
}

static int init_all(struct os *os, const struct os_options *o)
{
	int err = nl_open(&os->ask_route, NETLINK_ROUTE);

	if (!err)
		err = nl_open(&os->ask_xfrm, NETLINK_XFRM);
	if (!err)
		err = apply_init(os);
	if (!err)
		err = members_init(os);
	if (!err)
		err = filters_init(os);
	if (!err)
		err = policies_init(os);
	if (!err)
		err = sysctls_init(os, o->run_dir);
	if (!err)
		err = probes_init(os);
	if (!err)
		err = monitor_init(os);
	if (!err)
		err = samples_init(os);
	if (!err)
		err = multicasts_init(os);
	if (!err)
		err = sockets_init(os);
	return err;
}

struct kernel *os_kernel_new(struct loop *l, const struct os_options *o)
{
	struct os *os = calloc(1, sizeof(*os));
	int err;

	if (!os)
		return NULL;
	os->kernel.ops = &os_ops;
	os->kernel.prefers_home = mip6_is_built_in();
	os->loop = l;
	TAILQ_INIT(&os->tickets);
	TAILQ_INIT(&os->links);
	TAILQ_INIT(&os->addrs);
	TAILQ_INIT(&os->watchers);
	LIST_INIT(&os->lookups);
	LIST_INIT(&os->ears);
	timer_init(&os->again, "kernel-changes", NULL, os);
	os->ask_route = os->ask_xfrm = (struct nl_sock)NL_SOCK_CLOSED;
	os->route.sock = os->xfrm.sock = (struct nl_sock)NL_SOCK_CLOSED;
	err = init_all(os, o);
	if (err) {
		log_error(LOG_KERNEL, "cannot open what is needed of the kernel: %s",
			  strerror(-err));
		os_kernel_free(&os->kernel);
		errno = -err;
		return NULL;
	}
	return &os->kernel;
}

int os_kernel_start(struct kernel *k, struct mip6 *m)
{
	struct os *os = os_of(k);
	int err;

	k->mip6 = m;
	os_now(os);
	err = monitor_start(os);
	if (!err)
		err = sockets_start(os);
	if (err)
		log_error(LOG_KERNEL, "cannot read links and addresses: %s", strerror(-err));
	return err;
}

void os_kernel_free(struct kernel *k)
{
	struct os *os;

	if (!k)
		return;
	os = os_of(k);
	traffic_free(os);
	samples_free(os);
	multicasts_free(os);
	sockets_free(os);
	probes_free(os);
	ears_free(os);
	lookups_free(os);
	monitor_free(os);
	links_free(os);
	sysctls_free(os);
	policies_free(os);
	filters_free(os);
	members_free(os);
	apply_free(os);
	nl_close(&os->ask_route);
	nl_close(&os->ask_xfrm);
	free(os);
}
