// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Binding Acknowledgements of the home agent (RFC 6275 10.3, 9.5.4).
 */
#ifndef HA_ANSWER_H
#define HA_ANSWER_H

#include "core/counters.h"
#include "core/mip6.h"
#include "ha/verdict.h"

/* Acknowledges as the verdict says. 10.3.1, 10.3.2: MUST be answered, whether or not the
 * A bit asks for it. */
void ha_answer(struct mip6 *m, const struct ha_bu *bu, const struct ha_verdict *v);
/* Refuses, with a counter and a violation log entry. */
void ha_refuse(struct mip6 *m, const struct ha_bu *bu, uint8_t status, enum counter counter,
	       const char *reason);

#endif
