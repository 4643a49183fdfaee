/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/cli/ledger_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <jansson.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/file.h"
#include "ceremony/base/file_stage.h"
#include "ceremony/base/text.h"

#define RESULTS     "results.jsonl"
#define FOLDERS_MAX 4096

typedef struct error *take_line(void *with, const char *line, size_t len);

struct place {
    const char *ceremony;
    const char *folder;
};

struct ledger_rows_reader {
    struct place places[FOLDERS_MAX];
    size_t count;
    /* results.jsonl being read; its blocks follow one another */
    const char *folder;
    FILE *file;
    char *text;
    size_t room;
    json_t *line; /* read, and of a later block than the last one asked for; or NULL */
    int64_t last; /* block asked for last */
    json_t *
        not_given; /* by the entry that reserved: hashes of certificates, for the entry that issues */
};

static void
close_results(struct ledger_rows_reader *reader)
{
    if (reader->file != NULL)
        (void)fclose(reader->file);
    json_decref(reader->line);
    reader->file = NULL;
    reader->line = NULL;
    reader->folder = NULL;
    reader->last = 0;
}

void
ledger_rows_free(struct ledger_rows_reader *reader)
{
    if (reader == NULL)
        return;
    close_results(reader);
    free(reader->text);
    json_decref(reader->not_given);
    free(reader);
}

struct error *
ledger_rows_new(struct ledger_rows_reader **ret_reader)
{
    struct ledger_rows_reader *reader = calloc(1, sizeof *reader);
    if (reader != NULL)
        reader->not_given = json_object();
    if (reader == NULL || reader->not_given == NULL) {
        ledger_rows_free(reader);
        return error_memory();
    }
    *ret_reader = reader;
    return NULL;
}

struct error *
ledger_rows_add_folder(struct ledger_rows_reader *reader, const char *ceremony,
                       const char *folder)
{
    if (reader->count == FOLDERS_MAX)
        return ERROR(ERROR_USAGE, "more folders are given than this program takes");
    reader->places[reader->count++] = (struct place){ceremony, folder};
    return NULL;
}

static struct error *
missing(const struct ledger_wanted_rows *wanted, const char *why)
{
    return error_hint(
        ERROR(ERROR_NOT_FOUND,
              "the rows of entry %llu of the ledger, of the ceremony \"%s\", are missing: %s",
              (unsigned long long)wanted->seq, wanted->ceremony, why),
        "Give the whole evidence folder of that ceremony with --from, or use a copy of ledger.db: "
        "the file itself holds the rows.");
}

/* --- a file of their own: revocations, and certificates of a batch that was given up --- */

static struct error *
give_file(const char *folder, const struct ledger_wanted_rows *wanted, take_line *add,
          void *with, bool *ret_found)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *path = NULL;
    AUTO_FILE_MAP map = {0};
    TRY(text_format(&name, "rows/%llu.jsonl", (unsigned long long)wanted->seq));
    TRY(path_join(folder, name, &path));
    *ret_found = file_exists(path);
    if (!*ret_found)
        return NULL;
    TRY(file_map_open(path, &map));
    const char *text = (const char *)map.data;
    size_t at = 0;
    while (at < map.len) {
        const char *end = memchr(text + at, '\n', map.len - at);
        if (end == NULL)
            return ERROR(ERROR_VERIFICATION, "the last line of \"%s\" is not complete", name);
        TRY(add(with, text + at, (size_t)(end - text) - at));
        at = (size_t)(end - text) + 1;
    }
    return NULL;
}

/* --- certificates --- */

static struct error *
open_results(struct ledger_rows_reader *reader, const char *folder,
             const struct ledger_wanted_rows *wanted)
{
    AUTO_FREE char *path = NULL;
    if (reader->folder == folder && (int64_t)wanted->block > reader->last)
        return NULL;
    close_results(reader);
    TRY(path_join(folder, RESULTS, &path));
    reader->file = fopen(path, "re");
    reader->folder = folder;
    return reader->file == NULL ? missing(wanted, "its evidence folder has no " RESULTS) : NULL;
}

/* The next line; `reader->line` NULL at the end. */
static struct error *
next_line(struct ledger_rows_reader *reader)
{
    json_decref(reader->line);
    reader->line = NULL;
    ssize_t len = getline(&reader->text, &reader->room, reader->file);
    if (len <= 0)
        return NULL;
    reader->line = json_loadb(reader->text, (size_t)len, JSON_REJECT_DUPLICATES, NULL);
    return reader->line == NULL
               ? ERROR(ERROR_VERIFICATION, "a line of " RESULTS " cannot be read")
               : NULL;
}

