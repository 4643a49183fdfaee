/* SPDX-License-Identifier: Apache-2.0
 *
 * Records from tables of rows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/profile.h"
#include "ceremony/script/loader.h"

#define ROWS_MAX 40

static void *
field_of(void *record, const struct yaml_row *row)
{
    return (char *)record + row->offset;
}

static bool
is_text_type(enum yaml_type type)
{
    return type <= YAML_SHA256;
}

static struct error *
list_allowed(const char *const *allowed, char **ret_text)
{
    AUTO_BYTES text = {0};
    for (size_t i = 0; allowed[i] != NULL; i++)
        TRY(bytes_format(&text, "%s'%s'",
                         i == 0                   ? ""
                         : allowed[i + 1] == NULL ? " or "
                                                  : ", ",
                         allowed[i]));
    return bytes_take_text(&text, ret_text);
}

/* The index of the text among the row's values; a fault and -1 if it is none of them. */
static struct error *
match_allowed(struct yaml_file *file, struct yaml_node node, const struct yaml_row *row,
              const char *text, int *ret_index)
{
    for (int i = 0; row->allowed[i] != NULL; i++)
        if (strcmp(row->allowed[i], text) == 0) {
            *ret_index = i;
            return NULL;
        }
    *ret_index = -1;
    AUTO_FREE char *values = NULL;
    TRY(list_allowed(row->allowed, &values));
    return yaml_fault(file, node, "'%s' must be %s, not '%s'", row->key, values, text);
}

static const char *
shape_fault(enum yaml_type type, const char *text)
{
    if (type == YAML_NAME && !yaml_is_name(text))
        return "is no name: small letters, digits and '-', first a letter, at most 48";
    if (type == YAML_SHA256
        && (strlen(text) != 64 || strspn(text, "0123456789abcdef") != strlen(text)))
        return "is no SHA-256: 64 hexadecimal digits in small letters";
    if (type == YAML_DATE) {
        int64_t seconds = 0;
        struct error *error = clock_parse_date(text, &seconds);
        bool good = error == NULL;
        error_free(error);
        if (!good)
            return "is no date such as 2026-11-23";
    }
    return NULL;
}

static struct error *
read_text(struct yaml_file *file, struct yaml_node node, const struct yaml_row *row,
          char **ret_text)
{
    char what[80];
    (void)snprintf(what, sizeof what, "'%s'", row->key);
    AUTO_FREE char *text = NULL;
    TRY(yaml_take_text(file, node, what,
                       row->type == YAML_PROSE ? YAML_PROSE_MAX : YAML_TEXT_MAX,
                       row->type == YAML_PROSE, &text));
    if (text == NULL)
        return NULL;
    if ((row->flags & YAML_REQUIRED) != 0 && text[0] == '\0')
        TRY(yaml_fault(file, node, "'%s' is empty", row->key));
    else if (row->allowed != NULL) {
        int index = 0;
        TRY(match_allowed(file, node, row, text, &index));
    } else {
        const char *fault = shape_fault(row->type, text);
        if (fault != NULL)
            TRY(yaml_fault(file, node, "'%s' %s", text, fault));
    }
    free(*ret_text);
    *ret_text = TAKE(text);
    return NULL;
}

struct texts_reader {
    const char *what;
    struct pki_texts *texts;
};

static struct error *
read_one_of_texts(struct yaml_file *file, struct yaml_node item, void *self)
{
    const struct texts_reader *reader = self;
    AUTO_FREE char *text = NULL;
    TRY(yaml_take_text(file, item, reader->what, YAML_TEXT_MAX, false, &text));
    if (text == NULL)
        return NULL;
    char **slot = yaml_grow(&reader->texts->items, &reader->texts->count, sizeof *slot);
    if (slot == NULL)
        return error_memory();
    *slot = TAKE(text);
    return NULL;
}

static struct error *
read_texts(struct yaml_file *file, struct yaml_node node, const struct yaml_row *row,
           struct pki_texts *texts)
{
    char what[80];
    (void)snprintf(what, sizeof what, "'%s'", row->key);
    struct texts_reader reader = {what, texts};
    if (yaml_is_list(node))
        return yaml_items(file, node, what, read_one_of_texts, &reader);
    return read_one_of_texts(file, node, &reader);
}

static struct error *
read_number(struct yaml_file *file, struct yaml_node node, const struct yaml_row *row,
            unsigned *ret_number)
{
    AUTO_FREE char *text = NULL;
    TRY(yaml_text(file, node, row->key, YAML_TEXT_MAX, false, &text));
    if (text == NULL)
        return NULL;
    size_t len = strlen(text);
    unsigned long value = len > 0 && len < 10 && strspn(text, "0123456789") == len
                              ? strtoul(text, NULL, 10)
                              : ~0UL;
    if (value < row->min || value > row->max)
        return yaml_fault(file, node, "'%s' must be a whole number from %u to %u, not '%s'",
                          row->key, row->min, row->max, text);
    *ret_number = (unsigned)value;
    return NULL;
}

