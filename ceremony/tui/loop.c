/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/loop.h"

#include "ceremony/tui/frame.h"
#include "ceremony/tui/keys.h"

#define WAIT_MS 200
/* So long the last picture stays while the engine thinks, before "One moment." replaces it. */
#define PATIENCE_MS 400
/* A second Enter so soon, with nothing between, is a finger that stayed or slipped: longer than a keyboard waits before it
 * repeats. It must not pass a page that nobody has read. */
#define HASTE_MS 750

struct loop {
    struct ui *ui;
    struct screen *screen;
    struct canvas canvas;
    uint64_t asked;      /* the prompt or fault that is on the screen */
    int64_t answered_ms; /* monotonic */
    int64_t enter_ms;    /* the last key was Enter, then; 0: another one */
    bool fault;          /* a fault waits to be acknowledged */
    bool finished;
};

/* Looks what the engine asks now. */
static struct error *
take_news(struct loop *loop)
{
    const struct model_view *view = model_lock(loop->ui->model);
    uint64_t asked = view->asked;
    const struct prompt *prompt = view->prompt;
    loop->fault = view->fault != NULL;
    loop->finished = view->finished;
    model_unlock(loop->ui->model);
    clock_read(&loop->ui->now);
    if (asked == loop->asked)
        return NULL;
    loop->asked = asked;
    /* What was typed before the question was seen is no answer to it. */
    screen_drop_typed(loop->screen);
    return ui_open(loop->ui, prompt);
}

static bool
keeps_picture(const struct loop *loop, const struct model_view *view)
{
    return view->prompt == NULL && view->fault == NULL && view->working == NULL
           && loop->ui->overlay == OVERLAY_NONE && !screen_has_paint(loop->screen)
           && loop->ui->now.monotonic_ms - loop->answered_ms < PATIENCE_MS;
}

static struct error *
draw(struct loop *loop)
{
    int rows = 0;
    int cols = 0;
    screen_size(loop->screen, &rows, &cols);
    const struct model_view *view = model_lock(loop->ui->model);
    bool keep = keeps_picture(loop, view);
    struct error *error = NULL;
    if (!keep) {
        error = canvas_reset(&loop->canvas, rows, cols);
        if (error == NULL)
            error = ui_draw(loop->ui, view, &loop->canvas);
    }
    model_unlock(loop->ui->model);
    if (error != NULL || keep)
        return error;
    if (!ui_has_secrets(loop->ui))
        screen_scrub(loop->screen);
    screen_show(loop->screen, &loop->canvas);
    ui_paint(loop->ui, &loop->canvas, screen_begin_paint(loop->screen));
    screen_paint(loop->screen);
    return NULL;
}

static bool
is_hasty(struct loop *loop, int32_t key)
{
    struct clock_reading now;
    const int64_t before_ms = loop->enter_ms;
    clock_read(&now);
    loop->enter_ms = key == UI_ENTER ? now.monotonic_ms : 0;
    return key == UI_ENTER && before_ms != 0 && now.monotonic_ms - before_ms < HASTE_MS;
}

static struct error *
take_key(struct loop *loop, int32_t key)
{
    struct ui *ui = loop->ui;
    if (key == UI_TICK)
        return NULL;
    if (key == UI_RESIZE) {
        screen_resize(loop->screen);
        return NULL;
    }
    if (is_hasty(loop, key))
        return NULL;
    if (loop->fault) {
        if (fault_key(ui, key))
            model_acknowledge(ui->model);
        return NULL;
    }
    TRY(ui_key(ui, key));
    if (!ui->answered)
        return NULL;
    ui->answered = false;
    loop->answered_ms = ui->now.monotonic_ms;
    screen_scrub(loop->screen);
    struct answer answer = ui->answer;
    ui->answer = (struct answer){0};
    /* The prompt is the engine's again as soon as it has its answer. */
    TRY(ui_open(ui, NULL));
    model_answer(ui->model, &answer);
    return NULL;
}

static struct error *
run(struct loop *loop, bool *ret_aborted)
{
    for (;;) {
        TRY(take_news(loop));
        if (loop->finished)
            return NULL;
        TRY(draw(loop));
        int32_t key = screen_key(loop->screen, WAIT_MS);
        if (key == UI_ABORT) {
            *ret_aborted = true;
            return NULL;
        }
        TRY(take_key(loop, key));
    }
}

struct error *
loop_run(struct ui *ui, struct screen *screen, bool *ret_aborted)
{
    struct loop loop = {.ui = ui, .screen = screen};
    *ret_aborted = false;
    struct error *error = run(&loop, ret_aborted);
    screen_scrub(screen);
    ui_clear(ui);
    canvas_clear(&loop.canvas);
    if (error != NULL || *ret_aborted)
        model_abort(ui->model);
    return error;
}
