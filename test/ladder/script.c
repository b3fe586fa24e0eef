// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a script makes a box say, well formed or not, from addresses that need
 * not be its own.
 */
#include <string.h>

#include "core/auth.h"
#include "test/ladder/world.h"

void ladder_hear(struct box *b, ladder_hear_fn *fn, void *ctx)
{
	b->mobility = true;
	b->hear = fn;
	b->hear_ctx = ctx;
}

void ladder_send_packet(struct box *b, struct packet *p)
{
	record_sent(b, p);
	box_output(b, p, 0, true);
}

static void send_at(struct box *b, const struct mip6_path *path, uint8_t proto, uint8_t hop_limit,
		    const void *data, size_t len)
{
	struct packet *p = packet_new(&path->local, &path->peer, proto, data, len);
	uint32_t ifindex = path->ifindex;

	if (!ifindex && (addr_is_linklocal(&path->peer) || addr_is_multicast(&path->peer)) &&
	    !TAILQ_EMPTY(&b->ifaces))
		ifindex = TAILQ_FIRST(&b->ifaces)->ifindex;
	p->hop_limit = hop_limit;
	if (!addr_is_unspecified(&path->local_home)) {
		p->has_hao = true;
		p->hao = path->local_home;
	}
	if (!addr_is_unspecified(&path->peer_home)) {
		p->has_rh2 = true;
		p->rh2_left = 1;
		p->rh2 = path->peer_home;
	}
	box_output(b, p, ifindex, true);
}

void ladder_send_raw(struct box *b, const struct mip6_path *path, uint8_t proto, const void *data,
		     size_t len)
{
	send_at(b, path, proto, 64, data, len);
}

static void check_encoded(const struct box *b, int len)
{
	if (len < 0)
		ladder_fail(b->L, __FILE__, __LINE__, "a message of the script cannot be encoded");
}

void ladder_send_mh(struct box *b, const struct mip6_path *path, const struct mh_msg *msg)
{
	uint8_t buf[MH_LEN_MAX];
	int len = mh_encode(msg, path_local_id(path), path_peer_id(path), buf, sizeof(buf));

	check_encoded(b, len);
	send_at(b, path, WIRE_PROTO_MH, 64, buf, (size_t)len);
}

void ladder_send_mh_auth(struct box *b, const struct mip6_path *path, const struct mh_msg *msg,
			 const uint8_t *kbm, size_t kbm_len, const struct in6_addr *coa,
			 const struct in6_addr *cn)
{
	const struct in6_addr *src = path_local_id(path), *dst = path_peer_id(path);
	uint8_t buf[MH_LEN_MAX], value[MH_AUTHENTICATOR_LEN];
	struct mh_msg with = *msg;
	size_t at;
	int len;

	with.opts.present |= MH_HAS_AUTH_DATA;
	memset(with.opts.authenticator, 0, sizeof(with.opts.authenticator));
	len = mh_encode(&with, src, dst, buf, sizeof(buf));
	check_encoded(b, len);
	at = (size_t)len - sizeof(value);
	check_encoded(b, auth_compute(kbm, kbm_len, coa, cn, buf, (size_t)len, at, value));
	check_encoded(b, mh_seal(buf, (size_t)len, at, value, sizeof(value), src, dst));
	send_at(b, path, WIRE_PROTO_MH, 64, buf, (size_t)len);
}

void ladder_send_icmp6(struct box *b, const struct mip6_path *path, const struct icmp6_msg *msg)
{
	uint8_t buf[ICMP6_LEN_MAX];
	int len = icmp6_encode(msg, path_local_id(path), path_peer_id(path), buf, sizeof(buf));

	check_encoded(b, len);
	send_at(b, path, WIRE_PROTO_ICMPV6, 64, buf, (size_t)len);
}

void ladder_send_nd(struct box *b, const struct mip6_path *path, const struct nd_msg *msg)
{
	uint8_t buf[ND_LEN_MAX];
	int len = nd_encode(msg, &path->local, &path->peer, buf, sizeof(buf));

	check_encoded(b, len);
	send_at(b, path, WIRE_PROTO_ICMPV6, ND_HOP_LIMIT, buf, (size_t)len);
}

struct in6_addr ip6(const char *text)
{
	struct in6_addr a = { 0 };

	if (addr_parse(text, &a))
		ladder_fail(NULL, __FILE__, __LINE__, "not an address: %s", text);
	return a;
}
