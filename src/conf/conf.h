// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration of a node, as one plain struct. conf_load() reads a file of
 * the mip6d.conf dialect (see mip6d.conf(5)) in three passes: syntax, meaning,
 * effect. It yields a whole `struct conf`, or none and a list of errors; a half
 * read file never exists outside of this room.
 *
 * All memory of a configuration belongs to it and goes with conf_free(). It is
 * never changed after conf_load() (but see conf_keep_for_restart(), for a reload), so
 * that any number of readers may hold it.
 * What the file does not say has its default already (mip6d.conf(5) and
 * conf/option.h name it), also where the default depends on the role. Options
 * of a role that this node does not have are checked and then left at their
 * defaults, and their lists left empty.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/addr.h"
#include "conf/error.h"

/* NodeConfig. A home agent and a mobile node are correspondent nodes as well. */
enum conf_role { CONF_ROLE_CN, CONF_ROLE_HA, CONF_ROLE_MN };

/* CoaDad: what happens before a new care-of address is used (RFC 4862, 4429). */
enum conf_coa_dad { CONF_COA_DAD_OPTIMISTIC, CONF_COA_DAD_FULL, CONF_COA_DAD_NONE };

/* StateDurability: what the state directory outlives. */
enum conf_durability { CONF_DURABILITY_DAEMON, CONF_DURABILITY_MACHINE };

/* MnMulticast: where the groups of applications are joined while away (RFC 6275 11.3.4). */
enum conf_multicast { CONF_MULTICAST_TUNNEL, CONF_MULTICAST_FOREIGN };

/* MnAddressGeneration: interface identifiers (RFC 7217, RFC 4291 appendix A). */
enum conf_addr_gen { CONF_ADDR_GEN_STABLE, CONF_ADDR_GEN_EUI64 };

/* Where something was written. line 0: nowhere, it is a default. */
struct conf_loc {
	uint32_t line;	 /* from 1 */
	uint32_t column; /* from 1, in bytes */
	uint32_t order;	 /* counts on through all files, in the order they are read */
	uint16_t width;	 /* bytes, within the line */
	uint16_t file;	 /* index into conf.files */
};

/* Interface "name" { ... } */
struct conf_interface {
	struct conf_loc loc;
	char name[IF_NAMESIZE];
	enum conf_role role; /* IfType; the node's role where not given */
	uint8_t preference;  /* MnIfPreference: 1 best .. 10 worst, 0 never used */
	bool tunnel;	     /* Tunnel: managed by others, only observed */
};

/* MnRoPolicy [A[/len]] BOOL */
struct conf_ro_policy {
	struct conf_loc loc;
	struct prefix peer; /* ::/0 where the address was left out or is :: */
	bool optimize;
};

/* MnHomeLink "if" { ... }: one home address */
struct conf_home {
	struct conf_loc loc;
	char ifname[IF_NAMESIZE];
	struct in6_addr hoa;
	uint8_t hoa_len;	   /* prefix length written at HomeAddress */
	struct prefix home_prefix; /* HomePrefix, else hoa/hoa_len */
	struct in6_addr ha;	   /* ::: by dynamic discovery (RFC 6275 11.4.1) */
	const char *ha_name;	   /* HomeAgentName, NULL: none. `ha` wins over it */
	bool is_mob_rtr;
	bool use_alt_coa;	   /* accepted for old files; home Binding Updates
				    * always carry an alternate care-of address */
	const struct prefix *mnps; /* mobile network prefixes (RFC 3963) */
	size_t mnp_count;
	const struct conf_ro_policy *ro_policies; /* most specific first: conf_ro_wanted() */
	size_t ro_policy_count;
};

/* One line of CnBindingPolicySet: peer[/len] [local[/len]] BOOL */
struct conf_cn_policy {
	struct conf_loc loc;
	struct prefix peer;  /* the peer's home address */
	struct prefix local; /* ::/0: any address of ours */
	bool accept;
};

