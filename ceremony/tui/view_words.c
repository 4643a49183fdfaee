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
#define PLACE_COLS 18 /* "Word 128 of 128:  " */

static struct error *
open_words(struct ui *ui)
{
    BUG_ON(ui->prompt->list == NULL);
    return word_entry_new(ui->prompt->list, ui->prompt->word_count, &ui->words);
}

/* Where the letters being typed stand: always the same place, so that each painting covers the one
 * before. */
static int
typed_col(struct area foot)
{
    return foot.col + PLACE_COLS;
}

static struct error *
draw_foot(const struct ui *ui, struct canvas *canvas, struct area foot)
{
    size_t current = word_entry_current(ui->words);
    size_t count = word_entry_count(ui->words);
    char text[96];
    int len = snprintf(text, sizeof text, "%zu of %zu", word_entry_filled(ui->words), count);
    (void)canvas_text(canvas, foot.row, foot.col + foot.cols - len, len, STYLE_PLAIN, text);
    if (current < count) {
        (void)snprintf(text, sizeof text, "Word %zu of %zu:", current + 1, count);
        (void)canvas_text(canvas, foot.row, foot.col, PLACE_COLS, STYLE_LABEL, text);
        canvas_cursor(canvas, foot.row,
                      typed_col(foot) + (int)strlen(word_entry_typed(ui->words)));
    }
    const char *told = ui->notice;
    if (told[0] == '\0' && word_entry_filled(ui->words) == count) {
        (void)snprintf(text, sizeof text, "All %zu words are typed. Enter hands them over.",
                       count);
        told = text;
    }
    (void)canvas_text(canvas, foot.row + 2, foot.col, foot.cols, STYLE_WARNING, told);
    return NULL;
}

static struct error *
draw_private(struct ui *ui, struct canvas *canvas, struct area middle)
{
    size_t count = word_entry_count(ui->words);
    struct private_areas areas = private_arrange(middle, count, FOOT_ROWS);
    TRY(private_draw_text(ui, canvas, areas.text));
    columns_draw_numbers(&areas.columns, canvas, areas.words, count);
    return draw_foot(ui, canvas, areas.foot);
}

static void
paint_word(struct paint *paint_to, int row, int col, const char *word, size_t width)
{
    paint_text(paint_to, row, col, word != NULL ? word : "", word != NULL ? strlen(word) : 0,
               width);
}

static void
paint(const struct ui *ui, struct area middle, struct paint *paint_to)
{
    size_t count = word_entry_count(ui->words);
    struct private_areas areas = private_arrange(middle, count, FOOT_ROWS);
    size_t width = (size_t)(areas.columns.width - COLUMNS_NUMBER - 1);
    for (size_t i = 0; i < count; i++) {
        int row = 0;
        int col = 0;
        columns_place(&areas.columns, areas.words, i, &row, &col);
        paint_word(paint_to, row, col + COLUMNS_NUMBER, word_entry_word(ui->words, i), width);
    }
    int col = typed_col(areas.foot);
    paint_word(paint_to, areas.foot.row, col, word_entry_typed(ui->words), TYPED_COLS);
    paint_word(paint_to, areas.foot.row + 1, col, word_entry_candidate(ui->words), TYPED_COLS);
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
