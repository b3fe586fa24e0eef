// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ears: memberships of solicited-node groups for as long as duplicate address detection
 * asks for addresses in them, so that others who want the same address are heard (RFC 4862
 * 5.4.2; through switches as well, which the kernel tells by MLD). Called by probe.c.
 *
 * An ear is a socket. It takes the groups of some hundred questions, and when the last of
 * them has been answered it is closed: that leaves all groups at once, where leaving them
 * one by one would cost a system call each. It is closed a little later than that: most
 * addresses then get a proxy entry, for which the kernel needs the same membership, so that
 * nobody on the link hears of a leave and a join; and with thousands of groups the kernel
 * finds one it has sooner than it finds that it has none.
 */
#include "os/linux.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"

#define EAR_GROUPS  256	     /* fewer than the kernel's memory for options holds */
#define EAR_OPEN_US US_PER_S /* so long it takes more of them */
#define LINGER_US   (2 * US_PER_S)

struct ear {
	LIST_ENTRY(ear) entry;
	struct os *os;
	int fd;
	unsigned int groups; /* joined */
	unsigned int asking; /* questions that are not answered */
	uint64_t opened_us;
	struct timer timer; /* while nobody asks: when it is closed */
};

static void ear_close(struct ear *e)
{
	timer_cancel(loop_timers(e->os->loop), &e->timer);
	LIST_REMOVE(e, entry);
	close(e->fd);
	free(e);
}

static void on_timer(struct timer *t, uint64_t now_us)
{
	(void)now_us;
	ear_close(t->ctx);
}

static struct ear *ear_open(struct os *os)
{
	struct ear *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (e->fd < 0) {
		free(e);
		return NULL;
	}
	e->os = os;
	e->opened_us = loop_now_us(os->loop);
	timer_init(&e->timer, "leave-groups", on_timer, e);
	LIST_INSERT_HEAD(&os->ears, e, entry);
	return e;
}

static int join(const struct ear *e, uint32_t ifindex, const struct in6_addr *group)
{
	struct ipv6_mreq req = { .ipv6mr_multiaddr = *group, .ipv6mr_interface = ifindex };

	if (setsockopt(e->fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &req, sizeof(req)) == 0 ||
	    errno == EADDRINUSE) /* another address in the same group */
		return 0;
	return -errno;
}

struct ear *ear_take(struct os *os, uint32_t ifindex, const struct in6_addr *group)
{
	struct ear *e = LIST_FIRST(&os->ears); /* the newest */
	int err;

	if (!e || e->groups == EAR_GROUPS ||
	    loop_now_us(os->loop) - e->opened_us >= EAR_OPEN_US)
		e = ear_open(os);
	if (!e)
		return NULL;
	err = join(e, ifindex, group);
	if (err) {
		if (!e->asking && !timer_is_set(&e->timer))
			ear_close(e);
		errno = -err;
		return NULL;
	}
	timer_cancel(loop_timers(os->loop), &e->timer);
	e->groups++;
	e->asking++;
	return e;
}

void ear_put(struct ear *e)
{
	struct loop *loop = e->os->loop;

	if (--e->asking == 0 && timer_set(loop_timers(loop), &e->timer,
					  time_add(loop_now_us(loop), LINGER_US), NULL) < 0)
		ear_close(e);
}

void ears_free(struct os *os)
{
	while (!LIST_EMPTY(&os->ears))
		ear_close(LIST_FIRST(&os->ears));
}
