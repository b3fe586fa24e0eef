// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which Home Address options and type 2 routing headers a node takes and sends,
 * as kernel objects. Pure; all roles use it. See hao.c for what the kernel does
 * with them.
 */
#ifndef CORE_HAO_H
#define CORE_HAO_H

#include <netinet/in.h>

#include "core/footprint.h"

/* Request identifiers that tell the two kinds of HAO states apart in policies. */
enum { HAO_REQID_BOUND = 1, HAO_REQID_ANY = 2 };

/* Priorities of the policies made here, in the port's counting. Those of roles lie
 * between: lower numbers win. */
enum {
	HAO_PRIORITY_OWN = 0,
	HAO_PRIORITY_SIGNALLING = 10,
	HAO_PRIORITY_BINDING = 500,
	HAO_PRIORITY_PREFIX = 600,
	HAO_PRIORITY_ALL = 900
};

/* Once per node: a Home Address option without a binding is refused and reported
 * (mip6_on_xfrm(), KXFRM_EVENT_REPORT), except on Mobility Header messages, which
 * come up and must be checked there (RFC 6275 9.3.1); and Mobility Header messages
 * that we send get no headers but those of their path. */
void hao_admit_objects(struct footprint *f);

/* A binding of a peer: packets from `hoa` by way of `coa` to `local` may come in. */
void hao_accept_object(struct footprint *f, const struct in6_addr *hoa,
		       const struct in6_addr *coa, const struct in6_addr *local);
/* ... and what goes from `local` to `hoa` goes by way of `coa` (RFC 6275 9.3.2). */
void rh2_send_objects(struct footprint *f, const struct in6_addr *hoa, const struct in6_addr *coa,
		      const struct in6_addr *local);

/* The same for very many bindings: a state for each, and one policy for all home
 * addresses in `home`, which does nothing to packets for addresses without a state. The
 * kernel goes through its whole routing table for each policy that it is given, so one for
 * each of many bindings would cost the square of their number. */
void rh2_send_state(struct footprint *f, const struct in6_addr *hoa, const struct in6_addr *coa,
		    const struct in6_addr *local);
void rh2_send_policy(struct footprint *f, const struct prefix *home, const struct in6_addr *local);

/* A home address of ours: packets for it by way of `coa` may come in (11.3.3). The
 * address must also be there, with KADDR_HOME. */
void rh2_accept_object(struct footprint *f, const struct in6_addr *hoa,
		       const struct in6_addr *coa);
/* Messages to a home agent that IPsec protects: it looks for the home address as their
 * source, so they are sent with that one (struct mip6_path, by_policy), and the kernel
 * puts in the option behind IPsec. Binding Updates, and (`prefixes`) Mobile Prefix
 * Solicitations. */
void hao_signalling_objects(struct footprint *f, const struct in6_addr *hoa,
			    const struct in6_addr *coa, const struct in6_addr *ha, bool prefixes);
/* ... and what goes from it to `peer` carries it in a Home Address option, from
 * `coa` (11.3.1). */
void hao_send_objects(struct footprint *f, const struct in6_addr *hoa, const struct in6_addr *coa,
		      const struct in6_addr *peer);

#endif
