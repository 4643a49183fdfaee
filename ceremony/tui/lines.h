/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts broken into lines of a given width, and the window through which a long one is read. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/tui/canvas.h"

struct line {
    char *text; /* UTF-8, safe to show */
    enum style style;
};

struct lines {
    struct line *items;
    size_t count;
    size_t cap;
};

void lines_clear(struct lines *lines);
#define AUTO_LINES __attribute__((cleanup(lines_clear))) struct lines

/* One line as it is, but for what could steer a terminal, which becomes visible (TRUST 1.4). */
MUST_CHECK struct error *lines_add(struct lines *lines, enum style style, const char *text);
/* `text` in as many lines as it needs: lines that fit stay as they are, others are broken at blanks
 * (or within a word longer than a line) and go on under their own first character, each behind
 * `indent` blanks. "" adds nothing. */
MUST_CHECK struct error *lines_wrap(struct lines *lines, enum style style, int indent,
                                    int width, const char *text);
/* "LABEL  text", the text in a column of its own at `column`. "" adds nothing. */
MUST_CHECK struct error *lines_label(struct lines *lines, int column, int width,
                                     const char *label, const char *text);
/* A blank line, unless there is none before it. */
MUST_CHECK struct error *lines_gap(struct lines *lines);

/* Where a reader stands in a text longer than its window. */
struct scroll {
    size_t top;
    size_t count;   /* of the text, as last drawn */
    size_t visible; /* lines of it in view, as last drawn */
    bool seen_all;  /* the end was in view once */
};

/* Draws `lines` into `area`; when they do not fit, its last row tells what is in view and how to go
 * on. Keeps `scroll` in range. */
void lines_draw(const struct lines *lines, struct canvas *canvas, struct area area,
                struct scroll *scroll);
/* PgUp and PgDn, by `pages` windows. */
void scroll_by(struct scroll *scroll, int pages);
