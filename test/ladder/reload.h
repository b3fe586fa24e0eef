// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reload, option by option: what a change of each option does to a node that serves. A
 * case shows it for some of the roles that use the option; reload_option_test.c goes
 * through the option table and wants cases for all of them.
 */
#ifndef TEST_LADDER_RELOAD_H
#define TEST_LADDER_RELOAD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "conf/option.h"
#include "test/ladder/ladder.h"

#define FOR_CN	CONF_ROLES_CN
#define FOR_HA	CONF_ROLES_HA
#define FOR_MN	CONF_ROLES_MN
#define FOR_ALL CONF_ROLES_ALL

/* Of effect, in_lab and unused one is set. */
struct reload_case {
	const char *option; /* "MnRoPolicy", inside a block "MnHomeLink.HomeAddress" */
	unsigned int roles;
	void (*effect)(void);
	const char *in_lab; /* the test of test/lab/test_reload.py that shows the effect */
	const char *unused; /* why there is none */
};

/* Ended by .option NULL. */
extern const struct reload_case reload_cn_cases[], reload_ha_cases[], reload_mn_cases[],
	reload_move_cases[], reload_multicast_cases[];

/* Reloads. The option that the case is about must be told. */
void reload(struct box *b, const char *conf);

#endif
