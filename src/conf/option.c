// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The option table and the few functions that read it. Defaults stand here as
 * text of the dialect and nowhere else. Called by the lexer, all passes of
 * reading, show.c and diff.c.
 *
 * The macros name the kind of an option by what its line needs: where its value
 * is kept (the field of struct conf, of struct conf_interface, struct conf_home
 * or struct conf_ipsec_set), its range, its default.
 */
#include "conf/option.h"

#include <stdio.h>
#include <string.h>

#define US 1000000u /* decimals are kept as microseconds */

#define KEEP(type_, field_)                                                                        \
	.offset = offsetof(struct type_, field_), .size = sizeof(((struct type_ *)0)->field_)

#define OPTION(name_, roles_, reload_, help_)                                                      \
	.name = (name_), .roles = CONF_ROLES_##roles_, .reload = CONF_RELOAD_##reload_,            \
	.help = (help_)

#define TOP(type_, field_) .type = CONF_TYPE_##type_, KEEP(conf, field_)
#define IN_IF(type_, field_)                                                                       \
	.block = CONF_BLOCK_INTERFACE, .type = CONF_TYPE_##type_, KEEP(conf_interface, field_)
#define IN_HOME(type_, field_)                                                                     \
	.block = CONF_BLOCK_HOME_LINK, .type = CONF_TYPE_##type_, KEEP(conf_home, field_)
#define IN_SET(type_, field_)                                                                      \
	.block = CONF_BLOCK_IPSEC_SET, .type = CONF_TYPE_##type_, KEEP(conf_ipsec_set, field_)
#define RANGE(min_, max_) .min = (min_), .max = (max_)
#define ANY_NUMBER	  RANGE(0, UINT32_MAX)
#define DEFAULT(text_)	  .default_text = (text_)

#define CONF_ROLES_HA_MN (CONF_ROLES_HA | CONF_ROLES_MN)
#define CONF_ROLES_MN_CN (CONF_ROLES_MN | CONF_ROLES_CN)

static const struct conf_word role_words[] = {
	{"CN", CONF_ROLE_CN}, {"HA", CONF_ROLE_HA}, {"MN", CONF_ROLE_MN}, {NULL, 0}};

static const struct conf_word coa_dad_words[] = {{"optimistic", CONF_COA_DAD_OPTIMISTIC},
						 {"full", CONF_COA_DAD_FULL},
						 {"none", CONF_COA_DAD_NONE},
						 {NULL, 0}};

static const struct conf_word durability_words[] = {
	{"daemon", CONF_DURABILITY_DAEMON}, {"machine", CONF_DURABILITY_MACHINE}, {NULL, 0}};

static const struct conf_word multicast_words[] = {
	{"tunnel", CONF_MULTICAST_TUNNEL}, {"foreign", CONF_MULTICAST_FOREIGN}, {NULL, 0}};

static const struct conf_word addr_gen_words[] = {
	{"stable", CONF_ADDR_GEN_STABLE}, {"eui64", CONF_ADDR_GEN_EUI64}, {NULL, 0}};

const struct conf_word conf_ipsec_words[] = {{"HomeRegBinding", CONF_IPSEC_HOME_REG_BINDING},
					     {"Mh", CONF_IPSEC_MH},
					     {"MobPfxDisc", CONF_IPSEC_MOB_PFX_DISC},
					     {"ICMP", CONF_IPSEC_ICMP},
					     {"any", CONF_IPSEC_ANY},
					     {"TunnelHomeTesting", CONF_IPSEC_TUNNEL_HOME_TESTING},
					     {"TunnelMh", CONF_IPSEC_TUNNEL_MH},
					     {"TunnelPayload", CONF_IPSEC_TUNNEL_PAYLOAD},
					     {NULL, 0}};

