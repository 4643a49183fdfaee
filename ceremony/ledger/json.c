/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/ledger/json.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"

void
ledger_json_clear(struct ledger_json *object)
{
    for (size_t i = 0; i < object->count; i++) {
        free(object->fields[i].key);
        free(object->fields[i].text);
    }
    *object = (struct ledger_json){0};
}

const struct ledger_json_field *
ledger_json_find(const struct ledger_json *object, const char *key)
{
    for (size_t i = 0; i < object->count; i++) {
        if (strcmp(object->fields[i].key, key) == 0)
            return &object->fields[i];
    }
    return NULL;
}

static struct error *
add_field(struct ledger_json *object, const char *key, enum ledger_json_type type,
          const char *text, int64_t number)
{
    if (object->count >= LEDGER_JSON_FIELDS)
        return ERROR(ERROR_VERIFICATION, "it has too many keys");
    AUTO_FREE char *key_copy = NULL;
    AUTO_FREE char *text_copied = NULL;
    TRY(text_copy(key, &key_copy));
    if (text != NULL)
        TRY(text_copy(text, &text_copied));
    size_t at = object->count;
    while (at > 0 && strcmp(object->fields[at - 1].key, key) > 0)
        at--;
    memmove(&object->fields[at + 1], &object->fields[at],
            (object->count - at) * sizeof object->fields[0]);
    object->fields[at] = (struct ledger_json_field){
        .key = TAKE(key_copy), .text = TAKE(text_copied), .number = number, .type = type};
    object->count++;
    return NULL;
}

struct error *
ledger_json_add_text(struct ledger_json *object, const char *key, const char *text)
{
    return add_field(object, key, LEDGER_JSON_TEXT, text == NULL ? "" : text, 0);
}

struct error *
ledger_json_add_number(struct ledger_json *object, const char *key, int64_t number)
{
    return add_field(object, key, LEDGER_JSON_NUMBER_VALUE, NULL, number);
}

struct error *
ledger_json_add_bool(struct ledger_json *object, const char *key, bool value)
{
    return add_field(object, key, LEDGER_JSON_BOOL, NULL, value);
}

struct error *
ledger_json_add_object(struct ledger_json *object, const char *key, const char *text)
{
    return add_field(object, key, LEDGER_JSON_OBJECT, text, 0);
}

/* --- writing --- */

/* What stands for a control character: jansson's choices. */
static const char *
short_escape(unsigned char c)
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\b':
        return "\\b";
    case '\f':
        return "\\f";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        return NULL;
    }
}

struct error *
ledger_json_write_text(struct bytes *bytes, const char *text)
{
    TRY(bytes_append_char(bytes, '"'));
    const unsigned char *from = (const unsigned char *)text;
    const unsigned char *p = from;
    for (; *p != '\0'; p++) {
        const char *escape = short_escape(*p);
        if (escape == NULL && *p >= 0x20)
            continue;
        TRY(bytes_append(bytes, from, (size_t)(p - from)));
        if (escape != NULL)
            TRY(bytes_append_text(bytes, escape));
        else
            TRY(bytes_format(bytes, "\\u%04X", (unsigned)*p));
        from = p + 1;
    }
    TRY(bytes_append(bytes, from, (size_t)(p - from)));
    return bytes_append_char(bytes, '"');
}

static struct error *
write_value(struct bytes *bytes, const struct ledger_json_field *field)
{
    switch (field->type) {
    case LEDGER_JSON_TEXT:
        return ledger_json_write_text(bytes, field->text);
    case LEDGER_JSON_NUMBER_VALUE:
        return bytes_format(bytes, "%lld", (long long)field->number);
    case LEDGER_JSON_BOOL:
        return bytes_append_text(bytes, field->number != 0 ? "true" : "false");
    case LEDGER_JSON_OBJECT:
        return bytes_append_text(bytes, field->text);
    }
    return ERROR(ERROR_BUG, "a ledger value is of no known type");
}

struct error *
ledger_json_write(const struct ledger_json *object, struct bytes *bytes)
{
    TRY(bytes_append_char(bytes, '{'));
    for (size_t i = 0; i < object->count; i++) {
        if (i > 0)
            TRY(bytes_append_char(bytes, ','));
        TRY(ledger_json_write_text(bytes, object->fields[i].key));
        TRY(bytes_append_char(bytes, ':'));
        TRY(write_value(bytes, &object->fields[i]));
    }
    return bytes_append_char(bytes, '}');
}

