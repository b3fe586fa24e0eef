// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which roles make up a node.
 */
#ifndef DAEMON_ROLES_H
#define DAEMON_ROLES_H

#include "conf/conf.h"
#include "core/mip6.h"

/* Adds the roles of a node of that kind: its own first, then those that every node
 * has. The order is that in which messages are offered to them. */
void roles_add(struct mip6 *m, enum conf_role role);

#endif
