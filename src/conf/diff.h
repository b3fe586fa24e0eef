// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a new configuration changes, option by option, with what a reload does
 * about it, and what of it has to wait for a restart. For SIGHUP and `mip6ctl
 * reload`.
 */
#ifndef CONF_DIFF_H
#define CONF_DIFF_H

#include "conf/conf.h"
#include "conf/option.h"

enum conf_change_kind { CONF_CHANGE_VALUE, CONF_CHANGE_ADDED, CONF_CHANGE_REMOVED };

/* One change. The texts are values of the dialect, valid during the call. */
struct conf_change {
	const struct conf_option *option; /* .reload tells when it takes effect */
	enum conf_change_kind kind;
	/* which of several: the name of an interface, a home address, "HA HoA" of an
	 * IPsec policy set, a prefix; "" for an option of which there is one */
	const char *key;
	const char *before; /* "" where it was not there */
	const char *after;  /* "" where it is no more */
};

typedef void conf_change_fn(const struct conf_change *change, void *ctx);

/* Calls `fn` (which may be NULL) for each difference, in the order of the option
 * table. Returns their number, or -ENOMEM. Options without effect are left out;
 * places in files do not matter. */
int conf_diff(const struct conf *before, const struct conf *after, conf_change_fn *fn, void *ctx);

/* Gives those options of `next` that only a restart changes the values that they have in
 * `running`, so that `next` is what is in force when it has been carried out. For a
 * configuration that nobody reads yet. 0 or -ENOMEM. */
int conf_keep_for_restart(struct conf *next, const struct conf *running);

#endif
