/* SPDX-License-Identifier: Apache-2.0
 *
 * One row per prompt kind. To add a kind: a file view_KIND.c with such a row, and its place in the
 * table of views.c. */
#pragma once

#include "ceremony/tui/ui.h"

struct view {
    /* Prepares what is typed into; may be NULL. */
    struct error *(*open)(struct ui *ui);
    /* Rows below the question that `draw_input` wants in `width` columns. */
    int (*input_rows)(const struct ui *ui, int width);
    /* What is typed or chosen. */
    struct error *(*draw_input)(struct ui *ui, struct canvas *canvas, struct area area);
    /* Instead of the step's frame: the whole screen between header and footer; NULL: the frame. */
    struct error *(*draw_private)(struct ui *ui, struct canvas *canvas, struct area area);
    /* Over the step's frame, of which only the title is drawn then; NULL: none. */
    struct error *(*draw_over)(struct ui *ui, struct canvas *canvas);
    /* Secret words over `draw_private`; NULL: none. */
    void (*paint)(const struct ui *ui, struct area area, struct paint *paint);
    /* Keys that are not for the frame. */
    struct error *(*key)(struct ui *ui, int32_t key);
    bool reads;          /* Enter goes through the text before it accepts */
    const char *enter;   /* what Enter does, for the bottom line */
    const char *decline; /* what Esc does where the prompt allows it */
    const char *help;    /* a paragraph for F1 */
};

extern const struct view view_tell;
extern const struct view view_confirm;
extern const struct view view_choose;
extern const struct view view_text;
extern const struct view view_command;
extern const struct view view_secret;
extern const struct view view_words;
extern const struct view view_reveal;

const struct view *view_of(enum prompt_kind kind);