/* BindingAclPolicy, BindingAclCoaPolicy, DefaultBindingAclPolicy: allow, deny or
 * NUMBER, as the status of the Binding Acknowledgement: 0 is allow, deny is 129
 * (administratively prohibited, RFC 6275 6.1.8), else a status of 128 to 255. */
struct conf_acl {
	struct conf_loc loc;
	struct prefix who; /* home address /128 or prefix; or of the care-of address */
	uint8_t status;
	const struct prefix *mnps; /* only of BindingAclPolicy (RFC 3963) */
	size_t mnp_count;
};

/* An address or prefix of a repeatable option with the place it was written at. */
struct conf_addr {
	struct conf_loc loc;
	struct in6_addr addr;
};

struct conf_prefix {
	struct conf_loc loc;
	struct prefix prefix;
};

/* What an IPsecPolicy protects. The first five are transport mode between home
 * address and home agent, the Tunnel ones tunnel mode (RFC 4877, RFC 3776). */
enum conf_ipsec_type {
	CONF_IPSEC_HOME_REG_BINDING, /* Binding Update and Acknowledgement */
	CONF_IPSEC_MH,		     /* all Mobility Header messages */
	CONF_IPSEC_MOB_PFX_DISC,     /* mobile prefix solicitation and advertisement */
	CONF_IPSEC_ICMP,	     /* all ICMPv6 */
	CONF_IPSEC_ANY,
	CONF_IPSEC_TUNNEL_HOME_TESTING, /* HoTI and HoT (RFC 6275 10.4.6) */
	CONF_IPSEC_TUNNEL_MH,
	CONF_IPSEC_TUNNEL_PAYLOAD,
};

static inline bool conf_ipsec_type_is_tunnel(enum conf_ipsec_type t)
{
	return t >= CONF_IPSEC_TUNNEL_HOME_TESTING;
}

struct conf_ipsec_policy {
	struct conf_loc loc;
	enum conf_ipsec_type type;
	uint32_t reqid_to_ha; /* 0: any */
	uint32_t reqid_to_mn;
	bool allow; /* false: such packets are blocked */
};

struct conf_ipsec_hoa {
	struct conf_loc loc;
	struct in6_addr hoa;
	uint8_t hoa_len;
};

/* IPsecPolicySet: each policy holds for each of the home addresses. ESP only. */
struct conf_ipsec_set {
	struct conf_loc loc;
	struct in6_addr ha;  /* :: only where ha_name is set */
	const char *ha_name; /* HomeAgentName, NULL: none */
	const struct conf_ipsec_hoa *hoas;
	size_t hoa_count;
	const struct conf_ipsec_policy *policies;
	size_t policy_count;
};

/* A home address of a set; sorted by home address, so that the sets of one are found. */
struct conf_ipsec_member {
	const struct conf_ipsec_hoa *hoa;
	const struct conf_ipsec_set *set;
};

struct conf {
	/* --- every node --- */
	enum conf_role role;	    /* NodeConfig */
	uint32_t debug_level;	    /* 0 notice, 1 info, 2 debug, 3 and more trace */
	const char *debug_log_file; /* NULL: none */
	const char *state_directory;
	const char *run_directory;
	const char *console_socket; /* default: run_directory + "/mip6d.sock" */
	const char *console_group;  /* NULL: none */
	const char *hook_script;    /* NULL: none */
	const char *vt_hostname;
	const char *vt_service;		/* NULL: no TCP console */
	bool nonvolatile_binding_cache;
	enum conf_durability state_durability;
	bool use_mn_ha_ipsec;
	bool key_mng_mob_capability; /* K bit */
	bool tunnel_payload_force_sa_nego;
	const struct conf_interface *interfaces;
	size_t interface_count;
	const struct conf_ipsec_set *ipsec_sets;
	size_t ipsec_set_count;
	const struct conf_ipsec_member *ipsec_members; /* conf_ipsec_find() */
	size_t ipsec_member_count;

