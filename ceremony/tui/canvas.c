/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/canvas.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/bytes.h"

#define SIDE_MAX 1000

struct error *
canvas_reset(struct canvas *canvas, int rows, int cols)
{
    BUG_ON(rows < 1 || cols < 1 || rows > SIDE_MAX || cols > SIDE_MAX);
    if (canvas->cells == NULL || canvas->rows != rows || canvas->cols != cols) {
        struct canvas_cell *cells = calloc((size_t)rows * (size_t)cols, sizeof *cells);
        if (cells == NULL)
            return error_memory();
        free(canvas->cells);
        canvas->cells = cells;
        canvas->rows = rows;
        canvas->cols = cols;
    }
    for (int i = 0; i < rows * cols; i++)
        canvas->cells[i] = (struct canvas_cell){.character = L' ', .style = STYLE_PLAIN};
    canvas_cursor(canvas, -1, -1);
    return NULL;
}

void
canvas_clear(struct canvas *canvas)
{
    free(canvas->cells);
    *canvas = (struct canvas){0};
}

bool
canvas_equal(const struct canvas *a, const struct canvas *b)
{
    if (a->rows != b->rows || a->cols != b->cols || a->cursor_row != b->cursor_row
        || a->cursor_col != b->cursor_col)
        return false;
    for (int i = 0; i < a->rows * a->cols; i++)
        if (a->cells[i].character != b->cells[i].character
            || a->cells[i].style != b->cells[i].style
            || wmemcmp(a->cells[i].marks, b->cells[i].marks, CANVAS_MARKS) != 0)
            return false;
    return true;
}

size_t
canvas_decode(const char *text, wchar_t *ret_character, int *ret_columns)
{
    if (text[0] == '\0')
        return 0;
    mbstate_t state = {0};
    wchar_t character = L'?';
    size_t used = mbrtowc(&character, text, MB_LEN_MAX, &state);
    if (used == (size_t)-1 || used == (size_t)-2) {
        character = L'?';
        used = 1;
    }
    int columns = wcwidth(character);
    if (columns < 0) {
        character = L'?';
        columns = 1;
    }
    *ret_character = character;
    *ret_columns = columns;
    return used;
}

int
canvas_columns(const char *text)
{
    int total = 0;
    wchar_t character = 0;
    int columns = 0;
    for (size_t used = 0; (used = canvas_decode(text, &character, &columns)) > 0; text += used)
        total += columns;
    return total;
}

static void
put(struct canvas *canvas, int row, int col, wchar_t character, enum style style)
{
    if (row >= 0 && row < canvas->rows && col >= 0 && col < canvas->cols)
        canvas->cells[row * canvas->cols + col] =
            (struct canvas_cell){.character = character, .style = style};
}

/* A mark goes onto the letter left of `col`; false if there is none, or it bears too many. */
static bool
put_mark(struct canvas *canvas, int row, int col, wchar_t mark)
{
    if (row < 0 || row >= canvas->rows || col < 1 || col > canvas->cols)
        return false;
    struct canvas_cell *cell = &canvas->cells[row * canvas->cols + col - 1];
    if (cell->character == 0 && col > 1)
        cell--;
    for (size_t i = 0; i < CANVAS_MARKS && cell->character != 0; i++)
        if (cell->marks[i] == 0) {
            cell->marks[i] = mark;
            return true;
        }
    return false;
}

int
canvas_text(struct canvas *canvas, int row, int col, int width, enum style style,
            const char *text)
{
    int at = 0;
    wchar_t character = 0;
    int columns = 0;
    for (size_t used = 0; (used = canvas_decode(text, &character, &columns)) > 0;
         text += used) {
        if (columns == 0) {
            if (at > 0 && put_mark(canvas, row, col + at, character))
                continue;
            character = L'?';
            columns = 1;
        }
        if (at + columns > width || col + at + columns > canvas->cols)
            break;
        put(canvas, row, col + at, character, style);
        if (columns == 2)
            put(canvas, row, col + at + 1, 0, style);
        at += columns;
    }
    return at;
}

void
canvas_line(struct canvas *canvas, int row, int col, int width, wchar_t character)
{
    for (int i = 0; i < width; i++)
        put(canvas, row, col + i, character, STYLE_FRAME);
}

void
canvas_box(struct canvas *canvas, struct area area, const char *title)
{
    int last_row = area.row + area.rows - 1;
    int last_col = area.col + area.cols - 1;
    for (int row = area.row + 1; row < last_row; row++) {
        for (int col = area.col + 1; col < last_col; col++)
            put(canvas, row, col, L' ', STYLE_PLAIN);
        put(canvas, row, area.col, L'|', STYLE_FRAME);
        put(canvas, row, last_col, L'|', STYLE_FRAME);
    }
    canvas_line(canvas, area.row, area.col, area.cols, L'-');
    canvas_line(canvas, last_row, area.col, area.cols, L'-');
    put(canvas, area.row, area.col, L'+', STYLE_FRAME);
    put(canvas, area.row, last_col, L'+', STYLE_FRAME);
    put(canvas, last_row, area.col, L'+', STYLE_FRAME);
    put(canvas, last_row, last_col, L'+', STYLE_FRAME);
    int room = area.cols - 6;
    if (title == NULL || title[0] == '\0' || room < 1)
        return;
    int columns = canvas_columns(title);
    if (columns > room)
        columns = room;
    int col = area.col + (area.cols - columns) / 2;
    put(canvas, area.row, col - 1, L' ', STYLE_PLAIN);
    int used = canvas_text(canvas, area.row, col, room, STYLE_TITLE, title);
    put(canvas, area.row, col + used, L' ', STYLE_PLAIN);
}

void
canvas_cursor(struct canvas *canvas, int row, int col)
{
    canvas->cursor_row = row;
    canvas->cursor_col = col;
}

static struct error *
append_wide(struct bytes *text, wchar_t character)
{
    char encoded[MB_LEN_MAX];
    mbstate_t state = {0};
    size_t used = wcrtomb(encoded, character, &state);
    return used == (size_t)-1 ? bytes_append_char(text, '?')
                              : bytes_append(text, encoded, used);
}

struct error *
canvas_row_text(const struct canvas *canvas, int row, char **ret_text)
{
    const struct canvas_cell *cells = canvas->cells + (ptrdiff_t)row * canvas->cols;
    int len = canvas->cols;
    while (len > 0 && cells[len - 1].character == L' ')
        len--;
    AUTO_BYTES text = {0};
    for (int i = 0; i < len; i++) {
        if (cells[i].character == 0)
            continue;
        TRY(append_wide(&text, cells[i].character));
        for (size_t m = 0; m < CANVAS_MARKS && cells[i].marks[m] != 0; m++)
            TRY(append_wide(&text, cells[i].marks[m]));
    }
    return bytes_take_text(&text, ret_text);
}