/* clang-format off */
const struct conf_option conf_options[] = {
	/* --- every node --- */
	{ OPTION("include", ALL, LIVE, "reads other files at this place"),
	  .type = CONF_TYPE_INCLUDE, .repeatable = true },
	{ OPTION("NodeConfig", ALL, RESTART, "the role of the node"),
	  TOP(ENUM, role), .words = role_words, DEFAULT("CN") },
	{ OPTION("DebugLevel", ALL, LIVE, "how much is logged"),
	  TOP(NUMBER, debug_level), ANY_NUMBER, DEFAULT("0") },
	{ OPTION("DebugLogFile", ALL, LIVE, "file to log to"),
	  TOP(STRING, debug_log_file) },
	{ OPTION("StateDirectory", ALL, RESTART, "directory for what outlives a restart"),
	  TOP(STRING, state_directory), DEFAULT("/var/lib/mip6d") },
	{ OPTION("RunDirectory", ALL, RESTART, "directory for what outlives no reboot"),
	  TOP(STRING, run_directory), DEFAULT("/run/mip6d") },
	{ OPTION("ConsoleSocket", ALL, RESTART, "UNIX socket of the console"),
	  TOP(STRING, console_socket), .default_words = "mip6d.sock in RunDirectory" },
	{ OPTION("ConsoleGroup", ALL, RESTART, "group that may use the console"),
	  TOP(STRING, console_group) },
	{ OPTION("HookScript", ALL, LIVE, "program that is run at events"),
	  TOP(STRING, hook_script) },
	{ OPTION("VTHostname", ALL, RESTART, "address of the TCP console"),
	  TOP(STRING, vt_hostname), DEFAULT("localhost") },
	{ OPTION("VTService", ALL, RESTART, "port of the TCP console"),
	  TOP(STRING, vt_service) },
	{ OPTION("NonVolatileBindingCache", ALL, RESTART, "bindings survive a restart"),
	  TOP(BOOL, nonvolatile_binding_cache), DEFAULT("enabled") },
	{ OPTION("StateDurability", ALL, RESTART, "what the state outlives"),
	  TOP(ENUM, state_durability), .words = durability_words, DEFAULT("daemon") },
	{ OPTION("Interface", ALL, LIVE, "an interface that is used"),
	  TOP(INTERFACE, interfaces), .repeatable = true },
	{ OPTION("MnIfPreference", MN, LIVE, "1 is best, 10 is last, 0 is never"),
	  IN_IF(NUMBER, preference), RANGE(0, 10), DEFAULT("10") },
	{ OPTION("IfType", ALL, LIVE, "role of the node on this interface"),
	  IN_IF(ENUM, role), .words = role_words, .default_words = "NodeConfig" },
	{ OPTION("Tunnel", MN_CN, LIVE, "the interface is managed by others"),
	  IN_IF(BOOL, tunnel), DEFAULT("disabled") },
	{ OPTION("UseMnHaIPsec", HA_MN, LIVE, "IPsec between mobile node and home agent"),
	  TOP(BOOL, use_mn_ha_ipsec), DEFAULT("enabled") },
	{ OPTION("KeyMngMobCapability", HA_MN, NEW, "the key exchange survives moves"),
	  TOP(BOOL, key_mng_mob_capability), DEFAULT("disabled") },
	{ OPTION("TunnelPayloadForceSANego", MN, NEW, "asks for the payload SA early"),
	  TOP(BOOL, tunnel_payload_force_sa_nego), DEFAULT("enabled") },
	{ OPTION("IPsecPolicySet", HA_MN, LIVE, "IPsec policies of home addresses"),
	  TOP(BLOCK, ipsec_sets), .repeatable = true },
	{ OPTION("HomeAgentAddress", HA_MN, LIVE, "the home agent of the set"),
	  IN_SET(ADDR, ha) },
	{ OPTION("HomeAgentName", HA_MN, LIVE, "the home agent of the set by name"),
	  IN_SET(STRING, ha_name) },
	{ OPTION("HomeAddress", HA_MN, LIVE, "a home address of the set"),
	  IN_SET(IPSEC_HOA, hoas), .repeatable = true },
	{ OPTION("IPsecPolicy", HA_MN, LIVE, "one policy of the set"),
	  IN_SET(IPSEC_POLICY, policies), .repeatable = true },
	{ OPTION("UseMovementModule", MN, RESTART, "no effect"),
	  .type = CONF_TYPE_MODULE, DEFAULT("internal"), .no_effect = true },
	{ OPTION("UsePolicyModule", ALL, RESTART, "no effect"),
	  .type = CONF_TYPE_MODULE, .no_effect = true },

	/* --- correspondent --- */
	{ OPTION("DoRouteOptimizationCN", ALL, LIVE, "accepts bindings as a correspondent"),
	  TOP(BOOL, do_route_optimization_cn), DEFAULT("enabled") },
	{ OPTION("CnBindingPolicySet", ALL, LIVE, "whose bindings a correspondent accepts"),
	  TOP(BLOCK, cn_policies), .repeatable = true },
	{ OPTION(NULL, ALL, LIVE, "one peer"),
	  .block = CONF_BLOCK_CN_POLICY, .type = CONF_TYPE_CN_POLICY, .repeatable = true },
	{ OPTION("CnMaxBindings", ALL, LIVE, "most bindings of a correspondent"),
	  TOP(NUMBER, cn_max_bindings), ANY_NUMBER, DEFAULT("10000") },
	{ OPTION("CnMaxBindingLife", ALL, NEW, "longest binding of a correspondent"),
	  TOP(SECONDS, cn_max_binding_life_s), RANGE(0, 420), DEFAULT("420") },

	/* --- home agent --- */
	{ OPTION("HaMaxBindingLife", HA, NEW, "longest registration"),
	  TOP(SECONDS, ha_max_binding_life_s), RANGE(0, 262140), DEFAULT("262140") },
	{ OPTION("HaMaxBindings", HA, NEW, "most registrations"),
	  TOP(NUMBER, ha_max_bindings), ANY_NUMBER, DEFAULT("0") },
	{ OPTION("HaMaxRegistrations", HA, LIVE, "most registrations a second"),
	  TOP(NUMBER, ha_max_registrations), ANY_NUMBER, DEFAULT("0") },
	{ OPTION("HaMaxRegistrationsPerNode", HA, LIVE, "most a second from one node"),
	  TOP(NUMBER, ha_max_registrations_per_node), ANY_NUMBER, DEFAULT("10") },
	{ OPTION("HaRefreshAdvice", HA, NEW, "advises to register anew so soon"),
	  TOP(SECONDS, ha_refresh_advice_s), RANGE(0, 262140), DEFAULT("0") },
	{ OPTION("HaVirtualHomeLink", HA, LIVE, "a home prefix without a link"),
	  TOP(PREFIX_LIST, virtual_home_links), .repeatable = true },
	{ OPTION("HaAddress", HA, LIVE, "own address to serve with"),
	  TOP(ADDR_LIST, ha_addresses), .repeatable = true,
	  .default_words = "chosen from the interface" },
	{ OPTION("HaTellUnknownNodes", HA, LIVE, "tells nodes that have no binding"),
	  TOP(BOOL, ha_tell_unknown_nodes), DEFAULT("enabled") },
	{ OPTION("HaFormerCoaTime", HA, NEW, "takes packets from where a node was before"),
	  TOP(DECIMAL, ha_former_coa_time_us), RANGE(0, 10ull * US), DEFAULT("0") },
	{ OPTION("HaMulticast", HA, LIVE, "groups of nodes that are away"),
	  TOP(BOOL, ha_multicast), DEFAULT("enabled") },
	{ OPTION("HaMulticastInterface", HA, LIVE, "for nodes of virtual home links"),
	  TOP(STRING, ha_multicast_interface) },
	{ OPTION("HaMulticastQueryInterval", HA, NEW, "time between queries to a node"),
	  TOP(SECONDS, ha_multicast_query_interval_s), RANGE(2, 31744), DEFAULT("125") },
	{ OPTION("HaMaxGroups", HA, NEW, "most groups on home links"),
	  TOP(NUMBER, ha_max_groups), ANY_NUMBER, DEFAULT("1000") },
	{ OPTION("HaMaxGroupsPerNode", HA, NEW, "most groups of one node"),
	  TOP(NUMBER, ha_max_groups_per_node), ANY_NUMBER, DEFAULT("32") },
	{ OPTION("HaSendRouterAdvs", HA, LIVE, "advertises as router on home links"),
	  TOP(BOOL, ha_send_router_advs), DEFAULT("enabled") },
	{ OPTION("HaMinRtrAdvInterval", HA, LIVE, "shortest time between advertisements"),
	  TOP(DECIMAL, ha_min_rtr_adv_interval_us), RANGE(US * 3 / 100, 1350ull * US),
	  .default_words = "a third of HaMaxRtrAdvInterval, but not below 0.03" },
	{ OPTION("HaMaxRtrAdvInterval", HA, LIVE, "longest time between advertisements"),
	  TOP(DECIMAL, ha_max_rtr_adv_interval_us), RANGE(US * 7 / 100, 1800ull * US),
	  DEFAULT("10.0") },
	{ OPTION("HaMinDelayBetweenRAs", HA, LIVE, "shortest time between any two of them"),
	  TOP(DECIMAL, ha_min_delay_between_ras_us), RANGE(US * 3 / 100, 1800ull * US),
	  .default_words = "3.0, or HaMinRtrAdvInterval where that is less" },
	{ OPTION("HaRouterLifetime", HA, LIVE, "lifetime announced as default router"),
	  TOP(SECONDS, ha_router_lifetime_s), RANGE(0, 9000),
	  .default_words = "three times HaMaxRtrAdvInterval" },
	{ OPTION("HaPreference", HA, LIVE, "preference among home agents"),
	  TOP(NUMBER, ha_preference), RANGE(0, UINT16_MAX), DEFAULT("0") },
	{ OPTION("HaLifetime", HA, LIVE, "lifetime announced as home agent"),
	  TOP(SECONDS, ha_lifetime_s), RANGE(0, UINT16_MAX), DEFAULT("0") },
	{ OPTION("SendMobPfxAdvs", HA, LIVE, "answers prefix solicitations"),
	  TOP(BOOL, send_mob_pfx_advs), DEFAULT("enabled") },
	{ OPTION("SendUnsolMobPfxAdvs", HA, LIVE, "tells mobile nodes of prefix changes"),
	  TOP(BOOL, send_unsol_mob_pfx_advs), DEFAULT("enabled") },
	{ OPTION("MinMobPfxAdvInterval", HA, LIVE, "shortest time between these"),
	  TOP(SECONDS, min_mob_pfx_adv_interval_s), ANY_NUMBER, DEFAULT("600") },
	{ OPTION("MaxMobPfxAdvInterval", HA, LIVE, "longest time between these"),
	  TOP(SECONDS, max_mob_pfx_adv_interval_s), ANY_NUMBER, DEFAULT("86400") },
	{ OPTION("HaAcceptMobRtr", HA, NEW, "registers mobile routers"),
	  TOP(BOOL, ha_accept_mob_rtr), DEFAULT("disabled") },
	{ OPTION("HaServedPrefix", HA, LIVE, "mobile routers' home addresses lie here"),
	  TOP(PREFIX_LIST, served_prefixes), .repeatable = true },
	{ OPTION("BindingAclPolicy", HA, LIVE, "who may register"),
	  TOP(ACL, acl), .repeatable = true },
	{ OPTION("BindingAclCoaPolicy", HA, LIVE, "from where one may register"),
	  TOP(COA_ACL, coa_acl), .repeatable = true },
	{ OPTION("DefaultBindingAclPolicy", HA, LIVE, "for all that have no entry"),
	  TOP(ACL_ACTION, default_binding_acl_status), DEFAULT("allow") },

	/* --- mobile node --- */
	{ OPTION("MnHomeLink", MN, LIVE, "a home address and its home link"),
	  TOP(NAMED_BLOCK, homes), .repeatable = true },
	{ OPTION("HomeAddress", MN, LIVE, "the home address"),
	  IN_HOME(HOME_ADDRESS, hoa) },
	{ OPTION("HomeAgentAddress", MN, LIVE, "the home agent; :: to discover it"),
	  IN_HOME(ADDR, ha), DEFAULT("::") },
	{ OPTION("HomeAgentName", MN, LIVE, "the home agent by name"),
	  IN_HOME(STRING, ha_name) },
	{ OPTION("HomePrefix", MN, LIVE, "the prefix by which home is known"),
	  IN_HOME(PREFIX, home_prefix), .default_words = "the prefix of HomeAddress" },
	{ OPTION("IsMobRtr", MN, LIVE, "registers as a mobile router"),
	  IN_HOME(BOOL, is_mob_rtr), DEFAULT("disabled") },
	{ OPTION("MnRoPolicy", MN, LIVE, "route optimization with a peer"),
	  IN_HOME(RO_POLICY, ro_policies), .repeatable = true,
	  .default_words = "DoRouteOptimizationMN" },
	{ OPTION("UseAltCoa", MN, LIVE, "no effect"),
	  IN_HOME(BOOL, use_alt_coa), DEFAULT("disabled"), .no_effect = true },
	{ OPTION("MnMaxHaBindingLife", MN, NEW, "lifetime asked from the home agent"),
	  TOP(SECONDS, mn_max_ha_binding_life_s), RANGE(0, 262140), DEFAULT("262140") },
	{ OPTION("MnMaxCnBindingLife", MN, NEW, "lifetime asked from correspondents"),
	  TOP(SECONDS, mn_max_cn_binding_life_s), RANGE(0, 420), DEFAULT("420") },
	{ OPTION("MnDiscardHaParamProb", MN, LIVE, "ignores unprotected errors"),
	  TOP(BOOL, mn_discard_ha_param_prob), DEFAULT("disabled") },
	{ OPTION("MnResetDhaadAtHome", MN, LIVE, "forgets the discovered home agent"),
	  TOP(BOOL, mn_reset_dhaad_at_home), DEFAULT("disabled") },
	{ OPTION("MnFlushAllAtHome", MN, LIVE, "drops uncertain bindings at home"),
	  TOP(BOOL, mn_flush_all_at_home), DEFAULT("disabled") },
	{ OPTION("MnMaxHaConsecutiveResends", MN, LIVE, "then the next home agent"),
	  TOP(NUMBER, mn_max_ha_consecutive_resends), ANY_NUMBER, DEFAULT("5") },
	{ OPTION("MnMaxCnConsecutiveResends", MN, LIVE, "then a correspondent is left"),
	  TOP(NUMBER, mn_max_cn_consecutive_resends), ANY_NUMBER, DEFAULT("0") },
	{ OPTION("SendMobPfxSols", MN, LIVE, "asks for the home link's prefixes"),
	  TOP(BOOL, send_mob_pfx_sols), DEFAULT("enabled") },
	{ OPTION("DoRouteOptimizationMN", MN, LIVE, "route optimization with all peers"),
	  TOP(BOOL, do_route_optimization_mn), DEFAULT("enabled") },
	{ OPTION("UseCnBuAck", MN, LIVE, "asks correspondents to acknowledge"),
	  TOP(BOOL, use_cn_bu_ack), DEFAULT("disabled") },
	{ OPTION("MnUseAllInterfaces", MN, LIVE, "uses interfaces not named, too"),
	  TOP(BOOL, mn_use_all_interfaces), DEFAULT("disabled") },
	{ OPTION("MobRtrUseExplicitMode", MN, LIVE, "names its prefixes"),
	  TOP(BOOL, mob_rtr_use_explicit_mode), DEFAULT("enabled") },
	{ OPTION("InterfaceInitialInitDelay", MN, RESTART, "time to settle at start"),
	  TOP(DECIMAL, interface_initial_init_delay_us), RANGE(0, 3600ull * US),
	  DEFAULT("2.0") },
	{ OPTION("MnRouterProbes", MN, LIVE, "probes before a router is given up"),
	  TOP(NUMBER, mn_router_probes), RANGE(0, 100), DEFAULT("1") },
	{ OPTION("MnRouterProbeTimeout", MN, LIVE, "time for each probe"),
	  TOP(DECIMAL, mn_router_probe_timeout_us), RANGE(0, 3600ull * US),
	  DEFAULT("0.2") },
	{ OPTION("CoaDad", MN, NEW, "when a new care-of address may be used"),
	  TOP(ENUM, coa_dad), .words = coa_dad_words, DEFAULT("optimistic") },
	{ OPTION("MnAddressGeneration", MN, NEW, "how care-of addresses are formed"),
	  TOP(ENUM, mn_address_generation), .words = addr_gen_words, DEFAULT("stable") },
	{ OPTION("InitialBindackTimeoutFirstReg", MN, NEW, "first resend, new binding"),
	  TOP(DECIMAL, initial_bindack_timeout_first_reg_us),
	  RANGE(US / 20, 32ull * US), DEFAULT("1.5") },
	{ OPTION("InitialBindackTimeoutReReg", MN, NEW, "first resend, known binding"),
	  TOP(DECIMAL, initial_bindack_timeout_re_reg_us),
	  RANGE(US / 20, 32ull * US), DEFAULT("1.0") },
	{ OPTION("InitialSolicitTimer", MN, NEW, "first resend of prefix solicitations"),
	  TOP(DECIMAL, initial_solicit_timer_us), RANGE(US / 10, 3600ull * US),
	  DEFAULT("3.0") },
	{ OPTION("MnMulticast", MN, LIVE, "where groups are joined while away"),
	  TOP(ENUM, mn_multicast), .words = multicast_words, DEFAULT("tunnel") },
	{ OPTION("OptimisticHandoff", MN, LIVE, "sends before the acknowledgement"),
	  TOP(BOOL, optimistic_handoff), DEFAULT("disabled") },
	{ OPTION("MnFormerCoaServes", MN, LIVE, "the home agent has HaFormerCoaTime"),
	  TOP(BOOL, mn_former_coa_serves), DEFAULT("disabled") },
	{ OPTION("NoHomeReturn", MN, LIVE, "never at home"),
	  TOP(BOOL, no_home_return), DEFAULT("disabled") },
};
/* clang-format on */

