// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The port: all that the protocol knows of the operating system. It speaks
 * intent, not netlink: "this route shall be", "send this message along that
 * path", "is this address in use". os/ implements it on Linux, the ladder tests
 * implement it in memory.
 *
 * Two halves. `struct kernel_ops` is what the protocol asks for; it never
 * blocks, and answers come later through the entry points of mip6.h
 * (mip6_on_done, mip6_on_probe, mip6_on_lookup). Kernel objects are values: a key that says
 * which object, and the rest that says how it shall be; two objects with the
 * same key replace each other.
 */
#ifndef CORE_KERNEL_H
#define CORE_KERNEL_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

/* ------------------------------------------------------------------ */
/* Kernel objects                                                      */

/* A device: by index when `ifindex` is not 0, else by name. Devices that we
 * create are named, because their index is not known before they exist. */
struct kdev {
	uint32_t ifindex;
	char name[IFNAMSIZ];
};

enum kobj_type {
	KOBJ_SYSCTL,	    /* a per-interface IPv6 setting; deleting restores what was */
	KOBJ_TUNNEL,	    /* an ip6tnl device */
	KOBJ_ADDR,	    /* an address of this node */
	KOBJ_ROUTE,	    /* a route, perhaps with encapsulation */
	KOBJ_RULE,	    /* a routing policy rule */
	KOBJ_TUNNEL_FILTER, /* who may send what out of the shared tunnel, RFC 6275 10.4.5 */
	KOBJ_PROXY_NEIGH,   /* defence of a home address, RFC 6275 10.4.1 */
	KOBJ_ANYCAST,	    /* membership of an anycast address; lives as long as the process */
	KOBJ_GROUP,	    /* membership of a multicast group; lives as long as the process */
	KOBJ_XFRM_POLICY,
	KOBJ_XFRM_STATE,
	KOBJ_TYPE_COUNT
};

/* net.ipv6.conf.DEV.NAME, or net.ipv6.neigh.DEV.NAME. Key: dev, name. */
enum ksysctl {
	KSYSCTL_FORWARDING,
	KSYSCTL_ACCEPT_RA,
	KSYSCTL_ACCEPT_RA_DEFRTR,
	KSYSCTL_AUTOCONF,
	KSYSCTL_ROUTER_SOLICITATIONS,
	KSYSCTL_ROUTER_SOLICITATION_DELAY, /* s; also before duplicate address detection */
	KSYSCTL_PROXY_NDP,
	KSYSCTL_HOP_LIMIT,
	KSYSCTL_MTU,
	KSYSCTL_DAD_TRANSMITS,
	KSYSCTL_OPTIMISTIC_DAD,
	KSYSCTL_USE_OPTIMISTIC,
	KSYSCTL_NDISC_NOTIFY,
	KSYSCTL_KEEP_ADDR_ON_DOWN,
	KSYSCTL_NEIGH_BASE_REACHABLE_MS,
	KSYSCTL_NEIGH_RETRANS_MS,
	KSYSCTL_NEIGH_PROXY_DELAY, /* 1/100 s: answers for proxied addresses wait up to this */
	KSYSCTL_POLICY_HASH_LOCAL, /* no file, of "all": so many bits of our own address a
				    * policy must have to be found by hash */
	KSYSCTL_COUNT
};
struct kobj_sysctl {
	struct kdev dev; /* name "all" or "default" are these pseudo devices */
	enum ksysctl name;
	int32_t value;
};

/* Key: name. The shared tunnel (external) takes its end points from each
 * route's encapsulation; only one such device can exist in a network namespace.
 * A pair tunnel has fixed end points, which can be replaced in place. */
struct kobj_tunnel {
	char name[IFNAMSIZ];
	bool external;
	struct in6_addr local;	/* pair only */
	struct in6_addr remote; /* pair only */
	uint32_t link;		/* index of the device below; 0: as routed */
	uint8_t hop_limit;
	uint32_t mtu; /* 0: the kernel's choice */
};

