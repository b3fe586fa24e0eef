// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does the kernel have what the role needs? Asked by trying: a message for each
 * feature, as the port would send it. The trials run in a child process in a
 * network namespace of its own, so that nothing they make is ever seen here; where
 * no namespace can be had, they run in place and take back what they made.
 * Trying also loads modules, as it would later.
 */
#include "os/preflight.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/linux.h"
#include "os/rtnl.h"
#include "os/xfrm.h"
#include "wire/numbers.h"

#define TRIAL_DEVICE  "mip6trial"
#define TRIALS_WAIT_MS 10000
#define MESSAGE_ROOM   1024

/* Addresses of the discard-only block (RFC 6666): nothing there can be harmed. */
static struct in6_addr discard(uint8_t n)
{
	return (struct in6_addr){ .s6_addr = { 0x01, [15] = n } };
}

struct trials {
	struct nl_sock route;
	struct nl_sock xfrm;
};

static struct nl_msg begin(uint8_t buf[MESSAGE_ROOM])
{
	struct nl_msg m;

	nl_msg_init(&m, buf, MESSAGE_ROOM);
	return m;
}

/* --- trials ------------------------------------------------------------------------ */

static int try_xfrm(struct trials *t)
{
	return t->xfrm.fd < 0 ? -EPROTONOSUPPORT : 0;
}

static int try_mh_socket(struct trials *t)
{
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_MH);

	(void)t;
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* 0: the kernel takes such a state; it is gone again, unless it was there before. */
static int try_state(struct trials *t, const struct kobj_xfrm_state *s)
{
	uint8_t buf[MESSAGE_ROOM] __attribute__((aligned(8)));
	struct nl_msg m = begin(buf);
	int err;

	xfrm_encode_state(&m, s, XFRM_MSG_NEWSA);
	err = nl_transact(&t->xfrm, &m, NULL, NULL);
	if (err)
		return err == -EEXIST ? 0 : err;
	m = begin(buf);
	xfrm_encode_state(&m, s, XFRM_MSG_DELSA);
	return nl_transact(&t->xfrm, &m, NULL, NULL);
}

static int try_route_optimization(struct trials *t, enum kxfrm_proto proto)
{
	const struct kobj_xfrm_state s = { .proto = proto,
					   .mode = KXFRM_ROUTE_OPTIMIZATION,
					   .src = discard(1),
					   .dst = discard(2),
					   .coaddr = discard(3) };

	return try_state(t, &s);
}

static int try_hao(struct trials *t)
{
	return try_route_optimization(t, KXFRM_HAO);
}

static int try_rh2(struct trials *t)
{
	return try_route_optimization(t, KXFRM_RH2);
}

static int try_esp(struct trials *t)
{
	const struct kxfrm_esp_keys keys = { .enc_name = "cipher_null",
					     .auth_name = "hmac(sha1)",
					     .auth_key_len = 20 };
	const struct kobj_xfrm_state s = { .proto = KXFRM_ESP,
					   .mode = KXFRM_TRANSPORT,
					   .src = discard(1),
					   .dst = discard(2),
					   .spi = 0x6d697036,
					   .esp = &keys };

	return try_state(t, &s);
}

static int try_sub_policy(struct trials *t)
{
	uint8_t buf[MESSAGE_ROOM] __attribute__((aligned(8)));
	struct kobj_xfrm_policy p = { .dir = KXFRM_OUT, .sub = true };
	struct in6_addr src = discard(1);
	struct in6_addr dst = discard(2);
	struct nl_msg m = begin(buf);
	int err;

	p.sel.src = prefix_of(&src, 128);
	p.sel.dst = prefix_of(&dst, 128);
	p.sel.type = -1;
	xfrm_encode_policy(&m, &p, false);
	err = nl_transact(&t->xfrm, &m, NULL, NULL);
	if (err)
		return err;
	m = begin(buf);
	xfrm_encode_policy(&m, &p, true);
	return nl_transact(&t->xfrm, &m, NULL, NULL);
}

/* There is no such policy: a kernel that can looks for it. */
static int try_migrate(struct trials *t)
{
	uint8_t buf[MESSAGE_ROOM] __attribute__((aligned(8)));
	struct kobj_xfrm_policy p = { .dir = KXFRM_OUT, .tmpl_count = 1 };
	struct in6_addr src = discard(1);
	struct kxfrm_tmpl from = { .proto = KXFRM_ESP, .mode = KXFRM_TUNNEL }, to;
	struct nl_msg m = begin(buf);
	int err;

	from.src = src;
	from.dst = discard(2);
	to = from;
	to.src = discard(3);
	p.sel.src = prefix_of(&src, 128);
	p.sel.type = -1;
	xfrm_encode_migrate(&m, &p, &from, &to);
	err = nl_transact(&t->xfrm, &m, NULL, NULL);
	return err == -ENOENT || err == -ESRCH ? 0 : err;
}

