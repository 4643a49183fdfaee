/* SPDX-License-Identifier: Apache-2.0
 *
 * A PIN, in a box in the middle of the screen. */
#include "ceremony/tui/frame.h"
#include "ceremony/tui/keys.h"
#include "ceremony/tui/view.h"

#define LABEL_COLS 7

static struct error *
open_pin(struct ui *ui)
{
    return pin_entry_init(&ui->pin, ui->prompt->secret_max);
}

struct error *
pin_draw(struct ui *ui, struct canvas *canvas)
{
    const struct prompt *prompt = ui->prompt;
    int width = BOX_TEXT_COLS;
    AUTO_LINES lines = {0};
    TRY(lines_wrap(&lines, STYLE_SAY, 0, width, prompt->say));
    TRY(lines_gap(&lines));
    TRY(lines_wrap(&lines, STYLE_PLAIN, 0, width, prompt->body));
    TRY(lines_gap(&lines));
    TRY(lines_label(&lines, LABEL_COLS, width, "Who", prompt->who));
    TRY(lines_gap(&lines));
    TRY(lines_wrap(&lines, STYLE_NOW, 0, width, prompt->question));
    size_t marks = lines.count;
    TRY(lines_label(&lines, LABEL_COLS, width, "PIN", pin_entry_marks(&ui->pin)));
    TRY(lines_gap(&lines));
    TRY(lines_wrap(&lines, STYLE_WARNING, 0, width, prompt->warning));
    TRY(lines_wrap(&lines, STYLE_WARNING, 0, width, ui->notice));
    TRY(lines_gap(&lines));
    TRY(lines_add(&lines, STYLE_LABEL,
                  prompt->may_decline ? "Enter  accept           Esc  another person"
                                      : "Enter  accept"));
    struct area inner =
        box_draw(&lines, canvas, ui_box(ui, canvas), prompt->title, &ui->scroll);
    /* The cursor does not move with what is typed. */
    int row = (int)marks - (int)ui->scroll.top;
    if (row >= 0 && row < inner.rows)
        canvas_cursor(canvas, inner.row + row, inner.col + LABEL_COLS);
    return NULL;
}

static struct error *
key(struct ui *ui, int32_t pressed)
{
    if (pressed != UI_ENTER) {
        if (pin_entry_key(&ui->pin, pressed) && ui->pin.too_long)
            ui_notice(ui,
                      "This is longer than can be accepted; the last character was left out.");
        return NULL;
    }
    if (ui->pin.len == 0)
        ui_notice(ui, "Nothing has been typed yet.");
    else
        ui_give(ui, NULL, pin_entry_take(&ui->pin));
    return NULL;
}

const struct view view_secret = {
    .open = open_pin,
    .draw_over = pin_draw,
    .key = key,
    .enter = "accept",
    .decline = "another",
    .help =
        "Type the PIN. Only its holder looks at the keyboard. Always eight marks are shown, "
        "however long it is. Backspace takes the last character back, Ctrl-U all of them.",
};
