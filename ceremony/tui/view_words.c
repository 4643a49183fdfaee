/* SPDX-License-Identifier: Apache-2.0
 *
 * A share typed back from paper, on the private screen. Numbers are drawn; words are painted. */
#include <stdio.h>
#include <string.h>

#include "ceremony/tui/keys.h"
#include "ceremony/tui/private.h"
#include "ceremony/tui/view.h"

#define FOOT_ROWS  3
#define TYPED_COLS 18

static struct error *
open_words(struct ui *ui)
{
    return word_entry_new(ui->prompt->list, ui->prompt->word_count, &ui->words);
}

/* "Word 17 of 33:  ", where typing goes on; its columns. */
static int
format_place(const struct ui *ui, char *ret_text, size_t size)
{
    size_t current = word_entry_current(ui->words);
    size_t count = word_entry_count(ui->words);
    if (current == count)
        return snprintf(ret_text, size, "All %zu words are typed. Enter hands them over.",
                        count);
    return snprintf(ret_text, size, "Word %zu of %zu:  ", current + 1, count);
}

static struct error *
draw_private(struct ui *ui, struct canvas *canvas, struct area middle)
{
    size_t count = word_entry_count(ui->words);
    struct private_areas areas = private_arrange(middle, count, FOOT_ROWS);
    TRY(private_draw_text(ui, canvas, areas.text));
    columns_draw_numbers(&areas.columns, canvas, areas.words, count);
    char place[80];
    int used = format_place(ui, place, sizeof place);
    (void)canvas_text(canvas, areas.foot.row, areas.foot.col, used, STYLE_LABEL, place);
    char filled[48];
    int len =
        snprintf(filled, sizeof filled, "%zu of %zu", word_entry_filled(ui->words), count);
    (void)canvas_text(canvas, areas.foot.row, areas.foot.col + areas.foot.cols - len, len,
                      STYLE_PLAIN, filled);
    if (word_entry_current(ui->words) < count)
        canvas_cursor(canvas, areas.foot.row,
                      areas.foot.col + used + (int)strlen(word_entry_typed(ui->words)));
    (void)canvas_text(canvas, areas.foot.row + 2, areas.foot.col, areas.foot.cols,
                      STYLE_WARNING, ui->notice);
    return NULL;
}

static void
paint(const struct ui *ui, struct area middle, struct paint *paint_to)
{
    size_t count = word_entry_count(ui->words);
    struct private_areas areas = private_arrange(middle, count, FOOT_ROWS);
    size_t width = (size_t)(areas.columns.width - COLUMNS_NUMBER - 1);
    for (size_t i = 0; i < count; i++) {
        const char *word = word_entry_word(ui->words, i);
        int row = 0;
        int col = 0;
        columns_place(&areas.columns, areas.words, i, &row, &col);
        paint_text(paint_to, row, col + COLUMNS_NUMBER, word != NULL ? word : "",
                   word != NULL ? strlen(word) : 0, width);
    }
    if (word_entry_current(ui->words) == count)
        return;
    char place[80];
    int col = areas.foot.col + format_place(ui, place, sizeof place);
    const char *typed = word_entry_typed(ui->words);
    paint_text(paint_to, areas.foot.row, col, typed, strlen(typed), TYPED_COLS);
    const char *candidate = word_entry_candidate(ui->words);
    paint_text(paint_to, areas.foot.row + 1, col, candidate != NULL ? candidate : "",
               candidate != NULL ? strlen(candidate) : 0, TYPED_COLS);
}

static struct error *
key(struct ui *ui, int32_t pressed)
{
    size_t count = word_entry_count(ui->words);
    if (pressed != UI_ENTER) {
        (void)word_entry_key(ui->words, pressed);
    } else if (word_entry_filled(ui->words) == count) {
        struct secret *answer = NULL;
        TRY(word_entry_answer(ui->words, &answer));
        ui_give(ui, NULL, answer);
        return NULL;
    } else {
        (void)word_entry_key(ui->words, ' ');
        size_t filled = word_entry_filled(ui->words);
        if (filled < count)
            ui_notice(ui, "%zu words are still to be typed.", count - filled);
    }
    if (word_entry_is_wrong(ui->words))
        ui_notice(ui, "Word %zu does not stand in the list of words: look at the form again.",
                  word_entry_current(ui->words) + 1);
    return NULL;
}

const struct view view_words = {
    .open = open_words,
    .draw_private = draw_private,
    .paint = paint,
    .key = key,
    .enter = "hand over",
    .decline = "decline",
    .help =
        "Type the words of the share from the paper, in order. A word is complete after four "
        "letters and the next begins by itself; whole words with a blank after each are fine "
        "too. Backspace goes back to the word before; the arrow keys go to any word to type it "
        "anew. Enter hands the share over when all words are there.",
};
