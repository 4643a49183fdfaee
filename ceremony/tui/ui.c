/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/ui.h"

#include <stdio.h>
#include <stdlib.h>

#include "ceremony/tui/frame.h"
#include "ceremony/tui/keys.h"
#include "ceremony/tui/view.h"

#define LEFT_COLS_MIN 21
#define LEFT_COLS_MAX 36

static void
forget_typed(struct ui *ui)
{
    line_entry_clear(&ui->line);
    pin_entry_clear(&ui->pin);
    word_entry_free(TAKE(ui->words));
    ui->choice = 0;
    ui->hidden = false;
}

void
ui_clear(struct ui *ui)
{
    forget_typed(ui);
    free(ui->answer.text);
    secret_free(ui->answer.secret);
    *ui = (struct ui){.model = ui->model};
}

/* Tells texts apart that must each be read (FNV-1a). */
static uint64_t
mark_text(uint64_t mark, const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        mark = (mark ^ (unsigned char)*text) * 0x100000001B3U;
    return mark;
}

static uint64_t
mark_prompt(const struct prompt *prompt)
{
    uint64_t mark = mark_text(0xCBF29CE484222325U, prompt->id);
    return mark_text(mark_text(mark, prompt->say), prompt->body);
}

struct error *
ui_open(struct ui *ui, const struct prompt *prompt)
{
    forget_typed(ui);
    ui->prompt = prompt;
    ui->view = prompt != NULL ? view_of(prompt->kind) : NULL;
    ui->scroll = (struct scroll){0};
    ui->overlay = OVERLAY_NONE;
    ui->notice[0] = '\0';
    if (prompt == NULL)
        return NULL;
    ui->scroll.seen_all = ui->read_mark == mark_prompt(prompt);
    return ui->view->open != NULL ? ui->view->open(ui) : NULL;
}

void
ui_notice(struct ui *ui, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(ui->notice, sizeof ui->notice, format, arguments);
    va_end(arguments);
}

void
ui_give(struct ui *ui, char *text, struct secret *secret)
{
    ui->answer.kind = ANSWER_GIVEN;
    ui->answer.text = text;
    ui->answer.secret = secret;
    ui->answered = true;
    ui->read_mark = mark_prompt(ui->prompt);
}

bool
ui_has_read(struct ui *ui)
{
    if (ui->scroll.seen_all)
        return true;
    scroll_by(&ui->scroll, 1);
    ui_notice(ui, "There was more to read. Read it to its end first.");
    return false;
}

/* A key that means the same on every screen; false if it does not. */
static bool
common_key(struct ui *ui, int32_t key)
{
    static const struct {
        int32_t key;
        enum answer_kind wanted;
    } table[] = {
        {UI_F2,  ANSWER_EXCEPTION},
        {UI_F3,  ANSWER_PAUSE    },
        {UI_F4,  ANSWER_LEAVE    },
        {UI_F10, ANSWER_STOP     },
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].key != key)
            continue;
        overlay_want(ui, table[i].wanted);
        return true;
    }
    if (key == UI_F1 || key == UI_CTRL_X) {
        ui->overlay = key == UI_F1 ? OVERLAY_HELP : OVERLAY_MENU;
        ui->overlay_scroll = (struct scroll){0};
        return true;
    }
    if (key == UI_PAGE_UP || key == UI_PAGE_DOWN) {
        scroll_by(&ui->scroll, key == UI_PAGE_UP ? -1 : 1);
        return true;
    }
    return false;
}

struct error *
ui_key(struct ui *ui, int32_t key)
{
    if (ui->too_small)
        return NULL;
    ui->notice[0] = '\0';
    if (ui->overlay != OVERLAY_NONE) {
        overlay_key(ui, key);
        return NULL;
    }
    if (ui->prompt == NULL) {
        if (key == UI_F1)
            ui->overlay = OVERLAY_HELP;
        if (key == 'p' || key == 'P' || key == UI_F10)
            model_stop(ui->model);
        return NULL;
    }
    bool declines = key == UI_ESCAPE || (key == UI_F7 && ui->prompt->kind == PROMPT_COMMAND);
    if (ui->prompt->may_decline && declines) {
        overlay_want(ui, ANSWER_DECLINED);
        return NULL;
    }
    if (common_key(ui, key))
        return NULL;
    return ui->view->key(ui, key);
}

struct area
ui_middle(const struct canvas *canvas)
{
    return (struct area){1, 0, canvas->rows - 3, canvas->cols};
}

