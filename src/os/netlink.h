// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Netlink, the little of it that this room needs beside libmnl: a checked writer
 * of one message, a checked reader of attributes, sockets that know their own
 * port, and requests that wait for their answer. Private to os/.
 */
#ifndef OS_NETLINK_H
#define OS_NETLINK_H

#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

/* --- writing ---------------------------------------------------------- */

/* One message in the making. `room` is what may be used from `h` on. */
struct nl_msg {
	struct nlmsghdr *h;
	size_t room;
	bool bad; /* sticky: something did not fit */
};

/* Begins a message at `buf`, which must be aligned to 4 bytes. */
void nl_msg_init(struct nl_msg *m, void *buf, size_t room);
/* Sets type and flags (NLM_F_REQUEST is added), once, before anything else. */
void nl_msg_type(struct nl_msg *m, uint16_t type, uint16_t flags);
/* A zeroed structure of the message's family header; NULL when it does not fit. */
void *nl_msg_fixed(struct nl_msg *m, size_t len);
void nl_put(struct nl_msg *m, uint16_t type, const void *data, size_t len);
void nl_put_u8(struct nl_msg *m, uint16_t type, uint8_t v);
void nl_put_u16(struct nl_msg *m, uint16_t type, uint16_t v);
void nl_put_u32(struct nl_msg *m, uint16_t type, uint32_t v);
void nl_put_be16(struct nl_msg *m, uint16_t type, uint16_t v);
void nl_put_str(struct nl_msg *m, uint16_t type, const char *text);
void nl_put_addr(struct nl_msg *m, uint16_t type, const struct in6_addr *a);
/* Returns where the nest begins, for nl_nest_end(); NULL when it does not fit. */
struct nlattr *nl_nest(struct nl_msg *m, uint16_t type);
void nl_nest_end(struct nl_msg *m, struct nlattr *nest);

/* --- reading ---------------------------------------------------------- */

/* The structure behind the header, NULL when the message is shorter. */
const void *nl_fixed(const struct nlmsghdr *h, size_t len);
/* Attributes behind `fixed` bytes, by type, into tb[0..max]; those of higher type
 * are left out. False when the message is shorter than `fixed`. */
bool nl_attrs(const struct nlmsghdr *h, size_t fixed, const struct nlattr **tb, size_t max);
/* The same inside an attribute; all NULL when `nest` is NULL. */
void nl_attrs_nested(const struct nlattr *nest, const struct nlattr **tb, size_t max);
/* Values; the default when the attribute is not there or too short. */
uint8_t nl_u8(const struct nlattr *a, uint8_t dflt);
uint16_t nl_u16(const struct nlattr *a, uint16_t dflt);
uint32_t nl_u32(const struct nlattr *a, uint32_t dflt);
/* False, and `out` is ::, when not there or not 16 bytes. */
bool nl_addr(const struct nlattr *a, struct in6_addr *out);
/* Payload of at least `len` bytes, or NULL. */
const void *nl_data(const struct nlattr *a, size_t len);
/* Copies text, cut to fit; "" when there is none. */
void nl_text(const struct nlattr *a, char *out, size_t size);

/* --- sockets ---------------------------------------------------------- */

struct nl_sock {
	int fd; /* -1: closed */
	uint32_t port;
	uint32_t seq; /* of the last message sent */
};

#define NL_SOCK_CLOSED { .fd = -1 }

/* Opens a non-blocking socket with extended errors. 0 or -errno. */
int nl_open(struct nl_sock *s, int protocol);
void nl_close(struct nl_sock *s);
/* Joins a multicast group. 0 or -errno. */
int nl_join(struct nl_sock *s, unsigned int group);
/* Asks for a receive buffer of that many bytes, beyond the limit if allowed. */
void nl_set_rcvbuf(int fd, int bytes);
/* The same for the send buffer, which limits how long one send() can be. */
void nl_set_sndbuf(int fd, int bytes);

#define NL_BUF_SIZE 32768 /* the kernel makes no larger datagram of a dump */

/* Reads one datagram that the kernel (port 0) sent into `buf`. Its length, 0 for
 * one from elsewhere (to be passed over), or -errno; -EAGAIN: none there. */
ssize_t nl_receive(const struct nl_sock *s, void *buf, size_t size);

/* The extended message in an error or acknowledgement, or NULL. */
const char *nl_error_text(const struct nlmsghdr *h);
/* The -errno in an NLMSG_ERROR, 0 for an acknowledgement. */
int nl_error_code(const struct nlmsghdr *h);

typedef int nl_fn(const struct nlmsghdr *h, void *ctx);

/* Sends the request and waits, at most two seconds, until it is answered: calls
 * `fn` (may be NULL) for every message of the answer. Ends with a non-zero value
 * of `fn`, with the kernel's -errno, or with 0. -EINTR: a dump that changed
 * underneath; it is worth another try. */
int nl_transact(struct nl_sock *s, struct nl_msg *m, nl_fn *fn, void *ctx);

#endif
