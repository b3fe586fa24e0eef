// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Outboxes: messages that may wait until the end of the turn, to leave a socket together.
 * A home agent that has a hundred registrations to acknowledge and their home addresses to
 * announce (RFC 6275 10.3.1, 10.4.1) does it by a few system calls. Whoever puts a message
 * in does not hear what became of it: a refusal is counted, and the message is lost, as on
 * any network. Called by socket.c; emptied by a hook of the loop, behind all that sends in
 * hooks of its own.
 */
#include "os/linux.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/mip6.h"

#define LETTERS	    64	/* of one system call */
#define NAME_MAX_LEN 32
#define CONTROL_LEN 192
#define DATA_LEN    160 /* what is longer does not wait */

struct letter {
	uint8_t name[NAME_MAX_LEN] __attribute__((aligned(8)));
	uint8_t control[CONTROL_LEN] __attribute__((aligned(8)));
	uint8_t data[DATA_LEN];
	struct iovec iov;
};

struct outbox {
	struct os *os;
	int fd; /* not owned */
	unsigned int count;
	struct mmsghdr headers[LETTERS];
	struct letter letters[LETTERS];
};

struct outbox *outbox_new(struct os *os, int fd)
{
	struct outbox *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->os = os;
	b->fd = fd;
	return b;
}

void outbox_free(struct outbox *b)
{
	if (b)
		outbox_empty(b);
	free(b);
}

void outbox_empty(struct outbox *b)
{
	unsigned int at = 0;

	while (at < b->count) {
		int n = sendmmsg(b->fd, b->headers + at, b->count - at, MSG_DONTWAIT);

		if (n > 0) {
			at += (unsigned int)n;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (b->os->kernel.mip6) /* the first of them was refused */
			mip6_on_unsent(b->os->kernel.mip6, -errno);
		at++;
	}
	b->count = 0;
}

int outbox_put(struct outbox *b, const struct msghdr *m)
{
	struct letter *l;
	size_t len = 0;

	for (size_t i = 0; i < m->msg_iovlen; i++)
		len += m->msg_iov[i].iov_len;
	if (len > DATA_LEN || m->msg_namelen > NAME_MAX_LEN || m->msg_controllen > CONTROL_LEN)
		return sendmsg(b->fd, m, MSG_DONTWAIT) < 0 ? -errno : 0;
	if (b->count == LETTERS)
		outbox_empty(b);
	l = &b->letters[b->count];
	len = 0;
	for (size_t i = 0; i < m->msg_iovlen; i++) {
		memcpy(l->data + len, m->msg_iov[i].iov_base, m->msg_iov[i].iov_len);
		len += m->msg_iov[i].iov_len;
	}
	memcpy(l->name, m->msg_name, m->msg_namelen);
	if (m->msg_controllen)
		memcpy(l->control, m->msg_control, m->msg_controllen);
	l->iov = (struct iovec){ l->data, len };
	b->headers[b->count++].msg_hdr = (struct msghdr){
		.msg_name = l->name,
		.msg_namelen = m->msg_namelen,
		.msg_iov = &l->iov,
		.msg_iovlen = 1,
		.msg_control = m->msg_controllen ? l->control : NULL,
		.msg_controllen = m->msg_controllen,
	};
	return 0;
}
