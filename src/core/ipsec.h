// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The IPsec policies that a configuration asks for, as kernel objects (RFC 6275 5.1,
 * 10.4.6, RFC 3776, RFC 4877). Pure; home agents and mobile nodes use it. See ipsec.c for
 * which packets they catch.
 */
#ifndef CORE_IPSEC_H
#define CORE_IPSEC_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "core/footprint.h"

/* Which end of a policy set this node is. */
enum ipsec_side { IPSEC_HOME_AGENT, IPSEC_MOBILE_NODE };

/* Policies between home address and home agent, which hold wherever the mobile node is:
 * for every home address of every set, or (hoa not NULL) for that one, whose home agent is
 * `ha`; that also stands for the name of a set (:: while it is not known, then such sets
 * wait). Nothing where UseMnHaIPsec is disabled. */
void ipsec_transport_objects(const struct conf *c, enum ipsec_side side,
			     const struct in6_addr *hoa, const struct in6_addr *ha,
			     struct footprint *f);

/* What an IPsecPolicy says of one kind of packets. */
struct ipsec_rule {
	uint32_t reqid_to_ha;
	uint32_t reqid_to_mn;
	bool is_there;
	bool allow;
};

/* How what goes through a tunnel is protected. A value of its own, so that what the kernel
 * has is known also after the configuration has changed. */
struct ipsec_tunnel {
	struct ipsec_rule test; /* home test */
	struct ipsec_rule mh;
	struct ipsec_rule payload;
};

/* What the configuration says of the tunnel between a home address and its home agent. */
struct ipsec_tunnel ipsec_tunnel_of(const struct conf *c, const struct in6_addr *hoa,
				    const struct in6_addr *ha);
bool ipsec_tunnel_equal(const struct ipsec_tunnel *a, const struct ipsec_tunnel *b);
/* Policies for what goes through the tunnel between `ha` and `coa`, for as long as the
 * mobile node is away (RFC 3776 4.2). */
void ipsec_tunnel_objects(const struct ipsec_tunnel *t, enum ipsec_side side,
			  const struct in6_addr *hoa, const struct in6_addr *ha,
			  const struct in6_addr *coa, struct footprint *f);

/* How many home addresses have policies for the tunnel: each has some while its node is
 * away. */
size_t ipsec_tunnel_count(const struct conf *c);

/* Warns of what the configuration asks for and cannot have: it must not seem to be there. */
void ipsec_look_at_conf(const struct conf *c);

/* True when Binding Updates and Acknowledgements between both are protected by a policy. */
bool ipsec_protects_binding(const struct conf *c, const struct in6_addr *hoa,
			    const struct in6_addr *ha);
/* The same for Mobile Prefix Solicitations and Advertisements. */
bool ipsec_protects_prefixes(const struct conf *c, const struct in6_addr *hoa,
			     const struct in6_addr *ha);

#endif