static struct error *
draw_too_small(struct canvas *canvas)
{
    AUTO_LINES lines = {0};
    char text[96];
    (void)snprintf(text, sizeof text, "The terminal is too small: %dx%d at least; now %dx%d.",
                   SCREEN_COLS_MIN, SCREEN_ROWS_MIN, canvas->cols, canvas->rows);
    TRY(lines_wrap(&lines, STYLE_WARNING, 0, canvas->cols, text));
    TRY(lines_wrap(&lines, STYLE_PLAIN, 0, canvas->cols, "Nothing is lost. Make it larger."));
    struct scroll scroll = {0};
    lines_draw(&lines, canvas, (struct area){0, 0, canvas->rows, canvas->cols}, &scroll);
    return NULL;
}

static bool
is_private(const struct ui *ui)
{
    return ui->prompt != NULL
           && (ui->prompt->one_pair_of_eyes || ui->view->draw_private != NULL);
}

static int
left_cols(const struct canvas *canvas)
{
    int left = canvas->cols / 4 + 1;
    return left < LEFT_COLS_MIN ? LEFT_COLS_MIN : left > LEFT_COLS_MAX ? LEFT_COLS_MAX : left;
}

struct area
ui_right(const struct canvas *canvas)
{
    struct area middle = ui_middle(canvas);
    int col = left_cols(canvas) + 2;
    return (struct area){middle.row + 1, col, middle.rows - 2, canvas->cols - col - 1};
}

struct area
ui_box(const struct ui *ui, const struct canvas *canvas)
{
    return is_private(ui) ? ui_middle(canvas) : ui_right(canvas);
}

/* The frame with the acts on the left, and the `ret_step` to be filled on the right. */
static struct error *
draw_frame(const struct model_view *model, struct canvas *canvas, struct area *ret_step)
{
    struct area middle = ui_middle(canvas);
    struct area right = ui_right(canvas);
    int left = left_cols(canvas);
    canvas_box(canvas, (struct area){middle.row, 0, middle.rows, left + 2}, NULL);
    canvas_box(canvas, (struct area){middle.row, right.col - 1, middle.rows, right.cols + 2},
               NULL);
    TRY(acts_draw(model->progress, canvas, (struct area){right.row, 1, right.rows, left}));
    *ret_step = (struct area){right.row, right.col + 1, right.rows, right.cols - 2};
    return NULL;
}

static struct error *
draw_prompt(struct ui *ui, const struct model_view *model, struct canvas *canvas)
{
    struct area area = ui_middle(canvas);
    if (ui->view->draw_private != NULL)
        return ui->view->draw_private(ui, canvas, area);
    if (ui->prompt->one_pair_of_eyes)
        area = (struct area){area.row + 1, 3, area.rows - 2, canvas->cols - 6};
    else
        TRY(draw_frame(model, canvas, &area));
    TRY(step_draw(ui, model->progress, canvas, area));
    return ui->view->draw_over != NULL ? ui->view->draw_over(ui, canvas) : NULL;
}

struct error *
ui_draw(struct ui *ui, const struct model_view *model, struct canvas *canvas)
{
    ui->too_small = canvas->rows < SCREEN_ROWS_MIN || canvas->cols < SCREEN_COLS_MIN;
    if (ui->too_small)
        return draw_too_small(canvas);
    /* Under a help text or question, a private screen is empty. */
    if (ui->prompt != NULL && (ui->overlay == OVERLAY_NONE || !is_private(ui))) {
        TRY(draw_prompt(ui, model, canvas));
    } else if (!is_private(ui)) {
        struct area right;
        TRY(draw_frame(model, canvas, &right));
        TRY(working_draw(ui, model, canvas, right));
    }
    if (model->fault != NULL)
        TRY(fault_draw(ui, model, canvas));
    TRY(frame_draw(ui, model, canvas,
                   is_private(ui) ? ui->prompt->title : model->progress->ceremony_title));
    return ui->overlay != OVERLAY_NONE ? overlay_draw(ui, canvas) : NULL;
}

bool
ui_has_secrets(const struct ui *ui)
{
    return ui->prompt != NULL && ui->view->paint != NULL && ui->overlay == OVERLAY_NONE
           && !ui->too_small && !ui->hidden;
}

void
ui_paint(struct ui *ui, const struct canvas *canvas, struct paint *paint)
{
    if (ui_has_secrets(ui))
        ui->view->paint(ui, ui_middle(canvas), paint);
}
