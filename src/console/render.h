// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a show looks like: text for people, or JSON. A show that comes in pieces is
 * rendered piece by piece.
 */
#ifndef CONSOLE_RENDER_H
#define CONSOLE_RENDER_H

#include <stdbool.h>
#include <stdio.h>

#include "core/show.h"

#define RENDER_COLUMNS_MAX 24

struct render {
	bool json;
	bool begun;	   /* a piece was rendered before */
	bool colour;	   /* text for a terminal */
	bool rows;	   /* the open list has rows already */
	size_t width[RENDER_COLUMNS_MAX]; /* text: of the columns so far */
};

/* `colour` is for text. */
void render_init(struct render *r, bool json, bool colour);
/* Writes one piece; `s->more` tells that another follows, which begins with the same
 * list. 0, or -EIO when `out` does not take it. */
int render_piece(struct render *r, const struct show *s, FILE *out);

#endif
