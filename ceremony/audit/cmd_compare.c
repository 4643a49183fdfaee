/* SPDX-License-Identifier: Apache-2.0
 *
 * compare: what changed since last time. Both folders are taken at their word; verify checks them. */
#include <stdio.h>
#include <string.h>

#include "ceremony/audit/command.h"
#include "ceremony/audit/evidence.h"
#include "ceremony/audit/wrap_text.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"

struct comparison {
    struct bytes out;
    size_t differences;
};

static struct error *
add_line(struct comparison *comparison, const char *what, const char *name, const char *older,
         const char *newer)
{
    AUTO_FREE char *raw = NULL;
    AUTO_FREE char *safe = NULL;
    comparison->differences++;
    TRY(text_format(&raw, "%s%s%s: %.200s -> %.200s", what, name[0] != '\0' ? " " : "", name,
                    older[0] != '\0' ? older : "(none)", newer[0] != '\0' ? newer : "(none)"));
    TRY(text_safe(raw, strlen(raw), &safe));
    return wrap_text(&comparison->out, "  ", 6, safe);
}

static const char *
value_text(const json_t *value, char *storage, size_t size)
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value))
        (void)snprintf(storage, size, "%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        (void)snprintf(storage, size, "%s", json_is_true(value) ? "yes" : "no");
    else
        storage[0] = '\0';
    return storage;
}

static struct error *
compare_value(struct comparison *comparison, const char *what, const char *key,
              const json_t *older, const json_t *newer)
{
    char one[32];
    char two[32];
    const char *before = value_text(older, one, sizeof one);
    const char *after = value_text(newer, two, sizeof two);
    return strcmp(before, after) == 0 ? NULL : add_line(comparison, what, key, before, after);
}

/* All plain values of two objects. */
static struct error *
compare_objects(struct comparison *comparison, const char *what, json_t *older, json_t *newer)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(older, key, value)
        TRY(compare_value(comparison, what, key, value, json_object_get(newer, key)));
    json_object_foreach(newer, key, value) if (json_object_get(older, key) == NULL)
        TRY(compare_value(comparison, what, key, NULL, value));
    return NULL;
}

static json_t *
find_row(json_t *rows, const char *id_key, const char *id)
{
    size_t index = 0;
    json_t *row = NULL;
    json_array_foreach(rows, index,
                       row) if (strcmp(data_text(row, id_key), id) == 0) return row;
    return NULL;
}

/* Rows with a name of their own: profiles, modules. */
static struct error *
compare_rows(struct comparison *comparison, const char *what, const char *id_key, json_t *older,
             json_t *newer)
{
    size_t index = 0;
    json_t *row = NULL;
    json_array_foreach(older, index, row)
    {
        AUTO_FREE char *name = NULL;
        TRY(text_format(&name, "%s \"%s\"", what, data_text(row, id_key)));
        json_t *other = find_row(newer, id_key, data_text(row, id_key));
        TRY(other == NULL ? add_line(comparison, name, "", "there", "gone")
                          : compare_objects(comparison, name, row, other));
    }
    json_array_foreach(newer, index, row)
    {
        AUTO_FREE char *name = NULL;
        TRY(text_format(&name, "%s \"%s\"", what, data_text(row, id_key)));
        if (find_row(older, id_key, data_text(row, id_key)) == NULL)
            TRY(add_line(comparison, name, "", "", "new"));
    }
    return NULL;
}

/* Commitments differ by their salt; what they hide is compared where it can be opened. */
static struct error *
compare_sites(struct comparison *comparison, const struct evidence *older,
              const struct evidence *newer)
{
    json_t *sides[2] = {json_deep_copy(data_inner(older->opening->data, "site")),
                        json_deep_copy(data_inner(newer->opening->data, "site"))};
    const struct evidence *const both[] = {older, newer};
    for (size_t i = 0; i < 2 && sides[i] != NULL; i++) {
        json_t *value =
            transcript_openings_find(&both[i]->openings, data_text(sides[i], "custody.yaml"));
        (void)json_object_set_new(
            sides[i], "custody.yaml",
            json_string(value == NULL ? "hidden" : data_text(value, "sha256")));
    }
    struct error *error = compare_objects(comparison, "site", sides[0], sides[1]);
    json_decref(sides[0]);
    json_decref(sides[1]);
    return error;
}

