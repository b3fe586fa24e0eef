// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the kernel tells without being asked: links, addresses, neighbours, and
 * objects with our marks that somebody else removed; XFRM's acquire, report and
 * expire. One socket for each of the two netlink families, read a bounded
 * number of datagrams per wake-up.
 *
 * The echo of our own changes, a message for each, would double the work of a
 * home agent with many bindings. A filter on the socket, run in the kernel,
 * lets only messages through that matter: not those that our own requests
 * caused, no new routes or filters, and of routes removed only ours.
 *
 * When the kernel could not keep up (ENOBUFS) something was lost; then links and
 * addresses are dumped and compared with the tables kept here, so that what
 * vanished meanwhile is told as well.
 */
#include "os/linux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <net/if.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "core/mip6.h"
#include "os/rtnl.h"
#include "os/xfrm.h"

#define DATAGRAMS_PER_WAKEUP 64
#define RCVBUF_BYTES	     (8 << 20)
#define OPERSTATE_UNKNOWN    0 /* of RFC 2863, as in linux/if.h */
#define OPERSTATE_UP	     6

struct monitor {
	struct nl_sock route;
	struct nl_sock xfrm;
	struct loop_fd *route_event;
	struct loop_fd *xfrm_event;
	bool telling; /* started: the core hears */
};

/* --- tables -------------------------------------------------------------------- */

static struct os_link *find_link(const struct os *os, uint32_t ifindex)
{
	struct os_link *l;

	TAILQ_FOREACH (l, &os->links, entry)
		if (l->l.ifindex == ifindex)
			return l;
	return NULL;
}

const struct os_link *monitor_find_link(const struct os *os, uint32_t ifindex)
{
	return find_link(os, ifindex);
}

static struct os_addr *find_addr(const struct os *os, uint32_t ifindex, const struct in6_addr *a)
{
	struct os_addr *i;

	TAILQ_FOREACH (i, &os->addrs, entry)
		if (i->a.ifindex == ifindex && addr_equal(&i->a.addr, a))
			return i;
	return NULL;
}

const struct in6_addr *monitor_link_local(const struct os *os, uint32_t ifindex)
{
	const struct os_addr *i;

	TAILQ_FOREACH (i, &os->addrs, entry)
		if (i->a.ifindex == ifindex && addr_is_linklocal(&i->a.addr) &&
		    !i->a.tentative && !i->a.dad_failed)
			return &i->a.addr;
	return NULL;
}

/* --- links ------------------------------------------------------------------------ */

static enum klink_kind link_kind(unsigned int type)
{
	switch (type) {
	case ARPHRD_LOOPBACK:
		return KLINK_LOOPBACK;
	case ARPHRD_ETHER:
		return KLINK_ETHER;
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_SIT:
	case ARPHRD_IPGRE:
	case ARPHRD_IP6GRE:
	case ARPHRD_NONE: /* tun, wireguard */
		return KLINK_TUNNEL;
	default:
		return KLINK_OTHER;
	}
}

static bool decode_link(const struct nlmsghdr *h, struct klink *l, bool *wifi)
{
	const struct nlattr *tb[IFLA_MAX + 1];
	const struct ifinfomsg *fixed = nl_fixed(h, sizeof(*fixed));
	char alias[sizeof(OS_DEVICE_ALIAS) + 1];
	uint8_t oper;

	if (!fixed || fixed->ifi_index <= 0 || !nl_attrs(h, sizeof(*fixed), tb, IFLA_MAX))
		return false;
	/* AF_BRIDGE and others tell of parts of a link, not of the link. */
	if (fixed->ifi_family != AF_UNSPEC)
		return false;
	memset(l, 0, sizeof(*l));
	l->ifindex = (uint32_t)fixed->ifi_index;
	nl_text(tb[IFLA_IFNAME], l->name, sizeof(l->name));
	l->kind = link_kind(fixed->ifi_type);
	l->up = (fixed->ifi_flags & IFF_UP) != 0;
	oper = nl_u8(tb[IFLA_OPERSTATE], OPERSTATE_UNKNOWN);
	l->running = l->up && (fixed->ifi_flags & IFF_RUNNING) &&
		     (oper == OPERSTATE_UP || oper == OPERSTATE_UNKNOWN);
	l->point_to_point = (fixed->ifi_flags & IFF_POINTOPOINT) != 0;
	l->multicast = (fixed->ifi_flags & IFF_MULTICAST) != 0;
	l->mtu = nl_u32(tb[IFLA_MTU], 0);
	nl_text(tb[IFLA_IFALIAS], alias, sizeof(alias));
	l->ours = tunnel_name_ok(l->name) && strcmp(alias, OS_DEVICE_ALIAS) == 0;
	l->gone = h->nlmsg_type == RTM_DELLINK;
	if (tb[IFLA_ADDRESS] && mnl_attr_get_payload_len(tb[IFLA_ADDRESS]) <= KLINK_LLADDR_MAX) {
		l->lladdr_len = (uint8_t)mnl_attr_get_payload_len(tb[IFLA_ADDRESS]);
		memcpy(l->lladdr, mnl_attr_get_payload(tb[IFLA_ADDRESS]), l->lladdr_len);
	}
	*wifi = tb[IFLA_WIRELESS] != NULL;
	return true;
}

