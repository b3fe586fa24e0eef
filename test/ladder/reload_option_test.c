// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reload, option by option: a test for each entry of the option table, so that none can
 * be forgotten. It runs the cases of that option: each changes it under a node that serves,
 * sees that the difference is told, and looks whether the node then does as the new
 * value says. What only a restart changes must keep its value.
 */
#include "test/ladder/reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/diff.h"
#include "test/ladder/box.h"

static const struct reload_case *const all_cases[] = { reload_cn_cases, reload_ha_cases,
							reload_mn_cases, reload_move_cases,
							reload_multicast_cases };

/* Of daemon and console; the roles do not know them. */
static const struct reload_case daemon_cases[] = {
	{ "DebugLevel", FOR_ALL, .in_lab = "test_the_log_follows" },
	{ "DebugLogFile", FOR_ALL, .in_lab = "test_the_log_follows" },
	{ "HookScript", FOR_ALL, .in_lab = "test_the_hook_follows" },
	{ NULL, 0, .effect = NULL },
};

static const struct conf_option *current;
static unsigned int told;

/* --- reloading ------------------------------------------------------------------------- */

/* The line that is told when something changes in a block whose lines are not told. */
static const struct conf_option *told_as(const struct conf_option *o)
{
	switch (o->block) {
	case CONF_BLOCK_TOP:
	case CONF_BLOCK_INTERFACE:
	case CONF_BLOCK_HOME_LINK:
		break;
	case CONF_BLOCK_IPSEC_SET:
		return conf_option_find(CONF_BLOCK_TOP, "IPsecPolicySet");
	case CONF_BLOCK_CN_POLICY:
		return conf_option_find(CONF_BLOCK_TOP, "CnBindingPolicySet");
	}
	/* A block of another home address is another block. */
	if (o == conf_option_find(CONF_BLOCK_HOME_LINK, "HomeAddress"))
		return conf_option_find(CONF_BLOCK_TOP, "MnHomeLink");
	return o;
}

static void hear_change(const struct conf_change *c, void *ctx)
{
	(void)ctx;
	if (c->option == told_as(current))
		told++;
}

static struct conf *load(const char *text)
{
	struct conf_errors errs;
	struct conf *c = NULL;

	conf_errors_init(&errs);
	if (conf_load_text("new", text, strlen(text), NULL, &c, &errs))
		conf_errors_print(&errs, CONF_ERROR, stderr);
	conf_errors_free(&errs);
	assert_non_null(c);
	return c;
}

void reload(struct box *b, const char *conf)
{
	struct conf *next = load(conf);

	assert_true(conf_diff(b->conf, next, hear_change, NULL) > 0);
	conf_free(next);
	ladder_reconfigure(b, conf);
}

/* --- restarts -------------------------------------------------------------------------- */

/* Another value than the default. */
static const char *another(const struct conf_option *o)
{
	switch (o->type) {
	case CONF_TYPE_BOOL:
		return strcmp(o->default_text, "enabled") == 0 ? "disabled" : "enabled";
	case CONF_TYPE_STRING:
		return "\"77\"";
	case CONF_TYPE_ENUM:
		return o->words[1].word;
	case CONF_TYPE_NUMBER:
	case CONF_TYPE_SECONDS:
	case CONF_TYPE_DECIMAL:
		return "7";
	default:
		fail_msg("no example of that type");
		return NULL;
	}
}

static void stays(const struct conf_option *o)
{
	static const char *const roles[] = { "CN", "HA", "MN" };
	char text[128];

	for (unsigned int i = 0; i < 3; i++) {
		struct conf *now, *next;

		if (!(o->roles & 1U << i) || o->size == 0)
			continue;
		snprintf(text, sizeof(text), "NodeConfig %s;", roles[i]);
		now = load(text);
		snprintf(text, sizeof(text), "NodeConfig %s; %s %s;", roles[i], o->name,
			 another(o));
		next = load(text);
		told = 0;
		if (o != conf_option_find(CONF_BLOCK_TOP, "NodeConfig"))
			assert_true(conf_diff(now, next, hear_change, NULL) > 0 && told == 1);
		assert_int_equal(conf_keep_for_restart(next, now), 0);
		assert_int_equal(conf_diff(now, next, NULL, NULL), 0);
		conf_free(now);
		conf_free(next);
	}
}

/* --- one option ------------------------------------------------------------------------ */

static void name_of(const struct conf_option *o, char *buf, size_t size)
{
	if (o->block == CONF_BLOCK_TOP)
		snprintf(buf, size, "%s", o->name);
	else
		snprintf(buf, size, "%s.%s", conf_block_name(o->block), o->name ? o->name : "-");
}

static bool is_in_lab(const char *test)
{
	const char *top = getenv("top_srcdir");
	char path[512], line[256], wanted[128];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/test/lab/test_reload.py", top ? top : ".");
	snprintf(wanted, sizeof(wanted), "def %s(", test);
	f = fopen(path, "r");
	assert_non_null(f);
	while (!found && fgets(line, sizeof(line), f))
		found = strncmp(line, wanted, strlen(wanted)) == 0;
	fclose(f);
	return found;
}

/* The roles for which the cases of a table show the option. */
static unsigned int run_cases(const struct reload_case *c, const char *name)
{
	unsigned int shown = 0;

	for (; c->option; c++) {
		if (strcmp(c->option, name) != 0)
			continue;
		shown |= c->roles;
		told = 0;
		if (c->effect) {
			c->effect();
			assert_true(told > 0);
		} else if (c->in_lab) {
			assert_true(is_in_lab(c->in_lab));
		} else {
			assert_non_null(c->unused);
		}
	}
	return shown;
}

struct entry {
	const struct conf_option *option;
	char name[128];
};

static void an_option(void **state)
{
	const struct entry *e = *state;
	const struct conf_option *o = e->option;
	const char *name = e->name;
	unsigned int shown = 0;

	current = o;
	if (o->no_effect || o->type == CONF_TYPE_INCLUDE)
		return;
	if (o->reload == CONF_RELOAD_RESTART) {
		stays(o);
		return;
	}
	shown = run_cases(daemon_cases, name);
	for (size_t i = 0; i < sizeof(all_cases) / sizeof(all_cases[0]); i++)
		shown |= run_cases(all_cases[i], name);
	if ((shown & o->roles) != o->roles)
		fail_msg("%s: no case for role %s", name,
			 conf_role_name(!(shown & FOR_CN) && (o->roles & FOR_CN) ? CONF_ROLE_CN :
					!(shown & FOR_HA) && (o->roles & FOR_HA) ? CONF_ROLE_HA :
										   CONF_ROLE_MN));
}

int main(void)
{
	size_t n = conf_option_count();
	struct CMUnitTest *tests = calloc(n, sizeof(*tests));
	struct entry *entries = calloc(n, sizeof(*entries));
	int failed;

	if (!tests || !entries)
		return 1;
	for (size_t i = 0; i < n; i++) {
		entries[i].option = &conf_options[i];
		name_of(&conf_options[i], entries[i].name, sizeof(entries[i].name));
		tests[i] = (struct CMUnitTest){ .name = entries[i].name,
						.test_func = an_option,
						.initial_state = &entries[i] };
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = _cmocka_run_group_tests("options", tests, n, NULL, NULL);
	free(tests);
	free(entries);
	return failed;
}
