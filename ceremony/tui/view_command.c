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

static int
input_rows(const struct ui *ui, int width)
{
    (void)ui;
    (void)width;
    return 2;
}

static struct error *
draw_input(struct ui *ui, struct canvas *canvas, struct area area)
{
    int used = canvas_text(canvas, area.row, area.col, area.cols, STYLE_LABEL, "Type   ");
    (void)canvas_text(canvas, area.row, area.col + used, area.cols - used, STYLE_TITLE,
                      ui->prompt->expected_text);
    used = canvas_text(canvas, area.row + 1, area.col, area.cols, STYLE_LABEL, "     > ");
    return line_entry_draw(&ui->line, canvas, area.row + 1, area.col + used, area.cols - used);
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
