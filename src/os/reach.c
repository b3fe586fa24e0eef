// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does somebody answer? An echo request (RFC 4443 4.1) from one of our addresses, and the
 * wait for its reply. It blocks, so it is only for a process that has nothing else to do.
 * Called by daemon/ for the console's `netcheck` and `ping`.
 */
#include <errno.h>
#include <netinet/icmp6.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/time.h"
#include "os/os.h"

/* What no other program's echo has. */
struct echo {
	struct icmp6_hdr head;
	uint8_t cookie[16];
};

static int open_socket(const struct in6_addr *from, uint32_t ifindex)
{
	struct sockaddr_in6 sa = { .sin6_family = AF_INET6, .sin6_addr = *from };
	struct icmp6_filter filter;
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMPV6), err;

	if (fd < 0)
		return -errno;
	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
	if (addr_is_linklocal(from))
		sa.sin6_scope_id = ifindex;
	if (setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter)) < 0 ||
	    bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* 0 when the reply is there, -EAGAIN when it was something else, or -errno. */
static int take_reply(int fd, const struct echo *sent)
{
	struct echo got;
	ssize_t n = recv(fd, &got, sizeof(got), 0);

	if (n < 0)
		return -errno;
	return n == (ssize_t)sizeof(got) && memcmp(got.cookie, sent->cookie, 16) == 0 ? 0 : -EAGAIN;
}

static int wait_for_reply(int fd, const struct echo *sent, uint64_t until_us)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	uint64_t now_us;

	while ((now_us = clock_now_us()) < until_us) {
		int err = poll(&ready, 1, (int)((until_us - now_us) / 1000 + 1));

		if (err < 0 && errno != EINTR)
			return -errno;
		err = err > 0 ? take_reply(fd, sent) : -EAGAIN;
		if (err != -EAGAIN && err != -EINTR)
			return err;
	}
	return -ETIMEDOUT;
}

int os_reach(const struct in6_addr *from, const struct in6_addr *to, uint32_t ifindex,
	     uint64_t wait_us, uint64_t *rtt_us)
{
	struct sockaddr_in6 sa = { .sin6_family = AF_INET6, .sin6_addr = *to };
	struct echo echo = { .head = { .icmp6_type = ICMP6_ECHO_REQUEST } };
	uint64_t begin_us;
	int err = crypto_random(echo.cookie, sizeof(echo.cookie)), fd;

	if (err)
		return err;
	fd = open_socket(from, ifindex);
	if (fd < 0)
		return fd;
	if (addr_is_linklocal(to))
		sa.sin6_scope_id = ifindex;
	begin_us = clock_now_us();
	if (sendto(fd, &echo, sizeof(echo), 0, (const struct sockaddr *)&sa, sizeof(sa)) < 0)
		err = -errno;
	if (!err)
		err = wait_for_reply(fd, &echo, begin_us + wait_us);
	*rtt_us = clock_now_us() - begin_us;
	close(fd);
	return err;
}
