// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Preflight: is this machine fit for the role? Everything that is known to go
 * wrong is looked for before it does, and told with the command that mends it:
 * privileges, kernel features (preflight_kernel.c), settings, interfaces and
 * addresses, packet filters (preflight_firewall.c), other programs that manage the
 * same interface. Called by `mip6d --preflight` and at every start.
 */
#include "os/preflight.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/capability.h>
#include <net/if.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MEND_MAX 192

const char *os_severity_name(enum os_severity s)
{
	switch (s) {
	case OS_FINDING_NOTE:
		return "note";
	case OS_FINDING_WARNING:
		return "warning";
	case OS_FINDING_FATAL:
		return "error";
	}
	return "?";
}

void preflight_tell(struct preflight *p, enum os_severity s, const char *mend, const char *fmt, ...)
{
	char what[512];
	struct os_finding f = { .severity = s, .what = what, .mend = mend };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (s == OS_FINDING_FATAL)
		p->fatal++;
	p->fn(&f, p->ctx);
}

/* --- privileges ------------------------------------------------------------------------ */

static bool has_capability(unsigned int cap)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (syscall(SYS_capget, &head, data) < 0)
		return true; /* let the attempt decide */
	return (data[CAP_TO_INDEX(cap)].effective & CAP_TO_MASK(cap)) != 0;
}

/* False when nothing further can be tried. */
static bool check_privileges(struct preflight *p)
{
	static const struct {
		unsigned int cap;
		const char *name;
	} needed[] = { { CAP_NET_ADMIN, "CAP_NET_ADMIN" }, { CAP_NET_RAW, "CAP_NET_RAW" } };
	bool all = true;
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (has_capability(needed[i].cap))
			continue;
		all = false;
		preflight_tell(p, OS_FINDING_FATAL,
			       "run it as root, or as a service with "
			       "AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW",
			       "the capability %s is missing", needed[i].name);
	}
	return all;
}

/* --- settings ---------------------------------------------------------------------------- */

/* net.ipv6.conf.DEV.NAME into *value; false when it cannot be read. */
static bool read_conf(const char *dev, const char *name, int *value)
{
	char path[128];
	FILE *f;
	bool ok;

	if (strchr(dev, '/'))
		return false;
	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/%s", dev, name);
	f = fopen(path, "re");
	if (!f)
		return false;
	ok = fscanf(f, "%d", value) == 1;
	fclose(f);
	return ok;
}

static const char *sysctl_command(char mend[MEND_MAX], const char *dev, const char *name, int value)
{
	snprintf(mend, MEND_MAX, "sysctl -w net/ipv6/conf/%s/%s=%d", dev, name, value);
	return mend;
}

static void check_device_settings(struct preflight *p, const char *dev)
{
	char mend[MEND_MAX];
	int value;

	if (read_conf(dev, "disable_ipv6", &value) && value)
		preflight_tell(p, OS_FINDING_FATAL, sysctl_command(mend, dev, "disable_ipv6", 0),
			       "IPv6 is switched off on %s", dev);
	if (read_conf(dev, "disable_policy", &value) && value)
		preflight_tell(p, OS_FINDING_FATAL, sysctl_command(mend, dev, "disable_policy", 0),
			       "%s takes packets with any Home Address option: "
			       "inbound policies are switched off there",
			       dev);
	if (read_conf(dev, "accept_source_route", &value) && value < 0)
		preflight_tell(p, OS_FINDING_FATAL,
			       sysctl_command(mend, dev, "accept_source_route", 0),
			       "%s refuses type 2 routing headers", dev);
}

static void check_settings(struct preflight *p)
{
	char mend[MEND_MAX];
	int value;

	if (access("/proc/sys/net/ipv6/conf/all", F_OK) < 0) {
		preflight_tell(p, OS_FINDING_FATAL, "boot without ipv6.disable=1",
			       "the kernel has no IPv6");
		return;
	}
	check_device_settings(p, "all");
	if (p->conf->role == CONF_ROLE_HA && read_conf("all", "forwarding", &value) && !value)
		preflight_tell(p, OS_FINDING_FATAL, sysctl_command(mend, "all", "forwarding", 1),
			       "a home agent is a router, but IPv6 forwarding is off");
	if (p->conf->role == CONF_ROLE_MN && p->conf->coa_dad == CONF_COA_DAD_OPTIMISTIC &&
	    !read_conf("all", "optimistic_dad", &value))
		preflight_tell(p, OS_FINDING_WARNING,
			       "boot a kernel with CONFIG_IPV6_OPTIMISTIC_DAD, or set CoaDad none",
			       "the kernel lacks optimistic duplicate address detection: each "
			       "handover waits a second for the full one");
}

/* --- interfaces and addresses --------------------------------------------------------------- */

static bool address_is_ours(const struct ifaddrs *all, const struct in6_addr *a)
{
	const struct ifaddrs *i;

	for (i = all; i; i = i->ifa_next) {
		const struct sockaddr_in6 *sa = (const void *)i->ifa_addr;

		if (sa && sa->sin6_family == AF_INET6 && addr_equal(&sa->sin6_addr, a))
			return true;
	}
	return false;
}

static bool has_address_in(const struct ifaddrs *all, const char *dev, const struct prefix *p)
{
	const struct ifaddrs *i;

	for (i = all; i; i = i->ifa_next) {
		const struct sockaddr_in6 *sa = (const void *)i->ifa_addr;

		if (sa && sa->sin6_family == AF_INET6 && (!dev || !strcmp(i->ifa_name, dev)) &&
		    addr_is_routable_unicast(&sa->sin6_addr) &&
		    (!p || prefix_contains(p, &sa->sin6_addr)))
			return true;
	}
	return false;
}

