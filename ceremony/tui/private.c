/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/private.h"

#define MARGIN        3
#define TEXT_ROWS_MIN 3
#define TEXT_ROWS_MAX 6
#define COLS_MAX      76

struct private_areas
private_arrange(struct area middle, size_t count, int foot_rows)
{
    struct area inner = {middle.row + 1, MARGIN, middle.rows - 1, middle.cols - 2 * MARGIN};
    if (inner.cols > COLS_MAX)
        inner.cols = COLS_MAX;
    struct private_areas areas;
    struct area room = inner;
    room.rows = inner.rows - foot_rows - TEXT_ROWS_MIN - 2;
    areas.columns = columns_arrange(count, room);
    int word_rows = areas.columns.rows;
    areas.foot = inner;
    areas.foot.rows = foot_rows;
    areas.text = inner;
    areas.text.rows = inner.rows - foot_rows - word_rows - 2;
    if (areas.text.rows > TEXT_ROWS_MAX)
        areas.text.rows = TEXT_ROWS_MAX;
    areas.words = inner;
    areas.words.row = inner.row + areas.text.rows + 1;
    areas.words.rows = word_rows;
    areas.foot.row = areas.words.row + word_rows + 1;
    return areas;
}

struct error *
private_draw_text(struct ui *ui, struct canvas *canvas, struct area area)
{
    const struct prompt *prompt = ui->prompt;
    AUTO_LINES lines = {0};
    TRY(lines_wrap(&lines, STYLE_WARNING, 0, area.cols, prompt->warning));
    TRY(lines_wrap(&lines, STYLE_SAY, 0, area.cols, prompt->say));
    TRY(lines_label(&lines, 8, area.cols, "Alone", prompt->who));
    TRY(lines_wrap(&lines, STYLE_PLAIN, 0, area.cols, prompt->body));
    TRY(lines_wrap(&lines, STYLE_NOW, 0, area.cols, prompt->question));
    lines_draw(&lines, canvas, area, &ui->scroll);
    return NULL;
}
