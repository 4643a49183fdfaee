/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of the screen: the prompt before the people, what they have typed, what lies over it.
 * Keys change it and drawing reads it; neither touches the terminal. Used by the screen's thread
 * alone. A prompt kind is a row of callbacks (view.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ceremony/base/clock.h"
#include "ceremony/engine/frontend.h"
#include "ceremony/tui/canvas.h"
#include "ceremony/tui/line_entry.h"
#include "ceremony/tui/lines.h"
#include "ceremony/tui/model.h"
#include "ceremony/tui/paint.h"
#include "ceremony/tui/pin_entry.h"
#include "ceremony/tui/word_entry.h"

#define SCREEN_ROWS_MIN 24
#define SCREEN_COLS_MIN 80

enum overlay {
    OVERLAY_NONE,
    OVERLAY_HELP,
    OVERLAY_MENU,        /* Ctrl-X */
    OVERLAY_CONSEQUENCE, /* "really?", before `wanted` becomes the answer */
};

struct ui {
    struct model *model;
    const struct view *view;     /* of the prompt, or NULL */
    const struct prompt *prompt; /* pending, or NULL */
    uint64_t read_mark;          /* of the text that was last read to its end */
    struct clock_reading now;

    struct scroll scroll;
    char notice[128]; /* what the last key led to; "" */
    struct line_entry line;
    size_t choice; /* the marked line; as many as there are: none */
    size_t number; /* of a line, as far as it is typed */
    struct pin_entry pin;
    struct word_entry *words;
    bool hidden;        /* REVEAL: time is over, or not yet looked at again */
    int64_t hide_at_ms; /* REVEAL, monotonic */
    enum overlay overlay;
    struct scroll overlay_scroll;
    enum answer_kind wanted;
    bool too_small; /* as last drawn */

    bool answered; /* `answer` is complete; the loop hands it over */
    struct answer answer;
};

/* Before the first use and after the last; wipes. */
void ui_clear(struct ui *ui);
/* A new prompt stands before the people (NULL: none does); what was typed for the one before is
 * wiped. */
MUST_CHECK struct error *ui_open(struct ui *ui, const struct prompt *prompt);
/* A key of keys.h, other than RESIZE and ABORT. */
MUST_CHECK struct error *ui_key(struct ui *ui, int32_t key);
/* The whole screen; `canvas` has its size. */
MUST_CHECK struct error *ui_draw(struct ui *ui, const struct model_view *model,
                                 struct canvas *canvas);
/* Secret words are to be seen now, over the canvas drawn last. */
bool ui_has_secrets(const struct ui *ui);
void ui_paint(struct ui *ui, const struct canvas *canvas, struct paint *paint);

/* For views. The answer of the kind's own form; takes `text` or `secret`. */
void ui_give(struct ui *ui, char *text, struct secret *secret);
/* The text was read to its end; otherwise says so and goes a page on. */
bool ui_has_read(struct ui *ui);
void ui_notice(struct ui *ui, const char *format, ...) PRINTF_LIKE(2, 3);
/* The screen between header and bottom lines. */
struct area ui_middle(const struct canvas *canvas);
/* The inner part of the right frame, where the step stands. */
struct area ui_right(const struct canvas *canvas);
/* Where a box is centred: over the step, or on a private screen anywhere. */
struct area ui_box(const struct ui *ui, const struct canvas *canvas);