enum kaddr_flags {
	KADDR_HOME = 1,		 /* IFA_F_HOMEADDRESS: preferred as source, RFC 6724 rule 4 */
	KADDR_NODAD = 2,	 /* no duplicate address detection */
	KADDR_OPTIMISTIC = 4,	 /* RFC 4429 where the kernel has it */
	KADDR_NO_PREFIX_ROUTE = 8,
	KADDR_DEPRECATED = 16,	 /* preferred lifetime 0 */
};
/* Key: dev, addr. Lifetimes in seconds, UINT32_MAX: infinite. */
struct kobj_addr {
	struct kdev dev;
	struct in6_addr addr;
	uint8_t plen;
	unsigned int flags; /* kaddr_flags */
	uint32_t valid_s;
	uint32_t preferred_s;
};

enum kroute_type { KROUTE_UNICAST, KROUTE_UNREACHABLE, KROUTE_BLACKHOLE, KROUTE_THROW };
/* KTABLE_OWN: table 252, "mip6". KTABLE_SOURCE: table 251, for those who have no source address
 * yet. KTABLE_LOCAL is asked before all others: multicast only. */
enum ktable { KTABLE_MAIN, KTABLE_OWN, KTABLE_SOURCE, KTABLE_LOCAL };

/* Key: table, dst, src, metric. */
struct kobj_route {
	enum ktable table;
	struct prefix dst;
	struct prefix src;  /* source-specific route; ::/0 for none */
	uint32_t metric;
	enum kroute_type type;
	struct kdev dev;
	struct in6_addr via;	 /* :: for none */
	struct in6_addr prefsrc; /* :: for none */
	bool onlink;
	bool encap;		 /* lightweight encapsulation in the shared tunnel */
	struct in6_addr encap_src;
	struct in6_addr encap_dst;
	uint32_t mtu;		 /* 0: none */
};

/* Key: all but the action, and what follows it. */
struct kobj_rule {
	uint32_t priority;
	struct prefix from; /* ::/0: any */
	struct prefix to;
	char iif[IFNAMSIZ]; /* "": any; "lo": our own packets */
	char oif[IFNAMSIZ];
	uint8_t ip_proto;   /* 0: any */
	enum kroute_type action; /* UNICAST: look up `table` */
	enum ktable table;
	/* It fits a packet without a source address, too, if that gets one in `from` by the
	 * route that is found. */
	bool finds_source;
	bool specific; /* default routes do not count */
};

/* Lets packets out of the shared tunnel `tunnel` with inner source in
 * `inner_src` only when they came from `outer_src`, or from `also_src` unless that is
 * unspecified; what no filter lets pass is dropped and counted. Key: tunnel, inner_src;
 * the two outer sources are a set. */
struct kobj_tunnel_filter {
	char tunnel[IFNAMSIZ];
	struct prefix inner_src;
	struct in6_addr outer_src;
	struct in6_addr also_src;
};

/* Key: all. */
struct kobj_proxy_neigh {
	uint32_t ifindex;
	struct in6_addr addr;
};

/* KOBJ_ANYCAST, KOBJ_GROUP. Key: all. */
struct kobj_member {
	uint32_t ifindex;
	struct in6_addr addr;
};

enum kxfrm_dir { KXFRM_IN, KXFRM_OUT, KXFRM_FWD };
enum kxfrm_proto { KXFRM_HAO, KXFRM_RH2, KXFRM_ESP, KXFRM_AH, KXFRM_COMP };
enum kxfrm_mode { KXFRM_ROUTE_OPTIMIZATION, KXFRM_TRANSPORT, KXFRM_TUNNEL };
#define KXFRM_TMPL_MAX 4

/* Which packets. `proto` 0: any. For Mobility Header and ICMPv6 `type` is the
 * message type, -1 for any. */