/* --- reading: only what the writer above writes, less control characters --- */

struct cursor {
    const char *at;
    const char *end;
};

static struct error *
form_error(void)
{
    return ERROR(ERROR_VERIFICATION, "it is not in canonical form");
}

static bool
skip(struct cursor *cursor, const char *text)
{
    size_t len = strlen(text);
    if ((size_t)(cursor->end - cursor->at) < len || memcmp(cursor->at, text, len) != 0)
        return false;
    cursor->at += len;
    return true;
}

static struct error *
parse_text(struct cursor *cursor, char **ret_text)
{
    if (!skip(cursor, "\""))
        return form_error();
    AUTO_BYTES text = {0};
    unsigned char seen = 0; /* plain ASCII, which nearly all is, needs no second look */
    for (;;) {
        const char *from = cursor->at;
        while (cursor->at < cursor->end && *cursor->at != '"' && *cursor->at != '\\'
               && (unsigned char)*cursor->at >= 0x20)
            seen |= (unsigned char)*cursor->at++;
        TRY(bytes_append(&text, from, (size_t)(cursor->at - from)));
        if (skip(cursor, "\""))
            break;
        if (skip(cursor, "\\\""))
            TRY(bytes_append_char(&text, '"'));
        else if (skip(cursor, "\\\\"))
            TRY(bytes_append_char(&text, '\\'));
        else
            return form_error();
    }
    if (seen >= 0x80 && !text_is_utf8(bytes_text(&text), text.len))
        return ERROR(ERROR_VERIFICATION, "a text is not UTF-8");
    return bytes_take_text(&text, ret_text);
}

static struct error *
parse_number(struct cursor *cursor, int64_t *ret_number)
{
    bool negative = skip(cursor, "-");
    const char *first = cursor->at;
    int64_t number = 0;
    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
        number = number * 10 + (*cursor->at++ - '0');
        if (number > LEDGER_JSON_NUMBER)
            return ERROR(ERROR_VERIFICATION, "a number is 2^53 or more");
    }
    if (cursor->at == first || (*first == '0' && (cursor->at > first + 1 || negative)))
        return form_error();
    *ret_number = negative ? -number : number;
    return NULL;
}

static struct error *parse_object(struct cursor *cursor, int depth, struct ledger_json *object);

static struct error *
parse_inner(struct cursor *cursor, int depth, char **ret_text)
{
    const char *first = cursor->at;
    AUTO_LEDGER_JSON inner = {0};
    TRY(parse_object(cursor, depth + 1, &inner));
    return text_format(ret_text, "%.*s", (int)(cursor->at - first), first);
}

static struct error *
parse_field(struct cursor *cursor, int depth, struct ledger_json *object)
{
    AUTO_FREE char *key = NULL;
    AUTO_FREE char *text = NULL;
    int64_t number = 0;
    TRY(parse_text(cursor, &key));
    if (object->count > 0 && strcmp(object->fields[object->count - 1].key, key) >= 0)
        return form_error();
    if (!skip(cursor, ":") || cursor->at == cursor->end)
        return form_error();
    if (*cursor->at == '"') {
        TRY(parse_text(cursor, &text));
        return ledger_json_add_text(object, key, text);
    }
    if (*cursor->at == '{') {
        TRY(parse_inner(cursor, depth, &text));
        return ledger_json_add_object(object, key, text);
    }
    if (skip(cursor, "true"))
        return ledger_json_add_bool(object, key, true);
    if (skip(cursor, "false"))
        return ledger_json_add_bool(object, key, false);
    TRY(parse_number(cursor, &number));
    return ledger_json_add_number(object, key, number);
}

static struct error *
parse_object(struct cursor *cursor, int depth, struct ledger_json *object)
{
    if (depth > 1 || !skip(cursor, "{"))
        return form_error();
    if (skip(cursor, "}"))
        return NULL;
    do {
        TRY(parse_field(cursor, depth, object));
    } while (skip(cursor, ","));
    return skip(cursor, "}") ? NULL : form_error();
}

struct error *
ledger_json_parse(const char *text, size_t len, struct ledger_json *ret_object)
{
    AUTO_LEDGER_JSON object = {0};
    struct cursor cursor = {text, text + len};
    if (memchr(text, 0, len) != NULL)
        return form_error();
    TRY(parse_object(&cursor, 0, &object));
    if (cursor.at != cursor.end)
        return form_error();
    *ret_object = object;
    object = (struct ledger_json){0};
    return NULL;
}
