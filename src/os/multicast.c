// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Multicast packets, whole, for the home agent's work of RFC 6275 10.4.2 and 10.4.3, which
 * the kernel's multicast routing has no room for: it knows 32 devices, and all mobile
 * nodes are behind one.
 *
 * Out of the tunnel they come as samples (sample.c). On a link a packet socket sees those
 * of the groups that are wanted, sent by others, or by this machine itself, which may be a
 * router of that link. Encapsulated ones leave by a raw socket that makes the outer header
 * only; onto a link they go as they are, through the kernel, so that listeners on this
 * machine hear them.
 *
 * For a mobile node: which groups its applications listen to.
 */
#include "os/linux.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_addr.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/mip6.h"
#include "wire/ext.h"

#define RCVBUF_BYTES	(1 << 20)
#define SNDBUF_BYTES	(1 << 20)
#define PACKET_MAX	9216
#define READS_PER_WAKEUP 64
#define FILTER_GROUPS	64 /* more: every group comes up, and the core sorts them out */
#define SEND_BATCH	64
#define IPV6_MIN_MTU	1280
#define IPV6_DST_AT	24

/* An ear on a link. */
struct tap {
	LIST_ENTRY(tap) entry;
	struct os *os;
	uint32_t ifindex;
	int fd;
	struct loop_fd *event;
};

struct multicasts {
	int encapsulate; /* IPv6 in IPv6, outer header by the kernel */
	int whole;	 /* packets with their headers */
	LIST_HEAD(, tap) taps;
};

/* --- on links ---------------------------------------------------------------------- */

static void close_tap(struct tap *t)
{
	LIST_REMOVE(t, entry);
	loop_del_fd(t->event);
	close(t->fd);
	free(t);
}

void multicast_link(struct os *os, const struct klink *l)
{
	const struct multicasts *all = os->multicasts;
	struct tap *t;
	struct tap *next;

	if (!all)
		return;
	for (t = LIST_FIRST(&all->taps); t; t = next) {
		next = LIST_NEXT(t, entry);
		if (l->gone && t->ifindex == l->ifindex)
			close_tap(t);
	}
}

static size_t checksum_at(uint8_t proto)
{
	return proto == IPPROTO_TCP ? 16 : proto == IPPROTO_UDP ? 6 : 2;
}

/* What this machine, or a neighbour of its in another namespace, sends may have left its
 * checksum to a device that will not see this copy. */
static void finish_checksum(uint8_t *data, size_t len)
{
	struct ext_packet p;
	struct wire_error err;
	uint16_t sum;
	size_t at;

	if (ext_parse_packet(data, len, &p, &err) != WIRE_OK || p.fragment ||
	    (p.upper_proto != IPPROTO_UDP && p.upper_proto != IPPROTO_TCP &&
	     p.upper_proto != IPPROTO_ICMPV6))
		return;
	at = p.upper_at + checksum_at(p.upper_proto);
	if (at + sizeof(sum) > len)
		return;
	memset(data + at, 0, sizeof(sum));
	sum = htons(wire_checksum(&p.src, &p.dst, p.upper_proto, data + p.upper_at,
				  len - p.upper_at));
	if (!sum && p.upper_proto == IPPROTO_UDP)
		sum = 0xffff; /* RFC 8200 8.1 */
	memcpy(data + at, &sum, sizeof(sum));
}

static bool checksum_is_missing(struct msghdr *msg)
{
	struct tpacket_auxdata aux;
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA ||
		    c->cmsg_len < CMSG_LEN(sizeof(aux)))
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		return (aux.tp_status & TP_STATUS_CSUMNOTREADY) != 0;
	}
	return false;
}

/* One packet; false when there is none. */
static bool read_packet(struct os *os, int fd, uint32_t ifindex)
{
	uint8_t data[PACKET_MAX];
	uint8_t control[CMSG_SPACE(sizeof(struct tpacket_auxdata))] __attribute__((aligned(8)));
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);
	struct kmulticast_event e = { .ifindex = ifindex, .data = data, .len = (size_t)n };

	if (n < 0)
		return false;
	if (msg.msg_flags & MSG_TRUNC)
		return true;
	if (checksum_is_missing(&msg))
		finish_checksum(data, (size_t)n);
	mip6_on_multicast(os->kernel.mip6, &e);
	return true;
}

static struct tap *find_tap(const struct os *os, uint32_t ifindex)
{
	struct tap *t;

	LIST_FOREACH (t, &os->multicasts->taps, entry)
		if (t->ifindex == ifindex)
			return t;
	return NULL;
}

static void on_tap(int fd, unsigned int ready, void *ctx)
{
	struct tap *t = ctx;
	struct os *os = t->os;
	uint32_t ifindex = t->ifindex;
	int i;

	(void)ready;
	os_now(os);
	/* What is told may end the tap. */
	for (i = 0; i < READS_PER_WAKEUP && find_tap(os, ifindex) == t; i++)
		if (!read_packet(os, fd, ifindex))
			return;
}