struct kxfrm_selector {
	struct prefix src;
	struct prefix dst;
	uint8_t proto;
	int16_t type;
	uint32_t ifindex; /* 0: any */
};

struct kxfrm_tmpl {
	enum kxfrm_proto proto;
	enum kxfrm_mode mode;
	struct in6_addr src;
	struct in6_addr dst;
	uint32_t reqid;
	bool optional; /* "level use": applied when there is a state, else passed */
};

/* Between two mobile nodes a packet needs both headers, but the kernel applies one
 * policy, and one role knows of each header. So each role puts its part; the port
 * makes one policy of all parts with the same dir, sub and sel. */
enum kxfrm_part { KXFRM_WHOLE, KXFRM_PART_HAO, KXFRM_PART_RH2, KXFRM_PART_COUNT };

/* Key: dir, sub, sel, part. A policy of the main type with one tunnel template between one
 * address and a prefix has an end that moves, on the side of that address, from which it
 * begins: as the policy changes, security associations go along (RFC 6275 10.4.6). */
struct kobj_xfrm_policy {
	enum kxfrm_dir dir;
	bool sub; /* XFRM_POLICY_TYPE_SUB: ours; main is for IPsec */
	struct kxfrm_selector sel;
	enum kxfrm_part part;
	uint32_t priority;
	bool block;
	uint8_t tmpl_count;
	struct kxfrm_tmpl tmpl[KXFRM_TMPL_MAX];
};

#define KXFRM_ALG_NAME_MAX 64
#define KXFRM_KEY_MAX	   64
/* Key: proto, src, dst, spi. HAO and RH2: `coaddr` is the care-of address that
 * goes into (or is expected in) the IPv6 header. ESP: the algorithm fields. */
struct kobj_xfrm_state {
	enum kxfrm_proto proto;
	enum kxfrm_mode mode;
	struct in6_addr src;
	struct in6_addr dst;
	uint32_t spi;
	uint32_t reqid;
	struct in6_addr coaddr;
	const struct kxfrm_esp_keys *esp; /* not owned; NULL for HAO and RH2 */
};
struct kxfrm_esp_keys {
	char enc_name[KXFRM_ALG_NAME_MAX];
	uint8_t enc_key[KXFRM_KEY_MAX];
	uint8_t enc_key_len;
	char auth_name[KXFRM_ALG_NAME_MAX];
	uint8_t auth_key[KXFRM_KEY_MAX];
	uint8_t auth_key_len;
};

struct kobj {
	enum kobj_type type;
	union {
		struct kobj_sysctl sysctl;
		struct kobj_tunnel tunnel;
		struct kobj_addr addr;
		struct kobj_route route;
		struct kobj_rule rule;
		struct kobj_tunnel_filter filter;
		struct kobj_proxy_neigh proxy;
		struct kobj_member member;
		struct kobj_xfrm_policy policy;
		struct kobj_xfrm_state state;
	};
};

/* Order by type, then key: 0 for the same object, whatever its value. */
int kobj_compare_key(const struct kobj *a, const struct kobj *b);
/* True when key and value are the same. */
bool kobj_equal(const struct kobj *a, const struct kobj *b);
const char *kobj_type_name(enum kobj_type t);
/* Writes one line for people, in the words of `ip` where it has some. Returns buf. */
const char *kobj_text(const struct kobj *o, char *buf, size_t size);
/* "forwarding", ...: the name below net/ipv6/conf/DEV (or neigh/DEV). */
const char *ksysctl_name(enum ksysctl s);
bool ksysctl_is_neigh(enum ksysctl s);
#define KOBJ_TEXT_MAX 512
/* True for what mip6_on_lost() hears when all XFRM objects of a type were flushed: the
 * key is all zero. */
bool kobj_is_flush(const struct kobj *o);
/* True for an error with which a deletion has reached its end all the same: the
 * object, or the device that held it, was gone already. */
bool kobj_gone_error(int error);

/* ------------------------------------------------------------------ */
/* Changes                                                             */

