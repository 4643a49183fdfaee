/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"

#define NARROWEST 8

void
lines_clear(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->items[i].text);
    free(lines->items);
    *lines = (struct lines){0};
}

/* Takes `text`, which is safe already. */
static struct error *
append(struct lines *lines, enum style style, char *text)
{
    if (lines->count == lines->cap) {
        size_t cap = lines->cap == 0 ? 32 : lines->cap * 2;
        struct line *items = reallocarray(lines->items, cap, sizeof *items);
        if (items == NULL) {
            free(text);
            return error_memory();
        }
        lines->items = items;
        lines->cap = cap;
    }
    lines->items[lines->count++] = (struct line){text, style};
    return NULL;
}

struct error *
lines_add(struct lines *lines, enum style style, const char *text)
{
    char *safe = NULL;
    TRY(text_safe(text, strlen(text), &safe));
    return append(lines, style, safe);
}

struct error *
lines_gap(struct lines *lines)
{
    if (lines->count == 0 || lines->items[lines->count - 1].text[0] == '\0')
        return NULL;
    return lines_add(lines, STYLE_PLAIN, "");
}

static struct error *
append_piece(struct lines *lines, enum style style, int indent, const char *piece, size_t len)
{
    AUTO_BYTES bytes = {0};
    TRY(bytes_format(&bytes, "%*s", indent, ""));
    TRY(bytes_append(&bytes, piece, len));
    char *text = NULL;
    TRY(bytes_take_text(&bytes, &text));
    return append(lines, style, text);
}

/* The bytes of `text` that go on a line of `width` columns, broken after the last blank that fits;
 * at least one character. `ret_next`: where the following line begins. */
static size_t
fitting(const char *text, int width, const char **ret_next)
{
    size_t at = 0;
    size_t blank = 0;
    int used = 0;
    wchar_t character = 0;
    int columns = 0;
    for (size_t step = 0; (step = canvas_decode(text + at, &character, &columns)) > 0;
         at += step) {
        if (text[at] == ' ')
            blank = at;
        if (used + columns > width && at > 0)
            break;
        used += columns;
    }
    size_t len = at;
    if (text[at] != '\0' && blank > 0)
        len = blank;
    const char *next = text + len;
    while (*next == ' ')
        next++;
    while (len > 0 && text[len - 1] == ' ')
        len--;
    *ret_next = next;
    return len;
}

/* One line without newline. */
static struct error *
wrap_line(struct lines *lines, enum style style, int indent, int width, const char *line)
{
    if (canvas_columns(line) <= width)
        return append_piece(lines, style, indent, line, strlen(line));
    int own = (int)strspn(line, " ");
    if (width - own < NARROWEST)
        own = 0;
    const char *rest = line + strspn(line, " ");
    while (*rest != '\0') {
        const char *next = NULL;
        size_t len = fitting(rest, width - own, &next);
        TRY(append_piece(lines, style, indent + own, rest, len));
        rest = next;
    }
    return NULL;
}

struct error *
lines_wrap(struct lines *lines, enum style style, int indent, int width, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return NULL;
    AUTO_BYTES bytes = {0};
    TRY(text_append_safe(&bytes, text, strlen(text), true));
    AUTO_FREE char *safe = NULL;
    TRY(bytes_take_text(&bytes, &safe));
    int room = width - indent < NARROWEST ? NARROWEST : width - indent;
    char *line = safe;
    for (char *end = NULL; line != NULL; line = end) {
        end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        if (end != NULL && *end == '\0')
            end = NULL; /* a newline at the end makes no line of its own */
        TRY(wrap_line(lines, style, indent, room, line));
    }
    return NULL;
}

struct error *
lines_label(struct lines *lines, int column, int width, const char *label, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return NULL;
    size_t first = lines->count;
    TRY(lines_wrap(lines, STYLE_PLAIN, column, width, text));
    /* The label takes the place of the first line's indent. */
    size_t len = strlen(label);
    if (len < (size_t)column && lines->count > first) /* blanks alone may make no line */
        memcpy(lines->items[first].text, label, len);
    return NULL;
}

static void
draw_more(struct canvas *canvas, struct area area, const struct scroll *scroll)
{
    size_t last = scroll->top + scroll->visible;
    char text[96];
    (void)snprintf(text, sizeof text, "-- lines %zu to %zu of %zu --%s%s", scroll->top + 1,
                   last, scroll->count, last < scroll->count ? " more: PgDn" : "",
                   scroll->top > 0 ? " back: PgUp" : "");
    int columns = canvas_columns(text);
    int col = columns < area.cols ? area.col + area.cols - columns : area.col;
    (void)canvas_text(canvas, area.row + area.rows - 1, col, area.cols, STYLE_WARNING, text);
}

void
lines_draw(const struct lines *lines, struct canvas *canvas, struct area area,
           struct scroll *scroll)
{
    if (area.rows < 1)
        return;
    bool fits = lines->count <= (size_t)area.rows;
    size_t visible = fits ? lines->count : (size_t)area.rows - 1;
    size_t top_max = lines->count - visible;
    if (scroll->top > top_max)
        scroll->top = top_max;
    scroll->count = lines->count;
    scroll->visible = visible;
    if (scroll->top == top_max)
        scroll->seen_all = true;
    for (size_t i = 0; i < visible; i++) {
        const struct line *line = &lines->items[scroll->top + i];
        (void)canvas_text(canvas, area.row + (int)i, area.col, area.cols, line->style,
                          line->text);
    }
    if (!fits)
        draw_more(canvas, area, scroll);
}

void
scroll_by(struct scroll *scroll, int pages)
{
    size_t page = scroll->visible > 1 ? scroll->visible - 1 : 1;
    if (pages > 0) {
        size_t top_max = scroll->count - scroll->visible;
        scroll->top = scroll->top + page > top_max ? top_max : scroll->top + page;
    } else {
        scroll->top = scroll->top > page ? scroll->top - page : 0;
    }
}
