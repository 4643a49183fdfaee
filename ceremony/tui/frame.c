/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ceremony/tui/view.h"

/* The clock's end, and the mark left of it, both from the right edge. */
#define CLOCK_COLS 13
#define MARK_COLS  16

static void
draw_header(const struct ui *ui, const struct model_view *model, struct canvas *canvas,
            const char *title)
{
    const struct progress *progress = model->progress;
    int clock_col = canvas->cols - CLOCK_COLS;
    int mark_col = clock_col - MARK_COLS;
    (void)canvas_text(canvas, 0, 1, mark_col - 2, STYLE_TITLE, title != NULL ? title : "");
    if (progress->ceremony_title != NULL)
        (void)canvas_text(canvas, 0, mark_col, MARK_COLS,
                          progress->rehearsal ? STYLE_REHEARSAL : STYLE_PRODUCTION,
                          progress->rehearsal ? "REHEARSAL" : "PRODUCTION");
    char now[CLOCK_TEXT_SIZE];
    clock_format_seconds(ui->now.wall_ms / 1000, now); /* 2026-11-23 14:32:07Z */
    char text[CLOCK_COLS];
    (void)snprintf(text, sizeof text, "%.8s UTC", now + 11);
    (void)canvas_text(canvas, 0, clock_col, CLOCK_COLS - 1, STYLE_PLAIN, text);
}

static void
draw_head(const struct progress *progress, struct canvas *canvas)
{
    int row = canvas->rows - 2;
    char text[96];
    int len = snprintf(text, sizeof text, "record %" PRIu64 "   exceptions %" PRIu64,
                       progress->records, progress->exceptions);
    int col = canvas->cols - len - 1;
    (void)canvas_text(canvas, row, 1, col - 3, STYLE_NOW, progress->head_words);
    (void)canvas_text(canvas, row, col, len, STYLE_PLAIN, text);
}

/* Puts "KEY what" behind what stands there already, if it still fits. */
static void
add_key(struct canvas *canvas, int *col, const char *key, const char *what)
{
    if (what == NULL || what[0] == '\0')
        return;
    int columns = canvas_columns(key) + 1 + canvas_columns(what);
    if (*col + columns > canvas->cols - 1)
        return;
    int row = canvas->rows - 1;
    *col += canvas_text(canvas, row, *col, columns, STYLE_KEYS, key) + 1;
    *col += canvas_text(canvas, row, *col, columns, STYLE_PLAIN, what) + 2;
}

static void
draw_keys(const struct ui *ui, const struct model_view *model, struct canvas *canvas)
{
    int col = 1;
    if (model->fault != NULL) {
        add_key(canvas, &col, "Enter", ui->scroll.seen_all ? "go on" : "read on");
        return;
    }
    if (ui->overlay == OVERLAY_CONSEQUENCE) {
        add_key(canvas, &col, "y", "yes");
        add_key(canvas, &col, "n", "no, back");
        return;
    }
    if (ui->overlay != OVERLAY_NONE) {
        add_key(canvas, &col, "Esc", "back");
        return;
    }
    if (ui->prompt == NULL) {
        add_key(canvas, &col, "F1", "help");
        if (model->may_stop && !model->stopping)
            add_key(canvas, &col, "P", "stop here, go on another time");
        return;
    }
    bool reads_on = ui->view->reads && !ui->scroll.seen_all;
    add_key(canvas, &col, "Enter", reads_on ? "read on" : ui->view->enter);
    if (ui->prompt->may_decline)
        add_key(canvas, &col, ui->prompt->kind == PROMPT_COMMAND ? "F7" : "Esc",
                ui->view->decline);
    add_key(canvas, &col, "F1", "help");
    add_key(canvas, &col, "F2", "exception");
    add_key(canvas, &col, "F3", "pause");
    add_key(canvas, &col, "F4", "leave");
    add_key(canvas, &col, "F10", "stop");
    add_key(canvas, &col, "^X", "menu");
}

struct error *
frame_draw(const struct ui *ui, const struct model_view *model, struct canvas *canvas,
           const char *title)
{
    draw_header(ui, model, canvas, title);
    draw_head(model->progress, canvas);
    draw_keys(ui, model, canvas);
    return NULL;
}

struct area
box_draw(const struct lines *lines, struct canvas *canvas, struct area within,
         const char *title, struct scroll *scroll)
{
    int cols = BOX_TEXT_COLS + 4;
    int padding = (int)lines->count + 4 <= within.rows ? 1 : 0;
    int rows = (int)lines->count + 2 + 2 * padding;
    if (rows > within.rows)
        rows = within.rows;
    struct area box = {within.row + (within.rows - rows) / 2,
                       within.col + (within.cols - cols) / 2, rows, cols};
    char blanks[BOX_TEXT_COLS + 8];
    (void)snprintf(blanks, sizeof blanks, "%*s", cols + 2, "");
    /* A blank column on both sides keeps what lies below from running into it. */
    for (int row = 0; row < box.rows; row++)
        (void)canvas_text(canvas, box.row + row, box.col - 1, cols + 2, STYLE_PLAIN, blanks);
    canvas_box(canvas, box, title);
    struct area inner = {box.row + 1 + padding, box.col + 2, rows - 2 - 2 * padding,
                         BOX_TEXT_COLS};
    lines_draw(lines, canvas, inner, scroll);
    return inner;
}
