// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hafloor: what a registration must cost at least, for the benchmark of the home agent (ha.py).
 *
 *	hafloor TUNNEL_IFINDEX [HOME_IFINDEX]
 *
 * A bare program without a protocol: it receives a Binding Update, puts the same kernel objects
 * as mip6d does (the list comes from ha_footprint() itself, the messages from os/), waits for
 * the kernel's acknowledgement, sends a Binding Acknowledgement, and takes the next. One node
 * at a time; but all objects of a node go in one message for each netlink family, which is the
 * best that one at a time can do. It checks nothing, and remembers nothing.
 *
 * With HOME_IFINDEX that is the home link: proxy neighbours are put there as well. It looks for
 * no duplicates, so it need not wait a second for each as a home agent must.
 *
 * What all nodes share (tunnel, filters' place, policies) stands already: ha.py runs mip6d for
 * that and kills it.
 */
#include <errno.h>
#include <netinet/in.h> /* before those of linux/ */

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ha/footprint.h"
#include "os/linux.h"
#include "os/rtnl.h"
#include "os/xfrm.h"
#include "wire/ext.h"
#include "wire/mh.h"

#define RCVBUF_BYTES (4 << 20)
#define MESSAGE_ROOM 1024 /* more than any of the objects needs */
#define FIRST_HANDLE 0x10000

static uint32_t tunnel;
static uint32_t home;
static int in, out;

static void die(const char *what)
{
	fprintf(stderr, "hafloor: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* --- the kernel --------------------------------------------------------------------- */

/* The messages of one node, of one netlink family. */
struct messages {
	struct nl_sock sock;
	uint8_t buf[8192] __attribute__((aligned(8)));
	size_t used;
	struct nlmsghdr *last;
};

static struct messages route, xfrm;

static struct nl_msg begin(struct messages *b)
{
	struct nl_msg m;

	if (b->used + MESSAGE_ROOM > sizeof(b->buf))
		die("too many objects");
	nl_msg_init(&m, b->buf + b->used, MESSAGE_ROOM);
	return m;
}

static void end(struct messages *b, const struct nl_msg *m)
{
	if (m->bad)
		die("an object that cannot be encoded");
	b->last = m->h;
	b->last->nlmsg_seq = ++b->sock.seq;
	b->used += MNL_ALIGN(m->h->nlmsg_len);
}

static void add_object(const struct kobj *o)
{
	static uint32_t handle = FIRST_HANDLE;
	struct messages *b = o->type == KOBJ_XFRM_POLICY || o->type == KOBJ_XFRM_STATE ? &xfrm :
											 &route;
	struct nl_msg m = begin(b);

	if (o->type == KOBJ_ROUTE)
		rtnl_encode_route(&m, &o->route, tunnel, false);
	else if (o->type == KOBJ_TUNNEL_FILTER)
		filter_encode(&m, &o->filter.inner_src, &o->filter.outer_src, tunnel, handle++);
	else if (o->type == KOBJ_PROXY_NEIGH)
		rtnl_encode_proxy(&m, &o->proxy, false);
	else if (o->type == KOBJ_XFRM_POLICY)
		xfrm_encode_policy(&m, &o->policy, false);
	else if (o->type == KOBJ_XFRM_STATE)
		xfrm_encode_state(&m, &o->state, XFRM_MSG_NEWSA);
	else
		die("an object that no node has");
	end(b, &m);
}

/* Sends, and waits for the acknowledgement of the last; errors come before it. */
static void send_messages(struct messages *b)
{
	char buf[8192] __attribute__((aligned(8)));
	const struct nlmsghdr *h = (const void *)buf;
	uint32_t last = b->sock.seq;

	if (!b->used)
		return;
	b->last->nlmsg_flags |= NLM_F_ACK;
	if (send(b->sock.fd, b->buf, b->used, 0) < 0)
		die("netlink");
	b->used = 0;
	do {
		ssize_t len = nl_receive(&b->sock, buf, sizeof(buf));

		if (len < (ssize_t)sizeof(*h))
			die("no answer from the kernel");
		errno = -nl_error_code(h);
		if (h->nlmsg_type != NLMSG_ERROR || errno)
			die("the kernel refuses an object");
	} while (h->nlmsg_seq != last);
}

/* --- messages ------------------------------------------------------------------------ */

struct request {
	struct in6_addr hoa;
	struct in6_addr coa;
	struct in6_addr local;
	struct mh_msg bu;
};

static void read_control(struct msghdr *h, struct request *r)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		struct in6_pktinfo info;
		struct wire_error err;

		if (c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			r->local = info.ipi6_addr;
		} else if (c->cmsg_type == IPV6_DSTOPTS) {
			(void)ext_decode_hao(CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0), &r->coa,
					     &err);
		}
	}
}

