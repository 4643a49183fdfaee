/* SPDX-License-Identifier: Apache-2.0
 *
 * The step that asks. Above, what is read and looked at, which scrolls; below, what is asked, which
 * stays: the two share the height, and the upper part never has less than a few lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "ceremony/tui/frame.h"
#include "ceremony/tui/view.h"

#define TEXT_COLS_MAX    76 /* longer lines are hard to read */
#define UPPER_ROWS_MIN   6
#define UPPER_ROWS_USUAL 15
#define LABEL_COLS       10

void
step_number(const struct progress *progress, char *ret_text, size_t size)
{
    ret_text[0] = '\0';
    if (progress->act < progress->act_count
        && progress->step < progress->acts[progress->act].step_count)
        (void)snprintf(ret_text, size, "%zu.%zu  ", progress->act + 1, progress->step + 1);
}

/* What is asked between steps, or instead of an answer, is not of the step, as its id tells. */
static bool
is_of_step(const struct prompt *prompt, const struct progress *progress)
{
    if (progress->act >= progress->act_count
        || progress->step >= progress->acts[progress->act].step_count)
        return false;
    const char *id = progress->acts[progress->act].steps[progress->step].id;
    size_t len = strlen(id);
    return strncmp(prompt->id, id, len) == 0 && prompt->id[len] == '.';
}

static struct error *
draw_title(const struct ui *ui, const struct progress *progress, struct canvas *canvas,
           struct area *area)
{
    char number[48] = "";
    AUTO_FREE char *title = NULL;
    if (is_of_step(ui->prompt, progress))
        step_number(progress, number, sizeof number);
    TRY(text_format(&title, "%s%s", number,
                    ui->prompt->title != NULL ? ui->prompt->title : ""));
    AUTO_LINES lines = {0};
    TRY(lines_wrap(&lines, STYLE_TITLE, 0, area->cols, title));
    int rows = 0;
    for (; rows < 2 && rows < (int)lines.count; rows++)
        (void)canvas_text(canvas, area->row + rows, area->col, area->cols, STYLE_TITLE,
                          lines.items[rows].text);
    area->row += rows + 1;
    area->rows -= rows + 1;
    return NULL;
}

static struct error *
add_facts(struct lines *lines, const struct prompt *prompt, int width)
{
    TRY(lines_label(lines, LABEL_COLS, width, "Performs", prompt->who));
    TRY(lines_label(lines, LABEL_COLS, width, "Expected", prompt->expect));
    return lines_label(lines, LABEL_COLS, width, "Takes", prompt->usual);
}

static struct error *
add_upper(struct lines *lines, const struct prompt *prompt, int width)
{
    if (prompt->say != NULL && prompt->say[0] != '\0') {
        TRY(lines_add(lines, STYLE_LABEL, "The administrator reads aloud"));
        TRY(lines_wrap(lines, STYLE_SAY, 2, width, prompt->say));
        TRY(lines_gap(lines));
    }
    TRY(lines_wrap(lines, STYLE_PLAIN, 0, width, prompt->body));
    return NULL;
}

static struct error *
add_lower(struct lines *lines, const struct ui *ui, int width)
{
    TRY(lines_wrap(lines, STYLE_WARNING, 0, width, ui->prompt->warning));
    TRY(lines_wrap(lines, STYLE_WARNING, 0, width, ui->notice));
    TRY(lines_gap(lines));
    return lines_wrap(lines, STYLE_NOW, 0, width, ui->prompt->question);
}

static void
drop_last_gap(struct lines *lines)
{
    if (lines->count > 0 && lines->items[lines->count - 1].text[0] == '\0')
        free(lines->items[--lines->count].text);
}

struct error *
step_draw(struct ui *ui, const struct progress *progress, struct canvas *canvas,
          struct area area)
{
    if (area.cols > TEXT_COLS_MAX)
        area.cols = TEXT_COLS_MAX;
    TRY(draw_title(ui, progress, canvas, &area));
    if (ui->view->draw_over != NULL)
        return NULL;
    AUTO_LINES upper = {0};
    AUTO_LINES facts = {0};
    AUTO_LINES lower = {0};
    TRY(add_upper(&upper, ui->prompt, area.cols));
    TRY(add_facts(&facts, ui->prompt, area.cols));
    TRY(add_lower(&lower, ui, area.cols));
    int input_rows = ui->view->input_rows(ui, area.cols);
    int below = (int)lower.count + input_rows;
    /* Who and what is expected stay in view where there is room, else they scroll with the text. */
    bool facts_stay = area.rows - below - (int)facts.count - 2 >= UPPER_ROWS_MIN
                      || area.rows - below - (int)facts.count - 2 >= (int)upper.count;
    if (!facts_stay) {
        TRY(lines_gap(&upper));
        TRY(add_facts(&upper, ui->prompt, area.cols));
    } else {
        below += (int)facts.count + 1;
    }
    drop_last_gap(&upper);
    int upper_rows = area.rows - below - 1;
    if (upper_rows < UPPER_ROWS_MIN / 2)
        upper_rows = UPPER_ROWS_MIN / 2;
    /* On a high screen the question does not drift away from a short text. */
    int wanted = (int)upper.count > UPPER_ROWS_USUAL ? (int)upper.count : UPPER_ROWS_USUAL;
    if (upper_rows > wanted)
        upper_rows = wanted;
    lines_draw(&upper, canvas, (struct area){area.row, area.col, upper_rows, area.cols},
               &ui->scroll);
    /* What is asked follows the text, and stands at the foot when that is long. */
    struct scroll none = {0};
    int row = area.row + upper_rows + 1;
    int left = area.rows - upper_rows - 1;
    if (facts_stay && facts.count > 0) {
        lines_draw(&facts, canvas, (struct area){row, area.col, (int)facts.count, area.cols},
                   &none);
        row += (int)facts.count + 1;
        left -= (int)facts.count + 1;
    }
    int lower_rows =
        left - input_rows < (int)lower.count ? left - input_rows : (int)lower.count;
    lines_draw(&lower, canvas, (struct area){row, area.col, lower_rows, area.cols}, &none);
    row += lower_rows;
    return ui->view->draw_input(ui, canvas,
                                (struct area){row, area.col, input_rows, area.cols});
}
