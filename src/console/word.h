// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One word of the console, for the files that carry words out. Private to console/.
 */
#ifndef CONSOLE_WORD_H
#define CONSOLE_WORD_H

#include <errno.h>

#include "console/command.h"

/* A word that looks through the binding cache looks at so many between two pieces. */
#define WORD_LOOKS_MAX 4096

/* How many roles can be asked: before all have started, none. */
unsigned int word_role_count(const struct mip6 *m);
/* Ends the request with an errno value. */
enum command_end word_failed(struct command_request *r, int error);
/* fail(request, out, errno value, format, ...): says why, and ends the request. */
#define fail(r, out, error, ...) \
	(show_format((out), "error", __VA_ARGS__), word_failed((r), (error)))

/* How many objects are missing in the kernel, different or unexpected. Reads at once. 0 or
 * -errno. */
int word_count_wrong_objects(struct mip6 *m, size_t *out);

typedef enum command_end word_fn(struct command_request *r, struct show *out);

/* word_node.c */
word_fn word_status, word_bindings, word_violations, word_interfaces, word_timers, word_config,
	word_debug, word_monitor;
/* word_counters.c */
word_fn word_counters, word_metrics, word_clear_counters, word_clear_undo;
/* word_kernel.c */
word_fn word_kernel, word_tunnels, word_policies;
/* word_top.c */
word_fn word_top;
/* word_check.c */
word_fn word_netcheck, word_ping;
/* word_change.c */
word_fn word_clear_binding, word_config_diff, word_reload, word_handover;

#endif
