// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prints the option table for manual.py: a line for each option, of the block in
 * which it stands, its name (- where it has none), and the facts that the manual
 * must state, with tabs between.
 */
#include <stdio.h>

#include "conf/option.h"

int main(void)
{
	char facts[512];

	for (size_t i = 0; i < conf_option_count(); i++) {
		const struct conf_option *o = &conf_options[i];

		printf("%s\t%s\t%s\n", conf_block_name(o->block), o->name ? o->name : "-",
		       conf_option_facts(o, facts, sizeof(facts)));
	}
	return 0;
}
