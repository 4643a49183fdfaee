/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "ceremony/base/text.h"
#include "ceremony/tui/keys.h"
#include "ceremony/tui/view.h"

#define ROWS_MAX 8 /* more choices than these scroll */

/* Nothing is marked before somebody does it: an Enter too many agrees to nothing. */
static struct error *
open_choose(struct ui *ui)
{
    ui->choice = ui->prompt->choice_count;
    ui->number = 0;
    return NULL;
}

static int
input_rows(const struct ui *ui, int width)
{
    (void)width;
    size_t count = ui->prompt->choice_count;
    return (int)(count < ROWS_MAX ? count : ROWS_MAX);
}

static struct error *
draw_input(struct ui *ui, struct canvas *canvas, struct area area)
{
    size_t count = ui->prompt->choice_count;
    size_t rows = (size_t)area.rows;
    size_t top = ui->choice < count && ui->choice >= rows ? ui->choice - rows + 1 : 0;
    for (size_t i = 0; i < rows && top + i < count; i++) {
        size_t index = top + i;
        bool chosen = index == ui->choice;
        char text[256];
        (void)snprintf(text, sizeof text, "%c %zu  %s", chosen ? '>' : ' ', index + 1,
                       ui->prompt->choices[index].text);
        int row = area.row + (int)i;
        (void)canvas_text(canvas, row, area.col, area.cols - 4,
                          chosen ? STYLE_INPUT : STYLE_PLAIN, text);
        bool more = (i == 0 && top > 0) || (i + 1 == rows && index + 1 < count);
        if (more)
            (void)canvas_text(canvas, row, area.col + area.cols - 4, 4, STYLE_WARNING, "more");
        if (chosen)
            canvas_cursor(canvas, row, area.col);
    }
    return NULL;
}

/* "1" then "0" is line 10; a number that is no line begins anew with its last digit. */
static void
take_digit(struct ui *ui, size_t digit)
{
    size_t number = ui->number * 10 + digit;
    if (number > ui->prompt->choice_count)
        number = digit;
    ui->number = number <= ui->prompt->choice_count ? number : 0;
    if (ui->number > 0)
        ui->choice = ui->number - 1;
}

static struct error *
key(struct ui *ui, int32_t pressed)
{
    size_t count = ui->prompt->choice_count;
    if (count == 0)
        return NULL;
    if (pressed >= '0' && pressed <= '9') {
        take_digit(ui, (size_t)(pressed - '0'));
        return NULL;
    }
    ui->number = 0;
    if (pressed == UI_UP && ui->choice > 0)
        ui->choice--;
    else if (pressed == UI_DOWN)
        ui->choice = ui->choice == count ? 0 : ui->choice + (ui->choice + 1 < count ? 1 : 0);
    else if (pressed == UI_HOME)
        ui->choice = 0;
    else if (pressed == UI_END)
        ui->choice = count - 1;
    if (pressed != UI_ENTER || !ui_has_read(ui))
        return NULL;
    if (ui->choice == count) {
        ui_notice(ui, "Mark a line first: type its number, or use the arrow keys.");
        return NULL;
    }
    char *answer = NULL;
    TRY(text_copy(ui->prompt->choices[ui->choice].id, &answer));
    ui_give(ui, answer, NULL);
    return NULL;
}

const struct view view_choose = {
    .open = open_choose,
    .input_rows = input_rows,
    .draw_input = draw_input,
    .key = key,
    .reads = true,
    .enter = "choose",
    .decline = "decline",
    .help =
        "Type the number of a line, or move the mark with the arrow keys. Enter takes the line "
        "that is marked; at first none is.",
};
