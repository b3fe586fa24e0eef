// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What tests need around golden packets: hexadecimal text, addresses, and
 * comparison of messages by meaning. Messages are compared field by field, only
 * where the presence bits and counts say that a field means something.
 */
#include "golden/golden.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

size_t golden_bytes(const char *hex, uint8_t *out, size_t size)
{
	size_t n = 0;

	while (*hex) {
		int high;
		int low;

		if (*hex == ' ') {
			hex++;
			continue;
		}
		high = hex_digit(hex[0]);
		low = high < 0 ? -1 : hex_digit(hex[1]);
		if (low < 0 || n == size) {
			fprintf(stderr, "golden: bad hexadecimal text at \"%.20s\"\n", hex);
			abort();
		}
		out[n++] = (uint8_t)(high << 4 | low);
		hex += 2;
	}
	return n;
}

struct in6_addr golden_addr(const char *text)
{
	struct in6_addr a;

	if (inet_pton(AF_INET6, text, &a) != 1) {
		fprintf(stderr, "golden: bad address \"%s\"\n", text);
		abort();
	}
	return a;
}

struct nd_packet golden_nd_packet(const struct golden_nd *g)
{
	return (struct nd_packet){
		.src = golden_addr(g->src),
		.dst = golden_addr(g->dst),
		.hop_limit = ND_HOP_LIMIT,
	};
}

static bool same_addr(const struct in6_addr *a, const struct in6_addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool same_authentication(const struct mh_authentication *a,
				const struct mh_authentication *b)
{
	return a->subtype == b->subtype && a->spi == b->spi && a->len == b->len &&
	       memcmp(a->data, b->data, a->len) == 0;
}

static bool same_bid(const struct mh_bid *a, const struct mh_bid *b)
{
	if (a->bid != b->bid || a->status != b->status || a->home != b->home || a->kind != b->kind)
		return false;
	if (a->kind == MH_BID_COA_V4)
		return a->coa4.s_addr == b->coa4.s_addr;
	return a->kind != MH_BID_COA_V6 || same_addr(&a->coa6, &b->coa6);
}

static bool same_lists(const struct mh_options *a, const struct mh_options *b)
{
	unsigned int i;

	if (a->mnp_count != b->mnp_count || a->bid_count != b->bid_count ||
	    a->authentication_count != b->authentication_count)
		return false;
	for (i = 0; i < a->mnp_count; i++) {
		if (a->mnp[i].len != b->mnp[i].len || !same_addr(&a->mnp[i].addr, &b->mnp[i].addr))
			return false;
	}
	for (i = 0; i < a->bid_count; i++) {
		if (!same_bid(&a->bid[i], &b->bid[i]))
			return false;
	}
	for (i = 0; i < a->authentication_count; i++) {
		if (!same_authentication(&a->authentication[i], &b->authentication[i]))
			return false;
	}
	return true;
}

static bool same_mh_options(const struct mh_options *a, const struct mh_options *b)
{
	if (a->present != b->present || !same_lists(a, b))
		return false;
	if (mh_has(a, MH_HAS_REFRESH) && a->refresh_s != b->refresh_s)
		return false;
	if (mh_has(a, MH_HAS_ALT_COA) && !same_addr(&a->alt_coa, &b->alt_coa))
		return false;
	if (mh_has(a, MH_HAS_NONCES) &&
	    (a->home_nonce != b->home_nonce || a->careof_nonce != b->careof_nonce))
		return false;
	if (mh_has(a, MH_HAS_AUTH_DATA) &&
	    memcmp(a->authenticator, b->authenticator, MH_AUTHENTICATOR_LEN) != 0)
		return false;
	if (mh_has(a, MH_HAS_MN_ID) &&
	    (a->mn_id.subtype != b->mn_id.subtype || a->mn_id.len != b->mn_id.len ||
	     memcmp(a->mn_id.id, b->mn_id.id, a->mn_id.len) != 0))
		return false;
	return !mh_has(a, MH_HAS_REPLAY) || a->replay_ntp == b->replay_ntp;
}

static bool same_test(const struct mh_test *a, const struct mh_test *b)
{
	return a->nonce_index == b->nonce_index &&
	       memcmp(a->cookie, b->cookie, MH_COOKIE_LEN) == 0 &&
	       memcmp(a->token, b->token, MH_TOKEN_LEN) == 0;
}

bool golden_mh_equal(const struct mh_msg *a, const struct mh_msg *b)
{
	if (a->type != b->type || !same_mh_options(&a->opts, &b->opts))
		return false;
	switch (a->type) {
	case MH_BRR:
		return true;
	case MH_HOTI:
		return memcmp(a->hoti.cookie, b->hoti.cookie, MH_COOKIE_LEN) == 0;
	case MH_COTI:
		return memcmp(a->coti.cookie, b->coti.cookie, MH_COOKIE_LEN) == 0;
	case MH_HOT:
		return same_test(&a->hot, &b->hot);
	case MH_COT:
		return same_test(&a->cot, &b->cot);
	case MH_BU:
		return a->bu.seq == b->bu.seq && a->bu.flags == b->bu.flags &&
		       a->bu.lifetime_s == b->bu.lifetime_s;
	case MH_BA:
		return a->ba.status == b->ba.status && a->ba.flags == b->ba.flags &&
		       a->ba.seq == b->ba.seq && a->ba.lifetime_s == b->ba.lifetime_s;
	case MH_BE:
		return a->be.status == b->be.status && same_addr(&a->be.home, &b->be.home);
	}
	return false;
}

static bool same_prefix_info(const struct nd_prefix_info *a, const struct nd_prefix_info *b)
{
	return same_addr(&a->addr, &b->addr) && a->prefix_len == b->prefix_len &&
	       a->on_link == b->on_link && a->autonomous == b->autonomous &&
	       a->router_address == b->router_address && a->valid_s == b->valid_s &&
	       a->preferred_s == b->preferred_s;
}

static bool same_prefixes(const struct nd_prefix_info *a, const struct nd_prefix_info *b,
			  unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (!same_prefix_info(&a[i], &b[i]))
			return false;
	}
	return true;
}

