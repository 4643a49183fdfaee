/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of the screen that are always there or lie over the rest. All draw; none decides. */
#pragma once

#include "ceremony/tui/ui.h"

/* Header and the two bottom lines; `title` stands in the header. */
MUST_CHECK struct error *frame_draw(const struct ui *ui, const struct model_view *model,
                                    struct canvas *canvas, const char *title);
/* The left column: acts, and the steps of the current one, which stays in view. */
MUST_CHECK struct error *acts_draw(const struct progress *progress, struct canvas *canvas,
                                   struct area area);
/* The step that asks: title, what is read aloud, facts, who acts, question, input. */
MUST_CHECK struct error *step_draw(struct ui *ui, const struct progress *progress,
                                   struct canvas *canvas, struct area area);
/* "3.2  ", or "" before the first step. */
void step_number(const struct progress *progress, char *ret_text, size_t size);
/* A PIN, in a box of its own in the middle of the screen. */
MUST_CHECK struct error *pin_draw(struct ui *ui, struct canvas *canvas);
/* The token works, or the program does. */
MUST_CHECK struct error *working_draw(const struct ui *ui, const struct model_view *model,
                                      struct canvas *canvas, struct area area);
/* Something went wrong: what, why, what now. */
MUST_CHECK struct error *fault_draw(struct ui *ui, const struct model_view *model,
                                    struct canvas *canvas);
/* A key while a fault stands there; true when it was read to its end and acknowledged. */
bool fault_key(struct ui *ui, int32_t key);
/* Help, menu, or consequence. */
MUST_CHECK struct error *overlay_draw(struct ui *ui, struct canvas *canvas);
/* A key while one of these lies over the prompt. */
void overlay_key(struct ui *ui, int32_t key);
/* Opens the consequence of answering `wanted`. */
void overlay_want(struct ui *ui, enum answer_kind wanted);

/* Lines of this width fit into every box. */
#define BOX_TEXT_COLS 50
/* Draws `lines` in a box with a title in the middle of `within`, as high as needed and possible.
 * Ret: where the lines stand. */
struct area box_draw(const struct lines *lines, struct canvas *canvas, struct area within,
                     const char *title, struct scroll *scroll);