	/* --- correspondent --- */
	bool do_route_optimization_cn;
	const struct conf_cn_policy *cn_policies; /* most specific first: conf_cn_accepts() */
	size_t cn_policy_count;
	uint32_t cn_max_bindings;	/* 0: unlimited */
	uint32_t cn_max_binding_life_s; /* 0..420 (RFC 6275 12) */

	/* --- home agent --- */
	uint32_t ha_max_binding_life_s;		/* 0..262140 */
	uint32_t ha_max_bindings;		/* 0: unlimited */
	uint32_t ha_max_registrations;		/* per second in all, 0: unlimited */
	uint32_t ha_max_registrations_per_node; /* per second, 0: unlimited */
	uint32_t ha_refresh_advice_s;		/* 0: no advice (RFC 6275 6.2.4) */
	uint16_t ha_preference;			/* RFC 6275 7.4 */
	uint32_t ha_lifetime_s;			/* 0: same as the router lifetime; <= 65535 */
	bool ha_send_router_advs;
	bool ha_tell_unknown_nodes;
	bool ha_multicast;		       /* RFC 6275 10.4.3 */
	const char *ha_multicast_interface;    /* NULL: none */
	uint32_t ha_multicast_query_interval_s; /* RFC 3810 9.2 */
	uint32_t ha_max_groups;		       /* on all links, 0: unlimited */
	uint32_t ha_max_groups_per_node;       /* 0: unlimited */
	uint64_t ha_former_coa_time_us; /* 0: not at all (RFC 6275 10.4.5) */
	uint64_t ha_min_rtr_adv_interval_us; /* MinRtrAdvInterval (RFC 6275 7.5) */
	uint64_t ha_max_rtr_adv_interval_us;
	uint64_t ha_min_delay_between_ras_us;	/* MinDelayBetweenRAs (RFC 6275 13) */
	uint32_t ha_router_lifetime_s;		/* AdvDefaultLifetime; 0: no default router */
	bool send_mob_pfx_advs;
	bool send_unsol_mob_pfx_advs;
	uint32_t min_mob_pfx_adv_interval_s;
	uint32_t max_mob_pfx_adv_interval_s; /* >= min */
	bool ha_accept_mob_rtr;
	uint8_t default_binding_acl_status; /* as conf_acl.status */
	const struct conf_acl *acl;	    /* longest prefix first: conf_acl_find() */
	size_t acl_count;
	const struct conf_acl *coa_acl; /* the same: conf_acl_find_coa() */
	size_t coa_acl_count;
	const struct conf_prefix *served_prefixes; /* HaServedPrefix */
	size_t served_prefix_count;
	const struct conf_prefix *virtual_home_links; /* HaVirtualHomeLink */
	size_t virtual_home_link_count;
	const struct conf_addr *ha_addresses; /* HaAddress; empty: chosen from the interface */
	size_t ha_address_count;

	/* --- mobile node --- */
	uint32_t mn_max_ha_binding_life_s; /* 0..262140 */
	uint32_t mn_max_cn_binding_life_s; /* 0..420 */
	bool mn_discard_ha_param_prob;
	bool mn_reset_dhaad_at_home;
	bool mn_flush_all_at_home;
	uint32_t mn_max_cn_consecutive_resends; /* 0: no limit */
	uint32_t mn_max_ha_consecutive_resends; /* 0: never another home agent */
	bool send_mob_pfx_sols;
	bool do_route_optimization_mn; /* see conf_ro_wanted() */
	bool mn_use_all_interfaces;
	bool mob_rtr_use_explicit_mode;
	bool use_cn_bu_ack; /* A bit to correspondents */
	uint64_t interface_initial_init_delay_us;
	uint32_t mn_router_probes;	     /* 0: eager */
	uint64_t mn_router_probe_timeout_us; /* per probe, 0: RetransTimer of the link */
	uint64_t initial_bindack_timeout_first_reg_us;
	uint64_t initial_bindack_timeout_re_reg_us;
	uint64_t initial_solicit_timer_us;
	bool optimistic_handoff;
	bool mn_former_coa_serves; /* the home agent takes packets from it for a while */
	bool no_home_return;
	enum conf_multicast mn_multicast;
	enum conf_coa_dad coa_dad;
	enum conf_addr_gen mn_address_generation;
	const struct conf_home *homes;
	size_t home_count;

