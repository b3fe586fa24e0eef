// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sockets of the two protocols: Mobility Header and ICMPv6, each a raw socket
 * that receives, one raw socket that sends both, and a packet socket for what
 * must leave from the unspecified address.
 *
 * Receiving. The kernel has already checked extension headers and exchanged
 * addresses: behind a Home Address option the source is the home address and
 * the option holds the care-of address (RFC 6275 9.3.1); behind a type 2
 * routing header the destination is our home address and the header holds the
 * care-of address (11.3.3). The ancillary data bring both headers, so that
 * struct mip6_path can show every address where it belongs. The checksum of MH
 * messages is not checked here (the core counts it), that of ICMPv6 is, by the
 * kernel. Whether a packet came through IPsec no socket can see; the inbound
 * XFRM policies decide which ones may not come without.
 *
 * Sending. The Home Address option and the routing header go along as
 * ancillary data, so signalling needs no XFRM state, unless IPsec must see the home
 * address as the source: then the kernel makes the option. For an option in ancillary data
 * it would compute ICMPv6 checksums over the care-of address, where RFC 6275 6.1.1 and
 * 11.3.1 want the home address: so a socket of protocol "raw" is used, with which the
 * kernel leaves checksums alone and takes the protocol number from the port.
 *
 * Source addresses must be ours and not tentative (RFC 4862 5.4): the kernel
 * checks, send() says -EINVAL.
 */
#include "os/linux.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "core/mip6.h"
#include "wire/ext.h"

#define READ_SLOTS  16	 /* messages of one system call */
#define READ_ROUNDS 4	 /* system calls of one wake-up: others want their turn */
#define SLOT_SIZE   9216 /* more than any MH message (2048) or frame but the largest */
#define CONTROL_SIZE 1024
#define RCVBUF_BYTES (4 << 20)
#define MESSAGE_MAX  UINT16_MAX

struct slot {
	struct sockaddr_in6 from;
	uint8_t data[SLOT_SIZE] __attribute__((aligned(8)));
	uint8_t control[CONTROL_SIZE] __attribute__((aligned(8)));
};

struct sockets {
	int mh;
	int icmp6;
	int out;
	int packet;
	struct loop_fd *mh_event;
	struct loop_fd *icmp6_event;
	struct outbox *out_box;	   /* owned; of `out` ... */
	struct outbox *packet_box; /* ... and of `packet` */
	struct loop_hook *hook;
	struct slot *slots; /* READ_SLOTS, owned */
	uint8_t *message;    /* MESSAGE_MAX, owned: what is being sent */
	struct log_limit limit;
};

/* --- receiving ------------------------------------------------------------------ */

/* What the ancillary data of a message said. */
struct ancillary {
	bool have_dst;
	struct in6_addr dst;
	uint32_t ifindex;
	int hop_limit;
	bool have_hao;
	struct in6_addr hao;
	bool have_rh2;
	struct in6_addr rh2;
};

static void take_dstopts(const struct cmsghdr *c, struct ancillary *out)
{
	struct wire_error err;

	if (!out->have_hao && ext_decode_hao(CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0), &out->hao,
					     &err) == WIRE_OK)
		out->have_hao = true;
}

static void take_rthdr(const struct cmsghdr *c, struct ancillary *out)
{
	struct wire_error err;
	uint8_t left;

	if (ext_decode_rh2(CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0), &out->rh2, &left, &err) ==
		    WIRE_OK &&
	    left == 0)
		out->have_rh2 = true;
}

static void take_ancillary(struct msghdr *msg, struct ancillary *out)
{
	struct cmsghdr *c;

	memset(out, 0, sizeof(*out));
	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		struct in6_pktinfo info;

		if (c->cmsg_level != IPPROTO_IPV6)
			continue;
		if (c->cmsg_type == IPV6_PKTINFO && c->cmsg_len >= CMSG_LEN(sizeof(info))) {
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			out->dst = info.ipi6_addr;
			out->ifindex = info.ipi6_ifindex;
			out->have_dst = true;
		} else if (c->cmsg_type == IPV6_HOPLIMIT && c->cmsg_len >= CMSG_LEN(sizeof(int))) {
			memcpy(&out->hop_limit, CMSG_DATA(c), sizeof(out->hop_limit));
		} else if (c->cmsg_type == IPV6_DSTOPTS) {
			take_dstopts(c, out);
		} else if (c->cmsg_type == IPV6_RTHDR) {
			take_rthdr(c, out);
		}
	}
}

