// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether a Binding Update with the Home Registration bit is discarded, refused,
 * or carried out; the tests stand in the order of RFC 6275: 9.5.1 (validity), then
 * 10.3.1 (registration) or 10.3.2 (deregistration), and the operator's limits where
 * 10.3.1 says "for any other reason". Pure: no state is changed here, nothing is
 * sent; registration.c gathers the facts and does what the verdict says. Tests in
 * test/unit/ha_verdict_test.c go through every line.
 *
 * "Silently discarded" is HA_DISCARD, counted by reason all the same.
 */
#include "ha/verdict.h"

#include <string.h>

#include "core/policy.h"

void ha_bu_read(const struct mip6_packet *p, const struct mh_msg *msg, struct ha_bu *out)
{
	memset(out, 0, sizeof(*out));
	out->path = p->path;
	out->has_hao = !addr_is_unspecified(&p->path.peer_home);
	out->hoa = *path_peer_id(&p->path);
	out->coa = mh_has(&msg->opts, MH_HAS_ALT_COA) ? msg->opts.alt_coa : p->path.peer;
	out->seq = msg->bu.seq;
	out->flags = msg->bu.flags;
	out->lifetime_s = msg->bu.lifetime_s;
	out->has_nonces = mh_has(&msg->opts, MH_HAS_NONCES);
}

static struct ha_verdict discard(enum counter counter, const char *reason)
{
	return (struct ha_verdict){ .action = HA_DISCARD, .counter = counter, .reason = reason };
}

static struct ha_verdict refuse(const struct ha_bu *bu, uint8_t status, enum counter counter,
				const char *reason)
{
	return (struct ha_verdict){ .action = HA_REFUSE,
				    .status = status,
				    .seq = bu->seq,
				    .counter = counter,
				    .reason = reason };
}

/* The binding is there for our peers to see, not merely its sequence number. */
static bool is_kept(const struct binding *b)
{
	return b && b->state != BINDING_MEMORY;
}

/* The answer to the last update has not left yet. */
static bool answer_waits(const struct binding *b)
{
	switch (b->state) {
	case BINDING_DAD:
	case BINDING_INSTALLING:
	case BINDING_REMOVING:
		return true;
	case BINDING_NEW:
	case BINDING_ACTIVE:
	case BINDING_MEMORY:
		break;
	}
	return b->probe != NULL;
}

/* The form of the message, as far as 9.2 and the decoder have not seen to it. */
static bool form_is_bad(const struct ha_bu *bu, const struct ha_facts *f, struct ha_verdict *out)
{
	/* 9.5.4: without a unicast source there is nobody to answer. */
	if (!addr_is_routable_unicast(&bu->path.peer))
		*out = discard(COUNT_BU_BAD_COA, "source is not unicast and routable");
	/* The answer comes from the address that was asked, so that must be unicast. */
	else if (!f->local_is_ours)
		*out = discard(COUNT_BU_IGNORED, "not sent to a unicast address of ours");
	else if (!addr_is_routable_unicast(&bu->hoa)) /* 9.5.1 */
		*out = discard(COUNT_BU_BAD_HAO, "home address is not unicast and routable");
	else if (bu->has_nonces) /* 9.5.1: MUST NOT be present with the H bit */
		*out = discard(COUNT_BU_IGNORED, "nonce indices in a home registration");
	else if (!addr_is_routable_unicast(&bu->coa)) /* 6.1.7 */
		*out = discard(COUNT_BU_BAD_COA, "care-of address is not unicast and routable");
	else if (f->too_fast)
		*out = discard(COUNT_BU_RATE, "above the permitted rate");
	else
		return false;
	return true;
}

/* 9.5.1: sequence number, then kind of registration. */
static bool order_is_bad(const struct ha_bu *bu, const struct binding *b, struct ha_verdict *out)
{
	if (b && b->seq_known && !seq_newer(bu->seq, b->seq)) {
		if (b->kind == BINDING_HOME && bu->seq == b->seq && answer_waits(b)) {
			*out = (struct ha_verdict){ .action = HA_ABSORB };
			return true;
		}
		*out = refuse(bu, MH_STATUS_SEQUENCE, COUNT_BU_BAD_SEQ,
			      "sequence number out of window");
		out->seq = b->seq;
		return true;
	}
	if (is_kept(b) && b->kind != BINDING_HOME) {
		*out = refuse(bu, MH_STATUS_TYPE_CHANGE, COUNT_BU_REFUSED,
			      "registration type change");
		return true;
	}
	return false;
}

static struct ha_verdict judge_deregistration(const struct ha_bu *bu, const struct ha_facts *f)
{
	if (f->unprotected)
		return refuse(bu, MH_STATUS_PROHIBITED, COUNT_BU_ACL,
			      "no IPsec policy for this home address");
	/* 10.3.2. What is only remembered is still an entry, "marked as invalid": so a
	 * node whose acknowledgement was lost gets it when it asks again. */
	if (!f->binding || f->binding->kind != BINDING_HOME)
		return refuse(bu, MH_STATUS_NOT_HOME_AGENT, COUNT_BU_REFUSED,
			      "not home agent for this node");
	return (struct ha_verdict){ .action = HA_DEREGISTER,
				    .status = MH_STATUS_ACCEPTED,
				    .seq = bu->seq };
}

