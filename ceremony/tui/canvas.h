/* SPDX-License-Identifier: Apache-2.0
 *
 * The picture of a screen before it reaches the terminal: rows of cells, each a character and what
 * it means. Views draw on it without knowing curses, so that tests can read it. No secret is ever
 * drawn on a canvas (see paint.h). Widths and positions are in columns, counted from 0. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

#include "ceremony/base/error.h"

/* What a text means; screen.c says how each looks. None is told by colour alone. */
enum style {
    STYLE_PLAIN,
    STYLE_TITLE,      /* the step, the names of screens */
    STYLE_SAY,        /* what is read aloud */
    STYLE_LABEL,      /* "Performs", "Expected" */
    STYLE_NOW,        /* where we are */
    STYLE_PAST,       /* done, or not yet to be looked at */
    STYLE_WARNING,    /* look here first */
    STYLE_INPUT,      /* what is typed */
    STYLE_REHEARSAL,  /* the mark of a rehearsal */
    STYLE_PRODUCTION, /* the mark of the real day */
    STYLE_FRAME,      /* lines */
    STYLE_KEYS,       /* the bottom line */
    STYLES
};

#define CANVAS_MARKS 3 /* that one letter can bear; curses takes so many */

struct canvas_cell {
    wchar_t character; /* 0: right half of a wide character */
    wchar_t marks
        [CANVAS_MARKS]; /* accents and vowel signs over it, which have no column of their own; 0 ends them */
    enum style style;
};

struct canvas {
    int rows;
    int cols;
    struct canvas_cell *cells; /* rows * cols */
    int cursor_row;            /* -1: no cursor shown */
    int cursor_col;
};

struct area {
    int row;
    int col;
    int rows;
    int cols;
};

/* Blank, of this size (each 1 .. 1000). Errors: memory. Starts from zero or from an earlier one. */
MUST_CHECK struct error *canvas_reset(struct canvas *canvas, int rows, int cols);
void canvas_clear(struct canvas *canvas);
bool canvas_equal(const struct canvas *a, const struct canvas *b);

/* Draws `text` (UTF-8) cut at `width` columns and at the canvas; what cannot be shown becomes '?': also a mark without
 * a letter before it, and one too many on a letter. Nothing of a text is left out. Returns the columns used. */
int canvas_text(struct canvas *canvas, int row, int col, int width, enum style style,
                const char *text);
/* Fills the area with blanks and draws a frame of + - | around it. */
void canvas_box(struct canvas *canvas, struct area area, const char *title);
void canvas_line(struct canvas *canvas, int row, int col, int width, wchar_t character);
void canvas_cursor(struct canvas *canvas, int row, int col);
/* Row `row` as UTF-8 without trailing blanks, for tests; the caller frees. */
MUST_CHECK struct error *canvas_row_text(const struct canvas *canvas, int row, char **ret_text);

/* The next character of UTF-8 `text` and its columns (0, 1, 2); returns its bytes, 0 at the end. */
size_t canvas_decode(const char *text, wchar_t *ret_character, int *ret_columns);
/* Columns of a whole text. */
int canvas_columns(const char *text);
