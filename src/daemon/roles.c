// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which roles make up a node: the only place that knows all of them. Called by
 * run.c before start.
 */
#include "daemon/roles.h"

#include "cn/cn.h"
#include "ha/ha.h"
#include "mn/mn.h"

void roles_add(struct mip6 *m, enum conf_role role)
{
	switch (role) {
	case CONF_ROLE_HA:
		mip6_add_role(m, &ha_role);
		break;
	case CONF_ROLE_MN:
		mip6_add_role(m, &mn_role);
		break;
	case CONF_ROLE_CN:
		break;
	}
	mip6_add_role(m, &cn_role);
}
