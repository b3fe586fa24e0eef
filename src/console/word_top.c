// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `top`: what a node with many bindings does just now: rates since the same client asked
 * last (since the start, the first time), reasons of refusal, who registered last, who
 * sends most. All of it costs the same at ten bindings and at a hundred thousand. Called
 * through the table of command.c.
 */
#include <string.h>

#include "base/time.h"
#include "console/word.h"

#define NEWEST_MAX  10
#define BUSIEST_MAX 10
/* Memories of former bindings may stand among the newest: so many are looked at. */
#define LOOKS_MAX   200

static const enum counter rated[] = {
	COUNT_IN_MH,	     COUNT_IN_BU,	  COUNT_BU_ACCEPTED,	 COUNT_BU_REFUSED,
	COUNT_BU_IGNORED,    COUNT_BINDING_ADDED, COUNT_BINDING_CHANGED, COUNT_BINDING_EXPIRED,
	COUNT_BINDING_REMOVED, COUNT_OUT_BA,	  COUNT_KERNEL_ERROR,
};
static const enum counter reasons[] = {
	COUNT_BU_BAD_HAO, COUNT_BU_BAD_COA, COUNT_BU_BAD_SEQ, COUNT_BU_BAD_AUTH,
	COUNT_BU_BAD_NONCE, COUNT_BU_ACL, COUNT_BU_RATE, COUNT_BU_FULL, COUNT_BU_DAD,
	COUNT_BU_KERNEL, COUNT_DROP_MH_CHECKSUM, COUNT_DROP_MH_LENGTH, COUNT_DROP_MH_OPTION,
	COUNT_DROP_MH_TYPE, COUNT_HAO_UNVERIFIED,
};

/* In thousandths, so that a slow rate is seen. */
static void show_rate(struct show *out, uint64_t events, uint64_t span_us)
{
	uint64_t milli = span_us ? events * 1000 * US_PER_S / span_us : 0;

	show_format(out, "per_second", "%llu.%03llu", (unsigned long long)(milli / 1000),
		    (unsigned long long)(milli % 1000));
}

static void show_counters(struct command_request *r, struct show *out, const char *list,
			  const enum counter *which, size_t n, bool all)
{
	const struct command_past *past = r->past;
	uint64_t from_us = past->at_us ? past->at_us : r->m->started_us;

	show_list(out, list);
	for (size_t i = 0; i < n; i++) {
		uint64_t now = r->m->counters.value[which[i]];
		uint64_t events = now - past->counters[which[i]];

		if (!all && !events)
			continue;
		show_row(out);
		show_text(out, "what", counter_help(which[i]));
		show_rate(out, events, r->m->now_us - from_us);
		show_number(out, "events", events);
		show_number(out, "total", now);
	}
	show_close(out);
}

static void show_newest(struct mip6 *m, struct show *out, enum binding_kind kind)
{
	struct binding *b;
	unsigned int looks = 0, shown = 0;

	show_list(out, "newest");
	TAILQ_FOREACH_REVERSE (b, &m->bcache.by_age[kind], binding_list, by_age) {
		if (shown == NEWEST_MAX || looks++ == LOOKS_MAX)
			break;
		if (b->state == BINDING_MEMORY)
			continue;
		shown++;
		show_row(out);
		show_addr(out, "home_address", &b->key.hoa);
		show_addr(out, "care_of_address", b->want.valid ? &b->want.coa : &b->installed.coa);
		show_text(out, "state", binding_state_name(b->state));
		show_since(out, "ago", b->updated_us, m->now_us);
	}
	show_close(out);
}

static void show_busiest(const struct mip6 *m, struct show *out)
{
	struct busy_entry list[BUSY_MAX];
	size_t n = busy_list(&m->busy, list);

	show_list(out, "busiest");
	for (size_t i = 0; i < n && i < BUSIEST_MAX; i++) {
		show_row(out);
		show_addr(out, "node", &list[i].addr);
		show_number(out, "binding_updates", list[i].count);
		show_number(out, "perhaps_too_many_by", list[i].unsure);
	}
	show_close(out);
}

enum command_end word_top(struct command_request *r, struct show *out)
{
	struct mip6 *m = r->m;
	struct bcache *c = &m->bcache;
	enum binding_kind kind = c->count[BINDING_HOME] ? BINDING_HOME : BINDING_CACHED;
	uint64_t since_us = r->past->at_us ? r->past->at_us : m->started_us;

	show_text(out, "role", conf_role_name(m->conf->role));
	show_span(out, "up_for", m->now_us - m->started_us);
	show_number(out, "home_registrations", c->count[BINDING_HOME]);
	show_number(out, "correspondent_bindings", c->count[BINDING_CACHED]);
	show_number(out, "remembered", c->memory_count);
	show_number(out, "timers", m->timers->count);
	show_span(out, "rates_over", m->now_us - since_us);
	show_counters(r, out, "rates", rated, sizeof(rated) / sizeof(rated[0]), true);
	show_counters(r, out, "refusals", reasons, sizeof(reasons) / sizeof(reasons[0]), false);
	show_newest(m, out, kind);
	show_busiest(m, out);
	r->past->at_us = m->now_us;
	memcpy(r->past->counters, m->counters.value, sizeof(r->past->counters));
	return COMMAND_DONE;
}