enum kchange_op {
	KCHANGE_PUT,
	KCHANGE_REPLACE,
	KCHANGE_DELETE,
	KCHANGE_ADOPT, /* a predecessor left it as it shall be: from now on it is ours */
};

struct kchange {
	enum kchange_op op;
	struct kobj obj; /* DELETE: the key counts, the value helps */
	struct kobj was; /* REPLACE: what it replaces, for rolling back */
	int error;	 /* set before mip6_on_done(): 0 or -errno */
};

const char *kchange_op_name(enum kchange_op op); /* "put", "replace", ... */

/* ------------------------------------------------------------------ */
/* Messages                                                            */

/* The path of a message, the same for a received one and its answer. `local`
 * and `peer` stand in the IPv6 header. A home address that is not ::
 *   - local_home: ours; in a Home Address option when we send, in a type 2
 *     routing header when we receive;
 *   - peer_home: the other's; in a type 2 routing header when we send, in a
 *     Home Address option when we receive. */
struct mip6_path {
	struct in6_addr local;
	struct in6_addr local_home;
	struct in6_addr peer;
	struct in6_addr peer_home;
	uint32_t ifindex; /* 0 when sending: as routed */
	bool strict;	  /* when sending by `ifindex`: whatever else routes say */
	bool may_wait;	  /* when sending: with others at the end of the turn. What becomes of
			   * it is told by mip6_on_unsent() only */
	bool by_policy;	  /* when sending from `local_home`: the kernel makes the option, by
			   * a policy and a state that lead to `local` */
};

/* The address that identifies us (the other) above the network layer: the home
 * address when there is one. These go into checksums (RFC 6275 6.1.1). */
static inline const struct in6_addr *path_local_id(const struct mip6_path *p)
{
	return addr_is_unspecified(&p->local_home) ? &p->local : &p->local_home;
}
static inline const struct in6_addr *path_peer_id(const struct mip6_path *p)
{
	return addr_is_unspecified(&p->peer_home) ? &p->peer : &p->peer_home;
}

enum kproto { KPROTO_MH, KPROTO_ICMP6 };

/* A message that came in, valid during the call. */
struct mip6_packet {
	enum kproto proto;
	struct mip6_path path;
	const uint8_t *data; /* from the MH or ICMPv6 header */
	size_t len;
	uint8_t hop_limit;
	bool to_multicast;   /* path.local then is the group */
	bool protected;	     /* came through IPsec (ESP or AH). Linux does not tell: false
			      * there; inbound policies keep out what must be protected */
};

/* ------------------------------------------------------------------ */
/* What the kernel tells                                               */

#define KLINK_LLADDR_MAX 32
enum klink_kind { KLINK_OTHER, KLINK_ETHER, KLINK_LOOPBACK, KLINK_TUNNEL };

struct klink {
	uint32_t ifindex;
	char name[IFNAMSIZ];
	enum klink_kind kind;
	bool up;      /* administratively */
	bool running; /* carrier: can send (operstate up or unknown) */
	bool point_to_point;
	bool multicast;
	bool ours;    /* a device that we made */
	bool gone;    /* vanished: the last one hears of it */
	uint32_t mtu;
	uint8_t lladdr[KLINK_LLADDR_MAX];
	uint8_t lladdr_len;
	char ssid[33]; /* Wi-Fi; "" otherwise */
	bool has_default;	 /* somebody else has put a default route through it */
	struct in6_addr gateway; /* of that; :: for none */
};

struct kaddr_event {
	uint32_t ifindex;
	struct in6_addr addr;
	uint8_t plen;
	bool gone;
	bool tentative; /* not usable yet; false with `optimistic` set: usable with care */
	bool optimistic;
	bool dad_failed;
	bool home;
	bool deprecated;
	bool ours; /* we put it */
	uint64_t valid_until_us; /* to the second; TIME_NEVER: without end */
};

