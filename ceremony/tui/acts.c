/* SPDX-License-Identifier: Apache-2.0
 *
 * The left column. Marks: '*' done, '!' done with an exception, 'x' void, '>' now, '.' to come. */
#include <stdio.h>
#include <string.h>

#include "ceremony/tui/frame.h"

static const struct {
    char mark;
    enum style style;
} states[] = {
    [STEP_TO_COME] = {'.', STYLE_PLAIN  },
      [STEP_NOW] = {'>', STYLE_NOW    },
    [STEP_DONE] = {'*', STYLE_PAST   },
      [STEP_DONE_WITH_EXCEPTION] = {'!', STYLE_PAST   },
    [STEP_VOID] = {'x', STYLE_WARNING},
};

static enum step_state
act_state(const struct progress *progress, size_t index)
{
    const struct progress_act *act = &progress->acts[index];
    if (index == progress->act)
        return STEP_NOW;
    enum step_state state = STEP_DONE;
    for (size_t i = 0; i < act->step_count; i++) {
        if (act->steps[i].state == STEP_TO_COME || act->steps[i].state == STEP_NOW)
            return STEP_TO_COME;
        if (act->steps[i].state != STEP_DONE)
            state = STEP_DONE_WITH_EXCEPTION;
    }
    return act->step_count == 0 && index > progress->act ? STEP_TO_COME : state;
}

/* A mark and a title that may take several lines, each under the first. */
static struct error *
add_entry(struct lines *lines, int indent, int width, enum step_state state, const char *title)
{
    size_t first = lines->count;
    TRY(lines_wrap(lines, states[state].style, indent + 2, width, title));
    if (lines->count > first)
        lines->items[first].text[indent] = states[state].mark;
    return NULL;
}

/* The steps of the current act; the line of the current one in `ret_current`. */
static struct error *
add_steps(struct lines *lines, const struct progress *progress, int width, size_t *ret_current)
{
    const struct progress_act *act = &progress->acts[progress->act];
    for (size_t i = 0; i < act->step_count; i++) {
        bool now = i == progress->step;
        if (now)
            *ret_current = lines->count;
        TRY(add_entry(lines, 4, width, now ? STEP_NOW : act->steps[i].state,
                      act->steps[i].title));
    }
    return NULL;
}

struct error *
acts_draw(const struct progress *progress, struct canvas *canvas, struct area area)
{
    AUTO_LINES lines = {0};
    size_t current = 0;
    int width = area.cols - 1;
    for (size_t i = 0; i < progress->act_count; i++) {
        char title[128];
        (void)snprintf(title, sizeof title, "%zu %s", i + 1, progress->acts[i].title);
        TRY(add_entry(&lines, 1, width, act_state(progress, i), title));
        if (i == progress->act)
            TRY(add_steps(&lines, progress, width, &current));
    }
    /* As much above the current step as below, when not all of it fits. */
    size_t rows = (size_t)area.rows;
    size_t top = current > rows / 2 ? current - rows / 2 : 0;
    if (lines.count <= rows)
        top = 0;
    else if (top > lines.count - rows)
        top = lines.count - rows;
    for (size_t i = 0; i < rows && top + i < lines.count; i++)
        (void)canvas_text(canvas, area.row + (int)i, area.col, area.cols,
                          lines.items[top + i].style, lines.items[top + i].text);
    return NULL;
}
