/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/privacy.h"

#include <string.h>

#include "ceremony/base/random.h"

#define SHARE_WORDS_IN_A_ROW 4U

static struct error *
mark_of(const struct engine *engine, const void *text, size_t len, unsigned char ret_mark[32])
{
    return digest_hkdf_sha256(text, len, engine->pin_key, sizeof engine->pin_key,
                              "pin of today", ret_mark, 32);
}

struct error *
privacy_remember_pin(struct engine *engine, const struct secret *pin)
{
    if (pin == NULL || engine->pin_count == ENGINE_PINS_MAX)
        return NULL;
    if (engine->pin_count == 0)
        TRY(random_bytes(engine->pin_key, sizeof engine->pin_key));
    unsigned char *mark = engine->pin_marks[engine->pin_count];
    TRY(mark_of(engine, secret_borrow_const(pin), secret_size(pin), mark));
    for (size_t i = 0; i < engine->pin_count; i++)
        if (memcmp(engine->pin_marks[i], mark, sizeof engine->pin_marks[0]) == 0)
            return NULL; /* typed before; the room is for others */
    engine->pin_sizes[engine->pin_count++] = secret_size(pin);
    return NULL;
}

static bool
is_pin(const struct engine *engine, const char *text, size_t len)
{
    unsigned char mark[32];
    struct error *error = mark_of(engine, text, len, mark);
    if (error != NULL) {
        error_free(error);
        return true; /* better refused than kept */
    }
    for (size_t i = 0; i < engine->pin_count; i++)
        if (memcmp(mark, engine->pin_marks[i], sizeof mark) == 0)
            return true;
    return false;
}

static bool
is_letter(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

/* Whether a word or number goes on over this place; "1234" does not stand in "991234". */
static bool
is_inside(const char *text, size_t len, size_t at)
{
    if (at == 0 || at == len)
        return false;
    bool before = is_letter(text[at - 1]) || (text[at - 1] >= '0' && text[at - 1] <= '9');
    bool after = is_letter(text[at]) || (text[at] >= '0' && text[at] <= '9');
    return before && after;
}

/* Anywhere: in quotation marks, before a comma, and with the blanks that a PIN may have. */
static bool
holds_pin(const struct engine *engine, const char *text, size_t len)
{
    for (size_t i = 0; i < engine->pin_count; i++) {
        size_t size = engine->pin_sizes[i];
        for (size_t at = 0; at + size <= len; at++)
            if (!is_inside(text, len, at) && !is_inside(text, len, at + size)
                && is_pin(engine, text + at, size))
                return true;
    }
    return false;
}

/* Whatever stands between the words: numbers, commas, quotation marks. */
static bool
holds_share(const char *text, size_t len)
{
    size_t row = 0;
    size_t letters = 0;
    for (size_t at = 0; at <= len; at++) {
        if (at < len && is_letter(text[at])) {
            letters++;
            continue;
        }
        if (letters > 0)
            row = word_list_find_letters(&slip39_word_list, text + at - letters, letters) >= 0
                      ? row + 1
                      : 0;
        letters = 0;
        if (row >= SHARE_WORDS_IN_A_ROW)
            return true;
    }
    return false;
}

bool
privacy_looks_secret(const struct engine *engine, const char *text)
{
    size_t len = strlen(text);
    return holds_pin(engine, text, len) || holds_share(text, len);
}
