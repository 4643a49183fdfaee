/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
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
    int used = canvas_text(canvas, area.row, area.col, area.cols, STYLE_LABEL,
                           "Type  yes  or  no :  ");
    return line_entry_draw(&ui->line, canvas, area.row, area.col + used, area.cols - used);
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
    static const char *const words[] = {"yes", "no"};
    for (size_t i = 0; i < 2; i++) {
        if (!text_equal_nocase(text, words[i]))
            continue;
        char *answer = NULL;
        TRY(text_copy(words[i], &answer));
        ui_give(ui, answer, NULL);
        return NULL;
    }
    ui_notice(ui, "Type the whole word: yes, or no.");
    return NULL;
}

const struct view view_confirm = {
    .input_rows = input_rows,
    .draw_input = draw_input,
    .key = key,
    .reads = true,
    .enter = "accept",
    .decline = "decline",
    .help =
        "Whoever stands behind \"Performs\" looks, compares with what is expected, and answers. "
        "Type the whole word, yes or no, then Enter. No is a valid answer: it is recorded, and "
        "the script says what follows.",
};