static int try_rule(struct trials *t)
{
	uint8_t buf[MESSAGE_ROOM] __attribute__((aligned(8)));
	struct in6_addr src = discard(1);
	struct kobj_rule r = { .priority = OS_RULE_LAST, .table = KTABLE_OWN };
	struct nl_msg m = begin(buf);
	int err;

	r.from = prefix_of(&src, 128);
	rtnl_encode_rule(&m, &r, false);
	err = nl_transact(&t->route, &m, NULL, NULL);
	if (err)
		return err == -EEXIST ? 0 : err;
	m = begin(buf);
	rtnl_encode_rule(&m, &r, true);
	return nl_transact(&t->route, &m, NULL, NULL);
}

static int try_source_route(struct trials *t)
{
	uint8_t buf[MESSAGE_ROOM] __attribute__((aligned(8)));
	struct in6_addr src = discard(1);
	struct in6_addr dst = discard(2);
	struct kobj_route r = { .table = KTABLE_OWN, .type = KROUTE_UNREACHABLE };
	struct nl_msg m = begin(buf);
	int err;

	r.src = prefix_of(&src, 128);
	r.dst = prefix_of(&dst, 128);
	rtnl_encode_route(&m, &r, 0, false);
	err = nl_transact(&t->route, &m, NULL, NULL);
	if (err)
		return err;
	m = begin(buf);
	rtnl_encode_route(&m, &r, 0, true);
	return nl_transact(&t->route, &m, NULL, NULL);
}

static int set_link(struct trials *t, uint32_t ifindex, uint16_t type, bool up)
{
	uint8_t buf[MESSAGE_ROOM] __attribute__((aligned(8)));
	struct nl_msg m = begin(buf);
	struct ifinfomsg *fixed;

	nl_msg_type(&m, type, 0);
	fixed = nl_msg_fixed(&m, sizeof(*fixed));
	fixed->ifi_index = (int)ifindex;
	fixed->ifi_flags = fixed->ifi_change = up ? IFF_UP : 0;
	return nl_transact(&t->route, &m, NULL, NULL);
}

static int make_tunnel(struct trials *t, bool external, uint32_t *ifindex)
{
	uint8_t buf[MESSAGE_ROOM] __attribute__((aligned(8)));
	struct kobj_tunnel tunnel = { .name = TRIAL_DEVICE,
				      .external = external,
				      .local = discard(1),
				      .remote = discard(2) };
	struct nl_msg m = begin(buf);
	int err;

	tunnel_encode_new(&m, &tunnel);
	err = nl_transact(&t->route, &m, NULL, NULL);
	if (err)
		return err;
	*ifindex = if_nametoindex(TRIAL_DEVICE);
	return *ifindex ? 0 : -ENODEV;
}

static int try_pair_tunnel(struct trials *t)
{
	uint32_t ifindex;
	int err = make_tunnel(t, false, &ifindex);

	return err ? err : set_link(t, ifindex, RTM_DELLINK, false);
}

/* A shared tunnel that is there already proves what is asked here. */
static int try_shared_tunnel(struct trials *t)
{
	uint32_t ifindex;
	int err = make_tunnel(t, true, &ifindex);

	if (err)
		return err == -EEXIST ? 0 : err;
	return set_link(t, ifindex, RTM_DELLINK, false);
}

static int put_encap_route(struct trials *t, uint32_t ifindex)
{
	uint8_t buf[MESSAGE_ROOM] __attribute__((aligned(8)));
	struct in6_addr dst = discard(3);
	struct kobj_route r = { .table = KTABLE_OWN,
				.dst = prefix_of(&dst, 128),
				.encap = true,
				.encap_src = discard(1),
				.encap_dst = discard(2) };
	struct nl_msg m = begin(buf);

	rtnl_encode_route(&m, &r, ifindex, false);
	return nl_transact(&t->route, &m, NULL, NULL);
}

static int try_encap(struct trials *t)
{
	uint32_t ifindex;
	int err = make_tunnel(t, true, &ifindex);

	if (err)
		return err == -EEXIST ? 0 : err;
	err = set_link(t, ifindex, RTM_NEWLINK, true);
	if (!err)
		err = put_encap_route(t, ifindex); /* goes with the device */
	(void)set_link(t, ifindex, RTM_DELLINK, false);
	return err;
}

