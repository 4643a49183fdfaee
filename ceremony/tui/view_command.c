/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "ceremony/tui/keys.h"
#include "ceremony/tui/view.h"

static struct error *
open_command(struct ui *ui)
{
    BUG_ON(ui->prompt->expected_text == NULL);
    return NULL;
}

#define LABEL_COLS 7 /* "Type   " */

/* A long command takes several lines: all of it must be seen, and typed. */
static struct error *
break_command(const struct ui *ui, int width, struct lines *lines)
{
    return lines_wrap(lines, STYLE_TITLE, 0, width - LABEL_COLS, ui->prompt->expected_text);
}

static int
input_rows(const struct ui *ui, int width)
{
    AUTO_LINES lines = {0};
    struct error *error = break_command(ui, width, &lines);
    error_free(error);
    return error == NULL ? (int)lines.count + 1 : 2;
}

static struct error *
draw_input(struct ui *ui, struct canvas *canvas, struct area area)
{
    AUTO_LINES lines = {0};
    TRY(break_command(ui, area.cols, &lines));
    int row = area.row;
    (void)canvas_text(canvas, row, area.col, area.cols, STYLE_LABEL, "Type   ");
    for (size_t i = 0; i < lines.count; i++)
        (void)canvas_text(canvas, row++, area.col + LABEL_COLS, area.cols - LABEL_COLS,
                          STYLE_TITLE, lines.items[i].text);
    (void)canvas_text(canvas, row, area.col, area.cols, STYLE_LABEL, "     > ");
    return line_entry_draw(&ui->line, canvas, row, area.col + LABEL_COLS,
                           area.cols - LABEL_COLS);
}

static struct error *
key(struct ui *ui, int32_t pressed)
{
    if (pressed != UI_ENTER) {
        (void)line_entry_key(&ui->line, pressed);
        return NULL;
    }
    if (!ui_has_read(ui))
        return NULL;
    AUTO_FREE char *text = NULL;
    TRY(line_entry_text(&ui->line, &text));
    if (strcmp(text, ui->prompt->expected_text) == 0)
        ui_give(ui, TAKE(text), NULL);
    else
        ui_notice(ui, text_equal_nocase(text, ui->prompt->expected_text)
                          ? "Capital and small letters matter: type it exactly as it stands."
                          : "That is not the command: type it exactly as it stands.");
    return NULL;
}

const struct view view_command = {
    .open = open_command,
    .input_rows = input_rows,
    .draw_input = draw_input,
    .key = key,
    .reads = true,
    .enter = "do it",
    .decline = "do not",
    .help =
        "Read everything that is shown. Nothing happens until the command is typed exactly as "
        "it stands, and Enter. Where declining is possible, F7 or Esc declines.",
};
