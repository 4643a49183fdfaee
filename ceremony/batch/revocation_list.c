/* SPDX-License-Identifier: Apache-2.0
 *
 * The two formats, down to named values with their places. */
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "ceremony/base/text.h"
#include "ceremony/batch/revocation_private.h"

static const struct {
    const char *code;
    const char *sentence;
} rows[] = {

#define ROW(name, code, sentence) {code, sentence},
#include "ceremony/batch/revocation_rows.h"
#undef ROW
};

static const char *const names[REVOCATION_FIELDS] = {
    [FIELD_SERIAL] = "serial",       [FIELD_CERTIFICATE] = "certificate",
    [FIELD_DATE] = "date",           [FIELD_REASON] = "reason",
    [FIELD_REFERENCE] = "reference", [FIELD_INVALIDITY] = "invalidity",
};

const char *
revocation_code_text(enum revocation_code code)
{
    return rows[code].code;
}

const char *
revocation_code_sentence(enum revocation_code code)
{
    return rows[code].sentence;
}

void
revocation_list_close(struct revocation_list *list)
{
    if (list == NULL)
        return;
    if (list->lines.file >= 0)
        (void)close(list->lines.file);
    for (size_t i = 0; i < REVOCATION_FIELDS; i++)
        bytes_clear(&list->fields[i].text);
    bytes_clear(&list->line.text);
    free(list);
}

