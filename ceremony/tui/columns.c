/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/columns.h"

#include <stdio.h>

#define COLUMNS_USUAL 3
#define WIDTH_MAX     20
#define WIDTH_MIN     13 /* a number and eight letters */

struct columns
columns_arrange(size_t count, struct area area)
{
    int across = COLUMNS_USUAL;
    int across_max = area.cols / WIDTH_MIN;
    while (across < across_max && ((int)count + across - 1) / across > area.rows)
        across++;
    int width = area.cols / across;
    return (struct columns){((int)count + across - 1) / across,
                            width < WIDTH_MAX ? width : WIDTH_MAX};
}

void
columns_place(const struct columns *columns, struct area area, size_t index, int *ret_row,
              int *ret_col)
{
    *ret_row = area.row + (int)index % columns->rows;
    *ret_col = area.col + (int)index / columns->rows * columns->width;
}

void
columns_draw_numbers(const struct columns *columns, struct canvas *canvas, struct area area,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int row = 0;
        int col = 0;
        columns_place(columns, area, i, &row, &col);
        char number[24];
        (void)snprintf(number, sizeof number, "%2zu", i + 1);
        (void)canvas_text(canvas, row, col, COLUMNS_NUMBER, STYLE_LABEL, number);
    }
}
