// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Netlink: writing, reading, waiting. Everything else of this room that speaks
 * netlink stands on these functions.
 *
 * Writing goes into a buffer of known size and remembers that something did not
 * fit, so that an encoder reads like the message it makes and is checked once.
 * Reading trusts no length: libmnl's iterators stop at what does not fit, and
 * values are only taken from attributes that are long enough. A message counts
 * only when it comes from port 0, the kernel; any local process could send one.
 */
#include "os/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_WAIT_MS 2000

/* --- writing ---------------------------------------------------------- */

void nl_msg_init(struct nl_msg *m, void *buf, size_t room)
{
	*m = (struct nl_msg){ .h = buf, .room = room, .bad = room < MNL_NLMSG_HDRLEN };
	if (!m->bad)
		mnl_nlmsg_put_header(buf);
}

void nl_msg_type(struct nl_msg *m, uint16_t type, uint16_t flags)
{
	if (m->bad)
		return;
	m->h->nlmsg_type = type;
	m->h->nlmsg_flags = NLM_F_REQUEST | flags;
}

void *nl_msg_fixed(struct nl_msg *m, size_t len)
{
	if (m->bad || m->h->nlmsg_len + MNL_ALIGN(len) > m->room) {
		m->bad = true;
		return NULL;
	}
	return mnl_nlmsg_put_extra_header(m->h, len);
}

void nl_put(struct nl_msg *m, uint16_t type, const void *data, size_t len)
{
	if (m->bad || !mnl_attr_put_check(m->h, m->room, type, len, data))
		m->bad = true;
}

void nl_put_u8(struct nl_msg *m, uint16_t type, uint8_t v)
{
	nl_put(m, type, &v, sizeof(v));
}

void nl_put_u16(struct nl_msg *m, uint16_t type, uint16_t v)
{
	nl_put(m, type, &v, sizeof(v));
}

void nl_put_u32(struct nl_msg *m, uint16_t type, uint32_t v)
{
	nl_put(m, type, &v, sizeof(v));
}

void nl_put_be16(struct nl_msg *m, uint16_t type, uint16_t v)
{
	nl_put_u16(m, type, htons(v));
}

void nl_put_str(struct nl_msg *m, uint16_t type, const char *text)
{
	nl_put(m, type, text, strlen(text) + 1);
}

void nl_put_addr(struct nl_msg *m, uint16_t type, const struct in6_addr *a)
{
	nl_put(m, type, a, sizeof(*a));
}

struct nlattr *nl_nest(struct nl_msg *m, uint16_t type)
{
	struct nlattr *nest;

	if (m->bad)
		return NULL;
	nest = mnl_attr_nest_start_check(m->h, m->room, type);
	if (!nest)
		m->bad = true;
	return nest;
}

void nl_nest_end(struct nl_msg *m, struct nlattr *nest)
{
	if (nest)
		mnl_attr_nest_end(m->h, nest);
}

/* --- reading ---------------------------------------------------------- */

const void *nl_fixed(const struct nlmsghdr *h, size_t len)
{
	return mnl_nlmsg_get_payload_len(h) < len ? NULL : mnl_nlmsg_get_payload(h);
}

struct attr_table {
	const struct nlattr **tb;
	size_t max;
};

static int take_attr(const struct nlattr *a, void *ctx)
{
	const struct attr_table *t = ctx;

	if (mnl_attr_get_type(a) <= t->max)
		t->tb[mnl_attr_get_type(a)] = a;
	return MNL_CB_OK;
}

bool nl_attrs(const struct nlmsghdr *h, size_t fixed, const struct nlattr **tb, size_t max)
{
	struct attr_table t = { tb, max };
	size_t begin = MNL_ALIGN(fixed), len = mnl_nlmsg_get_payload_len(h);
	const struct nlattr *a;
	int left;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	if (len < fixed)
		return false;
	/* libmnl's own loop takes the length of the message for rounded up */
	left = len > begin ? (int)(len - begin) : 0;
	for (a = mnl_nlmsg_get_payload_offset(h, fixed); mnl_attr_ok(a, left);
	     a = mnl_attr_next(a)) {
		take_attr(a, &t);
		left -= (int)MNL_ALIGN(a->nla_len);
	}
	return true;
}

void nl_attrs_nested(const struct nlattr *nest, const struct nlattr **tb, size_t max)
{
	struct attr_table t = { tb, max };

	memset(tb, 0, (max + 1) * sizeof(*tb));
	if (nest)
		mnl_attr_parse_nested(nest, take_attr, &t);
}

const void *nl_data(const struct nlattr *a, size_t len)
{
	if (!a || mnl_attr_get_payload_len(a) < len)
		return NULL;
	return mnl_attr_get_payload(a);
}

uint8_t nl_u8(const struct nlattr *a, uint8_t dflt)
{
	const uint8_t *p = nl_data(a, sizeof(*p));

	return p ? *p : dflt;
}

uint16_t nl_u16(const struct nlattr *a, uint16_t dflt)
{
	const void *p = nl_data(a, sizeof(dflt));

	if (p)
		memcpy(&dflt, p, sizeof(dflt));
	return dflt;
}

uint32_t nl_u32(const struct nlattr *a, uint32_t dflt)
{
	const void *p = nl_data(a, sizeof(dflt));

	if (p)
		memcpy(&dflt, p, sizeof(dflt));
	return dflt;
}