static int
find_field(const char *name)
{
    for (int i = 0; i < REVOCATION_FIELDS; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

static struct error *
take_line(struct revocation_list *list, bool *ret_more)
{
    struct bytes *text = &list->line.text;
    do {
        TRY(source_next_line(&list->lines, REVOCATION_LINE_MAX, &list->line, ret_more));
        if (!*ret_more)
            return NULL;
        if (text->len > 0 && text->data[text->len - 1] == '\r')
            text->data[--text->len] = '\0';
    } while (text->len == 0);
    return NULL;
}

static enum revocation_code
fault(struct revocation_line *line, enum revocation_code code, size_t column)
{
    line->code = code;
    line->column = column;
    return code;
}

/* --- CSV --- */

/* Quotes only around whole values, without line feeds in them; that is all that such lists need. */
static struct error *
take_value(const char *text, size_t *at, struct bytes *value, bool *ret_good)
{
    bool quoted = text[*at] == '"';
    size_t i = *at + (quoted ? 1 : 0);
    value->len = 0;
    *ret_good = true;
    while (text[i] != '\0' && (quoted || text[i] != ',')) {
        if (quoted && text[i] == '"') {
            if (text[i + 1] != '"')
                break;
            i++;
        } else if (text[i] == '"')
            *ret_good = false;
        TRY(bytes_append_char(value, text[i++]));
    }
    if (quoted)
        *ret_good &= text[i++] == '"';
    *ret_good = *ret_good && (text[i] == ',' || text[i] == '\0');
    *at = i;
    return NULL;
}

static struct error *
read_csv(struct revocation_list *list, struct revocation_line *line)
{
    const char *text = bytes_text(&list->line.text);
    size_t at = 0;
    for (size_t column = 0; column < list->column_count; column++) {
        struct revocation_field *field = &list->fields[list->columns[column]];
        bool good = false;
        bool last = column + 1 == list->column_count;
        field->column = at + 1;
        TRY(take_value(text, &at, &field->text, &good));
        field->given = field->text.len > 0;
        if (!good || (text[at] == '\0') != last) {
            (void)fault(line, REVOCATION_LINE_FORM, at + 1);
            return NULL;
        }
        at++;
    }
    return NULL;
}

static struct error *
read_names(struct revocation_list *list, const char *name)
{
    AUTO_BYTES value = {0};
    const char *text = bytes_text(&list->line.text);
    bool good = true;
    bool seen[REVOCATION_FIELDS] = {false};
    for (size_t at = 0; good && list->column_count < REVOCATION_FIELDS; at++) {
        TRY(take_value(text, &at, &value, &good));
        int field = find_field(bytes_text(&value));
        good = good && field >= 0 && !seen[field];
        if (!good)
            break;
        seen[field] = true;
        list->columns[list->column_count++] = field;
        if (text[at] == '\0')
            return NULL;
    }
    return error_hint(
        ERROR(ERROR_INPUT, "the first line of the list \"%s\" does not name its columns", name),
        "Begin it with a line such as serial,date,reason,reference,invalidity");
}

/* --- JSON Lines --- */

static struct error *
read_members(struct revocation_list *list, json_t *object, struct revocation_line *line)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_object_foreach(object, name, value)
    {
        int which = find_field(name);
        const char *place = strstr(bytes_text(&list->line.text), name);
        size_t column = place == NULL ? 1 : (size_t)(place - bytes_text(&list->line.text)) + 1;
        if (which < 0 || !json_is_string(value)) {
            (void)fault(line, which < 0 ? REVOCATION_FIELD : REVOCATION_LINE_FORM, column);
            return NULL;
        }
        struct revocation_field *field = &list->fields[which];
        field->column = column;
        field->given = true;
        TRY(bytes_append_text(&field->text, json_string_value(value)));
    }
    return NULL;
}

static struct error *
read_json(struct revocation_list *list, struct revocation_line *line)
{
    json_error_t problem;
    json_t *object = json_loadb((const char *)list->line.text.data, list->line.text.len,
                                JSON_REJECT_DUPLICATES, &problem);
    struct error *error = NULL;
    if (json_is_object(object))
        error = read_members(list, object, line);
    else
        (void)fault(line, REVOCATION_LINE_FORM,
                    problem.column > 0 ? (size_t)problem.column : 1);
    json_decref(object);
    return error;
}

/* --- both --- */

static struct error *
begin(struct revocation_list *list, const char *name)
{
    bool more = false;
    TRY(take_line(list, &more));
    list->json = more && list->line.text.data[0] == '{';
    list->again = list->json; /* the line just read is the first one */
    if (list->json || !more)
        return NULL;
    list->column_count = 0;
    return read_names(list, name);
}

struct error *
revocation_list_open(const void *text, size_t len, const char *name,
                     const struct revocation_rules *rules, struct revocation_list **ret_list)
{
    AUTO(revocation_list) list = calloc(1, sizeof *list);
    if (list == NULL)
        return error_memory();
    list->lines.file = -1;
    list->rules = *rules;
    list->lines.text = text;
    list->lines.text_len = len;
    TRY(begin(list, name));
    *ret_list = TAKE(list);
    return NULL;
}

struct error *
revocation_list_rewind(struct revocation_list *list)
{
    if (list->received && lseek(list->lines.file, 0, SEEK_SET) != 0)
        return ERROR(ERROR_IO, "the list of revocations could not be read again");
    list->lines.at = list->lines.have = list->lines.text_at = 0;
    list->lines.number = 0;
    return list->received ? NULL : begin(list, "list");
}

struct error *
revocation_list_next(struct revocation_list *list, struct revocation_line *ret_line,
                     bool *ret_end)
{
    bool more = list->again;
    if (list->received)
        return revocation_next_received(list, ret_line, ret_end);
    if (!list->again)
        TRY(take_line(list, &more));
    list->again = false;
    *ret_end = !more;
    if (!more)
        return NULL;
    *ret_line = (struct revocation_line){.line = list->lines.number, .code = REVOCATION_CODES};
    for (size_t i = 0; i < REVOCATION_FIELDS; i++) {
        list->fields[i].text.len = 0;
        list->fields[i].given = false;
    }
    if (list->line.is_cut)
        (void)fault(ret_line, REVOCATION_LINE_LONG, REVOCATION_LINE_MAX);
    else if (memchr(list->line.text.data, '\0', list->line.text.len) != NULL)
        (void)fault(ret_line, REVOCATION_LINE_FORM, 1);
    else
        TRY(list->json ? read_json(list, ret_line) : read_csv(list, ret_line));
    return ret_line->code != REVOCATION_CODES ? NULL : revocation_judge(list, ret_line);
}