/* "For any other reason", 10.3.1. */
static bool is_unwelcome(const struct ha_bu *bu, const struct ha_facts *f, struct ha_verdict *out)
{
	uint8_t status = policy_home_status(f->conf, &bu->hoa, &bu->coa);
	struct in6_addr anycast = addr_ha_anycast(&f->prefix->prefix);

	if (f->home_is_ours)
		*out = refuse(bu, MH_STATUS_DAD_FAILED, COUNT_BU_DAD,
			      "home address is an address of this home agent");
	else if (addr_equal(&bu->hoa, &f->prefix->prefix.addr) || addr_equal(&bu->hoa, &anycast))
		*out = refuse(bu, MH_STATUS_PROHIBITED, COUNT_BU_ACL,
			      "home address is an anycast address");
	else if (status)
		*out = refuse(bu, status, COUNT_BU_ACL, "access list");
	else if (f->unprotected)
		*out = refuse(bu, MH_STATUS_PROHIBITED, COUNT_BU_ACL,
			      "no IPsec policy for this home address");
	else if (bu->flags & MH_BU_R)
		*out = refuse(bu, MH_STATUS_NO_MOBILE_ROUTER, COUNT_BU_REFUSED,
			      "mobile routers are not served");
	else if (!is_kept(f->binding) && f->conf->ha_max_bindings &&
		 f->bindings >= f->conf->ha_max_bindings)
		*out = refuse(bu, MH_STATUS_RESOURCES, COUNT_BU_FULL, "too many bindings");
	else
		return false;
	return true;
}

/* Prefix lifetimes "are first converted into units of four seconds by ignoring the
 * two least significant bits" (10.3.1). */
static uint64_t remaining_s(uint64_t until_us, uint64_t now_us)
{
	uint64_t left_us = time_until(until_us, now_us);

	return left_us == TIME_NEVER ? TIME_NEVER : left_us / US_PER_S & ~3ULL;
}

/* Lifetime and status, 10.3.1. */
static struct ha_verdict grant(const struct ha_bu *bu, const struct ha_facts *f)
{
	uint64_t valid_s = remaining_s(f->prefix->valid_until_us, f->now_us);
	uint64_t preferred_s = remaining_s(f->prefix->preferred_until_us, f->now_us);
	struct ha_verdict v = { .action = HA_REGISTER, .seq = bu->seq };
	uint64_t lifetime_s = bu->lifetime_s;

	if (lifetime_s > valid_s)
		lifetime_s = valid_s;
	if (lifetime_s > f->conf->ha_max_binding_life_s)
		lifetime_s = f->conf->ha_max_binding_life_s;
	v.lifetime_s = mh_lifetime_floor_s(lifetime_s);
	if (v.lifetime_s == 0 && f->conf->ha_max_binding_life_s < 4)
		return refuse(bu, MH_STATUS_PROHIBITED, COUNT_BU_ACL, "no lifetime is granted");
	if (v.lifetime_s == 0)
		return refuse(bu, MH_STATUS_NOT_HOME_SUBNET, COUNT_BU_REFUSED,
			      "home prefix is no longer valid");
	/* Deprecated, becomes deprecated while the binding lasts, or invalid at its end. */
	v.status = preferred_s < v.lifetime_s || valid_s <= v.lifetime_s ?
			   MH_STATUS_PREFIX_DISCOVERY :
			   MH_STATUS_ACCEPTED;
	return v;
}

struct ha_verdict ha_judge(const struct ha_bu *bu, const struct ha_facts *f)
{
	struct ha_verdict v;

	if (f->unguarded) /* the node asks again */
		return (struct ha_verdict){ .action = HA_ABSORB };
	if (form_is_bad(bu, f, &v) || order_is_bad(bu, f->binding, &v))
		return v;
	/* 9.5.1: lifetime zero deletes. A care-of address that is the home address says
	 * the same: the node is at home (11.5.5). */
	if (bu->lifetime_s == 0 || addr_equal(&bu->coa, &bu->hoa))
		return judge_deregistration(bu, f);
	if (!bu->has_hao) /* 10.3.1: MUST be present */
		return discard(COUNT_BU_BAD_HAO, "no Home Address option");
	if (!f->prefix) /* 10.3.1 */
		return refuse(bu, MH_STATUS_NOT_HOME_SUBNET, COUNT_BU_REFUSED, "not home subnet");
	if (is_unwelcome(bu, f, &v))
		return v;
	/* The home link is away for a moment: nobody can be asked or told there. */
	if (f->prefix->lost_until_us && !is_kept(f->binding))
		return (struct ha_verdict){ .action = HA_ABSORB };
	return grant(bu, f);
}