bool nl_addr(const struct nlattr *a, struct in6_addr *out)
{
	const void *p = nl_data(a, sizeof(*out));

	memset(out, 0, sizeof(*out));
	if (p)
		memcpy(out, p, sizeof(*out));
	return p != NULL;
}

void nl_text(const struct nlattr *a, char *out, size_t size)
{
	size_t len = a ? mnl_attr_get_payload_len(a) : 0;

	if (len >= size)
		len = size - 1;
	if (len)
		memcpy(out, mnl_attr_get_payload(a), len);
	out[len] = '\0';
}

/* --- sockets ---------------------------------------------------------- */

int nl_open(struct nl_sock *s, int protocol)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(sa);
	int on = 1;

	*s = (struct nl_sock)NL_SOCK_CLOSED;
	s->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	if (s->fd < 0)
		return -errno;
	if (bind(s->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    getsockname(s->fd, (struct sockaddr *)&sa, &len) < 0) {
		int err = -errno;

		nl_close(s);
		return err;
	}
	s->port = sa.nl_pid;
	/* Old kernels lack some of these; nothing depends on them. */
	(void)setsockopt(s->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	(void)setsockopt(s->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	(void)setsockopt(s->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	return 0;
}

void nl_close(struct nl_sock *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

int nl_join(struct nl_sock *s, unsigned int group)
{
	return setsockopt(s->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0 ?
		       -errno :
		       0;
}

void nl_set_rcvbuf(int fd, int bytes)
{
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

void nl_set_sndbuf(int fd, int bytes)
{
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

ssize_t nl_receive(const struct nl_sock *s, void *buf, size_t size)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	struct msghdr msg = { .msg_name = &from,
			      .msg_namelen = sizeof(from),
			      .msg_iov = &iov,
			      .msg_iovlen = 1 };
	ssize_t len = recvmsg(s->fd, &msg, MSG_DONTWAIT);

	if (len < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	if (msg.msg_namelen != sizeof(from) || from.nl_pid != 0)
		return 0;
	return (msg.msg_flags & MSG_TRUNC) ? -EMSGSIZE : len;
}

int nl_error_code(const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = nl_fixed(h, sizeof(*e));

	return e ? e->error : -EBADMSG;
}

const char *nl_error_text(const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = nl_fixed(h, sizeof(*e));
	const struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	size_t fixed = sizeof(*e);
	const char *text;

	if (!e || !(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	/* Unless capped, the whole request stands between error and attributes. */
	if (!(h->nlmsg_flags & NLM_F_CAPPED)) {
		if (e->msg.nlmsg_len < sizeof(e->msg))
			return NULL;
		fixed += MNL_ALIGN(e->msg.nlmsg_len - sizeof(e->msg));
	}
	if (!nl_attrs(h, fixed, tb, NLMSGERR_ATTR_MAX) || !tb[NLMSGERR_ATTR_MSG])
		return NULL;
	text = mnl_attr_get_payload(tb[NLMSGERR_ATTR_MSG]);
	return memchr(text, '\0', mnl_attr_get_payload_len(tb[NLMSGERR_ATTR_MSG])) ? text : NULL;
}

struct transaction {
	struct nl_sock *sock;
	nl_fn *fn;
	void *ctx;
	bool done;
	bool interrupted;
};

/* One message of an answer; a value but 0 ends the waiting. */
static int transact_message(struct transaction *t, const struct nlmsghdr *h)
{
	if (h->nlmsg_seq != t->sock->seq)
		return 0;
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		t->interrupted = true;
	if (h->nlmsg_type == NLMSG_DONE) {
		const int *err = nl_fixed(h, sizeof(*err));

		t->done = true;
		return err && *err < 0 ? *err : 0;
	}
	if (h->nlmsg_type == NLMSG_ERROR) {
		t->done = true;
		return nl_error_code(h);
	}
	return t->fn ? t->fn(h, t->ctx) : 0;
}

static int transact_datagram(struct transaction *t, const void *buf, int len)
{
	const struct nlmsghdr *h;
	int err = 0;

	for (h = buf; !err && !t->done && mnl_nlmsg_ok(h, len); h = mnl_nlmsg_next(h, &len))
		err = transact_message(t, h);
	return err;
}

int nl_transact(struct nl_sock *s, struct nl_msg *m, nl_fn *fn, void *ctx)
{
	struct transaction t = { .sock = s, .fn = fn, .ctx = ctx };
	char buf[NL_BUF_SIZE] __attribute__((aligned(8)));
	int err = 0;

	if (m->bad)
		return -EMSGSIZE;
	m->h->nlmsg_seq = ++s->seq;
	/* Both bits: in messages that change, each has another meaning. */
	if ((m->h->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		m->h->nlmsg_flags |= NLM_F_ACK;
	if (send(s->fd, m->h, m->h->nlmsg_len, 0) < 0)
		return -errno;
	while (!err && !t.done) {
		struct pollfd p = { .fd = s->fd, .events = POLLIN };
		ssize_t len = nl_receive(s, buf, sizeof(buf));

		if (len == -EAGAIN) {
			int ready = poll(&p, 1, ANSWER_WAIT_MS);

			if (ready == 0 || (ready < 0 && errno != EINTR))
				return ready ? -errno : -ETIMEDOUT;
			continue;
		}
		err = len < 0 ? (int)len : transact_datagram(&t, buf, (int)len);
	}
	return err ? err : t.interrupted ? -EINTR : 0;
}
