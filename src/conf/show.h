// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration as text of its own dialect: what --show-config prints, and
 * by which two configurations are compared. Private to conf/.
 */
#ifndef CONF_SHOW_H
#define CONF_SHOW_H

#include <stdio.h>

#include "conf/option.h"

/* What stands behind the keyword of an option that occurs once in its block,
 * `base` being the struct of the block; nothing where it has no value. */
void conf_show_value(FILE *out, const struct conf_option *o, const void *base);

/* The values of one record. */
void conf_show_acl(FILE *out, const struct conf_acl *a);
void conf_show_cn_policy(FILE *out, const struct conf_cn_policy *p);
void conf_show_ro_policy(FILE *out, const struct conf_ro_policy *p);
void conf_show_ipsec_policy(FILE *out, const struct conf_ipsec_policy *p);

#endif