enum kneigh_state { KNEIGH_NONE, KNEIGH_PROBING, KNEIGH_REACHABLE, KNEIGH_STALE, KNEIGH_FAILED };
struct kneigh_event {
	uint32_t ifindex;
	struct in6_addr addr;
	enum kneigh_state state;
	bool router;
	uint8_t lladdr[KLINK_LLADDR_MAX];
	uint8_t lladdr_len;
};

/* A packet that XFRM wants a state for, or refused. */
struct kxfrm_event {
	enum { KXFRM_EVENT_ACQUIRE, KXFRM_EVENT_REPORT, KXFRM_EVENT_EXPIRE } what;
	enum kxfrm_proto proto;
	struct in6_addr src;
	struct in6_addr dst;
	struct in6_addr coaddr; /* REPORT of a Home Address option: the packet's source */
	uint8_t upper_proto;
	uint16_t sport;
	uint16_t dport;
};

/* Somebody sends through a tunnel: the trigger of route optimization. */
struct ktraffic_event {
	struct in6_addr local; /* our home address */
	struct in6_addr peer;
	bool outgoing;
};

/* A packet that came through the shared tunnel, and that no filter let pass. */
struct kstray_event {
	struct in6_addr outer_src;
	struct in6_addr outer_dst; /* ours */
	struct in6_addr inner_src;
	struct in6_addr inner_dst;
};

/* A packet to a multicast address, whole from its IPv6 header: out of the shared tunnel,
 * or seen on a link. Valid during the call. */
struct kmulticast_event {
	uint32_t ifindex;	   /* of the link; 0: out of the tunnel */
	struct in6_addr outer_src; /* of the tunnel; :: on a link */
	struct in6_addr outer_dst; /* ours */
	const uint8_t *data;
	size_t len;
};

/* The end points of a tunnel for one packet. */
struct ktunnel_ends {
	struct in6_addr local;
	struct in6_addr remote;
};

enum kprobe_kind { KPROBE_DAD, KPROBE_NUD };
enum kprobe_result {
	KPROBE_SILENT, /* DAD: unique; NUD: unreachable */
	KPROBE_ANSWERED, /* DAD: duplicate; NUD: reachable */
	KPROBE_ERROR   /* could not be sent: no such interface, link down */
};

/* ------------------------------------------------------------------ */
/* The functions                                                       */

struct kernel;

struct kprobe {
	enum kprobe_kind kind;
	uint32_t ifindex;
	struct in6_addr target;
	struct in6_addr source; /* NUD: from which address; :: the link-local one */
	/* DAD: who answers for the target is this neighbour, which is reachable from then on
	 * at the link-layer address that it tells (RFC 6275 11.5.5); :: is nobody. */
	struct in6_addr defender;
	uint32_t count;		/* solicitations */
	uint64_t interval_us;	/* between them, and after the last */
};