/* A line of the ledger: some keys of a line of results, in the canonical form. */
static struct error *
part_of(const json_t *line, const char *const keys[], char **ret_text)
{
    json_t *part = json_object();
    for (size_t i = 0; part != NULL && keys[i] != NULL; i++)
        (void)json_object_set(part, keys[i], json_object_get(line, keys[i]));
    *ret_text = part == NULL ? NULL : json_dumps(part, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(part);
    return *ret_text == NULL ? error_memory() : NULL;
}

static struct error *
give_certificate(struct ledger_rows_reader *reader, json_t *hashes, take_line *add, void *with)
{
    static const char *const row_keys[] = {
        "device", "request_sha256", "rsa_modulus", "serial", "spki_sha256", "tbs_sha256", NULL};
    static const char *const issued_keys[] = {"certificate_sha256", NULL};
    AUTO_FREE char *row = NULL;
    AUTO_FREE char *issued = NULL;
    TRY(part_of(reader->line, row_keys, &row));
    TRY(part_of(reader->line, issued_keys, &issued));
    (void)json_array_append_new(hashes, json_string(issued));
    return add(with, row, strlen(row));
}

static struct error *
give_block(struct ledger_rows_reader *reader, const struct ledger_wanted_rows *wanted,
           json_t *hashes, take_line *add, void *with)
{
    if (reader->line == NULL)
        TRY(next_line(reader));
    while (reader->line != NULL) {
        json_int_t block = json_integer_value(json_object_get(reader->line, "block"));
        const char *verdict = json_string_value(json_object_get(reader->line, "verdict"));
        if (block > (json_int_t)wanted->block)
            break;
        if (block == (json_int_t)wanted->block && verdict != NULL
            && strcmp(verdict, "issued") == 0)
            TRY(give_certificate(reader, hashes, add, with));
        TRY(next_line(reader));
    }
    reader->last = (int64_t)wanted->block;
    return json_array_size(hashes) == wanted->count
               ? NULL
               : missing(wanted,
                         "the batch was not finished, or its " RESULTS " is another one");
}

static void
key_of(uint64_t seq, char ret_key[24])
{
    (void)snprintf(ret_key, 24, "%llu", (unsigned long long)seq);
}

static struct error *
give_reserved(struct ledger_rows_reader *reader, const char *folder,
              const struct ledger_wanted_rows *wanted, take_line *add, void *with)
{
    char key[24];
    json_t *hashes = json_array();
    key_of(wanted->seq, key);
    if (json_object_set_new(reader->not_given, key, hashes) != 0)
        return error_memory();
    TRY(open_results(reader, folder, wanted));
    return give_block(reader, wanted, hashes, add, with);
}

static struct error *
give_issued(struct ledger_rows_reader *reader, const struct ledger_wanted_rows *wanted,
            take_line *add, void *with)
{
    char key[24];
    size_t index = 0;
    json_t *line = NULL;
    key_of(wanted->reserved, key);
    json_array_foreach(json_object_get(reader->not_given, key), index, line)
        TRY(add(with, json_string_value(line), json_string_length(line)));
    (void)json_object_del(reader->not_given, key);
    return NULL;
}

/* --- all --- */

static struct error *
give(void *user, const struct ledger_wanted_rows *wanted, take_line *add, void *with)
{
    struct ledger_rows_reader *reader = user;
    const char *folder = NULL;
    bool found = false;
    for (size_t i = 0; i < reader->count; i++)
        if (strcmp(reader->places[i].ceremony, wanted->ceremony) == 0)
            folder = reader->places[i].folder;
    if (folder == NULL)
        return missing(wanted, "its evidence folder is not given");
    TRY(give_file(folder, wanted, add, with, &found));
    if (found)
        return NULL;
    if (strcmp(wanted->kind, "revocations") == 0)
        return missing(wanted, "its evidence folder has no file of them");
    if (strcmp(wanted->kind, "certificates-issue") == 0)
        return give_issued(reader, wanted, add, with);
    return give_reserved(reader, folder, wanted, add, with);
}

struct ledger_rows_from
ledger_rows_of(struct ledger_rows_reader *reader)
{
    return (struct ledger_rows_from){give, reader};
}
