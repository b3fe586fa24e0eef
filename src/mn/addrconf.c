// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Interface identifiers for care-of addresses (RFC 4862 5.5.3): stable and opaque
 * ones (RFC 7217), or those of the link-layer address (RFC 4291 appendix A). Called
 * by move_ra.c.
 */
#include <string.h>

#include "base/crypto.h"
#include "mn/move.h"

/* RFC 7217 section 6: IDGEN_RETRIES. */
#define RETRIES_MAX 3

/* RFC 5453: the subnet router's anycast address, and the last 128 of the subnet. */
static bool is_reserved(const uint8_t iid[8])
{
	static const uint8_t zero[8];
	static const uint8_t high[7] = { 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	return memcmp(iid, zero, sizeof(zero)) == 0 ||
	       (memcmp(iid, high, sizeof(high)) == 0 && iid[7] >= 0x80);
}

/* RFC 7217 section 5: F(Prefix, Net_Iface, Network_ID, DAD_Counter, secret_key). The
 * interface is told by its link-layer address, so that its name may change;
 * Network_ID is optional and left out. */
static bool stable_iid(const struct mip6 *m, const struct klink *l, const struct prefix *p,
		       uint8_t counter, struct in6_addr *iid)
{
	uint8_t hash[SHA1_LEN];
	const struct crypto_part parts[] = {
		{ &p->addr, 8 },
		{ l->lladdr, l->lladdr_len },
		{ &counter, 1 },
	};

	if (crypto_hmac_sha1(m->secret, sizeof(m->secret), parts, 3, hash) < 0)
		return false;
	memset(iid, 0, sizeof(*iid));
	memcpy(&iid->s6_addr[8], hash, 8);
	return true;
}

bool addrconf_make(const struct mip6 *m, const struct klink *l, const struct prefix *p,
		   uint8_t dad_counter, struct in6_addr *out)
{
	struct in6_addr iid;
	bool stable = m->conf->mn_address_generation == CONF_ADDR_GEN_STABLE;
	unsigned int tries;

	/* RFC 4862 5.5.3 d: prefix and identifier must make up 128 bits. */
	if (p->len != 64 || !addr_is_routable_unicast(&p->addr))
		return false;
	if (!stable && dad_counter == 0 && l->lladdr_len == 6) {
		iid = addr_eui64(l->lladdr);
		*out = addr_combine(p, &iid);
		return true;
	}
	if (dad_counter >= RETRIES_MAX)
		return false;
	/* What is reserved counts like a duplicate (RFC 7217 section 5). */
	for (tries = 0; tries < RETRIES_MAX; tries++) {
		uint8_t counter = (uint8_t)(dad_counter + tries * RETRIES_MAX);

		if (!stable_iid(m, l, p, counter, &iid))
			return false;
		if (!is_reserved(&iid.s6_addr[8])) {
			*out = addr_combine(p, &iid);
			return true;
		}
	}
	return false;
}
