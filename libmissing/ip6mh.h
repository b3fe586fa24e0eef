// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of RFC 4584 (Mobile IPv6 in the sockets interface) that the system's
 * <netinet/in.h> and <netinet/ip6.h> may lack; glibc and musl have only the first.
 * Each is defined only where the system has none. They serve the sockets of
 * src/os; packets themselves are decoded in src/wire, byte by byte.
 */
#ifndef LIBMISSING_IP6MH_H
#define LIBMISSING_IP6MH_H

#include <netinet/in.h>
#include <netinet/ip6.h>
#include <stdint.h>

/* RFC 4584 section 4.2. Where <netinet/in.h> has it as an enumerator, it defines
 * the name as a macro as well. */
#ifndef IPPROTO_MH
#define IPPROTO_MH 135
#endif

/* RFC 4584 section 4.3, RFC 6275 section 6.3. */
#ifndef IP6OPT_HOME_ADDRESS
#define IP6OPT_HOME_ADDRESS 0xc9

struct ip6_opt_home_address {
	uint8_t ip6oha_type;
	uint8_t ip6oha_len;
	uint8_t ip6oha_addr[16];
};
#endif

/* RFC 4584 section 4.4, RFC 6275 section 6.4; the number is asked for with
 * setsockopt(IPV6_RTHDR) and inet6_rth_init(), RFC 4584 section 5. */
#ifndef IPV6_RTHDR_TYPE_2
#define IPV6_RTHDR_TYPE_2 2

struct ip6_rthdr2 {
	uint8_t ip6r2_nxt;
	uint8_t ip6r2_len; /* always 2 */
	uint8_t ip6r2_type;
	uint8_t ip6r2_segleft; /* always 1 */
	uint32_t ip6r2_reserved;
	struct in6_addr ip6r2_homeaddr;
};
#endif

#endif
