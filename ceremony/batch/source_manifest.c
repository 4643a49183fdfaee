/* SPDX-License-Identifier: Apache-2.0
 *
 * Manifests: JSON Lines and CSV (RFC 4180). A line is an item; "request" is the PKCS#10 in base64 of its
 * DER, all else are fields. The hash of an item is that of its line without the line feed. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/source_lines.h"
#include "ceremony/batch/source_private.h"

#define FIELDS_MAX      16
#define FIELD_NAME_MAX  32
#define FIELD_VALUE_MAX 256
#define REQUEST_FIELD   "request"

struct manifest_state {
    struct source_lines lines;
    struct source_line line;
    char *file_name; /* safe */
    char *columns[FIELDS_MAX + 1];
    size_t column_count;
};

static void
close_state(void *self)
{
    struct manifest_state *state = self;
    if (state->lines.file >= 0)
        close(state->lines.file);
    for (size_t i = 0; i < state->column_count; i++)
        free(state->columns[i]);
    bytes_clear(&state->line.text);
    free(state->file_name);
    free(state);
}

static struct error *
open_manifest(struct batch_source *source, const char *path)
{
    struct manifest_state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return error_memory();
    state->lines.file = -1;
    source->state = state;
    const char *name = path_name(path);
    TRY(text_safe(name, strlen(name), &state->file_name));
    return source_open_file(path, &state->lines.file);
}

static bool
is_field_name(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++)
        if ((name[i] < 'a' || name[i] > 'z') && (i == 0 || name[i] < '0' || name[i] > '9')
            && (i == 0 || name[i] != '-'))
            return false;
    return len > 0 && len <= FIELD_NAME_MAX;
}

struct error *
source_add_field(struct batch_item *item, const char *name, const char *value)
{
    size_t len = strlen(value);
    if (!is_field_name(name) || batch_item_field(item, name) != NULL) {
        batch_item_add_code(item, BATCH_MANIFEST_FIELD, "%s", "a field's name");
        return NULL;
    }
    if (len > FIELD_VALUE_MAX || item->field_count == FIELDS_MAX
        || request_text_judge(value, len) != REQUEST_CODE_COUNT) {
        batch_item_add_code(item, BATCH_MANIFEST_FIELD, "%s", name);
        return NULL;
    }
    return batch_item_add_field(item, name, value);
}

/* The next line that is not empty, named; *ret_more false at the end. */
static struct error *
take_line(struct batch_source *source, struct batch_item *item, bool *ret_more)
{
    struct manifest_state *state = source->state;
    struct bytes *text = &state->line.text;
    do {
        TRY(source_next_line(&state->lines, source->limits.request_bytes, &state->line,
                             ret_more));
        if (!*ret_more)
            return NULL;
        if (text->len > 0 && text->data[text->len - 1] == '\r')
            text->data[--text->len] = '\0';
    } while (text->len == 0);
    return text_format(&item->name, "%s:%llu", state->file_name,
                       (unsigned long long)state->lines.number);
}

static struct error *
add_json_member(struct batch_item *item, const char *name, json_t *value)
{
    char number[32];
    if (json_is_integer(value)) {
        (void)snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
        return source_add_field(item, name, number);
    }
    if (json_is_string(value))
        return source_add_field(item, name, json_string_value(value));
    batch_item_add_code(item, BATCH_MANIFEST_FIELD, "%s", "a value is neither text nor number");
    return NULL;
}

static void
refuse_request(struct batch_item *item)
{
    batch_item_add_code(item, BATCH_MANIFEST_LINE, "%s",
                        "it has a request, but the keys are made here");
}

static struct error *
take_object(const struct batch_source *source, struct batch_item *item, json_t *object)
{
    const char *name = NULL;
    json_t *value = NULL;
    const json_t *request = json_object_get(object, REQUEST_FIELD);
    if (source->list && request != NULL) {
        refuse_request(item);
        return NULL;
    }
    if (!source->list && !json_is_string(request)) {
        batch_item_add_code(item, BATCH_MANIFEST_LINE, "%s", "it has no request");
        return NULL;
    }
    if (!source->list)
        TRY(source_take_base64(item, json_string_value(request)));
    json_object_foreach(object, name, value)
    {
        if (strcmp(name, REQUEST_FIELD) != 0)
            TRY(add_json_member(item, name, value));
    }
    return NULL;
}

static struct error *
next_json(struct batch_source *source, struct batch_item *item, bool skip, bool *ret_more)
{
    const struct manifest_state *state = source->state;
    TRY(take_line(source, item, ret_more));
    if (!*ret_more || skip)
        return NULL;
    const struct bytes *text = &state->line.text;
    TRY(source_hash(item, text->data, text->len));
    json_error_t fault;
    json_t *object = state->line.is_cut ? NULL
                                        : json_loadb((const char *)text->data, text->len,
                                                     JSON_REJECT_DUPLICATES, &fault);
    struct error *error = NULL;
    if (json_is_object(object))
        error = take_object(source, item, object);
    else
        batch_item_add_code(item, BATCH_MANIFEST_LINE, "%s",
                            state->line.is_cut ? "it is too long" : "it is no JSON object");
    json_decref(object);
    return error;
}