static int put_filters(struct trials *t, uint32_t ifindex)
{
	uint8_t buf[MESSAGE_ROOM] __attribute__((aligned(8)));
	struct in6_addr inner_src = discard(3);
	struct prefix inner = prefix_of(&inner_src, 128);
	struct in6_addr outer = discard(2);
	struct nl_msg m = begin(buf);
	int err;

	filter_encode_qdisc(&m, ifindex);
	err = nl_transact(&t->route, &m, NULL, NULL);
	if (err)
		return err;
	m = begin(buf);
	filter_encode_drop(&m, ifindex, 0);
	err = nl_transact(&t->route, &m, NULL, NULL);
	if (err)
		return err;
	m = begin(buf);
	filter_encode(&m, &inner, &outer, ifindex, 1);
	return nl_transact(&t->route, &m, NULL, NULL);
}

static int try_filter(struct trials *t)
{
	uint32_t ifindex;
	int err = make_tunnel(t, true, &ifindex);

	if (err)
		return err == -EEXIST ? 0 : err;
	err = put_filters(t, ifindex);
	(void)set_link(t, ifindex, RTM_DELLINK, false);
	return err;
}

static int see_marked(const struct nlmsghdr *h, void *ctx)
{
	const struct in6_addr wanted = discard(9);
	bool *marked = ctx;
	struct kobj o;

	if (rtnl_decode_addr(h, &o) && addr_equal(&o.addr.addr, &wanted))
		*marked = true;
	return 0;
}

/* Whether an address keeps the mark that it is ours. */
static int try_address_mark(struct trials *t)
{
	uint8_t buf[MESSAGE_ROOM] __attribute__((aligned(8)));
	struct kobj_addr a = { .addr = discard(9),
			       .plen = 128,
			       .flags = KADDR_NODAD | KADDR_NO_PREFIX_ROUTE,
			       .valid_s = 60,
			       .preferred_s = 0 };
	uint32_t lo = if_nametoindex("lo");
	struct ifaddrmsg *fixed;
	struct nl_msg m = begin(buf);
	bool marked = false;
	int err;

	rtnl_encode_addr(&m, &a, lo, false);
	err = nl_transact(&t->route, &m, NULL, NULL);
	if (err)
		return err;
	m = begin(buf);
	nl_msg_type(&m, RTM_GETADDR, NLM_F_DUMP);
	fixed = nl_msg_fixed(&m, sizeof(*fixed));
	fixed->ifa_family = AF_INET6;
	err = nl_transact(&t->route, &m, see_marked, &marked);
	m = begin(buf);
	rtnl_encode_addr(&m, &a, lo, true);
	(void)nl_transact(&t->route, &m, NULL, NULL);
	return err ? err : marked ? 0 : -EOPNOTSUPP;
}

enum need { FOR_CN = 1, FOR_HA = 2, FOR_MN = 4, FOR_ALL = 7, FOR_IPSEC = 8 };

