// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the files of the preflight share. Private to os/.
 */
#ifndef OS_PREFLIGHT_H
#define OS_PREFLIGHT_H

#include "conf/conf.h"
#include "os/netlink.h"
#include "os/os.h"

struct preflight {
	const struct conf *conf;
	os_finding_fn *fn;
	void *ctx;
	bool running; /* a daemon works here: nothing is tried in place */
	int fatal; /* how many */
};

/* Tells a finding. `mend` may be NULL. */
void preflight_tell(struct preflight *p, enum os_severity s, const char *mend, const char *fmt,
		    ...) __attribute__((format(printf, 4, 5)));

/* preflight_kernel.c: tries what the role needs of the kernel. */
void preflight_kernel(struct preflight *p);
/* preflight_firewall.c: looks for rules that drop signalling or tunnels. */
void preflight_firewall(struct preflight *p);

/* preflight_nft.c: what a packet filter of nftables does to one protocol. */
enum firewall_verdict { FIREWALL_OPEN, FIREWALL_CLOSED };

struct firewall_hook {
	unsigned int hook;   /* NF_INET_LOCAL_IN, NF_INET_FORWARD */
	uint8_t proto;	     /* that must be let pass; 0: any, by device */
	const char *device;  /* whose name a rule must know; NULL: none */
};

#define FIREWALL_NAME_MAX 96
/* Judges all base chains at the hook. FIREWALL_CLOSED: the chain named in `name`
 * drops what no rule accepts, and no rule accepts the protocol. `s` is a
 * NETLINK_NETFILTER socket. 0 or -errno. */
int firewall_judge_nft(struct nl_sock *s, const struct firewall_hook *h,
		       enum firewall_verdict *out, char name[FIREWALL_NAME_MAX]);

/* preflight_ip6tables.c: the same for ip6tables of the old kind. */
int firewall_judge_ip6tables(const struct firewall_hook *h, enum firewall_verdict *out);

#endif