static void tell_link(struct os *os, const struct klink *l)
{
	traffic_link(os, l);
	if (os->monitor->telling)
		mip6_on_link(os->kernel.mip6, l);
}

static void lose_link(struct os *os, struct os_link *known)
{
	struct klink l = known->l;
	struct os_addr *a;
	struct os_addr *next;

	l.gone = true;
	l.up = l.running = false;
	/* Its addresses go first; the kernel does not always say so. */
	for (a = TAILQ_FIRST(&os->addrs); a; a = next) {
		next = TAILQ_NEXT(a, entry);
		if (a->a.ifindex != l.ifindex)
			continue;
		a->a.gone = true;
		TAILQ_REMOVE(&os->addrs, a, entry);
		if (os->monitor->telling)
			mip6_on_addr(os->kernel.mip6, &a->a);
		free(a);
	}
	TAILQ_REMOVE(&os->links, known, entry);
	free(known);
	filter_forget(os, l.ifindex);
	tell_link(os, &l);
}

static bool same_link(const struct klink *a, const struct klink *b)
{
	return a->up == b->up && a->running == b->running && a->mtu == b->mtu &&
	       a->ours == b->ours && a->lladdr_len == b->lladdr_len &&
	       memcmp(a->lladdr, b->lladdr, a->lladdr_len) == 0 &&
	       strcmp(a->name, b->name) == 0 && strcmp(a->ssid, b->ssid) == 0 &&
	       a->multicast == b->multicast && a->point_to_point == b->point_to_point;
}

static void hear_link(struct os *os, const struct nlmsghdr *h)
{
	struct os_link *known;
	struct klink l;
	bool wifi;

	if (!decode_link(h, &l, &wifi))
		return;
	known = find_link(os, l.ifindex);
	if (l.gone) {
		if (known)
			lose_link(os, known);
		return;
	}
	if (l.kind == KLINK_ETHER)
		wifi_ssid(l.ifindex, l.ssid);
	if (!known) {
		known = calloc(1, sizeof(*known));
		if (!known)
			return;
		TAILQ_INSERT_TAIL(&os->links, known, entry);
	} else if (same_link(&known->l, &l)) {
		known->seen = true;
		return;
	}
	known->l = l;
	known->seen = true;
	tell_link(os, &l);
}

/* --- addresses ----------------------------------------------------------------------- */

static bool decode_addr(const struct nlmsghdr *h, struct kaddr_event *a)
{
	const struct nlattr *tb[IFA_PROTO + 1];
	const struct ifaddrmsg *fixed = nl_fixed(h, sizeof(*fixed));
	uint32_t flags;

	if (!fixed || fixed->ifa_family != AF_INET6 ||
	    !nl_attrs(h, sizeof(*fixed), tb, IFA_PROTO))
		return false;
	memset(a, 0, sizeof(*a));
	a->ifindex = fixed->ifa_index;
	a->plen = fixed->ifa_prefixlen;
	if (!nl_addr(tb[IFA_LOCAL], &a->addr) && !nl_addr(tb[IFA_ADDRESS], &a->addr))
		return false;
	flags = nl_u32(tb[IFA_FLAGS], fixed->ifa_flags);
	a->gone = h->nlmsg_type == RTM_DELADDR;
	a->optimistic = (flags & IFA_F_OPTIMISTIC) != 0;
	a->tentative = (flags & IFA_F_TENTATIVE) && !a->optimistic;
	a->dad_failed = (flags & IFA_F_DADFAILED) != 0;
	a->home = (flags & IFA_F_HOMEADDRESS) != 0;
	a->deprecated = (flags & IFA_F_DEPRECATED) != 0;
	a->ours = nl_u8(tb[IFA_PROTO], 0) == OS_PROTOCOL;
	return true;
}

