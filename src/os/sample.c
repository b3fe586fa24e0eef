// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Samples of what comes out of the shared tunnel: copies of packets that a filter there
 * (filter.c) hands to "psample", a family of generic netlink, together with the tunnel's
 * end points, which no packet socket can see. Two want them: stray.c the headers of some
 * packets that no filter lets pass, and multicast.c every multicast, whole. Each has a
 * group of its own.
 *
 * The family exists once its module is loaded, which asking for the action does, so the
 * order is: the filter, then the family, then its group.
 */
#include "os/linux.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/genetlink.h>
#include <linux/psample.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define RCVBUF_BYTES	     (1 << 20)
#define DATAGRAMS_PER_WAKEUP 64
#define GROUPS_MAX	     8
#define IPV6_HEADER_LEN	     40

struct samples {
	bool wanted[SAMPLE_USERS];
	struct nl_sock sock; /* open while one is wanted */
	struct loop_fd *event;
};

int samples_init(struct os *os)
{
	os->samples = calloc(1, sizeof(*os->samples));
	if (!os->samples)
		return -ENOMEM;
	os->samples->sock = (struct nl_sock)NL_SOCK_CLOSED;
	return 0;
}

static void stop_listening(struct samples *s)
{
	loop_del_fd(s->event);
	s->event = NULL;
	nl_close(&s->sock);
}

void samples_free(struct os *os)
{
	if (!os->samples)
		return;
	stop_listening(os->samples);
	free(os->samples);
	os->samples = NULL;
}

/* --- what comes --------------------------------------------------------------------- */

bool sample_decode(const struct nlmsghdr *h, struct sample *out)
{
	const struct nlattr *tb[PSAMPLE_ATTR_TUNNEL + 1];
	const struct nlattr *tunnel[PSAMPLE_TUNNEL_KEY_ATTR_IPV6_DST + 1];
	uint32_t group;

	if (!nl_fixed(h, GENL_HDRLEN) || !nl_attrs(h, GENL_HDRLEN, tb, PSAMPLE_ATTR_TUNNEL))
		return false;
	group = nl_u32(tb[PSAMPLE_ATTR_SAMPLE_GROUP], 0) - OS_SAMPLE_GROUP;
	if (group >= SAMPLE_USERS)
		return false;
	out->user = (enum sample_user)group;
	out->data = nl_data(tb[PSAMPLE_ATTR_DATA], IPV6_HEADER_LEN);
	nl_attrs_nested(tb[PSAMPLE_ATTR_TUNNEL], tunnel, PSAMPLE_TUNNEL_KEY_ATTR_IPV6_DST);
	if (!out->data || out->data[0] >> 4 != 6 ||
	    !nl_addr(tunnel[PSAMPLE_TUNNEL_KEY_ATTR_IPV6_SRC], &out->outer_src) ||
	    !nl_addr(tunnel[PSAMPLE_TUNNEL_KEY_ATTR_IPV6_DST], &out->outer_dst))
		return false;
	out->len = mnl_attr_get_payload_len(tb[PSAMPLE_ATTR_DATA]);
	return true;
}

static void hear(struct os *os, const struct nlmsghdr *h)
{
	struct sample s;

	if (!sample_decode(h, &s))
		return;
	switch (s.user) {
	case SAMPLE_STRAYS:
		stray_hear(os, &s);
		break;
	case SAMPLE_MULTICAST:
		multicast_hear(os, &s);
		break;
	case SAMPLE_USERS:
		break;
	}
}

static void on_samples(int fd, unsigned int ready, void *ctx)
{
	char buf[NL_BUF_SIZE] __attribute__((aligned(8)));
	struct os *os = ctx;
	int i;

	(void)fd;
	(void)ready;
	os_now(os);
	for (i = 0; i < DATAGRAMS_PER_WAKEUP && os->samples->event; i++) {
		ssize_t got = nl_receive(&os->samples->sock, buf, sizeof(buf));
		const struct nlmsghdr *h;
		int len = (int)got;

		if (got == -ENOBUFS) /* those that were lost are lost as on any network */
			continue;
		if (got < 0)
			return;
		for (h = (const void *)buf; mnl_nlmsg_ok(h, len); h = mnl_nlmsg_next(h, &len))
			hear(os, h);
	}
}

