// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Decoded messages as JSON, so that other programs can compare them with what
 * they see. Only what a message has appears.
 */
#ifndef TEST_GOLDEN_DUMP_H
#define TEST_GOLDEN_DUMP_H

#include <jansson.h>

#include "wire/icmp6.h"
#include "wire/mh.h"
#include "wire/nd.h"

/* The caller owns the result. */
json_t *dump_mh(const struct mh_msg *msg);
json_t *dump_icmp6(const struct icmp6_msg *msg);
json_t *dump_nd(const struct nd_msg *msg);
json_t *dump_bytes(const uint8_t *bytes, size_t len);

#endif