struct kernel_ops {
	/* Takes the changes (copied) into this turn's batch. Later the port calls
	 * mip6_on_done(m, ticket, changes, n) once, with each change's error. All
	 * are tried, in order, also after a failure. 0 or -ENOMEM (then nothing is
	 * taken and no call comes). */
	int (*apply)(struct kernel *k, const struct kchange *changes, size_t n, uint64_t ticket);
	/* Sends a message. MH: checksum already in place. ICMPv6: filled in here.
	 * path->local :: sends from the unspecified address (multicast peers only).
	 * hop_limit 0: the system's default.
	 * 0 or -errno; -EAGAIN when the socket is full: the message is lost, as on
	 * any network. */
	int (*send)(struct kernel *k, enum kproto proto, const struct mip6_path *path,
		    uint8_t hop_limit, const void *data, size_t len);
	/* Begins a probe; answer by mip6_on_probe(m, ticket, result) once, unless
	 * cancelled. 0 or -errno. */
	int (*probe)(struct kernel *k, const struct kprobe *p, uint64_t ticket);
	void (*probe_cancel)(struct kernel *k, uint64_t ticket);
	/* Looks a name up (AAAA records), with questions from `source` (:: from any);
	 * answer by mip6_on_lookup(m, ticket, addrs, count) once, unless cancelled. 0 or
	 * -errno. */
	int (*lookup)(struct kernel *k, const char *name, const struct in6_addr *source,
		      uint64_t ticket);
	void (*lookup_cancel)(struct kernel *k, uint64_t ticket);
	/* Reports traffic between a home address of ours and peers through tunnel
	 * device `name`: mip6_on_traffic(), at most once per peer, direction and `pace_us`;
	 * called again, everybody's next packet is reported. pace_us 0 ends it. 0 or -errno. */
	int (*watch_traffic)(struct kernel *k, const char *name, uint64_t pace_us);
	/* Tells of packets that no filter lets out of the shared tunnel `name`:
	 * mip6_on_stray(), for at most `per_s` of them in a second; the others, and all
	 * where the kernel cannot tell, are dropped in silence. per_s 0 ends it. 0 or
	 * -errno. */
	int (*watch_strays)(struct kernel *k, const char *name, uint32_t per_s);
	/* Gives what comes out of the shared tunnel `name` to multicast addresses to
	 * mip6_on_multicast(), and to nobody else; at most `per_s` packets in a second. 0
	 * ends it. 0 or -errno. */
	int (*watch_multicast)(struct kernel *k, const char *name, uint32_t per_s);
	/* mip6_on_multicast() hears what is sent to these groups on a link, by others or by
	 * this machine; in place of those before. Membership is another thing (KOBJ_GROUP).
	 * count 0 ends it. 0 or -errno. */
	int (*hear_groups)(struct kernel *k, uint32_t ifindex, const struct in6_addr *groups,
			   size_t count);
	/* Sends a packet to a multicast address, whole from its IPv6 header, on a link. 0 or
	 * -errno. */
	int (*send_multicast)(struct kernel *k, uint32_t ifindex, const void *data, size_t len);
	/* Sends a packet, whole from its IPv6 header, encapsulated (RFC 2473) to each of these
	 * ends. Returns how many left; *error: why others did not, 0 or -errno, of which
	 * -EMSGSIZE is one that is too big for the tunnel and must not be fragmented. */
	size_t (*send_encapsulated)(struct kernel *k, const struct ktunnel_ends *ends, size_t count,
				    const void *data, size_t len, int *error);
	/* Tells the multicast groups that this machine listens to, with the interface. Reads at
	 * once. 0 or -errno, or what fn returned when not 0. */
	int (*list_groups)(struct kernel *k,
			   int (*fn)(uint32_t ifindex, const struct in6_addr *group, void *ctx),
			   void *ctx);
	/* Microseconds since the policy or state was last used by a packet, into
	 * *idle_us; TIME_NEVER when never. 0 or -errno. Reads at once. */
	int (*last_use)(struct kernel *k, const struct kobj *o, uint64_t *idle_us);
	/* Lists what carries our marks (protocol number, table, priorities, names,
	 * remembered sysctls), also what a crashed predecessor left; devices of ours
	 * by name, others by index. Only at start and for the console: it reads at
	 * once. 0 or -errno, or what fn returned when not 0. */
	int (*scan)(struct kernel *k, int (*fn)(const struct kobj *o, void *ctx), void *ctx);
	/* Removes the addresses and routes that an interface got from its link without us
	 * (advertisements, DHCP): the link is left behind. At once. */
	void (*forget_learned)(struct kernel *k, uint32_t ifindex);
	/* Tells all links and addresses again through mip6_on_link/on_addr. */
	int (*resync)(struct kernel *k);
};

struct mip6;

/* The head of every implementation. */
struct kernel {
	const struct kernel_ops *ops;
	struct mip6 *mip6; /* who hears the events */
	bool prefers_home; /* knows rule 4 of RFC 6724: KADDR_HOME counts, and what sockets say */
};

#endif
