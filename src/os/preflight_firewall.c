// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packet filters that stand in the way: a chain that drops what no rule accepts, and
 * no rule that accepts Mobility Header messages (protocol 135), tunnelled packets
 * (protocol 41), ESP where the configuration has policies of IPsec, or, on a home agent,
 * forwarding to and from the tunnel. It is a judgement from afar: rules are read, not
 * run, so it is told as a warning.
 */
#include "os/preflight.h"

#include <linux/netfilter.h>
#include <netinet/in.h>
#include <stdio.h>

#include "os/linux.h"
#include "wire/numbers.h"

enum { ROLE_CN = 1 << CONF_ROLE_CN, ROLE_HA = 1 << CONF_ROLE_HA, ROLE_MN = 1 << CONF_ROLE_MN };

static const struct {
	unsigned int roles;
	struct firewall_hook hook;
	const char *what;
	const char *nft;       /* the rule, to be put into the chain named */
	const char *ip6tables; /* the whole command */
	bool ipsec;	       /* only with policies of IPsec */
} concerns[] = {
	{ ROLE_CN | ROLE_HA | ROLE_MN,
	  { .hook = NF_INET_LOCAL_IN, .proto = IPPROTO_MH },
	  "Mobility Header messages",
	  "meta l4proto 135 accept",
	  "ip6tables -I INPUT -p 135 -j ACCEPT", false },
	{ ROLE_HA | ROLE_MN,
	  { .hook = NF_INET_LOCAL_IN, .proto = IPPROTO_IPV6 },
	  "tunnelled packets",
	  "meta l4proto 41 accept",
	  "ip6tables -I INPUT -p 41 -j ACCEPT", false },
	{ ROLE_HA | ROLE_MN,
	  { .hook = NF_INET_LOCAL_IN, .proto = IPPROTO_ESP },
	  "what IPsec protects",
	  "meta l4proto 50 accept",
	  "ip6tables -I INPUT -p 50 -j ACCEPT", true },
	{ ROLE_HA,
	  { .hook = NF_INET_FORWARD, .device = OS_DEVICE_PREFIX },
	  "the packets of mobile nodes between tunnel and link",
	  "iifname \"mip6*\" accept; and the same with oifname",
	  "ip6tables -I FORWARD -i mip6+ -j ACCEPT; ip6tables -I FORWARD -o mip6+ -j ACCEPT",
	  false },
};

void preflight_firewall(struct preflight *p)
{
	struct nl_sock s;
	bool nft = nl_open(&s, NETLINK_NETFILTER) == 0;
	size_t i;

	for (i = 0; i < sizeof(concerns) / sizeof(concerns[0]); i++) {
		const struct firewall_hook *h = &concerns[i].hook;
		enum firewall_verdict v;
		char chain[FIREWALL_NAME_MAX];
		char mend[FIREWALL_NAME_MAX + 128];

		if (!(concerns[i].roles & 1U << p->conf->role) ||
		    (concerns[i].ipsec &&
		     (!p->conf->use_mn_ha_ipsec || !p->conf->ipsec_set_count)))
			continue;
		if (nft && firewall_judge_nft(&s, h, &v, chain) == 0 && v == FIREWALL_CLOSED) {
			snprintf(mend, sizeof(mend), "nft insert rule %s %s", chain,
				 concerns[i].nft);
			preflight_tell(p, OS_FINDING_WARNING, mend,
				       "the packet filter (nftables chain %s) seems to drop %s",
				       chain, concerns[i].what);
		}
		if (firewall_judge_ip6tables(h, &v) == 0 && v == FIREWALL_CLOSED)
			preflight_tell(p, OS_FINDING_WARNING, concerns[i].ip6tables,
				       "the packet filter (ip6tables) seems to drop %s",
				       concerns[i].what);
	}
	if (nft)
		nl_close(&s);
}
