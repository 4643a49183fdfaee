/* SPDX-License-Identifier: Apache-2.0
 *
 * The screen for one pair of eyes: a text above, words in columns, a few rows below. */
#pragma once

#include "ceremony/tui/columns.h"
#include "ceremony/tui/ui.h"

struct private_areas {
    struct area text;
    struct area words;
    struct columns columns;
    struct area foot;
};

/* Where `count` words stand in `middle`, with `foot_rows` below them. */
struct private_areas private_arrange(struct area middle, size_t count, int foot_rows);
/* What the prompt says, above. */
MUST_CHECK struct error *private_draw_text(struct ui *ui, struct canvas *canvas,
                                           struct area area);