	/* --- where it came from --- */
	const char *const *files; /* the file named, then those included */
	size_t file_count;
	const struct conf_loc *written; /* by option id (conf/option.h) */
	struct conf_arena *arena;	/* holds all of the above, this struct too */
};

/* What the command line says against the file. */
struct conf_overrides {
	bool have_role;
	enum conf_role role; /* -C -H -M */
	bool have_debug_level;
	uint32_t debug_level;	    /* -d */
	const char *debug_log_file; /* -l, NULL: not given */
	const char *vt_service;	    /* --vt-service, NULL: not given */
};

/* Reads the file `path` and what it includes. `o` may be NULL. 0 and a new
 * configuration in *out, to be freed by the caller; or, with *out NULL, -EINVAL
 * when the text is wrong, -errno when the file cannot be read, -ENOMEM. Why is
 * in `errs` (also for the latter), and so are warnings and notes on success;
 * `errs` must be initialised, what is in it already stays. */
int conf_load(const char *path, const struct conf_overrides *o, struct conf **out,
	      struct conf_errors *errs);

/* As conf_load(), from memory; `name` stands for the file in messages. An
 * include is an error there: nothing but `text` is read. */
int conf_load_text(const char *name, const char *text, size_t len, const struct conf_overrides *o,
		   struct conf **out, struct conf_errors *errs);

/* NULL is fine. */
void conf_free(struct conf *c);

/* Writes the effective configuration in the dialect, options of the node's role
 * only; it reads back to an equal configuration. 0 or -EIO. */
int conf_show(const struct conf *c, FILE *out);

/* True when both mean the same (places in files left aside). */
bool conf_equal(const struct conf *a, const struct conf *b);

const char *conf_role_name(enum conf_role r); /* "CN" "HA" "MN" */
const char *conf_ipsec_type_name(enum conf_ipsec_type t);

/* --- questions about lists, the most specific entry deciding --- */

/* The interface record of that name, or NULL. */
const struct conf_interface *conf_interface_find(const struct conf *c, const char *name);

/* True when the set has its home agent by name, and the home address the same one: then
 * whatever that name stands for is its home agent. */
bool conf_ipsec_set_is_named(const struct conf *c, const struct conf_ipsec_set *set,
			     const struct in6_addr *hoa);
/* The policy of that type between a home address and its home agent, NULL: none. */
const struct conf_ipsec_policy *conf_ipsec_find(const struct conf *c, const struct in6_addr *hoa,
						const struct in6_addr *ha,
						enum conf_ipsec_type type);

/* What BindingAclPolicy says about a home address: the entry with the longest
 * prefix, or NULL; then default_binding_acl_status holds. */
const struct conf_acl *conf_acl_find(const struct conf *c, const struct in6_addr *hoa);
/* The same for a care-of address; NULL: nothing forbids it. */
const struct conf_acl *conf_acl_find_coa(const struct conf *c, const struct in6_addr *coa);

/* Correspondent: whether a binding of `peer_hoa` with our `local` address is
 * accepted: the CnBindingPolicySet line with the longest prefix of the peer,
 * then of ours, else DoRouteOptimizationCN. */
bool conf_cn_accepts(const struct conf *c, const struct in6_addr *peer_hoa,
		     const struct in6_addr *local);

/* Mobile node: whether traffic between home address `h` and `peer` is to be
 * route optimized: longest MnRoPolicy, else DoRouteOptimizationMN. */
bool conf_ro_wanted(const struct conf *c, const struct conf_home *h, const struct in6_addr *peer);

#endif
