// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Decoded messages as JSON. Addresses are text, byte strings hexadecimal digits,
 * flags their letters or booleans, and units those of the structs.
 */
#include "golden/dump.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static void put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static json_t *addr_json(const struct in6_addr *a)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, a, text, sizeof(text));
	return json_string(text);
}

json_t *dump_bytes(const uint8_t *bytes, size_t len)
{
	char text[2 * 2048 + 1];
	size_t i;

	if (len > 2048)
		return json_null();
	text[0] = '\0';
	for (i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return json_string(text);
}

static json_t *bid_json(const struct mh_bid *bid)
{
	char text[INET_ADDRSTRLEN];
	json_t *o = json_object();

	put(o, "bid", json_integer(bid->bid));
	put(o, "status", json_integer(bid->status));
	put(o, "home", json_boolean(bid->home));
	switch (bid->kind) {
	case MH_BID_NO_COA:
		break;
	case MH_BID_COA_V4:
		inet_ntop(AF_INET, &bid->coa4, text, sizeof(text));
		put(o, "coa4", json_string(text));
		break;
	case MH_BID_COA_V6:
		put(o, "coa6", addr_json(&bid->coa6));
		break;
	case MH_BID_COA_BAD:
		put(o, "malformed", json_true());
		break;
	}
	return o;
}

static void put_lists(json_t *o, const struct mh_options *opts)
{
	json_t *list;
	unsigned int i;

	if (mh_has(opts, MH_HAS_MNP)) {
		list = json_array();
		for (i = 0; i < opts->mnp_count; i++) {
			json_t *mnp = json_object();

			put(mnp, "prefix", addr_json(&opts->mnp[i].addr));
			put(mnp, "len", json_integer(opts->mnp[i].len));
			json_array_append_new(list, mnp);
		}
		put(o, "mnp", list);
	}
	if (mh_has(opts, MH_HAS_BID)) {
		list = json_array();
		for (i = 0; i < opts->bid_count; i++)
			json_array_append_new(list, bid_json(&opts->bid[i]));
		put(o, "bid", list);
	}
	if (mh_has(opts, MH_HAS_AUTHENTICATION)) {
		list = json_array();
		for (i = 0; i < opts->authentication_count; i++) {
			const struct mh_authentication *a = &opts->authentication[i];
			json_t *auth = json_object();

			put(auth, "subtype", json_integer(a->subtype));
			put(auth, "spi", json_integer(a->spi));
			put(auth, "data", dump_bytes(a->data, a->len));
			json_array_append_new(list, auth);
		}
		put(o, "authentication", list);
	}
}

static json_t *mh_options_json(const struct mh_options *opts)
{
	json_t *o = json_object();

	if (mh_has(opts, MH_HAS_REFRESH))
		put(o, "refresh_s", json_integer(opts->refresh_s));
	if (mh_has(opts, MH_HAS_ALT_COA))
		put(o, "alt_coa", addr_json(&opts->alt_coa));
	if (mh_has(opts, MH_HAS_NONCES)) {
		put(o, "home_nonce", json_integer(opts->home_nonce));
		put(o, "careof_nonce", json_integer(opts->careof_nonce));
	}
	if (mh_has(opts, MH_HAS_AUTH_DATA)) {
		put(o, "authenticator", dump_bytes(opts->authenticator, MH_AUTHENTICATOR_LEN));
		put(o, "auth_not_last", json_boolean(opts->auth_not_last));
	}
	if (mh_has(opts, MH_HAS_MN_ID)) {
		put(o, "mn_id_subtype", json_integer(opts->mn_id.subtype));
		put(o, "mn_id", dump_bytes(opts->mn_id.id, opts->mn_id.len));
	}
	if (mh_has(opts, MH_HAS_REPLAY)) {
		uint64_t ntp = opts->replay_ntp;

		put(o, "replay_seconds", json_integer((json_int_t)(ntp >> 32)));
		put(o, "replay_fraction", json_integer((json_int_t)(ntp & 0xffffffff)));
	}
	put_lists(o, opts);
	if (opts->unknown)
		put(o, "unknown", json_integer(opts->unknown));
	return o;
}

static void put_test(json_t *o, const struct mh_test *test)
{
	put(o, "nonce_index", json_integer(test->nonce_index));
	put(o, "cookie", dump_bytes(test->cookie, MH_COOKIE_LEN));
	put(o, "token", dump_bytes(test->token, MH_TOKEN_LEN));
}

json_t *dump_mh(const struct mh_msg *msg)
{
	struct mh_flags_buf flags;
	json_t *o = json_object();

	put(o, "type", json_integer(msg->type));
	switch (msg->type) {
	case MH_BRR:
		break;
	case MH_HOTI:
		put(o, "cookie", dump_bytes(msg->hoti.cookie, MH_COOKIE_LEN));
		break;
	case MH_COTI:
		put(o, "cookie", dump_bytes(msg->coti.cookie, MH_COOKIE_LEN));
		break;
	case MH_HOT:
		put_test(o, &msg->hot);
		break;
	case MH_COT:
		put_test(o, &msg->cot);
		break;
	case MH_BU:
		put(o, "seq", json_integer(msg->bu.seq));
		put(o, "flags", json_string(mh_bu_flags_text(msg->bu.flags, &flags)));
		put(o, "lifetime_s", json_integer(msg->bu.lifetime_s));
		break;
	case MH_BA:
		put(o, "status", json_integer(msg->ba.status));
		put(o, "flags", json_string(mh_ba_flags_text(msg->ba.flags, &flags)));
		put(o, "seq", json_integer(msg->ba.seq));
		put(o, "lifetime_s", json_integer(msg->ba.lifetime_s));
		break;
	case MH_BE:
		put(o, "status", json_integer(msg->be.status));
		put(o, "home", addr_json(&msg->be.home));
		break;
	}
	put(o, "options", mh_options_json(&msg->opts));
	return o;
}

static json_t *prefixes_json(const struct nd_prefix_info *info, unsigned int count)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < count; i++, info++) {
		json_t *o = json_object();

		put(o, "prefix", addr_json(&info->addr));
		put(o, "len", json_integer(info->prefix_len));
		put(o, "on_link", json_boolean(info->on_link));
		put(o, "autonomous", json_boolean(info->autonomous));
		put(o, "router_address", json_boolean(info->router_address));
		put(o, "valid_s", json_integer(info->valid_s));
		put(o, "preferred_s", json_integer(info->preferred_s));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *agents_json(const struct icmp6_dhaad_reply *reply)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < reply->count; i++)
		json_array_append_new(list, addr_json(&reply->agent[i]));
	return list;
}