static struct error *
compare_openings(struct comparison *comparison, const struct transcript_record *older,
                 const struct transcript_record *newer)
{
    static const char *const objects[] = {"script", "program", "parameters", "site",
                                          "approval"};
    static const char *const plain[] = {"mode", "one_player"};
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        TRY(compare_value(comparison, "", plain[i], json_object_get(older->data, plain[i]),
                          json_object_get(newer->data, plain[i])));
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++)
        TRY(compare_objects(comparison, objects[i], json_object_get(older->data, objects[i]),
                            json_object_get(newer->data, objects[i])));
    TRY(compare_objects(
        comparison, "shared object",
        json_object_get(json_object_get(older->data, "program"), "shared_objects"),
        json_object_get(json_object_get(newer->data, "program"), "shared_objects")));
    TRY(compare_rows(comparison, "profile", "id", json_object_get(older->data, "profiles"),
                     json_object_get(newer->data, "profiles")));
    return compare_rows(comparison, "module", "name", json_object_get(older->data, "modules"),
                        json_object_get(newer->data, "modules"));
}

/* --- tokens --- */

static const struct transcript_record *
fact_of(const struct evidence *evidence, const char *what, const char *token, bool last)
{
    const struct transcript_record *found = NULL;
    EACH_RECORD(record, evidence)
    if (is_fact(record, what) && strcmp(data_text(record->data, "token"), token) == 0
        && (last || found == NULL))
        found = record;
    return found;
}

/* What the token held at the end of the one, and at the beginning of the other. */
static struct error *
compare_inventories(struct comparison *comparison, const char *token,
                    const struct evidence *older, const struct evidence *newer)
{
    AUTO_FREE char *name = NULL;
    const struct transcript_record *before = fact_of(older, "inventory", token, true);
    const struct transcript_record *after = fact_of(newer, "inventory", token, false);
    if (before == NULL || after == NULL)
        return NULL;
    TRY(text_format(&name, "object on token \"%s\" (left -> found)", token));
    return compare_rows(comparison, name, "digest", json_object_get(before->data, "objects"),
                        json_object_get(after->data, "objects"));
}

static struct error *
compare_tokens(struct comparison *comparison, const struct evidence *older,
               const struct evidence *newer)
{
    EACH_RECORD(record, newer)
    {
        const char *token = data_text(record->data, "token");
        if (!is_fact(record, "token") || fact_of(newer, "token", token, false) != record)
            continue;
        AUTO_FREE char *name = NULL;
        const struct transcript_record *before = fact_of(older, "token", token, false);
        TRY(text_format(&name, "token \"%s\"", token));
        if (before == NULL)
            TRY(add_line(comparison, name, "", "", "new"));
        else
            TRY(compare_objects(comparison, name, before->data, record->data));
        TRY(compare_inventories(comparison, token, older, newer));
    }
    return NULL;
}

static struct error *
open_side(const char *folder, struct evidence *evidence)
{
    TRY(evidence_open(folder, false, evidence));
    if (evidence->transcript_error != NULL) {
        struct error *error = evidence->transcript_error;
        evidence->transcript_error = NULL;
        return error_doing(error_recode(error, ERROR_VERIFICATION), "reading \"%s\"", folder);
    }
    return evidence->opening != NULL
               ? NULL
               : ERROR(ERROR_VERIFICATION, "the transcript of \"%s\" has no opening", folder);
}

static struct error *
compare(struct comparison *comparison, const struct evidence *older,
        const struct evidence *newer)
{
    TRY(compare_openings(comparison, older->opening, newer->opening));
    TRY(compare_sites(comparison, older, newer));
    TRY(compare_tokens(comparison, older, newer));
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *safe = NULL;
    TRY(text_format(&name, "%s and %s", evidence_id(older), evidence_id(newer)));
    TRY(text_safe(name, strlen(name), &safe));
    (void)printf("%zu differences between %s\n%s", comparison->differences, safe,
                 bytes_text(&comparison->out));
    return NULL;
}

struct error * /* NOLINTNEXTLINE(readability-non-const-parameter): as all rows of the table */
cmd_compare(const struct arguments *arguments, int *ret_status)
{
    AUTO_EVIDENCE older = {0};
    AUTO_EVIDENCE newer = {0};
    struct comparison comparison = {.differences = 0};
    (void)ret_status;
    TRY(open_side(arguments->words[0], &older));
    TRY(open_side(arguments->words[1], &newer));
    struct error *error = compare(&comparison, &older, &newer);
    bytes_clear(&comparison.out);
    return error;
}