static void tell_addr(struct os *os, const struct kaddr_event *a)
{
	if (os->monitor->telling)
		mip6_on_addr(os->kernel.mip6, a);
}

static bool same_addr(const struct kaddr_event *a, const struct kaddr_event *b)
{
	return a->plen == b->plen && a->tentative == b->tentative &&
	       a->optimistic == b->optimistic && a->dad_failed == b->dad_failed &&
	       a->home == b->home && a->deprecated == b->deprecated && a->ours == b->ours;
}

static void hear_addr(struct os *os, const struct nlmsghdr *h)
{
	struct os_addr *known;
	struct kaddr_event a;

	if (!decode_addr(h, &a))
		return;
	known = find_addr(os, a.ifindex, &a.addr);
	if (a.gone) {
		if (!known)
			return;
		TAILQ_REMOVE(&os->addrs, known, entry);
		free(known);
		tell_addr(os, &a);
		return;
	}
	if (!known) {
		known = calloc(1, sizeof(*known));
		if (!known)
			return;
		TAILQ_INSERT_TAIL(&os->addrs, known, entry);
	} else if (same_addr(&known->a, &a)) {
		known->seen = true;
		return;
	}
	known->a = a;
	known->seen = true;
	tell_addr(os, &a);
}

/* --- neighbours ------------------------------------------------------------------------ */

static enum kneigh_state neigh_state(uint16_t nud)
{
	if (nud & (NUD_REACHABLE | NUD_PERMANENT | NUD_NOARP))
		return KNEIGH_REACHABLE;
	if (nud & (NUD_INCOMPLETE | NUD_PROBE))
		return KNEIGH_PROBING;
	if (nud & (NUD_STALE | NUD_DELAY))
		return KNEIGH_STALE;
	if (nud & NUD_FAILED)
		return KNEIGH_FAILED;
	return KNEIGH_NONE;
}

static void hear_neigh(struct os *os, const struct nlmsghdr *h)
{
	const struct nlattr *tb[NDA_MAX + 1];
	const struct ndmsg *fixed = nl_fixed(h, sizeof(*fixed));
	struct kneigh_event n = { 0 };

	if (!os->monitor->telling || !fixed || fixed->ndm_family != AF_INET6 ||
	    (fixed->ndm_flags & NTF_PROXY) || !nl_attrs(h, sizeof(*fixed), tb, NDA_MAX) ||
	    !nl_addr(tb[NDA_DST], &n.addr))
		return;
	n.ifindex = (uint32_t)fixed->ndm_ifindex;
	n.state = h->nlmsg_type == RTM_DELNEIGH ? KNEIGH_NONE : neigh_state(fixed->ndm_state);
	n.router = (fixed->ndm_flags & NTF_ROUTER) != 0;
	if (tb[NDA_LLADDR] && mnl_attr_get_payload_len(tb[NDA_LLADDR]) <= KLINK_LLADDR_MAX) {
		n.lladdr_len = (uint8_t)mnl_attr_get_payload_len(tb[NDA_LLADDR]);
		memcpy(n.lladdr, mnl_attr_get_payload(tb[NDA_LLADDR]), n.lladdr_len);
	}
	mip6_on_neigh(os->kernel.mip6, &n);
}

/* --- losses ------------------------------------------------------------------------------ */

/* Somebody else removed `o`: unless it was one of our own requests. */
static void hear_loss(struct os *os, const struct nlmsghdr *h, const struct kobj *o)
{
	char text[KOBJ_TEXT_MAX];

	if (h->nlmsg_pid == os->route.sock.port || h->nlmsg_pid == os->xfrm.sock.port)
		return;
	log_debug(LOG_KERNEL, "somebody removed %s", kobj_text(o, text, sizeof(text)));
	if (os->monitor->telling)
		mip6_on_lost(os->kernel.mip6, o);
}

static void hear_route_message(struct os *os, const struct nlmsghdr *h)
{
	struct kobj o;

	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		hear_link(os, h);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		hear_addr(os, h);
		break;
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		hear_neigh(os, h);
		break;
	case RTM_DELROUTE:
		if (rtnl_decode_route(h, &o))
			hear_loss(os, h, &o);
		break;
	case RTM_DELRULE:
		if (rtnl_decode_rule(h, &o))
			hear_loss(os, h, &o);
		break;
	}
}

