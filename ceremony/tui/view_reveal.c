/* SPDX-License-Identifier: Apache-2.0
 *
 * A share shown to its holder. The words go from the prompt's secret straight into the paint. */
#include <stdio.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "ceremony/tui/keys.h"
#include "ceremony/tui/private.h"
#include "ceremony/tui/view.h"

#define FOOT_ROWS 3

/* Word `index` of the secret, its length in `ret_len`; NULL behind the last. */
static const char *
word_at(const struct secret *secret, size_t index, size_t *ret_len)
{
    const char *text = (const char *)secret_borrow_const(secret);
    size_t size = secret_size(secret);
    size_t at = 0;
    for (;;) {
        while (at < size && (text[at] == ' ' || text[at] == '\n'))
            at++;
        size_t begin = at;
        while (at < size && text[at] != ' ' && text[at] != '\n' && text[at] != '\0')
            at++;
        if (at == begin)
            return NULL;
        if (index-- == 0) {
            *ret_len = at - begin;
            return text + begin;
        }
    }
}

static size_t
count_words(const struct secret *secret)
{
    size_t count = 0;
    size_t len = 0;
    while (word_at(secret, count, &len) != NULL)
        count++;
    return count;
}

static void
show_again(struct ui *ui)
{
    ui->hidden = false;
    ui->hide_at_ms = ui->now.monotonic_ms + (int64_t)ui->prompt->reveal_seconds * 1000;
}

static struct error *
open_reveal(struct ui *ui)
{
    BUG_ON(ui->prompt->secret_body == NULL);
    show_again(ui);
    return NULL;
}

static struct error *
draw_foot(struct ui *ui, struct canvas *canvas, struct area foot)
{
    (void)canvas_text(canvas, foot.row, foot.col, foot.cols, STYLE_PLAIN,
                      "When all words are on paper, type  written");
    if (ui->prompt->reveal_seconds > 0) {
        int64_t left = (ui->hide_at_ms - ui->now.monotonic_ms + 999) / 1000;
        char text[48];
        int len = snprintf(text, sizeof text, "hidden again in %d:%02d", (int)(left / 60),
                           (int)(left % 60));
        (void)canvas_text(canvas, foot.row, foot.col + foot.cols - len, len, STYLE_PLAIN, text);
    }
    int used = canvas_text(canvas, foot.row + 1, foot.col, foot.cols, STYLE_LABEL, "> ");
    (void)canvas_text(canvas, foot.row + 2, foot.col, foot.cols, STYLE_WARNING, ui->notice);
    return line_entry_draw(&ui->line, canvas, foot.row + 1, foot.col + used, foot.cols - used);
}

static struct error *
draw_private(struct ui *ui, struct canvas *canvas, struct area middle)
{
    if (ui->prompt->reveal_seconds > 0 && ui->now.monotonic_ms >= ui->hide_at_ms)
        ui->hidden = true;
    size_t count = count_words(ui->prompt->secret_body);
    struct private_areas areas = private_arrange(middle, count, FOOT_ROWS);
    if (ui->hidden) {
        (void)canvas_text(canvas, areas.words.row, areas.words.col, areas.words.cols, STYLE_NOW,
                          "The words are hidden. Enter shows them again.");
        return NULL;
    }
    TRY(private_draw_text(ui, canvas, areas.text));
    columns_draw_numbers(&areas.columns, canvas, areas.words, count);
    return draw_foot(ui, canvas, areas.foot);
}

static void
paint(const struct ui *ui, struct area middle, struct paint *paint_to)
{
    const struct secret *secret = ui->prompt->secret_body;
    size_t count = count_words(secret);
    struct private_areas areas = private_arrange(middle, count, FOOT_ROWS);
    size_t width = (size_t)(areas.columns.width - COLUMNS_NUMBER - 1);
    for (size_t i = 0; i < count; i++) {
        size_t len = 0;
        const char *word = word_at(secret, i, &len);
        int row = 0;
        int col = 0;
        columns_place(&areas.columns, areas.words, i, &row, &col);
        paint_text(paint_to, row, col + COLUMNS_NUMBER, word, len, width);
    }
}

static struct error *
key(struct ui *ui, int32_t pressed)
{
    if (ui->hidden) {
        if (pressed == UI_ENTER)
            show_again(ui);
        return NULL;
    }
    if (pressed != UI_ENTER) {
        (void)line_entry_key(&ui->line, pressed);
        return NULL;
    }
    AUTO_FREE char *text = NULL;
    TRY(line_entry_text(&ui->line, &text));
    if (text_equal_nocase(text, "written"))
        ui_give(ui, NULL, NULL);
    else
        ui_notice(ui, "Type the word  written  when every word is on the form.");
    return NULL;
}

const struct view view_reveal = {
    .open = open_reveal,
    .draw_private = draw_private,
    .paint = paint,
    .key = key,
    .enter = "accept",
    .decline = "decline",
    .help =
        "These words are for one pair of eyes. Write them on the form, in order, and compare "
        "each with the screen. They are hidden after a while; Enter shows them again. When "
        "all are on paper, type the word written, and Enter.",
};
