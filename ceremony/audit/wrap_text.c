/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/audit/wrap_text.h"

#include <string.h>

/* Characters, not bytes; texts are UTF-8. */
static size_t
width_of(const char *text, size_t len)
{
    size_t width = 0;
    for (size_t i = 0; i < len; i++)
        width += ((unsigned char)text[i] & 0xc0) != 0x80;
    return width;
}

/* How many bytes of `text` make at most `width` characters. */
static size_t
bytes_of(const char *text, size_t len, size_t width)
{
    size_t at = 0;
    for (size_t chars = 0; at < len; at++) {
        chars += ((unsigned char)text[at] & 0xc0) != 0x80;
        if (chars > width)
            break;
    }
    return at;
}

static struct error *
new_line(struct bytes *bytes, size_t indent, size_t *ret_column)
{
    *ret_column = indent;
    return bytes_format(bytes, "\n%*s", (int)indent, "");
}

/* A word longer than a line (a hash, a name) is cut. */
static struct error *
put_word(struct bytes *bytes, const char *word, size_t len, size_t indent, size_t *column)
{
    while (len > 0) {
        size_t part = bytes_of(word, len, TEXT_COLUMNS - *column);
        TRY(bytes_append(bytes, word, part));
        *column += width_of(word, part);
        word += part;
        len -= part;
        if (len > 0)
            TRY(new_line(bytes, indent, column));
    }
    return NULL;
}

struct error *
wrap_text(struct bytes *bytes, const char *first, size_t indent, const char *text)
{
    size_t column = 0;
    TRY(put_word(bytes, first, strlen(first), indent, &column));
    bool begun = false;
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        size_t width = width_of(text, len);
        size_t blank = begun ? 1 : 0;
        if (len > 0 && column + blank + width > TEXT_COLUMNS && column > indent) {
            TRY(new_line(bytes, indent, &column));
            blank = 0;
        }
        if (blank > 0 && column < TEXT_COLUMNS) {
            TRY(bytes_append_char(bytes, ' '));
            column++;
        }
        TRY(put_word(bytes, text, len, indent, &column));
        begun = true;
        text += len + (text[len] == ' ' ? 1 : 0);
    }
    return bytes_append_char(bytes, '\n');
}
