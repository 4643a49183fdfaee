/* SPDX-License-Identifier: Apache-2.0
 *
 * One line that is typed in the open: names, answers, commands. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#include "ceremony/base/error.h"
#include "ceremony/tui/canvas.h"

#define LINE_ENTRY_MAX 400 /* characters */

struct line_entry {
    wchar_t text[LINE_ENTRY_MAX];
    size_t len;
    size_t cursor; /* 0 .. len */
};

/* Empties and wipes it: people do type secrets into the wrong field. */
void line_entry_clear(struct line_entry *entry);
/* Letters, Backspace, Delete, arrows, Home, End, Ctrl-U. True if the key was for it. */
bool line_entry_key(struct line_entry *entry, int32_t key);
/* The text as UTF-8 without blanks at its ends, which nobody sees; the caller frees. */
MUST_CHECK struct error *line_entry_text(const struct line_entry *entry, char **ret_text);
/* Replaces all of it; the cursor stands at the end. What does not fit is cut. */
void line_entry_set(struct line_entry *entry, const char *text);
/* Draws it in `width` columns, the part around the cursor, and puts the cursor there. */
MUST_CHECK struct error *line_entry_draw(const struct line_entry *entry, struct canvas *canvas,
                                         int row, int col, int width);