/* Groups are told apart in the kernel by the exclusive or of their words; that two have the
 * same only brings up a packet that nobody wants. */
static uint32_t fold(const struct in6_addr *a)
{
	return ntohl(a->s6_addr32[0]) ^ ntohl(a->s6_addr32[1]) ^ ntohl(a->s6_addr32[2]) ^
	       ntohl(a->s6_addr32[3]);
}

static int set_filter(int fd, const struct in6_addr *groups, size_t count)
{
	static const struct sock_filter head[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		/* The kernel's own copy of what this machine sends. */
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_LOOPBACK, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, IPV6_DST_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xff, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, IPV6_DST_AT),
	};
	struct sock_filter code[sizeof(head) / sizeof(head[0]) + 9 + 2 * FILTER_GROUPS + 1];
	struct sock_fprog prog = { .filter = code };
	unsigned short len = sizeof(head) / sizeof(head[0]);
	uint32_t at;
	size_t i;

	memcpy(code, head, sizeof(head));
	for (at = IPV6_DST_AT + 4; at < IPV6_DST_AT + 16; at += 4) {
		code[len++] = (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0);
		code[len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at);
		code[len++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0);
	}
	for (i = 0; count <= FILTER_GROUPS && i < count; i++) {
		code[len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							   fold(&groups[i]), 0, 1);
		code[len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
	}
	code[len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						   count <= FILTER_GROUPS ? 0 : UINT32_MAX);
	prog.len = len;
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0 ? -errno : 0;
}

static int open_tap(struct os *os, uint32_t ifindex, const struct in6_addr *groups, size_t count)
{
	struct sockaddr_ll sa = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL), /* what we send as well */
				  .sll_ifindex = (int)ifindex };
	struct tap *t = calloc(1, sizeof(*t));
	int on = 1;
	int err = 0;

	if (!t)
		return -ENOMEM;
	t->os = os;
	t->ifindex = ifindex;
	/* Protocol 0: nothing is received before the filter is there. */
	t->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t->fd < 0) {
		err = -errno;
		free(t);
		return err;
	}
	LIST_INSERT_HEAD(&os->multicasts->taps, t, entry);
	err = set_filter(t->fd, groups, count);
	nl_set_rcvbuf(t->fd, RCVBUF_BYTES);
	if (!err && (setsockopt(t->fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) < 0 ||
		     bind(t->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0))
		err = -errno;
	if (!err)
		t->event = loop_add_fd(os->loop, t->fd, LOOP_READ, on_tap, t);
	if (!err && !t->event)
		err = -ENOMEM;
	if (err)
		close_tap(t);
	return err;
}

int multicast_hear_groups(struct kernel *k, uint32_t ifindex, const struct in6_addr *groups,
			  size_t count)
{
	struct os *os = os_of(k);
	struct tap *t = find_tap(os, ifindex);

	if (count)
		return t ? set_filter(t->fd, groups, count) :
			   open_tap(os, ifindex, groups, count);
	if (t)
		close_tap(t);
	return 0;
}

/* --- sending ------------------------------------------------------------------------ */

int multicast_send(struct kernel *k, uint32_t ifindex, const void *data, size_t len)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_scope_id = ifindex };
	struct in6_pktinfo info = { .ipi6_ifindex = ifindex };
	uint8_t control[CMSG_SPACE(sizeof(info))] __attribute__((aligned(8)));
	struct iovec iov;
	struct msghdr msg = { .msg_name = &to,
			      .msg_namelen = sizeof(to),
			      .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c = (void *)control;

	if (len < IPV6_DST_AT + sizeof(to.sin6_addr))
		return -EINVAL;
	iov.iov_base = (void *)(uintptr_t)data;
	iov.iov_len = len;
	memcpy(&to.sin6_addr, (const uint8_t *)data + IPV6_DST_AT, sizeof(to.sin6_addr));
	memset(control, 0, sizeof(control));
	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	return sendmsg(os_of(k)->multicasts->whole, &msg, MSG_DONTWAIT) < 0 ? -errno : 0;
}

struct outer {
	struct sockaddr_in6 to;
	struct iovec iov;
	uint8_t control[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))]
		__attribute__((aligned(8)));
};

static void add_control(struct outer *o, size_t at, int type, const void *data, size_t len)
{
	struct cmsghdr *c = (void *)(o->control + at);

	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
}

/* RFC 2473 7.1: what is larger than the minimum MTU is not fragmented in the tunnel. */
static void make_outer(const struct ktunnel_ends *e, const void *data, size_t len,
		       struct outer *o, struct msghdr *msg)
{
	struct in6_pktinfo info = { .ipi6_addr = e->local };
	int whole = len > IPV6_MIN_MTU;

