/* SPDX-License-Identifier: Apache-2.0
 *
 * A line of free text; or, with a list, one word of it, whose candidates are shown while the person
 * types. The program never fills in a word by itself: that it was heard is what is being proven. */
#include <string.h>
#include <strings.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "ceremony/tui/keys.h"
#include "ceremony/tui/view.h"

#define CANDIDATES_MAX 5

static int
input_rows(const struct ui *ui, int width)
{
    (void)width;
    return ui->prompt->list != NULL ? 2 : 1;
}

/* The words that begin with `typed`, a blank between; how many there are. */
static struct error *
find_candidates(const struct word_list *list, const char *typed, struct bytes *bytes,
                size_t *ret_count, const char **ret_first)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (strncasecmp(list->words[i], typed, strlen(typed)) != 0)
            continue;
        if (count == 0)
            *ret_first = list->words[i];
        if (++count <= CANDIDATES_MAX)
            TRY(bytes_format(bytes, "%s%s", count > 1 ? "  " : "", list->words[i]));
    }
    if (count > CANDIDATES_MAX)
        TRY(bytes_append_text(bytes, "  ..."));
    *ret_count = count;
    return NULL;
}

static struct error *
draw_input(struct ui *ui, struct canvas *canvas, struct area area)
{
    int used = canvas_text(canvas, area.row, area.col, area.cols, STYLE_LABEL, "> ");
    TRY(line_entry_draw(&ui->line, canvas, area.row, area.col + used, area.cols - used));
    AUTO_FREE char *typed = NULL;
    TRY(line_entry_text(&ui->line, &typed));
    if (ui->prompt->list == NULL || typed[0] == '\0')
        return NULL;
    AUTO_BYTES candidates = {0};
    size_t count = 0;
    const char *first = NULL;
    TRY(find_candidates(ui->prompt->list, typed, &candidates, &count, &first));
    const char *text = count == 0 ? "(no word of the list begins so)" : bytes_text(&candidates);
    (void)canvas_text(canvas, area.row + 1, area.col + used, area.cols - used, STYLE_PAST,
                      text);
    return NULL;
}

static struct error *
give_word(struct ui *ui, const char *typed)
{
    int index = word_list_find(ui->prompt->list, typed);
    if (index < 0) {
        AUTO_BYTES candidates = {0};
        size_t count = 0;
        const char *first = NULL;
        TRY(find_candidates(ui->prompt->list, typed, &candidates, &count, &first));
        if (count == 0)
            ui_notice(ui, "This word does not stand in the list: read it again.");
        else
            ui_notice(ui, "Type the word to its end%s.",
                      count == 1 ? ", or complete it with Tab" : "");
        return NULL;
    }
    char *answer = NULL;
    TRY(text_copy(ui->prompt->list->words[index], &answer));
    ui_give(ui, answer, NULL);
    return NULL;
}

static struct error *
complete_word(struct ui *ui)
{
    AUTO_FREE char *typed = NULL;
    TRY(line_entry_text(&ui->line, &typed));
    AUTO_BYTES candidates = {0};
    size_t count = 0;
    const char *first = NULL;
    TRY(find_candidates(ui->prompt->list, typed, &candidates, &count, &first));
    if (count == 1)
        line_entry_set(&ui->line, first);
    return NULL;
}

static struct error *
key(struct ui *ui, int32_t pressed)
{
    if (pressed == UI_TAB && ui->prompt->list != NULL)
        return complete_word(ui);
    if (pressed != UI_ENTER) {
        (void)line_entry_key(&ui->line, pressed);
        return NULL;
    }
    if (!ui_has_read(ui))
        return NULL;
    AUTO_FREE char *text = NULL;
    TRY(line_entry_text(&ui->line, &text));
    if (ui->prompt->list != NULL)
        return give_word(ui, text);
    ui_give(ui, TAKE(text), NULL);
    return NULL;
}

const struct view view_text = {
    .input_rows = input_rows,
    .draw_input = draw_input,
    .key = key,
    .reads = true,
    .enter = "accept",
    .decline = "decline",
    .help =
        "Type what is asked for, then Enter. Arrow keys, Home, End, Backspace and Delete mend "
        "it. Where a word of a list is wanted, the words that it can become stand below; Tab "
        "completes it when only one is left.",
};