/* --- the family ---------------------------------------------------------------------- */

struct family {
	uint32_t group;
	bool found;
};

static int take_family(const struct nlmsghdr *h, void *ctx)
{
	const struct nlattr *tb[CTRL_ATTR_MCAST_GROUPS + 1];
	const struct nlattr *groups[GROUPS_MAX + 1];
	const struct nlattr *one[CTRL_ATTR_MCAST_GRP_MAX + 1];
	struct family *f = ctx;
	char name[32];

	if (h->nlmsg_type != GENL_ID_CTRL || !nl_attrs(h, GENL_HDRLEN, tb, CTRL_ATTR_MCAST_GROUPS))
		return 0;
	nl_attrs_nested(tb[CTRL_ATTR_MCAST_GROUPS], groups, GROUPS_MAX);
	for (size_t i = 0; i <= GROUPS_MAX; i++) {
		nl_attrs_nested(groups[i], one, CTRL_ATTR_MCAST_GRP_MAX);
		nl_text(one[CTRL_ATTR_MCAST_GRP_NAME], name, sizeof(name));
		if (strcmp(name, PSAMPLE_NL_MCGRP_SAMPLE_NAME) != 0)
			continue;
		f->group = nl_u32(one[CTRL_ATTR_MCAST_GRP_ID], 0);
		f->found = f->group != 0;
	}
	return 0;
}

static int find_family(struct nl_sock *s, struct family *f)
{
	uint8_t buf[128] __attribute__((aligned(8)));
	struct genlmsghdr *g;
	struct nl_msg m;
	int err;

	nl_msg_init(&m, buf, sizeof(buf));
	nl_msg_type(&m, GENL_ID_CTRL, 0);
	g = nl_msg_fixed(&m, sizeof(*g));
	if (g)
		g->cmd = CTRL_CMD_GETFAMILY;
	nl_put_str(&m, CTRL_ATTR_FAMILY_NAME, PSAMPLE_GENL_NAME);
	err = nl_transact(s, &m, take_family, f);
	return err ? err : f->found ? 0 : -ENOENT;
}

/* Others may sample as well, and faster: only our groups come up. Socket filters read in
 * network order what netlink has in host order. */
static int filter_groups(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_IMM, NLMSG_HDRLEN + GENL_HDRLEN),
		BPF_STMT(BPF_LDX | BPF_IMM, PSAMPLE_ATTR_SAMPLE_GROUP),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_NLATTR)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 4, 0),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_IND, NLA_HDRLEN),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(OS_SAMPLE_GROUP), 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(OS_SAMPLE_GROUP + 1), 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog prog = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0 ? -errno : 0;
}

static int start_listening(struct os *os)
{
	struct samples *s = os->samples;
	struct family f = { .found = false };
	int err = nl_open(&s->sock, NETLINK_GENERIC);

	if (!err)
		err = find_family(&s->sock, &f);
	if (!err)
		err = filter_groups(s->sock.fd);
	if (!err) {
		nl_set_rcvbuf(s->sock.fd, RCVBUF_BYTES);
		err = nl_join(&s->sock, f.group);
	}
	if (!err) {
		s->event = loop_add_fd(os->loop, s->sock.fd, LOOP_READ, on_samples, os);
		err = s->event ? 0 : -ENOMEM;
	}
	if (err)
		stop_listening(s);
	return err;
}

int samples_want(struct os *os, enum sample_user who, bool want)
{
	struct samples *s = os->samples;
	bool any = want;
	int i, err = 0;

	s->wanted[who] = want;
	for (i = 0; i < SAMPLE_USERS; i++)
		any |= s->wanted[i];
	if (any && !s->event)
		err = start_listening(os);
	else if (!any)
		stop_listening(s);
	if (err)
		s->wanted[who] = false;
	return err;
}

bool samples_wanted(const struct os *os, enum sample_user who)
{
	return os->samples && os->samples->wanted[who];
}
