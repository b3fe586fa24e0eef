// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the home agent keeps in the kernel, as pure functions.
 */
#ifndef HA_FOOTPRINT_H
#define HA_FOOTPRINT_H

#include <netinet/in.h>

#include "conf/conf.h"
#include "core/bcache.h"
#include "core/footprint.h"
#include "core/ipsec.h"
#include "core/link.h"
#include "ha/prefix.h"

/* What serving at all needs. */
void ha_base_footprint(const struct conf *c, struct footprint *f);

/* What this host's own packets to mobile nodes need: they may be registered with any of its
 * addresses. */
void ha_own_footprint(const struct link_table *links, const struct ha_prefix_list *prefixes,
		      struct footprint *f);

/* What serving the real home link `ifindex` needs; `prefixes` is the whole list. */
void ha_link_footprint(uint32_t ifindex, const struct ha_prefix_list *prefixes,
		       struct footprint *f);

/* Our side of a registration: the address of ours that the node registered with, and the
 * policies of the tunnel. With the path, all that its objects depend on. */
struct ha_side {
	struct in6_addr local;
	struct ipsec_tunnel ipsec;
};

/* As the configuration wants it. */
struct ha_side ha_side_of(const struct conf *c, const struct in6_addr *hoa,
			  const struct in6_addr *local);
/* What a registration of `hoa` keeps; nothing when `path` is not valid. */
void ha_footprint(const struct in6_addr *hoa, const struct ha_side *side,
		  const struct binding_path *path, struct footprint *f);

#endif
