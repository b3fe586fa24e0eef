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
 * caused, no new filters, of routes removed ours, and of others' the default routes.
 *
 * When the kernel could not keep up (ENOBUFS) something was lost; then links and
 * addresses are dumped and compared with the tables of links.c, so that what
 * vanished meanwhile is told as well.
 */
#include "os/linux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
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

struct monitor {
	struct nl_sock route;
	struct nl_sock xfrm;
	struct loop_fd *route_event;
	struct loop_fd *xfrm_event;
	bool gateways; /* default routes of others have changed, or which is the best */
};

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

	if (!fixed || fixed->ndm_family != AF_INET6 ||
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
	if (n.state == KNEIGH_FAILED && link_has_gateway(os, n.ifindex, &n.addr))
		os->monitor->gateways = true;
	mip6_on_neigh(os->kernel.mip6, &n);
}

/* --- losses ------------------------------------------------------------------------------ */

static bool is_own(const struct os *os, const struct nlmsghdr *h)
{
	return h->nlmsg_pid == os->route.sock.port || h->nlmsg_pid == os->xfrm.sock.port;
}

static void hear_loss(struct os *os, const struct nlmsghdr *h, const struct kobj *o)
{
	if (!is_own(os, h))
		mip6_on_lost(os->kernel.mip6, o);
}

static int tell_lost_part(const struct kobj *part, void *ctx)
{
	const struct os *os = ctx;

	mip6_on_lost(os->kernel.mip6, part);
	return 0;
}

/* A policy may be that of two roles, each with its part. */
static void hear_policy_loss(struct os *os, const struct nlmsghdr *h, const struct kobj *o)
{
	if (!is_own(os, h) && policy_tell_parts(os, o, tell_lost_part, os) < 0)
		log_error(LOG_KERNEL, "out of memory: a lost policy is not put again");
}

/* Filters of a device of ours, one or all: told as the loss of the tunnel, because
 * without them it takes packets from anybody. */
static void hear_filter_loss(struct os *os, const struct nlmsghdr *h)
{
	const struct tcmsg *tc = nl_fixed(h, sizeof(*tc));

	if (tc && !is_own(os, h) && TC_H_MAJ(tc->tcm_parent) == TC_H_MAJ(TC_H_CLSACT))
		links_lost_filters(os, (uint32_t)tc->tcm_ifindex);
}

static void hear_route_message(struct os *os, const struct nlmsghdr *h)
{
	struct kobj o;

	switch (h->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		links_hear_link(os, h);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		links_hear_addr(os, h);
		break;
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		hear_neigh(os, h);
		break;
	case RTM_NEWROUTE:
		os->monitor->gateways |= gateway_concerns(h);
		break;
	case RTM_DELROUTE:
		os->monitor->gateways |= gateway_concerns(h);
		if (rtnl_decode_route(h, &o))
			hear_loss(os, h, &o);
		break;
	case RTM_DELRULE:
		if (rtnl_decode_rule(h, &o))
			hear_loss(os, h, &o);
		break;
	case RTM_DELTFILTER:
	case RTM_DELQDISC:
		hear_filter_loss(os, h);
		break;
	}
}