static void hear_xfrm_message(struct os *os, const struct nlmsghdr *h)
{
	struct kxfrm_event e;
	struct kobj o;

	if (!os->monitor->telling)
		return;
	if (h->nlmsg_type == XFRM_MSG_DELPOLICY) {
		if (xfrm_decode_policy(h, &o, NULL))
			hear_loss(os, h, &o);
	} else if (h->nlmsg_type == XFRM_MSG_DELSA) {
		if (xfrm_decode_state(h, &o, NULL))
			hear_loss(os, h, &o);
	} else if (xfrm_decode_event(h, &e)) {
		mip6_on_xfrm(os->kernel.mip6, &e);
	}
}

/* --- dumps -------------------------------------------------------------------------------- */

static int hear_dumped(const struct nlmsghdr *h, void *ctx)
{
	hear_route_message(ctx, h);
	return 0;
}

#define DUMP_TRIES 3

static int dump(struct os *os, uint16_t type, size_t fixed_len, uint8_t family)
{
	uint8_t buf[128] __attribute__((aligned(8)));
	int tries;
	int err = -EINTR;

	for (tries = 0; tries < DUMP_TRIES && err == -EINTR; tries++) {
		struct nl_msg m;
		uint8_t *fixed;

		nl_msg_init(&m, buf, sizeof(buf));
		nl_msg_type(&m, type, NLM_F_DUMP);
		fixed = nl_msg_fixed(&m, fixed_len);
		if (fixed)
			fixed[0] = family; /* the first byte of each such structure */
		err = nl_transact(&os->ask_route, &m, hear_dumped, os);
	}
	return err == -EINTR ? 0 : err;
}

static void lose_unseen(struct os *os)
{
	struct os_link *l;
	struct os_link *next_l;
	struct os_addr *a;
	struct os_addr *next_a;

	for (a = TAILQ_FIRST(&os->addrs); a; a = next_a) {
		next_a = TAILQ_NEXT(a, entry);
		if (a->seen)
			continue;
		a->a.gone = true;
		TAILQ_REMOVE(&os->addrs, a, entry);
		tell_addr(os, &a->a);
		free(a);
	}
	for (l = TAILQ_FIRST(&os->links); l; l = next_l) {
		next_l = TAILQ_NEXT(l, entry);
		if (!l->seen)
			lose_link(os, l);
	}
}

static int read_everything(struct os *os)
{
	struct os_link *l;
	struct os_addr *a;
	int err;

	TAILQ_FOREACH (l, &os->links, entry)
		l->seen = false;
	TAILQ_FOREACH (a, &os->addrs, entry)
		a->seen = false;
	err = dump(os, RTM_GETLINK, sizeof(struct ifinfomsg), AF_UNSPEC);
	if (!err)
		err = dump(os, RTM_GETADDR, sizeof(struct ifaddrmsg), AF_INET6);
	if (!err)
		lose_unseen(os);
	return err;
}

static void tell_everything(struct os *os)
{
	const struct os_link *l;
	const struct os_addr *a;

	TAILQ_FOREACH (l, &os->links, entry)
		mip6_on_link(os->kernel.mip6, &l->l);
	TAILQ_FOREACH (a, &os->addrs, entry)
		mip6_on_addr(os->kernel.mip6, &a->a);
}

int monitor_resync(struct kernel *k)
{
	struct os *os = os_of(k);
	int err;

	if (!os->monitor->telling)
		return -EINVAL;
	os_now(os);
	err = read_everything(os);
	if (!err)
		tell_everything(os);
	return err;
}

/* --- sockets ------------------------------------------------------------------------------- */

static void recover(struct os *os)
{
	int err;

	log_notice(LOG_KERNEL, "kernel events were lost: reading links and addresses anew");
	err = read_everything(os);
	if (err)
		log_warning(LOG_KERNEL, "reading links and addresses: %s", strerror(-err));
}

static void read_events(struct os *os, const struct nl_sock *s,
			void (*hear)(struct os *os, const struct nlmsghdr *h))
{
	char buf[NL_BUF_SIZE] __attribute__((aligned(8)));
	int i;

	os_now(os);
	for (i = 0; i < DATAGRAMS_PER_WAKEUP; i++) {
		ssize_t got = nl_receive(s, buf, sizeof(buf));
		const struct nlmsghdr *h;
		int len = (int)got;

		if (got == -ENOBUFS) {
			recover(os);
			continue;
		}
		if (got < 0)
			return;
		for (h = (const void *)buf; mnl_nlmsg_ok(h, len); h = mnl_nlmsg_next(h, &len))
			hear(os, h);
	}
}

static void on_route_events(int fd, unsigned int ready, void *ctx)
{
	struct os *os = ctx;

	(void)fd;
	(void)ready;
	read_events(os, &os->monitor->route, hear_route_message);
}

