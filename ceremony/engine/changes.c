/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/changes.h"

#include <stdio.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/archive.h"
#include "ceremony/ledger/known.h"

/* A transcript as lines of JSON; it was compared with the ledger's head already. */
static json_t *
next_record(const struct bytes *lines, size_t *at)
{
    if (*at >= lines->len)
        return NULL;
    const char *start = (const char *)lines->data + *at;
    const char *end = memchr(start, '\n', lines->len - *at);
    size_t len = end == NULL ? lines->len - *at : (size_t)(end - start);
    *at += len + 1;
    return json_loadb(start, len, JSON_REJECT_DUPLICATES, NULL);
}

static const char *
text_at(const json_t *object, const char *outer, const char *key)
{
    const json_t *from = outer == NULL ? object : json_object_get(object, outer);
    const char *text = json_string_value(json_object_get(from, key));
    return text == NULL ? "" : text;
}

struct comparison {
    const json_t *before; /* data of the last opening */
    const json_t *now;    /* data of this one */
    struct bytes body;    /* for the screen */
    json_t *rows;         /* for the record */
};

static struct error *
add(struct comparison *comparison, const char *what, const char *before, const char *now)
{
    bool same = strcmp(before, now) == 0;
    const char *said = same                ? "unchanged"
                       : before[0] == '\0' ? "new"
                       : now[0] == '\0'    ? "GONE"
                                           : "CHANGED";
    TRY(bytes_format(&comparison->body, "%-11s %.40s\n", said, what));
    if (!same)
        TRY(bytes_format(&comparison->body, "              was %.16s, is %.16s\n",
                         before[0] == '\0' ? "not there" : before,
                         now[0] == '\0' ? "not there" : now));
    return json_array_append_new(comparison->rows,
                                 json_pack("{s:s,s:s,s:s,s:s}", "what", what, "before", before,
                                           "now", now, "says", said))
                   == 0
               ? NULL
               : error_memory();
}

/* The value of `value` in the row of `list` whose `name` is this. */
static const char *
row_value(const json_t *list, const char *name, const char *is, const char *value)
{
    size_t index = 0;
    const json_t *row = NULL;
    json_array_foreach(list, index, row)
    {
        if (strcmp(text_at(row, NULL, name), is) == 0)
            return text_at(row, NULL, value);
    }
    return "";
}

static struct error *
compare_rows(struct comparison *comparison, const char *list, const char *noun,
             const char *name)
{
    size_t index = 0;
    const json_t *row = NULL;
    json_array_foreach(json_object_get(comparison->now, list), index, row)
    {
        AUTO_FREE char *what = NULL;
        const char *id = text_at(row, NULL, name);
        TRY(text_format(&what, "%s %s", noun, id));
        TRY(add(comparison, what,
                row_value(json_object_get(comparison->before, list), name, id, "sha256"),
                text_at(row, NULL, "sha256")));
    }
    return NULL;
}

/* What the last ceremony had of a list, and this one has not. */
static struct error *
compare_gone(struct comparison *comparison, const char *list, const char *noun,
             const char *name)
{
    size_t index = 0;
    const json_t *row = NULL;
    json_array_foreach(json_object_get(comparison->before, list), index, row)
    {
        AUTO_FREE char *what = NULL;
        const char *id = text_at(row, NULL, name);
        const char *now = row_value(json_object_get(comparison->now, list), name, id, "sha256");
        TRY(text_format(&what, "%s %s", noun, id));
        if (now[0] == '\0')
            TRY(add(comparison, what, text_at(row, NULL, "sha256"), ""));
    }
    return NULL;
}

static struct error *
compare(struct comparison *comparison)
{
    const json_t *before = comparison->before;
    const json_t *now = comparison->now;
    bool same_script =
        strcmp(text_at(before, "script", "name"), text_at(now, "script", "name")) == 0;
    TRY(add(comparison, "program", text_at(before, "program", "sha256"),
            text_at(now, "program", "sha256")));
    if (same_script)
        TRY(add(comparison, "script", text_at(before, "script", "sha256"),
                text_at(now, "script", "sha256")));
    TRY(compare_rows(comparison, "modules", "module", "name"));
    TRY(compare_gone(comparison, "modules", "module", "name"));
    TRY(compare_rows(comparison, "profiles", "profile", "id"));
    if (same_script)
        TRY(compare_gone(comparison, "profiles", "profile", "id"));
    return add(comparison, "roster", text_at(before, "site", "roster.yaml"),
               text_at(now, "site", "roster.yaml"));
}

static struct error *
tell(struct engine *engine, const char *last, struct comparison *comparison)
{
    AUTO_BYTES body = {0};
    TRY(bytes_format(&body,
                     "The last ceremony of this ledger was\n%s, with the script\n\"%s\" %s.\n\n"
                     "Since then (the beginning of each SHA-256):\n\n%s",
                     last, text_at(comparison->before, "script", "name"),
                     text_at(comparison->before, "script", "version"),
                     bytes_text(&comparison->body)));
    TRY(engine_fact(engine, "changes",
                    json_pack("{s:s,s:O}", "since", last, "rows", comparison->rows)));
    return ask_tell(engine, "changes", bytes_text(&body), people_name(engine, "witness", 0));
}

