// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether a Binding Update to a correspondent is discarded, refused or carried out,
 * in the order of RFC 6275 9.5.1. Only an old sequence number, another kind of
 * registration and expired nonces are answered; all that may be forged is silently
 * discarded. Therefore the authenticator is looked at first where the nonces are
 * known: what is answered with a status other than 136 to 138 comes from the node.
 *
 * Pure: nothing is changed, nothing is sent; binding.c gathers the facts and does
 * what the verdict says.
 */
#include "cn/verdict.h"

#include <string.h>

#include "core/auth.h"
#include "core/policy.h"

void cn_bu_read(const struct mip6_packet *p, const struct mh_msg *msg, struct cn_bu *out)
{
	memset(out, 0, sizeof(*out));
	out->path = p->path;
	out->path.ifindex = 0;
	out->hoa = *path_peer_id(&p->path);
	out->coa = mh_has(&msg->opts, MH_HAS_ALT_COA) ? msg->opts.alt_coa : p->path.peer;
	out->seq = msg->bu.seq;
	out->flags = msg->bu.flags;
	out->lifetime_s = msg->bu.lifetime_s;
	out->delete = out->lifetime_s == 0 || addr_equal(&out->coa, &out->hoa);
}

static struct cn_verdict discard(enum counter counter, const char *reason)
{
	return (struct cn_verdict){ .action = CN_DISCARD, .counter = counter, .reason = reason };
}

static void refuse(struct cn_verdict *v, uint8_t status, enum counter counter, const char *reason)
{
	v->action = CN_REFUSE;
	v->status = status;
	v->counter = counter;
	v->reason = reason;
}

/* Returns NULL when addresses and options are as they must be. */
static const char *form_fault(const struct mip6_packet *p, const struct mh_msg *msg,
			      const struct cn_bu *bu, const struct cn_facts *f)
{
	if (p->to_multicast)
		return "sent to a group";
	if (!addr_is_routable_unicast(&bu->path.peer))
		return "source is not unicast and routable";
	if (!addr_is_routable_unicast(&bu->hoa)) /* 9.5.1 */
		return "home address is not unicast and routable";
	if (!addr_is_routable_unicast(&bu->coa)) /* 6.1.7 */
		return "care-of address is not unicast and routable";
	if (f->home_is_ours)
		return "home address is an address of this node";
	if (addr_is_unspecified(&bu->path.peer_home) && !bu->delete) /* 9.5.1 */
		return "no Home Address option";
	if (!mh_has(&msg->opts, MH_HAS_NONCES)) /* 9.5.1: MUST be present */
		return "no nonce indices";
	return NULL;
}

struct cn_verdict cn_judge(const struct mip6_packet *p, const struct mh_msg *msg,
			   const struct cn_bu *bu, const struct cn_facts *f)
{
	const struct in6_addr *local = path_local_id(&p->path);
	/* 5.2.5, 6.2.7: to delete, only the home keygen token and the home address count. */
	const struct in6_addr *coa = bu->delete ? NULL : &bu->coa;
	const char *fault = form_fault(p, msg, bu, f);
	const struct binding *b = f->binding;
	struct cn_verdict v = { .action = bu->delete ? CN_UNBIND : CN_BIND, .seq = bu->seq };
	uint8_t status;

	if (fault)
		return discard(COUNT_BU_IGNORED, fault);
	if (bu->flags & MH_BU_H) { /* 10.3.1, for who is no home agent */
		refuse(&v, MH_STATUS_NO_HOME_REGISTRATION, COUNT_BU_REFUSED,
		       "home registration not supported");
		return v;
	}
	v.status = rr_kbm_of_bu(f->rr, f->now_us, &bu->hoa, coa, msg->opts.home_nonce,
				msg->opts.careof_nonce, v.kbm);
	if (v.status != MH_STATUS_ACCEPTED) {
		refuse(&v, v.status, COUNT_BU_BAD_NONCE, "nonce index expired");
		return v;
	}
	if (!auth_check(v.kbm, sizeof(v.kbm), coa ? coa : &bu->hoa, local, p->data, p->len,
			&msg->opts))
		return discard(COUNT_BU_BAD_AUTH, "authenticator is wrong");
	v.sealed = true;
	if (b && b->kind == BINDING_HOME && b->state != BINDING_MEMORY) {
		refuse(&v, MH_STATUS_TYPE_CHANGE, COUNT_BU_REFUSED, "registration type change");
		return v;
	}
	if (b && b->seq_known && !seq_newer(bu->seq, b->seq)) {
		refuse(&v, MH_STATUS_SEQUENCE, COUNT_BU_BAD_SEQ, "sequence number out of window");
		v.seq = b->seq;
		return v;
	}
	if (bu->delete)
		return v;
	status = policy_cn_status(f->conf, &bu->hoa, local, &bu->coa);
	if (status) {
		refuse(&v, status, COUNT_BU_ACL, "access list");
		return v;
	}
	/* 9.5.2: less than asked for is allowed; at most MAX_RR_BINDING_LIFETIME (5.2.7). */
	v.lifetime_s = bu->lifetime_s;
	if (v.lifetime_s > f->conf->cn_max_binding_life_s)
		v.lifetime_s = f->conf->cn_max_binding_life_s;
	v.lifetime_s = mh_lifetime_floor_s(v.lifetime_s);
	if (v.lifetime_s == 0)
		refuse(&v, MH_STATUS_PROHIBITED, COUNT_BU_ACL, "no lifetime is granted");
	return v;
}
