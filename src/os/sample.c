// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What comes out of the shared tunnel and the home agent wants to see: copies of packets
 * that a filter there (filter.c) hands to "psample", a family of generic netlink, together
 * with the tunnel's end points, which no packet socket can see. Each use has a group of its
 * own:
 *
 * - Strays, which no filter lets pass: they may come from a node whose binding it has lost.
 *   Of these the inner header comes, before the filter that drops them. So packets of nodes
 *   that are registered cost nothing more.
 * - Every multicast, whole, by a filter that lets it go nowhere else (RFC 6275 10.4.3).
 *
 * A bounded number a second comes of each, so that a flood costs this process no more than
 * the bound. A kernel without these actions drops in silence.
 *
 * The family exists once its module is loaded, which asking for the action does, so the
 * order is: the filter, then the family, then its group. The device may come later than the
 * wish, and anew; then filter.c asks here how much is wanted. Called by the port and by
 * links.c.
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

#define RCVBUF_BYTES	     (1 << 20)
#define DATAGRAMS_PER_WAKEUP 64
#define GROUPS_MAX	     8
#define IPV6_HEADER_LEN	     40

/* What one use wants of a device, one at a time: there is one shared tunnel. */
struct watch {
	char name[IFNAMSIZ]; /* "": nothing */
	uint32_t per_s;
	bool on; /* the kernel gives it */
};

struct samples {
	struct watch watches[SAMPLE_USERS];
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

static void tell_stray(struct os *os, const struct sample *s)
{
	struct kstray_event e = { .outer_src = s->outer_src, .outer_dst = s->outer_dst };

	memcpy(&e.inner_src, s->data + 8, sizeof(e.inner_src));
	memcpy(&e.inner_dst, s->data + 24, sizeof(e.inner_dst));
	mip6_on_stray(os->kernel.mip6, &e);
}

static void tell_multicast(struct os *os, const struct sample *s)
{
	const struct kmulticast_event e = { .outer_src = s->outer_src,
					    .outer_dst = s->outer_dst,
					    .data = s->data,
					    .len = s->len };

	mip6_on_multicast(os->kernel.mip6, &e);
}

/* --- their uses --------------------------------------------------------------------- */

static const struct use {
	void (*encode)(struct nl_msg *m, uint32_t ifindex, uint32_t per_s);
	void (*tell)(struct os *os, const struct sample *s);
	enum log_level level;
	const char *loss; /* when the kernel cannot */
} uses[SAMPLE_USERS] = {
	[SAMPLE_STRAYS] = { filter_encode_drop, tell_stray, LOGL_NOTICE,
			    "who sends through it without a binding is not told of it: the kernel "
			    "cannot sample what it drops there (act_police, act_sample)" },
	[SAMPLE_MULTICAST] = { filter_encode_multicast, tell_multicast, LOGL_WARNING,
			       "groups of mobile nodes are not heard: the kernel cannot take "
			       "multicast out of it (cls_u32, act_police, act_sample, psample)" },
};

static void on_samples(int fd, unsigned int ready, void *ctx)
{
	char buf[NL_BUF_SIZE] __attribute__((aligned(8)));
	struct os *os = ctx;
	struct sample one;
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
			if (sample_decode(h, &one))
				uses[one.user].tell(os, &one);
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

/* --- who wants them ----------------------------------------------------------------- */

static int put_filter(struct os *os, enum sample_user who, uint32_t ifindex, uint32_t per_s)
{
	uint8_t buf[1024] __attribute__((aligned(8)));
	struct nl_msg m;

	nl_msg_init(&m, buf, sizeof(buf));
	uses[who].encode(&m, ifindex, per_s);
	return nl_transact(&os->ask_route, &m, NULL, NULL);
}

static int begin(struct os *os, enum sample_user who, uint32_t ifindex)
{
	struct samples *s = os->samples;
	struct watch *w = &s->watches[who];
	const struct use *u = &uses[who];
	int err = put_filter(os, who, ifindex, w->per_s);

	if (!err && !s->event)
		err = start_listening(os);
	w->on = !err;
	if (err)
		log_at(LOG_KERNEL, u->level, "%s: %s: %s", w->name, u->loss, strerror(-err));
	return err;
}

static void end(struct os *os, enum sample_user who, uint32_t ifindex)
{
	struct samples *s = os->samples;
	bool any = false;

	if (s->watches[who].on && ifindex)
		(void)put_filter(os, who, ifindex, 0);
	memset(&s->watches[who], 0, sizeof(s->watches[who]));
	for (int i = 0; i < SAMPLE_USERS; i++)
		any |= s->watches[i].on;
	if (!any)
		stop_listening(s);
}

static int watch(struct os *os, enum sample_user who, const char *name, uint32_t per_s)
{
	struct watch *w = &os->samples->watches[who];
	uint32_t ifindex = if_nametoindex(name);

	if (strlen(name) >= sizeof(w->name))
		return -EINVAL;
	if (!per_s) {
		end(os, who, ifindex);
		return 0;
	}
	strcpy(w->name, name);
	w->per_s = per_s;
	/* The device may not exist yet, or not be ours yet; samples_link() hears when it is. */
	return ifindex && link_of(os, ifindex) ? begin(os, who, ifindex) : 0;
}

int sample_watch_strays(struct kernel *k, const char *name, uint32_t per_s)
{
	return watch(os_of(k), SAMPLE_STRAYS, name, per_s);
}

int sample_watch_multicast(struct kernel *k, const char *name, uint32_t per_s)
{
	return watch(os_of(k), SAMPLE_MULTICAST, name, per_s);
}

void samples_link(struct os *os, const struct klink *l)
{
	if (!os->samples || l->gone)
		return;
	for (int i = 0; i < SAMPLE_USERS; i++) {
		const struct watch *w = &os->samples->watches[i];

		/* From then on filter_prepare() does it for each new device. */
		if (w->name[0] && !w->on && strcmp(l->name, w->name) == 0)
			(void)begin(os, (enum sample_user)i, l->ifindex);
	}
}

uint32_t samples_rate(const struct os *os, enum sample_user who)
{
	const struct watch *w = os->samples ? &os->samples->watches[who] : NULL;

	return w && w->on ? w->per_s : 0;
}
