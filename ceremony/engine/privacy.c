/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/privacy.h"

#include <string.h>

#include "ceremony/base/random.h"
#include "ceremony/base/text.h"

#define SHARE_WORDS_IN_A_ROW 4U
#define WORDS_MAX            128U

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
    engine->pin_count++;
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

bool
privacy_looks_secret(const struct engine *engine, const char *text)
{
    char *copy = strdup(text);
    char *words[WORDS_MAX];
    if (copy == NULL)
        return true;
    size_t count = text_split_words(copy, words, WORDS_MAX);
    bool secret =
        count > WORDS_MAX || (engine->pin_count > 0 && is_pin(engine, text, strlen(text)));
    size_t row = 0;
    for (size_t i = 0; i < count && !secret; i++) {
        size_t len = strcspn(words[i], ",.;:!?\"')");
        if (engine->pin_count > 0)
            secret =
                is_pin(engine, words[i], strlen(words[i])) || is_pin(engine, words[i], len);
        words[i][len] = '\0';
        row = word_list_find(&slip39_word_list, words[i]) >= 0 ? row + 1 : 0;
        secret = secret || row >= SHARE_WORDS_IN_A_ROW;
    }
    secret_wipe(copy, strlen(text));
    free(copy);
    return secret;
}
