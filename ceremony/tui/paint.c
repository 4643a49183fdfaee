/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/paint.h"

#include <string.h>

#define PAINT_SIZE 16384

struct error *
paint_init(struct paint *paint, const char *(*cursor_address)(int row, int col))
{
    *paint = (struct paint){.cursor_address = cursor_address};
    return secret_new(PAINT_SIZE, &paint->memory);
}

void
paint_clear(struct paint *paint)
{
    secret_free(paint->memory);
    *paint = (struct paint){0};
}

void
paint_text(struct paint *paint, int row, int col, const char *text, size_t len, size_t width)
{
    const char *place = paint->cursor_address(row, col);
    size_t place_len = strlen(place);
    if (len > width)
        len = width;
    if (paint->len + place_len + width > secret_size(paint->memory))
        return;
    unsigned char *to = secret_borrow(paint->memory) + paint->len;
    for (size_t i = 0; i < place_len; i++)
        to[i] = (unsigned char)place[i];
    /* A control character never reaches the terminal, whatever the word was. */
    for (size_t i = 0; i < width; i++) {
        unsigned char c = i < len ? (unsigned char)text[i] : (unsigned char)' ';
        to[place_len + i] = c >= 0x20 && c < 0x7F ? c : (unsigned char)'?';
    }
    paint->len += place_len + width;
}