static void hear_xfrm_message(struct os *os, const struct nlmsghdr *h)
{
	struct kxfrm_event e;
	struct kobj o = { .type = KOBJ_XFRM_STATE };

	switch (h->nlmsg_type) {
	case XFRM_MSG_DELPOLICY:
		if (xfrm_decode_policy(h, &o, NULL))
			hear_policy_loss(os, h, &o);
		break;
	case XFRM_MSG_DELSA:
		if (xfrm_decode_state(h, &o, NULL))
			hear_loss(os, h, &o);
		break;
	case XFRM_MSG_FLUSHPOLICY:
		o.type = KOBJ_XFRM_POLICY;
		hear_loss(os, h, &o);
		break;
	case XFRM_MSG_FLUSHSA:
		hear_loss(os, h, &o);
		break;
	default:
		if (xfrm_decode_event(h, &e))
			mip6_on_xfrm(os->kernel.mip6, &e);
		break;
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

static int read_everything(struct os *os)
{
	int err;

	links_unsee(os);
	err = dump(os, RTM_GETLINK, sizeof(struct ifinfomsg), AF_UNSPEC);
	if (!err)
		err = dump(os, RTM_GETADDR, sizeof(struct ifaddrmsg), AF_INET6);
	if (!err) {
		links_lose_unseen(os);
		links_find_gateways(os);
	}
	return err;
}

int monitor_resync(struct kernel *k)
{
	struct os *os = os_of(k);
	int err;

	os_now(os);
	err = read_everything(os);
	if (!err)
		links_tell_all(os);
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
	mip6_on_overrun(os->kernel.mip6);
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
	if (os->monitor->gateways) {
		os->monitor->gateways = false;
		links_find_gateways(os);
	}
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
#define DST_LEN_AT (NLMSG_HDRLEN + offsetof(struct rtmsg, rtm_dst_len))

static int filter_route_events(struct os *os)
{
#define TYPE_IS(t, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(t), (yes), (no))
	struct sock_filter code[] = {
		/* 0 */ BPF_STMT(BPF_LD | BPF_H | BPF_ABS, TYPE_AT),
		/* 1 */ TYPE_IS(RTM_NEWROUTE, 9, 0),
		/* 2 */ TYPE_IS(RTM_NEWTFILTER, 12, 0),
		/* 3 */ TYPE_IS(RTM_DELROUTE, 0, 2),
		/* 4 */ BPF_STMT(BPF_LD | BPF_B | BPF_ABS, RTPROT_AT),
		/* 5 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OS_PROTOCOL, 3, 7),
		/* 6 */ TYPE_IS(RTM_DELRULE, 2, 0),
		/* 7 */ TYPE_IS(RTM_DELTFILTER, 1, 0),
		/* 8 */ TYPE_IS(RTM_DELQDISC, 0, 7), /* links, addresses: also ours */
		/* 9 */ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, PORT_AT),
		/* 10 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(os->route.sock.port), 4, 5),
		/* 11 */ BPF_STMT(BPF_LD | BPF_B | BPF_ABS, RTPROT_AT),
		/* 12 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OS_PROTOCOL, 2, 0),
		/* 13 */ BPF_STMT(BPF_LD | BPF_B | BPF_ABS, DST_LEN_AT),
		/* 14 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
		/* 15 */ BPF_STMT(BPF_RET | BPF_K, 0),
		/* 16 */ BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
#undef TYPE_IS

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
						     RTNLGRP_IPV6_RULE, RTNLGRP_TC };
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
	os->monitor = calloc(1, sizeof(*os->monitor));
	if (!os->monitor)
		return -ENOMEM;
	os->monitor->route = (struct nl_sock)NL_SOCK_CLOSED;
	os->monitor->xfrm = (struct nl_sock)NL_SOCK_CLOSED;
	return open_monitor(os);
}

int monitor_start(struct os *os)
{
	struct monitor *m = os->monitor;
	int err = read_everything(os);

	if (err)
		return err;
	m->route_event = loop_add_fd(os->loop, m->route.fd, LOOP_READ, on_route_events, os);
	m->xfrm_event = loop_add_fd(os->loop, m->xfrm.fd, LOOP_READ, on_xfrm_events, os);
	return m->route_event && m->xfrm_event ? 0 : -ENOMEM;
}

void monitor_free(struct os *os)
{
	if (!os->monitor)
		return;
	loop_del_fd(os->monitor->route_event);
	loop_del_fd(os->monitor->xfrm_event);
	nl_close(&os->monitor->route);
	nl_close(&os->monitor->xfrm);
	free(os->monitor);
	os->monitor = NULL;
}