static const struct trial {
	unsigned int need; /* enum need */
	enum os_severity severity;
	int (*run)(struct trials *t);
	const char *what;
	const char *mend;
} trials[] = {
	{ FOR_ALL, OS_FINDING_FATAL, try_mh_socket, "a socket for Mobility Header messages",
	  "boot without ipv6.disable=1" },
	{ FOR_ALL, OS_FINDING_FATAL, try_xfrm, "XFRM (CONFIG_XFRM_USER)", "modprobe xfrm_user" },
	{ FOR_ALL, OS_FINDING_FATAL, try_hao, "the Home Address option (CONFIG_IPV6_MIP6)",
	  "modprobe mip6" },
	{ FOR_ALL, OS_FINDING_FATAL, try_rh2, "the type 2 routing header (CONFIG_IPV6_MIP6)",
	  "modprobe mip6" },
	{ FOR_ALL, OS_FINDING_FATAL, try_sub_policy, "XFRM sub-policies (CONFIG_XFRM_SUB_POLICY)",
	  "boot a kernel with CONFIG_XFRM_SUB_POLICY" },
	{ FOR_HA | FOR_MN, OS_FINDING_FATAL, try_pair_tunnel,
	  "IPv6 tunnels (CONFIG_IPV6_TUNNEL)", "modprobe ip6_tunnel" },
	{ FOR_HA | FOR_MN, OS_FINDING_FATAL, try_shared_tunnel,
	  "tunnels that routes share (ip6tnl external)", "boot Linux 4.10 or later" },
	{ FOR_HA | FOR_MN, OS_FINDING_FATAL, try_encap,
	  "routes with encapsulation (CONFIG_LWTUNNEL)", "boot a kernel with CONFIG_LWTUNNEL" },
	{ FOR_HA | FOR_MN, OS_FINDING_FATAL, try_filter,
	  "filters of tunnel sources (CONFIG_NET_CLS_FLOWER, CONFIG_NET_SCH_INGRESS)",
	  "modprobe -a sch_ingress cls_flower act_gact" },
	{ FOR_MN, OS_FINDING_FATAL, try_rule, "routing rules (CONFIG_IPV6_MULTIPLE_TABLES)",
	  "boot a kernel with CONFIG_IPV6_MULTIPLE_TABLES" },
	{ FOR_MN, OS_FINDING_FATAL, try_source_route,
	  "routes by source address (CONFIG_IPV6_SUBTREES)",
	  "boot a kernel with CONFIG_IPV6_SUBTREES" },
	{ FOR_IPSEC, OS_FINDING_FATAL, try_esp, "IPsec ESP (CONFIG_INET6_ESP)", "modprobe esp6" },
	{ FOR_IPSEC, OS_FINDING_WARNING, try_migrate,
	  "moving IPsec tunnels (CONFIG_XFRM_MIGRATE), as TunnelHomeTesting, TunnelMh and "
	  "TunnelPayload need", "boot a kernel with CONFIG_XFRM_MIGRATE" },
	{ FOR_HA | FOR_MN, OS_FINDING_NOTE, try_address_mark,
	  "marks on addresses (Linux 5.18): those that a crash leaves are not recognised",
	  NULL },
};
#define TRIAL_COUNT (sizeof(trials) / sizeof(trials[0]))

/* --- running them -------------------------------------------------------------------- */

static void run_trials(int results[TRIAL_COUNT])
{
	struct trials t;
	size_t i;

	if (nl_open(&t.route, NETLINK_ROUTE))
		t.route = (struct nl_sock)NL_SOCK_CLOSED;
	if (nl_open(&t.xfrm, NETLINK_XFRM))
		t.xfrm = (struct nl_sock)NL_SOCK_CLOSED;
	for (i = 0; i < TRIAL_COUNT; i++)
		results[i] = trials[i].run(&t);
	nl_close(&t.route);
	nl_close(&t.xfrm);
}

/* The child's whole life. */
static _Noreturn void child(int to_parent)
{
	struct trials t;
	int results[TRIAL_COUNT];

	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		_exit(1);
	if (nl_open(&t.route, NETLINK_ROUTE) == 0) {
		(void)set_link(&t, if_nametoindex("lo"), RTM_NEWLINK, true);
		nl_close(&t.route);
	}
	run_trials(results);
	_exit(write(to_parent, results, sizeof(results)) == (ssize_t)sizeof(results) ? 0 : 1);
}

/* True when the child could make its namespace and all results came. */
static bool run_apart(int results[TRIAL_COUNT])
{
	struct pollfd ready = { .events = POLLIN };
	ssize_t n = -1;
	int ends[2];
	pid_t pid;

	if (pipe(ends) < 0)
		return false;
	pid = fork();
	if (pid == 0)
		child(ends[1]);
	close(ends[1]);
	ready.fd = ends[0];
	if (pid > 0 && poll(&ready, 1, TRIALS_WAIT_MS) == 1)
		n = read(ends[0], results, sizeof(int) * TRIAL_COUNT);
	close(ends[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return n == (ssize_t)(sizeof(int) * TRIAL_COUNT);
}

static unsigned int needs_of(const struct conf *c)
{
	unsigned int need = c->use_mn_ha_ipsec ? FOR_IPSEC : 0;

	switch (c->role) {
	case CONF_ROLE_CN:
		return need | FOR_CN;
	case CONF_ROLE_HA:
		return need | FOR_HA;
	case CONF_ROLE_MN:
		return need | FOR_MN;
	}
	return need;
}

void preflight_kernel(struct preflight *p)
{
	unsigned int need = needs_of(p->conf);
	int results[TRIAL_COUNT];
	size_t i;

	if (!run_apart(results)) {
		/* A daemon that runs has shown at its start that the kernel can do it. */
		if (p->running)
			return;
		run_trials(results);
	}
	for (i = 0; i < TRIAL_COUNT; i++)
		if ((trials[i].need & need) && results[i])
			preflight_tell(p, trials[i].severity, trials[i].mend,
				       "the kernel lacks %s: %s", trials[i].what,
				       strerror(-results[i]));
}