/* The next value of a line of CSV, unquoted; false if the quotes are wrong. `*at` is moved behind its
 * comma, or set to NULL at the end. */
static bool
is_csv_value(const char **at, struct bytes *value, struct error **ret_error)
{
    const char *p = *at;
    bool quoted = *p == '"';
    bool open = quoted;
    value->len = 0;
    for (p += quoted ? 1 : 0;; p++) {
        if (quoted && p[0] == '"' && p[1] == '"')
            p++;
        else if (quoted && *p == '"') {
            p++;
            open = false;
            break;
        } else if (*p == '\0' || (!quoted && *p == ','))
            break;
        else if (!quoted && *p == '"')
            return false;
        *ret_error = bytes_append_char(value, *p);
        if (*ret_error != NULL)
            return false;
    }
    if (open || (*p != ',' && *p != '\0'))
        return false;
    *at = *p == ',' ? p + 1 : NULL;
    return true;
}

/* Values in order to `use`; *ret_columns is 0 where the line is malformed. */
static struct error *
split_csv(struct batch_source *source, void *target,
          struct error *(*use)(struct batch_source *source, void *target, size_t column,
                               const char *value),
          size_t *ret_columns)
{
    struct manifest_state *state = source->state;
    AUTO_BYTES value = {0};
    struct error *error = NULL;
    size_t column = 0;
    *ret_columns = 0;
    if (state->line.is_cut || memchr(state->line.text.data, '\0', state->line.text.len) != NULL)
        return NULL;
    const char *at = bytes_text(&state->line.text);
    while (at != NULL) {
        if (!is_csv_value(&at, &value, &error))
            return error;
        TRY(bytes_append_char(&value, '\0'));
        TRY(use(source, target, column++, bytes_text(&value)));
    }
    *ret_columns = column;
    return NULL;
}

static struct error *
add_column(struct batch_source *source, void *target, size_t column, const char *value)
{
    struct manifest_state *state = source->state;
    (void)target;
    if (column > FIELDS_MAX || !is_field_name(value))
        return ERROR(ERROR_INPUT, "column %zu of the manifest has no name that is allowed",
                     column + 1);
    for (size_t i = 0; i < column; i++)
        if (strcmp(state->columns[i], value) == 0)
            return ERROR(ERROR_INPUT, "two columns of the manifest have the name \"%s\"",
                         value);
    TRY(text_copy(value, &state->columns[column]));
    state->column_count++;
    return NULL;
}

static struct error *
use_value(struct batch_source *source, void *target, size_t column, const char *value)
{
    const struct manifest_state *state = source->state;
    struct batch_item *item = target;
    if (column >= state->column_count)
        return NULL;
    if (strcmp(state->columns[column], REQUEST_FIELD) == 0)
        return source_take_base64(item, value);
    return value[0] == '\0' ? NULL : source_add_field(item, state->columns[column], value);
}

static struct error *
open_csv(struct batch_source *source, const char *path)
{
    bool more = false;
    bool request = false;
    size_t columns = 0;
    AUTO(batch_item) item = NULL;
    TRY(batch_item_new(&item));
    TRY(open_manifest(source, path));
    TRY(take_line(source, item, &more));
    if (more)
        TRY(split_csv(source, NULL, add_column, &columns));
    const struct manifest_state *state = source->state;
    for (size_t i = 0; i < state->column_count; i++)
        request = request || strcmp(state->columns[i], REQUEST_FIELD) == 0;
    if (source->list && columns > 0 && !request)
        return NULL;
    if (source->list)
        return error_hint(ERROR(ERROR_INPUT,
                                "the list \"%s\" has no first line with the names of its "
                                "columns, or one of them is \"request\"",
                                path),
                          "Begin it with a line such as serial,line,shift");
    if (columns == 0 || !request)
        return error_hint(ERROR(ERROR_INPUT,
                                "the manifest \"%s\" has no first line with the "
                                "names of its columns, one of them \"request\"",
                                path),
                          "Begin it with a line such as request,serial,line,shift");
    return NULL;
}

static struct error *
next_csv(struct batch_source *source, struct batch_item *item, bool skip, bool *ret_more)
{
    const struct manifest_state *state = source->state;
    size_t columns = 0;
    TRY(take_line(source, item, ret_more));
    if (!*ret_more || skip)
        return NULL;
    TRY(source_hash(item, state->line.text.data, state->line.text.len));
    TRY(split_csv(source, item, use_value, &columns));
    if (columns != state->column_count)
        batch_item_add_code(item, BATCH_MANIFEST_LINE, "%s",
                            columns == 0 ? "its quotes are wrong, or it is too long"
                                         : "it has another number of columns");
    return NULL;
}

const struct source_kind source_json_lines = {"json-lines", open_manifest, next_json,
                                              close_state};
const struct source_kind source_csv = {"csv", open_csv, next_csv, close_state};