/* The transcript of the last ceremony, empty when there was none or it cannot be had. */
static struct error *
read_last(struct engine *engine, char ret_id[KNOWN_TEXT_MAX], struct bytes *ret_lines)
{
    char head[65];
    TRY(known_last_ceremony(engine->ledger, ret_id, head));
    if (ret_id[0] == '\0')
        return NULL;
    return archive_read_transcript(engine->site->folder, ret_id, head, ret_lines);
}

struct error *
changes_show(struct engine *engine)
{
    char last[KNOWN_TEXT_MAX];
    AUTO_BYTES lines = {0};
    struct comparison comparison = {.rows = json_array()};
    size_t at = 0;
    struct error *error = read_last(engine, last, &lines);
    if (error != NULL && error_code(error) == ERROR_NOT_FOUND) {
        AUTO_FREE char *observed = NULL;
        TRY(text_copy(error_what(error), &observed));
        error_free(error);
        json_decref(comparison.rows);
        return exception_note(engine, "what changed since the last ceremony is shown", observed,
                              "it is not compared");
    }
    json_t *record = error == NULL ? next_record(&lines, &at) : NULL;
    comparison.before = json_object_get(record, "data");
    comparison.now = engine->opening;
    if (error == NULL && comparison.before != NULL && comparison.now != NULL)
        error = compare(&comparison);
    if (error == NULL && comparison.before != NULL)
        error = tell(engine, last, &comparison);
    json_decref(record);
    json_decref(comparison.rows);
    bytes_clear(&comparison.body);
    return error;
}

/* --- what a token holds --- */

/* Whether a record of an inventory is of the token that has this serial: the facts before it say so. */
struct inventories {
    const char *serial;
    char token[KNOWN_TEXT_MAX]; /* the name that script gave it; "" not seen yet */
    json_t *objects;            /* of the last inventory */
};

static void
follow(struct inventories *inventories, const json_t *record)
{
    const json_t *data = json_object_get(record, "data");
    const char *name = text_at(data, NULL, "token");
    if (strcmp(text_at(data, NULL, "serial"), inventories->serial) == 0 && name[0] != '\0')
        (void)snprintf(inventories->token, sizeof inventories->token, "%s", name);
    if (strcmp(text_at(data, NULL, "what"), "inventory") != 0
        || strcmp(name, inventories->token) != 0)
        return;
    json_decref(inventories->objects);
    inventories->objects = json_incref(json_object_get(data, "objects"));
}

static bool
has_digest(const json_t *objects, const char *digest)
{
    size_t index = 0;
    const json_t *row = NULL;
    json_array_foreach(objects, index, row)
    {
        if (strcmp(text_at(row, NULL, "digest"), digest) == 0)
            return true;
    }
    return false;
}

static bool
still_there(const struct p11_object *objects, size_t count, const char *digest)
{
    for (size_t i = 0; i < count; i++) {
        char hex[65];
        hex_encode(objects[i].digest, sizeof objects[i].digest, hex);
        if (strcmp(hex, digest) == 0)
            return true;
    }
    return false;
}

static struct error *
compare_objects(const json_t *before, const struct p11_object *objects, size_t count,
                struct bytes *body)
{
    size_t index = 0;
    size_t different = 0;
    const json_t *row = NULL;
    for (size_t i = 0; i < count; i++) {
        char hex[65];
        hex_encode(objects[i].digest, sizeof objects[i].digest, hex);
        if (has_digest(before, hex))
            continue;
        different++;
        TRY(bytes_format(body, "  new since then: %s \"%.24s\"\n",
                         p11_class_name(objects[i].class), objects[i].label));
    }
    json_array_foreach(before, index, row)
    {
        if (still_there(objects, count, text_at(row, NULL, "digest")))
            continue;
        different++;
        TRY(bytes_format(body, "  no longer there: %s \"%.24s\"\n", text_at(row, NULL, "class"),
                         text_at(row, NULL, "label")));
    }
    return different > 0 ? NULL : bytes_append_text(body, "  the same as then\n");
}

struct error *
changes_of_token(struct engine *engine, const char *serial, const struct p11_object *objects,
                 size_t count, struct bytes *body)
{
    char last[KNOWN_TEXT_MAX];
    AUTO_BYTES lines = {0};
    struct inventories inventories = {.serial = serial};
    size_t at = 0;
    struct error *error = read_last(engine, last, &lines);
    if (error != NULL && error_code(error) == ERROR_NOT_FOUND) {
        error_free(error); /* noted at the start */
        return NULL;
    }
    TRY(error);
    for (json_t *record = next_record(&lines, &at); record != NULL;
         record = next_record(&lines, &at)) {
        follow(&inventories, record);
        json_decref(record);
    }
    if (inventories.objects != NULL)
        error = bytes_format(body, "Since %.44s\n", last);
    if (error == NULL && inventories.objects != NULL)
        error = compare_objects(inventories.objects, objects, count, body);
    json_decref(inventories.objects);
    return error;
}
