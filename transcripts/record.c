/* SPDX-License-Identifier: Apache-2.0 */
#include "transcripts/record.h"

#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "transcripts/canonical.h"

static const char *const type_names[TRANSCRIPT_TYPES] = {
    [TRANSCRIPT_OPENING] = "opening",     [TRANSCRIPT_STEP_BEGIN] = "step-begin",
    [TRANSCRIPT_STEP_END] = "step-end",   [TRANSCRIPT_ROLL_CALL] = "roll-call",
    [TRANSCRIPT_FACTS] = "facts",         [TRANSCRIPT_INTENT] = "intent",
    [TRANSCRIPT_RESULT] = "result",       [TRANSCRIPT_CONFIRMATION] = "confirmation",
    [TRANSCRIPT_EXCEPTION] = "exception", [TRANSCRIPT_CHECKPOINT] = "checkpoint",
    [TRANSCRIPT_PAUSE] = "pause",         [TRANSCRIPT_RESUME] = "resume",
    [TRANSCRIPT_OUTPUT] = "output",       [TRANSCRIPT_SIGN_OFF] = "sign-off",
    [TRANSCRIPT_CLOSING] = "closing",
};

/* The keys of a line, all of them and no other. */
static const struct {
    const char *name;
    json_type type;
} key_table[] = {
    {"act",        JSON_STRING },
    {"actor",      JSON_STRING },
    {"data",       JSON_OBJECT },
    {"elapsed_ms", JSON_INTEGER},
    {"prev",       JSON_STRING },
    {"seq",        JSON_INTEGER},
    {"step",       JSON_STRING },
    {"time",       JSON_STRING },
    {"type",       JSON_STRING },
};

#define KEYS (sizeof key_table / sizeof key_table[0])

const char *
transcript_type_name(enum transcript_type type)
{
    BUG_ON((unsigned)type >= TRANSCRIPT_TYPES);
    return type_names[type];
}

int
transcript_type_parse(const char *name)
{
    for (int i = 0; i < TRANSCRIPT_TYPES; i++) {
        if (strcmp(type_names[i], name) == 0)
            return i;
    }
    return -1;
}

static struct error *
check_keys(const json_t *line)
{
    for (size_t i = 0; i < KEYS; i++) {
        const json_t *value = json_object_get(line, key_table[i].name);
        if (value == NULL)
            return ERROR(ERROR_VERIFICATION, "the key \"%s\" is missing", key_table[i].name);
        if (json_typeof(value) != key_table[i].type)
            return ERROR(ERROR_VERIFICATION, "the value of \"%s\" is of the wrong type",
                         key_table[i].name);
    }
    if (json_object_size(line) != KEYS)
        return ERROR(ERROR_VERIFICATION, "it has keys that do not belong there");
    return NULL;
}

static const char *
text_of(const json_t *line, const char *key)
{
    return json_string_value(json_object_get(line, key));
}

/* Exactly the form that clock_format_ms writes. */
static struct error *
read_time(const char *text, int64_t *ret_wall_ms)
{
    char again[CLOCK_TEXT_SIZE];
    int64_t wall_ms = 0;
    struct error *error = clock_parse(text, &wall_ms);
    if (error == NULL) {
        clock_format_ms(wall_ms, again);
        if (strcmp(again, text) == 0) {
            *ret_wall_ms = wall_ms;
            return NULL;
        }
    }
    error_free(error);
    return ERROR(ERROR_VERIFICATION, "its time is not of the form 2026-11-23T14:32:07.123Z");
}

static struct error *
read_values(const json_t *line, struct transcript_record *record)
{
    json_int_t seq = json_integer_value(json_object_get(line, "seq"));
    json_int_t elapsed = json_integer_value(json_object_get(line, "elapsed_ms"));
    int type = transcript_type_parse(text_of(line, "type"));
    if (seq < 1)
        return ERROR(ERROR_VERIFICATION, "its number is not positive");
    if (elapsed < 0)
        return ERROR(ERROR_VERIFICATION, "its elapsed time is negative");
    if (type < 0)
        return ERROR(ERROR_VERIFICATION, "its type is not known");
    TRY(read_time(text_of(line, "time"), &record->wall_ms));
    record->seq = (uint64_t)seq;
    record->type = (enum transcript_type)type;
    record->elapsed_ms = elapsed;
    record->act = text_of(line, "act");
    record->step = text_of(line, "step");
    record->actor = text_of(line, "actor");
    record->data = json_object_get(line, "data");
    return NULL;
}

static struct error *
decode_object(const json_t *line, struct transcript_record *record)
{
    TRY(check_keys(line));
    unsigned char prev[DIGEST_SHA256_SIZE];
    char again[DIGEST_SHA256_TEXT];
    const char *text = text_of(line, "prev");
    struct error *error = hex_decode(text, prev, sizeof prev);
    if (error == NULL) {
        hex_encode(prev, sizeof prev, again);
    }
    if (error != NULL || strcmp(again, text) != 0) {
        error_free(error);
        return ERROR(ERROR_VERIFICATION, "the hash it carries is not 64 lower-case digits");
    }
    return read_values(line, record);
}

struct error *
record_decode(const char *text, size_t len, json_t **ret_line,
              struct transcript_record *ret_record)
{
    if (len == 0 || text[len - 1] != '\n')
        return ERROR(ERROR_VERIFICATION, "it is not complete");
    struct transcript_record record = {.length = len};
    json_t *line = NULL;
    TRY(canonical_parse(text, len - 1, &line));
    struct error *error = decode_object(line, &record);
    if (error == NULL)
        error = digest_sha256(text, len, record.hash);
    if (error != NULL) {
        json_decref(line);
        return error;
    }
    *ret_line = line;
    *ret_record = record;
    return NULL;
}

struct error *
record_follow(struct record_chain *chain, const struct transcript_record *record,
              const json_t *line)
{
    unsigned long long expected = chain->count + 1;
    if (record->seq != expected)
        return ERROR(
            ERROR_VERIFICATION,
            "line %llu of the transcript carries record %llu where record %llu belongs",
            expected, (unsigned long long)record->seq, expected);
    char head[DIGEST_SHA256_TEXT];
    hex_encode(chain->head, sizeof chain->head, head);
    if (strcmp(text_of(line, "prev"), head) != 0) {
        if (chain->count == 0)
            return ERROR(ERROR_VERIFICATION,
                         "line 1 of the transcript, record 1: it does not begin a transcript");
        return ERROR(ERROR_VERIFICATION,
                     "line %llu of the transcript, record %llu: it is not the line that record "
                     "%llu was written after",
                     expected - 1, expected - 1, expected);
    }
    if (record->elapsed_ms < chain->elapsed_ms)
        return ERROR(ERROR_VERIFICATION,
                     "line %llu of the transcript, record %llu: its elapsed time goes back",
                     expected, expected);
    chain->count = record->seq;
    chain->elapsed_ms = record->elapsed_ms;
    chain->wall_ms = record->wall_ms;
    memcpy(chain->head, record->hash, sizeof chain->head);
    return NULL;
}
