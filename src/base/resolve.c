// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names to addresses (RFC 1035, RFC 3596: AAAA records), for the name of a home agent.
 * The DNS client is libevent's, which lives in the same loop; it is made anew for each
 * question, because a mobile node finds other name servers wherever it comes. The hosts
 * file is read first, as people expect.
 *
 * An answer waits for a timer of the loop that has expired already: so it never comes
 * from inside the question, and libevent's client is not ended from its own callback.
 * Called by os/resolve.c.
 */
#include "base/resolve.h"

#include <event2/dns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "base/log.h"

static const char *resolv_conf_path = "/etc/resolv.conf";
static const char *hosts_path = "/etc/hosts";

struct resolve {
	struct loop *loop;
	struct evdns_base *dns; /* owned */
	resolve_fn *fn;
	void *ctx;
	const char *why;
	size_t count;
	struct in6_addr addrs[RESOLVE_MAX];
	struct timer done;
};

void resolve_set_files(const char *resolv_conf, const char *hosts)
{
	resolv_conf_path = resolv_conf;
	hosts_path = hosts;
}

static void free_resolve(struct resolve *r)
{
	timer_cancel(loop_timers(r->loop), &r->done);
	/* Its questions end without a word. */
	if (r->dns)
		evdns_base_free(r->dns, 0);
	free(r);
}

static void on_done(struct timer *t, uint64_t now_us)
{
	struct resolve *r = t->ctx;

	(void)now_us;
	r->fn(r->addrs, r->count, r->why, r->ctx);
	free_resolve(r);
}

static void finish(struct resolve *r)
{
	timer_set(loop_timers(r->loop), &r->done, loop_now_us(r->loop), NULL);
}

static void on_answer(int result, char type, int count, int ttl, void *addrs, void *ctx)
{
	struct resolve *r = ctx;
	size_t n = count > 0 ? (size_t)count : 0;

	(void)ttl;
	if (result != DNS_ERR_NONE)
		r->why = evdns_err_to_string(result);
	else if (type != DNS_IPv6_AAAA || !n)
		r->why = "no IPv6 address";
	else
		r->count = n < RESOLVE_MAX ? n : RESOLVE_MAX;
	if (r->count)
		memcpy(r->addrs, addrs, r->count * sizeof(r->addrs[0]));
	finish(r);
}

/* --- the hosts file -------------------------------------------------------------- */

static void read_hosts_line(struct resolve *r, char *line, const char *name)
{
	struct in6_addr addr;
	char *word, *rest = NULL;

	line[strcspn(line, "#\n")] = '\0';
	word = strtok_r(line, " \t", &rest);
	if (!word || addr_parse(word, &addr))
		return;
	while ((word = strtok_r(NULL, " \t", &rest)) != NULL) {
		if (strcasecmp(word, name) == 0 && r->count < RESOLVE_MAX) {
			r->addrs[r->count++] = addr;
			return;
		}
	}
}

static void read_hosts(struct resolve *r, const char *name)
{
	FILE *f = fopen(hosts_path, "re");
	char line[1024];

	if (!f)
		return;
	while (fgets(line, sizeof(line), f))
		read_hosts_line(r, line, name);
	fclose(f);
}

/* --- the DNS --------------------------------------------------------------------- */

static size_t know_servers(struct resolve *r, const struct in6_addr *source)
{
	const int what = DNS_OPTION_SEARCH | DNS_OPTION_NAMESERVERS | DNS_OPTION_MISC |
			 DNS_OPTION_NAMESERVERS_NO_DEFAULT;
	int count;

	if (r->dns)
		evdns_base_free(r->dns, 0);
	r->dns = evdns_base_new(loop_event_base(r->loop), 0);
	if (!r->dns)
		return 0;
	if (!addr_is_unspecified(source))
		evdns_base_set_option(r->dns, "bind-to", ADDR_STR(source));
	evdns_base_resolv_conf_parse(r->dns, what, resolv_conf_path);
	count = evdns_base_count_nameservers(r->dns);
	return count > 0 ? (size_t)count : 0;
}

/* Name servers that cannot be asked from the source, those of IPv4, are asked only where
 * there is no other, from wherever the system thinks best. */
static void ask(struct resolve *r, const char *name, const struct in6_addr *source)
{
	const struct in6_addr any = { .s6_addr = { 0 } };

	if (!know_servers(r, source) && !know_servers(r, &any)) {
		r->why = "no name server";
		finish(r);
		return;
	}
	if (!evdns_base_resolve_ipv6(r->dns, name, 0, on_answer, r)) {
		r->why = "it cannot be asked for";
		finish(r);
	}
}

struct resolve *resolve_name(struct loop *l, const char *name, const struct in6_addr *source,
			     resolve_fn *fn, void *ctx)
{
	struct resolve *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->loop = l;
	r->fn = fn;
	r->ctx = ctx;
	r->why = "";
	timer_init(&r->done, "name-resolved", on_done, r);
	read_hosts(r, name);
	if (r->count)
		finish(r);
	else
		ask(r, name, source);
	return r;
}

void resolve_cancel(struct resolve *r)
{
	if (r)
		free_resolve(r);
}