static void make_path(const struct ancillary *a, const struct in6_addr *from,
		      struct mip6_path *path)
{
	*path = (struct mip6_path){ .ifindex = a->ifindex };
	path->local = a->have_rh2 ? a->rh2 : a->dst;
	if (a->have_rh2)
		path->local_home = a->dst;
	path->peer = a->have_hao ? a->hao : *from;
	if (a->have_hao)
		path->peer_home = *from;
}

static void deliver(struct os *os, enum kproto proto, struct slot *slot, struct mmsghdr *m)
{
	struct mip6_packet p = { .proto = proto, .data = slot->data, .len = m->msg_len };
	struct ancillary a;

	take_ancillary(&m->msg_hdr, &a);
	if (!a.have_dst || (m->msg_hdr.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ||
	    m->msg_hdr.msg_namelen < sizeof(slot->from)) {
		log_limited(&os->sockets->limit, loop_now_us(os->loop), LOG_SOCK, LOGL_WARNING,
			    "a message of %u bytes from %s is too long or lacks data: dropped",
			    m->msg_len, ADDR_STR(&slot->from.sin6_addr));
		return;
	}
	make_path(&a, &slot->from.sin6_addr, &p.path);
	p.hop_limit = (uint8_t)a.hop_limit;
	p.to_multicast = addr_is_multicast(&a.dst);
	if (proto == KPROTO_ICMP6)
		probe_hear(os, &p);
	mip6_on_packet(os->kernel.mip6, &p);
}

static void prepare_slots(struct sockets *s, struct mmsghdr *msgs, struct iovec *iov)
{
	size_t i;

	memset(msgs, 0, READ_SLOTS * sizeof(*msgs));
	for (i = 0; i < READ_SLOTS; i++) {
		struct msghdr *h = &msgs[i].msg_hdr;

		iov[i] = (struct iovec){ s->slots[i].data, sizeof(s->slots[i].data) };
		h->msg_name = &s->slots[i].from;
		h->msg_namelen = sizeof(s->slots[i].from);
		h->msg_iov = &iov[i];
		h->msg_iovlen = 1;
		h->msg_control = s->slots[i].control;
		h->msg_controllen = sizeof(s->slots[i].control);
	}
}

static void read_messages(struct os *os, int fd, enum kproto proto)
{
	struct sockets *s = os->sockets;
	struct mmsghdr msgs[READ_SLOTS];
	struct iovec iov[READ_SLOTS];
	int round;

	os_now(os);
	for (round = 0; round < READ_ROUNDS; round++) {
		int n;
		int i;

		prepare_slots(s, msgs, iov);
		n = recvmmsg(fd, msgs, READ_SLOTS, MSG_DONTWAIT, NULL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			log_limited(&s->limit, loop_now_us(os->loop), LOG_SOCK, LOGL_WARNING,
				    "receiving %s: %s", proto == KPROTO_MH ? "MH" : "ICMPv6",
				    strerror(errno));
		for (i = 0; i < n; i++)
			deliver(os, proto, &s->slots[i], &msgs[i]);
		if (n < READ_SLOTS)
			return;
	}
}

/* What came while the roles were not yet started waits for them, in the socket: a start
 * loses nobody's registration. */
static bool is_early(const struct os *os)
{
	return !os->kernel.mip6->running && !os->kernel.mip6->stopping;
}

static void on_mh(int fd, unsigned int ready, void *ctx)
{
	(void)ready;
	if (!is_early(ctx))
		read_messages(ctx, fd, KPROTO_MH);
}

static void on_icmp6(int fd, unsigned int ready, void *ctx)
{
	(void)ready;
	if (!is_early(ctx))
		read_messages(ctx, fd, KPROTO_ICMP6);
}

/* --- sending ----------------------------------------------------------------------- */

/* Room for packet information, hop limit, one option and one routing header. */
struct control {
	uint8_t buf[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int)) +
		    CMSG_SPACE(EXT_HAO_LEN) + CMSG_SPACE(EXT_RH2_LEN)]
		__attribute__((aligned(8)));
	size_t used;
};

static void add_control(struct control *c, int type, const void *data, size_t len)
{
	struct cmsghdr *h = (void *)(c->buf + c->used);

	h->cmsg_level = IPPROTO_IPV6;
	h->cmsg_type = type;
	h->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(h), data, len);
	c->used += CMSG_SPACE(len);
}

