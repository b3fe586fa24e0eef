// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The frames that haload sends and reads: a Binding Update from a care-of address with the
 * home address in an option (RFC 6275 6.1.7, 11.7.1), and a Binding Acknowledgement to the
 * care-of address with the home address in a routing header (6.1.8, 9.5.4). Whole Ethernet
 * frames through a packet socket, so that the kernel of the mobile nodes' side needs none of
 * their addresses. A filter on the socket lets only acknowledgements up.
 */
#include "haload.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "wire/ext.h"
#include "wire/mh.h"

#define RCVBUF_BYTES (64 << 20)
#define HOP_LIMIT    64

static void die(const char *what)
{
	fprintf(stderr, "haload: %s: %s\n", what, strerror(errno));
	exit(1);
}

struct in6_addr frame_home(const struct wire_ends *w, uint32_t node)
{
	struct in6_addr a = w->home;
	uint32_t id = htonl(node + 1);

	a.s6_addr[8] = 0x02; /* no number is one of the reserved identifiers */
	memcpy(a.s6_addr + 12, &id, sizeof(id));
	return a;
}

struct in6_addr frame_away(const struct wire_ends *w, uint32_t node, uint16_t place)
{
	struct in6_addr a = w->away;
	uint32_t id = htonl(node + 1);

	place = htons(place);
	memcpy(a.s6_addr + 6, &place, sizeof(place));
	memcpy(a.s6_addr + 12, &id, sizeof(id));
	return a;
}

/* Only what comes in and has a routing header: acknowledgements, in this lab. */
static void set_filter(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETHERTYPE_IPV6, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 14 + 6),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ROUTING, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0)
		die("filter");
}

void frame_open(struct wire_ends *w, const char *interface)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IPV6) };
	struct ifreq r = { .ifr_name = "" };
	int bytes = RCVBUF_BYTES;
	int on = 1;

	/* Protocol 0: nothing comes before the filter is there. */
	w->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (w->fd < 0)
		die("socket");
	set_filter(w->fd);
	strncpy(r.ifr_name, interface, sizeof(r.ifr_name) - 1);
	if (ioctl(w->fd, SIOCGIFHWADDR, &r) < 0)
		die(interface);
	memcpy(w->own_mac, r.ifr_hwaddr.sa_data, ETH_ALEN);
	at.sll_ifindex = (int)if_nametoindex(interface);
	if (setsockopt(w->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0 ||
	    setsockopt(w->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0 ||
	    setsockopt(w->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0 ||
	    bind(w->fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		die("packet socket");
}

void frame_make(const struct wire_ends *w, const struct update *u, uint8_t frame[FRAME_LEN])
{
	struct mh_msg msg = { .type = MH_BU,
			      .bu = { .seq = u->seq,
				      .flags = MH_BU_A | MH_BU_H,
				      .lifetime_s = u->lifetime_s } };
	uint8_t *ip = frame + 14;
	int len = mh_encode(&msg, &u->hoa, &w->agent, ip + 40 + EXT_HAO_LEN, 16);

	if (len != 16) {
		fprintf(stderr, "haload: a Binding Update of %d bytes\n", len);
		exit(1);
	}
	memcpy(frame, w->agent_mac, ETH_ALEN);
	memcpy(frame + ETH_ALEN, w->own_mac, ETH_ALEN);
	frame[12] = ETHERTYPE_IPV6 >> 8;
	frame[13] = ETHERTYPE_IPV6 & 0xff;
	memset(ip, 0, 40);
	ip[0] = 6 << 4;
	ip[5] = EXT_HAO_LEN + 16;
	ip[6] = IPPROTO_DSTOPTS;
	ip[7] = HOP_LIMIT;
	memcpy(ip + 8, &u->coa, sizeof(u->coa));
	memcpy(ip + 24, &w->agent, sizeof(w->agent));
	ext_encode_hao(WIRE_PROTO_MH, &u->hoa, ip + 40);
}

bool frame_read(const struct wire_ends *w, const uint8_t *data, size_t len, struct answer *out)
{
	const uint8_t *ip = data + 14, *mh = ip + 40 + EXT_RH2_LEN;
	struct in6_addr src;
	struct wire_error err;
	struct mh_msg msg;
	uint8_t left;

	if (len < FRAME_HEADERS + EXT_RH2_LEN + 8 || ip[6] != IPPROTO_ROUTING ||
	    ip[40] != WIRE_PROTO_MH)
		return false;
	len -= FRAME_HEADERS + EXT_RH2_LEN;
	memcpy(&src, ip + 8, sizeof(src));
	memcpy(&out->coa, ip + 24, sizeof(out->coa));
	if (memcmp(&src, &w->agent, sizeof(src)) != 0 ||
	    ext_decode_rh2(ip + 40, EXT_RH2_LEN, &out->hoa, &left, &err) != WIRE_OK || left != 1 ||
	    !mh_checksum_ok(&src, &out->hoa, mh, len) ||
	    mh_decode(mh, len, &msg, &err) != WIRE_OK || msg.type != MH_BA)
		return false;
	out->status = msg.ba.status;
	out->seq = msg.ba.seq;
	out->lifetime_s = msg.ba.lifetime_s;
	return true;
}
