// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets that came out of the shared tunnel and that no filter lets pass: the home agent
 * wants to know of them, because they may come from a node whose binding it has lost.
 *
 * The filter that drops them (filter.c) gets two actions before the drop: one lets a
 * bounded number a second go on, the next copies the inner header, together with the
 * tunnel's end points, to those who listen to "psample", a family of generic netlink. So
 * packets of nodes that are registered cost nothing more, and a flood of others costs this
 * process no more than the bound. A kernel without these actions drops in silence, as
 * before.
 *
 * The family exists once its module is loaded, which asking for the action does, so the
 * order is: the filter, then the family, then its group. Called by linux.h's users of
 * links, and by the port.
 */
#include "os/linux.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/genetlink.h>
#include <linux/psample.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "core/mip6.h"

#define RCVBUF_BYTES	     65536
#define DATAGRAMS_PER_WAKEUP 64
#define GROUPS_MAX	     8
#define IPV6_HEADER_LEN	     40

/* The device whose strays are told, one at a time: there is one shared tunnel. */
struct strays {
	char name[IFNAMSIZ]; /* "": nobody wants to know */
	uint32_t per_s;
	struct nl_sock sock;
	struct loop_fd *event;
	struct log_limit limit;
};

int strays_init(struct os *os)
{
	os->strays = calloc(1, sizeof(*os->strays));
	if (!os->strays)
		return -ENOMEM;
	os->strays->sock = (struct nl_sock)NL_SOCK_CLOSED;
	os->strays->limit = (struct log_limit)LOG_LIMIT(1, 1);
	return 0;
}

static void stop_listening(struct strays *s)
{
	loop_del_fd(s->event);
	s->event = NULL;
	nl_close(&s->sock);
}

void strays_free(struct os *os)
{
	if (!os->strays)
		return;
	stop_listening(os->strays);
	free(os->strays);
	os->strays = NULL;
}

uint32_t stray_rate(const struct os *os)
{
	const struct strays *s = os->strays;

	return s && s->event ? s->per_s : 0;
}

/* --- what comes --------------------------------------------------------------------- */

bool stray_decode(const struct nlmsghdr *h, struct kstray_event *out)
{
	const struct nlattr *tb[PSAMPLE_ATTR_TUNNEL + 1];
	const struct nlattr *tunnel[PSAMPLE_TUNNEL_KEY_ATTR_IPV6_DST + 1];
	const uint8_t *ip;

	if (!nl_fixed(h, GENL_HDRLEN) || !nl_attrs(h, GENL_HDRLEN, tb, PSAMPLE_ATTR_TUNNEL) ||
	    nl_u32(tb[PSAMPLE_ATTR_SAMPLE_GROUP], 0) != OS_SAMPLE_GROUP)
		return false;
	ip = nl_data(tb[PSAMPLE_ATTR_DATA], IPV6_HEADER_LEN);
	nl_attrs_nested(tb[PSAMPLE_ATTR_TUNNEL], tunnel, PSAMPLE_TUNNEL_KEY_ATTR_IPV6_DST);
	if (!ip || ip[0] >> 4 != 6 ||
	    !nl_addr(tunnel[PSAMPLE_TUNNEL_KEY_ATTR_IPV6_SRC], &out->outer_src) ||
	    !nl_addr(tunnel[PSAMPLE_TUNNEL_KEY_ATTR_IPV6_DST], &out->outer_dst))
		return false;
	memcpy(&out->inner_src, ip + 8, sizeof(out->inner_src));
	memcpy(&out->inner_dst, ip + 24, sizeof(out->inner_dst));
	return true;
}

static void on_samples(int fd, unsigned int ready, void *ctx)
{
	char buf[NL_BUF_SIZE] __attribute__((aligned(8)));
	struct os *os = ctx;
	int i;

	(void)fd;
	(void)ready;
	os_now(os);
	for (i = 0; i < DATAGRAMS_PER_WAKEUP; i++) {
		ssize_t got = nl_receive(&os->strays->sock, buf, sizeof(buf));
		const struct nlmsghdr *h;
		struct kstray_event e;
		int len = (int)got;

		if (got == -ENOBUFS) /* a sample of a sample is one, too */
			continue;
		if (got < 0)
			return;
		for (h = (const void *)buf; mnl_nlmsg_ok(h, len); h = mnl_nlmsg_next(h, &len))
			if (stray_decode(h, &e))
				mip6_on_stray(os->kernel.mip6, &e);
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

/* Others may sample as well, and faster: only our group comes up. Socket filters read in
 * network order what netlink has in host order. */
static int filter_group(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_IMM, NLMSG_HDRLEN + GENL_HDRLEN),
		BPF_STMT(BPF_LDX | BPF_IMM, PSAMPLE_ATTR_SAMPLE_GROUP),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_NLATTR)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_IND, NLA_HDRLEN),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(OS_SAMPLE_GROUP), 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog prog = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0 ? -errno : 0;
}

static int listen_to_samples(struct os *os)
{
	struct strays *s = os->strays;
	struct family f = { .found = false };
	int err = nl_open(&s->sock, NETLINK_GENERIC);

	if (!err)
		err = find_family(&s->sock, &f);
	if (!err)
		err = filter_group(s->sock.fd);
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

/* --- the port ------------------------------------------------------------------------- */

static int put_drop(struct os *os, uint32_t ifindex, uint32_t per_s)
{
	uint8_t buf[1024] __attribute__((aligned(8)));
	struct nl_msg m;

	memset(buf, 0, sizeof(buf));
	nl_msg_init(&m, buf, sizeof(buf));
	filter_encode_drop(&m, ifindex, per_s);
	return nl_transact(&os->ask_route, &m, NULL, NULL);
}

static int begin(struct os *os, uint32_t ifindex)
{
	struct strays *s = os->strays;
	int err = put_drop(os, ifindex, s->per_s);

	if (!err && !s->event)
		err = listen_to_samples(os);
	if (err)
		log_notice(LOG_KERNEL,
			   "who sends through %s without a binding is not told of it: the kernel "
			   "cannot sample what it drops there (act_police, act_sample): %s",
			   s->name, strerror(-err));
	return err;
}

int stray_watch(struct kernel *k, const char *name, uint32_t per_s)
{
	struct os *os = os_of(k);
	struct strays *s = os->strays;
	uint32_t ifindex = if_nametoindex(name);

	if (strlen(name) >= sizeof(s->name))
		return -EINVAL;
	if (!per_s) {
		if (s->event && ifindex)
			(void)put_drop(os, ifindex, 0);
		stop_listening(s);
		s->name[0] = '\0';
		return 0;
	}
	strcpy(s->name, name);
	s->per_s = per_s;
	/* The device may not exist yet, or not be ours yet; stray_link() hears when it is. */
	return ifindex && link_of(os, ifindex) ? begin(os, ifindex) : 0;
}

void stray_link(struct os *os, const struct klink *l)
{
	struct strays *s = os->strays;

	/* From then on filter_prepare() does it for each new device. */
	if (s && s->name[0] && !s->event && !l->gone && strcmp(l->name, s->name) == 0)
		(void)begin(os, l->ifindex);
}
