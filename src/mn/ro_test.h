// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The messages of return routability on the mobile node (RFC 6275 5.2, 11.6.1, 11.6.2).
 */
#ifndef MN_RO_TEST_H
#define MN_RO_TEST_H

#include "mn/ro.h"

/* Sends what is missing: a Home Test Init through the tunnel, and (`careof`) a Care-of
 * Test Init directly, both at once; within the permitted rate (11.8). */
void ro_test_send(struct ro_peer *p, bool careof);
/* The Home Test Init once more, where one is unanswered. */
void ro_test_repeat_home(struct ro_peer *p);
/* A Home Test or Care-of Test. True when it is an answer that is waited for: then its
 * token is taken, which is so always the newest. */
bool ro_test_take(struct ro_peer *p, const struct mip6_packet *packet, const struct mh_msg *msg);
/* True when the tokens are there (`careof`: both) and young enough to be used. */
bool ro_test_is_complete(const struct ro_peer *p, bool careof);
/* No answer is waited for any more. */
void ro_test_cancel(struct ro_peer *p);

#endif
