/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/line_entry.h"

#include <limits.h>
#include <stdlib.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/secret.h"
#include "ceremony/tui/keys.h"

void
line_entry_clear(struct line_entry *entry)
{
    secret_wipe(entry, sizeof *entry);
    *entry = (struct line_entry){0};
}

static void
take_out(struct line_entry *entry, size_t at)
{
    if (at >= entry->len)
        return;
    wmemmove(entry->text + at, entry->text + at + 1, entry->len - at - 1);
    entry->len--;
}

static void
put_in(struct line_entry *entry, wchar_t character)
{
    if (entry->len == LINE_ENTRY_MAX || wcwidth(character) < 1)
        return;
    wmemmove(entry->text + entry->cursor + 1, entry->text + entry->cursor,
             entry->len - entry->cursor);
    entry->text[entry->cursor++] = character;
    entry->len++;
}

bool
line_entry_key(struct line_entry *entry, int32_t key)
{
    switch (key) {
    case UI_BACKSPACE:
        if (entry->cursor > 0)
            take_out(entry, --entry->cursor);
        return true;
    case UI_DELETE:
        take_out(entry, entry->cursor);
        return true;
    case UI_LEFT:
        entry->cursor -= entry->cursor > 0 ? 1 : 0;
        return true;
    case UI_RIGHT:
        entry->cursor += entry->cursor < entry->len ? 1 : 0;
        return true;
    case UI_HOME:
        entry->cursor = 0;
        return true;
    case UI_END:
        entry->cursor = entry->len;
        return true;
    case UI_CTRL_U:
        line_entry_clear(entry);
        return true;
    default:
        if (key < 0x20)
            return false;
        put_in(entry, (wchar_t)key);
        return true;
    }
}

static struct error *
encode(const wchar_t *text, size_t len, char **ret_text)
{
    AUTO_BYTES bytes = {0};
    for (size_t i = 0; i < len; i++) {
        char encoded[MB_LEN_MAX];
        mbstate_t state = {0};
        size_t used = wcrtomb(encoded, text[i], &state);
        if (used != (size_t)-1)
            TRY(bytes_append(&bytes, encoded, used));
    }
    return bytes_take_text(&bytes, ret_text);
}

struct error *
line_entry_text(const struct line_entry *entry, char **ret_text)
{
    size_t begin = 0;
    size_t end = entry->len;
    while (begin < end && entry->text[begin] == L' ')
        begin++;
    while (end > begin && entry->text[end - 1] == L' ')
        end--;
    return encode(entry->text + begin, end - begin, ret_text);
}

void
line_entry_set(struct line_entry *entry, const char *text)
{
    line_entry_clear(entry);
    wchar_t character = 0;
    int columns = 0;
    for (size_t used = 0; (used = canvas_decode(text, &character, &columns)) > 0; text += used)
        put_in(entry, character);
}

struct error *
line_entry_draw(const struct line_entry *entry, struct canvas *canvas, int row, int col,
                int width)
{
    /* The first character shown: as far left as leaves the cursor in view. */
    size_t first = entry->cursor;
    int used = 0;
    while (first > 0 && used + wcwidth(entry->text[first - 1]) < width)
        used += wcwidth(entry->text[--first]);
    AUTO_FREE char *text = NULL;
    TRY(encode(entry->text + first, entry->len - first, &text));
    (void)canvas_text(canvas, row, col, width, STYLE_INPUT, text);
    canvas_cursor(canvas, row, col + used);
    return NULL;
}