static bool same_agents(const struct icmp6_dhaad_reply *a, const struct icmp6_dhaad_reply *b)
{
	return a->count == b->count &&
	       memcmp(a->agent, b->agent, a->count * sizeof(a->agent[0])) == 0;
}

bool golden_icmp6_equal(const struct icmp6_msg *a, const struct icmp6_msg *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case ICMP6_MSG_UNREACHABLE:
	case ICMP6_MSG_TOO_BIG:
	case ICMP6_MSG_TIME_EXCEEDED:
	case ICMP6_MSG_PARAM_PROBLEM:
		return a->error.code == b->error.code && a->error.value == b->error.value &&
		       a->error.packet_len == b->error.packet_len &&
		       (a->error.packet_len == 0 ||
			memcmp(a->error.packet, b->error.packet, a->error.packet_len) == 0);
	case ICMP6_MSG_DHAAD_REQUEST:
		return a->dhaad_request.id == b->dhaad_request.id &&
		       a->dhaad_request.mobile_router == b->dhaad_request.mobile_router;
	case ICMP6_MSG_DHAAD_REPLY:
		return a->dhaad_reply.id == b->dhaad_reply.id &&
		       a->dhaad_reply.mobile_router == b->dhaad_reply.mobile_router &&
		       same_agents(&a->dhaad_reply, &b->dhaad_reply);
	case ICMP6_MSG_MPS:
		return a->mps.id == b->mps.id;
	case ICMP6_MSG_MPA:
		return a->mpa.id == b->mpa.id && a->mpa.managed == b->mpa.managed &&
		       a->mpa.other == b->mpa.other && a->mpa.count == b->mpa.count &&
		       same_prefixes(a->mpa.prefix, b->mpa.prefix, a->mpa.count);
	}
	return false;
}

static bool same_lladdr(const struct nd_lladdr *a, const struct nd_lladdr *b)
{
	return a->len == b->len && memcmp(a->addr, b->addr, a->len) == 0;
}

static bool same_routes(const struct nd_options *a, const struct nd_options *b)
{
	unsigned int i;

	if (a->route_count != b->route_count)
		return false;
	for (i = 0; i < a->route_count; i++) {
		const struct nd_route_info *x = &a->route[i];
		const struct nd_route_info *y = &b->route[i];

		if (!same_addr(&x->prefix, &y->prefix) || x->prefix_len != y->prefix_len ||
		    x->preference != y->preference || x->lifetime_s != y->lifetime_s)
			return false;
	}
	return true;
}

static bool same_nd_options(const struct nd_options *a, const struct nd_options *b)
{
	if (a->present != b->present || a->prefix_count != b->prefix_count)
		return false;
	if (nd_has(a, ND_HAS_SLLA) && !same_lladdr(&a->slla, &b->slla))
		return false;
	if (nd_has(a, ND_HAS_TLLA) && !same_lladdr(&a->tlla, &b->tlla))
		return false;
	if (nd_has(a, ND_HAS_MTU) && a->mtu != b->mtu)
		return false;
	if (nd_has(a, ND_HAS_ADV_INTERVAL) && a->adv_interval_ms != b->adv_interval_ms)
		return false;
	if (nd_has(a, ND_HAS_HA_INFO) && (a->ha_info.preference != b->ha_info.preference ||
					  a->ha_info.lifetime_s != b->ha_info.lifetime_s ||
					  a->ha_info.mobile_routers != b->ha_info.mobile_routers))
		return false;
	return same_prefixes(a->prefix, b->prefix, a->prefix_count) && same_routes(a, b);
}

static bool same_ra(const struct nd_ra *a, const struct nd_ra *b)
{
	return a->cur_hop_limit == b->cur_hop_limit && a->managed == b->managed &&
	       a->other == b->other && a->home_agent == b->home_agent &&
	       a->preference == b->preference && a->lifetime_s == b->lifetime_s &&
	       a->reachable_ms == b->reachable_ms && a->retrans_ms == b->retrans_ms;
}

bool golden_nd_equal(const struct nd_msg *a, const struct nd_msg *b)
{
	if (a->type != b->type || !same_nd_options(&a->opts, &b->opts))
		return false;
	switch (a->type) {
	case ND_RS:
		return true;
	case ND_RA:
		return same_ra(&a->ra, &b->ra);
	case ND_NS:
		return same_addr(&a->ns.target, &b->ns.target);
	case ND_NA:
		return same_addr(&a->na.target, &b->na.target) && a->na.router == b->na.router &&
		       a->na.solicited == b->na.solicited && a->na.override == b->na.override;
	}
	return false;
}