static void make_control(const struct mip6_path *path, uint8_t hop_limit, struct control *c)
{
	struct in6_pktinfo info = { .ipi6_addr = path->by_policy ? path->local_home : path->local,
				    .ipi6_ifindex = path->ifindex };
	uint8_t header[EXT_HAO_LEN > EXT_RH2_LEN ? EXT_HAO_LEN : EXT_RH2_LEN];
	int hops = hop_limit;

	memset(c, 0, sizeof(*c));
	add_control(c, IPV6_PKTINFO, &info, sizeof(info));
	if (hop_limit)
		add_control(c, IPV6_HOPLIMIT, &hops, sizeof(hops));
	/* RFC 3542: the routing header of a socket begins with the first hop, and
	 * the address given to sendmsg() is the last. */
	if (!addr_is_unspecified(&path->peer_home)) {
		ext_encode_rh2(0, &path->peer, header);
		add_control(c, IPV6_RTHDR, header, EXT_RH2_LEN);
	}
	if (!addr_is_unspecified(&path->local_home) && !path->by_policy) {
		ext_encode_hao(0, &path->local_home, header);
		add_control(c, IPV6_DSTOPTS, header, EXT_HAO_LEN);
	}
}

static uint8_t proto_number(enum kproto proto)
{
	return proto == KPROTO_MH ? IPPROTO_MH : IPPROTO_ICMPV6;
}

/* With an interface in the ancillary data alone, the kernel takes a longer prefix that leads
 * elsewhere all the same; with a socket that is bound it does not. */
static void bind_sender(const struct sockets *s, uint32_t ifindex)
{
	int index = (int)ifindex;

	if (setsockopt(s->out, SOL_SOCKET, SO_BINDTOIFINDEX, &index, sizeof(index)) < 0)
		log_debug(LOG_SOCK, "SO_BINDTOIFINDEX: %s", strerror(errno));
}

static int send_raw(struct sockets *s, enum kproto proto, const struct mip6_path *path,
		    uint8_t hop_limit, size_t len)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6,
				   .sin6_port = htons(proto_number(proto)),
				   .sin6_addr = *path_peer_id(path) };
	struct iovec iov = { s->message, len };
	struct control c;
	struct msghdr msg = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1
	};
	int err = 0;

	/* With a routing header the interface is that of the first hop. */
	if (addr_is_linklocal(&to.sin6_addr) || addr_is_multicast(&to.sin6_addr))
		to.sin6_scope_id = path->ifindex;
	make_control(path, hop_limit, &c);
	msg.msg_control = c.buf;
	msg.msg_controllen = c.used;
	if (path->may_wait && !path->strict)
		return outbox_put(s->out_box, &msg);
	if (path->strict)
		bind_sender(s, path->ifindex);
	if (sendmsg(s->out, &msg, MSG_DONTWAIT) < 0)
		err = -errno;
	if (path->strict)
		bind_sender(s, 0);
	return err;
}

/* From ::, to a group: the IPv6 header is made here (RFC 4861 4.1, 4.3: the source
 * of solicitations while there is no address). */
static int send_unspecified(struct sockets *s, enum kproto proto, const struct mip6_path *path,
			    uint8_t hop_limit, size_t len)
{
	struct ip6_hdr ip = { .ip6_flow = htonl(6U << 28),
			      .ip6_plen = htons((uint16_t)len),
			      .ip6_nxt = proto_number(proto),
			      .ip6_hlim = hop_limit ? hop_limit : 1,
			      .ip6_dst = path->peer };
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_IPV6),
				  .sll_ifindex = (int)path->ifindex,
				  .sll_halen = ETH_ALEN };
	struct iovec iov[2] = { { &ip, sizeof(ip) }, { s->message, len } };
	struct msghdr msg = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = iov, .msg_iovlen = 2
	};

	if (!addr_is_multicast(&path->peer) || !path->ifindex ||
	    !addr_is_unspecified(&path->peer_home) || !addr_is_unspecified(&path->local_home))
		return -EINVAL;
	/* RFC 2464 section 7; links without such addresses pass it over. */
	to.sll_addr[0] = 0x33;
	to.sll_addr[1] = 0x33;
	memcpy(to.sll_addr + 2, &path->peer.s6_addr[12], 4);
	if (path->may_wait)
		return outbox_put(s->packet_box, &msg);
	return sendmsg(s->packet, &msg, MSG_DONTWAIT) < 0 ? -errno : 0;
}

int socket_send(struct kernel *k, enum kproto proto, const struct mip6_path *path,
		uint8_t hop_limit, const void *data, size_t len)
{
	struct sockets *s = os_of(k)->sockets;

	if (len > MESSAGE_MAX || len < 8)
		return -EINVAL;
	memcpy(s->message, data, len);
	if (proto == KPROTO_ICMP6) {
		uint16_t sum;

		memset(s->message + 2, 0, sizeof(sum));
		sum = htons(wire_checksum(path_local_id(path), path_peer_id(path), IPPROTO_ICMPV6,
					  s->message, len));
		memcpy(s->message + 2, &sum, sizeof(sum));
	}
	if (addr_is_unspecified(&path->local))
		return send_unspecified(s, proto, path, hop_limit, len);
	return send_raw(s, proto, path, hop_limit, len);
}

