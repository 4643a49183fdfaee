/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "ceremony/tui/frame.h"

static struct error *
add_working(struct lines *lines, const struct ui *ui, const struct model_view *model, int width)
{
    int64_t seconds = (ui->now.monotonic_ms - model->working_since_ms) / 1000;
    bool known = model->usual != NULL && model->usual[0] != '\0';
    AUTO_FREE char *text = NULL;
    TRY(lines_wrap(lines, STYLE_NOW, 0, width, model->working));
    TRY(lines_gap(lines));
    TRY(text_format(&text, "%" PRId64 ":%02d%s%s%s", seconds / 60, (int)(seconds % 60),
                    known ? "   (" : "", known ? model->usual : "", known ? ")" : ""));
    TRY(lines_wrap(lines, STYLE_PLAIN, 0, width, text));
    TRY(lines_gap(lines));
    if (model->stopping)
        return lines_wrap(lines, STYLE_WARNING, 0, width,
                          "It stops. What is under way is finished first; nothing is lost.");
    return lines_wrap(lines, STYLE_PLAIN, 0, width,
                      "Nothing needs to be done. The screen can be resized; F1 explains.");
}

struct error *
working_draw(const struct ui *ui, const struct model_view *model, struct canvas *canvas,
             struct area area)
{
    const struct progress *progress = model->progress;
    char number[48];
    step_number(progress, number, sizeof number);
    AUTO_LINES lines = {0};
    if (number[0] != '\0') {
        AUTO_FREE char *title = NULL;
        TRY(text_format(&title, "%s%s", number,
                        progress->acts[progress->act].steps[progress->step].title));
        TRY(lines_wrap(&lines, STYLE_TITLE, 0, area.cols, title));
        TRY(lines_gap(&lines));
    }
    if (model->working != NULL)
        TRY(add_working(&lines, ui, model, area.cols));
    else
        TRY(lines_add(&lines, STYLE_PLAIN, "One moment."));
    struct scroll scroll = {0};
    lines_draw(&lines, canvas, area, &scroll);
    return NULL;
}