static bool receive(struct request *r)
{
	struct sockaddr_in6 from;
	uint8_t data[2048], control[512] __attribute__((aligned(8)));
	struct iovec iov = { data, sizeof(data) };
	struct msghdr h = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov,
			    .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct wire_error err;
	ssize_t len = recvmsg(in, &h, 0);

	if (len < 0)
		die("receiving");
	memset(r, 0, sizeof(*r));
	r->hoa = from.sin6_addr;
	read_control(&h, r);
	return mh_checksum_ok(&r->hoa, &r->local, data, (size_t)len) &&
	       mh_decode(data, (size_t)len, &r->bu, &err) == WIRE_OK && r->bu.type == MH_BU;
}

static void answer(const struct request *r)
{
	struct mh_msg ba = { .type = MH_BA,
			     .ba = { .seq = r->bu.bu.seq, .lifetime_s = r->bu.bu.lifetime_s } };
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(IPPROTO_MH),
				   .sin6_addr = r->hoa };
	struct in6_pktinfo info = { .ipi6_addr = r->local };
	uint8_t data[64], control[CMSG_SPACE(sizeof(info)) + CMSG_SPACE(EXT_RH2_LEN)]
		__attribute__((aligned(8))) = { 0 };
	struct iovec iov = { data, sizeof(data) };
	struct msghdr h = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov,
			    .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	int len = mh_encode(&ba, &r->local, &r->hoa, data, sizeof(data));

	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	c = CMSG_NXTHDR(&h, c);
	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_RTHDR;
	c->cmsg_len = CMSG_LEN(EXT_RH2_LEN);
	ext_encode_rh2(0, &r->coa, CMSG_DATA(c));
	iov.iov_len = (size_t)len;
	if (len < 0 || sendmsg(out, &h, 0) < 0)
		die("answering");
}

/* --- */

static void register_one(const struct request *r)
{
	struct binding_path path = { .coa = r->coa, .home_ifindex = home, .valid = true };
	struct ha_side side = { .local = r->local };
	struct footprint f;
	size_t i;

	footprint_init(&f);
	ha_footprint(&r->hoa, &side, &path, &f);
	for (i = 0; i < f.count; i++)
		add_object(&f.items[i]);
	footprint_free(&f);
	send_messages(&route);
	send_messages(&xfrm);
}

static void open_sockets(void)
{
	int on = 1, zero = 0, minus = -1;

	in = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_MH);
	out = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (in < 0 || out < 0 ||
	    setsockopt(in, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) < 0 ||
	    setsockopt(in, IPPROTO_IPV6, IPV6_RECVDSTOPTS, &on, sizeof(on)) < 0 ||
	    setsockopt(in, IPPROTO_IPV6, IPV6_CHECKSUM, &minus, sizeof(minus)) < 0 ||
	    setsockopt(out, IPPROTO_IPV6, IPV6_HDRINCL, &zero, sizeof(zero)) < 0)
		die("raw sockets");
	nl_set_rcvbuf(in, RCVBUF_BYTES);
	errno = -nl_open(&route.sock, NETLINK_ROUTE);
	if (!errno)
		errno = -nl_open(&xfrm.sock, NETLINK_XFRM);
	if (errno)
		die("netlink");
}

int main(int argc, char **argv)
{
	struct request r;

	if (argc < 2) {
		fprintf(stderr, "usage: hafloor TUNNEL_IFINDEX [HOME_IFINDEX]\n");
		return 2;
	}
	tunnel = (uint32_t)strtoul(argv[1], NULL, 10);
	home = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
	open_sockets();
	puts("ready");
	fflush(stdout);
	for (;;) {
		if (!receive(&r))
			continue;
		register_one(&r);
		answer(&r);
	}
}