/* --- birth and death ------------------------------------------------------------------- */

static int set_int(int fd, int option, int value)
{
	return setsockopt(fd, IPPROTO_IPV6, option, &value, sizeof(value)) < 0 ? -errno : 0;
}

static int open_receiver(int proto, int *out)
{
	static const int wanted[] = { IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVDSTOPTS,
				      IPV6_RECVRTHDR };
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, proto);
	size_t i;
	int err = 0;

	if (fd < 0)
		return -errno;
	for (i = 0; !err && i < sizeof(wanted) / sizeof(wanted[0]); i++)
		err = set_int(fd, wanted[i], 1);
	if (err) {
		close(fd);
		return err;
	}
	nl_set_rcvbuf(fd, RCVBUF_BYTES);
	*out = fd;
	return 0;
}

/* Only what the core has ears for; a ping flood costs nothing then. */
static int set_icmp6_filter(int fd)
{
	static const uint8_t wanted[] = { 1,   2,   3,	 4,   130, 131, 132, 133,
					  134, 135, 136, 143, 144, 145, 146, 147 };
	struct icmp6_filter f;
	size_t i;

	ICMP6_FILTER_SETBLOCKALL(&f);
	for (i = 0; i < sizeof(wanted); i++)
		ICMP6_FILTER_SETPASS(wanted[i], &f);
	return setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &f, sizeof(f)) < 0 ? -errno : 0;
}

int socket_open_sender(bool whole, int *out)
{
	int off = 0;

	*out = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
	if (*out < 0)
		return -errno;
	(void)setsockopt(*out, SOL_SOCKET, SO_RCVBUF, &off, sizeof(off));
	return set_int(*out, IPV6_HDRINCL, whole);
}

static int open_senders(struct sockets *s)
{
	int err = socket_open_sender(false, &s->out);

	if (!err)
		err = set_int(s->out, IPV6_MULTICAST_LOOP, 0);
	if (err)
		return err;
	/* Protocol 0: sends, receives nothing. */
	s->packet = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return s->packet < 0 ? -errno : 0;
}

static int open_all(struct sockets *s)
{
	int err = open_receiver(IPPROTO_MH, &s->mh);

	if (!err)
		err = set_int(s->mh, IPV6_CHECKSUM, -1);
	if (!err)
		err = open_receiver(IPPROTO_ICMPV6, &s->icmp6);
	if (!err)
		err = set_icmp6_filter(s->icmp6);
	if (!err)
		err = open_senders(s);
	return err;
}

int sockets_init(struct os *os)
{
	struct sockets *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	os->sockets = s;
	s->mh = s->icmp6 = s->out = s->packet = -1;
	s->limit = (struct log_limit)LOG_LIMIT(5, 1);
	s->slots = calloc(READ_SLOTS, sizeof(*s->slots));
	s->message = malloc(MESSAGE_MAX);
	if (!s->slots || !s->message)
		return -ENOMEM;
	err = open_all(s);
	if (err) {
		log_error(LOG_SOCK, "cannot open the raw sockets: %s", strerror(-err));
		return err;
	}
	s->out_box = outbox_new(os, s->out);
	s->packet_box = outbox_new(os, s->packet);
	return s->out_box && s->packet_box ? 0 : -ENOMEM;
}

static void on_turn_end(void *ctx, uint64_t now_us)
{
	struct sockets *s = ctx;

	(void)now_us;
	outbox_empty(s->out_box);
	outbox_empty(s->packet_box);
}

int sockets_start(struct os *os)
{
	struct sockets *s = os->sockets;

	/* Here, not at init: behind the hooks that send. */
	s->hook = loop_add_hook(os->loop, on_turn_end, s);
	s->mh_event = loop_add_fd(os->loop, s->mh, LOOP_READ, on_mh, os);
	s->icmp6_event = loop_add_fd(os->loop, s->icmp6, LOOP_READ, on_icmp6, os);
	return s->hook && s->mh_event && s->icmp6_event ? 0 : -ENOMEM;
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

void sockets_free(struct os *os)
{
	struct sockets *s = os->sockets;

	if (!s)
		return;
	loop_del_fd(s->mh_event);
	loop_del_fd(s->icmp6_event);
	loop_del_hook(s->hook);
	outbox_free(s->out_box);
	outbox_free(s->packet_box);
	close_if_open(s->mh);
	close_if_open(s->icmp6);
	close_if_open(s->out);
	close_if_open(s->packet);
	free(s->slots);
	free(s->message);
	free(s);
	os->sockets = NULL;
}
