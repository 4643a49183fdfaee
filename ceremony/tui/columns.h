/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbered words in columns, read downwards. */
#pragma once

#include <stddef.h>

#include "ceremony/tui/canvas.h"

#define COLUMNS_NUMBER 4 /* "33  ", before each word */

struct columns {
    int rows;
    int width; /* of a column, its number included */
};

/* How `count` words stand in `area`: in three columns, or as many as its height asks for. */
struct columns columns_arrange(size_t count, struct area area);
/* The place of word `index` (from 0): where its number begins. */
void columns_place(const struct columns *columns, struct area area, size_t index, int *ret_row,
                   int *ret_col);
/* Draws the numbers 1 to `count`. */
void columns_draw_numbers(const struct columns *columns, struct canvas *canvas,
                          struct area area, size_t count);
