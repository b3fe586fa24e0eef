// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sniff: what tcpdump would do for the lab, for many interfaces at once.
 *
 *	sniff NETNS INTERFACE FILE [NETNS INTERFACE FILE]...
 *
 * Every packet that an interface sends or receives goes to its file (pcap with nanoseconds).
 * One process serves the whole internetwork, because a process costs much in User Mode
 * Linux, and it starts in the time of one system call per interface. Unlike tcpdump it
 * goes on capturing when an interface is down at the start or goes down later, which is what a
 * mobile node's interfaces do.
 *
 * Standard output says "ready" when all sockets are open. SIGUSR1 asks for everything that has
 * happened so far to be on disk; "synced" is the answer. SIGTERM ends it in the same way.
 *
 * Called by capture.py; nobody else needs it.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define TAPS_MAX      64
#define SNAPLEN	      65535
#define PCAP_MAGIC_NS 0xa1b23c4d
#define DLT_EN10MB    1
#define DLT_RAW	      101

struct pcap_file_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy, snaplen, linktype;
};

struct pcap_packet_header {
	uint32_t s, ns, stored, original;
};

struct tap {
	const char *name;
	int sock;
	int file;
};

static void die(const char *what)
{
	fprintf(stderr, "sniff: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void say(const char *word)
{
	if (write(STDOUT_FILENO, word, strlen(word)) < 0)
		die("standard output");
}

static void tap_write_header(const struct tap *tap, uint32_t linktype)
{
	const struct pcap_file_header head = {
		.magic = PCAP_MAGIC_NS,
		.major = 2,
		.minor = 4,
		.snaplen = SNAPLEN,
		.linktype = linktype,
	};

	if (write(tap->file, &head, sizeof(head)) != sizeof(head))
		die("write");
}

/* Open the socket in the namespace; the process stays there, which disturbs nobody. */
static void tap_open(struct tap *tap, const char *netns, const char *name, const char *file)
{
	struct sockaddr_ll where = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	struct ifreq ifr = {0};
	const int on = 1, room = 8 << 20;
	int ns;

	ns = open(netns, O_RDONLY | O_CLOEXEC);
	if (ns < 0 || setns(ns, CLONE_NEWNET))
		die(netns);
	close(ns);
	tap->name = name;
	/* Protocol 0: nothing may come in before the socket is bound to its interface. */
	tap->sock = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (tap->sock < 0)
		die("packet socket");
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (ioctl(tap->sock, SIOCGIFINDEX, &ifr))
		die(name);
	where.sll_ifindex = ifr.ifr_ifindex;
	if (ioctl(tap->sock, SIOCGIFHWADDR, &ifr))
		die(name);
	if (setsockopt(tap->sock, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)))
		die("SO_TIMESTAMPNS");
	if (setsockopt(tap->sock, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		setsockopt(tap->sock, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	tap->file = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (tap->file < 0)
		die(file);
	tap_write_header(tap, ifr.ifr_hwaddr.sa_family == ARPHRD_ETHER ||
					      ifr.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK
				      ? DLT_EN10MB
				      : DLT_RAW);
	if (bind(tap->sock, (struct sockaddr *)&where, sizeof(where)))
		die(name);
}

static struct timespec message_time(struct msghdr *msg)
{
	struct timespec when = {0};
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS)
			memcpy(&when, CMSG_DATA(c), sizeof(when));
	return when;
}

/* Everything that waits in the socket goes to the file. Returns false when the tap is dead. */
static int tap_drain(const struct tap *tap)
{
	static uint8_t packet[SNAPLEN];
	char control[CMSG_SPACE(sizeof(struct timespec)) + 64];
	struct iovec in = {.iov_base = packet, .iov_len = sizeof(packet)};
	struct pcap_packet_header head;
	struct iovec out[2];
	struct timespec when;
	struct msghdr msg;
	ssize_t n;

	for (;;) {
		msg = (struct msghdr){.msg_iov = &in,
				      .msg_iovlen = 1,
				      .msg_control = control,
				      .msg_controllen = sizeof(control)};
		n = recvmsg(tap->sock, &msg, MSG_TRUNC);
		if (n < 0) {
			if (errno == EINTR || errno == ENETDOWN)
				continue;
			return errno == EAGAIN;
		}
		when = message_time(&msg);
		head.s = (uint32_t)when.tv_sec;
		head.ns = (uint32_t)when.tv_nsec;
		head.original = (uint32_t)n;
		head.stored = n > SNAPLEN ? SNAPLEN : (uint32_t)n;
		out[0] = (struct iovec){.iov_base = &head, .iov_len = sizeof(head)};
		out[1] = (struct iovec){.iov_base = packet, .iov_len = head.stored};
		if (writev(tap->file, out, 2) < 0)
			die("write");
	}
}

static int open_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* An interrupt key is meant for the program that runs the lab, which will end us. */
	signal(SIGINT, SIG_IGN);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0)
		die("signalfd");
	return fd;
}

static void sync_all(const struct tap *taps, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		tap_drain(&taps[i]);
		fdatasync(taps[i].file);
	}
}

static void run(const struct tap *taps, int count, int signals)
{
	struct signalfd_siginfo info;
	struct pollfd fds[TAPS_MAX + 1];
	int i;

	for (i = 0; i < count; i++)
		fds[i] = (struct pollfd){.fd = taps[i].sock, .events = POLLIN};
	fds[count] = (struct pollfd){.fd = signals, .events = POLLIN};
	for (;;) {
		if (poll(fds, (nfds_t)count + 1, -1) < 0 && errno != EINTR)
			die("poll");
		for (i = 0; i < count; i++)
			if (fds[i].revents && !tap_drain(&taps[i]))
				fds[i].fd = -1;
		if (!(fds[count].revents & POLLIN))
			continue;
		if (read(signals, &info, sizeof(info)) != sizeof(info))
			die("signalfd");
		sync_all(taps, count);
		if (info.ssi_signo == SIGTERM)
			return;
		say("synced\n");
	}
}

int main(int argc, char **argv)
{
	struct tap taps[TAPS_MAX];
	int count = (argc - 1) / 3;
	int signals, i;

	if (argc < 4 || (argc - 1) % 3 || count > TAPS_MAX) {
		fprintf(stderr, "usage: sniff NETNS INTERFACE FILE [NETNS INTERFACE FILE]...\n");
		return 2;
	}
	signals = open_signals();
	for (i = 0; i < count; i++)
		tap_open(&taps[i], argv[1 + 3 * i], argv[2 + 3 * i], argv[3 + 3 * i]);
	say("ready\n");
	run(taps, count, signals);
	return 0;
}
