// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records of lists, sorted and without doubles. Every record of the
 * configuration begins with its struct conf_loc. Private to conf/.
 */
#ifndef CONF_BUILD_H
#define CONF_BUILD_H

#include "conf/reader.h"

typedef int conf_compare_fn(const void *a, const void *b);

/* Sorts `count` records by key, then, of those whose keys are equal, keeps the
 * one that was read last and warns about the others (`what` names the kind).
 * Returns how many are left. */
size_t conf_records_unique(struct conf_reader *r, void *records, size_t count, size_t size,
			   conf_compare_fn *key, const char *what);
/* Sorts records by the order in which they were read. */
void conf_records_by_order(void *records, size_t count, size_t size);

/* The blocks: records from the good statements of each kind. */
void conf_build_interfaces(struct conf_reader *r, struct conf *c);
void conf_build_homes(struct conf_reader *r, struct conf *c);
void conf_build_ipsec(struct conf_reader *r, struct conf *c);
void conf_build_cn_policies(struct conf_reader *r, struct conf *c);

/* The next statement of that option, from `s` on, that is right and in effect. */
struct conf_stmt *conf_next_good(struct conf_stmt *s, const char *name);
/* Zeroed room for all of these; *count tells how many. NULL where there are none. */
void *conf_records_for(struct conf *c, struct conf_stmt *first, const char *name, size_t size,
		       size_t *count);
/* Defaults, then what is written, of the scalar options of a block. */
void conf_build_scalars(struct conf *c, struct conf_stmt *first, enum conf_block block, void *base);
/* Copies the prefixes of a list value. */
const struct prefix *conf_build_mnps(struct conf *c, const struct conf_value *list, size_t *count);

int conf_compare_prefix(const struct prefix *a, const struct prefix *b);

#endif
