/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/pin_entry.h"

#include <limits.h>
#include <string.h>
#include <wchar.h>

#include "ceremony/tui/keys.h"

struct error *
pin_entry_init(struct pin_entry *entry, size_t max)
{
    *entry = (struct pin_entry){.max = max == 0 ? PIN_ENTRY_DEFAULT_MAX : max};
    return secret_new(entry->max, &entry->bytes);
}

void
pin_entry_clear(struct pin_entry *entry)
{
    secret_free(entry->bytes);
    *entry = (struct pin_entry){0};
}

static void
remove_last(struct pin_entry *entry)
{
    unsigned char *bytes = secret_borrow(entry->bytes);
    bool continues = true;
    while (entry->len > 0 && continues) {
        entry->len--;
        continues = (bytes[entry->len] & 0xC0) == 0x80; /* inside a UTF-8 character */
        bytes[entry->len] = 0;
    }
}

static void
add(struct pin_entry *entry, wchar_t character)
{
    char encoded[MB_LEN_MAX];
    mbstate_t state = {0};
    size_t used = wcrtomb(encoded, character, &state);
    entry->too_long = used == (size_t)-1 || used > entry->max - entry->len;
    if (!entry->too_long) {
        memcpy(secret_borrow(entry->bytes) + entry->len, encoded, used);
        entry->len += used;
    }
    secret_wipe(encoded, sizeof encoded);
}

bool
pin_entry_key(struct pin_entry *entry, int32_t key)
{
    entry->too_long = false;
    if (key == UI_BACKSPACE)
        remove_last(entry);
    else if (key == UI_CTRL_U)
        while (entry->len > 0)
            remove_last(entry);
    else if (key >= 0x20)
        add(entry, (wchar_t)key);
    else
        return false;
    return true;
}

struct secret *
pin_entry_take(struct pin_entry *entry)
{
    BUG_ON(entry->len == 0);
    secret_shrink(entry->bytes, entry->len);
    struct secret *pin = TAKE(entry->bytes);
    pin_entry_clear(entry);
    return pin;
}

const char *
pin_entry_marks(const struct pin_entry *entry)
{
    return entry->len > 0 ? "********" : "________";
}