static struct error *
read_yes(struct yaml_file *file, struct yaml_node node, const struct yaml_row *row,
         bool *ret_yes)
{
    static const char *const words[] = {"false", "true", "no", "yes", NULL};
    struct yaml_row choice = *row;
    choice.allowed = words;
    AUTO_FREE char *text = NULL;
    TRY(yaml_text(file, node, row->key, YAML_TEXT_MAX, false, &text));
    if (text == NULL)
        return NULL;
    int index = 0;
    TRY(match_allowed(file, node, &choice, text, &index));
    *ret_yes = index == 1 || index == 3;
    return NULL;
}

static struct error *
read_choice(struct yaml_file *file, struct yaml_node node, const struct yaml_row *row,
            int *ret_choice)
{
    AUTO_FREE char *text = NULL;
    TRY(yaml_text(file, node, row->key, YAML_TEXT_MAX, false, &text));
    if (text == NULL)
        return NULL;
    int index = 0;
    TRY(match_allowed(file, node, row, text, &index));
    if (index >= 0)
        *ret_choice = index;
    return NULL;
}

static struct error *
read_row(struct yaml_file *file, struct yaml_node node, const struct yaml_row *row,
         void *record)
{
    void *field = field_of(record, row);
    switch (row->type) {
    case YAML_NAME:
    case YAML_TEXT:
    case YAML_PROSE:
    case YAML_DATE:
    case YAML_SHA256:
        return read_text(file, node, row, field);
    case YAML_TEXTS:
        return read_texts(file, node, row, field);
    case YAML_NUMBER:
        return read_number(file, node, row, field);
    case YAML_YES:
        return read_yes(file, node, row, field);
    case YAML_CHOICE:
        return read_choice(file, node, row, field);
    case YAML_OWN:
        return row->read(file, node, field);
    case YAML_IGNORE:
        return NULL;
    }
    return NULL;
}

struct record_reader {
    const struct yaml_schema *schema;
    void *record;
    bool seen[ROWS_MAX];
};

static struct error *
fault_unknown(struct yaml_file *file, const char *key, struct yaml_node at,
              const struct yaml_schema *schema)
{
    const char *known[ROWS_MAX];
    for (size_t i = 0; i < schema->count; i++)
        known[i] = schema->rows[i].key;
    AUTO_FREE char *advice = NULL;
    TRY(yaml_did_you_mean(key, known, schema->count, &advice));
    return yaml_fault(file, at, "unknown key '%s' in %s%s", key, schema->noun, advice);
}

static struct error *
read_pair(struct yaml_file *file, const char *key, struct yaml_node at, struct yaml_node value,
          void *self)
{
    struct record_reader *reader = self;
    for (size_t i = 0; i < reader->schema->count; i++) {
        const struct yaml_row *row = &reader->schema->rows[i];
        if (strcmp(row->key, key) != 0)
            continue;
        if (reader->seen[i])
            return NULL; /* a duplicate, refused by yaml_check_tree */
        reader->seen[i] = true;
        return read_row(file, value, row, reader->record);
    }
    return fault_unknown(file, key, at, reader->schema);
}

static struct error *
fill_missing_texts(const struct yaml_schema *schema, void *record)
{
    for (size_t i = 0; i < schema->count; i++) {
        const struct yaml_row *row = &schema->rows[i];
        if (!is_text_type(row->type) || (row->flags & YAML_NULLABLE) != 0)
            continue;
        char **field = field_of(record, row);
        if (*field == NULL)
            TRY(text_copy("", field));
    }
    return NULL;
}

struct error *
yaml_record(struct yaml_file *file, struct yaml_node node, const struct yaml_schema *schema,
            void *record)
{
    BUG_ON(schema->count > ROWS_MAX);
    struct record_reader reader = {.schema = schema, .record = record};
    if (yaml_parsed(file))
        TRY(yaml_pairs(file, node, schema->noun, read_pair, &reader));
    for (size_t i = 0; i < schema->count && yaml_is_mapping(node); i++) {
        const struct yaml_row *row = &schema->rows[i];
        if ((row->flags & YAML_REQUIRED) != 0 && !reader.seen[i])
            TRY(yaml_fault(file, node, "missing key '%s' in %s: %s", row->key, schema->noun,
                           row->about));
    }
    return fill_missing_texts(schema, record);
}

void
yaml_record_clear(const struct yaml_schema *schema, void *record)
{
    for (size_t i = 0; i < schema->count; i++) {
        const struct yaml_row *row = &schema->rows[i];
        if (is_text_type(row->type)) {
            char **text = field_of(record, row);
            free(*text);
            *text = NULL;
        } else if (row->type == YAML_TEXTS) {
            struct pki_texts *texts = field_of(record, row);
            for (size_t t = 0; t < texts->count; t++)
                free(texts->items[t]);
            free(texts->items);
            *texts = (struct pki_texts){0};
        }
    }
}

struct error *
yaml_read_schema_version(struct yaml_file *file, struct yaml_node node, void *target)
{
    (void)target;
    AUTO_FREE char *text = NULL;
    TRY(yaml_text(file, node, "'schema'", YAML_TEXT_MAX, false, &text));
    if (text != NULL && strcmp(text, "1") != 0)
        return yaml_fault(file, node, "'schema' is '%s'; this program knows schema 1", text);
    return NULL;
}
