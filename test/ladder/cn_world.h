// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For the tests of the correspondent (RFC 6275 section 9): the program as correspondent,
 * and a mobile node that is a script: one box stands at home and speaks for its home
 * address, one is where the node is.
 */
#ifndef TEST_LADDER_CN_WORLD_H
#define TEST_LADDER_CN_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cn/cn.h"
#include "test/ladder/ladder.h"

#define HOA "2001:db8:1::100"
#define COA "2001:db8:a::9"
#define CN  "2001:db8:f::2"

struct cn_world {
	struct ladder *L;
	struct box *at_home;
	struct box *mn;
	struct box *cn;
	struct mh_test hot;
	struct mh_test cot;
	uint8_t kbm[RR_KBM_LEN];
	struct mip6_path path;
	struct mh_msg bu;
	uint8_t last_ba_status;
	bool last_ba_sealed;
	unsigned int heard;
};

struct cn_world *cn_world_with(const char *conf);
struct cn_world *cn_world(void);
/* Stops all and checks that nothing is left behind. */
void cn_world_down(struct cn_world *w);
/* 5.2.5: both tests, or one of them; then the key. */
void cn_test_home(struct cn_world *w);
void cn_test_careof(struct cn_world *w);
void cn_test_both(struct cn_world *w);
/* The node gets another home address, with a test of its own. */
void cn_use_home(struct cn_world *w, const char *hoa);
/* w->bu with the next sequence number, signed; send_delete() turns it into a deletion. */
void cn_send_bu(struct cn_world *w);
void cn_send_delete(struct cn_world *w);
/* Without those of which only the sequence number is left. */
size_t cn_bindings(const struct cn_world *w);

#endif
