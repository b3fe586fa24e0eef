// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The operator's access lists applied to a binding: see policy.h. RFC 6275 9.5.1
 * and 10.3.1 leave it to local policy whether to accept; status 129 of 6.1.8,
 * "administratively prohibited", or what the list names, is the answer. Called
 * by the roles when they judge a Binding Update.
 */
#include "core/policy.h"

#include "wire/numbers.h"

static uint8_t coa_status(const struct conf *c, const struct in6_addr *coa)
{
	const struct conf_acl *found = conf_acl_find_coa(c, coa);

	return found ? found->status : MH_STATUS_ACCEPTED;
}

uint8_t policy_home_status(const struct conf *c, const struct in6_addr *hoa,
			   const struct in6_addr *coa)
{
	const struct conf_acl *found = conf_acl_find(c, hoa);
	uint8_t status = found ? found->status : c->default_binding_acl_status;

	return status ? status : coa_status(c, coa);
}

uint8_t policy_cn_status(const struct conf *c, const struct in6_addr *hoa,
			 const struct in6_addr *local, const struct in6_addr *coa)
{
	if (!conf_cn_accepts(c, hoa, local))
		return MH_STATUS_PROHIBITED;
	return coa_status(c, coa);
}