size_t conf_option_count(void)
{
	return sizeof(conf_options) / sizeof(conf_options[0]);
}

size_t conf_option_id(const struct conf_option *o)
{
	return (size_t)(o - conf_options);
}

const struct conf_option *conf_option_find(enum conf_block block, const char *name)
{
	for (size_t i = 0; i < conf_option_count(); i++) {
		const struct conf_option *o = &conf_options[i];

		if (o->block == block && o->name && strcmp(o->name, name) == 0)
			return o;
	}
	return NULL;
}

bool conf_option_is_keyword(const char *name)
{
	for (size_t i = 0; i < conf_option_count(); i++)
		if (conf_options[i].name && strcmp(conf_options[i].name, name) == 0)
			return true;
	return false;
}

const struct conf_loc *conf_option_written(const struct conf *c, const char *name)
{
	static const struct conf_loc nowhere;
	const struct conf_option *o = conf_option_find(CONF_BLOCK_TOP, name);

	return o ? &c->written[conf_option_id(o)] : &nowhere;
}

/* Words that stand in files written for other branches of UMIP. */
static const struct {
	const char *name;
	const char *why;
} foreign[] = {
#define UNUSED_WORD "UMIP reserves this word but never used it; remove it"
#define PROXY	    "it belongs to the proxy mobility (PMIPv6) branches, which are not supported"
#define DUAL	    "it belongs to the dual stack (DSMIPv6) branch, which is not supported"
	{"LinkName", UNUSED_WORD},
	{"IPsecType", UNUSED_WORD},
	{"IfName", UNUSED_WORD},
	{"DoRouteOptimization", "write DoRouteOptimizationCN or DoRouteOptimizationMN"},
	{"ProxyMipLma", PROXY},
	{"ProxyMipMag", PROXY},
	{"LMA", PROXY},
	{"MAG", PROXY},
	{"HaAcceptDsmip6", DUAL},
	{"HomeAgentV4Address", DUAL},
	{"HaAcceptIPv4Traffic", DUAL},
	{"MnUseDsmip6", DUAL},
	{"MnSupportIPv4Traffic", DUAL},
	{"HomeV4Address", DUAL},
	{"HomeV4Prefix", DUAL},
	{"UseDhcp", DUAL},
};

const char *conf_option_foreign(const char *name)
{
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		if (strcmp(foreign[i].name, name) == 0)
			return foreign[i].why;
	return NULL;
}
