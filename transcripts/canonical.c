/* SPDX-License-Identifier: Apache-2.0 */
#include "transcripts/canonical.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "transcripts/reader.h"

static bool
has_control(const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text;
    for (size_t i = 0; i < len; i++) {
        if (p[i] < 0x20 || p[i] == 0x7f)
            return true;
        if (p[i] == 0xc2 && i + 1 < len && p[i + 1] >= 0x80 && p[i + 1] <= 0x9f)
            return true; /* U+0080 .. U+009F */
    }
    return false;
}

static bool
is_plain_key(const char *key)
{
    if (key[0] == '\0')
        return false;
    for (const char *p = key; *p != '\0'; p++) {
        if (*p < 0x20 || *p > 0x7e)
            return false;
    }
    return true;
}

static const char *fault_at(const json_t *value, int depth);

/* Jansson's iterators ask for what they do not change. */
static json_t *
unconst(const json_t *value)
{
    union {
        const json_t *lent;
        json_t *asked;
    } both = {.lent = value};

    return both.asked;
}

static const char *
object_fault(const json_t *value, int depth)
{
    void *iterator = json_object_iter(unconst(value));
    while (iterator != NULL) {
        if (!is_plain_key(json_object_iter_key(iterator)))
            return "a key is empty or not printable ASCII";
        const char *fault = fault_at(json_object_iter_value(iterator), depth + 1);
        if (fault != NULL)
            return fault;
        iterator = json_object_iter_next(unconst(value), iterator);
    }
    return NULL;
}

static const char *
array_fault(const json_t *value, int depth)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *fault = fault_at(json_array_get(value, i), depth + 1);
        if (fault != NULL)
            return fault;
    }
    return NULL;
}

static const char *
fault_at(const json_t *value, int depth)
{
    if (value == NULL)
        return "a value is missing";
    if (depth > CANONICAL_DEPTH)
        return "it is nested too deeply";
    json_int_t number = 0;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return object_fault(value, depth);
    case JSON_ARRAY:
        return array_fault(value, depth);
    case JSON_STRING:
        return has_control(json_string_value(value), json_string_length(value))
                   ? "a text holds a control character"
                   : NULL;
    case JSON_INTEGER:
        number = json_integer_value(value);
        return number > CANONICAL_INTEGER || number < -CANONICAL_INTEGER
                   ? "a number is 2^53 or more"
                   : NULL;
    case JSON_REAL:
        return "a number is not whole";
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL:
        return NULL;
    }
    return "a value is of no known type";
}

const char *
canonical_fault(const json_t *value)
{
    return fault_at(value, 0);
}

struct error *
transcript_canonical(const json_t *value, char **ret_text)
{
    const char *fault = canonical_fault(value);
    if (fault != NULL)
        return ERROR(ERROR_BUG, "a value cannot be written down: %s", fault);
    char *text = json_dumps(value, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY);
    if (text == NULL)
        return error_memory();
    *ret_text = text;
    return NULL;
}

static struct error *
check_form(const json_t *value, const char *text, size_t len)
{
    if (!json_is_object(value))
        return ERROR(ERROR_VERIFICATION, "it is not a JSON object");
    const char *fault = canonical_fault(value);
    if (fault != NULL)
        return ERROR(ERROR_VERIFICATION, "%s", fault);
    AUTO_FREE char *again = NULL;
    TRY(transcript_canonical(value, &again));
    if (strlen(again) != len || memcmp(again, text, len) != 0)
        return ERROR(ERROR_VERIFICATION, "it is not in canonical form");
    return NULL;
}

struct error *
canonical_parse(const char *text, size_t len, json_t **ret_value)
{
    json_error_t why;
    json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
    if (value == NULL)
        return error_detail(ERROR(ERROR_VERIFICATION, "it is not JSON"), "column %d: %s",
                            why.column, why.text);
    struct error *error = check_form(value, text, len);
    if (error != NULL) {
        json_decref(value);
        return error;
    }
    *ret_value = value;
    return NULL;
}
