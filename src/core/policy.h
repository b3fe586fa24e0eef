// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the operator's lists say about a binding. Pure functions of the
 * configuration and addresses; conf/ finds the entry, most specific first, and
 * here stands what follows from it.
 */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"

/* Home agent: the status for a registration of `hoa` at `coa`: 0, or 128 and
 * above. BindingAclPolicy by home address, else DefaultBindingAclPolicy; then
 * BindingAclCoaPolicy by care-of address may refuse what the former accepted. */
uint8_t policy_home_status(const struct conf *c, const struct in6_addr *hoa,
			   const struct in6_addr *coa);

/* Correspondent: the status for a binding of `hoa` at `coa` with our address
 * `local`: 0, or "administratively prohibited". CnBindingPolicySet, else
 * DoRouteOptimizationCN; then BindingAclCoaPolicy. */
uint8_t policy_cn_status(const struct conf *c, const struct in6_addr *hoa,
			 const struct in6_addr *local, const struct in6_addr *coa);

#endif
