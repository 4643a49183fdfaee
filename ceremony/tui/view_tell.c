/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/keys.h"
#include "ceremony/tui/view.h"

static int
input_rows(const struct ui *ui, int width)
{
    (void)ui;
    (void)width;
    return 1;
}

static struct error *
draw_input(struct ui *ui, struct canvas *canvas, struct area area)
{
    (void)canvas_text(canvas, area.row, area.col, area.cols, STYLE_LABEL,
                      ui->scroll.seen_all ? "Enter  go on" : "Enter  read on");
    return NULL;
}

static struct error *
key(struct ui *ui, int32_t pressed)
{
    if (pressed != UI_ENTER)
        return NULL;
    if (ui->scroll.seen_all)
        ui_give(ui, NULL, NULL);
    else
        scroll_by(&ui->scroll, 1);
    return NULL;
}

const struct view view_tell = {
    .input_rows = input_rows,
    .draw_input = draw_input,
    .key = key,
    .reads = true,
    .enter = "go on",
    .decline = "decline",
    .help =
        "Read the text; what stands under \"reads aloud\" is read to everybody. Enter goes on "
        "when the end of the text has been in view.",
};