static void on_xfrm_events(int fd, unsigned int ready, void *ctx)
{
	struct os *os = ctx;

	(void)fd;
	(void)ready;
	read_events(os, &os->monitor->xfrm, hear_xfrm_message);
}

static int attach(int fd, struct sock_filter *code, size_t n)
{
	struct sock_fprog prog = { .len = (unsigned short)n, .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0 ? -errno : 0;
}

/* Socket filters read in network order what netlink has in host order. */
#define PORT_AT	  offsetof(struct nlmsghdr, nlmsg_pid)
#define TYPE_AT	  offsetof(struct nlmsghdr, nlmsg_type)
#define RTPROT_AT (NLMSG_HDRLEN + offsetof(struct rtmsg, rtm_protocol))

static int filter_route_events(struct os *os)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, TYPE_AT),
		/* Links and addresses always: also ours. */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELROUTE), 0, 2),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, RTPROT_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OS_PROTOCOL, 2, 5),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELRULE), 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWROUTE), 3, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PORT_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(os->route.sock.port), 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(os->ask_route.port), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};

	return attach(os->monitor->route.fd, code, sizeof(code) / sizeof(code[0]));
}

static int filter_xfrm_events(struct os *os)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PORT_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(os->xfrm.sock.port), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};

	return attach(os->monitor->xfrm.fd, code, sizeof(code) / sizeof(code[0]));
}

static int join_all(struct nl_sock *s, const unsigned int *groups, size_t n)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < n; i++)
		err = nl_join(s, groups[i]);
	return err;
}

static int open_monitor(struct os *os)
{
	static const unsigned int route_groups[] = { RTNLGRP_LINK, RTNLGRP_IPV6_IFADDR,
						     RTNLGRP_NEIGH, RTNLGRP_IPV6_ROUTE,
						     RTNLGRP_IPV6_RULE };
	static const unsigned int xfrm_groups[] = { XFRMNLGRP_ACQUIRE, XFRMNLGRP_EXPIRE,
						    XFRMNLGRP_REPORT, XFRMNLGRP_SA,
						    XFRMNLGRP_POLICY };
	struct monitor *m = os->monitor;
	int err = nl_open(&m->route, NETLINK_ROUTE);

	if (!err)
		err = nl_open(&m->xfrm, NETLINK_XFRM);
	if (!err)
		err = filter_route_events(os);
	if (!err)
		err = filter_xfrm_events(os);
	if (err)
		return err;
	nl_set_rcvbuf(m->route.fd, RCVBUF_BYTES);
	nl_set_rcvbuf(m->xfrm.fd, RCVBUF_BYTES);
	err = join_all(&m->route, route_groups, sizeof(route_groups) / sizeof(route_groups[0]));
	if (!err)
		err = join_all(&m->xfrm, xfrm_groups,
			       sizeof(xfrm_groups) / sizeof(xfrm_groups[0]));
	return err;
}

int monitor_init(struct os *os)
{
	TAILQ_INIT(&os->links);
	TAILQ_INIT(&os->addrs);
	os->monitor = calloc(1, sizeof(*os->monitor));
	if (!os->monitor)
		return -ENOMEM;
	os->monitor->route = os->monitor->xfrm = (struct nl_sock)NL_SOCK_CLOSED;
	return open_monitor(os);
}

int monitor_start(struct os *os)
{
	struct monitor *m = os->monitor;
	int err;

	m->telling = true;
	err = read_everything(os);
	if (err)
		return err;
	m->route_event = loop_add_fd(os->loop, m->route.fd, LOOP_READ, on_route_events, os);
	m->xfrm_event = loop_add_fd(os->loop, m->xfrm.fd, LOOP_READ, on_xfrm_events, os);
	return m->route_event && m->xfrm_event ? 0 : -ENOMEM;
}

void monitor_free(struct os *os)
{
	struct os_link *l;
	struct os_addr *a;

	if (!os->monitor)
		return;
	loop_del_fd(os->monitor->route_event);
	loop_del_fd(os->monitor->xfrm_event);
	nl_close(&os->monitor->route);
	nl_close(&os->monitor->xfrm);
	while ((l = TAILQ_FIRST(&os->links))) {
		TAILQ_REMOVE(&os->links, l, entry);
		free(l);
	}
	while ((a = TAILQ_FIRST(&os->addrs))) {
		TAILQ_REMOVE(&os->addrs, a, entry);
		free(a);
	}
	free(os->monitor);
	os->monitor = NULL;
}
