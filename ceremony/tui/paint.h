/* SPDX-License-Identifier: Apache-2.0
 *
 * Secret words on their way to the terminal. They do not enter a canvas or a curses window (curses
 * keeps several copies of each cell, and frees them unwiped when the size changes) but are
 * collected here, in secret memory, and written at once. (R24; FACTS: "formw: no for secrets") */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/error.h"
#include "ceremony/base/secret.h"

struct paint {
    struct secret *memory; /* bytes for the terminal */
    size_t len;
    /* How this terminal moves its cursor; the text lives until the next call. */
    const char *(*cursor_address)(int row, int col);
};

MUST_CHECK struct error *paint_init(struct paint *paint,
                                    const char *(*cursor_address)(int row, int col));
void paint_clear(struct paint *paint);
/* `len` characters of ASCII `text` at this place, followed by blanks up to `width`. What does not fit
 * into the memory is left out whole. */
void paint_text(struct paint *paint, int row, int col, const char *text, size_t len,
                size_t width);
