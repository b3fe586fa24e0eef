// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memberships of multicast groups and of anycast addresses, which the kernel ties
 * to a socket: they end when this process does. Called for KOBJ_GROUP (the
 * all-routers group; all MLDv2-capable routers, RFC 6275 10.4.3) and for
 * KOBJ_ANYCAST (the Mobile IPv6 Home-Agents anycast address, RFC 6275 5.3). For
 * solicited-node groups see ear.c.
 *
 * A socket holds as many memberships as its memory for options allows; when one is full
 * another is opened, and one that became empty is closed.
 */
#include "os/linux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uthash.h>

struct member_key {
	uint32_t ifindex;
	uint32_t anycast;
	struct in6_addr addr;
};

struct member_socket;

struct member {
	struct member_key key;
	struct member_socket *in;
	UT_hash_handle hh;
};

struct member_socket {
	LIST_ENTRY(member_socket) entry;
	int fd;
	unsigned int used; /* memberships that it holds */
};

struct members {
	struct member *all;
	LIST_HEAD(, member_socket) sockets; /* the newest first: it has room */
};

int members_init(struct os *os)
{
	os->members = calloc(1, sizeof(*os->members));
	if (!os->members)
		return -ENOMEM;
	LIST_INIT(&os->members->sockets);
	return 0;
}

void members_free(struct os *os)
{
	struct member *m;
	struct member *tmp;
	struct member_socket *s;

	if (!os->members)
		return;
	HASH_ITER(hh, os->members->all, m, tmp)
	{
		HASH_DEL(os->members->all, m);
		free(m);
	}
	while ((s = LIST_FIRST(&os->members->sockets))) {
		LIST_REMOVE(s, entry);
		close(s->fd);
		free(s);
	}
	free(os->members);
	os->members = NULL;
}

static int set_membership(int fd, const struct member_key *key, bool join)
{
	struct ipv6_mreq req = { .ipv6mr_multiaddr = key->addr, .ipv6mr_interface = key->ifindex };
	int option = key->anycast ? (join ? IPV6_JOIN_ANYCAST : IPV6_LEAVE_ANYCAST) :
				    (join ? IPV6_ADD_MEMBERSHIP : IPV6_DROP_MEMBERSHIP);

	return setsockopt(fd, IPPROTO_IPV6, option, &req, sizeof(req)) < 0 ? -errno : 0;
}

static int open_socket(struct members *all)
{
	struct member_socket *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0) {
		err = -errno;
		free(s);
		return err;
	}
	LIST_INSERT_HEAD(&all->sockets, s, entry);
	return 0;
}

static int join_somewhere(struct members *all, struct member *m)
{
	int err = -ENOBUFS;

	m->in = LIST_FIRST(&all->sockets);
	if (m->in)
		err = set_membership(m->in->fd, &m->key, true);
	if (err == -ENOBUFS || err == -ENOMEM) {
		err = open_socket(all);
		if (err)
			return err;
		m->in = LIST_FIRST(&all->sockets);
		err = set_membership(m->in->fd, &m->key, true);
	}
	if (!err)
		m->in->used++;
	return err;
}

/* The newest stays: it is the one that has room. */
static void leave(struct members *all, struct member *m)
{
	struct member_socket *s = m->in;

	if (--s->used || s == LIST_FIRST(&all->sockets))
		return;
	LIST_REMOVE(s, entry);
	close(s->fd);
	free(s);
}

static struct member_key make_key(bool anycast, uint32_t ifindex, const struct in6_addr *addr)
{
	return (struct member_key){ .ifindex = ifindex, .anycast = anycast, .addr = *addr };
}

static struct member *find_member(struct members *all, const struct member_key *key)
{
	struct member *m;

	HASH_FIND(hh, all->all, key, sizeof(*key), m);
	return m;
}

static int add_member(struct members *all, const struct member_key *key)
{
	struct member *m = calloc(1, sizeof(*m));
	int err;

	if (!m)
		return -ENOMEM;
	m->key = *key;
	err = join_somewhere(all, m);
	if (err)
		free(m);
	else
		HASH_ADD(hh, all->all, key, sizeof(m->key), m);
	return err;
}

static int end_member(struct members *all, struct member *m)
{
	int err = set_membership(m->in->fd, &m->key, false);

	leave(all, m);
	HASH_DEL(all->all, m);
	free(m);
	/* With its device a membership goes by itself. */
	return err == -ENODEV || err == -EADDRNOTAVAIL || err == -ENOENT ? 0 : err;
}

int member_change(struct os *os, const struct kchange *c)
{
	struct member_key key = make_key(c->obj.type == KOBJ_ANYCAST, c->obj.member.ifindex,
					 &c->obj.member.addr);
	struct member *m = find_member(os->members, &key);

	if (!key.ifindex)
		return -EINVAL;
	if (c->op == KCHANGE_DELETE)
		return m ? end_member(os->members, m) : 0;
	return m ? 0 : add_member(os->members, &key);
}
