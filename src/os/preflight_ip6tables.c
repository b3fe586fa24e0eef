// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What ip6tables of the old kind (table "filter") do to one protocol. The table is
 * read with the socket option that ip6tables itself uses, and each rule of the
 * built-in chain looked at: what it compares, where it leads. As in
 * preflight_nft.c a rule counts when it names the protocol or the device, wherever
 * a jump leads.
 */
#include "os/preflight.h"

#include <errno.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A table that is not there must not be loaded by looking. */
static bool table_loaded(void)
{
	FILE *f = fopen("/proc/net/ip6_tables_names", "re");
	char line[64];
	bool found = false;

	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f))
		found = strcmp(line, "filter\n") == 0;
	fclose(f);
	return found;
}

static struct ip6t_get_entries *read_table(int fd, struct ip6t_getinfo *info)
{
	struct ip6t_get_entries *e;
	socklen_t len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	strcpy(info->name, "filter");
	if (getsockopt(fd, IPPROTO_IPV6, IP6T_SO_GET_INFO, info, &len) < 0)
		return NULL;
	len = (socklen_t)(sizeof(*e) + info->size);
	e = calloc(1, len);
	if (!e)
		return NULL;
	strcpy(e->name, "filter");
	e->size = info->size;
	if (getsockopt(fd, IPPROTO_IPV6, IP6T_SO_GET_ENTRIES, e, &len) < 0) {
		free(e);
		return NULL;
	}
	return e;
}

static bool names_device(const struct ip6t_ip6 *ip, const char *device)
{
	size_t n = strlen(device);

	return strncmp(ip->iniface, device, n) == 0 || strncmp(ip->outiface, device, n) == 0;
}

static bool has_condition(const struct ip6t_entry *e)
{
	static const struct ip6t_ip6 nothing;

	return e->target_offset != sizeof(*e) ||
	       memcmp(&e->ipv6.smsk, &nothing.smsk, sizeof(nothing.smsk)) != 0 ||
	       memcmp(&e->ipv6.dmsk, &nothing.dmsk, sizeof(nothing.dmsk)) != 0 ||
	       e->ipv6.iniface[0] || e->ipv6.outiface[0] || e->ipv6.proto;
}

static bool is_right(const struct ip6t_entry *e, const struct firewall_hook *h)
{
	if (h->device)
		return names_device(&e->ipv6, h->device);
	return e->ipv6.proto == h->proto && !(e->ipv6.invflags & IP6T_INV_PROTO);
}

/* Whether more is compared than what is_right() looks at. */
static bool asks_more(const struct ip6t_entry *e, const struct firewall_hook *h)
{
	struct ip6t_entry rest = *e;

	if (h->device) {
		memset(rest.ipv6.iniface, 0, sizeof(rest.ipv6.iniface));
		memset(rest.ipv6.outiface, 0, sizeof(rest.ipv6.outiface));
	} else {
		rest.ipv6.proto = 0;
	}
	return has_condition(&rest);
}

enum effect { EFFECT_NONE, EFFECT_ACCEPTS, EFFECT_DROPS };

static enum effect target_effect(const struct ip6t_entry *e)
{
	const struct xt_entry_target *t =
		(const void *)((const char *)e + e->target_offset);
	const struct xt_standard_target *s = (const void *)t;

	if (t->u.user.name[0] != '\0') /* not a standard target */
		return strcmp(t->u.user.name, "REJECT") == 0 ? EFFECT_DROPS : EFFECT_NONE;
	if (s->verdict == -NF_DROP - 1)
		return EFFECT_DROPS;
	/* Accepts, or jumps to where it may be accepted; but not RETURN. */
	return s->verdict == -NF_ACCEPT - 1 || s->verdict >= 0 ? EFFECT_ACCEPTS : EFFECT_NONE;
}

static bool entry_fits(const struct ip6t_entry *e, size_t left)
{
	return left >= sizeof(*e) && e->next_offset >= sizeof(*e) && e->next_offset <= left &&
	       e->target_offset >= sizeof(*e) &&
	       e->target_offset + sizeof(struct xt_standard_target) <= e->next_offset;
}

/* Goes through the built-in chain from its first rule to its policy. */
static enum firewall_verdict judge_chain(const struct ip6t_get_entries *table,
					 const struct ip6t_getinfo *info,
					 const struct firewall_hook *h)
{
	const char *base = (const char *)table->entrytable;
	size_t at = info->hook_entry[h->hook];

	while (at <= info->underflow[h->hook] && at < info->size) {
		const struct ip6t_entry *e = (const void *)(base + at);
		enum effect effect;

		if (!entry_fits(e, info->size - at))
			return FIREWALL_OPEN;
		effect = target_effect(e);
		if (effect == EFFECT_ACCEPTS && (is_right(e, h) || !has_condition(e)))
			return FIREWALL_OPEN;
		if (effect == EFFECT_DROPS &&
		    (!has_condition(e) || (is_right(e, h) && !asks_more(e, h))))
			return FIREWALL_CLOSED;
		at += e->next_offset;
	}
	return FIREWALL_OPEN;
}

int firewall_judge_ip6tables(const struct firewall_hook *h, enum firewall_verdict *out)
{
	struct ip6t_getinfo info;
	struct ip6t_get_entries *table;
	int fd;

	*out = FIREWALL_OPEN;
	if (!table_loaded() || h->hook >= NF_INET_NUMHOOKS)
		return 0;
	fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (fd < 0)
		return -errno;
	table = read_table(fd, &info);
	close(fd);
	if (!table)
		return -EIO;
	if (info.valid_hooks & 1U << h->hook)
		*out = judge_chain(table, &info, h);
	free(table);
	return 0;
}