static void check_home_agent_addresses(struct preflight *p, const struct ifaddrs *all)
{
	const struct conf *c = p->conf;
	char mend[MEND_MAX];
	size_t i;

	for (i = 0; i < c->ha_address_count; i++) {
		const struct in6_addr *a = &c->ha_addresses[i].addr;

		if (address_is_ours(all, a))
			continue;
		snprintf(mend, sizeof(mend), "ip -6 address add %s/64 dev %s", ADDR_STR(a),
			 c->interface_count ? c->interfaces[0].name : "INTERFACE");
		preflight_tell(p, OS_FINDING_FATAL, mend, "HaAddress %s is not on this machine",
			       ADDR_STR(a));
	}
	for (i = 0; i < c->interface_count; i++) {
		const char *dev = c->interfaces[i].name;

		if (!if_nametoindex(dev) || has_address_in(all, dev, NULL))
			continue;
		snprintf(mend, sizeof(mend), "ip -6 address add PREFIX::1/64 dev %s", dev);
		preflight_tell(p, OS_FINDING_WARNING, mend,
			       "%s has no global address: no home prefix there", dev);
	}
}

static void check_interfaces(struct preflight *p)
{
	const struct conf *c = p->conf;
	char mend[MEND_MAX];
	size_t i;

	for (i = 0; i < c->interface_count; i++) {
		const char *dev = c->interfaces[i].name;

		if (if_nametoindex(dev)) {
			check_device_settings(p, dev);
			continue;
		}
		snprintf(mend, sizeof(mend), "ip link show; correct Interface \"%s\"", dev);
		/* Interfaces come and go; a mobile node waits for them. */
		preflight_tell(p,
			       c->role == CONF_ROLE_MN ? OS_FINDING_WARNING : OS_FINDING_FATAL,
			       mend, "there is no interface %s", dev);
	}
}

static void check_addresses(struct preflight *p)
{
	struct ifaddrs *all;

	if (p->conf->role != CONF_ROLE_HA || getifaddrs(&all) < 0)
		return;
	check_home_agent_addresses(p, all);
	freeifaddrs(all);
}

/* --- other managers ------------------------------------------------------------------ */

/* True when the file has a line that is one of the two. */
static bool file_has_line(const char *path, const char *line1, const char *line2)
{
	char line[256];
	bool found = false;
	FILE *f = fopen(path, "re");

	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\r\n")] = '\0';
		found = strcmp(line, line1) == 0 || strcmp(line, line2) == 0;
	}
	fclose(f);
	return found;
}

static void check_manager(struct preflight *p, const char *dev)
{
	unsigned int ifindex = if_nametoindex(dev);
	char mend[MEND_MAX];
	char path[64];

	if (!ifindex)
		return;
	snprintf(path, sizeof(path), "/run/NetworkManager/devices/%u", ifindex);
	if (file_has_line(path, "managed=true", "managed=1")) {
		snprintf(mend, sizeof(mend), "nmcli device set %s managed no", dev);
		preflight_tell(p, OS_FINDING_WARNING, mend,
			       "NetworkManager manages %s as well: it will undo what mip6d does",
			       dev);
	}
	snprintf(path, sizeof(path), "/run/systemd/netif/links/%u", ifindex);
	if (file_has_line(path, "ADMIN_STATE=configured", "ADMIN_STATE=configuring")) {
		snprintf(mend, sizeof(mend),
			 "set Unmanaged=yes in the [Link] section of the .network file of %s, "
			 "then networkctl reload",
			 dev);
		preflight_tell(p, OS_FINDING_WARNING, mend,
			       "systemd-networkd manages %s as well: it will undo what mip6d does",
			       dev);
	}
}

/* True when the process named in the file is there. */
static bool pid_file_lives(const char *path)
{
	FILE *f = fopen(path, "re");
	long pid = 0;

	if (!f)
		return false;
	if (fscanf(f, "%ld", &pid) != 1)
		pid = 0;
	fclose(f);
	return pid > 1 && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

static void check_others(struct preflight *p)
{
	const struct conf *c = p->conf;
	size_t i;

	if (c->role == CONF_ROLE_MN)
		for (i = 0; i < c->interface_count; i++)
			if (!c->interfaces[i].tunnel)
				check_manager(p, c->interfaces[i].name);
	if (c->role == CONF_ROLE_HA && c->ha_send_router_advs &&
	    (pid_file_lives("/run/radvd.pid") || pid_file_lives("/run/radvd/radvd.pid")))
		preflight_tell(p, OS_FINDING_WARNING,
			       "systemctl disable --now radvd, or set HaSendRouterAdvs disabled",
			       "radvd sends router advertisements as well");
}

static int check_all(struct preflight *p)
{
	bool privileged = check_privileges(p);

	check_settings(p);
	check_interfaces(p);
	check_addresses(p);
	if (privileged) {
		preflight_kernel(p);
		preflight_firewall(p);
	}
	check_others(p);
	return p->fatal;
}

int os_preflight(const struct conf *c, os_finding_fn *fn, void *ctx)
{
	struct preflight p = { .conf = c, .fn = fn, .ctx = ctx };

	return check_all(&p);
}

int os_preflight_running(const struct conf *c, os_finding_fn *fn, void *ctx)
{
	struct preflight p = { .conf = c, .fn = fn, .ctx = ctx, .running = true };

	return check_all(&p);
}
