// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Values: from text and tree to what the configuration keeps, one function for
 * each type of the option table. Used by the meaning pass to judge, by the
 * builder to store, and for the defaults.
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "conf/option.h"
#include "conf/tree.h"

#define CONF_MICRO 1000000u

/* "12", "12.5", ".5" times a million, cut at 2^63; digits beyond the sixth
 * behind the dot are dropped. The text must have that form. */
uint64_t conf_number_micro(const char *text, size_t len);

/* enabled allow true, disabled deny block false. */
bool conf_word_bool(const char *word, bool *out);
/* The value of `word` in the table; false when it is not there. */
bool conf_word_find(const struct conf_word *words, const char *word, int *out);

/* True when the value is whole and within 0..UINT32_MAX. */
bool conf_value_u32(const struct conf_value *v, uint32_t *out);
bool conf_value_bool(const struct conf_value *v, bool *out);
/* allow, deny or a status: 0 where it means acceptance. */
bool conf_value_acl_status(const struct conf_value *v, uint8_t *out);
/* An address as /128, or a prefix; :: alone is ::/0 where `any` is true. */
bool conf_value_prefix(const struct conf_value *v, bool any, struct prefix *out);

/* Stores a scalar that was found right at its place in `base`. Strings are
 * copied into `arena`, or kept as they are where it is NULL. */
void conf_value_store(const struct conf_option *o, const struct conf_value *v, void *base,
		      struct conf_arena *arena);

#endif