	memset(o, 0, sizeof(*o));
	o->to.sin6_family = AF_INET6;
	o->to.sin6_port = htons(IPPROTO_IPV6);
	o->to.sin6_addr = e->remote;
	o->iov.iov_base = (void *)(uintptr_t)data;
	o->iov.iov_len = len;
	add_control(o, 0, IPV6_PKTINFO, &info, sizeof(info));
	add_control(o, CMSG_SPACE(sizeof(info)), IPV6_DONTFRAG, &whole, sizeof(whole));
	*msg = (struct msghdr){ .msg_name = &o->to,
				.msg_namelen = sizeof(o->to),
				.msg_iov = &o->iov,
				.msg_iovlen = 1,
				.msg_control = o->control,
				.msg_controllen = sizeof(o->control) };
}

/* Returns how many left; goes on behind one that does not. */
static size_t send_batch(int fd, struct mmsghdr *msgs, size_t count, int *error)
{
	size_t sent = 0;
	size_t at = 0;

	while (at < count) {
		int n = sendmmsg(fd, msgs + at, (unsigned int)(count - at), MSG_DONTWAIT);

		if (n > 0) {
			sent += (size_t)n;
			at += (size_t)n;
			continue;
		}
		if (*error != -EMSGSIZE)
			*error = -errno;
		if (errno == EAGAIN)
			break;
		at++;
	}
	return sent;
}

size_t multicast_send_encapsulated(struct kernel *k, const struct ktunnel_ends *ends, size_t count,
				   const void *data, size_t len, int *error)
{
	int fd = os_of(k)->multicasts->encapsulate;
	struct outer outers[SEND_BATCH];
	struct mmsghdr msgs[SEND_BATCH];
	size_t sent = 0;
	size_t n = 0;
	size_t i;

	*error = 0;
	memset(msgs, 0, sizeof(msgs));
	for (i = 0; i < count; i++) {
		make_outer(&ends[i], data, len, &outers[n], &msgs[n].msg_hdr);
		if (++n < SEND_BATCH && i + 1 < count)
			continue;
		sent += send_batch(fd, msgs, n, error);
		n = 0;
	}
	return sent;
}

/* --- what applications listen to --------------------------------------------------- */

struct listing {
	int (*fn)(uint32_t ifindex, const struct in6_addr *group, void *ctx);
	void *ctx;
};

static int tell_group(const struct nlmsghdr *h, void *ctx)
{
	const struct nlattr *tb[IFA_MULTICAST + 1];
	const struct ifaddrmsg *fixed = nl_fixed(h, sizeof(*fixed));
	const struct listing *l = ctx;
	struct in6_addr group;

	if (h->nlmsg_type != RTM_GETMULTICAST || !fixed || fixed->ifa_family != AF_INET6 ||
	    !nl_attrs(h, sizeof(*fixed), tb, IFA_MULTICAST) || !nl_addr(tb[IFA_MULTICAST], &group))
		return 0;
	return l->fn(fixed->ifa_index, &group, l->ctx);
}

int multicast_list(struct kernel *k,
		   int (*fn)(uint32_t ifindex, const struct in6_addr *group, void *ctx),
		   void *ctx)
{
	uint8_t buf[64] __attribute__((aligned(8)));
	struct listing l = { .fn = fn, .ctx = ctx };
	struct ifaddrmsg *fixed;
	struct nl_msg m;

	nl_msg_init(&m, buf, sizeof(buf));
	nl_msg_type(&m, RTM_GETMULTICAST, NLM_F_DUMP);
	fixed = nl_msg_fixed(&m, sizeof(*fixed));
	if (fixed)
		fixed->ifa_family = AF_INET6;
	return nl_transact(&os_of(k)->ask_route, &m, tell_group, &l);
}

/* --- birth and death ---------------------------------------------------------------- */

int multicasts_init(struct os *os)
{
	struct multicasts *all = calloc(1, sizeof(*all));
	int err;

	if (!all)
		return -ENOMEM;
	os->multicasts = all;
	LIST_INIT(&all->taps);
	all->encapsulate = all->whole = -1;
	err = socket_open_sender(false, &all->encapsulate);
	if (!err)
		err = socket_open_sender(true, &all->whole);
	if (!err) {
		nl_set_sndbuf(all->encapsulate, SNDBUF_BYTES);
		nl_set_sndbuf(all->whole, SNDBUF_BYTES);
	}
	return err;
}

void multicasts_free(struct os *os)
{
	struct multicasts *all = os->multicasts;

	if (!all)
		return;
	while (!LIST_EMPTY(&all->taps))
		close_tap(LIST_FIRST(&all->taps));
	if (all->encapsulate >= 0)
		close(all->encapsulate);
	if (all->whole >= 0)
		close(all->whole);
	free(all);
	os->multicasts = NULL;
}