json_t *dump_icmp6(const struct icmp6_msg *msg)
{
	json_t *o = json_object();

	put(o, "type", json_integer(msg->type));
	switch (msg->type) {
	case ICMP6_MSG_UNREACHABLE:
	case ICMP6_MSG_TOO_BIG:
	case ICMP6_MSG_TIME_EXCEEDED:
	case ICMP6_MSG_PARAM_PROBLEM:
		put(o, "code", json_integer(msg->error.code));
		put(o, "value", json_integer(msg->error.value));
		put(o, "packet", dump_bytes(msg->error.packet, msg->error.packet_len));
		break;
	case ICMP6_MSG_DHAAD_REQUEST:
		put(o, "id", json_integer(msg->dhaad_request.id));
		put(o, "mobile_router", json_boolean(msg->dhaad_request.mobile_router));
		break;
	case ICMP6_MSG_DHAAD_REPLY:
		put(o, "id", json_integer(msg->dhaad_reply.id));
		put(o, "mobile_router", json_boolean(msg->dhaad_reply.mobile_router));
		put(o, "agents", agents_json(&msg->dhaad_reply));
		break;
	case ICMP6_MSG_MPS:
		put(o, "id", json_integer(msg->mps.id));
		break;
	case ICMP6_MSG_MPA:
		put(o, "id", json_integer(msg->mpa.id));
		put(o, "managed", json_boolean(msg->mpa.managed));
		put(o, "other", json_boolean(msg->mpa.other));
		put(o, "prefixes", prefixes_json(msg->mpa.prefix, msg->mpa.count));
		break;
	}
	return o;
}

static json_t *routes_json(const struct nd_options *opts)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < opts->route_count; i++) {
		const struct nd_route_info *route = &opts->route[i];
		json_t *o = json_object();

		put(o, "prefix", addr_json(&route->prefix));
		put(o, "len", json_integer(route->prefix_len));
		put(o, "preference", json_integer(route->preference));
		put(o, "lifetime_s", json_integer(route->lifetime_s));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *nd_options_json(const struct nd_options *opts)
{
	json_t *o = json_object();

	if (nd_has(opts, ND_HAS_SLLA))
		put(o, "slla", dump_bytes(opts->slla.addr, opts->slla.len));
	if (nd_has(opts, ND_HAS_TLLA))
		put(o, "tlla", dump_bytes(opts->tlla.addr, opts->tlla.len));
	if (nd_has(opts, ND_HAS_MTU))
		put(o, "mtu", json_integer(opts->mtu));
	if (nd_has(opts, ND_HAS_ADV_INTERVAL))
		put(o, "adv_interval_ms", json_integer(opts->adv_interval_ms));
	if (nd_has(opts, ND_HAS_HA_INFO)) {
		put(o, "ha_preference", json_integer(opts->ha_info.preference));
		put(o, "ha_lifetime_s", json_integer(opts->ha_info.lifetime_s));
		put(o, "ha_mobile_routers", json_boolean(opts->ha_info.mobile_routers));
	}
	if (nd_has(opts, ND_HAS_PREFIX))
		put(o, "prefixes", prefixes_json(opts->prefix, opts->prefix_count));
	if (nd_has(opts, ND_HAS_ROUTE))
		put(o, "routes", routes_json(opts));
	return o;
}

json_t *dump_nd(const struct nd_msg *msg)
{
	json_t *o = json_object();

	put(o, "type", json_integer(msg->type));
	switch (msg->type) {
	case ND_RS:
		break;
	case ND_RA:
		put(o, "cur_hop_limit", json_integer(msg->ra.cur_hop_limit));
		put(o, "managed", json_boolean(msg->ra.managed));
		put(o, "other", json_boolean(msg->ra.other));
		put(o, "home_agent", json_boolean(msg->ra.home_agent));
		put(o, "preference", json_integer(msg->ra.preference));
		put(o, "lifetime_s", json_integer(msg->ra.lifetime_s));
		put(o, "reachable_ms", json_integer(msg->ra.reachable_ms));
		put(o, "retrans_ms", json_integer(msg->ra.retrans_ms));
		break;
	case ND_NS:
		put(o, "target", addr_json(&msg->ns.target));
		break;
	case ND_NA:
		put(o, "target", addr_json(&msg->na.target));
		put(o, "router", json_boolean(msg->na.router));
		put(o, "solicited", json_boolean(msg->na.solicited));
		put(o, "override", json_boolean(msg->na.override));
		break;
	}
	put(o, "options", nd_options_json(&msg->opts));
	return o;
}
