// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words and explanations of counters, from the one table in counters.h, and
 * clearing. Clearing takes nothing away: it remembers what there was, so that
 * metrics, which must never run backwards, go on counting.
 */
#include "core/counters.h"

const char *counter_word(enum counter c)
{
	static const char *const words[COUNTER_COUNT] = {
#define X(name, word, help) [COUNT_##name] = (word),
		COUNTERS(X)
#undef X
	};

	return (unsigned int)c < COUNTER_COUNT ? words[c] : "unknown";
}

const char *counter_help(enum counter c)
{
	static const char *const helps[COUNTER_COUNT] = {
#define X(name, word, help) [COUNT_##name] = (help),
		COUNTERS(X)
#undef X
	};

	return (unsigned int)c < COUNTER_COUNT ? helps[c] : "unknown";
}

uint64_t counter_shown(const struct counters *c, enum counter which)
{
	return c->value[which] - c->cleared[which];
}

void counters_clear(struct counters *c)
{
	unsigned int i;

	for (i = 0; i < COUNTER_COUNT; i++)
		c->cleared[i] = c->value[i];
}
